//! Kubernetes: klog lines (with the API server's request log and kubectl's verbose output) and
//! rows of `kubectl get events` and `kubectl describe`.
//!
//! Sources: klog's header format, apiserver `httplog.go`, client-go `round_trippers.go`, kubectl
//! describe's event table.

use super::entry::Entry;
use super::scan::{self, Cursor};
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Body, Call, Origin, Request, Response, Url, Vantage};

/// The most lines of one verbose exchange of kubectl.
const EXCHANGE: usize = 200;

/// A klog header: `I0704 17:28:00.800884 227416 file.go:111] words`.
#[derive(Clone, Copy)]
struct Header<'a> {
    level: &'static str,
    time: &'a str,
    file: &'a str,
    words: &'a str,
}

fn header(text: &str) -> Option<Header<'_>> {
    let bytes = text.as_bytes();
    let level = match bytes.first()? {
        b'I' => "info",
        b'W' => "warn",
        b'E' => "error",
        b'F' => "fatal",
        _ => return None,
    };
    if !scan::starts_with_shape(&bytes[1..], b"dddd dd:dd:dd.dddddd ") {
        return None;
    }
    let time = &text[1..21];
    let rest = text[22..].trim_start();
    // glog's descendants leave out the thread, some the bracket
    let rest =
        rest.split_once(' ').filter(|(thread, _)| scan::is_digits(thread)).map_or(rest, |(_, rest)| rest.trim_start());
    let (file, words) = rest.split_once(' ').unwrap_or((rest, ""));
    let file = file.trim_end_matches(']');
    let (name, number) = file.rsplit_once(':')?;
    (scan::is_digits(number) && name.contains('.')).then_some(Header { level, time, file, words: words.trim() })
}

/// One klog line.
pub(super) fn klog(text: &str) -> Option<Entry<'_>> {
    let head = header(text)?;
    let mut entry = Entry::new(Vantage::Server);
    entry.mark("time", head.time);
    entry.mark_as("log.level", head.level, text);
    entry.mark("log.logger", head.file);
    let known =
        http_pairs(&mut entry, head.words) || http_plain(&mut entry, head.words) || round_trip(&mut entry, head);
    if !known {
        entry.say(head.words);
        if let Some(error) = scan::pair(head.words, "err") {
            entry.say(error);
        }
    }
    Some(entry)
}

/// `"HTTP" verb="GET" URI="/api/v1/pods" latency="7µs" userAgent="…" audit-ID="…" srcIP="…" resp=429`.
fn http_pairs<'a>(entry: &mut Entry<'a>, words: &'a str) -> bool {
    let (Some(verb), Some(uri)) = (scan::pair(words, "verb"), scan::pair(words, "URI")) else { return false };
    entry.method = Some(http_verb(verb));
    entry.target = Some(uri);
    if let Some(code) = scan::pair(words, "resp") {
        entry.answer(code);
    }
    entry.total = scan::pair(words, "latency").and_then(scan::duration);
    if let Some(agent) = scan::pair(words, "userAgent") {
        entry.header("User-Agent", agent);
    }
    for (key, mark) in [
        ("srcIP", "client.address"),
        ("audit-ID", "request_id"),
        ("apf_pl", "k8s.priority_level"),
        ("apf_fs", "k8s.flow_schema"),
    ] {
        if let Some(value) = scan::pair(words, key) {
            entry.mark(mark, value);
        }
    }
    if let Some(error) = scan::pair(words, "statusStack").or_else(|| scan::pair(words, "addedInfo")) {
        entry.say(error);
    }
    entry.mark_as("backend", "kubernetes", words);
    true
}

/// The API server logs its own verbs (`LIST`, `WATCH`) as well as HTTP's.
fn http_verb(verb: &str) -> &str {
    match verb {
        "LIST" | "WATCH" => "GET",
        "APPLY" => "PATCH",
        "CREATE" => "POST",
        "UPDATE" => "PUT",
        "DELETECOLLECTION" => "DELETE",
        other => other,
    }
}

/// `GET /api/v1/services?resourceVersion=0: (7.054µs) 429 [[kubelet/v1 (linux/amd64)] 10.10.10.10:41957]`.
fn http_plain<'a>(entry: &mut Entry<'a>, words: &'a str) -> bool {
    let Some((method, rest)) = words.split_once(' ') else { return false };
    if !scan::is_known_method(method) {
        return false;
    }
    let Some((target, rest)) = rest.split_once(": (") else { return false };
    let Some((latency, rest)) = rest.split_once(") ") else { return false };
    let mut cursor = Cursor::new(rest);
    let Some(code) = cursor.word().filter(|code| scan::status(code).is_some()) else { return false };
    entry.method = Some(method);
    entry.target = Some(target);
    entry.total = scan::duration(latency);
    entry.answer(code);
    entry.mark_as("backend", "kubernetes", words);
    if let Some(inside) = cursor.rest().strip_prefix("[[").and_then(|rest| rest.rsplit_once(']')) {
        let (agent, address) = inside.0.split_once("] ").unwrap_or((inside.0, ""));
        entry.header("User-Agent", agent);
        entry.mark("client.address", address);
    }
    true
}

/// kubectl at `-v=6`: `round_trippers.go:443] GET https://10.0.0.1:6443/api 403 Forbidden in 12 milliseconds`.
fn round_trip<'a>(entry: &mut Entry<'a>, head: Header<'a>) -> bool {
    if !head.file.starts_with("round_trippers.go") {
        return false;
    }
    entry.vantage = Vantage::Client;
    let mut cursor = Cursor::new(head.words);
    let Some(method) = cursor.word().filter(|word| scan::is_known_method(word)) else { return false };
    let Some(target) = cursor.word() else { return false };
    entry.method = Some(method);
    entry.target = Some(target);
    if let Some(code) = cursor.word().filter(|code| scan::status(code).is_some()) {
        entry.answer(code);
        let rest = cursor.rest();
        entry.reason = rest.split(" in ").next().filter(|reason| !reason.is_empty());
        entry.total = scan::after(rest, " in ").and_then(scan::duration);
    }
    true
}

/// kubectl at `-v=8`: method and URL, `Request Headers:`, `Response Status:`, `Response Headers:` and
/// `Response Body:` in klog lines of their own become one call of the client.
pub(super) fn exchange(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let head = header(lines.text(at))?;
    let (method, url) = head.words.split_once(' ')?;
    if !head.file.starts_with("round_trippers.go") || !scan::is_known_method(method) || url.contains(' ') {
        return None;
    }
    let mut call = Call::new(Origin::LogLine, Vantage::Client);
    let span = lines.span(at);
    call.mark("time", head.time, span);
    let mut request = Request { method: Some(method.to_owned()), url: Url::parse(url), span, ..Request::default() };
    let mut response = Response::default();
    let mut section = "";
    let mut taken = 1;
    for line in lines.0.iter().skip(at + 1).take(EXCHANGE) {
        let Some(head) = header(&line.text) else { break };
        let words = head.words;
        let is_trip = head.file.starts_with("round_trippers.go");
        if let Some(body) = words.strip_prefix("Response Body: ") {
            response.body = Some(Body::bounded(body, line.span_of(body)));
            taken += 1;
            break;
        }
        if !is_trip || words.split(' ').next().is_some_and(scan::is_known_method) {
            break;
        }
        if let Some(status) = words.strip_prefix("Response Status: ") {
            let mut cursor = Cursor::new(status);
            response.status = cursor.word().and_then(scan::status);
            response.reason = cursor.rest().split(" in ").next().map(str::to_owned);
            call.timings.total = scan::after(status, " in ").and_then(scan::duration);
            response.span = line.span;
        } else if words.ends_with("Headers:") {
            section = words;
        } else if let Some((name, value)) = words.split_once(": ") {
            let headers = if section.starts_with("Response") { &mut response.headers } else { &mut request.headers };
            headers.push(name, value, line.span_of(value));
        }
        call.span = call.span.to(line.span);
        taken += 1;
    }
    call.span = call.span.to(span);
    call.request = Some(request);
    if response != Response::default() {
        call.response = Some(response);
    }
    Some(Taken { lines: taken, calls: vec![call], problems: Vec::new() })
}

/// A row of an event table: `Warning  Unhealthy  2m (x3 over 5m)  kubelet  Readiness probe failed: …`,
/// or with the age in front and the object behind as `kubectl get events` writes it.
pub(super) fn event(text: &str) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(text);
    let mut kind = cursor.word()?;
    // `[namespace] age` may stand in front
    for _ in 0..2 {
        if matches!(kind, "Warning" | "Normal") {
            break;
        }
        if !is_age(kind) && !is_name(kind) {
            return None;
        }
        kind = cursor.word()?;
    }
    if !matches!(kind, "Warning" | "Normal") {
        return None;
    }
    let reason = cursor.word()?;
    if !is_reason(reason) {
        return None;
    }
    let mut from = cursor.word()?;
    if from.contains('/') && !from.contains(':') {
        // get events: the object, then the words
    } else if is_age(from) {
        if cursor.rest().starts_with("(x") {
            let (_, rest) = cursor.rest().split_once(')')?;
            cursor = Cursor::new(rest);
        }
        from = cursor.word()?;
        if from.ends_with(',') {
            cursor.word()?;
        }
    } else {
        return None;
    }
    if cursor.is_done() {
        return None;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("k8s.reason", reason);
    entry.mark(if from.contains('/') { "k8s.object" } else { "log.logger" }, from.trim_end_matches(','));
    entry.mark_as("log.level", if kind == "Warning" { "warn" } else { "info" }, kind);
    entry.say(cursor.rest());
    Some(entry)
}

/// `2m`, `3d4h`, `<unknown>`, `<invalid>`.
fn is_age(word: &str) -> bool {
    matches!(word, "<unknown>" | "<invalid>")
        || (word.as_bytes().first().is_some_and(u8::is_ascii_digit)
            && word.ends_with(['s', 'm', 'h', 'd', 'y'])
            && word.bytes().all(|b| b.is_ascii_digit() || b"smhdy".contains(&b)))
}

fn is_name(word: &str) -> bool {
    word.len() < 64 && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_reason(word: &str) -> bool {
    (3..=64).contains(&word.len())
        && word.as_bytes()[0].is_ascii_uppercase()
        && word.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(entry: Option<Entry<'_>>, status: Option<u16>, expected: &[(&str, &str)]) {
        let entry = entry.expect("an entry");
        assert_eq!(entry.status, status, "{entry:?}");
        for (name, value) in expected {
            let total = entry.total.map(|ms| ms.to_string());
            let found = match *name {
                "method" => entry.method,
                "target" => entry.target,
                "total" => total.as_deref(),
                "message" => entry.messages.first().map(AsRef::as_ref),
                _ => entry.value(name),
            };
            assert_eq!(found.unwrap_or_default(), *value, "{name}");
        }
    }

    #[test]
    fn klog_lines() {
        check(
            klog(
                "I0704 17:28:00.800884  227416 httplog.go:90] GET /api/v1/pods?limit=1: (1.5ms) 429 [[kubelet/v1.20 (linux/amd64)] 10.0.0.1:41957]",
            ),
            Some(429),
            &[
                ("method", "GET"),
                ("target", "/api/v1/pods?limit=1"),
                ("total", "1.5"),
                ("client.address", "10.0.0.1:41957"),
            ],
        );
        check(
            klog(
                r#"I0704 17:28:00.800884       1 httplog.go:132] "HTTP" verb="LIST" URI="/api/v1/pods" latency="60.001s" userAgent="k/v" audit-ID="1b4f2a30-0000-4000-8000-000000000001" srcIP="10.0.0.1:1" resp=504"#,
            ),
            Some(504),
            &[("method", "GET"), ("total", "60001"), ("request_id", "1b4f2a30-0000-4000-8000-000000000001")],
        );
        check(
            klog("E0704 17:28:00.800884       1 reflector.go:138] failed to list *v1.Pod: Unauthorized"),
            None,
            &[
                ("log.level", "error"),
                ("log.logger", "reflector.go:138"),
                ("message", "failed to list *v1.Pod: Unauthorized"),
            ],
        );
        check(
            klog(
                "I0704 17:28:00.800884   12 round_trippers.go:443] GET https://10.0.0.1:6443/api 403 Forbidden in 12 milliseconds",
            ),
            Some(403),
            &[("total", "12")],
        );
        for text in [
            "",
            "I",
            "I0704",
            "Error 0704",
            "I0704 17:28:00.800884 ",
            "I0704 17:28:00.800884 words only here",
            "Internal Server Error: /x",
        ] {
            assert!(klog(text).is_none(), "{text}");
        }
    }

    #[test]
    fn events() {
        for text in [
            "  Warning  Unhealthy  2m (x3 over 5m)  kubelet  Readiness probe failed: HTTP probe failed with statuscode: 503",
            "Warning  Unhealthy  2m  kubelet, node-1  Readiness probe failed: HTTP probe failed with statuscode: 503",
            "2m   Warning   Unhealthy   pod/web-0   Readiness probe failed: HTTP probe failed with statuscode: 503",
            "default   2m   Warning   Unhealthy   pod/web-0   Readiness probe failed: HTTP probe failed with statuscode: 503",
        ] {
            check(
                event(text),
                None,
                &[
                    ("k8s.reason", "Unhealthy"),
                    ("log.level", "warn"),
                    ("message", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
                ],
            );
        }
        for text in
            ["", "Warning", "Warning: this is deprecated", "Warning Sign ahead of us", "Normal People 2 x", "a b c d e"]
        {
            assert!(event(text).is_none(), "{text}");
        }
    }
}

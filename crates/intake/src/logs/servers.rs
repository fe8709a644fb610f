//! One-line request logs of web frameworks that have no quoted request line with a status behind:
//! gin and fiber, morgan and Next.js, Rails, Phoenix, Django's words, PHP's built-in server, httpx,
//! oauth2-proxy, and lines of the plain shape `METHOD target status …`.
//!
//! Sources: gin `logger.go`, morgan's predefined formats, Rails `ActionController::LogSubscriber`,
//! Phoenix `Phoenix.Logger`, Django `django.request`, PHP `php_cli_server.c`, httpx logging,
//! oauth2-proxy "Request Log Format".

use super::access;
use super::entry::Entry;
use super::scan::{self, Cursor};
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::Vantage;

/// How far apart the first and the last line of one request of Rails or Phoenix may stand.
const REQUEST_LINES: usize = 40;

/// `[GIN] 2023/11/27 - 10:00:00 | 404 |  12.5µs |  127.0.0.1 | GET  "/x"`, and fiber's
/// `10:00:00 | 404 |  12ms | 127.0.0.1 | GET | /x | error`.
pub(super) fn gin(text: &str) -> Option<Entry<'_>> {
    let rest = text
        .strip_prefix("[GIN]")
        .or_else(|| scan::starts_with_shape(text.as_bytes(), b"dd:dd:dd | ").then_some(text))?;
    let mut parts = rest.split('|');
    let time = parts.next()?.trim();
    let code = parts.next()?.trim();
    scan::status(code)?;
    let mut entry = Entry::new(Vantage::Server);
    entry.mark("time", time);
    entry.answer(code);
    entry.mark_as("backend", if text.starts_with("[GIN]") { "gin" } else { "fiber" }, code);
    entry.total = parts.next().and_then(scan::duration);
    entry.mark("client.address", parts.next()?.trim());
    let mut cursor = Cursor::new(parts.next()?);
    entry.method = cursor.word();
    entry.target = if cursor.is_done() { parts.next().map(str::trim) } else { cursor.field().map(scan::Field::text) };
    if let Some(error) = parts.next() {
        entry.say(error);
    }
    Some(entry)
}

/// PHP's built-in server: `[Mon Nov 27 10:00:00 2023] 127.0.0.1:51234 [404]: GET /x - No such file`.
pub(super) fn php(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"[aaa aaa ") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let time = cursor.bracket()?;
    let client = cursor.word()?;
    let code = cursor.bracket()?;
    if scan::status(code).is_none() || !scan::is_address(client) {
        return None;
    }
    cursor.eat(":");
    let mut entry = Entry::new(Vantage::Server);
    entry.mark("time", time);
    entry.mark("client.address", client);
    entry.answer(code);
    entry.mark_as("backend", "php", code);
    // before 7.4 the method is not written
    entry.method = Some(cursor.peek()).filter(|word| scan::is_method(word));
    if entry.method.is_some() {
        cursor.word();
    }
    entry.target = cursor.word();
    cursor.eat("- ");
    entry.say(cursor.rest());
    Some(entry)
}

/// Django's words: `Not Found: /x`, `Forbidden (CSRF token missing.): /x`, `Method Not Allowed (PUT): /x`,
/// with any logger's prefix left out by the caller.
pub(super) fn django(text: &str) -> Option<Entry<'_>> {
    const WORDS: &[(&str, u16)] = &[
        ("Not Found: /", 404),
        ("Forbidden: /", 403),
        ("Forbidden (", 403),
        ("Bad Request: /", 400),
        ("Unauthorized: /", 401),
        ("Internal Server Error: /", 500),
        ("Method Not Allowed (", 405),
        ("Method Not Allowed: /", 405),
        ("Gone: /", 410),
        ("Not Acceptable: /", 406),
        ("Unsupported Media Type: /", 415),
        ("Too Many Requests: /", 429),
        ("Service Unavailable: /", 503),
        ("Conflict: /", 409),
        ("Request Entity Too Large: /", 413),
        ("Unprocessable Entity: /", 422),
        ("Bad Gateway: /", 502),
    ];
    // the words, then `: /path` to the end of the line
    if !matches!(text.as_bytes().first()?, b'N' | b'F' | b'B' | b'U' | b'I' | b'M' | b'G' | b'T' | b'S' | b'C' | b'R') {
        return None;
    }
    let (start, status) = WORDS.iter().find(|(start, _)| text.starts_with(start))?;
    let (words, target) = text.rsplit_once(": ")?;
    if !target.starts_with('/') || target.contains(' ') {
        return None;
    }
    let mut entry = Entry::new(Vantage::Server);
    entry.status = Some(*status);
    entry.status_at = words;
    entry.target = Some(target);
    if start.starts_with("Method") {
        entry.method = scan::between(words, "(", ")").filter(|method| scan::is_method(method));
    }
    entry.mark_as("backend", "django", words);
    entry.mark_as("log.level", if *status >= 500 { "error" } else { "warn" }, words);
    entry.say(text);
    Some(entry)
}

/// Django writes its words first and the request line second: one call when both name one path.
pub(super) fn django_pair(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let entry = django(lines.text(at).trim())?;
    let line = lines.0.get(at)?;
    if let Some(next) = lines.0.get(at + 1)
        && let Some(request) = access::read(next.text.trim())
        && request.target.is_some()
        && request.target.map(|target| target.split('?').next()) == entry.target.map(|target| target.split('?').next())
        && request.status == entry.status
    {
        let mut call = request.into_call(next);
        let words = entry.into_call(line);
        call.span = call.span.to(words.span);
        call.messages = words.messages;
        call.attributes.extend(words.attributes.into_iter().filter(|mark| mark.name == "log.level"));
        return Some(Taken { lines: 2, calls: vec![call], problems: Vec::new() });
    }
    Some(Taken { lines: 1, calls: vec![entry.into_call(line)], problems: Vec::new() })
}

/// Where Rails' words begin after `I, [2023-11-27T10:00:00.123456 #12]  INFO -- : [id] `, or after
/// tags in brackets; the tag that is an id.
fn rails_words(text: &str) -> (&str, Option<&str>) {
    let mut words = text;
    if scan::starts_with_shape(text.as_bytes(), b"a, [dddd")
        && let Some((_, rest)) = text.split_once(" -- : ").or_else(|| text.split_once(" -- "))
    {
        words = rest;
    }
    let mut id = None;
    for _ in 0..4 {
        match words.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            Some((tag, rest)) => {
                id = id.or(Some(tag).filter(|tag| scan::is_id(tag)));
                words = rest;
            }
            None => break,
        }
    }
    (words, id)
}

/// `Started GET "/x" for 1.2.3.4 at 2023-11-27 10:00:00 +0000`.
fn rails_start(text: &str) -> Option<Entry<'_>> {
    let (words, id) = rails_words(text);
    let mut cursor = Cursor::new(words.strip_prefix("Started ")?);
    let method = cursor.word().filter(|word| scan::is_method(word))?;
    let target = cursor.quoted()?;
    let mut entry = Entry::new(Vantage::Server);
    entry.method = Some(method);
    entry.target = Some(target);
    entry.mark_as("backend", "rails", words);
    if cursor.eat("for ") {
        entry.mark("client.address", cursor.word().unwrap_or_default());
    }
    if cursor.eat("at ") {
        entry.mark("time", cursor.rest());
    }
    if let Some(id) = id {
        entry.mark("request_id", id);
    }
    Some(entry)
}

/// `Completed 500 Internal Server Error in 12ms (Views: 1.0ms | ActiveRecord: 2.0ms)`.
fn rails_end(text: &str) -> Option<Entry<'_>> {
    let (words, id) = rails_words(text);
    let mut cursor = Cursor::new(words.strip_prefix("Completed ")?);
    let code = cursor.word()?;
    scan::status(code)?;
    let (reason, rest) = cursor.rest().split_once("in ")?;
    let mut entry = Entry::new(Vantage::Server);
    entry.answer(code);
    entry.reason = Some(reason.trim()).filter(|reason| !reason.is_empty());
    entry.total = rest.split(' ').next().and_then(scan::duration);
    entry.mark_as("backend", "rails", code);
    if let Some(id) = id {
        entry.mark("request_id", id);
    }
    Some(entry)
}

/// Phoenix: `[info] GET /x` with `10:00:00.000 request_id=… ` in front, and `[info] Sent 404 in 12ms`.
fn phoenix(text: &str) -> Option<(Entry<'_>, bool)> {
    let (head, words) = text.split_once('[').and_then(|(head, rest)| {
        let (level, words) = rest.split_once("] ")?;
        scan::level(level).map(|_| (head, words))
    })?;
    if head.len() > 80 || !(head.is_empty() || head.as_bytes()[0].is_ascii_digit() || head.starts_with("request_id=")) {
        return None;
    }
    let mut entry = Entry::new(Vantage::Server);
    let mut cursor = Cursor::new(words);
    let is_end = cursor.eat("Sent ");
    if is_end {
        let code = cursor.word()?;
        scan::status(code)?;
        entry.answer(code);
        cursor.eat("in ");
        entry.total = cursor.word().and_then(scan::duration);
    } else {
        entry.method = Some(cursor.word().filter(|word| scan::is_known_method(word))?);
        entry.target = Some(cursor.word().filter(|word| word.starts_with('/'))?);
        if !cursor.is_done() {
            return None;
        }
    }
    if let Some(id) = scan::pair(head, "request_id") {
        entry.mark("request_id", id);
    }
    entry.mark_as("backend", "phoenix", words);
    Some((entry, is_end))
}

/// A request of Rails or Phoenix: the call stands at its last line, with method and path from its
/// first; a first line without a last one is a request that was not answered.
pub(super) fn request_span(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at).trim();
    let line = lines.0.get(at)?;
    let (entry, is_end, start): (_, _, fn(&str) -> Option<Entry<'_>>) = if let Some(entry) = rails_end(text) {
        (entry, true, rails_start)
    } else if let Some(entry) = rails_start(text) {
        (entry, false, rails_start)
    } else {
        let (entry, is_end) = phoenix(text)?;
        (entry, is_end, |text| phoenix(text).filter(|(_, is_end)| !is_end).map(|(entry, _)| entry))
    };
    if !is_end {
        let id = entry.marks.iter().find(|mark| mark.name == "request_id").map(|mark| mark.value.clone());
        let answered = (at + 1..lines.len().min(at + REQUEST_LINES)).any(|other| {
            let text = lines.text(other).trim();
            let end = rails_end(text).or_else(|| phoenix(text).filter(|(_, is_end)| *is_end).map(|(entry, _)| entry));
            end.is_some_and(|end| {
                let other = end.marks.iter().find(|mark| mark.name == "request_id").map(|mark| mark.value.clone());
                id.is_none() || other.is_none() || id == other
            })
        });
        let calls = if answered { Vec::new() } else { vec![entry.into_call(line)] };
        return Some(Taken { lines: 1, calls, problems: Vec::new() });
    }
    let mut call = entry.into_call(line);
    let id = call.attribute("request_id").map(str::to_owned);
    for other in (at.saturating_sub(REQUEST_LINES)..at).rev() {
        let Some(first) = start(lines.text(other).trim()) else { continue };
        let Some(first_line) = lines.0.get(other) else { continue };
        let first = first.into_call(first_line);
        if let (Some(id), Some(other)) = (&id, first.attribute("request_id"))
            && id != other
        {
            continue;
        }
        call.request = first.request;
        for mark in first.attributes {
            if call.attribute(&mark.name).is_none() {
                call.attributes.push(mark);
            }
        }
        break;
    }
    Some(Taken { lines: 1, calls: vec![call], problems: Vec::new() })
}

/// oauth2-proxy: `client - id - user [2023/04/25 13:49:41] host GET upstream "/x" HTTP/1.1 "agent" 500 2839 0.014`.
pub(super) fn oauth2_proxy(text: &str) -> Option<Entry<'_>> {
    let open = text.bytes().take(200).position(|b| b == b'[')?;
    if !scan::starts_with_shape(&text.as_bytes()[open + 1..], b"dddd/dd/dd dd:dd:dd] ") {
        return None;
    }
    let mut cursor = Cursor::new(&text[open..]);
    let time = cursor.bracket()?;
    let host = cursor.word()?;
    let method = cursor.word().filter(|word| scan::is_known_method(word))?;
    let upstream = cursor.field()?.text();
    let target = cursor.quoted()?;
    let version = cursor.word().filter(|word| word.starts_with("HTTP/"))?;
    let agent = cursor.quoted()?;
    let code = cursor.word()?;
    scan::status(code)?;
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark_as("gateway", "oauth2-proxy", host);
    entry.mark("time", time);
    let mut before = Cursor::new(&text[..open]);
    entry.mark("client.address", before.word().unwrap_or_default());
    before.eat("- ");
    if let Some(id) = before.word().filter(|id| id.len() > 8) {
        entry.mark("request_id", id);
    }
    entry.host = Some(host);
    entry.method = Some(method);
    entry.target = Some(target);
    entry.version = Some(version);
    entry.mark("upstream.addr", upstream);
    entry.header("User-Agent", agent);
    entry.answer(code);
    cursor.word();
    entry.total = cursor.word().and_then(scan::seconds);
    Some(entry)
}

/// httpx: `HTTP Request: GET https://api.example.com/x "HTTP/1.1 404 Not Found"` behind any prefix.
pub(super) fn httpx(text: &str) -> Option<Entry<'_>> {
    if !text.ends_with('"') {
        return None;
    }
    let rest = scan::after(text, "HTTP Request: ")?;
    let mut cursor = Cursor::new(rest);
    let method = cursor.word().filter(|word| scan::is_known_method(word))?;
    let target = cursor.word().filter(|word| scan::is_target(word))?;
    let mut answer = Cursor::new(cursor.quoted()?);
    let _version = answer.word().filter(|word| word.starts_with("HTTP/"))?;
    let code = answer.word()?;
    scan::status(code)?;
    let mut entry = Entry::new(Vantage::Client);
    entry.method = Some(method);
    entry.target = Some(target);
    entry.answer(code);
    entry.reason = Some(answer.rest()).filter(|reason| !reason.is_empty());
    entry.mark_as("log.logger", "httpx", method);
    Some(entry)
}

/// Lines without quotes: `POST /webhook 400 187 - 6.021 ms` (morgan), `GET /x 500 in 123ms` (Next.js),
/// `::1 - GET /x HTTP/1.1 404 150 - 1 ms`, with time, level, names or an address in front, and only
/// when nothing but sizes and times follows.
pub(super) fn plain(text: &str) -> Option<Entry<'_>> {
    // the method is looked for first: most foreign lines have none among their first words
    let method = scan::clip(text, 256)
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(8)
        .find(|word| scan::is_known_method(word))?;
    let head = &text[..scan::offset_in(text, method)];
    let mut client = None;
    let mut level = None;
    for word in head.split(' ') {
        if scan::is_address(word) && word.contains(['.', ':']) {
            client = Some(word);
        } else if let Some(word) = scan::level(word.trim_matches(|c| matches!(c, '[' | ']' | ':'))) {
            level = Some(word);
        }
    }
    let mut cursor = Cursor::new(&text[head.len() + method.len()..]);
    let target = cursor.word().filter(|word| scan::is_target(word) && !word.ends_with(':'))?;
    let version = Some(cursor.peek()).filter(|word| word.starts_with("HTTP/"));
    if version.is_some() {
        cursor.word();
    }
    for arrow in ["-> ", "=> ", "→ "] {
        if cursor.eat(arrow) {
            break;
        }
    }
    let code = cursor.word()?;
    scan::status(code)?;
    let Tail { total, upstream, reason } = tail(cursor, target)?;
    let mut entry = Entry::new(Vantage::Server);
    entry.method = Some(method);
    entry.target = Some(target);
    entry.version = version;
    entry.answer(code);
    entry.total = total;
    if target.starts_with("http") {
        entry.vantage = if client.is_some() { Vantage::Gateway } else { Vantage::Client };
    }
    if let Some(client) = client {
        entry.mark("client.address", client);
    }
    if let Some(upstream) = upstream {
        entry.mark("upstream.addr", upstream);
    }
    if let Some(level) = level {
        entry.mark_as("log.level", level, head);
    }
    if let Some(time) = time_in(head) {
        entry.mark("time", time);
    }
    entry.reason = reason;
    Some(entry)
}

/// What may follow the status of a plain line.
#[derive(Default)]
struct Tail<'a> {
    total: Option<f64>,
    upstream: Option<&'a str>,
    reason: Option<&'a str>,
}

/// Sizes, times and an upstream's address; or the reason phrase; or a short remark in parentheses.
/// Anything else makes the line a sentence, which is not ours.
fn tail<'a>(mut cursor: Cursor<'a>, target: &str) -> Option<Tail<'a>> {
    let mut tail = Tail::default();
    let rest = cursor.rest();
    if rest.starts_with('(') {
        // `GET https://… 429 (Too Many Requests)` is what a browser's console writes
        return (rest.ends_with(')') && rest.len() < 80 && target.starts_with('/')).then_some(tail);
    }
    if rest.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) {
        let reason = rest.split('(').next().unwrap_or(rest).trim_end();
        let is_phrase = reason.len() < 40 && reason.bytes().all(|b| b.is_ascii_alphabetic() || b" -'".contains(&b));
        tail.reason = Some(reason);
        return (is_phrase && reason.split(' ').count() <= 5).then_some(tail);
    }
    for _ in 0..8 {
        let Some(word) = cursor.word() else { return Some(tail) };
        let unit = match cursor.peek() {
            "ms" => Some(1.0),
            "s" => Some(1000.0),
            "µs" => Some(0.001),
            _ => None,
        };
        let is_number = scan::is_digits(word) || scan::is_decimal(word);
        if let Some(factor) = unit
            && is_number
        {
            tail.total = scan::number(word).map(|value| scan::tidy(value * factor));
            cursor.word();
        } else if scan::is_decimal(word) {
            tail.total = tail.total.or(scan::seconds(word));
        } else if let Some(ms) = scan::duration(word) {
            tail.total = tail.total.or(Some(ms));
        } else if scan::is_address(word) {
            tail.upstream = Some(word);
        } else if word.starts_with('(') {
            return Some(tail);
        } else if !is_number && !matches!(word, "-" | "in" | "|" | "bytes" | "B") {
            return None;
        }
    }
    Some(tail)
}

/// The time that stands before the method.
fn time_in(head: &str) -> Option<&str> {
    let start = head.find(|c: char| c.is_ascii_digit())?;
    let rest = &head[start..];
    let bytes = rest.as_bytes();
    let end = if scan::starts_with_shape(bytes, b"dddd-dd-dd dd:dd:dd")
        || scan::starts_with_shape(bytes, b"dddd/dd/dd dd:dd:dd")
    {
        11 + rest[11..].find([' ', ']']).unwrap_or(rest.len() - 11)
    } else if scan::starts_with_shape(bytes, b"dddd-dd-ddadd:dd")
        || scan::starts_with_shape(bytes, b"dd/aaa/dddd:dd:dd:dd")
    {
        rest.find([' ', ']']).unwrap_or(rest.len())
    } else {
        return None;
    };
    Some(rest[..end].trim())
}

/// Heroku's router, `at=error code=H12 desc="Request timeout" method=GET path="/" host=… status=503 …`,
/// behind `2023-11-27T10:00:00+00:00 heroku[router]: ` or not, and its `Error R14 (…)` lines.
pub(super) fn heroku(text: &str) -> Option<Entry<'_>> {
    // `heroku[router]: ` is the first bracket of the line, where it is there
    let bracket = text.bytes().take(120).position(|b| b == b'[');
    let words = match bracket.filter(|at| text.as_bytes()[..*at].ends_with(b"heroku")) {
        Some(at) => scan::after(&text[at..], "]: ")?,
        // shippers put the process in place of the bracket: `info router: at=error code=H12`
        None => text.find("router: at=").filter(|at| *at < 80).map_or(text, |at| &text[at + "router: ".len()..]),
    };
    if let Some(rest) = words.strip_prefix("Error ") {
        let code = rest.split(' ').next().unwrap_or_default();
        let known = code.len() == 3 && matches!(code.as_bytes()[0], b'R' | b'H' | b'L') && scan::is_digits(&code[1..]);
        if !known || !rest[3..].starts_with(" (") {
            return None;
        }
        let mut entry = Entry::new(Vantage::Gateway);
        entry.mark("heroku.code", code);
        entry.mark_as("gateway", "heroku", words);
        entry.mark_as("log.level", "error", words);
        entry.say(words);
        return Some(entry);
    }
    if !words.starts_with("at=") && !words.starts_with("sock=") {
        return None;
    }
    let get = |key| scan::pair(words, key);
    let status = get("status")?;
    get("fwd").or_else(|| get("dyno"))?;
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark_as("gateway", "heroku", words);
    if let Some(time) = text.split(' ').next().filter(|word| scan::starts_with_date(word)) {
        entry.mark("time", time);
    }
    if let Some(level) = get("at").and_then(scan::level) {
        entry.mark_as("log.level", level, words);
    }
    for (key, mark) in [
        ("code", "heroku.code"),
        ("request_id", "request_id"),
        ("fwd", "client.address"),
        ("dyno", "upstream.addr"),
        ("sock", "heroku.sock"),
    ] {
        if let Some(value) = get(key) {
            entry.mark(mark, value);
        }
    }
    if let Some(description) = get("desc") {
        entry.say(description);
    }
    entry.method = get("method");
    entry.target = get("path");
    entry.host = get("host");
    entry.scheme = get("protocol").filter(|protocol| matches!(*protocol, "http" | "https"));
    entry.answer(status);
    let (connect, service) = (get("connect"), get("service"));
    for (value, mark) in [(connect, "upstream.connect_time"), (service, "upstream.response_time")] {
        if let Some(value) = value
            && let Some(ms) = scan::duration(value)
        {
            entry.mark_as(mark, ms.to_string(), value);
        }
    }
    entry.total = match (connect.and_then(scan::duration), service.and_then(scan::duration)) {
        (Some(connect), Some(service)) => Some(connect + service),
        (None, service) => service,
        (connect, None) => connect,
    };
    Some(entry)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use crate::lines::Line;
    use firstfault_model::Span;
    use std::borrow::Cow;

    fn check(text: &str, status: Option<u16>, expected: &[(&str, &str)]) {
        let readers = [gin, php, django, oauth2_proxy, httpx, heroku, plain];
        let entry = readers.iter().find_map(|reader| reader(text)).unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(entry.status, status, "{text}");
        for (name, value) in expected {
            let total = entry.total.map(|ms| ms.to_string());
            let found = match *name {
                "method" => entry.method,
                "target" => entry.target,
                "host" => entry.host,
                "reason" => entry.reason,
                "total" => total.as_deref(),
                "message" => entry.messages.first().map(AsRef::as_ref),
                _ => entry.value(name),
            };
            assert_eq!(found.unwrap_or_default(), *value, "{name} of {text}");
        }
    }

    #[test]
    fn one_liners() {
        check(
            r#"[GIN] 2023/11/27 - 10:00:00 | 404 |     1.234ms |       127.0.0.1 | GET      "/x""#,
            Some(404),
            &[
                ("method", "GET"),
                ("target", "/x"),
                ("total", "1.234"),
                ("client.address", "127.0.0.1"),
                ("time", "2023/11/27 - 10:00:00"),
            ],
        );
        check(
            "10:00:00 | 500 |  12ms | 127.0.0.1 | GET | /x | boom",
            Some(500),
            &[("target", "/x"), ("message", "boom")],
        );
        check(
            "[Mon Nov 27 10:00:00 2023] 127.0.0.1:51234 [404]: GET /x - No such file or directory",
            Some(404),
            &[("target", "/x"), ("message", "No such file or directory")],
        );
        check("Not Found: /x", Some(404), &[("target", "/x"), ("log.level", "warn")]);
        check("Method Not Allowed (PUT): /x", Some(405), &[("method", "PUT")]);
        check(
            "Forbidden (CSRF token missing.): /x/",
            Some(403),
            &[("message", "Forbidden (CSRF token missing.): /x/")],
        );
        // morgan dev, tiny, short; Next.js
        check("GET /x 404 12.345 ms - 150", Some(404), &[("total", "12.345")]);
        check("POST /x 400 187 - 6.021 ms", Some(400), &[("total", "6.021")]);
        check("::1 - GET /x HTTP/1.1 404 150 - 1.5 ms", Some(404), &[("client.address", "::1"), ("total", "1.5")]);
        check("GET /api/x 500 in 123ms", Some(500), &[("total", "123")]);
        check(
            "2023-11-27T10:00:00.123Z POST /x 500 187 - 2 s",
            Some(500),
            &[("time", "2023-11-27T10:00:00.123Z"), ("total", "2000")],
        );
        check(
            "27/Nov/2023:10:00:00 +0300 POST https://api.example.com/x 502 16 0.131",
            Some(502),
            &[("total", "131"), ("time", "27/Nov/2023:10:00:00")],
        );
        check("probe GET /app -> 503", Some(503), &[("target", "/app")]);
        check(
            "INFO:httpx:HTTP Request: GET https://api.example.com/x \"HTTP/1.1 404 Not Found\"",
            Some(404),
            &[("reason", "Not Found"), ("log.logger", "httpx")],
        );
        check(
            r#"10.0.0.9:4242 - 1b4f2a30-0000 - - [2023/11/27 10:00:00] app.example.com GET - "/oauth2/callback?x=1" HTTP/1.1 "Mozilla/5.0" 500 2839 0.014"#,
            Some(500),
            &[("host", "app.example.com"), ("total", "14"), ("gateway", "oauth2-proxy")],
        );
        // https://devcenter.heroku.com/articles/error-codes
        check(
            r#"2023-11-27T10:00:00.000000+00:00 heroku[router]: at=error code=H12 desc="Request timeout" method=GET path="/x" host=myapp.herokuapp.com request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="204.204.204.204" dyno=web.1 connect=1ms service=30001ms status=503 bytes=0 protocol=https"#,
            Some(503),
            &[
                ("heroku.code", "H12"),
                ("message", "Request timeout"),
                ("host", "myapp.herokuapp.com"),
                ("upstream.response_time", "30001"),
                ("upstream.connect_time", "1"),
                ("total", "30002"),
                ("client.address", "204.204.204.204"),
            ],
        );
        check(
            "2023-11-27T10:00:00+00:00 heroku[web.1]: Error R14 (Memory quota exceeded)",
            None,
            &[("heroku.code", "R14")],
        );
    }

    #[test]
    fn foreign_lines_are_left_alone() {
        for text in [
            "",
            "GET",
            "GET /x",
            "GET /x HTTP/1.1",
            "GET /x 404 is what I see",
            "Not Found: the thing",
            "I did a POST to /x and got 404",
            "at=info measure=1",
            "Error R1",
            "HTTP Request: x",
            "Forbidden (x",
            "we GET /x 200 times",
            "POST /x evt_1 attempt received",
            "GET https://a.example/x: 422 Only the first 1000 results []",
            "GET https://a.example/x 429 (Too Many Requests)",
            "2023-11-27 10:00:00,604 [INFO] root: nothing of use",
        ] {
            for reader in [gin, php, django, oauth2_proxy, httpx, heroku, plain] {
                assert!(reader(text).is_none(), "{text}");
            }
        }
    }

    fn lines(text: &str) -> Lines<'_> {
        let mut start = 0;
        Lines(
            text.lines()
                .enumerate()
                .map(|(number, line)| {
                    let span = Span::new(u32::try_from(number).unwrap() + 1, start, start + line.len());
                    start += line.len() + 1;
                    Line { text: Cow::Borrowed(line), prefix: "", span, prose: false }
                })
                .collect(),
        )
    }

    #[test]
    fn requests_in_several_lines_are_one_call() {
        let rails = lines(
            "Started GET \"/orders/7\" for 127.0.0.1 at 2023-11-27 10:00:00 +0000\nProcessing by OrdersController#show as JSON\nCompleted 500 Internal Server Error in 12ms (ActiveRecord: 2.0ms)",
        );
        assert!(request_span(&rails, 0).unwrap().calls.is_empty());
        let call = &request_span(&rails, 2).unwrap().calls[0];
        assert_eq!(
            (call.status(), call.request.as_ref().map(|r| r.url.path.as_str()), call.timings.total),
            (Some(500), Some("/orders/7"), Some(12.0))
        );
        let phoenix = lines(
            "10:00:00.000 request_id=F1 [info] GET /orders/7\n10:00:00.012 request_id=F1 [info] Sent 404 in 12ms",
        );
        let call = &request_span(&phoenix, 1).unwrap().calls[0];
        assert_eq!((call.status(), call.request.as_ref().map(|r| r.url.path.as_str())), (Some(404), Some("/orders/7")));
        let django = lines("Not Found: /x\n[27/Nov/2023 10:00:00] \"GET /x HTTP/1.1\" 404 179");
        let taken = django_pair(&django, 0).unwrap();
        assert_eq!((taken.lines, taken.calls.len(), taken.calls[0].messages.len()), (2, 1, 1));
    }
}

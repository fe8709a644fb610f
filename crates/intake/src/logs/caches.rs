//! Squid's native access log and the two logs of Varnish that are not in the common format:
//! varnishlog's groups of tagged records, and the one-liners of its child process.
//!
//! Sources: Squid "Log formats", `squid_result_codes`; varnishlog(1), vsl(7).

use super::entry::Entry;
use super::scan::{self, Cursor};
use crate::Taken;
use crate::lines::{Line, Lines};
use firstfault_model::{Call, Message, MessageKind, Origin, Request, Response, Url, Vantage};

/// The most lines of one varnishlog transaction.
const RECORDS: usize = 400;

/// `1699999999.123    120 192.168.1.10 TCP_DENIED/407 4012 CONNECT api.example.com:443 - HIER_NONE/- text/html`.
pub(super) fn squid(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"dddddddddd.ddd ") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let time = cursor.word()?;
    let elapsed = cursor.word()?;
    let client = cursor.word()?;
    let (result, code) = cursor.word()?.split_once('/')?;
    if !result.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') || (scan::status(code).is_none() && code != "000") {
        return None;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", time);
    entry.total = scan::number(elapsed);
    entry.mark("client.address", client);
    entry.mark("squid.result", result);
    entry.mark_as("gateway", "squid", result);
    entry.answer(code);
    cursor.word();
    entry.method = cursor.word().filter(|method| *method != "NONE" && *method != "-");
    entry.target = cursor.word().filter(|target| !matches!(*target, "-" | "/" if entry.method.is_none()));
    if entry.method == Some("CONNECT") && entry.status.is_some() {
        entry.mark("http.connect_status", code);
    }
    cursor.word();
    if let Some((_, peer)) = cursor.word().and_then(|hierarchy| hierarchy.split_once('/')) {
        entry.mark("upstream.addr", peer);
    }
    Some(entry)
}

/// A group of varnishlog records: `*   << Request  >> 32770`, then `-   Tag   value` lines.
pub(super) fn varnish(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.text(at).trim();
    if !first.starts_with('*') || !first.contains("<< ") {
        record(first)?;
    }
    let mut call = Call::new(Origin::LogLine, Vantage::Gateway);
    let mut taken = 0;
    let mut from_backend = false;
    for line in lines.0.iter().skip(at).take(RECORDS) {
        let text = line.text.trim();
        if text.starts_with('*') && text.contains("<< ") {
            if taken > 0 {
                break;
            }
            from_backend = text.contains("BeReq");
        } else if let Some((tag, value)) = record(text) {
            from_backend |= taken == 0 && tag.starts_with("Bere");
            note(&mut call, line, tag, value, from_backend);
        } else {
            break;
        }
        call.span = call.span.to(line.span);
        taken += 1;
    }
    call.mark("gateway", "varnish", lines.span(at));
    Some(Taken { lines: taken.max(1), calls: vec![call], problems: Vec::new() })
}

/// `-   FetchError     http first read error: EOF` as tag and value; the tag is one that vsl(7) lists.
fn record(text: &str) -> Option<(&str, &str)> {
    let rest = text.trim_start_matches('-');
    if rest.len() == text.len() || text.len() - rest.len() > 4 || !rest.starts_with("  ") {
        return None;
    }
    let rest = rest.trim_start();
    let (tag, value) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
    let known = [
        "Req",
        "Resp",
        "Bereq",
        "Beresp",
        "Obj",
        "VCL_",
        "Fetch",
        "Backend",
        "Begin",
        "End",
        "Timestamp",
        "Link",
        "Hit",
        "TTL",
        "Storage",
        "Session",
        "Sess",
        "Gzip",
        "Debug",
        "Error",
        "Length",
        "Filters",
        "Process",
        "ESI",
        "Esi",
        "SLT",
        "PipeAcct",
        "Witness",
        "Bereq",
        "ExpKill",
        "ReqAcct",
        "BereqAcct",
        "Proxy",
        "H2",
        "Http",
        "LostHeader",
        "BogoHeader",
        "Notice",
        "Backend_health",
    ];
    known.iter().any(|start| tag.starts_with(start)).then_some((tag, value.trim()))
}

fn note(call: &mut Call, line: &Line<'_>, tag: &str, value: &str, from_backend: bool) {
    let span = line.span_of(value);
    let request_tag = tag
        .strip_prefix("Req")
        .filter(|_| !from_backend)
        .or_else(|| tag.strip_prefix("Bereq").filter(|_| from_backend));
    let response_tag = tag
        .strip_prefix("Resp")
        .filter(|_| !from_backend)
        .or_else(|| tag.strip_prefix("Beresp").filter(|_| from_backend));
    if let Some(part) = request_tag {
        let request = call.request.get_or_insert_with(Request::default);
        request.span = request.span.to(span);
        match part {
            "Method" => request.method = Some(value.to_owned()),
            "URL" => {
                let url = Url::parse(value);
                request.url.path = url.path;
                request.url.query = url.query;
            }
            "Protocol" => request.version = Some(value.to_owned()),
            "Header" => {
                if let Some((name, value)) = value.split_once(": ") {
                    if name.eq_ignore_ascii_case("host") {
                        request.url.host = Some(value.to_owned());
                    }
                    request.headers.push(name, value, span);
                }
            }
            "Start" => call.mark("client.address", value.split(' ').next().unwrap_or_default(), span),
            _ => {}
        }
    } else if let Some(part) = response_tag {
        let response = call.response.get_or_insert_with(Response::default);
        response.span = response.span.to(span);
        match part {
            "Status" => {
                response.status = scan::status(value);
                if from_backend {
                    call.mark("upstream.status", value, span);
                }
            }
            "Reason" => response.reason = Some(value.to_owned()),
            "Protocol" => response.version = Some(value.to_owned()),
            "Header" => {
                if let Some((name, value)) = value.split_once(": ") {
                    response.headers.push(name, value, span);
                }
            }
            _ => {}
        }
    } else if matches!(
        tag,
        "FetchError"
            | "VCL_Error"
            | "Error"
            | "Backend_health"
            | "VCL_Log"
            | "LostHeader"
            | "BogoHeader"
            | "SessError"
            | "HttpGarbage"
    ) {
        if tag == "FetchError" {
            call.mark("varnish.fetch_error", value, span);
        }
        if tag != "VCL_Log" {
            call.mark("log.level", "error", span);
        }
        call.messages.push(Message { kind: MessageKind::Log, text: value.to_owned(), span });
    } else if tag == "Timestamp"
        && let Some(times) = value
            .strip_prefix("Resp: ")
            .or_else(|| value.strip_prefix("Error: "))
            .or_else(|| value.strip_prefix("BerespBody: "))
    {
        // absolute time, seconds since the start, seconds since the last
        call.timings.total = times.split(' ').nth(1).and_then(scan::seconds);
    } else if tag == "BackendOpen" {
        // `27 boot.default 10.0.0.7 8080 10.0.0.2 51234 connect`
        let mut words = value.split(' ').skip(2);
        if let (Some(host), Some(port)) = (words.next(), words.next()) {
            call.mark("upstream.addr", format!("{host}:{port}"), span);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn squid_results() {
        // https://wiki.squid-cache.org/Features/LogFormat
        for (text, status, result, target, upstream) in [
            (
                "1699999999.123    120 192.168.1.10 TCP_DENIED/407 4012 CONNECT api.example.com:443 - HIER_NONE/- text/html",
                Some(407),
                "TCP_DENIED",
                "api.example.com:443",
                None,
            ),
            (
                "1699999999.123  60120 192.168.1.10 TCP_MISS/503 4012 GET http://api.example.com/x - HIER_DIRECT/203.0.113.7 text/html",
                Some(503),
                "TCP_MISS",
                "http://api.example.com/x",
                Some("203.0.113.7"),
            ),
            (
                "1699999999.123      0 192.168.1.10 NONE_NONE/000 0 - error:transaction-end-before-headers - HIER_NONE/- -",
                None,
                "NONE_NONE",
                "error:transaction-end-before-headers",
                None,
            ),
        ] {
            let entry = squid(text).expect(text);
            assert_eq!(
                (entry.status, entry.value("squid.result"), entry.target, entry.value("upstream.addr")),
                (status, Some(result), Some(target), upstream),
                "{text}"
            );
        }
        for text in ["", "1699999999.123 x", "1699999999.123 1 2 3/4 5", "1699999999.123\t203.0.113.9\t0.002\t200"] {
            assert!(squid(text).is_none(), "{text}");
        }
    }
}

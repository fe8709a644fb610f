//! HAProxy's `httplog`, `httpslog` and `tcplog` (1.x to 3.x), with or without a syslog prefix.
//!
//! Source: HAProxy configuration manual, chapter 8 "Logging". What a termination state means is not known here.

use super::scan::{self, Cursor};
use super::sink::Sink;
use crate::Attribute;

/// `client:port [date.ms] frontend backend/server timers …`.
pub(super) fn visit<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    let Some((open, date)) = accept_date(line) else { return false };
    let before = line[..open].trim_ascii_end();
    let client = memchr::memrchr(b' ', before).map_or(before, |at| &before[at + 1..]);
    let mut cursor = Cursor::new(line.get(open + date.len() + 2..).unwrap_or_default());
    let Some(frontend) = cursor.word().filter(|word| !word.ends_with(b":")) else { return false };
    let Some(target) = cursor.word() else { return false };
    let Some(slash) = memchr::memchr(b'/', target) else { return false };
    let Some(timers) = cursor.word() else { return false };
    let mut parts = [&b""[..]; 5];
    let mut count = 0;
    for part in timers.split(|b| *b == b'/') {
        let digits = part.strip_prefix(b"+").or_else(|| part.strip_prefix(b"-")).unwrap_or(part);
        if count == parts.len() || !scan::is_digits(digits) {
            return false;
        }
        parts[count] = part.strip_prefix(b"+").unwrap_or(part);
        count += 1;
    }
    let http = match count {
        5 => true,
        3 => false,
        _ => return false,
    };
    let mut code = &b""[..];
    if http {
        let Some(word) = cursor.word().filter(|w| scan::status(w).is_some() || scan::is_no_status(w)) else {
            return false;
        };
        code = word;
    }
    sink.text("client", Attribute::ClientIp, scan::without_port(client));
    sink.time("accept_date", date);
    sink.other("frontend", frontend.strip_suffix(b"~").unwrap_or(frontend));
    sink.text("backend", Attribute::Upstream, &target[..slash]);
    let server = &target[slash + 1..];
    if server.starts_with(b"<") {
        // `<NOSRV>`: none was chosen; `<STATS>`: HAProxy itself
        sink.other("server", server);
    } else {
        sink.text("server", Attribute::Host, server);
    }
    if http {
        sink.status("status_code", code);
        // -1: the server never answered
        if let Some(millis) = scan::number(parts[3]) {
            sink.millis("Tr", Attribute::UpstreamLatency, millis);
        }
    }
    if let Some(millis) = scan::number(parts[count - 1]) {
        sink.millis(if http { "Ta" } else { "Tt" }, Attribute::Latency, millis);
    }
    cursor.word();
    if http {
        // captured cookies
        cursor.word();
        cursor.word();
    }
    let state = cursor.word().unwrap_or_default();
    // the first two letters say how it ended, the other two speak of cookies; `--` is the normal end
    let ended = state.get(..2).filter(|s| s.iter().all(|b| b.is_ascii_alphabetic() || *b == b'-')).unwrap_or_default();
    if ended == b"--" {
        sink.other("termination_state", state);
    } else {
        sink.text("termination_state", Attribute::Mark, ended);
    }
    let connections = cursor.word().unwrap_or_default();
    let retries = memchr::memrchr(b'/', connections).map_or(&b""[..], |at| &connections[at + 1..]);
    sink.other("retries", retries);
    cursor.word();
    while cursor.peek() == Some(b'{') {
        let rest = cursor.rest();
        let Some(end) = memchr::memchr(b'}', &rest[..rest.len().min(4096)]) else { break };
        sink.other("captured", &rest[1..end]);
        cursor.eat(&rest[..=end]);
    }
    if http && let Some(request) = cursor.quoted() {
        match scan::request(request) {
            Some((method, target)) => {
                sink.text("method", Attribute::Method, method);
                sink.text("path", Attribute::Route, scan::path(target));
            }
            None => sink.text("http_request", Attribute::Message, request),
        }
    }
    true
}

/// `[19/Jul/2023:10:22:40.611]`: milliseconds and no zone tell it from the common log format.
fn accept_date(line: &[u8]) -> Option<(usize, &[u8])> {
    let mut from = 0;
    // prefixes may have brackets of their own, as in `haproxy[8841]:`
    for _ in 0..4 {
        let window = line.get(from..line.len().min(from + 512))?;
        let open = from + memchr::memchr(b'[', window)?;
        if scan::has_shape(&line[open + 1..], b"dd/aaa/dddd:dd:dd:dd.ddd]") {
            return Some((open, &line[open + 1..open + 25]));
        }
        from = open + 1;
    }
    None
}

//! HAProxy's httplog, httpslog and tcplog (1.x to 3.x), its connection errors, and the lines about
//! the state of servers and health checks, with or without a syslog prefix.
//!
//! Source: HAProxy configuration manual, chapter 8 "Logging". What a termination state means is not
//! known here.

use super::entry::Entry;
use super::scan::{self, Cursor};
use firstfault_model::Vantage;

/// `client:port [date.ms] frontend backend/server timers …`.
pub(super) fn access(text: &str) -> Option<Entry<'_>> {
    let (date_at, date) = accept_date(text)?;
    let client = text[..date_at].trim_end().rsplit(' ').next().filter(|word| word.contains(':') || *word == "-")?;
    let mut cursor = Cursor::new(&text[date_at + date.len() + 2..]);
    let frontend = cursor.word()?;
    let mut entry = Entry::new(Vantage::Gateway);
    if client.starts_with("unix:") || scan::is_address(client) {
        entry.mark("client.address", client);
    }
    entry.mark("time", date);
    entry.mark_as("gateway", "haproxy", frontend);
    if frontend.ends_with(':') || cursor.rest().starts_with(':') {
        // `frontend/bind: SSL handshake failure`
        cursor.eat(":");
        entry.mark("haproxy.frontend", frontend.trim_end_matches(':'));
        entry.mark_as("log.level", "error", cursor.rest());
        entry.say(cursor.rest());
        return Some(entry);
    }
    let (backend, server) = cursor.word()?.split_once('/')?;
    let timers = cursor.word()?;
    entry.mark("haproxy.frontend", frontend.trim_end_matches('~'));
    entry.mark("haproxy.backend", backend);
    entry.mark("haproxy.backend_server", server);
    let http = read_timers(&mut entry, timers)?;
    if http {
        let code = cursor.word()?;
        if scan::status(code).is_none() && !scan::is_no_status(code) {
            return None;
        }
        entry.answer(code);
    }
    cursor.word();
    if http {
        // captured request and response cookie
        cursor.word();
        cursor.word();
    }
    if let Some(state) = cursor.word().filter(|state| is_state(state)) {
        entry.mark("haproxy.termination", state);
        // The first two letters are what the manual explains; the other two speak of cookies.
        if state.len() == 4 {
            entry.mark("haproxy.termination", &state[..2]);
        }
    }
    connections(&mut entry, &mut cursor);
    if http {
        captured(&mut entry, cursor);
    }
    Some(entry)
}

/// `[19/Jul/2023:10:22:40.611]`: milliseconds and no zone tell it from the common log format.
fn accept_date(text: &str) -> Option<(usize, &str)> {
    let mut from = 0;
    // prefixes may have brackets of their own, as in `haproxy[8841]:`
    for _ in 0..4 {
        let open = from + text.get(from..)?.bytes().take(512).position(|b| b == b'[')?;
        let inside = &text[open + 1..];
        if scan::starts_with_shape(inside.as_bytes(), b"dd/aaa/dddd:dd:dd:dd.ddd]") {
            return Some((open, &inside[..24]));
        }
        from = open + 1;
    }
    None
}

/// Five timers for HTTP, three for TCP; `-1` where a phase was not reached. True for HTTP.
fn read_timers<'a>(entry: &mut Entry<'a>, timers: &'a str) -> Option<bool> {
    let mut parts = [""; 5];
    let mut count = 0;
    for part in timers.split('/') {
        if count == parts.len() || scan::number(part).is_none() {
            return None;
        }
        parts[count] = part.trim_start_matches('+');
        count += 1;
    }
    let (names, http): (&[&'static str], bool) = match count {
        5 => (
            &[
                "haproxy.timer.request",
                "haproxy.timer.queue",
                "haproxy.timer.connect",
                "haproxy.timer.response",
                "haproxy.timer.total",
            ],
            true,
        ),
        3 => (&["haproxy.timer.queue", "haproxy.timer.connect", "haproxy.timer.total"], false),
        _ => return None,
    };
    for (name, part) in names.iter().zip(parts) {
        entry.mark(name, part);
    }
    entry.total = scan::number(parts[count - 1]).filter(|ms| *ms >= 0.0);
    if http {
        entry.wait = scan::number(parts[3]).filter(|ms| *ms >= 0.0);
    }
    Some(http)
}

fn is_state(word: &str) -> bool {
    (2..=4).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
}

/// `actconn/feconn/beconn/srv_conn/retries srv_queue/backend_queue`.
fn connections<'a>(entry: &mut Entry<'a>, cursor: &mut Cursor<'a>) {
    if let Some(counts) = cursor.word()
        && let Some((_, retries)) = counts.rsplit_once('/')
        && retries != "0"
    {
        entry.mark("haproxy.retries", retries);
    }
    if let Some(queues) = cursor.word()
        && queues != "0/0"
    {
        entry.mark("haproxy.queues", queues);
    }
}

/// Captured headers in braces, the request, and what httpslog adds.
fn captured<'a>(entry: &mut Entry<'a>, mut cursor: Cursor<'a>) {
    while cursor.rest().starts_with('{') {
        let rest = cursor.rest();
        let Some((inside, tail)) = rest.split_once('}') else { break };
        for part in inside[1..].split('|') {
            if scan::is_host(part) && entry.host.is_none() {
                entry.host = Some(part);
            } else if scan::is_id(part) {
                entry.mark("request_id", part);
            }
        }
        cursor = Cursor::new(tail);
    }
    if let Some(request) = cursor.quoted() {
        entry.request_line(request);
    }
}

/// Lines about servers, backends and health checks, after `[WARNING] 199/102240 (8841) : ` or a
/// syslog prefix.
pub(super) fn state(text: &str) -> Option<Entry<'_>> {
    let mut words = text;
    let mut level = None;
    if let Some((inside, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        level = Some(scan::level(inside.trim())?);
        words = after_process_id(rest)?;
    } else if let Some((prefix, rest)) = text.split_once("]: ")
        && prefix.contains("haproxy[")
    {
        words = rest;
    }
    let is_server = words.starts_with("Server ") || words.starts_with("Backup Server ");
    let (failed, known) = if is_server && words.contains('/') {
        let down = words.contains(" is DOWN") || words.contains(" is going DOWN");
        (down, down || words.contains(" is UP") || words.contains(" is stopping"))
    } else if words.starts_with("Health check for ") {
        (words.contains(" failed"), true)
    } else if (words.starts_with("backend ") || words.starts_with("proxy "))
        && words.contains(" has no server available")
    {
        (true, true)
    } else {
        (false, level.is_some() && words.contains("haproxy"))
    };
    if !known {
        return None;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark_as("gateway", "haproxy", words);
    entry.mark_as("log.level", if failed { "error" } else { level.unwrap_or("info") }, words);
    if is_server {
        let name = words.split("erver ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        if let Some((backend, server)) = name.split_once('/') {
            entry.mark("haproxy.backend", backend);
            entry.mark("haproxy.backend_server", server);
        }
    }
    entry.say(words);
    Some(entry)
}

/// ` 199/102240 (8841) : words`, or ` (8841) : words` since 2.3.
fn after_process_id(rest: &str) -> Option<&str> {
    let (ids, words) = rest.split_once(" : ")?;
    ids.trim_end().ends_with(')').then_some(words.trim_start())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(text: &str, status: Option<u16>, expected: &[(&str, &str)]) {
        let entry = access(text).or_else(|| state(text)).unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(entry.status, status, "{text}");
        for (name, value) in expected {
            let found = match *name {
                "host" => entry.host,
                "method" => entry.method,
                "message" => entry.messages.first().map(AsRef::as_ref),
                _ => entry.value(name),
            };
            assert_eq!(found.unwrap_or_default(), *value, "{name} of {text}");
        }
    }

    #[test]
    fn documented_formats() {
        // https://docs.haproxy.org/3.0/configuration.html#8.2.3
        check(
            r#"Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1""#,
            Some(200),
            &[
                ("client.address", "10.0.1.2:33317"),
                ("haproxy.timer.queue", "0"),
                ("haproxy.timer.connect", "30"),
                ("haproxy.timer.response", "69"),
                ("haproxy.timer.total", "109"),
                ("haproxy.backend_server", "srv1"),
                ("haproxy.termination", "----"),
                ("host", "1wt.eu"),
                ("method", "GET"),
            ],
        );
        check(
            r#"10.0.1.2:33320 [06/Feb/2009:12:17:36.001] fe~ be/<NOSRV> 0/1001/-1/-1/+1001 503 212 - - sQ-- 2/2/0/0/+3 0/9 "POST /v1 HTTP/1.1""#,
            Some(503),
            &[
                ("haproxy.backend_server", "<NOSRV>"),
                ("haproxy.timer.connect", "-1"),
                ("haproxy.timer.total", "1001"),
                ("haproxy.termination", "sQ--"),
                ("haproxy.frontend", "fe"),
                ("haproxy.retries", "+3"),
            ],
        );
        check(
            r#"10.0.1.2:33320 [06/Feb/2009:12:17:36.001] fe fe/<NOSRV> -1/-1/-1/-1/50000 408 212 - - cR-- 2/2/0/0/0 0/0 "<BADREQ>""#,
            Some(408),
            &[("haproxy.termination", "cR--"), ("message", "<BADREQ>")],
        );
        check(
            r#"10.0.1.2:33320 [06/Feb/2009:12:17:36.001] fe be/srv2 0/0/1/-1/30012 -1 0 - - CD-- 2/2/0/0/0 0/0 "GET / HTTP/1.1""#,
            None,
            &[("haproxy.termination", "CD--")],
        );
        check(
            "Feb  6 12:12:09 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/-1/5007 0 SC 0/0/0/0/3 0/0",
            None,
            &[
                ("haproxy.timer.connect", "-1"),
                ("haproxy.timer.total", "5007"),
                ("haproxy.termination", "SC"),
                ("haproxy.retries", "3"),
            ],
        );
        check(
            "Dec  3 18:27:14 localhost haproxy[6103]: 127.0.0.1:56059 [03/Dec/2012:17:35:10.380] frt/f1: SSL handshake failure",
            None,
            &[("message", "SSL handshake failure"), ("log.level", "error")],
        );
    }

    #[test]
    fn states_of_servers() {
        check(
            r#"[WARNING] 199/102240 (8841) : Server be/srv1 is DOWN, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms. 0 active and 0 backup servers left."#,
            None,
            &[("log.level", "error"), ("haproxy.backend_server", "srv1"), ("haproxy.backend", "be")],
        );
        check(
            "[ALERT]    (8841) : backend 'be' has no server available!",
            None,
            &[("log.level", "error"), ("message", "backend 'be' has no server available!")],
        );
        check("backend be has no server available!", None, &[("gateway", "haproxy")]);
        check(
            "Jul 19 10:22:41 lb2 haproxy[8841]: Server be/srv1 is UP, reason: Layer7 check passed, code: 200, check duration: 3ms.",
            None,
            &[("log.level", "info")],
        );
    }

    #[test]
    fn foreign_lines_are_left_alone() {
        for text in [
            "",
            "[",
            "Server Error",
            "Server is DOWN",
            "[WARNING] x",
            r#"1.2.3.4 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 200 1"#,
            "x [06/Feb/2009:12:14:14.655] y",
            "a:1 [06/Feb/2009:12:14:14.655] y z/q 1/2/3/4",
        ] {
            assert!(access(text).is_none() && state(text).is_none(), "{text}");
        }
    }
}

//! A quick look at one line: its status and whether it tells of a failure, for the one-line forms
//! that make up millions of lines, so that healthy lines need no call.
//!
//! It looks at bytes only, allocates nothing and reads a bounded part of the line. Where it is not
//! sure it says nothing, and the reader decides.

use super::scan::starts_with_shape;

/// What a quick look at a line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// The status of the answer; `None` where the line has none (an error log, a call without answer).
    pub status: Option<u16>,
    /// Whether the line tells of a failure: a status of 400 or more, no answer, a response flag, a
    /// termination state, an error level.
    pub error: bool,
}

/// How much of a line is looked at.
const WINDOW: usize = 4096;

/// The status of a line of a well-known one-line form, and whether it tells of a failure; `None` for
/// every other line.
#[must_use]
pub fn glance(line: &[u8]) -> Option<Glance> {
    let blank = line.iter().take(8).take_while(|b| **b == b' ').count();
    let line = &line[blank..];
    let window = &line[..line.len().min(WINDOW)];
    match *window.first()? {
        b'{' | b'}' | b'#' | b'<' | b'>' | b'$' => None,
        b'[' => bracket(window),
        b'I' | b'E' | b'F' if starts_with_shape(&window[1..], b"dddd dd:dd:dd.") => klog(window),
        b'0'..=b'9' => digit(window),
        b'h' | b'w' | b'g' => balancer(window).or_else(|| quoted(window)),
        b'a' if window.starts_with(b"at=") => heroku(window),
        _ => quoted(window),
    }
}

/// From a status and another sign of failure.
fn told(status: Option<u16>, bad: bool) -> Glance {
    Glance { status, error: bad || status.is_none_or(|status| status >= 400) }
}

/// Three digits at `at`, then a space, a tab or the end.
fn status_at(line: &[u8], at: usize) -> Option<u16> {
    let [a, b, c] = line.get(at..at + 3)? else { return None };
    if !(a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit())
        || line.get(at + 3).is_some_and(|b| !matches!(b, b' ' | b'\t'))
    {
        return None;
    }
    Some(u16::from(a - b'0') * 100 + u16::from(b - b'0') * 10 + u16::from(c - b'0'))
}

fn find(line: &[u8], byte: u8, from: usize) -> Option<usize> {
    line.get(from..)?.iter().position(|b| *b == byte).map(|at| from + at)
}

fn find_bytes(line: &[u8], mark: &[u8], limit: usize) -> Option<usize> {
    line[..line.len().min(limit)].windows(mark.len()).position(|window| window == mark)
}

fn bracket(line: &[u8]) -> Option<Glance> {
    if starts_with_shape(line, b"[dddd-dd-ddadd:dd") {
        return envoy(line);
    }
    if line.starts_with(b"[GIN]") {
        let bar = find(line, b'|', 0)?;
        return status_at(line, bar + 2).map(|status| told(Some(status), false));
    }
    if starts_with_shape(line, b"[aaa aaa ") {
        // Apache's error log: the level ends the second bracket
        let open = find(line, b'[', 9)?;
        let close = find(line, b']', open)?;
        let level = line[open + 1..close].rsplit(|b| *b == b':').next()?;
        return Some(Glance { status: None, error: is_failure(level)? });
    }
    quoted(line)
}

fn digit(line: &[u8]) -> Option<Glance> {
    if starts_with_shape(line, b"dddd/dd/dd dd:dd:dd [") {
        let close = find(&line[..line.len().min(40)], b']', 21)?;
        return Some(Glance { status: None, error: is_failure(&line[21..close])? });
    }
    if starts_with_shape(line, b"dddddddddd.ddd ") {
        let slash = find(&line[..line.len().min(160)], b'/', 15)?;
        let status = status_at(line, slash + 1)?;
        return Some(told(Some(status).filter(|status| *status != 0), false));
    }
    if starts_with_shape(line, b"dddd-dd-dd dd:dd:dd ") || starts_with_shape(line, b"dddd-dd-dd\tdd:dd:dd\t") {
        return if line[10] == b'\t' { cloudfront(line) } else { iis(line) };
    }
    if starts_with_shape(line, b"dddd-dd-ddadd:dd:dd.dddddda ") && !line[..line.len().min(120)].contains(&b'[') {
        // a heroku line has brackets, a classic balancer's has not
        return classic(line);
    }
    if starts_with_shape(line, b"dddd-dd-dda")
        && let Some(at) = find_bytes(line, b"heroku[router]: at=", 120)
    {
        return heroku(&line[at + 16..]);
    }
    quoted(line)
}

/// The common and combined formats and what begins with them: the first quoted field is the request,
/// the status follows. Where it ends the line instead, HAProxy may have written it.
fn quoted(line: &[u8]) -> Option<Glance> {
    let open = find(&line[..line.len().min(1024)], b'"', 1)?;
    if !matches!(line[open - 1], b' ' | b']')
        || !line.get(open + 1).is_some_and(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'\\' | b'<'))
    {
        return None;
    }
    let close = closing(line, open + 1)?;
    let Some(status) = line.get(close + 1).filter(|b| **b == b' ').and_then(|_| status_at(line, close + 2)) else {
        return haproxy(&line[..open]);
    };
    // Envoy's flags behind a prefix of its own: two capitals where sizes stand
    if line.get(close + 6..close + 8).is_some_and(|next| next[0].is_ascii_uppercase() && !next[1].is_ascii_lowercase())
    {
        return None;
    }
    Some(told(Some(status).filter(|status| *status != 0), false))
}

/// The next quote that is not escaped.
fn closing(line: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < line.len() {
        match line[at] {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
    None
}

fn envoy(line: &[u8]) -> Option<Glance> {
    let open = find(&line[..line.len().min(64)], b']', 0)? + 2;
    if line.get(open) != Some(&b'"') {
        return None;
    }
    let close = closing(line, open + 1)?;
    let mut words = line.get(close + 2..)?.split(|b| *b == b' ');
    let code = words.next()?;
    let flags = words.next()?;
    if !flags.iter().all(|b| b.is_ascii_uppercase() || matches!(b, b',' | b'-' | b'0'..=b'9'))
        || flags.first().is_none_or(u8::is_ascii_digit)
    {
        return None;
    }
    let status = if code == b"0" { None } else { Some(status_at(code, 0)?) };
    Some(told(status, flags != b"-"))
}

/// `… [date.ms] frontend backend/server a/b/c/d/e status bytes - - sH-- …`, or three timers for TCP.
fn haproxy(line: &[u8]) -> Option<Glance> {
    let mut from = 0;
    let date = loop {
        let close = find(line, b']', from)?;
        if close > 24 && starts_with_shape(&line[close - 25..], b"[dd/aaa/dddd:dd:dd:dd.ddd]") {
            break close;
        }
        from = close + 1;
    };
    let mut words = line.get(date + 2..)?.split(|b| *b == b' ');
    let timers = words.nth(2)?;
    let status = match timers.iter().filter(|b| **b == b'/').count() {
        4 => {
            let code = words.next()?;
            words.next()?;
            words.next()?;
            words.next()?;
            status_at(code, 0)
        }
        _ => return None,
    };
    let state = words.next()?;
    (2..=4).contains(&state.len()).then(|| told(status, state[0] != b'-'))
}

fn balancer(line: &[u8]) -> Option<Glance> {
    let mut words = line.split(|b| *b == b' ');
    let kind = words.next()?;
    if !matches!(kind, b"http" | b"https" | b"h2" | b"grpcs" | b"ws" | b"wss")
        || !starts_with_shape(words.next()?, b"dddd-dd-ddadd:dd")
    {
        return None;
    }
    let code = words.nth(6)?;
    (code == b"-" || status_at(code, 0).is_some()).then(|| told(status_at(code, 0), false))
}

fn classic(line: &[u8]) -> Option<Glance> {
    let mut words = line.split(|b| *b == b' ').skip(2);
    if !words.next()?.contains(&b':') {
        return quoted(line);
    }
    let code = words.nth(4)?;
    match status_at(code, 0) {
        Some(status) => Some(told(Some(status), false)),
        None => quoted(line),
    }
}

fn heroku(line: &[u8]) -> Option<Glance> {
    let at = find_bytes(line, b" status=", WINDOW)?;
    let status = status_at(line, at + 8)?;
    Some(told(Some(status), line.starts_with(b"at=error")))
}

/// IIS's default columns end with status, sub-status, Windows status (sent, received) and time.
fn iis(line: &[u8]) -> Option<Glance> {
    if !line.get(20).is_some_and(u8::is_ascii_hexdigit) {
        return None;
    }
    let end = line.iter().rposition(|b| !matches!(b, b' ' | b'\r')).map_or(0, |at| at + 1);
    let mut run: [&[u8]; 7] = [b""; 7];
    let mut count = 0;
    for word in line[..end].rsplit(|b| *b == b' ') {
        if count == run.len() || word.is_empty() || !word.iter().all(u8::is_ascii_digit) {
            break;
        }
        run[count] = word;
        count += 1;
    }
    if count != 4 && count != 6 {
        return None;
    }
    let status = status_at(run[count - 1], 0)?;
    Some(told(Some(status), run[count - 3] != b"0"))
}

fn cloudfront(line: &[u8]) -> Option<Glance> {
    let code = line.split(|b| *b == b'\t').nth(8)?;
    status_at(code, 0).map(|status| told(Some(status).filter(|status| *status != 0), false))
}

/// The level letter, and the API server's `resp=429` at the end.
fn klog(line: &[u8]) -> Option<Glance> {
    if matches!(line[0], b'E' | b'F') {
        return Some(Glance { status: None, error: true });
    }
    let end = line.len().checked_sub(8)?;
    let status = line[end..].strip_prefix(b"resp=").and_then(|code| status_at(code, 0))?;
    Some(told(Some(status), false))
}

/// Whether a level of nginx or Apache tells of a failure; `None` for a word that is no level.
fn is_failure(level: &[u8]) -> Option<bool> {
    match level {
        b"error" | b"crit" | b"alert" | b"emerg" => Some(true),
        b"warn" | b"notice" | b"info" | b"debug" => Some(false),
        _ => level.strip_prefix(b"trace").map(|_| false),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn one_line_forms() {
        for (line, expected) in [
            (
                r#"1.2.3.4 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "curl""#,
                Some((Some(200), false)),
            ),
            (r#"1.2.3.4 - - [27/Nov/2023:10:00:00 +0000] "GET /\"x HTTP/1.1" 499 0"#, Some((Some(499), true))),
            (r#"1.2.3.4 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 000 0"#, Some((None, true))),
            (r#"INFO:     127.0.0.1:52345 - "GET / HTTP/1.1" 404 Not Found"#, Some((Some(404), true))),
            (r#"[27/Nov/2023 10:00:00] "GET / HTTP/1.1" 200 179"#, Some((Some(200), false))),
            (
                r#"[2023-11-27T10:00:00.000Z] "GET / HTTP/1.1" 200 - via_upstream - "-" 0 1 2 3"#,
                Some((Some(200), false)),
            ),
            (r#"[2023-11-27T10:00:00.000Z] "GET / HTTP/1.1" 200 DC x - "-" 0 1 2 3"#, Some((Some(200), true))),
            (r#"[2023-11-27T10:00:00.000Z] "- - -" 0 UF,URX - - "-" 0 0 1 -"#, Some((None, true))),
            (r#"ACCESS [2023-11-27T10:00:00.000Z] "GET / HTTP/1.1" 200 DC 0 1 2 3"#, None),
            (
                r#"Feb  6 12:14:14 h haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] fe be/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 "GET / HTTP/1.1""#,
                Some((Some(200), false)),
            ),
            (
                r#"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] fe be/<NOSRV> 0/-1/-1/-1/0 503 212 - - SC-- 1/1/1/1/0 0/0 {a|b} "GET / HTTP/1.1""#,
                Some((Some(503), true)),
            ),
            ("2023/11/27 10:00:00 [error] 1#1: *1 x", Some((None, true))),
            ("2023/11/27 10:00:00 [notice] 1#1: x", Some((None, false))),
            ("[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 3] x", Some((None, true))),
            (
                "1699999999.123    120 192.168.1.10 TCP_DENIED/407 4012 CONNECT a:443 - HIER_NONE/- text/html",
                Some((Some(407), true)),
            ),
            ("2023-11-27 10:00:00 10.0.0.4 GET /x - 443 - 1.2.3.4 curl/8 200 0 0 811", Some((Some(200), false))),
            ("2023-11-27 10:00:00 10.0.0.4 GET /x - 443 - 1.2.3.4 curl/8 200 0 64 811", Some((Some(200), true))),
            (
                "https 2018-07-02T22:23:00.186641Z app/x/y 1.2.3.4:2817 10.0.0.1:80 0.001 -1 -1 504 - 34 366 \"GET https://x/ HTTP/1.1\" \"c\"",
                Some((Some(504), true)),
            ),
            (
                "2015-05-13T23:39:43.945958Z lb 192.168.131.39:2817 10.0.0.1:80 0.000086 0.001048 0.001337 200 200 0 57 \"GET https://x/ HTTP/1.1\" \"c\" - -",
                Some((Some(200), false)),
            ),
            (
                "2023-11-27T10:00:00.000000+00:00 heroku[router]: at=info method=GET path=\"/\" host=a dyno=web.1 connect=0ms service=5ms status=200 bytes=1",
                Some((Some(200), false)),
            ),
            ("[GIN] 2023/11/27 - 10:00:00 | 404 |     1.2ms | 127.0.0.1 | GET \"/x\"", Some((Some(404), true))),
            ("E0704 17:28:00.800884       1 a.go:1] x", Some((None, true))),
            ("I0704 17:28:00.800884       1 a.go:1] \"HTTP\" verb=\"GET\" resp=200", Some((Some(200), false))),
            ("{\"status\":404}", None),
            ("hello \"world\" 404", None),
            ("level=info msg=\"GET / HTTP/1.1\" 404", None),
            ("", None),
        ] {
            assert_eq!(glance(line.as_bytes()), expected.map(|(status, error)| Glance { status, error }), "{line}");
        }
    }

    #[test]
    fn cut_lines_do_not_panic() {
        for line in [
            r#"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] fe be/<NOSRV> 0/-1/-1/-1/0 503 212 - - SC-- 1/1/1/1/0 0/0 "GET / HTTP/1.1""#,
            r#"[2023-11-27T10:00:00.000Z] "GET / HTTP/1.1" 200 DC x - "-" 0 1 2 3"#,
            "2023-11-27 10:00:00 10.0.0.4 GET /x - 443 - 1.2.3.4 curl/8 200 0 0 811",
            "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 3] x",
            "I0704 17:28:00.800884       1 a.go:1] \"HTTP\" verb=\"GET\" resp=200",
        ] {
            for end in 0..=line.len() {
                let _ = glance(&line.as_bytes()[..end]);
            }
        }
    }
}

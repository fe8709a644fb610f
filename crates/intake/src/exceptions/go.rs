//! Go's own forms: panics with goroutines, and errors of one line that wrap each other with colons.
//! It refuses to know what the words inside mean.

use super::frames::{self, Runtime};
use super::head::Link;
use super::report::Report;
use super::take::words_end;
use super::text::{clip, indent};
use crate::Taken;
use crate::lines::Lines;

/// Words that only Go programs and tools written in Go print.
const CUES: &[&str] = &[
    "dial tcp",
    "x509: ",
    "tls: ",
    "rpc error: code = ",
    "operation error ",
    "https response error StatusCode",
    "context deadline exceeded",
    "(Client.Timeout exceeded",
    "oauth2: cannot fetch token",
    "oauth2: ",
    "service returned error: StatusCode",
    "cannot unmarshal ",
    "net/http: ",
    "lookup ",
    "Get \"http",
    "Post \"http",
    "Put \"http",
    "Patch \"http",
    "Delete \"http",
    "Head \"http",
    "proxyconnect tcp",
    "unexpected EOF",
    "malformed HTTP",
    "http2: ",
    "read tcp ",
    "write tcp ",
    "googleapi: Error ",
];

/// True when a line carries an error in Go's words.
pub(super) fn speaks(line: &str) -> bool {
    let line = clip(line, 2048);
    CUES.iter().any(|c| line.contains(c)) && (line.contains(": ") || !line.contains("lookup ")) || api_line(line)
}

/// go-github and its kin: `GET https://api.github.com/…: 422 Validation Failed []`.
fn api_line(line: &str) -> bool {
    let Some(at) = line.find(" https://").or_else(|| line.find(" http://")) else { return false };
    let method = line[..at].rsplit(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    let url = super::words::url_at(&line[at + 1..]);
    let rest = &line[at + 1 + url.len()..];
    super::words::is_method(method)
        && rest.strip_prefix(": ").and_then(super::text::number).is_some_and(|(n, _)| (400..600).contains(&n))
}

/// A panic, or a line in Go's words.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), 16 * 1024);
    let panics = line.starts_with("panic: ")
        || line.contains("http: panic serving")
        || line.starts_with("fatal error: ") && lines.text(at + 1).trim().is_empty();
    if panics {
        return panic(lines, at);
    }
    if super::is_transcript(line) || !speaks(line) || frames::read(line).is_some() {
        return None;
    }
    let mut report = Report::new(Some(Runtime::Go));
    let end = words_end(lines, at);
    let (text, span) = lines.join(at, end);
    report.link(Link::new("", undated(&text)), span);
    report.finish(lines, at, end)
}

fn panic(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let mut report = Report::new(Some(Runtime::Go));
    let line = lines.text(at);
    report.server = frames::shows_server(line);
    let words = undated(line);
    let words = words.strip_prefix("panic: ").unwrap_or(words);
    report.link(Link::new("panic", words), lines.span(at));
    let mut i = at + 1;
    while i < lines.len() && i - at < 20_000 {
        let text = lines.text(i);
        let trimmed = text.trim();
        if trimmed.is_empty() {
            let next = lines.text(i + 1);
            if !next.starts_with("goroutine ") && !next.starts_with("[signal") && frames::read(next).is_none() {
                break;
            }
        } else if let Some(words) = trimmed.strip_prefix("panic: ").filter(|_| indent(text) > 0) {
            report.link(Link::new("panic", words), lines.span(i));
        } else if let Some(frame) = frames::read(text) {
            report.frame(frame, lines.span(i));
        } else if !(trimmed.starts_with("[signal ")
            || trimmed.starts_with("exit status")
            || text.starts_with('\t')
            || trimmed.starts_with("goroutine "))
        {
            break;
        }
        i += 1;
    }
    report.finish(lines, at, i)
}

/// A line without the time that Go's `log` puts in front.
pub(super) fn undated(line: &str) -> &str {
    let bytes = line.as_bytes();
    let dated = bytes.len() > 20
        && bytes[4] == b'/'
        && bytes[7] == b'/'
        && bytes[10] == b' '
        && bytes[13] == b':'
        && bytes[16] == b':';
    match line.get(20..) {
        Some(rest) if dated => rest,
        _ => line,
    }
}

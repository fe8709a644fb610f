//! Browser consoles: what Chrome, Firefox and Safari print about requests, CORS, mixed content and
//! content security policies. It refuses to know the stacks of the scripts beneath.

use super::fill::{mark, set_method, set_status, set_url};
use super::frames::{self, Runtime};
use super::head::{Link, at_start};
use super::report::Report;
use super::text::{after, clip, number, run, starts_ci};
use super::words::{is_method, url_at};
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Call, Origin, Span};

/// What one console line is about.
struct Entry<'t> {
    words: &'t str,
    url: Option<&'t str>,
    method: Option<&'t str>,
    status: Option<u16>,
    reason: Option<&'t str>,
    /// The browser's own refusal, not an answer.
    blocked: bool,
}

/// True when a line is a console's message about a request.
pub(super) fn speaks(line: &str) -> bool {
    entry(line).is_some()
}

/// One console message with what belongs to it: its script's stack, and further lines about the same URL.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = entry(lines.text(at))?;
    let mut report = Report::new(Some(Runtime::Browser));
    report.origin = Origin::BrowserConsole;
    fill(&first, lines.span(at), &mut report);
    let mut blocked = first.blocked;
    let url = first.url;
    let mut i = at + 1;
    let mut uncaught = false;
    while i < lines.len() && i - at < 2000 && !lines.0[i].prose {
        let text = lines.text(i);
        if let Some(frame) = frames::read(text) {
            report.frame(frame, lines.span(i));
            i += 1;
            continue;
        }
        if let Some(next) = entry(text) {
            // The same request told twice: refused by CORS, then failed on the network.
            let same = next.url.is_some() && next.url == url && next.blocked != blocked && !uncaught;
            if !same {
                break;
            }
            blocked |= next.blocked;
            fill(&next, lines.span(i), &mut report);
            i += 1;
            continue;
        }
        // What the script made of it.
        let said = bare(text);
        match at_start(said).filter(|_| {
            !uncaught
                && !text.trim().is_empty()
                && (said.contains("Uncaught") || text.starts_with("Uncaught") || said.len() < text.len())
        }) {
            Some(head) => {
                report.link(Link::new(head.kind, head.words), lines.span(i));
                uncaught = true;
                i += 1;
            }
            None => break,
        }
    }
    report.finish(lines, at, i)
}

fn fill(entry: &Entry<'_>, span: Span, report: &mut Report) {
    let call: &mut Call = &mut report.call;
    if let Some(url) = entry.url {
        set_url(call, url, span);
    }
    if let Some(method) = entry.method {
        set_method(call, method, span);
    }
    if let Some(status) = entry.status {
        set_status(call, status, entry.reason, span);
    }
    if let Some(code) = after(entry.words, "net::") {
        mark(call, "net_error", run(code, |c| c.is_ascii_alphanumeric() || c == '_').0, span);
    }
    report.link(Link::new("", entry.words), span);
}

/// A line without the time and the script's place in front: `12:04:31.565 xhr.js:160 `.
fn bare(line: &str) -> &str {
    let mut text = clip(line, 8192).trim_start();
    for _ in 0..3 {
        let Some((token, rest)) = text.split_once(' ') else { break };
        let plain = token.trim_matches(['[', ']']);
        let time = plain.len() >= 7
            && plain.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'))
            && plain.contains(':');
        let placed = plain.rsplit_once(':').is_some_and(|(file, n)| {
            !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && file.contains('.') && !file.contains("://")
        });
        let icon = matches!(
            token,
            "\u{274c}" | "\u{26a0}\u{fe0f}" | "\u{26a0}" | "[Error]" | "[error]" | "\u{2297}" | "\u{25b6}"
        );
        if !(time || placed || icon) {
            break;
        }
        text = rest.trim_start();
    }
    text
}

fn entry(line: &str) -> Option<Entry<'_>> {
    let text = bare(line);
    let words = text.trim_end();
    let blank = Entry { words, url: None, method: None, status: None, reason: None, blocked: false };
    match *text.as_bytes().first()? {
        b'A' if text.starts_with("Access to ") => {
            let url = quoted_url(after(text, " at ")?)?;
            text.contains("CORS policy").then_some(Entry { url: Some(url), blocked: true, ..blank })
        }
        b'C' if text.starts_with("Cross-Origin Request Blocked")
            || text.starts_with("Content-Security-Policy: The page")
            || text.starts_with("Content Security Policy: The page") =>
        {
            let url = after(text, "resource at ").and_then(quoted_url);
            let status = after(text, "Status code: ").and_then(number).and_then(|(n, _)| u16::try_from(n).ok());
            Some(Entry { url, status: status.filter(|s| *s > 99), blocked: true, ..blank })
        }
        b'M' if text.starts_with("Mixed Content: ") => {
            let url = ["endpoint '", "resource '", "image '", "script '", "stylesheet '", "frame '", "content '"]
                .iter()
                .find_map(|p| after(text, p))
                .map(url_at);
            Some(Entry { url, blocked: true, ..blank })
        }
        b'B' if text.starts_with("Blocked loading mixed active content")
            || text.starts_with("Blocked loading mixed") =>
        {
            Some(Entry { url: any_url(text), blocked: true, ..blank })
        }
        b'R' if text.starts_with("Refused to ")
            && (text.contains("Content Security Policy") || text.contains("MIME type")) =>
        {
            Some(Entry {
                url: quoted_url(after(text, " to '").map_or(text, |_| &text[text.find('\'').unwrap_or(0)..]))
                    .or_else(|| any_url(text)),
                blocked: true,
                ..blank
            })
        }
        b'O' if text.starts_with("Origin ") && text.contains("is not allowed by Access-Control-Allow-Origin") => {
            let status = after(text, "Status code: ").and_then(number).and_then(|(n, _)| u16::try_from(n).ok());
            Some(Entry { status: status.filter(|s| *s > 99), blocked: true, ..blank })
        }
        b'F' if text.starts_with("Failed to load resource:")
            || starts_ci(text, "Fetch API cannot load ")
            || text.starts_with("Firefox can") =>
        {
            // Chrome puts the resource in front, Safari behind: `api.example.com/x:1 Failed to load resource: …`
            let front = line.split(' ').next().unwrap_or_default();
            let front = front
                .rsplit_once(':')
                .filter(|(url, n)| n.bytes().all(|b| b.is_ascii_digit()) && url.contains('/') && !url.contains(".js"))
                .map(|(url, _)| url);
            let status = after(text, "status of ").and_then(number);
            let reason =
                status.and_then(|(_, rest)| rest.strip_prefix(" (")).and_then(|r| r.split_once(')')).map(|(r, _)| r);
            let blocked = text.contains("access control") || text.contains("violates");
            Some(Entry {
                url: any_url(text).or(front),
                status: status.and_then(|(n, _)| u16::try_from(n).ok()),
                reason,
                blocked,
                ..blank
            })
        }
        b'F' if text.starts_with("Fetch ") => finished(text, blank),
        b'X' if text.starts_with("XMLHttpRequest cannot load ") => {
            Some(Entry { url: any_url(text), blocked: true, ..blank })
        }
        b'X' if text.starts_with("XHR ") || text.starts_with("XHRGET ") || text.starts_with("XHRPOST ") => {
            finished(text, blank).or_else(|| request_line(text.trim_start_matches("XHR").trim_start(), words))
        }
        b'W' if text.starts_with("WebSocket connection to ") || text.starts_with("WebSocket is closed") => {
            let status = after(text, "response code: ").and_then(number).and_then(|(n, _)| u16::try_from(n).ok());
            Some(Entry { url: any_url(text), status, ..blank })
        }
        _ => request_line(text, words),
    }
}

/// `Fetch finished loading: GET "https://…".`, `XHR failed loading: POST "…"`.
fn finished<'t>(text: &'t str, blank: Entry<'t>) -> Option<Entry<'t>> {
    let rest = after(clip(text, 40), " loading: ")?;
    let (method, _) = run(rest, |c| c.is_ascii_uppercase());
    is_method(method).then_some(())?;
    Some(Entry { url: any_url(text), method: Some(method), ..blank })
}

/// `GET https://… 404 (Not Found)`, `POST https://… net::ERR_FAILED 200 (OK)`, Firefox's `[HTTP/2 404 Not Found 12ms]`.
fn request_line<'t>(text: &'t str, words: &'t str) -> Option<Entry<'t>> {
    let (method, rest) = text.split_once(' ')?;
    if !is_method(method) {
        return None;
    }
    let rest = rest.trim_start();
    if !(rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("ws")) {
        return None;
    }
    let url = url_at(rest);
    let after_url = rest.get(url.len()..)?.trim_start();
    let blank = Entry { words, url: Some(url), method: Some(method), status: None, reason: None, blocked: false };
    if after_url.starts_with("net::ERR_") {
        let (_, tail) = after_url.split_once(' ').unwrap_or((after_url, ""));
        let status = number(tail).and_then(|(n, _)| u16::try_from(n).ok()).filter(|s| *s > 99);
        return Some(Entry { status, ..blank });
    }
    let (code, tail) = match after_url.strip_prefix("[HTTP/") {
        Some(version) => number(version.split_once(' ')?.1)?,
        None => number(after_url)?,
    };
    let status = u16::try_from(code).ok().filter(|s| (100..600).contains(s))?;
    let boxed = after_url.starts_with('[');
    let reason = if boxed {
        Some(run(tail.trim_start(), |c| c.is_ascii_alphabetic() || c == ' ').0.trim())
    } else {
        tail.trim_start().strip_prefix('(').and_then(|r| r.split_once(')')).map(|(r, _)| r)
    };
    let plain = tail.trim().is_empty() || tail.trim_start().starts_with('(');
    if !boxed && !plain {
        return None;
    }
    Some(Entry { status: Some(status), reason: reason.filter(|r| !r.is_empty()), ..blank })
}

/// A URL in straight or curly quotes, or bare.
fn quoted_url(text: &str) -> Option<&str> {
    let url = url_at(text.trim_start_matches([' ', '\'', '"', '\u{2018}', '\u{201c}']));
    (url.contains("://") || url.starts_with('/')).then_some(url)
}

fn any_url(text: &str) -> Option<&str> {
    let at = ["https://", "http://", "wss://", "ws://"].iter().filter_map(|s| text.find(s)).min()?;
    Some(url_at(&text[at..]))
}

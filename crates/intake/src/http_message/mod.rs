//! HTTP messages as people paste them: raw requests and responses, alone or in pairs, and the sheets that
//! browsers, Postman and client libraries print about one exchange.
//!
//! This reader refuses to know curl's marks (`>`, `<`, `*`), log lines and what a message means.

pub(crate) mod body;
pub(crate) mod boundary;
pub(crate) mod exchange;
pub(crate) mod fields;
pub(crate) mod sheet;
pub(crate) mod start_line;

use crate::Taken;
use crate::lines::Lines;
use sheet::{General, Heading, Side};
use start_line::{RequestLine, StatusLine};

/// Takes the HTTP messages that begin at line `at`.
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    if !opens(lines, at) {
        return None;
    }
    let (end, calls) = exchange::read(lines, at);
    (end > at && !calls.is_empty()).then(|| Taken { lines: end - at, calls, problems: Vec::new() })
}

/// What one line is to this reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'t> {
    Blank,
    Request(RequestLine<'t>),
    /// `METHOD URL` and what follows it.
    Bare(RequestLine<'t>, &'t str),
    Status(StatusLine<'t>),
    Tool(StatusLine<'t>),
    Heading(Heading),
    General(General, &'t str),
    Map(Side, &'t str),
    Inline(Side, &'t str),
    /// `Reason: Not Found`, as OpenAPI's Python clients print it.
    Reason(&'t str),
    Noise,
    Other,
}

fn kind(text: &str) -> Kind<'_> {
    let text = text.trim();
    let Some(&first) = text.as_bytes().first() else { return Kind::Blank };
    if first.is_ascii_uppercase() {
        if let Some(line) = start_line::status_line(text) {
            return Kind::Status(line);
        }
        if let Some(line) = start_line::request_line(text) {
            return Kind::Request(line);
        }
        if let Some((line, rest)) = start_line::bare_request(text) {
            return Kind::Bare(line, rest);
        }
    }
    if let Some(heading) = sheet::heading(text) {
        return Kind::Heading(heading);
    }
    if let Some((side, map)) = sheet::header_map(text) {
        return Kind::Map(side, map);
    }
    if let Some((side, body)) = sheet::inline_body(text) {
        return Kind::Inline(side, body);
    }
    if let Some(line) = start_line::tool_status(text) {
        return Kind::Tool(line);
    }
    if let Some((key, value)) = sheet::general(text) {
        return Kind::General(key, value);
    }
    if let Some(reason) = text.strip_prefix("Reason: ") {
        return Kind::Reason(reason.trim());
    }
    if sheet::is_noise(text) { Kind::Noise } else { Kind::Other }
}

/// True when a message or sheet begins at line `at`.
fn opens(lines: &Lines<'_>, at: usize) -> bool {
    let text = lines.text(at);
    match kind(text) {
        Kind::Request(_) | Kind::Status(_) => true,
        Kind::Bare(line, rest) => bare_is_supported(lines, at, &line, rest),
        Kind::Tool(_) => status_is_supported(lines, at),
        Kind::General(key, value) => match key {
            General::Url => !value.is_empty() || lines.text(at + 1).contains("://"),
            General::Method | General::Status => matches!(kind(lines.text(at + 1)), Kind::General(..)),
            General::Address | General::Other => false,
        },
        Kind::Heading(heading) => heading_is_supported(lines, at, heading),
        Kind::Map(..) => true,
        Kind::Inline(_, body) => body::is_json(body) || body::is_markup(body),
        Kind::Reason(_) => matches!(kind(lines.text(at + 1)), Kind::Map(..)),
        Kind::Blank | Kind::Noise => false,
        Kind::Other => {
            matches!(fields::field(text), Some((":method" | ":status" | ":authority" | ":path" | ":scheme", _)))
        }
    }
}

/// A line without version is a request only when something of a request or a response follows it.
fn bare_is_supported(lines: &Lines<'_>, at: usize, line: &RequestLine<'_>, rest: &str) -> bool {
    if !rest.is_empty() && start_line::code_and_reason(rest).is_none() {
        return false;
    }
    let mut below = next_full(lines, at + 1);
    if boundary::is_separator(lines.text(below)) {
        below = next_full(lines, below + 1);
    }
    let text = lines.text(below);
    match kind(text) {
        Kind::Heading(heading) => heading != Heading::General,
        Kind::Status(_) => true,
        Kind::Tool(_) => status_is_supported(lines, below),
        _ if below > at + 1 => false,
        _ if text.starts_with("Error: ") => {
            (below..below + 16).any(|i| matches!(kind(lines.text(i)), Kind::Heading(Heading::Headers(_))))
        }
        _ => fields::is_field(text) || (body::is_json(text) && line.method != "GET" && line.target.contains("://")),
    }
}

/// A tool's word for a status opens a response only when fields, a body or another label follows.
fn status_is_supported(lines: &Lines<'_>, at: usize) -> bool {
    let mut below = next_full(lines, at + 1);
    if boundary::is_separator(lines.text(below)) {
        below = next_full(lines, below + 1);
    }
    let text = lines.text(below);
    below <= at + 4
        && (matches!(
            kind(text),
            Kind::Heading(_) | Kind::General(..) | Kind::Map(..) | Kind::Inline(..) | Kind::Reason(_)
        ) || fields::is_field(text)
            || body::is_json(text)
            || body::is_markup(text)
            || is_error_code(text))
}

fn heading_is_supported(lines: &Lines<'_>, at: usize, heading: Heading) -> bool {
    let below = next_full(lines, at + 1);
    let text = lines.text(below);
    if below > at + 3 {
        return false;
    }
    match heading {
        Heading::General => matches!(kind(text), Kind::General(General::Url, _)),
        Heading::Headers(_) => fields::is_field(text),
        Heading::Message(side) => match kind(text) {
            Kind::Request(_) | Kind::Bare(..) => side == Side::Request,
            Kind::Status(_) | Kind::Tool(_) => side == Side::Response,
            _ => {
                side == Side::Response
                    && start_line::code_and_reason(text.trim()).is_some_and(|(_, reason)| reason.is_some())
            }
        },
        Heading::Body(_) => body::is_json(text) || body::is_markup(text),
        Heading::Proxy | Heading::Aside => false,
    }
}

/// `ERROR CODE: X`, which the Azure SDK for Go prints below the status.
fn is_error_code(text: &str) -> bool {
    text.trim_start().starts_with("ERROR CODE: ")
}

/// The next line that is not empty; it looks over few empty lines only.
fn next_full(lines: &Lines<'_>, at: usize) -> usize {
    (at..at + 4).find(|&i| !lines.text(i).trim().is_empty()).unwrap_or(at + 4)
}

#[cfg(test)]
pub(crate) mod tests;

//! Header fields as lines: `Name: value`, folded lines, pseudo-headers, and the one-line maps that client
//! libraries print.
//!
//! This file refuses to know which message a field belongs to.

use crate::lines::Lines;
use firstfault_model::{Headers, Span, Url};

/// The fields of one head and where it ends.
#[derive(Debug, Default)]
pub(crate) struct Head {
    /// Fields in order, pseudo-headers included.
    pub fields: Headers,
    /// The line behind the last field.
    pub end: usize,
    /// True when an empty line ended it.
    pub complete: bool,
}

/// Reads fields from line `at` on, up to an empty line or a line that is no field.
pub(crate) fn read_head(lines: &Lines<'_>, at: usize, goes_on: impl Fn(&str) -> bool) -> Head {
    let mut head = Head { end: at, ..Head::default() };
    while let Some(line) = lines.0.get(head.end) {
        let text = line.text.as_ref();
        if text.trim().is_empty() {
            head.complete = true;
            break;
        }
        if !goes_on(text) {
            break;
        }
        if let Some((name, value)) = field(text) {
            head.fields.push(name, value, line.span_of(text.trim()));
        } else if text.starts_with([' ', '\t']) && !text.trim_start().starts_with(['{', '[', '<']) {
            let Some(last) = head.fields.0.last_mut() else { break };
            fold(&mut last.value, text);
            last.span = last.span.to(line.span);
        } else {
            break;
        }
        head.end += 1;
    }
    head
}

/// Appends a folded line (RFC 9112 section 5.2: read as one space).
pub(crate) fn fold(value: &mut String, line: &str) {
    if !value.is_empty() {
        value.push(' ');
    }
    value.push_str(line.trim());
}

/// Splits one line into name and value. Names are tokens (RFC 9110 section 5.6.2), or pseudo-headers
/// (`:path`, RFC 9113 section 8.3).
pub(crate) fn field(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let from = usize::from(bytes.first() == Some(&b':'));
    let length = bytes.iter().skip(from).take(128).take_while(|&&b| is_token_byte(b)).count();
    let colon = from + length;
    if length == 0 || bytes.get(colon) != Some(&b':') {
        return None;
    }
    let (name, value) = (&text[..colon], text[colon + 1..].trim());
    let plain = &name[from..];
    // Look-alikes: a URL, a time of day, a drive, a word that opens a message.
    let alike = value.starts_with("//")
        || plain.bytes().all(|b| b.is_ascii_digit())
        || (plain.len() == 1 && value.starts_with('\\'))
        || (from == 1 && !matches!(plain, "method" | "path" | "authority" | "scheme" | "status" | "protocol"))
        || ["error", "curl", "traceback", "exception", "warning", "fatal", "caused", "note", "info", "debug"]
            .iter()
            .any(|word| {
                plain.eq_ignore_ascii_case(word) && (!name.starts_with(|c: char| c.is_lowercase()) || plain == "curl")
            });
    (!alike).then_some((name, value))
}

/// True when a line reads as a field.
pub(crate) fn is_field(text: &str) -> bool {
    field(text).is_some()
}

/// The fields of a map on one line: `{'Content-Type': 'text/html', …}`, with whatever wrapper around it.
pub(crate) fn map(text: &str, span: Span) -> Headers {
    let mut headers = Headers::default();
    let mut rest = text;
    while let Some((name, after)) = quoted(rest) {
        let after_name = after.trim_start();
        let Some(value_text) = after_name
            .strip_prefix(':')
            .or_else(|| after_name.strip_prefix("=>"))
            .or_else(|| after_name.strip_prefix(','))
        else {
            rest = after;
            continue;
        };
        let value_text = value_text.trim_start().trim_start_matches(['[', '(']);
        if value_text.starts_with(['\'', '"']) {
            let Some((value, after)) = quoted(value_text) else { break };
            headers.push(name, value, span);
            rest = after;
        } else {
            let end = value_text.find([',', '}', ')', ']']).unwrap_or(value_text.len());
            headers.push(name, value_text[..end].trim(), span);
            rest = &value_text[end..];
        }
    }
    headers
}

/// Fills what a `Host` field or `:authority` says into a URL that has no host.
pub(crate) fn fill_host(url: &mut Url, authority: &str) {
    if url.host.is_none() && !authority.trim().is_empty() {
        let host = Url::parse(&format!("//{}", authority.trim()));
        url.host = host.host;
        url.port = host.port;
    }
}

/// The first quoted string in `text` and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let open = text.find(['\'', '"'])?;
    let quote = text.as_bytes()[open];
    let inner = &text[open + 1..];
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        if escaped {
            escaped = false;
        } else if byte == b'\\' {
            escaped = true;
        } else if byte == quote {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

fn is_token_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_look_alikes() {
        for (text, expected) in [
            ("Content-Type: text/html", Some(("Content-Type", "text/html"))),
            ("X-Empty:", Some(("X-Empty", ""))),
            (":path: /v1?a=b:c", Some((":path", "/v1?a=b:c"))),
            ("https://api.example.com/", None),
            ("12:30:11 done", None),
            ("Error: no such user", None),
            ("{\"a\": 1}", None),
            ("two words: x", None),
            ("C:\\temp", None),
            ("", None),
        ] {
            assert_eq!(field(text), expected, "{text}");
        }
    }

    #[test]
    fn maps_of_client_libraries() {
        // urllib3's HTTPHeaderDict and aiohttp's CIMultiDictProxy as they print themselves
        for text in [
            "HTTPHeaderDict({'Content-Type': 'application/json', 'Content-Length': '243'})",
            "<CIMultiDictProxy('Content-Type': 'application/json', 'Content-Length': '243')>",
            "{\"Content-Type\": [\"application/json\"], \"Content-Length\": 243}",
            "[('Content-Type', 'application/json'), ('Content-Length', '243')]",
        ] {
            let headers = map(text, Span::default());
            assert_eq!(headers.first("content-type"), Some("application/json"), "{text}");
            assert_eq!(headers.first("content-length"), Some("243"), "{text}");
        }
    }
}

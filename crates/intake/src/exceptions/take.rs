//! How far an exception goes: which lines still belong to the words of a head, where a printed
//! object closes, what a label after the head is. It refuses to know what the lines mean.

use super::frames;
use super::text::{clip, indent, is_word, run};
use crate::lines::Lines;

/// The most lines that one part of a report may take.
const MOST: usize = 4000;

/// How far ahead frames are looked for before an unindented line is given up.
const AHEAD: usize = 12;

/// Labels that stand on lines of their own after a head, in the forms that libraries print.
const LABELS: &[&str] = &[
    "Reason",
    "HTTP response headers",
    "HTTP response body",
    "HTTP response code",
    "Code",
    "Message",
    "Status",
    "Status code",
    "StatusCode",
    "ErrorCode",
    "Error code",
    "Error Code",
    "ERROR CODE",
    "RequestId",
    "Request ID",
    "Request Id",
    "request id",
    "request_id",
    "Time",
    "Content",
    "Headers",
    "Response",
    "RESPONSE",
    "Response body",
    "Response Body",
    "Response headers",
    "Response status",
    "Response content",
    "Body",
    "Details",
    "Target",
    "Exception Details",
    "Additional Information",
    "Inner error",
    "Type",
    "details",
    "status",
    "debug_error_string",
    "Server response",
    "Response data",
    "Method",
    "URL",
    "Url",
    "url",
    "URI",
    "Reason phrase",
    "HTTP status",
    "HTTP Status",
    "Http Status",
    "Additional information",
    "DocumentationLink",
    "Errors",
    "code",
];

/// Counts brackets across lines, strings aside, from a line that ends with an opening one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Depth(usize);

impl Depth {
    /// Takes one more line into account.
    pub(super) fn feed(&mut self, line: &str) {
        let trimmed = line.trim_end();
        // A chain of `… {` without strings is the common case; a lone `[` in a sentence is not.
        if self.0 == 0 && !trimmed.ends_with(['{', '[', '(']) {
            return;
        }
        let mut quote = None;
        let mut escaped = false;
        let mut before = ' ';
        for c in clip(trimmed, 64 * 1024).chars() {
            if escaped {
                escaped = false;
            } else if let Some(q) = quote {
                if c == '\\' {
                    escaped = true;
                } else if c == q {
                    quote = None;
                }
            } else {
                match c {
                    '"' | '`' => quote = Some(c),
                    // An apostrophe inside a word is no quote.
                    '\'' if !before.is_alphanumeric() => quote = Some(c),
                    '{' | '[' | '(' => self.0 += 1,
                    '}' | ']' | ')' => self.0 = self.0.saturating_sub(1),
                    _ => {}
                }
            }
            before = c;
        }
    }

    /// True while something is open.
    pub(super) const fn open(self) -> bool {
        self.0 > 0
    }
}

/// One past the line that closes what line `at` opened.
pub(super) fn block_end(lines: &Lines<'_>, at: usize) -> usize {
    let mut depth = Depth::default();
    let mut i = at;
    while i < lines.len() && i - at < MOST {
        depth.feed(lines.text(i));
        i += 1;
        if !depth.open() {
            break;
        }
        if i < lines.len() && breaks_out(lines.text(i)) {
            break;
        }
    }
    i
}

/// A line that cannot stand inside a printed object: a prompt, a new log line, a new traceback.
fn breaks_out(line: &str) -> bool {
    let bytes = line.as_bytes();
    let dated = bytes.len() > 10 && bytes[..4].iter().all(u8::is_ascii_digit) && matches!(bytes[4], b'-' | b'/');
    let dated =
        dated || bytes.len() > 11 && bytes[0] == b'[' && bytes[1..5].iter().all(u8::is_ascii_digit) && bytes[5] == b'-';
    dated || line.starts_with("$ ") || line.starts_with(">>> ") || line.starts_with("Traceback ")
}

/// The label that a line begins with.
pub(super) fn label(line: &str) -> Option<&'static str> {
    let text = line.trim_start();
    let first = text.as_bytes().first()?;
    if !first.is_ascii_alphabetic() {
        return None;
    }
    LABELS
        .iter()
        .find(|l| text.strip_prefix(**l).is_some_and(|rest| rest.starts_with(':') || rest.starts_with(" = ")))
        .copied()
}

/// `Name: value` as a header field prints.
pub(super) fn header(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = run(line.trim(), |c| is_word(c) || c == '-');
    let value = rest.strip_prefix(':')?;
    (!name.is_empty() && name.len() < 64 && (value.is_empty() || value.starts_with(' '))).then(|| (name, value.trim()))
}

/// A line that begins a further exception of the same chain: whether it stands aside, and its head.
pub(super) fn marker(line: &str) -> Option<(bool, &str)> {
    let text = line.trim_start();
    if !text.starts_with(['C', 'c', '-', '[', 'S', 'N', '(', 'W']) {
        return None;
    }
    for lead in ["Caused by: ", "caused by: ", "Caused by:", "---> ", "[cause]: ", "cause: ", "Cause: "] {
        if let Some(rest) = text.strip_prefix(lead) {
            // `---> (Inner Exception #0) System.…`
            let rest =
                rest.strip_prefix("(Inner Exception #").and_then(|r| r.split_once(") ")).map_or(rest, |(_, r)| r);
            return Some((false, rest.trim_end_matches("<---")));
        }
    }
    if let Some(rest) = text.strip_prefix("Suppressed: ") {
        return Some((true, rest));
    }
    // PHP prints the inner exception first and each outer one after `Next`.
    text.strip_prefix("Next ").filter(|r| super::head::exact(r).is_some()).map(|r| (false, r))
}

/// One past the last line of the words that the head on line `at` begins.
pub(super) fn words_end(lines: &Lines<'_>, at: usize) -> usize {
    let mut depth = Depth::default();
    depth.feed(lines.text(at));
    let mut labelled = false;
    let mut fields = false;
    let mut i = at + 1;
    while i < lines.len() && i - at < MOST {
        let text = lines.text(i);
        if lines.0[i].prose && !depth.open() {
            break;
        }
        if text.trim().is_empty() {
            // Azure's blocks are set apart by blank lines; the next one has a label again.
            let next = (i + 1..(i + 3).min(lines.len())).find(|n| !lines.text(*n).trim().is_empty());
            match next {
                Some(next) if depth.open() && !breaks_out(lines.text(next)) => i = next,
                Some(next)
                    if label(lines.text(next)).is_some_and(|l| {
                        matches!(l, "Content" | "Headers" | "Status" | "Response" | "Response body")
                    }) =>
                {
                    i = next
                }
                _ => break,
            }
            continue;
        }
        if depth.open() {
            if breaks_out(text) {
                break;
            }
            depth.feed(text);
            i += 1;
            continue;
        }
        if frames::read(text).is_some() || marker(text).is_some() || is_separator(text) {
            break;
        }
        if let Some(name) = label(text) {
            labelled = true;
            fields = matches!(name, "Headers" | "Response headers");
            depth.feed(text);
            i += 1;
            continue;
        }
        let trimmed = text.trim_start();
        let goes_on = indent(text) > 0
            || fields && header(text).is_some()
            || trimmed.starts_with(['{', '}', ']', ')', '>']) && (labelled || trimmed.len() < 200 || i == at + 1)
            || trimmed == "excon.error.response"
            || i == at + 1 && ends_with_status(trimmed)
            || trimmed.starts_with("[{")
            || trimmed.starts_with("<?xml")
            || trimmed.starts_with("Errors [")
            || is_rule(trimmed);
        if goes_on {
            depth.feed(text);
            i += 1;
            continue;
        }
        // A message of several lines, if the stack comes soon.
        let soon = (i + 1..(i + AHEAD).min(lines.len())).find(|n| {
            let line = lines.text(*n);
            line.trim().is_empty() || frames::read(line).is_some() || marker(line).is_some()
        });
        match soon {
            Some(n)
                if !lines.text(n).trim().is_empty()
                    && frames::read(lines.text(n)).is_some_and(|f| f.runtime.is_some())
                    && super::head::at_start(text).is_none()
                    && !breaks_out(text) =>
            {
                i = n
            }
            _ => break,
        }
    }
    i
}

/// `Too many concurrent requests for user [429]`: the second line of Google's .NET errors.
pub(super) fn ends_with_status(text: &str) -> bool {
    let inner = text.trim_end().strip_suffix(']').and_then(|t| t.rsplit_once('[')).map(|(_, n)| n);
    inner.is_some_and(|n| n.len() == 3 && n.bytes().all(|b| b.is_ascii_digit()))
}

/// A ruled line of an SDK's block.
pub(super) fn is_rule(text: &str) -> bool {
    let text = text.trim();
    text.len() >= 20 && text.bytes().all(|b| b == b'-' || b == b'=')
}

/// Python's words between two tracebacks.
pub(super) fn is_separator(text: &str) -> bool {
    let text = text.trim_start_matches([' ', '|']);
    text.starts_with("During handling of the above exception")
        || text.starts_with("The above exception was the direct cause")
        || text.contains("Traceback (most recent call last)")
}

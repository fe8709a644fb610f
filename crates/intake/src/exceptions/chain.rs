//! Exceptions with their stacks and causes as most runtimes print them: a head, frames, further heads
//! after a marker. It refuses to know single libraries.

use super::dump;
use super::embedded::parse;
use super::frames::{self, Runtime};
use super::head::{Link, at_start, exact};
use super::report::Report;
use super::take::{self, block_end, marker, words_end};
use super::text::{indent, number, run};
use super::{java, php, ruby};
use crate::Taken;
use crate::lines::Lines;

/// The most lines that one report may take.
const MOST: usize = 20_000;

/// Reads a report whose head stands at the beginning of line `at`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.text(at);
    // Behind a log's own prefix a type counts when the next line shows that a report goes on.
    let goes_on = || {
        followed_by_frames(lines, at) || line.trim_end().ends_with('{') || take::ends_with_status(lines.text(at + 1))
    };
    let head = at_start(line).or_else(|| goes_on().then(|| super::head::anywhere(line)).flatten())?;
    let mut report = Report::new(super::report::runtime_of(head.kind));
    report.server |= frames::shows_server(line);
    let end = walk(lines, at, head.kind, head.words, &mut report);
    report.finish(lines, at, end)
}

/// Reads a stack whose head was cut off or stands in a line that another reader took.
pub(super) fn orphan(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let frame = frames::read(lines.text(at))?;
    frame.runtime?;
    let mut report = Report::new(None);
    let end = go_on(lines, at, at, &mut report);
    report.finish(lines, at, end.max(at + 1))
}

/// True when the line after `at` is part of a stack.
pub(super) fn followed_by_frames(lines: &Lines<'_>, at: usize) -> bool {
    frames::read(lines.text(at + 1)).is_some_and(|f| f.runtime.is_some()) || marker(lines.text(at + 1)).is_some()
}

/// Takes the head on line `at` and all that hangs on it; returns one past the last line.
pub(super) fn walk(lines: &Lines<'_>, at: usize, kind: &str, words: &str, report: &mut Report) -> usize {
    let next = link(lines, at, kind, words, report);
    go_on(lines, at, next, report)
}

/// Frames, causes and dumps from line `i` on.
fn go_on(lines: &Lines<'_>, at: usize, mut i: usize, report: &mut Report) -> usize {
    let mut aside = false;
    while i < lines.len() && i - at < MOST {
        let text = lines.text(i);
        if lines.0[i].prose {
            break;
        }
        if text.trim().is_empty() {
            let next = (i + 1..(i + 3).min(lines.len())).find(|n| !lines.text(*n).trim().is_empty());
            match next {
                Some(next) if belongs(lines.text(next), report) => i = next,
                _ => break,
            }
            continue;
        }
        if let Some((beside, rest)) = marker(text) {
            aside = beside || aside && indent(text) > 0;
            if aside {
                i = words_end(lines, i);
            } else if rest.trim().is_empty() {
                i = numbered(lines, i + 1, report);
            } else {
                let (kind, words) = exact(rest).map_or(("", rest), |h| (h.kind, h.words));
                i = link(lines, i, kind, words, report);
            }
            continue;
        }
        if let Some(frame) = frames::read(text) {
            report.frame(frame, lines.span(i));
            if text.trim_end().ends_with('{') {
                i = read_dump(lines, i, report);
            } else {
                i += 1;
            }
            continue;
        }
        // Some print the code behind the stack: `code: 400`.
        if let Some(rest) = text.strip_prefix("code: ").filter(|_| report.top.is_some()) {
            if let Some((status, "")) = number(rest.trim()) {
                let status = u16::try_from(status).unwrap_or_default();
                super::fill::set_status(&mut report.call, status, None, lines.span(i));
            }
            i += 1;
            continue;
        }
        // What is left of a log record around the stack: `"} []`, `}`.
        if matches!(text.trim(), "\"} []" | "\"}" | "}" | ")" | "'}" | "]" | "<---") {
            i += 1;
            continue;
        }
        break;
    }
    i
}

/// True for a line after a blank one that still belongs to the report.
fn belongs(line: &str, report: &Report) -> bool {
    marker(line).is_some()
        || report.top.is_some()
            && indent(line) > 0
            && frames::read(line).is_some_and(|f| f.runtime.is_some() && f.runtime == report.runtime)
        || report.runtime == Some(Runtime::Node) && line.starts_with("Node.js v")
}

/// Takes one head with all of its words as a link; returns the line after them.
fn link(lines: &Lines<'_>, at: usize, kind: &str, words: &str, report: &mut Report) -> usize {
    let end = words_end(lines, at);
    let span = (at..end).fold(lines.span(at), |span, i| span.to(lines.span(i)));
    for i in at..end.min(at + 50) {
        report.server |= frames::shows_server(lines.text(i));
    }
    // A printed object after the words: `Error: x {` + `code: 'E'`.
    if end > at + 1 && words.trim_end().ends_with('{') && is_bare_key(lines.text(at + 1)) {
        let own = words.trim_end().trim_end_matches('{').trim_end().trim_end_matches(']');
        report.link(Link::new(kind, own), span);
        return read_dump(lines, at, report).max(end);
    }
    let mut text = words.to_owned();
    if end > at + 1 {
        let (more, _) = lines.join(at + 1, end);
        text.push('\n');
        text.push_str(&more);
    }
    let text = without_brackets(&text);
    if let Some(value) = java::call_like(text) {
        let mut links = Vec::new();
        dump::absorb(&value, span, &mut report.call, &mut links);
    }
    let text = php::without_place(text);
    if ruby::excon(text, span, &mut report.call) {
        let line = text.split('\n').next().unwrap_or_default();
        report.link(Link::new(kind, line), span);
    } else {
        report.link(Link::new(kind, text), span);
    }
    end
}

/// Reads the object that line `at` ends by opening.
fn read_dump(lines: &Lines<'_>, at: usize, report: &mut Report) -> usize {
    let end = block_end(lines, at);
    let (text, span) = lines.join(at, end);
    let first = text.split('\n').next().unwrap_or_default();
    let Some(brace) = first.rfind('{') else { return end };
    let value = parse(&text[brace..]).value;
    let mut links = Vec::new();
    dump::absorb(&value, span, &mut report.call, &mut links);
    for link in links {
        report.link(link, span);
    }
    end.max(at + 1)
}

/// `  code: 'E'` or `  [cause]: …`: the first line of a printed object.
pub(super) fn is_bare_key(line: &str) -> bool {
    let text = line.trim_start();
    let text = text.strip_prefix('[').unwrap_or(text);
    let text = text.strip_prefix(['\'', '\u{201c}']).unwrap_or(text);
    let (name, rest) = run(text, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '-'));
    !name.is_empty() && (rest.starts_with(": ") || rest.starts_with("]: ") || rest.starts_with("':"))
}

/// anyhow and others: `    0: error sending request`, one cause a line.
fn numbered(lines: &Lines<'_>, from: usize, report: &mut Report) -> usize {
    let mut i = from;
    while i < lines.len() && i - from < 64 && indent(lines.text(i)) > 0 && !lines.text(i).trim().is_empty() {
        let text = lines.text(i).trim();
        let (digits, rest) = run(text, |c| c.is_ascii_digit());
        let words = if digits.is_empty() { text } else { rest.strip_prefix(": ").unwrap_or(text) };
        report.link(Link::new("", words), lines.span(i));
        i += 1;
    }
    i
}

/// Words that stand in one pair of brackets as a whole, without them: Ruby's `Type (words)`.
fn without_brackets(text: &str) -> &str {
    let trimmed = text.trim();
    let Some(inner) = trimmed.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else { return text };
    let mut open = 0_i32;
    for b in inner.bytes() {
        match b {
            b'(' => open += 1,
            b')' => open -= 1,
            _ => {}
        }
        if open < 0 {
            return text;
        }
    }
    // `(403)` and `('Connection aborted.', …)` mean something with their brackets.
    if inner.len() <= 3 || inner.starts_with(['\'', '"']) {
        return text;
    }
    inner
}

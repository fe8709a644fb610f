//! Rust's own forms: panics and Debug prints of reqwest and hyper errors. It refuses to know frames,
//! which are read alike for all runtimes.

use super::chain::walk;
use super::frames::Runtime;
use super::report::Report;
use super::text::{after, between, clip};
use crate::Taken;
use crate::lines::Lines;

const CUES: &[&str] = &[
    "reqwest::Error {",
    "error sending request for url (",
    "hyper::Error(",
    "invalid peer certificate",
    "client error (Connect)",
    "tcp connect error",
    "operation timed out: ",
    "error trying to connect: ",
];

/// True when a line carries an error in the words of Rust's HTTP clients.
pub(super) fn speaks(line: &str) -> bool {
    let line = clip(line, 2048);
    CUES.iter().any(|c| line.contains(c))
}

/// `thread 'main' panicked at src/main.rs:4:5:` + words, `Error: reqwest::Error { … }`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), 64 * 1024);
    if line.starts_with("thread '") && line.contains(" panicked at ") {
        let mut report = Report::new(Some(Runtime::Rust));
        // Until 1.72 the words stood in quotes before the place, since then on the next line.
        let quoted = between(line, "panicked at '", "', ");
        let (head_at, words) = quoted.map_or_else(|| (at + 1, lines.text(at + 1)), |q| (at, q));
        if let Some(place) = after(line, " panicked at ").filter(|_| quoted.is_none()) {
            report.top = Some((place.trim_end_matches(':').to_owned(), lines.span(at)));
        }
        let (kind, words) = debug_type(words).unwrap_or(("panic", words));
        let end = walk(lines, head_at.min(lines.len().saturating_sub(1)), kind, words, &mut report);
        return report.finish(lines, at, end.max(at + 1));
    }
    if !speaks(line) {
        return None;
    }
    let (kind, words) = debug_type(line).unwrap_or(("", line.trim_start_matches("Error: ")));
    let mut report = Report::new(Some(Runtime::Rust));
    let end = walk(lines, at, kind, words, &mut report);
    report.finish(lines, at, end)
}

/// `… reqwest::Error { kind: …` → the type and its fields.
fn debug_type(line: &str) -> Option<(&str, &str)> {
    let at = line.find("reqwest::Error {").or_else(|| line.find("hyper::Error("))?;
    let end = at + line[at..].find([' ', '('])?;
    Some((&line[at..end], line[end..].trim_start()))
}

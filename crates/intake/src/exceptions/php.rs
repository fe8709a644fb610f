//! PHP's own forms: uncaught exceptions of PHP 5, the place at the end of a message, warnings of the
//! stream wrappers. It refuses to know libraries.

use super::chain::walk;
use super::frames::Runtime;
use super::head::{Link, exact};
use super::report::Report;
use super::text::{after, clip, is_word, quoted, run};
use crate::Taken;
use crate::lines::Lines;

/// `Uncaught exception 'X' with message '…' in f.php:1`, `PHP Warning:  file_get_contents(https://…): …`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), 64 * 1024);
    if let Some((kind, rest)) = after(line, "ncaught exception ").and_then(quoted) {
        let words = after(rest, " with message ").unwrap_or(rest).trim_start();
        let words = words.strip_prefix('\'').unwrap_or(words);
        let words = words.rsplit_once("' in ").map_or(words, |(said, _)| said);
        let mut report = Report::new(Some(Runtime::Php));
        let end = walk(lines, at, kind, words, &mut report);
        return report.finish(lines, at, end);
    }
    if let Some(rest) = after(line, "ncaught ").filter(|_| line.contains("PHP ") || line.contains("Fatal error: ")) {
        let head = exact(rest)?;
        let mut report = Report::new(Some(Runtime::Php));
        let end = walk(lines, at, head.kind, head.words, &mut report);
        return report.finish(lines, at, end);
    }
    let warning = ["Warning: ", "Notice: ", "Fatal error: "].iter().any(|w| line.contains(w));
    let call = [
        "file_get_contents(",
        "fopen(",
        "stream_socket_client(",
        "fsockopen(",
        "curl_exec(",
        "SoapClient::",
        "get_headers(",
    ]
    .iter()
    .find_map(|f| line.find(f));
    if let Some(start) = call.filter(|_| warning) {
        let (name, _) = run(&line[start..], |c| is_word(c) || c == ':');
        let mut report = Report::new(Some(Runtime::Php));
        report.link(Link::new("", without_place(&line[start..])), lines.span(at));
        report.library = (name == "file_get_contents" || name == "fopen").then_some("php streams");
        let end = walk_frames(lines, at + 1);
        return report.finish(lines, at, end);
    }
    None
}

/// `PHP Stack trace:` and its numbered lines.
fn walk_frames(lines: &Lines<'_>, from: usize) -> usize {
    let mut i = from;
    while i < lines.len()
        && i - from < 200
        && (lines.text(i).starts_with("PHP ") && lines.text(i).contains(" {main}() ")
            || lines.text(i).contains("Stack trace:"))
    {
        i += 1;
    }
    i
}

/// Words without the ` in /srv/app/x.php:86` that PHP puts at their end.
pub(super) fn without_place(text: &str) -> &str {
    let trimmed = text.trim_end();
    let Some(at) = trimmed.rfind(" in ") else { return text };
    let (place, rest) = trimmed[at + 4..].split_at(trimmed[at + 4..].find(".php").unwrap_or(0));
    let placed = !place.is_empty()
        && !place.contains(' ')
        && (rest.starts_with(".php:") || rest.starts_with(".php on line") || rest.starts_with(".php("));
    if placed { &trimmed[..at] } else { text }
}

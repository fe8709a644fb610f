//! Ruby's own forms: the place in front of the message and the type behind it, stacks printed upside
//! down, and excon's dump. It refuses to know chains, which are read for all runtimes alike.

use super::chain::walk;
use super::dump;
use super::embedded::parse;
use super::frames::{self, Runtime};
use super::head::{exact, is_type};
use super::report::Report;
use super::text::{after, clip, indent};
use super::words;
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Call, Span};

/// `/x.rb:46:in 'm': words (Type)`, and `Traceback` + `\t 2: from …` + `Type (words)`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), 16 * 1024);
    if line.starts_with("rake aborted!") || line.starts_with("bundler: failed to load command") {
        return rake(lines, at);
    }
    if line.starts_with("Expected(") && line.contains("<=> Actual(") {
        let mut report = Report::new(Some(Runtime::Ruby));
        report.library = Some("excon");
        let end = walk(lines, at, "", line, &mut report);
        return report.finish(lines, at, end);
    }
    if line.starts_with("Traceback (most recent call last)") {
        return upside_down(lines, at);
    }
    let (_, said) = [":in `", ":in '"].iter().find_map(|m| line.split_once(m))?;
    let (_, said) = said.split_once("': ")?;
    let (words, kind) = said.trim_end().strip_suffix(')').and_then(|s| s.rsplit_once(" (")).unwrap_or((said, ""));
    if !kind.is_empty() && !is_type(kind) {
        return None;
    }
    let mut report = Report::new(Some(Runtime::Ruby));
    if let Some(frame) = line.split_once("': ").and_then(|(place, _)| frames::read(place).map(|f| (f, place))) {
        report.frame(frame.0, lines.span(at));
    }
    let place = line.split(": ").next().unwrap_or_default();
    if report.library.is_none() {
        report.library = frames::library(place);
    }
    let end = walk(lines, at, kind, words, &mut report);
    report.finish(lines, at, end)
}

/// `rake aborted!` and the exception on the next line.
fn rake(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let next = lines.text(at + 1);
    let (kind, words) = exact(next).map_or(("", next), |h| (h.kind, h.words));
    if next.trim().is_empty() {
        return None;
    }
    let mut report = Report::new(Some(Runtime::Ruby));
    let mut end = walk(lines, at + 1, kind, words, &mut report);
    while end < lines.len()
        && (lines.text(end).starts_with("Tasks: TOP") || lines.text(end).starts_with("(See full trace"))
    {
        end += 1;
    }
    report.finish(lines, at, end)
}

/// Ruby 2.5 to 2.7: the stack first, innermost last, then the head.
fn upside_down(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let mut report = Report::new(None);
    let mut i = at + 1;
    while i < lines.len() && indent(lines.text(i)) > 0 {
        let frame = frames::read(lines.text(i)).filter(|f| f.runtime == Some(Runtime::Ruby))?;
        report.frame(frame, lines.span(i));
        i += 1;
    }
    if i == at + 1 || i >= lines.len() {
        return None;
    }
    report.runtime = Some(Runtime::Ruby);
    let line = lines.text(i);
    let (kind, words) = match after(line, "': ") {
        Some(said) => {
            said.trim_end().strip_suffix(')').and_then(|s| s.rsplit_once(" (")).map_or(("", said), |(w, k)| (k, w))
        }
        None => exact(line).map(|h| (h.kind, h.words))?,
    };
    let end = walk(lines, i, kind, words, &mut report);
    report.finish(lines, at, end)
}

/// excon's dump of request and response: `:body => "…"`, `:headers => {…}`, `:status => 400`.
pub(super) fn excon(text: &str, span: Span, call: &mut Call) -> bool {
    let Some(at) = text.find("excon.error.response") else { return false };
    let value = parse(&format!("{{{}}}", &text[at + "excon.error.response".len()..])).value;
    let mut links = Vec::new();
    words::read(text.split('\n').next().unwrap_or_default(), span, call, words::Reading::Exception);
    dump::absorb(&value, span, call, &mut links);
    true
}

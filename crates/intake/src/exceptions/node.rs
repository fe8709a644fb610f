//! Node's own forms: errors printed as objects, the source line above an uncaught one, and the
//! reports of axios and request. It refuses to know what the fields mean.

use super::chain::walk;
use super::dump;
use super::embedded::parse;
use super::frames::{self, Runtime};
use super::head::{Link, at_start};
use super::report::Report;
use super::text::indent;
use crate::Taken;
use crate::lines::Lines;

/// `{ Error: words` …, `[AxiosError: words] {` …, or the file and source line above an uncaught error.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.text(at).trim_start();
    let line = line.strip_prefix("Uncaught ").unwrap_or(line);
    if line.starts_with("{ ") || line.starts_with("[") {
        return object(lines, at);
    }
    above(lines, at)
}

/// An error printed as an object.
fn object(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.text(at).trim_start();
    let inner = line.trim_start_matches("Uncaught ").trim_start_matches(['{', '[', ' ']);
    let name = inner.split([':', ']', ' ']).next()?;
    if !(name.ends_with("Error") || name.ends_with("Exception")) {
        return None;
    }
    let end = if line.trim_end().ends_with('{') {
        super::take::block_end(lines, at)
    } else if line.starts_with('{') && !line.trim_end().ends_with('}') {
        closing(lines, at)
    } else {
        at + 1
    };
    let mut report = Report::new(Some(Runtime::Node));
    for i in at..end {
        if let Some(frame) = frames::read(lines.text(i)) {
            report.frame(frame, lines.span(i));
        }
    }
    let (text, span) = lines.join(at, end);
    let text = text.trim_start();
    let mut links = Vec::new();
    if line.starts_with('{') {
        dump::absorb(&parse(text).value, span, &mut report.call, &mut links);
    } else {
        // `[Error: words] {` + fields
        let words = inner.split(']').next().unwrap_or(inner);
        if let Some(head) = at_start(words) {
            links.push(Link::new(head.kind, head.words));
        }
        if let Some(brace) = line.rfind('{').filter(|_| end > at + 1) {
            dump::absorb(&parse(&text[brace..]).value, span, &mut report.call, &mut links);
        }
    }
    for link in links {
        report.link(link, span);
    }
    report.finish(lines, at, end)
}

/// One past the line that ends the object: frames and fields follow the head until `}`.
fn closing(lines: &Lines<'_>, at: usize) -> usize {
    let mut i = at + 1;
    while i < lines.len() && i - at < 2000 {
        let text = lines.text(i);
        if indent(text) == 0 && !text.starts_with('}') {
            return i;
        }
        i += 1;
        if text.trim_end().ends_with('}')
            && (indent(text) <= 2 || frames::read(text).is_some() || i >= lines.len() || indent(lines.text(i)) == 0)
        {
            break;
        }
    }
    i
}

/// `/app/x.js:12` + source + `^` + blank + head.
fn above(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.text(at);
    let (path, number) = line.trim_end().rsplit_once(':')?;
    let placed = !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
        && !path.contains(' ')
        && (path.starts_with(['/', '.'])
            || path.starts_with("node:")
            || path.starts_with("file:")
            || path.contains(".js"));
    if !placed {
        return None;
    }
    let caret = (at + 1..(at + 5).min(lines.len()))
        .find(|i| lines.text(*i).trim() == "^" || lines.text(*i).trim().starts_with("^^"))?;
    let head_at = (caret + 1..(caret + 4).min(lines.len())).find(|i| !lines.text(*i).trim().is_empty())?;
    let head = at_start(lines.text(head_at)).or_else(|| {
        lines
            .text(head_at)
            .trim_start()
            .starts_with('[')
            .then(|| at_start(lines.text(head_at).trim_start_matches(['[', ' '])))
            .flatten()
    })?;
    let mut report = Report::new(Some(Runtime::Node));
    let end = walk(lines, head_at, head.kind, head.words, &mut report);
    report.finish(lines, at, end)
}

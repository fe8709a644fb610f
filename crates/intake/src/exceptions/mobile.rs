//! Apple's and Dart's own forms: `NSError` descriptions and Flutter's exception boxes. It refuses to
//! know frames, which are read alike for all runtimes.

use super::chain::walk;
use super::fill::set_url;
use super::frames::Runtime;
use super::head::{Link, anywhere, at_start};
use super::report::Report;
use super::take::block_end;
use super::text::{after, clip, quoted};
use crate::Taken;
use crate::lines::Lines;

/// `Error Domain=NSURLErrorDomain Code=-1009 "…" UserInfo={…}`, and Flutter's `══╡ EXCEPTION CAUGHT BY … ╞══`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), 16 * 1024);
    if line.contains("EXCEPTION CAUGHT BY ") {
        return boxed(lines, at);
    }
    if line.contains("Unhandled Exception: ") && line.contains("flutter/") {
        let said = after(line, "Unhandled Exception: ")?;
        let (kind, words) = at_start(said).map_or(("", said), |h| (h.kind, h.words));
        let mut report = Report::new(Some(Runtime::Dart));
        let end = walk(lines, at, kind, words, &mut report);
        return report.finish(lines, at, end);
    }
    let domain = after(line, "Error Domain=").or_else(|| line.contains("NSURLErrorDomain").then_some(line))?;
    let mut report = Report::new(Some(Runtime::Swift));
    let end = if line.trim_end().ends_with('{') { block_end(lines, at) } else { at + 1 };
    let (text, span) = lines.join(at, end);
    for key in ["NSErrorFailingURLStringKey=", "NSErrorFailingURLKey="] {
        if let Some(url) = after(&text, key) {
            set_url(&mut report.call, super::words::url_at(url).trim_end_matches([',', '}']), span);
            break;
        }
    }

    let said = after(domain, " \"").and_then(|_| quoted(&domain[domain.find('"')?..])).map(|(words, _)| words);
    match said {
        Some(words) => {
            let code = domain.split('"').next().unwrap_or_default();
            report.link(Link::new("", &format!("{} {words}", code.trim())), span);
        }
        None => report.link(Link::new("", line), span),
    }

    // An underlying POSIX error is the root: `NSPOSIXErrorDomain Code=61 "Connection refused"`.
    if let Some(posix) = after(&text, "NSPOSIXErrorDomain Code=")
        && let Some(name) = super::text::number(posix).and_then(|(n, _)| super::codes::errno_name(n))
    {
        super::fill::mark(&mut report.call, "errno", name, span);
    }
    report.finish(lines, at, end)
}

fn boxed(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let mut report = Report::new(Some(Runtime::Dart));
    let head_at = (at + 1..(at + 6).min(lines.len())).find(|i| anywhere(lines.text(*i)).is_some())?;
    let head = anywhere(lines.text(head_at))?;
    let mut end = walk(lines, head_at, head.kind, head.words, &mut report);
    while end < lines.len() && end - at < 300 && !lines.text(end).trim().chars().all(|c| c == '\u{2550}') {
        if let Some(frame) = super::frames::read(lines.text(end)) {
            report.frame(frame, lines.span(end));
        }
        end += 1;
    }
    report.finish(lines, at, (end + 1).min(lines.len()))
}

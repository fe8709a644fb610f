//! Python's tracebacks: frames first, the exception last, contexts and causes printed before what they
//! led to, groups drawn with bars. It refuses to know libraries, whose words are read elsewhere.

use super::frames::{self, Runtime};
use super::head::{Link, at_start, exact, is_type};
use super::report::Report;
use super::take::{is_separator, words_end};
use super::text::{clip, indent};
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::Span;

/// The most lines of one report.
const MOST: usize = 20_000;

/// How many lines of a notebook's drawing are searched for the exception at its end.
const NOTEBOOK: usize = 600;

/// A traceback at line `at`, its cut-off rest, or AWS Lambda's head followed by one.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(unbar(lines.text(at)), 1024);
    let opens = line.contains("Traceback (most recent call last)");
    if opens
        && !line.starts_with("Exception Group")
        && line.starts_with(|c: char| c.is_ascii_uppercase())
        && !line.starts_with("Traceback")
        && exact(line.split_whitespace().next()?).is_some()
    {
        return notebook(lines, at);
    }
    let cut = line.trim_start().starts_with("File \"") && line.contains(", line ");
    let led = !opens && !cut && unbar(lines.text(at + 1)).trim_start().starts_with("Traceback (most recent call last)");
    let head = if led { at_start(line) } else { None };
    if !opens && !cut && head.is_none() {
        return None;
    }
    let mut report = Report::new(Some(Runtime::Python));
    // Runs of exceptions that one another led to, as printed: the innermost first.
    let mut runs: Vec<Vec<(Link, Span)>> = vec![Vec::new()];
    let mut i = at;
    if let Some(head) = head {
        runs[0].push((Link::new(head.kind, head.words), lines.span(at)));
        i += 1;
    }
    let mut joined = true;
    // The last line opened a traceback: a second one right behind it begins another report.
    let mut fresh = false;
    while i < lines.len() && i - at < MOST {
        let raw = lines.text(i);
        let text = unbar(raw);
        if lines.0[i].prose {
            break;
        }
        if text.trim().is_empty() {
            match (i + 1..(i + 3).min(lines.len())).find(|n| !unbar(lines.text(*n)).trim().is_empty()) {
                Some(next)
                    if led_to(lines.text(next))
                        || joined && (is_separator(lines.text(next)) || next_is_frame(lines, next)) =>
                {
                    i = next
                }
                _ => break,
            }
            continue;
        }
        if text.contains("Traceback (most recent call last)") {
            // A new traceback that nothing joins to the last one is another report.
            if !joined && !is_bar(raw) {
                break;
            }
            if fresh {
                break;
            }
            if !joined {
                runs.push(Vec::new());
            }
            joined = true;
            fresh = true;
            i += 1;
            continue;
        }
        fresh = false;
        if text.starts_with("During handling of the above") || text.starts_with("The above exception was") {
            joined = true;
            i += 1;
            continue;
        }
        if is_bar(raw) && text.trim_matches(['-', '+', ' ', '.', '|']).chars().all(|c| c.is_ascii_digit()) {
            // `+---------------- 2 ----------------`: the next member of a group
            joined = false;
            i += 1;
            continue;
        }
        let inside = joined || text.trim_start().starts_with("File \"");
        if inside
            && (indent(text) > 0
                || text.starts_with(['\u{2502}', '\u{256d}', '\u{2570}'])
                || frames::read(text).is_some())
        {
            if let Some(frame) = frames::read(text) {
                report.frame(frame, lines.span(i));
            }
            i += 1;
            continue;
        }
        // The exception itself. Any name counts here: `KeyboardInterrupt`, `pkg.Refusal: words`.
        let led_already = head.is_some() && runs.len() == 1 && runs[0].len() == 1;
        let Some((kind, words)) = split(text).filter(|(kind, _)| joined && (!led_already || is_type(kind))) else {
            break;
        };
        joined = false;
        let end = if is_bar(raw) { bar_end(lines, i) } else { hard_end(lines, i, words_end(lines, i)) };
        let span = (i..end).fold(Span::default(), |span, n| span.to(lines.span(n)));
        let mut said = words.to_owned();
        for n in i + 1..end {
            said.push('\n');
            said.push_str(unbar(lines.text(n)));
        }
        if let Some(run) = runs.last_mut() {
            run.push((Link::new(kind, &said), span));
        }
        i = end;
    }
    for run in runs {
        for (link, span) in run.into_iter().rev() {
            report.link(link, span);
        }
    }
    report.finish(lines, at, i.max(at + 1))
}

/// `Type: words`, `Type`, or words that some programs print without a type.
fn split(text: &str) -> Option<(&str, &str)> {
    if let Some(head) = exact(text) {
        return Some((head.kind, head.words));
    }
    let (kind, words) = text.split_once(':').unwrap_or((text, ""));
    let named = !kind.is_empty()
        && kind.len() < 120
        && kind.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
        && !kind.starts_with(|c: char| c.is_ascii_digit());
    (named && (words.is_empty() || words.starts_with(' '))).then(|| (kind, words.trim_start()))
}

/// True for a line of an exception group's drawing.
fn is_bar(line: &str) -> bool {
    let text = line.trim_start();
    text.starts_with("| ") || text == "|" || text.starts_with("+ ") || text.starts_with("+-")
}

/// A line without the bars that a group is drawn with.
fn unbar(line: &str) -> &str {
    if !is_bar(line) {
        return line;
    }
    let text = line.trim_start();
    let text =
        text.strip_prefix("+ ").or_else(|| text.strip_prefix("| ")).unwrap_or(text.trim_start_matches(['|', '+']));
    // A frame's own indent is kept: two spaces and more.
    text
}

/// Inside a group: the words go on until a bar with something else.
fn bar_end(lines: &Lines<'_>, at: usize) -> usize {
    let mut i = at + 1;
    while i < lines.len() && i - at < 50 {
        let raw = lines.text(i);
        let text = unbar(raw);
        let plain = text.trim();
        if !is_bar(raw) || plain.is_empty() || plain.starts_with("--") || is_separator(text) || exact(text).is_some() {
            break;
        }
        i += 1;
    }
    i
}

/// Where the words end in any case: at the next prompt or traceback.
fn hard_end(lines: &Lines<'_>, at: usize, end: usize) -> usize {
    (at + 1..end)
        .find(|i| {
            let text = lines.text(*i);
            text.starts_with(">>> ") || text.starts_with("$ ") || text.starts_with("Traceback ")
        })
        .unwrap_or(end)
}

/// The words between two tracebacks of one chain.
fn led_to(line: &str) -> bool {
    is_separator(line) && !line.contains("Traceback (most recent call last)")
}

fn next_is_frame(lines: &Lines<'_>, at: usize) -> bool {
    lines.text(at).trim_start().starts_with("File \"")
}

/// IPython and Jupyter: the type stands beside `Traceback`, the head comes again at the very end.
fn notebook(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let kind = lines.text(at).split_whitespace().next()?;
    let mut report = Report::new(Some(Runtime::Python));
    let end = (at + 1..lines.len().min(at + NOTEBOOK))
        .find(|i| lines.text(*i).strip_prefix(kind).is_some_and(|r| r.starts_with(':') || r.is_empty()));
    let Some(end) = end else {
        report.link(Link::new(kind, ""), lines.span(at));
        return report.finish(lines, at, at + 1);
    };
    for i in at..end {
        if report.library.is_none() {
            report.library = frames::library(lines.text(i));
        }
    }
    let last = words_end(lines, end);
    let (text, span) = lines.join(end, last);
    report.link(Link::new(kind, text[kind.len()..].trim_start_matches(':')), span);
    report.finish(lines, at, last)
}

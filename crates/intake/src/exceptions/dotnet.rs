//! .NET's own forms: console loggers' records with an exception inside, PowerShell's error records,
//! Google's and Azure's blocks. It refuses to know chains and frames, which are read alike for all.

use super::chain::walk;
use super::frames::Runtime;
use super::head::{Link, at_start, exact};
use super::report::Report;
use super::text::{between, clip, indent};
use crate::Taken;
use crate::lines::Lines;

/// A record of `Microsoft.Extensions.Logging.Console`, or of PowerShell.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.text(at);
    if ["fail: ", "crit: ", "warn: "].iter().any(|l| line.starts_with(l)) {
        return console(lines, at);
    }
    let (command, _) = clip(line, 200).split_once(" : ")?;
    let words = &line[command.len() + 3..];
    let verb = command.split('-').next().unwrap_or_default();
    (matches!(verb, "Invoke" | "Get" | "Set" | "New" | "Connect" | "Remove" | "Add" | "Update" | "Send" | "Test")
        && command.contains('-')
        && !command.contains(' '))
    .then_some(())?;
    power_shell(lines, at, words)
}

/// `fail: Category[13]` with its indented lines, where an exception stands among them.
fn console(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let head_at = (at + 1..(at + 8).min(lines.len()))
        .take_while(|i| indent(lines.text(*i)) > 0)
        .find(|i| exact(lines.text(*i).trim_start()).is_some_and(|h| h.kind.contains('.')))?;
    let head = exact(lines.text(head_at).trim_start())?;
    let mut report = Report::new(Some(Runtime::Dotnet));
    for i in at..head_at {
        report.server |= super::frames::shows_server(lines.text(i));
        if i > at {
            report.link(Link::new("", lines.text(i)), lines.span(i));
        }
    }
    let mut end = walk(lines, head_at, head.kind, head.words, &mut report);
    // The record goes on as long as its lines are indented.
    while end < lines.len() && indent(lines.text(end)) >= 6 && !lines.text(end).trim().is_empty() {
        end += 1;
    }
    report.finish(lines, at, end)
}

/// `Invoke-RestMethod : words` and its `At line:`, `+ …` lines.
fn power_shell(lines: &Lines<'_>, at: usize, words: &str) -> Option<Taken> {
    let mut report = Report::new(Some(Runtime::Dotnet));
    let mut text = words.to_owned();
    let mut span = lines.span(at);
    let mut source = false;
    let mut i = at + 1;
    let mut kind = String::new();
    while i < lines.len() && i - at < 200 {
        let line = lines.text(i);
        let trimmed = line.trim();
        if trimmed.starts_with("At line:") || trimmed.starts_with("At ") && trimmed.contains(" char:") {
            source = true;
        } else if trimmed.starts_with('+') {
            source = true;
            if let Some(found) = between(line, ") [", "], ").and_then(|_| trimmed.rsplit(", ").next()) {
                kind = found.to_owned();
            }
        } else if trimmed.is_empty() || source && indent(line) == 0 {
            break;
        } else if !source {
            text.push('\n');
            text.push_str(line);
            span = span.to(lines.span(i));
        }
        i += 1;
    }
    let plain = at_start(&text).map_or_else(|| Link::new("", &text), |h| Link::new(h.kind, h.words));
    let link = if plain.kind.is_empty() && super::head::is_type(&kind) { Link::new(&kind, &text) } else { plain };
    report.link(link, span);
    report.finish(lines, at, i)
}

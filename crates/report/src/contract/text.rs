//! For a person at a terminal: what breaks first, then what was covered.

use super::Shown;
use super::safe::{SafeChecked, SafeDifference};
use super::words;
use crate::paint::{Ink, cut, paint};
use crate::text::Style;
use crate::trace::text::{hanging, paragraph};
use firstfault_model::contract::{BrokenCall, Change, Checked, CheckedInput, Covered, Finding, Group, Severity};
use std::fmt::Write as _;

/// Findings, changes of one operation, recorded calls that are shown unless everything is asked for.
const GROUPS: usize = 20;
const CHANGES: usize = 10;
const BROKEN: usize = 10;
/// Operations with changes.
const OPERATIONS: usize = 40;
/// Operations that were never called, by name.
const UNSEEN: usize = 12;

/// What many calls came to.
#[must_use]
pub fn checked(safe: &SafeChecked, shown: Shown, style: Style) -> String {
    let checked = safe.checked();
    let mut out = String::new();
    head(&mut out, words::fails(checked, shown.fail_on), checked.matched > 0, &words::title(checked), style);
    paragraph(&mut out, &words::counts(checked).join(" · "), 2, style);
    let limit = if style.verbose { checked.groups.len() } else { GROUPS };
    for one in checked.groups.iter().take(limit) {
        out.push('\n');
        group(&mut out, one, style);
    }
    if checked.groups.len() > limit {
        let more = words::several(checked.groups.len() - limit, "finding");
        let _ = writeln!(out, "\n  and {more} more (--verbose)");
    }
    if checked.matched == 0 && checked.calls > 0 {
        out.push('\n');
        paragraph(&mut out, "No call is one of this API: look at the servers of the description.", 2, style);
    }
    coverage(&mut out, checked, shown.coverage, style);
    rest(&mut out, checked, style);
    out
}

/// The line that says how it went.
fn head(out: &mut String, failed: bool, known: bool, title: &str, style: Style) {
    let (sign, ink) = match (failed, known) {
        (true, _) => ("✗", Ink::Red),
        (false, true) => ("✓", Ink::Green),
        (false, false) => ("?", Ink::Yellow),
    };
    let title = cut(title, style.width.saturating_sub(2));
    let _ = writeln!(out, "{} {}", paint(sign, ink, style.color), paint(&title, Ink::Bold, style.color));
}

const fn ink(severity: Severity) -> Ink {
    match severity {
        Severity::Error => Ink::Red,
        Severity::Warning => Ink::Yellow,
        Severity::Note => Ink::Dim,
    }
}

fn group(out: &mut String, group: &Group, style: Style) {
    let finding = &group.finding;
    let times = format!("{:>5} × ", words::number(group.calls));
    let operation = finding.operation.as_deref().unwrap_or("no operation");
    let what = format!("{operation} · {} · {}", finding.severity, finding.kind);
    let room = style.width.saturating_sub(crate::paint::columns(&times));
    let _ = writeln!(out, "{times}{}", paint(&cut(&what, room), ink(finding.severity), style.color));
    hanging(out, "        ", &format!("{}: {}", words::place(finding), finding.message), style);
    details(out, finding, style);
    hanging(out, "        calls     ", &words::places(group), style);
}

/// What is expected, what to do, and where the description says so.
fn details(out: &mut String, finding: &Finding, style: Style) {
    for (lead, words) in [
        ("        ", words::expected_and_got(finding)),
        ("        fix       ", finding.fix.clone()),
        ("        contract  ", words::rule(finding)),
    ] {
        if !words.is_empty() {
            hanging(out, lead, &words, style);
        }
    }
}

fn coverage(out: &mut String, checked: &Checked, all: bool, style: Style) {
    if checked.coverage.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", paint("Coverage", Ink::Bold, style.color));
    let more = if all { "" } else { " (--coverage lists them)" };
    paragraph(out, &format!("seen: {}{more}", words::coverage(&checked.coverage)), 2, style);
    if all {
        checked.coverage.iter().for_each(|one| covered(out, one, style));
        return;
    }
    let unseen: Vec<&str> = checked.coverage.iter().filter(|c| c.calls == 0).map(|c| c.operation.as_str()).collect();
    if !unseen.is_empty() && unseen.len() < checked.coverage.len() {
        let shown = unseen.iter().take(UNSEEN).copied().collect::<Vec<_>>().join(", ");
        let rest = unseen.len().saturating_sub(UNSEEN);
        let rest = if rest > 0 { format!(", and {rest} more") } else { String::new() };
        hanging(out, "  never called: ", &format!("{shown}{rest}"), style);
    }
}

fn covered(out: &mut String, covered: &Covered, style: Style) {
    let sign =
        if covered.calls == 0 { paint("·", Ink::Dim, style.color) } else { paint("✓", Ink::Green, style.color) };
    let calls = match (covered.calls, covered.broken) {
        (0, _) => "never called".to_owned(),
        (calls, 0) => words::several(calls, "call"),
        (calls, broken) => format!("{}, {} break it", words::several(calls, "call"), words::number(broken)),
    };
    let line = format!("{}  {calls}", covered.operation);
    let _ = writeln!(out, "  {sign} {}", cut(&line, style.width.saturating_sub(4)));
    if covered.calls == 0 {
        return;
    }
    if !covered.statuses.is_empty() {
        hanging(out, "      statuses     ", &words::statuses(covered), style);
    }
    let unseen = words::unseen_parameters(covered);
    if !unseen.is_empty() {
        hanging(out, "      never sent   ", &unseen.join(", "), style);
    }
}

/// What could not be read, and the description's own faults.
fn rest(out: &mut String, checked: &Checked, style: Style) {
    let problems: Vec<(&CheckedInput, &String)> =
        checked.inputs.iter().flat_map(|input| input.problems.iter().map(move |problem| (input, problem))).collect();
    let shown = if style.verbose { problems.len() } else { 3 };
    if !problems.is_empty() || !checked.mistakes.is_empty() {
        out.push('\n');
    }
    for (input, problem) in problems.iter().take(shown) {
        paragraph(out, &format!("not read, {}: {problem}", input.name), 2, style);
    }
    if problems.len() > shown {
        paragraph(out, &format!("and {} more that could not be read (--verbose)", problems.len() - shown), 2, style);
    }
    if !checked.mistakes.is_empty() {
        let faults = words::several(checked.mistakes.len(), "mistake");
        let words = format!("The description itself has {faults}: firstfault contract show lists them.");
        paragraph(out, &words, 2, style);
    }
}

/// What a description holds: its operations, and its own mistakes. `form` is the language that it is written in.
#[must_use]
pub fn outline(safe: &SafeChecked, form: &str, style: Style) -> String {
    let checked = safe.checked();
    let mut out = String::new();
    head(&mut out, !checked.mistakes.is_empty(), true, &words::title(checked), style);
    let operations = words::several(checked.coverage.len(), "operation");
    let faults = match checked.mistakes.len() {
        0 => "no mistakes".to_owned(),
        n => words::several(n, "mistake"),
    };
    paragraph(&mut out, &format!("{form} · {operations} · {faults}"), 2, style);
    if !checked.mistakes.is_empty() {
        out.push('\n');
    }
    for mistake in &checked.mistakes {
        let place = words::at(&format!("{}#{}", mistake.file, mistake.pointer), mistake.line);
        hanging(&mut out, "  ✗ ", &format!("{}: {place}", mistake.message), style);
    }
    if !checked.coverage.is_empty() {
        out.push('\n');
    }
    for operation in &checked.coverage {
        let id = operation.id.as_deref().map_or_else(String::new, |id| format!("  {id}"));
        let _ = writeln!(out, "  {}", cut(&format!("{}{id}", operation.operation), style.width.saturating_sub(2)));
        if style.verbose {
            let parameters: Vec<&str> = operation.parameters.iter().map(|(name, _)| name.as_str()).collect();
            let statuses: Vec<&str> = operation.statuses.iter().map(|(status, _)| status.as_str()).collect();
            for (lead, list) in [("      parameters  ", parameters), ("      statuses    ", statuses)] {
                if !list.is_empty() {
                    hanging(&mut out, lead, &list.join(", "), style);
                }
            }
        }
    }
    out
}

/// What changed between two descriptions.
#[must_use]
pub fn difference(safe: &SafeDifference, fail_on: Severity, style: Style) -> String {
    let difference = safe.difference();
    let mut out = String::new();
    let failed = words::breaks(difference, fail_on);
    head(&mut out, failed, true, &format!("{} → {}", difference.old, difference.new), style);
    paragraph(&mut out, &words::change_counts(difference), 2, style);
    let groups = words::by_operation(&difference.changes);
    let limit = if style.verbose { groups.len() } else { OPERATIONS };
    for (operation, changes) in groups.iter().take(limit) {
        let operation = if operation.is_empty() { "The whole API" } else { operation };
        let used = changes.iter().find_map(|change| change.calls);
        let used = used.map_or_else(String::new, |n| format!("  ({})", words::several(n, "recorded call")));
        let title = cut(&format!("{operation}{used}"), style.width.saturating_sub(2));
        let _ = writeln!(out, "\n  {}", paint(&title, Ink::Bold, style.color));
        let shown = if style.verbose { changes.len() } else { CHANGES };
        changes.iter().take(shown).for_each(|one| change(&mut out, one, style));
        if changes.len() > shown {
            let _ = writeln!(out, "    and {} more (--verbose)", changes.len() - shown);
        }
    }
    if groups.len() > limit {
        let _ = writeln!(out, "\n  and {} operations more (--verbose)", groups.len() - limit);
    }
    if difference.calls > 0 {
        let broken: usize = difference.broken_calls.iter().map(|call| call.repeats).sum();
        let title =
            format!("{} of {} would break", words::number(broken), words::several(difference.calls, "recorded call"));
        let _ = writeln!(out, "\n  {}", paint(&title, Ink::Bold, style.color));
        let shown = if style.verbose { difference.broken_calls.len() } else { BROKEN };
        difference.broken_calls.iter().take(shown).for_each(|one| broken_call(&mut out, one, style));
        if difference.broken_calls.len() > shown {
            let _ = writeln!(out, "    and {} more (--verbose)", difference.broken_calls.len() - shown);
        }
    }
    if !difference.mistakes.is_empty() {
        let faults = words::several(difference.mistakes.len(), "mistake");
        let _ = writeln!(out);
        let words = format!("The descriptions themselves have {faults}: firstfault contract show lists them.");
        paragraph(&mut out, &words, 2, style);
    }
    out
}

fn change(out: &mut String, change: &Change, style: Style) {
    let sign = match change.severity {
        Severity::Error => "✗",
        Severity::Warning => "!",
        Severity::Note => "·",
    };
    let words = format!("{}: {}", change.half, change.message);
    let lines = crate::paint::wrap(&words, style.width.saturating_sub(6));
    for (number, line) in lines.iter().enumerate() {
        let lead = if number == 0 { paint(sign, ink(change.severity), style.color) } else { " ".to_owned() };
        let _ = writeln!(out, "    {lead} {line}");
    }
    let place = words::at(&change.place, change.line);
    let tail = format!(
        "{}, {}{}",
        words::change_word(change.severity),
        change.rule,
        if place.is_empty() { String::new() } else { format!(", {place}") }
    );
    for line in crate::paint::wrap(&tail, style.width.saturating_sub(6)) {
        let _ = writeln!(out, "      {}", paint(&line, Ink::Dim, style.color));
    }
}

fn broken_call(out: &mut String, call: &BrokenCall, style: Style) {
    let line = format!("{:>5} × {}  {}", words::number(call.repeats), call.call, place(call));
    let _ = writeln!(out, "{}", cut(&line, style.width));
    if call.findings.is_empty() {
        hanging(out, "        ", "nothing of the new description fits it", style);
    }
    for finding in call.findings.iter().take(3) {
        hanging(out, "        ", &format!("{}: {}", words::place(finding), finding.message), style);
    }
}

fn place(call: &BrokenCall) -> String {
    match call.place.1 {
        0 => call.place.0.clone(),
        line => format!("{} line {line}", call.place.0),
    }
}

//! For a ticket, a pull request or a job summary, as Markdown in which evidence cannot act.

use super::Shown;
use super::safe::{SafeChecked, SafeDifference};
use super::words;
use crate::markdown::{code, escape};
use firstfault_model::contract::{Group, Severity};
use std::fmt::Write as _;

/// Findings, operations and calls of one table.
const ROWS: usize = 100;

/// What many calls came to.
#[must_use]
pub fn checked(safe: &SafeChecked, shown: Shown) -> String {
    let checked = safe.checked();
    let mut out = String::new();
    let sign = if words::fails(checked, shown.fail_on) { "✗" } else { "✓" };
    let _ = writeln!(out, "### {sign} {}\n", escape(&words::title(checked)));
    let _ = writeln!(out, "{}.", words::counts(checked).join(", "));
    if !checked.groups.is_empty() {
        let _ = writeln!(out, "\n| calls | severity | operation | where | what is wrong | fix | contract | seen |");
        let _ = writeln!(out, "|---:|---|---|---|---|---|---|---|");
        checked.groups.iter().take(ROWS).for_each(|one| group(&mut out, one));
        if checked.groups.len() > ROWS {
            let _ = writeln!(out, "\nand {} more", words::several(checked.groups.len() - ROWS, "finding"));
        }
    }
    if !checked.coverage.is_empty() {
        let _ = writeln!(out, "\n**Coverage**: {}.", words::coverage(&checked.coverage));
    }
    if shown.coverage {
        let _ = writeln!(out, "\n| operation | calls | break it | statuses | parameters never sent |");
        let _ = writeln!(out, "|---|---:|---:|---|---|");
        for covered in &checked.coverage {
            let unseen = words::unseen_parameters(covered).join(", ");
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} |",
                cell(&covered.operation),
                words::number(covered.calls),
                words::number(covered.broken),
                escape(&words::statuses(covered)),
                escape(&unseen)
            );
        }
    }
    for input in &checked.inputs {
        for problem in &input.problems {
            let _ = writeln!(out, "\nNot read, {}: {}", escape(&input.name), escape(problem));
        }
    }
    if !checked.mistakes.is_empty() {
        let _ = writeln!(out, "\nThe description itself has {}.", words::several(checked.mistakes.len(), "mistake"));
    }
    out
}

fn group(out: &mut String, group: &Group) {
    let finding = &group.finding;
    let what = [finding.message.clone(), words::expected_and_got(finding)];
    let what: Vec<&str> = what.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} | {} | {} | {} |",
        words::number(group.calls),
        finding.severity,
        finding.operation.as_deref().map_or_else(String::new, cell),
        escape(&words::place(finding)),
        escape(&what.join("; ")),
        escape(&finding.fix),
        cell(&words::rule(finding)),
        escape(&words::places(group))
    );
}

/// Code in a cell: a bar would end it.
fn cell(text: &str) -> String {
    if text.is_empty() { String::new() } else { code(&text.replace('|', "¦")) }
}

/// What changed between two descriptions.
#[must_use]
pub fn difference(safe: &SafeDifference, fail_on: Severity) -> String {
    let difference = safe.difference();
    let mut out = String::new();
    let sign = if words::breaks(difference, fail_on) { "✗" } else { "✓" };
    let _ = writeln!(out, "### {sign} {} → {}\n", escape(&difference.old), escape(&difference.new));
    let _ = writeln!(out, "{}.", words::change_counts(difference));
    for (operation, changes) in words::by_operation(&difference.changes) {
        let title = if operation.is_empty() { "The whole API".to_owned() } else { code(operation) };
        let _ = writeln!(out, "\n#### {title}\n");
        for change in changes {
            let place = words::at(&change.place, change.line);
            let place = if place.is_empty() { String::new() } else { format!(", {}", code(&place)) };
            let used = change.calls.map_or_else(String::new, |n| format!(", {}", words::several(n, "recorded call")));
            let _ = writeln!(
                out,
                "- **{}** {}: {} ({}{used}{place})",
                words::change_word(change.severity),
                change.half,
                escape(&change.message),
                code(&change.rule)
            );
        }
    }
    if difference.calls > 0 {
        let broken: usize = difference.broken_calls.iter().map(|call| call.repeats).sum();
        let all = words::several(difference.calls, "recorded call");
        let _ = writeln!(out, "\n#### {} of {all} would break\n", words::number(broken));
        for call in difference.broken_calls.iter().take(ROWS) {
            let reasons: Vec<String> =
                call.findings.iter().map(|f| escape(&format!("{}: {}", words::place(f), f.message))).collect();
            let reasons = match reasons.as_slice() {
                [] => "nothing of the new description fits it".to_owned(),
                reasons => reasons.join("; "),
            };
            let line = if call.place.1 > 0 { format!(" line {}", call.place.1) } else { String::new() };
            let times = words::number(call.repeats);
            let _ = writeln!(out, "- {times} × {} ({}{line}): {reasons}", code(&call.call), escape(&call.place.0));
        }
    }
    out
}

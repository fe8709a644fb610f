//! JUnit XML, as CI servers read it: a test case for each operation that was called, failed when one of its calls breaks
//! the description.

use super::safe::SafeChecked;
use super::words;
use firstfault_model::contract::{Checked, Group, Severity};
use std::fmt::Write as _;

/// The case of findings that belong to no operation.
const ELSEWHERE: &str = "calls that no operation fits";

/// The document.
#[must_use]
pub fn checked(safe: &SafeChecked, fail_on: Severity) -> String {
    let checked = safe.checked();
    let cases = cases(checked);
    let failing = |groups: &[&Group]| groups.iter().any(|group| group.finding.severity <= fail_on);
    let failures = cases.iter().filter(|(_, groups)| failing(groups)).count();
    let name = escape(&words::title(checked));
    let total = cases.len();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(out, "<testsuites name=\"firstfault contract check\" tests=\"{total}\" failures=\"{failures}\">");
    let _ = writeln!(out, "  <testsuite name=\"{name}\" tests=\"{total}\" failures=\"{failures}\" errors=\"0\">");
    for (operation, groups) in &cases {
        let head = format!("    <testcase classname=\"{}\" name=\"{}\"", escape(&checked.contract), escape(operation));
        if groups.is_empty() {
            let _ = writeln!(out, "{head}/>");
            continue;
        }
        let _ = writeln!(out, "{head}>");
        let (grave, light): (Vec<&Group>, Vec<&Group>) =
            groups.iter().partition(|group| group.finding.severity <= fail_on);
        if let Some(first) = grave.first() {
            let more = if grave.len() > 1 { format!(" (and {} more)", grave.len() - 1) } else { String::new() };
            let _ = writeln!(
                out,
                "      <failure type=\"{}\" message=\"{}{more}\">{}</failure>",
                first.finding.kind,
                escape(&first.finding.message),
                escape(&list(&grave))
            );
        }
        if !light.is_empty() {
            let _ = writeln!(out, "      <system-out>{}</system-out>", escape(&list(&light)));
        }
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n</testsuites>\n");
    out
}

/// Operations that were called or have findings, in the order of the description, each with its findings.
fn cases(checked: &Checked) -> Vec<(&str, Vec<&Group>)> {
    let of = |name: &str| -> Vec<&Group> {
        checked.groups.iter().filter(|group| group.finding.operation.as_deref() == Some(name)).collect()
    };
    let mut cases: Vec<(&str, Vec<&Group>)> = checked
        .coverage
        .iter()
        .map(|covered| (covered, of(&covered.operation)))
        .filter(|(covered, groups)| covered.calls > 0 || !groups.is_empty())
        .map(|(covered, groups)| (covered.operation.as_str(), groups))
        .collect();
    let known = |group: &&Group| {
        group.finding.operation.as_deref().is_some_and(|name| cases.iter().any(|(case, _)| *case == name))
    };
    let elsewhere: Vec<&Group> = checked.groups.iter().filter(|group| !known(group)).collect();
    if !elsewhere.is_empty() {
        cases.push((ELSEWHERE, elsewhere));
    }
    cases
}

/// Findings, a paragraph each.
fn list(groups: &[&Group]) -> String {
    let mut out = String::new();
    for group in groups {
        let finding = &group.finding;
        let calls = words::several(group.calls, "call");
        let _ = writeln!(out, "\n{} {}: {} ({calls})", finding.severity, words::place(finding), finding.message);
        for (label, value) in [
            ("", words::expected_and_got(finding)),
            ("fix: ", finding.fix.clone()),
            ("contract: ", words::rule(finding)),
            ("calls: ", words::places(group)),
        ] {
            if !value.is_empty() {
                let _ = writeln!(out, "  {label}{value}");
            }
        }
    }
    out
}

/// Text that is nothing but text in XML 1.0, in elements and in attributes. Control characters were made visible before.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // XML 1.0 knows no such characters.
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

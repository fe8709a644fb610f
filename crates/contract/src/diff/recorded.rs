//! Which recorded calls would break.

use super::operations::pairs;
use crate::check::{Held, check};
use crate::description::Contract;
use firstfault_model::Call;
use firstfault_model::contract::{BrokenCall, Difference, Edit, Finding, Half, Kind, Severity, Spot};
use std::collections::HashMap;

/// Holds recorded calls (each with the file that it stands in) against both descriptions. Those that agree with the old
/// one and break the new one are put into the difference, equal ones together, and every change learns how many calls use
/// its operation. `now` as for [`super::diff`].
pub fn calls<'c>(
    old: &Contract,
    new: &Contract,
    calls: impl IntoIterator<Item = (&'c str, &'c Call)>,
    now: Option<i64>,
    difference: &mut Difference,
) {
    let mut names: HashMap<usize, String> = HashMap::new();
    for (before, after) in pairs(old, new) {
        if let Some(before) = before {
            let kept = after.map_or_else(|| old.operations[before].name(), |index| new.operations[index].name());
            names.insert(before, kept);
        }
    }
    let mut used: HashMap<&str, usize> = HashMap::new();
    let mut alike: HashMap<String, usize> = HashMap::new();
    for (file, call) in calls {
        difference.calls += 1;
        let before = check(old, call, now);
        if !before.belongs {
            continue;
        }
        if let Some(name) = before.operation.and_then(|index| names.get(&index)) {
            *used.entry(name).or_default() += 1;
        }
        if breaks(&before.findings) {
            continue;
        }
        let findings = broken(new, &check(new, call, now), call);
        if findings.is_empty() {
            continue;
        }
        let key = alike_by(&before, &findings);
        if let Some(index) = alike.get(&key) {
            difference.broken_calls[*index].repeats += 1;
            continue;
        }
        alike.insert(key, difference.broken_calls.len());
        let place = (file.to_owned(), call.span.line);
        difference.broken_calls.push(BrokenCall { call: name(call), place, repeats: 1, findings });
    }
    for change in &mut difference.changes {
        if !change.operation.is_empty() {
            change.calls = Some(used.get(change.operation.as_str()).copied().unwrap_or(0));
        }
    }
}

fn breaks(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}

/// What breaks of a call: the errors; and where the new description does not know the host at all, that.
fn broken(new: &Contract, held: &Held, call: &Call) -> Vec<Finding> {
    if held.belongs {
        return held.findings.iter().filter(|f| f.severity == Severity::Error).cloned().collect();
    }
    let host = call.request.as_ref().and_then(|r| r.url.host.clone()).unwrap_or_default();
    let name = new.documents.first().map(|d| d.name.as_str()).unwrap_or_default();
    vec![Finding {
        kind: Kind::UnknownHost,
        half: Half::Request,
        severity: Severity::Error,
        spot: Spot::Target,
        operation: None,
        rule: format!("{name}#/servers"),
        line: 0,
        expected: "a call of the new description".to_owned(),
        got: host,
        message: "the call belongs to none of the servers and paths any more".to_owned(),
        fix: String::new(),
        edit: None::<Edit>,
    }]
}

/// `POST /v1/customers`.
fn name(call: &Call) -> String {
    let Some(request) = &call.request else { return String::new() };
    format!("{} {}", request.method.as_deref().unwrap_or("GET"), request.url.path)
}

/// Calls are alike when they use the same operation and break in the same way, whatever the index in a list.
fn alike_by(held: &Held, findings: &[Finding]) -> String {
    let mut key = format!("{:?}", held.operation);
    for finding in findings {
        let spot = finding.spot.to_string();
        let steps = spot.split('/').map(|step| if step.bytes().all(|b| b.is_ascii_digit()) { "0" } else { step });
        key.push_str(&format!(
            "\n{} {} {} {}",
            finding.kind,
            finding.half,
            steps.collect::<Vec<_>>().join("/"),
            finding.rule
        ));
    }
    key
}

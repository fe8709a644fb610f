//! `firstfault/contract-check/1` and `firstfault/contract-diff/1`, as docs/contract.md and docs/schema publish them.

use super::safe::{SafeChecked, SafeDifference};
use super::words;
use firstfault_model::contract::{self as model, Severity, Spot};
use firstfault_redact::Redactor;
use serde::Serialize;

#[derive(Serialize)]
struct Checked<'a> {
    schema: &'static str,
    contract: &'a str,
    title: &'a str,
    failed: bool,
    calls: usize,
    matched: usize,
    broken: usize,
    findings: Vec<Group<'a>>,
    covered: Totals,
    coverage: Vec<Covered<'a>>,
    inputs: Vec<Input<'a>>,
    mistakes: Vec<Mistake<'a>>,
}

#[derive(Serialize)]
struct Group<'a> {
    signature: &'a str,
    calls: usize,
    #[serde(flatten)]
    finding: Finding<'a>,
    places: Vec<Place<'a>>,
}

/// A finding, alone or of several calls.
#[derive(Serialize)]
struct Finding<'a> {
    kind: &'a str,
    half: &'a str,
    severity: &'a str,
    operation: Option<&'a str>,
    r#in: &'static str,
    name: Option<&'a str>,
    rule: &'a str,
    line: u32,
    expected: &'a str,
    got: &'a str,
    message: &'a str,
    fix: &'a str,
}

/// What a description says of one call.
#[derive(Serialize)]
pub(crate) struct Against<'a> {
    contract: &'a str,
    operation: Option<&'a str>,
    findings: Vec<Finding<'a>>,
    mistakes: usize,
}

#[derive(Serialize)]
struct Place<'a> {
    input: &'a str,
    line: u32,
}

#[derive(Serialize)]
struct Totals {
    operations: Total,
    parameters: Total,
    statuses: Total,
}

#[derive(Serialize)]
struct Total {
    seen: usize,
    described: usize,
}

#[derive(Serialize)]
struct Covered<'a> {
    operation: &'a str,
    id: Option<&'a str>,
    calls: usize,
    broken: usize,
    parameters: Vec<Parameter<'a>>,
    statuses: Vec<Status<'a>>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    seen: bool,
}

#[derive(Serialize)]
struct Status<'a> {
    status: &'a str,
    calls: usize,
}

#[derive(Serialize)]
struct Input<'a> {
    input: &'a str,
    calls: usize,
    problems: &'a [String],
}

#[derive(Serialize)]
struct Mistake<'a> {
    file: &'a str,
    line: u32,
    pointer: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
struct Difference<'a> {
    schema: &'static str,
    old: &'a str,
    new: &'a str,
    failed: bool,
    breaking: usize,
    may_break: usize,
    harmless: usize,
    changes: Vec<Change<'a>>,
    calls: usize,
    broken_calls: Vec<BrokenCall<'a>>,
    mistakes: Vec<Mistake<'a>>,
}

#[derive(Serialize)]
struct Change<'a> {
    rule: &'a str,
    severity: &'a str,
    half: &'a str,
    operation: Option<&'a str>,
    message: &'a str,
    place: &'a str,
    line: u32,
    calls: Option<usize>,
}

#[derive(Serialize)]
struct BrokenCall<'a> {
    call: &'a str,
    input: &'a str,
    line: u32,
    repeats: usize,
    findings: Vec<Finding<'a>>,
}

/// One document about all calls.
#[must_use]
pub fn checked(safe: &SafeChecked, fail_on: Severity) -> String {
    let checked = safe.checked();
    let [operations, parameters, statuses] =
        words::covered(&checked.coverage).map(|(_, seen, described)| Total { seen, described });
    let document = Checked {
        schema: "firstfault/contract-check/1",
        contract: &checked.contract,
        title: &checked.title,
        failed: words::fails(checked, fail_on),
        calls: checked.calls,
        matched: checked.matched,
        broken: checked.broken,
        findings: checked.groups.iter().map(group).collect(),
        covered: Totals { operations, parameters, statuses },
        coverage: checked.coverage.iter().map(covered).collect(),
        inputs: checked
            .inputs
            .iter()
            .map(|input| Input { input: &input.name, calls: input.calls, problems: &input.problems })
            .collect(),
        mistakes: checked.mistakes.iter().map(mistake).collect(),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// One document about two descriptions.
#[must_use]
pub fn difference(safe: &SafeDifference, fail_on: Severity) -> String {
    let difference = safe.difference();
    let of = |severity| difference.changes.iter().filter(|change| change.severity == severity).count();
    let document = Difference {
        schema: "firstfault/contract-diff/1",
        old: &difference.old,
        new: &difference.new,
        failed: words::breaks(difference, fail_on),
        breaking: of(Severity::Error),
        may_break: of(Severity::Warning),
        harmless: of(Severity::Note),
        changes: difference
            .changes
            .iter()
            .map(|change| Change {
                rule: &change.rule,
                severity: change.severity.word(),
                half: change.half.word(),
                operation: Some(change.operation.as_str()).filter(|name| !name.is_empty()),
                message: &change.message,
                place: &change.place,
                line: change.line,
                calls: change.calls,
            })
            .collect(),
        calls: difference.calls,
        broken_calls: difference
            .broken_calls
            .iter()
            .map(|broken| BrokenCall {
                call: &broken.call,
                input: &broken.place.0,
                line: broken.place.1,
                repeats: broken.repeats,
                findings: broken.findings.iter().map(finding).collect(),
            })
            .collect(),
        mistakes: difference.mistakes.iter().map(mistake).collect(),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn group(group: &model::Group) -> Group<'_> {
    Group {
        signature: &group.signature,
        calls: group.calls,
        finding: finding(&group.finding),
        places: group.places.iter().map(|(input, line)| Place { input, line: *line }).collect(),
    }
}

/// What a description says of one call, as part of a larger document; it passes the redactor here.
#[must_use]
pub fn against_json(mut said: super::Against, redactor: &mut Redactor) -> serde_json::Value {
    super::safe::against(&mut said, redactor);
    serde_json::to_value(against(&said)).unwrap_or_default()
}

/// What a safe report says of one call.
pub(crate) fn against(against: &super::Against) -> Against<'_> {
    Against {
        contract: &against.contract,
        operation: against.operation.as_deref(),
        findings: against.findings.iter().map(finding).collect(),
        mistakes: against.mistakes,
    }
}

/// A finding as it stands in every document.
fn finding(finding: &model::Finding) -> Finding<'_> {
    let (place, name) = match &finding.spot {
        Spot::Target => ("target", None),
        Spot::Method => ("method", None),
        Spot::Path(name) => ("path", Some(name)),
        Spot::Query(name) => ("query", Some(name)),
        Spot::Header(name) => ("header", Some(name)),
        Spot::Cookie(name) => ("cookie", Some(name)),
        Spot::Body(pointer) => ("body", Some(pointer)),
        Spot::Status => ("status", None),
    };
    Finding {
        kind: finding.kind.word(),
        half: finding.half.word(),
        severity: finding.severity.word(),
        operation: finding.operation.as_deref(),
        r#in: place,
        name: name.map(String::as_str),
        rule: &finding.rule,
        line: finding.line,
        expected: &finding.expected,
        got: &finding.got,
        message: &finding.message,
        fix: &finding.fix,
    }
}

fn covered(covered: &model::Covered) -> Covered<'_> {
    Covered {
        operation: &covered.operation,
        id: covered.id.as_deref(),
        calls: covered.calls,
        broken: covered.broken,
        parameters: covered.parameters.iter().map(|(name, seen)| Parameter { name, seen: *seen }).collect(),
        statuses: covered.statuses.iter().map(|(status, calls)| Status { status, calls: *calls }).collect(),
    }
}

fn mistake(mistake: &model::Mistake) -> Mistake<'_> {
    Mistake { file: &mistake.file, line: mistake.line, pointer: &mistake.pointer, message: &mistake.message }
}

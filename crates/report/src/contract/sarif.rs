//! SARIF 2.1.0: a rule for each kind of finding, a result for each finding, its calls as places and the description as
//! related place.

use super::safe::SafeChecked;
use super::words;
use crate::sarif::{location, log, message, uri};
use firstfault_model::contract::{Group, Kind, Severity};
use serde_json::{Value, json};

/// The log.
#[must_use]
pub fn checked(safe: &SafeChecked) -> String {
    let checked = safe.checked();
    let mut kinds: Vec<Kind> = Vec::new();
    let mut results = Vec::new();
    for group in &checked.groups {
        let kind = group.finding.kind;
        let index = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
            kinds.push(kind);
            kinds.len() - 1
        });
        results.push(result(group, index));
    }
    let mistakes = checked.mistakes.iter().map(|mistake| {
        json!({
            "level": "warning",
            "message": { "text": mistake.message },
            "locations": [location(&uri(&mistake.file), mistake.line)],
        })
    });
    let problems = checked.inputs.iter().flat_map(|input| {
        input.problems.iter().map(move |problem| {
            json!({
                "level": "note",
                "message": { "text": problem },
                "locations": [location(&uri(&input.name), 0)],
            })
        })
    });
    let rules = kinds.into_iter().map(rule).collect();
    log(rules, checked.calls > 0, mistakes.chain(problems).collect(), results)
}

/// A kind as a rule: `missing_field` is "missing field".
fn rule(kind: Kind) -> Value {
    json!({
        "id": format!("contract.{kind}"),
        "shortDescription": { "text": kind.word().replace('_', " ") },
    })
}

fn result(group: &Group, index: usize) -> Value {
    let finding = &group.finding;
    let mut text = match &finding.operation {
        Some(operation) => format!("{operation}, {}: {}", words::place(finding), finding.message),
        None => format!("{}: {}", words::place(finding), finding.message),
    };
    if !finding.fix.is_empty() {
        text.push_str(". Fix: ");
        text.push_str(&finding.fix);
    }
    let mut places = group.places.iter().map(|(file, line)| location(&uri(file), *line));
    let first: Vec<Value> = places.next().into_iter().collect();
    let mut related: Vec<Value> = Vec::new();
    if let Some((file, pointer)) = finding.rule.split_once('#') {
        let mut place = location(&uri(file), finding.line);
        place["message"] = json!({ "text": message(&format!("what the contract says: #{pointer}")) });
        related.push(place);
    }
    related.extend(places.map(|mut place| {
        place["message"] = json!({ "text": "another call with the same finding" });
        place
    }));
    json!({
        "ruleId": format!("contract.{}", finding.kind),
        "ruleIndex": index,
        "level": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": { "text": message(&text) },
        "locations": first,
        "relatedLocations": related,
        "occurrenceCount": group.calls.max(1),
        "partialFingerprints": { "firstfaultContract/v1": group.signature },
        "properties": {
            "half": finding.half.word(),
            "operation": finding.operation,
            "spot": finding.spot.to_string(),
            "expected": finding.expected,
            "got": finding.got,
        },
    })
}

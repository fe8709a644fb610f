//! What is shown of calls and contracts fits, hides secrets, and does nothing to a terminal, a browser or a parser.

use super::*;
use crate::Style;
use crate::paint::columns;
use firstfault_model::contract::{
    BrokenCall, Change, Checked, CheckedInput, Covered, Difference, Finding, Group, Half, Kind, Spot,
};
use firstfault_redact::Redactor;
use serde_json::Value;

const SECRET: &str = "ghp_0123456789abcdefghijABCDEFGHIJ012345";

fn finding(kind: Kind, severity: Severity, spot: Spot) -> Finding {
    Finding {
        kind,
        half: Half::Request,
        severity,
        spot,
        operation: Some("POST /tickets".to_owned()),
        rule: "crm.yaml#/components/schemas/Ticket/required".to_owned(),
        line: 88,
        expected: "string".to_owned(),
        got: format!("{SECRET} </failure>\u{1b}[31m"),
        message: format!("the field <b>caseType</b> is not {SECRET} & \u{202e}x | y"),
        fix: "add caseType".to_owned(),
        edit: None,
    }
}

fn checked() -> SafeChecked {
    let group = |finding: Finding, calls| Group {
        signature: "0123456789abcdef".to_owned(),
        finding,
        calls,
        places: vec![("calls.har".to_owned(), 12), ("calls.har".to_owned(), 40), ("b.har".to_owned(), 0)],
    };
    let covered = |operation: &str, calls| Covered {
        operation: operation.to_owned(),
        calls,
        parameters: vec![("query limit".to_owned(), calls > 0), ("header x-trace".to_owned(), false)],
        statuses: vec![("201".to_owned(), calls), ("400".to_owned(), 0)],
        ..Covered::default()
    };
    let secret = Finding {
        got: "open sesame".to_owned(),
        message: "the value is too short".to_owned(),
        ..finding(Kind::OutOfRange, Severity::Warning, Spot::Body("/login/password".to_owned()))
    };
    let nowhere = Finding { operation: None, ..finding(Kind::UnknownPath, Severity::Error, Spot::Target) };
    let checked = Checked {
        contract: "crm.yaml".to_owned(),
        title: "CRM 1.4.0".to_owned(),
        inputs: vec![CheckedInput { name: "calls.har".to_owned(), calls: 20, problems: vec!["cut".to_owned()] }],
        calls: 20,
        matched: 19,
        broken: 14,
        groups: vec![
            group(finding(Kind::MissingField, Severity::Error, Spot::Body("/caseType".to_owned())), 14),
            group(nowhere, 2),
            group(secret, 1),
        ],
        coverage: vec![covered("POST /tickets", 19), covered("GET /tickets", 0)],
        ..Checked::default()
    };
    SafeChecked::new(checked, &mut Redactor::new())
}

fn difference() -> SafeDifference {
    let change = |operation: &str, severity| Change {
        rule: "request-property-became-required".to_owned(),
        severity,
        half: Half::Request,
        operation: operation.to_owned(),
        message: format!("the field caseType became required {SECRET} <i>"),
        place: "new.yaml#/components/schemas/Ticket".to_owned(),
        line: 7,
        calls: Some(3),
    };
    let broken = finding(Kind::MissingField, Severity::Error, Spot::Body("/caseType".to_owned()));
    let difference = Difference {
        old: "old.yaml".to_owned(),
        new: "new.yaml".to_owned(),
        changes: vec![change("POST /tickets", Severity::Error), change("", Severity::Note)],
        calls: 5,
        broken_calls: vec![BrokenCall {
            call: "POST /v1/tickets".to_owned(),
            place: ("calls.har".to_owned(), 12),
            repeats: 3,
            findings: vec![broken],
        }],
        ..Difference::default()
    };
    SafeDifference::new(difference, &mut Redactor::new())
}

const SHOWN: Shown = Shown { fail_on: Severity::Error, coverage: true };

#[test]
fn text_fits_and_is_harmless() {
    for width in [40, 60, 80, 120] {
        let style = Style { width, color: false, verbose: false };
        for shown in [checked_text(&checked(), SHOWN, style), difference_text(&difference(), SHOWN.fail_on, style)] {
            let wide = shown.lines().find(|line| columns(line) > width);
            assert_eq!(wide, None, "{width}:\n{shown}");
            assert!(shown.starts_with('✗') && shown.contains("caseType"), "{shown}");
            assert!(!shown.contains(['\u{1b}', '\u{202e}']) && !shown.contains("ghp_0123"), "{shown}");
        }
    }
    let style = Style { width: 80, color: false, verbose: false };
    let shown = checked_text(&checked(), SHOWN, style);
    assert!(shown.contains("14 × POST /tickets · error · missing_field"), "{shown}");
    assert!(shown.contains("calls.har lines 12 and 40, b.har, and 11 calls more"), "{shown}");
    assert!(shown.contains("seen: 1 of 2 operations, 1 of 4 parameters, 1 of 4 statuses"), "{shown}");
    let coloured = checked_text(&checked(), SHOWN, Style { color: true, ..style });
    assert!(coloured.contains("\u{1b}[31m✗"), "{coloured}");
}

#[test]
fn a_value_is_judged_with_its_name() {
    let value: Value = serde_json::from_str(&checked_json(&checked(), Severity::Error)).unwrap_or_default();
    let finding = &value["findings"][2];
    assert_eq!((&finding["in"], &finding["name"]), (&"body".into(), &"/login/password".into()));
    assert!(!finding["got"].to_string().contains("sesame"), "{finding}");
}

#[test]
fn json_says_what_fails() {
    let value: Value = serde_json::from_str(&checked_json(&checked(), Severity::Error)).unwrap_or_default();
    assert_eq!((&value["schema"], &value["failed"]), (&"firstfault/contract-check/1".into(), &true.into()));
    assert_eq!(value["findings"][0]["places"][1]["line"], 40);
    assert_eq!(value["covered"]["operations"], serde_json::json!({"seen": 1, "described": 2}));
    let value: Value = serde_json::from_str(&difference_json(&difference(), Severity::Error)).unwrap_or_default();
    assert_eq!((&value["schema"], &value["breaking"]), (&"firstfault/contract-diff/1".into(), &1.into()));
    assert_eq!(value["changes"][1]["operation"], Value::Null);
    assert_eq!(value["broken_calls"][0]["findings"][0]["kind"], "missing_field");
}

#[test]
fn markup_of_evidence_does_nothing() {
    let markdown = checked_markdown(&checked(), SHOWN) + &difference_markdown(&difference(), SHOWN.fail_on);
    assert!(!markdown.contains("<b>") && !markdown.contains("<i>") && !markdown.contains("ghp_0123"), "{markdown}");
    let rows = markdown.lines().filter(|line| line.starts_with("| 14 |"));
    assert_eq!(rows.map(|row| row.replace("\\|", "").matches('|').count()).collect::<Vec<_>>(), [9]);
    let junit = checked_junit(&checked(), Severity::Error);
    assert!(!junit.contains("<b>") && !junit.contains('\u{1b}') && !junit.contains("ghp_0123"), "{junit}");
    assert_eq!(junit.matches("</failure>").count(), 2, "one for the operation, one for what fits none: {junit}");
    assert!(junit.contains("tests=\"2\" failures=\"2\""), "{junit}");
}

#[test]
fn sarif_points_to_calls_and_contract() {
    let log: Value = serde_json::from_str(&checked_sarif(&checked())).unwrap_or_default();
    let run = &log["runs"][0];
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "contract.missing_field");
    let rule = result["ruleIndex"].as_u64().and_then(|index| usize::try_from(index).ok()).unwrap_or(9);
    assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], "contract.missing_field");
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 12);
    let contract = &result["relatedLocations"][0]["physicalLocation"];
    assert_eq!(
        (&contract["artifactLocation"]["uri"], &contract["region"]["startLine"]),
        (&"crm.yaml".into(), &88.into())
    );
    assert_eq!(run["results"][2]["level"], "warning");
}

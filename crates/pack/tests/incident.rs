//! The pack of an incident, through the library.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "../../report/tests/triage/fixtures.rs"]
#[allow(dead_code, reason = "only some of them are packed")]
mod fixtures;

use common::{Bench, text};
use firstfault_model::incident::Triage;
use firstfault_pack::{Finding, Pack, Refusal, Told, incident, unzip, verify, zip};
use firstfault_redact::Redactor;

fn pack(bench: &Bench, triage: &Triage, number: usize) -> Result<Pack, Refusal> {
    incident(triage, number, &bench.settings(Told::default()), &bench.knowledge, &mut Redactor::new())
}

#[test]
fn an_incident_is_packed_with_its_report_and_verifies() {
    let bench = Bench::new();
    let pack = pack(&bench, &fixtures::rich(), 0).unwrap();
    let files = unzip(&zip(&pack.files).unwrap()).unwrap();
    let found = verify("incident.zip", &files, &bench.knowledge, &bench.edition);
    assert_eq!(found.faults, [""; 0]);
    assert_eq!(found.result, Finding::Same);
    for name in
        ["README.md", "report.html", "diagnosis.json", "incident.html", "incident.md", "triage.json", "evidence.txt"]
    {
        assert!(!text(&files, name).is_empty(), "{name}");
    }
    assert!(text(&files, "README.md").contains("incident.html"));
    let triage: serde_json::Value = serde_json::from_str(text(&files, "triage.json")).unwrap();
    assert_eq!(triage["incidents"][0]["signatures"].as_array().map(Vec::len), Some(2));
    let call: serde_json::Value = serde_json::from_str(text(&files, "call.json")).unwrap();
    assert_eq!(call["impact"]["since"], "2026-11-20T10:21:07.000Z by the logs' clocks");
    assert_eq!(call["impact"]["rate"], "4,201 of 24,812 calls");
}

#[test]
fn a_secret_in_the_logs_gets_into_no_file() {
    let bench = Bench::new();
    let mut triage = fixtures::rich();
    let secret = "ghp_FAKEfake0123456789FAKEfake0123456789";
    let story = &mut triage.incidents[0];
    story.summary = format!("calls with token {secret} fail");
    story.signatures[0].message = format!("denied: password=\"correct horse\" for {secret}");
    story.isolation[0].attributes = vec![("api_key".to_owned(), "9f86d081884c7d659a2feaa0c55ad015".to_owned())];
    let line = &mut story.representative.as_mut().unwrap().text;
    *line = format!(
        r#"{{"ts":"2026-11-20T10:22:00Z","status":401,"path":"/v1/x","error":"bad token {secret}","api_key":"9f86d081884c7d659a2feaa0c55ad015"}}"#
    );
    let pack = pack(&bench, &triage, 0).unwrap();
    for file in &pack.files {
        let shown = String::from_utf8_lossy(&file.bytes);
        for secret in [secret, "correct horse", "9f86d081884c7d659a2feaa0c55ad015"] {
            assert!(!shown.contains(secret), "{} shows {secret}", file.name);
        }
    }
}

#[test]
fn hostile_evidence_is_packed_or_refused_and_shows_nothing() {
    let bench = Bench::new();
    if let Ok(pack) = pack(&bench, &fixtures::hostile(), 0) {
        for file in &pack.files {
            assert!(!String::from_utf8_lossy(&file.bytes).contains(fixtures::SECRET), "{}", file.name);
        }
    }
}

#[test]
fn without_a_line_there_is_nothing_to_pack() {
    let bench = Bench::new();
    assert!(matches!(pack(&bench, &fixtures::two(), 1), Err(Refusal::NoCall)));
    assert!(matches!(pack(&bench, &fixtures::quiet(), 0), Err(Refusal::NoCall)));
}

//! Triages made by hand, in every format: as the snapshots show them, by the published schema, and harmless.
//! `FIRSTFAULT_BLESS=1 cargo test -p firstfault-report --test triage` writes the snapshots anew.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod common;
mod fixtures;
#[path = "../../../cli/tests/schema/mod.rs"]
mod schema;

use firstfault_model::incident::Triage;
use firstfault_redact::Redactor;
use firstfault_report::triage::{SafeTriage, json};

fn safe(triage: Triage) -> SafeTriage {
    SafeTriage::new(triage, &mut Redactor::new())
}

/// Compares with a snapshot, or writes it.
fn snapshot(name: &str, text: &str) {
    let path = common::root().join("crates/report/tests/triage/snapshots").join(name);
    if std::env::var_os("FIRSTFAULT_BLESS").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = kept.lines().zip(text.lines()).position(|(kept, now)| kept != now);
    assert!(
        kept == text,
        "{name}: differs from line {:?} on (FIRSTFAULT_BLESS=1 writes it anew)",
        differs.map(|n| n + 1)
    );
}

fn all() -> [(&'static str, Triage); 5] {
    [
        ("rich", fixtures::rich()),
        ("quiet", fixtures::quiet()),
        ("empty", fixtures::empty()),
        ("two", fixtures::two()),
        ("hostile", fixtures::hostile()),
    ]
}

#[test]
fn documents_are_what_the_schema_says() {
    for (name, triage) in all() {
        let document = json(&safe(triage));
        schema::check("triage-1.json", &serde_json::from_str(&document).unwrap());
        if name != "hostile" {
            snapshot(&format!("{name}.json"), &(document + "\n"));
        }
    }
}

#[test]
fn the_contract_holds_to_the_letter() {
    let document: serde_json::Value = serde_json::from_str(&json(&safe(fixtures::rich()))).unwrap();
    let incident = &document["incidents"][0];
    for (pointer, expected) in [
        ("/onset/at", serde_json::json!("2026-11-20T10:21:07.000Z")),
        ("/onset/interval", serde_json::json!(["2026-11-20T10:20:55.000Z", "2026-11-20T10:21:12.000Z"])),
        ("/end", serde_json::json!(null)),
        ("/isolation/0/attributes", serde_json::json!({"tenant": "acme"})),
        ("/isolation/1/attributes", serde_json::json!({"api_key": "key_acme_1", "region": "eu-west-1"})),
        ("/change/id", serde_json::json!("config-1a2b3")),
        ("/retry_amplification", serde_json::json!(3.4)),
        ("/affected/users", serde_json::json!(311)),
        ("/bucket", serde_json::json!("auth")),
        ("/layer", serde_json::json!("auth")),
        ("/upstream", serde_json::json!("keys")),
    ] {
        assert_eq!(incident.pointer(pointer), Some(&expected), "{pointer}");
    }
    schema::check("diagnosis-1.json", &incident["representative"]["diagnosis"]);
    let source = incident.pointer("/representative/diagnosis/hypotheses/0/for/0/source");
    assert_eq!(source, Some(&serde_json::json!("line 8413")), "evidence stands where the line stands");
    let quiet: serde_json::Value = serde_json::from_str(&json(&safe(fixtures::quiet()))).unwrap();
    assert_eq!(quiet["incidents"], serde_json::json!([]));
    let two: serde_json::Value = serde_json::from_str(&json(&safe(fixtures::two()))).unwrap();
    assert_eq!(two["incidents"][1]["change"], serde_json::json!(null));
}

//! The report on a flow fits, hides secrets and says in JSON what it says in text.

use super::{SafeFlow, json, text};
use crate::Style;
use crate::paint::columns;
use firstfault_model::way::{Example, Fault, Finding, FlowReport, FlowStep};
use firstfault_model::{Layer, Owner};
use firstfault_redact::Redactor;

fn sample() -> FlowReport {
    let step = |id: &str, title: &str, passed, broken| FlowStep {
        id: id.to_owned(),
        title: title.to_owned(),
        systems: vec!["chat".to_owned()],
        passed,
        broken,
        pending: 0,
        median: Some(52),
    };
    FlowReport {
        name: "chat-to-ticket".to_owned(),
        title: "A completed chat becomes a ticket".to_owned(),
        key: "chat_id".to_owned(),
        keys: 120,
        complete: 105,
        broken: 15,
        steps: vec![step("sent", "webhook sent", 120, 0), step("received", "CRM received it", 105, 15)],
        findings: vec![Finding {
            step: "received".to_owned(),
            number: 1,
            fault: Fault::Failed,
            finding: "the CRM does not accept the webhook's token".to_owned(),
            owner: Some(Owner::Caller),
            layer: Some(Layer::Auth),
            cause: "auth.revoked".to_owned(),
            next: "Put a valid token of the CRM into the platform's subscription.".to_owned(),
            count: 15,
            seen: Some((1_772_442_137_052, 1_772_443_941_106)),
            statuses: vec![(401, 15)],
            said: Some("crm: token=ghp_0123456789abcdefghijABCDEFGHIJ012345 was refused \u{1b}[31m".to_owned()),
            examples: vec![Example {
                key: "chat_f1a6\u{202e}".to_owned(),
                at: 1_772_442_137_052,
                ids: vec![("webhook_id".to_owned(), "evt_1".to_owned())],
                source: ("chat.log".to_owned(), 29),
            }],
            ..Finding::default()
        }],
        ..FlowReport::default()
    }
}

#[test]
fn it_fits_hides_secrets_and_does_nothing_to_the_terminal() {
    let safe = SafeFlow::new(sample(), &mut Redactor::new());
    for width in [60, 80, 120] {
        let shown = text(&safe, Style { width, color: false, verbose: false });
        assert!(shown.lines().all(|line| columns(line) <= width), "{width}:\n{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']) && !shown.contains("ghp_0123"), "{shown}");
        assert!(shown.contains("15 × step 2, CRM received it: failed"), "{shown}");
    }
}

#[test]
fn json_names_the_step() {
    let safe = SafeFlow::new(sample(), &mut Redactor::new());
    let value: serde_json::Value = serde_json::from_str(&json(&safe)).unwrap_or_default();
    assert_eq!(value["schema"], "firstfault/flow/1");
    let finding = &value["findings"][0];
    assert_eq!((&finding["step"], &finding["fault"]), (&"received".into(), &"failed".into()));
    assert_eq!(finding["since"], "2026-03-02T09:02:17.052Z");
    assert!(!json(&safe).contains("ghp_0123"));
}

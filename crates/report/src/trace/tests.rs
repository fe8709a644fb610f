//! The report on a trace fits, hides secrets and says in JSON what it says in text.

use super::{SafeTrace, json, text};
use crate::Style;
use crate::paint::columns;
use firstfault_model::incident::{Hop, ShortTimeout};
use firstfault_model::way::{Clock, Trace};
use firstfault_model::{Bucket, Layer, Owner};
use firstfault_redact::Redactor;

fn hop(service: &str, depth: u32, at: i64, duration: f64, status: u16, message: &str) -> Hop {
    Hop {
        service: service.to_owned(),
        depth,
        at: Some(at),
        duration: Some(duration),
        what: "POST /webhooks/chat".to_owned(),
        status: Some(status),
        failed: status >= 400,
        message: message.to_owned(),
        source: (format!("{service}.log"), 7),
        ..Hop::default()
    }
}

fn sample() -> Trace {
    Trace {
        id: "7b0c7c2e-11\u{1b}[2J".to_owned(),
        lines: 3,
        hops: vec![
            hop("chat", 0, 1_772_442_000_000, 30_010.0, 504, "webhook delivery failed"),
            Hop {
                origin: true,
                ..hop("gateway", 1, 1_772_442_000_005, 30_000.0, 504, "password=hunter2hunter2 \u{202e}")
            },
            Hop { skew: 90_000, ..hop("crm", 2, 1_772_442_090_006, 41_000.0, 201, "") },
        ],
        failed: true,
        first: Some(1),
        layer: Some(Layer::Gateway),
        bucket: Some(Bucket::Upstream),
        cause: "upstream.gateway_timeout".to_owned(),
        probability: 0.91,
        owner: Some(Owner::Provider),
        summary: "gateway failed first: it gave up after 30.0 s, and crm needed 41.0 s.".to_owned(),
        short_timeouts: vec![ShortTimeout {
            gateway: "gateway".to_owned(),
            gave_up: 30_000.0,
            backend: "crm".to_owned(),
            answered: 41_000.0,
            count: 1,
        }],
        clocks: vec![Clock {
            service: "crm".to_owned(),
            offset: 90_000,
            bounds: (None, Some(90_001)),
            because: "gateway gave up before it ended: only its beginning bounds it".to_owned(),
        }],
        ..Trace::default()
    }
}

#[test]
fn it_fits_hides_secrets_and_does_nothing_to_the_terminal() {
    let safe = SafeTrace::new(sample(), &mut Redactor::new());
    for width in [40, 80, 120] {
        let shown = text(&safe, Style { width, color: false, verbose: false });
        assert!(shown.lines().all(|line| columns(line) <= width.max(60)), "{width}:\n{shown}");
        assert!(!shown.contains(['\u{1b}', '\u{202e}']) && !shown.contains("hunter2"), "{shown}");
        assert!(shown.contains("▶") && shown.contains("failed first"), "{shown}");
    }
    let coloured = text(&safe, Style { width: 80, color: true, verbose: false });
    assert!(coloured.contains("\u{1b}[31m"));
}

#[test]
fn json_says_what_failed_first() {
    let safe = SafeTrace::new(sample(), &mut Redactor::new());
    let value: serde_json::Value = serde_json::from_str(&json(&safe)).unwrap_or_default();
    assert_eq!(value["schema"], "firstfault/trace/1");
    assert_eq!((&value["service"], &value["layer"]), (&"gateway".into(), &"gateway".into()));
    assert_eq!(value["hops"][2]["corrected"], "2026-03-02T09:00:00.006Z");
    assert_eq!(value["short_timeouts"][0]["answered_ms"], 41_000.0);
    assert!(!json(&safe).contains("hunter2"));
}

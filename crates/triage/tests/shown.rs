//! What a person and a program get of real logs: it fits, and JSON is what the published schemas say.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may stop")]

mod common;

use common::read;
use firstfault_knowledge::Knowledge;
use firstfault_lab::logs::{Setting, variant, write};
use firstfault_redact::Redactor;
use firstfault_report::{Style, flow as flow_report, trace as trace_report};
use firstfault_triage::flow::{Definition, FlowLine, flow};
use firstfault_triage::trace::{TraceLine, trace};
use serde_json::Value;

/// Every member that a schema requires is there, and none that it does not know.
fn holds(schema: &Value, value: &Value, root: &Value, at: &str) {
    let schema = match schema["$ref"].as_str() {
        Some(name) => &root["$defs"][name.trim_start_matches("#/$defs/")],
        None => schema,
    };
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().expect(at) {
            assert!(object.contains_key(name.as_str().unwrap()), "{at}: expected {name}");
        }
        for (name, member) in object {
            let known = schema["properties"].get(name).unwrap_or_else(|| panic!("{at}.{name}: is not in the schema"));
            holds(known, member, root, &format!("{at}.{name}"));
        }
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        holds(&schema["items"], item, root, &format!("{at}[{number}]"));
    }
}

fn check(name: &str, text: &str) {
    let path = format!("{}/../../docs/schema/{name}", env!("CARGO_MANIFEST_DIR"));
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    holds(&schema, &serde_json::from_str(text).unwrap(), &schema, name);
}

#[test]
fn reports_fit_and_are_what_the_schemas_say() {
    let knowledge = Knowledge::builtin();
    let text = Definition::shipped("chat-to-ticket").unwrap();
    let definition = Definition::parse("chat-to-ticket.toml", text, &knowledge).unwrap();
    for name in ["healthy", "token", "gateway-timeout", "exception-translated", "two-tickets", "connection-refused"] {
        let setting = Setting { skew: [0, -61_000, 90_000], ..Setting::default() };
        let logs = write(variant(name).unwrap(), &setting);
        let lines = read(&logs);
        let given = lines.iter().map(|l| FlowLine { input: l.input, line: l.line, text: &l.text, record: &l.record });
        let safe = flow_report::SafeFlow::new(flow(&definition, given, &knowledge), &mut Redactor::new());
        check("flow-1.json", &flow_report::json(&safe));
        let correlation = &logs.requests[0];
        let of_request: Vec<TraceLine> = lines
            .iter()
            .filter(|l| l.text.contains(correlation.as_str()))
            .map(|l| TraceLine { input: l.input.into(), line: l.line, text: l.text.clone(), record: l.record.clone() })
            .collect();
        let way = trace_report::SafeTrace::new(trace(correlation, &of_request, &knowledge), &mut Redactor::new());
        check("trace-1.json", &trace_report::json(&way));
        for width in [80, 120] {
            let style = Style { width, color: false, verbose: false };
            let shown = flow_report::text(&safe, style) + "\n" + &trace_report::text(&way, style);
            // Commands stay on one line, so that they can be copied.
            let long = |line: &&str| line.chars().count() > width && !line.starts_with("             ");
            assert_eq!(shown.lines().find(long), None, "{name} at {width}");
        }
    }
}

//! The diagnosis as RFC 9457 problem details: one object for one input, an array for several.

use crate::safe::{Call, Report, Safe};
use serde_json::{Map, Value, json};

/// The document, without a line end.
#[must_use]
pub fn problem(reports: &[Safe]) -> String {
    let mut objects: Vec<Value> = reports.iter().map(|safe| object(safe.report())).collect();
    let document = if objects.len() == 1 { objects.swap_remove(0) } else { Value::Array(objects) };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// The call that failed first; what is no evidence of a call is a problem of its own type.
fn object(report: &Report) -> Value {
    match report.calls.get(report.first) {
        Some(call) => of_call(report, call),
        None => json!({
            "type": "urn:firstfault:unreadable",
            "title": "The input is no evidence of a call",
            "detail": report.unreadable.as_deref().unwrap_or_default(),
            "input": report.input,
        }),
    }
}

fn of_call(report: &Report, call: &Call) -> Value {
    let d = &call.diagnosis;
    // A type says what kind of problem it is, so a cause that is only the likeliest is not the type.
    let kind = if d.attributed { d.cause.as_str() } else { "unknown" };
    let title = match (d.failed, d.attributed) {
        (false, _) => "Nothing failed",
        (true, true) => d.hypotheses.first().map_or("No rule knows this failure", |h| h.title.as_str()),
        (true, false) => "The evidence does not settle the cause",
    };
    let mut members = Map::new();
    let mut add = |name: &str, value: Value| members.insert(name.to_owned(), value);
    add("type", json!(format!("urn:firstfault:cause:{kind}")));
    add("title", json!(title));
    if let Some(status @ 100..=599) = call.status {
        add("status", json!(status));
    }
    add("detail", json!(d.summary));
    add("instance", json!(format!("urn:firstfault:call:{}:{}", d.signature, call.span.start)));
    add("input", json!(report.input));
    add("failed", json!(d.failed));
    add("bucket", json!(d.bucket.word()));
    add("layer", json!(d.layer.map_or("none", firstfault_model::Layer::word)));
    add("cause", json!(d.cause));
    add("probability", json!(d.probability));
    add("attributed", json!(d.attributed));
    if let Some(missing) = &d.missing {
        add("missing", json!(missing));
    }
    add("retry", json!(d.retry.word()));
    if let Some(seconds) = d.retry_after {
        add("retry_after_seconds", json!(seconds));
    }
    add("safe_to_repeat", json!(d.safe_to_repeat));
    add("owner", json!(d.owner.word()));
    add("signature", json!(d.signature));
    add("method", json!(call.method));
    add("url", json!(call.url));
    let ids: Map<String, Value> = d.ids.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    add("correlation_ids", Value::Object(ids));
    add("also", json!(report.failed.saturating_sub(1)));
    Value::Object(members)
}

//! The diagnosis as RFC 9457 problem details: one object for one input, an array for several.

use crate::safe::{Call, Report, Safe};
use serde::Serialize;
use std::collections::BTreeMap;

/// One document: the members of RFC 9457 first, then those that extend it.
#[derive(Serialize)]
#[serde(untagged)]
enum Problem<'a> {
    OfCall(Box<OfCall<'a>>),
    Unreadable { r#type: &'static str, title: &'static str, detail: &'a str, input: &'a str },
}

#[derive(Serialize)]
struct OfCall<'a> {
    r#type: String,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    detail: &'a str,
    instance: String,
    input: &'a str,
    failed: bool,
    bucket: &'a str,
    layer: &'a str,
    cause: &'a str,
    probability: f64,
    attributed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
    retry: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    safe_to_repeat: Option<bool>,
    owner: &'a str,
    signature: &'a str,
    method: Option<&'a str>,
    url: Option<&'a str>,
    correlation_ids: BTreeMap<&'a str, &'a str>,
    also: usize,
}

/// The document, without a line end.
#[must_use]
pub fn problem(reports: &[Safe]) -> String {
    let problems: Vec<Problem<'_>> = reports.iter().map(|safe| object(safe.report())).collect();
    match problems.as_slice() {
        [one] => serde_json::to_string_pretty(one),
        many => serde_json::to_string_pretty(many),
    }
    .unwrap_or_default()
}

/// The call that failed first; what is no evidence of a call is a problem of its own type.
fn object(report: &Report) -> Problem<'_> {
    match report.calls.get(report.first) {
        Some(call) => Problem::OfCall(Box::new(of_call(report, call))),
        None => Problem::Unreadable {
            r#type: "urn:firstfault:unreadable",
            title: "The input is no evidence of a call",
            detail: report.unreadable.as_deref().unwrap_or_default(),
            input: &report.input,
        },
    }
}

fn of_call<'a>(report: &'a Report, call: &'a Call) -> OfCall<'a> {
    let d = &call.diagnosis;
    // A type says what kind of problem it is, so a cause that is only the likeliest is not the type.
    let kind = if d.attributed { d.cause.as_str() } else { "unknown" };
    OfCall {
        r#type: format!("urn:firstfault:cause:{kind}"),
        title: match (d.failed, d.attributed) {
            (false, true) => "Nothing failed",
            (false, false) => "The call was not sent",
            (true, true) => d.hypotheses.first().map_or("No rule knows this failure", |h| h.title.as_str()),
            (true, false) => "The evidence does not settle the cause",
        },
        status: call.status.filter(|status| matches!(status, 100..=599)),
        detail: &d.summary,
        instance: format!("urn:firstfault:call:{}:{}", d.signature, call.span.start),
        input: &report.input,
        failed: d.failed,
        bucket: d.bucket.word(),
        layer: d.layer.map_or("none", firstfault_model::Layer::word),
        cause: &d.cause,
        probability: d.probability,
        attributed: d.attributed,
        missing: d.missing.as_deref(),
        retry: d.retry.word(),
        retry_after_seconds: d.retry_after,
        safe_to_repeat: d.safe_to_repeat,
        owner: d.owner.word(),
        signature: &d.signature,
        method: call.method.as_deref(),
        url: call.url.as_deref(),
        correlation_ids: d.ids.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
        also: report.failed.saturating_sub(1),
    }
}

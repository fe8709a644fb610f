//! A call in, facts and searchable text out: whatever a call says about itself, read by the shapes
//! that standards, frameworks and gateways document.
//!
//! This crate refuses to know rules and verdicts: it says that a body carries the code `expired`,
//! never what that means. It cannot fail, does bounded work, and no fact carries a credential.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod asked;
mod behind;
mod credential;
mod date;
mod fields;
mod fingerprint;
mod json;
mod json_parser;
mod jwt;
mod limits;
mod markup;
mod messages;
mod page;
mod preflight;
mod repair;
mod request;
mod response;
mod roles;
mod shape;
mod sink;
mod soft;
mod texts;
mod timing;
mod validation;
mod webhook;
mod wordings;
mod xml;

pub use behind::path_behind;
pub use credential::{is_secret_header, is_secret_query};
pub use repair::repair_json;

use date::Now;
use firstfault_model::{Call, Observations, Place, Text, Vantage};
use sink::Sink;

/// What time it is, in milliseconds since the Unix epoch, where the call itself does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// By other parts of the evidence, such as the last log line.
    pub evidence: Option<i64>,
    /// By this machine: the last resort, as evidence is often old.
    pub machine: Option<i64>,
}

/// Codes that a reader took out of a program's words are words too: rules look for them as they look for any phrase.
fn codes_as_words(call: &Call, out: &mut Sink) {
    for attribute in &call.attributes {
        let is_code = matches!(
            attribute.name.as_str(),
            "error.code"
                | "error.type"
                | "exception.type"
                | "exception.root"
                | "envoy.details"
                | "gcp.status_details"
                | "apigw.error_type"
        );
        if is_code && !call.messages.iter().any(|m| m.text.contains(&attribute.value)) {
            out.text(Place::Message, attribute.value.clone(), attribute.span, 0);
        }
    }
}

/// The order of log levels.
fn severity(level: &str) -> u8 {
    match level {
        "trace" => 0,
        "debug" => 1,
        "info" => 2,
        "notice" => 3,
        "warn" => 4,
        "error" => 5,
        _ => 6,
    }
}

/// Whether a log shows that its program answers requests: a path or status that came in, or a server's own thread,
/// logger or frame.
fn tells_of_serving(call: &Call) -> bool {
    let names_target = call.request.as_ref().is_some_and(|r| !r.url.path.is_empty()) || call.status().is_some();
    let marked = call
        .attributes
        .iter()
        .any(|a| matches!(a.name.as_str(), "gateway" | "backend" | "client.address" | "k8s.reason" | "serves"));
    names_target || marked
}

/// Reads a call into facts and texts. The clock is used only where the call has none of its own.
#[must_use]
pub fn observe(call: &Call, clock: Clock) -> Observations {
    let now = Now::of(call, clock);
    let mut out = Sink::default();
    let worst = call.attributes.iter().filter(|a| a.name == "log.level").max_by_key(|a| severity(&a.value));
    for attribute in &call.attributes {
        // Lines of several levels tell one story, and the worst of them says how bad it is.
        if attribute.name != "log.level" || worst.is_some_and(|worst| std::ptr::eq(worst, attribute)) {
            out.fact(attribute.name.clone(), &attribute.value, attribute.span);
        }
    }
    if let Some(attempt) = call.attempt.filter(|attempt| *attempt > 1) {
        out.first("attempts", &attempt.to_string(), call.span);
    }
    let vantage = match call.vantage {
        Vantage::Client => "client",
        Vantage::Gateway => "gateway",
        // A log that names nothing that came in may be that of a job which only makes calls.
        Vantage::Server if !tells_of_serving(call) => "program",
        Vantage::Server => "server",
    };
    out.first("vantage", vantage, call.span);
    if let Some(request) = &call.request {
        request::read(call, request, now, &mut out);
    }
    if let Some(response) = &call.response {
        response::read(call, response, now, &mut out);
        if let Some(request) = &call.request {
            asked::read(request, response, &mut out);
        }
    }
    validation::of_what_was_not_sent(call, &mut out);
    messages::read(call, &mut out);
    codes_as_words(call, &mut out);
    timing::read(call, &mut out);
    out.into()
}

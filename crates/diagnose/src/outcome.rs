//! Did the call fail at all? The status code is one witness among several.

use firstfault_knowledge::Firing;
use firstfault_model::{Bucket, Layer, Observations, Place, Strength};

/// Whether anything failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing did.
    Passed,
    /// Something did.
    Failed,
}

/// Weighs the witnesses: rules that settle it, the status, failures before a status, and what programs said.
#[must_use]
pub fn outcome(observations: &Observations, firings: &[Firing]) -> Outcome {
    if firings.iter().any(|f| f.rule.fails) {
        return Outcome::Failed;
    }
    let status = status(observations);
    if firings.iter().any(|f| f.rule.healthy) {
        return Outcome::Passed;
    }
    let transport_failed =
        ["net_error", "tls.verify", "tls.alert", "probe.failure.phase"].iter().any(|k| observations.has(k))
            || observations.value("curl.exit").is_some_and(|v| v != "0")
            || observations.value("http.connect_status").is_some_and(|v| !v.starts_with('2'));
    let said_error = observations.has("exception.type")
        || observations.every("log.level").any(|l| matches!(l.value.as_str(), "error" | "fatal"));
    let grpc_failed = observations.value("grpc.status").is_some_and(|v| v != "0");
    let failed = match status {
        Some(0) | None => {
            transport_failed
                || said_error
                || grpc_failed
                || observations.has("errno")
                || observations.has("error.code")
                || observations.has("error.message")
                || observations.has("soft_failure")
                || message_is_evidence(
                    firings,
                    if only_informs(observations) { Strength::Strong } else { Strength::Moderate },
                )
        }
        Some(400..) => true,
        Some(_) => {
            observations.has("soft_failure")
                || transport_failed
                || grpc_failed
                || said_error
                    && (message_is_evidence(firings, Strength::Moderate) || observations.has("exception.type"))
                // A record whose own field for errors is filled, with words that are known to mean a failure.
                || (observations.has("error.code") || observations.has("error.message"))
                    && message_is_evidence(firings, Strength::Moderate)
        }
    };
    if failed { Outcome::Failed } else { Outcome::Passed }
}

/// True when a log says of all its lines that they are no more than information: "webhook signature verified" names a
/// failure's words and tells of none.
fn only_informs(observations: &Observations) -> bool {
    observations.has("log.level")
        && observations.every("log.level").all(|l| matches!(l.value.as_str(), "info" | "debug" | "trace" | "notice"))
}

/// True when a program's words are known to mean a failure.
fn message_is_evidence(firings: &[Firing], least: Strength) -> bool {
    firings
        .iter()
        .any(|f| f.place == Some(Place::Message) && f.rule.supports.iter().any(|(_, strength)| *strength >= least))
}

/// How sure it is that nothing failed. People paste what troubles them, so a success status is strong evidence and
/// no proof, and the mere absence of a failure is weak.
#[must_use]
pub fn confidence_in_passing(observations: &Observations) -> f64 {
    if status(observations).is_some() { 0.85 } else { 0.5 }
}

/// The response status, when one was seen.
#[must_use]
pub fn status(observations: &Observations) -> Option<u16> {
    observations.value("status").and_then(|v| v.parse().ok())
}

/// True when a probe looked at the way and did not make the call.
#[must_use]
pub fn withheld(observations: &Observations) -> bool {
    observations.has("probe.withheld") && status(observations).is_none()
}

/// True when a request was held against a description and nothing shows that it was sent.
#[must_use]
pub fn before_the_call(observations: &Observations) -> bool {
    observations.value("contract.answer") == Some("none")
}

/// True for a 2xx.
#[must_use]
pub fn is_success(observations: &Observations) -> bool {
    matches!(status(observations), Some(200..=299))
}

/// Where it failed when no rule says so: the furthest point that the evidence proves.
#[must_use]
pub fn guess_layer(observations: &Observations) -> Layer {
    match status(observations) {
        Some(401 | 403 | 407) => Layer::Auth,
        Some(502..=504) => Layer::Gateway,
        Some(500..) => Layer::Backend,
        Some(1..) => Layer::Client,
        _ if observations.value("vantage").is_some_and(|v| matches!(v, "server" | "program")) => Layer::Backend,
        _ => Layer::Client,
    }
}

/// What kind it is when no rule says so.
#[must_use]
pub fn guess_bucket(observations: &Observations) -> Bucket {
    match status(observations) {
        Some(401 | 403) => Bucket::Auth,
        Some(429) => Bucket::RateLimit,
        Some(502..=504) => Bucket::Upstream,
        Some(500..) => Bucket::Server,
        Some(1..) => Bucket::Client,
        _ if observations.value("vantage").is_some_and(|v| matches!(v, "server" | "program")) => Bucket::Server,
        _ => Bucket::Client,
    }
}

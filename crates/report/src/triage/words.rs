//! What every format says in the same words: times, spans, shares, counts, and the one sentence.

use firstfault_model::Bucket;
use firstfault_model::incident::{Affected, Incident, Isolation};
pub use firstfault_model::said::{attributes, between, clock, count, date, duration, moment, share, some};
use std::fmt::Write as _;

/// `client_version` as `client version`.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// The bucket in words.
pub fn bucket(bucket: Option<Bucket>) -> &'static str {
    match bucket {
        None => "unknown",
        Some(Bucket::RateLimit) => "rate limit",
        Some(other) => other.word(),
    }
}

/// `97 % fail inside, 1.0 % outside, 0.50 % before`.
pub fn rates(isolation: &Isolation) -> String {
    format!(
        "{} fail inside, {} outside, {} before",
        share(isolation.rate_inside),
        share(isolation.rate_outside),
        share(isolation.rate_before)
    )
}

/// `311 users, 1 tenant, 12 routes`; empty where no line says.
pub fn affected(affected: &Affected) -> String {
    let Affected { users, tenants, routes, hosts, regions, client_versions } = *affected;
    let all = [
        (users, "user"),
        (tenants, "tenant"),
        (routes, "route"),
        (hosts, "host"),
        (regions, "region"),
        (client_versions, "client version"),
    ];
    let said: Vec<String> = all.iter().filter_map(|(n, word)| n.map(|n| some(n, word))).collect();
    said.join(", ")
}

/// What is left to 1: that none of the changes did it.
pub fn none_of_these(incident: &Incident) -> f64 {
    let sum: f64 = incident.changes.iter().map(|change| change.probability).filter(|p| p.is_finite()).sum();
    (1.0 - sum).clamp(0.0, 1.0)
}

/// `POST /v1/tickets of crm → 401 bad_signature`, as far as the signature says.
pub fn signature_head(signature: &firstfault_model::incident::Signature) -> String {
    let mut words: Vec<String> = [&signature.method, &signature.route].into_iter().flatten().cloned().collect();
    if let Some(service) = &signature.service {
        words.push(if words.is_empty() { service.clone() } else { format!("of {service}") });
    }
    let answer: Vec<String> =
        signature.status.map(|s| s.to_string()).into_iter().chain(signature.error_code.clone()).collect();
    if !answer.is_empty() {
        words.push(format!("→ {}", answer.join(" ")));
    }
    words.join(" ")
}

/// One sentence about an incident, for where nobody wrote a better one.
#[must_use]
pub fn sentence(incident: &Incident) -> String {
    let mut out = String::new();
    let top = incident.signatures.first();
    let where_ = incident.isolation.first().map(|isolation| attributes(&isolation.attributes));
    match (&where_, incident.isolation.first()) {
        (Some(place), Some(isolation)) => {
            let _ =
                write!(out, "{} of {} calls of {place} are failing", count(isolation.failures), count(isolation.calls));
        }
        _ => {
            let _ =
                write!(out, "{} of {} calls are failing, everywhere", count(incident.failures), count(incident.calls));
        }
    }
    if let Some(status) = top.and_then(|signature| signature.status) {
        let _ = write!(out, " with {status}");
    }
    let _ = write!(out, " since {} UTC", date(incident.onset));
    match incident.change.as_ref() {
        Some(change) => {
            let _ = write!(out, ", after {}", change.id);
        }
        None if incident.changes.is_empty() => {}
        None => out.push_str(", and no known change explains it"),
    }
    match incident.layer {
        Some(layer) if incident.cause != "unknown" && !incident.cause.is_empty() => {
            let _ = write!(out, ": it fails first at the {layer} layer ({}).", incident.cause);
        }
        Some(layer) => {
            let _ = write!(out, ": it fails first at the {layer} layer.");
        }
        None => out.push('.'),
    }
    if out.contains(" are failing") && incident.end.is_some() {
        out = out.replacen(" are failing", " failed", 1);
    }
    out
}

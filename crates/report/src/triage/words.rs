//! What every format says in the same words: times, spans, shares, counts, and the one sentence.

use firstfault_model::incident::{Affected, Course, Figure, Incident, Isolation, ShortTimeout, Triage};
pub use firstfault_model::said::{attributes, between, clock, count, date, duration, moment, share, some};
use firstfault_model::{Bucket, Layer, LayerState, LayerVerdict};
use std::fmt::Write as _;

/// `client_version` as `client version`.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// The bucket in words.
pub fn bucket(bucket: Option<Bucket>) -> &'static str {
    match bucket {
        None => "unknown",
        Some(bucket) => crate::text::bucket(bucket),
    }
}

/// `97% fail inside, 1.0% outside, 0.50% before`.
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

/// How it began, in words.
pub fn course(course: Course) -> &'static str {
    match course {
        Course::Step => "at once",
        Course::Spike => "at once, as a spike",
        Course::Ramp => "growing",
    }
}

/// The six layers as `diagnose` shows them: those of the representative's own verdict when it says the same, else only
/// the one that failed first. Nothing where no layer is known.
pub fn layers(incident: &Incident) -> Vec<LayerVerdict> {
    let Some(first) = incident.layer else { return Vec::new() };
    let own = incident.representative.as_ref().and_then(|r| r.diagnosis.as_deref()).filter(|d| d.layer == Some(first));
    if let Some(own) = own {
        return own.layers.clone();
    }
    let began = incident.origins.iter().find(|origin| origin.layer == Some(first));
    let because = began.map_or_else(
        || "as far as the failing calls tell".to_owned(),
        |origin| format!("{} began at {}", some(origin.count, "failing request"), origin.service),
    );
    Layer::ALL
        .iter()
        .map(|layer| LayerVerdict {
            layer: *layer,
            state: if *layer == first { LayerState::Failed } else { LayerState::Unknown },
            because: if *layer == first { because.clone() } else { String::new() },
        })
        .collect()
}

/// A gateway that gave up too soon, in one sentence.
pub fn short_timeout(timeout: &ShortTimeout) -> String {
    format!(
        "{} gave up after {}, {} answered after {}: {} times",
        timeout.gateway,
        duration(timeout.gave_up),
        timeout.backend,
        duration(timeout.answered),
        count(timeout.count)
    )
}

/// The inputs as words of a command, at most four.
pub fn inputs(triage: &Triage) -> String {
    let plain =
        |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'/' | b','));
    let word = |name: &str| {
        if plain(name) && !name.is_empty() { name.to_owned() } else { format!("'{}'", name.replace('\'', r"'\''")) }
    };
    let mut names: Vec<String> = triage.inputs.iter().take(4).map(|input| word(&input.name)).collect();
    if triage.inputs.len() > 4 || names.is_empty() {
        names.push("LOGS…".to_owned());
    }
    names.join(" ")
}

/// The seven figures: id, title, target.
pub const TARGETS: &[(&str, &str, &str)] = &[
    ("response_time", "response time (95th percentile)", "< 200 ms"),
    ("errors", "errors", "< 1%"),
    ("time_outs", "time-outs", "< 0.5%"),
    ("auth_failures", "authentication failures", "0"),
    ("validation_errors", "validation errors", "0"),
    ("retry_success", "retries that succeed", "> 90%"),
    ("logging_coverage", "calls logged in full", "100%"),
];

/// The value of a figure in its unit; `-` where the data cannot tell.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
pub fn figure(figure: &Figure) -> String {
    match (figure.value, figure.unit.as_str()) {
        (None, _) => "-".to_owned(),
        (Some(value), "ms") => duration(value),
        (Some(value), "share") => share(value),
        (Some(value), _) if value.is_finite() && value >= 0.0 => count(value as u64),
        (Some(_), _) => "-".to_owned(),
    }
}

/// `its clock +1.2 s`; empty for none.
#[allow(clippy::cast_precision_loss, reason = "milliseconds between clocks")]
pub fn skew(ms: i64) -> String {
    match ms {
        0 => String::new(),
        ms => format!("clock {}{}", if ms < 0 { "−" } else { "+" }, duration(ms.unsigned_abs() as f64)),
    }
}

//! What every format says in the same words: times, spans, shares, counts, and the one sentence.

use firstfault_model::incident::{Affected, Incident, Isolation};
use firstfault_model::{Bucket, rfc3339};
use std::fmt::Write as _;

/// `2026-11-20T10:21:07.000Z`: RFC 3339 with milliseconds, in UTC; empty outside the years 1 to 9999.
pub fn moment(ms: i64) -> String {
    let text = rfc3339(ms);
    match text.strip_suffix('Z') {
        Some(bare) if !bare.contains('.') => format!("{bare}.000Z"),
        _ => text,
    }
}

/// `2026-11-20 10:21:07`, in UTC; `unknown` outside the years 1 to 9999.
pub fn date(ms: i64) -> String {
    let text = rfc3339(ms);
    text.get(..19).map_or_else(|| "unknown".to_owned(), |text| text.replace('T', " "))
}

/// `10:21:07`, in UTC.
pub fn clock(ms: i64) -> String {
    rfc3339(ms).get(11..19).unwrap_or("unknown").to_owned()
}

/// `10:21`, in UTC.
pub fn minute(ms: i64) -> String {
    rfc3339(ms).get(11..16).unwrap_or("unknown").to_owned()
}

/// `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 user`, `311 users`.
pub fn some(n: u64, word: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {word}{plural}", count(n))
}

/// A share as `97 %`, `0.4 %`; never `0 %` or `100 %` when it is not quite that.
pub fn share(share: f64) -> String {
    let percent = share * 100.0;
    if !percent.is_finite() {
        "unknown".to_owned()
    } else if percent <= 0.0 {
        "0 %".to_owned()
    } else if percent < 0.01 {
        "< 0.01 %".to_owned()
    } else if percent < 1.0 {
        format!("{percent:.2} %")
    } else if percent < 10.0 {
        format!("{percent:.1} %")
    } else if percent > 99.0 && percent < 100.0 {
        format!("{:.1} %", percent.min(99.9))
    } else {
        format!("{percent:.0} %")
    }
}

/// A duration as `450 ms`, `3.2 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
pub fn duration(ms: f64) -> String {
    if !ms.is_finite() || ms < 0.0 {
        return "unknown".to_owned();
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "finite and not negative")]
    let seconds = (ms / 1000.0).round() as u64;
    let two = |large: u64, unit: &str, small: u64, sub: &str| {
        if small == 0 { format!("{large} {unit}") } else { format!("{large} {unit} {small} {sub}") }
    };
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else if ms < 10_000.0 {
        format!("{:.1} s", ms / 1000.0)
    } else if seconds < 60 {
        format!("{seconds} s")
    } else if seconds < 3_600 {
        two(seconds / 60, "min", seconds % 60, "s")
    } else if seconds < 86_400 {
        two(seconds / 3_600, "h", seconds % 3_600 / 60, "min")
    } else {
        two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h")
    }
}

/// The time between two moments.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a log fit")]
pub fn between(from: i64, to: i64) -> String {
    duration(to.saturating_sub(from).max(0) as f64)
}

/// `tenant acme, route /v1/tickets`; `everywhere` for none.
pub fn attributes(attributes: &[(String, String)]) -> String {
    if attributes.is_empty() {
        return "everywhere".to_owned();
    }
    attributes.iter().map(|(name, value)| format!("{} {value}", spaced(name))).collect::<Vec<_>>().join(", ")
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(some(1, "user"), "1 user");
        let shares: Vec<String> = [0.0, 0.000_01, 0.004, 0.05, 0.97, 0.9999, 1.0].iter().map(|s| share(*s)).collect();
        assert_eq!(shares, ["0 %", "< 0.01 %", "0.40 %", "5.0 %", "97 %", "99.9 %", "100 %"]);
        let spans: Vec<String> =
            [4.2, 450.0, 3_200.0, 200_000.0, 7_500_000.0, 360_000_000.0].iter().map(|ms| duration(*ms)).collect();
        assert_eq!(spans, ["4.2 ms", "450 ms", "3.2 s", "3 min 20 s", "2 h 5 min", "4 d 4 h"]);
        assert_eq!(duration(f64::NAN), "unknown");
        assert_eq!(moment(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(moment(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(clock(i64::MIN), "unknown");
    }
}

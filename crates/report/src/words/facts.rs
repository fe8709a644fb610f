//! What every letter needs to know of a verdict: whether the call took effect, whether the evidence isolates the
//! service, when to escalate, what would disprove it.

use crate::safe::{Call, Report};
use firstfault_model::{Bucket, Diagnosis, Layer, LayerState, LayerVerdict, Owner, Retry, Strength, rfc3339};

/// Whether the call did what it was to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only read.
    ReadOnly,
    /// It was refused or never arrived.
    NotDone,
    /// It was refused because what it was to do may be done already.
    MaybeThere,
    /// Some of it was done.
    Partly,
    /// It was done, as far as can be told, though the answer does not show it.
    LikelyDone,
    /// More than once.
    Twice,
    /// A notification that did not get through.
    Undelivered,
    /// The evidence does not say.
    Unknown,
}

/// Causes that end a call before the application could act on it, whatever the method.
const BEFORE_ANY_EFFECT: &[&str] = &[
    "client.client_config",
    "client.wrong_scheme",
    "network.connect_timeout",
    "network.connection_refused",
    "network.dns_failure",
    "network.dns_not_found",
    "network.intercepted",
    "network.local_resources",
    "network.proxy_auth",
    "network.proxy_failure",
    "network.proxy_refused",
    "network.unreachable",
    "rate_limit.abuse_protection",
    "rate_limit.concurrency",
    "rate_limit.quota_exhausted",
    "rate_limit.request_rate",
    "server.not_implemented",
    "upstream.circuit_open",
    "upstream.dns_to_upstream",
    "upstream.gateway_config",
    "upstream.maintenance",
    "upstream.no_healthy_backend",
    "upstream.tls_to_upstream",
];

/// Whether the call took effect, as far as method, status and cause say it.
pub fn effect(call: &Call) -> Effect {
    let d = &call.diagnosis;
    let cause = if d.attributed { d.cause.as_str() } else { "" };
    match cause {
        "server.partial_success" => return Effect::Partly,
        "webhook.duplicate" => return Effect::Twice,
        "webhook.receiver_timeout" => return Effect::Unknown,
        _ if cause.starts_with("webhook.") => return Effect::Undelivered,
        _ => {}
    }
    let method = call.method.as_deref().unwrap_or_default().to_ascii_uppercase();
    if matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE") {
        return Effect::ReadOnly;
    }
    match cause {
        "server.missing_content" => return Effect::LikelyDone,
        "client.conflict" => return Effect::MaybeThere,
        "client.idempotency_conflict" | "client.redirect_changed_request" => return Effect::Unknown,
        _ => {}
    }
    let refused = matches!(call.status, Some(400..=407 | 409..=498)) && d.layer != Some(Layer::Dependency);
    let stopped = cause.starts_with("auth.") || cause.starts_with("tls.") || BEFORE_ANY_EFFECT.contains(&cause);
    let success = matches!(call.status, Some(200..=299));
    if (refused || stopped) && !success { Effect::NotDone } else { Effect::Unknown }
}

/// True when the failure is laid at the door of the application or of what it calls.
pub fn names_backend(d: &Diagnosis) -> bool {
    d.owner == Owner::Provider && matches!(d.layer, Some(Layer::Backend | Layer::Dependency))
}

/// True when the evidence isolates the service: the failure is attributed, to the backend or what is behind it, and at
/// least one piece of evidence usually settles that.
pub fn isolates(d: &Diagnosis) -> bool {
    let settled = d.hypotheses.first().and_then(|h| h.supports.first()).is_some_and(|e| e.strength >= Strength::Strong);
    d.failed && d.attributed && names_backend(d) && settled
}

/// When to escalate to whoever runs the service or what lies between, in words to them; `None` where the caller has to act.
pub fn escalation(d: &Diagnosis) -> Option<Vec<String>> {
    if !d.failed || d.owner == Owner::Caller {
        return None;
    }
    let critical = "at once, where a critical function depends on it and there is no way around it".to_owned();
    let silent = "when your status page says nothing of it, or is no longer updated".to_owned();
    if d.cause == "upstream.maintenance" {
        return Some(vec!["when it lasts beyond the announced end, or no end is announced".to_owned(), critical]);
    }
    let mut when = match d.retry {
        Retry::Never => vec![
            "now: it does not pass by itself, so waiting gains nothing".to_owned(),
            "by phone as well, where a critical function depends on it and there is no way around it".to_owned(),
        ],
        Retry::Backoff | Retry::Wait => vec![
            "when it persists for more than 15 to 30 minutes, tried again with growing pauses".to_owned(),
            critical,
            silent,
        ],
    };
    if d.owner == Owner::Path {
        when.insert(0, "first to whoever runs the network, proxy or gateway in between; to you only when the same call fails from another network too".to_owned());
    }
    Some(when)
}

/// What would show that the verdict is wrong.
pub fn disproof(d: &Diagnosis) -> String {
    if !d.attributed {
        let missing = d.missing.as_deref().unwrap_or("the log of each hop for this call").trim_end_matches('.');
        return format!("Nothing is settled yet, so there is nothing to disprove; what would decide: {missing}.");
    }
    let what = match (d.bucket, d.layer) {
        (Bucket::RateLimit, _) => {
            "the same call is refused in the same way after a long pause, with the allowance hardly used"
        }
        (_, Some(Layer::Client)) => "the request with this one thing corrected fails in the same way",
        (_, Some(Layer::Network)) => {
            "the log of the first gateway or of the service shows that this very call arrived and was answered in full"
        }
        (_, Some(Layer::Gateway)) => {
            "the log of the service behind the gateway shows that it received this very call and wrote this answer"
        }
        (_, Some(Layer::Auth)) => {
            "the same call fails in the same way with a credential that is known to be good for it"
        }
        (_, Some(Layer::Backend)) if d.owner == Owner::Caller => {
            "the same call fails in the same way when the state or value that the answer names is put right"
        }
        (_, Some(Layer::Backend)) => {
            "the log of the service has no such call, or shows that it answered this one in time and without an error"
        }
        (_, Some(Layer::Dependency)) => {
            "the trace of this request shows that every call behind the service succeeded in time"
        }
        (_, None) => "a log shows that this call was not answered as the evidence says",
    };
    format!("The verdict is wrong if {what}.")
}

/// What is excluded, each with the evidence for that.
pub fn ruled_out(d: &Diagnosis) -> Vec<String> {
    let passed = || d.layers.iter().filter(|l| l.state == LayerState::Passed);
    // What is only concluded from where it failed is no evidence of its own.
    let concluded = |l: &&LayerVerdict| l.because.starts_with("the call got as far as the ");
    // One proof may stand for several layers.
    let mut proofs: Vec<(&str, Vec<&str>)> = Vec::new();
    for layer in passed().filter(|l| !concluded(l)) {
        match proofs.iter_mut().find(|(because, _)| *because == layer.because) {
            Some((_, layers)) => layers.push(layer.layer.word()),
            None => proofs.push((&layer.because, vec![layer.layer.word()])),
        }
    }
    let proven = proofs.into_iter().map(|(because, layers)| format!("{} passed: {because}", listed(&layers)));
    let follows: Vec<&str> = passed().filter(concluded).map(|l| l.layer.word()).collect();
    let follows = (d.attributed && !follows.is_empty())
        .then(|| format!("{} passed: that follows from where it failed", listed(&follows)));
    let causes = d.hypotheses.iter().skip(1).filter_map(|h| {
        let against = h.opposes.first()?;
        let place = if against.span.line == 0 { String::new() } else { format!(" ({})", against.span.place()) };
        Some(format!("less likely, {} ({}): {}{place}", h.cause, lower(&h.title), against.because))
    });
    proven.chain(follows).chain(causes).collect()
}

/// `a, b and c`.
pub fn listed(words: &[&str]) -> String {
    match words {
        [] => "none for certain".to_owned(),
        [one] => (*one).to_owned(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// How often it was seen, from when to when, and that more is not known.
pub fn frequency(report: &Report, call: &Call) -> String {
    let alike = alike(report, call);
    if alike > 1 {
        let when = match seen(report, call) {
            Some((first, Some(last))) if first == last => format!(", all at {}", rfc3339(first)),
            Some((first, Some(last))) => format!(", from {} to {}", rfc3339(first), rfc3339(last)),
            Some((first, None)) => format!(", the first at {}", rfc3339(first)),
            None => String::new(),
        };
        format!("{alike} calls failed like this one, of {} in the evidence{when}", report.total.max(alike))
    } else {
        "seen once in the evidence; how often it happens is not known".to_owned()
    }
}

/// How many calls of the evidence failed like this one.
pub fn alike(report: &Report, call: &Call) -> usize {
    let same = |c: &&Call| c.diagnosis.signature == call.diagnosis.signature;
    report.calls.iter().filter(same).map(|c| c.repeats.max(1)).sum()
}

/// When the first and the last call like this one began; the last is `None` where one of them does not tell its time.
pub fn seen(report: &Report, call: &Call) -> Option<(i64, Option<i64>)> {
    let same = report.calls.iter().filter(|c| c.diagnosis.signature == call.diagnosis.signature);
    let times: Vec<Option<(i64, Option<i64>)>> = same.map(|c| c.seen).collect();
    let first = times.iter().flatten().map(|(first, _)| *first).min()?;
    let last: Option<Vec<i64>> = times.iter().map(|seen| seen.and_then(|(_, last)| last)).collect();
    Some((first, last.and_then(|times| times.into_iter().max())))
}

/// Method and address without the query, as the headline has them; empty where neither was seen.
pub fn target(d: &Diagnosis) -> &str {
    let target = d.headline.split(" → ").next().unwrap_or_default();
    if target == "a call" { "" } else { target }
}

/// The host that was called.
pub fn host(call: &Call) -> Option<String> {
    firstfault_model::Url::parse(call.url.as_deref()?).host
}

/// When the call was made: by the evidence's clock, else by the answer's `Date` field, as written.
pub fn time(call: &Call) -> Option<String> {
    let exchange = call.exchange.as_ref()?;
    if let Some(started) = exchange.started {
        return Some(rfc3339(started));
    }
    let date = exchange.response.as_ref()?.headers.first("date")?;
    Some(format!("{} (Date field of the answer)", crate::one_line(date, 60)))
}

/// Seconds in words: `6 seconds`, `2 minutes`.
pub fn duration(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        60 => "a minute".to_owned(),
        0..=59 => format!("{seconds} seconds"),
        61..=7199 => format!("{} minutes", seconds.div_ceil(60)),
        7200..=172_799 => format!("{} hours", seconds.div_ceil(3600)),
        _ => format!("{} days", seconds.div_ceil(86_400)),
    }
}

/// With a lower-case first letter, unless the word is an acronym.
pub fn lower(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(chars).collect(),
        _ => text.to_owned(),
    }
}

/// The one thing to ask whoever runs the API. A question about a cause that is not settled would lead astray.
pub fn question(d: &Diagnosis) -> &str {
    if d.failed && (d.explain.question.is_empty() || !d.attributed) {
        "What does your log show for this call: did it arrive, what was answered, and why?"
    } else {
        &d.explain.question
    }
}

/// What happened in plain words, as a sentence.
pub fn plain(d: &Diagnosis) -> String {
    let known = if d.explain.plain.is_empty() {
        "The evidence does not say what went wrong."
    } else {
        d.explain.plain.as_str()
    };
    if d.attributed || d.explain.plain.is_empty() {
        known.to_owned()
    } else {
        format!("What caused it is not certain yet. The likeliest explanation: {}", lower(known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (milliseconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_746_523_964_120, "2025-05-06T09:32:44.120Z"),
            (4_102_444_799_999, "2099-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(milliseconds), expected);
        }
    }

    #[test]
    fn durations_are_rounded_up() {
        assert_eq!(
            [1, 6, 60, 119, 121, 7200, 172_801].map(duration),
            ["1 second", "6 seconds", "a minute", "2 minutes", "3 minutes", "2 hours", "3 days"]
        );
    }
}

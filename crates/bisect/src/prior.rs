//! How likely it is, before anything is tried, that the failure needs a part.
//!
//! These are orders of trying, not judgements: a wrong one costs requests and changes no result.

use crate::part::Place;

/// Header fields that describe the client, the page or the way, and that no error is usually about.
const NOISE: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "connection",
    "dnt",
    "keep-alive",
    "pragma",
    "priority",
    "referer",
    "te",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
    "x-real-ip",
    "x-requested-with",
    "x-request-id",
    "x-correlation-id",
    "x-amzn-trace-id",
    "x-b3-traceid",
    "x-b3-spanid",
    "x-b3-sampled",
    "x-cloud-trace-context",
    "traceparent",
    "tracestate",
    "baggage",
    "b3",
    "sentry-trace",
    "save-data",
    "rtt",
    "downlink",
    "ect",
    "priority",
    "postman-token",
    "date",
    "from",
];
/// Beginnings of such names.
const NOISE_BEGINS: &[&str] = &["sec-", "x-datadog-", "x-b3-", "cf-", "x-client-", "device-memory", "viewport-"];
/// Parts of names of credentials.
const CREDENTIALS: &[&str] =
    &["auth", "token", "apikey", "secret", "signature", "session", "password", "credential", "passwd", "jwt"];

/// True for a name whose value is a credential, by its own words.
#[must_use]
pub fn is_credential(name: &str) -> bool {
    let folded: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    CREDENTIALS.iter().any(|word| folded.contains(word)) || folded.ends_with("key") || folded == "cookie"
}

/// The chance that a part of that name is needed, of `count` parts of its place.
pub(crate) fn prior(place: Place, name: &str, count: usize, has_body: bool) -> f64 {
    let folded = name.to_ascii_lowercase();
    let share = |most: f64| -> f64 {
        let count = f64::from(u32::try_from(count.max(1)).unwrap_or(u32::MAX));
        // About two of all parts matter, however many there are.
        most.min(2.0 / count)
    };
    match place {
        Place::Method | Place::Target => 0.5,
        Place::Header if NOISE.contains(&folded.as_str()) => 0.01,
        Place::Header if NOISE_BEGINS.iter().any(|begin| folded.starts_with(begin)) => 0.01,
        Place::Header if folded == "content-type" => {
            if has_body {
                0.6
            } else {
                0.05
            }
        }
        Place::Header if is_credential(name) => 0.6,
        Place::Header => share(0.08),
        Place::Cookie if is_credential(name) => 0.2,
        Place::Cookie => share(0.04),
        Place::Query if is_credential(name) => 0.5,
        Place::Query => share(0.12),
        Place::Body => share(0.10),
    }
}

//! Where the call ran, as far as headers, marks and people say: region, versions, release, flags, who stands between.

use crate::case::Case;
use crate::documents::Said;
use firstfault_model::{Headers, Span};
use firstfault_report::one_line;

/// Header fields, and what they say. Sources: the vendors' pages on their response headers.
const FIELDS: &[(&str, &str)] = &[
    ("region", "fly-region"),
    ("region", "x-ms-region"),
    ("region", "x-amz-bucket-region"),
    ("region", "x-region"),
    ("edge location", "x-amz-cf-pop"),
    ("edge location", "x-served-by"),
    ("edge location", "x-vercel-id"),
    ("edge location", "cf-ray"),
    ("server software", "server"),
    ("server software", "x-powered-by"),
    ("server software", "x-aspnet-version"),
    ("between", "via"),
    ("API version", "api-version"),
    ("API version", "x-api-version"),
    ("API version", "stripe-version"),
    ("API version", "x-github-api-version-selected"),
    ("API version", "x-ms-version"),
    ("API version", "x-shopify-api-version"),
    ("API version", "odata-version"),
    ("API version", "sforce-limit-info"),
    ("deprecation", "deprecation"),
    ("deprecation", "sunset"),
    ("release", "x-app-version"),
    ("release", "x-version"),
    ("release", "x-release"),
    ("release", "x-build"),
    ("release", "x-build-id"),
    ("release", "x-deployment-id"),
    ("release", "x-git-sha"),
    ("release", "x-commit"),
    ("flags", "x-feature-flags"),
    ("flags", "x-flags"),
    ("instance", "x-instance-id"),
    ("instance", "x-pod"),
    ("instance", "x-hostname"),
    ("client", "user-agent"),
];

/// Facts, and what they say.
const FACTS: &[(&str, &str)] = &[
    ("gateway", "gateway"),
    ("backend program", "backend"),
    ("API", "dialect"),
    ("service", "service"),
    ("service", "k8s.service"),
    ("service", "envoy.cluster"),
    ("service", "haproxy.backend"),
    ("instance", "upstream.addr"),
    ("instance", "haproxy.backend_server"),
    ("edge location", "cloudfront.location"),
    ("release", "change"),
    ("runtime", "runtime"),
    ("client library", "library"),
    ("proxy", "proxy.host"),
];

/// Everything that is known of where it ran; what was told comes first.
#[must_use]
pub fn of(case: &Case<'_>) -> Vec<Said> {
    let mut out: Vec<Said> = case
        .told
        .set
        .iter()
        .map(|(name, value)| Said { name: name.clone(), value: value.clone(), source: "told".to_owned() })
        .collect();
    let mut add = |name: &str, value: &str, span: Span| {
        let value = one_line(value.trim(), 200);
        if !value.is_empty() && !out.iter().any(|s| s.name == name && s.value == value) {
            out.push(Said { name: name.to_owned(), value, source: span.place() });
        }
    };
    let none = Headers::default();
    let answer = case.call.response.as_ref().map_or(&none, |r| &r.headers);
    let asked = case.call.request.as_ref().map_or(&none, |r| &r.headers);
    for (name, field) in FIELDS {
        // What the caller sends says which version it asked for; where it ran, only the answer says.
        let heads: &[&Headers] = if matches!(*name, "API version" | "client") { &[asked, answer] } else { &[answer] };
        for field in heads.iter().flat_map(|h| h.every(field)).take(2) {
            add(name, &field.value, field.span);
        }
    }
    for (name, key) in FACTS {
        for fact in case.observations.every(key).take(3) {
            add(name, &fact.value, fact.span);
        }
    }
    if let Some((region, span)) = region_of_host(case) {
        add("region", &region, span);
    }
    out
}

/// AWS writes the region into its host names: `sqs.us-east-1.amazonaws.com` (AWS General Reference, service endpoints).
fn region_of_host(case: &Case<'_>) -> Option<(String, Span)> {
    let request = case.call.request.as_ref()?;
    let host = request.url.host.as_deref()?.strip_suffix(".amazonaws.com")?;
    let is_region = |label: &&str| {
        let parts: Vec<&str> = label.split('-').collect();
        (3..=4).contains(&parts.len())
            && parts.last().is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
            && parts[0].len() == 2
    };
    host.split('.').find(is_region).map(|region| (region.to_owned(), request.span))
}

/// What is known under one of these names.
pub fn known<'a>(environment: &'a [Said], names: &[&str]) -> Vec<&'a Said> {
    environment.iter().filter(|said| names.iter().any(|name| said.name.eq_ignore_ascii_case(name))).collect()
}

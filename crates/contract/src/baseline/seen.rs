//! What one half of the calls of an operation had in common: media types, header fields, parameters, the shape of bodies.

use super::shape::Shape;
use firstfault_model::{Body, Headers, Request, Response};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Header fields that carry credentials.
pub(super) const CREDENTIALS: &[&str] = &["authorization", "x-api-key", "api-key", "apikey", "cookie"];
/// Header fields of a request that belong to the client or the connection and not to the operation.
const OF_THE_CLIENT: &[&str] = &[
    "accept",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "newrelic",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "tracestate",
    "traceparent",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-request-id",
    "x-correlation-id",
    "x-requested-with",
];
const OF_THE_CLIENT_HEADS: &[&str] = &[":", "accept-", "if-", "sec-", "x-amzn-", "x-b3-", "x-datadog-", "x-forwarded-"];
/// Header fields of an answer that callers work with.
const OF_THE_ANSWER: &[&str] = &["content-range", "etag", "last-modified", "link", "location", "x-total-count"];

/// One half of calls that worked.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// How many.
    pub calls: u32,
    /// How many of them were seen with a body.
    pub bodies: u32,
    /// How many were seen with their whole head.
    pub heads: u32,
    /// Media types of bodies.
    pub media: BTreeMap<String, u32>,
    /// Header fields, lower case, by how many whole heads had them.
    pub headers: BTreeMap<String, u32>,
    /// Query parameters.
    pub query: BTreeMap<String, u32>,
    /// JSON bodies.
    pub shape: Shape,
}

impl Seen {
    pub fn learn_request(&mut self, request: &Request) {
        self.learn(&request.headers, request.body.as_ref(), request.complete, names_of_the_operation);
        for name in query(request) {
            *self.query.entry(name).or_default() += 1;
        }
    }

    pub fn learn_response(&mut self, response: &Response) {
        self.learn(&response.headers, response.body.as_ref(), response.complete, |name| OF_THE_ANSWER.contains(&name));
    }

    fn learn(&mut self, headers: &Headers, body: Option<&Body>, complete: bool, counts: fn(&str) -> bool) {
        self.calls += 1;
        if complete {
            self.heads += 1;
            for name in names(headers).into_iter().filter(|name| counts(name)) {
                *self.headers.entry(name).or_default() += 1;
            }
        }
        if let Some(body) = body.filter(|body| !body.is_blank()) {
            self.bodies += 1;
            if let Some(media) = media(headers) {
                *self.media.entry(media).or_default() += 1;
            }
            if let Some(value) = json(body) {
                self.shape.learn(&value, self.calls);
            }
        }
    }
}

/// Names of header fields, lower case, each once.
pub(super) fn names(headers: &Headers) -> BTreeSet<String> {
    headers.0.iter().map(|header| header.name.to_ascii_lowercase()).collect()
}

/// Names of query parameters, each once.
pub(super) fn query(request: &Request) -> BTreeSet<String> {
    let query = request.url.query.as_deref().unwrap_or_default();
    query.split('&').filter_map(|pair| pair.split('=').next()).filter(|n| !n.is_empty()).map(str::to_owned).collect()
}

/// The media type of a body, lower case and without parameters.
pub(super) fn media(headers: &Headers) -> Option<String> {
    let declared = headers.first("content-type")?.split(';').next()?.trim().to_ascii_lowercase();
    (!declared.is_empty()).then_some(declared)
}

/// A body that was seen whole, as JSON.
pub(super) fn json(body: &Body) -> Option<Value> {
    let whole = !body.truncated && body.text.trim_start().starts_with(['{', '[']);
    whole.then(|| serde_json::from_str(&body.text).ok()).flatten()
}

fn names_of_the_operation(name: &str) -> bool {
    !OF_THE_CLIENT.contains(&name) && !OF_THE_CLIENT_HEADS.iter().any(|head| name.starts_with(head))
}

//! One call against its description: which operation it is, and every finding in the order of the way.

mod credentials;
pub(crate) mod date;
mod decode;
mod parameters;
mod response;
mod sunset;
mod types;

use crate::body;
use crate::description::{Contract, Media, Operation, SchemaRef};
use crate::finding::new;
use crate::route::{Routed, is_variable, route};
use firstfault_model::contract::{Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Body, Call, Origin, Request, Response};
use serde_json::Value;

/// What holding a call against a description came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Index of the operation, where one fits.
    pub operation: Option<usize>,
    /// Whether the call is one of this API: its host is that of a server, or (where the call shows no host, the
    /// description no server, or the host is a stranger's, such as a mock or a gateway) its path is known. Of other
    /// calls nothing is said.
    pub belongs: bool,
    /// In the order of the way, graver ones first at the same place; notes come last.
    pub findings: Vec<Finding>,
    /// Whether the request was seen whole and held: with its body, where the operation takes one.
    pub request_held: bool,
    /// Whether the response body was seen and held against a schema.
    pub response_held: bool,
}

/// A call beside its operation.
struct Asked<'a> {
    contract: &'a Contract,
    operation: &'a Operation,
    request: &'a Request,
    response: Option<&'a Response>,
    /// The parameters of the path, as sent.
    path: &'a [(String, String)],
}

impl Asked<'_> {
    /// Whether the answer says that all was well.
    fn succeeded(&self) -> bool {
        self.response.and_then(|r| r.status).is_some_and(|s| (200..400).contains(&s))
    }

    /// Whether the description sets a flag at a place.
    fn says(&self, at: &SchemaRef, flag: &str) -> bool {
        let value = self.contract.documents.get(at.document).and_then(|d| d.value.pointer(&at.pointer));
        value.and_then(|v| v.get(flag)).and_then(Value::as_bool).unwrap_or(false)
    }
}

/// Holds a call against a description. `now` is the time in milliseconds since the Unix epoch where it is known: for
/// operations that have a sunset.
#[must_use]
pub fn check(contract: &Contract, call: &Call, now: Option<i64>) -> Held {
    if let Some(whole) = &contract.whole {
        return alone(contract, whole, call);
    }
    let Some(request) = &call.request else { return Held::default() };
    let Routed { operation, parameters, belongs, findings } = route(contract, request);
    let mut held = Held { operation, belongs, findings, ..Held::default() };
    if matches!(call.origin, Origin::Postman | Origin::RequestFile) {
        // A variable of a collection is filled when the request is sent.
        held.findings.retain(|f| f.kind != Kind::MissingPathParameter || !is_variable(&f.got));
    }
    if let Some(operation) = operation {
        let operation = &contract.operations[operation];
        let astray = held.findings.iter().any(|f| f.severity == Severity::Error);
        let asked = Asked { contract, operation, request, response: call.response.as_ref(), path: &parameters };
        let out = &mut held.findings;
        sunset::findings(&asked, call.started, now, out);
        parameters::findings(&asked, out);
        let misread = out.iter().any(|f| f.kind == Kind::UnknownPath);
        credentials::findings(&asked, out);
        if !misread {
            held.request_held = sent(&asked, out);
        }
        // What another resource answered says nothing of this one.
        if !astray && !misread {
            held.response_held = response::findings(&asked, out);
        }
        for finding in out.iter_mut() {
            finding.operation.get_or_insert_with(|| operation.name());
        }
    }
    held.findings.sort_by_key(|f| f.severity == Severity::Note);
    held
}

/// Judges the body of a request; true when the request was seen whole.
fn sent(asked: &Asked<'_>, out: &mut Vec<Finding>) -> bool {
    let Asked { contract, operation, request, .. } = *asked;
    let seen = request.body.as_ref().filter(|b| !b.is_blank());
    let at = |kind, severity, at: &SchemaRef| Finding {
        operation: Some(operation.name()),
        ..new(contract, kind, severity, Spot::Body(String::new()), at)
    };
    let Some(described) = &operation.body else {
        if seen.is_some() {
            out.push(Finding {
                expected: "no body".to_owned(),
                got: "a body".to_owned(),
                message: format!("{} takes no body, and one is sent", operation.name()),
                fix: "leave out the body".to_owned(),
                ..at(Kind::UnexpectedBody, Severity::Warning, &operation.at)
            });
        }
        return request.complete;
    };
    let content_type = request.headers.first("content-type");
    if let Some(body) = seen {
        let content = &described.content;
        out.extend(body::findings(contract, Some(operation), content, Half::Request, content_type, Some(body)));
        return request.complete && !body.truncated;
    }
    let empty = is_empty(request);
    if described.required && empty {
        let ranges: Vec<&str> = described.content.iter().map(|m| m.range.as_str()).collect();
        out.push(Finding {
            expected: crate::finding::quoted(&ranges.join(", ")),
            got: "nothing".to_owned(),
            message: format!("{} needs a body, and none is sent", operation.name()),
            fix: format!("send a body of {}", crate::finding::quoted(&ranges.join(" or "))),
            ..at(Kind::MissingBody, Severity::Error, &described.at)
        });
    }
    request.complete && empty
}

/// Whether a request is known to have no body: it was seen empty, or its head says so.
fn is_empty(request: &Request) -> bool {
    if let Some(body) = &request.body {
        return !body.truncated && body.size == body.text.len();
    }
    request.complete
        && request.headers.field("transfer-encoding").is_none()
        && request.headers.first("content-length").is_none_or(|n| n.trim() == "0")
}

/// A JSON Schema alone: the request body if there is one, else the response body, is held against it.
fn alone(contract: &Contract, whole: &SchemaRef, call: &Call) -> Held {
    let filled = |body: Option<&Body>| body.filter(|b| !b.is_blank()).cloned();
    let request = filled(call.request.as_ref().and_then(|r| r.body.as_ref()));
    let (half, body) = match request {
        Some(body) => (Half::Request, body),
        None => match filled(call.response.as_ref().and_then(|r| r.body.as_ref())) {
            Some(body) => (Half::Response, body),
            None => return Held::default(),
        },
    };
    let media = Media { range: "application/json".to_owned(), schema: Some(whole.clone()), ..Media::default() };
    let findings = body::findings(contract, None, &[media], half, None, Some(&body));
    let whole = !body.truncated;
    Held {
        belongs: true,
        findings,
        request_held: whole && half == Half::Request,
        response_held: whole && half == Half::Response,
        ..Held::default()
    }
}

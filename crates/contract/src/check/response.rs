//! What came back: status, header fields and body against what the operation describes.

use super::Asked;
use super::types::{Types, best, single};
use crate::body;
use crate::description::{Header, Response, StatusRange};
use crate::explain;
use crate::finding::{new, quoted};
use crate::route::is_hidden;
use firstfault_model::contract::{Finding, Half, Kind, Severity, Spot};
use serde_json::Value;
use std::borrow::Cow;

/// Statuses that gateways and frameworks answer with whatever is described.
const USUAL: [u16; 9] = [401, 403, 404, 405, 406, 408, 413, 415, 429];

/// Judges a response; true when its body was held against a schema.
pub(super) fn findings(asked: &Asked<'_>, out: &mut Vec<Finding>) -> bool {
    let Some(got) = asked.response else { return false };
    let Some(status) = got.status.filter(|s| *s >= 200) else { return false };
    let responses = &asked.operation.responses;
    let Some(described) = described(responses, status) else {
        out.extend(undocumented(asked, status));
        return false;
    };
    headers(asked, described, out);
    created(asked, described, status, out);
    let head = asked.request.method.as_deref().is_some_and(|m| m.eq_ignore_ascii_case("HEAD"));
    let bodiless = head || matches!(status, 204 | 205 | 304);
    let Some(body) = got.body.as_ref().filter(|_| !bodiless && !described.content.is_empty()) else { return false };
    let has_schema = described.content.iter().any(|m| m.schema.is_some() || m.item_schema.is_some());
    if body.is_blank() {
        let known = !body.truncated && body.size == body.text.len();
        if has_schema && known && status < 300 {
            let names: Vec<&str> = described.content.iter().map(|m| m.range.as_str()).collect();
            out.push(Finding {
                half: Half::Response,
                operation: Some(asked.operation.name()),
                expected: quoted(&names.join(", ")),
                got: "nothing".to_owned(),
                message: format!("the {status} answer has no body, the contract describes one"),
                ..new(asked.contract, Kind::MissingBody, Severity::Error, Spot::Body(String::new()), &described.at)
            });
        }
        return false;
    }
    let content_type = got.headers.first("content-type");
    let found = body::findings(
        asked.contract,
        Some(asked.operation),
        &described.content,
        Half::Response,
        content_type,
        Some(body),
    );
    out.extend(found);
    has_schema && !body.truncated
}

/// The response that a status has: by its code, its class or the default.
fn described(responses: &[Response], status: u16) -> Option<&Response> {
    let find = |range: StatusRange| responses.iter().find(|r| r.status == range);
    find(StatusRange::Code(status))
        .or_else(|| find(StatusRange::Class(status / 100)))
        .or_else(|| find(StatusRange::Default))
}

fn undocumented(asked: &Asked<'_>, status: u16) -> Option<Finding> {
    let responses = &asked.operation.responses;
    if responses.is_empty() {
        return None;
    }
    let severity = match status {
        304 => Severity::Note,
        _ if USUAL.contains(&status) || status >= 500 => Severity::Note,
        400..=499 => Severity::Warning,
        _ => Severity::Error,
    };
    let known: Vec<String> = responses.iter().map(|r| r.status.to_string()).collect();
    Some(Finding {
        half: Half::Response,
        operation: Some(asked.operation.name()),
        expected: quoted(&known.join(", ")),
        got: status.to_string(),
        message: format!("the status {status} is not described for {}", asked.operation.name()),
        fix: format!("describe {status}, or answer with one of {}", quoted(&known.join(", "))),
        ..new(asked.contract, Kind::UndocumentedStatus, severity, Spot::Status, &asked.operation.at.child("responses"))
    })
}

fn headers(asked: &Asked<'_>, described: &Response, out: &mut Vec<Finding>) {
    let Some(got) = asked.response else { return };
    for header in &described.headers {
        if header.name.eq_ignore_ascii_case("content-type") {
            continue;
        }
        let values: Vec<&str> = got.headers.every(&header.name).map(|h| h.value.as_str()).collect();
        if values.is_empty() {
            if header.required && got.complete {
                out.push(Finding {
                    half: Half::Response,
                    operation: Some(asked.operation.name()),
                    expected: header.name.clone(),
                    message: format!("the answer lacks the header {}, which the contract requires", header.name),
                    ..new(
                        asked.contract,
                        Kind::MissingHeader,
                        Severity::Error,
                        Spot::Header(header.name.clone()),
                        &header.at,
                    )
                });
            }
        } else {
            // A date has a comma of its own: fields are put together only where a list is described.
            judge(asked, header, &values, out);
        }
    }
}

fn judge(asked: &Asked<'_>, header: &Header, values: &[&str], out: &mut Vec<Finding>) {
    let Some(schema) = &header.schema else { return };
    let contract = asked.contract;
    let types = Types::of(contract, schema);
    let joined = values.join(", ");
    if is_hidden(&joined) {
        return;
    }
    let value = if types.has(Types::ARRAY) {
        let items = contract.schemas.shape(schema).items.first().cloned();
        let kinds = items.as_ref().map(|at| Types::of(contract, at)).unwrap_or_default();
        let texts = joined.split(',').map(str::trim);
        Value::Array(texts.map(|t| best(contract, items.as_ref(), single(kinds, t))).collect())
    } else if types.has(Types::OBJECT) {
        return;
    } else {
        best(contract, Some(schema), single(types, values[0].trim()))
    };
    if contract.schemas.valid(schema, Half::Response, &value) {
        return;
    }
    let spot = Spot::Header(header.name.clone());
    let operation = asked.operation.name();
    let found = explain::value(contract, schema, Half::Response, &value, &|_| spot.clone(), Some(&operation));
    out.extend(found.into_iter().take(1).map(|finding| Finding {
        kind: Kind::InvalidHeader,
        spot: spot.clone(),
        edit: None,
        ..finding
    }));
}

/// 201 says that something was created (RFC 9110, section 15.3.2): its place stands in `Location`, or its id in the body.
fn created(asked: &Asked<'_>, described: &Response, status: u16, out: &mut Vec<Finding>) {
    let Some(got) = asked.response else { return };
    if status != 201 || !got.complete || ["location", "content-location"].iter().any(|n| got.headers.field(n).is_some())
    {
        return;
    }
    let Some(body) = &got.body else { return };
    if body.truncated || names_something(&body.text) {
        return;
    }
    let promised = described.headers.iter().any(|h| h.name.eq_ignore_ascii_case("location"));
    out.push(Finding {
        half: Half::Response,
        operation: Some(asked.operation.name()),
        expected: "Location, or an id in the body".to_owned(),
        got: "neither".to_owned(),
        message: "the answer says 201 and names nothing that was created: neither Location nor an id".to_owned(),
        ..new(
            asked.contract,
            Kind::NoCreatedResource,
            if promised { Severity::Error } else { Severity::Warning },
            Spot::Header("Location".to_owned()),
            &described.at,
        )
    });
}

/// Whether a body has a member that names what was made; a body that is no JSON may.
fn names_something(text: &str) -> bool {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return !text.trim().is_empty() };
    let is_name = |name: &str| {
        let lower: Cow<'_, str> = name.to_ascii_lowercase().into();
        [
            "id",
            "uuid",
            "guid",
            "key",
            "href",
            "url",
            "self",
            "links",
            "_links",
            "name",
            "number",
            "code",
            "token",
            "slug",
            "sid",
            "ref",
            "reference",
        ]
        .contains(&lower.as_ref())
            || ["id", "uuid", "url", "uri", "number", "key", "code", "token"].iter().any(|end| lower.ends_with(end))
    };
    let has = |value: &Value| {
        value.as_object().is_some_and(|members| members.iter().any(|(n, v)| is_name(n) && !v.is_null() && *v != ""))
    };
    match &value {
        Value::Object(members) => {
            has(&value)
                || members.values().any(|inner| has(inner) || inner.as_array().is_some_and(|a| a.iter().any(has)))
        }
        Value::Array(items) => items.iter().any(has),
        // An id alone.
        Value::String(text) => !text.is_empty(),
        Value::Number(_) => true,
        Value::Null | Value::Bool(_) => false,
    }
}

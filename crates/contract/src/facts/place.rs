//! Where in the evidence a finding's place in the call stands.

use super::steps;
use firstfault_model::contract::{Half, Spot};
use firstfault_model::{Body, Call, Headers, Span};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The span of a place: the field of a body, the header line, else the line of the request or of the status.
pub(super) fn span(spot: &Spot, half: Half, call: &Call) -> Span {
    let (line, headers, body) = match half {
        Half::Request => match &call.request {
            Some(request) => (request.span, &request.headers, request.body.as_ref()),
            None => return call.span,
        },
        Half::Response => match &call.response {
            Some(response) => (response.span, &response.headers, response.body.as_ref()),
            None => return call.span,
        },
    };
    let header = |headers: &Headers, name: &str| headers.field(name).map_or(line, |field| field.span);
    match spot {
        Spot::Header(name) => header(headers, name),
        Spot::Cookie(_) => header(headers, "cookie"),
        Spot::Body(pointer) => body.map_or(line, |body| within(body, pointer)),
        Spot::Target | Spot::Method | Spot::Path(_) | Spot::Query(_) | Spot::Status => line,
    }
}

/// The value at a pointer, or what of it is there; the whole body where the input has it in other bytes (escaped in a HAR,
/// cut, not JSON).
fn within(body: &Body, pointer: &str) -> Span {
    let whole = body.span;
    if whole.end.saturating_sub(whole.start) != body.text.len() {
        return whole;
    }
    let text = body.text.as_str();
    let mut at = text;
    for step in steps(pointer) {
        match member(at, &step) {
            Some(inner) => at = inner,
            None => break,
        }
    }
    let start = at.as_ptr() as usize - text.as_ptr() as usize;
    let lines = u32::try_from(text[..start].bytes().filter(|b| *b == b'\n').count()).unwrap_or(0);
    let line = if whole.line == 0 { 0 } else { whole.line + lines };
    Span { line, start: whole.start + start, end: whole.start + start + at.len(), piece: whole.piece }
}

/// The text of a member or item of a JSON text.
fn member<'t>(text: &'t str, step: &str) -> Option<&'t str> {
    let text = text.trim();
    let inner = if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
        *items.get(step.parse::<usize>().ok()?)?
    } else {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        *members.get(step)?
    };
    Some(inner.get())
}

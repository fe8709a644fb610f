//! What the answer complains of, beside what the description says of the same field.

use super::{steps, word};
use crate::Held;
use firstfault_model::contract::{Edit, Finding, Half, Spot};
use firstfault_model::{Call, Observations, Request, Span};
use serde_json::Value;

/// A complaint of the answer about one field.
pub(super) struct Complaint {
    /// The field as the answer names it.
    pub name: String,
    /// `missing`, `unknown`, `type`, `value`, or `field` where the answer only names it.
    pub of: &'static str,
    /// Where the answer says so.
    pub span: Span,
}

/// How a complaint stands to the description.
pub(super) enum Relation {
    /// The description finds fault with the same field: index of the finding.
    Confirms(usize),
    /// The field is there and fits (or is said to be there and is not): the server read another body than was sent. By
    /// what that may come: `content_type` or `encoding`.
    Contradicts(&'static str),
    /// The description allows what the server refuses, or does not ask for what it demands.
    Undocumented,
}

/// The most complaints that are looked at.
const COMPLAINT_LIMIT: usize = 20;
/// How deep fields are looked for in a body.
const DEPTH_LIMIT: usize = 32;

/// Every complaint of the answer that the description has something to say about.
pub(super) fn relations(held: &Held, call: &Call, observations: &Observations) -> Vec<(Relation, Complaint)> {
    let Some(request) = &call.request else { return Vec::new() };
    read(observations)
        .into_iter()
        .filter_map(|complaint| Some((relation(&complaint, held, request, observations)?, complaint)))
        .collect()
}

fn read(observations: &Observations) -> Vec<Complaint> {
    let kinds = [
        ("validation.missing", "missing"),
        ("validation.unknown", "unknown"),
        ("validation.type", "type"),
        ("validation.value", "value"),
        ("error.field", "field"),
    ];
    let mut out: Vec<Complaint> = Vec::new();
    for (key, of) in kinds {
        for fact in observations.every(key).take(COMPLAINT_LIMIT) {
            if !out.iter().any(|c| c.name == fact.value && (c.of == of || of == "field")) {
                out.push(Complaint { name: fact.value.clone(), of, span: fact.span });
            }
        }
    }
    out
}

fn relation(complaint: &Complaint, held: &Held, request: &Request, observations: &Observations) -> Option<Relation> {
    let name = last_step(&complaint.name);
    if name.is_empty() {
        return None;
    }
    let about = |f: &Finding| f.half == Half::Request && names(f).any(|n| folded(&n) == name);
    if let Some(at) = held.findings.iter().position(about) {
        return Some(Relation::Confirms(at));
    }
    let there = has(request, &name);
    let misread = held.findings.iter().any(|f| matches!(word(f), "wrong_content_type" | "malformed_body"))
        || observations.has("request.content_type_mismatch")
        || observations.has("absent.request.header.content-type") && request.body.is_some();
    let by = if misread { "content_type" } else { "encoding" };
    match complaint.of {
        "missing" if there => Some(Relation::Contradicts(by)),
        "type" if there && misread => Some(Relation::Contradicts(by)),
        // A body that the server reads in another format has names that nobody sent.
        "unknown" if !there && misread => Some(Relation::Contradicts(by)),
        _ if misread || !seen_whole(held, request) => None,
        "missing" | "type" | "value" => Some(Relation::Undocumented),
        "unknown" if there => Some(Relation::Undocumented),
        _ => None,
    }
}

/// Whether all that the description has to say of the request's fields was said: of a command, which never shows its
/// whole head, where its body is JSON.
fn seen_whole(held: &Held, request: &Request) -> bool {
    let json = |text: &str| serde_json::from_str::<Value>(text).is_ok();
    held.request_held
        || held.operation.is_some() && request.body.as_ref().is_some_and(|body| !body.truncated && json(&body.text))
}

/// The names that a finding is about: those of its place and of its change.
fn names(finding: &Finding) -> impl Iterator<Item = String> {
    let mut out = Vec::new();
    let mut pointer = |pointer: &str| out.extend(steps(pointer).filter(|s| !is_index(s)).last());
    match &finding.spot {
        Spot::Body(at) => pointer(at),
        Spot::Path(name) | Spot::Query(name) | Spot::Header(name) | Spot::Cookie(name) => out.push(name.clone()),
        Spot::Target | Spot::Method | Spot::Status => {}
    }
    match &finding.edit {
        Some(Edit::RenameField(_, name) | Edit::RenameQuery(_, name) | Edit::Query(name, _)) => out.push(name.clone()),
        Some(Edit::SetField(at, _) | Edit::MoveField(_, at)) => {
            out.extend(steps(at).filter(|s| !is_index(s)).last());
        }
        _ => {}
    }
    out.into_iter()
}

fn is_index(step: &str) -> bool {
    step.bytes().all(|b| b.is_ascii_digit())
}

/// The last name of a field as servers write it: `body.caseType`, `/items/0/sku`, `$.items[0].sku`, `Case Type`.
fn last_step(field: &str) -> String {
    let step = field.rsplit(['.', '/', '[', ']', '"', '\'']).find(|s| !s.is_empty() && !is_index(s));
    folded(step.unwrap_or_default())
}

/// A name without case and separators: servers write `case_type`, `CaseType` and `case type` for one field.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Whether the request has a value under that name, in its body, query or headers. Null and empty are not there: that is
/// what servers mean.
fn has(request: &Request, name: &str) -> bool {
    let pairs = |text: &str| {
        text.split('&').filter_map(|pair| pair.split_once('=')).any(|(k, v)| folded(k) == name && !v.is_empty())
    };
    if request.url.query.as_deref().is_some_and(pairs)
        || request.headers.0.iter().any(|h| folded(&h.name) == name && !h.value.is_empty())
    {
        return true;
    }
    let Some(text) = request.body.as_ref().map(|body| body.text.as_str()) else { return false };
    match serde_json::from_str::<Value>(text) {
        Ok(value) => has_member(&value, name, 0),
        Err(_) => {
            pairs(text)
                || text
                    .split("name=\"")
                    .skip(1)
                    .any(|rest| rest.split('"').next().is_some_and(|part| folded(part) == name))
        }
    }
}

fn has_member(value: &Value, name: &str, depth: usize) -> bool {
    if depth > DEPTH_LIMIT {
        return false;
    }
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| {
            let filled = !value.is_null() && value.as_str() != Some("");
            filled && folded(key) == name || has_member(value, name, depth + 1)
        }),
        Value::Array(items) => items.iter().any(|item| has_member(item, name, depth + 1)),
        _ => false,
    }
}

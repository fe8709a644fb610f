//! What a call has otherwise than those that worked.

use super::HABIT;
use super::operations::Known;
use super::seen::{self, CREDENTIALS, Seen};
use super::shape::{ITEM_LIMIT, Shape, is_empty, type_of};
use crate::document::escape;
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Call, Request, Response};
use serde_json::Value;

/// How many calls must have had a value before null or nothing in its place is odd: optional fields are common.
const LONG_HABIT: u32 = 5;
/// How many times few values must have been seen before another one is odd.
const VALUES_SEEN: u32 = 20;
/// The most findings of one call.
const FINDING_LIMIT: usize = 50;
/// The longest value that is quoted, in characters.
const QUOTE_LIMIT: usize = 60;

/// Every difference, request first.
pub(super) fn findings(known: &Known, call: &Call) -> Vec<Finding> {
    let mut out = Differences { operation: known.name(), half: Half::Request, found: Vec::new() };
    if let Some(request) = &call.request {
        out.request(&known.request, request);
    }
    out.half = Half::Response;
    if let (Some(response), Some(status @ 200..=399)) = (&call.response, call.status()) {
        match known.responses.get(&status) {
            Some(seen) => out.response(seen, response),
            None => out.other_status(known, status),
        }
    }
    out.found
}

struct Differences {
    operation: String,
    half: Half,
    found: Vec<Finding>,
}

/// What one finding says, before it is filled up.
#[derive(Default)]
struct Said {
    expected: String,
    got: String,
    message: String,
    fix: String,
    edit: Option<Edit>,
}

impl Differences {
    fn push(&mut self, kind: Kind, severity: Severity, spot: Spot, calls: u32, said: Said) {
        if self.found.len() >= FINDING_LIMIT {
            return;
        }
        let Said { expected, got, message, fix, edit } = said;
        self.found.push(Finding {
            kind,
            half: self.half,
            severity,
            spot,
            operation: Some(self.operation.clone()),
            rule: format!("baseline: {}", calls_in_words(calls)),
            line: 0,
            expected,
            got,
            message,
            fix,
            edit,
        });
    }

    fn request(&mut self, seen: &Seen, request: &Request) {
        let had = |count: u32, of: u32| of > 0 && count == of;
        let query = seen::query(request);
        for (name, count) in &seen.query {
            if had(*count, seen.calls) && !query.contains(name) {
                let said = Said {
                    expected: name.clone(),
                    message: format!("the query has no {name}, which {} had", all(seen.calls)),
                    fix: format!("send the query parameter {name}"),
                    ..Said::default()
                };
                self.push(Kind::MissingParameter, habit(seen.calls), Spot::Query(name.clone()), seen.calls, said);
            }
        }
        if request.complete {
            let names = seen::names(&request.headers);
            let credential = CREDENTIALS.iter().any(|name| names.contains(*name));
            for (name, count) in &seen.headers {
                if !had(*count, seen.heads) || names.contains(name) {
                    continue;
                }
                let kind = match CREDENTIALS.contains(&name.as_str()) {
                    true if credential => continue,
                    true => Kind::MissingCredentials,
                    false => Kind::MissingParameter,
                };
                let said = Said {
                    expected: name.clone(),
                    message: format!("the request has no header {name}, which {} had", all(seen.heads)),
                    fix: format!("send the header {name}"),
                    ..Said::default()
                };
                self.push(kind, habit(seen.heads), Spot::Header(name.clone()), seen.heads, said);
            }
        }
        let body = request.body.as_ref();
        if request.complete && had(seen.bodies, seen.calls) && body.is_none_or(|body| body.is_blank()) {
            let said = Said {
                message: format!("the request has no body, which {} had", all(seen.calls)),
                fix: "send a body".to_owned(),
                ..Said::default()
            };
            self.push(Kind::MissingBody, habit(seen.calls), Spot::Body(String::new()), seen.calls, said);
        }
        if let Some(body) = body.filter(|body| !body.is_blank()) {
            self.media(seen, seen::media(&request.headers));
            if let Some(value) = seen::json(body) {
                self.value(&seen.shape, &value, &mut Vec::new());
            }
        }
    }

    fn response(&mut self, seen: &Seen, response: &Response) {
        if response.complete {
            let names = seen::names(&response.headers);
            for (name, count) in &seen.headers {
                if *count == seen.heads && !names.contains(name) {
                    let said = Said {
                        expected: name.clone(),
                        message: format!("the header {name} is gone, which {} had", all(seen.heads)),
                        ..Said::default()
                    };
                    self.push(Kind::MissingHeader, Severity::Warning, Spot::Header(name.clone()), seen.heads, said);
                }
            }
        }
        let Some(body) = &response.body else { return };
        if body.is_blank() {
            if seen.bodies == seen.calls {
                let said = Said {
                    message: format!("the body is empty, which no one of {} was", calls_in_words(seen.calls)),
                    ..Said::default()
                };
                self.push(Kind::MissingBody, habit(seen.calls), Spot::Body(String::new()), seen.calls, said);
            }
            return;
        }
        self.media(seen, seen::media(&response.headers));
        if let Some(value) = seen::json(body) {
            self.value(&seen.shape, &value, &mut Vec::new());
        }
    }

    fn other_status(&mut self, known: &Known, status: u16) {
        let calls = known.responses.values().map(|seen| seen.calls).sum();
        let seen: Vec<String> = known.responses.keys().map(ToString::to_string).collect();
        let said = Said {
            expected: seen.join(", "),
            got: status.to_string(),
            message: format!("the status is {status}, which none of {} had", calls_in_words(calls)),
            ..Said::default()
        };
        self.push(Kind::UndocumentedStatus, Severity::Warning, Spot::Status, calls, said);
    }

    fn media(&mut self, seen: &Seen, media: Option<String>) {
        let known: u32 = seen.media.values().sum();
        let Some(media) = media.filter(|media| known > 0 && !seen.media.contains_key(media)) else { return };
        let expected = seen.media.keys().cloned().collect::<Vec<_>>().join(", ");
        let fix = match (self.half, seen.media.keys().next()) {
            (Half::Request, Some(first)) if seen.media.len() == 1 => format!("send Content-Type: {first}"),
            _ => String::new(),
        };
        let message = format!("the content type is {media}, {expected} in {}", all(known));
        let said = Said { expected, got: media, message, fix, edit: None };
        self.push(Kind::WrongContentType, habit(known), Spot::Header("content-type".to_owned()), known, said);
    }

    /// A value against what was seen in its place; `path` are the steps that lead there.
    fn value(&mut self, shape: &Shape, value: &Value, path: &mut Vec<String>) {
        if shape.seen == 0 {
            return;
        }
        let now = type_of(value);
        if !shape.types.contains(now) {
            self.other_type(shape, value, path);
            return;
        }
        if is_empty(value) && shape.empty == 0 && shape.calls >= LONG_HABIT {
            let message =
                format!("{} is empty, which it was in none of {}", subject(path), calls_in_words(shape.calls));
            let said = Said { got: "empty".to_owned(), message, ..Said::default() };
            self.push(Kind::OutOfRange, Severity::Warning, spot(path), shape.calls, said);
            return;
        }
        match value {
            Value::Object(members) => {
                self.members(shape, members, path);
                for (name, value) in members {
                    if let Some(member) = shape.members.get(name) {
                        path.push(name.clone());
                        self.value(member, value, path);
                        path.pop();
                    }
                }
            }
            Value::Array(items) => {
                let Some(shape) = &shape.items else { return };
                // One finding of a kind and place speaks for all items.
                let before = self.found.len();
                for (at, item) in items.iter().take(ITEM_LIMIT).enumerate() {
                    path.push(at.to_string());
                    let own = self.found.len();
                    self.value(shape, item, path);
                    path.pop();
                    let known: Vec<(Kind, Spot)> =
                        self.found[before..own].iter().map(|f| (f.kind, without_indices(&f.spot))).collect();
                    let mut place = 0;
                    self.found.retain(|f| {
                        place += 1;
                        place <= own || !known.contains(&(f.kind, without_indices(&f.spot)))
                    });
                }
            }
            Value::String(text) => {
                let few = shape.values.as_ref().filter(|v| v.len() * 4 <= shape.seen as usize);
                if let Some(values) = few.filter(|v| shape.seen >= VALUES_SEEN && !v.contains(text)) {
                    let expected = values.iter().map(|v| quoted(v)).collect::<Vec<_>>().join(", ");
                    let message = format!("{} is {}, which it never was before", subject(path), quoted(text));
                    let said = Said { expected, got: quoted(text), message, ..Said::default() };
                    self.push(Kind::NotInEnum, Severity::Warning, spot(path), shape.calls, said);
                }
            }
            _ => {}
        }
    }

    fn members(&mut self, shape: &Shape, members: &serde_json::Map<String, Value>, path: &mut Vec<String>) {
        let new: Vec<&String> = members.keys().filter(|name| !shape.members.contains_key(*name)).collect();
        for (name, member) in &shape.members {
            if !shape.always(member) || members.contains_key(name) {
                continue;
            }
            let near = new.iter().find(|other| folded(other) == folded(name));
            let calls = member.calls;
            path.push(name.clone());
            let (place, at) = (subject(path), spot(path));
            let to = pointer(path);
            path.pop();
            let had = all(calls);
            let (kind, spot, said) = match (self.half, near) {
                (half, Some(other)) => {
                    path.push((*other).clone());
                    let (from, spot) = (pointer(path), spot(path));
                    path.pop();
                    let request = half == Half::Request;
                    let said = Said {
                        expected: name.clone(),
                        got: (*other).clone(),
                        message: format!("the field {other} was named {name} in {had}"),
                        fix: if request { format!("rename {other} to {name}") } else { String::new() },
                        edit: request.then(|| Edit::RenameField(from, name.clone())),
                    };
                    (Kind::MisnamedField, spot, said)
                }
                (Half::Request, None) => {
                    let said = Said {
                        expected: name.clone(),
                        message: format!("the request lacks {place}, which {had} had"),
                        fix: format!("send {}", to.trim_start_matches('/').replace('/', ".")),
                        ..Said::default()
                    };
                    (Kind::MissingField, at, said)
                }
                (Half::Response, None) => {
                    let message = format!("{place} is gone, which {had} had");
                    (Kind::MissingField, at, Said { expected: name.clone(), message, ..Said::default() })
                }
            };
            self.push(kind, habit(calls), spot, calls, said);
        }
        if shape.table {
            return;
        }
        for name in new {
            let renamed = shape.members.keys().any(|k| folded(k) == folded(name) && !members.contains_key(k));
            if !renamed {
                path.push(name.clone());
                let message = format!("{} is new, which none of {} had", subject(path), calls_in_words(shape.calls));
                let said = Said { got: name.clone(), message, ..Said::default() };
                self.push(Kind::UnknownField, Severity::Note, spot(path), shape.calls, said);
                path.pop();
            }
        }
    }

    fn other_type(&mut self, shape: &Shape, value: &Value, path: &[String]) {
        let known: Vec<&str> = shape.types.iter().copied().filter(|t| *t != "null").collect();
        // Of a place that only ever was null nothing is known.
        if known.is_empty() {
            return;
        }
        let (now, before) = (type_of(value), known.join(" or "));
        let fits_items = shape.items.as_ref().is_some_and(|items| items.types.contains(now));
        let (kind, severity) = match value {
            Value::Null => {
                (Kind::NullValue, if shape.calls >= LONG_HABIT { Severity::Error } else { Severity::Warning })
            }
            Value::Array(_) => (Kind::ListForSingleValue, habit(shape.calls)),
            _ if known == ["array"] && fits_items => (Kind::SingleValueForList, habit(shape.calls)),
            _ => (Kind::WrongType, habit(shape.calls)),
        };
        let message = format!("{} is {}, {} in {}", subject(path), typed(now), typed(&before), all(shape.calls));
        let said = Said { expected: before, got: now.to_owned(), message, ..Said::default() };
        self.push(kind, severity, spot(path), shape.calls, said);
    }
}

/// What all of so many calls had is a habit from some number on.
const fn habit(calls: u32) -> Severity {
    if calls >= HABIT { Severity::Error } else { Severity::Warning }
}

fn calls_in_words(calls: u32) -> String {
    if calls == 1 { "1 working call".to_owned() } else { format!("{calls} working calls") }
}

fn all(calls: u32) -> String {
    match calls {
        1 => "the one working call".to_owned(),
        2 => "both working calls".to_owned(),
        _ => format!("all {calls} working calls"),
    }
}

/// `a string`, `null`.
fn typed(name: &str) -> String {
    match name {
        "null" => "null".to_owned(),
        "array" => "a list".to_owned(),
        "object" => "an object".to_owned(),
        name => format!("a {name}"),
    }
}

fn pointer(path: &[String]) -> String {
    path.iter().map(|step| format!("/{}", escape(step))).collect()
}

fn spot(path: &[String]) -> Spot {
    Spot::Body(pointer(path))
}

/// The field in words.
fn subject(path: &[String]) -> String {
    let names: Vec<&str> = path.iter().map(String::as_str).filter(|s| !s.bytes().all(|b| b.is_ascii_digit())).collect();
    if names.is_empty() { "the body".to_owned() } else { format!("the field {}", names.join(".")) }
}

fn without_indices(spot: &Spot) -> Spot {
    match spot {
        Spot::Body(pointer) => {
            let generic =
                |s: &str| if !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit()) { "*" } else { s }.to_owned();
            Spot::Body(pointer.split('/').map(generic).collect::<Vec<_>>().join("/"))
        }
        other => other.clone(),
    }
}

/// A name without case and separators.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTE_LIMIT).collect();
    format!("\"{text}\"")
}

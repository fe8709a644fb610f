//! One span, whoever wrote it.

use super::values::{any, attributes, member, nanos, text};
use crate::forms::sink::millis_text;
use crate::recognise::{Form, Meaning, Names, slot};
use crate::{Attribute, Batch, Field, Kind, Record};
use serde_json::Value;
use std::collections::HashMap;

/// What a name means, remembered.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    names: Names,
    known: HashMap<String, Option<Meaning>>,
}

impl Meanings {
    pub fn of(&mut self, name: &str) -> Option<Meaning> {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let meaning = self.names.meaning(name);
        if self.known.len() < 4096 {
            self.known.insert(name.to_owned(), meaning);
        }
        meaning
    }
}

/// Which side of a call a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Server,
    Client,
    Inside,
}

/// One span.
#[derive(Debug)]
pub(super) struct Span<'v> {
    side: Side,
    name: &'v str,
    service: Option<String>,
    trace: &'v str,
    id: &'v str,
    parent: &'v str,
    /// In milliseconds since the Unix epoch.
    start: Option<i64>,
    millis: Option<f64>,
    failed: bool,
    /// What its status says.
    message: Option<String>,
    /// `Type: words` of its exception.
    exception: Option<String>,
    upstream: Option<String>,
    attributes: Vec<(String, String)>,
    resource: Vec<(String, String)>,
}

fn string<'v>(value: &'v Value, camel: &str, snake: &str) -> &'v str {
    member(value, camel, snake).and_then(Value::as_str).unwrap_or_default()
}

fn find(pairs: &[(String, String)], name: &str) -> Option<String> {
    pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

/// The side by its number (OTLP) or word.
fn side(kind: &str) -> Side {
    let word = kind.trim_start_matches("SPAN_KIND_");
    if word.eq_ignore_ascii_case("server") || word.eq_ignore_ascii_case("consumer") || matches!(word, "2" | "5") {
        Side::Server
    } else if word.eq_ignore_ascii_case("client") || word.eq_ignore_ascii_case("producer") || matches!(word, "3" | "4")
    {
        Side::Client
    } else {
        Side::Inside
    }
}

fn exception(pairs: &[(String, String)]) -> Option<String> {
    let kind = find(pairs, "exception.type").or_else(|| find(pairs, "error.kind"));
    let words = find(pairs, "exception.message").or_else(|| find(pairs, "message"));
    match (kind, words) {
        (Some(kind), Some(words)) if !words.is_empty() => Some(format!("{kind}: {words}")),
        (Some(one), _) | (None, Some(one)) => Some(one),
        (None, None) => None,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a call lasts far less than 2^53 nanoseconds")]
fn between(start: Option<i64>, end: Option<i64>, per_milli: f64) -> Option<f64> {
    let length = end?.checked_sub(start?)?;
    (length >= 0).then_some(length as f64 / per_milli)
}

impl<'v> Span<'v> {
    /// As OTLP writes it.
    pub fn otlp(raw: &'v Value, resource: &Value) -> Self {
        let mut found = Vec::new();
        attributes(raw, "attributes", &mut found);
        let mut of_resource = Vec::new();
        attributes(resource, "attributes", &mut of_resource);
        let start = nanos(member(raw, "startTimeUnixNano", "start_time_unix_nano"));
        let end = nanos(member(raw, "endTimeUnixNano", "end_time_unix_nano"));
        let status = raw.get("status");
        let code = status.and_then(|s| s.get("code")).and_then(text).unwrap_or_default();
        let mut thrown = None;
        for event in super::values::list(raw, "events", "events") {
            if event.get("name").and_then(Value::as_str) == Some("exception") && thrown.is_none() {
                let mut pairs = Vec::new();
                attributes(event, "attributes", &mut pairs);
                thrown = exception(&pairs);
            }
        }
        Self {
            side: side(&raw.get("kind").and_then(text).unwrap_or_default()),
            name: string(raw, "name", "name"),
            service: find(&of_resource, "service.name"),
            trace: string(raw, "traceId", "trace_id"),
            id: string(raw, "spanId", "span_id"),
            parent: string(raw, "parentSpanId", "parent_span_id"),
            start: start.map(|nanos| nanos / 1_000_000),
            millis: between(start, end, 1e6),
            failed: matches!(code.as_str(), "2" | "STATUS_CODE_ERROR"),
            message: status.and_then(|s| s.get("message")).and_then(text).filter(|m| !m.is_empty()),
            exception: thrown,
            upstream: None,
            attributes: found,
            resource: of_resource,
        }
    }

    /// As Jaeger's query API prints it, with microseconds.
    pub fn jaeger(raw: &'v Value, processes: &Value) -> Option<Self> {
        let start = raw.get("startTime").and_then(Value::as_i64)?;
        let mut found = Vec::new();
        attributes(raw, "tags", &mut found);
        let process = raw
            .get("processID")
            .and_then(Value::as_str)
            .and_then(|id| processes.get(id))
            .or_else(|| raw.get("process"));
        let mut of_process = Vec::new();
        process.iter().for_each(|process| attributes(process, "tags", &mut of_process));
        let parent = super::values::list(raw, "references", "references")
            .find(|r| r.get("refType").and_then(Value::as_str) == Some("CHILD_OF"))
            .map_or("", |r| string(r, "spanID", "spanId"));
        let mut thrown = None;
        for log in super::values::list(raw, "logs", "logs") {
            let mut pairs = Vec::new();
            attributes(log, "fields", &mut pairs);
            let is_error = find(&pairs, "event").is_some_and(|e| e == "error" || e == "exception");
            thrown = thrown.or_else(|| exception(&pairs).filter(|_| is_error));
        }
        let kind = find(&found, "span.kind").unwrap_or_default();
        let failed = find(&found, "error").is_some_and(|e| e == "true")
            || find(&found, "otel.status_code").is_some_and(|code| code == "ERROR");
        Some(Self {
            side: side(&kind),
            name: string(raw, "operationName", "operation_name"),
            service: process.and_then(|p| p.get("serviceName")).and_then(text),
            trace: string(raw, "traceID", "traceId"),
            id: string(raw, "spanID", "spanId"),
            parent,
            start: Some(start / 1000),
            millis: raw.get("duration").and_then(Value::as_f64).map(|micros| micros / 1000.0),
            failed,
            message: find(&found, "otel.status_description"),
            exception: thrown,
            upstream: None,
            attributes: found,
            resource: of_process,
        })
    }

    /// As Zipkin's API prints it, with microseconds.
    pub fn zipkin(raw: &'v Value) -> Option<Self> {
        let (trace, id) = (raw.get("traceId")?.as_str()?, raw.get("id")?.as_str()?);
        let start = raw.get("timestamp").and_then(Value::as_i64)?;
        let mut found = Vec::new();
        attributes(raw, "tags", &mut found);
        let endpoint = |name: &str| raw.get(name).and_then(|e| e.get("serviceName")).and_then(text);
        let error = find(&found, "error").filter(|e| e != "false");
        let side = side(string(raw, "kind", "kind"));
        Some(Self {
            side,
            name: string(raw, "name", "name"),
            service: endpoint("localEndpoint"),
            trace,
            id,
            parent: string(raw, "parentId", "parent_id"),
            start: Some(start / 1000),
            millis: raw.get("duration").and_then(Value::as_f64).map(|micros| micros / 1000.0),
            failed: error.is_some(),
            message: error.filter(|e| e != "true"),
            exception: None,
            upstream: endpoint("remoteEndpoint").filter(|_| side == Side::Client),
            attributes: found,
            resource: Vec::new(),
        })
    }

    /// Call or event; `None` for what happens inside a program and went well.
    fn kind(&self) -> Option<Kind> {
        match self.side {
            Side::Server | Side::Client => Some(Kind::Call),
            Side::Inside => (self.failed || self.exception.is_some()).then_some(Kind::Event),
        }
    }

    /// True where an attribute speaks of the span's own side, and not of the other one.
    fn is_own_address(&self, name: &str) -> bool {
        self.side != Side::Client
            && (name.starts_with("server.")
                || name.starts_with("net.host.")
                || name.starts_with("net.peer.")
                || name.starts_with("net.sock."))
    }

    /// Fills the row that is begun; false where the span is no row.
    pub fn tell(&self, meanings: &mut Meanings, batch: &mut Batch) -> bool {
        let Some(kind) = self.kind() else { return false };
        batch.kind(kind);
        if let Some(start) = self.start {
            batch.time(start);
        }
        if let Some(millis) = self.millis {
            #[expect(clippy::cast_possible_truncation, reason = "a duration in a column is a single")]
            batch.latency(millis as f32);
        }
        if let Some(service) = &self.service {
            batch.set(Attribute::Service, service.as_bytes());
        }
        if let Some(upstream) = &self.upstream {
            batch.set(Attribute::Upstream, upstream.as_bytes());
        }
        batch.set(Attribute::TraceId, self.trace.as_bytes());
        batch.set(Attribute::SpanId, self.id.as_bytes());
        batch.set(Attribute::ParentId, self.parent.as_bytes());
        for (behind, pairs) in [(0, &self.attributes), (20_000, &self.resource)] {
            for (name, value) in pairs {
                if let Some(meaning) = meanings.of(name)
                    && !self.is_own_address(name)
                    && !matches!(name.as_str(), "error" | "span.kind")
                {
                    batch.row.copy(Meaning { rank: meaning.rank.saturating_add(behind), ..meaning }, value.as_bytes());
                }
            }
        }
        let seen = batch.row.seen();
        if seen & (1 << slot::PATH | 1 << slot::of(Attribute::Route)) == 0 {
            // the name of a span has few values, by the convention
            batch.set(Attribute::Route, self.name.as_bytes());
        }
        if self.failed {
            batch.row.copy(Meaning { slot: slot::SUCCESS, form: Form::Plain, rank: 0 }, b"false");
        }
        if let Some(message) = &self.message {
            batch.set(Attribute::Message, message.as_bytes());
        }
        if let Some(exception) = &self.exception {
            batch.set_error(exception.as_bytes());
        }
        true
    }

    /// All fields; `None` where the span is no row.
    pub fn record(&self) -> Option<Record> {
        let mut record = Record { kind: self.kind()?, time: self.start, ..Record::default() };
        let mut put = |name: &str, attribute: Option<Attribute>, value: &str| {
            record.fields.push(Field { name: name.to_owned(), attribute, value: value.to_owned() });
        };
        put("traceId", Some(Attribute::TraceId), self.trace);
        put("spanId", Some(Attribute::SpanId), self.id);
        put("parentSpanId", Some(Attribute::ParentId), self.parent);
        if let Some(service) = &self.service {
            put("service.name", Some(Attribute::Service), service);
        }
        if let Some(upstream) = &self.upstream {
            put("remoteEndpoint.serviceName", Some(Attribute::Upstream), upstream);
        }
        if let Some(millis) = self.millis {
            put("duration", Some(Attribute::Latency), &millis_text(millis));
        }
        let names = Names::default();
        let mut routed = false;
        for (name, value) in self.attributes.iter().chain(&self.resource) {
            let attribute = names.meaning(name).and_then(Meaning::attribute).filter(|_| !self.is_own_address(name));
            routed |= attribute == Some(Attribute::Route);
            put(name, attribute.filter(|a| *a != Attribute::Service || self.service.is_none()), value);
        }
        put("name", (!routed).then_some(Attribute::Route), self.name);
        if let Some(words) = self.message.as_ref().or(self.exception.as_ref()) {
            put("status.message", Some(Attribute::Message), words);
        }
        Some(record)
    }
}

/// What an attribute or body holds, as text.
pub(super) fn words(value: &Value) -> Option<String> {
    any(value)
}

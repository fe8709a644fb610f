//! One log record of OTLP: an event, or a call where its attributes or its body tell of one.

use super::span::{Meanings, words};
use super::values::{attributes, list, member, nanos, text};
use crate::forms::{general, replay};
use crate::recognise::{Form, Meaning, slot};
use crate::{Attribute, Batch, Field, Kind, Record};
use serde_json::Value;

/// One record.
#[derive(Debug)]
pub(super) struct Log<'v> {
    raw: &'v Value,
    body: Option<String>,
    attributes: Vec<(String, String)>,
    resource: Vec<(String, String)>,
}

/// Every record of an export, with what was written of it and of its resource.
pub(super) fn each(value: &Value, each: &mut impl FnMut(&Log<'_>, &Value, &Value)) {
    for group in list(value, "resourceLogs", "resource_logs") {
        let resource = member(group, "resource", "resource").unwrap_or(&Value::Null);
        let scopes = list(group, "scopeLogs", "scope_logs").chain(list(
            group,
            "instrumentationLibraryLogs",
            "instrumentation_library_logs",
        ));
        for scope in scopes {
            for raw in list(scope, "logRecords", "log_records") {
                each(&Log::read(raw, resource), raw, resource);
            }
        }
    }
}

impl<'v> Log<'v> {
    fn read(raw: &'v Value, resource: &Value) -> Self {
        let mut found = Vec::new();
        attributes(raw, "attributes", &mut found);
        let mut of_resource = Vec::new();
        attributes(resource, "attributes", &mut of_resource);
        let body = raw.get("body");
        // a structured body is attributes by another name
        if let Some(pairs) = body.and_then(|b| member(b, "kvlistValue", "kvlist_value")) {
            attributes(pairs, "values", &mut found);
        }
        Self { raw, body: body.and_then(words), attributes: found, resource: of_resource }
    }

    fn time(&self) -> Option<i64> {
        let at = nanos(member(self.raw, "timeUnixNano", "time_unix_nano"));
        let seen = || nanos(member(self.raw, "observedTimeUnixNano", "observed_time_unix_nano"));
        at.or_else(seen).map(|nanos| nanos / 1_000_000)
    }

    fn level(&self) -> Option<String> {
        member(self.raw, "severityText", "severity_text")
            .and_then(text)
            .filter(|level| !level.is_empty())
            .or_else(|| member(self.raw, "severityNumber", "severity_number").and_then(text))
    }

    fn ids(&self) -> [(Attribute, &'v str); 2] {
        let id = |camel, snake| member(self.raw, camel, snake).and_then(Value::as_str).unwrap_or_default();
        [(Attribute::TraceId, id("traceId", "trace_id")), (Attribute::SpanId, id("spanId", "span_id"))]
    }

    /// Fills the row that is begun.
    pub fn tell(&self, meanings: &mut Meanings, batch: &mut Batch) {
        if let Some(time) = self.time() {
            batch.time(time);
        }
        for (attribute, id) in self.ids() {
            batch.set(attribute, id.as_bytes());
        }
        for (behind, pairs) in [(0, &self.attributes), (20_000, &self.resource)] {
            for (name, value) in pairs {
                if let Some(meaning) = meanings.of(name) {
                    batch.row.copy(Meaning { rank: meaning.rank.saturating_add(behind), ..meaning }, value.as_bytes());
                }
            }
        }
        if let Some(level) = self.level() {
            batch.row.copy(Meaning { slot: slot::of(Attribute::Level), form: Form::Plain, rank: 0 }, level.as_bytes());
        }
        let Some(body) = &self.body else { return };
        let has_status = batch.row.seen() & 1 << slot::of(Attribute::Status) != 0;
        // the collector reads files too: then the body is a line of some other form
        match general::record(body.as_bytes(), None, false).filter(|r| r.kind == Kind::Call && !has_status) {
            Some(call) => {
                let time = self.time();
                replay::record(&call, batch);
                if let Some(time) = call.time.or(time) {
                    batch.time(time);
                }
            }
            None => batch.set(Attribute::Message, body.as_bytes()),
        }
    }

    /// All fields.
    pub fn record(&self) -> Record {
        let inner = self.body.as_ref().and_then(|body| general::record(body.as_bytes(), None, false));
        let call = inner.filter(|record| record.kind == Kind::Call);
        let mut record = call.clone().unwrap_or(Record { kind: Kind::Event, ..Record::default() });
        record.time = record.time.or_else(|| self.time());
        let mut put = |name: &str, attribute: Option<Attribute>, value: &str| {
            let attribute = attribute.filter(|a| record.get(*a).is_none());
            record.fields.push(Field { name: name.to_owned(), attribute, value: value.to_owned() });
        };
        for (attribute, id) in self.ids() {
            put(attribute.word(), Some(attribute), id);
        }
        if let Some(level) = self.level() {
            put("severity", Some(Attribute::Level), &level);
        }
        let mut meanings = Meanings::default();
        for (name, value) in self.attributes.iter().chain(&self.resource) {
            put(name, meanings.of(name).and_then(Meaning::attribute), value);
        }
        if let (Some(body), None) = (&self.body, call) {
            put("body", Some(Attribute::Message), body);
        }
        if record.get(Attribute::Status).is_some() {
            record.kind = Kind::Call;
        }
        record
    }
}

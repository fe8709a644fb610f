//! Spans and log records: lines of the OpenTelemetry collector's file exporter, and spans as Jaeger and Zipkin print them.
//!
//! A span of a server, client, producer or consumer is a call; one inside a program is none, and is an event only where it failed. Of a
//! client's span the other side is the upstream.
//! Sources: OTLP/JSON encoding, OpenTelemetry semantic conventions old and new, Jaeger's query API, Zipkin v2.

mod logs;
mod span;
mod values;

use crate::Batch;
use crate::Record;
use crate::batch::Sample;
use crate::layout::{lines, trim};
use serde_json::Value;
use span::{Meanings, Span};
use values::member;

/// Rows of one line.
const ROWS: usize = 100_000;

/// True for a line of the collector.
pub(super) fn is_line(line: &[u8]) -> bool {
    let window = &line[..line.len().min(64)];
    [
        &b"\"resourceSpans\""[..],
        b"\"resource_spans\"",
        b"\"resourceLogs\"",
        b"\"resource_logs\"",
        b"\"resourceMetrics\"",
        b"\"resource_metrics\"",
    ]
    .iter()
    .any(|name| memchr::memmem::find(window, name).is_some())
}

/// Reads whole lines.
pub(super) fn read(chunk: &[u8], batch: &mut Batch) {
    let mut meanings = Meanings::default();
    for line in lines(chunk) {
        let line = trim(line);
        if line.is_empty() {
            batch.aside();
            continue;
        }
        match serde_json::from_slice::<Value>(line) {
            Ok(value) => {
                if !export(&value, &mut meanings, batch) {
                    batch.aside();
                }
            }
            Err(_) => batch.unreadable(line),
        }
    }
}

/// A document that holds spans or log records; false when it is something else.
pub(super) fn read_value(document: &Value, batch: &mut Batch) -> bool {
    let mut meanings = Meanings::default();
    export(document, &mut meanings, batch) || jaeger(document, &mut meanings, batch)
}

/// One span as Zipkin prints it; false when it is something else.
pub(super) fn read_span(value: &Value, batch: &mut Batch) -> bool {
    let Some(span) = Span::zipkin(value) else { return false };
    span.tell(&mut Meanings::default(), batch)
}

/// The rows of a line as records.
pub(super) fn records(line: &[u8]) -> Vec<Record> {
    let mut found = Vec::new();
    if let Ok(value) = serde_json::from_slice::<Value>(line) {
        each_span(&value, &mut |span, _, _| found.extend(span.record()));
        logs::each(&value, &mut |log, _, _| found.push(log.record()));
    }
    found
}

/// The first row of a line as a record.
pub(super) fn record(line: &[u8]) -> Option<Record> {
    records(line).into_iter().next()
}

/// One span as Zipkin prints it as a record.
pub(super) fn span_record(value: &Value) -> Option<Record> {
    Span::zipkin(value)?.record()
}

/// Everything that one export holds; false when it is none or holds nothing that is a row.
fn export(value: &Value, meanings: &mut Meanings, batch: &mut Batch) -> bool {
    let mut rows = 0;
    each_span(value, &mut |span, raw, resource| {
        if rows >= ROWS {
            return;
        }
        batch.begin();
        if !span.tell(meanings, batch) {
            return;
        }
        if rows > 0 {
            batch.within();
        }
        rows += 1;
        let made = |_: &[u8]| {
            serde_json::json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [raw]}]}]})
                .to_string()
                .into_bytes()
        };
        batch.finish_as(b"", Sample { line: b"", made: Some(&made) });
    });
    logs::each(value, &mut |log, raw, resource| {
        if rows >= ROWS {
            return;
        }
        batch.begin();
        log.tell(meanings, batch);
        if rows > 0 {
            batch.within();
        }
        rows += 1;
        let made = |_: &[u8]| {
            serde_json::json!({"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": [raw]}]}]})
                .to_string()
                .into_bytes()
        };
        batch.finish_as(b"", Sample { line: b"", made: Some(&made) });
    });
    rows > 0
}

/// Spans of an export with what was written of them and of their resource.
fn each_span(value: &Value, each: &mut impl FnMut(&Span<'_>, &Value, &Value)) {
    for group in values::list(value, "resourceSpans", "resource_spans") {
        let resource = member(group, "resource", "resource").unwrap_or(&Value::Null);
        let scopes = values::list(group, "scopeSpans", "scope_spans").chain(values::list(
            group,
            "instrumentationLibrarySpans",
            "instrumentation_library_spans",
        ));
        for scope in scopes {
            for raw in values::list(scope, "spans", "spans") {
                each(&Span::otlp(raw, resource), raw, resource);
            }
        }
    }
}

/// `{"data":[{"spans":[…],"processes":{…}}]}`.
fn jaeger(document: &Value, meanings: &mut Meanings, batch: &mut Batch) -> bool {
    let mut rows = 0;
    for trace in values::list(document, "data", "data") {
        let processes = trace.get("processes").unwrap_or(&Value::Null);
        for raw in values::list(trace, "spans", "spans") {
            let Some(span) = Span::jaeger(raw, processes) else { continue };
            batch.begin();
            if rows < ROWS && span.tell(meanings, batch) {
                rows += 1;
                let made = |_: &[u8]| raw.to_string().into_bytes();
                batch.finish_as(b"", Sample { line: b"", made: Some(&made) });
            }
        }
    }
    rows > 0
}

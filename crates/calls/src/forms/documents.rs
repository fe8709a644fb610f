//! JSON that is not one object a line: an array of records, objects printed over many lines, an object that holds the list of records
//! (`Records` of CloudTrail, `data` of Jaeger, `logs` and `events` of exports). Every object is a row, read as if it stood on a line.

use super::{general, otlp, replay};
use crate::batch::Sample;
use crate::layout::trim;
use crate::quick::{self, Style};
use crate::recognise::Names;
use crate::{Attribute, Batch, Layout, Record};
use serde_json::Value;

/// Members that hold the records of a document, down to this depth.
const DEPTH: usize = 4;
/// Records of one document.
const RECORDS: usize = 1_000_000;

/// True when the first thing is an array, or an object that its line does not close.
pub(super) fn recognises(sampled: &[&[u8]]) -> bool {
    let Some(first) = sampled.first() else { return false };
    match first.first() {
        Some(b'[') => {
            let next = first[1..].trim_ascii_start();
            match next.first() {
                Some(b'{') => true,
                None => sampled.get(1).is_some_and(|line| matches!(line.first(), Some(b'{' | b'['))),
                _ => false,
            }
        }
        Some(b'{') => {
            let closed = first.len() > 1 && first.ends_with(b"}");
            let next = first[1..].trim_ascii_start();
            !closed
                && (next.first() == Some(&b'"')
                    || next.is_empty() && sampled.get(1).is_some_and(|l| l.first() == Some(&b'"')))
                && sampled.iter().filter(|line| line.first() == Some(&b'"')).count() * 10 >= sampled.len() * 3
        }
        _ => false,
    }
}

/// Members that hold nothing but the records of a document: Jaeger, CloudTrail, Azure, Kubernetes, Google Cloud, CloudWatch, exports.
const LISTS: [&[u8]; 10] =
    [b"data", b"Records", b"records", b"items", b"entries", b"events", b"logs", b"results", b"value", b"logEvents"];

/// True for an object that begins with a list of records.
pub(super) fn holds_list(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"{").map(<[u8]>::trim_ascii_start) else { return false };
    let Some(rest) = rest.strip_prefix(b"\"") else { return false };
    let Some(end) = memchr::memchr(b'"', &rest[..rest.len().min(32)]) else { return false };
    let value = rest[end + 1..].trim_ascii_start().strip_prefix(b":").unwrap_or_default().trim_ascii_start();
    let list = value.strip_prefix(b"[").is_some_and(|inside| inside.trim_ascii_start().starts_with(b"{"));
    list && LISTS.contains(&&rest[..end])
}

/// Where the last whole value ends; 0 for none.
pub(super) fn whole(bytes: &[u8]) -> usize {
    let (mut last, mut at) = (0, 0);
    while let Some((_, end)) = value(bytes, at) {
        last = end;
        at = end;
    }
    last
}

/// The object or array that begins next: where it begins and ends.
fn value(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let start = from + bytes.get(from..)?.iter().position(|b| matches!(b, b'{' | b'['))?;
    let (mut depth, mut at, mut quoted) = (0_usize, start, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => quoted = !quoted,
            b'\\' if quoted => at += 1,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some((start, at + 1));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// Reads documents.
pub(super) fn read(chunk: &[u8], batch: &mut Batch) {
    let names = Names::default();
    let mut at = 0;
    while let Some((start, end)) = value(chunk, at) {
        let text = &chunk[start..end];
        match serde_json::from_slice::<Value>(text) {
            Ok(document) => {
                let mut count = 0;
                if !otlp::read_value(&document, batch) {
                    records(&document, 0, &mut |record| {
                        count += 1;
                        if count <= RECORDS {
                            row(record, &names, batch);
                        }
                    });
                }
            }
            Err(_) => batch.unreadable(text),
        }
        at = end;
    }
    let rest = trim(&chunk[at..]).trim_ascii();
    if !rest.is_empty() {
        batch.unreadable(rest);
    }
}

/// Records with what was written of them.
pub(super) fn each_record(chunk: &[u8], each: &mut impl FnMut(Option<Record>, &[u8])) {
    let mut at = 0;
    while let Some((start, end)) = value(chunk, at) {
        let text = &chunk[start..end];
        at = end;
        let Ok(document) = serde_json::from_slice::<Value>(text) else {
            each(None, text);
            continue;
        };
        let exported = otlp::records(text);
        if !exported.is_empty() {
            exported.into_iter().for_each(|record| each(Some(record), text));
            continue;
        }
        records(&document, 0, &mut |record| {
            let line = record.to_string();
            each(otlp::span_record(record).or_else(|| Layout::default().fields(line.as_bytes())), line.as_bytes());
        });
    }
}

/// The records of a document: elements of arrays, of the first list that an object holds, or the object itself.
fn records(value: &Value, depth: usize, each: &mut impl FnMut(&Value)) {
    match value {
        Value::Array(items) if depth < DEPTH => items.iter().for_each(|item| records(item, depth + 1, each)),
        Value::Object(members) => {
            let list =
                members.values().filter(|v| v.as_array().is_some_and(|a| a.first().is_some_and(Value::is_object)));
            let own = members.values().filter(|v| !v.is_array() && !v.is_object()).count();
            match list.max_by_key(|v| v.as_array().map_or(0, Vec::len)) {
                Some(list) if own <= 3 && depth < DEPTH => records(list, depth + 1, each),
                _ => each(value),
            }
        }
        _ => {}
    }
}

fn row(record: &Value, names: &Names, batch: &mut Batch) {
    let line = record.to_string().into_bytes();
    batch.begin();
    if otlp::read_span(record, batch) {
        batch.finish_as(&line, Sample { line: &line, made: None });
        return;
    }
    if quick::read(Style::Json, &line, names, names.key(), batch) {
        batch.finish(&line);
    } else if let Some(text) = record.get("message").and_then(Value::as_str)
        && let Some(found) = general::record(text.as_bytes(), None, true)
    {
        replay::record(&found, batch);
        batch.set(Attribute::Message, text.as_bytes());
        batch.finish(&line);
    } else {
        batch.unreadable(&line);
    }
}

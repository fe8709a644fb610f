//! What documents get before they are compiled: keywords of ours where OpenAPI means more than JSON Schema says.
//!
//! A property that is `readOnly` is required in responses alone, one that is `writeOnly` in requests alone (OpenAPI 3.0,
//! 4.7.24.2). Such names move from `required` into a keyword that is compiled for one half only, so that one document
//! serves both.

use crate::document::escape;
use firstfault_model::contract::Half;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Names that are required in one half only.
pub(crate) const REQUIRED_IN: [(Half, &str); 2] =
    [(Half::Request, "x-firstfault-required-in-request"), (Half::Response, "x-firstfault-required-in-response")];
/// The width of an integer by its format.
pub(super) const INTEGER: &str = "x-firstfault-integer";
/// How deep properties are looked for behind references and `allOf`.
const DEPTH_LIMIT: usize = 8;

/// Prepares documents in place. Returns whether any of them tells requests from responses.
pub(super) fn prepare(documents: &mut [(String, Arc<Value>)]) -> bool {
    let is_api = documents.first().is_some_and(|(_, d)| d.get("openapi").is_some() || d.get("swagger").is_some());
    if !is_api {
        return false;
    }
    let mut directed = false;
    for (_, document) in documents {
        let document = Arc::make_mut(document);
        let mut seen = Seen::default();
        look(document, &mut String::new(), &mut seen);
        if seen.directed {
            for (pointer, names) in changes(document, &seen.required) {
                directed |= document.pointer_mut(&pointer).and_then(Value::as_object_mut).is_some_and(|schema| {
                    split(schema, &names);
                    true
                });
            }
        }
        for (pointer, width) in seen.integers {
            if let Some(schema) = document.pointer_mut(&pointer).and_then(Value::as_object_mut) {
                schema.insert(INTEGER.to_owned(), json!(width));
            }
        }
        reach(document, &seen.identified);
    }
    directed
}

/// What one walk over a document finds.
#[derive(Default)]
struct Seen {
    /// Whether anything is `readOnly` or `writeOnly`.
    directed: bool,
    /// Schemas with `required`, or with parts that may have it.
    required: Vec<String>,
    /// Integers of a width.
    integers: Vec<(String, u8)>,
    /// The outermost schemas that have an identifier or an anchor.
    identified: Vec<String>,
}

fn look(value: &Value, pointer: &mut String, seen: &mut Seen) {
    let length = pointer.len();
    match value {
        Value::Object(object) => {
            let is = |name: &str| object.get(name) == Some(&Value::Bool(true));
            seen.directed |= is("readOnly") || is("writeOnly");
            if object.get("required").is_some_and(Value::is_array) || object.get("allOf").is_some_and(Value::is_array) {
                seen.required.push(pointer.clone());
            }
            match object.get("format").and_then(Value::as_str) {
                Some("int32") => seen.integers.push((pointer.clone(), 32)),
                Some("int64") => seen.integers.push((pointer.clone(), 64)),
                _ => {}
            }
            let named =
                ["$id", "$anchor", "$dynamicAnchor"].iter().any(|n| object.get(*n).is_some_and(Value::is_string));
            if named && !pointer.is_empty() && !seen.identified.last().is_some_and(|p| inside(pointer, p)) {
                seen.identified.push(pointer.clone());
            }
            for (name, value) in object {
                if value.is_object() || value.is_array() {
                    pointer.push('/');
                    pointer.push_str(&escape(name));
                    look(value, pointer, seen);
                    pointer.truncate(length);
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                if value.is_object() || value.is_array() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    look(value, pointer, seen);
                    pointer.truncate(length);
                }
            }
        }
        _ => {}
    }
}

fn inside(pointer: &str, outer: &str) -> bool {
    pointer.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

/// Names by half: sent by the caller only, returned by the server only.
#[derive(Clone, Default)]
struct Directed {
    write_only: BTreeSet<String>,
    read_only: BTreeSet<String>,
}

/// Which names of which schemas are required in one half only.
fn changes(document: &Value, required: &[String]) -> Vec<(String, Directed)> {
    let mut out = Vec::new();
    for pointer in required {
        let Some(schema) = document.pointer(pointer) else { continue };
        let mut names = Directed::default();
        collect(document, schema, &mut names, 0);
        if names.read_only.is_empty() && names.write_only.is_empty() {
            continue;
        }
        let parts = schema.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
        let parts = (0..parts).map(|i| format!("{pointer}/allOf/{i}"));
        for place in std::iter::once(pointer.clone()).chain(parts) {
            out.push((place, names.clone()));
        }
    }
    out
}

/// The directed properties of a schema and of its parts.
fn collect(document: &Value, schema: &Value, names: &mut Directed, depth: usize) {
    if depth > DEPTH_LIMIT {
        return;
    }
    let schema = behind(document, schema);
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if marked(document, property, "readOnly") {
            names.read_only.insert(name.clone());
        } else if marked(document, property, "writeOnly") {
            names.write_only.insert(name.clone());
        }
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        collect(document, part, names, depth + 1);
    }
}

/// Whether a property's schema has a mark, itself or behind its reference.
fn marked(document: &Value, property: &Value, mark: &str) -> bool {
    let is = |schema: &Value| schema.get(mark) == Some(&Value::Bool(true));
    is(property) || is(behind(document, property))
}

/// The schema behind references within the document.
fn behind<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..DEPTH_LIMIT {
        let reference = schema.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#'));
        let Some(next) = reference.and_then(|pointer| document.pointer(pointer)) else { break };
        schema = next;
    }
    schema
}

/// Moves names from `required` to where they are required in one half only.
fn split(schema: &mut Map<String, Value>, names: &Directed) {
    let Some(Value::Array(required)) = schema.get_mut("required") else { return };
    let mut required = std::mem::take(required);
    for ((_, keyword), directed) in REQUIRED_IN.iter().zip([&names.write_only, &names.read_only]) {
        let moved = required.extract_if(.., |name| name.as_str().is_some_and(|n| directed.contains(n)));
        let moved: Vec<Value> = moved.collect();
        if !moved.is_empty()
            && let Value::Array(all) = schema.entry((*keyword).to_owned()).or_insert_with(|| json!([]))
        {
            all.extend(moved);
        }
    }
    schema.insert("required".to_owned(), Value::Array(required));
}

/// Brings schemas that have an identifier or an anchor to where JSON Schema looks for them: an OpenAPI document keeps its
/// schemas under keywords that JSON Schema does not know. Where one with an identifier stood, a reference to it stays.
fn reach(document: &mut Value, pointers: &[String]) {
    let mut found = Map::new();
    for pointer in pointers {
        let Some(schema) = document.pointer_mut(pointer) else { continue };
        found.insert(pointer.clone(), schema.clone());
        if let Some(id) = schema.get("$id").cloned() {
            *schema = json!({ "$ref": id });
        }
    }
    if let (Some(root), false) = (document.as_object_mut(), found.is_empty()) {
        root.insert("$defs".to_owned(), Value::Object(found));
    }
}

//! `nullable` as JSON Schema says it.

use crate::description::SchemaRef;
use crate::openapi::reader::Reader;
use serde_json::{Map, Value, json};

/// How many references are followed to see whether a schema accepts null.
const REFERENCE_LIMIT: usize = 8;

/// Says of a part of a nullable schema that it is nullable, too.
pub(super) const IMPLIED: &str = "x-firstfault-nullable";

/// Says of every part of a nullable schema that it is nullable, too.
///
/// Strictly, `nullable` only widens `type` (OpenAPI 3.0.3, proposal 2019-10-31); people write it beside `enum`, `$ref` and
/// `allOf`, too, and then mean it.
pub(super) fn pass_on(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(parts)) = schema.get_mut("allOf") {
        for part in parts.iter_mut().filter_map(Value::as_object_mut) {
            part.insert(IMPLIED.to_owned(), Value::Bool(true));
        }
    }
}

/// Makes a schema whose parts are done accept null, too. Returns whether it has `oneOf`, which needs to know of its branches
/// first: [`add_branch`].
pub(super) fn allow(schema: &mut Map<String, Value>) -> bool {
    if !schema.contains_key("anyOf")
        && let Some(reference) = schema.remove("$ref")
    {
        schema.insert("anyOf".to_owned(), json!([{ "$ref": reference }, { "type": "null" }]));
        return false;
    }
    match schema.get_mut("type") {
        Some(Value::Array(types)) if !types.iter().any(|t| t == "null") => types.push(json!("null")),
        Some(Value::String(name)) if name != "null" => {
            let types = json!([name, "null"]);
            schema.insert("type".to_owned(), types);
        }
        _ => {}
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    if let Some(Value::Array(branches)) = schema.get_mut("anyOf") {
        branches.push(json!({ "type": "null" }));
    }
    schema.get("oneOf").is_some_and(Value::is_array)
}

/// Adds a branch for null to `oneOf`, unless one accepts it already.
pub(super) fn add_branch(reader: &mut Reader<'_>, at: &SchemaRef) {
    let place = at.child("oneOf");
    let accepted = (0..reader.count(&place)).any(|i| accepts(reader, &place.child(&i.to_string()), REFERENCE_LIMIT));
    if !accepted && let Some(Value::Array(branches)) = reader.value_mut(&place) {
        branches.push(json!({ "type": "null" }));
    }
}

/// Whether a schema accepts null, as far as its keywords at hand tell.
fn accepts(reader: &mut Reader<'_>, at: &SchemaRef, left: usize) -> bool {
    let Some(Value::Object(schema)) = reader.value(at) else { return true };
    let has = |name: &str, null: &Value| match schema.get(name) {
        None => true,
        Some(Value::Array(list)) => list.contains(null),
        Some(other) => other == null,
    };
    if !has("type", &json!("null")) || !has("enum", &Value::Null) {
        return false;
    }
    let parts = |name: &str| schema.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    let (all, any, one) = (parts("allOf"), parts("anyOf"), parts("oneOf"));
    let reference = schema.get("$ref").and_then(Value::as_str).map(str::to_owned);
    let Some(left) = left.checked_sub(1) else { return true };
    if let Some(reference) = reference
        && let Ok(target) = reader.resolve(at.document, None, &reference)
        && !accepts(reader, &target, left)
    {
        return false;
    }
    let mut part = |name: &str, i: usize| accepts(reader, &at.child(name).child(&i.to_string()), left);
    (0..all).all(|i| part("allOf", i))
        && (any == 0 || (0..any).any(|i| part("anyOf", i)))
        && (one == 0 || (0..one).any(|i| part("oneOf", i)))
}

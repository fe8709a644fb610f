//! One schema → its validator. What does not compile is left out with a reason, so that the rest still judges.

use super::Schemas;
use super::prepare::{INTEGER, REQUIRED_IN};
use crate::description::SchemaRef;
use crate::percent;
use firstfault_model::contract::Half;
use jsonschema::{
    Draft, Keyword, PatternCache, PatternOptions, Registry, Retrieve, Uri, ValidationError, ValidationOptions,
    Validator,
};
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::error::Error;
use std::sync::{Arc, PoisonError};

/// Steps that a regular expression with look-around may take.
const BACKTRACK_LIMIT: usize = 100_000;
/// Bytes of a compiled regular expression.
const PATTERN_LIMIT: usize = 4 << 20;
/// Schemas that are searched for what does not compile.
const SEARCH_LIMIT: usize = 100_000;
/// How often parts are left out of one schema before it is given up.
const ROUNDS: usize = 4;

/// Keywords that are checked alone when a schema does not compile.
const SIMPLE: [&str; 22] = [
    "type",
    "enum",
    "required",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "minContains",
    "maxContains",
    "dependentRequired",
    "$anchor",
    "$dynamicAnchor",
];
/// Keywords whose value is a schema.
pub(super) const ONE: [&str; 12] = [
    "items",
    "additionalItems",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "unevaluatedItems",
    "not",
    "if",
    "then",
    "else",
    "contentSchema",
];
/// Keywords whose value is a list of schemas.
pub(super) const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value has schemas by name.
pub(super) const NAMED: [&str; 5] = ["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"];

/// The validator of a schema; `None` when even the rest of it does not compile.
pub(super) fn compile(schemas: &Schemas, at: &SchemaRef, half: Half) -> Option<Validator> {
    let patterns = schemas.patterns.get_or_init(PatternCache::new);
    let mut mended = schemas.mended.lock().unwrap_or_else(PoisonError::into_inner);
    let mut reason = String::new();
    for _ in 0..ROUNDS {
        let documents = mended.as_ref().unwrap_or(&schemas.documents);
        match build(documents, at, half, patterns) {
            Ok(validator) => return Some(validator),
            Err(error) => reason = error,
        }
        let faults = faults(schemas, documents, at);
        if faults.is_empty() {
            break;
        }
        let documents = mended.get_or_insert_with(|| schemas.documents.clone());
        for (place, _) in &faults {
            leave_out(documents, place);
        }
        schemas.problems.lock().unwrap_or_else(PoisonError::into_inner).extend(faults);
    }
    schemas.problems.lock().unwrap_or_else(PoisonError::into_inner).push((at.clone(), reason));
    None
}

fn build(
    documents: &[(String, Arc<Value>)],
    at: &SchemaRef,
    half: Half,
    patterns: &PatternCache,
) -> Result<Validator, String> {
    let registry = registry(documents).map_err(|e| e.to_string())?;
    let (uri, document) = documents.get(at.document).ok_or("no such document")?;
    let options = options(half).with_pattern_cache(patterns.clone()).with_registry(&registry).with_retriever(Nothing);
    let built = if at.pointer.is_empty() {
        // A document that is a schema keeps its draft and is the outermost dynamic scope.
        let named = document.get("$id").and_then(Value::as_str).is_some_and(|id| id.contains(':'));
        let options = if named { options } else { options.with_base_uri(uri) };
        options.build(document)
    } else {
        options.with_draft(Draft::Draft202012).build(&json!({ "$ref": reference(uri, document, at) }))
    };
    built.map_err(|e| e.to_string())
}

/// One validator of an object whose members are each held against one of the schemas, by its number. What schemas have in
/// common is compiled once that way; `None` when one of them does not compile.
pub(super) fn compile_all(schemas: &Schemas, all: &[SchemaRef], half: Half) -> Option<Validator> {
    let patterns = schemas.patterns.get_or_init(PatternCache::new);
    let registry = registry(&schemas.documents).ok()?;
    let mut members = Map::new();
    for (number, at) in all.iter().enumerate() {
        let (uri, document) = schemas.documents.get(at.document)?;
        members.insert(number.to_string(), json!({ "$ref": reference(uri, document, at) }));
    }
    let options = options(half).with_pattern_cache(patterns.clone()).with_registry(&registry).with_retriever(Nothing);
    options.with_draft(Draft::Draft202012).build(&json!({ "properties": members })).ok()
}

/// What a schema of a description is referred to by.
fn reference(uri: &str, document: &Value, at: &SchemaRef) -> String {
    // Entered by its identifier, a schema is part of the dynamic scope.
    let identifier = document.pointer(&at.pointer).and_then(|schema| schema.get("$id")).and_then(Value::as_str);
    match identifier.filter(|id| document.get("openapi").is_some() && !id.starts_with('#')) {
        Some(id) => crate::document::uri::resolve(uri, id).0,
        None => format!("{uri}#{}", percent::fragment(&at.pointer)),
    }
}

/// The documents by their URIs. Those of an API are JSON Schema 2020-12 unless a known draft is named.
fn registry(documents: &[(String, Arc<Value>)]) -> Result<Registry<'_>, jsonschema::ReferencingError> {
    // What names no draft is written in that of the document that refers to it.
    let draft = documents.first().map_or_else(Draft::default, |(_, first)| Draft::default().detect(first));
    let mut builder = Registry::new().retriever(Nothing);
    for (uri, document) in documents {
        let is_api = document.get("openapi").is_some() || document.get("swagger").is_some();
        let own = if is_api { Draft::Draft202012 } else { draft.detect(document) };
        builder = builder.add(uri, own.create_resource_ref(document))?;
    }
    builder.prepare()
}

fn options<'r>(half: Half) -> ValidationOptions<'r> {
    let patterns = PatternOptions::fancy_regex().backtrack_limit(BACKTRACK_LIMIT);
    let mut options = jsonschema::options()
        .should_validate_formats(true)
        .with_pattern_options(patterns.size_limit(PATTERN_LIMIT).dfa_size_limit(PATTERN_LIMIT))
        .with_format("byte", is_base64)
        .with_keyword(INTEGER, |_, width, _| {
            let keyword: Box<dyn for<'i> Keyword<'i>> = Box::new(Width(width.as_u64().unwrap_or(64)));
            Ok(keyword)
        });
    for (of, name) in REQUIRED_IN {
        if of == half {
            options = options.with_keyword(name, |_, names, _| {
                let names = names.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
                let keyword: Box<dyn for<'i> Keyword<'i>> = Box::new(RequiredIn(names.collect()));
                Ok(keyword)
            });
        }
    }
    options
}

/// References to documents that were not loaded lead to a schema that agrees with everything.
struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(&self, _: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        Ok(Value::Object(Map::new()))
    }
}

/// Names that are required in this half.
struct RequiredIn(Vec<String>);

impl<'i> Keyword<'i> for RequiredIn {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        let Some(object) = instance.as_object() else { return Ok(()) };
        match self.0.iter().find(|name| !object.contains_key(*name)) {
            Some(name) => Err(ValidationError::custom(name.clone())),
            None => Ok(()),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        instance.as_object().is_none_or(|object| self.0.iter().all(|name| object.contains_key(name)))
    }

    fn iter_errors(&self, instance: &'i Value) -> Box<dyn Iterator<Item = ValidationError<'i>> + 'i> {
        let object = instance.as_object();
        let absent = |name: &&String| object.is_some_and(|o| !o.contains_key(*name));
        let errors: Vec<_> = self.0.iter().filter(absent).map(|n| ValidationError::custom(n.clone())).collect();
        Box::new(errors.into_iter())
    }
}

/// The width of an integer in bits, with a sign.
struct Width(u64);

impl<'i> Keyword<'i> for Width {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        Err(ValidationError::custom(if self.0 == 32 {
            "-2147483648 to 2147483647"
        } else {
            "-9223372036854775808 to 9223372036854775807"
        }))
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let Value::Number(number) = instance else { return true };
        match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => self.0 > 32 || i32::try_from(number).is_ok(),
            // Too large for 64 bits, or written as 7.0. What has a fraction is not judged here but by `type`.
            (None, Some(number)) => {
                let limit = if self.0 > 32 { 9_223_372_036_854_775_808.0 } else { 2_147_483_648.0 };
                number.fract() != 0.0 || (-limit..limit).contains(&number)
            }
            (None, None) => false,
        }
    }
}

/// RFC 4648, section 4, with or without padding; line breaks as mail has them are let through.
fn is_base64(text: &str) -> bool {
    let trimmed = text.trim_end_matches('=');
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'\r' | b'\n');
    text.len() - trimmed.len() <= 2 && trimmed.bytes().all(allowed)
}

/// What does not compile in the schemas that are reached from one.
fn faults(schemas: &Schemas, documents: &[(String, Arc<Value>)], at: &SchemaRef) -> Vec<(SchemaRef, String)> {
    let mut found = Vec::new();
    let mut open = vec![at.clone()];
    let mut seen = HashSet::new();
    while let Some(at) = open.pop() {
        if seen.len() >= SEARCH_LIMIT || !seen.insert(at.clone()) {
            continue;
        }
        let Some(value) = documents.get(at.document).and_then(|(_, d)| d.pointer(&at.pointer)) else { continue };
        let object = match value {
            Value::Object(object) => object,
            Value::Bool(_) => continue,
            _ => {
                found.push((at, "expected a schema: an object or a boolean".to_owned()));
                continue;
            }
        };
        for keyword in SIMPLE {
            if let Some(value) = object.get(keyword)
                && let Err(error) = options(Half::Request).build(&json!({ keyword: value }))
            {
                found.push((at.child(keyword), format!("expected a usable {keyword}, got {error}")));
            }
        }
        // Where a `$dynamicRef` leads is known only on the way.
        if let Some(reference) = object.get("$ref") {
            let to = reference.as_str().and_then(|r| schemas.resolve(&at, r));
            let exists = to.as_ref().and_then(|t| documents.get(t.document)?.1.pointer(&t.pointer)).is_some();
            match to {
                Some(to) if exists => open.push(to),
                _ => found.push((at.child("$ref"), format!("expected a reference to a schema, got {reference}"))),
            }
        }
        for keyword in ONE {
            match object.get(keyword) {
                // Before 2020-12, `items` may be a list.
                Some(Value::Array(items)) if keyword == "items" => {
                    open.extend((0..items.len()).map(|i| at.child(keyword).child(&i.to_string())));
                }
                Some(_) => open.push(at.child(keyword)),
                None => {}
            }
        }
        for keyword in LIST {
            match object.get(keyword) {
                Some(Value::Array(items)) if !items.is_empty() => {
                    open.extend((0..items.len()).map(|i| at.child(keyword).child(&i.to_string())));
                }
                Some(_) => found.push((at.child(keyword), "expected a list of schemas".to_owned())),
                None => {}
            }
        }
        for keyword in NAMED {
            match object.get(keyword) {
                Some(Value::Object(named)) => {
                    for name in named.keys() {
                        if keyword == "patternProperties"
                            && let Err(error) = options(Half::Request).build(&json!({ "pattern": name }))
                        {
                            let reason = format!("expected a usable pattern, got {error}");
                            found.push((at.child(keyword).child(name), reason));
                        } else {
                            open.push(at.child(keyword).child(name));
                        }
                    }
                }
                Some(_) => found.push((at.child(keyword), "expected schemas by name".to_owned())),
                None => {}
            }
        }
    }
    found
}

/// Takes a keyword out, or makes a schema one that agrees with everything.
fn leave_out(documents: &mut [(String, Arc<Value>)], at: &SchemaRef) {
    let Some((_, document)) = documents.get_mut(at.document) else { return };
    let document = Arc::make_mut(document);
    let Some((parent, name)) = at.pointer.rsplit_once('/') else {
        *document = Value::Bool(true);
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Object(object)) => {
            object.remove(&name.replace("~1", "/").replace("~0", "~"));
        }
        Some(Value::Array(items)) => {
            if let Some(item) = name.parse::<usize>().ok().and_then(|i| items.get_mut(i)) {
                *item = Value::Bool(true);
            }
        }
        _ => {}
    }
}

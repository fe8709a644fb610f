//! A place in a description together with its value, and schemas seen through what only wraps them.

use crate::description::{Contract, SchemaRef};
use crate::schema::REQUIRED_IN;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// How many references and wrappers may lead to one schema.
const WRAPPER_LIMIT: usize = 32;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Place<'c> {
    pub contract: &'c Contract,
    pub at: SchemaRef,
    pub value: &'c Value,
}

impl<'c> Place<'c> {
    pub fn new(contract: &'c Contract, at: &SchemaRef) -> Option<Self> {
        Some(Self { contract, at: at.clone(), value: value(contract, at)? })
    }

    pub fn get(&self, key: &str) -> Option<&'c Value> {
        self.value.get(key)
    }

    /// One step further in: a member of an object.
    pub fn child(&self, key: &str) -> Option<Self> {
        Some(Self { contract: self.contract, at: self.at.child(key), value: self.value.get(key)? })
    }

    /// One step further in: an item of a list.
    pub fn item(&self, index: usize) -> Option<Self> {
        let at = self.at.child(&index.to_string());
        Some(Self { contract: self.contract, at, value: self.value.get(index)? })
    }

    /// The items of a list below a key; none when there is no list.
    pub fn items(&self, key: &str) -> Vec<Self> {
        let Some(list) = self.child(key) else { return Vec::new() };
        (0..list.value.as_array().map_or(0, Vec::len)).filter_map(|i| list.item(i)).collect()
    }

    /// The members of an object below a key; none when there is no object.
    pub fn members(&self, key: &str) -> Vec<(&'c str, Self)> {
        let Some(object) = self.child(key) else { return Vec::new() };
        let Some(map) = object.value.as_object() else { return Vec::new() };
        map.keys().filter_map(|name| Some((name.as_str(), object.child(name)?))).collect()
    }

    pub fn text(&self, key: &str) -> Option<&'c str> {
        self.get(key)?.as_str()
    }

    pub fn flag(&self, key: &str) -> bool {
        self.get(key).and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key)?.as_f64()
    }

    /// What a reference here leads to, one step; `None` when there is none or it leads nowhere.
    pub fn referred(&self) -> Option<Self> {
        let at = target(self.contract, self.at.document, self.text("$ref")?)?;
        Self::new(self.contract, &at)
    }
}

/// What a reference in a document leads to.
pub(super) fn target(contract: &Contract, document: usize, reference: &str) -> Option<SchemaRef> {
    contract.schemas.resolve(&SchemaRef { document, pointer: String::new() }, reference)
}

/// The value at a place.
pub(super) fn value<'c>(contract: &'c Contract, at: &SchemaRef) -> Option<&'c Value> {
    contract.documents.get(at.document)?.value.pointer(&at.pointer)
}

/// A schema behind its references and wrappers, with what these add to it.
#[derive(Clone, Debug)]
pub(super) struct Schema<'c> {
    pub place: Place<'c>,
    /// Null is declared to be a value: by `nullable`, by a list of types, or by an alternative that is null alone.
    pub nullable: bool,
    /// Only sent back.
    pub read_only: bool,
    /// Never sent back.
    pub write_only: bool,
    pub deprecated: bool,
    /// `x-sunset`.
    pub sunset: Option<&'c str>,
}

/// Keywords that constrain no value.
const ANNOTATIONS: [&str; 14] = [
    "title",
    "description",
    "default",
    "example",
    "examples",
    "externalDocs",
    "$comment",
    "deprecated",
    "readOnly",
    "writeOnly",
    "nullable",
    "xml",
    "summary",
    "$schema",
];

/// Whether an object holds, besides one keyword, only what constrains no value.
fn only(map: &Map<String, Value>, keyword: &str) -> bool {
    let extension = |key: &str| key.starts_with("x-") && !REQUIRED_IN.iter().any(|(_, name)| *name == key);
    map.keys().all(|key| key == keyword || extension(key) || ANNOTATIONS.contains(&key.as_str()))
}

/// Whether a schema constrains no value.
pub(super) fn annotation_only(value: &Value) -> bool {
    match value {
        Value::Bool(all) => *all,
        Value::Object(map) => only(map, ""),
        _ => false,
    }
}

fn is_null(value: &Value) -> bool {
    let Some(map) = value.as_object() else { return false };
    only(map, "type") && (map.get("type").is_some_and(|t| t == "null" || t == &Value::from(vec!["null"])))
}

impl<'c> Schema<'c> {
    /// The schema at a place: behind `$ref`, behind an allOf of one schema, and behind alternatives of which one is null.
    pub fn open(place: Place<'c>) -> Self {
        let mut schema =
            Self { place, nullable: false, read_only: false, write_only: false, deprecated: false, sunset: None };
        for _ in 0..WRAPPER_LIMIT {
            schema.note();
            let Some(inner) = schema.inner() else { break };
            schema.place = inner;
        }
        schema
    }

    fn note(&mut self) {
        let place = &self.place;
        self.nullable |= place.flag("nullable")
            || place.flag("x-nullable")
            || place.get("type").and_then(Value::as_array).is_some_and(|types| types.iter().any(|t| t == "null"))
            || ["oneOf", "anyOf"].iter().any(|key| place.items(key).iter().any(|branch| is_null(branch.value)));
        self.read_only |= place.flag("readOnly");
        self.write_only |= place.flag("writeOnly");
        self.deprecated |= place.flag("deprecated");
        self.sunset = self.sunset.or_else(|| place.text("x-sunset"));
    }

    /// What stands in the wrapper, if this is one.
    fn inner(&self) -> Option<Place<'c>> {
        if self.place.get("$ref").is_some_and(Value::is_string) {
            return self.place.referred();
        }
        let map = self.place.value.as_object()?;
        if only(map, "allOf")
            && let [one] = &self.place.items("allOf")[..]
        {
            return Some(one.clone());
        }
        for key in ["oneOf", "anyOf"] {
            if !only(map, key) {
                continue;
            }
            let branches = self.place.items(key);
            let [first, second] = &branches[..] else { continue };
            let inner = match (is_null(first.value), is_null(second.value)) {
                (true, false) => second,
                (false, true) => first,
                _ => continue,
            };
            return Some(inner.clone());
        }
        None
    }

    /// The branches below a key, without the one that is null alone: that is told by [`Self::nullable`].
    pub fn branches(&self, key: &str) -> Vec<Place<'c>> {
        self.place.items(key).into_iter().filter(|branch| !is_null(branch.value)).collect()
    }

    /// Its types without null; empty when it names none.
    pub fn types(&self) -> BTreeSet<&'c str> {
        let types = match self.place.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        types.into_iter().filter(|t| *t != "null").collect()
    }

    /// Its format; empty for none.
    pub fn format(&self) -> &'c str {
        self.place.text("format").unwrap_or_default()
    }

    /// A limit: the exclusive ones of OpenAPI 3.0 are flags beside the others.
    pub fn limit(&self, keyword: &str) -> Option<f64> {
        let flagged = |exclusive: &str| self.place.get(exclusive) == Some(&Value::Bool(true));
        match keyword {
            "maximum" if flagged("exclusiveMaximum") => None,
            "minimum" if flagged("exclusiveMinimum") => None,
            "exclusiveMaximum" if flagged(keyword) => self.place.number("maximum"),
            "exclusiveMinimum" if flagged(keyword) => self.place.number("minimum"),
            _ => self.place.number(keyword),
        }
    }

    /// The names that it requires in either half.
    pub fn required(&self) -> BTreeSet<&'c str> {
        let keys = std::iter::once("required").chain(REQUIRED_IN.iter().map(|(_, name)| *name));
        let lists = keys.filter_map(|key| self.place.get(key)?.as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    }
}

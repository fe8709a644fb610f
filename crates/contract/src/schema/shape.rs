//! What a schema knows about objects and lists: names, items, branches, without judging. Found by following references and
//! `allOf`; kept by place.

use super::Schemas;
use crate::description::SchemaRef;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

/// How many schemas are put together into one shape.
const PARTS_LIMIT: usize = 256;

/// One property.
#[derive(Clone, Debug, Default)]
pub(crate) struct Property {
    /// Its schemas; those of branches are alternatives.
    pub at: Vec<SchemaRef>,
    /// Whether it stands in the schema itself or only in some branch of `oneOf`, `anyOf` or a condition.
    pub certain: bool,
    pub read_only: bool,
    pub write_only: bool,
}

/// What a schema knows about objects and lists.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub properties: BTreeMap<String, Property>,
    /// Names that are required, in whichever half.
    pub required: BTreeSet<String>,
    /// The schemas of items.
    pub items: Vec<SchemaRef>,
    /// The schema of properties without a name.
    pub additional: Option<SchemaRef>,
    /// Whether names by pattern are described.
    pub patterned: bool,
    /// Types that are named.
    pub types: BTreeSet<String>,
}

impl Schemas {
    /// The shape of a schema.
    pub(crate) fn shape(&self, at: &SchemaRef) -> Arc<Shape> {
        if let Some(known) = self.shapes.read().unwrap_or_else(PoisonError::into_inner).get(at) {
            return Arc::clone(known);
        }
        let mut shape = Shape::default();
        let mut seen = Vec::new();
        self.gather(at, true, &mut shape, &mut seen);
        let shape = Arc::new(shape);
        self.shapes.write().unwrap_or_else(PoisonError::into_inner).insert(at.clone(), Arc::clone(&shape));
        shape
    }

    fn gather(&self, at: &SchemaRef, certain: bool, shape: &mut Shape, seen: &mut Vec<SchemaRef>) {
        if seen.len() >= PARTS_LIMIT || seen.contains(at) {
            return;
        }
        seen.push(at.clone());
        let Some(Value::Object(schema)) = self.get(at) else { return };
        if let Some(to) = self.reference(at) {
            self.gather(&to, certain, shape, seen);
        }
        for name in schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(name, _)| name) {
            let place = at.child("properties").child(name);
            let (read_only, write_only) = (self.marked(&place, "readOnly"), self.marked(&place, "writeOnly"));
            let property = shape.properties.entry(name.clone()).or_insert_with(|| Property {
                read_only,
                write_only,
                ..Property::default()
            });
            property.certain |= certain;
            property.read_only &= read_only || certain;
            property.write_only &= write_only || certain;
            property.at.push(place);
        }
        if certain {
            let keywords = std::iter::once("required").chain(super::REQUIRED_IN.iter().map(|(_, k)| *k));
            let names = keywords.filter_map(|k| schema.get(k)?.as_array()).flatten().filter_map(Value::as_str);
            shape.required.extend(names.map(str::to_owned));
            match schema.get("type") {
                Some(Value::String(name)) => {
                    shape.types.insert(name.clone());
                }
                Some(Value::Array(names)) => {
                    shape.types.extend(names.iter().filter_map(Value::as_str).map(str::to_owned));
                }
                _ => {}
            }
        }
        if schema.get("items").is_some_and(Value::is_object) {
            shape.items.push(at.child("items"));
        }
        if schema.get("additionalProperties").is_some_and(Value::is_object) && shape.additional.is_none() {
            shape.additional = Some(at.child("additionalProperties"));
        }
        shape.patterned |= schema.contains_key("patternProperties");
        for (keyword, certain) in [("allOf", certain), ("oneOf", false), ("anyOf", false)] {
            let branches = schema.get(keyword).and_then(Value::as_array).map_or(0, Vec::len);
            for index in 0..branches {
                self.gather(&at.child(keyword).child(&index.to_string()), certain, shape, seen);
            }
        }
        for keyword in ["then", "else"] {
            if schema.contains_key(keyword) {
                self.gather(&at.child(keyword), false, shape, seen);
            }
        }
    }

    fn marked(&self, at: &SchemaRef, mark: &str) -> bool {
        let is = |at: &SchemaRef| self.get(at).and_then(|s| s.get(mark)) == Some(&Value::Bool(true));
        is(at) || self.reference(at).is_some_and(|to| is(&to))
    }
}

/// The schemas that a value is described by at a pointer, from the schemas of the whole; those of branches are
/// alternatives.
pub(crate) fn shapes_of(schemas: &Schemas, at: &SchemaRef, pointer: &str) -> Vec<SchemaRef> {
    let mut here = vec![at.clone()];
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let mut next = Vec::new();
        for at in &here {
            let shape = schemas.shape(at);
            if let Some(property) = shape.properties.get(&name) {
                next.extend(property.at.iter().cloned());
            } else if name.parse::<usize>().is_ok() && !shape.items.is_empty() {
                next.extend(shape.items.iter().cloned());
            } else {
                next.extend(shape.additional.clone());
            }
        }
        next.truncate(PARTS_LIMIT);
        here = next;
    }
    here
}

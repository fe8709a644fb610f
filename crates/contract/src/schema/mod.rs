//! Schemas of all documents in one dialect, compiled when first needed.
//!
//! JSON Schema is judged by the crate `jsonschema`; here is what it is given: the documents as one registry, the formats of
//! OpenAPI, and what differs between requests and responses. Everything works behind a shared reference, from several
//! threads.

mod compile;
mod place;
mod prepare;
mod shape;

pub(crate) use place::keyword;
pub(crate) use prepare::REQUIRED_IN;
pub(crate) use shape::{Shape, shapes_of};

use crate::description::SchemaRef;
use firstfault_model::contract::Half;
use jsonschema::{PatternCache, ValidationError, Validator};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

/// The most violations of one value that are collected.
const VIOLATION_LIMIT: usize = 50;
/// How many references may lead to one schema.
const REFERENCE_LIMIT: usize = 32;

/// Documents by their URIs.
type Documents = Vec<(String, Arc<Value>)>;

/// Validators by place; `None` for a schema that does not compile.
type Compiled = RwLock<HashMap<SchemaRef, Option<Arc<Validator>>>>;

/// The documents with their schemas made JSON Schema 2020-12, and the compiled validators.
#[derive(Default)]
pub struct Schemas {
    /// One for each document of the contract, with its URI.
    pub documents: Documents,
    /// Whether requests and responses are judged differently anywhere.
    directed: bool,
    requests: Compiled,
    responses: Compiled,
    patterns: OnceLock<PatternCache>,
    shapes: RwLock<HashMap<SchemaRef, Arc<Shape>>>,
    /// The documents without what does not compile, made when the first such thing is met.
    mended: Mutex<Option<Documents>>,
    problems: Mutex<Vec<(SchemaRef, String)>>,
    identifiers: OnceLock<HashMap<String, SchemaRef>>,
}

impl std::fmt::Debug for Schemas {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schemas").field("documents", &self.documents.len()).finish_non_exhaustive()
    }
}

impl Schemas {
    /// Takes documents, with their URIs, whose schemas are JSON Schema 2020-12 or say otherwise by `$schema`.
    #[must_use]
    pub fn new(mut documents: Documents) -> Self {
        let directed = prepare::prepare(&mut documents);
        Self { documents, directed, ..Self::default() }
    }

    /// The schema (or any other value) at a place.
    #[must_use]
    pub fn get(&self, at: &SchemaRef) -> Option<&Value> {
        self.documents.get(at.document)?.1.pointer(&at.pointer)
    }

    /// The place behind `$ref`s, where the schema has nothing besides; a circle ends where it began.
    #[must_use]
    pub fn follow(&self, at: SchemaRef) -> SchemaRef {
        let mut here = at.clone();
        for _ in 0..REFERENCE_LIMIT {
            let Some(next) = self.reference(&here) else { return here };
            here = next;
        }
        at
    }

    /// Where the `$ref` of a schema leads; `None` without one, or when it leads nowhere.
    #[must_use]
    pub fn reference(&self, at: &SchemaRef) -> Option<SchemaRef> {
        let reference = self.get(at)?.get("$ref")?.as_str()?;
        self.by_reference(at, reference)
    }

    /// Whether a value agrees with a schema. A schema that does not compile agrees with everything.
    #[must_use]
    pub fn valid(&self, at: &SchemaRef, half: Half, value: &Value) -> bool {
        self.validator(at, half).is_none_or(|validator| validator.is_valid(value))
    }

    /// Where a value breaks a schema; at most 50 violations.
    #[must_use]
    pub fn violations(&self, at: &SchemaRef, half: Half, value: &Value) -> Vec<ValidationError<'static>> {
        let Some(validator) = self.validator(at, half) else { return Vec::new() };
        if validator.is_valid(value) {
            return Vec::new();
        }
        validator.iter_errors(value).take(VIOLATION_LIMIT).map(ValidationError::to_owned).collect()
    }

    /// What was left out of schemas because it does not compile, as far as schemas were needed.
    #[must_use]
    pub fn problems(&self) -> Vec<(SchemaRef, String)> {
        self.problems.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn validator(&self, at: &SchemaRef, half: Half) -> Option<Arc<Validator>> {
        let half = if self.directed { half } else { Half::Request };
        let compiled = if half == Half::Request { &self.requests } else { &self.responses };
        if let Some(known) = compiled.read().unwrap_or_else(PoisonError::into_inner).get(at) {
            return known.clone();
        }
        let validator = self.get(at).and_then(|_| compile::compile(self, at, half)).map(Arc::new);
        compiled.write().unwrap_or_else(PoisonError::into_inner).insert(at.clone(), validator.clone());
        validator
    }
}

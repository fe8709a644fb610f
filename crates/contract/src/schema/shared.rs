//! One validator for many schemas. Those of an API lead to each other, and a validator of its own for each would compile
//! what they share again and again: megabytes each for descriptions in which every resource refers to every other.

use super::{Schemas, compile};
use crate::description::SchemaRef;
use firstfault_model::contract::Half;
use jsonschema::Validator;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Says whether values are valid, not why not.
pub(super) struct Shared {
    validator: Validator,
    /// The member of the validator's object that is held against a schema.
    members: HashMap<SchemaRef, String>,
}

impl Shared {
    /// Compiles all schemas at once; `None` when one of them does not compile.
    pub fn new(schemas: &Schemas, all: &[SchemaRef], half: Half) -> Option<Self> {
        let validator = compile::compile_all(schemas, all, half)?;
        let members = all.iter().enumerate().map(|(number, at)| (at.clone(), number.to_string())).collect();
        Some(Self { validator, members })
    }

    /// Whether a value agrees with a schema; `None` when it is not among those compiled.
    pub fn valid(&self, at: &SchemaRef, value: &Value) -> Option<bool> {
        let member = self.members.get(at)?;
        let wrapped = Map::from_iter([(member.clone(), value.clone())]);
        Some(self.validator.is_valid(&Value::Object(wrapped)))
    }
}

//! One schema with everything in it, rewritten in place.

use super::keywords::{Holds, holds};
use super::{Dialect, null};
use crate::description::SchemaRef;
use crate::document::{join, uri};
use crate::openapi::reader::shown;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};

/// The types of JSON Schema.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
/// The longest regular expression that is read.
const PATTERN_LIMIT: usize = 20_000;

/// A reference of a schema.
pub(super) struct Found {
    /// The schema that has it.
    pub at: SchemaRef,
    pub reference: String,
    /// What it is relative to, where an identifier says so.
    pub base: Option<String>,
}

/// A walk through one schema.
pub(super) struct Walk<'p> {
    dialect: Dialect,
    at: SchemaRef,
    /// The URI that references are relative to, once an identifier has changed it.
    base: Option<String>,
    document: String,
    pub mistakes: Vec<(SchemaRef, String)>,
    pub references: Vec<Found>,
    /// Schemas by their identifiers.
    pub identified: Vec<(String, SchemaRef)>,
    /// Schemas whose `oneOf` has to accept null, too.
    pub nullable: Vec<SchemaRef>,
    /// Schemas of this document that were rewritten before.
    done: &'p HashSet<String>,
    /// Regular expressions and whether the validator understands them.
    patterns: &'p mut HashMap<String, bool>,
}

impl<'p> Walk<'p> {
    pub fn new(
        dialect: Dialect,
        at: SchemaRef,
        document: String,
        done: &'p HashSet<String>,
        patterns: &'p mut HashMap<String, bool>,
    ) -> Self {
        Self {
            dialect,
            at,
            base: None,
            document,
            mistakes: Vec::new(),
            references: Vec::new(),
            identified: Vec::new(),
            nullable: Vec::new(),
            done,
            patterns,
        }
    }

    /// Takes what is no schema from a parameter of Swagger 2.0 that is its own schema.
    pub fn parameter(&self, value: &mut Value) {
        if let Value::Object(parameter) = value {
            parameter.remove("required");
        }
    }

    /// Does something one step further in.
    fn inside<T>(&mut self, name: &str, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.at.pointer.len();
        join(&mut self.at.pointer, name);
        let done = work(self);
        self.at.pointer.truncate(length);
        done
    }

    fn mistake(&mut self, message: String) {
        self.mistakes.push((self.at.clone(), message));
    }

    pub fn schema(&mut self, value: &mut Value) {
        match value {
            // Within a schema, only what a reference led to before can be done already.
            Value::Object(_) if self.done.contains(&self.at.pointer) => {}
            Value::Object(schema) => {
                let outer = self.base.clone();
                self.object(schema);
                self.base = outer;
            }
            Value::Bool(_) => {}
            other => {
                let message = format!("expected a schema, got {}", shown(other));
                self.mistake(message);
                *other = Value::Bool(true);
            }
        }
    }

    fn object(&mut self, schema: &mut Map<String, Value>) {
        let nullable = !self.dialect.is_plain() && self.nullable(schema);
        self.identifier(schema);
        self.reference(schema, nullable);
        if nullable {
            null::pass_on(schema);
        }
        let mut wrong = Vec::new();
        for (name, value) in schema.iter_mut() {
            if let Some(holds) = holds(name, self.dialect)
                && let Err(message) = self.inside(name, |walk| walk.keyword(holds, value))
            {
                wrong.push((name.clone(), message));
            }
        }
        for (name, message) in wrong {
            schema.remove(&name);
            if !message.is_empty() {
                self.inside(&name, |walk| walk.mistake(message));
            }
        }
        if !self.dialect.is_plain() {
            limit(schema, "minimum", "exclusiveMinimum");
            limit(schema, "maximum", "exclusiveMaximum");
        }
        if nullable && null::allow(schema) {
            self.nullable.push(self.at.clone());
        }
    }

    /// Takes `nullable` and `x-nullable` out, which JSON Schema does not know, and tells whether null is meant to be accepted.
    fn nullable(&mut self, schema: &mut Map<String, Value>) -> bool {
        let implied = schema.remove(null::IMPLIED).is_some();
        let name = if self.dialect == Dialect::Swagger2 { "x-nullable" } else { "nullable" };
        let message = match schema.remove(name) {
            Some(Value::Bool(nullable)) => {
                if nullable && self.dialect == Dialect::OpenApi31 {
                    let message = "expected null among the types, got nullable, which OpenAPI 3.1 does not know";
                    self.inside(name, |walk| walk.mistake(message.to_owned()));
                }
                return implied || nullable;
            }
            None => return implied,
            Some(other) => format!("expected true or false, got {}", shown(&other)),
        };
        self.inside(name, |walk| walk.mistake(message));
        implied
    }

    fn identifier(&mut self, schema: &mut Map<String, Value>) {
        if self.dialect.is_old_openapi() {
            return;
        }
        let name = if self.dialect == Dialect::Draft4 { "id" } else { "$id" };
        let Some(Value::String(id)) = schema.get(name) else { return };
        let old = matches!(self.dialect, Dialect::Draft4 | Dialect::Draft7);
        if id.starts_with('#') || (old && schema.contains_key("$ref")) {
            return;
        }
        let (base, _) = uri::resolve(self.base.as_deref().unwrap_or(&self.document), id);
        self.identified.push((base.clone(), self.at.clone()));
        self.base = Some(base);
    }

    /// Notes the reference of a schema, which will stand one step further in when null is accepted, too.
    fn reference(&mut self, schema: &mut Map<String, Value>, nullable: bool) {
        match schema.get("$ref") {
            None => return,
            Some(Value::String(reference)) => {
                let reference = reference.clone();
                let wrapped = nullable && (self.dialect.is_old_openapi() || !schema.contains_key("anyOf"));
                let at = if wrapped { self.at.child("anyOf").child("0") } else { self.at.clone() };
                self.references.push(Found { at, reference, base: self.base.clone() });
            }
            Some(other) => {
                let message = format!("expected a reference as text, got {}", shown(other));
                self.inside("$ref", |walk| walk.mistake(message));
                schema.remove("$ref");
                return;
            }
        }
        if self.dialect.is_old_openapi() {
            // What stands beside a reference is ignored (OpenAPI 3.0, 4.7.23.2).
            schema.retain(|name, _| name == "$ref");
        }
    }

    /// What is in a keyword.
    ///
    /// # Errors
    /// Why it has to be taken out; empty where that is no mistake.
    fn keyword(&mut self, holds: Holds, value: &mut Value) -> Result<(), String> {
        let expected = |what: &str, value: &Value| Err(format!("expected {what}, got {}", shown(value)));
        match holds {
            Holds::Nothing => return Err(String::new()),
            Holds::Schema => match value {
                Value::Object(_) | Value::Bool(_) => self.schema(value),
                other => return expected("a schema", other),
            },
            Holds::SchemaOrSchemas if value.is_array() => self.list(value),
            Holds::SchemaOrSchemas => self.schema(value),
            Holds::Schemas => match value {
                Value::Array(list) if !list.is_empty() || self.dialect.is_plain() => self.list(value),
                Value::Array(_) => return Err("expected at least one schema, got an empty list".to_owned()),
                other => return expected("a list of schemas", other),
            },
            Holds::SchemasByName => match value {
                Value::Object(named) => named.iter_mut().for_each(|(n, v)| self.inside(n, |walk| walk.schema(v))),
                other => return expected("schemas by name", other),
            },
            Holds::SchemasByPattern => return self.by_pattern(value),
            Holds::Dependencies => match value {
                Value::Object(named) => {
                    let schemas = named.iter_mut().filter(|(_, v)| !v.is_array());
                    schemas.for_each(|(n, v)| self.inside(n, |walk| walk.schema(v)));
                }
                other => return expected("dependencies by name", other),
            },
            Holds::Names => return names(value),
            Holds::NamesByName => match value {
                Value::Object(named) => return named.values_mut().try_for_each(names),
                other => return expected("lists of names by name", other),
            },
            Holds::Type => return self.types(value),
            Holds::List => match value {
                Value::Array(list) if list.is_empty() && !self.dialect.is_plain() => {
                    return Err("expected at least one value, got an empty list".to_owned());
                }
                Value::Array(_) => {}
                other => return expected("a list of values", other),
            },
            Holds::Text if !value.is_string() => return expected("a text", value),
            Holds::Flag if !value.is_boolean() => return expected("true or false", value),
            Holds::Number if !value.is_number() => return expected("a number", value),
            Holds::Factor if value.as_f64().is_none_or(|n| n <= 0.0) => return expected("a number above zero", value),
            Holds::Count if value.as_f64().is_none_or(|n| n < 0.0 || n.fract() != 0.0) => {
                return expected("a count", value);
            }
            Holds::Limit => return self.limit(value),
            Holds::Pattern => match value {
                Value::String(pattern) if self.understood(pattern) => {}
                other => return expected("a regular expression as of ECMA-262", other),
            },
            Holds::Text | Holds::Flag | Holds::Number | Holds::Factor | Holds::Count => {}
        }
        Ok(())
    }

    fn list(&mut self, value: &mut Value) {
        for (index, value) in value.as_array_mut().into_iter().flatten().enumerate() {
            self.inside(&index.to_string(), |walk| walk.schema(value));
        }
    }

    fn by_pattern(&mut self, value: &mut Value) -> Result<(), String> {
        let Value::Object(named) = value else {
            return Err(format!("expected schemas by regular expressions, got {}", shown(value)));
        };
        let strange: Vec<String> = named.keys().filter(|name| !self.understood(name)).cloned().collect();
        for name in strange {
            named.remove(&name);
            let message = "expected a regular expression as of ECMA-262 in place of this name".to_owned();
            self.inside(&name, |walk| walk.mistake(message));
        }
        named.iter_mut().for_each(|(n, v)| self.inside(n, |walk| walk.schema(v)));
        Ok(())
    }

    fn limit(&mut self, value: &Value) -> Result<(), String> {
        match value {
            Value::Number(_) if self.dialect != Dialect::Draft4 => Ok(()),
            Value::Bool(_) if self.dialect.is_old_openapi() || self.dialect == Dialect::Draft4 => Ok(()),
            Value::Bool(_) if self.dialect == Dialect::OpenApi31 => {
                self.mistake(format!("expected the limit itself as a number, got {value}"));
                Ok(())
            }
            other => Err(format!("expected a limit, got {}", shown(other))),
        }
    }

    fn types(&mut self, value: &mut Value) -> Result<(), String> {
        let unknown = |name: &str| format!("expected {}, got {name}", TYPES.join(", "));
        match value {
            Value::String(name) if TYPES.contains(&name.as_str()) => {
                if name == "null" && self.dialect.is_old_openapi() {
                    self.mistake("expected nullable, got the type null, which this version does not know".to_owned());
                }
                Ok(())
            }
            // A file is any content, as far as a schema is concerned.
            Value::String(name) if name == "file" && self.dialect == Dialect::Swagger2 => Err(String::new()),
            Value::String(name) => Err(unknown(name)),
            Value::Array(list) => {
                if list.is_empty() && !self.dialect.is_plain() {
                    return Err("expected at least one type, got an empty list".to_owned());
                }
                if let Some(strange) = list.iter().find(|t| t.as_str().is_none_or(|name| !TYPES.contains(&name))) {
                    // Draft 3 and 4 had schemas here.
                    return Err(unknown(&shown(strange)));
                }
                if self.dialect.is_old_openapi() {
                    let what = if list.len() == 1 { "a list" } else { "several" };
                    self.mistake(format!("expected one type by its name, got {what}"));
                }
                Ok(())
            }
            other => Err(format!("expected a type by its name, got {}", shown(other))),
        }
    }

    /// Whether the validator can compile a regular expression.
    fn understood(&mut self, pattern: &str) -> bool {
        if let Some(known) = self.patterns.get(pattern) {
            return *known;
        }
        let draft = jsonschema::Draft::Draft202012;
        let understood = pattern.len() <= PATTERN_LIMIT
            && jsonschema::options().with_draft(draft).build(&json!({ "pattern": pattern })).is_ok();
        self.patterns.insert(pattern.to_owned(), understood);
        understood
    }
}

/// A list of names, each once.
fn names(value: &mut Value) -> Result<(), String> {
    let Value::Array(list) = value else { return Err(format!("expected a list of names, got {}", shown(value))) };
    if let Some(strange) = list.iter().find(|name| !name.is_string()) {
        return Err(format!("expected names, got {}", shown(strange)));
    }
    Ok(())
}

/// A flag that a limit is left out → that limit as a number.
fn limit(schema: &mut Map<String, Value>, inclusive: &str, exclusive: &str) {
    let Some(Value::Bool(left_out)) = schema.get(exclusive) else { return };
    let limit = if *left_out { schema.remove(inclusive) } else { None };
    match limit {
        Some(limit) => schema.insert(exclusive.to_owned(), limit),
        None => schema.remove(exclusive),
    };
}

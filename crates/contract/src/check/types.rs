//! Which types a schema takes, and text as a value of one of them: what stands in URLs and headers has no type of its own.

use crate::description::{Contract, SchemaRef};
use firstfault_model::contract::Half;
use serde_json::Value;

/// How many schemas are looked at for the types of one.
const DEPTH: usize = 12;

/// The types that a schema takes; none named means all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Types(u8);

impl Types {
    pub const STRING: Self = Self(1);
    pub const INTEGER: Self = Self(2);
    pub const NUMBER: Self = Self(4);
    pub const BOOLEAN: Self = Self(8);
    pub const ARRAY: Self = Self(16);
    pub const OBJECT: Self = Self(32);
    pub const NULL: Self = Self(64);

    /// All that one text is.
    pub const SINGLE: Self = Self(1 | 2 | 4 | 8 | 64);

    /// The types of a schema, through references and branches.
    pub fn of(contract: &Contract, at: &SchemaRef) -> Self {
        gather(contract, at, DEPTH)
    }

    /// Whether one of these is named.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether nothing is named.
    pub const fn any(self) -> bool {
        self.0 == 0
    }

    const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn named(name: &str) -> Self {
        match name {
            "string" | "file" => Self::STRING,
            "integer" => Self::INTEGER,
            "number" => Self::NUMBER,
            "boolean" => Self::BOOLEAN,
            "array" => Self::ARRAY,
            "object" => Self::OBJECT,
            "null" => Self::NULL,
            _ => Self(0),
        }
    }

    fn value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }
}

fn gather(contract: &Contract, at: &SchemaRef, depth: usize) -> Types {
    let Some(Value::Object(schema)) = contract.schemas.get(at) else { return Types::default() };
    let own = match schema.get("type") {
        Some(Value::String(name)) => Types::named(name),
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).map(Types::named).fold(Types::default(), Types::with)
        }
        _ => Types::default(),
    };
    if !own.any() || depth == 0 {
        return own;
    }
    if let Some(to) = contract.schemas.reference(at) {
        let behind = gather(contract, &to, depth - 1);
        if !behind.any() {
            return behind;
        }
    }
    let branches = |keyword: &str| -> Vec<Types> {
        let count = schema.get(keyword).and_then(Value::as_array).map_or(0, |b| b.len().min(32));
        (0..count).map(|i| gather(contract, &at.child(keyword).child(&i.to_string()), depth - 1)).collect()
    };
    // All of `allOf` hold: the first that names types tells.
    if let Some(types) = branches("allOf").into_iter().find(|t| !t.any()) {
        return types;
    }
    for keyword in ["oneOf", "anyOf"] {
        let types = branches(keyword);
        if !types.is_empty() {
            return if types.iter().any(|t| t.any()) {
                Types::default()
            } else {
                types.into_iter().fold(Types::default(), Types::with)
            };
        }
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values.iter().map(Types::value).fold(Types::default(), Types::with);
    }
    if let Some(value) = schema.get("const") {
        return Types::value(value);
    }
    if schema.contains_key("properties") {
        Types::OBJECT
    } else if schema.contains_key("items") {
        Types::ARRAY
    } else {
        Types::default()
    }
}

/// What a text may be as a single value of some types, the likeliest first; never empty.
pub(super) fn single(types: Types, text: &str) -> Vec<Value> {
    let mut out = Vec::new();
    let wants = |t: Types| types.any() || types.has(t);
    if types.any() {
        out.push(Value::String(text.to_owned()));
    }
    if wants(Types::BOOLEAN) && matches!(text, "true" | "false") {
        out.push(Value::Bool(text == "true"));
    }
    if wants(Types::INTEGER.with(Types::NUMBER)) && text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        out.extend(serde_json::from_str::<serde_json::Number>(text).ok().map(Value::Number));
    }
    if types.has(Types::NULL) && matches!(text, "null" | "") {
        out.push(Value::Null);
    }
    if out.is_empty() || types.has(Types::STRING) {
        out.push(Value::String(text.to_owned()));
    }
    out
}

/// Of what a text may be, what the schema takes; otherwise the likeliest.
pub(super) fn best(contract: &Contract, at: Option<&SchemaRef>, mut values: Vec<Value>) -> Value {
    let fits = |value: &Value| at.is_none_or(|at| contract.schemas.valid(at, Half::Request, value));
    let place = if values.len() == 1 { 0 } else { values.iter().position(fits).unwrap_or(0) };
    if values.is_empty() { Value::Null } else { values.swap_remove(place) }
}

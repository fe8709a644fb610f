//! Holds a value to a published schema. It knows the part of JSON Schema 2020-12 that `docs/schema/` uses, and refuses
//! a keyword that it does not know, so that no schema says more than is checked.

use crate::common::root;
use serde_json::{Map, Value};

/// Fails with every place where `value` is not what `docs/schema/NAME` says.
pub fn check(name: &str, value: &Value) {
    let root = load(name);
    let mut faults = Vec::new();
    validate(&root, &root, value, "$", &mut faults);
    assert!(faults.is_empty(), "{name}:\n{}", faults.join("\n"));
}

fn load(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join("docs/schema").join(name)).unwrap()).unwrap()
}

fn validate(root: &Value, schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let none = Map::new();
    let object = value.as_object().unwrap_or(&none);
    let items = value.as_array().map_or(&[][..], Vec::as_slice);
    for (keyword, says) in schema.as_object().unwrap() {
        let length = value.as_str().map(|text| text.chars().count() as u64);
        let holds = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => true,
            "$ref" => {
                let target = says.as_str().unwrap();
                match target.strip_prefix("#/$defs/") {
                    Some(name) => validate(root, &root["$defs"][name], value, at, faults),
                    None => {
                        let other = load(target);
                        validate(&other, &other, value, at, faults);
                    }
                }
                true
            }
            "type" => match says {
                Value::Array(names) => names.iter().any(|name| is(value, name)),
                name => is(value, name),
            },
            "const" => value == says,
            "enum" => says.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|number| number >= says.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= says.as_f64().unwrap()),
            "minLength" => length.is_none_or(|length| length >= says.as_u64().unwrap()),
            "maxLength" => length.is_none_or(|length| length <= says.as_u64().unwrap()),
            "minItems" => !value.is_array() || items.len() as u64 >= says.as_u64().unwrap(),
            "maxItems" => !value.is_array() || items.len() as u64 <= says.as_u64().unwrap(),
            "items" => {
                for (number, item) in items.iter().enumerate() {
                    validate(root, says, item, &format!("{at}[{number}]"), faults);
                }
                true
            }
            "required" => {
                !value.is_object()
                    || says.as_array().unwrap().iter().all(|name| object.contains_key(name.as_str().unwrap()))
            }
            "properties" => {
                for (name, property) in object {
                    if let Some(schema) = says.get(name) {
                        validate(root, schema, property, &format!("{at}.{name}"), faults);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
                for (name, property) in object.iter().filter(|(name, _)| !known.contains_key(*name)) {
                    match says {
                        Value::Bool(false) => faults.push(format!("{at}.{name}: is not in the schema")),
                        schema => validate(root, schema, property, &format!("{at}.{name}"), faults),
                    }
                }
                true
            }
            other => panic!("{at}: the schema uses {other}, which this check does not know"),
        };
        if !holds {
            faults.push(format!("{at}: expected {keyword} {says}, got {value}"));
        }
    }
}

fn is(value: &Value, name: &Value) -> bool {
    match name.as_str().unwrap() {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("no such type: {other}"),
    }
}

//! Values of OTLP/JSON: names in camel or snake case, attributes as lists of pairs, numbers as strings.

use serde_json::Value;

/// A member by either spelling.
pub(super) fn member<'v>(value: &'v Value, camel: &str, snake: &str) -> Option<&'v Value> {
    value.get(camel).or_else(|| value.get(snake))
}

/// The elements of a list.
pub(super) fn list<'v>(value: &'v Value, camel: &str, snake: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    member(value, camel, snake).and_then(Value::as_array).into_iter().flatten()
}

/// A text; numbers as they are written.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// What an `AnyValue` holds, elements of lists joined by commas.
pub(super) fn any(value: &Value) -> Option<String> {
    let Value::Object(members) = value else { return text(value) };
    let (name, inner) = members.iter().next()?;
    match name.as_str() {
        "arrayValue" | "array_value" => {
            let parts: Vec<String> = list(inner, "values", "values").take(16).filter_map(any).collect();
            Some(parts.join(","))
        }
        "stringValue" | "intValue" | "doubleValue" | "boolValue" | "bytesValue" | "string_value" | "int_value"
        | "double_value" | "bool_value" | "bytes_value" => text(inner),
        _ => None,
    }
}

/// Attributes: a list of pairs (`key`, `value`), or an object.
pub(super) fn attributes(value: &Value, name: &str, out: &mut Vec<(String, String)>) {
    const MOST: usize = 128;
    match value.get(name) {
        Some(Value::Array(pairs)) => {
            for pair in pairs.iter().take(MOST) {
                if let (Some(Value::String(key)), Some(value)) = (pair.get("key"), pair.get("value"))
                    && let Some(value) = any(value)
                {
                    out.push((key.clone(), value));
                }
            }
        }
        Some(Value::Object(members)) => {
            out.extend(members.iter().take(MOST).filter_map(|(key, value)| Some((key.clone(), any(value)?))));
        }
        _ => {}
    }
}

/// Nanoseconds, as a number or as text.
pub(super) fn nanos(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_i64(),
        _ => None,
    }
    .filter(|nanos| *nanos > 0)
}

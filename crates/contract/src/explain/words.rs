//! Values, names and places in the words of findings.

pub(crate) use crate::finding::quoted as short;

use firstfault_model::contract::Spot;
use serde_json::Value;

/// Alternatives that are listed.
const LIST_LIMIT: usize = 8;

/// A value as JSON, cut.
pub(crate) fn quote(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(object) if object.is_empty() => "an empty object".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        other => short(&other.to_string()),
    }
}

/// The type of a value in the words of JSON Schema.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() && n.as_f64().is_some_and(|f| f.fract() != 0.0) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Alternatives: `a, b or c`, at most eight.
pub(crate) fn one_of<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(LIST_LIMIT).map(AsRef::as_ref).collect();
    match shown[..] {
        [] => String::new(),
        [one] => one.to_owned(),
        _ if names.len() > LIST_LIMIT => format!("{} and {} more", shown.join(", "), names.len() - LIST_LIMIT),
        [ref first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A word with its article.
pub(crate) fn article(word: &str) -> String {
    let an = word.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {word}", if an { "an" } else { "a" })
}

/// The last step of a pointer, as a name; empty for the whole.
pub(crate) fn last(pointer: &str) -> String {
    pointer.rsplit_once('/').map(|(_, step)| step.replace("~1", "/").replace("~0", "~")).unwrap_or_default()
}

/// The pointer without its last step.
pub(crate) fn parent(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// ` in /address`, or nothing at the top.
pub(crate) fn within(pointer: &str) -> String {
    if pointer.is_empty() { String::new() } else { format!(" in {}", short(pointer)) }
}

/// What stands at a pointer: `the field name in /address`, `item 3 of /tags`, `the body`.
pub(crate) fn subject(pointer: &str, whole: &Spot) -> String {
    let name = last(pointer);
    match (pointer.is_empty(), name.parse::<usize>(), parent(pointer)) {
        (true, ..) => format!("the {whole}"),
        (false, Ok(index), above) => format!("item {}{}", index + 1, {
            let above = short(above);
            if above.is_empty() { String::new() } else { format!(" of {above}") }
        }),
        (false, Err(_), above) => format!("the field {}{}", short(&name), within(above)),
    }
}

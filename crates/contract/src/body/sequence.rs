//! Sequences: JSON values line by line or after record separators, and server-sent events.

use super::Malformed;
use serde_json::{Map, Value, json};

/// How many items of a sequence are read.
const ITEM_LIMIT: usize = 1000;

/// JSON values, one a line (NDJSON) or each after a record separator (RFC 7464).
pub(super) fn lines(text: &str) -> Result<Vec<Value>, Malformed> {
    let records = text.split(['\n', '\u{1e}']).enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            let (line, column) = (index + 1, error.column());
            Malformed {
                expected: "a JSON value on each line".to_owned(),
                message: format!("the body is no sequence of JSON values: line {line}, column {column}: {error}"),
                fix: format!("correct the JSON at line {line}, column {column}"),
                meant: None,
            }
        })
    };
    records.take(ITEM_LIMIT).map(read).collect()
}

/// Server-sent events as objects (HTML, section 9.2.6; OpenAPI 3.2, section 4.14.4).
pub(super) fn events(text: &str) -> Vec<Value> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let event = |block: &str| {
        let mut object = Map::new();
        for line in block.lines().filter(|l| !l.starts_with(':')) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match (name, object.get_mut(name)) {
                ("data", Some(Value::String(data))) => {
                    data.push('\n');
                    data.push_str(value);
                }
                ("retry", _) => {
                    object.extend(value.parse::<u64>().ok().map(|n| (name.to_owned(), json!(n))));
                }
                ("data" | "event" | "id", _) => {
                    object.insert(name.to_owned(), Value::String(value.to_owned()));
                }
                _ => {}
            }
        }
        (!object.is_empty()).then_some(Value::Object(object))
    };
    text.split("\n\n").filter_map(event).take(ITEM_LIMIT).collect()
}

//! JSON put right where the fault is mechanical: a missing or stray comma, single quotes, bare keys.
//!
//! It refuses to guess: what was cut, or does not read to its end, is left alone.

use crate::json::{Node, Value, parse};

/// The text as well-formed JSON, or `None` when it is well-formed already or cannot be put right for certain.
#[must_use]
pub fn repair_json(text: &str) -> Option<String> {
    let parsed = parse(text);
    let fault = parsed.fault?;
    if fault.cut || parsed.lines {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    write(&parsed.root?, &mut out);
    // Proof: what comes out reads without a fault and holds something.
    (out.len() > 2 && parse(&out).fault.is_none()).then_some(out)
}

fn write(node: &Node<'_>, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(text) => out.push_str(text),
        Value::String(text) => quote(text, out),
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (i, (name, value)) in members.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quote(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::repair_json;

    #[test]
    fn mechanical_faults_are_put_right_and_others_left() {
        for (broken, whole) in [
            ("{\"a\":1 \"b\":2}", Some(r#"{"a":1,"b":2}"#)),
            ("{\"a\":1,}", Some(r#"{"a":1}"#)),
            ("{a: 'x'}", Some(r#"{"a":"x"}"#)),
            ("{\"a\":[1,2", None),
            ("{\"a\":1}", None),
            ("", None),
        ] {
            assert_eq!(repair_json(broken).as_deref(), whole, "{broken}");
        }
    }
}

//! JSON, and what was probably meant where it is none.

use super::Malformed;
use serde_json::Value;

/// Reads JSON.
pub(super) fn read(text: &str) -> Result<Value, Malformed> {
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let reason = message.rsplit_once(" at line ").map_or(message.as_str(), |(reason, _)| reason);
        let (line, column) = (error.line(), error.column());
        let (cause, meant) = match mend(text) {
            Some((cause, meant)) => (format!(" ({cause})"), Some(meant)),
            None if super::form::is_form(text) => (" (it is a form)".to_owned(), None),
            None if text.trim_start().starts_with('<') => (" (it is XML or HTML)".to_owned(), None),
            None => (String::new(), None),
        };
        Malformed {
            expected: "JSON".to_owned(),
            message: format!("the body is no JSON: line {line}, column {column}: {reason}{cause}"),
            fix: format!("correct the JSON at line {line}, column {column}"),
            meant,
        }
    })
}

/// The same text as JSON, where it is what another language writes: single quotes, trailing commas, comments, `True`.
fn mend(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim_start_matches('\u{feff}');
    let mut out = String::with_capacity(text.len());
    let mut causes: Vec<&'static str> = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' | '\'' => {
                let end = string_end(rest, first)?;
                let inner = &rest[1..end];
                if first == '"' {
                    out.push_str(&rest[..=end]);
                } else {
                    causes.push("strings stand in double quotes");
                    out.push('"');
                    out.push_str(&inner.replace("\\'", "'").replace('"', "\\\""));
                    out.push('"');
                }
                rest = &rest[end + 1..];
            }
            ',' if matches!(rest[1..].trim_start().chars().next(), Some('}' | ']')) => {
                causes.push("there is a comma too many");
                rest = &rest[1..];
            }
            c if c.is_alphabetic() || c == '_' => {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
                let (word, after) = rest.split_at(end);
                match word {
                    "true" | "false" | "null" => out.push_str(word),
                    "True" | "False" | "None" | "undefined" => {
                        causes.push("words of another language");
                        out.push_str(match word {
                            "True" => "true",
                            "False" => "false",
                            _ => "null",
                        });
                    }
                    _ if after.trim_start().starts_with(':') => {
                        causes.push("names stand in double quotes");
                        out.push('"');
                        out.push_str(word);
                        out.push('"');
                    }
                    _ => return None,
                }
                rest = after;
            }
            c => {
                // Numbers with an exponent have a letter inside.
                let end = if c.is_ascii_digit() {
                    rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len())
                } else {
                    c.len_utf8()
                };
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }
    let cause = causes.first().copied().unwrap_or("there is a mark in front of it");
    serde_json::from_str::<Value>(&out).is_ok().then_some((cause, out))
}

/// Where a string that begins here ends: the index of its closing quote.
fn string_end(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (index, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return Some(index),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{mend, read};

    #[test]
    fn what_other_languages_write_is_mended() {
        let mended = |text: &str| mend(text).map(|(_, text)| text);
        assert_eq!(mended("{'a': True, b: [1, 2e3,],}").as_deref(), Some(r#"{"a": true, "b": [1, 2e3]}"#));
        assert_eq!(mended("{\"a\": oops}"), None);
        assert_eq!(mended("a=1&b=2"), None);
    }

    #[test]
    fn a_fault_is_told_with_its_place() {
        let message = read("{\n  \"a\": 1\n  \"b\": 2}").err().map(|m| m.message).unwrap_or_default();
        assert!(message.contains("line 3, column 3"), "{message}");
    }
}

//! JSON as evidence shows it: strict where it is right, tolerant where it is broken, cut, or was
//! printed by a language (Python's `repr`, Ruby's `inspect`, JavaScript literals).
//!
//! One parser does both jobs: it builds a tree with byte positions, and it keeps the first place
//! where the text is not RFC 8259 JSON, with the cause and the fix in words. It refuses to know what
//! the members mean.

use std::borrow::Cow;

pub(crate) use crate::json_parser::parse;

/// A value and the byte where it begins.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: Value<'a>,
    pub(crate) at: usize,
}

/// Members of an object, in order, duplicates kept.
pub(crate) type Members<'a> = [(Cow<'a, str>, Node<'a>)];

#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    pub(crate) fn members(&self) -> &Members<'a> {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Node<'a>] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// A member by its name, compared without case, `_` and `-`.
    pub(crate) fn get(&self, folded: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|(key, _)| same(key, folded)).map(|(_, node)| node)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A string or number as text.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            Value::Number(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        self.scalar().and_then(|text| text.trim().parse().ok()).filter(|number: &f64| number.is_finite())
    }
}

/// True when `key` without `_`, `-`, spaces and case is `folded` (which is written that way).
pub(crate) fn same(key: &str, folded: &str) -> bool {
    let mut expected = folded.bytes();
    for byte in key.bytes().filter(|b| !matches!(b, b'_' | b'-' | b' ')) {
        if expected.next() != Some(byte.to_ascii_lowercase()) {
            return false;
        }
    }
    expected.next().is_none()
}

/// The first place where the text is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    /// Cause and fix.
    pub(crate) words: Cow<'static, str>,
    /// The text only ends too early: no fault when the evidence was cut.
    pub(crate) cut: bool,
    /// How a language prints data (single quotes, `None`, `=>`): a printer's doing, perhaps not the wire's.
    pub(crate) printed: bool,
}

impl Fault {
    /// `line 3 column 2: expected a comma …`
    pub(crate) fn describe(&self, text: &str) -> String {
        let (line, column) = line_and_column(text, self.at);
        format!("line {line} column {column}: {}", self.words)
    }
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Parsed<'a> {
    pub(crate) root: Option<Node<'a>>,
    pub(crate) fault: Option<Fault>,
    /// True when another value follows on a new line, as in JSON lines.
    pub(crate) lines: bool,
}

/// Line and column, both from 1, of a byte.
pub(crate) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_say_where_and_why() {
        for (text, expected) in [
            ("{\"a\":1,\"b\":[true,null,-0.5e3]}", ""),
            ("[]", ""),
            (" {\"a\": \"\\u00e9\\ud83d\\ude00\"}\n", ""),
            ("{\n  \"a\": 1\n  \"b\": 2\n}", "line 2 column 9: expected a comma at the end of line 2"),
            ("{\"a\": 1,}", "line 1 column 8: a trailing comma"),
            ("{'a': 1}", "line 1 column 2: single quotes"),
            ("{a: 1}", "line 1 column 2: the key a is not quoted"),
            ("{\"a\": \"b}", "line 1 column 10: the text ends inside a string"),
            ("{\"a\": \"b,\n \"c\": 1}", "line 1 column 7: the string is not closed on its line"),
            ("{\"a\": 1} // note", "line 1 column 10: a // comment"),
            ("{\"a\": NaN}", "line 1 column 7: NaN"),
            ("\u{feff}{}", "line 1 column 1: a byte order mark"),
            ("{}{}", "line 1 column 3: a second value"),
            ("", "line 1 column 1: expected a JSON value, found nothing"),
            ("{\"a\": 01}", "line 1 column 7: 01 is no JSON number"),
            ("{\"a\": undefined}", "line 1 column 7: undefined"),
            ("{\"a\" 1}", "line 1 column 6: expected a colon"),
            ("{\"a\": }", "line 1 column 7: expected a value for a"),
            ("{\"a\": [1, 2}", "line 1 column 12: expected ]"),
            ("{\"a\": \"C:\\dir\"}", "line 1 column 10: a backslash"),
            ("{“a”: 1}", "line 1 column 2: typographic quotes"),
            ("{\"a\": {\"b\": 1}", "line 1 column 15: the text ends inside the object opened on line 1"),
            ("name=x&y=z", "line 1 column 1: expected a JSON value, found name=x&y=z"),
            ("{\"a\": 1, ...}", ""),
        ] {
            let found = parse(text).fault.map(|fault| fault.describe(text)).unwrap_or_default();
            assert!(found.starts_with(expected) && found.is_empty() == expected.is_empty(), "{text:?}: {found}");
        }
    }

    #[test]
    fn broken_text_is_still_read() {
        for text in [
            "{'error': {'message': 'can't do it', 'code': None}}",
            "{\"error\"=>{\"message\"=>\"can't do it\", :code=>nil}}",
            "{error: {message: \"can't do it\"",
            "{\"error\":{\"message\":\"can't do it\",\"x\":",
        ] {
            let parsed = parse(text);
            let message =
                parsed.root.as_ref().and_then(|r| r.get("error")).and_then(|e| e.get("message")).and_then(Node::text);
            assert_eq!(message, Some("can't do it"), "{text}");
        }
    }

    #[test]
    fn hostile_text_is_bounded() {
        for text in [
            "[".repeat(200_000),
            "{\"a\":".repeat(50_000),
            "[1,".repeat(90_000),
            "'".repeat(200_000),
            "{".repeat(9_000) + "é",
            "\\".repeat(9999),
            "[1 ".to_string() + &"1 ".repeat(90_000),
        ] {
            let _ = parse(&text);
        }
    }

    #[test]
    fn every_cut_is_survived() {
        let text = "{\"é\": [1.5, 'ü', “x”, {a: b, \"c\" => \"\\u00e9\\n\"}], // y\n \"z\": /* é */ True}";
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            let _ = parse(&text[..end]);
            let _ = parse(&text[end..]);
        }
    }
}

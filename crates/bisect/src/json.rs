//! JSON taken apart without changing it: the order of members, equal keys and the spelling of numbers stay.

use serde::de::IgnoredAny;

/// How deep values are taken apart; what lies deeper is one part.
const DEPTH: usize = 64;

/// A value. Keys and scalars are as written, strings with their quotes and escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Object(Vec<(String, Json)>),
    Array(Vec<Json>),
    /// A string, number or word; below the greatest depth also an array or object as it stands.
    Scalar(String),
}

/// Reads a document; `None` when it is none.
pub(crate) fn parse(text: &str) -> Option<Json> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    // From here on the text is known to be well formed.
    let mut reader = Reader { bytes: text.as_bytes(), text, at: 0 };
    reader.value(0)
}

/// What a string in JSON says; `None` for what is no string.
pub(crate) fn string(raw: &str) -> Option<String> {
    if raw.starts_with('"') { serde_json::from_str(raw).ok() } else { None }
}

/// A string as JSON writes it.
pub(crate) fn quote(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

struct Reader<'a> {
    bytes: &'a [u8],
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn blank(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    fn takes(&mut self, byte: u8) -> bool {
        self.blank();
        let there = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(there);
        there
    }

    fn value(&mut self, depth: usize) -> Option<Json> {
        self.blank();
        match self.bytes.get(self.at)? {
            b'{' if depth < DEPTH => {
                self.at += 1;
                let mut members = Vec::new();
                while !self.takes(b'}') {
                    self.takes(b',');
                    self.blank();
                    let key = self.skipped()?;
                    self.takes(b':');
                    members.push((key, self.value(depth + 1)?));
                }
                Some(Json::Object(members))
            }
            b'[' if depth < DEPTH => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.takes(b']') {
                    self.takes(b',');
                    items.push(self.value(depth + 1)?);
                }
                Some(Json::Array(items))
            }
            _ => Some(Json::Scalar(self.skipped()?)),
        }
    }

    /// The next value as it stands.
    fn skipped(&mut self) -> Option<String> {
        let start = self.at;
        let mut open = 0usize;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    while let Some(byte) = self.bytes.get(self.at).filter(|b| **b != b'"') {
                        self.at += if *byte == b'\\' { 2 } else { 1 };
                    }
                    self.at += 1;
                }
                Some(b'[' | b'{') => {
                    open += 1;
                    self.at += 1;
                }
                Some(b']' | b'}') if open > 0 => {
                    open -= 1;
                    self.at += 1;
                }
                Some(b',' | b']' | b'}' | b':') | None if open == 0 => break,
                None => return None,
                Some(byte) if open == 0 && byte.is_ascii_whitespace() => break,
                Some(_) => {
                    self.at += 1;
                    continue;
                }
            }
            if open == 0 {
                break;
            }
        }
        self.text.get(start..self.at).filter(|t| !t.is_empty()).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(json: &Json) -> String {
        match json {
            Json::Object(members) => {
                let all: Vec<String> = members.iter().map(|(k, v)| format!("{k}:{}", write(v))).collect();
                format!("{{{}}}", all.join(","))
            }
            Json::Array(items) => format!("[{}]", items.iter().map(write).collect::<Vec<_>>().join(",")),
            Json::Scalar(raw) => raw.clone(),
        }
    }

    #[test]
    fn what_is_read_is_written_alike() {
        for text in [
            r#"{"b":1,"a":[1e400,12345678901234567890,-0.0],"b":{"x":null}}"#,
            r#"["a\"],{","\\",{"k\"":[[],{}]}]"#,
            "\"alone\"",
            "true",
            "{}",
        ] {
            assert_eq!(parse(text).map(|json| write(&json)).as_deref(), Some(text));
        }
        assert_eq!(parse(" { \"a\" : [ 1 , 2 ] } ").map(|json| write(&json)).as_deref(), Some(r#"{"a":[1,2]}"#));
        for text in ["", "{", "nul", "{\"a\":1,}", "[1 2]", "a=b"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_lies_too_deep_is_one_part() {
        let text = format!("{}1,[2]{}", "[".repeat(100), "]".repeat(100));
        let mut json = parse(&text).unwrap();
        let mut depth = 0;
        while let Json::Array(items) = json {
            json = items.into_iter().next().unwrap();
            depth += 1;
        }
        assert_eq!(depth, DEPTH);
        assert_eq!(json, Json::Scalar(format!("{}1,[2]{}", "[".repeat(36), "]".repeat(36))));
    }
}

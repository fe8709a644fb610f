//! JSON as logs carry it: order and places kept, and a text that is cut anywhere read up to there.
//!
//! This file knows RFC 8259 and refuses to know any field name. It is not for judging whether a
//! body is valid JSON: it reads on where a validator would stop.

use std::borrow::Cow;

/// Deeper values are dropped; serde_json refuses at 128, and no log nests half as deep.
const DEPTH_LIMIT: usize = 64;

/// More values than that in one record are dropped, so that a hostile line costs bounded memory.
const NODE_LIMIT: usize = 20_000;

/// A value and where it stands in the text, without the quotes of a string.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub start: usize,
    pub end: usize,
    pub value: Value<'a>,
}

#[derive(Clone, Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// The first member of that name.
    pub fn get(&self, name: &str) -> Option<&Node<'a>> {
        self.members().iter().find(|(key, _)| key == name).map(|(_, node)| node)
    }

    /// The members of an object; none for anything else.
    pub fn members(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match &self.value {
            Value::Map(members) => members,
            _ => &[],
        }
    }

    /// The elements of an array; none for anything else.
    pub fn elements(&self) -> &[Node<'a>] {
        match &self.value {
            Value::List(elements) => elements,
            _ => &[],
        }
    }

    /// A string's text.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A scalar as text; `None` for null, objects, arrays and blank strings.
    pub fn scalar(&self) -> Option<&str> {
        match &self.value {
            Value::Number(number) => Some(number),
            Value::Text(text) if !text.trim().is_empty() => Some(text.trim()),
            Value::Bool(true) => Some("true"),
            Value::Bool(false) => Some("false"),
            _ => None,
        }
    }
}

/// The value at the start of `text`, and whether it was whole. `None` when no object or array begins there.
pub(crate) fn read(text: &str) -> Option<(Node<'_>, bool)> {
    let mut reader = Reader { text, at: 0, nodes: 0, whole: true };
    reader.space();
    if !matches!(reader.peek(), b'{' | b'[') {
        return None;
    }
    let node = reader.value(0)?;
    Some((node, reader.whole))
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    nodes: usize,
    whole: bool,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }

    /// The next value; `None`, with `whole` cleared, where the text ends or is no JSON.
    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        self.space();
        self.nodes += 1;
        if depth > DEPTH_LIMIT || self.nodes > NODE_LIMIT {
            self.whole = false;
            return None;
        }
        let start = self.at;
        let node = match self.peek() {
            b'{' => Some(self.map(depth)),
            b'[' => Some(self.list(depth)),
            b'"' => {
                let (text, end) = self.string();
                return Some(Node { start: start + 1, end, value: Value::Text(text) });
            }
            _ => self.word(),
        };
        let Some(value) = node else {
            self.whole = false;
            return None;
        };
        Some(Node { start, end: self.at, value })
    }

    fn map(&mut self, depth: usize) -> Value<'a> {
        let mut members = Vec::new();
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                b'}' => {
                    self.at += 1;
                    break;
                }
                b',' if !members.is_empty() => self.at += 1,
                b'"' => {
                    let (key, _) = self.string();
                    self.space();
                    if self.peek() != b':' {
                        self.whole = false;
                        break;
                    }
                    self.at += 1;
                    let Some(node) = self.value(depth + 1) else { break };
                    members.push((key, node));
                    if !self.whole {
                        break;
                    }
                }
                _ => {
                    self.whole = false;
                    break;
                }
            }
        }
        Value::Map(members)
    }

    fn list(&mut self, depth: usize) -> Value<'a> {
        let mut elements = Vec::new();
        self.at += 1;
        loop {
            self.space();
            match self.peek() {
                b']' => {
                    self.at += 1;
                    break;
                }
                b',' if !elements.is_empty() => self.at += 1,
                _ => {
                    let Some(node) = self.value(depth + 1) else { break };
                    elements.push(node);
                    if !self.whole {
                        break;
                    }
                }
            }
        }
        Value::List(elements)
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<Value<'a>> {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')).count();
        let word = &rest[..length];
        let value = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') => Value::Number(word),
            // nginx writes an empty variable as nothing at all, Python's dumps writes NaN.
            "NaN" | "Infinity" | "undefined" => Value::Null,
            _ => return None,
        };
        self.at += length;
        Some(value)
    }

    /// A string from its opening quote on, and the place of its closing quote.
    fn string(&mut self) -> (Cow<'a, str>, usize) {
        let text = self.text;
        let bytes = text.as_bytes();
        let from = self.at + 1;
        let mut at = from;
        let mut escaped = false;
        let end = loop {
            match memchr::memchr2(b'"', b'\\', &bytes[at..]) {
                Some(offset) if bytes[at + offset] == b'"' => break at + offset,
                Some(offset) => {
                    escaped = true;
                    // Past the backslash and what it escapes, which may be no ASCII character in bad JSON.
                    at += offset + 1;
                    if at >= bytes.len() {
                        self.whole = false;
                        break bytes.len();
                    }
                    if bytes[at].is_ascii() {
                        at += 1;
                    }
                }
                None => {
                    self.whole = false;
                    break bytes.len();
                }
            }
        };
        self.at = (end + 1).min(bytes.len());
        let raw = &text[from.min(end)..end];
        (if escaped { Cow::Owned(unescape(raw)) } else { Cow::Borrowed(raw) }, end)
    }
}

/// The text that a JSON string means; an escape that JSON does not have stands for its character.
pub(crate) fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(slash) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..slash]);
        rest = &rest[slash + 1..];
        let Some(next) = rest.chars().next() else { break };
        rest = &rest[next.len_utf8()..];
        match next {
            'n' => out.push('\n'),
            't' => out.push('\t'),
            'r' => out.push('\r'),
            'b' | 'f' => {}
            'u' => {
                let Some((code, length)) = code_point(rest) else {
                    out.push('\u{fffd}');
                    continue;
                };
                out.push(code);
                rest = &rest[length..];
            }
            other => out.push(other),
        }
    }
    out.push_str(rest);
    out
}

/// The character of the four hexadecimal digits at the start of `text`, or of a surrogate pair.
fn code_point(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u32::from_str_radix(text.get(at..at + 4)?, 16).ok();
    let high = unit(0)?;
    if (0xd800..0xdc00).contains(&high) && text.get(4..6) == Some("\\u") {
        let low = unit(6).filter(|low| (0xdc00..0xe000).contains(low))?;
        return Some((char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?, 10));
    }
    Some((char::from_u32(high).unwrap_or('\u{fffd}'), 4))
}

#[cfg(test)]
mod tests {
    use super::{read, unescape};

    #[test]
    fn cut_text_is_read_up_to_the_cut() {
        let text = r#"{"a":{"b":[1,"x\n\u00e9\ud83d\ude00"]},"c":true,"d":null,"e":"tail"}"#;
        let (node, whole) = read(text).unwrap();
        assert!(whole);
        let b = &node.get("a").unwrap().get("b").unwrap().elements()[1];
        assert_eq!(b.text(), Some("x\né😀"));
        assert_eq!(&text[node.get("e").unwrap().start..node.get("e").unwrap().end], "tail");
        for end in 1..text.len() {
            if text.is_char_boundary(end) {
                let (_, whole) = read(&text[..end]).unwrap();
                assert!(!whole, "{end}");
            }
        }
        assert_eq!(read(&text[..text.len() - 2]).unwrap().0.get("e").unwrap().text(), Some("tail"));
    }

    #[test]
    fn hostile_text_is_bounded() {
        assert!(!read(&"[".repeat(1_000_000)).unwrap().1);
        assert!(!read(&format!("[{}]", "1,".repeat(1_000_000))).unwrap().1);
        assert!(read("x").is_none());
        assert!(!read("{\"\\").unwrap().1);
        assert!(!read("{\"a\\é").unwrap().1);
        assert_eq!(unescape("\\ud83dx\\u12"), "\u{fffd}x\u{fffd}12");
    }
}

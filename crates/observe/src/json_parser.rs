//! The tolerant JSON parser: builds the tree of `json`, and keeps the first fault.
//!
//! Every loop consumes input or ends, depth and number of values are bounded, and nothing fails. It
//! refuses to know what the members mean.

use crate::json::{Fault, Node, Parsed, Value, line_and_column};
use std::borrow::Cow;

/// Deeper nesting than this is not read.
const DEPTH: u32 = 128;
/// More values than this are not read: enough for any error, small enough for hostile input.
const VALUES: u32 = 30_000;

/// Reads `text`. Never fails: what can be read is in `root`, what is wrong in `fault`.
pub(crate) fn parse(text: &str) -> Parsed<'_> {
    let mut parser =
        Parser { text, bytes: text.as_bytes(), pos: 0, depth: 0, left: VALUES, stopped: false, fault: None };
    if text.starts_with('\u{feff}') {
        parser.fault(0, "a byte order mark stands before the JSON; save it as UTF-8 without one");
        parser.pos = '\u{feff}'.len_utf8();
    }
    parser.skip_guard();
    parser.space();
    if parser.pos >= parser.bytes.len() {
        parser.fault(parser.pos, "expected a JSON value, found nothing; send a body such as {}");
        return Parsed { root: None, fault: parser.fault, lines: false };
    }
    let root = parser.value();
    let end = parser.pos;
    while matches!(parser.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        parser.pos += 1;
    }
    let broken = parser.bytes[end..parser.pos].contains(&b'\n');
    let value = matches!(parser.peek(), Some(b'{' | b'[' | b'"'));
    let lines = broken && value;
    // Other text on a line of its own is what stood next in the paste, not part of the body.
    let residue = broken && !matches!(parser.peek(), Some(b'{' | b'[' | b'"' | b'}' | b']' | b',' | b'/'));
    if !parser.stopped && parser.pos < parser.bytes.len() && root.is_some() && !residue {
        parser.space();
    }
    if !parser.stopped && parser.pos < parser.bytes.len() && root.is_some() && !residue {
        let what = match parser.bytes[parser.pos] {
            b'{' | b'[' | b'"' => "a second value follows the first; send one value, or an array of both",
            b'}' | b']' => "a closing bracket too many; remove it",
            b',' => "a comma follows the whole value; remove it, or put the values into an array",
            _ => "text follows the JSON value; remove it",
        };
        parser.fault(parser.pos, what);
    }
    Parsed { root, fault: parser.fault, lines }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    pos: usize,
    depth: u32,
    left: u32,
    /// The budget of depth or values is used up.
    stopped: bool,
    fault: Option<Fault>,
}

impl<'a> Parser<'a> {
    fn fault(&mut self, at: usize, words: &'static str) {
        self.fault.get_or_insert(Fault { at, words: Cow::Borrowed(words), cut: false, printed: false });
    }

    fn fault_with(&mut self, at: usize, words: impl FnOnce() -> String) {
        self.fault.get_or_insert_with(|| Fault { at, words: Cow::Owned(words()), cut: false, printed: false });
    }

    fn printed(&mut self, at: usize, words: &'static str) {
        self.fault.get_or_insert(Fault { at, words: Cow::Borrowed(words), cut: false, printed: true });
    }

    fn cut(&mut self, words: impl FnOnce() -> String) {
        let at = self.bytes.len();
        self.fault.get_or_insert_with(|| Fault { at, words: Cow::Owned(words()), cut: true, printed: false });
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn starts(&self, what: &str) -> bool {
        self.bytes[self.pos..].starts_with(what.as_bytes())
    }

    /// Guards against script inclusion that some services put in front of JSON.
    fn skip_guard(&mut self) {
        for guard in [")]}',", ")]}'", "while(1);", "for(;;);"] {
            if self.starts(guard) {
                self.pos += guard.len();
                return;
            }
        }
    }

    /// Skips white space and, with a fault, comments and spaces that JSON does not know.
    fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.pos += 1,
                b'/' if matches!(self.bytes.get(self.pos + 1), Some(b'/')) => {
                    self.fault(self.pos, "a // comment; JSON has no comments, remove it");
                    self.skip_line();
                }
                b'/' if matches!(self.bytes.get(self.pos + 1), Some(b'*')) => {
                    self.fault(self.pos, "a /* comment */; JSON has no comments, remove it");
                    let rest = &self.bytes[self.pos..];
                    self.pos += memchr::memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
                }
                b'#' => {
                    self.fault(self.pos, "a # comment; JSON has no comments, remove it");
                    self.skip_line();
                }
                0xC2 if self.bytes.get(self.pos + 1) == Some(&0xA0) => {
                    self.fault(self.pos, "a no-break space; replace it by a plain space");
                    self.pos += 2;
                }
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.pos..];
        self.pos += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    }

    /// Skips `...`, `…` and `***`, by which people and loggers shorten what they show.
    fn elided(&mut self) -> bool {
        let before = self.pos;
        loop {
            if self.starts("...") || self.starts("…") || self.starts("***") {
                self.pos += 3;
            } else if self.pos > before && matches!(self.peek(), Some(b'.' | b'*')) {
                self.pos += 1;
            } else {
                return self.pos > before;
            }
        }
    }

    fn value(&mut self) -> Option<Node<'a>> {
        if self.left == 0 || self.stopped {
            self.stopped = true;
            self.pos = self.bytes.len();
            return None;
        }
        self.left -= 1;
        let at = self.pos;
        let value = match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'(' => {
                self.printed(at, "round brackets; JSON arrays use [ ]");
                self.nested(Self::array)
            }
            b'"' => Value::String(self.string(b'"')),
            b'\'' => {
                self.printed(at, "single quotes; JSON strings need double quotes");
                Value::String(self.string(b'\''))
            }
            b'b' | b'u' | b'r' if matches!(self.bytes.get(self.pos + 1), Some(b'\'' | b'"')) => {
                self.printed(at, "a Python string prefix; write the plain string");
                self.pos += 1;
                let quote = self.bytes[self.pos];
                Value::String(self.string(quote))
            }
            b'-' | b'+' | b'.' | b'0'..=b'9' if !self.starts("...") => self.number(),
            b'\\' if self.bytes.get(self.pos + 1) == Some(&b'"') => {
                self.fault(
                    at,
                    "an escaped quote outside a string; remove the backslashes, the JSON was escaped once too often",
                );
                self.pos += 1;
                Value::String(self.string(b'"'))
            }
            _ if self.elided() => Value::Null,
            _ if self.smart_quote(at) => Value::String(self.smart_string()),
            _ => self.word()?,
        };
        Some(Node { value, at })
    }

    fn nested(&mut self, read: fn(&mut Self) -> Value<'a>) -> Value<'a> {
        if self.depth >= DEPTH {
            self.fault(self.pos, "nested deeper than 128 levels");
            self.stopped = true;
            self.pos = self.bytes.len();
            return Value::Null;
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Value<'a> {
        let opened = self.pos;
        self.pos += 1;
        let mut members = Vec::new();
        loop {
            self.space();
            let before = self.pos;
            match self.peek() {
                None => {
                    self.unclosed(opened, "object", '}');
                    break;
                }
                Some(b'}') => {
                    self.pos += 1;
                    break;
                }
                Some(b']' | b')') => {
                    self.fault(before, "expected } to close the object, found another bracket");
                    self.pos += 1;
                    break;
                }
                Some(b',') => {
                    self.fault(before, "a comma too many; remove it");
                    self.pos += 1;
                    continue;
                }
                _ if self.elided() => {
                    self.space();
                    if self.peek() == Some(b',') {
                        self.pos += 1;
                    }
                    continue;
                }
                _ => {}
            }
            let key = self.key();
            self.space();
            match self.peek() {
                Some(b':') => self.pos += 1,
                Some(b'=') => {
                    self.printed(self.pos, "= or => after the key; JSON needs a colon");
                    self.pos += 1;
                    if self.peek() == Some(b'>') {
                        self.pos += 1;
                    }
                }
                None => {
                    self.unclosed(opened, "object", '}');
                    break;
                }
                Some(_) => {
                    self.fault_with(self.pos, || format!("expected a colon after the key {}", shown(&key)));
                }
            }
            self.space();
            let at = self.pos;
            let node = match self.peek() {
                Some(b',' | b'}') => {
                    self.fault_with(at, || format!("expected a value for {}, found none", shown(&key)));
                    Node { value: Value::Null, at }
                }
                None => {
                    self.unclosed(opened, "object", '}');
                    break;
                }
                _ => self.value().unwrap_or(Node { value: Value::Null, at }),
            };
            members.push((key, node));
            self.comma(b'}');
            if self.stopped {
                break;
            }
            if self.pos == before {
                self.skip_character();
            }
        }
        Value::Object(members)
    }

    fn array(&mut self) -> Value<'a> {
        let opened = self.pos;
        self.pos += 1;
        let mut items = Vec::new();
        loop {
            self.space();
            let before = self.pos;
            match self.peek() {
                None => {
                    self.unclosed(opened, "array", ']');
                    break;
                }
                Some(b']' | b')') => {
                    self.pos += 1;
                    break;
                }
                Some(b'}') => {
                    self.fault(before, "expected ] to close the array, found }");
                    break;
                }
                Some(b',') => {
                    self.fault(before, "a comma too many; remove it");
                    self.pos += 1;
                    continue;
                }
                _ => {}
            }
            let elided = self.starts("...") || self.starts("…");
            if let Some(node) = self.value().filter(|_| !elided) {
                items.push(node);
            }
            self.comma(b']');
            if self.stopped {
                break;
            }
            if self.pos == before {
                self.skip_character();
            }
        }
        Value::Array(items)
    }

    /// What may stand between two members: a comma, or a fault that says where it is missing.
    fn comma(&mut self, close: u8) {
        let end = self.pos;
        self.space();
        match self.peek() {
            Some(b',') => {
                let comma = self.pos;
                self.pos += 1;
                self.space();
                if self.peek() == Some(close) {
                    self.fault(comma, "a trailing comma before the closing bracket; remove it");
                }
            }
            Some(byte) if byte != close && !matches!(byte, b'}' | b']' | b')' | b'.') && !self.stopped => {
                let broken = self.bytes[end..self.pos].contains(&b'\n');
                let line = line_and_column(self.text, end).0;
                if self.fault.is_none() {
                    if broken {
                        self.fault_with(end, || format!("expected a comma at the end of line {line}"));
                    } else {
                        self.fault(
                            end,
                            "expected a comma or a closing bracket; add the comma, or escape a quote inside the string",
                        );
                    }
                }
            }
            _ => {}
        }
    }

    fn unclosed(&mut self, opened: usize, what: &'static str, close: char) {
        if self.stopped {
            return;
        }
        let line = if self.fault.is_none() { line_and_column(self.text, opened).0 } else { 0 };
        self.cut(|| format!("the text ends inside the {what} opened on line {line}; expected {close}"));
    }

    fn skip_character(&mut self) {
        self.pos += 1;
        while self.pos < self.bytes.len() && !self.text.is_char_boundary(self.pos) {
            self.pos += 1;
        }
    }

    fn key(&mut self) -> Cow<'a, str> {
        let at = self.pos;
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') => {
                self.printed(at, "single quotes; JSON strings need double quotes");
                self.string(b'\'')
            }
            Some(b'b' | b'u') if matches!(self.bytes.get(at + 1), Some(b'\'' | b'"')) => {
                self.printed(at, "a Python string prefix; write the plain string");
                self.pos += 1;
                let quote = self.bytes[self.pos];
                self.string(quote)
            }
            Some(b'\\') if self.bytes.get(at + 1) == Some(&b'"') => {
                self.fault(
                    at,
                    "an escaped quote outside a string; remove the backslashes, the JSON was escaped once too often",
                );
                self.pos += 1;
                self.string(b'"')
            }
            _ if self.smart_quote(at) => self.smart_string(),
            _ => {
                if self.peek() == Some(b':') {
                    self.pos += 1; // a Ruby symbol
                }
                let start = self.pos;
                while self
                    .peek()
                    .is_some_and(|b| !matches!(b, b':' | b'=' | b',' | b'{' | b'}' | b'[' | b']' | b'\n' | b'"' | b' '))
                {
                    self.pos += 1;
                }
                let word = self.text.get(start..self.pos).unwrap_or_default();
                if word.is_empty() {
                    self.fault(at, "expected a key in double quotes");
                } else {
                    self.fault_with(at, || format!("the key {} is not quoted; put it in double quotes", shown(word)));
                }
                Cow::Borrowed(word)
            }
        }
    }

    fn smart_quote(&mut self, at: usize) -> bool {
        let smart = self.starts("“") || self.starts("”") || self.starts("‘") || self.starts("’");
        if smart {
            self.fault(at, "typographic quotes; replace them by plain double quotes");
        }
        smart
    }

    /// A string between typographic quotes (each three bytes long).
    fn smart_string(&mut self) -> Cow<'a, str> {
        self.pos += '“'.len_utf8();
        let rest = &self.text[self.pos..];
        let end = rest.find(['“', '”', '’', '"', '\n']).unwrap_or(rest.len());
        self.pos += end + rest[end..].chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8);
        Cow::Borrowed(&rest[..end])
    }

    /// A string; `pos` stands on the opening quote.
    fn string(&mut self, quote: u8) -> Cow<'a, str> {
        let opened = self.pos;
        self.pos += 1;
        let start = self.pos;
        let mut owned: Option<String> = None;
        let mut from = start;
        loop {
            let Some(hit) = memchr::memchr2(quote, b'\\', &self.bytes[self.pos..]) else {
                self.unclosed_string(opened);
                let rest = &self.text[from..];
                self.pos = self.bytes.len();
                return match owned {
                    Some(text) => Cow::Owned(text + rest),
                    None => Cow::Borrowed(rest),
                };
            };
            let hit = self.pos + hit;
            if self.bytes[hit] == b'\\' {
                let text = owned.get_or_insert_with(String::new);
                text.push_str(&self.text[from..hit]);
                self.pos = hit + 1;
                let mut text = std::mem::take(text);
                self.escape(&mut text);
                owned = Some(text);
                from = self.pos;
                continue;
            }
            // Python and JavaScript print `'can't'` only by mistake, but programs that join text do.
            if quote == b'\'' && !self.closes(hit + 1) {
                self.pos = hit + 1;
                continue;
            }
            self.pos = hit + 1;
            let rest = &self.text[from..hit];
            if self.fault.is_none() {
                self.control_character(opened, start, hit);
            }
            return match owned {
                Some(text) => Cow::Owned(text + rest),
                None => Cow::Borrowed(rest),
            };
        }
    }

    /// Whether what follows a single quote can follow a string.
    fn closes(&self, mut at: usize) -> bool {
        while matches!(self.bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            at += 1;
        }
        matches!(self.bytes.get(at), None | Some(b',' | b'}' | b']' | b')' | b':' | b'='))
    }

    fn control_character(&mut self, opened: usize, start: usize, end: usize) {
        let Some(offset) = self.bytes[start..end].iter().position(|b| *b < 0x20) else { return };
        if matches!(self.bytes[start + offset], b'\n' | b'\r') {
            self.fault(
                opened,
                "the string is not closed on its line; add the closing quote, or write line breaks as \\n",
            );
        } else {
            self.fault(start + offset, "a control character inside a string; escape it, a tab is \\t");
        }
    }

    fn unclosed_string(&mut self, opened: usize) {
        if self.fault.is_none() {
            if self.bytes[opened..].contains(&b'\n') {
                self.fault(
                    opened,
                    "the string is not closed on its line; add the closing quote, or write line breaks as \\n",
                );
            } else {
                self.cut(|| "the text ends inside a string; expected the closing quote".to_owned());
            }
        }
    }

    fn escape(&mut self, text: &mut String) {
        let at = self.pos - 1;
        let Some(character) = self.text[self.pos..].chars().next() else { return };
        self.pos += character.len_utf8();
        match character {
            '"' | '\\' | '/' => text.push(character),
            'n' => text.push('\n'),
            't' => text.push('\t'),
            'r' => text.push('\r'),
            'b' | 'f' => text.push(' '),
            'u' => match self.unicode() {
                Some(character) => text.push(character),
                None => self.fault(at, "\\u needs four hex digits"),
            },
            'x' => {
                self.printed(at, "\\x is no JSON escape; write \\u00NN");
                let hex = self.text.get(self.pos..self.pos + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                if let Some(byte) = hex {
                    self.pos += 2;
                    text.push(char::from(byte));
                }
            }
            '\'' => {
                self.printed(at, "\\' is no JSON escape; write the plain apostrophe");
                text.push('\'');
            }
            other => {
                self.fault(at, "a backslash that escapes nothing; double it, as in C:\\\\path");
                text.push('\\');
                text.push(other);
            }
        }
    }

    fn unicode(&mut self) -> Option<char> {
        let unit = self.hex4()?;
        if (0xD800..0xDC00).contains(&unit) && self.starts("\\u") {
            self.pos += 2;
            let low = self.hex4()?;
            let code = 0x10000 + ((unit - 0xD800) << 10) + low.checked_sub(0xDC00)?;
            return char::from_u32(code);
        }
        Some(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn hex4(&mut self) -> Option<u32> {
        let digits = self.text.get(self.pos..self.pos + 4)?;
        let unit = u32::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'))?;
        self.pos += 4;
        Some(unit)
    }

    fn number(&mut self) -> Value<'a> {
        let start = self.pos;
        while self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.' | b'_')) {
            self.pos += 1;
        }
        let text = &self.text[start..self.pos];
        if is_number(text) {
            return Value::Number(text);
        }
        if text.ends_with("Infinity") {
            self.fault(start, "Infinity is no JSON value; use null or a string");
        } else {
            self.fault_with(start, || format!("{} is no JSON number; put it in double quotes, or write it plainly (no leading zero, + or bare dot)", shown(text)));
        }
        Value::String(Cow::Borrowed(text))
    }

    fn word(&mut self) -> Option<Value<'a>> {
        let start = self.pos;
        while self.peek().is_some_and(|b| !matches!(b, b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\n')) {
            self.pos += 1;
        }
        let text = self.text.get(start..self.pos)?.trim_end();
        if text.is_empty() {
            self.fault(start, "expected a JSON value");
            if self.pos == start {
                self.skip_character();
            }
            return None;
        }
        Some(match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            "True" | "False" => {
                self.printed(start, "True and False are Python's; JSON writes true and false");
                Value::Bool(text == "True")
            }
            "None" | "nil" => {
                self.printed(start, "None and nil are no JSON values; JSON writes null");
                Value::Null
            }
            "undefined" => {
                self.fault(start, "undefined is no JSON value; leave the member out or write null");
                Value::Null
            }
            "NaN" => {
                self.fault(start, "NaN is no JSON value; use null or a string");
                Value::Null
            }
            _ => {
                self.fault_with(start, || {
                    format!("expected a JSON value, found {}; put text in double quotes", shown(text))
                });
                Value::String(Cow::Borrowed(text))
            }
        })
    }
}

/// RFC 8259 section 6.
fn is_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && bytes[at] == b'0') {
        return false;
    }
    at += whole;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        at += 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = if at <= bytes.len() { digits(at) } else { 0 };
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

/// A short quotation for a message.
fn shown(text: &str) -> &str {
    let text = text.trim();
    let end = text.char_indices().nth(24).map_or(text.len(), |(at, _)| at);
    text[..end].split('\n').next().unwrap_or_default()
}

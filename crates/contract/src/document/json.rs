//! JSON (RFC 8259) → a value, the line of every pointer and names that are there twice, in one pass.

use super::lines::{Lines, Place};
use super::{DEPTH_LIMIT, Fault, Read, VALUE_LIMIT, join, show};
use serde_json::{Map, Number, Value};

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Read, Fault> {
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line: 1,
        line_start: 0,
        lines: Lines::default(),
        path: Vec::new(),
        twice: Vec::new(),
        values: 0,
    };
    reader.space();
    reader.lines.note(Place::ROOT, reader.line);
    let value = reader.value(Place::ROOT)?;
    reader.space();
    if reader.at < reader.bytes.len() {
        return Err(reader.fault("the end"));
    }
    reader.lines.settle();
    Ok(Read { value, lines: reader.lines, twice: reader.twice, aliases: false })
}

/// One step from the root to where the reader is.
#[derive(Clone, Copy)]
enum Step<'t> {
    /// A name as written, between its quotes.
    Name(&'t str),
    Item(usize),
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line: u32,
    line_start: usize,
    lines: Lines,
    path: Vec<Step<'t>>,
    twice: Vec<String>,
    values: usize,
}

impl<'t> Reader<'t> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space.
    fn space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'\n' => {
                    self.at += 1;
                    self.line += 1;
                    self.line_start = self.at;
                }
                _ => break,
            }
        }
    }

    /// Something else was expected here.
    fn fault(&self, expected: &str) -> Fault {
        self.fault_at(self.at, &format!("expected {expected}, got {}", show(self.text.get(self.at..).unwrap_or(""))))
    }

    fn fault_at(&self, at: usize, message: &str) -> Fault {
        let before = self.text.get(self.line_start..at).unwrap_or_default();
        Fault { line: self.line, column: before.chars().count() + 1, message: message.to_owned() }
    }

    fn value(&mut self, place: Place) -> Result<Value, Fault> {
        self.values += 1;
        if self.values > VALUE_LIMIT {
            return Err(self.fault_at(self.at, &format!("expected at most {VALUE_LIMIT} values, got more")));
        }
        match self.peek() {
            Some(b'{') => self.object(place),
            Some(b'[') => self.list(place),
            Some(b'"') => Ok(Value::String(self.string()?.0)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
                {
                    if self.bytes[self.at..].starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.fault("a value"))
            }
        }
    }

    fn enter(&mut self) -> Result<(), Fault> {
        if self.path.len() >= DEPTH_LIMIT {
            return Err(self.fault_at(self.at, &format!("expected at most {DEPTH_LIMIT} levels of nesting, got more")));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    fn object(&mut self, place: Place) -> Result<Value, Fault> {
        self.enter()?;
        let mut object = Map::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(object));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault("a name in double quotes"));
            }
            let line = self.line;
            let (name, raw) = self.string()?;
            let inner = place.child(&name);
            self.lines.note(inner, line);
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.fault("a colon"));
            }
            self.at += 1;
            self.space();
            self.path.push(Step::Name(raw));
            let value = self.value(inner)?;
            if object.insert(name, value).is_some() {
                self.twice.push(self.pointer());
            }
            self.path.pop();
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Value::Object(object));
                }
                _ => return Err(self.fault("a comma or }")),
            }
            self.space();
        }
    }

    fn list(&mut self, place: Place) -> Result<Value, Fault> {
        self.enter()?;
        let mut list = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(list));
        }
        loop {
            let inner = place.item(list.len());
            self.lines.note(inner, self.line);
            self.path.push(Step::Item(list.len()));
            list.push(self.value(inner)?);
            self.path.pop();
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    list.shrink_to_fit();
                    return Ok(Value::Array(list));
                }
                _ => return Err(self.fault("a comma or ]")),
            }
            self.space();
        }
    }

    /// A string: what it means, and as written between its quotes.
    fn string(&mut self) -> Result<(String, &'t str), Fault> {
        let start = self.at + 1;
        let mut end = start;
        let mut plain = true;
        loop {
            match self.bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    plain = false;
                    end += 2;
                }
                Some(0..0x20) => {
                    let got = show(&self.text[end..]);
                    return Err(self.fault_at(end, &format!("expected the end of a string or an escape, got {got}")));
                }
                Some(_) => end += 1,
                None => return Err(self.fault_at(self.at, "expected the end of this string, found none")),
            }
        }
        let raw = &self.text[start..end];
        let value = if plain {
            raw.to_owned()
        } else {
            serde_json::from_str(&self.text[self.at..=end])
                .map_err(|_| self.fault_at(self.at, &format!("expected escapes that JSON knows, got {}", show(raw))))?
        };
        self.at = end + 1;
        Ok((value, raw))
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let text = &self.text[self.at..self.at + length];
        let number: Number = serde_json::from_str(text).map_err(|_| self.fault("a number"))?;
        self.at += length;
        Ok(Value::Number(number))
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Name(raw) => {
                    let name: Option<String> = serde_json::from_str(&format!("\"{raw}\"")).ok();
                    join(&mut out, name.as_deref().unwrap_or(raw));
                }
                Step::Item(index) => join(&mut out, &index.to_string()),
            }
        }
        out
    }
}

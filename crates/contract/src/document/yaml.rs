//! YAML → a value as tools for OpenAPI read it: the core schema of YAML 1.2 (`yes`, `on` and dates stay strings), names as
//! strings, and of YAML 1.1 the merge key. Aliases are repeated as values, within bounds.

use super::lines::{Lines, Place};
use super::{DEPTH_LIMIT, Fault, Read, VALUE_LIMIT, join};
use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};
use serde_json::{Map, Number, Value};
use std::borrow::Cow;
use std::collections::HashMap;

/// The most values that aliases may repeat.
const ALIAS_LIMIT: usize = 1_000_000;

/// Reads the first document of a text.
pub(super) fn read(text: &str) -> Result<Read, Fault> {
    let options = granit_parser::options! {
        emit_comments: false,
        flow_nesting_limit: DEPTH_LIMIT,
        block_nesting_limit: DEPTH_LIMIT,
    };
    let mut reader = Reader {
        events: Parser::new_from_str_with_options(text, options),
        lines: Lines::default(),
        path: Vec::new(),
        twice: Vec::new(),
        anchors: HashMap::new(),
        values: 0,
        repeated: 0,
    };
    let value = loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(..), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => break Value::Null,
            (event, span) => {
                reader.lines.note(Place::ROOT, line(span.start));
                break reader.node(event, span, Place::ROOT)?;
            }
        }
    };
    reader.lines.settle();
    Ok(Read { value, lines: reader.lines, twice: reader.twice, aliases: reader.repeated > 0 })
}

/// An anchored value and how many values it is; `None` while it is being read.
type Anchored = Option<(Value, usize)>;

struct Reader<'t> {
    events: Parser<'t, StrInput<'t>>,
    lines: Lines,
    path: Vec<Step>,
    twice: Vec<String>,
    anchors: HashMap<usize, Anchored>,
    /// Values read, those of aliases included.
    values: usize,
    /// Of them, those of aliases.
    repeated: usize,
}

enum Step {
    Name(String),
    Item(usize),
}

fn line(mark: Marker) -> u32 {
    u32::try_from(mark.line()).unwrap_or(0)
}

fn fault(mark: Marker, message: String) -> Fault {
    Fault { line: line(mark), column: mark.col() + 1, message }
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Fault> {
        let unexpected = |error: &ScanError| {
            let words: String = error.info().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            fault(*error.marker(), format!("expected YAML: {words}"))
        };
        match self.events.next_event() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => Err(unexpected(&error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, place: Place) -> Result<Value, Fault> {
        let before = self.values;
        self.values += 1;
        if self.values > VALUE_LIMIT {
            return Err(fault(span.start, format!("expected at most {VALUE_LIMIT} values, got more")));
        }
        if self.path.len() > DEPTH_LIMIT {
            return Err(fault(span.start, format!("expected at most {DEPTH_LIMIT} levels of nesting, got more")));
        }
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (scalar(text, style, tag.as_deref()), anchor),
            Event::SequenceStart(_, anchor, _) => {
                self.open(anchor);
                (self.list(place)?, anchor)
            }
            Event::MappingStart(_, anchor, _) => {
                self.open(anchor);
                (self.object(place)?, anchor)
            }
            Event::Alias(id) => return self.alias(id, span),
            _ => return Err(fault(span.start, "expected a value, found none".to_owned())),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, Some((value.clone(), self.values - before)));
        }
        Ok(value)
    }

    fn open(&mut self, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, None);
        }
    }

    fn alias(&mut self, id: usize, span: Span) -> Result<Value, Fault> {
        let Some(Some((value, count))) = self.anchors.get(&id) else {
            return Err(fault(
                span.start,
                "expected an alias of something complete, got one within its own".to_owned(),
            ));
        };
        self.repeated = self.repeated.saturating_add(*count);
        self.values = self.values.saturating_add(*count);
        if self.repeated > ALIAS_LIMIT {
            let message = format!("expected aliases that repeat at most {ALIAS_LIMIT} values, got more");
            return Err(fault(span.start, message));
        }
        Ok(value.clone())
    }

    fn list(&mut self, place: Place) -> Result<Value, Fault> {
        let mut list = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Value::Array(list));
            }
            let inner = place.item(list.len());
            self.lines.note(inner, line(span.start));
            self.path.push(Step::Item(list.len()));
            list.push(self.node(event, span, inner)?);
            self.path.pop();
        }
    }

    fn object(&mut self, place: Place) -> Result<Value, Fault> {
        let mut object = Map::new();
        let mut merged = Vec::new();
        loop {
            let (event, span) = self.next()?;
            let (name, plain) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, anchor, _) => {
                    let name = text.into_owned();
                    if anchor != 0 {
                        self.anchors.insert(anchor, Some((Value::String(name.clone()), 1)));
                    }
                    (name, style == ScalarStyle::Plain)
                }
                Event::Alias(id) => match self.alias(id, span)? {
                    Value::String(name) => (name, false),
                    _ => return Err(fault(span.start, "expected a name, got an alias of something else".to_owned())),
                },
                _ => return Err(fault(span.start, "expected a name, got a list or an object".to_owned())),
            };
            let inner = place.child(&name);
            self.lines.note(inner, line(span.start));
            let (event, span) = self.next()?;
            self.path.push(Step::Name(name));
            let value = self.node(event, span, inner)?;
            let Some(Step::Name(name)) = self.path.pop() else { continue };
            if plain && name == "<<" && merges(&value) {
                merged.push(value);
            } else if object.contains_key(&name) {
                self.path.push(Step::Name(name.clone()));
                self.twice.push(self.pointer());
                self.path.pop();
                object.insert(name, value);
            } else {
                object.insert(name, value);
            }
        }
        for value in merged {
            let parts = if let Value::Array(parts) = value { parts } else { vec![value] };
            for (name, value) in parts.into_iter().filter_map(into_object).flatten() {
                object.entry(name).or_insert(value);
            }
        }
        Ok(Value::Object(object))
    }

    fn pointer(&self) -> String {
        let mut out = String::new();
        for step in &self.path {
            match step {
                Step::Name(name) => join(&mut out, name),
                Step::Item(index) => join(&mut out, &index.to_string()),
            }
        }
        out
    }
}

/// Whether the value of a merge key can be merged: an object, or a list of objects.
fn merges(value: &Value) -> bool {
    value.is_object() || value.as_array().is_some_and(|list| list.iter().all(Value::is_object))
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    if let Value::Object(object) = value { Some(object) } else { None }
}

/// A scalar by the core schema (YAML 1.2.2, section 10.3.2).
fn scalar(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    let quoted = style != ScalarStyle::Plain;
    let typed = tag.and_then(Tag::core_suffix);
    if typed == Some("str") || (quoted && typed.is_none()) {
        return Value::String(text.into_owned());
    }
    match &*text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    match number(&text) {
        Some(number) => Value::Number(number),
        None => Value::String(text.into_owned()),
    }
}

fn number(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let radix = |prefix: &str, radix| digits.strip_prefix(prefix).and_then(|d| u64::from_str_radix(d, radix).ok());
    if digits.len() == text.len()
        && let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8))
    {
        return Some(number.into());
    }
    if digits.bytes().all(|b| b.is_ascii_digit()) {
        let text = text.strip_prefix('+').unwrap_or(text);
        if let Ok(number) = text.parse::<i64>() {
            return Some(number.into());
        }
        if let Ok(number) = text.parse::<u64>() {
            return Some(number.into());
        }
    }
    let (mantissa, exponent) = digits.split_once(['e', 'E']).unwrap_or((digits, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let numeric = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if exponent.is_empty() || whole.len() + part.len() == 0 || ![whole, part, exponent].into_iter().all(numeric) {
        return None;
    }
    Number::from_f64(text.parse().ok()?)
}

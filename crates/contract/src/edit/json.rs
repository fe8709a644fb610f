//! Changes of a JSON text that leave the rest of it as it is written.

use crate::document::escape;
use firstfault_model::contract::Edit;
use serde_json::Value;
use std::ops::Range;

/// How deep a text is read.
const DEPTH_LIMIT: usize = 128;

/// Where a value and its parts stand in the text.
struct Node {
    span: Range<usize>,
    parts: Parts,
}

enum Parts {
    None,
    /// Where each name stands, the name, and its value.
    Object(Vec<(Range<usize>, String, Node)>),
    Array(Vec<Node>),
}

/// Applies an edit of a field; `None` when its place is not there or the text is no JSON.
pub(super) fn apply(text: &str, edit: &Edit) -> Option<String> {
    serde_json::from_str::<Value>(text).ok()?;
    let changed = match edit {
        Edit::RenameField(at, name) => rename(text, at, name)?,
        Edit::SetField(at, value) => set(text, at, value)?,
        Edit::RemoveField(at) => remove(text, at)?,
        Edit::MoveField(from, to) => shift(text, from, to)?,
        _ => return None,
    };
    // What was valid stays valid.
    serde_json::from_str::<Value>(&changed).is_ok().then_some(changed)
}

fn splice(text: &str, span: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..span.start], &text[span.end..])
}

fn split(pointer: &str) -> Option<(&str, String)> {
    let (above, step) = pointer.rsplit_once('/')?;
    Some((above, step.replace("~1", "/").replace("~0", "~")))
}

fn rename(text: &str, at: &str, name: &str) -> Option<String> {
    let (above, old) = split(at)?;
    let root = read(text)?;
    let Parts::Object(members) = &root.at(above)?.parts else { return None };
    if members.iter().any(|(_, other, _)| other == name) {
        return None;
    }
    let (span, ..) = members.iter().find(|(_, other, _)| *other == old)?;
    Some(splice(text, span.clone(), &Value::String(name.to_owned()).to_string()))
}

fn set(text: &str, at: &str, value: &str) -> Option<String> {
    let root = read(text)?;
    if let Some(node) = root.at(at) {
        return Some(splice(text, node.span.clone(), value));
    }
    let (above, name) = split(at)?;
    insert(text, root.at(above)?, &name, value)
}

/// Adds a field at the end of an object, written as the fields before it are.
fn insert(text: &str, object: &Node, name: &str, value: &str) -> Option<String> {
    let Parts::Object(members) = &object.parts else { return None };
    let name = Value::String(name.to_owned()).to_string();
    let Some((last_name, _, last)) = members.last() else {
        return Some(splice(text, object.span.clone(), &format!("{{{name}: {value}}}")));
    };
    let colon = &text[last_name.end..last.span.start];
    let before = match &members[..] {
        [.., (_, _, before), _] => &text[before.span.end..last_name.start],
        _ => &text[object.span.start + 1..last_name.start],
    };
    let comma = if before.contains(',') {
        before.to_owned()
    } else {
        format!(",{}", if before.is_empty() { " " } else { before })
    };
    Some(splice(text, last.span.end..last.span.end, &format!("{comma}{name}{colon}{value}")))
}

fn remove(text: &str, at: &str) -> Option<String> {
    let (above, step) = split(at)?;
    let root = read(text)?;
    let parent = root.at(above)?;
    let spans: Vec<Range<usize>> = match &parent.parts {
        Parts::Object(members) => members.iter().map(|(name, _, value)| name.start..value.span.end).collect(),
        Parts::Array(items) => items.iter().map(|i| i.span.clone()).collect(),
        Parts::None => return None,
    };
    let index = match &parent.parts {
        Parts::Object(members) => members.iter().position(|(_, name, _)| *name == step)?,
        _ => step.parse().ok()?,
    };
    let span = match (index.checked_sub(1).and_then(|i| spans.get(i)), spans.get(index)?, spans.get(index + 1)) {
        (Some(before), this, _) => before.end..this.end,
        (None, this, Some(next)) => this.start..next.start,
        (None, ..) => parent.span.start + 1..parent.span.end - 1,
    };
    Some(splice(text, span, ""))
}

/// Moves a field; a value that moves to a place around it takes that place, one that moves into itself is wrapped.
fn shift(text: &str, from: &str, to: &str) -> Option<String> {
    let root = read(text)?;
    let value = text[root.at(from)?.span.clone()].to_owned();
    let inside = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    if inside(from, to) {
        return Some(splice(text, root.at(to)?.span.clone(), &value));
    }
    if inside(to, from) {
        let steps = to[from.len() + 1..].split('/').rev().map(|s| s.replace("~1", "/").replace("~0", "~"));
        let wrapped = steps.fold(value, |inner, step| format!("{{{}: {inner}}}", Value::String(step)));
        return Some(splice(text, root.at(from)?.span.clone(), &wrapped));
    }
    let mut text = remove(text, from)?;
    // An object that held nothing else was there for this field alone.
    let (above, _) = split(from)?;
    if !above.is_empty() && !inside(to, above) && read(&text)?.at(above).is_some_and(Node::is_empty) {
        text = remove(&text, above)?;
    }
    let (mut target, name) = split(to)?;
    let mut value = value;
    let mut name = name;
    // Objects on the way that are not there are made.
    while read(&text)?.at(target).is_none() {
        value = format!("{{{}: {value}}}", Value::String(name));
        (target, name) = split(target)?;
    }
    set(&text, &format!("{target}/{}", escape(&name)), &value)
}

impl Node {
    fn at(&self, pointer: &str) -> Option<&Self> {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let name = step.replace("~1", "/").replace("~0", "~");
            node = match &node.parts {
                Parts::Object(members) => &members.iter().find(|(_, n, _)| *n == name)?.2,
                Parts::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                Parts::None => return None,
            };
        }
        Some(node)
    }

    fn is_empty(&self) -> bool {
        matches!(&self.parts, Parts::Object(members) if members.is_empty())
    }
}

/// Reads a text that is known to be JSON.
fn read(text: &str) -> Option<Node> {
    Reader { text, at: 0 }.value(0)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        if depth > DEPTH_LIMIT {
            return None;
        }
        let first = self.peek()?;
        let start = self.at;
        let parts = match first {
            b'{' => {
                self.at += 1;
                let mut members = Vec::new();
                while !self.take(b'}') {
                    self.take(b',');
                    self.peek()?;
                    let span = self.string()?;
                    let name = serde_json::from_str(&self.text[span.clone()]).ok()?;
                    if !self.take(b':') {
                        return None;
                    }
                    members.push((span, name, self.value(depth + 1)?));
                }
                Parts::Object(members)
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.take(b']') {
                    self.take(b',');
                    items.push(self.value(depth + 1)?);
                }
                Parts::Array(items)
            }
            b'"' => {
                self.string()?;
                Parts::None
            }
            _ => {
                let rest = &self.text[start..];
                let end = rest.find(|c: char| matches!(c, ',' | '}' | ']') || c.is_ascii_whitespace());
                let length = end.unwrap_or(rest.len());
                if length == 0 {
                    return None;
                }
                self.at += length;
                Parts::None
            }
        };
        Some(Node { span: start..self.at, parts })
    }

    fn string(&mut self) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        if bytes.get(start) != Some(&b'"') {
            return None;
        }
        let mut at = start + 1;
        loop {
            match bytes.get(at)? {
                b'\\' => at += 2,
                b'"' => break,
                _ => at += 1,
            }
        }
        self.at = at + 1;
        Some(start..self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::apply;
    use firstfault_model::contract::Edit;

    const TEXT: &str = "{\n  \"a\": 1,\n  \"b\": {\"c\": [1, 2], \"d\": \"x\\\"y\"}\n}\n";

    fn changed(edit: &Edit) -> String {
        apply(TEXT, edit).unwrap_or_default()
    }

    #[test]
    fn the_rest_of_a_text_stays_as_it_is_written() {
        let text = String::from;
        assert_eq!(changed(&Edit::RenameField(text("/b/c"), text("cc"))), TEXT.replace("\"c\"", "\"cc\""));
        assert_eq!(changed(&Edit::SetField(text("/b/c/1"), text("true"))), TEXT.replace("[1, 2]", "[1, true]"));
        assert_eq!(changed(&Edit::SetField(text("/e"), text("5"))), TEXT.replace("}\n}", "},\n  \"e\": 5\n}"));
        assert_eq!(changed(&Edit::RemoveField(text("/a"))), TEXT.replace("\"a\": 1,\n  ", ""));
        assert_eq!(changed(&Edit::RemoveField(text("/b/d"))), TEXT.replace(", \"d\": \"x\\\"y\"", ""));
        assert_eq!(changed(&Edit::RemoveField(text("/b/c/0"))), TEXT.replace("1, 2", "2"));
        assert_eq!(
            changed(&Edit::MoveField(text("/a"), text("/b/a"))),
            "{\n  \"b\": {\"c\": [1, 2], \"d\": \"x\\\"y\", \"a\": 1}\n}\n"
        );
        assert_eq!(changed(&Edit::MoveField(text("/b"), text(""))), "{\"c\": [1, 2], \"d\": \"x\\\"y\"}\n");
        assert_eq!(changed(&Edit::MoveField(text("/a"), text("/a/z"))), TEXT.replace("\"a\": 1", "\"a\": {\"z\": 1}"));
        assert_eq!(changed(&Edit::RemoveField(text("/nothing"))), "");
    }

    #[test]
    fn a_moved_field_takes_its_empty_wrapper_with_it_and_makes_objects_on_its_way() {
        let edit = Edit::MoveField("/w/a".to_owned(), "/x/y/a".to_owned());
        assert_eq!(apply(r#"{"w":{"a":1},"k":2}"#, &edit).as_deref(), Some(r#"{"k":2, "x":{"y": {"a": 1}}}"#));
    }
}

//! The shape of an XML body: paths of elements and attributes, types and lengths, never values.
//!
//! Not a parser: no entity is resolved, nothing is fetched, broken input gives the shape of what was read. Of elements with
//! one path, the first stands for the others.

use crate::shape::kind_of;
use std::collections::BTreeSet;

/// The most levels that are gone down.
const DEPTH: usize = 24;
/// The most paths that are told.
const PATHS: usize = 1_000;

/// An element that is open.
struct Open {
    path: String,
    text: String,
    children: usize,
    /// Where its own line stands among those that are told.
    at: usize,
    attributes: Vec<(String, &'static str, usize)>,
}

/// Tells the path, type and length of each element and attribute, a parent before its children.
pub(crate) fn of(text: &str, tell: &mut dyn FnMut(&str, &str, Option<usize>)) {
    let mut open: Vec<Open> = Vec::new();
    let mut told: Vec<Option<(String, &'static str, usize)>> = Vec::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        if let Some(last) = open.last_mut() {
            last.text.push_str(rest[..at].trim());
        }
        rest = &rest[at..];
        if let Some(data) = rest.strip_prefix("<![CDATA[") {
            let end = data.find("]]>").unwrap_or(data.len());
            if let Some(last) = open.last_mut() {
                last.text.push_str(&data[..end]);
            }
            rest = data.get(end + 3..).unwrap_or_default();
            continue;
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let Some(end) = tag_end(rest) else { break };
        let tag = &rest[1..end];
        rest = &rest[end + 1..];
        if tag.starts_with(['?', '!']) {
            continue;
        }
        if tag.starts_with('/') {
            if let Some(done) = open.pop() {
                close(done, &mut told);
            }
            continue;
        }
        let (tag, alone) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if name.is_empty() || open.len() >= DEPTH || known.len() >= PATHS {
            break;
        }
        let path = format!("{}/{name}", open.last().map_or("", |parent| &parent.path));
        if let Some(parent) = open.last_mut() {
            parent.children += 1;
        }
        let fresh = known.insert(path.clone());
        // What was told before is not told again, but its end must be found.
        let at = if fresh { told.len() } else { usize::MAX };
        let attributes = if fresh { attributes_of(attributes) } else { Vec::new() };
        if fresh {
            told.extend(std::iter::repeat_n(None, attributes.len() + 1));
        }
        let element = Open { path, text: String::new(), children: 0, at, attributes };
        if alone {
            close(element, &mut told);
        } else {
            open.push(element);
        }
    }
    while let Some(done) = open.pop() {
        close(done, &mut told);
    }
    for (path, kind, length) in told.into_iter().flatten() {
        tell(&path, kind, Some(length));
    }
}

/// The end of a tag: its `>` outside of quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return Some(at),
            (b'"' | b'\'', None) => quote = Some(byte),
            (byte, Some(open)) if byte == open => quote = None,
            _ => {}
        }
    }
    None
}

/// Names of attributes with types and lengths of their values; namespaces are no fields.
fn attributes_of(text: &str) -> Vec<(String, &'static str, usize)> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some((name, value)) = rest.split_once('=') {
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else { break };
        let Some(end) = value[1..].find(quote) else { break };
        let inside = &value[1..=end];
        let name = name.trim();
        if name != "xmlns" && !name.starts_with("xmlns:") && out.len() < 20 {
            out.push((name.to_owned(), kind_of(inside), inside.chars().count()));
        }
        rest = value[end + 2..].trim_start();
    }
    out
}

fn close(element: Open, told: &mut [Option<(String, &'static str, usize)>]) {
    let Some(place) = told.get_mut(element.at..) else { return };
    let mut place = place.iter_mut();
    for (name, kind, length) in element.attributes {
        if let Some(slot) = place.next() {
            *slot = Some((format!("{}@{name}", element.path), kind, length));
        }
    }
    if let Some(slot) = place.next() {
        *slot = Some(if element.children > 0 {
            (element.path, "element", element.children)
        } else {
            let kind = kind_of(&element.text);
            (element.path, kind, element.text.chars().count())
        });
    }
}

//! Documents: text of JSON or YAML → values, with the line of every pointer, and where references lead.

mod json;
mod lines;
pub(crate) mod uri;
mod yaml;

pub(crate) use lines::unescape;

use crate::description::{Contract, SchemaRef};
use firstfault_model::contract::Mistake;
use lines::Lines;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// The largest document in bytes.
const DOCUMENT_LIMIT: usize = 128 << 20;
/// How deep values may stand in one another.
const DEPTH_LIMIT: usize = 200;
/// The most values of one document.
const VALUE_LIMIT: usize = 8_000_000;
/// How much of a text is shown where something else was expected.
const SHOWN: usize = 20;

/// A document as it is handed in.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// Its absolute URI: references in it are resolved against this.
    pub uri: &'a str,
    /// As the user named it.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Fetches what a description refers to.
pub trait Source {
    /// The text behind an absolute URI.
    ///
    /// # Errors
    /// Why it is not to be had, in one line.
    fn fetch(&mut self, uri: &str) -> Result<String, String>;
}

/// One document of a description.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Its absolute URI without a fragment: where it was fetched.
    pub uri: String,
    /// As the user named it, or relative to the first document.
    pub name: String,
    /// What it holds: once loaded, the same value as that of [`crate::Contract::schemas`], with its schemas in one
    /// dialect.
    pub value: Arc<Value>,
    lines: Lines,
    /// Whether aliases repeat values; these have no lines of their own.
    aliases: bool,
}

/// What does not parse: line and column from 1, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    line: u32,
    column: usize,
    message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            return f.write_str(&self.message);
        }
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

/// A text that was read.
struct Read {
    value: Value,
    lines: Lines,
    /// Pointers of names that an object has twice.
    twice: Vec<String>,
    aliases: bool,
}

impl Document {
    /// Reads JSON or YAML; with the document come the pointers of names that an object has twice (the last one counts).
    ///
    /// # Errors
    /// What does not parse, and where.
    pub(crate) fn read(given: Given<'_>) -> Result<(Self, Vec<String>), Fault> {
        let text = given.text.strip_prefix('\u{feff}').unwrap_or(given.text);
        if text.len() > DOCUMENT_LIMIT {
            let message = format!("expected at most {} MiB, got more", DOCUMENT_LIMIT >> 20);
            return Err(Fault { line: 0, column: 0, message });
        }
        let read = if is_json(text) { json::read(text)? } else { yaml::read(text)? };
        let document = Self {
            uri: uri::resolve(given.uri, "").0,
            name: given.name.to_owned(),
            value: Arc::new(read.value),
            lines: read.lines,
            aliases: read.aliases,
        };
        Ok((document, read.twice))
    }

    /// The line of a pointer, or of the nearest place around it; 0 when not even the root has one.
    pub(crate) fn line(&self, pointer: &str) -> u32 {
        self.lines.nearest(pointer).0
    }

    /// A pointer without the steps that stand only in the rewritten value.
    fn written<'p>(&self, pointer: &'p str) -> &'p str {
        if self.aliases { pointer } else { self.lines.nearest(pointer).1 }
    }
}

impl Contract {
    /// The line of a place in its file, from 1; 0 when not known.
    #[must_use]
    pub fn line(&self, at: &SchemaRef) -> u32 {
        self.documents.get(at.document).map_or(0, |document| document.line(&at.pointer))
    }

    /// A place as people write it: `crm.yaml#/paths/~1customers/post`.
    #[must_use]
    pub fn place(&self, at: &SchemaRef) -> String {
        let Some(document) = self.documents.get(at.document) else { return String::new() };
        format!("{}#{}", document.name, document.written(&at.pointer))
    }

    /// What was left out of schemas because it does not compile, as far as calls needed them.
    pub(crate) fn left_out(&self) -> Vec<Mistake> {
        let mut out: Vec<Mistake> = Vec::new();
        for (at, message) in self.schemas.problems() {
            let Some(document) = self.documents.get(at.document) else { continue };
            let pointer = document.written(&at.pointer).to_owned();
            let mistake = Mistake { file: document.name.clone(), line: self.line(&at), pointer, message };
            if !out.contains(&mistake) {
                out.push(mistake);
            }
        }
        out
    }
}

/// Whether a text is to be read as JSON: YAML may begin with a brace, too, but not with one and a quoted name.
fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    match text.as_bytes().first() {
        Some(b'{') => matches!(text[1..].trim_start().as_bytes().first(), None | Some(b'"' | b'}')),
        Some(b'[') => matches!(text[1..].trim_start().as_bytes().first(), None | Some(b'"' | b'{' | b'[' | b']')),
        _ => false,
    }
}

/// The beginning of a text as one harmless line, quoted.
fn show(text: &str) -> Cow<'_, str> {
    if text.is_empty() {
        return "the end".into();
    }
    let mut shown: String = text.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown.into()
}

/// Adds a step to a pointer.
pub(crate) fn join(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&escape(name));
}

/// A name as one step of a JSON Pointer.
#[must_use]
pub(crate) fn escape(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() }
}

impl SchemaRef {
    /// One step further in.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        let mut pointer = String::with_capacity(self.pointer.len() + name.len() + 1);
        pointer.push_str(&self.pointer);
        join(&mut pointer, name);
        Self { document: self.document, pointer }
    }
}

//! Documents: text of JSON or YAML → values, with the line of every pointer, and where references lead.

use crate::description::SchemaRef;
use serde_json::Value;
use std::borrow::Cow;

/// The largest document.
const DOCUMENT_LIMIT: usize = 256 << 20;

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
    /// Its absolute URI without a fragment.
    pub uri: String,
    /// As the user named it, or relative to the first document.
    pub name: String,
    /// Its text, for the lines of pointers.
    pub text: String,
    /// What it holds.
    pub value: Value,
}

impl Document {
    /// Reads JSON or YAML.
    ///
    /// # Errors
    /// What does not parse, as line (0 when not known) and message.
    pub fn read(given: Given<'_>) -> Result<Self, (u32, String)> {
        let text = given.text;
        if text.len() > DOCUMENT_LIMIT {
            return Err((0, format!("expected at most {} MiB, got more", DOCUMENT_LIMIT >> 20)));
        }
        let value = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|e| (u32::try_from(e.line()).unwrap_or(0), e.to_string()))?
        } else {
            serde_saphyr::from_str(text).map_err(|e| (0, e.to_string()))?
        };
        Ok(Self { uri: given.uri.to_owned(), name: given.name.to_owned(), text: text.to_owned(), value })
    }
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
        Self { document: self.document, pointer: format!("{}/{}", self.pointer, escape(name)) }
    }
}

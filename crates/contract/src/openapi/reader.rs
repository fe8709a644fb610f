//! Walking documents by their references, bounded, with every fault noted.

use crate::description::SchemaRef;
use crate::document::{Document, Given, Source, uri};
use crate::percent;
use firstfault_model::contract::Mistake;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// How many references may lead to one value.
const REFERENCE_LIMIT: usize = 32;
/// The most documents of one description.
const DOCUMENTS_LIMIT: usize = 5_000;
/// The most bytes of all documents.
const BYTES_LIMIT: usize = 256 << 20;
/// The most faults that are kept.
const MISTAKE_LIMIT: usize = 200;

/// The documents read so far and what is wrong with them.
pub(super) struct Reader<'s> {
    pub documents: Vec<Document>,
    /// What relative references of each document are resolved against: `$self` (OpenAPI 3.2) or its URI.
    bases: Vec<String>,
    /// Documents by their URIs.
    known: HashMap<String, usize>,
    /// Schemas by their identifiers, `$id`.
    identified: HashMap<String, SchemaRef>,
    /// The same the other way round.
    identifiers: HashMap<SchemaRef, String>,
    /// URIs that led to no document, and why.
    refused: HashMap<String, String>,
    bytes: usize,
    mistakes: BTreeSet<(SchemaRef, String)>,
    source: &'s mut dyn Source,
}

impl<'s> Reader<'s> {
    pub fn new(document: Document, twice: Vec<String>, source: &'s mut dyn Source) -> Self {
        let mut reader = Self {
            documents: Vec::new(),
            bases: Vec::new(),
            known: HashMap::new(),
            identified: HashMap::new(),
            identifiers: HashMap::new(),
            refused: HashMap::new(),
            bytes: 0,
            mistakes: BTreeSet::new(),
            source,
        };
        reader.add(document, twice);
        reader
    }

    /// The documents, and what is wrong with them by file and line.
    pub fn finish(self) -> (Vec<Document>, Vec<Mistake>) {
        let mut mistakes: Vec<(usize, Mistake)> = Vec::new();
        for (at, message) in self.mistakes {
            let Some(document) = self.documents.get(at.document) else { continue };
            let (file, line) = (document.name.clone(), document.line(&at.pointer));
            mistakes.push((at.document, Mistake { file, line, pointer: at.pointer, message }));
        }
        mistakes.sort_by_key(|(document, mistake)| (*document, mistake.line));
        mistakes.truncate(MISTAKE_LIMIT);
        (self.documents, mistakes.into_iter().map(|(_, mistake)| mistake).collect())
    }

    fn add(&mut self, document: Document, twice: Vec<String>) -> usize {
        let index = self.documents.len();
        let own =
            document.value.get("$self").and_then(Value::as_str).filter(|_| document.value.get("openapi").is_some());
        let base = own.map_or_else(|| document.uri.clone(), |own| uri::resolve(&document.uri, own).0);
        self.known.entry(base.clone()).or_insert(index);
        self.known.entry(document.uri.clone()).or_insert(index);
        self.bases.push(base);
        self.documents.push(document);
        for pointer in twice {
            let name = crate::document::unescape(pointer.rsplit('/').next().unwrap_or_default()).into_owned();
            let at = SchemaRef { document: index, pointer };
            self.mistake(&at, format!("expected each name once, got {name} twice: the last one counts"));
        }
        index
    }

    /// The document behind a URI.
    fn fetch(&mut self, uri: &str) -> Result<usize, String> {
        if let Some(known) = self.known.get(uri) {
            return Ok(*known);
        }
        if let Some(reason) = self.refused.get(uri) {
            return Err(reason.clone());
        }
        let found = self.fetch_new(uri);
        if let Err(reason) = &found {
            self.refused.insert(uri.to_owned(), reason.clone());
        }
        found
    }

    fn fetch_new(&mut self, uri: &str) -> Result<usize, String> {
        if self.documents.len() >= DOCUMENTS_LIMIT {
            return Err(format!("expected at most {DOCUMENTS_LIMIT} documents, got more"));
        }
        let name = self.name(uri);
        let text = self.source.fetch(uri).map_err(|reason| format!("expected a document at {name}: {reason}"))?;
        self.bytes = self.bytes.saturating_add(text.len());
        if self.bytes > BYTES_LIMIT {
            return Err(format!("expected at most {} MiB of documents, got more", BYTES_LIMIT >> 20));
        }
        let (document, twice) = Document::read(Given { uri, name: &name, text: &text })
            .map_err(|fault| format!("expected a document at {name}: {fault}"))?;
        Ok(self.add(document, twice))
    }

    /// What a document is called: like the first one, where it lies beside or below it, else its URI.
    fn name(&self, uri: &str) -> String {
        let Some(first) = self.documents.first() else { return uri.to_owned() };
        let folder = |path: &str| path.rfind('/').map_or(0, |at| at + 1);
        match uri.strip_prefix(&first.uri[..folder(&first.uri)]) {
            Some(rest) => format!("{}{}", &first.name[..folder(&first.name)], percent::decode(rest)),
            None => uri.to_owned(),
        }
    }

    /// Where a reference leads that is written in a document; `base` is that of a schema with an identifier.
    ///
    /// # Errors
    /// Why it leads nowhere.
    pub fn resolve(&mut self, document: usize, base: Option<&str>, reference: &str) -> Result<SchemaRef, String> {
        let (uri, fragment) = uri::resolve(base.unwrap_or(self.base(document)), reference);
        let mut target = if let Some(index) = self.known.get(&uri) {
            SchemaRef { document: *index, pointer: String::new() }
        } else if let Some(at) = self.identified.get(&uri) {
            at.clone()
        } else {
            SchemaRef { document: self.fetch_near(document, &uri, reference)?, pointer: String::new() }
        };
        let fragment = percent::decode(fragment);
        if fragment.is_empty() || fragment.starts_with('/') {
            target.pointer.push_str(&fragment);
        } else {
            let anchored = self.value(&target).and_then(|value| anchor(value, &fragment));
            let pointer = anchored.ok_or_else(|| format!("expected an anchor {fragment}, found none"))?;
            target.pointer.push_str(&pointer);
        }
        if self.value(&target).is_none() {
            return Err(format!("expected something at {reference}, found nothing"));
        }
        Ok(target)
    }

    /// Fetches what a reference names. What says that it lives elsewhere (`$self`, `$id`) mostly lies beside the file that
    /// refers to it.
    fn fetch_near(&mut self, document: usize, uri: &str, reference: &str) -> Result<usize, String> {
        let near = self.documents.get(document).map(|d| uri::resolve(&d.uri, reference).0).unwrap_or_default();
        if near != uri
            && !uri::is_absolute(reference)
            && let Ok(found) = self.fetch(&near)
        {
            return Ok(found);
        }
        self.fetch(uri)
    }

    /// What references of a document are relative to.
    pub fn base(&self, document: usize) -> &str {
        self.bases.get(document).map_or("", String::as_str)
    }

    /// Notes the identifier of a schema; of two, the first one counts.
    pub fn identify(&mut self, uri: String, at: SchemaRef) {
        self.identifiers.entry(at.clone()).or_insert_with(|| uri.clone());
        self.identified.entry(uri).or_insert(at);
    }

    /// The identifier of a schema.
    pub fn identifier(&self, at: &SchemaRef) -> Option<&String> {
        self.identifiers.get(at)
    }

    /// Whether a URI is the identifier of a schema.
    pub fn is_identifier(&self, uri: &str) -> bool {
        self.identified.contains_key(uri)
    }

    /// The URI of a place.
    pub fn uri(&self, at: &SchemaRef) -> String {
        let document = self.documents.get(at.document).map_or("", |d| d.uri.as_str());
        format!("{document}#{}", percent::fragment(&at.pointer))
    }

    /// The value at a place.
    pub fn value(&self, at: &SchemaRef) -> Option<&Value> {
        self.documents.get(at.document)?.value.pointer(&at.pointer)
    }

    /// The value at a place, to be changed.
    pub fn value_mut(&mut self, at: &SchemaRef) -> Option<&mut Value> {
        Arc::make_mut(&mut self.documents.get_mut(at.document)?.value).pointer_mut(&at.pointer)
    }

    /// Where a value really stands: behind its `$ref`, if it is one.
    pub fn follow(&mut self, at: SchemaRef) -> Option<SchemaRef> {
        let mut here = at.clone();
        for _ in 0..REFERENCE_LIMIT {
            let Some(reference) = self.value(&here)?.get("$ref") else { return Some(here) };
            let Some(reference) = reference.as_str() else {
                let message = format!("expected a reference as text, got {}", shown(reference));
                self.mistake(&here, message);
                return None;
            };
            let reference = reference.to_owned();
            match self.resolve(here.document, None, &reference) {
                Ok(next) => here = next,
                Err(message) => {
                    self.mistake(&here.child("$ref"), message);
                    return None;
                }
            }
        }
        self.mistake(&at, "expected a reference that ends, found a circle".to_owned());
        None
    }

    pub fn mistake(&mut self, at: &SchemaRef, message: String) {
        if self.mistakes.len() < MISTAKE_LIMIT * 4 {
            self.mistakes.insert((at.clone(), message));
        }
    }

    /// The names of an object at a place, in its order.
    pub fn names(&self, at: &SchemaRef) -> Vec<String> {
        self.value(at).and_then(Value::as_object).map(|o| o.keys().cloned().collect()).unwrap_or_default()
    }

    /// How many items a list at a place has.
    pub fn count(&self, at: &SchemaRef) -> usize {
        self.value(at).and_then(Value::as_array).map_or(0, Vec::len)
    }

    /// A text below a place.
    pub fn string(&self, at: &SchemaRef, name: &str) -> Option<String> {
        Some(self.value(at)?.get(name)?.as_str()?.to_owned())
    }

    /// A flag below a place; false when absent.
    pub fn flag(&self, at: &SchemaRef, name: &str) -> bool {
        self.value(at).and_then(|v| v.get(name)).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Whether there is something of that name below a place.
    pub fn has(&self, at: &SchemaRef, name: &str) -> bool {
        self.value(at).is_some_and(|v| v.get(name).is_some())
    }

    /// The texts of a list below a place; `None` when there is none.
    pub fn strings(&self, at: &SchemaRef, name: &str) -> Option<Vec<String>> {
        let list = self.value(at)?.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }
}

/// Where in a document a schema has an anchor of that name.
fn anchor(value: &Value, name: &str) -> Option<String> {
    let is = |key: &str| value.get(key).and_then(Value::as_str) == Some(name);
    let old = |key: &str| value.get(key).and_then(Value::as_str).and_then(|id| id.strip_prefix('#')) == Some(name);
    if is("$anchor") || is("$dynamicAnchor") || old("$id") || old("id") {
        return Some(String::new());
    }
    let below = |step: &str, value: &Value| anchor(value, name).map(|rest| format!("/{step}{rest}"));
    match value {
        Value::Object(object) => object.iter().find_map(|(step, value)| below(&crate::document::escape(step), value)),
        Value::Array(list) => list.iter().enumerate().find_map(|(step, value)| below(&step.to_string(), value)),
        _ => None,
    }
}

/// A value in a few words, for messages.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        other => {
            let text = other.to_string();
            if text.chars().count() > 60 { text.chars().take(60).chain(['…']).collect() } else { text }
        }
    }
}

//! Walking documents by their references, bounded, with every fault noted.

use crate::description::SchemaRef;
use crate::document::{Document, Source};
use firstfault_model::contract::Mistake;
use serde_json::Value;

/// How many references may lead to one value.
const REFERENCE_LIMIT: usize = 32;
/// The most faults that are kept.
const MISTAKE_LIMIT: usize = 200;

/// The documents read so far and what is wrong with them.
pub(super) struct Reader<'s> {
    pub documents: Vec<Document>,
    mistakes: Vec<Mistake>,
    #[expect(dead_code, reason = "references to other files come next")]
    source: &'s mut dyn Source,
}

impl<'s> Reader<'s> {
    pub fn new(document: Document, source: &'s mut dyn Source) -> Self {
        Self { documents: vec![document], mistakes: Vec::new(), source }
    }

    pub fn finish(self) -> (Vec<Document>, Vec<Mistake>) {
        (self.documents, self.mistakes)
    }

    /// The value at a place.
    pub fn value(&self, at: &SchemaRef) -> Option<&Value> {
        self.documents.get(at.document)?.value.pointer(&at.pointer)
    }

    /// A text of the first document.
    pub fn text(&self, pointer: &str) -> Option<String> {
        let at = SchemaRef { document: 0, pointer: pointer.to_owned() };
        match self.value(&at)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// Where a value really stands: behind its `$ref`, if it is one.
    pub fn follow(&mut self, at: SchemaRef) -> Option<SchemaRef> {
        let mut at = at;
        for _ in 0..REFERENCE_LIMIT {
            let Some(reference) = self.value(&at)?.get("$ref").and_then(Value::as_str) else { return Some(at) };
            let reference = reference.to_owned();
            let Some(pointer) = reference.strip_prefix('#') else {
                self.mistake(&at, format!("expected a reference within the document, got {reference}"));
                return None;
            };
            let next = SchemaRef { document: at.document, pointer: pointer.to_owned() };
            if self.value(&next).is_none() {
                self.mistake(&at, format!("expected something at {reference}, found nothing"));
                return None;
            }
            at = next;
        }
        self.mistake(&at, "expected a reference that ends, found a circle".to_owned());
        None
    }

    pub fn mistake(&mut self, at: &SchemaRef, message: String) {
        if self.mistakes.len() < MISTAKE_LIMIT {
            let file = self.documents.get(at.document).map(|d| d.name.clone()).unwrap_or_default();
            self.mistakes.push(Mistake { file, line: 0, pointer: at.pointer.clone(), message });
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
}

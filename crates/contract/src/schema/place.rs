//! Where references lead and where violations stand: URIs ↔ document and pointer.

use super::Schemas;
use crate::description::SchemaRef;
use crate::percent::decode;
use jsonschema::ValidationError;
use serde_json::Value;
use std::collections::HashMap;

impl Schemas {
    /// Where a reference leads that is written at a place: within the document, to another one by its URI, or to an
    /// identifier.
    pub(crate) fn resolve(&self, at: &SchemaRef, reference: &str) -> Option<SchemaRef> {
        if let Some(pointer) = reference.strip_prefix('#') {
            if pointer.is_empty() || pointer.starts_with('/') {
                return Some(SchemaRef { document: at.document, pointer: decode(pointer).into_owned() });
            }
            return self.by_uri(&format!("{}{reference}", self.documents.get(at.document)?.0));
        }
        if let Some(found) = self.by_uri(reference) {
            return Some(found);
        }
        let base = jsonschema::uri::from_str(&self.documents.get(at.document)?.0).ok()?;
        let full = jsonschema::uri::resolve_against(&base.borrow(), reference).ok()?;
        self.by_uri(full.as_str())
    }

    /// Where a reference leads that is written at a place, if anything is there.
    pub(crate) fn by_reference(&self, at: &SchemaRef, reference: &str) -> Option<SchemaRef> {
        self.resolve(at, reference).filter(|to| self.get(to).is_some())
    }

    /// The place that an absolute URI with a fragment names.
    pub(crate) fn by_uri(&self, uri: &str) -> Option<SchemaRef> {
        let (base, fragment) = uri.split_once('#').unwrap_or((uri, ""));
        let mut at = match self.documents.iter().position(|(known, _)| known == base) {
            Some(document) => SchemaRef { document, pointer: String::new() },
            None => self.identifiers().get(base)?.clone(),
        };
        if fragment.is_empty() || fragment.starts_with('/') {
            at.pointer.push_str(&decode(fragment));
            return Some(at);
        }
        self.identifiers().get(uri).cloned()
    }

    /// Schemas that have an identifier or an anchor, by absolute URI.
    fn identifiers(&self) -> &HashMap<String, SchemaRef> {
        self.identifiers.get_or_init(|| {
            let mut found = HashMap::new();
            for (document, (uri, value)) in self.documents.iter().enumerate() {
                let at = SchemaRef { document, pointer: String::new() };
                identify(value, uri, &at, &mut found);
            }
            found
        })
    }
}

fn identify(value: &Value, base: &str, at: &SchemaRef, found: &mut HashMap<String, SchemaRef>) {
    match value {
        Value::Object(object) => {
            let text = |name: &str| object.get(name).and_then(Value::as_str);
            let mut base = std::borrow::Cow::Borrowed(base);
            if let Some(id) = text("$id") {
                let full = jsonschema::uri::from_str(&base)
                    .ok()
                    .and_then(|b| jsonschema::uri::resolve_against(&b.borrow(), id).ok());
                if let Some(full) = full {
                    let full = full.as_str().trim_end_matches('#').to_owned();
                    found.entry(full.clone()).or_insert_with(|| at.clone());
                    base = full.into();
                }
            }
            for name in ["$anchor", "$dynamicAnchor"] {
                if let Some(anchor) = text(name) {
                    found.entry(format!("{base}#{anchor}")).or_insert_with(|| at.clone());
                }
            }
            for (name, value) in object {
                if value.is_object() || value.is_array() {
                    identify(value, &base, &at.child(name), found);
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                if value.is_object() || value.is_array() {
                    identify(value, base, &at.child(&index.to_string()), found);
                }
            }
        }
        _ => {}
    }
}

/// Where the keyword stands that a violation breaks; `None` when it is in no document of ours.
pub(crate) fn keyword(schemas: &Schemas, error: &ValidationError<'_>) -> Option<SchemaRef> {
    schemas.by_uri(error.absolute_keyword_location()?.as_str())
}

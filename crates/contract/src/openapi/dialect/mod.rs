//! Schemas of every dialect → JSON Schema 2020-12, at the same pointers, in all documents that references reach. What no
//! schema may have is taken out with a mistake, so that the rest compiles.

mod keywords;
mod loops;
mod null;
mod rewrite;

use super::reader::Reader;
use crate::description::{Contract, Form, Header, Media, Parameter, SchemaRef};
use crate::document::uri;
use crate::percent;
use rewrite::{Found, Walk};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What a schema is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dialect {
    Swagger2,
    OpenApi30,
    /// OpenAPI 3.1 and 3.2: JSON Schema 2020-12 with some words more.
    OpenApi31,
    Draft4,
    /// Drafts 6 and 7.
    Draft7,
    Draft2019,
    Draft2020,
}

impl Dialect {
    /// Whether it is one of JSON Schema alone, which is kept as it is.
    fn is_plain(self) -> bool {
        self >= Self::Draft4
    }

    /// Whether nullable, boolean limits and references without siblings make it another language than JSON Schema.
    fn is_old_openapi(self) -> bool {
        self <= Self::OpenApi30
    }
}

/// The dialect of JSON Schema that `$schema` names.
fn named(schema: &str) -> Option<Dialect> {
    let rest = schema.split_once("://json-schema.org/")?.1;
    Some(match rest.trim_end_matches('#').trim_end_matches("/schema") {
        "draft-03" | "draft-04" => Dialect::Draft4,
        "draft-06" | "draft-07" => Dialect::Draft7,
        "draft/2019-09" => Dialect::Draft2019,
        "draft/2020-12" | "schema" => Dialect::Draft2020,
        _ => return None,
    })
}

/// The dialect of a document: its own, or that of the one that refers to it.
fn dialect(document: &Value, form: Form) -> Dialect {
    if document.get("swagger").is_some() {
        return Dialect::Swagger2;
    }
    if let Some(version) = document.get("openapi") {
        let old = version.as_str().is_some_and(|v| v.starts_with("3.0"));
        return if old { Dialect::OpenApi30 } else { Dialect::OpenApi31 };
    }
    if let Some(named) = document.get("$schema").and_then(Value::as_str).and_then(named) {
        return named;
    }
    match form {
        Form::Swagger2 => Dialect::Swagger2,
        Form::OpenApi30 => Dialect::OpenApi30,
        Form::OpenApi31 | Form::OpenApi32 => Dialect::OpenApi31,
        Form::JsonSchema => Dialect::Draft2020,
    }
}

/// Rewrites every schema that the contract has or refers to.
pub(super) fn unify(reader: &mut Reader<'_>, contract: &Contract) {
    // The roots first: most references lead to them or into them. Identifiers are known only after a round, so that
    // references are followed between rounds.
    let mut waiting = roots(reader, contract);
    let mut rounds = Rounds::default();
    let mut edges = Vec::new();
    while !waiting.is_empty() {
        let references: Vec<_> = waiting.iter().flat_map(|at| rounds.rewrite(reader, contract.form, at)).collect();
        waiting.clear();
        for (found, dialect) in references {
            if let Some(target) = lead(reader, &found, dialect) {
                edges.push((found.at, target.clone()));
                waiting.push(target);
            }
        }
    }
    for at in rounds.nullable {
        null::add_branch(reader, &at);
    }
    loops::cut(reader, &edges);
}

/// What is known of all rounds.
#[derive(Default)]
struct Rounds {
    /// Pointers of schemas that are done, by document.
    done: Vec<HashSet<String>>,
    dialects: HashMap<usize, Dialect>,
    patterns: HashMap<String, bool>,
    nullable: Vec<SchemaRef>,
}

impl Rounds {
    /// Rewrites a schema, unless that is done, and returns the references in it.
    fn rewrite(&mut self, reader: &mut Reader<'_>, form: Form, at: &SchemaRef) -> Vec<(Found, Dialect)> {
        self.done.resize_with(reader.documents.len(), HashSet::new);
        let done = &mut self.done[at.document];
        if keywords::around(&at.pointer).any(|pointer| done.contains(pointer)) {
            return Vec::new();
        }
        let base = reader.base(at.document).to_owned();
        let Some(document) = reader.documents.get_mut(at.document) else { return Vec::new() };
        let dialect = *self.dialects.entry(at.document).or_insert_with(|| dialect(&document.value, form));
        let Some(value) = Arc::make_mut(&mut document.value).pointer_mut(&at.pointer) else { return Vec::new() };
        let mut walk = Walk::new(dialect, at.clone(), base, done, &mut self.patterns);
        if dialect == Dialect::Swagger2 && value.get("in").is_some_and(Value::is_string) {
            walk.parameter(value);
        }
        walk.schema(value);
        let Walk { mistakes, references, identified, nullable, .. } = walk;
        self.nullable.extend(nullable);
        identified.into_iter().for_each(|(uri, at)| reader.identify(uri, at));
        done.insert(at.pointer.clone());
        for (at, message) in mistakes {
            reader.mistake(&at, message);
        }
        references.into_iter().map(|found| (found, dialect)).collect()
    }
}

/// Where a reference of a schema leads. One that leads nowhere is taken out with a mistake; one that the validator would not
/// understand is written as the URI of the place.
fn lead(reader: &mut Reader<'_>, found: &Found, dialect: Dialect) -> Option<SchemaRef> {
    let is_standard = |uri: &str| uri.contains("://json-schema.org/") || uri.contains("://spec.openapis.org/oas/");
    if is_standard(&found.reference) || found.base.as_deref().is_some_and(is_standard) {
        return None;
    }
    let base = found.base.as_deref();
    let own = reader.base(found.at.document).to_owned();
    let (meant, fragment) = uri::resolve(base.unwrap_or(&own), &found.reference);
    let mut by_identifier = reader.is_identifier(&meant);
    let mut resolved = reader.resolve(found.at.document, base, &found.reference);
    if resolved.is_err() && base.is_some() && !dialect.is_plain() {
        // A schema that has an identifier and refers to the document around it means the document.
        resolved = reader.resolve(found.at.document, None, &found.reference);
        by_identifier = false;
    }
    match resolved {
        // The validator knows identifiers, and dynamic references need them.
        Ok(target) if by_identifier => {
            if let Some(Value::String(reference)) =
                reader.value_mut(&found.at.child("$ref")).filter(|_| !dialect.is_plain())
            {
                *reference = if fragment.is_empty() { meant } else { format!("{meant}#{fragment}") };
            }
            Some(target)
        }
        Ok(target) => {
            let here = target.document == found.at.document;
            let written = if let Some(identifier) = reader.identifier(&target) {
                // Entered by its identifier, a schema is part of the dynamic scope.
                identifier.clone()
            } else if here && base.is_none() {
                format!("#{}", percent::fragment(&target.pointer))
            } else {
                reader.uri(&target)
            };
            let understood = if dialect.is_plain() {
                here || reader.documents.get(target.document).is_some_and(|d| d.uri == meant)
            } else {
                written == found.reference
            };
            if !understood && let Some(Value::String(reference)) = reader.value_mut(&found.at.child("$ref")) {
                *reference = written;
            }
            Some(target)
        }
        Err(message) => {
            let uncertain = dialect.is_plain() && base.is_some() && found.reference.starts_with('#');
            if !uncertain {
                reader.mistake(&found.at.child("$ref"), message);
                take_out(reader, &found.at);
            }
            None
        }
    }
}

/// Takes the reference of a schema out.
fn take_out(reader: &mut Reader<'_>, at: &SchemaRef) {
    if let Some(Value::Object(schema)) = reader.value_mut(at) {
        schema.remove("$ref");
    }
}

/// Every schema that operations use, and the named ones of the first document.
fn roots(reader: &Reader<'_>, contract: &Contract) -> Vec<SchemaRef> {
    let mut out: Vec<SchemaRef> = contract.whole.iter().cloned().collect();
    let root = SchemaRef::default();
    if contract.form != Form::JsonSchema {
        for place in [root.child("components").child("schemas"), root.child("definitions")] {
            out.extend(reader.names(&place).iter().map(|name| place.child(name)));
        }
    }
    for operation in &contract.operations {
        operation.parameters.iter().for_each(|parameter| of_parameter(&mut out, parameter));
        operation.body.iter().for_each(|body| of_content(&mut out, &body.content));
        for response in &operation.responses {
            of_content(&mut out, &response.content);
            out.extend(response.headers.iter().filter_map(|header: &Header| header.schema.clone()));
        }
    }
    out
}

fn of_parameter(out: &mut Vec<SchemaRef>, parameter: &Parameter) {
    out.extend(parameter.schema.clone());
    of_content(out, parameter.content.as_slice());
}

fn of_content(out: &mut Vec<SchemaRef>, content: &[Media]) {
    for media in content {
        out.extend(media.schema.clone());
        out.extend(media.item_schema.clone());
    }
}

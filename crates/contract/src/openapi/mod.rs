//! Descriptions of every version → [`Contract`].

mod content;
mod dialect;
mod parameters;
mod paths;
mod reader;
mod security;
mod servers;
mod swagger;

use crate::description::{Contract, Form, SchemaRef};
use crate::document::{Document, Given, Source};
use crate::schema::Schemas;
use reader::Reader;
use serde_json::Value;
use std::sync::Arc;

/// Loads a description as far as it goes; its faults are in [`Contract::mistakes`].
///
/// # Errors
/// Why nothing of it can be used, in one line: it does not parse, or it is no description at all.
pub fn load(given: Given<'_>, source: &mut dyn Source) -> Result<Contract, String> {
    let (document, twice) = Document::read(given).map_err(|fault| format!("{}: {fault}", given.name))?;
    let form = form(&document.value).map_err(|message| format!("{}: {message}", given.name))?;
    let mut reader = Reader::new(document, twice, source);
    let mut contract = Contract {
        form,
        title: text(&reader, "/info/title").unwrap_or_else(|| given.name.to_owned()),
        version: text(&reader, "/info/version").unwrap_or_default(),
        servers: Vec::new(),
        operations: Vec::new(),
        schemes: std::collections::BTreeMap::new(),
        documents: Vec::new(),
        schemas: Schemas::default(),
        whole: None,
        mistakes: Vec::new(),
        routes: std::sync::OnceLock::new(),
    };
    if form == Form::JsonSchema {
        contract.whole = Some(SchemaRef::default());
    } else {
        paths::read(&mut reader, &mut contract);
    }
    dialect::unify(&mut reader, &contract);
    (contract.documents, contract.mistakes) = reader.finish();
    let values = contract.documents.iter_mut().map(|d| (d.uri.clone(), std::mem::take(&mut d.value)));
    contract.schemas = Schemas::new(values.collect());
    for (document, (_, value)) in contract.documents.iter_mut().zip(&contract.schemas.documents) {
        document.value = Arc::clone(value);
    }
    Ok(contract)
}

/// A text or number of the first document.
fn text(reader: &Reader<'_>, pointer: &str) -> Option<String> {
    match reader.value(&SchemaRef { document: 0, pointer: pointer.to_owned() })? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The language that a document is written in.
///
/// # Errors
/// What was expected, when it is none that is known.
fn form(value: &Value) -> Result<Form, String> {
    let Some(object) = value.as_object() else {
        return Err(format!("expected an OpenAPI description or a JSON Schema, got {}", reader::shown(value)));
    };
    let version = |name: &str| match object.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        // `swagger: 2.0` without quotes is a number in YAML.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(version) = version("openapi") {
        return match version.split('.').take(2).collect::<Vec<_>>()[..] {
            ["3", "0"] => Ok(Form::OpenApi30),
            ["3", "1"] => Ok(Form::OpenApi31),
            ["3", _] => Ok(Form::OpenApi32),
            _ => Err(format!("expected OpenAPI 3.0, 3.1 or 3.2, got {version}")),
        };
    }
    if let Some(version) = version("swagger").or_else(|| version("swaggerVersion")) {
        return match version.as_str() {
            "2.0" | "2" => Ok(Form::Swagger2),
            _ => Err(format!("expected Swagger 2.0, got {version}")),
        };
    }
    let schema = ["$schema", "$ref", "$defs", "definitions", "type", "properties", "allOf", "oneOf", "anyOf", "enum"];
    let is_schema = schema.iter().any(|name| object.contains_key(*name));
    let neither = "expected an OpenAPI description or a JSON Schema, found neither openapi, swagger, $schema nor type";
    is_schema.then_some(Form::JsonSchema).ok_or_else(|| neither.to_owned())
}

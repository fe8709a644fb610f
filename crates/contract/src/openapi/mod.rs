//! Descriptions of every version → [`Contract`].

mod operations;
mod reader;

use crate::description::{Contract, Form, SchemaRef};
use crate::document::{Document, Given, Source};
use crate::schema::Schemas;
use firstfault_model::contract::Mistake;
use reader::Reader;
use serde_json::Value;

/// Loads a description as far as it goes; its faults are in [`Contract::mistakes`].
///
/// # Errors
/// Why nothing of it can be used, in one line: it does not parse, or it is no description at all.
pub fn load(given: Given<'_>, source: &mut dyn Source) -> Result<Contract, String> {
    let document = Document::read(given).map_err(|(line, message)| {
        if line == 0 { format!("{}: {message}", given.name) } else { format!("{}, line {line}: {message}", given.name) }
    })?;
    let form = form(&document.value).ok_or_else(|| {
        format!(
            "{}: expected an OpenAPI description or a JSON Schema, found neither openapi, swagger, $schema nor type",
            given.name
        )
    })?;
    let mut reader = Reader::new(document, source);
    let mut contract = Contract {
        form,
        title: reader.text("/info/title").unwrap_or_else(|| given.name.to_owned()),
        version: reader.text("/info/version").unwrap_or_default(),
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
        operations::read(&mut reader, &mut contract);
    }
    let (documents, mistakes): (Vec<Document>, Vec<Mistake>) = reader.finish();
    contract.schemas = Schemas::new(documents.iter().map(|d| (d.uri.clone(), d.value.clone())).collect());
    contract.documents = documents;
    contract.mistakes = mistakes;
    Ok(contract)
}

/// The language that a document is written in.
fn form(value: &Value) -> Option<Form> {
    let object = value.as_object()?;
    let version = |name: &str| match object.get(name) {
        Some(Value::String(text)) => Some(text.clone()),
        // `swagger: 2.0` without quotes is a number in YAML.
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    if let Some(version) = version("openapi") {
        return Some(match version.split('.').take(2).collect::<Vec<_>>()[..] {
            ["3", "0"] => Form::OpenApi30,
            ["3", "1"] => Form::OpenApi31,
            _ => Form::OpenApi32,
        });
    }
    if version("swagger").is_some() {
        return Some(Form::Swagger2);
    }
    let schema = ["$schema", "$ref", "$defs", "definitions", "type", "properties", "allOf", "oneOf", "anyOf", "enum"];
    schema.iter().any(|name| object.contains_key(*name)).then_some(Form::JsonSchema)
}

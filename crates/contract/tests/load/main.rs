//! Descriptions of every version, of one file and of several, with and without mistakes, read into one contract.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod dialects;
mod mistakes;
mod references;
mod servers;
mod swagger;
mod texts;

use firstfault_contract::{Contract, Given, Operation, SchemaRef, Source, load};
use firstfault_model::contract::Half;
use serde_json::Value;
use std::collections::BTreeMap;

/// Files by URI; everything else is refused.
#[derive(Default)]
struct Files(BTreeMap<String, String>);

impl Files {
    fn of(files: &[(&str, &str)]) -> Self {
        Self(files.iter().map(|(name, text)| (format!("file:///api/{name}"), (*text).to_owned())).collect())
    }
}

impl Source for Files {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        self.0.get(uri).cloned().ok_or_else(|| "there is no such file".to_owned())
    }
}

fn read(text: &str) -> Contract {
    read_with(text, &[])
}

fn read_with(text: &str, files: &[(&str, &str)]) -> Contract {
    load(Given { uri: "file:///api/crm.yaml", name: "specs/crm.yaml", text }, &mut Files::of(files)).unwrap()
}

fn refused(text: &str) -> String {
    load(Given { uri: "file:///api/crm.yaml", name: "crm.yaml", text }, &mut Files::default()).unwrap_err()
}

/// Mistakes as `file:line message`.
fn mistakes(contract: &Contract) -> Vec<String> {
    contract.mistakes.iter().map(|m| format!("{}:{} {}", m.file, m.line, m.message)).collect()
}

fn operation<'c>(contract: &'c Contract, name: &str) -> &'c Operation {
    contract.operations.iter().find(|o| o.name() == name).unwrap()
}

/// The schema of what an operation takes.
fn taken(contract: &Contract, name: &str) -> SchemaRef {
    operation(contract, name).body.as_ref().unwrap().content[0].schema.clone().unwrap()
}

fn valid(contract: &Contract, at: &SchemaRef, value: &Value) -> bool {
    contract.schemas.valid(at, Half::Request, value)
}

/// A description of OpenAPI with one named schema.
fn with_schema(version: &str, schema: &str) -> Contract {
    read(&format!(
        "openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    Thing:\n{}",
        schema.lines().map(|line| format!("      {line}\n")).collect::<String>()
    ))
}

fn thing() -> SchemaRef {
    SchemaRef { document: 0, pointer: "/components/schemas/Thing".to_owned() }
}

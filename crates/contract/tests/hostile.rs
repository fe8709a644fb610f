//! Descriptions made to harm: each ends in a clear error or a mistake, soon and in bounded memory.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use firstfault_contract::{Contract, Given, SchemaRef, Source, load};
use firstfault_model::contract::Half;
use serde_json::json;
use std::fmt::Write;
use std::time::{Duration, Instant};

/// How long anything here may take; measured values are a tenth of it without optimisation.
const SOON: Duration = Duration::from_secs(5);

/// Answers every fetch with a document that refers to another new one.
#[derive(Default)]
struct Endless(usize);

impl Source for Endless {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        if uri.starts_with("http") {
            return Err("remote references are not followed".to_owned());
        }
        self.0 += 1;
        Ok(format!("{{\"properties\": {{\"a\": {{\"$ref\": \"{}.json\"}}}}}}", self.0))
    }
}

fn read(text: &str) -> Result<Contract, String> {
    let start = Instant::now();
    let loaded = load(Given { uri: "file:///api/crm.yaml", name: "crm.yaml", text }, &mut Endless::default());
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    loaded
}

fn refused(text: &str) -> String {
    read(text).map(|_| "it loaded").unwrap_err()
}

/// A description of named schemas.
fn with(schemas: &str) -> Contract {
    read(&format!("{{\"openapi\": \"3.1.0\", \"paths\": {{}}, \"components\": {{\"schemas\": {{{schemas}}}}}}}"))
        .unwrap()
}

fn named(name: &str) -> SchemaRef {
    SchemaRef { document: 0, pointer: format!("/components/schemas/{name}") }
}

/// Holds a value against a schema and expects an answer soon.
fn judged(contract: &Contract, name: &str, value: &serde_json::Value) -> bool {
    let start = Instant::now();
    let valid = contract.schemas.valid(&named(name), Half::Request, value);
    let _ = contract.schemas.violations(&named(name), Half::Request, value);
    assert!(start.elapsed() < SOON, "took {:?}", start.elapsed());
    valid
}

#[test]
fn nesting_is_bounded() {
    for text in [
        format!("{{\"type\": {}", "[".repeat(10_000)),
        format!("{{\"type\": {}{}}}", "{\"a\":".repeat(10_000), "}".repeat(10_000)),
        format!("type: {}", "[".repeat(10_000)),
        (0..10_000).fold(String::new(), |mut out, i| {
            let _ = writeln!(out, "{}a:", " ".repeat(i.min(400)));
            out
        }),
        format!("a: {}b", "- ".repeat(10_000)),
    ] {
        let message = refused(&text);
        assert!(message.starts_with("crm.yaml: line "), "{message}");
    }
    assert_eq!(
        refused(&format!("{{\"type\": {}", "[".repeat(10_000))),
        "crm.yaml: line 1, column 209: expected at most 200 levels of nesting, got more"
    );
}

#[test]
fn aliases_are_bounded() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for i in 1..12 {
        let aliases = vec![format!("*a{}", i - 1); 10].join(", ");
        let _ = writeln!(bomb, "a{i}: &a{i} [{aliases}]");
    }
    let message = refused(&bomb);
    assert!(message.ends_with("expected aliases that repeat at most 1000000 values, got more"), "{message}");
    let message = refused("a: &a [*a]");
    assert!(message.ends_with("expected an alias of something complete, got one within its own"), "{message}");
    let merges = "a: &a {<<: *a}";
    assert!(refused(merges).contains("within its own"));
}

#[test]
fn references_that_grow_are_cut() {
    for (combine, value) in [("allOf", json!("s")), ("anyOf", json!(5)), ("oneOf", json!(5))] {
        let mut schemas = String::new();
        for i in 0..40 {
            let reference = format!("{{\"$ref\": \"#/components/schemas/A{}\"}}", i + 1);
            let _ = write!(schemas, "\"A{i}\": {{\"{combine}\": [{reference}, {reference}, {reference}]}}, ");
        }
        let contract = with(&format!("{schemas}\"A40\": {{\"type\": \"string\"}}"));
        let cut = contract.mistakes.iter().filter(|m| m.message.contains("expand to at most 10000 schemas")).count();
        assert!(cut > 0, "{combine}: {:?}", contract.mistakes);
        judged(&contract, "A0", &value);
    }
}

#[test]
fn long_rows_of_references_are_cut() {
    let mut schemas = String::new();
    for i in 0..10_000 {
        let _ = write!(schemas, "\"A{i}\": {{\"$ref\": \"#/components/schemas/A{}\"}}, ", i + 1);
    }
    let contract = with(&format!("{schemas}\"A10000\": {{\"type\": \"string\"}}"));
    assert!(
        contract.mistakes[0].message.starts_with("expected at most 400 references in a row"),
        "{:?}",
        contract.mistakes[0]
    );
    judged(&contract, "A0", &json!(5));
    let mut schemas = String::new();
    for i in 0..5_000 {
        let _ = write!(
            schemas,
            "\"A{i}\": {{\"properties\": {{\"a\": {{\"$ref\": \"#/components/schemas/A{}\"}}}}}}, ",
            i + 1
        );
    }
    let contract = with(&format!("{schemas}\"A5000\": {{\"type\": \"string\"}}"));
    assert_eq!(contract.mistakes, []);
    judged(&contract, "A0", &json!({"a": {"a": {}}}));
}

#[test]
fn circles_of_every_kind_end() {
    let contract = with(
        r##""A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"},
        "C": {"not": {"$ref": "#/components/schemas/C"}},
        "D": {"anyOf": [{"$ref": "#/components/schemas/D"}, {"$ref": "#/components/schemas/D"}]},
        "E": {"if": {"$ref": "#/components/schemas/E"}, "then": {"$ref": "#/components/schemas/E"}},
        "F": {"$ref": "#/components/schemas/F/$ref"},
        "G": {"properties": {"a": {"$ref": "#/components/schemas/G/properties/a"}}}"##,
    );
    for name in ["A", "B", "C", "D", "E", "F", "G"] {
        judged(&contract, name, &json!({"a": 1}));
    }
    let circles = contract.mistakes.iter().filter(|m| m.message.contains("circle")).count();
    assert_eq!(circles, 2, "{:?}", contract.mistakes);
}

#[test]
fn remote_and_endless_documents_are_bounded() {
    let contract = with(r#""A": {"$ref": "https://example.com/a.json"}, "B": {"type": "string"}"#);
    let message = "expected a document at https://example.com/a.json: remote references are not followed";
    assert_eq!(contract.mistakes.iter().map(|m| m.message.as_str()).collect::<Vec<_>>(), [message]);
    assert!(!judged(&contract, "B", &json!(5)));
    let contract = with(r#""A": {"$ref": "0.json"}"#);
    let last = &contract.mistakes[0];
    assert_eq!(last.message, "expected at most 5000 documents, got more");
    assert_eq!(contract.documents.len(), 5000);
}

#[test]
fn strange_texts_are_refused_or_read() {
    assert!(refused("{\"type\": \u{0}}").ends_with("expected a value, got \\0}"));
    assert!(refused("{\"ty\u{0}pe\": 1}").contains("column 5"));
    let name = "k".repeat(5 << 20);
    let contract = read(&format!("{{\"type\": \"object\", \"properties\": {{\"{name}\": {{\"type\": 5}}}}}}")).unwrap();
    assert_eq!(contract.mistakes[0].message, "expected a type by its name, got 5");
    let text = "x".repeat(1 << 20);
    let contract = read(&format!("type: object\npattern: ({text}\nminimum: {text}\n")).unwrap();
    assert_eq!(contract.mistakes.len(), 2);
    assert!(contract.mistakes.iter().all(|m| m.message.len() < 200));
    let digits = "9".repeat(1 << 20);
    assert!(read(&format!("{{\"type\": \"object\", \"maximum\": {digits}}}")).is_err());
    assert!(read(&format!("type: object\nmaximum: {digits}\n")).is_ok());
}

#[test]
fn many_values_and_mistakes_are_bounded() {
    let message = refused(&format!("{{\"type\": [{}1]}}", "1,".repeat(8_000_000)));
    assert!(message.ends_with("expected at most 8000000 values, got more"), "{message}");
    let mut schemas = String::new();
    for i in 0..20_000 {
        let _ = write!(schemas, "\"A{i}\": {{\"type\": \"int\"}}, ");
    }
    assert_eq!(with(&format!("{schemas}\"B\": {{}}")).mistakes.len(), 200);
    // The same place from everywhere, and every place of one deep schema.
    let mut schemas = String::new();
    for i in 0..150 {
        let _ = write!(schemas, "\"R{i}\": {{\"$ref\": \"#/components/schemas/A{}\"}}, ", "/items".repeat(i));
    }
    let contract =
        with(&format!("{schemas}\"A\": {}{}", "{\"items\": ".repeat(150) + "{\"type\": \"int\"}", "}".repeat(150)));
    assert_eq!(contract.mistakes.len(), 1);
}

#[test]
fn expensive_regular_expressions_are_taken_out() {
    let contract = with(r#""A": {"pattern": "((((a{1,100}){1,100}){1,100}){1,100}){1,100}", "maxLength": 3}"#);
    assert!(!judged(&contract, "A", &json!("aaaaaaaa")));
}

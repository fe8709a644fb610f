//! What changed between two descriptions: pairs of fragments, each with what the rules of oasdiff say of it, and where
//! this tool says something else, that and why. `published` was held against oasdiff itself once (docs/contract-diff.md).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod calls;
mod documented;
mod large;
mod order;

use firstfault_contract::{Contract, Given, Source, diff, load};
use firstfault_model::contract::{Difference, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PAIRS: [(&str, &str); 5] = [
    ("requests.yaml", include_str!("requests.yaml")),
    ("responses.yaml", include_str!("responses.yaml")),
    ("parameters.yaml", include_str!("parameters.yaml")),
    ("operations.yaml", include_str!("operations.yaml")),
    ("quiet.yaml", include_str!("quiet.yaml")),
];

/// A time in 2027, in milliseconds since the Unix epoch.
const NOW: i64 = 1_800_000_000_000;

struct Alone;

impl Source for Alone {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("{uri}: no other documents here"))
    }
}

fn contract(name: &str, text: &str) -> Contract {
    let uri = format!("file:///{name}");
    load(Given { uri: &uri, name, text }, &mut Alone).unwrap()
}

fn difference(old: &Value, new: &Value) -> Difference {
    let (old, new) = (contract("old.json", &old.to_string()), contract("new.json", &new.to_string()));
    assert!(old.mistakes.is_empty() && new.mistakes.is_empty(), "{:?} {:?}", old.mistakes, new.mistakes);
    diff(&old, &new, Some(NOW))
}

fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().unwrap() {
        into[key] = value.clone();
    }
}

/// A description around a fragment.
fn document(pair: &Value, fragment: &Value) -> Value {
    let mut operation = json!({"responses": {"200": {"description": "done"}}});
    let mut path = "/things";
    let (mut others, mut rest) = (json!({}), json!({}));
    let mut item = json!({});
    match pair["in"].as_str().unwrap() {
        "request" => operation["requestBody"] = json!({"content": {"application/json": {"schema": fragment}}}),
        "form" => {
            operation["requestBody"] = json!({"content": {"application/x-www-form-urlencoded": {"schema": fragment}}});
        }
        "response" => operation["responses"]["200"]["content"] = json!({"application/json": {"schema": fragment}}),
        "parameters" => {
            path = "/things/{id}";
            let mut all = vec![json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}})];
            all.extend(fragment.as_array().unwrap().iter().cloned());
            operation["parameters"] = Value::Array(all);
        }
        "operation" => merge(&mut operation, fragment),
        "item" => item = fragment.clone(),
        "paths" => others = fragment.clone(),
        "document" => rest = fragment.clone(),
        other => panic!("no place is called {other}"),
    }
    item["post"] = operation;
    let mut paths = json!({});
    paths[path] = item;
    merge(&mut paths, &others);
    let mut whole = json!({
        "openapi": pair["openapi"].as_str().unwrap_or("3.0.3"),
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {
                "Base": {"type": "object", "properties": {"name": {"type": "string"}}},
                "Cat": {"type": "object", "properties": {"meow": {"type": "string"}}},
                "Dog": {"type": "object", "required": ["bark"], "properties": {"bark": {"type": "string"}}},
                "Tree": {
                    "type": "object",
                    "properties": {"children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
                },
            },
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
                "o": {"type": "oauth2", "flows": {"clientCredentials": {
                    "tokenUrl": "https://a.example/t", "scopes": {"read": "r", "write": "w"},
                }}},
            },
        },
    });
    merge(&mut whole, &rest);
    whole
}

fn listed(value: &Value) -> Option<BTreeSet<String>> {
    Some(value.as_array()?.iter().map(|v| v.as_str().unwrap().to_owned()).collect())
}

fn found(difference: &Difference) -> BTreeSet<String> {
    difference.changes.iter().map(|c| format!("{}:{}", c.rule, c.severity)).collect()
}

#[test]
fn pairs_are_judged_as_published_but_where_a_reason_is_given() {
    let (mut agreed, mut differing, mut wrong) = (0, 0, Vec::new());
    for (file, text) in PAIRS {
        let pairs: Vec<Value> = serde_saphyr::from_str(text).unwrap();
        for pair in &pairs {
            let name = format!("{file}: {}", pair["name"].as_str().unwrap());
            let found = found(&difference(&document(pair, &pair["old"]), &document(pair, &pair["new"])));
            let published = listed(&pair["published"]).unwrap_or_else(|| panic!("{name}: nothing is published"));
            match listed(&pair["ours"]) {
                None if found == published => agreed += 1,
                Some(ours) if found == ours => {
                    assert_ne!(ours, published, "{name}: ours is what is published");
                    assert!(pair["why"].is_string(), "{name}: no reason");
                    differing += 1;
                }
                ours => wrong.push(format!("{name}\n  found {found:?}\n  expected {:?}", ours.unwrap_or(published))),
            }
        }
    }
    println!("{agreed} of {} pairs are judged as published, {differing} otherwise for a reason", agreed + differing);
    assert!(wrong.is_empty(), "{} pairs:\n{}", wrong.len(), wrong.join("\n"));
    assert!(agreed >= 200, "only {agreed} pairs agree");
}

#[test]
fn what_says_the_same_has_no_change() {
    for (file, text) in PAIRS {
        let pairs: Vec<Value> = serde_saphyr::from_str(text).unwrap();
        for pair in &pairs {
            let document = document(pair, &pair["new"]);
            let found = difference(&document, &document);
            assert!(found.changes.is_empty(), "{file}: {}: {:?}", pair["name"], found.changes);
        }
    }
}

#[test]
fn quiet_pairs_break_nobody() {
    let pairs: Vec<Value> = serde_saphyr::from_str(PAIRS[4].1).unwrap();
    for pair in &pairs {
        let found = difference(&document(pair, &pair["old"]), &document(pair, &pair["new"]));
        assert!(found.changes.iter().all(|c| c.severity == Severity::Note), "{}: {:?}", pair["name"], found.changes);
    }
}

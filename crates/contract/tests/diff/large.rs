//! Circles of references, schemas that unfold without end, and large descriptions: bounded in time and number.

use super::{contract, difference};
use firstfault_contract::diff;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn answering(schema: &Value, schemas: &Value) -> Value {
    let response = json!({"description": "x", "content": {"application/json": {"schema": schema}}});
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"200": response}}}},
        "components": {"schemas": schemas},
    })
}

#[test]
fn circles_end_and_what_changed_in_them_is_told_once() {
    let schemas = |leaf: &str| {
        json!({
            "Person": {"type": "object", "properties": {
                "friend": {"$ref": "#/components/schemas/Person"},
                "firm": {"$ref": "#/components/schemas/Firm"},
            }},
            "Firm": {"type": "object", "properties": {
                "owner": {"$ref": "#/components/schemas/Person"},
                "code": {"type": leaf},
            }},
        })
    };
    let root = json!({"$ref": "#/components/schemas/Person"});
    let found = difference(&answering(&root, &schemas("string")), &answering(&root, &schemas("integer")));
    let all: Vec<&str> = found.changes.iter().map(|c| c.message.as_str()).collect();
    assert_eq!(all, ["the field firm.code of the response 200 is integer now, not string"]);
}

#[test]
fn schemas_that_unfold_without_end_are_bounded() {
    // Each level refers to the next one ten times: unfolded, ten to the thirtieth.
    let schemas = |leaf: &str| {
        let mut all = json!({"L30": {"type": leaf}});
        for level in 0..30 {
            let next = json!({"$ref": format!("#/components/schemas/L{}", level + 1)});
            let mut fields = json!({});
            for field in 0..10 {
                fields[format!("f{field}")] = next.clone();
            }
            all[format!("L{level}")] = json!({"type": "object", "properties": fields});
        }
        all
    };
    let root = json!({"$ref": "#/components/schemas/L0"});
    let start = Instant::now();
    let found = difference(&answering(&root, &schemas("string")), &answering(&root, &schemas("integer")));
    assert_eq!(found.changes.len(), 1, "{:?}", found.changes);
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn schemas_nested_deeper_than_anyone_writes_end() {
    let nested = |leaf: &str| {
        let mut schema = json!({"type": leaf});
        for _ in 0..40 {
            schema = json!({"type": "array", "items": schema});
        }
        schema
    };
    let found = difference(&answering(&nested("string"), &json!({})), &answering(&nested("integer"), &json!({})));
    assert_eq!(found.changes.len(), 1);
    assert!(found.changes[0].message.starts_with("the field [][]"));
}

#[test]
fn references_that_lead_nowhere_or_in_a_circle_are_passed_over() {
    let schemas = json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}});
    let old = answering(&json!({"$ref": "#/components/schemas/A"}), &schemas);
    let new = answering(&json!({"$ref": "#/components/schemas/Gone"}), &schemas);
    let (old, new) = (contract("old.json", &old.to_string()), contract("new.json", &new.to_string()));
    assert!(diff::diff(&old, &new, None).changes.is_empty());
}

/// A description of many operations that share named schemas.
fn large(version: usize) -> Value {
    let mut paths = json!({});
    let mut schemas = json!({});
    for index in 0..400 {
        let mut fields = json!({"next": {"$ref": format!("#/components/schemas/S{}", (index + 1) % 400)}});
        for field in 0..20 {
            fields[format!("field{field}")] = json!({"type": "string", "description": "a field of some kind"});
        }
        if index == 200 && version > 1 {
            fields["field0"]["type"] = json!("integer");
        }
        schemas[format!("S{index}")] = json!({"type": "object", "properties": fields});
        let response = json!({"description": "x", "content": {"application/json": {
            "schema": {"$ref": format!("#/components/schemas/S{index}")},
        }}});
        paths[format!("/things{index}/{{id}}")] = json!({"get": {"operationId": format!("get{index}"),
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": response}}});
    }
    json!({"openapi": "3.0.3", "info": {"title": "t", "version": version.to_string()}, "paths": paths,
        "components": {"schemas": schemas}})
}

#[test]
fn one_change_of_a_shared_schema_is_told_for_every_operation_that_reaches_it_in_good_time() {
    let (old, new) = (contract("old.json", &large(1).to_string()), contract("new.json", &large(2).to_string()));
    let start = Instant::now();
    let found = diff::diff(&old, &new, None);
    let took = start.elapsed();
    // Values are followed 48 steps deep, of which one is the whole and one the field.
    assert_eq!(found.changes.len(), 47, "{:?}", found.changes.first());
    assert!(found.changes.iter().all(|c| c.rule == "response-property-type-changed"));
    assert!(took < Duration::from_secs(5), "{took:?}");
}

//! The order of changes, their sentences and their places.

use super::{contract, difference};
use firstfault_contract::diff;
use firstfault_model::contract::{Half, Severity};
use serde_json::{Value, json};

fn customers(new: bool) -> Value {
    let required = if new { json!(["name", "email"]) } else { json!(["name"]) };
    let status = if new { json!(["open", "closed", "held"]) } else { json!(["open", "closed"]) };
    let customer = json!({
        "type": "object",
        "required": required,
        "properties": {
            "name": {"type": "string"},
            "email": {"type": "string"},
            "status": {"type": "string", "enum": status},
            "lines": {"type": "array", "items": {"type": "object", "properties": {
                "price": {"type": if new { "string" } else { "number" }},
            }}},
        },
    });
    let body = json!({"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Customer"}}}});
    let mut answer = body.clone();
    answer["description"] = json!("a customer");
    let post = json!({"requestBody": body, "responses": {"200": answer}});
    let mut paths = json!({"/customers": {"post": post}, "/b": {"get": {"responses": {"200": {"description": "b"}}}}});
    if new {
        paths["/a"] = json!({"get": {"responses": {"200": {"description": "a"}}}});
        paths["/b"]["get"]["deprecated"] = json!(true);
    }
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Customer": customer}},
    })
}

#[test]
fn breaking_changes_come_first_then_the_order_of_the_description() {
    let found = difference(&customers(false), &customers(true));
    let all: Vec<String> = found.changes.iter().map(|c| format!("{} {} {}", c.severity, c.operation, c.rule)).collect();
    assert_eq!(
        all,
        [
            "error POST /customers request-property-became-required",
            "error POST /customers request-property-type-changed",
            "error POST /customers response-property-type-changed",
            "warning POST /customers response-property-enum-value-added",
            "note GET /a endpoint-added",
            "note GET /b endpoint-deprecated",
            "note POST /customers request-property-enum-value-added",
            "note POST /customers response-property-became-required",
        ]
    );
}

#[test]
fn the_same_schema_is_judged_for_each_half() {
    let found = difference(&customers(false), &customers(true));
    let of = |half: Half| {
        let all = found.changes.iter().filter(|c| c.half == half && c.rule.ends_with("enum-value-added"));
        all.map(|c| c.severity).collect::<Vec<Severity>>()
    };
    assert_eq!((of(Half::Request), of(Half::Response)), (vec![Severity::Note], vec![Severity::Warning]));
}

#[test]
fn changes_say_what_and_where() {
    let found = difference(&customers(false), &customers(true));
    let all: Vec<(&str, &str)> = found.changes.iter().map(|c| (c.message.as_str(), c.place.as_str())).collect();
    assert!(all.contains(&(
        "the field email of the request body is required now",
        "new.json#/components/schemas/Customer/properties/email"
    )));
    assert!(all.contains(&(
        "the field lines[].price of the response 200 is string now, not number",
        "new.json#/components/schemas/Customer/properties/lines/items/properties/price"
    )));
    let removed = difference(&customers(true), &customers(false));
    let gone = removed.changes.iter().find(|c| c.rule == "api-path-removed-without-deprecation").unwrap();
    assert_eq!((gone.operation.as_str(), gone.place.as_str()), ("GET /a", "old.json#/paths/~1a/get"));
    assert!(removed.changes.iter().all(|c| !c.message.ends_with('.') && !c.message.contains('\n')));
}

#[test]
fn a_json_schema_alone_is_judged_as_sent_and_as_received() {
    let (old, new) = (
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
        json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}),
    );
    let found = diff::diff(&contract("old.json", &old.to_string()), &contract("new.json", &new.to_string()), None);
    let all: Vec<(&str, Severity)> = found.changes.iter().map(|c| (c.rule.as_str(), c.severity)).collect();
    assert_eq!(
        all,
        [("request-property-became-required", Severity::Error), ("response-property-became-required", Severity::Note)]
    );
}

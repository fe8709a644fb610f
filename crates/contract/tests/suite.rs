//! JSON Schema through the wrapper: own cases for each keyword. The official suite is run by the example `suite`.

use firstfault_contract::{Given, SchemaRef, Source, load};
use firstfault_model::contract::Half;
use serde_json::{Value, json};

struct Nowhere;

impl Source for Nowhere {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("{uri} is not part of this test"))
    }
}

/// Whether a value agrees with a schema that is a contract of its own.
fn valid(schema: &Value, value: &Value) -> bool {
    let text = schema.to_string();
    let given = Given { uri: "file:///schema.json", name: "schema.json", text: &text };
    let contract = load(given, &mut Nowhere).expect("it loads");
    contract.schemas.violations(&SchemaRef::default(), Half::Request, value).is_empty()
}

/// Tries a keyword of 2020-12 with values that agree and values that do not.
fn judge(schema: &Value, good: &[Value], bad: &[Value]) {
    let mut schema = schema.clone();
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    for value in good {
        assert!(valid(&schema, value), "{schema} takes {value}");
    }
    for value in bad {
        assert!(!valid(&schema, value), "{schema} refuses {value}");
    }
}

#[test]
fn values_are_judged_by_type_enumeration_and_range() {
    judge(&json!({"type": ["integer", "null"]}), &[json!(1), json!(1.0), Value::Null], &[json!(1.5), json!("1")]);
    judge(&json!({"enum": ["a", 1]}), &[json!("a"), json!(1.0)], &[json!("b")]);
    judge(&json!({"const": {"a": [1]}}), &[json!({"a": [1]})], &[json!({"a": []})]);
    judge(&json!({"minimum": 1, "exclusiveMaximum": 3}), &[json!(1), json!(2.9)], &[json!(0), json!(3)]);
    judge(&json!({"multipleOf": 0.01}), &[json!(4.02)], &[json!(0.005)]);
}

#[test]
fn texts_are_judged_by_length_pattern_and_format() {
    judge(&json!({"minLength": 2, "maxLength": 3}), &[json!("ab"), json!("äöü")], &[json!("a"), json!("abcd")]);
    judge(&json!({"pattern": "^a(?!b)"}), &[json!("ac"), json!(1)], &[json!("ab")]);
    for (format, good, bad) in [
        ("date-time", "2024-02-29T10:00:00Z", "2023-02-29T10:00:00Z"),
        ("date", "2024-02-29", "2024-2-29"),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("email", "a@example.com", "a at example"),
        ("uri", "https://example.com/a", "example"),
        ("ipv4", "192.0.2.1", "192.0.2.256"),
        ("byte", "YQ==", "not base64"),
        ("nobody-knows", "anything", ""),
    ] {
        let bad: Vec<Value> = if bad.is_empty() { Vec::new() } else { vec![json!(bad)] };
        judge(&json!({"format": format}), &[json!(good)], &bad);
    }
}

#[test]
fn objects_and_lists_are_judged_by_their_parts() {
    judge(
        &json!({"properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": false}),
        &[json!({"a": "x"}), json!(5)],
        &[json!({}), json!({"a": 1}), json!({"a": "x", "b": 1})],
    );
    judge(
        &json!({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": false}),
        &[json!({"a": 1})],
        &[json!({"b": 1})],
    );
    judge(
        &json!({"patternProperties": {"^x-": {"type": "integer"}}}),
        &[json!({"x-a": 1, "y": "z"})],
        &[json!({"x-a": "1"})],
    );
    judge(&json!({"dependentRequired": {"a": ["b"]}}), &[json!({"a": 1, "b": 2}), json!({})], &[json!({"a": 1})]);
    judge(&json!({"propertyNames": {"maxLength": 2}}), &[json!({"ab": 1})], &[json!({"abc": 1})]);
    judge(
        &json!({"prefixItems": [{"type": "integer"}], "items": {"type": "string"}}),
        &[json!([1, "a"]), json!([])],
        &[json!([1, 2]), json!(["a"])],
    );
    judge(&json!({"contains": {"const": 1}, "maxContains": 1}), &[json!([1, 2])], &[json!([2]), json!([1, 1])]);
    judge(&json!({"uniqueItems": true}), &[json!([1, "1"])], &[json!([1, 1.0])]);
}

#[test]
fn branches_and_references_are_followed() {
    judge(&json!({"oneOf": [{"type": "integer"}, {"minimum": 2}]}), &[json!(1), json!(2.5)], &[json!(3), json!(1.5)]);
    judge(&json!({"not": {"type": "string"}}), &[json!(1)], &[json!("a")]);
    judge(
        &json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}),
        &[json!({"a": 1, "b": 1}), json!({"c": 1})],
        &[json!({"a": 1}), json!({})],
    );
    judge(
        &json!({"$defs": {"a b": {"$anchor": "here", "type": "integer"}}, "items": {"$ref": "#here"}, "contains": {"$ref": "#/$defs/a%20b"}}),
        &[json!([1])],
        &[json!(["a"]), json!([])],
    );
    judge(
        &json!({"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}}, "required": ["id"]}),
        &[json!({"id": 1, "next": {"id": 2}})],
        &[json!({"id": 1, "next": {}})],
    );
    judge(&json!({"$ref": "#"}), &[json!(1)], &[]);
}

#[test]
fn a_document_keeps_its_draft() {
    let draft7 = |mut schema: Value| {
        schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
        schema
    };
    let tuple = draft7(json!({"items": [{"type": "integer"}], "additionalItems": false}));
    assert!(valid(&tuple, &json!([1])) && !valid(&tuple, &json!([1, 2])) && !valid(&tuple, &json!(["a"])));
    let beside = draft7(
        json!({"definitions": {"a": {"type": "integer"}}, "properties": {"x": {"$ref": "#/definitions/a", "maximum": 1}}}),
    );
    assert!(valid(&beside, &json!({"x": 5})), "draft 7 has nothing beside a reference");
    let read_only = json!({"type": "object", "required": ["a"], "properties": {"a": {"readOnly": true}}});
    assert!(!valid(&read_only, &json!({})), "only descriptions of an API tell requests from responses");
}

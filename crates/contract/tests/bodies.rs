//! Bodies held against small descriptions: each way to get one wrong gives one finding, of its kind, at its place, first.

use firstfault_contract::{Contract, Given, Source, body, load};
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Body, Span};
use serde_json::{Value, json};

struct Nowhere;

impl Source for Nowhere {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("{uri} is not part of this test"))
    }
}

fn contract(schemas: &Value, content: &Value) -> Contract {
    let text = json!({
        "openapi": "3.1.0",
        "info": {"title": "CRM", "version": "1"},
        "paths": {"/things": {"post": {
            "requestBody": {"required": true, "content": content},
            "responses": {"200": {"description": "ok", "content": content}},
        }}},
        "components": {"schemas": schemas},
    });
    load(Given { uri: "file:///crm.json", name: "crm.json", text: &text.to_string() }, &mut Nowhere).expect("it loads")
}

fn of_schema(schema: &Value) -> Contract {
    contract(&json!({"Thing": schema}), &json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}))
}

fn hold(contract: &Contract, half: Half, content_type: Option<&str>, text: &str) -> Vec<Finding> {
    let operation = &contract.operations[0];
    let content = match half {
        Half::Request => &operation.body.as_ref().expect("it takes a body").content,
        Half::Response => &operation.responses[0].content,
    };
    let body = Body::bounded(text, Span::default());
    body::findings(contract, Some(operation), content, half, content_type, Some(&body))
}

fn ask(contract: &Contract, value: &Value) -> Vec<Finding> {
    hold(contract, Half::Request, Some("application/json"), &value.to_string())
}

/// The kind and the pointer of every finding.
fn told(findings: &[Finding]) -> Vec<(Kind, String)> {
    let place = |f: &Finding| match &f.spot {
        Spot::Body(pointer) => pointer.clone(),
        other => other.to_string(),
    };
    findings.iter().map(|f| (f.kind, place(f))).collect()
}

fn one(kind: Kind, pointer: &str) -> Vec<(Kind, String)> {
    vec![(kind, pointer.to_owned())]
}

/// A ticket: much of what a schema of an API has.
fn ticket() -> Value {
    json!({
        "type": "object",
        "required": ["caseType", "customerId", "subject", "address", "tags"],
        "properties": {
            "id": {"type": "string", "readOnly": true},
            "caseType": {"type": "string", "enum": ["question", "incident", "problem"]},
            "customerId": {"type": "integer", "format": "int32", "minimum": 1},
            "subject": {"type": "string", "minLength": 3, "maxLength": 40},
            "urgent": {"type": "boolean"},
            "openedAt": {"type": "string", "format": "date-time"},
            "mail": {"type": "string", "format": "email"},
            "code": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "note": {"type": ["string", "null"]},
            "weight": {"type": "number", "maximum": 100},
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
            "address": {
                "type": "object",
                "required": ["street", "city"],
                "properties": {"street": {"type": "string"}, "city": {"type": "string"}, "zipCode": {"type": "string"}},
            },
        },
        "additionalProperties": false,
    })
}

fn good() -> Value {
    json!({
        "caseType": "incident",
        "customerId": 5,
        "subject": "It is broken",
        "urgent": true,
        "openedAt": "2024-01-01T10:00:00Z",
        "mail": "a@example.com",
        "code": "ABC",
        "note": null,
        "weight": 1.5,
        "tags": ["a", "b"],
        "address": {"street": "Main", "city": "Rome", "zipCode": "00100"},
    })
}

/// The good ticket with another value at a pointer; without one when it is none.
fn with(pointer: &str, value: Option<Value>) -> Value {
    let mut all = good();
    let (above, name) = pointer.rsplit_once('/').expect("a pointer to a field");
    let object = all.pointer_mut(above).and_then(Value::as_object_mut).expect("an object");
    match value {
        Some(value) => object.insert(name.to_owned(), value),
        None => object.remove(name),
    };
    all
}

#[test]
fn a_valid_body_has_no_findings() {
    assert_eq!(ask(&of_schema(&ticket()), &good()), []);
}

#[test]
fn each_wrong_value_is_one_finding_of_its_kind() {
    let contract = of_schema(&ticket());
    let cases = [
        ("/urgent", json!("true"), Kind::WrongType, Some(json!(true))),
        ("/customerId", json!("5"), Kind::WrongType, Some(json!(5))),
        ("/customerId", json!(5.5), Kind::WrongType, None),
        ("/subject", json!(12345), Kind::WrongType, Some(json!("12345"))),
        ("/openedAt", json!(1_704_103_200), Kind::WrongType, Some(json!("2024-01-01T10:00:00Z"))),
        ("/openedAt", json!(1_704_103_200_000_i64), Kind::WrongType, Some(json!("2024-01-01T10:00:00Z"))),
        ("/openedAt", json!("2024-01-01"), Kind::InvalidFormat, Some(json!("2024-01-01T00:00:00Z"))),
        ("/openedAt", json!("yesterday"), Kind::InvalidFormat, None),
        ("/mail", json!("nobody"), Kind::InvalidFormat, None),
        ("/code", json!("abc"), Kind::InvalidFormat, Some(json!("ABC"))),
        ("/code", json!("12"), Kind::InvalidFormat, None),
        ("/caseType", json!("Incident"), Kind::NotInEnum, Some(json!("incident"))),
        ("/caseType", json!("inciednt"), Kind::NotInEnum, Some(json!("incident"))),
        ("/caseType", json!("other"), Kind::NotInEnum, None),
        ("/customerId", json!(0), Kind::OutOfRange, None),
        ("/customerId", json!(3_000_000_000_i64), Kind::OutOfRange, None),
        ("/weight", json!(101), Kind::OutOfRange, None),
        ("/subject", json!("ab"), Kind::OutOfRange, None),
        ("/tags", json!(["a", "b", "c", "d"]), Kind::OutOfRange, None),
        ("/tags", json!("a"), Kind::SingleValueForList, Some(json!(["a"]))),
        ("/subject", json!(["It is broken"]), Kind::ListForSingleValue, Some(json!("It is broken"))),
        ("/subject", Value::Null, Kind::NullValue, None),
        ("/address", json!("Main 1"), Kind::WrongType, None),
        ("/address/city", json!(7), Kind::WrongType, Some(json!("7"))),
        ("/tags/1", json!(7), Kind::WrongType, Some(json!("7"))),
    ];
    for (pointer, value, kind, meant) in cases {
        let body = if pointer == "/tags/1" { with("/tags", Some(json!(["a", 7]))) } else { with(pointer, Some(value.clone())) };
        let findings = ask(&contract, &body);
        assert_eq!(told(&findings), one(kind, pointer), "{value}");
        let edit = meant.map(|m| Edit::SetField(pointer.to_owned(), m.to_string()));
        assert_eq!(findings[0].edit, edit, "{pointer} {value}");
        assert_eq!(findings[0].severity, Severity::Error);
    }
}

#[test]
fn a_missing_field_is_told_by_name() {
    let findings = ask(&of_schema(&ticket()), &with("/caseType", None));
    assert_eq!(told(&findings), one(Kind::MissingField, "/caseType"));
    assert_eq!(findings[0].message, "the required field caseType is missing");
    assert_eq!(findings[0].expected, "one of question, incident or problem");
    assert_eq!(findings[0].operation.as_deref(), Some("POST /things"));
    assert_eq!(findings[0].rule, "crm.json#/components/schemas/Thing/required");
}

#[test]
fn a_null_that_may_be_left_out_is_left_out() {
    let findings = ask(&of_schema(&ticket()), &with("/urgent", Some(Value::Null)));
    assert_eq!(told(&findings), one(Kind::NullValue, "/urgent"));
    assert_eq!(findings[0].edit, Some(Edit::RemoveField("/urgent".to_owned())));
}

#[test]
fn a_misnamed_field_is_one_finding() {
    let contract = of_schema(&ticket());
    for (right, wrong) in [
        ("/customerId", "customerID"),
        ("/customerId", "customer_id"),
        ("/customerId", "custmerId"),
        ("/caseType", "type"),
        ("/urgent", "Urgent"),
        ("/address/street", "stret"),
        ("/address/zipCode", "zip_code"),
    ] {
        let mut body = with(right, None);
        let (above, name) = right.rsplit_once('/').expect("a pointer to a field");
        let value = good().pointer(right).cloned().expect("the field");
        body.pointer_mut(above).and_then(Value::as_object_mut).expect("an object").insert(wrong.to_owned(), value);
        let findings = ask(&contract, &body);
        let place = format!("{above}/{wrong}");
        assert_eq!(told(&findings), one(Kind::MisnamedField, &place), "{wrong}");
        assert_eq!(findings[0].edit, Some(Edit::RenameField(place, name.to_owned())));
    }
}

#[test]
fn a_misspelt_optional_field_is_a_warning_where_others_are_allowed() {
    let findings = ask(&of_schema(&ticket()), &{
        let mut body = good();
        let address = body["address"].as_object_mut().expect("an object");
        let zip = address.remove("zipCode").expect("the field");
        address.insert("zipcode".to_owned(), zip);
        address.insert("country".to_owned(), json!("Italy"));
        body
    });
    assert_eq!(told(&findings), one(Kind::MisnamedField, "/address/zipcode"));
    assert_eq!(findings[0].severity, Severity::Warning);
}

#[test]
fn an_unknown_field_is_told_where_others_are_forbidden() {
    let findings = ask(&of_schema(&ticket()), &with("/colour", Some(json!("red"))));
    assert_eq!(told(&findings), one(Kind::UnknownField, "/colour"));
    assert_eq!(findings[0].edit, Some(Edit::RemoveField("/colour".to_owned())));
}

#[test]
fn a_field_that_only_the_server_sets_is_a_warning_and_never_required() {
    let mut schema = ticket();
    schema["required"] = json!(["id", "subject"]);
    let contract = of_schema(&schema);
    assert_eq!(ask(&contract, &json!({"subject": "It is broken"})), []);
    let findings = ask(&contract, &json!({"subject": "It is broken", "id": "7"}));
    assert_eq!(told(&findings), one(Kind::ReadWriteOnly, "/id"));
    assert_eq!(findings[0].severity, Severity::Warning);
    let answer = |value: Value| hold(&contract, Half::Response, Some("application/json"), &value.to_string());
    assert_eq!(answer(json!({"subject": "It is broken", "id": "7"})), []);
    assert_eq!(told(&answer(json!({"subject": "It is broken"}))), one(Kind::MissingField, "/id"));
}

#[test]
fn wrong_nesting_is_one_finding() {
    let contract = of_schema(&ticket());
    let wrapped = json!({"data": good()});
    assert_eq!(told(&ask(&contract, &wrapped)), one(Kind::WrongNesting, "/data"));

    let mut flat = with("/address", None);
    flat["street"] = json!("Main");
    flat["city"] = json!("Rome");
    assert_eq!(told(&ask(&contract, &flat)), one(Kind::WrongNesting, ""));

    let mut up = with("/address/city", None);
    up["city"] = json!("Rome");
    let findings = ask(&contract, &up);
    assert_eq!(told(&findings), one(Kind::WrongNesting, "/city"));
    assert_eq!(findings[0].edit, Some(Edit::MoveField("/city".to_owned(), "/address/city".to_owned())));

    let mut down = with("/subject", None);
    down["address"]["subject"] = json!("It is broken");
    assert_eq!(told(&ask(&contract, &down)), one(Kind::WrongNesting, "/address/subject"));

    let mut box_around = with("/subject", None);
    box_around["meta"] = json!({"subject": "It is broken"});
    assert_eq!(told(&ask(&contract, &box_around)), one(Kind::WrongNesting, "/meta/subject"));

    let envelope = of_schema(&json!({
        "type": "object", "required": ["data"], "properties": {"data": ticket()},
    }));
    assert_eq!(told(&ask(&envelope, &good())), one(Kind::WrongNesting, ""));
    assert_eq!(ask(&envelope, &wrapped), []);
}

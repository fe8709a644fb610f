//! Bodies held against small descriptions: each way to get one wrong gives one finding, of its kind, at its place, first.

#![allow(clippy::expect_used)]

use firstfault_contract::{Contract, Given, Source, body, edit, load};
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Body, Request, Span};
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
    contract(
        &json!({"Thing": schema}),
        &json!({"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}),
    )
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
        let body = if pointer == "/tags/1" {
            with("/tags", Some(json!(["a", 7])))
        } else {
            with(pointer, Some(value.clone()))
        };
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

#[test]
fn a_branch_is_chosen_by_discriminator_tag_or_likeness() {
    let schemas = json!({
        "Card": {"type": "object", "required": ["kind", "number"], "properties": {
            "kind": {"const": "card"}, "number": {"type": "string"}, "expiry": {"type": "string"}}},
        "Bank": {"type": "object", "required": ["kind", "iban"], "properties": {
            "kind": {"const": "bank"}, "iban": {"type": "string"}, "bic": {"type": "string"}}},
    });
    let refs = json!([{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Bank"}]);
    let of = |pay: Value, schemas: &Value| {
        let schema = json!({"type": "object", "required": ["pay"], "properties": {"pay": pay}});
        contract(schemas, &json!({"application/json": {"schema": schema}}))
    };
    let tagged = of(json!({"oneOf": refs}), &schemas);
    let mapped = of(
        json!({"oneOf": refs, "discriminator": {"propertyName": "kind",
            "mapping": {"card": "#/components/schemas/Card", "bank": "#/components/schemas/Bank"}}}),
        &schemas,
    );
    for contract in [&tagged, &mapped] {
        let pay = |value: Value| ask(contract, &json!({"pay": value}));
        assert_eq!(pay(json!({"kind": "card", "number": "4"})), []);
        let findings = pay(json!({"kind": "bank", "bic": "X"}));
        assert_eq!(told(&findings), one(Kind::MissingField, "/pay/iban"));
        assert!(findings[0].message.contains("taken as Bank"), "{}", findings[0].message);
        assert_eq!(told(&pay(json!({"kind": "bank", "Iban": "X"}))), one(Kind::MisnamedField, "/pay/Iban"));
        let findings = pay(json!({"kind": "crad", "number": "4"}));
        assert_eq!(told(&findings), one(Kind::NotInEnum, "/pay/kind"));
        assert_eq!(findings[0].edit, Some(Edit::SetField("/pay/kind".to_owned(), "\"card\"".to_owned())));
        assert_eq!(told(&pay(json!({"kind": "card", "number": 4}))), one(Kind::WrongType, "/pay/number"));
        assert_eq!(told(&pay(json!("card"))), one(Kind::WrongType, "/pay"));
        assert_eq!(told(&pay(Value::Null)), one(Kind::NullValue, "/pay"));
    }
    assert_eq!(told(&ask(&mapped, &json!({"pay": {"number": "4"}}))), one(Kind::MissingField, "/pay/kind"));

    let untagged = of(
        json!({"anyOf": [
            {"type": "object", "required": ["number", "cvc"], "properties": {"number": {"type": "string"}, "cvc": {"type": "string"}}},
            {"type": "object", "required": ["iban"], "properties": {"iban": {"type": "string"}, "bic": {"type": "string"}}},
            {"type": "null"},
        ]}),
        &json!({}),
    );
    assert_eq!(told(&ask(&untagged, &json!({"pay": {"number": "4"}}))), one(Kind::MissingField, "/pay/cvc"));
    assert_eq!(told(&ask(&untagged, &json!({"pay": {"iban": 4, "bic": "X"}}))), one(Kind::WrongType, "/pay/iban"));
    assert_eq!(told(&ask(&untagged, &json!({"pay": 4}))), one(Kind::WrongType, "/pay"));

    let several = of(json!({"oneOf": [{"type": "integer"}, {"type": "number"}]}), &json!({}));
    assert_eq!(told(&ask(&several, &json!({"pay": 4}))), one(Kind::SchemaRule, "/pay"));
}

#[test]
fn rules_without_a_kind_of_their_own_are_told_in_a_sentence() {
    let contract = of_schema(&json!({
        "type": "object",
        "properties": {
            "a": {}, "b": {}, "list": {"type": "array", "uniqueItems": true, "contains": {"type": "integer"}},
            "no": {"not": {"const": 1}},
        },
        "dependentRequired": {"a": ["b"]},
        "propertyNames": {"maxLength": 8},
        "if": {"required": ["b"], "properties": {"b": {"const": 1}}}, "then": {"required": ["list"]},
    }));
    for (value, place) in [
        (json!({"a": 1}), "/b"),
        (json!({"list": [1, 1]}), "/list"),
        (json!({"list": ["x"]}), "/list"),
        (json!({"no": 1}), "/no"),
        (json!({"muchTooLong": 1}), ""),
        (json!({"b": 1}), "/list"),
    ] {
        assert_eq!(told(&ask(&contract, &value)), one(Kind::SchemaRule, place), "{value}");
    }
    assert_eq!(ask(&contract, &json!({"a": 1, "b": 2, "list": [1, "x"], "no": 2})), []);
    let either = of_schema(&json!({"anyOf": [{"required": ["mail"]}, {"required": ["phone"]}]}));
    let findings = ask(&either, &json!({}));
    assert_eq!(told(&findings), one(Kind::MissingField, "/mail"));
    assert_eq!(findings[0].expected, "mail or phone");
}

#[test]
fn several_faults_are_several_findings() {
    let mut body = with("/customerId", None);
    body["customerID"] = json!("5");
    body["urgent"] = json!("true");
    let findings = told(&ask(&of_schema(&ticket()), &body));
    assert_eq!(
        findings,
        [(Kind::MisnamedField, "/customerID"), (Kind::WrongType, "/customerID"), (Kind::WrongType, "/urgent")]
            .map(|(kind, place)| (kind, place.to_owned()))
    );
}

#[test]
fn the_media_type_is_judged_before_the_fields() {
    let contract = contract(
        &json!({"Thing": ticket()}),
        &json!({
            "application/json": {"schema": {"$ref": "#/components/schemas/Thing"}},
            "text/csv": {"schema": {"type": "string"}},
        }),
    );
    let held = |content_type: Option<&str>, text: &str| hold(&contract, Half::Request, content_type, text);
    let good = good().to_string();
    assert_eq!(held(Some("Application/JSON; charset=utf-8"), &good), []);
    assert_eq!(held(Some("application/vnd.crm+json"), &good), []);
    assert_eq!(held(Some("text/csv"), "a,b\n1,2\n"), []);
    let findings = held(Some("text/plain"), &good);
    assert_eq!(told(&findings), one(Kind::WrongContentType, "header Content-Type"));
    assert_eq!(findings[0].edit, Some(Edit::Header("Content-Type".to_owned(), "application/json".to_owned())));
    assert_eq!(findings[0].expected, "application/json or text/csv");
    let findings = held(Some("application/xml"), "<a/>");
    assert_eq!(told(&findings), one(Kind::WrongContentType, "header Content-Type"));
    assert_eq!(findings[0].edit, None);
    let findings = held(None, &good);
    assert_eq!(told(&findings), one(Kind::WrongContentType, "header Content-Type"));
    assert_eq!(findings[0].severity, Severity::Warning);
    assert_eq!(hold(&contract, Half::Response, None, &good), []);
}

#[test]
fn a_body_that_does_not_parse_is_told_with_its_place() {
    let contract = of_schema(&ticket());
    let held = |text: &str| hold(&contract, Half::Request, Some("application/json"), text);
    let findings = held("{\n  \"caseType\": \"incident\",\n}");
    assert_eq!(told(&findings), one(Kind::MalformedBody, ""));
    assert!(findings[0].message.contains("line 3, column 1"), "{}", findings[0].message);
    assert_eq!(findings[0].edit, Some(Edit::Body("{\n  \"caseType\": \"incident\"\n}".to_owned())));
    assert_eq!(told(&held("caseType=incident&customerId=5")), one(Kind::MalformedBody, ""));
    let mut cut = Body::bounded("{\"caseType\": \"inc", Span::default());
    cut.truncated = true;
    let operation = &contract.operations[0];
    let content = &operation.body.as_ref().expect("it takes a body").content;
    let held = body::findings(&contract, Some(operation), content, Half::Request, Some("application/json"), Some(&cut));
    assert_eq!(held, []);
}

#[test]
fn forms_are_read_by_their_schema() {
    let schema = json!({
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {
            "amount": {"type": "integer", "minimum": 1},
            "currency": {"type": "string"},
            "capture": {"type": "boolean"},
            "tags": {"type": "array", "items": {"type": "string"}},
            "sizes": {"type": "array", "items": {"type": "integer"}},
            "card": {"type": "object", "required": ["number"], "properties": {"number": {"type": "string"}, "year": {"type": "integer"}}},
        },
        "additionalProperties": false,
    });
    let form = "application/x-www-form-urlencoded";
    let contract = contract(
        &json!({}),
        &json!({form: {"schema": schema, "encoding": {"sizes": {"style": "form", "explode": false}}}}),
    );
    let held = |text: &str| hold(&contract, Half::Request, Some(form), text);
    let good = "amount=5&currency=eur&capture=true&tags=a&tags=b+c&sizes=1,2&card[number]=4242&card%5Byear%5D=2030";
    assert_eq!(held(good), []);
    assert_eq!(held("amount=5&currency=123&tags[]=a"), []);
    assert_eq!(told(&held("amount=five&currency=eur")), one(Kind::WrongType, "/amount"));
    assert_eq!(told(&held("currency=eur")), one(Kind::MissingField, "/amount"));
    assert_eq!(told(&held("Amount=5&currency=eur")), one(Kind::MisnamedField, "/Amount"));
    assert_eq!(told(&held("amount=5&currency=eur&card[year]=2030")), one(Kind::MissingField, "/card/number"));
    assert_eq!(told(&held("amount=0&currency=eur")), one(Kind::OutOfRange, "/amount"));
}

#[test]
fn multipart_bodies_are_read_by_their_parts() {
    let schema = json!({
        "type": "object",
        "required": ["file", "meta"],
        "properties": {
            "file": {"type": "string", "format": "binary"},
            "meta": {"type": "object", "required": ["title"], "properties": {"title": {"type": "string"}}},
            "count": {"type": "integer"},
            "labels": {"type": "array", "items": {"type": "string"}},
        },
    });
    let contract = contract(&json!({}), &json!({"multipart/form-data": {"schema": schema}}));
    let given = "multipart/form-data; boundary=XX";
    let part = |head: &str, body: &str| format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let file = part("name=\"file\"; filename=\"a.bin\"", "\u{1}\u{2}");
    let meta = "--XX\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{\"title\": \"T\"}\r\n";
    let held = |text: String| hold(&contract, Half::Request, Some(given), &text);
    let labels = part("name=\"labels\"", "a");
    assert_eq!(held(format!("{file}{meta}{}{labels}--XX--\r\n", part("name=\"count\"", "5"))), []);
    assert_eq!(
        told(&held(format!("{file}{meta}{}--XX--\r\n", part("name=\"count\"", "x")))),
        one(Kind::WrongType, "/count")
    );
    assert_eq!(told(&held(format!("{meta}--XX--\r\n"))), one(Kind::MissingField, "/file"));
    assert_eq!(told(&held(format!("{file}{meta}"))), one(Kind::MalformedBody, ""));
    let plain = hold(&contract, Half::Request, Some("multipart/form-data"), &format!("{file}{meta}--XX--"));
    assert_eq!(told(&plain), one(Kind::MalformedBody, ""));
}

#[test]
fn sequences_are_judged_item_by_item() {
    let item = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}});
    let event = json!({"type": "object", "required": ["data"], "properties": {"event": {"enum": ["add", "drop"]}}});
    let contract = contract(
        &json!({}),
        &json!({"application/x-ndjson": {"itemSchema": item}, "text/event-stream": {"itemSchema": event}}),
    );
    let lines = |text: &str| told(&hold(&contract, Half::Response, Some("application/x-ndjson"), text));
    assert_eq!(lines("{\"id\": 1}\n{\"id\": 2}\n"), []);
    assert_eq!(lines("{\"id\": 1}\n{\"id\": \"2\"}\n"), one(Kind::WrongType, "/1/id"));
    assert_eq!(lines("{\"id\": 1}\n{\"id\": \n"), one(Kind::MalformedBody, ""));
    let events = |text: &str| told(&hold(&contract, Half::Response, Some("text/event-stream"), text));
    assert_eq!(events(": hello\n\nevent: add\ndata: 1\n\n"), []);
    assert_eq!(events("event: added\ndata: 1\n\n"), one(Kind::NotInEnum, "/0/event"));
}

/// A request with a body, corrected.
fn corrected(contract: &Contract, content_type: &str, text: &str) -> Option<(String, String)> {
    let mut request = Request { body: Some(Body::bounded(text, Span::default())), ..Request::default() };
    request.headers.push("Content-Type", content_type, Span::default());
    request.headers.push("Content-Length", text.len().to_string(), Span::default());
    let findings = hold(contract, Half::Request, Some(content_type), text);
    let (request, what) = edit::correct(&request, &findings)?;
    let text = request.body.map(|b| b.text).unwrap_or_default();
    assert_eq!(request.headers.first("content-length"), Some(text.len().to_string().as_str()));
    let left = hold(contract, Half::Request, request.headers.first("content-type"), &text);
    assert_eq!(left, [], "{text}");
    Some((text, what))
}

#[test]
fn what_is_mechanical_is_corrected_and_the_result_is_valid() {
    let contract = of_schema(&ticket());
    let json = "application/json";
    let all = serde_json::to_string_pretty(&good()).expect("it is written");
    for (from, to) in [
        ("\"customerId\"", "\"customer_id\""),
        ("\"urgent\": true", "\"urgent\": \"true\""),
        ("\"customerId\": 5", "\"customerId\": \"5\""),
        ("\"incident\"", "\"Incident\""),
        ("\"city\"", "\"City\""),
        ("2024-01-01T10:00:00Z", "2024-01-01 10:00:00"),
    ] {
        let wrong = all.replace(from, to);
        assert_ne!(wrong, all);
        let (text, what) = corrected(&contract, json, &wrong).expect("it is corrected");
        assert!(!what.is_empty());
        assert!(text == all || from.starts_with("2024"), "{text}");
    }
    let several = all.replace("\"customerId\"", "\"customerID\"").replace("\"urgent\": true", "\"urgent\": \"true\"");
    let several = several.replace("\"subject\"", "\"colour\": 1,\n  \"subject\"");
    assert_eq!(corrected(&contract, json, &several).map(|(text, _)| text), Some(all.clone()));
    for wrong in [
        json!({"data": good()}),
        {
            let mut up = with("/address/city", None);
            up["city"] = json!("Rome");
            up
        },
        {
            let mut boxed = with("/subject", None);
            boxed["meta"] = json!({"subject": "It is broken"});
            boxed
        },
        {
            let mut flat = with("/address", None);
            flat["street"] = json!("Main");
            flat["city"] = json!("Rome");
            flat
        },
        with("/tags", Some(json!("a"))),
        with("/subject", Some(json!(["It is broken"]))),
    ] {
        assert!(corrected(&contract, json, &wrong.to_string()).is_some(), "{wrong}");
    }
    let (text, _) = corrected(&contract, "text/plain", &all).expect("the header is corrected");
    assert_eq!(text, all);
    assert_eq!(corrected(&contract, json, &all), None);
    let envelope = of_schema(&json!({"type": "object", "required": ["data"], "properties": {"data": ticket()}}));
    assert!(corrected(&envelope, json, &all).is_some_and(|(text, _)| text.starts_with("{\"data\": {\n")));
}

#[test]
fn forms_are_corrected_in_their_own_writing() {
    let schema = json!({
        "type": "object", "required": ["amount", "currency"], "additionalProperties": false,
        "properties": {"amount": {"type": "integer"}, "currency": {"enum": ["eur", "usd"]}},
    });
    let form = "application/x-www-form-urlencoded";
    let contract = contract(&json!({}), &json!({form: {"schema": schema}}));
    let text = |text: &str| corrected(&contract, form, text).map(|(text, _)| text);
    assert_eq!(text("Amount=5&currency=EUR&x=1").as_deref(), Some("amount=5&currency=eur"));
}

#[test]
fn recursion_ends() {
    let contract = of_schema(&json!({
        "type": "object",
        "properties": {"child": {"$ref": "#/components/schemas/Thing"}, "name": {"type": "string"}},
        "allOf": [{"$ref": "#/components/schemas/Thing"}],
        "additionalProperties": false,
    }));
    let mut deep = json!({"name": 1});
    for _ in 0..100 {
        deep = json!({"child": deep});
    }
    let findings = ask(&contract, &deep);
    assert_eq!(told(&findings), one(Kind::WrongType, &format!("{}/name", "/child".repeat(100))));
}

#[test]
fn what_does_not_compile_is_left_out_and_the_rest_still_judges() {
    let contract = of_schema(&json!({
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "integer"}, "b": {"$ref": "#/components/schemas/None"}, "c": {"pattern": "(["}},
    }));
    assert_eq!(told(&ask(&contract, &json!({"a": "x", "b": 1, "c": "("}))), one(Kind::WrongType, "/a"));
    assert_eq!(told(&ask(&contract, &json!({}))), one(Kind::MissingField, "/a"));
}

#[test]
fn costly_patterns_are_bounded() {
    let contract = of_schema(&json!({"type": "string", "pattern": "^(?=(a+)+$)(a+)+b$"}));
    assert_eq!(told(&ask(&contract, &json!("a".repeat(5000)))).len(), 1);
}

#[test]
fn dynamic_references_find_their_anchor_in_a_description() {
    let contract = contract(
        &json!({
            "Page": {"$id": "https://example.com/page", "type": "object", "required": ["items"],
                "properties": {"items": {"type": "array", "items": {"$dynamicRef": "#item"}}},
                "$defs": {"item": {"$dynamicAnchor": "item", "not": {}}}},
            "Users": {"$id": "https://example.com/users", "$ref": "page",
                "$defs": {"user": {"$dynamicAnchor": "item", "type": "object", "required": ["name"]}}},
        }),
        &json!({"application/json": {"schema": {"$ref": "#/components/schemas/Users"}}}),
    );
    assert_eq!(ask(&contract, &json!({"items": [{"name": "a"}]})), []);
    assert_eq!(told(&ask(&contract, &json!({"items": [{"nam": "a"}, {"name": "b"}]}))).len(), 1);
}

#[test]
fn several_threads_share_a_contract() {
    let contract = of_schema(&ticket());
    std::thread::scope(|scope| {
        let ask = || ask(&contract, &with("/caseType", None)).len();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        assert!(threads.into_iter().all(|t| t.join().is_ok_and(|found| found == 1)));
    });
}

#[test]
fn a_width_is_a_range_however_the_number_is_written() {
    let contract = of_schema(&json!({"type": "object", "properties": {
        "count": {"type": "number", "format": "int32"}, "bytes": {"type": "integer", "format": "int64"}}}));
    for fits in [json!({"count": 743.0}), json!({"count": 1.5}), json!({"count": -2_147_483_648_i64, "bytes": 1e18})] {
        assert_eq!(told(&ask(&contract, &fits)), [], "{fits}");
    }
    assert_eq!(told(&ask(&contract, &json!({"count": 2_147_483_648_i64}))), one(Kind::OutOfRange, "/count"));
    assert_eq!(told(&ask(&contract, &json!({"count": 2_147_483_648.0}))), one(Kind::OutOfRange, "/count"));
    assert_eq!(told(&ask(&contract, &json!({"bytes": 1e19}))), one(Kind::OutOfRange, "/bytes"));
}

/// From the ninth schema on, all that calls are held against are compiled together: the verdicts stay what they are.
#[test]
fn many_schemas_are_judged_as_each_alone() {
    let width = 40;
    let schemas: serde_json::Map<String, Value> = (0..width)
        .map(|i| {
            let next = format!("#/components/schemas/S{}", (i + 1) % width);
            let id = json!({"type": if i % 2 == 0 { "string" } else { "integer" }});
            (
                format!("S{i}"),
                json!({"type": "object", "required": ["id"], "properties": {"id": id, "next": {"$ref": next}}}),
            )
        })
        .collect();
    let content = |i: usize| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/S{i}")}}});
    let paths: serde_json::Map<String, Value> = (0..width)
        .map(|i| {
            let answer = json!({"200": {"description": "ok"}});
            (format!("/s{i:02}"), json!({"post": {"requestBody": {"content": content(i)}, "responses": answer}}))
        })
        .collect();
    let text = json!({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths,
        "components": {"schemas": schemas}});
    let contract =
        load(Given { uri: "file:///a.json", name: "a.json", text: &text.to_string() }, &mut Nowhere).expect("it loads");
    for _ in 0..2 {
        for (i, operation) in contract.operations.iter().enumerate() {
            let content = &operation.body.as_ref().expect("it takes a body").content;
            let held = |value: &Value| {
                let body = Body::bounded(&value.to_string(), Span::default());
                told(&body::findings(
                    &contract,
                    Some(operation),
                    content,
                    Half::Request,
                    Some("application/json"),
                    Some(&body),
                ))
            };
            let id = |i: usize| if i.is_multiple_of(2) { json!("a") } else { json!(1) };
            assert_eq!(held(&json!({"id": id(i), "next": {"id": id(i + 1)}})), []);
            assert_eq!(held(&json!({"id": id(i + 1)})), one(Kind::WrongType, "/id"));
            assert_eq!(held(&json!({"id": id(i), "next": {}})), one(Kind::MissingField, "/next/id"));
        }
    }
}

//! Findings become facts: the words that rules read, the part of the request that leads, and how the answer's own
//! complaint stands to the description.

use firstfault_contract::{Contract, Given, Held, Source, facts, load};
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Body, Call, Observations, Request, Response, Span, Url};

struct Nowhere;

impl Source for Nowhere {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("expected no reference, got {uri}"))
    }
}

fn contract() -> Contract {
    let text = "openapi: 3.1.0\n\
                info: {title: CRM, version: '1'}\n\
                paths:\n  /tickets:\n    post:\n      responses: {'201': {description: made}}\n";
    load(Given { uri: "file:///crm.yaml", name: "crm.yaml", text }, &mut Nowhere).unwrap()
}

fn call(content_type: Option<&str>, body: &str, status: Option<u16>) -> Call {
    let mut request = Request {
        method: Some("POST".to_owned()),
        url: Url::parse("https://crm.example.com/tickets"),
        body: Some(Body::bounded(body, Span::new(5, 100, 100 + body.len()))),
        complete: true,
        span: Span::new(1, 0, 40),
        ..Request::default()
    };
    if let Some(content_type) = content_type {
        request.headers.push("Content-Type", content_type, Span::new(2, 41, 80));
    }
    let response = status.map(|status| Response { status: Some(status), ..Response::default() });
    Call { request: Some(request), response, ..Call::default() }
}

fn finding(kind: Kind, spot: Spot, message: &str) -> Finding {
    Finding {
        kind,
        half: Half::Request,
        severity: Severity::Error,
        spot,
        operation: Some("POST /tickets".to_owned()),
        rule: "crm.yaml#/paths/~1tickets/post".to_owned(),
        line: 5,
        expected: String::new(),
        got: String::new(),
        message: message.to_owned(),
        fix: String::new(),
        edit: None,
    }
}

fn missing(name: &str) -> Finding {
    let spot = Spot::Body(format!("/{name}"));
    finding(Kind::MissingField, spot, &format!("the required field {name} is missing"))
}

/// What becomes of findings, where the answer complains of fields: pairs of key and value.
fn told(findings: Vec<Finding>, call: &Call, complaints: &[(&'static str, &str)]) -> Observations {
    let mut observations = Observations::default();
    if let Some(status) = call.status() {
        observations.add("status", status.to_string(), Span::default());
    }
    for (key, value) in complaints {
        observations.add(*key, *value, Span::new(9, 300, 310));
    }
    let misread = findings.iter().any(|f| f.kind == Kind::WrongContentType);
    let held = Held { operation: Some(0), belongs: true, findings, request_held: !misread, response_held: false };
    facts::add(&held, &contract(), call, &mut observations);
    observations
}

#[test]
fn a_missing_field_is_named_in_a_sentence_and_with_its_place() {
    let call = call(Some("application/json"), r#"{"subject":"x"}"#, Some(400));
    let facts = told(vec![missing("caseType")], &call, &[]);
    assert_eq!(facts.value("contract.request"), Some("missing_field"));
    assert_eq!(
        facts.value("contract.request.missing_field"),
        Some("the payload is missing the required field caseType")
    );
    assert_eq!(
        facts.value("contract.payload.missing_field"),
        Some("the required field caseType is missing (crm.yaml#/paths/~1tickets/post line 5)")
    );
    assert_eq!(facts.value("contract.answer"), Some("400"));
    assert_eq!(facts.value("contract.operation"), Some("POST /tickets"));
    assert!(!facts.has("contract.request.holds"));
    let several = told(vec![missing("a"), missing("b"), missing("c"), missing("d"), missing("e")], &call, &[]);
    assert_eq!(
        several.value("contract.request.missing_field"),
        Some("the payload is missing the required fields a, b, c and 2 more")
    );
    assert_eq!(several.every("contract.request").count(), 1);
}

#[test]
fn evidence_stands_where_the_value_stands() {
    let text = "{\n  \"subject\": \"x\",\n  \"owner\": {\"id\": \"7\"}\n}";
    let call = call(Some("application/json"), text, Some(400));
    let spot = Spot::Body("/owner/id".to_owned());
    let facts = told(vec![finding(Kind::WrongType, spot, "the field owner.id is a string")], &call, &[]);
    let span = facts.fact("contract.request").unwrap().span;
    assert_eq!((span.line, &text[span.start - 100..span.end - 100]), (7, "\"7\""));
    let gone = told(vec![finding(Kind::MissingField, Spot::Body("/owner/name".to_owned()), "")], &call, &[]);
    let span = gone.fact("contract.request").unwrap().span;
    assert_eq!((span.line, &text[span.start - 100..span.end - 100]), (7, "{\"id\": \"7\"}"));
    let header = finding(Kind::WrongContentType, Spot::Header("content-type".to_owned()), "");
    assert_eq!(told(vec![header], &call, &[]).fact("contract.format").unwrap().span.line, 2);
}

#[test]
fn before_the_call_only_the_first_finding_leads() {
    let findings =
        || vec![finding(Kind::MissingCredentials, Spot::Header("authorization".to_owned()), "no token"), missing("a")];
    let before = told(findings(), &call(Some("application/json"), "{}", None), &[]);
    assert_eq!(before.value("contract.answer"), Some("none"));
    assert!(before.has("contract.credentials") && !before.has("contract.payload"));
    assert_eq!(before.every("contract.request").count(), 2);
    let after = told(findings(), &call(Some("application/json"), "{}", Some(400)), &[]);
    assert!(after.has("contract.credentials") && after.has("contract.payload"));
    // A call that ended without a status was made.
    let mut lost = call(Some("application/json"), "{}", None);
    lost.messages.push(firstfault_model::Message {
        kind: firstfault_model::MessageKind::Tool,
        text: "curl: (7) Failed to connect".to_owned(),
        span: Span::default(),
    });
    assert!(!told(findings(), &lost, &[]).has("contract.answer"));
}

#[test]
fn what_the_answer_complains_of_leads() {
    let call = call(Some("application/json"), r#"{"priority":"5"}"#, Some(400));
    let wrong = finding(Kind::WrongType, Spot::Body("/priority".to_owned()), "the field priority is a string");
    let facts = told(vec![missing("subject"), wrong.clone()], &call, &[("validation.type", "body.priority")]);
    assert_eq!(facts.value("contract.payload"), Some("wrong_type"));
    assert_eq!(facts.value("contract.confirms"), Some("wrong_type"));
    assert_eq!(told(vec![missing("subject"), wrong], &call, &[]).value("contract.payload"), Some("missing_field"));
}

#[test]
fn a_near_name_is_what_the_answer_misses() {
    let call = call(Some("application/json"), r#"{"customerID":1}"#, Some(422));
    let mut near = finding(Kind::MisnamedField, Spot::Body("/customerID".to_owned()), "customerID is named customerId");
    near.edit = Some(Edit::RenameField("/customerID".to_owned(), "customerId".to_owned()));
    for complaint in ["customerId", "$.customerId", "customer_id"] {
        let facts = told(vec![near.clone()], &call, &[("validation.missing", complaint)]);
        assert_eq!(facts.value("contract.confirms"), Some("misnamed_field"), "{complaint}");
    }
}

#[test]
fn a_field_that_is_there_contradicts_the_answer() {
    let body = r#"{"caseType":"bug"}"#;
    let complaint = [("validation.missing", "caseType")];
    let fits = told(Vec::new(), &call(Some("application/json"), body, Some(400)), &complaint);
    assert_eq!(fits.value("contract.contradicts"), Some("encoding"));
    assert_eq!(fits.value("contract.contradicts.field"), Some("caseType"));
    let other = finding(Kind::WrongContentType, Spot::Header("content-type".to_owned()), "text/plain is not described");
    let misread = told(vec![other], &call(Some("text/plain"), body, Some(400)), &complaint);
    assert_eq!(misread.value("contract.contradicts"), Some("content_type"));
    assert_eq!(misread.value("contract.format"), Some("wrong_content_type"));
    // Null and empty are what servers call missing.
    for empty in [r#"{"caseType":null}"#, r#"{"caseType":""}"#] {
        let facts = told(Vec::new(), &call(Some("application/json"), empty, Some(400)), &complaint);
        assert!(!facts.has("contract.contradicts"), "{empty}");
        assert_eq!(facts.value("contract.documentation.field"), Some("caseType"), "{empty}");
    }
}

#[test]
fn what_only_the_server_demands_or_refuses_is_undocumented() {
    let call = call(Some("application/json"), r#"{"subject":"x","size":3}"#, Some(422));
    for (key, field, of) in [
        ("validation.missing", "region", "missing"),
        ("validation.value", "size", "value"),
        ("validation.type", "size", "type"),
        ("validation.unknown", "size", "unknown"),
    ] {
        let facts = told(Vec::new(), &call, &[(key, field)]);
        assert_eq!(facts.value("contract.documentation"), Some(of), "{key}");
        assert_eq!(facts.value("contract.documentation.field"), Some(field));
        assert_eq!(facts.value("contract.request.holds"), Some("true"));
    }
}

#[test]
fn calls_of_other_apis_are_left_alone() {
    let held = Held { belongs: false, findings: vec![missing("a")], ..Held::default() };
    let mut observations = Observations::default();
    facts::add(&held, &contract(), &call(None, "{}", Some(400)), &mut observations);
    assert!(observations.facts.is_empty());
}

#[test]
fn warnings_are_no_findings_of_the_request() {
    let mut near = missing("a");
    near.severity = Severity::Warning;
    let facts = told(vec![near], &call(Some("application/json"), "{}", Some(200)), &[]);
    assert_eq!(facts.value("contract.request.warning"), Some("missing_field"));
    assert!(!facts.has("contract.request") && facts.has("contract.request.holds"));
}

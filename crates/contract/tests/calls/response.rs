//! Statuses, response headers and bodies; bodies of requests as far as the way decides; schemas alone.

use super::{answered, call, clean, contract, held, kinds, only, sending, with};
use firstfault_contract::Contract;
use firstfault_model::contract::{Half, Kind, Severity, Spot};

fn api() -> Contract {
    contract(
        "openapi: 3.1.0
info: {title: T, version: '1'}
servers: [{url: 'https://h.test'}]
paths:
  /orders:
    get:
      responses:
        '200':
          description: ok
          headers:
            X-Total: {required: true, schema: {type: integer}}
            X-Next: {schema: {type: string, enum: [a, b]}}
          content: {application/json: {schema: {type: array, items: {type: integer}}}}
        4XX: {description: no}
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [sku]}}}
      responses:
        '201': {description: made, headers: {Location: {schema: {type: string}}}, content: {application/json: {schema: {type: object}}}}
        '400': {description: no}
  /notes:
    post: {responses: {'201': {description: made}}}
    delete: {responses: {'204': {description: gone}}}
",
    )
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn answers_as_described_have_no_finding() {
    let api = api();
    let get = || call("GET", "https://h.test/orders");
    let post = || sending(call("POST", "https://h.test/orders"), r#"{"sku":"a"}"#);
    let good = answered(get(), 200, &[JSON, ("X-Total", "5"), ("X-Next", "a")], "[1]");
    clean(&api, &good);
    let found = held(&api, &good);
    assert!(found.request_held && found.response_held);
    clean(&api, &answered(get(), 404, &[], "not found"));
    clean(&api, &answered(post(), 201, &[JSON, ("Location", "/orders/1")], "{}"));
    clean(&api, &answered(post(), 201, &[JSON], r#"{"orderId":1}"#));
    clean(&api, &answered(post(), 201, &[JSON], r#"{"data":{"id":1}}"#));
    clean(&api, &answered(call("DELETE", "https://h.test/notes"), 204, &[], ""));
    clean(&api, &answered(call("HEAD", "https://h.test/orders"), 200, &[JSON, ("X-Total", "5")], ""));
    clean(&api, &post());
}

#[test]
fn statuses_are_held_against_those_described() {
    let api = api();
    for (status, severity) in [
        (202, Severity::Error),
        (302, Severity::Error),
        (304, Severity::Note),
        (409, Severity::Warning),
        (401, Severity::Note),
        (503, Severity::Note),
    ] {
        let call = sending(call("POST", "https://h.test/orders"), r#"{"sku":"a"}"#);
        let finding = only(&api, &answered(call, status, &[], ""));
        assert_eq!((finding.kind, finding.half), (Kind::UndocumentedStatus, Half::Response));
        assert_eq!((finding.severity, finding.spot), (severity, Spot::Status), "{status}");
        assert_eq!(finding.expected, "201, 400");
    }
}

#[test]
fn headers_bodies_and_created_resources_are_missed() {
    let api = api();
    let get = || call("GET", "https://h.test/orders");
    let post = || sending(call("POST", "https://h.test/orders"), r#"{"sku":"a"}"#);
    for (call, kind, severity) in [
        (answered(get(), 200, &[JSON], "[1]"), Kind::MissingHeader, Severity::Error),
        (answered(get(), 200, &[JSON, ("X-Total", "many")], "[1]"), Kind::InvalidHeader, Severity::Error),
        (answered(get(), 200, &[JSON, ("X-Total", "1"), ("x-next", "c")], "[1]"), Kind::InvalidHeader, Severity::Error),
        (answered(get(), 200, &[JSON, ("X-Total", "1")], ""), Kind::MissingBody, Severity::Error),
        (answered(post(), 201, &[JSON], "{}"), Kind::NoCreatedResource, Severity::Error),
        (
            answered(super::call("POST", "https://h.test/notes"), 201, &[], ""),
            Kind::NoCreatedResource,
            Severity::Warning,
        ),
    ] {
        let finding = only(&api, &call);
        assert_eq!((finding.kind, finding.severity, finding.half), (kind, severity, Half::Response), "{finding:#?}");
    }
    let held = held(&api, &answered(get(), 200, &[JSON, ("X-Total", "1")], r#"["a"]"#));
    assert_eq!(held.findings.len(), 1);
    assert_eq!((held.findings[0].half, held.findings[0].spot.clone()), (Half::Response, Spot::Body("/0".into())));
}

#[test]
fn a_body_is_missed_or_too_many() {
    let api = api();
    let finding = only(&api, &call("POST", "https://h.test/orders"));
    assert_eq!((finding.kind, finding.severity), (Kind::MissingBody, Severity::Error));
    assert_eq!(only(&api, &sending(call("POST", "https://h.test/orders"), " ")).kind, Kind::MissingBody);
    let finding = only(&api, &sending(call("DELETE", "https://h.test/notes"), "{}"));
    assert_eq!((finding.kind, finding.severity), (Kind::UnexpectedBody, Severity::Warning));
    // The head says that there is one: it was not recorded.
    clean(&api, &with(call("POST", "https://h.test/orders"), &[("Content-Length", "12")]));
    let mut cut = call("POST", "https://h.test/orders");
    cut.request.as_mut().unwrap().complete = false;
    clean(&api, &cut);
    assert!(!held(&api, &cut).request_held);
}

#[test]
fn what_another_path_answered_says_nothing() {
    let api = api();
    let call = answered(call("GET", "https://h.test/ordrs"), 404, &[("Content-Type", "text/html")], "<html>");
    assert_eq!(kinds(&held(&api, &call)), [Kind::UnknownPath]);
}

#[test]
fn a_schema_alone_judges_the_body_that_is_there() {
    let schema = contract(r#"{"type":"object","required":["a"]}"#);
    let bad = held(&schema, &sending(call("POST", "https://h.test/x"), "{}"));
    assert_eq!((bad.findings.len(), bad.request_held), (1, true));
    let good = held(&schema, &sending(call("POST", "https://h.test/x"), r#"{"a":1}"#));
    assert_eq!(good.findings, vec![]);
    let back = held(&schema, &answered(call("GET", "https://h.test/x"), 200, &[], "{}"));
    assert_eq!((back.findings[0].half, back.response_held, back.belongs), (Half::Response, true, true));
    assert!(!held(&schema, &call("GET", "https://h.test/x")).belongs);
}

//! Recorded calls that agree with the old description and break the new one.

use super::{NOW, contract, difference};
use firstfault_contract::{Recorded, diff};
use firstfault_model::contract::{Difference, Kind};
use firstfault_model::{Body, Call, Header, Headers, Request, Span, Url};
use serde_json::{Value, json};

fn customers(required: &Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://api.example.com"}],
        "paths": {"/customers": {"post": {
            "requestBody": {"required": true, "content": {"application/json": {"schema": {
                "type": "object",
                "required": required,
                "properties": {"name": {"type": "string"}, "email": {"type": "string"}},
            }}}},
            "responses": {"201": {"description": "made"}},
        }}},
    })
}

fn post(body: &Value, line: u32) -> Call {
    let json = Header { name: "Content-Type".into(), value: "application/json".into(), span: Span::default() };
    let span = Span { line, ..Span::default() };
    let request = Request {
        method: Some("POST".into()),
        url: Url::parse("https://api.example.com/customers"),
        headers: Headers(vec![json]),
        body: Some(Body::bounded(&body.to_string(), span)),
        complete: true,
        span,
        ..Request::default()
    };
    Call { request: Some(request), span, ..Call::default() }
}

fn recorded(calls: &[Call]) -> Difference {
    let old = contract("old.json", &customers(&json!(["name"])).to_string());
    let new = contract("new.json", &customers(&json!(["name", "email"])).to_string());
    let mut found = diff(&old, &new, Some(NOW));
    let mut recorded = Recorded::new(&old, &new);
    for call in calls {
        recorded.add("calls.har", call, Some(NOW));
    }
    recorded.finish(&mut found);
    found
}

#[test]
fn a_call_that_agreed_and_does_not_any_more_is_told_once() {
    let calls = [
        post(&json!({"name": "Ada", "email": "ada@example.com"}), 3),
        post(&json!({"name": "Ada"}), 9),
        post(&json!({"name": "Grace"}), 12),
        // Wrong before as after: no news.
        post(&json!({"email": "x@example.com"}), 20),
    ];
    let found = recorded(&calls);
    assert_eq!(found.calls, 4);
    let broken: Vec<(&str, usize)> = found.broken_calls.iter().map(|b| (b.call.as_str(), b.repeats)).collect();
    assert_eq!(broken, [("POST /customers", 2)]);
    assert_eq!(found.broken_calls[0].findings[0].kind, Kind::MissingField);
    let change = found.changes.iter().find(|c| c.rule == "request-property-became-required").unwrap();
    assert_eq!(change.calls, Some(4));
}

#[test]
fn without_recorded_calls_nothing_is_said_of_them() {
    let found = difference(&customers(&json!(["name"])), &customers(&json!(["name", "email"])));
    assert!(found.broken_calls.is_empty() && found.changes.iter().all(|c| c.calls.is_none()));
}

//! Calls held against descriptions: the way to the operation, parameters, credentials, responses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "calls/credentials.rs"]
mod credentials;
#[path = "calls/parameters.rs"]
mod parameters;
#[path = "calls/response.rs"]
mod response;
#[path = "calls/route.rs"]
mod route;

use firstfault_contract::{Contract, Given, Held, Source, check, load};
use firstfault_model::contract::{Finding, Kind};
use firstfault_model::{Body, Call, Origin, Request, Response, Span, Url, Vantage};

struct Nowhere;

impl Source for Nowhere {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("nothing at {uri}"))
    }
}

/// A description from its text.
fn contract(text: &str) -> Contract {
    load(Given { uri: "file:///crm.yaml", name: "crm.yaml", text }, &mut Nowhere).unwrap()
}

/// A request that was seen whole.
fn call(method: &str, url: &str) -> Call {
    let request = Request { method: Some(method.into()), url: Url::parse(url), complete: true, ..Request::default() };
    Call { request: Some(request), ..Call::new(Origin::HttpMessage, Vantage::Client) }
}

/// The same with header fields.
fn with(mut call: Call, fields: &[(&str, &str)]) -> Call {
    for (name, value) in fields {
        call.request.as_mut().unwrap().headers.push(*name, *value, Span::default());
    }
    call
}

/// The same with a JSON body.
fn sending(call: Call, body: &str) -> Call {
    let mut call = with(call, &[("Content-Type", "application/json")]);
    call.request.as_mut().unwrap().body = Some(Body::bounded(body, Span::default()));
    call
}

/// The same with an answer that was seen whole.
fn answered(mut call: Call, status: u16, fields: &[(&str, &str)], body: &str) -> Call {
    let mut response = Response { status: Some(status), complete: true, ..Response::default() };
    for (name, value) in fields {
        response.headers.push(*name, *value, Span::default());
    }
    response.body = Some(Body::bounded(body, Span::default()));
    call.response = Some(response);
    call
}

fn held(contract: &Contract, call: &Call) -> Held {
    check(contract, call, None)
}

fn kinds(held: &Held) -> Vec<Kind> {
    held.findings.iter().map(|f| f.kind).collect()
}

/// The only finding of a call.
#[track_caller]
fn only(contract: &Contract, call: &Call) -> Finding {
    let held = held(contract, call);
    assert_eq!(held.findings.len(), 1, "{:#?}", held.findings);
    held.findings.into_iter().next().unwrap()
}

/// A call that agrees with the description.
#[track_caller]
fn clean(contract: &Contract, call: &Call) {
    let held = held(contract, call);
    assert!(held.belongs, "{:?}", call.request);
    assert_eq!(held.findings, vec![], "{:?}", call.request.as_ref().map(|r| r.url.to_string()));
}

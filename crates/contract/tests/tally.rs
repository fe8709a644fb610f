//! Many calls added up: coverage, equal findings put together and counted once a call, first places, recorded calls that
//! would break.

use firstfault_contract::{Contract, Given, Held, Recorded, Source, Tally, diff, load};
use firstfault_model::contract::{Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Body, Call, Request, Response, Span, Url};

struct Nowhere;

impl Source for Nowhere {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("expected no reference, got {uri}"))
    }
}

fn contract(text: &str) -> Contract {
    load(Given { uri: "file:///crm.yaml", name: "crm.yaml", text }, &mut Nowhere).unwrap()
}

const CRM: &str = r#"
openapi: 3.1.0
info: {title: CRM, version: '1'}
servers: [{url: https://crm.example.com}]
paths:
  /tickets:
    get:
      operationId: listTickets
      parameters:
        - {name: status, in: query, schema: {type: string}}
        - {name: filter, in: query, style: deepObject, explode: true, schema: {type: object}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: session, in: cookie, schema: {type: string}}
      responses:
        '200': {description: ok}
        4XX: {description: refused}
        default: {description: other}
    post:
      requestBody:
        content:
          application/json:
            schema: {type: object, required: [a], properties: {a: {type: string}, b: {type: integer}}}
      responses: {'201': {description: made}}
"#;

fn call(method: &str, target: &str, status: u16, line: u32) -> Call {
    let span = Span::new(line, 0, 9);
    let request = Request {
        method: Some(method.to_owned()),
        url: Url::parse(&format!("https://crm.example.com{target}")),
        complete: true,
        span,
        ..Request::default()
    };
    let response = Response { status: Some(status), span, ..Response::default() };
    Call { request: Some(request), response: Some(response), span, ..Call::default() }
}

fn finding(pointer: &str, severity: Severity) -> Finding {
    Finding {
        kind: Kind::WrongType,
        half: Half::Request,
        severity,
        spot: Spot::Body(pointer.to_owned()),
        operation: Some("POST /tickets".to_owned()),
        rule: "crm.yaml#/x".to_owned(),
        line: 3,
        expected: "string".to_owned(),
        got: "5".to_owned(),
        message: "a number".to_owned(),
        fix: String::new(),
        edit: None,
    }
}

fn held(operation: usize, findings: Vec<Finding>) -> Held {
    Held { operation: Some(operation), belongs: true, findings, ..Held::default() }
}

/// Index of an operation by its method.
fn index(contract: &Contract, method: &str) -> usize {
    contract.operations.iter().position(|operation| operation.method == method).unwrap()
}

#[test]
fn coverage_counts_parameters_and_statuses() {
    let contract = contract(CRM);
    let get = index(&contract, "GET");
    let mut tally = Tally::new(&contract);
    let mut first = call("GET", "/tickets?st%61tus=open&filter[a]=1", 200, 1);
    let request = first.request.as_mut().unwrap();
    request.headers.push("cookie", "a=1; session=s", Span::default());
    for one in
        [first, call("GET", "/tickets", 404, 2), call("GET", "/tickets", 503, 3), call("GET", "/tickets", 200, 4)]
    {
        assert!(!tally.add("calls.har", &one, &held(get, Vec::new())));
    }
    let checked = tally.finish();
    assert_eq!((checked.calls, checked.matched, checked.broken), (4, 4, 0));
    let seen = checked.coverage.iter().find(|covered| covered.id.as_deref() == Some("listTickets")).unwrap();
    let parameters: Vec<(&str, bool)> = seen.parameters.iter().map(|(name, seen)| (name.as_str(), *seen)).collect();
    let expected =
        [("query status", true), ("query filter", true), ("header X-Trace", false), ("cookie session", true)];
    assert_eq!(parameters, expected);
    let statuses: Vec<(&str, usize)> = seen.statuses.iter().map(|(status, calls)| (status.as_str(), *calls)).collect();
    assert_eq!(statuses, [("200", 2), ("4XX", 1), ("default", 1)]);
    assert_eq!(checked.coverage.iter().map(|covered| covered.calls).sum::<usize>(), 4);
}

#[test]
fn equal_findings_are_one_whatever_their_place_in_a_list() {
    let contract = contract(CRM);
    let post = index(&contract, "POST");
    let mut tally = Tally::new(&contract);
    let several = held(post, vec![finding("/items/0/a", Severity::Error), finding("/items/7/a", Severity::Error)]);
    let mut sent = call("POST", "/tickets", 400, 5);
    sent.request.as_mut().unwrap().body = Some(Body::bounded("{}", Span::new(7, 0, 2)));
    assert!(tally.add("a.har", &sent, &several), "its first finding is kept");
    assert!(!tally.add("b.har", &call("POST", "/tickets", 400, 9), &several), "it is known");
    assert!(tally.add("b.har", &call("POST", "/tickets", 400, 11), &held(post, vec![finding("/b", Severity::Note)])));
    tally.add("b.har", &call("GET", "/else", 200, 12), &Held::default());
    tally.input("b.har", vec!["cut".to_owned()]);
    let checked = tally.finish();
    assert_eq!((checked.calls, checked.matched, checked.broken), (4, 3, 2));
    let groups: Vec<(usize, Severity)> =
        checked.groups.iter().map(|group| (group.calls, group.finding.severity)).collect();
    assert_eq!(groups, [(2, Severity::Error), (1, Severity::Note)], "each call counts once, graver ones first");
    assert_eq!(
        checked.groups[0].places,
        [("a.har".to_owned(), 7), ("b.har".to_owned(), 9)],
        "of a field, its body's line"
    );
    assert_eq!(checked.groups[0].signature.len(), 16);
    let inputs: Vec<(&str, usize, usize)> =
        checked.inputs.iter().map(|input| (input.name.as_str(), input.calls, input.problems.len())).collect();
    assert_eq!(inputs, [("a.har", 1, 0), ("b.har", 3, 1)]);
}

#[test]
fn many_different_findings_stay_bounded() {
    let contract = contract(CRM);
    let post = index(&contract, "POST");
    let mut tally = Tally::new(&contract);
    for number in 0..3_000 {
        let findings = vec![finding(&format!("/field{number}"), Severity::Error)];
        tally.add("a.har", &call("POST", "/tickets", 400, 1), &held(post, findings));
    }
    let checked = tally.finish();
    assert_eq!((checked.groups.len(), checked.broken), (2_000, 3_000));
}

#[test]
fn recorded_calls_break_by_their_requests_alone() {
    let (old, new) = (contract(CRM), contract(&CRM.replace("required: [a]", "required: [a, b]")));
    let mut recorded = Recorded::new(&old, &new);
    let sent = |body: &str| {
        let mut call = call("POST", "/tickets", 201, 4);
        let request = call.request.as_mut().unwrap();
        request.headers.push("Content-Type", "application/json", Span::default());
        request.body = Some(Body::bounded(body, Span::new(5, 0, body.len())));
        call
    };
    assert!(recorded.add("a.har", &sent(r#"{"a":"x"}"#), None));
    assert!(!recorded.add("a.har", &sent(r#"{"a":"y"}"#), None), "it breaks in the same way");
    assert!(!recorded.add("a.har", &sent(r#"{"a":"x","b":1}"#), None), "it has what is required");
    assert!(!recorded.add("a.har", &sent(r#"{"b":1}"#), None), "it was broken before");
    let mut difference = diff(&old, &new, None);
    recorded.finish(&mut difference);
    assert_eq!(difference.calls, 4);
    let broken = &difference.broken_calls;
    assert_eq!((broken.len(), broken[0].repeats, broken[0].call.as_str()), (1, 2, "POST /tickets"));
    assert_eq!(broken[0].place, ("a.har".to_owned(), 5));
    assert_eq!(broken[0].findings[0].kind, Kind::MissingField);
    let used = difference.changes.iter().find(|change| change.operation == "POST /tickets").unwrap();
    assert_eq!(used.calls, Some(4));
}

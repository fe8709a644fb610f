//! What calls looked like when they worked, and what is said of one that differs.

use firstfault_contract::Baseline;
use firstfault_model::contract::{Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Body, Call, Headers, Request, Response, Span, Url};

struct Told<'a> {
    method: &'a str,
    url: &'a str,
    sent: Option<&'a str>,
    status: u16,
    got: Option<&'a str>,
    headers: &'a [(&'a str, &'a str)],
    media: &'a str,
}

const POST: Told<'_> = Told {
    method: "POST",
    url: "https://crm.example.com/v1/tickets",
    sent: Some(r#"{"subject":"x","caseType":"bug","tags":["a"],"count":1}"#),
    status: 201,
    got: Some(r#"{"id":"t-1","state":"open","total":5,"lines":[{"sku":"a","n":1},{"sku":"b","n":2}],"note":null}"#),
    headers: &[("Authorization", "Bearer x"), ("X-Tenant", "acme")],
    media: "application/json",
};

fn headers(list: &[(&str, &str)], media: Option<&str>) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in list {
        headers.push(*name, *value, Span::default());
    }
    if let Some(media) = media {
        headers.push("Content-Type", media, Span::default());
    }
    headers
}

fn call(told: &Told<'_>) -> Call {
    let body = |text: Option<&str>| text.map(|text| Body::bounded(text, Span::default()));
    Call {
        request: Some(Request {
            method: Some(told.method.to_owned()),
            url: Url::parse(told.url),
            headers: headers(told.headers, told.sent.map(|_| "application/json")),
            body: body(told.sent),
            complete: true,
            ..Request::default()
        }),
        response: Some(Response {
            status: Some(told.status),
            headers: headers(&[], told.got.map(|_| told.media)),
            body: body(told.got),
            complete: true,
            ..Response::default()
        }),
        ..Call::default()
    }
}

fn learned(told: &Told<'_>, times: usize) -> Baseline {
    let calls: Vec<Call> = (0..times).map(|_| call(told)).collect();
    Baseline::learn(calls.iter())
}

fn errors(findings: &[Finding]) -> Vec<(Kind, Half, String)> {
    findings.iter().filter(|f| f.severity == Severity::Error).map(|f| (f.kind, f.half, f.spot.to_string())).collect()
}

#[test]
fn what_worked_is_no_finding() {
    assert_eq!(learned(&POST, 5).check(&call(&POST)), []);
}

#[test]
fn changes_of_answers_are_found() {
    let baseline = learned(&POST, 5);
    let kinds = |got: &str| errors(&baseline.check(&call(&Told { got: Some(got), ..POST })));
    let response = |kind, at: &str| vec![(kind, Half::Response, format!("body {at}"))];
    let whole = r#"{"id":"t-1","state":"open","total":5,"lines":[{"sku":"a","n":1}],"note":null}"#;
    assert_eq!(kinds(whole), []);
    assert_eq!(kinds(&whole.replace(r#""state":"open","#, "")), response(Kind::MissingField, "/state"));
    assert_eq!(kinds(&whole.replace(r#""total":5"#, r#""total":"5""#)), response(Kind::WrongType, "/total"));
    assert_eq!(kinds(&whole.replace(r#""total":5"#, r#""total":null"#)), response(Kind::NullValue, "/total"));
    assert_eq!(kinds(&whole.replace(r#""total":5"#, r#""total":[5]"#)), response(Kind::ListForSingleValue, "/total"));
    assert_eq!(kinds(&whole.replace(r#""total""#, r#""Total""#)), response(Kind::MisnamedField, "/Total"));
    assert_eq!(kinds(&whole.replace(r#""n":1"#, r#""n":"1""#)), response(Kind::WrongType, "/lines/0/n"));
    // Of what only ever was null nothing is known; what is new is only noted.
    assert_eq!(kinds(&whole.replace("null", "\"text\"")), []);
    let new = baseline.check(&call(&Told { got: Some(&whole.replace('{', r#"{"extra":1,"#)), ..POST }));
    assert!(!new.is_empty() && new.iter().all(|f| f.kind == Kind::UnknownField && f.severity == Severity::Note));
}

#[test]
fn one_finding_speaks_for_all_items() {
    let got = r#"{"id":"t-1","state":"open","total":5,"lines":[{"sku":"a"},{"sku":"b"},{"sku":"c"}],"note":null}"#;
    let found = learned(&POST, 5).check(&call(&Told { got: Some(got), ..POST }));
    assert_eq!(errors(&found), [(Kind::MissingField, Half::Response, "body /lines/0/n".to_owned())]);
    assert_eq!(found[0].rule, "baseline: 5 working calls");
    assert_eq!(found[0].operation.as_deref(), Some("POST /v1/tickets"));
}

#[test]
fn changes_of_requests_are_found() {
    let baseline = learned(&POST, 4);
    let refused =
        |sent: &str| errors(&baseline.check(&call(&Told { sent: Some(sent), status: 400, got: None, ..POST })));
    let request = |kind, at: &str| vec![(kind, Half::Request, format!("body {at}"))];
    assert_eq!(refused(r#"{"subject":"x","tags":["a"],"count":1}"#), request(Kind::MissingField, "/caseType"));
    assert_eq!(
        refused(r#"{"subject":"x","case_type":"bug","tags":["a"],"count":1}"#),
        request(Kind::MisnamedField, "/case_type")
    );
    assert_eq!(
        refused(r#"{"subject":"x","caseType":"bug","tags":"a","count":1}"#),
        request(Kind::SingleValueForList, "/tags")
    );
    assert_eq!(
        refused(r#"{"subject":"x","caseType":"bug","tags":["a"],"count":"1"}"#),
        request(Kind::WrongType, "/count")
    );
    let bare = baseline.check(&call(&Told { headers: &[], status: 401, got: None, ..POST }));
    let kinds: Vec<(Kind, &Spot)> = bare.iter().map(|f| (f.kind, &f.spot)).collect();
    assert_eq!(
        kinds,
        [
            (Kind::MissingCredentials, &Spot::Header("authorization".to_owned())),
            (Kind::MissingParameter, &Spot::Header("x-tenant".to_owned()))
        ]
    );
}

#[test]
fn few_calls_are_no_habit() {
    let got = r#"{"id":"t-1"}"#;
    let found = learned(&POST, 2).check(&call(&Told { got: Some(got), ..POST }));
    assert!(!found.is_empty() && errors(&found).is_empty());
    // What was absent once is optional.
    let mut calls: Vec<Call> = (0..5).map(|_| call(&POST)).collect();
    calls.push(call(&Told { got: Some(got), ..POST }));
    assert_eq!(Baseline::learn(calls.iter()).check(&call(&Told { got: Some(got), ..POST })), []);
}

#[test]
fn other_media_and_empty_bodies_are_found() {
    let baseline = learned(&POST, 3);
    let page = baseline.check(&call(&Told { got: Some("<html></html>"), media: "text/html", ..POST }));
    assert_eq!(errors(&page), [(Kind::WrongContentType, Half::Response, "header content-type".to_owned())]);
    let empty = baseline.check(&call(&Told { got: Some(""), ..POST }));
    assert_eq!(errors(&empty), [(Kind::MissingBody, Half::Response, "body".to_owned())]);
    let other = baseline.check(&call(&Told { status: 202, ..POST }));
    assert_eq!(
        other.iter().map(|f| (f.kind, f.severity)).collect::<Vec<_>>(),
        [(Kind::UndocumentedStatus, Severity::Warning)]
    );
}

#[test]
fn ids_and_names_in_paths_are_one_operation() {
    let at = |path: &str, got: &str| {
        let url = format!("https://crm.example.com{path}");
        call(&Told { method: "GET", url: &url, sent: None, status: 200, got: Some(got), ..POST })
    };
    let user = r#"{"login":"x","plan":"free","team":{"id":1}}"#;
    let mut calls: Vec<Call> = (1..=4).map(|n| at(&format!("/v1/orders/{n}"), r#"{"total":1}"#)).collect();
    calls.extend(["ann", "bob", "cem", "dee"].map(|name| at(&format!("/v1/users/{name}"), user)));
    calls.extend([
        at("/v1/plans", r#"{"plans":[]}"#),
        at("/v1/users", r#"{"users":[]}"#),
        at("/v1/teams", r#"{"teams":[]}"#),
        at("/v1/orders", r#"{"orders":[]}"#),
    ]);
    let baseline = Baseline::learn(calls.iter());
    let names: Vec<(String, u32)> = baseline.operations().collect();
    assert!(names.contains(&("GET /v1/orders/{id}".to_owned(), 4)), "{names:?}");
    assert!(names.contains(&("GET /v1/users/{id}".to_owned(), 4)), "{names:?}");
    assert_eq!(names.len(), 6, "{names:?}");
    let found = baseline.check(&at("/v1/users/eve", r#"{"login":"x","team":{"id":1}}"#));
    assert_eq!(errors(&found), [(Kind::MissingField, Half::Response, "body /plan".to_owned())]);
    // What was not seen working is not judged.
    assert_eq!(baseline.check(&at("/v2/users/eve", "{}")), []);
}

#[test]
fn failures_teach_nothing_and_are_held_by_their_request_alone() {
    let failed = Told { status: 500, got: Some(r#"{"error":"x"}"#), ..POST };
    assert_eq!(learned(&failed, 5).operations().count(), 0);
    assert_eq!(learned(&POST, 5).check(&call(&failed)), []);
}

#[test]
fn tables_of_ids_are_no_fields() {
    let by_id = |id: u32| format!(r#"{{"rows":{{"{id}":{{"n":1}},"{}":{{"n":2}}}}}}"#, id + 1);
    let told = |id: u32| call(&Told { got: Some(&by_id(id)), ..POST });
    let calls: Vec<Call> = (0..6).map(told).collect();
    assert_eq!(Baseline::learn(calls.iter()).check(&told(77)), []);
}

#[test]
fn deep_and_wide_bodies_stay_bounded() {
    let deep = format!("{}{}", "[".repeat(120), "]".repeat(120));
    let wide = format!("{{{}}}", (0..5_000).map(|n| format!("\"k{n}x\":1")).collect::<Vec<_>>().join(","));
    for got in [deep, wide] {
        let told = call(&Told { got: Some(&got), ..POST });
        let baseline = Baseline::learn(std::iter::repeat_n(&told, 5));
        assert!(baseline.check(&told).len() <= 50);
        assert!(baseline.check(&call(&POST)).len() <= 50);
    }
}

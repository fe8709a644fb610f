//! Credentials, scopes and operations that are no longer served.

use super::{answered, call, clean, contract, held, only, with};
use base64::Engine as _;
use firstfault_contract::{Contract, check};
use firstfault_model::Call;
use firstfault_model::contract::{Edit, Finding, Kind, Severity, Spot};

fn api() -> Contract {
    contract(
        "openapi: 3.1.0
info: {title: T, version: '1'}
security: [{oauth: ['orders:read', 'orders:write']}]
paths:
  /oauth: {get: {responses: {'200': {description: ok}}}}
  /basic: {get: {security: [{basic: []}], responses: {'200': {description: ok}}}}
  /header: {get: {security: [{header: []}], responses: {'200': {description: ok}}}}
  /query: {get: {security: [{query: []}], responses: {'200': {description: ok}}}}
  /cookie: {get: {security: [{cookie: []}], responses: {'200': {description: ok}}}}
  /either: {get: {security: [{basic: []}, {header: []}], responses: {'200': {description: ok}}}}
  /both: {get: {security: [{header: [], app: []}], responses: {'200': {description: ok}}}}
  /optional: {get: {security: [{header: []}, {}], responses: {'200': {description: ok}}}}
  /open: {get: {security: [], responses: {'200': {description: ok}}}}
  /mutual: {get: {security: [{mutual: []}], responses: {'200': {description: ok}}}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://t.test', scopes: {'orders:read': r}}}}
    basic: {type: http, scheme: basic}
    header: {type: apiKey, in: header, name: X-Api-Key}
    app: {type: apiKey, in: header, name: X-App-Id}
    query: {type: apiKey, in: query, name: api_key}
    cookie: {type: apiKey, in: cookie, name: sid}
    mutual: {type: mutualTLS}
",
    )
}

fn at(path: &str, fields: &[(&str, &str)]) -> Call {
    with(call("GET", &format!("https://h.test{path}")), fields)
}

/// A JWT without a signature.
fn token(claims: &str) -> String {
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("Bearer {}.{}.", part(r#"{"alg":"none"}"#), part(claims))
}

#[test]
fn credentials_that_fit_have_no_finding() {
    let api = api();
    for (path, fields) in [
        ("/oauth", &[("Authorization", "Bearer opaque")][..]),
        ("/oauth", &[("authorization", "bearer ‹token:a1›")]),
        ("/oauth?access_token=x", &[]),
        ("/basic", &[("Authorization", "Basic dTpw")]),
        ("/basic", &[("Authorization", "‹password:a1›")]),
        ("/header", &[("x-api-key", "k")]),
        ("/query?api_key=k", &[]),
        ("/cookie", &[("Cookie", "a=b; sid=1")]),
        ("/either", &[("X-Api-Key", "k")]),
        ("/both", &[("X-Api-Key", "k"), ("X-App-Id", "a")]),
        ("/optional", &[]),
        ("/open", &[]),
        ("/mutual", &[]),
    ] {
        clean(&api, &at(path, fields));
    }
    let mut cut = at("/header", &[]);
    cut.request.as_mut().unwrap().complete = false;
    clean(&api, &cut);
}

#[test]
fn credentials_that_are_not_there_are_missed() {
    let api = api();
    for (path, fields, spot) in [
        ("/oauth", &[][..], Spot::Header("Authorization".into())),
        ("/oauth", &[("Authorization", "Bearer ")], Spot::Header("Authorization".into())),
        ("/oauth", &[("Authorization", "Bearer undefined")], Spot::Header("Authorization".into())),
        ("/header", &[], Spot::Header("X-Api-Key".into())),
        ("/query", &[], Spot::Query("api_key".into())),
        ("/cookie", &[("Cookie", "a=b")], Spot::Cookie("sid".into())),
        ("/both", &[("X-Api-Key", "k")], Spot::Header("X-App-Id".into())),
    ] {
        let finding = only(&api, &at(path, fields));
        assert_eq!(
            (finding.kind, finding.severity),
            (Kind::MissingCredentials, Severity::Error),
            "{path} {finding:#?}"
        );
        assert_eq!(finding.spot, spot, "{path}");
    }
    // The answer says that they were there: an archive without secrets.
    let finding = only(&api, &answered(at("/header", &[]), 200, &[], ""));
    assert_eq!(finding.severity, Severity::Note);
}

#[test]
fn credentials_of_another_scheme_are_told() {
    let api = api();
    for (path, fields, edit) in [
        ("/oauth", &[("Authorization", "Basic dTpw")][..], None),
        ("/oauth", &[("Authorization", "abc")], Some(Edit::Header("Authorization".into(), "Bearer abc".into()))),
        ("/oauth", &[("X-Api-Key", "k")], Some(Edit::Header("Authorization".into(), "Bearer k".into()))),
        ("/basic", &[("Authorization", "Bearer x")], None),
        ("/header", &[("Authorization", "Bearer k")], Some(Edit::Header("X-Api-Key".into(), "k".into()))),
        ("/header?api_key=k", &[], Some(Edit::Header("X-Api-Key".into(), "k".into()))),
        ("/header", &[("X-ApiKey", "k")], Some(Edit::Header("X-Api-Key".into(), "k".into()))),
        ("/query", &[("X-Api-Key", "k")], Some(Edit::Query("api_key".into(), "k".into()))),
    ] {
        let finding = only(&api, &at(path, fields));
        assert_eq!(finding.kind, Kind::WrongCredentialScheme, "{path} {finding:#?}");
        assert_eq!(finding.edit, edit, "{path}");
    }
}

#[test]
fn scopes_of_the_token_are_held_against_the_operation() {
    let api = api();
    let found =
        |claims: &str| -> Vec<Finding> { held(&api, &at("/oauth", &[("Authorization", &token(claims))])).findings };
    for claims in [
        r#"{"scope":"orders:read orders:write"}"#,
        r#"{"scp":["orders:write","orders:read","x"]}"#,
        r#"{"scope":"orders:read","roles":["orders:write"]}"#,
        r#"{"sub":"1"}"#,
    ] {
        assert_eq!(found(claims), vec![], "{claims}");
    }
    let finding = &found(r#"{"scope":"orders:read"}"#)[0];
    assert_eq!((finding.kind, finding.severity), (Kind::MissingScope, Severity::Error));
    assert_eq!(finding.message, "the token lacks the scope orders:write");
    assert_eq!(finding.got, "orders:read");
    assert_eq!(found(r#"{"scope":""}"#)[0].message, "the token lacks the scopes orders:read and orders:write");
    // The answer names the scopes of a token that says nothing itself.
    let opaque = at("/oauth", &[("Authorization", "Bearer opaque")]);
    let held = held(&api, &answered(opaque, 403, &[("X-OAuth-Scopes", "orders:write")], ""));
    assert_eq!(held.findings[0].message, "the token lacks the scope orders:read");
}

#[test]
fn operations_end_on_their_day() {
    let api = contract(
        "openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /old: {get: {deprecated: true, x-sunset: '2024-06-30', responses: {'200': {description: ok}}}}
  /aged: {get: {deprecated: true, responses: {'200': {description: ok}}}}
  /new: {get: {responses: {'200': {description: ok}}}}
",
    );
    let day = 86_400_000;
    let sunset = 1_719_705_600_000;
    let found = |started, now| -> (Kind, Severity) {
        let finding = check(&api, &Call { started, ..at("/old", &[]) }, now).findings.remove(0);
        (finding.kind, finding.severity)
    };
    assert_eq!(found(Some(sunset + day), None), (Kind::Deprecated, Severity::Error));
    assert_eq!(found(None, Some(sunset + day)), (Kind::Deprecated, Severity::Error));
    assert_eq!(found(Some(sunset - day), None), (Kind::Deprecated, Severity::Note));
    assert_eq!(only(&api, &at("/aged", &[])).severity, Severity::Note);
    let told = answered(at("/new", &[]), 200, &[("Sunset", "Sun, 30 Jun 2024 00:00:00 GMT")], "");
    let finding = check(&api, &told, Some(sunset + day)).findings.remove(0);
    assert_eq!((finding.severity, finding.spot), (Severity::Error, Spot::Header("Sunset".into())));
    let told = answered(at("/new", &[]), 200, &[("Deprecation", "@1688169599")], "");
    assert_eq!(only(&api, &told).kind, Kind::Deprecated);
    clean(&api, &answered(at("/new", &[]), 200, &[], ""));
}

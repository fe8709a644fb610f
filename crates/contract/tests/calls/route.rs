//! Host, scheme, base path, path and method.

use super::{call, clean, contract, held, kinds, only, sending};
use firstfault_contract::Contract;
use firstfault_model::Origin;
use firstfault_model::contract::{Edit, Kind, Severity, Spot};

const CRM: &str = "openapi: 3.1.0
info: {title: CRM, version: '1'}
servers:
  - {url: 'https://api.example.com/v1', description: Production}
paths:
  /:
    get: {operationId: root, responses: {'200': {description: ok}}}
  /customers:
    get: {operationId: list, responses: {'200': {description: ok}}}
    post: {operationId: create, responses: {'201': {description: made}}}
  /customers/search:
    get: {operationId: search, responses: {'200': {description: ok}}}
  /customers/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: read, responses: {'200': {description: ok}}}
    delete: {operationId: drop, responses: {'204': {description: gone}}}
    patch: {operationId: change, responses: {'200': {description: ok}}}
  /customers/{id}/orders:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    get: {operationId: orders, responses: {'200': {description: ok}}}
  /customers/{id}/orders/{order}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}}
      - {name: order, in: path, required: true, schema: {type: string}}
    get: {operationId: order, responses: {'200': {description: ok}}}
  /files/{name}.{format}:
    parameters:
      - {name: name, in: path, required: true, schema: {type: string}}
      - {name: format, in: path, required: true, schema: {enum: [json, csv]}}
    get: {operationId: file, responses: {'200': {description: ok}}}
  /jobs/{job}:cancel:
    parameters: [{name: job, in: path, required: true, schema: {type: string}}]
    post: {operationId: cancel, responses: {'200': {description: ok}}}
  /blobs/{path+}:
    get: {operationId: blob, responses: {'200': {description: ok}}}
  /reports/:
    get: {operationId: reports, responses: {'200': {description: ok}}}
";

fn id(contract: &Contract, method: &str, url: &str) -> Option<String> {
    let held = held(contract, &call(method, url));
    contract.operations[held.operation?].id.clone()
}

#[test]
fn calls_find_their_operation() {
    let crm = contract(CRM);
    for (method, url, wanted) in [
        ("GET", "https://api.example.com/v1/customers", "list"),
        ("POST", "https://api.example.com:443/v1/customers?x=1", "create"),
        ("get", "https://API.example.com/v1/customers/search", "search"),
        ("GET", "https://api.example.com/v1/customers/7", "read"),
        ("HEAD", "https://api.example.com/v1/customers/7", "read"),
        ("GET", "https://api.example.com/v1/customers/7/orders/a%2Fb", "order"),
        ("GET", "https://api.example.com/v1/%63ustomers/7/orders#top", "orders"),
        ("GET", "https://api.example.com/v1/files/a.b.csv", "file"),
        ("POST", "https://api.example.com/v1/jobs/5:cancel", "cancel"),
        ("GET", "https://api.example.com/v1/blobs/a/b/c.txt", "blob"),
        ("GET", "https://api.example.com/v1/reports/", "reports"),
        ("GET", "https://api.example.com/v1/", "root"),
        ("GET", "https://api.example.com/v1", "root"),
        ("GET", "/v1/customers/7", "read"),
        ("DELETE", "http://localhost:8080/v1/customers/7", "drop"),
        ("GET", "{{baseUrl}}/customers/7", "read"),
    ] {
        assert_eq!(id(&crm, method, url).as_deref(), Some(wanted), "{method} {url}");
    }
}

#[test]
fn valid_targets_have_no_finding() {
    let crm = contract(CRM);
    for (method, url) in [
        ("GET", "https://api.example.com/v1/customers/7/orders/x"),
        ("OPTIONS", "https://api.example.com/v1/customers"),
        ("HEAD", "https://api.example.com/v1/customers"),
        ("GET", "/v1/customers/7"),
    ] {
        clean(&crm, &call(method, url));
    }
}

#[test]
fn nothing_is_said_of_other_calls() {
    let crm = contract(CRM);
    for url in [
        "https://cdn.other.net/v1/collect",
        "https://other.net/",
        "/",
        "/healthz",
        "https://api.example.com/favicon.ico",
        "https://www.other.net/v2/customer",
    ] {
        let held = held(&crm, &call("GET", url));
        assert!(!held.belongs && held.findings.is_empty(), "{url} {:#?}", held.findings);
    }
}

#[test]
fn the_nearest_path_is_found_with_its_kind() {
    let crm = contract(CRM);
    let base = "https://api.example.com";
    for (method, path, kind, path_wanted) in [
        ("GET", "/v1/costumers/5", Kind::UnknownPath, Some("/v1/customers/5")),
        ("GET", "/v1/customer/5", Kind::UnknownPath, Some("/v1/customers/5")),
        ("GET", "/v1/Customers/5/orders", Kind::UnknownPath, Some("/v1/customers/5/orders")),
        ("GET", "/v1/customers/serach", Kind::UnknownPath, Some("/v1/customers/search")),
        ("GET", "/v1/5/customers/orders", Kind::UnknownPath, Some("/v1/customers/5/orders")),
        ("GET", "/v1//customers/5", Kind::UnknownPath, Some("/v1/customers/5")),
        ("GET", "/v1/customers/5/all/orders", Kind::UnknownPath, Some("/v1/customers/5/orders")),
        ("GET", "/customers/5", Kind::WrongBasePath, Some("/v1/customers/5")),
        ("GET", "/v2/customers/5", Kind::WrongBasePath, Some("/v1/customers/5")),
        ("GET", "/v1/v1/customers/5", Kind::WrongBasePath, Some("/v1/customers/5")),
        ("GET", "/api/v1/customers/5", Kind::WrongBasePath, Some("/v1/customers/5")),
        ("GET", "/v1/customers/5/", Kind::TrailingSlash, Some("/v1/customers/5")),
        ("GET", "/v1/customers/", Kind::TrailingSlash, Some("/v1/customers")),
        ("GET", "/v1/reports", Kind::TrailingSlash, Some("/v1/reports/")),
        ("GET", "/v1/customers//orders", Kind::MissingPathParameter, None),
        ("GET", "/v1/customers/orders", Kind::MissingPathParameter, None),
        ("DELETE", "/v1/customers/", Kind::MissingPathParameter, None),
        ("GET", "/v1/customers/{id}", Kind::MissingPathParameter, None),
        ("GET", "/v1/customers/%7Bid%7D", Kind::MissingPathParameter, None),
        ("GET", "/v1/customers/:id/orders", Kind::MissingPathParameter, None),
        ("GET", "/v1/customers/undefined", Kind::MissingPathParameter, None),
        ("GET", "/v1/customers/[object%20Object]/orders", Kind::MissingPathParameter, None),
    ] {
        let finding = only(&crm, &call(method, &format!("{base}{path}")));
        assert_eq!(finding.kind, kind, "{method} {path} {finding:#?}");
        assert_eq!(finding.severity, Severity::Error);
        let edit = path_wanted.map(|p| Edit::Path(p.into()));
        assert_eq!(finding.edit, edit, "{method} {path} {finding:#?}");
    }
}

#[test]
fn messages_name_what_is_near() {
    let crm = contract(CRM);
    let finding = only(&crm, &call("GET", "https://api.example.com/v1/costumers"));
    assert!(finding.message.contains("/v1/costumers; the nearest"), "{}", finding.message);
    assert!(finding.message.contains("/v1/customers"), "{}", finding.message);
    assert_eq!(finding.fix, "call /v1/customers");
    assert_eq!(finding.operation.as_deref(), Some("GET /customers"));
    assert_eq!(finding.rule, "crm.yaml#/paths/~1customers");
    let finding = only(&crm, &call("GET", "https://api.example.com/v1/entirely/else"));
    assert_eq!((finding.kind, finding.edit), (Kind::UnknownPath, None));
    let finding = only(&crm, &call("DELETE", "https://api.example.com/v1/customers/"));
    assert_eq!(finding.spot, Spot::Path("id".into()));
}

#[test]
fn methods_are_named_that_the_path_has() {
    let crm = contract(CRM);
    let finding = only(&crm, &call("PUT", "https://api.example.com/v1/customers/5"));
    assert_eq!((finding.kind, finding.spot), (Kind::UnknownMethod, Spot::Method));
    assert_eq!(finding.expected, "GET, DELETE, PATCH");
    assert_eq!(finding.edit, Some(Edit::Method("PATCH".into())));
    let finding = only(&crm, &call("GET", "https://api.example.com/v1/jobs/5:cancel"));
    assert_eq!(finding.edit, Some(Edit::Method("POST".into())));
    // Meant is /customers/{id}, or nothing: nobody is told to post.
    let finding = only(&crm, &call("DELETE", "https://api.example.com/v1/customers"));
    assert_eq!((finding.kind, finding.edit), (Kind::UnknownMethod, None));
    assert!(finding.fix.contains("/customers/{id}"), "{}", finding.fix);
}

#[test]
fn hosts_and_schemes_are_judged() {
    let crm = contract(CRM);
    for (url, kind, severity) in [
        ("https://api.sandbox.example.com/v1/customers", Kind::WrongEnvironment, Severity::Error),
        ("https://api-staging.example.com/v1/customers", Kind::WrongEnvironment, Severity::Error),
        ("https://billing.example.com/v1/customers", Kind::UnknownHost, Severity::Warning),
        ("https://api.exmaple.com/v1/customers", Kind::UnknownHost, Severity::Warning),
        ("http://localhost:3000/v1/customers", Kind::UnknownHost, Severity::Note),
        ("https://gateway.corp.net/v1/customers", Kind::UnknownHost, Severity::Note),
        ("https://api.example.com:8443/v1/customers", Kind::UnknownHost, Severity::Warning),
        ("http://api.example.com/v1/customers", Kind::WrongScheme, Severity::Error),
    ] {
        let finding = only(&crm, &call("GET", url));
        assert_eq!((finding.kind, finding.severity), (kind, severity), "{url} {finding:#?}");
        let edit = (severity != Severity::Note).then(|| Edit::Origin("https://api.example.com".into()));
        assert_eq!(finding.edit, edit, "{url}");
    }
    // The rest is checked behind a mock, and the note comes last.
    let held = held(&crm, &call("PUT", "http://localhost:3000/v1/customers/5"));
    assert_eq!(kinds(&held), [Kind::UnknownMethod, Kind::UnknownHost]);
}

#[test]
fn servers_have_variables_and_paths_have_servers() {
    let api = contract(
        "openapi: 3.0.3
info: {title: T, version: '1'}
servers:
  - url: https://{region}.example.com/{stage}
    variables: {region: {default: eu, enum: [eu, us]}, stage: {default: v1}}
  - {url: 'https://sandbox.example.org/v1', description: Sandbox}
paths:
  /a: {get: {operationId: a, responses: {'200': {description: ok}}}}
  /upload:
    servers: [{url: 'https://uploads.example.com'}]
    post: {operationId: up, responses: {'200': {description: ok}}}
",
    );
    clean(&api, &call("GET", "https://us.example.com/v9/a"));
    clean(&api, &call("GET", "https://sandbox.example.org/v1/a"));
    clean(&api, &call("POST", "https://uploads.example.com/upload"));
    assert_eq!(only(&api, &call("GET", "https://ap.example.com/v9/a")).kind, Kind::UnknownHost);
    let finding = only(&api, &call("GET", "https://api.example.org/v1/a"));
    assert_eq!((finding.kind, finding.expected.as_str()), (Kind::WrongEnvironment, "sandbox.example.org"));
    let finding = only(&api, &call("POST", "https://eu.example.com/upload"));
    assert_eq!((finding.kind, finding.expected.as_str()), (Kind::UnknownHost, "uploads.example.com"));
}

#[test]
fn descriptions_without_servers_fit_every_host() {
    let api = contract(
        "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /pets: {get: {responses: {'200': {description: ok}}}}
  /v1/pets/{id}: {get: {responses: {'200': {description: ok}}}}
  /v1/pets/{id}/toys: {get: {responses: {'200': {description: ok}}}}
",
    );
    clean(&api, &call("GET", "https://anything.test/pets"));
    clean(&api, &call("GET", "/pets"));
    let finding = only(&api, &call("GET", "https://anything.test/v2/pets/5/toys"));
    assert_eq!((finding.kind, finding.edit), (Kind::WrongBasePath, Some(Edit::Path("/v1/pets/5/toys".into()))));
    let finding = only(&api, &call("GET", "https://anything.test/pets/5/toys"));
    assert_eq!(finding.kind, Kind::WrongBasePath);
    assert!(!held(&api, &call("GET", "https://anything.test/entirely/else")).belongs);
}

#[test]
fn operations_told_apart_by_a_query_or_fragment_are_found() {
    let api = contract(
        "openapi: 3.0.3
info: {title: T, version: '1'}
paths:
  /#Action=RunInstances: {post: {operationId: run, responses: {'200': {description: ok}}}}
  /#Action=StopInstances: {post: {operationId: stop, responses: {'200': {description: ok}}}}
",
    );
    let held = held(&api, &call("POST", "https://anything.test/?Action=StopInstances"));
    assert_eq!(held.operation.and_then(|o| api.operations[o].id.as_deref()), Some("stop"));
    let mut form = sending(call("POST", "https://anything.test/"), "Action=RunInstances&Version=1");
    form.origin = Origin::Har;
    let held = super::held(&api, &form);
    assert_eq!(held.operation.and_then(|o| api.operations[o].id.as_deref()), Some("run"));
}

#[test]
fn a_parameter_that_takes_slashes_gives_way_to_a_misspelt_literal() {
    let api = contract(
        "openapi: 3.1.0
info: {title: T, version: '1'}
servers: [{url: 'https://h.test'}]
paths:
  /branches/{branch}:
    parameters: [{name: branch, in: path, required: true, x-multi-segment: true, schema: {type: string}}]
    get: {operationId: branch, responses: {'200': {description: ok}}}
  /branches/{branch}/protection/reviews:
    get: {operationId: reviews, responses: {'200': {description: ok}}}
",
    );
    clean(&api, &call("GET", "https://h.test/branches/feature/new/button"));
    clean(&api, &call("GET", "https://h.test/branches/main/protection/reviews"));
    let finding = only(&api, &call("GET", "https://h.test/branches/main/protecton/reviews"));
    assert_eq!(finding.edit, Some(Edit::Path("/branches/main/protection/reviews".into())));
}

#[test]
fn variables_of_collections_are_no_placeholders_that_were_left_in() {
    let crm = contract(CRM);
    let mut request = call("GET", "{{baseUrl}}/customers/{{id}}");
    assert_eq!(only(&crm, &request).kind, Kind::MissingPathParameter);
    request.origin = Origin::Postman;
    clean(&crm, &request);
}

#[test]
fn options_is_a_call_where_a_description_has_it() {
    let described = contract(
        "openapi: 3.1.0
info: {title: Files, version: '1'}
servers: [{url: 'https://api.example.com'}]
paths:
  /files: {options: {operationId: check, responses: {'200': {description: ok}}}}
",
    );
    assert_eq!(kinds(&held(&described, &call("OPTIONS", "https://api.example.com/files"))), []);
    assert_eq!(kinds(&held(&described, &call("OPTIONS", "https://api.example.com/fils"))), [Kind::UnknownPath]);
    let mut preflight = call("OPTIONS", "https://api.example.com/fils");
    preflight.request.as_mut().unwrap().headers.push("Access-Control-Request-Method", "POST", Default::default());
    assert_eq!(kinds(&held(&described, &preflight)), []);
}

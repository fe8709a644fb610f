//! Mistakes that people make, each with its line; the rest loads.

use super::{mistakes, operation, read};
use firstfault_contract::{Credential, In};

#[test]
fn mistakes_of_paths() {
    let text = "\
openapi: 3.0.3
info: {title: t, version: '1'}
servers:
  - url: https://{region}.example.com:{port}/{base}
    variables: {region: {default: eu, enum: [eu, us]}}
security: [{nothing: []}]
paths:
  /a/{x}:
    get: {operationId: a}
  /a/{y}:
    parameters:
      - {name: y, in: path, required: true, schema: {type: string}}
      - {name: z, in: path, required: true, schema: {type: string}}
    get:
      operationId: a
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: q, in: query, schema: {type: string}}
        - {name: r, in: body, schema: {type: string}}
        - {name: s, in: query}
      responses:
        '20': {description: x}
        '200':
          content: {json: {}}
  b: {}
components:
  securitySchemes:
    odd: {type: magic}
    key: {type: apiKey}
";
    let contract = read(text);
    assert_eq!(
        mistakes(&contract),
        [
            "specs/crm.yaml:4 expected the variable base of the URL among the server's variables, found none",
            "specs/crm.yaml:4 expected the variable port of the URL among the server's variables, found none",
            "specs/crm.yaml:6 expected the name of a security scheme, got nothing",
            "specs/crm.yaml:9 expected a parameter for {x} of the path /a/{x}, found none",
            "specs/crm.yaml:13 expected {z} in the path /a/{y}, found it nowhere",
            "specs/crm.yaml:14 expected one path for each address, got /a/{y}, which is /a/{x}",
            "specs/crm.yaml:15 expected an operationId of its own, got a, which is that of GET /a/{x}, too",
            "specs/crm.yaml:18 expected each parameter once, got q twice",
            "specs/crm.yaml:19 expected a parameter with a name and in: path, query, header or cookie",
            "specs/crm.yaml:20 expected a schema or content of the parameter s, found none",
            "specs/crm.yaml:22 expected a status as 404, 4XX or default, got 20",
            "specs/crm.yaml:24 expected a media type as application/json, got json",
            "specs/crm.yaml:25 expected a path that begins with a slash, got b",
            "specs/crm.yaml:28 expected apiKey, http, oauth2, openIdConnect or mutualTLS, got magic",
            "specs/crm.yaml:29 expected an API key with a name and in: query, header or cookie",
        ]
    );
    let implied = &operation(&contract, "GET /a/{x}").parameters[0];
    assert!((implied.name.as_str(), implied.place, implied.required) == ("x", In::Path, true));
    let server = &contract.servers[0];
    assert_eq!(
        (server.host.as_deref(), server.port, server.base.as_str()),
        (Some("{region}.example.com"), None, "/{base}")
    );
    assert_eq!(server.variables["region"], ["eu", "us"]);
}

#[test]
fn paths_may_be_absent_where_something_else_is_described() {
    let of = |text: &str| mistakes(&read(text));
    assert_eq!(of("openapi: 3.0.0\ncomponents: {}"), ["specs/crm.yaml:1 expected paths, found none"]);
    assert_eq!(of("openapi: 3.1.0\ninfo: {}"), ["specs/crm.yaml:1 expected paths, found none"]);
    assert_eq!(of("openapi: 3.1.0\nwebhooks: {}"), [""; 0]);
    assert_eq!(of("swagger: 2.0\npaths:"), ["specs/crm.yaml:1 expected paths, found none"]);
}

#[test]
fn what_3_2_adds_is_read() {
    let text = "\
openapi: 3.2.0
info: {title: t, version: '1'}
servers: [{url: 'https://a.example.com', name: Production}]
paths:
  /search:
    query:
      parameters:
        - {name: all, in: querystring, content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
      responses:
        2XX:
          content: {application/jsonl: {$ref: '#/components/mediaTypes/Lines'}}
    additionalOperations:
      COPY: {operationId: copy, security: [{device: [a]}]}
components:
  mediaTypes:
    Lines: {itemSchema: {type: object}}
  securitySchemes:
    device: {type: oauth2, flows: {deviceAuthorization: {scopes: {a: b}}}}
";
    let contract = read(text);
    assert_eq!(mistakes(&contract), [""; 0]);
    let query = operation(&contract, "QUERY /search");
    assert_eq!(query.parameters[0].place, In::QueryString);
    assert_eq!(
        query.responses[0].content[0].item_schema.as_ref().unwrap().pointer,
        "/components/mediaTypes/Lines/itemSchema"
    );
    assert_eq!(operation(&contract, "COPY /search").security[0][0].scheme, "device");
    assert_eq!(contract.schemes["device"].credential, Credential::OAuth2(vec!["a".to_owned()]));
    assert_eq!(contract.servers[0].description, "Production");
}

#[test]
fn headers_that_are_described_elsewhere_are_no_parameters() {
    let contract = read(
        "openapi: 3.0.0\npaths:\n  /a:\n    get:\n      parameters:\n      - {name: Authorization, in: header, required: true, schema: {}}\n      - {name: X-Id, in: header, schema: {}}\n",
    );
    let names: Vec<&str> = operation(&contract, "GET /a").parameters.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["X-Id"]);
}

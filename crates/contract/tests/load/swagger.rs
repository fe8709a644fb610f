//! Swagger 2.0, read into the same contract at the original's places.

use super::{mistakes, operation, read, taken, valid};
use firstfault_contract::{Credential, Form, In, StatusRange, Style};
use serde_json::json;

const TEXT: &str = "\
swagger: '2.0'
info: {title: Files, version: '1'}
host: api.example.com:8443
basePath: /v1/
schemes: [https, http, wss]
consumes: [application/json]
produces: [application/json, application/xml]
securityDefinitions:
  basic: {type: basic}
  key: {type: apiKey, in: header, name: X-Key}
  oauth: {type: oauth2, flow: implicit, authorizationUrl: 'https://x', scopes: {'read:a': r, 'write:a': w}}
security: [{key: []}]
parameters:
  Limit: {name: limit, in: query, type: integer, format: int32, minimum: 0, exclusiveMinimum: true}
definitions:
  File:
    type: object
    required: [name]
    properties:
      name: {type: string, x-nullable: true}
      size: {type: integer}
paths:
  /files:
    parameters:
      - $ref: '#/parameters/Limit'
    get:
      parameters:
        - {name: tag, in: query, type: array, items: {type: string, enum: [a, b]}, collectionFormat: multi}
        - {name: ids, in: query, type: array, items: {type: integer}, collectionFormat: pipes, required: true}
        - {name: tabs, in: header, type: array, items: {type: integer}, collectionFormat: tsv}
      responses:
        '200':
          description: ok
          schema: {type: array, items: {$ref: '#/definitions/File'}}
          headers: {X-Total: {type: integer}}
        default: {description: no}
    post:
      security: [{oauth: ['write:a']}, {basic: []}]
      parameters:
        - {name: file, in: body, required: true, schema: {$ref: '#/definitions/File'}}
      responses: {'201': {description: made}}
  /files/{id}/content:
    parameters:
      - {name: id, in: path, required: true, type: string}
    put:
      consumes: [multipart/form-data, application/x-www-form-urlencoded]
      produces: [application/octet-stream]
      parameters:
        - {name: data, in: formData, type: file, required: true}
        - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
        - {name: size, in: formData, type: integer}
      responses: {'200': {description: ok, schema: {type: file}}}
";

#[test]
fn servers_and_schemes() {
    let contract = read(TEXT);
    assert_eq!(mistakes(&contract), [""; 0]);
    assert_eq!(contract.form, Form::Swagger2);
    let servers: Vec<_> =
        contract.servers.iter().map(|s| (s.scheme.as_deref(), s.host.as_deref(), s.port, s.base.as_str())).collect();
    let host = Some("api.example.com");
    assert_eq!(servers, [(Some("https"), host, Some(8443), "/v1"), (Some("http"), host, Some(8443), "/v1")]);
    assert_eq!(contract.schemes["basic"].credential, Credential::Http("basic".to_owned()));
    assert_eq!(contract.schemes["key"].credential, Credential::ApiKey(In::Header, "X-Key".to_owned()));
    let scopes = vec!["read:a".to_owned(), "write:a".to_owned()];
    assert_eq!(contract.schemes["oauth"].credential, Credential::OAuth2(scopes));
    assert_eq!(operation(&contract, "GET /files").security[0][0].scheme, "key");
    assert_eq!(operation(&contract, "POST /files").security[0][0].scopes, ["write:a"]);
}

#[test]
fn parameters_are_their_own_schemas() {
    let contract = read(TEXT);
    let get = operation(&contract, "GET /files");
    let of = |name: &str| get.parameters.iter().find(|p| p.name == name).unwrap();
    assert_eq!((of("tag").style, of("tag").explode), (Style::Form, true));
    assert_eq!((of("ids").style, of("ids").explode, of("ids").required), (Style::PipeDelimited, false, true));
    assert_eq!((of("tabs").style, of("tabs").place), (Style::TabDelimited, In::Header));
    let limit = of("limit").schema.clone().unwrap();
    assert_eq!((contract.place(&limit).as_str(), contract.line(&limit)), ("specs/crm.yaml#/parameters/Limit", 14));
    assert!(valid(&contract, &limit, &json!(1)) && !valid(&contract, &limit, &json!(0)));
    assert!(!valid(&contract, of("tag").schema.as_ref().unwrap(), &json!(["c"])));
    let ids = of("ids").schema.clone().unwrap();
    assert!(valid(&contract, &ids, &json!([1])) && !valid(&contract, &ids, &json!(["x"])));
}

#[test]
fn bodies_and_responses() {
    let contract = read(TEXT);
    let at = taken(&contract, "POST /files");
    assert_eq!(contract.place(&at), "specs/crm.yaml#/paths/~1files/post/parameters/0/schema");
    assert!(valid(&contract, &at, &json!({"name": null})), "x-nullable");
    assert!(!valid(&contract, &at, &json!({"size": 1})));
    let body = operation(&contract, "POST /files").body.clone().unwrap();
    assert!(body.required && body.content[0].range == "application/json");
    let get = operation(&contract, "GET /files");
    let ok = get.responses.iter().find(|r| r.status == StatusRange::Code(200)).unwrap();
    let ranges: Vec<&str> = ok.content.iter().map(|m| m.range.as_str()).collect();
    assert_eq!(ranges, ["application/json", "application/xml"]);
    assert!(!valid(&contract, ok.content[0].schema.as_ref().unwrap(), &json!([{}])));
    assert!(!valid(&contract, ok.headers[0].schema.as_ref().unwrap(), &json!("x")));
    assert!(get.responses.iter().find(|r| r.status == StatusRange::Default).unwrap().content.is_empty());
}

#[test]
fn forms_are_put_together_from_their_fields() {
    let contract = read(TEXT);
    let put = operation(&contract, "PUT /files/{id}/content");
    let body = put.body.as_ref().unwrap();
    assert!(body.required);
    let ranges: Vec<&str> = body.content.iter().map(|m| m.range.as_str()).collect();
    assert_eq!(ranges, ["multipart/form-data"], "a file is sent in no other form");
    assert_eq!(body.content[0].encoding["tags"], (Some(Style::Form), Some(true), None));
    let at = taken(&contract, "PUT /files/{id}/content");
    assert!(valid(&contract, &at, &json!({"data": "bytes", "size": 5})));
    assert!(!valid(&contract, &at, &json!({"size": 5})));
    assert!(!valid(&contract, &at, &json!({"data": "bytes", "size": "x"})));
    // What was put together stands in the file at the operation.
    assert_eq!(contract.place(&at), "specs/crm.yaml#/paths/~1files~1{id}~1content/put");
    let file = &put.responses[0].content[0];
    assert_eq!(file.range, "application/octet-stream");
    assert!(valid(&contract, file.schema.as_ref().unwrap(), &json!("anything")));
}

#[test]
fn without_media_types_any_will_do() {
    let contract = read(
        "swagger: '2.0'\npaths:\n  /a:\n    post:\n      parameters: [{name: b, in: body, schema: {type: object}}]\n",
    );
    assert_eq!(operation(&contract, "POST /a").body.as_ref().unwrap().content[0].range, "*/*");
    assert!(contract.servers.is_empty());
}

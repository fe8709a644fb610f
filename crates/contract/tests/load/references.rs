//! References within a document, over several files, by identifiers and anchors; and those that lead nowhere.

use super::{Files, mistakes, operation, read, read_with, taken, thing, valid, with_schema};
use firstfault_contract::{Given, load};
use serde_json::json;

const ROOT: &str = "\
openapi: 3.1.0
info: {title: t, version: '1'}
paths:
  /pets: {$ref: paths/pets.yaml}
  /owners/{id}:
    $ref: '#/components/pathItems/Owner'
    summary: beside
    put: {operationId: putOwner}
components:
  pathItems:
    Owner:
      parameters: [{$ref: '#/components/parameters/Id'}]
      get: {operationId: getOwner}
      put: {operationId: other}
  parameters:
    Id: {$ref: 'common.yaml#/parameters/my%20id'}
";

const PETS: &str = "\
post:
  requestBody:
    content:
      application/json:
        schema: {$ref: '../schemas/pet.json'}
  responses:
    '201':
      description: made
      headers:
        X-Trace: {$ref: ../common.yaml#/headers/Trace}
      content:
        application/json: {schema: {$ref: '../schemas/pet.json#/properties/name'}}
";

const COMMON: &str = "\
parameters:
  my id: {name: id, in: path, required: true, schema: {type: integer}}
headers:
  Trace: {required: true, schema: {type: string}}
";

const PET: &str = r##"{"type": "object", "required": ["name"], "properties": {
  "name": {"type": "string"}, "parent": {"$ref": "#"}, "owner": {"$ref": "owner.yaml#owner"}}}"##;

const OWNER: &str = "definitions:\n  o:\n    $anchor: owner\n    type: object\n    required: [id]\n";

#[test]
fn files_refer_to_files() {
    let files =
        [("paths/pets.yaml", PETS), ("common.yaml", COMMON), ("schemas/pet.json", PET), ("schemas/owner.yaml", OWNER)];
    let contract = read_with(ROOT, &files);
    assert_eq!(mistakes(&contract), [""; 0]);
    let names: Vec<&str> = contract.documents.iter().map(|d| d.name.as_str()).collect();
    assert_eq!(names.len(), 5);
    assert!(names.contains(&"specs/schemas/pet.json") && names.contains(&"specs/paths/pets.yaml"), "{names:?}");
    let at = taken(&contract, "POST /pets");
    assert!(valid(&contract, &at, &json!({"name": "a", "parent": {"name": "b"}, "owner": {"id": 1}})));
    assert!(!valid(&contract, &at, &json!({"name": "a", "parent": {}})));
    assert!(!valid(&contract, &at, &json!({"name": "a", "owner": {}})));
    let post = operation(&contract, "POST /pets");
    assert_eq!(contract.place(&post.at), "specs/paths/pets.yaml#/post");
    assert!(post.responses[0].headers[0].required);
    let get = operation(&contract, "GET /owners/{id}");
    assert_eq!(contract.place(&get.parameters[0].at), "specs/common.yaml#/parameters/my id");
    assert_eq!(operation(&contract, "PUT /owners/{id}").id.as_deref(), Some("putOwner"));
}

#[test]
fn what_leads_nowhere_is_a_mistake_and_the_rest_loads() {
    let contract = read_with(ROOT, &[("paths/pets.yaml", PETS), ("common.yaml", "headers: [\n")]);
    let found = mistakes(&contract);
    for expected in [
        "specs/crm.yaml:16 expected a document at specs/common.yaml: line ",
        "specs/paths/pets.yaml:5 expected a document at specs/schemas/pet.json: there is no such file",
        "specs/paths/pets.yaml:10 expected a document at specs/common.yaml: line ",
    ] {
        assert!(found.iter().any(|message| message.starts_with(expected)), "{expected}: {found:#?}");
    }
    let at = taken(&contract, "POST /pets");
    assert!(valid(&contract, &at, &json!(5)), "what is not known agrees with everything");
    assert_eq!(operation(&contract, "GET /owners/{id}").parameters.len(), 1, "the path says that there is one");
}

#[test]
fn circles_are_mistakes_where_nothing_would_end_them() {
    let contract = with_schema("3.1.0", "properties:\n  next: {$ref: '#/components/schemas/Thing'}\nrequired: [a]\n");
    assert_eq!(mistakes(&contract), [""; 0]);
    assert!(!valid(&contract, &thing(), &json!({"a": 1, "next": {}})));
    for schema in [
        "$ref: '#/components/schemas/Thing'",
        "allOf: [{$ref: '#/components/schemas/Thing'}]",
        "$ref: '#/components/schemas/Thing/$defs/a'\n$defs: {a: {allOf: [{$ref: '#/components/schemas/Thing'}]}}",
    ] {
        let found = mistakes(&with_schema("3.1.0", schema));
        assert_eq!(found.len(), 1, "{schema}: {found:?}");
        assert!(found[0].ends_with("expected references that end, found a circle"), "{found:?}");
    }
    let contract = read("openapi: 3.1.0\npaths:\n  /a: {$ref: '#/paths/~1b'}\n  /b: {$ref: '#/paths/~1a'}\n");
    assert_eq!(mistakes(&contract).len(), 2);
    // An ancestor that lists its descendants, each of which begins with it, is written everywhere.
    let text = "oneOf: [{$ref: '#/components/schemas/Thing/$defs/b'}]\n$defs:\n  b: {allOf: [{$ref: '#/components/schemas/Thing'}]}";
    let contract = with_schema("3.1.0", text);
    assert_eq!(mistakes(&contract), [""; 0]);
    assert!(valid(&contract, &thing(), &json!({})));
}

#[test]
fn identifiers_anchors_and_dynamic_references() {
    let text = "\
openapi: 3.1.0
info: {title: t, version: '1'}
paths: {}
components:
  schemas:
    Page:
      $id: https://example.com/page
      type: object
      properties:
        list: {type: array, items: {$dynamicRef: '#item'}}
      $defs:
        item: {$dynamicAnchor: item}
    Thing:
      $id: https://example.com/thing
      $ref: page
      $defs:
        item: {$dynamicAnchor: item, type: integer}
    Anchored: {$anchor: here, type: string}
    A:
      properties: {a: {$ref: '#here'}, b: {$ref: 'https://example.com/thing'}}
";
    let contract = read(text);
    assert_eq!(mistakes(&contract), [""; 0]);
    assert!(valid(&contract, &thing(), &json!({"list": [1]})));
    assert!(!valid(&contract, &thing(), &json!({"list": ["a"]})));
    let mut user = thing();
    user.pointer = "/components/schemas/A".to_owned();
    assert!(valid(&contract, &user, &json!({"a": "x", "b": {"list": [2]}})));
    assert!(!valid(&contract, &user, &json!({"a": 5})));
    assert!(!valid(&contract, &user, &json!({"b": {"list": ["x"]}})));
}

#[test]
fn a_document_may_say_where_it_lives() {
    let text = "\
openapi: 3.2.0
$self: https://api.example.com/v2/openapi.yaml
info: {title: t, version: '1'}
paths: {}
components:
  schemas:
    Thing:
      properties:
        a: {$ref: 'https://api.example.com/v2/openapi.yaml#/components/schemas/Name'}
        b: {$ref: 'names.yaml#/Short'}
    Name: {type: string}
";
    let contract = read_with(text, &[("names.yaml", "Short: {type: string, maxLength: 2}")]);
    assert_eq!(mistakes(&contract), [""; 0]);
    assert!(!valid(&contract, &thing(), &json!({"a": 5})));
    assert!(!valid(&contract, &thing(), &json!({"b": "abc"})));
}

#[test]
fn a_schema_alone_keeps_its_draft() {
    let text = r##"{"$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.com/a/root.json",
        "items": [{"type": "string"}, {"$ref": "other.json"}, {"$ref": "#/definitions/n", "type": "string"}],
        "definitions": {"n": {"type": "integer"}}}"##;
    let mut files = Files::of(&[("other.json", r#"{"type": "boolean"}"#)]);
    let contract = load(Given { uri: "file:///api/s.json", name: "s.json", text }, &mut files).unwrap();
    assert_eq!(mistakes(&contract), [""; 0]);
    let whole = contract.whole.clone().unwrap();
    assert!(valid(&contract, &whole, &json!(["a", true, 5])), "beside a reference nothing counts in draft 7");
    assert!(!valid(&contract, &whole, &json!([5])));
    assert!(!valid(&contract, &whole, &json!(["a", "b"])));
    assert!(!valid(&contract, &whole, &json!(["a", true, "x"])));
}

/// A pointer in a schema with an identifier is meant within the description, not within the schema, and a schema that is
/// bound to a type by its anchor is entered by its identifier.
#[test]
fn a_schema_with_an_identifier_refers_to_the_description_around_it() {
    let contract = read(
        "openapi: 3.1.0
info: {title: Pages, version: '1'}
paths:
  /planets:
    post:
      requestBody:
        content:
          application/json:
            schema:
              $id: https://api.example.com/schemas/Planets
              $defs: {item: {$dynamicAnchor: item, $ref: '#/components/schemas/Planet'}}
              $ref: '#/components/schemas/Page'
      responses: {'200': {description: ok}}
components:
  schemas:
    Planet: {type: object, required: [name]}
    Page:
      $id: https://api.example.com/schemas/Page
      $defs: {item: {$dynamicAnchor: item, not: {}}}
      type: object
      properties: {data: {type: array, items: {$dynamicRef: '#item'}}, total: {type: integer}}
",
    );
    assert_eq!(contract.mistakes, []);
    let at = taken(&contract, "POST /planets");
    assert!(valid(&contract, &at, &json!({"data": [{"name": "Mars"}], "total": 1})));
    for wrong in [json!({"total": "1"}), json!({"data": [{}]}), json!({"data": {}})] {
        assert!(!valid(&contract, &at, &wrong), "{wrong}");
    }
    assert_eq!(contract.schemas.problems(), []);
}

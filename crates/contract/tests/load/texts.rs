//! JSON and YAML as texts.

use super::{mistakes, operation, read, refused};
use firstfault_contract::{Form, SchemaRef};
use serde_json::{Value, json};

fn value(yaml: &str) -> Value {
    let contract = read(&format!("type: object\nx: {yaml}\n"));
    contract.documents[0].value["x"].clone()
}

#[test]
fn scalars_of_yaml_are_those_of_its_core_schema() {
    for (text, expected) in [
        ("yes", json!("yes")),
        ("on", json!("on")),
        ("No", json!("No")),
        ("2024-01-31", json!("2024-01-31")),
        ("2024-01-31T10:00:00Z", json!("2024-01-31T10:00:00Z")),
        ("12:30:45", json!("12:30:45")),
        ("1_000", json!("1_000")),
        ("true", json!(true)),
        ("False", json!(false)),
        ("~", json!(null)),
        ("", json!(null)),
        ("'5'", json!("5")),
        ("\"true\"", json!("true")),
        ("!!str 5", json!("5")),
        ("007", json!(7)),
        ("0x1F", json!(31)),
        ("0o17", json!(15)),
        ("-12", json!(-12)),
        ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
        ("1.50", json!(1.5)),
        ("1e3", json!(1000.0)),
        (".inf", json!(".inf")),
        ("1.2.3", json!("1.2.3")),
        ("e5", json!("e5")),
        ("{200: a, null: b, true: c}", json!({"200": "a", "null": "b", "true": "c"})),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn anchors_aliases_and_merge_keys() {
    let base = "{<<: *base, b: 3}";
    assert_eq!(value(&format!("{{base: &base {{a: 1, b: 2}}, use: {base}}}"))["use"], json!({"a": 1, "b": 3}));
    assert_eq!(value("[&one {a: 1}, &two {a: 2, b: 2}, {<<: [*one, *two]}]")[2], json!({"a": 1, "b": 2}));
    assert_eq!(value("[&name x, {*name : 1}]")[1], json!({"x": 1}));
    assert_eq!(value("{<<: no object}"), json!({"<<": "no object"}));
}

#[test]
fn byte_order_marks_and_line_ends_do_not_matter() {
    let lines = "\u{feff}openapi: 3.1.0\r\ninfo: {title: CRM, version: '2'}\r\npaths:\r\n  /a:\r\n    get: {}\r\n";
    let contract = read(lines);
    assert_eq!((contract.form, contract.title.as_str(), contract.version.as_str()), (Form::OpenApi31, "CRM", "2"));
    let at = &operation(&contract, "GET /a").at;
    assert_eq!((contract.line(at), contract.place(at).as_str()), (5, "specs/crm.yaml#/paths/~1a/get"));
    let contract = read("\u{feff}{\r\n\"openapi\": \"3.1.0\",\r\n\t\"paths\": {\"/a\": {\r\n\"get\": {}}}}");
    assert_eq!(contract.line(&operation(&contract, "GET /a").at), 4);
}

#[test]
fn every_pointer_has_its_line_and_what_is_unknown_that_of_its_surroundings() {
    let contract = read("{\n\"type\": \"object\",\n\"a/b\": [\n1,\n{\"c~d\":\n 2}]}");
    for (pointer, line) in [
        ("", 1),
        ("/type", 2),
        ("/a~1b", 3),
        ("/a~1b/0", 4),
        ("/a~1b/1", 5),
        ("/a~1b/1/c~0d", 5),
        ("/a~1b/7/x", 3),
        ("/nowhere", 1),
    ] {
        assert_eq!(contract.line(&SchemaRef { document: 0, pointer: pointer.to_owned() }), line, "{pointer}");
    }
    assert_eq!(contract.line(&SchemaRef { document: 9, pointer: String::new() }), 0);
    let contract = read("type: object\nx:\n- a\n- b: |\n    text\n    more\n  c: 1\n");
    for (pointer, line) in [("/x", 2), ("/x/0", 3), ("/x/1", 4), ("/x/1/b", 4), ("/x/1/c", 7)] {
        assert_eq!(contract.line(&SchemaRef { document: 0, pointer: pointer.to_owned() }), line, "{pointer}");
    }
}

#[test]
fn names_that_are_there_twice_are_mistakes_and_the_last_one_counts() {
    let contract = read("{\n\"type\": \"object\",\n\"x\": {\"a b\": 1,\n\"a b\": 2}\n}");
    assert_eq!(mistakes(&contract), ["specs/crm.yaml:4 expected each name once, got a b twice: the last one counts"]);
    assert_eq!(contract.documents[0].value["x"]["a b"], json!(2));
    let contract = read("type: object\nx:\n  a: 1\n  b: 2\n  a: 3\n");
    assert_eq!(mistakes(&contract), ["specs/crm.yaml:5 expected each name once, got a twice: the last one counts"]);
    assert_eq!(contract.documents[0].value["x"]["a"], json!(3));
}

#[test]
fn what_does_not_parse_is_refused_with_its_place() {
    for (text, expected) in [
        ("", "crm.yaml: expected an OpenAPI description or a JSON Schema, got null"),
        ("{\"a\": 1\n \"b\": 2}", "crm.yaml: line 2, column 2: expected a comma or }, got \\\"b\\\": 2}"),
        ("{\"a\": 1,\n}", "crm.yaml: line 2, column 1: expected a name in double quotes, got }"),
        ("{\"a\": [1,]}", "crm.yaml: line 1, column 10: expected a value, got ]}"),
        ("{\"a\": 01}", "crm.yaml: line 1, column 7: expected a number, got 01}"),
        ("{\"a\": \"x", "crm.yaml: line 1, column 7: expected the end of this string, found none"),
        ("{\"a\": \"x\ny\"}", "crm.yaml: line 1, column 9: expected the end of a string or an escape, got \\ny\\\"}"),
        ("{\"a\": \"\\q\"}", "crm.yaml: line 1, column 7: expected escapes that JSON knows, got \\\\q"),
        ("{\"type\": 1} x", "crm.yaml: line 1, column 13: expected the end, got x"),
        ("{\"type\"", "crm.yaml: line 1, column 8: expected a colon, got the end"),
        ("[1]", "crm.yaml: expected an OpenAPI description or a JSON Schema, got a list"),
        ("openapi: 4.0.0", "crm.yaml: expected OpenAPI 3.0, 3.1 or 3.2, got 4.0.0"),
        ("swaggerVersion: '1.2'", "crm.yaml: expected Swagger 2.0, got 1.2"),
        ("a: *b", "crm.yaml: line 1, column 4: expected YAML: while parsing node, found unknown anchor"),
        ("? [a]\n: b", "crm.yaml: line 1, column 3: expected a name, got a list or an object"),
    ] {
        assert_eq!(refused(text), expected, "{text}");
    }
    for text in ["openapi: 3.0.0\npaths:\n\t/a: {}", "openapi: 3.0.0\npaths: {\n", "a: b: c", "a: 'b"] {
        let message = refused(text);
        assert!(message.starts_with("crm.yaml: line ") && message.contains("expected YAML: "), "{text}: {message}");
    }
}

#[test]
fn yaml_in_braces_is_read() {
    let contract = read("{openapi: 3.1.0, info: {title: t, version: '1'}, paths: {/a: {get: {}}}}");
    assert_eq!(contract.operations.len(), 1);
}

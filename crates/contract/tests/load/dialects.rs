//! Schemas of every dialect as JSON Schema 2020-12.

use super::{mistakes, thing, valid, with_schema};
use serde_json::{Value, json};

/// A schema of a version with values that agree and values that do not.
fn judge(version: &str, schema: &str, good: &[Value], bad: &[Value]) {
    let contract = with_schema(version, schema);
    assert_eq!(mistakes(&contract), [""; 0], "{schema}");
    for value in good {
        assert!(valid(&contract, &thing(), value), "{version} {schema}: {value}");
    }
    for value in bad {
        assert!(!valid(&contract, &thing(), value), "{version} {schema}: {value}");
    }
}

#[test]
fn nullable_accepts_null_wherever_people_write_it() {
    let null = [json!(null)];
    for schema in [
        "{type: string, nullable: true}",
        "{type: string, enum: [a, b], nullable: true}",
        "{$ref: '#/components/schemas/Thing/x/Name', nullable: true, x: {Name: {type: string}}}",
        "{allOf: [{type: string}], nullable: true}",
        "{nullable: true, allOf: [{$ref: '#/components/schemas/Thing/x/Name'}], x: {Name: {type: string}}}",
        "{nullable: true, anyOf: [{type: string}]}",
        "{nullable: true, oneOf: [{type: string}, {type: integer}]}",
        "{nullable: true, oneOf: [{type: string, nullable: true}, {type: integer}]}",
    ] {
        let contract = with_schema("3.0.3", &schema.replace("Thing/x", "Thing/x-defs").replace("x: {", "x-defs: {"));
        assert!(valid(&contract, &thing(), &null[0]), "{schema}: {:?}", contract.documents[0].value);
        assert!(
            !valid(&contract, &thing(), &json!({})) || schema.contains("$ref: '#/components/schemas/Thing/x/Name', n")
        );
    }
    judge("3.0.3", "{type: string, nullable: false}", &[json!("a")], &null);
    judge("3.0.3", "{type: string}", &[], &null);
}

#[test]
fn limits_of_older_dialects_are_flags() {
    judge("3.0.0", "{type: number, minimum: 1, exclusiveMinimum: true}", &[json!(2)], &[json!(1)]);
    judge("3.0.0", "{type: number, maximum: 1, exclusiveMaximum: false}", &[json!(1)], &[json!(2)]);
    judge("3.1.0", "{type: number, exclusiveMinimum: 1}", &[json!(2)], &[json!(1)]);
}

#[test]
fn beside_a_reference_nothing_counts_in_3_0_and_everything_in_3_1() {
    let schema = "properties:\n  a: {$ref: '#/components/schemas/Thing/properties/b', maxLength: 1, description: x}\n  b: {type: string}";
    judge("3.0.0", schema, &[json!({"a": "long"})], &[json!({"a": 1})]);
    judge("3.1.0", schema, &[json!({"a": "l"})], &[json!({"a": 1}), json!({"a": "long"})]);
}

#[test]
fn what_is_no_keyword_is_left_alone() {
    let schema = "\
type: object
id: '#nothing'
example: {$ref: '#/nowhere', type: int}
default: {$ref: '#/nowhere'}
properties:
  $ref: {type: string}
  type: {type: integer}
  id: {type: string, readOnly: true, xml: {name: x}}
  nullable: {type: boolean}
enum: [{$ref: a, type: 1}]
";
    judge("3.0.0", schema, &[json!({"$ref": "a", "type": 1})], &[json!({"$ref": 5}), json!({"type": "x"})]);
    judge("3.0.0", "{type: string, $id: 'not a uri %', $anchor: 5}", &[json!("a")], &[json!(1)]);
    judge(
        "3.1.0",
        "{$schema: 'https://spec.openapis.org/oas/3.1/dialect/base', type: string}",
        &[json!("a")],
        &[json!(1)],
    );
    judge("3.0.0", "{type: array}", &[json!([1])], &[json!(1)]);
}

#[test]
fn what_no_schema_may_have_is_taken_out_with_its_line() {
    for (schema, expected) in [
        ("type: int\nmaxLength: 1", "7 expected array, boolean, integer, null, number, object, string, got int"),
        ("maxLength: 1\nrequired: true", "8 expected a list of names, got true"),
        ("maxLength: 1\nenum: a", "8 expected a list of values, got \"a\""),
        ("maxLength: 1\npattern: '['", "8 expected a regular expression as of ECMA-262, got \"[\""),
        ("maxLength: 1\nminimum: '5'", "8 expected a number, got \"5\""),
        ("maxLength: 1\nminLength: -1", "8 expected a count, got -1"),
        ("maxLength: 1\nproperties: [a]", "8 expected schemas by name, got a list"),
        ("maxLength: 1\nproperties:\n  a: string", "9 expected a schema, got \"string\""),
        ("maxLength: 1\nallOf: {}", "8 expected a list of schemas, got an object"),
        ("maxLength: 1\nallOf: []", "8 expected at least one schema, got an empty list"),
        ("maxLength: 1\nitems: [{}]", "8 expected a schema, got a list"),
        ("maxLength: 1\nmultipleOf: 0", "8 expected a number above zero, got 0"),
        ("maxLength: 1\nuniqueItems: 'yes'", "8 expected true or false, got \"yes\""),
        ("maxLength: 1\n$ref: 5", "8 expected a reference as text, got 5"),
        ("maxLength: 1\nallOf:\n- $ref: '#/none'", "9 expected something at #/none, found nothing"),
        (
            "maxLength: 1\npatternProperties: {'(': {}}",
            "8 expected a regular expression as of ECMA-262 in place of this name",
        ),
    ] {
        let contract = with_schema("3.1.0", schema);
        assert_eq!(mistakes(&contract), [format!("specs/crm.yaml:{expected}")], "{schema}");
        assert!(!valid(&contract, &thing(), &json!("ab")), "the rest still judges: {schema}");
        assert!(valid(&contract, &thing(), &json!("a")), "{schema}");
    }
}

#[test]
fn words_of_another_version_are_mistakes_and_mean_what_was_meant() {
    let contract = with_schema("3.1.0", "{type: string, nullable: true}");
    assert_eq!(mistakes(&contract).len(), 1);
    assert!(valid(&contract, &thing(), &json!(null)));
    let contract = with_schema("3.0.0", "{type: [string, 'null']}");
    assert_eq!(mistakes(&contract), ["specs/crm.yaml:7 expected one type by its name, got several"]);
    assert!(valid(&contract, &thing(), &json!(null)) && !valid(&contract, &thing(), &json!(1)));
    let contract = with_schema("3.1.0", "{type: number, minimum: 1, exclusiveMinimum: true}");
    assert_eq!(mistakes(&contract), ["specs/crm.yaml:7 expected the limit itself as a number, got true"]);
    assert!(!valid(&contract, &thing(), &json!(1)));
}

#[test]
fn places_of_what_was_rewritten_are_those_of_the_original() {
    let contract =
        with_schema("3.0.0", "properties:\n  a:\n    nullable: true\n    $ref: '#/components/schemas/Thing'\n");
    let mut at = thing();
    at.pointer.push_str("/properties/a/anyOf/1/type");
    assert_eq!(contract.place(&at), "specs/crm.yaml#/components/schemas/Thing/properties/a");
    assert_eq!(contract.line(&at), 8);
}

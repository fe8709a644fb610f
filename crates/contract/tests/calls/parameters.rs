//! Parameters by style, and under near names.

use super::{call, clean, contract, held, kinds, only, with};
use firstfault_contract::Contract;
use firstfault_model::contract::{Edit, Kind, Severity, Spot};

/// A description of `GET /p` with one parameter.
fn one(parameter: &str) -> Contract {
    contract(&format!(
        "openapi: 3.2.0
info: {{title: T, version: '1'}}
paths:
  /p:
    get:
      parameters: [{parameter}]
      responses: {{'200': {{description: ok}}}}
"
    ))
}

/// A description of `GET /p/{v}` with one parameter.
fn segment(rest: &str) -> Contract {
    contract(&format!(
        "openapi: 3.1.0
info: {{title: T, version: '1'}}
paths:
  /p/{{v}}:
    get:
      parameters: [{{name: v, in: path, required: true, {rest}}}]
      responses: {{'200': {{description: ok}}}}
"
    ))
}

const INTEGERS: &str = "schema: {type: array, items: {type: integer}, maxItems: 3}";
const COLOUR: &str = "schema: {type: object, properties: {R: {type: integer}, G: {type: integer}}, required: [R, G], additionalProperties: false}";

#[test]
fn queries_are_read_by_style() {
    for (rest, good, bad) in [
        ("schema: {type: integer}", "v=5", "v=five"),
        ("schema: {type: number}", "v=-1.5e3", "v=1,5"),
        ("schema: {type: boolean}", "v=true", "v=True"),
        ("schema: {type: string, pattern: '^[a-z]+$'}", "v=a", "v=A1"),
        ("schema: {type: string}", "v=5", ""),
        ("schema: {type: string, format: date}", "v=2024-05-01", "v=01.05.2024"),
        ("schema: {enum: [asc, desc]}", "v=asc", "v=ascending"),
        ("schema: {enum: [1, 2]}", "v=2", "v=3"),
        ("schema: {oneOf: [{type: integer}, {type: string, enum: [all]}]}", "v=all", "v=none"),
        ("schema: {type: [integer, 'null']}", "v=null", "v=nil"),
        (INTEGERS, "v=1&v=2", "v=1&v=x"),
        (INTEGERS, "v=1", "v=1,2"),
        ("explode: false, schema: {type: array, items: {type: integer}}", "v=1,2,3", "v=1&v=2"),
        ("explode: false, schema: {type: array, items: {type: integer}}", "v=1%2C2", "v=1;2"),
        ("style: spaceDelimited, explode: false, schema: {type: array, items: {type: integer}}", "v=1%202+3", "v=1,2"),
        ("style: pipeDelimited, explode: false, schema: {type: array, items: {type: integer}}", "v=1|2%7C3", "v=1,2"),
        (COLOUR, "R=1&G=2", "R=1&G=x"),
        (&format!("explode: false, {COLOUR}"), "v=R,1,G,2", "v=R,1"),
        (&format!("style: deepObject, explode: true, {COLOUR}"), "v[R]=1&v[G]=2", "v[R]=1&v[B]=2"),
        (&format!("style: deepObject, explode: true, {COLOUR}"), "v%5BR%5D=1&v[G]=2", "v[R]=x&v[G]=2"),
        ("content: {application/json: {schema: {type: object, required: [a]}}}", "v=%7B%22a%22:1%7D", "v=%7B%7D"),
        ("content: {application/json: {schema: {type: object, required: [a]}}}", "v=%7B%22a%22:1%7D", "v=a:1"),
    ] {
        let api = one(&format!("{{name: v, in: query, {rest}}}"));
        clean(&api, &call("GET", &format!("https://h.test/p?{good}")));
        if !bad.is_empty() {
            let held = held(&api, &call("GET", &format!("https://h.test/p?{bad}")));
            assert_eq!(kinds(&held)[..1], [Kind::InvalidParameter], "{rest} {bad} {:#?}", held.findings);
            assert_eq!(held.findings[0].spot, Spot::Query("v".into()));
        }
    }
}

#[test]
fn paths_are_read_by_style() {
    for (rest, good, bad) in [
        ("schema: {type: integer}", "5", "five"),
        ("schema: {type: string, format: uuid}", "0b8e6b0e-9c1c-4d6b-8f5e-0d6f2d3a1b2c", "5"),
        (INTEGERS, "1,2", "1,x"),
        (COLOUR, "R,1,G,2", "R,1,G,x"),
        (&format!("explode: true, {COLOUR}"), "R=1,G=2", "R=1"),
        ("style: label, schema: {type: integer}", ".5", "5"),
        (&format!("style: label, {INTEGERS}"), ".1,2", ".1,x"),
        (&format!("style: label, explode: true, {INTEGERS}"), ".1.2", ".1.x"),
        ("style: matrix, schema: {type: integer}", ";v=5", "5"),
        (&format!("style: matrix, {INTEGERS}"), ";v=1,2", ";w=1"),
        (&format!("style: matrix, explode: true, {INTEGERS}"), ";v=1;v=2", ";v=1;v=x"),
        (&format!("style: matrix, explode: true, {COLOUR}"), ";R=1;G=2", ";R=1"),
    ] {
        let api = segment(rest);
        clean(&api, &call("GET", &format!("https://h.test/p/{good}")));
        let held = held(&api, &call("GET", &format!("https://h.test/p/{bad}")));
        assert_eq!(kinds(&held)[..1], [Kind::InvalidParameter], "{rest} {bad} {:#?}", held.findings);
        assert_eq!(held.findings[0].spot, Spot::Path("v".into()));
    }
}

#[test]
fn headers_and_cookies_are_read() {
    let api = contract(
        "openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /p:
    get:
      parameters:
        - {name: X-Limit, in: header, required: true, schema: {type: integer}}
        - {name: X-Ids, in: header, schema: {type: array, items: {type: integer}}}
        - {name: Accept, in: header, required: true, schema: {enum: [a/b]}}
        - {name: session, in: cookie, required: true, schema: {type: string, minLength: 3}}
      responses: {'200': {description: ok}}
",
    );
    let base = || call("GET", "https://h.test/p");
    clean(&api, &with(base(), &[("x-limit", "5"), ("X-Ids", "1, 2"), ("X-Ids", "3"), ("Cookie", "a=b; session=abc")]));
    let found = |fields: &[(&str, &str)]| held(&api, &with(base(), fields)).findings;
    let all = found(&[]);
    assert_eq!(all.iter().map(|f| f.kind).collect::<Vec<_>>(), [Kind::MissingParameter; 2]);
    assert_eq!(all[0].message, "the required header X-Limit is missing");
    let slip = &found(&[("X-Limits", "5"), ("Cookie", "session=abc")])[0];
    assert_eq!(
        (slip.kind, slip.edit.clone()),
        (Kind::MisnamedParameter, Some(Edit::Header("X-Limit".into(), "5".into())))
    );
    let wrong = &found(&[("X-Limit", "five"), ("Cookie", "session=abc")])[0];
    assert_eq!((wrong.kind, wrong.spot.clone()), (Kind::InvalidParameter, Spot::Header("X-Limit".into())));
    assert_eq!(found(&[("X-Limit", "5"), ("Cookie", "session=a")])[0].spot, Spot::Cookie("session".into()));
    // A head that was not seen whole lacks nothing.
    let mut cut = base();
    cut.request.as_mut().unwrap().complete = false;
    clean(&api, &cut);
}

#[test]
fn names_that_are_near_are_told_from_unknown_ones() {
    let api = contract(
        "openapi: 3.1.0
info: {title: T, version: '1'}
paths:
  /p:
    get:
      parameters:
        - {name: customerId, in: query, required: true, schema: {type: integer}}
        - {name: page_size, in: query, schema: {type: integer}}
        - {name: old, in: query, deprecated: true, schema: {type: integer}}
      responses: {'200': {description: ok}}
      security: [{key: []}]
components: {securitySchemes: {key: {type: apiKey, in: query, name: api_key}}}
",
    );
    let at = |query: &str| call("GET", &format!("https://h.test/p?api_key=k&{query}"));
    clean(&api, &at("customerId=1&page_size=2&utm_source=mail"));
    let finding = only(&api, &at("page_size=2"));
    assert_eq!((finding.kind, finding.severity), (Kind::MissingParameter, Severity::Error));
    assert_eq!(finding.message, "the required query parameter customerId is missing");
    for name in ["customerID", "customer_id", "custmerId"] {
        let finding = only(&api, &at(&format!("{name}=1")));
        assert_eq!((finding.kind, finding.severity), (Kind::MisnamedParameter, Severity::Error), "{name}");
        assert_eq!(finding.edit, Some(Edit::RenameQuery(name.into(), "customerId".into())));
        assert_eq!(finding.fix, format!("rename {name} to customerId"));
    }
    let finding = only(&api, &at("customerId=1&pageSize=2"));
    assert_eq!((finding.kind, finding.severity), (Kind::MisnamedParameter, Severity::Warning));
    let finding = only(&api, &at("customerId=1&verbose=2"));
    assert_eq!((finding.kind, finding.severity), (Kind::UnknownParameter, Severity::Warning));
    assert_eq!(finding.edit, Some(Edit::RemoveQuery("verbose".into())));
    assert_eq!(only(&api, &at("customerId=1&old=2")).severity, Severity::Note);
    assert_eq!(only(&api, &at("customerId=1&customerId=2")).kind, Kind::InvalidParameter);
    clean(&api, &at("customerId={{customer}}"));
}

#[test]
fn fixes_say_how_it_is_written() {
    let list = one("{name: v, in: query, schema: {type: array, items: {type: integer}}}");
    assert!(only(&list, &call("GET", "https://h.test/p?v=1,2")).fix.contains("v=a&v=b"));
    let joined = one("{name: v, in: query, explode: false, schema: {type: array, items: {type: integer}}}");
    assert_eq!(
        only(&joined, &call("GET", "https://h.test/p?v=1&v=2")).edit,
        Some(Edit::Query("v".into(), "1,2".into()))
    );
    let time = one("{name: v, in: query, schema: {type: string, format: date-time}}");
    clean(&time, &call("GET", "https://h.test/p?v=2024-05-01T10:00:00%2B02:00"));
    assert!(only(&time, &call("GET", "https://h.test/p?v=2024-05-01T10:00:00+02:00")).fix.contains("%2B"));
    let single = one("{name: v, in: query, required: true, schema: {const: x}}");
    assert_eq!(only(&single, &call("GET", "https://h.test/p")).edit, Some(Edit::Query("v".into(), "x".into())));
    let empty = one("{name: v, in: query, allowEmptyValue: true, schema: {type: integer}}");
    clean(&empty, &call("GET", "https://h.test/p?v"));
    clean(&empty, &call("GET", "https://h.test/p?v="));
}

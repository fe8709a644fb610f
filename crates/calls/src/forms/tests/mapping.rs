//! What `--show-mapping` prints.

use super::settings;
use crate::{Attribute, Layout, Mapping, Settings};

fn mapping(text: &str, settings: &Settings) -> Mapping {
    Layout::learn(text.as_bytes(), "app.log", settings).mapping(text.as_bytes())
}

/// Field, attribute, example; and how many lines were not understood.
fn check(text: &str, form: &str, fields: &[(&str, Option<Attribute>, &str)], unreadable: usize) {
    let found = mapping(text, &settings());
    assert_eq!((found.form.as_str(), found.unreadable), (form, unreadable), "{found:#?}");
    for (name, attribute, example) in fields {
        let field = found.fields.iter().find(|f| f.name == *name).unwrap_or_else(|| panic!("no {name} in {found:#?}"));
        assert_eq!(
            (field.attribute, field.examples.first().map(String::as_str)),
            (*attribute, Some(*example)),
            "{name}"
        );
    }
}

#[test]
fn fields_with_examples_and_lines_that_were_not_understood() {
    check(
        "10.0.0.1 - anna [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512 \"-\" \"curl/8.1\" 0.250\n\x01\x02\x03\x04\x05\n",
        "access log",
        &[
            ("remote_addr", Some(Attribute::ClientIp), "10.0.0.1"),
            ("remote_user", Some(Attribute::User), "anna"),
            ("path", Some(Attribute::Route), "/x"),
            ("request_time", Some(Attribute::Latency), "250ms"),
            ("body_bytes_sent", None, "512"),
        ],
        1,
    );
    check(
        "time,http_status,path,colour\n2026-11-20T10:00:00Z,200,/a,red\n2026-11-20T10:00:00Z,200\n",
        "csv",
        &[("http_status", Some(Attribute::Status), "200"), ("colour", None, "red")],
        1,
    );
    check(
        "{\"time\":\"2026-11-20T10:00:00Z\",\"status\":500,\"req\":{\"colour\":\"red\"}}\n{\"time\":\"20\n",
        "ndjson",
        &[("status", Some(Attribute::Status), "500"), ("req.colour", None, "red")],
        1,
    );
    check(
        "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"web\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"ab\",\"spanId\":\"cd\",\"kind\":2,\"name\":\"GET\",\"attributes\":[{\"key\":\"http.route\",\"value\":{\"stringValue\":\"/a\"}}]}]}]}]}\n",
        "otlp",
        &[("service.name", Some(Attribute::Service), "web"), ("http.route", Some(Attribute::Route), "/a")],
        0,
    );
}

#[test]
fn what_the_user_says_counts() {
    let map = vec![("field 10".to_owned(), Attribute::Tenant), ("colour".to_owned(), Attribute::Flag)];
    let settings = Settings { map, ..settings() };
    let access = "10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512 \"-\" \"curl/8.1\" acme\n";
    let found = mapping(access, &settings);
    assert!(
        found.fields.iter().any(|f| f.attribute == Some(Attribute::Tenant) && f.examples == ["acme"]),
        "{found:#?}"
    );
    let found = mapping("time,status,path,colour\n2026-11-20T10:00:00Z,200,/a,red\n", &settings);
    assert!(found.fields.iter().any(|f| f.attribute == Some(Attribute::Flag) && f.examples == ["red"]), "{found:#?}");
}

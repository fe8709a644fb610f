//! Where redirects lead, and what is lost on the way.

use super::*;
use firstfault_model::Span;

fn target(method: &str, url: &str, fields: &[(&str, &str)], body: Option<&str>) -> Target {
    let mut target = Target { method: method.to_owned(), url: Url::parse(url), ..Target::default() };
    for (name, value) in fields {
        target.headers.push(*name, *value, Span::default());
    }
    target.body = body.map(|text| text.as_bytes().to_vec());
    target
}

fn answer(status: u16, location: &str) -> Response {
    let mut response = Response { status: Some(status), ..Response::default() };
    response.headers.push("Location", location, Span::default());
    response
}

#[test]
fn references_are_resolved() {
    let base = Url::parse("https://h.example:8443/a/b/c?q=1");
    for (reference, expected) in [
        ("https://other.example/x", "https://other.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("/x?y=z", "https://h.example:8443/x?y=z"),
        ("d", "https://h.example:8443/a/b/d"),
        ("../d?e", "https://h.example:8443/a/d?e"),
        ("?only", "https://h.example:8443/a/b/c?only"),
        ("/with blank", "https://h.example:8443/with%20blank"),
        ("HTTPS://H.example/", "https://h.example/"),
    ] {
        assert_eq!(join(&base, reference).unwrap().to_string(), expected, "{reference}");
    }
    assert_eq!(join(&base, "/a\r\nX: y"), None, "no line breaks");
    let hop = next(&target("GET", "https://h/", &[], None), &answer(302, "mailto:me@example.com")).unwrap();
    assert!(hop.unwrap_err().contains("mailto"));
}

#[test]
fn a_post_becomes_a_get_and_loses_its_body() {
    let post = target("POST", "http://h/a", &[("Content-Type", "text/plain"), ("X-Own", "1")], Some("hello"));
    for (status, method, body) in
        [(301, "GET", false), (302, "GET", false), (303, "GET", false), (307, "POST", true), (308, "POST", true)]
    {
        let hop = next(&post, &answer(status, "/b")).unwrap().unwrap();
        assert_eq!((hop.target.method.as_str(), hop.target.body.is_some()), (method, body), "{status}");
        let marked = hop.marks.iter().any(|(n, v)| n == "redirect.method_changed" && v == "POST to GET");
        assert_eq!(marked, !body, "{status}");
        assert_eq!(hop.target.headers.field("content-type").is_some(), body, "{status}");
        assert!(hop.target.headers.field("x-own").is_some());
    }
    let delete = target("DELETE", "http://h/a", &[], None);
    assert_eq!(next(&delete, &answer(302, "/b")).unwrap().unwrap().target.method, "DELETE");
    let mut typed = post;
    typed.connect.sticky_method = true;
    let hop = next(&typed, &answer(302, "/b")).unwrap().unwrap();
    assert_eq!((hop.target.method.as_str(), hop.target.body), ("POST", None), "-X POST stays, the body does not");
}

#[test]
fn credentials_stay_with_their_host() {
    let fields = [("Authorization", "Bearer t"), ("Cookie", "a=b"), ("Accept", "*/*")];
    let get = target("GET", "https://h.example/a", &fields, None);
    let names = |hop: &Hop| hop.target.headers.0.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    for (location, kept) in [
        ("https://h.example/b", true),
        ("/b", true),
        ("https://other.example/b", false),
        ("http://h.example/b", false),
        ("https://h.example:8443/b", false),
    ] {
        let hop = next(&get, &answer(307, location)).unwrap().unwrap();
        assert_eq!(names(&hop).len() == 3, kept, "{location}");
        let dropped = hop.marks.iter().filter(|(n, _)| n == "redirect.credential_dropped").count();
        assert_eq!(dropped, if kept { 0 } else { 2 }, "{location}");
    }
    let mut trusted = get;
    trusted.connect.trust_redirects = true;
    assert_eq!(names(&next(&trusted, &answer(307, "https://other.example/b")).unwrap().unwrap()).len(), 3);
    assert!(next(&trusted, &answer(304, "/b")).is_none() && next(&trusted, &answer(200, "/b")).is_none());
    let missing = Response { status: Some(302), ..Response::default() };
    assert!(next(&trusted, &missing).unwrap().unwrap_err().contains("Location"));
}

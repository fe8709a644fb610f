//! The formats for browsers and programs: the page is whole and harmless, SARIF and problem details are what their
//! standards ask for, and the recommended envelope is one that firstfault itself understands.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod schema;

use common::{root, run, run_with, samples, scratch};
use serde_json::Value;

/// Evidence that tries to act: in the target, the fields, the body, a message, and the names of fields.
const HOSTILE: &str = "GET /v1/\"><script>alert(1)</script>?q=<img/src=x/onerror=alert(2)> HTTP/1.1\n\
Host: api.example.com\n\
X-Note: </code></dd></main><script>alert(3)</script>\n\
X-<b>Bold: 'single' \"double\" & &amp; &lt;\n\
\n\
HTTP/1.1 500 <svg/onload=alert(4)>\n\
Content-Type: application/json\n\
X-Request-Id: <i>id</i>\u{1b}[31m\u{202e}\n\
\n\
{\"error\":{\"code\":\"</pre><script src=//evil.example></script>\",\"message\":\"--><style>*{display:none}</style><a href=javascript:1>x</a>\"}}\n";

/// Elements that have no end tag.
const VOID: &[&str] = &["meta", "br", "hr", "img", "input", "link"];

/// Fails unless every tag is closed in order; returns the names of all elements and of all attributes.
fn well_formed(page: &str) -> (Vec<String>, Vec<String>) {
    assert!(page.starts_with("<!DOCTYPE html>"), "no document type");
    let style = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    assert!(!page[style.start + 7..style.end].contains('<'), "the style sheet ends early");
    let mut open: Vec<String> = Vec::new();
    let (mut elements, mut attributes) = (Vec::new(), Vec::new());
    let mut rest = &page["<!DOCTYPE html>".len()..];
    while let Some(at) = rest.find('<') {
        assert!(
            !rest[..at].contains('>') || open.last().is_some_and(|e| e == "style"),
            "a bare > in {:?}",
            &rest[..at]
        );
        let end = tag_end(&rest[at..]);
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name), "closed out of order");
            continue;
        }
        let (name, fields) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "odd element {name:?}");
        elements.push(name.to_owned());
        let mut quoted = false;
        for piece in fields.split('"') {
            if !quoted {
                attributes.extend(piece.split_whitespace().map(|a| a.trim_end_matches('=').to_owned()));
            }
            quoted = !quoted;
        }
        if !VOID.contains(&name) {
            open.push(name.to_owned());
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    (elements, attributes)
}

/// Where the tag at the start of `text` ends, quotes minded.
fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at,
            _ => {}
        }
    }
    panic!("a tag without an end: {:.60}", text);
}

/// What holds for every page: only our own elements and attributes, nothing that runs or loads.
fn harmless(page: &str) {
    let (elements, attributes) = well_formed(page);
    for element in &elements {
        let known = [
            "html", "head", "meta", "title", "style", "body", "main", "header", "footer", "section", "h1", "h2", "p",
            "ol", "ul", "li", "dl", "dt", "dd", "div", "span", "strong", "code", "pre", "del", "ins", "details",
            "summary",
        ];
        assert!(known.contains(&element.as_str()), "an element that loads or runs: {element}");
    }
    for attribute in &attributes {
        let known = [
            "lang",
            "charset",
            "http-equiv",
            "content",
            "name",
            "class",
            "style",
            "open",
            "role",
            "title",
            "aria-label",
            "aria-hidden",
        ];
        assert!(known.contains(&attribute.as_str()), "an attribute that loads or runs: {attribute}");
    }
    assert!(page.contains("default-src &#39;none&#39;") || page.contains("default-src 'none'"), "no policy");
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!style.contains("url(") && !style.contains("@import"), "the style sheet loads something");
    assert!(!page.chars().any(|c| c.is_control() && c != '\n'), "a control character");
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    for name in samples().iter().map(String::as_str).chain(["examples/crm-400.txt"]) {
        let ran = run(&["diagnose", "--format", "html", name]);
        harmless(&ran.stdout);
    }
    let names = samples();
    let arguments: Vec<&str> =
        ["diagnose", "--format", "html"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let all = run(&arguments).stdout;
    harmless(&all);
    assert_eq!(all.matches("<main>").count(), names.len(), "one part for each input");
}

#[test]
fn evidence_does_nothing_on_the_page() {
    let file = scratch("hostile.txt", HOSTILE);
    let page = run(&["diagnose", "--format", "html", &file]).stdout;
    harmless(&page);
    // It is shown all the same, as text.
    for shown in
        ["&lt;script&gt;alert(3)&lt;/script&gt;", "&lt;svg/onload=alert(4)&gt;", "&lt;style&gt;*{display:none}"]
    {
        assert!(page.contains(shown), "{shown} is not shown");
    }
    let unreadable = run_with(&["diagnose", "--format", "html", "-"], "<script>alert(1)</script> what is for lunch?");
    harmless(&unreadable.stdout);
}

#[test]
fn the_page_shows_what_a_receiver_needs() {
    let page = run(&["diagnose", "--format", "html", "crates/engine/tests/samples/browser.har"]).stdout;
    for needed in [
        "504",
        "The way of the call",
        "failed first",
        "unknown",
        "Where the time went",
        "30.02 s",
        "usual time limit: 30 s",
        "Causes, likeliest first",
        "line 3",
        "Next checks",
        "Request",
        "Answer",
        "504 Gateway Time-out",
        "Other failures",
        "network.dns_not_found",
        "The one question".to_ascii_lowercase().as_str(),
    ] {
        assert!(page.contains(needed), "{needed} is not on the page");
    }
    assert!(!page.contains(">dns<"), "a phase that was not measured is left out");
    let crm = run(&["diagnose", "--format", "html", "examples/crm-400.txt"]).stdout;
    assert!(crm.contains("<ins>+ -d") && crm.contains("<del>− -d"), "the fix is a difference");
    assert!(!crm.contains("Where the time went"), "without timings there is no such part");
}

#[test]
fn a_large_body_is_bounded_and_says_so() {
    let body = "x".repeat(100_000);
    let file =
        scratch("large.txt", &format!("HTTP/1.1 500 Internal Server Error\nContent-Type: text/plain\n\n{body}\n"));
    for way in [&["--format", "html"][..], &["--for", "provider"], &["--format", "jira"]] {
        let printed = run(&[&["diagnose", &file][..], way].concat()).stdout;
        assert!(printed.len() < 60_000, "{way:?}: {} bytes", printed.len());
        assert!(printed.contains("bytes more were left out"), "{way:?}");
    }
}

#[test]
fn sarif_has_what_the_standard_requires() {
    let mut names = samples();
    names.push(scratch("hostile [a b].txt", HOSTILE));
    names.push("no-such-file.txt".to_owned());
    let arguments: Vec<&str> =
        ["diagnose", "--format", "sarif"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let log: Value = serde_json::from_str(&run(&arguments).stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-schema-2.1.0.json"));
    let [run] = log["runs"].as_array().unwrap().as_slice() else { panic!("expected one run") };
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "firstfault");
    let rules = driver["rules"].as_array().unwrap();
    let mut ids: Vec<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert!(ids.len() > 10, "{ids:?}");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), rules.len(), "a rule stands once");
    for rule in rules {
        assert!(!rule["shortDescription"]["text"].as_str().unwrap().is_empty());
        assert!(rule["help"]["text"].as_str().unwrap().contains("firstfault explain"), "{rule}");
    }
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 20);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"], "{result}");
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.is_empty());
        assert!(!text.contains("](") || text.contains("\\]("), "an embedded link: {text}");
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|b| b.is_ascii_graphic() && !b"[]<>\"{}".contains(&b)), "{uri}");
        assert!(place["region"].is_null() || place["region"]["startLine"].as_u64().unwrap() >= 1);
        assert_eq!(result["partialFingerprints"]["firstfaultSignature/v1"].as_str().unwrap().len(), 16);
    }
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false, "one input could not be read");
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    assert!(
        told.iter().any(|n| n["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "no-such-file.txt")
    );
}

#[test]
fn problem_details_are_one_object_or_an_array() {
    let one: Value =
        serde_json::from_str(&run(&["diagnose", "--format", "problem", "examples/crm-400.txt"]).stdout).unwrap();
    schema::check("problem-1.json", &one);
    assert_eq!(one["type"], "urn:firstfault:cause:client.missing_field");
    assert_eq!((one["status"].as_u64(), one["bucket"].as_str()), (Some(400), Some("client")));
    assert_eq!(one["correlation_ids"]["x-request-id"], "7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa");
    let mut names = samples();
    names.push("no-such-file.txt".to_owned());
    let arguments: Vec<&str> =
        ["diagnose", "--format", "problem"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let many: Value = serde_json::from_str(&run(&arguments).stdout).unwrap();
    let many = many.as_array().unwrap();
    assert_eq!(many.len(), names.len(), "one for each input, in order");
    for (problem, name) in many.iter().zip(&names) {
        assert_eq!(problem["input"], name.as_str());
        schema::check("problem-1.json", problem);
    }
    let thin: Value = serde_json::from_str(
        &run_with(&["diagnose", "--format", "problem"], "HTTP/1.1 500 Internal Server Error\n\n").stdout,
    )
    .unwrap();
    assert_eq!(thin["type"], "urn:firstfault:cause:unknown", "a cause that is only the likeliest is no type");
    assert!(thin["missing"].is_string());
}

#[test]
fn the_envelope_that_we_recommend_is_understood() {
    let page: Value = serde_json::from_str(&run(&["explain", "envelope", "--format", "json"]).stdout).unwrap();
    let examples = page["pages"][0]["sections"][0]["items"].as_array().unwrap();
    let mut causes = Vec::new();
    for example in examples {
        let answer = example["block"].as_str().unwrap();
        let (head, body) = answer.split_once("\n\n").unwrap();
        let body: Value = serde_json::from_str(body).unwrap();
        let status = head.split(' ').nth(1).unwrap();
        assert_eq!(body["status"].to_string(), status, "the status stands in both places");
        assert!(head.contains(body["request_id"].as_str().unwrap()), "the id stands in both places");
        for member in ["type", "title", "status", "detail", "instance", "code", "request_id", "retryable", "effect"] {
            assert!(!body[member].is_null(), "no {member}");
        }
        let problem: Value =
            serde_json::from_str(&run_with(&["diagnose", "--format", "problem"], answer).stdout).unwrap();
        assert_eq!(problem["attributed"], true, "{problem}");
        causes.push(problem["cause"].as_str().unwrap().to_owned());
    }
    assert_eq!(causes, ["client.missing_field", "rate_limit.request_rate"]);
    let members: Vec<&str> = page["pages"][0]["sections"][1]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| i["name"].as_str().unwrap())
        .collect();
    assert!(members.contains(&"request_id") && members.contains(&"effect"));
    let markdown = run(&["explain", "envelope", "--format", "md"]).stdout;
    let written = std::fs::read_to_string(root().join("docs/knowledge/envelope.md")).unwrap();
    assert!(written.ends_with(markdown.split_once("\n\n").unwrap().1), "docs/knowledge has the same page");
}

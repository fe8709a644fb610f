//! What a person asks, and the page that answers it.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use firstfault_explain::{Book, Found, Kind, find, text};
use firstfault_knowledge::{Knowledge, SourceFile};
use firstfault_report::Style;

fn ask(query: &str) -> Found {
    let book = Book::open(&Knowledge::builtin_sources()).unwrap();
    find(&book, &Knowledge::builtin(), query)
}

/// The first page on `query` has this id and names this cause among its facts.
fn check(query: &str, id: &str, cause: Option<&str>) {
    let found = ask(query);
    let page = found.pages.first();
    assert_eq!(page.map(|page| page.id.as_str()), Some(id), "{query}");
    let named = page.and_then(|page| page.facts.iter().find(|fact| fact.label == "cause")).map(|f| f.value.as_str());
    assert_eq!(named, cause, "{query}");
}

#[test]
fn general_questions_are_answered() {
    check("", "", None);
    check("403", "403", None);
    check("status:403", "403", None);
    check("auth.wrong_audience", "auth.wrong_audience", None);
    check("wrong_audience", "auth.wrong_audience", None);
    check("rate_limit", "rate_limit", None);
    check("Rate Limit", "rate_limit", None);
    check("gateway", "layer:gateway", None);
    check("layer:auth", "layer:auth", None);
    check("stripe", "stripe", None);
    // One name, two causes.
    assert_eq!(ask("wrong_scheme").pages.len(), 2);
}

#[test]
fn codes_of_one_system_are_answered() {
    check("envoy:UF", "envoy.response_flag.UF", Some("upstream.connection_failure"));
    check("haproxy:sH--", "haproxy.termination_timeout.sH", Some("upstream.gateway_timeout"));
    check("haproxy:SH--", "haproxy.termination_abort.SH", Some("upstream.bad_gateway"));
    check("cloudflare:522", "cloudflare.error_type_header.522", Some("upstream.connection_failure"));
    check("curl:60", "curl.exit.60", Some("tls.untrusted_chain"));
    check("aadsts:70011", "entra.code.AADSTS70011", Some("auth.oauth_flow"));
    check("AADSTS70011", "entra.code.AADSTS70011", Some("auth.oauth_flow"));
    check("heroku:H12", "heroku.code.H12", Some("upstream.gateway_timeout"));
    check("errno:ECONNREFUSED", "errno.name.ECONNREFUSED", Some("network.connection_refused"));
    check("grpc:14", "grpc.status.14", Some("network.connection_refused"));
}

#[test]
fn words_of_a_message_are_answered() {
    let found = ask("upstream timed out (110: Connection timed out) while reading response header from upstream");
    let first = found.pages.first().unwrap();
    assert!(first.kind == Kind::Entry && first.id.starts_with("nginx."), "{}", first.id);
}

#[test]
fn what_is_not_known_offers_what_is_near() {
    let found = ask("envoy:UFX");
    assert!(found.pages.is_empty());
    assert!(found.near.iter().any(|near| near == "envoy:UF"), "{:?}", found.near);
    assert!(ask("auth.wrong_audiense").near.contains(&"auth.wrong_audience".to_owned()));
    assert!(ask("\u{1b}]0;x\u{7}").pages.is_empty());
}

#[test]
fn every_cause_is_explained_whole() {
    let book = Book::open(&Knowledge::builtin_sources()).unwrap();
    let knowledge = Knowledge::builtin();
    for cause in &knowledge.causes {
        let found = find(&book, &knowledge, cause.id);
        let page = found.pages.first().unwrap();
        let titles: Vec<&str> = page.sections.iter().map(|s| s.title).collect();
        for needed in [
            "What it usually is",
            "Often mistaken for",
            "Checklist",
            "First place to look",
            "Fastest confirming check",
            "For whoever makes the call",
        ] {
            assert!(titles.contains(&needed), "{}: no section {needed:?}", cause.id);
        }
        assert!(page.facts.iter().any(|f| f.label == "retry") && !page.sources.is_empty(), "{}", cause.id);
    }
}

#[test]
fn every_bucket_has_its_runbook() {
    for bucket in firstfault_model::Bucket::FAILURES {
        let found = ask(bucket.word());
        let page = found.pages.iter().find(|page| page.kind == Kind::Bucket).unwrap();
        let titles: Vec<&str> = page.sections.iter().map(|s| s.title).collect();
        for needed in ["Runbook", "Fastest next checks", "What to capture first", "Its causes"] {
            assert!(titles.contains(&needed), "{bucket}: no section {needed:?}");
        }
    }
}

#[test]
fn text_fits_its_columns() {
    let style = Style { width: 80, color: false, verbose: true };
    for query in ["", "403", "auth.wrong_audience", "rate_limit", "envoy", "curl:60", "layer:gateway"] {
        for line in text(&ask(query), style).lines().filter(|line| !line.trim_start().starts_with("$ ")) {
            assert!(line.chars().count() <= 80, "{query}: {line}");
        }
    }
}

#[test]
fn a_pack_of_ones_own_is_explained_too() {
    let own = SourceFile {
        name: "mine/quay.toml".to_owned(),
        text: r#"
[pack]
name = "quay"
source = "https://wiki.quay.example/faults"
[[rule]]
id = "quay.spent"
text = ["allotment of tenant {tenant} is spent"]
for = { "rate_limit.quota_exhausted" = "decisive" }
because = "Quay answers so when the hour is used up"
match = ['{"detail":"allotment of tenant t-1 is spent"}']
silent = ['{"detail":"no"}']
"#
        .to_owned(),
    };
    let files = Knowledge::sources_with(&[own]);
    let found = find(&Book::open(&files).unwrap(), &Knowledge::from_sources(&files).unwrap(), "quay");
    assert_eq!(found.pages.first().map(|page| page.id.as_str()), Some("quay"));
}

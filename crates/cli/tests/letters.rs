//! Every cause in the words for every reader, in every format, with evidence that tries to act.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use firstfault_knowledge::Knowledge;
use firstfault_model::{
    Body, Call as Exchange, Check, Diagnosis, Evidence, Explain, Hypothesis, Layer, LayerState, LayerVerdict, Origin,
    Owner, Request, Response, Span, Strength, Url, Vantage,
};
use firstfault_redact::Redactor;
use firstfault_report::{Audience, Call, Markup, Report, Safe, Style, letter};

/// What acts in some format, were it let.
const HOSTILE: &str = "<script>alert(1)</script> [x](javascript:alert(1)) ![i](http://evil.example/i.png) {code}x{code} \
{noformat} </details> ``` ` |a|b| @everyone [~admin] \u{1b}[31mred\u{202e}\r\nBcc: victim@evil.example\r\n\r\n# not a title";

/// Words that a client without technical knowledge must not be sent.
const JARGON: &[&str] = &[
    "upstream",
    "tls",
    "ssl",
    "payload",
    "5xx",
    "4xx",
    "http",
    "https",
    "url",
    "uri",
    "api",
    "json",
    "xml",
    "header",
    "headers",
    "token",
    "tokens",
    "endpoint",
    "endpoints",
    "gateway",
    "backend",
    "dns",
    "proxy",
    "timeout",
    "timeouts",
    "time-out",
    "server",
    "servers",
    "status",
    "query",
    "queries",
    "stack",
    "exception",
    "null",
    "bucket",
    "layer",
    "webhook",
    "webhooks",
    "oauth",
    "jwt",
    "cors",
    "cookie",
    "cookies",
    "retry",
    "retries",
    "schema",
    "parse",
    "parsed",
    "log",
    "logs",
    "host",
    "port",
    "ip",
    "tcp",
    "method",
    "string",
    "array",
    "scope",
    "cache",
    "latency",
    "idempotency",
    "database",
    "firewall",
    "handshake",
    "hostname",
    "curl",
    "regex",
    "deploy",
    "backoff",
    "jitter",
    "rate",
    "quota",
    "origin",
];

/// A report on one failing call of a cause; `attributed` false is thin evidence for the same.
fn report(
    cause: &firstfault_knowledge::compiled::Cause<'_>,
    attributed: bool,
    method: &str,
    strength: Strength,
) -> Safe {
    let evidence = Evidence {
        fact: HOSTILE.to_owned(),
        because: format!("the answer says so: {HOSTILE}"),
        span: Span::new(7, 0, 1),
        rule: "test.rule".to_owned(),
        strength,
    };
    let words = |template: &str| template.replace(['{', '}'], "");
    let diagnosis = Diagnosis {
        failed: true,
        soft_failure: false,
        bucket: cause.bucket,
        layer: Some(cause.layer),
        cause: cause.id.to_owned(),
        probability: if attributed { 0.93 } else { 0.2 },
        attributed,
        retry: cause.retry,
        retry_after: None,
        safe_to_repeat: Some(method == "GET"),
        owner: cause.owner,
        summary: format!("The {method} request to /v1/orders on api.example.com is returning 500 because {HOSTILE}."),
        headline: format!("{method} https://api.example.com/v1/orders → 500 {HOSTILE}"),
        layers: Layer::ALL
            .iter()
            .map(|layer| LayerVerdict {
                layer: *layer,
                state: match layer.cmp(&cause.layer) {
                    std::cmp::Ordering::Less => LayerState::Passed,
                    std::cmp::Ordering::Equal => LayerState::Failed,
                    std::cmp::Ordering::Greater => LayerState::Unknown,
                },
                because: "the evidence says so".to_owned(),
            })
            .collect(),
        hypotheses: vec![
            Hypothesis {
                cause: cause.id.to_owned(),
                title: cause.title.to_owned(),
                probability: 0.93,
                supports: vec![evidence.clone()],
                opposes: Vec::new(),
            },
            Hypothesis {
                cause: "server.unhandled_exception".to_owned(),
                title: "Unhandled exception".to_owned(),
                probability: 0.02,
                supports: Vec::new(),
                opposes: vec![evidence],
            },
        ],
        checks: vec![Check {
            id: "test".to_owned(),
            question: "Does it pass?".to_owned(),
            seconds: 20,
            risk: "read".to_owned(),
            command: Some(format!("echo '{}'", HOSTILE.replace('\'', ""))),
            decides: vec![cause.id.to_owned(), "server.unhandled_exception".to_owned()],
        }],
        fix: None,
        explain: Explain {
            client: words(cause.client),
            provider: words(cause.provider),
            plain: cause.plain.to_owned(),
            question: cause.question.to_owned(),
        },
        signature: "0123456789abcdef".to_owned(),
        ids: vec![("x-request-id".to_owned(), "req-4711".to_owned())],
        missing: (!attributed).then(|| words(cause.missing)),
    };
    let mut exchange = Exchange::new(Origin::HttpMessage, Vantage::Client);
    exchange.started = Some(1_746_522_764_000);
    let mut request = Request {
        method: Some(method.to_owned()),
        url: Url::parse("https://api.example.com/v1/orders"),
        complete: true,
        ..Request::default()
    };
    request.headers.push("Authorization", "Bearer abcdefghijklmnopqrstuvwxyz012345", Span::default());
    request.headers.push("X-Note", HOSTILE.replace(['\r', '\n'], " "), Span::default());
    let mut response = Response { status: Some(500), ..Response::default() };
    response.headers.push("X-Note", HOSTILE, Span::default());
    response.body = Some(Body::bounded(HOSTILE, Span::default()));
    exchange.request = Some(request);
    exchange.response = Some(response);
    let mut redactor = Redactor::new();
    redactor.learn(&exchange);
    let call = Call {
        diagnosis,
        form: "http",
        method: Some(method.to_owned()),
        url: Some("https://api.example.com/v1/orders".to_owned()),
        status: Some(500),
        span: Span::new(1, 0, 10),
        repeats: 3,
        seen: Some((1_746_522_764_000, Some(1_746_524_000_000))),
        exchange: Some(exchange),
        contract: None,
    };
    let report = Report { input: "a.txt".to_owned(), calls: vec![call], total: 5, failed: 3, ..Report::default() };
    Safe::new(report, &mut redactor)
}

/// Calls `check` with every cause, thin and full evidence, and both kinds of methods.
fn every(check: impl Fn(&firstfault_knowledge::compiled::Cause<'_>, bool, &Safe)) {
    let knowledge = Knowledge::builtin();
    assert!(knowledge.causes.len() >= 116, "{} causes", knowledge.causes.len());
    for cause in &knowledge.causes {
        for attributed in [true, false] {
            for method in ["GET", "POST"] {
                check(cause, attributed, &report(cause, attributed, method, Strength::Decisive));
            }
        }
    }
}

fn formats() -> [(&'static str, Markup); 5] {
    let style = Style { width: 80, color: false, verbose: false };
    [
        ("text", Markup::Text(style)),
        ("md", Markup::Markdown),
        ("issue", Markup::Issue),
        ("jira", Markup::Jira),
        ("email", Markup::Email),
    ]
}

#[test]
fn every_cause_has_its_words() {
    for cause in &Knowledge::builtin().causes {
        assert!(cause.plain.ends_with('.') && cause.plain.len() > 20, "{}: {:?}", cause.id, cause.plain);
        assert!(cause.plain.starts_with(|c: char| c.is_uppercase()), "{}: {:?}", cause.id, cause.plain);
        assert_eq!(cause.question.matches('?').count(), 1, "{}: one question, got {:?}", cause.id, cause.question);
        assert!(cause.question.ends_with('?'), "{}: {:?}", cause.id, cause.question);
        assert!(!cause.plain.contains('{') && !cause.question.contains('{'), "{}: a slot", cause.id);
    }
}

#[test]
fn a_client_reads_no_jargon() {
    every(|cause, attributed, safe| {
        for (name, markup) in formats() {
            let text = letter(safe, Audience::Client, markup);
            for word in text.split(|c: char| !c.is_alphanumeric() && c != '-').map(str::to_ascii_lowercase) {
                assert!(!JARGON.contains(&word.as_str()), "{} as {name}: {word:?} in\n{text}", cause.id);
            }
            assert!(!text.contains("evil.example"), "{}: evidence in a letter to a client", cause.id);
            assert!(
                text.contains("What happens next") && text.contains("6 May 2025, 09:12 UTC"),
                "{}:\n{text}",
                cause.id
            );
            assert_eq!(text.contains("not certain yet"), !attributed, "{}:\n{text}", cause.id);
        }
    });
}

#[test]
fn a_client_is_told_what_is_lost_only_where_it_is_known() {
    let knowledge = Knowledge::builtin();
    let text = |id: &str, method: &str| {
        let cause = knowledge.causes.iter().find(|c| c.id == id).unwrap_or_else(|| panic!("no cause {id}"));
        letter(&report(cause, true, method, Strength::Strong), Audience::Client, Markup::Markdown)
    };
    let unknown = "We do not know yet whether the request was carried out";
    for (id, method, expected) in [
        ("server.unhandled_exception", "GET", "only asked for information"),
        ("server.unhandled_exception", "POST", unknown),
        ("upstream.gateway_timeout", "POST", unknown),
        ("network.read_timeout", "POST", unknown),
        ("network.connection_reset", "POST", unknown),
        ("network.connection_refused", "POST", "was not carried out"),
        ("tls.certificate_expired", "POST", "was not carried out"),
        ("auth.expired_token", "POST", "was not carried out"),
        ("rate_limit.request_rate", "POST", "was not carried out"),
        ("server.partial_success", "POST", "Part of the request"),
        ("client.conflict", "POST", "may already be there"),
        ("webhook.not_sent", "POST", "notification"),
        ("webhook.duplicate", "POST", "more than once"),
        ("webhook.receiver_timeout", "POST", unknown),
    ] {
        assert!(text(id, method).contains(expected), "{id} {method}:\n{}", text(id, method));
    }
    let thin = report(
        knowledge.causes.iter().find(|c| c.id == "network.connection_refused").unwrap(),
        false,
        "POST",
        Strength::Weak,
    );
    assert!(letter(&thin, Audience::Client, Markup::Markdown).contains(unknown), "a guess says nothing of the effect");
}

#[test]
fn a_provider_has_all_that_it_takes() {
    every(|cause, _, safe| {
        for (name, markup) in formats() {
            let text = letter(safe, Audience::Provider, markup).replace('\\', "");
            let method = safe.report().calls[0].method.clone().unwrap();
            for needed in [
                method.as_str(),
                "https://api.example.com/v1/orders",
                "500",
                "2025-05-06T09:12:44Z",
                "req-4711",
                "The question",
                "0123456789abcdef",
                "What was ruled out",
                "What would disprove this",
                "Reproduction",
                "curl -sS -i",
                "TOKEN_A1",
                "3 calls failed like this one, of 5",
            ] {
                let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(flat.contains(needed), "{} as {name}: no {needed:?} in\n{text}", cause.id);
            }
            assert!(!text.contains("abcdefghijklmnopqrstuvwxyz012345"), "{}: the credential", cause.id);
        }
    });
}

#[test]
fn nobody_is_blamed_without_evidence_that_isolates() {
    let knowledge = Knowledge::builtin();
    for cause in &knowledge.causes {
        let backend = cause.owner == Owner::Provider && matches!(cause.layer, Layer::Backend | Layer::Dependency);
        for (attributed, strength) in [(true, Strength::Decisive), (true, Strength::Weak), (false, Strength::Decisive)]
        {
            let safe = report(cause, attributed, "POST", strength);
            let isolated = backend && attributed && strength >= Strength::Strong;
            let text = letter(&safe, Audience::Provider, Markup::Markdown);
            assert_eq!(
                text.contains("The evidence isolates"),
                isolated,
                "{} {attributed} {strength:?}:\n{text}",
                cause.id
            );
            let title = text.lines().next().unwrap();
            let named = title.to_lowercase().contains(&cause.title.to_lowercase().replace('_', "\\_"));
            assert_eq!(named, attributed && (!backend || isolated), "{}: {title}", cause.id);
            if !attributed {
                assert!(text.contains("does not settle the cause") && !text.contains(cause.question), "{}", cause.id);
                for audience in [Audience::Client, Audience::Manager] {
                    let text = letter(&safe, audience, Markup::Markdown);
                    assert!(!text.contains("run the service have to"), "{}:\n{text}", cause.id);
                    assert!(!text.contains("runs the service has to"), "{}:\n{text}", cause.id);
                }
            }
            let engineer = letter(&safe, Audience::Engineer, Markup::Markdown);
            assert!(engineer.contains("The verdict is wrong if") == attributed, "{}:\n{engineer}", cause.id);
            assert!(attributed || engineer.contains("What would decide"), "{}:\n{engineer}", cause.id);
        }
    }
}

#[test]
fn escalation_is_for_what_others_have_to_mend() {
    every(|cause, _, safe| {
        let text = letter(safe, Audience::Provider, Markup::Markdown);
        assert_eq!(text.contains("When we escalate this further"), cause.owner != Owner::Caller, "{}", cause.id);
        if cause.owner != Owner::Caller
            && cause.retry == firstfault_model::Retry::Backoff
            && cause.id != "upstream.maintenance"
        {
            assert!(text.contains("15 to 30 minutes") && text.contains("status page"), "{}:\n{text}", cause.id);
        }
    });
}

#[test]
fn a_manager_reads_three_or_four_sentences() {
    every(|cause, _, safe| {
        let text = letter(safe, Audience::Manager, Markup::Markdown).replace("api.example.com", "host");
        let body = text.lines().nth(2).unwrap();
        let sentences = body.matches(". ").count() + usize::from(body.ends_with('.'));
        assert!((3..=4).contains(&sentences), "{}: {sentences} sentences in\n{body}", cause.id);
        assert!(body.contains("not known"), "{}: what is not known is said\n{body}", cause.id);
    });
}

#[test]
fn evidence_acts_in_no_format() {
    every(|cause, _, safe| {
        for audience in Audience::ALL {
            for (name, markup) in formats() {
                let text = letter(safe, audience, markup);
                let place = format!("{} for {audience:?} as {name}", cause.id);
                assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{place}: a control character");
                assert!(!text.contains('\u{202e}'), "{place}: a mark of direction");
                match name {
                    "md" | "issue" => no_markdown(&text, &place, name == "issue"),
                    "jira" => no_jira(&text, &place),
                    "email" => no_email(&text, &place),
                    _ => {}
                }
            }
        }
    });
}

/// Markdown without fences and code spans, in which nothing of the evidence may act.
fn no_markdown(text: &str, place: &str, issue: bool) {
    let mut outside = String::new();
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && line.len() == ticks.len() => fence = Some(ticks),
            None => {
                outside.push_str(&without_code_spans(line));
                outside.push('\n');
            }
        }
    }
    assert!(fence.is_none(), "{place}: a fence is left open");
    for (acts, harmless) in
        [("<script", "-"), ("[x](", "\\[x\\]("), ("![i", "\\!\\["), ("@everyone", "-"), ("\n# not", "-")]
    {
        assert!(!outside.replace(harmless, "").contains(acts), "{place}: {acts}\n{outside}");
    }
    let folds = outside.matches("<details>").count();
    assert_eq!(folds, outside.matches("</details>").count(), "{place}: evidence ends the fold");
    assert!(issue || folds == 0, "{place}");
    assert!(
        text.starts_with("# ") && outside.lines().filter(|l| l.starts_with("# ")).count() == 1,
        "{place}: one title"
    );
}

fn without_code_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        // An escaped tick opens nothing.
        if rest[..at].ends_with('\\') {
            out.push_str(&rest[..=at]);
            rest = &rest[at + 1..];
            continue;
        }
        out.push_str(&rest[..at]);
        let ticks: String = rest[at..].chars().take_while(|c| *c == '`').collect();
        let inside = &rest[at + ticks.len()..];
        let close = closing(inside, ticks.len()).unwrap_or_else(|| panic!("a code span is left open: {line}"));
        rest = &inside[close + ticks.len()..];
    }
    out + rest
}

/// Where a run of exactly `count` ticks stands.
fn closing(text: &str, count: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text[at..].find('`') {
        let start = at + found;
        let run = text[start..].chars().take_while(|c| *c == '`').count();
        if run == count {
            return Some(start);
        }
        at = start + run;
    }
    None
}

fn no_jira(text: &str, place: &str) {
    let mut inside = false;
    for line in text.lines() {
        if line == "{noformat}" {
            inside = !inside;
            continue;
        }
        assert!(!line.contains("{noformat}") || !inside, "{place}: evidence ends the block: {line}");
        if inside {
            continue;
        }
        let bare = line.replace("{{", "").replace("}}", "");
        for acts in ["{code}", "{noformat}", "[x|", "[x]", "[~admin", "!["] {
            assert!(!bare.contains(acts), "{place}: {acts} in {line}");
        }
    }
    assert!(!inside, "{place}: a block is left open");
}

fn no_email(text: &str, place: &str) {
    let mut lines = text.lines();
    assert!(lines.next().unwrap().starts_with("Subject: "), "{place}");
    assert_eq!(lines.next(), Some(""), "{place}: the subject is the only field");
    assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{place}: a field of the evidence");
    for line in lines {
        let to_copy = line.starts_with("    ");
        assert!(to_copy || line.chars().count() <= 72, "{place}: {} columns: {line}", line.chars().count());
    }
}

#[test]
fn the_reproduction_is_one_command_that_only_sends_the_call() {
    let mut exchange = Exchange::new(Origin::HttpMessage, Vantage::Client);
    let secret = "Zm9vYmFyYmF6cXV4MTIzNDU2Nzg5MA";
    let mut request = Request {
        method: Some("POST".to_owned()),
        url: Url::parse("https://api.example.com/v1/orders?a='$(id)'&b=`id`"),
        complete: true,
        ..Request::default()
    };
    request.headers.push("Authorization", format!("Bearer {secret}"), Span::default());
    request.headers.push("X-Note", "it's \"$HOME\" `id` $(id) \\ !!", Span::default());
    request.headers.push("Content-Length", "999", Span::default());
    request.body = Some(Body::bounded(&format!("{{\"password\":\"{secret}\",\"it's\":\"$(id)\"}}\n"), Span::default()));
    exchange.request = Some(request);
    let knowledge = Knowledge::builtin();
    let safe = report(&knowledge.causes[0], true, "POST", Strength::Strong);
    let mut redactor = Redactor::new();
    redactor.learn(&exchange);
    let call = Call { exchange: Some(exchange), ..safe.report().calls[0].clone() };
    let safe = Safe::new(Report { calls: vec![call], ..Report::default() }, &mut redactor);
    let text = letter(&safe, Audience::Provider, Markup::Text(Style { width: 80, color: false, verbose: false }));
    let part = text.split_once("\nReproduction\n").unwrap().1;
    let part = part.split("\n\n").next().unwrap();
    let command: String = part.lines().filter_map(|l| l.strip_prefix("    ")).map(|l| format!("{l}\n")).collect();
    let variable = command.split("\"$").nth(1).unwrap().split('"').next().unwrap();
    let script = format!("curl() {{ printf '<%s>\\n' \"$@\"; }}\n{variable}='the token'\n{command}");
    // Where there is no bash, there is nothing to ask.
    let Ok(output) = std::process::Command::new("bash").args(["-c", &script]).output() else { return };
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}\n{command}");
    let sent = String::from_utf8(output.stdout).unwrap();
    for argument in [
        "<https://api.example.com/v1/orders?a='$(id)'&b=`id`>",
        "<Authorization: Bearer the token>",
        "<X-Note: it's \"$HOME\" `id` $(id) \\ !!>",
        "<{\"password\":\"the token\",\"it's\":\"$(id)\"}\n>",
    ] {
        assert!(sent.contains(argument), "no {argument} in\n{sent}\nfrom\n{command}");
    }
    assert!(!sent.contains("Content-Length") && !command.contains(secret), "{command}");
}

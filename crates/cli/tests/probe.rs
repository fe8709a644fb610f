//! What `firstfault probe` sends and what it does not: consent, credentials, pace, Retry-After, --dry-run, the environment.
//! The servers run inside the test and count what arrives.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test ends at the first surprise")]

mod common;
mod live;
mod schema;

use common::{Ran, run, scratch};
use firstfault_lab::Reply;
use live::{Heard, SECOND, json, probe, probe_in, server, step};
use serde_json::json as value;
use std::time::Instant;

/// A service that says as little as it can.
fn silent(status: u16) -> (live::Live<std::net::SocketAddr>, Heard) {
    server(move |_| Reply::empty(status))
}

fn diagnosed(name: &str, document: &str) -> Ran {
    run(&["diagnose", "--format", "jsonl", &scratch(name, document)])
}

#[test]
fn a_dry_run_sends_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/v1/orders/12?page=2", listener.local_addr().unwrap());
    let read = probe(&["--dry-run"], &["-H", "X-API-Key: zq81-Lk3-pw77", &url]);
    let write = probe(&["--dry-run"], &["-d", "a=1", &url]);
    for ran in [&read, &write] {
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        assert!(ran.stdout.starts_with("Nothing is sent."), "{}", ran.stdout);
        assert!(ran.stdout.contains("at most 30 requests in 20 s"), "{}", ran.stdout);
    }
    for name in ["repeat", "nonsense-path", "sibling-path", "without-credential", "fewer-parameters", "allowed-methods"]
    {
        assert!(read.stdout.contains(name), "{name}: {}", read.stdout);
    }
    assert!(!read.stdout.contains("Not sent"), "a read needs no consent: {}", read.stdout);
    assert!(write.stdout.contains("not sent: POST may change something"), "{}", write.stdout);
    assert!(write.stdout.contains("Not sent: ") && write.stdout.contains("--allow-side-effects"), "{}", write.stdout);
    let allowed = probe(&["--dry-run", "--allow-side-effects"], &["-d", "a=1", &url]);
    assert!(!allowed.stdout.contains("ot sent: "), "{}", allowed.stdout);
    let came = listener.accept();
    assert_eq!(came.unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody connected");
}

#[test]
fn nothing_with_effects_arrives_without_consent() {
    let (at, heard) = silent(403);
    let url = format!("http://{}/v1/orders/12", at.is);
    let calls: [&[&str]; 6] = [
        &["-X", "POST"],
        &["-X", "DELETE"],
        &["-X", "PUT", "-d", "a=1"],
        &["-X", "PATCH", "--json", "{\"a\":1}"],
        &["-X", "GET", "-d", "a=1"],
        &["-X", "PURGE"],
    ];
    for call in calls {
        let call: Vec<&str> = call.iter().copied().chain([url.as_str()]).collect();
        let ran = probe(&["--format", "json"], &call);
        let document = json(&ran);
        schema::check("probe-1.json", &document);
        assert_eq!((ran.code, document["stopped"].as_str()), (Some(3), Some("not_sent")), "{call:?}: {document}");
        assert_eq!(
            (&document["diagnosis"]["failed"], &document["diagnosis"]["attributed"]),
            (&value!(false), &value!(false))
        );
        assert_eq!((&document["requests"], step(&document, "tcp")["state"].as_str()), (&value!(0), Some("passed")));
        assert!(document["call"]["response"].is_null() && !document["untested"].as_array().unwrap().is_empty());
        let summary = document["diagnosis"]["summary"].as_str().unwrap();
        for part in
            ["The way to 127.0.0.1 is fine; the call itself was not sent, because", "--from", "--allow-side-effects"]
        {
            assert!(summary.contains(part), "{summary}");
        }
        // What was recorded is no success either.
        let again = diagnosed("not-sent.json", &ran.stdout);
        let line: serde_json::Value = serde_json::from_str(&again.stdout).unwrap();
        assert_eq!((again.code, &line["summary"]), (Some(3), &document["diagnosis"]["summary"]));
        let text = probe(&[], &call);
        assert_eq!(text.code, Some(3));
        assert!(text.stdout.starts_with("? ") && text.stdout.contains(" → not sent\n"), "{}", text.stdout);
        assert!(!text.stdout.contains("nothing failed") && !text.stdout.contains("No rule"), "{}", text.stdout);
        for format in ["md", "html"] {
            let ran = probe(&["--format", format], &call);
            assert!(ran.code == Some(3) && ran.stdout.contains("the call itself was not sent"), "{}", ran.stdout);
        }
    }
    assert_eq!(heard.lines(), Vec::<String>::new());
}

#[test]
fn what_was_pasted_of_a_write_is_looked_into_by_reads_alone() {
    let (at, heard) = server(|asked| match asked.method.as_str() {
        "OPTIONS" => Reply::empty(204).with("Allow", "GET, HEAD"),
        "GET" | "HEAD" => Reply::json(200, &value!({"orders": []})),
        _ => Reply::empty(405).with("Allow", "GET, HEAD"),
    });
    let url = format!("http://{}/v1/orders", at.is);
    let pasted = format!(
        "$ curl -v -d a=1 {url}\n> POST /v1/orders HTTP/1.1\n> Host: {}\n> Accept: */*\n> Content-Length: 3\n> Content-Type: \
         application/x-www-form-urlencoded\n>\n< HTTP/1.1 405 Method Not Allowed\n< Content-Length: 0\n<\n",
        at.is
    );
    let file = scratch("pasted-405.txt", &pasted);
    for call in [vec!["-d", "a=1", &url], vec![]] {
        let ran = probe(&["--from", &file, "--format", "json"], &call);
        let document = json(&ran);
        schema::check("probe-1.json", &document);
        assert_eq!(
            (ran.code, &document["diagnosis"]["cause"]),
            (Some(1), &value!("client.wrong_method")),
            "{document}"
        );
    }
    assert!(
        heard.all().iter().all(|(_, asked)| asked.method != "POST" && asked.body.is_empty()),
        "{:?}",
        heard.lines()
    );
}

#[test]
fn with_consent_the_call_is_sent_as_typed() {
    let (at, heard) = server(|asked| match asked.method.as_str() {
        "POST" => Reply::json(201, &value!({"id": "o-1"})),
        _ => Reply::empty(404),
    });
    let ran = probe(
        &["--allow-side-effects"],
        &["-H", "X-Tenant: acme", "-d", "a=1", &format!("http://{}/v1/orders", at.is)],
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let all = heard.all();
    let [(_, asked)] = all.as_slice() else { panic!("one request: {:?}", heard.lines()) };
    assert_eq!((asked.method.as_str(), asked.body.as_slice()), ("POST", &b"a=1"[..]));
    assert_eq!((asked.header("x-tenant"), asked.header("accept")), (Some("acme"), Some("*/*")));
}

#[test]
fn a_credential_goes_to_no_other_host() {
    let (other, strangers) = silent(401);
    let port = other.is.port();
    let (at, _) = server(move |_| Reply::empty(307).with("Location", format!("http://localhost:{port}/v1/me")));
    let url = format!("http://{}/v1/me", at.is);
    let credentials: [&[&str]; 4] = [
        &["-H", "X-API-Key: zq81-Lk3-pw77"],
        &["-H", "Authorization: Bearer zq81.Lk3.pw77"],
        &["-u", "ada:zq81-Lk3"],
        &["-b", "session=zq81-Lk3"],
    ];
    for credential in credentials {
        let call: Vec<&str> = [&["-L"], credential, &[url.as_str()]].concat();
        let ran = probe(&["--format", "json"], &call);
        assert_ne!(ran.code, Some(101), "{}", ran.stderr);
        schema::check("probe-1.json", &json(&ran));
    }
    for (_, asked) in strangers.all() {
        let fields: Vec<String> = asked.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert!(!fields.join("\n").contains("zq81"), "{fields:?}");
    }
    // Without a credential there is nothing to keep back.
    let before = strangers.all().len();
    assert_ne!(probe(&[], &["-L", &url]).code, Some(101));
    assert!(strangers.all().len() > before, "the redirect is followed");
}

#[test]
fn a_retry_after_beyond_the_budget_ends_it() {
    let (at, heard) = server(|_| Reply::json(503, &value!({"error": "try later"})).with("Retry-After", "3600"));
    let ran = probe(&["--format", "json"], &[format!("http://{}/v1/orders", at.is)]);
    let document = json(&ran);
    assert_eq!((heard.all().len(), &document["requests"]), (1, &value!(1)), "{document}");
    assert!(matches!(ran.code, Some(1 | 3)), "{:?}", ran.code);
    // The same as a date.
    let (at, heard) = server(|_| Reply::empty(429).with("Retry-After", "Fri, 31 Dec 2999 23:59:59 GMT"));
    probe(&[], &[format!("http://{}/v1/orders", at.is)]);
    assert_eq!(heard.all().len(), 1);
}

#[test]
fn a_retry_after_within_the_budget_is_waited_for() {
    let (at, heard) = server(|_| Reply::empty(503).with("Retry-After", "1"));
    probe(&["--budget", "5s", "--max-requests", "3"], &[format!("http://{}/v1/orders", at.is)]);
    let times: Vec<Instant> = heard.all().iter().map(|(at, _)| *at).collect();
    assert!(times.len() <= 3);
    for pair in times.windows(2) {
        assert!(pair[1].duration_since(pair[0]) >= SECOND, "{:?}", pair[1].duration_since(pair[0]));
    }
}

#[test]
fn fewer_than_five_requests_a_second_are_sent() {
    let (at, heard) = silent(500);
    let begun = Instant::now();
    probe(
        &["--own-pace", "--max-requests", "12"],
        &["-H", "X-API-Key: zq81-Lk3-pw77", &format!("http://{}/v1/orders/9", at.is)],
    );
    let times: Vec<Instant> = heard.all().iter().map(|(at, _)| *at).collect();
    assert!((3..=12).contains(&times.len()), "{}", times.len());
    for (number, time) in times.iter().enumerate() {
        // Two at once, and two more every half second: four in any second.
        let earliest = SECOND / 2 * u32::try_from(number / 2).unwrap();
        assert!(time.duration_since(begun) >= earliest, "request {number} came after {:?}", time.duration_since(begun));
    }
}

#[test]
fn the_budget_of_requests_holds() {
    let (at, heard) = silent(404);
    let url = format!("http://{}/v1/orders/9", at.is);
    for most in ["1", "2", "5"] {
        let before = heard.all().len();
        let ran = probe(&["--max-requests", most, "--format", "json"], &[&url]);
        let sent = heard.all().len() - before;
        assert!(sent <= most.parse().unwrap(), "{sent} of {most}");
        assert_eq!(json(&ran)["requests"].as_u64(), Some(sent as u64));
    }
    let none = probe(&["--max-requests", "0", "--format", "json"], &[&url]);
    assert_eq!((none.code, json(&none)["stopped"].as_str()), (Some(3), Some("not_sent")));
}

#[test]
fn the_environment_says_which_proxy() {
    let (proxy, heard) = server(|_| Reply::json(200, &value!({"through": "the proxy"})));
    let (at, direct) = server(|_| Reply::json(200, &value!({"ok": true})));
    let url = format!("http://{}/v1/orders", at.is);
    let through = ("http_proxy".to_owned(), format!("http://{}", proxy.is));
    let used = probe_in(&["--format", "json"], &[&url], std::slice::from_ref(&through));
    assert_eq!((used.code, heard.all().len(), direct.all().len()), (Some(0), 1, 0));
    let said = step(&json(&used), "proxy").to_string();
    assert!(said.contains("http_proxy"), "{said}");
    let left_out = ("no_proxy".to_owned(), "localhost,127.0.0.1".to_owned());
    let past = probe_in(&["-v"], &[&url], &[through.clone(), left_out]);
    assert_eq!((past.code, heard.all().len(), direct.all().len()), (Some(0), 1, 1));
    assert!(past.stdout.to_lowercase().contains("no_proxy"), "{}", past.stdout);
    // The variable of the other scheme decides nothing.
    let other = ("https_proxy".to_owned(), format!("http://{}", proxy.is));
    assert_eq!(probe_in(&[], &[&url], std::slice::from_ref(&other)).code, Some(0));
    assert_eq!((heard.all().len(), direct.all().len()), (1, 2));
    let secure = probe_in(&["--format", "json"], &[url.replace("http:", "https:")], &[other]);
    let said = step(&json(&secure), "proxy").to_string();
    assert!(heard.lines().iter().any(|line| line.starts_with("CONNECT")), "{:?}", heard.lines());
    assert!(said.contains("https_proxy"), "{said}");
}

#[test]
fn a_write_that_is_corrected_is_sent_only_with_consent() {
    let (at, heard) = server(|asked| match asked.path.as_str() {
        "/v1/orders" => Reply::json(200, &value!({"orders": []})),
        _ => Reply::json(404, &value!({"detail": "Not Found"})),
    });
    let ran = probe(&["--confirm", "--format", "json"], &[format!("http://{}/v1/orders/", at.is)]);
    schema::check("probe-1.json", &json(&ran));
    assert!(heard.all().iter().all(|(_, asked)| asked.method != "POST"));
}

#[test]
fn what_cannot_be_tested_is_said() {
    let (at, _) = silent(403);
    let ran = probe(&["--format", "json"], &["--http2", "-d", "a=1", &format!("http://{}/", at.is)]);
    let document = json(&ran);
    let untested = document["untested"].to_string();
    assert!(untested.contains("POST") && untested.contains("--http2"), "{untested}");
    let text = probe(&[], &["-d", "a=1", &format!("http://{}/", at.is)]);
    assert!(text.stdout.contains("\n  Not tested\n"), "{}", text.stdout);
}

#[test]
fn wrong_use_is_refused() {
    for arguments in [
        vec!["probe"],
        vec!["probe", "http://127.0.0.1:1/", "--", "curl", "http://127.0.0.1:1/"],
        vec!["probe", "--", "wget", "http://127.0.0.1:1/"],
        vec!["probe", "--budget", "soon", "http://127.0.0.1:1/"],
        vec!["probe", "--confirm", "--dry-run", "http://127.0.0.1:1/"],
        vec!["probe", "--from", "/no/such/file"],
        vec!["probe", "http://"],
    ] {
        let ran = run(&arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("expected") || ran.stderr.contains("error"), "{arguments:?}: {}", ran.stderr);
    }
}

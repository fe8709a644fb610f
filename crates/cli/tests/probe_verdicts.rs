//! What `firstfault probe` says of systems whose fault is known: on the scenarios of the lab, live and again offline from its
//! JSON, in every format.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test ends at the first surprise")]

mod common;
mod live;
mod schema;

use common::{Ran, program, run, scratch};
use firstfault_lab::{Family, Reply, Symptom};
use live::{json, probe, probe_symptom, scenario, server, start, step};
use serde_json::{Value, json as value};
use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

const FORMATS: [&str; 4] = ["text", "json", "md", "html"];
/// Scenarios that are probed at once.
const AT_ONCE: usize = 8;

/// What is the same live and offline.
fn verdict(diagnosis: &Value) -> Vec<Value> {
    ["failed", "attributed", "bucket", "layer", "cause", "summary"].map(|part| diagnosis[part].clone()).to_vec()
}

#[test]
fn a_recorded_probe_is_judged_again_as_it_was_live() {
    let families = [Family::Alerts, Family::Network, Family::Tls, Family::Dns, Family::Proxy, Family::Soft];
    let scenarios: Vec<_> =
        firstfault_lab::scenarios::all().into_iter().filter(|scenario| families.contains(&scenario.family)).collect();
    let next = AtomicUsize::new(0);
    let findings: Mutex<(usize, Vec<String>)> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(scenario) = scenarios.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let running = start(*scenario);
                    if running.is.curl.is_empty() {
                        continue;
                    }
                    let pasted = format!("{}.txt", scenario.name);
                    let ran = probe_symptom(&["--format", "json"], &running.is, &pasted);
                    let document = json(&ran);
                    schema::check("probe-1.json", &document);
                    let file = scratch(&format!("{}.json", scenario.name), &ran.stdout);
                    let again = run(&["diagnose", "--format", "jsonl", &file]);
                    let line: Value = serde_json::from_str(&again.stdout).unwrap();
                    let (live, offline) = (verdict(&document["diagnosis"]), verdict(&line));
                    let mut findings = findings.lock().unwrap();
                    findings.0 += usize::from(document["diagnosis"]["failed"] == true);
                    if live != offline || ran.code != again.code {
                        let codes = (ran.code, again.code);
                        findings.1.push(format!("{}: {codes:?} {live:?}, offline {offline:?}", scenario.name));
                    }
                }
            });
        }
    });
    let (failed, differ) = findings.into_inner().unwrap();
    assert!(failed >= 40, "expected at least 40 failures, found {failed}");
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}

#[test]
fn a_server_that_wants_a_client_certificate_is_called_just_that() {
    for name in ["tls-client-certificate-1.2", "tls-client-certificate-1.3", "tls-client-certificate-400"] {
        let running = scenario(name);
        for format in FORMATS {
            let ran = probe_symptom(&["--format", format], &running.is, name);
            assert_eq!(ran.code, Some(1), "{name}, {format}: {}", ran.stdout);
            let said = ran.stdout.to_lowercase();
            assert!(said.contains("client certificate"), "{name}, {format}: {said}");
            for wrong in
                ["no https", "not speak https", "not resolve", "name does not exist", "not found in dns", "unreachable"]
            {
                assert!(!said.contains(wrong), "{name}, {format}: {wrong}: {said}");
            }
            if format != "json" {
                assert!(
                    !said.contains("network.dns") && !said.contains("protocol_mismatch"),
                    "{name}, {format}: {said}"
                );
            }
        }
        let document = json(&probe_symptom(&["--format", "json"], &running.is, name));
        assert_eq!(document["diagnosis"]["cause"], "auth.client_certificate", "{document}");
        assert_eq!(step(&document, "dns")["state"], "passed");
        assert_eq!(step(&document, "tcp")["state"], "passed");
        let others = document["diagnosis"]["hypotheses"].to_string();
        assert!(!others.contains("network.dns") && !others.contains("network.protocol_mismatch"), "{others}");
    }
}

#[test]
fn a_503_is_never_called_well() {
    let answers: [fn() -> Reply; 5] = [
        || Reply::empty(503),
        || Reply::json(503, &value!({"status": "ok"})),
        || Reply::new(503, "text/plain", "OK"),
        || Reply::new(503, "text/html", "<html><title>Maintenance</title><h1>Back soon</h1></html>"),
        || Reply::json(503, &value!({"status": "healthy"})).with("Retry-After", "1800"),
    ];
    for answer in answers {
        let (at, _) = server(move |_| answer());
        let url = format!("http://{}/health", at.is);
        for format in FORMATS {
            let ran = probe(&["--format", format], &[&url]);
            assert!(matches!(ran.code, Some(1 | 3)), "{format}: {:?} {}", ran.code, ran.stdout);
            let said = ran.stdout.to_lowercase();
            assert!(said.contains("503"), "{said}");
            for wrong in ["nothing failed", "no failure", "✓ get", "answers as it should", "all is well"] {
                assert!(!said.contains(wrong), "{format}: {wrong}: {said}");
            }
        }
        let document = json(&probe(&["--format", "json"], &[&url]));
        assert_eq!(
            (&document["diagnosis"]["failed"], &step(&document, "http")["state"]),
            (&value!(true), &value!("failed"))
        );
        let worked = document["experiments"].to_string().contains("works (503)");
        assert!(!worked, "{document}");
    }
}

/// What a plain socket sees of a call's server.
fn socket(symptom: &Symptom) -> std::io::Result<Vec<u8>> {
    let url = symptom.curl.iter().find(|word| word.starts_with("http://")).unwrap();
    let (place, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(place)?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {place}\r\n\r\n")?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map(|_| bytes)
}

#[test]
fn reset_is_said_of_a_reset_alone() {
    for name in ["network-reset-at-once", "network-reset-after-request"] {
        let running = scenario(name);
        let error = socket(&running.is).expect_err("a RST");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{name}");
        let ran = probe_symptom(&["--format", "json"], &running.is, name);
        let document = json(&ran);
        let marks = document["call"]["marks"].to_string();
        assert!(marks.contains(r#"["probe.http","reset"]"#), "{name}: {marks}");
        assert_eq!(document["diagnosis"]["cause"], "network.connection_reset");
        let text = probe_symptom(&[], &running.is, name);
        assert!(text.stdout.contains("reset") && text.code == Some(1), "{}", text.stdout);
    }
    for name in ["network-empty-reply", "network-half-close"] {
        let running = scenario(name);
        assert!(socket(&running.is).is_ok(), "{name}: a FIN");
        let document = json(&probe_symptom(&["--format", "json"], &running.is, name));
        let marks = document["call"]["marks"].to_string();
        assert!(!marks.contains(r#"["probe.http","reset"]"#), "{name}: {marks}");
        assert!(!step(&document, "http")["says"].to_string().contains("reset"), "{name}: {document}");
    }
}

#[test]
fn an_address_of_the_other_family_is_no_missing_name() {
    // Nothing listens on ::1, or there is no IPv6 at all: either way it is the connection.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let call =
        ["--resolve".to_owned(), format!("six.example.test:{port}:[::1]"), format!("http://six.example.test:{port}/")];
    let document = json(&probe(&["--format", "json"], &call));
    assert_eq!(document["diagnosis"]["layer"], "network", "{document}");
    assert_eq!(
        (&step(&document, "dns")["state"], &step(&document, "tcp")["state"]),
        (&value!("passed"), &value!("failed"))
    );
    assert!(step(&document, "tcp").to_string().contains("[::1]"), "{document}");
    let running = scenario("dns-only-ipv6");
    let document = json(&probe_symptom(&["--format", "json"], &running.is, "six"));
    let cause = document["diagnosis"]["cause"].as_str().unwrap();
    assert!(!cause.starts_with("network.dns"), "{cause}");
}

#[test]
fn a_wrong_clock_is_seen_by_the_date_of_the_answer() {
    let date = |ahead: i64| {
        let now = SystemTime::now();
        let by = Duration::from_secs(ahead.unsigned_abs());
        firstfault_lab::systems::http_date(if ahead > 0 { now + by } else { now - by })
    };
    for (ahead, word) in [(-7200, "ahead of"), (86_400, "behind")] {
        let at = date(ahead);
        let (service, _) = server(move |_| Reply::json(200, &value!({"ok": true})).with("Date", at.clone()));
        let url = format!("http://{}/v1/me", service.is);
        let ran = probe(&[], &[&url]);
        assert!(ran.stdout.contains("this machine's clock is") && ran.stdout.contains(word), "{}", ran.stdout);
        let document = json(&probe(&["--format", "json"], &[&url]));
        assert_eq!(step(&document, "clock")["state"], "doubtful");
        assert!(document["call"]["marks"].to_string().contains("clock.skew.direction"), "{document}");
    }
    let (service, _) = server(|_| Reply::json(200, &value!({"ok": true})));
    let document = json(&probe(&["--format", "json"], &[format!("http://{}/", service.is)]));
    assert_ne!(step(&document, "clock")["state"], "doubtful", "{document}");
}

#[test]
fn a_certificate_of_tomorrow_points_to_the_clock() {
    let running = scenario("tls-not-yet-valid");
    let ran = probe_symptom(&["-v"], &running.is, "tomorrow");
    assert_eq!(ran.code, Some(1));
    let said = ran.stdout.to_lowercase();
    assert!(said.contains("not valid yet") && said.contains("clock it is"), "{said}");
    let document = json(&probe_symptom(&["--format", "json"], &running.is, "tomorrow"));
    assert_eq!(document["diagnosis"]["cause"], "tls.certificate_not_yet_valid");
    assert!(document["call"]["marks"].to_string().contains("probe.tls.not_before"));
}

/// True for a line that is meant to be copied, or belongs to one.
fn is_copied(line: &str, document: &Value) -> bool {
    let bare = line.trim().trim_start_matches(['+', '−', ' ']);
    let mut checks = document["diagnosis"]["checks"].as_array().into_iter().flatten();
    checks.any(|check| check["command"].as_str().is_some_and(|command| command.lines().any(|part| part.trim() == bare)))
        || bare.starts_with("curl ")
        || bare.starts_with('-')
        || bare.starts_with("openssl ")
        || bare.starts_with("firstfault ")
}

#[test]
fn every_line_fits_and_colour_is_an_extra() {
    let names = [
        "alerts-no-key",
        "tls-expired",
        "tls-client-certificate-1.3",
        "network-refused",
        "dns-typo",
        "proxy-no-password",
    ];
    for name in names {
        let running = scenario(name);
        let document = json(&probe_symptom(&["--format", "json"], &running.is, name));
        for width in [60, 80, 100] {
            for more in ["--color=never", "-v", "--dry-run"] {
                let ran = probe_symptom(&["--width", &width.to_string(), more], &running.is, name);
                for line in ran.stdout.lines().filter(|line| !is_copied(line, &document)) {
                    assert!(line.chars().count() <= width, "{name}, {more}, {width}: {line}");
                }
            }
        }
        let colour = probe_symptom(&["--color=always"], &running.is, name);
        assert!(colour.stdout.contains("\u{1b}["), "{name}");
    }
}

#[test]
fn no_colour_where_none_is_wanted() {
    let (at, _) = server(|_| Reply::empty(401));
    let url = format!("http://{}/v1/me", at.is);
    let with = |variables: &[(&str, &str)]| {
        let mut program = program(&["probe", "--rate", "500", &url]);
        program.env_remove("http_proxy").envs(variables.iter().copied());
        Ran::from(program.output().unwrap())
    };
    for variables in
        [&[("NO_COLOR", "1"), ("FORCE_COLOR", "1")][..], &[("TERM", "dumb")], &[("NO_COLOR", "1"), ("TERM", "dumb")]]
    {
        let ran = with(variables);
        assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{variables:?}: {}", ran.stdout);
        assert!(ran.stdout.contains("✗") && ran.stdout.contains("401"), "signs and words say it: {}", ran.stdout);
    }
    assert!(with(&[("FORCE_COLOR", "1")]).stdout.contains('\u{1b}'));
}

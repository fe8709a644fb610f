//! `firstfault contract` as a user runs it, and `--contract` on the commands that judge: every format, exit codes, several
//! inputs, the configuration, what is refused, and that no secret comes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test ends at the first surprise")]

mod common;
mod schema;

use common::{Ran, program, run, run_with, scratch};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const CRM: &str = "examples/contract/crm.yaml";
const NEXT: &str = "examples/contract/crm-2.yaml";
const CALLS: &str = "examples/contract/calls.har";

fn value(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", ran.stdout, ran.stderr))
}

/// A folder of one test's own.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("contract-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn kinds(findings: &Value) -> Vec<(String, String)> {
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap_or_default().to_owned();
    findings.as_array().unwrap().iter().map(|f| (word(f, "kind"), word(f, "name"))).collect()
}

#[test]
fn the_example_is_checked_call_by_call() {
    let ran = run(&["contract", "check", CRM, CALLS, "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let found = value(&ran);
    schema::check("contract-check-1.json", &found);
    assert_eq!((&found["calls"], &found["matched"], &found["broken"]), (&7.into(), &7.into(), &4.into()));
    let kinds = kinds(&found["findings"]);
    for planted in [("misnamed_field", "/case_type"), ("wrong_type", "/priority"), ("missing_field", "/status")] {
        let planted = (planted.0.to_owned(), planted.1.to_owned());
        assert!(kinds.contains(&planted), "{planted:?} is not among {kinds:?}");
    }
    assert!(kinds.iter().any(|(kind, _)| kind == "unknown_path"), "{kinds:?}");
    let misnamed = found["findings"].as_array().unwrap().iter().find(|f| f["kind"] == "misnamed_field").unwrap();
    assert_eq!(misnamed["places"], json!([{"input": CALLS, "line": 5}]));
    assert!(misnamed["rule"].as_str().unwrap().starts_with("examples/contract/crm.yaml#/"), "{misnamed}");
    assert_ne!(misnamed["line"], 0, "{misnamed}");
    let create = found["coverage"].as_array().unwrap().iter().find(|c| c["id"] == "createTicket").unwrap();
    assert_eq!((&create["calls"], &create["broken"]), (&3.into(), &2.into()));
    assert_eq!(create["statuses"], json!([{"status": "201", "calls": 1}, {"status": "400", "calls": 2}]));
    assert_eq!(ran.stdout, run(&["contract", "check", CRM, CALLS, "--format", "json"]).stdout, "same bytes");
}

#[test]
fn every_format_tells_the_same() {
    for format in ["text", "json", "md", "junit", "sarif"] {
        let ran = run(&["contract", "check", CRM, CALLS, "--format", format, "--coverage"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""), "{format}");
        for part in ["caseType", "POST /tickets", "crm.yaml"] {
            assert!(ran.stdout.contains(part), "{format} lacks {part}: {}", ran.stdout);
        }
    }
    for width in ["40", "80"] {
        let shown = run(&["contract", "check", CRM, CALLS, "--coverage", "--width", width]).stdout;
        let wide = shown.lines().find(|line| line.chars().count() > width.parse().unwrap());
        assert_eq!(wide, None, "{shown}");
    }
    let junit = run(&["contract", "check", CRM, CALLS, "--format", "junit"]).stdout;
    assert!(junit.starts_with("<?xml") && junit.contains("<failure type="), "{junit}");
    let sarif = value(&run(&["contract", "check", CRM, CALLS, "--format", "sarif"]));
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let wrong = results.iter().find(|r| r["ruleId"] == "contract.misnamed_field").unwrap();
    let place = &wrong["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&CALLS.into(), &5.into()));
    assert_eq!(wrong["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"], CRM);
}

/// A call as curl -v shows it.
fn transcript(method: &str, target: &str, sent: &str, status: &str, body: &str) -> String {
    let length = sent.len();
    format!(
        "> {method} {target} HTTP/1.1\n> Host: crm.example.com\n> Authorization: Bearer t\n> Content-Type: application/json\n> Content-Length: {length}\n>\n{sent}\n< HTTP/1.1 {status}\n< Content-Type: application/json\n<\n{body}\n"
    )
}

const GOOD: &str = r#"{"id":"12345","name":"Acme"}"#;

#[test]
fn exit_codes_tell_violations_from_what_cannot_be_known() {
    let good = transcript("GET", "/v1/customers/12345", "", "200 OK", GOOD);
    let bad = transcript("GET", "/v1/customers/12345", "", "200 OK", r#"{"id":12345,"name":"Acme"}"#);
    let elsewhere = good.replace("crm.example.com", "other.example.org").replace("/v1/customers", "/x");
    let broken = scratch("broken.yaml", "openapi: 3.1.0\npaths: [\n");
    let none = scratch("no-contract.yaml", "a: 1\n");
    for (arguments, input, code) in [
        (vec![CRM, "-"], good.as_str(), 0),
        (vec![CRM], &bad, 1),
        (vec![CRM, "--half", "request"], &bad, 0),
        (vec![CRM, "--half", "response"], &bad, 1),
        (vec![CRM], &elsewhere, 3),
        (vec![CRM], "", 2),
        (vec![CRM], "Dear all, what is for lunch?\n", 2),
        (vec![CRM, "-", "no-such-file.har"], &good, 2),
        (vec!["no-such-file.yaml"], &good, 2),
        (vec![&broken], &good, 2),
        (vec![&none], &good, 2),
        (vec![CRM, "--format", "html"], &good, 2),
    ] {
        let ran = run_with(&[&["contract", "check"], &arguments[..]].concat(), input);
        assert_eq!(ran.code, Some(code), "{arguments:?}\n{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stderr.is_empty(), code != 2, "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn folders_logs_and_collections_are_read() {
    let folder = folder("many");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    let line = |path: &str, status: u16| {
        format!("10.0.0.1 - - [20/Nov/2026:10:00:01 +0000] \"GET {path} HTTP/1.1\" {status} 12 \"-\" \"curl/8\"\n")
    };
    let mut log = line("/v1/tickets/t-1", 200).repeat(3_000);
    log.push_str(&line("/v1/tickets/t-1", 200));
    write("a.log", &log);
    write("b.txt", &transcript("GET", "/v1/customers/12345", "", "200 OK", GOOD));
    let collection = json!({
        "info": {"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
        "item": [{"name": "list", "request": {"method": "GET", "url": "https://crm.example.com/v1/tickets?limit=5"}}],
    });
    write("c.json", &collection.to_string());
    let ran = run(&["contract", "check", CRM, folder.to_str().unwrap(), "--format", "json"]);
    let found = value(&ran);
    assert_eq!((&found["calls"], &found["matched"]), (&3_003.into(), &3_003.into()), "{}", ran.stderr);
    let calls: Vec<&Value> = found["inputs"].as_array().unwrap().iter().map(|input| &input["calls"]).collect();
    assert_eq!(calls, [&json!(3_001), &json!(1), &json!(1)]);
    let list = found["coverage"].as_array().unwrap().iter().find(|c| c["id"] == "listTickets").unwrap();
    assert_eq!(
        list["parameters"],
        json!([{"name": "query status", "seen": false}, {"name": "query limit", "seen": true}])
    );
}

#[test]
fn two_descriptions_are_compared_and_recorded_calls_tried() {
    let ran = run(&["contract", "diff", CRM, NEXT, "--calls", CALLS, "--format", "json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let found = value(&ran);
    schema::check("contract-diff-1.json", &found);
    let operations: Vec<&str> =
        found["changes"].as_array().unwrap().iter().filter_map(|change| change["operation"].as_str()).collect();
    assert!(
        operations.contains(&"POST /tickets") && operations.contains(&"DELETE /tickets/{ticketId}"),
        "{operations:?}"
    );
    assert_eq!(found["calls"], 7);
    let broken = found["broken_calls"].as_array().unwrap();
    assert_eq!(broken.len(), 1, "only the call that was good before: {broken:?}");
    assert_eq!((&broken[0]["call"], &broken[0]["line"]), (&"POST /v1/tickets".into(), &4.into()));
    assert_eq!(kinds(&broken[0]["findings"]), [("missing_field".to_owned(), "/priority".to_owned())]);
    let same = run(&["contract", "diff", CRM, CRM, "--format", "json"]);
    assert_eq!(same.code, Some(0), "{}", same.stdout);
    schema::check("contract-diff-1.json", &value(&same));
    for format in ["text", "md"] {
        let ran = run(&["contract", "diff", CRM, NEXT, "--calls", CALLS, "--format", format]);
        assert!(
            ran.stdout.contains("priority") && ran.stdout.contains("1 of 7 recorded calls would break"),
            "{}",
            ran.stdout
        );
    }
    assert_eq!(run(&["contract", "diff", CRM, "no-such.yaml"]).code, Some(2));
    assert_eq!(run(&["contract", "diff", CRM, NEXT, "--calls", "no-such.har"]).code, Some(2));
}

#[test]
fn a_description_is_shown_with_its_mistakes_by_line() {
    let ran = run(&["contract", "show", CRM]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("OpenAPI 3.1 · 5 operations · no mistakes"), "{}", ran.stdout);
    let faulty = std::fs::read_to_string(common::root().join(CRM)).unwrap();
    let faulty = faulty.replacen("#/components/schemas/Customer", "#/components/schemas/Costumer", 1);
    let line = faulty.lines().position(|line| line.contains("Costumer")).unwrap() + 1;
    let file = scratch("faulty.yaml", &faulty);
    let ran = run(&["contract", "show", &file]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains(&format!("line {line}")), "the mistake is on line {line}: {}", ran.stdout);
}

#[test]
fn a_verdict_says_what_the_contract_says() {
    let arguments = ["diagnose", "--contract", CRM, "examples/crm-400.txt", "--format"];
    let plain = value(&run(&["diagnose", "examples/crm-400.txt", "--format", "json"]));
    assert_eq!(plain["diagnoses"][0]["contract"], Value::Null, "nothing is said where there is no contract");
    let found = value(&run(&[&arguments[..], &["json"]].concat()));
    schema::check("diagnoses-1.json", &found);
    let contract = &found["diagnoses"][0]["contract"];
    assert_eq!((&contract["contract"], &contract["operation"]), (&CRM.into(), &"POST /tickets".into()));
    assert!(kinds(&contract["findings"]).iter().any(|(kind, _)| kind == "misnamed_field"), "{contract}");
    for format in ["text", "md", "html"] {
        let shown = run(&[&arguments[..], &[format]].concat()).stdout;
        assert!(shown.contains("Contract: POST /tickets of"), "{format}: {shown}");
    }
    assert_eq!(run(&["diagnose", "--contract", "no-such.yaml", "examples/crm-400.txt"]).code, Some(2));
}

#[test]
fn the_configuration_remembers_the_contract_of_a_host() {
    let folder = folder("remembered");
    std::fs::copy(common::root().join(CRM), folder.join("crm.yaml")).unwrap();
    let config = folder.join("config.toml");
    std::fs::write(&config, "[contract]\n\"crm.example.com\" = \"crm.yaml\"\n\"gone.example\" = \"gone.yaml\"\n")
        .unwrap();
    let config = config.to_str().unwrap();
    let found = value(&run(&["diagnose", "--config", config, "examples/crm-400.txt", "--format", "json"]));
    assert_eq!(found["diagnoses"][0]["contract"]["operation"], "POST /tickets");
    let gone = "curl: (22) error\n> GET /x HTTP/1.1\n> Host: gone.example\n>\n< HTTP/1.1 500 Oops\n<\n";
    let ran = run_with(&["diagnose", "--config", config, "-"], gone);
    assert!(ran.stderr.contains("gone.example") && ran.stderr.contains("nothing by that name"), "{}", ran.stderr);
    assert_ne!(ran.code, Some(2), "a verdict without the contract is still one");
}

#[test]
fn a_pack_repeats_a_verdict_that_a_contract_made() {
    let folder = folder("pack");
    let out = folder.join("case");
    let out = out.to_str().unwrap();
    let ran = run(&["pack", "--contract", CRM, "examples/crm-400.txt", "--out", out, "--at", "2026-11-20T10:30:00Z"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    let verified = run(&["verify", out]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.stdout, verified.stderr);
    assert!(std::fs::read_to_string(Path::new(out).join("observations.json")).unwrap().contains("contract."));
}

#[test]
fn what_worked_tells_what_changed_without_a_contract() {
    let good: String =
        (0..4).map(|n| transcript("GET", &format!("/v1/customers/{n}"), "", "200 OK", GOOD) + "\n").collect();
    let good = scratch("baseline.txt", &good);
    let bad = transcript("GET", "/v1/customers/9", "", "500 Internal Server Error", r#"{"name":7}"#);
    let ran = run_with(&["diagnose", "--baseline", &good, "-", "--format", "json"], &bad);
    let found = value(&ran);
    schema::check("diagnoses-1.json", &found);
    let empty = scratch("empty-baseline.txt", "Dear all\n");
    assert_eq!(run_with(&["diagnose", "--baseline", &empty, "-"], &bad).code, Some(2));
}

#[test]
fn other_machines_are_reached_only_when_asked() {
    let folder = folder("remote");
    let text = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: ok\n          content:\n            application/json:\n              schema:\n                $ref: 'http://127.0.0.1:9/s.yaml#/A'\n";
    let file = folder.join("r.yaml");
    std::fs::write(&file, text).unwrap();
    let ran = run(&["contract", "show", file.to_str().unwrap(), "--width", "200"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("--allow-remote"), "{}", ran.stdout);
    // Nobody listens there: asked for, it is tried.
    let ran = run(&["contract", "show", "http://127.0.0.1:9/openapi.yaml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("http://127.0.0.1:9/openapi.yaml: "), "{}", ran.stderr);
}

#[test]
fn a_description_is_fetched_where_its_url_is_named() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/crm.yaml", listener.local_addr().unwrap());
    let body = std::fs::read_to_string(common::root().join(CRM)).unwrap();
    let server = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        let length = stream.read(&mut asked).unwrap();
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).unwrap();
        String::from_utf8_lossy(&asked[..length]).into_owned()
    });
    let output = program(&["contract", "show", &url]).env("NO_PROXY", "127.0.0.1").output().unwrap();
    let ran = Ran::from(output);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("CRM 1.4.0"), "{}", ran.stdout);
    assert!(server.join().unwrap().starts_with("GET /crm.yaml HTTP/1.1\r\n"));
}

#[test]
fn no_secret_comes_out_and_nothing_acts() {
    let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let sent =
        format!(r#"{{"customerId":"{secret}","caseType":"{secret}","password":"open sesame","<b>\u001b[31m":1}}"#);
    let input = transcript("POST", &format!("/v1/tickets?token={secret}"), &sent, "400 Bad Request", r#"{"code":7}"#)
        .replace("Bearer t", &format!("Bearer {secret}"));
    for format in ["text", "json", "md", "junit", "sarif"] {
        let ran = run_with(&["contract", "check", CRM, "--format", format, "--verbose", "--coverage"], &input);
        assert_eq!(ran.code, Some(1), "{format}: {}", ran.stderr);
        for leaked in [&secret[4..20], "open sesame", "\u{1b}"] {
            assert!(!ran.stdout.contains(leaked), "{format} shows {leaked}: {}", ran.stdout);
        }
        assert!(!matches!(format, "md" | "junit") || !ran.stdout.contains("<b>"), "{format}: {}", ran.stdout);
    }
    for format in ["text", "json", "md", "html"] {
        let ran = run_with(&["diagnose", "--contract", CRM, "-", "--format", format, "--verbose"], &input);
        assert!(
            !ran.stdout.contains(&secret[4..20]) && !ran.stdout.contains("open sesame"),
            "{format}: {}",
            ran.stdout
        );
    }
}

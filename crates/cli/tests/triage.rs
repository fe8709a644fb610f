//! `firstfault triage`, `trace` and `flow` as a user runs them: the example hour, quiet and hostile input, tables, what is
//! saved and packed, and that no secret gets out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod common;
mod schema;

use common::root;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const HOUR: &str = "examples/spike/calls.ndjson.gz";
const CHANGES: &str = "examples/spike/changes.json";

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    command.current_dir(root()).env_remove("FORCE_COLOR").args(arguments).output().unwrap()
}

fn piped(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_firstfault"))
        .current_dir(root())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|e| panic!("{e}: {} {}", text(output), String::from_utf8_lossy(&output.stderr)))
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("firstfault-triage-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn the_example_hour_is_told() {
    let arguments = ["triage", HOUR, "--changes", CHANGES, "--format", "json"];
    let output = run(&arguments);
    assert_eq!(code(&output), 1);
    let found = json(&output);
    schema::check("triage-1.json", &found);
    assert_eq!(found["incidents"].as_array().unwrap().len(), 1);
    let incident = &found["incidents"][0];
    // The truth of the generator: GET /v1/alerts fails in the new release from 19:53:30.775 on.
    assert_eq!(incident["isolation"][0]["attributes"]["route"], "/v1/alerts");
    assert_eq!(incident["change"]["id"], "deploy-6c9a4");
    assert_eq!((&incident["bucket"], &incident["layer"]), (&"server".into(), &"backend".into()));
    assert_eq!(incident["failures"], 128);
    let at = incident["onset"]["at"].as_str().unwrap();
    assert!(("2026-05-16T19:52:30Z".."2026-05-16T19:54:31Z").contains(&at), "{at}");
    assert_eq!(incident["checklist"].as_array().unwrap().len(), 15);
    assert_eq!(found["services"][0]["figures"].as_array().unwrap().len(), 7);
    assert_eq!(output.stdout, run(&arguments).stdout, "same input, same bytes");
    let threads = [&arguments[..], &["--threads", "1"]].concat();
    assert_eq!(output.stdout, run(&threads).stdout, "whatever the threads did");
}

#[test]
fn every_format_tells_the_same_story() {
    for format in ["text", "md", "html"] {
        let output = run(&["triage", HOUR, "--changes", CHANGES, "--format", format]);
        let shown = text(&output);
        assert_eq!(code(&output), 1, "{format}");
        for part in ["/v1/alerts", "deploy-6c9a4", "server", "backend"] {
            assert!(shown.contains(part), "{format} lacks {part}");
        }
    }
    let shown = text(&run(&["triage", HOUR, "--changes", CHANGES, "--width", "80"]));
    let screen: Vec<&str> = shown.lines().take_while(|line| !line.starts_with("  Where")).collect();
    assert!(screen.len() <= 26, "one screen first, not {} lines", screen.len());
    let commands = |line: &str| line.contains("firstfault ");
    let wide = shown.lines().find(|line| line.chars().count() > 80 && !commands(line));
    assert_eq!(wide, None);
}

/// Two hours of one service: a request each second, every 40th fails as it always did.
fn quiet() -> String {
    let mut lines = String::new();
    for second in 0..7_200 {
        let status = if second % 40 == 7 { 404 } else { 200 };
        let _ = writeln!(
            lines,
            "{{\"ts\":\"2026-11-20T{:02}:{:02}:{:02}Z\",\"method\":\"GET\",\"path\":\"/v1/orders/{second}\",\"status\":{status},\"latency_ms\":12}}",
            10 + second / 3_600,
            second / 60 % 60,
            second % 60
        );
    }
    lines
}

#[test]
fn a_quiet_log_has_no_incident_and_an_empty_one_is_no_good_news() {
    let output = piped(&["triage", "--format", "json"], quiet().as_bytes());
    assert_eq!(code(&output), 0);
    let found = json(&output);
    schema::check("triage-1.json", &found);
    assert_eq!((&found["calls"], &found["failed"]), (&7_200.into(), &180.into()));
    assert_eq!(found["incidents"], Value::Array(Vec::new()));
    assert_eq!(code(&piped(&["triage"], b"")), 2);
    assert_eq!(code(&run(&["triage", "no-such.log"])), 2);
}

#[test]
fn what_is_saved_is_read_back_to_the_same_story() {
    let folder = folder("save");
    let file = folder.join("calls.parquet");
    let place = file.to_str().unwrap();
    let first = json(&run(&["triage", HOUR, "--changes", CHANGES, "--format", "json", "--save", place]));
    let again = json(&run(&["triage", place, "--changes", CHANGES, "--format", "json"]));
    for field in
        ["onset", "isolation", "change", "bucket", "layer", "cause", "failures", "affected", "retry_amplification"]
    {
        assert_eq!(first["incidents"][0][field], again["incidents"][0][field], "{field}");
    }
    assert_eq!(first["calls"], again["calls"]);
    let refused = run(&["triage", HOUR, "--save", place]);
    assert_eq!(code(&refused), 2, "what is there is not replaced unasked");
    let groups = json(&run(&["triage", place, "--by", "status", "--format", "json"]));
    let direct = json(&run(&["triage", HOUR, "--by", "status", "--format", "json"]));
    assert_eq!(groups["groups"], direct["groups"]);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_table_of_counts_is_isolated_at_its_time() {
    let mut table = "minute,region,plan,requests,failed\n".to_owned();
    for minute in 0..30 {
        for region in ["eu", "us", "ap"] {
            for plan in ["free", "pro"] {
                let failed = if minute == 29 && region == "eu" && plan == "pro" { 180 } else { 2 + minute % 3 };
                let _ = writeln!(table, "{},{region},{plan},400,{failed}", 1_795_170_060 + minute * 60);
            }
        }
    }
    let at = (1_795_170_060 + 29 * 60).to_string();
    let output = piped(
        &["triage", "--total", "requests", "--failed", "failed", "--at", &at, "--format", "json"],
        table.as_bytes(),
    );
    let found = json(&output);
    schema::check("triage-1.json", &found);
    let attributes = &found["incidents"][0]["isolation"][0]["attributes"];
    assert_eq!(attributes, &serde_json::json!({"region": "eu", "plan": "pro"}));
    let wrong = piped(&["triage", "--total", "requests", "--failed", "fails", "--format", "json"], table.as_bytes());
    let said = text(&wrong) + &String::from_utf8_lossy(&wrong.stderr);
    assert!(said.contains("fails") && said.contains("requests"), "{said}");
}

#[test]
fn fields_are_shown_and_mapped() {
    let line =
        "{\"when\":\"2026-11-20T10:00:00Z\",\"clnt\":\"acme\",\"status\":200,\"path\":\"/v1/a\"}\nnot a line of this\n";
    let shown = text(&piped(&["triage", "--show-mapping", "--map", "clnt=tenant"], line.as_bytes()));
    let row = shown.lines().find(|line| line.trim_start().starts_with("clnt")).unwrap();
    assert!(row.contains("tenant") && row.contains("acme"), "{row}");
    assert!(shown.contains("status"), "{shown}");
    let wrong = run(&["triage", HOUR, "--map", "clnt=tenants"]);
    assert_eq!(code(&wrong), 2);
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("tenant"));
}

#[test]
fn hostile_lines_are_counted_and_never_fatal() {
    let mut log = quiet().into_bytes();
    log.splice(0..0, b"\x1b[31mred <script>alert(1)</script>\n".iter().copied());
    log.extend_from_slice(b"\xff\xfe\x00\xc3\n{{{{{{{{\n");
    log.extend_from_slice(&vec![b'['; 200_000]);
    log.extend_from_slice(b"\n{\"status\":500,\"path\":\"/x\",\"message\":\"");
    log.extend_from_slice(&vec![b'A'; 2 << 20]);
    log.extend_from_slice(b"\"}\n{\"ts\":\"2026-11-20T12:00:00Z\",\"status\":50");
    for format in ["text", "json", "md", "html"] {
        let output = piped(&["triage", "--format", format], &log);
        assert!(matches!(code(&output), 0 | 1 | 3), "{format}: {}", String::from_utf8_lossy(&output.stderr));
        let shown = text(&output);
        assert!(!shown.contains("\x1b[31m") && !shown.contains("<script>alert"), "{format}");
    }
    let found = json(&piped(&["triage", "--format", "json"], &log));
    assert!(found["unreadable_lines"].as_u64().unwrap() >= 3, "{}", found["unreadable_lines"]);
    assert!(found["calls"].as_u64().unwrap() >= 7_200);
}

#[test]
fn no_secret_gets_out() {
    let secret = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let mut log = quiet();
    for second in 0..400 {
        let _ = writeln!(
            log,
            "{{\"ts\":\"2026-11-20T11:{:02}:{:02}Z\",\"method\":\"GET\",\"path\":\"/v1/x?token={secret}\",\"status\":401,\"error\":\"invalid_token\",\"message\":\"bad credentials {secret}\",\"authorization\":\"Bearer {secret}\"}}",
            50 + second / 60,
            second % 60
        );
    }
    let folder = folder("secrets");
    let (saved, packed) = (folder.join("c.parquet"), folder.join("p"));
    for format in ["text", "json", "md", "html"] {
        let output = piped(&["triage", "--format", format], log.as_bytes());
        assert_eq!(code(&output), 1, "{format}");
        assert!(!text(&output).contains(&secret[4..20]), "{format}");
    }
    let arguments = ["triage", "--save", saved.to_str().unwrap(), "--pack", packed.to_str().unwrap()];
    let output = piped(&arguments, log.as_bytes());
    assert!(!String::from_utf8_lossy(&output.stderr).contains(&secret[4..20]));
    let mut files = vec![saved];
    files.extend(std::fs::read_dir(&packed).unwrap().map(|entry| entry.unwrap().path()));
    assert!(files.len() > 3);
    for file in files.iter().filter(|file| file.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(16).any(|window| window == &secret.as_bytes()[4..20]), "{}", file.display());
    }
    assert_eq!(code(&run(&["verify", packed.to_str().unwrap()])), 0);
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_logs_of_the_lab_are_followed() {
    let folder = folder("lab");
    let place = folder.to_str().unwrap();
    let written = text(&run(&["lab", "logs", "exception-translated", "--out", place, "--skewed"]));
    let logs: Vec<String> =
        ["chat.log", "gateway.log", "crm.log"].iter().map(|name| format!("{place}/{name}")).collect();
    let logs: Vec<&str> = logs.iter().map(String::as_str).collect();
    let output = run(&[&["flow", "chat-to-ticket", "--format", "json"], &logs[..]].concat());
    assert_eq!(code(&output), 1);
    let flow = json(&output);
    schema::check("flow-1.json", &flow);
    let id = written.split("trace ").nth(1).unwrap().split(' ').next().unwrap();
    let output = run(&[&["trace", id, "--format", "json"], &logs[..]].concat());
    assert_eq!(code(&output), 1);
    let trace = json(&output);
    schema::check("trace-1.json", &trace);
    assert_eq!(trace["layer"], "backend");
    // Several systems, saved and read again: a table has no lines to follow.
    let saved = format!("{place}/calls.parquet");
    let direct = json(&run(&[&["triage", "--format", "json", "--save", &saved], &logs[..]].concat()));
    let again = json(&run(&["triage", &saved, "--format", "json"]));
    assert_eq!((&direct["calls"], &direct["failed"]), (&again["calls"], &again["failed"]));
    assert_eq!(code(&run(&[&["trace", "no-such-id-here"], &logs[..]].concat())), 2);
    assert_eq!(code(&run(&[&["flow", "chat-to-tickets"], &logs[..]].concat())), 2);
    std::fs::remove_dir_all(folder).unwrap();
}

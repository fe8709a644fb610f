//! The lab on the command line: what listens and answers, lists, a scenario, a quiz, ctrl-c, wrong use.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;
mod schema;

use common::{program, run, run_with};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

/// A lab that runs: what it has printed up to the line that says how to stop it.
struct Running {
    child: Child,
    said: String,
}

impl Running {
    fn start(arguments: &[&str]) -> Self {
        let mut child = program(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        while !said.contains("stop with ctrl-c") {
            assert!(out.read_line(&mut said).unwrap() > 0, "{arguments:?} ended: {said}");
        }
        Self { child, said }
    }

    /// The command that begins so, as words.
    fn command(&self, begins: &str) -> Vec<String> {
        let line = self.said.lines().map(str::trim).find(|line| line.starts_with(begins)).unwrap();
        line.split(' ').map(str::to_owned).collect()
    }

    /// The folder that it names.
    fn folder(&self) -> std::path::PathBuf {
        let line = self.said.lines().find(|line| line.contains("files and logs")).unwrap();
        line.rsplit(' ').next().unwrap().into()
    }

    /// Ends it as a terminal does.
    #[cfg(unix)]
    fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn get(url: &str, headers: &str) -> String {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut out = String::new();
    stream.read_to_string(&mut out).unwrap();
    out
}

#[test]
fn plain_is_the_alerts_api_alone() {
    let lab = Running::start(&["lab", "--plain", "--any-port"]);
    let health = lab.command("curl http://").pop().unwrap();
    assert!(get(&health, "").starts_with("HTTP/1.1 200 "), "{health}");
    // No fault controls.
    assert!(get(&health, "X-Lab-Fault: unavailable\r\n").starts_with("HTTP/1.1 200 "));
    assert!(!lab.said.contains("squid") && !lab.said.contains("X-Lab-Fault"), "{}", lab.said);
    #[cfg(unix)]
    assert_eq!(lab.interrupt(), Some(0));
}

#[test]
#[cfg(unix)]
fn everything_runs_and_ends_with_ctrl_c() {
    let lab = Running::start(&["lab", "--any-port"]);
    for name in
        ["alerts  127.0.0.1:", "wire  127.0.0.1:", "tls-expired  127.0.0.1:", "named  127.0.0.1:", "squid  127.0.0.1:"]
    {
        assert!(lab.said.contains(name), "{name}: {}", lab.said);
    }
    let health = lab.command("curl http://").pop().unwrap();
    assert!(get(&health, "X-Lab-Fault: unavailable\r\n").starts_with("HTTP/1.1 503 "));
    let folder = lab.folder();
    assert!(folder.join("ca.pem").is_file());
    assert!(std::fs::read_to_string(folder.join("alerts.log")).unwrap().contains("GET /health"));
    assert_eq!(lab.interrupt(), Some(0));
    assert!(!folder.exists(), "the folder stays behind");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:8001");
    // Where somebody else has it, it is taken as well.
    let ran = run(&["lab", "--plain"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stderr.contains("expected port 8001 to be free"), "{}", ran.stderr);
    drop(taken);
}

#[test]
fn the_list_is_a_document() {
    let ran = run(&["lab", "list", "--format", "json"]);
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    schema::check("lab-list-1.json", &value);
    let scenarios = value["scenarios"].as_array().unwrap();
    let text = run(&["lab", "list"]);
    assert_eq!((ran.code, text.code), (Some(0), Some(0)));
    for scenario in scenarios {
        let name = scenario["name"].as_str().unwrap();
        assert!(text.stdout.lines().any(|line| line.split(' ').next() == Some(name)), "{name} is not in the table");
    }
    assert!(text.stdout.contains(&format!("{} scenarios", scenarios.len())));
    assert!(text.stdout.lines().all(|line| line.chars().count() <= 80), "{}", text.stdout);
    let one = run(&["lab", "list", "tls-expired"]);
    for part in ["tls.certificate_expired · bucket upstream · layer network", "Renew the certificate"] {
        assert!(one.stdout.contains(part), "{}", one.stdout);
    }
    let verbose = run(&["lab", "list", "--verbose"]);
    assert_eq!(verbose.stdout.matches("\n  verdict  ").count(), scenarios.len());
    assert!(verbose.stdout.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_grade_is_a_document() {
    let ran = run(&["lab", "grade", "--format", "json", "tls-unknown-ca", "network-refused"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    schema::check("lab-grade-1.json", &value);
    assert_eq!((value["scenarios"].as_u64(), value["writes"].as_u64()), (Some(2), Some(0)));
    assert!(value["requests_fixed_order_mean"].is_number() && value["requests_random_order_mean"].is_number());
    let quick = run(&["lab", "grade", "--quick", "--format", "json", "tls-"]);
    let value: Value = serde_json::from_str(&quick.stdout).unwrap();
    schema::check("lab-grade-1.json", &value);
    assert!(value["requests_fixed_order_mean"].is_null() && value["scenarios"].as_u64() > Some(10), "{value}");
    let text = run(&["lab", "grade", "--quick", "tls-unknown-ca"]);
    assert!(text.stdout.starts_with("1 scenarios\n") && text.stdout.contains("Confusion by cause"), "{}", text.stdout);
    assert_eq!(run(&["lab", "grade", "no-such-scenario"]).code, Some(2));
}

#[test]
fn what_is_not_there_is_refused() {
    for command in ["list", "start", "quiz"] {
        let ran = run(&["lab", command, "tls-moon"]);
        assert_eq!(ran.code, Some(2));
        assert!(ran.stderr.contains("tls-expired") && ran.stderr.contains("\"tls-moon\""), "{}", ran.stderr);
    }
    assert_eq!(run(&["lab", "--plain", "list"]).code, Some(2));
}

#[test]
#[cfg(unix)]
fn a_scenario_runs_until_it_is_interrupted() {
    let lab = Running::start(&["lab", "start", "alerts-no-key", "--any-port"]);
    let call = lab.command("curl http://");
    assert!(get(call.last().unwrap(), "").starts_with("HTTP/1.1 401 "));
    assert!(lab.said.contains("firstfault probe -- curl http://127.0.0.1:"), "{}", lab.said);
    // The answer is not told.
    assert!(!lab.said.contains("missing_credentials"), "{}", lab.said);
    assert_eq!(lab.interrupt(), Some(0));
}

#[test]
fn a_quiz_asks_explains_and_counts() {
    // Bucket auth, layer auth; the cause by its word.
    let answers = "auth\n4\nauth.missing_credentials\n";
    let ran = run_with(&["lab", "quiz", "alerts-no-key", "--seed", "1"], answers);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for part in [
        "✓ bucket",
        "✓ layer",
        "✓ cause",
        "firstfault explain auth.missing_credentials",
        "Right of 1: bucket 1, layer 1, cause 1",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    let wrong = run_with(&["lab", "quiz", "alerts-no-key"], "moon\n1\n1\n1\n");
    assert!(
        wrong.stdout.contains("expected a number from 1 to 6") && wrong.stdout.contains("✗ bucket"),
        "{}",
        wrong.stdout
    );
    // A control is asked about like any other.
    let control = run_with(&["lab", "quiz", "alerts-healthy"], "nothing\nnothing\nnothing\n");
    assert!(control.stdout.contains("Right of 1: bucket 1, layer 1, cause 1"), "{}", control.stdout);
}

#[test]
fn a_quiz_is_the_same_for_the_same_seed() {
    let ask = |seed: &str| {
        let ran = run_with(&["lab", "quiz", "--count", "1", "--seed", seed], "1\n1\n1\n");
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let choices = ran.stdout.split("Which cause?").nth(1).unwrap_or_else(|| panic!("{}", ran.stdout));
        choices.lines().take(6).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(ask("7"), ask("7"));
    let different: std::collections::BTreeSet<_> = ["1", "2", "3", "4"].map(ask).into();
    assert!(different.len() > 1, "chance is no chance");
    // It ends where standard input does.
    let ended = run_with(&["lab", "quiz", "--seed", "7"], "");
    assert!(
        ended.code == Some(0) && ended.stdout.ends_with("Right of 0: bucket 0, layer 0, cause 0\n"),
        "{}",
        ended.stdout
    );
}

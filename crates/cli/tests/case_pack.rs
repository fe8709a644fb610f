//! `firstfault case pack`: the whole case in one evidence pack, verified by the program itself, and no secret in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod canaries;
mod common;
mod schema;

use canaries::{CANARIES, EVIDENCE};
use common::{Ran, fresh, run, scratch};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A case with a store of its own.
struct Bench {
    store: String,
}

impl Bench {
    fn new(name: &str) -> Self {
        Self { store: fresh(&format!("pack-{name}")) }
    }

    /// Runs a sub-command of `case`.
    fn run(&self, arguments: &[&str]) -> Ran {
        let now = ["--now", "2026-05-06T09:20:00Z", "--store", &self.store];
        run(&[&["case"], arguments, &now].concat())
    }

    /// Makes a pack in a place that is not there yet.
    fn pack(&self, name: &str, more: &[&str]) -> (PathBuf, Ran) {
        let place = Path::new(&self.store).with_file_name(name);
        let ran = self.run(&[&["pack", "-o", place.to_str().unwrap()], more].concat());
        (place, ran)
    }
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

fn verified(pack: &Path) -> Value {
    let ran = run(&["verify", pack.to_str().unwrap(), "--format", "json"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

const SECRET: &str = "opaque-4f9d8c7b6a5e4d3c2b1a";

fn refused() -> String {
    format!(
        "GET /v1/me HTTP/1.1\nHost: api.example.com\nAuthorization: Bearer {SECRET}\n\nHTTP/1.1 401 Unauthorized\nDate: Wed, 06 \
         May 2026 09:12:44 GMT\nContent-Type: application/json\nX-Request-Id: 7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa\n\n\
         {{\"message\":\"Unauthorized\"}}\n"
    )
}

#[test]
fn a_case_becomes_a_pack_that_verifies_to_the_same_verdict() {
    let bench = Bench::new("story");
    bench.run(&["open", "The app gets 401", &refused(), "--affected", "all phones", "--reproducible", "yes"]);
    // The same call by another tool: the same secret, in another place.
    let other = format!(
        "2026-05-06T09:12:44Z ERROR request failed: 401 Unauthorized url=https://api.example.com/v1/me \
         request_id=7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa authorization=\"Bearer {SECRET}\"\n"
    );
    let added = bench.run(&["add", &other, "--note", "before: the phone woke up"]);
    assert!(added.stdout.contains("added piece 2"), "{}{}", added.stdout, added.stderr);
    let alone = bench.run(&["show", "--format", "json"]).stdout;
    bench.run(&["answer", "decode-token", "expired"]);
    let shown = bench.run(&["show", "--format", "json"]).stdout;
    let (folder, ran) = bench.pack("out", &["--at", "2026-05-06T09:30:00Z"]);
    assert_eq!(ran.code, Some(1), "{}{}", ran.stdout, ran.stderr);

    // The verdict is the case's, with the answer counted, and verify comes to it by what is in the pack.
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let alone: Value = serde_json::from_str(&alone).unwrap();
    assert_ne!(alone["verdict"]["probability"], shown["verdict"]["probability"], "the answer counts");
    let found = verified(&folder);
    assert_eq!(found["result"], "same");
    for who in ["recorded", "judged"] {
        assert_eq!(found[who]["cause"], shown["verdict"]["cause"], "{who}");
        let difference =
            found[who]["probability"].as_f64().unwrap() - shown["verdict"]["probability"].as_f64().unwrap();
        assert!(difference.abs() < 0.005, "{who}: {found} and {}", shown["verdict"]);
    }

    // The case itself is a file of the pack, listed with its hash.
    let manifest = json(&folder, "manifest.json");
    schema::check("pack-1.json", &manifest);
    schema::check("call-1.json", &json(&folder, "call.json"));
    schema::check("diagnoses-1.json", &json(&folder, "diagnosis.json"));
    schema::check("case-1.json", &json(&folder, "case.json"));
    assert_eq!(json(&folder, "case.json")["answers"][0]["outcome"], "exp is in the past");
    let listed: Vec<&str> = manifest["files"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap()).collect();
    assert!(listed.contains(&"case.md") && listed.contains(&"case.json"), "{listed:?}");
    let observations = json(&folder, "observations.json");
    schema::check("observations-1.json", &observations);
    assert_eq!(observations["answers"][0]["check"], "decode-token");
    assert!(observations["facts"].as_array().unwrap().iter().any(|f| f["piece"] == 2), "both pieces are in it");

    // What the case tells is told.
    let call = json(&folder, "call.json");
    assert_eq!(call["impact"]["who"], "all phones");
    assert!(call["impact"]["since"].as_str().unwrap().starts_with("2026-05-06T09:12:44Z"), "{}", call["impact"]);
    assert!(call["impact"]["rate"].as_str().unwrap().contains("every time"));
    assert_eq!(call["before"], "the phone woke up");
    assert_eq!(manifest["others"].as_array().unwrap().len(), 0, "the other piece tells of the same failure");
    let report = std::fs::read_to_string(folder.join("report.md")).unwrap();
    assert!(report.contains("answered by hand") && report.contains("piece 1, line"), "{report}");

    // One secret, one placeholder, in the excerpts of both pieces.
    let evidence = std::fs::read_to_string(folder.join("evidence.txt")).unwrap();
    let marks: Vec<&str> = evidence
        .split("Bearer ")
        .skip(1)
        .map(|rest| &rest[..rest.find('›').unwrap_or_else(|| panic!("{evidence}"))])
        .collect();
    assert!(marks.len() == 2 && marks[0] == marks[1] && marks[0].starts_with("‹token:"), "{marks:?}\n{evidence}");
    for file in std::fs::read_dir(&folder).unwrap().flatten() {
        let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
        assert!(!text.contains(SECRET), "{}", file.path().display());
    }

    // The same case and time give the same bytes, and a changed case.md is found.
    let (again, _) = bench.pack("again", &["--at", "2026-05-06T09:30:00Z"]);
    for name in &listed {
        assert_eq!(std::fs::read(folder.join(name)).unwrap(), std::fs::read(again.join(name)).unwrap(), "{name}");
    }
    std::fs::write(folder.join("case.md"), "all is well\n").unwrap();
    assert_eq!(run(&["verify", folder.to_str().unwrap()]).code, Some(2));
}

#[test]
fn flags_go_before_what_the_case_tells_and_a_zip_verifies() {
    let bench = Bench::new("zip");
    bench.run(&["open", "401", &refused(), "--affected", "all phones"]);
    let works = refused().replace("401 Unauthorized", "200 OK").replace("{\"message\":\"Unauthorized\"}", "{\"id\":7}");
    bench.run(&["add", &works]);
    let other = "GET /v1/users/3 HTTP/1.1\nHost: other.example.com\n\nHTTP/1.1 404 Not Found\n\n";
    let added = bench.run(&["add", other]);
    assert!(added.stdout.contains("another failure than the case's"), "{}", added.stdout);
    let (zip, ran) = bench.pack("case.zip", &["--who", "one phone", "--set", "region=eu-west-1"]);
    assert!(ran.stdout.contains("firstfault verify"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(verified(&zip)["result"], "same");
    let (folder, _) = bench.pack("folder", &["1", "--who", "one phone"]);
    assert_eq!(json(&folder, "call.json")["impact"]["who"], "one phone");
    assert_eq!(json(&folder, "manifest.json")["others"][0]["input"], "3-argument.txt");
    let script = std::fs::read_to_string(folder.join("reproduce.sh")).unwrap();
    assert!(script.contains("working"), "the call that worked can be sent: {script}");
    let taken = bench.pack("folder", &[]).1;
    assert!(taken.code == Some(2) && taken.stderr.contains("--force"), "{}", taken.stderr);
    assert!(bench.pack("folder", &["--force"]).1.stdout.starts_with("wrote "));
}

#[test]
fn an_earlier_failure_takes_the_case_over_and_says_so() {
    let bench = Bench::new("earlier");
    bench.run(&["open", "401", &refused()]);
    let earlier = "GET /v1/users/3 HTTP/1.1\nHost: other.example.com\n\nHTTP/1.1 404 Not Found\nDate: Wed, 06 May 2026 \
                   08:00:00 GMT\nContent-Type: application/json\n\n{\"error\":\"user not found\"}\n";
    let added = bench.run(&["add", earlier]);
    assert!(added.stdout.contains("about the call in this piece now"), "{}", added.stdout);
    let (folder, _) = bench.pack("out", &[]);
    assert_eq!(verified(&folder)["result"], "same");
    let manifest = json(&folder, "manifest.json");
    assert_eq!(
        (&manifest["input"], &manifest["others"][0]["input"]),
        (&"2-argument.txt".into(), &"1-argument.txt".into())
    );
}

#[test]
fn a_case_without_evidence_is_refused_in_one_line() {
    let bench = Bench::new("nothing");
    bench.run(&["open", "nothing yet"]);
    for (note, says) in [(None, "found none; "), (Some("just words"), "found none but notes; ")] {
        if let Some(note) = note {
            bench.run(&["add", "--note", note]);
        }
        let (place, ran) = bench.pack("out.zip", &[]);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (Some(2), "", 1), "{}", ran.stderr);
        assert!(ran.stderr.contains(says) && ran.stderr.contains("case 1-nothing-yet"), "{}", ran.stderr);
        assert!(!place.exists());
    }
}

#[test]
fn no_secret_is_in_the_pack_of_a_case() {
    let bench = Bench::new("canaries");
    let words = "password=keyCanary09";
    bench.run(&["open", words, "--expected", words, "--actual", words, "--affected", words]);
    for (number, evidence) in EVIDENCE.iter().enumerate() {
        let file = scratch(&format!("case-pack-canary-{number}.txt"), evidence);
        bench.run(&["add", &file, "--note", &format!("before: {words}")]);
        let (folder, ran) = bench.pack(&format!("out-{number}"), &["--set", words]);
        assert!(folder.is_dir(), "evidence {number}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(verified(&folder)["result"], "same", "evidence {number}");
        let mut outputs = vec![("what it prints".to_owned(), ran.stdout + &ran.stderr)];
        for file in std::fs::read_dir(&folder).unwrap().flatten() {
            let text = String::from_utf8_lossy(&std::fs::read(file.path()).unwrap()).into_owned();
            outputs.push((file.file_name().display().to_string(), text));
        }
        for (what, text) in &outputs {
            let text = text.to_ascii_lowercase();
            let found: Vec<_> = CANARIES.iter().filter(|c| text.contains(&c.to_ascii_lowercase())).collect();
            assert!(found.is_empty(), "evidence {number}: {found:?} in {what}");
        }
    }
}

#[test]
fn every_sample_as_a_case_packs_and_verifies() {
    let bench = Bench::new("samples");
    for (number, sample) in common::samples().iter().enumerate() {
        bench.run(&["open", "sample", sample]);
        let (folder, ran) = bench.pack(&format!("sample-{number}"), &[]);
        if ran.stderr.contains("expected evidence of a call") {
            continue;
        }
        assert!(folder.is_dir(), "{sample}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(verified(&folder)["result"], "same", "{sample}");
    }
}

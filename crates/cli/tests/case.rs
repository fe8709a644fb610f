//! `firstfault case` as people and programs use it: the JSON (through types of its own that refuse unknown fields, and
//! through the published schemas), what evidence and answers change, exit codes, wrong use, columns, and that no secret
//! is stored or printed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod canaries;
mod common;
mod schema;

use canaries::{CANARIES, EVIDENCE};
use common::{Ran, fresh, program, run, samples, scratch};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// What `case … --format json` prints, written from docs/json.md.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Document {
    schema: String,
    id: String,
    number: u32,
    title: String,
    state: String,
    questions: Questions,
    clock: Clock,
    resolution: Option<String>,
    cause: Option<String>,
    verdict: Option<Verdict>,
    evidence: Vec<Piece>,
    answers: Vec<Answer>,
    steps: [Step; 11],
    next: Next,
    changed: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Questions {
    expected: Option<String>,
    actual: Option<String>,
    reproducible: Option<String>,
    affected: Option<String>,
    direction: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Clock {
    started: Option<String>,
    opened: String,
    detected: String,
    clear: Option<String>,
    resolved: Option<String>,
    seconds_to_detect: Option<u64>,
    seconds_to_clear: Option<u64>,
    seconds_to_resolve: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Verdict {
    failed: bool,
    headline: String,
    bucket: String,
    layer: String,
    cause: String,
    probability: f64,
    attributed: bool,
    retry: String,
    safe_to_repeat: Option<bool>,
    owner: String,
    summary: String,
    missing: Option<String>,
    layers: Vec<Value>,
    hypotheses: Vec<Hypothesis>,
    signature: String,
    ids: Value,
    piece: u32,
    joined: Vec<Value>,
    others: Vec<Value>,
    worked: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Hypothesis {
    cause: String,
    title: String,
    probability: f64,
    r#for: Vec<Evidence>,
    against: Vec<Evidence>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Evidence {
    fact: String,
    source: String,
    rule: String,
    strength: String,
    because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Piece {
    number: u32,
    source: String,
    added: String,
    bytes: u64,
    left_out: u64,
    sha256: String,
    calls: usize,
    failed: usize,
    diagnosis: Option<Value>,
    changed: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Answer {
    check: String,
    outcome: Option<String>,
    note: Option<String>,
    at: String,
    changed: Vec<Change>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Step {
    step: u8,
    title: String,
    state: String,
    by_hand: bool,
    because: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Next {
    check: Option<Check>,
    step: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Check {
    id: String,
    question: String,
    seconds: u32,
    risk: String,
    command: Option<String>,
    decides: Vec<String>,
    outcomes: Vec<String>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Change {
    cause: String,
    before: Option<f64>,
    after: Option<f64>,
}

/// A store and a clock of this test's own.
struct Bench {
    store: String,
    minute: u32,
}

impl Bench {
    fn new(name: &str) -> Self {
        Self { store: fresh(name), minute: 0 }
    }

    /// Runs `firstfault case …`, a minute after the command before it; the first one at 09:20.
    fn run(&mut self, arguments: &[&str]) -> Ran {
        let now = format!("2026-05-06T{:02}:{:02}:00Z", 9 + (20 + self.minute) / 60, (20 + self.minute) % 60);
        self.minute += 1;
        run(&[&["case"], arguments, &["--store", &self.store, "--now", &now]].concat())
    }

    /// The same as a document, held to the types above and to the schema.
    fn document(&mut self, arguments: &[&str]) -> Document {
        let ran = self.run(&[arguments, &["--format", "json"]].concat());
        let value: Value =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{arguments:?}: {e}: {}", ran.stderr));
        schema::check("case-1.json", &value);
        for diagnosis in value["evidence"].as_array().unwrap().iter().map(|p| &p["diagnosis"]) {
            if !diagnosis.is_null() {
                schema::check("diagnosis-1.json", diagnosis);
            }
        }
        let document: Document = serde_json::from_value(value).unwrap_or_else(|e| panic!("{arguments:?}: {e}"));
        assert_eq!(document.schema, "firstfault/case/1");
        document
    }

    /// What it complains about; it must, and print nothing.
    fn wrong(&mut self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout, "", "{arguments:?}");
        ran.stderr
    }
}

const REFUSED: &str = "GET /v1/me HTTP/1.1\nHost: api.example.com\nAuthorization: Bearer opaque-4f9d8c7b6a5e4d3c2b1a\n\n\
                       HTTP/1.1 401 Unauthorized\nDate: Wed, 06 May 2026 09:12:44 GMT\nContent-Type: application/json\n\
                       X-Request-Id: 7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa\n\n{\"message\":\"Unauthorized\"}\n";

fn of(changes: &[Change], cause: &str) -> (Option<f64>, Option<f64>) {
    changes.iter().find(|c| c.cause == cause).map_or((None, None), |c| (c.before, c.after))
}

#[test]
fn an_investigation_from_open_to_close() {
    let mut bench = Bench::new("story");
    let opened = bench.document(&["open", "The app gets 401", REFUSED, "--expected", "the profile"]);
    assert_eq!((opened.id.as_str(), opened.state.as_str()), ("1-app-gets-401", "open"));
    let verdict = opened.verdict.unwrap();
    assert!(verdict.failed && !verdict.attributed && verdict.bucket == "auth", "{verdict:?}");
    assert_eq!(opened.clock.started.as_deref(), Some("2026-05-06T09:12:44Z"));
    assert_eq!((opened.clock.seconds_to_detect, opened.clock.seconds_to_clear), (Some(436), None));
    assert_eq!(opened.steps.iter().map(|s| s.step).collect::<Vec<_>>(), (1..=11).collect::<Vec<_>>());
    assert_eq!((opened.steps[0].state.as_str(), opened.steps[1].state.as_str()), ("open", "done"));
    let asked = opened.next.check.unwrap();
    assert!(asked.outcomes.len() > 1 && !asked.decides.is_empty());

    // An answer is evidence: it moves the ranking, says so, and is not asked again.
    let answered = bench.document(&["answer", "decode-token", "expired"]);
    let (before, after) = of(&answered.changed, "auth.expired_token");
    assert!(before.unwrap_or(0.0) < 0.3 && after.unwrap() > 0.7, "{:?}", answered.changed);
    let verdict = answered.verdict.unwrap();
    let shown: Vec<&Evidence> = verdict.hypotheses[0].r#for.iter().filter(|e| e.source == "answer").collect();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].fact.as_str(), shown[0].strength.as_str()), ("exp is in the past (decode-token)", "strong"));
    assert_eq!(answered.answers[0].outcome.as_deref(), Some("exp is in the past"));
    assert_eq!(answered.answers[0].changed, answered.changed);
    assert_ne!(answered.next.check.unwrap().id, "decode-token");
    assert_eq!(answered.steps[6].state, "done", "the credentials were checked");

    let clear = bench.document(&["answer", "1", "fresh-token", "it", "works"]);
    let verdict = clear.verdict.unwrap();
    assert_eq!((verdict.cause.as_str(), verdict.probability >= 0.9), ("auth.expired_token", true));
    assert_eq!(clear.clock.seconds_to_clear, Some(120));

    bench.document(&[
        "set",
        "--actual",
        "401",
        "--reproducible",
        "yes",
        "--affected",
        "all phones",
        "--direction",
        "outbound",
    ]);
    let marked = bench.document(&["step", "11", "done", "--note", "told the vendor"]);
    assert!(marked.steps[10].by_hand && marked.steps[10].because == "told the vendor");
    assert_eq!(marked.steps[4].state, "done", "{:?}", marked.steps[4]);

    let works = REFUSED.replace("401 Unauthorized", "200 OK").replace("{\"message\":\"Unauthorized\"}", "{\"id\":7}");
    let works = bench.document(&["add", &works]);
    assert!(works.changed.is_empty(), "{:?}", works.changed);
    assert_eq!(works.verdict.unwrap().worked.unwrap()["piece"], 2);
    assert_eq!(works.steps[9].state, "done");

    let closed = bench.document(&["close", "--resolution", "clock mended", "--cause", "auth.expired_token"]);
    assert_eq!((closed.state.as_str(), closed.cause.as_deref()), ("closed", Some("auth.expired_token")));
    assert_eq!(closed.clock.seconds_to_resolve, Some(360));
    assert!(closed.next.check.is_none());
    assert!(bench.wrong(&["add", "--note", "late"]).contains("is closed"));
    assert_eq!(bench.document(&["reopen"]).state, "open");
    assert_eq!(bench.document(&["show", "app"]).answers.len(), 2);
}

#[test]
fn another_side_of_the_same_call_decides() {
    let mut bench = Bench::new("sides");
    let client = "$ curl -v https://shop.example.com/v1/orders/17\n> GET /v1/orders/17 HTTP/1.1\n> Host: \
                  shop.example.com\n>\n< HTTP/1.1 502 Bad Gateway\n< Server: nginx\n<\n<html><head><title>502 Bad \
                  Gateway</title></head></html>\n";
    let gateway = "2026/05/06 09:12:44 [error] 31#31: *8122 connect() failed (111: Connection refused) while connecting \
                   to upstream, client: 10.1.2.3, server: shop.example.com, request: \"GET /v1/orders/17 HTTP/1.1\", \
                   upstream: \"http://10.0.4.7:8080/v1/orders/17\", host: \"shop.example.com\"\n";
    let other = "GET /v1/users/3 HTTP/1.1\nHost: other.example.com\n\nHTTP/1.1 404 Not Found\n\n";
    let first = bench.document(&["open", "502", client]).verdict.unwrap();
    let both = bench.document(&["add", gateway]);
    let verdict = both.verdict.unwrap();
    assert_eq!(verdict.cause, "upstream.connection_failure");
    assert!(verdict.probability > first.probability && verdict.probability >= 0.9, "{}", verdict.probability);
    assert_eq!((verdict.joined.len(), verdict.others.len()), (1, 0));
    assert!(verdict.hypotheses[0].r#for.iter().any(|e| e.source == "piece 2, line 1"), "{:?}", verdict.hypotheses[0]);
    // The same again counts once.
    let again = bench.run(&["add", gateway]);
    assert!(again.stdout.contains("there already"), "{}", again.stdout);
    // What tells of another failure changes nothing here.
    let apart = bench.document(&["add", other]);
    assert!(apart.changed.is_empty(), "{:?}", apart.changed);
    assert_eq!(apart.verdict.unwrap().others.len(), 1);
}

#[test]
fn judging_what_was_stored_is_judging_the_evidence() {
    let mut bench = Bench::new("samples");
    for sample in samples() {
        let document = bench.document(&["open", "sample", &sample]);
        let Some(verdict) = document.verdict else { continue };
        let alone = document.evidence[0].diagnosis.clone().unwrap();
        assert_eq!(alone["cause"], verdict.cause.as_str(), "{sample}");
        let difference = (alone["probability"].as_f64().unwrap() - verdict.probability).abs();
        assert!(difference <= 0.1, "{sample}: {} and {}", alone["probability"], verdict.probability);
    }
}

#[test]
fn lists_and_clocks_keep_their_contract() {
    let mut bench = Bench::new("lists");
    for (format, empty) in [("text", "no case yet"), ("json", "\"cases\": []")] {
        let ran = bench.run(&["list", "--format", format]);
        assert!(ran.code == Some(0) && ran.stdout.contains(empty), "{}{}", ran.stdout, ran.stderr);
    }
    bench.run(&["open", "one", REFUSED, "--detected", "2026-05-06T09:15:00Z"]);
    bench.run(&["open", "two", "examples/crm-400.txt"]);
    bench.run(&["close", "two", "--resolution", "sent caseType"]);
    let list: Value = serde_json::from_str(&bench.run(&["list", "--format", "json"]).stdout).unwrap();
    schema::check("cases-1.json", &list);
    let states: Vec<&str> = list["cases"].as_array().unwrap().iter().map(|c| c["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["closed", "open"]);
    assert_eq!(list["cases"][1]["clock"]["seconds_to_detect"], 136);
    let stats: Value = serde_json::from_str(&bench.run(&["stats", "--format", "json"]).stdout).unwrap();
    schema::check("case-stats-1.json", &stats);
    assert_eq!((stats["cases"].as_u64(), stats["open"].as_u64()), (Some(2), Some(1)));
    assert_eq!(stats["to_clear"]["median_seconds"], 0);
    assert_eq!(stats["to_resolve"]["cases"], 1);
    let text = bench.run(&["stats"]).stdout;
    assert!(text.contains("MTTR") && text.contains("too few"), "{text}");
}

#[test]
fn exit_codes_are_those_of_the_verdict() {
    let mut bench = Bench::new("exits");
    let healthy =
        "GET /v1/a HTTP/1.1\nHost: a.example\n\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"id\":1}\n";
    for (arguments, code) in [
        (&["open", "empty"][..], 0),
        (&["add", healthy], 0),
        (&["add", "Dear all, what is for lunch?"], 0),
        (&["add", REFUSED], 3),
        (&["answer", "decode-token", "expired"], 1),
        (&["answer", "who-answered", "unknown"], 1),
        (&["show"], 0),
        (&["next"], 0),
        (&["list"], 0),
        (&["check"], 0),
        (&["set", "--affected", "all"], 0),
    ] {
        let ran = bench.run(arguments);
        assert_eq!(ran.code, Some(code), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
    }
    let document = bench.document(&["show"]);
    assert_eq!(document.evidence[1].diagnosis, None, "prose is kept as a note");
}

#[test]
fn wrong_use_says_what_would_be_right() {
    let mut bench = Bench::new("wrong");
    assert!(bench.wrong(&["show"]).contains("case open"));
    bench.run(&["open", "Tickets fail", REFUSED]);
    for (arguments, says) in [
        (&["show", "9"][..], "1-tickets-fail"),
        (&["add", "9", "examples/crm-400.txt"], "1-tickets-fail"),
        (&["add", "no-such-file.txt"], "no-such-file.txt: expected a file"),
        (&["add", "examples/crm-400.txt", "no-such-file.txt"], "expected a file"),
        (&["answer", "decode-tokn", "expired"], "near it: decode-token"),
        (&["answer", "1"], "firstfault case answer "),
        (&["pack", "-o", "no/such/folder.zip"], "expected the folder"),
        (&["pack", "9", "-o", "x.zip"], "1-tickets-fail"),
        (&["pack", "-o", "x.zip", "--set", "region"], "NAME=VALUE"),
        (&["answer", "decode-token", "purple"], "1) exp is in the past"),
        (&["answer", "decode-token"], "1) exp is in the past"),
        (&["answer", "decode-token", "is in the"], "may be one of"),
        (&["step", "12", "done"], "1 Confirm the expected behaviour"),
        (&["step", "3", "maybe"], "done, open or not-needed"),
        (&["step", "3"], "[ID] STEP STATE"),
        (&["set"], "--expected"),
        (&["set", "--reproducible", "maybe"], "sometimes"),
        (&["set", "--direction", "up"], "webhook"),
        (&["close", "--resolution", "x", "--cause", "expired_token"], "auth.expired_token"),
        (&["open", "x", "--detected", "yesterday"], "2026-05-06T09:20:00Z"),
        (&["open", "x", "no-such-file.txt"], "expected a file"),
        (&["list", "--format", "md"], "no Markdown"),
    ] {
        let message = bench.wrong(arguments);
        assert!(message.contains(says), "{arguments:?}: {message}");
    }
    let document = bench.document(&["show"]);
    assert_eq!((document.number, document.evidence.len()), (1, 1), "nothing of it was kept");
    assert_eq!(bench.run(&["list"]).stdout.lines().count(), 2, "what cannot be read opens no case");
}

#[test]
fn a_store_that_cannot_be_used_says_why() {
    let not_one = scratch("no-store.db", &"somebody's notes\n".repeat(200));
    for arguments in [&["case", "list"][..], &["case", "open", "x"], &["case", "show"]] {
        let ran = run(&[arguments, &["--store", &not_one]].concat());
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert!(
            ran.stderr.contains("damaged, or no store") && ran.stderr.contains("nothing was changed"),
            "{}",
            ran.stderr
        );
    }
    assert!(std::fs::read_to_string(&not_one).unwrap().starts_with("somebody's"));
    let below_a_file = format!("{not_one}/cases.db");
    let ran = run(&["case", "open", "x", "--store", &below_a_file]);
    assert!(ran.code == Some(2) && ran.stderr.contains("cannot open the store"), "{}", ran.stderr);
}

#[test]
fn the_store_is_where_the_environment_says() {
    let folder = fresh("environment");
    let home = Path::new(&folder).parent().unwrap();
    std::fs::create_dir_all(home).unwrap();
    let open = |set: &[(&str, &Path)]| {
        let mut command = program(&["case", "open", "x"]);
        command.env_remove("XDG_DATA_HOME").env_remove("HOME").envs(set.iter().copied());
        assert_eq!(command.output().unwrap().status.code(), Some(0), "{set:?}");
    };
    open(&[("HOME", home), ("XDG_DATA_HOME", Path::new("relative"))]);
    assert!(home.join(".local/share/firstfault/cases.db").is_file());
    open(&[("HOME", home), ("XDG_DATA_HOME", &home.join("data"))]);
    assert!(home.join("data/firstfault/cases.db").is_file());
    open(&[("HOME", home), ("FIRSTFAULT_STORE", &home.join("own.db"))]);
    assert!(home.join("own.db").is_file());
}

#[test]
fn a_large_input_is_kept_in_part_and_says_so() {
    let mut bench = Bench::new("large");
    let mut log = String::new();
    for at in 0..40_000 {
        log.push_str(&format!(
            "10.0.0.{} - - [06/May/2026:09:{:02}:{:02} +0000] \"GET /v1/orders/{at} HTTP/1.1\" 200 512 \"-\" \"curl/8\"\n",
            at % 250,
            at / 60 % 60,
            at % 60
        ));
        if at == 30_000 {
            log.push_str(
                "10.0.0.9 - - [06/May/2026:09:33:20 +0000] \"POST /v1/pay HTTP/1.1\" 504 160 \"-\" \"curl/8\"\n",
            );
        }
    }
    let file = scratch("large.log", &log);
    let ran = bench.run(&["open", "large", &file]);
    assert!(ran.stdout.contains("bytes kept"), "{}", ran.stdout);
    let document = bench.document(&["show"]);
    let piece = &document.evidence[0];
    assert!(piece.left_out > 0 && piece.bytes == log.len() as u64 && piece.bytes - piece.left_out <= 1 << 20);
    assert!(document.verdict.unwrap().headline.contains("/v1/pay"));
}

#[test]
fn text_fits_80_columns_but_for_commands_to_copy() {
    let mut bench = Bench::new("columns");
    let long =
        "a title that goes on and on and tells much more than a title should tell of what fails and for whom, and more";
    let mut said = vec![bench.run(&["open", long, REFUSED, "examples/crm-400.txt", "--expected", long]).stdout];
    said.push(bench.run(&["answer", "decode-token", "expired", "--note", long]).stdout);
    for arguments in [&["show"][..], &["show", "--verbose"], &["next"], &["list"], &["stats"], &["step", "3", "done"]] {
        said.push(bench.run(arguments).stdout);
    }
    let command = bench.document(&["show"]).next.check.unwrap().command;
    for line in said.iter().flat_map(|text| text.lines()) {
        let copied = command.as_deref().is_some_and(|command| line.trim() == command) || line.contains("curl ");
        assert!(copied || line.chars().count() <= 80, "{} columns: {line}", line.chars().count());
    }
}

/// Everything that the files of a store hold, its log included.
fn bytes_of(store: &str) -> Vec<u8> {
    let folder = Path::new(store).parent().unwrap();
    let files = std::fs::read_dir(folder).unwrap().flatten();
    files.flat_map(|file| std::fs::read(file.path()).unwrap()).collect()
}

#[test]
fn no_secret_is_stored_or_comes_out() {
    let mut leaks = Vec::new();
    let look = |what: &str, bytes: &[u8], leaks: &mut Vec<String>| {
        for canary in CANARIES {
            if bytes.windows(canary.len()).any(|window| window.eq_ignore_ascii_case(canary.as_bytes())) {
                leaks.push(format!("{canary} in {what}"));
            }
        }
    };
    for (number, evidence) in EVIDENCE.iter().enumerate() {
        let mut bench = Bench::new(&format!("canary-{number}"));
        let file = scratch(&format!("case-canary-{number}.txt"), evidence);
        let words = "password=keyCanary09";
        let mut outputs = Vec::new();
        for arguments in [
            &["open", words, &file, "--expected", words, "--actual", words, "--affected", words][..],
            &["add", &file, "--note", words],
            &["add", evidence],
            &["answer", "who-answered", "1", "--note", words],
            &["answer", "who-answered", words],
            &["answer", words, "yes"],
            &["show", words],
            &["step", "3", "done", "--note", words],
            &["set", "--affected", words],
            &["show"],
            &["show", "--verbose"],
            &["show", "--format", "json"],
            &["show", "--format", "md"],
            &["next"],
            &["next", "--format", "json"],
            &["list"],
            &["list", "--format", "json"],
            &["stats"],
            &["close", "--resolution", words],
            &["show", "--format", "md"],
            &["check"],
        ] {
            let ran = bench.run(arguments);
            outputs.push((format!("{:?} of evidence {number}", arguments[0]), ran.stdout + &ran.stderr));
            look(
                &format!("the store after {:?} of evidence {number}", arguments[0]),
                &bytes_of(&bench.store),
                &mut leaks,
            );
        }
        for (what, output) in &outputs {
            look(what, output.as_bytes(), &mut leaks);
        }
    }
    leaks.dedup();
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn hostile_evidence_does_nothing() {
    let mut bench = Bench::new("hostile");
    let hostile = "HTTP/1.1 401 Unauthorized\nX-Request-Id: \u{1b}]0;title\u{7}\nContent-Type: text/html\n\n\
                   <script>alert(1)</script> \u{1b}[2J ![x](javascript:1) \u{202e}\n";
    bench.run(&["open", "\u{1b}[2J <b>x</b> [y](z)", hostile]);
    bench.run(&["add", "--note", "\u{1b}]0;title\u{7} <img src=x onerror=alert(1)>"]);
    for arguments in [&["show"][..], &["show", "--format", "json"], &["show", "--format", "md"], &["list"], &["next"]] {
        let text = bench.run(arguments).stdout;
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{arguments:?}: {text}");
        assert!(arguments.last() != Some(&"md") || !text.contains("<b>") && !text.contains("<img"), "{text}");
    }
}

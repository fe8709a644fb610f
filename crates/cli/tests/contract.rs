//! What programs and people may rely on: the JSON (through types of its own that refuse unknown fields, and through the
//! published schemas), lines and their order, exit codes, closed pipes, columns, and that no secret comes out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod canaries;
mod common;
mod schema;

use canaries::{CANARIES, EVIDENCE};
use common::{program, run, run_with, samples, scratch};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::process::Stdio;

/// What `--format json` prints. These types are written from docs/json.md, not taken from the program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Diagnoses {
    schema: String,
    inputs: Vec<InputSummary>,
    diagnoses: Vec<Diagnosis>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct InputSummary {
    input: String,
    calls: usize,
    failed: usize,
    notes: usize,
    problems: Vec<Problem>,
    unreadable: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Problem {
    line: u32,
    message: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Diagnosis {
    schema: String,
    input: String,
    failed: bool,
    bucket: Bucket,
    layer: Layer,
    cause: String,
    probability: f64,
    attributed: bool,
    retry: Retry,
    retry_after_seconds: Option<u64>,
    safe_to_repeat: Option<bool>,
    owner: Owner,
    soft_failure: bool,
    summary: String,
    missing: Option<String>,
    layers: [LayerState; 6],
    hypotheses: Vec<Hypothesis>,
    checks: Vec<Check>,
    fix: Option<Fix>,
    explain: Explain,
    signature: String,
    call: Call,
    contract: Option<Value>,
    also: Option<usize>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Bucket {
    Client,
    Auth,
    RateLimit,
    Upstream,
    Server,
    None,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Layer {
    Client,
    Network,
    Gateway,
    Auth,
    Backend,
    Dependency,
    None,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Retry {
    Never,
    Backoff,
    Wait,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Owner {
    Caller,
    Provider,
    Path,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct LayerState {
    layer: Layer,
    state: State,
    because: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum State {
    Passed,
    Failed,
    Unknown,
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
    strength: Strength,
    because: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Strength {
    Decisive,
    Strong,
    Moderate,
    Weak,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Check {
    id: String,
    question: String,
    seconds: u32,
    risk: Risk,
    command: Option<String>,
    decides: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Risk {
    None,
    Read,
    Write,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Fix {
    what: String,
    before: Vec<String>,
    after: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Explain {
    client: String,
    provider: String,
    plain: String,
    question: String,
    engineer: String,
    manager: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Call {
    form: String,
    method: Option<String>,
    url: Option<String>,
    status: Option<u16>,
    line: u32,
    bytes: [usize; 2],
    repeats: usize,
    ids: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unreadable {
    schema: String,
    input: String,
    unreadable: String,
}

/// `["diagnose", …options, …inputs]`.
fn diagnose<'a>(options: &[&'a str], inputs: &[&'a str]) -> Vec<&'a str> {
    [&["diagnose"], options, inputs].concat()
}

/// The samples, the example, and two inputs that cannot be read.
fn inputs() -> Vec<String> {
    let mut inputs = samples();
    inputs.push("examples/crm-400.txt".to_owned());
    inputs.push("no-such-file.txt".to_owned());
    inputs.push(scratch("prose.txt", "Dear all, what is for lunch?\n"));
    inputs
}

#[test]
fn json_is_what_the_documents_say() {
    let inputs = inputs();
    let names: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let ran = run(&diagnose(&["--format", "json"], &names));
    let document: Diagnoses = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(document.schema, "firstfault/diagnoses/1");
    let listed: Vec<&str> = document.inputs.iter().map(|input| input.input.as_str()).collect();
    assert_eq!(listed, names, "one summary per input, in order");
    assert_eq!(document.inputs.iter().filter(|input| input.unreadable.is_some()).count(), 2);
    for diagnosis in &document.diagnoses {
        sound(diagnosis);
        assert_eq!(diagnosis.also, None);
    }
    let value: Value = serde_json::from_str(&ran.stdout).unwrap();
    schema::check("diagnoses-1.json", &value);
}

#[test]
fn jsonl_is_one_line_per_input_in_order() {
    let mut inputs = inputs();
    inputs.rotate_left(3);
    let names: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let ran = run(&diagnose(&["--format", "jsonl"], &names));
    assert_eq!(ran.code, Some(2), "an input could not be read");
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), names.len());
    for (line, name) in lines.iter().zip(names) {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["input"], name);
        if value["schema"] == "firstfault/unreadable/1" {
            let unreadable: Unreadable = serde_json::from_str(line).unwrap();
            assert!(unreadable.unreadable.contains("expected") || unreadable.unreadable.contains("Tried"), "{line}");
            assert!(ran.stderr.contains(&format!("{}: {}", unreadable.input, unreadable.unreadable)), "{}", ran.stderr);
            assert_eq!(unreadable.schema, "firstfault/unreadable/1");
            schema::check("unreadable-1.json", &value);
        } else {
            let diagnosis: Diagnosis = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            sound(&diagnosis);
            assert!(diagnosis.also.is_some());
            schema::check("diagnosis-1.json", &value);
        }
    }
}

/// What holds for every verdict, whatever it says.
fn sound(diagnosis: &Diagnosis) {
    let name = &diagnosis.input;
    assert_eq!(diagnosis.schema, "firstfault/diagnosis/1");
    assert!((0.0..=1.0).contains(&diagnosis.probability), "{name}: {}", diagnosis.probability);
    assert!(!diagnosis.summary.is_empty(), "{name}: no summary");
    let failed: Vec<&Layer> = diagnosis.layers.iter().filter(|l| l.state == State::Failed).map(|l| &l.layer).collect();
    if diagnosis.failed {
        assert_eq!(failed, [&diagnosis.layer], "{name}: the layer that failed first is the one marked failed");
        assert_ne!(diagnosis.bucket, Bucket::None, "{name}");
        assert!(!diagnosis.hypotheses.is_empty(), "{name}: a failure without a hypothesis");
        assert!(diagnosis.attributed || diagnosis.missing.is_some(), "{name}: thin evidence says what is missing");
        let order: Vec<f64> = diagnosis.hypotheses.iter().map(|h| h.probability).collect();
        assert!(order.is_sorted_by(|a, b| a >= b), "{name}: {order:?}");
    } else {
        assert_eq!(
            (&diagnosis.bucket, &diagnosis.layer, diagnosis.cause.as_str()),
            (&Bucket::None, &Layer::None, "none"),
            "{name}"
        );
        assert!(failed.is_empty(), "{name}");
    }
    assert!(diagnosis.signature.len() == 16 && diagnosis.signature.bytes().all(|b| b.is_ascii_hexdigit()), "{name}");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for options in common::ways() {
        let arguments = diagnose(&options, &["examples/crm-400.txt"]);
        let printed = run(&arguments).stdout;
        assert!(!printed.is_empty(), "{options:?}");
        assert_eq!(printed, run(&arguments).stdout, "{options:?}");
    }
}

#[test]
fn exit_codes() {
    let healthy = "HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 11\n\n{\"id\":\"81\"}\n";
    let thin = "HTTP/1.1 500 Internal Server Error\n\n";
    for (arguments, input, code) in [
        (&["diagnose"][..], healthy, 0),
        (&["--help"], "", 0),
        (&["--version"], "", 0),
        (&["diagnose", "examples/crm-400.txt"], "", 1),
        (&["diagnose", "-"], thin, 3),
        (&["diagnose", "-", "examples/crm-400.txt"], thin, 3),
        (&["diagnose", "-", "examples/crm-400.txt"], healthy, 1),
        (&["diagnose"], "", 2),
        (&["diagnose"], "Dear all, what is for lunch?\n", 2),
        (&["diagnose", "no-such-file.txt"], "", 2),
        (&["diagnose", "no-such-file.txt", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--format", "yaml"], "", 2),
        (&["diagnose", "--rules", "no-such-folder", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--for", "client", "examples/crm-400.txt"], "", 1),
        (&["diagnose", "--format", "issue", "-"], thin, 3),
        (&["diagnose", "--format", "html", "-"], healthy, 0),
        (&["diagnose", "--for", "boss", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--for", "client", "--format", "json", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--for", "client", "--format", "html", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--for", "client", "--facts", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--format", "email", "examples/crm-400.txt", "examples/crm-400.txt"], "", 2),
        (&["diagnose", "--format", "sarif", "no-such-file.txt"], "", 2),
        (&["no-such-command"], "", 2),
        (&["rules", "examples/rules"], "", 0),
    ] {
        let ran = run_with(arguments, input);
        assert_eq!(ran.code, Some(code), "{arguments:?} {input:?}\n{}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stderr.is_empty(), code != 2, "{arguments:?}: only wrong use and unreadable input complain");
    }
}

#[test]
fn a_closed_pipe_is_success() {
    let inputs = samples();
    // More than a pipe holds, so that writing fails in the middle.
    let names: Vec<&str> = inputs.iter().map(String::as_str).cycle().take(1_000).collect();
    let several =
        common::ways().into_iter().filter(|way| !way.iter().any(|w| matches!(*w, "issue" | "jira" | "email")));
    for format in several {
        let mut child =
            program(&diagnose(&format, &names)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{format:?}: {:?}", output.status);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{format:?}");
    }
}

#[test]
fn no_secret_comes_out() {
    let mut leaks = Vec::new();
    for (number, evidence) in EVIDENCE.iter().enumerate() {
        let file = scratch(&format!("canary-{number}.txt"), evidence);
        let ways = common::ways().into_iter().chain([vec!["--verbose"], vec!["--facts"]]);
        for options in ways {
            for inputs in [&[file.as_str()][..], &[evidence, evidence]] {
                let ran = run(&diagnose(&options, inputs));
                for line in ran.stdout.lines().chain(ran.stderr.lines()) {
                    let leaked = CANARIES.iter().filter(|canary| line.contains(**canary));
                    leaks
                        .extend(leaked.map(|canary| format!("{canary} of evidence {number} with {options:?}: {line}")));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn colour_only_where_it_is_wanted() {
    let arguments = ["diagnose", "examples/crm-400.txt"];
    let always = ["diagnose", "--color", "always", "examples/crm-400.txt"];
    let plain = run(&arguments).stdout;
    assert!(!plain.contains('\u{1b}'), "a pipe gets no colour");
    let coloured = run(&always).stdout;
    assert!(coloured.contains('\u{1b}'));
    for (name, value, expected) in [("FORCE_COLOR", "1", true), ("NO_COLOR", "1", false), ("NO_COLOR", "", false)] {
        let output = program(&arguments).env(name, value).output().unwrap();
        assert_eq!(output.stdout.contains(&0x1b), expected, "{name}={value}");
    }
    let both = program(&arguments).env("FORCE_COLOR", "1").env("NO_COLOR", "1").output().unwrap();
    assert!(!both.stdout.contains(&0x1b), "NO_COLOR wins");
    // Colour repeats what words say: without it the text is the same.
    let mut bare = String::new();
    let mut inside = false;
    for c in coloured.chars() {
        match (inside, c) {
            (false, '\u{1b}') => inside = true,
            (true, 'm') => inside = false,
            (true, _) => {}
            (false, c) => bare.push(c),
        }
    }
    assert_eq!(bare, plain);
}

#[test]
fn text_fits_80_columns_but_for_commands_to_copy() {
    for name in samples().iter().map(String::as_str).chain(["examples/crm-400.txt"]) {
        for options in [&["--format", "text"][..], &["--verbose"]] {
            let document: Diagnoses =
                serde_json::from_str(&run(&diagnose(&["--format", "json"], &[name])).stdout).unwrap();
            let commands: Vec<&str> = document
                .diagnoses
                .iter()
                .flat_map(|d| {
                    let fix = d.fix.iter().flat_map(|fix| fix.before.iter().chain(&fix.after));
                    d.checks.iter().filter_map(|c| c.command.as_ref()).chain(fix).map(String::as_str)
                })
                .collect();
            for line in run(&diagnose(options, &[name])).stdout.lines() {
                let bare = line.trim_start_matches([' ', '+', '−']);
                assert!(
                    line.chars().count() <= 80 || commands.contains(&bare),
                    "{name}: {} columns:\n{line}",
                    line.chars().count()
                );
            }
        }
    }
}

/// What `explain --format json` prints, written from docs/json.md.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Explanation {
    schema: String,
    query: String,
    pages: Vec<Page>,
    near: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Page {
    id: String,
    kind: String,
    title: String,
    meaning: String,
    facts: Vec<BTreeMap<String, String>>,
    sections: Vec<Section>,
    sources: Vec<String>,
    see: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Section {
    title: String,
    ordered: bool,
    items: Vec<BTreeMap<String, String>>,
}

#[test]
fn explanations_keep_their_contract() {
    for (query, code) in [
        ("", 0),
        ("403", 0),
        ("auth.wrong_audience", 0),
        ("envoy:UF", 0),
        ("upstream", 0),
        ("envelope", 0),
        ("nothing_like_it", 2),
    ] {
        let ran = run(&["explain", query, "--format", "json"]);
        assert_eq!(ran.code, Some(code), "{query}: {}", ran.stderr);
        let value: Value = serde_json::from_str(&ran.stdout).unwrap();
        schema::check("explain-1.json", &value);
        let document: Explanation = serde_json::from_value(value).unwrap();
        assert_eq!((document.schema.as_str(), document.query.as_str()), ("firstfault/explain/1", query));
        assert_eq!(document.pages.is_empty(), code == 2, "{query}");
        let text = run(&["explain", query]);
        assert_eq!(text.code, Some(code), "{query}");
        assert_eq!(text.stdout.is_empty(), code == 2, "{query}: an error is not an answer");
    }
}

#[test]
fn a_question_gives_no_secret_and_no_escape_back() {
    let secret = "ghp_FAKEfake0123456789FAKEfake0123456789";
    for format in ["text", "json", "md"] {
        let ran = run(&["explain", "nothing", secret, "\u{1b}]0;title\u{7}", "--format", format]);
        let all = ran.stdout + &ran.stderr;
        assert!(!all.contains(secret) && !all.contains('\u{1b}'), "{format}: {all}");
    }
}

//! Evidence packs as a user makes and checks them: what is written and where, the documents through types of their own
//! and the published schemas, exit codes, and that no secret and no folder of this machine gets in.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod schema;

use common::{program, run, run_with, samples, scratch};
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// manifest.json, written from docs/evidence-packs.md.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Manifest {
    schema: String,
    tool: Tool,
    knowledge: Edition,
    made: Option<String>,
    input: String,
    headline: String,
    verdict: Outcome,
    signature: String,
    replays: bool,
    redaction: Redaction,
    checklist: Vec<Item>,
    others: Vec<Other>,
    files: Vec<Listed>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Tool {
    name: String,
    version: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Edition {
    packs: usize,
    rules: usize,
    sha256: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Outcome {
    bucket: String,
    layer: String,
    cause: String,
    probability: f64,
    attributed: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Redaction {
    mode: String,
    replaced: Vec<Replaced>,
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Rule {
    rule: String,
    count: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Replaced {
    kind: String,
    different: usize,
    places: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Item {
    id: String,
    question: String,
    answers: Vec<Said>,
    collect: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Said {
    name: String,
    value: String,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Other {
    input: String,
    line: u32,
    headline: String,
    bucket: String,
    cause: String,
    signature: String,
    repeats: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Listed {
    name: String,
    bytes: u64,
    sha256: String,
}

/// What `verify --format json` prints, written from docs/evidence-packs.md.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Verification {
    schema: String,
    pack: String,
    result: String,
    faults: Vec<String>,
    files: usize,
    digest: Option<String>,
    made: Option<String>,
    headline: Option<String>,
    recorded: Option<Outcome>,
    judged: Option<Outcome>,
    knowledge: Option<Editions>,
    open: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "reading a field is what checks it")]
struct Editions {
    recorded: Edition,
    here: Edition,
    same: bool,
}

/// A place of this test's own with nothing in it.
fn place(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packs");
    std::fs::create_dir_all(&path).unwrap();
    let path = path.join(name);
    let _ = std::fs::remove_dir_all(&path);
    let _ = std::fs::remove_file(&path);
    path
}

fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
}

fn verification(pack: &Path) -> (Verification, Option<i32>) {
    let ran = run(&["verify", pack.to_str().unwrap(), "--format", "json"]);
    let value: Value =
        serde_json::from_str(&ran.stdout).unwrap_or_else(|e| panic!("{e}: {}{}", ran.stdout, ran.stderr));
    schema::check("verification-1.json", &value);
    (serde_json::from_value(value).unwrap(), ran.code)
}

#[test]
fn every_sample_makes_a_pack_that_keeps_its_contract() {
    for (number, sample) in samples().iter().enumerate() {
        let out = place(&format!("sample-{number}"));
        let ran = run(&["pack", sample, "-o", out.to_str().unwrap(), "--at", "2025-05-06T10:00:00Z"]);
        assert!(matches!(ran.code, Some(0 | 1 | 3)), "{sample}: {}", ran.stderr);
        for (file, published) in [
            ("manifest.json", "pack-1.json"),
            ("call.json", "call-1.json"),
            ("observations.json", "observations-1.json"),
            ("diagnosis.json", "diagnoses-1.json"),
        ] {
            schema::check(published, &json(&out, file));
        }
        let manifest: Manifest = serde_json::from_value(json(&out, "manifest.json")).unwrap();
        assert_eq!(manifest.made.as_deref(), Some("2025-05-06T10:00:00Z"));
        assert!(manifest.replays, "{sample}");
        assert!(manifest.input.starts_with(Path::new(sample).file_name().unwrap().to_str().unwrap()));
        for item in &manifest.checklist {
            assert!(
                item.answers.is_empty() == item.collect.is_some(),
                "{sample}: {} is neither answered nor to collect",
                item.id
            );
        }
        let diagnosis = json(&out, "diagnosis.json");
        assert_eq!(diagnosis["diagnoses"][0]["cause"], manifest.verdict.cause.as_str());
        let (found, code) = verification(&out);
        assert_eq!((found.result.as_str(), code), ("same", Some(0)), "{sample}: {:?}", found.faults);
        assert_eq!(found.recorded, Some(manifest.verdict));
        assert!(run(&["verify", out.to_str().unwrap()]).stdout.starts_with("✓ "));
    }
}

#[test]
fn a_pack_answers_or_asks_in_each_bucket() {
    for (bucket, evidence) in [
        (
            "auth",
            "> GET /v1/me HTTP/1.1\n> Host: a.example\n> Authorization: Bearer abcdef0123456789\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Bearer error=\"invalid_token\", error_description=\"The token expired\"\n<\n",
        ),
        (
            "rate_limit",
            "> GET /v1/me HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 429 Too Many Requests\n< Retry-After: 30\n<\n{\"message\":\"rate limit exceeded\"}\n",
        ),
        (
            "upstream",
            "2023/04/11 10:52:44 [error] 1046#1046: *2094 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.0.2.1, server: a.example, request: \"GET /update HTTP/1.1\", upstream: \"http://127.0.0.1:9000\", host: \"a.example\"\n",
        ),
        (
            "server",
            "> GET /v1/me HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 500 Internal Server Error\n<\n{\"error\":\"java.lang.NullPointerException\"}\n",
        ),
        (
            "client",
            "> POST /v1/me HTTP/1.1\n> Host: a.example\n> Content-Type: application/json\n>\n{\"a\":1}\n< HTTP/1.1 400 Bad Request\n<\n{\"error\":{\"code\":\"VALIDATION_FAILED\",\"message\":\"Required field is missing\",\"field\":\"b\"}}\n",
        ),
    ] {
        let out = place(&format!("bucket-{bucket}"));
        run_with(&["pack", "-o", out.to_str().unwrap()], evidence);
        let manifest: Manifest = serde_json::from_value(json(&out, "manifest.json")).unwrap();
        assert_eq!(manifest.verdict.bucket, bucket);
        let wanted: &[&str] = match bucket {
            "auth" => &["issuer", "audience", "expiry", "forwarded"],
            "rate_limit" => &["limit", "identity", "pattern"],
            "upstream" => &["dependency", "duration", "error", "region"],
            "server" => &["release", "flags", "inputs"],
            _ => &["payload", "content type"],
        };
        for id in wanted.iter().chain(&["id", "time", "since", "who"]) {
            assert!(manifest.checklist.iter().any(|item| item.id == *id), "{bucket}: nobody asks for {id}");
        }
        let report = std::fs::read_to_string(out.join("report.md")).unwrap();
        for item in &manifest.checklist {
            let open = item.collect.as_ref().is_some_and(|collect| report.contains(collect));
            assert!(open || !item.answers.is_empty(), "{bucket}: {} is not in the report", item.id);
        }
    }
}

#[test]
fn what_is_told_is_in_the_pack() {
    let out = place("told");
    let told = [
        "--set",
        "region=eu-west-1",
        "--set",
        "release=1.4.2",
        "--before",
        "a deploy",
        "--who",
        "all tenants",
        "--since",
        "09:10 UTC",
        "--rate",
        "1 in 20",
        "--endpoints",
        "/v1/tickets",
    ];
    let ran = run(&[&["pack", "examples/crm-400.txt", "-o", out.to_str().unwrap()], &told[..]].concat());
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let call = json(&out, "call.json");
    assert_eq!(call["before"], "a deploy");
    assert_eq!(call["impact"]["who"], "all tenants");
    assert_eq!(call["impact"]["rate"], "1 in 20");
    assert!(call["environment"].as_array().unwrap().iter().any(|e| e["name"] == "region" && e["source"] == "told"));
    assert_eq!(
        call["request"]["body"]["fields"][0],
        serde_json::json!({"path": "/case_type", "type": "string", "length": 7})
    );
    let wrong = run(&["pack", "examples/crm-400.txt", "-o", out.to_str().unwrap(), "--force", "--set", "region"]);
    assert_eq!(wrong.code, Some(2));
    let wrong = run(&["diagnose", "examples/crm-400.txt", "--who", "me"]);
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(2), ""));
}

#[test]
fn a_pack_beside_the_usual_output() {
    let out = place("beside.zip");
    let plain = run(&["diagnose", "examples/crm-400.txt", "--format", "json"]);
    let packed = run(&["diagnose", "examples/crm-400.txt", "--format", "json", "--pack", out.to_str().unwrap()]);
    assert_eq!((packed.code, &packed.stdout), (plain.code, &plain.stdout));
    assert!(packed.stderr.contains("Still to collect"), "{}", packed.stderr);
    assert_eq!(verification(&out).0.result, "same");
    // The same bytes from both commands, and each time.
    let again = place("again.zip");
    run(&["pack", "examples/crm-400.txt", "-o", again.to_str().unwrap()]);
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&again).unwrap());
}

#[test]
fn several_inputs_make_one_pack() {
    let curl =
        scratch("several-curl.txt", "> GET /v1/me HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 504 Gateway Timeout\n<\n");
    let log = scratch(
        "several-nginx.log",
        "2023/04/11 10:52:44 [error] 1#1: *2 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 192.0.2.1, server: a.example, request: \"GET /v1/me HTTP/1.1\", upstream: \"http://127.0.0.1:9000\", host: \"a.example\"\n",
    );
    let out = place("several");
    let ran = run(&["pack", &curl, &log, "-o", out.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let evidence = std::fs::read_to_string(out.join("evidence.txt")).unwrap();
    assert!(evidence.contains("== several-curl.txt:") && evidence.contains("== several-nginx.log:"), "{evidence}");
    let manifest: Manifest = serde_json::from_value(json(&out, "manifest.json")).unwrap();
    assert_eq!(manifest.others.len(), 1);
}

#[test]
fn a_pack_takes_nothing_s_place() {
    let out = place("taken");
    let name = out.to_str().unwrap();
    let make = |options: &[&str]| run(&[&["pack", "examples/crm-400.txt", "-o", name], options].concat());
    std::fs::create_dir(&out).unwrap();
    assert_eq!(make(&[]).code, Some(1), "an empty folder is a place");
    assert_eq!(make(&[]).code, Some(2), "a pack is not replaced without a word");
    assert_eq!(make(&["--force"]).code, Some(1));
    std::fs::write(out.join("mine.txt"), "x").unwrap();
    let refused = make(&["--force"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.stdout.is_empty() && out.join("mine.txt").exists());

    let file = place("taken.zip");
    std::fs::write(&file, "something else").unwrap();
    let refused = run(&["pack", "examples/crm-400.txt", "-o", file.to_str().unwrap(), "--force"]);
    assert_eq!(refused.code, Some(2));
    assert_eq!(std::fs::read(&file).unwrap(), b"something else");

    let nowhere = out.join("no/such/folder.zip");
    assert_eq!(run(&["pack", "examples/crm-400.txt", "-o", nowhere.to_str().unwrap()]).code, Some(2));
    let unread = place("unread");
    assert_eq!(run_with(&["pack", "-o", unread.to_str().unwrap()], "hello there\n").code, Some(2));
    assert!(!unread.exists(), "nothing is written for an input that is no evidence");
    let beside = out.parent().unwrap();
    let left: Vec<String> =
        std::fs::read_dir(beside).unwrap().map(|e| e.unwrap().file_name().display().to_string()).collect();
    assert!(!left.iter().any(|name| name.starts_with(".taken")), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_pack_is_private_and_a_link_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (folder, zip) = (place("private"), place("private.zip"));
    for out in [&folder, &zip] {
        run(&["pack", "examples/crm-400.txt", "-o", out.to_str().unwrap()]);
    }
    assert_eq!((mode(&folder), mode(&folder.join("evidence.txt")), mode(&zip)), (0o700, 0o600, 0o600));
    std::fs::remove_file(folder.join("evidence.txt")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("evidence.txt")).unwrap();
    let (found, code) = verification(&folder);
    assert_eq!((found.result.as_str(), code), ("tampered", Some(2)));
    assert!(found.faults[0].contains("link"), "{:?}", found.faults);
}

#[test]
fn verify_says_what_is_wrong() {
    let out = place("wrong");
    run(&["pack", "examples/crm-400.txt", "-o", out.to_str().unwrap()]);
    let evidence = out.join("evidence.txt");
    std::fs::write(&evidence, std::fs::read_to_string(&evidence).unwrap().replace("12345", "54321")).unwrap();
    let ran = run(&["verify", out.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stdout.contains("evidence.txt: its SHA-256"), "{}", ran.stdout);
    let (found, _) = verification(&out);
    assert_eq!(found.result, "tampered");

    assert_eq!(run(&["verify", "no/such/pack.zip"]).code, Some(2));
    let bytes = scratch("no-pack.zip", "PK but not really");
    assert_eq!(run(&["verify", &bytes]).code, Some(2));
    let (found, code) = verification(Path::new(&bytes));
    assert_eq!((found.result.as_str(), code, found.digest), ("tampered", Some(2), None));
}

#[test]
fn no_secret_and_no_folder_gets_in() {
    let evidence = r#"$ curl -v -u svc:optionCanary08 'https://bob:userinfoCanary03@api.example.com/v1/me?access_token=queryCanary04' -H 'X-Api-Key: keyCanary09' -d '{"user":"bob","password":"jsonCanary05"}'
> POST /v1/me?access_token=queryCanary04 HTTP/1.1
> Host: api.example.com
> Authorization: Bearer QmVhcmVyQ2FuYXJ5MDE
> Cookie: sid=cookieCanary02; theme=dark
> X-Api-Key: keyCanary09
> Content-Type: application/json
>
< HTTP/1.1 401 Unauthorized
< Set-Cookie: session=setCookieCanary10; Path=/; HttpOnly
< Content-Type: application/json
<
{"error":"invalid_token","error_description":"The token QmVhcmVyQ2FuYXJ5MDE is not known","refresh_token":"answerCanary14"}
"#;
    let file = scratch("canary-pack.txt", evidence);
    let out = place("canary");
    let ran = run(&[
        "pack",
        &file,
        "-o",
        out.to_str().unwrap(),
        "--before",
        "password=toldCanary20",
        "--set",
        "api_key=setCanary21",
    ]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let folder = Path::new(&file).parent().unwrap().to_str().unwrap();
    for entry in std::fs::read_dir(&out).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        for hidden in ["Canary", "QmVhcmVy", folder] {
            assert!(!text.contains(hidden), "{} holds {hidden}", path.display());
        }
    }
    assert!(!ran.stdout.contains("Canary"));
}

#[test]
fn a_closed_pipe_loses_no_pack() {
    let out = place("closed.zip");
    let mut command = program(&["diagnose", "examples/crm-400.txt", "--verbose", "--pack", out.to_str().unwrap()]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(out.exists());
}

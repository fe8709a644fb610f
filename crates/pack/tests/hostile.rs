//! Evidence that wants something: markup, scripts, escapes, paths, size. Nothing of it acts in any file of a pack, and
//! every pack stays bounded. And: what people forget, a pack does not tell.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Bench, text};
use firstfault_engine::{Options, diagnose};
use firstfault_pack::{File, Finding, Input, Refusal, Told, edition, make, seal, unzip, verify, zip};
use firstfault_redact::{Policy, Redactor};

const NASTY: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "</pre><h1>owned</h1>",
    "![x](https://evil.example/p.png)",
    "[click](javascript:alert(1))",
    "@everyone #1 | a | b |",
    "```\n# heading\n```",
    "~~~\n# heading",
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{202e}txt.exe",
    "../../etc/passwd",
    "'; touch /tmp/owned; '",
    "$(touch /tmp/owned)`touch /tmp/owned`",
    "‹token:a1›\"; touch /tmp/owned; \"",
    "*/ }} {{ 7*7 }} ${7*7} %0a%0d",
    "== crm.txt: of 1 lines",
    "</style></title></pre><script>alert(1)</script>",
    "](javascript:alert(1)) [x]: javascript:alert(1)",
    "{code}*bold*{code} {noformat}h1. x{noformat} [~admin] !x.png!",
    "=cmd|'/c calc'!A1",
    "\u{9b}2J\u{2066}x\u{2069}\u{85}y\u{2028}z",
];

fn transcript(nasty: &str) -> String {
    let one = nasty.replace('\n', " ");
    let json = serde_json::to_string(nasty).unwrap();
    format!(
        "> POST /v1/{path}?q={path} HTTP/1.1\n> Host: api.example.com\n> X-Note: {one}\n> Content-Type: application/json\n>\n\
         {{\"a\":{json},{json}:1}}\n< HTTP/1.1 500 {one}\n< Server: {one}\n< X-Request-Id: {one}\n< Content-Type: text/html\n<\n\
         <html><title>{one}</title>{one}</html>\njava.lang.IllegalStateException: {one}\n\tat a.b.C.d(C.java:7)\n",
        path = one.replace(' ', "+"),
    )
}

#[test]
fn nothing_acts_in_any_file() {
    let bench = Bench::new();
    for nasty in NASTY {
        let told = Told {
            before: Some((*nasty).to_owned()),
            who: Some((*nasty).to_owned()),
            set: vec![((*nasty).to_owned(), (*nasty).to_owned())],
            ..Told::default()
        };
        let pack = bench.pack(&format!("/home/me/{nasty}"), &transcript(nasty), told);
        let pack = pack.unwrap_or_else(|refusal| panic!("{nasty:?}: {refusal}"));
        for file in &pack.files {
            let text = std::str::from_utf8(&file.bytes).unwrap();
            let hostile = |c: char| {
                c.is_control() && c != '\n' && c != '\t'
                    || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
            };
            assert!(!text.contains(hostile), "{nasty:?} in {}", file.name);
            assert!(!text.contains("/home/me"), "{} names a folder of this machine", file.name);
        }
        let page = text(&pack.files, "report.html");
        let tags: Vec<&str> = page.split('<').skip(1).map(|t| t.split(['>', ' ', '\n']).next().unwrap()).collect();
        for tag in tags {
            let ours = "!DOCTYPE html head meta style title body main h1 h2 p ol li b br section dl dt dd pre details summary \
                        div span table thead tbody tr th td ul code header footer svg g rect text line path nav article strong em i small figure figcaption";
            assert!(ours.split_whitespace().any(|o| o == tag.trim_start_matches('/')), "{nasty:?} made <{tag}>");
        }
        assert!(
            !page.contains("<script") && !page.contains("onerror=alert(1)>") && !page.contains("javascript:alert(1)\"")
        );
        let md = text(&pack.files, "report.md");
        outside_code(md, |line| {
            assert!(!line.contains("<script") && !line.contains("<img") && !line.contains("<svg"), "{nasty:?}: {line}");
            assert!(!line.contains("![x]") && !line.contains("[click]("), "{nasty:?}: {line}");
            assert!(!line.replace(r"\]", "").contains("](javascript:"), "{nasty:?}: {line}");
            assert!(!line.starts_with("# heading") && !line.contains("@everyone"), "{nasty:?}: {line}");
        });
        // A program that reads tables takes `=` at the start of a line for a formula; the pack has no table, and no line that begins so.
        assert!(!md.lines().any(|line| line.starts_with(['=', '+', '@'])), "{nasty:?}");
        for file in pack.files.iter().filter(|f| f.name.ends_with(".json") || f.name.ends_with(".har")) {
            serde_json::from_slice::<serde_json::Value>(&file.bytes).unwrap();
        }
        let files = unzip(&zip(&pack.files).unwrap()).unwrap();
        assert_eq!(verify("x", &files, &bench.knowledge, &bench.edition).faults, [""; 0], "{nasty:?}");
    }
}

/// Each line of Markdown that is in no block and with its code spans taken out.
fn outside_code(markdown: &str, mut check: impl FnMut(&str)) {
    let mut fence: Option<usize> = None;
    for line in markdown.lines() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(open) if ticks >= open && line.trim_matches('`').is_empty() => fence = None,
            Some(_) => {}
            None if ticks >= 3 => fence = Some(ticks),
            None => {
                let mut out = String::new();
                let mut rest = line;
                while let Some(at) = rest.find('`') {
                    let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
                    let close = "`".repeat(run);
                    out.push_str(&rest[..at]);
                    rest = &rest[at + run..];
                    // An escaped backtick opens nothing.
                    let escaped = out.ends_with('\\');
                    let end = rest.match_indices(&close).map(|(i, _)| i).find(|i| !rest[i + run..].starts_with('`'));
                    match end.filter(|_| !escaped) {
                        Some(end) => rest = &rest[end + run..],
                        None => out.push_str(&close),
                    }
                }
                check(&(out + rest));
            }
        }
    }
    assert_eq!(fence, None, "a block that is never closed");
}

#[test]
fn fifty_megabytes_stay_bounded() {
    let bench = Bench::new();
    let body = "<p>lorem ipsum dolor</p>\n".repeat(2_000_000);
    let head =
        "> GET /x HTTP/1.1\n> Host: api.example.com\n>\n< HTTP/1.1 502 Bad Gateway\n< Content-Type: text/html\n<\n";
    let pack = bench.pack("big.txt", &format!("{head}{body}"), Told::default()).unwrap();
    let archive = zip(&pack.files).unwrap();
    let size: usize = pack.files.iter().map(|file| file.bytes.len()).sum();
    assert!(size < 8 << 20 && archive.len() < 1 << 20, "{size} bytes, {} packed", archive.len());

    let har = format!(
        r#"{{"log":{{"version":"1.2","entries":[{{"startedDateTime":"2024-01-01T00:00:00Z","time":5,"request":{{"method":"POST","url":"https://a.example/x","headers":[],"postData":{{"text":"{}"}}}},"response":{{"status":500,"headers":[],"content":{{"text":"{}"}}}},"timings":{{}}}}]}}}}"#,
        "a b ".repeat(1_000_000),
        "c d ".repeat(8_000_000),
    );
    let pack = bench.pack("big.har", &har, Told::default()).unwrap();
    let size: usize = pack.files.iter().map(|file| file.bytes.len()).sum();
    assert!(size < 8 << 20, "{size} bytes");
}

#[test]
fn a_planted_secret_refuses_the_pack() {
    let bench = Bench::new();
    let input =
        "> GET /x HTTP/1.1\n> Host: a.example\n> Authorization: Bearer plain-looking-word-77\n>\n< HTTP/1.1 401\n<\n";
    let verdict = diagnose(input, Options::default(), &bench.knowledge);
    let mut redactor = Redactor::new();
    let inputs = [Input { name: "a.txt", text: input, verdict: &verdict }];
    let pack = make(&inputs, &bench.settings(Told::default()), &bench.knowledge, &mut redactor).unwrap();
    assert!(!pack.files.iter().any(|f| String::from_utf8_lossy(&f.bytes).contains("plain-looking-word-77")));
    for planted in [
        File::text("extra.txt", "one\nthe key plain-looking-word-77\n"),
        File::text("extra.txt", "one\nghp_abcdefghijklmnopqrstuvwxyz0123456789\n"),
        File::text("extra.json", "{\n\"password\": \"hunter2hunter2\"}"),
        File::text("extra.html", "<p>\n<b>password=hunter2hunter2</b>"),
    ] {
        let name = planted.name.clone();
        let mut files = pack.files.clone();
        files.retain(|file| file.name != "manifest.json");
        files.push(planted);
        let Err(Refusal::Leaks(leaks)) = seal(files, pack.manifest.clone(), &mut redactor) else {
            panic!("{name}: a secret got through")
        };
        assert_eq!((leaks[0].file.as_str(), leaks[0].line), (name.as_str(), 2));
        let said = Refusal::Leaks(leaks).to_string();
        assert!(!said.contains("plain-looking") && !said.contains("ghp_") && !said.contains("hunter2"), "{said}");
    }
}

#[test]
fn personal_data_goes_when_asked() {
    let bench = Bench::new();
    let input =
        "> GET /users?token=abcdef123456 HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 500\n<\n{\"error\":\"x\"}\n";
    let pack =
        bench.pack_with("a.txt", input, Told::default(), Policy { personal: true, ..Policy::default() }).unwrap();
    assert!(!pack.files.iter().any(|f| String::from_utf8_lossy(&f.bytes).contains("abcdef123456")));
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let input = transcript("x");
    let bytes = |_: u8| {
        let bench = Bench::new();
        zip(&bench.pack("a.txt", &input, Told::default()).unwrap().files).unwrap()
    };
    assert_eq!(bytes(0), bytes(1));
}

#[test]
fn a_changed_pack_is_found_out() {
    let bench = Bench::new();
    let pack = bench.pack("a.txt", &transcript("x"), Told::default()).unwrap();
    let check = |files: &[File]| verify("a.zip", files, &bench.knowledge, &bench.edition);
    assert_eq!(check(&pack.files).result, Finding::Same);
    type Change = fn(&mut Vec<File>);
    let changes: &[(&str, Change)] = &[
        ("a byte of the evidence", |files| files.iter_mut().find(|f| f.name == "evidence.txt").unwrap().bytes[3] ^= 1),
        ("a file less", |files| files.retain(|f| f.name != "call.har")),
        ("a file more", |files| files.push(File::text("more.txt", "x"))),
        ("no manifest", |files| files.retain(|f| f.name != "manifest.json")),
        ("a broken manifest", |files| files.last_mut().unwrap().bytes.truncate(100)),
        ("another schema", |files| {
            let manifest = files.last_mut().unwrap();
            manifest.bytes = String::from_utf8_lossy(&manifest.bytes).replace("pack/1", "pack/9").into_bytes();
        }),
        ("a path", |files| files[0].name = "../README.md".to_owned()),
        ("a longer file", |files| files[0].bytes.push(b'x')),
    ];
    for (what, change) in changes {
        let mut files = pack.files.clone();
        change(&mut files);
        let found = check(&files);
        assert_eq!(found.result, Finding::Tampered, "{what}");
        assert!(!found.faults.is_empty(), "{what}");
    }

    // Whoever changes a file can change its hash too: then the verdict has to follow from the observations.
    let mut files = pack.files.clone();
    let diagnosis = files.iter_mut().find(|f| f.name == "diagnosis.json").unwrap();
    let changed = String::from_utf8(diagnosis.bytes.clone()).unwrap();
    let cause = &pack.manifest.verdict.cause;
    diagnosis.bytes =
        changed.replace(&format!("\"cause\": \"{cause}\""), "\"cause\": \"auth.expired_token\"").into_bytes();
    files.retain(|f| f.name != "manifest.json");
    let mut manifest = pack.manifest.clone();
    manifest.verdict.cause = "auth.expired_token".to_owned();
    let forged = seal(files, manifest, &mut Redactor::new()).unwrap();
    let found = check(&forged.files);
    assert_eq!((found.result, found.faults.len()), (Finding::Differs, 0));
    assert_ne!(found.digest.unwrap(), pack.digest, "the digest tells them apart");
}

#[test]
fn other_knowledge_is_named() {
    let bench = Bench::new();
    let pack = bench.pack("a.txt", &transcript("x"), Told::default()).unwrap();
    let other = edition(&bench.knowledge, &[]);
    let found = verify("a.zip", &pack.files, &bench.knowledge, &other);
    assert_eq!(found.result, Finding::Same);
    assert!(found.knowledge.is_some_and(|k| !k.same));
}

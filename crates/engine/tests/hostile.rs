//! Evidence is hostile: cut anywhere, random, huge, deep, packed, full of terminal escapes. None of it may panic, take
//! time or memory beyond its size, or act on the terminal that shows the report.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stderr, reason = "times are shown, not judged: machines differ")]

use firstfault_engine::{Options, Verdict};
use firstfault_knowledge::Knowledge;
use firstfault_redact::Redactor;
use firstfault_report::{Audience, Markup, Report, Safe, Style};
use std::fmt::Write as _;
use std::sync::LazyLock;
use std::time::Instant;

static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(Knowledge::builtin);

/// Samples up to this size are cut at every byte, longer ones at steps that give as many cuts.
const EVERY_BYTE: usize = 3 << 10;

/// The samples by name.
fn samples() -> Vec<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/samples");
    let mut samples: Vec<(String, String)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().display().to_string(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    samples.sort();
    assert!(samples.len() >= 25, "expected the samples, found {}", samples.len());
    samples
}

fn diagnose(text: &str) -> Verdict {
    firstfault_engine::diagnose(text, Options::default(), &KNOWLEDGE)
}

/// Diagnoses and renders in every format; what is shown must be harmless.
fn check(text: &str) {
    let verdict = diagnose(text);
    assert!(verdict.calls.is_empty() || verdict.first < verdict.calls.len());
    assert!(verdict.failed <= verdict.total, "{} of {} failed", verdict.failed, verdict.total);
    for judged in &verdict.calls {
        let span = judged.call.span;
        assert!(span.start <= span.end && span.end <= text.len(), "{span:?} outside of {} bytes", text.len());
        let sum: f64 = judged.diagnosis.hypotheses.iter().map(|h| h.probability).sum();
        assert!(sum < 1.05, "rounded probabilities add up to {sum}");
    }
    // Twenty letters cost more than all else together: every fifth text gets them.
    for output in render(verdict, text.len().is_multiple_of(5)) {
        let bad = output.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(bad, None, "a control character reached the output:\n{output:?}");
    }
}

/// Every format, and where asked for the letters for every reader.
fn render(verdict: Verdict, letters: bool) -> Vec<String> {
    let mut redactor = Redactor::new();
    verdict.calls.iter().for_each(|judged| redactor.learn(&judged.call));
    let calls = verdict.calls.into_iter().map(|judged| firstfault_report::Call {
        form: judged.call.origin.word(),
        method: judged.call.request.as_ref().and_then(|r| r.method.clone()),
        url: judged.call.request.as_ref().map(|r| r.url.to_string()),
        status: judged.call.status(),
        span: judged.call.span,
        repeats: judged.repeats,
        seen: judged.seen(),
        diagnosis: judged.diagnosis,
        exchange: Some(judged.call),
        contract: None,
    });
    let report = Report {
        input: "hostile".to_owned(),
        calls: calls.collect(),
        first: verdict.first,
        total: verdict.total,
        failed: verdict.failed,
        notes: verdict.notes,
        problems: verdict.problems,
        unreadable: verdict.unreadable,
    };
    let safe = Safe::new(report, &mut redactor);
    let style = Style { width: 80, color: false, verbose: true };
    let mut outputs = vec![
        firstfault_report::text(&safe, style),
        firstfault_report::text(&safe, Style { width: 20, ..style }),
        firstfault_report::markdown(&safe),
        firstfault_report::line(&safe),
        firstfault_report::html(&safe),
    ];
    for audience in Audience::ALL.iter().filter(|_| letters) {
        for markup in [Markup::Text(style), Markup::Markdown, Markup::Issue, Markup::Jira, Markup::Email] {
            outputs.push(firstfault_report::letter(&safe, *audience, markup));
        }
    }
    let safe = [safe];
    outputs.push(firstfault_report::document(&safe));
    outputs.push(firstfault_report::sarif(&safe));
    outputs.push(firstfault_report::problem(&safe));
    outputs
}

/// Runs `work` and says how long it took.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let done = work();
    eprintln!("{what}: {:.2?}", started.elapsed());
    done
}

/// Numbers that look random and are the same in every run (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) as usize % limit
    }
}

#[test]
fn every_sample_is_read() {
    for (name, text) in samples() {
        let verdict = diagnose(&text);
        assert_eq!(verdict.unreadable, None, "{name}");
        assert!(!verdict.calls.is_empty(), "{name}: no call was found");
        assert_eq!(verdict.failed > 0, name != "curl-ok.txt", "{name}: {} of {} failed", verdict.failed, verdict.total);
        check(&text);
    }
}

#[test]
fn samples_cut_at_every_byte() {
    timed("cuts", || {
        for (name, text) in samples() {
            let step = text.len().div_ceil(EVERY_BYTE);
            for end in (0..text.len()).step_by(step) {
                // A cut inside a character leaves a replacement character, as reading a file does.
                let cut = String::from_utf8_lossy(&text.as_bytes()[..end]);
                let verdict = std::panic::catch_unwind(|| diagnose(&cut));
                assert!(verdict.is_ok(), "{name} cut at byte {end} panics");
            }
        }
    });
}

#[test]
fn a_wide_character_at_every_place() {
    // Whoever cuts at a fixed byte lands inside it.
    timed("wide characters", || {
        for (name, text) in samples() {
            for (at, _) in text.char_indices() {
                let wide = format!("{}→{}", &text[..at], &text[at..]);
                let verdict = std::panic::catch_unwind(|| diagnose(&wide));
                assert!(verdict.is_ok(), "{name} with a wide character at byte {at} panics");
            }
        }
    });
}

#[test]
fn samples_cut_at_every_line_are_harmless() {
    for (_, text) in samples() {
        for (at, _) in text.match_indices('\n') {
            check(&text[..at]);
            check(&text[at..]);
        }
    }
}

#[test]
fn random_bytes() {
    let mut numbers = Numbers(1);
    for size in [1, 2, 7, 40, 300, 5_000, 300_000] {
        for _ in 0..if size < 1_000 { 300 } else { 3 } {
            let bytes: Vec<u8> = (0..size).map(|_| numbers.below(256) as u8).collect();
            check(&String::from_utf8_lossy(&bytes));
            let printable: String = (0..size).map(|_| char::from(b' ' + numbers.below(95) as u8)).collect();
            check(&printable);
        }
    }
}

#[test]
fn random_tokens() {
    // The first twelve are JSON's own: a parser that has just recovered from one fault meets the next.
    const TOKENS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        "\"",
        ",",
        ":",
        "1",
        "a",
        "\\",
        "\u{b}",
        "\n",
        "'",
        "\\u12",
        "=",
        "-",
        "e9",
        "true",
        "nul",
        "error",
        " ",
        "\u{feff}",
        "é",
        "<",
        ">",
        "</",
        "<!--",
        "&lt;",
        "/*",
        "//",
        "$'",
        "curl ",
        "-d ",
        "http://",
        "@",
        "?",
        "#",
        "%",
        "Caused by: ",
        "HTTP/1.1 500 x\n",
    ];
    const HEADS: &[&str] = &[
        "",
        "HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n",
        "curl https://a.example -d '",
        "java.io.IOException: ",
    ];
    let mut numbers = Numbers(3);
    for _ in 0..20_000 {
        let mut text = HEADS[numbers.below(HEADS.len())].to_owned();
        let few = numbers.below(2) == 0;
        for _ in 0..=numbers.below(if few { 6 } else { 24 }) {
            text.push_str(TOKENS[numbers.below(if few { 12 } else { TOKENS.len() })]);
        }
        assert!(std::panic::catch_unwind(|| check(&text)).is_ok(), "panics on {text:?}");
    }
}

#[test]
fn samples_with_random_damage() {
    const SIGNS: &[u8] = b"\"'\\{}[]<>:=,;\n\t \x1b\0";
    let mut numbers = Numbers(2);
    let samples = samples();
    for (_, text) in &samples {
        for _ in 0..60 {
            let mut bytes = text.as_bytes().to_vec();
            for _ in 0..=numbers.below(8) {
                let at = numbers.below(bytes.len());
                match numbers.below(4) {
                    0 => bytes[at] = numbers.below(256) as u8,
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, SIGNS[numbers.below(SIGNS.len())]),
                    _ => {
                        let (_, other) = &samples[numbers.below(samples.len())];
                        let from = numbers.below(other.len());
                        let to = (from + numbers.below(200)).min(other.len());
                        bytes.splice(at..at, other.as_bytes()[from..to].iter().copied());
                    }
                }
            }
            check(&String::from_utf8_lossy(&bytes));
        }
    }
}

#[test]
fn one_long_line() {
    const SIZE: usize = 20 << 20;
    timed("100 MiB of one word", || check(&"a".repeat(100 << 20)));
    let head = "HTTP/1.1 500 Internal Server Error\nContent-Type: application/json\n\n";
    for (what, unit) in [
        ("a", "a"),
        ("words", "error "),
        ("quotes", "\""),
        ("backslashes", "\\"),
        ("open braces", "{"),
        ("open brackets", "["),
        ("pairs", "a=b "),
        ("colons", "a: "),
        ("angle brackets", "<a "),
        ("curl commands", "curl https://a.b -d x "),
        ("causes", "java.io.IOException: x Caused by: "),
        ("escapes", "\u{1b}[31m"),
        ("non-ASCII", "é"),
        ("spaces", " "),
        ("percents", "%41"),
    ] {
        let line = unit.repeat(SIZE / unit.len());
        timed(&format!("20 MiB of {what}"), || check(&line));
        let text = format!("{head}{line}");
        timed(&format!("20 MiB of {what} as a body"), || check(&text));
    }
}

#[test]
fn many_lines() {
    // A paste is read as one story, a large input entry by entry: both ways are tried.
    for (what, line) in [
        ("empty lines", ""),
        ("prose", "it does not work and I do not know why"),
        ("curl's information", "* Connected to api.example.com (192.0.2.10) port 443"),
        ("request lines", "> GET /v1/me HTTP/1.1"),
        ("status lines", "HTTP/1.1 500 Internal Server Error"),
        ("header fields", "x-a: b"),
        ("exceptions", "java.net.SocketTimeoutException: Read timed out"),
        ("frames", "\tat a.b.C.d(C.java:1)"),
        ("causes", "Caused by: java.io.IOException: reset"),
        ("tracebacks", "Traceback (most recent call last):"),
        ("access log", r#"10.0.0.1 - - [01/Jan/2025:00:00:01 +0000] "GET /v1/a HTTP/1.1" 500 12 "-" "-""#),
        ("JSON lines", r#"{"level":"error","msg":"upstream timed out","status":504}"#),
        ("open JSON lines", r#"{"level":"error","#),
        ("fences", "```"),
        ("curl commands", "curl https://api.example.com/v1/me \\"),
    ] {
        for lines in [1_900, 200_000] {
            let text = format!("{line}\n").repeat(lines);
            timed(&format!("{lines} lines of {what}"), || check(&text));
        }
    }
}

#[test]
fn deep_nesting() {
    const DEPTH: usize = 100_000;
    let deep = [
        ("arrays", "[".repeat(DEPTH), "]".repeat(DEPTH)),
        ("objects", r#"{"error":"#.repeat(DEPTH), "}".repeat(DEPTH)),
        ("elements", "<a>".repeat(DEPTH), "</a>".repeat(DEPTH)),
        ("parentheses", "Error(".repeat(DEPTH), ")".repeat(DEPTH)),
        (
            "escaped strings",
            (0..12).fold("x".to_owned(), |s, _| format!("{{\"message\":{}}}", quoted(&s))),
            String::new(),
        ),
    ];
    for (what, open, close) in deep {
        for text in [format!("{open}1{close}"), open] {
            timed(&format!("deep {what}"), || {
                check(&text);
                check(&format!("HTTP/1.1 400 Bad Request\nContent-Type: application/json\n\n{text}"));
                check(&format!("curl https://a.example -d '{text}'"));
                check(&har(&format!(r#""mimeType":"application/json","text":{}"#, quoted(&text))));
                check(&format!(r#"{{"log":{{"version":"1.2","creator":{text},"entries":[]}}}}"#));
            });
        }
    }
}

#[test]
fn a_bomb_in_a_har_stays_packed() {
    // 10 MiB of zeros, gzip, base64, as a proxy writes a body that it did not unpack.
    let bomb = include_str!("bomb.gz.b64").trim();
    check(&har(&format!(r#""mimeType":"application/json","encoding":"base64","text":"{bomb}""#)));
    // Base64 of base64 of base64, and 8 MiB that decode to nothing of use.
    check(&har(&format!(r#""mimeType":"text/html","encoding":"base64","text":"{}""#, "QUFB".repeat(2 << 20))));
    check(&har(&format!(r#""mimeType":"text/html","encoding":"base64","text":"{}""#, "=".repeat(1 << 20))));
}

#[test]
fn escapes_in_every_place() {
    // Clears the screen, sets the title, opens a link, asks for the clipboard; as C1 controls and turned text too.
    let escapes =
        "\u{1b}[2J\u{1b}]0;x\u{7}\u{1b}]8;;http://a\u{1b}\\\u{9b}31m\u{9d}52;c;?\u{9c}\u{202e}\u{200b}\r\u{8}";
    for (_, text) in samples() {
        for (at, _) in text.match_indices([' ', ':', '"', '/', '=', '\n', '<', '{']).step_by(3) {
            check(&format!("{}{escapes}{}", &text[..at], &text[at..]));
        }
        let mut everywhere = String::new();
        for word in text.split_inclusive(' ') {
            let _ = write!(everywhere, "{word}{escapes}");
        }
        check(&everywhere);
    }
}

/// A HAR with one failed entry whose content is `content`.
fn har(content: &str) -> String {
    format!(
        r#"{{"log":{{"version":"1.2","creator":{{"name":"x","version":"1"}},"entries":[{{"startedDateTime":"2025-05-06T09:30:00Z","time":1,
"request":{{"method":"GET","url":"https://a.example/","httpVersion":"HTTP/1.1","headers":[{{"name":"accept-encoding","value":"gzip"}}]}},
"response":{{"status":500,"statusText":"","httpVersion":"HTTP/1.1","headers":[{{"name":"content-encoding","value":"gzip"}}],"content":{{"size":1,{content}}}}},
"timings":{{"send":0,"wait":1,"receive":0}}}}]}}}}"#
    )
}

/// Text as a JSON string.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

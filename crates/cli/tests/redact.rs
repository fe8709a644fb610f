//! `firstfault redact` as a filter: what it prints, its report, its exit codes, and that blocks of a large input are
//! treated as one text.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
mod schema;

use common::{program, run, run_with, scratch};
use std::fmt::Write as _;
use std::process::Stdio;

#[test]
fn a_filter_changes_secrets_and_nothing_else() {
    let input =
        "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer abc123def456ghi\r\n\r\nü\tpassword=hunter2 id=7\nlast line";
    let ran = run_with(&["redact"], input);
    assert_eq!(
        ran.stdout,
        "GET /v1/me HTTP/1.1\r\nAuthorization: Bearer ‹token:a1›\r\n\r\nü\tpassword=‹password:a1› id=7\nlast line"
    );
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(run_with(&["redact", "-"], &ran.stdout).stdout, ran.stdout, "a redacted text stays as it is");
    assert_eq!(run_with(&["redact"], "").stdout, "");
}

#[test]
fn blocks_are_one_text() {
    let mut input = String::new();
    for n in 0..60_000 {
        let _ =
            writeln!(input, "2025-05-06T09:58:12Z INFO request n={n} took {} ms and nothing was wrong with it", n % 90);
        if n % 20_000 == 7 {
            let _ = writeln!(input, "api_key=k-4711-abcdef");
        }
    }
    // Known from the first block on, it goes in the last without its name.
    let _ = writeln!(input, "the key k-4711-abcdef was refused");
    let lines = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ\n".repeat(300);
    let key = format!("-----BEGIN PRIVATE KEY-----\n{lines}-----END PRIVATE KEY-----\n");
    let place = (1 << 20) - 3_000;
    let place = place + input[place..].find('\n').unwrap() + 1;
    input.insert_str(place, &key);
    let file = scratch("blocks.log", &input);
    let ran = run(&["redact", &file]);
    assert!(!ran.stdout.contains("k-4711") && !ran.stdout.contains("MIIE"));
    assert_eq!(ran.stdout.matches("‹key:a1›").count(), 4, "one key, one placeholder");
    assert_eq!(ran.stdout.matches("‹private-key:a1›").count(), 1);
    let expected = input.replace("k-4711-abcdef", "‹key:a1›").replace(key.trim_end(), "‹private-key:a1›");
    assert!(ran.stdout == expected, "the rest is as it was");
    assert_eq!(run(&["redact", &file]).stdout, ran.stdout, "the same bytes each time");
}

#[test]
fn one_long_line_is_read_too() {
    let input = format!("{}{}", r#"{"a":"x","token":"abc123def456"},"#.repeat(150_000), "end");
    let ran = run_with(&["redact"], &input);
    assert!(!ran.stdout.contains("abc123def456"));
    assert_eq!(ran.stdout.len(), input.len() + 150_000 * ("‹token:a1›".len() - "abc123def456".len()));
}

#[test]
fn the_report_says_what_where_and_by_which_rule() {
    let file = scratch("report.txt", "fine\n key ghp_short password=hunter2\nAuthorization: Basic dXNlcjpwYXNz\n");
    let report = scratch("report.json", "");
    let ran = run(&["redact", "--report", &report, &file]);
    assert_eq!(ran.code, Some(0));
    let text = std::fs::read_to_string(&report).unwrap();
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    schema::check("redaction-1.json", &value);
    assert_eq!(value["replaced"], 2);
    assert_eq!(value["secrets"][0]["placeholder"], "‹password:a1›");
    assert_eq!((&value["secrets"][0]["line"], &value["secrets"][0]["column"]), (&2.into(), &25.into()));
    assert!(!text.contains("hunter2") && !text.contains("dXNl"));

    let ran = run(&["redact", "--check", &file]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("2:25: ‹password:a1› by name.secret, 1 ×"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("fine"));
    assert_eq!(run_with(&["redact", "--check"], "nothing here\n").code, Some(0));
}

#[test]
fn the_configuration_decides() {
    let config = scratch(
        "config.toml",
        "[redact]\nmode = \"strict\"\nallow = [\"demo-key-12345\"]\ndeny = [\"x-partner-pass\", \"Nightingale\"]\n",
    );
    let text = "api_key=demo-key-12345 x_partner_pass=77x19 Nightingale ann@acme.example\n";
    let strict = run_with(&["redact", "--config", &config], text);
    assert_eq!(
        strict.stdout, "api_key=demo-key-12345 x_partner_pass=‹secret:a1› ‹secret:a2› ‹email:a1›\n",
        "{}",
        strict.stderr
    );
    let plain = run_with(&["redact", "--config", &config, "--redact", "secrets"], text);
    assert!(plain.stdout.contains("ann@acme.example") && plain.stdout.contains("‹secret:a2›"));
    assert!(run_with(&["redact", "--redact", "strict"], text).stdout.contains("‹email:a1›"));
    for (name, text) in [("bad1.toml", "[redact]\nmode = \"loud\"\n"), ("bad2.toml", "[redacted]\n")] {
        let bad = scratch(name, text);
        let ran = run_with(&["redact", "--config", &bad], "x");
        assert_eq!(ran.code, Some(2));
        assert!(
            ran.stderr.contains("expected") && ran.stderr.contains(name) && ran.stderr.contains("line"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    for arguments in
        [&["redact", "no-such-file"][..], &["redact", "docs"], &["redact", "--config", "no-such-file", "README.md"]]
    {
        let ran = run(arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}");
        assert!(ran.stderr.contains("firstfault: ") && ran.stderr.contains("expected"), "{}", ran.stderr);
    }
}

#[test]
fn a_closed_pipe_is_success() {
    let file = scratch("pipe.log", &"token=abc123def456 and more words\n".repeat(200_000));
    let mut child = program(&["redact", &file]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (output.status.code(), output.stderr.len()),
        (Some(0), 0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

//! `firstfault bisect` against a server on loopback: the smallest call, refusals, formats, and no secret anywhere.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

mod common;
mod schema;

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const KEY: &str = "zq81-Lk3-pw77-valid";

/// Answers until the test ends; counts what came.
fn server() -> (SocketAddr, Arc<AtomicU32>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let count = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            counted.fetch_add(1, Ordering::SeqCst);
            answer(stream);
        }
    });
    (address, count)
}

fn answer(mut stream: TcpStream) {
    let mut text = Vec::new();
    let mut piece = [0; 4096];
    let whole = loop {
        let read = stream.read(&mut piece).unwrap_or(0);
        text.extend_from_slice(&piece[..read]);
        let said = String::from_utf8_lossy(&text).into_owned();
        if read == 0 {
            break said;
        }
        if let Some((head, body)) = said.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|l| l.lines().next()?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break said;
            }
        }
    };
    let (status, body) = if !whole.contains(KEY) {
        ("401 Unauthorized", r#"{"error":"Missing authentication. Include X-API-Key header."}"#)
    } else if whole.contains("limit=5000") {
        (
            "400 Bad Request",
            r#"{"error":{"code":"VALIDATION_FAILED","message":"limit must be at most 1000","field":"limit"}}"#,
        )
    } else if whole.contains("\"severity\":\"worst\"") {
        (
            "400 Bad Request",
            r#"{"error":{"code":"VALIDATION_FAILED","message":"severity must be one of low, high","field":"severity"}}"#,
        )
    } else {
        ("200 OK", r#"{"ok":true}"#)
    };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

fn bisect(arguments: &[&str], call: &[&str]) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    command.arg("bisect").args(["--rate", "500"]).args(arguments);
    command.args(["--", "curl"]).args(call);
    command.env_remove("http_proxy").env_remove("HTTP_PROXY").env_remove("ALL_PROXY").env("NO_COLOR", "1");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains(KEY) && !said.contains(KEY), "{text}{said}");
    (output, text)
}

#[test]
fn the_smallest_call_is_found_and_shown_in_every_format() {
    let (address, _) = server();
    let url = format!("http://{address}/v1/x?page=1&limit=5000&sort=a");
    let key = format!("X-API-Key: {KEY}");
    let call = ["-H", &key, "-H", "Accept-Language: en", "-H", "X-Tenant: acme", "-b", "a=1; b=2", &url];
    let (output, text) = bisect(&[], &call);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("header X-API-Key\n    query parameter limit\n\n"), "{text}");
    assert!(text.contains(&format!("curl 'http://{address}/v1/x?limit=5000'")), "{text}");
    assert!(text.contains("-H \"X-API-Key: $API_KEY\""), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");

    let (_, json) = bisect(&["--format", "json"], &call);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    schema::check("bisect-1.json", &json);
    assert_eq!((json["outcome"].as_str(), json["status"].as_u64()), (Some("minimal"), Some(400)));
    assert_eq!(json["needed"][1], serde_json::json!({"place": "query", "name": "limit", "proven": true}));
    assert!(json["requests"].as_u64().is_some_and(|count| count < 12), "{json}");

    for (format, part) in [
        ("curl", "$API_KEY"),
        ("hurl", "X-API-Key: {{API_KEY}}\nHTTP 400\n"),
        ("rust", "assert_ne!(response.status().as_u16(), 400);"),
        ("pytest", "\"X-API-Key\": os.environ[\"API_KEY\"],"),
        ("junit", ".header(\"X-API-Key\", apiKeyValue)"),
    ] {
        let (output, text) = bisect(&["--format", format], &call);
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn nothing_with_effects_is_sent_without_consent() {
    let (address, count) = server();
    let url = format!("http://{address}/alerts");
    let key = format!("X-API-Key: {KEY}");
    let call = ["-H", &key, "-d", r#"{"alert_type":"x","severity":"worst","tags":[1,2]}"#, &url];
    let (output, text) = bisect(&[], &call);
    assert_eq!((output.status.code(), text.as_str()), (Some(2), ""));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--allow-side-effects"));
    let (output, text) = bisect(&["--dry-run"], &call);
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("Nothing is sent") && text.contains("At most 200 requests"), "{text}");
    assert_eq!(count.load(Ordering::SeqCst), 0);
    let (output, text) = bisect(&["--allow-side-effects"], &call);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains(r#"-d '{"severity":"worst"}'"#), "{text}");
    assert!(count.load(Ordering::SeqCst) > 3);
}

#[test]
fn the_budget_holds_and_the_difference_is_found() {
    let (address, count) = server();
    let key = format!("X-API-Key: {KEY}");
    let bad = format!("http://{address}/v1/x?page=2&limit=5000");
    let (output, text) = bisect(&["--max-requests", "3"], &["-H", &key, "-H", "X-A: 1", "-H", "X-B: 2", &bad]);
    assert!(text.contains("--max-requests") && output.status.code() == Some(1), "{text}");
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let working = format!("curl -H '{key}' -H 'X-A: 2' 'http://{address}/v1/x?page=1&limit=10'");
    let (_, text) = bisect(&["--working", &working], &["-H", &key, "-H", "X-A: 1", &bad]);
    let (_, json) = bisect(&["--working", &working, "--format", "json"], &["-H", &key, "-H", "X-A: 1", &bad]);
    schema::check("bisect-1.json", &serde_json::from_str(&json).unwrap());
    assert!(text.contains("query parameter limit: \"10\" works, \"5000\" fails"), "{text}");
}

#[test]
fn what_does_not_fail_or_does_not_answer_is_said_to_be_so() {
    let (address, _) = server();
    let key = format!("X-API-Key: {KEY}");
    let (output, text) = bisect(&[], &["-H", &key, &format!("http://{address}/")]);
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("Not reproduced"), "{text}");
    let (_, json) = bisect(&["--format", "json"], &["-H", &key, &format!("http://{address}/")]);
    schema::check("bisect-1.json", &serde_json::from_str(&json).unwrap());
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (output, text) = bisect(&[], &["-H", &key, &format!("http://{closed}/")]);
    assert_ne!(output.status.code(), Some(0), "{text}");
    assert!(!text.contains("it works"), "{text}");
}

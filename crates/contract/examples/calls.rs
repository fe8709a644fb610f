//! Holds calls against a description: `calls DESCRIPTION CALLS [--time]`.
//!
//! CALLS has one JSON object a line: `method`, `url`, `headers` (an object), `body`, `status`, `response_headers`,
//! `response_body`; all but `url` may be absent. Prints one JSON object a line for each finding, with the number of the
//! call from 0; `--time` holds all calls several times and prints what that took instead.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::disallowed_methods, clippy::disallowed_types)]

use firstfault_contract::{Contract, Given, Source, check, load};
use firstfault_model::{Body, Call, Headers, Origin, Request, Response, Span, Url, Vantage};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// How long `--time` goes on at least.
const TIMED: Duration = Duration::from_secs(2);

struct Files;

impl Source for Files {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        let path = uri.strip_prefix("file://").ok_or_else(|| format!("expected a file, got {uri}"))?;
        std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [description, calls, rest @ ..] = &arguments[..] else {
        return Err("expected DESCRIPTION CALLS [--time]".into());
    };
    let text = std::fs::read_to_string(description)?;
    let path = std::fs::canonicalize(description)?;
    let began = Instant::now();
    let uri = format!("file://{}", path.display());
    let contract = load(Given { uri: &uri, name: description, text: &text }, &mut Files)?;
    let loaded = began.elapsed();
    let calls: Vec<Call> = std::fs::read_to_string(calls)?.lines().map(read).collect::<Result<_, _>>()?;
    if rest.iter().any(|a| a == "--time") {
        time(&contract, &calls, loaded);
        return Ok(());
    }
    for (number, call) in calls.iter().enumerate() {
        let held = check(&contract, call, None);
        let operation = held.operation.map(|o| contract.operations[o].name());
        println!(
            "{}",
            json!({"call": number, "belongs": held.belongs, "operation": operation, "findings": held.findings.len()})
        );
        for finding in held.findings {
            let line = json!({
                "call": number, "kind": finding.kind.word(), "half": finding.half.word(),
                "severity": finding.severity.word(), "spot": finding.spot.to_string(), "rule": finding.rule,
                "expected": finding.expected, "got": finding.got, "message": finding.message, "fix": finding.fix,
                "edit": finding.edit.map(|e| format!("{e:?}")),
            });
            println!("{line}");
        }
    }
    Ok(())
}

fn time(contract: &Contract, calls: &[Call], loaded: Duration) {
    let first = Instant::now();
    let found: usize = calls.iter().map(|call| check(contract, call, None).findings.len()).sum();
    let first = first.elapsed();
    let (began, mut held) = (Instant::now(), 0_usize);
    let mut longest = Duration::ZERO;
    while began.elapsed() < TIMED && !calls.is_empty() {
        for call in calls {
            let one = Instant::now();
            std::hint::black_box(check(contract, call, None));
            longest = longest.max(one.elapsed());
        }
        held += calls.len();
    }
    #[allow(clippy::cast_precision_loss, reason = "a figure to print")]
    let rate = held as f64 / began.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"load_ms": loaded.as_millis(), "calls": calls.len(), "findings": found, "first_ms": first.as_millis(),
            "calls_per_second": rate.round(), "longest_us": longest.as_micros()})
    );
}

fn read(line: &str) -> Result<Call, serde_json::Error> {
    let value: Value = serde_json::from_str(line)?;
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let body = |name: &str| match value.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Body::bounded(text, Span::default())),
        Some(other) => Some(Body::bounded(&other.to_string(), Span::default())),
    };
    let headers = |name: &str| {
        let mut out = Headers::default();
        for (name, value) in value.get(name).and_then(Value::as_object).into_iter().flatten() {
            out.push(name.clone(), value.as_str().unwrap_or_default(), Span::default());
        }
        out
    };
    let request = Request {
        method: Some(text("method").unwrap_or("GET").to_owned()),
        url: Url::parse(text("url").unwrap_or_default()),
        headers: headers("headers"),
        body: body("body"),
        complete: true,
        ..Request::default()
    };
    let status = value.get("status").and_then(Value::as_u64).and_then(|s| u16::try_from(s).ok());
    let response = status.map(|status| Response {
        status: Some(status),
        headers: headers("response_headers"),
        body: body("response_body"),
        complete: true,
        ..Response::default()
    });
    Ok(Call { request: Some(request), response, ..Call::new(Origin::HttpMessage, Vantage::Client) })
}

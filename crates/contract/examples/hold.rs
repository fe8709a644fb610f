//! Holds calls against a description: the core of `firstfault contract check` without files, tallies and reports.
//!
//! `hold DESCRIPTION < CALLS` answers each line of CALLS with a line `{"findings": […]}`, in the order of the way.
//! `hold DESCRIPTION --speed SECONDS < CALLS` prints instead, as JSON, what loading, checking these calls again and again
//! on one core, and naming the nearest path of wrong ones cost.
//!
//! A call: `{"method", "url", "headers": {}, "body", "status", "response_headers": {}, "response_body"}`, null for what was
//! not there.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that prints its figures")]

use firstfault_contract::{Contract, Given, Source, check, load};
use firstfault_model::contract::{Finding, Kind};
use firstfault_model::{Body, Call, Headers, Origin, Request, Response, Span, Url, Vantage};
use serde_json::{Value, json};
use std::io::{BufRead, Write, stdin, stdout};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Descriptions of one file only.
struct Alone;

impl Source for Alone {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        Err(format!("{uri} is another file"))
    }
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let path = arguments.first().ok_or("expected a description, got nothing")?;
    let name = path.rsplit('/').next().unwrap_or(path);
    let started = processor();
    let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let contract = load(Given { uri: &format!("file:///{name}"), name, text: &text }, &mut Alone)?;
    let loaded = processor() - started;
    drop(text);
    let peak = peak();
    let calls = stdin()
        .lock()
        .lines()
        .map(|line| {
            let line = line.map_err(|e| e.to_string())?;
            serde_json::from_str(&line).map(|value| call(&value)).map_err(|e| format!("{e} in {line}"))
        })
        .collect::<Result<Vec<Call>, String>>()?;
    if arguments.get(1).is_some_and(|a| a == "--speed") {
        let seconds = arguments.get(2).and_then(|s| s.parse().ok()).ok_or("expected seconds after --speed")?;
        let mut figures = speed(&contract, &calls, Duration::from_secs_f64(seconds));
        figures["load_seconds"] = json!(loaded.as_secs_f64());
        figures["load_peak_mib"] = json!(peak);
        figures["operations"] = json!(contract.operations.len());
        println!("{figures}");
        return Ok(());
    }
    let mut out = std::io::BufWriter::new(stdout().lock());
    for call in &calls {
        let findings: Vec<Value> = check(&contract, call, None).findings.iter().map(told).collect();
        writeln!(out, "{}", json!({ "findings": findings })).map_err(|e| e.to_string())?;
    }
    out.flush().map_err(|e| e.to_string())
}

fn told(finding: &Finding) -> Value {
    json!({
        "kind": finding.kind.word(),
        "half": finding.half.word(),
        "severity": finding.severity.word(),
        "spot": finding.spot.to_string(),
        "operation": finding.operation,
        "rule": finding.rule,
        "line": finding.line,
        "expected": finding.expected,
        "got": finding.got,
        "message": finding.message,
        "fix": finding.fix,
    })
}

/// Rounds of all calls until the time is over, after one that compiles what they need; then the same for wrong paths.
/// Times are those of the processor, so that other work on the machine does not count.
fn speed(contract: &Contract, calls: &[Call], time: Duration) -> Value {
    let first = processor();
    let mut findings = round(contract, calls);
    let warm = processor() - first;
    let (mut rounds, started, begun) = (0_u32, Instant::now(), processor());
    while started.elapsed() < time || rounds == 0 {
        findings += round(contract, calls);
        rounds += 1;
    }
    let held = f64::from(rounds) * f64::from(u32::try_from(calls.len()).unwrap_or(u32::MAX));
    let rate = held / (processor() - begun).as_secs_f64();
    let mut costs: Vec<f64> = calls
        .iter()
        .flat_map(wrong)
        .filter(|call| check(contract, call, None).findings.iter().any(|f| f.kind == Kind::UnknownPath))
        .map(|call| nearest(contract, &call))
        .collect();
    costs.sort_by(f64::total_cmp);
    json!({
        "calls": calls.len(),
        "calls_per_second": rate,
        "first_round_seconds": warm.as_secs_f64(),
        "peak_mib": peak(),
        "wrong_paths": costs.len(),
        "nearest_median_us": costs.get(costs.len() / 2),
        "nearest_worst_us": costs.last(),
        "findings": findings,
    })
}

/// Microseconds for one call of a wrong path: the best of five, since the clock is that of the wall.
fn nearest(contract: &Contract, call: &Call) -> f64 {
    let once = || {
        let started = Instant::now();
        std::hint::black_box(check(contract, call, None));
        started.elapsed().as_secs_f64() * 1e6
    };
    (0..5).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// Time of the processor that this process has used (in ticks of 10 ms), or of the wall where the system does not tell.
fn processor() -> Duration {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(')').next().and_then(|rest| {
        let mut fields = rest.split_whitespace().skip(11);
        Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
    });
    ticks.map_or_else(|| START.elapsed(), |ticks| Duration::from_millis(ticks * 10))
}

fn round(contract: &Contract, calls: &[Call]) -> usize {
    calls.iter().map(|call| check(contract, call, None).findings.len()).sum()
}

/// The same call with a letter doubled in the middle of each segment of its path, in turn.
fn wrong(call: &Call) -> Vec<Call> {
    let Some(request) = &call.request else { return Vec::new() };
    let segments: Vec<&str> = request.url.path.split('/').collect();
    (0..segments.len())
        .filter(|i| segments[*i].len() >= 4 && segments[*i].is_ascii())
        .map(|i| {
            let mut changed: Vec<String> = segments.iter().map(|s| (*s).to_owned()).collect();
            let middle = changed[i].len() / 2;
            changed[i].insert(middle, 'q');
            let mut call = call.clone();
            if let Some(request) = &mut call.request {
                request.url.path = changed.join("/");
            }
            call
        })
        .collect()
}

fn call(value: &Value) -> Call {
    let mut call = Call::new(Origin::Har, Vantage::Client);
    call.request = Some(Request {
        method: value["method"].as_str().map(str::to_owned),
        url: Url::parse(value["url"].as_str().unwrap_or_default()),
        headers: headers(&value["headers"]),
        body: body(&value["body"]),
        complete: true,
        ..Request::default()
    });
    call.response = value["status"].as_u64().map(|status| Response {
        status: u16::try_from(status).ok(),
        headers: headers(&value["response_headers"]),
        body: Some(body(&value["response_body"]).unwrap_or_default()),
        complete: true,
        ..Response::default()
    });
    call
}

fn body(value: &Value) -> Option<Body> {
    value.as_str().map(|text| Body::bounded(text, Span::default()))
}

fn headers(value: &Value) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in value.as_object().into_iter().flatten() {
        headers.push(name, value.as_str().unwrap_or_default(), Span::default());
    }
    headers
}

/// The largest resident set so far in MiB, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib / 1024)
}

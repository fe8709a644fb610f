//! Logs of the lab as lines with their fields.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use firstfault_calls::{Attribute, Field, Layout, Record, Settings};
use firstfault_lab::logs::Logs;

/// One line of a log.
pub struct Read {
    pub input: &'static str,
    pub line: u64,
    pub text: String,
    pub record: Record,
}

/// All lines of all logs.
pub fn read(logs: &Logs) -> Vec<Read> {
    let mut all = Vec::new();
    for (name, text) in &logs.files {
        let layout = Layout::learn(text.as_bytes(), name, &Settings::default());
        for (number, line) in text.lines().enumerate() {
            let record = layout.record(line).unwrap_or_else(|| plain(line));
            all.push(Read { input: name, line: number as u64 + 1, text: line.to_owned(), record });
        }
    }
    all
}

/// A line of a form that has no reader yet.
fn plain(line: &str) -> Record {
    let mut record = Record::default();
    let put = |record: &mut Record, name: &str, attribute: Attribute, value: &str| {
        record.fields.push(Field { name: name.to_owned(), attribute: Some(attribute), value: value.to_owned() });
    };
    if line.starts_with("20") {
        let (time, rest) = line.split_at(23);
        let json = format!("{{\"time\":\"{}Z\",\"msg\":\"x\"}}", time.replace(' ', "T"));
        record.time = Layout::learn(json.as_bytes(), "x", &Settings::default()).record(&json).unwrap().time;
        let words = rest.split_once(" : ").map_or(rest, |(_, words)| words);
        put(&mut record, "msg", Attribute::Message, words.split(" chat_id=").next().unwrap());
        put(&mut record, "level", Attribute::Level, rest.split_whitespace().next().unwrap());
    } else {
        let day = &line.split_once('[').unwrap().1[..20];
        let json = format!("{{\"time\":\"2026-03-{}T{}Z\",\"msg\":\"x\"}}", &day[..2], &day[12..]);
        record.time = Layout::learn(json.as_bytes(), "x", &Settings::default()).record(&json).unwrap().time;
        let quoted: Vec<&str> = line.split('"').collect();
        let mut request = quoted[1].split(' ');
        put(&mut record, "method", Attribute::Method, request.next().unwrap());
        put(&mut record, "path", Attribute::Route, request.next().unwrap());
        put(&mut record, "status", Attribute::Status, quoted[2].split_whitespace().next().unwrap());
    }
    for (name, attribute) in [
        ("method", Attribute::Method),
        ("status", Attribute::Status),
        ("url", Attribute::Route),
        ("duration_ms", Attribute::Latency),
        ("request_time", Attribute::Latency),
        ("upstream_status", Attribute::UpstreamStatus),
        ("upstream_addr", Attribute::Upstream),
        ("request_id", Attribute::RequestId),
        ("attempt", Attribute::Attempt),
    ] {
        let value = line.split_once(&format!(" {name}=")).map(|(_, rest)| rest.split(' ').next().unwrap());
        if let Some(value) = value {
            put(&mut record, name, attribute, value);
        }
    }
    record
}

/// Settings that differ in what must not matter: seed, clocks, form of the gateway's log.
pub fn settings() -> Vec<firstfault_lab::logs::Setting> {
    [
        (1, [0, 0, 0], true),
        (2, [0, -61_000, 90_000], true),
        (3, [47_000, -90_000, -13_000], false),
        (4, [-90_000, 90_000, -90_000], true),
    ]
    .into_iter()
    .map(|(seed, skew, gateway_json)| firstfault_lab::logs::Setting { seed, skew, gateway_json, ..Default::default() })
    .collect()
}

//! Logs of the lab as lines with their fields.

#![allow(dead_code, reason = "each test uses a part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use firstfault_calls::{Layout, Record, Settings};
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
            let record = layout.record(line).unwrap_or_default();
            all.push(Read { input: name, line: number as u64 + 1, text: line.to_owned(), record });
        }
    }
    all
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

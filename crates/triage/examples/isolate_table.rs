//! The isolation alone, for `bench/triage-quality`: reads each table with the readers of the product and prints a JSON line.
//!
//! `isolate_table TOTAL FAILED < cases`, a case a line: path, when it began and when it ended in milliseconds since the Unix
//! epoch, separated by tabs. TOTAL and FAILED name the columns of a pre-aggregated table. Everything before is the history.
#![expect(clippy::print_stdout, reason = "the answers are what it is for")]

use firstfault_calls::{Batch, Layout, NO_TIME, Part, Settings, merge};
use firstfault_triage::isolate::{Ask, isolate};
use serde_json::{Map, Value, json};
use std::io::BufRead;

fn answer(path: &str, from: i64, to: i64, settings: &Settings) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("{path}: {error}"))?;
    let mut batch = Batch::default();
    Layout::learn(&bytes[..bytes.len().min(1 << 18)], path, settings).read(
        &bytes,
        Part { input: 0, chunk: 0 },
        &mut batch,
    );
    let calls = merge(vec![batch]);
    let failing: Vec<bool> = calls.shapes.iter().map(|shape| shape.counted || shape.suspect).collect();
    let dimensions: Vec<usize> = (0..calls.dimensions.len()).collect();
    let first = calls.time.iter().copied().filter(|time| *time != NO_TIME).min().unwrap_or(from);
    let rows: Vec<u32> =
        (0..).zip(&calls.shape).filter(|(_, shape)| failing[**shape as usize]).map(|(row, _)| row).collect();
    let ask = Ask {
        calls: &calls,
        failing: &failing,
        counts: &vec![true; failing.len()],
        rows: &rows,
        during: from..to,
        before: first..from,
        dimensions: &dimensions,
    };
    let (sets, tried) = isolate(&ask);
    let sets: Vec<Value> = sets
        .iter()
        .map(|set| {
            let attributes: Map<String, Value> = set
                .set
                .iter()
                .map(|(d, code)| (calls.dimensions[*d].name.clone(), json!(calls.dimensions[*d].values[*code as usize])))
                .collect();
            json!({"attributes": attributes, "failures": set.inside.0, "calls": set.inside.1, "bits": set.bits, "part_of": set.part_of})
        })
        .collect();
    Ok(json!({"path": path, "rows": calls.rows, "tried": tried, "sets": sets}))
}

fn main() {
    let mut words = std::env::args().skip(1);
    let settings = Settings { total: words.next(), failed: words.next(), ..Settings::default() };
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let mut fields = line.split('\t');
        let path = fields.next().unwrap_or_default();
        let mut number = || fields.next().and_then(|field| field.parse().ok()).unwrap_or(0_i64);
        let (from, to) = (number(), number());
        println!(
            "{}",
            answer(path, from, to, &settings).unwrap_or_else(|error| json!({"path": path, "error": error, "sets": []}))
        );
    }
}

//! Every form: what its rows say, and that quick rows are those of its records. Lines are from the products' documentation.

mod access;
mod gateways;
mod hostile;
mod mapping;
mod samples;
mod spans;
mod tables;
mod words;
mod wrappers;

use crate::batch::merge;
use crate::{Attribute, Batch, Calls, Kind, Layout, Part, Settings};

fn settings() -> Settings {
    Settings { year: Some(2026), ..Settings::default() }
}

/// What was read of a text, in one chunk.
fn read_as(text: &[u8], settings: &Settings) -> (Layout, Calls) {
    let layout = Layout::learn(text, "app.log", settings);
    let mut batch = Batch::default();
    layout.read(text, Part::default(), &mut batch);
    (layout, merge(vec![batch]))
}

fn read(text: &str) -> (Layout, Calls) {
    read_as(text.as_bytes(), &settings())
}

/// What a row says by name: attributes, and `status`, `latency`, `time`, `kind`, `message`, `mark`, `error_code`, `sample`.
fn said(calls: &Calls, row: usize, name: &str) -> String {
    let shape = &calls.shapes[calls.shape[row] as usize];
    match name {
        "status" => calls.status[row].to_string(),
        "latency" => calls.latency[row].to_string(),
        "time" => calls.time[row].to_string(),
        "weight" => calls.weight(row).to_string(),
        "kind" => (if shape.kind == Kind::Call { "call" } else { "event" }).to_owned(),
        "message" => shape.message.clone(),
        "mark" => shape.mark.clone(),
        "error_code" => shape.error_code.clone(),
        "suspect" => shape.suspect.to_string(),
        "counted" => shape.counted.to_string(),
        "sample" => shape.sample.clone(),
        "request" => calls.request.get(row).map_or(String::new(), |id| (*id != 0).to_string()),
        "trace" => calls.trace.get(row).map_or(String::new(), |id| (*id != 0).to_string()),
        _ => calls.named(name).map_or(String::new(), |d| d.values[d.codes.get(row) as usize].clone()),
    }
}

fn say(calls: &Calls, row: usize, text: &str, expected: &[(&str, &str)]) {
    for (name, value) in expected {
        assert_eq!(said(calls, row, name), *value, "{name} of row {row} of\n{text}");
    }
}

/// The form of a text, what its first row says, and that its records say the same.
fn check(text: &str, form: &str, expected: &[(&str, &str)]) {
    let (layout, calls) = read(text);
    assert_eq!(layout.form, form, "{text}");
    assert!(calls.rows > 0, "nothing was read of\n{text}");
    say(&calls, 0, text, expected);
    same(text);
}

/// Rows that were read quickly are those of the records.
fn same(text: &str) {
    let (layout, quick) = read(text);
    let mut batch = Batch::default();
    batch.open(Part::default(), &layout.service, Some(2026));
    for line in text.lines() {
        batch.begin();
        match layout.record(line) {
            Some(record) => {
                super::replay::record(&record, &mut batch);
                batch.finish(line.as_bytes());
            }
            None => batch.aside(),
        }
    }
    let slow = merge(vec![batch]);
    assert_eq!(quick.rows, slow.rows, "rows of\n{text}");
    for row in 0..quick.rows {
        let all = ["status", "latency", "time", "kind", "message", "mark", "error_code", "suspect", "request", "trace"];
        for name in all.into_iter().chain(Attribute::DIMENSIONS.iter().map(|a| a.word())) {
            assert_eq!(said(&quick, row, name), said(&slow, row, name), "{name} of row {row} of\n{text}");
        }
    }
}

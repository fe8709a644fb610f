//! From what a reader tells to the row of a batch: slices of the line without a copy, and whole records.

use super::sink::Sink;
use super::{moment, scan};
use crate::batch::Batch;
use crate::recognise::{self, Form, Meaning, slot};
use crate::{Attribute, Kind, Record};

/// The row that is being filled, and the line that its values are slices of.
pub(super) struct Quick<'b, 'a> {
    pub batch: &'b mut Batch,
    pub line: &'a [u8],
}

/// How a value of an attribute is taken.
fn meaning(attribute: Attribute) -> Meaning {
    let (slot, form) = match attribute {
        // every form here writes the path and not its template
        Attribute::Route => (slot::PATH, Form::Plain),
        Attribute::ClientVersion => (slot::of(attribute), Form::Agent),
        Attribute::Latency | Attribute::UpstreamLatency => (slot::of(attribute), Form::Millis),
        _ => (slot::of(attribute), Form::Plain),
    };
    Meaning { slot, form, rank: 0 }
}

impl<'a> Sink<'a> for Quick<'_, 'a> {
    fn time(&mut self, _: &str, written: &'a [u8]) {
        if let Some(at) = moment::parse(written) {
            self.batch.time(at);
        }
    }

    fn moment(&mut self, _: &str, at: i64, _: &'a [u8]) {
        self.batch.time(at);
    }

    fn status(&mut self, _: &str, written: &'a [u8]) {
        self.batch.status(scan::status(written).unwrap_or(0));
    }

    fn text(&mut self, name: &str, attribute: Attribute, value: &'a [u8]) {
        if !scan::is_absent(value) {
            self.named(name, meaning(attribute), value);
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "a duration in a column is a single")]
    fn millis(&mut self, _: &str, attribute: Attribute, millis: f64) {
        if attribute == Attribute::Latency {
            self.batch.latency(millis as f32);
        }
    }

    fn other(&mut self, _: &str, _: &'a [u8]) {}

    fn kind(&mut self, kind: Kind) {
        self.batch.kind(kind);
    }

    fn named(&mut self, _: &str, meaning: Meaning, value: &'a [u8]) {
        let from = (value.as_ptr() as usize).wrapping_sub(self.line.as_ptr() as usize);
        let to = from.wrapping_add(value.len());
        if to <= self.line.len() && from <= to {
            self.batch.row.take(meaning, self.line, from, to);
        } else {
            self.batch.row.copy(meaning, value);
        }
    }

    fn copied(&mut self, _: &str, meaning: Meaning, value: &[u8]) {
        self.batch.row.copy(meaning, value);
    }

    fn own(&mut self, name: &str, value: &[u8]) {
        self.batch.set_own(name, value);
    }

    fn counts(&mut self, total: u64, failed: u64) {
        self.batch.counts(total, failed);
    }
}

/// A record into the row that is begun.
pub(super) fn record(record: &Record, batch: &mut Batch) {
    batch.kind(record.kind);
    if let Some(time) = record.time {
        batch.time(time);
    }
    for field in &record.fields {
        let value = field.value.as_bytes();
        match field.attribute {
            None | Some(Attribute::Time) => {}
            Some(_) if scan::is_absent(value) && field.attribute != Some(Attribute::Status) => {}
            Some(Attribute::Status) => batch.status(scan::status(value).unwrap_or(0)),
            Some(Attribute::Latency) => {
                if let Some(millis) = recognise::millis(value, Form::Millis) {
                    batch.latency(millis);
                }
            }
            // a template as the log names it; everything else is a path
            Some(Attribute::Route) if field.name == "route" => batch.set(Attribute::Route, value),
            Some(attribute) => batch.row.copy(meaning(attribute), value),
        }
    }
}

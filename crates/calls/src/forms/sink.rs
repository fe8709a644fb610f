//! What a reader tells of one entry, field by field: into a row of slices (quick) or into a [`Record`] (complete). Readers
//! are written once for both.

use super::{moment, scan};
use crate::recognise::{Meaning, slot};
use crate::{Attribute, Field, Kind, Record};

/// Takes the fields of one entry in order. The first value of an attribute counts; absent ones (`-`) do not.
pub(super) trait Sink<'a> {
    /// A time as written.
    fn time(&mut self, name: &str, written: &'a [u8]);
    /// A time that was put together from several fields.
    fn moment(&mut self, name: &str, at: i64, written: &'a [u8]);
    /// A status as written; what is no status tells that no answer was sent.
    fn status(&mut self, name: &str, written: &'a [u8]);
    /// A value of an attribute.
    fn text(&mut self, name: &str, attribute: Attribute, value: &'a [u8]);
    /// A duration in milliseconds: latency or that of the upstream.
    fn millis(&mut self, name: &str, attribute: Attribute, millis: f64);
    /// A field that triage has no use for.
    fn other(&mut self, name: &str, value: &'a [u8]);
    /// What kind of entry it is, where its fields do not show it.
    fn kind(&mut self, kind: Kind);
    /// A field whose name was recognised.
    fn named(&mut self, name: &str, meaning: Meaning, value: &'a [u8]);
    /// As [`Sink::named`], for a value that does not stand in the line as it is meant.
    fn copied(&mut self, name: &str, meaning: Meaning, value: &[u8]);
    /// A dimension that is no attribute.
    fn own(&mut self, name: &str, value: &[u8]);
    /// The entry stands for `total` calls, of which `failed` failed.
    fn counts(&mut self, total: u64, failed: u64);
}

impl Record {
    fn push(&mut self, name: &str, attribute: Option<Attribute>, value: &[u8]) {
        let value = String::from_utf8_lossy(value).into_owned();
        self.fields.push(Field { name: name.to_owned(), attribute, value });
    }
}

impl<'a> Sink<'a> for Record {
    fn time(&mut self, name: &str, written: &'a [u8]) {
        self.time = self.time.or_else(|| moment::parse(written));
        self.push(name, Some(Attribute::Time), written);
    }

    fn moment(&mut self, name: &str, at: i64, written: &'a [u8]) {
        self.time = self.time.or(Some(at));
        self.push(name, Some(Attribute::Time), written);
    }

    fn status(&mut self, name: &str, written: &'a [u8]) {
        self.push(name, Some(Attribute::Status), written);
    }

    fn text(&mut self, name: &str, attribute: Attribute, value: &'a [u8]) {
        self.push(name, (!scan::is_absent(value)).then_some(attribute), value);
    }

    fn millis(&mut self, name: &str, attribute: Attribute, millis: f64) {
        self.push(name, Some(attribute), millis_text(millis).as_bytes());
    }

    fn other(&mut self, name: &str, value: &'a [u8]) {
        self.push(name, None, value);
    }

    fn kind(&mut self, kind: Kind) {
        self.kind = kind;
    }

    fn named(&mut self, name: &str, meaning: Meaning, value: &'a [u8]) {
        self.copied(name, meaning, value);
    }

    fn copied(&mut self, name: &str, meaning: Meaning, value: &[u8]) {
        if meaning.slot == slot::of(Attribute::Time) && self.time.is_none() {
            self.time = moment::parse(value);
        }
        self.push(name, meaning.attribute().filter(|_| !scan::is_absent(value)), value);
    }

    fn own(&mut self, name: &str, value: &[u8]) {
        self.push(name, None, value);
    }

    fn counts(&mut self, _: u64, _: u64) {}
}

/// A duration with its unit, to the microsecond.
pub(super) fn millis_text(millis: f64) -> String {
    format!("{}ms", (millis * 1000.0).round() / 1000.0)
}

//! Tables with a header: CSV, TSV and the like, one call a record, or counts of calls ([`Counted`]).
//!
//! A quoted cell may have line breaks, so a chunk must end where [`Table::whole`] says that nothing is open.

mod cells;
mod learn;

pub(super) use learn::learn;

use super::sink::Sink;
use crate::recognise::{Form, Meaning, slot};
use crate::{Attribute, Kind, Record};
use cells::{CELLS, Cell};

/// Delimiter and columns of one table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    delimiter: u8,
    header: Vec<u8>,
    columns: Vec<Column>,
    counted: Option<Counted>,
    /// Columns of the day and of the time of day, where they stand apart.
    split: Option<(usize, usize)>,
    /// Some cells are quoted, and may have line breaks.
    pub quotes: bool,
    /// What the user asked for and the table has not.
    pub problem: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Column {
    name: String,
    what: What,
}

impl Column {
    fn is(&self, attribute: Attribute) -> bool {
        matches!(self.what, What::Is(meaning) if meaning.slot == slot::of(attribute))
    }
}

/// What a column is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Is(Meaning),
    /// A dimension of its own.
    Own,
    /// One of the two counts.
    Count,
    Other,
}

/// Columns of the number of calls that a record stands for, and of those that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counted {
    total: usize,
    failed: usize,
}

fn meaning(attribute: Attribute) -> Meaning {
    Meaning { slot: slot::of(attribute), form: Form::Plain, rank: 0 }
}

/// What came of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It was told.
    Row,
    /// It is the header again, or empty.
    Aside,
    /// It cannot be one, for this reason.
    Not(&'static str),
}

impl Table {
    /// What a person calls it.
    pub fn word(&self) -> &'static str {
        match (self.counted.is_some(), self.delimiter) {
            (true, _) => "table of counts",
            (false, b'\t') => "tsv",
            (false, _) => "csv",
        }
    }

    /// Where the last whole record of `bytes` ends, which begin where one begins; 0 for none.
    pub fn whole(bytes: &[u8]) -> usize {
        cells::whole(bytes)
    }

    /// A record as one JSON object: alone, without its header, it would say nothing.
    pub fn sample(&self, record: &[u8]) -> Vec<u8> {
        let mut out = [Cell::default(); CELLS];
        let count = cells::cells(record, self.delimiter, &mut out);
        let text = |bytes: &[u8]| serde_json::Value::String(String::from_utf8_lossy(bytes).into_owned()).to_string();
        let members: Vec<String> = self
            .columns
            .iter()
            .zip(&out[..count])
            .map(|(column, cell)| format!("{}:{}", text(column.name.as_bytes()), text(&cell.value())))
            .collect();
        format!("{{{}}}", members.join(",")).into_bytes()
    }

    /// The record at the start of `text`, and where the next one begins.
    pub fn record(text: &[u8]) -> (&[u8], usize) {
        cells::record(text)
    }

    /// Call or event, by what a record says.
    pub fn kind(&self, record: &Record) -> Kind {
        let has = |attribute| record.get(attribute).is_some();
        let called = has(Attribute::Method) || has(Attribute::Latency);
        if self.counted.is_some() || has(Attribute::Status) || called && has(Attribute::Route) {
            Kind::Call
        } else {
            Kind::Event
        }
    }

    /// True for the header, which may come again where tables were put together, and for what is empty.
    pub fn is_aside(&self, record: &[u8]) -> bool {
        let bare = record.strip_prefix(b"\xef\xbb\xbf").unwrap_or(record);
        bare.trim_ascii().is_empty() || bare == self.header || bare.starts_with(b"sep=") && bare.len() == 5
    }

    /// Tells of one record.
    pub(in crate::forms) fn visit<'a>(&self, record: &'a [u8], sink: &mut impl Sink<'a>) -> Told {
        if self.is_aside(record) {
            return Told::Aside;
        }
        let mut out = [Cell::default(); CELLS];
        let mut count = cells::cells(record, self.delimiter, &mut out);
        // a delimiter may end every record
        if count == self.columns.len() + 1 && out[count - 1].text.is_empty() {
            count -= 1;
        }
        if count != self.columns.len() {
            return Told::Not(if count < self.columns.len() { "too few cells" } else { "too many cells" });
        }
        if let Some(counts) = self.counted {
            let whole = |at: usize| super::scan::number(out[at].text).filter(|n| n.fract() == 0.0);
            let (Some(total), Some(failed)) = (whole(counts.total), whole(counts.failed)) else {
                return Told::Not("the counts are no whole numbers");
            };
            if failed > total {
                return Told::Not("more failed than there were");
            }
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and not negative")]
            sink.counts(total as u64, failed as u64);
        }
        if let Some((date, clock)) = self.split {
            let mut both = [b' '; 40];
            let (date, clock) = (out[date].text, out[clock].text);
            let length = date.len() + 1 + clock.len();
            if let Some(whole) = both.get_mut(..length) {
                whole[..date.len()].copy_from_slice(date);
                whole[date.len() + 1..].copy_from_slice(clock);
                if let Some(at) = super::moment::parse(whole) {
                    sink.moment("date time", at, date);
                }
            }
        }
        for (column, cell) in self.columns.iter().zip(&out[..count]) {
            match column.what {
                What::Is(meaning) if cell.doubled => sink.copied(&column.name, meaning, &cell.value()),
                What::Is(meaning) => sink.named(&column.name, meaning, cell.text),
                What::Own => sink.own(&column.name, &cell.value()),
                What::Count | What::Other => sink.other(&column.name, cell.text),
            }
        }
        Told::Row
    }
}

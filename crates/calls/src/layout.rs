//! What the form of an input is: learnt from its beginning, then the same for every thread that reads a part of it.

use crate::{Attribute, Batch, Record};

/// What the user said about the fields.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--map field=attribute`: by the name as written.
    pub map: Vec<(String, Attribute)>,
    /// `--total COLUMN` of a pre-aggregated table.
    pub total: Option<String>,
    /// `--failed COLUMN` of a pre-aggregated table.
    pub failed: Option<String>,
    /// A year for times that have none; taken from the newest file, so that no clock is read here.
    pub year: Option<i32>,
}

/// The form of one input.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// `ndjson`, `logfmt`, `access log`, `csv`, …
    pub form: String,
    /// The service of its lines where no field says: from the name of the file.
    pub service: String,
}

impl Layout {
    /// Looks at the first bytes of an input (up to 256 KiB, whole lines) and its name.
    #[must_use]
    pub fn learn(beginning: &[u8], name: &str, settings: &Settings) -> Self {
        let _ = (beginning, settings);
        Self { form: String::new(), service: name.to_owned() }
    }

    /// One line as its fields; `None` when nothing can be made of it.
    #[must_use]
    pub fn record(&self, line: &str) -> Option<Record> {
        let _ = line;
        None
    }

    /// Whether it can be read in parts that begin at any line: not where a record may hold line breaks.
    #[must_use]
    pub const fn splittable(&self) -> bool {
        true
    }

    /// Where the last whole record of `bytes`, which begin where a record begins, ends; 0 when there is none.
    #[must_use]
    pub fn whole(&self, bytes: &[u8]) -> usize {
        memchr::memrchr(b'\n', bytes).map_or(0, |at| at + 1)
    }

    /// Reads whole lines into a batch. `part` orders what different threads read of one input.
    pub fn read(&self, chunk: &[u8], at: Part, batch: &mut Batch) {
        let _ = (chunk, at, batch);
    }
}

/// Which part of which input a chunk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// Index of the input.
    pub input: u32,
    /// Index of the chunk in it. Line numbers are counted per chunk and put together when batches are merged.
    pub chunk: u32,
}

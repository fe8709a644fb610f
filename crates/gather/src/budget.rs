//! The tables of all rounds, kept below the memory that they may take.

use crate::sources::Source;
use firstfault_calls::{Calls, Settings};

/// Bytes that a row takes in a batch, about.
const ROW: f64 = 160.0;

/// Tables so far.
pub(crate) struct Budget {
    memory: usize,
    tables: Vec<Calls>,
}

impl Budget {
    pub(crate) fn new(memory: usize) -> Self {
        Self { memory, tables: Vec::new() }
    }

    /// How many rows a round may read: a third of the memory is for batches.
    #[expect(clippy::cast_precision_loss, reason = "an estimate of rows")]
    pub(crate) fn round(&self) -> f64 {
        (self.memory as f64 / 3.0 / ROW).max(10_000.0)
    }

    pub(crate) fn push(&mut self, table: Calls) {
        self.tables.push(table);
    }

    /// Reads a Parquet file.
    pub(crate) fn table(&mut self, source: &Source, input: u32, settings: &Settings) -> Result<(), String> {
        let _ = (source, input, settings);
        Err("Parquet files are not read yet".to_owned())
    }

    pub(crate) fn finish(self) -> Calls {
        firstfault_calls::join(self.tables)
    }
}

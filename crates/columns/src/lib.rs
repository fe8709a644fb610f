//! The `calls` table as Arrow record batches and Parquet files: one documented schema (`docs/calls.md`), written and read
//! back; and Parquet files of others as lines of JSON, so that their columns are recognised as every other field is.
//!
//! What fields mean to a verdict is not known here: verdicts come in as words per shape. Nothing is written that did not
//! pass the redactor that the caller hands in.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod about;
mod foreign;
mod saved;
mod schema;
#[cfg(test)]
mod tests;
mod write;

pub use foreign::JsonLines;
pub use saved::Saved;
pub use schema::SCHEMA;
pub use write::{Verdict, write};

use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::reader::ChunkReader;

/// Rows of one record batch.
const BATCH: usize = 1 << 16;

/// A Parquet file.
pub enum Table {
    /// One that [`write()`] made.
    Saved(Box<Saved>),
    /// One that others made.
    Foreign(Box<JsonLines>),
}

/// Opens a Parquet file.
///
/// # Errors
/// When it is none, is cut, or is packed in a way that is not read.
pub fn open<R: ChunkReader + 'static>(file: R) -> Result<Table, String> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(file).map_err(|e| format!("is no whole Parquet file: {e}"))?;
    let metadata = builder.metadata().file_metadata();
    let about = metadata.key_value_metadata().into_iter().flatten().find(|pair| pair.key == about::KEY);
    // What cannot be read back as it was saved is still a table with columns.
    let about = about.and_then(|pair| pair.value.as_deref()).and_then(about::About::parse);
    let reader = builder.with_batch_size(BATCH).build().map_err(|e| format!("expected readable columns, got {e}"))?;
    Ok(match about {
        Some(about) => Table::Saved(Box::new(Saved::new(reader, about))),
        None => Table::Foreign(Box::new(JsonLines::new(reader))),
    })
}

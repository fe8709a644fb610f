//! The table as a Parquet file, a bounded piece at a time.

use crate::BATCH;
use crate::about::{self, About};
use crate::schema::{self, REQUEST, TRACE, WORDS};
use arrow_array::types::{Int32Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float32Array, Int32Array, PrimitiveArray, RecordBatch, StringArray,
    TimestampMillisecondArray, UInt8Array, UInt32Array,
};
use firstfault_calls::{Attribute, Calls, Dimension, NO_TIME, Shape};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

/// Rows of one row group: what the writer holds, and what a reader can skip.
const GROUP: usize = 1 << 20;

/// Bytes of one dictionary: a million addresses.
const DICTIONARY: usize = 32 << 20;

/// What was judged of a shape, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it failed.
    pub failed: bool,
    /// What kind; empty for none.
    pub bucket: String,
    /// Which layer failed first; empty for none.
    pub layer: String,
    /// Cause id; empty for none.
    pub cause: String,
    /// The signature that its calls are grouped under; empty for none.
    pub signature: String,
    /// The message with what varies left out; empty for none.
    pub template: String,
}

/// Writes the table with the verdict of each shape. Every text passes `safe`, which takes secrets out.
///
/// # Errors
/// When `out` takes no more, or there are not as many verdicts as shapes.
pub fn write<W: Write + Send>(
    calls: &Calls,
    verdicts: &[Verdict],
    safe: &mut dyn FnMut(&str) -> String,
    out: W,
) -> Result<(), String> {
    if verdicts.len() != calls.shapes.len() {
        return Err(format!("expected a verdict for each of {} shapes, got {}", calls.shapes.len(), verdicts.len()));
    }
    let (schema, further) = schema::schema(calls);
    let about = KeyValue::new(about::KEY.to_owned(), About::text(calls, &further, safe));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        // Users and addresses too are stored once per row group.
        .set_dictionary_page_size_limit(DICTIONARY)
        // Hashes do not repeat, and times hardly.
        .set_column_dictionary_enabled(REQUEST.into(), false)
        .set_column_dictionary_enabled(TRACE.into(), false)
        .set_column_dictionary_enabled(schema::TIME.into(), false)
        .set_column_encoding(schema::TIME.into(), parquet::basic::Encoding::DELTA_BINARY_PACKED)
        .set_key_value_metadata(Some(vec![about]))
        .build();
    let failure = |e: parquet::errors::ParquetError| format!("could not be written: {e}");
    let mut writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties)).map_err(failure)?;
    let columns = Columns::new(calls, verdicts, &further, safe);
    for start in (0..calls.rows).step_by(BATCH) {
        let arrays = columns.arrays(start..(start + BATCH).min(calls.rows))?;
        let batch =
            RecordBatch::try_new(Arc::clone(&schema), arrays).map_err(|e| format!("could not be written: {e}"))?;
        writer.write(&batch).map_err(failure)?;
    }
    writer.close().map_err(failure)?;
    Ok(())
}

/// Dictionaries made once for all batches.
struct Columns<'a> {
    calls: &'a Calls,
    failed: Vec<bool>,
    words: Vec<ByShape>,
    dimensions: Vec<(Option<&'a Dimension>, Arc<StringArray>)>,
}

/// A word of each shape, as a dictionary.
struct ByShape {
    keys: Vec<Option<i32>>,
    values: Arc<StringArray>,
}

impl<'a> Columns<'a> {
    fn new(
        calls: &'a Calls,
        verdicts: &[Verdict],
        further: &[(String, String)],
        safe: &mut dyn FnMut(&str) -> String,
    ) -> Self {
        let word = |name: &str, shape: &Shape, verdict: &Verdict| -> String {
            match name {
                "kind" => about::kind(shape.kind).to_owned(),
                "error_code" => shape.error_code.clone(),
                "template" => verdict.template.clone(),
                "mark" => shape.mark.clone(),
                "bucket" => verdict.bucket.clone(),
                "layer" => verdict.layer.clone(),
                "cause" => verdict.cause.clone(),
                _ => verdict.signature.clone(),
            }
        };
        let words = WORDS.iter().map(|name| {
            ByShape::new(calls.shapes.iter().zip(verdicts).map(|(shape, verdict)| word(name, shape, verdict)), safe)
        });
        let words = words.collect();
        let canonical = Attribute::DIMENSIONS.iter().map(|a| calls.dimension(*a));
        let own =
            further.iter().map(|(_, name)| calls.dimensions.iter().find(|d| d.attribute.is_none() && d.name == *name));
        let dimensions = canonical.chain(own).map(|dimension| {
            let values = dimension.map(|d| d.values.as_slice()).unwrap_or_default();
            (dimension, Arc::new(StringArray::from_iter_values(values.iter().map(|v| safe(v)))))
        });
        Self { calls, failed: verdicts.iter().map(|v| v.failed).collect(), words, dimensions: dimensions.collect() }
    }

    fn arrays(&self, rows: Range<usize>) -> Result<Vec<ArrayRef>, String> {
        let calls = self.calls;
        let shapes = &calls.shape[rows.clone()];
        let time = calls.time[rows.clone()].iter().map(|t| (*t != NO_TIME).then_some(*t));
        let latency = calls.latency[rows.clone()].iter().map(|l| (!l.is_nan()).then_some(*l));
        let attempt = calls.attempt[rows.clone()].iter().map(|a| (*a != 0).then_some(*a));
        let status = calls.status[rows.clone()].iter().map(|s| (*s != 0).then_some(*s));
        let weight: UInt32Array = rows.clone().map(|row| calls.weight.get(row).copied().unwrap_or(1)).collect();
        let hash = |hashes: &[u64]| -> PrimitiveArray<UInt64Type> {
            rows.clone().map(|row| hashes.get(row).copied().filter(|h| *h != 0)).collect()
        };
        let failed: BooleanArray = shapes.iter().map(|s| self.failed.get(*s as usize).copied()).collect();
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(time.collect::<TimestampMillisecondArray>().with_timezone("UTC")),
            Arc::new(status.collect::<PrimitiveArray<UInt16Type>>()),
            Arc::new(latency.collect::<Float32Array>()),
            Arc::new(attempt.collect::<UInt8Array>()),
            Arc::new(weight),
            Arc::new(hash(&calls.request)),
            Arc::new(hash(&calls.trace)),
            Arc::new(shapes.iter().copied().map(Some).collect::<PrimitiveArray<UInt32Type>>()),
            Arc::new(failed),
        ];
        for words in &self.words {
            let keys: Int32Array = shapes.iter().map(|s| words.keys.get(*s as usize).copied().flatten()).collect();
            arrays.push(dictionary(keys, &words.values)?);
        }
        for (dimension, values) in &self.dimensions {
            let keys: Int32Array = rows
                .clone()
                .map(|row| {
                    dimension.map(|d| d.codes.get(row)).filter(|code| *code != 0).and_then(|c| i32::try_from(c).ok())
                })
                .collect();
            arrays.push(dictionary(keys, values)?);
        }
        Ok(arrays)
    }
}

fn dictionary(keys: Int32Array, values: &Arc<StringArray>) -> Result<ArrayRef, String> {
    let values: ArrayRef = Arc::<StringArray>::clone(values);
    let array =
        DictionaryArray::<Int32Type>::try_new(keys, values).map_err(|e| format!("could not be written: {e}"))?;
    Ok(Arc::new(array))
}

impl ByShape {
    fn new(words: impl Iterator<Item = String>, safe: &mut dyn FnMut(&str) -> String) -> Self {
        let mut known = BTreeMap::new();
        let mut values = Vec::new();
        let keys = words.map(|word| {
            if word.is_empty() {
                return None;
            }
            let key = *known.entry(word).or_insert_with_key(|word| {
                values.push(safe(word));
                values.len() - 1
            });
            i32::try_from(key).ok()
        });
        let keys = keys.collect();
        Self { keys, values: Arc::new(StringArray::from(values)) }
    }
}

//! A saved table read back: rows, dictionaries and shapes as they were.

use crate::about::About;
use crate::schema::{ATTEMPT, LATENCY, REQUEST, SHAPE, STATUS, TIME, TRACE, WEIGHT};
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, TimestampMillisecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array as _, ArrayRef, PrimitiveArray, RecordBatch, StringArray};
use firstfault_calls::{Attribute, Calls, Codes, Dimension, Input, NO_TIME, Shape};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows handed out at once, about.
const PIECE: usize = 1 << 20;

/// A table that [`crate::write`] made.
pub struct Saved {
    reader: ParquetRecordBatchReader,
    about: About,
    /// The first piece carries what is known about the whole.
    begun: bool,
}

impl Saved {
    pub(crate) const fn new(reader: ParquetRecordBatchReader, about: About) -> Self {
        Self { reader, about, begun: false }
    }

    /// What the table was made from.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.about.inputs
    }

    /// All shapes.
    #[must_use]
    pub fn shapes(&self) -> &[Shape] {
        &self.about.shapes
    }
}

impl Iterator for Saved {
    type Item = Result<Calls, String>;

    /// The next rows, up to about a million. All pieces have all shapes; the inputs are in the first alone.
    fn next(&mut self) -> Option<Self::Item> {
        let mut piece = Piece::new(&self.about);
        while piece.calls.rows < PIECE {
            match self.reader.next() {
                None if piece.calls.rows == 0 && self.begun => return None,
                None => break,
                Some(Err(error)) => return Some(Err(format!("ends in the middle: {error}"))),
                Some(Ok(batch)) => {
                    if let Err(problem) = piece.add(&batch) {
                        return Some(Err(problem));
                    }
                }
            }
        }
        let mut calls = piece.finish();
        calls.shapes.clone_from(&self.about.shapes);
        if !std::mem::replace(&mut self.begun, true) {
            calls.inputs.clone_from(&self.about.inputs);
        }
        Some(Ok(calls))
    }
}

/// Rows of several batches.
struct Piece<'a> {
    about: &'a About,
    calls: Calls,
    dimensions: Vec<Words>,
}

/// One dimension, values in the order in which they came.
struct Words {
    column: String,
    name: String,
    attribute: Option<Attribute>,
    known: HashMap<String, u32>,
    codes: Vec<u32>,
    /// The dictionary that came last and the codes of its values: batches of one row group share it.
    last: Option<(ArrayRef, Vec<u32>)>,
}

impl<'a> Piece<'a> {
    fn new(about: &'a About) -> Self {
        let words = |column: &str, name: &str, attribute| Words {
            column: column.to_owned(),
            name: name.to_owned(),
            attribute,
            known: HashMap::from([(String::new(), 0)]),
            codes: Vec::new(),
            last: None,
        };
        let canonical = Attribute::DIMENSIONS.iter().map(|a| words(a.word(), a.word(), Some(*a)));
        let further = about.further.iter().map(|(column, name)| words(column, name, None));
        Self { about, calls: Calls::default(), dimensions: canonical.chain(further).collect() }
    }

    fn add(&mut self, batch: &RecordBatch) -> Result<(), String> {
        let calls = &mut self.calls;
        calls.time.extend(values::<TimestampMillisecondType>(batch, TIME, NO_TIME)?);
        calls.status.extend(values::<UInt16Type>(batch, STATUS, 0)?);
        calls.latency.extend(values::<Float32Type>(batch, LATENCY, f32::NAN)?);
        calls.attempt.extend(values::<UInt8Type>(batch, ATTEMPT, 0)?);
        calls.weight.extend(values::<UInt32Type>(batch, WEIGHT, 1)?);
        calls.request.extend(values::<UInt64Type>(batch, REQUEST, 0)?);
        calls.trace.extend(values::<UInt64Type>(batch, TRACE, 0)?);
        let shapes = values::<UInt32Type>(batch, SHAPE, u32::MAX)?;
        if let Some(wrong) = shapes.iter().find(|s| **s as usize >= self.about.shapes.len()) {
            return Err(format!(
                "expected a shape below {}, got {wrong}: the file was changed",
                self.about.shapes.len()
            ));
        }
        calls.shape.extend(shapes);
        for words in &mut self.dimensions {
            words.add(column(batch, &words.column)?)?;
        }
        calls.rows += batch.num_rows();
        Ok(())
    }

    fn finish(self) -> Calls {
        let mut calls = self.calls;
        if calls.weight.iter().all(|w| *w == 1) {
            calls.weight = Vec::new();
        }
        for hashes in [&mut calls.request, &mut calls.trace] {
            if hashes.iter().all(|h| *h == 0) {
                *hashes = Vec::new();
            }
        }
        calls.dimensions = self.dimensions.into_iter().filter_map(Words::finish).collect();
        calls
    }
}

impl Words {
    fn add(&mut self, array: &ArrayRef) -> Result<(), String> {
        let wrong = || format!("expected text in column {}, got {}", self.column, array.data_type());
        // The keys of this batch → codes of the piece, each value looked up once.
        if let Some(dictionary) = array.as_dictionary_opt::<arrow_array::types::Int32Type>() {
            let same = |last: &(ArrayRef, Vec<u32>)| Arc::ptr_eq(&last.0, dictionary.values());
            if !self.last.as_ref().is_some_and(same) {
                let values = dictionary.values().as_string_opt::<i32>().ok_or_else(wrong)?;
                let codes = (0..values.len()).map(|at| Self::code(&mut self.known, values, at)).collect();
                self.last = Some((ArrayRef::clone(dictionary.values()), codes));
            }
            let codes = self.last.as_ref().map(|(_, codes)| codes.as_slice()).unwrap_or_default();
            let keys = dictionary.keys().iter();
            self.codes
                .extend(keys.map(|key| key.and_then(|k| codes.get(usize::try_from(k).ok()?)).copied().unwrap_or(0)));
        } else {
            let values = array.as_string_opt::<i32>().ok_or_else(wrong)?;
            self.codes.extend((0..values.len()).map(|at| Self::code(&mut self.known, values, at)));
        }
        Ok(())
    }

    fn code(known: &mut HashMap<String, u32>, values: &StringArray, at: usize) -> u32 {
        if values.is_null(at) {
            return 0;
        }
        let value = values.value(at);
        if let Some(code) = known.get(value) {
            return *code;
        }
        let code = u32::try_from(known.len()).unwrap_or(u32::MAX);
        known.insert(value.to_owned(), code);
        code
    }

    /// Values sorted, codes as narrow as they may be; `None` where no row says anything.
    fn finish(self) -> Option<Dimension> {
        if self.codes.iter().all(|c| *c == 0) {
            return None;
        }
        let mut values: Vec<(u128, String, u32)> =
            self.known.into_iter().map(|(value, code)| (beginning(&value), value, code)).collect();
        values.sort_unstable();
        let mut new = vec![0; values.len()];
        for (place, (_, _, old)) in values.iter().enumerate() {
            new[*old as usize] = u32::try_from(place).unwrap_or(u32::MAX);
        }
        let codes: Vec<u32> = self.codes.iter().map(|old| new[*old as usize]).collect();
        let codes = Codes::pack(&codes, values.len());
        Some(Dimension {
            name: self.name,
            attribute: self.attribute,
            values: values.into_iter().map(|(_, value, _)| value).collect(),
            codes,
        })
    }
}

/// The first bytes of a text as a number that sorts as they do: most values are told apart without looking at the text.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let count = text.len().min(16);
    bytes[..count].copy_from_slice(&text.as_bytes()[..count]);
    u128::from_be_bytes(bytes)
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, String> {
    batch.column_by_name(name).ok_or_else(|| format!("expected a column {name}, got none: the file was changed"))
}

fn values<T: ArrowPrimitiveType>(batch: &RecordBatch, name: &str, absent: T::Native) -> Result<Vec<T::Native>, String> {
    let array = column(batch, name)?;
    let array: &PrimitiveArray<T> = array
        .as_primitive_opt::<T>()
        .ok_or_else(|| format!("expected column {name} to be {}, got {}", T::DATA_TYPE, array.data_type()))?;
    Ok(array.iter().map(|v| v.unwrap_or(absent)).collect())
}

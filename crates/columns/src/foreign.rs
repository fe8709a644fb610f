//! A Parquet file of others as lines of JSON, one for each row: its columns are then recognised by name and content as the
//! fields of every log are, and a row has a line that can be judged.

use crate::BATCH;
use arrow_array::cast::AsArray as _;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal128Type, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use std::fmt::Write as _;
use std::io::{self, Read};

/// Lists and structures inside each other.
const DEPTH: usize = 16;

/// Items of one list.
const ITEMS: usize = 1_000;

/// The rows of a Parquet file as lines of JSON.
pub struct JsonLines {
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    /// Rows of the batch that were made.
    row: usize,
    made: String,
    given: usize,
}

impl JsonLines {
    pub(crate) const fn new(reader: ParquetRecordBatchReader) -> Self {
        Self { reader, batch: None, row: 0, made: String::new(), given: 0 }
    }

    /// Makes the next lines; false at the end.
    fn make(&mut self) -> io::Result<bool> {
        /// Rows made at once.
        const ROWS: usize = 512;
        self.made.clear();
        self.given = 0;
        while self.batch.as_ref().is_none_or(|b| self.row >= b.num_rows()) {
            self.row = 0;
            match self.reader.next() {
                None => return Ok(false),
                Some(Err(error)) => return Err(io::Error::other(format!("ends in the middle: {error}"))),
                Some(Ok(batch)) => self.batch = Some(batch),
            }
        }
        let Some(batch) = &self.batch else { return Ok(false) };
        let end = (self.row + ROWS).min(batch.num_rows()).min(self.row + BATCH);
        for row in self.row..end {
            line(batch, row, &mut self.made);
        }
        self.row = end;
        Ok(true)
    }
}

impl Read for JsonLines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.made.len() && !self.make()? {
            return Ok(0);
        }
        let made = &self.made.as_bytes()[self.given..];
        let count = buffer.len().min(made.len());
        buffer[..count].copy_from_slice(&made[..count]);
        self.given += count;
        Ok(count)
    }
}

fn line(batch: &RecordBatch, row: usize, out: &mut String) {
    out.push('{');
    let before = out.len();
    for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        if array.is_null(row) {
            continue;
        }
        if out.len() > before {
            out.push(',');
        }
        text(field.name(), out);
        out.push(':');
        value(array, row, 0, out);
    }
    out.push_str("}\n");
}

fn value(array: &ArrayRef, row: usize, depth: usize, out: &mut String) {
    if array.is_null(row) || depth > DEPTH {
        return out.push_str("null");
    }
    /// A number as it is written in JSON.
    macro_rules! number {
        ($kind:ty) => {
            write!(out, "{}", array.as_primitive::<$kind>().value(row)).unwrap_or_default()
        };
    }
    match array.data_type() {
        DataType::Boolean => out.push_str(if array.as_boolean().value(row) { "true" } else { "false" }),
        DataType::Int8 => number!(Int8Type),
        DataType::Int16 => number!(Int16Type),
        DataType::Int32 => number!(Int32Type),
        DataType::Int64 => number!(Int64Type),
        DataType::UInt8 => number!(UInt8Type),
        DataType::UInt16 => number!(UInt16Type),
        DataType::UInt32 => number!(UInt32Type),
        DataType::UInt64 => number!(UInt64Type),
        DataType::Float16 => float(f64::from(array.as_primitive::<Float16Type>().value(row)), out),
        DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row)), out),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row), out),
        DataType::Decimal128(_, scale) => decimal(array.as_primitive::<Decimal128Type>().value(row), *scale, out),
        DataType::Utf8 => text(array.as_string::<i32>().value(row), out),
        DataType::LargeUtf8 => text(array.as_string::<i64>().value(row), out),
        DataType::Utf8View => text(array.as_string_view().value(row), out),
        DataType::Binary => bytes(array.as_binary::<i32>().value(row), out),
        DataType::LargeBinary => bytes(array.as_binary::<i64>().value(row), out),
        DataType::BinaryView => bytes(array.as_binary_view().value(row), out),
        DataType::FixedSizeBinary(_) => hexadecimal(array.as_fixed_size_binary().value(row), out),
        DataType::Timestamp(unit, _) => timestamp(array, *unit, row, out),
        DataType::Date32 => {
            time(i64::from(array.as_primitive::<Date32Type>().value(row)).saturating_mul(86_400_000_000), out)
        }
        DataType::Date64 => time(array.as_primitive::<Date64Type>().value(row).saturating_mul(1_000), out),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary();
            // An empty dictionary has only rows that say nothing, and those were left above.
            let keys = if dictionary.values().is_empty() {
                Vec::new()
            } else {
                dictionary.slice(row, 1).as_any_dictionary().normalized_keys()
            };
            match keys.first() {
                Some(key) => value(dictionary.values(), *key, depth + 1, out),
                None => out.push_str("null"),
            }
        }
        DataType::Struct(fields) => {
            out.push('{');
            let before = out.len();
            for (field, array) in fields.iter().zip(array.as_struct().columns()) {
                if array.is_null(row) {
                    continue;
                }
                if out.len() > before {
                    out.push(',');
                }
                text(field.name(), out);
                out.push(':');
                value(array, row, depth + 1, out);
            }
            out.push('}');
        }
        DataType::List(_) => list(&array.as_list::<i32>().value(row), depth, out),
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row), depth, out),
        DataType::FixedSizeList(..) => list(&array.as_fixed_size_list().value(row), depth, out),
        DataType::Map(..) => {
            let entries = array.as_map().value(row);
            out.push('{');
            for at in 0..entries.len().min(ITEMS) {
                if at > 0 {
                    out.push(',');
                }
                match entries.column(0).as_string_opt::<i32>() {
                    Some(keys) => text(keys.value(at), out),
                    None => text(&at.to_string(), out),
                }
                out.push(':');
                value(entries.column(1), at, depth + 1, out);
            }
            out.push('}');
        }
        _ => out.push_str("null"),
    }
}

fn list(items: &ArrayRef, depth: usize, out: &mut String) {
    out.push('[');
    for at in 0..items.len().min(ITEMS) {
        if at > 0 {
            out.push(',');
        }
        value(items, at, depth + 1, out);
    }
    out.push(']');
}

fn float(value: f64, out: &mut String) {
    if value.is_finite() {
        write!(out, "{value}").unwrap_or_default();
    } else {
        out.push_str("null");
    }
}

fn decimal(value: i128, scale: i8, out: &mut String) {
    let scale = usize::try_from(scale).unwrap_or(0);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if value < 0 { "-" } else { "" };
    let point = if part.is_empty() { "" } else { "." };
    write!(out, "{sign}{whole}{point}{part}").unwrap_or_default();
}

fn timestamp(array: &ArrayRef, unit: TimeUnit, row: usize, out: &mut String) {
    let micros = match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().value(row).saturating_mul(1_000_000),
        TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().value(row).saturating_mul(1_000),
        TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().value(row),
        TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().value(row).div_euclid(1_000),
    };
    time(micros, out);
}

/// Microseconds since the Unix epoch as RFC 3339, so that no reader has to guess the unit.
fn time(micros: i64, out: &mut String) {
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a date of the Gregorian calendar, with years that begin in March (Howard Hinnant, `civil_from_days`).
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    write!(out, "\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z\"").unwrap_or_default();
}

fn bytes(value: &[u8], out: &mut String) {
    match std::str::from_utf8(value) {
        Ok(words) => text(words, out),
        Err(_) => hexadecimal(value, out),
    }
}

fn hexadecimal(value: &[u8], out: &mut String) {
    out.push('"');
    for byte in value {
        write!(out, "{byte:02x}").unwrap_or_default();
    }
    out.push('"');
}

/// A string of JSON.
fn text(words: &str, out: &mut String) {
    out.push('"');
    let mut done = 0;
    for (at, byte) in words.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&words[done..at]);
        done = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            other => write!(out, "\\u{other:04x}").unwrap_or_default(),
        }
    }
    out.push_str(&words[done..]);
    out.push('"');
}

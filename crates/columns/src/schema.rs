//! The columns of the `calls` table. `docs/calls.md` describes them for people who query it.

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use firstfault_calls::{Attribute, Calls};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Name and version of the schema; it is among the file's own key-value pairs.
pub const SCHEMA: &str = "firstfault/calls/1";

pub(crate) const TIME: &str = "time";
pub(crate) const STATUS: &str = "status";
pub(crate) const LATENCY: &str = "latency_ms";
pub(crate) const ATTEMPT: &str = "attempt";
pub(crate) const WEIGHT: &str = "weight";
pub(crate) const REQUEST: &str = "request_hash";
pub(crate) const TRACE: &str = "trace_hash";
pub(crate) const SHAPE: &str = "shape";
pub(crate) const FAILED: &str = "failed";

/// The words of a shape and of its verdict.
pub(crate) const WORDS: &[&str] = &["kind", "error_code", "template", "mark", "bucket", "layer", "cause", "signature"];

/// Text that repeats itself: stored once per row group.
pub(crate) fn text() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// All columns, and the further dimensions with the columns that they got.
pub(crate) fn schema(calls: &Calls) -> (Arc<Schema>, Vec<(String, String)>) {
    let mut fields = vec![
        Field::new(TIME, DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())), true),
        Field::new(STATUS, DataType::UInt16, true),
        Field::new(LATENCY, DataType::Float32, true),
        Field::new(ATTEMPT, DataType::UInt8, true),
        Field::new(WEIGHT, DataType::UInt32, false),
        Field::new(REQUEST, DataType::UInt64, true),
        Field::new(TRACE, DataType::UInt64, true),
        Field::new(SHAPE, DataType::UInt32, false),
        Field::new(FAILED, DataType::Boolean, false),
    ];
    fields.extend(WORDS.iter().map(|word| Field::new(*word, text(), true)));
    fields.extend(Attribute::DIMENSIONS.iter().map(|a| Field::new(a.word(), text(), true)));
    let mut taken: BTreeSet<String> = fields.iter().map(|f| f.name().clone()).collect();
    let mut further = Vec::new();
    for dimension in calls.dimensions.iter().filter(|d| d.attribute.is_none()) {
        let mut column = dimension.name.clone();
        while !taken.insert(column.clone()) {
            column.insert_str(0, "table_");
        }
        fields.push(Field::new(&column, text(), true));
        further.push((column, dimension.name.clone()));
    }
    (Arc::new(Schema::new(fields)), further)
}

//! The `calls` table: one row per call (or per group of like calls), in columns, values in dictionaries.

use crate::parallel::parallel;
use crate::{Attribute, Shape};

/// Many calls in columns. All columns have `rows` entries, but for those that say when they are empty.
///
/// Rows stand in the order of the inputs and of their lines, not in the order of time. Same inputs, same table,
/// whatever the number of threads.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    /// How many rows.
    pub rows: usize,
    /// When each began, in milliseconds since the Unix epoch; [`NO_TIME`] where the line does not say.
    pub time: Vec<i64>,
    /// Status code; 0 where there is none.
    pub status: Vec<u16>,
    /// Duration in milliseconds; NaN where the line does not say.
    pub latency: Vec<f32>,
    /// Which attempt, from 1; 0 where the line does not say.
    pub attempt: Vec<u8>,
    /// Hash of the request id (else of the idempotency key), 0 for none. Empty when no line has one.
    pub request: Vec<u64>,
    /// Hash of the trace id, 0 for none. Empty when no line has one.
    pub trace: Vec<u64>,
    /// How many calls the row stands for. Empty when every row is one call.
    pub weight: Vec<u32>,
    /// Which of `shapes` it is.
    pub shape: Vec<u32>,
    /// The attributes that calls can be grouped by, in the order of [`Attribute::DIMENSIONS`]; further ones of
    /// pre-aggregated tables behind them. Dimensions that no line has are left out.
    pub dimensions: Vec<Dimension>,
    /// Attributes of which some codes are no codes yet but hashes of values that are not named: only between reading and
    /// [`close`](crate::close), which makes `(others)` of them.
    pub open: Vec<Attribute>,
    /// What was seen, once per distinct shape.
    pub shapes: Vec<Shape>,
    /// What was read.
    pub inputs: Vec<Input>,
}

/// The time of a row that has none.
pub const NO_TIME: i64 = i64::MIN;

/// One input and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// As a person named it.
    pub name: String,
    /// What its form was taken for: `ndjson`, `logfmt`, `access log`, `csv`, …
    pub form: String,
    /// Lines (records of a table) in it.
    pub lines: u64,
    /// Lines that became rows.
    pub read: u64,
    /// Lines that belong to the entry before them (stack traces), that are headers or empty.
    pub aside: u64,
    /// Lines that nothing could be made of.
    pub unreadable: u64,
    /// A few of those, with their numbers from 1, each at most 200 characters.
    pub examples: Vec<(u64, String)>,
    /// What went wrong with the whole of it (cut in the middle, packed badly, not there).
    pub problems: Vec<String>,
}

/// One attribute of all rows.
#[derive(Clone, Debug)]
pub struct Dimension {
    /// Canonical name, or the column's own name in a pre-aggregated table.
    pub name: String,
    /// The canonical attribute; `None` for a table's own column.
    pub attribute: Option<Attribute>,
    /// Values by code, sorted; code 0 is "not said" and has an empty value. `(others)` stands for values that are not
    /// named: of many users or addresses those without a call that may have failed, and what a bound has no room for.
    pub values: Vec<String>,
    /// The code of each row.
    pub codes: Codes,
}

/// Codes of a dictionary, as narrow as its size allows.
#[derive(Clone, Debug)]
pub enum Codes {
    /// Up to 256 values.
    One(Vec<u8>),
    /// Up to 65,536 values.
    Two(Vec<u16>),
    /// More.
    Four(Vec<u32>),
}

impl Codes {
    /// Packs codes that are below `values`.
    #[must_use]
    pub fn pack(codes: &[u32], values: usize) -> Self {
        if values <= 1 << 8 {
            Self::One(codes.iter().map(|c| u8::try_from(*c).unwrap_or(0)).collect())
        } else if values <= 1 << 16 {
            Self::Two(codes.iter().map(|c| u16::try_from(*c).unwrap_or(0)).collect())
        } else {
            Self::Four(codes.to_vec())
        }
    }

    /// As [`Codes::pack`], keeping the memory where it is as wide as it must be.
    #[must_use]
    pub fn fit(codes: Vec<u32>, values: usize) -> Self {
        if values <= 1 << 16 { Self::pack(&codes, values) } else { Self::Four(codes) }
    }

    /// Bytes of one code.
    #[must_use]
    pub const fn width(&self) -> usize {
        match self {
            Self::One(_) => 1,
            Self::Two(_) => 2,
            Self::Four(_) => 4,
        }
    }

    /// The code of a row.
    #[must_use]
    #[inline]
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Self::One(codes) => u32::from(codes[row]),
            Self::Two(codes) => u32::from(codes[row]),
            Self::Four(codes) => codes[row],
        }
    }
}

impl Dimension {
    /// Whether some values are not named but stand together as `(others)`.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.values.binary_search_by(|value| value.as_str().cmp("(others)")).is_ok()
    }
}

impl Calls {
    /// Bytes that the table takes, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let of_dimension = |d: &Dimension| {
            let words: usize = d.values.iter().map(|v| v.capacity() + size_of::<String>()).sum();
            words + self.rows * d.codes.width()
        };
        let columns = self.time.len() * 8
            + self.status.len() * 2
            + (self.latency.len() + self.weight.len() + self.shape.len()) * 4
            + self.attempt.len()
            + (self.request.len() + self.trace.len()) * 8;
        let samples: usize = self.shapes.iter().map(|s| s.sample.len() + s.message.len() + size_of::<Shape>()).sum();
        columns + samples + self.dimensions.iter().map(of_dimension).sum::<usize>()
    }

    /// How many calls each shape stands for.
    #[must_use]
    pub fn calls_by_shape(&self) -> Vec<u64> {
        /// Rows that are worth a thread.
        const ROWS: usize = 250_000;
        let parts = (self.rows / ROWS).clamp(1, 8);
        let ranges = (0..parts).map(|part| self.rows * part / parts..self.rows * (part + 1) / parts).collect();
        let counted = parallel(ranges, |rows: std::ops::Range<usize>| {
            let mut calls = vec![0_u64; self.shapes.len()];
            for row in rows {
                if let Some(count) = calls.get_mut(self.shape[row] as usize) {
                    *count += self.weight(row);
                }
            }
            calls
        });
        counted.into_iter().fold(vec![0; self.shapes.len()], |mut sum, part| {
            sum.iter_mut().zip(part).for_each(|(sum, count)| *sum += count);
            sum
        })
    }

    /// How many calls a row stands for.
    #[must_use]
    #[inline]
    pub fn weight(&self, row: usize) -> u64 {
        self.weight.get(row).map_or(1, |w| u64::from(*w))
    }

    /// The dimension of an attribute.
    #[must_use]
    #[inline]
    pub fn dimension(&self, attribute: Attribute) -> Option<&Dimension> {
        self.dimensions.iter().find(|d| d.attribute == Some(attribute))
    }

    /// The dimension of a name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Dimension> {
        self.dimensions.iter().find(|d| d.name == name)
    }
}

//! What is grouped by → a number for each row, the same for rows that agree in all keys.

use crate::parallel::parallel;
use crate::{Attribute, Calls, Codes, NO_TIME};
use std::collections::HashMap;
use std::ops::Range;

/// The number of a row that is in no group.
pub(super) const NONE: u32 = u32::MAX;

/// Up to so many combinations of values have a place of their own in an array; more are found by hash.
const DIRECT: u64 = 1 << 22;

/// Something to group by.
#[derive(Clone, Copy, Debug)]
pub enum Key<'a> {
    /// A dimension, or `status`, `error_code`, `attempt`.
    Named(&'a str),
    /// When the call began, in steps of so many milliseconds; the value is the beginning of the step, in milliseconds
    /// since the Unix epoch.
    Time(i64),
    /// What the caller says of each shape, as a signature: which of the values it has.
    Shapes {
        /// The value of each shape.
        of: &'a [u32],
        /// All values.
        values: &'a [String],
    },
}

/// One key of all rows, as codes.
struct Column<'a> {
    codes: Source<'a>,
    values: Values<'a>,
    /// How many codes there are.
    size: u64,
}

enum Source<'a> {
    Codes(&'a Codes),
    /// A small number that stands in a table.
    Status(&'a [u16], Vec<u32>),
    Attempt(&'a [u8]),
    /// By the shape of the row.
    Shape(&'a [u32], Vec<u32>),
    Time {
        time: &'a [i64],
        first: i64,
        step: i64,
    },
}

enum Values<'a> {
    Words(&'a [String]),
    Owned(Vec<String>),
    Number,
    Time { first: i64, step: i64 },
}

pub(super) struct Keys<'a> {
    columns: Vec<Column<'a>>,
}

/// Numbers of all rows.
pub(super) struct Numbered {
    /// For each range of rows, the group of each row.
    pub(super) numbers: Vec<Vec<u32>>,
    /// The first row of each group.
    pub(super) firsts: Vec<u32>,
}

impl<'a> Keys<'a> {
    pub(super) fn new(calls: &'a Calls, by: &[Key<'a>]) -> Result<Self, String> {
        let columns: Result<Vec<_>, String> = by.iter().map(|key| column(calls, *key)).collect();
        Ok(Self { columns: columns? })
    }

    /// The values of a row.
    pub(super) fn values(&self, row: usize) -> Vec<String> {
        self.columns.iter().map(|c| c.value(c.code(row))).collect()
    }

    /// Numbers the rows that `counted` says. Groups are in the order of their codes.
    pub(super) fn number(&self, ranges: &[Range<usize>], counted: impl Fn(usize) -> bool + Sync) -> Numbered {
        let sizes = self.columns.iter().try_fold(1_u64, |product, c| product.checked_mul(c.size));
        match sizes.filter(|s| *s <= DIRECT).and_then(|s| usize::try_from(s).ok()) {
            Some(size) => self.direct(ranges, size, counted),
            None => self.hashed(ranges, counted),
        }
    }

    fn direct(&self, ranges: &[Range<usize>], size: usize, counted: impl Fn(usize) -> bool + Sync) -> Numbered {
        let mut parts = parallel(ranges.to_vec(), |range| {
            let mut numbers = vec![0_u32; range.len()];
            for column in &self.columns {
                column.fold(range.start, &mut numbers);
            }
            let mut firsts = vec![NONE; size];
            for (row, number) in range.zip(&mut numbers) {
                if counted(row) {
                    let first = &mut firsts[*number as usize];
                    *first = (*first).min(index(row));
                } else {
                    *number = NONE;
                }
            }
            (numbers, firsts)
        });
        let mut firsts = Vec::new();
        let mut groups = vec![NONE; size];
        for (place, group) in groups.iter_mut().enumerate() {
            let first = parts.iter().map(|(_, firsts)| firsts[place]).min().unwrap_or(NONE);
            if first != NONE {
                *group = index(firsts.len());
                firsts.push(first);
            }
        }
        let groups = &groups;
        parallel(parts.iter_mut().collect(), |(numbers, _)| {
            for number in numbers.iter_mut().filter(|n| **n != NONE) {
                *number = groups[*number as usize];
            }
        });
        Numbered { numbers: parts.into_iter().map(|(numbers, _)| numbers).collect(), firsts }
    }

    fn hashed(&self, ranges: &[Range<usize>], counted: impl Fn(usize) -> bool + Sync) -> Numbered {
        // Each thread numbers its own rows first, so that only its few groups are looked up again.
        let parts = parallel(ranges.to_vec(), |range| {
            let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
            let mut firsts = Vec::new();
            let mut codes = vec![0; self.columns.len()];
            let numbers: Vec<u32> = range
                .map(|row| {
                    if !counted(row) {
                        return NONE;
                    }
                    for (code, column) in codes.iter_mut().zip(&self.columns) {
                        *code = column.code(row);
                    }
                    if let Some(number) = known.get(&codes) {
                        return *number;
                    }
                    let number = index(firsts.len());
                    known.insert(codes.clone(), number);
                    firsts.push(row);
                    number
                })
                .collect();
            (numbers, firsts)
        });
        let mut all: Vec<(Vec<u32>, u32)> = Vec::new();
        let mut places: HashMap<Vec<u32>, usize> = HashMap::new();
        let mut known: Vec<Vec<usize>> = Vec::new();
        for (_, firsts) in &parts {
            let of_part = firsts.iter().map(|row| {
                let codes: Vec<u32> = self.columns.iter().map(|c| c.code(*row)).collect();
                *places.entry(codes.clone()).or_insert_with(|| {
                    all.push((codes, index(*row)));
                    all.len() - 1
                })
            });
            known.push(of_part.collect());
        }
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by(|a, b| all[*a].0.cmp(&all[*b].0));
        let mut rank = vec![0_u32; all.len()];
        for (place, group) in order.iter().enumerate() {
            rank[*group] = index(place);
        }
        let firsts = order.iter().map(|group| all[*group].1).collect();
        let numbers = parts.into_iter().zip(known).map(|((mut numbers, _), known)| {
            for number in numbers.iter_mut().filter(|n| **n != NONE) {
                *number = rank[known[*number as usize]];
            }
            numbers
        });
        Numbered { numbers: numbers.collect(), firsts }
    }
}

impl Column<'_> {
    fn code(&self, row: usize) -> u32 {
        match &self.codes {
            Source::Codes(codes) => codes.get(row),
            Source::Status(status, known) => known[usize::from(status[row])],
            Source::Attempt(attempt) => u32::from(attempt[row]),
            Source::Shape(shape, known) => known.get(shape[row] as usize).copied().unwrap_or(0),
            Source::Time { time, first, step } => step_of(time[row], *first, *step),
        }
    }

    /// Puts the codes of the rows from `start` on behind those of the columns before.
    fn fold(&self, start: usize, numbers: &mut [u32]) {
        let size = u32::try_from(self.size).unwrap_or(u32::MAX);
        let end = start + numbers.len();
        match &self.codes {
            Source::Codes(Codes::One(codes)) => fold(numbers, size, codes[start..end].iter().map(|c| u32::from(*c))),
            Source::Codes(Codes::Two(codes)) => fold(numbers, size, codes[start..end].iter().map(|c| u32::from(*c))),
            Source::Codes(Codes::Four(codes)) => fold(numbers, size, codes[start..end].iter().copied()),
            _ => fold(numbers, size, (start..end).map(|row| self.code(row))),
        }
    }

    fn value(&self, code: u32) -> String {
        match &self.values {
            Values::Words(words) => words.get(code as usize).cloned().unwrap_or_default(),
            Values::Owned(words) => words.get(code as usize).cloned().unwrap_or_default(),
            Values::Number if code == 0 => String::new(),
            Values::Number => code.to_string(),
            Values::Time { .. } if code == 0 => String::new(),
            Values::Time { first, step } => (first + (i64::from(code) - 1) * step).to_string(),
        }
    }
}

fn fold(numbers: &mut [u32], size: u32, codes: impl Iterator<Item = u32>) {
    for (number, code) in numbers.iter_mut().zip(codes) {
        *number = *number * size + code;
    }
}

fn column<'a>(calls: &'a Calls, key: Key<'a>) -> Result<Column<'a>, String> {
    match key {
        Key::Time(step) => Ok(time(calls, step.max(1))),
        Key::Shapes { of, values } => Ok(Column {
            codes: Source::Shape(&calls.shape, of.to_vec()),
            values: Values::Words(values),
            size: of.iter().max().map_or(1, |m| u64::from(*m) + 1),
        }),
        Key::Named(name) => named(calls, name),
    }
}

fn named<'a>(calls: &'a Calls, name: &str) -> Result<Column<'a>, String> {
    if let Some(dimension) = calls.named(name) {
        return Ok(Column {
            codes: Source::Codes(&dimension.codes),
            values: Values::Words(&dimension.values),
            size: dimension.values.len().max(1) as u64,
        });
    }
    match Attribute::from_word(name) {
        Some(Attribute::Status) => Ok(status(calls)),
        Some(Attribute::ErrorCode) => {
            let mut words: Vec<String> = calls.shapes.iter().map(|s| s.error_code.clone()).collect();
            words.push(String::new());
            words.sort();
            words.dedup();
            let of = calls.shapes.iter().map(|s| index(words.binary_search(&s.error_code).unwrap_or(0))).collect();
            let size = words.len() as u64;
            Ok(Column { codes: Source::Shape(&calls.shape, of), values: Values::Owned(words), size })
        }
        Some(Attribute::Attempt) => {
            Ok(Column { codes: Source::Attempt(&calls.attempt), values: Values::Number, size: 1 << 8 })
        }
        // A dimension that no line has: all rows are alike in it.
        Some(attribute) if Attribute::DIMENSIONS.contains(&attribute) => Ok(Column {
            codes: Source::Shape(&calls.shape, Vec::new()),
            values: Values::Owned(vec![String::new()]),
            size: 1,
        }),
        _ => {
            let there: Vec<&str> = calls.dimensions.iter().map(|d| d.name.as_str()).collect();
            Err(format!(
                "expected something to group by, got {name:?}; there are {}, status, error_code, attempt",
                there.join(", ")
            ))
        }
    }
}

fn status(calls: &Calls) -> Column<'_> {
    let mut seen = vec![false; 1 << 16];
    for status in &calls.status {
        seen[usize::from(*status)] = true;
    }
    // Code 0 is "not said", as in dictionaries.
    let mut words = vec![String::new()];
    let mut known = vec![0; 1 << 16];
    for (status, _) in seen.iter().enumerate().skip(1).filter(|(_, seen)| **seen) {
        known[status] = index(words.len());
        words.push(status.to_string());
    }
    let size = words.len() as u64;
    Column { codes: Source::Status(&calls.status, known), values: Values::Owned(words), size }
}

fn time(calls: &Calls, step: i64) -> Column<'_> {
    let times = || calls.time.iter().copied().filter(|t| *t != NO_TIME);
    let (first, last) = (times().min().unwrap_or(0).div_euclid(step) * step, times().max().unwrap_or(0));
    let steps = last.saturating_sub(first).div_euclid(step).unsigned_abs();
    let codes = Source::Time { time: &calls.time, first, step };
    Column { codes, values: Values::Time { first, step }, size: steps.saturating_add(2) }
}

fn step_of(time: i64, first: i64, step: i64) -> u32 {
    if time == NO_TIME {
        return 0;
    }
    u32::try_from(time.saturating_sub(first).div_euclid(step)).unwrap_or(u32::MAX - 2) + 1
}

fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE - 1)
}

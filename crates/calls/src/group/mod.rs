//! The one aggregation: rows of the table → groups of like calls, with failures, quantiles of latency, first and last.
//!
//! `docs/calls.md` says the same in SQL. Everything is exact but the quantiles of rows that were put together to save
//! memory ([`compact`](crate::compact)), which are within one per cent.

mod compact;
mod keys;
mod quantile;
#[cfg(test)]
mod tests;

pub use compact::{Coarser, compact, compacted_rows};
pub use keys::Key;
pub use quantile::rounded;

use crate::parallel::parallel;
use crate::{Calls, Kind, NO_TIME};
use keys::Keys;
use std::ops::Range;

/// Calls that agree in all that was grouped by.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The values, in the order of the keys; empty where the calls do not say.
    pub values: Vec<String>,
    /// How many calls.
    pub calls: u64,
    /// How many of them failed.
    pub failed: u64,
    /// The median latency in milliseconds: a value that occurs, as `quantile_disc` of DuckDB; `None` where no call says.
    pub p50: Option<f32>,
    /// The latency in milliseconds that 95 of 100 calls do not exceed.
    pub p95: Option<f32>,
    /// When the first call began, in milliseconds since the Unix epoch; `None` where no call says.
    pub first: Option<i64>,
    /// When the last one began.
    pub last: Option<i64>,
}

/// Which shapes failed as long as nothing was judged: by count of the table, or by a status from 400 on.
#[must_use]
pub fn by_status(calls: &Calls) -> Vec<bool> {
    calls.shapes.iter().map(|s| s.counted || s.status >= 400).collect()
}

/// Groups the calls by some keys. Events are left out: they are no calls.
///
/// `failed` says of each shape whether it failed. Groups come in the order of their keys' values.
///
/// # Errors
/// When a key is none that the table has: which, and which there are.
pub fn group(calls: &Calls, by: &[Key<'_>], failed: &[bool], threads: usize) -> Result<Vec<Group>, String> {
    let keys = Keys::new(calls, by)?;
    // Rows are numbered with 32 bits here; a table is far smaller than that in the memory it may take.
    let rows = calls.rows.min(u32::MAX as usize);
    let ranges = ranges(rows, threads);
    let counted: Vec<bool> = calls.shapes.iter().map(|s| s.kind == Kind::Call).collect();
    let numbered = keys.number(&ranges, |row| counted.get(calls.shape[row] as usize).copied().unwrap_or(true));
    let groups = numbered.firsts.len();
    let parts: Vec<Part> = parallel(ranges.iter().zip(&numbered.numbers).collect(), |(range, numbers)| {
        Part::read(calls, range.clone(), numbers, groups, failed)
    });
    let quantiles = parallel(self::ranges(groups, threads), |range| {
        let mut scratch = quantile::Scratch::default();
        range.map(|group| quantiles(&parts, group, &mut scratch)).collect::<Vec<_>>()
    });
    let quantiles = quantiles.into_iter().flatten();
    Ok(quantiles
        .zip(&numbered.firsts)
        .enumerate()
        .map(|(group, ((p50, p95), row))| {
            let tally = parts.iter().map(|p| &p.tallies[group]).fold(Tally::default(), |sum, t| sum.and(t));
            Group {
                values: keys.values(*row as usize),
                calls: tally.calls,
                failed: tally.failed,
                p50,
                p95,
                first: (tally.first != i64::MAX).then_some(tally.first),
                last: (tally.last != NO_TIME).then_some(tally.last),
            }
        })
        .collect())
}

fn quantiles(parts: &[Part], group: usize, scratch: &mut quantile::Scratch) -> (Option<f32>, Option<f32>) {
    scratch.clear();
    for part in parts {
        let range = part.starts[group] as usize..part.starts[group + 1] as usize;
        scratch.extend(&part.latencies[range.clone()], part.weights.get(range).unwrap_or_default());
    }
    let p95 = scratch.quantile(95);
    (scratch.quantile(50), p95)
}

/// Sums of one group.
#[derive(Clone, Copy, Debug)]
struct Tally {
    calls: u64,
    failed: u64,
    first: i64,
    last: i64,
    /// Rows that say how long they took.
    timed: u32,
}

impl Default for Tally {
    fn default() -> Self {
        Self { calls: 0, failed: 0, first: i64::MAX, last: NO_TIME, timed: 0 }
    }
}

impl Tally {
    fn and(self, other: &Self) -> Self {
        Self {
            calls: self.calls + other.calls,
            failed: self.failed + other.failed,
            first: self.first.min(other.first),
            last: self.last.max(other.last),
            timed: self.timed + other.timed,
        }
    }
}

/// What one thread made of its rows: sums, and the latencies group after group.
struct Part {
    tallies: Vec<Tally>,
    /// Where the latencies of each group begin; one more at the end.
    starts: Vec<u32>,
    latencies: Vec<f32>,
    /// Of the latencies; empty when every row is one call.
    weights: Vec<u32>,
}

impl Part {
    fn read(calls: &Calls, rows: Range<usize>, numbers: &[u32], groups: usize, failed: &[bool]) -> Self {
        let mut tallies = vec![Tally::default(); groups];
        let rows_of = |row: usize| calls.weight.get(row).map_or(1, |w| u64::from(*w));
        for (row, number) in rows.clone().zip(numbers) {
            if *number == keys::NONE {
                continue;
            }
            let tally = &mut tallies[*number as usize];
            let weight = rows_of(row);
            tally.calls += weight;
            if failed.get(calls.shape[row] as usize).copied().unwrap_or(false) {
                tally.failed += weight;
            }
            let time = calls.time[row];
            if time != NO_TIME {
                tally.first = tally.first.min(time);
                tally.last = tally.last.max(time);
            }
            tally.timed += u32::from(!calls.latency[row].is_nan());
        }
        let mut starts = Vec::with_capacity(groups + 1);
        let mut sum = 0;
        starts.push(0);
        for tally in &tallies {
            sum += tally.timed;
            starts.push(sum);
        }
        let mut next = starts.clone();
        let mut latencies = vec![0.0; sum as usize];
        let mut weights = if calls.weight.is_empty() { Vec::new() } else { vec![1; sum as usize] };
        for (row, number) in rows.zip(numbers) {
            let latency = calls.latency[row];
            if *number == keys::NONE || latency.is_nan() {
                continue;
            }
            let place = &mut next[*number as usize];
            latencies[*place as usize] = latency;
            if let Some(weight) = weights.get_mut(*place as usize) {
                *weight = calls.weight[row];
            }
            *place += 1;
        }
        Self { tallies, starts, latencies, weights }
    }
}

/// So many ranges that cover all, about equal.
fn ranges(all: usize, threads: usize) -> Vec<Range<usize>> {
    // A thread costs more than a few thousand rows.
    let parts = threads.clamp(1, 256).min(all.div_ceil(8_192)).max(1);
    (0..parts).map(|part| all * part / parts..all * (part + 1) / parts).collect()
}

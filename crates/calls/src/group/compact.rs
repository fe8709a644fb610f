//! Rows that hardly differ are put together where all rows would take too much memory: time in coarser steps, latency in
//! buckets, everything else as it was.

use super::rounded;
use crate::parallel::parallel;
use crate::{Calls, Codes, NO_TIME};
use std::mem::take;
use std::ops::Range;

/// Rows are put together within blocks of so many: lines that are near in time are near in the table, the search for like
/// rows stays in the cache, and blocks can be worked on at once.
const BLOCK: usize = 1 << 18;

/// How much coarser the rows become.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coarser {
    /// Time in steps of so many milliseconds; 0 leaves the rows as they are and takes only columns away.
    pub step: i64,
    /// Dimensions that are taken away, by name.
    pub without: Vec<String>,
}

/// Puts rows together that agree in the step of time, all remaining dimensions, status, shape, attempt and bucket of latency
/// ([`rounded`]). The hashes of requests and traces are taken away: no two rows share them.
#[must_use]
pub fn compact(mut calls: Calls, how: &Coarser, threads: usize) -> Calls {
    (calls.request, calls.trace) = (Vec::new(), Vec::new());
    calls.dimensions.retain(|d| !how.without.contains(&d.name));
    if how.step <= 0 || calls.rows == 0 {
        return calls;
    }
    let blocks = blocks(&calls, how, usize::MAX, threads);
    let firsts: Vec<u32> = blocks.iter().flat_map(|b| b.iter().map(|(row, _)| *row)).collect();
    calls.weight = blocks.iter().flat_map(|b| b.iter().map(|(_, weight)| *weight)).collect();
    drop(blocks);
    keep(&mut calls.time, &firsts);
    keep(&mut calls.latency, &firsts);
    keep(&mut calls.status, &firsts);
    keep(&mut calls.attempt, &firsts);
    keep(&mut calls.shape, &firsts);
    for dimension in &mut calls.dimensions {
        match &mut dimension.codes {
            Codes::One(codes) => keep(codes, &firsts),
            Codes::Two(codes) => keep(codes, &firsts),
            Codes::Four(codes) => keep(codes, &firsts),
        }
    }
    for time in calls.time.iter_mut().filter(|t| **t != NO_TIME) {
        *time = time.div_euclid(how.step) * how.step;
    }
    for latency in &mut calls.latency {
        *latency = rounded(*latency);
    }
    calls.rows = firsts.len();
    calls
}

/// How many rows of how many would be left, seen on some blocks of the table.
#[must_use]
pub fn compacted_rows(calls: &Calls, how: &Coarser, threads: usize) -> (usize, usize) {
    /// A million rows show what the rest is like.
    const SEEN: usize = 4;
    if how.step <= 0 {
        return (calls.rows, calls.rows);
    }
    let blocks = blocks(calls, how, SEEN, threads);
    (blocks.iter().map(Vec::len).sum(), calls.rows.min(SEEN * BLOCK))
}

/// The first row of each group of each block, and how many calls the group has.
fn blocks(calls: &Calls, how: &Coarser, limit: usize, threads: usize) -> Vec<Vec<(u32, u32)>> {
    let rows = calls.rows.min(u32::MAX as usize);
    let count = rows.div_ceil(BLOCK).min(limit);
    let ranges: Vec<Range<usize>> = (0..count).map(|b| b * BLOCK..((b + 1) * BLOCK).min(rows)).collect();
    let shares = ranges.chunks(count.div_ceil(threads.max(1)).max(1)).collect();
    let made = parallel(shares, |share: &[Range<usize>]| {
        let mut block = Block::new(calls, how);
        share.iter().map(|range| block.read(range.clone())).collect::<Vec<_>>()
    });
    made.into_iter().flatten().collect()
}

/// The groups of one block.
struct Block<'a> {
    calls: &'a Calls,
    how: &'a Coarser,
    codes: Vec<&'a Codes>,
    hashes: Vec<u64>,
    /// Open addressing: the number of a group and one more; 0 is free.
    places: Vec<u32>,
    groups: Vec<(u32, u32)>,
}

impl<'a> Block<'a> {
    fn new(calls: &'a Calls, how: &'a Coarser) -> Self {
        let kept = calls.dimensions.iter().filter(|d| !how.without.contains(&d.name));
        let places = vec![0; BLOCK * 2];
        Self { calls, how, codes: kept.map(|d| &d.codes).collect(), hashes: Vec::new(), places, groups: Vec::new() }
    }

    fn read(&mut self, range: Range<usize>) -> Vec<(u32, u32)> {
        self.hash(range.clone());
        self.places.fill(0);
        for row in range.clone() {
            let weight = self.calls.weight.get(row).copied().unwrap_or(1);
            let mut place = index(self.hashes[row - range.start] >> 32) & (BLOCK * 2 - 1);
            loop {
                let group = self.places[place] as usize;
                if group == 0 {
                    self.groups.push((narrow(row), weight));
                    self.places[place] = narrow(self.groups.len());
                    break;
                }
                let (first, sum) = self.groups[group - 1];
                let first = first as usize;
                let same = self.hashes[first - range.start] == self.hashes[row - range.start] && self.alike(first, row);
                if let Some(sum) = sum.checked_add(weight).filter(|_| same) {
                    self.groups[group - 1].1 = sum;
                    break;
                }
                place = (place + 1) & (BLOCK * 2 - 1);
            }
        }
        take(&mut self.groups)
    }

    fn step(&self, row: usize) -> i64 {
        self.calls.time[row].div_euclid(self.how.step)
    }

    fn alike(&self, one: usize, other: usize) -> bool {
        let calls = self.calls;
        calls.shape[one] == calls.shape[other]
            && calls.status[one] == calls.status[other]
            && calls.attempt[one] == calls.attempt[other]
            && self.step(one) == self.step(other)
            && rounded(calls.latency[one]).to_bits() == rounded(calls.latency[other]).to_bits()
            && self.codes.iter().all(|codes| codes.get(one) == codes.get(other))
    }

    /// Hashes of all rows of a block, column after column.
    fn hash(&mut self, range: Range<usize>) {
        let calls = self.calls;
        self.hashes.clear();
        for row in range.clone() {
            let small =
                u64::from(calls.shape[row]) << 24 | u64::from(calls.status[row]) << 8 | u64::from(calls.attempt[row]);
            let latency = u64::from(rounded(calls.latency[row]).to_bits());
            self.hashes.push(mix(mix(mix(0, small), latency), self.step(row).cast_unsigned()));
        }
        for codes in &self.codes {
            match codes {
                Codes::One(codes) => mix_all(&mut self.hashes, codes[range.clone()].iter().map(|c| u64::from(*c))),
                Codes::Two(codes) => mix_all(&mut self.hashes, codes[range.clone()].iter().map(|c| u64::from(*c))),
                Codes::Four(codes) => mix_all(&mut self.hashes, codes[range.clone()].iter().map(|c| u64::from(*c))),
            }
        }
    }
}

/// A multiplication spreads the bits; equal hashes are compared in full.
const fn mix(hash: u64, word: u64) -> u64 {
    (hash.rotate_left(25) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn mix_all(hashes: &mut [u64], words: impl Iterator<Item = u64>) {
    for (hash, word) in hashes.iter_mut().zip(words) {
        *hash = mix(*hash, word);
    }
}

/// Moves the rows that are kept to the front, and gives the rest back.
fn keep<T: Copy>(column: &mut Vec<T>, rows: &[u32]) {
    for (place, row) in rows.iter().enumerate() {
        column[place] = column[*row as usize];
    }
    column.truncate(rows.len());
    column.shrink_to_fit();
}

fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn index(hash: u64) -> usize {
    usize::try_from(hash).unwrap_or(0)
}

//! The small tables that the search works on: calls per slice and step, failing calls per group, slice and step.
//!
//! A slice is all calls, or those with one value of one dimension. A group is a set of failing shapes. Rows are passed
//! twice, on all threads: once over the failing ones to see which pairs of group and slice are worth a series, once over
//! all to count. Repeats (attempt 2 and above) are left out of both: the first attempt is what failed.

use super::clock::Clock;
use crate::parallel::{each, parts, queue};
use crate::spread::Spread;
use firstfault_calls::{Attribute, Calls, Codes, Dimension};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::ops::Range;

/// A pair of group and slice with fewer failing calls has no series of its own.
const FEW: u32 = 6;
/// Slices of one dimension: the values with the most failing calls.
const VALUES: usize = 48;
/// A dimension with more values (users, addresses) is not sliced by: its values are too small for series, and what
/// they have in common shows elsewhere.
const MANY: usize = 5_000;
/// Series of pairs.
const PAIRS: usize = 4_096;
/// Failing calls of one caller in one way within this time, in milliseconds, are one event: a person who tries again, a
/// program that runs into the same wall. Otherwise the bunches of a quiet hour would look like rises.
const BUNCH: i64 = 30_000;
/// Who calls: without one of these, callers cannot be told apart.
const CALLER: [Attribute; 3] = [Attribute::User, Attribute::ApiKey, Attribute::ClientIp];
/// What else must be equal for two failing calls to be of one bunch.
const ALIKE: [Attribute; 6] = [
    Attribute::Tenant,
    Attribute::Role,
    Attribute::ClientVersion,
    Attribute::Client,
    Attribute::Method,
    Attribute::Route,
];
/// No step, no slice.
const NONE: u16 = u16::MAX;

/// What the tables are made of.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The table of calls.
    pub calls: &'a Calls,
    /// By shape: whether it counts as a call.
    pub counts: &'a [bool],
    /// By shape: the groups it is in; none for a healthy one.
    pub groups: &'a [Vec<u16>],
    /// How many groups.
    pub group_count: usize,
    /// Rows of shapes that are in a group.
    pub failing: &'a [u32],
    /// Indices of the dimensions to slice by.
    pub dimensions: &'a [usize],
    /// Threads.
    pub threads: usize,
}

/// A group in a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Which group.
    pub group: usize,
    /// Which slice; 0 is all calls.
    pub slice: usize,
}

/// The small tables.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The steps.
    pub clock: Clock,
    /// Dimension and code of each slice; `None` for all calls, which is the first.
    pub slices: Vec<Option<(usize, u32)>>,
    /// The pairs that have a series.
    pub pairs: Vec<Pair>,
    calls: Vec<u32>,
    failed: Vec<u32>,
    step_of_row: Vec<u16>,
    slice_of: Vec<(usize, Vec<u16>)>,
    pair_of: Vec<u32>,
}

/// Calls `each` for every row of a range with its code.
fn codes(of: &Codes, rows: Range<usize>, mut each: impl FnMut(usize, usize)) {
    let begin = rows.start;
    match of {
        Codes::One(codes) => codes[rows].iter().enumerate().for_each(|(i, c)| each(begin + i, usize::from(*c))),
        Codes::Two(codes) => codes[rows].iter().enumerate().for_each(|(i, c)| each(begin + i, usize::from(*c))),
        Codes::Four(codes) => codes[rows].iter().enumerate().for_each(|(i, c)| each(begin + i, *c as usize)),
    }
}

fn add(parts: Vec<Vec<u32>>) -> Vec<u32> {
    let mut parts = parts.into_iter();
    let mut total = parts.next().unwrap_or_default();
    for part in parts {
        total.iter_mut().zip(part).for_each(|(total, part)| *total = total.saturating_add(part));
    }
    total
}

impl Tables {
    /// Counts.
    #[must_use]
    pub fn count(source: &Source<'_>, clock: Clock) -> Self {
        let calls = source.calls;
        let step_of_row = each(calls.rows, source.threads, |rows, steps: &mut [u16]| {
            let mut hand = clock.hand();
            for (row, step) in rows.zip(steps) {
                let counted = source.counts[calls.shape[row] as usize] && calls.attempt[row] <= 1;
                let at = if counted { hand.at(calls.time[row]) } else { None };
                *step = at.and_then(|s| u16::try_from(s).ok()).unwrap_or(NONE);
            }
        });
        let mut tables = Self { clock, slices: vec![None], step_of_row, ..Self::default() };
        let counted = |tables: &Self, row: &u32| tables.counted(*row as usize);
        let mut failing: Vec<u32> = source.failing.iter().copied().filter(|row| counted(&tables, row)).collect();
        tables.leave_out_bunches(source, &failing);
        failing.retain(|row| counted(&tables, row));
        tables.choose(source, &failing);
        tables.fill(source, &failing);
        tables
    }

    /// Leaves out failing calls that follow one of the same caller and group within a short time.
    fn leave_out_bunches(&mut self, source: &Source<'_>, failing: &[u32]) {
        let calls = source.calls;
        let of = |attributes: &[Attribute]| attributes.iter().filter_map(|a| calls.dimension(*a)).collect::<Vec<_>>();
        let mut who = of(&CALLER);
        if who.is_empty() || !calls.weight.is_empty() {
            return;
        }
        who.extend(of(&ALIKE));
        let mut last: HashMap<u64, i64, BuildHasherDefault<Spread>> = HashMap::default();
        for row in failing {
            let row = *row as usize;
            let Some(group) = source.groups[calls.shape[row] as usize].first() else { continue };
            let key = who.iter().fold(u64::from(*group) + 1, |key, dimension| {
                (key ^ u64::from(dimension.codes.get(row))).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
            });
            let time = calls.time[row];
            match last.get(&key) {
                Some(before) if (time - before).abs() < BUNCH => self.step_of_row[row] = NONE,
                _ => {
                    last.insert(key, time);
                }
            }
        }
    }

    /// Which slices and pairs get a series: those with enough failing calls.
    fn choose(&mut self, source: &Source<'_>, failing: &[u32]) {
        let calls = source.calls;
        let groups = source.group_count;
        let tally = |dimension: Option<&Dimension>| {
            let values = dimension.map_or(1, |d| d.values.len());
            let mut tally = vec![0_u32; groups * values];
            for row in failing.iter().map(|row| *row as usize) {
                let code = dimension.map_or(0, |d| d.codes.get(row) as usize);
                let weight = u32::try_from(calls.weight(row)).unwrap_or(u32::MAX);
                for group in &source.groups[calls.shape[row] as usize] {
                    let at = usize::from(*group) * values + code;
                    tally[at] = tally[at].saturating_add(weight);
                }
            }
            tally
        };
        let is_sliced = |d: &Dimension| (2..=MANY).contains(&d.values.len()) && !d.is_partial();
        let sliced = source.dimensions.iter().copied().filter(|d| is_sliced(&calls.dimensions[*d]));
        let tallies =
            queue(sliced.collect(), source.threads, |dimension| (dimension, tally(Some(&calls.dimensions[dimension]))));
        let mut pairs: Vec<(u32, Pair)> = Vec::new();
        for (group, count) in tally(None).into_iter().enumerate() {
            pairs.push((count, Pair { group, slice: 0 }));
        }
        for (dimension, tally) in tallies {
            let values = calls.dimensions[dimension].values.len();
            let mut slice_of = vec![NONE; values];
            let most = |code: usize| (0..groups).map(|g| tally[g * values + code]).max().unwrap_or(0);
            // Code 0, "not said", is no value that isolates.
            let mut chosen: Vec<(u32, usize)> =
                (1..values).map(|code| (most(code), code)).filter(|(count, _)| *count >= FEW).collect();
            chosen.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            chosen.truncate(VALUES);
            for (_, code) in chosen {
                let slice = self.slices.len();
                slice_of[code] = u16::try_from(slice).unwrap_or(NONE);
                self.slices.push(Some((dimension, u32::try_from(code).unwrap_or(0))));
                let of_groups = (0..groups).map(|group| (tally[group * values + code], Pair { group, slice }));
                pairs.extend(of_groups.filter(|(count, _)| *count >= FEW));
            }
            // A dimension without slices is not looked at again.
            if slice_of.iter().any(|slice| *slice != NONE) {
                self.slice_of.push((dimension, slice_of));
            }
        }
        // All calls first, then the pairs with the most failing calls.
        pairs[groups..].sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        pairs.truncate(PAIRS.max(groups));
        self.pair_of = vec![u32::MAX; groups * self.slices.len()];
        for (index, (_, pair)) in pairs.iter().enumerate() {
            self.pair_of[pair.group * self.slices.len() + pair.slice] = u32::try_from(index).unwrap_or(u32::MAX);
        }
        self.pairs = pairs.into_iter().map(|(_, pair)| pair).collect();
    }

    fn fill(&mut self, source: &Source<'_>, failing: &[u32]) {
        let steps = self.clock.steps;
        let weight = |row: usize| u32::try_from(source.calls.weight(row)).unwrap_or(u32::MAX);
        self.calls = add(parts(source.calls.rows, source.threads, |rows| {
            let mut calls = vec![0_u32; self.slices.len() * steps];
            self.each_slice(source, rows, |row, slice, step| calls[slice * steps + step] += weight(row));
            calls
        }));
        self.failed = add(parts(failing.len(), source.threads, |part| {
            let mut failed = vec![0_u32; self.pairs.len() * steps];
            for row in failing[part].iter().map(|row| *row as usize) {
                self.each_slice(source, row..row + 1, |_, slice, step| {
                    for group in &source.groups[source.calls.shape[row] as usize] {
                        let pair = self.pair_of[usize::from(*group) * self.slices.len() + slice];
                        if pair != u32::MAX {
                            failed[pair as usize * steps + step] += weight(row);
                        }
                    }
                });
            }
            failed
        }));
    }

    /// Every slice that every counted row lies in.
    fn each_slice(&self, source: &Source<'_>, rows: Range<usize>, mut each: impl FnMut(usize, usize, usize)) {
        for row in rows.clone() {
            if self.step_of_row[row] != NONE {
                each(row, 0, usize::from(self.step_of_row[row]));
            }
        }
        for (dimension, slice_of) in &self.slice_of {
            codes(&source.calls.dimensions[*dimension].codes, rows.clone(), |row, code| {
                let (slice, step) = (slice_of[code], self.step_of_row[row]);
                if slice != NONE && step != NONE {
                    each(row, usize::from(slice), usize::from(step));
                }
            });
        }
    }

    /// Takes rows out, because they are explained.
    pub fn take(&mut self, source: &Source<'_>, rows: &[u32]) {
        let steps = self.clock.steps;
        let (mut calls, mut failed) = (std::mem::take(&mut self.calls), std::mem::take(&mut self.failed));
        for row in rows {
            let row = *row as usize;
            let weight = u32::try_from(source.calls.weight(row)).unwrap_or(u32::MAX);
            self.each_slice(source, row..row + 1, |_, slice, step| {
                calls[slice * steps + step] = calls[slice * steps + step].saturating_sub(weight);
                for group in &source.groups[source.calls.shape[row] as usize] {
                    let pair = self.pair_of[usize::from(*group) * self.slices.len() + slice];
                    if pair != u32::MAX {
                        let at = pair as usize * steps + step;
                        failed[at] = failed[at].saturating_sub(weight);
                    }
                }
            });
            self.step_of_row[row] = NONE;
        }
        (self.calls, self.failed) = (calls, failed);
    }

    /// Whether a row is still counted.
    #[must_use]
    pub fn counted(&self, row: usize) -> bool {
        self.step_of_row[row] != NONE
    }

    /// Calls of a slice by step.
    #[must_use]
    pub fn calls(&self, slice: usize) -> &[u32] {
        &self.calls[slice * self.clock.steps..(slice + 1) * self.clock.steps]
    }

    /// Failing calls of a pair by step.
    #[must_use]
    pub fn failed(&self, pair: usize) -> &[u32] {
        &self.failed[pair * self.clock.steps..(pair + 1) * self.clock.steps]
    }

    /// The pair of a group and a slice, if it has a series.
    #[must_use]
    pub fn pair(&self, group: usize, slice: usize) -> Option<usize> {
        let pair = *self.pair_of.get(group * self.slices.len() + slice)?;
        (pair != u32::MAX).then_some(pair as usize)
    }
}

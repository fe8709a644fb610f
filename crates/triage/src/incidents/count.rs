//! Calls of places and times. All rows are passed for how many calls there are, only the failing ones for which of them
//! fail in what way.

use super::scope::Scope;
use super::{Found, Search};
use crate::parallel::{each, parts};
use crate::when::likelihood::Count;
use crate::when::onset::{Course, Moment};
use firstfault_calls::Calls;
use std::ops::Range;

/// The calls of a place and time.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    calls: u64,
    /// By shape: failing calls; none of a shape that never fails.
    failing: Vec<u64>,
}

impl Tally {
    /// Its calls, and those that fail in the ways of a mask.
    pub(super) fn of(&self, mask: &[bool]) -> Count {
        let failed = self.failing.iter().zip(mask).filter(|(_, fails)| **fails).map(|(calls, _)| *calls).sum::<u64>();
        Count { failed: failed as f64, calls: self.calls as f64 }
    }
}

impl Search<'_> {
    /// Failing calls and calls of a place and time: first attempts that no incident explains.
    pub(super) fn count(&self, inside: &[bool], mask: &[bool], time: &Range<i64>) -> Count {
        let [count] = self.counts(inside, mask, [time]);
        count
    }

    /// As [`Search::count`], of several times in one pass.
    pub(super) fn counts<const N: usize>(&self, inside: &[bool], mask: &[bool], times: [&Range<i64>; N]) -> [Count; N] {
        self.tallies(inside, times).map(|tally| tally.of(mask))
    }

    /// As [`Search::counts`], with the failing calls of each shape.
    pub(super) fn tallies<const N: usize>(&self, inside: &[bool], times: [&Range<i64>; N]) -> [Tally; N] {
        self.tallied(inside, &self.open, times)
    }

    /// All failing calls and calls of a place and times, repeats and all, explained or not.
    pub(super) fn whole<const N: usize>(&self, inside: &[bool], mask: &[bool], times: [&Range<i64>; N]) -> [Count; N] {
        self.tallied(inside, &self.called, times).map(|tally| tally.of(mask))
    }

    fn tallied<const N: usize>(&self, inside: &[bool], counted: &[bool], times: [&Range<i64>; N]) -> [Tally; N] {
        let calls = self.calls;
        let sums = parts(calls.rows, self.threads, |rows| {
            let said = calls.time[rows.clone()].iter().zip(&inside[rows.clone()]).zip(&counted[rows.clone()]);
            // Without branches, which nobody could guess.
            let fits = |time: &Range<i64>, at: i64, here: bool| u64::from((time.start <= at) & (at < time.end) & here);
            let mut sums = [0_u64; N];
            if calls.weight.is_empty() {
                for ((at, inside), counted) in said {
                    let here = *inside & *counted;
                    sums.iter_mut().zip(times).for_each(|(sum, time)| *sum += fits(time, *at, here));
                }
            } else {
                for (((at, inside), counted), weight) in said.zip(&calls.weight[rows]) {
                    let here = *inside & *counted;
                    let add = |(sum, time): (&mut u64, &Range<i64>)| *sum += fits(time, *at, here) * u64::from(*weight);
                    sums.iter_mut().zip(times).for_each(add);
                }
            }
            sums
        });
        let mut tallies = times.map(|_| Tally { calls: 0, failing: vec![0; calls.shapes.len()] });
        for (at, tally) in tallies.iter_mut().enumerate() {
            tally.calls = sums.iter().map(|sums| sums[at]).sum();
        }
        for row in self.failing.rows.iter().map(|row| *row as usize).filter(|row| inside[*row] && counted[*row]) {
            for (tally, time) in tallies.iter_mut().zip(times) {
                if time.contains(&calls.time[row]) {
                    tally.failing[calls.shape[row] as usize] += calls.weight(row);
                }
            }
        }
        tallies
    }

    /// The calls of a place, one by one.
    pub(super) fn course(&self, scope: &Scope, mask: &[bool]) -> Course {
        let inside = scope.rows(self.calls, self.threads);
        let moments = parts(self.calls.rows, self.threads, |rows| {
            let counted = |row: &usize| inside[*row] && self.open[*row] && self.span.contains(&self.calls.time[*row]);
            let moment = |row: usize| {
                let calls = u32::try_from(self.calls.weight(row)).unwrap_or(u32::MAX);
                let failed = if mask[self.calls.shape[row] as usize] { calls } else { 0 };
                Moment { time: self.calls.time[row], failed, calls }
            };
            rows.filter(counted).map(moment).collect::<Vec<Moment>>()
        });
        Course::new(moments.concat())
    }

    /// Rows of failing calls in a place and time that no incident explains, repeats among them.
    pub(super) fn failing_rows(&self, inside: &[bool], mask: &[bool], time: &Range<i64>) -> Vec<u32> {
        let fails = |row: &u32| {
            let row = *row as usize;
            inside[row]
                && mask[self.calls.shape[row] as usize]
                && time.contains(&self.calls.time[row])
                && !self.taken[row]
        };
        self.failing.rows.iter().copied().filter(fails).collect()
    }

    /// By shape: failing calls of the place of an incident before it began, repeats among them.
    pub(super) fn failing_before(&self, found: &Found, inside: &[bool]) -> Vec<u64> {
        let calls = self.calls;
        let mut counts = vec![0; calls.shapes.len()];
        for row in self.failing.rows.iter().map(|row| *row as usize) {
            if inside[row] && !self.taken[row] && calls.time[row] < found.onset.at {
                counts[calls.shape[row] as usize] += calls.weight(row);
            }
        }
        counts
    }
}

/// By row: whether it counts as a call, and whether it is a first attempt too.
pub(super) fn counted(calls: &Calls, counts: &[bool], threads: usize) -> (Vec<bool>, Vec<bool>) {
    let called = each(calls.rows, threads, |rows, called: &mut [bool]| {
        called.iter_mut().zip(&calls.shape[rows]).for_each(|(called, shape)| *called = counts[*shape as usize]);
    });
    let open = each(calls.rows, threads, |rows, open: &mut [bool]| {
        let said = called[rows.clone()].iter().zip(&calls.attempt[rows]);
        open.iter_mut().zip(said).for_each(|(open, (called, attempt))| *open = *called & (*attempt <= 1));
    });
    (called, open)
}

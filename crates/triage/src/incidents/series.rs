//! Calls over time, for the eye: counts, failures, durations, and what was to be expected.

use super::failing::Failing;
use crate::parallel::parts;
use crate::when::clock::Clock;
use crate::when::likelihood::Count;
use firstfault_calls::{Calls, NO_TIME};
use firstfault_model::incident::{Point, Series};
use std::ops::Range;

/// Points of a series.
const POINTS: usize = 120;
/// Durations are sorted into buckets by the leading bits of their binary form: sign, exponent and five bits behind it.
/// Neighbours are 1.6 to 3.1 % apart, so percentiles are right within that, and no logarithm is taken per call.
const LESS: u32 = 18;
/// The shortest duration that is told apart, in milliseconds; the longest is about an hour.
const SHORTEST: f32 = 0.1;
const BUCKETS: usize = 25 * 32;

/// Sums of one point.
#[derive(Clone, Debug)]
struct Sums {
    calls: u64,
    failed: u64,
    durations: Vec<u32>,
}

impl Sums {
    fn new() -> Self {
        Self { calls: 0, failed: 0, durations: vec![0; BUCKETS] }
    }

    fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.failed += other.failed;
        self.durations.iter_mut().zip(&other.durations).for_each(|(sum, of)| *sum += of);
    }

    /// Median and 95th percentile.
    fn latency(&self) -> Option<(f64, f64)> {
        let all: u64 = self.durations.iter().map(|n| u64::from(*n)).sum();
        let at = |share: f64| {
            let mut sum = 0.0;
            let bucket = self.durations.iter().position(|n| {
                sum += f64::from(*n);
                sum >= share * all as f64
            });
            bucket.map_or(0.0, middle)
        };
        (all > 0).then(|| (at(0.5), at(0.95)))
    }
}

/// The bucket of a duration; `None` where the line does not say.
fn bucket(took: f32) -> Option<usize> {
    if !took.is_finite() || took < 0.0 {
        return None;
    }
    let at = (took.max(SHORTEST).to_bits() >> LESS) - (SHORTEST.to_bits() >> LESS);
    Some((at as usize).min(BUCKETS - 1))
}

/// The duration in the middle of a bucket.
fn middle(bucket: usize) -> f64 {
    let at = u32::try_from(bucket).unwrap_or(0) + (SHORTEST.to_bits() >> LESS);
    f64::from(f32::from_bits((at << LESS) | (1 << (LESS - 1))))
}

/// Sums of the rows of each step of a clock that are `inside`.
fn sums(
    calls: &Calls,
    clock: Clock,
    threads: usize,
    mask: &[bool],
    inside: impl Fn(usize) -> bool + Sync,
) -> Vec<Sums> {
    let counted = parts(calls.rows, threads, |rows| {
        let mut sums = vec![Sums::new(); clock.steps];
        let mut hand = clock.hand();
        for row in rows.filter(|row| inside(*row)) {
            let Some(sum) = hand.at(calls.time[row]).and_then(|step| sums.get_mut(step)) else { continue };
            let weight = calls.weight(row);
            sum.calls += weight;
            sum.failed += if mask[calls.shape[row] as usize] { weight } else { 0 };
            if let Some(bucket) = bucket(calls.latency[row]) {
                sum.durations[bucket] += 1;
            }
        }
        sums
    });
    let mut counted = counted.into_iter();
    let mut all = counted.next().unwrap_or_default();
    for part in counted {
        all.iter_mut().zip(&part).for_each(|(sum, of)| sum.add(of));
    }
    all
}

fn series(clock: Clock, sums: &[Sums], expected: impl Fn(&Sums) -> Option<(f64, f64)>) -> Series {
    let point = |sums: &Sums| Point {
        calls: sums.calls,
        failed: sums.failed,
        latency: sums.latency(),
        expected: expected(sums),
    };
    Series { start: clock.start, step: clock.step, points: sums.iter().map(point).collect() }
}

/// All calls.
#[must_use]
pub fn overall(calls: &Calls, failing: &Failing, span: &Range<i64>, threads: usize) -> Series {
    if calls.rows == 0 || span.end <= span.start + 1 {
        return Series::default();
    }
    let clock = Clock::new(span.start, span.end - 1, POINTS);
    let mask: Vec<bool> = failing.groups_of.iter().map(|groups| !groups.is_empty()).collect();
    let sums = sums(calls, clock, threads, &mask, |row| failing.counts[calls.shape[row] as usize]);
    series(clock, &sums, |_| None)
}

/// The calls of an incident's place, with the band in which failures were to be expected: the share of the time before
/// and two standard deviations on either side.
#[must_use]
pub fn of_place(
    calls: &Calls,
    inside: &[bool],
    mask: &[bool],
    counts: &[bool],
    before: Count,
    span: &Range<i64>,
    threads: usize,
) -> Series {
    if span.end <= span.start + 1 {
        return Series::default();
    }
    let clock = Clock::new(span.start, span.end - 1, POINTS);
    let sums = sums(calls, clock, threads, mask, |row| inside[row] && counts[calls.shape[row] as usize]);
    let share = if before.calls > 0.0 { Some(before.rate()) } else { None };
    series(clock, &sums, |sums| {
        let share = share?;
        let (middle, spread) = (sums.calls as f64 * share, (sums.calls as f64 * share * (1.0 - share)).sqrt() * 2.0);
        Some(((middle - spread).max(0.0), middle + spread))
    })
}

/// First and last time of all rows.
#[must_use]
pub fn seen_all(calls: &Calls, threads: usize) -> Option<(i64, i64)> {
    let parts = parts(calls.rows, threads, |rows| seen(calls, rows));
    parts.into_iter().flatten().reduce(|(first, last), (a, b)| (first.min(a), last.max(b)))
}

/// First and last time of rows.
#[must_use]
pub fn seen(calls: &Calls, rows: impl Iterator<Item = usize>) -> Option<(i64, i64)> {
    let times = rows.map(|row| calls.time[row]).filter(|time| *time != NO_TIME);
    times.fold(None, |seen: Option<(i64, i64)>, t| Some(seen.map_or((t, t), |(a, b)| (a.min(t), b.max(t)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_near_the_middle_of_its_bucket() {
        for took in [0.1_f32, 0.7, 3.0, 42.0, 999.0, 30_001.0, 2_000_000.0] {
            let middle = middle(bucket(took).unwrap());
            assert!((middle / f64::from(took) - 1.0).abs() < 0.032, "{took} {middle}");
        }
        assert_eq!((bucket(f32::NAN), bucket(-1.0)), (None, None));
    }
}

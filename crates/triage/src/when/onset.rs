//! When a rise or a fall of failures happened, at the resolution of single calls.
//!
//! Every gap between two calls may hold the change. Its weight is the likelihood of the calls before and behind it, shares
//! integrated out, times the length of the gap; so a quiet service has a wide interval and a busy one a narrow one.

use super::likelihood::{Count, integrated};
use std::ops::Range;

/// Calls at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// In milliseconds since the Unix epoch.
    pub time: i64,
    /// Failing calls.
    pub failed: u32,
    /// Calls.
    pub calls: u32,
}

/// Moments in order of time, with sums.
#[derive(Clone, Debug, Default)]
pub struct Course {
    moments: Vec<Moment>,
    sums: Vec<(u64, u64)>,
}

/// A time with its 95 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct At {
    /// The middle of the posterior: half of the weight lies before it.
    pub at: i64,
    /// 2.5 % of the weight lie before the first, 2.5 % behind the second.
    pub interval: (i64, i64),
}

/// Whether failures begin or end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// More behind it.
    Rise,
    /// Fewer behind it.
    Fall,
}

/// Gaps that are weighed at once; more are weighed in strides, and then those in which the weight lies.
const GAPS: usize = 2_048;
/// Weight on either side that may be left out when strides are narrowed.
const LEFT_OUT: f64 = 1e-6;

impl Course {
    /// Puts moments in order and equal ones together.
    #[must_use]
    pub fn new(mut moments: Vec<Moment>) -> Self {
        moments.sort_unstable_by_key(|m| m.time);
        moments.dedup_by(|next, kept| {
            let same = next.time == kept.time;
            if same {
                kept.failed = kept.failed.saturating_add(next.failed);
                kept.calls = kept.calls.saturating_add(next.calls);
            }
            same
        });
        let mut sums = Vec::with_capacity(moments.len() + 1);
        sums.push((0, 0));
        let (mut failed, mut calls) = (0, 0);
        for moment in &moments {
            failed += u64::from(moment.failed);
            calls += u64::from(moment.calls);
            sums.push((failed, calls));
        }
        Self { moments, sums }
    }

    /// The moments.
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// Index of the first moment at or behind a time.
    #[must_use]
    pub fn index(&self, time: i64) -> usize {
        self.moments.partition_point(|m| m.time < time)
    }

    /// What lies in a range of indices.
    #[must_use]
    pub fn count(&self, of: Range<usize>) -> Count {
        let (from, to) = (self.sums[of.start.min(of.end)], self.sums[of.end]);
        Count { failed: (to.0 - from.0) as f64, calls: (to.1 - from.1) as f64 }
    }

    /// When failures rise or fall among the moments of a range. `None` when there are fewer than two.
    #[must_use]
    pub fn turn(&self, of: Range<usize>, turn: Turn) -> Option<At> {
        if of.len() < 2 {
            return None;
        }
        // Boundary `b` has the moments before index `b` in front of it.
        let (mut low, mut high) = (of.start + 1, of.end);
        loop {
            let stride = (high - low).div_ceil(GAPS).max(1);
            let bounds: Vec<usize> = (low..high).step_by(stride).collect();
            let weights = self.weights(&of, &bounds, stride, turn)?;
            let (first, last) = (quantile(&weights, LEFT_OUT), quantile(&weights, 1.0 - LEFT_OUT));
            let narrow = bounds[first].saturating_sub(2 * stride).max(low)..(bounds[last] + 2 * stride).min(high);
            // Where the weight is spread over most of the strides, finer ones would say no more.
            if stride == 1 || narrow.len() * 2 > high - low {
                return Some(self.quantiles(&of, &bounds, stride, &weights));
            }
            (low, high) = (narrow.start, narrow.end);
        }
    }

    /// Posterior weight of each boundary, adding up to 1.
    fn weights(&self, of: &Range<usize>, bounds: &[usize], stride: usize, turn: Turn) -> Option<Vec<f64>> {
        let logs: Vec<f64> = bounds
            .iter()
            .map(|bound| {
                let (before, behind) = (self.count(of.start..*bound), self.count(*bound..of.end));
                let right = match turn {
                    Turn::Rise => behind.rate() > before.rate(),
                    Turn::Fall => behind.rate() < before.rate(),
                };
                if !right {
                    return f64::NEG_INFINITY;
                }
                let last = (bound + stride - 1).min(of.end - 1);
                let gap = self.moments[last].time - self.moments[bound - 1].time;
                integrated(before) + integrated(behind) + (gap.max(1) as f64).ln()
            })
            .collect();
        normalised(logs)
    }

    fn quantiles(&self, of: &Range<usize>, bounds: &[usize], stride: usize, weights: &[f64]) -> At {
        let time = |share: f64| {
            let mut sum = 0.0;
            for (bound, weight) in bounds.iter().zip(weights) {
                if sum + weight >= share && *weight > 0.0 {
                    let last = (bound + stride - 1).min(of.end - 1);
                    let (from, to) = (self.moments[bound - 1].time, self.moments[last].time);
                    return from + ((to - from) as f64 * ((share - sum) / weight).clamp(0.0, 1.0)) as i64;
                }
                sum += weight;
            }
            bounds.last().map_or(0, |bound| self.moments[*bound].time)
        };
        At { at: time(0.5), interval: (time(0.025), time(0.975)) }
    }
}

/// Log-weights as shares that add up to 1; `None` when all are impossible.
#[must_use]
pub fn normalised(logs: Vec<f64>) -> Option<Vec<f64>> {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !most.is_finite() {
        return None;
    }
    let mut weights: Vec<f64> = logs.into_iter().map(|log| (log - most).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight /= sum);
    Some(weights)
}

/// The index at which the sum of the weights reaches a share.
#[must_use]
pub fn quantile(weights: &[f64], share: f64) -> usize {
    let mut sum = 0.0;
    for (index, weight) in weights.iter().enumerate() {
        sum += weight;
        if sum >= share {
            return index;
        }
    }
    weights.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(calls: i64, every: i64, fails: impl Fn(i64) -> bool) -> Course {
        let moment = |i: i64| Moment { time: i * every, failed: u32::from(fails(i)), calls: 1 };
        Course::new((0..calls).rev().map(moment).collect())
    }

    #[test]
    fn a_step_lies_between_the_last_good_and_the_first_bad_call() {
        let course = course(1000, 1000, |i| i >= 600 || i % 97 == 3);
        let at = course.turn(0..1000, Turn::Rise).unwrap();
        assert!((599_000..=600_000).contains(&at.at), "{at:?}");
        assert!(at.interval.0 >= 598_000 && at.interval.1 <= 601_000, "{at:?}");
    }

    #[test]
    fn the_interval_is_wide_where_calls_are_rare() {
        let course = course(20, 600_000, |i| i >= 10);
        let at = course.turn(0..20, Turn::Rise).unwrap();
        assert!(at.interval.1 - at.interval.0 > 300_000 && at.interval.0 >= 4_800_000, "{at:?}");
    }

    #[test]
    fn an_end_is_a_fall() {
        let course = course(50_000, 100, |i| i < 30_000 && i % 3 == 0);
        let at = course.turn(0..50_000, Turn::Fall).unwrap();
        assert!((2_999_000..3_002_000).contains(&at.at), "{at:?}");
        assert_eq!(course.turn(0..1, Turn::Fall), None);
    }
}

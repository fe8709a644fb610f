//! Time cut into steps of one width.

use firstfault_calls::NO_TIME;
use std::ops::Range;

/// Steps of one width over a span of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Begin of the first step, in milliseconds since the Unix epoch.
    pub start: i64,
    /// Width of a step in milliseconds, at least 1.
    pub step: i64,
    /// How many.
    pub steps: usize,
}

impl Clock {
    /// At most `steps` steps from `first` to `last`, both inside.
    #[must_use]
    pub fn new(first: i64, last: i64, steps: usize) -> Self {
        let span = last.saturating_sub(first).max(0).saturating_add(1);
        let step = (span / i64::try_from(steps.max(1)).unwrap_or(1)).max(0) + 1;
        let steps = usize::try_from((span - 1) / step + 1).unwrap_or(1);
        Self { start: first, step, steps }
    }

    /// The step of a time; `None` outside.
    #[must_use]
    #[inline]
    pub fn at(&self, time: i64) -> Option<usize> {
        if time == NO_TIME || time < self.start {
            return None;
        }
        usize::try_from((time - self.start) / self.step).ok().filter(|at| *at < self.steps)
    }

    /// A hand of it, which finds steps one after the other.
    #[must_use]
    pub const fn hand(&self) -> Hand {
        Hand { clock: *self, at: 0, begin: 0, end: 0 }
    }

    /// When a step begins.
    #[must_use]
    pub fn begin(&self, step: usize) -> i64 {
        self.start + self.step.saturating_mul(i64::try_from(step).unwrap_or(i64::MAX))
    }

    /// All of its time.
    #[must_use]
    pub fn span(&self) -> Range<i64> {
        self.start..self.begin(self.steps)
    }
}

/// Finds the steps of times that mostly follow each other: one in the step of the one before needs no division.
#[derive(Clone, Copy, Debug)]
pub struct Hand {
    clock: Clock,
    at: usize,
    begin: i64,
    end: i64,
}

impl Hand {
    /// As [`Clock::at`].
    #[inline]
    pub fn at(&mut self, time: i64) -> Option<usize> {
        if time < self.begin || time >= self.end {
            self.at = self.clock.at(time)?;
            self.begin = self.clock.begin(self.at);
            self.end = self.begin.saturating_add(self.clock.step);
        }
        Some(self.at)
    }
}

/// First and last of the times that make up the span: a few stray ones far away (a clock that stood at 1970) are left out,
/// when the rest lies within a third of the whole.
#[must_use]
pub fn span(times: &[i64]) -> Option<(i64, i64)> {
    const SAMPLE: usize = 4096;
    let known = || times.iter().copied().filter(|t| *t != NO_TIME);
    let (first, last) = known().fold((i64::MAX, i64::MIN), |(low, high), t| (low.min(t), high.max(t)));
    if first > last {
        return None;
    }
    let mut sample: Vec<i64> = times.iter().step_by((times.len() / SAMPLE).max(1)).copied().collect();
    sample.retain(|t| *t != NO_TIME);
    sample.sort_unstable();
    let at = |share: usize| sample.get(sample.len() * share / 200).copied();
    let (Some(low), Some(high)) = (at(1), at(198)) else { return Some((first, last)) };
    let (body, whole) = (high.saturating_sub(low), last.saturating_sub(first));
    if sample.len() < 200 || body.saturating_mul(3) >= whole {
        return Some((first, last));
    }
    let (low, high) = (low.saturating_sub(body / 4), high.saturating_add(body / 4));
    let kept = known().filter(|t| (low..=high).contains(t));
    Some(kept.fold((i64::MAX, i64::MIN), |(a, b), t| (a.min(t), b.max(t))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_cover_the_span() {
        let clock = Clock::new(1_000, 4_600_999, 360);
        assert!(clock.steps <= 360);
        assert_eq!(clock.at(1_000), Some(0));
        assert_eq!(clock.at(4_600_999), Some(clock.steps - 1));
        assert_eq!((clock.at(999), clock.at(NO_TIME)), (None, None));
        assert_eq!(Clock::new(5, 5, 360).steps, 1);
    }

    #[test]
    fn a_hand_finds_the_same_steps() {
        let clock = Clock::new(1_000, 4_600_999, 360);
        let mut hand = clock.hand();
        for time in [1_000, 1_001, 13_000, 999, 1_000, 4_600_999, NO_TIME, i64::MAX, 0, 2_000_000, 2_000_001] {
            assert_eq!(hand.at(time), clock.at(time), "{time}");
        }
    }

    #[test]
    fn a_stray_time_does_not_stretch_the_span() {
        let mut times: Vec<i64> = (0..1000).map(|t| 1_700_000_000_000 + t * 1000).collect();
        times.push(0);
        assert_eq!(span(&times), Some((1_700_000_000_000, 1_700_000_999_000)));
        assert_eq!(span(&[NO_TIME]), None);
    }
}

//! Failures that grow: from nothing at the onset, linearly, to a level that they keep.

use super::likelihood::{Count, under};
use super::onset::{At, Course, normalised, quantile};
use std::ops::Range;

/// A fitted growth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// When the growth began.
    pub onset: At,
    /// How long it grew, in milliseconds.
    pub growth: i64,
    /// By how many nats it explains the calls better than a step does, all begins and lengths of growth taken together.
    pub nats: f64,
}

/// Cells of equal time in which calls are put for this.
const CELLS: usize = 360;
/// Times of growth that are tried, as shares of the time from onset to end. Beyond 1 the level is never reached.
const GROWTHS: [f64; 9] = [0.04, 0.08, 0.14, 0.22, 0.33, 0.47, 0.65, 0.85, 1.2];
/// Cells that a growth must have: a shorter one is a step.
const SHORT: f64 = 3.0;

/// Fits a growth to the moments of a range. `None` when there is nothing to fit.
#[must_use]
pub fn ramp(course: &Course, of: Range<usize>) -> Option<Ramp> {
    let moments = &course.moments()[of.clone()];
    let (first, last) = (moments.first()?.time, moments.last()?.time);
    let width = ((last - first) / i64::try_from(CELLS).unwrap_or(1)).max(1);
    let cells = usize::try_from((last - first) / width + 1).unwrap_or(1).min(CELLS + 2);
    let mut sums = vec![Count::default(); cells + 1];
    for cell in 0..cells {
        let from = course.index(first + width * i64::try_from(cell).unwrap_or(0)).clamp(of.start, of.end);
        let to = course.index(first + width * i64::try_from(cell + 1).unwrap_or(0)).clamp(of.start, of.end);
        sums[cell + 1] = sums[cell].plus(course.count(from..to));
    }
    let steps: Vec<f64> = (1..cells)
        .map(|at| {
            let (before, behind) = (sums[at], sums[cells].minus(sums[at]));
            let rises = behind.share() > before.share();
            let fit = under(before, floor(before)) + under(behind, floor(behind));
            if rises { fit } else { f64::NEG_INFINITY }
        })
        .collect();
    let mut best = (f64::NEG_INFINITY, 0.0);
    let logs: Vec<f64> = (1..cells)
        .map(|at| {
            let fits = GROWTHS.map(|share| {
                let growth = share * (cells - at) as f64;
                let fit = if growth < SHORT { f64::NEG_INFINITY } else { fit(&sums, at, growth) };
                if fit > best.0 {
                    best = (fit, growth);
                }
                fit
            });
            total(&fits)
        })
        .collect();
    let nats = total(&logs) - (GROWTHS.len() as f64).ln() - total(&steps);
    let weights = normalised(logs)?;
    let time = |share: f64| first + width * i64::try_from(quantile(&weights, share) + 1).unwrap_or(0) + width / 2;
    Some(Ramp {
        onset: At { at: time(0.5), interval: (time(0.025) - width / 2, time(0.975) + width / 2) },
        growth: (best.1 * width as f64) as i64,
        nats,
    })
}

/// The logarithm of the sum of what the logarithms stand for.
fn total(logs: &[f64]) -> f64 {
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if most.is_finite() { most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln() } else { most }
}

/// The share of a count, never quite none: one failure may come of nothing.
fn floor(count: Count) -> f64 {
    ((count.failed + 0.05) / (count.calls + 0.1)).min(1.0 - 1e-9)
}

/// Log-likelihood of a growth that begins with the cell `at` and takes `growth` cells.
fn fit(sums: &[Count], at: usize, growth: f64) -> f64 {
    let cells = sums.len() - 1;
    let (before, behind) = (sums[at], sums[cells].minus(sums[at]));
    let base = floor(before);
    let level = (at + growth.ceil() as usize).min(cells);
    let share = |cell: usize| (((cell - at) as f64 + 0.5) / growth).min(1.0);
    let plateau = sums[cells].minus(sums[level]);
    let grown: f64 = plateau.calls + (at..level).map(|c| (sums[c + 1].calls - sums[c].calls) * share(c)).sum::<f64>();
    let rise = (behind.failed - behind.calls * base) / grown.max(1e-9);
    if rise <= 0.0 {
        return f64::NEG_INFINITY;
    }
    let rate = |share: f64| (base + rise * share).clamp(1e-9, 1.0 - 1e-9);
    let growing: f64 = (at..level).map(|cell| under(sums[cell + 1].minus(sums[cell]), rate(share(cell)))).sum();
    under(before, base) + growing + under(plateau, rate(1.0))
}

#[cfg(test)]
mod tests {
    use super::super::onset::Moment;
    use super::*;

    fn course(rate: impl Fn(f64) -> f64) -> Course {
        let mut debt = 0.0;
        let moments = (0..20_000).map(|i| {
            debt += rate(f64::from(i) / 20_000.0);
            let failed = u32::from(debt >= 1.0);
            debt -= f64::from(failed);
            Moment { time: i64::from(i) * 180, failed, calls: 1 }
        });
        Course::new(moments.collect())
    }

    #[test]
    fn a_growth_begins_before_the_failures_are_many() {
        let course = course(|t| ((t - 0.4) / 0.2).clamp(0.0, 1.0) * 0.2);
        let found = ramp(&course, 0..20_000).unwrap();
        assert!(found.nats > 10.0, "{found:?}");
        assert!((found.onset.at - 1_440_000).abs() < 40_000, "{found:?}");
    }

    #[test]
    fn a_step_is_no_growth() {
        let course = course(|t| if t > 0.4 { 0.2 } else { 0.001 });
        assert!(ramp(&course, 0..20_000).unwrap().nats < 5.0);
    }
}

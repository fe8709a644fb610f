//! The stretch of time in which calls fail more often than in the rest, and how sure that is.

use super::likelihood::{Count, odds_ratio, ratio};

/// A stretch of steps and what lies in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stretch {
    /// First step.
    pub from: usize,
    /// The step behind the last.
    pub to: usize,
    /// In it.
    pub inside: Count,
    /// In the rest.
    pub outside: Count,
    /// Likelihood ratio in nats, divided by the dispersion.
    pub nats: f64,
    /// By how much more than chance the rest varies, at least 1.
    pub dispersion: f64,
}

/// Odds ratios that are tried. What is found with one of them is tested with the ratio that it has itself.
const ODDS: [f64; 6] = [2.0, 4.0, 8.0, 24.0, 100.0, 1000.0];
/// Blocks of time over which dispersion is measured, and how many blocks of plain chance are added to them.
const BLOCKS: usize = 36;
const PLAIN_BLOCKS: f64 = 6.0;

/// The likeliest stretch of raised failures. `failed` and `calls` are by step. `None` when nothing is raised.
///
/// For a given odds ratio each step has a score that adds up (the log-likelihood ratio of its calls), so that the best
/// stretch is found in one pass (the maximal segment). The rate of the rest is settled by repeating.
#[must_use]
pub fn stretch(failed: &[u32], calls: &[u32]) -> Option<Stretch> {
    let all = sum(failed, calls, 0, failed.len());
    if all.failed < 1.0 || all.calls <= all.failed && all.calls < 1.0 {
        return None;
    }
    let mut found: Option<Stretch> = None;
    for odds in ODDS {
        let mut base = all.rate();
        for _ in 0..3 {
            let Some((from, to)) = segment(failed, calls, base, odds) else { break };
            let inside = sum(failed, calls, from, to);
            let outside = all.minus(inside);
            let nats = if inside.share() > outside.share() { ratio(inside, outside) } else { 0.0 };
            if found.is_none_or(|f| nats > f.nats) {
                found = Some(Stretch { from, to, inside, outside, nats, dispersion: 1.0 });
            }
            let settled = outside.rate();
            if (settled - base).abs() < base * 0.01 {
                break;
            }
            base = settled;
        }
    }
    let mut found = found.filter(|f| f.nats > 0.0)?;
    found.dispersion = dispersion(failed, calls, &found);
    found.nats /= found.dispersion;
    Some(found)
}

fn sum(failed: &[u32], calls: &[u32], from: usize, to: usize) -> Count {
    let add = |of: &[u32]| of[from..to].iter().map(|v| f64::from(*v)).sum();
    Count { failed: add(failed), calls: add(calls) }
}

/// The maximal segment of the steps' scores.
fn segment(failed: &[u32], calls: &[u32], base: f64, odds: f64) -> Option<(usize, usize)> {
    let raised = odds * base / (1.0 + (odds - 1.0) * base);
    let hit = (raised / base).ln();
    let miss = ((1.0 - raised) / (1.0 - base).max(1e-12)).max(1e-12).ln();
    let (mut best, mut run, mut begin, mut found) = (0.0, 0.0, 0, None);
    for (at, (failed, calls)) in failed.iter().zip(calls).enumerate() {
        let (k, n) = (f64::from(*failed), f64::from(*calls));
        run += k * hit + (n - k) * miss;
        if run <= 0.0 {
            (run, begin) = (0.0, at + 1);
        } else if run > best {
            (best, found) = (run, Some((begin, at + 1)));
        }
    }
    found
}

/// Pearson's statistic of the blocks outside the stretch: failures that come in bunches vary more than chance, and so
/// must a stretch be rarer to mean something.
fn dispersion(failed: &[u32], calls: &[u32], found: &Stretch) -> f64 {
    let width = failed.len().div_ceil(BLOCKS).max(1);
    let rate = found.outside.share();
    if rate <= 0.0 {
        return 1.0;
    }
    let (mut squares, mut blocks) = (0.0, 0.0);
    for from in (0..failed.len()).step_by(width) {
        let to = (from + width).min(failed.len());
        if to > found.from && from < found.to {
            continue;
        }
        let block = sum(failed, calls, from, to);
        let expected = block.calls * rate;
        if expected > 0.0 {
            squares += (block.failed - expected).powi(2) / (expected.max(0.25) * (1.0 - rate).max(0.01));
            blocks += 1.0;
        }
    }
    ((squares + PLAIN_BLOCKS) / (blocks + PLAIN_BLOCKS)).max(1.0)
}

impl Stretch {
    /// Failing calls beyond what the rest makes one expect.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.inside.failed - self.inside.calls * self.outside.share()
    }

    /// Odds of failing in it over those in the rest.
    #[must_use]
    pub fn odds(&self) -> f64 {
        odds_ratio(self.inside, self.outside)
    }

    /// The price in nats of having looked at every pair of begin and end: only cuts at failing calls differ, and of
    /// those that differ little counts one in each doubling.
    #[must_use]
    pub fn price(&self, steps: usize) -> f64 {
        let cuts = (self.inside.failed + self.outside.failed).min(steps as f64) + 1.0;
        let open = self.from == 0 || self.to >= steps;
        if open { cuts.ln() } else { 2.0 * cuts.ln() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_where_it_is() {
        let calls = vec![100; 300];
        let failed: Vec<u32> = (0..300).map(|t| if t < 200 { u32::from(t % 2 == 0) } else { 5 }).collect();
        let found = stretch(&failed, &calls).unwrap();
        assert_eq!((found.from, found.to), (200, 300));
        assert!(found.nats > 200.0 && found.odds() > 8.0, "{found:?}");
    }

    #[test]
    fn a_rise_of_calls_is_no_rise_of_failures() {
        let calls: Vec<u32> = (0..300).map(|t| if t < 200 { 100 } else { 400 }).collect();
        let failed: Vec<u32> = (0..300).map(|t| if t < 200 { u32::from(t % 2 == 0) } else { 2 }).collect();
        assert!(stretch(&failed, &calls).is_none_or(|f| f.nats < 6.0));
    }

    #[test]
    fn bunches_all_over_are_dispersion() {
        let calls = vec![50; 360];
        let failed: Vec<u32> = (0..360).map(|t| if t % 40 == 7 { 8 } else { 0 }).collect();
        let found = stretch(&failed, &calls).unwrap();
        assert!(found.nats < 12.0, "{found:?}");
    }
}

//! Whether calls were slow before they failed, and for how long.

use super::onset::{normalised, quantile};

/// A call that did not fail, before the onset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Duration {
    /// When, in milliseconds since the Unix epoch.
    pub time: i64,
    /// How long, in milliseconds.
    pub took: f32,
    /// What it called: calls of one kind are compared with their own kind.
    pub kind: u32,
}

/// Calls that were slow before they failed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lead {
    /// Since when, in milliseconds since the Unix epoch.
    pub since: i64,
    /// How many times slower they had become when the failures began.
    pub times: f64,
}

/// Cells of equal time.
const CELLS: usize = 240;
/// How many times slower calls become, less one: what is tried.
const SLOWER: [f64; 12] = [0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 40.0, 80.0];
/// A stray duration counts no more than `e⁴` times, no less than `e⁻³` times the usual.
const STRAY: (f64, f64) = (-3.0, 4.0);
/// Nats by which "slower since" must explain the durations better than "as ever": 240 begins, 12 factors and two forms
/// are e^8.7 trials, and one false lead in a thousand incidents is e^6.9.
const ENOUGH: f64 = 15.6;
/// Calls of the time before that are needed to know what is usual.
const USUAL: f64 = 20.0;
/// A lead below this many milliseconds is none: the onset itself is not known better.
const SHORT: i64 = 15_000;

#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    calls: f64,
    sum: f64,
    squares: f64,
}

impl Cell {
    fn plus(self, other: Self) -> Self {
        Self { calls: self.calls + other.calls, sum: self.sum + other.sum, squares: self.squares + other.squares }
    }

    fn minus(self, part: Self) -> Self {
        Self { calls: self.calls - part.calls, sum: self.sum - part.sum, squares: self.squares - part.squares }
    }

    /// Squared distances from a level.
    fn from(self, level: f64) -> f64 {
        (self.squares - 2.0 * level * self.sum + self.calls * level * level).max(0.0)
    }
}

/// Since when calls were slow, when they were so until the onset.
///
/// Durations are compared as logarithms. Two forms are tried for each begin: slower at once, and slower and slower
/// (linearly in time) until the onset.
#[must_use]
pub fn lead(durations: &[Duration], start: i64, onset: i64) -> Option<Lead> {
    let width = ((onset - start) / i64::try_from(CELLS).unwrap_or(1)).max(1);
    let usable = || durations.iter().filter(|d| d.took > 0.0 && d.took.is_finite() && (start..onset).contains(&d.time));
    let kinds = usable().map(|d| d.kind as usize + 1).max()?;
    let mut usual = vec![(0.0_f64, 0.0_f64); kinds];
    for call in usable() {
        let of = &mut usual[call.kind as usize];
        (of.0, of.1) = (of.0 + 1.0, of.1 + f64::from(call.took).ln());
    }
    let mut cells = vec![Cell::default(); CELLS + 1];
    for call in usable() {
        let of = usual[call.kind as usize];
        let log = (f64::from(call.took).ln() - of.1 / of.0).clamp(STRAY.0, STRAY.1);
        let cell = usize::try_from((call.time - start) / width).unwrap_or(0).min(CELLS);
        cells[cell] = cells[cell].plus(Cell { calls: 1.0, sum: log, squares: log * log });
    }
    let mut sums = vec![Cell::default()];
    for cell in &cells {
        sums.push(sums[sums.len() - 1].plus(*cell));
    }
    let (count, all) = (cells.len(), sums[cells.len()]);
    if all.calls < 2.0 * USUAL {
        return None;
    }
    let same = all.from(all.sum / all.calls);
    let mut best = (0.0, 1.0);
    let nats = |squares: f64| all.calls / 2.0 * (same.max(1e-9) / squares.max(1e-9)).ln();
    let logs: Vec<f64> = (1..count)
        .map(|at| {
            let before = sums[at];
            if before.calls < USUAL || all.calls - before.calls < USUAL / 4.0 {
                return f64::NEG_INFINITY;
            }
            let level = before.sum / before.calls;
            let quiet = before.from(level);
            let mut most = f64::NEG_INFINITY;
            for slower in SLOWER {
                let at_once = quiet + all.minus(before).from(level + (1.0 + slower).ln());
                let growing: f64 = quiet
                    + (at..count)
                        .map(|c| {
                            let share = ((c - at) as f64 + 0.5) / (count - at) as f64;
                            cells[c].from(level + (1.0 + slower * share).ln())
                        })
                        .sum::<f64>();
                for fit in [nats(at_once), nats(growing)] {
                    if fit > best.0 {
                        best = (fit, 1.0 + slower);
                    }
                    most = most.max(fit);
                }
            }
            most
        })
        .collect();
    if best.0 < ENOUGH {
        return None;
    }
    let weights = normalised(logs)?;
    let since = start + width * i64::try_from(quantile(&weights, 0.5) + 1).unwrap_or(0);
    (onset - since >= SHORT.max(2 * width)).then_some(Lead { since, times: best.1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Durations that vary by a factor of three in a fixed way, times what `slower` says.
    fn durations(slower: impl Fn(f64) -> f64) -> Vec<Duration> {
        let call = |i: i64| {
            let noise = (((i * 7919) % 101) as f64 / 50.0 - 1.0).exp();
            Duration { time: i * 500, took: (40.0 * noise * slower(i as f64 * 0.5)) as f32, kind: (i % 3) as u32 }
        };
        (0..4000).map(call).collect()
    }

    #[test]
    fn slower_and_slower_before_the_failures() {
        let calls = durations(|t| 1.0 + ((t - 1750.0) / 250.0).max(0.0) * 10.0);
        let found = lead(&calls, 0, 2_000_000).unwrap();
        assert!((found.since - 1_750_000).abs() < 30_000, "{found:?}");
    }

    #[test]
    fn as_ever_is_no_lead() {
        assert_eq!(lead(&durations(|_| 1.0), 0, 2_000_000), None);
        assert_eq!(lead(&[], 0, 2_000_000), None);
    }
}

//! Quantiles of latencies, exact; and the buckets that latencies are rounded to where rows are put together.

/// Borders of neighbouring buckets: with 1.02, the middle of a bucket is within one per cent of all in it.
const STEP: f64 = 1.02;

/// The latency that stands for all in its bucket: within one per cent of each of them.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "it began as an f32")]
pub fn rounded(latency: f32) -> f32 {
    if latency > 0.0 && latency.is_finite() {
        let bucket = (f64::from(latency).ln() / STEP.ln()).ceil();
        (STEP.powf(bucket) * 2.0 / (1.0 + STEP)).min(f64::from(f32::MAX)) as f32
    } else if latency.is_nan() {
        f32::NAN
    } else {
        latency.max(0.0)
    }
}

/// The latencies of one group.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Bits of each latency that sort as it does, and its weight.
    single: Vec<u32>,
    weighted: Vec<(u32, u32)>,
    /// Sum of the weights.
    total: u64,
    sorted: bool,
}

impl Scratch {
    pub(super) fn clear(&mut self) {
        self.single.clear();
        self.weighted.clear();
        (self.total, self.sorted) = (0, false);
    }

    pub(super) fn extend(&mut self, latencies: &[f32], weights: &[u32]) {
        if weights.is_empty() {
            self.single.extend(latencies.iter().map(|l| ordered(*l)));
            self.total += latencies.len() as u64;
        } else {
            self.weighted.extend(latencies.iter().map(|l| ordered(*l)).zip(weights.iter().copied()));
            self.total += weights.iter().map(|w| u64::from(*w)).sum::<u64>();
        }
    }

    /// The smallest latency that at least so many of a hundred do not exceed.
    pub(super) fn quantile(&mut self, percent: u64) -> Option<f32> {
        let rank = (self.total * percent).div_ceil(100).checked_sub(1)?;
        if self.weighted.is_empty() {
            let rank = usize::try_from(rank).ok().filter(|r| *r < self.single.len())?;
            return Some(back(*self.single.select_nth_unstable(rank).1));
        }
        if !self.sorted {
            self.weighted.sort_unstable();
            self.sorted = true;
        }
        let mut seen = 0;
        let found = self.weighted.iter().find(|(_, weight)| {
            seen += u64::from(*weight);
            seen > rank
        });
        found.map(|(bits, _)| back(*bits))
    }
}

/// Bits that sort as the numbers do.
const fn ordered(latency: f32) -> u32 {
    let bits = latency.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

const fn back(bits: u32) -> f32 {
    f32::from_bits(if bits >> 31 == 1 { bits & !(1 << 31) } else { !bits })
}

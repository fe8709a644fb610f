//! How strongly counts say that a part of the calls was hit: its rate now against its own before.

/// Calls of a part, now and before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Failing calls during the incident.
    pub failed: u64,
    /// Calls during the incident.
    pub calls: u64,
    /// Failing calls before.
    pub failed_before: u64,
    /// Calls before.
    pub calls_before: u64,
}

impl Counts {
    /// Both together.
    pub fn add(&mut self, other: Self) {
        self.failed += other.failed;
        self.calls += other.calls;
        self.failed_before += other.failed_before;
        self.calls_before += other.calls_before;
    }

    /// What is left without a part of it.
    #[must_use]
    pub fn without(self, part: Self) -> Self {
        Self {
            failed: self.failed.saturating_sub(part.failed),
            calls: self.calls.saturating_sub(part.calls),
            failed_before: self.failed_before.saturating_sub(part.failed_before),
            calls_before: self.calls_before.saturating_sub(part.calls_before),
        }
    }
}

/// What is expected of calls about which nothing else is known, and for how many calls of history that counts.
#[derive(Clone, Copy, Debug)]
pub struct Prior {
    /// Share that fails.
    pub rate: f64,
}

/// Calls of history that the rate of all calls counts for in the baseline of a part: enough that a part seen twice has no
/// rate of 0 or 1, too little to matter where there is history.
const PRIOR_CALLS: f64 = 20.0;

/// Counts as numbers to reckon with; below 2^52 nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
pub const fn real(count: u64) -> f64 {
    count as f64
}

impl Prior {
    /// From the calls of the time before.
    #[must_use]
    pub fn of(all: Counts) -> Self {
        Self { rate: (real(all.failed_before) + 0.5) / (real(all.calls_before) + 1.0) }
    }

    /// The rate at which a part would fail had nothing happened.
    #[must_use]
    pub fn baseline(self, part: Counts) -> f64 {
        let rate = PRIOR_CALLS.mul_add(self.rate, real(part.failed_before)) / (real(part.calls_before) + PRIOR_CALLS);
        rate.clamp(1e-6, 1.0 - 1e-6)
    }

    /// Of the calls that would have gone well, the share that now fails; negative when it is better than before.
    #[must_use]
    pub fn hit(self, part: Counts) -> f64 {
        let baseline = self.baseline(part);
        (real(part.failed) / real(part.calls).max(1.0) - baseline) / (1.0 - baseline)
    }

    /// Failing calls more than the baseline says.
    #[must_use]
    pub fn excess(self, part: Counts) -> f64 {
        real(part.calls).mul_add(-self.baseline(part), real(part.failed))
    }

    /// Logarithm of the likelihood of the part with a rate of its own over that with its baseline, in nats; 0 when it does
    /// not fail more than before.
    #[must_use]
    pub fn gain(self, part: Counts) -> f64 {
        let (failed, calls, baseline) = (real(part.failed), real(part.calls), self.baseline(part));
        if failed <= calls * baseline {
            return 0.0;
        }
        let rate = failed / calls;
        let well = calls - failed;
        let of_well = if well > 0.0 { well * ((1.0 - rate) / (1.0 - baseline)).ln() } else { 0.0 };
        failed.mul_add((rate / baseline).ln(), of_well)
    }
}

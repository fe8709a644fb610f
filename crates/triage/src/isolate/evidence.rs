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

/// What is expected of calls about which nothing else is known.
#[derive(Clone, Copy, Debug)]
pub struct Prior {
    /// Share that fails.
    pub rate: f64,
    /// Calls before for each call during: how much history a part has that has always been there.
    pub length: f64,
}

/// Calls of history that the rate of all calls counts for in the baseline of a part whose own history agrees with it.
const PRIOR_CALLS: f64 = 100.0;
/// … and of every part: what was seen twice has no rate of 0 or 1.
const LEAST_CALLS: f64 = 2.0;

/// Twenty to one, in nats.
pub const TWENTY_TO_ONE: f64 = 3.0;
/// A thousand to one, in nats.
pub const THOUSAND_TO_ONE: f64 = 6.9;

/// Counts as numbers to reckon with; below 2^52 nothing is lost.
#[expect(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
pub const fn real(count: u64) -> f64 {
    count as f64
}

/// Logarithm of the likelihood of counts at their own rate over that at another, in nats.
pub fn divergence(failed: f64, calls: f64, rate: f64) -> f64 {
    let term = |count: f64, share: f64| if count > 0.0 { count * (count / calls / share).ln() } else { 0.0 };
    term(failed, rate) + term(calls - failed, 1.0 - rate)
}

impl Prior {
    /// From the calls of the time before; without any, nothing fails but what fails now outside of the sets that are found.
    #[must_use]
    pub fn of(all: Counts) -> Self {
        if all.calls_before == 0 {
            return Self { rate: (real(all.failed) + 0.5) / (real(all.calls) + 1.0), length: 1.0 };
        }
        Self {
            rate: (real(all.failed_before) + 0.5) / (real(all.calls_before) + 1.0),
            length: real(all.calls_before) / real(all.calls).max(1.0),
        }
    }

    /// Failing calls and calls of a part's history, completed by what is known of all calls, as far as its own history
    /// agrees with their rate: what always failed keeps its own rate, however few its calls.
    ///
    /// A value that came with the incident (a release) took its calls from others: the history that it lacks is completed.
    fn history(self, part: Counts) -> (f64, f64) {
        let (failed, calls) = (real(part.failed_before), real(part.calls_before));
        let lacking = self.length.mul_add(real(part.calls), -calls).max(0.0);
        let agrees = (-divergence(failed, calls, self.rate)).exp();
        let known = agrees.mul_add(PRIOR_CALLS + lacking, LEAST_CALLS);
        (self.rate.mul_add(known, failed), calls + known)
    }

    /// The rate at which a part would fail had nothing happened.
    #[must_use]
    pub fn baseline(self, part: Counts) -> f64 {
        let (failed, calls) = self.history(part);
        (failed / calls).clamp(1e-6, 1.0 - 1e-6)
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

    /// Whether most of a part's calls always failed (a thousand to one against chance), and fail as before.
    #[must_use]
    pub fn always_failed(self, part: Counts) -> bool {
        2 * part.failed_before >= part.calls_before
            && divergence(real(part.failed_before), real(part.calls_before), self.rate) >= THOUSAND_TO_ONE
            && self.gain(part) < THOUSAND_TO_ONE
    }

    /// How many times the failures that the baseline says.
    #[must_use]
    pub fn times(self, part: Counts) -> f64 {
        real(part.failed) / (real(part.calls) * self.baseline(part)).max(f64::MIN_POSITIVE)
    }

    /// Logarithm of the likelihood of a rate now and another before over that of one rate for both, in nats; 0 when the part
    /// does not fail more than before. A part of little history has little evidence, however seldom it failed.
    #[must_use]
    pub fn gain(self, part: Counts) -> f64 {
        if part.failed == 0 {
            return 0.0;
        }
        let (failed, calls) = (real(part.failed), real(part.calls));
        let (failed_before, calls_before) = self.history(part);
        if calls == 0.0 || failed * calls_before <= failed_before * calls {
            return 0.0;
        }
        let both = (failed + failed_before) / (calls + calls_before);
        divergence(failed, calls, both) + divergence(failed_before, calls_before, both)
    }

    /// Nats for a part being unharmed against its being hit as much as another.
    #[must_use]
    pub fn for_unharmed(self, part: Counts, as_much_as: Counts) -> f64 {
        let baseline = self.baseline(part);
        let harmed = (1.0 - baseline).mul_add(self.hit(as_much_as), baseline).clamp(baseline, 1.0 - 1e-9);
        let (failed, calls) = (real(part.failed), real(part.calls));
        failed.mul_add((baseline / harmed).ln(), (calls - failed) * ((1.0 - baseline) / (1.0 - harmed)).ln())
    }
}

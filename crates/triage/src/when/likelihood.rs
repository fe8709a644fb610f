//! Likelihoods of failing calls among calls, in nats.

/// Failing calls and calls, as real numbers because shares are taken of them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    /// Failing calls.
    pub failed: f64,
    /// Calls.
    pub calls: f64,
}

impl Count {
    /// Two counts of different calls.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { failed: self.failed + other.failed, calls: self.calls + other.calls }
    }

    /// What remains when `part` is taken away.
    #[must_use]
    pub fn minus(self, part: Self) -> Self {
        Self { failed: (self.failed - part.failed).max(0.0), calls: (self.calls - part.calls).max(0.0) }
    }

    /// Failing share, with half a failure on either side (Jeffreys), so that none seen is not "never".
    #[must_use]
    pub fn rate(self) -> f64 {
        (self.failed + 0.5) / (self.calls + 1.0)
    }

    /// Failing share as counted.
    #[must_use]
    pub fn share(self) -> f64 {
        if self.calls > 0.0 { self.failed / self.calls } else { 0.0 }
    }
}

/// Log-likelihood of a count under its own share.
#[must_use]
pub fn best(count: Count) -> f64 {
    let Count { failed, calls } = count;
    if calls <= 0.0 {
        return 0.0;
    }
    term(failed, failed / calls) + term(calls - failed, 1.0 - failed / calls)
}

/// `count · ln share`, 0 for no count.
fn term(count: f64, share: f64) -> f64 {
    if count <= 0.0 { 0.0 } else { count * share.max(1e-12).ln() }
}

/// Log-likelihood of a count under a given share.
#[must_use]
pub fn under(count: Count, share: f64) -> f64 {
    term(count.failed, share) + term(count.calls - count.failed, 1.0 - share)
}

/// By how much two shares explain two counts better than one share explains both.
#[must_use]
pub fn ratio(one: Count, other: Count) -> f64 {
    best(one) + best(other) - best(one.plus(other))
}

/// Odds of failing in `one` over those in `other`.
#[must_use]
pub fn odds_ratio(one: Count, other: Count) -> f64 {
    let odds = |rate: f64| rate / (1.0 - rate).max(1e-9);
    odds(one.rate()) / odds(other.rate())
}

/// Log-likelihood of a count with its share integrated out (Jeffreys' prior): what a posterior of times is made of,
/// because a stretch of a few calls must not choose its share freely.
#[must_use]
pub fn integrated(count: Count) -> f64 {
    let Count { failed, calls } = count;
    ln_gamma(failed + 0.5) + ln_gamma(calls - failed + 0.5) - ln_gamma(calls + 1.0) - std::f64::consts::PI.ln()
}

/// Logarithm of the gamma function for positive arguments (Stirling's series after shifting the argument above 7;
/// Abramowitz and Stegun 6.1.40; error below 1e-10).
fn ln_gamma(value: f64) -> f64 {
    let (mut x, mut shift) = (value.max(1e-9), 1.0);
    while x < 7.0 {
        shift *= x;
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series = (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - shift.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_of_whole_numbers_is_the_factorial() {
        let mut factorial = 1.0_f64;
        for n in 1..20 {
            assert!((ln_gamma(f64::from(n)) - factorial.ln()).abs() < 1e-9, "{n}");
            factorial *= f64::from(n);
        }
    }

    #[test]
    fn equal_shares_have_no_ratio_and_unequal_ones_do() {
        let (quiet, loud) = (Count { failed: 10.0, calls: 1000.0 }, Count { failed: 100.0, calls: 1000.0 });
        assert!(ratio(quiet, quiet).abs() < 1e-9);
        assert!(ratio(loud, quiet) > 40.0);
        assert!(odds_ratio(loud, quiet) > 9.0);
    }
}

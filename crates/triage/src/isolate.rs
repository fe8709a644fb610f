//! Which attribute sets explain failures with the least left outside.

use firstfault_calls::Calls;
use std::ops::Range;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Ask<'a> {
    /// The table.
    pub calls: &'a Calls,
    /// By shape: does a call of it count as failing here?
    pub failing: &'a [bool],
    /// By shape: does it count as a call (else it is an event and is left out)?
    pub counts: &'a [bool],
    /// The time of the incident, in milliseconds since the Unix epoch.
    pub during: Range<i64>,
    /// The time to compare with; empty when there is none.
    pub before: Range<i64>,
    /// Indices of the dimensions to look at.
    pub dimensions: &'a [usize],
}

/// An attribute set and what lies in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isolated {
    /// Dimension and code, up to three.
    pub set: Vec<(usize, u32)>,
    /// Failing calls and calls inside, during.
    pub inside: (u64, u64),
    /// … outside, during.
    pub outside: (u64, u64),
    /// … inside, before.
    pub before: (u64, u64),
    /// Evidence in bits after the price of the combinations tried.
    pub bits: f64,
}

/// The independent attribute sets that together explain the failures, best first, and how many combinations were tried.
/// Empty: not isolated, everywhere.
#[must_use]
pub fn isolate(ask: &Ask<'_>) -> (Vec<Isolated>, u64) {
    let _ = ask;
    (Vec::new(), 0)
}

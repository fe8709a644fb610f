//! Which attribute sets explain failures with the least left outside.
//!
//! A set is up to three attributes with a value each. Its evidence is the likelihood of its failures at a rate of its own
//! against its baseline (its own history, so that what always failed is no evidence), less a price for each attribute:
//! the logarithm of how many values could have stood in its place. An attribute belongs to the set only when calls that
//! differ in it alone are not hit: so neither a part of what is hit is named nor more than it.

mod evidence;
mod groups;
mod items;
mod search;

use evidence::{Counts, Prior};
use firstfault_calls::{Attribute, Calls};
use items::Item;
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

/// Names by which an on-call engineer would rather hear of the same calls: the cause before what it implies. What is not
/// named here comes after it.
const RATHER: &[Attribute] = &[
    Attribute::Tenant,
    Attribute::Region,
    Attribute::Zone,
    Attribute::Release,
    Attribute::Flag,
    Attribute::Upstream,
    Attribute::Route,
    Attribute::Service,
    Attribute::Role,
    Attribute::ClientVersion,
    Attribute::Client,
    Attribute::ApiKey,
    Attribute::Host,
    Attribute::Method,
];

/// The independent attribute sets that together explain the failures, best first, and how many combinations were tried.
/// Empty: not isolated, everywhere.
#[must_use]
pub fn isolate(ask: &Ask<'_>) -> (Vec<Isolated>, u64) {
    let classes = items::classes(ask);
    let (all, items, looked) = items::items(ask, &classes);
    let prior = Prior::of(all);
    let (taken, groups) = groups::groups(ask, &classes, &items);
    let items = &items[..taken];
    let dimension: Vec<usize> = items.iter().map(|item| item.dimension).collect();
    let price: Vec<f64> = items.iter().map(|item| price(ask, item)).collect();
    let rank: Vec<usize> = items.iter().map(|item| rank(ask.calls, item)).collect();
    let terms = search::Terms { prior, dimension: &dimension, price: &price, rank: &rank };
    let (found, weighed) = search::explain(&groups, &terms);
    if search::everywhere(&found, all, prior) {
        return (Vec::new(), looked + weighed);
    }
    let isolated = found
        .iter()
        .map(|set| {
            let mut inside = Counts::default();
            for group in groups.iter().filter(|group| group.key & set.key == set.key) {
                inside.add(group.counts);
            }
            let rest = all.without(inside);
            let mut named: Vec<(usize, u32)> = items
                .iter()
                .enumerate()
                .filter(|(bit, _)| set.key & (1 << bit) != 0)
                .map(|(_, item)| (item.dimension, item.code))
                .collect();
            named.sort_unstable();
            Isolated {
                set: named,
                inside: (inside.failed, inside.calls),
                outside: (rest.failed, rest.calls),
                before: (inside.failed_before, inside.calls_before),
                bits: set.score / std::f64::consts::LN_2,
            }
        })
        .collect();
    (isolated, looked + weighed)
}

/// Nats that naming an attribute costs: one of so many dimensions, one of so many values.
fn price(ask: &Ask<'_>, item: &Item) -> f64 {
    let values = ask.calls.dimensions[item.dimension].values.len().saturating_sub(1).max(1);
    (evidence::real(values as u64) * evidence::real(ask.dimensions.len().max(1) as u64)).ln()
}

/// Where an attribute stands among those by which one would rather hear of the same calls.
fn rank(calls: &Calls, item: &Item) -> usize {
    let attribute = calls.dimensions[item.dimension].attribute;
    RATHER.iter().position(|rather| Some(*rather) == attribute).unwrap_or(RATHER.len())
}

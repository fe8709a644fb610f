//! Which attribute sets explain failures with the least left outside.
//!
//! A set is up to three attributes with a value each. Its evidence is the likelihood of its failures at a rate of its own
//! against its baseline (its own history, so that what always failed is no evidence), less a price for each attribute:
//! the logarithm of how many values could have stood in its place. An attribute belongs to the set only when calls that
//! differ in it alone are not hit: so neither a part of what is hit is named nor more than it.

mod evidence;
mod groups;
mod items;
mod narrow;
mod pairs;
mod rows;
mod search;

use evidence::{Counts, Prior};
use firstfault_calls::{Attribute, Calls};
use groups::Group;
use items::{BACKGROUND, Item};
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
    /// All rows of failing calls, others of shapes that fail elsewhere among them.
    pub rows: &'a [u32],
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
    /// Index of an earlier set with which it shares an attribute: it is a further part of that incident, not one of its own.
    pub part_of: Option<usize>,
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
    let (classes, all) = rows::classes(ask);
    let prices: Vec<f64> = (0..ask.calls.dimensions.len()).map(|dimension| price(ask, dimension)).collect();
    let values = items::values(ask, &classes, all, &prices);
    let looked = values.looked;
    let mut prior = Prior::of(all);
    let (taken, groups) = groups::groups(ask, &classes, &values.items, &values.background);
    let telling: Vec<Group> = groups.iter().filter(|group| group.key & BACKGROUND == 0).copied().collect();
    let items = &values.items[..taken];
    let dimension: Vec<usize> = items.iter().map(|item| item.dimension).collect();
    let price: Vec<f64> = items.iter().map(|item| prices[item.dimension]).collect();
    let rank: Vec<usize> = items.iter().map(|item| rank(ask.calls, item)).collect();
    let explain =
        |prior| search::explain(&telling, &search::Terms { prior, dimension: &dimension, price: &price, rank: &rank });
    let (mut found, mut weighed) = explain(prior);
    let history = all.calls_before > 0;
    if !history {
        // Nothing to compare with but the calls outside, once it is known what is outside.
        let left = found.iter().fold(all, |left, set| left.without(set.counts));
        prior = Prior::of(left);
        let (again, more) = explain(prior);
        found = again;
        weighed += more;
    }
    if history && search::everywhere(&found, all, prior) {
        return (Vec::new(), looked + weighed);
    }
    let mut sets: Vec<Vec<(usize, u32)>> = Vec::new();
    let mut isolated: Vec<Isolated> = Vec::new();
    for found in &found {
        let named = items.iter().enumerate().filter(|(bit, _)| found.key & (1 << bit) != 0);
        let mut set: Vec<(usize, u32)> = named.map(|(_, item)| (item.dimension, item.code)).collect();
        set.sort_unstable();
        let set = narrow::narrowed(ask, &classes, set, &sets, prior, &prices);
        let mut inside = Counts::default();
        for row in rows::rows_of(ask, &classes, &set, &[]) {
            rows::count(&mut inside, classes[row as usize], ask.calls.weight(row as usize));
        }
        let rest = all.without(inside);
        let cost: f64 = set.iter().map(|(dimension, _)| prices[*dimension]).sum();
        let part_of = sets.iter().position(|earlier| earlier.iter().any(|attribute| set.contains(attribute)));
        isolated.push(Isolated {
            set: set.clone(),
            inside: (inside.failed, inside.calls),
            outside: (rest.failed, rest.calls),
            before: (inside.failed_before, inside.calls_before),
            bits: (prior.gain(inside) - cost) / std::f64::consts::LN_2,
            part_of,
        });
        sets.push(set);
    }
    (isolated, looked + weighed)
}

/// Nats that naming an attribute costs: one of so many dimensions, one of so many values.
fn price(ask: &Ask<'_>, dimension: usize) -> f64 {
    let values = ask.calls.dimensions[dimension].values.len().saturating_sub(1).max(1);
    (evidence::real(values as u64) * evidence::real(ask.dimensions.len().max(1) as u64)).ln()
}

/// Where an attribute stands among those by which one would rather hear of the same calls.
fn rank(calls: &Calls, item: &Item) -> usize {
    let attribute = calls.dimensions[item.dimension].attribute;
    RATHER.iter().position(|rather| Some(*rather) == attribute).unwrap_or(RATHER.len())
}

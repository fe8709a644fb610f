//! The sets of attributes that explain the failures: found, tested for what each attribute is worth, put together.

use super::evidence::{Counts, Prior, real};
use super::groups::Group;

/// A set of items and what lies in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Its items, a bit each.
    pub key: u64,
    /// Its calls, without those of the sets found before it.
    pub counts: Counts,
    /// Evidence in nats, the price taken off.
    pub score: f64,
}

/// What a search knows beside the groups.
#[derive(Debug)]
pub struct Terms<'a> {
    /// Expectations of calls about which nothing else is known.
    pub prior: Prior,
    /// Of each item: its dimension.
    pub dimension: &'a [usize],
    /// Of each item: nats that naming it costs.
    pub price: &'a [f64],
    /// Of each item: what is named rather when two say the same, from 0.
    pub rank: &'a [usize],
}

/// An attribute belongs to a set when the calls that differ in it alone are hit at most this share as much: an eighth, well
/// below any partial damage and above what chance leaves.
const UNHARMED: f64 = 0.125;
/// Sets that begin an explanation must come this close to the best one.
const NEAR: f64 = 0.8;
/// A further incident has at least this share of the evidence of the first.
const FURTHER: f64 = 0.1;
/// Explanations that are tried.
const BEGINNINGS: usize = 8;
/// Incidents at once.
const AT_ONCE: usize = 3;
/// Sets tested, best first, before a search gives up.
const TESTED: usize = 200;

/// Counts of all sets of up to three items, in three tables.
struct Sets {
    items: usize,
    one: Vec<Counts>,
    two: Vec<Counts>,
    three: Vec<Counts>,
}

impl Sets {
    fn of(groups: &[Group], items: usize) -> Self {
        let none = Counts::default();
        let mut sets = Self {
            items,
            one: vec![none; items],
            two: vec![none; items * items],
            three: vec![none; items * items * items],
        };
        let mut bits: Vec<usize> = Vec::with_capacity(64);
        for group in groups {
            bits.clear();
            let mut key = group.key;
            while key != 0 {
                bits.push(key.trailing_zeros() as usize);
                key &= key - 1;
            }
            for (n, a) in bits.iter().enumerate() {
                sets.one[*a].add(group.counts);
                for (m, b) in bits.iter().enumerate().skip(n + 1) {
                    sets.two[a * items + b].add(group.counts);
                    for c in &bits[m + 1..] {
                        sets.three[(a * items + b) * items + c].add(group.counts);
                    }
                }
            }
        }
        sets
    }

    /// The counts of a set.
    fn counts(&self, key: u64) -> Counts {
        let a = key.trailing_zeros() as usize;
        let rest = key & key.wrapping_sub(1);
        let b = rest.trailing_zeros() as usize;
        let last = rest & rest.wrapping_sub(1);
        match (key, rest, last) {
            (0, _, _) => Counts::default(),
            (_, 0, _) => self.one[a],
            (_, _, 0) => self.two[a * self.items + b],
            _ => self.three[(a * self.items + b) * self.items + last.trailing_zeros() as usize],
        }
    }

    /// Every set that fails now, as keys.
    fn failing(&self) -> Vec<u64> {
        let mut keys = Vec::new();
        for a in 0..self.items {
            if self.one[a].failed > 0 {
                keys.push(1 << a);
            }
            for b in a + 1..self.items {
                if self.two[a * self.items + b].failed == 0 {
                    continue;
                }
                keys.push(1 << a | 1 << b);
                for c in b + 1..self.items {
                    if self.three[(a * self.items + b) * self.items + c].failed > 0 {
                        keys.push(1 << a | 1 << b | 1 << c);
                    }
                }
            }
        }
        keys
    }
}

/// The bits of a key.
fn bits(mut key: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (key != 0).then(|| {
            let bit = key.trailing_zeros() as usize;
            key &= key - 1;
            bit
        })
    })
}

/// The sets that stand the test, best first, and how many were weighed.
fn candidates(groups: &[Group], terms: &Terms<'_>) -> (Vec<Found>, u64) {
    let sets = Sets::of(groups, terms.dimension.len());
    let mut found: Vec<(Found, (u32, usize))> = Vec::new();
    let mut weighed = 0;
    for key in sets.failing() {
        weighed += 1;
        let counts = sets.counts(key);
        let price: f64 = bits(key).map(|bit| terms.price[bit]).sum();
        let score = terms.prior.gain(counts) - price;
        if score > 0.0 {
            found.push((Found { key, counts, score }, (key.count_ones(), bits(key).map(|bit| terms.rank[bit]).sum())));
        }
    }
    // The shorter, then the more general name, when the evidence is the same.
    found.sort_by(|(a, by), (b, than)| b.score.total_cmp(&a.score).then(by.cmp(than)).then(a.key.cmp(&b.key)));
    let standing = found
        .into_iter()
        .take(TESTED)
        .map(|(set, _)| set)
        .filter(|set| {
            let hit = terms.prior.hit(set.counts);
            set.key.count_ones() == 1
                || bits(set.key).all(|bit| {
                    let siblings = sets.counts(set.key & !(1 << bit)).without(set.counts);
                    siblings.calls > 0 && terms.prior.hit(siblings) <= UNHARMED * hit
                })
        })
        .take(BEGINNINGS)
        .collect();
    (standing, weighed)
}

/// The groups that do not lie in a set.
fn outside(groups: &[Group], key: u64) -> Vec<Group> {
    groups.iter().filter(|group| group.key & key != key).copied().collect()
}

/// The sets that together explain the failures, best first, and how many were weighed.
///
/// Each beginning that comes near the best is completed by the best set of what it leaves, as long as there is one that
/// counts; of these explanations the one of the fewest sets is taken, then the one of the most evidence.
#[must_use]
pub fn explain(groups: &[Group], terms: &Terms<'_>) -> (Vec<Found>, u64) {
    let (beginnings, mut weighed) = candidates(groups, terms);
    let Some(best) = beginnings.first().map(|set| set.score) else { return (Vec::new(), weighed) };
    let mut explanations: Vec<Vec<Found>> = Vec::new();
    for beginning in beginnings.into_iter().filter(|set| set.score >= NEAR * best) {
        let mut left = outside(groups, beginning.key);
        let mut sets = vec![beginning];
        while sets.len() < AT_ONCE {
            let (next, more) = candidates(&left, terms);
            weighed += more;
            let Some(next) = next.first().filter(|next| next.score >= FURTHER * best) else { break };
            left = outside(&left, next.key);
            sets.push(*next);
        }
        explanations.push(sets);
    }
    let evidence = |sets: &[Found]| sets.iter().map(|set| set.score).sum::<f64>();
    let chosen = explanations.into_iter().reduce(|best, other| {
        let better = other.len() < best.len() || (other.len() == best.len() && evidence(&other) > evidence(&best));
        if better { other } else { best }
    });
    (chosen.unwrap_or_default(), weighed)
}

/// Whether the sets leave so much outside that they explain nothing: most of the failures, at nearly the rate of all.
#[must_use]
pub fn everywhere(sets: &[Found], all: Counts, prior: Prior) -> bool {
    let mut left = all;
    for set in sets {
        left = left.without(set.counts);
    }
    let excess = prior.excess(all);
    excess > 0.0
        && real(left.calls) > 0.0
        && prior.excess(left) > 0.5 * excess
        && prior.hit(left) > 0.5 * prior.hit(all)
}

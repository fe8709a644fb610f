//! The sets of attributes that explain the failures: found, tested for what each attribute is worth, put together.

use super::evidence::{Counts, Prior, THOUSAND_TO_ONE, TWENTY_TO_ONE};
use super::groups::Group;
use super::narrow::{pays, unharmed};
use crate::parallel::parts_of;

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

/// Sets that begin an explanation must come this close to the best one.
const NEAR: f64 = 0.8;
/// A further incident has a thousand to one for it, at least this share of the evidence of the first …
const FURTHER: f64 = 0.01;
/// … and, unless its calls are hit as those of the first are (see [`unharmed`]), this many times the failures of its
/// baseline: rates that drift are no incident.
const FURTHER_TIMES: f64 = 2.0;
/// Explanations that are tried.
const BEGINNINGS: usize = 8;
/// Incidents at once.
const AT_ONCE: usize = 3;
/// Sets tested, best first, before a search gives up.
const TESTED: usize = 200;

/// Rows that take as long as weighing a set.
pub const A_SET: usize = 16;

/// Counts of all sets of up to three items, in three tables. The items of a set are in order, so that no set has two places.
struct Sets {
    one: Vec<Counts>,
    two: Vec<Counts>,
    three: Vec<Counts>,
}

impl Sets {
    fn of(groups: &[Group], items: usize) -> Self {
        let none = Counts::default();
        let mut sets =
            Self { one: vec![none; items], two: vec![none; PAIRS[items]], three: vec![none; TRIPLES[items]] };
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
                    sets.two[two(*a, *b)].add(group.counts);
                    for c in &bits[m + 1..] {
                        sets.three[three(*a, *b, *c)].add(group.counts);
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
            (_, _, 0) => self.two[two(a, b)],
            _ => self.three[three(a, b, last.trailing_zeros() as usize)],
        }
    }

    /// Every set that fails now, as keys.
    fn failing(&self) -> Vec<u64> {
        let mut keys = Vec::new();
        let items = self.one.len();
        for a in 0..items {
            if self.one[a].failed > 0 {
                keys.push(1 << a);
            }
            for b in a + 1..items {
                if self.two[two(a, b)].failed == 0 {
                    continue;
                }
                keys.push(1 << a | 1 << b);
                for c in b + 1..items {
                    if self.three[three(a, b, c)].failed > 0 {
                        keys.push(1 << a | 1 << b | 1 << c);
                    }
                }
            }
        }
        keys
    }
}

/// By number of items: how many sets of one, of two and of three they have. A further item makes as many new ones as the items
/// before it have sets of one item less.
const ONES: [usize; 65] = sums([1; 65]);
const PAIRS: [usize; 65] = sums(ONES);
const TRIPLES: [usize; 65] = sums(PAIRS);

const fn sums(of: [usize; 65]) -> [usize; 65] {
    let mut sums = [0; 65];
    let mut at = 1;
    while at < sums.len() {
        sums[at] = sums[at - 1] + of[at - 1];
        at += 1;
    }
    sums
}

/// The place of a set of two; `a` comes before `b`.
const fn two(a: usize, b: usize) -> usize {
    PAIRS[b] + a
}

/// The place of a set of three, in their order.
const fn three(a: usize, b: usize, c: usize) -> usize {
    TRIPLES[c] + PAIRS[b] + a
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

/// One look at the groups: the counts of every set, and what the search knows beside.
struct Look<'a> {
    sets: Sets,
    terms: &'a Terms<'a>,
}

impl Look<'_> {
    fn found(&self, key: u64) -> Found {
        let counts = self.sets.counts(key);
        Found { key, counts, score: self.terms.prior.gain(counts) - self.price(key) }
    }

    fn price(&self, key: u64) -> f64 {
        bits(key).map(|bit| self.terms.price[bit]).sum()
    }

    /// Whether every attribute of a set is worth its place. That of a set of one is not asked here: beside it may be
    /// another incident.
    fn stands(&self, set: &Found) -> bool {
        set.key.count_ones() == 1
            || bits(set.key).all(|bit| {
                let siblings = self.sets.counts(set.key & !(1 << bit)).without(set.counts);
                unharmed(siblings, set.counts, self.terms.prior)
            })
    }

    /// The sets that stand, best first, and how many were weighed.
    fn candidates(&self) -> (Vec<Found>, u64) {
        let keys = self.sets.failing();
        let weighed = keys.len() as u64;
        let found = parts_of(keys.len(), keys.len() * A_SET, |part| {
            let found = keys[part].iter().map(|key| self.found(*key));
            found.filter(|set| set.score > 0.0).collect::<Vec<Found>>()
        });
        let mut found = found.concat();
        // The shorter, then the more general name, when the evidence is the same.
        let rank =
            |set: &Found| (set.key.count_ones(), bits(set.key).map(|bit| self.terms.rank[bit]).sum::<usize>(), set.key);
        let order = |a: &Found, b: &Found| b.score.total_cmp(&a.score).then_with(|| rank(a).cmp(&rank(b)));
        if found.len() > TESTED {
            found.select_nth_unstable_by(TESTED, order);
            found.truncate(TESTED);
        }
        found.sort_by(order);
        let standing = found.into_iter().filter(|set| self.stands(set)).take(BEGINNINGS).collect();
        (standing, weighed)
    }

    /// The set with as many further items as pay.
    fn narrowed(&self, mut set: Found) -> Found {
        let prior = self.terms.prior;
        while set.key.count_ones() < 3 {
            let taken = bits(set.key).map(|bit| self.terms.dimension[bit]).collect::<Vec<_>>();
            let next = (0..self.terms.dimension.len())
                .filter(|bit| !taken.contains(&self.terms.dimension[*bit]))
                .map(|bit| (self.found(set.key | 1 << bit), self.terms.price[bit]))
                .filter(|(narrower, price)| pays(set.counts, narrower.counts, *price, prior))
                .map(|(narrower, _)| narrower)
                .reduce(|best, other| if other.score > best.score { other } else { best });
            let Some(narrower) = next else { break };
            set = narrower;
        }
        set
    }
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
    let items = terms.dimension.len();
    let first = Look { sets: Sets::of(groups, items), terms };
    let (beginnings, mut weighed) = first.candidates();
    let Some(best) = beginnings.first().map(|set| set.score).filter(|score| *score >= TWENTY_TO_ONE) else {
        return (Vec::new(), weighed);
    };
    let mut begun: Vec<Found> = Vec::new();
    for beginning in beginnings.into_iter().filter(|set| set.score >= NEAR * best) {
        let beginning = first.narrowed(beginning);
        if !begun.contains(&beginning) {
            begun.push(beginning);
        }
    }
    let mut explanations: Vec<Vec<Found>> = Vec::new();
    for beginning in begun {
        let mut left = outside(groups, beginning.key);
        let mut sets = vec![beginning];
        while sets.len() < AT_ONCE {
            let look = Look { sets: Sets::of(&left, items), terms };
            let (next, more) = look.candidates();
            weighed += more;
            let counts = |next: &&Found| {
                next.score >= THOUSAND_TO_ONE.max(FURTHER * best)
                    && (!unharmed(next.counts, beginning.counts, terms.prior)
                        || terms.prior.times(next.counts) >= FURTHER_TIMES)
            };
            let Some(next) = next.iter().find(counts) else { break };
            let next = look.narrowed(*next);
            left = outside(&left, next.key);
            sets.push(next);
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

/// Whether the failures are everywhere: what the sets leave is hit nearly as much as all, or is too little to tell.
#[must_use]
pub fn everywhere(sets: &[Found], all: Counts, prior: Prior) -> bool {
    let (mut left, mut inside) = (all, Counts::default());
    for set in sets {
        left = left.without(set.counts);
        inside.add(set.counts);
    }
    prior.hit(all) > 0.0 && (prior.for_unharmed(left, inside) <= 0.0 || prior.hit(left) > 0.5 * prior.hit(all))
}

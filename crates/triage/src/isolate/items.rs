//! The single attributes worth combining: values whose calls fail more than their own history says, alone or in pairs.

use super::evidence::{Counts, Prior};
use super::rows::{self, Class};
use super::search::A_SET;
use super::{Ask, pairs};
use crate::parallel::parts_of;
use firstfault_calls::Calls;
use std::cmp::Ordering;

/// One attribute with one of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Index of the dimension.
    pub dimension: usize,
    /// Code of the value.
    pub code: u32,
    /// Evidence in nats after the price: its own, or that of the best pair that it is in.
    pub score: f64,
}

/// Items at most: one bit of a word each, the last of which is [`BACKGROUND`].
const MOST: usize = 63;
/// The bit of calls with a value that always failed: what fails there says nothing about an incident.
pub const BACKGROUND: u64 = 1 << 63;
/// Items of one dimension at most, so that a dimension of many values leaves room for the others.
const MOST_OF_ONE: usize = 12;

/// Whether a value is one: "not said" and what was put together for lack of room are none.
#[must_use]
pub fn is_value(calls: &Calls, dimension: usize, code: u32) -> bool {
    let value = calls.dimensions[dimension].values.get(code as usize);
    code != 0 && value.is_some_and(|value| !value.is_empty() && value != "(others)")
}

/// The order of items: most evidence first.
fn better(a: &Item, b: &Item) -> Ordering {
    b.score.total_cmp(&a.score).then((a.dimension, a.code).cmp(&(b.dimension, b.code)))
}

/// Those items of one dimension that may be taken, in no order: as many as there may be, and one for each that a pair names
/// too.
fn best(mut items: Vec<Item>) -> Vec<Item> {
    const BEST: usize = MOST_OF_ONE + 2 * pairs::TAKEN;
    if items.len() > BEST {
        items.select_nth_unstable_by(BEST, better);
        items.truncate(BEST);
    }
    items
}

/// What the values say one by one.
#[derive(Debug, Default)]
pub struct Values {
    /// Values with evidence, most first.
    pub items: Vec<Item>,
    /// Dimensions and codes of the values most of whose calls always failed, and do so as before.
    pub background: Vec<(usize, u32)>,
    /// How many values and pairs were looked at.
    pub looked: u64,
}

/// Looks at every value that fails.
#[must_use]
pub fn values(ask: &Ask<'_>, classes: &[Class], all: Counts, price: &[f64]) -> Values {
    let prior = Prior::of(all);
    let mut values = Values::default();
    let mut items: Vec<Item> = Vec::new();
    for (dimension, counts) in rows::by_value(ask, classes, None) {
        let parts = parts_of(counts.len(), counts.len() * A_SET, |part| {
            let (mut items, mut background, mut looked) = (Vec::new(), Vec::new(), 0);
            for (code, counts) in part.clone().zip(&counts[part]) {
                let code = u32::try_from(code).unwrap_or(0);
                if counts.failed == 0 || !is_value(ask.calls, dimension, code) {
                    continue;
                }
                looked += 1;
                let gain = prior.gain(*counts);
                // A value that all calls have says nothing.
                if prior.always_failed(*counts) && 2 * counts.calls < all.calls {
                    background.push((dimension, code));
                } else if gain > 0.0 && (counts.calls < all.calls || counts.calls_before < all.calls_before) {
                    items.push(Item { dimension, code, score: gain - price[dimension] });
                }
            }
            (best(items), background, looked)
        });
        for (best, background, looked) in parts {
            items.extend(best);
            values.background.extend(background);
            values.looked += looked;
        }
    }
    let (pairs, looked) = pairs::pairs(ask, classes, all, price);
    values.looked += looked;
    items.extend(pairs);
    items.sort_by(better);
    let mut taken = vec![0; ask.calls.dimensions.len()];
    for item in items {
        let is_new = values.items.iter().all(|other| (other.dimension, other.code) != (item.dimension, item.code));
        if values.items.len() < MOST
            && taken[item.dimension] < MOST_OF_ONE
            && is_new
            && !values.background.contains(&(item.dimension, item.code))
        {
            taken[item.dimension] += 1;
            values.items.push(item);
        }
        if values.items.len() == MOST {
            break;
        }
    }
    values
}

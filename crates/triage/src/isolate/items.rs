//! The single attributes worth combining: values whose calls fail more than their own history says.

use super::Ask;
use super::evidence::{Counts, Prior};
use firstfault_calls::{Calls, Codes, NO_TIME};

/// What a row counts as: 0 nothing, else 1 + (1 when failing) + (2 when during).
pub type Class = u8;

/// One attribute with one of its values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Index of the dimension.
    pub dimension: usize,
    /// Code of the value.
    pub code: u32,
    /// Of its calls.
    pub counts: Counts,
    /// Evidence in nats.
    pub gain: f64,
}

/// Items at most: one bit of a word each.
pub const MOST: usize = 64;
/// Items of one dimension at most, so that a dimension of many values leaves room for the others.
const MOST_OF_ONE: usize = 12;
/// Rows that one thread takes at least.
pub const ROWS_OF_A_THREAD: usize = 50_000;
/// Threads at most.
pub const THREADS: usize = 4;

/// Adds a row of a class.
pub fn count(counts: &mut Counts, class: Class, weight: u64) {
    let (now, failing) = (class > 2, class == 2 || class == 4);
    if now {
        counts.calls += weight;
        counts.failed += if failing { weight } else { 0 };
    } else {
        counts.calls_before += weight;
        counts.failed_before += if failing { weight } else { 0 };
    }
}

/// The class of each row.
#[must_use]
pub fn classes(ask: &Ask<'_>) -> Vec<Class> {
    let by_shape: Vec<Class> = (0..ask.calls.shapes.len().max(ask.failing.len()))
        .map(|shape| {
            let counts = ask.counts.get(shape).copied().unwrap_or(true);
            let failing = ask.failing.get(shape).copied().unwrap_or(false);
            if counts { 1 + Class::from(failing) } else { 0 }
        })
        .collect();
    (0..ask.calls.rows)
        .map(|row| {
            let time = ask.calls.time[row];
            let class = by_shape.get(ask.calls.shape[row] as usize).copied().unwrap_or(0);
            if class == 0 || time == NO_TIME {
                0
            } else if ask.during.contains(&time) {
                class + 2
            } else if ask.before.contains(&time) {
                class
            } else {
                0
            }
        })
        .collect()
}

/// Sums by code, a slot of eight for each code, indexed by class.
fn sums<C: Copy + Into<u32>>(codes: &[C], values: usize, classes: &[Class], weight: &[u32]) -> Vec<[u64; 8]> {
    let mut slots = vec![[0_u64; 8]; values];
    if weight.is_empty() {
        for (code, class) in codes.iter().zip(classes) {
            if let Some(slot) = slots.get_mut((*code).into() as usize) {
                slot[usize::from(*class & 7)] += 1;
            }
        }
    } else {
        for ((code, class), weight) in codes.iter().zip(classes).zip(weight) {
            if let Some(slot) = slots.get_mut((*code).into() as usize) {
                slot[usize::from(*class & 7)] += u64::from(*weight);
            }
        }
    }
    slots
}

/// Counts by code of a dimension.
fn histogram(calls: &Calls, dimension: usize, classes: &[Class]) -> Vec<Counts> {
    let column = &calls.dimensions[dimension];
    let values = column.values.len();
    let slots = match &column.codes {
        Codes::One(codes) => sums(codes, values, classes, &calls.weight),
        Codes::Two(codes) => sums(codes, values, classes, &calls.weight),
        Codes::Four(codes) => sums(codes, values, classes, &calls.weight),
    };
    slots
        .iter()
        .map(|slot| Counts {
            failed: slot[4],
            calls: slot[3] + slot[4],
            failed_before: slot[2],
            calls_before: slot[1] + slot[2],
        })
        .collect()
}

/// Whether a value is one: "not said" and what was put together for lack of room are none.
fn is_value(calls: &Calls, dimension: usize, code: usize) -> bool {
    code != 0
        && calls.dimensions[dimension].values.get(code).is_some_and(|value| !value.is_empty() && value != "(others)")
}

/// Counts of all calls, the items, most evidence first, and how many values were looked at in all.
#[must_use]
pub fn items(ask: &Ask<'_>, classes: &[Class]) -> (Counts, Vec<Item>, u64) {
    let threads = (ask.calls.rows / ROWS_OF_A_THREAD).clamp(1, THREADS);
    let mut histograms: Vec<(usize, Vec<Counts>)> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || {
                    ask.dimensions
                        .iter()
                        .skip(first)
                        .step_by(threads)
                        .filter(|dimension| **dimension < ask.calls.dimensions.len())
                        .map(|dimension| (*dimension, histogram(ask.calls, *dimension, classes)))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_default()).collect()
    });
    histograms.sort_by_key(|(dimension, _)| *dimension);
    let mut all = Counts::default();
    for (row, class) in classes.iter().enumerate() {
        if *class != 0 {
            count(&mut all, *class, ask.calls.weight(row));
        }
    }
    let prior = Prior::of(all);
    let mut looked = 0;
    let mut items = Vec::new();
    for (dimension, histogram) in histograms {
        let mut own: Vec<Item> = Vec::new();
        for (code, counts) in histogram.into_iter().enumerate() {
            if counts.failed == 0 || !is_value(ask.calls, dimension, code) {
                continue;
            }
            looked += 1;
            let gain = prior.gain(counts);
            // A value that all calls have says nothing.
            if gain > 0.0 && (counts.calls < all.calls || counts.calls_before < all.calls_before) {
                own.push(Item { dimension, code: u32::try_from(code).unwrap_or(0), counts, gain });
            }
        }
        own.sort_by(|a, b| b.gain.total_cmp(&a.gain).then(a.code.cmp(&b.code)));
        own.truncate(MOST_OF_ONE);
        items.extend(own);
    }
    items.sort_by(|a, b| b.gain.total_cmp(&a.gain).then((a.dimension, a.code).cmp(&(b.dimension, b.code))));
    items.truncate(MOST);
    (all, items, looked)
}

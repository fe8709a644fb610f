//! What each row counts for, and sums over rows: the only place that goes over all of the table but [`super::groups`].

use super::Ask;
use super::evidence::Counts;
use crate::parallel::{each, parts_of, queue, threads};
use firstfault_calls::{Codes, NO_TIME};
use std::ops::AddAssign;

/// What a row counts as: 0 nothing, else 1 + (1 when failing) + (2 when during).
pub type Class = u8;

/// Rows of which a thread is not worth its start.
const FEW: usize = 5_000;

/// Adds a row of a class.
pub const fn count(counts: &mut Counts, class: Class, weight: u64) {
    match class {
        1 => counts.calls_before += weight,
        2 => {
            counts.calls_before += weight;
            counts.failed_before += weight;
        }
        3 => counts.calls += weight,
        4 => {
            counts.calls += weight;
            counts.failed += weight;
        }
        _ => {}
    }
}

/// The class of each row, and the counts of all.
#[must_use]
pub fn classes(ask: &Ask<'_>) -> (Vec<Class>, Counts) {
    let of_shape: Vec<Class> = (0..ask.calls.shapes.len().max(ask.failing.len()))
        .map(|shape| {
            let counts = ask.counts.get(shape).copied().unwrap_or(true);
            let failing = ask.failing.get(shape).copied().unwrap_or(false);
            if counts { 1 + Class::from(failing) } else { 0 }
        })
        .collect();
    // Without branches: whether a call is of the time and fails is hard to guess.
    let class = |time: i64, shape: u32| {
        let class = of_shape.get(shape as usize).copied().unwrap_or(0);
        let during = ask.during.contains(&time);
        let before = ask.before.contains(&time) & !during;
        let counts = (time != NO_TIME) & (class != 0) & (during | before);
        (class + 2 * Class::from(during)) * Class::from(counts)
    };
    let calls = ask.calls;
    let classes = each(calls.rows, threads(), |rows, classes: &mut [Class]| {
        let said = calls.time[rows.clone()].iter().zip(&calls.shape[rows]);
        classes.iter_mut().zip(said).for_each(|(out, (time, shape))| *out = class(*time, *shape));
    });
    let parts = parts_of(calls.rows, calls.rows, |rows| {
        let mut sums = [0_u64; 5];
        for (row, class) in rows.clone().zip(&classes[rows]) {
            sums[usize::from(*class)] += calls.weight(row);
        }
        let mut all = Counts::default();
        (1_u8..).zip(&sums[1..]).for_each(|(class, sum)| count(&mut all, class, *sum));
        all
    });
    let mut all = Counts::default();
    parts.into_iter().for_each(|part| all.add(part));
    (classes, all)
}

/// Sums of a value, by class. Only five are there; eight need no look at the bounds.
type Slot<N> = [N; 8];

/// Sums of all rows by code and class. Neighbours often have one value: of few values each has some slots, taken in turn,
/// so that no sum waits for the one just before it.
fn sums<C, N>(values: usize, codes: &[C], classes: &[Class], weight: impl Fn(usize) -> N) -> Vec<Slot<N>>
where
    C: Copy + Into<u32>,
    N: Copy + Default + AddAssign,
{
    const TURNS: usize = 4;
    let mut slots: Vec<Slot<N>> = vec![Slot::default(); values * TURNS];
    let (quick, turns) = if values <= 1 << 10 { (codes.len() / TURNS * TURNS, TURNS) } else { (0, 1) };
    let mut add = |turn: usize, row: usize, code: C, class: Class| {
        if let Some(slot) = slots.get_mut(turn * values + code.into() as usize) {
            slot[usize::from(class & 7)] += weight(row);
        }
    };
    let fours = codes.as_chunks::<TURNS>().0.iter().zip(classes.as_chunks::<TURNS>().0);
    for (four, (codes, classes)) in fours.enumerate().take(quick / TURNS) {
        for turn in 0..TURNS {
            add(turn, four * TURNS + turn, codes[turn], classes[turn]);
        }
    }
    (quick..)
        .zip(codes[quick..].iter().zip(&classes[quick..]))
        .for_each(|(row, (code, class))| add(0, row, *code, *class));
    for turn in 1..turns {
        let (all, more) = slots.split_at_mut(turn * values);
        for (all, more) in all.iter_mut().zip(more) {
            all.iter_mut().zip(more).for_each(|(all, more)| *all += *more);
        }
    }
    slots.truncate(values);
    slots
}

/// The counts of each value of a column, over all rows.
fn of_column(ask: &Ask<'_>, classes: &[Class], dimension: usize) -> Vec<Counts> {
    fn counted<N: Copy + Into<u64>>(slots: Vec<Slot<N>>) -> Vec<Counts> {
        let counts = |slot: Slot<N>| {
            let slot = slot.map(Into::into);
            Counts {
                failed: slot[4],
                calls: slot[3] + slot[4],
                failed_before: slot[2],
                calls_before: slot[1] + slot[2],
            }
        };
        slots.into_iter().map(counts).collect()
    }
    fn summed<C: Copy + Into<u32>>(values: usize, codes: &[C], classes: &[Class], weights: &[u32]) -> Vec<Counts> {
        if weights.is_empty() {
            return counted(sums(values, codes, classes, |_| 1_u32));
        }
        counted(sums(values, codes, classes, |row| u64::from(weights[row])))
    }
    let column = &ask.calls.dimensions[dimension];
    match &column.codes {
        Codes::One(codes) => summed(column.values.len(), codes, classes, &ask.calls.weight),
        Codes::Two(codes) => summed(column.values.len(), codes, classes, &ask.calls.weight),
        Codes::Four(codes) => summed(column.values.len(), codes, classes, &ask.calls.weight),
    }
}

/// Of each dimension that is asked for, in order: the counts of each of its values, over all rows or some of them.
#[must_use]
pub fn by_value(ask: &Ask<'_>, classes: &[Class], rows: Option<&[u32]>) -> Vec<(usize, Vec<Counts>)> {
    let dimensions: Vec<usize> = ask.dimensions.iter().copied().filter(|d| *d < ask.calls.dimensions.len()).collect();
    let one = |dimension: usize| {
        let Some(rows) = rows else { return (dimension, of_column(ask, classes, dimension)) };
        let column = &ask.calls.dimensions[dimension];
        let mut counts = vec![Counts::default(); column.values.len()];
        for row in rows.iter().map(|row| *row as usize) {
            if let Some(counts) = counts.get_mut(column.codes.get(row) as usize) {
                count(counts, classes[row], ask.calls.weight(row));
            }
        }
        (dimension, counts)
    };
    // Those of most values take longest.
    let mut order: Vec<usize> = (0..dimensions.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(ask.calls.dimensions[dimensions[*at]].values.len()));
    let threads = if rows.map_or(ask.calls.rows, <[u32]>::len) < FEW { 1 } else { threads() };
    let mut counted = queue(order, threads, |at| (at, one(dimensions[at])));
    counted.sort_by_key(|(at, _)| *at);
    counted.into_iter().map(|(_, counted)| counted).collect()
}

/// The rows that count, have all of the values of a set, and none of the sets found before it.
#[must_use]
pub fn rows_of(ask: &Ask<'_>, classes: &[Class], set: &[(usize, u32)], but: &[Vec<(usize, u32)>]) -> Vec<u32> {
    let parts = parts_of(ask.calls.rows, ask.calls.rows, |rows| {
        let (from, to) = (rows.start, rows.end);
        let mut fits: Vec<bool> = classes[rows].iter().map(|class| *class != 0).collect();
        keep(ask, set, from, &mut fits);
        for other in but {
            let mut also = fits.clone();
            keep(ask, other, from, &mut also);
            fits.iter_mut().zip(also).for_each(|(fits, also)| *fits &= !also);
        }
        let rows = (from..to).zip(&fits).filter(|(_, fits)| **fits);
        rows.filter_map(|(row, _)| u32::try_from(row).ok()).collect::<Vec<u32>>()
    });
    parts.concat()
}

/// Leaves those rows from `from` on that have all values of a set.
fn keep(ask: &Ask<'_>, set: &[(usize, u32)], from: usize, fits: &mut [bool]) {
    fn equal<C: Copy + Into<u32>>(fits: &mut [bool], codes: &[C], wanted: u32) {
        fits.iter_mut().zip(codes).for_each(|(fits, code)| *fits &= (*code).into() == wanted);
    }
    for (dimension, code) in set {
        match &ask.calls.dimensions[*dimension].codes {
            Codes::One(codes) => equal(fits, &codes[from..], *code),
            Codes::Two(codes) => equal(fits, &codes[from..], *code),
            Codes::Four(codes) => equal(fits, &codes[from..], *code),
        }
    }
}

//! What each row counts for, and sums over rows: the only place that goes over all of the table but [`super::groups`].

use super::Ask;
use super::evidence::Counts;
use crate::when::tables::each;
use firstfault_calls::{Codes, NO_TIME};

/// What a row counts as: 0 nothing, else 1 + (1 when failing) + (2 when during).
pub type Class = u8;

/// Rows that a thread takes at least.
const ROWS_OF_A_THREAD: usize = 50_000;
/// Threads at most.
const THREADS: usize = 4;

/// Does work on all cores: what is made of each part of `0..end`, in order.
pub fn in_parts<T: Send>(rows: usize, end: usize, work: impl Fn(usize, usize) -> T + Sync) -> Vec<T> {
    let threads = (rows / ROWS_OF_A_THREAD).clamp(1, THREADS);
    let step = end.div_ceil(threads).max(1);
    if threads == 1 {
        return vec![work(0, end)];
    }
    let work = &work;
    std::thread::scope(|scope| {
        let handles: Vec<_> =
            (0..threads).map(|n| scope.spawn(move || work((n * step).min(end), ((n + 1) * step).min(end)))).collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
    })
}

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
    let classes = each(calls.rows, THREADS, |rows, classes: &mut [Class]| {
        let said = calls.time[rows.clone()].iter().zip(&calls.shape[rows]);
        classes.iter_mut().zip(said).for_each(|(out, (time, shape))| *out = class(*time, *shape));
    });
    let parts = in_parts(calls.rows, calls.rows, |from, to| {
        let mut sums = [0_u64; 5];
        for (row, class) in (from..to).zip(&classes[from..to]) {
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

/// Sums by code: a slot for each, indexed by class less one.
fn sums<C: Copy + Into<u32>>(
    slots: &mut [[u64; 4]],
    codes: &[C],
    classes: &[Class],
    weights: &[u32],
    rows: Option<&[u32]>,
) {
    let mut add = |code: C, class: Class, weight: u64| {
        if let Some(slot) =
            slots.get_mut(code.into() as usize).and_then(|slot| slot.get_mut(usize::from(class).wrapping_sub(1)))
        {
            *slot += weight;
        }
    };
    match (rows, weights.is_empty()) {
        (None, true) => codes.iter().zip(classes).for_each(|(code, class)| add(*code, *class, 1)),
        (None, false) => {
            let weighted = codes.iter().zip(classes).zip(weights);
            weighted.for_each(|((code, class), weight)| add(*code, *class, u64::from(*weight)));
        }
        (Some(rows), _) => {
            for row in rows.iter().map(|row| *row as usize) {
                add(codes[row], classes[row], weights.get(row).map_or(1, |weight| u64::from(*weight)));
            }
        }
    }
}

/// Of each dimension that is asked for, in order: the counts of each of its values, over all rows or some of them.
#[must_use]
pub fn by_value(ask: &Ask<'_>, classes: &[Class], rows: Option<&[u32]>) -> Vec<(usize, Vec<Counts>)> {
    let dimensions: Vec<usize> = ask.dimensions.iter().copied().filter(|d| *d < ask.calls.dimensions.len()).collect();
    let one = |dimension: usize| {
        let column = &ask.calls.dimensions[dimension];
        let mut slots = vec![[0_u64; 4]; column.values.len()];
        match &column.codes {
            Codes::One(codes) => sums(&mut slots, codes, classes, &ask.calls.weight, rows),
            Codes::Two(codes) => sums(&mut slots, codes, classes, &ask.calls.weight, rows),
            Codes::Four(codes) => sums(&mut slots, codes, classes, &ask.calls.weight, rows),
        }
        let counts = |slot: [u64; 4]| Counts {
            failed: slot[3],
            calls: slot[2] + slot[3],
            failed_before: slot[1],
            calls_before: slot[0] + slot[1],
        };
        (dimension, slots.into_iter().map(counts).collect::<Vec<_>>())
    };
    let parts = in_parts(rows.map_or(ask.calls.rows, <[u32]>::len), dimensions.len(), |from, to| {
        dimensions[from..to].iter().map(|dimension| one(*dimension)).collect::<Vec<_>>()
    });
    parts.into_iter().flatten().collect()
}

/// The rows that count, have all of the values of a set, and none of the sets found before it.
#[must_use]
pub fn rows_of(ask: &Ask<'_>, classes: &[Class], set: &[(usize, u32)], but: &[Vec<(usize, u32)>]) -> Vec<u32> {
    let parts = in_parts(ask.calls.rows, ask.calls.rows, |from, to| {
        let mut fits: Vec<bool> = classes[from..to].iter().map(|class| *class != 0).collect();
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

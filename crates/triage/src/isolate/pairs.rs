//! Pairs of values that fail together far more than before, though neither value alone stands out: a few hundred failing
//! calls of one tenant on one route drown in millions. Only failing rows are read.

use super::Ask;
use super::evidence::{Counts, divergence, real};
use super::items::{Item, is_value};
use super::rows::Class;
use crate::parallel::parts_of;

/// Failing rows read at most; of more, every second, third, …
const ROWS: usize = 1 << 17;
/// Values of two dimensions, multiplied, at most.
const PRODUCT: usize = 1 << 16;
/// Pairs whose values become items.
pub const TAKEN: usize = 12;

/// Failing calls of a pair of values, before and now.
type Failing = [u64; 2];

/// The values of the best pairs, each with the evidence of its pair, and how many pairs were looked at.
#[must_use]
pub fn pairs(ask: &Ask<'_>, classes: &[Class], all: Counts, price: &[f64]) -> (Vec<Item>, u64) {
    let rows = ask.rows.iter().map(|row| *row as usize);
    let failing: Vec<usize> = rows.filter(|row| matches!(classes[*row], 2 | 4)).collect();
    let step = failing.len().div_ceil(ROWS).max(1);
    let rows: Vec<usize> = failing.into_iter().step_by(step).collect();
    // The codes of these rows, close together.
    let columns: Vec<(usize, Vec<u32>)> = ask
        .dimensions
        .iter()
        .filter(|d| ask.calls.dimensions.get(**d).is_some_and(|column| column.values.len() > 2))
        .map(|d| (*d, rows.iter().map(|row| ask.calls.dimensions[*d].codes.get(*row)).collect()))
        .collect();
    let values = |d: usize| ask.calls.dimensions[d].values.len();
    let couples: Vec<(usize, usize)> = (0..columns.len())
        .flat_map(|a| (a + 1..columns.len()).map(move |b| (a, b)))
        .filter(|(a, b)| values(columns[*a].0) * values(columns[*b].0) <= PRODUCT)
        .collect();
    // Had nothing happened, failing calls would lie as all calls do.
    let now = (real(all.calls) / (real(all.calls) + real(all.calls_before)).max(1.0)).clamp(1e-3, 1.0 - 1e-3);
    let parts = parts_of(couples.len(), rows.len() * couples.len() / 4, |part| {
        let (mut best, mut looked) = (Vec::new(), 0_u64);
        for (a, b) in &couples[part] {
            let ((first, codes), (second, others)) = (&columns[*a], &columns[*b]);
            let width = values(*second);
            let mut table: Vec<Failing> = vec![[0; 2]; values(*first) * width];
            for ((code, other), row) in codes.iter().zip(others).zip(&rows) {
                if let Some(slot) = table.get_mut(*code as usize * width + *other as usize) {
                    slot[usize::from(classes[*row] == 4)] += ask.calls.weight(*row);
                }
            }
            let price = price[*first] + price[*second];
            for (at, failing) in table.iter().enumerate().filter(|(_, failing)| failing[1] > 1) {
                looked += 1;
                // One failing call before, so that none is no certainty.
                let (during, both) = (real(failing[1]), real(failing[0] + failing[1] + 1));
                let score = divergence(during, both, now) - price;
                let (code, other) = (at / width, at % width);
                let pair = [(*first, code), (*second, other)].map(|(d, code)| (d, u32::try_from(code).unwrap_or(0)));
                if during > both * now && score > 0.0 && pair.iter().all(|(d, code)| is_value(ask.calls, *d, *code)) {
                    best.push((score, pair));
                }
            }
            best.sort_by(|(a, pair), (b, other)| b.total_cmp(a).then(pair.cmp(other)));
            best.truncate(TAKEN);
        }
        (best, looked)
    });
    let looked = parts.iter().map(|(_, looked)| looked).sum();
    let mut best: Vec<_> = parts.into_iter().flat_map(|(best, _)| best).collect();
    best.sort_by(|(a, pair), (b, other)| b.total_cmp(a).then(pair.cmp(other)));
    best.truncate(TAKEN);
    let items =
        best.into_iter().flat_map(|(score, pair)| pair.map(|(dimension, code)| Item { dimension, code, score }));
    (items.collect(), looked)
}

//! The last look at a set that was found: over all of its rows and every value in them, not only the items.

use super::Ask;
use super::evidence::{Counts, Prior, TWENTY_TO_ONE};
use super::items::is_value;
use super::rows::{self, Class};

/// An attribute belongs to a set when the calls that differ in it alone are hit at most a tenth as much: what chance and
/// neighbours leave, and less than any partial damage.
const UNHARMED: f64 = 0.1;

/// Whether a part is unharmed beside another one: hit far less, or, where its calls are few, not hit as far as one can tell
/// though it would show were it hit as much.
#[must_use]
pub fn unharmed(part: Counts, beside: Counts, prior: Prior) -> bool {
    part.calls > 0
        && (prior.hit(part) <= UNHARMED * prior.hit(beside)
            || prior.gain(part) < TWENTY_TO_ONE && prior.for_unharmed(part, beside) >= TWENTY_TO_ONE)
}

/// Whether a set should be narrowed: most of its damage lies in the narrower one, and the rest is unharmed, of which there
/// is enough to tell.
#[must_use]
pub fn pays(set: Counts, narrower: Counts, price: f64, prior: Prior) -> bool {
    let rest = set.without(narrower);
    prior.hit(narrower) > 0.0
        && 2.0 * prior.excess(narrower) >= prior.excess(set)
        && unharmed(rest, narrower, prior)
        && prior.for_unharmed(rest, narrower) >= price
}

/// The set with as many further attributes as pay.
#[must_use]
pub fn narrowed(
    ask: &Ask<'_>,
    classes: &[Class],
    mut set: Vec<(usize, u32)>,
    before: &[Vec<(usize, u32)>],
    prior: Prior,
    price: &[f64],
) -> Vec<(usize, u32)> {
    let mut inside = rows::rows_of(ask, classes, &set, before);
    while set.len() < 3 {
        let mut counts = Counts::default();
        for row in inside.iter().map(|row| *row as usize) {
            rows::count(&mut counts, classes[row], ask.calls.weight(row));
        }
        let mut best: Option<(f64, (usize, u32))> = None;
        for (dimension, values) in rows::by_value(ask, classes, Some(&inside)) {
            if set.iter().any(|(other, _)| *other == dimension) {
                continue;
            }
            for (code, narrower) in (0_u32..).zip(values).filter(|(_, narrower)| narrower.failed > 0) {
                let score = prior.gain(narrower) - price[dimension];
                if best.is_none_or(|(other, _)| score > other)
                    && is_value(ask.calls, dimension, code)
                    && pays(counts, narrower, price[dimension], prior)
                {
                    best = Some((score, (dimension, code)));
                }
            }
        }
        let Some((_, attribute)) = best else { break };
        let codes = &ask.calls.dimensions[attribute.0].codes;
        inside.retain(|row| codes.get(*row as usize) == attribute.1);
        set.push(attribute);
        set.sort_unstable();
    }
    set
}

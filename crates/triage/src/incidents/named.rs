//! The name that says most for a place: a client without its version, or a method alone, may be cheaper to describe and hold
//! the same failing calls as the one version, or the one route, that an engineer has to look at.

use super::Search;
use super::scope::Scope;
use crate::isolate::Isolated;
use crate::parallel::parts;
use crate::when::likelihood::Count;
use firstfault_calls::Attribute;
use std::ops::Range;

/// What is told less of → what is told more of.
const RATHER: [(Attribute, Attribute); 2] =
    [(Attribute::Client, Attribute::ClientVersion), (Attribute::Method, Attribute::Route)];
/// So much of the failing calls must have the one value.
const ONE: f64 = 0.98;
/// An attribute that leaves out fewer calls than this is implied by the others.
const IMPLIED: f64 = 1.02;
/// The place must not become this much wider by it.
const WIDER: f64 = 1.25;

impl Search<'_> {
    /// Replaces attributes of a set by more telling ones that hold the same failing calls.
    pub(super) fn named(&self, set: &mut Isolated, mask: &[bool], during: &Range<i64>, before: &Range<i64>) {
        let index = |attribute| self.calls.dimensions.iter().position(|d| d.attribute == Some(attribute));
        for (less, more) in RATHER {
            let (Some(less), Some(more)) = (index(less), index(more)) else { continue };
            let Some(place) = set.set.iter().position(|(dimension, _)| *dimension == less) else { continue };
            if set.set.iter().any(|(dimension, _)| *dimension == more) {
                continue;
            }
            let inside = Scope { sets: vec![set.set.clone()] }.rows(self.calls, self.threads);
            let Some(code) = self.only(&inside, mask, during, more) else { continue };
            let mut renamed = set.set.clone();
            renamed[place] = (more, code);
            renamed.sort_unstable();
            let of = |set: &[(usize, u32)]| Scope { sets: vec![set.to_vec()] }.rows(self.calls, self.threads);
            let (old, new) = (self.count(&inside, mask, during), self.count(&of(&renamed), mask, during));
            if new.failed < old.failed * ONE || new.calls > old.calls * WIDER {
                continue;
            }
            // What the more telling name implies need not be said.
            for other in renamed.clone().into_iter().filter(|(dimension, _)| *dimension != more) {
                let without: Vec<(usize, u32)> = renamed.iter().copied().filter(|one| *one != other).collect();
                if self.count(&of(&without), mask, during).calls <= new.calls * IMPLIED {
                    renamed = without;
                }
            }
            let rows = of(&renamed);
            let new = self.count(&rows, mask, during);
            let everywhere = vec![true; self.calls.rows];
            let all = self.count(&everywhere, mask, during);
            let pair = |count: Count| (count.failed as u64, count.calls as u64);
            set.set = renamed;
            set.inside = pair(new);
            set.outside = pair(all.minus(new));
            set.before = pair(self.count(&rows, mask, before));
        }
    }

    /// The value that nearly all failing calls of a place have.
    fn only(&self, inside: &[bool], mask: &[bool], during: &Range<i64>, dimension: usize) -> Option<u32> {
        let of = &self.calls.dimensions[dimension];
        let counts = parts(self.calls.rows, self.threads, |rows| {
            let mut counts = vec![0_u64; of.values.len()];
            for row in rows {
                let failing = mask.get(self.calls.shape[row] as usize) == Some(&true);
                if failing && inside[row] && during.contains(&self.calls.time[row]) {
                    counts[of.codes.get(row) as usize] += self.calls.weight(row);
                }
            }
            counts
        });
        let total = |code: usize| counts.iter().map(|part| part[code]).sum::<u64>();
        let all: u64 = (0..of.values.len()).map(total).sum();
        // Code 0 is "not said".
        let (code, most) = (1..of.values.len()).map(|code| (code, total(code))).max_by_key(|(_, count)| *count)?;
        let code = u32::try_from(code).ok()?;
        (most > 0 && most as f64 >= all as f64 * ONE).then_some(code)
    }
}

//! What failed before and after alike: shown, so that nobody takes it for the incident.

use super::series::seen;
use super::{Found, Search, story};
use crate::parallel::parts;
use crate::when::likelihood::{Count, odds_ratio};
use firstfault_model::incident::Background;

/// Groups of background that are told; the rest are rarer.
const TOLD: usize = 20;
/// Rarer failures are noise.
const LEAST: f64 = 5.0;
/// A single value has the failures of a group when this share of them lies in it and they are this much likelier there.
const CONCENTRATED: (f64, f64) = (0.8, 5.0);

/// The failing groups without the calls that incidents explain.
pub fn background(search: &Search<'_>, found: &[Found]) -> Vec<Background> {
    let (calls, failing) = (search.calls, &search.failing);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); failing.fine];
    let counted = failing.calls.iter().zip(&failing.counts).filter(|(_, counts)| **counts);
    let all = counted.map(|(calls, _)| *calls as f64).sum();
    let mut explained = vec![false; calls.rows];
    for row in found.iter().flat_map(|found| &found.rows) {
        explained[*row as usize] = true;
    }
    for row in failing.rows.iter().map(|row| *row as usize).filter(|row| !explained[*row]) {
        let group = failing.groups_of[calls.shape[row] as usize].first().map_or(0, |group| usize::from(*group));
        rows[group].push(row);
    }
    let mut told = Vec::new();
    for (group, rows) in rows.iter().enumerate() {
        let failed: f64 = rows.iter().map(|row| calls.weight(*row) as f64).sum();
        if failed < LEAST {
            continue;
        }
        let whole = Count { failed, calls: all };
        let place = concentrated(search, rows, whole);
        let mut signature = story::signature(search, group, rows.iter().copied());
        signature.before = signature.count;
        signature.seen = seen(calls, rows.iter().copied());
        let rate = place.as_ref().map_or(whole.share(), |(_, count)| count.share());
        let attributes = place.map_or_else(Vec::new, |(attribute, _)| vec![attribute]);
        told.push(Background { attributes, signature, rate });
    }
    told.sort_by(|a, b| b.signature.count.cmp(&a.signature.count).then_with(|| a.signature.id.cmp(&b.signature.id)));
    told.truncate(TOLD);
    told
}

/// The single value in which failing rows lie.
fn concentrated(search: &Search<'_>, rows: &[usize], whole: Count) -> Option<((String, String), Count)> {
    /// A dimension with more values names callers, not places.
    const MANY: usize = 5_000;
    let calls = search.calls;
    let mut best: Option<(f64, (String, String), Count)> = None;
    for dimension in &search.dimensions {
        let dimension = &calls.dimensions[*dimension];
        if dimension.values.len() < 3 || dimension.values.len() > MANY || dimension.is_partial() {
            continue;
        }
        let mut failed = vec![0.0; dimension.values.len()];
        for row in rows {
            failed[dimension.codes.get(*row) as usize] += calls.weight(*row) as f64;
        }
        let most = (1..failed.len()).max_by(|a, b| failed[*a].total_cmp(&failed[*b]).then(b.cmp(a)))?;
        if failed[most] < CONCENTRATED.0 * whole.failed {
            continue;
        }
        let counted = |row: &usize| {
            dimension.codes.get(*row) as usize == most && search.failing.counts[calls.shape[*row] as usize]
        };
        let there =
            parts(calls.rows, search.threads, |rows| rows.filter(counted).map(|row| calls.weight(row)).sum::<u64>());
        let inside = Count { failed: failed[most], calls: there.into_iter().sum::<u64>() as f64 };
        let odds = odds_ratio(inside, whole.minus(inside));
        if odds >= CONCENTRATED.1 && best.as_ref().is_none_or(|(other, _, _)| odds > *other) {
            best = Some((odds, (dimension.name.clone(), dimension.values[most].clone()), inside));
        }
    }
    best.map(|(_, attribute, count)| (attribute, count))
}

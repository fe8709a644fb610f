//! Who repeats badly: at once, without growing pauses, or before the time that the answer asked for.

use super::Table;
use firstfault_calls::{Attribute, NO_TIME};
use std::collections::BTreeMap;

/// A repeat within this many milliseconds left no pause.
const AT_ONCE: i64 = 250;
/// Pauses grow when each is at least so many times the one before (the common factor is 2; jitter halves it at worst).
const GROWTH: f64 = 1.3;
/// A repeat within this share of Retry-After did not wait for it.
const WAITED: f64 = 0.9;
/// How many are named.
const NAMED: usize = 3;
/// By what callers are named, the first that lines tell.
const NAMES: [Attribute; 5] =
    [Attribute::ClientVersion, Attribute::ApiKey, Attribute::Tenant, Attribute::ClientIp, Attribute::Host];
/// Who is held to a limit.
const HELD: [Attribute; 4] = [Attribute::ApiKey, Attribute::Tenant, Attribute::User, Attribute::ClientIp];

/// Whether the pauses of one chain, in milliseconds, do not grow.
pub(super) fn hasty(gaps: &[i64]) -> bool {
    match gaps {
        [] => false,
        [one] => *one <= AT_ONCE,
        many => many.windows(2).any(|pair| (pair[1] as f64) < pair[0] as f64 * GROWTH),
    }
}

/// The values that most of these rows have, by the first of these attributes that lines tell: attribute, value, rows.
fn most(table: &Table<'_>, rows: &[u32], by: &[Attribute]) -> Vec<(String, String, u64)> {
    let named = by.iter().find_map(|attribute| table.calls.dimension(*attribute));
    let Some(dimension) = named.filter(|_| !rows.is_empty()) else { return Vec::new() };
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    for row in rows {
        *counts.entry(dimension.codes.get(*row as usize)).or_default() += 1;
    }
    let mut counts: Vec<(u32, u64)> = counts.into_iter().filter(|(code, _)| *code > 0).collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let name = |code: u32| dimension.values.get(code as usize).cloned().unwrap_or_default();
    counts.into_iter().take(NAMED).map(|(code, count)| (dimension.name.clone(), name(code), count)).collect()
}

/// Which programs most of these rows are from.
pub(super) fn who(table: &Table<'_>, rows: &[u32]) -> Vec<(String, String, u64)> {
    most(table, rows, &NAMES)
}

/// Callers that ask again before the time that a failing answer gave.
pub(super) fn against_retry_after(table: &Table<'_>, rows: &[u32]) -> Vec<(String, String, u64)> {
    let calls = table.calls;
    let wait = |row: u32| {
        let judgement = table.judged.get(calls.shape[row as usize] as usize)?;
        judgement.diagnosis.as_ref()?.retry_after.filter(|seconds| *seconds > 0)
    };
    if !rows.iter().any(|row| wait(*row).is_some()) {
        return Vec::new();
    }
    let held: Vec<Attribute> = HELD.into_iter().filter(|a| calls.dimension(*a).is_some()).take(1).collect();
    if held.is_empty() {
        return Vec::new();
    }
    let begin = rows.iter().map(|row| calls.time[*row as usize]).filter(|t| *t != NO_TIME).min().unwrap_or(i64::MAX);
    let seen = table.of_same(&held, rows, begin);
    let mut too_soon = Vec::new();
    for pair in seen.windows(2) {
        let ((caller, time, row), (next, at, again)) = (pair[0], pair[1]);
        if caller != next {
            continue;
        }
        if table.failed(row)
            && let Some(seconds) = wait(row)
            && ((at - time) as f64) < seconds as f64 * 1000.0 * WAITED
        {
            too_soon.push(again);
        }
    }
    // Who is held to the limit says more than which program asks.
    most(table, &too_soon, &held)
}

//! Repeats without any id: the same caller asks the same again soon after a failure, more often than after a success.

use super::Table;
use firstfault_calls::Attribute;
use firstfault_model::incident::Retries;

/// How soon a repeat comes, in milliseconds: most clients give up or succeed within it.
const SOON: i64 = 5_000;
/// Who asks what.
const CALLER: [Attribute; 7] = [
    Attribute::ClientIp,
    Attribute::User,
    Attribute::ApiKey,
    Attribute::Tenant,
    Attribute::ClientVersion,
    Attribute::Method,
    Attribute::Route,
];
/// Without one of these, callers cannot be told apart.
const TELLING: [Attribute; 3] = [Attribute::ClientIp, Attribute::User, Attribute::ApiKey];
/// Fewer calls than this prove nothing.
const ENOUGH: u64 = 20;

/// Estimates the amplification from how often a call is followed by the same again; `None` when callers cannot be told apart
/// or there is too little of either.
pub(super) fn bursts(table: &Table<'_>, rows: &[u32], onset: i64) -> Option<Retries> {
    let calls = table.calls;
    if !TELLING.iter().any(|attribute| calls.dimension(*attribute).is_some()) || !calls.weight.is_empty() {
        return None;
    }
    let seen = table.of_same(&CALLER, rows, onset);
    // Calls, and those that are followed soon: after a failure and after a success.
    let (mut failed, mut good) = ((0_u64, 0_u64), (0_u64, 0_u64));
    // Failing calls that are no repeat of a failing one: those that were meant.
    let mut meant = 0_u64;
    for (index, (caller, time, row)) in seen.iter().enumerate() {
        let next = seen.get(index + 1).filter(|(next, ..)| next == caller);
        let followed = u64::from(next.is_some_and(|(_, at, _)| at - time <= SOON));
        let previous = index.checked_sub(1).and_then(|at| seen.get(at)).filter(|(previous, ..)| previous == caller);
        let repeat = previous.is_some_and(|(_, at, row)| time - at <= SOON && table.failed(*row));
        meant += u64::from(table.failed(*row) && !repeat);
        let side = if table.failed(*row) { &mut failed } else { &mut good };
        *side = (side.0 + 1, side.1 + followed);
    }
    if failed.0 < ENOUGH {
        return None;
    }
    let share = |(all, followed): (u64, u64)| if all == 0 { 0.0 } else { followed as f64 / all as f64 };
    let usual = if good.0 < ENOUGH { 0.0 } else { share(good) };
    let excess = ((share(failed) - usual) / (1.0 - usual).max(0.01)).clamp(0.0, 0.95);
    Some(Retries {
        amplification: Some(1.0 + excess * failed.0 as f64 / meant.max(1) as f64),
        repeats: (excess * failed.0 as f64).round() as u64,
        how: format!(
            "the same caller asks the same within {} s: after {:.0} % of the failures, {:.0} % of the successes",
            SOON / 1000,
            share(failed) * 100.0,
            usual * 100.0
        ),
        ..Retries::default()
    })
}

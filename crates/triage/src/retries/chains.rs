//! Attempts of one request, by its id or by the attempt that lines count.

use super::{Table, Wanted, manners};
use crate::parallel::{parts, threads};
use firstfault_calls::{Attribute, NO_TIME};
use firstfault_model::incident::Retries;

/// A first attempt may have come this much before the onset, in milliseconds.
const EARLIER: i64 = 60_000;
/// What has to be equal for two lines with one id to be two attempts and not two steps of one way.
const SAME: [Attribute; 3] = [Attribute::Service, Attribute::Method, Attribute::Route];

/// One line of a chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    id: u64,
    same: u64,
    time: i64,
    row: u32,
}

/// By request id, else by trace. `None` when lines have neither, or when no id came twice and nothing counts attempts.
pub(super) fn by_id(table: &Table<'_>, rows: &[u32], onset: i64) -> Option<Retries> {
    let (ids, traced) = match (table.calls.request.is_empty(), table.calls.trace.is_empty()) {
        (false, _) => (&table.calls.request, false),
        (true, false) => (&table.calls.trace, true),
        (true, true) => return None,
    };
    let mut wanted: Vec<u64> = rows.iter().map(|row| ids[*row as usize]).filter(|id| *id != 0).collect();
    if wanted.len() * 2 < rows.len() {
        return None;
    }
    wanted.sort_unstable();
    wanted.dedup();
    let wanted = Wanted::new(&wanted);
    let same = table.mixed(&SAME);
    let mut links = parts(ids.len(), threads(), |rows| {
        let mut links = Vec::new();
        for row in rows {
            // The time first: it is in order mostly, where an id may be any.
            let (id, time) = (ids[row], table.calls.time[row]);
            if time == NO_TIME || time < onset.saturating_sub(EARLIER) || id == 0 || !wanted.has(id) {
                continue;
            }
            let Ok(row) = u32::try_from(row) else { break };
            if table.is_call(row) {
                links.push(Link { id, same: same(row), time, row });
            }
        }
        links
    })
    .concat();
    links.sort_unstable();
    let mut failing = vec![false; table.calls.rows];
    rows.iter().for_each(|row| failing[*row as usize] = true);
    let mut found = Found::default();
    for chain in links.chunk_by(|a, b| a.id == b.id && a.same == b.same) {
        if chain.iter().any(|link| failing[link.row as usize]) {
            found.add(table, chain);
        }
    }
    if found.chains == 0 {
        return None;
    }
    let how = if traced { "the same call again in one trace" } else { "the same request id or idempotency key again" };
    // An id of its own for each attempt hides repeats: then the attempts that lines count say more.
    if found.attempts == found.chains
        && let Some(counted) = by_attempt(table, rows, onset)
    {
        return Some(counted);
    }
    Some(found.retries(table, how))
}

#[derive(Default)]
struct Found {
    chains: u64,
    attempts: u64,
    repeated: u64,
    succeeded: u64,
    /// Repeats without growing pauses, by row.
    hasty: Vec<u32>,
}

impl Found {
    fn add(&mut self, table: &Table<'_>, chain: &[Link]) {
        // A line counts as a repeat when it says so or when an earlier one failed: two good calls with one id are no repeat.
        let mut attempts: Vec<Link> = Vec::with_capacity(chain.len());
        let mut failed = false;
        for link in chain {
            if attempts.is_empty() || failed || table.calls.attempt[link.row as usize] > 1 {
                attempts.push(*link);
            }
            failed |= table.failed(link.row);
        }
        self.chains += 1;
        self.attempts += attempts.len() as u64;
        if attempts.len() < 2 {
            return;
        }
        self.repeated += 1;
        self.succeeded += u64::from(attempts.last().is_some_and(|link| !table.failed(link.row)));
        let gaps: Vec<i64> = attempts.windows(2).map(|pair| pair[1].time - pair[0].time).collect();
        if manners::hasty(&gaps) {
            self.hasty.extend(attempts.iter().skip(1).map(|link| link.row));
        }
    }

    fn retries(self, table: &Table<'_>, how: &str) -> Retries {
        Retries {
            amplification: Some(ratio(self.attempts, self.chains)),
            repeats: self.attempts - self.chains,
            success: (self.repeated > 0).then(|| ratio(self.succeeded, self.repeated)),
            without_backoff: manners::who(table, &self.hasty),
            how: how.to_owned(),
            ..Retries::default()
        }
    }
}

/// By the attempt that lines count, where no id joins them. Repeats that succeeded count too: they were sent because of the
/// failure.
pub(super) fn by_attempt(table: &Table<'_>, rows: &[u32], onset: i64) -> Option<Retries> {
    let calls = table.calls;
    let weight = |row: u32| calls.weight(row as usize);
    let mut failed = [0_u64; 256];
    for row in rows {
        failed[calls.attempt[*row as usize] as usize] += weight(*row);
    }
    let said: u64 = failed[1..].iter().sum();
    if said == 0 {
        return None;
    }
    // Where each attempt has its line, no attempt is seen more often than the one before it; else the lines tell how many
    // attempts were made for each call.
    let each = (2..255).all(|k| failed[k + 1] <= failed[k] + failed[k] / 10 + 3) && failed[2] <= failed[1] * 2;
    if !each || failed[1] == 0 {
        let made: u64 = failed.iter().enumerate().map(|(attempt, count)| attempt as u64 * count).sum();
        return Some(Retries {
            amplification: Some(ratio(made, said)),
            repeats: made - said,
            how: "the attempts that each line says were made".to_owned(),
            ..Retries::default()
        });
    }
    let asked = table.mixed(&[Attribute::Method, Attribute::Route]);
    let mut places: Vec<u64> = rows.iter().map(|row| asked(*row)).collect();
    places.sort_unstable();
    places.dedup();
    let last = rows.iter().map(|row| calls.time[*row as usize]).max().unwrap_or(i64::MAX).saturating_add(EARLIER);
    let (mut repeats, mut second, mut good) = (0, 0, 0);
    for (row, attempt) in (0_u32..).zip(&calls.attempt) {
        let time = calls.time[row as usize];
        if *attempt < 2 || time < onset || time > last || places.binary_search(&asked(row)).is_err() {
            continue;
        }
        repeats += weight(row);
        second += if *attempt == 2 { weight(row) } else { 0 };
        good += if table.failed(row) { 0 } else { weight(row) };
    }
    Some(Retries {
        amplification: Some(1.0 + ratio(repeats, failed[1])),
        repeats,
        success: (second > 0).then(|| ratio(good, second).min(1.0)),
        how: "the attempt that each line counts".to_owned(),
        ..Retries::default()
    })
}

pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

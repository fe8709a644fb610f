//! What repeats do to an incident: how many calls stand for one that was meant, whether they help, and who repeats badly.
//!
//! Repeats are told by the request id (or idempotency key) that calls of one system share, else by the trace and the attempt
//! that the lines count, else by bursts: the same caller asks the same again soon after a failure, more often than after a
//! success.

mod bursts;
mod chains;
mod manners;

use crate::Judgement;
use crate::parallel::{parts, threads};
use firstfault_calls::{Attribute, Calls, NO_TIME};
use firstfault_model::incident::Retries;

/// From this on repeats feed an incident: half as many calls again as were meant.
const STORM: f64 = 1.5;
/// … and at least so many repeats, since a few prove nothing.
const STORM_REPEATS: u64 = 20;
/// From this on bursts are more than chance.
const SHOWN: f64 = 1.2;

/// What the repeats of an incident did. `rows` are its failing rows, `onset` is in milliseconds since the Unix epoch.
#[must_use]
pub fn retries(calls: &Calls, judged: &[Judgement], rows: &[u32], onset: i64) -> Retries {
    let table = Table { calls, judged };
    let told = chains::by_id(&table, rows, onset).or_else(|| chains::by_attempt(&table, rows, onset));
    let mut found = match told {
        Some(told) if told.repeats > 0 => told,
        // Each attempt may have an id of its own: then only bursts show repeats.
        told => {
            let bursts = bursts::bursts(&table, rows, onset);
            let shown = bursts.as_ref().is_some_and(|b| b.amplification.is_some_and(|a| a >= SHOWN));
            if shown { bursts } else { told.or(bursts) }.unwrap_or_default()
        }
    };
    found.storm = found.amplification.is_some_and(|a| a >= STORM) && found.repeats >= STORM_REPEATS;
    found.against_retry_after = manners::against_retry_after(&table, rows);
    found
}

/// The table with its verdicts.
struct Table<'a> {
    calls: &'a Calls,
    judged: &'a [Judgement],
}

impl Table<'_> {
    fn failed(&self, row: u32) -> bool {
        let shape = self.calls.shape[row as usize] as usize;
        self.judged.get(shape).is_some_and(|judgement| judgement.failed)
    }

    fn is_call(&self, row: u32) -> bool {
        let shape = self.calls.shape[row as usize] as usize;
        self.calls.shapes.get(shape).is_some_and(|shape| shape.kind == firstfault_calls::Kind::Call)
    }

    /// The codes of attributes mixed into one number, so that rows with the same codes have the same.
    fn mixed(&self, attributes: &[Attribute]) -> impl Fn(u32) -> u64 {
        let dimensions: Vec<_> = attributes.iter().map(|attribute| self.calls.dimension(*attribute)).collect();
        move |row| {
            dimensions.iter().fold(0x9e37_79b9_7f4a_7c15, |state: u64, dimension| {
                let code = dimension.map_or(0, |dimension| dimension.codes.get(row as usize));
                (state ^ u64::from(code)).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23)
            })
        }
    }
}

/// A row of a caller: who, when (in milliseconds since the Unix epoch), which row.
type Seen = (u64, i64, u32);

impl Table<'_> {
    /// The calls since a time of those who some rows are of, in the order of callers and times. `who` says what tells
    /// callers apart.
    fn of_same(&self, who: &[Attribute], rows: &[u32], since: i64) -> Vec<Seen> {
        let calls = self.calls;
        let caller_of = self.mixed(who);
        let mut callers: Vec<u64> = rows.iter().map(|row| caller_of(*row)).collect();
        callers.sort_unstable();
        callers.dedup();
        let wanted = Wanted::new(&callers);
        // What has most values tells nearly all others apart.
        let widest = who.iter().filter_map(|a| calls.dimension(*a)).max_by_key(|dimension| dimension.values.len());
        let mut codes = vec![false; widest.map_or(1, |dimension| dimension.values.len())];
        let code = |row: usize| widest.map_or(0, |dimension| dimension.codes.get(row) as usize);
        rows.iter().for_each(|row| codes[code(*row as usize)] = true);
        let mut seen = parts(calls.rows, threads(), |rows| {
            let mut seen: Vec<Seen> = Vec::new();
            for row in rows {
                let time = calls.time[row];
                if time == NO_TIME || time < since || !codes[code(row)] {
                    continue;
                }
                let Ok(row) = u32::try_from(row) else { break };
                if self.is_call(row) {
                    let caller = caller_of(row);
                    if wanted.has(caller) {
                        seen.push((caller, time, row));
                    }
                }
            }
            seen
        })
        .concat();
        seen.sort_unstable();
        seen
    }
}

/// Numbers to look for: most rows are not among them, which one bit says.
struct Wanted<'a> {
    sorted: &'a [u64],
    bits: Vec<u64>,
    mask: u64,
}

impl<'a> Wanted<'a> {
    fn new(sorted: &'a [u64]) -> Self {
        let size = (sorted.len() * 16).next_power_of_two().max(64);
        let mask = size as u64 - 1;
        let mut bits = vec![0_u64; size / 64];
        for id in sorted {
            let bit = id & mask;
            bits[(bit / 64) as usize] |= 1 << (bit % 64);
        }
        Self { sorted, bits, mask }
    }

    fn has(&self, id: u64) -> bool {
        let bit = id & self.mask;
        self.bits[(bit / 64) as usize] & (1 << (bit % 64)) != 0 && self.sorted.binary_search(&id).is_ok()
    }
}

#[cfg(test)]
mod tests;

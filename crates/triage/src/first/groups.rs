//! Rows that are one request: those that share a trace or request id with a failing row.

use super::Member;
use firstfault_calls::Calls;

/// Rows that are looked at; more add nothing to shares.
const MEMBER_LIMIT: usize = 4_000_000;
/// Failing rows whose ids are sought.
const ROW_LIMIT: usize = 2_000_000;

/// Members in order of group and row. One pass over the two columns of ids: a filter of one bit for each of the ids sought
/// turns nearly all rows away, and the rest are sought by halving.
pub(super) fn groups(calls: &Calls, rows: &[u32]) -> Vec<Member> {
    let of = |column: &[u64], row: usize| column.get(row).copied().unwrap_or(0);
    let ids_of = |row: usize| [of(&calls.trace, row), of(&calls.request, row)];
    let mut ids: Vec<u64> = Vec::new();
    for row in rows.iter().take(ROW_LIMIT) {
        ids.extend(ids_of(*row as usize).into_iter().filter(|id| *id != 0));
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Vec::new();
    }
    let filter = Filter::new(&ids);
    let find = |id: u64| if id != 0 && filter.has(id) { ids.binary_search(&id).ok() } else { None };
    // A row with both ids joins them.
    let mut roots: Vec<u32> = (0..u32::try_from(ids.len()).unwrap_or(u32::MAX)).collect();
    for row in rows.iter().take(ROW_LIMIT) {
        let [a, b] = ids_of(*row as usize);
        if let (Some(a), Some(b)) = (find(a), find(b)) {
            join(&mut roots, a, b);
        }
    }
    let mut members: Vec<Member> = Vec::new();
    for row in 0..calls.rows {
        let [trace, request] = ids_of(row);
        if let Some(at) = find(trace).or_else(|| find(request)) {
            if members.len() >= MEMBER_LIMIT {
                break;
            }
            members.push((root(&mut roots, at), u32::try_from(row).unwrap_or(u32::MAX)));
        }
    }
    members.sort_unstable();
    members
}

fn root(roots: &mut [u32], at: usize) -> u32 {
    let mut at = at;
    while roots[at] as usize != at {
        roots[at] = roots[roots[at] as usize];
        at = roots[at] as usize;
    }
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The smaller root stays, so that the order of joining does not matter.
fn join(roots: &mut [u32], a: usize, b: usize) {
    let (a, b) = (root(roots, a), root(roots, b));
    let (low, high) = (a.min(b), a.max(b));
    roots[high as usize] = low;
}

/// One bit for each id, with sixteen times as many bits as ids: one of sixteen rows passes in vain.
struct Filter {
    bits: Vec<u64>,
    mask: u64,
}

impl Filter {
    fn new(ids: &[u64]) -> Self {
        let size = (ids.len() * 16).next_power_of_two().max(64);
        let mut filter = Self { bits: vec![0; size / 64], mask: size as u64 - 1 };
        for id in ids {
            let (word, bit) = filter.place(*id);
            filter.bits[word] |= bit;
        }
        filter
    }

    fn has(&self, id: u64) -> bool {
        let (word, bit) = self.place(id);
        self.bits[word] & bit != 0
    }

    fn place(&self, id: u64) -> (usize, u64) {
        let at = id.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23) & self.mask;
        (usize::try_from(at / 64).unwrap_or(0), 1 << (at % 64))
    }
}

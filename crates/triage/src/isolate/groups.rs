//! Rows with the same items put together: a small table on which every combination is counted.

use super::Ask;
use super::evidence::Counts;
use super::items::{BACKGROUND, Item};
use super::rows::{Class, count};
use crate::parallel::parts_of;
use firstfault_calls::Codes;

/// Groups at most: with more, fewer items are looked at.
const MOST: usize = 1 << 14;
/// Rows taken at a time.
const STRIP: usize = 4096;

/// Rows that have the same items: one bit of the key for each.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Its items.
    pub key: u64,
    /// Its calls.
    pub counts: Counts,
}

/// Groups by key, found by open addressing.
struct Table {
    groups: Vec<Group>,
    slots: Vec<u32>,
}

impl Table {
    fn new() -> Self {
        Self { groups: Vec::new(), slots: vec![0; MOST * 4] }
    }

    /// The group of a key; none when the table is full.
    fn of(&mut self, key: u64) -> Option<&mut Group> {
        let mut at = (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize & (self.slots.len() - 1);
        loop {
            let slot = self.slots[at] as usize;
            if slot == 0 {
                if self.groups.len() >= MOST {
                    return None;
                }
                self.groups.push(Group { key, counts: Counts::default() });
                self.slots[at] = u32::try_from(self.groups.len()).unwrap_or(0);
                return self.groups.last_mut();
            }
            if self.groups[slot - 1].key == key {
                return self.groups.get_mut(slot - 1);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }
}

/// Sets the bits that the codes stand for.
fn mark<C: Copy + Into<u32>>(keys: &mut [u64], codes: &[C], bits: &[u64]) {
    for (key, code) in keys.iter_mut().zip(codes) {
        *key |= bits.get((*code).into() as usize).copied().unwrap_or(0);
    }
}

/// The groups of a range of rows; none when they are too many.
fn part(ask: &Ask<'_>, bits: &[(usize, Vec<u64>)], classes: &[Class], from: usize, to: usize) -> Option<Table> {
    let mut table = Table::new();
    let mut start = from;
    while start < to {
        let end = (start + STRIP).min(to);
        let mut keys = [0_u64; STRIP];
        let keys = &mut keys[..end - start];
        for (dimension, bits) in bits {
            match &ask.calls.dimensions[*dimension].codes {
                Codes::One(codes) => mark(keys, &codes[start..end], bits),
                Codes::Two(codes) => mark(keys, &codes[start..end], bits),
                Codes::Four(codes) => mark(keys, &codes[start..end], bits),
            }
        }
        for (row, key) in (start..end).zip(keys.iter()) {
            if classes[row] != 0 {
                count(&mut table.of(*key)?.counts, classes[row], ask.calls.weight(row));
            }
        }
        start = end;
    }
    Some(table)
}

/// The groups of all rows, by key; none when they are too many.
fn whole(ask: &Ask<'_>, classes: &[Class], items: &[Item], background: &[(usize, u32)]) -> Option<Vec<Group>> {
    let marks = items.iter().enumerate().map(|(bit, item)| (item.dimension, item.code, 1 << bit));
    let always = background.iter().map(|(dimension, code)| (*dimension, *code, BACKGROUND));
    let mut bits: Vec<(usize, Vec<u64>)> = Vec::new();
    for (dimension, code, mark) in marks.chain(always) {
        if bits.iter().all(|(other, _)| *other != dimension) {
            bits.push((dimension, vec![0; ask.calls.dimensions[dimension].values.len()]));
        }
        let of = bits.iter_mut().find(|(other, _)| *other == dimension);
        if let Some(slot) = of.and_then(|(_, bits)| bits.get_mut(code as usize)) {
            *slot |= mark;
        }
    }
    let rows = ask.calls.rows;
    let parts = parts_of(rows, rows, |rows| part(ask, &bits, classes, rows.start, rows.end));
    let mut parts = parts.into_iter();
    let mut table = parts.next()??;
    for other in parts {
        for group in other?.groups {
            table.of(group.key)?.counts.add(group.counts);
        }
    }
    table.groups.sort_by_key(|group| group.key);
    Some(table.groups)
}

/// The groups of all rows, and how many of the items they are made of: as many as leave the table small.
#[must_use]
pub fn groups(ask: &Ask<'_>, classes: &[Class], items: &[Item], background: &[(usize, u32)]) -> (usize, Vec<Group>) {
    for most in [64, 48, 32, 24, 16, 12] {
        let take = items.len().min(most);
        if let Some(groups) = whole(ask, classes, &items[..take], background) {
            return (take, groups);
        }
        if take < most && take <= 12 {
            break;
        }
    }
    (0, Vec::new())
}

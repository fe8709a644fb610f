//! Who called: attributes of which a log may have hundreds of thousands of values.
//!
//! What fails is what is isolated and counted. So beyond [`FEW`] values only those are named that occur in a line worth a
//! closer look; every other row keeps 31 bits of the hash of its value, which costs no search in a large table. When
//! batches and tables are put together, hashes of named values become their codes, and in the end ([`close`]) all that are
//! left become one value, `(others)`. Which values are named depends on the rows alone.

use super::Dimension;
use super::dictionary::{Column, OTHERS, key_hash};
use crate::{Attribute, Calls, Codes};
use std::collections::BTreeMap;

/// Up to so many values of an attribute all are named: their table stays in the cache of a core.
pub(super) const FEW: usize = 1 << 14;

/// The bit of a code that is none but a hash.
pub(crate) const HASHED: u32 = 1 << 31;

/// The hash of a value as a code.
#[inline]
pub(super) const fn hashed(hash: u64) -> u32 {
    HASHED | (hash >> 33) as u32
}

/// The hash of a value as a code.
pub(crate) fn hashed_value(value: &str) -> u32 {
    hashed(key_hash(value.as_bytes()))
}

impl Dimension {
    /// Sets the value of a row, the first `length` bytes of `text`. `telling` says whether its line is worth a closer look.
    #[inline]
    pub fn set_who(&mut self, row: usize, text: &[u8], length: usize, telling: bool) {
        if self.wide && !telling {
            self.codes.set(row, hashed(super::dictionary::key_hash_of_beginning(text, length)));
            return;
        }
        let code = self.values.code_of_beginning(text, length);
        self.codes.set(row, code);
        self.wide |= self.values.different() > self.few;
    }
}

/// Whether the batches together have more values than are all named.
pub(super) fn is_wide(taken: &[Dimension]) -> bool {
    let few = taken.iter().map(|d| d.few).min().unwrap_or(usize::MAX);
    if taken.iter().any(|d| d.wide) {
        return true;
    }
    if taken.iter().map(|d| d.values.different()).sum::<usize>() <= few {
        return false;
    }
    let mut values: Vec<&[u8]> = taken.iter().flat_map(|d| d.values.all()).collect();
    values.sort_unstable();
    values.dedup();
    values.len() > few
}

/// By code, whether a telling row has it.
pub(super) fn told(dimension: &Dimension, rows: &[u32]) -> Vec<bool> {
    let mut told = vec![false; dimension.values.len()];
    for row in rows {
        if let Some(told) = told.get_mut(dimension.codes.get(*row as usize) as usize) {
            *told = true;
        }
    }
    told
}

/// Hashes of named values and what becomes of them; most hashes are none of them, which one bit says.
pub(crate) struct Known {
    bits: Vec<u64>,
    /// Open addressing; a hash of 0 is a free place, since every hash has [`HASHED`].
    places: Vec<(u32, u32)>,
}

impl Known {
    /// Of two values with one hash, the one with the lower code is meant.
    pub(crate) fn new(values: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut all: Vec<(u32, u32)> = values.collect();
        all.sort_unstable();
        all.dedup_by_key(|(hash, _)| *hash);
        let mut known = Self {
            bits: vec![0; (all.len() / 4 + 1).next_power_of_two()],
            places: vec![(0, 0); (all.len() * 2 + 1).next_power_of_two()],
        };
        for (hash, code) in all {
            let (word, bit) = known.bit(hash);
            known.bits[word] |= 1 << bit;
            let mask = known.places.len() - 1;
            let mut at = hash as usize & mask;
            while known.places[at].0 != 0 {
                at = (at + 1) & mask;
            }
            known.places[at] = (hash, code);
        }
        known
    }

    #[inline]
    const fn bit(&self, hash: u32) -> (usize, u32) {
        ((hash >> 6) as usize & (self.bits.len() - 1), hash & 63)
    }

    /// The code of the value with a hash; the hash itself when there is none.
    #[inline]
    pub(crate) fn resolved(&self, hash: u32) -> u32 {
        let (word, bit) = self.bit(hash);
        if self.bits[word] & (1 << bit) == 0 {
            return hash;
        }
        let mask = self.places.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let (found, code) = self.places[at];
            if found == hash {
                return code;
            }
            if found == 0 {
                return hash;
            }
            at = (at + 1) & mask;
        }
    }
}

/// The hash of each named value and its new code, by the old codes of all batches.
pub(super) fn known(taken: &[Dimension], told: &[Vec<bool>], codes: &[Vec<u32>]) -> Known {
    let named = taken.iter().zip(told).zip(codes).flat_map(|((dimension, told), codes)| {
        let named = (2..told.len()).filter(|code| told[*code]);
        named.map(|code| (hashed(key_hash(dimension.values.value(code as u32))), codes[code]))
    });
    // What the dictionary has no room for is no name.
    let others = codes.iter().filter_map(|codes| codes.get(1)).copied().max().unwrap_or(0);
    Known::new(named.filter(|(_, code)| *code != others && *code != 0))
}

/// Codes of values that no telling row has become hashes, or what is named elsewhere.
pub(super) fn unnamed(dimension: &Dimension, told: &[bool], known: &Known, codes: &mut [u32]) {
    for (code, new) in codes.iter_mut().enumerate().skip(2) {
        if !told.get(code).copied().unwrap_or(false) {
            *new = known.resolved(hashed(key_hash(dimension.values.value(code as u32))));
        }
    }
}

/// Rows of one piece: codes by their new ones, hashes by what is known of them.
pub(super) fn remap(column: &Column, rows: std::ops::Range<usize>, codes: &[u32], known: &Known, out: &mut Vec<u32>) {
    let new = |code: u32| if code & HASHED == 0 { codes[code as usize] } else { known.resolved(code) };
    match column {
        Column::One(all) => out.extend(super::merge::within(all, rows).iter().map(|c| new(u32::from(*c)))),
        Column::Two(all) => out.extend(super::merge::within(all, rows).iter().map(|c| new(u32::from(*c)))),
        Column::Four(all) => out.extend(super::merge::within(all, rows).iter().map(|c| new(*c))),
    }
}

/// Ends what [`crate::merge_part`] left open: rows of values that are not named get the value `(others)`.
pub fn close(calls: &mut Calls) {
    let open = std::mem::take(&mut calls.open);
    let of_table: BTreeMap<Attribute, ()> = open.into_iter().map(|attribute| (attribute, ())).collect();
    let dimensions = calls.dimensions.iter_mut();
    let left: Vec<&mut crate::Dimension> =
        dimensions.filter(|d| d.attribute.is_some_and(|a| of_table.contains_key(&a))).collect();
    crate::parallel::parallel(left, close_one);
}

fn close_one(dimension: &mut crate::Dimension) {
    let Codes::Four(codes) = &mut dimension.codes else { return };
    if codes.iter().any(|code| code & HASHED != 0) {
        let found = dimension.values.binary_search_by(|value| value.as_str().cmp(OTHERS));
        let (others, shift) = match found {
            Ok(place) => (place, 0),
            Err(place) => {
                dimension.values.insert(place, OTHERS.to_owned());
                (place, 1)
            }
        };
        let others = u32::try_from(others).unwrap_or(0);
        for code in codes.iter_mut() {
            let behind = if *code >= others { shift } else { 0 };
            *code = if *code & HASHED != 0 { others } else { *code + behind };
        }
    }
    dimension.codes = Codes::fit(std::mem::take(codes), dimension.values.len());
}

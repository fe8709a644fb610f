//! The dictionaries of one attribute in all batches → one, sorted and bounded, and the new code of each old one.

use super::dictionary::OTHERS;
use super::{Dimension, Piece};
use std::borrow::Cow;

/// One dictionary for all batches.
pub(super) struct Words {
    /// Sorted; the first one is empty.
    pub(super) values: Vec<String>,
    /// For each batch, the new code of each of its codes.
    pub(super) codes: Vec<Vec<u32>>,
}

/// A value of one batch. Its first bytes as a number sort as it does, so that most are told apart without looking at it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Word<'a> {
    beginning: u128,
    text: Cow<'a, str>,
    batch: u32,
    code: u32,
}

impl Words {
    /// Puts dictionaries together. At most `limit` values stay: the most frequent ones, equal ones in their order.
    /// `told` says by batch and code which values are named, where not all are; the codes of others mean nothing.
    pub(super) fn merge(taken: &[Dimension], pieces: &[Piece], limit: usize, told: Option<&[Vec<bool>]>) -> Self {
        let level = taken.iter().map(|d| d.values.level).max().unwrap_or(0);
        let mut words = Vec::with_capacity(taken.iter().map(|d| d.values.len()).sum());
        for (batch, dimension) in taken.iter().enumerate() {
            let is_told = |code: &u32| told.is_none_or(|told| told[batch][*code as usize]);
            let codes = (2..narrow(dimension.values.len())).filter(is_told);
            words.extend(codes.filter(|code| level == 0 || dimension.values.is_kept(*code, level)).map(|code| {
                // Values that are no UTF-8 may become equal when they are shown.
                let text = String::from_utf8_lossy(dimension.values.value(code));
                Word { beginning: beginning(&text), text, batch: narrow(batch), code }
            }));
        }
        words.sort_unstable();
        let none = u32::MAX;
        let mut codes: Vec<Vec<u32>> = taken.iter().map(|d| vec![none; d.values.len()]).collect();
        let mut values: Vec<Cow<'_, str>> = Vec::new();
        for word in words {
            if values.last() != Some(&word.text) {
                values.push(word.text);
            }
            codes[word.batch as usize][word.code as usize] = narrow(values.len() - 1);
        }
        let mut left_out = level > 0 || taken.iter().any(|d| d.values.has_others());
        let mut kept = vec![true; values.len()];
        if values.len() >= limit {
            left_out = true;
            kept = most_frequent(taken, pieces, &codes, values.len(), limit);
        }
        let mut all: Vec<String> = Vec::with_capacity(values.len() + 2);
        all.push(String::new());
        let mut others = None;
        let mut new = vec![none; values.len()];
        for ((value, kept), new) in values.into_iter().zip(kept).zip(&mut new) {
            if others.is_none() && left_out && *value >= *OTHERS {
                others = Some(narrow(all.len()));
                all.push(OTHERS.to_owned());
            }
            if kept && value == OTHERS && left_out {
                *new = others.unwrap_or(0);
            } else if kept {
                *new = narrow(all.len());
                all.push(value.into_owned());
            }
        }
        if others.is_none() && left_out {
            others = Some(narrow(all.len()));
            all.push(OTHERS.to_owned());
        }
        let others = others.unwrap_or(0);
        for codes in &mut codes {
            for code in codes.iter_mut() {
                *code = new.get(*code as usize).copied().filter(|code| *code != none).unwrap_or(others);
            }
            if let Some(nothing) = codes.first_mut() {
                *nothing = 0;
            }
        }
        Self { values: all, codes }
    }
}

/// Which values most rows have.
fn most_frequent(taken: &[Dimension], pieces: &[Piece], codes: &[Vec<u32>], values: usize, limit: usize) -> Vec<bool> {
    let mut counts = vec![0_u64; values];
    for piece in pieces {
        let (dimension, codes) = (&taken[piece.batch], &codes[piece.batch]);
        for row in piece.segment.from..piece.segment.to {
            let value = codes.get(dimension.codes.get(row) as usize);
            if let Some(count) = value.and_then(|value| counts.get_mut(*value as usize)) {
                *count += 1;
            }
        }
    }
    let mut order: Vec<usize> = (0..values).collect();
    order.sort_by(|a, b| counts[*b].cmp(&counts[*a]).then(a.cmp(b)));
    let mut kept = vec![false; values];
    for value in order.into_iter().take(limit.saturating_sub(1)) {
        kept[value] = true;
    }
    kept
}

fn beginning(text: &str) -> u128 {
    let mut bytes = [0; 16];
    let count = text.len().min(16);
    bytes[..count].copy_from_slice(&text.as_bytes()[..count]);
    u128::from_be_bytes(bytes)
}

fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

//! Signatures: failures of one kind, by what their messages have in common.
//!
//! [`of`] puts failing rows together. [`templates`] finds the message templates; it knows words and their forms, and neither
//! systems nor what a message means. What it gives does not depend on the order of the messages. When more messages come, a
//! template may get wider (that is what mining is); that one is parted is rare.

mod failures;
mod lists;
mod merge;
mod tokens;

pub use failures::{Ask, mine, of};

use firstfault_calls::{mask, text_hash};
use std::cmp::Reverse;

/// Different masked messages that are compared with each other; the rarest beyond them are one template, `<*>`.
const DISTINCT: usize = 100_000;

/// What was found in many messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mined {
    /// By message: which template.
    pub of: Vec<u32>,
    /// The templates as text, sorted: what varies is `<*>`.
    pub texts: Vec<String>,
}

/// The templates of messages, each with how often it was seen.
#[must_use]
pub fn templates(messages: &[(&str, u64)]) -> Mined {
    let masked: Vec<String> = messages.iter().map(|(text, _)| mask(tokens::bounded(text))).collect();
    let mut order: Vec<usize> = (0..masked.len()).collect();
    order.sort_unstable_by(|a, b| masked[*a].cmp(&masked[*b]));
    // Which messages have one masked text, and how often it was seen.
    let equal: Vec<&[usize]> = order.chunk_by(|a, b| masked[*a] == masked[*b]).collect();
    let seen = |n: usize| equal[n].iter().fold(0_u64, |sum, at| sum.saturating_add(messages[*at].1));
    let mut kept: Vec<usize> = (0..equal.len()).collect();
    if kept.len() > DISTINCT {
        kept.sort_by_key(|n| (Reverse(seen(*n)), *n));
        kept.truncate(DISTINCT);
        kept.sort_unstable();
    }
    let distinct: Vec<&str> = kept.iter().map(|n| masked[equal[*n][0]].as_str()).collect();
    let (group, names) = merge::merge(&distinct);
    let mut texts = names.clone();
    if kept.len() < equal.len() {
        texts.push(tokens::VALUE.to_owned());
    }
    texts.sort_unstable();
    texts.dedup();
    let place = |name: &str| texts.binary_search_by(|text| text.as_str().cmp(name)).unwrap_or(0);
    let places: Vec<usize> = names.iter().map(|name| place(name)).collect();
    let mut of = vec![u32::try_from(place(tokens::VALUE)).unwrap_or(u32::MAX); messages.len()];
    for (n, template) in kept.iter().zip(group) {
        for at in equal[*n] {
            of[*at] = u32::try_from(places[template as usize]).unwrap_or(u32::MAX);
        }
    }
    Mined { of, texts }
}

/// The id of a template: 16 hexadecimal digits, the same in every run and on every machine.
#[must_use]
pub fn id(template: &str) -> String {
    format!("{:016x}", text_hash(template.as_bytes()))
}

#[cfg(test)]
mod tests;

//! How compiled knowledge lies in memory: sections of bytes, and the two hash tables that find rules by a word or a
//! fact. It knows nothing of what rules mean.

use crate::phrase::Element;
use crate::words;
use std::collections::{BTreeMap, HashMap};

/// The sections of the block, in order. All numbers are little-endian.
#[derive(Debug, Default)]
pub struct Block {
    /// `causes`, `packs`, `statuses`, `checks`, `slots`: postcard.
    pub causes: Vec<u8>,
    /// Pack heads.
    pub packs: Vec<u8>,
    /// Status codes.
    pub statuses: Vec<u8>,
    /// Checks.
    pub checks: Vec<u8>,
    /// Slot names.
    pub slots: Vec<u8>,
    /// Sets of words.
    pub sets: Vec<u8>,
    /// u32 offsets into `rules`, one more than there are rules.
    pub rule_offsets: Vec<u8>,
    /// Rules, one after the other.
    pub rules: Vec<u8>,
    /// (u64 hash, u32 first, u32 count), open addressing, a power of two.
    pub word_table: Vec<u8>,
    /// (u32 phrase, u32 anchor).
    pub word_postings: Vec<u8>,
    /// (u32 rule, u32 first element, u32 count).
    pub phrases: Vec<u8>,
    /// u64 each: a word's hash, [`GAP`], or [`SLOT`] or [`SET`] plus a number.
    pub elements: Vec<u8>,
    /// As `word_table`, for facts.
    pub fact_table: Vec<u8>,
    /// u32 rule, or a pack's number with the highest bit set.
    pub fact_postings: Vec<u8>,
}

impl Block {
    /// The sections one after the other, each behind its length (u32).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let sections = [
            &self.causes,
            &self.packs,
            &self.statuses,
            &self.checks,
            &self.slots,
            &self.sets,
            &self.rule_offsets,
            &self.rules,
            &self.word_table,
            &self.word_postings,
            &self.phrases,
            &self.elements,
            &self.fact_table,
            &self.fact_postings,
        ];
        let mut out = Vec::new();
        for section in sections {
            out.extend(u32::try_from(section.len()).unwrap_or(0).to_le_bytes());
            out.extend(section);
        }
        out
    }
}

/// Sets of words are this plus their number.
pub const SET: u64 = 0xffff_ffff_0000_0000;
/// Stands for `*` among the elements.
pub const GAP: u64 = u64::MAX;
/// Slots are this plus their number.
pub const SLOT: u64 = 0xffff_ffff_ffff_0000;
/// Marks a pack's number among the fact postings.
pub const PACK_BIT: u32 = 1 << 31;

/// What makes the engine look at a rule.
#[derive(Default)]
pub struct Triggers {
    /// Its phrases.
    pub phrases: Vec<Vec<Element>>,
    /// Index keys of facts, when it has no phrase.
    pub facts: Vec<u64>,
}

/// Writes rules, phrases and the two hash tables.
#[expect(clippy::cast_possible_truncation, reason = "a knowledge base is far below 4 GiB")]
pub fn lay_out(rules: &[(Vec<u8>, Triggers)], sets: &[Vec<u64>], marks: &[(u64, u32)], block: &mut Block) {
    let mut frequency: HashMap<u64, u32> = HashMap::new();
    for word in COMMON_WORDS.split_whitespace() {
        *frequency.entry(words::hash(word.as_bytes())).or_default() += 100_000;
    }
    for element in rules.iter().flat_map(|(_, t)| t.phrases.iter().flatten()) {
        if let Element::Word(hash) = element {
            *frequency.entry(*hash).or_default() += 1;
        }
    }
    let mut by_word: BTreeMap<u64, Vec<[u32; 2]>> = BTreeMap::new();
    let mut by_fact: BTreeMap<u64, Vec<[u32; 1]>> = BTreeMap::new();
    let mut phrase_count = 0u32;
    block.rule_offsets.extend(0u32.to_le_bytes());
    for (number, (bytes, triggers)) in rules.iter().enumerate() {
        let number = number as u32;
        block.rules.extend(bytes);
        block.rule_offsets.extend((block.rules.len() as u32).to_le_bytes());
        for elements in &triggers.phrases {
            let first = (block.elements.len() / 8) as u32;
            for element in elements {
                let code = match element {
                    Element::Word(hash) => *hash,
                    Element::Gap => GAP,
                    Element::Slot(number) => SLOT + u64::from(*number),
                    Element::Any(number) => SET + u64::from(*number),
                };
                block.elements.extend(code.to_le_bytes());
            }
            for value in [number, first, elements.len() as u32] {
                block.phrases.extend(value.to_le_bytes());
            }
            // The rarest word finds the phrase; the others are only compared once it is there. A set is as common as
            // all of its words.
            let common = |hash: &u64| u64::from(frequency.get(hash).copied().unwrap_or(0));
            let hashes = |element: &Element| match element {
                Element::Word(hash) => vec![*hash],
                Element::Any(set) => sets.get(*set as usize).cloned().unwrap_or_default(),
                Element::Gap | Element::Slot(_) => Vec::new(),
            };
            let literals = elements.iter().enumerate().filter(|(_, e)| e.is_literal());
            let rarest = literals.map(|(i, e)| (hashes(e).iter().map(common).sum::<u64>(), i)).min();
            if let Some((_, anchor)) = rarest {
                for hash in hashes(&elements[anchor]) {
                    by_word.entry(hash).or_default().push([phrase_count, anchor as u32]);
                }
            }
            phrase_count += 1;
        }
        for key in &triggers.facts {
            by_fact.entry(*key).or_default().push([number]);
        }
    }
    for (key, posting) in marks {
        by_fact.entry(*key).or_default().push([*posting]);
    }
    (block.word_table, block.word_postings) = hash_table(&by_word);
    (block.fact_table, block.fact_postings) = hash_table(&by_fact);
}

/// An open-addressing table of (hash, first posting, count), and the postings.
#[expect(clippy::cast_possible_truncation, reason = "a knowledge base is far below 4 GiB")]
fn hash_table<const N: usize>(map: &BTreeMap<u64, Vec<[u32; N]>>) -> (Vec<u8>, Vec<u8>) {
    let size = (map.len() * 2).next_power_of_two().max(2);
    let mut slots: Vec<Option<(u64, u32, u32)>> = vec![None; size];
    let mut postings = Vec::new();
    let mut count = 0u32;
    for (hash, list) in map {
        let mut at = *hash as usize & (size - 1);
        while slots[at].is_some() {
            at = (at + 1) & (size - 1);
        }
        slots[at] = Some((*hash, count, list.len() as u32));
        for value in list.iter().flatten() {
            postings.extend(value.to_le_bytes());
        }
        count += list.len() as u32;
    }
    let mut table = Vec::with_capacity(size * 16);
    for slot in slots {
        let (hash, first, count) = slot.unwrap_or_default();
        table.extend(hash.to_le_bytes());
        table.extend(first.to_le_bytes());
        table.extend(count.to_le_bytes());
    }
    (table, postings)
}

/// Words so common in evidence that they make poor anchors.
const COMMON_WORDS: &str = "a an and are as at be by can could error failed failure for from get has have http https in invalid is it missing no not of on or post request response server status that the this to was with you your message code key type value api client connection data name id user 400 401 403 404 429 500 502 503 504 host url info warn debug exception org com java lang net json application null true false";

//! The loaded knowledge: sections of the block, looked up in place.

use crate::compile::{SourceFile, compile};
use crate::compiled::{Cause, CheckSource, PackInfo, Rule, StatusInfo};
use crate::layout::{Block, GAP, SET, SLOT};
use crate::pack::PackError;
use crate::phrase::Element;

static BUILTIN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/knowledge.bin"));
static SOURCES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sources.bin"));

/// Everything that is known.
#[derive(Debug)]
pub struct Knowledge {
    /// Causes by number.
    pub causes: Vec<Cause<'static>>,
    /// Packs by number.
    pub packs: Vec<PackInfo<'static>>,
    /// Checks in file order.
    pub checks: Vec<CheckSource<'static>>,
    pub(crate) slots: Vec<&'static str>,
    pub(crate) sets: Vec<Vec<u64>>,
    statuses: &'static [u8],
    rule_offsets: &'static [u8],
    rules: &'static [u8],
    word_table: &'static [u8],
    word_postings: &'static [u8],
    phrases: &'static [u8],
    elements: &'static [u8],
    fact_table: &'static [u8],
    fact_postings: &'static [u8],
}

impl Knowledge {
    /// The packs that this program was built with.
    #[must_use]
    pub fn builtin() -> Self {
        Self::load(BUILTIN)
    }

    /// The files that [`Self::builtin`] was compiled from.
    #[must_use]
    pub fn builtin_sources() -> Vec<SourceFile> {
        let files: Vec<(&str, &str)> = postcard::from_bytes(SOURCES).unwrap_or_default();
        files.into_iter().map(|(name, text)| SourceFile { name: name.to_owned(), text: text.to_owned() }).collect()
    }

    /// [`Self::builtin_sources`] and a user's own files on top. A pack of the user's takes the place of the
    /// built-in pack of the same name, and likewise each file that is no pack.
    #[must_use]
    pub fn sources_with(own: &[SourceFile]) -> Vec<SourceFile> {
        let identity = |file: &SourceFile| {
            if let Some(name) = crate::pack::special(&file.name) {
                return Some(name.to_owned());
            }
            crate::pack::parse(&file.name, &file.text).ok().map(|parsed| format!("pack {}", parsed.pack.name))
        };
        let replaced: Vec<String> = own.iter().filter_map(identity).collect();
        let mut files = Self::builtin_sources();
        if !replaced.is_empty() {
            files.retain(|file| identity(file).is_none_or(|name| !replaced.contains(&name)));
        }
        files.extend(own.iter().cloned());
        files
    }

    /// Compiles packs from their sources (all of them, as [`Self::sources_with`] gives them).
    /// The compiled form is kept until the process ends.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn from_sources(files: &[SourceFile]) -> Result<Self, Vec<PackError>> {
        let block: Block = compile(files)?;
        Ok(Self::load(Box::leak(block.to_bytes().into_boxed_slice())))
    }

    fn load(bytes: &'static [u8]) -> Self {
        let mut rest = bytes;
        let mut section = || {
            let (len, after) = rest.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
            let len = (u32::from_le_bytes(*len) as usize).min(after.len());
            let (body, after) = after.split_at(len);
            rest = after;
            body
        };
        let causes = postcard::from_bytes(section()).unwrap_or_default();
        let packs = postcard::from_bytes(section()).unwrap_or_default();
        let statuses = section();
        let checks = postcard::from_bytes(section()).unwrap_or_default();
        let slots = postcard::from_bytes(section()).unwrap_or_default();
        let sets = postcard::from_bytes(section()).unwrap_or_default();
        let rule_offsets = section();
        let rules = section();
        let word_table = section();
        let word_postings = section();
        let phrases = section();
        let elements = section();
        let fact_table = section();
        let fact_postings = section();
        Self {
            causes,
            packs,
            checks,
            slots,
            sets,
            statuses,
            rule_offsets,
            rules,
            word_table,
            word_postings,
            phrases,
            elements,
            fact_table,
            fact_postings,
        }
    }

    /// How many rules there are, rows and priors included.
    #[must_use]
    pub fn rule_count(&self) -> usize {
        (self.rule_offsets.len() / 4).saturating_sub(1)
    }

    /// The rule of that number.
    #[must_use]
    pub fn rule(&self, number: u32) -> Option<Rule<'static>> {
        let at = number as usize * 4;
        let (from, to) = (u32_at(self.rule_offsets, at) as usize, u32_at(self.rule_offsets, at + 4) as usize);
        postcard::from_bytes(self.rules.get(from..to)?).ok()
    }

    /// What is known of a status code.
    #[must_use]
    pub fn status(&self, code: u16) -> Option<StatusInfo<'static>> {
        self.statuses().into_iter().find(|s| s.code == code)
    }

    /// Every status code that is known.
    #[must_use]
    pub fn statuses(&self) -> Vec<StatusInfo<'static>> {
        postcard::from_bytes(self.statuses).unwrap_or_default()
    }

    /// The number of a cause.
    #[must_use]
    pub fn cause_number(&self, id: &str) -> Option<u16> {
        self.causes.iter().position(|c| c.id == id).and_then(|n| u16::try_from(n).ok())
    }

    /// Phrases anchored at a word: (phrase number, anchor).
    pub(crate) fn word_postings(&self, hash: u64) -> impl Iterator<Item = (u32, usize)> + use<> {
        let (first, count) = lookup(self.word_table, hash);
        let postings = self.word_postings;
        (first..first + count).map(move |i| (u32_at(postings, i * 8), u32_at(postings, i * 8 + 4) as usize))
    }

    /// Rules and packs triggered by a fact key.
    pub(crate) fn fact_postings(&self, hash: u64) -> impl Iterator<Item = u32> + use<> {
        let (first, count) = lookup(self.fact_table, hash);
        let postings = self.fact_postings;
        (first..first + count).map(move |i| u32_at(postings, i * 4))
    }

    /// The rule of a phrase; its elements go into `out`. They are read in place, so that starting up pays for none.
    pub(crate) fn phrase(&self, number: u32, out: &mut Vec<Element>) -> u32 {
        let at = number as usize * 12;
        let first = u32_at(self.phrases, at + 4) as usize * 8;
        let count = u32_at(self.phrases, at + 8) as usize;
        out.clear();
        let codes = self.elements.get(first..first + count * 8).unwrap_or_default();
        out.extend(codes.chunks_exact(8).map(|code| element(u64_at(code, 0))));
        u32_at(self.phrases, at)
    }
}

/// An element as it is stored.
#[expect(clippy::cast_possible_truncation, reason = "slot numbers are 16 bits, set numbers 32")]
const fn element(code: u64) -> Element {
    match code {
        GAP => Element::Gap,
        code if code >= SLOT => Element::Slot((code - SLOT) as u16),
        code if code >= SET => Element::Any((code - SET) as u32),
        hash => Element::Word(hash),
    }
}

fn lookup(table: &[u8], hash: u64) -> (usize, usize) {
    let size = table.len() / 16;
    if size == 0 {
        return (0, 0);
    }
    #[expect(clippy::cast_possible_truncation, reason = "only the low bits count")]
    let mut at = hash as usize & (size - 1);
    loop {
        let entry = at * 16;
        let count = u32_at(table, entry + 12) as usize;
        if count == 0 {
            return (0, 0);
        }
        if u64_at(table, entry) == hash {
            return (u32_at(table, entry + 8) as usize, count);
        }
        at = (at + 1) & (size - 1);
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|b| b.first_chunk::<4>()).map_or(0, |b| u32::from_le_bytes(*b))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(|b| b.first_chunk::<8>()).map_or(0, |b| u64::from_le_bytes(*b))
}

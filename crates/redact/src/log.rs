//! What was replaced, where and by which rule.

use crate::find::Finding;
use crate::issuers;
use crate::kind::{self, Kind};
use memchr::memchr_iter;
use std::collections::{BTreeMap, HashMap};

/// The most placeholders that are listed one by one; all are counted by rule.
const LISTED: usize = 1_000;

/// One secret and its replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// What stands in its place.
    pub placeholder: String,
    /// The rule that found it first.
    pub rule: &'static str,
    /// The line on which it stood first, counted from 1 over all that was read.
    pub line: usize,
    /// The byte in that line at which it began, counted from 1.
    pub column: usize,
    /// How often it was replaced.
    pub count: usize,
    /// Whether the checksum that its issuer documents holds: one that fails was cut or mistyped.
    pub checksum: Option<bool>,
}

/// What was replaced so far.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Lines of the texts before the present one.
    lines: usize,
    /// Up to where the present text's lines were counted, and how many those were.
    counted: (usize, usize),
    listed: Vec<Replaced>,
    places: HashMap<(Kind, usize), usize>,
    rules: BTreeMap<&'static str, usize>,
}

impl Log {
    /// Each secret once, in the order in which they were seen; at most a thousand.
    #[must_use]
    pub fn listed(&self) -> &[Replaced] {
        &self.listed
    }

    /// How often each rule replaced something.
    #[must_use]
    pub fn rules(&self) -> &BTreeMap<&'static str, usize> {
        &self.rules
    }

    /// How often something was replaced.
    #[must_use]
    pub fn total(&self) -> usize {
        self.rules.values().sum()
    }

    pub(crate) fn replaced(&mut self, text: &str, finding: Finding, kind: Kind, number: usize) {
        *self.rules.entry(finding.rule).or_insert(0) += 1;
        if let Some(place) = self.places.get(&(kind, number)) {
            self.listed[*place].count += 1;
            return;
        }
        if self.listed.len() >= LISTED {
            return;
        }
        let b = text.as_bytes();
        let (from, lines) = self.counted;
        let lines = lines + memchr_iter(b'\n', &b[from.min(finding.start)..finding.start]).count();
        self.counted = (finding.start, lines);
        let column = finding.start - memchr::memrchr(b'\n', &b[..finding.start]).map_or(0, |i| i + 1);
        self.places.insert((kind, number), self.listed.len());
        self.listed.push(Replaced {
            placeholder: kind::write(kind, number),
            rule: finding.rule,
            line: self.lines + lines + 1,
            column: column + 1,
            count: 1,
            checksum: text.get(finding.start..finding.end).and_then(|t| issuers::checksum(finding.rule, t)),
        });
    }

    /// The present text was read to its end.
    pub(crate) fn read(&mut self, text: &str) {
        let (from, lines) = self.counted;
        self.lines += lines + memchr_iter(b'\n', &text.as_bytes()[from..]).count();
        self.counted = (0, 0);
    }

    /// Counts what another log counted.
    pub(crate) fn add(&mut self, other: &Self) {
        for (rule, count) in &other.rules {
            *self.rules.entry(rule).or_insert(0) += count;
        }
    }
}

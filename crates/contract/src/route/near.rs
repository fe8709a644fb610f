//! The paths of a description that are nearest to one that none fits, with what lies between.
//!
//! Segments are aligned: each step of the alignment has a price, and the cheapest templates win. Base path and template
//! are one list of segments here, so that a missing version is a step like any other.

use super::index::{Index, Template, Word};
use super::names::{is_version, plural, slips};
use super::placeholder::is_left_in;
use super::template::{Called, Segment, captures};
use crate::description::Operation;
use crate::percent::encode;

/// Paths with more segments are not aligned.
const SEGMENT_LIMIT: usize = 32;

// What steps cost, in hundredths of a plain fault.
const RECASED: u32 = 60;
const PLURAL: u32 = 70;
const SLIP: u32 = 80;
const OTHER_VERSION: u32 = 70;
const OTHER: u32 = 300;
const WORD_AS_VALUE: u32 = 25;
const KNOWN_WORD_AS_VALUE: u32 = 40;
const EMPTY_VALUE: u32 = 70;
const NO_VALUE: u32 = 130;
const NO_LITERAL: u32 = 170;
const NO_BASE: u32 = 80;
const EXTRA: u32 = 170;
const EXTRA_BASE: u32 = 80;
const DOUBLED: u32 = 90;
const EXTRA_SLASH: u32 = 75;
const END_SLASH: u32 = 20;
const SWAPPED: u32 = 120;
const OTHER_METHOD: u32 = 60;
/// What costs more is no longer near.
const LIMIT: u32 = 390;
/// The most templates that are near.
const NEAR_LIMIT: usize = 6;

/// One step from a path to a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The segment is that of the template, or a value of its parameter.
    Same,
    /// Another spelling of the literal.
    Misspelt,
    /// Another version.
    Version,
    /// Something else.
    Other,
    /// An empty segment, or a placeholder, where a parameter stands.
    EmptyValue,
    /// No segment where a parameter stands.
    NoValue,
    /// No segment where a literal stands.
    NoLiteral,
    /// No slash at the end, or one too many.
    EndSlash,
    /// A segment too many.
    Extra,
    /// A version, `api` or a repeated segment too many at the beginning.
    ExtraBase,
    /// Base path or version missing.
    NoBase,
    /// Two segments the wrong way round.
    Swapped,
}

/// A template that is near to a path.
#[derive(Clone, Debug)]
pub(super) struct Near {
    /// Index of the template.
    pub template: usize,
    /// Index of the base.
    pub base: usize,
    /// What lies between.
    pub cost: u32,
    /// The steps other than [`Step::Same`], in the order of the path.
    pub faults: Vec<Step>,
    /// The name of the first parameter without a value.
    pub missing: Option<String>,
    /// The path as it should be, where no value is missing and nothing is guessed.
    pub path: Option<String>,
    /// Whether the template has the method.
    pub method: bool,
    /// Literal segments that are there, perhaps misspelt.
    pub literal: usize,
}

/// The nearest templates, the nearest first.
pub(super) fn nearest(
    index: &Index,
    operations: &[Operation],
    bases: &[usize],
    called: &[Called<'_>],
    method: Option<&str>,
) -> Vec<Near> {
    if called.len() > SEGMENT_LIMIT {
        return Vec::new();
    }
    let costs = Costs::new(index, called);
    let mut best: Vec<(u32, usize, usize)> = Vec::new();
    for &base in bases {
        let prefix: Vec<Part<'_>> = index.bases[base].segments.iter().map(Part::base).collect();
        let start = costs.start(&prefix);
        for (at, template) in index.templates.iter().enumerate() {
            if !template.bases.contains(&base) {
                continue;
            }
            let parts = prefix.len() + template.segments.len();
            if parts.abs_diff(called.len()) > 3 + prefix.len() {
                continue;
            }
            let ceiling = best.get(NEAR_LIMIT - 1).map_or(LIMIT, |(cost, ..)| *cost);
            let Some(mut cost) = costs.align(&start, template, prefix.len(), ceiling) else { continue };
            if !has(template, operations, method) {
                cost += OTHER_METHOD;
            }
            if cost > LIMIT || best.iter().any(|(c, t, _)| *t == at && *c <= cost) {
                continue;
            }
            best.retain(|(_, t, _)| *t != at);
            let place = best.partition_point(|(c, ..)| *c <= cost);
            best.insert(place, (cost, at, base));
            best.truncate(NEAR_LIMIT);
        }
    }
    let mut out: Vec<Near> = best
        .into_iter()
        .map(|(cost, template, base)| costs.steps(index, template, base, cost))
        .filter(|near| near.literal > 0)
        .collect();
    let least = out.first().map_or(0, |n| n.cost);
    out.retain(|near| near.cost <= least + 170);
    for near in &mut out {
        near.method = has(&index.templates[near.template], operations, method);
    }
    out
}

pub(super) fn has(template: &Template, operations: &[Operation], method: Option<&str>) -> bool {
    method.is_none_or(|m| template.operations.iter().any(|o| operations[*o].method.eq_ignore_ascii_case(m)))
}

/// A segment of base path or template, with its word where it is a literal of a template.
#[derive(Clone, Copy)]
struct Part<'a> {
    segment: &'a Segment,
    word: Option<usize>,
    base: bool,
}

impl<'a> Part<'a> {
    const fn base(segment: &'a Segment) -> Self {
        Self { segment, word: None, base: true }
    }
}

/// Prices of all steps for one path.
struct Costs<'a> {
    called: &'a [Called<'a>],
    /// By segment of the path and word of the description.
    words: Vec<Vec<u16>>,
    /// By segment of the path: as the value of a parameter.
    values: Vec<u32>,
    /// By segment of the path: as one too many.
    extra: Vec<u32>,
}

/// One row of an alignment: what the template so far costs, by segments of the path.
type Row = [u32; SEGMENT_LIMIT + 1];

/// The rows of an alignment: of the template before the last segment, and with it.
#[derive(Clone)]
struct Rows {
    before: Row,
    row: Row,
}

impl<'a> Costs<'a> {
    fn new(index: &Index, called: &'a [Called<'a>]) -> Self {
        let words: Vec<Vec<u16>> = called
            .iter()
            .map(|c| {
                let called = Word::new(&c.text);
                let cost = |word: &Word| u16::try_from(literal(word, &called)).unwrap_or(u16::MAX);
                index.words.iter().map(cost).collect()
            })
            .collect();
        let value = |(i, c): (usize, &Called<'_>)| {
            if c.text.is_empty() || is_left_in(&c.text) {
                EMPTY_VALUE
            } else if words[i].contains(&0) {
                KNOWN_WORD_AS_VALUE
            } else if c.text.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_')) {
                WORD_AS_VALUE
            } else {
                0
            }
        };
        let values = called.iter().enumerate().map(value).collect();
        let last = called.len().saturating_sub(1);
        let extra = called.iter().enumerate().map(|(i, c)| match c.text.as_ref() {
            "" if i == last => END_SLASH,
            "" => EXTRA_SLASH,
            // Ids are often equal by chance.
            text if i > 0 && called[i - 1].text == text && (i == 1 || words[i].contains(&0)) => DOUBLED,
            text if i <= 2 && is_base_like(text) => EXTRA_BASE,
            _ => EXTRA,
        });
        let extra = extra.collect();
        Self { called, words, values, extra }
    }

    /// The rows behind a base path.
    fn start(&self, prefix: &[Part<'_>]) -> Rows {
        let mut row = [0; SEGMENT_LIMIT + 1];
        for (j, extra) in self.extra.iter().enumerate() {
            row[j + 1] = row[j] + extra;
        }
        let mut rows = Rows { before: row, row };
        for (i, part) in prefix.iter().enumerate() {
            let previous = i.checked_sub(1).map(|i| prefix[i]);
            self.advance(&mut rows, previous, *part, prefix.len());
        }
        rows
    }

    fn advance(&self, rows: &mut Rows, previous: Option<Part<'_>>, part: Part<'_>, base: usize) {
        let missing = missing(part, base);
        let mut next = [0; SEGMENT_LIMIT + 1];
        next[0] = rows.row[0] + missing;
        for j in 1..=self.called.len() {
            let mut cost = (rows.row[j - 1] + self.take(part, j - 1))
                .min(rows.row[j] + missing)
                .min(next[j - 1] + self.extra[j - 1]);
            if j >= 2
                && let Some(previous) = previous
                && self.swaps(previous, part, j)
            {
                cost = cost.min(rows.before[j - 2] + SWAPPED);
            }
            next[j] = cost;
        }
        rows.before = std::mem::replace(&mut rows.row, next);
    }

    /// Whether two segments of a template stand the other way round before place `j` of the path.
    fn swaps(&self, previous: Part<'_>, part: Part<'_>, j: usize) -> bool {
        let literal = |part: Part<'_>| matches!(part.segment, Segment::Literal(_));
        (literal(previous) || literal(part))
            // A word may be a value and is none of its own accord: only ids change places with literals.
            && self.take(previous, j - 1) == 0
            && self.take(part, j - 2) == 0
            && self.take(previous, j - 2) + self.take(part, j - 1) > SWAPPED
    }

    /// What a segment of the path costs as this segment of a template.
    fn take(&self, part: Part<'_>, j: usize) -> u32 {
        match part.segment {
            Segment::Literal(text) => part.word.map_or_else(
                || literal(&Word::new(text), &Word::new(&self.called[j].text)),
                |word| u32::from(self.words[j][word]),
            ),
            Segment::Parameter(_) | Segment::Rest(_) => self.values[j],
            Segment::Mixed(pieces) => {
                if captures(pieces, self.called[j].raw).is_some() {
                    0
                } else {
                    200
                }
            }
        }
    }

    /// What a template costs behind a base path; `None` when that is more than the ceiling.
    fn align(&self, start: &Rows, template: &Template, base: usize, ceiling: u32) -> Option<u32> {
        let mut rows = start.clone();
        let mut previous = None;
        let end = self.called.len();
        for (segment, word) in template.segments.iter().zip(&template.words) {
            let part = Part { segment, word: *word, base: false };
            self.advance(&mut rows, previous, part, base);
            previous = Some(part);
            if rows.row[..=end].iter().chain(&rows.before[..=end]).all(|cost| *cost > ceiling) {
                return None;
            }
        }
        Some(rows.row[end]).filter(|cost| *cost <= ceiling)
    }

    /// The steps to a template, found by walking the alignment back.
    fn steps(&self, index: &Index, template: usize, base: usize, cost: u32) -> Near {
        let described = &index.templates[template];
        let bases = &index.bases[base].segments;
        let parts: Vec<Part<'_>> = bases
            .iter()
            .map(Part::base)
            .chain(described.segments.iter().zip(&described.words).map(|(segment, word)| Part {
                segment,
                word: *word,
                base: false,
            }))
            .collect();
        let mut rows = self.start(&[]);
        let mut table = vec![rows.row];
        for (i, part) in parts.iter().enumerate() {
            // A base path and a template do not swap segments with each other.
            let previous = i.checked_sub(1).map(|i| parts[i]).filter(|p| p.base == part.base);
            self.advance(&mut rows, previous, *part, bases.len());
            table.push(rows.row);
        }
        let mut near = Near {
            template,
            base,
            cost,
            faults: Vec::new(),
            missing: None,
            path: Some(String::new()),
            method: true,
            literal: 0,
        };
        let mut segments: Vec<Option<String>> = Vec::new();
        let (mut i, mut j) = (parts.len(), self.called.len());
        while i > 0 || j > 0 {
            let here = table[i][j];
            if i > 0 && j > 0 && table[i - 1][j - 1] + self.take(parts[i - 1], j - 1) == here {
                (i, j) = (i - 1, j - 1);
                let (step, text) = self.taken(parts[i], j);
                near.literal +=
                    usize::from(matches!((parts[i].segment, step), (Segment::Literal(_), Step::Same | Step::Misspelt)));
                if step == Step::EmptyValue {
                    near.missing = parts[i].segment.names().next().map(str::to_owned);
                }
                segments.push(text);
                near.faults.push(step);
            } else if i > 0 && table[i - 1][j] + missing(parts[i - 1], bases.len()) == here {
                i -= 1;
                let (step, text) = match parts[i].segment {
                    Segment::Literal(text) if text.is_empty() => (Step::EndSlash, Some(String::new())),
                    Segment::Literal(text) if parts[i].base || (i == 0 && is_base_like(text)) => {
                        (Step::NoBase, Some(encode(text)))
                    }
                    Segment::Literal(text) => (Step::NoLiteral, Some(encode(text))),
                    _ if parts[i].base => (Step::NoBase, None),
                    segment => {
                        near.missing = segment.names().next().map(str::to_owned);
                        (Step::NoValue, None)
                    }
                };
                segments.push(text);
                near.faults.push(step);
            } else if j > 0 && table[i][j - 1] + self.extra[j - 1] == here {
                j -= 1;
                near.faults.push(match self.extra[j] {
                    END_SLASH => Step::EndSlash,
                    EXTRA_BASE | DOUBLED if i <= bases.len() => Step::ExtraBase,
                    _ => Step::Extra,
                });
            } else if i > 1 && j > 1 {
                // What is left is the swap.
                (i, j) = (i - 2, j - 2);
                segments.push(self.taken(parts[i + 1], j).1);
                segments.push(self.taken(parts[i], j + 1).1);
                near.faults.push(Step::Swapped);
                near.literal += 1;
            } else {
                break;
            }
        }
        near.faults.reverse();
        near.faults.retain(|step| *step != Step::Same);
        segments.reverse();
        let path: Option<Vec<String>> = segments.into_iter().collect();
        near.path = path.map(|segments| format!("/{}", segments.join("/")));
        near
    }

    /// The step of a segment that is taken as a part, and the segment as it should be, where that is known.
    fn taken(&self, part: Part<'_>, j: usize) -> (Step, Option<String>) {
        let raw = || Some(self.called[j].raw.to_owned());
        let cost = self.take(part, j);
        match part.segment {
            Segment::Literal(text) => match cost {
                0 => (Step::Same, raw()),
                OTHER => (Step::Other, None),
                _ if is_version(text) && is_version(&self.called[j].text) => (Step::Version, Some(encode(text))),
                _ => (Step::Misspelt, Some(encode(text))),
            },
            Segment::Parameter(_) | Segment::Rest(_) if cost == EMPTY_VALUE => (Step::EmptyValue, None),
            Segment::Mixed(_) if cost != 0 => (Step::Other, None),
            _ => (Step::Same, raw()),
        }
    }
}

/// What it costs that a segment of base path or template is not there.
fn missing(part: Part<'_>, base: usize) -> u32 {
    match part.segment {
        _ if part.base => (NO_BASE / u32::try_from(base).unwrap_or(1).max(1)).max(25),
        Segment::Literal(text) if text.is_empty() => END_SLASH,
        Segment::Literal(text) if is_base_like(text) => NO_BASE,
        Segment::Literal(_) => NO_LITERAL,
        _ => NO_VALUE,
    }
}

/// Versions, and the words that stand before them.
fn is_base_like(text: &str) -> bool {
    is_version(text) || matches!(text, "api" | "rest" | "public")
}

/// What a segment costs as a literal of the description.
fn literal(word: &Word, called: &Word) -> u32 {
    let (wanted, text) = (word.text.as_str(), called.text.as_str());
    if wanted == text {
        return 0;
    }
    if wanted.is_empty() || text.is_empty() || wanted.len().abs_diff(text.len()) > 3 {
        return if is_version(wanted) && is_version(text) { OTHER_VERSION } else { OTHER };
    }
    if is_version(wanted) && is_version(text) {
        return OTHER_VERSION;
    }
    // Three slips take three letters away and bring three others.
    if (word.letters ^ called.letters).count_ones() > 6 {
        return OTHER;
    }
    if word.folded == called.folded {
        return RECASED;
    }
    if plural(&word.folded, &called.folded) {
        return PLURAL;
    }
    // Ids are not slips of words.
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return OTHER;
    }
    slips(wanted, text).map_or(OTHER, |n| (SLIP * u32::try_from(n).unwrap_or(3)).min(OTHER - 1))
}

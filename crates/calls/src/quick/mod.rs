//! Quick reading of NDJSON and logfmt: a value is found in the line and goes where its name says, without a copy.
//!
//! Each form has its grammar (`json`, `logfmt`), which reads any line, and a [`graph`] of what its lines have in common, which
//! reads most of them.

mod graph;
mod json;
mod leaf;
mod logfmt;
#[cfg(test)]
mod tests;
pub(crate) mod time;

pub(crate) use json::walk as walk_json;
pub(crate) use leaf::{Kind, Leaf, text};
pub(crate) use logfmt::{looks_like as looks_like_logfmt, walk as walk_logfmt};

use crate::Batch;
use crate::recognise::Names;
use graph::Graph;

/// Layouts whose graphs are kept; further ones take the place of the oldest.
const KEPT: usize = 16;

/// How fields are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One JSON object.
    Json,
    /// `key=value key="value"`.
    Logfmt,
}

/// What the readers of one thread have learnt; rows do not depend on it.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    kept: Vec<(u64, Graph, Graph)>,
    current: usize,
}

impl Readers {
    /// Continues with a layout.
    #[inline]
    fn choose(&mut self, layout: u64) {
        if self.kept.get(self.current).is_some_and(|(known, ..)| *known == layout) {
            return;
        }
        match self.kept.iter().position(|(known, ..)| *known == layout) {
            Some(found) => self.current = found,
            None => {
                if self.kept.len() >= KEPT {
                    self.kept.remove(0);
                }
                self.kept.push((layout, Graph::new(Style::Json), Graph::new(Style::Logfmt)));
                self.current = self.kept.len() - 1;
            }
        }
    }
}

/// A path as a person writes it: nested names joined by dots.
pub(crate) fn name_of(path: &[u8]) -> String {
    String::from_utf8_lossy(path).replace('\0', ".")
}

/// Reads a line that has nothing new in it. False for any other, and nothing of it is in the row.
#[inline]
pub(crate) fn read_known(style: Style, line: &[u8], layout: u64, batch: &mut Batch) -> bool {
    batch.readers.choose(layout);
    let Batch { readers, row, .. } = batch;
    let known = readers.kept.get(readers.current).is_some_and(|(_, json, logfmt)| match style {
        Style::Json => json.read(line, row),
        Style::Logfmt => logfmt.read(line, row),
    });
    if !known {
        row.clear();
    }
    known
}

/// Reads one line of a layout into the row of a batch. False when it is no whole line of its form.
#[inline]
pub(crate) fn read(style: Style, line: &[u8], names: &Names, layout: u64, batch: &mut Batch) -> bool {
    batch.readers.choose(layout);
    let Batch { readers, row, .. } = batch;
    let Some((_, json, logfmt)) = readers.kept.get_mut(readers.current) else { return false };
    let graph = match style {
        Style::Json => json,
        Style::Logfmt => logfmt,
    };
    if graph.read(line, row) {
        return true;
    }
    row.clear();
    let mut lesson = graph.begin();
    let mut sink = |leaf: &Leaf<'_>| {
        if let Some(meaning) = graph.step(&mut lesson, line, leaf, names) {
            leaf.put(meaning, line, row);
        }
    };
    let whole = match style {
        Style::Json => walk_json(line, &mut sink),
        Style::Logfmt => walk_logfmt(line, &mut sink),
    };
    if whole {
        graph.end(&lesson, line);
    }
    whole
}

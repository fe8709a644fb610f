//! Quick reading of NDJSON and logfmt: a value is found in the line and goes where its name says, without a copy.

mod json;
mod leaf;
mod logfmt;
pub(crate) mod time;

pub(crate) use json::walk as walk_json;
pub(crate) use leaf::{Kind, Leaf, text};
pub(crate) use logfmt::{looks_like as looks_like_logfmt, walk as walk_logfmt};

use crate::recognise::{Meaning, Names};
use std::collections::HashMap;

/// What readers learn while they read; results do not depend on it.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    names: HashMap<Vec<u8>, Option<Meaning>>,
    layout: u64,
}

impl Readers {
    /// What a field is, remembered.
    fn meaning(&mut self, path: &[u8], names: &Names) -> Option<Meaning> {
        if let Some(known) = self.names.get(path) {
            return *known;
        }
        let meaning = names.meaning(&name_of(path));
        if self.names.len() < 4096 {
            self.names.insert(path.to_vec(), meaning);
        }
        meaning
    }
}

/// A path as a person writes it: nested names joined by dots.
pub(crate) fn name_of(path: &[u8]) -> String {
    String::from_utf8_lossy(path).replace('\0', ".")
}

/// Reads one line into the row of a batch. False when it is no whole line of its form.
pub(crate) fn read_slowly(style: Style, line: &[u8], names: &Names, layout: u64, batch: &mut crate::Batch) -> bool {
    let crate::Batch { readers, row, .. } = batch;
    if readers.layout != layout {
        readers.names.clear();
        readers.layout = layout;
    }
    let mut sink = |leaf: &Leaf<'_>| {
        if let Some(meaning) = readers.meaning(leaf.path, names) {
            leaf.put(meaning, line, row);
        }
    };
    match style {
        Style::Json => walk_json(line, &mut sink),
        Style::Logfmt => walk_logfmt(line, &mut sink),
    }
}

/// How fields are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One JSON object.
    Json,
    /// `key=value key="value"`.
    Logfmt,
}

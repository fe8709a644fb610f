//! What the lines of one input have in common, learnt line by line: what stands between their values.
//!
//! Programs write their fields in one order, so that between the value of one field and that of the next stands always the
//! same text (`", "status": `). A node is a field, an arc the text from its value to the next value. A line whose texts are
//! all known is read by comparing them; any other is read by its grammar, and its texts are learnt then. Since an arc leads
//! from one state of the grammar to another, both ways give the same values.

use super::json::{end_of_array, end_of_text, end_of_word};
use super::logfmt::end_of_value;
use super::{Kind, Leaf, Style};
use crate::batch::{Row, begins_with};
use crate::recognise::{Meaning, Names};
use std::collections::HashMap;

/// Most fields and texts that are learnt of one form, and the longest text; beyond them lines are read by their grammar.
const NODES: usize = 2048;
const ARCS: usize = 8192;
const LONGEST: usize = 1024;
/// Most texts that may follow one value.
const FOLLOWERS: usize = 16;

const NONE: u32 = u32::MAX;

/// A field.
#[derive(Clone, Copy, Debug)]
struct Node {
    meaning: Option<Meaning>,
    first: u32,
}

/// The text from one value to the next, or to the end of the line.
#[derive(Clone, Copy, Debug)]
struct Arc {
    from: u32,
    to: u32,
    node: u32,
    sibling: u32,
    kind: ArcKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ArcKind {
    Text,
    Word,
    Array,
    End,
}

/// What is known of the lines of one form.
#[derive(Debug)]
pub(super) struct Graph {
    style: Style,
    nodes: Vec<Node>,
    arcs: Vec<Arc>,
    texts: Vec<u8>,
    names: HashMap<Vec<u8>, u32>,
}

/// A line that is being learnt.
pub(super) struct Lesson {
    node: u32,
    at: usize,
}

impl Graph {
    pub fn new(style: Style) -> Self {
        let start = Node { meaning: None, first: NONE };
        Self { style, nodes: vec![start], arcs: Vec::new(), texts: Vec::new(), names: HashMap::new() }
    }

    /// Reads a line of which all texts are known; false at the first that is not, with part of the line in the row.
    #[inline]
    pub fn read(&self, line: &[u8], row: &mut Row) -> bool {
        let (mut at, mut node) = (0, &self.nodes[0]);
        loop {
            let Some(rest) = line.get(at..) else { return false };
            let mut next = node.first;
            let arc = loop {
                let Some(arc) = self.arcs.get(next as usize) else { return false };
                let text = &self.texts[arc.from as usize..arc.to as usize];
                if begins_with(rest, text) {
                    let behind = rest.get(text.len());
                    let fits = match arc.kind {
                        ArcKind::Text => true,
                        ArcKind::Word => {
                            !matches!(behind, Some(b'"' | b'[' | b'{'))
                                || self.style == Style::Logfmt && behind != Some(&b'"')
                        }
                        ArcKind::Array => behind == Some(&b'['),
                        ArcKind::End => behind.is_none(),
                    };
                    if fits {
                        break arc;
                    }
                }
                next = arc.sibling;
            };
            at += (arc.to - arc.from) as usize;
            node = &self.nodes[arc.node as usize];
            let kind;
            let (from, to);
            match arc.kind {
                ArcKind::Text => {
                    let Some((end, escaped)) = end_of_text(line, at) else { return false };
                    (from, to, kind) = (at, end, if escaped { Kind::Escaped } else { Kind::Text });
                    at = end + 1;
                }
                ArcKind::Word => {
                    let end = match self.style {
                        Style::Json => end_of_word(line, at),
                        Style::Logfmt => end_of_value(line, at),
                    };
                    if end == at && self.style == Style::Json {
                        return false;
                    }
                    (from, to, kind) = (at, end, Kind::Word);
                    at = end;
                }
                ArcKind::Array => {
                    let Some(end) = end_of_array(line, at) else { return false };
                    (from, to, kind) = (at, end, Kind::Array);
                    at = end;
                }
                ArcKind::End => return true,
            }
            if let Some(meaning) = node.meaning {
                match kind {
                    Kind::Text | Kind::Word => row.take(meaning, line, from, to),
                    Kind::Escaped | Kind::Array => Leaf { path: b"", from, to, kind }.put(meaning, line, row),
                }
            }
        }
    }

    /// Begins to learn a line.
    pub const fn begin(&self) -> Lesson {
        Lesson { node: 0, at: 0 }
    }

    /// Learns the next value of a line and says what it is.
    pub fn step(&mut self, lesson: &mut Lesson, line: &[u8], leaf: &Leaf<'_>, names: &Names) -> Option<Meaning> {
        let Some(node) = self.node(leaf.path, names) else {
            // Too many fields: what this one is must be found out each time.
            lesson.node = NONE;
            return names.meaning(&super::name_of(leaf.path));
        };
        let kind = match leaf.kind {
            Kind::Text | Kind::Escaped => ArcKind::Text,
            Kind::Word => ArcKind::Word,
            Kind::Array => ArcKind::Array,
        };
        self.connect(lesson, &line[lesson.at..leaf.from], node, kind);
        *lesson = Lesson { node, at: leaf.to + usize::from(kind == ArcKind::Text) };
        self.nodes[node as usize].meaning
    }

    /// Learns the end of a line.
    pub fn end(&mut self, lesson: &Lesson, line: &[u8]) {
        self.connect(lesson, &line[lesson.at..], 0, ArcKind::End);
    }

    fn node(&mut self, path: &[u8], names: &Names) -> Option<u32> {
        if let Some(known) = self.names.get(path) {
            return Some(*known);
        }
        if self.nodes.len() >= NODES {
            return None;
        }
        let number = self.nodes.len() as u32;
        self.nodes.push(Node { meaning: names.meaning(&super::name_of(path)), first: NONE });
        self.names.insert(path.to_vec(), number);
        Some(number)
    }

    fn connect(&mut self, lesson: &Lesson, text: &[u8], node: u32, kind: ArcKind) {
        let Some(start) = self.nodes.get(lesson.node as usize) else { return };
        let (mut next, mut last, mut count) = (start.first, NONE, 0);
        while let Some(arc) = self.arcs.get(next as usize) {
            if arc.kind == kind && self.texts[arc.from as usize..arc.to as usize] == *text {
                return;
            }
            (last, next) = (next, arc.sibling);
            count += 1;
        }
        if count >= FOLLOWERS || self.arcs.len() >= ARCS || text.len() > LONGEST {
            return;
        }
        let number = self.arcs.len() as u32;
        let from = self.texts.len() as u32;
        self.texts.extend_from_slice(text);
        self.arcs.push(Arc { from, to: self.texts.len() as u32, node, sibling: NONE, kind });
        match self.arcs.get_mut(last as usize) {
            Some(last) => last.sibling = number,
            None => self.nodes[lesson.node as usize].first = number,
        }
    }
}

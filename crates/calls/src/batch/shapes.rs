//! Shapes of one thread: one sample for all lines that would be judged alike.

use super::dictionary::is_kept;
use super::hash::{hash, mix};
use crate::{Kind, Part, Shape};
use std::collections::HashMap;

/// Different failing shapes that one thread keeps; beyond them the words of the message no longer count.
pub(super) const LIMIT: usize = 20_000;
/// Bytes kept of a sample.
const SAMPLE: usize = 16 * 1024;
/// Bytes kept of a message.
const MESSAGE: usize = 2048;

/// The sample of a line: itself, or what is made of it where it says nothing alone (a row of a table without its header).
#[derive(Clone, Copy)]
pub(crate) struct Sample<'a> {
    pub line: &'a [u8],
    pub made: Option<&'a Make<'a>>,
}

/// Makes a sample of a line.
pub(crate) type Make<'a> = dyn Fn(&[u8]) -> Vec<u8> + 'a;

impl<'a> Sample<'a> {
    fn text(&self) -> std::borrow::Cow<'a, [u8]> {
        self.made.map_or(self.line.into(), |made| made(self.line).into())
    }
}

/// The message of shapes that stand for too many.
const TOO_MANY: &str = "(too many different messages to tell apart)";

/// What a line looks like; borrowed from the line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look<'a> {
    pub kind: Kind,
    pub service: &'a [u8],
    pub status: u16,
    pub error_code: &'a [u8],
    pub upstream_status: u16,
    pub mark: &'a [u8],
    pub failing_level: bool,
    pub message: &'a [u8],
    /// Hash of the message without what varies.
    pub words: u64,
    pub suspect: bool,
    pub counted: bool,
}

impl Look<'_> {
    /// What remains when there are too many shapes.
    fn coarse(self) -> Self {
        Self { error_code: b"", message: TOO_MANY.as_bytes(), words: 0, mark: b"", ..self }
    }

    fn key(&self) -> u64 {
        let flags = u64::from(self.kind == Kind::Event)
            | u64::from(self.suspect) << 1
            | u64::from(self.counted) << 2
            | u64::from(self.failing_level) << 3
            | u64::from(self.status) << 16
            | u64::from(self.upstream_status) << 32;
        let mut key = mix(hash(self.service), flags);
        if self.suspect {
            key = mix(mix(mix(key, hash(self.error_code)), hash(self.mark)), self.words);
        }
        key
    }
}

/// A shape and where its sample is from.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: u64,
    pub part: Part,
    pub line: u64,
    pub shape: Shape,
    /// The key of the shape that stands for it when there are too many.
    pub coarse: u64,
}

/// The shapes of one thread.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    pub entries: Vec<Entry>,
    by_key: HashMap<u64, u32, Plain>,
    kept: usize,
    /// Only keys with so many zero bits at their beginning are kept.
    pub level: u32,
}

/// Keys are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Plain(u64);

impl std::hash::BuildHasher for Plain {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl std::hash::Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes);
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }
}

impl Shapes {
    /// The shape of a line.
    pub fn of(&mut self, look: &Look<'_>, part: Part, line: u64, sample: Sample<'_>) -> u32 {
        let key = look.key();
        if let Some(id) = self.by_key.get(&key) {
            let entry = &mut self.entries[*id as usize];
            // Threads may read the parts of an input in any order.
            if (part, line) < (entry.part, entry.line) {
                let coarse = entry.coarse;
                *entry = Self::entry(key, coarse, look, part, line, sample);
            }
            return *id;
        }
        if look.suspect && look.words != 0 {
            let coarse = look.coarse();
            if !is_kept(key, self.level) {
                return self.of(&coarse, part, line, sample);
            }
            let coarse = coarse.key();
            let id = self.add(key, Self::entry(key, coarse, look, part, line, sample));
            self.kept += 1;
            while self.kept > LIMIT {
                self.raise();
            }
            return id;
        }
        self.add(key, Self::entry(key, key, look, part, line, sample))
    }

    fn add(&mut self, key: u64, entry: Entry) -> u32 {
        let id = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.entries.push(entry);
        self.by_key.insert(key, id);
        id
    }

    /// Half of the particular shapes are given up; the batches' merge gives their rows to the general ones.
    fn raise(&mut self) {
        self.level += 1;
        self.kept = 0;
        for entry in &mut self.entries {
            if entry.key == entry.coarse {
                continue;
            }
            if is_kept(entry.key, self.level) {
                self.kept += 1;
            } else {
                self.by_key.remove(&entry.key);
                generalise(&mut entry.shape);
                entry.key = entry.coarse;
            }
        }
    }

    fn entry(key: u64, coarse: u64, look: &Look<'_>, part: Part, line: u64, sample: Sample<'_>) -> Entry {
        let text = |bytes: &[u8], most: usize| String::from_utf8_lossy(cut(bytes, most)).into_owned();
        let shape = Shape {
            kind: look.kind,
            service: text(look.service, super::dictionary::LONGEST),
            status: look.status,
            error_code: if look.suspect { text(look.error_code, super::dictionary::LONGEST) } else { String::new() },
            upstream_status: look.upstream_status,
            mark: if look.suspect { text(look.mark, super::dictionary::LONGEST) } else { String::new() },
            message: if look.suspect { text(look.message, MESSAGE) } else { String::new() },
            suspect: look.suspect,
            counted: look.counted,
            input: part.input,
            line: 0,
            sample: text(&sample.text(), SAMPLE),
        };
        Entry { key, part, line, shape, coarse }
    }

    /// Bytes held, about.
    pub fn size(&self) -> usize {
        self.entries.iter().map(|e| e.shape.sample.capacity() + e.shape.message.capacity() + 300).sum()
    }
}

/// Takes from a shape what those have not that stand for too many.
pub(super) fn generalise(shape: &mut Shape) {
    shape.error_code = String::new();
    shape.mark = String::new();
    shape.message = TOO_MANY.to_owned();
}

/// The beginning of a text, cut between characters.
fn cut(bytes: &[u8], most: usize) -> &[u8] {
    let mut end = most.min(bytes.len());
    while end > 0 && end < bytes.len() && bytes[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &bytes[..end]
}

//! Bytes that come one after another (packed, from a pipe, or not to be split) → chunks of whole lines.

use crate::plain::LINE;
use crate::reason;
use firstfault_calls::{Layout, Settings};
use std::io::Read;
use std::sync::Arc;

/// Bytes of one chunk, about.
const CHUNK: usize = 1 << 20;

/// What a layout is learnt from.
pub(crate) const BEGINNING: usize = 256 << 10;

/// A record that may go over many lines (a document) is read up to this size; what is longer is cut.
const RECORD: usize = 256 << 20;

/// An input that is read from its beginning to its end.
pub(crate) struct Stream {
    reader: Box<dyn Read + Send>,
    /// Read and not yet handed out; it begins where a line begins.
    held: Vec<u8>,
    layout: Option<Arc<Layout>>,
    ended: bool,
    /// What was wrong, each thing once.
    pub(crate) problems: Vec<String>,
    /// Bytes handed out.
    pub(crate) given: u64,
}

impl Stream {
    pub(crate) fn new(reader: Box<dyn Read + Send>) -> Self {
        Self { reader, held: Vec::new(), layout: None, ended: false, problems: Vec::new(), given: 0 }
    }

    /// What its lines are like: learnt from its beginning at the first call.
    pub(crate) fn layout(&mut self, name: &str, settings: &Settings) -> Arc<Layout> {
        if let Some(layout) = &self.layout {
            return Arc::clone(layout);
        }
        self.fill(BEGINNING);
        let layout = Arc::new(Layout::learn(beginning(&self.held), name, settings));
        self.layout = Some(Arc::clone(&layout));
        layout
    }

    /// What its layout was learnt from.
    pub(crate) fn beginning(&self) -> &[u8] {
        beginning(&self.held)
    }

    /// The next whole lines; `None` at the end.
    pub(crate) fn chunk(&mut self, layout: &Layout) -> Option<Vec<u8>> {
        let mut wanted = CHUNK;
        loop {
            self.fill(wanted);
            if self.held.is_empty() {
                return None;
            }
            if self.ended {
                if self.held.last() != Some(&b'\n') {
                    self.problem("its last line has no end: it may be cut or still being written");
                }
                return self.give(self.held.len());
            }
            let whole = layout.whole(&self.held);
            if whole > 0 {
                return self.give(whole);
            }
            let longest = if layout.splittable() { LINE } else { RECORD };
            if self.held.len() >= longest {
                self.problem(&format!("a record is longer than {} MiB: cut there", longest >> 20));
                return self.give(self.held.len());
            }
            wanted = self.held.len().saturating_mul(2).min(longest);
        }
    }

    fn give(&mut self, count: usize) -> Option<Vec<u8>> {
        let rest = self.held.split_off(count);
        self.given += count as u64;
        Some(std::mem::replace(&mut self.held, rest))
    }

    /// Reads until so many bytes are held, or no more come.
    fn fill(&mut self, wanted: usize) {
        let mut filled = self.held.len();
        if self.ended || filled >= wanted {
            return;
        }
        self.held.resize(wanted, 0);
        while filled < wanted {
            match self.reader.read(&mut self.held[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.problem(&reason(&error));
                    break;
                }
            }
        }
        self.held.truncate(filled);
    }

    fn problem(&mut self, words: &str) {
        if !self.problems.iter().any(|p| p == words) {
            self.problems.push(words.to_owned());
        }
    }
}

/// The whole lines of what a layout is learnt from; all of it where no line ends.
pub(crate) fn beginning(bytes: &[u8]) -> &[u8] {
    let bytes = &bytes[..bytes.len().min(BEGINNING)];
    match memchr::memrchr(b'\n', bytes) {
        Some(at) => &bytes[..=at],
        None => bytes,
    }
}

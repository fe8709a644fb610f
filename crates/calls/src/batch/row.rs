//! The values of the line that is being read, before they become a row.

use crate::recognise::{Form, Meaning, Slot, is_nothing, slot};

/// Where a value lies: in the line, or in what was copied because it had to be changed.
#[derive(Clone, Copy, Debug, Default)]
struct Piece {
    from: u32,
    to: u32,
    rank: u16,
    form: Form,
    copied: bool,
}

/// The best value of each place.
#[derive(Debug)]
pub(crate) struct Row {
    seen: u64,
    /// Places of which no value is taken, a bit for each.
    ignored: u64,
    pieces: [Piece; slot::COUNT],
    copies: Vec<u8>,
}

impl Default for Row {
    fn default() -> Self {
        Self { seen: 0, ignored: 0, pieces: [Piece::default(); slot::COUNT], copies: Vec::new() }
    }
}

impl Row {
    /// Forgets the line before.
    #[inline]
    pub fn clear(&mut self) {
        self.seen = 0;
        self.copies.clear();
    }

    /// Takes no value of these places from now on.
    pub fn ignore(&mut self, slots: impl Iterator<Item = Slot>) {
        self.ignored = slots.fold(0, |bits, slot| bits | 1 << slot);
    }

    /// Whether a value of this rank would be taken.
    #[inline]
    pub fn wants(&self, meaning: Meaning) -> bool {
        if (self.seen | self.ignored) & (1 << meaning.slot) == 0 {
            return true;
        }
        self.ignored & (1 << meaning.slot) == 0 && self.pieces[usize::from(meaning.slot)].rank > meaning.rank
    }

    /// Takes the value at `from..to` of the line.
    #[inline(always)]
    pub fn take(&mut self, meaning: Meaning, line: &[u8], from: usize, to: usize) {
        if self.wants(meaning) && !is_nothing(&line[from..to]) {
            self.put(meaning, from, to, false);
        }
    }

    /// Takes a value that does not stand in the line as it is.
    pub fn copy(&mut self, meaning: Meaning, value: &[u8]) {
        if self.wants(meaning) && !is_nothing(value) {
            let from = self.copies.len();
            self.copies.extend_from_slice(value);
            self.put(meaning, from, self.copies.len(), true);
        }
    }

    /// The value of a place and how to read it.
    #[inline]
    pub fn get<'a>(&'a self, slot: Slot, line: &'a [u8]) -> Option<(&'a [u8], Form)> {
        if self.seen & (1 << slot) == 0 {
            return None;
        }
        let piece = self.pieces[usize::from(slot)];
        let (from, to) = (piece.from as usize, piece.to as usize);
        Some((if piece.copied { &self.copies[from..to] } else { &line[from..to] }, piece.form))
    }

    /// The value of a place as the beginning of what follows it in memory, and its length.
    #[inline]
    pub fn beginning<'a>(&'a self, slot: Slot, line: &'a [u8]) -> (&'a [u8], usize) {
        let piece = self.pieces[usize::from(slot)];
        let (from, to) = (piece.from as usize, piece.to as usize);
        (if piece.copied { &self.copies[from..] } else { &line[from..] }, to - from)
    }

    /// Which places have a value, a bit for each.
    #[inline]
    pub const fn seen(&self) -> u64 {
        self.seen
    }

    // Lines are below one mebibyte, so that their places fit.
    #[inline]
    fn put(&mut self, meaning: Meaning, from: usize, to: usize, copied: bool) {
        self.seen |= 1 << meaning.slot;
        self.pieces[usize::from(meaning.slot)] =
            Piece { from: from as u32, to: to as u32, rank: meaning.rank, form: meaning.form, copied };
    }
}

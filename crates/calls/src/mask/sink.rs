//! Where masked text goes: into a buffer, or into a hash of it.

/// Takes text piece by piece; what comes of it must not depend on how it was cut.
pub trait Sink {
    /// The next piece.
    fn text(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn text(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// A hash over eight bytes at a time, whatever the pieces were. Not against an adversary: who makes two messages collide
/// has made them one shape, and nothing else.
#[derive(Default)]
pub struct Hash {
    sum: u64,
    held: u64,
    count: usize,
    length: u64,
}

/// Odd, with no pattern in its bits: 2^64 divided by the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hash {
    #[inline]
    fn mix(&mut self, word: u64) {
        let product = u128::from(self.sum.rotate_left(23) ^ word ^ FACTOR).wrapping_mul(u128::from(FACTOR));
        let bytes = product.to_le_bytes();
        let (low, high) = bytes.split_at(8);
        self.sum = u64_of(low).wrapping_add(u64_of(high).rotate_left(32)) ^ word.rotate_left(7);
    }

    /// `count` bytes (1 to 8) in the low end of `word`, the rest of it zero.
    #[inline]
    fn push(&mut self, word: u64, count: usize) {
        self.held |= word << (8 * self.count);
        let total = self.count + count;
        if total < 8 {
            self.count = total;
            return;
        }
        let whole = self.held;
        self.mix(whole);
        let used = 8 - self.count;
        self.held = if used == 8 { 0 } else { word >> (8 * used) };
        self.count = total - 8;
    }

    /// The hash of everything so far.
    pub fn finish(mut self) -> u64 {
        let (held, length) = (self.held, self.length);
        self.mix(held);
        self.mix(length);
        self.sum ^ (self.sum >> 29)
    }
}

#[inline]
fn u64_of(bytes: &[u8]) -> u64 {
    bytes.first_chunk::<8>().map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

impl Sink for Hash {
    #[inline]
    fn text(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let mut rest = bytes;
        while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
            self.push(u64::from_le_bytes(*chunk), 8);
            rest = behind;
        }
        if !rest.is_empty() {
            let word = rest.iter().rev().fold(0, |word, b| word << 8 | u64::from(*b));
            self.push(word, rest.len());
        }
    }
}

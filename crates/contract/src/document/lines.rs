//! The line of every pointer of a document, as hashes: twelve megabytes of JSON have a million of them.

use std::borrow::Cow;

/// Identity of a place while a document is read: a hash of the steps that lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(u64);

impl Place {
    pub const ROOT: Self = Self(0xcbf2_9ce4_8422_2325);

    /// The place one step further in.
    pub fn child(self, name: &str) -> Self {
        const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut hash = self.0 ^ FACTOR.wrapping_mul(name.len() as u64 + 1);
        for chunk in name.as_bytes().chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            hash = (hash ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR);
            hash ^= hash >> 29;
        }
        Self(hash.wrapping_mul(FACTOR).rotate_left(31))
    }

    /// The place of an item of a list.
    pub fn item(self, index: usize) -> Self {
        // The decimal form, as in a pointer, without an allocation.
        let (mut digits, mut at, mut rest) = ([0; 20], 20, index);
        loop {
            at -= 1;
            digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        self.child(std::str::from_utf8(&digits[at..]).unwrap_or_default())
    }
}

/// Lines by place.
#[derive(Clone, Debug, Default)]
pub(super) struct Lines(Vec<(Place, u32)>);

impl Lines {
    /// Notes a line, from 1.
    pub fn note(&mut self, place: Place, line: u32) {
        self.0.push((place, line));
    }

    /// Sorts for searching; to be called once, after all were noted.
    pub fn settle(&mut self) {
        self.0.sort_unstable();
        self.0.shrink_to_fit();
    }

    /// The line of a pointer; of what is there twice, the last one, which is the one that counts.
    fn get(&self, place: Place) -> Option<u32> {
        let after = self.0.partition_point(|(known, _)| *known <= place);
        let (known, line) = self.0.get(after.checked_sub(1)?)?;
        (*known == place).then_some(*line)
    }

    /// The line of a pointer or of the nearest place around it that is known, and how much of the pointer that is.
    pub fn nearest<'p>(&self, pointer: &'p str) -> (u32, &'p str) {
        let mut place = Place::ROOT;
        let (mut line, mut known, mut end) = (self.get(place).unwrap_or(0), 0, 0);
        for step in pointer.split('/').skip(1) {
            end += 1 + step.len();
            place = place.child(&unescape(step));
            if let Some(found) = self.get(place) {
                (line, known) = (found, end);
            } else {
                break;
            }
        }
        (line, &pointer[..known])
    }
}

/// A step of a JSON Pointer as a name.
pub(crate) fn unescape(step: &str) -> Cow<'_, str> {
    if step.contains('~') { step.replace("~1", "/").replace("~0", "~").into() } else { step.into() }
}

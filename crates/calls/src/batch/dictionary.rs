//! Values of one attribute and their codes.
//!
//! A dictionary is bounded. What is left out must not depend on which thread read what, so it is chosen by the hash of the
//! value: whenever a dictionary is full, half of the hashes are no longer kept, and a value is kept in the end only when
//! no thread had to leave its hash out.

use super::hash::{begins_with, hash, mix, pair};

/// The longest value, in bytes; longer ones are cut.
pub(super) const LONGEST: usize = 256;

/// The value that stands for those that were left out.
pub(super) const OTHERS: &str = "(others)";

/// Values in the order of their codes. Code 0 is "not said", code 1 stands for what was left out.
#[derive(Debug)]
pub(super) struct Dictionary {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    /// As long as a power of two.
    table: Vec<Place>,
    others: bool,
    limit: usize,
    kept: usize,
    /// Only hashes with so many zero bits at their beginning are kept.
    pub level: u32,
}

/// A place of the table: a key and its code, side by side without a gap; code 0 is a free one.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    first: u64,
    last: u64,
    length: u32,
    code: u32,
}

impl Place {
    #[inline]
    const fn new(key: Key, code: u32) -> Self {
        Self { first: key.first, last: key.last, length: key.length, code }
    }

    #[inline]
    const fn key(self) -> Key {
        Key { first: self.first, last: self.last, length: self.length }
    }
}

/// A value of up to 16 bytes itself, or two hashes of a longer one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Key {
    first: u64,
    last: u64,
    length: u32,
}

impl Key {
    #[inline]
    fn of(value: &[u8]) -> Self {
        if value.len() > SHORT {
            return Self::of_long(value);
        }
        let mut bytes = [0; SHORT];
        bytes[..value.len()].copy_from_slice(value);
        Self::of_short(u128::from_le_bytes(bytes), value.len())
    }

    /// The key of the value at the beginning of `text`, without a branch on its length where more bytes follow.
    #[inline(always)]
    fn of_beginning(text: &[u8], length: usize) -> Self {
        match text.first_chunk::<SHORT>() {
            Some(bytes) if length <= SHORT && length > 0 => {
                let unused = 8 * (SHORT - length) as u32;
                Self::of_short(u128::from_le_bytes(*bytes) << unused >> unused, length)
            }
            _ => Self::of(&text[..length]),
        }
    }

    #[inline]
    const fn of_short(bytes: u128, length: usize) -> Self {
        Self { first: bytes as u64, last: (bytes >> 64) as u64, length: length as u32 }
    }

    fn of_long(value: &[u8]) -> Self {
        let first = hash(value);
        Self { first, last: first.rotate_left(32), length: value.len() as u32 }
    }

    #[inline]
    const fn hash(self) -> u64 {
        mix(pair(self.first, self.last ^ (self.length as u64) << 56), 0x2545_f491_4f6c_dd1d)
    }
}

/// Values up to this length are compared as numbers.
const SHORT: usize = 16;

impl Dictionary {
    pub fn new(limit: usize) -> Self {
        let mut new = Self {
            bytes: Vec::new(),
            ends: vec![0],
            table: vec![Place::default(); 64],
            others: false,
            limit,
            kept: 0,
            level: 0,
        };
        new.bytes.extend_from_slice(OTHERS.as_bytes());
        new.ends.push(new.bytes.len() as u32);
        new
    }

    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// How many different values it has had.
    pub const fn different(&self) -> usize {
        self.ends.len() - 2
    }

    /// All values.
    pub fn all(&self) -> impl Iterator<Item = &[u8]> {
        (2..self.ends.len() as u32).map(|code| self.value(code))
    }

    pub fn value(&self, code: u32) -> &[u8] {
        let code = code as usize;
        if code == 0 {
            return b"";
        }
        &self.bytes[self.ends[code - 1] as usize..self.ends[code] as usize]
    }

    /// Whether the value of a code is kept at a level.
    pub fn is_kept(&self, code: u32, level: u32) -> bool {
        code > 1 && is_kept(Key::of(self.value(code)).hash(), level)
    }

    /// Whether a value was left out.
    pub const fn has_others(&self) -> bool {
        self.others
    }

    /// Bytes held.
    pub const fn size(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 4 + self.table.capacity() * std::mem::size_of::<Place>()
    }

    /// The code of a value.
    #[inline]
    pub fn code(&mut self, value: &[u8]) -> u32 {
        self.code_of_beginning(value, value.len())
    }

    /// The code of the value that is the first `length` bytes of `text`: quicker where more bytes follow it.
    #[inline]
    pub fn code_of_beginning(&mut self, text: &[u8], length: usize) -> u32 {
        if length == 0 {
            return 0;
        }
        let length = if length > LONGEST { cut(&text[..length]).len() } else { length };
        let key = Key::of_beginning(text, length);
        let hash = key.hash();
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let place = self.table[at];
            if place.code == 0 {
                return self.insert(&text[..length], key, hash, at);
            }
            if place.key() == key && (length <= SHORT || begins_with(self.value(place.code), &text[..length])) {
                return place.code;
            }
            at = (at + 1) & mask;
        }
    }

    #[cold]
    fn insert(&mut self, value: &[u8], key: Key, hash: u64, at: usize) -> u32 {
        if !is_kept(hash, self.level) {
            self.others = true;
            return 1;
        }
        if self.kept >= self.limit {
            self.raise();
            return self.code(value);
        }
        let code = self.ends.len() as u32;
        self.bytes.extend_from_slice(value);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        self.table[at] = Place::new(key, code);
        self.kept += 1;
        if self.kept * 2 > self.table.len() {
            self.rebuild(self.table.len() * 2);
        }
        code
    }

    /// Leaves half of the values out from now on. Rows that have them keep their codes until the batches are merged.
    fn raise(&mut self) {
        self.level += 1;
        self.rebuild(self.table.len());
    }

    /// Moves what is kept into a table of another size. Keys are taken from the old one: values lie far apart.
    fn rebuild(&mut self, size: usize) {
        let old = std::mem::replace(&mut self.table, vec![Place::default(); size]);
        self.kept = 0;
        for place in old.into_iter().filter(|place| place.code != 0) {
            let hash = place.key().hash();
            if is_kept(hash, self.level) {
                let mut at = hash as usize & (size - 1);
                while self.table[at].code != 0 {
                    at = (at + 1) & (size - 1);
                }
                self.table[at] = place;
                self.kept += 1;
            }
        }
    }
}

/// The hash of a value.
pub(super) fn key_hash(value: &[u8]) -> u64 {
    key_hash_of_beginning(value, value.len())
}

/// The hash of the value that is the first `length` bytes of `text`.
#[inline]
pub(super) fn key_hash_of_beginning(text: &[u8], length: usize) -> u64 {
    let length = if length > LONGEST { cut(&text[..length]).len() } else { length };
    Key::of_beginning(text, length).hash()
}

/// Bits above those that places in the table use, so that levels do not crowd it.
pub(super) fn is_kept(hash: u64, level: u32) -> bool {
    hash.leading_zeros() >= level
}

/// The beginning of a value, cut between characters.
pub(super) fn cut(value: &[u8]) -> &[u8] {
    let mut end = LONGEST.min(value.len());
    while end > 0 && end < value.len() && value[end] & 0xc0 == 0x80 {
        end -= 1;
    }
    &value[..end]
}

/// Codes of the rows so far, as narrow as they go. Shorter than the rows where the last ones have none.
#[derive(Debug)]
pub(super) enum Column {
    One(Vec<u8>),
    Two(Vec<u16>),
    Four(Vec<u32>),
}

impl Default for Column {
    fn default() -> Self {
        Self::One(Vec::new())
    }
}

impl Column {
    /// Sets the code of a row behind the last one that was set.
    #[inline]
    pub fn set(&mut self, row: usize, code: u32) {
        match self {
            Self::One(codes) if code <= 0xff => {
                if codes.len() != row {
                    codes.resize(row, 0);
                }
                codes.push(code as u8);
            }
            Self::Two(codes) if code <= 0xffff => {
                if codes.len() != row {
                    codes.resize(row, 0);
                }
                codes.push(code as u16);
            }
            Self::Four(codes) => {
                codes.resize(row, 0);
                codes.push(code);
            }
            _ => {
                self.widen();
                self.set(row, code);
            }
        }
    }

    #[cold]
    fn widen(&mut self) {
        *self = match std::mem::take(self) {
            Self::One(codes) => Self::Two(codes.into_iter().map(u16::from).collect()),
            Self::Two(codes) => Self::Four(codes.into_iter().map(u32::from).collect()),
            four => four,
        };
    }

    pub fn get(&self, row: usize) -> u32 {
        match self {
            Self::One(codes) => codes.get(row).map_or(0, |c| u32::from(*c)),
            Self::Two(codes) => codes.get(row).map_or(0, |c| u32::from(*c)),
            Self::Four(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows up to the last one that was set.
    pub fn len(&self) -> usize {
        match self {
            Self::One(codes) => codes.len(),
            Self::Two(codes) => codes.len(),
            Self::Four(codes) => codes.len(),
        }
    }

    /// Bytes held.
    pub fn size(&self) -> usize {
        match self {
            Self::One(codes) => codes.capacity(),
            Self::Two(codes) => codes.capacity() * 2,
            Self::Four(codes) => codes.capacity() * 4,
        }
    }
}

//! A quick hash, the same on every machine and in every run; not for security.

const SEEDS: [u64; 3] = [0x9e37_79b9_7f4a_7c15, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3];

#[inline]
const fn fold(a: u64, b: u64) -> u64 {
    let product = (a as u128).wrapping_mul(b as u128);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The hash of an id in the columns `request` and `trace`; never 0, which stands for none.
#[must_use]
pub fn id_hash(id: &[u8]) -> u64 {
    hash(id).max(1)
}

/// The hash of some bytes.
#[inline]
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let mut state = SEEDS[0] ^ (bytes.len() as u64);
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), SEEDS[1]);
    }
    let mut last = 0_u64;
    for byte in rest {
        last = (last << 8) | u64::from(*byte);
    }
    fold(state ^ last, SEEDS[2])
}

/// Adds a number to a hash.
#[inline]
pub(crate) const fn mix(state: u64, more: u64) -> u64 {
    fold(state ^ more, SEEDS[1])
}

/// The hash of two numbers.
#[inline]
pub(crate) const fn pair(a: u64, b: u64) -> u64 {
    fold(a ^ SEEDS[0], b ^ SEEDS[2])
}

/// As `starts_with`, but without a call for the few bytes that most texts have.
#[inline]
pub(crate) fn begins_with(line: &[u8], text: &[u8]) -> bool {
    let Some(line) = line.get(..text.len()) else { return false };
    match (line.first_chunk::<8>(), text.first_chunk::<8>(), line.last_chunk::<8>(), text.last_chunk::<8>()) {
        // Two numbers are all of a text of eight to sixteen bytes.
        (Some(first), Some(begin), Some(last), Some(end)) => {
            first == begin && last == end && (text.len() <= 16 || line[8..] == text[8..])
        }
        _ => line.iter().zip(text).all(|(a, b)| a == b),
    }
}

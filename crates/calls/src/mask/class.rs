//! What kind of byte it is, by one look into a table.

/// White space and control characters: they part words.
pub const SPACE: u8 = 1;
/// `0` to `9`.
pub const DIGIT: u8 = 2;
/// `A` to `Z`.
pub const UPPER: u8 = 4;
/// `a` to `z`.
pub const LOWER: u8 = 8;
/// Beyond ASCII: a part of a letter, mostly.
pub const HIGH: u8 = 16;
/// A mark that values follow or are enclosed by: quotes, `/`, `=`, `@`, `\`.
pub const MARK: u8 = 32;
/// `a` to `f` and `A` to `F`.
pub const HEX: u8 = 64;

/// Letters and digits.
pub const WORD: u8 = DIGIT | UPPER | LOWER | HIGH;
/// Letters.
pub const LETTER: u8 = UPPER | LOWER | HIGH;

const fn class_of(b: u8) -> u8 {
    match b {
        0..=b' ' | 0x7f => SPACE,
        b'0'..=b'9' => DIGIT,
        b'A'..=b'F' => UPPER | HEX,
        b'G'..=b'Z' => UPPER,
        b'a'..=b'f' => LOWER | HEX,
        b'g'..=b'z' => LOWER,
        b'"' | b'\'' | b'`' | b'/' | b'=' | b'@' | b'\\' => MARK,
        0x80..=0xff => HIGH,
        _ => 0,
    }
}

const TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut b = 0_u8;
    loop {
        table[b as usize] = class_of(b);
        if b == 255 {
            break;
        }
        b += 1;
    }
    table
};

/// The kind of a byte.
#[inline]
pub fn class(b: u8) -> u8 {
    TABLE[usize::from(b)]
}

/// The first position from `at` whose byte is of none of the kinds.
#[inline]
pub fn run(bytes: &[u8], at: usize, kinds: u8) -> usize {
    bytes[at..].iter().position(|b| class(*b) & kinds == 0).map_or(bytes.len(), |n| at + n)
}

/// The first position from `at` at which white space stands, and the kinds of all bytes before it.
#[inline]
pub fn word(bytes: &[u8], at: usize) -> (usize, u8) {
    let mut kinds = 0;
    for (n, b) in bytes[at..].iter().enumerate() {
        let class = class(*b);
        if class & SPACE != 0 {
            return (at + n, kinds);
        }
        kinds |= class;
    }
    (bytes.len(), kinds)
}

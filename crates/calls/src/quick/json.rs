//! One JSON object per line, cut into its values. Strict in its structure, so that a cut line is found out; lenient in what
//! stands inside quotes.

use super::{Kind, Leaf};

/// Deepest nesting of objects that is followed; deeper lines are unreadable.
const DEPTH: usize = 32;

/// Calls `sink` for each value of the object that the whole line is, in order. False when it is none.
pub(crate) fn walk(line: &[u8], sink: &mut impl FnMut(&Leaf<'_>)) -> bool {
    let mut path = Vec::with_capacity(128);
    let mut ends = [0_usize; DEPTH];
    let mut depth = 0;
    let mut at = skip_space(line, 0);
    if line.get(at) != Some(&b'{') {
        return false;
    }
    at = skip_space(line, at + 1);
    let mut first = true;
    loop {
        // A name, or the end of the object.
        if line.get(at) == Some(&b'}') {
            at = skip_space(line, at + 1);
            if depth == 0 {
                return at == line.len();
            }
            depth -= 1;
            path.truncate(ends[depth]);
            first = false;
            continue;
        }
        if !first {
            if line.get(at) != Some(&b',') {
                return false;
            }
            at = skip_space(line, at + 1);
        }
        first = false;
        if line.get(at) != Some(&b'"') {
            return false;
        }
        let Some((end, escaped)) = end_of_text(line, at + 1) else { return false };
        let outer = path.len();
        if !path.is_empty() {
            path.push(0);
        }
        let name = &line[at + 1..end];
        if name.len() > 1024 || name.contains(&0) {
            return false;
        }
        if escaped {
            path.extend(super::text(name, Kind::Escaped))
        } else {
            path.extend_from_slice(name)
        }
        at = skip_space(line, end + 1);
        if line.get(at) != Some(&b':') {
            return false;
        }
        at = skip_space(line, at + 1);
        let Some(begin) = line.get(at) else { return false };
        let (from, to, next, kind) = match begin {
            b'{' => {
                if depth + 1 >= DEPTH {
                    return false;
                }
                ends[depth] = outer;
                depth += 1;
                at = skip_space(line, at + 1);
                first = true;
                continue;
            }
            b'"' => {
                let Some((end, escaped)) = end_of_text(line, at + 1) else { return false };
                (at + 1, end, end + 1, if escaped { Kind::Escaped } else { Kind::Text })
            }
            b'[' => {
                let Some(end) = end_of_array(line, at) else { return false };
                (at, end, end, Kind::Array)
            }
            _ => {
                let end = end_of_word(line, at);
                if end == at {
                    return false;
                }
                (at, end, end, Kind::Word)
            }
        };
        sink(&Leaf { path: &path, from, to, kind });
        path.truncate(outer);
        at = skip_space(line, next);
    }
}

/// Behind spaces.
#[inline]
pub(super) fn skip_space(line: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\r' | b'\n') = line.get(at) {
        at += 1;
    }
    at
}

/// The closing quote of a text that begins at `at`, and whether there are escapes in it.
#[inline(always)]
pub(super) fn end_of_text(line: &[u8], at: usize) -> Option<(usize, bool)> {
    let end = quote_or_escape(line, at)?;
    if line[end] == b'"' { Some((end, false)) } else { Some((end_of_escaped(line, end)?, true)) }
}

/// The closing quote of a text whose first backslash is at `at`.
fn end_of_escaped(line: &[u8], mut at: usize) -> Option<usize> {
    loop {
        // Behind a backslash, any byte is part of the text.
        at = quote_or_escape(line, at + 2)?;
        if line[at] == b'"' {
            return Some(at);
        }
    }
}

/// The next quote or backslash. Most texts are short, so their first bytes are looked at eight at a time, in place.
#[inline(always)]
fn quote_or_escape(line: &[u8], mut at: usize) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    for _ in 0..4 {
        let Some(bytes) = line.get(at..)?.first_chunk::<8>() else { break };
        let word = u64::from_le_bytes(*bytes);
        let quotes = word ^ (ONES * b'"' as u64);
        let escapes = word ^ (ONES * b'\\' as u64);
        // A byte that is zero borrows from its high bit; the lowest such bit is always right.
        let found = ((quotes.wrapping_sub(ONES) & !quotes) | (escapes.wrapping_sub(ONES) & !escapes)) & HIGHS;
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', line.get(at..)?).map(|found| at + found)
}

/// Bytes of numbers, `true`, `false` and `null`.
const WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let b = byte as u8;
        table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.' | b'_');
        byte += 1;
    }
    table
};

/// Behind a number, `true`, `false` or `null`.
#[inline]
pub(super) fn end_of_word(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().position(|b| !WORD[usize::from(*b)]).unwrap_or(rest.len())
}

/// Behind the bracket that closes an array.
pub(super) fn end_of_array(line: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => at = end_of_text(line, at + 1)?.0,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

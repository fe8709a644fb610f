//! `key=value key="value with spaces"`: cut into its values. Words without `=` between them are left out.

use super::{Kind, Leaf};

/// Calls `sink` for each pair. False when there is none, or a quote is not closed.
pub(crate) fn walk(line: &[u8], sink: &mut impl FnMut(&Leaf<'_>)) -> bool {
    let mut at = 0;
    let mut pairs = 0;
    loop {
        while matches!(line.get(at), Some(b' ' | b'\t' | b',' | b'\r')) {
            at += 1;
        }
        if at >= line.len() {
            return pairs > 0;
        }
        let Some(equals) = end_of_name(line, at) else {
            at = end_of_value(line, at).max(at + 1);
            continue;
        };
        let path = &line[at..equals];
        at = equals + 1;
        let (from, to, kind);
        if line.get(at) == Some(&b'"') {
            let Some((end, escaped)) = super::json::end_of_text(line, at + 1) else { return false };
            (from, to, kind) = (at + 1, end, if escaped { Kind::Escaped } else { Kind::Text });
            at = end + 1;
        } else {
            let end = end_of_value(line, at);
            (from, to, kind) = (at, end, Kind::Word);
            at = end;
        }
        pairs += 1;
        sink(&Leaf { path, from, to, kind });
    }
}

/// The `=` behind a name that begins at `at`.
#[inline]
fn end_of_name(line: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    while let Some(byte) = line.get(end) {
        if *byte == b'=' {
            return (end > at).then_some(end);
        }
        if !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@' | b'$' | b'/' | b':'))
            || end - at > 128
        {
            return None;
        }
        end += 1;
    }
    None
}

/// Behind a value without quotes.
#[inline]
pub(super) fn end_of_value(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    let near = &rest[..rest.len().min(24)];
    match near.iter().position(|b| matches!(b, b' ' | b'\t')) {
        Some(space) => at + space,
        None => memchr::memchr2(b' ', b'\t', rest).map_or(line.len(), |space| at + space),
    }
}

/// Whether a line is mostly pairs: at least two of them, and the first before any sentence.
pub(crate) fn looks_like(line: &[u8]) -> bool {
    let mut words = 0_usize;
    let mut pairs = 0_usize;
    let mut at = 0;
    for _ in 0..24 {
        while matches!(line.get(at), Some(b' ' | b'\t' | b',')) {
            at += 1;
        }
        if at >= line.len() {
            break;
        }
        match end_of_name(line, at) {
            Some(equals) => {
                pairs += 1;
                at = equals + 1;
                at = if line.get(at) == Some(&b'"') {
                    super::json::end_of_text(line, at + 1).map_or(line.len(), |(end, _)| end + 1)
                } else {
                    end_of_value(line, at)
                };
            }
            None => {
                words += 1;
                at = end_of_value(line, at).max(at + 1);
            }
        }
    }
    pairs >= 2 && pairs > words
}

//! One value of a line.

use crate::batch::Row;
use crate::recognise::Meaning;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// In quotes, as it is.
    Text,
    /// In quotes, with escapes.
    Escaped,
    /// A number, `true`, `null`, or in logfmt any word.
    Word,
    /// An array, with its brackets.
    Array,
}

/// A value and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf<'a> {
    /// Names of the objects around it and its own, with a NUL between them.
    pub path: &'a [u8],
    /// Place in the line, without quotes.
    pub from: usize,
    /// End in the line.
    pub to: usize,
    /// How it is written.
    pub kind: Kind,
}

impl Leaf<'_> {
    /// Puts the value into a row.
    pub fn put(&self, meaning: Meaning, line: &[u8], row: &mut Row) {
        match self.kind {
            Kind::Text | Kind::Word => row.take(meaning, line, self.from, self.to),
            _ if row.wants(meaning) => row.copy(meaning, &text(&line[self.from..self.to], self.kind)),
            _ => {}
        }
    }
}

/// The value as a person reads it: escapes resolved, the elements of an array joined by commas.
pub(crate) fn text(raw: &[u8], kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Text | Kind::Word => raw.to_vec(),
        Kind::Escaped => unescape(raw),
        Kind::Array => elements(raw),
    }
}

/// Texts and words of an array, at most 16 of them.
fn elements(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut at, mut count) = (0, 0);
    while at < raw.len() && count < 16 && out.len() < 1024 {
        let from = at;
        match raw[at] {
            b'"' => {
                let Some((end, escaped)) = super::json::end_of_text(raw, at + 1) else { break };
                let inner = &raw[at + 1..end];
                // A name of an object inside is none of its values.
                let after = raw[end + 1..].iter().find(|b| !b.is_ascii_whitespace());
                at = end + 1;
                if after == Some(&b':') {
                    continue;
                }
                if count > 0 {
                    out.push(b',');
                }
                if escaped {
                    out.extend(unescape(inner))
                } else {
                    out.extend_from_slice(inner)
                }
                count += 1;
            }
            b'[' | b']' | b'{' | b'}' | b',' | b':' | b' ' | b'\t' => at += 1,
            _ => {
                at = super::json::end_of_word(raw, at).max(at + 1);
                if count > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(&raw[from..at]);
                count += 1;
            }
        }
    }
    out
}

/// Resolves JSON's escapes; what is none stays as it is, half a surrogate pair becomes U+FFFD.
fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let Some(next) = memchr::memchr(b'\\', &raw[at..]) else { break };
        out.extend_from_slice(&raw[at..at + next]);
        at += next + 1;
        let Some(escape) = raw.get(at) else {
            out.push(b'\\');
            return out;
        };
        at += 1;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let (point, length) = code_point(&raw[at..]);
                let mut buffer = [0; 4];
                out.extend_from_slice(point.encode_utf8(&mut buffer).as_bytes());
                at += length;
            }
            other => out.push(*other),
        }
    }
    out.extend_from_slice(&raw[at..]);
    out
}

/// The character of `\uXXXX`, or of a pair of them, behind its `\u`, and how many bytes it takes.
fn code_point(raw: &[u8]) -> (char, usize) {
    let unit = |from: usize| {
        let digits = raw.get(from..from + 4)?;
        digits.iter().try_fold(0_u32, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
    };
    let Some(first) = unit(0) else { return (char::REPLACEMENT_CHARACTER, 0) };
    if (0xd800..0xdc00).contains(&first)
        && raw.get(4..6) == Some(b"\\u")
        && let Some(second) = unit(6).filter(|unit| (0xdc00..0xe000).contains(unit))
    {
        let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER), 10);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_arrays_are_read() {
        let text = |raw: &str, kind| String::from_utf8(text(raw.as_bytes(), kind)).unwrap();
        assert_eq!(text(r#"a\"b\\c\/d\n\u00e9\ud83d\ude00"#, Kind::Escaped), "a\"b\\c/d\n\u{e9}\u{1f600}");
        assert_eq!(text(r"\ud83d x \u12", Kind::Escaped), "\u{fffd} x \u{fffd}12");
        assert_eq!(text(r#"["a", "b\"c", 3]"#, Kind::Array), "a,b\"c,3");
        assert_eq!(text(r#"[{"code": "E1", "message": "bad"}]"#, Kind::Array), "E1,bad");
    }
}

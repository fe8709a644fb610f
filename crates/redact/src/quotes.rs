//! Strings in quotes: what opens one, what closes it, and what a quote inside is written like.

use crate::find::Scan;

/// What opens and closes a string: a mark with so many backslashes before it, or the mark in another encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// Backslashes before the mark.
    pub slashes: usize,
    /// The mark.
    pub mark: &'static [u8],
}

/// Marks, the longest first.
const MARKS: &[&[u8]] = &[b"&quot;", b"&#34;", b"&#39;", b"\\u0022", b"%22", b"%27", b"\"", b"'", b"`"];

impl Scan<'_> {
    /// The quote that begins at `at`.
    pub fn opens_at(&self, at: usize) -> Option<(usize, Quote)> {
        if !matches!(self.b.get(at), Some(b'"' | b'\'' | b'`' | b'\\' | b'%' | b'&')) {
            return None;
        }
        let slashes = self.b[at.min(self.b.len())..].iter().take(16).take_while(|b| **b == b'\\').count();
        // `\u0022` begins with a backslash of its own.
        for slashes in [slashes, slashes.saturating_sub(1)] {
            let from = at + slashes;
            if let Some(mark) = MARKS.iter().find(|mark| self.b.get(from..).is_some_and(|b| b.starts_with(mark))) {
                return Some((from + mark.len(), Quote { slashes, mark }));
            }
        }
        None
    }

    /// The quote that ends right before `at`.
    pub fn closes_before(&self, at: usize) -> Option<Quote> {
        if !matches!(self.before(at), b'"' | b'\'' | b'`' | b';' | b'2' | b'7') {
            return None;
        }
        let mark = MARKS.iter().find(|mark| self.b[..at].ends_with(mark))?;
        let slashes = self.b[..at - mark.len()].iter().rev().take(16).take_while(|b| **b == b'\\').count();
        Some(Quote { slashes, mark })
    }

    /// Where the string that `quote` opened ends, within one line (and a little more where a credential was broken).
    pub fn closes(&self, from: usize, quote: Quote) -> usize {
        let mut at = from;
        let first = quote.mark[0];
        let limit = self.b.len().min(from + (64 << 10));
        while at < limit {
            let b = self.b[at];
            if b == b'\n' {
                return self.broken(from, at, quote);
            }
            if b == b'\'' && quote.mark == b"'" && quote.slashes == 0 {
                let doubled = self.doubled(from, at);
                if doubled > 0 {
                    at += doubled;
                    continue;
                }
            }
            // A backslash before the mark, percent-encoded like the mark.
            if quote.mark == b"%22" && self.b[at..].starts_with(b"%5C") {
                at += 6;
                continue;
            }
            if b == first && self.b[at..].starts_with(quote.mark) {
                let slashes = self.b[from..at].iter().rev().take(16).take_while(|b| **b == b'\\').count();
                if slashes <= quote.slashes {
                    return at - slashes;
                }
                if quote.slashes == 0 && slashes % 2 == 0 {
                    return at;
                }
            }
            at += 1;
        }
        limit
    }

    /// How long a quote in a string between quotes is, as SQL and YAML double it (`''`) or a shell breaks the string for it
    /// (`'\\''`); 0 where the quote at `at` ends the string. The string has to end on the same line.
    pub fn doubled(&self, from: usize, at: usize) -> usize {
        let rest = &self.b[at..];
        let length = if rest.starts_with(br"'\''") { 4 } else { 2 };
        if at == from || self.b[at - 1] == b'\\' || length == 2 && !rest.starts_with(b"''") {
            return 0;
        }
        let line = rest[length..].iter().take(4 << 10).take_while(|b| **b != b'\n');
        // Behind an end, text goes on with a blank or a comma.
        let ends = rest.get(length).is_none_or(|b| b.is_ascii_whitespace() || *b == b',');
        if ends || !line.into_iter().any(|b| *b == b'\'') { 0 } else { length }
    }

    /// A quoted value with a line break in it: the break is a fault of the credential when the quote closes on the
    /// next line and nothing is assigned there; otherwise the quote was never closed.
    fn broken(&self, from: usize, line_end: usize, quote: Quote) -> usize {
        let rest = &self.b[line_end + 1..self.b.len().min(line_end + 200)];
        let close = rest.iter().position(|b| *b == quote.mark[0]);
        match close {
            Some(close)
                if !rest[..close].iter().any(|b| matches!(b, b'=' | b':' | b' ' | b'{' | b'\n')) && line_end > from =>
            {
                line_end + 1 + close
            }
            _ => line_end,
        }
    }
}

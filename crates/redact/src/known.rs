//! Secrets that are known, found wherever they stand: a look at four bytes for each place, and a comparison where those
//! begin a secret. Secrets are added one by one, so that nothing is built anew when another is learnt.

use crate::kind::Kind;
use std::collections::HashMap;

/// Fewer bytes are no secret that may be replaced wherever it stands.
pub const LEAST: usize = 4;
/// By how many bytes secrets are filed, the most first.
const STARTS: [usize; 3] = [16, 8, LEAST];
/// Bits of the table of beginnings; a power of two.
const BITS: usize = 1 << 18;

/// The known secrets.
#[derive(Clone, Debug, Default)]
pub struct Known {
    secrets: Vec<(String, Kind)>,
    /// One bit per hash of four bytes that a secret begins with.
    begins: Vec<u64>,
    /// Those four bytes → the secrets that begin with them.
    by_head: HashMap<[u8; LEAST], Vec<usize>>,
    /// The first 16, 8 or 4 bytes, as many as a secret has → the secrets that begin with them: tokens of one issuer
    /// share their first four.
    by_start: HashMap<Box<[u8]>, Vec<usize>>,
}

impl Known {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.secrets.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Every secret.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|(secret, _)| secret.as_str())
    }

    /// Adds one of at least [`LEAST`] bytes, once.
    pub fn add(&mut self, secret: &str, kind: Kind) {
        let Some(head) = secret.as_bytes().first_chunk::<LEAST>() else { return };
        let start = STARTS.into_iter().find(|len| *len <= secret.len()).unwrap_or(LEAST);
        let list = self.by_start.entry(secret.as_bytes()[..start].into()).or_default();
        if list.iter().any(|i| self.secrets[*i].0 == secret) {
            return;
        }
        list.push(self.secrets.len());
        self.by_head.entry(*head).or_default().push(self.secrets.len());
        self.secrets.push((secret.to_owned(), kind));
        self.begins.resize(BITS / 64, 0);
        let place = place(*head);
        self.begins[place >> 6] |= 1 << (place & 63);
    }

    /// The secrets that begin with these bytes.
    #[inline]
    fn candidates(&self, head: [u8; LEAST]) -> &[usize] {
        let place = place(head);
        if self.begins[place >> 6] >> (place & 63) & 1 == 0 {
            return &[];
        }
        self.by_head.get(&head).map_or(&[], Vec::as_slice)
    }

    /// Every place of a known secret in a text, leftmost and longest first, none overlapping another.
    pub fn find(&self, text: &str, mut found: impl FnMut(usize, usize, Kind)) {
        if self.secrets.is_empty() {
            return;
        }
        let b = text.as_bytes();
        let Ok(begins) = <&[u64; BITS / 64]>::try_from(self.begins.as_slice()) else { return };
        let mut after = 0;
        for (at, window) in b.windows(LEAST).map(|w| [w[0], w[1], w[2], w[3]]).enumerate() {
            let place = place(window);
            if begins[place >> 6] >> (place & 63) & 1 == 0 || at < after {
                continue;
            }
            let filed = STARTS.into_iter().filter_map(|len| self.by_start.get(b.get(at..at + len)?)).flatten();
            let here = filed.map(|i| &self.secrets[*i]).filter(|(secret, _)| b[at..].starts_with(secret.as_bytes()));
            if let Some((secret, kind)) = here.max_by_key(|(secret, _)| secret.len()) {
                after = at + secret.len();
                found(at, after, *kind);
            }
        }
    }

    /// Where a secret begins that is cut at `end`, when at least `least` bytes of it are left.
    pub fn cut_at(&self, text: &str, end: usize, least: usize, most: usize) -> Option<(usize, Kind)> {
        if self.secrets.is_empty() {
            return None;
        }
        let b = &text.as_bytes()[..end];
        (b.len().saturating_sub(most)..(b.len() + 1).saturating_sub(least.max(LEAST))).find_map(|at| {
            let rest = &b[at..];
            let candidates = self.candidates(*rest.first_chunk::<LEAST>()?);
            let cut = candidates
                .iter()
                .map(|i| &self.secrets[*i])
                .find(|(secret, _)| secret.len() > rest.len() && secret.as_bytes().starts_with(rest));
            cut.map(|(_, kind)| (at, *kind))
        })
    }
}

/// The bit of four bytes.
#[inline]
fn place(head: [u8; LEAST]) -> usize {
    (u32::from_le_bytes(head).wrapping_mul(0x9e37_79b1) >> 14) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_those_that_begin_here_is_found() {
        let mut known = Known::default();
        for secret in ["abcdef", "abcdefgh", "wxyz12", "abcdef"] {
            known.add(secret, Kind::Token);
        }
        assert_eq!(known.len(), 3);
        let mut found = Vec::new();
        known.find("abcdefghi abcdefabcdef xwxyz12", |from, to, _| found.push((from, to)));
        assert_eq!(found, [(0, 8), (10, 16), (16, 22), (24, 30)]);
        assert_eq!(known.cut_at("see abcdefg", 11, 6, 100), Some((4, Kind::Token)));
        assert_eq!(known.cut_at("see abcde", 9, 6, 100), None);
    }
}

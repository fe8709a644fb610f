//! What secrets look like by themselves: documented prefixes, JWTs, tokens with inner marks, and words that only
//! chance can have made.

use crate::issuers::{ISSUERS, MARKED, issuer_of};
use crate::kind::Kind;
use aho_corasick::AhoCorasick;
use std::sync::LazyLock;

/// Where issuers' prefixes and words that announce a secret begin: looked up at the start of every word.
pub struct Heads {
    /// One bit per hash of three first bytes.
    begins: Box<[u64; BITS / 64]>,
}

/// Bits of the table of beginnings; a power of two.
const BITS: usize = 1 << 16;

/// The bit of three bytes.
#[inline]
const fn place(first: u8, second: u8, third: u8) -> usize {
    let three = (first as u32) << 16 | (second as u32) << 8 | third as u32;
    (three.wrapping_mul(0x9e37_79b1) >> 16) as usize
}

/// Words after which a word that only chance can have made is a credential, when it comes soon.
const NOUNS: &[(&str, Kind)] = &[
    ("token", Kind::Token),
    ("tokens", Kind::Token),
    ("key", Kind::Key),
    ("keys", Kind::Key),
    ("apikey", Kind::Key),
    ("secret", Kind::Secret),
    ("password", Kind::Password),
    ("passwd", Kind::Password),
    ("passphrase", Kind::Password),
    ("credential", Kind::Secret),
    ("credentials", Kind::Secret),
    ("bearer", Kind::Token),
    ("basic", Kind::Basic),
    ("signature", Kind::Signature),
    ("cookie", Kind::Cookie),
    ("jwt", Kind::Token),
    ("identified", Kind::Password),
];

/// Beginnings that have a reader of their own: JWTs and digests.
const OTHERS: &[&[u8; 3]] = &[b"eyJ", b"sha", b"SHA", b"md5"];

/// The table of beginnings.
pub static HEADS: LazyLock<Heads> = LazyLock::new(|| {
    let mut begins = Box::new([0u64; BITS / 64]);
    let mut set = |first: u8, second: u8, third: u8| {
        let place = place(first, second, third);
        begins[place >> 6] |= 1 << (place & 63);
    };
    for (noun, _) in NOUNS {
        let b = noun.as_bytes();
        let upper = |b: u8| b.to_ascii_uppercase();
        set(b[0], b[1], b[2]);
        set(upper(b[0]), b[1], b[2]);
        set(upper(b[0]), upper(b[1]), upper(b[2]));
    }
    for other in OTHERS {
        set(other[0], other[1], other[2]);
    }
    for issuer in ISSUERS {
        match *issuer.prefix.as_bytes() {
            [first, second] => (0..=255).for_each(|third| set(first, second, third)),
            [first, second, third, ..] => set(first, second, third),
            _ => {}
        }
    }
    Heads { begins }
});

/// Finds the marks of [`MARKED`].
static MARKS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(MARKED.iter().map(|m| m.mark)).ok());

impl Heads {
    /// True when something that this module knows may begin with these three bytes.
    #[inline]
    pub fn may_begin(&self, first: u8, second: u8, third: u8) -> bool {
        let place = place(first, second, third);
        self.begins[place >> 6] >> (place & 63) & 1 == 1
    }

    /// The token of a known issuer that `text` begins with: its length, kind and rule.
    pub fn issued(&self, text: &str) -> Option<(usize, Kind, &'static str)> {
        let mut bound = text.len().min(8 << 10);
        while !text.is_char_boundary(bound) {
            bound -= 1;
        }
        let (issuer, len) = issuer_of(&text[..bound])?;
        let filler = is_filler(&text.as_bytes()[issuer.prefix.len()..len]);
        (!filler).then(|| (len, Kind::from_word(issuer.kind).unwrap_or(Kind::Token), issuer.rule))
    }
}

/// `xxxxxxxx`, `********`: what stands for a secret and is none.
pub fn is_filler(body: &[u8]) -> bool {
    body.first().is_some_and(|first| body.iter().all(|b| b.eq_ignore_ascii_case(first)))
}

/// The noun that a word is, in any case.
pub fn noun(word: &[u8]) -> Option<Kind> {
    if !(3..=11).contains(&word.len()) {
        return None;
    }
    NOUNS.iter().find(|(noun, _)| word.eq_ignore_ascii_case(noun.as_bytes())).map(|(_, kind)| *kind)
}

fn is_base64url(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

/// A JWT or JWE that `text` begins with.
#[derive(Debug, PartialEq, Eq)]
pub struct Jwt {
    /// Where the claims begin and end.
    pub claims: (usize, usize),
    /// Where the signature (of a JWE: all that is encrypted) begins.
    pub signature: usize,
    /// Length of the whole.
    pub len: usize,
}

/// Two dots between base64url parts, the first a JSON object (RFC 7519); more of them in a JWE (RFC 7516).
pub fn jwt(text: &[u8]) -> Option<Jwt> {
    if !text.starts_with(b"eyJ") {
        return None;
    }
    let part = |from: usize| from + text[from..].iter().take_while(|b| is_base64url(**b) || **b == b'=').count();
    let first = part(0);
    if first < 9 || text.get(first) != Some(&b'.') {
        return None;
    }
    let second = part(first + 1);
    if text.get(second) != Some(&b'.') {
        // Cut short: of a JWS that is a part of its claims, of a JWE what was encrypted.
        let encrypted =
            crate::credential::decoded(&text[..first]).is_some_and(|h| h.windows(5).any(|w| w == b"\"enc\""));
        return encrypted.then_some(Jwt { claims: (first, first), signature: first + 1, len: second });
    }
    let mut len = part(second + 1);
    if text.get(len) == Some(&b'.') && text.get(len + 1).is_some_and(|b| is_base64url(*b)) {
        // Five parts: all but the header is encrypted.
        while text.get(len) == Some(&b'.') && text.get(len + 1).is_some_and(|b| is_base64url(*b)) {
            len = part(len + 1);
        }
        return Some(Jwt { claims: (first, first), signature: first + 1, len });
    }
    (len > second + 1).then_some(Jwt { claims: (first + 1, second), signature: second + 1, len })
}

/// Tokens whose mark is inside: the part that goes, relative to the long word that begins at `at` and ends at `end`.
pub fn marked(text: &[u8], at: usize, end: usize) -> Option<(usize, usize, Kind, &'static str)> {
    let word = &text[at..end];
    // Discord: three base64url parts of 24 to 28, 6 and 27 to 38 characters, the first a number in base64.
    if (24..=28).contains(&word.len()) && matches!(word[0], b'M' | b'N' | b'O') && text.get(end) == Some(&b'.') {
        let middle = end + 1;
        let dot = middle + text[middle..].iter().take(7).take_while(|b| is_base64url(**b)).count();
        if dot == middle + 6 && text.get(dot) == Some(&b'.') {
            let last = text[dot + 1..].iter().take(40).take_while(|b| is_base64url(**b)).count();
            if (27..=38).contains(&last) {
                return Some((at, dot + 1 + last, Kind::Token, "discord.bot_token"));
            }
        }
    }
    // Twilio: SK and 32 hexadecimal digits. (AC is the account's public id.)
    if word.len() == 34 && word.starts_with(b"SK") && word[2..].iter().all(u8::is_ascii_hexdigit) {
        return Some((at, end, Kind::Key, "twilio.api_key"));
    }
    // The mark may stand in another word of the same run of characters.
    let in_run =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+' | b'/' | b'=' | b'.' | b'~' | b'|' | b'!');
    let from = at - text[..at].iter().rev().take(120).take_while(|b| in_run(b)).count();
    let to = end + text[end..].iter().take(200).take_while(|b| in_run(b)).count();
    for hit in MARKS.as_ref()?.find_overlapping_iter(&text[from..to]) {
        let format = &MARKED[hit.pattern().as_usize()];
        let (start, stop) = (from + hit.start(), from + hit.end());
        let (alphabet, least, most) = format.before;
        let before = text[..start].iter().rev().take(most + 1).take_while(|b| alphabet.has(**b)).count();
        let (alphabet, least_after, most_after) = format.after;
        // What stands before may be of the same alphabet (a path): the token is the nearest part of it.
        let before = before.min(most);
        let after = text[stop..].iter().take(most_after).take_while(|b| alphabet.has(**b)).count();
        // Only what reaches beyond the present word: the rest was looked at before.
        if (least..=most).contains(&before) && after >= least_after && stop + after >= end {
            let kind = Kind::from_word(format.kind).unwrap_or(Kind::Key);
            return Some((start - before, stop + after, kind, format.rule));
        }
    }
    None
}

/// Telegram: the bot's number, a colon, and 35 characters that begin with AA. `colon` is the place of the colon.
pub fn telegram(text: &[u8], colon: usize) -> Option<usize> {
    let body = &text[colon + 1..];
    let len = body.iter().take(60).take_while(|b| is_base64url(**b)).count();
    (body.starts_with(b"AA") && (30..=50).contains(&len)).then_some(colon + 1 + len)
}

/// How letters and digits follow each other in a word.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mix {
    /// Characters.
    pub len: usize,
    /// Digits.
    pub digits: usize,
    /// Upper-case letters.
    pub upper: usize,
    /// Lower-case letters.
    pub lower: usize,
    /// How often the class of characters changes between neighbours.
    pub turns: usize,
    /// Letters that are no hexadecimal digits.
    pub beyond_hex: usize,
}

impl Mix {
    /// Counts.
    pub fn of(word: &[u8]) -> Self {
        let mut mix = Self { len: word.len(), ..Self::default() };
        let mut last = 0u8; // 0: none, or a separator
        for b in word {
            let class = match b {
                b'0'..=b'9' => {
                    mix.digits += 1;
                    1
                }
                b'A'..=b'Z' => {
                    mix.upper += 1;
                    mix.beyond_hex += usize::from(*b > b'F');
                    2
                }
                b'a'..=b'z' => {
                    mix.lower += 1;
                    mix.beyond_hex += usize::from(*b > b'f');
                    3
                }
                // What separators set apart are words: only turns within one count.
                _ => 0,
            };
            mix.turns += usize::from(class != last && last != 0 && class != 0);
            last = class;
        }
        mix
    }

    /// Upper case, lower case and digits so mixed that only chance makes them: base62 or base64 of 20 or more.
    pub fn is_opaque(self) -> bool {
        self.len >= 20 && self.digits >= 2 && self.upper >= 3 && self.lower >= 3 && self.turns * 4 >= self.len
    }

    /// What may be a credential where the words around it say so.
    pub fn is_chance(self) -> bool {
        self.is_opaque()
            || self.len >= 16 && self.digits >= 3 && self.upper + self.lower >= 3 && self.turns >= 4
            || self.len >= 12 && self.digits >= 3 && self.upper + self.lower >= 3 && self.turns >= 5
            || self.len >= 12 && self.digits >= 2 && self.upper >= 2 && self.lower >= 2 && self.turns >= 5
            || self.len >= 12
                && self.digits >= 1
                && self.upper >= 3
                && self.lower >= 3
                && self.turns * 2 + 2 >= self.len
            || self.len >= 24 && self.upper >= 6 && self.lower >= 6 && self.turns * 3 >= self.len
    }
}

/// `7b0c7c2e-8a55-4f0e-9d57-0a1b2c3d4e5f`.
pub fn is_uuid(word: &[u8]) -> bool {
    word.len() == 36
        && word.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_told_from_words() {
        for word in ["f7Kp2Qx9Lm4Zr8Tv1Bn6Wc3Y", "9f8e7d6c5b4a39281706f5e4d3c2b1a0", "aB3dE5gH7jK9"] {
            assert!(Mix::of(word.as_bytes()).is_chance(), "{word}");
        }
        for word in [
            "authentication_required",
            "getUserByIdentifier",
            "2025-05-06T09:58:12Z",
            "ip-10-0-12-7",
            "AccessTokenExpired",
        ] {
            assert!(!Mix::of(word.as_bytes()).is_chance(), "{word}");
        }
    }

    #[test]
    fn jwts_and_their_kin() {
        let text = b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln rest";
        assert_eq!(jwt(text), Some(Jwt { claims: (21, 36), signature: 37, len: 41 }));
        assert_eq!(jwt(b"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0."), None);
        let jwe = jwt(b"eyJhbGciOiJSU0EifQ.QUFB.QkJC.Q0ND.RERE").map(|j| (j.signature, j.len));
        assert_eq!(jwe, Some((19, 38)));
    }
}

//! What the tokens of well-known issuers look like, as a table: prefix, alphabet, length and, where one is documented, the
//! checksum. It knows words, not text: where a word begins and which name stands before it is the scanner's business.
//!
//! Sources are the issuers' own pages or the rule sets of public scanners, one beside each row. A prefix that ordinary
//! words have as well is marked [`Issuer::mixed`], so that `sk-` and `test_` take tokens and leave names alone.

mod table;

use std::sync::LazyLock;
pub use table::{ISSUERS, MARKED, URLS};

use Alphabet::{
    Alnum, Base64, Base64Url, Digits, Dotted, Hex, LowerAlnum, LowerHex, Padded, Unreserved, UpperAlnum, UpperDashed,
    Uuid, Wide,
};

/// Which characters a token's body has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// `0-9a-fA-F`
    Hex,
    /// `0-9a-f`
    LowerHex,
    /// `0-9`
    Digits,
    /// `A-Z0-9`
    UpperAlnum,
    /// `A-Z0-9-`
    UpperDashed,
    /// `a-z0-9`
    LowerAlnum,
    /// `A-Za-z0-9`
    Alnum,
    /// `A-Za-z0-9_-`
    Base64Url,
    /// `A-Za-z0-9+/=`
    Base64,
    /// `A-Za-z0-9_-=+/`: one of the two base64 alphabets, with padding.
    Padded,
    /// `A-Za-z0-9_-.`
    Dotted,
    /// `A-Za-z0-9_-.~`: what RFC 3986 calls unreserved.
    Unreserved,
    /// All of the above with `%` and `$`: bodies that stand percent-encoded, or whose parts are set off by `$`.
    Wide,
    /// Hexadecimal in the form 8-4-4-4-12.
    Uuid,
}

impl Alphabet {
    /// True when `byte` may stand in a body of this alphabet.
    #[must_use]
    pub const fn has(self, byte: u8) -> bool {
        match self {
            Hex => byte.is_ascii_hexdigit(),
            LowerHex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Digits => byte.is_ascii_digit(),
            UpperAlnum => matches!(byte, b'0'..=b'9' | b'A'..=b'Z'),
            UpperDashed => matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b'-'),
            LowerAlnum => matches!(byte, b'0'..=b'9' | b'a'..=b'z'),
            Alnum => byte.is_ascii_alphanumeric(),
            Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Base64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Padded => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'/' | b'='),
            Dotted => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Unreserved => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~'),
            Wide => {
                byte.is_ascii_alphanumeric()
                    || matches!(byte, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=' | b'%' | b'$')
            }
            Uuid => byte.is_ascii_hexdigit() || byte == b'-',
        }
    }

    /// How many bytes at the start of `text` are of this alphabet.
    fn run(self, text: &str) -> usize {
        text.bytes().position(|byte| !self.has(byte)).unwrap_or(text.len())
    }
}

/// How a format proves itself beyond its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    /// By its prefix and length alone.
    None,
    /// The last six characters are the CRC-32 of the characters before them, in base 62: see [`crc32_base62_holds`].
    /// A token whose checksum fails is replaced all the same: it may be cut or mistyped, and still give most of it away.
    Crc32Base62,
}

/// A token format that its issuer documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// Name in reports: issuer and kind, `github.personal_token`.
    pub rule: &'static str,
    /// What every such token begins with.
    pub prefix: &'static str,
    /// The characters after the prefix.
    pub alphabet: Alphabet,
    /// Fewest characters after the prefix. Fewer than documented where the prefix alone tells: cut tokens go too.
    pub least: usize,
    /// Most characters after the prefix. A longer run is another thing when the row is `mixed` or has one exact length.
    pub most: usize,
    /// What stands in the placeholder: token, key, secret, password, cookie, signature.
    pub kind: &'static str,
    /// A checksum that can be recomputed.
    pub checksum: Checksum,
    /// Ordinary words begin like this too: the body has to look random (see [`Issuer::body`]).
    pub mixed: bool,
    /// Where the format is documented: domain and path, or the scanner whose rules say so.
    pub source: &'static str,
}

impl Issuer {
    /// How many bytes of `rest`, the text behind the prefix, belong to a token of this issuer; `None` when it is none.
    #[must_use]
    pub fn body(&self, rest: &str) -> Option<usize> {
        let run = self.alphabet.run(rest);
        if self.alphabet == Uuid {
            return (run >= 36 && is_uuid(&rest[..36])).then_some(36);
        }
        let run = rest[..run].trim_end_matches('.').len();
        let fits = run >= self.least && (run <= self.most || !self.mixed && self.least != self.most);
        (fits && (!self.mixed || is_mixed(&rest[..run]))).then_some(run)
    }
}

/// Letters and digits as chance puts them: both cases and a digit, or twelve in a row among which are both. So
/// `re_authenticate_with_oauth2` is a name, and `sk-loading-spinner-container-2` is one.
fn is_mixed(body: &str) -> bool {
    let has = |test: fn(&u8) -> bool, text: &str| text.as_bytes().iter().any(test);
    let digit = |text: &str| has(u8::is_ascii_digit, text);
    digit(body) && has(u8::is_ascii_lowercase, body) && has(u8::is_ascii_uppercase, body)
        || body
            .split(['_', '-', '.'])
            .any(|piece| piece.len() >= 12 && digit(piece) && has(u8::is_ascii_alphabetic, piece))
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// Where in [`ISSUERS`] the prefixes with two first bytes begin, plus one; 0 where there are none.
static FIRST: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let mut first = vec![0; 1 << 16];
    for (issuer, place) in ISSUERS.iter().zip(1..) {
        let slot = &mut first[pair(issuer.prefix)];
        if *slot == 0 {
            *slot = place;
        }
    }
    first
});

/// The first two bytes as a number.
fn pair(text: &str) -> usize {
    text.as_bytes().first_chunk::<2>().map_or(0, |head| usize::from(u16::from_be_bytes(*head)))
}

/// The issuer of the token that `word` begins with, and how many bytes of it are the token. The longest prefix wins.
#[must_use]
pub fn issuer_of(word: &str) -> Option<(&'static Issuer, usize)> {
    let head = pair(word);
    // Sorted by prefix: those with the first two bytes are neighbours, longer ones after their own beginnings.
    let from = usize::from(FIRST[head]).checked_sub(1)?;
    let len = ISSUERS[from..].iter().take_while(|issuer| pair(issuer.prefix) == head).count();
    ISSUERS[from..from + len].iter().rev().find_map(|issuer| {
        let body = issuer.body(word.strip_prefix(issuer.prefix)?)?;
        Some((issuer, issuer.prefix.len() + body))
    })
}

/// True for formats whose bodies hold characters that URLs encode.
#[must_use]
pub fn is_base64(rule: &str) -> bool {
    ISSUERS.iter().any(|issuer| issuer.rule == rule && issuer.alphabet.has(b'/'))
}

/// Whether the checksum of a token holds that was found by `rule`; `None` where its format has none.
#[must_use]
pub fn checksum(rule: &str, token: &str) -> Option<bool> {
    let issuer = ISSUERS.iter().find(|issuer| issuer.checksum != Checksum::None && issuer.rule == rule)?;
    token.starts_with(issuer.prefix).then(|| crc32_base62_holds(token))
}

/// True when a token ends with the CRC-32 of what stands between its prefix (`ghp_`) and the last six characters,
/// written in base 62 (digits, capitals, small letters) and padded on the left with zeros.
#[must_use]
pub fn crc32_base62_holds(token: &str) -> bool {
    let body = token.rsplit_once('_').map_or(token, |(_, body)| body);
    let Some((random, sum)) = body.len().checked_sub(6).and_then(|at| body.split_at_checked(at)) else {
        return false;
    };
    !random.is_empty() && base62(crc32(random.as_bytes())).as_slice() == sum.as_bytes()
}

/// CRC-32 as zip and PNG have it (ISO-HDLC, reflected polynomial 0xEDB88320).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()))
    })
}

fn base62(mut number: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = [b'0'; 6];
    for place in out.iter_mut().rev() {
        *place = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    out
}

/// A format that is known by what stands inside it or at its end, not at its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    /// Name in reports.
    pub rule: &'static str,
    /// Characters before the mark, fewest and most of them.
    pub before: (Alphabet, usize, usize),
    /// What stands inside.
    pub mark: &'static str,
    /// Characters after the mark, fewest and most of them.
    pub after: (Alphabet, usize, usize),
    /// What stands in the placeholder.
    pub kind: &'static str,
    /// Where the format is documented.
    pub source: &'static str,
}

/// A URL whose path is the credential: whoever knows it may post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlShape {
    /// Name in reports.
    pub rule: &'static str,
    /// The host, or its end when this begins with a dot.
    pub host: &'static str,
    /// What the path begins with.
    pub path: &'static str,
    /// How many segments after that are ids and stay; what follows, up to `?`, `#` or the end, is the secret.
    pub ids: usize,
    /// Where the URL is documented.
    pub source: &'static str,
}

// Formats that need code rather than a row:
// - Telegram bot tokens: 6 to 12 digits (the bot's id), `:`, 30 to 40 of `A-Za-z0-9_-`, of which the first two are AA;
//   in a path they follow `bot` without a slash (core.telegram.org/bots/api#authorizing-your-bot).
// - Discord bot tokens: three base64url parts set off by dots, the first (23 to 28 characters, beginning with M, N or O)
//   being a number of 17 to 20 digits in base64, the second 6 or 7, the third 27 to 40 (discord.com/developers/docs).
// - Asana personal tokens: 1 or 2, `/`, 13 to 20 digits, then `:` and 32 hexadecimal, with `/` and digits between in form 2.
// - JWT: base64url of `{"`, so `eyJ` (or `ewo`, `ewog` when indented), a dot, a second such part, a dot, the signature.
// - Pairs `id:secret` without a mark: Ghost admin keys (24:64 hexadecimal), Rancher (`token-…:` 54), Ably, Bitwarden
//   (`0.uuid.30:22`). They are known by their name or as Basic credentials only.
// - Twilio account SIDs (AC and 32 hexadecimal), AWS ids that begin with AIDA, AROA, AGPA, and Square application ids
//   (sq0idp-) are identifiers and stay.
// - Kubernetes bootstrap tokens (6, a dot, 16 of `a-z0-9`) look like file names: by name only.
// - Query parameters whose value signs the URL: `sig` (Azure), `X-Amz-Signature`, `X-Amz-Security-Token`,
//   `X-Goog-Signature`, `Signature` (CloudFront), `hdnts`, `__token__` (CDNs).

#[cfg(test)]
#[allow(clippy::expect_used)]
mod tests {
    use super::*;

    /// Characters that pass for chance, the same at every run.
    fn chance(alphabet: Alphabet, length: usize, seed: u64) -> String {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut out = String::new();
        while out.len() < length {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let byte = 33 + u8::try_from(state % 94).expect("below 94");
            let edge = out.is_empty() || out.len() + 1 == length;
            if alphabet.has(byte) && (byte.is_ascii_alphanumeric() || !edge) {
                out.push(char::from(byte));
            }
        }
        out
    }

    fn example(issuer: &Issuer, length: usize) -> String {
        let body = if issuer.alphabet == Uuid {
            let hex = chance(LowerHex, 32, length as u64 + 7);
            [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
        } else {
            (1..10_000)
                .map(|seed| chance(issuer.alphabet, length, seed))
                .find(|body| !issuer.mixed || is_mixed(body))
                .expect("one")
        };
        format!("{}{body}", issuer.prefix)
    }

    #[test]
    fn the_table_is_in_order() {
        let mut rules: Vec<_> = ISSUERS.iter().map(|i| i.rule).chain(MARKED.iter().map(|m| m.rule)).collect();
        rules.extend(URLS.iter().map(|u| u.rule));
        let count = rules.len();
        rules.sort_unstable();
        rules.dedup();
        assert_eq!(rules.len(), count, "rules have names of their own");
        for pair in ISSUERS.windows(2) {
            assert!(pair[0].prefix < pair[1].prefix, "{} stands before {}", pair[0].prefix, pair[1].prefix);
        }
        for issuer in ISSUERS {
            let rule = issuer.rule;
            assert!(issuer.prefix.len() >= 2 && issuer.least <= issuer.most && issuer.least >= 8, "{rule}");
            assert!(rule.split_once('.').is_some_and(|(who, what)| !who.is_empty() && !what.is_empty()), "{rule}");
            assert!(
                rule.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_')),
                "{rule}"
            );
            assert!(matches!(issuer.kind, "token" | "key" | "secret" | "password" | "cookie" | "signature"), "{rule}");
            assert!(issuer.source.contains('.') && !issuer.source.contains("://"), "{rule}");
        }
        assert!(ISSUERS.len() >= 300, "{}", ISSUERS.len());
    }

    #[test]
    fn every_format_is_recognised_at_its_shortest_and_longest() {
        for issuer in ISSUERS {
            for length in [issuer.least, issuer.most] {
                let token = example(issuer, length);
                let found = issuer_of(&token).map(|(issuer, length)| (issuer.rule, length));
                assert_eq!(found, Some((issuer.rule, token.len())), "{token}");
                let longer = format!("{token}\" and more");
                assert_eq!(issuer_of(&longer).map(|(_, length)| length), Some(token.len()), "{longer}");
            }
        }
    }

    #[test]
    fn the_longest_prefix_wins() {
        let token = example(ISSUERS.iter().find(|i| i.rule == "anthropic.api_key").expect("there"), 95);
        assert_eq!(issuer_of(&token).map(|(issuer, _)| issuer.rule), Some("anthropic.api_key"));
    }

    #[test]
    fn names_that_begin_alike_are_no_tokens() {
        for word in [
            "sk-loading-spinner-container-2",
            "re_authenticate_with_oauth2_after_30_minutes",
            "secret_manager_client_for_region_eu1",
            "test_that_the_third_retry_waits_for_30_seconds",
            "live_update_of_dashboards_every_15_seconds",
            "api-gateway-internal-7d4b9c6f5-x2x8z",
            "sdk-generator-typescript-axios",
            "pypi-attestations-verify-2024-provenance",
            "pat.example.com",
            "s.example.com",
            "key-management-service",
            "npm_config_registry",
            "hf_hub_download",
            "AKIAlike",
            "SKU-1234",
            "SG.subscriptions",
            "v1.2.3",
            "v1.0-beta",
            "u+0041",
            "00000000-0000-4000-8000-000000000000",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "eyJ",
            "",
            "é",
        ] {
            assert_eq!(issuer_of(word).map(|(issuer, _)| issuer.rule), None, "{word}");
        }
    }

    #[test]
    fn the_checksum_of_generated_tokens_holds() {
        for (seed, prefix) in ["ghp_", "gho_", "ghu_", "ghs_", "ghr_", "npm_"].iter().cycle().take(300).enumerate() {
            let random = chance(Alnum, 30, seed as u64 + 1);
            let sum = String::from_utf8(base62(crc32(random.as_bytes())).to_vec()).expect("ASCII");
            let token = format!("{prefix}{random}{sum}");
            assert!(crc32_base62_holds(&token), "{token}");
            let (issuer, length) = issuer_of(&token).expect("recognised");
            assert_eq!((issuer.checksum, length), (Checksum::Crc32Base62, token.len()), "{token}");
            let at = prefix.len() + seed % 30;
            let other = if token.as_bytes()[at] == b'x' { "y" } else { "x" };
            let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
            assert!(!crc32_base62_holds(&changed), "{changed}");
        }
        for word in ["", "ghp_", "ghp_short", "ghp_ééé", "_"] {
            assert!(!crc32_base62_holds(word), "{word}");
        }
    }

    #[test]
    fn the_crc_is_the_one_of_zip() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(&base62(0), b"000000");
        assert_eq!(&base62(61), b"00000z");
        assert_eq!(&base62(62), b"000010");
    }

    #[test]
    fn marks_and_urls_are_whole() {
        for Marked { rule, before, mark, after, .. } in MARKED {
            assert!(!mark.is_empty() && before.1 <= before.2 && after.1 <= after.2 && before.1 > 0, "{rule}");
        }
        for UrlShape { rule, host, path, .. } in URLS {
            assert!(host.contains('.') && path.starts_with('/'), "{rule}");
        }
    }
}

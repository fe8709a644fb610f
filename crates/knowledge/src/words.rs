//! Cuts text into words, so that one phrase finds a message in any wrapper: JSON, a traceback, a log
//! field, an escaped string, another language's quotes.
//!
//! A word is a run of letters and digits, split further at camel case; case does not matter. Escapes
//! (`\n`, `%20`, `&quot;`) and punctuation separate. A URL is one word of its own, because what stands
//! in an address is no statement.

/// The most words of one passage that are looked at; what follows is evidence seen enough of.
pub const WORD_LIMIT: usize = 20_000;

/// The hash that stands for any URL.
pub const URL_WORD: u64 = hash(b"\0url");

/// One word: the hash of its lower-case form, and its bytes in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// FNV-1a, 64 bits, of the lower-case form.
    pub hash: u64,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// True when the border between two values (`","`) stands before it: two statements meet there.
    pub border: bool,
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

/// FNV-1a of bytes as they are.
#[must_use]
pub const fn hash(bytes: &[u8]) -> u64 {
    let mut state = SEED;
    let mut i = 0;
    while i < bytes.len() {
        state = (state ^ bytes[i] as u64).wrapping_mul(PRIME);
        i += 1;
    }
    state
}

fn hash_word(text: &str) -> u64 {
    let mut state = SEED;
    if text.is_ascii() {
        for byte in text.bytes() {
            state = (state ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(PRIME);
        }
    } else {
        let mut utf8 = [0; 4];
        for lower in text.chars().flat_map(char::to_lowercase) {
            for byte in lower.encode_utf8(&mut utf8).bytes() {
                state = (state ^ u64::from(byte)).wrapping_mul(PRIME);
            }
        }
    }
    state
}

/// The words of `text`, at most [`WORD_LIMIT`].
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut out = Vec::with_capacity(text.len() / 6 + 4);
    words_into(text, &mut out);
    out
}

/// As [`words`], into a buffer that is cleared first.
pub fn words_into(text: &str, out: &mut Vec<Word>) {
    out.clear();
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut border = false;
    while at < bytes.len() && out.len() < WORD_LIMIT {
        let byte = bytes[at];
        if is_word_byte(byte) {
            let (start, number) = (at, out.len());
            while at < bytes.len() && is_word_byte(bytes[at]) {
                at += 1;
            }
            if bytes[at..].starts_with(b"://") && bytes[start..at].iter().all(u8::is_ascii_alphanumeric) {
                at = url_end(bytes, at + 3);
                push(out, URL_WORD, start, at);
            } else {
                split_run(text, start, at, out);
            }
            if let Some(first) = out.get_mut(number) {
                first.border = std::mem::take(&mut border);
            }
        } else {
            border |= byte == b',' && parts_values(bytes, at);
            at += separator(bytes, at);
        }
    }
}

/// True for the comma of `"a", "b"` and of `7,"b"`, also where the quotes are escaped.
fn parts_values(bytes: &[u8], comma: usize) -> bool {
    let before = comma.checked_sub(1).map_or(b' ', |i| bytes[i]);
    let quoted_before =
        matches!(before, b'"' | b'}' | b']') || before.is_ascii_alphanumeric() && bytes.get(comma + 1) == Some(&b'"');
    let mut next = comma + 1;
    while next < bytes.len() && matches!(bytes[next], b' ' | b'\n' | b'\r' | b'\t' | b'\\') {
        next += 1;
    }
    quoted_before && bytes.get(next) == Some(&b'"')
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// How many bytes the separator at `at` takes: escapes are more than one.
fn separator(bytes: &[u8], at: usize) -> usize {
    let rest = &bytes[at..];
    match rest[0] {
        b'\\' => match rest.get(1) {
            Some(b'n' | b'r' | b't' | b'"' | b'\'' | b'/' | b'b' | b'f') => 2,
            Some(b'u') if rest.len() >= 6 && rest[2..6].iter().all(u8::is_ascii_hexdigit) => 6,
            _ => 1,
        },
        b'%' if rest.len() >= 3 && rest[1].is_ascii_hexdigit() && rest[2].is_ascii_hexdigit() => 3,
        b'&' => match rest.iter().take(9).position(|&b| b == b';') {
            Some(end) if end > 1 && rest[1..end].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'#') => end + 1,
            _ => 1,
        },
        _ => 1,
    }
}

fn url_end(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len()
        && !bytes[at].is_ascii_whitespace()
        && !matches!(bytes[at], b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b')' | b']' | b'}' | b',' | b'|')
    {
        at += 1;
    }
    // A full stop or colon at the end belongs to the sentence.
    while at > 0 && matches!(bytes[at - 1], b'.' | b':' | b';') {
        at -= 1;
    }
    at
}

/// Splits a run of letters and digits at camel case.
fn split_run(text: &str, start: usize, end: usize, out: &mut Vec<Word>) {
    let run = &text[start..end];
    if !run.is_ascii() {
        // Typographic quotes and dashes separate; letters of any script are words.
        let mut from = None;
        for (i, c) in run.char_indices() {
            match (c.is_alphanumeric(), from) {
                (true, None) => from = Some(i),
                (false, Some(f)) => {
                    push(out, hash_word(&run[f..i]), start + f, start + i);
                    from = None;
                }
                _ => {}
            }
        }
        if let Some(f) = from {
            push(out, hash_word(&run[f..]), start + f, end);
        }
        return;
    }
    let bytes = run.as_bytes();
    let mut from = 0;
    for i in 1..bytes.len() {
        if i - from > 1 && is_camel_boundary(bytes, i)
            || (i - from == 1 && bytes[from].is_ascii_digit() && is_camel_boundary(bytes, i))
        {
            push(out, hash_word(&run[from..i]), start + from, start + i);
            from = i;
        }
    }
    push(out, hash_word(&run[from..]), start + from, end);
}

/// True between `tokenE|xpired`, `HTTP|Server` and `x509|Certificate`, false inside `URLs`.
fn is_camel_boundary(bytes: &[u8], i: usize) -> bool {
    let (before, here) = (bytes[i - 1], bytes[i]);
    if !here.is_ascii_uppercase() {
        return false;
    }
    if before.is_ascii_lowercase() {
        return true;
    }
    let lower_follows = bytes.get(i + 1).is_some_and(u8::is_ascii_lowercase);
    let plural_s = bytes.get(i + 1) == Some(&b's') && !bytes.get(i + 2).is_some_and(u8::is_ascii_alphabetic);
    lower_follows && !plural_s
}

#[expect(clippy::cast_possible_truncation, reason = "passages are bounded far below 4 GiB")]
fn push(out: &mut Vec<Word>, hash: u64, start: usize, end: usize) {
    out.push(Word { hash, start: start as u32, end: end as u32, border: false });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let got: Vec<u64> = words(text).iter().map(|w| w.hash).collect();
        let want: Vec<u64> = expected.iter().map(|w| if *w == "<url>" { URL_WORD } else { hash_word(w) }).collect();
        let shown: Vec<&str> = words(text).iter().map(|w| &text[w.start as usize..w.end as usize]).collect();
        assert_eq!(got, want, "{text:?} was cut as {shown:?}");
    }

    #[test]
    fn words_are_the_same_in_any_wrapper() {
        let plain = ["token", "expired"];
        for text in [
            "token expired",
            "TOKEN_EXPIRED",
            "tokenExpired",
            "TokenExpired",
            "\"token-expired\"",
            "Token+expired",
            "token%20expired",
            "token&nbsp;expired",
            "\\\"token\\nexpired",
        ] {
            check(text, &plain);
        }
        check("userRateLimitExceeded", &["user", "rate", "limit", "exceeded"]);
        check("HTTPServerError x509Certificate", &["http", "server", "error", "x509", "certificate"]);
        check("OAuth URLs IPv6 eTag", &["oauth", "urls", "ipv6", "etag"]);
        check("couldn’t connect", &["couldn", "t", "connect"]);
        check("see https://a.example/token_expired?x=1. Then", &["see", "<url>", "then"]);
        check("", &[]);
    }
}

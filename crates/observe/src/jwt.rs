//! JSON Web Tokens (RFC 7519): what their claims say about time and audience. The signature is
//! never read, and no claim about a person becomes a fact.
//!
//! It refuses to judge whether a token is accepted.

use crate::date::Now;
use crate::json::{Node, Value, parse};
use crate::sink::Sink;
use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use firstfault_model::Span;

/// Longer tokens are not read.
const LIMIT: usize = 16 * 1024;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a token turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// No JWT at all.
    Opaque,
    /// Read, or at least known to be one.
    Read,
    /// A JWT that ends too early.
    Cut,
}

/// Reads a token that may be a JWT.
pub(crate) fn read(out: &mut Sink, token: &str, now: Now, span: Span) -> Token {
    let token = token.trim().trim_matches(['"', '\'']);
    if token.len() < 20 || token.len() > LIMIT || is_shortened(token) {
        return Token::Opaque;
    }
    let mut parts = token.split('.');
    let (header, payload) = (parts.next().unwrap_or_default(), parts.next());
    let Some(decoded) = decode(header) else {
        if token.starts_with("eyJ") && token.contains('.') {
            out.fact("jwt.malformed", "the header is not base64url", span);
            return Token::Read;
        }
        return Token::Opaque;
    };
    let head = parse(&decoded);
    let Some(head) = head.root.as_ref().filter(|head| !head.members().is_empty()) else { return Token::Opaque };
    let Some(alg) = head.get("alg").and_then(Node::text) else { return Token::Opaque };
    out.fact("jwt.alg", alg, span);
    if let Some(kid) = head.get("kid").and_then(Node::text) {
        out.fact("jwt.kid", kid, span);
    }
    let rest = parts.count();
    // five parts are an encrypted token (RFC 7516): its claims cannot be read
    if head.get("enc").is_some() || rest == 3 {
        return Token::Read;
    }
    let Some(payload) = payload.filter(|payload| !payload.is_empty()) else {
        out.fact("jwt.malformed", "one part, expected three", span);
        return Token::Cut;
    };
    match rest {
        1 => {}
        0 => out.fact("jwt.malformed", "two parts, expected three", span),
        _ => out.fact("jwt.malformed", "too many parts, expected three", span),
    }
    let Some(decoded) = decode(payload) else {
        out.fact("jwt.malformed", "the payload is not base64url", span);
        return Token::Cut;
    };
    let claims = parse(&decoded);
    match claims.root.as_ref().filter(|claims| matches!(claims.value, Value::Object(_))) {
        Some(claims) => read_claims(out, claims, now, span),
        None => out.fact("jwt.malformed", "the payload is not a JSON object", span),
    }
    if rest == 0 { Token::Cut } else { Token::Read }
}

fn read_claims(out: &mut Sink, claims: &Node<'_>, now: Now, span: Span) {
    let time = |name: &str| {
        let seconds = claims.get(name).and_then(Node::number)?;
        // some issuers write milliseconds; no date of RFC 7519 is that far away
        Some(if seconds > 1e11 { (seconds / 1000.0) as i64 } else { seconds as i64 })
    };
    let (issued, expires, not_before) = (time("iat"), time("exp"), time("nbf"));
    if let (Some(issued), Some(expires)) = (issued.or(not_before), expires) {
        out.fact("jwt.lifetime", &expires.saturating_sub(issued).to_string(), span);
    }
    if let Some(now_seconds) = now.any {
        let past = |moment: Option<i64>| moment.map(|moment| now_seconds.saturating_sub(moment));
        let mut timed = false;
        for (key, seconds) in [
            ("jwt.expired", past(expires)),
            ("jwt.not_yet_valid", past(not_before).map(|s| -s)),
            ("jwt.issued_in_future", past(issued).map(|s| -s)),
        ] {
            if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
                out.fact(key, &seconds.to_string(), span);
                timed = true;
            }
        }
        if timed || expires.is_some() {
            out.fact("jwt.clock", now.clock, span);
        }
        if expires.is_some() && !timed {
            out.fact("jwt.in_time", &past(expires).map_or(0, |s| -s).to_string(), span);
        }
    }
    for (key, names) in
        [("jwt.aud", &["aud"][..]), ("jwt.iss", &["iss"]), ("jwt.scope", &["scope", "scp", "roles", "permissions"])]
    {
        for name in names {
            let Some(claim) = claims.get(name) else { continue };
            match &claim.value {
                Value::String(text) => out.fact(key, text, span),
                Value::Array(items) if key == "jwt.aud" => {
                    for item in items.iter().take(8) {
                        if let Some(text) = item.text() {
                            out.fact(key, text, span);
                        }
                    }
                }
                Value::Array(items) => {
                    let words: Vec<&str> = items.iter().take(40).filter_map(Node::text).collect();
                    out.fact(key, &words.join(" "), span);
                }
                _ => {}
            }
        }
    }
}

fn decode(part: &str) -> Option<String> {
    let bytes = BASE64URL.decode(part).ok()?;
    String::from_utf8(bytes).ok()
}

/// Whether a person or a logger took part of a value away, or wrote a sample in its place.
pub(crate) fn is_shortened(text: &str) -> bool {
    if text.contains("...") || text.contains('…') || text.contains('*') || text.contains('•') {
        return true;
    }
    [
        "redact",
        "xxxx",
        "fake",
        "example",
        "hidden",
        "masked",
        "removed",
        "snip",
        "omitted",
        "sanitized",
        "sanitised",
        "truncated",
    ]
    .iter()
    .any(|word| {
        let word = word.as_bytes();
        text.as_bytes().windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
    })
}

/// Every JWT-like run in a text that is no credential by name: bodies, queries, cookies.
pub(crate) fn find(out: &mut Sink, text: &str, now: Now, span: Span) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for _ in 0..4 {
        let Some(at) = memchr::memmem::find(&bytes[from..], b"eyJ").map(|offset| from + offset) else { return };
        let end = bytes[at..]
            .iter()
            .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'=')))
            .map_or(bytes.len(), |end| at + end);
        let token = text[at..end].trim_end_matches('.');
        if token.matches('.').count() == 2 {
            read(out, token, now, span);
        }
        from = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, payload: &str) -> String {
        format!("{}.{}.c2lnbmF0dXJl", BASE64URL.encode(header), BASE64URL.encode(payload))
    }

    #[test]
    fn claims_become_facts_by_the_clock() {
        let now = Now { evidence: Some(1000), any: Some(1000), clock: "response" };
        let jwt = token(
            r#"{"alg":"RS256","typ":"JWT"}"#,
            r#"{"iss":"https://issuer.test/","aud":["a","b"],"iat":100,"exp":940,"scope":"read write","sub":"joe"}"#,
        );
        let mut out = Sink::default();
        assert_eq!(read(&mut out, &jwt, now, Span::default()), Token::Read);
        for (key, value) in [
            ("jwt.expired", "60"),
            ("jwt.lifetime", "840"),
            ("jwt.aud", "a"),
            ("jwt.iss", "https://issuer.test/"),
            ("jwt.scope", "read write"),
            ("jwt.alg", "RS256"),
            ("jwt.clock", "response"),
        ] {
            assert_eq!(out.value(key), Some(value), "{key}");
        }
        let mut out = Sink::default();
        read(&mut out, &token(r#"{"alg":"HS256"}"#, r#"{"nbf":1300,"iat":1200,"scp":["a.b"]}"#), now, Span::default());
        assert_eq!(
            (out.value("jwt.not_yet_valid"), out.value("jwt.issued_in_future"), out.value("jwt.scope")),
            (Some("300"), Some("200"), Some("a.b"))
        );
        let mut out = Sink::default();
        let cut = &jwt[..jwt.rfind('.').unwrap_or(0)];
        assert_eq!(read(&mut out, cut, now, Span::default()), Token::Cut);
        assert_eq!(out.value("jwt.malformed"), Some("two parts, expected three"));
        let mut out = Sink::default();
        assert_eq!(read(&mut out, "sk_live_0123456789abcdefghij", now, Span::default()), Token::Opaque);
        assert_eq!(read(&mut out, "eyJhbGciOiJSUzI1NiJ9.REDACTED.REDACTED", now, Span::default()), Token::Opaque);
    }
}

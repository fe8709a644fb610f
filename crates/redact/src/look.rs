//! Whether a value looks like a secret: not like a stand-in, a word for programs, or a sentence about one.

use crate::kind::Kind;
use crate::shapes::{self, Mix};
use crate::value::Frame;

/// Values of `token`, `secret` and the like.
pub fn is_firm(value: &[u8], frame: Frame, quoted: bool) -> bool {
    if is_dummy(value)
        || value.len() < 4
        || value.contains(&b' ')
        || is_code_about(value)
        || value.starts_with(b"http")
        || is_structure(value)
    {
        return false;
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    if digits == value.len() && value.len() < 6 {
        return false;
    }
    match frame {
        Frame::Other if !quoted => value.len() >= 8 && digits > 0 || value.len() >= 24,
        _ => true,
    }
}

/// Values of `key`, `code`, `sid` and the like.
pub fn is_loose(value: &[u8], frame: Frame, quoted: bool, kind: Kind) -> bool {
    if is_dummy(value) || is_code(value) || value.contains(&b' ') || value.starts_with(b"http") {
        return false;
    }
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    match frame {
        Frame::Form | Frame::Encoded => value.len() >= 6 && (digits > 0 || value.len() >= 8),
        Frame::Environment => value.len() >= 16 && digits > 0,
        _ => {
            let digest = matches!(value.len(), 32 | 40 | 64 | 128) && value.iter().all(u8::is_ascii_hexdigit);
            let look = Mix::of(value);
            let path = value.iter().any(|b| matches!(b, b'.' | b':' | b'@') || *b == b'/' && !look.is_opaque());
            (look.is_chance() || quoted && value.len() >= 16 && digits > 0 && look.turns >= 3)
                && !path
                && !shapes::is_uuid(value)
                && !(digest && kind == Kind::Signature)
        }
    }
}

/// `invalid_token`, `TokenExpired`, `ERR-AUTH`: a word for programs, no secret.
fn is_code(value: &[u8]) -> bool {
    if value.len() > 48 || !value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.')) {
        return false;
    }
    let parts = value.split(|b| matches!(b, b'_' | b'-' | b'.')).filter(|p| p.len() > 1).count();
    let capitals = value.iter().filter(|b| b.is_ascii_uppercase()).count();
    let one_case = capitals == 0 || capitals == value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let camel = value[0].is_ascii_uppercase() && (2..=6).contains(&capitals) && value.len() >= capitals * 4;
    parts >= 2 && one_case || camel
}

/// A word for programs that says what is wrong with a secret: `token_expired`, `InvalidApiKey`.
pub fn is_code_about(value: &[u8]) -> bool {
    const WRONG: &[&str] = &[
        "invalid",
        "missing",
        "require",
        "expire",
        "error",
        "not_",
        "unauthori",
        "denied",
        "unknown",
        "fail",
        "blank",
        "revoke",
        "incorrect",
        "mismatch",
        "bad_",
        "wrong",
        "no_",
        "too_",
        "must",
        "unsupported",
        "malformed",
        "empty",
        "weak",
        "_type",
        "forbidden",
        "rejected",
        "disabled",
        "NotFound",
        "unexpected",
    ];
    // Hyphens join words of people, underscores and capitals those of programs.
    is_code(value)
        && !value.contains(&b'-')
        && std::str::from_utf8(value).is_ok_and(|text| {
            let lower = text.to_ascii_lowercase();
            WRONG.iter().any(|word| lower.contains(word) || text.contains(word))
        })
}

/// JSON, or another whole that has parts: what is secret in it has a name or a shape of its own.
pub fn is_structure(value: &[u8]) -> bool {
    // The scope of a signature (`key/20250506/eu-west-1/s3/aws4_request`): what is secret in it has a shape of its own.
    if value.windows(9).any(|w| w == b"4_request") {
        return true;
    }
    let mut inner = value.iter().filter(|b| !matches!(b, b' ' | b'\\' | b'\t'));
    matches!(inner.next(), Some(b'{' | b'[')) && matches!(inner.next(), None | Some(b'"' | b'\'' | b'{' | b'[' | b'}'))
}

/// Words that sentences are made of and passphrases are not.
const COMMON: &[&str] = &[
    "is",
    "are",
    "was",
    "be",
    "must",
    "the",
    "a",
    "an",
    "not",
    "no",
    "has",
    "have",
    "had",
    "should",
    "cannot",
    "can't",
    "can",
    "required",
    "invalid",
    "missing",
    "incorrect",
    "wrong",
    "expired",
    "too",
    "short",
    "long",
    "least",
    "characters",
    "field",
    "this",
    "that",
    "your",
    "please",
    "for",
    "of",
    "to",
    "from",
    "with",
    "in",
    "on",
    "by",
    "and",
    "or",
    "does",
    "do",
    "did",
    "match",
    "blank",
    "already",
    "provided",
    "found",
    "unknown",
    "failed",
    "denied",
    "access",
    "error",
    "you",
    "it",
    "been",
];

/// True for words about a secret.
pub fn is_sentence(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let words: Vec<&str> = text.split_whitespace().take(12).collect();
    let common = words
        .iter()
        .filter(|w| {
            COMMON.contains(
                &w.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '\'').to_ascii_lowercase().as_str(),
            )
        })
        .count();
    words.len() > 1 && (common >= 2 || common == 1 && words.len() <= 5)
}

/// Values that stand where a secret should and are none: stand-ins, and words about secrets. They are often the fault.
#[must_use]
pub fn is_dummy(value: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "redacted",
        "bearer",
        "basic",
        "token",
        "password",
        "filtered",
        "required",
        "invalid",
        "missing",
        "expired",
        "string",
        "secret",
        "hidden",
        "masked",
        "removed",
        "empty",
        "unset",
        "optional",
        "unknown",
        "apikey",
        "api_key",
        "api-key",
        "access_token",
        "sanitized",
        "scrubbed",
        "omitted",
        "withheld",
        "not",
        "no",
        "yes",
        "include",
        "omit",
        "same-origin",
        "incorrect",
        "wrong",
        "revoked",
        "str",
        "int",
        "bool",
        "number",
        "boolean",
        "bytes",
        "object",
        "any",
        "array",
        "text",
        "file",
        "env",
        "input",
        "prompt",
        "the",
        "was",
        "has",
        "must",
        "code",
        "id_token",
        "refresh_token",
        "authorization",
    ];
    is_stand_in(value)
        || value.len() <= 20 && {
            let bare = bare_word(value);
            WORDS.iter().any(|word| word.len() == bare.len() && bare.eq_ignore_ascii_case(word.as_bytes()))
        }
}

/// Source code: `Vec::new()`, `self.token.clone()`, `&str`.
fn is_expression(value: &[u8]) -> bool {
    let name = value
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'&')))
        .unwrap_or(value.len());
    let word = &value[..name];
    let called = matches!(value.get(name), Some(b'('))
        && name > 0
        && matches!(value.last(), Some(b')' | b'(' | b'?' | b'.' | b';'));
    let scoped = word.windows(2).any(|w| w == b"::") && name == value.len();
    let typed =
        value.starts_with(b"&") && value[1..].iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'\'' | b'_'));
    called && Mix::of(word).digits < 3 || scoped && Mix::of(word).digits < 3 || typed
}

/// Names of secrets that people take for one.
pub fn is_weak_password(value: &[u8]) -> bool {
    [&b"password"[..], b"secret", b"token", b"basic"].iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// A word without the quotes and brackets around it.
fn bare_word(value: &[u8]) -> &[u8] {
    let around = |b: &u8| b" \"'*.<>()[]".contains(b);
    let start = value.iter().take_while(|b| around(b)).count();
    let end = value.len() - value[start..].iter().rev().take_while(|b| around(b)).count();
    &value[start..end]
}

/// Values that nobody can use: templates, variables, masks, and what programs print for nothing.
#[must_use]
pub fn is_stand_in(value: &[u8]) -> bool {
    const NOTHING: &[&str] = &["", "undefined", "null", "none", "nil", "true", "false", "nan", "object object"];
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let text = text.trim();
    if text.len() < 3 || shapes::is_filler(text.as_bytes()) || text.contains("***") || text.contains('…') {
        return true;
    }
    if text.ends_with("...") && text.len() < 12 {
        return true;
    }
    let inner_of = |open: &str, close: &str| {
        text.strip_prefix(open).and_then(|t| t.strip_suffix(close)).is_some_and(|inner| {
            !inner.is_empty()
                && inner.len() < 64
                && inner.bytes().all(|b| b.is_ascii_alphanumeric() || b" _-.:()?$".contains(&b))
        })
    };
    const AROUND: &[(&str, &str)] = &[
        ("${", "}"),
        ("{{", "}}"),
        ("{", "}"),
        ("<", ">"),
        ("[", "]"),
        ("%(", ")s"),
        ("%", "%"),
        ("$(", ")"),
        ("&lt;", "&gt;"),
    ];
    let framed = text.starts_with(['$', '{', '<', '[', '%', '&']);
    if framed && AROUND.iter().any(|(open, close)| inner_of(open, close)) {
        return true;
    }
    if text.starts_with("HTTP/") || is_expression(value) {
        return true;
    }
    // An expression that is worked out later.
    const LATER: &[&str] = &[
        "${",
        "$(",
        "{{",
        "<%",
        "#{",
        "%{",
        "process.env",
        "os.environ",
        "os.getenv",
        "getenv(",
        "env.",
        "var.",
        "secrets.",
        "Optional[",
    ];
    let may_be_later =
        matches!(value[0], b'$' | b'{' | b'<' | b'#' | b'%' | b'p' | b'o' | b'g' | b'e' | b'v' | b's' | b'O');
    if may_be_later && LATER.iter().any(|head| text.starts_with(head)) {
        return true;
    }
    // `$TOKEN`, `$token`: a variable has letters of one case; a password that begins so rarely has.
    if let Some(name) = text.strip_prefix('$') {
        let upper = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if upper || name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') {
            return true;
        }
    }
    let bare = bare_word(value);
    let your = bare.len() >= 4
        && bare[..4].eq_ignore_ascii_case(b"your")
        && bare.get(4).is_none_or(|b| !b.is_ascii_alphanumeric() || b.is_ascii_uppercase() && text.starts_with("YOUR"));
    bare.len() <= 13 && NOTHING.iter().any(|word| bare.eq_ignore_ascii_case(word.as_bytes())) || your
}

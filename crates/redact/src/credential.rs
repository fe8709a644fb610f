//! The values of fields that carry credentials: scheme and credential (RFC 9110, section 11.4), parameters, cookies.

use crate::find::{Action, Scan};
use crate::kind::Kind;
use crate::look::{is_dummy, is_sentence};
use crate::names::Class;
use crate::shapes::Mix;
use crate::value::{Extent, Frame};
use base64::Engine as _;

/// Parameters of credentials that say how, and are no secret.
const OPEN_PARAMETERS: &[&[u8]] = &[
    b"realm",
    b"algorithm",
    b"headers",
    b"signedheaders",
    b"qop",
    b"uri",
    b"stale",
    b"scope",
    b"error",
    b"error_description",
    b"error_uri",
    b"version",
    b"timestamp",
    b"ts",
    b"t",
    b"oauth_timestamp",
    b"oauth_signature_method",
    b"oauth_version",
    b"nc",
    b"created",
    b"expires",
    b"charset",
    b"keyid",
    b"opaque",
    b"path",
    b"domain",
    b"max-age",
    b"samesite",
    b"username",
    b"userhash",
    b"credential",
    b"id",
    b"app",
    b"service",
    b"client_id",
    b"oauth_consumer_key",
    b"resource_metadata",
    b"alg",
    b"kid",
    b"typ",
    b"s",
];

/// `Bearer abc`, `Digest username="…", response="…"`, `AWS4-HMAC-SHA256 Credential=…, Signature=…`: the scheme stays.
pub fn authorization(scan: &mut Scan<'_>, extent: Extent, frame: Frame) -> Option<usize> {
    let (mut start, end) = scan.trimmed(extent.start, extent.end);
    let b = scan.b;
    if start >= end {
        return None;
    }
    let scheme = scan.while_(start, 24, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).min(end);
    let is_scheme =
        b[start].is_ascii_alphabetic() && scheme > start && matches!(b.get(scheme), Some(b' ' | b'\t')) && scheme < end;
    let mut kind = Kind::Token;
    if is_scheme {
        if b[start..scheme].eq_ignore_ascii_case(b"basic") {
            kind = Kind::Basic;
        }
        start = scan.while_(scheme, 16, |b| matches!(b, b' ' | b'\t'));
        // A scheme written twice is a fault that stays visible.
        let again = scan.while_(start, 24, |b| b.is_ascii_alphabetic()).min(end);
        if again > start
            && again < end
            && matches!(b.get(again), Some(b' '))
            && (b[start..again].eq_ignore_ascii_case(b"bearer") || b[start..again].eq_ignore_ascii_case(b"basic"))
        {
            start = scan.while_(again, 16, |b| matches!(b, b' ' | b'\t'));
        }
    }
    if start >= end {
        return None;
    }
    let value = &b[start..end];
    if is_dummy(value) || is_sentence(&b[extent.start..end]) {
        return None;
    }
    if is_parameters(value) {
        return parameters(scan, start, end);
    }
    // Words about the field ("authorization: missing") are no credential.
    if !is_scheme && matches!(frame, Frame::Other) && value.len() < 8 {
        return None;
    }
    // The rest of a bare header line holds one credential; further words of a log line do not belong to it.
    scan.secret(start, end, kind, "header.authorization", Action::Replace);
    scan.mark_spaces(end, extent.end, frame);
    Some(end)
}

/// True for `name="value", name=value`: at least one pair with a value that is more than padding.
pub fn is_parameters(value: &[u8]) -> bool {
    let name = value.iter().take(40).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    name > 0
        && name < value.len()
        && value[name] == b'='
        && value.get(name + 1).is_some_and(|b| !matches!(b, b'=' | b',' | b' '))
        && (value[name + 1] == b'"'
            || value.contains(&b',')
            // What looks like one harmless parameter alone is a credential with a `=` in it.
            || name <= 10 && value.len() > name + 9 && !is_open(&value[..name]))
}

fn is_open(name: &[u8]) -> bool {
    OPEN_PARAMETERS.iter().any(|open| name.eq_ignore_ascii_case(open))
}

/// Replaces the values of parameters that are not known to be harmless.
pub fn parameters(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    let b = scan.b;
    let mut at = start;
    // Where commas separate, a semicolon belongs to a value (`SignedHeaders=host;x-amz-date`).
    let comma = b[start..end].contains(&b',');
    let separates = move |b: u8| if comma { matches!(b, b',' | b' ') } else { matches!(b, b';' | b' ') };
    while at < end {
        let name_end = scan.while_(at, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).min(end);
        if name_end == at || b.get(name_end) != Some(&b'=') || name_end >= end {
            if name_end > at && !is_dummy(&b[at..name_end]) && name_end - at >= 8 {
                scan.secret(at, name_end, Kind::Token, "header.parameter", Action::Replace);
            }
            at = name_end.max(at + 1);
            continue;
        }
        let name = &b[at..name_end];
        let mut value = name_end + 1;
        let slashes = scan.while_(value, 8, |b| b == b'\\') - value;
        let quoted = b.get(value + slashes) == Some(&b'"') && value + slashes < end;
        if quoted {
            value += slashes + 1;
        }
        let ends = |b: u8| if quoted { matches!(b, b'"' | b'\\') } else { separates(b) || b == b'"' };
        let close = scan.while_(value, end - value.min(end), |b| !ends(b)).min(end);
        // A short name is a time's or a version's only where a number stands behind it.
        let number = b[value.min(close)..close].iter().all(u8::is_ascii_digit);
        if value < close && is_open(name) && (name.len() > 2 || number) {
            // `Credential=AKIA…/20250506/…` names a key, whose shape is known.
            if let Some((len, kind, rule)) = scan.text.get(value..close).and_then(|text| scan.heads.issued(text)) {
                scan.push(value, value + len, kind, rule);
            }
        } else if value < close && !is_dummy(&b[value..close]) && close - value >= 4 {
            let kind = if name.len() <= 4 || name.to_ascii_lowercase().windows(3).any(|w| w == b"sig" || w == b"sha") {
                Kind::Signature
            } else {
                Kind::Token
            };
            scan.secret(value, close, kind, "header.parameter", Action::Replace);
        }
        at = if quoted { scan.while_(close, 9, |b| matches!(b, b'"' | b'\\')).min(end) } else { close };
        at = scan.while_(at, 8, |b| matches!(b, b',' | b' ' | b';')).min(end).max(at);
        if at == close && !quoted {
            at += 1;
        }
    }
    Some(end)
}

/// `a=b; c=d`: the names stay, values that are more than a setting go. Of Set-Cookie only the first pair is a value.
pub fn cookies(scan: &mut Scan<'_>, extent: Extent, only_first: bool) -> Option<usize> {
    let b = scan.b;
    let (start, end) = scan.trimmed(extent.start, extent.end);
    if start >= end || is_sentence(&b[start..end]) {
        return None;
    }
    let mut at = start;
    let mut pairs = 0;
    while at < end {
        at = scan.while_(at, 8, |b| matches!(b, b' ' | b';')).min(end);
        let stop = scan.while_(at, end - at, |b| b != b';').min(end);
        let Some(equals) = b[at..stop].iter().position(|b| *b == b'=') else {
            // No pair: a lone value is the cookie, a word behind pairs an attribute.
            let token = b[at..stop].iter().all(|b| b.is_ascii_alphanumeric() || b"_-.+/=~%!".contains(b));
            if pairs == 0 && stop - at >= 8 && token && !is_dummy(&b[at..stop]) {
                scan.secret(at, stop, Kind::Cookie, "header.cookie", Action::Replace);
                return Some(stop);
            }
            if pairs == 0 {
                return None;
            }
            at = stop;
            continue;
        };
        // A name of a cookie is a token (RFC 6265): what holds a space is no cookie any more.
        if b[at..at + equals].iter().any(|b| matches!(b, b' ' | b'(' | b'[' | b'{')) {
            return (pairs > 0).then_some(at);
        }
        let (from, to) = scan.trimmed(at + equals + 1, stop);
        let (from, to) = match &b[from..to] {
            [b'"', inner @ .., b'"'] if !inner.is_empty() => (from + 1, to - 1),
            _ => (from, to),
        };
        if from < to && !(only_first && pairs > 0) && !is_setting(scan, &b[at..at + equals], &b[from..to]) {
            scan.secret(from, to, Kind::Cookie, "header.cookie", Action::Replace);
        }
        pairs += 1;
        at = stop;
        if only_first {
            // What follows are attributes, and other cookies where a tool joined several.
            return Some(to.max(from));
        }
    }
    Some(end)
}

/// `dark`, `en-US`, `true`, `1`: what a page remembers and nobody can use, under a name that is no secret's.
fn is_setting(scan: &mut Scan<'_>, name: &[u8], value: &[u8]) -> bool {
    let named = !matches!(
        scan.names.class(name, scan.policy),
        Class::Plain | Class::PairName | Class::PairValue | Class::Personal(_)
    );
    let words = value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'.'));
    is_dummy(value) || !named && (value.len() <= 5 || value.len() <= 16 && words)
}

/// `Bearer abc` and `Basic abc` wherever they stand. `at` is the end of the scheme's word.
pub fn scheme(scan: &mut Scan<'_>, at: usize, kind: Kind) -> Option<usize> {
    let gap = match scan.b.get(at..) {
        Some([b' ', ..]) => scan.while_(at, 4, |b| b == b' ') - at,
        Some([b'%', b'2', b'0', ..]) => 3,
        Some([b'+', ..]) => 1,
        _ => return None,
    };
    let from = at + gap;
    // A JWT has its own way, also where its signature has gone already.
    if scan.b[from.min(scan.b.len())..].starts_with(b"eyJ") {
        return None;
    }
    let to = scan.while_(from, 8 << 10, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
    });
    let value = &scan.b[from..to];
    let value = &value[..value.len() - value.iter().rev().take_while(|b| **b == b'.').count()];
    if value.len() < 6
        || is_dummy(value)
        || is_parameters(value)
        || value.ends_with(b"=") && scan.b.get(to) == Some(&b'"')
    {
        return None;
    }
    let mix = Mix::of(value);
    let is_credential = if kind == Kind::Basic {
        decoded(value).is_some_and(|text| text.contains(&b':'))
    } else {
        value.len() >= 8 && mix.digits > 0 || value.len() >= 24 && (mix.upper > 0 && mix.lower > 0)
    };
    if !is_credential {
        return None;
    }
    let to = from + value.len();
    scan.secret(from, to, kind, "scheme.credential", Action::Replace);
    Some(to)
}

/// The bytes of base64 of either alphabet, padded or not.
pub fn decoded(value: &[u8]) -> Option<Vec<u8>> {
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&base64::alphabet::STANDARD, config)
        .decode(value)
        .or_else(|_| GeneralPurpose::new(&base64::alphabet::URL_SAFE, config).decode(value))
        .ok()
}

//! What URLs carry beside their query: user information, and segments of the path that are credentials.

use crate::find::{Action, Scan};
use crate::issuers::URLS;
use crate::kind::{Kind, OPEN};
use crate::look::is_stand_in;
use crate::shapes::Mix;

/// User names that say nothing: the password beside them is the credential.
const PLAIN_USERS: &[&[u8]] =
    &[b"git", b"oauth2", b"x-access-token", b"x-token-auth", b"anonymous", b"api", b"user", b"token"];
/// What precedes a credential in a path.
const BEFORE_CREDENTIAL: &[&[u8]] = &[
    b"token",
    b"tokens",
    b"key",
    b"keys",
    b"apikey",
    b"api-key",
    b"api_key",
    b"secret",
    b"reset",
    b"reset-password",
    b"password-reset",
    b"reset_password",
    b"verify",
    b"verification",
    b"verify-email",
    b"confirm",
    b"confirmation",
    b"activate",
    b"activation",
    b"unsubscribe",
    b"invite",
    b"invites",
    b"invitation",
    b"magic",
    b"magic-link",
    b"auth",
    b"session",
    b"sessions",
    b"hook",
    b"hooks",
    b"webhook",
    b"webhooks",
    b"services",
    b"catch",
    b"share",
    b"signed",
    b"login",
];

/// `scheme://user:password@host`: `at` is the place of the colon. Returns where to read on.
pub fn authority(scan: &mut Scan<'_>, at: usize) -> usize {
    let start = at + 3;
    let b = scan.b;
    let is_end =
        |b: u8| b.is_ascii_whitespace() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b'`' | b'\\' | b'{' | b'}' | b'|');
    let whole = scan.while_(start, 4 << 10, |b| !is_end(b));
    scan.url_end = whole;
    let scheme_len = b[..at]
        .iter()
        .rev()
        .take(20)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
        .count();
    let scheme = &b[at - scheme_len..at];
    let web = scheme.len() >= 4 && scheme[..4].eq_ignore_ascii_case(b"http")
        || scheme.eq_ignore_ascii_case(b"ws")
        || scheme.eq_ignore_ascii_case(b"wss");
    let host_end = scan.while_(start, whole - start, |b| !matches!(b, b'/' | b'?' | b'#')).min(whole);
    // An unencoded slash in a password is common in connection URLs, and an at sign in the path of a web page.
    let connection = scan.while_(start, whole - start, |b| !matches!(b, b';' | b',' | b'?')).min(whole);
    let within = if web { host_end } else { connection };
    let Some(sign) = b[start..within].iter().rposition(|b| *b == b'@').map(|i| start + i) else {
        return if web { credential_url(scan, start, host_end, whole).unwrap_or(start) } else { start };
    };
    let user_info = &b[start..sign];
    let colon = user_info.iter().position(|b| *b == b':');
    let user_end = colon.map_or(sign, |i| start + i);
    let user = &b[start..user_end];
    let password = colon.map_or(&b[sign..sign], |i| &b[start + i + 1..sign]);
    // What is replaced already, in part or as a whole, has gone.
    if scan.text.get(start..sign).is_some_and(|info| info.contains(OPEN)) {
        return sign;
    }
    if password.is_empty() || password == b"x-oauth-basic" {
        let telling = web && !PLAIN_USERS.contains(&user) && user.len() >= 3 || Mix::of(user).is_chance();
        if telling && !is_stand_in(user) && !user.is_empty() {
            scan.secret(start, user_end, Kind::Password, "url.userinfo", Action::Replace);
        }
        return sign;
    }
    if let Some((len, kind, rule)) = scan.text.get(start..user_end).and_then(|text| scan.heads.issued(text)) {
        scan.push(start, start + len, kind, rule);
    } else if Mix::of(user).is_chance() {
        scan.secret(start, user_end, Kind::Key, "url.userinfo", Action::Replace);
    }
    if !(is_stand_in(password) && password.len() >= 3) {
        scan.secret(user_end + 1, sign, Kind::Password, "url.userinfo", Action::Replace);
    }
    sign
}

/// A URL whose path is the credential, as issuers document them: the ids in it stay, what follows goes.
fn credential_url(scan: &mut Scan<'_>, start: usize, host_end: usize, whole: usize) -> Option<usize> {
    let host = scan.text.get(start..host_end)?;
    let rest = scan.text.get(host_end..whole)?;
    let shape = URLS.iter().find(|shape| {
        let known = if shape.host.starts_with('.') { host.ends_with(shape.host) } else { host == shape.host };
        known && rest.starts_with(shape.path)
    })?;
    let mut from = host_end + shape.path.len();
    for _ in 0..shape.ids {
        from = scan.while_(from, whole - from.min(whole), |b| b != b'/') + 1;
    }
    let to = scan.while_(from, whole.saturating_sub(from), |b| !matches!(b, b'?' | b'#' | b',' | b')' | b']'));
    let len = to.saturating_sub(from);
    if len < 6 || is_stand_in(&scan.b[from..to]) || scan.text.get(from..to)?.contains(OPEN) {
        return None;
    }
    scan.push(from, to, Kind::Token, shape.rule);
    Some(to)
}

/// `jdbc:oracle:thin:user/password@…`: `at` is the place of the at sign.
pub fn oracle(scan: &mut Scan<'_>, at: usize) {
    let line = scan.b[..at].iter().rev().take(200).take_while(|b| !b.is_ascii_whitespace() && **b != b'"').count();
    let head = &scan.b[at - line..at];
    let slash = head.iter().position(|b| *b == b'/').filter(|_| memchr::memmem::find(head, b"jdbc:oracle:").is_some());
    if let Some(start) = slash.map(|i| at - line + i + 1)
        && start < at
        && !is_stand_in(&scan.b[start..at])
        && !scan.text.get(start..at).is_some_and(|t| t.starts_with(OPEN))
    {
        scan.secret(start, at, Kind::Password, "url.userinfo", Action::Replace);
    }
}

/// A segment of a path, which begins at `start` behind a slash and whose first word ends at `end`.
pub fn segment(scan: &mut Scan<'_>, start: usize, end: usize) -> Option<usize> {
    if scan.b.get(end) == Some(&b'%')
        && let Some(next) = scan.encoded_token(start)
    {
        return Some(next);
    }
    if end - start < 6 {
        return None;
    }
    let to =
        scan.while_(start, 400, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'~' | b'%' | b'='));
    let segment = &scan.b[start..to];
    if segment.len() < 12 || matches!(scan.b.get(to), Some(b'+')) {
        return None;
    }
    let previous_len = scan.b[..start - 1]
        .iter()
        .rev()
        .take(64)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    let previous = &scan.b[start - 1 - previous_len..start - 1];
    let mix = Mix::of(segment);
    // Elsewhere only an absolute path is one: base64, digests and names of things hold slashes too.
    let in_url = start < scan.url_end;
    let absolute = in_url || {
        let run = scan.b[..start]
            .iter()
            .rev()
            .take(300)
            .take_while(|b| {
                b.is_ascii_alphanumeric()
                    || matches!(b, b'_' | b'-' | b'.' | b'~' | b'%' | b'+' | b'/' | b'=' | b':' | b'@')
            })
            .count();
        scan.b[start - run] == b'/'
    };
    if !absolute {
        return None;
    }
    let named = BEFORE_CREDENTIAL.iter().any(|name| previous.eq_ignore_ascii_case(name));
    let chance = mix.is_chance() || named && segment.len() >= 20 && mix.digits >= 2 && mix.lower + mix.upper >= 2;
    if named && chance && !crate::shapes::is_uuid(segment) && !is_object_id(segment) && !segment.contains(&b'.') {
        scan.secret(start, to, Kind::Token, "url.path", Action::Replace);
        return Some(to);
    }
    // Elsewhere only what chance alone can have made, and not as a part of longer base64.
    let path_like = in_url || is_wordy(previous);
    if path_like
        && segment.len() <= 200
        && mix.is_opaque()
        && !is_object_id(segment)
        && !segment.contains(&b'.')
        && !segment.contains(&b'%')
    {
        scan.secret(start, to, Kind::Token, "url.path", Action::Replace);
        return Some(to);
    }
    None
}

/// `cus_NffrFeUfNV2Hib`: an id that says what it is the id of.
fn is_object_id(segment: &[u8]) -> bool {
    let prefix = segment.iter().take_while(|b| b.is_ascii_lowercase()).count();
    (2..=10).contains(&prefix)
        && segment.get(prefix) == Some(&b'_')
        && segment[prefix + 1..].iter().all(u8::is_ascii_alphanumeric)
}

/// `v1`, `accounts`, `api.example.com`: what a path is made of.
fn is_wordy(segment: &[u8]) -> bool {
    if segment.is_empty() || segment.len() > 40 {
        return false;
    }
    let upper = segment.iter().filter(|b| b.is_ascii_uppercase()).count();
    segment[0].is_ascii_lowercase() && upper * 4 <= segment.len() && Mix::of(segment).turns * 3 <= segment.len() + 3
}

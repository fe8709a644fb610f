//! Options of command lines that carry credentials: curl's, and any `--name value` whose name says so.

use crate::credential;
use crate::find::{Action, Scan};
use crate::kind::{Kind, OPEN};
use crate::look::is_stand_in;
use crate::names::Class;
use crate::value::{Extent, Frame};

/// Options whose value is `user:password`.
const USERS: &[&[u8]] = &[b"--proxy-user", b"--user", b"-u", b"-U"];
/// Options whose value is a file and may name its password behind a colon.
const FILES: &[&[u8]] = &[b"--proxy-cert", b"--cert", b"-E"];
/// Options whose value is a secret although their name alone does not say so.
const WHOLE: &[&[u8]] = &[b"--oauth2-bearer", b"--proxy-pass", b"--pass", b"--tlspassword", b"--proxy-tlspassword"];
/// Options whose value is cookies, unless it is a file.
const COOKIES: &[&[u8]] = &[b"--cookie", b"-b"];
/// Options whose value is the name of a file.
const NO_SECRET: &[&[u8]] =
    &[b"--key", b"--proxy-key", b"--key-type", b"--cookie-jar", b"--pubkey", b"--hostpubmd5", b"--hash"];

/// Options of one letter whose value is a password, by the command that gives them this meaning; `true` where the value is
/// written without a space.
const LETTERS: &[(&str, &[u8], bool)] = &[
    ("redis-cli", b"-a", false),
    ("sshpass", b"-p", false),
    ("docker login", b"-p", false),
    ("podman login", b"-p", false),
    ("helm registry login", b"-p", false),
    ("mongo", b"-p", false),
    ("ldapsearch", b"-w", false),
    ("ldapmodify", b"-w", false),
    ("unzip", b"-P", false),
    ("mysql", b"-p", true),
    ("mariadb", b"-p", true),
    ("sshpass", b"-p", true),
];

/// The value of a password's option of one letter, when the command on this line gives it that meaning.
fn lettered(scan: &mut Scan<'_>, at: usize, end: usize) -> Option<usize> {
    let letter = scan.b.get(at..at + 2)?;
    if !matches!(letter, b"-a" | b"-p" | b"-w" | b"-P") {
        return None;
    }
    let line = scan.b[..at].iter().rev().take(300).take_while(|b| **b != b'\n').count();
    let head = &scan.b[at - line..at];
    let attached = end > at + 2;
    LETTERS.iter().find(|(command, option, close)| {
        *option == letter && *close == attached && memchr::memmem::find(head, command.as_bytes()).is_some()
    })?;
    let from = if attached { at + 2 } else { scan.while_(end, 8, |b| b == b' ') };
    let (start, end) = shell_word(scan, from);
    let value = scan.b.get(start..end)?;
    if value.len() < 3 || value.starts_with(b"-") || is_stand_in(value) || !attached && from == at + 2 {
        return None;
    }
    scan.secret(start, end, Kind::Password, "command.credential", Action::Replace);
    Some(end)
}

/// An option at `at`, when its value is a credential. Returns where to read on.
pub fn option(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let dashes = scan.while_(at, 2, |b| b == b'-') - at;
    let end = scan.while_(at + dashes, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if dashes == 1
        && let Some(next) = lettered(scan, at, end)
    {
        return Some(next);
    }
    let mut name = &scan.b[at..end];
    let mut after = end;
    // `-uuser:password` is written as one word.
    if dashes == 1 && name.len() > 2 {
        if !matches!(name[1], b'u' | b'U') {
            return None;
        }
        name = &name[..2];
        after = at + 2;
    } else if scan.b.get(end) == Some(&b'=') && dashes == 2 {
        // `--name=value` is an assignment like others, but for the names that only curl gives a meaning.
        if ![USERS, FILES, WHOLE, COOKIES].iter().any(|list| list.contains(&name)) {
            return None;
        }
        after = end + 1;
    } else if !matches!(scan.b.get(end), Some(b' ')) {
        return None;
    }
    let listed = |list: &[&[u8]]| list.contains(&name);
    if listed(NO_SECRET) {
        return None;
    }
    let (start, end) = shell_word(scan, scan.while_(after, 8, |b| b == b' '));
    let value = &scan.b[start..end];
    if value.len() < 3 || std::str::from_utf8(value).is_ok_and(|v| v.starts_with(OPEN)) {
        return None;
    }
    let colon = value.iter().position(|b| *b == b':').map(|i| start + i + 1);
    if listed(USERS) || listed(FILES) {
        let from = colon.filter(|from| *from < end)?;
        let password = &scan.b[from..end];
        let drive = listed(FILES) && matches!(password.first(), Some(b'\\' | b'/'));
        if is_stand_in(password) && password.len() >= 3 || drive || password.starts_with(b"//") {
            return None;
        }
        if let Some((len, kind, rule)) = scan.text.get(start..end).and_then(|text| scan.heads.issued(text)) {
            scan.push(start, start + len, kind, rule);
        }
        scan.secret(from, end, Kind::Password, "command.user", Action::Replace);
        return Some(end);
    }
    if listed(COOKIES) {
        let extent = Extent { start, end, next: end, quoted: true };
        return if value.contains(&b'=') { credential::cookies(scan, extent, false) } else { None };
    }
    if listed(WHOLE) && !is_stand_in(value) {
        scan.secret(start, end, Kind::Token, "command.credential", Action::Replace);
        return Some(end);
    }
    if dashes != 2 {
        return None;
    }
    let class = scan.names.class(&name[2..], scan.policy);
    let kind = match class {
        Class::Secret(kind) | Class::Firm(kind) => kind,
        Class::Authorization => {
            return credential::authorization(scan, Extent { start, end, next: end, quoted: true }, Frame::Other);
        }
        _ => return None,
    };
    if is_stand_in(value) || value.starts_with(b"-") || value.contains(&b' ') {
        return None;
    }
    scan.secret(start, end, kind, "command.credential", Action::Replace);
    Some(end)
}

/// The word of a shell that begins at `at`, without its quotes.
fn shell_word(scan: &Scan<'_>, at: usize) -> (usize, usize) {
    let slashes = scan.while_(at, 4, |b| b == b'\\') - at;
    let from = at + slashes;
    match scan.b.get(from) {
        Some(quote @ (b'"' | b'\'')) => {
            let until = |at| scan.while_(at, 8 << 10, |b| b != *quote && b != b'\n' && !(slashes > 0 && b == b'\\'));
            let mut end = until(from + 1);
            // `'it'\\''s'`: a quote inside.
            while *quote == b'\'' && slashes == 0 && scan.b[end..].starts_with(br"'\''") {
                end = until(end + 4);
            }
            (from + 1, end)
        }
        _ => (at, scan.while_(at, 8 << 10, |b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'`' | b'\\'))),
    }
}

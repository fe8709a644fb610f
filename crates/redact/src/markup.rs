//! Structures that keep a name and its value apart: XML elements, parts of a multipart body, lists of names and
//! values, PEM blocks, and words that announce a credential.

use crate::credential;
use crate::find::{Action, Scan};
use crate::kind::Kind;
use crate::look::{is_dummy, is_stand_in};
use crate::names::Class;
use crate::shapes::Mix;
use crate::value::{Extent, Frame};
use memchr::{memchr, memmem};

/// How far behind a name its value is looked for.
const PAIR_REACH: usize = 240;

/// `<password>…</password>`: `at` is the place of the `>` that ends the opening tag.
pub fn element(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    if matches!(scan.before(at), b'/' | b'-' | b'=') || matches!(scan.b.get(at + 1), None | Some(b'<')) {
        return None;
    }
    let from = scan.b[..at].iter().rev().take(200).position(|b| *b == b'<').map(|i| at - i)?;
    let to = scan.while_(from, 80, |b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b':')).min(at);
    let colon = scan.b[from..to].iter().rposition(|b| *b == b':').map_or(from, |i| from + i + 1);
    let class = scan.names.class(&scan.b[colon..to], scan.policy);
    let value = at + 1;
    let open = memchr(b'<', &scan.b[value..scan.b.len().min(value + (64 << 10))]).map(|i| value + i)?;
    // `<token>` in prose is a stand-in, not an element: that one ends with its own name.
    let closing = |at: usize| scan.b[at..].starts_with(b"</") && scan.b[at + 2..].starts_with(&scan.b[from..to]);
    if !scan.b[open..].starts_with(b"<![CDATA[") && !closing(open) {
        return None;
    }
    let (value, open) = match scan.b[open..].strip_prefix(b"<![CDATA[") {
        Some(inner) if open == value => (open + 9, open + 9 + memmem::find(inner, b"]]>")?),
        _ => (value, open),
    };
    let (start, end) = scan.trimmed(value, open);
    if start >= end || is_dummy(&scan.b[start..end]) {
        return None;
    }
    match class {
        Class::Secret(kind) | Class::Firm(kind) | Class::Personal(kind) => {
            scan.secret(start, end, kind, "xml.element", Action::Replace);
            Some(end)
        }
        // `<code>` is markup of pages.
        Class::Loose(kind) if &scan.b[colon..to] != b"code" && Mix::of(&scan.b[start..end]).is_chance() => {
            scan.secret(start, end, kind, "xml.element", Action::Replace);
            Some(end)
        }
        Class::Authorization => {
            credential::authorization(scan, Extent { start, end, next: end, quoted: true }, Frame::Other)
        }
        _ => None,
    }
}

/// A block with a private key, to its end, or as far as its lines look like one.
pub fn pem(scan: &mut Scan<'_>, at: usize) -> Option<usize> {
    let head = &scan.b[at..scan.b.len().min(at + 64)];
    memmem::find(head, b"PRIVATE KEY")?;
    let body = at + 11 + memmem::find(&head[11..], b"-----")? + 5;
    let rest = &scan.b[body..scan.b.len().min(body + (32 << 10))];
    let end = match memmem::find(rest, b"-----END ") {
        Some(end) => {
            let tail = body + end + 9;
            tail + memmem::find(&scan.b[tail..scan.b.len().min(tail + 64)], b"-----").map_or(0, |i| i + 5)
        }
        // Cut short: as far as the alphabet of base64, line breaks and the escapes for them go.
        None => scan.while_(body, 32 << 10, |b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'+' | b'/' | b'=' | b'\n' | b'\r' | b'\\' | b' ' | b'>' | b'-' | b':' | b',')
        }),
    };
    scan.push(at, end, Kind::PrivateKey, "pem.private_key");
    Some(end)
}

/// `"name": "X-Api-Key"`: the value beside it is a secret. It may stand before, or in the next part of a form.
pub fn pair_name(scan: &mut Scan<'_>, extent: Extent) {
    let name = &scan.b[extent.start..extent.end];
    if name.len() > 64 || name.len() < 2 {
        return;
    }
    let class = scan.names.class(name, scan.policy);
    if matches!(class, Class::Plain | Class::PairName | Class::PairValue) {
        return;
    }
    let line = scan.b[..extent.start].iter().rev().take(120).take_while(|b| **b != b'\n').count();
    if memmem::find(&scan.b[extent.start - line..extent.start], b"form-data").is_some() {
        part(scan, class, extent);
        return;
    }
    let last = scan.last_value.take();
    // The value stands behind in most lists; where it does not, it may stand right before.
    let ahead = &scan.b[extent.next..scan.b.len().min(extent.next + PAIR_REACH)];
    let ahead = &ahead[..ahead.iter().position(|b| matches!(b, b'{' | b'}')).unwrap_or(ahead.len())];
    let follows =
        [&b"value"[..], b"Value", b"content", b"VALUE", b"val"].iter().any(|word| memmem::find(ahead, word).is_some());
    if follows || last.is_none() {
        scan.pending = Some((class, extent.next + PAIR_REACH));
        return;
    }
    if let Some((start, end)) = last
        && extent.start.saturating_sub(end) < 60
        && !scan.b[end..extent.start].iter().any(|b| matches!(b, b'{' | b'}' | b'<' | b'>'))
    {
        secret_of(scan, class, Extent { start, end, next: end, quoted: true }, Frame::Other);
    }
}

/// `["Authorization", "Bearer …"]`: a name and its value as neighbours in a list. `comma` is between them.
pub fn neighbours(scan: &mut Scan<'_>, comma: usize) -> Option<usize> {
    let quote = scan.b[..comma].last().copied().filter(|b| matches!(b, b'"' | b'\''))?;
    let open = scan.while_(comma + 1, 4, |b| matches!(b, b' ' | b'\n'));
    if scan.b.get(open) != Some(&quote) {
        return None;
    }
    let to = comma - 1;
    let from = to
        - scan.b[..to]
            .iter()
            .rev()
            .take(48)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
            .count();
    if from == to || scan.b[..from].last() != Some(&quote) {
        return None;
    }
    if let Some(next) = user_and_password(scan, from, open, quote) {
        return Some(next);
    }
    let class = scan.names.class(&scan.b[from..to], scan.policy);
    if !matches!(class, Class::Secret(_) | Class::Firm(_) | Class::Authorization | Class::Cookie | Class::SetCookie) {
        return None;
    }
    let (start, opened) = scan.opens_at(open)?;
    let end = scan.closes(start, opened);
    // A name of an object may follow too, and other names in a list of them: those do not look like secrets.
    let value = &scan.b[start..end];
    let mix = Mix::of(value);
    let phrase = value.iter().filter(|b| **b == b' ').count() >= 2 && !crate::look::is_sentence(value);
    let looks = phrase
        || value.len() >= 12 && mix.upper >= 3 && mix.lower >= 3 && mix.turns >= 5
        || matches!(class, Class::Authorization | Class::Cookie | Class::SetCookie) && value.contains(&b' ')
        || mix.is_chance()
        || value.len() >= 10 && mix.digits >= 1 && mix.upper >= 1 && mix.lower >= 1 && mix.turns >= 5
        || value.len() >= 20 && mix.digits >= 1 && mix.digits + mix.upper == value.len()
        || mix.digits >= 2 && value.len() >= 6
        || value.len() >= 8
            && mix.digits + mix.upper + mix.lower < value.len()
            && value.iter().any(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'-' | b'_' | b'.' | b'/' | b' '));
    let is_name = matches!(scan.b.get(end + 1), Some(b':')) || scan.b[(end + 1).min(scan.b.len())..].starts_with(b" :");
    if !looks || is_name {
        return None;
    }
    secret_of(scan, class, Extent { start, end, next: end, quoted: true }, Frame::Other)
}

/// `auth=('user', 'password')`, `new NetworkCredential("user", "password")`: the first string begins at `from`, the second
/// at `open`.
fn user_and_password(scan: &mut Scan<'_>, from: usize, open: usize, quote: u8) -> Option<usize> {
    let bracket = from.checked_sub(2).filter(|at| scan.b[*at] == b'(')?;
    let head = &scan.b[bracket.saturating_sub(40)..bracket];
    let head: Vec<u8> =
        head.iter().filter(|b| b.is_ascii_alphanumeric() || **b == b'=').map(u8::to_ascii_lowercase).collect();
    let told = [&b"auth="[..], b"basicauth", b"credential", b"credentials"].iter().any(|end| head.ends_with(end));
    let (start, opened) = scan.opens_at(open)?;
    let end = scan.closes(start, opened);
    if !told
        || quote != scan.b[open]
        || end - start < 3
        || is_stand_in(&scan.b[start..end])
        || scan.b.get(end + 1) != Some(&b')')
    {
        return None;
    }
    scan.secret(start, end, Kind::Password, "pair.value", Action::Replace);
    Some(end)
}

/// The value in `"value": "…"`, when the name beside it says that it is a secret.
pub fn pair_value(scan: &mut Scan<'_>, frame: Frame, extent: Extent) -> Option<usize> {
    match scan.pending.take() {
        Some((class, until)) if extent.start < until => secret_of(scan, class, extent, frame),
        _ => {
            scan.last_value = Some((extent.start, extent.end));
            None
        }
    }
}

fn secret_of(scan: &mut Scan<'_>, class: Class, extent: Extent, frame: Frame) -> Option<usize> {
    let (start, end) = scan.trimmed(extent.start, extent.end);
    if start >= end
        || is_dummy(&scan.b[start..end])
        || scan.b[start..end].starts_with(b"http") && scan.b[start..end].contains(&b':')
    {
        return None;
    }
    let kind = match class {
        Class::Authorization => return credential::authorization(scan, extent, frame),
        Class::Cookie => return credential::cookies(scan, extent, false),
        Class::SetCookie => return credential::cookies(scan, extent, true),
        Class::Secret(kind) | Class::Firm(kind) | Class::Personal(kind) => kind,
        Class::Loose(kind) if Mix::of(&scan.b[start..end]).is_chance() => kind,
        Class::Loose(Kind::Cookie) if end - start >= 6 && scan.b[start..end].iter().any(u8::is_ascii_digit) => {
            Kind::Cookie
        }
        _ => return None,
    };
    if credential::is_parameters(&scan.b[start..end]) && !kind.is_personal() {
        return credential::parameters(scan, start, end);
    }
    scan.secret(start, end, kind, "pair.value", Action::Replace);
    Some(end)
}

/// A part of a multipart body: its value begins behind an empty line and ends before the next boundary.
fn part(scan: &mut Scan<'_>, class: Class, extent: Extent) {
    let from = extent.next;
    let head = &scan.b[from..scan.b.len().min(from + 400)];
    const EMPTY: &[&[u8]] = &[b"\r\n\r\n", b"\n\n", b"\\r\\n\\r\\n", b"\\n\\n", b"\n> \n> ", b"\r\n> \r\n> "];
    let Some((at, empty)) = EMPTY.iter().filter_map(|e| memmem::find(head, e).map(|i| (i, e))).min() else { return };
    let start = from + at + empty.len();
    let window = &scan.b[start..scan.b.len().min(start + (64 << 10))];
    let escaped = empty.starts_with(b"\\");
    let end = [&b"\r\n--"[..], b"\n--", b"\\r\\n--", b"\\n--"]
        .iter()
        .filter_map(|e| memmem::find(window, e))
        .min()
        .or_else(|| if escaped { memchr(b'"', window) } else { memchr(b'\n', window) })
        .map_or(start + window.len(), |i| start + i);
    secret_of(scan, class, Extent { start, end, next: end, quoted: true }, Frame::Other);
}

/// What follows a word that announces a credential: a scheme's credential, a quoted one, a line of `.netrc`.
pub fn after_noun(scan: &mut Scan<'_>, end: usize, kind: Kind) -> Option<usize> {
    let word_start = end - scan.b[..end].iter().rev().take(16).take_while(|b| b.is_ascii_alphanumeric()).count();
    let word = &scan.b[word_start..end];
    if word.eq_ignore_ascii_case(b"bearer") || word.eq_ignore_ascii_case(b"basic") {
        return credential::scheme(scan, end, kind);
    }
    let by = scan.b[end..].starts_with(b" BY ") || scan.b[end..].starts_with(b" by ");
    if word.eq_ignore_ascii_case(b"identified") && !by {
        return None;
    }
    // `password 'x'`, `token "x"`, `PASSWORD ('x')`, `IDENTIFIED BY 'x'`
    let open = scan.while_(end + if by { 3 } else { 0 }, 3, |b| matches!(b, b' ' | b'('));
    let quote = scan.b.get(open).copied().filter(|b| matches!(b, b'\'' | b'"' | b'`'));
    if let (Some(quote), true) = (quote, open > end) {
        let start = open + 1;
        let sql = by || word == b"PASSWORD";
        let until = |at| scan.while_(at, 4 << 10, |b| b != quote && b != b'\n' && (sql || b != b'\\'));
        let mut close = until(start);
        loop {
            // SQL writes a quote inside of quotes twice.
            let twice = sql && scan.b.get(close) == Some(&quote) && scan.b.get(close + 1) == Some(&quote);
            match if quote == b'\'' { scan.doubled(start, close) } else { 0 } {
                0 if twice => close = until(close + 2),
                0 => break,
                length => close = until(close + length),
            }
        }
        let value = &scan.b[start..close];
        let mix = Mix::of(value);
        let is_one = scan.b.get(close).is_some_and(|b| *b == quote || *b == b'\\')
            && (sql || !value.contains(&b' '))
            && !crate::look::is_sentence(value)
            && !is_dummy(value)
            && match kind {
                Kind::Password => {
                    value.len() >= 4
                        && (mix.digits > 0 || word == b"PASSWORD" || by || mix.len > mix.digits + mix.upper + mix.lower)
                }
                Kind::Key => mix.is_chance(),
                _ => value.len() >= 8 && mix.digits > 0 && mix.turns >= 2,
            };
        if is_one {
            scan.secret(start, close, kind, "words.credential", Action::Replace);
            return Some(close);
        }
        return None;
    }
    // `the password is …`: what mixes letters and digits.
    if kind == Kind::Password && (scan.b[end..].starts_with(b" is ") || scan.b[end..].starts_with(b" was ")) {
        let start = scan.while_(end + 1, 4, |b| b != b' ') + 1;
        let to = scan.while_(start, 200, |b| !b.is_ascii_whitespace() && !matches!(b, b',' | b'"' | b'\''));
        let mix = Mix::of(&scan.b[start..to]);
        if mix.len >= 8 && mix.digits > 0 && mix.lower + mix.upper > 0 && !is_dummy(&scan.b[start..to]) {
            scan.secret(start, to, kind, "words.credential", Action::Replace);
            return Some(to);
        }
    }
    // `machine host login name password secret` (.netrc)
    if word == b"password" && open > end {
        let before = &scan.b[word_start.saturating_sub(200)..word_start];
        if memmem::find(before, b"login ").is_some() && memmem::find(before, b"machine ").is_some() {
            let start = open;
            let to = scan.while_(start, 8 << 10, |b| !b.is_ascii_whitespace());
            if to - start >= 3 && !is_dummy(&scan.b[start..to]) {
                scan.secret(start, to, Kind::Password, "netrc.password", Action::Replace);
                return Some(to);
            }
        }
    }
    None
}

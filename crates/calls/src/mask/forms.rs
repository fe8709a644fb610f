//! The forms of values: each looks at the bytes from a position on and says where the value ends, if it is one.

use super::class::{DIGIT, HEX, LETTER, LOWER, SPACE, UPPER, WORD, class, run};

/// How far behind an opening quote its end is looked for, in bytes.
const QUOTE: usize = 200;
/// A quoted text with more spaces than this is a sentence, and stays.
const QUOTED_SPACES: usize = 1;

fn at(bytes: &[u8], position: usize) -> u8 {
    bytes.get(position).copied().unwrap_or(b' ')
}

fn is(bytes: &[u8], position: usize, kinds: u8) -> bool {
    class(at(bytes, position)) & kinds != 0
}

fn run_of(bytes: &[u8], from: usize, also: &[u8], kinds: u8) -> usize {
    bytes[from..].iter().position(|b| class(*b) & kinds == 0 && !also.contains(b)).map_or(bytes.len(), |n| from + n)
}

/// Without the full stops, commas and colons that end it.
fn trimmed(bytes: &[u8], from: usize, mut to: usize) -> usize {
    while to > from && matches!(bytes[to - 1], b'.' | b',' | b':' | b';' | b'!' | b'?') {
        to -= 1;
    }
    to
}

/// `8-4-4-4-12` hexadecimal digits (RFC 9562).
pub fn uuid(bytes: &[u8], from: usize) -> Option<usize> {
    if at(bytes, from + 8) != b'-' {
        return None;
    }
    let text = bytes.get(from..from + 36)?;
    let fits = text.iter().enumerate().all(|(n, b)| match n {
        8 | 13 | 18 | 23 => *b == b'-',
        _ => class(*b) & (DIGIT | HEX) != 0,
    });
    (fits && !is(bytes, from + 36, WORD)).then_some(from + 36)
}

/// `scheme://…`, from the scheme on; `end` is the end of the scheme.
pub fn url(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    if !bytes[end..].starts_with(b"://") {
        return None;
    }
    Some(url_end(bytes, from, end))
}

fn url_end(bytes: &[u8], from: usize, end: usize) -> usize {
    let stop = bytes[end..].iter().position(|b| {
        class(*b) & SPACE != 0 || matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b')' | b']' | b'}' | b'|' | b'\\')
    });
    trimmed(bytes, from, stop.map_or(bytes.len(), |n| end + n))
}

/// `name@host`, or until where nothing is one.
pub fn address(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let name = run_of(bytes, from, b"._%+-", WORD);
    if at(bytes, name) != b'@' || !is(bytes, name + 1, WORD) {
        return Err(name);
    }
    Ok(trimmed(bytes, from, run_of(bytes, name + 1, b".-_", WORD)))
}

/// `name.of.a.host:80`: a name as hosts have it, and a port; or until where nothing is one. `user.id:42` is a field and its
/// value, so that one dot takes three digits.
pub fn host(bytes: &[u8], from: usize) -> Result<usize, usize> {
    let name = run_of(bytes, from, b".-_", WORD);
    let end = if at(bytes, name) == b':' { run(bytes, name + 1, DIGIT) } else { name };
    let dots = bytes[from..name].iter().filter(|b| **b == b'.').count();
    let digits = end.saturating_sub(name + 1);
    let lower = !bytes[from..name].iter().any(|b| class(*b) & UPPER != 0);
    let fits = lower && (2..=5).contains(&digits) && (dots >= 2 || (dots == 1 && digits >= 3));
    if fits { Ok(end) } else { Err(name) }
}

fn path_end(bytes: &[u8], from: usize) -> usize {
    trimmed(bytes, from, run_of(bytes, from, b"/._~%+-@$#*\\", WORD))
}

/// A path that begins with a slash, with its query.
pub fn path(bytes: &[u8], from: usize) -> Option<usize> {
    let next = at(bytes, from + 1);
    let begins = class(next) & WORD != 0 || matches!(next, b'.' | b'_' | b'~' | b'%' | b'$' | b'/');
    let end = path_end(bytes, from);
    let query = at(bytes, end) == b'?' && is(bytes, end + 1, WORD);
    (begins && end > from + 1).then(|| if query { url_end(bytes, from, end) } else { end })
}

/// `./a`, `../a` and `~/a`.
pub fn relative_path(bytes: &[u8], from: usize) -> Option<usize> {
    let slash = from + 1 + usize::from(at(bytes, from + 1) == b'.');
    if at(bytes, slash) == b'/' { path(bytes, slash) } else { None }
}

/// `a/b/c` and `C:\a`: a path by its two slashes, or by its drive; or until where nothing is one.
pub fn inner_path(bytes: &[u8], from: usize, end: usize) -> Result<usize, usize> {
    if end == from + 1 && at(bytes, end) == b':' && at(bytes, end + 1) == b'\\' {
        return Ok(path_end(bytes, end + 1));
    }
    let stop = trimmed(bytes, from, run_of(bytes, from, b"/._~%+-@$", WORD));
    let marks = bytes[from..stop].iter().filter(|b| **b == b'/').count();
    if marks >= 2 { Ok(stop) } else { Err(stop) }
}

/// A signed token whose head is JSON (RFC 7515: `{"` in base64url is `eyJ`).
pub fn token(bytes: &[u8], from: usize) -> Option<usize> {
    if !bytes[from..].starts_with(b"eyJ") {
        return None;
    }
    let end = run_of(bytes, from, b"._-=", WORD);
    (end - from >= 20).then_some(end)
}

/// What a run of letters and digits is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Atom {
    /// A word, to keep.
    Word,
    /// All of it varies.
    Value,
    /// A name with a number: letters until the first position, digits until the second, letters.
    Numbered(usize, usize),
}

/// Looks at a run of letters and digits.
pub fn atom(text: &[u8]) -> Atom {
    let Some(first) = text.iter().position(|b| class(*b) & DIGIT != 0) else {
        return if letters_vary(text) { Atom::Value } else { Atom::Word };
    };
    if first < 2 || (text.len() >= 6 && text.iter().all(|b| class(*b) & (DIGIT | HEX) != 0)) {
        return Atom::Value;
    }
    let second = run(text, first, DIGIT);
    if run(text, second, LETTER) < text.len() {
        return Atom::Value;
    }
    Atom::Numbered(first, second)
}

/// Letters alone that are no word: hexadecimal, or upper and lower case in no order, as base64 has it. In names of many
/// words (`AbstractHandlerMapping`) the case changes twice in a word, in base64 at every other letter.
fn letters_vary(text: &[u8]) -> bool {
    if text.len() >= 8 && text.iter().all(|b| class(*b) & HEX != 0) {
        return true;
    }
    let changes = text.windows(2).filter(|two| (class(two[0]) ^ class(two[1])) & (UPPER | LOWER) != 0).count();
    text.len() >= 12 && changes * 5 >= text.len() * 2
}

/// Letters that are a part of the value before them, because of the mark between the two: a month in a date, hexadecimal
/// digits of an address, the end of a generated name (no vowels, so that it spells nothing).
pub fn continues(text: &[u8], joined_by: u8) -> bool {
    match joined_by {
        b'/' | b'-' if text.len() == 3 && is_calendar(text) => true,
        b':' => text.len() <= 4 && text.iter().all(|b| class(*b) & HEX != 0),
        b'-' => {
            text.len() >= 5
                && text.iter().all(|b| class(*b) & LOWER != 0 && !matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
        }
        _ => false,
    }
}

/// A month or a day of the week in three letters, as dates have them (RFC 9110, section 5.6.7).
pub fn is_calendar(text: &[u8]) -> bool {
    const NAMES: [&[u8]; 19] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec", b"Mon", b"Tue",
        b"Wed", b"Thu", b"Fri", b"Sat", b"Sun",
    ];
    NAMES.contains(&text)
}

/// A unit behind a number, which belongs to it: where it ends.
pub fn unit(bytes: &[u8], from: usize) -> Option<usize> {
    const UNITS: [&[u8]; 51] = [
        b"ns",
        b"us",
        b"ms",
        b"s",
        b"sec",
        b"secs",
        b"second",
        b"seconds",
        b"m",
        b"min",
        b"mins",
        b"minute",
        b"minutes",
        b"h",
        b"hr",
        b"hrs",
        b"hour",
        b"hours",
        b"d",
        b"day",
        b"days",
        b"week",
        b"weeks",
        b"milliseconds",
        b"millisecond",
        b"microseconds",
        b"nanoseconds",
        b"millis",
        b"B",
        b"b",
        b"byte",
        b"bytes",
        b"KB",
        b"kB",
        b"MB",
        b"GB",
        b"TB",
        b"KiB",
        b"MiB",
        b"GiB",
        b"TiB",
        b"K",
        b"M",
        b"G",
        b"AM",
        b"PM",
        b"UTC",
        b"GMT",
        b"msec",
        b"msecs",
        b"kb",
    ];
    if !is(bytes, from, LETTER) {
        return (at(bytes, from) == b'%').then_some(from + 1);
    }
    let end = run(bytes, from, WORD);
    let zone = matches!(&bytes[from..end], [first, .., b'S' | b'D' | b'E', b'T'] if end - from <= 4 && first.is_ascii_uppercase());
    let alone = is(bytes, end, SPACE)
        || (matches!(at(bytes, end), b',' | b'.' | b';' | b':' | b')' | b']' | b'}' | b'"' | b'/'));
    (alone && end - from <= 12 && (zone || UNITS.contains(&&bytes[from..end]))).then_some(end)
}

/// The status of an answer that failed (RFC 9110, section 15), behind a word that says so: it tells failures apart and is
/// no value. There are few, so that one too many costs little.
pub fn status(bytes: &[u8], from: usize) -> Option<usize> {
    const LEAD: [&[u8]; 14] = [
        b"status",
        b"code",
        b"http",
        b"error",
        b"response",
        b"answered",
        b"responded",
        b"returned",
        b"returns",
        b"received",
        b"got",
        b"with",
        b"failed",
        b"statuscode",
    ];
    let end = from + 3;
    let number = bytes.get(from..end)?;
    if !matches!(number, [b'4' | b'5', b'0'..=b'3' | b'5', b'0'..=b'9']) || is(bytes, end, WORD) {
        return None;
    }
    // A fraction, a time, a list: more than the number.
    if matches!(at(bytes, end), b'.' | b':' | b'-' | b'/') && is(bytes, end + 1, WORD) {
        return None;
    }
    let before = &bytes[from.saturating_sub(16)..from];
    let word_end = before.iter().rposition(|b| class(*b) & WORD != 0)? + 1;
    if before.len() - word_end > 4 {
        return None;
    }
    let word = last_word(&before[..word_end]);
    let lead =
        LEAD.iter().any(|lead| word.eq_ignore_ascii_case(lead)) || before.windows(5).any(|five| five == b"HTTP/");
    let reason = at(bytes, end) == b' ' && is(bytes, end + 1, UPPER) && is(bytes, end + 2, LOWER);
    (lead || reason).then_some(end)
}

/// A quoted value: where it ends, behind the closing quote. Keys and values of JSON are no such thing (the quotes are its
/// grammar), and neither are sentences.
pub fn quoted(bytes: &[u8], from: usize) -> Option<usize> {
    let quote = bytes[from];
    // Behind a letter, escaped or not, it closes.
    let escapes = bytes[..from].iter().rev().take(4).take_while(|b| **b == b'\\').count();
    if from > escapes && is(bytes, from - escapes - 1, WORD) {
        return None;
    }
    if is(bytes, from + 1, SPACE) || matches!(at(bytes, from + 1), b':' | b',' | b'}' | b']' | b')') {
        return None;
    }
    let limit = bytes.len().min(from + QUOTE);
    let mut spaces = 0;
    let mut close = from + 1;
    loop {
        if close >= limit {
            return None;
        }
        let b = bytes[close];
        if b == quote && (quote != b'\'' || !is(bytes, close + 1, WORD)) {
            break;
        }
        spaces += usize::from(b == b' ');
        if spaces > QUOTED_SPACES {
            return None;
        }
        close += 1;
    }
    (!in_json(bytes, from, close) && !told(bytes, from)).then_some(close + 1)
}

/// Whether the quotes hold what a field says that tells failures apart: `reason="token expired"`, `error: 'invalid_grant'`.
fn told(bytes: &[u8], open: usize) -> bool {
    const TELLING: [&[u8]; 10] =
        [b"code", b"reason", b"error", b"err", b"errors", b"message", b"msg", b"cause", b"status", b"exception"];
    let before = &bytes[open.saturating_sub(16)..open];
    let Some(mark) = before.iter().rposition(|b| !matches!(b, b' ' | b'\\')) else { return false };
    matches!(before[mark], b'=' | b':')
        && TELLING.iter().any(|word| last_word(&before[..mark]).eq_ignore_ascii_case(word))
}

/// The letters that end a text.
fn last_word(text: &[u8]) -> &[u8] {
    &text[text.iter().rposition(|b| class(*b) & LETTER == 0).map_or(0, |n| n + 1)..]
}

/// A sign before a number: `-5`, `+3`, `<1`, `>10`, but not `<5>`.
pub fn sign(bytes: &[u8], from: usize) -> bool {
    let number = is(bytes, from + 1, DIGIT);
    match bytes[from] {
        b'-' | b'+' => number,
        b'<' | b'>' => number && !matches!(at(bytes, run_of(bytes, from + 1, b".", WORD)), b'>'),
        _ => false,
    }
}

/// A value in typographic quotes.
pub fn curly(bytes: &[u8], from: usize) -> Option<usize> {
    let close = match bytes.get(from..from + 3)? {
        [0xe2, 0x80, 0x9c] => "\u{201d}".as_bytes(),
        [0xe2, 0x80, 0x9e] => "\u{201c}".as_bytes(),
        [0xe2, 0x80, 0x98] => "\u{2019}".as_bytes(),
        [0xc2, 0xab, _] => "\u{bb}".as_bytes(),
        _ => return None,
    };
    let limit = bytes.len().min(from + QUOTE);
    let inner = &bytes[from + 2..limit];
    let end = inner.windows(close.len()).position(|window| window == close)?;
    let spaces = inner[..end].iter().filter(|b| **b == b' ').count();
    (spaces <= QUOTED_SPACES).then_some(from + 2 + end + close.len())
}

/// Whether the quotes are those of a key (`{` or `,` before, `:` behind) or of the value of a quoted key (`":` before).
fn in_json(bytes: &[u8], open: usize, close: usize) -> bool {
    let before = |from: usize| {
        let found = bytes[from.saturating_sub(4)..from].iter().rposition(|b| !matches!(b, b' ' | b'\\'));
        found.map(|n| from.saturating_sub(4) + n)
    };
    let Some(previous) = before(open) else { return false };
    match bytes[previous] {
        b':' => before(previous).is_some_and(|n| matches!(bytes[n], b'"' | b'\'')),
        b'{' | b',' => bytes[close + 1..].iter().take(4).find(|b| !matches!(b, b' ' | b'\\')) == Some(&b':'),
        _ => false,
    }
}

/// The value behind `=` when it has a digit: where it ends. Letters alone stay, since `reason=expired` is not
/// `reason=revoked`; whether they are values is seen when all messages are there. `from` is behind the sign.
pub fn assigned(bytes: &[u8], from: usize) -> Option<usize> {
    if !is(bytes, from, WORD) {
        return None;
    }
    let stop = bytes[from..].iter().position(|b| class(*b) & SPACE != 0 || ENDS_VALUE.contains(b));
    let end = trimmed(bytes, from, stop.map_or(bytes.len(), |n| from + n));
    if status(bytes, from) == Some(end) {
        return None;
    }
    bytes[from..end].iter().any(u8::is_ascii_digit).then_some(end)
}

const ENDS_VALUE: &[u8] = b",;&|()[]{}\"'>=";

//! logfmt: `time=… level=error msg="…" err="…" status=502 duration=1.2s`.
//!
//! This file knows pairs and quotes; `fields` knows the names. Lines of Heroku's router look alike and
//! are refused: they belong to the reader of gateway logs.

use super::fields;
use super::fill::{Filler, meaning};
use super::place::Place;
use super::tree::Signals;
use crate::{Taken, lines::Lines, time};
use std::borrow::Cow;

/// More pairs than that on one line are not read.
const PAIR_LIMIT: usize = 256;

/// Takes `lines[at]` when it is a record in logfmt, perhaps behind a timestamp.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at);
    let stamp = time::leading(text);
    let offset = stamp.map_or(0, |(_, length)| length);
    let offset = offset + text[offset..].len() - text[offset..].trim_start().len();
    let body = &text[offset..];
    // The first word must be a pair already, so that prose is refused at once.
    let first = body.bytes().take(64).position(|b| matches!(b, b'=' | b' ' | b'"'))?;
    if body.as_bytes()[first] != b'=' || first == 0 {
        return None;
    }
    let (pairs, loose) = pairs(body);
    if pairs.len() < 2 || loose > pairs.len() || is_heroku(&pairs) {
        return None;
    }
    let mut signals = Signals::default();
    let mut name = String::new();
    for pair in &pairs {
        name.clear();
        fields::normal(pair.name, &mut name);
        signals.note(&name, &pair.value);
    }
    let plain = signals.time && (signals.words || signals.error || signals.status);
    if !(signals.record() || plain) {
        return None;
    }
    let place = Place::line(lines, at, offset);
    let mut filler = Filler::new(signals.dialect(), lines.span(at));
    for pair in &pairs {
        name.clear();
        fields::normal(pair.name, &mut name);
        let span = place.span(pair.start, pair.end);
        match meaning(&filler, &name) {
            Some(field) => filler.take(field, &name, &pair.value, span),
            None if fields::speaks(&name) && pair.value.bytes().any(|b| b.is_ascii_alphabetic()) => {
                filler.say(pair.value.clone().into_owned(), span);
            }
            None => {}
        }
    }
    let mut call = filler.finish();
    call.started = call.started.or(stamp.map(|(at, _)| at));
    Some(Taken { lines: 1, calls: vec![call], problems: Vec::new() })
}

/// `at=error code=H12 desc="Request timeout"`.
fn is_heroku(pairs: &[Pair<'_>]) -> bool {
    let has = |name: &str, test: fn(&str) -> bool| pairs.iter().any(|pair| pair.name == name && test(&pair.value));
    has("at", |_| true) && (has("code", |code| code.starts_with('H')) || has("dyno", |_| true))
}

struct Pair<'a> {
    name: &'a str,
    value: Cow<'a, str>,
    /// Place of the value, without its quotes.
    start: usize,
    end: usize,
}

/// The pairs of a line, and how many words between them are none.
fn pairs(text: &str) -> (Vec<Pair<'_>>, usize) {
    let bytes = text.as_bytes();
    let (mut pairs, mut loose, mut at) = (Vec::new(), 0, 0);
    while at < bytes.len() && pairs.len() < PAIR_LIMIT {
        if matches!(bytes[at], b' ' | b'\t' | b',') {
            at += 1;
            continue;
        }
        let name_at = at;
        while at < bytes.len() && !matches!(bytes[at], b'=' | b' ' | b'\t' | b'"') {
            at += 1;
        }
        let name = &text[name_at..at];
        if bytes.get(at) != Some(&b'=') || name.is_empty() || !name.bytes().all(is_name) {
            loose += 1;
            at += 1;
            continue;
        }
        at += 1;
        let quoted = bytes.get(at) == Some(&b'"');
        let (start, end, escaped);
        if quoted {
            start = at + 1;
            (end, escaped) = closing(bytes, start);
            at = (end + 1).min(bytes.len());
        } else {
            start = at;
            escaped = false;
            while at < bytes.len() && !matches!(bytes[at], b' ' | b'\t') {
                at += 1;
            }
            end = at;
        }
        let raw = text.get(start..end).unwrap_or("");
        let value = if escaped { Cow::Owned(super::json::unescape(raw)) } else { Cow::Borrowed(raw) };
        pairs.push(Pair { name, value, start: start.min(end), end });
    }
    (pairs, loose)
}

/// The place of the closing quote, or the end, and whether escapes stand before it.
fn closing(bytes: &[u8], start: usize) -> (usize, bool) {
    let (mut at, mut escaped) = (start, false);
    while let Some(offset) = bytes.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if bytes[at + offset] == b'"' {
            return (at + offset, escaped);
        }
        escaped = true;
        at += offset + 2;
    }
    (bytes.len(), escaped)
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'@' | b'[' | b']')
}

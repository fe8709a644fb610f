//! Lines of application logs that tell of no call: time, level and words, and the ids that stand among them.
//!
//! The head is read by the grammar of `intake`, which knows log4j, logback, Python, Rails, Go, Rust, .NET and others. It
//! refuses to know calls: a line that mentions an answer is left to [`super::general`].

use super::scan;
use super::sink::Sink;
use crate::{Attribute, Kind};
use firstfault_intake::{records, time};

/// How far ids are sought in a line.
const WINDOW: usize = 1024;

/// Tells of a line as an event; false when it has no head, or, with `silent`, when its words may tell of an answer.
pub(super) fn visit<'a>(line: &'a str, year: Option<i32>, silent: bool, sink: &mut impl Sink<'a>) -> bool {
    let Some(head) = records::head(line) else { return false };
    if silent && may_answer(head.words.as_bytes()) {
        return false;
    }
    sink.kind(Kind::Event);
    let before = line.len() - line.trim_start().len();
    let words_at = (head.words.as_ptr() as usize).saturating_sub(line.as_ptr() as usize).min(line.len());
    let written = line.get(before..words_at).unwrap_or_default().trim_end();
    if let Some(at) = head.at.or_else(|| yearless(line, year?)) {
        sink.moment("time", at, written.as_bytes());
    }
    if let Some(level) = head.level {
        sink.text("level", Attribute::Level, level.as_bytes());
    }
    if let Some(logger) = head.logger {
        sink.other("logger", logger.as_bytes());
    }
    sink.text("message", Attribute::Message, head.words.trim_end().as_bytes());
    ids(line.as_bytes(), sink);
    true
}

/// Words before the level that a line without a known head may have: a file, a time, a process.
const HEAD: usize = 8;

/// Tells of a line without a head as an event, when it is made of words.
pub(super) fn bare<'a>(line: &'a str, sink: &mut impl Sink<'a>) -> bool {
    let letters = line.bytes().filter(|b| b.is_ascii_alphabetic() || !b.is_ascii()).count();
    // data that was cut is no sentence
    if letters < 3 || line.starts_with(['{', '}']) || line.starts_with('<') && line.ends_with('>') {
        return false;
    }
    sink.kind(Kind::Event);
    let mut message = line;
    let (mut timed, mut rest) = (false, line);
    for _ in 0..HEAD {
        let inner = rest.trim_start_matches(['[', '(']);
        let found = super::moment::leading(inner.as_bytes()).or_else(|| super::moment::leading_rare(inner.as_bytes()));
        if let Some((at, length)) = found.filter(|_| !timed) {
            sink.moment("time", at, &inner.as_bytes()[..length]);
            timed = true;
            rest = inner[length..].trim_start_matches([']', ')', ' ', '\t', '|', ',', ':']);
            message = rest;
            continue;
        }
        let (first, after) = rest.split_once([' ', '|']).unwrap_or((rest, ""));
        let word = first.trim_matches(['[', ']', ':', '<', '>', '(', ')', ',']);
        let marked = word.len() < first.len() || word.bytes().all(|b| b.is_ascii_uppercase());
        if let Some(level) = super::level::of(word.as_bytes()).filter(|_| marked && !after.is_empty()) {
            sink.text("level", Attribute::Level, level.as_bytes());
            message = without_logger(after.trim_start());
            break;
        }
        rest = after.trim_start();
        if rest.is_empty() {
            break;
        }
    }
    sink.text("message", Attribute::Message, message.trim_end().as_bytes());
    ids(line.as_bytes(), sink);
    true
}

/// What is said, without `package.Class: ` in front.
fn without_logger(text: &str) -> &str {
    match text.split_once(": ") {
        Some((name, words))
            if name.contains('.')
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$' | b'-'))
                && super::lines::exception(text.as_bytes()).is_none() =>
        {
            words
        }
        _ => text,
    }
}

/// True for a line that begins an entry of a log: with a time, or with a head.
pub(super) fn begins_entry(line: &[u8]) -> bool {
    if super::moment::leading(line).or_else(|| super::moment::leading_rare(line)).is_some() {
        return true;
    }
    let window = &line[..line.len().min(256)];
    let text = match std::str::from_utf8(window) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&window[..error.valid_up_to()]).unwrap_or_default(),
    };
    time::leading(text).is_some() || records::head(text).is_some()
}

/// The time of a head that has no year: `Jul 19 10:22:41`, `<34>Oct 11 22:14:15`, `07-19 10:22:41.123`, `E0704 17:28:00.800884`.
fn yearless(line: &str, year: i32) -> Option<i64> {
    let line = line.trim_start();
    let line = line.strip_prefix('<').and_then(|rest| rest.split_once('>')).map_or(line, |(_, rest)| rest);
    if scan::has_shape(line.as_bytes(), b"adddd dd:dd:dd") {
        let text = format!("{}-{} {}", &line[1..3], &line[3..5], line.get(6..18).or_else(|| line.get(6..14))?);
        return time::parse_with_year(text.trim_end(), year);
    }
    [15, 18, 14].iter().find_map(|length| time::parse_with_year(line.get(..*length)?, year))
}

/// True where the words may tell of an answer: a number that may be a status, beside a word that makes it one.
pub(super) fn may_answer(line: &[u8]) -> bool {
    let line = &line[..line.len().min(4096)];
    let mut at = 0;
    let mut number = false;
    while let Some(byte) = line.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let from = at;
        while line.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        let alone =
            |b: Option<&u8>| b.is_none_or(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'.' | b'_' | b'-' | b'/'));
        if at - from == 3
            && (b'1'..=b'5').contains(&line[from])
            && alone(from.checked_sub(1).and_then(|i| line.get(i)))
            && line.get(at).is_none_or(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        {
            number = true;
            break;
        }
    }
    const CUES: [&[u8]; 12] = [
        b"HTTP",
        b"http",
        b"tatus",
        b"GET ",
        b"POST ",
        b"PUT ",
        b"PATCH ",
        b"DELETE ",
        b"esponse",
        b"ompleted",
        b" code",
        b"STATUS",
    ];
    number && CUES.iter().any(|cue| memchr::memmem::find(line, cue).is_some())
}

/// Ids behind their names (`trace_id=…`, `requestId: …`), and the pair of trace and span that Spring Sleuth puts into brackets.
fn ids<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) {
    let window = &line[..line.len().min(WINDOW)];
    for at in memchr::memchr2_iter(b'=', b':', window) {
        let end = window[..at].iter().rposition(|b| !matches!(b, b'"' | b' ')).map_or(0, |last| last + 1);
        if !matches!(window[..end].last(), Some(b'd' | b'D' | b't')) {
            continue;
        }
        let name_char = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let from = window[..end].iter().rposition(|b| !name_char(b)).map_or(0, |before| before + 1);
        let Some(attribute) = id_of(&window[from..end]) else { continue };
        let rest = &line[at + 1..];
        let rest = &rest[rest.iter().take_while(|b| matches!(b, b' ' | b'"')).count()..];
        let length = rest.iter().take(128).take_while(|b| name_char(b) || matches!(b, b':' | b'/' | b'+')).count();
        let value = &rest[..length];
        if length >= 4 && value.iter().any(u8::is_ascii_digit) {
            sink.text(std::str::from_utf8(&window[from..end]).unwrap_or_default(), attribute, value);
        }
    }
    sleuth(window, sink);
    tagged(window, sink);
}

/// `[8601b555-6a83-4c12-8269-97c8e32cdb22]`: the id of the request, as Rails tags every line with it.
fn tagged<'a>(window: &'a [u8], sink: &mut impl Sink<'a>) {
    for open in memchr::memchr_iter(b'[', window).take(6) {
        let Some(inside) = window.get(open + 1..open + 37) else { continue };
        let dashed = [8, 13, 18, 23].iter().all(|at| inside[*at] == b'-');
        if dashed && scan::is_id(inside) && window.get(open + 37) == Some(&b']') {
            sink.text("request_id", Attribute::RequestId, inside);
            return;
        }
    }
}

/// The level of the first line of an entry of .NET's console: `fail: Some.Category[13]`; what is said stands on the next line,
/// indented by six.
pub(super) fn dotnet(first: &[u8], second: &[u8]) -> Option<&'static str> {
    let level = match first.get(..6)? {
        b"trce: " => "trace",
        b"dbug: " => "debug",
        b"info: " => "info",
        b"warn: " => "warn",
        b"fail: " => "error",
        b"crit: " => "fatal",
        _ => return None,
    };
    let open = memchr::memrchr(b'[', first)?;
    let event = first[open + 1..].strip_suffix(b"]")?;
    (scan::is_digits(event) && second.starts_with(b"      ")).then_some(level)
}

/// Tells of an entry whose level stood on the line before.
pub(super) fn below<'a>(level: &'static str, line: &'a str, sink: &mut impl Sink<'a>) {
    sink.kind(Kind::Event);
    sink.text("level", Attribute::Level, level.as_bytes());
    sink.text("message", Attribute::Message, line.as_bytes());
    ids(line.as_bytes(), sink);
}

/// `[app,5b8aa5a2d2c872e8,eee19b7ec3c1b173]`, older ones with a fourth part.
fn sleuth<'a>(window: &'a [u8], sink: &mut impl Sink<'a>) {
    for open in memchr::memchr_iter(b'[', window).take(6) {
        let inside = &window[open + 1..];
        let Some(close) = memchr::memchr(b']', &inside[..inside.len().min(160)]) else { continue };
        let mut parts = inside[..close].split(|b| *b == b',');
        let (Some(app), Some(trace), Some(span)) = (parts.next(), parts.next(), parts.next()) else { continue };
        let hex = |part: &[u8]| matches!(part.len(), 16 | 32) && part.iter().all(u8::is_ascii_hexdigit);
        if hex(trace) && hex(span) {
            sink.text("app", Attribute::Service, app);
            sink.text("traceId", Attribute::TraceId, trace);
            sink.text("spanId", Attribute::SpanId, span);
            return;
        }
    }
}

fn id_of(name: &[u8]) -> Option<Attribute> {
    let mut lower = [0_u8; 24];
    let mut length = 0;
    for byte in name.iter().filter(|b| b.is_ascii_alphanumeric()) {
        *lower.get_mut(length)? = byte.to_ascii_lowercase();
        length += 1;
    }
    Some(match &lower[..length] {
        b"requestid" | b"reqid" | b"rid" | b"xrequestid" | b"correlationid" | b"xcorrelationid" => Attribute::RequestId,
        b"traceid" | b"xb3traceid" | b"ddtraceid" | b"oteltraceid" => Attribute::TraceId,
        b"spanid" | b"xb3spanid" | b"ddspanid" | b"otelspanid" => Attribute::SpanId,
        b"tenant" | b"tenantid" => Attribute::Tenant,
        b"idempotencykey" => Attribute::IdempotencyKey,
        _ => return None,
    })
}

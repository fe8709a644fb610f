//! Large line-based inputs: a million log lines, most of them healthy or alike.
//!
//! A healthy line costs a glance. A failing line is read whole once per shape (its words without the numbers);
//! further lines of that shape are counted. Memory follows the number of shapes, which is bounded.

use crate::logs::Glance;
use crate::{Intake, exceptions, join, logs, records, walk};
use firstfault_model::Call;
use std::collections::HashMap;

/// Inputs up to this many bytes are read as a paste, all parts joined.
const PASTE_LIMIT: usize = 256 * 1024;
/// … and up to this many lines.
const PASTE_LINES: usize = 2_000;
/// How many shapes are remembered; lines of further shapes are only counted.
const SHAPE_LIMIT: usize = 20_000;
/// How many different failing calls are kept.
const CALL_LIMIT: usize = 2_000;
/// How many lines an entry may span (a stack trace).
const ENTRY_LINES: usize = 120;
/// How many lines are looked at to know a log from a story.
const LOOKED_AT: usize = 200;
/// What could not be read, when every call is asked for.
const PROBLEMS: usize = 20;
/// How much of a line its shape looks at.
const SHAPE_BYTES: usize = 2_048;

/// True when the input is too large to be one paste.
#[must_use]
pub fn is_bulk(text: &str) -> bool {
    text.len() > PASTE_LIMIT || memchr::memchr_iter(b'\n', text.as_bytes()).nth(PASTE_LINES).is_some()
}

/// What a shape stands for.
#[derive(Clone, Copy)]
enum Shape {
    /// A failing call, by index.
    Call(usize),
    /// A line inside an entry, or one that says nothing.
    Rest,
}

/// Reads line by line.
#[must_use]
pub fn read(text: &str) -> Intake {
    let mut intake = Intake::default();
    let mut shapes: HashMap<u64, Shape> = HashMap::new();
    let mut at = 0;
    let mut number = 1u32;
    let mut unread = 0usize;
    // The last line that was counted for a call: its time is read when all are counted.
    let mut last: HashMap<usize, (usize, usize)> = HashMap::new();
    let mut header = iis_header(text);
    while at < text.len() {
        let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |i| at + i + 1);
        let line = &text[at..end];
        if line.starts_with("#Fields:") {
            header = Some(line);
        }
        let glance = glance(line);
        if glance.is_some_and(is_healthy) {
            intake.healthy += usize::from(glance.is_some_and(|g| g.status.is_some()));
            (at, number) = (end, number + 1);
            continue;
        }
        let key = shape(line.as_bytes());
        match shapes.get(&key) {
            Some(Shape::Call(call)) => {
                if let Some(count) = intake.repeats.get_mut(*call) {
                    *count += 1;
                    last.insert(*call, (at, end));
                }
                (at, number) = (end, number + 1);
                continue;
            }
            Some(Shape::Rest) => {
                (at, number) = (end, number + 1);
                continue;
            }
            None => {}
        }
        if shapes.len() >= SHAPE_LIMIT || intake.calls.len() >= CALL_LIMIT {
            unread += usize::from(glance.is_some());
            (at, number) = (end, number + 1);
            continue;
        }
        let (entry_end, entry_lines) = if glance.is_some() { (end, 1) } else { entry_end(text, at, end) };
        let entry = &text[at..entry_end];
        let before = intake.calls.len();
        read_entry(entry, at, number, header, &mut intake);
        let value = if intake.calls.len() > before { Shape::Call(before) } else { Shape::Rest };
        shapes.insert(key, value);
        for rest in entry.split_inclusive('\n').skip(1) {
            shapes.entry(shape(rest.as_bytes())).or_insert(Shape::Rest);
        }
        (at, number) = (entry_end, number + entry_lines);
    }
    intake.unjudged = unread;
    intake.last.resize(intake.calls.len(), None);
    for (call, (start, end)) in last {
        let mut one = Intake::default();
        read_entry(&text[start..end], start, 1, header, &mut one);
        if let (Some(slot), Some(read)) = (intake.last.get_mut(call), one.calls.first()) {
            *slot = read.started;
        }
    }
    if unread > 0 {
        let message = format!(
            "{unread} further failing lines have shapes of their own beyond the first {CALL_LIMIT}: they are counted, not judged; use triage for them"
        );
        intake.problems.push(firstfault_model::Problem::new(firstfault_model::Span::default(), message));
    }
    intake
}

/// Reads line by line and hands every call on, healthy ones too; `None` when it is no log but one large story. What is
/// returned holds no calls.
pub(crate) fn every(text: &str, take: &mut dyn FnMut(Call)) -> Option<Intake> {
    let looked_at = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT);
    let (known, all) =
        looked_at.fold((0, 0), |(known, all), line| (known + usize::from(glance(line).is_some()), all + 1));
    if known * 2 < all {
        return None;
    }
    let mut intake = Intake::default();
    let mut header = iis_header(text);
    let mut at = 0;
    for (number, line) in (1u32..).zip(text.split_inclusive('\n')) {
        if line.starts_with("#Fields:") {
            header = Some(line);
        } else if glance(line).is_some() {
            let walked = walk_entry(line, at, number, header);
            for mut call in walked.calls {
                crate::finish(&mut call);
                intake.healthy += 1;
                take(call);
            }
            let room = PROBLEMS.saturating_sub(intake.problems.len());
            intake.problems.extend(walked.problems.into_iter().take(room));
        }
        at += line.len();
    }
    Some(intake)
}

/// What the log readers say of a line at a glance, behind a shipper's prefix.
fn glance(line: &str) -> Option<Glance> {
    logs::glance(line.as_bytes()).or_else(|| records::glance(line.as_bytes())).or_else(|| {
        let prefix = crate::prefix::split(line);
        (prefix > 0)
            .then(|| &line.as_bytes()[prefix..])
            .and_then(|rest| logs::glance(rest).or_else(|| records::glance(rest)))
    })
}

fn is_healthy(glance: Glance) -> bool {
    !glance.error && glance.status.is_none_or(|status| (100..400).contains(&status))
}

/// The `#Fields` line of a W3C log when it stands before the first entry.
fn iis_header(text: &str) -> Option<&str> {
    text.lines().take(8).find(|l| l.starts_with("#Fields:"))
}

/// An entry that begins with an unknown line goes on until a blank line or a line that a log reader knows.
fn entry_end(text: &str, start: usize, first_end: usize) -> (usize, u32) {
    let mut end = first_end;
    let mut lines = 1;
    if !exceptions::recognises(text[start..first_end].trim_end()) {
        return (end, lines);
    }
    while end < text.len() && (lines as usize) < ENTRY_LINES {
        let next = memchr::memchr(b'\n', &text.as_bytes()[end..]).map_or(text.len(), |i| end + i + 1);
        let line = &text[end..next];
        let fresh = glance(line).is_some();
        if fresh || line.trim().is_empty() {
            break;
        }
        (end, lines) = (next, lines + 1);
    }
    (end, lines)
}

fn walk_entry(entry: &str, at: usize, number: u32, header: Option<&str>) -> walk::Walked {
    match header.filter(|_| !entry.starts_with('{')) {
        // A W3C line means nothing without its field list, so it is read behind it.
        Some(header) => {
            let both = format!("{}\n{entry}", header.trim_end());
            let start = at.saturating_sub(header.trim_end().len() + 1);
            walk::walk(&walk::lines(&both, start, number.saturating_sub(1)), None)
        }
        None => walk::walk(&walk::lines(entry, at, number), None),
    }
}

fn read_entry(entry: &str, at: usize, number: u32, header: Option<&str>, intake: &mut Intake) {
    let walked = walk_entry(entry, at, number, header);
    let mut calls = walked.calls;
    calls.iter_mut().for_each(crate::finish);
    for call in join::join(calls) {
        if call.status().is_some_and(|s| (1..400).contains(&s)) && !join::says_failed(&call) {
            intake.healthy += 1;
            continue;
        }
        intake.calls.push(call);
        intake.repeats.push(1);
    }
    intake.problems.extend(walked.problems.into_iter().take(10));
}

/// The shape of a line: its words, with ids and numbers left out; a number that may be a status stays.
fn shape(line: &[u8]) -> u64 {
    const SEED: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let line = &line[..line.len().min(SHAPE_BYTES)];
    let mut state = SEED;
    let mut at = 0;
    while at < line.len() {
        let byte = line[at];
        if !byte.is_ascii_alphanumeric() {
            state = (state ^ u64::from(byte)).wrapping_mul(PRIME);
            at += 1;
            continue;
        }
        let start = at;
        let mut digits = 0;
        while at < line.len() && line[at].is_ascii_alphanumeric() {
            digits += usize::from(line[at].is_ascii_digit());
            at += 1;
        }
        let run = &line[start..at];
        let may_be_status = run.len() == 3
            && digits == 3
            && matches!(run[0], b'1'..=b'5')
            && !matches!(line.get(at), Some(b'.' | b':'));
        if digits > 0 && !may_be_status || run.len() > 32 {
            state = (state ^ u64::from(b'#')).wrapping_mul(PRIME);
        } else {
            for byte in run {
                state = (state ^ u64::from(*byte)).wrapping_mul(PRIME);
            }
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::shape;

    #[test]
    fn the_last_of_counted_calls_tells_its_time() {
        let line = |n: usize| {
            format!(
                "10.0.0.1 - - [01/Jan/2024:{:02}:{:02}:{:02} +0000] \"GET /v1/users/81 HTTP/1.1\" 500 12\n",
                n / 3600,
                n / 60 % 60,
                n % 60
            )
        };
        let text: String = (0..4_000).map(line).collect();
        let read = super::read(&text);
        assert_eq!((read.calls.len(), read.repeats[0]), (1, 4_000));
        let first = read.calls[0].started.expect("a time");
        assert_eq!(read.last[0].expect("a time") - first, 3_999_000);
    }

    #[test]
    fn every_line_is_a_call_when_all_are_asked_for() {
        let line = |n: usize| {
            format!("10.0.0.1 - - [01/Jan/2024:00:00:01 +0000] \"GET /v1/users/{} HTTP/1.1\" 200 12\n", n % 3)
        };
        for count in [3, 4_000] {
            let text: String = (0..count).map(line).collect();
            let mut last = None;
            let read = crate::every(&text, None, &mut |call| last = Some((call.status(), call.span.line as usize)));
            assert_eq!((read.calls.len(), read.healthy), (0, count));
            assert_eq!(last, Some((Some(200), count)));
        }
    }

    #[test]
    fn lines_that_differ_in_numbers_have_one_shape() {
        let a = shape(br#"10.0.0.1 - - [01/Jan/2024:00:00:01 +0000] "GET /v1/users/81 HTTP/1.1" 500 1234"#);
        let b = shape(br#"10.0.0.2 - - [01/Jan/2024:00:00:09 +0000] "GET /v1/users/9001 HTTP/1.1" 500 77"#);
        let c = shape(br#"10.0.0.2 - - [01/Jan/2024:00:00:09 +0000] "GET /v1/users/9001 HTTP/1.1" 503 77"#);
        assert_eq!(a, b);
        assert_ne!(a, c);
    }
}

//! Lines of a chunk, one after another: the quick reader first, then the general way; lines that go on belong to the entry before them.
//!
//! A stack trace says most in its first exception, so where the entry is an error those words join what it says.

use super::{general, level, scan, words};
use crate::batch::Sample;
use crate::layout::{LINE, trim};
use crate::recognise::slot;
use crate::{Attribute, Batch};
use firstfault_intake::prefix;
use std::borrow::Cow;

/// Lines of one entry that are looked at for an exception, and bytes of it that are kept as its sample.
const ENTRY: usize = 200;
const ENTRY_BYTES: usize = 16 * 1024;

/// Reads one line of a form.
pub(crate) trait Lines {
    /// Reads a line into the row that is begun; false when it is none of the form.
    fn line(&self, line: &[u8], batch: &mut Batch) -> bool;

    /// A line as the sample of its shape.
    fn sample(&self, line: &[u8]) -> Vec<u8> {
        line.to_vec()
    }
}

/// Reads whole lines into a batch; `first` where they are the beginning of the input.
pub(crate) fn read(form: &(impl Lines + ?Sized), chunk: &[u8], first: bool, year: Option<i32>, batch: &mut Batch) {
    let sample = |line: &[u8]| form.sample(line);
    let mut inside = !first;
    let mut at = 0;
    while at < chunk.len() {
        let end = memchr::memchr(b'\n', &chunk[at..]).map_or(chunk.len(), |end| at + end);
        let raw = &chunk[at..end];
        let line = trim(raw);
        at = end + 1;
        if line.is_empty() {
            batch.aside();
            continue;
        }
        if line.len() > LINE {
            batch.unreadable(line);
            continue;
        }
        batch.begin();
        if form.line(line, batch) {
            inside = true;
            batch.finish_as(line, Sample { line, made: Some(&sample) });
            continue;
        }
        if goes_on(raw, inside) {
            batch.aside();
            continue;
        }
        let rest = chunk.get(at..).unwrap_or_default();
        inside |= other(line, rest, year, false, batch);
    }
}

/// Reads the words of programs; `stamped` where every entry begins with a time.
pub(super) fn words(stamped: bool, chunk: &[u8], first: bool, year: Option<i32>, batch: &mut Batch) {
    let mut inside = !first;
    let mut at = 0;
    while at < chunk.len() {
        let end = memchr::memchr(b'\n', &chunk[at..]).map_or(chunk.len(), |end| at + end);
        let raw = &chunk[at..end];
        let line = trim(raw);
        at = end + 1;
        if line.is_empty() {
            batch.aside();
            continue;
        }
        if line.len() > LINE {
            batch.unreadable(line);
            continue;
        }
        if let Some(length) = two_lines(chunk, at, line, year, batch) {
            inside = true;
            at += length;
            continue;
        }
        if goes_on(raw, inside) || stamped && inside && !words::begins_entry(line) {
            batch.aside();
            continue;
        }
        let rest = chunk.get(at..).unwrap_or_default();
        inside |= other(line, rest, year, true, batch);
    }
}

/// Reads an entry of .NET's console, which puts its level on a line of its own; how long the second line is.
fn two_lines(chunk: &[u8], at: usize, first: &[u8], year: Option<i32>, batch: &mut Batch) -> Option<usize> {
    let rest = chunk.get(at..)?;
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let level = words::dotnet(first, &rest[..end])?;
    let words = readable(trim(&rest[..end]))?;
    let both = format!("{}\n      {words}", readable(first)?);
    batch.begin();
    general::read_two(level, &words, &both, year, batch);
    batch.finish(both.as_bytes());
    batch.aside();
    Some(end + 1)
}

/// Reads a line in the general way; `rest` is what stands behind it. False when nothing can be made of it.
pub(super) fn other(line: &[u8], rest: &[u8], year: Option<i32>, lenient: bool, batch: &mut Batch) -> bool {
    let text = match readable(line) {
        Some(text) => prefix_free(text),
        None => {
            batch.unreadable(line);
            return false;
        }
    };
    batch.begin();
    // what is no slice of the line is copied
    if !general::read(&text, year, lenient, batch) {
        batch.unreadable(line);
        return false;
    }
    let failing =
        batch.row.get(slot::of(Attribute::Level), text.as_bytes()).is_some_and(|(word, _)| level::is_failure(word));
    let mut entry = Cow::Borrowed(text.as_bytes());
    if failing && let Some((exception, length)) = exception_behind(rest) {
        batch.set_error(exception);
        let mut whole = text.as_bytes().to_vec();
        whole.push(b'\n');
        whole.extend_from_slice(&rest[..length.min(ENTRY_BYTES)]);
        entry = Cow::Owned(whole);
    }
    let made = |_: &[u8]| entry.trim_ascii_end().to_vec();
    batch.finish_as(text.as_bytes(), Sample { line: text.as_bytes(), made: Some(&made) });
    true
}

/// The line as text, when most of it is: bytes of other charsets are replaced, control characters say that it is no text.
pub(super) fn readable(line: &[u8]) -> Option<Cow<'_, str>> {
    let text = String::from_utf8_lossy(line);
    if let Cow::Owned(lossy) = &text {
        let bad = lossy.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        if bad * 5 > lossy.chars().count() {
            return None;
        }
    }
    let control = line.iter().take(512).filter(|b| **b < 0x20 && !matches!(b, b'\t' | 0x1b)).count();
    (control * 10 <= line.len().min(512)).then_some(text)
}

fn prefix_free(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => prefix::strip_ansi(text),
        Cow::Owned(text) => Cow::Owned(prefix::strip_ansi(&text).into_owned()),
    }
}

/// True for a line that belongs to the entry before it: a frame, a cause, the rest of printed data.
pub(super) fn goes_on(raw: &[u8], inside: bool) -> bool {
    if !inside {
        return false;
    }
    if matches!(raw.first(), Some(b' ' | b'\t')) {
        return true;
    }
    const BEGINNINGS: [&[u8]; 16] = [
        b"at ",
        b"Caused by:",
        b"Suppressed:",
        b"... ",
        b"Traceback (most recent call last)",
        b"File \"",
        b"During handling of the above",
        b"The above exception was",
        b"goroutine ",
        b"--- End of",
        b"   at ",
        b"Stack trace:",
        b"stack backtrace:",
        b"[stacktrace]",
        b"created by ",
        b"---> ",
    ];
    BEGINNINGS.iter().any(|beginning| raw.starts_with(beginning))
        || matches!(trim(raw), b"}" | b"]" | b")" | b"}," | b"]," | b"})" | b"});" | b"{" | b"[" | b"\"}")
        || raw.starts_with(b"#") && raw.get(1).is_some_and(u8::is_ascii_digit)
        || exception(raw).is_some()
}

/// The first exception among the lines behind an entry that belong to it, and how long they are together.
fn exception_behind(rest: &[u8]) -> Option<(&[u8], usize)> {
    let (mut at, mut found) = (0, None);
    for _ in 0..ENTRY {
        if at >= rest.len() || at > ENTRY_BYTES {
            break;
        }
        let end = memchr::memchr(b'\n', &rest[at..]).map_or(rest.len(), |end| at + end);
        let raw = &rest[at..end];
        let line = trim(raw);
        let spoken = exception(line);
        if !line.is_empty() && !goes_on(raw, true) {
            break;
        }
        found = found.or(spoken);
        at = (end + 1).min(rest.len());
    }
    found.map(|exception| (exception, at))
}

/// The words of a line `package.SomeException: words`: a class whose name says that something went wrong.
pub(super) fn exception(line: &[u8]) -> Option<&[u8]> {
    let line = trim(line);
    let line = line.strip_prefix(b"Caused by: ").unwrap_or(line);
    let line = match line.strip_prefix(b"Exception in thread \"") {
        Some(rest) => &rest[memchr::memmem::find(rest, b"\" ")? + 2..],
        None => line,
    };
    let end = line
        .iter()
        .take(200)
        .position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'$')))
        .unwrap_or(line.len());
    let (class, after) = (&line[..end.min(200)], &line[end..]);
    let ended = after.is_empty() || after.starts_with(b": ") || after == b":" || after.starts_with(b" (");
    let last = class.rsplit(|b| *b == b'.').next().unwrap_or(class);
    const ENDINGS: [&[u8]; 9] =
        [b"Error", b"Exception", b"Failure", b"Fault", b"Timeout", b"Refused", b"Warning", b"Interrupt", b"Expired"];
    let named = ENDINGS.iter().any(|ending| last.ends_with(ending)) && last.first().is_some_and(u8::is_ascii_uppercase);
    // a plain word (`Error: words`) is what programs say anywhere
    let spoken = last.len() > 7 || class.contains(&b'.');
    (ended && named && spoken && !scan::is_absent(class)).then_some(line)
}

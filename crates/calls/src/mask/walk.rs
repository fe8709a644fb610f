//! The one pass over a message: words, and of a word that has a digit or a mark its parts.

use super::class::{DIGIT, HIGH, MARK, SPACE, WORD, class, run, word};
use super::forms::{self, Atom};
use super::sink::Sink;
use std::ops::Range;

/// What stands for a value.
const VALUE: &[u8] = b"<*>";
/// A word of letters alone that is shorter than this is kept without a closer look.
const PLAIN: usize = 12;

/// Sends the masked form of a message to the sink.
pub fn walk<S: Sink>(bytes: &[u8], sink: &mut S) {
    let mut walk = Walk { bytes, sink, kept: 0..0, value: false, held: 0..0, no_address: 0, no_path: 0, no_host: 0 };
    let mut at = 0;
    let mut first = true;
    let mut behind_value = false;
    loop {
        at = run(bytes, at, SPACE);
        if at >= bytes.len() {
            break;
        }
        let unit = if behind_value { forms::unit(bytes, at) } else { None };
        if let Some(end) = unit {
            at = end;
            if bytes.get(at).is_none_or(|b| class(*b) & SPACE != 0) {
                behind_value = false;
                continue;
            }
        } else {
            if !first {
                walk.space(at);
            }
            walk.value = false;
        }
        first = false;
        let (end, kinds) = word(bytes, at);
        if kinds & (DIGIT | MARK | HIGH) == 0 && end - at < PLAIN {
            walk.plain(at, end, behind_value);
            at = end;
        } else {
            at = walk.parts(at, end, kinds);
        }
        behind_value = walk.value && walk.held.is_empty();
        walk.release();
    }
    walk.send();
}

struct Walk<'a, S> {
    bytes: &'a [u8],
    sink: &'a mut S,
    /// What is kept as it is and not yet sent: pieces that follow each other are sent as one.
    kept: Range<usize>,
    /// Whether `<*>` was sent last, but for what is held.
    value: bool,
    /// Marks behind `<*>`, which are sent only when no further value follows them: `10.0.0.1:80` is one value.
    held: Range<usize>,
    /// Until here nothing is an address, as was seen already: no byte is looked at for that twice.
    no_address: usize,
    /// The same for paths.
    no_path: usize,
    /// The same for hosts.
    no_host: usize,
}

impl<S: Sink> Walk<'_, S> {
    fn text(&mut self, from: usize, to: usize) {
        if self.value {
            let joins = to == from + 1
                && self.held.len() < 2
                && matches!(self.bytes[from], b'.' | b':' | b'-' | b'_' | b'/' | b'@' | b'+' | b',' | b'#' | b'|');
            if joins {
                let start = if self.held.is_empty() { from } else { self.held.start };
                self.held = start..to;
                return;
            }
            self.release();
        }
        self.keep(from, to);
        self.value = false;
    }

    fn keep(&mut self, from: usize, to: usize) {
        if self.kept.end != from {
            self.send();
            self.kept.start = from;
        }
        self.kept.end = to;
    }

    fn send(&mut self) {
        if !self.kept.is_empty() {
            self.sink.text(&self.bytes[self.kept.clone()]);
            self.kept = 0..0;
        }
    }

    /// The space before the word at `at`.
    fn space(&mut self, at: usize) {
        if self.bytes[at - 1] == b' ' {
            self.keep(at - 1, at);
        } else {
            self.send();
            self.sink.text(b" ");
        }
    }

    fn star(&mut self) {
        if !self.value {
            self.send();
            self.sink.text(VALUE);
        }
        self.held = 0..0;
        self.value = true;
    }

    fn release(&mut self) {
        if !self.held.is_empty() {
            self.keep(self.held.start, self.held.end);
            self.held = 0..0;
            self.value = false;
        }
    }

    /// A short word of letters: kept, unless it is a part of a date.
    fn plain(&mut self, from: usize, to: usize, behind_value: bool) {
        let calendar = |from: usize, to: usize| {
            let text = &self.bytes[from..to];
            forms::is_calendar(text.strip_suffix(b",").unwrap_or(text))
        };
        if matches!(to - from, 3 | 4) && calendar(from, to) {
            let next = run(self.bytes, to, SPACE);
            let digit = self.bytes.get(next).is_some_and(u8::is_ascii_digit);
            if behind_value || digit || calendar(next, word(self.bytes, next).0) {
                self.star();
                return;
            }
        }
        self.text(from, to);
    }

    /// A word by its parts; gives back where it ended: a quoted value may reach beyond the word that it began in.
    fn parts(&mut self, from: usize, to: usize, kinds: u8) -> usize {
        let (mut at, mut end, mut kinds) = (from, to, kinds);
        while at < end {
            at = if class(self.bytes[at]) & WORD != 0 { self.letters(at, kinds) } else { self.mark(at) };
            if at > end {
                let (further, more) = word(self.bytes, at);
                end = further;
                kinds |= more;
            }
        }
        at
    }

    /// A run of letters and digits, or the value that begins with it.
    fn letters(&mut self, from: usize, kinds: u8) -> usize {
        let bytes = self.bytes;
        let end = run(bytes, from, WORD);
        // Most words end here, and only what goes on with a mark can be more than letters and digits.
        let next = bytes.get(end).copied().unwrap_or(b' ');
        let mut whole = None;
        if matches!(next, b'.' | b'-' | b'_' | b'/' | b':' | b'@' | b'%' | b'+' | b'~' | b'$') {
            whole = if kinds & MARK == 0 { None } else { self.marked(from, end) };
            whole = whole.or_else(|| if kinds & DIGIT == 0 { None } else { self.host(from) });
            whole = whole.or_else(|| forms::uuid(bytes, from)).or_else(|| forms::token(bytes, from));
        }
        let whole = whole.or_else(|| if kinds & HIGH == 0 { None } else { forms::curly(bytes, from) });
        if let Some(end) = whole {
            self.star();
            return end;
        }
        let text = &bytes[from..end];
        if self.held.len() == 1 && forms::continues(text, bytes[self.held.start]) {
            self.star();
            return end;
        }
        if text.len() == 3 && forms::status(bytes, from).is_some() {
            self.text(from, end);
            return end;
        }
        match forms::atom(text) {
            Atom::Word => self.text(from, end),
            Atom::Value => self.star(),
            Atom::Numbered(first, second) => {
                self.text(from, from + first);
                self.star();
                if from + second < end {
                    self.text(from + second, end);
                }
            }
        }
        end
    }

    fn host(&mut self, from: usize) -> Option<usize> {
        if from < self.no_host {
            return None;
        }
        forms::host(self.bytes, from).map_err(|seen| self.no_host = seen).ok()
    }

    /// A value that is more than letters and digits, in a word with marks.
    fn marked(&mut self, from: usize, end: usize) -> Option<usize> {
        if let Some(found) = forms::url(self.bytes, from, end) {
            return Some(found);
        }
        if from >= self.no_address {
            match forms::address(self.bytes, from) {
                Ok(found) => return Some(found),
                Err(seen) => self.no_address = seen,
            }
        }
        if from >= self.no_path {
            match forms::inner_path(self.bytes, from, end) {
                Ok(found) => return Some(found),
                Err(seen) => self.no_path = seen,
            }
        }
        None
    }

    /// One byte that is neither letter nor digit, or the value that it begins.
    fn mark(&mut self, at: usize) -> usize {
        let bytes = self.bytes;
        let previous = if at == 0 { b' ' } else { bytes[at - 1] };
        let next = bytes.get(at + 1).copied().unwrap_or(b' ');
        let inside = class(previous) & WORD != 0;
        let value = match bytes[at] {
            b'"' | b'\'' | b'`' => forms::quoted(bytes, at),
            b'/' if !inside && !matches!(previous, b'/' | b'<') => forms::path(bytes, at),
            b'.' | b'~' if !inside && matches!(next, b'/' | b'.') => forms::relative_path(bytes, at),
            b'-' | b'+' if !inside && forms::sign(bytes, at) => return at + 1,
            b'<' | b'>' if class(previous) & SPACE != 0 || previous == b'(' => {
                if forms::sign(bytes, at) {
                    return at + 1;
                }
                None
            }
            b'=' => {
                self.text(at, at + 1);
                let names = inside || matches!(previous, b']' | b')' | b'"' | b'\'');
                let end = if names { forms::assigned(bytes, at + 1) } else { None };
                if end.is_some() {
                    self.star();
                }
                return end.unwrap_or(at + 1);
            }
            _ => None,
        };
        if let Some(end) = value {
            self.star();
            return end;
        }
        self.text(at, at + 1);
        at + 1
    }
}

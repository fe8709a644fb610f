//! How far a body goes when it stands among other text: balanced brackets for JSON, the closing tag for
//! markup, chunk sizes where chunks are shown raw, Content-Length and empty lines for text.
//!
//! This file refuses to know what a body means.

use super::boundary;
use super::start_line::starts_with_ignore_case;
use crate::lines::Lines;
use firstfault_model::{BODY_LIMIT, Body, Headers, Span};

/// What is known about a body before it is read.
pub(crate) struct Hints<'h> {
    /// The head's fields.
    pub headers: &'h Headers,
    /// True when the head stood in prose, so that prose may follow.
    pub in_prose: bool,
    /// True when text may go on over an empty line.
    pub runs_on: bool,
    /// Where foreign text begins in a line of the body, such as a tool's own mark.
    pub cut: &'h dyn Fn(&str) -> Option<usize>,
}

/// A body and where it ends.
#[derive(Debug)]
pub(crate) struct Found {
    /// The body.
    pub body: Body,
    /// The line behind it.
    pub end: usize,
    /// What is glued behind the body on its last line.
    pub rest: Option<(String, Span)>,
    /// Fields behind raw chunks.
    pub trailers: Headers,
}

/// Reads the body that begins at line `at`, after empty lines. `None` when there is none.
pub(crate) fn read_body(lines: &Lines<'_>, at: usize, hints: &Hints<'_>) -> Option<Found> {
    let mut from = at;
    while from < lines.len() && is_blank(lines, from) {
        from += 1;
    }
    if from >= lines.len()
        || boundary::ends_message(lines, from, hints.in_prose)
        || (hints.cut)(lines.text(from)) == Some(0)
    {
        return None;
    }
    let first = lines.text(from).trim_start();
    if from > at && boundary::is_log_line(first) {
        return None;
    }
    if let Some(found) = chunks(lines, from, hints) {
        return Some(found);
    }
    let mut gather = Gather::default();
    if is_json(first) {
        json(lines, from, hints, &mut gather);
    } else if let Some(root) = markup_root(first) {
        markup(lines, from, hints, &root, &mut gather);
    } else {
        text(lines, from, hints, &mut gather);
    }
    gather.found(from)
}

impl Found {
    /// Takes what is glued behind the body as part of it.
    pub(crate) fn keep_rest(&mut self) {
        if let Some((rest, span)) = self.rest.take() {
            self.body.size += rest.len();
            if self.body.text.len() + rest.len() <= BODY_LIMIT {
                self.body.text.push_str(&rest);
            } else {
                self.body.truncated = true;
            }
            self.body.span = self.body.span.to(span);
        }
    }
}

/// True when `text` opens like a JSON document and not like a log line or a name in brackets.
pub(crate) fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    let next = || text[1..].trim_start().bytes().next();
    match text.as_bytes().first() {
        Some(b'{') => next().is_none_or(|b| {
            matches!(b, b'"' | b'}' | b'\'' | b'\\') || b.is_ascii_alphabetic() || b == b'/' || b == b'.'
        }),
        Some(b'[') => {
            !boundary::is_log_line(text)
                && next().is_none_or(|b| matches!(b, b'{' | b'[' | b'"' | b']' | b'-' | b'\'') || b.is_ascii_digit())
        }
        _ => false,
    }
}

/// True when `text` opens like HTML or XML.
pub(crate) fn is_markup(text: &str) -> bool {
    markup_root(text).is_some()
}

/// Lines of a body as they are collected.
#[derive(Default)]
struct Gather {
    text: String,
    size: usize,
    span: Span,
    end: usize,
    rest: Option<(String, Span)>,
    /// Empty lines that belong to the body only when something follows them.
    blank: usize,
    any: bool,
}

impl Gather {
    fn push(&mut self, lines: &Lines<'_>, at: usize, part: &str) {
        let breaks = if self.any { self.blank + 1 } else { 0 };
        self.size += breaks + part.len();
        if self.text.len() + breaks + part.len() <= BODY_LIMIT {
            self.text.extend(std::iter::repeat_n('\n', breaks));
            self.text.push_str(part);
        } else if self.text.len() < BODY_LIMIT {
            self.text.extend(std::iter::repeat_n('\n', breaks.min(BODY_LIMIT - self.text.len())));
            let mut room = (BODY_LIMIT - self.text.len()).min(part.len());
            while !part.is_char_boundary(room) {
                room -= 1;
            }
            self.text.push_str(&part[..room]);
        }
        let span = lines.0.get(at).map_or_else(Span::default, |line| line.span_of(part));
        self.span = self.span.to(span);
        self.blank = 0;
        self.any = true;
        self.end = at + 1;
    }

    fn found(self, from: usize) -> Option<Found> {
        if !self.any {
            return None;
        }
        let cut_by_hand =
            ["…", "...", "[truncated]", "(truncated)", "(truncated...)"].iter().any(|mark| self.text.ends_with(mark));
        let truncated = self.size > self.text.len() || cut_by_hand;
        let body = Body { size: self.size, truncated, span: self.span, text: self.text };
        Some(Found { body, end: self.end.max(from + 1), rest: self.rest, trailers: Headers::default() })
    }
}

/// What to do with line `at` of a body that is not whole yet.
enum Next {
    Take,
    Blank,
    End,
}

fn next(lines: &Lines<'_>, at: usize, from: usize, after_blank: bool, hints: &Hints<'_>) -> Next {
    if at >= lines.len() {
        return Next::End;
    }
    if is_blank(lines, at) {
        return Next::Blank;
    }
    let foreign =
        boundary::ends_message(lines, at, hints.in_prose) && !(is_multipart(hints) && lines.text(at).starts_with("--"));
    if at > from && (foreign || (after_blank && boundary::is_log_line(lines.text(at)))) {
        return Next::End;
    }
    Next::Take
}

fn json(lines: &Lines<'_>, from: usize, hints: &Hints<'_>, gather: &mut Gather) {
    let mut brackets = Brackets::default();
    let mut at = from;
    loop {
        match next(lines, at, from, gather.blank > 0, hints) {
            Next::End => return,
            Next::Blank => gather.blank += 1,
            Next::Take => {
                let line = lines.text(at);
                if let Some(close) = brackets.feed(line) {
                    gather.push(lines, at, &line[..close]);
                    let rest = &line[close..];
                    if !rest.trim().is_empty() {
                        let span = lines.0.get(at).map_or_else(Span::default, |l| l.span_of(rest));
                        gather.rest = Some((rest.to_owned(), span));
                        return;
                    }
                    // A doubled bracket is a fault of the body; another document follows in a stream.
                    let after = lines.text(at + 1).trim();
                    let stray = !after.is_empty() && after.bytes().all(|b| matches!(b, b'}' | b']' | b','));
                    let stream = is_stream(hints) && after.starts_with(['{', '[']);
                    if !stray && !stream {
                        return;
                    }
                    brackets = Brackets::default();
                } else {
                    if let Some(cut) = (hints.cut)(line).filter(|&cut| line.is_char_boundary(cut)) {
                        if cut > 0 {
                            gather.push(lines, at, line[..cut].trim_end());
                        }
                        return;
                    }
                    gather.push(lines, at, line);
                }
            }
        }
        at += 1;
    }
}

/// Counts brackets outside strings. A string never goes over a line end, so a lost quote costs one line.
#[derive(Default)]
struct Brackets {
    depth: usize,
    in_string: bool,
}

impl Brackets {
    /// Reads one line; the offset behind the bracket that closes the document.
    fn feed(&mut self, line: &str) -> Option<usize> {
        let mut escaped = false;
        self.in_string = false;
        for (at, byte) in line.bytes().enumerate() {
            if self.in_string {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

fn markup(lines: &Lines<'_>, from: usize, hints: &Hints<'_>, root: &str, gather: &mut Gather) {
    let mut close = format!("</{root}");
    let mut closed = false;
    let mut at = from;
    loop {
        match next(lines, at, from, gather.blank > 0, hints) {
            Next::End => return,
            Next::Blank if closed => return,
            Next::Blank => gather.blank += 1,
            Next::Take => {
                let line = lines.text(at);
                if closed && !line.trim_start().starts_with('<') {
                    return;
                }
                if let Some(cut) = (hints.cut)(line).filter(|&cut| line.is_char_boundary(cut)) {
                    if cut > 0 {
                        gather.push(lines, at, line[..cut].trim_end());
                    }
                    return;
                }
                // Behind a declaration or a comment, the root stands on a later line.
                if close.len() == 2
                    && let Some(root) = markup_root(line)
                {
                    close.push_str(&root);
                }
                if let Some(found) = rfind_ignore_case(line, &close) {
                    closed = true;
                    let end = line[found..].find('>').map_or(line.len(), |gt| found + gt + 1);
                    gather.push(lines, at, &line[..end]);
                    let rest = &line[end..];
                    if !rest.trim().is_empty() {
                        let span = lines.0.get(at).map_or_else(Span::default, |l| l.span_of(rest));
                        gather.rest = Some((rest.to_owned(), span));
                        return;
                    }
                } else {
                    gather.push(lines, at, line);
                }
            }
        }
        at += 1;
    }
}

fn text(lines: &Lines<'_>, from: usize, hints: &Hints<'_>, gather: &mut Gather) {
    let length = content_length(hints.headers);
    let goes_on = hints.runs_on || is_multipart(hints) || is_stream(hints);
    let mut at = from;
    loop {
        match next(lines, at, from, gather.blank > 0, hints) {
            Next::End => return,
            Next::Blank => gather.blank += 1,
            Next::Take => {
                let line = lines.text(at);
                // After an empty line, text goes on only where something says that there is more of it.
                let more = length.is_some_and(|length| gather.size + gather.blank + line.len() <= length);
                if gather.blank > 0 && !goes_on && !more {
                    return;
                }
                if let Some(cut) = (hints.cut)(line).filter(|&cut| line.is_char_boundary(cut)) {
                    if cut > 0 {
                        gather.push(lines, at, line[..cut].trim_end());
                    }
                    return;
                }
                gather.push(lines, at, line);
            }
        }
        at += 1;
    }
}

/// Chunks as they went over the wire (RFC 9112 section 7.1): a size in hex, the data, …, `0`, trailers.
fn chunks(lines: &Lines<'_>, from: usize, hints: &Hints<'_>) -> Option<Found> {
    let coding = hints.headers.first("transfer-encoding")?;
    if !starts_with_ignore_case(coding.trim_start(), "chunked") || chunk_size(lines.text(from))? == 0 {
        return None;
    }
    let mut gather = Gather::default();
    let mut trailers = Headers::default();
    let mut at = from;
    let mut end = from;
    while let Some(size) = chunk_size(lines.text(at)) {
        end = at + 1;
        if size == 0 {
            let head = super::fields::read_head(lines, at + 1, |line| !line.trim().is_empty());
            end = head.end.max(end);
            trailers = head.fields;
            break;
        }
        at += 1;
        let mut taken = 0;
        while taken < size && at < lines.len() && !boundary::ends_message(lines, at, hints.in_prose) {
            let line = lines.text(at);
            if taken > 0 && line.trim() == "0" {
                break;
            }
            gather.push(lines, at, line);
            taken += line.len() + 1;
            at += 1;
            end = at;
        }
        // The line end behind the data may show as an empty line.
        if is_blank(lines, at) && chunk_size(lines.text(at + 1)).is_some() {
            at += 1;
        }
    }
    let mut found = gather.found(from)?;
    found.end = found.end.max(end);
    found.trailers = trailers;
    Some(found)
}

fn chunk_size(line: &str) -> Option<usize> {
    let size = line.trim().split(';').next().unwrap_or_default();
    (1..=8).contains(&size.len()).then(|| usize::from_str_radix(size, 16).ok()).flatten()
}

/// The announced length, where it can be read.
pub(crate) fn content_length(headers: &Headers) -> Option<usize> {
    headers.first("content-length")?.trim().parse().ok()
}

fn is_multipart(hints: &Hints<'_>) -> bool {
    hints.headers.first("content-type").is_some_and(|kind| starts_with_ignore_case(kind, "multipart/"))
}

fn is_stream(hints: &Hints<'_>) -> bool {
    hints.headers.first("content-type").is_some_and(|kind| {
        [
            "text/event-stream",
            "application/x-ndjson",
            "application/ndjson",
            "application/jsonl",
            "application/json-seq",
            "application/stream+json",
        ]
        .iter()
        .any(|stream| starts_with_ignore_case(kind, stream))
    })
}

/// The element that must be closed for markup to end: the first one that is no declaration.
fn markup_root(text: &str) -> Option<String> {
    let mut rest = text.trim_start().trim_start_matches('\u{feff}');
    for _ in 0..8 {
        let inner = rest.strip_prefix('<')?;
        if starts_with_ignore_case(inner, "!doctype html") {
            return Some("html".to_owned());
        }
        let length = inner
            .bytes()
            .take(64)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-' | b'_' | b'.'))
            .count();
        if length > 0 && inner.as_bytes()[0].is_ascii_alphabetic() {
            let after = inner.as_bytes().get(length);
            return after
                .is_none_or(|b| matches!(b, b'>' | b' ' | b'/' | b'\t'))
                .then(|| inner[..length].to_ascii_lowercase());
        }
        if !inner.starts_with(['?', '!']) {
            return None;
        }
        // A declaration or comment: the root may stand behind it, or on a later line.
        match inner.find('>') {
            Some(end) if !inner[end + 1..].trim_start().is_empty() => rest = inner[end + 1..].trim_start(),
            _ => return Some(String::new()),
        }
    }
    None
}

/// Finds the last `needle` (lower case) in `text`, without regard to ASCII case. An empty root (`</`) is
/// never found: what it closes is not known.
fn rfind_ignore_case(text: &str, needle: &str) -> Option<usize> {
    if needle.len() <= 2 {
        return None;
    }
    let (text, needle) = (text.as_bytes(), needle.as_bytes());
    (0..=text.len().checked_sub(needle.len())?).rev().find(|&at| {
        text[at] == b'<'
            && text[at..at + needle.len()].eq_ignore_ascii_case(needle)
            && text.get(at + needle.len()).is_none_or(|b| matches!(b, b'>' | b' '))
    })
}

fn is_blank(lines: &Lines<'_>, at: usize) -> bool {
    lines.text(at).trim().is_empty()
}

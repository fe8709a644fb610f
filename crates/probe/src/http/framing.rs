//! Where a body ends (RFC 9112 section 6.3): by its length, by its chunks, or with the connection.

use super::Progress;
use firstfault_model::{Headers, Response, Span};

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    None,
    /// So many bytes.
    Length(u64),
    /// Chunks.
    Chunked,
    /// All until the connection is closed.
    UntilClose,
}

/// Reads how the body of a response is framed; what contradicts itself becomes a mark.
pub(crate) fn of(response: &Response, to_head: bool, progress: &mut Progress) -> Framing {
    let status = response.status.unwrap_or_default();
    let codings: Vec<String> =
        response.headers.every("transfer-encoding").map(|f| f.value.to_ascii_lowercase()).collect();
    let chunked = codings.last().is_some_and(|value| value.rsplit(',').next().is_some_and(|c| c.trim() == "chunked"));
    let lengths: Vec<&str> =
        response.headers.every("content-length").flat_map(|f| f.value.split(',').map(str::trim)).collect();
    if !codings.is_empty() && !lengths.is_empty() {
        progress.mark("probe.http.framing", "content-length beside transfer-encoding");
    }
    if let [first, rest @ ..] = lengths.as_slice()
        && rest.iter().any(|other| other != first)
    {
        progress.mark("probe.http.framing", "two content-lengths");
    }
    if to_head || matches!(status, 100..=199 | 204 | 304) {
        return Framing::None;
    }
    if chunked {
        return Framing::Chunked;
    }
    if !codings.is_empty() {
        return Framing::UntilClose;
    }
    match lengths.first() {
        Some(first) => match first.parse() {
            Ok(length) => Framing::Length(length),
            Err(_) => {
                progress.mark("probe.http.framing", "a content-length that is no number");
                Framing::UntilClose
            }
        },
        None => Framing::UntilClose,
    }
}

/// Takes chunks apart as they come.
#[derive(Debug, Default)]
pub(crate) struct Chunks {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Size,
    Data(u64),
    End,
    Trailers,
}

/// The longest line of a chunk's size, and the longest trailers.
const LINE_LIMIT: usize = 16 << 10;

/// How far the chunks came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Chunked {
    /// More has to come.
    More,
    /// The last chunk was read.
    Done,
    /// These are no chunks: what was expected and found.
    Broken(String),
}

impl Chunks {
    /// Takes what is whole out of `buffer`.
    pub(crate) fn take(&mut self, buffer: &mut Vec<u8>, progress: &mut Progress) -> Chunked {
        loop {
            match &mut self.state {
                State::Size => {
                    let Some(end) = buffer.iter().position(|b| *b == b'\n') else {
                        return if buffer.len() > LINE_LIMIT { broken(buffer) } else { Chunked::More };
                    };
                    let line = buffer.get(..end).unwrap_or_default();
                    let digits = line.split(|b| *b == b';').next().unwrap_or_default();
                    let digits = String::from_utf8_lossy(digits).trim().to_owned();
                    let Some(size) = u64::from_str_radix(&digits, 16).ok().filter(|_| !digits.starts_with('+')) else {
                        return broken(buffer);
                    };
                    buffer.drain(..=end);
                    self.state = if size == 0 { State::Trailers } else { State::Data(size) };
                }
                State::Data(left) => {
                    if buffer.is_empty() {
                        return Chunked::More;
                    }
                    let now = usize::try_from(*left).unwrap_or(usize::MAX).min(buffer.len());
                    progress.keep(buffer.get(..now).unwrap_or_default());
                    buffer.drain(..now);
                    *left -= now as u64;
                    if *left == 0 {
                        self.state = State::End;
                    }
                }
                State::End => {
                    let skip = match buffer.as_slice() {
                        [b'\r', b'\n', ..] => 2,
                        [b'\n', ..] => 1,
                        [] | [b'\r'] => return Chunked::More,
                        _ => return broken(buffer),
                    };
                    buffer.drain(..skip);
                    self.state = State::Size;
                }
                State::Trailers => {
                    let Some(end) = buffer.iter().position(|b| *b == b'\n') else {
                        return if buffer.len() > LINE_LIMIT { broken(buffer) } else { Chunked::More };
                    };
                    let line = String::from_utf8_lossy(buffer.get(..end).unwrap_or_default()).trim_end().to_owned();
                    buffer.drain(..=end);
                    if line.is_empty() {
                        return Chunked::Done;
                    }
                    if let (Some((name, value)), Some(response)) = (line.split_once(':'), progress.response.as_mut()) {
                        add(&mut response.trailers, name, value);
                    }
                }
            }
        }
    }
}

fn add(trailers: &mut Headers, name: &str, value: &str) {
    if trailers.0.len() < 100 {
        trailers.push(name.trim(), value.trim(), Span::default());
    }
}

fn broken(buffer: &[u8]) -> Chunked {
    let found: String = String::from_utf8_lossy(buffer.get(..buffer.len().min(24)).unwrap_or_default())
        .chars()
        .map(|c| if c.is_control() { '·' } else { c })
        .collect();
    Chunked::Broken(format!("expected the size of a chunk, found {found:?}"))
}

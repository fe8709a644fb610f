//! HTTP/1 on a connection: the request is written while the answer is read, since servers may answer early.

use super::framing::{self, Chunked, Chunks, Framing};
use super::head::Message;
use super::tap::Tap;
use super::{HEAD_LIMIT, Progress, broken};
use crate::exchange::{Failure, Phase, Wrong};
use firstfault_model::{Body, Headers, Response, Span};
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::Notify;

/// How long a body waits for `100 Continue` before it is sent all the same, as curl does.
const CONTINUE_WAIT: Duration = Duration::from_secs(1);
/// How long more is waited for of what is no HTTP, so that it can be named.
const GARBAGE_WAIT: Duration = Duration::from_millis(200);
/// How many interim responses are read.
const INTERIM_LIMIT: usize = 20;

/// The two directions of a connection.
struct Duplex<'m> {
    reader: ReadHalf<Tap>,
    sending: Option<Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'm>>>,
    /// Why sending ended early.
    refused: Option<io::Error>,
    buffer: Vec<u8>,
}

impl Duplex<'_> {
    /// Reads more, and goes on sending meanwhile. `Ok(0)` is the end.
    async fn more(&mut self, progress: &mut Progress) -> io::Result<usize> {
        let mut part = [0; 16 << 10];
        loop {
            let count = match self.sending.as_mut() {
                None => self.reader.read(&mut part).await?,
                Some(sending) => tokio::select! {
                    biased;
                    sent = sending => {
                        self.sending = None;
                        match sent {
                            Ok(()) => {
                                progress.sent = Some(Instant::now());
                                progress.phase = progress.phase.max(Phase::Wait);
                            }
                            Err(error) => self.refused = Some(error),
                        }
                        continue;
                    }
                    read = self.reader.read(&mut part) => read?,
                },
            };
            if count > 0 {
                progress.first.get_or_insert_with(Instant::now);
                self.buffer.extend_from_slice(part.get(..count).unwrap_or_default());
            }
            return Ok(count);
        }
    }

    /// Why nothing more comes. A write may have been the first to learn of a RST.
    fn ended(&self, read: &io::Result<usize>) -> (Wrong, String) {
        match (read, &self.refused) {
            (Err(error), _) => broken(error),
            (Ok(_), Some(refused)) => broken(refused),
            (Ok(_), None) => (Wrong::Closed, "the connection was closed (FIN)".to_owned()),
        }
    }
}

/// Sends a request and reads its answer into `progress`.
pub(crate) async fn converse(tap: Tap, message: &Message, progress: &mut Progress) -> Result<(), Failure> {
    let (reader, writer) = tokio::io::split(tap);
    let go = Notify::new();
    let sending = Box::pin(write(writer, message, &go));
    let mut duplex = Duplex { reader, sending: Some(sending), refused: None, buffer: Vec::new() };
    let response = head(&mut duplex, message, &go, progress).await?;
    if duplex.sending.is_some() {
        progress.mark("probe.http.early", "true");
        if message.expects {
            // The answer came instead of `100 Continue`: the body stays here.
            duplex.sending = None;
        }
    }
    let framing = framing::of(&response, message.is_head, progress);
    progress.response = Some(response);
    progress.phase = Phase::Receive;
    if message.expects && progress.sent.is_none() {
        progress.mark("probe.http.body_sent", "no");
    }
    body(&mut duplex, framing, progress).await
}

async fn write(mut writer: WriteHalf<Tap>, message: &Message, go: &Notify) -> io::Result<()> {
    match &message.body {
        Some(body) if message.expects => {
            writer.write_all(&message.head).await?;
            writer.flush().await?;
            let _ = tokio::time::timeout(CONTINUE_WAIT, go.notified()).await;
            writer.write_all(body).await?;
        }
        Some(body) => {
            // One write, so that a small request is one packet.
            let small = body.len() <= 16 << 10;
            if small {
                writer.write_all(&[message.head.as_slice(), body].concat()).await?;
            } else {
                writer.write_all(&message.head).await?;
                writer.write_all(body).await?;
            }
        }
        None => writer.write_all(&message.head).await?,
    }
    writer.flush().await
}

/// Reads heads until the final one.
async fn head(
    duplex: &mut Duplex<'_>,
    message: &Message,
    go: &Notify,
    progress: &mut Progress,
) -> Result<Response, Failure> {
    let mut interim = 0;
    loop {
        match parse(&duplex.buffer) {
            Parsed::Head { response, length, faults } => {
                duplex.buffer.drain(..length);
                let status = response.status.unwrap_or_default();
                for fault in faults {
                    progress.mark("probe.http.head_fault", fault);
                }
                if (100..200).contains(&status) && status != 101 {
                    progress.mark("probe.http.interim", status.to_string());
                    if status == 100 && message.expects {
                        go.notify_one();
                    }
                    interim += 1;
                    if interim <= INTERIM_LIMIT {
                        continue;
                    }
                    let words = format!("expected a final response, found {interim} interim ones");
                    return Err(Failure { phase: Phase::Wait, wrong: Wrong::Protocol, words });
                }
                return Ok(*response);
            }
            Parsed::Garbage => return Err(garbage(duplex, progress).await),
            Parsed::More if duplex.buffer.len() > HEAD_LIMIT => {
                let words = format!("expected a head of at most {HEAD_LIMIT} bytes, found more");
                progress.mark("probe.http.garbage", "endless_head");
                return Err(Failure { phase: Phase::Wait, wrong: Wrong::Protocol, words });
            }
            Parsed::More => {}
        }
        let read = duplex.more(progress).await;
        if matches!(read, Ok(count) if count > 0) {
            continue;
        }
        let (wrong, how) = duplex.ended(&read);
        let got = duplex.buffer.len();
        if got > 0 && !b"HTTP/1.".starts_with(duplex.buffer.get(..got.min(7)).unwrap_or_default()) {
            let whole_head = duplex.buffer.starts_with(b"HTTP/");
            if !whole_head {
                return Err(garbage(duplex, progress).await);
            }
        }
        let phase = if wrong == Wrong::Alert { Phase::Tls } else { progress.phase };
        let words = if got > 0 {
            progress.mark("probe.http.head", "cut");
            format!("{how} after {got} bytes of the head of an answer")
        } else {
            format!("{how} before any answer")
        };
        return Err(Failure { phase, wrong, words });
    }
}

enum Parsed {
    More,
    Head { response: Box<Response>, length: usize, faults: Vec<String> },
    Garbage,
}

/// Reads a head, strictly first: what only a tolerant reader takes is a fault that others may choke on.
fn parse(buffer: &[u8]) -> Parsed {
    let start = buffer.iter().position(|b| !matches!(b, b'\r' | b'\n')).unwrap_or(buffer.len());
    let bytes = buffer.get(start..).unwrap_or_default();
    let known = bytes.len().min(5);
    if bytes.get(..known) != b"HTTP/".get(..known) {
        return Parsed::Garbage;
    }
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut strict = httparse::Response::new(&mut fields);
    let mut faults = Vec::new();
    match strict.parse(bytes) {
        Ok(httparse::Status::Partial) => return Parsed::More,
        Ok(httparse::Status::Complete(length)) => {
            return Parsed::Head { response: Box::new(response(&strict)), length: start + length, faults };
        }
        Err(error) => faults.push(error.to_string()),
    }
    let mut config = httparse::ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    let mut fields = [httparse::EMPTY_HEADER; 256];
    let mut tolerant = httparse::Response::new(&mut fields);
    match config.parse_response(&mut tolerant, bytes) {
        Ok(httparse::Status::Partial) => Parsed::More,
        Ok(httparse::Status::Complete(length)) => {
            Parsed::Head { response: Box::new(response(&tolerant)), length: start + length, faults }
        }
        Err(_) => by_hand(bytes, start, faults),
    }
}

/// A head whose first line no parser takes (`HTTP/2 200`, a byte that is no text in the reason) is still read for what it says.
fn by_hand(bytes: &[u8], start: usize, faults: Vec<String>) -> Parsed {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
    let end = end.or_else(|| bytes.windows(2).position(|w| w == b"\n\n").map(|at| at + 2));
    let Some(end) = end else { return Parsed::More };
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    let mut words = first.splitn(3, ' ');
    let version = words.next().unwrap_or_default();
    let status: Option<u16> = words.next().and_then(|w| w.parse().ok()).filter(|s| (100..=999).contains(s));
    let Some(status) = status else { return Parsed::Garbage };
    let mut headers = Headers::default();
    for (name, value) in lines.filter_map(|line| line.split_once(':')).take(500) {
        headers.push(name.trim(), value.trim(), Span::default());
    }
    let response = Response {
        status: Some(status),
        reason: words.next().map(str::to_owned),
        version: Some(version.to_owned()),
        headers,
        complete: true,
        ..Response::default()
    };
    Parsed::Head { response: Box::new(response), length: start + end, faults }
}

fn response(parsed: &httparse::Response<'_, '_>) -> Response {
    let mut headers = Headers::default();
    for field in parsed.headers.iter() {
        headers.push(field.name, String::from_utf8_lossy(field.value).into_owned(), Span::default());
    }
    let minor = parsed.version.unwrap_or(1);
    Response {
        status: parsed.code,
        reason: parsed.reason.map(str::to_owned).filter(|reason| !reason.is_empty()),
        version: Some(format!("HTTP/1.{minor}")),
        headers,
        complete: true,
        ..Response::default()
    }
}

/// Names what came instead of HTTP.
async fn garbage(duplex: &mut Duplex<'_>, progress: &mut Progress) -> Failure {
    let until = tokio::time::Instant::now() + GARBAGE_WAIT;
    while duplex.buffer.len() < 64 << 10 {
        match tokio::time::timeout_at(until, duplex.more(progress)).await {
            Ok(Ok(count)) if count > 0 => {}
            _ => break,
        }
    }
    let bytes = &duplex.buffer;
    let (kind, what) = kind(bytes);
    progress.mark("probe.http.garbage", kind);
    if let Some(alert) = bytes.get(6).filter(|_| kind == "tls_alert") {
        progress.mark("tls.alert", alert.to_string());
    }
    let readable = std::str::from_utf8(bytes).is_ok();
    if readable {
        let line: String = String::from_utf8_lossy(bytes).chars().take(80).filter(|c| !c.is_control()).collect();
        progress.mark("probe.http.first_line", line);
        let body = Body::bounded(&String::from_utf8_lossy(bytes), Span::default());
        progress.response = Some(Response { body: Some(body), ..Response::default() });
    }
    Failure { phase: Phase::Wait, wrong: Wrong::Protocol, words: format!("expected an HTTP response, found {what}") }
}

/// What the first bytes of something look like.
pub(crate) fn kind(bytes: &[u8]) -> (&'static str, &'static str) {
    match bytes {
        [0x15, 3, ..] => ("tls_alert", "an alert of TLS: the port speaks TLS"),
        [0x16, 3, ..] => ("tls", "a handshake of TLS: the port speaks TLS"),
        // A frame of SETTINGS on stream 0 (RFC 9113 section 6.5).
        [0, 0, _, 4, _, 0, 0, 0, 0, ..] => ("http2", "a frame of HTTP/2"),
        [b'H', b'T', b'T', b'P', b'/', b'1', ..] => ("http1", "an HTTP/1 response"),
        [b'S', b'S', b'H', b'-', ..] => ("ssh", "the greeting of an SSH server"),
        [b'2', b'2', b'0', b' ' | b'-', ..] => ("smtp_ftp", "the greeting of a mail or FTP server"),
        [b'+', b'O', b'K', ..] | [b'*', b' ', b'O', b'K', ..] => ("mail", "the greeting of a mail server"),
        [b'-', b'E', b'R', b'R', ..] => ("redis", "an error in the protocol of Redis"),
        [_, _, 0, 0, 0, 0x0a, ..] => ("mysql", "the greeting of a MySQL server"),
        [b'<' | b'{' | b'[', ..] => ("headless", "a body without a head"),
        _ if std::str::from_utf8(bytes).is_ok() => ("text", "text"),
        _ => ("binary", "bytes that are no text"),
    }
}

/// Reads the body.
async fn body(duplex: &mut Duplex<'_>, framing: Framing, progress: &mut Progress) -> Result<(), Failure> {
    let mut chunks = Chunks::default();
    loop {
        match framing {
            Framing::None => {
                progress.whole = true;
                return Ok(());
            }
            Framing::Length(length) => {
                let left = usize::try_from(length - progress.body_size).unwrap_or(usize::MAX);
                let now = left.min(duplex.buffer.len());
                progress.keep(duplex.buffer.get(..now).unwrap_or_default());
                duplex.buffer.drain(..now);
                if progress.body_size == length {
                    progress.whole = true;
                    return Ok(());
                }
            }
            Framing::Chunked => match chunks.take(&mut duplex.buffer, progress) {
                Chunked::More => {}
                Chunked::Done => {
                    progress.whole = true;
                    return Ok(());
                }
                Chunked::Broken(words) => {
                    return Err(Failure { phase: Phase::Receive, wrong: Wrong::Protocol, words });
                }
            },
            Framing::UntilClose => {
                progress.keep(&duplex.buffer);
                duplex.buffer.clear();
            }
        }
        if progress.enough() {
            progress.mark("probe.http.body_left", "true");
            return Ok(());
        }
        let read = duplex.more(progress).await;
        if matches!(read, Ok(count) if count > 0) {
            continue;
        }
        let (wrong, how) = duplex.ended(&read);
        if framing == Framing::UntilClose && wrong == Wrong::Closed {
            progress.whole = read.is_ok();
            if read.is_err() {
                progress.mark("probe.http.close_notify", "missing");
            }
            return Ok(());
        }
        let got = progress.body_size;
        let expected = match framing {
            Framing::Length(length) => format!(" of {length}"),
            _ => String::new(),
        };
        let words = format!("{how} after {got}{expected} bytes of the body");
        return Err(Failure { phase: Phase::Receive, wrong, words });
    }
}

//! A small HTTP/1.1 server that can break the wire wherever it wants: answers are programs of bytes, waits and ends.

use crate::world::Handler;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest head, and the longest body, that the lab reads.
const HEAD_LIMIT: usize = 256 * 1024;
const BODY_LIMIT: usize = 32 * 1024 * 1024;

/// A request that came.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Method token.
    pub method: String,
    /// Path without the query, as sent.
    pub path: String,
    /// Query without `?`, as sent; empty when there is none.
    pub query: String,
    /// Fields in order.
    pub headers: Vec<(String, String)>,
    /// Body, chunks joined.
    pub body: Vec<u8>,
    /// Who asks.
    pub peer: Option<SocketAddr>,
    /// Whether it came as HTTP/1.0.
    pub old: bool,
}

impl Asked {
    /// The first value of a field, by case-insensitive name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The first value of a query parameter, as sent.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.split_once('=').filter(|(n, _)| *n == name)).map(|(_, v)| v)
    }

    /// The body as JSON, when it is some.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }

    /// The bytes of the head, about: request line and fields.
    #[must_use]
    pub fn head_size(&self) -> usize {
        let fields: usize = self.headers.iter().map(|(n, v)| n.len() + v.len() + 4).sum();
        self.method.len() + self.path.len() + self.query.len() + 12 + fields
    }
}

/// What comes back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A well-formed response; `Content-Length` is added, and the connection stays.
    Http(Reply),
    /// Whatever is told, to the letter; the connection ends with it.
    Wire(Vec<Wire>),
}

/// One act on the wire.
#[derive(Clone, Debug)]
pub enum Wire {
    /// These bytes.
    Send(Vec<u8>),
    /// Nothing, for so long.
    Wait(Duration),
    /// A RST: what was not read is thrown away.
    Reset,
    /// A FIN in this direction; the other stays open for a while.
    HalfClose,
}

/// A well-formed response.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Reason phrase; the usual one when empty.
    pub reason: String,
    /// Fields in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// How long the server thinks first.
    pub after: Duration,
}

impl Reply {
    /// A status with a body of a type.
    #[must_use]
    pub fn new(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type".to_owned(), kind.to_owned())];
        Self { status, reason: String::new(), headers, body: body.into(), after: Duration::ZERO }
    }

    /// A status with JSON.
    #[must_use]
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// A status alone.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, reason: String::new(), headers: Vec::new(), body: Vec::new(), after: Duration::ZERO }
    }

    /// The same with one field more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same after a while.
    #[must_use]
    pub fn after(mut self, wait: Duration) -> Self {
        self.after = wait;
        self
    }

    /// The bytes of it, without the body of an answer to HEAD.
    #[must_use]
    pub fn bytes(&self, to: &str) -> Vec<u8> {
        let reason = if self.reason.is_empty() { reason(self.status) } else { &self.reason };
        let mut out = format!("HTTP/1.1 {} {reason}\r\n", self.status).into_bytes();
        let given = |name: &str| self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        for (name, value) in &self.headers {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        let bodiless = matches!(self.status, 100..200 | 204 | 304);
        if !given("content-length") && !given("transfer-encoding") && !bodiless {
            out.extend_from_slice(format!("Content-Length: {}\r\n", self.body.len()).as_bytes());
        }
        out.extend_from_slice(b"\r\n");
        if to != "HEAD" && !bodiless {
            out.extend_from_slice(&self.body);
        }
        out
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self::Http(reply)
    }
}

/// The usual reason phrases (RFC 9110 section 15).
pub(crate) fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        207 => "Multi-Status",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}

/// A stream that can be reset.
pub trait Conversation: AsyncRead + AsyncWrite + Unpin + Send {
    /// The connection below, for a RST.
    fn socket(&self) -> &TcpStream;
}

impl Conversation for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Conversation for tokio_rustls::server::TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Answers request after request until one side ends it.
///
/// # Errors
/// When the connection breaks or something else than HTTP/1 comes.
pub async fn converse<S: Conversation>(mut stream: S, peer: SocketAddr, handler: &Handler) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let Some(mut asked) = read(&mut stream, &mut buffer).await? else { return Ok(()) };
        asked.peer = Some(peer);
        let method = asked.method.clone();
        let ends = asked.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        match handler(asked).await {
            Answer::Http(reply) => {
                tokio::time::sleep(reply.after).await;
                stream.write_all(&reply.bytes(&method)).await?;
                stream.flush().await?;
                if ends || reply.headers.iter().any(|(n, v)| n.eq_ignore_ascii_case("connection") && v == "close") {
                    return stream.shutdown().await;
                }
            }
            Answer::Wire(acts) => return perform(stream, acts).await,
        }
    }
}

/// Does what it is told on a connection, and ends it.
///
/// # Errors
/// When the other side is gone.
pub async fn perform<S: Conversation>(mut stream: S, acts: Vec<Wire>) -> io::Result<()> {
    for act in acts {
        match act {
            Wire::Send(bytes) => {
                stream.write_all(&bytes).await?;
                stream.flush().await?;
            }
            Wire::Wait(time) => tokio::time::sleep(time).await,
            Wire::Reset => {
                stream.socket().set_zero_linger()?;
                return Ok(());
            }
            Wire::HalfClose => {
                stream.shutdown().await?;
                let mut rest = [0; 4096];
                // What still comes is read and dropped, until the other side has had enough.
                let drained = async { while stream.read(&mut rest).await.is_ok_and(|n| n > 0) {} };
                let _ = tokio::time::timeout(Duration::from_secs(30), drained).await;
                return Ok(());
            }
        }
    }
    stream.shutdown().await
}

/// Reads one request; `None` when the peer has no more.
///
/// # Errors
/// When the connection breaks or something else than HTTP/1 comes.
pub async fn read<S: Conversation>(stream: &mut S, buffer: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    let bad = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
    let (mut asked, head) = loop {
        let mut fields = [httparse::EMPTY_HEADER; 256];
        let mut request = httparse::Request::new(&mut fields);
        match request.parse(buffer).map_err(|error| bad(&error.to_string()))? {
            httparse::Status::Complete(head) => {
                let target = request.path.unwrap_or("/");
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                let headers = request.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect();
                let method = request.method.unwrap_or_default().to_owned();
                let (path, query) = (path.to_owned(), query.to_owned());
                let old = request.version == Some(0);
                break (Asked { method, path, query, headers, old, ..Asked::default() }, head);
            }
            httparse::Status::Partial if buffer.len() > HEAD_LIMIT => return Err(bad("a head without end")),
            httparse::Status::Partial => {
                if more(stream, buffer).await? == 0 {
                    return Ok(None);
                }
            }
        }
    };
    buffer.drain(..head);
    if asked.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        stream.flush().await?;
    }
    if asked.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked")) {
        asked.body = chunks(stream, buffer).await?;
    } else if let Some(length) = asked.header("content-length") {
        let length: usize = length.trim().parse().map_err(|_| bad("a Content-Length that is no number"))?;
        if length > BODY_LIMIT {
            return Err(bad("a body above the limit"));
        }
        while buffer.len() < length {
            if more(stream, buffer).await? == 0 {
                return Err(bad("a body that ended early"));
            }
        }
        asked.body = buffer.drain(..length).collect();
    }
    Ok(Some(asked))
}

async fn chunks<S: Conversation>(stream: &mut S, buffer: &mut Vec<u8>) -> io::Result<Vec<u8>> {
    let bad = || io::Error::new(io::ErrorKind::InvalidData, "chunks that do not add up");
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(buffer).map_err(|_| bad())? {
                httparse::Status::Complete((start, size)) => break (start, usize::try_from(size).map_err(|_| bad())?),
                httparse::Status::Partial if more(stream, buffer).await? == 0 => return Err(bad()),
                httparse::Status::Partial => {}
            }
        };
        if body.len() + size > BODY_LIMIT {
            return Err(bad());
        }
        while buffer.len() < start + size + 2 {
            if more(stream, buffer).await? == 0 {
                return Err(bad());
            }
        }
        body.extend_from_slice(&buffer[start..start + size]);
        buffer.drain(..start + size + 2);
        if size == 0 {
            return Ok(body);
        }
    }
}

async fn more<S: Conversation>(stream: &mut S, buffer: &mut Vec<u8>) -> io::Result<usize> {
    let mut part = [0; 16 * 1024];
    let count = stream.read(&mut part).await?;
    buffer.extend_from_slice(&part[..count]);
    Ok(count)
}

//! A small HTTP/1.1 client for what one system of the lab asks of another. It tells how a call broke, since gateways do.

use crate::Reply;
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The longest answer that is read.
const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// How a call to another system broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Refused,
    ConnectTimeout,
    /// The handshake, in rustls' words.
    Tls(String),
    /// A RST on the connection.
    Reset,
    /// A FIN before a whole answer.
    Closed,
    Timeout,
    /// Something came that is no HTTP.
    Malformed,
}

/// Where and how to ask.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub place: SocketAddr,
    pub tls: Option<(Arc<rustls::ClientConfig>, ServerName<'static>)>,
    pub connect: Duration,
    /// From the first byte of the request to the last of the answer.
    pub read: Duration,
}

impl Way {
    pub fn plain(place: SocketAddr, read: Duration) -> Self {
        Self { place, tls: None, connect: Duration::from_secs(5), read }
    }
}

/// Sends these bytes on a connection of their own, and reads one answer; `head` when it comes without a body.
pub(crate) async fn ask(way: &Way, request: &[u8], head: bool) -> Result<Reply, Fault> {
    let stream = match tokio::time::timeout(way.connect, TcpStream::connect(way.place)).await {
        Err(_) => return Err(Fault::ConnectTimeout),
        Ok(Err(error)) if error.kind() == io::ErrorKind::TimedOut => return Err(Fault::ConnectTimeout),
        Ok(Err(_)) => return Err(Fault::Refused),
        Ok(Ok(stream)) => stream,
    };
    let Some((config, name)) = &way.tls else { return converse(stream, way, request, head).await };
    let shaken = TlsConnector::from(config.clone()).connect(name.clone(), stream);
    match tokio::time::timeout(way.connect, shaken).await {
        Err(_) => Err(Fault::Tls("handshake timed out".to_owned())),
        Ok(Err(error)) => Err(Fault::Tls(error.to_string())),
        Ok(Ok(stream)) => converse(stream, way, request, head).await,
    }
}

/// A GET of a path.
pub(crate) async fn get(way: &Way, path: &str) -> Result<Reply, Fault> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nAccept: */*\r\nConnection: close\r\n\r\n", way.place);
    ask(way, request.as_bytes(), false).await
}

async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    way: &Way,
    request: &[u8],
    head: bool,
) -> Result<Reply, Fault> {
    let exchange = async {
        stream.write_all(request).await.map_err(|error| broken(&error))?;
        stream.flush().await.map_err(|error| broken(&error))?;
        read(&mut stream, head).await
    };
    tokio::time::timeout(way.read, exchange).await.unwrap_or(Err(Fault::Timeout))
}

fn broken(error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Fault::Reset,
        _ => Fault::Closed,
    }
}

async fn read<S: AsyncRead + Unpin>(stream: &mut S, head: bool) -> Result<Reply, Fault> {
    let mut buffer = Vec::new();
    let (mut reply, length, chunked) = loop {
        let mut fields = [httparse::EMPTY_HEADER; 128];
        let mut response = httparse::Response::new(&mut fields);
        match response.parse(&buffer).map_err(|_| Fault::Malformed)? {
            httparse::Status::Complete(end) => {
                let mut reply = Reply::empty(response.code.unwrap_or_default());
                reply.reason = response.reason.unwrap_or_default().to_owned();
                let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
                reply.headers = response.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect();
                buffer.drain(..end);
                if reply.status == 100 {
                    continue;
                }
                let field = |name: &str| {
                    reply.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim().to_owned())
                };
                let chunked = field("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked"));
                let length: Option<usize> = field("content-length").and_then(|v| v.parse().ok());
                break (reply, length, chunked);
            }
            httparse::Status::Partial => more(stream, &mut buffer).await?,
        }
    };
    if head || matches!(reply.status, 204 | 304) {
        return Ok(reply);
    }
    if chunked {
        reply.body = chunks(stream, &mut buffer).await?;
        reply.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("transfer-encoding"));
    } else if let Some(length) = length {
        while buffer.len() < length {
            more(stream, &mut buffer).await?;
        }
        buffer.truncate(length);
        reply.body = buffer;
    } else {
        loop {
            match more(stream, &mut buffer).await {
                Ok(()) => {}
                Err(Fault::Closed) => break,
                Err(fault) => return Err(fault),
            }
        }
        reply.body = buffer;
    }
    Ok(reply)
}

async fn chunks<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    loop {
        let (start, size) = loop {
            match httparse::parse_chunk_size(buffer).map_err(|_| Fault::Malformed)? {
                httparse::Status::Complete((start, size)) => {
                    break (start, usize::try_from(size).map_err(|_| Fault::Malformed)?);
                }
                httparse::Status::Partial => more(stream, buffer).await?,
            }
        };
        while buffer.len() < start.saturating_add(size).saturating_add(2) {
            more(stream, buffer).await?;
        }
        body.extend_from_slice(&buffer[start..start + size]);
        buffer.drain(..start + size + 2);
        if size == 0 {
            return Ok(body);
        }
    }
}

async fn more<S: AsyncRead + Unpin>(stream: &mut S, buffer: &mut Vec<u8>) -> Result<(), Fault> {
    if buffer.len() > ANSWER_LIMIT {
        return Err(Fault::Malformed);
    }
    let mut part = [0; 16 * 1024];
    match stream.read(&mut part).await {
        Ok(0) => Err(Fault::Closed),
        Ok(count) => {
            buffer.extend_from_slice(&part[..count]);
            Ok(())
        }
        Err(error) => Err(broken(&error)),
    }
}

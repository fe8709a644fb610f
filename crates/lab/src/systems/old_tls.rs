//! Servers of TLS that no library of today makes: hellos and alerts by hand (RFC 2246, RFC 5246, RFC 6066).
//!
//! They go as far as a client of today goes with them: to its refusal. No key is ever agreed on.

use rustls::pki_types::CertificateDer;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Alerts (RFC 8446 section 6).
pub const HANDSHAKE_FAILURE: u8 = 40;
/// No version in common.
pub const PROTOCOL_VERSION: u8 = 70;
/// No certificate for the name that was asked for (RFC 6066 section 3).
pub const UNRECOGNIZED_NAME: u8 = 112;

/// TLS 1.0 on the wire.
const TLS10: [u8; 2] = [3, 1];
/// Ciphers with RSA and CBC, as servers of that time have them.
const OLD_CIPHERS: [u16; 3] = [0x0035, 0x002f, 0x000a];

/// What a ClientHello says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// `legacy_version`.
    pub version: u16,
    /// Ciphers in order.
    pub ciphers: Vec<u16>,
    /// `supported_versions`; empty when it is not there.
    pub versions: Vec<u16>,
}

/// Reads a ClientHello; `None` when something else comes, or nothing more.
///
/// # Errors
/// When the connection breaks.
pub async fn hello(stream: &mut TcpStream) -> io::Result<Option<Hello>> {
    let mut message = Vec::new();
    loop {
        let mut head = [0; 5];
        if stream.read_exact(&mut head).await.is_err() {
            return Ok(None);
        }
        let length = usize::from(u16::from_be_bytes([head[3], head[4]]));
        if head[0] != 22 || length > 16_384 + 256 || message.len() > 65_536 {
            return Ok(None);
        }
        let mut fragment = vec![0; length];
        stream.read_exact(&mut fragment).await?;
        message.extend_from_slice(&fragment);
        if let [1, a, b, c, body @ ..] = message.as_slice() {
            let whole = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
            if let Some(body) = body.get(..whole) {
                return Ok(parse(body));
            }
        } else if message.first() != Some(&1) {
            return Ok(None);
        }
    }
}

/// Takes pieces off the front; `None` when there is less than that.
struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (front, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(front)
    }

    fn number(&mut self) -> Option<u16> {
        self.take(2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))
    }

    /// A vector with a length of one byte, or of two.
    fn short(&mut self) -> Option<&'b [u8]> {
        let length = usize::from(*self.take(1)?.first()?);
        self.take(length)
    }

    fn long(&mut self) -> Option<&'b [u8]> {
        let length = usize::from(self.number()?);
        self.take(length)
    }
}

fn numbers(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

fn parse(body: &[u8]) -> Option<Hello> {
    let mut reader = Reader(body);
    let version = reader.number()?;
    reader.take(32)?;
    reader.short()?;
    let ciphers = numbers(reader.long()?);
    reader.short()?;
    let mut versions = Vec::new();
    let mut extensions = Reader(reader.long().unwrap_or_default());
    while let (Some(kind), Some(data)) = (extensions.number(), extensions.long()) {
        if kind == 43 {
            versions = numbers(Reader(data).short()?);
        }
    }
    Some(Hello { version, ciphers, versions })
}

/// Sends a fatal alert and closes.
///
/// # Errors
/// When the connection breaks.
pub async fn alert(mut stream: TcpStream, code: u8) -> io::Result<()> {
    stream.write_all(&[21, 3, 1, 0, 2, 2, code]).await?;
    end(stream).await
}

/// What a server for TLS 1.0 alone does with a client that can more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It answers with its own version: libraries from before TLS 1.3.
    Answers,
    /// It looks at what the client offers and refuses: libraries of today with old versions switched on alone.
    Refuses,
}

/// A server for TLS 1.0 alone: a client that can do that gets a hello and the chain, another one an alert or a version that
/// it does not take.
///
/// # Errors
/// When the connection breaks.
pub async fn tls10(mut stream: TcpStream, chain: &[CertificateDer<'static>], manner: Manner) -> io::Result<()> {
    let Some(hello) = hello(&mut stream).await? else { return end(stream).await };
    let listed = hello.versions.is_empty() || hello.versions.contains(&0x0301);
    if hello.version < 0x0301 || manner == Manner::Refuses && !listed {
        return alert(stream, PROTOCOL_VERSION).await;
    }
    let Some(cipher) = OLD_CIPHERS.into_iter().find(|cipher| hello.ciphers.contains(cipher)) else {
        return alert(stream, HANDSHAKE_FAILURE).await;
    };
    // ServerHello: version, random, no session, cipher, no compression.
    let mut body = TLS10.to_vec();
    body.extend((0..32).map(|i: u8| i.wrapping_mul(37).wrapping_add(11)));
    body.push(0);
    body.extend(cipher.to_be_bytes());
    body.push(0);
    let mut certificates = Vec::new();
    for certificate in chain {
        certificates.extend(three(certificate.len()));
        certificates.extend_from_slice(certificate);
    }
    let list = [three(certificates.len()).to_vec(), certificates].concat();
    let flight = [handshake(2, &body), handshake(11, &list), handshake(14, &[])].concat();
    for fragment in flight.chunks(16_384) {
        let length = u16::try_from(fragment.len()).unwrap_or_default().to_be_bytes();
        stream.write_all(&[22, TLS10[0], TLS10[1], length[0], length[1]]).await?;
        stream.write_all(fragment).await?;
    }
    // The client's alert, or a key exchange that leads nowhere.
    let mut rest = [0; 4096];
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut rest)).await;
    end(stream).await
}

fn three(length: usize) -> [u8; 3] {
    let [.., a, b, c] = length.to_be_bytes();
    [a, b, c]
}

fn handshake(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &three(body.len()), body].concat()
}

/// Closes so that what was sent arrives: what still comes is read first.
///
/// # Errors
/// When the connection breaks.
pub async fn end(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 4096];
    let drained = async { while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
    let _ = tokio::time::timeout(Duration::from_secs(5), drained).await;
    Ok(())
}

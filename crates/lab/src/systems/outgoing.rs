//! How one system calls another: one request on a connection of its own, with patience, and errors in the words of a
//! usual client library.

use firstfault_model::Url;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// The most that is read of an answer, in bytes.
const ANSWER_LIMIT: usize = 1 << 20;

/// A request to another system.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// Method token.
    pub method: String,
    /// Absolute URL, `http` or `https`.
    pub url: String,
    /// Fields in order; `Host`, `Connection` and `Content-Length` are added.
    pub headers: Vec<(String, String)>,
    /// Body; empty for none.
    pub body: Vec<u8>,
    /// How long an answer is waited for.
    pub patience: Duration,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// Status, when one came.
    pub status: Option<u16>,
    /// Fields in order.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Why there is no answer, in the words of the client.
    pub error: Option<String>,
    /// From the first byte out to the last byte in, in milliseconds.
    pub milliseconds: u64,
}

impl Incoming {
    /// True for a 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }

    /// The first value of a field, by case-insensitive name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The body as JSON, when it is some.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

impl Outgoing {
    /// Sends it. Whatever goes wrong is in [`Incoming::error`].
    pub async fn send(&self) -> Incoming {
        let start = Instant::now();
        let went = tokio::time::timeout(self.patience, self.converse()).await;
        let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let failed = |why: &str| {
            let error = Some(format!("error sending request for url ({}): {why}", self.url));
            Incoming { status: None, headers: Vec::new(), body: Vec::new(), error, milliseconds }
        };
        match went {
            Err(_) => failed("operation timed out"),
            Ok(Err((phase, error))) => failed(&format!("client error ({phase}): {error}")),
            Ok(Ok(incoming)) => Incoming { milliseconds, ..incoming },
        }
    }

    async fn converse(&self) -> Result<Incoming, (&'static str, String)> {
        let url = Url::parse(&self.url);
        let host = url.host.clone().ok_or(("Connect", "invalid URL, scheme is missing".to_owned()))?;
        let tls = url.scheme.as_deref() == Some("https");
        let port = url.port.unwrap_or(if tls { 443 } else { 80 });
        let connecting = |error: io::Error| ("Connect", format!("tcp connect error: {error}"));
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(connecting)?;
        if !tls {
            return self.ask(stream, &url, &host, port).await;
        }
        // The public roots stand for nothing on loopback: no certificate of the lab is trusted here.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let handshake = |error: String| ("Connect", error);
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| handshake(error.to_string()))?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let name = rustls::pki_types::ServerName::try_from(host.clone()).map_err(|e| handshake(e.to_string()))?;
        let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
        self.ask(stream.map_err(|error| handshake(error.to_string()))?, &url, &host, port).await
    }

    async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        mut stream: S,
        url: &Url,
        host: &str,
        port: u16,
    ) -> Result<Incoming, (&'static str, String)> {
        let query = url.query.as_ref().map(|query| format!("?{query}")).unwrap_or_default();
        let mut head = format!("{} {}{query} HTTP/1.1\r\nHost: {host}:{port}\r\n", self.method, url.path);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !self.body.is_empty() {
            head.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        let bytes = [head.as_bytes(), &self.body].concat();
        stream.write_all(&bytes).await.map_err(|error| ("SendRequest", error.to_string()))?;
        let mut raw = Vec::new();
        let limit = u64::try_from(ANSWER_LIMIT).unwrap_or(u64::MAX);
        let received = stream.take(limit).read_to_end(&mut raw).await;
        parse(&raw).ok_or_else(|| match received {
            Err(error) => ("SendRequest", format!("connection error: {error}")),
            Ok(_) => ("SendRequest", "connection closed before message completed".to_owned()),
        })
    }
}

/// One answer with a `Content-Length`, or up to the end of the connection.
fn parse(raw: &[u8]) -> Option<Incoming> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut fields);
    let httparse::Status::Complete(head) = response.parse(raw).ok()? else { return None };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let headers: Vec<_> = response.headers.iter().map(|h| (h.name.to_owned(), text(h.value))).collect();
    let mut body = raw.get(head..)?.to_vec();
    let length = headers.iter().find(|(n, _)| n.eq_ignore_ascii_case("content-length"));
    if let Some(length) = length.and_then(|(_, value)| value.parse::<usize>().ok()) {
        if body.len() < length {
            return None;
        }
        body.truncate(length);
    }
    Some(Incoming { status: response.code, headers, body, error: None, milliseconds: 0 })
}

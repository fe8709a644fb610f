//! Raw clients: bytes out, bytes in, and the error as the socket gives it.

#![allow(dead_code, reason = "each test uses what it needs")]

use firstfault_lab::Symptom;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What came of a conversation: the bytes, and the error that ended them.
pub struct Came {
    pub text: String,
    pub error: Option<io::Error>,
}

impl Came {
    pub fn status(&self) -> u16 {
        self.text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
    }

    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let head = self.text.split_once("\r\n\r\n").map_or(self.text.as_str(), |(head, _)| head);
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    }
}

/// Sends bytes and reads until the end.
pub async fn talk(at: SocketAddr, bytes: &[u8]) -> Came {
    match TcpStream::connect(at).await {
        Ok(stream) => finish(stream, bytes).await,
        Err(error) => Came { text: String::new(), error: Some(error) },
    }
}

/// The same on any stream.
pub async fn finish<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(mut stream: S, bytes: &[u8]) -> Came {
    let mut error = stream.write_all(bytes).await.err();
    let (mut out, mut part) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut part).await {
            Ok(0) => break,
            Ok(count) => out.extend_from_slice(&part[..count]),
            Err(found) => {
                error = Some(found);
                break;
            }
        }
    }
    Came { text: String::from_utf8_lossy(&out).into_owned(), error }
}

/// A request with these header lines; the connection ends with the answer.
pub fn request(method: &str, path: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n");
    for line in headers {
        text.push_str(&format!("{line}\r\n"));
    }
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    format!("{text}\r\n{body}").into_bytes()
}

/// The port in a symptom's URL.
pub fn port(symptom: &Symptom) -> u16 {
    let url = symptom.curl.last().unwrap();
    let authority = url.split('/').nth(2).unwrap();
    authority.rsplit_once(':').unwrap().1.parse().unwrap()
}

pub fn here(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

/// The value behind an option.
pub fn option<'s>(symptom: &'s Symptom, name: &str) -> Option<&'s str> {
    symptom.curl.iter().skip_while(|argument| *argument != name).nth(1).map(String::as_str)
}

/// A client that trusts what `--cacert` names and sends what `--cert` names.
pub fn client(symptom: &Symptom) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let file = option(symptom, "--cacert").unwrap();
    for certificate in CertificateDer::pem_file_iter(file).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let builder = builder.with_root_certificates(roots);
    match (option(symptom, "--cert"), option(symptom, "--key")) {
        (Some(certificate), Some(key)) => {
            let chain = CertificateDer::pem_file_iter(certificate).unwrap().map(Result::unwrap).collect();
            let key = rustls::pki_types::PrivateKeyDer::from_pem_file(Path::new(key)).unwrap();
            builder.with_client_auth_cert(chain, key).unwrap()
        }
        _ => builder.with_no_client_auth(),
    }
}

/// Connects and shakes hands for a name.
pub async fn shake(at: SocketAddr, host: &str, config: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(at).await?;
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

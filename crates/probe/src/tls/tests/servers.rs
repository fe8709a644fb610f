//! Servers for tests: rustls as configured, and programs of bytes.

use super::pki::{Ca, Leaf};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a rustls server is set up.
#[derive(Default)]
pub(super) struct Setup<'a> {
    pub demands_client_of: Option<&'a Ca>,
    pub alpn: &'a [&'a str],
    pub only: Option<&'static SupportedProtocolVersion>,
}

/// A server that shakes hands, and answers `ok` to the first bytes.
pub(super) async fn rustls_server(leaf: &Leaf, setup: Setup<'_>) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let builder = match setup.only {
        Some(version) => builder.with_protocol_versions(&[version]).unwrap(),
        None => builder.with_safe_default_protocol_versions().unwrap(),
    };
    let builder = match setup.demands_client_of {
        None => builder.with_no_client_auth(),
        Some(ca) => {
            let mut roots = RootCertStore::empty();
            roots.add(ca.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder.with_single_cert(leaf.chain.clone(), leaf.key_der()).unwrap();
    config.alpn_protocols = setup.alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    serve(move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                let mut part = [0; 100];
                if stream.read(&mut part).await.is_ok_and(|count| count > 0) {
                    drop(stream.write_all(b"ok").await);
                    drop(stream.shutdown().await);
                }
            }
        }
    })
    .await
}

/// A server that handles each connection, numbered from zero, as told.
pub(super) async fn serve<F, R>(handle: F) -> SocketAddr
where
    F: Fn(TcpStream, usize) -> R + 'static,
    R: Future<Output = ()> + Send + 'static,
    F: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(handle(stream, number));
            number += 1;
        }
    });
    address
}

/// Reads one record, answers with these bytes, and closes when the client has.
pub(super) async fn answers(bytes: &[u8]) -> SocketAddr {
    let bytes = Arc::new(bytes.to_vec());
    serve(move |stream, _| answer(stream, Arc::clone(&bytes))).await
}

pub(super) async fn answer(mut stream: TcpStream, bytes: Arc<Vec<u8>>) {
    read_record(&mut stream).await;
    drop(stream.write_all(&bytes).await);
    let mut rest = [0; 4096];
    let until_closed = async { while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {} };
    drop(tokio::time::timeout(Duration::from_secs(20), until_closed).await);
}

pub(super) async fn read_record(stream: &mut TcpStream) -> Vec<u8> {
    let mut head = [0; 5];
    drop(stream.read_exact(&mut head).await);
    let mut body = vec![0; usize::from(u16::from_be_bytes([head[3], head[4]]))];
    drop(stream.read_exact(&mut body).await);
    body
}

/// A record.
pub(super) fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let mut record = vec![kind, 3, 1];
    record.extend(u16::try_from(content.len()).unwrap().to_be_bytes());
    record.extend(content);
    record
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = vec![kind];
    message.extend(&u32::try_from(body.len()).unwrap().to_be_bytes()[1..]);
    message.extend(body);
    message
}

/// The first flight of a server up to TLS 1.2.
pub(super) fn old_flight(version: u16, suite: u16, certificate: &[u8]) -> Vec<u8> {
    let mut hello = version.to_be_bytes().to_vec();
    hello.extend([7; 32]);
    hello.push(0);
    hello.extend(suite.to_be_bytes());
    hello.push(0);
    let length = |bytes: usize| u32::try_from(bytes).unwrap().to_be_bytes()[1..].to_vec();
    let mut list = length(certificate.len() + 3);
    list.extend(length(certificate.len()));
    list.extend(certificate);
    let mut messages = message(2, &hello);
    messages.extend(message(11, &list));
    messages.extend(message(14, &[]));
    record(22, &messages)
}

//! The TLS handshake.

use crate::exchange::{Failure, Phase, Wrong};
use crate::target::{Connect, Versions};
use crate::walk::{State, Step};
use firstfault_model::Layer;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// What a handshake came to.
#[derive(Debug)]
pub struct Handshake {
    /// The protected connection.
    pub stream: Option<TlsStream<TcpStream>>,
    /// HTTP/2 was agreed on.
    pub h2: bool,
    /// For people.
    pub step: Step,
    /// Facts.
    pub marks: Vec<(String, String)>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// How long it took.
    pub milliseconds: f64,
}

/// What a server offers.
#[derive(Clone, Debug)]
pub struct Survey {
    /// For people.
    pub step: Step,
    /// Facts.
    pub marks: Vec<(String, String)>,
}

/// Shakes hands.
pub async fn handshake(stream: TcpStream, host: &str, connect: &Connect, _now_ms: i64) -> Handshake {
    let began = Instant::now();
    let attempt = tokio::time::timeout(connect.connect_timeout, shake(stream, host, connect)).await;
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let (stream, failure) = match attempt {
        Ok(Ok(stream)) => (Some(stream), None),
        Ok(Err(words)) => (None, Some(Failure { phase: Phase::Tls, wrong: Wrong::Protocol, words })),
        Err(_) => {
            let words = "the handshake did not end in time".to_owned();
            (None, Some(Failure { phase: Phase::Tls, wrong: Wrong::Timeout, words }))
        }
    };
    let h2 = stream.as_ref().is_some_and(|s| s.get_ref().1.alpn_protocol() == Some(b"h2"));
    let says = failure.as_ref().map_or_else(|| "hands were shaken".to_owned(), |f| f.words.clone());
    let state = if failure.is_some() { State::Failed } else { State::Passed };
    let step =
        Step { layer: Layer::Network, name: "tls", state, milliseconds: Some(milliseconds), says, details: Vec::new() };
    Handshake { stream, h2, step, marks: Vec::new(), failure, milliseconds }
}

async fn shake(stream: TcpStream, host: &str, connect: &Connect) -> Result<TlsStream<TcpStream>, String> {
    let mut roots = rustls::RootCertStore::empty();
    if connect.roots.is_empty() {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    for path in &connect.roots {
        let certificates = CertificateDer::pem_file_iter(path).map_err(|error| error.to_string())?;
        roots.add_parsable_certificates(certificates.flatten());
    }
    let mut config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = match connect.http {
        Versions::Best => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Versions::Http1 => vec![b"http/1.1".to_vec()],
        Versions::Http2 => vec![b"h2".to_vec()],
    };
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.map_err(|error| error.to_string())
}

/// Nothing is looked at yet.
pub async fn survey(_peer: SocketAddr, _host: &str, _connect: &Connect) -> Survey {
    let says = "what the server offers was not looked at".to_owned();
    let step = Step {
        layer: Layer::Network,
        name: "tls",
        state: State::Passed,
        milliseconds: None,
        says,
        details: Vec::new(),
    };
    Survey { step, marks: Vec::new() }
}

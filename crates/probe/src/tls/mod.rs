//! The secure channel: the handshake as a client makes it, the chain that the server sends and what is wrong with it, and
//! what the server would have taken. Measures and names; refuses to know causes.

mod certificate;
mod chain;
mod ended;
mod foreign;
mod hello;
mod intercept;
mod report;
mod survey;
#[cfg(test)]
mod tests;
mod trust;
mod verify;

pub use ended::{Late, late, late_end};
pub use survey::{Survey, survey};
pub use verify::ClientCertificate;

use crate::{Connect, Failure, ProxyChoice, Step, Versions};
use ended::{Ended, Marks};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, ServerName};
use socket2::SockRef;
use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A handshake, and what it showed.
#[derive(Debug)]
pub struct Handshake {
    /// The channel, when there is one.
    pub stream: Option<TlsStream<TcpStream>>,
    /// HTTP/2 was agreed on by ALPN.
    pub h2: bool,
    /// The server's demand for a client certificate: for [`late`].
    pub asked: Option<ClientCertificate>,
    /// The step, for people.
    pub step: Step,
    /// `probe.tls` and others: docs/packs.md.
    pub marks: Vec<(String, String)>,
    /// Why there is no channel.
    pub failure: Option<Failure>,
    /// How long it took, questions asked afterwards included.
    pub milliseconds: f64,
}

/// Reads this machine's roots ahead on a thread of its own, while names are looked up and connections made. Only saves
/// time; to be called when the URL says `https`.
pub fn read_ahead(connect: &Connect) {
    trust::read_ahead(&connect.roots);
}

/// Shakes hands on `stream` as a client of `host`. The chain is judged at `now_ms` (milliseconds since the Unix epoch), by
/// `connect.roots` or this machine's; a chain that does not hold ends it, unless `connect.insecure`. Bounded by
/// `connect.connect_timeout`. Where the server refuses all that is offered, one more connection asks what it would have
/// taken (not through a proxy).
pub async fn handshake(stream: TcpStream, host: &str, connect: &Connect, now_ms: i64) -> Handshake {
    let begun = Instant::now();
    trust::read_ahead(&connect.roots);
    let direct = matches!(connect.proxy, ProxyChoice::Direct { .. });
    let peer = stream.peer_addr().ok().filter(|_| direct);
    let prepared = match Prepared::new(host, connect, now_ms) {
        Ok(prepared) => prepared,
        Err((mark, words)) => return report::unprepared(mark, words, begun.elapsed()),
    };
    let connector = TlsConnector::from(Arc::clone(&prepared.config));
    let shaking = shake(stream, &connector, prepared.name.clone());
    let result = tokio::time::timeout(connect.connect_timeout, shaking).await.unwrap_or(Err(Ended::Timeout));
    let after = match &result {
        Ok(_) => None,
        Err(ended) => old_offer(ended, &prepared, peer, host, connect).await,
    };
    let verdict = prepared.judge.verdict().or_else(|| {
        let sent: Vec<CertificateDer<'_>> =
            after.as_ref()?.certificates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        (!sent.is_empty()).then(|| prepared.judge.judge(&sent, &prepared.name))
    });
    let seen = report::Seen {
        verdict,
        asked: prepared.identity.asked(),
        identity: prepared.identity.own().map(|own| (own.subject.clone(), own.not_before, own.not_after)),
        after,
        now: prepared.judge.now,
    };
    report::handshake(result, seen, begun.elapsed())
}

/// What the server says to an older offer, where its refusal leaves that open.
async fn old_offer(
    ended: &Ended,
    prepared: &Prepared,
    peer: Option<SocketAddr>,
    host: &str,
    connect: &Connect,
) -> Option<hello::Flight> {
    let open = match ended {
        Ended::Alert(number) => matches!(number, 10 | 40 | 47 | 50 | 70 | 71 | 80 | 86 | 109),
        Ended::Incompatible(_) | Ended::Closed | Ended::Reset => true,
        _ => false,
    };
    if !open || prepared.identity.asked().is_some() || prepared.judge.verdict().is_some() {
        return None;
    }
    survey::old_offer(peer?, host, connect).await
}

/// All that a handshake needs.
struct Prepared {
    name: ServerName<'static>,
    config: Arc<ClientConfig>,
    judge: Arc<verify::Judge>,
    identity: Arc<verify::Identity>,
}

impl Prepared {
    /// The error is the value of `probe.tls`, and words.
    fn new(host: &str, connect: &Connect, now_ms: i64) -> Result<Self, (&'static str, String)> {
        let own = match &connect.identity {
            Some((certificate, key)) => Some(
                verify::read_identity(certificate, key).map_err(|words| ("client_certificate_unreadable", words))?,
            ),
            None => None,
        };
        let bare = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|_| ("local", "the host is no name that TLS could ask for".to_owned()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let algorithms = provider.signature_verification_algorithms;
        let judge = verify::Judge::new(connect.roots.clone(), connect.insecure, now_ms.div_euclid(1000), algorithms);
        let judge = Arc::new(judge);
        let identity = Arc::new(verify::Identity::new(own));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(connect))
            .map_err(|fault| ("local", fault.to_string()))?;
        let verifier: Arc<dyn rustls::client::danger::ServerCertVerifier> = Arc::clone(&judge) as _;
        let resolver: Arc<dyn rustls::client::ResolvesClientCert> = Arc::clone(&identity) as _;
        let mut config =
            builder.dangerous().with_custom_certificate_verifier(verifier).with_client_cert_resolver(resolver);
        config.alpn_protocols = match connect.http {
            Versions::Best => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            Versions::Http1 => vec![b"http/1.1".to_vec()],
            Versions::Http2 => vec![b"h2".to_vec()],
        };
        // A server that answers with another protocol is reported, not refused.
        config.check_selected_alpn = false;
        config.resumption = rustls::client::Resumption::disabled();
        Ok(Self { name, config: Arc::new(config), judge, identity })
    }
}

/// The versions that are offered: TLS 1.2 and 1.3, but for what `--tlsv1.3` and `--tls-max` leave out.
fn versions(connect: &Connect) -> Vec<&'static rustls::SupportedProtocolVersion> {
    let (lowest, highest) = connect.tls;
    let taken = |version: u16| lowest.is_none_or(|l| l <= version) && highest.is_none_or(|h| version <= h);
    rustls::ALL_VERSIONS.iter().copied().filter(|offered| taken(u16::from(offered.version))).collect()
}

/// The host for SNI: addresses have none (RFC 6066 section 3).
fn sni(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.');
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    (bare.parse::<IpAddr>().is_err() && !host.is_empty() && host.len() < 254).then(|| host.to_ascii_lowercase())
}

/// The handshake itself. The first bytes that come are looked at before rustls takes them, since it keeps none of what is
/// no TLS.
async fn shake(
    stream: TcpStream,
    connector: &TlsConnector,
    name: ServerName<'static>,
) -> Result<TlsStream<TcpStream>, Ended> {
    // Ignored where it fails: the handshake is only slower then.
    let _ = stream.set_nodelay(true);
    let mut watcher = SockRef::from(&stream).try_clone().ok().map(std::net::TcpStream::from);
    let mut shaking = pin!(connector.connect(name, stream));
    let polled = |context: &mut Context<'_>| {
        match watcher.as_ref().map(first_bytes) {
            // The look takes the error of a reset away from rustls, which would see a mere end.
            Some(Err(error)) if error.kind() != ErrorKind::WouldBlock => return Poll::Ready(Err(Ended::of(&error))),
            Some(Ok(bytes)) => {
                watcher = None;
                if !bytes.is_empty() && !hello::looks_like_tls(&bytes) {
                    return Poll::Ready(Err(Ended::Foreign(bytes)));
                }
            }
            Some(Err(_)) | None => {}
        }
        shaking.as_mut().poll(context).map_err(|error| Ended::of(&error))
    };
    std::future::poll_fn(polled).await
}

/// What lies in the socket, without taking it; it does not block, as the socket is tokio's.
fn first_bytes(socket: &std::net::TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; 1024];
    let count = socket.peek(&mut bytes)?;
    bytes.truncate(count);
    Ok(bytes)
}

/// Adds a mark.
fn mark(marks: &mut Marks, name: &str, value: impl Into<String>) {
    marks.push((name.to_owned(), value.into()));
}

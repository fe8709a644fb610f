//! What a server takes: versions, ciphers, ALPN, a client certificate. One hello by hand for each question, all at once,
//! each on a connection of its own that ends with the server's first flight.

use super::certificate;
use super::ended::Marks;
use super::hello::{FLIGHT_BYTES, Flight, Hello, Version, read, suite};
use crate::{Connect, State, Step};
use firstfault_model::Layer;
use rustls::crypto::CryptoProvider;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest that one hello may take: a server that answers at all does so at once.
const HELLO_TIME: Duration = Duration::from_secs(3);

/// What a server takes.
#[derive(Clone, Debug)]
pub struct Survey {
    /// The step, for people.
    pub step: Step,
    /// `probe.tls.versions` and others.
    pub marks: Vec<(String, String)>,
}

/// One answer: what was asked, and the flight.
struct Answer {
    version: Version,
    flight: Option<Flight>,
}

impl Answer {
    /// The flight, when the server took this very version.
    fn taken(&self) -> Option<&Flight> {
        self.flight.as_ref().filter(|flight| flight.version == Some(self.version))
    }
}

/// Asks the server at `peer` which versions from SSL 3.0 to TLS 1.3 it takes for `host`, with which cipher, which ALPN
/// protocols, and whether it wants a client certificate: six connections at once, each bounded by three seconds and by
/// `connect.connect_timeout`. ALPN and the demand for a certificate show only before TLS 1.3, where they are not encrypted.
pub async fn survey(peer: SocketAddr, host: &str, connect: &Connect) -> Survey {
    let begun = Instant::now();
    let ask = |version, alpn: &'static [&'static str]| {
        let limit = connect.connect_timeout.min(HELLO_TIME);
        async move { Answer { version, flight: answer(peer, host, version, alpn, limit).await } }
    };
    let (ssl3, tls10, tls11, tls12, http1, tls13) = tokio::join!(
        ask(Version::SSL3, &[]),
        ask(Version::TLS10, &[]),
        ask(Version::TLS11, &[]),
        ask(Version::TLS12, &["h2"]),
        ask(Version::TLS12, &["http/1.1"]),
        ask(Version::TLS13, &["h2", "http/1.1"]),
    );
    report([&ssl3, &tls10, &tls11, &tls12, &tls13], &http1, begun.elapsed())
}

fn report(answers: [&Answer; 5], http1: &Answer, took: Duration) -> Survey {
    let (mut marks, mut details): (Marks, Vec<String>) = (Vec::new(), Vec::new());
    let mut mark = |name: &str, value: String| marks.push((name.to_owned(), value));
    let taken: Vec<(Version, &Flight)> =
        answers.iter().filter_map(|a| a.taken().map(|flight| (a.version, flight))).collect();
    let names: Vec<String> = taken.iter().map(|(version, _)| version.name()).collect();
    if !names.is_empty() {
        mark("probe.tls.versions", names.join(", "));
    }
    for (version, flight) in &taken {
        if let Some(number) = flight.suite {
            let line = format!("{} {}", version.name(), suite(number));
            mark("probe.tls.version_cipher", line.clone());
            details.push(line);
        }
    }
    let alpn = [answers[3], http1].into_iter().filter_map(|answer| answer.taken()?.alpn.clone());
    let mut alpn: Vec<String> = alpn.collect();
    alpn.dedup();
    if !alpn.is_empty() {
        mark("probe.tls.alpn_taken", alpn.join(", "));
        details.push(format!("ALPN: {}", alpn.join(", ")));
    }
    if let Some(accepted) = taken.iter().find_map(|(_, flight)| flight.asks_for.as_ref()) {
        mark("tls.client_certificate_requested", "true".to_owned());
        details.push("a client certificate is requested".to_owned());
        for name in accepted.iter().filter_map(|name| certificate::distinguished_name(name)) {
            mark("probe.tls.client_ca", name);
        }
    }
    let silent = answers.iter().filter(|answer| answer.flight.is_none()).count();
    if silent > 0 && !taken.is_empty() {
        details.push(format!("{silent} of 5 hellos got no answer"));
    }
    let old = taken.iter().any(|(version, _)| *version < Version::TLS12);
    let state = match () {
        () if taken.is_empty() => State::Failed,
        // RFC 8996 and RFC 7568 forbid them.
        () if old => State::Doubtful,
        () => State::Passed,
    };
    let says =
        if taken.is_empty() { "takes no version of TLS".to_owned() } else { format!("takes {}", names.join(", ")) };
    let milliseconds = Some(took.as_secs_f64() * 1000.0);
    Survey { step: Step { layer: Layer::Network, name: "tls", state, milliseconds, says, details }, marks }
}

/// What the server answers to a hello that offers all that clients offered up to TLS 1.2.
pub(super) async fn old_offer(peer: SocketAddr, host: &str, connect: &Connect) -> Option<Flight> {
    answer(peer, host, Version::TLS12, &[], connect.connect_timeout.min(HELLO_TIME)).await
}

/// The server's first flight; `None` when it said nothing in time.
async fn answer(peer: SocketAddr, host: &str, version: Version, alpn: &[&str], limit: Duration) -> Option<Flight> {
    let mut bytes = Vec::new();
    let host = super::sni(host);
    let mut random = [0; 32];
    CryptoProvider::get_default()
        .map_or_else(|| rustls::crypto::ring::default_provider().secure_random, |provider| provider.secure_random)
        .fill(&mut random)
        .ok()?;
    let hello = Hello { version, host: host.as_deref(), alpn, random }.bytes();
    // What came before the time was over counts too.
    let _ = tokio::time::timeout(limit, converse(peer, &hello, &mut bytes)).await;
    let flight = read(&bytes);
    (!bytes.is_empty()).then_some(flight)
}

async fn converse(peer: SocketAddr, hello: &[u8], bytes: &mut Vec<u8>) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(peer).await?;
    stream.set_nodelay(true)?;
    stream.write_all(hello).await?;
    let mut part = vec![0; 16 << 10];
    while bytes.len() < FLIGHT_BYTES {
        let count = stream.read(&mut part).await?;
        bytes.extend_from_slice(part.get(..count).unwrap_or_default());
        let flight = read(bytes);
        if count == 0 || flight.done || flight.foreign {
            break;
        }
    }
    Ok(())
}

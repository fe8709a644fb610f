//! Which proxy is used and who says so, and the way through it.
//!
//! [`choose`] follows curl (docs: `ENVIRONMENT` in curl(1), `CURLOPT_NOPROXY`); [`tunnel`] asks for the way to the target
//! by CONNECT (RFC 9110 section 9.3.6) or SOCKS 5 (RFC 1928, RFC 1929). Passwords are sent to the proxy and appear
//! nowhere else: no word, mark or step has them.
//!
//! Marks (docs/packs.md): `probe.proxy`, `probe.proxy.*` and `http.connect_status`.

mod choose;
mod connect;
mod socks;
#[cfg(test)]
mod tests;

pub use choose::choose;

use crate::{Connect, Failure, Phase, ProxyChoice, State, Step, Wrong};
use firstfault_model::{Layer, Response};
use std::io;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

/// What came of asking a proxy for a tunnel.
#[derive(Debug)]
pub struct Tunnel {
    /// The way to the target.
    pub stream: Option<TcpStream>,
    /// For people.
    pub step: Step,
    /// `probe.proxy.*` and `http.connect_status`.
    pub marks: Vec<(String, String)>,
    /// Why there is no tunnel.
    pub failure: Option<Failure>,
    /// What an HTTP proxy answered instead of a tunnel, its body bounded.
    pub response: Option<Response>,
    /// How long it took.
    pub milliseconds: f64,
}

/// The marks of a choice: `probe.proxy` (`none` or `used`), and where the proxy is and who says so.
#[must_use]
pub fn marks(choice: &ProxyChoice) -> Vec<(String, String)> {
    let mark = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    match choice {
        ProxyChoice::Direct { why } => vec![mark("probe.proxy", "none"), mark("probe.proxy.why", why)],
        ProxyChoice::Via { scheme, host, port, why, credential } => vec![
            mark("probe.proxy", "used"),
            mark("probe.proxy.why", why),
            mark("probe.proxy.scheme", scheme),
            mark("probe.proxy.address", &place(host, *port)),
            mark("probe.proxy.credential", if credential.is_some() { "given" } else { "none" }),
        ],
    }
}

/// How an attempt at a tunnel ended, before it is told.
struct Asked {
    /// The value of `probe.proxy.connect`.
    word: String,
    /// What happened, as the rest of "the proxy …".
    says: String,
    wrong: Option<Wrong>,
    response: Option<Response>,
    /// Further marks.
    marks: Vec<(&'static str, String)>,
}

impl Asked {
    fn open() -> Self {
        Self { word: "ok".into(), says: "opened the tunnel".into(), wrong: None, response: None, marks: Vec::new() }
    }

    fn failed(word: impl Into<String>, wrong: Wrong, says: impl Into<String>) -> Self {
        Self { word: word.into(), says: says.into(), wrong: Some(wrong), response: None, marks: Vec::new() }
    }

    fn broken(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                Self::failed("reset", Wrong::Reset, "broke the connection off instead of answering")
            }
            io::ErrorKind::UnexpectedEof => {
                Self::failed("closed", Wrong::Closed, "closed the connection before its answer was whole")
            }
            io::ErrorKind::TimedOut => Self::failed("timeout", Wrong::Timeout, "did not answer in time"),
            _ => Self::failed("reset", Wrong::Reset, "was lost while it was asked"),
        }
    }
}

/// Asks the proxy at the other end of `stream` for a way to `host` and `port`, within `connect.connect_timeout`.
/// With `socks5` a name is looked up here first, as curl does; with the others the proxy does it.
pub async fn tunnel(mut stream: TcpStream, choice: &ProxyChoice, host: &str, port: u16, connect: &Connect) -> Tunnel {
    let began = Instant::now();
    let ProxyChoice::Via { scheme, host: proxy_host, port: proxy_port, credential, .. } = choice else {
        return ended(Asked::open(), "no proxy", Some(stream), host, port, began);
    };
    let proxy = place(proxy_host, *proxy_port);
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let credential = credential.as_deref();
    let ask = async {
        match scheme.as_str() {
            "http" => connect::ask(&mut stream, bare, port, credential).await,
            "socks5" if bare.parse::<std::net::IpAddr>().is_err() => {
                let found = crate::dns::look_up(bare, connect).await;
                match found.addresses.first() {
                    Some(ip) => socks::ask(&mut stream, &ip.to_string(), port, credential).await,
                    None => Asked::failed(
                        "name_unknown",
                        Wrong::NotFound,
                        "was not asked: socks5 looks names up here, and the target's gave no address",
                    ),
                }
            }
            "socks5" | "socks5h" => socks::ask(&mut stream, bare, port, credential).await,
            _ => Asked::failed(
                "unsupported",
                Wrong::Protocol,
                "was not asked: only http, socks5 and socks5h proxies are spoken to",
            ),
        }
    };
    let asked = match timeout(connect.connect_timeout, ask).await {
        Ok(asked) => asked,
        Err(_) => Asked::failed("timeout", Wrong::Timeout, "did not answer in time"),
    };
    ended(asked, &proxy, Some(stream), host, port, began)
}

fn ended(asked: Asked, proxy: &str, stream: Option<TcpStream>, host: &str, port: u16, began: Instant) -> Tunnel {
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let target = place(host, port);
    let says = format!("the proxy {proxy} {} ({target})", asked.says);
    let mut marks = vec![("probe.proxy.connect".to_owned(), asked.word), ("probe.proxy.target".to_owned(), target)];
    marks.extend(asked.marks.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let failure = asked.wrong.map(|wrong| Failure { phase: Phase::Proxy, wrong, words: says.clone() });
    let step = Step {
        layer: Layer::Network,
        name: "proxy",
        state: if failure.is_some() { State::Failed } else { State::Passed },
        milliseconds: Some(milliseconds),
        says,
        details: Vec::new(),
    };
    let stream = stream.filter(|_| failure.is_none());
    Tunnel { stream, step, marks, failure, response: asked.response, milliseconds }
}

/// Host and port as in a URL.
fn place(host: &str, port: u16) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Text from outside for one line: printable ASCII, at most 80 characters.
fn harmless(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(80).collect()
}

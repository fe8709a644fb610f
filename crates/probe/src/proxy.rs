//! Which proxy is used, and the tunnel through it.

use crate::exchange::{Failure, Phase, Wrong};
use crate::target::{Connect, ProxyChoice};
use crate::walk::{State, Step};
use firstfault_model::{Layer, Response, Url};
use tokio::net::TcpStream;

/// What asking for a tunnel came to.
#[derive(Debug)]
pub struct Tunnel {
    /// The connection, now to the server.
    pub stream: Option<TcpStream>,
    /// For people.
    pub step: Step,
    /// Facts.
    pub marks: Vec<(String, String)>,
    /// Why there is none.
    pub failure: Option<Failure>,
    /// What the proxy answered, when that was no success.
    pub response: Option<Response>,
    /// How long it took.
    pub milliseconds: f64,
}

/// Chooses the proxy of a flag.
#[must_use]
pub fn choose(
    url: &Url,
    flag: Option<&str>,
    _noproxy: Option<&str>,
    _environment: &dyn Fn(&str) -> Option<String>,
) -> ProxyChoice {
    let Some(flag) = flag else { return ProxyChoice::Direct { why: format!("no proxy is set for {}", url.path) } };
    let proxy = Url::parse(flag);
    ProxyChoice::Via {
        scheme: proxy.scheme.unwrap_or_else(|| "http".to_owned()),
        host: proxy.host.unwrap_or_default(),
        port: proxy.port.unwrap_or(1080),
        credential: proxy.userinfo,
        why: "-x".to_owned(),
    }
}

/// Tunnels are not there yet.
pub async fn tunnel(stream: TcpStream, _choice: &ProxyChoice, host: &str, port: u16, _connect: &Connect) -> Tunnel {
    drop(stream);
    let words = format!("no tunnel to {host}:{port}");
    Tunnel {
        stream: None,
        step: Step {
            layer: Layer::Network,
            name: "proxy",
            state: State::Failed,
            milliseconds: None,
            says: words.clone(),
            details: Vec::new(),
        },
        marks: Vec::new(),
        failure: Some(Failure { phase: Phase::Proxy, wrong: Wrong::Local, words }),
        response: None,
        milliseconds: 0.0,
    }
}

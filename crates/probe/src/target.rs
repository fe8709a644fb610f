//! What is asked, and how it is reached.

use firstfault_model::{Headers, Url};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

/// One request as it is to be sent, with the way to its server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Method token, as typed.
    pub method: String,
    /// Absolute `http` or `https` URL.
    pub url: Url,
    /// Fields in the order in which they are sent. `Host`, `User-Agent` and `Accept` are added where they are missing.
    pub headers: Headers,
    /// The bytes of the body; `None` sends none, and no `Content-Length`.
    pub body: Option<Vec<u8>>,
    /// How to get there.
    pub connect: Connect,
}

/// How a server is reached. The names follow curl's options.
#[derive(Clone, Debug, PartialEq)]
pub struct Connect {
    /// `-k`: a bad certificate is reported, and the request sent all the same.
    pub insecure: bool,
    /// `--cacert`: PEM files that replace the system's roots.
    pub roots: Vec<PathBuf>,
    /// `--cert` and `--key`: PEM files.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The proxy, and why that one.
    pub proxy: ProxyChoice,
    /// `--resolve`, `--connect-to`: host and port that go elsewhere.
    pub elsewhere: Vec<((String, u16), (String, u16))>,
    /// `-4`, `-6`.
    pub family: Family,
    /// `--http1.1`, `--http2`.
    pub http: Versions,
    /// The name server to ask instead of those of this machine, for every name; curl's `--dns-servers` with a port.
    pub resolver: Option<SocketAddr>,
    /// The one address to connect to, of those that the name has: for the experiment of another address.
    pub only: Option<IpAddr>,
    /// The longest a connection, and each handshake on it, may take.
    pub connect_timeout: Duration,
    /// The longest one exchange may take, from the first look-up to the last byte.
    pub max_time: Duration,
    /// `-L`, and how often.
    pub follow: Option<u32>,
    /// `--location-trusted`: credentials go to other hosts too.
    pub trust_redirects: bool,
    /// `--compressed`.
    pub compressed: bool,
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            insecure: false,
            roots: Vec::new(),
            identity: None,
            proxy: ProxyChoice::Direct { why: "no proxy is set".to_owned() },
            elsewhere: Vec::new(),
            family: Family::Any,
            http: Versions::Best,
            resolver: None,
            only: None,
            connect_timeout: Duration::from_secs(5),
            max_time: Duration::from_secs(40),
            follow: None,
            trust_redirects: false,
            compressed: false,
        }
    }
}

/// Which proxy is used, and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyChoice {
    /// None, with the reason: nothing is set, or `NO_PROXY` names the host.
    Direct {
        /// In words.
        why: String,
    },
    /// One is used.
    Via {
        /// `http`, `https`, `socks5`, `socks5h`.
        scheme: String,
        /// Host and port.
        host: String,
        /// Port.
        port: u16,
        /// `user:password`, decoded. Never shown.
        credential: Option<String>,
        /// Who says so: `-x`, `https_proxy`, …
        why: String,
    },
}

/// Which addresses are tried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// All of them.
    #[default]
    Any,
    /// `-4`
    V4,
    /// `-6`
    V6,
}

/// Which versions of HTTP are offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Versions {
    /// HTTP/2 over TLS where the server takes it, else HTTP/1.1.
    #[default]
    Best,
    /// `--http1.1`
    Http1,
    /// `--http2-prior-knowledge`: HTTP/2 without asking.
    Http2,
}

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
    /// Fields in the order in which they are sent. `Host` and `Content-Length` are added where they are missing.
    pub headers: Headers,
    /// No `Host` is added: curl's `-H Host:`.
    pub without_host: bool,
    /// The bytes of the body; `None` sends none, and no `Content-Length`.
    pub body: Option<Vec<u8>>,
    /// How to get there.
    pub connect: Connect,
    /// Why it cannot be sent whatever is allowed: a part of it is not known.
    pub unsendable: Option<String>,
    /// True when it was made of evidence that shows no header fields, as a log does: a credential may be missing in it.
    pub in_part: bool,
    /// What of the command is not done, and does not stand in the way, in words.
    pub notes: Vec<String>,
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
    /// `--http1.0`, together with [`Versions::Http1`].
    pub http_1_0: bool,
    /// `--tlsv1.2`, `--tlsv1.3` as the lowest version and `--tls-max` as the highest, as on the wire: `0x0303` is TLS 1.2.
    pub tls: (Option<u16>, Option<u16>),
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
    /// `-X`: a method that redirects do not change.
    pub sticky_method: bool,
    /// What the proxy was chosen from, so that a redirect's can be.
    pub proxy_settings: Option<ProxySettings>,
}

/// What says which proxy is used.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ProxySettings {
    /// `-x`, with the credential of `--proxy-user`.
    pub flag: Option<String>,
    /// `--noproxy`
    pub noproxy: Option<String>,
    /// The variables that name proxies.
    pub environment: Vec<(String, String)>,
}

impl ProxySettings {
    /// The proxy for a URL.
    #[must_use]
    pub fn choose(&self, url: &Url) -> ProxyChoice {
        let variable = |name: &str| self.environment.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
        crate::proxy::choose(url, self.flag.as_deref(), self.noproxy.as_deref(), &variable)
    }
}

impl std::fmt::Debug for ProxySettings {
    /// Without values: there are passwords in them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.environment.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ProxySettings").field("flag", &self.flag.is_some()).field("environment", &names).finish()
    }
}

impl Target {
    /// True for `https`.
    #[must_use]
    pub fn secure(&self) -> bool {
        self.url.scheme.as_deref() == Some("https")
    }

    /// Host and port, the scheme's usual one where none is written.
    #[must_use]
    pub fn authority(&self) -> Option<(String, u16)> {
        let host = self.url.host.clone().filter(|host| !host.is_empty())?;
        Some((host, self.url.port.unwrap_or(if self.secure() { 443 } else { 80 })))
    }

    /// The value of `Host`: the port only where it is not the scheme's usual one, as curl does.
    #[must_use]
    pub fn host_field(&self) -> String {
        let host = self.url.host.as_deref().unwrap_or_default();
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        match self.url.port {
            Some(port) if port != if self.secure() { 443 } else { 80 } => format!("{host}:{port}"),
            _ => host,
        }
    }
}

/// Why there is no proxy where nobody has named one.
pub(crate) const NO_PROXY_SET: &str = "no proxy is set";

impl ProxyChoice {
    /// Host and port of the proxy; empty when there is none. Never its credential.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Direct { .. } => String::new(),
            Self::Via { host, port, .. } => format!("{host}:{port}"),
        }
    }

    /// Who says so.
    #[must_use]
    pub fn why(&self) -> &str {
        match self {
            Self::Direct { why } | Self::Via { why, .. } => why,
        }
    }
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            insecure: false,
            roots: Vec::new(),
            identity: None,
            proxy: ProxyChoice::Direct { why: NO_PROXY_SET.to_owned() },
            elsewhere: Vec::new(),
            family: Family::Any,
            http: Versions::Best,
            http_1_0: false,
            tls: (None, None),
            resolver: None,
            only: None,
            connect_timeout: Duration::from_secs(5),
            max_time: Duration::from_secs(40),
            follow: None,
            trust_redirects: false,
            compressed: false,
            sticky_method: false,
            proxy_settings: None,
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

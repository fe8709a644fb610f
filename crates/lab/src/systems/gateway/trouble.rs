//! What a gateway has to tell: why it did not pass a call on, or what became of it behind.

use super::quota::Spent;
use crate::Asked;
use crate::systems::moment::Moment;
use std::net::SocketAddr;

/// Why a gateway answers by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    NoRoute,
    /// The methods that the route has.
    Method(String),
    UriTooLong,
    HeadTooLarge,
    BodyTooLarge,
    Waf(Rule),
    Quota(Spent),
    Concurrency {
        limit: usize,
    },
    Maintenance,
    /// A preflight of an origin that is not on the list.
    Origin,
    NoHealthyBackend,
    CircuitOpen,
    Refused,
    ConnectTimeout,
    Tls(String),
    /// The name that has no address.
    Dns(String),
    Reset,
    Closed,
    Malformed,
    Timeout,
}

/// Which rule of a WAF holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    UserAgent,
    Pattern,
}

impl Trouble {
    /// The types of RFC 9209 section 2.3.
    pub fn proxy_status(&self) -> Option<&'static str> {
        Some(match self {
            Self::NoRoute => "destination_not_found",
            Self::Dns(_) => "dns_error",
            Self::Refused => "connection_refused",
            Self::ConnectTimeout => "connection_timeout",
            Self::Reset | Self::Closed => "connection_terminated",
            Self::Tls(_) => "tls_certificate_error",
            Self::Malformed => "http_protocol_error",
            Self::Timeout => "http_response_timeout",
            Self::NoHealthyBackend => "destination_unavailable",
            Self::CircuitOpen => "connection_limit_reached",
            Self::Waf(_) => "http_request_denied",
            _ => return None,
        })
    }

    /// Whether another attempt makes sense.
    pub fn passing(&self) -> bool {
        matches!(self, Self::Refused | Self::ConnectTimeout | Self::Reset | Self::Closed)
    }
}

/// One call, for the page and the log.
pub(crate) struct Told<'a> {
    pub asked: &'a Asked,
    pub id: &'a str,
    pub begun: Moment,
    pub elapsed: i64,
    /// The backend that was tried last.
    pub upstream: Option<SocketAddr>,
    /// The path there.
    pub upstream_target: &'a str,
    pub upstream_status: Option<u16>,
    pub attempts: u32,
    pub trouble: Option<&'a Trouble>,
    /// Where the gateway listens.
    pub place: SocketAddr,
    /// Status and length of the body that the client gets.
    pub status: u16,
    pub bytes: usize,
    /// How the answer came out of the cache, when it did.
    pub cached: bool,
}

impl Told<'_> {
    pub fn target(&self) -> String {
        let Asked { path, query, .. } = self.asked;
        if query.is_empty() { path.clone() } else { format!("{path}?{query}") }
    }

    pub fn client(&self) -> String {
        self.asked.peer.map_or_else(|| "-".to_owned(), |peer| peer.ip().to_string())
    }

    pub fn client_with_port(&self) -> String {
        self.asked.peer.map_or_else(|| "-".to_owned(), |peer| peer.to_string())
    }

    pub fn agent(&self) -> &str {
        self.asked.header("user-agent").unwrap_or("-")
    }

    pub fn host(&self) -> &str {
        self.asked.header("host").unwrap_or("-")
    }

    pub fn upstream_or(&self, nothing: &str) -> String {
        self.upstream.map_or_else(|| nothing.to_owned(), |upstream| upstream.to_string())
    }

    /// `GET /v1/orders HTTP/1.1`
    pub fn line(&self) -> String {
        format!("{} {} HTTP/1.1", self.asked.method, self.target())
    }

    /// Milliseconds as seconds with three digits.
    pub fn seconds(&self) -> String {
        format!("{}.{:03}", self.elapsed / 1000, self.elapsed % 1000)
    }
}

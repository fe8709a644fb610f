//! One request and what came back, as measured.

use firstfault_model::{Request, Response, Timings};
use std::net::SocketAddr;

/// One request on the wire and what came of it.
#[derive(Clone, Debug, Default)]
pub struct Exchange {
    /// The request with every field that was sent.
    pub request: Request,
    /// The head as sent: for HTTP/1.1 these are the bytes, for HTTP/2 the fields in the order of the frame.
    pub head: Vec<u8>,
    /// The response, as far as it came.
    pub response: Option<Response>,
    /// Where it went wrong, when it did. A response may still be there: a body that broke off.
    pub failure: Option<Failure>,
    /// Phases in milliseconds.
    pub timings: Timings,
    /// When it began, in milliseconds since the Unix epoch.
    pub started: i64,
    /// The address that was connected to.
    pub peer: Option<SocketAddr>,
    /// Marks that this exchange adds: names are listed in docs/packs.md.
    pub marks: Vec<(String, String)>,
}

/// Where and how an exchange went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// In which phase.
    pub phase: Phase,
    /// How.
    pub wrong: Wrong,
    /// In words, without anything secret.
    pub words: String,
}

/// The phases of an exchange, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Looking up the name.
    Dns,
    /// Connecting.
    Connect,
    /// Asking a proxy for a tunnel.
    Proxy,
    /// The TLS handshake.
    Tls,
    /// Sending the request.
    Send,
    /// Waiting for the head of the response.
    Wait,
    /// Receiving its body.
    Receive,
}

/// How it went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The name does not exist, or has no address (NXDOMAIN, NODATA).
    NotFound,
    /// The name servers failed (SERVFAIL, REFUSED).
    ServerFailure,
    /// A RST in answer to the SYN.
    Refused,
    /// ICMP says that there is no way (host or network unreachable, no route).
    Unreachable,
    /// Nothing came in time.
    Timeout,
    /// A RST on an established connection.
    Reset,
    /// The other end closed before all of it was there.
    Closed,
    /// What came is not the protocol that was expected.
    Protocol,
    /// A certificate that does not hold.
    Certificate,
    /// The other end sent a fatal alert.
    Alert,
    /// The proxy said no (the status is a mark).
    Denied,
    /// This machine has no socket, port, memory or permission left for it.
    Local,
}

impl Phase {
    /// The word for it in marks.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Proxy => "proxy",
            Self::Tls => "tls",
            Self::Send => "send",
            Self::Wait => "wait",
            Self::Receive => "receive",
        }
    }
}

impl Wrong {
    /// The word for it in marks.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::ServerFailure => "server_failure",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::Protocol => "protocol",
            Self::Certificate => "certificate",
            Self::Alert => "alert",
            Self::Denied => "denied",
            Self::Local => "local",
        }
    }
}

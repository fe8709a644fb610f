//! How a handshake, or a connection right after it, ended: the alert, the close, the reset, as marks and in words.

use super::foreign;
use super::hello::{Flight, suite};
use super::verify::ClientCertificate;
use crate::{Failure, Phase, Wrong};
use std::io::{Error, ErrorKind};

/// Marks, in the order in which they were made.
pub(super) type Marks = Vec<(String, String)>;

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The server sent this fatal alert.
    Alert(u8),
    /// The server closed the connection.
    Closed,
    /// A RST came.
    Reset,
    /// Nothing came in time.
    Timeout,
    /// These bytes came, which are no TLS.
    Foreign(Vec<u8>),
    /// The server took a version or cipher that this side does not.
    Incompatible(String),
    /// The chain does not hold.
    Certificate,
    /// The other end broke the protocol.
    Protocol(String),
    /// Something on this machine.
    Local(String),
}

impl Ended {
    /// From what tokio and rustls say.
    pub(super) fn of(error: &Error) -> Self {
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return match error {
                rustls::Error::AlertReceived(alert) => Self::Alert(u8::from(*alert)),
                rustls::Error::InvalidCertificate(_) => Self::Certificate,
                rustls::Error::PeerIncompatible(what) => Self::Incompatible(format!("{what:?}")),
                other => Self::Protocol(super::certificate::clean(&other.to_string())),
            };
        }
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Closed,
            ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Self::Reset,
            ErrorKind::TimedOut => Self::Timeout,
            kind => Self::Local(kind.to_string()),
        }
    }
}

/// The name and meaning of an alert (RFC 8446 section 6, the IANA registry).
pub(super) fn alert_name(number: u8) -> &'static str {
    match number {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        _ => "an alert that is not registered",
    }
}

/// What came of a handshake that failed.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// The value of `probe.tls`.
    pub mark: &'static str,
    pub wrong: Wrong,
    pub words: String,
    pub more: Marks,
}

impl Outcome {
    fn new(mark: &'static str, wrong: Wrong, words: impl Into<String>) -> Self {
        Self { mark, wrong, words: words.into(), more: Vec::new() }
    }

    fn and(mut self, name: &str, value: impl Into<String>) -> Self {
        self.more.push((name.to_owned(), value.into()));
        self
    }

    /// With `probe.tls` first.
    pub(super) fn marks(&self) -> Marks {
        let mut marks = vec![("probe.tls".to_owned(), self.mark.to_owned())];
        marks.extend(self.more.iter().cloned());
        marks
    }

    pub(super) fn failure(&self) -> Failure {
        Failure { phase: Phase::Tls, wrong: self.wrong, words: self.words.clone() }
    }
}

/// What this side offers, for words and marks.
pub(super) const OFFERED: &str = "TLS 1.2, TLS 1.3";

/// What an end means. `asked` is the server's demand for a client certificate, `other` what the server answered to a
/// hello that offers all that old clients did.
pub(super) fn outcome(ended: &Ended, asked: Option<&ClientCertificate>, other: Option<&Flight>) -> Outcome {
    if let Some(outcome) = asked.and_then(|asked| about_our_certificate(ended, asked)) {
        return outcome;
    }
    if let Some(outcome) = other.and_then(|other| about_the_offer(ended, other)) {
        return outcome;
    }
    match ended {
        Ended::Alert(number) => alert(*number),
        Ended::Closed => {
            Outcome::new("closed", Wrong::Closed, "the server closed the connection during the TLS handshake")
        }
        Ended::Reset => Outcome::new("reset", Wrong::Reset, "the connection was reset during the TLS handshake"),
        Ended::Timeout => Outcome::new("timeout", Wrong::Timeout, "the TLS handshake did not end in time"),
        Ended::Foreign(bytes) => not_tls(bytes),
        Ended::Incompatible(what) if what.contains("Version") || what.contains("Tls12") => {
            Outcome::new("version", Wrong::Protocol, format!("the server takes none of {OFFERED}"))
                .and("probe.tls.offered", OFFERED)
        }
        Ended::Incompatible(what) => Outcome::new(
            "no_shared_cipher",
            Wrong::Protocol,
            format!("the server takes nothing of what is offered ({what})"),
        ),
        Ended::Certificate => {
            Outcome::new("invalid_chain", Wrong::Certificate, "the server's certificate does not hold")
        }
        Ended::Protocol(words) => {
            Outcome::new("protocol_error", Wrong::Protocol, format!("the server broke the TLS protocol: {words}"))
        }
        Ended::Local(words) => {
            Outcome::new("local", Wrong::Local, format!("the handshake failed on this machine: {words}"))
        }
    }
}

/// Ends that a demand for a client certificate explains.
fn about_our_certificate(ended: &Ended, asked: &ClientCertificate) -> Option<Outcome> {
    let how = match ended {
        Ended::Alert(number) => format!("alert {number} {}", alert_name(*number)),
        Ended::Closed => "a closed connection".to_owned(),
        Ended::Reset => "a reset connection".to_owned(),
        _ => return None,
    };
    let outcome = match (ended, &asked.sent) {
        (Ended::Alert(70 | 86 | 100 | 109 | 110 | 112 | 115 | 120 | 121), _) => return None,
        (_, None) | (Ended::Alert(116), _) => {
            let words = format!("the server demands a client certificate, none was sent, and it answered with {how}");
            Outcome::new("client_certificate_required", Wrong::Alert, words)
        }
        (Ended::Alert(40..=49 | 51 | 80), Some(subject)) => {
            let why = if asked.other_issuer { ": its issuer is none of those that the server accepts" } else { "" };
            let words = format!("the server refuses the client certificate {subject} with {how}{why}");
            Outcome::new("client_certificate_refused", Wrong::Alert, words)
        }
        // A server that only closes after it got a certificate does not say that this is why.
        _ => return None,
    };
    let mut outcome = with_alert(outcome, ended);
    if matches!(ended, Ended::Closed | Ended::Reset) {
        outcome.wrong = if *ended == Ended::Closed { Wrong::Closed } else { Wrong::Reset };
        outcome = outcome.and("probe.tls.how", if *ended == Ended::Closed { "closed" } else { "reset" });
    }
    Some(outcome)
}

fn with_alert(outcome: Outcome, ended: &Ended) -> Outcome {
    let Ended::Alert(number) = ended else { return outcome };
    outcome
        .and("tls.alert", number.to_string())
        .and("probe.tls.alert_name", alert_name(*number))
        .and("probe.tls.alert_from", "server")
}

/// Ends that another offer explains.
fn about_the_offer(ended: &Ended, other: &Flight) -> Option<Outcome> {
    if !matches!(ended, Ended::Alert(_) | Ended::Incompatible(_) | Ended::Closed | Ended::Reset | Ended::Protocol(_)) {
        return None;
    }
    let version = other.version?;
    let outcome = if version < super::hello::Version::TLS12 {
        let words =
            format!("no common version: this side offers {OFFERED}, the server takes {} at most", version.name());
        Outcome::new("version", Wrong::Protocol, words)
    } else {
        let suite = suite(other.suite?);
        let ours = rustls::crypto::ring::default_provider().cipher_suites;
        if ours.iter().any(|own| Some(u16::from(own.suite())) == other.suite) {
            return None;
        }
        let words = format!(
            "no shared cipher: the server would take {suite}, which this side, like other clients of today, does not offer"
        );
        Outcome::new("no_shared_cipher", Wrong::Protocol, words).and("probe.tls.server_cipher", suite)
    };
    let outcome = outcome.and("probe.tls.offered", OFFERED).and("probe.tls.server_version", version.name());
    Some(with_alert(outcome, ended))
}

fn alert(number: u8) -> Outcome {
    let (mark, words) = match number {
        70 => ("version", format!("the server takes none of {OFFERED} (alert 70 protocol_version)")),
        71 => (
            "no_shared_cipher",
            "the server wants stronger ciphers than those offered (alert 71 insufficient_security)".to_owned(),
        ),
        112 => ("unrecognized_name", "the server knows no host of this name (alert 112 unrecognized_name)".to_owned()),
        116 => (
            "client_certificate_required",
            "the server demands a client certificate (alert 116 certificate_required)".to_owned(),
        ),
        120 => (
            "no_shared_alpn",
            "the server speaks none of the protocols offered by ALPN (alert 120 no_application_protocol)".to_owned(),
        ),
        _ => ("alert", format!("the server ended the handshake with alert {number} {}", alert_name(number))),
    };
    let outcome = with_alert(Outcome::new(mark, Wrong::Alert, words), &Ended::Alert(number));
    if number == 70 { outcome.and("probe.tls.offered", OFFERED) } else { outcome }
}

fn not_tls(bytes: &[u8]) -> Outcome {
    let protocol = foreign::protocol(bytes);
    let mark = match protocol.mark {
        "http" => "plain_http",
        _ => "other_protocol",
    };
    let words = format!("no TLS on this port: it looks like {}", protocol.name);
    Outcome::new(mark, Wrong::Protocol, words)
        .and("probe.tls.looks_like", protocol.mark)
        .and("probe.tls.first_line", foreign::first_line(bytes))
}

/// What ended a connection after its handshake, where TLS explains it.
#[derive(Clone, Debug)]
pub struct Late {
    /// The failure, of the TLS phase.
    pub failure: Failure,
    /// Marks, `probe.tls` first: they take the place of those of the same name from the handshake ([`Late::amend`]).
    pub marks: Vec<(String, String)>,
}

impl Late {
    /// Puts these marks in the place of those that the handshake made.
    pub fn amend(&self, marks: &mut Vec<(String, String)>) {
        marks.retain(|(name, _)| !self.marks.iter().any(|(own, _)| own == name));
        marks.extend(self.marks.iter().cloned());
    }
}

/// Whether the error of a first read or write is the server's late word on TLS: in TLS 1.3 the handshake is over for the
/// client before the server has looked at the client's certificate (RFC 8446 section 4.4.2.4), so its alert, or a bare
/// close or reset, comes only then. To be called only while no byte of a response has come.
#[must_use]
pub fn late(error: &Error, asked: Option<&ClientCertificate>) -> Option<Late> {
    let ended = Ended::of(error);
    matches!(ended, Ended::Alert(1..) | Ended::Closed | Ended::Reset).then(|| late_of(&ended, asked))?
}

/// The same by what is already known of the end: how it went wrong, and the number of the alert when there was one.
#[must_use]
pub fn late_end(wrong: Wrong, alert: Option<u8>, asked: Option<&ClientCertificate>) -> Option<Late> {
    let ended = match (wrong, alert) {
        (_, Some(number @ 1..)) => Ended::Alert(number),
        (Wrong::Closed, _) => Ended::Closed,
        (Wrong::Reset, _) => Ended::Reset,
        _ => return None,
    };
    late_of(&ended, asked)
}

fn late_of(ended: &Ended, asked: Option<&ClientCertificate>) -> Option<Late> {
    let outcome = match asked.and_then(|asked| about_our_certificate(ended, asked)) {
        Some(outcome) => outcome,
        None if matches!(ended, Ended::Alert(_)) => outcome(ended, asked, None),
        None => return None,
    };
    Some(Late { failure: outcome.failure(), marks: outcome.marks() })
}

//! What is wrong with a chain: every fault of it, the one that a client complains of first leading.
//!
//! webpki decides whether the chain holds; where it does not, the certificates tell why. No socket and no clock here: the
//! chain, the roots and the time are handed in.

use super::certificate::{self, Certificate};
use super::intercept;
use super::trust::{self, Trust};
use firstfault_model::rfc3339;
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error};
use std::time::Duration;

/// How many certificates of a chain are read; OpenSSL follows at most 100, browsers about ten.
const CERTIFICATES: usize = 16;
const DAY: i64 = 86_400;

/// The ways in which a chain fails, in the order in which OpenSSL finds them (crypto/x509/x509_vfy.c: the chain, its
/// extensions, its strength, signatures and periods; curl compares the name last).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Unreadable,
    Intercepted,
    SelfSigned,
    SelfSignedInChain,
    MissingIntermediate,
    UnknownCa,
    CaConstraint,
    KeyUsage,
    WeakSignature,
    BadSignature,
    Invalid,
    Expired,
    NotYetValid,
    WrongHost,
}

impl Kind {
    /// The value of `probe.tls`.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable_certificate",
            Self::Intercepted => "intercepted",
            Self::SelfSigned => "self_signed",
            Self::SelfSignedInChain => "self_signed_in_chain",
            Self::MissingIntermediate => "missing_intermediate",
            Self::UnknownCa => "unknown_ca",
            Self::CaConstraint => "ca_constraint",
            Self::KeyUsage => "key_usage",
            Self::WeakSignature => "weak_signature",
            Self::BadSignature => "bad_signature",
            Self::Invalid => "invalid_chain",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::WrongHost => "wrong_host",
        }
    }

    /// What rustls tells the server with its alert.
    pub(super) fn error(self) -> CertificateError {
        match self {
            Self::Unreadable => CertificateError::BadEncoding,
            Self::Intercepted
            | Self::SelfSigned
            | Self::SelfSignedInChain
            | Self::MissingIntermediate
            | Self::UnknownCa => CertificateError::UnknownIssuer,
            Self::CaConstraint | Self::Invalid => CertificateError::ApplicationVerificationFailure,
            Self::KeyUsage => CertificateError::InvalidPurpose,
            Self::WeakSignature | Self::BadSignature => CertificateError::BadSignature,
            Self::Expired => CertificateError::Expired,
            Self::NotYetValid => CertificateError::NotValidYet,
            Self::WrongHost => CertificateError::NotValidForName,
        }
    }
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub kind: Kind,
    pub words: String,
}

/// The root that a chain leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// One of this machine's.
    System,
    /// One that an administrator added to this machine.
    Local,
    /// One that `--cacert` named.
    Given,
}

impl Root {
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Local => "local",
            Self::Given => "given",
        }
    }
}

/// What a chain says, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(super) struct Verdict {
    /// As sent; what is no certificate is left out.
    pub certificates: Vec<Certificate>,
    /// How many were sent.
    pub sent: usize,
    /// Sorted: the first is what a client complains of.
    pub faults: Vec<Fault>,
    /// What is odd and harmless.
    pub notes: Vec<String>,
    pub root: Option<Root>,
    /// `--cacert` named the roots.
    pub given: bool,
    /// The product whose name an issuer carries.
    pub product: Option<&'static str>,
    /// When the chain would hold though it does not now, in seconds since the Unix epoch.
    pub holds_between: Option<(i64, i64)>,
    /// By what sign the missing issuer was taken for an intermediate or a root.
    pub sign: Option<&'static str>,
    /// The certificates of this chain, leaf first, that lead towards a root: their places in what was sent.
    path: Vec<usize>,
}

/// Judges a chain for `host` at `now`, seconds since the Unix epoch.
pub(super) fn judge(
    chain: &[CertificateDer<'_>],
    host: &ServerName<'_>,
    trust: &Trust,
    now: i64,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Verdict {
    let mut verdict = Verdict { sent: chain.len(), given: trust.given, ..Verdict::default() };
    let chain = &chain[..chain.len().min(CERTIFICATES)];
    let read: Vec<Option<Certificate>> = chain.iter().map(certificate::read).collect();
    let Some(Some(leaf)) = read.first().cloned() else {
        verdict.faults.push(Fault {
            kind: Kind::Unreadable,
            words: "what the server sent as its certificate cannot be read".to_owned(),
        });
        return verdict;
    };
    verdict.path = path(chain, &read, &mut verdict.faults);
    order(&read, &mut verdict);
    verdict.product = read.iter().flatten().find_map(|certificate| intercept::product(&certificate.issuer));
    let anchored = Anchored { chain, trust, algorithms };
    match anchored.at(now) {
        Ok(()) => {
            verdict.faults.clear();
            verdict.root = Some(root(&read, &verdict.path, trust));
        }
        Err(error) => explain(&error, &read, now, &anchored, &mut verdict),
    }
    name(chain, &leaf, host, &mut verdict.faults);
    verdict.faults.sort_by_key(|fault| fault.kind);
    verdict.faults.dedup_by_key(|fault| fault.kind);
    verdict.certificates = read.into_iter().flatten().collect();
    verdict
}

/// A chain against roots, at any time.
struct Anchored<'a> {
    chain: &'a [CertificateDer<'a>],
    trust: &'a Trust,
    algorithms: &'a WebPkiSupportedAlgorithms,
}

impl Anchored<'_> {
    fn at(&self, seconds: i64) -> Result<(), Error> {
        let Some((leaf, rest)) = self.chain.split_first() else { return Err(CertificateError::BadEncoding.into()) };
        // A certificate that is itself among the roots is trusted, as with OpenSSL's partial chains, which curl allows.
        if self.trust.certificates.iter().any(|root| root.as_ref() == leaf.as_ref()) {
            let period = certificate::read(leaf).map(|leaf| (leaf.not_before, leaf.not_after));
            return match period {
                Some((_, end)) if end < seconds => Err(CertificateError::Expired.into()),
                Some((begin, _)) if begin > seconds => Err(CertificateError::NotValidYet.into()),
                _ => Ok(()),
            };
        }
        let leaf = ParsedCertificate::try_from(leaf)?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
        verify_server_cert_signed_by_trust_anchor(&leaf, &self.trust.store, rest, at, self.algorithms.all)
    }

    fn knows(&self, subject: &[u8]) -> bool {
        self.trust.store.subjects().iter().any(|root| root.as_ref() == subject)
    }
}

/// From the leaf towards a root, by what was sent.
fn path(chain: &[CertificateDer<'_>], read: &[Option<Certificate>], faults: &mut Vec<Fault>) -> Vec<usize> {
    let mut path = vec![0];
    while let Some(current) = path.last().copied() {
        let Some(Some(certificate)) = read.get(current) else { break };
        if certificate.self_signed {
            break;
        }
        let named: Vec<usize> = (0..read.len())
            .filter(|at| !path.contains(at))
            .filter(|at| read[*at].as_ref().is_some_and(|other| other.subject_der == certificate.issuer_der))
            .collect();
        let signer = named.iter().copied().find(|at| certificate::signed_by(&chain[current], &chain[*at]));
        let Some(next) = signer else {
            if !named.is_empty() && certificate.weak_signature.is_none() {
                let words =
                    format!("the signature of {} was not made by the key of its issuer as sent", title(certificate));
                faults.push(Fault { kind: Kind::BadSignature, words });
            }
            break;
        };
        path.push(next);
    }
    path
}

/// What is odd about the order, and harmless: clients build the path themselves (RFC 8446 section 4.4.2).
fn order(read: &[Option<Certificate>], verdict: &mut Verdict) {
    if verdict.path.windows(2).any(|pair| pair[0] > pair[1]) {
        verdict
            .notes
            .push("the certificates are not sent in the order of the chain, which old clients refuse".to_owned());
    }
    let unused = (0..read.len()).filter(|at| !verdict.path.contains(at)).count();
    if unused > 0 {
        verdict.notes.push(format!("{unused} of the certificates sent do not belong to the chain"));
    }
    if read.len() > 1 && verdict.path.last().and_then(|at| read[*at].as_ref()).is_some_and(|last| last.self_signed) {
        verdict.notes.push("the root is sent too, which no client needs".to_owned());
    }
}

/// Where the root of a chain that holds came from.
fn root(read: &[Option<Certificate>], path: &[usize], trust: &Trust) -> Root {
    if trust.given {
        return Root::Given;
    }
    let local = trust::local();
    let issuers = path.iter().filter_map(|at| read[*at].as_ref());
    let is_local = |certificate: &Certificate| {
        local.iter().filter_map(certificate::read).any(|root| root.subject_der == certificate.issuer_der)
    };
    if !local.is_empty() && issuers.into_iter().any(is_local) { Root::Local } else { Root::System }
}

/// Why a chain does not hold at `now`.
fn explain(error: &Error, read: &[Option<Certificate>], now: i64, anchored: &Anchored<'_>, verdict: &mut Verdict) {
    let on_path: Vec<&Certificate> = verdict.path.iter().filter_map(|at| read[*at].as_ref()).collect();
    let Some((leaf, issuers)) = on_path.split_first() else { return };
    let mut faults = Vec::new();
    for (depth, certificate) in on_path.iter().enumerate() {
        // The period of a root is not looked at: it is trusted as it is.
        if depth == 0 || !certificate.self_signed {
            period(certificate, depth, now, &mut faults);
            weakness(certificate, &mut faults);
        }
    }
    constraints(leaf, issuers, &mut faults);
    let timed = on_path.iter().enumerate().filter(|(depth, c)| *depth == 0 || !c.self_signed);
    let (begin, end) = timed.fold((i64::MIN, i64::MAX), |(b, e), (_, c)| (b.max(c.not_before), e.min(c.not_after)));
    let top = on_path.last().copied().unwrap_or(leaf);
    let trusted = if begin <= end {
        let then = now.clamp(begin, end);
        if then == now { Err(error.clone()) } else { anchored.at(then) }
    } else if anchored.knows(&top.issuer_der) {
        Ok(())
    } else {
        Err(CertificateError::UnknownIssuer.into())
    };
    match trusted {
        Ok(()) => verdict.holds_between = (begin <= end).then_some((begin, end)),
        Err(fault) => untrusted(&fault, leaf, top, anchored, verdict, &mut faults),
    }
    if verdict.faults.is_empty() && faults.is_empty() {
        faults.push(Fault {
            kind: Kind::Invalid,
            words: format!("the chain does not hold: {}", certificate::clean(&error.to_string())),
        });
    }
    verdict.faults.append(&mut faults);
}

fn untrusted(
    error: &Error,
    leaf: &Certificate,
    top: &Certificate,
    anchored: &Anchored<'_>,
    verdict: &mut Verdict,
    faults: &mut Vec<Fault>,
) {
    let explained =
        faults.iter().chain(&verdict.faults).any(|fault| !matches!(fault.kind, Kind::Expired | Kind::NotYetValid));
    let unknown =
        *error == Error::InvalidCertificate(CertificateError::UnknownIssuer) || !anchored.knows(&top.issuer_der);
    if leaf.self_signed {
        let more = verdict.product.map(|product| format!(", with the name of {product}")).unwrap_or_default();
        faults.retain(|fault| fault.kind != Kind::CaConstraint);
        faults.push(Fault {
            kind: Kind::SelfSigned,
            words: format!("the certificate is signed by itself{more}: nobody vouches for it"),
        });
    } else if verdict.faults.iter().any(|fault| fault.kind == Kind::BadSignature) {
        // The issuer was sent, or something under its name.
    } else if !unknown {
        if !explained {
            let words = format!("the chain does not hold: {}", certificate::clean(&error.to_string()));
            let kind = match error {
                Error::InvalidCertificate(CertificateError::BadSignature) => Kind::BadSignature,
                Error::InvalidCertificate(
                    CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. },
                ) => Kind::KeyUsage,
                _ => Kind::Invalid,
            };
            faults.push(Fault { kind, words });
        }
    } else if let Some(product) = verdict.product {
        let words =
            format!("{product} stands in between: it issued this certificate, and its root is not trusted here");
        faults.push(Fault { kind: Kind::Intercepted, words });
    } else if top.self_signed {
        let words = format!("the chain ends in {}, a root that is not trusted here", top.subject);
        faults.push(Fault { kind: Kind::SelfSignedInChain, words });
    } else {
        let (kind, sign) = gap(top, verdict.sent == 1, anchored);
        verdict.sign = Some(sign);
        let words = match (kind, &top.issuer_url) {
            (Kind::MissingIntermediate, Some(url)) => {
                format!("the server does not send the certificate of the issuer, {}; it is at {url}", top.issuer)
            }
            (Kind::MissingIntermediate, None) => {
                format!("the server does not send the certificate of the issuer, {}", top.issuer)
            }
            _ => format!("the issuer, {}, is not trusted here", top.issuer),
        };
        faults.push(Fault { kind, words });
    }
}

/// Whether the issuer that is neither sent nor known is an intermediate, that the server should send, or a root that this
/// machine should know; and the sign that says so.
fn gap(top: &Certificate, only_leaf: bool, anchored: &Anchored<'_>) -> (Kind, &'static str) {
    let says_root = top.issuer.to_lowercase().split(|c: char| !c.is_alphanumeric()).any(|word| word == "root");
    // A public root never signs a server's certificate itself (CA/B Forum Baseline Requirements, section 6.1.7).
    if says_root {
        return (Kind::UnknownCa, "root_name");
    }
    if let Some(above) = &top.issuers_issuer {
        let is_root = *above == top.issuer_der;
        return (if is_root { Kind::UnknownCa } else { Kind::MissingIntermediate }, "key_identifier");
    }
    if top.issuer_url.is_some() {
        return (Kind::MissingIntermediate, "issuer_url");
    }
    let same_owner = top.issuer_organization.as_ref().is_some_and(|owner| {
        anchored
            .trust
            .store
            .subjects()
            .iter()
            .any(|root| certificate::organization(root.as_ref()).as_ref() == Some(owner))
    });
    if same_owner {
        return (Kind::MissingIntermediate, "organization");
    }
    if only_leaf && anchored.trust.given {
        return (Kind::MissingIntermediate, "given_roots");
    }
    (Kind::UnknownCa, "none")
}

/// How far away a moment is, in the largest fitting unit.
fn distance(seconds: i64) -> String {
    let (number, unit) = match seconds.abs() {
        s if s >= 2 * DAY => (s / DAY, "days"),
        s if s >= 2 * 3600 => (s / 3600, "hours"),
        s if s >= 120 => (s / 60, "minutes"),
        s => (s, "seconds"),
    };
    format!("{number} {unit}")
}

/// A moment in seconds since the Unix epoch, in RFC 3339.
pub(super) fn moment(seconds: i64) -> String {
    rfc3339(seconds.saturating_mul(1000))
}

fn period(certificate: &Certificate, depth: usize, now: i64, faults: &mut Vec<Fault>) {
    let which = if depth == 0 {
        "the certificate".to_owned()
    } else {
        format!("the certificate of the issuer, {},", certificate.subject)
    };
    if certificate.not_after < now {
        let ago = distance(now - certificate.not_after);
        let words = format!("{which} expired {ago} ago, at {}", moment(certificate.not_after));
        faults.push(Fault { kind: Kind::Expired, words });
    } else if certificate.not_before > now {
        let ahead = distance(certificate.not_before - now);
        let words = format!("{which} begins in {ahead}, at {}", moment(certificate.not_before));
        faults.push(Fault { kind: Kind::NotYetValid, words });
    }
}

fn weakness(certificate: &Certificate, faults: &mut Vec<Fault>) {
    if let Some(digest) = certificate.weak_signature {
        let words = format!("{} is signed with {digest}, which clients no longer accept", title(certificate));
        faults.push(Fault { kind: Kind::WeakSignature, words });
    } else if let Some(bits) = certificate.weak_key {
        let words = format!("the key of {} has {bits} bits, and clients want 2048", title(certificate));
        faults.push(Fault { kind: Kind::WeakSignature, words });
    }
}

fn constraints(leaf: &Certificate, issuers: &[&Certificate], faults: &mut Vec<Fault>) {
    for (below, issuer) in issuers.iter().enumerate() {
        let fault = if !issuer.ca {
            Some("is not a CA")
        } else if issuer.may_not_sign {
            Some("may not sign certificates (key usage)")
        } else if issuer.path_length.is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| below > limit)) {
            Some("may not have that many CAs below it (path length)")
        } else {
            None
        };
        if let Some(fault) = fault {
            faults.push(Fault { kind: Kind::CaConstraint, words: format!("the issuer, {}, {fault}", issuer.subject) });
        }
    }
    if leaf.ca {
        let words = "the server's own certificate is marked as that of a CA, which strict clients refuse".to_owned();
        faults.push(Fault { kind: Kind::CaConstraint, words });
    }
    if leaf.not_for_servers {
        let words = "the certificate is not for servers (extended key usage)".to_owned();
        faults.push(Fault { kind: Kind::KeyUsage, words });
    }
    if leaf.old_version {
        let words = "the certificate has not version 3 of X.509, so it can name no host".to_owned();
        faults.push(Fault { kind: Kind::Invalid, words });
    }
}

fn name(chain: &[CertificateDer<'_>], leaf: &Certificate, host: &ServerName<'_>, faults: &mut Vec<Fault>) {
    let holds = chain
        .first()
        .and_then(|leaf| ParsedCertificate::try_from(leaf).ok())
        .map(|leaf| verify_server_name(&leaf, host));
    if matches!(holds, Some(Ok(()))) {
        return;
    }
    let host = certificate::clean(&host.to_str());
    let words = if leaf.names.is_empty() {
        let only = leaf
            .common_name
            .as_ref()
            .map(|name| format!("; its common name {name} counts no longer"))
            .unwrap_or_default();
        format!("the certificate names no host at all, so not {host}{only}")
    } else {
        let more = leaf.names.len().saturating_sub(5);
        let names = leaf.names.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("the certificate is for {names}{more}, not for {host}")
    };
    faults.push(Fault { kind: Kind::WrongHost, words });
}

fn title(certificate: &Certificate) -> String {
    format!("the certificate of {}", if certificate.subject.is_empty() { "the server" } else { &certificate.subject })
}

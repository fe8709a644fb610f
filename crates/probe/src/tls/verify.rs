//! What rustls asks during a handshake: whether the server's chain holds, and for a certificate of our own. Both are
//! written down, so that a bad chain is still shown and a demand for a client certificate is never forgotten.

use super::chain::{self, Verdict};
use super::{certificate, trust};
use rustls::DigitallySignedStruct;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use rustls::sign::CertifiedKey;
use rustls::{CertificateError, Error, SignatureScheme};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many names of accepted CAs are kept.
const ACCEPTED: usize = 64;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Judges the chain and remembers the verdict.
#[derive(Debug)]
pub(super) struct Judge {
    pub roots: Vec<PathBuf>,
    pub insecure: bool,
    /// Seconds since the Unix epoch.
    pub now: i64,
    pub algorithms: WebPkiSupportedAlgorithms,
    verdict: Mutex<Option<Verdict>>,
}

impl Judge {
    pub(super) fn new(roots: Vec<PathBuf>, insecure: bool, now: i64, algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { roots, insecure, now, algorithms, verdict: Mutex::new(None) }
    }

    /// The verdict, once the server has sent its chain.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        lock(&self.verdict).clone()
    }

    pub(super) fn judge(&self, chain: &[CertificateDer<'_>], host: &ServerName<'_>) -> Verdict {
        let trust = trust::roots(&self.roots);
        let mut verdict = chain::judge(chain, host, &trust, self.now, &self.algorithms);
        verdict.notes.extend(trust.problems.iter().cloned());
        verdict
    }

    /// A server that cannot sign with the key of its certificate is a fault of its own, that `-k` passes over.
    fn proof(&self, outcome: Result<HandshakeSignatureValid, Error>) -> Result<HandshakeSignatureValid, Error> {
        let Err(error) = outcome else { return outcome };
        if let Some(verdict) = lock(&self.verdict).as_mut() {
            let words = "the server does not sign with the key of the certificate that it sent".to_owned();
            verdict.faults.insert(0, chain::Fault { kind: chain::Kind::BadSignature, words });
        }
        if self.insecure { Ok(HandshakeSignatureValid::assertion()) } else { Err(error) }
    }
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain: Vec<CertificateDer<'_>> = std::iter::once(end_entity).chain(intermediates).cloned().collect();
        let verdict = self.judge(&chain, server_name);
        let first = verdict.faults.first().map(|fault| fault.kind);
        *lock(&self.verdict) = Some(verdict);
        match first {
            Some(kind) if !self.insecure => Err(kind.error().into()),
            _ => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proof(verify_tls12_signature(message, cert, dss, &self.algorithms))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.proof(verify_tls13_signature(message, cert, dss, &self.algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// A server's demand for a client certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientCertificate {
    /// The CAs that it says it accepts, as distinguished names; empty when it does not say.
    pub accepted: Vec<String>,
    /// The subject of the certificate that was sent; `None` when there was none to send.
    pub sent: Option<String>,
    /// True when the one that was sent is issued by none of those that the server accepts.
    pub other_issuer: bool,
}

/// Our certificate, when there is one, and the server's demand for it.
#[derive(Debug, Default)]
pub(super) struct Identity {
    own: Option<Own>,
    asked: Mutex<Option<ClientCertificate>>,
}

/// Our certificate.
#[derive(Debug)]
pub(super) struct Own {
    key: Arc<CertifiedKey>,
    pub subject: String,
    /// Of all certificates in the file.
    issuers: Vec<Vec<u8>>,
    /// Seconds since the Unix epoch.
    pub not_before: i64,
    pub not_after: i64,
}

impl Identity {
    pub(super) fn new(own: Option<Own>) -> Self {
        Self { own, asked: Mutex::new(None) }
    }

    pub(super) fn own(&self) -> Option<&Own> {
        self.own.as_ref()
    }

    /// The demand, once there was one.
    pub(super) fn asked(&self) -> Option<ClientCertificate> {
        lock(&self.asked).clone()
    }
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let accepted = hints.iter().take(ACCEPTED).filter_map(|name| certificate::distinguished_name(name)).collect();
        let other_issuer = !hints.is_empty()
            && self
                .own
                .as_ref()
                .is_some_and(|own| !own.issuers.iter().any(|issuer| hints.contains(&issuer.as_slice())));
        let sent = self.own.as_ref().map(|own| own.subject.clone());
        *lock(&self.asked) = Some(ClientCertificate { accepted, sent, other_issuer });
        self.own.as_ref().map(|own| Arc::clone(&own.key))
    }

    fn has_certs(&self) -> bool {
        self.own.is_some()
    }
}

/// Reads `--cert` and `--key`. The error says what is wrong, without a byte of the files.
pub(super) fn read_identity(certificate: &Path, key: &Path) -> Result<Own, String> {
    let chain = trust::read_certificates(certificate)
        .map_err(|fault| format!("the client certificate cannot be read: {fault}"))?;
    let first =
        chain.first().and_then(certificate::read).ok_or("the file of the client certificate holds none in PEM")?;
    let issuers = chain.iter().filter_map(certificate::read).map(|certificate| certificate.issuer_der).collect();
    let bytes = std::fs::read(key)
        .map_err(|fault| format!("the key of the client certificate cannot be read: {}", fault.kind()))?;
    let key = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
        let encrypted = [&b"ENCRYPTED PRIVATE KEY"[..], b"Proc-Type: 4,ENCRYPTED"];
        if encrypted.iter().any(|mark| bytes.windows(mark.len()).any(|part| part == *mark)) {
            "the key of the client certificate is encrypted, and no password can be given here"
        } else {
            "the file of the client certificate's key holds none in PEM"
        }
    })?;
    let provider = rustls::crypto::ring::default_provider();
    let key = CertifiedKey::from_der(chain, key, &provider).map_err(|fault| match fault {
        Error::InconsistentKeys(_) => "the key does not belong to the client certificate".to_owned(),
        Error::InvalidCertificate(CertificateError::BadEncoding) => "the client certificate cannot be read".to_owned(),
        _ => "the key of the client certificate is of a kind that is not supported".to_owned(),
    })?;
    Ok(Own {
        key: Arc::new(key),
        subject: first.subject,
        issuers,
        not_before: first.not_before,
        not_after: first.not_after,
    })
}

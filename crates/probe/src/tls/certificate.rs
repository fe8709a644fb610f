//! What one certificate says, as owned values: names, period, issuer, uses, key and signature.
//!
//! Everything in a certificate was written by the other end: lists and texts are bounded, control characters go.

use rustls::pki_types::CertificateDer;
use std::net::IpAddr;
use x509_parser::prelude::{FromDer, GeneralName, ParsedExtension, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

/// How many names of one certificate are kept.
const NAMES: usize = 100;
/// The longest text that is kept, in characters.
const TEXT: usize = 200;
/// Access method caIssuers (RFC 5280 section 4.2.2.1).
const CA_ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// What a certificate says.
#[derive(Clone, Debug, Default)]
pub(super) struct Certificate {
    pub subject: String,
    pub issuer: String,
    /// CN of the subject.
    pub common_name: Option<String>,
    pub subject_der: Vec<u8>,
    pub issuer_der: Vec<u8>,
    /// O of the issuer.
    pub issuer_organization: Option<String>,
    /// Seconds since the Unix epoch, both inclusive (RFC 5280 section 4.1.2.5).
    pub not_before: i64,
    pub not_after: i64,
    /// The DNS names and addresses of subjectAltName.
    pub names: Vec<String>,
    /// basicConstraints says that it is a CA.
    pub ca: bool,
    /// How many CAs may follow below it.
    pub path_length: Option<u32>,
    /// keyUsage is there, and does not let it sign certificates.
    pub may_not_sign: bool,
    /// extendedKeyUsage is there, and does not name servers.
    pub not_for_servers: bool,
    /// Where the issuer's certificate is, by authorityInfoAccess.
    pub issuer_url: Option<String>,
    /// The issuer of the issuer, where authorityKeyIdentifier names it.
    pub issuers_issuer: Option<Vec<u8>>,
    /// Subject and issuer are one, and its own key made its signature.
    pub self_signed: bool,
    /// Signed with MD5 or SHA-1.
    pub weak_signature: Option<&'static str>,
    /// RSA with less than 2048 bits: how many.
    pub weak_key: Option<usize>,
    /// Not version 3, so without extensions.
    pub old_version: bool,
}

/// Reads one; `None` when it is no certificate.
pub(super) fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, x509) = X509Certificate::from_der(der).ok()?;
    let same_name = x509.subject().as_raw() == x509.issuer().as_raw();
    let mut certificate = Certificate {
        subject: clean(&x509.subject().to_string()),
        issuer: clean(&x509.issuer().to_string()),
        common_name: x509.subject().iter_common_name().find_map(|name| name.as_str().ok()).map(clean),
        subject_der: x509.subject().as_raw().to_vec(),
        issuer_der: x509.issuer().as_raw().to_vec(),
        issuer_organization: x509.issuer().iter_organization().find_map(|name| name.as_str().ok()).map(clean),
        not_before: x509.validity().not_before.timestamp(),
        not_after: x509.validity().not_after.timestamp(),
        self_signed: same_name && x509.verify_signature(None).is_ok(),
        weak_signature: weak_signature(&x509.signature_algorithm.algorithm.to_id_string()),
        weak_key: weak_key(&x509),
        old_version: x509.version() != X509Version::V3,
        ..Certificate::default()
    };
    for extension in x509.extensions() {
        read_extension(extension.parsed_extension(), &mut certificate);
    }
    Some(certificate)
}

fn read_extension(extension: &ParsedExtension<'_>, certificate: &mut Certificate) {
    match extension {
        ParsedExtension::SubjectAlternativeName(names) => {
            certificate.names = names.general_names.iter().filter_map(name).take(NAMES).collect();
        }
        ParsedExtension::BasicConstraints(constraints) => {
            certificate.ca = constraints.ca;
            certificate.path_length = constraints.path_len_constraint;
        }
        ParsedExtension::KeyUsage(usage) => certificate.may_not_sign = !usage.key_cert_sign(),
        ParsedExtension::ExtendedKeyUsage(usage) => {
            certificate.not_for_servers = !usage.server_auth && !usage.any;
        }
        ParsedExtension::AuthorityInfoAccess(access) => {
            certificate.issuer_url =
                access.accessdescs.iter().filter(|access| access.access_method.to_id_string() == CA_ISSUERS).find_map(
                    |access| match access.access_location {
                        GeneralName::URI(url) if url.starts_with("http") => Some(clean(url)),
                        _ => None,
                    },
                );
        }
        ParsedExtension::AuthorityKeyIdentifier(key) => {
            certificate.issuers_issuer = key.authority_cert_issuer.iter().flatten().find_map(|issuer| match issuer {
                GeneralName::DirectoryName(name) => Some(name.as_raw().to_vec()),
                _ => None,
            });
        }
        _ => {}
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(clean(name)),
        GeneralName::IPAddress(bytes) => {
            let address = <[u8; 4]>::try_from(*bytes)
                .map(IpAddr::from)
                .or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// MD5 and SHA-1 signatures (RFC 8017 appendix A.2.4, RFC 3279), which clients refuse (RFC 9155).
fn weak_signature(algorithm: &str) -> Option<&'static str> {
    match algorithm {
        "1.2.840.113549.1.1.2" => Some("MD2"),
        "1.2.840.113549.1.1.4" => Some("MD5"),
        "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" | "1.3.14.3.2.29" => Some("SHA-1"),
        _ => None,
    }
}

fn weak_key(x509: &X509Certificate<'_>) -> Option<usize> {
    match x509.public_key().parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < 2048 => Some(key.key_size()),
        _ => None,
    }
}

/// True when `issuer` signed `certificate`.
pub(super) fn signed_by(certificate: &CertificateDer<'_>, issuer: &CertificateDer<'_>) -> bool {
    let (Ok((_, certificate)), Ok((_, issuer))) =
        (X509Certificate::from_der(certificate), X509Certificate::from_der(issuer))
    else {
        return false;
    };
    certificate.verify_signature(Some(issuer.public_key())).is_ok()
}

/// A distinguished name in words.
pub(super) fn distinguished_name(der: &[u8]) -> Option<String> {
    let (_, name) = x509_parser::x509::X509Name::from_der(der).ok()?;
    Some(clean(&name.to_string()))
}

/// O of a distinguished name.
pub(super) fn organization(der: &[u8]) -> Option<String> {
    let (_, name) = x509_parser::x509::X509Name::from_der(der).ok()?;
    name.iter_organization().find_map(|o| o.as_str().ok()).map(clean)
}

/// A text from the wire: no control or direction characters, and no more than fits a line.
pub(super) fn clean(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    text.chars().take(TEXT).map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect()
}

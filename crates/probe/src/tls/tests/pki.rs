//! Certificates for tests: CAs, what they sign, and how it goes wrong.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A CA.
pub(super) struct Ca(pub CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key and what is sent with it.
pub(super) struct Leaf {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: KeyPair,
}

impl Leaf {
    pub(super) fn key_der(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }

    pub(super) fn with(mut self, more: &[&CertificateDer<'static>]) -> Self {
        self.chain.extend(more.iter().map(|certificate| (*certificate).clone()));
        self
    }
}

fn named(name: &str, names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Example Ltd");
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2036, 1, 1);
    params
}

/// What a server's certificate looks like when nothing is wrong with it.
pub(super) fn leaf() -> CertificateParams {
    let mut params = named("api.example.test", &["api.example.test", "*.shop.example.test", "127.0.0.1"]);
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2026, 3, 1);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params
}

fn ca_params(name: &str) -> CertificateParams {
    let mut params = named(name, &[]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A root.
pub(super) fn root(name: &str) -> Ca {
    Ca(CertifiedIssuer::self_signed(ca_params(name), KeyPair::generate().unwrap()).unwrap())
}

impl Ca {
    pub(super) fn der(&self) -> &CertificateDer<'static> {
        self.0.der()
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    pub(super) fn intermediate(&self, name: &str) -> Ca {
        self.intermediate_of(ca_params(name))
    }

    pub(super) fn intermediate_of(&self, params: CertificateParams) -> Ca {
        Ca(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    pub(super) fn expired_intermediate(&self, name: &str) -> Ca {
        let mut params = ca_params(name);
        params.not_after = date_time_ymd(2026, 1, 10);
        self.intermediate_of(params)
    }

    pub(super) fn no_ca(&self, name: &str) -> Ca {
        self.intermediate_of(named(name, &[]))
    }

    pub(super) fn sign(&self, params: &CertificateParams) -> Leaf {
        let key = KeyPair::generate().unwrap();
        Leaf { chain: vec![params.signed_by(&key, &self.0).unwrap().der().clone()], key }
    }
}

/// Signed by itself.
pub(super) fn self_signed(params: &CertificateParams) -> Leaf {
    let key = KeyPair::generate().unwrap();
    Leaf { chain: vec![params.self_signed(&key).unwrap().der().clone()], key }
}

/// authorityInfoAccess with one caIssuers (RFC 5280 section 4.2.2.1).
pub(super) fn issuer_url(url: &str) -> CustomExtension {
    let length = |add: usize| u8::try_from(url.len() + add).unwrap();
    let mut der = vec![0x30, length(14), 0x30, length(12), 6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2, 0x86, length(0)];
    der.extend(url.as_bytes());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], der)
}

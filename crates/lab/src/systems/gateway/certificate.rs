//! Certificates for both sides of a gateway: good for loopback, and trusted by whoever is given them.

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::io;
use std::sync::Arc;

/// A server's certificate that signs itself.
#[derive(Clone, Debug)]
pub struct SelfSigned {
    /// For the server.
    pub server: Arc<ServerConfig>,
    /// The certificate, for those who trust it.
    pub pem: String,
}

impl SelfSigned {
    /// For these names and addresses.
    ///
    /// # Errors
    /// When a name is none, or no key can be made.
    pub fn new(names: &[&str]) -> io::Result<Self> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let pem = made.cert.pem();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .map_err(io::Error::other)?;
        Ok(Self { server: Arc::new(server), pem })
    }
}

/// A client that trusts nobody, as a gateway whose bundle of roots lacks the one that counts.
///
/// # Errors
/// Never with the provider that is built in.
pub fn trusting_nobody() -> io::Result<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(Arc::new(config))
}

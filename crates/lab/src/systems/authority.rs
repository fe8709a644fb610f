//! A certificate authority of the lab: a root, an intermediate, and leaves that hold or have exactly one fault.
//!
//! The root stands in the world's folder, to be trusted with `--cacert`. Nothing of it outlives the world, and no store of
//! the machine is touched.

use super::{Opened, System, orders};
use crate::World;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, SupportedProtocolVersion};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;

/// For `firstfault lab`: one port with a good certificate, and one for each fault that a browser would show.
pub const SYSTEMS: &[System] = &[
    System {
        name: "tls",
        port: 8443,
        what: "HTTPS with a good certificate for orders.lab.test",
        start: |world| Box::pin(shown(world, "tls", 8443, Fault::None)),
    },
    System {
        name: "tls-expired",
        port: 8444,
        what: "HTTPS with a certificate that has expired",
        start: |world| Box::pin(shown(world, "tls-expired", 8444, Fault::Expired)),
    },
    System {
        name: "tls-wrong-host",
        port: 8445,
        what: "HTTPS with a certificate for another name",
        start: |world| Box::pin(shown(world, "tls-wrong-host", 8445, Fault::WrongHost)),
    },
    System {
        name: "tls-self-signed",
        port: 8446,
        what: "HTTPS with a self-signed certificate",
        start: |world| Box::pin(shown(world, "tls-self-signed", 8446, Fault::SelfSigned)),
    },
    System {
        name: "tls-missing-intermediate",
        port: 8447,
        what: "HTTPS that leaves the intermediate out",
        start: |world| Box::pin(shown(world, "tls-missing-intermediate", 8447, Fault::MissingIntermediate)),
    },
    System {
        name: "tls-client-certificate",
        port: 8448,
        what: "HTTPS that demands a client certificate",
        start: |world| {
            Box::pin(async move {
                let authority = Authority::new(&world, "ca", "Lab")?;
                let served = authority.serves(&["orders.lab.test"], Fault::None)?;
                let good = authority.client("client", "orders-client", Fault::None)?;
                let config = Wanted::of(&authority).config(served, rustls::ALL_VERSIONS)?;
                let at = world.serve("tls-client-certificate", 8448, Some(config), |asked| async move {
                    orders::answer(&asked).into()
                });
                let at = at.await?;
                let call = call("orders.lab.test", at.port(), authority.file(), "/v1/orders");
                let with = [good.arguments(), call.clone()].concat();
                Ok(Opened::at(at).with("refused", call).with("200", with))
            })
        },
    },
];

async fn shown(world: World, name: &'static str, port: u16, fault: Fault) -> io::Result<Opened> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let config = server(authority.serves(&["orders.lab.test"], fault)?)?;
    let at = world.serve(name, port, Some(config), |asked| async move { orders::answer(&asked).into() }).await?;
    let says = if fault == Fault::None { "200" } else { "refused by the client" };
    Ok(Opened::at(at).with(says, call("orders.lab.test", at.port(), authority.file(), "/v1/orders")))
}

/// What stands behind `curl` for a name that is served on loopback.
#[must_use]
pub fn call(host: &str, port: u16, roots: &Path, path: &str) -> Vec<String> {
    vec![
        "--resolve".to_owned(),
        format!("{host}:{port}:127.0.0.1"),
        "--cacert".to_owned(),
        roots.display().to_string(),
        format!("https://{host}:{port}{path}"),
    ]
}

/// What is wrong with a certificate, and nothing else is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Its time is over, since three days.
    Expired,
    /// Its time begins in two days.
    NotYetValid,
    /// It is for `internal-` and the first name.
    WrongHost,
    /// It is signed with its own key.
    SelfSigned,
    /// It holds, and the intermediate that signed it is not sent.
    MissingIntermediate,
    /// It holds, and the time of the intermediate that signed it is over.
    ExpiredIntermediate,
    /// It holds, and the root is sent along: for clients that do not know that root.
    WithRoot,
}

/// A chain as a server sends it, leaf first, with the key of the leaf.
pub struct Served {
    /// DER, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// PKCS #8.
    pub key: PrivateKeyDer<'static>,
}

/// A client certificate on disk.
pub struct Client {
    /// PEM, with the intermediate.
    pub certificate: PathBuf,
    /// PEM.
    pub key: PathBuf,
}

impl Client {
    /// curl's arguments.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let (certificate, key) = (self.certificate.display().to_string(), self.key.display().to_string());
        vec!["--cert".to_owned(), certificate, "--key".to_owned(), key]
    }
}

/// A root with an intermediate below it.
pub struct Authority {
    root: CertifiedIssuer<'static, KeyPair>,
    intermediate: CertifiedIssuer<'static, KeyPair>,
    old_intermediate: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
    folder: PathBuf,
}

impl Authority {
    /// A new one, called after `organisation`, with its root in `STEM.pem` of the world's folder. Where several systems of
    /// one world ask for the same file, each adds its root to it.
    ///
    /// # Errors
    /// When keys cannot be made or the file not written.
    pub fn new(world: &World, stem: &str, organisation: &str) -> io::Result<Self> {
        let names = [format!("{organisation} Root CA"), format!("{organisation} Issuing CA 1")];
        Self::called(world, stem, organisation, &names)
    }

    /// The same with the common names of root and intermediate.
    ///
    /// # Errors
    /// When keys cannot be made or the file not written.
    pub fn called(world: &World, stem: &str, organisation: &str, names: &[String; 2]) -> io::Result<Self> {
        let root = CertifiedIssuer::self_signed(issuer(organisation, &names[0], -800, 3000)?, key()?).map_err(bad)?;
        let below = |from, until| {
            CertifiedIssuer::signed_by(issuer(organisation, &names[1], from, until)?, key()?, &root).map_err(bad)
        };
        let (intermediate, old_intermediate) = (below(-400, 1400)?, below(-700, -3)?);
        let file = world.folder().join(format!("{stem}.pem"));
        let before = std::fs::read_to_string(&file).unwrap_or_default();
        std::fs::write(&file, before + &root.pem())?;
        Ok(Self { root, intermediate, old_intermediate, file, folder: world.folder().to_owned() })
    }

    /// The root as PEM, for `--cacert`.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The root as DER.
    #[must_use]
    pub fn root(&self) -> CertificateDer<'static> {
        self.root.der().clone()
    }

    /// A chain for these names, with one fault at most.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn serves(&self, names: &[&str], fault: Fault) -> io::Result<Served> {
        let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        if fault == Fault::WrongHost {
            names = names.first().map(|first| format!("internal-{first}")).into_iter().collect();
        }
        let (from, until) = match fault {
            Fault::Expired => (-93, -3),
            Fault::NotYetValid => (2, 92),
            _ => (-10, 80),
        };
        let mut params = leaf(names, from, until)?;
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = key()?;
        let chain = match fault {
            Fault::SelfSigned => {
                params.use_authority_key_identifier_extension = false;
                vec![params.self_signed(&key).map_err(bad)?.der().clone()]
            }
            Fault::MissingIntermediate => vec![signed(&params, &key, &self.intermediate)?.der().clone()],
            Fault::ExpiredIntermediate => {
                vec![signed(&params, &key, &self.old_intermediate)?.der().clone(), self.old_intermediate.der().clone()]
            }
            _ => vec![signed(&params, &key, &self.intermediate)?.der().clone(), self.intermediate.der().clone()],
        };
        let chain = if fault == Fault::WithRoot { [chain, vec![self.root()]].concat() } else { chain };
        Ok(Served { chain, key: PrivatePkcs8KeyDer::from(key.serialize_der()).into() })
    }

    /// A client certificate for `who`, as `STEM.pem` and `STEM.key` in the world's folder.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn client(&self, stem: &str, who: &str, fault: Fault) -> io::Result<Client> {
        let (from, until) = if fault == Fault::Expired { (-93, -3) } else { (-10, 80) };
        let mut params = leaf(Vec::new(), from, until)?;
        params.distinguished_name.push(DnType::CommonName, who);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let own = key()?;
        let certificate = signed(&params, &own, &self.intermediate)?;
        let client = Client {
            certificate: self.folder.join(format!("{stem}.pem")),
            key: self.folder.join(format!("{stem}.key")),
        };
        std::fs::write(&client.certificate, certificate.pem() + &self.intermediate.pem())?;
        std::fs::write(&client.key, own.serialize_pem())?;
        Ok(client)
    }
}

fn bad(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("certificate: {error}"))
}

fn key() -> io::Result<KeyPair> {
    KeyPair::generate().map_err(bad)
}

/// From and until in days from now.
fn valid(params: &mut CertificateParams, from: i64, until: i64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs());
    let now = i64::try_from(now).unwrap_or(0);
    let moment =
        |days: i64| date_time_ymd(1970, 1, 1) + Duration::from_secs(u64::try_from(now + days * DAY).unwrap_or(0));
    (params.not_before, params.not_after) = (moment(from), moment(until));
}

fn issuer(organisation: &str, name: &str, from: i64, until: i64) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::new(Vec::new()).map_err(bad)?;
    valid(&mut params, from, until);
    params.distinguished_name.push(DnType::OrganizationName, organisation);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn leaf(names: Vec<String>, from: i64, until: i64) -> io::Result<CertificateParams> {
    let common = names.first().cloned().unwrap_or_default();
    let mut params = CertificateParams::new(names).map_err(bad)?;
    valid(&mut params, from, until);
    params.distinguished_name = rcgen::DistinguishedName::new();
    if !common.is_empty() {
        params.distinguished_name.push(DnType::CommonName, common);
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn signed(params: &CertificateParams, key: &KeyPair, issuer: &Issuer<'_, KeyPair>) -> io::Result<Certificate> {
    params.signed_by(key, issuer).map_err(bad)
}

/// The one provider of the project.
#[must_use]
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// A server with TLS 1.2 and 1.3 that asks for no client certificate.
///
/// # Errors
/// When chain and key do not fit.
pub fn server(served: Served) -> io::Result<Arc<ServerConfig>> {
    configured(served, rustls::ALL_VERSIONS, provider())
}

/// The same with the versions and ciphers that are given.
///
/// # Errors
/// When chain and key do not fit.
pub fn configured(
    served: Served,
    versions: &[&'static SupportedProtocolVersion],
    provider: Arc<CryptoProvider>,
) -> io::Result<Arc<ServerConfig>> {
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(versions).map_err(bad)?;
    let config = builder.with_no_client_auth().with_single_cert(served.chain, served.key).map_err(bad)?;
    Ok(speaking(config))
}

fn speaking(mut config: ServerConfig) -> Arc<ServerConfig> {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
}

/// Which client certificates a server wants.
pub struct Wanted {
    roots: RootCertStore,
    optional: bool,
}

impl Wanted {
    /// One of this authority, or no handshake.
    #[must_use]
    pub fn of(authority: &Authority) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates([authority.root()]);
        Self { roots, optional: false }
    }

    /// The handshake passes without one: the server speaks of it in HTTP, as nginx does.
    #[must_use]
    pub fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// A server that wants them.
    ///
    /// # Errors
    /// When chain and key do not fit.
    pub fn config(
        self,
        served: Served,
        versions: &[&'static SupportedProtocolVersion],
    ) -> io::Result<Arc<ServerConfig>> {
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(self.roots), provider());
        let verifier = if self.optional { verifier.allow_unauthenticated() } else { verifier };
        let verifier = verifier.build().map_err(bad)?;
        let builder = ServerConfig::builder_with_provider(provider()).with_protocol_versions(versions).map_err(bad)?;
        let config = builder.with_client_cert_verifier(verifier);
        Ok(speaking(config.with_single_cert(served.chain, served.key).map_err(bad)?))
    }
}

//! Certificates and handshakes, each with one fault.

use crate::scenario::{Expected, Family, Scenario, Symptom};
use crate::server::{Reply, Wire, converse};
use crate::systems::authority::{Authority, Fault, Wanted, call, configured, provider, server};
use crate::systems::old_tls::{self, Manner};
use crate::systems::{faults, orders};
use crate::world::{Handler, World};
use firstfault_model::{Bucket, Layer};
use rustls::{ServerConfig, SupportedProtocolVersion, server::Acceptor};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio_rustls::{LazyConfigAcceptor, TlsAcceptor};

const HOST: &str = "orders.lab.test";
const PATH: &str = "/v1/orders";
const V12: &[&SupportedProtocolVersion] = &[&rustls::version::TLS12];
const V13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// The family.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "tls-expired",
        family: Family::Tls,
        story: "Since this morning every client refuses the connection. Nothing was released.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.certificate_expired"),
        fix: "Renew the certificate and load it into the server.",
        start: |world| Box::pin(certificate(world, 8441, Fault::Expired)),
    },
    Scenario {
        name: "tls-not-yet-valid",
        family: Family::Tls,
        story: "A certificate was made in advance and put in place today. Clients refuse it.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.certificate_not_yet_valid"),
        fix: "Put the old certificate back until the new one begins; where only one client complains, set its \
                clock.",
        start: |world| Box::pin(certificate(world, 8442, Fault::NotYetValid)),
    },
    Scenario {
        name: "tls-wrong-host",
        family: Family::Tls,
        story: "The service got a name of its own. Under the new name the connection is refused by the client.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.hostname_mismatch"),
        fix: "Have the certificate made for the name that is called.",
        start: |world| Box::pin(certificate(world, 8443, Fault::WrongHost)),
    },
    Scenario {
        name: "tls-wildcard-too-deep",
        family: Family::Tls,
        story: "The certificate is for *.lab.test, and the new regional name is below it. Clients refuse the new \
                name alone.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.hostname_mismatch"),
        fix: "A wildcard covers one label: add *.eu.lab.test or the name itself.",
        start: |world| Box::pin(wildcard(world)),
    },
    Scenario {
        name: "tls-self-signed",
        family: Family::Tls,
        story: "A test system was set up in a hurry. Every client refuses its certificate.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.self_signed"),
        fix: "Use a certificate of a CA that the clients know, or hand this one to --cacert.",
        start: |world| Box::pin(certificate(world, 8445, Fault::SelfSigned)),
    },
    Scenario {
        name: "tls-missing-intermediate",
        family: Family::Tls,
        story: "The page opens in a browser, and curl and the backend refuse the same address.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.untrusted_chain"),
        fix: "Let the server send the intermediate certificate too (fullchain.pem).",
        start: |world| Box::pin(certificate(world, 8446, Fault::MissingIntermediate)),
    },
    Scenario {
        name: "tls-unknown-ca",
        family: Family::Tls,
        story: "An internal service has a certificate of the company's own CA. A new container refuses it, older \
                machines do not.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.untrusted_chain").or(&["tls.client_trust_store"]),
        fix: "Give the client the root of the company's CA (--cacert, or its trust store).",
        start: |world| Box::pin(unknown(world, Fault::None)),
    },
    Scenario {
        name: "tls-unknown-root-sent",
        family: Family::Tls,
        story: "The client speaks of a self-signed certificate in the chain. The server's own certificate is not \
                self-signed.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.untrusted_chain")
            .or(&["tls.self_signed", "tls.client_trust_store"]),
        fix: "Give the client the root that signed the chain; a root that is sent along proves nothing.",
        start: |world| Box::pin(unknown(world, Fault::WithRoot)),
    },
    Scenario {
        name: "tls-expired-intermediate",
        family: Family::Tls,
        story: "The certificate is a month old and valid, and clients call it expired.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.certificate_expired"),
        fix: "Replace the intermediate in the chain by the renewed one of the same CA.",
        start: |world| Box::pin(certificate(world, 8449, Fault::ExpiredIntermediate)),
    },
    Scenario {
        name: "tls-1.0-only",
        family: Family::Tls,
        story: "An appliance from 2009 has a web interface. Since the clients were updated none gets in.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.protocol_version"),
        fix: "Bring the server to TLS 1.2, or put a proxy before it that speaks both.",
        start: |world| Box::pin(old(world, 8450, Manner::Answers)),
    },
    Scenario {
        name: "tls-1.0-only-alert",
        family: Family::Tls,
        story: "A server was hardened the wrong way round. Clients of today get an alert about the protocol \
                version.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.protocol_version"),
        fix: "Switch TLS 1.2 and 1.3 on at the server.",
        start: |world| Box::pin(old(world, 8451, Manner::Refuses)),
    },
    Scenario {
        name: "tls-no-shared-cipher",
        family: Family::Tls,
        story: "The cipher list of the server was shortened. Since then every handshake ends with an alert.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.handshake_failure"),
        fix: "The list has only ciphers for RSA keys, and the certificate has an ECDSA key: add those for \
                ECDSA.",
        start: |world| Box::pin(no_cipher(world)),
    },
    Scenario {
        name: "tls-unrecognized-name",
        family: Family::Tls,
        story: "A new name was pointed to the load balancer. Handshakes with it are refused, with the old name \
                they pass.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.handshake_failure"),
        fix: "Add a certificate for the new name at the load balancer.",
        start: |world| Box::pin(unrecognized(world)),
    },
    Scenario {
        name: "tls-client-certificate-1.2",
        family: Family::Tls,
        story: "The payment partner moved to a new endpoint. The handshake ends with an alert, before any \
                request.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.client_certificate"),
        fix: "Send the client certificate: --cert and --key.",
        start: |world| Box::pin(mutual(world, 8454, V12, Hand::Nothing)),
    },
    Scenario {
        name: "tls-client-certificate-1.3",
        family: Family::Tls,
        story: "The connection is made, and reading the answer fails with an alert. No request shows in the \
                partner's log.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.client_certificate"),
        fix: "Send the client certificate: --cert and --key.",
        start: |world| Box::pin(mutual(world, 8455, V13, Hand::Nothing)),
    },
    Scenario {
        name: "tls-client-certificate-wrong",
        family: Family::Tls,
        story: "The client has a certificate and sends it. The partner's server does not take it.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.client_certificate"),
        fix: "Use the certificate that the partner's CA has signed, not that of the test system.",
        start: |world| Box::pin(mutual(world, 8456, V13, Hand::OfAnotherCa)),
    },
    Scenario {
        name: "tls-client-certificate-expired",
        family: Family::Tls,
        story: "The nightly job has run for a year with the same certificate. Since last night it fails in the \
                handshake.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.client_certificate"),
        fix: "Renew the client certificate.",
        start: |world| Box::pin(mutual(world, 8457, V12, Hand::Expired)),
    },
    Scenario {
        name: "tls-client-certificate-400",
        family: Family::Tls,
        story: "The call gets a 400 in HTML from nginx. The body of the call is as it always was.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.client_certificate"),
        fix: "Send the client certificate: --cert and --key.",
        start: |world| Box::pin(nginx_mutual(world)),
    },
    Scenario {
        name: "tls-intercepted",
        family: Family::Tls,
        story: "From the office network every HTTPS call is refused by the client, from home it works.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.intercepted").or(&["tls.client_trust_store"]),
        fix: "The web gateway of the network opens TLS: trust its root on this machine, or have the host left \
                out.",
        start: |world| Box::pin(intercepted(world)),
    },
    Scenario {
        name: "tls-closed-in-handshake",
        family: Family::Tls,
        story: "The connection is made, and the server closes it when the handshake begins.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "tls.handshake_failure")
            .or(&["network.connection_reset"]),
        fix: "Look at the server's log: it has no certificate for this port, or whatever stands before it does \
                not let TLS through.",
        start: |world| Box::pin(hello_then(world, 8460, vec![Wire::HalfClose])),
    },
    Scenario {
        name: "tls-reset-in-handshake",
        family: Family::Tls,
        story: "The connection is made, and a RST answers the first message of the handshake.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.connection_reset")
            .or(&["tls.handshake_failure"]),
        fix: "A filter on the way resets connections by the name in the handshake: have the host let through.",
        start: |world| Box::pin(hello_then(world, 8461, vec![Wire::Reset])),
    },
    Scenario {
        name: "tls-healthy",
        family: Family::Tls,
        story: "Someone says that the certificate is broken. The call is tried again.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(certificate(world, 8462, Fault::None)),
    },
    Scenario {
        name: "tls-client-certificate-sent",
        family: Family::Tls,
        story: "The partner demands a client certificate, and the call sends the right one.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(mutual(world, 8463, V13, Hand::Right)),
    },
];

async fn serve(world: &World, port: u16, config: Arc<ServerConfig>) -> io::Result<SocketAddr> {
    world.serve("orders", port, Some(config), |asked| async move { orders::answer(&asked).into() }).await
}

fn symptom(authority: &Authority, host: &str, at: SocketAddr) -> Symptom {
    Symptom::call(call(host, at.port(), authority.file(), PATH))
}

async fn certificate(world: World, port: u16, fault: Fault) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = serve(&world, port, server(authority.serves(&[HOST], fault)?)?).await?;
    Ok(symptom(&authority, HOST, at))
}

async fn wildcard(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = serve(&world, 8444, server(authority.serves(&["*.lab.test"], Fault::None)?)?).await?;
    Ok(symptom(&authority, "orders.eu.lab.test", at))
}

/// The server's CA is another one than the client's.
async fn unknown(world: World, fault: Fault) -> io::Result<Symptom> {
    let public = Authority::new(&world, "ca", "Lab")?;
    let own = Authority::new(&world, "company-ca", "Example Works")?;
    let port = if fault == Fault::None { 8447 } else { 8448 };
    let at = serve(&world, port, server(own.serves(&[HOST], fault)?)?).await?;
    Ok(symptom(&public, HOST, at))
}

async fn intercepted(world: World) -> io::Result<Symptom> {
    let public = Authority::new(&world, "ca", "Lab")?;
    let names = ["Zscaler Root CA", "Zscaler Intermediate Root CA (zscaler.net)"].map(str::to_owned);
    let gateway = Authority::called(&world, "gateway-ca", "Zscaler Inc.", &names)?;
    let at = serve(&world, 8459, server(gateway.serves(&[HOST], Fault::None)?)?).await?;
    Ok(symptom(&public, HOST, at))
}

async fn old(world: World, port: u16, manner: Manner) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let chain = Arc::new(authority.serves(&[HOST], Fault::None)?.chain);
    let at = world.raw("orders", port, move |stream| {
        let chain = chain.clone();
        async move { old_tls::tls10(stream, &chain, manner).await }
    });
    Ok(symptom(&authority, HOST, at.await?))
}

/// TLS 1.2 with ciphers for RSA keys alone, and a certificate with an ECDSA key.
async fn no_cipher(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let mut rsa = (*provider()).clone();
    rsa.cipher_suites.retain(|suite| format!("{:?}", suite.suite()).contains("_RSA_"));
    let config = configured(authority.serves(&[HOST], Fault::None)?, V12, Arc::new(rsa))?;
    let at = serve(&world, 8452, config).await?;
    Ok(symptom(&authority, HOST, at))
}

/// A load balancer that serves the old name alone and answers others with an alert, as HAProxy's `strict-sni` does.
async fn unrecognized(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let config = server(authority.serves(&["shop.lab.test"], Fault::None)?)?;
    let handler: Handler = Arc::new(|asked| Box::pin(async move { orders::answer(&asked).into() }));
    let at = world.raw("orders", 8453, move |stream| {
        let (config, handler) = (config.clone(), handler.clone());
        async move {
            let peer = stream.peer_addr()?;
            let mut started = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
            let known = started.client_hello().server_name() == Some("shop.lab.test");
            if known {
                return converse(started.into_stream(config).await?, peer, &handler).await;
            }
            started.io.flush().await?;
            old_tls::alert(started.io, old_tls::UNRECOGNIZED_NAME).await
        }
    });
    Ok(symptom(&authority, HOST, at.await?))
}

/// The client certificate that the call sends.
#[derive(Clone, Copy)]
enum Hand {
    Nothing,
    OfAnotherCa,
    Expired,
    Right,
}

async fn mutual(
    world: World,
    port: u16,
    versions: &[&'static SupportedProtocolVersion],
    hand: Hand,
) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let config = Wanted::of(&authority).config(authority.serves(&[HOST], Fault::None)?, versions)?;
    let at = serve(&world, port, config).await?;
    let client = match hand {
        Hand::Nothing => None,
        Hand::Right => Some(authority.client("client", "orders-client", Fault::None)?),
        Hand::Expired => Some(authority.client("client", "orders-client", Fault::Expired)?),
        Hand::OfAnotherCa => {
            let other = Authority::new(&world, "test-ca", "Lab Test")?;
            Some(other.client("client", "orders-client", Fault::None)?)
        }
    };
    let arguments = client.map(|client| client.arguments()).unwrap_or_default();
    Ok(Symptom::call(arguments.into_iter().chain(call(HOST, at.port(), authority.file(), PATH))))
}

/// nginx lets the handshake pass and speaks of the certificate in HTTP.
async fn nginx_mutual(world: World) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let served = authority.serves(&[HOST], Fault::None)?;
    let config = Wanted::of(&authority).optional().config(served, rustls::ALL_VERSIONS)?;
    let at = world.raw("orders", 8458, move |stream| {
        let config = config.clone();
        async move {
            let peer = stream.peer_addr()?;
            let stream = TlsAcceptor::from(config).accept(stream).await?;
            let known = stream.get_ref().1.peer_certificates().is_some();
            let handler: Handler = Arc::new(move |asked| {
                let reply = if known { orders::answer(&asked) } else { no_certificate() };
                Box::pin(async move { reply.into() })
            });
            converse(stream, peer, &handler).await
        }
    });
    Ok(symptom(&authority, HOST, at.await?))
}

fn no_certificate() -> Reply {
    let told = "No required SSL certificate was sent";
    faults::nginx(400, told, told).with("Connection", "close")
}

/// The ClientHello is read, and then this happens.
async fn hello_then(world: World, port: u16, acts: Vec<Wire>) -> io::Result<Symptom> {
    let authority = Authority::new(&world, "ca", "Lab")?;
    let at = world.raw("orders", port, move |mut stream| {
        let acts = acts.clone();
        async move {
            old_tls::hello(&mut stream).await?;
            crate::server::perform(stream, acts).await
        }
    });
    Ok(symptom(&authority, HOST, at.await?))
}

//! Certificates have the fault that they claim, and no other; handshakes end with the alert that they claim.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{client, finish, here, port, request, shake, talk};
use firstfault_lab::systems::authority::{Authority, Fault};
use firstfault_lab::{Ports, World, scenarios};
use rustls::pki_types::CertificateDer;
use rustls::{AlertDescription, CertificateError, Error};
use std::io::Write as _;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// What is found of a chain: names, validity now, who signed what.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    length: usize,
    names: Vec<String>,
    leaf: Time,
    above: Option<Time>,
    self_signed: bool,
    leaf_signed_by_next: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Time {
    Early,
    Right,
    Late,
}

fn time(certificate: &X509Certificate<'_>) -> Time {
    let now = x509_parser::time::ASN1Time::now();
    match (certificate.validity().not_before > now, certificate.validity().not_after < now) {
        (true, _) => Time::Early,
        (_, true) => Time::Late,
        _ => Time::Right,
    }
}

fn found(chain: &[CertificateDer<'_>]) -> Found {
    let parsed: Vec<_> = chain.iter().map(|der| X509Certificate::from_der(der).unwrap().1).collect();
    let leaf = &parsed[0];
    let names = leaf.subject_alternative_name().unwrap().map_or(Vec::new(), |names| {
        names.value.general_names.iter().map(|name| name.to_string().replace("DNSName(", "").replace(')', "")).collect()
    });
    let next = parsed.get(1);
    Found {
        length: parsed.len(),
        names,
        leaf: time(leaf),
        above: next.map(time),
        self_signed: leaf.subject() == leaf.issuer() && leaf.verify_signature(None).is_ok(),
        leaf_signed_by_next: next.is_some_and(|next| leaf.verify_signature(Some(next.public_key())).is_ok()),
    }
}

#[test]
fn each_chain_has_one_fault() {
    let world = World::new(Ports::Any).unwrap();
    let authority = Authority::new(&world, "ca", "Lab").unwrap();
    let right = || Found {
        length: 2,
        names: vec!["orders.lab.test".to_owned()],
        leaf: Time::Right,
        above: Some(Time::Right),
        self_signed: false,
        leaf_signed_by_next: true,
    };
    let alone = || Found { length: 1, above: None, leaf_signed_by_next: false, ..right() };
    for (fault, expected) in [
        (Fault::None, right()),
        (Fault::Expired, Found { leaf: Time::Late, ..right() }),
        (Fault::NotYetValid, Found { leaf: Time::Early, ..right() }),
        (Fault::WrongHost, Found { names: vec!["internal-orders.lab.test".to_owned()], ..right() }),
        (Fault::SelfSigned, Found { self_signed: true, ..alone() }),
        (Fault::MissingIntermediate, alone()),
        (Fault::ExpiredIntermediate, Found { above: Some(Time::Late), ..right() }),
        (Fault::WithRoot, Found { length: 3, ..right() }),
    ] {
        let served = authority.serves(&["orders.lab.test"], fault).unwrap();
        assert_eq!(found(&served.chain), expected, "{fault:?}");
    }
    let pem = std::fs::read_to_string(authority.file()).unwrap();
    assert!(pem.starts_with("-----BEGIN CERTIFICATE-----") && !pem.contains("PRIVATE KEY"));
}

/// Runs a scenario's handshake as its curl would; the error of TLS, if there is one.
async fn refusal(name: &str) -> Option<Error> {
    let world = World::new(Ports::Any).unwrap();
    let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
    let url = symptom.curl.last().unwrap().clone();
    let host = url.split('/').nth(2).unwrap().rsplit_once(':').unwrap().0;
    let of = |error: std::io::Error| match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(error) => error.clone(),
        None => Error::General(error.kind().to_string()),
    };
    match shake(here(port(&symptom)), host, client(&symptom)).await {
        Err(error) => Some(of(error)),
        Ok(stream) => {
            // With TLS 1.3 a client certificate is refused after the client's last message.
            let came = finish(stream, &request("GET", "/v1/orders", &[], "")).await;
            assert!(came.error.is_some() || came.text.starts_with("HTTP/1.1 "), "{name}: {:?}", came.text);
            came.error.map(of)
        }
    }
}

#[tokio::test]
async fn a_client_refuses_what_is_wrong_and_only_that() {
    for name in ["tls-healthy", "tls-client-certificate-sent", "tls-client-certificate-400"] {
        assert_eq!(refusal(name).await, None, "{name}");
    }
    let certificate = |error: Option<Error>, name: &str| match error {
        Some(Error::InvalidCertificate(error)) => error,
        other => panic!("{name}: {other:?}"),
    };
    for name in ["tls-expired", "tls-expired-intermediate"] {
        let error = certificate(refusal(name).await, name);
        assert!(
            matches!(error, CertificateError::ExpiredContext { .. } | CertificateError::Expired),
            "{name}: {error:?}"
        );
    }
    let error = certificate(refusal("tls-not-yet-valid").await, "tls-not-yet-valid");
    assert!(matches!(error, CertificateError::NotValidYetContext { .. }), "{error:?}");
    for name in ["tls-wrong-host", "tls-wildcard-too-deep"] {
        let error = certificate(refusal(name).await, name);
        assert!(matches!(error, CertificateError::NotValidForNameContext { .. }), "{name}: {error:?}");
    }
    for name in
        ["tls-self-signed", "tls-missing-intermediate", "tls-unknown-ca", "tls-unknown-root-sent", "tls-intercepted"]
    {
        let error = certificate(refusal(name).await, name);
        assert_eq!(error, CertificateError::UnknownIssuer, "{name}");
    }
}

#[tokio::test]
async fn a_server_refuses_with_the_alert_that_it_should() {
    for (name, alert) in [
        ("tls-1.0-only-alert", AlertDescription::ProtocolVersion),
        ("tls-no-shared-cipher", AlertDescription::HandshakeFailure),
        ("tls-unrecognized-name", AlertDescription::UnrecognisedName),
        ("tls-client-certificate-1.2", AlertDescription::CertificateRequired),
        ("tls-client-certificate-1.3", AlertDescription::CertificateRequired),
        ("tls-client-certificate-wrong", AlertDescription::UnknownCA),
        ("tls-client-certificate-expired", AlertDescription::CertificateExpired),
    ] {
        assert_eq!(refusal(name).await, Some(Error::AlertReceived(alert)), "{name}");
    }
    let closed = refusal("tls-closed-in-handshake").await;
    assert_eq!(closed, Some(Error::General(std::io::ErrorKind::UnexpectedEof.to_string())));
    assert!(matches!(refusal("tls-1.0-only").await, Some(Error::PeerIncompatible(_) | Error::AlertReceived(_))));
}

/// A ClientHello of TLS 1.0 (RFC 2246 section 7.4.1.2) with one cipher.
fn old_hello() -> Vec<u8> {
    let mut body = vec![3, 1];
    body.extend([7; 32]);
    body.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    let mut message = vec![1, 0, 0];
    message.push(u8::try_from(body.len()).unwrap());
    message.write_all(&body).unwrap();
    [&[22, 3, 1, 0][..], &[u8::try_from(message.len()).unwrap()], &message].concat()
}

#[tokio::test]
async fn an_old_server_goes_on_with_an_old_client() {
    for name in ["tls-1.0-only", "tls-1.0-only-alert"] {
        let world = World::new(Ports::Any).unwrap();
        let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
        // The client's alert ends it.
        let bytes = [old_hello(), vec![21, 3, 1, 0, 2, 2, 42]].concat();
        let came = talk(here(port(&symptom)), &bytes).await;
        // A handshake record of TLS 1.0 with a ServerHello of TLS 1.0.
        let start: Vec<char> = came.text.chars().take(3).collect();
        assert_eq!(start, ['\u{16}', '\u{3}', '\u{1}'], "{name}");
    }
}

//! Servers that ask for a client certificate.

use super::pki::{Ca, Leaf, leaf, root};
use super::servers::{Setup, rustls_server, serve};
use super::{File, HOST, marks, says, shake};
use crate::tls::{Handshake, late, late_end, survey};
use crate::{Connect, Phase, Target, Wrong};
use firstfault_model::Url;
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn demanding(ca: &Ca, clients: &Ca, only: &'static SupportedProtocolVersion) -> SocketAddr {
    rustls_server(&ca.sign(&leaf()), Setup { demands_client_of: Some(clients), only: Some(only), ..Setup::default() })
        .await
}

fn identity(leaf: &Leaf, ca: &Ca) -> (File, File) {
    // The order in which curl wants them: the certificate, then its chain.
    let certificate = rcgen_pem(leaf);
    (File::new(&(certificate + &ca.pem())), File::new(&leaf.key.serialize_pem()))
}

fn rcgen_pem(leaf: &Leaf) -> String {
    super::chains::pem(&leaf.chain[0])
}

/// The first read after a handshake that went well.
async fn first_read(shaken: &mut Handshake) -> std::io::Result<usize> {
    let stream = shaken.stream.as_mut().unwrap();
    drop(stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await);
    stream.read(&mut [0; 100]).await
}

#[tokio::test]
async fn a_missing_certificate_shows_in_the_handshake_of_tls_12_and_after_that_of_tls_13() {
    let (ca, clients) = (root("Example Root"), root("Example Clients"));
    let file = File::new(&ca.pem());
    let connect = Connect { roots: vec![file.0.clone()], ..Connect::default() };

    let shaken = shake(demanding(&ca, &clients, &TLS12).await, HOST, &connect).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["client_certificate_required"], "{:?}", shaken.step);
    assert_eq!(marks(&shaken, "probe.tls.client_ca"), ["O=Example Ltd, CN=Example Clients"]);
    assert_eq!(marks(&shaken, "probe.tls.alert_from"), ["server"]);
    assert_eq!(shaken.failure.as_ref().unwrap().wrong, Wrong::Alert);

    let mut shaken = shake(demanding(&ca, &clients, &TLS13).await, HOST, &connect).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["ok"]);
    assert_eq!(marks(&shaken, "tls.client_certificate_requested"), ["true"]);
    let error = first_read(&mut shaken).await.unwrap_err();
    let found = late(&error, shaken.asked.as_ref()).unwrap();
    found.amend(&mut shaken.marks);
    assert_eq!(marks(&shaken, "probe.tls"), ["client_certificate_required"]);
    assert_eq!(marks(&shaken, "tls.alert"), ["116"]);
    assert!(found.failure.words.contains("116 certificate_required"), "{}", found.failure.words);
    let closed = late_end(Wrong::Closed, None, shaken.asked.as_ref()).unwrap();
    assert_eq!(closed.marks[0], ("probe.tls".to_owned(), "client_certificate_required".to_owned()));
    assert!(
        late_end(Wrong::Closed, None, None).is_none()
            && late_end(Wrong::Timeout, None, shaken.asked.as_ref()).is_none()
    );
}

#[tokio::test]
async fn an_exchange_that_ends_for_want_of_a_certificate_says_so() {
    let (ca, clients) = (root("Example Root"), root("Example Clients"));
    let address = demanding(&ca, &clients, &TLS13).await;
    let url = Url::parse(&format!("https://127.0.0.1:{}/v1/me", address.port()));
    // The exchange goes by the machine's clock.
    let connect = Connect { insecure: true, ..Connect::default() };
    let asked = crate::exchange(&Target { method: "GET".to_owned(), url, connect, ..Target::default() }).await;
    let failure = asked.failure.as_ref().unwrap();
    assert_eq!(failure.phase, Phase::Tls);
    assert!(failure.words.starts_with("the server demands a client certificate"), "{}", failure.words);
    let mark = ("probe.tls".to_owned(), "client_certificate_required".to_owned());
    assert!(asked.marks.contains(&mark), "{:?}", asked.marks);
    assert_eq!(asked.marks.iter().filter(|(name, _)| name == "tls.alert").count(), 1);
}

#[tokio::test]
async fn a_certificate_is_sent_accepted_and_refused() {
    let (ca, clients, strangers) = (root("Example Root"), root("Example Clients"), root("Strangers"));
    let file = File::new(&ca.pem());
    let mut params = leaf();
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    // The server looks at the machine's clock.
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2120, 1, 1);
    let (certificate, key) = identity(&clients.sign(&params), &clients);
    let connect = Connect {
        roots: vec![file.0.clone()],
        identity: Some((certificate.0.clone(), key.0.clone())),
        ..Connect::default()
    };
    let mut shaken = shake(demanding(&ca, &clients, &TLS13).await, HOST, &connect).await;
    assert_eq!(first_read(&mut shaken).await.unwrap(), 2);
    assert_eq!(marks(&shaken, "probe.tls.client_certificate"), ["sent"]);

    let shaken = shake(demanding(&ca, &strangers, &TLS12).await, HOST, &connect).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["client_certificate_refused"], "{:?}", shaken.step);
    assert!(says(&shaken.step, "its issuer is none of those that the server accepts"), "{:?}", shaken.step);

    let (_, other) = identity(&clients.sign(&params), &clients);
    let mixed = Connect { identity: Some((certificate.0.clone(), other.0.clone())), ..connect.clone() };
    let shaken = shake(demanding(&ca, &clients, &TLS13).await, HOST, &mixed).await;
    assert_eq!(marks(&shaken, "probe.tls"), ["client_certificate_unreadable"]);
    assert!(says(&shaken.step, "the key does not belong to the client certificate"), "{:?}", shaken.step);
    let gone = Connect { identity: Some((certificate.0.clone(), "/nowhere/key.pem".into())), ..connect.clone() };
    let shaken = shake(demanding(&ca, &clients, &TLS13).await, HOST, &gone).await;
    assert!(says(&shaken.step, "cannot be read") && !says(&shaken.step, "nowhere"), "{:?}", shaken.step);
}

#[tokio::test]
async fn a_survey_sees_versions_protocols_and_the_demand() {
    let (ca, clients) = (root("Example Root"), root("Example Clients"));
    let setup = Setup { demands_client_of: Some(&clients), alpn: &["h2", "http/1.1"], only: None };
    let address = rustls_server(&ca.sign(&leaf()), setup).await;
    let seen = survey(address, HOST, &Connect::default()).await;
    let of = |name: &str| seen.marks.iter().filter(|(own, _)| own == name).map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    assert_eq!(of("probe.tls.versions"), ["TLS 1.2, TLS 1.3"]);
    assert_eq!(of("probe.tls.alpn_taken"), ["h2, http/1.1"]);
    assert_eq!(of("tls.client_certificate_requested"), ["true"]);
    assert_eq!(of("probe.tls.client_ca"), ["O=Example Ltd, CN=Example Clients"]);
    assert_eq!(of("probe.tls.version_cipher").len(), 2, "{:?}", seen.step);
    let dead = serve(|_, _| async {}).await;
    let seen = survey(dead, HOST, &Connect::default()).await;
    assert_eq!(seen.step.says, "takes no version of TLS");
}

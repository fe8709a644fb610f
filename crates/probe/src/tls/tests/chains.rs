//! What is wrong with a chain, and what is not.

use super::pki::{Leaf, issuer_url, leaf, root, self_signed};
use super::servers::{Setup, rustls_server};
use super::{File, HOST, NOW, marks, says, shake};
use crate::tls::{Handshake, handshake};
use crate::{Connect, State, Versions, Wrong};
use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn by(leaf: &Leaf, host: &str, roots: &str, insecure: bool) -> Handshake {
    let address = rustls_server(leaf, Setup::default()).await;
    let file = File::new(roots);
    let connect = Connect { roots: vec![file.0.clone()], insecure, ..Connect::default() };
    shake(address, host, &connect).await
}

fn check(shaken: &Handshake, mark: &str, words: &str) {
    assert_eq!(marks(shaken, "probe.tls"), [mark], "{:#?}", shaken.step);
    assert!(says(&shaken.step, words), "{words}: {:#?}", shaken.step);
    if mark != "ok" {
        assert!(shaken.stream.is_none());
        assert_eq!(shaken.failure.as_ref().unwrap().wrong, Wrong::Certificate);
        assert!(!marks(shaken, "probe.tls.issuer").is_empty(), "a bad chain is still shown");
    }
}

#[tokio::test]
async fn a_good_chain_holds_and_is_shown() {
    let ca = root("Example Root");
    let middle = ca.intermediate("Example Issuing CA");
    let good = middle.sign(&leaf()).with(&[middle.der()]);
    let address = rustls_server(&good, Setup { alpn: &["h2", "http/1.1"], ..Setup::default() }).await;
    let file = File::new(&ca.pem());
    let connect = Connect { roots: vec![file.0.clone()], ..Connect::default() };
    let mut shaken = shake(address, HOST, &connect).await;
    check(&shaken, "ok", "TLS 1.3");
    assert_eq!((shaken.h2, shaken.step.state), (true, State::Passed));
    for (name, value) in [
        ("probe.tls.alpn", "h2"),
        ("tls.chain.length", "2"),
        ("probe.tls.days_left", "45"),
        ("probe.tls.root", "given"),
        ("probe.tls.not_after", "2026-03-01T00:00:00Z"),
        ("probe.tls.subject", "O=Example Ltd, CN=api.example.test"),
    ] {
        assert_eq!(marks(&shaken, name), [value]);
    }
    assert_eq!(marks(&shaken, "probe.tls.san"), [HOST, "*.shop.example.test", "127.0.0.1"]);
    let stream = shaken.stream.as_mut().unwrap();
    stream.write_all(b"hello").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "ok");

    let only = Connect { http: Versions::Http1, ..connect };
    let shaken = shake(address, "127.0.0.1", &only).await;
    check(&shaken, "ok", "http/1.1");
    assert!(!shaken.h2);
}

#[tokio::test]
async fn periods_are_told_with_the_certificate_and_the_moment() {
    let ca = root("Example Root");
    let mut old = leaf();
    old.not_after = date_time_ymd(2026, 1, 12);
    let shaken = by(&ca.sign(&old), HOST, &ca.pem(), false).await;
    check(&shaken, "expired", "the certificate expired 3 days ago, at 2026-01-12T00:00:00Z");
    assert_eq!(marks(&shaken, "probe.tls.days_left"), ["-3"]);
    assert_eq!(marks(&shaken, "probe.tls.holds_between"), ["2026-01-01T00:00:00Z to 2026-01-12T00:00:00Z"]);

    let mut early = leaf();
    early.not_before = date_time_ymd(2026, 2, 1);
    let shaken = by(&ca.sign(&early), HOST, &ca.pem(), false).await;
    check(&shaken, "not_yet_valid", "begins in 17 days, at 2026-02-01T00:00:00Z");

    let middle = ca.expired_intermediate("Example Issuing CA");
    let shaken = by(&middle.sign(&leaf()).with(&[middle.der()]), HOST, &ca.pem(), false).await;
    check(
        &shaken,
        "expired",
        "the certificate of the issuer, O=Example Ltd, CN=Example Issuing CA, expired 5 days ago",
    );
}

#[tokio::test]
async fn several_faults_are_all_told() {
    let ca = root("Example Root");
    let mut old = leaf();
    old.not_after = date_time_ymd(2026, 1, 12);
    let shaken = by(&ca.sign(&old), "other.test", &ca.pem(), false).await;
    check(&shaken, "expired", "not for other.test");
    assert_eq!(marks(&shaken, "probe.tls.also"), ["wrong_host"]);
    let other = root("Another Root");
    let shaken = by(&ca.sign(&old), "other.test", &other.pem(), false).await;
    check(&shaken, "unknown_ca", "expired 3 days ago");
    assert_eq!(marks(&shaken, "probe.tls.also"), ["expired", "wrong_host"]);
}

#[tokio::test]
async fn names_that_the_certificate_has_are_told() {
    let ca = root("Example Root");
    let good = ca.sign(&leaf());
    let shaken = by(&good, "www.example.test", &ca.pem(), false).await;
    check(&shaken, "wrong_host", "is for api.example.test, *.shop.example.test, 127.0.0.1, not for www.example.test");
    check(&by(&good, "a.shop.example.test.", &ca.pem(), false).await, "ok", "TLS 1.3");
    check(&by(&good, "a.b.shop.example.test", &ca.pem(), false).await, "wrong_host", "not for a.b.shop");
    check(&by(&good, "::1", &ca.pem(), false).await, "wrong_host", "not for ::1");
    let mut nameless = leaf();
    nameless.subject_alt_names.clear();
    let shaken = by(&ca.sign(&nameless), HOST, &ca.pem(), false).await;
    check(&shaken, "wrong_host", "its common name api.example.test counts no longer");
}

#[tokio::test]
async fn a_missing_issuer_is_told_from_an_unknown_one() {
    let ca = root("Example Root");
    let middle = ca.intermediate("Example Issuing CA");
    let other = root("Another Root");
    let mut linked = leaf();
    linked.custom_extensions.push(issuer_url("http://ca.example.test/issuing.crt"));
    let shaken = by(&middle.sign(&linked), HOST, &ca.pem(), false).await;
    check(&shaken, "missing_intermediate", "it is at http://ca.example.test/issuing.crt");
    assert_eq!(marks(&shaken, "probe.tls.missing_by"), ["issuer_url"]);
    // Nothing but the owner of a known root.
    let shaken = by(&middle.sign(&leaf()), HOST, &ca.pem(), false).await;
    check(&shaken, "missing_intermediate", "O=Example Ltd, CN=Example Issuing CA");

    check(
        &by(&ca.sign(&leaf()), HOST, &other.pem(), false).await,
        "unknown_ca",
        "CN=Example Root, is not trusted here",
    );
    let whole = middle.sign(&leaf()).with(&[middle.der(), ca.der()]);
    let shaken = by(&whole, HOST, &other.pem(), false).await;
    check(&shaken, "self_signed_in_chain", "a root that is not trusted here");
    // The machine's own roots know neither.
    let address = rustls_server(&whole, Setup::default()).await;
    check(&shake(address, HOST, &Connect::default()).await, "self_signed_in_chain", "CN=Example Root");
}

#[tokio::test]
async fn a_certificate_that_signs_itself() {
    let own = self_signed(&leaf());
    let shaken = by(&own, HOST, &root("Example Root").pem(), false).await;
    check(&shaken, "self_signed", "signed by itself");
    // As openssl req -x509 makes them: marked as a CA.
    let mut params = leaf();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = self_signed(&params);
    let shaken = by(&own, HOST, &root("Example Root").pem(), false).await;
    check(&shaken, "self_signed", "signed by itself");
    assert_eq!(marks(&shaken, "probe.tls.also"), Vec::<&str>::new());
    let pem = pem(&own.chain[0]);
    check(&by(&own, HOST, &pem, false).await, "ok", "TLS 1.3");
}

pub(super) fn pem(der: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in der.chunks(48) {
        for part in line.chunks(3) {
            let bits = part.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
            for place in 0..4 {
                let digit = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
                text.push(if place > part.len() { '=' } else { char::from(DIGITS[digit]) });
            }
        }
        text.push('\n');
    }
    text + "-----END CERTIFICATE-----\n"
}

#[tokio::test]
async fn constraints_and_uses() {
    let ca = root("Example Root");
    let fake = ca.no_ca("Example Web Server");
    check(&by(&fake.sign(&leaf()).with(&[fake.der()]), HOST, &ca.pem(), false).await, "ca_constraint", "is not a CA");
    let mut client = leaf();
    client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    check(&by(&ca.sign(&client), HOST, &ca.pem(), false).await, "key_usage", "not for servers");
    let middle = ca.intermediate("Example Issuing CA");
    let twin = root("Elsewhere").intermediate("Example Issuing CA");
    let shaken = by(&middle.sign(&leaf()).with(&[twin.der()]), HOST, &ca.pem(), false).await;
    check(&shaken, "bad_signature", "was not made by the key of its issuer as sent");
}

#[tokio::test]
async fn a_wrong_order_is_harmless() {
    let ca = root("Example Root");
    let middle = ca.intermediate("Example Issuing CA");
    let low = middle.intermediate("Example Issuing CA 2");
    let mixed = low.sign(&leaf()).with(&[ca.der(), middle.der(), low.der(), root("Stray").der()]);
    let shaken = by(&mixed, HOST, &ca.pem(), false).await;
    check(&shaken, "ok", "not sent in the order of the chain");
    assert!(says(&shaken.step, "1 of the certificates sent do not belong"));
}

#[tokio::test]
async fn what_opens_tls_on_the_way_is_named() {
    let ca = root("Zscaler Root CA");
    let middle = ca.intermediate("Zscaler Intermediate Root CA (zscaler.net)");
    let theirs = middle.sign(&leaf()).with(&[middle.der()]);
    let shaken = by(&theirs, HOST, &root("Example Root").pem(), false).await;
    check(&shaken, "intercepted", "Zscaler stands in between");
    let shaken = by(&theirs, HOST, &ca.pem(), false).await;
    check(&shaken, "ok", "issued by Zscaler");
    assert_eq!(marks(&shaken, "probe.tls.intercepted"), ["Zscaler"]);
}

#[tokio::test]
async fn a_fault_may_be_ignored_and_is_still_told() {
    let shaken = by(&self_signed(&leaf()), "other.test", &root("Example Root").pem(), true).await;
    assert!(shaken.stream.is_some() && shaken.failure.is_none());
    check(&shaken, "ok", "signed by itself");
    assert_eq!(shaken.step.state, State::Doubtful);
    assert_eq!(marks(&shaken, "probe.tls.ignored"), ["self_signed", "wrong_host"]);
    assert_eq!(marks(&shaken, "probe.tls.also"), Vec::<&str>::new());
}

#[tokio::test]
async fn the_time_is_the_one_handed_in() {
    let ca = root("Example Root");
    let address = rustls_server(&ca.sign(&leaf()), Setup::default()).await;
    let file = File::new(&ca.pem());
    let connect = Connect { roots: vec![file.0.clone()], ..Connect::default() };
    let stream = TcpStream::connect(address).await.unwrap();
    let year = 366 * 86_400_000;
    let shaken = handshake(stream, HOST, &connect, NOW - year).await;
    check(&shaken, "not_yet_valid", "the chain holds");
}

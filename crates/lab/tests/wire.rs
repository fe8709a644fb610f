//! Faults of connections as a raw client sees them: a RST is a RST, a black hole says nothing, a cut is a cut.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Came, finish, here, port, request, talk};
use firstfault_lab::{Ports, World, scenarios};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::net::TcpStream;

/// Starts a scenario and asks for the orders over plain HTTP.
async fn meet(name: &str) -> (World, Came) {
    let world = World::new(Ports::Any).unwrap();
    let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
    let came = talk(here(port(&symptom)), &request("GET", "/v1/orders", &[], "")).await;
    (world, came)
}

#[tokio::test]
async fn resets_are_real() {
    for (name, begins) in [
        ("network-reset-at-once", ""),
        ("network-reset-after-request", ""),
        ("network-reset-in-body", "HTTP/1.1 200 OK\r\n"),
    ] {
        let (_world, came) = meet(name).await;
        assert_eq!(came.error.map(|error| error.kind()), Some(ErrorKind::ConnectionReset), "{name}");
        assert!(came.text.starts_with(begins), "{name}: {}", came.text);
        assert_eq!(came.text.is_empty(), begins.is_empty(), "{name}: {}", came.text);
    }
}

#[tokio::test]
async fn a_reset_in_the_handshake_is_real() {
    let world = World::new(Ports::Any).unwrap();
    let symptom = (scenarios::find("tls-reset-in-handshake").unwrap().start)(world.clone()).await.unwrap();
    let error = common::shake(here(port(&symptom)), "orders.lab.test", common::client(&symptom)).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
}

#[tokio::test]
async fn a_refused_port_is_refused_and_stays_so() {
    let world = World::new(Ports::Any).unwrap();
    let at = world.refusing("orders", 1).unwrap();
    for _ in 0..3 {
        let came = talk(at, b"").await;
        assert_eq!(came.error.map(|error| error.kind()), Some(ErrorKind::ConnectionRefused));
    }
    // Nobody else gets the port meanwhile.
    assert!(std::net::TcpListener::bind(at).is_err());
}

#[tokio::test]
async fn a_black_hole_says_nothing() {
    let world = World::new(Ports::Any).unwrap();
    let at = world.black_hole("orders", 1).await.unwrap();
    let tried = tokio::time::timeout(Duration::from_millis(300), TcpStream::connect(at)).await;
    assert!(tried.is_err(), "expected no answer to a SYN, got {tried:?}");
}

#[tokio::test]
async fn cuts_are_clean_ends() {
    for (name, holds) in [
        ("network-empty-reply", ""),
        ("network-short-body", "Content-Length: "),
        ("network-cut-chunks", "Transfer-Encoding: chunked"),
        ("network-half-close", ""),
    ] {
        let (_world, came) = meet(name).await;
        assert!(came.error.is_none(), "{name}: {:?}", came.error);
        assert!(came.text.contains(holds), "{name}: {}", came.text);
        if let Some(length) = came.header("content-length") {
            assert!(came.body().len() < length.parse().unwrap(), "{name}: the body is whole");
        }
        assert!(!came.text.ends_with("0\r\n\r\n"), "{name}: the last chunk is there");
    }
}

#[tokio::test]
async fn what_is_no_http_is_none() {
    for (name, begins) in [
        ("network-ssh-port", "SSH-2.0-"),
        ("network-broken-head", "200 OK"),
        ("network-http2-only", "\0\0\u{6}\u{4}"),
        ("network-http-1.0-only", "HTTP/1.0 505 "),
        ("network-http-1.0-answers", "HTTP/1.0 200 "),
        ("network-http-to-https-port", "HTTP/1.1 400 "),
    ] {
        let (_world, came) = meet(name).await;
        assert!(came.text.starts_with(begins), "{name}: {:?}", came.text);
        assert!(came.error.is_none(), "{name}: {:?}", came.error);
    }
    // A TLS server without manners answers plain text with an alert.
    let (_world, came) = meet("network-http-to-bare-tls").await;
    assert_eq!(came.text.as_bytes().first(), Some(&21), "{:?}", came.text);
    let (_world, came) = meet("network-https-to-http-port").await;
    assert_eq!(came.status(), 200);
}

#[tokio::test]
async fn what_never_ends_has_begun() {
    for (name, begins) in [("network-drip", "HTTP/1.1 200 OK"), ("network-body-never-whole", "HTTP/1.1 200 OK")] {
        let world = World::new(Ports::Any).unwrap();
        let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
        let stream = TcpStream::connect(here(port(&symptom))).await.unwrap();
        let bytes = request("GET", "/v1/orders", &[], "");
        let ends = tokio::time::timeout(Duration::from_millis(300), finish(stream, &bytes)).await;
        assert!(ends.is_err(), "{name}: it ended");
        let mut stream = TcpStream::connect(here(port(&symptom))).await.unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes).await.unwrap();
        let mut part = [0; 15];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut part).await.unwrap();
        assert_eq!(std::str::from_utf8(&part), Ok(begins), "{name}");
    }
}

#[tokio::test]
async fn of_two_addresses_one_works() {
    for (name, wrong) in [
        ("network-one-of-two-resets", ErrorKind::ConnectionReset),
        ("network-one-of-two-refuses", ErrorKind::ConnectionRefused),
    ] {
        let world = World::new(Ports::Any).unwrap();
        let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
        let bytes = request("GET", "/v1/orders", &[], "");
        assert_eq!(talk(here(port(&symptom)), &bytes).await.status(), 200, "{name}");
        let other = std::net::SocketAddr::from(([127, 0, 0, 2], port(&symptom)));
        assert_eq!(talk(other, &bytes).await.error.map(|error| error.kind()), Some(wrong), "{name}");
    }
}

//! The name server and the forward proxy of the lab, asked by hand.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{option, talk};
use firstfault_lab::systems::forward_proxy::{self, Rules};
use firstfault_lab::systems::name_server::{self, Says, start};
use firstfault_lab::systems::orders;
use firstfault_lab::{Ports, World, scenarios};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::UdpSocket;

const A: u8 = 1;
const AAAA: u8 = 28;

/// Code, records of the answer and of the authority, and the packet; `None` for silence.
async fn look_up(server: SocketAddr, name: &str, kind: u8) -> Option<(u8, u8, u8, Vec<u8>)> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let mut query = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        query.push(u8::try_from(label.len()).unwrap());
        query.extend_from_slice(label.as_bytes());
    }
    query.extend([0, 0, kind, 0, 1]);
    socket.send_to(&query, server).await.unwrap();
    let mut buffer = [0; 1500];
    let count = tokio::time::timeout(Duration::from_millis(1500), socket.recv(&mut buffer)).await.ok()?.unwrap();
    assert_eq!(buffer[..2], [0x12, 0x34], "the id comes back");
    assert_eq!(buffer[2] & 0x80, 0x80, "it is an answer");
    assert_eq!(buffer[12..query.len()], query[12..], "the question comes back");
    Some((buffer[3] & 15, buffer[7], buffer[9], buffer[..count].to_vec()))
}

#[tokio::test]
async fn names_are_answered_as_the_zone_says() {
    let world = World::new(Ports::Any).unwrap();
    let zone = vec![
        ("orders.lab.test", Says::here()),
        ("www.lab.test", Says::Alias("orders.lab.test")),
        ("gone.lab.test", Says::Alias("nowhere.hosting.test")),
        ("mail.lab.test", Says::Nothing),
        ("six.lab.test", Says::here_v6()),
        ("broken.lab.test", Says::Fails(name_server::SERVFAIL)),
        ("refused.lab.test", Says::Fails(name_server::REFUSED)),
        ("circle.lab.test", Says::Alias("circle.lab.test")),
        ("silent.lab.test", Says::Silence),
    ];
    let server = start(&world, 1, zone).await.unwrap();
    for (name, kind, code, answers, authority) in [
        ("orders.lab.test", A, 0, 1, 0),
        ("ORDERS.lab.test", A, 0, 1, 0),
        ("orders.lab.test", AAAA, 0, 0, 1),
        ("www.lab.test", A, 0, 2, 0),
        ("gone.lab.test", A, 3, 1, 1),
        ("mail.lab.test", A, 0, 0, 1),
        ("six.lab.test", A, 0, 0, 1),
        ("six.lab.test", AAAA, 0, 1, 0),
        ("lab.test", A, 0, 0, 1),
        ("ordres.lab.test", A, 3, 0, 1),
        ("broken.lab.test", A, 2, 0, 0),
        ("refused.lab.test", A, 5, 0, 0),
        ("circle.lab.test", A, 0, 2, 1),
    ] {
        let found = look_up(server, name, kind).await.unwrap();
        assert_eq!((found.0, found.1, found.2), (code, answers, authority), "{name} {kind}");
    }
    let (.., packet) = look_up(server, "orders.lab.test", A).await.unwrap();
    assert!(packet.ends_with(&[0, 4, 127, 0, 0, 1]), "{packet:?}");
    assert!(look_up(server, "silent.lab.test", A).await.is_none());
    assert!(world.logged("named")[0].contains("(orders.lab.test): query: orders.lab.test IN A +"));
}

#[tokio::test]
async fn what_is_no_query_is_passed_over() {
    let world = World::new(Ports::Any).unwrap();
    let server = start(&world, 1, vec![("orders.lab.test", Says::here())]).await.unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    for packet in [&b""[..], b"\0", &[0; 12], &[255; 600], b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x3fabc"] {
        socket.send_to(packet, server).await.unwrap();
    }
    assert_eq!(look_up(server, "orders.lab.test", A).await.unwrap().1, 1);
}

async fn proxy(world: &World) -> SocketAddr {
    let at = world.serve("orders", 1, None, |asked| async move { orders::answer(&asked).into() }).await.unwrap();
    let dead = world.refusing("dead", 2).unwrap();
    let reaches = [("orders.lab.test", 80, at), ("orders.lab.test", 443, at), ("dead.lab.test", 443, dead)];
    let rules = Rules::reaching(&reaches).with_password("ada:lovelace").denying(&["games.lab.test"]);
    forward_proxy::start(world, 3, rules.with_safe_ports(&[443])).await.unwrap()
}

#[tokio::test]
async fn the_proxy_says_what_squid_says() {
    const SIGNED: &str = "Proxy-Authorization: Basic YWRhOmxvdmVsYWNl\r\n";
    let world = World::new(Ports::Any).unwrap();
    let at = proxy(&world).await;
    for (line, signed, status, code) in [
        ("CONNECT orders.lab.test:443", "", 407, "ERR_CACHE_ACCESS_DENIED 0"),
        (
            "CONNECT orders.lab.test:443",
            "Proxy-Authorization: Basic YWRhOmJ5cm9u\r\n",
            407,
            "ERR_CACHE_ACCESS_DENIED 0",
        ),
        ("CONNECT games.lab.test:443", SIGNED, 403, "ERR_ACCESS_DENIED 0"),
        ("CONNECT orders.lab.test:8443", SIGNED, 403, "ERR_ACCESS_DENIED 0"),
        ("CONNECT dead.lab.test:443", SIGNED, 503, "ERR_CONNECT_FAIL 111"),
        ("CONNECT elsewhere.test:443", SIGNED, 503, "ERR_DNS_FAIL 0"),
        ("GET http://games.lab.test/", SIGNED, 403, "ERR_ACCESS_DENIED 0"),
    ] {
        let text = format!("{line} HTTP/1.1\r\nHost: x\r\n{signed}Connection: close\r\n\r\n");
        let came = first_answer(at, &text).await;
        assert!(came.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {came}");
        assert!(came.contains(&format!("X-Squid-Error: {code}\r\n")), "{line}: {came}");
        assert_eq!(came.contains("Proxy-Authenticate: Basic realm="), status == 407, "{line}");
    }
    let through = format!("GET http://orders.lab.test/v1/orders HTTP/1.1\r\nHost: orders.lab.test\r\n{SIGNED}\r\n");
    let came = talk(at, through.as_bytes()).await;
    assert_eq!(came.status(), 200);
    assert!(came.body().contains("\"orders\""));
    let tunnel = format!("CONNECT orders.lab.test:443 HTTP/1.1\r\nHost: x\r\n{SIGNED}\r\n");
    let inside = "GET /health HTTP/1.1\r\nHost: orders.lab.test\r\nConnection: close\r\n\r\n";
    let came = talk(at, (tunnel + inside).as_bytes()).await;
    assert!(came.text.starts_with("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK"), "{}", came.text);
    let log = world.logged("squid");
    assert!(log.iter().any(|line| line.contains("TCP_DENIED/407") && line.contains("CONNECT orders.lab.test:443")));
    assert!(!log.concat().contains("lovelace") && !log.concat().contains("YWRh"), "the password is in the log");
}

/// One answer; the proxy keeps a connection open after 407.
async fn first_answer(at: SocketAddr, text: &str) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(at).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut out = String::new();
    let mut part = [0; 4096];
    while !out.contains("</html>") {
        let count = stream.read(&mut part).await.unwrap();
        assert!(count > 0, "{out}");
        out.push_str(&String::from_utf8_lossy(&part[..count]));
    }
    out
}

#[tokio::test]
async fn proxied_calls_name_their_proxy() {
    for scenario in scenarios::all().iter().filter(|scenario| scenario.name.starts_with("proxy-")) {
        let world = World::new(Ports::Any).unwrap();
        let symptom = (scenario.start)(world.clone()).await.unwrap();
        let by_flag = option(&symptom, "-x").is_some();
        let by_variable = symptom.environment.iter().any(|(name, _)| name == "https_proxy");
        assert!(by_flag != by_variable, "{}", scenario.name);
    }
}

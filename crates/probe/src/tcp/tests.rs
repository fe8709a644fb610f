#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop

use super::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use tokio::net::{TcpListener, TcpSocket};

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

fn value<'a>(marks: &'a [(String, String)], name: &str) -> Option<&'a str> {
    marks.iter().find(|(mark, _)| mark == name).map(|(_, value)| value.as_str())
}

fn within(milliseconds: u64) -> Connect {
    Connect { connect_timeout: Duration::from_millis(milliseconds), ..Connect::default() }
}

/// A port of loopback on which nothing listens: bound, so that nobody else takes it, and not listening.
fn closed() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

/// A port of loopback that answers no SYN: its queue is full. `None` where this system answers all the same.
async fn black_hole() -> Option<(tokio::net::TcpListener, Vec<TcpStream>, SocketAddr)> {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut held = Vec::new();
    for _ in 0..300 {
        match timeout(Duration::from_millis(150), TcpStream::connect(address)).await {
            Ok(Ok(stream)) => held.push(stream),
            Ok(Err(_)) => return None,
            Err(_) => return Some((listener, held, address)),
        }
    }
    None
}

#[test]
fn a_listener_is_connected_and_a_closed_port_refuses() {
    run(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let open = listener.local_addr().unwrap();
        let (_held, shut) = closed();
        let connected = connect(&[shut, open], &within(5000)).await;
        assert_eq!(connected.peer, Some(open), "the refused address gives way at once");
        assert!(connected.stream.is_some() && connected.failure.is_none());
        assert_eq!(value(&connected.marks, "probe.tcp"), Some("connected"));
        assert_eq!(value(&connected.marks, "probe.tcp.some"), Some("refused"));
        assert_eq!(connected.step.state, State::Doubtful);

        let refused = connect(&[shut], &within(5000)).await;
        assert_eq!(refused.failure.as_ref().map(|f| (f.phase, f.wrong)), Some((Phase::Connect, Wrong::Refused)));
        assert_eq!(value(&refused.marks, "probe.tcp"), Some("refused"));
        assert_eq!(value(&refused.marks, "probe.tcp.peer"), Some(shut.to_string().as_str()));
        assert_eq!(value(&refused.marks, "probe.tcp.scope"), Some("loopback"));
        assert!(value(&refused.marks, "probe.tcp.sibling").is_some(), "443 is looked at: {refused:?}");
    });
}

#[test]
fn silence_is_told_from_a_refusal_and_does_not_hold_up_another_address() {
    run(async {
        let Some((_listener, _held, silent)) = black_hole().await else {
            return;
        };
        let alone = connect(&[silent], &within(300)).await;
        assert_eq!(alone.failure.as_ref().map(|f| f.wrong), Some(Wrong::Timeout));
        assert_eq!(value(&alone.marks, "probe.tcp"), Some("timeout"));
        assert!(alone.step.says.contains("neither a SYN-ACK nor a RST"), "{}", alone.step.says);

        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let open = listener.local_addr().unwrap();
        let connected = connect(&[silent, open], &within(20_000)).await;
        assert_eq!(connected.peer, Some(open));
        assert!(connected.step.details.iter().any(|line| line.contains("not waited for")), "{:?}", connected.step);
    });
}

#[test]
fn no_address_is_no_connection() {
    run(async {
        let connected = connect(&[], &within(500)).await;
        assert!(connected.stream.is_none() && connected.peer.is_none());
        assert_eq!(connected.failure.map(|f| f.wrong), Some(Wrong::NotFound));
    });
}

#[test]
fn ipv6_missing_or_not_the_ipv4_address_is_used() {
    run(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let open = listener.local_addr().unwrap();
        let six = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), open.port());
        let connected = connect(&[six, open], &within(5000)).await;
        assert_eq!(connected.peer, Some(open));
        let failed = value(&connected.marks, "probe.tcp.failed").unwrap();
        assert!(failed.ends_with("refused") || failed.ends_with("unreachable"), "{failed}");
    });
}

#[test]
fn families_take_turns_and_one_address_may_be_asked_for() {
    let at = |text: &str| SocketAddr::new(text.parse::<IpAddr>().unwrap(), 443);
    let all = [at("2001:db8::1"), at("2001:db8::2"), at("192.0.2.1"), at("192.0.2.2"), at("192.0.2.1")];
    let order = ordered(&all, &Connect::default());
    assert_eq!(order, [at("2001:db8::1"), at("192.0.2.1"), at("2001:db8::2"), at("192.0.2.2")]);
    let only = Connect { only: Some("192.0.2.2".parse().unwrap()), ..Connect::default() };
    assert_eq!(ordered(&all, &only), [at("192.0.2.2")]);
    let strange = Connect { only: Some("192.0.2.9".parse().unwrap()), ..Connect::default() };
    assert_eq!(ordered(&all, &strange).len(), 4, "an address of another name does not empty the list");
}

#[test]
fn a_head_start_ends_with_failure_or_time() {
    let attempt = |result| Attempt { address: SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 1), result, stream: None };
    let ok = Some((Ended::Connected, 1.0));
    let no = Some((Ended::Refused, 1.0));
    let early = Duration::from_millis(10);
    assert_eq!(chosen(&[attempt(None), attempt(ok)], early), None, "the first has its head start");
    assert_eq!(chosen(&[attempt(None), attempt(ok)], HEAD_START), Some(1));
    assert_eq!(chosen(&[attempt(no), attempt(ok)], early), Some(1));
    assert_eq!(chosen(&[attempt(no), attempt(None)], HEAD_START), None);
}

#[test]
fn errors_of_this_machine_are_its_own() {
    let four = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), 1);
    let six = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 1);
    let [process, system, buffers, family] = NUMBERS;
    let raw = |number| classified(&io::Error::from_raw_os_error(number), four);
    assert_eq!((raw(process), raw(system)), (Ended::Local("descriptors"), Ended::Local("descriptors")));
    assert_eq!((raw(buffers), raw(family)), (Ended::Local("buffers"), Ended::Unreachable));
    let kind = |kind: io::ErrorKind, address| classified(&io::Error::from(kind), address);
    assert_eq!(kind(io::ErrorKind::AddrNotAvailable, four), Ended::Local("ports"));
    assert_eq!(kind(io::ErrorKind::AddrNotAvailable, six), Ended::Unreachable);
    assert_eq!(kind(io::ErrorKind::PermissionDenied, four), Ended::Denied);
    assert_eq!(kind(io::ErrorKind::HostUnreachable, four), Ended::Unreachable);
    assert_eq!(kind(io::ErrorKind::ConnectionReset, four), Ended::Reset);
}

#![allow(clippy::unwrap_used, clippy::panic)] // a test may stop

use super::*;
use crate::target::Family;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};

/// What the test's name server does with a question.
enum Reply {
    Say(ResponseCode, Vec<(&'static str, RData)>),
    /// Without the flag that says that it follows aliases itself.
    Plain(Vec<(&'static str, RData)>),
    /// Cut over UDP, whole over TCP.
    Cut(Vec<(&'static str, RData)>),
    Nothing,
    Bytes(&'static [u8]),
    /// A valid answer to another question, then the true one.
    Spoofed(Vec<(&'static str, RData)>),
}

type Zone = Arc<dyn Fn(&str, RecordType) -> Reply + Send + Sync>;

fn answer(query: &Message, code: ResponseCode, records: &[(&'static str, RData)], recursive: bool) -> Message {
    let mut message = Message::response(query.metadata.id, query.metadata.op_code);
    message.metadata.response_code = code;
    message.metadata.recursion_available = recursive;
    message.add_queries(query.queries.clone());
    for (name, data) in records {
        message.add_answer(Record::from_rdata(Name::from_ascii(name).unwrap(), 60, data.clone()));
    }
    message
}

fn replies(zone: &Zone, bytes: &[u8], tcp: bool) -> Vec<Vec<u8>> {
    let query = Message::from_vec(bytes).unwrap();
    let asked = query.queries.first().unwrap();
    let name = asked.name.to_ascii();
    let say = |message: Message| message.to_vec().unwrap();
    match zone(name.trim_end_matches('.'), asked.query_type) {
        Reply::Say(code, records) => vec![say(answer(&query, code, &records, true))],
        Reply::Plain(records) => vec![say(answer(&query, ResponseCode::NoError, &records, false))],
        Reply::Cut(records) if tcp => vec![say(answer(&query, ResponseCode::NoError, &records, true))],
        Reply::Cut(_) => {
            let mut cut = answer(&query, ResponseCode::NoError, &[], true);
            cut.metadata.truncation = true;
            vec![say(cut)]
        }
        Reply::Nothing => Vec::new(),
        Reply::Bytes(bytes) => vec![bytes.to_vec()],
        Reply::Spoofed(records) => {
            let mut other = answer(&query, ResponseCode::NXDomain, &[], true);
            other.metadata.id = query.metadata.id.wrapping_add(1);
            vec![say(other), say(answer(&query, ResponseCode::NoError, &records, true))]
        }
    }
}

/// A name server on loopback, UDP and TCP on one port, for as long as the runtime lives.
async fn server(zone: impl Fn(&str, RecordType) -> Reply + Send + Sync + 'static) -> SocketAddr {
    let zone: Zone = Arc::new(zone);
    let (udp, tcp, place) = loop {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let place = tcp.local_addr().unwrap();
        if let Ok(udp) = UdpSocket::bind(place).await {
            break (udp, tcp, place);
        }
    };
    let of_udp = zone.clone();
    tokio::spawn(async move {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = udp.recv_from(&mut buffer).await {
            for reply in replies(&of_udp, &buffer[..length], false) {
                udp.send_to(&reply, from).await.unwrap();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let length = stream.read_u16().await.unwrap();
            let mut bytes = vec![0; usize::from(length)];
            stream.read_exact(&mut bytes).await.unwrap();
            for reply in replies(&zone, &bytes, true) {
                stream.write_u16(u16::try_from(reply.len()).unwrap()).await.unwrap();
                stream.write_all(&reply).await.unwrap();
            }
        }
    });
    place
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

fn a(text: &str) -> RData {
    RData::A(A(text.parse().unwrap()))
}

fn aaaa(text: &str) -> RData {
    RData::AAAA(AAAA(text.parse().unwrap()))
}

fn cname(text: &str) -> RData {
    RData::CNAME(CNAME(Name::from_ascii(format!("{text}.")).unwrap()))
}

fn nothing() -> Reply {
    Reply::Say(ResponseCode::NoError, Vec::new())
}

fn nxdomain() -> Reply {
    Reply::Say(ResponseCode::NXDomain, Vec::new())
}

fn within(milliseconds: u64) -> Connect {
    Connect { connect_timeout: Duration::from_millis(milliseconds), ..Connect::default() }
}

fn asking(place: SocketAddr) -> Connect {
    Connect { resolver: Some(place), ..within(8000) }
}

fn machine(servers: Vec<SocketAddr>, system: fn(&str) -> Result<Vec<IpAddr>, SystemFault>) -> Machine {
    Machine { hosts: Vec::new(), servers, search: Vec::new(), system }
}

fn value<'a>(lookup: &'a Lookup, name: &str) -> Option<&'a str> {
    lookup.marks.iter().find(|(mark, _)| mark == name).map(|(_, value)| value.as_str())
}

fn wrong(lookup: &Lookup) -> Option<(Phase, Wrong)> {
    lookup.failure.as_ref().map(|failure| (failure.phase, failure.wrong))
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn addresses_and_localhost_ask_nobody() {
    run(async {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        let place = server(move |_, _| {
            counter.fetch_add(1, Ordering::Relaxed);
            nxdomain()
        })
        .await;
        for (host, kind) in [("127.0.0.1", "not_needed"), ("[::1]", "not_needed"), ("localhost", "found")] {
            let lookup = look_up(host, &asking(place)).await;
            assert_eq!(value(&lookup, "probe.dns"), Some(kind), "{host}");
            assert!(!lookup.addresses.is_empty() && lookup.failure.is_none(), "{host}");
        }
        let lookup = look_up("api.localhost", &asking(place)).await;
        assert!(lookup.addresses.iter().all(IpAddr::is_loopback));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn the_server_that_was_given_decides() {
    run(async {
        let place = server(|name, kind| match (name, kind) {
            ("api.example.test", RecordType::A) => {
                Reply::Say(ResponseCode::NoError, vec![("api.example.test.", a("127.0.0.9"))])
            }
            ("api.example.test", _) => Reply::Say(ResponseCode::NoError, vec![("api.example.test.", aaaa("::1"))]),
            _ => nxdomain(),
        })
        .await;
        let lookup = look_up("API.example.test", &asking(place)).await;
        assert!(lookup.addresses.contains(&ip("127.0.0.9")) && lookup.addresses.contains(&ip("::1")));
        assert_eq!(value(&lookup, "probe.dns"), Some("found"));
        assert_eq!(value(&lookup, "probe.dns.server"), Some(place.to_string().as_str()));
        assert_eq!((lookup.step.state, lookup.untested.len()), (State::Passed, 0));
        let four = look_up("api.example.test", &Connect { family: Family::V4, ..asking(place) }).await;
        assert_eq!(four.addresses, [ip("127.0.0.9")]);
    });
}

#[test]
fn every_kind_of_no_is_told_apart() {
    run(async {
        let place = server(|name, _| match name {
            "empty.test" => nothing(),
            "servfail.test" => Reply::Say(ResponseCode::ServFail, Vec::new()),
            "refused.test" => Reply::Say(ResponseCode::Refused, Vec::new()),
            "alias.test" => Reply::Say(ResponseCode::NXDomain, vec![("alias.test.", cname("gone.example.test"))]),
            "circle.test" => Reply::Say(
                ResponseCode::NoError,
                vec![("circle.test.", cname("round.test")), ("round.test.", cname("circle.test"))],
            ),
            _ => nxdomain(),
        })
        .await;
        for (host, word, how) in [
            ("nowhere.test", "not_found", Wrong::NotFound),
            ("empty.test", "no_address", Wrong::NotFound),
            ("servfail.test", "server_failure", Wrong::ServerFailure),
            ("refused.test", "refused", Wrong::ServerFailure),
            ("alias.test", "not_found", Wrong::NotFound),
            ("circle.test", "server_failure", Wrong::ServerFailure),
        ] {
            let lookup = look_up(host, &asking(place)).await;
            assert_eq!(value(&lookup, "probe.dns"), Some(word), "{host}: {lookup:?}");
            assert_eq!(wrong(&lookup), Some((Phase::Dns, how)), "{host}");
            assert!(lookup.addresses.is_empty() && lookup.step.state == State::Failed, "{host}");
        }
        let dangling = look_up("alias.test", &asking(place)).await;
        assert_eq!(value(&dangling, "probe.dns.cname.dangling"), Some("gone.example.test"));
        assert!(dangling.step.says.contains("an alias of gone.example.test"), "{}", dangling.step.says);
        let circle = look_up("circle.test", &asking(place)).await;
        assert_eq!(value(&circle, "probe.dns.cname.loop"), Some("yes"));
    });
}

#[test]
fn silence_noise_and_an_absent_server_end_in_time() {
    run(async {
        let place = server(|name, _| match name {
            "noise.test" => Reply::Bytes(b"\x00\x01garbage"),
            _ => Reply::Nothing,
        })
        .await;
        let silent = look_up("silent.test", &Connect { resolver: Some(place), ..within(300) }).await;
        assert_eq!(
            (value(&silent, "probe.dns"), wrong(&silent)),
            (Some("timeout"), Some((Phase::Dns, Wrong::Timeout)))
        );
        let noise = look_up("noise.test", &Connect { resolver: Some(place), ..within(300) }).await;
        assert_eq!(value(&noise, "probe.dns"), Some("server_failure"));
        assert_eq!(value(&noise, "probe.dns.direct"), Some("garbage"));
        // The port is taken and then free again: nothing listens there.
        let gone = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
        let absent = look_up("absent.test", &Connect { resolver: Some(gone), ..within(600) }).await;
        assert_eq!(value(&absent, "probe.dns"), Some("timeout"));
        assert!(absent.failure.is_some());
    });
}

#[test]
fn a_cut_answer_comes_over_tcp_and_a_spoofed_one_is_ignored() {
    run(async {
        let place = server(|name, kind| match (name, kind) {
            ("long.test", RecordType::A) => {
                Reply::Cut((1..=30).map(|n| ("long.test.", a(&format!("10.0.0.{n}")))).collect())
            }
            ("spoof.test", RecordType::A) => Reply::Spoofed(vec![("spoof.test.", a("10.0.0.7"))]),
            _ => nothing(),
        })
        .await;
        let long = look_up("long.test", &asking(place)).await;
        assert_eq!((long.addresses.len(), value(&long, "probe.dns.truncated")), (30, Some("yes")));
        let spoof = look_up("spoof.test", &asking(place)).await;
        assert_eq!(spoof.addresses, [ip("10.0.0.7")]);
    });
}

#[test]
fn aliases_are_followed_also_where_the_server_does_not() {
    run(async {
        let place = server(|name, kind| match (name, kind) {
            ("whole.test", RecordType::A) => Reply::Say(
                ResponseCode::NoError,
                vec![
                    ("whole.test.", cname("edge.test")),
                    ("edge.test.", cname("pop.test")),
                    ("pop.test.", a("10.0.0.3")),
                ],
            ),
            ("parts.test", _) => Reply::Plain(vec![("parts.test.", cname("pop.test"))]),
            ("pop.test", RecordType::A) => Reply::Plain(vec![("pop.test.", a("10.0.0.3"))]),
            _ => Reply::Plain(Vec::new()),
        })
        .await;
        for (host, chain) in [("whole.test", "edge.test > pop.test"), ("parts.test", "pop.test")] {
            let lookup = look_up(host, &asking(place)).await;
            assert_eq!(lookup.addresses, [ip("10.0.0.3")], "{host}");
            assert_eq!(value(&lookup, "probe.dns.cname"), Some(chain), "{host}");
        }
    });
}

#[test]
fn a_near_name_is_only_told_when_it_resolves() {
    run(async {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let names = asked.clone();
        let place = server(move |name, kind| {
            names.lock().unwrap().push(name.to_owned());
            match (name, kind) {
                ("api.example.test", RecordType::A) => {
                    Reply::Say(ResponseCode::NoError, vec![("api.example.test.", a("10.0.0.1"))])
                }
                ("example.test" | "api.example.test", _) => nothing(),
                _ => nxdomain(),
            }
        })
        .await;
        for host in ["appi.example.test", "api.exmaple.test"] {
            asked.lock().unwrap().clear();
            let lookup = look_up(host, &asking(place)).await;
            assert_eq!(value(&lookup, "probe.dns.near"), Some("api.example.test"), "{host}: {lookup:?}");
            let mut others = asked.lock().unwrap().clone();
            others.retain(|name| name != host);
            others.dedup();
            assert!(others.len() < 6, "{others:?}");
        }
        let lookup = look_up("orders.example.test", &asking(place)).await;
        assert_eq!(value(&lookup, "probe.dns.parent"), Some("exists"));
        assert_eq!(value(&lookup, "probe.dns.near"), None);
        let lookup = look_up("orders.other.test", &asking(place)).await;
        assert_eq!(value(&lookup, "probe.dns.parent"), Some("missing"));
    });
}

#[test]
fn the_system_decides_and_the_name_server_explains() {
    run(async {
        let place = server(|name, kind| match (name, kind) {
            ("moved.test" | "known.test", RecordType::A) => {
                Reply::Say(ResponseCode::NoError, vec![("moved.test.", a("10.0.0.1")), ("known.test.", a("10.0.0.1"))])
            }
            ("moved.test" | "known.test", _) => nothing(),
            ("broken.test", _) => Reply::Say(ResponseCode::ServFail, Vec::new()),
            ("short.corp.test", RecordType::A) => {
                Reply::Say(ResponseCode::NoError, vec![("short.corp.test.", a("10.9.9.9"))])
            }
            _ => nxdomain(),
        })
        .await;
        let mut here = machine(vec![place], |_| Ok(vec![ip("10.9.9.9")]));
        here.hosts = machine::hosts_file("10.9.9.9 moved.test # old\n\n::1 localhost\n");
        here.search = vec!["corp.test".to_owned()];

        let moved = look_up_on(&here, "moved.test", &within(8000)).await;
        assert_eq!(moved.addresses, [ip("10.9.9.9")], "what a program of this machine uses");
        assert_eq!(value(&moved, "probe.dns.disagree"), Some("hosts_file"));
        assert_eq!(value(&moved, "probe.dns.elsewhere"), Some("10.0.0.1"));
        assert_eq!(moved.step.state, State::Doubtful);

        let short = look_up_on(&here, "short", &within(8000)).await;
        assert_eq!(value(&short, "probe.dns.search"), Some("short.corp.test"));
        let other = look_up_on(&here, "known.test", &within(8000)).await;
        assert_eq!(value(&other, "probe.dns.disagree"), Some("other_addresses"));
        let vpn = look_up_on(&here, "vpn.test", &within(8000)).await;
        assert_eq!(value(&vpn, "probe.dns.disagree"), Some("only_system"));

        here.system = |_| Err(SystemFault::Again);
        let fails = look_up_on(&here, "known.test", &within(8000)).await;
        assert_eq!(value(&fails, "probe.dns"), Some("server_failure"));
        assert_eq!(value(&fails, "probe.dns.disagree"), Some("system_fails"));
        let broken = look_up_on(&here, "broken.test", &within(8000)).await;
        assert_eq!(value(&broken, "probe.dns.code"), Some("SERVFAIL"));
        let gone = look_up_on(&here, "gone.test", &within(8000)).await;
        assert_eq!(value(&gone, "probe.dns"), Some("not_found"), "NXDOMAIN says more than EAI_AGAIN");
    });
}

#[test]
fn without_a_name_server_the_system_still_counts() {
    run(async {
        let place = server(|_, _| Reply::Nothing).await;
        for servers in [vec![place], Vec::new()] {
            let why =
                if servers.is_empty() { "no name server is listed on this machine" } else { "no name server answers" };
            let here = machine(servers, |_| Ok(vec![ip("10.0.0.1")]));
            let lookup = look_up_on(&here, "inside.test", &within(8000)).await;
            assert_eq!((lookup.addresses.as_slice(), &lookup.failure), ([ip("10.0.0.1")].as_slice(), &None));
            assert_eq!(lookup.untested.first().map(|untested| untested.why.as_str()), Some(why));
        }
        let here = machine(Vec::new(), |_| {
            std::thread::sleep(Duration::from_secs(2));
            Err(SystemFault::Again)
        });
        let hung = look_up_on(&here, "hung.test", &within(100)).await;
        assert_eq!(value(&hung, "probe.dns.system"), Some("timeout"));
        assert_eq!(wrong(&hung), Some((Phase::Dns, Wrong::Timeout)));
    });
}

#[test]
fn names_that_are_none_are_not_asked_for() {
    run(async {
        let place = server(|_, _| Reply::Say(ResponseCode::NoError, vec![("x.test.", a("10.0.0.1"))])).await;
        for host in ["", "a..b", "bücher.test", "two words.test", "{{host}}", &"x".repeat(64), &"ab.".repeat(90)] {
            let lookup = look_up(host, &asking(place)).await;
            assert_eq!(value(&lookup, "probe.dns"), Some("not_found"), "{host}");
            assert!(value(&lookup, "probe.dns.malformed").is_some(), "{host}");
        }
        let strange = look_up("evil\u{1b}[31m.test", &asking(place)).await;
        assert!(!strange.step.says.contains('\u{1b}'));
    });
}

#[test]
fn the_files_of_a_machine_are_read() {
    let hosts =
        machine::hosts_file("127.0.0.1 localhost\n# 1.2.3.4 off.test\n10.0.0.1\tAPI.test api # x\nnonsense here\n");
    assert_eq!(hosts.len(), 3);
    assert!(hosts.contains(&(ip("10.0.0.1"), "api.test".to_owned())));
    let (servers, search) = machine::resolv_conf(
        "search a.test\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\n;nameserver 1.1.1.1\nnameserver 10.0.0.3\nnameserver 10.0.0.4\nsearch corp.test. x.test\noptions ndots:5\n",
    );
    assert_eq!(servers, ["10.0.0.2:53", "[fe80::1]:53", "10.0.0.3:53"].map(|text| text.parse().unwrap()));
    assert_eq!(search, ["corp.test", "x.test"]);
    assert_eq!(
        (scope(ip("0.0.0.0")), scope(ip("10.1.1.1")), scope(ip("8.8.8.8"))),
        ("unspecified", "private", "public")
    );
}

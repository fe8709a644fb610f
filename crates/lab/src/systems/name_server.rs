//! A name server of the lab, over UDP on loopback: answers as a zone says, and NXDOMAIN for what is not in it (RFC 1035,
//! RFC 2308).
//!
//! It serves whole zones with authority, recursion is said to be available, and it logs as BIND logs queries.

use super::{Opened, System, orders};
use crate::world::{Journal, World};
use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Response codes.
pub const SERVFAIL: u8 = 2;
/// No such name.
pub const NXDOMAIN: u8 = 3;
/// The server does not answer this client, or for this zone.
pub const REFUSED: u8 = 5;

const A: u16 = 1;
const CNAME: u16 = 5;
const SOA: u16 = 6;
const AAAA: u16 = 28;
const TTL: u32 = 60;

const SYSTEM: &str = "named";

/// For `firstfault lab`.
pub const SYSTEMS: &[System] = &[System {
    name: SYSTEM,
    port: 8053,
    what: "a name server (UDP): orders.lab.test works, broken.lab.test fails, silent.lab.test gets no answer",
    start: |world| {
        Box::pin(async move {
            let orders =
                world.serve("orders", 8054, None, |asked| async move { orders::answer(&asked).into() }).await?;
            let zone = vec![
                ("orders.lab.test", Says::here()),
                ("www.lab.test", Says::Alias("orders.lab.test")),
                ("moved.lab.test", Says::Alias("gone.lab.test")),
                ("mail.lab.test", Says::Nothing),
                ("broken.lab.test", Says::Fails(SERVFAIL)),
                ("silent.lab.test", Says::Silence),
            ];
            let at = start(&world, 8053, zone).await?;
            let through = |name: &str| {
                ["--dns-servers".to_owned(), at.to_string(), format!("http://{name}:{}/v1/orders", orders.port())]
            };
            Ok(Opened::at(at)
                .with("200 (a curl built with c-ares; else firstfault probe --resolver)", through("orders.lab.test"))
                .with("no such name", through("ordres.lab.test"))
                .with("SERVFAIL", through("broken.lab.test")))
        })
    },
}];

/// What is known of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// Its addresses, of both families.
    Addresses(Vec<IpAddr>),
    /// It is another name for this one.
    Alias(&'static str),
    /// It exists and has no address (NODATA).
    Nothing,
    /// An error code.
    Fails(u8),
    /// No answer at all.
    Silence,
    /// Addresses, after a while.
    Slowly(Duration, Vec<IpAddr>),
}

impl Says {
    /// 127.0.0.1.
    #[must_use]
    pub fn here() -> Self {
        Self::Addresses(vec![Ipv4Addr::LOCALHOST.into()])
    }

    /// `::1` alone.
    #[must_use]
    pub fn here_v6() -> Self {
        Self::Addresses(vec![Ipv6Addr::LOCALHOST.into()])
    }
}

/// Names with what is known of them.
pub type Zone = Vec<(&'static str, Says)>;

/// Starts it.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World, port: u16, zone: Zone) -> io::Result<SocketAddr> {
    let (socket, at) = world.datagrams(SYSTEM, port).await?;
    let (socket, zone, journal) = (Arc::new(socket), Arc::new(zone), world.journal());
    world.run(async move {
        let mut buffer = [0; 1500];
        loop {
            // An ICMP message about an earlier answer is no reason to stop.
            let Ok((count, peer)) = socket.recv_from(&mut buffer).await else { continue };
            let Some(question) = Question::read(&buffer[..count]) else { continue };
            log(&journal, &question, peer);
            let Some((wait, answer)) = answer(&zone, &question) else { continue };
            let socket = socket.clone();
            tokio::spawn(async move {
                tokio::time::sleep(wait).await;
                let _ = socket.send_to(&answer, peer).await;
            });
        }
    });
    Ok(at)
}

fn log(journal: &Journal, question: &Question, peer: SocketAddr) {
    let name = &question.name;
    let kind = match question.kind {
        A => "A".to_owned(),
        AAAA => "AAAA".to_owned(),
        CNAME => "CNAME".to_owned(),
        SOA => "SOA".to_owned(),
        other => format!("TYPE{other}"),
    };
    let line = format!("{} queries: info: client @0x7f2c {peer} ({name}): query: {name} IN {kind} +", super::now());
    journal.log(SYSTEM, line.replace(|c: char| c.is_control(), "?"));
}

/// A question, as far as it matters.
struct Question {
    id: [u8; 2],
    recursion: bool,
    /// Lower case, without the last dot.
    name: String,
    kind: u16,
    /// Name, type and class as sent, for the echo.
    raw: Vec<u8>,
}

impl Question {
    fn read(packet: &[u8]) -> Option<Self> {
        let head = packet.get(..12)?;
        // A query (QR 0) of the usual kind (OPCODE 0) with one question.
        if head[2] & 0xf8 != 0 || head[4..6] != [0, 1] {
            return None;
        }
        let (mut at, mut labels) = (12, Vec::new());
        loop {
            let length = usize::from(*packet.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            if length > 63 {
                return None;
            }
            labels.push(String::from_utf8_lossy(packet.get(at..at + length)?).to_lowercase());
            at += length;
        }
        let kind = packet.get(at..at + 2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]))?;
        let raw = packet.get(12..at + 4)?.to_vec();
        Some(Self { id: [head[0], head[1]], recursion: head[2] & 1 == 1, name: labels.join("."), kind, raw })
    }
}

/// The packet that answers, and after how long; `None` for silence.
fn answer(zone: &Zone, question: &Question) -> Option<(Duration, Vec<u8>)> {
    let find = |name: &str| zone.iter().find(|(known, _)| *known == name).map(|(_, says)| says);
    let (mut records, mut name, mut seen) = (Vec::new(), question.name.clone(), BTreeSet::new());
    let mut wait = Duration::ZERO;
    let code = loop {
        match find(&name) {
            // A name above one that exists is there too, without records (RFC 8020).
            None if zone.iter().any(|(known, _)| known.ends_with(&format!(".{name}"))) => break 0,
            None => break NXDOMAIN,
            Some(Says::Silence) => return None,
            Some(Says::Fails(code)) => {
                records.clear();
                break *code;
            }
            Some(Says::Nothing) => break 0,
            Some(Says::Alias(target)) => {
                records.push(record(&name, CNAME, &encoded(target)));
                // A circle of aliases has no answer.
                if question.kind == CNAME || !seen.insert(name.clone()) {
                    break 0;
                }
                name = (*target).to_owned();
            }
            Some(Says::Addresses(addresses)) => {
                records.extend(addressed(&name, question.kind, addresses));
                break 0;
            }
            Some(Says::Slowly(time, addresses)) => {
                wait = *time;
                records.extend(addressed(&name, question.kind, addresses));
                break 0;
            }
        }
    };
    Some((wait, packet(question, code, &records, &name)))
}

fn addressed(name: &str, kind: u16, addresses: &[IpAddr]) -> Vec<Vec<u8>> {
    let of = |address: &IpAddr| match (kind, address) {
        (A, IpAddr::V4(address)) => Some(record(name, A, &address.octets())),
        (AAAA, IpAddr::V6(address)) => Some(record(name, AAAA, &address.octets())),
        _ => None,
    };
    addresses.iter().filter_map(of).collect()
}

fn encoded(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        out.push(u8::try_from(label.len().min(63)).unwrap_or_default());
        out.extend(label.bytes().take(63));
    }
    out.push(0);
    out
}

fn record(name: &str, kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or_default();
    [&encoded(name)[..], &kind.to_be_bytes(), &[0, 1], &TTL.to_be_bytes(), &length.to_be_bytes(), data].concat()
}

/// The last two labels hold the SOA of the zone that a negative answer carries (RFC 2308 section 3).
fn start_of_authority(name: &str) -> Vec<u8> {
    let labels: Vec<&str> = name.split('.').collect();
    let apex = labels[labels.len().saturating_sub(2)..].join(".");
    let numbers: Vec<u8> =
        [2_026_010_101_u32, 7200, 3600, 1_209_600, 60].into_iter().flat_map(u32::to_be_bytes).collect();
    let data = [encoded(&format!("ns1.{apex}")), encoded(&format!("hostmaster.{apex}")), numbers].concat();
    record(&apex, SOA, &data)
}

fn packet(question: &Question, code: u8, records: &[Vec<u8>], last: &str) -> Vec<u8> {
    let fails = !matches!(code, 0 | NXDOMAIN);
    let found = records.iter().any(|record| !is_alias(record));
    let authority = if fails || found { Vec::new() } else { start_of_authority(last) };
    let flags = 0x80 | if fails { 0 } else { 4 } | u8::from(question.recursion);
    let count = u16::try_from(records.len()).unwrap_or_default().to_be_bytes();
    let mut out = vec![question.id[0], question.id[1], flags, 0x80 | code, 0, 1, count[0], count[1]];
    out.extend([0, u8::from(!authority.is_empty()), 0, 0]);
    out.extend_from_slice(&question.raw);
    out.extend(records.concat());
    out.extend(authority);
    out
}

fn is_alias(record: &[u8]) -> bool {
    let end = record.iter().position(|byte| *byte == 0).unwrap_or(0);
    record.get(end + 1..end + 3) == Some(&CNAME.to_be_bytes()[..])
}

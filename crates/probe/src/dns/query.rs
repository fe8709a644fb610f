//! Questions put straight to a name server, over UDP and, when the answer is cut, TCP (RFC 1035, RFC 7766).
//!
//! The server is hostile until its answer fits the question: another id or question is noise, and noise is told from
//! silence. Everything ends at the deadline.

use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

/// How often a question is sent over UDP: datagrams get lost.
const SENDS: u32 = 3;
/// The largest datagram that is read.
const DATAGRAM_BYTES: usize = 4096;
/// How many aliases are followed before it counts as a loop.
const ALIASES: usize = 12;
/// How many further questions a chain of aliases may take, where the server did not follow it itself.
const FOLLOWED: usize = 4;
/// How many addresses of one answer are kept.
const ADDRESSES: usize = 32;

/// What a name server said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Addresses.
    Found,
    /// NXDOMAIN.
    NotFound,
    /// The name is there and has no address (NODATA, RFC 2308).
    NoAddress,
    /// SERVFAIL, FORMERR, NOTIMP and whatever else is no answer.
    ServerFailure,
    /// REFUSED: this server does not answer for us.
    Refused,
    /// Bytes that are no answer to the question.
    Garbage,
    /// Nothing listens there, or there is no way to it.
    Unreachable,
    /// Nothing.
    #[default]
    Timeout,
}

impl Outcome {
    /// The word of the mark.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NotFound => "not_found",
            Self::NoAddress => "no_address",
            Self::ServerFailure => "server_failure",
            Self::Refused => "refused",
            Self::Garbage => "garbage",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
        }
    }

    /// True when the server answered for the name itself.
    pub(super) fn settles(self) -> bool {
        matches!(self, Self::Found | Self::NotFound | Self::NoAddress)
    }

    /// True when the server said something that a client understands.
    pub(super) fn answered(self) -> bool {
        self.settles() || matches!(self, Self::ServerFailure | Self::Refused)
    }
}

/// What one server says of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) v4: Vec<Ipv4Addr>,
    pub(super) v6: Vec<Ipv6Addr>,
    /// The aliases, each to the next; the asked name is not among them.
    pub(super) chain: Vec<String>,
    /// The chain comes back to itself.
    pub(super) circular: bool,
    /// An answer was cut and fetched again over TCP.
    pub(super) over_tcp: bool,
    /// The response code in the words of RFC 1035 (`SERVFAIL`, …), where one came.
    pub(super) code: Option<&'static str>,
    pub(super) milliseconds: f64,
}

impl Answer {
    /// All addresses, IPv6 first.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        self.v6.iter().map(|ip| IpAddr::V6(*ip)).chain(self.v4.iter().map(|ip| IpAddr::V4(*ip))).collect()
    }
}

/// Asks `server` for the addresses of `host`, both families at once.
pub(super) async fn resolve(server: SocketAddr, host: &str, limit: Duration) -> Answer {
    let began = Instant::now();
    let deadline = began + limit;
    let Some(name) = name_of(host) else {
        return Answer { outcome: Outcome::NotFound, ..Answer::default() };
    };
    let (v4, v6) = tokio::join!(
        one(server, name.clone(), RecordType::A, deadline, limit),
        one(server, name, RecordType::AAAA, deadline, limit)
    );
    let outcome = both(v4.outcome, v6.outcome);
    let longer = if v4.chain.len() >= v6.chain.len() { v4.chain } else { v6.chain };
    Answer {
        outcome,
        v4: v4.v4,
        v6: v6.v6,
        chain: longer,
        circular: v4.circular || v6.circular,
        over_tcp: v4.over_tcp || v6.over_tcp,
        code: if v4.outcome == outcome { v4.code } else { v6.code },
        milliseconds: began.elapsed().as_secs_f64() * 1000.0,
    }
}

/// True, false, or unknown: whether a name exists, and whether it has an IPv4 or IPv6 address.
pub(super) async fn exists(server: SocketAddr, host: &str, limit: Duration) -> Outcome {
    let Some(name) = name_of(host) else { return Outcome::NotFound };
    one(server, name, RecordType::A, Instant::now() + limit, limit).await.outcome
}

fn name_of(host: &str) -> Option<Name> {
    let mut name = Name::from_ascii(host).ok()?;
    name.set_fqdn(true);
    Some(name)
}

/// What two answers say together: an address counts, then that the name is not there, then the better-known trouble.
fn both(a: Outcome, b: Outcome) -> Outcome {
    let order = [
        Outcome::Found,
        Outcome::NotFound,
        Outcome::ServerFailure,
        Outcome::Refused,
        Outcome::Garbage,
        Outcome::Unreachable,
        Outcome::Timeout,
        Outcome::NoAddress,
    ];
    order.into_iter().find(|outcome| *outcome == a || *outcome == b).unwrap_or_default()
}

/// One name and type, with its aliases.
async fn one(server: SocketAddr, name: Name, kind: RecordType, deadline: Instant, limit: Duration) -> Answer {
    let mut answer = Answer::default();
    let mut now = name;
    let mut seen = vec![now.to_lowercase()];
    for _ in 0..=FOLLOWED {
        let message = match ask(server, &now, kind, deadline, limit).await {
            Ok((message, over_tcp)) => {
                answer.over_tcp |= over_tcp;
                message
            }
            Err(outcome) => {
                answer.outcome = outcome;
                return answer;
            }
        };
        answer.code = Some(code_word(message.metadata.response_code));
        let before = now.clone();
        while let Some(next) = alias(&message, &now) {
            if seen.contains(&next.to_lowercase()) || seen.len() > ALIASES {
                answer.circular = true;
                answer.outcome = Outcome::ServerFailure;
                return answer;
            }
            answer.chain.push(shown(&next));
            seen.push(next.to_lowercase());
            now = next;
        }
        for record in message.answers.iter().filter(|record| same(&record.name, &now)) {
            match &record.data {
                RData::A(a) if answer.v4.len() < ADDRESSES => answer.v4.push(a.0),
                RData::AAAA(a) if answer.v6.len() < ADDRESSES => answer.v6.push(a.0),
                _ => {}
            }
        }
        answer.outcome = match message.metadata.response_code {
            ResponseCode::NoError if !answer.v4.is_empty() || !answer.v6.is_empty() => Outcome::Found,
            ResponseCode::NoError => Outcome::NoAddress,
            ResponseCode::NXDomain => Outcome::NotFound,
            ResponseCode::Refused => Outcome::Refused,
            _ => Outcome::ServerFailure,
        };
        // A server that does not follow aliases itself leaves the rest of the chain to us.
        if answer.outcome != Outcome::NoAddress || same(&before, &now) || message.metadata.recursion_available {
            return answer;
        }
    }
    answer
}

fn alias(message: &Message, name: &Name) -> Option<Name> {
    message.answers.iter().find_map(|record| match &record.data {
        RData::CNAME(target) if same(&record.name, name) => Some(target.0.clone()),
        _ => None,
    })
}

fn same(a: &Name, b: &Name) -> bool {
    a.eq_ignore_root(b)
}

/// A name as people write it: bytes that are no letters are escaped by `to_ascii`.
fn shown(name: &Name) -> String {
    name.to_ascii().trim_end_matches('.').to_ascii_lowercase()
}

fn code_word(code: ResponseCode) -> &'static str {
    match code {
        ResponseCode::NoError => "NOERROR",
        ResponseCode::FormErr => "FORMERR",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::NXDomain => "NXDOMAIN",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::Refused => "REFUSED",
        _ => "OTHER",
    }
}

/// One question and the message that answers it; true when it came over TCP.
async fn ask(
    server: SocketAddr,
    name: &Name,
    kind: RecordType,
    deadline: Instant,
    limit: Duration,
) -> Result<(Message, bool), Outcome> {
    let mut question = Message::query();
    question.metadata.recursion_desired = true;
    question.add_query(Query::query(name.clone(), kind));
    let bytes = question.to_vec().map_err(|_| Outcome::NotFound)?;
    let here: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((here, 0)).await.map_err(|_| Outcome::Unreachable)?;
    socket.connect(server).await.map_err(|_| Outcome::Unreachable)?;
    let mut noise = false;
    let mut buffer = vec![0; DATAGRAM_BYTES];
    for send in 1..=SENDS {
        let until = if send == SENDS { deadline } else { deadline.min(Instant::now() + limit / SENDS) };
        match timeout_at(until, socket.send(&bytes)).await {
            Ok(Ok(_)) => {}
            Ok(Err(_)) => return Err(Outcome::Unreachable),
            Err(_) => break,
        }
        loop {
            let length = match timeout_at(until, socket.recv(&mut buffer)).await {
                Ok(Ok(length)) => length,
                // ICMP says that nothing listens there
                Ok(Err(error)) if error.kind() == ErrorKind::ConnectionRefused => return Err(Outcome::Unreachable),
                Ok(Err(_)) => return Err(Outcome::Unreachable),
                Err(_) => break,
            };
            let Some(message) = buffer.get(..length).and_then(|bytes| fitting(bytes, &question)) else {
                noise = true;
                continue;
            };
            if message.metadata.truncation {
                if let Some(whole) = ask_over_tcp(server, &bytes, &question, deadline).await {
                    return Ok((whole, true));
                }
                // Cut and no way to the rest: what is there may still hold an address.
                if message.answers.is_empty() {
                    return Err(Outcome::Timeout);
                }
            }
            return Ok((message, false));
        }
        if Instant::now() >= deadline {
            break;
        }
    }
    Err(if noise { Outcome::Garbage } else { Outcome::Timeout })
}

async fn ask_over_tcp(server: SocketAddr, bytes: &[u8], question: &Message, deadline: Instant) -> Option<Message> {
    let length = u16::try_from(bytes.len()).ok()?;
    let fetch = async {
        let mut stream = TcpStream::connect(server).await.ok()?;
        stream.write_all(&[&length.to_be_bytes(), bytes].concat()).await.ok()?;
        let mut head = [0; 2];
        stream.read_exact(&mut head).await.ok()?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(head))];
        stream.read_exact(&mut answer).await.ok()?;
        fitting(&answer, question)
    };
    timeout_at(deadline, fetch).await.ok().flatten()
}

/// The message, when it is an answer to this question.
fn fitting(bytes: &[u8], question: &Message) -> Option<Message> {
    let message = Message::from_vec(bytes).ok()?;
    if message.metadata.message_type != MessageType::Response || message.metadata.id != question.metadata.id {
        return None;
    }
    let asked = question.queries.first()?;
    match message.queries.first() {
        Some(query) => (query.query_type == asked.query_type && same(&query.name, &asked.name)).then_some(message),
        // Servers that could not read the question may leave it out.
        None => (message.metadata.response_code != ResponseCode::NoError).then_some(message),
    }
}

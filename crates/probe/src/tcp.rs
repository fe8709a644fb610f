//! Connections: every address of a name side by side, each with its own result.
//!
//! The one that is used is the one that a client with happy eyeballs (RFC 8305) would get: families in turn, each
//! address 250 ms ahead of the next unless it has failed. The others are reported as far as they are known by then.
//! The words say what was seen (a RST, nothing, an ICMP message), never whose fault it is.
//!
//! Marks (docs/packs.md): `probe.tcp` and `probe.tcp.*`.

use crate::dns::scope;
use crate::{Connect, Failure, Phase, State, Step, Wrong};
use firstfault_model::Layer;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};

/// How many addresses are tried.
const ADDRESSES: usize = 8;
/// The head start of each address over the next (RFC 8305 section 8).
const HEAD_START: Duration = Duration::from_millis(250);
/// The least and the most that is waited for the other addresses once one works.
const GRACE: (Duration, Duration) = (Duration::from_millis(10), Duration::from_millis(100));
/// How long the sibling port may take.
const SIBLING: Duration = Duration::from_millis(1000);

/// What came of connecting.
#[derive(Debug)]
pub struct Connected {
    /// The connection that is used.
    pub stream: Option<TcpStream>,
    /// Its other end; without a connection, the address whose result is told.
    pub peer: Option<SocketAddr>,
    /// For people.
    pub step: Step,
    /// `probe.tcp` and `probe.tcp.*`.
    pub marks: Vec<(String, String)>,
    /// Why there is no connection.
    pub failure: Option<Failure>,
    /// From the first attempt to the connection that is used, or to the end.
    pub milliseconds: f64,
}

/// How one attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Connected,
    Refused,
    Reset,
    Timeout,
    Unreachable,
    Denied,
    /// What this machine lacks.
    Local(&'static str),
}

impl Ended {
    fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Denied => "denied",
            Self::Local(_) => "local",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::Refused => "refused: a RST came back at once, so the port is closed, or a firewall rejects",
            Self::Reset => "reset: the connection was broken off while it was being made",
            Self::Timeout => "nothing came back, neither a SYN-ACK nor a RST",
            Self::Unreachable => "unreachable: the network says that there is no way",
            Self::Denied => "denied: this machine does not let the program connect there",
            Self::Local("descriptors") => "not tried: this machine has no file descriptor left",
            Self::Local("ports") => "not tried: this machine has no local port or address left for it",
            Self::Local(_) => "not tried: this machine has no buffer or memory left",
        }
    }

    fn wrong(self) -> Option<Wrong> {
        match self {
            Self::Connected => None,
            Self::Refused => Some(Wrong::Refused),
            Self::Reset => Some(Wrong::Reset),
            Self::Timeout => Some(Wrong::Timeout),
            Self::Unreachable => Some(Wrong::Unreachable),
            Self::Denied | Self::Local(_) => Some(Wrong::Local),
        }
    }

    /// Which of several failures is told first: what is known for sure, before what may be mere silence.
    fn rank(self) -> u8 {
        match self {
            Self::Connected => 0,
            Self::Local(_) => 1,
            Self::Denied => 2,
            Self::Refused => 3,
            Self::Reset => 4,
            Self::Timeout => 5,
            Self::Unreachable => 6,
        }
    }
}

/// One address and what is known of it.
struct Attempt {
    address: SocketAddr,
    result: Option<(Ended, f64)>,
    stream: Option<TcpStream>,
}

/// Connects to whichever of `addresses` answers, as described above; `connect.only` leaves one of them.
pub async fn connect(addresses: &[SocketAddr], connect: &Connect) -> Connected {
    let limit = connect.connect_timeout;
    let began = Instant::now();
    let deadline = began + limit;
    let mut attempts: Vec<Attempt> = ordered(addresses, connect)
        .into_iter()
        .map(|address| Attempt { address, result: None, stream: None })
        .collect();
    let mut tasks = JoinSet::new();
    for (place, address) in attempts.iter().map(|attempt| attempt.address).enumerate() {
        tasks.spawn(async move {
            let outcome = timeout(limit, TcpStream::connect(address)).await;
            (place, outcome, began.elapsed())
        });
    }
    // The first that is connected and whose turn it is
    let mut used = None;
    while used.is_none() && attempts.iter().any(|attempt| attempt.result.is_none()) {
        let until = next_turn(&attempts, began).unwrap_or(deadline).min(deadline);
        match timeout_at(until + Duration::from_millis(20), tasks.join_next()).await {
            Ok(Some(Ok((place, outcome, after)))) => note(&mut attempts, place, outcome, after),
            Ok(Some(Err(_)) | None) => break,
            Err(_) if Instant::now() >= deadline + Duration::from_millis(20) => break,
            Err(_) => {}
        }
        used = chosen(&attempts, began.elapsed());
    }
    let used = used.or_else(|| chosen(&attempts, Duration::MAX));
    let milliseconds = match used.and_then(|place| attempts.get(place)?.result) {
        Some((_, after)) => after,
        None => began.elapsed().as_secs_f64() * 1000.0,
    };
    if used.is_some() {
        let grace = (began.elapsed() * 2).clamp(GRACE.0, GRACE.1);
        let until = (Instant::now() + grace).min(deadline);
        while let Ok(Some(ended)) = timeout_at(until, tasks.join_next()).await {
            if let Ok((place, outcome, after)) = ended {
                note(&mut attempts, place, outcome, after);
            }
        }
    }
    tasks.abort_all();
    report(attempts, used, addresses.len(), milliseconds, limit).await
}

fn note(attempts: &mut [Attempt], place: usize, outcome: Result<io::Result<TcpStream>, Elapsed>, after: Duration) {
    let Some(attempt) = attempts.get_mut(place) else { return };
    let ended = match outcome {
        Ok(Ok(stream)) => {
            // Small requests go at once; a system that cannot do that still sends them.
            let _ = stream.set_nodelay(true);
            attempt.stream = Some(stream);
            Ended::Connected
        }
        Ok(Err(error)) => classified(&error, attempt.address),
        Err(_) => Ended::Timeout,
    };
    attempt.result = Some((ended, after.as_secs_f64() * 1000.0));
}

/// The attempt that a client would use at this moment: all before it have failed, or had their head start.
fn chosen(attempts: &[Attempt], elapsed: Duration) -> Option<usize> {
    let mut open = 0;
    for (place, attempt) in attempts.iter().enumerate() {
        match attempt.result {
            Some((Ended::Connected, _)) if elapsed >= HEAD_START.saturating_mul(open) => return Some(place),
            Some((Ended::Connected, _)) => return None,
            Some(_) => {}
            None => open += 1,
        }
    }
    None
}

/// When the turn of an attempt comes that is connected already.
fn next_turn(attempts: &[Attempt], began: Instant) -> Option<Instant> {
    let place = attempts.iter().position(|attempt| matches!(attempt.result, Some((Ended::Connected, _))))?;
    let open = attempts.iter().take(place).filter(|attempt| attempt.result.is_none()).count();
    Some(began + HEAD_START.saturating_mul(u32::try_from(open).unwrap_or(u32::MAX)))
}

/// The families in turn, beginning with that of the first address (RFC 8305 section 4).
fn ordered(addresses: &[SocketAddr], connect: &Connect) -> Vec<SocketAddr> {
    let mut wanted: Vec<SocketAddr> = Vec::new();
    for address in addresses {
        if !wanted.contains(address) {
            wanted.push(*address);
        }
    }
    if let Some(only) = connect.only
        && wanted.iter().any(|address| address.ip() == only)
    {
        wanted.retain(|address| address.ip() == only);
    }
    let first_is_v6 = wanted.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut order = Vec::new();
    loop {
        match (first.next(), second.next()) {
            (None, None) => break,
            pair => order.extend([pair.0, pair.1].into_iter().flatten()),
        }
    }
    order.truncate(ADDRESSES);
    order
}

/// Numbers that `std` has no kind for: descriptors of the process and the system, buffers, the address family.
#[cfg(any(target_os = "linux", target_os = "android"))]
const NUMBERS: [i32; 4] = [24, 23, 105, 97];
#[cfg(windows)]
const NUMBERS: [i32; 4] = [10024, 10024, 10055, 10047];
#[cfg(not(any(target_os = "linux", target_os = "android", windows)))]
const NUMBERS: [i32; 4] = [24, 23, 55, 47];

fn classified(error: &io::Error, address: SocketAddr) -> Ended {
    let [process, system, buffers, family] = NUMBERS;
    match error.raw_os_error() {
        Some(number) if number == process || number == system => return Ended::Local("descriptors"),
        Some(number) if number == buffers => return Ended::Local("buffers"),
        // Without IPv6 there is no way there.
        Some(number) if number == family => return Ended::Unreachable,
        _ => {}
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Ended::Refused,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Ended::Reset,
        io::ErrorKind::TimedOut => Ended::Timeout,
        io::ErrorKind::PermissionDenied => Ended::Denied,
        io::ErrorKind::OutOfMemory => Ended::Local("buffers"),
        // A machine without an IPv6 address of its own says this too: then it is no lack of ports.
        io::ErrorKind::AddrNotAvailable if address.is_ipv6() => Ended::Unreachable,
        io::ErrorKind::AddrNotAvailable | io::ErrorKind::AddrInUse => Ended::Local("ports"),
        _ => Ended::Unreachable,
    }
}

async fn report(
    mut attempts: Vec<Attempt>,
    used: Option<usize>,
    given: usize,
    milliseconds: f64,
    limit: Duration,
) -> Connected {
    let mut marks: Vec<(String, String)> = Vec::new();
    let mut mark = |name: &str, value: String| marks.push((name.to_owned(), value));
    let mut details: Vec<String> = attempts.iter().map(|attempt| line(attempt, used.is_some())).collect();
    if given > attempts.len() && attempts.len() == ADDRESSES {
        details.push(format!("{} more addresses are not tried", given - attempts.len()));
    }
    // An attempt that was still open at the end of the limit has had no answer.
    let result = |attempt: &Attempt| attempt.result.map_or(Ended::Timeout, |(ended, _)| ended);
    let failed: Vec<(SocketAddr, Ended)> = attempts
        .iter()
        .filter(|attempt| attempt.result.is_some() || used.is_none())
        .map(|attempt| (attempt.address, result(attempt)))
        .filter(|(_, ended)| *ended != Ended::Connected)
        .collect();
    let step = |state, says: String, details| Step {
        layer: Layer::Network,
        name: "tcp",
        state,
        milliseconds: Some(milliseconds),
        says,
        details,
    };
    let worst = failed.iter().min_by_key(|(_, ended)| ended.rank()).copied();
    for (address, ended) in &failed {
        mark("probe.tcp.failed", format!("{address} {}", ended.word()));
    }
    if let Some(attempt) = used.and_then(|place| attempts.get_mut(place)) {
        let peer = attempt.address;
        let stream = attempt.stream.take();
        mark("probe.tcp", Ended::Connected.word().to_owned());
        mark("probe.tcp.peer", peer.to_string());
        mark("probe.tcp.scope", scope(peer.ip()).to_owned());
        if let Some((_, ended)) = worst {
            mark("probe.tcp.some", ended.word().to_owned());
        }
        let mut says = format!("connected to {peer}");
        if !failed.is_empty() {
            says.push_str(&format!("; {} of {} addresses do not work", failed.len(), attempts.len()));
        }
        let state = if failed.is_empty() { State::Passed } else { State::Doubtful };
        let step = step(state, says, details);
        return Connected { stream, peer: Some(peer), step, marks, failure: None, milliseconds };
    }
    let Some((peer, ended)) = worst else {
        let words = "there is no address to connect to".to_owned();
        let failure = Failure { phase: Phase::Connect, wrong: Wrong::NotFound, words: words.clone() };
        let step = step(State::Failed, words, details);
        return Connected { stream: None, peer: None, step, marks, failure: Some(failure), milliseconds };
    };
    mark("probe.tcp", ended.word().to_owned());
    mark("probe.tcp.peer", peer.to_string());
    mark("probe.tcp.scope", scope(peer.ip()).to_owned());
    if let Ended::Local(what) = ended {
        mark("probe.tcp.local", what.to_owned());
    }
    if failed.iter().any(|(_, other)| other.word() != ended.word()) {
        mark("probe.tcp.mixed", "yes".to_owned());
    }
    // What this machine lacks, it lacks for the sibling too.
    if !matches!(ended, Ended::Local(_) | Ended::Denied) {
        let port = if peer.port() == 443 { 80 } else { 443 };
        let sibling = SocketAddr::new(peer.ip(), port);
        if let Some(other) = try_sibling(sibling, limit).await {
            mark("probe.tcp.sibling", other.word().to_owned());
            mark("probe.tcp.sibling.port", port.to_string());
            details.push(format!("{sibling}, to compare: {}", other.says()));
            if other == Ended::Refused || other == Ended::Connected {
                mark("probe.tcp.host", "alive".to_owned());
            }
        }
    }
    let words = format!("{peer}: {}", ended.says());
    let more = if failed.len() > 1 { format!(" ({} addresses, none works)", failed.len()) } else { String::new() };
    let wrong = ended.wrong().unwrap_or(Wrong::Unreachable);
    let failure = Failure { phase: Phase::Connect, wrong, words: words.clone() };
    let step = step(State::Failed, format!("{words}{more}"), details);
    Connected { stream: None, peer: Some(peer), step, marks, failure: Some(failure), milliseconds }
}

fn line(attempt: &Attempt, one_works: bool) -> String {
    let address = attempt.address;
    match attempt.result {
        Some((ended, after)) => format!("{address}: {} after {after:.1} ms", ended.says()),
        None if one_works => format!("{address}: no answer yet, not waited for"),
        None => format!("{address}: {}", Ended::Timeout.says()),
    }
}

async fn try_sibling(address: SocketAddr, limit: Duration) -> Option<Ended> {
    match timeout(SIBLING.min(limit), TcpStream::connect(address)).await {
        Ok(Ok(_)) => Some(Ended::Connected),
        Ok(Err(error)) => match classified(&error, address) {
            Ended::Local(_) | Ended::Denied => None,
            ended => Some(ended),
        },
        Err(_) => Some(Ended::Timeout),
    }
}

#[cfg(test)]
mod tests;

//! What this machine knows of names: its hosts file, its name servers and what `getaddrinfo` says.

use dns_lookup::LookupErrorKind;
use std::io::Read;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// How many name servers are asked: as many as the C library knows (resolv.conf(5), `MAXNS`).
const SERVERS: usize = 3;
/// How many search domains are kept (resolv.conf(5) knows six in its old form).
const DOMAINS: usize = 6;
/// How much of a settings file is read.
const FILE_BYTES: u64 = 1 << 20;

/// Why the system resolver gave no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SystemFault {
    /// `EAI_NONAME`, `EAI_NODATA`: it says that there is none. Which of both it is, only the DNS tells.
    NotFound,
    /// `EAI_AGAIN`: it could not find out now.
    Again,
    /// `EAI_FAIL` and everything else.
    Failed,
    /// It did not return in time.
    Timeout,
}

impl SystemFault {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Again => "again",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
        }
    }

    pub(super) fn says(self) -> &'static str {
        match self {
            Self::NotFound => "no such name, or no address for it (EAI_NONAME)",
            Self::Again => "could not find out for now (EAI_AGAIN)",
            Self::Failed => "the look-up failed for good (EAI_FAIL)",
            Self::Timeout => "no answer in time",
        }
    }
}

/// The settings and the resolver of a machine.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// Names of the hosts file in lower case, with their addresses, in its order.
    pub(super) hosts: Vec<(IpAddr, String)>,
    /// The name servers.
    pub(super) servers: Vec<SocketAddr>,
    /// Domains that the system appends to short names.
    pub(super) search: Vec<String>,
    /// `getaddrinfo`, which blocks.
    pub(super) system: fn(&str) -> Result<Vec<IpAddr>, SystemFault>,
}

impl Machine {
    /// This machine.
    pub(super) fn this() -> Self {
        let (servers, search) = resolv_conf(&file("/etc/resolv.conf"));
        Self { hosts: hosts_file(&file(HOSTS)), servers, search, system: get_addr_info }
    }

    /// What the hosts file says of a name.
    pub(super) fn hosts_of(&self, host: &str) -> Vec<IpAddr> {
        self.hosts.iter().filter(|(_, name)| name == host).map(|(ip, _)| *ip).collect()
    }
}

#[cfg(windows)]
const HOSTS: &str = r"C:\Windows\System32\drivers\etc\hosts";
#[cfg(not(windows))]
const HOSTS: &str = "/etc/hosts";

fn file(path: &str) -> String {
    let mut bytes = Vec::new();
    // A machine without this file has no such settings.
    let _ = std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES).read_to_end(&mut bytes));
    String::from_utf8_lossy(&bytes).into_owned()
}

/// hosts(5).
pub(super) fn hosts_file(text: &str) -> Vec<(IpAddr, String)> {
    let mut entries = Vec::new();
    for line in text.lines() {
        let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
        let Some(ip) = words.next().and_then(|word| word.split('%').next()?.parse().ok()) else { continue };
        entries.extend(words.map(|name| (ip, name.to_ascii_lowercase())));
    }
    entries
}

/// resolv.conf(5): name servers and search domains.
pub(super) fn resolv_conf(text: &str) -> (Vec<SocketAddr>, Vec<String>) {
    let (mut servers, mut search) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let mut words = line.split(['#', ';']).next().unwrap_or_default().split_whitespace();
        match words.next() {
            Some("nameserver") if servers.len() < SERVERS => {
                let ip = words.next().and_then(|word| word.split('%').next()?.parse::<IpAddr>().ok());
                servers.extend(ip.map(|ip| SocketAddr::new(ip, 53)));
            }
            // The last one counts.
            Some("search" | "domain") => {
                search = words.take(DOMAINS).map(|word| word.trim_end_matches('.').to_ascii_lowercase()).collect();
            }
            _ => {}
        }
    }
    search.retain(|domain: &String| !domain.is_empty());
    (servers, search)
}

fn get_addr_info(host: &str) -> Result<Vec<IpAddr>, SystemFault> {
    match dns_lookup::lookup_host(host) {
        Ok(found) => {
            let mut addresses: Vec<IpAddr> = Vec::new();
            for ip in found {
                if !addresses.contains(&ip) {
                    addresses.push(ip);
                }
            }
            if addresses.is_empty() { Err(SystemFault::NotFound) } else { Ok(addresses) }
        }
        Err(error) => Err(match error.kind() {
            LookupErrorKind::NoName | LookupErrorKind::NoData => SystemFault::NotFound,
            LookupErrorKind::Again => SystemFault::Again,
            _ => SystemFault::Failed,
        }),
    }
}

/// Asks the system resolver. It cannot be interrupted, so it gets a thread of its own, which nothing waits for: neither
/// this function after its limit, nor the runtime when it ends.
pub(super) async fn ask_system(machine: &Machine, host: &str, limit: Duration) -> Result<Vec<IpAddr>, SystemFault> {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let (system, name) = (machine.system, host.to_owned());
    let started = std::thread::Builder::new().name("getaddrinfo".to_owned()).spawn(move || {
        // Nobody listens any more after the limit.
        let _ = sender.send(system(&name));
    });
    if started.is_err() {
        return Err(SystemFault::Failed);
    }
    match tokio::time::timeout(limit, receiver).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(SystemFault::Failed),
        Err(_) => Err(SystemFault::Timeout),
    }
}

/// True when this machine has a way to the address, as far as its own table of routes says: no packet is sent.
pub(super) fn has_route(ip: IpAddr) -> bool {
    let here: IpAddr = if ip.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { std::net::Ipv6Addr::UNSPECIFIED.into() };
    std::net::UdpSocket::bind((here, 0)).and_then(|socket| socket.connect((ip, 9))).is_ok()
}

//! From a name to addresses: what programs of this machine see, and what the name servers say, side by side.
//!
//! The system resolver (`getaddrinfo`) decides which addresses are used, because it decides so for every other program
//! here, and it alone hides why: so the name servers are asked directly too, and what they say differently is told.
//! Where a name server was given, its answer is used instead, as with curl's `--dns-servers`. Nothing here knows ports:
//! `--resolve` and `--connect-to` are applied by the caller.
//!
//! Marks (docs/packs.md): `probe.dns` and `probe.dns.*`.

mod machine;
mod near;
mod query;
#[cfg(test)]
mod tests;

use crate::{Connect, Failure, Family, Phase, State, Step, Untested, Wrong};
use firstfault_model::Layer;
use machine::{Machine, SystemFault, ask_system, has_route};
use query::{Answer, Outcome};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

/// How much longer the name servers are waited for when the system resolver has already found addresses.
const GRACE: Duration = Duration::from_millis(250);
/// How long the names near a missing one may take.
const NEAR: Duration = Duration::from_millis(1500);
/// RFC 1035 section 2.3.4.
const NAME_BYTES: usize = 253;
/// The same section.
const LABEL_BYTES: usize = 63;

/// One name looked up.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// What a program of this machine would use, in its order.
    pub addresses: Vec<IpAddr>,
    /// For people.
    pub step: Step,
    /// `probe.dns` and `probe.dns.*`.
    pub marks: Vec<(String, String)>,
    /// Why there are no addresses.
    pub failure: Option<Failure>,
    /// How long it took until the addresses were known.
    pub milliseconds: f64,
    /// What could not be asked.
    pub untested: Vec<Untested>,
}

/// Looks `host` up: a name, or an address as it stands in a URL. Ends after `connect.connect_timeout`, and after a
/// second and a half more when the name is not found.
pub async fn look_up(host: &str, connect: &Connect) -> Lookup {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    if let Ok(ip) = host.parse::<IpAddr>() {
        return literal(ip);
    }
    look_up_on(&Machine::this(), &host, connect).await
}

fn literal(ip: IpAddr) -> Lookup {
    let mut notes = Notes::new(&ip.to_string());
    notes.mark("probe.dns", "not_needed");
    notes.end(vec![ip], State::Passed, format!("{ip} is an address: nothing to look up"), None, 0.0)
}

/// What is gathered on the way to a [`Lookup`].
struct Notes {
    host: String,
    marks: Vec<(String, String)>,
    details: Vec<String>,
    untested: Vec<Untested>,
}

impl Notes {
    fn new(host: &str) -> Self {
        Self { host: host.to_owned(), marks: Vec::new(), details: Vec::new(), untested: Vec::new() }
    }

    fn mark(&mut self, name: &str, value: impl Into<String>) {
        self.marks.push((name.to_owned(), value.into()));
    }

    fn end(
        self,
        addresses: Vec<IpAddr>,
        state: State,
        says: String,
        failure: Option<Failure>,
        milliseconds: f64,
    ) -> Lookup {
        let step = Step {
            layer: Layer::Network,
            name: "dns",
            state,
            milliseconds: Some(milliseconds),
            says,
            details: self.details,
        };
        Lookup { addresses, step, marks: self.marks, failure, milliseconds, untested: self.untested }
    }

    fn fail(mut self, word: &str, wrong: Wrong, words: String, milliseconds: f64) -> Lookup {
        self.marks.insert(0, ("probe.dns".to_owned(), word.to_owned()));
        let failure = Failure { phase: Phase::Dns, wrong, words: words.clone() };
        self.end(Vec::new(), State::Failed, words, Some(failure), milliseconds)
    }
}

async fn look_up_on(machine: &Machine, host: &str, connect: &Connect) -> Lookup {
    let began = Instant::now();
    let deadline = began + connect.connect_timeout;
    let elapsed = || began.elapsed().as_secs_f64() * 1000.0;
    let bare = host.trim_end_matches('.');
    let mut notes = Notes::new(bare);
    notes.mark("probe.dns.name", shown(bare));
    if let Some(fault) = fault_of_name(bare) {
        notes.mark("probe.dns.malformed", fault);
        let words = format!("{} is no name that the DNS can hold: {fault}", shown(bare));
        return notes.fail("not_found", Wrong::NotFound, words, elapsed());
    }
    let listed = machine.hosts_of(bare);
    if !listed.is_empty() {
        notes.mark("probe.dns.hosts_file", list(&listed));
        notes.details.push(format!("hosts file: {}", list(&listed)));
    }
    if bare == "localhost" || bare.ends_with(".localhost") {
        return loopback(notes, listed, connect.family, elapsed());
    }
    let servers = connect.resolver.map_or_else(|| machine.servers.clone(), |server| vec![server]);
    let questions = ask_all(&servers, bare, connect.connect_timeout);
    let mut direct = Direct { servers, answers: Vec::new(), questions };
    let system = match connect.resolver {
        Some(_) => None,
        None => Some(ask_system(machine, host, connect.connect_timeout).await),
    };
    let milliseconds = elapsed();
    let found_already = matches!(system, Some(Ok(_)));
    direct.gather(if found_already { deadline.min(Instant::now() + GRACE) } else { deadline }).await;
    let milliseconds = if found_already { milliseconds } else { elapsed() };
    direct.report(&mut notes);

    let (found, outcome) = match &system {
        None => {
            let answer = direct.best();
            (sorted(answer.map(Answer::addresses).unwrap_or_default()), answer.map_or(Outcome::Timeout, |a| a.outcome))
        }
        Some(Ok(addresses)) => {
            notes.details.insert(0, format!("system resolver: {}", list(addresses)));
            notes.mark("probe.dns.system", "found");
            (addresses.clone(), Outcome::Found)
        }
        Some(Err(fault)) => {
            notes.details.insert(0, format!("system resolver: {}", fault.says()));
            notes.mark("probe.dns.system", fault.word());
            (Vec::new(), blame(*fault, direct.best().map(|answer| answer.outcome)))
        }
    };
    if matches!(system, Some(Ok(_))) {
        compare(&mut notes, machine, &direct, &found, &listed).await;
    }
    if outcome != Outcome::Found {
        return not_found(notes, &direct, outcome, system.is_some(), began).await;
    }
    let usable = of_family(&found, connect.family);
    if usable.is_empty() {
        let (wanted, there) = if connect.family == Family::V6 { ("IPv6", "v4") } else { ("IPv4", "v6") };
        notes.mark("probe.dns.other_family", there);
        let words = format!("{bare} has no {wanted} address, and only such were asked for; it has {}", list(&found));
        return notes.fail("no_address", Wrong::NotFound, words, milliseconds);
    }
    notes.marks.insert(0, ("probe.dns".to_owned(), "found".to_owned()));
    notes.mark("probe.dns.addresses", list(&usable));
    if listed.is_empty()
        && let Some(scope) = common_scope(&usable)
    {
        notes.mark("probe.dns.scope", scope);
    }
    let doubtful = notes.marks.iter().any(|(name, _)| name == "probe.dns.disagree");
    let mut says = format!("{bare} is {}", list(&usable));
    if !listed.is_empty() && usable.iter().all(|ip| listed.contains(ip)) && connect.resolver.is_none() {
        says.push_str(", by the hosts file of this machine");
    }
    notes.end(usable, if doubtful { State::Doubtful } else { State::Passed }, says, None, milliseconds)
}

/// `localhost` and names below it never leave the machine (RFC 6761 section 6.3).
fn loopback(mut notes: Notes, listed: Vec<IpAddr>, family: Family, milliseconds: f64) -> Lookup {
    let addresses =
        if listed.is_empty() { vec![Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()] } else { sorted(listed) };
    let usable = of_family(&addresses, family);
    let usable = if usable.is_empty() {
        of_family(&[Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()], family)
    } else {
        usable
    };
    notes.marks.insert(0, ("probe.dns".to_owned(), "found".to_owned()));
    notes.mark("probe.dns.addresses", list(&usable));
    let says = format!("{} is {}: this machine itself, no name server is asked", notes.host, list(&usable));
    notes.end(usable, State::Passed, says, None, milliseconds)
}

/// The questions to the name servers.
struct Direct {
    servers: Vec<SocketAddr>,
    answers: Vec<Option<Answer>>,
    questions: JoinSet<(usize, Answer)>,
}

fn ask_all(servers: &[SocketAddr], host: &str, limit: Duration) -> JoinSet<(usize, Answer)> {
    let mut tasks = JoinSet::new();
    for (place, server) in servers.iter().copied().enumerate() {
        let host = host.to_owned();
        tasks.spawn(async move { (place, query::resolve(server, &host, limit).await) });
    }
    tasks
}

impl Direct {
    /// Takes answers until all are there, or the moment has come. What is missing then counts as silent.
    async fn gather(&mut self, until: Instant) {
        self.answers.resize(self.servers.len(), None);
        // A question ends by itself at its deadline; a little later than that, nothing more can come.
        while let Ok(Some(ended)) = timeout_at(until + Duration::from_millis(50), self.questions.join_next()).await {
            if let Ok((place, answer)) = ended
                && let Some(slot) = self.answers.get_mut(place)
            {
                *slot = Some(answer);
            }
        }
        self.questions.abort_all();
    }

    /// What each server said, in the order of the settings.
    fn each(&self) -> impl Iterator<Item = (SocketAddr, Option<&Answer>)> {
        self.servers.iter().zip(&self.answers).map(|(server, answer)| (*server, answer.as_ref()))
    }

    /// The answer that counts: of the first server that knows, else of the first that says anything, else any trouble.
    fn best(&self) -> Option<&Answer> {
        self.counted().map(|(_, answer)| answer)
    }

    fn counted(&self) -> Option<(SocketAddr, &Answer)> {
        let of = |wanted: fn(Outcome) -> bool| {
            self.each().find_map(|(server, answer)| answer.filter(|a| wanted(a.outcome)).map(|a| (server, a)))
        };
        of(Outcome::settles).or_else(|| of(Outcome::answered)).or_else(|| of(|_| true))
    }

    fn report(&self, notes: &mut Notes) {
        for (server, answer) in self.each() {
            notes.details.push(match answer {
                Some(answer) => format!("name server {server}: {}", told(answer)),
                None => format!("name server {server}: nothing yet"),
            });
        }
        if let Some((server, answer)) = self.counted() {
            notes.mark("probe.dns.direct", answer.outcome.word());
            notes.mark("probe.dns.server", server.to_string());
            if let Some(code) = answer.code {
                notes.mark("probe.dns.code", code);
            }
            if !answer.chain.is_empty() {
                notes.mark("probe.dns.cname", answer.chain.join(" > "));
                if !matches!(answer.outcome, Outcome::Found) && !answer.circular {
                    notes.mark("probe.dns.cname.dangling", answer.chain.last().cloned().unwrap_or_default());
                }
            }
            if answer.circular {
                notes.mark("probe.dns.cname.loop", "yes");
            }
            if answer.over_tcp {
                notes.mark("probe.dns.truncated", "yes");
            }
        }
        let mut settled = self.each().filter_map(|(_, answer)| answer.filter(|a| a.outcome.settles()));
        if let Some(first) = settled.next()
            && settled.any(|answer| (answer.outcome == Outcome::Found) != (first.outcome == Outcome::Found))
        {
            notes.mark("probe.dns.disagree", "servers");
            notes.details.push("the name servers disagree about whether the name has an address".to_owned());
        }
        if !self.each().any(|(_, answer)| answer.is_some_and(|a| a.outcome.answered())) {
            let why = if self.servers.is_empty() {
                "no name server is listed on this machine"
            } else {
                "no name server answers"
            };
            notes
                .untested
                .push(Untested { what: "what the name servers themselves say".to_owned(), why: why.to_owned() });
        }
    }
}

fn told(answer: &Answer) -> String {
    let mut text = match answer.outcome {
        Outcome::Found => list(&answer.addresses()),
        Outcome::NotFound => "no such name (NXDOMAIN)".to_owned(),
        Outcome::NoAddress => "the name is there and has no address (NODATA)".to_owned(),
        Outcome::ServerFailure if answer.circular => "its aliases go round in a circle".to_owned(),
        Outcome::ServerFailure => format!("it failed ({})", answer.code.unwrap_or("SERVFAIL")),
        Outcome::Refused => "it does not answer for this machine (REFUSED)".to_owned(),
        Outcome::Garbage => "bytes that are no answer".to_owned(),
        Outcome::Unreachable => "nothing listens there, or there is no way to it".to_owned(),
        Outcome::Timeout => "nothing came back".to_owned(),
    };
    if !answer.chain.is_empty() {
        text.push_str(&format!(", by the aliases {}", answer.chain.join(" > ")));
    }
    if answer.over_tcp {
        text.push_str(" (over TCP, since it did not fit a datagram)");
    }
    text.push_str(&format!(" in {:.0} ms", answer.milliseconds));
    text
}

/// What the failure of the system resolver is, with the help of the name servers' own words.
fn blame(fault: SystemFault, direct: Option<Outcome>) -> Outcome {
    match (fault, direct) {
        (_, Some(outcome @ (Outcome::NotFound | Outcome::NoAddress | Outcome::ServerFailure | Outcome::Refused))) => {
            outcome
        }
        (SystemFault::NotFound, _) => Outcome::NotFound,
        (SystemFault::Failed, _) => Outcome::ServerFailure,
        // The servers know the name, the resolver of this machine does not get there.
        (SystemFault::Again, Some(Outcome::Found)) => Outcome::ServerFailure,
        (SystemFault::Again | SystemFault::Timeout, _) => Outcome::Timeout,
    }
}

/// Where the system and the name servers differ, and by what.
async fn compare(notes: &mut Notes, machine: &Machine, direct: &Direct, found: &[IpAddr], listed: &[IpAddr]) {
    let by_hosts = !listed.is_empty() && found.iter().all(|ip| listed.contains(ip));
    let Some((server, answer)) = direct.counted().filter(|(_, answer)| answer.outcome.settles()) else { return };
    let common = answer.addresses().iter().any(|ip| found.contains(ip));
    if common {
        return;
    }
    let detail = if by_hosts && answer.outcome == Outcome::Found {
        notes.mark("probe.dns.disagree", "hosts_file");
        notes.mark("probe.dns.elsewhere", list(&answer.addresses()));
        format!("the hosts file sends the name to {}, the DNS to {}", list(found), list(&answer.addresses()))
    } else if by_hosts {
        notes.mark("probe.dns.disagree", "only_hosts_file");
        "the name is known to the hosts file of this machine only".to_owned()
    } else if answer.outcome == Outcome::Found {
        notes.mark("probe.dns.disagree", "other_addresses");
        notes.mark("probe.dns.elsewhere", list(&answer.addresses()));
        "the system and the name server give different addresses, as load balancing by DNS also does".to_owned()
    } else if let Some(whole) = by_search_domain(machine, server, &notes.host, found).await {
        notes.mark("probe.dns.search", whole.clone());
        format!("the system completed the name to {whole}, by a search domain of this machine")
    } else {
        notes.mark("probe.dns.disagree", "only_system");
        "the system knows the name, the name server does not: a VPN, a local cache or another source of names"
            .to_owned()
    };
    notes.details.push(detail);
}

/// The full name that the system made with a search domain, if that is where its addresses come from.
async fn by_search_domain(machine: &Machine, server: SocketAddr, host: &str, found: &[IpAddr]) -> Option<String> {
    for domain in machine.search.iter().take(3) {
        let whole = format!("{host}.{domain}");
        let answer = query::resolve(server, &whole, GRACE).await;
        if answer.addresses().iter().any(|ip| found.contains(ip)) {
            return Some(whole);
        }
    }
    None
}

/// The end of a look-up without addresses.
async fn not_found(mut notes: Notes, direct: &Direct, outcome: Outcome, system_asked: bool, began: Instant) -> Lookup {
    let milliseconds = began.elapsed().as_secs_f64() * 1000.0;
    let host = notes.host.clone();
    let counted = direct.counted();
    let whose = match counted {
        Some((server, answer)) if answer.outcome == outcome => format!("the name server {server}"),
        _ => "the system resolver".to_owned(),
    };
    let dangling = counted
        .filter(|(_, answer)| answer.outcome == outcome && !answer.circular)
        .and_then(|(_, answer)| answer.chain.last());
    let words = match outcome {
        Outcome::NotFound => match dangling {
            Some(target) => format!("{host} is an alias of {target}, and that name does not exist ({whose})"),
            None => format!("{host} does not exist ({whose})"),
        },
        Outcome::NoAddress => format!("{host} exists and has no address ({whose})"),
        Outcome::Refused => format!("{whose} refuses to answer for {host}"),
        Outcome::ServerFailure if counted.is_some_and(|(_, answer)| answer.circular) => {
            format!("the aliases of {host} go round in a circle ({whose})")
        }
        Outcome::ServerFailure if counted.is_some_and(|(_, answer)| answer.outcome == Outcome::Found) => {
            format!("the system resolver fails for {host}, though the name server knows it")
        }
        Outcome::ServerFailure => format!("{whose} failed to look {host} up"),
        Outcome::Garbage => format!("{whose} sends bytes that are no answer for {host}"),
        Outcome::Unreachable => format!("{whose} is not there: nothing listens, or there is no way to it"),
        Outcome::Found | Outcome::Timeout => format!("no name server answered for {host} in time"),
    };
    if system_asked && counted.is_some_and(|(_, answer)| answer.outcome == Outcome::Found) {
        notes.mark("probe.dns.disagree", "system_fails");
    }
    if outcome == Outcome::NotFound
        && dangling.is_none()
        && let Some((server, _)) = counted.filter(|(_, answer)| answer.outcome == Outcome::NotFound)
    {
        tell_near(&mut notes, near::look(server, &host, NEAR).await);
    }
    let (word, wrong) = match outcome {
        Outcome::NotFound => ("not_found", Wrong::NotFound),
        Outcome::NoAddress => ("no_address", Wrong::NotFound),
        Outcome::Refused => ("refused", Wrong::ServerFailure),
        Outcome::ServerFailure | Outcome::Garbage => ("server_failure", Wrong::ServerFailure),
        Outcome::Found | Outcome::Unreachable | Outcome::Timeout => ("timeout", Wrong::Timeout),
    };
    notes.fail(word, wrong, words, milliseconds)
}

fn tell_near(notes: &mut Notes, near: near::Near) {
    if let Some((parent, there)) = near.parent {
        match there {
            Some(true) => notes.details.push(format!("{parent} exists: the label before it is wrong or gone")),
            Some(false) => notes.details.push(format!("{parent} does not exist either")),
            None => {}
        }
        if let Some(there) = there {
            notes.mark("probe.dns.parent", if there { "exists" } else { "missing" });
            notes.mark("probe.dns.parent.name", parent);
        }
    }
    for name in near.names {
        notes.details.push(format!("{name} does exist"));
        notes.mark("probe.dns.near", name);
    }
}

/// What is wrong with the name itself, in words.
fn fault_of_name(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.len() > NAME_BYTES {
        return Some("it is longer than 253 bytes");
    }
    if !name.is_ascii() {
        return Some("letters outside ASCII must be written as xn-- labels");
    }
    if name.split('.').any(str::is_empty) {
        return Some("it has an empty label");
    }
    if name.split('.').any(|label| label.len() > LABEL_BYTES) {
        return Some("a label is longer than 63 bytes");
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.')) {
        return Some("it has characters that are not letters, digits, hyphens or dots");
    }
    None
}

/// A name from outside, made harmless.
fn shown(name: &str) -> String {
    name.chars().take(NAME_BYTES).map(|c| if c.is_control() { '?' } else { c }).collect()
}

fn list(addresses: &[IpAddr]) -> String {
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

/// The order of RFC 6724 as far as it matters here: addresses that this machine has a way to come first.
fn sorted(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.sort_by_key(|ip| (!has_route(*ip), ip.is_ipv4()));
    addresses
}

fn of_family(addresses: &[IpAddr], family: Family) -> Vec<IpAddr> {
    addresses
        .iter()
        .copied()
        .filter(|ip| match family {
            Family::Any => true,
            Family::V4 => ip.is_ipv4(),
            Family::V6 => ip.is_ipv6(),
        })
        .collect()
}

/// The kind of address, when all are of one kind.
fn common_scope(addresses: &[IpAddr]) -> Option<&'static str> {
    let mut scopes = addresses.iter().map(|ip| scope(*ip));
    let first = scopes.next()?;
    scopes.all(|scope| scope == first).then_some(first)
}

/// Where an address belongs (RFC 6890, RFC 4193).
pub(crate) fn scope(ip: IpAddr) -> &'static str {
    match ip {
        IpAddr::V4(ip) if ip.is_unspecified() => "unspecified",
        IpAddr::V4(ip) if ip.is_loopback() => "loopback",
        IpAddr::V4(ip) if ip.is_private() => "private",
        IpAddr::V4(ip) if ip.is_link_local() => "link_local",
        IpAddr::V4(_) => "public",
        IpAddr::V6(ip) if ip.is_unspecified() => "unspecified",
        IpAddr::V6(ip) if ip.is_loopback() => "loopback",
        IpAddr::V6(ip) if ip.is_unique_local() => "private",
        IpAddr::V6(ip) if ip.is_unicast_link_local() => "link_local",
        IpAddr::V6(_) => "public",
    }
}

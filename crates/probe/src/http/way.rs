//! The way to the server: name, connection, proxy, TLS, each measured by the part that knows it.

use super::tap::Wire;
use crate::exchange::{Failure, Phase, Wrong};
use crate::target::{Connect, NO_PROXY_SET, ProxyChoice, Target, Versions};
use crate::walk::{State, Step, Untested};
use crate::{dns, proxy, tcp, tls};
use firstfault_model::{Layer, Response, Timings};
use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The end of the way, or where it ended.
pub(crate) struct Reached {
    /// The connection on which the request is sent.
    pub stream: Option<Box<dyn Wire>>,
    /// HTTP/2 was agreed on.
    pub h2: bool,
    /// The client certificate that the server asked for.
    pub asked: Option<tls::ClientCertificate>,
    /// The request goes to a forward proxy, which wants the whole URL, with this credential.
    pub forward: Option<Option<String>>,
    /// One for each part of the way.
    pub steps: Vec<Step>,
    /// Facts.
    pub marks: Vec<(String, String)>,
    /// What could not be looked at.
    pub untested: Vec<Untested>,
    /// Where it ended.
    pub failure: Option<Failure>,
    /// What a proxy answered that gave no tunnel.
    pub response: Option<Response>,
    /// How long each part took.
    pub timings: Timings,
    /// The address of the connection.
    pub peer: Option<SocketAddr>,
    /// The server's own address, when the connection goes straight to it.
    pub server: Option<SocketAddr>,
    /// When it began.
    pub began: Instant,
    /// The same, in milliseconds since the Unix epoch.
    pub started: i64,
}

/// Milliseconds since the Unix epoch, by this machine's clock.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// Goes the way to the server of a target.
pub(crate) async fn reach(target: &Target) -> Reached {
    let mut way = Reached {
        stream: None,
        h2: false,
        asked: None,
        forward: None,
        steps: Vec::new(),
        marks: Vec::new(),
        untested: Vec::new(),
        failure: None,
        response: None,
        timings: Timings::default(),
        peer: None,
        server: None,
        began: Instant::now(),
        started: now_ms(),
    };
    match walk(target, &mut way).await {
        Ok(()) => way.marks.push(("connected".to_owned(), "true".to_owned())),
        Err(failure) => way.failure = Some(failure),
    }
    way
}

/// True for a host with the marks of a variable in it, which no name has: `${HOST}`, `{{host}}`, `<your-host>`.
fn is_template(host: &str) -> bool {
    host.contains(['$', '{', '}', '<', '>'])
}

/// A failure of a phase that had no time left.
fn late(phase: Phase, connect: &Connect) -> Failure {
    let words = format!("not done within {} s", connect.max_time.as_secs_f64());
    Failure { phase, wrong: Wrong::Timeout, words }
}

async fn walk(target: &Target, way: &mut Reached) -> Result<(), Failure> {
    let deadline = tokio::time::Instant::from_std(way.began + target.connect.max_time);
    let local = |words: String| Failure { phase: Phase::Connect, wrong: Wrong::Local, words };
    let secure = target.secure();
    if secure {
        tls::read_ahead(&target.connect);
    }
    way.marks.extend(proxy::marks(&target.connect.proxy));
    if let ProxyChoice::Direct { why } = &target.connect.proxy
        && why != NO_PROXY_SET
    {
        way.steps.push(Step {
            layer: Layer::Network,
            name: "proxy",
            state: State::Passed,
            milliseconds: None,
            says: format!("no proxy is used: {why}"),
            details: Vec::new(),
        });
    }
    let (host, port) = target.authority().ok_or_else(|| local("expected a URL with a host, found none".to_owned()))?;
    let (next_host, next_port) = match &target.connect.proxy {
        ProxyChoice::Direct { .. } => (host.clone(), port),
        // What is still to be filled in is no name, and nothing to ask a proxy for.
        ProxyChoice::Via { .. } if is_template(&host) => (host.clone(), port),
        ProxyChoice::Via { host, port, .. } => (host.clone(), *port),
    };

    let addresses = tokio::time::timeout_at(deadline, addresses(target, way, &next_host, next_port))
        .await
        .unwrap_or_else(|_| {
            let failure = late(Phase::Dns, &target.connect);
            way.steps.push(failed("dns", &failure));
            Err(failure)
        })?;

    let connected = tokio::time::timeout_at(deadline, tcp::connect(&addresses, &target.connect)).await;
    let Ok(connected) = connected else {
        let failure = late(Phase::Connect, &target.connect);
        way.steps.push(failed("tcp", &failure));
        return Err(failure);
    };
    way.steps.push(connected.step);
    way.marks.extend(connected.marks);
    way.timings.connect = Some(connected.milliseconds);
    way.peer = connected.peer;
    let Some(mut stream) = connected.stream else {
        return Err(connected.failure.unwrap_or_else(|| local("no connection was made".to_owned())));
    };

    if let ProxyChoice::Via { scheme, credential, host: proxy_host, .. } = &target.connect.proxy {
        let forwards = matches!(scheme.as_str(), "http" | "https");
        if forwards && !secure {
            way.forward = Some(credential.clone());
        }
        match (scheme.as_str(), forwards && !secure) {
            ("https", false) => {
                let words = "expected a proxy without TLS for a server with TLS: TLS inside TLS is not spoken here";
                let failure = Failure { phase: Phase::Proxy, wrong: Wrong::Local, words: words.to_owned() };
                way.steps.push(failed("proxy", &failure));
                return Err(failure);
            }
            ("https", true) => {
                // The absolute form goes to a proxy by HTTP/1.1.
                let to_proxy = Connect { http: Versions::Http1, ..target.connect.clone() };
                return handshake(&to_proxy, way, stream, proxy_host, deadline).await;
            }
            (_, true) => {
                way.steps.push(Step {
                    layer: Layer::Network,
                    name: "proxy",
                    state: State::Passed,
                    milliseconds: None,
                    says: format!("the request is handed to the proxy {}", target.connect.proxy.place()),
                    details: vec![format!("set by {}", target.connect.proxy.why())],
                });
            }
            (_, false) => {
                let asked = proxy::tunnel(stream, &target.connect.proxy, &host, port, &target.connect);
                let Ok(tunnel) = tokio::time::timeout_at(deadline, asked).await else {
                    let failure = late(Phase::Proxy, &target.connect);
                    way.steps.push(failed("proxy", &failure));
                    return Err(failure);
                };
                let mut step = tunnel.step;
                step.details.push(format!("set by {}", target.connect.proxy.why()));
                way.steps.push(step);
                way.marks.extend(tunnel.marks);
                way.response = tunnel.response;
                // HAR and our timings have no phase for it: it belongs to getting connected.
                way.timings.connect = way.timings.connect.map(|connect| connect + tunnel.milliseconds);
                let failure = tunnel.failure;
                let Some(open) = tunnel.stream else {
                    return Err(failure.unwrap_or_else(|| local("the proxy gave no tunnel".to_owned())));
                };
                stream = open;
            }
        }
    } else {
        way.server = way.peer;
    }
    let _ = stream.set_nodelay(true);
    if secure {
        return handshake(&target.connect, way, stream, &host, deadline).await;
    }
    way.stream = Some(Box::new(stream));
    Ok(())
}

async fn handshake(
    connect: &Connect,
    way: &mut Reached,
    stream: tokio::net::TcpStream,
    host: &str,
    deadline: tokio::time::Instant,
) -> Result<(), Failure> {
    let _ = stream.set_nodelay(true);
    let shaken = tls::handshake(stream, host, connect, now_ms());
    let Ok(shaken) = tokio::time::timeout_at(deadline, shaken).await else {
        let failure = late(Phase::Tls, connect);
        way.steps.push(failed("tls", &failure));
        return Err(failure);
    };
    way.steps.push(shaken.step);
    way.marks.extend(shaken.marks);
    way.timings.tls = Some(shaken.milliseconds);
    way.h2 = shaken.h2;
    way.asked = shaken.asked;
    let failure = shaken.failure;
    let Some(stream) = shaken.stream else {
        return Err(failure.unwrap_or_else(|| Failure {
            phase: Phase::Tls,
            wrong: Wrong::Protocol,
            words: "no handshake".to_owned(),
        }));
    };
    way.stream = Some(Box::new(stream));
    Ok(())
}

/// Where to connect to: what `--connect-to`, `--resolve` or the one address say, a literal, or what the name has.
async fn addresses(target: &Target, way: &mut Reached, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
    let connect = &target.connect;
    let (mut name, mut to_port) = (host.to_owned(), port);
    let mut fixed: Vec<SocketAddr> = Vec::new();
    // Once for --connect-to, and once more for --resolve of where that leads.
    for _ in 0..2 {
        let places: Vec<&(String, u16)> = connect
            .elsewhere
            .iter()
            .filter(|((from, from_port), _)| {
                (from.eq_ignore_ascii_case(&name) || from.is_empty() || from == "*")
                    && (*from_port == to_port || *from_port == 0)
            })
            .map(|(_, to)| to)
            .collect();
        let Some((first, first_port)) = places.first() else { break };
        fixed =
            places.iter().filter_map(|(to, p)| Some(SocketAddr::new(to.parse().ok()?, some(*p, to_port)))).collect();
        if !fixed.is_empty() {
            break;
        }
        if !first.is_empty() {
            name.clone_from(first);
        }
        to_port = some(*first_port, to_port);
    }
    if let Some(only) = connect.only {
        fixed = vec![SocketAddr::new(only, to_port)];
    }
    if !fixed.is_empty() {
        let shown = fixed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        way.marks.push(("probe.dns".to_owned(), "not_needed".to_owned()));
        way.steps.push(Step {
            layer: Layer::Network,
            name: "dns",
            state: State::Passed,
            milliseconds: None,
            says: format!("{host} was not looked up: the address {shown} was given"),
            details: Vec::new(),
        });
        return Ok(fixed);
    }
    let found = dns::look_up(&name, connect).await;
    way.steps.push(found.step);
    way.marks.extend(found.marks);
    way.untested.extend(found.untested);
    way.timings.dns = Some(found.milliseconds);
    if found.addresses.is_empty() {
        let words = format!("{name} has no address");
        return Err(found.failure.unwrap_or(Failure { phase: Phase::Dns, wrong: Wrong::NotFound, words }));
    }
    Ok(found.addresses.iter().map(|address| SocketAddr::new(*address, to_port)).collect())
}

/// A port that is given, or the other.
fn some(port: u16, other: u16) -> u16 {
    if port == 0 { other } else { port }
}

fn failed(name: &'static str, failure: &Failure) -> Step {
    Step {
        layer: Layer::Network,
        name,
        state: State::Failed,
        milliseconds: None,
        says: failure.words.clone(),
        details: Vec::new(),
    }
}

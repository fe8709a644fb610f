//! A gateway in front of backends, in the person of one of several products: their pages, fields and log lines.
//!
//! What happens behind it really happens: connections are refused, handshakes fail, clocks run out. It refuses to know
//! what a scenario wants to show.

pub mod backend;
pub mod certificate;
mod products;
pub mod quota;
mod show;
mod trouble;

pub use backend::Backend;
pub use products::Product;
pub use quota::{Dialect, Quota};

use crate::systems::fetch::{self, Fault, Way};
use crate::systems::moment::Moment;
use crate::systems::{Opened, System};
use crate::{Answer, Asked, Journal, Reply, World};
use quota::{Count, Spent};
use rustls::pki_types::ServerName;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use trouble::{Rule, Told, Trouble};

/// The port that it listens on where ports are named.
pub const PORT: u16 = 8010;

/// For the list of systems.
pub const SYSTEMS: &[System] = &[System {
    name: "gateway",
    port: PORT,
    what: "gateways of ten products on this port and the nine after it: /v1/orders works, /refused, /reset, /garbage, \
           /certificate, /name, /unhealthy, /cut and /read-only do not",
    start: |world| {
        Box::pin(async move {
            let started = start_all(&world).await?;
            let at =
                started.first().map(|(_, at)| *at).ok_or_else(|| io::Error::other("expected a gateway, found none"))?;
            let call = |at: SocketAddr, path: &str| ["-i".to_owned(), format!("http://{at}{path}")];
            let mut opened = Opened::at(at)
                .with("what works", call(at, "/v1/orders"))
                .with("30 s against a backend that takes 31", call(at, "/v1/reports/annual"))
                .with("no route", call(at, "/nowhere"))
                .with("the WAF", call(at, "/v1/orders?q=union+select"));
            for (product, at) in started {
                opened = opened.with(product.title(), call(at, "/refused"));
            }
            Ok(opened)
        })
    },
}];

/// How a gateway is set up. The default passes everything under `/` to nothing.
#[derive(Clone, Debug)]
pub struct Config {
    /// Which product.
    pub product: Product,
    /// Tried in order; the first prefix that fits.
    pub routes: Vec<Route>,
    /// The longest body, in bytes.
    pub body_limit: usize,
    /// The longest head without the request line, in bytes.
    pub head_limit: usize,
    /// The longest target, in bytes.
    pub uri_limit: usize,
    /// Request fields that do not get through.
    pub strips: Vec<&'static str>,
    /// User agents whose name begins so are blocked.
    pub blocked_agents: Vec<&'static str>,
    /// Words in target or body that are blocked.
    pub blocked_words: Vec<&'static str>,
    /// Allowance of calls.
    pub quota: Option<Quota>,
    /// Calls at the same time.
    pub concurrency: Option<usize>,
    /// Everything is answered with a maintenance page.
    pub maintenance: bool,
    /// Everything is sent elsewhere: status, and what stands before the path.
    pub redirect: Option<(u16, String)>,
    /// Cross-origin calls are judged here.
    pub cors: Option<Cors>,
    /// Answers to GET are kept so long, errors too.
    pub cache: Option<Duration>,
    /// Further attempts after a connection that failed.
    pub retries: u32,
    /// After so many failures in a row no backend is tried for half a minute.
    pub circuit: Option<u32>,
    /// RFC 9209, with this name of the gateway.
    pub proxy_status: Option<&'static str>,
    /// Where it listens when ports are named; another where several run.
    pub port: u16,
    /// TLS for clients.
    pub tls: Option<Arc<rustls::ServerConfig>>,
}

/// Which origins, methods and fields a preflight may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins.
    pub origins: Vec<&'static str>,
    /// Methods, as the field has them.
    pub methods: &'static str,
    /// Fields, as the field has them.
    pub headers: &'static str,
}

/// A part of the paths, and where it goes.
#[derive(Clone, Debug)]
pub struct Route {
    /// What paths begin with.
    pub prefix: &'static str,
    /// What stands there instead, behind the gateway.
    pub rewrite: Option<&'static str>,
    /// Methods that pass; all when empty.
    pub methods: Vec<&'static str>,
    /// Where it goes.
    pub to: Target,
    /// How long the backend may take.
    pub timeout: Duration,
}

/// What is behind a route.
#[derive(Clone, Debug)]
pub enum Target {
    /// One server.
    At(SocketAddr),
    /// One server, over TLS, under a name that its certificate must have.
    Tls(SocketAddr, Arc<rustls::ClientConfig>, ServerName<'static>),
    /// A pool whose health checks all fail.
    Unhealthy,
    /// A name that the gateway's name server does not know.
    Name(&'static str),
}

impl Config {
    /// A gateway that passes everything under `/v1` and `/health` to one server, for 30 s each.
    #[must_use]
    pub fn to(product: Product, target: Target) -> Self {
        let route =
            |prefix, to| Route { prefix, rewrite: None, methods: Vec::new(), to, timeout: Duration::from_secs(30) };
        Self {
            product,
            routes: vec![route("/v1", target.clone()), route("/health", target)],
            body_limit: 1024 * 1024,
            head_limit: 8 * 1024,
            uri_limit: 8 * 1024,
            strips: Vec::new(),
            blocked_agents: Vec::new(),
            blocked_words: Vec::new(),
            quota: None,
            concurrency: None,
            maintenance: false,
            redirect: None,
            cors: None,
            cache: None,
            retries: 0,
            circuit: None,
            proxy_status: None,
            port: PORT,
            tls: None,
        }
    }

    /// The same with another timeout on every route.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        for route in &mut self.routes {
            route.timeout = timeout;
        }
        self
    }
}

/// Starts it.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World, config: Config) -> io::Result<SocketAddr> {
    let (port, tls) = (config.port, config.tls.clone());
    let count = config.quota.as_ref().map(Count::of);
    let state = State { count, cached: BTreeMap::new(), failures: 0, closed_until: None };
    let place = Arc::new(OnceLock::new());
    let gateway = Arc::new(Gateway {
        config,
        journal: world.journal(),
        place: place.clone(),
        state: Mutex::new(state),
        busy: AtomicUsize::new(0),
    });
    let address = world
        .serve("gateway", port, tls, move |asked| {
            let gateway = gateway.clone();
            async move { gateway.answer(&asked).await }
        })
        .await?;
    let _ = place.set(address);
    Ok(address)
}

/// All products side by side, nginx on [`PORT`] and the others on the ports after it, each with one path for each way to
/// fail. A backend that works is behind `/v1`.
///
/// # Errors
/// When a port is taken.
pub async fn start_all(world: &World) -> io::Result<Vec<(Product, SocketAddr)>> {
    let fixture = show::Fixture::start(world).await?;
    let mut started = Vec::new();
    for (product, port) in Product::ALL.into_iter().zip(PORT..) {
        let config = Config { port, ..fixture.config(product) };
        started.push((product, start(world, config).await?));
    }
    Ok(started)
}

struct Gateway {
    config: Config,
    journal: Journal,
    place: Arc<OnceLock<SocketAddr>>,
    state: Mutex<State>,
    busy: AtomicUsize,
}

struct State {
    count: Option<Count>,
    cached: BTreeMap<String, (Reply, Instant)>,
    failures: u32,
    closed_until: Option<Instant>,
}

/// What became of a call behind the gateway.
#[derive(Default)]
struct Passed {
    upstream: Option<SocketAddr>,
    target: String,
    status: Option<u16>,
    attempts: u32,
    cached: bool,
    allowance: Option<Spent>,
}

/// A call that is under way, until it is dropped.
struct Busy<'a>(&'a AtomicUsize);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Gateway {
    async fn answer(&self, asked: &Asked) -> Answer {
        let Config { product, .. } = self.config;
        let id = asked.header("x-request-id").map_or_else(|| product.id(), str::to_owned);
        let begun = Moment::now();
        let mut passed = Passed::default();
        let outcome = self.serve(asked, &id, &mut passed).await;
        let trouble = outcome.as_ref().err().cloned();
        let place = self.place.get().copied().unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], PORT)));
        let mut told = Told {
            asked,
            id: &id,
            begun,
            elapsed: Moment::now().milliseconds - begun.milliseconds,
            upstream: passed.upstream,
            upstream_target: &passed.target,
            upstream_status: passed.status,
            attempts: passed.attempts,
            trouble: trouble.as_ref(),
            place,
            status: 0,
            bytes: 0,
            cached: passed.cached,
        };
        let mut reply = match outcome {
            Ok(reply) => product.passed(reply, &told),
            Err(trouble) => {
                let own = self.page(&trouble, &told);
                match trouble.proxy_status().zip(self.config.proxy_status) {
                    Some((error, name)) => own.with("Proxy-Status", product.proxy_status(name, error, &trouble)),
                    None => own,
                }
            }
        };
        if let Some(spent) = passed.allowance.filter(|_| trouble.is_none()) {
            reply = spent.tell(reply, false);
        }
        (told.status, told.bytes) = (reply.status, reply.body.len());
        for line in product.lines(&told) {
            self.journal.log(product.name(), line);
        }
        reply.into()
    }

    /// The page of a trouble: the operator's own body for an allowance, else the product's.
    fn page(&self, trouble: &Trouble, told: &Told<'_>) -> Reply {
        let page = self.config.product.page(trouble, told);
        let Trouble::Quota(spent) = trouble else { return page };
        let page = match spent.body {
            Some(body) => {
                let mut page = page;
                page.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-type"));
                page.body = body.as_bytes().to_vec();
                page.with("Content-Type", "application/json")
            }
            None => page,
        };
        spent.tell(page, true)
    }

    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(&self, asked: &Asked, id: &str, passed: &mut Passed) -> Result<Reply, Trouble> {
        let config = &self.config;
        let target =
            if asked.query.is_empty() { asked.path.clone() } else { format!("{}?{}", asked.path, asked.query) };
        if config.maintenance {
            return Err(Trouble::Maintenance);
        }
        if target.len() > config.uri_limit {
            return Err(Trouble::UriTooLong);
        }
        if asked.head_size() - target.len() > config.head_limit {
            return Err(Trouble::HeadTooLarge);
        }
        if let Some((status, base)) = &config.redirect {
            return Ok(config.product.moved(*status, format!("{base}{target}")));
        }
        self.filter(asked, &target)?;
        let route = config.routes.iter().find(|route| covers(route.prefix, &asked.path)).ok_or(Trouble::NoRoute)?;
        if let Some(answer) = self.preflight(asked) {
            return answer;
        }
        let sent = asked.method.as_str();
        let has = |method: &&str| *method == sent || sent == "HEAD" && *method == "GET";
        if !route.methods.is_empty() && !route.methods.iter().any(has) {
            if sent == "OPTIONS" {
                return Ok(Reply::empty(204).with("Allow", route.methods.join(", ")));
            }
            return Err(Trouble::Method(route.methods.join(", ")));
        }
        if let Some(quota) = &config.quota {
            let taken = self.with(|state| state.count.as_mut().map(|count| count.take(quota)));
            passed.allowance = taken.transpose().map_err(Trouble::Quota)?;
        }
        let busy = self.busy.fetch_add(1, Ordering::Relaxed);
        let _busy = Busy(&self.busy);
        if let Some(limit) = config.concurrency.filter(|limit| busy >= *limit) {
            return Err(Trouble::Concurrency { limit });
        }
        if asked.body.len() > config.body_limit {
            return Err(Trouble::BodyTooLarge);
        }
        let mut reply = match self.kept(asked, &target) {
            Some(reply) => {
                passed.cached = true;
                reply
            }
            None => {
                let reply = self.ask(asked, id, route, passed).await?;
                if config.cache.is_some() && asked.method == "GET" {
                    self.with(|state| state.cached.insert(target, (reply.clone(), Instant::now())));
                }
                reply
            }
        };
        let origin = asked.header("origin");
        if let Some(origin) = config.cors.as_ref().zip(origin).and_then(|(cors, origin)| cors.takes(origin)) {
            reply = reply.with("Access-Control-Allow-Origin", origin).with("Vary", "Origin");
        }
        Ok(reply)
    }

    /// The WAF.
    fn filter(&self, asked: &Asked, target: &str) -> Result<(), Trouble> {
        let agent = asked.header("user-agent").unwrap_or_default().to_ascii_lowercase();
        if self.config.blocked_agents.iter().any(|blocked| agent.starts_with(blocked)) {
            return Err(Trouble::Waf(Rule::UserAgent));
        }
        let body = String::from_utf8_lossy(&asked.body).to_ascii_lowercase();
        let target = target.to_ascii_lowercase();
        let found = |word: &&str| body.contains(*word) || target.contains(*word);
        if self.config.blocked_words.iter().any(found) { Err(Trouble::Waf(Rule::Pattern)) } else { Ok(()) }
    }

    /// Answers a preflight where the gateway judges them.
    fn preflight(&self, asked: &Asked) -> Option<Result<Reply, Trouble>> {
        let (cors, origin) = (self.config.cors.as_ref()?, asked.header("origin")?);
        asked.header("access-control-request-method").filter(|_| asked.method == "OPTIONS")?;
        let Some(origin) = cors.takes(origin) else { return Some(Err(Trouble::Origin)) };
        let reply = Reply::empty(200)
            .with("Access-Control-Allow-Origin", origin)
            .with("Vary", "Origin")
            .with("Access-Control-Allow-Methods", cors.methods)
            .with("Access-Control-Allow-Headers", cors.headers);
        Some(Ok(reply))
    }

    /// An answer that is still kept, with its age.
    fn kept(&self, asked: &Asked, target: &str) -> Option<Reply> {
        let lifetime = self.config.cache.filter(|_| asked.method == "GET" || asked.method == "HEAD")?;
        let (reply, since) = self.with(|state| state.cached.get(target).cloned())?;
        let age = since.elapsed();
        let left = lifetime.checked_sub(age)?;
        Some(self.config.product.cached(reply, age, left))
    }

    async fn ask(&self, asked: &Asked, id: &str, route: &Route, passed: &mut Passed) -> Result<Reply, Trouble> {
        let shut = |state: &mut State| state.closed_until.is_some_and(|until| Instant::now() < until);
        if self.with(shut) {
            return Err(Trouble::CircuitOpen);
        }
        let path = match route.rewrite {
            Some(instead) => format!("{instead}{}", &asked.path[route.prefix.len()..]),
            None => asked.path.clone(),
        };
        passed.target = if asked.query.is_empty() { path } else { format!("{path}?{}", asked.query) };
        let way = match &route.to {
            Target::Unhealthy => return Err(Trouble::NoHealthyBackend),
            Target::Name(name) => return Err(Trouble::Dns((*name).to_owned())),
            Target::At(place) => Way::plain(*place, route.timeout),
            Target::Tls(place, config, name) => {
                Way { tls: Some((config.clone(), name.clone())), ..Way::plain(*place, route.timeout) }
            }
        };
        passed.upstream = Some(way.place);
        let request = self.forwarded(asked, id, &passed.target);
        loop {
            passed.attempts += 1;
            let outcome = fetch::ask(&way, &request, asked.method == "HEAD").await;
            let failed = outcome.is_err();
            self.with(|state| {
                state.failures = if failed { state.failures.saturating_add(1) } else { 0 };
                if self.config.circuit.is_some_and(|limit| state.failures >= limit) {
                    state.closed_until = Some(Instant::now() + Duration::from_secs(30));
                }
            });
            let trouble = match outcome {
                Ok(reply) => {
                    passed.status = Some(reply.status);
                    return Ok(reply);
                }
                Err(Fault::Refused) => Trouble::Refused,
                Err(Fault::ConnectTimeout) => Trouble::ConnectTimeout,
                Err(Fault::Tls(why)) => Trouble::Tls(why),
                Err(Fault::Reset) => Trouble::Reset,
                Err(Fault::Closed) => Trouble::Closed,
                Err(Fault::Malformed) => Trouble::Malformed,
                Err(Fault::Timeout) => Trouble::Timeout,
            };
            if passed.attempts > self.config.retries || !trouble.passing() {
                return Err(trouble);
            }
        }
    }

    /// The request as the backend sees it.
    fn forwarded(&self, asked: &Asked, id: &str, target: &str) -> Vec<u8> {
        let hop = ["host", "connection", "content-length", "transfer-encoding", "expect", "x-request-id", "keep-alive"];
        let stays = |name: &str| {
            let drops = |dropped: &&str| dropped.eq_ignore_ascii_case(name);
            !hop.iter().any(drops) && !self.config.strips.iter().any(drops)
        };
        let mut head =
            format!("{} {target} HTTP/1.1\r\nHost: {}\r\n", asked.method, asked.header("host").unwrap_or("orders"));
        for (name, value) in asked.headers.iter().filter(|(name, _)| stays(name)) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let client = asked.peer.map_or_else(String::new, |peer| peer.ip().to_string());
        head.push_str(&format!("X-Forwarded-For: {client}\r\nX-Request-Id: {id}\r\nConnection: close\r\n"));
        if !asked.body.is_empty() || matches!(asked.method.as_str(), "POST" | "PUT" | "PATCH") {
            head.push_str(&format!("Content-Length: {}\r\n", asked.body.len()));
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        request.extend_from_slice(&asked.body);
        request
    }
}

impl Cors {
    fn takes(&self, origin: &str) -> Option<&'static str> {
        self.origins.iter().copied().find(|known| *known == origin)
    }
}

/// Whether a prefix covers a path, at a border between segments.
fn covers(prefix: &str, path: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || prefix.ends_with('/'))
}

#[cfg(test)]
mod tests;

//! A CRM with customers and tickets, as an API of its kind really behaves: versions, keys with roles and tenants,
//! validation with pointers, conditional writes, idempotency keys, signed webhooks, one log line for each request.
//!
//! `docs/lab-crm-chat.md` lists endpoints and keys. What a scenario breaks is said by [`Options`]; the rest stays sound,
//! so that whoever asks around gets true answers.

mod customers;
mod errors;
mod keys;
mod openapi;
mod parameters;
mod routes;
mod tickets;
mod validate;
mod webhooks;

pub use errors::{Complaint, Detail};
pub use keys::{KEYS, Key, Role};
pub use validate::{Kind, Rule, check};

use crate::systems::{self, Opened, System, stamp};
use crate::{Answer, Asked, Journal, Reply, World};
use routes::{Route, Version};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The port of the CRM where ports are named.
pub const PORT: u16 = 8004;
/// The name under which it listens and logs.
pub const NAME: &str = "crm";
/// The secret that chat platform and CRM share, unless told otherwise.
pub const SECRET: &str = "whsec_bGFiLWNoYXQtdG8tY3JtLXNoYXJlZC1zZWNyZXQ=";

/// Answers in place of the application, or lets it.
pub type Before = Arc<dyn Fn(&Asked, &Moment) -> Option<Answer> + Send + Sync>;
/// Changes what the application answered.
pub type After = Arc<dyn Fn(&Asked, Reply) -> Reply + Send + Sync>;

/// What a scenario may break.
#[derive(Clone)]
pub struct Options {
    /// What answers say of their server: a gateway in front puts its own name there.
    pub server: &'static str,
    /// Errors say no more than their status.
    pub terse: bool,
    /// The secret that signatures of webhooks are checked with.
    pub secret: String,
    /// The token that webhooks must bear, when they must.
    pub token: Option<String>,
    /// How long a webhook is worked on before it is acknowledged.
    pub webhook_work: Duration,
    /// Whether an event that came before is known again.
    pub deduplicates: bool,
    /// How long a look-up of a customer takes.
    pub lookup_work: Duration,
    /// Comes before the application.
    pub before: Option<Before>,
    /// Comes after it.
    pub after: Option<After>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            server: "crm-api",
            terse: false,
            secret: SECRET.to_owned(),
            token: None,
            webhook_work: Duration::ZERO,
            deduplicates: true,
            lookup_work: Duration::ZERO,
            before: None,
            after: None,
        }
    }
}

/// What there is to know when a request comes.
#[derive(Clone, Debug)]
pub struct Moment {
    /// How many requests came for this path, this one too.
    pub number: u64,
    /// How many are being answered, this one too.
    pub in_flight: u64,
    /// The tenant that the credential stands for.
    pub tenant: Option<&'static str>,
}

/// A running CRM.
#[derive(Clone)]
pub struct Crm {
    /// Where it listens.
    pub address: SocketAddr,
    app: Arc<App>,
}

impl Crm {
    /// The absolute URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until so many requests are under way; not for ever.
    pub async fn busy(&self, requests: u64) {
        for _ in 0..12_000 {
            if self.app.in_flight.load(Ordering::SeqCst) >= requests {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// All tickets, by id.
    #[must_use]
    pub fn tickets(&self) -> Vec<Value> {
        self.app.with(|state| state.tickets.values().map(|ticket| ticket.resource.clone()).collect())
    }
}

/// For `firstfault lab`.
pub const SYSTEMS: &[System] = &[System {
    name: NAME,
    port: PORT,
    what: "a CRM with customers and tickets (docs/lab-crm-chat.md): /v1/customers, /v1/tickets, /v2, /webhooks/chat",
    start: |world| {
        Box::pin(async move {
            let at = start(&world).await?;
            let key = format!("Authorization: Bearer {}", KEYS[0].secret);
            let json = "Content-Type: application/json";
            let url = |path: &str| format!("http://{at}{path}");
            let body = r#"{"customerId":"cus_1001","subject":"Cannot sign in"}"#;
            Ok(Opened::at(at)
                .with("a customer", ["-H", &key, &url("/v1/customers/cus_1001")])
                .with("a ticket without its caseType", ["-H", &key, "-H", json, "-d", body, &url("/v1/tickets")])
                .with("a path without its version", ["-H", &key, &url("/customers/cus_1001")]))
        })
    },
}];

/// Starts a healthy CRM.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World) -> io::Result<SocketAddr> {
    Ok(start_with(world, Options::default()).await?.address)
}

/// Starts a CRM with faults.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(world: &World, options: Options) -> io::Result<Crm> {
    let state = Mutex::new(State { tickets: tickets::seed(), ..State::default() });
    let app = Arc::new(App { journal: world.journal(), options, state, in_flight: AtomicU64::new(0) });
    let serving = Arc::clone(&app);
    let address = world
        .serve(NAME, PORT, None, move |asked| {
            let app = Arc::clone(&serving);
            async move { app.answer(asked).await }
        })
        .await?;
    Ok(Crm { address, app })
}

/// Whether the CRM has an endpoint at a path.
#[must_use]
pub fn has_route(path: &str) -> bool {
    routes::find(path).is_ok()
}

/// What the CRM answers a request whose key it does not take.
#[must_use]
pub fn refuses_key(asked: &Asked) -> Option<Reply> {
    let complaint = *keys::authenticate(asked).err()?;
    Some(complaint.render(routes::version(&asked.path) == Version::Two, false, &asked.path, &stamp::uuid()))
}

struct App {
    journal: Journal,
    options: Options,
    state: Mutex<State>,
    in_flight: AtomicU64,
}

#[derive(Default)]
struct State {
    tickets: BTreeMap<String, Ticket>,
    /// Answers by tenant and idempotency key, with the body that they answered.
    answered: BTreeMap<(String, String), (Vec<u8>, Reply)>,
    /// Events by their id, with the ticket that came of them; none yet while it is made.
    events: BTreeMap<String, Option<String>>,
    counts: BTreeMap<String, u64>,
}

/// A ticket as it is kept.
#[derive(Clone, Debug)]
struct Ticket {
    tenant: String,
    version: u64,
    resource: Value,
}

/// One request on its way through the application.
struct Visit<'a> {
    asked: &'a Asked,
    request_id: String,
    correlation_id: String,
    version: Version,
}

impl App {
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn answer(&self, asked: Asked) -> Answer {
        let start = Instant::now();
        let in_flight = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        let number = self.with(|state| {
            let count = state.counts.entry(asked.path.clone()).or_default();
            *count += 1;
            *count
        });
        let tenant = keys::find(&asked).and_then(|key| key.tenants.first().copied());
        let moment = Moment { number, in_flight, tenant };
        let given = |name: &str| asked.header(name).filter(|id| id.len() <= 128).map(str::to_owned);
        let request_id = given("x-request-id").unwrap_or_else(stamp::uuid);
        let correlation_id = given("x-correlation-id").unwrap_or_else(|| request_id.clone());
        let version = routes::version(&asked.path);
        let visit = Visit { asked: &asked, request_id, correlation_id, version };
        let early = self.options.before.as_ref().and_then(|before| before(&asked, &moment));
        let answer = match early {
            Some(answer) => answer,
            None => Answer::Http(self.dispatch(&visit).await),
        };
        let answer = match answer {
            Answer::Http(mut reply) => {
                if let Some(after) = &self.options.after {
                    reply = after(&asked, reply);
                }
                // What the answer waits is waited here, so that the log and the count of requests under way are true.
                tokio::time::sleep(std::mem::take(&mut reply.after)).await;
                self.log(&visit, &reply, start.elapsed());
                Answer::Http(seal(&visit, self.options.server, reply))
            }
            wire => wire,
        };
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        answer
    }

    /// One line for each request that was answered.
    fn log(&self, visit: &Visit<'_>, reply: &Reply, took: Duration) {
        let asked = visit.asked;
        let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
        let level = match reply.status {
            500.. => "error",
            400.. => "warn",
            _ => "info",
        };
        let mut line = vec![
            ("time", json!(systems::now())),
            ("level", json!(level)),
            ("service", json!(NAME)),
            ("msg", json!("request completed")),
            ("request_id", json!(visit.request_id)),
            ("correlation_id", json!(visit.correlation_id)),
            ("method", json!(asked.method)),
            ("path", json!(format!("{}{query}", asked.path))),
            ("status", json!(reply.status)),
            ("duration_ms", json!(u64::try_from(took.as_millis()).unwrap_or(u64::MAX))),
        ];
        let release = reply.headers.iter().find(|(name, _)| name == "X-Crm-Release");
        line.push(("release", json!(release.map_or(RELEASE, |(_, value)| value))));
        if let Some(key) = keys::find(asked) {
            line.push(("tenant", json!(key.tenants.first())));
        }
        if let Some(event) = asked.header("webhook-id") {
            line.push(("webhook_id", json!(event)));
        }
        if reply.status >= 400 {
            line.push(("error", json!(errors::summary(reply))));
        }
        self.journal.log(NAME, stamp::line(&line));
    }

    async fn dispatch(&self, visit: &Visit<'_>) -> Reply {
        match self.handle(visit).await {
            Ok(reply) => reply,
            Err(complaint) => {
                let complaint = *complaint;
                complaint.render(
                    visit.version == Version::Two,
                    self.options.terse,
                    &visit.asked.path,
                    &visit.request_id,
                )
            }
        }
    }

    async fn handle(&self, visit: &Visit<'_>) -> Result<Reply, Box<Complaint>> {
        let asked = visit.asked;
        let route = routes::find(&asked.path)?;
        let method = if asked.method == "HEAD" { "GET" } else { asked.method.as_str() };
        let allow = route.allow();
        if method == "OPTIONS" {
            return Ok(Reply::empty(204).with("Allow", allow));
        }
        if !allow.split(", ").any(|allowed| allowed == method) {
            let message = format!("Method {} is not allowed on {}", asked.method, asked.path);
            return Err(Complaint::new(405, "METHOD_NOT_ALLOWED", message).with("Allow", allow).into());
        }
        if let Route::Health = route {
            return Ok(Reply::json(200, &json!({ "status": "ok", "version": RELEASE })));
        }
        if let Route::OpenApi = route {
            return Ok(Reply::json(200, &openapi::document()));
        }
        if let Route::ChatWebhook = route {
            return self.webhook(visit).await;
        }
        let key = keys::authenticate(asked)?;
        let tenant = keys::tenant(asked, key)?;
        keys::permit(key, method, &asked.path)?;
        parameters::acceptable(asked, visit.version)?;
        match route {
            Route::Customers => self.customers(visit, tenant).await,
            Route::Customer(id) => customers::one(visit, tenant, id),
            Route::Tickets if method == "POST" => self.create_ticket(visit, tenant),
            Route::Tickets => self.list_tickets(visit, tenant),
            Route::Ticket(id) if method == "PATCH" => self.change_ticket(visit, tenant, id),
            Route::Ticket(id) => self.ticket(visit, tenant, id),
            Route::Reports => Err(Complaint::new(
                501,
                "NOT_IMPLEMENTED",
                "Reports are not implemented for this plan generation; see the changelog".to_owned(),
            )
            .into()),
            Route::Health | Route::OpenApi | Route::ChatWebhook => Ok(Reply::empty(204)),
        }
    }
}

/// The release that answers say they come from.
pub const RELEASE: &str = "4.18.2";

/// The fields that every answer of the CRM has.
fn seal(visit: &Visit<'_>, server: &str, reply: Reply) -> Reply {
    let mut sealed = Reply { headers: Vec::new(), ..reply.clone() };
    let has = |name: &str| reply.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    let fields = [
        ("Date", systems::http_now()),
        ("Server", server.to_owned()),
        ("X-Request-Id", visit.request_id.clone()),
        ("X-Correlation-Id", visit.correlation_id.clone()),
        ("X-Crm-Release", RELEASE.to_owned()),
    ];
    // An answer that names its own server is another's: a login page, a gateway. It has nothing of the CRM.
    let foreign = has("server");
    for (name, value) in fields.into_iter().filter(|(name, _)| !has(name) && (!foreign || *name == "Date")) {
        sealed = sealed.with(name, value);
    }
    sealed.headers.extend(reply.headers);
    sealed
}

//! An API that checks who calls and what they may do, one step after the other, and says as much of it as its style allows.
//!
//! It trusts one OAuth server, whose keys it really fetches. It refuses to know why a caller has the wrong credential.

pub(crate) mod check;
mod refusal;

pub use refusal::Style;

use crate::systems::moment::Moment;
use crate::systems::oauth::jwt::PublicKey;
use crate::systems::{Opened, System, ids, oauth};
use crate::{Answer, Asked, Journal, Reply, World};
use check::Caller;
use refusal::Refusal;
use serde_json::json;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

/// The port that it listens on where ports are named.
pub const PORT: u16 = 8003;

/// A key that is good for everything that keys open.
pub const GOOD_KEY: &str = "live_7f3c9a52d1e84b06";
/// A key of the test mode.
pub const TEST_KEY: &str = "test_7f3c9a52d1e84b06";
/// A key that was good once.
pub const REVOKED_KEY: &str = "live_1b2d4c6e8f0a3957";
/// A key of an account without a plan.
pub const UNPAID_KEY: &str = "live_55c0ffee55c0ffee";
/// User and password of the ledger.
pub const BASIC: (&str, &str) = ("ledger", "l3dger-pass");
/// Key id and secret of signed calls.
pub const SIGNING: (&str, &str) = ("key-42", "whsec-5ba9d2f04c");
/// Cookies of a session of ana.
pub const COOKIES: &str = "sessionid=q8w2e4r6t1y3; csrftoken=Zx81kQm0aPv7";
/// What goes with the session in `X-CSRFToken`.
pub const CSRF_TOKEN: &str = "Zx81kQm0aPv7";
/// How far the time of a signed call may be off, in seconds.
pub const WINDOW: i64 = 300;

/// For the list of systems.
pub const SYSTEMS: &[System] = &[System {
    name: "protected",
    port: PORT,
    what: "an API that wants tokens of the OAuth server, keys, passwords, signatures or cookies, and says what is wrong",
    start: |world| {
        Box::pin(async move {
            let oauth = world.places().into_iter().find(|(name, _)| *name == "oauth").map(|(_, at)| at);
            let settings = match oauth {
                Some(at) => Settings::trusting_at(at),
                None => Settings::trusting(&oauth::OAuth::start(&world).await?),
            };
            let at = start(&world, settings).await?;
            let url = |path: &str| format!("http://{at}{path}");
            let with = |header: &str, path: &str| ["-i".to_owned(), "-H".to_owned(), header.to_owned(), url(path)];
            Ok(Opened::at(at)
                .with("no token", ["-i".to_owned(), url("/v1/orders")])
                .with("a token that is none", with("Authorization: Bearer abc", "/v1/orders"))
                .with("a good key", with(&format!("X-API-Key: {GOOD_KEY}"), "/v1/stock"))
                .with("the key in the wrong field", with(&format!("Authorization: Bearer {GOOD_KEY}"), "/v1/stock"))
                .with("a key of the test mode", with(&format!("X-API-Key: {TEST_KEY}"), "/v1/stock"))
                .with("an address that is not on the list", ["-i".to_owned(), url("/internal/metrics")]))
        })
    },
}];

/// How it is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// In whose words it refuses.
    pub style: Style,
    /// The audience that tokens must name.
    pub audience: String,
    /// The issuer that tokens must name.
    pub issuer: String,
    /// Where the keys are fetched and reference tokens explained.
    pub authority: SocketAddr,
    /// Whether every token is looked up there, so that revoked ones are noticed.
    pub introspects: bool,
    /// Who may see `/internal`.
    pub allowed: Vec<IpAddr>,
    /// Where it listens when ports are named; another where several run.
    pub port: u16,
}

impl Settings {
    /// As it trusts an OAuth server, with everything else as usual.
    #[must_use]
    pub fn trusting(oauth: &oauth::OAuth) -> Self {
        Self::trusting_at(oauth.place())
    }

    /// The same by its address.
    #[must_use]
    pub fn trusting_at(oauth: SocketAddr) -> Self {
        Self {
            style: Style::Talkative,
            audience: oauth::AUDIENCE.to_owned(),
            issuer: format!("http://{oauth}"),
            authority: oauth,
            introspects: true,
            allowed: vec![IpAddr::V4(Ipv4Addr::new(10, 0, 0, 5))],
            port: PORT,
        }
    }
}

/// Starts it, trusting an OAuth server that runs already.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World, settings: Settings) -> io::Result<SocketAddr> {
    let port = settings.port;
    let keys = Mutex::default();
    let api = Arc::new(Api { settings, journal: world.journal(), keys });
    world
        .serve("protected", port, None, move |asked| {
            let api = api.clone();
            async move { api.answer(&asked).await }
        })
        .await
}

struct Api {
    settings: Settings,
    journal: Journal,
    /// The keys that were fetched last.
    keys: Mutex<Vec<PublicKey>>,
}

/// A path, its methods, and what it takes to use it.
struct Endpoint {
    path: &'static str,
    methods: &'static [&'static str],
    door: Door,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Token,
    Key,
    Basic,
    Signed,
    Session,
    Address,
}

const ENDPOINTS: [Endpoint; 12] = [
    Endpoint { path: "/health", methods: &["GET"], door: Door::Open },
    Endpoint { path: "/.well-known/oauth-protected-resource", methods: &["GET"], door: Door::Open },
    Endpoint { path: "/v1/me", methods: &["GET"], door: Door::Token },
    Endpoint { path: "/v1/orders", methods: &["GET", "POST"], door: Door::Token },
    Endpoint { path: "/v1/orders/*", methods: &["GET", "DELETE"], door: Door::Token },
    Endpoint { path: "/v1/reports", methods: &["GET"], door: Door::Token },
    Endpoint { path: "/v1/users", methods: &["GET"], door: Door::Token },
    Endpoint { path: "/v1/payouts", methods: &["GET"], door: Door::Token },
    Endpoint { path: "/v1/stock", methods: &["GET"], door: Door::Key },
    Endpoint { path: "/v1/ledger", methods: &["GET"], door: Door::Basic },
    Endpoint { path: "/v1/events", methods: &["GET"], door: Door::Signed },
    Endpoint { path: "/session/orders", methods: &["GET", "POST"], door: Door::Session },
];

const INTERNAL: Endpoint = Endpoint { path: "/internal/metrics", methods: &["GET"], door: Door::Address };

impl Endpoint {
    fn is(&self, path: &str) -> bool {
        match self.path.strip_suffix('*') {
            Some(start) => path.strip_prefix(start).is_some_and(|rest| !rest.is_empty() && !rest.contains('/')),
            None => path == self.path,
        }
    }

    fn allow(&self) -> String {
        let mut allow = self.methods.join(", ");
        allow.push_str(", HEAD, OPTIONS");
        allow
    }
}

impl Api {
    async fn answer(&self, asked: &Asked) -> Answer {
        let id = asked.header("x-request-id").map_or_else(ids::uuid, str::to_owned);
        let begun = Moment::now();
        let outcome = self.serve(asked).await;
        let (reply, refusal) = match outcome {
            Ok(reply) => (reply, None),
            Err(refusal) => (refusal.reply(self.settings.style, asked), Some(refusal)),
        };
        let status = refusal.as_ref().map_or(reply.status, Refusal::status);
        self.journal.log("protected", self.line(asked, &id, status, begun, refusal.as_ref()));
        let dated = |reply: Reply| reply.with("Date", Moment::now().http());
        match self.settings.style {
            // A server that says nothing gives no id either.
            Style::Bare => dated(reply),
            _ => dated(reply).with("X-Request-Id", id),
        }
        .into()
    }

    /// A line of pino, or of Logback for Spring.
    fn line(&self, asked: &Asked, id: &str, status: u16, begun: Moment, refusal: Option<&Refusal>) -> String {
        let words = refusal.map_or_else(|| "request completed".to_owned(), Refusal::logged);
        let from = asked.peer.map_or_else(String::new, |peer| peer.ip().to_string());
        if self.settings.style == Style::Spring {
            let start = |level: &str, logger: &str| {
                format!("{} {level} 1 --- [orders] [nio-8080-exec-3] [{id}] {logger} :", begun.iso())
            };
            if status >= 500 {
                return format!(
                    "{} Servlet.service() for servlet [dispatcherServlet] in context with path [] threw exception\n\n\
                     org.springframework.security.authentication.AuthenticationServiceException: {words}",
                    start("ERROR", "o.a.c.c.C.[.[.[/].[dispatcherServlet]"),
                );
            }
            let level = if status >= 400 { " WARN" } else { " INFO" };
            let from = start(level, "o.s.s.o.s.r.w.BearerTokenAuthenticationFilter");
            return format!("{from} {} {} {status} {words}", asked.method, asked.path);
        }
        let level = if status >= 500 {
            50
        } else if status >= 400 {
            40
        } else {
            30
        };
        let authorization = asked.header("authorization").map_or("-", |value| value.split(' ').next().unwrap_or("-"));
        json!({
            "level": level, "time": begun.iso(), "service": "orders", "reqId": id, "method": asked.method, "path": asked.path,
            "remoteAddress": from, "authorization": authorization, "status": status, "msg": words,
        })
        .to_string()
    }

    async fn serve(&self, asked: &Asked) -> Result<Reply, Refusal> {
        let known = ENDPOINTS.iter().chain([&INTERNAL]).find(|endpoint| endpoint.is(&asked.path));
        let Some(endpoint) = known else { return Err(Refusal::NotFound) };
        // A wall of addresses stands in front of everything else.
        if endpoint.door == Door::Address {
            let from = asked.peer.map(|peer| peer.ip());
            if !from.is_some_and(|from| self.settings.allowed.contains(&from)) {
                return Err(Refusal::Address(from.map_or_else(String::new, |from| from.to_string())));
            }
        }
        if asked.method == "OPTIONS" {
            return Ok(Reply::empty(204).with("Allow", endpoint.allow()));
        }
        let method = if asked.method == "HEAD" { "GET" } else { asked.method.as_str() };
        if !endpoint.methods.contains(&method) {
            let reply = match self.settings.style {
                Style::Bare => Reply::empty(405),
                _ => {
                    Reply::json(405, &json!({"error": {"code": "method_not_allowed", "message": "Method Not Allowed"}}))
                }
            };
            return Ok(reply.with("Allow", endpoint.allow()));
        }
        match endpoint.door {
            Door::Open | Door::Address => {}
            Door::Token => {
                let caller = self.bearer(asked).await?;
                return self.with_token(asked, method, &caller);
            }
            Door::Key => check::key(asked)?,
            Door::Basic => check::password(asked)?,
            Door::Signed => check::signature(asked)?,
            Door::Session => check::session(asked)?,
        }
        Ok(match (method, endpoint.path) {
            ("POST", path) => {
                self.journal.wrote(format!("protected: POST {path}"));
                Reply::json(201, &json!({"id": "ord_1004"})).with("Location", format!("{path}/ord_1004"))
            }
            (_, "/health") => Reply::json(200, &json!({"status": "ok"})),
            (_, "/.well-known/oauth-protected-resource") => Reply::json(200, &self.metadata()),
            (_, "/v1/stock") => Reply::json(200, &json!({"items": [{"sku": "A-100", "count": 12}]})),
            (_, "/v1/ledger") => Reply::json(200, &json!({"entries": [{"id": 1, "amount": "12.50"}]})),
            (_, "/v1/events") => Reply::json(200, &json!({"events": []})),
            (_, "/session/orders") => Reply::json(200, &json!({"orders": [{"id": "ord_1001"}]})),
            _ => Reply::new(200, "text/plain; version=0.0.4", "http_requests_total 4211\n"),
        })
    }

    /// RFC 9728 section 2.
    fn metadata(&self) -> serde_json::Value {
        json!({
            "resource": self.settings.audience, "authorization_servers": [self.settings.issuer],
            "bearer_methods_supported": ["header"],
            "scopes_supported": ["orders:read", "orders:write", "reports:read", "payments:write"],
        })
    }

    fn with_token(&self, asked: &Asked, method: &str, caller: &Caller) -> Result<Reply, Refusal> {
        let order = asked.path.strip_prefix("/v1/orders/").unwrap_or_default();
        let scope = match (method, asked.path.as_str()) {
            (_, "/v1/me") => "",
            ("POST" | "DELETE", _) => "orders:write",
            (_, "/v1/reports") => "reports:read",
            (_, "/v1/payouts") => "payments:write",
            _ => "orders:read",
        };
        if !scope.is_empty() && !caller.has(scope) {
            return Err(Refusal::Scope(scope));
        }
        if asked.path == "/v1/users" && caller.role != "admin" {
            let (who, role) = (caller.name.clone(), caller.role.clone());
            return Err(Refusal::Role { who, role, wanted: "admin", to: "list users" });
        }
        if asked.path == "/v1/payouts" && caller.level != "mfa" {
            return Err(Refusal::StepUp);
        }
        if !order.is_empty() {
            // Orders of another tenant are not there.
            let tenant = ORDERS.iter().find(|(id, _)| *id == order).map(|(_, tenant)| *tenant);
            if tenant.is_none_or(|tenant| !caller.tenant.is_empty() && caller.tenant != tenant) {
                return Err(Refusal::NotFound);
            }
            if method == "DELETE" {
                if caller.role != "admin" {
                    let (who, role) = (caller.name.clone(), caller.role.clone());
                    return Err(Refusal::Role { who, role, wanted: "admin", to: "delete orders" });
                }
                self.journal.wrote(format!("protected: DELETE {order}"));
                return Ok(Reply::empty(204));
            }
            return Ok(Reply::json(200, &json!({"id": order, "tenant": tenant, "state": "open"})));
        }
        Ok(match (method, asked.path.as_str()) {
            ("POST", _) => {
                self.journal.wrote("protected: POST /v1/orders");
                Reply::json(201, &json!({"id": "ord_1004"})).with("Location", "/v1/orders/ord_1004")
            }
            (_, "/v1/me") => {
                Reply::json(200, &json!({"sub": caller.name, "role": caller.role, "tenant": caller.tenant}))
            }
            (_, "/v1/reports") => Reply::json(200, &json!({"reports": [{"month": "2026-10", "orders": 311}]})),
            (_, "/v1/users") => Reply::json(200, &json!({"users": [{"name": "ana"}, {"name": "ben"}]})),
            (_, "/v1/payouts") => Reply::json(200, &json!({"payouts": []})),
            _ => {
                let own = ORDERS.iter().filter(|(_, tenant)| caller.tenant.is_empty() || caller.tenant == *tenant);
                let orders: Vec<_> = own.map(|(id, tenant)| json!({"id": id, "tenant": tenant})).collect();
                Reply::json(200, &json!({ "orders": orders }))
            }
        })
    }

    fn known_key(&self, kid: &str) -> Option<PublicKey> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|key| key.kid == kid).cloned()
    }
}

/// The orders, and whose they are.
const ORDERS: [(&str, &str); 4] =
    [("ord_1001", "acme"), ("ord_1002", "acme"), ("ord_1003", "acme"), ("ord_2001", "globex")];

#[cfg(test)]
mod tests;

//! The service behind the gateways: orders, written with Express.

use crate::systems::fetch::{self, Fault, Way};
use crate::systems::ids;
use crate::systems::moment::Moment;
use crate::{Answer, Asked, Journal, Reply, World};
use serde_json::json;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// The port that it listens on where ports are named.
pub const PORT: u16 = 8030;

/// What the backend calls in turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dependencies {
    /// The payment provider, for `/v1/payments`.
    pub payments: SocketAddr,
    /// The carrier, for `/v1/shipping`.
    pub carrier: SocketAddr,
}

/// How long the backend waits for what it calls.
const PATIENCE: Duration = Duration::from_secs(2);

/// A running backend.
#[derive(Clone, Debug)]
pub struct Backend {
    place: SocketAddr,
    ailing: Arc<AtomicU16>,
}

impl Backend {
    /// Starts it. `slow` is how long the annual report takes.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(world: &World, slow: Duration) -> io::Result<Self> {
        Self::on(world, PORT, None, slow, None).await
    }

    /// The same on another port, over TLS when a configuration is given, and with others to call.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn on(
        world: &World,
        port: u16,
        tls: Option<Arc<rustls::ServerConfig>>,
        slow: Duration,
        calls: Option<Dependencies>,
    ) -> io::Result<Self> {
        let ailing = Arc::new(AtomicU16::new(0));
        let (journal, state) = (world.journal(), ailing.clone());
        let place = world
            .serve("orders-backend", port, tls, move |asked| {
                let (journal, state) = (journal.clone(), state.clone());
                async move { answer(&asked, &journal, state.load(Ordering::Relaxed), slow, calls).await }
            })
            .await?;
        Ok(Self { place, ailing })
    }

    /// Where it listens.
    #[must_use]
    pub fn place(&self) -> SocketAddr {
        self.place
    }

    /// From now on every call is answered with this status; 0 ends it.
    pub fn ail(&self, status: u16) {
        self.ailing.store(status, Ordering::Relaxed);
    }
}

async fn answer(asked: &Asked, journal: &Journal, ailing: u16, slow: Duration, calls: Option<Dependencies>) -> Answer {
    let begun = Moment::now();
    let id = asked.header("x-request-id").map_or_else(ids::uuid, str::to_owned);
    if asked.path == "/v1/reports/annual" && asked.method == "GET" {
        tokio::time::sleep(slow).await;
    }
    let broken = match calls.filter(|_| matches!(asked.method.as_str(), "GET" | "HEAD")) {
        Some(calls) => depend(asked, calls).await,
        None => None,
    };
    let reply = match ailing {
        0 if broken.is_some() => broken.unwrap_or_else(|| Reply::empty(500)),
        0 => serve(asked, journal),
        404 => Reply::json(
            404,
            &json!({"message": format!("Order {} not found", asked.path.rsplit('/').next().unwrap_or_default())}),
        ),
        status => Reply::json(status, &json!({"message": "orders database is restarting"})),
    };
    let took = Moment::now().milliseconds - begun.milliseconds;
    let authorization = asked.header("authorization").map_or("-", |value| value.split(' ').next().unwrap_or("-"));
    let line = json!({
        "level": if reply.status >= 500 { "error" } else { "info" }, "time": begun.iso(), "service": "orders", "req_id": id,
        "method": asked.method, "url": asked.path, "authorization": authorization,
        "forwarded_for": asked.header("x-forwarded-for"), "status": reply.status, "duration_ms": took,
    });
    journal.log("orders-backend", line.to_string());
    reply.with("X-Powered-By", "Express").with("X-Request-Id", id).with("Date", Moment::now().http()).into()
}

/// Calls what the path needs; the answer when that fails.
async fn depend(asked: &Asked, calls: Dependencies) -> Option<Reply> {
    let (name, place, path) = match asked.path.as_str() {
        "/v1/payments" => ("payment provider", calls.payments, "/status"),
        "/v1/shipping" => ("carrier service", calls.carrier, "/rates"),
        _ => return None,
    };
    let fault = fetch::get(&Way::plain(place, PATIENCE), path).await.err()?;
    Some(match fault {
        Fault::Timeout | Fault::ConnectTimeout => {
            let message = format!("{name} did not answer within {} ms", PATIENCE.as_millis());
            Reply::json(504, &json!({"error": {"code": "dependency_timeout", "message": message}}))
        }
        _ => {
            let message = format!("{name} is not available: connect ECONNREFUSED {place}");
            Reply::json(502, &json!({"error": {"code": "dependency_unavailable", "message": message}}))
        }
    })
}

/// The methods of a path.
fn allowed(path: &str) -> Option<&'static [&'static str]> {
    Some(match path {
        "/v1/orders" => &["GET", "HEAD", "POST"],
        "/v1/imports" => &["POST"],
        "/v1/me" | "/health" | "/v1/reports/annual" | "/v1/payments" | "/v1/shipping" => &["GET", "HEAD"],
        _ if path.strip_prefix("/v1/orders/").is_some_and(|id| !id.is_empty() && !id.contains('/')) => {
            &["GET", "HEAD", "PUT", "DELETE"]
        }
        _ => return None,
    })
}

fn serve(asked: &Asked, journal: &Journal) -> Reply {
    let Some(methods) = allowed(&asked.path) else { return cannot(asked) };
    if asked.method == "OPTIONS" {
        let allow = methods.join(",");
        return Reply::new(200, "text/html; charset=utf-8", allow.clone()).with("Allow", allow);
    }
    if !methods.contains(&asked.method.as_str()) {
        return cannot(asked);
    }
    let order = asked.path.strip_prefix("/v1/orders/").unwrap_or_default();
    match asked.method.as_str() {
        "POST" | "PUT" if asked.json().is_none() => {
            Reply::json(400, &json!({"message": "request body is not valid JSON"}))
        }
        "POST" => {
            journal.wrote(format!("orders: POST {}", asked.path));
            Reply::json(201, &json!({"id": "ord_1004", "state": "open"})).with("Location", "/v1/orders/ord_1004")
        }
        method @ ("PUT" | "DELETE") => {
            journal.wrote(format!("orders: {method} {order}"));
            Reply::json(200, &json!({"id": order, "state": "changed"}))
        }
        _ => match (asked.path.as_str(), order) {
            ("/v1/me", _) if asked.header("authorization").is_none() => {
                Reply::json(401, &json!({"message": "No authorization token was found"}))
            }
            ("/v1/me", _) => Reply::json(200, &json!({"user": "ana", "plan": "team"})),
            ("/health", _) => Reply::json(200, &json!({"status": "ok"})),
            ("/v1/reports/annual", _) => Reply::json(200, &json!({"year": 2025, "orders": 4211})),
            ("/v1/payments", _) => Reply::json(200, &json!({"payments": [{"id": "pay_301", "state": "settled"}]})),
            ("/v1/shipping", _) => Reply::json(200, &json!({"rates": [{"carrier": "post", "amount": "4.90"}]})),
            ("/v1/orders", _) => Reply::json(
                200,
                &json!({"orders": [{"id": "ord_1001", "state": "open"}, {"id": "ord_1002", "state": "open"},
                    {"id": "ord_1003", "state": "open"}]}),
            ),
            (_, "ord_1001" | "ord_1002" | "ord_1003") => Reply::json(200, &json!({"id": order, "state": "open"})),
            _ => Reply::json(404, &json!({"message": format!("Order {order} not found")})),
        },
    }
}

/// What Express's `finalhandler` says of a route that is not there.
fn cannot(asked: &Asked) -> Reply {
    let path = asked.path.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Error</title>\n</head>\n<body>\n\
         <pre>Cannot {} {path}</pre>\n</body>\n</html>\n",
        asked.method
    );
    Reply::new(404, "text/html; charset=utf-8", page)
        .with("Content-Security-Policy", "default-src 'none'")
        .with("X-Content-Type-Options", "nosniff")
}

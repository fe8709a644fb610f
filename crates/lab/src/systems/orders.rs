//! A small API that works: what stands behind the broken ways of the network, TLS, DNS and proxy families.

use super::http_now;
use crate::server::{Asked, Reply};
use serde_json::json;

/// What it answers: `/v1/orders` with two orders, `/v1/orders/1001` with one, `/health`, and 404 elsewhere.
#[must_use]
pub fn answer(asked: &Asked) -> Reply {
    let first = json!({"id": 1001, "customer": "C-17", "state": "shipped", "total": "49.90"});
    let reply = match (asked.method.as_str(), asked.path.as_str()) {
        ("GET" | "HEAD", "/v1/orders") => {
            let second = json!({"id": 1002, "customer": "C-52", "state": "open", "total": "12.00"});
            Reply::json(200, &json!({"orders": [first, second]}))
        }
        ("GET" | "HEAD", "/v1/orders/1001") => Reply::json(200, &first),
        ("GET" | "HEAD", "/health") => Reply::json(200, &json!({"status": "ok"})),
        ("OPTIONS", "/v1/orders" | "/v1/orders/1001" | "/health") => {
            Reply::empty(204).with("Allow", "GET, HEAD, OPTIONS")
        }
        (_, "/v1/orders" | "/v1/orders/1001" | "/health") => {
            Reply::json(405, &json!({"error": "method not allowed"})).with("Allow", "GET, HEAD, OPTIONS")
        }
        _ => Reply::json(404, &json!({"error": "not found", "path": asked.path})),
    };
    reply.with("Date", http_now()).with("X-Request-Id", request_id(asked))
}

/// The id that came, or one of the connection's port: enough to find the line in a log.
fn request_id(asked: &Asked) -> String {
    let port = asked.peer.map_or(0, |peer| peer.port());
    asked.header("x-request-id").map_or_else(|| format!("ord-{port:05}"), str::to_owned)
}

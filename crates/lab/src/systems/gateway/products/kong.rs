//! Kong 3: JSON with a request id, latencies in fields; it logs through nginx.

use super::without;
use crate::Reply;
use crate::systems::gateway::trouble::{Told, Trouble};
use serde_json::json;

pub(super) const SERVER: &str = "kong/3.8.0";

pub(super) fn page(trouble: &Trouble, told: &Told<'_>) -> Reply {
    let (status, message) = match trouble {
        Trouble::NoRoute => (404, "no Route matched with those values"),
        Trouble::Method(_) => (405, "Method not allowed"),
        Trouble::UriTooLong => (414, "URI too long"),
        Trouble::HeadTooLarge => (494, "Request header or cookie too large"),
        Trouble::BodyTooLarge => (413, "Request size limit exceeded"),
        Trouble::Waf(_) => (403, "Forbidden"),
        Trouble::Quota(_) => (429, "API rate limit exceeded"),
        Trouble::Concurrency { .. } => (429, "Too many concurrent requests"),
        Trouble::Maintenance => (503, "The service is temporarily unavailable for maintenance"),
        // The CORS plugin answers 200 to every preflight; what is missing are the fields.
        Trouble::Origin => {
            return Reply::empty(200)
                .with("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT")
                .with("Vary", "Origin")
                .with("X-Kong-Response-Latency", "0")
                .with("Server", SERVER);
        }
        Trouble::Dns(_) => (503, "name resolution failed"),
        Trouble::NoHealthyBackend | Trouble::CircuitOpen => (503, "failure to get a peer from the ring-balancer"),
        Trouble::Timeout | Trouble::ConnectTimeout => (504, "The upstream server is timing out"),
        Trouble::Refused | Trouble::Reset | Trouble::Closed | Trouble::Malformed | Trouble::Tls(_) => {
            (502, "An invalid response was received from the upstream server")
        }
    };
    let mut body = json!({"message": message, "request_id": told.id});
    if matches!(trouble, Trouble::Quota(_) | Trouble::BodyTooLarge | Trouble::Maintenance) {
        body = json!({ "message": message });
    }
    let reply = Reply::new(status, "application/json; charset=utf-8", body.to_string())
        .with("X-Kong-Response-Latency", told.elapsed.to_string())
        .with("X-Kong-Request-Id", told.id)
        .with("Server", SERVER);
    match trouble {
        Trouble::Method(allow) => reply.with("Allow", allow.clone()),
        _ => reply,
    }
}

pub(super) fn passed(reply: Reply, told: &Told<'_>) -> Reply {
    without(reply, &["connection"])
        .with("X-Kong-Upstream-Latency", told.elapsed.to_string())
        .with("X-Kong-Proxy-Latency", "1")
        .with("Via", format!("1.1 {SERVER}"))
        .with("X-Kong-Request-Id", told.id)
}

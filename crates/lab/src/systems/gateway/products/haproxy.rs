//! HAProxy: its terse error files, and its HTTP log with termination states and timers (configuration manual, section 8).

use crate::Reply;
use crate::systems::gateway::trouble::{Told, Trouble};

fn told(trouble: &Trouble) -> (u16, &'static str, &'static str) {
    match trouble {
        Trouble::UriTooLong | Trouble::HeadTooLarge => (400, "Bad request", "Your browser sent an invalid request."),
        Trouble::Waf(_) | Trouble::Origin => (403, "Forbidden", "Request forbidden by administrative rules."),
        Trouble::Method(_) => (
            405,
            "Method Not Allowed",
            "A request was made of a resource using a request method not supported by that resource",
        ),
        Trouble::BodyTooLarge => (413, "Payload Too Large", "The request entity exceeds the maximum allowed."),
        Trouble::Quota(_) => (429, "Too Many Requests", "You have sent too many requests in a given amount of time."),
        Trouble::Tls(_)
        | Trouble::NoRoute
        | Trouble::Concurrency { .. }
        | Trouble::Maintenance
        | Trouble::NoHealthyBackend
        | Trouble::CircuitOpen
        | Trouble::Refused
        | Trouble::ConnectTimeout
        | Trouble::Dns(_) => (503, "Service Unavailable", "No server is available to handle this request."),
        Trouble::Reset | Trouble::Closed | Trouble::Malformed => {
            (502, "Bad Gateway", "The server returned an invalid or incomplete response.")
        }
        Trouble::Timeout => (504, "Gateway Time-out", "The server didn't respond in time."),
    }
}

pub(super) fn page(trouble: &Trouble) -> Reply {
    let (status, title, words) = match trouble {
        // `http-request deny deny_status`
        Trouble::Quota(spent) if spent.status == Some(403) => told(&Trouble::Origin),
        _ => told(trouble),
    };
    let reply =
        Reply::new(status, "text/html", format!("<html><body><h1>{status} {title}</h1>\n{words}\n</body></html>\n"))
            .with("Cache-Control", "no-cache");
    match trouble {
        Trouble::Method(allow) => reply.with("Allow", allow.clone()),
        _ => reply,
    }
}

/// `haproxy[1234]: client [accept date] frontend backend/server TR/Tw/Tc/Tr/Ta status bytes … termination …`
pub(super) fn line(told: &Told<'_>) -> String {
    let total = told.elapsed;
    // Timers of phases that were not reached are -1.
    let (server, timers, state) = match told.trouble {
        None => ("be_orders/orders1", format!("0/0/0/{total}/{total}"), "----"),
        Some(Trouble::Refused | Trouble::ConnectTimeout | Trouble::Tls(_)) => {
            ("be_orders/orders1", format!("0/0/-1/-1/{total}"), "SC--")
        }
        Some(Trouble::Timeout) => ("be_orders/orders1", format!("0/0/0/-1/{total}"), "sH--"),
        Some(Trouble::Reset | Trouble::Closed) => ("be_orders/orders1", format!("0/0/0/-1/{total}"), "SH--"),
        Some(Trouble::Malformed) => ("be_orders/orders1", format!("0/0/0/-1/{total}"), "PH--"),
        Some(Trouble::NoHealthyBackend | Trouble::CircuitOpen | Trouble::Dns(_)) => {
            ("be_orders/<NOSRV>", format!("0/-1/-1/-1/{total}"), "SC--")
        }
        Some(Trouble::Concurrency { .. }) => ("be_orders/<NOSRV>", format!("0/{total}/-1/-1/{total}"), "sQ--"),
        Some(Trouble::NoRoute) => ("fe_api/<NOSRV>", format!("0/-1/-1/-1/{total}"), "SC--"),
        Some(_) => ("fe_api/<NOSRV>", format!("0/-1/-1/-1/{total}"), "PR--"),
    };
    format!(
        "{} lb1 haproxy[1234]: {} [{}] fe_api {server} {timers} {} {} - - {state} 1/1/0/0/{} 0/0 {{{}}} \"{}\"",
        told.begun.syslog(),
        told.client_with_port(),
        told.begun.haproxy(),
        told.status,
        told.bytes,
        told.attempts.saturating_sub(1),
        told.id,
        told.line(),
    )
}

//! Planted faults: requests with many parts that fail because of a few of them, which are known. For whoever looks for
//! the smallest request that still fails, and for the bench that counts how many tries that takes.
//!
//! Each [`Planted`] is an endpoint of a CRM that demands a key, a content type and some fields first, so that taking those
//! away fails in another way; then it fails by its planted condition, always or at a known rate; everything else passes.

mod bodies;
mod condition;
mod parts;
mod table;

pub use parts::{Part, keep, parts};
pub use table::all;

use crate::systems::crm::Complaint;
use crate::systems::stamp;
use crate::{Asked, Reply, World};
use condition::Condition;
use serde_json::{Value, json};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One planted fault.
#[derive(Clone, Debug)]
pub struct Planted {
    /// Unique, lower case with dashes.
    pub name: &'static str,
    /// The request that fails, with everything that does not matter.
    pub request: Asked,
    /// What must stay for the same failure: the least set of parts, none to spare. What the endpoint demands of every
    /// request is among them.
    pub minimal: Vec<Part>,
    /// Whether the answer names a part of the fault.
    pub names: bool,
    /// How often the fault shows, of 1.
    pub rate: f64,
    conditions: Vec<Condition>,
    required: &'static [&'static str],
    refusal: Refusal,
    tries: Arc<AtomicU64>,
}

/// How the endpoint answers when the fault shows. `{at}` in a text is the place of the field.
#[derive(Clone, Copy, Debug)]
enum Refusal {
    /// The envelope of the CRM: status, code, message.
    Envelope(u16, &'static str, &'static str),
    /// JSON to the letter.
    Json(u16, &'static str),
    /// A page of a gateway in front.
    Page(u16, &'static str),
}

impl Planted {
    /// How many parts the request has.
    #[must_use]
    pub fn size(&self) -> usize {
        parts(&self.request).len()
    }

    /// The smallest request.
    #[must_use]
    pub fn smallest(&self) -> Asked {
        keep(&self.request, &self.minimal)
    }

    /// Whether this answer is the planted failure.
    #[must_use]
    pub fn is_failure(&self, reply: &Reply) -> bool {
        let (status, text) = match self.refusal {
            Refusal::Envelope(status, _, text) | Refusal::Json(status, text) | Refusal::Page(status, text) => {
                (status, text)
            }
        };
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        let longest = text.split("{at}").max_by_key(|part| part.len()).unwrap_or_default();
        // Inside the envelope quotes are escaped; elsewhere the text stands as it is.
        let escaped = Value::from(longest).to_string();
        reply.status == status && (body.contains(longest) || body.contains(escaped.trim_matches('"')))
    }

    /// Whether a fault that comes and goes shows at this try.
    fn shows(&self) -> bool {
        if self.rate >= 1.0 {
            return true;
        }
        let seed = self.name.bytes().fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
        let draw = mixed(seed.wrapping_add(self.tries.fetch_add(1, Ordering::Relaxed)));
        // The 32 upper bits as a fraction of 1.
        let fraction = f64::from(u32::try_from(draw >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        fraction < self.rate
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): near numbers become far ones.
fn mixed(number: u64) -> u64 {
    let z = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What the endpoint of a planted fault answers.
#[must_use]
pub fn answer(planted: &Planted, request: &Asked) -> Reply {
    let reply =
        judge(planted, request).unwrap_or_else(|complaint| complaint.render(false, false, &request.path, "req-0001"));
    reply.with("Server", "crm-api")
}

fn judge(planted: &Planted, request: &Asked) -> Result<Reply, Complaint> {
    let expected = &planted.request;
    if request.path != expected.path {
        return Err(Complaint::new(404, "NOT_FOUND", format!("No route matches {}", request.path)));
    }
    if request.method == "OPTIONS" {
        return Ok(Reply::empty(204).with("Allow", format!("{}, OPTIONS", expected.method)));
    }
    if request.method != expected.method {
        let message = format!("Method {} is not allowed on {}", request.method, request.path);
        let allow = format!("{}, OPTIONS", expected.method);
        return Err(Complaint::new(405, "METHOD_NOT_ALLOWED", message).with("Allow", allow));
    }
    if request.header("authorization").is_none() {
        let complaint = Complaint::new(401, "UNAUTHENTICATED", "Missing bearer token");
        return Err(complaint.with("WWW-Authenticate", "Bearer realm=\"crm\""));
    }
    let body = if request.body.is_empty() {
        Value::Null
    } else {
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return Err(Complaint::new(415, "UNSUPPORTED_MEDIA_TYPE", "Supported: application/json"));
        }
        let parsed = serde_json::from_slice(&request.body);
        parsed.map_err(|error| {
            Complaint::new(400, "MALFORMED_JSON", format!("Request body is not valid JSON: {error}"))
        })?
    };
    if let Some(missing) = planted.required.iter().find(|pointer| body.pointer(pointer).is_none()) {
        let field = missing.trim_start_matches('/').replace('/', ".");
        return Err(Complaint::new(400, "VALIDATION_FAILED", format!("{field} is required")));
    }
    match condition::all_hold(&planted.conditions, request, &body) {
        Some(at) if planted.shows() => Ok(refuse(planted.refusal, &at)),
        _ if request.method == "GET" => Ok(Reply::json(200, &json!({ "data": [], "nextCursor": null }))),
        _ => Ok(Reply::json(200, &json!({ "status": "ok" }))),
    }
}

fn refuse(refusal: Refusal, at: &str) -> Reply {
    match refusal {
        Refusal::Envelope(status, code, text) => {
            Complaint::new(status, code, text.replace("{at}", at)).render(false, false, "", "req-0001")
        }
        Refusal::Json(status, text) => Reply::new(status, "application/json", text.replace("{at}", at)),
        Refusal::Page(status, text) => Reply::new(status, "text/html", text),
    }
}

/// The one of that name.
#[must_use]
pub fn find(name: &str) -> Option<Planted> {
    all().into_iter().find(|planted| planted.name == name)
}

/// Serves the endpoint of a planted fault. What changes something when it succeeds is counted as written.
///
/// # Errors
/// When no port is free.
pub async fn serve(world: &World, planted: Planted) -> io::Result<SocketAddr> {
    let ledger = world.ledger();
    world
        .serve("planted", 0, None, move |asked| {
            let reply = answer(&planted, &asked).with("Date", stamp::http_date(stamp::now()));
            if reply.status < 300 && !matches!(asked.method.as_str(), "GET" | "OPTIONS") {
                ledger.wrote(format!("planted: {} {}", asked.method, asked.path));
            }
            async move { reply.into() }
        })
        .await
}

//! The alerts API of the reference guide: a small FastAPI service with a key, a limit and answers that are known to the
//! letter. Port 8001.
//!
//! Every answer of its own is `{"detail": "…"}`, as FastAPI writes an `HTTPException`; what FastAPI itself refuses (no
//! such path, no such method, a body or path that does not fit) is answered as FastAPI does it. The limit counts requests
//! that came with a valid key, so a wrong one is refused however often it is sent.

use super::{Opened, System, http_now, now};
use crate::server::{Answer, Asked, Reply, Wire};
use crate::world::{Journal, World};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The key that is known.
pub const KEY: &str = "valid-key-123";
/// The port where ports are named.
pub const PORT: u16 = 8001;
/// The header that brings a fault about, where the controls are on.
pub const FAULT: &str = "X-Lab-Fault";

const SYSTEM: &str = "alerts";
const LIMIT: usize = 5;
const WINDOW: Duration = Duration::from_secs(60);
const SEVERITIES: [&str; 4] = ["low", "medium", "high", "critical"];
const DOCUMENT: &str = include_str!("alerts-openapi.json");

/// For `firstfault lab`.
pub const SYSTEMS: &[System] = &[System {
    name: SYSTEM,
    port: PORT,
    what: "the alerts API: GET/POST /alerts, GET /users/{id}, /health, /simulate-…; key valid-key-123 in X-API-Key",
    start: |world| {
        Box::pin(async move {
            let (at, _) = start(&world, Controls::On).await?;
            Ok(tries(at).with(
                "the connection breaks (a fault on demand)",
                ["-H".to_owned(), format!("{FAULT}: reset"), format!("http://{at}/health")],
            ))
        })
    },
}];

/// Calls that show its answers.
#[must_use]
pub fn tries(at: SocketAddr) -> Opened {
    let url = |path: &str| format!("http://{at}{path}");
    let key = || ["-H".to_owned(), format!("X-API-Key: {KEY}")];
    let json = || ["-H".to_owned(), "Content-Type: application/json".to_owned()];
    let post = |body: &str| {
        let mut call = key().to_vec();
        call.extend(json());
        call.extend(["-d".to_owned(), body.to_owned(), url("/alerts")]);
        call
    };
    Opened::at(at)
        .with("200", [url("/health")])
        .with("401", [url("/alerts")])
        .with("403", ["-H".to_owned(), "X-API-Key: wrong".to_owned(), url("/alerts")])
        .with("200, and 429 from the sixth call in a minute on", [key().to_vec(), vec![url("/alerts")]].concat())
        .with("201", post(r#"{"alert_type":"cpu","severity":"high"}"#))
        .with("400", post(r#"{"alert_type":"cpu"}"#))
        .with("404", [key().to_vec(), vec![url("/users/999")]].concat())
        .with("500", [url("/simulate-server-error")])
        .with("503", [url("/simulate-service-unavailable")])
        .with("200 after 10 s", [url("/simulate-timeout")])
}

/// Whether a caller can bring faults about beyond those of the API itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Controls {
    /// `X-Lab-Fault` is obeyed.
    On,
    /// It is a header like any other.
    Off,
}

/// The service with what it keeps.
pub struct Alerts {
    journal: Journal,
    controls: Controls,
    shelf: Mutex<Shelf>,
}

struct Shelf {
    alerts: Vec<Value>,
    /// When requests with the key came, within the window.
    came: VecDeque<Instant>,
}

/// Starts it.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World, controls: Controls) -> io::Result<(SocketAddr, Arc<Alerts>)> {
    let alerts = vec![
        json!({"id": 1, "alert_type": "disk", "severity": "medium", "message": "disk of db-2 is 81% full"}),
        json!({"id": 2, "alert_type": "latency", "severity": "high", "message": "p95 of /checkout above 2 s"}),
    ];
    let shelf = Mutex::new(Shelf { alerts, came: VecDeque::new() });
    let service = Arc::new(Alerts { journal: world.journal(), controls, shelf });
    let answering = service.clone();
    let at = world
        .serve(SYSTEM, PORT, None, move |asked| {
            let answer = answering.answer(&asked);
            async move { answer }
        })
        .await?;
    Ok((at, service))
}

impl Alerts {
    /// What it answers, and what it does about it.
    #[must_use]
    pub fn answer(&self, asked: &Asked) -> Answer {
        let fault = asked.header(FAULT).filter(|_| self.controls == Controls::On);
        let answer = match fault.and_then(broken) {
            Some(Answer::Http(reply)) => Answer::Http(dressed(reply)),
            Some(wire) => wire,
            None => Answer::Http(dressed(self.route(asked))),
        };
        let status = match &answer {
            Answer::Http(reply) => reply.status,
            Answer::Wire(_) => 0,
        };
        if status != 0 {
            let peer = asked.peer.map_or_else(|| "-".to_owned(), |peer| peer.to_string());
            let query = if asked.query.is_empty() { String::new() } else { format!("?{}", asked.query) };
            let words = crate::server::reason(status);
            let line =
                format!("INFO:     {peer} - \"{} {}{query} HTTP/1.1\" {status} {words}", asked.method, asked.path);
            self.journal.log(SYSTEM, line);
        }
        answer
    }

    fn route(&self, asked: &Asked) -> Reply {
        let method = asked.method.as_str();
        let user = asked.path.strip_prefix("/users/").filter(|id| !id.is_empty() && !id.contains('/'));
        match (method, asked.path.as_str()) {
            ("GET", "/health") => Reply::json(200, &json!({"status": "healthy"})),
            ("GET", "/openapi.json") => Reply::new(200, "application/json", DOCUMENT),
            ("GET", "/simulate-timeout") => {
                Reply::json(200, &json!({"message": "This response was delayed by 10 seconds"}))
                    .after(Duration::from_secs(10))
            }
            ("GET", "/simulate-server-error") => server_error(),
            ("GET", "/simulate-service-unavailable") => unavailable(),
            ("GET", "/alerts") => self.admitted(asked).unwrap_or_else(|| self.list()),
            ("POST", "/alerts") => self.admitted(asked).unwrap_or_else(|| self.store(asked)),
            ("GET", _) if user.is_some() => self.admitted(asked).unwrap_or_else(|| find_user(user.unwrap_or_default())),
            _ if user.is_some() || KNOWN.contains(&asked.path.as_str()) => {
                detail(405, "Method Not Allowed").with("allow", "GET")
            }
            _ => detail(404, "Not Found"),
        }
    }

    /// The key, then the limit; an answer where either says no.
    fn admitted(&self, asked: &Asked) -> Option<Reply> {
        match asked.header("x-api-key") {
            None | Some("") => return Some(detail(401, "Missing authentication. Include X-API-Key header.")),
            Some(KEY) => {}
            Some(_) => return Some(detail(403, "Invalid API key. Access forbidden.")),
        }
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while shelf.came.front().is_some_and(|first| now.duration_since(*first) >= WINDOW) {
            shelf.came.pop_front();
        }
        match shelf.came.front() {
            Some(first) if shelf.came.len() >= LIMIT => {
                let left = WINDOW.saturating_sub(now.duration_since(*first));
                let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
                let reply = detail(429, "Rate limit exceeded. Max 5 requests per 60 seconds.");
                Some(reply.with("retry-after", seconds.max(1).to_string()))
            }
            _ => {
                shelf.came.push_back(now);
                None
            }
        }
    }

    fn list(&self) -> Reply {
        let shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        Reply::json(200, &json!({"alerts": shelf.alerts, "count": shelf.alerts.len()}))
    }

    fn store(&self, asked: &Asked) -> Reply {
        let body = match parsed(asked) {
            Ok(body) => body,
            Err(refusal) => return refusal,
        };
        let given = |name: &str| body.get(name).filter(|value| !value.is_null() && **value != json!("")).cloned();
        let (Some(kind), Some(severity)) = (given("alert_type"), given("severity")) else {
            return detail(400, "Missing required fields: alert_type, severity");
        };
        if !severity.as_str().is_some_and(|severity| SEVERITIES.contains(&severity)) {
            return detail(400, "Invalid severity. Must be one of: low, medium, high, critical");
        }
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let id = shelf.alerts.len() + 1;
        let message = given("message").unwrap_or(Value::Null);
        let alert = json!({
            "id": id, "alert_type": kind, "severity": severity, "message": message, "created_at": now(),
        });
        shelf.alerts.push(alert.clone());
        self.journal.wrote(format!("alerts: stored alert {id}"));
        Reply::json(201, &alert)
    }
}

const KNOWN: [&str; 6] = [
    "/health",
    "/openapi.json",
    "/alerts",
    "/simulate-timeout",
    "/simulate-server-error",
    "/simulate-service-unavailable",
];

fn detail(status: u16, words: &str) -> Reply {
    Reply::json(status, &json!({"detail": words}))
}

fn server_error() -> Reply {
    detail(500, "Internal server error - something went wrong on our end")
}

fn unavailable() -> Reply {
    detail(503, "Service temporarily unavailable. Please try again later.")
}

/// uvicorn's own fields come first, in lower case.
fn dressed(mut reply: Reply) -> Reply {
    let mut headers = vec![
        ("date".to_owned(), http_now()),
        ("server".to_owned(), "uvicorn".to_owned()),
        ("content-length".to_owned(), reply.body.len().to_string()),
    ];
    headers.extend(reply.headers.drain(..).map(|(name, value)| (name.to_lowercase(), value)));
    Reply { headers, ..reply }
}

/// The body as an object, or what FastAPI (pydantic 2) says of one that is none.
fn parsed(asked: &Asked) -> Result<Value, Reply> {
    if asked.body.is_empty() {
        return Ok(json!({}));
    }
    let kind = asked.header("content-type").unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_lowercase();
    let refused = |error: Value| Err(Reply::json(422, &json!({ "detail": [error] })));
    if kind != "application/json" && !kind.ends_with("+json") {
        let text = String::from_utf8_lossy(&asked.body);
        return refused(json!({
            "type": "dict_type", "loc": ["body"], "msg": "Input should be a valid dictionary", "input": text,
        }));
    }
    match serde_json::from_slice::<Value>(&asked.body) {
        Ok(value) if value.is_object() => Ok(value),
        Ok(value) => refused(json!({
            "type": "dict_type", "loc": ["body"], "msg": "Input should be a valid dictionary", "input": value,
        })),
        // FastAPI gives the place as the number of characters before it, in the words of Python's own parser.
        Err(error) => refused(json!({
            "type": "json_invalid", "loc": ["body", place(&asked.body, &error)], "msg": "JSON decode error", "input": {},
            "ctx": {"error": python_words(&error)},
        })),
    }
}

fn place(body: &[u8], error: &serde_json::Error) -> usize {
    let lines: usize =
        body.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1)).map(<[u8]>::len).sum();
    // Ours points behind the character, Python's before it.
    (lines + error.column()).saturating_sub(1)
}

fn python_words(error: &serde_json::Error) -> &'static str {
    let words = error.to_string();
    if words.starts_with("expected `,`") {
        "Expecting ',' delimiter"
    } else if words.starts_with("key must be a string") || words.starts_with("trailing comma") {
        "Expecting property name enclosed in double quotes"
    } else if words.starts_with("expected `:`") {
        "Expecting ':' delimiter"
    } else if words.starts_with("EOF while parsing a string") {
        "Unterminated string starting at"
    } else if words.starts_with("trailing characters") {
        "Extra data"
    } else {
        "Expecting value"
    }
}

fn find_user(id: &str) -> Reply {
    let Ok(id) = id.parse::<i64>() else {
        return Reply::json(
            422,
            &json!({"detail": [{
                "type": "int_parsing", "loc": ["path", "user_id"], "input": id,
                "msg": "Input should be a valid integer, unable to parse string as an integer",
            }]}),
        );
    };
    match id {
        1 => Reply::json(200, &json!({"id": 1, "name": "Ada Byron", "email": "ada@example.com"})),
        2 => Reply::json(200, &json!({"id": 2, "name": "Grace Murray", "email": "grace@example.com"})),
        3 => Reply::json(200, &json!({"id": 3, "name": "Edsger Wybe", "email": "edsger@example.com"})),
        _ => detail(404, &format!("User with ID {id} not found")),
    }
}

/// The faults on demand.
fn broken(name: &str) -> Option<Answer> {
    let half = || {
        let body = br#"{"alerts": [{"id": 1, "alert_t"#.to_vec();
        let head = format!("HTTP/1.1 200 OK\r\nserver: uvicorn\r\ncontent-length: {}\r\n\r\n", body.len() + 200);
        vec![Wire::Send([head.into_bytes(), body].concat())]
    };
    match name.trim() {
        "server-error" => Some(server_error().into()),
        "unavailable" => Some(unavailable().into()),
        "slow" => Some(Reply::json(200, &json!({"status": "healthy"})).after(Duration::from_secs(10)).into()),
        "reset" => Some(Answer::Wire(vec![Wire::Reset])),
        "cut" => Some(Answer::Wire(half())),
        "cut-by-reset" => {
            Some(Answer::Wire([half(), vec![Wire::Wait(Duration::from_millis(50)), Wire::Reset]].concat()))
        }
        "empty" => Some(Answer::Wire(Vec::new())),
        "garbage" => Some(Answer::Wire(vec![Wire::Send(b"\x00\x01\x02 not a status line\r\n\r\n".to_vec())])),
        _ => None,
    }
}

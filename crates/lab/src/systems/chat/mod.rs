//! A chat platform: chats begin with a look-up of the customer in the CRM, and end with a webhook to it.
//!
//! It keeps what such platforms keep: subscriptions, a log of deliveries that its API shows, and an application log whose
//! correlation ids the CRM's log carries on. What a scenario breaks is said by [`Options`].

mod api;
mod deliver;

use crate::systems::outgoing::Outgoing;
use crate::systems::stamp;
use crate::{Ledger, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;

/// The port of the chat platform where ports are named.
pub const PORT: u16 = 8005;
/// The name under which it listens and logs.
pub const NAME: &str = "chat";
/// The key of its API.
pub const KEY: &str = "chat_live_acme_6d1f08";
/// The type of the event at the end of a chat.
pub const COMPLETED: &str = "chat.completed";

/// What becomes of an event between the end of a chat and the first delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Queue {
    /// It is delivered at once.
    #[default]
    Works,
    /// It waits for so long.
    Delays(Duration),
    /// It is delivered, and so long after it once more, as queues do that promise "at least once".
    Doubles(Duration),
    /// It is lost, because the queue is full.
    Drops,
    /// It waits for a worker that does not run.
    Stands,
}

/// What a scenario may break.
#[derive(Clone, Debug)]
pub struct Options {
    /// Base URL of the CRM.
    pub crm: String,
    /// The key for its API.
    pub crm_key: String,
    /// How long the look-up of a customer may take.
    pub lookup_patience: Duration,
    /// Chats of these channels produce [`COMPLETED`].
    pub channels: Vec<String>,
    /// The way of an event.
    pub queue: Queue,
    /// Whether the body is written anew after it was signed.
    pub rewrites_body: bool,
    /// How long the answer to a delivery is waited for.
    pub patience: Duration,
    /// The pauses before the second, third, … attempt.
    pub backoff: Vec<Duration>,
    /// After so many deliveries that failed for good, a subscription is disabled.
    pub disables_after: u64,
}

impl Options {
    /// A platform that works, and the CRM that it works with.
    #[must_use]
    pub fn new(crm: impl Into<String>) -> Self {
        Self {
            crm: crm.into(),
            crm_key: "crm_live_acme_agent_5f2c9a".to_owned(),
            lookup_patience: Duration::from_secs(10),
            channels: vec!["web".to_owned(), "app".to_owned()],
            queue: Queue::Works,
            rewrites_body: false,
            patience: Duration::from_secs(10),
            backoff: [100, 200].map(Duration::from_millis).to_vec(),
            disables_after: 5,
        }
    }
}

/// A running chat platform.
#[derive(Clone)]
pub struct Chat {
    /// Where it listens.
    pub address: SocketAddr,
    app: Arc<App>,
}

impl Chat {
    /// The absolute URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits until no delivery is under way any more; not for ever.
    pub async fn settle(&self) {
        for _ in 0..12_000 {
            if self.app.under_way.load(Ordering::SeqCst) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Starts a healthy chat platform in front of the CRM of this world, subscribed to nothing but the CRM.
///
/// # Errors
/// When the port is taken.
pub async fn start(world: &World, crm: SocketAddr) -> io::Result<SocketAddr> {
    let chat = start_with(world, Options::new(format!("http://{crm}"))).await?;
    let hook = format!("http://{crm}/webhooks/chat");
    chat.app.subscribe(&json!({ "url": hook, "secret": super::crm::SECRET, "events": [COMPLETED] }));
    Ok(chat.address)
}

/// Starts a chat platform with faults and without subscriptions.
///
/// # Errors
/// When the port is taken.
pub async fn start_with(world: &World, options: Options) -> io::Result<Chat> {
    let (queue, events) = mpsc::unbounded_channel();
    let ledger = world.ledger();
    let app = Arc::new(App { ledger, options, state: Mutex::default(), queue, under_way: AtomicU64::new(0) });
    world.run(deliver::work(Arc::clone(&app), events));
    let serving = Arc::clone(&app);
    let address = world
        .serve(NAME, PORT, None, move |asked| {
            let app = Arc::clone(&serving);
            async move { app.answer(asked).await }
        })
        .await?;
    Ok(Chat { address, app })
}

struct App {
    ledger: Ledger,
    options: Options,
    state: Mutex<State>,
    queue: mpsc::UnboundedSender<Event>,
    /// Events that are on their way: queued, being sent, or waiting for the next attempt.
    under_way: AtomicU64,
}

#[derive(Default)]
struct State {
    chats: BTreeMap<String, Value>,
    subscriptions: Vec<Subscription>,
    deliveries: Vec<Value>,
}

/// Who wants to hear of which events.
#[derive(Clone, Debug)]
struct Subscription {
    id: String,
    url: String,
    secret: String,
    token: Option<String>,
    events: Vec<String>,
    enabled: bool,
    disabled_because: Option<String>,
    failures: u64,
}

/// Something that happened.
#[derive(Clone, Debug)]
struct Event {
    id: String,
    kind: &'static str,
    chat: String,
    correlation: String,
    body: String,
    /// 0 for the first time that the queue hands it out.
    copy: u32,
}

impl App {
    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A line of the application's log.
    fn log(&self, level: &str, target: &str, message: &str, members: &[(&str, Value)]) {
        let mut line = vec![
            ("timestamp", json!(stamp::rfc3339(stamp::now()))),
            ("level", json!(level)),
            ("target", json!(format!("chat_platform::{target}"))),
            ("message", json!(message)),
        ];
        line.extend(members.iter().filter(|(_, value)| !value.is_null()).cloned());
        self.ledger.log(NAME, stamp::line(&line));
    }

    /// Keeps a subscription.
    fn subscribe(&self, wanted: &Value) -> Subscription {
        let text = |name: &str| wanted.get(name).and_then(Value::as_str).map(str::to_owned);
        let events = wanted.get("events").and_then(Value::as_array).cloned().unwrap_or_default();
        let subscription = Subscription {
            id: stamp::id("sub"),
            url: text("url").unwrap_or_default(),
            secret: text("secret").unwrap_or_default(),
            token: text("token"),
            events: events.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            enabled: wanted.get("enabled").and_then(Value::as_bool).unwrap_or(true),
            disabled_because: text("disabledReason"),
            failures: 0,
        };
        self.with(|state| state.subscriptions.push(subscription.clone()));
        self.ledger.wrote(format!("chat: subscription {} made", subscription.id));
        subscription
    }

    /// Asks the CRM who the customer is. `Null` when it does not say: a chat begins all the same.
    async fn look_up(&self, chat: &str, email: &str, correlation: &str) -> Value {
        let encoded = email.replace('%', "%25").replace('+', "%2B").replace(' ', "%20");
        let request = Outgoing {
            method: "GET".to_owned(),
            url: format!("{}/v1/customers?email={encoded}", self.options.crm),
            headers: vec![
                ("Authorization".to_owned(), format!("Bearer {}", self.options.crm_key)),
                ("Accept".to_owned(), "application/json".to_owned()),
                ("User-Agent".to_owned(), "chat-platform/2.9".to_owned()),
                ("X-Correlation-Id".to_owned(), correlation.to_owned()),
            ],
            patience: self.options.lookup_patience,
            ..Outgoing::default()
        };
        let answer = request.send().await;
        let found = answer.json().and_then(|body| body.pointer("/data/0").cloned());
        let members = [
            ("chat_id", json!(chat)),
            ("correlation_id", json!(correlation)),
            ("method", json!("GET")),
            ("url", json!(request.url)),
            ("status", json!(answer.status)),
            ("duration_ms", json!(answer.milliseconds)),
            ("error", json!(answer.error)),
        ];
        match found {
            Some(customer) if answer.is_success() => {
                let members: Vec<_> = members.into_iter().chain([("customer_id", customer["id"].clone())]).collect();
                self.log("INFO", "crm", "customer found", &members);
                customer
            }
            _ => {
                let body = String::from_utf8_lossy(&answer.body).chars().take(600).collect::<String>();
                let body = if body.is_empty() { Value::Null } else { json!(body) };
                let members: Vec<_> = members.into_iter().chain([("response_body", body)]).collect();
                self.log("ERROR", "crm", "customer lookup failed, chat starts without a customer", &members);
                Value::Null
            }
        }
    }

    /// A chat ended: whether that is an event, and which way it goes.
    fn completed(&self, chat: &Value, correlation: &str) -> Option<String> {
        let id = chat["id"].as_str().unwrap_or_default();
        let channel = chat["channel"].as_str().unwrap_or_default();
        let common = [("chat_id", json!(id)), ("correlation_id", json!(correlation))];
        let log = |level: &str, target: &str, message: &str, members: &[(&str, Value)]| {
            self.log(level, target, message, &[&common[..], members].concat());
        };
        log("INFO", "chats", "chat ended", &[("channel", json!(channel)), ("ended_by", json!("agent"))]);
        if !self.options.channels.iter().any(|one| one == channel) {
            let rule = format!("channel in [{}]", self.options.channels.join(", "));
            let members = [("event_type", json!(COMPLETED)), ("rule", json!(rule)), ("channel", json!(channel))];
            log("INFO", "events", "no event generated: the rule of the workflow does not match", &members);
            return None;
        }
        let event = Event {
            id: stamp::id("evt"),
            kind: COMPLETED,
            chat: id.to_owned(),
            correlation: correlation.to_owned(),
            body: payload(chat),
            copy: 0,
        };
        let members = [("webhook_id", json!(event.id)), ("event_type", json!(event.kind))];
        log("INFO", "events", "event generated", &members);
        let name = event.id.clone();
        let copies = match self.options.queue {
            Queue::Drops => {
                let members =
                    [&members[..], &[("queue_depth", json!(10_000)), ("queue_limit", json!(10_000))]].concat();
                log("ERROR", "queue", "event dropped before delivery: delivery queue is full", &members);
                0
            }
            Queue::Stands => {
                let members = [&members[..], &[("queue_depth", json!(4_127)), ("workers", json!(0))]].concat();
                log("WARN", "queue", "event queued, not sent: no delivery worker is running", &members);
                0
            }
            Queue::Doubles(_) => 2,
            Queue::Works | Queue::Delays(_) => 1,
        };
        for copy in 0..copies {
            self.under_way.fetch_add(1, Ordering::SeqCst);
            if self.queue.send(Event { copy, ..event.clone() }).is_err() {
                self.under_way.fetch_sub(1, Ordering::SeqCst);
            }
        }
        Some(name)
    }
}

/// The body of the event, its members in the order of the documentation.
fn payload(chat: &Value) -> String {
    let of = |name: &str| chat.get(name).cloned().unwrap_or_default();
    let data = stamp::line(&[
        ("chatId", of("id")),
        ("customerId", chat.pointer("/customer/id").cloned().unwrap_or_default()),
        ("subject", of("subject")),
        ("topic", of("topic")),
        ("channel", of("channel")),
        ("startedAt", of("startedAt")),
        ("endedAt", of("endedAt")),
    ]);
    format!(r#"{{"type":"{COMPLETED}","timestamp":{},"data":{data}}}"#, of("endedAt"))
}

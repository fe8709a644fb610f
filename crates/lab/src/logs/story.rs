//! What happens to one chat, in true time, and who writes what about it.

use super::lines::{Passage, application, crm, gateway};
use super::{Logs, Setting, Variant};
use serde_json::{Value, json};

const AGENT: &str = "chat-platform-webhooks/2.9";
const SENDER: &str = "c.acme.chat.webhooks.Sender";
const HOOK: &str = "/webhooks/chat";

/// One chat.
#[derive(Clone, Debug)]
pub struct Chat {
    /// When it ends.
    pub ended: i64,
    pub id: String,
    pub event: String,
    pub correlation: String,
    pub ticket: String,
    pub customer: String,
    /// How long the CRM works on it, in milliseconds.
    pub work: i64,
}

/// One attempt to deliver, as it really went.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub number: u64,
    /// When it is sent.
    pub at: i64,
    pub request: String,
    pub path: &'static str,
    /// What the sender met: a status, or an exception.
    pub met: Met,
    /// What the gateway answered and after how long; `None` when it never came there.
    pub gateway: Option<(u16, i64)>,
    /// What the CRM answered and after how long; `None` when it never came there.
    pub crm: Option<(u16, i64)>,
    /// What the CRM's line says of an error, or of the body of its answer.
    pub says: Option<(&'static str, String)>,
}

/// What the sender met.
#[derive(Clone, Debug)]
pub enum Met {
    Answer(u16, &'static str),
    Exception(&'static str, i64),
}

/// Three logs that are being written, in true time.
pub struct Stage {
    chat: Vec<(i64, String)>,
    gateway: Vec<(i64, String)>,
    crm: Vec<(i64, String)>,
    setting: Setting,
    chance: Chance,
    requests: Vec<String>,
}

/// Numbers by chance, the same for the same seed (SplitMix64).
pub struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `low` to below `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low).unwrap_or(1).max(1);
        low + i64::try_from(self.next() % width).unwrap_or(0)
    }

    fn hex(&mut self) -> String {
        format!("{:016x}", self.next())
    }

    fn uuid(&mut self) -> String {
        let h = format!("{}{}", self.hex(), self.hex());
        format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..])
    }
}

/// Tells a variant among chats that go well.
pub fn tell(variant: &Variant, setting: &Setting) -> Logs {
    let seed = variant.name.bytes().fold(setting.seed, |state, b| state.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut stage = Stage {
        chat: Vec::new(),
        gateway: Vec::new(),
        crm: Vec::new(),
        setting: *setting,
        chance: Chance(seed),
        requests: Vec::new(),
    };
    let mut logs = Logs::default();
    let mut at = setting.from + 60_000;
    for number in 0..setting.chats {
        at += stage.chance.between(8_000, 25_000);
        let chat = stage.begin(at);
        stage.noise(at);
        if number % setting.one_in == setting.one_in / 2 {
            stage.requests.clear();
            (variant.play)(&mut stage, &chat);
            logs.requests.push(stage.requests.first().cloned().unwrap_or_else(|| chat.correlation.clone()));
            logs.broken.push(chat.id);
        } else {
            stage.goes_well(&chat);
            logs.healthy += 1;
        }
    }
    // Longer than any step may take, so that what is missing is missing; then one that has only just begun.
    let last = at.max(stage.chat.iter().chain(&stage.crm).map(|(time, _)| *time).max().unwrap_or(at));
    for minute in 0..16 {
        stage.noise(last + minute * 60_000);
    }
    let end = last + 15 * 60_000;
    let chat = stage.begin(end - 2_000);
    stage.completes(&chat);
    stage.event(&chat, chat.ended + 40);
    logs.pending.push(chat.id);
    logs.files = vec![
        ("chat.log", text(&mut stage.chat)),
        ("gateway.log", text(&mut stage.gateway)),
        ("crm.log", text(&mut stage.crm)),
    ];
    logs
}

/// The lines of one system in true time: a clock that is off does not change their order.
fn text(lines: &mut [(i64, String)]) -> String {
    lines.sort();
    lines.iter().fold(String::new(), |mut text, (_, line)| {
        text.push_str(line);
        text.push('\n');
        text
    })
}

impl Stage {
    fn begin(&mut self, ended: i64) -> Chat {
        let id = format!("chat_{}", self.chance.hex());
        let chat = Chat {
            ended,
            id,
            event: format!("evt_{}", self.chance.hex()),
            correlation: self.chance.uuid(),
            ticket: format!("tic_{}", self.chance.between(10_000, 1_000_000)),
            customer: format!("cus_{}", self.chance.between(1_000, 9_999)),
            work: self.chance.between(40, 400),
        };
        let begun = ended - self.chance.between(60_000, 400_000);
        if begun > self.setting.from {
            self.says(begun, "INFO", "chats", "chat started", &chat, &[("channel", "web".to_owned())]);
        }
        chat
    }

    /// A line of the chat platform about a chat.
    pub fn says(&mut self, at: i64, level: &str, part: &str, words: &str, chat: &Chat, more: &[(&str, String)]) {
        let mut pairs = vec![("chat_id", chat.id.clone()), ("correlation_id", chat.correlation.clone())];
        pairs.extend(more.iter().cloned());
        let logger = match part {
            "chats" => "c.acme.chat.chats.ChatService",
            "events" => "c.acme.chat.workflow.Events",
            _ => SENDER,
        };
        let line = application(at + self.setting.skew[0], level, &format!("{part}-3"), logger, words, &pairs);
        self.chat.push((at, line));
    }

    /// A line of the CRM.
    pub fn crm_says(&mut self, at: i64, level: &str, words: &str, members: &[(&str, Value)]) {
        self.crm.push((at, crm(at + self.setting.skew[2], level, words, members)));
    }

    /// The chat ends.
    pub fn completes(&mut self, chat: &Chat) {
        self.says(chat.ended, "INFO", "chats", "chat ended", chat, &[("customer_id", chat.customer.clone())]);
    }

    /// Its event is generated.
    pub fn event(&mut self, chat: &Chat, at: i64) {
        let more = [("webhook_id", chat.event.clone()), ("event_type", "chat.completed".to_owned())];
        self.says(at, "INFO", "events", "event generated", chat, &more);
    }

    /// A request id that goes through all logs.
    pub fn request(&mut self) -> String {
        let id = format!("{}{}", self.chance.hex(), self.chance.hex());
        self.requests.push(id.clone());
        id
    }

    /// By chance.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        self.chance.between(low, high)
    }

    /// Chat ended, event generated.
    pub fn until_event(&mut self, chat: &Chat) {
        self.completes(chat);
        self.event(chat, chat.ended + 40);
    }

    /// All of it.
    pub fn goes_well(&mut self, chat: &Chat) {
        self.until_event(chat);
        let attempt = self.answered(chat, 1, chat.ended + 120, 201);
        self.deliver(chat, &attempt);
        self.ticket(chat, &attempt, &chat.ticket);
    }

    /// An attempt that the CRM answers, and the gateway passes the answer on.
    pub fn answered(&mut self, chat: &Chat, number: u64, at: i64, status: u16) -> Attempt {
        let way = self.chance.between(2, 12);
        Attempt {
            number,
            at,
            request: self.request(),
            path: HOOK,
            met: Met::Answer(status, ""),
            gateway: Some((status, chat.work + way)),
            crm: Some((status, chat.work)),
            says: None,
        }
    }

    /// An attempt that the gateway answers by itself.
    pub fn stopped(&mut self, number: u64, at: i64, status: u16, took: i64) -> Attempt {
        Attempt {
            number,
            at,
            request: self.request(),
            path: HOOK,
            met: Met::Answer(status, ""),
            gateway: Some((status, took)),
            crm: None,
            says: None,
        }
    }

    /// An attempt that meets an exception before anybody hears of it.
    pub fn unreachable(&mut self, number: u64, at: i64, exception: &'static str, took: i64) -> Attempt {
        Attempt {
            number,
            at,
            request: self.request(),
            path: HOOK,
            met: Met::Exception(exception, took),
            gateway: None,
            crm: None,
            says: None,
        }
    }

    /// Writes what all three write of an attempt.
    pub fn deliver(&mut self, chat: &Chat, attempt: &Attempt) {
        let a = attempt;
        let there = self.chance.between(3, 15);
        if let Some((status, took)) = a.gateway {
            let at = a.at + there + took;
            let passage = Passage {
                method: "POST",
                path: a.path.to_owned(),
                status,
                bytes: 40 + u64::from(status),
                took,
                // A gateway that could not connect writes the status that it answers itself, and no time.
                upstream: match a.crm {
                    Some((status, worked)) if worked <= took => Some((status, worked + 1)),
                    Some(_) => Some((if status == 499 { 499 } else { 504 }, took)),
                    None => matches!(status, 502 | 503).then_some((status, 0)),
                },
                request_id: a.request.clone(),
                correlation_id: chat.correlation.clone(),
                agent: AGENT,
            };
            let passage = if status == 499 { Passage { upstream: None, ..passage } } else { passage };
            let line = gateway(at + self.setting.skew[1], &passage, self.setting.gateway_json);
            self.gateway.push((at, line));
        }
        if let Some((status, took)) = a.crm {
            let at = a.at + there + 1 + took;
            let level = match status {
                500.. => "error",
                400.. => "warn",
                _ => "info",
            };
            let mut members = vec![
                ("request_id", json!(a.request)),
                ("correlation_id", json!(chat.correlation)),
                ("method", json!("POST")),
                ("path", json!(a.path)),
                ("status", json!(status)),
                ("duration_ms", json!(took)),
                ("release", json!("4.18.2")),
            ];
            if let Some((name, words)) = &a.says {
                members.push((name, json!(words)));
            }
            self.crm_says(at, level, "request completed", &members);
        }
        self.sender(chat, a, there);
    }

    fn sender(&mut self, chat: &Chat, a: &Attempt, there: i64) {
        let took = match (&a.met, a.gateway) {
            (Met::Exception(_, took), _) => *took,
            (Met::Answer(..), Some((_, took))) => took + 2 * there,
            (Met::Answer(..), None) => a.crm.map_or(0, |(_, took)| took) + 2 * there,
        };
        let mut more = vec![
            ("webhook_id", chat.event.clone()),
            ("request_id", a.request.clone()),
            ("method", "POST".to_owned()),
            ("url", format!("https://crm.example.com{}", a.path)),
            ("attempt", a.number.to_string()),
        ];
        match &a.met {
            Met::Answer(status, body) => {
                more.push(("status", status.to_string()));
                more.push(("duration_ms", took.to_string()));
                if !body.is_empty() {
                    more.push(("response_body", (*body).to_owned()));
                }
                let well = *status < 400;
                let (level, words) =
                    if well { ("INFO", "webhook delivered") } else { ("WARN", "webhook delivery failed") };
                self.says(a.at + took, level, "webhooks", words, chat, &more);
            }
            Met::Exception(exception, _) => {
                more.push(("duration_ms", took.to_string()));
                more.push(("error", (*exception).to_owned()));
                self.says(a.at + took, "WARN", "webhooks", "webhook delivery failed", chat, &more);
            }
        }
    }

    /// The sender stops trying.
    pub fn gives_up(&mut self, chat: &Chat, at: i64, attempts: u64) {
        let more = [("webhook_id", chat.event.clone()), ("attempts", attempts.to_string())];
        self.says(at, "ERROR", "webhooks", "webhook delivery given up", chat, &more);
    }

    /// The CRM says that it made a ticket.
    pub fn ticket(&mut self, chat: &Chat, attempt: &Attempt, ticket: &str) {
        let took = attempt.crm.map_or(0, |(_, took)| took);
        let members = [
            ("request_id", json!(attempt.request)),
            ("correlation_id", json!(chat.correlation)),
            ("webhook_id", json!(chat.event)),
            ("external_id", json!(chat.id)),
            ("ticket_id", json!(ticket)),
        ];
        self.crm_says(attempt.at + took - took / 8, "info", "ticket created", &members);
    }

    /// Other traffic: look-ups of customers, through the gateway.
    pub fn noise(&mut self, at: i64) {
        for _ in 0..2 {
            let at = at + self.chance.between(0, 5_000);
            let took = self.chance.between(3, 60);
            let (request, correlation) = (format!("{}{}", self.chance.hex(), self.chance.hex()), self.chance.uuid());
            let found = self.chance.between(0, 20) > 0;
            let status = if found { 200 } else { 404 };
            let path = format!("/v1/customers/cus_{}", self.chance.between(1_000, 9_999));
            let members = [
                ("request_id", json!(request)),
                ("correlation_id", json!(correlation)),
                ("method", json!("GET")),
                ("path", json!(path)),
                ("status", json!(status)),
                ("duration_ms", json!(took)),
            ];
            self.crm_says(at + took, if found { "info" } else { "warn" }, "request completed", &members);
            let passage = Passage {
                method: "GET",
                path,
                status,
                bytes: 512,
                took: took + 2,
                upstream: Some((status, took + 1)),
                request_id: request,
                correlation_id: correlation,
                agent: "agent-desktop/7.2",
            };
            let line = gateway(at + took + 2 + self.setting.skew[1], &passage, self.setting.gateway_json);
            self.gateway.push((at + took + 2, line));
        }
        let line = application(
            at + self.setting.skew[0],
            "INFO",
            "scheduler-1",
            "c.acme.chat.Presence",
            "agents online: 14",
            &[],
        );
        self.chat.push((at, line));
    }
}

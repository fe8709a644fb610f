//! The three forms: Logback lines of a Spring application, nginx access logs, NDJSON.

use crate::systems::moment::Moment;
use crate::systems::stamp;
use serde_json::{Value, json};

/// What an application line carries behind its words.
pub type Pairs<'a> = &'a [(&'a str, String)];

/// `2026-03-02 10:04:11.020  INFO 4711 --- [webhooks-3] c.a.chat.webhooks.Sender : words name=value …`
#[must_use]
pub fn application(at: i64, level: &str, thread: &str, logger: &str, words: &str, pairs: Pairs<'_>) -> String {
    let time = Moment { milliseconds: at }.java().replace(',', ".");
    let mut line = format!("{time} {level:>5} 4711 --- [{thread:>15}] {logger:<40} : {words}");
    for (name, value) in pairs {
        let quote = value.is_empty() || value.contains([' ', '"', '=']);
        line.push_str(&if quote { format!(" {name}={value:?}") } else { format!(" {name}={value}") });
    }
    line
}

/// One request as a gateway saw it.
#[derive(Clone, Debug)]
pub struct Passage {
    pub method: &'static str,
    pub path: String,
    pub status: u16,
    pub bytes: u64,
    /// In milliseconds.
    pub took: i64,
    /// Status and milliseconds of the system behind; `None` when none was asked.
    pub upstream: Option<(u16, i64)>,
    pub request_id: String,
    pub correlation_id: String,
    pub agent: &'static str,
}

/// nginx's access log, as JSON or in the combined form with the fields that people add.
#[must_use]
pub fn gateway(at: i64, passage: &Passage, as_json: bool) -> String {
    let p = passage;
    let seconds = |ms: i64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let (upstream, status, took) = match p.upstream {
        Some((status, took)) => ("10.0.3.7:8004".to_owned(), status.to_string(), seconds(took)),
        None => ("-".to_owned(), "-".to_owned(), "-".to_owned()),
    };
    if as_json {
        return stamp::line(&[
            ("time", json!(Moment { milliseconds: at }.iso())),
            ("service", json!("gateway")),
            ("remote_addr", json!("10.0.1.12")),
            ("request_id", json!(p.request_id)),
            ("correlation_id", json!(p.correlation_id)),
            ("request_method", json!(p.method)),
            ("uri", json!(p.path)),
            ("status", json!(p.status)),
            ("body_bytes_sent", json!(p.bytes)),
            ("request_time", Value::from(seconds(p.took))),
            ("upstream_addr", json!(upstream)),
            ("upstream_status", json!(status)),
            ("upstream_response_time", json!(took)),
            ("http_user_agent", json!(p.agent)),
        ]);
    }
    let time = Moment { milliseconds: at }.common();
    format!(
        "10.0.1.12 - - [{time}] \"{} {} HTTP/1.1\" {} {} \"-\" \"{}\" request_id={} correlation_id={} request_time={} \
         upstream_addr={upstream} upstream_status={status} upstream_response_time={took}",
        p.method,
        p.path,
        p.status,
        p.bytes,
        p.agent,
        p.request_id,
        p.correlation_id,
        seconds(p.took)
    )
}

/// A line of the CRM.
#[must_use]
pub fn crm(at: i64, level: &str, words: &str, members: &[(&str, Value)]) -> String {
    let mut all = vec![
        ("time", json!(Moment { milliseconds: at }.iso())),
        ("level", json!(level)),
        ("service", json!("crm")),
        ("msg", json!(words)),
    ];
    all.extend(members.iter().cloned());
    stamp::line(&all)
}

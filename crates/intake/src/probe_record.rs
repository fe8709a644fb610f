//! What `firstfault probe --format json` wrote: the call as it was measured, judged again without the network.
//!
//! Only the member `call` is read (docs/json.md); the verdict beside it is made anew.

use crate::Intake;
use firstfault_model::{
    Body, Call, Headers, Message, MessageKind, Origin, Problem, Request, Response, Span, Timings, Url, Vantage,
};
use serde::Deserialize;

/// How far into the input the form is looked for.
const SNIFF_BYTES: usize = 1 << 10;
/// How many marks and fields are kept.
const MARK_LIMIT: usize = 1_000;

/// True when the input is a record of a probe.
#[must_use]
pub fn recognises(text: &str) -> bool {
    let text = text.trim_start();
    let mut end = text.len().min(SNIFF_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.starts_with('{') && text[..end].contains("\"firstfault/probe/1\"")
}

/// Reads it.
#[must_use]
pub fn read(text: &str) -> Intake {
    match serde_json::from_str::<Document>(text) {
        Ok(document) => Intake { calls: vec![document.call.call()], ..Intake::default() },
        Err(fault) => {
            let line = u32::try_from(fault.line()).unwrap_or(u32::MAX);
            let message =
                format!("expected a record of a probe, got a fault in line {line} column {}: {fault}", fault.column());
            let problems = vec![Problem::new(Span::new(line, 0, 0), message.clone())];
            Intake { problems, unreadable: Some(message), ..Intake::default() }
        }
    }
}

#[derive(Deserialize)]
struct Document {
    call: Record,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Record {
    started: Option<i64>,
    request: Option<Half>,
    response: Option<Half>,
    marks: Vec<(String, String)>,
    messages: Vec<String>,
    timings: Phases,
}

/// A request or a response.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Half {
    method: Option<String>,
    url: String,
    status: Option<u16>,
    reason: Option<String>,
    version: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    complete: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Phases {
    dns: Option<f64>,
    connect: Option<f64>,
    tls: Option<f64>,
    send: Option<f64>,
    wait: Option<f64>,
    receive: Option<f64>,
    total: Option<f64>,
}

impl Record {
    fn call(self) -> Call {
        let place = Span::default();
        let body = |text: Option<String>| text.map(|text| Body::bounded(&text, place));
        let fields = |list: Vec<(String, String)>| {
            let mut headers = Headers::default();
            for (name, value) in list.into_iter().take(MARK_LIMIT) {
                headers.push(name, value, place);
            }
            headers
        };
        let mut call = Call::new(Origin::Probe, Vantage::Client);
        call.started = self.started;
        call.request = self.request.map(|m| Request {
            method: m.method,
            url: Url::parse(&m.url),
            version: m.version,
            headers: fields(m.headers),
            body: body(m.body),
            complete: m.complete,
            span: place,
        });
        call.response = self.response.map(|m| Response {
            status: m.status,
            reason: m.reason,
            version: m.version,
            headers: fields(m.headers),
            body: body(m.body),
            trailers: Headers::default(),
            complete: m.complete,
            span: place,
        });
        for (name, value) in self.marks.into_iter().take(MARK_LIMIT) {
            call.mark(&name, value, place);
        }
        call.messages =
            self.messages.into_iter().map(|text| Message { kind: MessageKind::Tool, text, span: place }).collect();
        let t = self.timings;
        call.timings = Timings {
            dns: t.dns,
            connect: t.connect,
            tls: t.tls,
            send: t.send,
            wait: t.wait,
            receive: t.receive,
            total: t.total,
        };
        call
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_becomes_its_call() {
        let text = r#"{"schema":"firstfault/probe/1","call":{"started":5,"request":{"method":"GET","url":"https://h:1/p?q=1","headers":[["A","b"]],"complete":true},
            "response":{"status":401,"headers":[["WWW-Authenticate","Bearer"]],"body":"no","complete":true},"marks":[["probe.tcp","connected"],["probe.dns","-"]],"timings":{"tls":3.5}}}"#;
        assert!(recognises(text) && !recognises("{\"schema\":\"firstfault/diagnosis/1\"}"));
        let intake = read(text);
        let call = &intake.calls[0];
        let request = call.request.as_ref().unwrap();
        assert_eq!((call.origin, request.url.to_string()), (Origin::Probe, "https://h:1/p?q=1".to_owned()));
        assert_eq!(request.headers.first("a"), Some("b"));
        assert_eq!((call.status(), call.started, call.timings.tls), (Some(401), Some(5), Some(3.5)));
        assert_eq!(call.attributes.len(), 1, "a dash is an absence");
        assert!(read("{\"schema\":\"firstfault/probe/1\"}").unreadable.unwrap().contains("missing field `call`"));
    }
}

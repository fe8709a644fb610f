//! The general way: any line that `intake` reads, as a record.
//!
//! It is slow and knows everything; the readers beside it are quick and know one form each. What a line means as a failure
//! is not known here.

use super::replay::{self, Quick};
use super::sink::{Sink, millis_text};
use super::{balancer, envoy, haproxy, nginx_error, scan, squid, words};
use crate::layout::style;
use crate::recognise::Names;
use crate::{Attribute, Batch, Field, Kind, Layout, Record, quick};
use firstfault_intake::{Form, logs};
use firstfault_model::{Call, MessageKind, Vantage};
use std::sync::LazyLock;

/// Longer lines are cut: no log line says more in words, and structured ones have readers of their own.
const LINE_LIMIT: usize = 64 * 1024;

/// Names of structured lines among others, and what tells them apart from those of a layout.
static NAMES: LazyLock<(Names, u64)> = LazyLock::new(|| {
    let names = Names::default();
    let key = names.key();
    (names, key)
});

/// One line as a record; `None` when nothing is known of its form. With `lenient`, words alone are an event.
pub(super) fn record(line: &[u8], year: Option<i32>, lenient: bool) -> Option<Record> {
    if let Some(found) = Layout::default().fields(line) {
        return Some(found);
    }
    let text = super::lines::readable(line)?;
    let text = clip(&text);
    let mut found = Record::default();
    if by_position(text, year, &mut found) {
        return Some(found);
    }
    if let Some(call) = call(text) {
        return Some(with_head(of_call(&call), text, year));
    }
    let mut event = Record::default();
    (words::visit(text, year, false, &mut event) || lenient && words::bare(text, &mut event)).then_some(event)
}

/// As [`record`], into the row that is begun.
pub(super) fn read(text: &str, year: Option<i32>, lenient: bool, batch: &mut Batch) -> bool {
    if let Some(style) = style(text.as_bytes())
        && quick::read(style, text.as_bytes(), &NAMES.0, NAMES.1, batch)
    {
        return true;
    }
    batch.begin();
    let text = clip(text);
    if by_position(text, year, &mut Quick { batch, line: text.as_bytes() }) {
        return true;
    }
    batch.begin();
    if let Some(call) = call(text) {
        replay::record(&with_head(of_call(&call), text, year), batch);
        return true;
    }
    let sink = &mut Quick { batch, line: text.as_bytes() };
    words::visit(text, year, false, sink) || lenient && words::bare(text, sink)
}

/// Two lines of .NET's console into the row that is begun; `both` is what stands in the log.
pub(super) fn read_two(level: &'static str, words: &str, both: &str, year: Option<i32>, batch: &mut Batch) {
    let read = if words::may_answer(words.as_bytes()) {
        firstfault_intake::read(both, Some(Form::Log)).calls
    } else {
        Vec::new()
    };
    match read.first().filter(|call| call.status().is_some()) {
        Some(call) => replay::record(&with_head(of_call(call), words, year), batch),
        None => words::below(level, words, &mut Quick { batch, line: both.as_bytes() }),
    }
}

/// What the head of the line says beside its call: its time, level and ids.
fn with_head(mut record: Record, text: &str, year: Option<i32>) -> Record {
    const KEPT: [Attribute; 5] =
        [Attribute::Service, Attribute::Level, Attribute::RequestId, Attribute::TraceId, Attribute::SpanId];
    let mut head = Record::default();
    if words::visit(text, year, false, &mut head) || words::bare(text, &mut head) {
        record.time = record.time.or(head.time);
        for field in head.fields {
            if field.attribute.is_some_and(|a| KEPT.contains(&a) && record.get(a).is_none()) {
                record.fields.push(field);
            }
        }
    }
    record
}

/// What needs none of the readers of `intake`: the forms that are known by position, and words that tell of no call.
fn by_position<'a>(text: &'a str, year: Option<i32>, sink: &mut impl Sink<'a>) -> bool {
    let line = text.as_bytes();
    if nginx_error::visit(line, sink) {
        return true;
    }
    if stateless(line, sink) {
        sink.kind(Kind::Call);
        return true;
    }
    logs::glance(line).is_none() && words::visit(text, year, true, sink)
}

fn clip(text: &str) -> &str {
    let mut end = text.len().min(LINE_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The forms that need nothing learnt.
pub(super) fn stateless<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    match line.first() {
        Some(b'[' | b'A') if envoy::visit(line, sink) => true,
        Some(b'h' | b'w' | b'g') if balancer::application(line, sink) => true,
        Some(b'0'..=b'9') if balancer::classic(line, sink) || squid::visit(line, sink) => true,
        _ => haproxy::visit(line, sink),
    }
}

/// The call that the line tells of, as the readers of logs understand it.
fn call(line: &str) -> Option<Call> {
    if logs::glance(line.as_bytes()).is_none() && !words::may_answer(line.as_bytes()) {
        return None;
    }
    let read = firstfault_intake::read(line, Some(Form::Log));
    if read.only_words { None } else { read.calls.into_iter().next() }
}

/// Marks of `intake` and what they are here, the best first.
const MARKS: &[(&str, Attribute)] = &[
    ("service", Attribute::Service),
    ("route", Attribute::Route),
    ("error.code", Attribute::ErrorCode),
    ("heroku.code", Attribute::ErrorCode),
    ("apigw.error_type", Attribute::ErrorCode),
    ("alb.error_reason", Attribute::ErrorCode),
    ("error.type", Attribute::ErrorCode),
    ("exception.type", Attribute::ErrorCode),
    ("iis.win32", Attribute::ErrorCode),
    ("upstream", Attribute::Upstream),
    ("haproxy.backend", Attribute::Upstream),
    ("k8s.service", Attribute::Upstream),
    ("alb.target_group", Attribute::Upstream),
    ("upstream.addr", Attribute::Upstream),
    ("upstream.status", Attribute::UpstreamStatus),
    ("tenant", Attribute::Tenant),
    ("role", Attribute::Role),
    ("user", Attribute::User),
    ("api_key", Attribute::ApiKey),
    ("client.address", Attribute::ClientIp),
    ("region", Attribute::Region),
    ("host", Attribute::Host),
    ("haproxy.backend_server", Attribute::Host),
    ("client_version", Attribute::ClientVersion),
    ("release", Attribute::Release),
    ("request_id", Attribute::RequestId),
    ("request.id", Attribute::RequestId),
    ("correlation.id", Attribute::RequestId),
    ("trace.id", Attribute::TraceId),
    ("span.id", Attribute::SpanId),
    ("log.level", Attribute::Level),
    ("haproxy.termination", Attribute::Mark),
    ("squid.result", Attribute::Mark),
    ("iis.substatus", Attribute::Mark),
    ("httperr.reason", Attribute::Mark),
    ("cloudfront.detailed_result_type", Attribute::Mark),
    ("grpc.status", Attribute::Mark),
];

/// Marks that only the log of something between has: they tell of a call even where no answer was sent.
const ACCESS: [&str; 5] = ["haproxy.termination", "envoy.flag", "squid.result", "heroku.code", "httperr.reason"];

/// A call of `intake` as a record.
pub(super) fn of_call(call: &Call) -> Record {
    let mut record = Record { time: call.started, ..Record::default() };
    let access = ACCESS.iter().any(|mark| call.attribute(mark).is_some());
    record.kind = if call.status().is_some() || access { Kind::Call } else { Kind::Event };
    let mut put = |name: &str, attribute: Option<Attribute>, value: &str| {
        record.fields.push(Field { name: name.to_owned(), attribute, value: value.to_owned() });
    };
    if let Some(time) = call.attribute("time") {
        put("time", Some(Attribute::Time), time);
    }
    if let Some(request) = &call.request {
        if let Some(method) = &request.method {
            put("method", Some(Attribute::Method), method);
        }
        if !request.url.path.is_empty() && call.attribute("route").is_none() {
            put("path", Some(Attribute::Route), &request.url.path);
        }
        if let Some(host) = &request.url.host {
            let called = call.vantage == Vantage::Client;
            put("server.address", called.then_some(Attribute::Upstream), host);
        }
        if let Some(agent) = request.headers.first("user-agent") {
            put("user_agent", Some(Attribute::ClientVersion), agent);
        }
        if let Some(forwarded) = request.headers.first("x-forwarded-for") {
            let first = forwarded.split(',').next().unwrap_or(forwarded).trim();
            put("x_forwarded_for", Some(Attribute::ClientIp), first);
        }
    }
    if let Some(status) = call.status() {
        put("status", Some(Attribute::Status), &status.to_string());
    }
    if let Some(total) = call.timings.total {
        put("duration", Some(Attribute::Latency), &millis_text(total));
    }
    if let Some(attempt) = call.attempt {
        put("attempt", Some(Attribute::Attempt), &attempt.to_string());
    }
    marks(call, &mut put);
    if let Some(message) = message(call) {
        put("message", Some(Attribute::Message), &message);
    }
    record
}

fn marks(call: &Call, put: &mut impl FnMut(&str, Option<Attribute>, &str)) {
    let flags: Vec<&str> =
        call.attributes.iter().filter(|m| m.name == "envoy.flag").map(|m| m.value.as_str()).collect();
    if !flags.is_empty() {
        put("envoy.flag", Some(Attribute::Mark), &flags.join(","));
    }
    if let Some(cluster) = call.attribute("envoy.cluster") {
        let name = cluster.rsplit('|').next().filter(|name| !name.is_empty()).unwrap_or(cluster);
        put("envoy.cluster", Some(Attribute::Upstream), name);
    }
    if let Some(millis) =
        call.attribute("upstream.response_time").and_then(|list| scan::number(scan::last_of(list.as_bytes())))
    {
        put("upstream.response_time", Some(Attribute::UpstreamLatency), &millis_text(millis));
    }
    for (name, attribute) in MARKS {
        let Some(mut value) = call.attribute(name) else { continue };
        match *name {
            "client.address" => {
                value = std::str::from_utf8(scan::without_port(value.as_bytes())).unwrap_or(value);
            }
            "upstream.status" => value = value.rsplit([' ', ',']).next().unwrap_or(value),
            // the second mark is the two letters that the manual explains; `--` is the normal end
            "haproxy.termination" => {
                value = value.get(..2).unwrap_or(value);
                if value == "--" {
                    continue;
                }
            }
            _ => {}
        }
        put(name, Some(*attribute), value);
    }
    for mark in &call.attributes {
        let known = MARKS.iter().any(|(name, _)| *name == mark.name)
            || matches!(mark.name.as_str(), "time" | "envoy.flag" | "envoy.cluster" | "upstream.response_time");
        if !known {
            put(&mark.name, None, &mark.value);
        }
    }
}

/// What the line says: its own words, and the exception's where that says something else.
fn message(call: &Call) -> Option<String> {
    let spoken: Vec<&firstfault_model::Message> =
        call.messages.iter().filter(|m| !matches!(m.kind, MessageKind::Note)).collect();
    let first = spoken.first()?;
    let exception = spoken.iter().skip(1).find(|m| m.kind == MessageKind::Exception);
    Some(match exception {
        Some(exception) if !first.text.contains(&exception.text) => format!("{}: {}", first.text, exception.text),
        _ => first.text.clone(),
    })
}

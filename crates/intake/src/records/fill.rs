//! From named values to a call: what every structured record goes through, JSON and logfmt alike.
//!
//! This file knows what a call is made of; it refuses to know how a record was written.

use super::fields::{self, Dialect, Field, Unit};
use super::words::{self, Side};
use super::{json, level, stack};
use crate::time;
use firstfault_model::{Body, Call, Headers, Message, MessageKind, Origin, Request, Response, Span, Url, Vantage};

/// No more header fields and marks are kept of one record.
const PART_LIMIT: usize = 256;

/// No more words, and no more traces, are kept of one record.
const WORDS_LIMIT: usize = 24;

/// A call that is being filled from a record's fields, in the record's order.
pub(crate) struct Filler {
    call: Call,
    dialect: Option<Dialect>,
    method: Option<String>,
    url: Option<String>,
    target: Option<String>,
    query: Option<String>,
    scheme: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    version: Option<String>,
    request_headers: Headers,
    request_body: Option<Body>,
    request_span: Span,
    status: Option<u16>,
    reason: Option<String>,
    response_headers: Headers,
    response_body: Option<Body>,
    response_span: Span,
    words: Vec<(String, Span)>,
    template: Option<(String, Span)>,
    /// A value that is the body when the record tells of a response, else its words.
    words_or_body: Option<(String, Span)>,
    said: Vec<(String, Span)>,
    type_: Option<(String, Span)>,
    trace: Vec<(String, Span)>,
    ended: Option<i64>,
}

impl Filler {
    pub fn new(dialect: Option<Dialect>, span: Span) -> Self {
        let mut call = Call::new(Origin::LogLine, dialect.map_or(Vantage::Server, |d| d.vantage));
        call.span = span;
        if let Some(name) = dialect.and_then(|dialect| dialect.gateway) {
            call.mark("gateway", name, span);
        }
        Self {
            call,
            dialect,
            method: None,
            url: None,
            target: None,
            query: None,
            scheme: None,
            host: None,
            port: None,
            version: None,
            request_headers: Headers::default(),
            request_body: None,
            request_span: Span::default(),
            status: None,
            reason: None,
            response_headers: Headers::default(),
            response_body: None,
            response_span: Span::default(),
            words: Vec::new(),
            template: None,
            words_or_body: None,
            said: Vec::new(),
            type_: None,
            trace: Vec::new(),
            ended: None,
        }
    }

    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// Takes one scalar by what its name means.
    pub fn take(&mut self, field: Field, name: &str, value: &str, span: Span) {
        let value = value.trim();
        // A record that repeats a name thousands of times tells no more by it.
        if self.call.attributes.len() > PART_LIMIT {
            return;
        }
        if value.is_empty() || matches!(value, "-" | "null" | "<nil>" | "None" | "nil" | "undefined") {
            return;
        }
        let own = || Some(value.to_owned());
        match field {
            Field::Method => {
                if is_method(value) && self.method.is_none() {
                    self.method = Some(value.to_ascii_uppercase());
                    self.request_span = self.request_span.to(span);
                }
            }
            Field::Url => first(&mut self.url, own(), &mut self.request_span, span),
            // Rust's tracing calls the module that speaks its target.
            Field::Path if value.contains("::") && !value.contains('/') => self.logger(value, span),
            Field::Path if !value.contains('/') => {}
            Field::Path => {
                let slot = if value.contains("://") { &mut self.url } else { &mut self.target };
                first(slot, own(), &mut self.request_span, span);
            }
            Field::Query => first(&mut self.query, own(), &mut self.request_span, span),
            Field::Scheme => first(&mut self.scheme, own(), &mut self.request_span, span),
            Field::Host => first(&mut self.host, own(), &mut self.request_span, span),
            Field::HostOrMachine => {
                if value.contains(['.', ':']) || value == "localhost" {
                    first(&mut self.host, own(), &mut self.request_span, span);
                } else {
                    self.call.mark("host", value, span);
                }
            }
            Field::Port => first(&mut self.port, value.parse().ok(), &mut self.request_span, span),
            Field::RequestLine => self.request_line(value, span),
            Field::Status => self.status(value, span),
            Field::Reason => first(&mut self.reason, own(), &mut self.response_span, span),
            Field::Duration(unit) => {
                if self.call.timings.total.is_none() {
                    self.call.timings.total = milliseconds(value, unit);
                }
            }
            // The start of the call is a better moment than that of the record, so it wins.
            Field::Start => self.call.started = time::parse(value).or(self.call.started),
            Field::End => self.ended = time::parse(value),
            Field::Time => self.call.started = self.call.started.or_else(|| time::parse(value)),
            Field::Level => self.level(value, span),
            Field::Logger => self.logger(value, span),
            Field::Words => {
                if self.words.len() < WORDS_LIMIT && self.words.iter().all(|(words, _)| words != value) {
                    self.words.push((value.to_owned(), span));
                }
            }
            Field::Template => self.template = self.template.take().or_else(|| Some((value.to_owned(), span))),
            Field::WordsOrBody => {
                self.words_or_body = self.words_or_body.take().or_else(|| Some((value.to_owned(), span)))
            }
            Field::RequestBody => {
                self.request_body = self.request_body.take().or_else(|| Some(Body::bounded(value, span)))
            }
            // An exception printed whole, trace and all.
            Field::Said("error.message") if stack::is_trace(value) => {
                self.call.mark("error.message", value.lines().next().unwrap_or(value), span);
                self.take(Field::Stack, name, value, span);
            }
            Field::Said(mark) => {
                self.call.mark(mark, value, span);
                // `err=expired_token`: one word is a code as much as it is a message.
                if mark == "error.message" && is_code(value) {
                    self.call.mark("error.code", value, span);
                }
                self.say(value.to_owned(), span);
            }
            Field::Labelled(mark) => {
                self.call.mark(mark, value, span);
                self.say(format!("{} {value}", name.rsplit('.').next().unwrap_or(name)), span);
            }
            Field::Type => self.type_ = self.type_.take().or_else(|| Some((value.to_owned(), span))),
            Field::Code => {
                let known = self.call.attributes.iter().any(|a| a.name == "error.code" && a.value == value);
                if !known && value != "0" {
                    self.call.mark("error.code", value, span);
                }
            }
            Field::Stack => {
                if self.trace.len() < WORDS_LIMIT {
                    self.trace.push((value.to_owned(), span));
                }
            }
            Field::Attempt(add) => {
                if let Some(number) = value.parse::<u32>().ok().and_then(|n| n.checked_add(add)).filter(|n| *n > 0) {
                    self.call.attempt = self.call.attempt.or(Some(number));
                }
            }
            Field::Header(request, header) => self.header(request, header, value, span),
            Field::Mark(names) => {
                for mark in names {
                    if self.call.attribute(mark).is_none() || matches!(*mark, "envoy.flag" | "webhook.delivery") {
                        self.mark(mark, value, span);
                    }
                }
            }
            Field::Skip => {}
        }
    }

    /// Adds a header field.
    pub fn header(&mut self, request: bool, name: &str, value: &str, span: Span) {
        let headers = if request { &mut self.request_headers } else { &mut self.response_headers };
        if headers.0.len() < PART_LIMIT && !headers.every(name).any(|field| field.value == value) {
            headers.push(name, value, span);
        }
    }

    /// Words of a field that is not known by name but speaks of errors.
    pub fn say(&mut self, words: String, span: Span) {
        if self.said.len() < WORDS_LIMIT && self.said.iter().all(|(known, _)| *known != words) {
            self.said.push((words, span));
        }
    }

    /// What is surely the body of the response.
    pub fn body(&mut self, text: &str, span: Span) {
        self.response_body = self.response_body.take().or_else(|| Some(Body::bounded(text, span)));
    }

    /// The finished call.
    pub fn finish(mut self) -> Call {
        self.settle_words();
        self.settle_errors();
        self.settle_time();
        self.settle_request();
        self.settle_response();
        self.call
    }

    fn mark(&mut self, name: &str, value: &str, span: Span) {
        match name {
            // `UF,URX` are two flags, and rules read one at a time.
            "envoy.flag" => {
                for flag in value.split(',') {
                    self.call.mark(name, flag, span);
                }
            }
            "span.kind" => {
                let client = matches!(
                    value.to_ascii_lowercase().as_str(),
                    "client" | "3" | "span_kind_client" | "producer" | "4"
                );
                self.call.vantage = if client { Vantage::Client } else { Vantage::Server };
            }
            _ => self.call.mark(name, value, span),
        }
    }

    fn status(&mut self, value: &str, span: Span) {
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let number = value[..digits].parse::<u16>().ok().filter(|n| (100..600).contains(n));
        match number {
            Some(number)
                if digits == 3
                    && !value[3..].starts_with(|c: char| c.is_alphanumeric() || c == '.' && value.len() > 6)
                    && self.status.is_none() =>
            {
                self.status = Some(number);
                self.response_span = self.response_span.to(span);
                let reason = value[3..].trim();
                if !reason.is_empty() && reason != ".0" {
                    self.reason = Some(reason.to_owned());
                }
            }
            // Datadog calls the level `status`.
            _ if level::of(value).is_some() => self.level(value, span),
            _ if digits == 0 => {
                self.call.mark("status.word", value, span);
                if value.contains(' ') {
                    self.say(value.to_owned(), span);
                }
            }
            _ => {}
        }
    }

    fn level(&mut self, value: &str, span: Span) {
        if self.call.attribute("log.level").is_some() {
            return;
        }
        // OpenTelemetry's numbers are those that pino's and syslog's leave free.
        let otel = value.parse::<u32>().is_ok_and(|number| (8..25).contains(&number) && number % 10 != 0);
        let word = match value.parse::<u32>() {
            Ok(number) => level::of_number(number, otel),
            Err(_) if value.len() == 1 => level::of_letter(value.as_bytes()[0].to_ascii_uppercase()),
            Err(_) => {
                level::of(value.trim_start_matches("SEVERITY_NUMBER_").trim_end_matches(['1', '2', '3', '4', ':']))
            }
        };
        if let Some(word) = word {
            self.call.mark("log.level", word, span);
        }
    }

    fn logger(&mut self, value: &str, span: Span) {
        if self.call.attribute("log.logger").is_some() || value.len() > 256 {
            return;
        }
        self.call.mark("log.logger", value, span);
        if words::is_client_logger(value) {
            self.call.vantage = Vantage::Client;
        }
    }

    fn request_line(&mut self, value: &str, span: Span) {
        // Go's http.Request as JSON, which oxy and others print.
        if value.starts_with('{') {
            let Some((node, _)) = json::read(value) else { return };
            let url = node.get("URL");
            let member = |name: &str| url.and_then(|url| url.get(name)).and_then(json::Node::scalar);
            for (field, value) in [
                (Field::Method, node.get("Method").and_then(json::Node::scalar)),
                (Field::Path, member("Path")),
                (Field::Query, member("RawQuery")),
                (Field::Host, node.get("Host").and_then(json::Node::scalar)),
            ] {
                if let Some(value) = value {
                    self.take(field, "", value, span);
                }
            }
            return;
        }
        let mut parts = value.split_ascii_whitespace();
        if let (Some(method), Some(target)) = (parts.next().filter(|m| is_method(m)), parts.next()) {
            self.take(Field::Method, "", method, span);
            self.take(Field::Path, "", target, span);
            self.version = parts.next().filter(|v| v.starts_with("HTTP/")).map(str::to_owned);
        }
    }

    /// Words, and what they tell where no field does.
    fn settle_words(&mut self) {
        if let Some((text, span)) = self.words_or_body.take() {
            let structured = text.starts_with(['{', '[', '<']);
            let response = self.status.is_some() || !self.response_headers.0.is_empty();
            if (structured || !self.words.is_empty()) && response {
                self.body(&text, span);
            } else {
                self.words.push((text, span));
            }
        }
        if self.words.is_empty() {
            self.words.extend(self.template.take());
        }
        for (text, span) in std::mem::take(&mut self.words) {
            let found = words::exchange(&text);
            if self.method.is_none() && self.url.is_none() && self.target.is_none() {
                self.method = found.method.map(str::to_owned);
                self.url = found.full_url();
                self.request_span = if self.url.is_some() { span } else { self.request_span };
                if found.side == Side::Client && self.call.vantage == Vantage::Server {
                    self.call.vantage = Vantage::Client;
                }
            }
            if self.status.is_none() && found.status.is_some() {
                self.status = found.status;
                self.reason = found.reason.map(str::to_owned);
                self.response_span = span;
            }
            self.call.attempt = self.call.attempt.or(found.attempt);
            self.call.timings.total = self.call.timings.total.or(found.duration);
            let failed = self.is_error();
            words::body(&mut self.response_body, &text, failed, |_, _| span);
            words::marks(&mut self.call, &text, span);
            self.call.messages.push(Message { kind: MessageKind::Log, text, span });
        }
    }

    fn is_error(&self) -> bool {
        matches!(self.call.attribute("log.level"), Some("warn" | "error" | "fatal"))
            || self.status.is_some_and(|s| s >= 400)
    }

    /// Errors, outermost first: the messages of the fields, then those of the stack trace.
    fn settle_errors(&mut self) {
        let mut said = std::mem::take(&mut self.said);
        for (text, span) in &said {
            if self.status.is_none() {
                let found = words::exchange(text);
                self.status = found.status;
                if found.status.is_some() {
                    self.response_span = *span;
                }
                if self.url.is_none() && self.target.is_none() {
                    self.method = self.method.take().or(found.method.map(str::to_owned));
                    self.url = found.full_url();
                    if found.side == Side::Client && self.call.vantage == Vantage::Server {
                        self.call.vantage = Vantage::Client;
                    }
                }
            }
            words::body(&mut self.response_body, text, true, |_, _| *span);
        }
        if let Some((name, span)) = self.type_.take() {
            // A class is an exception; OpenTelemetry also puts `timeout` or `500` here.
            if stack::is_class(&name) {
                self.call.mark("exception.type", name.clone(), span);
                match said.first_mut() {
                    Some((text, _)) if !text.contains(&name) => *text = format!("{name}: {text}"),
                    Some(_) => {}
                    None => said.push((name, span)),
                }
            } else if name.bytes().all(|b| b.is_ascii_digit()) {
                self.status(&name, span);
            } else {
                self.call.mark("error.type", name.clone(), span);
                said.push((name, span));
            }
        }
        let traced = !self.trace.is_empty();
        for (text, span) in said {
            let kind = if traced || stack::is_headed(&text) { MessageKind::Exception } else { MessageKind::Log };
            push(&mut self.call, kind, text, span);
        }
        for (text, span) in std::mem::take(&mut self.trace) {
            for header in stack::headers(&text) {
                push(&mut self.call, MessageKind::Exception, header, span);
            }
        }
    }

    fn settle_time(&mut self) {
        if let (Some(start), Some(end), None) = (self.call.started, self.ended, self.call.timings.total) {
            #[expect(clippy::cast_precision_loss, reason = "a call lasts far less than 2^53 milliseconds")]
            let total = end.saturating_sub(start) as f64;
            self.call.timings.total = (total >= 0.0).then_some(total);
        }
    }

    fn settle_request(&mut self) {
        let seen = self.method.is_some() || self.url.is_some() || self.target.is_some() || self.request_body.is_some();
        let mut url = match (&self.url, &self.target) {
            (Some(url), target) => {
                let mut url = Url::parse(url);
                if let Some(target) = target.as_deref().filter(|_| url.path.len() <= 1) {
                    url.path = Url::parse(target).path;
                }
                url
            }
            (None, Some(target)) if target.starts_with('/') => Url::parse(target),
            (None, Some(target)) => Url { path: target.clone(), ..Url::default() },
            (None, None) => Url::default(),
        };
        if seen {
            if let Some(host) = self.host.take().filter(|_| url.host.is_none()) {
                let named = Url::parse(&format!("//{host}"));
                url.host = named.host;
                url.port = named.port;
            }
            url.scheme = url.scheme.or(self.scheme.take().filter(|scheme| scheme.len() < 8));
            url.query = url.query.or(self.query.take().map(|query| query.trim_start_matches('?').to_owned()));
            url.port = url.port.or(self.port);
            let outbound = self.url.as_deref().is_some_and(|url| url.starts_with("http"));
            // A server logs the path that came in, a client the URL that it called.
            if outbound && self.call.vantage == Vantage::Server && self.dialect.is_none() {
                self.call.vantage = Vantage::Client;
            }
        } else if let Some(host) = self.host.take() {
            self.call.mark("host", host, self.request_span);
        }
        if seen || !self.request_headers.0.is_empty() {
            self.call.request = Some(Request {
                method: self.method.take(),
                url,
                version: self.version.take(),
                headers: std::mem::take(&mut self.request_headers),
                body: self.request_body.take(),
                complete: false,
                span: if self.request_span.line == 0 { self.call.span } else { self.request_span },
            });
        }
    }

    fn settle_response(&mut self) {
        if self.status.is_none() && self.response_headers.0.is_empty() && self.response_body.is_none() {
            return;
        }
        self.call.response = Some(Response {
            status: self.status,
            reason: self.reason.take().filter(|reason| reason.len() < 128),
            headers: std::mem::take(&mut self.response_headers),
            body: self.response_body.take(),
            span: if self.response_span.line == 0 { self.call.span } else { self.response_span },
            ..Response::default()
        });
    }
}

/// Sets what is not yet set.
fn first<T>(slot: &mut Option<T>, value: Option<T>, place: &mut Span, span: Span) {
    if slot.is_none() && value.is_some() {
        *slot = value;
        *place = place.to(span);
    }
}

/// Adds a message unless the same words are there.
fn push(call: &mut Call, kind: MessageKind, text: String, span: Span) {
    if call.messages.iter().all(|message| message.text != text) {
        call.messages.push(Message { kind, text, span });
    }
}

fn is_method(text: &str) -> bool {
    (3..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphabetic())
}

/// True for one word as programs name errors, not as people do: `expired_token`, `ECONNREFUSED`,
/// `rateLimitExceeded`, but not `timeout`.
fn is_code(text: &str) -> bool {
    let joined = text.bytes().any(|b| matches!(b, b'_' | b'-'));
    let upper = text.bytes().skip(1).any(|b| b.is_ascii_uppercase());
    (3..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        && text.bytes().any(|b| b.is_ascii_alphabetic())
        && (joined || upper)
}

/// Milliseconds of a duration: by its own unit (`1.2s`, `7.054µs`, `1m2.5s`, `00:00:01.5`), else by
/// the field's.
pub(crate) fn milliseconds(value: &str, unit: Unit) -> Option<f64> {
    if let Ok(number) = value.parse::<f64>() {
        if !number.is_finite() || number < 0.0 {
            return None;
        }
        let factor = match unit {
            Unit::Ns => 1e-6,
            Unit::Us => 1e-3,
            Unit::S => 1e3,
            // Ten million milliseconds are three hours: Go and Datadog write nanoseconds.
            Unit::Told if number >= 1e7 && !value.contains('.') => 1e-6,
            Unit::Ms | Unit::Told => 1.0,
        };
        return Some(number * factor);
    }
    words::duration(value)
        .filter(|(_, length)| *length == value.len())
        .map(|(millis, _)| millis)
        .or_else(|| clock(value))
}

/// .NET's `TimeSpan`: `00:00:01.5000000`.
fn clock(value: &str) -> Option<f64> {
    let mut parts = value.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (hours, minutes, seconds): (f64, f64, f64) =
        (hours.parse().ok()?, minutes.parse().ok()?, seconds.parse().ok()?);
    let total = (hours * 60.0 + minutes) * 60.0 + seconds;
    (parts.next().is_none() && total.is_finite() && total >= 0.0).then_some(total * 1e3)
}

/// What a name means to a filler, with its dialect.
pub(crate) fn meaning(filler: &Filler, path: &str) -> Option<Field> {
    fields::meaning(path, filler.dialect())
}

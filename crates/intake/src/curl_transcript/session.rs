//! Follows one transcript line by line: connecting, sending, receiving, the next hop.
//!
//! This file refuses to know how single lines look; it knows in which order they come.

use super::command::{self, Command};
use super::info::{self, Meaning};
use super::line::{self, CurlLine};
use super::trace::{self, Block};
use super::write_out::{self, Clock, Template};
use crate::Taken;
use crate::http_message::body::{self, Hints};
use crate::http_message::exchange::{add_request_fields, is_prompt_remnant};
use crate::http_message::start_line::{self, StatusLine};
use crate::http_message::{boundary, fields};
use crate::lines::Lines;
use firstfault_model::{Body, Call, Header, Headers, Message, MessageKind, Origin, Request, Response, Span, Url, Vantage};

/// How many lines are searched for the mark that ends a body of several paragraphs.
const MARK_LINES: usize = 200;

/// How far the current exchange has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Nothing of HTTP was seen yet.
    Idle,
    /// Lines of the request's head come.
    Sending,
    /// The request's head is over.
    Sent,
    /// Lines of the response's head come.
    Receiving,
    /// The response's head is over.
    Received,
    /// The body was seen.
    Done,
}

pub(super) struct Session<'l, 'a> {
    pub lines: &'l Lines<'a>,
    pub command: Option<Command>,
    /// The request that the command asks for.
    pub asked: Option<Request>,
    pub template: Option<Template>,
    pub clock: Clock,
    pub calls: Vec<Call>,
    pub call: Call,
    pub phase: Phase,
    /// CONNECT was sent and is not answered with 2xx yet.
    pub tunneling: bool,
    /// What CONNECT asked for.
    pub authority: Option<String>,
    /// Pseudo-headers and fields of `[HTTP/2]` lines.
    pub pseudo: Request,
    /// Where a redirect leads, and with which method.
    pub next: Option<(Url, Option<String>)>,
    pub switched: Option<String>,
    /// Index of each call in its chain of redirects.
    pub hop: u32,
    pub secure: bool,
    /// Host and port that the connection went to.
    pub peer: Option<(String, String)>,
    pub address_failed: bool,
    pub attempt: Option<u32>,
    interim: bool,
    written: bool,
    seen: bool,
    in_prose: bool,
    /// The last line of the response's head, which `-i` repeats.
    last_received: String,
    end: usize,
}

/// Reads the transcript that begins at line `at`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.0.get(at)?;
    let (command, from) = match command::command_at(lines, at) {
        Some((command, end)) => (Some(command), end),
        None if line::begins(&first.text) || write_out::is_json(&first.text) => (None, at),
        None => return None,
    };
    let asked = command.as_ref().and_then(|c| command::request_from_command(&c.text)).map(|mut request| {
        let span = command.as_ref().map_or_else(Span::default, |c| c.span);
        request.span = span;
        request.headers.0.iter_mut().for_each(|h| h.span = span);
        if let Some(body) = request.body.as_mut() {
            body.span = span;
        }
        request
    });
    let template = command.as_ref().and_then(|c| c.write_out.as_deref()).map(Template::parse);
    let mut session = Session {
        lines,
        command,
        asked,
        template,
        clock: Clock::default(),
        calls: Vec::new(),
        call: new_call(),
        phase: Phase::Idle,
        tunneling: false,
        authority: None,
        pseudo: Request::default(),
        next: None,
        switched: None,
        hop: 0,
        secure: false,
        peer: None,
        address_failed: false,
        attempt: None,
        interim: false,
        written: false,
        seen: false,
        in_prose: first.prose,
        last_received: String::new(),
        end: from,
    };
    session.run(from);
    if !session.seen {
        return None;
    }
    session.flush();
    let lines = session.end - at;
    (!session.calls.is_empty()).then_some(Taken { lines, calls: session.calls, problems: Vec::new() })
}

pub(super) fn new_call() -> Call {
    Call::new(Origin::CurlTranscript, Vantage::Client)
}

impl<'l> Session<'l, '_> {
    fn run(&mut self, from: usize) {
        let lines: &'l Lines<'_> = self.lines;
        let mut at = from;
        while let Some(source) = lines.0.get(at) {
            let text = source.text.as_ref();
            if boundary::is_fence(text) || (source.prose && !self.in_prose) {
                break;
            }
            if let Some(traced) = trace::read(lines, at) {
                self.note(at, traced.end);
                at = traced.end;
                self.traced(traced.block, traced.lines);
                continue;
            }
            let next = match line::classify(text) {
                CurlLine::Info(words) if self.is_open() || line::is_known_info(words) => {
                    let span = source.span_of(words);
                    self.info(words, span, at);
                    Some(at + 1)
                }
                CurlLine::Sent(words) if self.phase == Phase::Sending || start_line::request_line(words).is_some() => {
                    self.sent(words, source.span_of(words), at);
                    Some(at + 1)
                }
                CurlLine::Received(words) if self.takes_received(words) => {
                    self.received(words, source.span_of(words), at);
                    Some(at + 1)
                }
                CurlLine::Failure(code, words) => {
                    self.failure(code, words, source.span_of(words), at);
                    Some(at + 1)
                }
                CurlLine::Warning(words) if self.seen || self.command.is_some() => {
                    self.warning(words, source.span_of(words), at);
                    Some(at + 1)
                }
                CurlLine::Noise => {
                    self.note(at, at + 1);
                    Some(at + 1)
                }
                _ if text.trim().is_empty() => self.blank(at),
                _ => self.plain(at),
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
    }

    /// While an exchange is open, every `*` line is curl's; elsewhere it may be a bullet.
    fn is_open(&self) -> bool {
        self.seen && self.phase != Phase::Done
    }

    fn takes_received(&self, words: &str) -> bool {
        start_line::status_line(words).is_some()
            || matches!(self.phase, Phase::Receiving)
            || (self.tunneling && self.phase >= Phase::Sending)
            || self.interim
            || (self.phase >= Phase::Received && (words.is_empty() || fields::is_field(words)))
            || (self.phase != Phase::Done && self.seen && fields::is_field(words))
    }

    fn traced(&mut self, block: Block, rows: Vec<(String, Span)>) {
        match block {
            Block::Info => rows.iter().for_each(|(words, span)| self.apply_info(words, *span)),
            Block::SentHead => rows.iter().for_each(|(words, span)| self.apply_sent(words.trim(), *span)),
            Block::ReceivedHead => rows.iter().for_each(|(words, span)| self.apply_received(words.trim(), *span)),
            Block::SentData | Block::ReceivedData => {
                let span = rows.iter().fold(Span::default(), |all, (_, span)| all.to(*span));
                let text = rows.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("\n");
                let body = if block == Block::SentData {
                    &mut self.call.request.get_or_insert_with(Request::default).body
                } else {
                    self.phase = Phase::Done;
                    &mut self.call.response.get_or_insert_with(Response::default).body
                };
                match body {
                    Some(body) if body.text.len() + text.len() < firstfault_model::BODY_LIMIT => {
                        body.text.push_str(&text);
                        body.size += text.len();
                        body.span = body.span.to(span);
                    }
                    Some(body) => body.truncated = true,
                    None => *body = Some(Body::bounded(&text, span)),
                }
            }
            Block::Noise => {}
        }
    }

    fn info(&mut self, words: &str, span: Span, at: usize) {
        self.apply_info(words, span);
        self.note(at, at + 1);
    }

    fn apply_info(&mut self, words: &str, span: Span) {
        // A new connection begins after an answer: this is the next call.
        if (self.is_answered() || self.call.attribute("curl.exit").is_some())
            && matches!(info::read(words, &mut Call::default(), span), Meaning::Begins)
        {
            self.flush();
        }
        if let Some(code) = connect_code(words) {
            info::once(&mut self.call, "http.connect_status", code, span);
        }
        if words.starts_with("Proxy replied") || words.starts_with("CONNECT phase completed") || words.starts_with("CONNECT tunnel established") {
            self.tunneling = false;
        }
        match info::read(words, &mut self.call, span) {
            Meaning::Words => self.say(MessageKind::Tool, words, span),
            Meaning::Boring | Meaning::Begins => {}
            Meaning::AddressFailed => {
                self.address_failed |= self.call.attribute("connected").is_none();
                self.say(MessageKind::Tool, words, span);
            }
            Meaning::Secured => self.secure = true,
            Meaning::Connected(host, address, port) => {
                if self.address_failed {
                    info::once(&mut self.call, "connect.fallback", "true", span);
                    self.address_failed = false;
                }
                info::once(&mut self.call, "connected", "true", span);
                self.call.attributes.retain(|a| a.name != "address.tried");
                info::once(&mut self.call, "address", address, span);
                self.peer = Some((host.to_owned(), port.to_owned()));
                if self.uses_proxy() {
                    info::once(&mut self.call, "proxy.host", &format!("{host}:{port}"), span);
                }
            }
            Meaning::Tunnel(authority) => {
                self.tunneling = true;
                self.authority = Some(authority.to_owned());
                if let Some((host, port)) = &self.peer {
                    let value = format!("{host}:{port}");
                    info::once(&mut self.call, "proxy.host", &value, span);
                }
            }
            Meaning::Reissued(url) => {
                self.say(MessageKind::Tool, words, span);
                self.redirect(Url::parse(url));
            }
            Meaning::Switched(from, to) => {
                let before = from.map(str::to_owned).or_else(|| self.last_method()).unwrap_or_else(|| "POST".to_owned());
                let value = format!("{before} to {to}");
                if let Some(next) = self.next.as_mut() {
                    next.1 = Some(to.to_owned());
                    self.call.mark("curl.switch", value, span);
                } else {
                    self.switched = Some(value);
                }
            }
            Meaning::Field(name, value) => {
                if name == ":method" && self.is_answered() {
                    self.flush();
                }
                if name == ":method" && self.pseudo.method.is_some() {
                    self.pseudo = Request::default();
                }
                add_request_fields(&mut self.pseudo, vec![Header { name: name.to_owned(), value: value.to_owned(), span }]);
            }
        }
    }

    fn sent(&mut self, words: &str, span: Span, at: usize) {
        self.apply_sent(words, span);
        self.note(at, at + 1);
    }

    fn apply_sent(&mut self, words: &str, span: Span) {
        if let Some(line) = start_line::request_line(words) {
            if line.method == "CONNECT" {
                if self.is_answered() {
                    self.flush();
                }
                self.tunneling = true;
                self.authority = Some(line.target.to_owned());
                self.phase = Phase::Sending;
                return;
            }
            if self.is_answered() || self.call.request.as_ref().is_some_and(|r| r.method.is_some()) {
                self.flush();
            }
            self.tunneling = false;
            self.phase = Phase::Sending;
            self.call.request = Some(Request {
                method: Some(line.method.to_owned()),
                url: Url::parse(line.target),
                version: line.version.map(str::to_owned),
                span,
                ..Request::default()
            });
        } else if words.is_empty() {
            if !self.tunneling && let Some(request) = self.call.request.as_mut() {
                request.complete = true;
            }
            self.phase = Phase::Sent;
        } else if !self.tunneling && let (Some((name, value)), Some(request)) = (fields::field(words), self.call.request.as_mut()) {
            request.headers.push(name, value, span);
        }
    }

    fn received(&mut self, words: &str, span: Span, at: usize) {
        words.clone_into(&mut self.last_received);
        self.apply_received(words, span);
        self.note(at, at + 1);
    }

    fn apply_received(&mut self, words: &str, span: Span) {
        if let Some(line) = start_line::status_line(words) {
            if self.tunneling {
                self.connect_answer(&line, words, span);
            } else {
                self.status(&line, words, span);
            }
        } else if words.is_empty() {
            self.head_over();
        } else if self.tunneling {
            if self.call.attribute("http.connect_status").is_some_and(|code| !code.starts_with('2')) {
                self.say(MessageKind::Tool, words, span);
            }
        } else if !self.interim && let Some((name, value)) = fields::field(words) {
            let over = self.phase >= Phase::Received;
            let response = self.call.response.get_or_insert_with(Response::default);
            if over { response.trailers.push(name, value, span) } else { response.headers.push(name, value, span) }
            if self.phase < Phase::Receiving {
                self.phase = Phase::Receiving;
            }
        } else if self.phase == Phase::Receiving
            && let Some(last) = self.call.response.as_mut().and_then(|r| r.headers.0.last_mut())
        {
            fields::fold(&mut last.value, words);
            last.span = last.span.to(span);
        }
    }

    fn status(&mut self, line: &StatusLine<'_>, words: &str, span: Span) {
        self.interim = (100..200).contains(&line.status) && line.status != 101;
        if self.interim {
            self.say(MessageKind::Tool, words, span);
            return;
        }
        if self.is_answered() {
            self.follow();
        }
        let response = self.call.response.get_or_insert_with(Response::default);
        response.status = Some(line.status);
        response.reason = line.reason.map(str::to_owned);
        response.version = line.version.map(str::to_owned);
        response.span = span;
        self.phase = Phase::Receiving;
    }

    /// The answer to CONNECT is the proxy's. It becomes marks and messages, so that nobody takes it for the API's.
    fn connect_answer(&mut self, line: &StatusLine<'_>, words: &str, span: Span) {
        self.call.attributes.retain(|a| !a.name.starts_with("http.connect_"));
        self.call.mark("http.connect_status", line.status.to_string(), span);
        self.call.mark("http.connect_reason", line.reason.unwrap_or_default(), span);
        if !(200..300).contains(&line.status) {
            self.say(MessageKind::Tool, words, span);
        }
        self.phase = Phase::Receiving;
    }

    fn head_over(&mut self) {
        if self.interim {
            self.interim = false;
            return;
        }
        if self.tunneling {
            let established = self.call.attribute("http.connect_status").is_some_and(|code| code.starts_with('2'));
            self.tunneling = !established;
            self.phase = if established { Phase::Idle } else { Phase::Received };
            return;
        }
        if self.phase == Phase::Receiving {
            self.phase = Phase::Received;
            if let Some(response) = self.call.response.as_mut() {
                response.complete = true;
                if body::content_length(&response.headers) == Some(0) || response.status == Some(204) {
                    response.body.get_or_insert_with(Body::default);
                }
            }
        }
    }

    fn failure(&mut self, code: u16, words: &str, span: Span, at: usize) {
        if self.call == new_call() && self.command.is_none() && !self.calls.is_empty() {
            return self.note(at, at + 1);
        }
        info::read_failure(words, &mut self.call, span);
        info::once(&mut self.call, "curl.exit", &code.to_string(), span);
        self.say(MessageKind::Tool, &format!("curl: ({code}) {words}"), span);
        if let Some(code) = connect_code(words) {
            info::once(&mut self.call, "http.connect_status", code, span);
        }
        // `--fail` shows nothing of the answer but its status.
        let status = words.split_once("returned error: ").and_then(|(_, rest)| start_line::code_and_reason(rest));
        if let Some((status, reason)) = status.filter(|_| code == 22 || code == 56) {
            let response = self.call.response.get_or_insert_with(Response::default);
            if response.status.is_none() {
                response.status = Some(status);
                response.reason = reason.map(str::to_owned);
                response.span = span;
            }
        }
        self.note(at, at + 1);
    }

    /// `--retry` says so before each further attempt.
    fn warning(&mut self, words: &str, span: Span, at: usize) {
        self.say(MessageKind::Tool, words, span);
        self.note(at, at + 1);
        if words.contains("Will retry in") || words.contains("will retry in") {
            let attempt = self.attempt.unwrap_or(1);
            self.attempt = Some(attempt);
            self.flush();
            self.attempt = Some(attempt + 1);
        }
    }

    /// An empty line: goes on when more of this transcript stands below.
    fn blank(&mut self, at: usize) -> Option<usize> {
        let below = (at..at + 6).find(|&i| !self.lines.text(i).trim().is_empty()).filter(|&i| i < self.lines.len())?;
        let text = self.lines.text(below);
        let goes_on = match line::classify(text) {
            CurlLine::Info(words) => line::is_known_info(words),
            CurlLine::Sent(words) => start_line::request_line(words).is_some() && self.command.is_some(),
            CurlLine::Received(words) => start_line::status_line(words).is_some() || self.phase >= Phase::Received && fields::is_field(words),
            CurlLine::Failure(..) => true,
            CurlLine::Noise => self.seen || self.command.is_some(),
            CurlLine::Warning(_) => false,
            CurlLine::Plain => {
                let own = self.template.as_ref().is_some_and(|t| t.read_line(text).is_some()) || is_stopwatch(text) || is_help(text);
                let answer = start_line::status_line(text).is_some()
                    || body::is_json(text)
                    || body::is_markup(text)
                    || (self.heads_only() && fields::is_field(text));
                let ends = boundary::prompt(text).is_some() || boundary::is_separator(text) || boundary::is_comment(text) || boundary::is_log_line(text);
                let body_due = self.phase == Phase::Received && self.takes_body();
                // curl prints the redirect's next head below the last one
                let next_head = self.phase >= Phase::Received && start_line::status_line(text).is_some() && self.command.is_some();
                own || next_head || (!ends && (body_due || (self.phase == Phase::Idle && self.command.is_some() && answer && !self.written)))
            }
        };
        goes_on.then_some(below)
    }

    /// A line without curl's marks: output, the head of `-i`, what `-w` prints.
    fn plain(&mut self, at: usize) -> Option<usize> {
        let text = self.lines.text(at);
        let span = self.lines.0[at].span_of(text.trim());
        if is_elision(text) && self.phase != Phase::Received {
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if let Some(values) = self.written_values(text) {
            let again = self.written && values.iter().any(|(name, _)| name == "http_code" || name == "response_code");
            if again {
                self.flush();
            }
            write_out::apply(&values, &mut self.call, &mut self.clock, span);
            self.written = true;
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if is_stopwatch(text) && self.seen {
            if let Some(seconds) = stopwatch(text) {
                self.call.timings.total = self.call.timings.total.or(Some(seconds * 1000.0));
            }
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if is_help(text) && self.seen {
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if let Some(line) = start_line::status_line(text) {
            return self.raw_head(at, &line);
        }
        if self.phase == Phase::Receiving && text.trim() == self.last_received {
            return Some(at + 1);
        }
        if boundary::ends_message(self.lines, at, self.in_prose) {
            return None;
        }
        if self.command.is_some() && (text.starts_with("jq: ") || text.starts_with("parse error: ")) {
            self.say(MessageKind::Output, text.trim(), span);
            self.note(at, at + 1);
            return Some(at + 1);
        }
        match self.phase {
            Phase::Idle if self.heads_only() && fields::is_field(text) => {
                let head = fields::read_head(self.lines, at, |text| line::classify(text) == CurlLine::Plain && boundary::prompt(text).is_none());
                let response = self.call.response.get_or_insert_with(Response::default);
                response.span = span;
                response.headers.0.extend(head.fields.0);
                self.phase = Phase::Receiving;
                self.note(at, head.end);
                Some(head.end)
            }
            Phase::Idle => {
                let known = body::is_json(text) || body::is_markup(text);
                let prompted = self.command.as_ref().is_some_and(|c| c.prompted);
                let expected = self.command.is_some() || self.call.attribute("connected").is_some();
                let taken = expected && (known || prompted) && !self.written && self.call.attribute("curl.exit").is_none();
                if taken { self.response_body(at) } else { None }
            }
            Phase::Sending | Phase::Sent => self.after_request(at),
            Phase::Receiving | Phase::Received if self.takes_body() => self.response_body(at),
            Phase::Receiving | Phase::Received | Phase::Done => None,
        }
    }

    /// Output between the request's head and the response: the body that was sent, where one is announced.
    fn after_request(&mut self, at: usize) -> Option<usize> {
        let announced = self.call.request.as_ref().is_some_and(|r| {
            r.headers.first("content-type").is_some() || body::content_length(&r.headers).is_some_and(|length| length > 0)
        });
        if !announced {
            let text = self.lines.text(at);
            return if body::is_json(text) || body::is_markup(text) { self.response_body(at) } else { None };
        }
        let headers = self.call.request.as_ref().map(|r| r.headers.clone()).unwrap_or_default();
        let mut found = body::read_body(self.lines, at, &Hints { headers: &headers, in_prose: self.in_prose, runs_on: false, cut: &cut })?;
        found.keep_rest();
        self.note(at, found.end);
        self.call.request.get_or_insert_with(Request::default).body = Some(found.body);
        Some(found.end)
    }

    fn response_body(&mut self, at: usize) -> Option<usize> {
        let headers = self.call.response.as_ref().map(|r| r.headers.clone()).unwrap_or_default();
        let runs_on = self.end_mark_follows(at);
        let mut found = body::read_body(self.lines, at, &Hints { headers: &headers, in_prose: self.in_prose, runs_on, cut: &cut })?;
        let last = found.end - 1;
        self.note(at, found.end);
        if let Some((rest, span)) = found.rest.take() {
            let words = rest.trim();
            let values = self.template.as_ref().and_then(|t| t.read_line(words));
            if let Some(values) = values {
                write_out::apply(&values, &mut self.call, &mut self.clock, span);
                self.written = true;
            } else if let Some(info) = words.strip_prefix("* ") {
                self.apply_info(info.trim(), span);
            } else if let CurlLine::Failure(code, words) = line::classify(words) {
                self.failure(code, words, span, last);
            } else if !is_prompt_remnant(words) {
                found.rest = Some((rest, span));
                found.keep_rest();
            }
        } else if let Some((cut, values)) = self.template.as_ref().and_then(|t| t.read_tail(last_line(&found.body.text))) {
            let keep = found.body.text.len() - last_line(&found.body.text).len() + cut;
            found.body.size = found.body.size.saturating_sub(found.body.text.len() - keep);
            found.body.text.truncate(keep);
            let span = self.lines.span(last);
            write_out::apply(&values, &mut self.call, &mut self.clock, span);
            self.written = true;
        }
        if self.tunneling {
            // The proxy's page about its refusal.
            self.say(MessageKind::Tool, &found.body.text, found.body.span);
        } else {
            let response = self.call.response.get_or_insert_with(Response::default);
            if response.span.line == 0 {
                response.span = found.body.span;
            }
            response.body = Some(found.body);
            response.trailers.0.extend(found.trailers.0);
        }
        self.phase = Phase::Done;
        Some(found.end)
    }

    /// A head as `-i`, `-I` and `-D -` print it, without marks.
    fn raw_head(&mut self, at: usize, line: &StatusLine<'_>) -> Option<usize> {
        if self.command.is_none() && !self.seen {
            return None;
        }
        let text = self.lines.text(at);
        let span = self.lines.0[at].span_of(text.trim());
        if self.phase == Phase::Receiving && text.trim() == self.last_received {
            return Some(at + 1);
        }
        let head = fields::read_head(self.lines, at + 1, |text| {
            start_line::status_line(text).is_none() && line::classify(text) == CurlLine::Plain && boundary::prompt(text).is_none() && !boundary::is_fence(text)
        });
        self.note(at, head.end);
        let below = (head.end..head.end + 3).find(|&i| !self.lines.text(i).trim().is_empty()).unwrap_or(head.end);
        let another = start_line::status_line(self.lines.text(below)).is_some();
        let established = line.reason.is_some_and(|reason| reason.eq_ignore_ascii_case("connection established"));
        if self.calls.is_empty() && !self.is_answered() && another && (established || (self.uses_proxy() && line.status == 200 && head.fields.0.is_empty())) {
            info::once(&mut self.call, "http.connect_status", &line.status.to_string(), span);
            return Some(head.end);
        }
        // `-v` with `-i` shows the head twice.
        let repeated = self.call.response.as_ref().is_some_and(|r| r.status == Some(line.status) && r.body.is_none() && r.headers.0.len() == head.fields.0.len());
        if !repeated || self.phase == Phase::Done {
            self.status(line, text.trim(), span);
            if self.interim {
                self.interim = false;
                return Some(head.end);
            }
            if let Some(response) = self.call.response.as_mut() {
                response.headers = Headers(head.fields.0);
            }
        }
        if head.complete && !self.command.as_ref().is_some_and(|c| c.filtered) {
            self.phase = Phase::Receiving;
            self.head_over();
        }
        Some(head.end)
    }

    /// The answer is followed by another one: a redirect that was followed, or a further round.
    fn follow(&mut self) {
        let redirect = self.call.response.as_ref().and_then(|r| {
            r.status.filter(|s| (300..400).contains(s)).and_then(|_| r.headers.first("location")).map(str::to_owned)
        });
        match redirect {
            Some(location) => {
                let url = self.current_url().map_or_else(|| Url::parse(&location), |base| super::finish::resolve(&base, &location));
                self.redirect(url);
            }
            None => self.flush(),
        }
    }

    fn say(&mut self, kind: MessageKind, words: &str, span: Span) {
        if !words.is_empty() {
            self.call.messages.push(Message { kind, text: words.to_owned(), span });
        }
    }

    /// Notes that lines belong to this call.
    fn note(&mut self, from: usize, to: usize) {
        self.seen = true;
        self.end = self.end.max(to);
        for at in [from, to.saturating_sub(1)] {
            self.call.span = self.call.span.to(self.lines.span(at));
        }
    }

    fn written_values(&self, text: &str) -> Option<Vec<(String, String)>> {
        if let Some(values) = write_out::json(text) {
            return Some(values);
        }
        if let Some(template) = &self.template {
            return template.read_line(text).or_else(|| write_out::named(text));
        }
        let lines_up = self.command.is_some() || self.seen;
        write_out::named(text).filter(|values| lines_up && self.phase != Phase::Receiving && values.iter().all(|(name, _)| name.starts_with("time_") || self.phase == Phase::Done))
    }

    pub(super) fn is_answered(&self) -> bool {
        self.call.status().is_some()
    }

    fn heads_only(&self) -> bool {
        self.command.as_ref().is_some_and(|c| c.heads_only)
    }

    pub(super) fn uses_proxy(&self) -> bool {
        self.call.attribute("proxy.uses").is_some() || self.command.as_ref().is_some_and(|c| c.proxy.is_some())
    }

    fn takes_body(&self) -> bool {
        if self.tunneling {
            return true;
        }
        let sent = self.call.request.as_ref().and_then(|r| r.method.as_deref());
        let method = sent.or(self.asked.as_ref().and_then(|r| r.method.as_deref()));
        let Some(response) = &self.call.response else { return false };
        let piped = self.command.as_ref().is_some_and(|c| c.heads_only && !c.text.contains(" -v"));
        method != Some("HEAD") && !piped && response.body.is_none() && !response.status.is_some_and(|s| (100..200).contains(&s) || s == 304)
    }

    /// True when one of curl's own lines ends this output further down.
    fn end_mark_follows(&self, at: usize) -> bool {
        for i in at..(at + MARK_LINES).min(self.lines.len()) {
            let text = self.lines.text(i);
            if boundary::prompt(text).is_some() || boundary::is_fence(text) || start_line::request_line(text).is_some() {
                return false;
            }
            if matches!(line::classify(text), CurlLine::Info(words) if words.starts_with("Connection #") || words.starts_with("Closing connection")) {
                return i > at;
            }
        }
        false
    }
}

/// Where curl's own lines begin in a line of output: at its start, or glued behind output without a line end.
fn cut(text: &str) -> Option<usize> {
    match line::classify(text) {
        CurlLine::Info(words) if line::is_known_info(words) => return Some(0),
        CurlLine::Sent(words) if start_line::request_line(words).is_some() => return Some(0),
        CurlLine::Received(words) if words.is_empty() || fields::is_field(words) || start_line::status_line(words).is_some() => return Some(0),
        CurlLine::Failure(..) | CurlLine::Noise => return Some(0),
        _ => {}
    }
    ["* Connection #", "* Closing connection", "* Connection to host "].iter().filter_map(|mark| text.find(mark)).min()
}

/// The proxy's status in `Received HTTP code 403 from proxy after CONNECT` and `CONNECT tunnel failed, response 407`.
fn connect_code(words: &str) -> Option<&str> {
    let rest = words.split_once("Received HTTP code ").filter(|(_, rest)| rest.contains("after CONNECT")).map(|(_, rest)| rest);
    let rest = rest.or_else(|| words.split_once("CONNECT tunnel failed, response ").map(|(_, rest)| rest))?;
    let code = rest.get(..3)?;
    code.bytes().all(|b| b.is_ascii_digit()).then_some(code)
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or(text)
}

fn is_elision(text: &str) -> bool {
    matches!(text.trim(), "..." | "…" | "[...]" | "[…]" | "(...)" | "<snip>" | "[snip]")
}

/// `real 0m30.012s` and its companions, as the shell's `time` prints them.
fn is_stopwatch(text: &str) -> bool {
    let text = text.trim();
    ["real", "user", "sys"].iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| rest.starts_with(['\t', ' ']) && rest.trim().starts_with(|c: char| c.is_ascii_digit()) && rest.len() < 24)
    })
}

fn stopwatch(text: &str) -> Option<f64> {
    let time = text.trim().strip_prefix("real")?.trim().trim_end_matches('s');
    let (minutes, seconds) = time.split_once('m').unwrap_or(("0", time));
    let total = minutes.parse::<f64>().ok()? * 60.0 + seconds.replace(',', ".").parse::<f64>().ok()?;
    total.is_finite().then_some(total)
}

/// The help that curl prints below a certificate error.
fn is_help(text: &str) -> bool {
    [
        "More details here: ", "curl failed to verify the legitimacy", "establish a secure connection to it.", "how to fix it, please visit",
        "how to fix it, ", "curl performs SSL certificate verification", "of Certificate Authority (CA)", "bundle file isn't adequate",
        "using the --cacert option.", "If this HTTPS server uses a certificate signed", "the bundle, the certificate verification probably",
        "problem with the certificate (it might be expired", "not match the domain name in the URL).", "If you'd like to turn off curl's verification",
        "the -k (or --insecure) option.", "HTTPS-proxy has similar options", "To learn more about this situation",
    ]
    .iter()
    .any(|help| text.trim_start().starts_with(help))
}

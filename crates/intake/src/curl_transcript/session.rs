//! Follows one transcript line by line: connecting, sending, receiving, the next hop.
//!
//! This file refuses to know how single lines look; it knows in which order they come.

use super::command::{self, Command};
use super::info::{self, Meaning};
use super::line::{self, CurlLine};
use super::trace::{self, Block};
use super::write_out::{self, Clock, Template};
use crate::Taken;
use crate::http_message::body;
use crate::http_message::exchange::add_request_fields;
use crate::http_message::start_line::{self, StatusLine};
use crate::http_message::{boundary, fields};
use crate::lines::Lines;
use firstfault_model::{Body, Call, Header, Message, MessageKind, Origin, Request, Response, Span, Url, Vantage};

/// Redirects that are followed in one transcript; curl itself stops at 50.
const HOPS: u32 = 60;

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

/// One transcript while it is read.
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
    /// How many messages there were before the proxy refused.
    pub refused_at: Option<usize>,
    pub attempt: Option<u32>,
    pub interim: bool,
    pub written: bool,
    pub seen: bool,
    pub in_prose: bool,
    /// The last line of the response's head, which `-i` repeats.
    pub last_received: String,
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
        request.headers.0.iter_mut().filter(|h| h.span.line != 0).for_each(|h| h.span = span);
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
        refused_at: None,
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
    // Chatter alone tells of no call, but it is curl's all the same.
    Some(Taken { lines, calls: session.calls, problems: Vec::new() })
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

    pub(super) fn apply_info(&mut self, words: &str, span: Span) {
        // A new connection begins after an answer: this is the next call.
        if (self.is_answered() || self.call.attribute("curl.exit").is_some())
            && matches!(info::read(words, &mut Call::default(), span), Meaning::Begins)
        {
            self.flush();
        }
        if let Some(code) = connect_code(words) {
            info::once(&mut self.call, "http.connect_status", code, span);
        }
        if words.starts_with("Proxy replied")
            || words.starts_with("CONNECT phase completed")
            || words.starts_with("CONNECT tunnel established")
        {
            self.tunneling = false;
        }
        self.note_peer(words);
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
                let before =
                    from.map(str::to_owned).or_else(|| self.last_method()).unwrap_or_else(|| "POST".to_owned());
                let value = format!("{before} to {to}");
                if let Some(next) = self.next.as_mut() {
                    next.1 = Some(to.to_owned());
                    info::once(&mut self.call, "curl.switch", &value, span);
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
                add_request_fields(
                    &mut self.pseudo,
                    vec![Header { name: name.to_owned(), value: value.to_owned(), span }],
                );
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
            if !self.tunneling
                && let Some(request) = self.call.request.as_mut()
            {
                request.complete = true;
            }
            self.phase = Phase::Sent;
        } else if !self.tunneling
            && let (Some((name, value)), Some(request)) = (fields::field(words), self.call.request.as_mut())
        {
            request.headers.push(name, value, span);
        }
    }

    fn received(&mut self, words: &str, span: Span, at: usize) {
        if !words.is_empty() {
            words.clone_into(&mut self.last_received);
        }
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
        } else if !self.interim
            && let Some((name, value)) = fields::field(words)
        {
            let over = self.phase >= Phase::Received;
            let response = self.call.response.get_or_insert_with(Response::default);
            if over {
                response.trailers.push(name, value, span)
            } else {
                response.headers.push(name, value, span)
            }
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

    pub(super) fn status(&mut self, line: &StatusLine<'_>, words: &str, span: Span) {
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
        if (200..300).contains(&line.status) {
            // An earlier refusal was only a round of authentication.
            self.call.messages.truncate(self.refused_at.take().unwrap_or(self.call.messages.len()));
        } else {
            self.refused_at.get_or_insert(self.call.messages.len());
            self.say(MessageKind::Tool, words, span);
        }
        self.phase = Phase::Receiving;
    }

    pub(super) fn head_over(&mut self) {
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

    pub(super) fn failure(&mut self, code: u16, words: &str, span: Span, at: usize) {
        if self.call == new_call() && self.command.is_none() && !self.calls.is_empty() {
            return self.note(at, at + 1);
        }
        self.note_peer(words);
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

    /// The answer is followed by another one: a redirect that was followed, or a further round.
    pub(super) fn follow(&mut self) {
        let redirect = self.call.response.as_ref().and_then(|r| {
            r.status.filter(|s| (300..400).contains(s)).and_then(|_| r.headers.first("location")).map(str::to_owned)
        });
        match redirect {
            Some(location) if self.hop < HOPS => {
                let url = self
                    .current_url()
                    .map_or_else(|| Url::parse(&location), |base| super::finish::resolve(&base, &location));
                self.redirect(url);
            }
            _ => self.flush(),
        }
    }

    /// A failure names the host even where no command and no request does.
    fn note_peer(&mut self, words: &str) {
        if self.peer.is_some() || self.uses_proxy() {
            return;
        }
        if let Some((_, host)) = words.split_once("Could not resolve host: ") {
            let host = host.split([' ', ';']).next().unwrap_or_default();
            self.peer = Some((host.to_owned(), String::new()));
        } else if let Some((_, rest)) = words.split_once("Failed to connect to ")
            && let Some((host, port)) = rest.split_once(" port ")
        {
            let port = port.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            self.peer = Some((host.to_owned(), port.to_owned()));
        }
    }

    pub(super) fn say(&mut self, kind: MessageKind, words: &str, span: Span) {
        if !words.is_empty() {
            self.call.messages.push(Message { kind, text: words.to_owned(), span });
        }
    }

    /// Notes that lines belong to this call.
    pub(super) fn note(&mut self, from: usize, to: usize) {
        self.seen = true;
        self.end = self.end.max(to);
        for at in [from, to.saturating_sub(1)] {
            self.call.span = self.call.span.to(self.lines.span(at));
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        self.call.status().is_some()
    }

    pub(super) fn uses_proxy(&self) -> bool {
        self.call.attribute("proxy.uses").is_some() || self.command.as_ref().is_some_and(|c| c.proxy.is_some())
    }
}

/// The proxy's status in `Received HTTP code 403 from proxy after CONNECT` and `CONNECT tunnel failed, response 407`.
fn connect_code(words: &str) -> Option<&str> {
    let rest = words
        .split_once("Received HTTP code ")
        .filter(|(_, rest)| rest.contains("after CONNECT"))
        .map(|(_, rest)| rest);
    let rest = rest.or_else(|| words.split_once("CONNECT tunnel failed, response ").map(|(_, rest)| rest))?;
    let code = rest.get(..3)?;
    code.bytes().all(|b| b.is_ascii_digit()).then_some(code)
}

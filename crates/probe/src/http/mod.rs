//! One request on the wire, and what came of it: no retry, no judging, no redirect.
//!
//! `reach` goes the way to the server, `send` asks there; [`exchange`] is both. What came before something broke is
//! kept: an answer cut off in the middle is a better witness than its absence.

mod body;
mod framing;
mod h1;
mod h2;
mod head;
mod tap;
mod way;

pub(crate) use way::{Reached, now_ms, reach};

use crate::exchange::{Exchange, Failure, Phase, Wrong};
use crate::target::{Target, Versions};
use firstfault_model::{Body, Headers, Request, Response, Span, Timings};
use std::time::Instant;
use tap::Tap;

/// The most bytes of a body that are kept.
pub(crate) const BODY_KEPT: usize = 1 << 20;
/// The most bytes of a body that are read before the rest is left alone.
pub(crate) const BODY_READ: u64 = 8 << 20;
/// The longest head that is read.
pub(crate) const HEAD_LIMIT: usize = 256 << 10;

/// Looks up, connects, asks for a tunnel, shakes hands, sends and receives: one request.
///
/// The marks of the exchange are those of the way and of the answer.
pub async fn exchange(target: &Target) -> Exchange {
    let mut way = reach(target).await;
    let mut marks = std::mem::take(&mut way.marks);
    let mut exchange = send(target, way, &mut marks).await;
    marks.append(&mut exchange.marks);
    exchange.marks = marks;
    exchange
}

/// Gets a document: the bytes of its body, which may have at most `limit` of them. No redirect is followed.
///
/// # Errors
/// Why it is not to be had whole, in one line.
pub async fn fetch(target: &Target, limit: usize) -> Result<Vec<u8>, String> {
    let mut way = reach(target).await;
    let mut marks = std::mem::take(&mut way.marks);
    let (exchange, progress) = converse(target, way, &mut marks, Progress::keeping(limit)).await;
    if let Some(failure) = exchange.failure {
        return Err(failure.words);
    }
    let response = exchange.response.ok_or("no answer came")?;
    match response.status {
        Some(200) => {}
        Some(status) => return Err(format!("expected the status 200, got {status}")),
        None => return Err("expected an HTTP response, got none".to_owned()),
    }
    if let Some(coding) = response.headers.first("content-encoding").filter(|c| !c.eq_ignore_ascii_case("identity")) {
        return Err(format!("expected a body that is not encoded, got {coding}"));
    }
    if progress.body.len() as u64 != progress.body_size || progress.enough() {
        return Err(format!("expected at most {} MiB, got more", limit >> 20));
    }
    if progress.whole { Ok(progress.body) } else { Err("the body was cut off".to_owned()) }
}

/// What is known while a request is on its way.
#[derive(Debug)]
pub(crate) struct Progress {
    /// The phase that runs.
    pub phase: Phase,
    /// When the last byte of the request was handed to the system.
    pub sent: Option<Instant>,
    /// When the first byte of the answer was read.
    pub first: Option<Instant>,
    /// The head of the answer, the final one.
    pub response: Option<Response>,
    /// The body as it came, up to the first of `limits`.
    pub body: Vec<u8>,
    /// The most bytes of it that are kept, and how many are read.
    limits: (usize, u64),
    /// How many bytes of it came.
    pub body_size: u64,
    /// True when the end of the body was seen, by its own framing.
    pub whole: bool,
    /// Facts.
    pub marks: Vec<(String, String)>,
}

impl Progress {
    fn new() -> Self {
        Self {
            phase: Phase::Send,
            sent: None,
            first: None,
            response: None,
            body: Vec::new(),
            limits: (BODY_KEPT, BODY_READ),
            body_size: 0,
            whole: false,
            marks: Vec::new(),
        }
    }

    /// For a body that is wanted whole.
    fn keeping(limit: usize) -> Self {
        Self { limits: (limit, limit as u64 + 1), ..Self::new() }
    }

    /// Notes a fact.
    pub(crate) fn mark(&mut self, name: &str, value: impl Into<String>) {
        self.marks.push((name.to_owned(), value.into()));
    }

    /// Keeps a part of the body.
    pub(crate) fn keep(&mut self, part: &[u8]) {
        let room = self.limits.0.saturating_sub(self.body.len()).min(part.len());
        self.body.extend_from_slice(part.get(..room).unwrap_or_default());
        self.body_size += part.len() as u64;
    }

    /// True when so much came that the rest is left alone.
    pub(crate) fn enough(&self) -> bool {
        self.body_size >= self.limits.1
    }
}

/// Asks at the end of the way. `on_the_way` are the marks of the way: where TLS ends it only now, they are amended.
pub(crate) async fn send(target: &Target, way: Reached, on_the_way: &mut Vec<(String, String)>) -> Exchange {
    converse(target, way, on_the_way, Progress::new()).await.0
}

/// Asks, and hands back what was seen meanwhile too: the body as bytes.
async fn converse(
    target: &Target,
    mut way: Reached,
    on_the_way: &mut Vec<(String, String)>,
    mut progress: Progress,
) -> (Exchange, Progress) {
    let h2 = way.h2 || (way.stream.is_some() && target.connect.http == Versions::Http2);
    let message = head::compose(target, &way, h2);
    let mut exchange = Exchange {
        request: request(target, &message, h2),
        response: way.response.take(),
        failure: way.failure.take(),
        timings: way.timings,
        started: way.started,
        peer: way.peer,
        ..Exchange::default()
    };
    let Some(stream) = way.stream.take() else {
        total(&mut exchange.timings, &way);
        return (exchange, progress);
    };
    exchange.response = None;
    if let Some(words) = message.fault {
        exchange.failure = Some(Failure { phase: Phase::Send, wrong: Wrong::Local, words });
        exchange.marks.push(("probe.http".to_owned(), "unsendable".to_owned()));
        total(&mut exchange.timings, &way);
        return (exchange, progress);
    }
    let began = Instant::now();
    let (tap, seen) = Tap::new(stream, way.timings.tls.is_some(), way.asked.take(), h2);
    let asked = async {
        if h2 {
            h2::converse(tap, &seen, &message, &mut progress).await
        } else {
            h1::converse(tap, &message, &mut progress).await
        }
    };
    let deadline = tokio::time::Instant::from_std(way.began + target.connect.max_time);
    let outcome = tokio::time::timeout_at(deadline, asked).await;
    let ended = Instant::now();
    let failure = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(_) => Some(out_of_time(&progress, target)),
    };
    let seen = seen.snapshot();
    // What TLS says late is why the connection ended, whatever it looked like from here.
    let failure = match (failure, &seen.late) {
        (Some(failure), Some(late)) if failure.wrong != Wrong::Timeout => {
            late.amend(on_the_way);
            Some(late.failure.clone())
        }
        (failure, _) => failure,
    };
    exchange.head = message.head;
    phases(&mut exchange.timings, &progress, began, ended);
    total(&mut exchange.timings, &way);
    exchange.marks = marks(&progress, failure.as_ref(), &seen, h2);
    if failure.as_ref().is_some_and(|f| f.wrong == Wrong::Timeout) {
        let after = exchange.timings.total.unwrap_or_default().round();
        exchange.marks.push(("probe.http.gave_up_after_ms".to_owned(), format!("{after}")));
    }
    exchange.response = progress.response.take().map(|response| finish(response, &progress, &mut exchange.marks));
    if let Some(response) = &exchange.response {
        let received = way.started + i64::try_from(way.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        crate::clock::marks(&exchange.request, response, (way.started, received), &mut exchange.marks);
    }
    exchange.failure = failure;
    (exchange, progress)
}

fn request(target: &Target, message: &head::Message, h2: bool) -> Request {
    let mut url = target.url.clone();
    url.userinfo = None;
    url.fragment = None;
    let version = match (h2, target.connect.http_1_0) {
        (true, _) => "HTTP/2",
        (false, true) => "HTTP/1.0",
        (false, false) => "HTTP/1.1",
    };
    Request {
        method: Some(target.method.clone()),
        url,
        version: Some(version.to_owned()),
        headers: message.fields.clone(),
        body: target.body.as_ref().map(|bytes| Body::bounded(&String::from_utf8_lossy(bytes), Span::default())),
        complete: true,
        span: Span::default(),
    }
}

fn out_of_time(progress: &Progress, target: &Target) -> Failure {
    let after = target.connect.max_time.as_secs_f64();
    let words = match progress.phase {
        Phase::Send => format!("the request was not taken within {after} s"),
        Phase::Receive => format!("the body did not end within {after} s"),
        _ if progress.first.is_some() => format!("the head of the answer did not end within {after} s"),
        _ => format!("no byte of an answer came within {after} s"),
    };
    Failure { phase: progress.phase, wrong: Wrong::Timeout, words }
}

fn milliseconds(from: Instant, to: Instant) -> f64 {
    to.saturating_duration_since(from).as_secs_f64() * 1000.0
}

fn phases(timings: &mut Timings, progress: &Progress, began: Instant, ended: Instant) {
    // An answer may come before the request is sent whole: then sending ends where waiting does.
    let sent = match (progress.sent, progress.first) {
        (Some(sent), Some(first)) => Some(sent.min(first)),
        (sent, first) => sent.or(first),
    };
    timings.send = Some(milliseconds(began, sent.unwrap_or(ended)));
    timings.wait = sent.map(|sent| milliseconds(sent, progress.first.unwrap_or(ended)));
    timings.receive = progress.first.map(|first| milliseconds(first, ended));
}

fn total(timings: &mut Timings, way: &Reached) {
    timings.total = Some(way.began.elapsed().as_secs_f64() * 1000.0);
}

/// The outcome as facts.
fn marks(progress: &Progress, failure: Option<&Failure>, seen: &tap::Seen, h2: bool) -> Vec<(String, String)> {
    let mut marks = Vec::new();
    let mut mark = |name: &str, value: String| marks.push((name.to_owned(), value));
    let headed = progress.response.as_ref().is_some_and(|r| r.status.is_some());
    let outcome = match failure.map(|f| f.wrong) {
        None => "answered",
        Some(_) if failure.is_some_and(|f| f.phase == Phase::Tls) => "tls",
        _ if progress.marks.iter().any(|(n, _)| n == "probe.http.h2") => "h2_error",
        Some(Wrong::Alert) => "tls",
        Some(_) if headed => "incomplete",
        Some(Wrong::Reset) => "reset",
        Some(Wrong::Closed) => "closed",
        Some(Wrong::Timeout) => "timeout",
        Some(Wrong::Protocol) => "garbage",
        Some(_) => "local",
    };
    mark("probe.http", outcome.to_owned());
    if let Some(failure) = failure {
        mark("probe.http.phase", failure.phase.word().to_owned());
        if outcome == "incomplete" {
            let how = match failure.wrong {
                Wrong::Reset => "reset",
                Wrong::Timeout => "timeout",
                Wrong::Protocol => "framing",
                _ => "closed",
            };
            mark("probe.http.ended", how.to_owned());
        }
    }
    mark("probe.http.got", seen.received.to_string());
    if headed {
        let version = progress.response.as_ref().and_then(|r| r.version.clone());
        mark("probe.http.version", version.unwrap_or_else(|| if h2 { "HTTP/2" } else { "HTTP/1.1" }.to_owned()));
        mark("probe.http.body", progress.body_size.to_string());
    }
    marks.extend(progress.marks.iter().cloned());
    marks
}

/// The response with its body as text.
fn finish(mut response: Response, progress: &Progress, marks: &mut Vec<(String, String)>) -> Response {
    if response.status.is_none() {
        return response;
    }
    let coding = response.headers.first("content-encoding").unwrap_or_default().to_ascii_lowercase();
    let shown = body::decode(&coding, &progress.body, progress.body_size, progress.whole);
    if let Some(fault) = shown.fault {
        marks.push(("probe.http.encoding_error".to_owned(), fault));
    }
    if let Some(coding) = shown.left {
        marks.push(("probe.http.not_decoded".to_owned(), coding));
    }
    response.body = Some(shown.body);
    response
}

/// The fields without those that only concern one connection (RFC 9110 section 7.6.1).
#[must_use]
pub(crate) fn end_to_end(headers: &Headers) -> Headers {
    const HOP: &[&str] = &[
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "http2-settings",
    ];
    let named: Vec<String> = headers
        .every("connection")
        .flat_map(|field| field.value.split(',').map(|token| token.trim().to_ascii_lowercase()))
        .collect();
    let kept = headers.0.iter().filter(|field| {
        let name = field.name.to_ascii_lowercase();
        !name.starts_with(':') && !HOP.contains(&name.as_str()) && !named.contains(&name)
    });
    Headers(kept.cloned().collect())
}

/// What a connection's end was, from the error that was read.
pub(crate) fn broken(error: &std::io::Error) -> (Wrong, String) {
    if let Some(alert) = tap::alert(error) {
        return (Wrong::Alert, format!("the server ended TLS with the alert {alert}"));
    }
    match error.kind() {
        std::io::ErrorKind::ConnectionReset => (Wrong::Reset, "the connection was reset (RST)".to_owned()),
        std::io::ErrorKind::UnexpectedEof => {
            (Wrong::Closed, "the connection was closed without a close_notify".to_owned())
        }
        std::io::ErrorKind::BrokenPipe => {
            (Wrong::Closed, "the connection was closed while the request was sent".to_owned())
        }
        std::io::ErrorKind::TimedOut => (Wrong::Timeout, "the system gave the connection up".to_owned()),
        std::io::ErrorKind::InvalidData => (Wrong::Protocol, format!("broken TLS: {error}")),
        _ => (Wrong::Local, error.to_string()),
    }
}

#[cfg(test)]
mod h2_tests;
#[cfg(test)]
mod tests;

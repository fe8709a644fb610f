//! HAR 1.2 as browsers, proxies and test tools write it: one pass, entry by entry, healthy entries skipped.
//!
//! A HAR is often huge and often broken (cut, status 0, -1 timings, numbers as strings). Each entry is taken as
//! raw JSON and only what may have failed is read further; what cannot be read becomes a [`Problem`].

use crate::{Intake, time};
use base64::Engine as _;
use firstfault_model::{
    Body, Call, Headers, Message, MessageKind, Origin, Problem, Request, Response, Span, Timings, Url, Vantage,
};
use memchr::memmem::Finder;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How many entries that may have failed are kept; more are counted.
const CALL_LIMIT: usize = 5_000;
/// Beyond this many bytes of kept bodies, a body is cut to [`SHORT_BODY`].
const BODIES_LIMIT: usize = 48 << 20;
const SHORT_BODY: usize = 4 << 10;
/// A success with a body smaller than this (in bytes) is looked at closely: it may be empty, null or only an error.
const SMALL_BODY: usize = 256;
/// How many bytes of either end of a body are searched for words of failure.
const EDGE_BYTES: usize = 400;
/// How far into the input the form is looked for.
const SNIFF_BYTES: usize = 4 << 10;

/// True when the input is a HAR, or entries cut out of one.
#[must_use]
pub fn recognises(text: &str) -> bool {
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return false;
    }
    let mut end = text.len().min(SNIFF_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = &text[..end];
    let has = |key: &str| head.contains(key);
    has("\"log\"") && (has("\"entries\"") || has("\"creator\"") || has("\"pages\""))
        || has("\"startedDateTime\"") && (has("\"request\"") || has("\"entries\""))
        || has("\"request\"") && has("\"httpVersion\"") && text.contains("\"response\"")
}

/// Reads it.
#[must_use]
pub fn read(text: &str) -> Intake {
    read_to(text, None)
}

/// Reads it and hands every entry on, healthy ones too, as it comes; what is returned holds no calls.
pub(crate) fn every(text: &str, take: &mut dyn FnMut(Call)) -> Intake {
    read_to(text, Some(take))
}

fn read_to(text: &str, take: Option<&mut dyn FnMut(Call)>) -> Intake {
    let mut reading = Reading {
        text,
        intake: Intake::default(),
        take,
        counted: (0, 1),
        kept: 0,
        dropped: 0,
        suspicion: Suspicion::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let result = Outer(&mut reading).deserialize(&mut deserializer);
    if let Err(error) = result {
        let line = u32::try_from(error.line()).unwrap_or(u32::MAX);
        let read = reading.intake.calls.len() + reading.intake.healthy;
        let message = format!(
            "expected HAR 1.2 to its end, got a fault in line {line} column {}; {read} entries before it were read",
            error.column()
        );
        reading.intake.problems.push(Problem::new(Span::new(line, 0, 0), message));
    }
    reading.intake.unjudged = reading.dropped;
    if reading.dropped > 0 {
        let message =
            format!("{} further failing entries beyond the first {CALL_LIMIT} are not judged", reading.dropped);
        reading.intake.problems.push(Problem::new(Span::default(), message));
    }
    if reading.intake.calls.is_empty() && reading.intake.healthy == 0 {
        reading.intake.unreadable =
            Some("expected HAR 1.2 with log.entries, found no entry that could be read".to_owned());
    }
    reading.intake
}

struct Reading<'t, 's> {
    text: &'t str,
    intake: Intake,
    /// Takes every entry, where all are asked for; they are counted as healthy and kept nowhere.
    take: Option<&'s mut dyn FnMut(Call)>,
    /// Line feeds are counted up to this byte: (byte, line).
    counted: (usize, u32),
    /// Bytes of bodies kept.
    kept: usize,
    dropped: usize,
    suspicion: Suspicion,
}

/// One entry, nothing but the outside parsed.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, rename = "startedDateTime")]
    started: Option<&'a RawValue>,
    #[serde(borrow)]
    time: Option<&'a RawValue>,
    #[serde(borrow)]
    request: Option<&'a RawValue>,
    #[serde(borrow)]
    response: Option<Reply<'a>>,
    #[serde(borrow)]
    timings: Option<&'a RawValue>,
    #[serde(borrow, rename = "_error")]
    error: Option<&'a RawValue>,
    #[serde(borrow, rename = "serverIPAddress")]
    address: Option<&'a RawValue>,
    #[serde(borrow)]
    comment: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Reply<'a> {
    #[serde(borrow)]
    status: Option<&'a RawValue>,
    #[serde(borrow, rename = "statusText")]
    reason: Option<&'a RawValue>,
    #[serde(borrow, rename = "httpVersion")]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
    #[serde(borrow, rename = "_error")]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow, rename = "mimeType")]
    mime: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    encoding: Option<&'a RawValue>,
    #[serde(borrow)]
    size: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Sent<'a> {
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    url: Option<&'a RawValue>,
    #[serde(borrow, rename = "httpVersion")]
    version: Option<&'a RawValue>,
    #[serde(borrow)]
    headers: Option<&'a RawValue>,
    #[serde(borrow, rename = "postData")]
    body: Option<PostData<'a>>,
}

#[derive(Deserialize)]
struct PostData<'a> {
    #[serde(borrow)]
    text: Option<&'a RawValue>,
}

/// A scalar as text, whatever its type; `None` for null and structures.
fn scalar(raw: Option<&RawValue>) -> Option<String> {
    let raw = raw?.get();
    match raw.as_bytes().first()? {
        b'"' => serde_json::from_str(raw).ok(),
        b'n' | b'{' | b'[' => None,
        _ => Some(raw.to_owned()),
    }
}

fn number(raw: Option<&RawValue>) -> Option<f64> {
    scalar(raw)?.trim().parse().ok()
}

impl<'t> Reading<'t, '_> {
    /// The span of a slice of the input. Calls come in order, so line feeds are counted once.
    fn span(&mut self, part: &str) -> Span {
        let Some(start) = (part.as_ptr() as usize).checked_sub(self.text.as_ptr() as usize) else {
            return Span::default();
        };
        let (byte, line) = self.counted;
        let bytes = self.text.as_bytes();
        if start > bytes.len() {
            return Span::default();
        }
        let (from, base) = if start >= byte { (byte, line) } else { (0, 1) };
        let feeds = memchr::memchr_iter(b'\n', &bytes[from..start]).count();
        let line = base.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        self.counted = (start, line);
        Span::new(line, start, start + part.len())
    }

    fn entry(&mut self, entry: &Entry<'t>) {
        let reply = entry.response.as_ref();
        let status = number(reply.and_then(|r| r.status));
        let error = scalar(reply.and_then(|r| r.error)).or_else(|| scalar(entry.error)).filter(|e| !e.is_empty());
        if self.take.is_some() {
            let call = self.call(entry, error);
            self.intake.healthy += 1;
            self.kept = 0;
            if let Some(take) = &mut self.take {
                take(call);
            }
            return;
        }
        let healthy = status.is_some_and(|s| (100.0..400.0).contains(&s)) && error.is_none();
        let bodiless = status.is_some_and(|s| matches!(s as u16, 101 | 204 | 205 | 300..=399));
        if healthy
            && (bodiless || !reply.and_then(|r| r.content.as_ref()).is_some_and(|content| self.suspicion.of(content)))
        {
            self.intake.healthy += 1;
            return;
        }
        if self.intake.calls.len() >= CALL_LIMIT {
            self.dropped += usize::from(!healthy);
            return;
        }
        let call = self.call(entry, error);
        self.intake.calls.push(call);
    }

    fn call(&mut self, entry: &Entry<'t>, error: Option<String>) -> Call {
        let mut call = Call::new(Origin::Har, Vantage::Client);
        if let Some(raw) = entry.request {
            call.span = self.span(raw.get());
            match serde_json::from_str::<Sent<'t>>(raw.get()) {
                Ok(sent) => call.request = Some(self.request(&sent, call.span)),
                Err(fault) => self.intake.problems.push(Problem::new(
                    call.span,
                    format!("expected a HAR request, got one that does not parse: {fault}"),
                )),
            }
        }
        if let Some(reply) = &entry.response {
            let place = reply.status.map_or(call.span, |raw| self.span(raw.get()));
            call.span = call.span.to(place);
            call.response = Some(self.response(reply, place));
        }
        if let Some(error) = error {
            let raw = entry.response.as_ref().and_then(|r| r.error).or(entry.error);
            let span = raw.map_or(call.span, |raw| self.span(raw.get()));
            if let Some(name) =
                error.split("net::").nth(1).or_else(|| error.starts_with("NS_ERROR").then_some(error.as_str()))
            {
                let name: String = name.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                call.mark("net_error", name, span);
            }
            call.messages.push(Message { kind: MessageKind::Tool, text: error, span });
        }
        call.started = scalar(entry.started).and_then(|t| time::parse(&t));
        if let Some(address) = scalar(entry.address) {
            call.mark("address", address, call.span);
        }
        if let Some(comment) = scalar(entry.comment).filter(|c| !c.is_empty()) {
            call.messages.push(Message { kind: MessageKind::Note, text: comment, span: call.span });
        }
        call.timings = timings(entry);
        call
    }

    fn request(&mut self, sent: &Sent<'t>, span: Span) -> Request {
        let headers = self.headers(sent.headers);
        let mut url = Url::parse(&scalar(sent.url).unwrap_or_default());
        if url.host.is_none() {
            url.host = headers.first("host").map(str::to_ascii_lowercase);
        }
        Request {
            method: scalar(sent.method),
            url,
            version: scalar(sent.version),
            complete: !headers.0.is_empty(),
            headers,
            body: sent.body.as_ref().and_then(|b| b.text).and_then(|raw| {
                let place = self.span(raw.get());
                scalar(Some(raw)).map(|text| self.keep(&text, place))
            }),
            span,
        }
    }

    fn response(&mut self, reply: &Reply<'t>, span: Span) -> Response {
        let headers = self.headers(reply.headers);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
        let status = number(reply.status).filter(|s| (0.0..1000.0).contains(s)).map(|s| s as u16);
        Response {
            status,
            reason: scalar(reply.reason).filter(|r| !r.is_empty()),
            version: scalar(reply.version).filter(|v| !v.is_empty()),
            complete: !headers.0.is_empty(),
            headers,
            body: reply.content.as_ref().and_then(|content| self.body(content)),
            trailers: Headers::default(),
            span,
        }
    }

    fn body(&mut self, content: &Content<'t>) -> Option<Body> {
        let Some(raw) = content.text else {
            // A size of 0 is a body that is known to be empty; no text and a size is a body that was not kept.
            let empty = number(content.size).is_some_and(|size| size == 0.0);
            return empty.then(Body::default);
        };
        let place = self.span(raw.get());
        let text = scalar(Some(raw))?;
        if scalar(content.encoding).is_some_and(|e| e.eq_ignore_ascii_case("base64")) {
            let cut = &text.as_bytes()[..text.len().min(firstfault_model::BODY_LIMIT / 4 * 4)];
            let bytes = base64::engine::general_purpose::STANDARD.decode(cut).ok()?;
            return Some(self.keep(&String::from_utf8_lossy(&bytes), place));
        }
        Some(self.keep(&text, place))
    }

    fn keep(&mut self, text: &str, span: Span) -> Body {
        let mut body = Body::bounded(text, span);
        if self.kept > BODIES_LIMIT && body.text.len() > SHORT_BODY {
            let mut end = SHORT_BODY;
            while !body.text.is_char_boundary(end) {
                end -= 1;
            }
            body.text.truncate(end);
            body.truncated = true;
        }
        self.kept += body.text.len();
        body
    }

    fn headers(&mut self, raw: Option<&'t RawValue>) -> Headers {
        #[derive(Deserialize)]
        struct Pair<'a> {
            #[serde(borrow)]
            name: Option<&'a RawValue>,
            #[serde(borrow)]
            value: Option<&'a RawValue>,
        }
        let mut headers = Headers::default();
        let pairs: Vec<Pair<'t>> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        for pair in pairs.iter().take(500) {
            if let (Some(name), Some(value)) = (scalar(pair.name), scalar(pair.value)) {
                let span = pair.value.map_or(Span::default(), |v| self.span(v.get()));
                headers.push(name, value, span);
            }
        }
        headers
    }
}

/// Words by which a success may tell of a failure.
struct Suspicion {
    envelope: Vec<Finder<'static>>,
    page: Vec<Finder<'static>>,
}

impl Suspicion {
    fn new() -> Self {
        let words = |list: &[&'static str]| list.iter().map(|word| Finder::new(*word)).collect();
        Self {
            envelope: words(&["rror", "false", "fail", "FAIL", "ault", "Unprocessed", "denied", "DENIED"]),
            page: words(&["http-equiv", "ault", "assword"]),
        }
    }

    /// A success whose JSON body speaks of errors is looked at closely; so is a page where an API answers.
    fn of(&self, content: &Content<'_>) -> bool {
        let Some(raw) = content.text else { return true };
        if raw.get().len() < SMALL_BODY {
            return true;
        }
        let mime = content.mime.map_or("", |m| m.get());
        let text = raw.get().as_bytes();
        // An envelope speaks at its beginning or its end; what lies between are the data.
        let head = &text[..text.len().min(EDGE_BYTES)];
        let tail = &text[text.len() - text.len().min(EDGE_BYTES)..];
        let words = if mime.contains("json") || head.starts_with(b"\"{") || head.starts_with(b"\"[") {
            &self.envelope
        } else if mime.contains("html") || mime.contains("xml") {
            &self.page
        } else {
            return false;
        };
        words.iter().any(|word| word.find(head).is_some() || word.find(tail).is_some())
    }
}

/// HAR writes -1 for a phase that does not apply, and counts TLS into connect.
fn timings(entry: &Entry<'_>) -> Timings {
    #[derive(Default, Deserialize)]
    struct Phases {
        #[serde(default)]
        dns: Option<f64>,
        #[serde(default)]
        connect: Option<f64>,
        #[serde(default)]
        ssl: Option<f64>,
        #[serde(default)]
        send: Option<f64>,
        #[serde(default)]
        wait: Option<f64>,
        #[serde(default)]
        receive: Option<f64>,
    }
    let phases: Phases = entry.timings.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    let seen = |phase: Option<f64>| phase.filter(|ms| *ms >= 0.0);
    let tls = seen(phases.ssl);
    Timings {
        dns: seen(phases.dns),
        connect: seen(phases.connect).map(|ms| (ms - tls.unwrap_or(0.0)).max(0.0)),
        tls,
        send: seen(phases.send),
        wait: seen(phases.wait),
        receive: seen(phases.receive),
        total: number(entry.time).filter(|ms| *ms >= 0.0),
    }
}

/// The document: an object with `log`, an object with `entries`, a list of entries, or one entry.
struct Outer<'r, 't, 's>(&'r mut Reading<'t, 's>);

impl<'t> DeserializeSeed<'t> for Outer<'_, 't, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Outer<'_, 't, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a HAR document")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut request, mut response, mut started, mut time, mut timings) = (None, None, None, None, None);
        while let Some(key) = map.next_key::<std::borrow::Cow<'t, str>>()? {
            match key.as_ref() {
                "log" => map.next_value_seed(Outer(&mut *self.0))?,
                "entries" => map.next_value_seed(Entries(&mut *self.0))?,
                "request" => request = map.next_value::<Option<&'t RawValue>>()?,
                "response" => response = map.next_value::<Option<&'t RawValue>>()?,
                "startedDateTime" => started = map.next_value::<Option<&'t RawValue>>()?,
                "time" => time = map.next_value::<Option<&'t RawValue>>()?,
                "timings" => timings = map.next_value::<Option<&'t RawValue>>()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if request.is_some() || response.is_some() {
            let response = response.and_then(|raw| serde_json::from_str(raw.get()).ok());
            let entry = Entry { started, time, request, response, timings, error: None, address: None, comment: None };
            self.0.entry(&entry);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(self, seq: A) -> Result<(), A::Error> {
        Entries(self.0).visit_seq(seq)
    }
}

struct Entries<'r, 't, 's>(&'r mut Reading<'t, 's>);

impl<'t> DeserializeSeed<'t> for Entries<'_, 't, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'t> Visitor<'t> for Entries<'_, 't, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of HAR entries")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element::<Entry<'t>>()? {
            self.0.entry(&entry);
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test may stop")]
mod tests {
    use super::*;

    const HAR: &str = r#"{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"entries":[
 {"startedDateTime":"2024-01-01T00:00:00.000Z","time":12.5,"request":{"method":"GET","url":"https://a.example/ok","headers":[]},"response":{"status":200,"content":{"mimeType":"application/json","text":"{\"items\":[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]}"}},"timings":{"dns":-1,"wait":12}},
 {"startedDateTime":"2024-01-01T00:00:01.000Z","time":-1,"request":{"method":"POST","url":"https://a.example/x","headers":[{"name":"Host","value":"a.example"}],"postData":{"text":"{\"a\":1}"}},"response":{"status":"503","statusText":"","headers":[],"content":{"text":"ZG93bg==","encoding":"base64"}}},
 {"request":{"method":"GET","url":"https://b.example/"},"response":{"status":0,"_error":"net::ERR_CERT_DATE_INVALID","content":{}}}
]}}"#;

    #[test]
    fn failing_entries_become_calls_and_healthy_ones_are_counted() {
        let intake = read(HAR);
        assert_eq!((intake.healthy, intake.calls.len()), (1, 2));
        let post = &intake.calls[0];
        assert_eq!(post.status(), Some(503));
        assert_eq!(post.response.as_ref().unwrap().body.as_ref().unwrap().text, "down");
        assert_eq!(post.span.line, 3);
        assert_eq!(post.timings.total, None);
        assert_eq!(intake.calls[1].attribute("net_error"), Some("ERR_CERT_DATE_INVALID"));
    }

    #[test]
    fn every_entry_is_handed_on_when_all_are_asked_for() {
        let mut seen = Vec::new();
        let intake = crate::every(HAR, None, &mut |call| seen.push((call.status(), call.span.line)));
        assert_eq!(seen, [(Some(200), 2), (Some(503), 3), (Some(0), 4)]);
        assert_eq!((intake.calls.len(), intake.healthy, intake.unreadable), (0, 3, None));
        let cut = crate::every(&HAR[..HAR.len() - 40], None, &mut |_| {});
        assert_eq!((cut.healthy, cut.problems.len()), (2, 1));
    }

    #[test]
    fn a_har_cut_anywhere_keeps_what_came_before() {
        for end in 0..HAR.len() {
            let intake = read(&HAR[..end]);
            assert!(intake.calls.len() <= 2);
        }
        let cut = read(&HAR[..HAR.len() - 40]);
        assert_eq!((cut.calls.len(), cut.problems.len()), (1, 1));
    }

    #[test]
    fn a_single_entry_is_a_har_too() {
        let text = r#"{"startedDateTime":"2024-01-01T00:00:00Z","request":{"method":"GET","url":"https://a.example/"},"response":{"status":404}}"#;
        assert!(recognises(text));
        assert_eq!(read(text).calls[0].status(), Some(404));
    }
}

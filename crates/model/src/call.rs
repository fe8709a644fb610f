//! One attempt to use an API, as far as the evidence shows it.

use crate::{Body, Span, Url};

/// One attempt to use an API: a request, then a response or a failure before one.
///
/// Every part may be missing; what is missing is `None` or empty, never zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Call {
    /// The request, when any part of it was seen.
    pub request: Option<Request>,
    /// The response, when any part of it was seen (a status alone is enough).
    pub response: Option<Response>,
    /// What programs said in words about this call, in the order of the evidence.
    /// For a chain of causes, the outermost comes first and the root cause last.
    pub messages: Vec<Message>,
    /// Structured marks by name, such as `envoy.flag` = `UF`; the names are listed in docs/packs.md.
    pub attributes: Vec<Attribute>,
    /// Phases that were measured.
    pub timings: Timings,
    /// When it began by the evidence's own clock, in milliseconds since the Unix epoch.
    pub started: Option<i64>,
    /// Which attempt this was, from 1, where the evidence says so.
    pub attempt: Option<u32>,
    /// Which reader made it.
    pub origin: Origin,
    /// Who tells: the program that called, something between, or the program that was called.
    pub vantage: Vantage,
    /// All of the evidence for it.
    pub span: Span,
}

impl Call {
    /// A call that a reader has begun to fill.
    #[must_use]
    pub fn new(origin: Origin, vantage: Vantage) -> Self {
        Self { origin, vantage, ..Self::default() }
    }

    /// Adds a structured mark; an empty value or `-` is an absence and is not kept.
    pub fn mark(&mut self, name: &str, value: impl Into<String>, span: Span) {
        let value = value.into();
        let trimmed = value.trim();
        if !trimmed.is_empty() && trimmed != "-" {
            self.attributes.push(Attribute { name: name.to_owned(), value: trimmed.to_owned(), span });
        }
    }

    /// The first mark of that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name == name).map(|a| a.value.as_str())
    }

    /// The status code, when an answer was seen.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().and_then(|r| r.status)
    }
}

/// The request as sent or as meant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// Method token as written, `GET` when a tool implies it; `None` when not seen.
    pub method: Option<String>,
    /// Target; a `Host` header fills the host where the target has none.
    pub url: Url,
    /// `HTTP/1.1`, `HTTP/2`, …, as written.
    pub version: Option<String>,
    /// Fields in order, duplicates kept.
    pub headers: Headers,
    /// Body, when seen.
    pub body: Option<Body>,
    /// True when the head was seen whole, so that a missing field is really missing.
    pub complete: bool,
    /// Where it stands.
    pub span: Span,
}

/// The response as received.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// Status code; `None` when only fields or a body were seen.
    pub status: Option<u16>,
    /// Reason phrase, when written.
    pub reason: Option<String>,
    /// `HTTP/1.1`, `HTTP/2`, …, as written.
    pub version: Option<String>,
    /// Fields in order, duplicates kept.
    pub headers: Headers,
    /// Body, when seen. An empty body that is known to be empty is `Some` with no text.
    pub body: Option<Body>,
    /// Trailer fields (gRPC puts its status there).
    pub trailers: Headers,
    /// True when the head was seen whole, so that a missing field is really missing.
    pub complete: bool,
    /// Where it stands (the status line, where there is one).
    pub span: Span,
}

/// One header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Name as written.
    pub name: String,
    /// Value as written, without the white space around it unless that is the fault.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// Header fields in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(pub Vec<Header>);

impl Headers {
    /// The first value of a field, by case-insensitive name.
    #[must_use]
    pub fn first(&self, name: &str) -> Option<&str> {
        self.field(name).map(|h| h.value.as_str())
    }

    /// The first field of a name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Header> {
        self.0.iter().find(|h| h.name.eq_ignore_ascii_case(name))
    }

    /// Every field of a name, in order.
    pub fn every<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Header> {
        self.0.iter().filter(move |h| h.name.eq_ignore_ascii_case(name))
    }

    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>, span: Span) {
        self.0.push(Header { name: name.into(), value: value.into(), span });
    }
}

/// A structured mark from a log line, a tool or a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Dotted lower-case name.
    pub name: String,
    /// Value as written, trimmed.
    pub value: String,
    /// Where it stands.
    pub span: Span,
}

/// What a program (or a person) said in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who speaks, and how much it counts.
    pub kind: MessageKind,
    /// The words, without prefixes such as time, level or logger; stack frames are left out.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Who speaks in a [`Message`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// An exception, error or panic, as `Type: words` where a type is known.
    Exception,
    /// A line of a log.
    Log,
    /// A line that the calling tool itself printed (curl's `*` and `curl: (N)` lines, browser consoles).
    Tool,
    /// Output of another command, or machine text of no known form.
    Output,
    /// What a person wrote: kept, shown, never decisive.
    Note,
}

/// Which reader made a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the formats")]
pub enum Origin {
    #[default]
    Text,
    CurlTranscript,
    CurlCommand,
    HttpMessage,
    Har,
    Postman,
    RequestFile,
    Exception,
    BrowserConsole,
    LogLine,
    Probe,
}

impl Origin {
    /// The word for it on screen and for `--as`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::CurlTranscript => "curl",
            Self::CurlCommand => "curl-command",
            Self::HttpMessage => "http",
            Self::Har => "har",
            Self::Postman => "postman",
            Self::RequestFile => "request-file",
            Self::Exception => "exception",
            Self::BrowserConsole => "console",
            Self::LogLine => "log",
            Self::Probe => "probe",
        }
    }
}

/// Who tells about the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Vantage {
    /// The program that called (curl, a client library, a browser).
    #[default]
    Client,
    /// Something between (a gateway's or proxy's log).
    Gateway,
    /// The program that was called, about a call that came in.
    Server,
}

/// Phases in milliseconds, each `None` when not seen.
///
/// The names follow HAR 1.2; `connect` includes TLS there, here it does not.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timings {
    /// Name resolution.
    pub dns: Option<f64>,
    /// TCP connection, without TLS.
    pub connect: Option<f64>,
    /// TLS handshake.
    pub tls: Option<f64>,
    /// Sending the request.
    pub send: Option<f64>,
    /// Waiting for the first byte of the response.
    pub wait: Option<f64>,
    /// Receiving the response.
    pub receive: Option<f64>,
    /// All of it.
    pub total: Option<f64>,
}

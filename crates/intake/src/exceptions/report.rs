//! A report as its reader finds it, link by link, and the call that it makes in the end.
//! It refuses to know how any language prints.

use super::embedded::{Value, parse};
use super::fill;
use super::frames::{self, Frame, Runtime};
use super::head::{Link, unroll};
use super::take;
use super::text::{between, clip, number, run};
use super::words::{self, Reading};
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Call, Message, MessageKind, Origin, Span, Vantage};

/// How many links are kept of one chain, from both ends.
const LINKS: usize = 40;

/// What a reader has found so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    /// The chain, outermost first, each link with its place.
    pub(super) links: Vec<(Link, Span)>,
    /// Who printed it.
    pub(super) runtime: Option<Runtime>,
    /// The first frame that is the application's or a library's.
    pub(super) top: Option<(String, Span)>,
    /// The client library that frames or types name.
    pub(super) library: Option<&'static str>,
    /// True when a server handles a request here.
    pub(super) server: bool,
    /// Where it was printed.
    pub(super) origin: Origin,
    /// A call that the reader has filled with what it alone understands.
    pub(super) call: Call,
}

impl Report {
    /// A report that a program printed.
    pub(super) fn new(runtime: Option<Runtime>) -> Self {
        Self { runtime, origin: Origin::Exception, ..Self::default() }
    }

    /// Adds a link at the root end, unless it says what the last one said.
    pub(super) fn link(&mut self, link: Link, span: Span) {
        let repeated = self.links.last().is_some_and(|(last, _)| *last == link);
        let empty = link.kind.is_empty() && link.words.is_empty();
        if !repeated && !empty && self.links.len() < LINKS {
            self.links.push((link, span));
        }
    }

    /// Notes a line of a stack.
    pub(super) fn frame(&mut self, frame: Frame<'_>, span: Span) {
        if self.runtime.is_none() {
            self.runtime = frame.runtime;
        }
        if frame.place.is_empty() {
            return;
        }
        self.server |= frames::shows_server(frame.place);
        if self.library.is_none() {
            self.library = frames::library(frame.place);
        }
        // Python prints the innermost frame last, every other runtime first.
        if !frame.internal && (self.top.is_none() || self.runtime == Some(Runtime::Python)) {
            let place = frame.place.split(" ~[").next().unwrap_or_default();
            self.top = Some((clip(place.trim_end_matches([' ', '{']), 300).to_owned(), span));
        }
    }

    /// The finished call for lines `from..to`; `None` when nothing was said.
    pub(super) fn finish(mut self, lines: &Lines<'_>, from: usize, to: usize) -> Option<Taken> {
        let span = (from..to).fold(Span::default(), |span, i| span.to(lines.span(i)));
        let mut call = std::mem::take(&mut self.call);
        call.origin = self.origin;
        call.span = span;
        // The root says most exactly what happened, so it is read first; outer links fill what it left open.
        let mut said: Vec<(Link, Span)> = Vec::new();
        for (link, place) in self.links.iter().rev() {
            let (text, inner) = read_link(link, *place, &mut call);
            let outer = Link::new(&link.kind, &text);
            // `Caused by:` repeats what the outer message already held.
            let known = said
                .last()
                .is_some_and(|(next, _)| inner.first().is_some_and(|i| last_name(&i.kind) == last_name(&next.kind)));
            let mut chain = vec![(outer, *place)];
            if !known {
                chain.extend(inner.into_iter().map(|link| (link, *place)));
            }
            said.extend(chain.into_iter().rev());
        }
        said.reverse();
        said.dedup_by(|a, b| a.0 == b.0);
        for (link, place) in &said {
            self.server |= frames::shows_server(&link.words);
            if self.library.is_none() {
                self.library = frames::library(&link.kind);
            }
            if self.runtime.is_none() {
                self.runtime = runtime_of(&link.kind);
            }
            let text = one_line(&link.text());
            if !text.is_empty() {
                let kind = if self.origin == Origin::BrowserConsole && link.kind.is_empty() {
                    MessageKind::Tool
                } else {
                    MessageKind::Exception
                };
                call.messages.push(Message { kind, text, span: *place });
            }
        }
        if call.messages.is_empty() && call.request.is_none() && call.response.is_none() {
            // A stack without words is evidence all the same, and its lines are taken.
            let first = self.top.clone().unwrap_or_else(|| (one_line(lines.text(from)), lines.span(from)));
            call.messages.push(Message { kind: MessageKind::Output, text: first.0, span: first.1 });
        }
        let typed = |i: Option<&(Link, Span)>| i.map(|(l, s)| (l.kind.clone(), *s));
        if let Some((kind, place)) = typed(said.iter().find(|(l, _)| !l.kind.is_empty())) {
            fill::mark(&mut call, "exception.type", &kind, place);
        }
        if let Some((kind, place)) = typed(said.iter().rev().find(|(l, _)| !l.kind.is_empty())) {
            fill::mark(&mut call, "exception.root", &kind, place);
        }
        if self.server {
            fill::mark(&mut call, "serves", "frames", span);
        }
        if let Some(runtime) = self.runtime {
            fill::mark(&mut call, "runtime", runtime.word(), span);
        }
        if let Some((top, place)) = &self.top {
            fill::mark(&mut call, "frames.top", top, *place);
        }
        if let Some(library) = self.library {
            fill::mark(&mut call, "library", library, span);
        }
        call.vantage = if self.server { Vantage::Server } else { Vantage::Client };
        Some(Taken { lines: (to - from).max(1), calls: vec![call], problems: Vec::new() })
    }
}

/// Reads one link into the call; gives its words without bodies, and the links inside them.
fn read_link(link: &Link, span: Span, call: &mut Call) -> (String, Vec<Link>) {
    let rest = read_fields(&link.words, span, call);
    let (outer, mut inner) = unroll(&rest);
    for link in inner.iter_mut().rev() {
        link.words = read_said(&link.kind, &link.words, span, call);
    }
    (read_said(&link.kind, &outer, span, call), inner)
}

/// Reads the words of one exception into the call, and gives them without the body they carry.
fn read_said(kind: &str, said: &str, span: Span, call: &mut Call) -> String {
    leading_code(said, span, call);
    let body = words::read(said, span, call, Reading::Exception);
    // The type may say something with the words: `Errno::ECONNREFUSED`, `StatusRuntimeException: UNAVAILABLE`.
    if !kind.is_empty() {
        let head = body.map_or(said, |(start, _)| &said[..start]);
        words::scan(&format!("{kind}: {head}"), span, call, Reading::Other);
    }
    let Some((start, end)) = body else { return said.to_owned() };
    if said.starts_with("<HttpError")
        && let Some(code) =
            between(&said[start..], "'reason': '", "'").or_else(|| between(&said[start..], "\"reason\": \"", "\""))
    {
        fill::mark_code(call, code, span);
    }
    let head = said[..start].trim_end_matches(['"', '\'', ' ', '[', '-', ':', '\n']);
    let tail = said.get(end..).unwrap_or_default().trim_start_matches(['"', '\'', ']', '}', ' ', '>']);
    format!("{head} {tail}").trim().to_owned()
}

/// `INVALID_FIELD: words` (Salesforce), `(AuthorizationFailed) words` (Azure).
fn leading_code(said: &str, span: Span, call: &mut Call) {
    let code = match said.strip_prefix('(') {
        Some(rest) => run(rest, super::text::is_word).0,
        None => run(said, |c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit()).0,
    };
    let after = if said.starts_with('(') {
        said.get(code.len() + 1..).filter(|r| r.starts_with(") "))
    } else {
        said.get(code.len()..).filter(|r| r.starts_with(": ") && code.contains('_'))
    };
    if after.is_some()
        && code.len() > 4
        && code.starts_with(|c: char| c.is_ascii_uppercase())
        && !code.ends_with("Error")
    {
        fill::mark_code(call, code, span);
    }
}

/// Takes labelled parts that SDKs print after a message (headers, body, reason) out of its words.
fn read_fields(text: &str, span: Span, call: &mut Call) -> String {
    let text = clip(text, 512 * 1024);
    // kubernetes and other generated clients: `(403)` alone is the status
    if let Some((status, after)) = text.strip_prefix('(').and_then(number)
        && (after.starts_with(")\n") || after == ")")
    {
        fill::set_status(call, u16::try_from(status).unwrap_or_default(), None, span);
    }
    let mut rest = String::new();
    let mut at = 0;
    let mut in_headers = false;
    while at < text.len() {
        let line_end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        let line = &text[at..line_end];
        let next = (line_end + 1).min(text.len()).max(line_end);
        let name = if at == 0 { None } else { take::label(line) };
        let value = name.map_or("", |n| line.trim_start()[n.len()..].trim_start_matches([':', ' ', '=']).trim());
        match name {
            Some("Reason") => {
                if let Some(status) = call.status() {
                    fill::set_status(call, status, Some(value), span);
                }
            }
            Some("HTTP response headers" | "Response headers" | "Headers") => {
                in_headers = value.is_empty();
                read_headers(&parse(value).value, span, call);
                at = next;
                continue;
            }
            Some(
                "HTTP response body" | "Response body" | "Response Body" | "Content" | "Body" | "Response" | "RESPONSE"
                | "Response content" | "Server response" | "Response data",
            ) => {
                let start = line_end - value.len();
                let found = super::embedded::body(text[start..].trim_start());
                let lead = text.len() - start - text[start..].trim_start().len();
                if let Some(found) = found {
                    fill::set_body(call, &found.text, found.cut, span);
                    at = (start + lead + found.end).min(text.len());
                    while !text.is_char_boundary(at) {
                        at += 1;
                    }
                    continue;
                }
                if name == Some("HTTP response body") && !value.is_empty() {
                    fill::set_body(call, &text[start..], false, span);
                    break;
                }
            }
            None if in_headers => {
                if let Some((field, value)) = take::header(line) {
                    fill::response(call, span).headers.push(field, value, span);
                    at = next;
                    continue;
                }
                in_headers = line.trim().is_empty();
            }
            _ => {}
        }
        if !take::is_rule(line) {
            if !rest.is_empty() {
                rest.push('\n');
            }
            rest.push_str(line);
        }
        if next <= at {
            break;
        }
        at = next;
    }
    rest
}

/// Header fields of a printed mapping.
pub(super) fn read_headers(value: &Value, span: Span, call: &mut Call) {
    match value {
        Value::Array(items) => {
            if let Some(first) = items.first() {
                read_headers(first, span, call);
            }
        }
        Value::Object(entries) => {
            for (name, value) in entries.iter().take(100) {
                let text = match value {
                    Value::Array(items) => items.first().and_then(Value::words),
                    other => other.words(),
                };
                let plain =
                    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
                if let Some(text) = text.filter(|_| plain) {
                    fill::response(call, span).headers.push(name.as_str(), text, span);
                }
            }
        }
        _ => {}
    }
}

/// A type without its package.
fn last_name(kind: &str) -> &str {
    kind.rsplit(['.', ':', '\\']).next().unwrap_or(kind)
}

/// Words on one line, white space collapsed, bounded.
pub(super) fn one_line(text: &str) -> String {
    let mut out = String::new();
    for word in clip(text, 4096).split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The runtime that a type belongs to, by its spelling.
pub(super) fn runtime_of(kind: &str) -> Option<Runtime> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| kind.starts_with(p));
    if kind.contains('\\') {
        Some(Runtime::Php)
    } else if starts(&["reqwest::", "hyper::", "rustls::", "std::io", "tonic::"]) {
        Some(Runtime::Rust)
    } else if kind.contains("::") {
        Some(Runtime::Ruby)
    } else if starts(&[
        "System.",
        "Microsoft.",
        "Azure.",
        "Google.Apis",
        "Grpc.",
        "Npgsql",
        "RestSharp",
        "Refit",
        "MySqlConnector",
        "Polly",
    ]) {
        Some(Runtime::Dotnet)
    } else if starts(&[
        "java.",
        "javax.",
        "org.",
        "com.",
        "io.",
        "feign.",
        "retrofit2.",
        "okhttp3.",
        "jakarta.",
        "kotlin",
        "reactor.",
        "net.",
    ]) {
        Some(Runtime::Java)
    } else if starts(&[
        "requests.",
        "urllib3.",
        "urllib.",
        "httpx.",
        "aiohttp.",
        "botocore.",
        "boto3.",
        "http.client.",
        "socket.",
        "ssl.",
        "json.decoder",
        "openai.",
        "anthropic.",
        "google.",
        "googleapiclient.",
        "grpc.",
        "kubernetes.",
        "stripe.error",
        "elasticsearch.",
        "docker.errors",
        "azure.",
        "psycopg",
        "django.",
        "asyncio.",
        "redis.exceptions",
    ]) {
        Some(Runtime::Python)
    } else if starts(&["AxiosError", "FetchError", "GaxiosError", "RequestError", "NodeApiError"]) {
        Some(Runtime::Node)
    } else if starts(&["Mint.", "HTTPoison", "Finch", "Elixir."]) {
        Some(Runtime::Elixir)
    } else if starts(&[
        "DioException",
        "DioError",
        "SocketException",
        "HandshakeException",
        "PostgrestException",
        "ClientException",
    ]) {
        Some(Runtime::Dart)
    } else {
        None
    }
}

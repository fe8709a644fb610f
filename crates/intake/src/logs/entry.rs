//! One log entry as slices of its line, and how it becomes a call.
//!
//! The readers fill an [`Entry`] without copying; only here is anything copied. It refuses to know
//! which format the entry came from.

use super::scan;
use crate::lines::Line;
use firstfault_model::{Call, Message, MessageKind, Origin, Request, Response, Span, Url, Vantage};
use std::borrow::Cow;

/// What one entry tells, as far as it was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Entry<'a> {
    pub vantage: Vantage,
    pub method: Option<&'a str>,
    pub target: Option<&'a str>,
    /// The query, where the line writes it apart from the target.
    pub query: Option<&'a str>,
    pub version: Option<&'a str>,
    /// Host, with port where written; or scheme and host.
    pub host: Option<&'a str>,
    pub scheme: Option<&'a str>,
    pub status: Option<u16>,
    /// Where the status stands.
    pub status_at: &'a str,
    pub reason: Option<&'a str>,
    /// Request header fields that the line shows.
    pub headers: Vec<(&'static str, &'a str)>,
    pub marks: Vec<Mark<'a>>,
    pub messages: Vec<Cow<'a, str>>,
    /// All of it, in milliseconds.
    pub total: Option<f64>,
    /// Until the first byte, in milliseconds.
    pub wait: Option<f64>,
}

/// A structured mark and the slice of the line that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark<'a> {
    pub name: &'static str,
    pub value: Cow<'a, str>,
    pub at: &'a str,
}

impl<'a> Entry<'a> {
    pub(super) fn new(vantage: Vantage) -> Self {
        Self { vantage, ..Self::default() }
    }

    /// Marks a value as written.
    pub(super) fn mark(&mut self, name: &'static str, value: &'a str) {
        if !matches!(value.trim(), "" | "-") {
            self.marks.push(Mark { name, value: Cow::Borrowed(value), at: value });
        }
    }

    /// Marks a word that is ours, such as the name of the program that wrote the line.
    pub(super) fn mark_as(&mut self, name: &'static str, value: impl Into<Cow<'a, str>>, at: &'a str) {
        self.marks.push(Mark { name, value: value.into(), at });
    }

    /// Marks a time (or list of times) written in seconds, in milliseconds.
    pub(super) fn mark_seconds(&mut self, name: &'static str, list: &'a str) {
        if let Some(value) = scan::seconds_list(list) {
            self.marks.push(Mark { name, value: Cow::Owned(value), at: list });
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.marks.iter().any(|mark| mark.name == name)
    }

    #[cfg(test)]
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.marks.iter().find(|mark| mark.name == name).map(|mark| mark.value.as_ref())
    }

    /// A request header field; `-` and nothing are absences.
    pub(super) fn header(&mut self, name: &'static str, value: &'a str) {
        if !matches!(value, "" | "-") {
            self.headers.push((name, value));
        }
    }

    pub(super) fn say(&mut self, text: &'a str) {
        let text = text.trim();
        if !matches!(text, "" | "-") {
            self.messages.push(Cow::Borrowed(text));
        }
    }

    /// The status from its word; `0`, `000` and `-1` say that no answer was sent.
    pub(super) fn answer(&mut self, word: &'a str) {
        self.status = scan::status(word);
        self.status_at = word;
    }

    /// `GET /x HTTP/1.1` into its parts. What is no request line (`\x16\x03\x01…`, a TLS hello sent
    /// to a plain port) is kept in words.
    pub(super) fn request_line(&mut self, text: &'a str) {
        match split_request(text) {
            Some((method, target, version)) => {
                self.method = Some(method);
                self.target = Some(target);
                self.version = version;
            }
            None => self.say(text),
        }
    }

    /// The call that this entry of `line` tells of.
    pub(super) fn into_call(self, line: &Line<'_>) -> Call {
        let mut call = Call::new(Origin::LogLine, self.vantage);
        call.span = line.span;
        call.timings.total = self.total;
        call.timings.wait = self.wait;
        if self.method.is_some() || self.target.is_some() || self.host.is_some() || !self.headers.is_empty() {
            let mut request = Request {
                method: self.method.map(str::to_owned),
                url: self.url(),
                version: self.version.map(str::to_owned),
                span: self.method.or(self.target).map_or(line.span, |part| place(line, part)),
                ..Request::default()
            };
            if let Some(target) = self.target {
                request.span = request.span.to(place(line, target));
            }
            for (name, value) in &self.headers {
                request.headers.push(*name, *value, place(line, value));
            }
            call.request = Some(request);
        }
        if self.status.is_some() {
            call.response = Some(Response {
                status: self.status,
                reason: self.reason.map(str::to_owned),
                span: place(line, self.status_at),
                ..Response::default()
            });
        }
        for mark in self.marks {
            call.mark(mark.name, mark.value, place(line, mark.at));
        }
        for text in self.messages {
            let span = match &text {
                Cow::Borrowed(part) => place(line, part),
                Cow::Owned(_) => line.span,
            };
            call.messages.push(Message { kind: MessageKind::Log, text: text.into_owned(), span });
        }
        call
    }

    fn url(&self) -> Url {
        let mut url = Url::parse(self.target.unwrap_or_default());
        url.query = url.query.or_else(|| self.query.map(str::to_owned));
        if url.host.is_none()
            && let Some(host) = self.host.filter(|host| !matches!(*host, "" | "-" | "_"))
        {
            let authority = Url::parse(&format!("//{}", host.split_once("://").map_or(host, |(_, rest)| rest)));
            url.host = authority.host;
            url.port = authority.port;
            url.scheme = self
                .scheme
                .map(str::to_ascii_lowercase)
                .or_else(|| host.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase()));
            if url.path.is_empty() {
                "/".clone_into(&mut url.path);
            }
        }
        url
    }
}

/// Splits `METHOD target [HTTP/x]`; targets with bare spaces stay whole.
pub(super) fn split_request(text: &str) -> Option<(&str, &str, Option<&str>)> {
    let (method, rest) = text.split_once(' ')?;
    if !scan::is_method(method) {
        return None;
    }
    let (target, version) = match rest.rsplit_once(' ') {
        Some((target, version)) if version.starts_with("HTTP/") => (target, Some(version)),
        _ => (rest, None),
    };
    let target = target.trim();
    let known = version.is_some() || scan::is_target(target) || (method == "CONNECT" && target.contains(':'));
    (known && !target.is_empty() && target != "-").then_some((method, target, version))
}

/// The span of a slice of the line. A slice of something else (our own words) stands for the line.
fn place(line: &Line<'_>, part: &str) -> Span {
    line.span_of(part)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::split_request;

    #[test]
    fn request_lines_are_told_from_garbage() {
        for (text, parts) in [
            ("GET /x HTTP/1.1", Some(("GET", "/x", Some("HTTP/1.1")))),
            ("GET /a b HTTP/1.1", Some(("GET", "/a b", Some("HTTP/1.1")))),
            ("GET /x", Some(("GET", "/x", None))),
            ("CONNECT api.example.com:443 HTTP/1.1", Some(("CONNECT", "api.example.com:443", Some("HTTP/1.1")))),
            ("\\x16\\x03\\x01", None),
            ("-", None),
            ("", None),
            ("- - -", None),
            ("Mozilla/5.0 (X11)", None),
        ] {
            assert_eq!(split_request(text), parts, "{text}");
        }
    }
}

//! The request's own facts: target, fields, what is absent, credentials, and whether its JSON parses.
//!
//! It refuses to judge any of them.

use crate::date::Now;
use crate::fields;
use crate::fingerprint::Lower;
use crate::json;
use crate::sink::{Sink, Source, cut};
use crate::{Place, credential, response, webhook};
use firstfault_model::{Call, Origin, Request, Span};

/// Fields whose absence can explain something, where the head was seen whole.
const EXPECTED: &[(&str, &str)] = &[
    ("authorization", "absent.request.header.authorization"),
    ("content-type", "absent.request.header.content-type"),
    ("accept", "absent.request.header.accept"),
    ("user-agent", "absent.request.header.user-agent"),
    ("host", "absent.request.header.host"),
    ("content-length", "absent.request.header.content-length"),
    ("cookie", "absent.request.header.cookie"),
    ("origin", "absent.request.header.origin"),
    ("idempotency-key", "absent.request.header.idempotency-key"),
];

pub(crate) fn read(call: &Call, request: &Request, now: Now, out: &mut Sink) {
    let span = request.span;
    if let Some(method) = &request.method {
        out.fact("method", method, span);
    }
    let url = &request.url;
    for (key, value) in [("scheme", url.scheme.as_deref()), ("host", url.host.as_deref())] {
        if let Some(value) = value {
            out.fact(key, value, span);
        }
    }
    if let Some(port) = url.port {
        out.fact("port", &port.to_string(), span);
    }
    if !url.path.is_empty() {
        out.fact("path", &url.path, span);
        let target = url.target();
        if let Some(broken) = broken_percent(&target) {
            out.fact("request.percent_fault", broken, span);
        }
        out.text(
            Place::Request,
            match &request.method {
                Some(method) => format!("{method} {target}"),
                None => target,
            },
            span,
            0,
        );
    }
    // RFC 6749 section 4.1.2.1: the authorization server sends the browser back with the error in the query
    if let Some(query) = url
        .query
        .as_deref()
        .filter(|q| q.contains("error=") && (q.contains("error_description=") || q.contains("state=")))
    {
        response::query_error(out, query, span);
    }
    for header in request.headers.0.iter().take(100) {
        let name = Lower::of(&header.name);
        header_fact(out, "request.header.", name.as_str(), &header.value, header.span);
        webhook::read(out, name.as_str(), &header.value, header.span);
    }
    if request.complete {
        for (name, key) in EXPECTED {
            if *name == "host" && url.host.is_some() {
                continue;
            }
            if request.headers.field(name).is_none() {
                out.fact(*key, "yes", span);
            }
        }
        if request.body.as_ref().is_none_or(firstfault_model::Body::is_blank) {
            out.fact("absent.request.body", "yes", span);
        }
    }
    credential::read(call, request, now, out);
    if let Some(body) = &request.body {
        let declared = request.headers.first("content-type").unwrap_or_default();
        let source = Source::of(body);
        out.text(Place::Request, cut(&body.text, 64 * 1024), body.span, 0);
        let kind = response::kind_of(&body.text, declared);
        out.fact("request.kind", kind, body.span);
        // `@file` stands for a file that curl reads
        let declares_json = response::is_json_type(declared);
        let looks = matches!(body.text.trim_start().as_bytes().first(), Some(b'{' | b'['));
        let form = !declares_json && !declared.is_empty();
        // RFC 9110 section 8.3: the body is what Content-Type says; curl's -d says form unless told otherwise
        if looks && (form && declares_other_text(declared) || declared.is_empty() && request.complete) {
            let said = if declared.is_empty() { "nothing" } else { declared };
            if json::parse(&body.text).fault.is_none_or(|fault| fault.cut && body.truncated) {
                out.fact("request.content_type_mismatch", &format!("JSON, declared as {said}"), body.span);
            }
        }
        if !body.text.starts_with('@')
            && (declares_json || looks && !form)
            && !response::is_stream(declared)
            && let Some(fault) = json::parse(&body.text)
                .fault
                .filter(|fault| !(fault.cut && body.truncated || is_variable(call, &body.text, fault.at)))
        {
            out.fact(
                "request.json_error",
                &fault.describe(&body.text),
                source.span(fault.at.min(body.text.len().saturating_sub(1))),
            );
        }
    }
}

/// A header as a fact, its credentials taken out; correlation ids get a fact of their own.
pub(crate) fn header_fact(out: &mut Sink, side: &str, name: &str, value: &str, span: Span) {
    if name.is_empty() {
        return;
    }
    let mut key = String::with_capacity(side.len() + name.len());
    key.push_str(side);
    key.push_str(name);
    out.fact(key, &fields::shown(name, cut(value, 4096)), span);
    if fields::is_correlation(name) {
        out.fact(format!("id.{name}"), value, span);
    }
}

/// Types that a server does not read as JSON, though the bytes would be JSON.
fn declares_other_text(declared: &str) -> bool {
    let lower = Lower::of(declared.split(';').next().unwrap_or_default().trim());
    matches!(
        lower.as_str(),
        "application/x-www-form-urlencoded"
            | "text/plain"
            | "multipart/form-data"
            | "text/html"
            | "application/xml"
            | "text/xml"
    )
}

/// A percent sign that two hexadecimal digits do not follow, with what stands there (RFC 3986 section 2.1).
fn broken_percent(target: &str) -> Option<&str> {
    target.match_indices('%').map(|(at, _)| target.get(at..).unwrap_or_default()).find_map(|rest| {
        let digits = rest.bytes().skip(1).take(2).filter(u8::is_ascii_hexdigit).count();
        let end = rest.char_indices().nth(3).map_or(rest.len(), |(end, _)| end);
        (digits < 2).then(|| rest.get(..end)).flatten()
    })
}

/// In a command or a collection, `$ID`, `{{id}}` and `<id>` are filled in before anything is sent.
fn is_variable(call: &Call, body: &str, at: usize) -> bool {
    let here = body.get(at..).unwrap_or_default();
    let around = body.get(at.saturating_sub(1)..).unwrap_or_default();
    matches!(call.origin, Origin::CurlCommand | Origin::Postman | Origin::RequestFile)
        && (here.starts_with(['$', '<']) || here.starts_with("{{") || around.starts_with("{{"))
}

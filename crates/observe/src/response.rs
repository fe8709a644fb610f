//! The response's own facts: status, fields, the kind of its body, and the errors in it.
//!
//! It decides which shape reader sees a body; it refuses to know what a code means.

use crate::behind::path_behind;
use crate::date::Now;
use crate::fingerprint::{self, Lower};
use crate::json::{self, Parsed};
use crate::shape::{self, Reader};
use crate::sink::{Sink, Source, cut};
use crate::{Place, fields, limits, markup, page, preflight, request, soft, texts, xml};
use firstfault_model::{Body, Call, Origin, Response};

/// Fields whose absence can explain something, where the head was seen whole.
const EXPECTED: &[(&str, &str)] = &[
    ("content-type", "absent.response.header.content-type"),
    ("access-control-allow-origin", "absent.response.header.access-control-allow-origin"),
    ("access-control-allow-credentials", "absent.response.header.access-control-allow-credentials"),
    ("retry-after", "absent.response.header.retry-after"),
    ("www-authenticate", "absent.response.header.www-authenticate"),
    ("location", "absent.response.header.location"),
    ("server", "absent.response.header.server"),
];

pub(crate) fn read(call: &Call, response: &Response, now: Now, out: &mut Sink) {
    let span = response.span;
    if let Some(status) = response.status {
        out.fact("status", &status.to_string(), span);
    }
    if let Some(reason) = response.reason.as_deref().filter(|reason| !reason.is_empty()) {
        out.fact("reason", reason, span);
        // The status's own name says no more than the status.
        let names = response.status.map_or(&[][..], firstfault_model::status_names);
        if !names.iter().any(|name| name.eq_ignore_ascii_case(reason.trim())) {
            out.text(Place::Header, reason, span, 0);
        }
    }
    for header in response.headers.0.iter().chain(&response.trailers.0).take(150) {
        let name = Lower::of(&header.name);
        let name = name.as_str();
        request::header_fact(out, "response.header.", name, &header.value, header.span);
        match name {
            "www-authenticate" | "proxy-authenticate" => fields::www_authenticate(out, header),
            "proxy-status" => fields::proxy_status(out, header),
            "cache-status" => out.fact("cache_status", &header.value, header.span),
            "location" => redirect_error(out, &header.value, header.span),
            "allow" => {
                let sent = call.request.as_ref().and_then(|r| r.method.as_deref());
                let allowed = |method: &str| header.value.split(',').any(|a| a.trim().eq_ignore_ascii_case(method));
                if response.status == Some(405) && sent.is_some_and(allowed) {
                    out.fact("allow.names_sent_method", sent.unwrap_or_default(), header.span);
                }
            }
            _ => fields::error_code(out, name, header),
        }
        if texts::is_of_interest(name) {
            out.text(
                Place::Header,
                format!("{name}: {}", fields::shown(name, cut(&header.value, 4096))),
                header.span,
                0,
            );
        }
    }
    if response.complete {
        for (name, key) in EXPECTED {
            if response.headers.field(name).is_none() {
                out.fact(*key, "yes", span);
            }
        }
        if response.body.as_ref().is_none_or(Body::is_blank) {
            out.fact("absent.response.body", "yes", span);
        }
    }
    if let Some(request) = &call.request {
        preflight::read(out, request, response);
        if let Some(path) = path_behind(request, response) {
            out.fact("path.behind", &path, span);
        }
    }
    fingerprint::read(out, &response.headers);
    limits::read(out, &response.headers, now);
    let started = call.started.filter(|_| call.origin == Origin::Har);
    fields::clock_skew(out, call.request.as_ref(), response, started);
    fields::grpc(out, &response.headers);
    fields::grpc(out, &response.trailers);
    texts::grpc(out, response);
    body(call, response, out);
}

/// The body: its kind, its texts, its errors.
fn body(call: &Call, response: &Response, out: &mut Sink) {
    let declared = response.headers.first("content-type").unwrap_or_default();
    let Some(body) = &response.body else {
        soft::without_body(call, response, out);
        return;
    };
    let kind = kind_of(&body.text, declared);
    let source = Source::of(body);
    out.fact("response.kind", kind, body.span);
    if body.text.trim() == "null" && !body.truncated {
        out.fact("response.null", "true", body.span);
    }
    let status = response.status;
    let failing = status.is_none_or(|status| status >= 400);
    match kind {
        "empty" => soft::without_body(call, response, out),
        "json" => json_body(call, response, body, source, declared, out),
        "html" => {
            let visible = markup::text(&body.text, false);
            let asked = soft::html_for_json(call, response, out, source);
            if failing || asked {
                page::html(out, source, &visible);
            } else if let Some(title) = markup::title(&body.text) {
                out.fact("page.title", title, body.span);
            }
            out.text(Place::Body, visible, body.span, 0);
        }
        "xml" => {
            // a redirect that leads somewhere is one; S3 answers 301 with an error and no way on
            let led = status.is_some_and(|s| s >= 300) && response.headers.field("location").is_some();
            let soft = !failing && !led && xml::is_error(&body.text);
            if soft {
                out.fact("soft_failure", "error_object", body.span);
            }
            if status == Some(207) && xml::has_failed_part(&body.text) {
                out.fact("soft_failure", "partial", body.span);
            }
            if failing || soft {
                xml::read(out, source, status);
            }
            let visible = markup::text(&body.text, true);
            // escaped XML or HTML inside, as SOAP details carry it
            if visible.contains('<') {
                out.text(Place::Body, markup::text(&visible, true), body.span, 1);
            }
            out.text(Place::Body, visible, body.span, 0);
        }
        _ => {
            out.text(Place::Body, body.text.as_str(), body.span, 0);
            if declared.starts_with("application/x-www-form-urlencoded")
                || (body.text.starts_with("error=") && !body.text.contains(' '))
            {
                let found = query_error(out, &body.text, body.span);
                if found && status.is_some_and(|s| s < 300) {
                    out.fact("soft_failure", "error_object", body.span);
                }
            } else if failing && declared.starts_with("text/event-stream") {
                for data in body.text.lines().filter_map(|line| line.strip_prefix("data:")).take(20) {
                    shape::read_embedded(out, data, body.span, status);
                }
            } else if failing && !shape::read_embedded(out, &body.text, body.span, status) {
                page::plain(out, source, status);
            } else if !failing && begins_as_error(&body.text) {
                out.fact("soft_failure", "error_object", body.span);
                page::plain(out, source, status);
            }
            stream(status, body, declared, out);
        }
    }
}

fn json_body(call: &Call, response: &Response, body: &Body, source: Source<'_>, declared: &str, out: &mut Sink) {
    let status = response.status;
    let owned = shape::unescaped(&body.text);
    let source = match &owned {
        Some(text) => Source::unpacked(text, body.span),
        None => source,
    };
    let parsed = json::parse(source.text);
    if owned.is_none() {
        json_error(call, body, &parsed, declared, out, source);
    }
    out.text(Place::Body, body.text.as_str(), body.span, 0);
    let Some(root) = &parsed.root else { return };
    texts::unpack(out, Place::Body, root, source, 1);
    if let (Some(_), Some(code)) = (root.get("cloudflareerror"), root.get("errorcode").and_then(json::Node::scalar)) {
        out.fact("cloudflare.code", code, source.span(root.at));
    }
    let reason = response.reason.as_deref();
    let failing = status.is_none_or(|status| status >= 400);
    let soft = if failing || status.is_some_and(|s| s >= 300) { None } else { soft::judge(call, response, root) };
    if let Some(kind) = soft {
        out.fact("soft_failure", kind, source.span(root.at));
    }
    if failing || soft.is_some_and(|kind| kind != "no_id") {
        Reader::new(out, source, status, reason).root(root);
    }
}

/// The first fault, where it is the wire's and not that of a printer or of a cut.
fn json_error(call: &Call, body: &Body, parsed: &Parsed<'_>, declared: &str, out: &mut Sink, source: Source<'_>) {
    let Some(fault) = &parsed.fault else { return };
    let cut_by_evidence = fault.cut && body.truncated;
    let retold = matches!(call.origin, Origin::Exception | Origin::LogLine | Origin::BrowserConsole | Origin::Text);
    if cut_by_evidence || parsed.lines || (retold && (fault.printed || fault.cut)) || is_stream(declared) {
        return;
    }
    // a body that shows no sign of JSON but its first byte is judged only on the wire
    if !is_json_type(declared) && (retold || !declared.is_empty()) {
        return;
    }
    out.fact(
        "response.json_error",
        &fault.describe(source.text),
        source.span(fault.at.min(source.text.len().saturating_sub(1))),
    );
}

/// Whether a plain text body is the error of a program, by how such texts begin: Rust's and Go's gRPC, PHP, Python, Java.
fn begins_as_error(text: &str) -> bool {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let named = [
        "rpc error: ",
        "rpc status: ",
        "Fatal error: ",
        "PHP Fatal error",
        "Traceback (most recent call last)",
        "Error: ",
        "ERROR: ",
        "Internal Server Error",
        "Exception in thread",
    ];
    named.iter().any(|begin| first.starts_with(begin))
}

/// Events of a stream that began with 200 and failed later (`data: {"error":…}`).
fn stream(status: Option<u16>, body: &Body, declared: &str, out: &mut Sink) {
    if !status.is_some_and(|s| (200..300).contains(&s)) || !declared.starts_with("text/event-stream") {
        return;
    }
    let mut error_event = false;
    for line in body.text.lines().rev().take(40).collect::<Vec<_>>().into_iter().rev() {
        if let Some(event) = line.strip_prefix("event:") {
            error_event = event.trim() == "error";
        } else if let Some(data) = line.strip_prefix("data:") {
            let said =
                data.trim_start().starts_with("{\"error\":{") || data.trim_start().starts_with("{\"type\":\"error\"");
            if (error_event || said) && shape::read_embedded(out, data, body.span, status) {
                out.fact("soft_failure", "error_object", body.span);
            }
            error_event = false;
        }
    }
}

/// OAuth sends errors back in the redirect (RFC 6749 section 4.1.2.1).
fn redirect_error(out: &mut Sink, location: &str, span: firstfault_model::Span) {
    if let Some((_, query)) = location.split_once(['?', '#'])
        && query.contains("error")
    {
        query_error(out, query, span);
    }
}

/// `error=access_denied&error_description=…`. True when an error was there.
pub(crate) fn query_error(out: &mut Sink, query: &str, span: firstfault_model::Span) -> bool {
    let mut found = false;
    for pair in query.split(['&', '?', '#']).take(40) {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let decoded = fields::percent_decoded(&value.replace('+', " "));
        match name {
            "error" | "error_code" | "errorCode" | "error_reason" if !decoded.is_empty() => {
                out.fact("error.code", &decoded, span);
                found = true;
            }
            "error_description" | "error_message" => {
                out.fact("error.message", &decoded, span);
                out.text(Place::Header, decoded, span, 1);
            }
            _ => {}
        }
    }
    if found {
        out.first("error.shape", "oauth", span);
    }
    found
}

/// `json`, `html`, `xml`, `text` or `empty`, by the first bytes, then by the declared type.
pub(crate) fn kind_of(text: &str, declared: &str) -> &'static str {
    let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    let Some(first) = start.bytes().next() else { return "empty" };
    match first {
        b'{' => return "json",
        b'[' if is_json_type(declared)
            || start[1..].trim_start().starts_with(['{', '[', '"', ']', '\'', '\\'])
            || start[1..].trim_start().starts_with(|c: char| c.is_ascii_digit() || c == '-') =>
        {
            return "json";
        }
        b'<' => return if markup::is_html(start) || declared.starts_with("text/html") { "html" } else { "xml" },
        _ => {}
    }
    if is_json_type(declared) && !is_stream(declared) {
        return if matches!(first, b'"' | b'0'..=b'9' | b'-')
            || matches!(start.trim_end(), "null" | "true" | "false")
            || start.starts_with(")]}'")
        {
            "json"
        } else {
            "text"
        };
    }
    if declared.starts_with("text/html") && start.contains('<') { "html" } else { "text" }
}

pub(crate) fn is_json_type(declared: &str) -> bool {
    let media = declared.split(';').next().unwrap_or_default().trim();
    let media = Lower::of(media);
    let media = media.as_str();
    media == "application/json"
        || media == "text/json"
        || media.ends_with("+json")
        || media.starts_with("application/x-amz-json")
        || media == "application/javascript"
}

/// Many values, one per line or event.
pub(crate) fn is_stream(declared: &str) -> bool {
    let lower = Lower::of(declared);
    ["ndjson", "jsonl", "json-seq", "event-stream", "stream+json", "json-lines", "jsonlines"]
        .iter()
        .any(|word| lower.as_str().contains(word))
}

//! What the fields of a printed error object mean: Node's system errors, axios, got, request, AWS
//! SDKs, grpc-js, excon. It refuses to know how the object was printed.

use super::embedded::{ERROR_LINE, Value};
use super::fill;
use super::head::{Link, at_start};
use super::report::read_headers;
use super::text::number;
use super::words::{self, Reading};
use firstfault_model::{Body, Call, Span};

/// How deep causes and wrapped errors are followed.
const DEPTH: usize = 8;

/// Reads an error object into the call; its own line and those of its causes become links.
pub(super) fn absorb(value: &Value, span: Span, call: &mut Call, links: &mut Vec<Link>) {
    error(value, span, call, links, 0);
}

fn error(value: &Value, span: Span, call: &mut Call, links: &mut Vec<Link>, depth: usize) {
    if depth >= DEPTH || value.entries().is_empty() {
        return;
    }
    if let Some(line) = value.word(ERROR_LINE) {
        let link = match at_start(line) {
            Some(head) => Link::new(head.kind, head.words),
            None => Link::new("", line),
        };
        if !links.contains(&link) {
            links.push(link);
        }
    }
    // Causes first: what is set first stays, and the root is the more exact.
    for key in ["cause", "originalError", "error", "err", "errors", "reason"] {
        match value.get(key) {
            Some(inner @ Value::Object(_)) => error(inner, span, call, links, depth + 1),
            Some(Value::Array(items)) => {
                for item in items.iter().take(8) {
                    error(item, span, call, links, depth + 1);
                }
            }
            Some(Value::Text(text) | Value::Bare(text)) if text.contains("Error") => {
                words::read(text, span, call, Reading::Other);
            }
            _ => {}
        }
    }
    codes(value, span, call);
    address(value, span, call);
    if let Some(response) = value.get("response").filter(|r| !r.entries().is_empty()) {
        read_response(response, span, call);
    }
    for key in ["config", "options", "request", "requestOptions"] {
        if let Some(request) = value.get(key).filter(|r| !r.entries().is_empty()) {
            read_request(request, span, call);
        }
    }
    if let Some(meta) = value.get("$metadata") {
        if let Some(status) = meta.word("httpStatusCode").and_then(status_of) {
            fill::set_status(call, status, None, span);
        }
        if let Some(id) = meta.word("requestId") {
            fill::mark(call, "request_id", id, span);
        }
    }
    read_response(value, span, call);
    if let Some(url) = ["url", "uri", "requestUrl", "endpoint"]
        .iter()
        .find_map(|k| value.word(k))
        .filter(|u| u.contains("://") || u.starts_with('/'))
    {
        fill::set_url(call, url, span);
    }
}

fn codes(value: &Value, span: Span, call: &mut Call) {
    for key in ["code", "Code", "errorCode", "error_code", "errno"] {
        let Some(code) = value.word(key) else { continue };
        if let Some((n, "")) = number(code) {
            if key == "errno" {
                if let Some(name) = super::codes::errno_name(n) {
                    fill::mark(call, "errno", name, span);
                }
            } else if value.get("details").is_some() && (1..=16).contains(&n) {
                // grpc-js: `code: 14, details: 'No connection established', metadata: …`
                fill::mark(call, "grpc.status", code, span);
            } else if let Ok(status) = u16::try_from(n)
                && (400..600).contains(&status)
            {
                fill::set_status(call, status, None, span);
            }
        } else if key == "errno" && !super::codes::is_errno(code) {
            continue;
        } else if code.len() < 80 && !code.contains(' ') {
            fill::mark_node_code(call, code, span);
        }
    }
    if let Some(status) = value.word("grpc_status") {
        fill::mark(call, "grpc.status", status, span);
    }
    if let Some(id) = ["requestId", "requestID", "request_id", "RequestId"].iter().find_map(|k| value.word(k)) {
        fill::mark(call, "request_id", id, span);
    }
}

fn address(value: &Value, span: Span, call: &mut Call) {
    let port = value.word("port").and_then(|p| p.parse().ok());
    let name = value.word("hostname").or_else(|| value.word("host")).or_else(|| value.word("address"));
    if let Some(name) = name.filter(|n| !n.contains('/')) {
        let (host, own) = match name.rsplit_once(':') {
            Some((host, own)) if !host.contains(':') => (host, own.parse().ok()),
            _ => (name, None),
        };
        fill::set_host(call, host, port.or(own), span);
    }
}

fn status_of(text: &str) -> Option<u16> {
    text.parse().ok().filter(|s| (100..600).contains(s))
}

fn read_response(value: &Value, span: Span, call: &mut Call) {
    let status = ["status", "statusCode", "status_code", "httpCode", "http_status", "httpStatusCode", "StatusCode"]
        .iter()
        .find_map(|k| value.word(k))
        .and_then(status_of);
    let Some(status) = status else {
        // Without a status only what is named a response's body is one.
        for key in ["responseBody", "responseText", "response"] {
            if let Some(body) = value.word(key).filter(|b| super::embedded::body(b.trim_start()).is_some()) {
                fill::set_body(call, body, false, span);
            }
        }
        return;
    };
    let reason = ["statusText", "statusMessage", "reason_phrase"].iter().find_map(|k| value.word(k));
    let new = call.response.as_ref().is_none_or(|r| r.headers.0.is_empty());
    fill::set_status(call, status, reason, span);
    if let Some(headers) = value.get("headers").or_else(|| value.get("responseHeaders")).filter(|_| new) {
        read_headers(headers, span, call);
    }
    for key in ["data", "body", "responseBody", "responseText", "response", "error"] {
        let text = match value.get(key) {
            Some(Value::Text(text)) => text.clone(),
            Some(object @ (Value::Object(_) | Value::Array(_)))
                if key != "error" || value.get(ERROR_LINE).is_some() =>
            {
                // An error's own `response` object is read as one; here only data counts.
                if object.get("status").is_some() && object.get("headers").is_some() || object.get(ERROR_LINE).is_some()
                {
                    continue;
                }
                object.to_json()
            }
            _ => continue,
        };
        fill::set_body(call, &text, false, span);
    }
}

fn read_request(value: &Value, span: Span, call: &mut Call) {
    if let Some(method) = value.word("method") {
        let upper = method.to_ascii_uppercase();
        if words::is_method(&upper) {
            fill::set_method(call, &upper, span);
        }
    }
    let url = ["url", "uri", "href", "_currentUrl", "path"].iter().find_map(|k| match value.get(k) {
        Some(Value::Object(_)) => value.get(k).and_then(|o| o.word("href")),
        _ => value.word(k),
    });
    if let Some(url) = url {
        let base = value.word("baseURL").or_else(|| value.word("baseUrl")).or_else(|| value.word("prefixUrl"));
        match base.filter(|_| !url.contains("://")) {
            Some(base) => {
                fill::set_url(call, &format!("{}/{}", base.trim_end_matches('/'), url.trim_start_matches('/')), span)
            }
            None if url.contains("://") || url.starts_with('/') => fill::set_url(call, url, span),
            None => {}
        }
    }
    let Some(request) = call.request.as_mut() else { return };
    if request.headers.0.is_empty() {
        for (name, value) in value.get("headers").map(Value::entries).unwrap_or_default().iter().take(100) {
            if let Some(text) = value.words().filter(|_| !name.starts_with('#')) {
                request.headers.push(name.as_str(), text, span);
            }
        }
    }
    if request.body.is_none() {
        let body = ["data", "body", "json"].iter().find_map(|k| match value.get(k) {
            Some(Value::Text(text)) => Some(text.clone()),
            Some(object @ (Value::Object(_) | Value::Array(_))) => Some(object.to_json()),
            _ => None,
        });
        request.body = body.filter(|b| !b.is_empty()).map(|b| Body::bounded(&b, span));
    }
}

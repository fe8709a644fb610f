//! Filling a call from words: every setter keeps what is known already, so that what is read first
//! stays. It refuses to know where the words came from.

use super::codes;
use super::text::clip;
use firstfault_model::{Body, Call, Request, Response, Span, Url};

/// The request of a call, begun where there was none.
pub(super) fn request(call: &mut Call, span: Span) -> &mut Request {
    call.request.get_or_insert_with(|| Request { span, ..Request::default() })
}

/// The response of a call, begun where there was none.
pub(super) fn response(call: &mut Call, span: Span) -> &mut Response {
    call.response.get_or_insert_with(|| Response { span, ..Response::default() })
}

/// Sets the status, unless one is known already; a failure outweighs a success or redirect told in passing.
pub(super) fn set_status(call: &mut Call, status: u16, reason: Option<&str>, span: Span) {
    if !(100..600).contains(&status) {
        return;
    }
    let response = response(call, span);
    let passing = response.status.is_some_and(|known| known < 400) && status >= 400 && response.headers.0.is_empty();
    if response.status.is_none() || passing {
        response.status = Some(status);
    }
    if response.status == Some(status) && response.reason.is_none() {
        response.reason = reason.map(str::trim).filter(|r| !r.is_empty() && r.len() < 100).map(str::to_owned);
    }
}

/// Sets the target, unless one is known already; a host that was known without a path is kept.
pub(super) fn set_url(call: &mut Call, text: &str, span: Span) {
    let url = Url::parse(text);
    let known = &mut request(call, span).url;
    let nothing = known.host.is_none() && known.path.is_empty();
    let bare_host = known.scheme.is_none() && (known.path.is_empty() || known.path == "/");
    if nothing || bare_host && url.host.is_some() {
        *known = url;
    } else if known.path.is_empty() && url.host.is_none() {
        known.path = url.path;
        known.query = url.query;
    }
}

/// Sets host and port where the target has none.
pub(super) fn set_host(call: &mut Call, host: &str, port: Option<u16>, span: Span) {
    let host = host.trim_matches(['[', ']', '"', '\'', '/']);
    if host.is_empty() || host.len() > 253 || !host.contains(|c: char| c.is_ascii_alphanumeric()) {
        return;
    }
    let known = &mut request(call, span).url;
    if known.host.is_none() {
        known.host = Some(host.to_ascii_lowercase());
        known.port = port;
    } else if known.port.is_none()
        && known.scheme.is_none()
        && known.host.as_deref() == Some(&host.to_ascii_lowercase())
    {
        known.port = port;
    }
}

/// Sets the method, unless one is known already.
pub(super) fn set_method(call: &mut Call, method: &str, span: Span) {
    let request = request(call, span);
    if request.method.is_none() {
        request.method = Some(method.to_ascii_uppercase());
    }
}

/// Sets the response body, unless one is known already.
pub(super) fn set_body(call: &mut Call, text: &str, cut: bool, span: Span) {
    if text.trim().is_empty() {
        return;
    }
    let response = response(call, span);
    if response.body.is_none() {
        let mut body = Body::bounded(text.trim(), span);
        body.truncated |= cut;
        response.body = Some(body);
    }
}

/// Marks an attribute once.
pub(super) fn mark(call: &mut Call, name: &str, value: &str, span: Span) {
    if call.attribute(name).is_none() && !value.is_empty() {
        call.mark(name, clip(value, 300), span);
    }
}

/// Marks an error code, each value once.
pub(super) fn mark_code(call: &mut Call, value: &str, span: Span) {
    let value = value.trim_matches(['"', '\'', ' ']);
    let sane = !value.is_empty() && value.len() <= 80 && value.bytes().all(|b| b.is_ascii_graphic());
    if sane && !call.attributes.iter().any(|a| a.name == "error.code" && a.value == value) {
        call.mark("error.code", value, span);
    }
}

/// Understands the code of a Node or OpenSSL error: an errno, a verification fault, or a code of its own.
pub(super) fn mark_node_code(call: &mut Call, code: &str, span: Span) {
    if codes::is_errno(code) {
        mark(call, "errno", code, span);
    } else {
        if let Some(words) = codes::verify_words(code) {
            mark(call, "tls.verify", words, span);
        }
        mark_code(call, code, span);
    }
}

//! What Python's `http.client` prints at debug level 1: `send: b'…'`, `reply: '…'`, `header: …` lines.
//!
//! Source: CPython `Lib/http/client.py` (`set_debuglevel`). This file refuses to know other debug forms.

use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Body, Call, Headers, Origin, Request, Response, Span, Url, Vantage};

/// Takes a `send:` with the `reply:` and `header:` lines behind it.
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.text(at);
    if !first.starts_with("send: b") && !first.starts_with("reply: ") {
        return None;
    }
    let mut call = Call::new(Origin::HttpMessage, Vantage::Client);
    let mut next = at;
    while lines.text(next).starts_with("send: b") {
        let span = lines.span(next);
        let sent = unescape(lines.text(next).strip_prefix("send: b").unwrap_or_default());
        match &mut call.request {
            None => call.request = Some(request(&sent, span)),
            // The body follows the head in a send of its own.
            Some(request) => request.body = Some(Body::bounded(&sent, span)),
        }
        next += 1;
    }
    if let Some(reply) = lines.text(next).strip_prefix("reply: ") {
        let line = unescape(reply);
        let mut parts = line.trim().splitn(3, ' ');
        let version = parts.next().map(str::to_owned);
        let status = parts.next().and_then(|s| s.parse().ok());
        let reason = parts.next().map(str::to_owned);
        let mut response =
            Response { version, status, reason, complete: true, span: lines.span(next), ..Response::default() };
        next += 1;
        while let Some(field) = lines.text(next).strip_prefix("header: ") {
            if let Some((name, value)) = field.split_once(':') {
                response.headers.push(name.trim(), value.trim(), lines.span(next));
            }
            next += 1;
        }
        call.response = Some(response);
    }
    call.span = lines.span(at).to(lines.span(next - 1));
    Some(Taken { lines: next - at, calls: vec![call], problems: Vec::new() })
}

fn request(sent: &str, span: Span) -> Request {
    let (head, body) = sent.split_once("\r\n\r\n").unwrap_or((sent, ""));
    let mut lines = head.split("\r\n");
    let mut start = lines.next().unwrap_or_default().splitn(3, ' ');
    let method = start.next().map(str::to_owned);
    let mut url = Url::parse(start.next().unwrap_or_default());
    let version = start.next().map(str::to_owned);
    let mut headers = Headers::default();
    for line in lines.take(200) {
        if let Some((name, value)) = line.split_once(':') {
            headers.push(name, value.trim(), span);
        }
    }
    if let Some(host) = headers.first("host") {
        let authority = Url::parse(&format!("//{host}"));
        url.host = authority.host;
        url.port = authority.port;
    }
    let body = (!body.is_empty()).then(|| Body::bounded(body, span));
    Request { method, url, version, headers, body, complete: sent.contains("\r\n\r\n"), span }
}

/// The text of a Python string literal, as `repr` writes it.
fn unescape(literal: &str) -> String {
    let inner = literal.trim().trim_start_matches(['\'', '"']).trim_end_matches(['\'', '"']);
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('r') => out.push('\r'),
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('x') => {
                let code: String = chars.by_ref().take(2).collect();
                out.push(u8::from_str_radix(&code, 16).map_or('\u{fffd}', char::from));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::walk::lines;

    #[test]
    fn a_debug_trace_is_a_call() {
        let text = "send: b'POST /v1/a HTTP/1.1\\r\\nHost: api.example.com:8080\\r\\nAccept: */*\\r\\n\\r\\n'\nsend: b'{\"a\":1}'\nreply: 'HTTP/1.1 403 Forbidden\\r\\n'\nheader: Server: nginx\nother";
        let taken = read(&lines(text, 0, 1), 0).unwrap();
        assert_eq!(taken.lines, 4);
        let call = &taken.calls[0];
        let request = call.request.as_ref().unwrap();
        assert_eq!((request.method.as_deref(), request.url.port), (Some("POST"), Some(8080)));
        assert_eq!(request.body.as_ref().unwrap().text, "{\"a\":1}");
        assert_eq!(call.status(), Some(403));
        assert_eq!(call.response.as_ref().unwrap().headers.first("server"), Some("nginx"));
    }

    #[test]
    fn any_cut_is_harmless() {
        let text = "send: b'GET /\\x";
        for end in 0..text.len() {
            let _ = read(&lines(&text[..end], 0, 1), 0);
        }
    }
}

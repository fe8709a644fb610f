//! Structured header fields: WWW-Authenticate, Proxy-Status, Cache-Status, correlation ids, gRPC's
//! trailers, error codes that services put into headers, and clocks that disagree.
//!
//! It refuses to know what any of them means for the call.

use crate::date;
use crate::fingerprint::Lower;
use crate::sink::Sink;
use firstfault_model::{Header, Headers, Request, Response, Span};

/// Splits at a mark outside double quotes (RFC 9651 lists and parameters).
pub(crate) fn split(value: &str, mark: u8) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut quoted, mut escaped) = (false, false);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if byte == mark && !quoted => {
                    rest = Some(&text[at + 1..]);
                    return Some(&text[..at]);
                }
                _ => {}
            }
        }
        rest = None;
        Some(text)
    })
}

/// The value of a parameter without its quotes.
fn unquote(value: &str) -> String {
    let value = value.trim();
    match value.strip_prefix('"') {
        Some(inside) => inside.strip_suffix('"').unwrap_or(inside).replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.to_owned(),
    }
}

/// RFC 9110 section 11.6.1: challenges with their parameters, several in one field.
pub(crate) fn www_authenticate(out: &mut Sink, header: &Header) {
    let span = header.span;
    for part in split(&header.value, b',').take(24) {
        let mut part = part.trim();
        // `Bearer realm="x"` begins a challenge: a token, a space, and then a parameter or nothing
        let word_end = part.find([' ', '=']).unwrap_or(part.len());
        if part[word_end..].starts_with(' ') || word_end == part.len() {
            let (scheme, rest) = part.split_at(word_end);
            if !scheme.is_empty() && !rest.trim_start().starts_with('=') {
                out.fact("www_authenticate.scheme", &scheme.to_ascii_lowercase(), span);
                part = rest.trim_start();
            }
        }
        let Some((name, value)) = part.split_once('=') else { continue };
        let name = name.trim();
        if name.is_empty()
            || name.len() > 40
            || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        {
            continue;
        }
        let (name, value) = (name.to_ascii_lowercase(), unquote(value));
        match name.as_str() {
            "error" => out.fact("error.code", &value, span),
            "error_description" => out.fact("error.message", &value, span),
            "nonce" | "opaque" | "cnonce" => continue,
            _ => {}
        }
        out.fact(format!("www_authenticate.{name}"), &value, span);
    }
}

/// RFC 9209: one list member per proxy, with its parameters.
pub(crate) fn proxy_status(out: &mut Sink, header: &Header) {
    for member in split(&header.value, b',').take(8) {
        let mut parts = split(member, b';');
        let proxy = unquote(parts.next().unwrap_or_default());
        if !proxy.is_empty() {
            out.fact("proxy_status.proxy", &proxy, header.span);
        }
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let name = name.trim().to_ascii_lowercase().replace('-', "_");
            if name.len() <= 40 {
                out.fact(format!("proxy_status.{name}"), &unquote(value), header.span);
            }
        }
    }
}

/// gRPC over HTTP/2: `grpc-status` and the percent-encoded `grpc-message`.
pub(crate) fn grpc(out: &mut Sink, fields: &Headers) {
    let Some(status) = fields.field("grpc-status") else { return };
    let value = status.value.trim();
    out.fact("grpc.status", value, status.span);
    if value == "0" {
        return;
    }
    out.first("error.shape", "grpc", status.span);
    if let Some(name) = value.parse::<usize>().ok().and_then(|code| GRPC.get(code)) {
        out.fact("error.code", name, status.span);
    }
    if let Some(message) = fields.field("grpc-message") {
        let words = percent_decoded(&message.value);
        out.fact("error.message", &words, message.span);
        crate::validation::complaint(out, None, &words, None, message.span);
    }
}

/// The names of google.rpc.Code, in order.
pub(crate) const GRPC: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Percent-decodes; what is no escape stays.
pub(crate) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, _, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Headers by which a call can be found again in somebody's logs.
pub(crate) fn is_correlation(name: &str) -> bool {
    matches!(
        name,
        "traceparent"
            | "b3"
            | "x-b3-traceid"
            | "x-request-id"
            | "x-correlation-id"
            | "x-amzn-trace-id"
            | "x-amzn-requestid"
            | "x-amz-request-id"
            | "x-amz-id-2"
            | "x-amz-cf-id"
            | "cf-ray"
            | "x-cloud-trace-context"
            | "request-id"
            | "x-ms-request-id"
            | "x-github-request-id"
            | "x-azure-ref"
            | "x-vercel-id"
            | "x-amz-apigw-id"
            | "apigw-requestid"
            | "x-fb-trace-id"
            | "x-fb-debug"
            | "x-b3-spanid"
            | "uber-trace-id"
            | "x-datadog-trace-id"
            | "sentry-trace"
            | "x-slack-req-id"
            | "x-oss-request-id"
            | "akamai-grn"
            | "rndr-id"
            | "x-varnish"
            | "x-guploader-uploadid"
            | "x-transaction"
            | "sfdc-request-id"
            | "x-ms-activity-id"
            | "x-tt-logid"
            | "paypal-debug-id"
            | "x-zd-trace"
            | "x-trace"
            | "x-msedge-ref"
            | "x-iinfo"
            | "x-rid"
            | "x-reqid"
            | "x-log-id"
    ) || [
        "request-id",
        "requestid",
        "correlation-id",
        "correlationid",
        "trace-id",
        "traceid",
        "transaction-id",
        "client-request-id",
    ]
    .iter()
    .any(|end| name.ends_with(end))
}

/// Error codes that services put into headers rather than bodies.
pub(crate) fn error_code(out: &mut Sink, name: &str, header: &Header) {
    let value = header.value.trim();
    let code = match name {
        // AWS JSON protocols: `ThrottlingException:http://internal.amazon.com/…`
        "x-amzn-errortype" | "x-amzn-error-type" => {
            value.split([':', ',']).next().unwrap_or_default().rsplit('#').next().unwrap_or_default()
        }
        "x-ms-error-code"
        | "x-error-code"
        | "x-errorcode"
        | "x-amz-error-code"
        | "x-amz-function-error"
        | "x-squid-error"
        | "x-vercel-error"
        | "x-error"
        | "x-oss-ec"
        | "x-apigee-fault-code"
        | "x-deny-reason"
        | "x-goog-error-code"
        | "x-envoy-error" => value.split(' ').next().unwrap_or_default(),
        "x-amz-error-message"
        | "x-error-message"
        | "x-error-detail"
        | "x-error-description"
        | "x-amzn-error-message"
        | "x-error-details" => {
            out.fact("error.message", value, header.span);
            return;
        }
        _ => return,
    };
    if crate::roles::is_code(code) {
        out.fact("error.code", code, header.span);
    }
}

/// Seconds between the caller's clock and the server's.
pub(crate) fn clock_skew(out: &mut Sink, request: Option<&Request>, response: &Response, started: Option<i64>) {
    let Some(server) = response.headers.first("date").and_then(date::parse) else { return };
    let stated = request.and_then(|request| {
        let header =
            ["x-amz-date", "x-ms-date", "x-goog-date", "date"].iter().find_map(|name| request.headers.field(name));
        match header {
            Some(header) => Some((date::parse(&header.value)?, header.span)),
            None => {
                let query = request.url.query.as_deref()?;
                let value = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Date="))?;
                // a presigned URL is signed once and used later: only a future date is a wrong clock
                let moment = date::parse(value)?;
                (moment > server).then_some((moment, request.span))
            }
        }
    });
    let stated = stated.or(started.map(|ms| (ms.div_euclid(1000), Span::default())));
    if let Some((caller, span)) = stated {
        skew(out, caller - server, span);
    }
}

/// Adds a difference of clocks; positive when the caller's is ahead.
pub(crate) fn skew(out: &mut Sink, seconds: i64, span: Span) {
    out.fact("clock.skew", &seconds.abs().to_string(), span);
    if seconds != 0 {
        out.fact("clock.skew.direction", if seconds > 0 { "ahead" } else { "behind" }, span);
    }
}

/// What a header's value may be as a fact: credentials are taken out.
pub(crate) fn shown(name: &str, value: &str) -> String {
    if matches!(name, "authorization" | "proxy-authorization") {
        let (scheme, rest) = value.trim().split_once(' ').unwrap_or(("", value));
        let known = !scheme.is_empty()
            && scheme.len() <= 24
            && !rest.is_empty()
            && (scheme.starts_with("AWS4") || scheme.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'));
        return if known {
            format!("{scheme} [hidden]")
        } else if value.trim().is_empty() {
            String::new()
        } else if Lower::of(value.trim()).as_str() == "bearer" {
            "Bearer".to_owned()
        } else {
            "[hidden]".to_owned()
        };
    }
    // RFC 7617: the realm of Basic is a title that a browser shows, whatever the reason of the refusal.
    if name == "www-authenticate" && Lower::of(value.trim()).as_str().starts_with("basic realm=") {
        return "Basic".to_owned();
    }
    if name == "cookie" {
        let names: Vec<&str> = value
            .split(';')
            .take(40)
            .map(|pair| pair.split('=').next().unwrap_or_default().trim())
            .filter(|n| n.len() <= 60)
            .collect();
        return names.join(", ");
    }
    if name == "set-cookie" {
        return value.split('=').next().unwrap_or_default().trim().to_owned();
    }
    if crate::credential::is_secret_header(name) {
        return "[hidden]".to_owned();
    }
    if value.contains('?')
        && value.contains('=')
        && matches!(
            name,
            "location" | "content-location" | "referer" | "link" | "refresh" | "x-original-url" | "x-forwarded-uri"
        )
    {
        return hide_query(value);
    }
    value.to_owned()
}

/// A URL with the values of credential-like query keys taken out.
fn hide_query(url: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let mut out = format!("{path}?");
    for (index, pair) in query.split('&').enumerate() {
        if index > 0 {
            out.push('&');
        }
        match pair.split_once('=') {
            Some((name, _)) if crate::credential::is_secret_query(Lower::of(name).as_str()) => {
                out.push_str(name);
                out.push_str("=[hidden]");
            }
            _ => out.push_str(pair),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: &str) -> Header {
        Header { name: name.to_owned(), value: value.to_owned(), span: Span::default() }
    }

    #[test]
    fn challenges_and_their_parameters() {
        let mut out = Sink::default();
        // RFC 6750 section 3, and two challenges in one field
        www_authenticate(
            &mut out,
            &header(
                "WWW-Authenticate",
                "Bearer realm=\"example, inc\", error=\"invalid_token\", error_description=\"The access token expired\", Basic realm=\"x\", Negotiate",
            ),
        );
        assert_eq!(out.value("www_authenticate.realm"), Some("example, inc"));
        assert_eq!(out.value("www_authenticate.error_description"), Some("The access token expired"));
        assert_eq!(out.value("error.code"), Some("invalid_token"));
        let facts: crate::Observations = out.into();
        let schemes: Vec<&str> = facts.every("www_authenticate.scheme").map(|f| f.value.as_str()).collect();
        assert_eq!(schemes, ["bearer", "basic", "negotiate"]);
    }

    #[test]
    fn proxy_status_names_the_hop_and_its_error() {
        let mut out = Sink::default();
        proxy_status(
            &mut out,
            &header(
                "Proxy-Status",
                "FooAccelerator, ExampleCDN; error=connection_timeout; next-hop=\"10.0.0.1\"; details=\"a; b\"",
            ),
        );
        assert_eq!(
            (out.value("proxy_status.error"), out.value("proxy_status.next_hop"), out.value("proxy_status.details")),
            (Some("connection_timeout"), Some("10.0.0.1"), Some("a; b"))
        );
    }

    #[test]
    fn no_credential_is_shown() {
        for (name, value, expected) in [
            ("authorization", "Bearer abc.def", "Bearer [hidden]"),
            ("authorization", "abc", "[hidden]"),
            ("x-api-key", "abc", "[hidden]"),
            ("cookie", "a=1; b=2", "a, b"),
            ("set-cookie", "sid=abc; Path=/", "sid"),
            ("location", "https://x/cb?code=abc&state=1", "https://x/cb?code=[hidden]&state=1"),
            ("content-type", "a/b", "a/b"),
        ] {
            assert_eq!(shown(name, value), expected, "{name}: {value}");
        }
        assert_eq!(percent_decoded("caf%C3%A9 100%"), "café 100%");
    }
}

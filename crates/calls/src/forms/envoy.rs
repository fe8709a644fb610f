//! Envoy's and Istio's text access log in their default formats, old and new, for HTTP and TCP.
//!
//! Sources: Envoy "Access logging" (default format, response flags), Istio "Envoy Access Logs".

use super::scan::{self, Cursor};
use super::sink::Sink;
use crate::Attribute;

/// `[START_TIME] "METHOD PATH PROTOCOL" CODE FLAGS …`.
pub(super) fn visit<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    let mut cursor = Cursor::new(line);
    // Ambassador writes the word in front
    cursor.eat(b"ACCESS ");
    let Some(time) = cursor.bracket().filter(|t| scan::has_shape(t, b"dddd-dd-ddadd:dd")) else { return false };
    let Some(request) = cursor.quoted() else { return false };
    let (Some(code), Some(flags)) = (cursor.word(), cursor.word()) else { return false };
    if !(scan::status(code).is_some() || scan::is_no_status(code)) || !is_flags(flags) {
        return false;
    }
    sink.time("start_time", time);
    if let Some((method, target)) = scan::request(request) {
        sink.text("method", Attribute::Method, method);
        sink.text("path", Attribute::Route, scan::path(target));
    }
    sink.status("response_code", code);
    sink.text("response_flags", Attribute::Mark, flags);
    details(&mut cursor, sink);
    cursor.word();
    cursor.word();
    if let Some(millis) = cursor.word().and_then(scan::number) {
        sink.millis("duration", Attribute::Latency, millis);
    }
    if let Some(millis) = cursor.word().and_then(scan::number) {
        sink.millis("upstream_service_time", Attribute::UpstreamLatency, millis);
    }
    let forwarded = cursor.quoted().unwrap_or_default();
    sink.text("x_forwarded_for", Attribute::ClientIp, scan::without_port(scan::first_of(forwarded)));
    sink.text("user_agent", Attribute::ClientVersion, cursor.quoted().unwrap_or_default());
    sink.text("request_id", Attribute::RequestId, cursor.quoted().unwrap_or_default());
    let authority = cursor.quoted().unwrap_or_default();
    let upstream = cursor.quoted().unwrap_or_default();
    names(authority, upstream, cursor, sink);
    true
}

/// Response flags are `-` or a list of capitals (`UF,URX`).
fn is_flags(word: &[u8]) -> bool {
    word == b"-"
        || word.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b',')
            && word.iter().any(u8::is_ascii_uppercase)
}

/// Response code details, termination details and the transport failure, which the plain format of Envoy has not and Istio
/// before 1.9 wrote as two quoted fields.
fn details<'a>(cursor: &mut Cursor<'a>, sink: &mut impl Sink<'a>) {
    if cursor.peek().is_some_and(|b| b.is_ascii_digit()) {
        return;
    }
    if cursor.peek() == Some(b'"') {
        sink.other("policy_status", cursor.quoted().unwrap_or_default());
    } else {
        let details = cursor.word().unwrap_or_default();
        if details == b"via_upstream" {
            sink.other("response_code_details", details);
        } else {
            sink.text("response_code_details", Attribute::Message, details);
        }
        if !cursor.peek().is_some_and(|b| b == b'"' || b.is_ascii_digit()) {
            sink.text("connection_termination_details", Attribute::Message, cursor.word().unwrap_or_default());
        }
    }
    sink.text("upstream_transport_failure_reason", Attribute::Message, cursor.quoted().unwrap_or_default());
}

/// The system called in turn: Istio's cluster by the name in it, else the authority that the default format has; then the address
/// is that of the machine.
fn names<'a>(authority: &'a [u8], upstream: &'a [u8], mut cursor: Cursor<'a>, sink: &mut impl Sink<'a>) {
    let cluster = cursor.word().filter(|word| !scan::is_absent(word) && !word.starts_with(b"\""));
    let address = upstream.strip_prefix(b"tcp://").unwrap_or(upstream);
    match cluster {
        Some(cluster) => {
            let name = memchr::memrchr(b'|', cluster).map_or(cluster, |at| &cluster[at + 1..]);
            sink.text("upstream_cluster", Attribute::Upstream, if name.is_empty() { cluster } else { name });
            sink.other("authority", authority);
        }
        None => sink.text("authority", Attribute::Upstream, authority),
    }
    sink.text("upstream_host", Attribute::Host, address);
    cursor.word();
    cursor.word();
    if let Some(remote) = cursor.word().filter(|word| scan::is_address(word)) {
        sink.text("downstream_remote_address", Attribute::ClientIp, scan::without_port(remote));
    }
}

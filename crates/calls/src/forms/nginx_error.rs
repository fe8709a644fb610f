//! nginx's error log: `2023/04/11 10:52:44 [error] 1#1: *1 words, client: …, server: …, request: "…", upstream: "…", host: "…"`.
//!
//! Source: nginx `ngx_log_error`, core module `error_log`. It is an event: the call that it is about stands in the access log.

use super::scan::{self, Cursor};
use super::sink::Sink;
use super::{level, moment};
use crate::{Attribute, Kind};

/// Tells of one line.
pub(super) fn visit<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    if !scan::has_shape(line, b"dddd/dd/dd dd:dd:dd [") {
        return false;
    }
    let Some((at, length)) = moment::leading(line) else { return false };
    let mut cursor = Cursor::new(&line[length..]);
    let Some(word) = cursor.bracket().and_then(level::of) else { return false };
    // process and thread, then the connection
    let Some(process) = cursor.word().filter(|w| w.ends_with(b":") && w.contains(&b'#')) else { return false };
    if cursor.peek() == Some(b'*') {
        cursor.word();
    }
    let said = cursor.rest();
    sink.kind(Kind::Event);
    sink.moment("time", at, &line[..length]);
    sink.text("level", Attribute::Level, word.as_bytes());
    sink.other("process", process);
    let Some(end) = memchr::memmem::find(said, b", client: ") else {
        sink.text("message", Attribute::Message, said);
        return true;
    };
    sink.text("message", Attribute::Message, &said[..end]);
    let details = &said[end..];
    sink.text("client", Attribute::ClientIp, bare(details, b", client: "));
    let request = quoted(details, b", request: \"");
    if let Some((method, target)) = scan::request(request) {
        sink.text("method", Attribute::Method, method);
        sink.text("path", Attribute::Route, scan::path(target));
    }
    let upstream = quoted(details, b", upstream: \"");
    let from = memchr::memmem::find(upstream, b"://").map_or(0, |at| at + 3);
    let peer = &upstream[from..];
    let peer = &peer[..memchr::memchr(b'/', peer).filter(|_| !peer.starts_with(b"unix:")).unwrap_or(peer.len())];
    sink.text("upstream", Attribute::Upstream, peer);
    sink.other("server", bare(details, b", server: "));
    sink.other("host", quoted(details, b", host: \""));
    true
}

/// What stands behind a name, up to the next comma.
fn bare<'a>(text: &'a [u8], name: &[u8]) -> &'a [u8] {
    let Some(at) = memchr::memmem::find(text, name) else { return b"" };
    let rest = &text[at + name.len()..];
    &rest[..memchr::memchr(b',', rest).unwrap_or(rest.len())]
}

/// What stands behind a name and a quote, up to the next quote.
fn quoted<'a>(text: &'a [u8], name: &[u8]) -> &'a [u8] {
    let Some(at) = memchr::memmem::find(text, name) else { return b"" };
    let rest = &text[at + name.len()..];
    &rest[..memchr::memchr(b'"', rest).unwrap_or(rest.len())]
}

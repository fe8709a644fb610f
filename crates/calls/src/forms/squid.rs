//! Squid's native access log: `time elapsed client code/status bytes method URL user hierarchy/peer type`.
//!
//! Source: Squid FAQ "Squid Log Files", access.log native format.

use super::scan::{self, Cursor};
use super::sink::Sink;
use crate::Attribute;

/// Tells of one line.
pub(super) fn visit<'a>(line: &'a [u8], sink: &mut impl Sink<'a>) -> bool {
    let mut cursor = Cursor::new(line);
    let Some(time) = cursor.word().filter(|t| scan::has_shape(t, b"dddddddddd.ddd") && t.len() == 14) else {
        return false;
    };
    let Some(elapsed) = cursor.word() else { return false };
    let Some(client) = cursor.word() else { return false };
    let Some(result) = cursor.word() else { return false };
    let Some(slash) = memchr::memchr(b'/', result) else { return false };
    let (mark, code) = (&result[..slash], &result[slash + 1..]);
    if !(scan::status(code).is_some() || scan::is_no_status(code))
        || !mark.iter().all(|b| b.is_ascii_uppercase() || *b == b'_')
    {
        return false;
    }
    let whole = scan::number(&time[..10]).unwrap_or(0.0);
    let millis = scan::number(&time[11..]).unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "thirteen digits are far below the limit of both")]
    sink.moment("time", (whole * 1000.0 + millis) as i64, time);
    if let Some(millis) = scan::number(elapsed) {
        sink.millis("elapsed", Attribute::Latency, millis);
    }
    sink.text("client", Attribute::ClientIp, client);
    // hits and misses are how a cache works; the other codes say how it ended
    let normal = [&b"HIT"[..], b"MISS", b"TUNNEL", b"REFRESH"].iter().any(|m| memchr::memmem::find(mark, m).is_some())
        && memchr::memmem::find(mark, b"FAIL").is_none()
        && memchr::memmem::find(mark, b"ABORTED").is_none();
    if normal {
        sink.other("result", mark);
    } else {
        sink.text("result", Attribute::Mark, mark);
    }
    sink.status("status", code);
    cursor.word();
    sink.text("method", Attribute::Method, cursor.word().unwrap_or_default());
    let url = cursor.word().unwrap_or_default();
    match scan::host_of(url) {
        Some(host) => {
            sink.text("host", Attribute::Upstream, host);
            sink.text("path", Attribute::Route, scan::path(url));
        }
        // `CONNECT host:443`, `error:transaction-end-before-headers`
        None if url.starts_with(b"error:") => sink.text("url", Attribute::Message, url),
        None => sink.text("host", Attribute::Upstream, scan::without_port(url)),
    }
    sink.text("user", Attribute::User, cursor.word().unwrap_or_default());
    let peer = cursor.word().unwrap_or_default();
    let address = memchr::memchr(b'/', peer).map_or(&b""[..], |at| &peer[at + 1..]);
    sink.text("peer", Attribute::Host, address);
    true
}

//! What rules search in a response: which header fields speak, and what is packed inside strings.
//!
//! It refuses to search anything.

use crate::json::{Node, Value, parse};
use crate::sink::{Sink, Source, cut};
use crate::{Place, fields, markup};
use base64::Engine as _;
use firstfault_model::Response;

/// Text inside text inside text is followed this far.
const DEPTH: u8 = 4;
/// How many strings of a body are looked into.
const STRINGS: u32 = 3000;

/// Whether a field can say anything about a failure: not cookies, dates, lengths and boilerplate.
pub(crate) fn is_of_interest(name: &str) -> bool {
    !matches!(
        name,
        "" | "set-cookie"
            | "cookie"
            | "date"
            | "content-length"
            | "expires"
            | "last-modified"
            | "age"
            | "etag"
            | "strict-transport-security"
            | "x-frame-options"
            | "x-content-type-options"
            | "x-xss-protection"
            | "content-security-policy"
            | "content-security-policy-report-only"
            | "referrer-policy"
            | "permissions-policy"
            | "feature-policy"
            | "alt-svc"
            | "nel"
            | "report-to"
            | "reporting-endpoints"
            | "cache-control"
            | "pragma"
            | "vary"
            | "connection"
            | "keep-alive"
            | "transfer-encoding"
            | "accept-ranges"
            | "p3p"
            | "expect-ct"
            | "cross-origin-opener-policy"
            | "cross-origin-embedder-policy"
            | "cross-origin-resource-policy"
            | "x-dns-prefetch-control"
            | "x-download-options"
            | "x-permitted-cross-domain-policies"
            | "origin-agent-cluster"
            | "x-ua-compatible"
            | "content-language"
            | "accept-ch"
            | "x-robots-tag"
            | "timing-allow-origin"
            | "grpc-status-details-bin"
            | "x-cache-hits"
            | "x-timer"
    ) && !fields::is_correlation(name)
        && !crate::credential::is_secret_header(name)
}

/// Adds what strings of a JSON value hold: JSON or markup again, without its escapes.
pub(crate) fn unpack(out: &mut Sink, place: Place, node: &Node<'_>, source: Source<'_>, depth: u8) {
    // a string can hold quotes only behind a backslash, and markup only with a `<` or its escape
    if depth > DEPTH || memchr::memchr2(b'\\', b'<', source.text.as_bytes()).is_none() {
        return;
    }
    let mut left = STRINGS;
    walk(out, place, node, source, depth, &mut left);
}

fn walk(out: &mut Sink, place: Place, node: &Node<'_>, source: Source<'_>, depth: u8, left: &mut u32) {
    if *left == 0 {
        return;
    }
    *left -= 1;
    match &node.value {
        Value::Object(members) => members.iter().for_each(|(_, node)| walk(out, place, node, source, depth, left)),
        Value::Array(items) => items.iter().for_each(|node| walk(out, place, node, source, depth, left)),
        Value::String(text) => string(out, place, text, source.span(node.at), depth),
        _ => {}
    }
}

fn string(out: &mut Sink, place: Place, text: &str, span: firstfault_model::Span, depth: u8) {
    let start = text.trim_start();
    if start.len() < 6 {
        return;
    }
    if start.starts_with('<') && start.contains('>') {
        out.text(place, markup::text(start, !markup::is_html(start)), span, depth);
        return;
    }
    let Some(inside) = crate::shape::embedded(start) else { return };
    let parsed = parse(inside);
    if let Some(root) = parsed.root.filter(|root| !root.members().is_empty() || !root.items().is_empty()) {
        out.text(place, start, span, depth);
        unpack(out, place, &root, Source::unpacked(inside, span), depth + 1);
    }
}

/// gRPC's messages, decoded: the percent-encoded words, and the readable parts of the binary details.
pub(crate) fn grpc(out: &mut Sink, response: &Response) {
    for fields in [&response.headers, &response.trailers] {
        for header in fields.every("grpc-message").filter(|h| h.value.contains('%')) {
            out.text(Place::Header, fields::percent_decoded(&header.value), header.span, 1);
        }
        for header in fields.every("grpc-status-details-bin") {
            let value = cut(header.value.trim_end_matches('='), 8192);
            let Ok(bytes) = base64::engine::general_purpose::STANDARD_NO_PAD.decode(value) else { continue };
            let words: Vec<&str> = bytes
                .split(|b| !(0x20..0x7f).contains(b))
                .filter(|run| run.len() >= 4)
                .filter_map(|run| std::str::from_utf8(run).ok())
                .take(40)
                .collect();
            out.text(Place::Header, words.join("\n"), header.span, 1);
        }
    }
}

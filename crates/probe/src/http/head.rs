//! The head of a request as bytes: what is shown is what was sent.

use super::Reached;
use crate::target::Target;
use firstfault_model::{Headers, Span};

/// A request, ready to be sent.
#[derive(Debug, Default)]
pub(crate) struct Message {
    /// The head. HTTP/1: its bytes. HTTP/2: its fields, a line each.
    pub head: Vec<u8>,
    /// The fields in order, those that were added among them.
    pub fields: Headers,
    /// The body as it goes on the wire.
    pub body: Option<Vec<u8>>,
    /// The body waits for `100 Continue`.
    pub expects: bool,
    /// No body follows an answer to it.
    pub is_head: bool,
    /// The parts of HTTP/2.
    pub pseudo: Pseudo,
    /// Why it cannot be sent, in words.
    pub fault: Option<String>,
}

/// The control data of HTTP/2 (RFC 9113 section 8.3.1).
#[derive(Debug, Default)]
pub(crate) struct Pseudo {
    /// `:method`
    pub method: String,
    /// `:scheme`
    pub scheme: String,
    /// `:authority`
    pub authority: String,
    /// `:path`
    pub path: String,
}

/// Fields of a connection that HTTP/2 has not (RFC 9113 section 8.2.2).
const NOT_IN_H2: &[&str] = &["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "host"];

/// Writes the head.
pub(crate) fn compose(target: &Target, way: &Reached, h2: bool) -> Message {
    let mut message = Message {
        is_head: target.method == "HEAD",
        fault: fault(target),
        body: target.body.clone(),
        ..Message::default()
    };
    let place = Span::default();
    let host = target.host_field();
    let given = |name: &str| target.headers.field(name).is_some();
    let mut fields = Headers::default();
    // curl's order: Host first, then what a proxy wants, then the rest as given.
    if !given("host") && !target.without_host && !h2 {
        fields.push("Host", host.clone(), place);
    }
    if let Some(Some(credential)) = &way.forward
        && !given("proxy-authorization")
    {
        fields.push("Proxy-Authorization", format!("Basic {}", base64(credential.as_bytes())), place);
    }
    fields.0.extend(target.headers.0.iter().cloned());
    let chunked = fields.every("transfer-encoding").any(|f| f.value.to_ascii_lowercase().contains("chunked"));
    if let Some(body) = &target.body {
        if chunked && !h2 {
            message.body = Some(one_chunk(body));
        } else if !given("content-length") && !chunked {
            fields.push("Content-Length", body.len().to_string(), place);
        }
        message.expects = fields.every("expect").any(|f| f.value.eq_ignore_ascii_case("100-continue")) && !h2;
    }
    let request_target = target.url.target();
    let request_target = if request_target.is_empty() { "/".to_owned() } else { request_target };
    if h2 {
        fields.0.retain(|field| !NOT_IN_H2.contains(&field.name.to_ascii_lowercase().as_str()));
        for field in &mut fields.0 {
            field.name.make_ascii_lowercase();
        }
        message.pseudo = Pseudo {
            method: target.method.clone(),
            scheme: if target.secure() { "https" } else { "http" }.to_owned(),
            authority: target.headers.first("host").map_or(host, str::to_owned),
            path: request_target,
        };
        let p = &message.pseudo;
        message.head = format!(
            ":method: {}\r\n:scheme: {}\r\n:authority: {}\r\n:path: {}\r\n",
            p.method, p.scheme, p.authority, p.path
        )
        .into_bytes();
    } else {
        let version = if target.connect.http_1_0 { "HTTP/1.0" } else { "HTTP/1.1" };
        let wanted = if way.forward.is_some() { absolute(target, &request_target) } else { request_target };
        message.head = format!("{} {wanted} {version}\r\n", target.method).into_bytes();
    }
    for field in &fields.0 {
        message.head.extend_from_slice(format!("{}: {}\r\n", field.name, field.value).as_bytes());
    }
    message.head.extend_from_slice(b"\r\n");
    message.fields = fields;
    message
}

/// The whole URL, as a forward proxy wants it (RFC 9112 section 3.2.2).
fn absolute(target: &Target, request_target: &str) -> String {
    let scheme = target.url.scheme.as_deref().unwrap_or("http");
    format!("{scheme}://{}{request_target}", target.host_field())
}

fn one_chunk(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 32);
    if !body.is_empty() {
        out.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

/// Why a request would not be the one that it seems: a line break in a field is a request of its own on the wire.
fn fault(target: &Target) -> Option<String> {
    if target.method.is_empty() || !target.method.bytes().all(token) {
        return Some(format!("expected a method of letters, found {:?}", target.method));
    }
    if !matches!(target.url.scheme.as_deref(), Some("http" | "https")) {
        let found = target.url.scheme.as_deref().unwrap_or("none");
        return Some(format!("expected the scheme http or https, found {found}"));
    }
    let host = target.url.host.as_deref().unwrap_or_default();
    if host.is_empty() || host.bytes().any(|b| b <= b' ' || b >= 0x7f || matches!(b, b'/' | b'@' | b'?' | b'#')) {
        return Some(format!("expected a host of letters, digits, dots and dashes, found {host:?}"));
    }
    if target.url.target().bytes().any(|b| b <= b' ' || b == 0x7f) {
        return Some("expected a path and query without blanks and control characters, found one".to_owned());
    }
    for field in &target.headers.0 {
        if field.name.is_empty() || !field.name.bytes().all(token) {
            return Some(format!("expected a field name of letters and dashes, found {:?}", field.name));
        }
        if field.value.bytes().any(|b| matches!(b, b'\r' | b'\n' | 0)) {
            return Some(format!("expected the field {} in one line, found a line break in its value", field.name));
        }
    }
    None
}

/// A character of a token (RFC 9110 section 5.6.2).
fn token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            if at > group.len() {
                out.push('=');
            } else {
                out.push(char::from(ALPHABET[(bits >> (18 - 6 * at) & 63) as usize]));
            }
        }
    }
    out
}

//! CONNECT (RFC 9110 section 9.3.6). Nothing behind the head of a 2xx is read: that belongs to the tunnel.

use super::{Asked, harmless, place};
use crate::Wrong;
use base64::Engine;
use firstfault_model::{Body, Headers, Response, Span};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The largest head that is read.
const HEAD_BYTES: usize = 32 << 10;
/// Fields of one head.
const FIELDS: usize = 100;
/// How much of a refusal's body is kept, and how long it is waited for.
const BODY_BYTES: usize = 64 << 10;
const BODY_WAIT: Duration = Duration::from_millis(1500);
/// Interim answers that are skipped.
const INTERIM: usize = 3;

pub(super) async fn ask(stream: &mut TcpStream, host: &str, port: u16, credential: Option<&str>) -> Asked {
    let target = place(host, port);
    if target.bytes().any(|byte| byte.is_ascii_control() || byte == b' ') {
        return Asked::failed("malformed", Wrong::Local, "was not asked: the name of the target has white space");
    }
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(credential) = credential {
        let encoded = base64::engine::general_purpose::STANDARD.encode(credential);
        request.push_str(&format!("Proxy-Authorization: Basic {encoded}\r\n"));
    }
    request.push_str(concat!("User-Agent: firstfault/", env!("CARGO_PKG_VERSION"), "\r\n"));
    request.push_str("Proxy-Connection: Keep-Alive\r\n\r\n");
    if let Err(error) = stream.write_all(request.as_bytes()).await {
        return Asked::broken(&error);
    }
    for _ in 0..=INTERIM {
        let head = match head(stream).await {
            Ok(head) => head,
            Err(error) => return Asked::broken(&error),
        };
        let Some(mut response) = head.as_deref().and_then(parsed) else {
            return Asked::failed("nonsense", Wrong::Protocol, "answered with something that is not HTTP");
        };
        let status = response.status.unwrap_or_default();
        if (100..200).contains(&status) && status != 101 {
            continue;
        }
        if (200..300).contains(&status) {
            let mut asked = Asked::open();
            asked.marks.push(("http.connect_status", status.to_string()));
            return asked;
        }
        body(stream, &mut response).await;
        return refusal(status, response, credential.is_some());
    }
    Asked::failed("nonsense", Wrong::Protocol, "sent interim answers without end")
}

fn refusal(status: u16, response: Response, with_credential: bool) -> Asked {
    let reason = harmless(response.reason.as_deref().unwrap_or_default());
    let mut says = format!("answered {status} {reason}").trim_end().to_owned();
    let mut marks = vec![("http.connect_status", status.to_string())];
    if status == 407 {
        says.push_str(if with_credential { " to the password that it was sent" } else { ": it wants a password" });
        let schemes: Vec<String> = response
            .headers
            .every("proxy-authenticate")
            .filter_map(|field| field.value.split_whitespace().next())
            .map(|scheme| harmless(scheme).to_ascii_lowercase())
            .collect();
        if !schemes.is_empty() {
            marks.push(("probe.proxy.schemes", schemes.join(", ")));
        }
    }
    let html = response.headers.first("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("html"));
    if html && response.body.as_ref().is_some_and(|body| !body.is_blank()) {
        marks.push(("probe.proxy.page", "html".to_owned()));
    }
    Asked { word: status.to_string(), says, wrong: Some(Wrong::Denied), response: Some(response), marks }
}

/// The bytes of one head with its empty line, and not one more; `None` when what comes is not HTTP or has no end.
async fn head(stream: &mut TcpStream) -> io::Result<Option<Vec<u8>>> {
    let mut head: Vec<u8> = Vec::new();
    let mut buffer = [0; 4096];
    while head.len() < HEAD_BYTES {
        let seen = stream.peek(&mut buffer).await?;
        if seen == 0 {
            return if looks_like_http(&head) { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
        }
        let before = head.len();
        head.extend(buffer.iter().take(seen));
        let end = head.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let end = end.or_else(|| head.windows(2).position(|two| two == b"\n\n").map(|at| at + 2));
        let taken = end.map_or(seen, |end| end.saturating_sub(before).min(seen));
        if let Some(part) = buffer.get_mut(..taken) {
            stream.read_exact(part).await?;
        }
        if let Some(end) = end {
            head.truncate(end);
            return Ok(Some(head));
        }
        if !looks_like_http(&head) {
            return Ok(None);
        }
    }
    Ok(None)
}

/// True while the bytes may still become a status line. Nothing at all may.
fn looks_like_http(bytes: &[u8]) -> bool {
    bytes.iter().zip(b"HTTP/").all(|(a, b)| a == b)
}

fn parsed(head: &[u8]) -> Option<Response> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut message = httparse::Response::new(&mut fields);
    if !matches!(message.parse(head), Ok(httparse::Status::Complete(_))) {
        return None;
    }
    let place = Span::default();
    let mut headers = Headers::default();
    for field in message.headers.iter() {
        headers.push(field.name, String::from_utf8_lossy(field.value).trim(), place);
    }
    Some(Response {
        status: message.code,
        reason: message.reason.filter(|reason| !reason.is_empty()).map(str::to_owned),
        version: message.version.map(|minor| format!("HTTP/1.{minor}")),
        headers,
        body: None,
        trailers: Headers::default(),
        complete: true,
        span: place,
    })
}

/// Reads what the proxy says besides, as far as it comes.
async fn body(stream: &mut TcpStream, response: &mut Response) {
    let length = response.headers.first("content-length").and_then(|text| text.trim().parse::<usize>().ok());
    let chunked =
        response.headers.first("transfer-encoding").is_some_and(|kind| kind.to_ascii_lowercase().contains("chunked"));
    let most = if chunked { BODY_BYTES } else { length.unwrap_or(BODY_BYTES).min(BODY_BYTES) };
    let mut bytes = Vec::new();
    let mut reader = stream.take(most as u64);
    // What came before the break or the limit is kept.
    let _ = timeout(BODY_WAIT, reader_loop(&mut reader, &mut bytes, chunked)).await;
    let bytes = if chunked { unchunked(&bytes) } else { bytes };
    response.body = Some(Body::bounded(&String::from_utf8_lossy(&bytes), Span::default()));
}

async fn reader_loop(reader: &mut tokio::io::Take<&mut TcpStream>, bytes: &mut Vec<u8>, chunked: bool) {
    let mut buffer = [0; 4096];
    while let Ok(count) = reader.read(&mut buffer).await {
        bytes.extend(buffer.iter().take(count));
        if count == 0 || (chunked && bytes.ends_with(b"0\r\n\r\n")) {
            return;
        }
    }
}

/// The contents of chunks (RFC 9112 section 7.1), as far as they are well-formed.
fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let size = rest.get(..end).and_then(|line| std::str::from_utf8(line).ok());
        let size = size.and_then(|line| usize::from_str_radix(line.split(';').next()?.trim(), 16).ok());
        let Some(size) = size.filter(|size| *size > 0) else { break };
        let data = rest.get(end + 2..).unwrap_or_default();
        out.extend(data.iter().take(size));
        rest = size.checked_add(2).and_then(|skip| data.get(skip..)).unwrap_or_default();
    }
    out
}

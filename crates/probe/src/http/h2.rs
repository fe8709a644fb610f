//! HTTP/2 on a connection, with the frames of the `h2` crate.

use super::head::Message;
use super::tap::{Tap, Watch};
use super::{Progress, h1};
use crate::exchange::{Failure, Phase, Wrong};
use bytes::Bytes;
use firstfault_model::{Headers, Response, Span};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Instant;

/// The most bytes of fields that are taken.
const FIELDS_LIMIT: u32 = 256 << 10;

/// Sends a request and reads its answer into `progress`.
pub(crate) async fn converse(
    tap: Tap,
    seen: &Watch,
    message: &Message,
    progress: &mut Progress,
) -> Result<(), Failure> {
    match ask(tap, message, progress).await {
        Ok(()) => Ok(()),
        Err(Trouble::Local(words)) => Err(Failure { phase: Phase::Send, wrong: Wrong::Local, words }),
        Err(Trouble::Http2(error)) => Err(explain(&error, seen, progress)),
    }
}

enum Trouble {
    Local(String),
    Http2(h2::Error),
}

impl From<h2::Error> for Trouble {
    fn from(error: h2::Error) -> Self {
        Self::Http2(error)
    }
}

async fn ask(tap: Tap, message: &Message, progress: &mut Progress) -> Result<(), Trouble> {
    let mut builder = h2::client::Builder::new();
    builder.enable_push(false).max_header_list_size(FIELDS_LIMIT).initial_window_size(1 << 20);
    let (sender, connection) = builder.handshake::<_, Bytes>(tap).await?;
    let mut connection = pin!(connection);
    let mut over = false;
    let mut work = pin!(talk(sender, message, progress));
    poll_fn(|cx| {
        if !over && connection.as_mut().poll(cx).is_ready() {
            // The streams know why it ended.
            over = true;
        }
        match work.as_mut().poll(cx) {
            Poll::Pending if over => {
                Poll::Ready(Err(Trouble::Local("the connection ended while the request waited".to_owned())))
            }
            other => other,
        }
    })
    .await
}

async fn talk(
    sender: h2::client::SendRequest<Bytes>,
    message: &Message,
    progress: &mut Progress,
) -> Result<(), Trouble> {
    let mut sender = sender.ready().await?;
    let request = request(message).map_err(Trouble::Local)?;
    let empty = message.body.as_ref().is_none_or(Vec::is_empty);
    let (answer, mut stream) = sender.send_request(request, empty)?;
    let mut answer = pin!(answer);
    let mut head = None;
    if !empty {
        let mut body = Bytes::copy_from_slice(message.body.as_deref().unwrap_or_default());
        // An answer may come before the body is sent.
        let sending = async {
            while !body.is_empty() {
                stream.reserve_capacity(body.len());
                match poll_fn(|cx| stream.poll_capacity(cx)).await {
                    Some(capacity) => {
                        let part = body.split_to(capacity?.min(body.len()));
                        stream.send_data(part, body.is_empty())?;
                    }
                    None => break,
                }
            }
            Ok::<(), h2::Error>(())
        };
        tokio::select! {
            biased;
            early = &mut answer => {
                progress.mark("probe.http.early", "true");
                head = Some(early?);
            }
            sent = sending => {
                // A stream that was reset still has its answer (RFC 9113 section 8.1).
                if sent.is_ok() {
                    progress.sent = Some(Instant::now());
                }
            }
        }
    } else {
        progress.sent = Some(Instant::now());
    }
    progress.phase = Phase::Wait;
    let head = match head {
        Some(head) => head,
        None => answer.await?,
    };
    progress.first = Some(Instant::now());
    progress.phase = Phase::Receive;
    let (parts, mut incoming) = head.into_parts();
    progress.response = Some(Response {
        status: Some(parts.status.as_u16()),
        version: Some("HTTP/2".to_owned()),
        headers: fields(&parts.headers),
        complete: true,
        ..Response::default()
    });
    while let Some(part) = incoming.data().await {
        let part = part?;
        progress.keep(&part);
        let _ = incoming.flow_control().release_capacity(part.len());
        if progress.enough() {
            progress.mark("probe.http.body_left", "true");
            return Ok(());
        }
    }
    let trailers = incoming.trailers().await?;
    if let (Some(trailers), Some(response)) = (trailers, progress.response.as_mut()) {
        response.trailers = fields(&trailers);
    }
    progress.whole = true;
    Ok(())
}

fn request(message: &Message) -> Result<http::Request<()>, String> {
    let pseudo = &message.pseudo;
    let uri = http::Uri::builder()
        .scheme(pseudo.scheme.as_str())
        .authority(pseudo.authority.as_str())
        .path_and_query(pseudo.path.as_str())
        .build()
        .map_err(|error| format!("expected a URL that HTTP/2 takes, found: {error}"))?;
    let mut builder = http::Request::builder().method(pseudo.method.as_str()).uri(uri).version(http::Version::HTTP_2);
    for field in &message.fields.0 {
        let value = http::HeaderValue::from_bytes(field.value.as_bytes())
            .map_err(|_| format!("expected a value of {} that HTTP/2 takes, found another", field.name))?;
        builder = builder.header(field.name.as_str(), value);
    }
    builder.body(()).map_err(|error| format!("expected a request that HTTP/2 takes, found: {error}"))
}

fn fields(map: &http::HeaderMap) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in map {
        headers.push(name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned(), Span::default());
    }
    headers
}

/// What went wrong, told by what was really read.
fn explain(error: &h2::Error, watch: &Watch, progress: &mut Progress) -> Failure {
    let seen = watch.snapshot();
    let phase = progress.phase;
    if !seen.first.is_empty() && progress.response.is_none() {
        let (kind, what) = h1::kind(&seen.first);
        if kind != "http2" {
            progress.mark("probe.http.garbage", kind);
            let words = format!("expected HTTP/2, found {what}");
            return Failure { phase: Phase::Wait, wrong: Wrong::Protocol, words };
        }
    }
    if let Some(reason) = error.reason() {
        let name = reason_name(reason);
        let (frame, who) = match (error.is_go_away(), error.is_remote()) {
            (true, true) => ("GOAWAY", "the server"),
            (false, true) => ("RST_STREAM", "the server"),
            (true, false) => ("GOAWAY", "this side, for what came,"),
            (false, false) => ("RST_STREAM", "this side, for what came,"),
        };
        progress.mark("probe.http.h2", if error.is_remote() { frame } else { "protocol" });
        progress.mark("probe.http.h2.code", name.as_str());
        let words = format!("{who} ended it with {frame} {name}");
        return Failure { phase, wrong: Wrong::Protocol, words };
    }
    if let Some(code) = seen.goaway {
        let name = reason_name(code.into());
        progress.mark("probe.http.h2", "GOAWAY");
        progress.mark("probe.http.h2.code", name.as_str());
        let words = format!("the server sent GOAWAY {name} and closed the connection");
        return Failure { phase, wrong: Wrong::Protocol, words };
    }
    if let Some((wrong, how)) = seen.broke {
        let phase = if wrong == Wrong::Alert { Phase::Tls } else { phase };
        return Failure { phase, wrong, words: format!("{how} in a connection of HTTP/2") };
    }
    if seen.closed {
        let words = "the connection was closed (FIN) without a GOAWAY".to_owned();
        return Failure { phase, wrong: Wrong::Closed, words };
    }
    Failure { phase, wrong: Wrong::Protocol, words: format!("HTTP/2: {error}") }
}

/// RFC 9113 section 7.
fn reason_name(reason: h2::Reason) -> String {
    match u32::from(reason) {
        0 => "NO_ERROR",
        1 => "PROTOCOL_ERROR",
        2 => "INTERNAL_ERROR",
        3 => "FLOW_CONTROL_ERROR",
        4 => "SETTINGS_TIMEOUT",
        5 => "STREAM_CLOSED",
        6 => "FRAME_SIZE_ERROR",
        7 => "REFUSED_STREAM",
        8 => "CANCEL",
        9 => "COMPRESSION_ERROR",
        10 => "CONNECT_ERROR",
        11 => "ENHANCE_YOUR_CALM",
        12 => "INADEQUATE_SECURITY",
        13 => "HTTP_1_1_REQUIRED",
        other => return format!("{other:#x}"),
    }
    .to_owned()
}

//! GNU Wget's output, with `-S` (the server's response) or without.
//!
//! This file refuses to know anything else of Wget.

use crate::Taken;
use crate::http_message::{fields, start_line};
use crate::lines::Lines;
use firstfault_model::{Call, Message, MessageKind, Origin, Request, Response, Url, Vantage};

/// Takes the retrieval that begins with `--2024-05-01 10:00:00--  URL` at line `at`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.0.get(at)?;
    let url = target(&first.text)?;
    let mut call = Call::new(Origin::CurlTranscript, Vantage::Client);
    call.request = Some(Request {
        method: Some("GET".to_owned()),
        url: Url::parse(url),
        span: first.span_of(url),
        ..Request::default()
    });
    call.span = first.span;
    let mut calls = Vec::new();
    let mut end = at + 1;
    while let Some(line) = lines.0.get(end) {
        let text = line.text.trim();
        let span = line.span_of(text);
        if let Some(url) = target(&line.text) {
            // The next hop, or the next attempt.
            let method = call.request.as_ref().and_then(|r| r.method.clone());
            calls.push(std::mem::replace(&mut call, Call::new(Origin::CurlTranscript, Vantage::Client)));
            call.request =
                Some(Request { method, url: Url::parse(url), span: line.span_of(url), ..Request::default() });
        } else if let Some(status) = start_line::status_line(text) {
            let head = fields::read_head(lines, end + 1, |text| {
                text.starts_with("  ") && start_line::status_line(text).is_none()
            });
            call.response = Some(response(&status, span));
            if let Some(response) = call.response.as_mut() {
                response.headers = head.fields;
            }
            call.span = call.span.to(line.span);
            end = head.end;
            continue;
        } else if let Some((_, answer)) = text.split_once("awaiting response... ") {
            call.mark("connected", "true", span);
            if let Some((status, reason)) = start_line::code_and_reason(answer) {
                call.response = Some(response(&start_line::StatusLine { version: None, status, reason }, span));
            } else if !answer.is_empty() && start_line::status_line(answer).is_none() {
                call.messages.push(Message { kind: MessageKind::Tool, text: answer.to_owned(), span });
            }
        } else if text.starts_with("Connecting to ") || text.starts_with("Resolving ") {
            let (_, result) = text.split_once("... ").unwrap_or((text, ""));
            if result.contains("connected") {
                call.mark("connected", "true", span);
            } else if result.contains("failed") || result.contains("unable") || result.contains("timed out") {
                call.messages.push(Message { kind: MessageKind::Tool, text: text.to_owned(), span });
            }
        } else if OWN.iter().any(|own| text.contains(own)) {
            if text.starts_with("ERROR: ")
                || text.starts_with("wget: ")
                || text.contains(" ERROR ")
                || text.contains("Unable")
                || text.contains("failed")
                || text.contains("expired")
                || text.contains("Self-signed")
                || text.contains("doesn't match")
            {
                if let Some((_, fault)) = CERTIFICATE_FAULTS.iter().find(|(own, _)| text.contains(own)) {
                    call.mark("tls.verify", *fault, span);
                }
                call.messages.push(Message { kind: MessageKind::Tool, text: text.to_owned(), span });
            }
        } else if !text.is_empty() || lines.text(end + 1).trim().is_empty() {
            break;
        }
        call.span = call.span.to(line.span);
        end += 1;
    }
    calls.push(call);
    Some(Taken { lines: end - at, calls, problems: Vec::new() })
}

/// Wget's words for what is wrong with a certificate (`src/openssl.c`), and OpenSSL's.
const CERTIFICATE_FAULTS: &[(&str, &str)] = &[
    ("Unable to locally verify the issuer", "unable to get local issuer certificate"),
    ("Self-signed certificate encountered", "self signed certificate"),
    ("Issued certificate not yet valid", "certificate is not yet valid"),
    ("Issued certificate has expired", "certificate has expired"),
    ("doesn't match requested host name", "hostname mismatch"),
    ("no certificate subject alternative name matches", "hostname mismatch"),
];

/// Wget's other lines, by a fixed part of each.
const OWN: &[&str] = &[
    "HTTP request sent",
    "Location: ",
    "Reusing existing connection",
    "Length: ",
    "Saving to: ",
    "ERROR: ",
    "wget: ",
    " ERROR ",
    "Retrying.",
    "Giving up.",
    "Self-signed certificate",
    "Unable to locally verify",
    "Unable to establish SSL",
    "Issued certificate",
    "To connect to ",
    "redirections exceeded",
    "saved [",
    "Proxy request sent",
    "certificate common name",
    "Username/Password Authentication Failed",
    "Authentication selected",
];

/// The URL of `--2024-05-01 10:00:00--  URL`.
fn target(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("--")?;
    let (time, url) = rest.split_once("--  ").filter(|(time, _)| time.len() <= 24)?;
    let url = url.trim();
    (time.starts_with(|c: char| c.is_ascii_digit()) && url.contains("://")).then_some(url)
}

fn response(line: &start_line::StatusLine<'_>, span: firstfault_model::Span) -> Response {
    Response {
        status: Some(line.status),
        reason: line.reason.map(str::to_owned),
        version: line.version.map(str::to_owned),
        span,
        ..Response::default()
    }
}

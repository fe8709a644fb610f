//! A request as code that sends it: a curl command, a Hurl file, and regression tests in Rust, Python and Java.
//!
//! Secret values become environment variables. Everything else stands in the code as it is sent, so the caller decides
//! what is secret. The Hurl file and the curl command reproduce the failure; the tests fail as long as it is there.

mod curl;
mod hurl;
mod junit;
mod literal;
mod pytest;
mod rust;
mod secrets;

pub use curl::curl;
pub use hurl::hurl;
pub use junit::junit;
pub use pytest::pytest;
pub use rust::rust;
pub use secrets::{Secret, Secrets};

use crate::oracle::Candidate;
use firstfault_model::Url;

/// Text with places for variables.
pub(crate) type Text = Vec<Piece>;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Plain(String),
    /// The name of an environment variable.
    Variable(String),
}

/// The body, as code writes it.
pub(crate) enum Payload {
    Text(Text),
    Bytes(Vec<u8>),
}

/// What every language needs of a request.
pub(crate) struct Parts {
    pub method: String,
    pub url: Text,
    pub headers: Vec<(String, Text)>,
    pub body: Option<Payload>,
    /// The variables that are used, in the order of their first use.
    pub variables: Vec<String>,
}

impl Parts {
    pub(crate) fn of(candidate: &Candidate, secrets: &Secrets) -> Self {
        let request = &candidate.request;
        let url = Url { fragment: None, ..request.url.clone() };
        let url = secrets.text(&url.to_string());
        let headers: Vec<(String, Text)> = request
            .headers
            .0
            .iter()
            .filter(|field| !field.name.starts_with(':') && !field.name.eq_ignore_ascii_case("content-length"))
            .map(|field| (field.name.clone(), secrets.text(&field.value)))
            .collect();
        let body = candidate.body.as_ref().map(|bytes| match std::str::from_utf8(bytes) {
            Ok(text) => Payload::Text(secrets.text(text)),
            Err(_) => Payload::Bytes(bytes.clone()),
        });
        let mut variables: Vec<String> = Vec::new();
        let texts = std::iter::once(&url).chain(headers.iter().map(|(_, value)| value)).chain(match &body {
            Some(Payload::Text(text)) => Some(text),
            _ => None,
        });
        for piece in texts.flatten() {
            if let Piece::Variable(name) = piece
                && !variables.contains(name)
            {
                variables.push(name.clone());
            }
        }
        let method = request.method.clone().unwrap_or_else(|| "GET".to_owned());
        Self { method, url, headers, body, variables }
    }
}

/// `still_fails` with the status in its name.
pub(crate) fn test_name(status: Option<u16>) -> String {
    match status {
        Some(status) => format!("does_not_fail_with_{status}"),
        None => "is_answered".to_owned(),
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;

//! How the CRM complains: an envelope in version 1, problem details (RFC 9457) in version 2, or hardly at all.

use crate::Reply;
use serde_json::{Value, json};

/// A complaint about a request.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// Status.
    pub status: u16,
    /// Stable code in capitals.
    pub code: &'static str,
    /// In words.
    pub message: String,
    /// Field by field.
    pub details: Vec<Detail>,
    /// Fields of the answer.
    pub headers: Vec<(String, String)>,
}

/// What is wrong with one field or parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// JSON Pointer (RFC 6901) into the body, or the name of a parameter or header.
    pub pointer: String,
    /// `REQUIRED`, `UNKNOWN_FIELD`, `INVALID_TYPE`, `INVALID_VALUE`, …
    pub code: &'static str,
    /// In words.
    pub message: String,
}

impl Complaint {
    /// A complaint as a whole.
    #[must_use]
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), details: Vec::new(), headers: Vec::new() }
    }

    /// A complaint about fields, told by the first of them.
    #[must_use]
    pub fn about(status: u16, code: &'static str, details: Vec<Detail>) -> Self {
        let first = details.first().map(|detail| detail.message.clone()).unwrap_or_default();
        let message = match details.len() {
            0 | 1 => format!("Request validation failed: {first}"),
            more => format!("Request validation failed: {first} (and {} more)", more - 1),
        };
        Self { details, ..Self::new(status, code, message) }
    }

    /// The same with a field of the answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The answer.
    #[must_use]
    pub fn render(self, problem: bool, terse: bool, path: &str, request_id: &str) -> Reply {
        let mut reply = if terse && self.status == 400 {
            Reply::json(400, &json!({ "message": "Bad Request" }))
        } else if problem {
            let kind = self.code.to_lowercase().replace('_', "-");
            let mut body = json!({
                "type": format!("https://crm.example.com/problems/{kind}"),
                "title": title(self.code),
                "status": self.status,
                "detail": self.message,
                "instance": path,
                "requestId": request_id,
            });
            if !self.details.is_empty() {
                let errors = self.details.iter();
                body["errors"] =
                    errors.map(|d| json!({ "detail": d.message, "pointer": format!("#{}", d.pointer) })).collect();
            }
            Reply::new(self.status, "application/problem+json", body.to_string())
        } else {
            let mut error = json!({ "code": self.code, "message": self.message, "requestId": request_id });
            if !self.details.is_empty() {
                error["details"] = self.details.iter().map(Detail::json).collect();
            }
            Reply::json(self.status, &json!({ "error": error }))
        };
        reply.headers.extend(self.headers);
        reply
    }
}

impl Detail {
    fn json(&self) -> Value {
        let field = self.pointer.trim_start_matches('/').replace('/', ".");
        json!({ "field": field, "pointer": self.pointer, "code": self.code, "message": self.message })
    }
}

/// The code as a title: `Validation failed`.
fn title(code: &str) -> String {
    let words = code.to_lowercase().replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What the log says of an answer that is no success.
#[must_use]
pub fn summary(reply: &Reply) -> String {
    let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
    let text = |pointer: &str| body.as_ref().and_then(|b| b.pointer(pointer)).and_then(Value::as_str);
    match (text("/error/code"), text("/error/message").or(text("/detail")).or(text("/message"))) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (_, Some(message)) => message.to_owned(),
        _ => String::from_utf8_lossy(&reply.body).lines().next().unwrap_or_default().chars().take(200).collect(),
    }
}

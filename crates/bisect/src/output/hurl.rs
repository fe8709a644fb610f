//! A Hurl file (hurl.dev, file format of 4.0 and later).

use super::{Parts, Payload, Piece, Secrets, Text, hex, literal};
use crate::oracle::Candidate;
use std::fmt::Write as _;

/// A Hurl file that sends the request and asserts the status that was seen; `None` where there was no answer.
#[must_use]
pub fn hurl(candidate: &Candidate, status: Option<u16>, secrets: &Secrets) -> String {
    let parts = Parts::of(candidate, secrets);
    let mut out = String::new();
    if !parts.variables.is_empty() {
        let given: Vec<String> = parts.variables.iter().map(|name| format!("--variable {name}=\"${name}\"")).collect();
        let _ = writeln!(out, "# hurl {} FILE", given.join(" "));
    }
    let method: String = parts.method.chars().filter(|c| c.is_ascii_alphabetic()).collect();
    let _ = writeln!(out, "{} {}", method.to_ascii_uppercase(), written(&parts.url, &literal::url));
    for (name, value) in &parts.headers {
        let name = literal::hurl(name).replace(':', "\\:");
        let mut value = written(value, &literal::hurl);
        // Blanks at either end would be lost.
        if value.starts_with(' ') {
            value.replace_range(..1, "\\u{20}");
        }
        if value.ends_with(' ') {
            value.truncate(value.len() - 1);
            value.push_str("\\u{20}");
        }
        let _ = writeln!(out, "{name}: {value}");
    }
    match &parts.body {
        Some(Payload::Text(text)) => {
            let _ = writeln!(out, "`{}`", written(text, &literal::hurl));
        }
        Some(Payload::Bytes(bytes)) => {
            let _ = writeln!(out, "hex,{};", hex(bytes));
        }
        None => {}
    }
    match status {
        Some(status) => {
            let _ = writeln!(out, "HTTP {status}");
        }
        None => out.push_str("HTTP *\n"),
    }
    out
}

fn written(text: &Text, escape: &dyn Fn(&str) -> String) -> String {
    text.iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => escape(plain),
            Piece::Variable(name) => format!("{{{{{name}}}}}"),
        })
        .collect()
}

//! A test for pytest, with the library `requests`.

use super::{Parts, Payload, Piece, Secrets, Text, hex, literal, test_name};
use crate::oracle::Candidate;
use std::fmt::Write as _;

/// A test that fails as long as the request is answered with `status`.
#[must_use]
pub fn pytest(candidate: &Candidate, status: Option<u16>, secrets: &Secrets) -> String {
    let parts = Parts::of(candidate, secrets);
    let mut out = String::from("# pip install pytest requests\n");
    if !parts.variables.is_empty() {
        out.push_str("import os\n\n");
    }
    let _ = writeln!(out, "import requests\n\n\ndef test_{}():", test_name(status));
    out.push_str("    response = requests.request(\n");
    let _ = writeln!(out, "        {},", literal::python(&parts.method));
    let _ = writeln!(out, "        {},", written(&parts.url));
    if !parts.headers.is_empty() {
        out.push_str("        headers={\n");
        // A dictionary has each name once, and a list of values means the same (RFC 9110 section 5.3).
        let mut done: Vec<String> = Vec::new();
        for (name, value) in &parts.headers {
            let folded = name.to_ascii_lowercase();
            if done.contains(&folded) {
                continue;
            }
            let mut all = value.clone();
            let others = parts.headers.iter().filter(|(n, v)| n.eq_ignore_ascii_case(name) && !std::ptr::eq(v, value));
            for (_, other) in others {
                all.push(Piece::Plain(if folded == "cookie" { "; " } else { ", " }.to_owned()));
                all.extend(other.clone());
            }
            done.push(folded);
            let _ = writeln!(out, "            {}: {},", literal::python(name), written(&all));
        }
        out.push_str("        },\n");
    }
    match &parts.body {
        None => {}
        Some(Payload::Text(text)) => {
            let text = written(text);
            let text = if text.contains(" + ") { format!("({text})") } else { text };
            let _ = writeln!(out, "        data={text}.encode(\"utf-8\"),");
        }
        Some(Payload::Bytes(bytes)) => {
            let _ = writeln!(out, "        data=bytes.fromhex(\"{}\"),", hex(bytes));
        }
    }
    out.push_str("        allow_redirects=False,\n        timeout=60,\n    )\n");
    match status {
        Some(status) => {
            let _ = writeln!(out, "    assert response.status_code != {status}, response.text");
        }
        None => out.push_str("    assert response.status_code < 500, response.text\n"),
    }
    out
}

fn written(text: &Text) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let all: Vec<String> = text
        .iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => literal::python(plain),
            Piece::Variable(name) => format!("os.environ[{}]", literal::python(name)),
        })
        .collect();
    all.join(" + ")
}

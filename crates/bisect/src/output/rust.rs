//! A test for `cargo test`, with the crate `ureq` 3.

use super::{Parts, Payload, Piece, Secrets, Text, literal, test_name};
use crate::oracle::Candidate;
use std::fmt::Write as _;

/// A test that fails as long as the request is answered with `status`.
#[must_use]
pub fn rust(candidate: &Candidate, status: Option<u16>, secrets: &Secrets) -> String {
    let parts = Parts::of(candidate, secrets);
    let mut out = String::from("// [dev-dependencies] ureq = \"3\"\n\n#[test]\n");
    let _ = writeln!(out, "fn {}() {{", test_name(status));
    for name in &parts.variables {
        let quoted = literal::rust(name);
        let _ = writeln!(out, "    let {} = std::env::var({quoted}).expect({quoted});", literal::snake(name));
    }
    out.push_str("    let agent: ureq::Agent = ureq::Agent::config_builder()\n");
    out.push_str("        .http_status_as_error(false)\n        .max_redirects(0)\n");
    if !["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].contains(&parts.method.as_str()) {
        out.push_str("        .allow_non_standard_methods(true)\n");
    }
    out.push_str("        .build()\n        .into();\n");
    out.push_str("    let request = ureq::http::Request::builder()\n");
    let _ = writeln!(out, "        .method({})", literal::rust(&parts.method));
    let _ = writeln!(out, "        .uri({})", written(&parts.url));
    for (name, value) in &parts.headers {
        let _ = writeln!(out, "        .header({}, {})", literal::rust(name), written(value));
    }
    let body = match &parts.body {
        None => "()".to_owned(),
        Some(Payload::Text(text)) => written(text),
        Some(Payload::Bytes(bytes)) => {
            let bytes: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("b\"{bytes}\".to_vec()")
        }
    };
    let _ = writeln!(out, "        .body({body})\n        .expect(\"a request\");");
    out.push_str("    let response = agent.run(request).expect(\"an answer\");\n");
    match status {
        Some(status) => {
            let _ = writeln!(out, "    assert_ne!(response.status().as_u16(), {status});");
        }
        None => out.push_str("    assert!(!response.status().is_server_error());\n"),
    }
    out.push_str("}\n");
    out
}

fn written(text: &Text) -> String {
    match text.as_slice() {
        [] => "\"\"".to_owned(),
        [Piece::Plain(plain)] => literal::rust(plain),
        pieces => {
            let all: Vec<String> = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Plain(plain) => literal::rust(plain),
                    Piece::Variable(name) => format!("{}.as_str()", literal::snake(name)),
                })
                .collect();
            format!("[{}].concat()", all.join(", "))
        }
    }
}

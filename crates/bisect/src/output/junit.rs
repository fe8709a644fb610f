//! A test for JUnit 5, with the HTTP client of Java 17.

use super::{Parts, Payload, Piece, Secrets, Text, hex, literal, test_name};
use crate::oracle::Candidate;
use std::fmt::Write as _;

/// Fields that Java's client sets itself and refuses to take.
const RESTRICTED: [&str; 5] = ["connection", "content-length", "expect", "host", "upgrade"];
/// The most characters of one literal: a constant has at most 65,535 bytes.
const LITERAL: usize = 8_000;

/// A test that fails as long as the request is answered with `status`.
#[must_use]
pub fn junit(candidate: &Candidate, status: Option<u16>, secrets: &Secrets) -> String {
    let parts = Parts::of(candidate, secrets);
    let assertion = if status.is_some() { "assertNotEquals" } else { "assertTrue" };
    let mut out = format!("import static org.junit.jupiter.api.Assertions.{assertion};\n\n");
    for import in
        ["java.net.URI", "java.net.http.HttpClient", "java.net.http.HttpRequest", "java.net.http.HttpResponse"]
    {
        let _ = writeln!(out, "import {import};");
    }
    out.push_str("import org.junit.jupiter.api.Test;\n\nclass RegressionTest {\n    @Test\n");
    let _ = writeln!(out, "    void {}() throws Exception {{", literal::camel(&test_name(status)));
    for name in &parts.variables {
        let _ = writeln!(out, "        String {} = System.getenv({});", variable(name), literal::java(name));
    }
    let _ = writeln!(
        out,
        "        HttpRequest request = HttpRequest.newBuilder(URI.create({}))",
        written(&escaped(&parts.url))
    );
    let publisher = match &parts.body {
        None => "noBody()".to_owned(),
        Some(Payload::Text(text)) => format!("ofString({})", written(text)),
        Some(Payload::Bytes(bytes)) => {
            format!("ofByteArray(java.util.HexFormat.of().parseHex({}))", written(&vec![Piece::Plain(hex(bytes))]))
        }
    };
    let _ =
        writeln!(out, "            .method({}, HttpRequest.BodyPublishers.{publisher})", literal::java(&parts.method));
    for (name, value) in &parts.headers {
        let line = format!(".header({}, {})", literal::java(name), written(value));
        if RESTRICTED.iter().any(|own| name.eq_ignore_ascii_case(own)) {
            // Literals of Java have no line ends, so that the rest of the line is the comment.
            let _ = writeln!(out, "            // {line}  (run with -Djdk.httpclient.allowRestrictedHeaders)");
        } else {
            let _ = writeln!(out, "            {line}");
        }
    }
    out.push_str("            .build();\n");
    out.push_str("        HttpResponse<String> response =\n");
    out.push_str("            HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());\n");
    match status {
        Some(status) => {
            let _ = writeln!(out, "        assertNotEquals({status}, response.statusCode(), response.body());");
        }
        None => out.push_str("        assertTrue(response.statusCode() < 500, response.body());\n"),
    }
    out.push_str("    }\n}\n");
    out
}

/// `URI.create` takes no blanks, quotes and braces.
fn escaped(url: &Text) -> Text {
    url.iter()
        .map(|piece| match piece {
            Piece::Plain(plain) => Piece::Plain(literal::url(plain)),
            other => other.clone(),
        })
        .collect()
}

/// `CLASS` would be the word `class`.
fn variable(name: &str) -> String {
    format!("{}Value", literal::camel(name))
}

fn written(text: &Text) -> String {
    if text.is_empty() {
        return "\"\"".to_owned();
    }
    let mut all: Vec<String> = Vec::new();
    let mut long = false;
    for piece in text {
        match piece {
            Piece::Variable(name) => all.push(variable(name)),
            Piece::Plain(plain) => {
                let chars: Vec<char> = plain.chars().collect();
                long |= chars.len() > LITERAL;
                all.extend(chars.chunks(LITERAL).map(|chunk| literal::java(&chunk.iter().collect::<String>())));
            }
        }
    }
    // A sum of literals is one constant again; joined at run time they are not.
    if long { format!("String.join(\"\", {})", all.join(", ")) } else { all.join(" + ") }
}

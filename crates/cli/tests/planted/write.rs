//! How a value is written where it is planted: the escapes that places.toml names.

use super::Chance;
use super::make::{of_class, spell};
use std::fmt::Write as _;

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with its padding.
pub fn base64(raw: &[u8]) -> String {
    let mut out = String::new();
    for group in raw.chunks(3) {
        let bits = (0..3).fold(0, |bits, at| (bits << 8) | usize::from(group.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            out.push(if at <= group.len() { char::from(STANDARD[(bits >> (18 - 6 * at)) & 63]) } else { '=' });
        }
    }
    out
}

/// Base64 for addresses, without padding.
pub fn url64(raw: &[u8]) -> String {
    base64(raw).trim_end_matches('=').replace('+', "-").replace('/', "_")
}

/// Percent-encoded but for what is never encoded.
pub fn percent(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// What stands between the quotes of a JSON string.
pub fn json(value: &str) -> String {
    let quoted = serde_json::to_string(value).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// A signed token with a claim, and how much of it is no secret.
pub fn jwt(chance: &mut Chance, claim: Option<(&str, &str)>, signature: usize) -> (String, usize) {
    let head = format!(r#"{{"alg":"RS256","typ":"JWT","kid":"k{}"}}"#, chance.below(90) + 10);
    let claim = claim.map(|(name, value)| format!(r#","{name}":"{}""#, json(value))).unwrap_or_default();
    let claims = format!(r#"{{"iss":"https://login.example.com/","sub":"user-4711","exp":1778058764{claim}}}"#);
    let start = format!("{}.{}.", url64(head.as_bytes()), url64(claims.as_bytes()));
    let keep = start.len();
    (start + &of_class(chance, "base64url", signature), keep)
}

/// The value as a place writes it.
pub fn escaped(chance: &mut Chance, value: &str, how: &str, name: &str) -> String {
    match how {
        "none" => value.to_owned(),
        "percent" => percent(value),
        "percent2" => percent(&percent(value)),
        "form" => percent(value).replace("%20", "+"),
        "json" | "double" => json(value),
        "json2" => json(&json(value)),
        "json3" => json(&json(&json(value))),
        "xml" => value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        "single" => value.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n"),
        "ruby" => json(value).replace('#', "\\#"),
        "shell" => value.replace('\'', "'\\''"),
        "sql" => value.replace('\'', "''"),
        "yaml" => value.replace('\n', "\n    "),
        "url_json" => percent(&json(value)),
        "base64" => base64(value.as_bytes()),
        "base64_pair" => base64(format!("svc:{value}").as_bytes()),
        "jwt_claim" => jwt(chance, Some((name, value)), 43).0,
        other => panic!("expected an escape that is known, got {other}"),
    }
}

/// The piece of a place, with the secret in it.
pub fn piece(chance: &mut Chance, text: &str, value: &str, escape: &str, name: &str, case: &str) -> String {
    let name = spell(name, case);
    let written = escaped(chance, value, escape, &name);
    text.replace("{name}", &name).replace("{secret}", &written)
}

/// A failed call that shows a piece where such a piece is seen.
pub fn evidence(seen_as: &str, media_type: Option<&str>, piece: &str) -> String {
    let mut request = "POST /v1/orders HTTP/1.1\nHost: api.example.com\nAccept: */*\n".to_owned();
    let mut media = "application/json";
    let mut head = String::new();
    let mut body = String::new();
    let mut answer = r#"{"error":"invalid_credentials","message":"The credentials were refused"}"#;
    let mut command = None;
    match seen_as {
        "line" => return format!("{piece}\n"),
        "command" => command = Some(piece.to_owned()),
        "request_target" => command = Some(format!("curl -sS -i '{piece}'")),
        "request_head" => request += &format!("{piece}\n"),
        "response_head" => head = format!("{piece}\n"),
        "request_body" => {
            request += &format!("Content-Type: {}\n", media_type.unwrap());
            body = format!("{piece}\n");
        }
        "response_body" => {
            media = media_type.unwrap();
            answer = piece;
        }
        other => panic!("expected a way to be seen that is known, got {other}"),
    }
    let response = format!(
        "HTTP/1.1 401 Unauthorized\nContent-Type: {media}\nx-request-id: 7b0c7c2e-6f0e-4f5e-9d0a-54a6b3d0f2aa\n{head}"
    );
    match command {
        Some(command) => format!("$ {command}\n{response}\n{answer}\n"),
        None => format!("{request}\n{body}\n{response}\n{answer}\n"),
    }
}

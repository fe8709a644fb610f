//! Which values of a call are secrets: what it carries in the places for credentials.

use crate::names::is_secret_name;
use base64::Engine as _;
use firstfault_model::{Call, Header, Url};

/// The secrets of a call with their kinds.
pub fn secrets(call: &Call) -> Vec<(String, &'static str)> {
    let mut out = Vec::new();
    let heads = call.request.iter().map(|r| &r.headers).chain(call.response.iter().map(|r| &r.headers));
    for header in heads.flat_map(|h| &h.0) {
        from_header(header, &mut out);
    }
    if let Some(request) = &call.request {
        from_url(&request.url, &mut out);
        if let Some(body) = &request.body {
            from_body(&body.text, &mut out);
        }
    }
    for body in call.response.iter().filter_map(|r| r.body.as_ref()) {
        from_body(&body.text, &mut out);
    }
    out
}

fn from_header(header: &Header, out: &mut Vec<(String, &'static str)>) {
    let name = header.name.to_ascii_lowercase();
    let value = header.value.trim();
    match name.as_str() {
        "authorization" | "proxy-authorization" => {
            let (scheme, credential) = value.split_once(' ').unwrap_or(("", value));
            if scheme.eq_ignore_ascii_case("basic")
                && let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(credential.trim())
                && let Some((_, password)) = String::from_utf8_lossy(&bytes).split_once(':')
            {
                out.push((password.to_owned(), "password"));
            }
            if scheme.to_ascii_lowercase().starts_with("aws4-hmac") || credential.contains("Signature=") {
                if let Some(signature) = credential.split("Signature=").nth(1) {
                    out.push((signature.split(',').next().unwrap_or_default().to_owned(), "signature"));
                }
                return;
            }
            out.push((
                credential.trim().to_owned(),
                if scheme.eq_ignore_ascii_case("basic") { "basic" } else { "token" },
            ));
        }
        "cookie" | "set-cookie" => {
            for pair in value.split(';').take(if name == "cookie" { 100 } else { 1 }) {
                if let Some((_, value)) = pair.split_once('=') {
                    out.push((value.trim().to_owned(), "cookie"));
                }
            }
        }
        _ if is_secret_name(&name) => out.push((value.to_owned(), "key")),
        _ => {}
    }
}

fn from_url(url: &Url, out: &mut Vec<(String, &'static str)>) {
    if let Some((_, password)) = url.userinfo.as_deref().and_then(|u| u.split_once(':')) {
        out.push((password.to_owned(), "password"));
    }
    if let Some(query) = &url.query {
        from_form(query, out);
    }
}

fn from_form(form: &str, out: &mut Vec<(String, &'static str)>) {
    for pair in form.split('&').take(200) {
        if let Some((name, value)) = pair.split_once('=')
            && is_secret_name(name)
        {
            out.push((value.to_owned(), "key"));
        }
    }
}

fn from_body(text: &str, out: &mut Vec<(String, &'static str)>) {
    let trimmed = text.trim_start();
    if trimmed.starts_with(['{', '[']) {
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(trimmed) {
            from_json(&value, out, 0);
        }
    } else if trimmed.len() < 10_000 && trimmed.contains('=') && !trimmed.contains('<') && !trimmed.contains(' ') {
        from_form(trimmed, out);
    }
}

fn from_json(value: &serde_json::Value, out: &mut Vec<(String, &'static str)>, depth: usize) {
    if depth > 40 || out.len() > 500 {
        return;
    }
    match value {
        serde_json::Value::Object(map) => {
            for (name, value) in map {
                match value {
                    // An error code or a key's name is what the reader needs; a secret has no spaces.
                    serde_json::Value::String(text)
                        if is_secret_name(name) && !crate::names::is_loose_name(name) && !text.contains(' ') =>
                    {
                        out.push((text.clone(), "key"));
                    }
                    serde_json::Value::String(text) if text.starts_with('{') && depth < 3 => {
                        if let Ok(inner) = serde_json::from_str(text) {
                            from_json(&inner, out, depth + 1);
                        }
                    }
                    _ => from_json(value, out, depth + 1),
                }
            }
        }
        serde_json::Value::Array(list) => list.iter().take(1000).for_each(|v| from_json(v, out, depth + 1)),
        _ => {}
    }
}

//! The identity of "the same failure": stable from run to run and from call to call.

use firstfault_model::{Layer, Observations, route};

/// 16 hex digits of method, route template, status, error code, message template, layer and cause.
#[must_use]
pub fn signature(observations: &Observations, cause: &str, layer: Option<Layer>) -> String {
    let mut parts = String::new();
    for key in ["method", "host", "status", "error.code", "exception.root", "errno"] {
        parts.push_str(observations.value(key).unwrap_or_default());
        parts.push('\u{1f}');
    }
    parts.push_str(&route(observations.value("path").unwrap_or_default()));
    parts.push('\u{1f}');
    parts.push_str(&template(observations.value("error.message").unwrap_or_default()));
    parts.push('\u{1f}');
    parts.push_str(cause);
    parts.push_str(layer.map_or("", Layer::word));
    // FNV-1a, 64 bits: small, stable, and not for security.
    let hash = parts
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

/// A message with its numbers, ids and quoted values collapsed.
#[must_use]
pub fn template(message: &str) -> String {
    let mut out = String::with_capacity(message.len().min(200));
    for word in message.split_whitespace().take(40) {
        if !out.is_empty() {
            out.push(' ');
        }
        if word.bytes().any(|b| b.is_ascii_digit()) || word.len() > 40 {
            out.push('#');
        } else if word.starts_with(['"', '\'', '`']) {
            out.push('"');
        } else {
            out.push_str(word);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_what_varies() {
        assert_eq!(template("User 42 'bob' not found"), "User # \" not found");
    }
}

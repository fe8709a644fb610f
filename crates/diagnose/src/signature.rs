//! The identity of "the same failure": stable from run to run and from call to call.

use firstfault_model::{Layer, Observations};

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

/// A path with its ids replaced by `{id}`.
#[must_use]
pub fn route(path: &str) -> String {
    path.split('/').map(|segment| if is_id(segment) { "{id}" } else { segment }).collect::<Vec<_>>().join("/")
}

/// True for a path segment that names one thing: it holds a digit and is no version such as `v1`.
pub(crate) fn is_id(segment: &str) -> bool {
    let version = segment
        .strip_prefix('v')
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    let dated = segment.len() == 10 && segment.as_bytes().get(4) == Some(&b'-');
    !version
        && !dated
        && segment.bytes().any(|b| b.is_ascii_digit())
        && (segment.len() > 3 || segment.bytes().all(|b| b.is_ascii_digit()))
        || segment.contains('@')
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
    fn routes_and_messages_lose_what_varies() {
        assert_eq!(route("/v1/users/12345/orders/ord_9fK2"), "/v1/users/{id}/orders/{id}");
        assert_eq!(route("/services/data/v54.0/query"), "/services/data/v54.0/query");
        assert_eq!(template("User 42 'bob' not found"), "User # \" not found");
    }
}

//! What several formats show of the request and the answer: bounded pieces, and what was left out.

use firstfault_model::Body;

/// At most `limit` bytes of a body, and in words what was left out.
pub fn snippet(body: &Body, limit: usize) -> (&str, Option<String>) {
    let mut end = body.text.len().min(limit);
    while !body.text.is_char_boundary(end) {
        end -= 1;
    }
    let shown = &body.text[..end];
    let left = body.size.max(body.text.len()).saturating_sub(end);
    let cut = match (left, body.truncated) {
        (0, false) => None,
        (0, true) => Some("the evidence itself was cut here".to_owned()),
        (left, _) => Some(format!("{left} bytes more were left out")),
    };
    (shown, cut)
}

#[cfg(test)]
mod tests {
    use super::snippet;
    use firstfault_model::{Body, Span};

    #[test]
    fn what_is_left_out_is_said() {
        let body = Body::bounded("héllo", Span::default());
        assert_eq!(snippet(&body, 100), ("héllo", None));
        assert_eq!(snippet(&body, 2), ("h", Some("5 bytes more were left out".to_owned())), "never inside a character");
        let cut = Body { truncated: true, ..body };
        assert_eq!(snippet(&cut, 100).1.as_deref(), Some("the evidence itself was cut here"));
    }
}

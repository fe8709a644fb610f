//! Which path the service says that it was asked for: behind a gateway that rewrites, another than was called.

use firstfault_model::{Request, Response};

/// How much of a body is searched.
const SEARCHED_BYTES: usize = 16 * 1024;
/// What stands before the path where an answer names it in JSON (Spring Boot; RFC 9457). In words it stands behind the
/// method: `Cannot GET /orders` (Express, NestJS), `Route GET:/orders not found` (Fastify).
const JSON_FIELDS: &[&str] = &["\"path\":\"", "\"path\": \"", "\"instance\":\"", "\"instance\": \""];

/// The path that a refusal names, where it is the end of the path that was called: what stood before it was taken off on
/// the way.
#[must_use]
pub fn path_behind(request: &Request, response: &Response) -> Option<String> {
    if !matches!(response.status, Some(404 | 405)) {
        return None;
    }
    let called = request.url.path.as_str();
    let method = request.method.as_deref()?;
    let text = response.body.as_ref()?.text.as_str();
    let mut end = text.len().min(SEARCHED_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    let named = [format!("{method} "), format!("{method}:")];
    let before = named.iter().map(String::as_str).chain(JSON_FIELDS.iter().copied());
    for before in before {
        for (at, _) in text.match_indices(before) {
            let rest = &text[at + before.len()..];
            let stop = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '?' | '&' | '\\' | ')' | ',');
            let path = rest.split(stop).next().unwrap_or_default();
            let cut = called.strip_suffix(path).is_some_and(|cut| !cut.is_empty() && !cut.ends_with('/'));
            if path.len() > 1 && path.starts_with('/') && cut {
                return Some(path.to_owned());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Body, Span, Url};

    fn named(target: &str, body: &str) -> Option<String> {
        let url = Url { path: target.to_owned(), ..Url::default() };
        let request = Request { method: Some("GET".to_owned()), url, ..Request::default() };
        let response =
            Response { status: Some(404), body: Some(Body::bounded(body, Span::default())), ..Response::default() };
        path_behind(&request, &response)
    }

    #[test]
    fn a_shorter_path_is_seen_and_the_same_or_another_is_not() {
        assert_eq!(named("/v1/orders", "<pre>Cannot GET /orders</pre>").as_deref(), Some("/orders"));
        assert_eq!(named("/v1/orders", r#"{"status":404,"path":"/orders"}"#).as_deref(), Some("/orders"));
        assert_eq!(named("/v1/orders", r#"{"message":"Route GET:/orders not found"}"#).as_deref(), Some("/orders"));
        assert_eq!(named("/v1/orders", "<pre>Cannot GET /v1/orders</pre>"), None);
        assert_eq!(named("/v1/orders", "<a href=\"/orders\">Orders</a>"), None);
        assert_eq!(named("/v1/orders", "Cannot GET /ders"), None);
    }
}

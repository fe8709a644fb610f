//! Whether two answers say the same.

use firstfault_model::Response;

/// How much of two bodies is compared.
const COMPARED_BYTES: usize = 4 * 1024;

/// True when two answers have the same status and say the same, whatever each repeats of its request and however its
/// numbers, ids and times differ.
pub(crate) fn same_answer(a: &Response, path_a: &str, b: &Response, path_b: &str) -> bool {
    a.status == b.status && skeleton(a, path_a) == skeleton(b, path_b)
}

/// The words of a body and of the challenges, without the request's own path, numbers and ids. Bearer tokens are refused
/// in the challenge alone by many (RFC 6750 section 3).
fn skeleton(response: &Response, path: &str) -> String {
    let body = response.body.as_ref().map_or("", |body| body.text.as_str());
    let mut end = body.len().min(COMPARED_BYTES);
    while !body.is_char_boundary(end) {
        end -= 1;
    }
    let mut text = without_comments(&body[..end]);
    for challenge in response.headers.every("www-authenticate").take(8) {
        text.push('\n');
        text.extend(challenge.value.chars().take(COMPARED_BYTES));
    }
    let last = path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    for own in [path, path.trim_end_matches('/'), last] {
        // A single letter or digit stands in too many words to be the request's own.
        if own.len() > 1 {
            text = text.replace(own, " ");
        }
    }
    let mut out = String::with_capacity(text.len());
    // An id is left out whole: one of its parts may happen to have no digit.
    let is_id = |token: &str| token.len() >= 8 && token.bytes().any(|b| b.is_ascii_digit());
    let tokens = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_'))).filter(|token| !is_id(token));
    for word in tokens.flat_map(|token| token.split(['-', '_'])) {
        if !word.is_empty() && !word.bytes().any(|b| b.is_ascii_digit()) {
            out.push_str(word);
            out.push(' ');
        }
    }
    out
}

/// A page without its comments: nginx pads its own pages with some for certain browsers (`msie_padding`).
fn without_comments(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, rest)| rest);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::{Body, Span};

    fn answer(status: u16, body: &str) -> Response {
        Response {
            status: Some(status),
            body: Some(Body::bounded(body, Span::default())),
            complete: true,
            ..Response::default()
        }
    }

    #[test]
    fn what_repeats_the_request_is_the_same_and_other_words_are_not() {
        let nobody = answer(404, "Cannot GET /v1/costumers/12 (request 81f2)");
        let nowhere = answer(404, "Cannot GET /v1/nothing-here (request 9c11)");
        assert!(same_answer(&nobody, "/v1/costumers/12", &nowhere, "/v1/nothing-here"));
        let known = answer(404, "{\"detail\":\"Customer with ID 12 not found\"}");
        assert!(!same_answer(&known, "/v1/customers/12", &nowhere, "/v1/nothing-here"));
        let one = answer(404, "No route matches. requestId 84bead3f-757a-49cf-a6c3-d9c6421fa6d9");
        let two = answer(404, "No route matches. requestId 84bead3f-babe-49cf-a6c3-d9c6421fa6d9");
        assert!(same_answer(&one, "/v1/custmers", &two, "/v1/nothing-here"));
        assert!(!same_answer(&answer(401, "no"), "/", &answer(403, "no"), "/"));
        let padded =
            answer(403, "<h1>Forbidden</h1>\n<!-- a padding to disable friendly error pages -->\n<!-- more -->");
        assert!(same_answer(&padded, "/", &answer(403, "<h1>Forbidden</h1>"), "/"));
        let challenged = |challenge: &str| {
            let mut response = answer(401, "");
            response.headers.push("WWW-Authenticate", challenge, Span::default());
            response
        };
        let (bare, expired) = (challenged("Bearer"), challenged("Bearer error=\"invalid_token\""));
        assert!(same_answer(&bare, "/", &challenged("Bearer"), "/") && !same_answer(&bare, "/", &expired, "/"));
    }
}

//! The labels that tools put around the parts of an exchange: headings (`Response Headers`), the general
//! fields of browser developer tools (`Request URL: …`), one-line maps (`HTTP response headers: {…}`).
//!
//! This file refuses to know what to do with what it recognizes.

use super::start_line::starts_with_ignore_case;

/// Which message of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// What was sent.
    Request,
    /// What came back.
    Response,
}

/// A line that only says what stands below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heading {
    /// Developer tools: URL, method and status follow.
    General,
    /// A whole message follows.
    Message(Side),
    /// Fields follow.
    Headers(Side),
    /// A body follows.
    Body(Side),
    /// Postman: the proxy that was used.
    Proxy,
    /// Something that no call needs.
    Aside,
}

/// A field of developer tools' "General" section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum General {
    /// `Request URL`
    Url,
    /// `Request Method`
    Method,
    /// `Status Code`
    Status,
    /// `Remote Address`
    Address,
    /// `Referrer Policy` and the like.
    Other,
}

const HEADINGS: &[(&str, Heading)] = &[
    ("general", Heading::General),
    ("request", Heading::Message(Side::Request)),
    ("http request", Heading::Message(Side::Request)),
    ("response", Heading::Message(Side::Response)),
    ("http response", Heading::Message(Side::Response)),
    ("server response", Heading::Message(Side::Response)),
    ("request headers", Heading::Headers(Side::Request)),
    ("request header", Heading::Headers(Side::Request)),
    ("response headers", Heading::Headers(Side::Response)),
    ("response header", Heading::Headers(Side::Response)),
    ("request body", Heading::Body(Side::Request)),
    ("request payload", Heading::Body(Side::Request)),
    ("request data", Heading::Body(Side::Request)),
    ("form data", Heading::Body(Side::Request)),
    ("payload", Heading::Body(Side::Request)),
    ("response body", Heading::Body(Side::Response)),
    ("response data", Heading::Body(Side::Response)),
    ("response payload", Heading::Body(Side::Response)),
    ("proxy", Heading::Proxy),
    ("network", Heading::Aside),
    ("query string parameters", Heading::Aside),
    ("query parameters", Heading::Aside),
];

/// The heading that a line is, whatever decorates it (`## `, `**…**`, `▼`, `(14)`, `:`, ` -`).
pub(crate) fn heading(text: &str) -> Option<Heading> {
    let text = text.trim();
    if text.len() > 60 {
        return None;
    }
    let bare = text.split('(').next().unwrap_or_default();
    let bare = bare.trim_matches(|c: char| c.is_whitespace() || "#*_▼▶►▸▾-–—=:│|".contains(c));
    HEADINGS.iter().find(|(label, _)| bare.eq_ignore_ascii_case(label)).map(|(_, heading)| *heading)
}

/// A general field and its value, which is empty when it stands on the next line.
pub(crate) fn general(text: &str) -> Option<(General, &str)> {
    const LABELS: &[(&str, General)] = &[
        ("request url", General::Url),
        ("request method", General::Method),
        ("status code", General::Status),
        ("remote address", General::Address),
        ("referrer policy", General::Other),
    ];
    let text = text.trim();
    if !text.as_bytes().first().is_some_and(|b| matches!(b, b'R' | b'r' | b'S' | b's')) {
        return None;
    }
    let (label, key) = LABELS.iter().find(|(label, _)| starts_with_ignore_case(text, label))?;
    let rest = text[label.len()..].trim_start();
    if rest.is_empty() {
        return Some((*key, ""));
    }
    rest.strip_prefix(':').map(|value| (*key, value.trim()))
}

/// `HTTP response headers: {…}` and `Request headers: {…}`: the side and the map.
pub(crate) fn header_map(text: &str) -> Option<(Side, &str)> {
    let (side, value) = labelled(text, "headers")?;
    (value.contains('{') || value.contains('(')).then_some((side, value))
}

/// `HTTP response body: …` and `Request body: …`: the side and the body's beginning.
pub(crate) fn inline_body(text: &str) -> Option<(Side, &str)> {
    labelled(text, "body").filter(|(_, value)| !value.is_empty())
}

/// Words of developer tools that stand between sections and say nothing.
pub(crate) fn is_noise(text: &str) -> bool {
    const NOISE: &[&str] = &[
        "view source",
        "view parsed",
        "view decoded",
        "view url encoded",
        "view url-encoded",
        "learn more",
        "provisional headers are shown",
        "disable cache",
    ];
    let text = text.trim().trim_start_matches(['⚠', ' ', '\u{fe0f}']);
    text.len() < 120 && NOISE.iter().any(|noise| starts_with_ignore_case(text, noise))
}

fn labelled<'t>(text: &'t str, what: &str) -> Option<(Side, &'t str)> {
    let text = text.trim();
    let rest = if starts_with_ignore_case(text, "http ") { &text[5..] } else { text };
    let (side, rest) = if starts_with_ignore_case(rest, "response ") {
        (Side::Response, &rest[9..])
    } else if starts_with_ignore_case(rest, "request ") {
        (Side::Request, &rest[8..])
    } else {
        return None;
    };
    if !starts_with_ignore_case(rest, what) {
        return None;
    }
    rest[what.len()..].strip_prefix([':', '=']).map(|value| (side, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings() {
        for (text, expected) in [
            ("Request Headers", Some(Heading::Headers(Side::Request))),
            ("▼ Response Headers (14)", Some(Heading::Headers(Side::Response))),
            ("### Response", Some(Heading::Message(Side::Response))),
            ("**Request body:**", Some(Heading::Body(Side::Request))),
            ("Response Data -", Some(Heading::Body(Side::Response))),
            ("Response was empty", None),
            ("", None),
        ] {
            assert_eq!(heading(text), expected, "{text}");
        }
    }

    #[test]
    fn labels() {
        assert_eq!(general("Request URL: https://a/b"), Some((General::Url, "https://a/b")));
        assert_eq!(general("Request Method"), Some((General::Method, "")));
        assert_eq!(general("Request Methods are"), None);
        assert_eq!(header_map("HTTP response headers: HTTPHeaderDict({})").map(|m| m.0), Some(Side::Response));
        assert_eq!(inline_body("Request body: {}"), Some((Side::Request, "{}")));
        assert_eq!(inline_body("Response body was"), None);
    }
}

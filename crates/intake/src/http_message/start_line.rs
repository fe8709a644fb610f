//! Start lines of HTTP messages: request lines, status lines (RFC 9112 sections 3 and 4) and the looser
//! forms that tools print for a status.
//!
//! This file refuses to know headers, bodies and what follows a line.

/// `METHOD target [version]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestLine<'t> {
    /// Method as written.
    pub method: &'t str,
    /// Target as written: path, absolute URL, authority or `*`.
    pub target: &'t str,
    /// `HTTP/1.1` and the like.
    pub version: Option<&'t str>,
}

/// `[version] status [reason]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusLine<'t> {
    /// `HTTP/1.1` and the like; `None` for a tool's own form.
    pub version: Option<&'t str>,
    /// Status code.
    pub status: u16,
    /// Reason phrase, when written.
    pub reason: Option<&'t str>,
}

/// Methods that are believed without a version behind the target.
const METHODS: &[&str] = &[
    "GET",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "HEAD",
    "OPTIONS",
    "TRACE",
    "CONNECT",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "REPORT",
    "SEARCH",
    "PURGE",
    "LINK",
    "UNLINK",
    "VIEW",
    "QUERY",
];

/// True for a method that every tool knows.
pub(crate) fn is_method(word: &str) -> bool {
    METHODS.contains(&word)
}

/// A request line with its version. A target with white space is taken as it is: that may be the fault.
pub(crate) fn request_line(text: &str) -> Option<RequestLine<'_>> {
    let text = text.trim();
    let method = leading_method(text)?;
    let bytes = text.as_bytes();
    // The version is the last word, and it is short: only the end of the line is looked at.
    let space = (bytes.len().saturating_sub(12)..bytes.len()).rev().find(|&i| bytes[i] == b' ')?;
    let version = &text[space + 1..];
    let target = text.get(method.len()..space)?.trim();
    (is_version(version) && !target.is_empty()).then_some(RequestLine { method, target, version: Some(version) })
}

/// `METHOD URL` without a version, as Postman and API documents write it, and the words behind the URL.
pub(crate) fn bare_request(text: &str) -> Option<(RequestLine<'_>, &str)> {
    let text = text.trim();
    let method = leading_method(text).filter(|m| is_method(m))?;
    let rest = text[method.len()..].trim_start();
    let (target, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    (target.starts_with('/')
        || target.starts_with("http://")
        || target.starts_with("https://")
        || target.starts_with("{{"))
    .then_some((RequestLine { method, target, version: None }, rest.trim()))
}

/// A status line: `HTTP/1.1 404 Not Found`, `HTTP/2 404`.
pub(crate) fn status_line(text: &str) -> Option<StatusLine<'_>> {
    let text = text.trim();
    if !text.starts_with("HTTP/") {
        return None;
    }
    let (version, rest) = text.split_once([' ', '\t'])?;
    if !is_version(version) {
        return None;
    }
    let (status, reason) = code_and_reason(rest.trim_start())?;
    Some(StatusLine { version: Some(version), status, reason })
}

/// What tools print for a status: `Response 400`, `Status: 422 Unprocessable Entity`,
/// `RESPONSE 429: 429 Too Many Requests` (Azure SDK for Go), `HTTP 403 Forbidden` (Django REST framework).
pub(crate) fn tool_status(text: &str) -> Option<StatusLine<'_>> {
    const LABELS: &[&str] = &[
        "response status code",
        "http response code",
        "http status code",
        "response status",
        "response code",
        "http response",
        "http status",
        "status code",
        "response",
        "status",
        "http",
    ];
    let text = text.trim();
    if !text.as_bytes().first().is_some_and(|b| matches!(b, b'R' | b'r' | b'H' | b'h' | b'S' | b's')) {
        return None;
    }
    let label = LABELS.iter().find(|label| starts_with_ignore_case(text, label))?;
    let rest = &text[label.len()..];
    if !rest.starts_with([' ', ':', '=', '\t']) {
        return None;
    }
    let (status, reason) = code_and_reason(rest.trim_start_matches([' ', ':', '=', '-', '\t']))?;
    Some(StatusLine { version: None, status, reason })
}

/// `403 Forbidden` alone, as it stands below a heading.
pub(crate) fn code_and_reason(text: &str) -> Option<(u16, Option<&str>)> {
    let code = text.get(..3).filter(|code| code.bytes().all(|b| b.is_ascii_digit()))?;
    let status: u16 = code.parse().ok().filter(|status| (100..1000).contains(status))?;
    let mut rest = &text[3..];
    if rest.starts_with(|c: char| c.is_alphanumeric() || c == '.' || c == '/') {
        return None;
    }
    rest = rest.trim_start_matches([' ', ':', '-', '\t', '(', ',']).trim();
    // The Azure SDK repeats the code before the reason.
    if let Some(again) = rest.strip_prefix(code) {
        rest = again.trim_start();
    }
    if !rest.contains('(') {
        rest = rest.trim_end_matches(')');
    }
    Some((status, (!rest.is_empty()).then_some(rest)))
}

/// Compares the beginning of `text` with a lower-case `label`.
pub(crate) fn starts_with_ignore_case(text: &str, label: &str) -> bool {
    text.as_bytes().get(..label.len()).is_some_and(|head| head.eq_ignore_ascii_case(label.as_bytes()))
}

fn leading_method(text: &str) -> Option<&str> {
    let length = text.bytes().take(24).take_while(|b| b.is_ascii_uppercase() || matches!(b, b'-' | b'_')).count();
    ((3..=20).contains(&length) && text.as_bytes().get(length) == Some(&b' ')).then(|| &text[..length])
}

fn is_version(word: &str) -> bool {
    word.strip_prefix("HTTP/")
        .is_some_and(|v| (1..=3).contains(&v.len()) && v.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_lines() {
        for (text, expected) in [
            ("GET /v1/me HTTP/1.1", Some(("GET", "/v1/me"))),
            ("POST https://api.example.com/a?b=c HTTP/2", Some(("POST", "https://api.example.com/a?b=c"))),
            ("GET /a b HTTP/1.0", Some(("GET", "/a b"))),
            ("M-SEARCH * HTTP/1.1", Some(("M-SEARCH", "*"))),
            ("GET /v1/me", None),
            ("GET /v1/me HTTP/1.1\" 200", None),
            ("get /v1/me HTTP/1.1", None),
            ("HTTP/1.1 200 OK", None),
            ("ÄÖÜ /x HTTP/1.1", None),
            ("", None),
        ] {
            assert_eq!(request_line(text).map(|r| (r.method, r.target)), expected, "{text}");
        }
    }

    #[test]
    fn status_lines() {
        for (text, expected) in [
            ("HTTP/1.1 404 Not Found", Some((404, Some("Not Found")))),
            ("HTTP/2 404", Some((404, None))),
            ("HTTP/2 404 ", Some((404, None))),
            ("HTTP/1.1 403", Some((403, None))),
            ("Response 400", Some((400, None))),
            ("Status: 422 Unprocessable Entity", Some((422, Some("Unprocessable Entity")))),
            ("RESPONSE 429: 429 Too Many Requests", Some((429, Some("Too Many Requests")))),
            ("Status Code: 403 Forbidden", Some((403, Some("Forbidden")))),
            ("HTTP 401 Unauthorized", Some((401, Some("Unauthorized")))),
            ("Response: 12 items", None),
            ("Response 4000", None),
            ("Status: active", None),
            ("HTTP/1.1", None),
        ] {
            let found = status_line(text).or_else(|| tool_status(text));
            assert_eq!(found.map(|s| (s.status, s.reason)), expected, "{text}");
        }
    }
}

//! One line of curl's own output: what `-v`, `--trace-time`, the progress meter and error lines look like.
//!
//! This file refuses to know what came before the line.

use crate::http_message::boundary::contains_within;
use crate::http_message::start_line;

/// What a line is in curl's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CurlLine<'t> {
    /// `* words`
    Info(&'t str),
    /// `> words`, empty for the end of the head
    Sent(&'t str),
    /// `< words`, empty for the end of the head
    Received(&'t str),
    /// `curl: (7) words`
    Failure(u16, &'t str),
    /// `Warning: words`
    Warning(&'t str),
    /// `{ [5 bytes data]`, the progress meter
    Noise,
    /// Anything else: output, prompts, other programs.
    Plain,
}

/// Classifies one line.
pub(super) fn classify(text: &str) -> CurlLine<'_> {
    let text = without_time(text.trim_end());
    match text.as_bytes() {
        [b'*', b' ' | b'\t', ..] => CurlLine::Info(text[1..].trim()),
        [b'>'] => CurlLine::Sent(""),
        [b'>', b' ', ..] => CurlLine::Sent(text[2..].trim()),
        [b'<'] => CurlLine::Received(""),
        [b'<', b' ', ..] => CurlLine::Received(text[2..].trim()),
        [b'<', b'H', b'T', b'T', b'P', b'/', ..] => CurlLine::Received(&text[1..]),
        [b'{' | b'}', b' ', b'[', b'0'..=b'9', ..] if contains_within(text, " bytes data]", 64) => CurlLine::Noise,
        [b'{' | b'}', b' ', b'[', b'd', ..] if text[2..] == *"[data not shown]" => CurlLine::Noise,
        [b'W', ..] if text.starts_with("Warning: ") => CurlLine::Warning(&text[9..]),
        [b'c', b'u', b'r', b'l', ..] => failure(text).unwrap_or(CurlLine::Plain),
        [b' ' | b'0'..=b'9' | b'\r' | b'#', ..] => meter(text),
        _ => CurlLine::Plain,
    }
}

/// True when a line can only be curl's: where a transcript without its command may begin.
pub(super) fn begins(text: &str) -> bool {
    match classify(text) {
        CurlLine::Info(words) => STARTS.iter().any(|start| words.starts_with(start)),
        CurlLine::Sent(words) => start_line::request_line(words).is_some(),
        CurlLine::Received(words) => start_line::status_line(words).is_some(),
        CurlLine::Failure(..) => true,
        CurlLine::Noise => contains_within(text, "% Total", 12) || text.trim_start().starts_with(['{', '}']),
        CurlLine::Warning(_) | CurlLine::Plain => is_trace(text),
    }
}

/// `== Info:`, `=> Send header, 83 bytes (0x53)`, `<= Recv data, 5 bytes (0x5)`.
pub(super) fn is_trace(text: &str) -> bool {
    let text = without_time(text);
    ["== Info:", "=> Send ", "<= Recv "].iter().any(|mark| text.starts_with(mark))
}

/// Removes what `--trace-time` and `--trace-ids` put in front: `10:12:44.123456 [0-0] `.
pub(super) fn without_time(text: &str) -> &str {
    let bytes = text.as_bytes();
    let mut rest = text;
    if bytes.first().is_some_and(u8::is_ascii_digit) && bytes.get(2) == Some(&b':') && bytes.get(8) == Some(&b'.') {
        let length = bytes.iter().take(20).take_while(|b| b.is_ascii_digit() || matches!(b, b':' | b'.')).count();
        if length >= 12 && bytes.get(length) == Some(&b' ') {
            rest = &text[length + 1..];
        }
    }
    if let Some(inner) = rest.strip_prefix('[')
        && let Some(close) = inner.bytes().take(16).position(|b| b == b']')
        && inner.as_bytes()[..close].iter().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'x'))
        && inner.as_bytes()[..close].contains(&b'-')
        && let Some(after) = inner[close + 1..].strip_prefix(' ')
        && after.starts_with(['*', '>', '<', '=', '{', '}'])
    {
        rest = after;
    }
    rest
}

/// The beginnings of curl's informative lines, as `infof()` prints them over the versions.
pub(super) fn is_known_info(words: &str) -> bool {
    KNOWN.iter().any(|known| words.starts_with(known))
}

/// The ones that no bullet of a list begins with: where a transcript may begin.
const STARTS: &[&str] = &[
    "Trying ",
    "About to connect() to",
    "Connected to ",
    "Established connection to",
    "Could not resolve",
    "Couldn't resolve",
    "Hostname ",
    "Rebuilt URL to",
    "Uses proxy env variable",
    "Re-using existing connection",
    "Reusing existing http",
    "Establish HTTP proxy tunnel",
    "connect to ",
    "Failed to connect to",
    "Immediate connect fail",
    "ALPN",
    "SSL connection using",
    "TLSv1",
    "TLS 1",
    "SSLv3, TLS",
    "SSLv2",
    "SSL certificate ",
    "SSL: ",
    "schannel:",
    "OpenSSL SSL_connect",
    "Server certificate:",
    "[HTTP/2] [",
    "[HTTP/3] [",
    "h2h3 [",
    "h2 [",
    "h3 [",
    "Using HTTP2",
    "using HTTP/",
    "Issue another request to this URL",
    "upload completely sent off",
    "We are completely uploaded",
    "Request completely sent off",
    "Empty reply from server",
    "Connection #",
    "Closing connection",
    "Recv failure: ",
    "Send failure: ",
    "Operation timed out after",
    "Connection timed out after",
    "Resolving timed out after",
    "HTTP/2 stream ",
    "processing: ",
    "STATE: ",
    "Received HTTP code ",
    "Host ",
    "Note: Unnecessary use",
    "TCP_NODELAY set",
    "error:",
    "unable to get local issuer",
    "Switch from ",
    "Mark bundle as",
];

const KNOWN: &[&str] = &[
    "Trying ",
    "About to connect",
    "Connected to ",
    "Established connection to",
    "Could not resolve",
    "Couldn't resolve",
    "Host ",
    "Hostname ",
    "Rebuilt URL to",
    "Added ",
    "IPv4:",
    "IPv6:",
    "Uses proxy env variable",
    "Connection #",
    "Connection timed out",
    "Connection refused",
    "Connection reset",
    "Connection died",
    "Connection failed",
    "Connection cache is full",
    "Connection state changed",
    "Connection 0 ",
    "Closing connection",
    "Operation timed out",
    "Resolving timed out",
    "Name lookup timed out",
    "Proxy CONNECT aborted",
    "connect to ",
    "Immediate connect fail",
    "Failed to connect",
    "Failed to set",
    "couldn't connect",
    "ALPN",
    "NPN",
    "SSL",
    "TLS",
    "schannel:",
    "OpenSSL",
    "GnuTLS",
    "LibreSSL",
    "Server certificate",
    "Server auth using",
    "Proxy auth using",
    "subject:",
    "issuer:",
    "start date:",
    "expire date:",
    "subjectAltName",
    "common name:",
    "Certificate level",
    "CAfile:",
    "CApath:",
    "Cipher selection",
    "successfully set certificate",
    "error setting certificate",
    "error:",
    "unable to ",
    "Using HTTP2",
    "using HTTP/",
    "Using Stream ID",
    "Using HTTP/",
    "h2h3 [",
    "h2 [",
    "h3 [",
    "[HTTP/2]",
    "[HTTP/3]",
    "HTTP/2 stream",
    "http2 error",
    "HTTP 1.0, assume close",
    "HTTP error before end of send",
    "HTTP/1.1 connection not",
    "Empty reply from server",
    "Recv failure",
    "Send failure",
    "upload completely sent off",
    "We are completely uploaded",
    "Request completely sent off",
    "Mark bundle",
    "Found bundle",
    "Re-using existing",
    "Reusing existing",
    "Issue another request",
    "Switch ",
    "Switched ",
    "Stick to",
    "Method changed",
    "Maximum ",
    "Ignoring the response-body",
    "Please rewind output",
    "Need to rewind",
    "Establish HTTP proxy tunnel",
    "Proxy replied",
    "Received HTTP code",
    "CONNECT ",
    "Proxy Connect",
    "allocate connect buffer",
    "TUNNEL_STATE",
    "Received HTTP/0.9",
    "The requested URL returned error",
    "transfer closed",
    "Transfer died",
    "Excess found",
    "Leftovers after chunking",
    "Simulate a HTTP 304",
    "Done waiting for 100-continue",
    "Expire in",
    "STATE:",
    "multi_done",
    "processing:",
    "Note: ",
    "TCP_NODELAY",
    "NTLM",
    "Authentication problem",
    "Server doesn't support",
    "old SSL session",
    "Unsupported SSL",
    "Unsupported proxy",
    "skipping SSL",
    "WARNING:",
    "Curl_",
    "Problem ",
    "Send:",
    "QUIC",
    "Sending ",
    "getaddrinfo",
    "timeout on name lookup",
    "socks",
    "SOCKS",
    "Can't complete SOCKS",
    "Peer certificate",
    "Certificate ",
    "The cert",
    "unknown CA",
    "nghttp2",
    "Unable to ",
    "Kerberos",
    "gss_",
    "Initializing NSS",
    "NSS ",
    "warning: ",
    "Couldn't find host",
    "client certificate",
    "Too old connection",
    "Server ",
    "Proxy ",
    "Previous ",
    "http/",
    "using ",
    "h2: ",
    "connection ",
    "dns ",
    "DNS",
    "public key hash",
    "OCSP",
];

fn failure(text: &str) -> Option<CurlLine<'_>> {
    let rest = text.strip_prefix("curl: (")?;
    let digits = rest.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let code = rest[..digits].parse().ok()?;
    Some(CurlLine::Failure(code, rest[digits..].strip_prefix(')')?.trim()))
}

/// The progress meter: its two heading lines and its rows, which may hold an error line at their end.
fn meter(text: &str) -> CurlLine<'_> {
    // Rows overwrite each other with carriage returns; the last one is what remains on screen.
    let last = text.rsplit('\r').next().unwrap_or(text);
    let mut limit = last.len().min(200);
    while !last.is_char_boundary(limit) {
        limit -= 1;
    }
    let head = &last[..limit];
    if let Some(at) = head.find("curl: (") {
        return failure(&last[at..]).unwrap_or(CurlLine::Plain);
    }
    let trimmed = head.trim_start();
    if trimmed.starts_with("% Total") || trimmed.starts_with("Dload ") {
        return CurlLine::Noise;
    }
    let columns = trimmed.split_whitespace().take(14).count();
    let clocks = trimmed.split_whitespace().filter(|word| is_clock(word)).count();
    let numbers = trimmed.starts_with(|c: char| c.is_ascii_digit());
    if numbers && (11..=13).contains(&columns) && clocks >= 2 { CurlLine::Noise } else { CurlLine::Plain }
}

fn is_clock(word: &str) -> bool {
    word.bytes().filter(|b| *b == b':').count() == 2
        && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, expected) in [
            ("*   Trying 192.0.2.1:443...", CurlLine::Info("Trying 192.0.2.1:443...")),
            ("10:12:44.123456 [0-0] * Connected to x", CurlLine::Info("Connected to x")),
            ("> GET / HTTP/1.1", CurlLine::Sent("GET / HTTP/1.1")),
            ("> ", CurlLine::Sent("")),
            (">", CurlLine::Sent("")),
            ("< HTTP/2 404 ", CurlLine::Received("HTTP/2 404")),
            ("<html>", CurlLine::Plain),
            ("{ [1256 bytes data]", CurlLine::Noise),
            ("{ \"a\": 1 }", CurlLine::Plain),
            ("curl: (6) Could not resolve host: x", CurlLine::Failure(6, "Could not resolve host: x")),
            (
                "  0     0    0     0    0     0      0      0 --:--:--  0:00:05 --:--:--     0curl: (28) Timeout",
                CurlLine::Failure(28, "Timeout"),
            ),
            ("  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current", CurlLine::Noise),
            ("100   162  100   162    0     0   1024      0 --:--:-- --:--:-- --:--:--  1025", CurlLine::Noise),
            ("404", CurlLine::Plain),
            ("curl -v x", CurlLine::Plain),
            ("", CurlLine::Plain),
        ] {
            assert_eq!(classify(text), expected, "{text}");
        }
        assert!(!begins("* Server returns 500") && !begins("* Note: x"));
        assert!(begins("== Info: Connected to x") && !begins("* a bullet") && !begins("> quoted words"));
    }
}

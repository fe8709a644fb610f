//! What a sentence in a log tells of a request and its answer: `GET https://… -> 503`,
//! `Post "https://…": …`, `status code 429`, `Response status: 503, Slow Down`.
//!
//! Only clear positions count; a three-digit number somewhere is no status. This file refuses to
//! know log formats: it is given the words alone.

use super::json;
use crate::embedded;
use firstfault_model::{Body, Call, Span, Vantage};

/// What words tell of an exchange.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Exchange<'a> {
    pub method: Option<&'static str>,
    pub url: Option<&'a str>,
    /// Scheme and host, where they stand apart from the path.
    pub origin: Option<&'a str>,
    pub status: Option<u16>,
    pub reason: Option<&'a str>,
    /// Where the status stands in the words.
    pub status_at: usize,
    /// Milliseconds.
    pub duration: Option<f64>,
    pub attempt: Option<u32>,
    pub side: Side,
}

/// Who made the call that the words tell of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Side {
    /// They do not say.
    #[default]
    Unknown,
    /// The program that speaks: it names an absolute URL.
    Client,
}

/// No more of a line than that is searched, so that a huge one costs little.
const LIMIT: usize = 8 * 1024;

/// Longest first where one begins another.
const METHODS: [&str; 7] = ["OPTIONS", "DELETE", "PATCH", "POST", "HEAD", "PUT", "GET"];

/// Phrases after which a status stands, and whether they say so plainly. After the others the number
/// must also end the phrase or be followed by its reason.
const BEFORE_STATUS: &[(&str, bool)] = &[
    ("status code", true),
    ("statuscode", true),
    ("status_code", true),
    ("status", true),
    ("response code", true),
    ("http code", true),
    ("http status", true),
    ("http error", true),
    ("httpcode", true),
    ("[http", true),
    ("http/1.1\"", true),
    ("http/1.0\"", true),
    ("http/2.0\"", true),
    ("http/2\"", true),
    ("http/1.1", true),
    ("http/1.0", true),
    ("http/2.0", true),
    ("http/2", true),
    ("http", true),
    ("->", false),
    ("→", false),
    ("<--", false),
    ("code", false),
    ("returned", false),
    ("returned a", false),
    ("returned an", false),
    ("returned http", false),
    ("responded", false),
    ("responded with", false),
    ("responded with a", false),
    ("response", false),
    ("got", false),
    ("got a", false),
    ("received", false),
    ("received a", false),
    ("completed", false),
    ("failed with", false),
    ("resulted in a", false),
    ("resulted in", false),
    ("answered", false),
    ("answer", false),
    ("server error", false),
    ("client error", false),
    ("ms -", false),
];

/// Reason phrases of RFC 9110 and the registry, which make a number before them a status.
const REASONS: &[(u16, &str)] = &[
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (204, "No Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (301, "Moved Permanently"),
    (302, "Found"),
    (303, "See Other"),
    (304, "Not Modified"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Payload Too Large"),
    (413, "Request Entity Too Large"),
    (413, "Content Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (419, "Page Expired"),
    (421, "Misdirected Request"),
    (422, "Unprocessable"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (451, "Unavailable For Legal Reasons"),
    (499, "Client Closed Request"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (503, "Service Temporarily Unavailable"),
    (503, "Slow Down"),
    (504, "Gateway Timeout"),
    (504, "Gateway Time-out"),
    (505, "HTTP Version Not Supported"),
    (507, "Insufficient Storage"),
    (508, "Loop Detected"),
    (511, "Network Authentication Required"),
];

/// Parts of the names of loggers by which HTTP clients speak of their own calls.
const CLIENT_LOGGERS: &[&str] = &[
    "urllib3",
    "requests.",
    "httpx",
    "httpcore",
    "aiohttp.client",
    "botocore",
    "boto3",
    "hyper::client",
    "hyper::proto::h1",
    "hyper_util::client",
    "reqwest",
    "ureq",
    "okhttp",
    "retrofit",
    "org.apache.http",
    "org.apache.hc",
    "feign",
    "resttemplate",
    "webclient",
    "reactor.netty.http.client",
    "java.net.http",
    "system.net.http",
    "httpclient",
    "faraday",
    "excon",
    "net::http",
    "httparty",
    "awsclient",
    "pocohttpclient",
    "axios",
    "guzzle",
    "resty",
    "retryablehttp",
    "openai._base_client",
    "stripe",
    "googleapiclient",
    "google.auth.transport",
    "msal",
    "azure.core.pipeline",
    "dio",
    "netty.http.client",
];

/// True when a logger's name is that of an HTTP client or SDK.
pub(crate) fn is_client_logger(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    CLIENT_LOGGERS.iter().any(|part| lower.contains(part))
}

/// Reads the words.
pub(crate) fn exchange(words: &str) -> Exchange<'_> {
    let mut end = words.len().min(LIMIT);
    while !words.is_char_boundary(end) {
        end -= 1;
    }
    let words = &words[..end];
    let mut found = Exchange::default();
    let after = target(words, &mut found);
    status(words, after, &mut found);
    found.duration = told_duration(words);
    found.attempt = told_attempt(words);
    found
}

/// Sets the response body to the first data embedded in `text`, when that looks like an answer and
/// the record failed or says that it is one. `place` gives the span of a byte range of `text`.
pub(crate) fn body(slot: &mut Option<Body>, text: &str, failed: bool, place: impl Fn(usize, usize) -> Span) {
    if slot.is_some() || memchr::memchr2(b'{', b'[', text.as_bytes()).is_none() {
        return;
    }
    let Some((start, end, json)) = embedded::find(text) else { return };
    let label = text[..start].trim_end_matches([' ', ':', '=', '"', '\'']);
    let labelled = ["response", "body", "response body", "answer"].iter().any(|word| ends_with_word(label, word));
    let answers = labelled || (failed && is_answer(&json));
    if !answers {
        return;
    }
    // A record's own wrapper (`{"msg":"… Response: {…}"}`) is not the answer; what it quotes is.
    let inner = json::read(&json).and_then(|(node, _)| {
        let quoted =
            node.members().iter().filter(|_| node.members().len() <= 2).filter_map(|(_, member)| member.text());
        let found = quoted.filter(|text| text.contains('{')).filter_map(embedded::find);
        found.map(|(.., json)| json).find(|json| is_answer(json))
    });
    *slot = Some(Body::bounded(&inner.unwrap_or(json), place(start, end)));
}

/// True for JSON that looks like the body of an answer: it names an error, or a message and little else.
pub(crate) fn is_answer(json: &str) -> bool {
    const MEMBERS: [&str; 24] = [
        "error",
        "errors",
        "message",
        "error_description",
        "error_code",
        "errorCode",
        "errorMessage",
        "error_message",
        "code",
        "detail",
        "details",
        "title",
        "fault",
        "type",
        "description",
        "msg",
        "status",
        "ok",
        "success",
        "exceptions",
        "problem",
        "Message",
        "Error",
        "Code",
    ];
    const CONTEXT: [&str; 7] = ["exception", "userId", "stack", "headers", "config", "file_line", "referenced_errors"];
    let Some((node, _)) = json::read(json) else { return false };
    let object = node.elements().first().unwrap_or(&node);
    let names = object.members().iter().map(|(name, _)| name.as_ref());
    let mut answer = false;
    for name in names {
        if CONTEXT.contains(&name) {
            return false;
        }
        answer |= MEMBERS.contains(&name);
    }
    answer
}

/// The method and target; returns where they end, zero when there are none.
fn target<'a>(words: &'a str, found: &mut Exchange<'a>) -> usize {
    let bytes = words.as_bytes();
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|b| matches!(b, b'G' | b'P' | b'D' | b'H' | b'O')) {
        at += offset;
        let bounded = at == 0 || !bytes[at - 1].is_ascii_alphanumeric() && bytes[at - 1] != b'_';
        let method = METHODS.iter().find(|method| {
            bytes.get(at..at + method.len()).is_some_and(|token| {
                // `Post "https://…"` is how Go's net/http names a call.
                token == method.as_bytes()
                    || (token.eq_ignore_ascii_case(method.as_bytes()) && token[1..].iter().all(u8::is_ascii_lowercase))
            })
        });
        if let (true, Some(method)) = (bounded, method) {
            let titled = bytes[at + 1].is_ascii_lowercase();
            if let Some((start, end)) = url_after(words, at + method.len(), titled) {
                let url = &words[start..end];
                found.method = Some(method);
                found.url = Some(url);
                if url.contains("://") {
                    found.side = Side::Client;
                } else if let Some(origin) = origin_before(words, at) {
                    // urllib3: `https://api.example.com:443 "DELETE /v2/tags/91 HTTP/1.1" 204 0`.
                    found.side = Side::Client;
                    found.origin = Some(origin);
                }
                return end;
            }
        }
        at += 1;
    }
    // Without a method, an absolute URL still names the target when the words say so plainly.
    const LABELS: [&str; 10] =
        ["url=", "URL=", "uri=", "URI=", "url: ", "URL: ", "url '", "requesting ", "request to ", "for url: "];
    for label in LABELS {
        if let Some(place) = words.find(label) {
            let from = place + label.len();
            if let Some((start, end)) = url_after(words, from, true) {
                found.url = Some(&words[start..end]);
                found.side = Side::Client;
                return end;
            }
        }
    }
    // `https://… validation response: {…}`: a URL of which an answer is told.
    if let Some(start) = words.find("https://").or_else(|| words.find("http://"))
        && let Some((start, end)) = url_after(words, start, true)
    {
        const TOLD: [&str; 6] = ["response", "responded", "returned", "answered", "failed", "replied"];
        let told =
            words[end..].split_ascii_whitespace().take(3).any(|word| TOLD.contains(&word.trim_end_matches([':', ','])));
        if told && words[end..].starts_with(' ') {
            found.url = Some(&words[start..end]);
            found.side = Side::Client;
            return end;
        }
    }
    // Pairs behind the words: `request failed method=GET path=/x status=500`.
    for label in [" path=/", " uri=/", " path=\"/", " uri=\"/"] {
        if let Some(place) = words.find(label)
            && let Some((start, end)) = url_after(words, place + label.find('=').unwrap_or(0), false)
        {
            found.url = Some(&words[start..end]);
            let method = words.find("method=").map(|at| words[at + 7..].trim_start_matches('"'));
            found.method = method.and_then(|rest| METHODS.iter().find(|method| rest.starts_with(**method)).copied());
            // What follows a path among pairs is no status unless it says so.
            return 0;
        }
    }
    if words.contains("https response error") {
        // The AWS SDKs for Go speak of calls that they made.
        found.side = Side::Client;
    }
    0
}

/// The URL or path that begins at `at`, after spaces, a colon or a quote; `absolute` demands a scheme.
fn url_after(words: &str, at: usize, absolute: bool) -> Option<(usize, usize)> {
    let rest = words.get(at..)?;
    let skipped = rest.bytes().take(12).take_while(|b| b" \"'`:[<\\=".contains(b)).count();
    let start = at + skipped;
    let url = &words[start..];
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    if !(is_url || (!absolute && skipped > 0 && url.starts_with('/'))) {
        return None;
    }
    let length = url
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '>' | '<' | '\\' | '|'))
        .unwrap_or(url.len());
    let url = url[..length].trim_end_matches([':', ',', ';', '.', ')', ']', '}']);
    let complete = if is_url { url.len() > 8 } else { true };
    complete.then_some((start, start + url.len()))
}

/// An origin such as `https://api.example.com:443` just before `at`.
fn origin_before(words: &str, at: usize) -> Option<&str> {
    let before = words[..at].trim_end_matches(['"', ' ', '\'']);
    let token = before.rsplit(' ').next()?;
    (token.starts_with("http://") || token.starts_with("https://")).then_some(token)
}

/// A status in a clear position.
fn status<'a>(words: &'a str, after_url: usize, found: &mut Exchange<'a>) {
    let bytes = words.as_bytes();
    let mut best: Option<(u8, usize, u16)> = None;
    let mut at = 0;
    while at + 3 <= bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let run = bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
        if run == 3 && matches!(bytes[at], b'1'..=b'5') {
            let code = bytes[at..at + 3].iter().fold(0_u16, |sum, b| sum * 10 + u16::from(b - b'0'));
            if let Some(rank) = rank(words, at, code, after_url)
                && best.is_none_or(|(known, ..)| rank > known)
            {
                best = Some((rank, at, code));
            }
        }
        at += run;
    }
    if let Some((_, at, code)) = best {
        found.status = Some(code);
        found.status_at = at;
        found.reason = reason(words, at, code);
    }
}

/// How clear the position of a number is: 3 with its reason or a plain phrase, 2 after the target,
/// 1 after a phrase that also means other things; `None` when it is just a number.
fn rank(words: &str, at: usize, code: u16, after_url: usize) -> Option<u8> {
    let bytes = words.as_bytes();
    let next = bytes.get(at + 3).copied().unwrap_or(b' ');
    // `500ms`, `10.500`, `503/tcp`, `1,500`: parts of other things.
    let fraction = next == b'.' && bytes.get(at + 4).is_some_and(u8::is_ascii_digit);
    if next.is_ascii_alphanumeric() || matches!(next, b'_' | b'/' | b'%' | b'-') || fraction {
        return None;
    }
    // What decides stands close by; a far look back would be quadratic on a hostile line.
    let mut near = at.saturating_sub(512);
    while !words.is_char_boundary(near) {
        near += 1;
    }
    let before = &words[near..at];
    let previous = before.bytes().next_back().unwrap_or(b' ');
    if previous.is_ascii_alphanumeric()
        || matches!(previous, b'.' | b'/' | b'-' | b'+' | b'#' | b'$') && !before.ends_with("->")
    {
        return None;
    }
    let inside_url =
        before.rsplit(' ').next().is_some_and(|token| token.contains("://") && !token.contains([',', '"', '\'']));
    if inside_url {
        return None;
    }
    let with_reason = reason(words, at, code).is_some();
    let trimmed = before.trim_end_matches([' ', ':', '=', '(', '[', '\'', '"', '`', '\\', '#']);
    let phrase = BEFORE_STATUS.iter().find(|(phrase, _)| ends_with_word(trimmed, phrase));
    const FOLLOWING: [&str; 12] =
        ["error", "status", "response", "from", "for", "(", "-", "on", "in", "after", "with", "and"];
    let rest = words[at + 3..].trim_start();
    let closed =
        rest.is_empty() || b",;:)]}\"'`.\\".contains(&next) || FOLLOWING.iter().any(|word| rest.starts_with(word));
    match phrase {
        Some((_, true)) => Some(4),
        Some((_, false)) if with_reason => Some(4),
        _ if with_reason => Some(3),
        Some((_, false)) if matches!(previous, b'`' | b'"' | b'\'') => Some(3),
        Some((_, false)) if closed => Some(if after_url > 0 { 3 } else { 1 }),
        // `GET /x 429`, `GET /x: 422 words`, `"GET /x HTTP/1.1" 500`, `GET /x: (7.05µs) 429`, `GET /x - - - 500 12`.
        // A bracket that the number does not close holds a quantity: `(412 MB)`.
        _ if words[..at].ends_with('(') && !words[at + 3..].starts_with(')') => None,
        _ if after_url > 0 && at > after_url && is_gap(&words[after_url..at]) => Some(2),
        _ => None,
    }
}

/// True when only punctuation, a protocol and a duration stand between a target and a number.
fn is_gap(between: &str) -> bool {
    if between.len() > 64 {
        return false;
    }
    between.split_ascii_whitespace().all(|token| {
        let core = token.trim_matches(['"', '\'', '`', ':', '-', '>', '|', ',', '(', ')', '[', ']']);
        core.is_empty() || core.starts_with("HTTP/") || duration(core).is_some_and(|(_, length)| length == core.len())
    })
}

/// True when `text` ends in `phrase`, in any case, at a word boundary.
fn ends_with_word(text: &str, phrase: &str) -> bool {
    let Some(start) = text.len().checked_sub(phrase.len()) else { return false };
    let tail = &text.as_bytes()[start..];
    let before = start.checked_sub(1).map_or(b' ', |at| text.as_bytes()[at]);
    // `120.5ms - 503`: a unit stands right behind its number.
    let unit = phrase.starts_with("ms") && before.is_ascii_digit();
    let bounded = unit || !before.is_ascii_alphanumeric() || !phrase.as_bytes()[0].is_ascii_alphanumeric();
    // `errorStatus=` and `httpStatus=` end in the word as camel case does.
    let camel = tail[0].is_ascii_uppercase();
    tail.eq_ignore_ascii_case(phrase.as_bytes()) && (bounded || camel)
}

/// The reason phrase that stands after the number at `at`, when it is one of the code's own.
fn reason(words: &str, at: usize, code: u16) -> Option<&str> {
    let rest = words.get(at + 3..)?;
    let skipped =
        rest.bytes().take(4).take_while(|b| matches!(b, b' ' | b':' | b'(' | b',' | b'-' | b'"' | b'\'')).count();
    let text = &rest[skipped..];
    let (_, phrase) = REASONS.iter().find(|(known, phrase)| {
        *known == code && text.get(..phrase.len()).is_some_and(|start| start.eq_ignore_ascii_case(phrase))
    })?;
    text.get(..phrase.len())
}

/// A number with a unit at the start of `text`: milliseconds, and its length. Go's compound form
/// (`1m2.5s`) is one duration.
pub(crate) fn duration(text: &str) -> Option<(f64, usize)> {
    const UNITS: &[(&str, f64)] = &[
        ("milliseconds", 1.0),
        ("msec", 1.0),
        ("ms", 1.0),
        ("us", 1e-3),
        ("µs", 1e-3),
        ("μs", 1e-3),
        ("ns", 1e-6),
        ("seconds", 1e3),
        ("secs", 1e3),
        ("sec", 1e3),
        ("s", 1e3),
        ("min", 6e4),
        ("m", 6e4),
        ("h", 3.6e6),
    ];
    let (mut total, mut at) = (0.0, 0);
    for _ in 0..4 {
        let rest = &text[at..];
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let Ok(number) = rest[..digits].parse::<f64>() else { break };
        let unit_at = digits + usize::from(at == 0 && rest[digits..].starts_with(' '));
        let Some((unit, factor)) = UNITS.iter().find(|(unit, _)| rest[unit_at..].starts_with(unit)) else { break };
        let end = unit_at + unit.len();
        let next = rest[end..].chars().next().unwrap_or(' ');
        if next.is_alphabetic() {
            break;
        }
        total += number * factor;
        at += end;
        if !next.is_ascii_digit() {
            break;
        }
    }
    (at > 0).then_some((total, at))
}

/// A duration that the words give for the call: `(7.054µs)`, `in 12ms`, `duration: 297.756355ms`.
fn told_duration(words: &str) -> Option<f64> {
    for label in
        ["duration: ", "duration=", "Duration: ", "took ", "elapsed ", "elapsed: ", " in ", "(", " - ", "latency="]
    {
        let mut from = 0;
        // A few tries per label are enough, and keep a line of parentheses cheap.
        for _ in 0..8 {
            let Some(offset) = words[from..].find(label) else { break };
            from += offset + label.len();
            if let Some((millis, length)) = duration(&words[from..]) {
                let closed = !label.ends_with('(') || words[from + length..].starts_with(')');
                if closed {
                    return Some(millis);
                }
            }
        }
    }
    None
}

/// `attempt 3`, `attempt #3 of 5`, `(attempt 2/5)`, `retry 2`: which attempt it was.
fn told_attempt(words: &str) -> Option<u32> {
    for (label, add) in
        [("Retry attempt ", 1), ("retry #", 1), ("attempt ", 0), ("Attempt ", 0), ("attempt=", 0), ("attempt: ", 0)]
    {
        let Some(offset) = words.find(label) else { continue };
        let rest = words[offset + label.len()..].trim_start_matches('#');
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(number) = rest[..digits.min(4)].parse::<u32>().ok().filter(|n| *n > 0) {
            return Some(number + add);
        }
    }
    None
}

/// Marks that words carry in a form of their own: error codes, gRPC statuses, the gateway's library.
pub(crate) fn marks(call: &mut Call, text: &str, span: Span) {
    let mut end = text.len().min(LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    if let Some(code) = code(text) {
        call.mark("error.code", code, span);
    }
    if let Some(number) = grpc(text) {
        call.mark("grpc.status", number.to_string(), span);
    }
    // Traefik forwards with oxy, which names the server that it asked.
    if text.contains("vulcand/oxy/") {
        call.vantage = Vantage::Gateway;
        call.mark("gateway", "traefik", span);
        if let Some(at) = text.find("Round trip: ")
            && let Some((start, end)) = url_after(text, at + "Round trip: ".len() - 1, true)
        {
            call.mark("upstream.addr", &text[start..end], span);
        }
    }
}

/// A structured code that the words name as such: `ErrorCode=RequestTimeTooSkewed`, `error=invalid_code,`.
fn code(words: &str) -> Option<&str> {
    const LABELS: [&str; 11] = [
        "ErrorCode=",
        "errorCode=",
        "error_code=",
        "error=",
        "err=",
        "errorCode: ",
        "error code: ",
        "Error code: ",
        "(code ",
        "api error ",
        "An error occurred (",
    ];
    for label in LABELS {
        let Some(offset) = words.find(label) else { continue };
        let rest = &words[offset + label.len()..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')).count();
        let code = rest[..length].trim_end_matches('.');
        let next = rest[length..].bytes().next().unwrap_or(b' ');
        let closed = b",;)]\" ".contains(&next) || (next == b':' && label == "api error ");
        if closed && (3..=64).contains(&code.len()) && (code.bytes().any(|b| b.is_ascii_alphabetic()) || code.len() > 3)
        {
            return Some(code);
        }
    }
    None
}

/// The canonical codes of gRPC, in the order of their numbers.
const GRPC_CODES: [&str; 17] = [
    "OK",
    "Canceled",
    "Unknown",
    "InvalidArgument",
    "DeadlineExceeded",
    "NotFound",
    "AlreadyExists",
    "PermissionDenied",
    "ResourceExhausted",
    "FailedPrecondition",
    "Aborted",
    "OutOfRange",
    "Unimplemented",
    "Internal",
    "Unavailable",
    "DataLoss",
    "Unauthenticated",
];

/// The number of a gRPC status: `rpc error: code = Unavailable desc = …`, `StatusCode.UNAVAILABLE`,
/// `"grpc_status":14`.
fn grpc(words: &str) -> Option<usize> {
    for label in [
        "rpc error: code = ",
        "StatusCode.",
        "StatusRuntimeException: ",
        "grpc_status\":",
        "grpc-status: ",
        "grpc_status:",
    ] {
        let Some(offset) = words.find(label) else { continue };
        let rest = &words[offset + label.len()..];
        let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let token = rest[..length].replace('_', "");
        if let Ok(number) = token.parse::<usize>() {
            return (number < GRPC_CODES.len()).then_some(number);
        }
        let token = if token.eq_ignore_ascii_case("cancelled") { "Canceled" } else { token.as_str() };
        return GRPC_CODES.iter().position(|name| name.eq_ignore_ascii_case(token));
    }
    None
}

impl Exchange<'_> {
    /// The URL, with its origin where that stands apart.
    pub fn full_url(&self) -> Option<String> {
        let url = self.url?;
        Some(match self.origin {
            Some(origin) => format!("{}{url}", origin.trim_end_matches('/')),
            None => url.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{duration, exchange};

    #[test]
    fn clear_positions_are_read() {
        // Forms of Go's net/http, urllib3, ASP.NET Core, Rails, Serilog, morgan, kube-apiserver, oxy, Guzzle.
        for (words, method, url, status) in [
            (
                "calls GET https://shop.example.com/v3/carts  n=1  -> 400 Bad Request",
                "GET",
                "https://shop.example.com/v3/carts",
                400,
            ),
            ("Post \"https://api.example.com/v1/x\": dial tcp: refused", "POST", "https://api.example.com/v1/x", 0),
            ("https://shop.example.com:443 \"PATCH /v3/carts/5 HTTP/1.1\" 204 0", "PATCH", "/v3/carts/5", 204),
            (
                "GET /apis/apps/v1/deployments?limit=5: (21.3µs) 429 [[kubectl]",
                "GET",
                "/apis/apps/v1/deployments?limit=5",
                429,
            ),
            (
                "Request finished HTTP/1.1 GET https://localhost:5001/ - 500 - text/plain 12.3ms",
                "GET",
                "https://localhost:5001/",
                500,
            ),
            (
                "Request finished HTTP/1.1 POST http://localhost:5000/x - - - 503 - text/plain 12.3ms",
                "POST",
                "http://localhost:5000/x",
                503,
            ),
            ("Completed 500 Internal Server Error in 12ms", "", "", 500),
            ("Completed 401 in 3ms", "", "", 401),
            ("HTTP GET /x responded 502 in 0.5 ms", "GET", "/x", 502),
            ("PUT /carts/5 409 31 - 2.5 ms", "PUT", "/carts/5", 409),
            ("Response status: 503, Slow Down", "", "", 503),
            ("HTTP status 429: slow down please", "", "", 429),
            ("[HTTP 404] Unable to fetch record", "", "", 404),
            ("StatusCode: 403, RequestID: A1", "", "", 403),
            ("service returned 500", "", "", 500),
            ("got status 409 with words", "", "", 409),
            (
                "Server error: `GET https://shop.example.com/v3/x` resulted in a `520 Unknown Error` response",
                "GET",
                "https://shop.example.com/v3/x",
                520,
            ),
            ("Round trip: http://10.1.2.3:80, code: 504, Length: 15, duration: 12.5ms", "", "", 504),
            ("'504 Gateway Timeout' caused by: x", "", "", 504),
            (
                "GET https://shop.example.com/find?day=2022-02-01: 422 limit is too large",
                "GET",
                "https://shop.example.com/find?day=2022-02-01",
                422,
            ),
            ("Request failed with status code 404", "", "", 404),
            ("Started POST \"/orders\" for 10.0.0.1 at 2020-01-01", "POST", "/orders", 0),
            ("returned 500 rows", "", "", 0),
            ("processed 429 items in 200ms", "", "", 0),
            ("user 404 logged in from 10.0.0.200", "", "", 0),
            ("status 21007", "", "", 0),
            ("listening on port 443", "", "", 0),
            ("GETTING /started", "", "", 0),
            ("", "", "", 0),
            ("é→ 50", "", "", 0),
        ] {
            let found = exchange(words);
            assert_eq!(
                (found.method.unwrap_or(""), found.url.unwrap_or(""), found.status.unwrap_or(0)),
                (method, url, status),
                "{words}"
            );
        }
        assert_eq!(exchange("oxy duration: 297.5ms tls").duration, Some(297.5));
        assert_eq!(exchange("x (attempt 2/5)").attempt, Some(2));
    }

    #[test]
    fn durations_have_units() {
        for (text, millis) in [
            ("1.5s", 1500.0),
            ("79.7ms", 79.7),
            ("1m2.5s", 62_500.0),
            ("6.021 ms", 6.021),
            ("250µs", 0.25),
            ("2h", 7.2e6),
        ] {
            let (found, length) = duration(text).unwrap();
            assert!((found - millis).abs() < 1e-9 && length == text.len(), "{text}");
        }
        for text in ["", "ms", "12", "12 monkeys", "1.2.3s", "é"] {
            assert!(duration(text).is_none(), "{text}");
        }
    }
}

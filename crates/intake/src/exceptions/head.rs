//! The line that an exception begins with: its type and its words, in the spelling of any language,
//! and the further exceptions that one line may hold. It refuses to know stacks and runtimes.

use super::embedded::{Value, parse};
use super::text::{clip, is_word, quoted};

/// How far into a line a type is looked for.
const HEAD_LIMIT: usize = 1024;

/// How many links one line may unroll to.
const LINKS: usize = 12;

/// A type and its words, as they stand in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head<'t> {
    /// `java.net.SocketTimeoutException`, `Errno::ECONNREFUSED`, `TypeError`.
    pub(super) kind: &'t str,
    /// What follows the type.
    pub(super) words: &'t str,
}

/// One exception of a chain, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// The type; empty when only words are known.
    pub(super) kind: String,
    /// The words.
    pub(super) words: String,
}

impl Link {
    /// A link from its parts.
    pub(super) fn new(kind: &str, words: &str) -> Self {
        Self { kind: kind.to_owned(), words: words.trim().to_owned() }
    }

    /// `Type: words`.
    pub(super) fn text(&self) -> String {
        match (self.kind.is_empty(), self.words.is_empty()) {
            (true, _) => self.words.clone(),
            (_, true) => self.kind.clone(),
            _ => format!("{}: {}", self.kind, self.words),
        }
    }
}

/// What programs print in front of the type of an exception that nobody caught.
const LEADS: &[&str] = &[
    "Exception in thread ",
    "Unhandled exception. ",
    "Unhandled Exception: ",
    "Unhandled exception: ",
    "Unhandled rejection ",
    "Uncaught (in promise) ",
    "Uncaught exception: ",
    "Uncaught ",
    "PHP Fatal error:  ",
    "PHP Fatal error: ",
    "Fatal error: ",
    "FATAL EXCEPTION: ",
    "Caused by: ",
    "Exception: ",
    "{ ",
    "[ERROR] ",
    "ERROR: ",
    "Error: ",
    "error: ",
    "E   ",
    "** (",
    "(",
    "\u{2716} ",
];

/// The head that a line begins with, perhaps after the words of whoever reports it.
pub(super) fn at_start(line: &str) -> Option<Head<'_>> {
    let mut rest = clip(line, HEAD_LIMIT).trim_start();
    let mut after_error = None;
    for _ in 0..4 {
        if let Some(head) = exact(rest) {
            // `Error: Foo::Bar: words` says more in its second type, but plain `Error` is a type too.
            let whole = Head { kind: head.kind, words: whole_words(line, head.words) };
            if !matches!(head.kind, "Error" | "Exception") {
                return Some(whole);
            }
            after_error.get_or_insert(whole);
        }
        let Some(lead) = LEADS.iter().find(|lead| rest.starts_with(**lead)) else { break };
        rest = rest[lead.len()..].trim_start();
        if *lead == "Exception in thread " {
            rest = quoted(rest).map_or(rest, |(_, after)| after.trim_start());
        }
    }
    after_error
}

/// The first head anywhere in a line: what a log line carries after its own prefix.
pub(super) fn anywhere(line: &str) -> Option<Head<'_>> {
    let window = clip(line, HEAD_LIMIT);
    let mut from = 0;
    while let Some(found) = find_type_end(window, from) {
        let (start, end) = found;
        if let Some(mut head) = exact(&window[start..]) {
            // `Error: a.b.RequestError` names the type itself behind the word.
            if matches!(head.kind, "Error" | "Exception") {
                head = exact(head.words).unwrap_or(head);
            }
            return Some(Head { kind: head.kind, words: whole_words(line, head.words) });
        }
        from = end;
    }
    None
}

/// `words` is a slice of the clipped line: give it back up to the line's real end.
fn whole_words<'t>(line: &'t str, words: &'t str) -> &'t str {
    let start = (words.as_ptr() as usize).checked_sub(line.as_ptr() as usize);
    start.and_then(|start| line.get(start..)).unwrap_or(words).trim()
}

/// The next run of type characters from `from` on that ends like a type.
fn find_type_end(text: &str, from: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut i = from;
    while i < bytes.len() {
        if !bytes[i].is_ascii_alphabetic() {
            i += 1;
            continue;
        }
        let start = i;
        while i < bytes.len() && is_type_byte(bytes[i]) {
            i += 1;
        }
        if is_type(text[start..i].trim_end_matches([':', '.'])) {
            return Some((start, i));
        }
    }
    None
}

const fn is_type_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$' | b':' | b'\\' | b'/' | b'-')
}

/// A type at the very beginning of `text`, with its delimiter.
pub(super) fn exact(text: &str) -> Option<Head<'_>> {
    let bytes = text.as_bytes();
    if !bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'\\') {
        return None;
    }
    let mut end = 0;
    while end < bytes.len() && is_type_byte(bytes[end]) {
        // A colon is part of a type only when doubled (`OpenSSL::SSL::SSLError`).
        if bytes[end] == b':' {
            if bytes.get(end + 1) == Some(&b':') && bytes.get(end + 2).is_some_and(u8::is_ascii_alphabetic) {
                end += 2;
                continue;
            }
            break;
        }
        end += 1;
    }
    let kind = text[..end].trim_end_matches(['.', '-', '/']);
    let rest = &text[kind.len()..];
    // .NET's generic arity and codes: `RpcException`1`, `SocketException (10061)`, `TypeError [ERR_X]`.
    let delimited = rest.is_empty()
        || rest.starts_with(": ")
        || rest == ":"
        || rest.starts_with(" (")
        || rest.starts_with(" [")
        || rest.starts_with('(') && !rest.starts_with("()")
        || rest.starts_with('[')
        || rest.starts_with(" {")
        || rest.starts_with("{")
        || rest.starts_with(":\n")
        || rest.starts_with('\n')
        || rest.starts_with(") ")
        || rest.starts_with("]: ");
    if !delimited || !is_type(kind) {
        return None;
    }
    let words =
        rest.strip_prefix(':').or_else(|| rest.strip_prefix("]:")).or_else(|| rest.strip_prefix(')')).unwrap_or(rest);
    Some(Head { kind: kind.trim_start_matches('\\'), words: words.trim() })
}

/// True when a name is that of an exception: by its ending, or by the package of errors it lives in.
pub(super) fn is_type(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "Error",
        "Exception",
        "Failure",
        "Fault",
        "Timeout",
        "Interrupt",
        "Throwable",
        "Refused",
        "Disconnected",
        "IncompleteRead",
        "BadStatusLine",
        "Errored",
        "Panic",
        "Err",
        "TimedOut",
        "Violation",
        "SystemExit",
    ];
    /// Types of well-known clients that are named after a status.
    const STATUSES: &[&str] = &[
        "Unauthorized",
        "Forbidden",
        "NotFound",
        "BadRequest",
        "Conflict",
        "TooManyRequests",
        "UnprocessableEntity",
        "BadGateway",
        "ServiceUnavailable",
        "GatewayTimeout",
        "InternalServerError",
        "RequestTimeout",
        "PreconditionFailed",
        "MethodNotAllowed",
        "Unavailable",
        "PermissionDenied",
        "ResourceExhausted",
        "Unauthenticated",
        "DeadlineExceeded",
        "InvalidArgument",
        "Gone",
        "UnprocessableContent",
        "NotAcceptable",
        "UnsupportedMediaType",
        "Throttled",
        "RateLimited",
        "RateLimitReached",
    ];
    if name.len() < 3 || name.len() > 200 || name.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let last = name.rsplit(['.', ':', '\\', '/', '$', '-']).next().unwrap_or(name);
    let qualified = last.len() < name.len();
    let capital = last.starts_with(|c: char| c.is_ascii_uppercase());
    if capital && ENDINGS.iter().any(|e| last.ends_with(e)) {
        return true;
    }
    if !qualified || name.contains("//") {
        return false;
    }
    if name.contains(['.', ':', '$']) && STATUSES.contains(&last) {
        return true;
    }
    // `HttpClientErrorException$Unauthorized`, `stripe.error.CardError`, `Errno::ECONNREFUSED`, `psycopg2.errors.Foo`
    let home = &name[..name.len() - last.len()];
    let of_errors = home.split(['.', ':', '\\', '$']).any(|part| {
        matches!(part, "exceptions" | "errors" | "error" | "Errno" | "Exceptions" | "Errors" | "Error")
            || part.ends_with("Exception")
    });
    of_errors && capital
        || matches!(
            name,
            "socket.timeout" | "socket.gaierror" | "socket.herror" | "socket.error" | "ssl.error" | "select.error"
        )
        || matches!(name, "pycurl.error" | "zlib.error" | "asyncio.TimeoutError" | "concurrent.futures.TimeoutError")
}

/// The further exceptions that the words of one hold: `(Caused by X('…'))`, ` ---> Y: …`,
/// `; nested exception is Z: …`, `a.b.X: words`, `source: hyper::Error(…)`. Gives the words that
/// are left to the outer one, and the inner ones in order, the root last.
pub(super) fn unroll(words: &str) -> (String, Vec<Link>) {
    let mut links = Vec::new();
    let outer = unroll_into(words, &mut links, 0);
    (outer, links)
}

fn unroll_into(words: &str, links: &mut Vec<Link>, depth: usize) -> String {
    if depth >= LINKS || links.len() >= LINKS {
        return words.to_owned();
    }
    let window = clip(words, super::text::MESSAGE_LIMIT);
    // Python: urllib3 and requests.
    if let Some(at) = window.find("(Caused by ") {
        call_expression(&window[at + 11..], links, depth);
        return window[..at].trim().to_owned();
    }
    // Python: a tuple of words and an exception, as requests prints ProtocolError.
    if (window.starts_with("('") || window.starts_with("(\""))
        && let Value::Array(_) = parse(window).value
    {
        let mut text = String::new();
        arguments(&window[1..], &mut text, links, depth);
        return text;
    }
    for separator in [" ---> ", "; nested exception is ", "; nested: ", "; caused by: ", " caused by: "] {
        if let Some(at) = window.find(separator) {
            let inner = window[at + separator.len()..].trim_start_matches("java.rmi.").trim_start();
            if let Some(head) = exact(inner) {
                push_unrolled(head, links, depth);
                return window[..at].trim().to_owned();
            }
        }
    }
    // Java: the message of a wrapper is its cause's toString().
    if let Some(head) = exact(window) {
        let qualified = head.kind.contains('.') || head.kind.contains("::") || head.kind.ends_with("Exception");
        if qualified && window[head.kind.len()..].starts_with(':') {
            push_unrolled(head, links, depth);
            return String::new();
        }
    }
    // Rust: the last `source:` of a Debug print.
    if let Some(at) = window.find(", source: ").or_else(|| window.find("{ source: ")) {
        let inner = window[at + 10..].trim_end_matches([' ', '}', ')']);
        let inner = inner.strip_prefix("Some(").unwrap_or(inner);
        if inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
            match inner.find(", source: ") {
                Some(_) => {
                    unroll_into(inner, links, depth + 1);
                }
                None => {
                    let end = inner.find(['(', ' ', '{', ',']).unwrap_or(inner.len());
                    let rest = inner[end..].trim_matches([' ', '(', '{']);
                    links.push(Link::new(&inner[..end], rest));
                }
            }
        }
        return window.to_owned();
    }
    words.to_owned()
}

fn push_unrolled(head: Head<'_>, links: &mut Vec<Link>, depth: usize) {
    let place = links.len();
    let words = unroll_into(head.words, links, depth + 1);
    links.insert(place, Link::new(head.kind, &words));
}

/// `Name('words', Other('words'))` → one link for each call, outermost first.
fn call_expression(text: &str, links: &mut Vec<Link>, depth: usize) {
    let end = text.find(|c: char| !(is_word(c) || c == '.')).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if name.is_empty() || depth >= LINKS || links.len() >= LINKS {
        return;
    }
    if let Some(inner) = rest.strip_prefix('(') {
        let place = links.len();
        let mut words = String::new();
        arguments(inner, &mut words, links, depth + 1);
        links.insert(place, Link::new(name, &words));
    } else {
        let words = rest.trim_start_matches([':', ' ']);
        links.push(Link::new(name, words.strip_suffix(')').unwrap_or(words)));
    }
}

/// The arguments of a printed call: strings are its words, calls are further links, numbers stay.
/// Returns what follows the closing bracket.
fn arguments<'t>(text: &'t str, words: &mut String, links: &mut Vec<Link>, depth: usize) -> &'t str {
    let mut rest = text;
    for _ in 0..64 {
        rest = rest.trim_start_matches([',', ' ']);
        let Some(first) = rest.chars().next() else { return rest };
        match first {
            ')' => return &rest[1..],
            '\'' | '"' => {
                let Some((inner, after)) = quoted(rest) else {
                    add_words(words, &rest[1..]);
                    return "";
                };
                // `'<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to …'`
                let plain = inner.strip_prefix('<').and_then(|i| i.split_once(">: ")).map_or(inner, |(_, said)| said);
                add_words(words, &super::embedded::unescape(plain));
                rest = after;
            }
            '<' => rest = rest.find('>').map_or("", |i| &rest[i + 1..]),
            _ => {
                let end = rest.find(|c: char| !(is_word(c) || matches!(c, '.' | '-'))).unwrap_or(rest.len());
                let name = &rest[..end];
                if end == 0 {
                    rest = &rest[first.len_utf8()..];
                } else if rest[end..].starts_with('(') && is_type(name) && depth < LINKS && links.len() < LINKS {
                    let place = links.len();
                    let mut inner = String::new();
                    let after = arguments(&rest[end + 1..], &mut inner, links, depth + 1);
                    links.insert(place, Link::new(name, &inner));
                    rest = after;
                } else {
                    // A number in front of the words is an errno: `104, 'Connection reset by peer'`;
                    // anything else is words without quotes: `0 bytes read`.
                    let raw = rest.find([',', ')']).unwrap_or(rest.len());
                    if name.parse::<i32>().is_ok() && rest[end..].starts_with(',') && words.is_empty() {
                        words.push_str("[Errno ");
                        words.push_str(name);
                        words.push(']');
                    } else {
                        add_words(words, rest[..raw].trim());
                    }
                    rest = &rest[raw..];
                }
            }
        }
    }
    rest
}

fn add_words(words: &mut String, more: &str) {
    // An OpenSSL or resolver message repeats no number: `(1, '[SSL: CERTIFICATE_VERIFY_FAILED] …')`.
    if more.starts_with('[') && words.starts_with("[Errno ") {
        words.clear();
    }
    if !words.is_empty() && !more.is_empty() {
        words.push(' ');
    }
    words.push_str(more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_in_every_spelling() {
        let cases = [
            (
                "java.net.SocketTimeoutException: connect timed out",
                Some(("java.net.SocketTimeoutException", "connect timed out")),
            ),
            ("Exception in thread \"main\" feign.RetryableException: x", Some(("feign.RetryableException", "x"))),
            ("OpenSSL::SSL::SSLError: SSL_connect", Some(("OpenSSL::SSL::SSLError", "SSL_connect"))),
            (
                "Restforce::ResponseError (JSON_PARSER_ERROR: x",
                Some(("Restforce::ResponseError", "(JSON_PARSER_ERROR: x")),
            ),
            ("TypeError [ERR_INVALID_URL]: Invalid URL", Some(("TypeError", "[ERR_INVALID_URL]: Invalid URL"))),
            ("Uncaught (in promise) Error: Network Error", Some(("Error", "Network Error"))),
            (
                "PHP Fatal error:  Uncaught GuzzleHttp\\Exception\\ClientException: Client",
                Some(("GuzzleHttp\\Exception\\ClientException", "Client")),
            ),
            ("socket.timeout: timed out", Some(("socket.timeout", "timed out"))),
            ("** (Mint.TransportError) connection refused", Some(("Mint.TransportError", "connection refused"))),
            ("RestClient::Unauthorized: 401 Unauthorized", Some(("RestClient::Unauthorized", "401 Unauthorized"))),
            ("google.api_core.exceptions.NotFound: 404 x", Some(("google.api_core.exceptions.NotFound", "404 x"))),
            ("Webhook Error: No signatures", None),
            ("api.example.com: x", None),
            ("https://x.example/Error: x", None),
            ("2020-01-01 ok", None),
            ("", None),
        ];
        for (line, expected) in cases {
            assert_eq!(at_start(line).map(|h| (h.kind, h.words)), expected, "{line}");
        }
        assert_eq!(anywhere("x [y] z: java.io.IOException: w").map(|h| h.kind), Some("java.io.IOException"));
    }

    #[test]
    fn one_line_holds_a_chain() {
        let check = |words: &str, outer: &str, inner: &[&str]| {
            let (left, links) = unroll(words);
            assert_eq!(left, outer, "{words}");
            assert_eq!(links.iter().map(Link::text).collect::<Vec<_>>(), inner, "{words}");
        };
        check(
            "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: /v1 (Caused by NewConnectionError('<urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish a new connection: [Errno -2] Name or service not known'))",
            "HTTPSConnectionPool(host='x', port=443): Max retries exceeded with url: /v1",
            &["NewConnectionError: Failed to establish a new connection: [Errno -2] Name or service not known"],
        );
        check(
            "Max retries exceeded (Caused by SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate (_ssl.c:1129)')))",
            "Max retries exceeded",
            &[
                "SSLError",
                "SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate (_ssl.c:1129)",
            ],
        );
        check(
            "('Connection aborted.', ConnectionResetError(104, 'Connection reset by peer'))",
            "Connection aborted.",
            &["ConnectionResetError: [Errno 104] Connection reset by peer"],
        );
        check(
            "I/O error on GET request for \"http://x/y\": Connection refused; nested exception is java.net.ConnectException: Connection refused",
            "I/O error on GET request for \"http://x/y\": Connection refused",
            &["java.net.ConnectException: Connection refused"],
        );
        check("a.b.JsonException: 403 Forbidden", "", &["a.b.JsonException: 403 Forbidden"]);
        check(
            "x ---> System.IO.IOException: y ---> System.Net.Sockets.SocketException: z",
            "x",
            &["System.IO.IOException: y", "System.Net.Sockets.SocketException: z"],
        );
        check(
            "{ kind: Request, url: \"http://x/\", source: hyper::Error(IncompleteMessage) }",
            "{ kind: Request, url: \"http://x/\", source: hyper::Error(IncompleteMessage) }",
            &["hyper::Error: IncompleteMessage"],
        );
    }
}

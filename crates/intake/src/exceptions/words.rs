//! One-line recognisers: URL, method, status, error numbers and codes wherever a message puts them,
//! and the body that it carries. One pass over the words of the message; each word that means
//! something looks at what stands around it. It refuses to know stacks, chains and who speaks.

use super::codes;
use super::embedded;
use super::fill::{mark, mark_node_code, set_body, set_method, set_status, set_url};
use super::text::{MESSAGE_LIMIT, clip, is_word, number, quoted, run, starts_ci, tail};
use firstfault_model::{Call, Span};

/// How a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The words of an exception: a number that they begin with is a status.
    Exception,
    /// The words of anything else.
    Other,
}

/// Applies every recogniser to `text`, and returns the byte range of the body found in it.
pub(super) fn read(text: &str, span: Span, call: &mut Call, reading: Reading) -> Option<(usize, usize)> {
    let (body, range) = match find_body(text, call, reading) {
        Some((start, body)) => {
            let end = start + body.end;
            (Some(body), Some((start, end)))
        }
        None => (None, None),
    };
    let (head, rest) = range.map_or((text, ""), |(start, end)| (&text[..start], text.get(end..).unwrap_or_default()));
    scan_parts(head, rest, span, call, reading);
    if let Some(body) = body {
        set_body(call, &body.text, body.cut, span);
    }
    range
}

/// Applies the recognisers of words, but looks for no body.
pub(super) fn scan(text: &str, span: Span, call: &mut Call, reading: Reading) {
    scan_parts(text, "", span, call, reading);
}

fn scan_parts(head: &str, rest: &str, span: Span, call: &mut Call, reading: Reading) {
    let mut scan = Scan { call, span, reading, tunnel: false, weak_url: None, method: None };
    scan.all(clip(head, MESSAGE_LIMIT));
    scan.reading = Reading::Other;
    scan.all(clip(rest, MESSAGE_LIMIT));
    scan.settle();
}

pub(super) fn is_method(word: &str) -> bool {
    matches!(
        word,
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" | "OPTIONS" | "CONNECT" | "TRACE" | "PROPFIND" | "PURGE"
    )
}

/// The URL that `text` begins with, without what the sentence puts after it.
pub(super) fn url_at(text: &str) -> &str {
    let text = clip(text, 8192);
    let mut end = text
        .find(|c: char| {
            c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '\\' | '|' | '\u{201d}' | '\u{2019}')
        })
        .unwrap_or(text.len());
    for (open, close) in [('(', ')'), ('[', ']'), ('{', '}')] {
        if let Some(at) = text[..end].find(close)
            && !text[..at].contains(open)
        {
            end = at;
        }
    }
    text[..end].trim_end_matches(['.', ',', ';', ':', '!', ')', ']'])
}

/// Where the response body stands in `text`: after a word that announces it, or after the status.
fn find_body(text: &str, call: &Call, reading: Reading) -> Option<(usize, embedded::Body)> {
    let window = clip(text, 4 * MESSAGE_LIMIT);
    let mut tries = 0;
    for (at, b) in window.bytes().enumerate() {
        if !matches!(b, b'{' | b'[' | b'<') {
            continue;
        }
        let rest = &text[at..];
        let inner = rest.strip_prefix('[').filter(|r| r.starts_with("{") || r.starts_with("<")).map_or(0, |_| 1);
        let data = embedded::looks_like_data(rest)
            || b == b'<'
                && ["<?xml", "<!DOCTYPE", "<!doctype", "<html", "<HTML", "<Error", "<error", "<soap"]
                    .iter()
                    .any(|p| rest.starts_with(p));
        if !data {
            continue;
        }
        let before = tail(&window[..at], 160);
        let quoted_keys = b != b'{' || rest[1..].trim_start().starts_with(['"', '\'', '\\', '}']);
        if !announces_body(before, call, reading, quoted_keys) {
            continue;
        }
        tries += 1;
        if tries > 4 {
            return None;
        }
        // Feign and Spring wrap the body in brackets: `: [{…}]`. JSON lists stand after no such colon.
        if inner == 1
            && reading == Reading::Exception
            && before.trim_end().ends_with(':')
            && before.contains("] during [")
            && let Some(found) = embedded::body(&rest[1..])
        {
            return Some((at + 1, found));
        }
        // A quote in front: the body is a quoted string, perhaps with escapes.
        let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
        if let Some(quote) = quote {
            let start = at - quote.len_utf8();
            if let Some((inner, after)) = quoted(&text[start..]) {
                let plain = if inner.contains('\\') { embedded::unescape(inner) } else { inner.to_owned() };
                if let Some(found) = embedded::body(plain.trim()).filter(|f| !f.cut || f.text.starts_with('<')) {
                    let end = text.len() - start - after.len();
                    return Some((start, embedded::Body { end, ..found }));
                }
            }
        }
        if let Some(found) = embedded::body(rest) {
            return Some((at, found));
        }
    }
    None
}

/// True when what stands before an opening bracket says that a response body comes.
fn announces_body(before: &str, call: &Call, reading: Reading, quoted_keys: bool) -> bool {
    let plain = before.trim_end_matches([' ', '"', '\'', '`', '\n', '(', '\t', 'b', '[']);
    let lower: String = tail(plain, 64).to_ascii_lowercase();
    let last = lower.trim_end_matches([':', '=', '-', ' ', '>', ',', '.']);
    let word = last.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
    if matches!(
        word,
        "headers"
            | "params"
            | "request"
            | "payload"
            | "config"
            | "options"
            | "args"
            | "kwargs"
            | "headerdict"
            | "httpheaderdict"
            | "variables"
            | "metadata"
            | "cause"
    ) || last.ends_with("request body")
        || last.ends_with("request data")
        || last.ends_with("headerdict(")
    {
        return false;
    }
    if matches!(
        word,
        "response"
            | "body"
            | "responsebody"
            | "response_body"
            | "content"
            | "returned"
            | "details"
            | "answer"
            | "reply"
            | "received"
            | "got"
            | "message"
            | "responsetext"
            | "output"
    ) || last.ends_with("response data")
        || last.ends_with("error code")
    {
        return word != "message" || reading == Reading::Exception;
    }
    // Right after a type or status: `GoogleServiceException: {`, `Error code: 429 - {`, `403 Forbidden\n{`.
    if reading == Reading::Exception && plain.trim().is_empty() {
        return quoted_keys;
    }
    let status_near = call.status().is_some() && reading == Reading::Exception || has_status(tail(plain, 120));
    status_near
        && (plain.ends_with([':', '-', '>', '=', ',', '.', ')', ']'])
            || before.trim_end_matches([' ', '\t']).ends_with('\n')
            || has_status(tail(plain, 40)))
}

/// True when a status code with its reason phrase, or after `code`/`status`, stands in `text`.
fn has_status(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut i = 0;
    while i + 3 <= bytes.len() {
        let alone = (i == 0 || !bytes[i - 1].is_ascii_alphanumeric())
            && bytes.get(i + 3).is_none_or(|b| !b.is_ascii_alphanumeric());
        if alone
            && bytes[i..i + 3].iter().all(u8::is_ascii_digit)
            && let Ok(code) = text[i..i + 3].parse::<u16>()
        {
            let rest = text[i + 3..].trim_start_matches([' ', '-', ':', '(', ')']);
            let before = text[..i].trim_end_matches([' ', ':', '=', '(', '\'', '"', '[']).to_ascii_lowercase();
            if starts_ci(rest, codes::reason(code))
                || before.ends_with("code")
                || before.ends_with("status")
                || before.ends_with("http")
            {
                return (100..600).contains(&code);
            }
        }
        i += 1;
    }
    false
}

struct Scan<'c> {
    call: &'c mut Call,
    span: Span,
    reading: Reading,
    /// The message is about CONNECT: its status is the proxy's.
    tunnel: bool,
    weak_url: Option<String>,
    method: Option<String>,
}

impl Scan<'_> {
    fn all(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let mut i = 0;
        while i < bytes.len() {
            if !(bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_') {
                i += 1;
                continue;
            }
            let start = i;
            while i < bytes.len() && (bytes[i].is_ascii_alphanumeric() || bytes[i] == b'_') {
                i += 1;
            }
            let skip = self.word(text, start, i);
            i = i.max(skip.min(bytes.len()));
            while !text.is_char_boundary(i) {
                i += 1;
            }
        }
    }

    /// Looks at one word; returns from where to go on.
    fn word(&mut self, text: &str, start: usize, end: usize) -> usize {
        let word = &text[start..end];
        let (before, rest) = (&text[..start], &text[end..]);
        let first = word.as_bytes()[0];
        if first.is_ascii_digit() {
            if word.len() == 3 {
                self.number(word, before, rest);
            }
            return end;
        }
        if rest.starts_with("://") {
            return self.url(text, start, end);
        }
        if word.len() >= 3 && first.is_ascii_uppercase() && self.capital(word, before, rest) {
            return end;
        }
        super::cues::word(self.call, self.span, word, before, rest, &mut self.tunnel);
        match word {
            "status" | "Status" | "statusCode" | "StatusCode" | "status_code" | "httpStatusCode" | "HttpStatusCode"
            | "http_status" => {
                self.status_after(before, rest);
            }
            "code" | "Code" => {
                let before = before.trim_end().to_ascii_lowercase_tail();
                if ["response", "status", "http", "error", "statuscode"].iter().any(|w| before.ends_with(w)) {
                    self.status_after(&before, rest);
                }
            }
            "url" | "path" | "uri" | "URL" => {
                // `with url: /v1` (urllib3)
                if let Some(path) = rest.strip_prefix(": ").filter(|p| p.starts_with('/')) {
                    let path = url_at(path);
                    set_url(self.call, path, self.span);
                }
            }
            "method" => {
                let value = rest.trim_start_matches(['=', ':', ' ', '\'', '"']);
                let (name, _) = run(value, |c| c.is_ascii_alphabetic());
                if is_method(&name.to_ascii_uppercase()) {
                    self.method.get_or_insert_with(|| name.to_owned());
                }
            }
            _ => {}
        }
        end
    }

    /// Words in capitals: methods, errnos, codes. True when the word is settled.
    fn capital(&mut self, word: &str, before: &str, rest: &str) -> bool {
        let upper = is_method(word);
        if upper || matches!(word, "Get" | "Post" | "Put" | "Patch" | "Delete" | "Head" | "Options") {
            let next = rest.trim_start();
            let target = ["http", "\"http", "'http", "`http", "] to [", "/", "\\\"http", "\u{201c}http"]
                .iter()
                .any(|p| next.starts_with(p));
            let said = upper && ["request", "on http", "operation"].iter().any(|p| next.starts_with(p));
            if target && (upper || next.starts_with("\"http")) || said {
                self.method.get_or_insert_with(|| word.to_owned());
                if next.starts_with('/') && self.reading == Reading::Exception {
                    set_url(self.call, url_at(next), self.span);
                }
            }
            return upper;
        }
        let code = word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        if !code || word.len() < 4 {
            return false;
        }
        if codes::is_errno(word) {
            mark(self.call, "errno", word, self.span);
            super::cues::address_after_errno(self.call, self.span, word, before, rest);
            return true;
        }
        if word.starts_with("ERR_") && before.ends_with("net::") || word.starts_with("NS_ERROR_") {
            mark(self.call, "net_error", word, self.span);
            return true;
        }
        if word.starts_with("ERR_")
            || word.starts_with("UND_ERR_")
            || word.starts_with("HPE_")
            || codes::verify_words(word).is_some()
        {
            mark_node_code(self.call, word, self.span);
            return true;
        }
        false
    }

    fn url(&mut self, text: &str, start: usize, end: usize) -> usize {
        let scheme_start = text[..start]
            .rfind(|c: char| !(is_word(c) || matches!(c, '+' | '-')))
            .map_or(0, |i| i + text[i..].chars().next().map_or(1, char::len_utf8));
        let scheme = &text[scheme_start..end];
        let rest = &text[scheme_start..];
        let url = url_at(rest);
        let past = scheme_start + url.len();
        if !matches!(scheme, "http" | "https" | "ws" | "wss" | "HTTP" | "HTTPS") && !scheme.starts_with("http") {
            return past.max(end);
        }
        let before = tail(&text[..scheme_start], 80);
        if is_frame_url(url, before) {
            return past.max(end);
        }
        let words: String =
            before.trim_end_matches(['"', '\'', '`', '(', '[', ' ', ':', '=', '<', '\\']).to_ascii_lowercase();
        let last = words.rsplit(|c: char| !is_word(c)).next().unwrap_or_default();
        let named = matches!(
            last,
            "url"
                | "uri"
                | "endpoint"
                | "requesting"
                | "executing"
                | "fetch"
                | "from"
                | "for"
                | "get"
                | "post"
                | "put"
                | "patch"
                | "delete"
                | "head"
                | "options"
                | "to"
                | "baseurl"
                | "baseaddress"
                | "resource"
                | "reach"
                | "connection"
                | "xmlhttprequest"
                | "calling"
                | "at"
                | "loading"
        );
        let method = text[..scheme_start]
            .trim_end_matches(['"', '\'', '`', ' ', '['])
            .rsplit(|c: char| !c.is_ascii_alphabetic())
            .next()
            .unwrap_or_default();
        let named = named || is_method(method);
        // A page to read, not the address that was called.
        let advice = [
            "see",
            "visit",
            "more",
            "docs",
            "documentation",
            "help",
            "refer",
            "learn",
            "upgrading",
            "info",
            "information",
            "details",
            "here",
            "about",
            "origin",
            "proxy",
        ];
        let is_advice = advice.contains(&last)
            || [
                "more info",
                "documentation",
                "see also",
                "docs at",
                "visit",
                "please see",
                "proxy",
                "from origin",
                "for more",
                "help at",
                "docs",
                "learn more",
            ]
            .iter()
            .any(|w| tail(&words, 40).contains(w));
        let page = [
            "https://docs.",
            "https://developer",
            "https://help.",
            "https://aka.ms/",
            "https://git.io/",
            "https://support.",
            "https://www.w3.org/",
            "http://www.w3.org/",
            "http://schemas.",
            "https://tools.ietf.org",
            "https://developers.",
        ]
        .iter()
        .any(|p| url.starts_with(p));
        let called = is_method(method) || named && !page;
        if called && !is_advice {
            set_url(self.call, url, self.span);
            // go-github and others: `GET https://…: 422 Validation Failed`
            if let Some((status, tail)) = text.get(past..).and_then(|t| t.strip_prefix(": ")).and_then(number)
                && (400..600).contains(&status)
                && tail.starts_with([' ', ':', ','])
            {
                let status = u16::try_from(status).unwrap_or_default();
                set_status(self.call, status, reason_in(status, tail), self.span);
            }
        } else if !is_advice && !page && self.weak_url.is_none() {
            self.weak_url = Some(url.to_owned());
        }
        past.max(end)
    }

    fn number(&mut self, word: &str, before: &str, rest: &str) {
        let Ok(code) = word.parse::<u16>() else { return };
        if !(100..600).contains(&code)
            || rest.starts_with(['.', '%']) && rest[1..].starts_with(|c: char| c.is_ascii_digit())
        {
            return;
        }
        if before.ends_with(['.', '/', '$', '-', '#']) && !before.ends_with("- ") {
            return;
        }
        let trimmed = before.trim_end_matches([' ', '(', '[', '"', '\'', '\u{201c}', ':', '：', '=']);
        let lower = trimmed.to_ascii_lowercase_tail();
        if lower.ends_with("expected") || lower.ends_with("port") || lower.ends_with("line") {
            return;
        }
        let reason = reason_in(code, rest);
        let http = {
            let window = tail(trimmed, 9);
            window.contains("HTTP/")
                || window.ends_with("HTTP")
                || window.ends_with("HttpError")
                || window.ends_with("HTTPError")
        };
        let announced = [
            "response",
            "http error",
            "http",
            "resulted in a",
            "resulted in",
            "failed with",
            "answered with",
            "replied with",
            "returned",
            "httperror",
            "got",
            "statuscode",
            "status",
            "status error",
            "状态码",
            "状态",
        ]
        .iter()
        .any(|w| lower.ends_with(w));
        let opens = self.reading == Reading::Exception
            && code >= 400
            && trimmed.is_empty()
            && (rest.is_empty() || rest.starts_with([' ', ',', ':', ')', ']', '\n', '-', '{']))
            && !["ms", " ms", " s ", " bytes"].iter().any(|u| rest.starts_with(u));
        // Google's .NET errors: `Too many concurrent requests for user [429]`
        let boxed = self.reading == Reading::Exception
            && before.ends_with('[')
            && (rest == "]" || rest.starts_with("]\n"))
            && code >= 400;
        // Link checkers and tunnels: `✗ [504] https://…`, `[400] POST http://…`
        let marked = before.ends_with('[')
            && (rest.starts_with("] http")
                || rest.strip_prefix("] ").is_some_and(|r| is_method(r.split(' ').next().unwrap_or_default())));
        if boxed || marked || reason.is_some() || http || announced && code >= 400 || opens {
            self.status(code, reason, before, rest);
        }
    }

    /// `status: 401`, `status code '407'`, `status of 404 (Not Found)`, `StatusCode=403`.
    fn status_after(&mut self, before: &str, rest: &str) {
        let mut value = rest;
        for _ in 0..4 {
            value = value.trim_start_matches([' ', ':', '=', '\'', '"', '(', '[', '\\', '>']);
            for filler in ["code", "of", "is", "was"] {
                if let Some(next) = value.strip_prefix(filler).filter(|n| n.starts_with([' ', ':', '=', '\''])) {
                    value = next;
                }
            }
        }
        let before = before.trim_end();
        // `Exit status: 101` is a program's, and so is no HTTP status.
        if before.ends_with("xpected") || ["exit", "Exit", "exited with", "EXIT"].iter().any(|w| before.ends_with(w)) {
            return;
        }
        let Some((code, tail)) = number(value) else { return };
        let Ok(code) = u16::try_from(code) else { return };
        if (100..600).contains(&code) && !tail.starts_with(is_word) && value.len() - tail.len() == 3 {
            self.status(code, reason_in(code, tail).or_else(|| in_brackets(tail)), before, tail);
        }
    }

    fn status(&mut self, code: u16, reason: Option<&str>, before: &str, rest: &str) {
        let near = tail(before, 120);
        let connect = self.tunnel
            || ["tunnel", "Tunnel", "CONNECT", "from proxy", "Proxy returns"].iter().any(|w| near.contains(w))
            || starts_ci(rest.trim_start(), "from proxy after connect");
        if connect {
            mark(self.call, "http.connect_status", &code.to_string(), self.span);
            return;
        }
        set_status(self.call, code, reason, self.span);
    }

    fn settle(&mut self) {
        if let Some(url) = self.weak_url.take() {
            let empty = self.call.request.as_ref().is_none_or(|r| r.url.host.is_none() && r.url.path.is_empty());
            if empty {
                set_url(self.call, &url, self.span);
            }
        }
        if let Some(method) = self.method.take() {
            set_method(self.call, &method, self.span);
        }
    }
}

/// A URL inside a stack frame: `(https://app.example/main.js:1:234)`.
fn is_frame_url(url: &str, before: &str) -> bool {
    let last = url.rsplit(':').next().unwrap_or_default();
    let numbered = !last.is_empty()
        && last.bytes().all(|b| b.is_ascii_digit())
        && (url.contains(".js:") || url.contains(".ts:") || url.contains(".mjs:") || url.contains(".html:"));
    numbered && !before.trim_end().ends_with(|c: char| c.is_ascii_uppercase())
}

/// The reason phrase that stands after a code: the standard one as written, requests' words, or in brackets.
fn reason_in(code: u16, rest: &str) -> Option<&str> {
    let words = rest.trim_start_matches([' ', ':', '(', ')', '-', '\'', '"', ']']);
    let phrase = codes::reason(code);
    if starts_ci(words, phrase) {
        // `422 Unprocessable Entity` and `422 Unprocessable Content`; `413 Payload Too Large`
        let (more, _) = run(&words[phrase.len()..], |c| c.is_ascii_alphabetic() || c == ' ');
        let extra = if code == 422 {
            [" Entity", " Content"].iter().find(|e| starts_ci(more, e)).map_or(0, |e| e.len())
        } else {
            0
        };
        return Some(&words[..phrase.len() + extra]);
    }
    // requests: `500 Server Error: Internal Server Error for url: …`
    for kind in ["Client Error: ", "Server Error: "] {
        if let Some(reason) = words.strip_prefix(kind) {
            return Some(reason.split(" for url").next().unwrap_or(reason).split('\n').next().unwrap_or_default());
        }
    }
    for other in [
        "Client Error",
        "Server Error",
        "Unknown Error",
        "No Reason Phrase",
        "Request Entity Too Large",
        "Request-URI Too",
        "Slow Down",
        "Proxy Error",
        "Too Many Requests",
        "Gateway Time-out",
        "Request Time-out",
    ] {
        if starts_ci(words, other) {
            return Some(&words[..other.len()]);
        }
    }
    None
}

/// `(Unauthorized)` after a code, as words.
fn in_brackets(rest: &str) -> Option<&str> {
    let inner = rest.trim_start_matches(['\'', '"']).strip_prefix(" (")?;
    let end = inner.find(')')?;
    let words = &inner[..end];
    (words.len() < 60 && words.chars().all(|c| c.is_ascii_alphabetic() || c == ' ' || c == '-')).then_some(words)
}

/// The end of a text in lower case: enough to look at the words before a place.
trait LowerTail {
    fn to_ascii_lowercase_tail(&self) -> String;
}

impl LowerTail for str {
    fn to_ascii_lowercase_tail(&self) -> String {
        tail(self, 32).to_ascii_lowercase()
    }
}

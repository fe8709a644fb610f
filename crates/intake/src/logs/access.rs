//! Access logs around a quoted request line: the common and combined formats with what nginx,
//! Apache, ingress controllers, Kong, Traefik, Tomcat, gunicorn, uvicorn, werkzeug, Django, aiohttp,
//! API Gateway and others put before and after, and urllib3's line of the same shape.
//!
//! Sources: Apache mod_log_config, nginx ngx_http_log_module and upstream variables, ingress-nginx
//! "Log format", Traefik "Access logs", S3 "Server access log format". It refuses to know formats
//! whose status stands before the request (HAProxy, load balancers).

use super::entry::{Entry, split_request};
use super::scan::{self, Cursor, Field};
use firstfault_model::Vantage;

/// How many fields may stand before the request: prefixes of loggers, vhost, client, ident, user, time.
const FIELDS_BEFORE: usize = 16;

/// Reads a line with a quoted request line that is followed by a status.
pub(super) fn read(text: &str) -> Option<Entry<'_>> {
    // without a quote there is nothing for us; this is the cheap way out
    let first_quote = text.bytes().take(1024).position(|b| b == b'"')?;
    let mut before = Before::default();
    let mut cursor = Cursor::new(text);
    for _ in 0..FIELDS_BEFORE {
        let field = cursor.field()?;
        match field {
            Field::Quoted(request) if is_request(request, &before) => {
                let after = cursor.peek();
                if scan::status(after).is_some() || (before.is_clf && scan::is_no_status(after)) {
                    return Some(entry(text, before, request, cursor));
                }
                // chi: `"GET http://… HTTP/1.1" from 1.2.3.4:5 - 404 19B in 12µs`
                if after == "from" {
                    return chi(request, cursor);
                }
                return None;
            }
            Field::Quoted(other) => before.other = Some(other),
            Field::Bracket(inside) => before.bracket(inside, text, first_quote),
            Field::Word(word) => before.word(word),
        }
    }
    None
}

/// What stood before the request.
#[derive(Default)]
struct Before<'a> {
    words: [&'a str; FIELDS_BEFORE],
    count: usize,
    /// Words after the time.
    late: [&'a str; 4],
    late_count: usize,
    time: Option<&'a str>,
    level: Option<&'static str>,
    logger: Option<&'a str>,
    other: Option<&'a str>,
    /// A time as the common format writes it was seen, so a garbled request is still a request.
    is_clf: bool,
}

impl<'a> Before<'a> {
    fn bracket(&mut self, inside: &'a str, text: &'a str, first_quote: usize) {
        if is_clf_time(inside) && scan::offset_in(text, inside) < first_quote {
            self.time = Some(inside);
            self.is_clf = true;
        } else if let Some(level) = scan::level(inside.trim()) {
            self.level = Some(level);
        } else if self.time.is_none() && inside.len() > 18 && inside.as_bytes()[0].is_ascii_digit() {
            self.time = Some(inside);
        }
    }

    fn word(&mut self, word: &'a str) {
        if self.is_clf {
            if self.late_count < self.late.len() {
                self.late[self.late_count] = word;
                self.late_count += 1;
            }
            return;
        }
        // `INFO:     1.2.3.4:5 -` and `INFO:werkzeug:1.2.3.4 - -`
        if let Some((head, rest)) = word.split_once(':')
            && let Some(level) = scan::level(head)
        {
            self.level = Some(level);
            let (logger, rest) = match rest.split_once(':') {
                Some((logger, rest)) if is_logger(logger) => (Some(logger), rest),
                _ => (None, rest),
            };
            self.logger = logger.or(self.logger);
            if rest.is_empty() {
                return;
            }
            return self.push(rest);
        }
        if let Some(level) = scan::level(word) {
            self.level = Some(level);
            return;
        }
        self.push(word);
    }

    fn push(&mut self, word: &'a str) {
        if self.count < self.words.len() {
            self.words[self.count] = word;
            self.count += 1;
        }
    }

    fn words(&self) -> &[&'a str] {
        &self.words[..self.count]
    }
}

fn is_logger(word: &str) -> bool {
    word.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'))
}

/// `27/Nov/2023:10:00:00 +0000`, and with a space before the time as Python's servers write it.
fn is_clf_time(inside: &str) -> bool {
    let bytes = inside.as_bytes();
    scan::starts_with_shape(bytes, b"dd/aaa/dddd")
        || (scan::starts_with_shape(bytes, b"dddd-dd-dd") && inside.len() > 16)
        || (scan::starts_with_shape(bytes, b"dddd/dd/dd") && inside.len() > 16)
}

fn is_request(text: &str, before: &Before<'_>) -> bool {
    split_request(text).is_some() || before.is_clf
}

fn entry<'a>(text: &'a str, before: Before<'a>, request: &'a str, mut cursor: Cursor<'a>) -> Entry<'a> {
    let mut entry = Entry::new(Vantage::Gateway);
    entry.request_line(request);
    let status = cursor.word().unwrap_or_default();
    entry.answer(status);
    if let Some(time) = before.time {
        entry.mark("time", time);
    }
    if let Some(level) = before.level {
        entry.mark_as("log.level", level, text);
    }
    if let Some(logger) = before.logger {
        entry.mark("log.logger", logger);
    }
    if s3(&mut entry, &before, cursor) {
        return entry;
    }
    client(&mut entry, &before);
    bytes_or_reason(&mut entry, &mut cursor);
    rest(&mut entry, cursor);
    program(&mut entry, &before);
    entry
}

/// Client, vhost and times from the words before the request.
fn client<'a>(entry: &mut Entry<'a>, before: &Before<'a>) {
    let words = before.words();
    // urllib3 and httpx name the peer as a URL: they speak as the client
    if let Some(last) = words.last()
        && let Some(url) = last.rfind("http://").or_else(|| last.rfind("https://")).map(|at| &last[at..])
        && before.time.is_none()
    {
        entry.vantage = Vantage::Client;
        entry.host = Some(url);
        if entry.has("log.logger") {
            return;
        }
        if let Some(logger) = words.iter().find(|word| word.contains("urllib3")) {
            entry.mark("log.logger", logger.trim_matches(|c| matches!(c, '[' | ']' | ':')));
        }
        return;
    }
    let address = words.iter().position(|word| scan::is_address(word));
    match address {
        Some(at) => {
            entry.mark("client.address", words[at].trim_end_matches(','));
            // `www.example.com:443 1.2.3.4 - -`
            if at > 0 && scan::is_host(words[at - 1]) && !words[at - 1].ends_with(".py") {
                entry.host = Some(words[at - 1]);
            }
        }
        // the common format puts host, ident, user before the time; the host may be a name
        None if before.is_clf && words.len() >= 3 && words[0] != "-" => {
            entry.mark("client.address", words[words.len() - 3])
        }
        None => {}
    }
    // the remote user stands last before the time; `-` when nobody was signed in
    if before.is_clf
        && let Some(user) = words.last().filter(|_| words.len() >= 3)
    {
        entry.mark("user", user);
    }
    for word in &before.late[..before.late_count] {
        if scan::is_decimal(word) && entry.total.is_none() {
            entry.total = scan::seconds(word);
        } else if scan::is_host(word) && entry.host.is_none() {
            entry.host = Some(word);
        } else if scan::is_address(word) && !entry.has("client.address") {
            entry.mark("client.address", word);
        } else if scan::is_id(word) {
            entry.mark("request_id", word);
        }
    }
    if let Some(other) = before.other
        && scan::is_host(other)
        && entry.host.is_none()
    {
        entry.host = Some(other);
    }
}

/// The size after the status, or the reason phrase that uvicorn and httpx write there.
fn bytes_or_reason<'a>(entry: &mut Entry<'a>, cursor: &mut Cursor<'a>) {
    let next = cursor.peek();
    if scan::is_digits(next) || next == "-" || next == "None" {
        cursor.word();
    } else if next.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) && !next.contains('=') {
        let reason = cursor.rest();
        if reason.len() < 60 && reason.bytes().all(|b| b.is_ascii_alphabetic() || matches!(b, b' ' | b'-' | b'\'')) {
            entry.reason = Some(reason);
            entry.mark_as("backend", "uvicorn", entry.status_at);
            entry.vantage = Vantage::Server;
        }
    }
}

/// Everything after the size, by the shape of each value where the format gives no names.
fn rest<'a>(entry: &mut Entry<'a>, mut cursor: Cursor<'a>) {
    let mut quoted = 0;
    let mut times = 0;
    let mut integer: Option<&'a str> = None;
    let mut after_agent = false;
    for _ in 0..48 {
        if cursor.is_done() {
            break;
        }
        if after_agent && is_ingress(cursor) {
            ingress(entry, cursor);
            return;
        }
        if cursor.rest().starts_with('"') {
            let Some(value) = cursor.quoted() else { break };
            quoted += 1;
            match quoted {
                1 if !scan::is_decimal(value) => entry.header("Referer", value),
                2 if !scan::is_decimal(value) => {
                    entry.header("User-Agent", value);
                    after_agent = true;
                }
                _ => loose(entry, value, &mut times, true),
            }
            continue;
        }
        let mut ahead = cursor;
        let Some(word) = ahead.word() else { break };
        if let Some((key, value)) = word.split_once(['=', ':'])
            && named(key)
        {
            // `rt=0.1`, `us="502, 200"`, Kong's `kong_request_id: "…"`
            let mut value_at = if value.is_empty() { ahead } else { Cursor::new(&cursor.rest()[key.len() + 1..]) };
            if let Some(list) = value_at.list() {
                key_value(entry, key, list);
                cursor = value_at;
                continue;
            }
        }
        if scan::is_digits(word) && !(entry.has("upstream.addr") && scan::status(word).is_some()) {
            integer = integer.or(Some(word));
            cursor = ahead;
        } else if let Some(inside) = cursor.rest().strip_prefix('[').and_then(|_| cursor.bracket()) {
            loose(entry, inside, &mut times, false);
        } else if let Some(list) = cursor.list() {
            loose(entry, list, &mut times, false);
        } else {
            break;
        }
    }
    if entry.total.is_none()
        && let Some(word) = integer
    {
        entry.total = whole_number(word, quoted >= 2);
    }
}

/// A bare whole number after the line. Apache's `%D` is microseconds and stands after the combined
/// format; `%T` is seconds, which no `%D` is as small as; Tomcat's `%D` is milliseconds and stands
/// after the common format.
fn whole_number(word: &str, combined: bool) -> Option<f64> {
    let value = scan::number(word)?;
    Some(match (combined, value < 100.0) {
        (true, true) => value * 1000.0,
        (true, false) => scan::tidy(value / 1000.0),
        (false, _) => value,
    })
}

/// A value without a name.
fn loose<'a>(entry: &mut Entry<'a>, value: &'a str, times: &mut u32, quoted: bool) {
    let first = value.split([',', ' ']).next().unwrap_or(value);
    if matches!(value, "" | "-") {
        return;
    }
    if scan::is_decimal(first) && value.bytes().all(|b| b.is_ascii_digit() || b" .,:-".contains(&b)) {
        *times += 1;
        match *times {
            1 => entry.total = scan::seconds(value.rsplit([' ', ',']).next().unwrap_or(value)).or(entry.total),
            2 => entry.mark_seconds("upstream.response_time", value),
            _ => {}
        }
    } else if let Some((whole, micros)) = value.split_once('/')
        && scan::is_digits(whole)
        && scan::is_digits(micros)
    {
        // Apache's `**%T/%D**` without the stars
        entry.total = whole_number(micros, true);
    } else if scan::is_upstream(first) {
        if entry.has("upstream.addr") {
            entry.mark("client.address", value)
        } else {
            entry.mark("upstream.addr", value)
        }
    } else if scan::status(first).is_some() && value.bytes().all(|b| b.is_ascii_digit() || b" ,:-".contains(&b)) {
        entry.mark("upstream.status", value);
    } else if scan::is_address(first) {
        if quoted { entry.header("X-Forwarded-For", value) } else { entry.mark("upstream.addr", value) }
    } else if scan::is_id(value) {
        entry.mark("request_id", value);
    } else if value.starts_with("http://") || value.starts_with("https://") {
        // Traefik: `1 "router@docker" "http://172.17.0.2:80" 12ms`
        entry.mark("upstream.addr", value);
    } else if let Some(ms) = scan::duration(value) {
        entry.total = Some(ms);
    } else if scan::is_host(value) && entry.host.is_none() {
        entry.host = Some(value);
    } else if ["TCP_", "NONE", "UDP_"].iter().any(|mark| value.starts_with(mark)) && value.contains(':') {
        entry.mark("squid.result", value.split(':').next().unwrap_or(value));
        entry.mark_as("gateway", "squid", value);
    }
}

/// True for a key that formats write out; it keeps `12:30` and URLs from being read as pairs.
fn named(key: &str) -> bool {
    !key.is_empty()
        && key.len() < 40
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
        && key.as_bytes()[0].is_ascii_alphabetic()
        && !matches!(key, "unix" | "http" | "https" | "TCP_MISS" | "TCP_DENIED" | "NONE" | "NONE_NONE")
        && !key.starts_with("TCP_")
        && !scan::is_upstream(key)
}

/// The names that nginx's own variables and its documented example formats use.
fn key_value<'a>(entry: &mut Entry<'a>, key: &'a str, value: &'a str) {
    let value = value.trim_end_matches(',');
    match key {
        "rt" | "request_time" | "req_time" | "time" | "duration" => {
            entry.total = if scan::is_decimal(value) || scan::is_digits(value) {
                scan::seconds(value)
            } else {
                scan::duration(value)
            };
        }
        "uct" | "upstream_connect_time" => entry.mark_seconds("upstream.connect_time", value),
        "uht" | "upstream_header_time" => entry.mark_seconds("upstream.header_time", value),
        "urt" | "ut" | "upstream_response_time" | "upstream_time" => {
            entry.mark_seconds("upstream.response_time", value)
        }
        "us" | "upstream_status" => entry.mark("upstream.status", value),
        "ua" | "upstream_addr" | "upstream" | "upstream_address"
            if value.contains(['.', ':']) && !value.contains('/') =>
        {
            entry.mark("upstream.addr", value);
        }
        "ua" | "user_agent" | "http_user_agent" => entry.header("User-Agent", value),
        "cs" | "upstream_cache_status" | "cache" => entry.mark("cache_status", value),
        "host" | "http_host" | "sn" | "server_name" | "vhost" => entry.host = entry.host.or(Some(value)),
        "rid" | "request_id" | "req_id" | "reqid" | "kong_request_id" | "requestId" | "x_request_id" | "trace_id" => {
            entry.mark("request_id", value);
        }
        "xff" | "x_forwarded_for" | "http_x_forwarded_for" => entry.header("X-Forwarded-For", value),
        "pid" | "level" => {}
        _ => {}
    }
}

/// ingress-nginx after the user agent: length, time, `[namespace-service-port]`.
fn is_ingress(mut cursor: Cursor<'_>) -> bool {
    cursor.word().is_some_and(scan::is_digits)
        && cursor.word().is_some_and(scan::is_decimal)
        && cursor.rest().starts_with('[')
}

/// `$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name]
/// $upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id`.
fn ingress<'a>(entry: &mut Entry<'a>, mut cursor: Cursor<'a>) {
    cursor.word();
    entry.total = cursor.word().and_then(scan::seconds);
    if let Some(service) = cursor.bracket() {
        entry.mark("k8s.service", service);
    }
    if cursor.rest().starts_with('[') {
        cursor.bracket();
    }
    if let Some(addr) = cursor.list() {
        entry.mark("upstream.addr", addr);
    }
    cursor.list();
    if let Some(times) = cursor.list() {
        entry.mark_seconds("upstream.response_time", times);
    }
    if let Some(statuses) = cursor.list() {
        entry.mark("upstream.status", statuses);
    }
    if let Some(id) = cursor.word() {
        entry.mark("request_id", id);
    }
    entry.mark_as("gateway", "nginx", entry.status_at);
}

/// The program, where its own format or logger gives it away; an application server speaks as the
/// server.
fn program<'a>(entry: &mut Entry<'a>, before: &Before<'a>) {
    if entry.vantage == Vantage::Client {
        return;
    }
    let logger = before.logger.unwrap_or_default();
    let name = if logger.starts_with("werkzeug") || before.words().iter().any(|w| w.contains("werkzeug")) {
        "werkzeug"
    } else if logger.starts_with("aiohttp") {
        "aiohttp"
    } else if logger.starts_with("uvicorn") {
        "uvicorn"
    } else if before.time.is_some_and(|time| time.as_bytes().get(11) == Some(&b' ')) && before.count == 0 {
        // Django's runserver writes `[27/Nov/2023 10:00:00] "GET / HTTP/1.1" 404 179`
        "django"
    } else {
        return;
    };
    entry.vantage = Vantage::Server;
    if !entry.has("backend") {
        entry.mark_as("backend", name, entry.status_at);
    }
}

/// S3 server access log: `owner bucket [time] ip requester id operation key "request" status code …`.
fn s3<'a>(entry: &mut Entry<'a>, before: &Before<'a>, mut cursor: Cursor<'a>) -> bool {
    let words = before.words();
    let [owner, bucket] = words else { return false };
    if owner.len() != 64 || !owner.bytes().all(|b| b.is_ascii_hexdigit()) || before.late_count < 4 {
        return false;
    }
    let [address, _requester, id, operation] = before.late;
    entry.vantage = Vantage::Server;
    entry.mark("client.address", address);
    entry.mark("request_id", id);
    entry.mark("s3.operation", operation);
    entry.mark_as("backend", "s3", bucket);
    let code = cursor.word().unwrap_or_default();
    if code != "-" {
        entry.mark("error.code", code);
        entry.say(code);
    }
    cursor.word();
    cursor.word();
    entry.total = cursor.word().and_then(scan::number);
    entry.wait = cursor.word().and_then(scan::number);
    if let Some(referer) = cursor.quoted() {
        entry.header("Referer", referer);
    }
    if let Some(agent) = cursor.quoted() {
        entry.header("User-Agent", agent);
    }
    // version id, host id, signature version, cipher, authentication type, host header
    let host = (0..6).filter_map(|_| cursor.word()).last();
    entry.host = host.filter(|host| scan::is_host(host)).or(Some(bucket));
    true
}

/// chi and other Go middlewares: `"GET http://host/x HTTP/1.1" from 1.2.3.4:5 - 404 19B in 12.3µs`.
fn chi<'a>(request: &'a str, mut cursor: Cursor<'a>) -> Option<Entry<'a>> {
    cursor.eat("from");
    let address = cursor.word()?;
    cursor.eat("- ");
    let status = cursor.word()?;
    scan::status(status)?;
    let mut entry = Entry::new(Vantage::Server);
    entry.request_line(request);
    entry.answer(status);
    entry.mark("client.address", address);
    cursor.word();
    cursor.eat("in ");
    entry.total = cursor.word().and_then(scan::duration);
    Some(entry)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    /// Line, status, then `name=value` of what else must be there.
    fn check(text: &str, status: u16, expected: &[(&str, &str)]) {
        let entry = read(text).unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(entry.status, Some(status), "{text}");
        for (name, value) in expected {
            let total = entry.total.map(|ms| ms.to_string());
            let found = match *name {
                "method" => entry.method,
                "target" => entry.target,
                "host" => entry.host,
                "reason" => entry.reason,
                "total" => total.as_deref(),
                "vantage" => Some(match entry.vantage {
                    Vantage::Client => "client",
                    Vantage::Gateway => "gateway",
                    Vantage::Server => "server",
                }),
                "message" => entry.messages.first().map(AsRef::as_ref),
                "User-Agent" | "Referer" | "X-Forwarded-For" => {
                    entry.headers.iter().find(|(header, _)| header == name).map(|(_, value)| *value)
                }
                mark => entry.value(mark),
            };
            assert_eq!(found, Some(*value), "{name} of {text}");
        }
    }

    #[test]
    fn common_and_combined_formats_with_their_additions() {
        // https://httpd.apache.org/docs/2.4/logs.html#accesslog
        check(
            r#"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 500 2326"#,
            500,
            &[
                ("method", "GET"),
                ("target", "/apache_pb.gif"),
                ("client.address", "127.0.0.1"),
                ("time", "10/Oct/2000:13:55:36 -0700"),
                ("vantage", "gateway"),
            ],
        );
        check(
            r#"127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /x HTTP/1.0" 401 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)""#,
            401,
            &[("Referer", "http://www.example.com/start.html"), ("User-Agent", "Mozilla/4.08 [en] (Win98; I ;Nav)")],
        );
        // vhost_combined
        check(
            r#"www.example.com:443 203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "POST /v1 HTTP/2.0" 502 575 "-" "curl/8.1" 30004512"#,
            502,
            &[("host", "www.example.com:443"), ("client.address", "203.0.113.9"), ("total", "30004.512")],
        );
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 200 612 "-" "curl/8.1" 0"#,
            200,
            &[("total", "0")],
        );
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 500 143 4210"#,
            500,
            &[("total", "4210")],
        );
        // nginx: request time, upstream times and the rest in the usual orders
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "GET /api HTTP/1.1" 504 167 "-" "curl/8.1" "198.51.100.4, 10.0.0.1" 60.001 60.000 10.0.0.7:8080 504"#,
            504,
            &[
                ("X-Forwarded-For", "198.51.100.4, 10.0.0.1"),
                ("total", "60001"),
                ("upstream.response_time", "60000"),
                ("upstream.addr", "10.0.0.7:8080"),
                ("upstream.status", "504"),
            ],
        );
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "GET /api HTTP/1.1" 200 167 "-" "curl/8.1" "-" "api.example.com" sn="api" rt=1.310 ua="10.0.0.7:8080, 10.0.0.8:8080" us="502, 200" ut="1.000, 0.310" uct="0.001, 0.002" uht="1.000, 0.309" cs=MISS"#,
            200,
            &[
                ("host", "api.example.com"),
                ("total", "1310"),
                ("upstream.addr", "10.0.0.7:8080, 10.0.0.8:8080"),
                ("upstream.status", "502, 200"),
                ("upstream.response_time", "1000, 310"),
                ("upstream.connect_time", "1, 2"),
                ("upstream.header_time", "1000, 309"),
                ("cache_status", "MISS"),
            ],
        );
        check(
            r#"10.1.1.1 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 502 157 "-" "curl/8" rt=0.001 uct=0.000, 0.001 urt=- us=502, 502"#,
            502,
            &[("total", "1"), ("upstream.connect_time", "0, 1"), ("upstream.status", "502, 502")],
        );
        // an unreadable request: a TLS hello sent to a plain port
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "\x16\x03\x01\x02\x00" 400 157 "-" "-""#,
            400,
            &[("message", r"\x16\x03\x01\x02\x00")],
        );
    }

    #[test]
    fn gateways_with_formats_of_their_own() {
        // https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] "GET /api HTTP/2.0" 503 190 "-" "curl/8.1" 412 5.004 [shop-web-80] [] 10.8.0.4:8080, 10.8.0.5:8080 0, 190 5.000, 0.004 502, 503 8c1f2e3d4b5a69788796a5b4c3d2e1f0"#,
            503,
            &[
                ("total", "5004"),
                ("k8s.service", "shop-web-80"),
                ("upstream.addr", "10.8.0.4:8080, 10.8.0.5:8080"),
                ("upstream.response_time", "5000, 4"),
                ("upstream.status", "502, 503"),
                ("request_id", "8c1f2e3d4b5a69788796a5b4c3d2e1f0"),
                ("gateway", "nginx"),
            ],
        );
        // https://doc.traefik.io/traefik/observability/access-logs/
        check(
            r#"172.18.0.1 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 502 11 "-" "-" 1 "web@docker" "http://172.18.0.5:8000" 297ms"#,
            502,
            &[("upstream.addr", "http://172.18.0.5:8000"), ("total", "297")],
        );
        // Kong 3.x
        check(
            r#"172.18.0.1 - - [27/Nov/2023:10:00:00 +0000] "GET / HTTP/1.1" 503 75 "-" "curl/8.1" kong_request_id: "5f1a2b3c4d5e6f708192a3b4c5d6e7f8""#,
            503,
            &[("request_id", "5f1a2b3c4d5e6f708192a3b4c5d6e7f8")],
        );
        // API Gateway: CLF with $context.requestId
        check(
            r#"203.0.113.9 - - [27/Nov/2023:10:00:00 +0000]"GET /prod/x HTTP/1.1" 502 36 1b4f2a30-0000-4000-8000-000000000001"#,
            502,
            &[("request_id", "1b4f2a30-0000-4000-8000-000000000001")],
        );
        // https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
        check(
            r#"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e5 3E57427F3EXAMPLE REST.GET.OBJECT key.txt "GET /amzn-s3-demo-bucket1/key.txt HTTP/1.1" 403 AccessDenied 243 - 7 6 "-" "S3Console/0.4" - s9lzHYrFp76ZVxRcpX9+5cjAnEH2ROuNkd2BHfIa6UkFVdtjf5mKR3/eTPFvsiP/XV/VLi31234= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 - -"#,
            403,
            &[
                ("error.code", "AccessDenied"),
                ("request_id", "3E57427F3EXAMPLE"),
                ("total", "7"),
                ("host", "amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com"),
                ("vantage", "server"),
            ],
        );
    }

    #[test]
    fn application_servers() {
        check(
            r#"INFO:     127.0.0.1:52345 - "GET /items/7 HTTP/1.1" 404 Not Found"#,
            404,
            &[
                ("reason", "Not Found"),
                ("backend", "uvicorn"),
                ("client.address", "127.0.0.1:52345"),
                ("vantage", "server"),
                ("log.level", "info"),
            ],
        );
        check(
            r#"[27/Nov/2023 10:00:00] "GET /x HTTP/1.1" 404 179"#,
            404,
            &[("backend", "django"), ("vantage", "server")],
        );
        check(
            r#"127.0.0.1 - - [27/Nov/2023 10:00:00] "GET /x HTTP/1.1" 500 -"#,
            500,
            &[("client.address", "127.0.0.1")],
        );
        check(
            r#"INFO:werkzeug:127.0.0.1 - - [27/Nov/2023 10:00:00] "GET /x HTTP/1.1" 500 -"#,
            500,
            &[("backend", "werkzeug"), ("client.address", "127.0.0.1")],
        );
        check(
            r#"INFO:aiohttp.access:127.0.0.1 [27/Nov/2023:10:00:00 +0000] "GET /x HTTP/1.1" 500 244 "-" "curl/8.1""#,
            500,
            &[("backend", "aiohttp"), ("User-Agent", "curl/8.1")],
        );
        check(
            r#"- - - [27/Nov/2023:10:00:00 +0000] "GET /x HTTP/1.1" 500 244 "-" "curl/8.1""#,
            500,
            &[("User-Agent", "curl/8.1")],
        );
        check(
            r#"2023/11/27 10:00:00 [app/Xyz-000001] "GET http://localhost:3000/x HTTP/1.1" from 127.0.0.1:54321 - 404 19B in 12.3µs"#,
            404,
            &[("client.address", "127.0.0.1:54321"), ("total", "0.012")],
        );
        // urllib3.connectionpool at DEBUG
        check(
            r#"DEBUG:urllib3.connectionpool:https://api.example.com:443 "GET /v1 HTTP/1.1" 429 120"#,
            429,
            &[
                ("vantage", "client"),
                ("host", "https://api.example.com:443"),
                ("log.logger", "urllib3.connectionpool"),
                ("log.level", "debug"),
            ],
        );
        check(
            r#"2023-11-27 10:00:00,123 - urllib3.connectionpool - DEBUG - https://api.example.com:443 "GET /v1 HTTP/1.1" 401 None"#,
            401,
            &[("vantage", "client")],
        );
    }

    #[test]
    fn foreign_lines_are_left_alone() {
        for text in [
            "",
            "\"",
            "\"\"",
            "plain words",
            r#"{"status": 404, "request": "GET / HTTP/1.1"}"#,
            r#"he said "GET lost" 404 times"#,
            r#"2023/04/11 10:52:44 [error] 1#1: *1 x, client: 1.2.3.4, request: "GET / HTTP/1.1", host: "h""#,
            r#"> "GET / HTTP/1.1""#,
            r#"time="x" level=info msg="GET /x" status=404"#,
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }
}

//! Error logs of servers: nginx (with OpenResty, Kong and ingress), Apache 2.2 and 2.4, PHP-FPM,
//! gunicorn, Caddy's console.
//!
//! Sources: nginx `ngx_log.c` and `ngx_http_core_module`, Apache `ErrorLogFormat`, PHP-FPM `fpm.log`,
//! gunicorn's default error format, Caddy "Logging". It refuses to know what a message means.

use super::entry::Entry;
use super::scan::{self, Cursor};
use firstfault_model::Vantage;
use std::borrow::Cow;

/// `2023/04/11 10:52:44 [error] 1046#1046: *2094 message, client: …, server: …, request: "…"`.
pub(super) fn nginx(text: &str) -> Option<Entry<'_>> {
    if !starts_nginx(text.as_bytes()) {
        return None;
    }
    let mut cursor = Cursor::new(&text[19..]);
    let level = scan::level(cursor.bracket()?)?;
    let process = cursor.word()?.strip_suffix(':')?;
    if !process.split('#').all(scan::is_digits) {
        return None;
    }
    if cursor.rest().starts_with('*') && cursor.peek()[1..].bytes().all(|b| b.is_ascii_digit()) {
        cursor.word();
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", &text[..19]);
    entry.mark_as("log.level", level, text);
    let rest = cursor.rest();
    let (message, context) = rest.find(", client: ").map_or((rest, ""), |at| rest.split_at(at));
    entry.say(message);
    entry.mark_as("gateway", if message.contains("[kong]") { "kong" } else { "nginx" }, message);
    if let Some(number) = errno(message) {
        entry.mark("nginx.errno", number);
    }
    nginx_context(&mut entry, context);
    Some(entry)
}

/// True for a first line whose quoted FastCGI output goes on in the next lines.
pub(super) fn nginx_goes_on(text: &str) -> bool {
    starts_nginx(text.as_bytes()) && text.contains("in stderr: \"") && !text.contains("\" while reading ")
}

fn starts_nginx(bytes: &[u8]) -> bool {
    scan::starts_with_shape(bytes, b"dddd/dd/dd dd:dd:dd [")
}

/// The number in `(110: Connection timed out)`.
fn errno(message: &str) -> Option<&str> {
    let mut rest = message;
    while let Some(inside) = scan::after(rest, "(") {
        let digits = inside.bytes().take(6).take_while(u8::is_ascii_digit).count();
        if (1..6).contains(&digits) && inside[digits..].starts_with(": ") {
            return Some(&inside[..digits]);
        }
        rest = inside;
    }
    None
}

/// `, client: 1.2.3.4, server: x, request: "GET / HTTP/1.1", upstream: "http://…", host: "x"`.
fn nginx_context<'a>(entry: &mut Entry<'a>, context: &'a str) {
    let mut rest = context;
    for _ in 0..12 {
        let Some((key, value)) = rest.trim_start_matches([',', ' ']).split_once(": ") else { break };
        let value = value.trim_start();
        let value_text;
        if value.starts_with('"') {
            let mut cursor = Cursor::new(value);
            value_text = cursor.quoted().unwrap_or_default();
            rest = cursor.rest();
        } else {
            let end = value.find(", ").unwrap_or(value.len());
            value_text = &value[..end];
            rest = &value[end..];
        }
        match key {
            "client" => entry.mark("client.address", value_text),
            "request" => entry.request_line(value_text),
            "upstream" => {
                entry.mark("upstream.addr", authority(value_text));
                entry.mark("upstream.url", value_text);
            }
            "host" => entry.host = Some(value_text),
            "server" => entry.mark("server.name", value_text),
            "referrer" => entry.header("Referer", value_text),
            "request_id" => entry.mark("request_id", value_text),
            _ => {}
        }
    }
}

/// `10.0.0.7:8080` of `http://10.0.0.7:8080/x`, `unix:/run/app.sock` of `fastcgi://unix:/run/app.sock:`.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    if rest.starts_with("unix:") {
        return rest.rsplit_once(':').map_or(rest, |(socket, _)| if socket == "unix" { rest } else { socket });
    }
    rest.split('/').next().unwrap_or(rest)
}

/// `[Tue Apr 24 14:35:07.971403 2018] [proxy_http:error] [pid 6395] (70007)The timeout …: [client …] AH01102: …`.
pub(super) fn apache(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"[aaa aaa ") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let time = cursor.bracket()?;
    if !time.as_bytes().iter().rev().take(4).all(u8::is_ascii_digit) || !time.contains(':') {
        return None;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", time);
    // `[error]` before 2.4, `[proxy_http:error]` since
    let inside = cursor.bracket()?;
    let level_word = inside.rsplit(':').next().unwrap_or(inside);
    let level = scan::level(level_word)?;
    if let Some((module, _)) = inside.split_once(':') {
        entry.mark("apache.module", module);
    }
    entry.mark_as("log.level", level, level_word);
    entry.mark_as("gateway", "apache", inside);
    let mut error = "";
    for _ in 0..6 {
        if cursor.rest().starts_with('(') && error.is_empty() && apache_errno(cursor.rest()).is_some() {
            // `(111)Connection refused: ` stands before or after the client
            let rest = cursor.rest();
            let end = rest.find(": ").unwrap_or(rest.len());
            error = &rest[..end];
            entry.mark("apache.errno", apache_errno(error).unwrap_or_default());
            cursor = Cursor::new(rest[end..].trim_start_matches(':'));
        } else if cursor.rest().starts_with('[') {
            let before = cursor;
            match cursor.bracket() {
                Some(inside) if inside.starts_with("client ") || inside.starts_with("remote ") => {
                    entry.mark("client.address", &inside[7..]);
                }
                Some(inside) if inside.starts_with("pid ") || inside.starts_with("tid ") => {}
                Some(inside) if inside.starts_with("R:") => entry.mark("request_id", &inside[2..]),
                _ => {
                    cursor = before;
                    break;
                }
            }
        } else {
            break;
        }
    }
    apache_message(&mut entry, error, cursor.rest());
    Some(entry)
}

fn apache_errno(text: &str) -> Option<&str> {
    let (number, _) = text.strip_prefix('(')?.split_once(')')?;
    (scan::is_digits(number) && number.len() < 8).then_some(number)
}

fn apache_message<'a>(entry: &mut Entry<'a>, error: &'a str, message: &'a str) {
    let code = message.split(':').next().unwrap_or_default();
    if code.len() > 4 && code.starts_with("AH") && scan::is_digits(&code[2..]) {
        entry.mark("apache.code", code);
    }
    let (message, referer) = message.rsplit_once(", referer: ").map_or((message, None), |(m, r)| (m, Some(r)));
    if let Some(referer) = referer {
        entry.header("Referer", referer);
    }
    if error.is_empty() {
        entry.say(message);
    } else {
        entry.messages.push(Cow::Owned(format!("{error}: {message}")));
    }
    for mark in ["remote server ", "attempt to connect to "] {
        let peer = scan::after(message, mark)
            .and_then(|rest| rest.split([' ', ',']).next())
            .map(|peer| peer.trim_end_matches(':'));
        // `remote server returned by /x` names none
        if let Some(peer) = peer.filter(|peer| scan::is_upstream(peer) || scan::is_address(peer) || scan::is_host(peer))
        {
            entry.mark("upstream.addr", peer);
            break;
        }
    }
    // mod_security tells the answer that it gave
    if message.starts_with("ModSecurity: Access denied with ") || message.starts_with("ModSecurity: Warning") {
        if let Some(code) = scan::between(message, "with code ", " ") {
            entry.answer(code);
        }
        entry.host = bracketed(message, "hostname");
        entry.target = bracketed(message, "uri");
        if let Some(id) = bracketed(message, "unique_id") {
            entry.mark("request_id", id);
        }
        if let Some(rule) = bracketed(message, "id") {
            entry.mark("modsecurity.rule", rule);
        }
    }
}

/// mod_security's `[name "value"]`.
fn bracketed<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    while let Some(inside) = scan::after(rest, "[") {
        if let Some(value) = inside.strip_prefix(name).and_then(|tail| tail.strip_prefix(" \"")) {
            return value.split('"').next();
        }
        rest = inside;
    }
    None
}

/// PHP-FPM: `[27-Nov-2023 10:00:00] WARNING: [pool www] child 12, script '…' execution timed out …`.
pub(super) fn fpm(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"[dd-aaa-dddd dd:dd:dd") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let time = cursor.bracket()?;
    let level_word = cursor.word()?.strip_suffix(':')?;
    let level = scan::level(level_word)?;
    let mut entry = Entry::new(Vantage::Server);
    entry.mark("time", time);
    entry.mark_as("log.level", level, level_word);
    entry.mark_as("backend", "php-fpm", level_word);
    let message = cursor.rest();
    // since 7.4 debug output names the function and its line: `pid 1, fpm_main(), line 12: …`
    entry.say(message);
    if let Some(request) = scan::between(message, "request: \"", "\"") {
        entry.request_line(request);
    }
    Some(entry)
}

/// gunicorn and hypercorn: `[2023-11-27 10:00:00 +0000] [12] [CRITICAL] WORKER TIMEOUT (pid:15)`.
pub(super) fn gunicorn(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"[dddd-dd-dd dd:dd:dd") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let time = cursor.bracket()?;
    let process = cursor.bracket()?;
    let level_word = cursor.bracket()?.trim();
    let level = scan::level(level_word)?;
    if !scan::is_digits(process) {
        return None;
    }
    let mut entry = Entry::new(Vantage::Server);
    entry.mark("time", time);
    entry.mark_as("log.level", level, level_word);
    entry.mark_as("backend", "gunicorn", level_word);
    entry.say(cursor.rest());
    if let Some(request) = cursor.rest().strip_prefix("Error handling request ") {
        entry.target = Some(request);
    }
    Some(entry)
}

/// Caddy's console: `2023/11/27 10:00:00.123 ERROR http.log.error words {"request": {…}, "status": 502}`.
pub(super) fn caddy(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"dddd/dd/dd dd:dd:dd.") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    cursor.word()?;
    cursor.word()?;
    let time = text.get(..23).unwrap_or(text);
    let level_word = cursor.word()?;
    let level = scan::level(level_word)?;
    let words = cursor.rest();
    let (head, fields) = words.find('{').map_or((words, ""), |at| words.split_at(at));
    // the logger is a dotted name, or `http`, `tls`, `admin`; the words follow after a tab or space
    let (logger, message) = match head.split_once(['\t', ' ']) {
        Some((logger, message)) if logger.contains('.') || matches!(logger, "http" | "tls" | "admin") => {
            (logger, message)
        }
        _ => ("", head),
    };
    if logger.is_empty() && fields.is_empty() {
        return None;
    }
    let is_http = logger.starts_with("http");
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", scan::clip(time, time.len()));
    entry.mark_as("log.level", level, level_word);
    entry.mark("log.logger", logger);
    if is_http || matches!(logger, "tls" | "admin") || logger.starts_with("tls.") {
        entry.mark_as("gateway", "caddy", level_word);
    }
    entry.say(message);
    if let Some(error) = scan::member(fields, "error") {
        entry.say(error);
    }
    if let Some(code) = scan::member(fields, "status") {
        entry.answer(code);
    }
    entry.method = scan::member(fields, "method").filter(|method| scan::is_method(method));
    entry.target = scan::member(fields, "uri");
    entry.host = scan::member(fields, "host");
    entry.total =
        scan::member(fields, "duration").and_then(|word| scan::seconds(word).or_else(|| scan::duration(word)));
    for (key, mark) in [("remote_ip", "client.address"), ("err_id", "request_id"), ("upstream", "upstream.addr")] {
        if let Some(value) = scan::member(fields, key) {
            entry.mark(mark, value);
        }
    }
    Some(entry)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(&str, &str)]) {
        let readers = [nginx, apache, fpm, gunicorn, caddy];
        let entry = readers.iter().find_map(|reader| reader(text)).unwrap_or_else(|| panic!("not read: {text}"));
        for (name, value) in expected {
            let status = entry.status.map(|code| code.to_string());
            let found = match *name {
                "host" => entry.host,
                "method" => entry.method,
                "target" => entry.target,
                "status" => status.as_deref(),
                "message" => entry.messages.first().map(AsRef::as_ref),
                _ => entry.value(name),
            };
            assert_eq!(found.unwrap_or_default(), *value, "{name} of {text}");
        }
    }

    #[test]
    fn nginx_and_its_children() {
        check(
            r#"2023/11/27 10:00:00 [error] 31#31: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.9, server: api.example.com, request: "POST /v1/orders HTTP/1.1", upstream: "http://10.0.0.7:8080/v1/orders", host: "api.example.com", referrer: "https://shop.example.com/""#,
            &[
                ("nginx.errno", "111"),
                ("log.level", "error"),
                ("client.address", "203.0.113.9"),
                ("method", "POST"),
                ("upstream.addr", "10.0.0.7:8080"),
                ("host", "api.example.com"),
                ("message", "connect() failed (111: Connection refused) while connecting to upstream"),
                ("gateway", "nginx"),
            ],
        );
        check(
            r#"2023/11/27 10:00:00 [crit] 31#31: *1 connect() to unix:/run/app.sock failed (13: Permission denied) while connecting to upstream, client: ::1, server: , request: "GET / HTTP/1.1", upstream: "http://unix:/run/app.sock:/", host: "localhost""#,
            &[("nginx.errno", "13"), ("upstream.addr", "unix:/run/app.sock"), ("log.level", "crit")],
        );
        check(
            "2023/11/27 10:00:00 [emerg] 1#1: host not found in upstream \"api\" in /etc/nginx/nginx.conf:12",
            &[("log.level", "emerg"), ("nginx.errno", "")],
        );
        check(
            r#"2023/01/25 20:48:54 [error] 2113#0: *6 [kong] init.lua:300 [key-auth] name resolution failed, client: 10.0.0.2, server: kong, request: "GET /x HTTP/1.1", host: "kong:8000", request_id: "0a1b2c""#,
            &[("gateway", "kong"), ("request_id", "0a1b2c")],
        );
    }

    #[test]
    fn apache_old_and_new() {
        // https://httpd.apache.org/docs/2.4/logs.html#errorlog
        check(
            "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187] File does not exist: /usr/local/apache2/htdocs/favicon.ico",
            &[
                ("apache.module", "core"),
                ("log.level", "error"),
                ("client.address", "72.15.99.187"),
                ("message", "File does not exist: /usr/local/apache2/htdocs/favicon.ico"),
            ],
        );
        check(
            "[Tue Nov 28 14:35:07.971403 2023] [proxy:error] [pid 6395] (111)Connection refused: AH00957: HTTP: attempt to connect to 127.0.0.1:8080 (localhost) failed",
            &[
                ("apache.errno", "111"),
                ("apache.code", "AH00957"),
                ("upstream.addr", "127.0.0.1:8080"),
                (
                    "message",
                    "(111)Connection refused: AH00957: HTTP: attempt to connect to 127.0.0.1:8080 (localhost) failed",
                ),
            ],
        );
        check(
            "[Tue Nov 28 14:35:07.971403 2023] [proxy_http:error] [pid 6395:tid 12] (70007)The timeout specified has expired: [client 10.0.0.1:42] AH01102: error reading status line from remote server 127.0.0.1:8080, referer: http://a.example/",
            &[("apache.code", "AH01102"), ("client.address", "10.0.0.1:42"), ("upstream.addr", "127.0.0.1:8080")],
        );
        check(
            "[Wed Oct 11 14:32:52 2000] [error] [client 127.0.0.1] client denied by server configuration: /export/home/live/ap/htdocs/test",
            &[("log.level", "error"), ("client.address", "127.0.0.1")],
        );
        check(
            r#"[Tue Nov 28 14:35:07.971403 2023] [:error] [pid 9] [client 10.0.0.1] ModSecurity: Access denied with code 403 (phase 2). Pattern match [file "/x.conf"] [id "942100"] [hostname "api.example.com"] [uri "/v1/q"] [unique_id "ZWX1"]"#,
            &[
                ("status", "403"),
                ("host", "api.example.com"),
                ("target", "/v1/q"),
                ("request_id", "ZWX1"),
                ("modsecurity.rule", "942100"),
            ],
        );
    }

    #[test]
    fn others() {
        check(
            r#"[27-Nov-2023 10:00:00] WARNING: [pool www] child 12, script '/srv/x.php' (request: "GET /index.php") execution timed out (30.5 sec), terminating"#,
            &[("log.level", "warn"), ("backend", "php-fpm"), ("method", "GET")],
        );
        check(
            "[2023-11-27 10:00:00 +0000] [12] [CRITICAL] WORKER TIMEOUT (pid:15)",
            &[("log.level", "crit"), ("message", "WORKER TIMEOUT (pid:15)")],
        );
        check(
            r#"2023/11/27 10:00:00.123	ERROR	http.log.error	dial tcp 127.0.0.1:9000: connect: connection refused	{"request": {"remote_ip": "10.0.0.1", "method": "GET", "host": "app.example.com", "uri": "/x"}, "duration": 0.0012, "status": 502, "err_id": "k3x"}"#,
            &[
                ("status", "502"),
                ("log.logger", "http.log.error"),
                ("host", "app.example.com"),
                ("target", "/x"),
                ("message", "dial tcp 127.0.0.1:9000: connect: connection refused"),
            ],
        );
    }

    #[test]
    fn foreign_lines_are_left_alone() {
        for text in [
            "",
            "[",
            "[error] x",
            "2023/11/27 10:00:00 hello",
            "2023/11/27 10:00:00 [x] y",
            "[Tue Nov",
            "[Tue Nov 28 14:35:07 2023] 127.0.0.1:51234 Accepted",
            "[27-Nov-2023 10:00:00 UTC] PHP Fatal error:  Uncaught Error",
            "2023/11/27 10:00:00.123 ERROR words",
        ] {
            for reader in [nginx, apache, fpm, gunicorn, caddy] {
                assert!(reader(text).is_none(), "{text}");
            }
        }
    }
}

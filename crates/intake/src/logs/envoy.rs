//! Envoy's and Istio's text access log in its default formats, old and new, for HTTP and TCP; the
//! log of the Envoy program itself; Linkerd's proxy log.
//!
//! Sources: Envoy "Access logging" (default format, response flags), Istio "Envoy Access Logs". What
//! a flag means is not known here.

use super::entry::{Entry, split_request};
use super::scan::{self, Cursor};
use firstfault_model::Vantage;

/// `[START_TIME] "METHOD PATH PROTOCOL" CODE FLAGS …`.
pub(super) fn access(text: &str) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(text);
    // Ambassador writes the word in front
    cursor.eat("ACCESS");
    let time = cursor.bracket()?;
    if !scan::starts_with_shape(time.as_bytes(), b"dddd-dd-ddadd:dd") || !cursor.rest().starts_with('"') {
        return None;
    }
    let request = cursor.quoted()?;
    let code = cursor.word()?;
    let flags = cursor.word()?;
    if !(scan::status(code).is_some() || scan::is_no_status(code)) || !is_flags(flags) {
        return None;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", time);
    entry.mark_as("gateway", "envoy", flags);
    if split_request(request).is_some() {
        entry.request_line(request);
    }
    entry.answer(code);
    for flag in flags.split(',') {
        entry.mark("envoy.flag", flag);
    }
    details(&mut entry, &mut cursor);
    sizes_and_names(&mut entry, &mut cursor);
    istio(&mut entry, cursor);
    Some(entry)
}

/// Response flags are `-` or a list of capitals (`UF,URX`).
fn is_flags(word: &str) -> bool {
    word == "-"
        || (!word.is_empty()
            && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b',')
            && !scan::is_digits(word))
}

/// Response code details, termination details and the transport failure, which the plain Envoy
/// format does not have and Istio before 1.9 wrote as two quoted fields.
fn details<'a>(entry: &mut Entry<'a>, cursor: &mut Cursor<'a>) {
    if scan::is_digits(cursor.peek()) {
        return;
    }
    if cursor.rest().starts_with('"') {
        cursor.quoted();
    } else {
        if let Some(details) = cursor.word() {
            entry.mark("envoy.details", details);
            if details != "via_upstream" {
                entry.say(details);
            }
        }
        if !cursor.rest().starts_with('"')
            && !scan::is_digits(cursor.peek())
            && let Some(termination) = cursor.word()
        {
            entry.mark("envoy.termination_details", termination);
            entry.say(termination);
        }
    }
    if let Some(failure) = cursor.quoted() {
        entry.mark("envoy.transport_failure", failure);
        entry.say(failure);
    }
}

/// `received sent duration upstream_time "xff" "agent" "request id" "authority" "upstream host"`.
fn sizes_and_names<'a>(entry: &mut Entry<'a>, cursor: &mut Cursor<'a>) {
    cursor.word();
    cursor.word();
    entry.total = cursor.word().and_then(scan::number);
    if let Some(time) = cursor.word()
        && let Some(ms) = scan::number(time)
    {
        entry.wait = Some(ms);
        entry.mark("upstream.response_time", time);
    }
    if let Some(forwarded) = cursor.quoted() {
        entry.header("X-Forwarded-For", forwarded);
    }
    if let Some(agent) = cursor.quoted() {
        entry.header("User-Agent", agent);
    }
    if let Some(id) = cursor.quoted() {
        entry.mark("request_id", id);
    }
    if let Some(authority) = cursor.quoted() {
        entry.host = (authority != "-").then_some(authority);
    }
    if let Some(upstream) = cursor.quoted() {
        entry.mark("upstream.addr", upstream);
    }
}

/// Istio's: upstream cluster, upstream local, downstream local, downstream remote, SNI, route.
fn istio<'a>(entry: &mut Entry<'a>, mut cursor: Cursor<'a>) {
    let mut fields = [""; 6];
    for field in &mut fields {
        *field = cursor.word().unwrap_or_default();
    }
    let [cluster, _, local, remote, sni, route] = fields;
    if cluster.starts_with('"') {
        return;
    }
    entry.mark("envoy.cluster", cluster);
    if scan::is_address(local) {
        entry.mark("downstream.local_address", local);
    }
    if scan::is_address(remote) {
        entry.mark("client.address", remote);
    }
    entry.mark("tls.sni", sni);
    entry.mark("envoy.route", route);
}

/// `[2023-11-27 10:00:00.123][12][warning][config] [source/…] words`: the Envoy program speaks.
pub(super) fn program(text: &str) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(text);
    let time = cursor.bracket()?;
    if !scan::starts_with_shape(time.as_bytes(), b"dddd-dd-dd dd:dd:dd.") {
        return None;
    }
    let thread = cursor.bracket()?;
    let level = scan::level(cursor.bracket()?)?;
    let logger = cursor.bracket()?;
    if !scan::is_digits(thread) {
        return None;
    }
    while cursor.rest().starts_with("[source/") || cursor.rest().starts_with("[external/") {
        cursor.bracket()?;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", time);
    entry.mark_as("log.level", level, time);
    entry.mark("log.logger", logger);
    entry.mark_as("gateway", "envoy", time);
    entry.say(cursor.rest());
    Some(entry)
}

/// Linkerd's proxy: `[    12.345678s]  WARN ThreadId(01) inbound: linkerd_app_core::errors: words`.
pub(super) fn linkerd(text: &str) -> Option<Entry<'_>> {
    let (time, rest) = text.strip_prefix('[')?.split_once(']')?;
    let is_uptime = time.trim().strip_suffix('s').is_some_and(scan::is_decimal);
    if !is_uptime && !scan::starts_with_date(time) {
        return None;
    }
    let mut cursor = Cursor::new(rest);
    let level_word = cursor.word()?;
    let level = scan::level(level_word)?;
    if !cursor.rest().contains("linkerd") {
        return None;
    }
    if cursor.rest().starts_with("ThreadId(") {
        cursor.word();
    }
    let words = cursor.rest();
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("time", time.trim());
    entry.mark_as("log.level", level, level_word);
    entry.mark_as("gateway", "linkerd", words);
    let logger = words.find("linkerd").map(|at| words[at..].split([' ', ':']).next().unwrap_or_default());
    if let Some(logger) = logger {
        entry.mark("log.logger", logger);
    }
    entry.say(words);
    Some(entry)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(text: &str, status: Option<u16>, expected: &[(&str, &str)]) {
        let entry = access(text)
            .or_else(|| program(text))
            .or_else(|| linkerd(text))
            .unwrap_or_else(|| panic!("not read: {text}"));
        assert_eq!(entry.status, status, "{text}");
        for (name, value) in expected {
            let found: Vec<&str> = match *name {
                "host" => entry.host.into_iter().collect(),
                "message" => entry.messages.iter().map(AsRef::as_ref).collect(),
                _ => entry.marks.iter().filter(|mark| mark.name == *name).map(|mark| mark.value.as_ref()).collect(),
            };
            assert_eq!(found.join(" | "), *value, "{name} of {text}");
        }
    }

    #[test]
    fn default_formats_old_and_new() {
        // https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
        check(
            r#"[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80""#,
            Some(204),
            &[
                ("request_id", "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2"),
                ("host", "locations"),
                ("upstream.addr", "tcp://10.0.2.1:80"),
                ("upstream.response_time", "100"),
                ("envoy.flag", ""),
            ],
        );
        // https://istio.io/latest/docs/tasks/observability/logs/access-log/
        check(
            r#"[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 4 4 "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "10.44.1.27:80" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default"#,
            Some(418),
            &[
                ("envoy.details", "via_upstream"),
                ("message", ""),
                ("client.address", "10.44.1.23:46520"),
                ("envoy.cluster", "outbound|8000||httpbin.foo.svc.cluster.local"),
                ("envoy.route", "default"),
            ],
        );
        check(
            r#"[2023-11-27T10:00:00.000Z] "GET /x HTTP/1.1" 503 UF,URX upstream_reset_before_response_started{connection_failure,delayed_connect_error:_111} - "delayed connect error: 111" 0 152 84 - "-" "curl/8.1" "5ad8d0f0-0000-4000-8000-000000000001" "web:8080" "10.0.0.9:8080" outbound|8080||web.default.svc.cluster.local - 10.1.1.1:8080 10.0.0.4:4242 - default"#,
            Some(503),
            &[
                ("envoy.flag", "UF | URX"),
                ("envoy.transport_failure", "delayed connect error: 111"),
                (
                    "message",
                    "upstream_reset_before_response_started{connection_failure,delayed_connect_error:_111} | delayed connect error: 111",
                ),
            ],
        );
        // Istio before 1.9
        check(
            r#"[2019-03-06T09:31:27.360Z] "GET /status/418 HTTP/1.1" 503 UF "-" "TLS error: 268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER" 0 91 40 - "-" "curl/7.60.0" "d209e46f-9ed5-9b61-bbdd-43e22662702a" "httpbin:8000" "127.0.0.1:80" outbound|8000||httpbin.default.svc.cluster.local - 172.30.146.73:8000 172.30.146.82:38618 -"#,
            Some(503),
            &[
                ("envoy.flag", "UF"),
                ("envoy.transport_failure", "TLS error: 268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER"),
            ],
        );
        check(
            r#"[2021-01-01T00:00:00.000Z] "- - -" 0 UF,URX - - "-" 0 0 10001 - "-" "-" "-" "-" "10.2.0.3:3306" outbound|3306||mysql.default.svc.cluster.local - 10.0.0.1:3306 10.2.0.9:51514 - -"#,
            None,
            &[("envoy.flag", "UF | URX"), ("upstream.addr", "10.2.0.3:3306")],
        );
    }

    #[test]
    fn programs_speak() {
        check(
            "[2023-11-27 10:00:00.123][15][warning][config] [external/envoy/source/common/config/grpc_stream.h:163] StreamAggregatedResources gRPC config stream closed: 14, connection refused",
            None,
            &[
                ("log.level", "warn"),
                ("log.logger", "config"),
                ("message", "StreamAggregatedResources gRPC config stream closed: 14, connection refused"),
            ],
        );
        check(
            "[   128.441827s]  WARN ThreadId(01) outbound:proxy{addr=10.0.0.1:80}: linkerd_reconnect: Failed to connect error=Connection refused (os error 111)",
            None,
            &[("log.level", "warn"), ("gateway", "linkerd"), ("log.logger", "linkerd_reconnect")],
        );
    }

    #[test]
    fn foreign_lines_are_left_alone() {
        for text in [
            "",
            "[",
            "[2023-11-27T10:00:00Z]",
            "[2023-11-27T10:00:00Z] \"",
            "[2023-11-27T10:00:00Z] \"GET / HTTP/1.1\" 404 12",
            "[error] x",
        ] {
            assert!(access(text).is_none() && program(text).is_none() && linkerd(text).is_none(), "{text}");
        }
    }
}

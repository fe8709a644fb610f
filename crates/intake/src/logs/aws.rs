//! Lines of AWS: application and classic load balancers, VPC flow logs, Lambda, and the execution
//! log of API Gateway, whose lines about one request are joined.
//!
//! Sources: "Access logs for your Application Load Balancer", "Access logs for your Classic Load
//! Balancer", "Flow log records", "Set up CloudWatch logging for REST APIs". It refuses to know
//! what an error reason means.

use super::entry::Entry;
use super::scan::{self, Cursor};
use crate::Taken;
use crate::lines::{Line, Lines};
use firstfault_model::{Body, Call, Message, MessageKind, Origin, Request, Response, Url, Vantage};
use std::borrow::Cow;

/// The most lines of one API Gateway execution log that are joined.
const EXECUTION_LINES: usize = 200;

/// Application load balancer: `https 2018-07-02T22:23:00.186641Z app/name/id client target …`.
pub(super) fn application_balancer(text: &str) -> Option<Entry<'_>> {
    let mut cursor = Cursor::new(text);
    if !matches!(cursor.word()?, "http" | "https" | "h2" | "grpcs" | "ws" | "wss") {
        return None;
    }
    let time = cursor.word()?;
    let balancer = cursor.word()?;
    if !scan::starts_with_date(time) || !(balancer.starts_with("app/") || balancer.contains("/")) {
        return None;
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark_as("gateway", "aws-alb", balancer);
    balancer_head(&mut entry, &mut cursor, time)?;
    cursor.word()?;
    cursor.word()?;
    if let Some(request) = cursor.quoted() {
        entry.request_line(request);
    }
    if let Some(agent) = cursor.quoted() {
        entry.header("User-Agent", agent);
    }
    // cipher, protocol, target group
    cursor.word();
    cursor.word();
    if let Some(group) = cursor.word() {
        entry.mark("alb.target_group", group);
    }
    if let Some(trace) = cursor.quoted() {
        entry.mark("request_id", trace);
    }
    if let Some(domain) = cursor.quoted() {
        entry.mark("tls.sni", domain);
        if domain != "-" {
            entry.host = Some(domain);
        }
    }
    // certificate, rule priority, creation time
    cursor.field();
    cursor.field();
    cursor.word();
    if let Some(actions) = cursor.quoted() {
        entry.mark("alb.actions", actions);
    }
    cursor.quoted();
    if let Some(reason) = cursor.quoted() {
        entry.mark("alb.error_reason", reason);
        entry.say(reason);
    }
    cursor.quoted();
    if let Some(statuses) = cursor.quoted()
        && statuses.contains(' ')
    {
        entry.mark("alb.target_status_list", statuses);
    }
    if let Some(classification) = cursor.quoted() {
        entry.mark("alb.classification", classification);
    }
    if let Some(reason) = cursor.quoted() {
        entry.mark("alb.classification_reason", reason);
    }
    Some(entry)
}

/// Classic load balancer: `2015-05-13T23:39:43.945958Z name client backend times codes sizes "request" …`.
pub(super) fn classic_balancer(text: &str) -> Option<Entry<'_>> {
    if !scan::starts_with_shape(text.as_bytes(), b"dddd-dd-ddadd:dd:dd.dddddda ") {
        return None;
    }
    let mut cursor = Cursor::new(text);
    let time = cursor.word()?;
    let name = cursor.word()?;
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark_as("gateway", "aws-elb", name);
    balancer_head(&mut entry, &mut cursor, time)?;
    cursor.word();
    cursor.word();
    if let Some(request) = cursor.quoted()
        && request != "- - - "
    {
        entry.request_line(request);
    }
    if let Some(agent) = cursor.quoted() {
        entry.header("User-Agent", agent);
    }
    Some(entry)
}

/// Client, target, the three times in seconds (-1: not reached), status of balancer and target.
fn balancer_head<'a>(entry: &mut Entry<'a>, cursor: &mut Cursor<'a>, time: &'a str) -> Option<()> {
    let client = cursor.word()?;
    let target = cursor.word()?;
    let times = [cursor.word()?, cursor.word()?, cursor.word()?];
    if !scan::is_address(client) || times.iter().any(|time| scan::number(time).is_none() && *time != "-") {
        return None;
    }
    entry.mark("time", time);
    entry.mark("client.address", client);
    entry.mark("upstream.addr", target);
    let names = ["alb.request_processing_time", "alb.target_processing_time", "alb.response_processing_time"];
    for (name, time) in names.iter().zip(times) {
        entry.mark(name, time);
    }
    entry.mark_seconds("upstream.response_time", times[1]);
    let reached: Option<Vec<f64>> = times.iter().map(|time| scan::seconds(time)).collect();
    entry.total = reached.map(|parts| scan::tidy(parts.iter().sum()));
    entry.answer(cursor.word()?);
    let target_status = cursor.word()?;
    if scan::status(target_status).is_some() {
        entry.mark("alb.target_status", target_status);
        entry.mark("upstream.status", target_status);
    }
    Some(())
}

/// VPC flow log, version 2: `2 account eni src dst srcport dstport protocol packets bytes start end action status`.
/// Only refused flows become calls.
pub(super) fn flow(text: &str) -> Option<Option<Entry<'_>>> {
    let mut cursor = Cursor::new(text);
    let version = cursor.word()?;
    if version.len() > 2 || !scan::is_digits(version) {
        return None;
    }
    let account = cursor.word()?;
    let interface = cursor.word()?;
    if !interface.starts_with("eni-") || !(account.len() == 12 || account == "unknown") {
        return None;
    }
    let source = cursor.word()?;
    let target = cursor.word()?;
    if !cursor.rest().split(' ').any(|word| word == "REJECT") {
        return Some(None);
    }
    let mut entry = Entry::new(Vantage::Gateway);
    entry.mark("client.address", source);
    entry.mark("upstream.addr", target);
    entry.mark_as("vpc.action", "REJECT", interface);
    entry.mark_as("log.level", "error", interface);
    cursor.word();
    if let Some(port) = cursor.word() {
        entry.mark("upstream.port", port);
    }
    entry.messages.push(Cow::Borrowed(text));
    Some(Some(entry))
}

/// Lambda's own lines. `Some(None)` for those that tell of nothing.
pub(super) fn lambda(text: &str) -> Option<Option<Entry<'_>>> {
    if text.starts_with("START RequestId: ") || text.starts_with("END RequestId: ") || text.starts_with("INIT_START ") {
        return Some(None);
    }
    let mut entry = Entry::new(Vantage::Server);
    if let Some(rest) = text.strip_prefix("REPORT RequestId: ") {
        entry.mark("request_id", rest.split_whitespace().next().unwrap_or_default());
        entry.total = scan::between(rest, "Duration: ", " ms").and_then(scan::number);
        let status = scan::after(rest, "Status: ").and_then(|rest| rest.split_whitespace().next());
        if !matches!(status, Some("timeout" | "error")) {
            return Some(None);
        }
        entry.say(text);
    } else if let Some(at) = timed_out(text) {
        // `2023-11-27T10:00:00.123Z ID Task timed out after 3.00 seconds`, or the id alone
        let head = text[..at].rsplit(' ').next().unwrap_or_default();
        if !scan::is_id(head) {
            return None;
        }
        entry.mark("request_id", head);
        let words = &text[at + 1..];
        entry.total = scan::between(words, "after ", " second").and_then(scan::seconds);
        entry.say(words);
    } else {
        let rest = text.strip_prefix("RequestId: ")?;
        let (id, words) = rest.split_once(' ')?;
        if !scan::is_id(id) {
            return None;
        }
        entry.mark("request_id", id);
        entry.say(words);
    }
    entry.mark_as("log.level", "error", text);
    entry.mark_as("backend", "lambda", text);
    Some(Some(entry))
}

/// Where ` Task timed out after ` stands in a line that begins with an id or a time.
fn timed_out(text: &str) -> Option<usize> {
    (text.len() < 200 && text.as_bytes().first().is_some_and(u8::is_ascii_hexdigit))
        .then(|| text.find(" Task timed out after "))
        .flatten()
}

/// API Gateway's execution log: `(request-id) words`, one call for the consecutive lines of one id;
/// the console's test log writes `Mon Nov 27 10:00:00 UTC 2023 : words` and gives the id once.
pub(super) fn execution(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let (id, _) = execution_line(lines.text(at))?;
    let mut call = Call::new(Origin::LogLine, Vantage::Gateway);
    let mut taken = 0;
    for line in lines.0.iter().skip(at).take(EXECUTION_LINES) {
        match execution_line(&line.text) {
            Some((same, words)) if same == id => execution_words(&mut call, line, words),
            _ => break,
        }
        call.span = call.span.to(line.span);
        taken += 1;
    }
    if !id.is_empty() {
        call.mark("request_id", id, lines.span(at));
    }
    call.mark("gateway", "apigw", lines.span(at));
    Some(Taken { lines: taken.max(1), calls: vec![call], problems: Vec::new() })
}

/// The id and the words.
fn execution_line(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let open = text.bytes().take(48).position(|b| b == b'(');
    if let Some(open) = open
        && let Some((id, words)) = text[open + 1..].split_once(") ")
        && scan::is_id(id)
        && (open == 0 || scan::starts_with_date(text))
    {
        return Some((id, words));
    }
    if !scan::starts_with_shape(text.as_bytes(), b"aaa aaa dd dd:dd:dd aaa dddd : ") {
        return None;
    }
    Some(("", &text[31..]))
}

fn execution_words(call: &mut Call, line: &Line<'_>, words: &str) {
    let span = line.span_of(words);
    let response = |call: &mut Call, status: Option<u16>| {
        let response = call.response.get_or_insert_with(Response::default);
        response.status = status.or(response.status);
        response.span = response.span.to(span);
    };
    if let Some(rest) = words.strip_prefix("HTTP Method: ") {
        let (method, rest) = rest.split_once(',').unwrap_or((rest, ""));
        let path = scan::after(rest, "Resource Path: ").unwrap_or_default();
        let request = Request { method: Some(method.to_owned()), url: Url::parse(path), span, ..Request::default() };
        call.request = Some(request);
    } else if let Some(status) = words.strip_prefix("Method completed with status: ") {
        response(call, scan::status(status.trim()));
    } else if let Some(rest) = words.strip_prefix("Gateway response type: ") {
        let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        call.mark("apigw.error_type", kind, span);
        response(call, scan::after(rest, "status code: ").and_then(|code| scan::status(code.trim())));
        push(call, words, line);
    } else if let Some(body) = words
        .strip_prefix("Gateway response body: ")
        .or_else(|| words.strip_prefix("Method response body after transformations: "))
    {
        response(call, None);
        if let Some(response) = &mut call.response {
            response.body = Some(Body::bounded(body, line.span_of(body)));
        }
    } else if let Some(rest) = words.strip_prefix("Received response. Status: ") {
        call.mark("apigw.integration_status", scan::clip(rest, 3), span);
        call.timings.wait = scan::between(rest, "latency: ", " ms").and_then(scan::number);
    } else if let Some(url) = words.strip_prefix("Sending request to ") {
        call.mark("upstream.addr", url, span);
    } else if speaks_of_failure(words) {
        call.mark("apigw.error_message", words, span);
        push(call, words, line);
    } else if words.starts_with("Endpoint response body before transformations: ") {
        push(call, words, line);
    }
}

fn push(call: &mut Call, words: &str, line: &Line<'_>) {
    call.messages.push(Message { kind: MessageKind::Log, text: words.to_owned(), span: line.span_of(words) });
}

/// The sentences of the execution log that tell of a failure.
fn speaks_of_failure(words: &str) -> bool {
    const STARTS: &[&str] = &[
        "Execution failed",
        "Lambda execution failed",
        "Endpoint request timed out",
        "Invalid permissions",
        "Unauthorized request",
        "The client is not authorized",
        "User is not authorized",
        "Key throttle limit",
        "Usage Plan check failed",
        "Authorizer",
        "Network error",
        "Lambda invocation failed",
        "Request body does not match",
        "Invalid Permissions",
        "Internal server error",
        "API Key",
        "Forbidden",
        "Missing required",
    ];
    let failing = [
        "failed",
        "timed out",
        "not authorized",
        "exceeded",
        "error",
        "invalid",
        "Invalid",
        "does not match",
        "denied",
        "not found",
        "Missing",
    ];
    STARTS.iter().any(|start| words.starts_with(start))
        && (failing.iter().any(|word| words.contains(word)) || words.starts_with("Unauthorized"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    fn check(entry: Option<Entry<'_>>, status: Option<u16>, expected: &[(&str, &str)]) {
        let entry = entry.expect("an entry");
        assert_eq!(entry.status, status);
        for (name, value) in expected {
            let total = entry.total.map(|ms| ms.to_string());
            let found = match *name {
                "host" => entry.host,
                "target" => entry.target,
                "total" => total.as_deref(),
                "message" => entry.messages.first().map(AsRef::as_ref),
                _ => entry.value(name),
            };
            assert_eq!(found.unwrap_or_default(), *value, "{name}");
        }
    }

    #[test]
    fn balancers() {
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
        check(
            application_balancer(
                r#"http 2018-11-30T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 502 - 34 366 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337364-23a8c76965a2ef7629b185e3" "-" "-" 0 2018-11-30T22:22:48.364000Z "forward" "-" "LambdaInvalidResponse" "-" "-" "-" "-" TID_123456"#,
            ),
            Some(502),
            &[
                ("alb.error_reason", "LambdaInvalidResponse"),
                ("alb.actions", "forward"),
                ("request_id", "Root=1-58337364-23a8c76965a2ef7629b185e3"),
                ("total", "1"),
                ("alb.target_status", ""),
            ],
        );
        check(
            application_balancer(
                r#"https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.001 -1 -1 504 - 34 366 "GET https://www.example.com:443/x HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:x "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:x" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "-" "-" "-""#,
            ),
            Some(504),
            &[
                ("alb.target_processing_time", "-1"),
                ("upstream.addr", "10.0.0.1:80"),
                ("host", "www.example.com"),
                ("total", ""),
                ("target", "https://www.example.com:443/x"),
            ],
        );
        // https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
        check(
            classic_balancer(
                r#"2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000086 0.001048 0.001337 503 500 0 57 "GET https://www.example.com:443/ HTTP/1.1" "curl/7.38.0" DHE-RSA-AES128-SHA TLSv1.2"#,
            ),
            Some(503),
            &[("gateway", "aws-elb"), ("alb.target_status", "500"), ("upstream.response_time", "1.048")],
        );
        for text in [
            "",
            "http",
            "http x y z",
            "https 2018-07-02T22:23:00Z app/x/y",
            "https://example.com is down",
            "2015-05-13T23:39:43.945958Z some words here",
        ] {
            assert!(application_balancer(text).is_none() && classic_balancer(text).is_none(), "{text}");
        }
    }

    #[test]
    fn functions_and_flows() {
        check(
            lambda("2023-11-27T10:00:03.123Z 1b4f2a30-0000-4000-8000-000000000001 Task timed out after 3.00 seconds")
                .flatten(),
            None,
            &[
                ("request_id", "1b4f2a30-0000-4000-8000-000000000001"),
                ("message", "Task timed out after 3.00 seconds"),
                ("total", "3000"),
            ],
        );
        check(lambda("REPORT RequestId: 1b4f2a30-0000-4000-8000-000000000001\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: timeout").flatten(), None, &[("total", "3000")]);
        check(
            lambda("RequestId: 1b4f2a30-0000-4000-8000-000000000001 Error: Runtime exited with error: signal: killed")
                .flatten(),
            None,
            &[("message", "Error: Runtime exited with error: signal: killed")],
        );
        assert_eq!(lambda("START RequestId: 1b4f2a30-0000-4000-8000-000000000001 Version: $LATEST"), Some(None));
        check(flow("2 123456789010 eni-1235b8ca123456789 172.31.9.69 172.31.9.12 49761 3389 6 20 4249 1418530010 1418530070 REJECT OK").flatten(), None,
            &[("client.address", "172.31.9.69"), ("upstream.port", "3389"), ("vpc.action", "REJECT")]);
        assert_eq!(
            flow(
                "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"
            ),
            Some(None)
        );
    }
}

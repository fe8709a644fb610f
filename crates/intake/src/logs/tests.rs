//! The reader as a whole: joins, blocks, robustness.

use super::*;
use firstfault_model::Span;

fn lines(text: &str) -> Lines<'_> {
    let mut start = 0;
    let mut all = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let span = Span::new(u32::try_from(number).unwrap_or(u32::MAX) + 1, start, start + line.len());
        start += line.len() + 1;
        all.push(Line { text: Cow::Borrowed(line), prefix: "", span, prose: false });
    }
    Lines(all)
}

/// Every call that the reader makes of a text, line after line.
fn calls(text: &str) -> Vec<firstfault_model::Call> {
    let lines = lines(text);
    let mut at = 0;
    let mut calls = Vec::new();
    while at < lines.len() {
        match read(&lines, at) {
            Some(taken) => {
                assert!(taken.lines > 0 && at + taken.lines <= lines.len(), "{text}");
                at += taken.lines;
                calls.extend(taken.calls);
            }
            None => at += 1,
        }
    }
    calls
}

const SAMPLES: &[(&str, &[Option<u16>])] = &[
    (
        "2023/11/27 10:00:00 [error] 1#1: *1 upstream timed out (110: Connection timed out) while reading response header from upstream, client: 1.2.3.4, server: s, request: \"GET /x HTTP/1.1\", upstream: \"http://10.0.0.1:80/x\", host: \"h.example\"\n1.2.3.4 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 504 167 \"-\" \"curl/8\"",
        &[None, Some(504)],
    ),
    (
        "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port c-ip sc-status sc-substatus sc-win32-status time-taken\n2023-11-27 10:00:00 10.0.0.4 GET /x - 443 1.2.3.4 502 3 12002 120000\n2023-11-27 10:00:01 10.0.0.4 GET /y a=1 443 1.2.3.4 200 0 0 12\n\nwords",
        &[Some(502), Some(200)],
    ),
    (
        "(1b4f2a30-0000-4000-8000-000000000001) Extended Request Id: abc=\n(1b4f2a30-0000-4000-8000-000000000001) HTTP Method: GET, Resource Path: /x\n(1b4f2a30-0000-4000-8000-000000000001) Execution failed due to configuration error: Malformed Lambda proxy response\n(1b4f2a30-0000-4000-8000-000000000001) Method completed with status: 502",
        &[Some(502)],
    ),
    (
        "Mon Nov 27 10:00:00 UTC 2023 : Endpoint request timed out\nMon Nov 27 10:00:00 UTC 2023 : Method completed with status: 504",
        &[Some(504)],
    ),
    (
        "*   << BeReq    >> 32771\n-   BereqMethod    GET\n-   BereqURL       /x\n-   FetchError     http first read error: EOF\n-   BerespStatus   503\n-   BerespReason   Service Unavailable\n*   << Request  >> 32770\n-   ReqMethod      GET\n-   ReqURL         /x\n-   RespStatus     503\n-   Timestamp      Resp: 1699999999.1 30.123 0.1",
        &[Some(503), Some(503)],
    ),
    (
        "I1127 10:00:00.000000 12 round_trippers.go:466] GET https://10.0.0.1:6443/api/v1/pods\nI1127 10:00:00.000000 12 round_trippers.go:473] Request Headers:\nI1127 10:00:00.000000 12 round_trippers.go:476]     Accept: application/json\nI1127 10:00:00.000000 12 round_trippers.go:574] Response Status: 403 Forbidden in 12 milliseconds\nI1127 10:00:00.000000 12 request.go:1212] Response Body: {\"kind\":\"Status\",\"code\":403}",
        &[Some(403)],
    ),
    (
        "START RequestId: 1b4f2a30-0000-4000-8000-000000000001 Version: $LATEST\n2023-11-27T10:00:03.123Z 1b4f2a30-0000-4000-8000-000000000001 Task timed out after 3.00 seconds\nEND RequestId: 1b4f2a30-0000-4000-8000-000000000001\nREPORT RequestId: 1b4f2a30-0000-4000-8000-000000000001\tDuration: 3000.00 ms",
        &[None],
    ),
    (
        "2023/11/27 10:00:00 [error] 1#1: *1 FastCGI sent in stderr: \"PHP message: PHP Fatal error:  Uncaught Error: x in /a.php:1\nStack trace:\n#0 {main}\n  thrown in /a.php on line 1\" while reading response header from upstream, client: 1.2.3.4, server: s, request: \"GET /x HTTP/1.1\", upstream: \"fastcgi://127.0.0.1:9000\", host: \"h\"",
        &[None],
    ),
    ("2020-02-12T16:29:23.303959756Z stderr F E1127 10:00:00.000000 1 a.go:1] boom", &[None]),
    ("Internal Server Error: /x\nTraceback (most recent call last):", &[Some(500)]),
    ("2023-11-27 10:00:00,604 [INFO] root: GET /api/x/ 500 (user=j)", &[Some(500)]),
    (
        "  Warning  Unhealthy  2m (x3 over 5m)  kubelet  Readiness probe failed: HTTP probe failed with statuscode: 503",
        &[None],
    ),
    (
        "Feb  6 12:14:14 h haproxy[1]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] fe be/<NOSRV> 0/-1/-1/-1/0 503 212 - - SC-- 1/1/1/1/0 0/0 \"GET / HTTP/1.1\"",
        &[Some(503)],
    ),
    (
        "https 2018-07-02T22:23:00.186641Z app/x/y 1.2.3.4:2817 10.0.0.1:80 0.001 -1 -1 504 - 34 366 \"GET https://x.example:443/ HTTP/1.1\" \"c\" - - arn \"Root=1\" \"-\" \"-\" 0 2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\" \"-\" \"-\" \"-\" \"-\"",
        &[Some(504)],
    ),
    (
        "[2023-11-27T10:00:00.000Z] \"GET /x HTTP/1.1\" 503 UH no_healthy_upstream - \"-\" 0 19 0 - \"-\" \"curl\" \"19603cb9-4729-9b3d-aea1-8eb7b646c3e6\" \"s\" \"-\" outbound|80||s - 10.96.44.7:80 10.244.1.2:1 - -",
        &[Some(503)],
    ),
];

#[test]
fn whole_texts() {
    for (text, statuses) in SAMPLES {
        let found: Vec<_> = calls(text).iter().map(firstfault_model::Call::status).collect();
        assert_eq!(found, *statuses, "{text}");
    }
}

#[test]
fn parts_of_groups_are_kept() {
    let execution = &calls(SAMPLES[2].0)[0];
    assert_eq!(execution.attribute("request_id"), Some("1b4f2a30-0000-4000-8000-000000000001"));
    assert_eq!(execution.messages.len(), 1);
    let exchange = &calls(SAMPLES[5].0)[0];
    assert!(exchange.response.as_ref().is_some_and(|response| response.body.is_some()));
    let fastcgi = &calls(SAMPLES[7].0)[0];
    assert_eq!(fastcgi.request.as_ref().map(|request| request.url.path.as_str()), Some("/x"));
    assert_eq!(fastcgi.span.line, 1);
    let varnish = &calls(SAMPLES[4].0);
    assert_eq!(varnish[0].attribute("upstream.status"), Some("503"));
    assert_eq!(varnish[1].timings.total, Some(30123.0));
}

#[test]
fn other_peoples_lines_are_left_alone() {
    for text in [
        "{\"status\":500}",
        "time=\"2023\" level=error msg=\"x\"",
        "$ curl -v https://x",
        "* Connected to x",
        "> GET / HTTP/1.1",
        "< HTTP/1.1 404 Not Found",
        "HTTP/1.1 404 Not Found",
        "GET /x HTTP/1.1",
        "Traceback (most recent call last):",
        "  File \"x.py\", line 1, in <module>",
        "\tat java.base/x(Y.java:1)",
        "2024-03-11 10:05:41.702 ERROR 1 --- [nio-8080-exec-42] o.h.e : words",
        "the API answers \"Not found\" 404 times a day",
        "Host: api.example.com",
        "- a list item with words",
        "* a list item",
        "# A heading",
        "#0 {main}",
        "1. first",
        "Warning: deprecated",
        "Server: nginx",
        "Server is DOWN",
        "Content-Type: application/json",
        "java.net.ConnectException: Connection refused",
        "Started in 3 s",
        "Completed",
        "-  two spaces",
        "(see below) words",
    ] {
        assert!(calls(text).is_empty(), "{text}");
        assert!(read(&lines(text), 0).is_none(), "{text}");
    }
}

/// Every sample cut at every byte, and with foreign characters in every place, is read without a panic.
#[test]
fn cut_and_broken_lines_do_not_panic() {
    for (text, _) in SAMPLES {
        for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
            calls(&text[..end]);
            let _ = glance(&text.as_bytes()[..end]);
            if end % 3 == 0 {
                let broken = format!("{}é\u{200b}{}", &text[..end], &text[end..]);
                calls(&broken);
                let _ = glance(broken.as_bytes());
            }
        }
    }
}

/// Where the quick look speaks, it agrees with the reader on the status.
#[test]
fn the_quick_look_agrees_with_the_reader() {
    for (text, _) in SAMPLES {
        for line in text.split('\n') {
            let Some(glance) = glance(line.as_bytes()) else { continue };
            let calls = calls(line);
            let Some(call) = calls.first() else { continue };
            assert_eq!(glance.status, call.status(), "{line}");
        }
    }
}

#[test]
fn hostile_lines_are_cheap() {
    for unit in ["(", "[", "\"", " ", "a ", "[a] ", "\\", "1/", "status=", ", ", ": ", "\" 200 ", "é"] {
        for head in [
            "",
            "2023/11/27 10:00:00 [error] 1#1: *1 ",
            "1.2.3.4 - - [27/Nov/2023:10:00:00 +0000] \"GET / HTTP/1.1\" 200 1 ",
            "[Tue Nov 28 14:35:07.971403 2023] [proxy:error] [pid 6395] ",
        ] {
            let text = format!("{head}{}", unit.repeat(200_000));
            calls(&text);
            let _ = glance(text.as_bytes());
        }
    }
}

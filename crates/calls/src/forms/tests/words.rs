//! Words of programs, entries over many lines, and logs of errors.

use super::{check, read, say};

#[test]
fn heads_of_logging_libraries() {
    for (text, expected) in [
        (
            "2023-11-27 10:00:00,123 ERROR [http-nio-8080-exec-1] com.example.OrderService - could not save order 17\n",
            &[
                ("message", "could not save order 17"),
                ("suspect", "true"),
                ("time", "1701079200123"),
                ("kind", "event"),
            ][..],
        ),
        (
            "2023-11-27T10:00:00.123Z  INFO [orders,5b8aa5a2d2c872e8,eee19b7ec3c1b173] 1 --- [main] c.e.Orders : saved\n",
            &[("service", "orders"), ("trace", "true"), ("suspect", "false")][..],
        ),
        (
            "2023-11-27 10:00:00,123 - app.orders - WARNING - slow answer request_id=7b0c7c2e-1111\n",
            &[("request", "true"), ("time", "1701079200123")][..],
        ),
        (
            "2023-11-27 10:00:00.123 UTC [4711] ERROR:  duplicate key value violates unique constraint \"orders_pkey\"\n",
            &[("suspect", "true"), ("time", "1701079200123")][..],
        ),
        ("Nov 27 10:00:00 web1 systemd[1]: Failed to start Orders.\n", &[("suspect", "true")][..]),
        (
            "081109 203615 148 WARN dfs.DataNode$X: Got exception while serving blk_1\n",
            &[("time", "1226262975000"), ("message", "Got exception while serving blk_1")][..],
        ),
        (
            "03-17 16:13:38.811  1702  2395 E WindowManager: boom\n",
            &[("service", "WindowManager"), ("suspect", "true"), ("time", "1773764018811")][..],
        ),
    ] {
        let (_, calls) = read(text);
        assert_eq!(calls.rows, 1, "{text}");
        say(&calls, 0, text, expected);
    }
}

#[test]
fn the_first_exception_joins_what_an_error_says() {
    let text = "2023-11-27 10:00:00,123 ERROR [main] com.example.Orders - could not save order 17\n\
        java.sql.SQLTimeoutException: no connection within 30000ms\n\
        \tat com.zaxxer.hikari.HikariPool.getConnection(HikariPool.java:100)\n\
        Caused by: java.net.ConnectException: refused\n\
        \t... 12 more\n\
        2023-11-27 10:00:01,123 INFO [main] com.example.Orders - saved order 18\n";
    let (_, calls) = read(text);
    assert_eq!((calls.rows, calls.inputs[0].aside, calls.inputs[0].unreadable), (2, 4, 0));
    say(
        &calls,
        0,
        text,
        &[("message", "could not save order 17: java.sql.SQLTimeoutException: no connection within 30000ms")],
    );
    assert!(calls.shapes[0].sample.contains("HikariPool.java:100"), "the sample is the whole entry");
    // Python says its exception last
    let text = "2023-11-27 10:00:00,123 ERROR app: upload failed\n\
        Traceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\n\
        requests.exceptions.ConnectionError: refused\n\
        2023-11-27 10:00:01,123 INFO app: next\n";
    let (_, calls) = read(text);
    assert_eq!((calls.rows, calls.inputs[0].aside), (2, 4));
    say(&calls, 0, text, &[("message", "upload failed: requests.exceptions.ConnectionError: refused")]);
}

#[test]
fn what_goes_on_is_no_line_of_its_own() {
    let text =
        "2023-11-27 10:00:00 INFO config loaded\n{\n  \"a\": 1,\n  \"b\": [2]\n}\n2023-11-27 10:00:01 INFO ready\n";
    let (_, calls) = read(text);
    assert_eq!((calls.rows, calls.inputs[0].aside, calls.inputs[0].unreadable), (2, 4, 0));
    let text =
        "10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512\n\tat com.example.A.b(A.java:1)\n";
    let (_, calls) = read(text);
    assert_eq!((calls.rows, calls.inputs[0].aside), (1, 1));
}

#[test]
fn errors_of_servers_are_events() {
    // https://nginx.org/en/docs/ngx_core_module.html#error_log
    check(
        "2023/11/27 10:00:00 [error] 12#12: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: api.example.com, request: \"GET /v1/x/7 HTTP/1.1\", upstream: \"http://10.0.0.5:8080/v1/x/7\", host: \"api.example.com\"\n",
        "text",
        &[
            ("kind", "event"),
            ("suspect", "true"),
            ("time", "1701079200000"),
            ("client_ip", "10.0.0.1"),
            ("upstream", "10.0.0.5:8080"),
            ("route", "/v1/x/{id}"),
        ],
    );
}

#[test]
fn words_that_tell_of_an_answer_are_calls() {
    // Rails, lograge's predecessor
    check(
        "Completed 500 Internal Server Error in 12ms\n",
        "text",
        &[("kind", "call"), ("status", "500"), ("latency", "12")],
    );
    // Gin
    check(
        "[GIN] 2023/11/27 - 10:00:00 | 502 |    1.204ms |       127.0.0.1 | GET      \"/x\"\n",
        "text",
        &[("kind", "call"), ("status", "502"), ("method", "GET"), ("route", "/x"), ("latency", "1.204")],
    );
    // Heroku's router
    check(
        "2023-11-27T10:00:00.123456+00:00 heroku[router]: at=error code=H12 desc=\"Request timeout\" method=GET path=\"/x\" host=a.example request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd=\"204.204.204.204\" dyno=web.1 connect= service=30000ms status=503 bytes=0 protocol=https\n",
        "logfmt in prefix",
        &[("status", "503"), ("method", "GET"), ("route", "/x")],
    );
}

#[test]
fn a_head_on_a_line_of_its_own() {
    // https://learn.microsoft.com/dotnet/core/extensions/console-log-formatter
    let text = "fail: Shop.Orders[0]\n      could not save order 17\n\
        info: Microsoft.AspNetCore.Hosting.Diagnostics[2]\n      Request finished HTTP/1.1 GET http://localhost:5000/x - 500 0 - 12.3ms\n";
    let (_, calls) = read(text);
    assert_eq!((calls.rows, calls.inputs[0].aside), (2, 2));
    say(&calls, 0, text, &[("kind", "event"), ("message", "could not save order 17"), ("suspect", "true")]);
    say(&calls, 1, text, &[("kind", "call"), ("status", "500")]);
}

#[test]
fn calls_keep_the_time_and_ids_of_their_head() {
    check(
        "I, [2023-11-27T10:00:00.153456 #4711]  INFO -- : [8601b555-6a83-4c12-8269-97c8e32cdb22] Completed 500 Internal Server Error in 30ms (ActiveRecord: 0.5ms)\n",
        "text",
        &[("status", "500"), ("time", "1701079200153"), ("request", "true"), ("latency", "30")],
    );
    check(
        "2023-11-27T10:00:00.123Z app[web.1]: GET /users/17 500 12.345 ms - 99\n",
        "text in prefix",
        &[("status", "500"), ("time", "1701079200123"), ("route", "/users/{id}"), ("host", "web.1")],
    );
}

//! Access logs around a quoted request.

use super::{check, read, say};

#[test]
fn common_and_combined() {
    // https://httpd.apache.org/docs/2.4/logs.html
    check(
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326\n",
        "access log",
        &[
            ("client_ip", "127.0.0.1"),
            ("user", "frank"),
            ("method", "GET"),
            ("status", "200"),
            ("time", "971211336000"),
        ],
    );
    check(
        "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /users/42?x=1 HTTP/1.0\" 500 2326 \"http://www.example.com/start.html\" \"curl/8.1.2\"\n",
        "access log",
        &[
            ("route", "/users/{id}"),
            ("client", "curl"),
            ("client_version", "curl/8.1.2"),
            ("suspect", "true"),
            ("latency", "NaN"),
        ],
    );
}

#[test]
fn times_behind_the_line_have_the_unit_of_their_server() {
    let lines = |tail: &dyn Fn(usize) -> String| {
        (0..20)
            .map(|n| {
                format!(
                    "10.0.0.{n} - - [27/Nov/2023:10:00:{n:02} +0000] \"GET /x HTTP/1.1\" 200 512 \"-\" \"curl/8.1\" {}\n",
                    tail(n)
                )
            })
            .collect::<String>()
    };
    // nginx $request_time $upstream_response_time
    check(&lines(&|n| format!("0.{:03} 0.{:03}", n + 100, n + 90)), "access log", &[("latency", "100")]);
    // Apache %D and %T
    check(&lines(&|n| format!("{}", 15_200 + n)), "access log", &[("latency", "15.2")]);
    check(&lines(&|n| format!("{}", n / 19)), "access log", &[("latency", "0")]);
    // Traefik CLF: https://doc.traefik.io/traefik/observability/access-logs/
    check(
        &lines(&|n| format!("{} \"web@docker\" \"http://172.18.0.5:8000\" {}ms", n + 1, n + 297)),
        "access log",
        &[("latency", "297"), ("upstream", "web@docker"), ("host", "172.18.0.5")],
    );
    // nginx with names: https://docs.nginx.com/nginx/admin-guide/monitoring/logging/
    check(
        &lines(&|n| {
            format!(
                "rt=0.{:03} uct=\"0.001\" uht=\"0.2\" urt=\"0.1, 0.2\" us=\"502, 200\" ua=\"10.1.0.1:80, 10.1.0.2:80\"",
                n + 250
            )
        }),
        "access log",
        &[("latency", "250"), ("upstream_status", "200"), ("upstream", "10.1.0.2:80")],
    );
}

#[test]
fn what_stands_before_and_behind() {
    // Apache's vhost_combined
    check(
        "www.example.com:443 203.0.113.9 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 200 512 \"-\" \"curl/8.1\"\n",
        "access log",
        &[("client_ip", "203.0.113.9"), ("service", "www.example.com:443")],
    );
    // "$http_x_forwarded_for": the first address is the caller's, the peer's where there is none
    let text = "10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 200 512 \"-\" \"curl/8.1\" \"203.0.113.7, 10.9.9.9\"\n\
        10.0.0.2 - - [27/Nov/2023:10:00:01 +0000] \"GET /x HTTP/1.1\" 200 512 \"-\" \"curl/8.1\" \"-\"\n";
    check(text, "access log", &[("client_ip", "203.0.113.7")]);
    say(&read(text).1, 1, text, &[("client_ip", "10.0.0.2")]);
    // Apache's %{X-Forwarded-For}i in the place of the host
    check(
        "203.0.113.7, 10.0.0.2 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 200 1 \"-\" \"curl/8.1\"\n",
        "access log",
        &[("client_ip", "203.0.113.7")],
    );
    // API Gateway: the common format with $context.requestId
    check(
        "203.0.113.9 - - [27/Nov/2023:10:00:00 +0000]\"GET /prod/x HTTP/1.1\" 502 36 1b4f2a30-0000-4000-8000-000000000001\n",
        "access log",
        &[("status", "502"), ("request", "true")],
    );
    // Kong 3.x
    check(
        "172.18.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET / HTTP/1.1\" 503 75 \"-\" \"curl/8.1\" kong_request_id: \"5f1a2b3c4d5e6f708192a3b4c5d6e7f8\"\n",
        "access log",
        &[("status", "503"), ("request", "true")],
    );
    // ingress-nginx: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/log-format/
    check(
        "192.168.64.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 502 150 \"-\" \"curl/8.1\" 83 1.007 [default-web-80] [] 10.1.0.7:8080, 10.1.0.8:8080 0, 150 0.503, 0.504 502, 502 3b1a2c4d5e6f708192a3b4c5d6e7f809\n",
        "access log",
        &[
            ("latency", "1007"),
            ("upstream", "default-web-80"),
            ("host", "10.1.0.8:8080"),
            ("upstream_status", "502"),
            ("request", "true"),
        ],
    );
    // S3 server access log: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
    check(
        "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be amzn-s3-demo-bucket1 [06/Feb/2019:00:00:38 +0000] 192.0.2.3 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be 3E57427F3EXAMPLE REST.GET.OBJECT key.txt \"GET /amzn-s3-demo-bucket1/key.txt HTTP/1.1\" 403 AccessDenied 243 - 7 6 \"-\" \"S3Console/0.4\" - s9lz= SigV4 ECDHE-RSA-AES128-GCM-SHA256 AuthHeader amzn-s3-demo-bucket1.s3.us-west-1.amazonaws.com TLSV1.2 - -\n",
        "access log",
        &[
            ("service", "amzn-s3-demo-bucket1"),
            ("error_code", "AccessDenied"),
            ("latency", "7"),
            ("client", "S3Console"),
            ("client_ip", "192.0.2.3"),
        ],
    );
}

#[test]
fn application_servers() {
    // uvicorn
    check(
        "INFO:     127.0.0.1:52345 - \"GET /items/7 HTTP/1.1\" 404 Not Found\nINFO:     127.0.0.1:52346 - \"GET /items/8 HTTP/1.1\" 200 OK\n",
        "access log",
        &[("client_ip", "127.0.0.1"), ("status", "404"), ("route", "/items/{id}"), ("time", "-9223372036854775808")],
    );
    // Django, werkzeug, aiohttp, gunicorn
    check(
        "[27/Nov/2023 10:00:00] \"GET /x HTTP/1.1\" 404 179\n",
        "access log",
        &[("status", "404"), ("time", "1701079200000")],
    );
    check(
        "INFO:werkzeug:127.0.0.1 - - [27/Nov/2023 10:00:00] \"GET /x HTTP/1.1\" 500 -\n",
        "access log",
        &[("client_ip", "127.0.0.1"), ("status", "500")],
    );
    check(
        "2023-11-27 10:00:00,123 - werkzeug - INFO - 127.0.0.1 - - [27/Nov/2023 10:00:00] \"POST /x HTTP/1.1\" 200 -\n",
        "access log",
        &[("client_ip", "127.0.0.1"), ("method", "POST"), ("time", "1701079200000")],
    );
}

#[test]
fn garbled_requests_are_calls_without_a_route() {
    let text = "10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 200 512\n\
        10.0.0.2 - - [27/Nov/2023:10:00:01 +0000] \"\\x16\\x03\\x01\" 400 0\n\
        10.0.0.3 - - [27/Nov/2023:10:00:02 +0000] \"-\" 408 0\n";
    check(text, "access log", &[]);
    let calls = read(text).1;
    say(&calls, 1, text, &[("status", "400"), ("route", ""), ("message", "\\x16\\x03\\x01")]);
    say(&calls, 2, text, &[("status", "408"), ("client_ip", "10.0.0.3")]);
}

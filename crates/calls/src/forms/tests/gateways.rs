//! Proxies, balancers and their columns.

use super::{check, read, say};

#[test]
fn envoy_and_istio() {
    // https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
    check(
        "[2016-04-15T20:17:00.310Z] \"POST /api/v1/locations HTTP/2\" 204 - 154 0 226 100 \"10.0.35.28\" \"nsq2http\" \"cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2\" \"locations\" \"tcp://10.0.2.1:80\"\n",
        "envoy",
        &[
            ("method", "POST"),
            ("route", "/api/v1/locations"),
            ("status", "204"),
            ("latency", "226"),
            ("client_ip", "10.0.35.28"),
            ("upstream", "locations"),
            ("host", "10.0.2.1:80"),
            ("suspect", "false"),
            ("request", "true"),
        ],
    );
    // https://istio.io/latest/docs/tasks/observability/logs/access-log/
    check(
        "[2020-11-25T21:26:18.409Z] \"GET /status/418 HTTP/1.1\" 418 - via_upstream - \"-\" 0 135 4 4 \"-\" \"curl/7.73.0-DEV\" \"84961386-6d84-929d-98bd-c5aee93b5c88\" \"httpbin:8000\" \"10.44.1.27:80\" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default\n",
        "envoy",
        &[
            ("upstream", "httpbin.foo.svc.cluster.local"),
            ("client_ip", "10.44.1.23"),
            ("latency", "4"),
            ("message", ""),
        ],
    );
    check(
        "[2023-11-27T10:00:00.000Z] \"GET /x HTTP/1.1\" 503 UF,URX upstream_reset_before_response_started{connection_failure} - \"delayed connect error: 111\" 0 152 84 - \"-\" \"curl/8.1\" \"5ad8d0f0-0000-4000-8000-000000000001\" \"web:8080\" \"10.0.0.9:8080\" outbound|8080||web.default.svc.cluster.local - 10.1.1.1:8080 10.0.0.4:4242 - default\n",
        "envoy",
        &[("mark", "UF,URX"), ("message", "upstream_reset_before_response_started{connection_failure}")],
    );
}

#[test]
fn haproxy_http_and_tcp() {
    // https://docs.haproxy.org/2.8/configuration.html#8.2.3
    check(
        "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"\n",
        "haproxy",
        &[
            ("client_ip", "10.0.1.2"),
            ("upstream", "static"),
            ("host", "srv1"),
            ("status", "200"),
            ("latency", "109"),
            ("time", "1233922454655"),
            ("suspect", "false"),
        ],
    );
    check(
        "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in app/<NOSRV> 0/-1/-1/-1/1 503 212 - - SC-- 2/2/0/0/3 0/0 \"GET /x HTTP/1.1\"\n",
        "haproxy",
        &[("status", "503"), ("mark", "SC"), ("host", ""), ("suspect", "true")],
    );
    // https://docs.haproxy.org/2.8/configuration.html#8.2.2
    check(
        "Feb  6 12:12:56 localhost haproxy[14387]: 10.0.1.2:33313 [06/Feb/2009:12:12:51.443] fnt bck/srv1 0/0/5007 212 -- 0/0/0/0/3 0/0\n",
        "haproxy",
        &[("kind", "call"), ("status", "0"), ("latency", "5007"), ("upstream", "bck"), ("suspect", "false")],
    );
}

#[test]
fn balancers_of_aws() {
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
    check(
        "http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 \"GET http://www.example.com:80/a/17?b=c HTTP/1.1\" \"curl/7.46.0\" - - arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 \"Root=1-58337262-36d228ad5d99923122bbe354\" \"-\" \"-\" 0 2018-07-02T22:22:48.364000Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\"\n",
        "aws-alb",
        &[
            ("service", "my-loadbalancer"),
            ("upstream", "my-targets"),
            ("host", "10.0.0.1:80"),
            ("route", "/a/{id}"),
            ("upstream_status", "200"),
            ("latency", "1"),
            ("client_ip", "192.168.131.39"),
            ("trace", "true"),
        ],
    );
    check(
        "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - 0.000 0.001 0.000 502 - 34 366 \"GET https://www.example.com:443/ HTTP/1.1\" \"curl/7.46.0\" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-lambda/73e2d6bc24d8a067 \"Root=1-58337364-23a8c76965a2ef7629b185e3\" \"www.example.com\" \"session-reused\" 0 2018-11-30T22:22:48.364000Z \"forward\" \"-\" \"LambdaInvalidResponse\" \"-\" \"-\" \"-\" \"-\"\n",
        "aws-alb",
        &[("status", "502"), ("error_code", "LambdaInvalidResponse"), ("host", ""), ("upstream_status", "")],
    );
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
    check(
        "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 \"GET http://www.example.com:80/ HTTP/1.1\" \"curl/7.38.0\" - -\n",
        "aws-elb",
        &[("service", "my-loadbalancer"), ("upstream", "10.0.0.1:80"), ("latency", "1.178"), ("time", "1431560383945")],
    );
}

#[test]
fn squid_native() {
    // https://wiki.squid-cache.org/Features/LogFormat
    check(
        "1286536308.779    180 192.168.0.224 TCP_MISS/200 411 GET http://liveupdate.example.com/liveupdate/2.0/catalog.zip - DIRECT/200.7.96.131 application/zip\n\
         1286536309.000    2 192.168.0.225 TCP_DENIED/403 411 CONNECT api.example.com:443 - HIER_NONE/- text/html\n",
        "squid",
        &[
            ("time", "1286536308779"),
            ("latency", "180"),
            ("upstream", "liveupdate.example.com"),
            ("host", "200.7.96.131"),
            ("mark", ""),
        ],
    );
}

#[test]
fn columns_that_are_named() {
    // https://learn.microsoft.com/windows/win32/http/w3c-logging
    let text = "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2023-11-27 10:00:00\n\
        #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n\
        2023-11-27 10:00:00 10.0.0.4 POST /api/v1/7 q=1 443 anna 203.0.113.9 curl/8.1 - 500 19 64 30123\n\
        2023-11-27 10:00:01 10.0.0.4 GET /x - 443 - 203.0.113.9 curl/8.1 - 200 0 0 12\n\
        #Fields: date time cs-method cs-uri-stem sc-status time-taken\n\
        2023-11-27 10:00:02 GET /y 404 3\n";
    let (layout, calls) = read(text);
    assert_eq!((layout.form.as_str(), calls.rows), ("w3c", 3));
    say(
        &calls,
        0,
        text,
        &[
            ("time", "1701079200000"),
            ("user", "anna"),
            ("client_ip", "203.0.113.9"),
            ("status", "500"),
            ("mark", "19"),
            ("error_code", "64"),
            ("latency", "30123"),
            ("host", "10.0.0.4"),
        ],
    );
    say(&calls, 1, text, &[("status", "200"), ("suspect", "false")]);
    say(&calls, 2, text, &[("status", "404"), ("route", "/y"), ("latency", "3"), ("client_ip", "")]);
    assert!(calls.shapes.iter().all(|s| s.sample.starts_with("#Fields:")), "a row says nothing without its header");
    assert_eq!(calls.inputs[0].aside, 5);
    // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
    check(
        "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type x-edge-request-id x-host-header cs-protocol cs-bytes time-taken x-forwarded-for ssl-protocol ssl-cipher x-edge-response-result-type cs-protocol-version fle-status fle-encrypted-fields c-port time-to-first-byte x-edge-detailed-result-type sc-content-type sc-content-len sc-range-start sc-range-end\n\
        2019-12-13\t22:36:27\tSEA19-C1\t900\t192.0.2.200\tGET\td111111abcdef8.cloudfront.net\t/favicon.ico\t502\thttp://www.example.com/\tMozilla/5.0%20(Windows)\t-\t-\tError\t1pkpNfBQ39sYMnjjUQjmH2w1wdJnbHYTbag21o_3OfcQgPzdL2RSSQ==\twww.example.com\thttp\t675\t0.102\t-\t-\t-\tError\tHTTP/1.1\t-\t-\t25260\t0.102\tOriginDnsError\ttext/html\t507\t-\t-\n",
        "w3c",
        &[
            ("zone", "SEA19-C1"),
            ("latency", "102"),
            ("mark", "OriginDnsError"),
            ("client_ip", "192.0.2.200"),
            ("request", "true"),
        ],
    );
}

//! Lines as the programs of the world write them → rows.

use crate::tests::{read, shown};

/// `line` gives one row that is shown as `expected`.
fn check(line: &str, expected: &str) {
    let calls = read(line.as_bytes());
    assert_eq!(calls.rows, 1, "{line}");
    let kind = format!("{:?}", calls.shapes[0].kind).to_lowercase();
    let suspect = if calls.shapes[0].suspect { "suspect" } else { "healthy" };
    let timed = if calls.time[0] > 1_000_000_000_000 { "" } else { "no time " };
    let code = &calls.shapes[0].error_code;
    let message = &calls.shapes[0].message;
    assert_eq!(format!("{timed}{kind} {suspect} {} [{code}] [{message}]", shown(&calls, 0)), expected, "{line}");
}

#[test]
fn google_cloud() {
    check(
        r#"{"httpRequest":{"requestMethod":"GET","requestUrl":"https://api.example.com/v1/items/42?x=1","status":503,"userAgent":"curl/8.4.0","remoteIp":"203.0.113.9","latency":"0.123s","serverIp":"10.0.0.2"},"severity":"ERROR","timestamp":"2026-11-20T10:21:07.123456Z","trace":"projects/p/traces/06796866738c859f2f19b7cfb3214824","spanId":"000000000000004a","resource":{"type":"cloud_run_revision","labels":{"service_name":"shop","revision_name":"shop-00012","location":"europe-west1"}},"textPayload":"The request failed"}"#,
        "call suspect 503 123.0 0 service=shop method=GET route=/v1/items/{id} client_ip=203.0.113.9 region=europe-west1 client=curl client_version=curl/8.4.0 release=shop-00012 [] [The request failed]",
    );
}

#[test]
fn datadog() {
    check(
        r#"{"@timestamp":"2026-11-20T10:21:07.123Z","status":"error","service":"billing","dd.trace_id":"123456789","dd.version":"1.4.2","http":{"method":"POST","status_code":500,"url_details":{"path":"/charge/99"},"useragent":"okhttp/4.9.3"},"duration":123456789,"usr":{"id":"u1"},"error":{"kind":"IOError","message":"disk full"},"message":"request failed","network":{"client":{"ip":"1.2.3.4"}}}"#,
        "call suspect 500 123.5 0 service=billing method=POST route=/charge/{id} user=u1 client_ip=1.2.3.4 client=okhttp client_version=okhttp/4.9.3 release=1.4.2 [IOError] [disk full]",
    );
}

#[test]
fn elastic_common_schema() {
    check(
        r#"{"@timestamp":"2026-11-20T10:21:07.123Z","log.level":"info","ecs.version":"8.11.0","message":"GET /a 200","service.name":"web","service.version":"3.1","http.request.method":"GET","url.path":"/a","http.response.status_code":200,"event.duration":45000000,"event.outcome":"success","client.ip":"1.2.3.4","user.name":"bob","host.name":"h1","cloud.region":"eu","trace.id":"abc","user_agent.original":"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36","process.name":"java","event.dataset":"web.access"}"#,
        "call healthy 200 45.0 0 service=web method=GET route=/a user=bob client_ip=1.2.3.4 region=eu host=h1 client=Chrome client_version=Chrome/120 release=3.1 [] []",
    );
}

#[test]
fn older_opentelemetry_and_grpc() {
    check(
        r#"{"Timestamp":"1763634067123456789","SeverityText":"ERROR","Body":"call failed","TraceId":"abc","SpanId":"def","Attributes":{"rpc.system":"grpc","rpc.service":"shop.Cart","rpc.method":"AddItem","rpc.grpc.status_code":14,"net.peer.name":"cart"},"Resource":{"service.name":"front","k8s.pod.name":"front-1"}}"#,
        "call suspect 0 NaN 0 service=front route=/shop.Cart/AddItem upstream=cart host=front-1 [14] [call failed]",
    );
}

#[test]
fn caddy() {
    check(
        r#"{"level":"info","ts":1763634067.1234,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"9.9.9.9","remote_port":"41342","client_ip":"9.9.9.9","proto":"HTTP/2.0","method":"GET","host":"example.com","uri":"/users/17?a=b","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]},"tls":{"resumed":false,"version":772}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}"#,
        "call healthy 200 0.9 0 service=calls method=GET route=/users/{id} client_ip=9.9.9.9 client=curl client_version=curl/7.82.0 [] []",
    );
}

#[test]
fn traefik() {
    check(
        r#"{"ClientAddr":"10.0.0.1:4711","ClientHost":"10.0.0.1","Duration":52000000,"OriginDuration":50000000,"OriginStatus":502,"DownstreamStatus":502,"RequestMethod":"GET","RequestPath":"/api/v2/items/8","RequestHost":"x.example.com","RouterName":"items@docker","ServiceName":"items-svc@docker","StartUTC":"2026-11-20T10:21:07.123456789Z","RetryAttempts":1,"level":"info","msg":"","time":"2026-11-20T10:21:07Z"}"#,
        "call suspect 502 52.0 2 service=calls method=GET route=/api/v2/items/{id} upstream=items-svc@docker upstream_status=502 client_ip=10.0.0.1 [] []",
    );
}

#[test]
fn kong() {
    check(
        r#"{"request":{"method":"GET","uri":"/orders/1","id":"f00d","headers":{"user-agent":"web/1.0"},"size":120},"response":{"status":429,"size":300},"latencies":{"request":15,"kong":2,"proxy":13},"service":{"name":"orders","host":"orders.local"},"route":{"name":"orders-route"},"consumer":{"username":"acme"},"client_ip":"1.1.1.1","started_at":1763634067123,"upstream_status":"429"}"#,
        "call suspect 429 15.0 0 service=calls method=GET route=/orders/{id} upstream=orders upstream_status=429 api_key=acme client_ip=1.1.1.1 client=web client_version=web/1.0 [] []",
    );
}

#[test]
fn pino_winston_zap_logrus() {
    check(
        r#"{"level":50,"time":1763634067123,"pid":1,"hostname":"pod-7","reqId":"req-1","req":{"id":1,"method":"GET","url":"/u/5","query":{},"headers":{"host":"x","user-agent":"web/2.0"},"remoteAddress":"::1"},"res":{"statusCode":500,"headers":{}},"err":{"type":"TypeError","message":"x is undefined","stack":"TypeError: x\n at a"},"responseTime":12,"msg":"request errored"}"#,
        "call suspect 500 12.0 0 service=calls method=GET route=/u/{id} client_ip=::1 host=pod-7 client=web client_version=web/2.0 [TypeError] [x is undefined]",
    );
    check(
        r#"{"level":"error","ts":1763634067.5,"caller":"http/server.go:12","msg":"request failed","method":"PUT","path":"/p/1","status":200,"latency":0.0123,"error":"dial tcp 10.0.0.1:443: connect: connection refused"}"#,
        "call suspect 200 12.3 0 service=calls method=PUT route=/p/{id} [] [request failed: dial tcp 10.0.0.1:443: connect: connection refused]",
    );
    check(
        r#"time="2026-11-20T10:21:07Z" level=info msg="request handled" method=GET path=/health/live status=200 took=1.5ms user=-"#,
        "call healthy 200 1.5 0 service=calls method=GET route=/health/live [] []",
    );
}

#[test]
fn serilog_and_lograge() {
    check(
        r#"{"@t":"2026-11-20T10:21:07.1234567Z","@mt":"HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms","@l":"Error","@x":"System.TimeoutException: The operation has timed out.","RequestMethod":"GET","RequestPath":"/w/3","StatusCode":500,"Elapsed":93.12,"MachineName":"m1","RequestId":"0HN:1"}"#,
        "call suspect 500 93.1 0 service=calls method=GET route=/w/{id} host=m1 [] [HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms: System.TimeoutException: The operation has timed out.]",
    );
    check(
        r#"method=GET path=/jobs/833552.json format=json controller=JobsController action=show status=302 duration=58.33 view=0.00 db=15.26 time=2026-11-20T10:21:07Z"#,
        "call healthy 302 58.3 0 service=calls method=GET route=/jobs/{id} [] []",
    );
}

#[test]
fn api_gateway_and_router() {
    check(
        r#"{"requestId":"c6af9ac6-7b61-11e6-9a41-93e8deadbeef","ip":"3.3.3.3","caller":"-","user":"-","requestTime":"20/Nov/2026:10:21:07 +0000","httpMethod":"GET","resourcePath":"/pets/{petId}","path":"/prod/pets/5","status":"502","protocol":"HTTP/1.1","responseLength":"36","integrationLatency":"2995","responseLatency":"3000","integrationStatus":"200","error.message":"Internal server error","apiId":"abc"}"#,
        "call suspect 502 3000.0 0 service=calls method=GET route=/pets/{petId} upstream_status=200 client_ip=3.3.3.3 [] [Internal server error]",
    );
    check(
        r#"at=error code=H12 desc="Request timeout" method=GET path="/x/9" host=myapp.example.com request_id=8601b555 fwd="17.17.17.17" dyno=web.1 connect=1ms service=30000ms status=503 bytes=0"#,
        "no time call suspect 503 30000.0 0 service=calls method=GET route=/x/{id} client_ip=17.17.17.17 host=web.1 [H12] [Request timeout]",
    );
}

#[test]
fn values_tell_where_names_do_not() {
    check(
        r#"{"time":"0.250","@timestamp":"2026-11-20T10:21:07Z","code":503,"uri":"/a"}"#,
        "call suspect 503 250.0 0 service=calls route=/a [] []",
    );
    check(
        r#"{"request_time":"2026-11-20T10:21:07Z","elapsed":1250000,"status":200,"uri":"/a","method":"get"}"#,
        "call healthy 200 1.2 0 service=calls method=GET route=/a [] []",
    );
}

#[test]
fn soft_failures_are_never_healthy() {
    for field in [
        r#""success":false"#,
        r#""ok":false"#,
        r#""error":"quota exceeded""#,
        r#""errorCode":"E17""#,
        r#""error":{"code":"E17","message":"no"}"#,
        r#""errors":[{"message":"no","code":"X"}]"#,
        r#""level":"ERROR""#,
        r#""grpc_status":"13""#,
        r#""response_flags":"UH""#,
        r#""message":"upstream timed out""#,
        r#""outcome":"failure""#,
        r#""hasError":true"#,
        r#""exception":"IOException""#,
    ] {
        let calls = read(format!("{{\"status\":200,\"path\":\"/a\",{field}}}").as_bytes());
        assert!(calls.shapes[0].suspect, "{field}");
    }
    for field in [
        r#""success":true"#,
        r#""error":"""#,
        r#""error":null"#,
        r#""error":"none""#,
        r#""error":false"#,
        r#""errors":[]"#,
        r#""error_code":0"#,
        r#""grpc_status":"OK""#,
        r#""response_flags":"-""#,
        r#""level":"warn""#,
        r#""message":"request completed""#,
    ] {
        let calls = read(format!("{{\"status\":200,\"path\":\"/a\",{field}}}").as_bytes());
        assert!(!calls.shapes[0].suspect, "{field}");
    }
}

#[test]
fn what_is_no_attribute_is_left_alone() {
    let line = r#"{"ts":"2026-11-20T10:21:07Z","status":200,"path":"/a","http_version":"1.1","tls":{"version":"1.3"},"name":"x","id":"1","type":"t","code":"c","job":{"status":"done","id":4},"file":{"path":"/etc/x"},"db":{"user":"root","name":"d"},"thread":{"name":"t-1"},"api_version":"v2","size":12}"#;
    check(line, "call healthy 200 NaN 0 service=calls route=/a [] []");
}

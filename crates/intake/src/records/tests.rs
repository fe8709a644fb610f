//! Records as their documentation shows them, and what must be read from each.

use super::read;
use crate::lines::{Line, Lines};
use firstfault_model::{Call, Span, Vantage};
use std::borrow::Cow;

fn lines(text: &str) -> Lines<'_> {
    let mut at = 0;
    let mut lines = Vec::new();
    for (number, line) in text.split('\n').enumerate() {
        let span = Span::new(number as u32 + 1, at, at + line.len());
        lines.push(Line { text: Cow::Borrowed(line), prefix: "", span, prose: false });
        at += line.len() + 1;
    }
    Lines(lines)
}

fn calls(text: &str) -> Vec<Call> {
    read(&lines(text), 0).map(|taken| taken.calls).unwrap_or_default()
}

/// What a call tells, as `name=value` facts.
fn facts(call: &Call) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(request) = &call.request {
        facts.extend(request.method.iter().map(|m| format!("method={m}")));
        facts.push(format!("url={}", request.url));
        facts.extend(request.headers.0.iter().map(|h| format!("request.{}={}", h.name.to_lowercase(), h.value)));
    }
    if let Some(response) = &call.response {
        facts.extend(response.status.iter().map(|s| format!("status={s}")));
        facts.extend(response.reason.iter().map(|r| format!("reason={r}")));
        facts.extend(response.body.iter().map(|b| format!("body={}", b.text)));
        facts.extend(response.headers.0.iter().map(|h| format!("response.{}={}", h.name.to_lowercase(), h.value)));
    }
    facts.extend(call.messages.iter().map(|m| format!("says={}", m.text)));
    facts.extend(call.attributes.iter().map(|a| format!("{}={}", a.name, a.value)));
    facts.extend(call.timings.total.iter().map(|t| format!("ms={t:.1}")));
    facts.extend(call.started.iter().map(|t| format!("started={t}")));
    facts.extend(call.attempt.iter().map(|a| format!("attempt={a}")));
    let vantage = match call.vantage {
        Vantage::Client => "client",
        Vantage::Gateway => "gateway",
        Vantage::Server => "server",
    };
    facts.push(format!("vantage={vantage}"));
    facts
}

/// Every expected fact must be there.
fn check(text: &str, expected: &[&str]) {
    let calls = calls(text);
    let Some(call) = calls.first() else { panic!("not taken: {text}") };
    let facts = facts(call);
    for fact in expected {
        assert!(facts.iter().any(|known| known == fact), "{fact}\n in {facts:#?}\n of {text}");
    }
}

#[test]
fn json_of_logging_libraries() {
    // pino with pino-http.
    check(
        r#"{"level":50,"time":1586183468123,"pid":7,"hostname":"api-1","req":{"id":3,"method":"GET","url":"/v1/me","headers":{"host":"api.example.com","user-agent":"curl/8"}},"res":{"statusCode":502,"headers":{"retry-after":"3"}},"err":{"type":"FetchError","message":"connect ECONNREFUSED 10.0.0.1:80","code":"ECONNREFUSED","stack":"FetchError: connect ECONNREFUSED 10.0.0.1:80\n    at x (y.js:1:1)"},"responseTime":12,"msg":"request errored"}"#,
        &[
            "method=GET",
            "url=/v1/me",
            "status=502",
            "log.level=error",
            "says=request errored",
            "says=FetchError: connect ECONNREFUSED 10.0.0.1:80",
            "error.code=ECONNREFUSED",
            "exception.type=FetchError",
            "ms=12.0",
            "started=1586183468123",
            "vantage=server",
            "response.retry-after=3",
            "request.user-agent=curl/8",
        ],
    );
    // bunyan, a client's call.
    check(
        r#"{"name":"sync","hostname":"h","pid":1,"level":40,"method":"POST","url":"https://api.example.com/graphql","statusCode":429,"msg":"call done","time":"2022-08-09T01:02:03.456Z","v":0}"#,
        &["status=429", "url=https://api.example.com/graphql", "vantage=client", "log.level=warn"],
    );
    // winston with a response body in its metadata.
    check(
        r#"{"level":"error","message":"charge failed","response":{"status":402,"data":{"error":{"code":"card_declined"}}},"timestamp":"2024-01-01T00:00:00Z"}"#,
        &["status=402", r#"body={"error":{"code":"card_declined"}}"#, "says=charge failed"],
    );
    // Serilog's compact format.
    check(
        r#"{"@t":"2021-10-19T07:12:44.3180000Z","@mt":"HTTP {RequestMethod} {RequestPath} responded {StatusCode} in {Elapsed:0.0000} ms","@l":"Error","@x":"System.Net.Http.HttpRequestException: Connection refused\r\n   at A.B()","RequestMethod":"GET","RequestPath":"/x","StatusCode":500,"Elapsed":34.5,"SourceContext":"Serilog.AspNetCore"}"#,
        &[
            "method=GET",
            "url=/x",
            "status=500",
            "ms=34.5",
            "log.level=error",
            "says=System.Net.Http.HttpRequestException: Connection refused",
        ],
    );
    // logstash-logback-encoder.
    check(
        r#"{"@timestamp":"2024-01-01T00:00:00.000Z","@version":"1","message":"boom","logger_name":"com.example.Api","thread_name":"main","level":"ERROR","level_value":40000,"stack_trace":"java.lang.RuntimeException: outer\n\tat a.b(C.java:1)\nCaused by: java.net.SocketTimeoutException: Read timed out\n\tat d.e(F.java:2)"}"#,
        &[
            "log.logger=com.example.Api",
            "says=java.lang.RuntimeException: outer",
            "says=java.net.SocketTimeoutException: Read timed out",
        ],
    );
    // zap, zerolog, slog.
    check(
        r#"{"level":"error","ts":1586183468.123,"caller":"x/y.go:1","msg":"request failed","error":"Get \"https://api.example.com/x\": context deadline exceeded"}"#,
        &["method=GET", "url=https://api.example.com/x", "vantage=client", "started=1586183468123"],
    );
    check(
        r#"{"time":"2024-01-01T00:00:00Z","level":"ERROR","msg":"call failed","err":"rpc error: code = Unavailable","duration":1500000000}"#,
        &["ms=1500.0", "says=rpc error: code = Unavailable"],
    );
    // Rust's tracing, Microsoft.Extensions.Logging.
    check(
        r#"{"timestamp":"2024-05-01T12:00:00Z","level":"ERROR","fields":{"message":"it failed","error":"connection closed"},"target":"app::http"}"#,
        &["log.logger=app::http", "says=connection closed"],
    );
    check(
        r#"{"EventId":13,"LogLevel":"Error","Category":"Kestrel","Message":"unhandled","Exception":"System.TimeoutException: It was canceled.\n   at X.Y()"}"#,
        &["says=System.TimeoutException: It was canceled.", "log.level=error"],
    );
    // lograge; a method and a status make an access record without a level.
    check(
        r#"{"method":"POST","path":"/orders","format":"json","controller":"OrdersController","action":"create","status":500,"time":"2022-08-09T01:02:03.456Z","correlation_id":"01G","duration_s":49.31}"#,
        &["method=POST", "url=/orders", "status=500", "ms=49310.0", "correlation.id=01G"],
    );
    // Datadog calls the level `status`.
    check(
        r#"{"status":"error","service":"api","timestamp":"2024-01-01T00:00:00Z","message":"x","dd.trace_id":"123","http":{"status_code":"503","method":"GET","url":"/y"}}"#,
        &["status=503", "log.level=error", "trace.id=123", "service=api"],
    );
    // A record in a record in a container's wrapper.
    check(
        r#"{"log":"{\"level\":\"error\",\"msg\":\"upstream said 503\",\"status\":503}\n","stream":"stderr","time":"2024-01-01T00:00:00Z"}"#,
        &["status=503", "log.level=error"],
    );
    check(
        r#"{"log":"2024-01-01 10:00:00 ERROR [main] c.e.App - boom failed\n","stream":"stdout","time":"2024-01-01T00:00:00Z"}"#,
        &["log.level=error", "says=boom failed", "log.logger=c.e.App"],
    );
}

#[test]
fn json_of_observability() {
    // Elastic Common Schema, nested and dotted.
    check(
        r#"{"@timestamp":"2024-01-01T00:00:00.000Z","log.level":"error","http":{"request":{"method":"GET"},"response":{"status_code":504}},"url":{"path":"/a","domain":"api.example.com"},"error.message":"timeout","error.stack_trace":"E","event":{"duration":30001000000}}"#,
        &["status=504", "url=api.example.com/a", "says=timeout", "ms=30001.0"],
    );
    // OpenTelemetry log, new names.
    check(
        r#"{"timestamp":"2027-02-16T13:35:32.045Z","severity_text":"ERROR","body":"request completed","trace_id":"ea","attributes":{"http.request.method":"GET","url.path":"/v1/x","http.route":"/v1/{id}","http.response.status_code":500,"http.server.request.duration":0.0694,"error.type":"timeout","http.request.resend_count":1},"resource":{"service.name":"api"}}"#,
        &[
            "status=500",
            "ms=69.4",
            "says=request completed",
            "route=/v1/{id}",
            "error.type=timeout",
            "attempt=2",
            "service=api",
        ],
    );
    // OTLP/JSON with a span that carries an exception.
    check(
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8e","spanId":"eee1","kind":3,"name":"POST","startTimeUnixNano":"1586183468000000000","endTimeUnixNano":"1586183469500000000","attributes":[{"key":"http.status_code","value":{"intValue":"503"}},{"key":"http.url","value":{"stringValue":"https://pay.example.com/v1"}}],"events":[{"name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"java.net.ConnectException"}},{"key":"exception.message","value":{"stringValue":"refused"}}]}]}]}]}]}"#,
        &[
            "status=503",
            "vantage=client",
            "ms=1500.0",
            "service=checkout",
            "says=java.net.ConnectException: refused",
            "url=https://pay.example.com/v1",
        ],
    );
    // Google Cloud load balancing.
    check(
        r#"{"httpRequest":{"requestMethod":"PUT","requestUrl":"https://shop.example.com/n","status":502,"latency":"0.003300s"},"jsonPayload":{"statusDetails":"failed_to_connect_to_backend"},"severity":"WARNING","timestamp":"2022-08-09T01:02:03.456789Z"}"#,
        &[
            "status=502",
            "vantage=gateway",
            "gcp.status_details=failed_to_connect_to_backend",
            "ms=3.3",
            "gateway=google-cloud",
        ],
    );
    check(
        r#"{"protoPayload":{"@type":"x","status":{"code":7,"message":"Permission denied on resource"},"methodName":"storage.objects.get","serviceName":"storage"},"severity":"ERROR","timestamp":"2019-04-26T10:41:27Z"}"#,
        &["grpc.status=7", "says=Permission denied on resource"],
    );
    check(
        r#"{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":"x"},"eventTime":"2024-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"PutObject","awsRegion":"us-east-1","errorCode":"AccessDenied","errorMessage":"Access Denied","managementEvent":true}"#,
        &["error.code=AccessDenied", "says=Access Denied"],
    );
    check(
        "{\n  \"kind\": \"Event\",\n  \"type\": \"Warning\",\n  \"reason\": \"Unhealthy\",\n  \"message\": \"Readiness probe failed: HTTP probe failed with statuscode: 503\",\n  \"involvedObject\": {\n    \"kind\": \"Pod\"\n  }\n}",
        &["k8s.reason=Unhealthy", "log.level=warn", "status=503"],
    );
}

#[test]
fn json_of_gateways() {
    check(
        r#"{"time_iso8601":"2026-10-06T13:33:05.160Z","remote_addr":"10.0.22.7","request_method":"POST","request_uri":"/v1/checkout","status":"502","request_time":"0.036","upstream_addr":"10.0.0.1:80","upstream_status":"502","upstream_response_time":"0.036","http_x_tenant":"acme","http_user_agent":"web/1"}"#,
        &[
            "status=502",
            "ms=36.0",
            "upstream.status=502",
            "upstream.response_time=0.036",
            "gateway=nginx",
            "tenant=acme",
            "request.user-agent=web/1",
        ],
    );
    check(
        r#"{"start_time":"2027-02-27T06:03:09.033Z","method":"POST","path":"/t","response_code":503,"response_flags":"UF,URX","response_code_details":"upstream_reset_before_response_started","upstream_transport_failure_reason":"TLS error","duration":155,"authority":"api.example.com","x_envoy_attempt_count":2}"#,
        &[
            "status=503",
            "envoy.flag=UF",
            "envoy.flag=URX",
            "envoy.transport_failure=TLS error",
            "ms=155.0",
            "attempt=2",
            "vantage=gateway",
        ],
    );
    check(
        r#"{"ClientAddr":"10.0.0.1:1","DownstreamStatus":502,"Duration":297756355,"OriginStatus":0,"RequestHost":"x.example.com","RequestMethod":"GET","RequestPath":"/p","level":"info","msg":"","time":"2024-01-01T00:00:00Z"}"#,
        &["status=502", "ms=297.8", "url=x.example.com/p", "traefik.origin_status=0", "gateway=traefik"],
    );
    check(
        r#"{"level":"error","ts":1646861401.5241,"logger":"http.log.access","msg":"handled request","request":{"method":"GET","host":"localhost","uri":"/x","headers":{"User-Agent":["curl/7"]}},"duration":0.25,"status":502,"resp_headers":{"Server":["Caddy"]}}"#,
        &["status=502", "ms=250.0", "url=localhost/x", "gateway=caddy", "request.user-agent=curl/7"],
    );
    check(
        r#"{"latencies":{"request":515,"kong":58,"proxy":457},"request":{"method":"GET","uri":"/get","url":"http://k.example.com:8000/get","headers":{"host":"k"}},"response":{"status":504,"headers":{"via":"kong/3"}},"client_ip":"10.0.0.1","started_at":1433209822425}"#,
        &["status=504", "ms=515.0", "kong.latency=58", "gateway=kong", "vantage=gateway"],
    );
    check(
        r#"{"time":"2024-01-01T00:00:00Z","resourceId":"/X","category":"FrontDoorAccessLog","properties":{"httpMethod":"GET","requestUri":"https://x.example.com/a","httpStatusCode":"504","errorInfo":"OriginTimeout","timeTaken":"30.1"}}"#,
        &["status=504", "azure.error_info=OriginTimeout", "ms=30100.0"],
    );
    check(
        r#"{"requestId":"abc","ip":"1.2.3.4","requestTime":"09/Apr/2019:12:34:56 +0000","httpMethod":"GET","resourcePath":"/p","status":"500","integrationErrorMessage":"Execution failed due to configuration error","error.responseType":"API_CONFIGURATION_ERROR"}"#,
        &[
            "status=500",
            "apigw.error_message=Execution failed due to configuration error",
            "apigw.error_type=API_CONFIGURATION_ERROR",
            "route=/p",
        ],
    );
    check(
        r#"{"timestamp":1576280412771,"webaclId":"x","terminatingRuleId":"RateLimit","action":"BLOCK","httpRequest":{"uri":"/a","httpMethod":"POST","headers":[{"name":"Host","value":"x.example.com"}]}}"#,
        &["waf.action=BLOCK", "says=action BLOCK", "method=POST", "request.host=x.example.com"],
    );
    check(
        r#"{"EdgeResponseStatus":522,"OriginResponseStatus":0,"ClientRequestMethod":"GET","ClientRequestURI":"/a","ClientRequestHost":"x.example.com","RayID":"7d"}"#,
        &["status=522", "upstream.status=0", "request.id=7d"],
    );
    check(
        r#"{"id":12345,"guid":"0b98","delivered_at":"2019-06-03T00:57:16Z","redelivery":false,"duration":0.27,"status":"Invalid HTTP Response: 502","status_code":502,"event":"issues","action":"opened","url":"https://x.example.com/hook"}"#,
        &["status=502", "webhook.event=issues", "webhook.delivery=0b98", "vantage=client", "ms=270.0"],
    );
}

#[test]
fn bodies_of_answers_are_left() {
    for body in [
        r#"{"message":"API rate limit exceeded"}"#,
        r#"{"error":{"code":400,"message":"x","status":"INVALID_ARGUMENT"}}"#,
        r#"{"timestamp":"2024-01-01T00:00:00.000+00:00","status":404,"error":"Not Found","message":"No message available","path":"/x"}"#,
        r#"{"type":"https://x","title":"t","status":400,"traceId":"00-8407"}"#,
        r#"{"ok":false,"error":"invalid_auth"}"#,
        r#"{"kind":"Status","apiVersion":"v1","status":"Failure","message":"forbidden","reason":"Forbidden","code":403}"#,
        r#"{"id":5,"url":"https://x","created_at":"2022-02-03T04:05:06.789Z","push_events":true}"#,
        r#"{"errors":[{"message":"x","locations":[{"line":1}]}]}"#,
        r#"[{"message":"x","errorCode":"Y"}]"#,
        r#"{"jsonrpc":"2.0","method":"x","id":1}"#,
        r#"{"log":{"version":"1.2","creator":{"name":"x"},"entries":[]}}"#,
        r#"{"status":"error","message":"x","code":5}"#,
        "{}",
        "[]",
        "{",
        "[",
        "{\"",
        "not json",
    ] {
        assert!(calls(body).is_empty(), "{body}");
    }
}

#[test]
fn logfmt_lines() {
    check(
        r#"time="2018-07-17T03:57:54Z" level=error msg="call \"x\" failed" error="HTTP status 429: slow down" attempt=2 zone=a"#,
        &["log.level=error", r#"says=call "x" failed"#, "status=429", "attempt=2", "started=1531799874000"],
    );
    check(
        "time=2022-02-03T04:05:06.789Z lvl=error method=GET path=/v1/t/5 status=401 duration=18.9ms tenant=globex err=expired_token msg=\"token expired\"",
        &[
            "method=GET",
            "url=/v1/t/5",
            "status=401",
            "ms=18.9",
            "error.code=expired_token",
            "says=token expired",
            "tenant=globex",
        ],
    );
    check(
        "2022-02-03T04:05:06.789012345Z time=\"2022-02-03T04:05:06Z\" level=debug msg=\"'502 Bad Gateway' caused by: EOF\"",
        &["status=502", "log.level=debug"],
    );
    // distribution's registry.
    check(
        r#"time="2022-02-03T04:05:06.7Z" level=error msg="response completed with error" err.code="manifest unknown" err.message="unknown tag" http.request.method=GET http.request.uri="/v2/a/manifests/1" http.response.status=404 http.response.duration=7.1ms"#,
        &["status=404", "method=GET", "url=/v2/a/manifests/1", "says=unknown tag", "error.code=manifest unknown"],
    );
    for other in [
        "at=error code=H12 desc=\"Request timeout\" method=GET path=\"/\" dyno=web.1 status=503",
        "a=b",
        "x = y",
        "export PATH=/usr/bin",
        "curl -d a=b -d c=d",
        "a=1 b=2 c=3",
        "key=\"",
        "=",
    ] {
        assert!(calls(other).is_empty(), "{other}");
    }
}

#[test]
fn headers_of_logging_libraries() {
    for (line, expected) in [
        // Spring Boot, logback, log4j2.
        (
            "2019-12-27 03:12:44.918 ERROR 1 --- [nio-8080-exec-7] o.a.c.c.C.[.[.[.[dispatcherServlet]      : Servlet.service() threw exception",
            &[
                "log.level=error",
                "says=Servlet.service() threw exception",
                "log.logger=o.a.c.c.C.[.[.[.[dispatcherServlet]",
                "started=1577416364918",
            ][..],
        ),
        (
            "2022-03-04 11:12:13.014 ERROR [billing,5f1a,77b2,false] 812 --- [nio-9000-exec-3] c.e.billing.LedgerClientFallback : Connection reset executing GET http://ledger/accounts?owner=7",
            &["log.level=error", "method=GET", "url=http://ledger/accounts?owner=7", "vantage=client"],
        ),
        (
            "2024-02-03 04:05:06,789 WARN  [org.keycloak.events] (executor-thread-3) type=LOGIN_ERROR, realmId=shop, error=user_not_found, auth_method=openid",
            &["log.level=warn", "log.logger=org.keycloak.events", "error.code=user_not_found"],
        ),
        (
            "2024-01-01 10:00:00,123 [main] INFO  com.example.App - started ok",
            &["log.level=info", "log.logger=com.example.App", "says=started ok"],
        ),
        (
            "INFO  [2022-06-07 08:09:10,111] org.apache.http.impl.execchain.RetryExec: I/O exception caught",
            &["log.level=info", "vantage=client", "says=I/O exception caught"],
        ),
        // Python.
        (
            "2022-08-09 01:02:03,004 | ERROR | order_sync | push failed",
            &["log.level=error", "log.logger=order_sync", "says=push failed"],
        ),
        (
            "2021-07-09 13:02:41,517 - app.sync - ERROR - pull failed",
            &["log.level=error", "log.logger=app.sync", "says=pull failed"],
        ),
        (
            "2022-08-09 01:02:03,004 [ERROR] root: GET /api/v2/carts/17/ 500 (tenant=a)",
            &["status=500", "method=GET", "url=/api/v2/carts/17/", "log.level=error"],
        ),
        (
            "DEBUG:urllib3.connectionpool:https://api.example.com:443 \"PUT /v3/labels/5 HTTP/1.1\" 404 0",
            &["status=404", "url=https://api.example.com:443/v3/labels/5", "vantage=client"],
        ),
        (
            "[2022/08/09 01:02:03|notify.py|ERROR   ]: send gave status 403 and {'ok': False, 'error_code': 403, 'description': 'bot was blocked', 'extra': None}",
            &[
                "log.level=error",
                "log.logger=notify.py",
                "status=403",
                r#"body={"ok":false,"error_code":403,"description":"bot was blocked","extra":null}"#,
            ],
        ),
        (
            "[2021-01-01 00:00:00,000: ERROR/MainProcess] Task failed badly",
            &["log.level=error", "says=Task failed badly"],
        ),
        (
            "2022-08-09 01:02:03 ERROR (MainThread) [homeassistant.components.met] Error fetching forecast data",
            &["log.level=error", "log.logger=homeassistant.components.met", "says=Error fetching forecast data"],
        ),
        (
            "INFO:     127.0.0.1:5000 - \"GET /x HTTP/1.1\" 500 Internal Server Error",
            &["status=500", "method=GET", "url=/x"],
        ),
        (
            "2024-01-01 10:00:00.000 | ERROR    | app.main:run:12 - boom happened",
            &["log.level=error", "log.logger=app.main:run:12", "says=boom happened"],
        ),
        // Ruby, Rails, Fluentd.
        (
            "E, [2020-11-16T15:02:18.702951 #71] ERROR -- response: Status 400",
            &["log.level=error", "log.logger=response", "status=400"],
        ),
        (
            "I, [2020-11-16T15:02:18.702951 #71]  INFO -- : [req-1] Completed 500 Internal Server Error in 12ms (Views: 1ms)",
            &["status=500", "reason=Internal Server Error", "ms=12.0"],
        ),
        (
            "2022-08-09 01:02:03 +0000 [error]: #0 failed to flush the buffer {\"status\"=>400, \"errors\"=>true}",
            &["log.level=error", r#"body={"status":400,"errors":true}"#],
        ),
        ("Started POST \"/orders\" for 10.0.0.1 at 2020-01-01 00:00:00 +0000", &["method=POST", "url=/orders"]),
        // PHP.
        (
            "[2022-08-09 01:02:03] production.ERROR: Client error: `POST https://api.example.com/x` resulted in a `422 Unprocessable Entity` response {\"exception\":\"[object] (X)\"} []",
            &["log.level=error", "log.logger=production", "status=422", "url=https://api.example.com/x"],
        ),
        (
            "PHP Fatal error:  Uncaught GuzzleHttp\\Exception\\ConnectException: cURL error 28: timed out in /a.php:1",
            &["log.level=fatal", "says=GuzzleHttp\\Exception\\ConnectException: cURL error 28: timed out in /a.php:1"],
        ),
        (
            "[25-Jun-2024 10:58:29 UTC] PHP Warning:  file_get_contents(https://x.example.com/): Failed to open stream: HTTP request failed! HTTP/1.1 503 Service Unavailable",
            &["log.level=warn", "status=503"],
        ),
        // .NET, java.util.logging.
        (
            "fail: Microsoft.AspNetCore.Server.Kestrel[13]\n      Connection id \"0H\": An unhandled exception was thrown",
            &[
                "log.level=error",
                "log.logger=Microsoft.AspNetCore.Server.Kestrel",
                "says=Connection id \"0H\": An unhandled exception was thrown",
            ],
        ),
        (
            "info: System.Net.Http.HttpClient.github.LogicalHandler[101]\n      End processing HTTP request after 120.5ms - 503",
            &["status=503", "vantage=client"],
        ),
        (
            "Jun 25, 2024 10:58:29 AM com.example.Foo bar\nSEVERE: it failed",
            &["log.level=error", "log.logger=com.example.Foo", "says=it failed", "started=1719313109000"],
        ),
        (
            "01-May-2024 12:00:00.123 SEVERE [http-nio-8080-exec-1] org.apache.catalina.core.StandardWrapperValve.invoke It threw",
            &["log.level=error", "log.logger=org.apache.catalina.core.StandardWrapperValve.invoke", "says=It threw"],
        ),
        (
            "[12:00:00 ERR] HTTP GET /api/x responded 500 in 12.3456 ms",
            &["log.level=error", "status=500", "method=GET", "ms=12.3"],
        ),
        ("2022-08-09 01:02:03.456 [WRN] Queue orders is slow", &["log.level=warn", "says=Queue orders is slow"]),
        (
            "2021-10-19 07:12:44.3180|ERROR|MyApp.Service|Request failed badly",
            &["log.level=error", "log.logger=MyApp.Service", "says=Request failed badly"],
        ),
        // Go.
        (
            "2022/08/09 01:02:03 GET https://api.example.com/find?q=a%3A%3E%3D2022-02-01: 422 limit is too large",
            &["status=422", "method=GET", "vantage=client"],
        ),
        (
            "12:30PM FTL Post \"https://api.example.com:443/x\": x509: certificate has expired",
            &["log.level=fatal", "method=POST", "url=https://api.example.com:443/x"],
        ),
        (
            "I0809 01:02:03.456789 4242 httplog.go:90] GET /api/v1/pods: (9.1µs) 429 [[kubectl]",
            &["status=429", "log.level=info"],
        ),
        ("ERRO[0012] failed to pull image: 403 Forbidden", &["log.level=error", "status=403"]),
        (
            "2024/05/01 12:00:00 ERROR request failed method=GET status=500 path=/x err=\"boom bad\"",
            &["status=500", "method=GET", "url=/x"],
        ),
        (
            "2024/05/01 12:00:00 ...modules/webhook/deliver.go:251:Deliver() [E] cannot send",
            &["log.level=error", "log.logger=modules/webhook/deliver.go:251:Deliver"],
        ),
        ("2024/05/01 12:00:00 rpc error: code = Unavailable desc = transport is closing", &["grpc.status=14"]),
        (
            "2024/05/01 12:00:00 operation error S3: PutObject, https response error StatusCode: 403, RequestID: A, api error AccessDenied: Access Denied",
            &["error.code=AccessDenied", "status=403", "vantage=client"],
        ),
        // Rust.
        (
            "[2022-08-09T01:02:03Z DEBUG hyper::client::pool] reuse idle connection for x",
            &["log.level=debug", "log.logger=hyper::client::pool", "vantage=client"],
        ),
        (
            "2026-03-06T09:00:23.123456Z ERROR my_app::http: request failed status=502",
            &["log.level=error", "log.logger=my_app::http", "status=502"],
        ),
        ("ERROR relay: cannot forward: reqwest::Error { kind: Request }", &["log.level=error", "log.logger=relay"]),
        // Others.
        ("I20180728-20:18:02.981(3)? Try the other host", &["log.level=info", "started=1532798282981"]),
        (
            "[2022/08/09 01:02:03.456 +00:00] [INFO] [PocoHTTPClient.cpp:388] [\"Response status: 503, Slow Down\"] [thread_id=3]",
            &["status=503", "log.level=info", "vantage=client"],
        ),
        (
            "[ERROR:flutter/runtime/dart_vm_initializer.cc(41)] Unhandled Exception: Bad state: no element",
            &["log.level=error"],
        ),
        (
            "2024-01-01T00:00:00.000Z\t8e9d6e26-1f3a-4b8e-9b1a-0a1b2c3d4e5f\tERROR\tInvoke Error {\"errorType\":\"X\"}",
            &["log.level=error"],
        ),
        ("[GIN] 2024/01/02 - 15:04:05 | 500 |     1.2ms |  127.0.0.1 | GET      \"/x\"", &["method=GET", "url=/x"]),
        ("2022-08-09T01:02:03.456Z info  POST /hooks/in evt_1 taken", &["log.level=info", "method=POST"]),
        ("PUT /carts/5 409 31 - 2.5 ms", &["status=409", "method=PUT"]),
        ("[queue-7] ERROR cannot deliver it", &["log.level=error"]),
    ] {
        check(line, expected);
    }
}

#[test]
fn other_lines_are_left() {
    for line in [
        "2022/02/03 04:05:06 [error] 12#12: *5 upstream timed out (110: Connection timed out)",
        "[Thu Feb 03 04:05:06.789012 2022] [proxy_http:error] [pid 12] AH01102: error",
        "[2022-02-03T04:05:06.789Z] \"GET / HTTP/1.1\" 503 UH no_healthy_upstream",
        "192.0.2.7 - - [03/Feb/2022:04:05:06 +0000] \"GET /a HTTP/1.1\" 500 14",
        "2022-02-03 04:05:06 192.0.2.20 GET /a - 443 - 192.0.2.8 x 502 3 12002 120000",
        "Error: connect ECONNREFUSED 127.0.0.1:80",
        "TypeError: fetch failed",
        "java.net.SocketTimeoutException: Read timed out",
        "    at a.b.C.d(C.java:1)",
        "GET /x HTTP/1.1",
        "HTTP/1.1 502 Bad Gateway",
        "< HTTP/2 502",
        "* Connected to x",
        "curl: (28) Operation timed out",
        "$ curl -v https://x",
        "Some prose about an ERROR that we saw at 10:00.",
        "ERROR CODE: ResourceRequestsThrottled",
        "ERROR",
        "",
        "Date: Mon, 01 Apr 2024 08:10:02 GMT",
    ] {
        assert!(calls(line).is_empty(), "{line}: {:?}", calls(line).first().map(facts));
    }
}

#[test]
fn records_over_several_lines() {
    let text = "[2022-08-09 01:02:03] production.ERROR: token endpoint said: {\n \"error\": \"invalid_grant\",\n \"error_description\": \"Code expired\"\n}\nnext";
    let lines = lines(text);
    let taken = read(&lines, 0).unwrap();
    assert_eq!(taken.lines, 4);
    let body = taken.calls[0].response.as_ref().unwrap().body.as_ref().unwrap();
    assert!(body.text.contains("invalid_grant"));
    assert_eq!(taken.calls[0].span.line, 1);
}

#[test]
fn places_are_those_of_the_input() {
    let text = r#"{"level":"error","msg":"boom","status":502,"error":"no route"}"#;
    let call = calls(text).remove(0);
    let said = |span: Span| &text[span.start..span.end];
    assert_eq!(said(call.messages[0].span), "boom");
    assert_eq!(said(call.response.unwrap().span), "502");
    let text = "2021-10-19 07:12:44.318 [WRN] Mailbox got 503 Service Unavailable";
    let call = calls(text).remove(0);
    let span = call.messages[0].span;
    assert_eq!(&text[span.start..span.end], "Mailbox got 503 Service Unavailable");
    let span = call.response.unwrap().span;
    assert_eq!(&text[span.start..span.end], "503");
}

#[test]
fn any_cut_is_read_without_panic() {
    let texts = [
        r#"2019-12-27 03:12:44.918 ERROR 1 --- [nio-8080-exec-7] o.a.C : é POST https://x.example.com/é -> 503 {"error":"\u00e9"} 12µs"#,
        r#"{"level":50,"req":{"method":"GET","url":"/é"},"res":{"statusCode":502},"err":{"message":"{\"a\":\"é\\n\"}","stack":["x","y"]},"latencies":{"kong":1}}"#,
        r#"time="2018-07-17T03:57:54Z" level=error msg="é \"x\" failed" error="HTTP status 429: é" attempt=2"#,
        "[2020/10/21 04:52:04|é.py|ERROR ]: status 429 {'ok': False, 'é': [1, (2, None)], :a=>nil}",
        "I20180728-20:18:02.981(3)? é 12:30PM FTL [GIN] PHP Fatal error:  Uncaught é",
        "<165>1 2003-10-11T22:14:15.003Z host evntslog - ID47 [ex@1 iut=\"é\"] é \u{1b}[31mé\\u001b[0m",
        "E, [2020-11-16T15:02:18.702951 #71] ERROR -- é: Status 400 é",
    ];
    for text in texts {
        for cut in 0..=text.len() {
            for part in [text.get(..cut), text.get(cut..)].into_iter().flatten() {
                calls(part);
                let _ = crate::prefix::split(part);
                let _ = crate::prefix::strip_ansi(part);
                let _ = crate::prefix::unwrap(part);
                let _ = crate::embedded::find(part);
                let _ = crate::time::parse(part);
                let _ = super::glance(part.as_bytes());
            }
        }
    }
}

#[test]
fn hostile_lines_are_bounded() {
    for piece in [
        "{",
        "[",
        "{\"a\":",
        "GET /",
        "status 404 ",
        "a=\"",
        "\\\"",
        "{\\\"",
        "2020-01-01 ",
        "(",
        "[ERROR]",
        "\u{1b}[",
        "<34>",
        "500 ",
        "a\nb{\n",
    ] {
        let text = piece.repeat(2_000_000 / piece.len());
        let all = lines(&text);
        for at in 0..all.len().min(200) {
            let _ = read(&all, at);
        }
        let line = all.text(0);
        let _ = crate::prefix::split(line);
        let _ = crate::prefix::strip_ansi(line);
        let _ = crate::embedded::find(line);
        let _ = super::glance(line.as_bytes());
    }
    // One name many times over.
    for field in [r#""msg":"#, r#""error":"#, r#""stack":"#, r#""error_code":"#, r#""x-#":"#] {
        let fields: Vec<String> =
            (0..15_000).map(|n| format!("{}\"v{n}\"", field.replace('#', &n.to_string()))).collect();
        let text = format!(r#"{{"level":"error","msg":"x","res":{{"headers":{{{0}}}}},{0}}}"#, fields.join(","));
        assert_eq!(calls(&text).len(), 1);
    }
}

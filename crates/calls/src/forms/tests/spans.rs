//! Spans and log records.

use super::{read, said, say};

const EXPORT: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"checkout"}},{"key":"service.version","value":{"stringValue":"1.4.2"}}]},"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","kind":2,"name":"POST /orders","startTimeUnixNano":"1586183468000000000","endTimeUnixNano":"1586183469500000000","attributes":[{"key":"http.request.method","value":{"stringValue":"POST"}},{"key":"http.route","value":{"stringValue":"/orders"}},{"key":"http.response.status_code","value":{"intValue":"503"}},{"key":"server.address","value":{"stringValue":"shop.example"}}],"status":{"code":2}},{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b175","kind":3,"name":"POST","startTimeUnixNano":"1586183468100000000","endTimeUnixNano":"1586183468200000000","attributes":[{"key":"http.method","value":{"stringValue":"POST"}},{"key":"http.url","value":{"stringValue":"https://pay.example.com/v1/7"}},{"key":"net.peer.name","value":{"stringValue":"pay.example.com"}}],"events":[{"name":"exception","attributes":[{"key":"exception.type","value":{"stringValue":"java.net.ConnectException"}},{"key":"exception.message","value":{"stringValue":"refused"}}]}],"status":{"code":"STATUS_CODE_ERROR","message":"refused"}},{"traceId":"5b8e","spanId":"eee2","kind":1,"name":"inside"}]}]}]}"#;

#[test]
fn one_line_has_many_calls() {
    let (layout, calls) = read(&format!("{EXPORT}\n"));
    assert_eq!((layout.form.as_str(), calls.rows, calls.inputs[0].lines, calls.inputs[0].read), ("otlp", 2, 1, 1));
    say(
        &calls,
        0,
        EXPORT,
        &[
            ("service", "checkout"),
            ("release", "1.4.2"),
            ("method", "POST"),
            ("route", "/orders"),
            ("status", "503"),
            ("latency", "1500"),
            ("time", "1586183468000"),
            ("upstream", ""),
            ("trace", "true"),
        ],
    );
    say(
        &calls,
        1,
        EXPORT,
        &[
            ("upstream", "pay.example.com"),
            ("route", "/v1/{id}"),
            ("latency", "100"),
            ("kind", "call"),
            ("suspect", "true"),
        ],
    );
    assert!(said(&calls, 1, "message").contains("java.net.ConnectException: refused"));
    assert!(said(&calls, 1, "sample").starts_with("{\"resourceSpans\""), "a span alone does not say whose it is");
}

#[test]
fn both_spellings_and_whole_documents() {
    let snake = EXPORT
        .replace("resourceSpans", "resource_spans")
        .replace("scopeSpans", "scope_spans")
        .replace("traceId", "trace_id")
        .replace("startTimeUnixNano", "start_time_unix_nano")
        .replace("endTimeUnixNano", "end_time_unix_nano");
    let (_, calls) = read(&snake);
    assert_eq!(calls.rows, 2);
    say(&calls, 0, &snake, &[("latency", "1500"), ("service", "checkout")]);
    // https://www.jaegertracing.io/docs/latest/apis/
    let jaeger = r#"{"data":[{"traceID":"abc0123456789def","spans":[{"traceID":"abc0123456789def","spanID":"1","operationName":"GET /a","references":[],"startTime":1586183468000000,"duration":25000,"tags":[{"key":"span.kind","type":"string","value":"server"},{"key":"http.status_code","type":"int64","value":500},{"key":"error","type":"bool","value":true}],"logs":[],"processID":"p1"}],"processes":{"p1":{"serviceName":"web","tags":[]}}}]}"#;
    let pretty = serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(jaeger).unwrap()).unwrap();
    let (layout, calls) = read(&pretty);
    assert_eq!((layout.form.as_str(), calls.rows), ("json", 1));
    say(
        &calls,
        0,
        jaeger,
        &[("service", "web"), ("status", "500"), ("latency", "25"), ("time", "1586183468000"), ("route", "/a")],
    );
    let (layout, calls) = read(jaeger);
    assert_eq!((layout.form.as_str(), calls.rows), ("json", 1), "on one line");
    // https://zipkin.io/zipkin-api/
    let zipkin = r#"[{"traceId":"5982fe77008310cc","id":"bd7a977555f6b982","parentId":"ebf33e1a81dc6f71","name":"get /api","kind":"CLIENT","timestamp":1586183468000000,"duration":1458702,"localEndpoint":{"serviceName":"frontend"},"remoteEndpoint":{"serviceName":"backend"},"tags":{"http.method":"GET","http.path":"/api","error":"503"}}]"#;
    let (layout, calls) = read(zipkin);
    assert_eq!((layout.form.as_str(), calls.rows), ("json", 1));
    say(&calls, 0, zipkin, &[("service", "frontend"), ("upstream", "backend"), ("route", "/api"), ("suspect", "true")]);
}

#[test]
fn log_records_are_events_or_calls() {
    let text = r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"web"}}]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1586183468000000000","severityText":"ERROR","body":{"stringValue":"could not save"},"traceId":"5b8efff798038103d269b633813fc60c"},{"timeUnixNano":"1586183469000000000","severityNumber":9,"body":{"stringValue":"request done"},"attributes":[{"key":"http.response.status_code","value":{"intValue":502}},{"key":"http.route","value":{"stringValue":"/a"}}]}]}]}]}"#;
    let (_, calls) = read(text);
    assert_eq!(calls.rows, 2);
    say(&calls, 0, text, &[("kind", "event"), ("message", "could not save"), ("service", "web"), ("trace", "true")]);
    say(&calls, 1, text, &[("kind", "call"), ("status", "502"), ("route", "/a"), ("time", "1586183469000")]);
}

#[test]
fn arrays_and_printed_objects_are_rows() {
    let array = "[{\"time\":\"2026-11-20T10:00:00Z\",\"status\":500,\"path\":\"/a\"},\n {\"time\":\"2026-11-20T10:00:01Z\",\"status\":200,\"path\":\"/b\"}]\n";
    let (layout, calls) = read(array);
    assert_eq!((layout.form.as_str(), calls.rows, layout.splittable()), ("json", 2, false));
    say(&calls, 0, array, &[("status", "500"), ("route", "/a")]);
    let printed = "{\n  \"time\": \"2026-11-20T10:00:00Z\",\n  \"status\": 500,\n  \"path\": \"/a\"\n}\n{\n  \"time\": \"2026-11-20T10:00:01Z\",\n  \"status\": 200,\n  \"path\": \"/b\"\n}\n";
    let (layout, calls) = read(printed);
    assert_eq!((layout.form.as_str(), calls.rows), ("json", 2));
    assert_eq!(layout.whole(printed.as_bytes()), printed.len() - 1);
}

#[test]
fn a_line_longer_than_the_beginning_is_known() {
    let span = EXPORT.split_once("\"spans\":[").map(|(_, rest)| rest.split_once("},{\"traceId\"").unwrap().0).unwrap();
    let spans = vec![format!("{span}}}"); 600].join(",");
    let text = format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{spans}]}}]}}]}}\n");
    let layout = crate::Layout::learn(&text.as_bytes()[..256 * 1024], "a.json", &super::settings());
    assert_eq!(layout.form, "otlp");
    let mut batch = crate::Batch::default();
    layout.read(text.as_bytes(), crate::Part::default(), &mut batch);
    let calls = crate::batch::merge(vec![batch]);
    assert_eq!((calls.rows, calls.inputs[0].lines), (600, 1));
}

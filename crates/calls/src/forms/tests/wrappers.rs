//! Lines inside others.

use super::{check, read, say};

#[test]
fn container_runtimes() {
    // https://docs.docker.com/engine/logging/drivers/json-file/
    check(
        "{\"log\":\"10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \\\"GET /x HTTP/1.1\\\" 500 512\\n\",\"stream\":\"stdout\",\"time\":\"2023-11-27T10:00:09.1Z\"}\n",
        "access log in json",
        &[("status", "500"), ("route", "/x"), ("time", "1701079200000"), ("client_ip", "10.0.0.1")],
    );
    let text = "{\"log\":\"INFO:     127.0.0.1:52345 - \\\"GET /items/7 HTTP/1.1\\\" 404 Not Found\\n\",\"stream\":\"stdout\",\"time\":\"2023-11-27T10:00:09.1Z\"}\n";
    check(text, "access log in json", &[("status", "404"), ("time", "1701079209100")]);
    // https://kubernetes.io/docs/concepts/cluster-administration/logging/
    check(
        "2016-10-06T00:17:09.669794202Z stdout F {\"method\":\"GET\",\"path\":\"/x\",\"status\":503}\n",
        "ndjson in prefix",
        &[("status", "503"), ("time", "1475713029669"), ("method", "GET")],
    );
    // words of a program
    let text = "{\"log\":\"ERROR could not connect to the database\\n\",\"stream\":\"stderr\",\"time\":\"2023-11-27T10:00:09.1Z\"}\n\
        {\"log\":\"\\tat com.example.A.b(A.java:1)\\n\",\"stream\":\"stderr\",\"time\":\"2023-11-27T10:00:09.1Z\"}\n";
    let (_, calls) = read(text);
    assert_eq!((calls.rows, calls.inputs[0].aside), (1, 1));
    say(&calls, 0, text, &[("kind", "event"), ("message", "could not connect to the database"), ("suspect", "true")]);
}

#[test]
fn orchestrators_and_shippers() {
    let line = "10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512";
    check(
        &format!("[pod/web-7d4b9c6f5-x2x9z/app] {line}\n"),
        "access log in prefix",
        &[("host", "web-7d4b9c6f5-x2x9z"), ("service", "app"), ("status", "500")],
    );
    check(
        &format!("web-1  | {line}\n"),
        "access log in prefix",
        &[("host", "web-1"), ("service", "web"), ("status", "500")],
    );
    check(
        &format!("<34>Nov 27 10:00:05 edge7 nginx: {line}\n"),
        "access log in prefix",
        &[("host", "edge7"), ("service", "nginx"), ("client_ip", "10.0.0.1")],
    );
    check(
        "<165>1 2003-10-11T22:14:15.003Z host7 app1 4711 ID47 - {\"status\":500,\"path\":\"/a\"}\n",
        "ndjson in prefix",
        &[("host", "host7"), ("service", "app1"), ("status", "500"), ("time", "1065910455003")],
    );
    // CloudWatch Logs exports put the time of ingestion before the event
    check(
        "2023-11-27T10:00:00.123Z {\"status\":500,\"path\":\"/a\"}\n",
        "ndjson in time",
        &[("status", "500"), ("time", "1701079200123")],
    );
}

#[test]
fn exports_of_log_stores() {
    // https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry
    let text = "{\"textPayload\":\"could not reach the ledger\",\"timestamp\":\"2023-11-27T10:00:00Z\",\"severity\":\"ERROR\",\"resource\":{\"labels\":{\"pod_name\":\"web-1\",\"location\":\"europe-west1\"}}}\n";
    let (_, calls) = read(text);
    say(
        &calls,
        0,
        text,
        &[("message", "could not reach the ledger"), ("time", "1701079200000"), ("host", "web-1"), ("suspect", "true")],
    );
    // journalctl -o json
    let text = "{\"__REALTIME_TIMESTAMP\":\"1701079200123456\",\"_HOSTNAME\":\"db1\",\"SYSLOG_IDENTIFIER\":\"postgres\",\"PRIORITY\":\"3\",\"MESSAGE\":\"could not write to file\"}\n";
    let (_, calls) = read(text);
    say(
        &calls,
        0,
        text,
        &[("time", "1701079200123"), ("host", "db1"), ("service", "postgres"), ("suspect", "true"), ("kind", "event")],
    );
    // logcli -o jsonl
    check(
        "{\"labels\":{\"pod\":\"web-1\"},\"line\":\"level=error msg=\\\"refused\\\" status=503 path=/a\",\"timestamp\":\"2023-11-27T10:00:00Z\"}\n",
        "logfmt in json",
        &[("status", "503"), ("time", "1701079200000"), ("host", "web-1")],
    );
    // a record that keeps the line beside what it says
    let text = "{\"time\":\"2023-11-27T10:00:00Z\",\"http\":{\"response\":{\"status_code\":500}},\"user\":{\"id\":\"u7\"},\"message\":\"10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \\\"GET /x HTTP/1.1\\\" 500 512\"}\n";
    check(text, "ndjson", &[("status", "500"), ("user", "u7")]);
    // the message of a structured record is no wrapper
    let (layout, _) = read("{\"time\":\"2023-11-27T10:00:00Z\",\"level\":\"error\",\"message\":\"could not save\"}\n");
    assert_eq!(layout.form, "ndjson");
}

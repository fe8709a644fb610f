//! The sample of a shape is what is judged: it must say alone what its line said.

use super::read;

#[test]
fn samples_are_evidence_by_themselves() {
    for (text, status) in [
        ("10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512 \"-\" \"curl/8.1\"\n", 500),
        (
            "#Fields: date time cs-method cs-uri-stem sc-status sc-substatus sc-win32-status time-taken\n2023-11-27 10:00:02 GET /y 502 3 12002 30\n",
            502,
        ),
        (
            "timestamp,service,method,path,status,message\n2026-11-20T10:00:01Z,api,POST,/v1/orders,503,\"said \"\"no\"\"\"\n",
            503,
        ),
        (
            "{\"log\":\"10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \\\"GET /x HTTP/1.1\\\" 504 512\\n\",\"stream\":\"stdout\",\"time\":\"2023-11-27T10:00:09.1Z\"}\n",
            504,
        ),
        (
            "[2023-11-27T10:00:00.000Z] \"GET /x HTTP/1.1\" 503 UF - \"-\" 0 152 84 - \"-\" \"curl/8.1\" \"5ad8d0f0\" \"web:8080\" \"10.0.0.9:8080\"\n",
            503,
        ),
        (
            "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":\"web\"}}]},\"scopeSpans\":[{\"spans\":[{\"traceId\":\"5b8e\",\"spanId\":\"eee1\",\"kind\":2,\"name\":\"POST\",\"startTimeUnixNano\":\"1586183468000000000\",\"endTimeUnixNano\":\"1586183469500000000\",\"attributes\":[{\"key\":\"http.status_code\",\"value\":{\"intValue\":\"500\"}},{\"key\":\"http.url\",\"value\":{\"stringValue\":\"https://pay.example.com/v1\"}}]}]}]}]}\n",
            500,
        ),
        (
            "2023/11/27 10:00:00 [error] 12#12: *7 x\n10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 502 1\n10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 502 1\n",
            502,
        ),
    ] {
        let (_, calls) = read(text);
        let shape = calls.shapes.iter().find(|s| s.status == status).unwrap_or_else(|| panic!("no {status} in {text}"));
        let read = firstfault_intake::read(&shape.sample, None);
        let found = read.calls.iter().find_map(firstfault_model::Call::status);
        assert_eq!(found, Some(status), "{}", shape.sample);
    }
}

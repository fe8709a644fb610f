//! Cut, mixed, garbled and hostile inputs: counted and shown, never fatal.

use super::{read, read_as, settings};
use crate::batch::merge;
use crate::{Batch, Layout, Part};

const ACCESS: &str = "10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512 \"-\" \"curl/8.1\"\n";

/// One text of each form.
fn texts() -> Vec<String> {
    vec![
        ACCESS.repeat(5),
        "[2016-04-15T20:17:00.310Z] \"POST /a HTTP/2\" 204 - 154 0 226 100 \"10.0.35.28\" \"x\" \"y\" \"locations\" \"tcp://10.0.2.1:80\"\n".repeat(5),
        "Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} \"GET /index.html HTTP/1.1\"\n".repeat(5),
        "#Fields: date time cs-method cs-uri-stem sc-status time-taken\n2023-11-27 10:00:02 GET /y 404 3\n".repeat(5),
        "time,status,path,message\n2026-11-20T10:00:00Z,200,/a,\"x, y\"\n".to_owned(),
        "2023-11-27 10:00:00,123 ERROR [main] a.B - boom\njava.lang.IllegalStateException: x\n\tat a.B(B.java:1)\n".repeat(5),
        "{\"log\":\"INFO: 127.0.0.1:1 - \\\"GET /a HTTP/1.1\\\" 404 Not Found\\n\",\"stream\":\"stdout\",\"time\":\"2023-11-27T10:00:09.1Z\"}\n".repeat(5),
        "web-1  | 10.0.0.1 - - [27/Nov/2023:10:00:00 +0000] \"GET /x HTTP/1.1\" 500 512\n".repeat(5),
        "[{\"time\":\"2026-11-20T10:00:00Z\",\"status\":500},{\"status\":200}]\n".to_owned(),
        "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"a\",\"spanId\":\"b\",\"kind\":2,\"name\":\"x\"}]}]}]}\n".repeat(5),
    ]
}

#[test]
fn every_form_survives_being_cut_and_garbled_anywhere() {
    for text in texts() {
        let bytes = text.as_bytes();
        let learnt = Layout::learn(bytes, "a.log", &settings());
        for cut in (0..bytes.len().min(700)).step_by(3) {
            // learnt from a cut text, and learnt whole and then cut
            read_as(&bytes[..cut], &settings());
            let mut garbled = bytes[cut..].to_vec();
            if let Some(byte) = garbled.get_mut(cut % 50) {
                *byte = [0, 0xff, b'"', b'[', b'\n', b'{'][cut % 6];
            }
            let mut batch = Batch::default();
            learnt.read(&bytes[..cut], Part::default(), &mut batch);
            learnt.read(&garbled, Part { input: 0, chunk: 1 }, &mut batch);
            let calls = merge(vec![batch]);
            let input = &calls.inputs[0];
            assert_eq!(input.lines, input.read + input.aside + input.unreadable, "{text}");
            for line in garbled.split(|b| *b == b'\n') {
                let _ = learnt.record(&String::from_utf8_lossy(line));
            }
        }
    }
}

#[test]
fn what_is_no_line_of_a_log_is_counted_and_shown() {
    let mut text = ACCESS.repeat(10).into_bytes();
    text.extend_from_slice(b"\x00\x01\x02\x03\x04\x05\x06\x07binary\x00\x00\n");
    text.extend_from_slice(b"\xe4\xf6\xfc\xdf\xe4\xf6\xfc\n");
    text.extend_from_slice(b"{\"time\":\"2026-11-20T10:00:00Z\",\"met\n");
    text.extend_from_slice(&[b'x'; 2_000_000]);
    text.push(b'\n');
    let (_, calls) = read_as(&text, &settings());
    let input = &calls.inputs[0];
    assert_eq!((calls.rows, input.unreadable), (10, 4), "{:?}", input.examples);
    assert!(input.examples.iter().all(|(number, line)| *number > 10 && line.chars().count() <= 200));
}

#[test]
fn a_foreign_charset_in_a_line_does_not_lose_it() {
    let mut text = ACCESS.repeat(3).into_bytes();
    text.extend_from_slice(
        b"10.0.0.1 - m\xfcller [27/Nov/2023:10:00:00 +0000] \"GET /stra\xdfe HTTP/1.1\" 404 512 \"-\" \"curl/8.1\"\n",
    );
    let (_, calls) = read_as(&text, &settings());
    assert_eq!((calls.rows, calls.inputs[0].unreadable), (4, 0));
    assert_eq!(calls.status[3], 404);
}

#[test]
fn mixed_forms_are_all_read() {
    let text = format!(
        "{}{}{}",
        ACCESS.repeat(20),
        "[2016-04-15T20:17:00.310Z] \"POST /a HTTP/2\" 503 UF 154 0 226 100 \"10.0.35.28\" \"x\" \"y\" \"locations\" \"tcp://10.0.2.1:80\"\n",
        "2023/11/27 10:00:00 [error] 12#12: *7 connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, server: a, request: \"GET /v1 HTTP/1.1\", upstream: \"http://10.0.0.5:8080/v1\", host: \"a\"\n"
    );
    let (_, calls) = read(&text);
    assert_eq!((calls.rows, calls.inputs[0].unreadable), (22, 0), "{:?}", calls.inputs[0].examples);
    assert_eq!(calls.status[20..], [503, 0]);
}

#[test]
fn utf_16_is_said_and_empty_is_nothing() {
    let (layout, calls) = read_as(b"\xff\xfeG\0E\0T\0\n\0", &settings());
    assert!(layout.problem().is_some_and(|p| p.contains("UTF-16")));
    assert_eq!(calls.rows, 0);
    for text in ["", "\n", "\r\n\r\n", "\0\0\0", " "] {
        assert_eq!(read(text).1.rows, 0, "{text:?}");
    }
}

#[test]
fn parts_read_by_different_threads_are_one_table() {
    for text in texts() {
        let text = text.repeat(40);
        let layout = Layout::learn(text.as_bytes(), "a.log", &settings());
        let whole = |bytes: &[u8]| layout.whole(bytes);
        let mut parts = Vec::new();
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let end = Some(whole(&rest[..rest.len().min(900)])).filter(|end| *end > 0).unwrap_or(rest.len());
            parts.push(&rest[..end]);
            rest = &rest[end..];
        }
        let read = |threads: usize| {
            let mut batches: Vec<Batch> = (0..threads).map(|_| Batch::default()).collect();
            for (chunk, part) in parts.iter().enumerate() {
                let chunk = u32::try_from(chunk).unwrap();
                layout.read(part, Part { input: 0, chunk }, &mut batches[chunk as usize % threads]);
            }
            merge(batches)
        };
        let (one, three) = (read(1), read(3));
        assert_eq!(
            (one.rows, &one.time, &one.shapes, &one.inputs),
            (three.rows, &three.time, &three.shapes, &three.inputs)
        );
    }
}

#[test]
fn structured_lines_among_others_are_read() {
    let text = format!(
        "{}{}",
        ACCESS.repeat(20),
        "{\"time\":\"2023-11-27T10:00:00Z\",\"status\":503,\"path\":\"/a\"}\nlevel=info method=GET path=/b status=404\n"
    );
    let (_, calls) = read(&text);
    assert_eq!((calls.rows, calls.inputs[0].unreadable), (22, 0));
    assert_eq!(calls.status[20..], [503, 404]);
    super::same(&text);
}

//! What is written is read back; what others wrote becomes lines.

use super::*;
use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use bytes::Bytes;
use firstfault_calls::{Attribute, Calls, Codes, Dimension, Input, Kind, NO_TIME, Shape};
use parquet::arrow::ArrowWriter;
use std::io::Read as _;
use std::sync::Arc;

fn table() -> Calls {
    let shapes = vec![
        Shape { service: "gw".into(), status: 200, ..Shape::default() },
        Shape {
            kind: Kind::Event,
            service: "app".into(),
            status: 0,
            error_code: "E1".into(),
            message: "token secret-1 refused".into(),
            suspect: true,
            input: 1,
            line: 7,
            sample: "{\"msg\":\"token secret-1 refused\"}".into(),
            ..Shape::default()
        },
    ];
    let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<String>>();
    Calls {
        rows: 4,
        time: vec![1_700_000_000_001, NO_TIME, 1_700_000_000_003, -5],
        status: vec![200, 0, 200, 0],
        latency: vec![1.5, f32::NAN, 0.0, 7.25],
        attempt: vec![1, 0, 2, 0],
        request: vec![u64::MAX, 0, 3, 4],
        trace: Vec::new(),
        open: Vec::new(),
        weight: vec![1, 5, 1, 1],
        shape: vec![0, 1, 0, 1],
        dimensions: vec![
            Dimension {
                name: "service".into(),
                attribute: Some(Attribute::Service),
                values: words(&["", "app", "gw"]),
                codes: Codes::One(vec![2, 1, 2, 1]),
            },
            Dimension {
                name: "kind".into(),
                attribute: None,
                values: words(&["", "big"]),
                codes: Codes::One(vec![0, 1, 1, 0]),
            },
        ],
        shapes,
        inputs: vec![
            Input {
                name: "gw.log".into(),
                form: "ndjson".into(),
                lines: 3,
                read: 2,
                unreadable: 1,
                ..Input::default()
            },
            Input {
                name: "app.log".into(),
                examples: vec![(3, "??".into())],
                problems: words(&["cut"]),
                ..Input::default()
            },
        ],
    }
}

fn verdicts() -> Vec<Verdict> {
    let failed = Verdict {
        failed: true,
        bucket: "auth".into(),
        layer: "auth".into(),
        cause: "auth.bad_token".into(),
        signature: "s1".into(),
        template: "token <*> refused".into(),
    };
    vec![Verdict::default(), failed]
}

fn saved(bytes: Vec<u8>) -> Saved {
    match open(Bytes::from(bytes)).unwrap() {
        Table::Saved(saved) => *saved,
        Table::Foreign(_) => panic!("expected a saved table"),
    }
}

fn written(calls: &Calls, safe: &mut dyn FnMut(&str) -> String) -> Vec<u8> {
    let mut out = Vec::new();
    write(calls, &verdicts(), safe, &mut out).unwrap();
    out
}

/// All but latencies, which may be no numbers, by comparison; those by bits.
fn same(one: &Calls, other: &Calls) {
    let bits = |calls: &Calls| calls.latency.iter().map(|l| l.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(one), bits(other));
    let without = |calls: &Calls| format!("{:?}", Calls { latency: Vec::new(), ..calls.clone() });
    assert_eq!(without(one), without(other));
}

#[test]
fn what_is_written_is_read_back() {
    let calls = table();
    let mut pieces = saved(written(&calls, &mut str::to_owned));
    assert_eq!(pieces.shapes(), calls.shapes);
    same(&pieces.next().unwrap().unwrap(), &calls);
    assert!(pieces.next().is_none());
}

#[test]
fn many_rows_come_in_pieces_that_join_to_the_same_table() {
    let mut calls = table();
    calls.weight = Vec::new();
    let repeat = 600_000;
    calls.rows *= repeat;
    calls.time = calls.time.repeat(repeat);
    calls.status = calls.status.repeat(repeat);
    calls.latency = calls.latency.repeat(repeat);
    calls.attempt = calls.attempt.repeat(repeat);
    calls.request = calls.request.repeat(repeat);
    calls.shape = calls.shape.repeat(repeat);
    for dimension in &mut calls.dimensions {
        if let Codes::One(codes) = &mut dimension.codes {
            *codes = codes.repeat(repeat);
        }
    }
    let pieces: Vec<Calls> = saved(written(&calls, &mut str::to_owned)).map(Result::unwrap).collect();
    assert!(pieces.len() > 1);
    same(&firstfault_calls::join(pieces), &calls);
}

#[test]
fn an_empty_table_keeps_what_is_known_about_its_inputs() {
    let calls = Calls { inputs: table().inputs, ..Calls::default() };
    let mut out = Vec::new();
    write(&calls, &[], &mut str::to_owned, &mut out).unwrap();
    let pieces: Vec<Calls> = saved(out).map(Result::unwrap).collect();
    assert_eq!((pieces.len(), &pieces[0].inputs), (1, &calls.inputs));
}

#[test]
fn no_text_is_written_that_was_not_redacted() {
    let mut calls = table();
    calls.dimensions[0].values[1] = "secret-1".into();
    calls.shapes[1].error_code = "secret-1".into();
    calls.shapes[1].mark = "secret-1".into();
    calls.inputs[1].examples[0].1 = "secret-1".into();
    let bytes = written(&calls, &mut |text| text.replace("secret-1", "[hidden]"));
    let pieces: Vec<Calls> = saved(bytes).map(Result::unwrap).collect();
    let shown = format!("{pieces:?}");
    assert!(!shown.contains("secret-1") && shown.contains("[hidden]"), "{shown}");
    assert_eq!(pieces[0].shapes[1].sample, "{\"msg\":\"token [hidden] refused\"}");
}

#[test]
fn verdicts_must_fit_the_shapes() {
    let error = write(&table(), &[], &mut str::to_owned, Vec::new()).unwrap_err();
    assert_eq!(error, "expected a verdict for each of 2 shapes, got 0");
}

#[test]
fn cut_and_changed_files_are_errors_and_never_panics() {
    let bytes = written(&table(), &mut str::to_owned);
    for cut in [0, 4, 10, bytes.len() / 2, bytes.len() - 1] {
        let error = open(Bytes::copy_from_slice(&bytes[..cut])).err().unwrap();
        assert!(error.contains("is no whole Parquet file"), "{error}");
    }
}

#[test]
fn rows_of_others_become_lines_of_json() {
    let level: DictionaryArray<Int32Type> = [Some("info"), None, Some("error")].into_iter().collect();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("ts", Arc::new(TimestampMicrosecondArray::from(vec![1_763_633_267_123_456, -1, 951_782_400_000_000]))),
        ("path", Arc::new(StringArray::from(vec![Some("/a\"b\\c\n"), None, Some("/ü")]))),
        ("status", Arc::new(Int64Array::from(vec![200, 503, 404]))),
        ("seconds", Arc::new(Float64Array::from(vec![0.25, f64::NAN, 3.0]))),
        ("level", Arc::new(level)),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let Table::Foreign(mut lines) = open(Bytes::from(bytes)).unwrap() else { panic!("expected a table of others") };
    let mut text = String::new();
    lines.read_to_string(&mut text).unwrap();
    let expected = r#"{"ts":"2025-11-20T10:07:47.123456Z","path":"/a\"b\\c\n","status":200,"seconds":0.25,"level":"info"}
{"ts":"1969-12-31T23:59:59.999999Z","status":503,"seconds":null}
{"ts":"2000-02-29T00:00:00.000000Z","path":"/ü","status":404,"seconds":3,"level":"error"}
"#;
    assert_eq!(text, expected);
}

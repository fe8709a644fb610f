//! Repeats by id, by attempt and in bursts, on small tables made by hand.

use super::retries;
use crate::Judgement;
use firstfault_calls::{Attribute, Calls, Codes, Dimension, Kind, Shape};
use firstfault_model::{Bucket, Layer};

fn judgement(failed: bool) -> Judgement {
    Judgement {
        failed,
        bucket: if failed { Bucket::Server } else { Bucket::None },
        layer: failed.then_some(Layer::Backend),
        cause: "x".to_owned(),
        probability: 1.0,
        template: 0,
        diagnosis: None,
    }
}

/// Rows of (time, failed, request id, attempt, client).
fn table(rows: &[(i64, bool, u64, u8, u32)]) -> Calls {
    let shape = |status| Shape { kind: Kind::Call, status, ..Shape::default() };
    Calls {
        rows: rows.len(),
        time: rows.iter().map(|r| r.0).collect(),
        status: rows.iter().map(|r| if r.1 { 500 } else { 200 }).collect(),
        latency: vec![f32::NAN; rows.len()],
        attempt: rows.iter().map(|r| r.3).collect(),
        request: if rows.iter().any(|r| r.2 > 0) { rows.iter().map(|r| r.2).collect() } else { Vec::new() },
        shape: rows.iter().map(|r| u32::from(r.1)).collect(),
        shapes: vec![shape(200), shape(500)],
        dimensions: vec![Dimension {
            name: "client_ip".to_owned(),
            attribute: Some(Attribute::ClientIp),
            values: (0..200).map(|i| if i == 0 { String::new() } else { format!("10.0.0.{i}") }).collect(),
            codes: Codes::pack(&rows.iter().map(|r| r.4).collect::<Vec<_>>(), 200),
        }],
        ..Calls::default()
    }
}

fn failing(rows: &[(i64, bool, u64, u8, u32)]) -> Vec<u32> {
    (0..).zip(rows).filter(|(_, r)| r.1).map(|(i, _)| i).collect()
}

#[test]
fn attempts_with_one_id_are_one_call() {
    // Ten calls: each fails twice and then succeeds, without pause.
    let rows: Vec<_> =
        (0..10).flat_map(|i| (0..3).map(move |k| (i * 10_000 + k * 50, k < 2, i as u64 + 1, 0, 1))).collect();
    let found = retries(&table(&rows), &[judgement(false), judgement(true)], &failing(&rows), 0);
    assert_eq!((found.amplification, found.repeats, found.success), (Some(3.0), 20, Some(1.0)));
    assert!(found.storm);
    assert_eq!(found.without_backoff, [("client_ip".to_owned(), "10.0.0.1".to_owned(), 20)]);
}

#[test]
fn growing_pauses_are_good_manners_and_good_calls_no_repeats() {
    let mut rows: Vec<_> =
        (0..10).flat_map(|i| [0, 1_000, 3_000].map(|at| (i * 60_000 + at, true, i as u64 + 1, 0, 1))).collect();
    // One id that two good calls share says nothing.
    rows.extend([(5, false, 99, 0, 1), (6, false, 99, 0, 1)]);
    let found = retries(&table(&rows), &[judgement(false), judgement(true)], &failing(&rows), 0);
    assert_eq!((found.amplification, found.success), (Some(3.0), Some(0.0)));
    assert_eq!(found.without_backoff, []);
}

#[test]
fn attempts_that_lines_count() {
    let each: Vec<_> = (0..40).map(|i| (i * 100, true, 0, if i < 20 { 1 } else { 2 }, 1)).collect();
    let found = retries(&table(&each), &[judgement(false), judgement(true)], &failing(&each), 0);
    assert_eq!(found.amplification, Some(2.0));
    // A gateway that says how many attempts it made for each call.
    let made: Vec<_> = (0..40).map(|i| (i * 100, true, 0, 3, 1)).collect();
    let found = retries(&table(&made), &[judgement(false), judgement(true)], &failing(&made), 0);
    assert_eq!(found.amplification, Some(3.0));
}

#[test]
fn bursts_after_failures_are_repeats() {
    // Of 60 callers each failing call is repeated once after a second; the others ask once a minute.
    let mut rows = Vec::new();
    for i in 0..60_i64 {
        rows.push((i * 1_000, true, 0, 0, i as u32 + 1));
        rows.push((i * 1_000 + 1_000, true, 0, 0, i as u32 + 1));
        rows.push((i * 1_000 + 60_000, false, 0, 0, i as u32 + 1));
        rows.push((i * 1_000 + 120_000, false, 0, 0, i as u32 + 1));
    }
    let found = retries(&table(&rows), &[judgement(false), judgement(true)], &failing(&rows), 0);
    let amplification = found.amplification.unwrap();
    assert!((amplification - 2.0).abs() < 0.05, "{found:?}");
    // Nobody repeats: one call each.
    let rows: Vec<_> = (0..60_i64).map(|i| (i * 20_000, true, 0, 0, i as u32 + 1)).collect();
    let found = retries(&table(&rows), &[judgement(false), judgement(true)], &failing(&rows), 0);
    assert_eq!(found.amplification, Some(1.0));
    assert!(!found.storm);
}

//! Whole hours made by hand: quiet ones, rises, ends, places, and what always failed.

use super::*;
use firstfault_calls::{Codes, Dimension, Shape};
use firstfault_model::{Bucket, Layer};

const START: i64 = 1_795_255_200_000;
const CALLS: i64 = 12_000;

/// An hour of calls, one each 300 ms, by five tenants and four routes in turn. `fails` says which fail, by second and tenant.
fn hour(fails: impl Fn(f64, u32, i64) -> bool) -> (Calls, Vec<Judgement>) {
    let mut calls = Calls { rows: CALLS as usize, ..Calls::default() };
    let (mut tenants, mut routes) = (Vec::new(), Vec::new());
    for call in 0..CALLS {
        let (tenant, route) = (1 + (call % 5) as u32, 1 + (call / 5 % 4) as u32);
        let failed = fails(call as f64 * 0.3, tenant, call);
        calls.time.push(START + call * 300);
        calls.status.push(if failed { 500 } else { 200 });
        calls.latency.push(20.0 + (call * 31 % 17) as f32);
        calls.attempt.push(1);
        calls.shape.push(u32::from(failed));
        tenants.push(tenant);
        routes.push(route);
    }
    let dimension = |attribute: Attribute, values: &[&str], codes: &[u32]| Dimension {
        name: attribute.word().to_owned(),
        attribute: Some(attribute),
        values: values.iter().map(|v| (*v).to_owned()).collect(),
        codes: Codes::pack(codes, values.len()),
    };
    calls.dimensions = vec![
        dimension(Attribute::Route, &["", "/a", "/b", "/c", "/d"], &routes),
        dimension(Attribute::Tenant, &["", "acme", "globex", "hooli", "initech", "stark"], &tenants),
    ];
    let failing = Shape { status: 500, message: "unexpected error".to_owned(), suspect: true, ..Shape::default() };
    calls.shapes = vec![Shape { status: 200, ..Shape::default() }, failing];
    let verdict = Judgement {
        failed: true,
        bucket: Bucket::Server,
        layer: Some(Layer::Backend),
        cause: "server.unhandled_exception".to_owned(),
        probability: 0.9,
        ..Judgement::healthy()
    };
    (calls, vec![Judgement::healthy(), verdict])
}

fn found(fails: impl Fn(f64, u32, i64) -> bool) -> Triage {
    let (calls, judged) = hour(fails);
    triage(&calls, &judged, &[], &[], &Options::default())
}

/// One call in a hundred, all over.
fn noise(call: i64) -> bool {
    call * 7919 % 100 == 3
}

#[test]
fn a_rise_in_one_tenant_is_one_incident_there() {
    let told = found(|second, tenant, call| noise(call) || second >= 2000.0 && tenant == 3 && call % 2 == 0);
    assert_eq!(told.incidents.len(), 1);
    let incident = &told.incidents[0];
    assert_eq!(incident.isolation[0].attributes, [("tenant".to_owned(), "hooli".to_owned())]);
    assert!((incident.onset - START - 2_000_000).abs() < 10_000, "{}", incident.onset - START);
    assert!(incident.interval.0 <= incident.onset && incident.onset <= incident.interval.1);
    assert_eq!((incident.bucket, incident.layer, incident.end), (Some(Bucket::Server), Some(Layer::Backend), None));
    assert_eq!(incident.affected.tenants, Some(1));
}

#[test]
fn constant_failures_are_background() {
    let told = found(|_, tenant, call| noise(call) || tenant == 2);
    assert!(told.incidents.is_empty(), "{:?}", told.incidents[0].isolation);
    assert_eq!(told.background.len(), 1);
    assert!(told.failed > 2000);
}

#[test]
fn what_ends_has_an_end() {
    let told = found(|second, _, call| noise(call) || (1500.0..1900.0).contains(&second) && call % 3 == 0);
    assert_eq!(told.incidents.len(), 1);
    let end = told.incidents[0].end.unwrap();
    assert!((end - START - 1_900_000).abs() < 20_000, "{}", end - START);
    assert!(told.incidents[0].isolation.is_empty());
    assert_eq!(told.incidents[0].course, Form::Spike);
}

#[test]
fn a_log_that_begins_within_an_incident_says_so() {
    let told = found(|_, _, call| call % 3 != 0);
    assert_eq!(told.incidents.len(), 1);
    assert!(told.incidents[0].onset < START + 1_000);
    assert_eq!(found(|_, _, _| false).incidents.len(), 0);
}

#[test]
fn a_given_time_is_the_onset() {
    let (calls, judged) = hour(|second, tenant, _| second >= 2000.0 && tenant == 1);
    let at = START + 2_100_000;
    let told = triage(&calls, &judged, &[], &[], &Options { at: Some(at) });
    assert_eq!(told.incidents[0].onset, at);
    assert_eq!(told.incidents[0].isolation[0].attributes[0].1, "acme");
    assert_eq!(triage(&Calls::default(), &[], &[], &[], &Options::default()), Triage::default());
}

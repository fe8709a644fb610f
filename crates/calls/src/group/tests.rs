//! The aggregation against a slow one that is plainly right.

use super::*;
use crate::{Attribute, Codes, Dimension, Shape};

/// A table that repeats itself nowhere: `rows` calls of three tenants, two routes, four statuses.
fn table(rows: usize) -> Calls {
    let mut state = 7_u64;
    let mut draw = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let statuses = [200_u16, 201, 404, 503];
    let mut calls = Calls { rows, ..Calls::default() };
    let (mut tenant, mut route, mut user) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..rows {
        let shape = draw(4);
        calls.shape.push(shape as u32);
        calls.status.push(statuses[shape as usize]);
        calls.time.push(if draw(50) == 0 { NO_TIME } else { 1_700_000_000_000 + row as i64 * 3 });
        calls.latency.push(if draw(20) == 0 { f32::NAN } else { draw(100_000) as f32 / 100.0 });
        calls.attempt.push(1);
        calls.request.push(draw(u64::MAX));
        tenant.push(draw(4) as u32);
        route.push(draw(3) as u32);
        user.push(draw(5_000) as u32);
    }
    let shape = |status: &u16| Shape { status: *status, suspect: *status >= 400, ..Shape::default() };
    calls.shapes = statuses.iter().map(shape).collect();
    let words = |stem: &str, count: u32| {
        let mut words: Vec<String> = (1..count).map(|n| format!("{stem}{n:05}")).collect();
        words.insert(0, String::new());
        words
    };
    let dimension = |attribute: Attribute, codes: &[u32], count| Dimension {
        name: attribute.word().to_owned(),
        attribute: Some(attribute),
        values: words(attribute.word(), count),
        codes: Codes::pack(codes, count as usize),
    };
    calls.dimensions = vec![
        dimension(Attribute::Route, &route, 3),
        dimension(Attribute::Tenant, &tenant, 4),
        dimension(Attribute::User, &user, 5_000),
    ];
    calls
}

fn slow(calls: &Calls, by: &[&str]) -> Vec<Group> {
    let mut groups = std::collections::BTreeMap::<Vec<String>, Vec<usize>>::new();
    for row in 0..calls.rows {
        let value = |name: &&str| match *name {
            "status" => calls.status[row].to_string(),
            name => {
                let dimension = calls.named(name).unwrap();
                dimension.values[dimension.codes.get(row) as usize].clone()
            }
        };
        groups.entry(by.iter().map(value).collect()).or_default().push(row);
    }
    let group = |(values, rows): (Vec<String>, Vec<usize>)| {
        let mut latencies: Vec<f32> = rows.iter().map(|r| calls.latency[*r]).filter(|l| !l.is_nan()).collect();
        latencies.sort_by(f32::total_cmp);
        let at = |q: usize| latencies.get((latencies.len() * q).div_ceil(100).saturating_sub(1)).copied();
        let times = || rows.iter().map(|r| calls.time[*r]).filter(|t| *t != NO_TIME);
        Group {
            values,
            calls: rows.len() as u64,
            failed: rows.iter().filter(|r| calls.status[**r] >= 400).count() as u64,
            p50: at(50),
            p95: at(95),
            first: times().min(),
            last: times().max(),
        }
    };
    groups.into_iter().map(group).collect()
}

fn check(calls: &Calls, by: &[&str], threads: usize) {
    let keys: Vec<Key<'_>> = by.iter().map(|name| Key::Named(name)).collect();
    let quick = group(calls, &keys, &by_status(calls), threads).unwrap();
    assert_eq!(quick, slow(calls, by), "{by:?} with {threads} threads");
}

#[test]
fn groups_are_those_of_the_slow_way() {
    let calls = table(60_000);
    for threads in [1, 2, 7] {
        check(&calls, &["route", "tenant", "status"], threads);
        check(&calls, &["tenant"], threads);
        check(&calls, &[], threads);
        // Too many combinations for an array: found by hash.
        check(&calls, &["user", "route", "status", "tenant", "user"], threads);
    }
    check(&table(0), &["tenant"], 2);
}

#[test]
fn events_are_no_calls_and_unknown_keys_are_named() {
    let mut calls = table(1_000);
    calls.shapes[3].kind = Kind::Event;
    let all = group(&calls, &[], &by_status(&calls), 2).unwrap();
    let events = calls.shape.iter().filter(|s| **s == 3).count() as u64;
    assert_eq!(all[0].calls, 1_000 - events);
    let error = group(&calls, &[Key::Named("teanant")], &[], 1).unwrap_err();
    assert!(error.contains("\"teanant\"") && error.contains("route, tenant, user"), "{error}");
    let nothing = group(&calls, &[Key::Named("region")], &[], 1).unwrap();
    assert_eq!(nothing[0].values, [""]);
}

#[test]
fn steps_of_time_and_signatures_are_keys_too() {
    let calls = table(2_000);
    let values = ["fine".to_owned(), "bad".to_owned()];
    let by = [Key::Time(1_000), Key::Shapes { of: &[0, 0, 1, 1], values: &values }];
    let groups = group(&calls, &by, &by_status(&calls), 2).unwrap();
    assert_eq!(groups.iter().map(|g| g.calls).sum::<u64>(), 2_000);
    for group in groups {
        if let Some(first) = group.first {
            let step: i64 = group.values[0].parse().unwrap();
            assert!((step..step + 1_000).contains(&first) && group.last.unwrap() < step + 1_000);
        } else {
            assert_eq!(group.values[0], "");
        }
        assert_eq!(group.failed, if group.values[1] == "bad" { group.calls } else { 0 });
    }
}

#[test]
fn rows_put_together_keep_counts_and_nearly_keep_quantiles() {
    let calls = table(600_000);
    let exact = group(&calls, &[Key::Named("tenant"), Key::Named("status")], &by_status(&calls), 2).unwrap();
    let how = Coarser { step: 60_000, without: vec!["user".to_owned()] };
    let (left, of) = compacted_rows(&calls, &how, 2);
    let small = compact(calls.clone(), &how, 2);
    assert_eq!((left, of), (small.rows, 600_000));
    assert!(small.rows < 300_000, "{}", small.rows);
    assert_eq!(small.rows, compact(calls, &how, 5).rows);
    assert!(small.request.is_empty() && small.named("user").is_none());
    let near = group(&small, &[Key::Named("tenant"), Key::Named("status")], &by_status(&small), 2).unwrap();
    assert_eq!(exact.len(), near.len());
    for (exact, near) in exact.iter().zip(&near) {
        assert_eq!((&exact.values, exact.calls, exact.failed), (&near.values, near.calls, near.failed));
        for (exact, near) in [(exact.p50, near.p50), (exact.p95, near.p95)] {
            let (exact, near) = (exact.unwrap(), near.unwrap());
            assert!((near / exact - 1.0).abs() <= 0.01, "{near} for {exact}");
        }
    }
}

#[test]
fn a_rounded_latency_is_within_one_per_cent_and_stays() {
    for latency in [1e-3_f32, 0.5, 1.0, 1.02, 3.3, 199.99, 200.0, 1e6, 3.4e38] {
        let near = rounded(latency);
        assert!((near / latency - 1.0).abs() <= 0.010_01, "{near} for {latency}");
        assert_eq!(rounded(near).to_bits(), near.to_bits());
    }
    assert_eq!(rounded(0.0), 0.0);
    assert_eq!(rounded(-3.0), 0.0);
    assert!(rounded(f32::NAN).is_nan());
}

#[test]
fn joined_tables_are_one_table() {
    let all = table(20_000);
    let by = [Key::Named("route"), Key::Named("tenant"), Key::Named("user"), Key::Named("status")];
    let mut other = table(5_000);
    other.request = Vec::new();
    other.shapes.reverse();
    other.shape.iter_mut().for_each(|s| *s = 3 - *s);
    other.dimensions.remove(1);
    let joined = crate::join(vec![all.clone(), other.clone()]);
    assert_eq!((joined.rows, joined.shapes.len(), joined.request.len()), (25_000, 4, 25_000));
    let count = |calls: &Calls| group(calls, &by, &by_status(calls), 2).unwrap();
    let sum = |groups: &[Group], of: fn(&Group) -> u64| groups.iter().map(of).sum::<u64>();
    let (one, two, both) = (count(&all), count(&other), count(&joined));
    assert_eq!(sum(&both, |g| g.failed), sum(&one, |g| g.failed) + sum(&two, |g| g.failed));
    let tenant = joined.named("tenant").unwrap();
    assert!((20_000..25_000).all(|row| tenant.codes.get(row) == 0));
    assert!((0..20_000).all(|row| tenant.codes.get(row) == all.named("tenant").unwrap().codes.get(row)));
}

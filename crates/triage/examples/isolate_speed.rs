//! Times the isolation alone on 2 million generated calls of 14 attributes: `cargo run --release --example isolate_speed [RUNS]`.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use firstfault_calls::{Attribute, Calls, Codes, Dimension, Shape};
use firstfault_triage::isolate::{Ask, isolate};
use std::time::Instant;

/// Attribute and how many values it has.
const COLUMNS: [(Attribute, u32); 14] = [
    (Attribute::Service, 3),
    (Attribute::Method, 5),
    (Attribute::Route, 60),
    (Attribute::Upstream, 20),
    (Attribute::Tenant, 200),
    (Attribute::Role, 4),
    (Attribute::User, 100_000),
    (Attribute::ApiKey, 500),
    (Attribute::ClientIp, 60_000),
    (Attribute::Region, 5),
    (Attribute::Zone, 15),
    (Attribute::Host, 60),
    (Attribute::ClientVersion, 40),
    (Attribute::Release, 4),
];

fn main() {
    let runs: u32 = std::env::args().nth(1).and_then(|runs| runs.parse().ok()).unwrap_or(5);
    let rows = 2_000_000;
    let mut state = 1_u64;
    let mut below = |end: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(((state >> 33) * u64::from(end)) >> 31).unwrap_or(0)
    };
    let mut columns: Vec<Vec<u32>> = vec![Vec::with_capacity(rows); COLUMNS.len()];
    for _ in 0..rows {
        for (column, (_, values)) in columns.iter_mut().zip(COLUMNS) {
            // Skewed, as traffic is.
            column.push(1 + below(values).min(below(values)));
        }
    }
    let mut calls = Calls { rows, shapes: vec![Shape::default(); 2], ..Calls::default() };
    for (name, set, share) in [
        ("one tenant", vec![(4, 3)], 800),
        ("a route in a region", vec![(2, 5), (9, 2)], 500),
        ("everywhere", vec![], 300),
        ("few", vec![(2, 9), (4, 11), (5, 1)], 700),
    ] {
        calls.time.clear();
        calls.shape.clear();
        for row in 0..rows {
            let now = row * 2 >= rows;
            let inside = set.iter().all(|(column, code): &(usize, u32)| columns[*column][row] == *code);
            let failed = below(1000) < 15 || (now && inside && below(1000) < share);
            calls.time.push(i64::from(now));
            calls.shape.push(u32::from(failed));
        }
        calls.dimensions = COLUMNS
            .iter()
            .zip(&columns)
            .map(|((attribute, values), codes)| Dimension {
                name: attribute.word().to_owned(),
                attribute: Some(*attribute),
                values: (0..=*values).map(|v| if v == 0 { String::new() } else { v.to_string() }).collect(),
                codes: Codes::pack(codes, *values as usize + 1),
            })
            .collect();
        let dimensions: Vec<usize> = (0..calls.dimensions.len()).collect();
        let ask = Ask {
            calls: &calls,
            failing: &[false, true],
            counts: &[true, true],
            during: 1..2,
            before: 0..1,
            dimensions: &dimensions,
        };
        let mut best = f64::MAX;
        let mut said = Vec::new();
        for _ in 0..runs {
            let started = Instant::now();
            said = isolate(&ask).0;
            best = best.min(started.elapsed().as_secs_f64() * 1000.0);
        }
        println!("{name:<20} {best:>7.1} ms  {:?}", said.iter().map(|s| &s.set).collect::<Vec<_>>());
    }
}

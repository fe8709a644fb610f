//! Failures are counted where they began, in tables read from logs.

use super::{First, first};
use crate::judge;
use firstfault_calls::{Batch, Calls, Layout, Part, Settings, merge};
use firstfault_knowledge::Knowledge;
use firstfault_model::Layer;

/// Logs by name, read as they are by the command line.
fn read(logs: &[(&str, String)]) -> Calls {
    let mut batch = Batch::default();
    for (input, (name, text)) in logs.iter().enumerate() {
        let layout = Layout::learn(text.as_bytes(), name, &Settings::default());
        layout.read(text.as_bytes(), Part { input: u32::try_from(input).unwrap(), chunk: 0 }, &mut batch);
    }
    merge(vec![batch])
}

fn of(logs: &[(&str, String)]) -> First {
    let calls = read(logs);
    let counts = vec![1; calls.shapes.len()];
    let judged = judge(&calls.shapes, &counts, &Knowledge::builtin());
    let rows: Vec<u32> = (0..u32::try_from(calls.rows).unwrap())
        .filter(|row| judged[calls.shape[*row as usize] as usize].failed)
        .collect();
    first(&calls, &judged, &rows)
}

fn line(second: u64, service: &str, status: u16, ms: u64, trace: u64, more: &str) -> String {
    format!(
        "{{\"time\":\"2026-03-02T10:00:{second:02}Z\",\"service\":\"{service}\",\"method\":\"POST\",\"path\":\"/v1/orders\",\"status\":{status},\"duration_ms\":{ms},\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e{trace:04x}\"{more}}}\n"
    )
}

#[test]
fn a_failure_is_counted_where_it_began() {
    let mut logs = [("gateway.log", String::new()), ("orders.log", String::new()), ("payments.log", String::new())];
    for trace in 0..40 {
        let bad = trace % 4 == 0;
        let (status, behind) = if bad { (502, 500) } else { (200, 200) };
        let more = format!(",\"upstream\":\"orders\",\"upstream_status\":{behind}");
        logs[0].1 += &line(trace, "gateway", status, 120, trace, &more);
        logs[1].1 += &line(trace, "orders", behind, 110, trace, "");
        let error = if bad { ",\"error\":\"deadlock detected\"" } else { "" };
        logs[2].1 += &line(trace, "payments", behind, 90, trace, error);
    }
    let found = of(&logs);
    assert_eq!(found.origins.len(), 1, "{found:?}");
    let origin = &found.origins[0];
    assert_eq!((origin.service.as_str(), origin.count, origin.layer), ("payments", 10, Some(Layer::Dependency)));
    assert_eq!(origin.passed_on, [("gateway".to_owned(), 10), ("orders".to_owned(), 10)]);
    assert!(found.short_timeouts.is_empty());
}

#[test]
fn a_gateway_that_gave_up_is_named_with_both_numbers() {
    let mut logs = [("gateway.log", String::new()), ("crm.log", String::new())];
    for trace in 0..12 {
        let more = ",\"upstream\":\"crm\",\"upstream_status\":504";
        logs[0].1 += &line(trace, "gateway", 504, 30_000, trace, more);
        logs[1].1 += &line(trace + 20, "crm", 201, 41_000 + trace, trace, "");
    }
    let found = of(&logs);
    assert_eq!(found.origins[0].service, "gateway", "{found:?}");
    assert_eq!(found.origins[0].layer, Some(Layer::Gateway));
    let short = &found.short_timeouts[0];
    assert_eq!((short.gateway.as_str(), short.backend.as_str(), short.count), ("gateway", "crm", 12));
    assert!((short.gave_up - 30_000.0).abs() < 1.0 && short.answered > 41_000.0, "{short:?}");
}

#[test]
fn a_gateway_that_failed_itself_is_told_from_one_that_passed_on() {
    let mut own = [("gateway.log", String::new()), ("orders.log", String::new())];
    for trace in 0..10 {
        own[0].1 += &line(trace, "gateway", 429, 1, trace, ",\"error\":\"rate limit exceeded\"");
        own[1].1 += &line(trace, "orders", 200, 40, trace + 100, "");
    }
    let found = of(&own);
    assert_eq!((found.origins[0].service.as_str(), found.origins[0].count), ("gateway", 10), "{found:?}");
    let mut passed = [("gateway.log", String::new())];
    for trace in 0..10 {
        passed[0].1 += &line(trace, "gateway", 502, 30, trace, ",\"upstream\":\"orders\",\"upstream_status\":500");
    }
    let found = of(&passed);
    assert_eq!(found.origins[0].service, "orders", "{found:?}");
    assert_eq!(found.origins[0].passed_on, [("gateway".to_owned(), 10)]);
}

#[test]
fn without_ids_nothing_is_said() {
    let text =
        "{\"time\":\"2026-03-02T10:00:00Z\",\"service\":\"a\",\"method\":\"GET\",\"path\":\"/\",\"status\":500}\n";
    assert_eq!(of(&[("a.log", text.repeat(5))]), First::default());
}

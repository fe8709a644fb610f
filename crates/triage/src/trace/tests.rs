//! Small ways through systems, with and without spans, retries and clocks that are wrong.

use super::{TraceLine, ids, trace};
use firstfault_calls::{Layout, Settings};
use firstfault_knowledge::Knowledge;
use firstfault_model::Layer;
use firstfault_model::way::Trace;

fn lines(texts: &[String]) -> Vec<TraceLine> {
    texts
        .iter()
        .zip(1..)
        .map(|(text, line)| {
            let layout = Layout::learn(text.as_bytes(), "all.log", &Settings::default());
            let record = layout.record(text).unwrap_or_default();
            TraceLine { input: "all.log".to_owned(), line, text: text.clone(), record }
        })
        .collect()
}

fn of(texts: &[String]) -> Trace {
    trace("4bf92f3577b34da6", &lines(texts), &Knowledge::builtin())
}

fn call(second: &str, service: &str, path: &str, status: u16, ms: u64, more: &str) -> String {
    format!(
        "{{\"time\":\"2026-03-02T10:00:{second}Z\",\"service\":\"{service}\",\"method\":\"POST\",\"path\":\"{path}\",\"status\":{status},\"duration_ms\":{ms},\"trace_id\":\"4bf92f3577b34da6\"{more}}}"
    )
}

#[test]
fn the_deepest_failure_is_first_and_a_dependency_of_the_backend() {
    let found = of(&[
        call("01.200", "gateway", "/v1/orders", 502, 190, ",\"upstream\":\"orders\",\"upstream_status\":500"),
        call("01.190", "orders", "/v1/orders", 500, 170, ""),
        // The clock of payments is 40 s fast.
        call("41.180", "payments", "/charge", 500, 150, ",\"error\":\"deadlock detected\""),
    ]);
    assert_eq!(found.first.map(|at| found.hops[at].service.as_str()), Some("payments"), "{found:#?}");
    assert_eq!(found.layer, Some(Layer::Dependency));
    assert_eq!(found.hops.iter().map(|h| h.depth).collect::<Vec<_>>(), [0, 1, 2]);
    assert!((found.hops[2].skew - 40_000).abs() < 100, "{:?}", found.clocks);
    assert_eq!((found.translations[0].status, found.translations[0].upstream_status), (502, 500));
    assert!(found.summary.contains("as a consequence orders answered 500, gateway answered 502"), "{}", found.summary);
}

#[test]
fn spans_say_who_called_whom() {
    let found = of(&[
        call(
            "01.100",
            "b",
            "/two",
            503,
            40,
            ",\"span_id\":\"b7ad6b71\",\"parent_id\":\"00f067aa\",\"error\":\"disk full\"",
        ),
        call("01.190", "a", "/one", 500, 170, ",\"span_id\":\"00f067aa\""),
    ]);
    assert_eq!(found.hops.iter().map(|h| (h.service.as_str(), h.depth)).collect::<Vec<_>>(), [("a", 0), ("b", 1)]);
    assert_eq!(found.first, Some(1), "{found:#?}");
}

#[test]
fn retries_are_siblings_and_the_first_error_counts() {
    let found = of(&[
        call("05.000", "gateway", "/v1/orders", 200, 4_500, ",\"upstream\":\"orders\",\"upstream_status\":200"),
        call("01.000", "orders", "/v1/orders", 503, 100, ",\"error\":\"connection pool exhausted\""),
        call("02.500", "orders", "/v1/orders", 500, 100, ""),
        call("04.900", "orders", "/v1/orders", 200, 100, ""),
    ]);
    assert_eq!(found.hops.iter().map(|h| h.depth).collect::<Vec<_>>(), [0, 1, 1, 1], "{found:#?}");
    assert_eq!((found.attempts.len(), found.attempts[0].count), (1, 3));
    assert!(!found.failed && found.summary.ends_with("The request itself went well in the end."), "{}", found.summary);
    assert_eq!(found.first.map(|at| found.hops[at].status), Some(Some(503)));
}

#[test]
fn an_exception_says_why_a_bare_500_came() {
    let exception = "{\"time\":\"2026-03-02T10:00:01.150Z\",\"level\":\"error\",\"service\":\"orders\",\"msg\":\"org.postgresql.util.PSQLException: FATAL: remaining connection slots are reserved for non-replication superuser connections\",\"trace_id\":\"4bf92f3577b34da6\"}";
    let found = of(&[call("01.190", "orders", "/v1/orders", 500, 170, ""), exception.to_owned()]);
    assert_eq!(found.first, Some(0), "{found:#?}");
    assert_ne!(found.cause, "unknown");
    assert!(found.hops[1].depth == 1 && found.hops[1].failed && !found.hops[1].origin);
}

#[test]
fn what_a_gateway_passed_on_of_a_system_without_a_log_is_said() {
    let found =
        of(&[call("01.200", "gateway", "/v1/orders", 500, 190, ",\"upstream\":\"orders\",\"upstream_status\":500")]);
    assert_eq!(found.unseen.as_deref(), Some("orders"), "{found:#?}");
}

#[test]
fn ids_of_the_lines_are_what_a_second_round_looks_for() {
    let read = lines(&[call("01.200", "gateway", "/", 200, 190, ",\"request_id\":\"7b0c7c2e-11\",\"user\":\"jane\"")]);
    assert_eq!(ids("7b0c7c2e-11", &read), ["4bf92f3577b34da6"]);
    assert_eq!(ids("4bf92f3577b34da6", &read), ["7b0c7c2e-11"]);
}

#[test]
fn cut_and_hostile_lines_are_no_failure_of_ours() {
    let line = call("01.200", "gateway", "/", 500, 190, ",\"span_id\":\"x1\",\"parent_id\":\"x1\"");
    for cut in (0..line.len()).step_by(7) {
        let found = of(&[line[..cut].to_owned(), line.clone(), "\u{1b}[2J \u{0}".to_owned()]);
        assert_eq!(found.lines, 3);
        assert_eq!(found.hops.len(), 3);
    }
    let none = of(&[]);
    assert_eq!((none.lines, none.first), (0, None));
}

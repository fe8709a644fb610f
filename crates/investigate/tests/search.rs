//! Investigations of a service that is only a function: what is asked, in which order, and what comes out.

#![allow(clippy::unwrap_used)]

use firstfault_engine::Clock;
use firstfault_investigate::{Base, Budget, Investigation, Judging, Order, Sender, Sent, Stopped, investigate};
use firstfault_knowledge::Knowledge;
use firstfault_model::{Body, Response, Span, Url};
use firstfault_probe::{Exchange, Target, Walk};
use std::time::Duration;

/// A service: what it answers to a request.
struct Service<F> {
    answer: F,
    asked: Vec<String>,
    refuse: Option<&'static str>,
}

impl<F: Fn(&Target) -> (u16, &'static str)> Service<F> {
    fn exchange(&self, target: &Target) -> Exchange {
        let (status, body) = (self.answer)(target);
        let mut response = Response {
            status: Some(status),
            body: Some(Body::bounded(body, Span::default())),
            complete: true,
            ..Response::default()
        };
        if !body.is_empty() {
            response.headers.push("Content-Type", "application/json", Span::default());
        }
        let request = firstfault_model::Request { complete: true, ..target.as_request() };
        Exchange { request, response: Some(response), head: vec![b'x'], ..Exchange::default() }
    }
}

impl<F: Fn(&Target) -> (u16, &'static str)> Sender for Service<F> {
    async fn send(&mut self, target: &Target) -> Sent {
        self.asked.push(format!("{} {}", target.method, target.url.path));
        Sent::Came(Box::new(self.exchange(target)))
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn refuses(&self, _: &Target) -> Option<String> {
        self.refuse.map(str::to_owned)
    }

    fn wait(&self, _: &Target) -> Duration {
        Duration::ZERO
    }
}

fn target(method: &str, url: &str, headers: &[(&str, &str)]) -> Target {
    let mut target = Target { method: method.to_owned(), url: Url::parse(url), ..Target::default() };
    for (name, value) in headers {
        target.headers.push(*name, *value, Span::default());
    }
    target
}

/// Runs an investigation of a service from its first answer on.
fn run(target: Target, order: Order, answer: impl Fn(&Target) -> (u16, &'static str)) -> (Investigation, Vec<String>) {
    let mut service = Service { answer, asked: Vec::new(), refuse: None };
    let walk = Walk { exchanges: vec![service.exchange(&target)], ..Walk::default() };
    let base = Base::new(target, walk.call());
    let knowledge = Knowledge::builtin();
    let mut judging = Judging::new(&knowledge, Clock::default());
    let budget = Budget { time: Duration::from_secs(20), requests: 30 };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = runtime.block_on(investigate(base, &mut service, &mut judging, order, budget));
    (found, service.asked)
}

/// Refuses without words, unless the key stands where it is looked for.
fn wants_api_key(target: &Target) -> (u16, &'static str) {
    if target.headers.first("x-api-key") == Some("k-1") { (200, "{\"id\":1}") } else { (401, "") }
}

#[test]
fn a_bare_401_is_a_wrong_scheme_when_the_credential_works_elsewhere() {
    let call = target("GET", "http://api.test/v1/me", &[("Authorization", "Bearer k-1")]);
    let (found, asked) = run(call, Order::Chosen, wants_api_key);
    assert_eq!(found.diagnosis.cause, "auth.wrong_scheme", "{asked:?}");
    assert_eq!(found.stopped, Stopped::Clear);
    let worked = found.done.iter().flat_map(|done| &done.came).find(|came| came.works()).unwrap();
    assert_eq!(worked.trial.target.headers.first("x-api-key"), Some("k-1"));
    assert!(asked.iter().all(|line| line.starts_with("GET ") || line.starts_with("OPTIONS ")), "{asked:?}");
}

#[test]
fn an_empty_404_is_told_apart_by_its_neighbours() {
    let crm = |target: &Target| match target.url.path.as_str() {
        "/v1/customers" => (200, "{\"items\":[]}"),
        "/v1/customers/1" => (200, "{\"id\":1}"),
        _ => (404, ""),
    };
    let (missing, _) = run(target("GET", "http://crm.test/v1/customers/99", &[]), Order::Chosen, crm);
    assert_eq!(missing.diagnosis.cause, "client.resource_not_found");
    let (slash, _) = run(target("GET", "http://crm.test/v1/customers/1/", &[]), Order::Chosen, crm);
    assert_eq!(slash.diagnosis.cause, "client.wrong_path");
    let version = |target: &Target| if target.url.path.starts_with("/v2/") { (200, "{\"id\":1}") } else { (404, "") };
    let (retired, _) = run(target("GET", "http://crm.test/v1/customers/1", &[]), Order::Chosen, version);
    assert_eq!(retired.diagnosis.cause, "client.wrong_version");
}

#[test]
fn a_clear_case_needs_no_experiment_and_a_healthy_call_none() {
    let expired = "{\"error\":\"invalid_token\",\"error_description\":\"The access token expired\"}";
    let call = target("GET", "http://api.test/me", &[("Authorization", "Bearer t")]);
    let (found, asked) = run(call.clone(), Order::Chosen, move |_| (401, expired));
    assert_eq!((found.diagnosis.cause.as_str(), asked.len()), ("auth.expired_token", 0));
    let (healthy, asked) = run(call, Order::Fixed, |_| (200, "{\"id\":1}"));
    assert_eq!((healthy.stopped, asked.len()), (Stopped::NothingFailed, 0));
}

#[test]
fn chosen_order_asks_less_than_a_checklist() {
    let call = target("GET", "http://api.test/v1/me", &[("Authorization", "Bearer k-1"), ("X-Trace", "1")]);
    let (_, chosen) = run(call.clone(), Order::Chosen, wants_api_key);
    let (fixed_found, fixed) = run(call.clone(), Order::Fixed, wants_api_key);
    let (_, random) = run(call.clone(), Order::Random(3), wants_api_key);
    let (_, again) = run(call, Order::Random(3), wants_api_key);
    assert!(chosen.len() * 2 <= fixed.len(), "{chosen:?} {fixed:?}");
    assert_eq!(random, again);
    assert_eq!(fixed_found.diagnosis.cause, "auth.wrong_scheme");
}

#[test]
fn what_is_refused_is_kept_with_its_reason() {
    let call = target("GET", "http://api.test/v1/me", &[("Authorization", "Bearer k-1")]);
    let mut service = Service { answer: wants_api_key, asked: Vec::new(), refuse: Some("not allowed here") };
    let walk = Walk { exchanges: vec![service.exchange(&call)], ..Walk::default() };
    let base = Base::new(call, walk.call());
    let knowledge = Knowledge::builtin();
    let mut judging = Judging::new(&knowledge, Clock::default());
    let budget = Budget { time: Duration::from_secs(20), requests: 30 };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let found = runtime.block_on(investigate(base, &mut service, &mut judging, Order::Chosen, budget));
    assert!(service.asked.is_empty());
    assert_eq!(found.stopped, Stopped::NothingLeft);
    assert!(
        found.skipped.iter().any(|s| s.run == "other-scheme" && s.why == "not allowed here"),
        "{:?}",
        found.skipped
    );
}

#[test]
fn other_things_of_the_collection_tell_a_crash_by_one_input_from_a_broken_endpoint() {
    let list = "[{\"id\":1},{\"id\":7},{\"id\":9}]";
    let call = target("GET", "http://api.test/v1/things/7", &[]);
    let one = move |target: &Target| match target.url.path.as_str() {
        "/v1/things" => (200, list),
        "/v1/things/7" => (500, ""),
        _ => (200, "{\"id\":1}"),
    };
    let (found, asked) = run(call.clone(), Order::Chosen, one);
    assert_eq!(found.diagnosis.cause, "server.input_triggered_crash", "{asked:?}");
    assert!(asked.contains(&"GET /v1/things/1".to_owned()), "{asked:?}");
    let all = move |target: &Target| match target.url.path.as_str() {
        "/v1/things" => (200, list),
        path if path.starts_with("/v1/things/") => (500, ""),
        _ => (404, ""),
    };
    let (found, asked) = run(call, Order::Chosen, all);
    assert_eq!(found.diagnosis.cause, "server.unhandled_exception", "{asked:?}");
}

#[test]
fn a_prefix_that_the_way_takes_off_is_found_by_writing_it_twice() {
    let cut = |target: &Target| match target.url.path.as_str() {
        "/v1/v1/orders" => (200, "{\"id\":1}"),
        "/v1/orders" => (404, "{\"message\":\"Cannot GET /orders\"}"),
        _ => (404, "{\"message\":\"Cannot GET that\"}"),
    };
    let call = target("GET", "http://api.test/v1/orders", &[]);
    let (found, asked) = run(call, Order::Chosen, cut);
    assert_eq!(found.diagnosis.cause, "upstream.gateway_config", "{asked:?}");
    assert!(asked.contains(&"GET /v1/v1/orders".to_owned()), "{asked:?}");
}

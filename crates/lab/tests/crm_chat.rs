//! CRM and chat platform over real sockets: the flows between them, and that every scenario shows what its story says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use firstfault_lab::systems::outgoing::{Incoming, Outgoing};
use firstfault_lab::systems::{chat, crm, signing, stamp};
use firstfault_lab::{Family, Ports, Scenario, Symptom, World, scenarios};
use serde_json::{Value, json};
use std::future::Future;
use std::time::Duration;

const AGENT: &str = "Bearer crm_live_acme_agent_5f2c9a";

/// Runs something with a world of its own.
fn in_world<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test(World::new(Ports::Any).unwrap()));
}

async fn ask(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Incoming {
    let request = Outgoing {
        method: method.to_owned(),
        url: url.to_owned(),
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.as_bytes().to_vec(),
        patience: Duration::from_secs(20),
    };
    request.send().await
}

async fn platform(chat: &chat::Chat, method: &str, path: &str, body: &Value) -> Value {
    let key = format!("Bearer {}", chat::KEY);
    let body = if method == "GET" { String::new() } else { body.to_string() };
    let answer = ask(method, &chat.url(path), &[("Authorization", &key)], &body).await;
    assert!(answer.is_success(), "{method} {path}: {answer:?}");
    answer.json().unwrap()
}

/// A chat from its beginning to its end, and what the platform says that was delivered.
async fn one_chat(chat: &chat::Chat) -> Vec<Value> {
    let begins = json!({ "email": "jane.doe@example.com", "topic": "billing", "subject": "Charged twice" });
    let begun = platform(chat, "POST", "/chats", &begins).await;
    let id = begun["id"].as_str().unwrap();
    platform(chat, "POST", &format!("/chats/{id}/end"), &json!({})).await;
    chat.settle().await;
    let deliveries = platform(chat, "GET", &format!("/deliveries?chatId={id}"), &Value::Null).await;
    deliveries["data"].as_array().unwrap().clone()
}

async fn subscribe(chat: &chat::Chat, url: &str, secret: &str) -> Value {
    let wanted = json!({ "url": url, "secret": secret, "events": [chat::COMPLETED] });
    platform(chat, "POST", "/subscriptions", &wanted).await
}

#[test]
fn an_ended_chat_becomes_a_ticket_with_one_correlation_id_in_both_logs() {
    in_world(|world| async move {
        let crm = crm::start_with(&world, crm::Options::default()).await.unwrap();
        let chat = chat::start_with(&world, chat::Options::new(crm.url(""))).await.unwrap();
        subscribe(&chat, &crm.url("/webhooks/chat"), crm::SECRET).await;
        let before = crm.tickets().len();
        let deliveries = one_chat(&chat).await;
        assert_eq!(deliveries.len(), 1);
        assert_eq!((&deliveries[0]["status"], &deliveries[0]["attempt"]), (&json!(201), &json!(1)));
        let tickets = crm.tickets();
        assert_eq!(tickets.len(), before + 1);
        let ticket = tickets.iter().find(|ticket| ticket["subject"] == "Charged twice").unwrap();
        assert_eq!((&ticket["customerId"], &ticket["caseType"]), (&json!("cus_1001"), &json!("billing")));
        let made: Value = world
            .logged("crm")
            .iter()
            .find(|line| line.contains("ticket created from chat"))
            .map(|line| serde_json::from_str(line).unwrap())
            .unwrap();
        let correlation = made["correlation_id"].as_str().unwrap();
        let of_chat = world.logged("chat").into_iter().filter(|line| line.contains(correlation)).count();
        assert_eq!(of_chat, 4, "found, ended, generated, delivered: {:#?}", world.logged("chat"));
        let writes = world.writes();
        assert_eq!(writes.iter().filter(|write| write.starts_with("crm: ticket")).count(), 1, "{writes:?}");
    });
}

#[test]
fn a_delivery_is_signed_as_standard_webhooks_says() {
    in_world(|world| async move {
        let crm = crm::start_with(&world, crm::Options::default()).await.unwrap();
        let hook = crm.url("/webhooks/chat");
        let body = r#"{"type":"chat.completed","data":{"chatId":"chat_1","customerId":"cus_1001","subject":"S","topic":"account"}}"#;
        let now = stamp::now() / 1_000;
        let send = |id: &'static str, at: u64, secret: &'static str, body: &'static str| {
            let hook = hook.clone();
            async move {
                let signature = signing::sign(secret, id, at, body.as_bytes());
                let stamp = at.to_string();
                let fields = [
                    ("Content-Type", "application/json"),
                    ("webhook-id", id),
                    ("webhook-timestamp", &stamp),
                    ("webhook-signature", &signature),
                ];
                let answer = ask("POST", &hook, &fields, body).await;
                (answer.status.unwrap(), String::from_utf8(answer.body).unwrap())
            }
        };
        assert_eq!(send("evt_1", now, crm::SECRET, body).await.0, 201);
        let again = send("evt_1", now, crm::SECRET, body).await;
        assert_eq!(again.0, 200);
        assert!(again.1.contains("duplicate"), "{again:?}");
        let old = send("evt_2", now - 3_600, crm::SECRET, body).await;
        assert_eq!(old.0, 401);
        assert!(old.1.contains("Message timestamp too old"), "{old:?}");
        let other = send("evt_3", now, "whsec_b3RoZXI=", body).await;
        assert!(other.0 == 401 && other.1.contains("No matching signature found"), "{other:?}");
        let unsigned = ask("POST", &hook, &[("Content-Type", "application/json")], body).await;
        assert_eq!(unsigned.status, Some(401));
    });
}

#[test]
fn a_failing_receiver_is_tried_again_and_then_disabled() {
    in_world(|world| async move {
        let crm = crm::start_with(&world, crm::Options::default()).await.unwrap();
        let place =
            world.serve("receiver", 0, None, |_| async { firstfault_lab::Reply::empty(503).into() }).await.unwrap();
        let options = chat::Options {
            backoff: vec![Duration::from_millis(10), Duration::from_millis(20)],
            disables_after: 2,
            ..chat::Options::new(crm.url(""))
        };
        let chat = chat::start_with(&world, options).await.unwrap();
        let subscription = subscribe(&chat, &format!("http://{place}/hook"), crm::SECRET).await;
        let first = one_chat(&chat).await;
        assert_eq!(first.iter().map(|d| d["attempt"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(first.iter().all(|d| d["webhookId"] == first[0]["webhookId"]), "the id stays through all attempts");
        one_chat(&chat).await;
        assert_eq!(one_chat(&chat).await, [] as [Value; 0], "nothing is sent to a disabled subscription");
        let path = format!("/subscriptions/{}", subscription["id"].as_str().unwrap());
        let shown = platform(&chat, "GET", &path, &Value::Null).await;
        assert_eq!(shown["enabled"], false);
        assert!(shown.get("secret").is_none());
        let on = platform(&chat, "PATCH", &path, &json!({ "enabled": true })).await;
        assert_eq!(on["enabled"], true);
        assert_eq!(one_chat(&chat).await.len(), 3);
    });
}

#[test]
fn a_repeated_event_makes_one_ticket_where_it_is_known_again() {
    in_world(|world| async move {
        let (at_once, later) = (Duration::ZERO, Duration::from_millis(30));
        for (deduplicates, pause, made) in [(true, at_once, 1), (true, later, 1), (false, at_once, 2)] {
            let options = crm::Options { deduplicates, ..crm::Options::default() };
            let crm = crm::start_with(&world, options).await.unwrap();
            let options = chat::Options { queue: chat::Queue::Doubles(pause), ..chat::Options::new(crm.url("")) };
            let chat = chat::start_with(&world, options).await.unwrap();
            subscribe(&chat, &crm.url("/webhooks/chat"), crm::SECRET).await;
            let before = crm.tickets().len();
            assert_eq!(one_chat(&chat).await.len(), 2);
            assert_eq!(crm.tickets().len() - before, made, "deduplicates: {deduplicates}");
        }
    });
}

#[test]
fn the_crm_answers_safe_methods_truly_on_every_path() {
    in_world(|world| async move {
        let crm = crm::start_with(&world, crm::Options::default()).await.unwrap();
        let fields = [("Authorization", AGENT)];
        for (path, allow) in [
            ("/v1/tickets", "GET, HEAD, POST, OPTIONS"),
            ("/v1/tickets/tic_5001", "GET, HEAD, PATCH, OPTIONS"),
            ("/webhooks/chat", "POST, OPTIONS"),
        ] {
            let options = ask("OPTIONS", &crm.url(path), &[], "").await;
            assert_eq!((options.status, options.header("allow")), (Some(204), Some(allow)), "{path}");
            let wrong = ask("DELETE", &crm.url(path), &fields, "").await;
            assert_eq!((wrong.status, wrong.header("allow")), (Some(405), Some(allow)), "{path}");
        }
        let page = ask("GET", &crm.url("/v1/customers?limit=3"), &fields, "").await.json().unwrap();
        assert_eq!((page["data"].as_array().unwrap().len(), &page["nextCursor"]), (3, &json!("c_3")));
        let rest = ask("GET", &crm.url("/v1/customers?limit=3&cursor=c_3"), &fields, "").await.json().unwrap();
        assert_eq!((rest["data"].as_array().unwrap().len(), &rest["nextCursor"]), (1, &Value::Null));
        let fields = [("Authorization", AGENT), ("If-Match", "\"3\""), ("Content-Type", "application/json")];
        let changed = ask("PATCH", &crm.url("/v1/tickets/tic_5001"), &fields, r#"{"priority":"high"}"#).await;
        assert_eq!((changed.status, changed.header("etag")), (Some(200), Some("\"4\"")));
        let document = ask("GET", &crm.url("/openapi.json"), &[], "").await.json().unwrap();
        assert!(document["paths"]["/v1/tickets"]["post"].is_object());
        let problem = ask("GET", &crm.url("/v2/customers/cus_9"), &[("Authorization", AGENT)], "").await;
        assert_eq!(problem.header("content-type"), Some("application/problem+json"));
        assert_eq!(world.writes(), ["crm: ticket tic_5001 changed"]);
    });
}

#[test]
fn an_idempotency_key_repeats_the_answer_and_makes_nothing_twice() {
    in_world(|world| async move {
        let crm = crm::start_with(&world, crm::Options::default()).await.unwrap();
        let fields = [("Authorization", AGENT), ("Content-Type", "application/json"), ("Idempotency-Key", "k-1")];
        let body = r#"{"customerId":"cus_1004","subject":"Invoice missing","caseType":"billing"}"#;
        let first = ask("POST", &crm.url("/v1/tickets"), &fields, body).await;
        let second = ask("POST", &crm.url("/v1/tickets"), &fields, body).await;
        assert_eq!((first.status, second.status), (Some(201), Some(201)));
        assert_eq!(first.json(), second.json());
        assert_eq!(second.header("idempotent-replayed"), Some("true"));
        assert_eq!(world.writes().len(), 1);
    });
}

#[test]
fn paths_that_a_scenario_adds_have_keys_and_methods_too() {
    in_world(|world| async move {
        for (name, method) in [("soft-batch-207", "POST"), ("soft-batch-counts", "GET"), ("soft-graphql-null", "POST")]
        {
            let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
            let url = symptom.curl.last().unwrap();
            let options = ask("OPTIONS", url, &[], "").await;
            assert_eq!(options.status, Some(204), "{name}");
            assert!(options.header("allow").unwrap().split(", ").any(|allowed| allowed == method), "{name}");
            assert_eq!(ask("GET", url, &[], "").await.status, Some(401), "{name}");
            let read = ask("GET", url, &[("Authorization", AGENT)], "").await;
            assert_eq!(read.status, Some(if method == "GET" { 200 } else { 405 }), "{name}");
        }
    });
}

#[test]
fn a_gateway_in_front_names_itself_in_every_answer() {
    in_world(|world| async move {
        let symptom = (scenarios::find("seq-one-backend-dead").unwrap().start)(world.clone()).await.unwrap();
        let url = symptom.curl.last().unwrap();
        for status in [502, 200, 502] {
            let answer = ask("GET", url, &[("Authorization", AGENT)], "").await;
            assert_eq!((answer.status, answer.header("server")), (Some(status), Some("nginx/1.26.2")));
        }
    });
}

/// What comes of a call as curl would send it: `STATUS BODY`, or the error.
async fn typed(symptom: &Symptom) -> String {
    let mut arguments = symptom.curl.iter().map(String::as_str);
    let (mut method, mut headers, mut body, mut url) = (None, Vec::new(), None, "");
    let mut patience = Duration::from_secs(20);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().expect("a value");
        match argument {
            "-X" => method = Some(value()),
            "-H" => headers.push(value().split_once(": ").unwrap()),
            "-d" => body = Some(value()),
            "-m" => patience = Duration::from_secs_f64(value().parse().unwrap()),
            "-I" => method = Some("HEAD"),
            "-g" => {}
            other if other.starts_with('-') => panic!("{other} is not known here"),
            other => url = other,
        }
    }
    if body.is_some() && !headers.iter().any(|(name, _)| *name == "Content-Type") {
        headers.push(("Content-Type", "application/x-www-form-urlencoded"));
    }
    if !headers.iter().any(|(name, _)| *name == "Accept") {
        headers.push(("Accept", "*/*"));
    }
    let method = method.unwrap_or(if body.is_some() { "POST" } else { "GET" }).to_owned();
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let body = body.unwrap_or_default().as_bytes().to_vec();
    let answer = Outgoing { method, url: url.to_owned(), headers, body, patience }.send().await;
    match answer.status {
        Some(status) => format!("{status} {}", String::from_utf8_lossy(&answer.body)),
        None => answer.error.unwrap(),
    }
}

/// What the call of a scenario shows, and what its evidence must hold.
const SHOWS: &[(&str, &str, &[&str])] = &[
    ("crm-malformed-json", "400 ", &["MALFORMED_JSON", "trailing comma"]),
    ("crm-missing-field", "400 ", &["caseType is required", "\"pointer\":\"/caseType\""]),
    ("crm-missing-field-v2", "422 ", &["subject is required", "#/subject"]),
    ("crm-wrong-type", "400 ", &["escalationLevel must be an integer, got string"]),
    ("crm-misnamed-field", "400 ", &["customerID is not a known field"]),
    ("crm-wrong-structure", "400 ", &["contact must be an object, got string"]),
    ("crm-invalid-value", "400 ", &["priority must be one of: low, normal, high, urgent"]),
    ("crm-missing-parameter", "400 ", &["Missing required query parameter: customerId"]),
    ("crm-invalid-parameter", "400 ", &["must be between 1 and 100, got 1000"]),
    ("crm-terse-refusal", "400 {\"message\":\"Bad Request\"}", &[]),
    ("crm-missing-header", "400 ", &["X-Tenant-Id"]),
    ("crm-unconditional-change", "428 ", &["If-Match"]),
    ("crm-invalid-header", "400 ", &["Invalid header X-Tenant-Id"]),
    ("crm-wrong-method", "405 ", &["Method PUT is not allowed"]),
    ("crm-hook-in-browser", "405 ", &["Method GET is not allowed"]),
    ("crm-path-typo", "404 ", &["No route matches /v1/custmers"]),
    ("crm-path-without-version", "404 ", &["No route matches"]),
    ("crm-trailing-slash", "404 ", &["No route matches"]),
    ("crm-retired-endpoint", "410 ", &["retired", "/v2/customers"]),
    ("crm-unknown-version", "404 ", &["Unknown API version 'v3'"]),
    ("crm-wrong-region", "421 ", &["hosted in region eu1"]),
    ("crm-no-such-customer", "404 ", &["Customer 'cus_9731' not found"]),
    ("crm-form-for-json", "415 ", &["application/x-www-form-urlencoded"]),
    ("crm-not-acceptable", "406 ", &["application/xml"]),
    ("crm-ticket-exists", "409 ", &["tic_5001"]),
    ("crm-stale-change", "412 ", &["was changed since it was read"]),
    ("crm-idempotency-reused", "422 ", &["different request body"]),
    ("crm-broken-percent", "400 ", &["Failed to decode param"]),
    ("crm-plus-sign", "400 ", &["'omar crm@example.com' is not a valid email"]),
    ("crm-not-compressed", "400 ", &["incorrect header check"]),
    ("crm-suspended-customer", "422 ", &["is suspended"]),
    ("crm-closed-ticket", "422 ", &["is closed and cannot be changed"]),
    ("crm-unset-base-url", "error sending request", &["Connect"]),
    ("crm-unfilled-template", "404 ", &["customerId"]),
    ("crm-no-key", "401 ", &["Missing bearer token"]),
    ("crm-expired-key", "401 ", &["expired at 2026-01-31"]),
    ("crm-reader-writes", "403 ", &["role 'agent' is required"]),
    ("crm-other-tenant", "403 ", &["no access to tenant 'globex'"]),
    ("crm-healthy-read", "200 ", &["jane.doe@example.com"]),
    ("crm-healthy-empty-list", "200 ", &["\"data\":[]"]),
    ("soft-error-object", "200 ", &["\"error\":{"]),
    ("soft-ok-false", "200 ", &["\"ok\":false"]),
    ("soft-status-field", "200 ", &["\"status\":\"error\""]),
    ("soft-graphql-null", "200 ", &["\"data\":null"]),
    ("soft-graphql-partial", "200 ", &["\"invoices\":null"]),
    ("soft-batch-207", "207 ", &["\"status\":400"]),
    ("soft-batch-counts", "200 ", &["\"failed\":3"]),
    ("soft-schema-drift", "200 ", &["customer_id", "Field required"]),
    ("soft-null-body", "200 null", &["TypeError"]),
    ("soft-empty-body", "200 ", &[]),
    ("soft-no-content", "204 ", &["JSONDecodeError"]),
    ("soft-login-page", "200 <!DOCTYPE html>", &["Sign in"]),
    ("soft-app-shell", "200 <!doctype html>", &["id=\"root\""]),
    ("soft-created-without-id", "201 {\"status\":\"created\"}", &[]),
    ("soft-warning-before-json", "200 <br />", &["Undefined array key", "cus_1001"]),
    ("soft-control-error-list", "200 ", &["err_41"]),
    ("soft-control-no-errors", "200 ", &["\"errors\":[]"]),
    ("soft-control-preflight", "204 ", &[]),
    ("soft-control-web-page", "200 <!DOCTYPE html>", &["API reference"]),
    ("seq-database-starting", "500 ", &["database system is starting up"]),
    ("seq-one-of-three", "500 ", &[]),
    ("seq-one-backend-dead", "502 ", &["nginx/1.26.2"]),
    ("seq-too-many-at-once", "429 ", &["Too many concurrent requests"]),
    ("seq-degrades-with-load", "503 ", &["overloaded"]),
    ("seq-only-one-tenant", "500 ", &["tenant_globex.customers_v2"]),
    ("seq-only-one-customer", "500 ", &[]),
    ("seq-only-one-subject", "500 ", &["Incorrect string value", "\"status\":201", "\"status\":500"]),
    ("seq-exception-page", "500 ", &["TypeError"]),
    ("seq-deadlock-shown", "500 ", &["Deadlock found"]),
    ("seq-pool-exhausted", "500 ", &["HikariPool-1"]),
    ("seq-out-of-memory", "500 ", &["OutOfMemoryError"]),
    ("seq-overloaded", "503 ", &["at capacity"]),
    ("seq-bad-release", "500 ", &["release 4.19.0 finished", "\"status\":500,", "\"status\":200,"]),
    ("seq-setting-missing", "500 ", &["CRM_ENCRYPTION_KEY"]),
    ("seq-not-implemented", "501 ", &["not implemented"]),
    ("seq-contract-violated", "500 ", &["ResponseValidationError"]),
    ("seq-dependency-down", "502 ", &["billing-service responded with 503"]),
    ("seq-dependency-slow", "504 ", &["waiting for search-service"]),
    ("seq-control-slow", "200 ", &["cus_1001"]),
    ("chat-no-event", "", &["chat ended", "no event generated"]),
    ("chat-subscription-disabled", "", &["subscription is disabled", "2 failed deliveries in a row"]),
    ("chat-switched-off", "", &["subscription is disabled", "by an administrator"]),
    ("chat-queue-stands", "", &["event generated", "no delivery worker is running"]),
    ("chat-event-dropped", "", &["event generated", "delivery queue is full"]),
    ("chat-late", "", &["\"waited_ms\":1500", "webhook delivered"]),
    ("chat-wrong-path", "", &["\"status\":404", "No route matches /webhook/chat", "given up"]),
    ("chat-receiver-down", "", &["Connection refused", "given up"]),
    ("chat-receiver-certificate", "error sending", &["invalid peer certificate", "given up"]),
    ("chat-receiver-slow", "", &["operation timed out", "given up"]),
    ("chat-token-revoked", "", &["\"status\":401", "integration token is not valid"]),
    ("chat-secret-rotated", "", &["\"status\":401", "No matching signature found"]),
    ("chat-body-rewritten", "", &["\"status\":401", "No matching signature found"]),
    ("chat-unmapped-topic", "", &["\"status\":400", "caseType must be one of"]),
    ("chat-crm-crashes", "", &["\"status\":500", "ownerId"]),
    ("chat-two-tickets", "", &["ticket created from chat", "\"status\":201"]),
    ("lookup-second-address", "404 ", &["customer lookup failed", "CUSTOMER_NOT_FOUND"]),
    ("lookup-capital-letters", "404 ", &["customer lookup failed", "Jane.Doe@Example.com"]),
    ("lookup-slow", "error sending", &["operation timed out", "customer lookup failed"]),
    ("lookup-expired-key", "401 ", &["API_KEY_EXPIRED", "customer lookup failed"]),
    ("lookup-crm-crashes", "500 ", &["An unexpected error occurred", "customer lookup failed"]),
    ("lookup-crm-gone", "error sending", &["Connection refused", "customer lookup failed"]),
    ("lookup-doubled-base", "404 ", &["/v1/v1/customers", "customer lookup failed"]),
    ("chat-healthy", "", &["webhook delivered", "ticket created from chat"]),
    ("lookup-healthy", "200 ", &["customer found"]),
];

#[test]
fn every_scenario_shows_what_its_story_says() {
    let ours = |one: &Scenario| matches!(one.family, Family::Crm | Family::Chat | Family::Soft | Family::Sequence);
    let all: Vec<_> = scenarios::all().into_iter().filter(ours).collect();
    assert_eq!(all.len(), SHOWS.len(), "each scenario has a line");
    in_world(|_| async move {
        let mut running = Vec::new();
        for scenario in all {
            let (_, starts, holds) = *SHOWS.iter().find(|line| line.0 == scenario.name).expect(scenario.name);
            running.push(tokio::spawn(async move {
                let world = World::new(Ports::Any).unwrap();
                let symptom = (scenario.start)(world.clone()).await.unwrap();
                let calm = world.writes().len();
                let shown = if symptom.curl.is_empty() { String::new() } else { typed(&symptom).await };
                let text = format!("{shown}\n{}", symptom.evidence);
                assert!(
                    shown.starts_with(starts) && shown.is_empty() == starts.is_empty(),
                    "{}: {text}",
                    scenario.name
                );
                for part in holds {
                    assert!(text.contains(part), "{}: no {part} in {text}", scenario.name);
                }
                let safe = !symptom.curl.iter().any(|a| a == "-d");
                assert!(!safe || world.writes().len() == calm, "{}: {:?}", scenario.name, world.writes());
            }));
        }
        for one in running {
            one.await.unwrap();
        }
    });
}

#[test]
fn a_chat_that_was_answered_twice_has_two_tickets() {
    in_world(|world| async move {
        let scenario = scenarios::find("chat-two-tickets").unwrap();
        let symptom = (scenario.start)(world.clone()).await.unwrap();
        assert_eq!(symptom.evidence.matches("ticket created from chat").count(), 2);
    });
}

#[test]
fn what_is_true_for_one_moment_tenant_or_instance_stays_true_for_whoever_asks_around() {
    in_world(|world| async move {
        let statuses = async |name: &str, change: &dyn Fn(String) -> String| {
            let symptom = (scenarios::find(name).unwrap().start)(world.clone()).await.unwrap();
            let curl = symptom.curl.into_iter().map(change).collect::<Vec<_>>();
            let mut statuses = Vec::new();
            for _ in 0..6 {
                statuses.push(typed(&Symptom::call(curl.clone())).await[..3].to_owned());
            }
            statuses.join(" ")
        };
        let same = |text: String| text;
        assert_eq!(statuses("seq-database-starting", &same).await, "500 500 500 500 200 200");
        assert_eq!(statuses("seq-one-of-three", &same).await, "500 200 200 500 200 200");
        assert_eq!(statuses("seq-bad-release", &same).await, "500 200 500 200 500 200");
        assert_eq!(statuses("seq-only-one-customer", &same).await, "500 500 500 500 500 500");
        let other = |text: String| text.replace("cus_1004", "cus_1002");
        assert_eq!(statuses("seq-only-one-customer", &other).await, "200 200 200 200 200 200");
        let tenant = |text: String| text.replace("globex", "acme");
        assert_eq!(statuses("seq-only-one-tenant", &tenant).await, "200 200 200 200 200 200");
    });
}

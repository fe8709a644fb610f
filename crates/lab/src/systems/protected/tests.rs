//! Every door opens for the right credential, and only then.

use super::*;
use crate::Ports;
use crate::systems::fetch::{self, Way};
use crate::systems::oauth::{Grant, OAuth};
use std::time::Duration;

async fn send(way: &Way, head: &str, fields: &[&str]) -> u16 {
    let mut request = format!("{head} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n");
    for field in fields {
        request.push_str(field);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    fetch::ask(way, request.as_bytes(), head.starts_with("HEAD")).await.unwrap().status
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn doors_open_for_the_right_credential_only() {
    run(async {
        let world = World::new(Ports::Any).unwrap();
        let oauth = OAuth::start(&world).await.unwrap();
        let settings = Settings { allowed: vec![IpAddr::V4(Ipv4Addr::LOCALHOST)], ..Settings::trusting(&oauth) };
        let way = Way::plain(start(&world, settings).await.unwrap(), Duration::from_secs(10));
        let time = Moment::now().seconds();
        let signature = format!("X-Signature: {}", check::signed(SIGNING.1, time, "GET", "/v1/events"));
        let (id, at) = (format!("X-Key-Id: {}", SIGNING.0), format!("X-Timestamp: {time}"));
        let (key, cookies) = (format!("X-API-Key: {GOOD_KEY}"), format!("Cookie: {COOKIES}"));
        let csrf = format!("X-CSRFToken: {CSRF_TOKEN}");
        for (head, fields, right, without) in [
            ("GET /v1/stock", vec![key.as_str()], 200, 401),
            ("GET /v1/ledger", vec!["Authorization: Basic bGVkZ2VyOmwzZGdlci1wYXNz"], 200, 401),
            ("GET /v1/events", vec![&id, &at, &signature], 200, 401),
            ("GET /session/orders", vec![&cookies], 200, 401),
            ("POST /session/orders", vec![&cookies, &csrf], 201, 401),
            ("GET /internal/metrics", vec![], 200, 200),
            ("GET /health", vec![], 200, 200),
            ("HEAD /v1/stock", vec![&key], 200, 401),
            ("OPTIONS /v1/orders", vec![], 204, 204),
            ("PATCH /v1/orders", vec![], 405, 405),
            ("GET /v9", vec![], 404, 404),
        ] {
            assert_eq!(send(&way, head, &fields).await, right, "{head}");
            assert_eq!(send(&way, head, &[]).await, without, "{head}, without");
        }
        assert_eq!(world.writes(), ["protected: POST /session/orders"]);
    });
}

#[test]
fn a_token_opens_what_its_scope_and_person_may_do() {
    run(async {
        let world = World::new(Ports::Any).unwrap();
        let oauth = OAuth::start(&world).await.unwrap();
        let place = start(&world, Settings::trusting(&oauth)).await.unwrap();
        let way = Way::plain(place, Duration::from_secs(10));
        let ana =
            Grant { client: "orders-web", person: Some("ana"), scope: "orders:read orders:write", ..Grant::default() };
        let cases = [
            ("GET /v1/orders", ana.clone(), 200),
            ("GET /v1/orders/ord_1001", ana.clone(), 200),
            ("GET /v1/orders/ord_2001", ana.clone(), 404),
            ("GET /v1/orders/ord_2001", Grant { person: Some("cleo"), ..ana.clone() }, 200),
            ("GET /v1/users", ana.clone(), 200),
            ("GET /v1/users", Grant { person: Some("ben"), ..ana.clone() }, 403),
            ("DELETE /v1/orders/ord_1001", Grant { person: Some("ben"), ..ana.clone() }, 403),
            ("GET /v1/payouts", Grant { scope: "payments:write", ..ana.clone() }, 401),
            ("GET /v1/payouts", Grant { scope: "payments:write", level: "mfa", ..ana.clone() }, 200),
            ("GET /v1/orders", Grant { client: "batch", person: None, ..ana.clone() }, 200),
        ];
        for (head, grant, status) in cases {
            let header = format!("Authorization: Bearer {}", oauth.access_token(&grant).unwrap());
            assert_eq!(send(&way, head, &[&header]).await, status, "{head} {grant:?}");
        }
        assert!(world.writes().is_empty());
        let header = format!("Authorization: Bearer {}", oauth.access_token(&ana).unwrap());
        assert_eq!(send(&way, "DELETE /v1/orders/ord_1001", &[&header]).await, 204);
        assert_eq!(world.writes(), ["protected: DELETE ord_1001"]);
        let log = world.logged("protected").join("\n");
        assert!(!log.contains("eyJ"), "no token in a log");
    });
}

#[test]
fn the_listed_api_trusts_the_server_that_runs_already() {
    run(async {
        for before in [true, false] {
            let world = World::new(Ports::Any).unwrap();
            if before {
                oauth::start(&world).await.unwrap();
            }
            let opened = (SYSTEMS[0].start)(world.clone()).await.unwrap();
            let names: Vec<_> = world.places().into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["oauth", "protected"]);
            let way = Way::plain(world.places()[0].1, Duration::from_secs(10));
            assert_eq!(send(&way, "GET /health", &[]).await, 200);
            assert_eq!(send(&Way::plain(opened.at, Duration::from_secs(10)), "GET /v1/orders", &[]).await, 401);
        }
    });
}

//! The answers of the alerts API, to the letter.

#![allow(clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Came, request, talk};
use firstfault_lab::systems::alerts::{Controls, start};
use firstfault_lab::{Ports, World};
use serde_json::{Value, json};
use std::net::SocketAddr;

const KEY: &str = "X-API-Key: valid-key-123";
const JSON: &str = "Content-Type: application/json";

async fn ask(at: SocketAddr, method: &str, path: &str, headers: &[&str], body: &str) -> Came {
    let came = talk(at, &request(method, path, headers, body)).await;
    assert!(came.error.is_none(), "{method} {path}: {:?}", came.error);
    assert_eq!(came.header("content-type"), Some("application/json"));
    came
}

fn value(came: &Came) -> Value {
    serde_json::from_str(came.body()).unwrap()
}

async fn says(at: SocketAddr, (method, path, headers, body): (&str, &str, &[&str], &str), status: u16, detail: &str) {
    let came = ask(at, method, path, headers, body).await;
    assert_eq!((came.status(), value(&came)), (status, json!({"detail": detail})), "{method} {path}");
}

#[tokio::test]
async fn the_key_is_checked_first() {
    let world = World::new(Ports::Any).unwrap();
    let (at, _) = start(&world, Controls::Off).await.unwrap();
    let (missing, wrong) = ("Missing authentication. Include X-API-Key header.", "Invalid API key. Access forbidden.");
    for (method, path) in [("GET", "/alerts"), ("POST", "/alerts"), ("GET", "/users/1")] {
        says(at, (method, path, &[], ""), 401, missing).await;
        says(at, (method, path, &["Authorization: Bearer valid-key-123"], ""), 401, missing).await;
        says(at, (method, path, &["X-API-Key: wrong"], ""), 403, wrong).await;
    }
    let health = ask(at, "GET", "/health", &[], "").await;
    assert_eq!((health.status(), value(&health)), (200, json!({"status": "healthy"})));
    assert_eq!(world.writes(), Vec::<String>::new());
    assert!(world.logged("alerts")[0].contains("\"GET /alerts HTTP/1.1\" 401 Unauthorized"));
}

#[tokio::test]
async fn what_is_posted_is_checked_and_stored() {
    let world = World::new(Ports::Any).unwrap();
    let (at, _) = start(&world, Controls::Off).await.unwrap();
    let missing = "Missing required fields: alert_type, severity";
    let post = |body| ("POST", "/alerts", &[KEY, JSON][..], body);
    says(at, post("{}"), 400, missing).await;
    says(at, post(r#"{"alert_type":"cpu"}"#), 400, missing).await;
    let severity = "Invalid severity. Must be one of: low, medium, high, critical";
    says(at, post(r#"{"alert_type":"cpu","severity":"urgent"}"#), 400, severity).await;
    assert!(world.writes().is_empty());

    let came = ask(at, "POST", "/alerts", &[KEY, JSON], r#"{"alert_type":"cpu","severity":"high"}"#).await;
    let stored = value(&came);
    assert_eq!((came.status(), &stored["id"], &stored["severity"]), (201, &json!(3), &json!("high")));
    assert_eq!(world.writes().len(), 1);
    let list = value(&ask(at, "GET", "/alerts", &[KEY], "").await);
    assert_eq!((&list["count"], &list["alerts"][2]), (&json!(3), &stored));
}

#[tokio::test]
async fn bodies_that_are_none_are_refused_as_fastapi_does() {
    let world = World::new(Ports::Any).unwrap();
    let (at, _) = start(&world, Controls::Off).await.unwrap();
    let broken = r#"{"alert_type": "cpu", "severity": high}"#;
    let came = ask(at, "POST", "/alerts", &[KEY, JSON], broken).await;
    let error = &value(&came)["detail"][0];
    assert_eq!(
        (came.status(), &error["type"], &error["ctx"]["error"]),
        (422, &json!("json_invalid"), &json!("Expecting value"))
    );
    assert_eq!(error["loc"], json!(["body", broken.find("high").unwrap()]));
    let form = "Content-Type: application/x-www-form-urlencoded";
    let came = ask(at, "POST", "/alerts", &[KEY, form], r#"{"alert_type":"cpu","severity":"high"}"#).await;
    assert_eq!((came.status(), &value(&came)["detail"][0]["type"]), (422, &json!("dict_type")));
    let came = ask(at, "GET", "/users/ada", &[KEY], "").await;
    assert_eq!((came.status(), &value(&came)["detail"][0]["loc"]), (422, &json!(["path", "user_id"])));
    assert!(world.writes().is_empty());
}

#[tokio::test]
async fn the_sixth_request_with_a_key_is_too_many() {
    let world = World::new(Ports::Any).unwrap();
    let (at, _) = start(&world, Controls::Off).await.unwrap();
    for _ in 0..5 {
        assert_eq!(ask(at, "GET", "/alerts", &[KEY], "").await.status(), 200);
    }
    // Whatever is asked with it, and whatever the method.
    for (method, path) in [("GET", "/alerts"), ("POST", "/alerts"), ("GET", "/users/1")] {
        let came = ask(at, method, path, &[KEY], "").await;
        let detail = json!({"detail": "Rate limit exceeded. Max 5 requests per 60 seconds."});
        assert_eq!((came.status(), value(&came)), (429, detail));
        let wait: u64 = came.header("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(ask(at, "GET", "/alerts", &["X-API-Key: other"], "").await.status(), 403);
    assert_eq!(ask(at, "GET", "/health", &[], "").await.status(), 200);
}

#[tokio::test]
async fn the_rest_is_to_the_letter() {
    let world = World::new(Ports::Any).unwrap();
    let (at, _) = start(&world, Controls::Off).await.unwrap();
    says(at, ("GET", "/users/999", &[KEY], ""), 404, "User with ID 999 not found").await;
    let error = "Internal server error - something went wrong on our end";
    says(at, ("GET", "/simulate-server-error", &[], ""), 500, error).await;
    let unavailable = "Service temporarily unavailable. Please try again later.";
    says(at, ("GET", "/simulate-service-unavailable", &[], ""), 503, unavailable).await;
    says(at, ("GET", "/alert", &[KEY], ""), 404, "Not Found").await;
    let came = ask(at, "DELETE", "/alerts", &[KEY], "").await;
    assert_eq!((came.status(), came.header("allow")), (405, Some("GET")));
    assert_eq!(value(&came), json!({"detail": "Method Not Allowed"}));
    assert_eq!(ask(at, "GET", "/users/1", &[KEY], "").await.status(), 200);
    assert_eq!(came.header("server"), Some("uvicorn"));
}

#[tokio::test]
async fn the_slow_path_takes_ten_seconds() {
    let world = World::new(Ports::Any).unwrap();
    let (_, service) = start(&world, Controls::Off).await.unwrap();
    let asked = firstfault_lab::Asked { method: "GET".into(), path: "/simulate-timeout".into(), ..Default::default() };
    let firstfault_lab::Answer::Http(reply) = service.answer(&asked) else { panic!("no reply") };
    assert_eq!((reply.status, reply.after.as_secs()), (200, 10));
}

#[tokio::test]
async fn faults_on_demand_are_only_there_when_they_are_switched_on() {
    let world = World::new(Ports::Any).unwrap();
    let (plain, _) = start(&world, Controls::Off).await.unwrap();
    let (open, _) = start(&world, Controls::On).await.unwrap();
    let fault = request("GET", "/health", &["X-Lab-Fault: unavailable"], "");
    assert_eq!(talk(plain, &fault).await.status(), 200);
    assert_eq!(talk(open, &fault).await.status(), 503);
    let reset = talk(open, &request("GET", "/health", &["X-Lab-Fault: reset"], "")).await;
    assert_eq!(reset.error.map(|error| error.kind()), Some(std::io::ErrorKind::ConnectionReset));
    let unknown = request("GET", "/health", &["X-Lab-Fault: moon"], "");
    assert_eq!(talk(open, &unknown).await.status(), 200);
}

#[tokio::test]
async fn the_document_describes_what_is_there() {
    let world = World::new(Ports::Any).unwrap();
    let (at, _) = start(&world, Controls::Off).await.unwrap();
    let document = value(&ask(at, "GET", "/openapi.json", &[], "").await);
    assert_eq!(document["openapi"], "3.1.0");
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.replace("{user_id}", "1");
        for (method, operation) in methods.as_object().unwrap() {
            if path == "/simulate-timeout" {
                continue;
            }
            let headers: &[&str] = if operation.get("security").is_some() { &[KEY, JSON] } else { &[] };
            let body = if method == "post" { r#"{"alert_type":"cpu","severity":"low"}"# } else { "" };
            let status = ask(at, &method.to_uppercase(), &path, headers, body).await.status().to_string();
            assert!(operation["responses"].get(&status).is_some(), "{method} {path} answers {status}");
        }
    }
    assert_eq!(document["components"]["schemas"]["Severity"]["enum"], json!(["low", "medium", "high", "critical"]));
}

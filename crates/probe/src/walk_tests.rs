//! Walks on loopback: what is sent, what is held back, where redirects lead, and how fast.

use crate::guard::{Forbidden, Guard, Terms};
use crate::loopback::target;
use crate::{State, Target, Walk, walk};
use firstfault_model::Span;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What came to a server: heads, and when.
type Log = Arc<Mutex<Vec<(String, Instant)>>>;

/// A server that answers by the request line, and keeps what came.
async fn serve(answer: fn(&str) -> String) -> (SocketAddr, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    let log = Log::default();
    let kept = log.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(one(stream, answer, kept.clone()));
        }
    });
    (place, log)
}

async fn one(mut stream: TcpStream, answer: fn(&str) -> String, log: Log) {
    let mut got = Vec::new();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part).await {
            Ok(count) if count > 0 => got.extend_from_slice(&part[..count]),
            _ => return,
        }
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|l| l.strip_prefix("Content-Length: ")).map_or(0, |l| l.parse().unwrap());
            if body.len() >= length {
                log.lock().unwrap().push((text.clone(), Instant::now()));
                stream.write_all(answer(head).as_bytes()).await.unwrap();
                return;
            }
        }
    }
}

fn ok(_: &str) -> String {
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".to_owned()
}

fn guard(consent: bool) -> Guard {
    Guard::new(Terms { consent, rate: Some(f64::INFINITY), time: Duration::from_secs(60), requests: 30 })
}

fn heads(log: &Log) -> Vec<String> {
    log.lock().unwrap().iter().map(|(text, _)| text.clone()).collect()
}

fn names(walk: &Walk) -> Vec<&'static str> {
    walk.steps.iter().map(|step| step.name).collect()
}

#[tokio::test]
async fn a_walk_has_a_line_for_each_step() {
    let (place, log) =
        serve(|_| "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: 2\r\n\r\nok".to_owned())
            .await;
    let walk = walk(&target(place, "GET", "/x?secret=1"), &mut guard(false)).await;
    assert_eq!(names(&walk), ["dns", "tcp", "http", "clock"], "{:?}", walk.steps);
    assert_eq!((walk.requests, heads(&log).len(), walk.exchanges.len()), (1, 1, 1));
    assert!(walk.steps[2].says.contains("GET") && !walk.steps[2].says.contains("secret"));
    assert_eq!(walk.steps[3].state, State::Doubtful);
    let call = walk.call();
    assert_eq!(call.status(), Some(200));
    assert_eq!(call.attribute("clock.skew.direction"), Some("ahead"));
    assert_eq!(call.attribute("connected"), Some("true"));
    assert_eq!(call.attribute("probe.http.version"), Some("HTTP/1.1"));
}

#[tokio::test]
async fn what_may_have_effects_waits_for_consent() {
    let (place, log) = serve(ok).await;
    let with_body = |method: &str| {
        let mut target = target(place, method, "/orders");
        target.body = Some(b"{}".to_vec());
        target
    };
    for (asked, kind) in [
        (target(place, "DELETE", "/orders/1"), Forbidden::Method),
        (target(place, "PURGE", "/"), Forbidden::Method),
        (target(place, "TRACE", "/"), Forbidden::Method),
        (target(place, "get", "/"), Forbidden::Method),
        (with_body("POST"), Forbidden::Method),
        (with_body("GET"), Forbidden::Body),
    ] {
        let walk = walk(&asked, &mut guard(false)).await;
        assert_eq!(walk.requests, 0);
        assert_eq!(names(&walk), ["dns", "tcp"], "the way is walked, nothing is sent");
        let (exchange, refusal) = walk.withheld.as_ref().unwrap();
        assert_eq!(refusal.kind, kind, "{}", asked.method);
        assert!(refusal.why.contains("--allow-side-effects"));
        assert!(exchange.head.is_empty());
        assert!(walk.untested.iter().any(|u| u.what.contains(&asked.method) && u.why == refusal.why));
        assert_eq!(walk.call().request.unwrap().method.as_deref(), Some(asked.method.as_str()));
    }
    assert_eq!(heads(&log).len(), 0, "the server saw no request");
    let walk = walk(&with_body("POST"), &mut guard(true)).await;
    assert_eq!((walk.requests, heads(&log).len()), (1, 1));
}

#[tokio::test]
async fn a_failing_step_ends_the_walk() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    drop(listener);
    for method in ["GET", "POST"] {
        let walk = walk(&target(place, method, "/"), &mut guard(false)).await;
        assert_eq!(names(&walk).last(), Some(&"tcp"));
        assert_eq!((walk.requests, walk.exchanges.len()), (0, 1));
        let failure = walk.exchanges[0].failure.clone().unwrap();
        assert_eq!((failure.phase, failure.wrong), (crate::Phase::Connect, crate::Wrong::Refused));
        assert!(walk.call().attribute("connected").is_none());
        assert_eq!(walk.call().request.unwrap().method.as_deref(), Some(method));
    }
}

#[tokio::test]
async fn redirects_are_described_or_followed() {
    let (place, log) = serve(|head| match head.split(' ').nth(1).unwrap() {
        "/old" => "HTTP/1.1 302 Found\r\nLocation: /new?key=hidden\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "/round" => "HTTP/1.1 302 Found\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n".to_owned(),
        "/nowhere" => "HTTP/1.1 302 Found\r\nLocation: ftp://h/\r\nContent-Length: 0\r\n\r\n".to_owned(),
        path if path.starts_with("/more") => {
            format!("HTTP/1.1 302 Found\r\nLocation: {path}x\r\nContent-Length: 0\r\n\r\n")
        }
        _ => ok(""),
    })
    .await;
    let mut asked = target(place, "POST", "/old");
    asked.body = Some(b"hello".to_vec());
    let stayed = walk(&asked, &mut guard(true)).await;
    assert_eq!((stayed.requests, stayed.call().status()), (1, Some(302)));
    let told = stayed.steps.iter().find(|s| s.name == "http").unwrap().details.join(" ");
    assert!(told.contains("/new") && told.contains("POST to GET") && !told.contains("hidden"), "{told}");

    asked.connect.follow = Some(50);
    let followed = walk(&asked, &mut guard(true)).await;
    assert_eq!((followed.requests, followed.exchanges.len()), (2, 2));
    let call = followed.call();
    assert_eq!((call.status(), call.request.as_ref().unwrap().method.as_deref()), (Some(200), Some("GET")));
    assert_eq!(call.attribute("redirect"), Some("302"));
    assert_eq!(call.attribute("redirect.method_changed"), Some("POST to GET"));
    assert_eq!(call.attribute("redirect.body_dropped"), Some("true"));
    assert!(heads(&log).last().unwrap().starts_with("GET /new?key=hidden HTTP/1.1\r\n"));

    for (path, requests, word) in [("/round", 1, "loop"), ("/more", 4, "too_many"), ("/nowhere", 1, "unusable")] {
        let mut asked = target(place, "GET", path);
        asked.connect.follow = Some(3);
        let walk = walk(&asked, &mut guard(false)).await;
        assert_eq!((walk.requests, walk.call().attribute("probe.redirect")), (requests, Some(word)), "{path}");
    }
}

#[tokio::test]
async fn no_credential_goes_to_another_host() {
    let (other, seen) = serve(ok).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.read(&mut [0; 4096]).await;
            let location = format!("http://other.example:{}/x", other.port());
            let head = format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
        }
    });
    let asked = |field: &str| {
        let mut asked = target(place, "GET", "/");
        asked.headers.push(field, "Bearer secret-token", Span::default());
        asked.connect.follow = Some(5);
        let to = ("127.0.0.1".to_owned(), other.port());
        asked.connect.elsewhere.push((("other.example".to_owned(), other.port()), to));
        asked
    };
    let dropped = walk(&asked("Authorization"), &mut guard(false)).await;
    assert_eq!(dropped.requests, 2);
    assert_eq!(dropped.call().attribute("redirect.credential_dropped"), Some("authorization"));
    assert_eq!(dropped.call().attribute("redirect.host_changed"), Some("127.0.0.1 to other.example"));
    assert!(!heads(&seen)[0].contains("secret-token"));
    // curl would carry this one along: the walk ends before it.
    let held = walk(&asked("X-Api-Key"), &mut guard(false)).await;
    assert_eq!((held.requests, heads(&seen).len()), (1, 1));
    let refusal = &held.withheld.as_ref().unwrap().1;
    assert_eq!(refusal.kind, Forbidden::Credential);
    assert!(refusal.why.contains("X-Api-Key") && !refusal.why.contains("secret-token"));
}

#[tokio::test]
async fn the_guard_knows_what_a_credential_is() {
    let original = {
        let mut target = target("127.0.0.1:1".parse().unwrap(), "GET", "/");
        target.url = firstfault_model::Url::parse("https://h.example/a");
        target
    };
    let guard = guard(false);
    let variant = |url: &str, field: Option<&str>| {
        let mut target = Target { url: firstfault_model::Url::parse(url), ..original.clone() };
        if let Some(field) = field {
            target.headers.push(field, "v", Span::default());
        }
        target
    };
    for (url, field, allowed) in [
        ("https://h.example/b", Some("Authorization"), true),
        ("https://h.example:8443/b", Some("Cookie"), true),
        ("http://h.example/b", Some("Cookie"), false),
        ("http://h.example/b", Some("Accept"), true),
        ("https://o.example/b", Some("Ocp-Apim-Subscription-Key"), false),
        ("https://o.example/b", None, true),
        ("https://o.example/b?api_key=1", None, false),
    ] {
        assert_eq!(guard.permit(&variant(url, field), &original).is_ok(), allowed, "{url} {field:?}");
    }
    let mut unchecked = variant("https://h.example/a", Some("Authorization"));
    unchecked.connect.insecure = true;
    assert!(guard.permit(&unchecked, &original).is_err());
}

#[tokio::test]
async fn the_budget_and_retry_after_are_kept() {
    let (place, log) =
        serve(|_| "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 90\r\nContent-Length: 0\r\n\r\n".to_owned()).await;
    let asked = target(place, "GET", "/");
    let mut guard = guard(false);
    let first = walk(&asked, &mut guard).await;
    assert_eq!(first.requests, 1);
    assert!(guard.wait(&asked) > Duration::from_secs(60));
    let second = walk(&asked, &mut guard).await;
    assert_eq!((second.requests, heads(&log).len()), (0, 1));
    let refusal = second.withheld.unwrap().1;
    assert!(matches!(refusal.kind, Forbidden::Wait(wait) if wait > Duration::from_secs(60)));
    assert!(refusal.why.contains("Retry-After"), "{}", refusal.why);

    let terms = Terms { requests: 1, rate: Some(f64::INFINITY), ..Terms::default() };
    let (place, log) = serve(ok).await;
    let (asked, mut guard) = (target(place, "GET", "/"), Guard::new(terms));
    walk(&asked, &mut guard).await;
    let refused = walk(&asked, &mut guard).await;
    assert_eq!((guard.sent(), guard.requests_left(), heads(&log).len()), (1, 0, 1));
    assert_eq!(refused.withheld.unwrap().1.kind, Forbidden::Requests);
}

#[tokio::test]
async fn a_server_sees_at_most_four_requests_in_a_second() {
    let (place, log) = serve(ok).await;
    let asked = target(place, "GET", "/");
    let mut guard = Guard::new(Terms { rate: Some(8.0), time: Duration::from_secs(60), ..Terms::default() });
    for _ in 0..6 {
        guard.turn(&asked, &asked).await.unwrap();
        let exchange = crate::http::exchange(&asked).await;
        guard.heed(&asked, &exchange);
    }
    // Two at once, then two in each quarter of a second: the sixth is not before half a second has passed.
    let times: Vec<Instant> = log.lock().unwrap().iter().map(|(_, at)| *at).collect();
    assert_eq!(times.len(), 6);
    assert!(times[5].duration_since(times[0]) >= Duration::from_millis(400));
}

#[tokio::test]
async fn a_forward_proxy_gets_the_whole_url_and_its_password_stays_unseen() {
    let (proxy, log) = serve(ok).await;
    let mut asked = target(proxy, "GET", "/x?y=1");
    asked.url = firstfault_model::Url::parse("http://api.example.test/x?y=1");
    asked.connect.proxy = crate::ProxyChoice::Via {
        scheme: "http".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: proxy.port(),
        credential: Some("me:pass-word".to_owned()),
        why: "-x".to_owned(),
    };
    let walk = walk(&asked, &mut guard(false)).await;
    assert_eq!(walk.call().status(), Some(200));
    let head = heads(&log).remove(0);
    assert!(head.starts_with("GET http://api.example.test/x?y=1 HTTP/1.1\r\nHost: api.example.test\r\n"), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic bWU6cGFzcy13b3Jk\r\n"));
    assert_eq!(names(&walk), ["dns", "tcp", "proxy", "http"]);
    let seen = format!("{:?} {:?} {:?} {:?}", walk.steps, walk.marks, walk.untested, walk.exchanges[0].marks);
    assert!(!seen.contains("pass-word") && !seen.contains("bWU6"), "{seen}");
    assert_eq!(walk.call().attribute("probe.proxy"), Some("used"));
}

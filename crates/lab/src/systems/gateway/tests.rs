//! What gateways do to calls, over sockets.

use super::*;
use crate::Ports;

async fn fixture(product: Product, with: impl FnOnce(&mut Config, SocketAddr)) -> (World, Backend, Way) {
    let world = World::new(Ports::Any).unwrap();
    let backend = Backend::start(&world, Duration::from_millis(300)).await.unwrap();
    let mut config = Config::to(product, Target::At(backend.place())).timeout(Duration::from_millis(100));
    with(&mut config, backend.place());
    let place = start(&world, config).await.unwrap();
    (world, backend, Way::plain(place, Duration::from_secs(10)))
}

async fn send(way: &Way, head: &str, body: &str) -> Reply {
    let request = format!("{head}\r\nHost: api\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    fetch::ask(way, request.as_bytes(), head.starts_with("HEAD")).await.unwrap()
}

fn field<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

#[test]
fn every_product_passes_what_works_and_logs_it() {
    run(async {
        for product in Product::ALL {
            let (world, _backend, way) = fixture(product, |_, _| {}).await;
            let reply = send(&way, "GET /v1/orders HTTP/1.1\r\nX-Request-Id: abc-123", "").await;
            assert_eq!(reply.status, 200, "{product:?}");
            let made = send(&way, "POST /v1/orders HTTP/1.1", r#"{"sku":"A-1"}"#).await;
            assert_eq!((made.status, world.writes().len()), (201, 1), "{product:?}");
            let log = world.logged(product.name()).join("\n");
            assert!(log.contains("/v1/orders"), "{product:?}: {log}");
            if product != Product::Cloudflare {
                assert!(log.contains("abc-123"), "{product:?}: the id goes through the log: {log}");
            }
            assert!(world.logged("orders-backend").join("\n").contains("abc-123"), "{product:?}: and to the backend");
        }
    });
}

#[test]
fn a_backend_slower_than_the_limit_is_given_up() {
    run(async {
        for (product, status, words) in [
            (Product::Nginx, 504, "504 Gateway Time-out"),
            (Product::Envoy, 504, "upstream request timeout"),
            (Product::Kong, 504, "The upstream server is timing out"),
            (Product::Alb, 504, "504 Gateway Time-out"),
            (Product::ApiGateway, 504, "Endpoint request timed out"),
            (Product::Haproxy, 504, "didn't respond in time"),
            (Product::Cloudflare, 524, "error code: 524"),
            (Product::Apache, 504, "did not receive a timely response"),
            (Product::Spring, 504, "Gateway Timeout"),
        ] {
            let (_world, _backend, way) = fixture(product, |_, _| {}).await;
            let reply = send(&way, "GET /v1/reports/annual HTTP/1.1", "").await;
            let body = String::from_utf8_lossy(&reply.body).into_owned();
            assert_eq!(reply.status, status, "{product:?}");
            assert!(body.contains(words), "{product:?}: {body}");
        }
    });
}

#[test]
fn the_real_limit_is_half_a_minute() {
    let config = Config::to(Product::Nginx, Target::Unhealthy);
    assert!(config.routes.iter().all(|route| route.timeout == Duration::from_secs(30)));
}

#[test]
fn a_head_is_answered_without_a_body_and_options_with_allow() {
    run(async {
        let (world, _backend, way) = fixture(Product::Nginx, |_, _| {}).await;
        let reply = send(&way, "HEAD /v1/orders HTTP/1.1", "").await;
        assert_eq!((reply.status, reply.body.len()), (200, 0));
        let reply = send(&way, "OPTIONS /v1/orders HTTP/1.1", "").await;
        assert_eq!(field(&reply, "allow"), Some("GET,HEAD,POST"));
        assert!(world.writes().is_empty());
    });
}

#[test]
fn what_is_blocked_by_its_agent_passes_under_another() {
    run(async {
        let (_world, _backend, way) = fixture(Product::Alb, |config, _| config.blocked_agents = vec!["curl/"]).await;
        let reply = send(&way, "GET /v1/orders HTTP/1.1\r\nUser-Agent: curl/8.5.0", "").await;
        assert_eq!(reply.status, 403);
        let reply = send(&way, "GET /v1/orders HTTP/1.1\r\nUser-Agent: Mozilla/5.0", "").await;
        assert_eq!(reply.status, 200);
    });
}

#[test]
fn an_open_circuit_asks_no_backend() {
    run(async {
        let (world, _backend, way) = fixture(Product::Spring, |config, _| config.circuit = Some(1)).await;
        assert_eq!(send(&way, "GET /v1/reports/annual HTTP/1.1", "").await.status, 504);
        let before = world.logged("orders-backend").len();
        let reply = send(&way, "GET /v1/orders HTTP/1.1", "").await;
        assert_eq!(reply.status, 503);
        assert!(world.logged("spring-cloud-gateway").join("\n").contains("is OPEN and does not permit further calls"));
        assert_eq!(world.logged("orders-backend").len(), before);
    });
}

#[test]
fn a_kept_error_is_another_answer_under_another_query() {
    run(async {
        let (_world, backend, way) =
            fixture(Product::Nginx, |config, _| config.cache = Some(Duration::from_secs(60))).await;
        backend.ail(503);
        assert_eq!(send(&way, "GET /v1/orders HTTP/1.1", "").await.status, 503);
        backend.ail(0);
        let kept = send(&way, "GET /v1/orders HTTP/1.1", "").await;
        assert_eq!((kept.status, field(&kept, "x-cache-status")), (503, Some("HIT")));
        assert_eq!(send(&way, "GET /v1/orders?fresh=1 HTTP/1.1", "").await.status, 200);
    });
}

#[test]
fn a_world_ends_with_its_last_user() {
    run(async {
        let (world, backend, way) = fixture(Product::Nginx, |_, _| {}).await;
        assert_eq!(send(&way, "GET /health HTTP/1.1", "").await.status, 200);
        let folder = world.folder().to_owned();
        drop((world, backend));
        assert!(!folder.exists(), "nothing that runs in a world keeps it alive");
    });
}

#[test]
fn the_paths_to_look_around_fail_each_in_its_way() {
    run(async {
        let world = World::new(Ports::Any).unwrap();
        let opened = (SYSTEMS[0].start)(World::new(Ports::Any).unwrap()).await.unwrap();
        assert_eq!(opened.tries.len(), 4 + Product::ALL.len());
        for (product, place) in start_all(&world).await.unwrap() {
            let way = Way::plain(place, Duration::from_secs(10));
            assert_eq!(send(&way, "GET /v1/orders HTTP/1.1", "").await.status, 200, "{product:?}");
            for path in ["/refused", "/reset", "/garbage", "/certificate", "/name", "/unhealthy"] {
                let reply = send(&way, &format!("GET {path} HTTP/1.1"), "").await;
                assert!((500..=530).contains(&reply.status), "{product:?} {path}: {}", reply.status);
            }
            assert_eq!(send(&way, "GET /cut/v2 HTTP/1.1", "").await.status, 404, "{product:?}");
            let reply = send(&way, "GET /nowhere HTTP/1.1", "").await;
            let expected = match product {
                Product::ApiGateway => 403,
                // Without a default backend there is no server for it.
                Product::Haproxy => 503,
                _ => 404,
            };
            assert_eq!(reply.status, expected, "{product:?}");
            let reply = send(&way, "DELETE /read-only HTTP/1.1", "").await;
            assert!([403, 405].contains(&reply.status), "{product:?}: {}", reply.status);
        }
        assert!(world.writes().is_empty());
    });
}

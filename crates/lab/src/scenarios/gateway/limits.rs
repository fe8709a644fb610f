//! Too much: of calls, at once, or in one call.

use super::{client, get, get_with_log, healthy, nothing};
use crate::systems::gateway::{Dialect, Product, Quota};
use crate::{Expected, Family, Scenario, Symptom, World};
use firstfault_model::{Bucket, Layer};
use std::time::Duration;

const fn limited(cause: &'static str) -> Expected {
    Expected { bucket: Bucket::RateLimit, layer: Some(Layer::Gateway), cause, or: &[] }
}

const fn limited_behind(cause: &'static str) -> Expected {
    Expected { bucket: Bucket::RateLimit, layer: Some(Layer::Backend), cause, or: &[] }
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);

/// An allowance that is spent, with so much of its window left.
const fn spent(limit: u32, window: Duration, left: u64, dialect: Dialect) -> Quota {
    Quota { limit, window, spent: limit, ends_in: Duration::from_secs(left), dialect, body: None, status: None }
}

/// Others who hold slots: calls that take long, one after the other, until the world ends.
fn crowd(world: &World, url: &str, number: usize) {
    for _ in 0..number {
        let place = url.trim_start_matches("http://").to_owned();
        world.run(async move {
            loop {
                if super::super::sent(&place, "GET", "/v1/reports/annual", &[]).await.is_err() {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        });
    }
}

fn post(url: &str, path: &str, more: &[&str]) -> Symptom {
    let rest = more.iter().map(|part| (*part).to_owned());
    Symptom::call(["-i".to_owned(), format!("{url}{path}")].into_iter().chain(rest))
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "rate-kong",
        family: Family::Gateway,
        story: "An import calls the API in a loop. After a good start everything answers 429.",
        expected: limited("rate_limit.request_rate"),
        fix: "Slow down to 60 calls a minute, and wait as long as Retry-After says.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| {
                    config.quota = Some(spent(60, MINUTE, 42, Dialect::Kong));
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "rate-x-ratelimit",
        family: Family::Gateway,
        story: "A report in ten parallel threads ends with 429 for most of them.",
        expected: limited("rate_limit.request_rate"),
        fix: "Share one limiter between the threads; X-RateLimit-Reset says when to go on.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Haproxy, |config| {
                    let body = r#"{"error":{"code":"rate_limited","message":"Too many requests, slow down."}}"#;
                    config.quota = Some(Quota { body: Some(body), ..spent(100, MINUTE, 35, Dialect::XRateLimit) });
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "rate-structured-fields",
        family: Family::Gateway,
        story: "A mesh answers 429 with one word, and with header fields that the client's library does not know.",
        expected: limited("rate_limit.request_rate"),
        fix: "Read RateLimit: t says in how many seconds there is something left again.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Envoy, |config| {
                    config.quota = Some(spent(20, MINUTE, 25, Dialect::DraftOne));
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "rate-early-draft",
        family: Family::Gateway,
        story: "A polling client gets 429 some minutes before each full hour.",
        expected: limited("rate_limit.request_rate"),
        fix: "Poll less often: 600 calls an hour are allowed.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Apache, |config| {
                    config.quota = Some(spent(600, Duration::from_secs(3600), 240, Dialect::DraftThree));
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "rate-nginx-as-503",
        family: Family::Gateway,
        story: "The API seems to be down: 503. Others can use it. The error log is at hand.",
        expected: limited("rate_limit.request_rate"),
        fix: "Slow down: nginx's limit_req answers 503 unless limit_req_status says otherwise.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| {
                    config.quota = Some(spent(10, MINUTE, 50, Dialect::Silent));
                })
                .await?;
                get_with_log(&world, Product::Nginx, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "rate-nginx-bare",
        family: Family::Gateway,
        story: "A script gets 429 and a bare page, and no hint of how long to wait.",
        expected: limited("rate_limit.request_rate"),
        fix: "Wait some seconds and go on more slowly.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| {
                    let quota = spent(10, Duration::from_secs(10), 8, Dialect::Silent);
                    config.quota = Some(Quota { status: Some(429), ..quota });
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "rate-cloudflare",
        family: Family::Gateway,
        story: "From one office the API answers one line with a number; from home it works.",
        expected: limited("rate_limit.request_rate"),
        fix: "The whole office shares one address and one allowance: slow down, or have the rule changed.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Cloudflare, |config| {
                    config.quota = Some(spent(50, MINUTE, 30, Dialect::RetrySeconds));
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "quota-day",
        family: Family::Gateway,
        story: "Every afternoon the calls of one customer begin to answer 429, until midnight.",
        expected: limited("rate_limit.quota_exhausted"),
        fix: "Buy a larger plan, or call less: the day's 1,000 calls are used up.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Haproxy, |config| {
                    let body = r#"{"error":{"code":"quota_exceeded","message":"Daily quota of 1000 requests exhausted for plan 'starter'."}}"#;
                    config.quota = Some(Quota { body: Some(body), ..spent(1000, DAY, 30_000, Dialect::RetryDate) });
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "quota-api-gateway",
        family: Family::Gateway,
        story: "A partner's key answers 429 since this morning. Waiting a minute does not help.",
        expected: limited("rate_limit.quota_exhausted"),
        fix: "The usage plan's quota is spent: raise it, or wait for the next period.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::ApiGateway, |config| {
                    config.quota = Some(spent(5000, DAY, 50_000, Dialect::Silent));
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "quota-kong-day",
        family: Family::Gateway,
        story: "A trial account answers 429 at noon, with a wait of many hours.",
        expected: limited("rate_limit.quota_exhausted"),
        fix: "The day's allowance is used up: upgrade, or go on tomorrow.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| {
                    config.quota = Some(spent(200, DAY, 41_000, Dialect::Kong));
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "concurrency-kong",
        family: Family::Gateway,
        story: "While two long reports run, every further call of the same key answers 429.",
        expected: limited("rate_limit.concurrency"),
        fix: "Wait for the reports: two calls at once are allowed.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| config.concurrency = Some(2)).await?;
                crowd(&world, &url, 2);
                tokio::time::sleep(Duration::from_millis(150)).await;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "concurrency-nginx",
        family: Family::Gateway,
        story: "While exports run, calls answer 503. The error log is at hand.",
        expected: limited("rate_limit.concurrency"),
        fix: "Run fewer exports at once: limit_conn allows three connections.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| config.concurrency = Some(3)).await?;
                crowd(&world, &url, 3);
                tokio::time::sleep(Duration::from_millis(150)).await;
                get_with_log(&world, Product::Nginx, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "abuse-secondary-limit",
        family: Family::Gateway,
        story: "A bot that comments on orders gets 403, although its allowance is far from spent.",
        expected: limited("rate_limit.abuse_protection"),
        fix: "Make fewer orders at a time, one after the other, and wait as long as Retry-After says.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Haproxy, |config| {
                    let body = r#"{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}"#;
                    let quota = spent(80, MINUTE, 55, Dialect::RetrySeconds);
                    config.quota = Some(Quota { body: Some(body), status: Some(403), ..quota });
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "cost-limit",
        family: Family::Gateway,
        story: "Some heavy searches in a row, and even a small one answers 429. Only a few calls were made.",
        expected: limited_behind("rate_limit.cost_limit"),
        fix: "Ask for fewer fields and smaller pages: the budget counts cost, not calls.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| {
                    let body = r#"{"errors":[{"message":"Query cost limit exceeded: requested 420 points, 35 of 1000 available.","extensions":{"code":"THROTTLED","cost":{"requestedQueryCost":420,"throttleStatus":{"maximumAvailable":1000,"currentlyAvailable":35,"restoreRate":50}}}}]}"#;
                    let quota = spent(1000, MINUTE, 20, Dialect::RetrySeconds);
                    config.quota = Some(Quota { body: Some(body), ..quota });
                })
                .await?;
                Ok(get(&url, "/v1/orders?fields=all&limit=1000"))
            })
        },
    },
    Scenario {
        name: "retry-storm",
        family: Family::Gateway,
        story: "A worker answers its own 429 with another call at once. The gateway's log is at hand.",
        expected: Expected {
            bucket: Bucket::RateLimit,
            layer: Some(Layer::Client),
            cause: "rate_limit.retry_storm",
            or: &["rate_limit.request_rate"],
        },
        fix: "Wait between attempts, longer each time, and stop after a few.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| {
                    config.quota = Some(Quota { spent: 8, ..spent(10, MINUTE, 45, Dialect::Kong) });
                })
                .await?;
                let id = "X-Request-Id: 3f1c9a7e5b2d4c6f8a0b1c2d3e4f5a6b";
                for _ in 0..24 {
                    super::super::sent(url.trim_start_matches("http://"), "GET", "/v1/orders", &[id]).await?;
                }
                let mut symptom = get(&url, "/v1/orders");
                symptom.evidence = world.logged("kong").join("\n");
                Ok(symptom)
            })
        },
    },
    Scenario {
        name: "body-too-large-nginx",
        family: Family::Gateway,
        story: "Small orders go through, the big one of a wholesaler answers 413.",
        expected: client(Layer::Gateway, "client.payload_too_large"),
        fix: "Split the order, or raise client_max_body_size.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| config.body_limit = 16 * 1024).await?;
                let lines: Vec<String> = (0..900).map(|n| format!(r#"{{"sku":"A-{n}","count":1}}"#)).collect();
                let body = format!(r#"{{"lines":[{}]}}"#, lines.join(","));
                Ok(post(&url, "/v1/orders", &["-H", "Content-Type: application/json", "-d", &body]))
            })
        },
    },
    Scenario {
        name: "body-too-large-api-gateway",
        family: Family::Gateway,
        story: "An upload answers 413 in the cloud and works on the developer's machine.",
        expected: client(Layer::Gateway, "client.payload_too_large"),
        fix: "Upload the file elsewhere and send its address: the gateway's limit is fixed.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::ApiGateway, |config| config.body_limit = 10 * 1024).await?;
                let body = format!(r#"{{"file":"{}"}}"#, "QUJD".repeat(4000));
                Ok(post(&url, "/v1/imports", &["-H", "Content-Type: application/json", "-d", &body]))
            })
        },
    },
    Scenario {
        name: "headers-too-large-nginx",
        family: Family::Gateway,
        story: "For one user in a thousand, every call answers 400. Clearing the cookies helps for a day.",
        expected: client(Layer::Gateway, "client.headers_too_large"),
        fix: "Find what fills the cookie; raise large_client_header_buffers until then.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |_| {}).await?;
                let cookie = format!("session=s1; cart={}", "a9b8c7d6".repeat(1200));
                Ok(post(&url, "/v1/orders", &["-b", &cookie]))
            })
        },
    },
    Scenario {
        name: "headers-too-large-envoy",
        family: Family::Gateway,
        story: "A user in very many groups gets 431 on every call; her token is long.",
        expected: client(Layer::Gateway, "client.headers_too_large"),
        fix: "Keep groups out of the token, or raise max_request_headers_kb.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Envoy, |_| {}).await?;
                let token = format!("Authorization: Bearer {}", "Z3JvdXAtMTIzNDU2Nzg5".repeat(480));
                Ok(post(&url, "/v1/orders", &["-H", &token]))
            })
        },
    },
    Scenario {
        name: "uri-too-long-apache",
        family: Family::Gateway,
        story: "A search for many orders at once answers 414; for a few it works.",
        expected: client(Layer::Gateway, "client.headers_too_large"),
        fix: "Ask in several calls, or send the list in a body.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Apache, |_| {}).await?;
                let ids: Vec<String> = (0..1200).map(|n| format!("ord_{n:04}")).collect();
                Ok(get(&url, &format!("/v1/orders?ids={}", ids.join(","))))
            })
        },
    },
    Scenario {
        name: "control-rate-near-limit",
        family: Family::Gateway,
        story: "A client sees header fields about limits and wonders whether it is being throttled.",
        expected: nothing(),
        fix: "Nothing failed: there is something left.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| {
                    config.quota = Some(Quota { spent: 20, ..spent(100, MINUTE, 50, Dialect::Kong) });
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
];

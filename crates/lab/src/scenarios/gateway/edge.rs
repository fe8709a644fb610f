//! Calls that a gateway blocks, changes, sends elsewhere or answers from memory.

use super::{behind, client, get, get_with_log, healthy, lost, nothing, upstream};
use crate::systems::gateway::certificate::SelfSigned;
use crate::systems::gateway::{Backend, Cors, Product, Target};
use crate::systems::oauth::{Grant, OAuth};
use crate::systems::protected::{self, Settings, Style};
use crate::{Expected, Family, Scenario, Symptom};
use firstfault_model::{Bucket, Layer};
use std::time::Duration;

const fn blocked() -> Expected {
    Expected { bucket: Bucket::Auth, layer: Some(Layer::Gateway), cause: "auth.blocked_by_waf", or: &[] }
}

const JSON: [&str; 2] = ["-H", "Content-Type: application/json"];

fn call(url: &str, path: &str, more: &[&str]) -> Symptom {
    let rest = more.iter().map(|part| (*part).to_owned());
    Symptom::call(std::iter::once(format!("{url}{path}")).chain(rest))
}

/// The origins of a single-page app that the gateway knows.
fn cors() -> Cors {
    Cors { origins: vec!["https://app.example.com"], methods: "GET,POST", headers: "Authorization,Content-Type" }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "waf-agent-cloudflare",
        family: Family::Gateway,
        story: "In the browser the address shows JSON. From a script it answers 403 and one line.",
        expected: blocked(),
        fix: "Send a User-Agent of your own; the network in front bans those of common tools.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Cloudflare, |config| {
                    config.blocked_agents = vec!["curl/", "python-requests/"];
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "waf-agent-alb",
        family: Family::Gateway,
        story: "A partner's calls answer 403 with an almost empty page, with or without a key. Browsers get through.",
        expected: blocked(),
        fix: "Have the rule of the web ACL changed: it blocks by User-Agent.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Alb, |config| {
                    config.blocked_agents = vec!["curl/", "python-requests/", "go-http-client/"];
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "waf-body-cloudflare",
        family: Family::Gateway,
        story: "One order cannot be made: 403 and a page of HTML. Its comment has some odd characters.",
        expected: blocked(),
        fix: "Have a rule written for this path: the comment looks like SQL to the WAF.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Cloudflare, |config| {
                    config.blocked_words = vec!["' or 1=1", "<script", "union select"];
                })
                .await?;
                let body = r#"{"sku":"A-100","comment":"size 'M' or ' or 1=1 if sold out"}"#;
                Ok(call(&url, "/v1/orders", &[JSON[0], JSON[1], "-d", body]))
            })
        },
    },
    Scenario {
        name: "waf-query-apache",
        family: Family::Gateway,
        story: "A search with a quotation mark answers 403. The web server's error log is at hand.",
        expected: blocked(),
        fix: "Exclude rule 942100 for the search's parameter.",
        start: |world| {
            Box::pin(async move {
                let url =
                    healthy(&world, Product::Apache, |config| config.blocked_words = vec!["union+select"]).await?;
                get_with_log(&world, Product::Apache, &url, "/v1/orders?q=credit+union+select").await
            })
        },
    },
    Scenario {
        name: "no-route-kong",
        family: Family::Gateway,
        story: "A new client reads orders as the old manual says, and gets 404.",
        expected: client(Layer::Client, "client.wrong_path"),
        fix: "Call /v1/orders: the version belongs to the path.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |_| {}).await?;
                Ok(get(&url, "/orders"))
            })
        },
    },
    Scenario {
        name: "no-route-istio",
        family: Family::Gateway,
        story: "A call answers 404 and nothing else.",
        expected: client(Layer::Client, "client.wrong_path"),
        fix: "Write /v1/orders: there is no /v1.0 at this gateway.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Istio, |_| {}).await?;
                Ok(get(&url, "/v1.0/orders"))
            })
        },
    },
    Scenario {
        name: "prefix-cut-twice",
        family: Family::Gateway,
        story: "After the gateway's configuration was tidied, every path of the API answers 404.",
        expected: upstream(Layer::Gateway, "upstream.gateway_config"),
        fix: "Leave the path as it is in proxy_pass: the gateway cuts /v1 off, and the backend wants it.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| {
                    for route in &mut config.routes {
                        if route.prefix == "/v1" {
                            route.rewrite = Some("");
                        }
                    }
                })
                .await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "method-blocked-apache",
        family: Family::Gateway,
        story: "Orders can be read and made. Deleting one answers 405.",
        expected: client(Layer::Client, "client.wrong_method"),
        fix: "Deleting is not offered here: Allow names what is.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Apache, |config| {
                    for route in &mut config.routes {
                        route.methods = vec!["GET", "POST"];
                    }
                })
                .await?;
                Ok(call(&url, "/v1/orders/ord_1001", &["-X", "DELETE"]))
            })
        },
    },
    Scenario {
        name: "method-blocked-api-gateway",
        family: Family::Gateway,
        story: "Changing an order answers 403 and speaks of a token that nobody needs for reading.",
        expected: Expected {
            bucket: Bucket::Client,
            layer: Some(Layer::Client),
            cause: "client.wrong_method",
            or: &["client.wrong_path"],
        },
        fix: "Add the method to the resource and deploy the stage: API Gateway says so for what it does not have.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::ApiGateway, |config| {
                    for route in &mut config.routes {
                        route.methods = vec!["GET", "POST", "OPTIONS"];
                    }
                })
                .await?;
                Ok(call(&url, "/v1/orders/ord_1001", &["-X", "PUT", JSON[0], JSON[1], "-d", r#"{"count":2}"#]))
            })
        },
    },
    Scenario {
        name: "redirect-post-becomes-get",
        family: Family::Gateway,
        story: "An import is posted to the old address, follows the redirect, and answers 404. The manual says POST.",
        expected: client(Layer::Client, "client.redirect_changed_request"),
        fix: "Call the https address at once: after a 301 the POST goes on as a GET.",
        start: |world| {
            Box::pin(async move {
                let certificate = SelfSigned::new(&["127.0.0.1", "localhost"])?;
                let pem = world.folder().join("gateway-ca.pem");
                std::fs::write(&pem, &certificate.pem)?;
                let backend = Backend::start(&world, super::SLOW).await?;
                let secure = behind(&world, Product::Nginx, Target::At(backend.place()), |config| {
                    config.tls = Some(certificate.server);
                    config.port = 8037;
                })
                .await?;
                let url = behind(&world, Product::Nginx, Target::Unhealthy, |config| {
                    config.redirect = Some((301, secure));
                })
                .await?;
                let pem = pem.display().to_string();
                let body = r#"{"source":"crm"}"#;
                Ok(call(&url, "/v1/imports", &["-L", "--cacert", &pem, JSON[0], JSON[1], "-d", body]))
            })
        },
    },
    Scenario {
        name: "redirect-drops-credential",
        family: Family::Gateway,
        story: "The API has a new host name, and the old one redirects. With a good token the answer is 401.",
        // No gateway takes it away: the client itself drops it, as it must, and the caller calls the new host.
        expected: Expected { layer: Some(Layer::Client), ..lost() },
        fix: "Call the new host itself: clients do not carry a credential to another host.",
        start: |world| {
            Box::pin(async move {
                let backend = Backend::start(&world, super::SLOW).await?;
                let new =
                    behind(&world, Product::Nginx, Target::At(backend.place()), |config| config.port = 8031).await?;
                let url = behind(&world, Product::Nginx, Target::Unhealthy, |config| {
                    config.redirect = Some((308, new.replace("127.0.0.1", "localhost")));
                })
                .await?;
                Ok(call(&url, "/v1/me", &["-L", "-H", "Authorization: Bearer 5f0c2b7e9d1a4c68b3e7"]))
            })
        },
    },
    Scenario {
        name: "gateway-strips-authorization",
        family: Family::Gateway,
        story: "The token is sent, the transcript shows it, and the API says that it saw none.",
        expected: lost(),
        fix: "Pass the field on (proxy_set_header Authorization $http_authorization): the gateway drops it.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| config.strips = vec!["authorization"]).await?;
                Ok(call(&url, "/v1/me", &["-H", "Authorization: Bearer 5f0c2b7e9d1a4c68b3e7"]))
            })
        },
    },
    Scenario {
        name: "gateway-strips-bare",
        family: Family::Gateway,
        story: "A fresh token answers an empty 401 through the load balancer. The API's log is at hand.",
        expected: lost(),
        fix: "Let the load balancer keep the Authorization field: in the API's log it is missing.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let settings = Settings { style: Style::Bare, ..Settings::trusting(&oauth) };
                let api = protected::start(&world, settings).await?;
                let url = behind(&world, Product::Haproxy, Target::At(api), |config| {
                    config.strips = vec!["authorization"];
                })
                .await?;
                let header = format!("Authorization: Bearer {}", oauth.access_token(&Grant::default())?);
                let place = url.trim_start_matches("http://");
                super::super::sent(place, "GET", "/v1/orders", &[&header]).await?;
                let mut symptom = call(&url, "/v1/orders", &["-H", &header]);
                symptom.evidence = world.logged("protected").join("\n");
                Ok(symptom)
            })
        },
    },
    Scenario {
        name: "preflight-without-origin",
        family: Family::Gateway,
        story: "On the staging site the app cannot load orders. The console is red, and curl works.",
        expected: client(Layer::Client, "client.cors_blocked"),
        fix: "Add the staging site's origin to the gateway's CORS plugin.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| config.cors = Some(cors())).await?;
                Ok(preflight(&url, "https://staging.example.com"))
            })
        },
    },
    Scenario {
        name: "preflight-refused-api-gateway",
        family: Family::Gateway,
        story: "A new app in the browser cannot call the API; its preflight answers 403.",
        expected: client(Layer::Client, "client.cors_blocked"),
        fix: "Add an OPTIONS method to the resource: without one, preflights meet no route.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::ApiGateway, |config| config.cors = Some(cors())).await?;
                Ok(preflight(&url, "https://new.example.com"))
            })
        },
    },
    Scenario {
        name: "cache-keeps-an-error",
        family: Family::Gateway,
        story: "The database was restarted, and is back. The list of orders still answers 503, its parts do not.",
        expected: upstream(Layer::Gateway, "upstream.gateway_config"),
        fix: "Do not keep errors in the cache; Cache-Status says that this answer is an old one.",
        start: |world| {
            Box::pin(async move {
                let backend = Backend::start(&world, super::SLOW).await?;
                let target = Target::At(backend.place());
                let url =
                    behind(&world, Product::Haproxy, target, |config| config.cache = Some(Duration::from_secs(600)))
                        .await?;
                backend.ail(503);
                super::super::sent(url.trim_start_matches("http://"), "GET", "/v1/orders", &[]).await?;
                backend.ail(0);
                tokio::time::sleep(Duration::from_millis(1100)).await;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "cache-keeps-a-404",
        family: Family::Gateway,
        story: "An order was looked for before it was made. It is there now, and its address still answers 404.",
        expected: upstream(Layer::Gateway, "upstream.gateway_config"),
        fix: "Do not cache 404 of the API: CF-Cache-Status says that this answer was kept.",
        start: |world| {
            Box::pin(async move {
                let backend = Backend::start(&world, super::SLOW).await?;
                let target = Target::At(backend.place());
                let url =
                    behind(&world, Product::Cloudflare, target, |config| config.cache = Some(Duration::from_secs(600)))
                        .await?;
                backend.ail(404);
                super::super::sent(url.trim_start_matches("http://"), "GET", "/v1/orders/ord_1003", &[]).await?;
                backend.ail(0);
                tokio::time::sleep(Duration::from_millis(1100)).await;
                Ok(get(&url, "/v1/orders/ord_1003"))
            })
        },
    },
    Scenario {
        name: "control-preflight",
        family: Family::Gateway,
        story: "Somebody checks whether the app's own origin is let through.",
        expected: nothing(),
        fix: "Nothing failed: origin, method and fields are allowed.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| config.cors = Some(cors())).await?;
                let mut symptom = preflight(&url, "https://app.example.com");
                symptom.evidence.clear();
                Ok(symptom)
            })
        },
    },
];

/// A preflight typed by hand, and what the browser said.
fn preflight(url: &str, origin: &str) -> Symptom {
    let mut symptom = call(
        url,
        "/v1/orders",
        &[
            "-i",
            "-X",
            "OPTIONS",
            "-H",
            &format!("Origin: {origin}"),
            "-H",
            "Access-Control-Request-Method: POST",
            "-H",
            "Access-Control-Request-Headers: authorization,content-type",
        ],
    );
    symptom.evidence = format!(
        "Access to fetch at '{url}/v1/orders' from origin '{origin}' has been blocked by CORS policy: Response to preflight \
         request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource."
    );
    symptom
}

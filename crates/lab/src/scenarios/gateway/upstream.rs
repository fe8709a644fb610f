//! Gateways that reach their backend badly, or not at all.

use super::{behind, deserted, get, get_with_log, healthy, nothing, upstream};
use crate::systems::gateway::backend::Dependencies;
use crate::systems::gateway::certificate::{SelfSigned, trusting_nobody};
use crate::systems::gateway::{Backend, Product, Target};
use crate::{Answer, Expected, Family, Scenario, Wire, World};
use firstfault_model::{Bucket, Layer};
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

/// A server that takes a request and does this instead of answering.
async fn breaking(world: &World, acts: Vec<Wire>) -> io::Result<SocketAddr> {
    world
        .serve("orders-backend", crate::systems::gateway::backend::PORT, None, move |_| {
            let acts = acts.clone();
            async move { Answer::Wire(acts) }
        })
        .await
}

/// A backend whose certificate the gateway does not trust.
async fn distrusted(world: &World) -> io::Result<Target> {
    let certificate = SelfSigned::new(&["orders.internal"])?;
    let port = crate::systems::gateway::backend::PORT;
    let backend = Backend::on(world, port, Some(certificate.server), super::SLOW, None).await?;
    let name = ServerName::try_from("orders.internal").map_err(io::Error::other)?;
    Ok(Target::Tls(backend.place(), trusting_nobody()?, name))
}

/// A backend whose payment provider is down and whose carrier never answers, behind a gateway.
async fn depending(world: &World, product: Product) -> io::Result<String> {
    let silent = |mut stream: TcpStream| async move {
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok(())
    };
    let carrier = world.raw("carrier", 8032, silent).await?;
    let calls = Dependencies { payments: deserted(world)?, carrier };
    let port = crate::systems::gateway::backend::PORT;
    let backend = Backend::on(world, port, None, super::SLOW, Some(calls)).await?;
    behind(world, product, Target::At(backend.place()), |_| {}).await
}

/// Products whose one page for several faults leaves two causes open.
const fn either(cause: &'static str, or: &'static [&'static str]) -> Expected {
    Expected { bucket: Bucket::Upstream, layer: Some(Layer::Backend), cause, or }
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "gateway-timeout-nginx",
        family: Family::Gateway,
        story: "The annual report never comes. Everything else on the API is quick.",
        expected: upstream(Layer::Backend, "upstream.gateway_timeout"),
        fix: "The report takes 31 s and nginx waits 30: make the report a job with a result to fetch, or raise proxy_read_timeout.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |_| {}).await?;
                Ok(get(&url, "/v1/reports/annual"))
            })
        },
    },
    Scenario {
        name: "gateway-timeout-haproxy",
        family: Family::Gateway,
        story: "The annual report fails with an odd little page, always after the same few seconds.",
        expected: upstream(Layer::Backend, "upstream.gateway_timeout"),
        fix: "Raise `timeout server`, or make the report quicker: HAProxy waits five seconds.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Haproxy, |config| {
                    *config = config.clone().timeout(Duration::from_secs(5));
                })
                .await?;
                Ok(get(&url, "/v1/reports/annual"))
            })
        },
    },
    Scenario {
        name: "gateway-timeout-kong",
        family: Family::Gateway,
        story: "Through the API gateway the report fails; inside the cluster it works, slowly.",
        expected: upstream(Layer::Backend, "upstream.gateway_timeout"),
        fix: "Raise read_timeout of the Kong service, or make the report a job.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Kong, |config| {
                    *config = config.clone().timeout(Duration::from_secs(3));
                })
                .await?;
                Ok(get(&url, "/v1/reports/annual"))
            })
        },
    },
    Scenario {
        name: "gateway-timeout-proxy-status",
        family: Family::Gateway,
        story: "A client that reads the newer header fields asks what this 504 is about.",
        expected: upstream(Layer::Backend, "upstream.gateway_timeout"),
        fix: "Proxy-Status says it: the backend did not answer in time.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Envoy, |config| {
                    *config = config.clone().timeout(Duration::from_secs(2));
                    config.proxy_status = Some("edge-fra1");
                })
                .await?;
                Ok(get(&url, "/v1/reports/annual"))
            })
        },
    },
    Scenario {
        name: "backend-refused-envoy",
        family: Family::Gateway,
        story: "Since the last rollout, all calls answer 503 with a long sentence.",
        expected: upstream(Layer::Backend, "upstream.connection_failure"),
        fix: "The backend listens on another port than Envoy's cluster has.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Envoy, Target::At(deserted(&world)?), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-refused-nginx",
        family: Family::Gateway,
        story: "All calls answer 502. The error log of the web server is at hand.",
        expected: upstream(Layer::Backend, "upstream.connection_failure"),
        fix: "Start the backend: nothing listens where nginx sends the calls.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Nginx, Target::At(deserted(&world)?), |_| {}).await?;
                get_with_log(&world, Product::Nginx, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "backend-refused-haproxy",
        family: Family::Gateway,
        story: "A load balancer answers 503 on every path; its log has a line for each call.",
        expected: upstream(Layer::Backend, "upstream.connection_failure"),
        fix: "Start the server behind it: the log's SC says that the connection was refused.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Haproxy, Target::At(deserted(&world)?), |_| {}).await?;
                get_with_log(&world, Product::Haproxy, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "backend-refused-cloudflare",
        family: Family::Gateway,
        story: "From everywhere in the world the API answers one line of text with a number.",
        expected: upstream(Layer::Backend, "upstream.connection_failure"),
        fix: "Start the origin, or let its firewall take connections from the network in front.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Cloudflare, Target::At(deserted(&world)?), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-refused-after-retries",
        family: Family::Gateway,
        story: "Calls fail with 503 after the mesh has tried several times. Its access log is at hand.",
        expected: upstream(Layer::Backend, "upstream.connection_failure"),
        fix: "Start the backend; more retries will not help.",
        start: |world| {
            Box::pin(async move {
                let target = Target::At(deserted(&world)?);
                let url = behind(&world, Product::Istio, target, |config| config.retries = 2).await?;
                get_with_log(&world, Product::Istio, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "backend-resets-nginx",
        family: Family::Gateway,
        story: "Reading orders answers 502 at once, every time. The error log is at hand.",
        // The taxonomy has a reset with the connections that fail; what came before it was a connection that stood.
        expected: either("upstream.connection_failure", &["upstream.bad_gateway"]),
        fix: "Look why the backend dies on this call: it resets the connection before it answers.",
        start: |world| {
            Box::pin(async move {
                let backend = breaking(&world, vec![Wire::Reset]).await?;
                let url = behind(&world, Product::Nginx, Target::At(backend), |_| {}).await?;
                get_with_log(&world, Product::Nginx, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "backend-closes-envoy",
        family: Family::Gateway,
        story: "In the mesh, one service answers 503 to everyone. Its pod is running.",
        expected: upstream(Layer::Backend, "upstream.bad_gateway"),
        fix: "Read the pod's log: it takes connections and closes them without an answer.",
        start: |world| {
            Box::pin(async move {
                let backend = breaking(&world, Vec::new()).await?;
                let url = behind(&world, Product::Istio, Target::At(backend), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-no-http-kong",
        family: Family::Gateway,
        story: "A new service was registered at the API gateway. Every call to it answers 502.",
        expected: either("upstream.bad_gateway", &["upstream.connection_failure"]),
        fix: "The port belongs to a mail server: register the service's own port.",
        start: |world| {
            Box::pin(async move {
                let greeting = b"220 mail.internal ESMTP Postfix\r\n".to_vec();
                let backend = breaking(&world, vec![Wire::Send(greeting)]).await?;
                let url = behind(&world, Product::Kong, Target::At(backend), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-closes-alb",
        family: Family::Gateway,
        story: "A load balancer answers 502 with an almost empty page.",
        expected: either("upstream.bad_gateway", &["upstream.connection_failure"]),
        fix: "Read the target's log: it closes the connection before it answers.",
        start: |world| {
            Box::pin(async move {
                let backend = breaking(&world, Vec::new()).await?;
                let url = behind(&world, Product::Alb, Target::At(backend), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "no-healthy-backend-envoy",
        family: Family::Gateway,
        story: "All calls answer 503 with three words.",
        expected: upstream(Layer::Gateway, "upstream.no_healthy_backend"),
        fix: "Look at the health checks: none of the backends passes them.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Envoy, Target::Unhealthy, |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "no-healthy-backend-alb",
        family: Family::Gateway,
        story: "After a scale-in, the load balancer answers 503 with an almost empty page.",
        expected: upstream(Layer::Gateway, "upstream.no_healthy_backend"),
        fix: "Register targets again: the target group is empty.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Alb, Target::Unhealthy, |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "no-healthy-backend-nginx",
        family: Family::Gateway,
        story: "Calls answer 502 in no time. The error log is at hand.",
        expected: upstream(Layer::Gateway, "upstream.no_healthy_backend"),
        fix: "Read the log further up: it says why nginx took all servers out.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Nginx, Target::Unhealthy, |_| {}).await?;
                get_with_log(&world, Product::Nginx, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "circuit-open-spring",
        family: Family::Gateway,
        story: "After a burst of failures, calls are refused within a millisecond. The gateway's log is at hand.",
        expected: upstream(Layer::Gateway, "upstream.circuit_open"),
        fix: "Mend the backend; the circuit closes again half a minute later.",
        start: |world| {
            Box::pin(async move {
                let target = Target::At(deserted(&world)?);
                let url = behind(&world, Product::Spring, target, |config| config.circuit = Some(3)).await?;
                for _ in 0..3 {
                    super::super::sent(url.trim_start_matches("http://"), "GET", "/v1/orders", &[]).await?;
                }
                let before = world.logged(Product::Spring.name()).len();
                let mut symptom = get_with_log(&world, Product::Spring, &url, "/v1/orders").await?;
                let log = world.logged(Product::Spring.name());
                symptom.evidence = log.get(before..).unwrap_or_default().join("\n");
                Ok(symptom)
            })
        },
    },
    Scenario {
        name: "backend-certificate-apache",
        family: Family::Gateway,
        story: "The backend got a new certificate last night. Since then the proxy answers 500.",
        expected: upstream(Layer::Gateway, "upstream.tls_to_upstream"),
        fix: "Let the proxy trust the backend's new certificate (SSLProxyCACertificateFile).",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Apache, distrusted(&world).await?, |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-certificate-cloudflare",
        family: Family::Gateway,
        story: "The public certificate is fine, and still every call answers one line with a number.",
        expected: upstream(Layer::Gateway, "upstream.tls_to_upstream"),
        fix: "Renew the origin's certificate: the network in front does not trust it.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Cloudflare, distrusted(&world).await?, |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-certificate-envoy",
        family: Family::Gateway,
        story: "After mutual TLS was switched on, one service answers 503 with a long sentence.",
        expected: upstream(Layer::Gateway, "upstream.tls_to_upstream"),
        fix: "Give the sidecar the authority that signed the service's certificate.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Istio, distrusted(&world).await?, |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-name-kong",
        family: Family::Gateway,
        story: "A service was moved to another namespace. Through the API gateway it answers 503.",
        expected: upstream(Layer::Gateway, "upstream.dns_to_upstream"),
        fix: "Give the gateway the service's new name.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Kong, Target::Name("orders.prod.svc"), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-name-cloudflare",
        family: Family::Gateway,
        story: "The API answers 530 since the hosting was moved.",
        expected: upstream(Layer::Gateway, "upstream.dns_to_upstream"),
        fix: "Point the record at the origin's new name: the old one does not resolve.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Cloudflare, Target::Name("origin.old.example"), |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "backend-name-nginx",
        family: Family::Gateway,
        story: "Calls answer 502, and the error log is at hand.",
        expected: upstream(Layer::Gateway, "upstream.dns_to_upstream"),
        fix: "Correct the name in proxy_pass, or the resolver.",
        start: |world| {
            Box::pin(async move {
                let url = behind(&world, Product::Nginx, Target::Name("orders.internal"), |_| {}).await?;
                get_with_log(&world, Product::Nginx, &url, "/v1/orders").await
            })
        },
    },
    Scenario {
        name: "maintenance-nginx",
        family: Family::Gateway,
        story: "On Sunday morning every call answers 503 with a friendly page.",
        expected: upstream(Layer::Gateway, "upstream.maintenance"),
        fix: "Wait: the page and Retry-After say how long.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Nginx, |config| config.maintenance = true).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "maintenance-alb",
        family: Family::Gateway,
        story: "A nightly job fails once a month with 503 and some JSON.",
        expected: upstream(Layer::Gateway, "upstream.maintenance"),
        fix: "Wait, and let the job wait too.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Alb, |config| config.maintenance = true).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
    Scenario {
        name: "dependency-down",
        family: Family::Gateway,
        story: "Orders are fine. The list of payments answers 502.",
        expected: upstream(Layer::Dependency, "upstream.dependency_failure"),
        fix: "Ask the payment provider: the service itself works, and says whom it cannot reach.",
        start: |world| {
            Box::pin(async move {
                let url = depending(&world, Product::Nginx).await?;
                Ok(get(&url, "/v1/payments"))
            })
        },
    },
    Scenario {
        name: "dependency-slow",
        family: Family::Gateway,
        story: "Orders are fine. Shipping rates answer 504 after some seconds, far below the gateway's limit.",
        expected: upstream(Layer::Dependency, "upstream.dependency_timeout"),
        fix: "Ask the carrier: the service waits for it, and gives up first.",
        start: |world| {
            Box::pin(async move {
                let url = depending(&world, Product::Istio).await?;
                Ok(get(&url, "/v1/shipping"))
            })
        },
    },
    Scenario {
        name: "control-gateway",
        family: Family::Gateway,
        story: "A dashboard is empty. Somebody checks whether the gateway is to blame.",
        expected: nothing(),
        fix: "Nothing failed here.",
        start: |world| {
            Box::pin(async move {
                let url = healthy(&world, Product::Istio, |_| {}).await?;
                Ok(get(&url, "/v1/orders"))
            })
        },
    },
];

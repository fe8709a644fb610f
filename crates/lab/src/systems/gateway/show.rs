//! A gateway to look around in: one path for each way to fail.

use super::backend::{Backend, PORT};
use super::certificate::{SelfSigned, trusting_nobody};
use super::{Config, Dialect, Product, Quota, Route, Target};
use crate::{Answer, Wire, World};
use rustls::pki_types::ServerName;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// What stands behind the paths.
pub(super) struct Fixture {
    works: SocketAddr,
    refuses: SocketAddr,
    resets: SocketAddr,
    babbles: SocketAddr,
    distrusted: Target,
}

impl Fixture {
    pub async fn start(world: &World) -> io::Result<Self> {
        let slow = Duration::from_secs(31);
        let works = Backend::start(world, slow).await?.place();
        let breaking = |port: u16, act: Wire| {
            world.serve("broken-backend", port, None, move |_| {
                let act = act.clone();
                async move { Answer::Wire(vec![act]) }
            })
        };
        let resets = breaking(PORT + 3, Wire::Reset).await?;
        let babbles = breaking(PORT + 4, Wire::Send(b"220 mail.internal ESMTP Postfix\r\n".to_vec())).await?;
        let certificate = SelfSigned::new(&["orders.internal"])?;
        let secure = Backend::on(world, PORT + 5, Some(certificate.server), slow, None).await?;
        let name = ServerName::try_from("orders.internal").map_err(io::Error::other)?;
        let distrusted = Target::Tls(secure.place(), trusting_nobody()?, name);
        let refuses = world.refusing("orders-backend", PORT + 6)?;
        Ok(Self { works, refuses, resets, babbles, distrusted })
    }

    /// Every fault under a path of its own; the quota is small, so that it can be reached by hand.
    pub fn config(&self, product: Product) -> Config {
        let mut config = Config::to(product, Target::At(self.works));
        let route =
            |prefix, to| Route { prefix, rewrite: None, methods: Vec::new(), to, timeout: Duration::from_secs(30) };
        config.routes.extend([
            route("/refused", Target::At(self.refuses)),
            route("/reset", Target::At(self.resets)),
            route("/garbage", Target::At(self.babbles)),
            route("/certificate", self.distrusted.clone()),
            route("/name", Target::Name("orders.internal")),
            route("/unhealthy", Target::Unhealthy),
            Route { rewrite: Some(""), ..route("/cut", Target::At(self.works)) },
            Route { methods: vec!["GET"], ..route("/read-only", Target::At(self.works)) },
        ]);
        config.blocked_words = vec!["union+select", "<script"];
        let dialect = match product {
            Product::Kong => Dialect::Kong,
            Product::Envoy | Product::Istio => Dialect::DraftOne,
            Product::Haproxy => Dialect::XRateLimit,
            Product::Apache => Dialect::DraftThree,
            Product::Cloudflare => Dialect::RetrySeconds,
            Product::Alb | Product::ApiGateway | Product::Nginx | Product::Spring => Dialect::Silent,
        };
        let window = Duration::from_secs(60);
        config.quota = Some(Quota { limit: 30, window, spent: 0, ends_in: window, dialect, body: None, status: None });
        config
    }
}

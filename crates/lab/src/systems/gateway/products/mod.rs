//! The products, each with its own pages, fields and lines.

mod apache;
mod aws;
mod cloudflare;
mod envoy;
mod haproxy;
mod kong;
mod nginx;
mod spring;

use super::trouble::{Told, Trouble};
use crate::Reply;
use crate::systems::ids;
use crate::systems::moment::Moment;
use std::time::Duration;

/// Whose pages, fields and log lines a gateway has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// nginx 1.27
    Nginx,
    /// Envoy, on its own.
    Envoy,
    /// Envoy as Istio runs it.
    Istio,
    /// Kong 3.
    Kong,
    /// AWS Application Load Balancer.
    Alb,
    /// Amazon API Gateway, a REST API.
    ApiGateway,
    /// HAProxy 3.
    Haproxy,
    /// A content delivery network that speaks as Cloudflare does.
    Cloudflare,
    /// Apache httpd 2.4 with `mod_proxy`.
    Apache,
    /// Spring Cloud Gateway.
    Spring,
}

impl Product {
    /// Every product.
    pub const ALL: [Self; 10] = [
        Self::Nginx,
        Self::Envoy,
        Self::Istio,
        Self::Kong,
        Self::Alb,
        Self::ApiGateway,
        Self::Haproxy,
        Self::Cloudflare,
        Self::Apache,
        Self::Spring,
    ];

    /// The name under which it logs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Envoy => "envoy",
            Self::Istio => "istio-proxy",
            Self::Kong => "kong",
            Self::Alb => "alb",
            Self::ApiGateway => "api-gateway",
            Self::Haproxy => "haproxy",
            Self::Cloudflare => "cloudflare",
            Self::Apache => "apache",
            Self::Spring => "spring-cloud-gateway",
        }
    }

    /// What it is called, with what is wrong in the call to try.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Nginx => "nginx, and a backend that refuses",
            Self::Envoy => "Envoy, and a backend that refuses",
            Self::Istio => "Istio, and a backend that refuses",
            Self::Kong => "Kong, and a backend that refuses",
            Self::Alb => "an Application Load Balancer, and a target that refuses",
            Self::ApiGateway => "API Gateway, and an integration that refuses",
            Self::Haproxy => "HAProxy, and a server that refuses",
            Self::Cloudflare => "a network like Cloudflare, and an origin that refuses",
            Self::Apache => "Apache, and a backend that refuses",
            Self::Spring => "Spring Cloud Gateway, and a service that refuses",
        }
    }

    /// An id for one call, in its own form.
    pub(super) fn id(self) -> String {
        match self {
            Self::Nginx | Self::Kong => ids::trace(),
            Self::Alb => {
                let (id, now) = (ids::trace(), Moment::now().seconds());
                format!("Root=1-{now:08x}-{}", &id[..24])
            }
            Self::Cloudflare => format!("{}-FRA", ids::short()),
            _ => ids::uuid(),
        }
    }

    /// What it answers by itself.
    pub(super) fn page(self, trouble: &Trouble, told: &Told<'_>) -> Reply {
        let reply = match self {
            Self::Nginx => nginx::page(trouble),
            Self::Envoy | Self::Istio => envoy::page(trouble, self == Self::Istio),
            Self::Kong => kong::page(trouble, told),
            Self::Alb => aws::alb_page(trouble),
            Self::ApiGateway => aws::gateway_page(trouble, told),
            Self::Haproxy => haproxy::page(trouble),
            Self::Cloudflare => cloudflare::page(trouble, told),
            Self::Apache => apache::page(trouble, told),
            Self::Spring => spring::page(trouble, told),
        };
        let mut reply = reply;
        reply.reason = self.reason(reply.status);
        reply.with("Date", Moment::now().http())
    }

    /// Its own reason phrase; empty for the usual one.
    fn reason(self, status: u16) -> String {
        match self {
            Self::Nginx | Self::Alb | Self::Kong if status != 494 => {
                nginx::title(status).split_once(' ').map(|(_, words)| words.to_owned()).unwrap_or_default()
            }
            Self::Cloudflare => cloudflare::reason(status).to_owned(),
            _ => String::new(),
        }
    }

    /// What it adds to an answer that it passes on.
    pub(super) fn passed(self, reply: Reply, told: &Told<'_>) -> Reply {
        match self {
            Self::Nginx => nginx::passed(reply),
            Self::Envoy | Self::Istio => envoy::passed(reply, told, self == Self::Istio),
            Self::Kong => kong::passed(reply, told),
            Self::ApiGateway => aws::gateway_passed(reply, told),
            Self::Cloudflare => cloudflare::passed(reply, told),
            Self::Spring => spring::passed(reply),
            Self::Alb | Self::Haproxy | Self::Apache => without(reply, &["connection"]),
        }
    }

    /// What it adds to an answer that it had kept.
    pub(super) fn cached(self, reply: Reply, age: Duration, left: Duration) -> Reply {
        let seconds = age.as_secs().to_string();
        match self {
            Self::Nginx => reply.with("X-Cache-Status", "HIT"),
            Self::Cloudflare => reply.with("CF-Cache-Status", "HIT").with("Age", seconds),
            _ => {
                let status = format!("{}; hit; ttl={}", self.name(), left.as_secs());
                reply.with("Age", seconds).with("Cache-Status", status)
            }
        }
    }

    /// A redirect.
    pub(super) fn moved(self, status: u16, to: String) -> Reply {
        let (title, server) = (nginx::title(status), self.server());
        let reply = match self {
            Self::Nginx => Reply::new(status, "text/html", nginx::html(&title, &title, None)),
            Self::Alb => Reply::new(status, "text/html", aws::html(&title)),
            _ => Reply::empty(status),
        };
        let reply = reply.with("Location", to).with("Date", Moment::now().http());
        if server.is_empty() { reply } else { reply.with("Server", server) }
    }

    fn server(self) -> &'static str {
        match self {
            Self::Nginx => nginx::SERVER,
            Self::Envoy => "envoy",
            Self::Istio => "istio-envoy",
            Self::Kong => kong::SERVER,
            Self::Alb => "awselb/2.0",
            Self::Cloudflare => "cloudflare",
            Self::Apache => apache::SERVER,
            Self::ApiGateway | Self::Haproxy | Self::Spring => "",
        }
    }

    /// The value of `Proxy-Status` (RFC 9209).
    pub(super) fn proxy_status(self, name: &str, error: &str, trouble: &Trouble) -> String {
        match self {
            Self::Envoy | Self::Istio => {
                let (flag, details) = envoy::flag(trouble);
                format!("{name}; error={error}; details=\"{details}; {flag}\"")
            }
            _ => format!("{name}; error={error}"),
        }
    }

    /// What it logs.
    pub(super) fn lines(self, told: &Told<'_>) -> Vec<String> {
        match self {
            Self::Nginx => nginx::lines(told, "nginx"),
            Self::Kong => nginx::lines(told, "kong"),
            Self::Envoy => vec![envoy::line(told, false)],
            Self::Istio => vec![envoy::line(told, true)],
            Self::Alb => vec![aws::alb_line(told)],
            Self::ApiGateway => vec![aws::gateway_line(told)],
            Self::Haproxy => vec![haproxy::line(told)],
            Self::Cloudflare => vec![cloudflare::line(told)],
            Self::Apache => apache::lines(told),
            Self::Spring => spring::lines(told),
        }
    }
}

/// A reply without these fields, of whatever case.
fn without(mut reply: Reply, names: &[&str]) -> Reply {
    reply.headers.retain(|(name, _)| !names.iter().any(|gone| gone.eq_ignore_ascii_case(name)));
    reply
}

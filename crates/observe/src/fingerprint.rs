//! Which gateway and which backend program took part, by the marks that they leave in headers and
//! cookies; and whether the upstream is proven to have answered.
//!
//! It refuses to know vendors of APIs (packs do) and what the presence of a gateway means.

use crate::sink::Sink;
use firstfault_model::{Headers, Span};

/// Adds a gateway, once.
pub(crate) fn gateway(out: &mut Sink, name: &'static str, span: Span) {
    out.fact("gateway", name, span);
}

/// Adds a backend program, once.
pub(crate) fn backend(out: &mut Sink, name: &'static str, span: Span) {
    out.fact("backend", name, span);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Gateway,
    Backend,
}
use Side::{Backend, Gateway};

/// What stands in `Server` (at its start, lower case) or in `Via`.
const SERVERS: &[(&str, Side, &str)] = &[
    ("nginx", Gateway, "nginx"),
    ("openresty", Gateway, "openresty"),
    ("tengine", Gateway, "tengine"),
    ("cloudflare", Gateway, "cloudflare"),
    ("cloudfront", Gateway, "cloudfront"),
    ("awselb", Gateway, "alb"),
    ("envoy", Gateway, "envoy"),
    ("istio-envoy", Gateway, "istio"),
    ("kong", Gateway, "kong"),
    ("apisix", Gateway, "apisix"),
    ("haproxy", Gateway, "haproxy"),
    ("varnish", Gateway, "varnish"),
    ("akamaighost", Gateway, "akamai"),
    ("akamainetstorage", Gateway, "akamai"),
    ("squid", Gateway, "squid"),
    ("caddy", Gateway, "caddy"),
    ("traefik", Gateway, "traefik"),
    ("google frontend", Gateway, "google-frontend"),
    ("gfe", Gateway, "google-frontend"),
    ("gse", Gateway, "google-frontend"),
    ("esf", Gateway, "google-frontend"),
    ("scaffolding on httpserver2", Gateway, "google-frontend"),
    ("bigip", Gateway, "f5"),
    ("big-ip", Gateway, "f5"),
    ("microsoft-azure-application-gateway", Gateway, "azure-application-gateway"),
    ("sucuri", Gateway, "sucuri"),
    ("bunnycdn", Gateway, "bunny"),
    ("ecs ", Gateway, "edgecast"),
    ("ecacc", Gateway, "edgecast"),
    ("vercel", Gateway, "vercel"),
    ("netlify", Gateway, "netlify"),
    ("fly/", Gateway, "fly"),
    ("railway", Gateway, "railway"),
    ("render", Gateway, "render"),
    ("litespeed", Gateway, "litespeed"),
    ("apigee", Gateway, "apigee"),
    ("wso2", Gateway, "wso2"),
    ("vegur", Gateway, "heroku-router"),
    ("heroku", Gateway, "heroku-router"),
    ("github.com", Backend, "github"),
    ("amazons3", Backend, "s3"),
    ("apache-coyote", Backend, "tomcat"),
    ("apache tomcat", Backend, "tomcat"),
    ("apache", Gateway, "apache"),
    ("kestrel", Backend, "kestrel"),
    ("microsoft-iis", Gateway, "iis"),
    ("microsoft-httpapi", Gateway, "http.sys"),
    ("gunicorn", Backend, "gunicorn"),
    ("uvicorn", Backend, "uvicorn"),
    ("hypercorn", Backend, "hypercorn"),
    ("daphne", Backend, "daphne"),
    ("werkzeug", Backend, "werkzeug"),
    ("waitress", Backend, "waitress"),
    ("wsgiserver", Backend, "python"),
    ("basehttp", Backend, "python"),
    ("simplehttp", Backend, "python"),
    ("tornadoserver", Backend, "tornado"),
    ("aiohttp", Backend, "aiohttp"),
    ("python/", Backend, "python"),
    ("jetty", Backend, "jetty"),
    ("undertow", Backend, "undertow"),
    ("wildfly", Backend, "wildfly"),
    ("weblogic", Backend, "weblogic"),
    ("puma", Backend, "puma"),
    ("webrick", Backend, "webrick"),
    ("thin", Backend, "thin"),
    ("phusion passenger", Backend, "passenger"),
    ("cowboy", Backend, "cowboy"),
    ("hyper", Backend, "hyper"),
    ("php", Backend, "php"),
    ("express", Backend, "express"),
    ("restify", Backend, "restify"),
    ("ktor", Backend, "ktor"),
    ("elasticsearch", Backend, "elasticsearch"),
    ("minio", Backend, "minio"),
    ("ceph", Backend, "ceph"),
    ("windows-azure-blob", Backend, "azure-storage"),
    ("windows-azure-table", Backend, "azure-storage"),
    ("windows-azure-queue", Backend, "azure-storage"),
    ("tsa_o", Backend, "twitter"),
];

/// Header names (or beginnings, where they end in `*`) that one program sets.
const FAMILIES: &[(&str, Side, &str)] = &[
    ("cf-ray", Gateway, "cloudflare"),
    ("cf-cache-status", Gateway, "cloudflare"),
    ("cf-mitigated", Gateway, "cloudflare"),
    ("x-amz-cf-*", Gateway, "cloudfront"),
    ("x-amz-apigw-id", Gateway, "aws-api-gateway"),
    ("apigw-requestid", Gateway, "aws-api-gateway"),
    ("x-amzn-waf-*", Gateway, "aws-waf"),
    ("x-envoy-*", Gateway, "envoy"),
    ("x-kong-*", Gateway, "kong"),
    ("l5d-*", Gateway, "linkerd"),
    ("x-azure-ref*", Gateway, "azure-front-door"),
    ("x-fd-*", Gateway, "azure-front-door"),
    ("x-msedge-ref", Gateway, "azure-front-door"),
    ("x-akamai-*", Gateway, "akamai"),
    ("akamai-*", Gateway, "akamai"),
    ("x-varnish*", Gateway, "varnish"),
    ("x-fastly-*", Gateway, "fastly"),
    ("fastly-*", Gateway, "fastly"),
    ("x-vercel-*", Gateway, "vercel"),
    ("fly-request-id", Gateway, "fly"),
    ("x-render-*", Gateway, "render"),
    ("rndr-id", Gateway, "render"),
    ("x-railway-*", Gateway, "railway"),
    ("x-nf-request-id", Gateway, "netlify"),
    ("x-sucuri-*", Gateway, "sucuri"),
    ("x-iinfo", Gateway, "imperva"),
    ("x-tyk-*", Gateway, "tyk"),
    ("x-apigee-*", Gateway, "apigee"),
    ("x-wso2-*", Gateway, "wso2"),
    ("x-gravitee-*", Gateway, "gravitee"),
    ("x-apisix-*", Gateway, "apisix"),
    ("x-squid-*", Gateway, "squid"),
    ("x-zuul*", Gateway, "zuul"),
    ("x-cdn-*", Gateway, "cdn"),
    ("ocp-apim-*", Gateway, "azure-api-management"),
    ("x-ms-apim-*", Gateway, "azure-api-management"),
    ("x-istio-*", Gateway, "istio"),
    ("x-aspnet-version", Backend, "asp.net"),
    ("x-aspnetmvc-version", Backend, "asp.net"),
    ("x-runtime", Backend, "rails"),
    ("x-rack-*", Backend, "rails"),
    ("x-drupal-*", Backend, "drupal"),
    ("x-debug-token*", Backend, "symfony"),
    ("x-application-context", Backend, "spring"),
    ("x-django-*", Backend, "django"),
    ("x-wp-*", Backend, "wordpress"),
    ("x-magento-*", Backend, "magento"),
    ("x-nextjs-*", Backend, "next.js"),
];

/// What stands in `X-Powered-By` or `X-Generator`, lower case.
const POWERED: &[(&str, &str)] = &[
    ("express", "express"),
    ("php", "php"),
    ("asp.net", "asp.net"),
    ("next.js", "next.js"),
    ("nuxt", "nuxt"),
    ("phusion passenger", "passenger"),
    ("servlet", "servlet"),
    ("jboss", "jboss"),
    ("undertow", "undertow"),
    ("drupal", "drupal"),
    ("wordpress", "wordpress"),
    ("kestrel", "kestrel"),
    ("sails", "sails"),
    ("strapi", "strapi"),
    ("plesk", "plesk"),
    ("wp engine", "wordpress"),
];

/// Beginnings of cookie names, lower case.
const COOKIES: &[(&str, Side, &str)] = &[
    ("phpsessid", Backend, "php"),
    ("jsessionid", Backend, "java"),
    ("asp.net_sessionid", Backend, "asp.net"),
    (".aspnetcore", Backend, "asp.net"),
    ("laravel_session", Backend, "laravel"),
    ("connect.sid", Backend, "express"),
    ("csrftoken", Backend, "django"),
    ("ci_session", Backend, "codeigniter"),
    ("cfid", Backend, "coldfusion"),
    ("play_session", Backend, "play"),
    ("wordpress_", Backend, "wordpress"),
    ("__cf", Gateway, "cloudflare"),
    ("cf_clearance", Gateway, "cloudflare"),
    ("awsalb", Gateway, "alb"),
    ("awselb", Gateway, "elb"),
    ("bigipserver", Gateway, "f5"),
    ("arraffinity", Gateway, "azure-app-service"),
    ("incap_ses", Gateway, "imperva"),
    ("visid_incap", Gateway, "imperva"),
    ("ak_bmsc", Gateway, "akamai"),
    ("_abck", Gateway, "akamai"),
    ("gclb", Gateway, "google-load-balancer"),
];

/// Headers that exist only when the upstream answered the gateway.
const ANSWERED: &[&str] = &[
    "x-envoy-upstream-service-time",
    "x-kong-upstream-latency",
    "x-kong-upstream-status",
    "x-upstream-status",
    "x-runtime",
    "x-aspnet-version",
    "x-amzn-remapped-date",
    "x-amzn-remapped-content-length",
    "x-goog-generation",
];

/// Reads the marks of a response head.
pub(crate) fn read(out: &mut Sink, headers: &Headers) {
    for header in &headers.0 {
        let name = Lower::of(&header.name);
        let name = name.as_str();
        let span = header.span;
        match name {
            "server" => {
                if let Some((side, program)) = server(&header.value) {
                    add(out, side, program, span);
                }
            }
            "via" => {
                for hop in header.value.split(',').take(8) {
                    // `1.1 varnish (Varnish/6.0)`, `1.1 google`, `1.1 abc.cloudfront.net (CloudFront)`
                    let hop = hop.to_ascii_lowercase();
                    let by = hop.trim().split_once(' ').map_or("", |(_, by)| by);
                    if by == "google" {
                        gateway(out, "google-load-balancer", span);
                    } else if by.contains("cloudfront") {
                        gateway(out, "cloudfront", span);
                    } else {
                        for word in by.split([' ', '(', ')']).filter(|w| !w.is_empty()).take(4) {
                            if let Some((Gateway, program)) = server(word) {
                                gateway(out, program, span);
                            }
                        }
                    }
                }
            }
            "x-powered-by" | "x-generator" => {
                let value = header.value.to_ascii_lowercase();
                if let Some((_, program)) = POWERED.iter().find(|(mark, _)| value.contains(mark)) {
                    backend(out, program, span);
                }
            }
            "x-served-by" | "x-timer" if header.value.starts_with("cache-") || name == "x-timer" => {
                gateway(out, "fastly", span)
            }
            "x-cache" => {
                let value = header.value.to_ascii_lowercase();
                if value.contains("cloudfront") {
                    gateway(out, "cloudfront", span);
                } else if value.starts_with("tcp_") {
                    gateway(out, "akamai", span);
                }
            }
            "set-cookie" => {
                let cookie = Lower::of(header.value.split('=').next().unwrap_or_default());
                if let Some((_, side, program)) = COOKIES.iter().find(|(mark, _, _)| cookie.as_str().starts_with(mark))
                {
                    add(out, *side, program, span);
                }
            }
            _ => {}
        }
        if name.len() > 4 {
            let family = FAMILIES.iter().find(|(mark, _, _)| match mark.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == *mark,
            });
            if let Some((_, side, program)) = family {
                add(out, *side, program, span);
            }
            if ANSWERED.contains(&name) {
                out.fact("upstream.answered", name, span);
            }
        }
    }
}

fn add(out: &mut Sink, side: Side, program: &'static str, span: Span) {
    match side {
        Gateway => gateway(out, program, span),
        Backend => backend(out, program, span),
    }
}

fn server(value: &str) -> Option<(Side, &'static str)> {
    let lower = Lower::of(value.trim());
    SERVERS.iter().find(|(mark, _, _)| lower.as_str().starts_with(mark)).map(|(_, side, name)| (*side, *name))
}

/// The first bytes of a name in lower case, without an allocation.
pub(crate) struct Lower {
    bytes: [u8; 64],
    length: usize,
}

impl Lower {
    pub(crate) fn of(text: &str) -> Self {
        let mut bytes = [0; 64];
        let mut length = 0;
        for (slot, byte) in bytes.iter_mut().zip(text.bytes().take_while(u8::is_ascii)) {
            *slot = byte.to_ascii_lowercase();
            length += 1;
        }
        Self { bytes, length }
    }

    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_name_programs() {
        for (name, value, key, program) in [
            ("Server", "nginx/1.25.3", "gateway", "nginx"),
            ("Server", "Apache-Coyote/1.1", "backend", "tomcat"),
            ("Server", "awselb/2.0", "gateway", "alb"),
            ("Via", "1.1 0c1.cloudfront.net (CloudFront)", "gateway", "cloudfront"),
            ("Via", "1.1 google", "gateway", "google-load-balancer"),
            ("via", "2.0 varnish-v4, 1.1 vegur", "gateway", "varnish"),
            ("X-Powered-By", "PHP/8.2.1", "backend", "php"),
            ("x-kong-proxy-latency", "3", "gateway", "kong"),
            ("CF-RAY", "7d-AMS", "gateway", "cloudflare"),
            ("Set-Cookie", "JSESSIONID=abc; Path=/", "backend", "java"),
            ("x-envoy-upstream-service-time", "12", "upstream.answered", "x-envoy-upstream-service-time"),
            ("X-Served-By", "cache-ams2100-AMS", "gateway", "fastly"),
        ] {
            let mut headers = Headers::default();
            headers.push(name, value, Span::default());
            let mut out = Sink::default();
            read(&mut out, &headers);
            assert_eq!(out.value(key), Some(program), "{name}: {value}");
        }
    }
}

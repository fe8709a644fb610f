//! How long the call took, and the documented time limits that are that long.
//!
//! A call that ends after 30.0 s ended because somebody's clock ran out. Whose, the evidence must say; this table only says
//! whose default it would be. It refuses to conclude anything.

use crate::case::Case;
use crate::documents::{Limit, Phase, Timing};
use firstfault_model::rfc3339;

/// One limit.
type Row = (u32, &'static str, &'static [&'static str], &'static str);

/// Seconds, whose default, by which words of facts `gateway`, `backend`, `runtime`, `library` it is seen, source.
///
/// Left out, since their documentation names no default that holds everywhere: HAProxy (none until one is set), Traefik's wait for
/// an answer (none), Azure Application Gateway, IIS with ARR, Netlify's and Vercel's plans.
const LIMITS: &[Row] = &[
    (
        3,
        "AWS Lambda function timeout",
        &["lambda", "aws-lambda"],
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
    ),
    (
        15,
        "Envoy route timeout",
        &["envoy", "istio"],
        "https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts",
    ),
    (
        15,
        "Fastly first byte timeout",
        &["fastly"],
        "https://www.fastly.com/documentation/reference/vcl/variables/backend-connection/bereq-first-byte-timeout/",
    ),
    (
        29,
        "Amazon API Gateway REST integration timeout",
        &["apigw", "aws-api-gateway"],
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html",
    ),
    (
        30,
        "Amazon API Gateway HTTP integration timeout",
        &["apigw", "aws-api-gateway"],
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
    ),
    (
        30,
        "Amazon CloudFront origin response timeout",
        &["cloudfront"],
        "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html",
    ),
    (
        30,
        "Azure Front Door origin response timeout",
        &["azure-front-door"],
        "https://learn.microsoft.com/azure/frontdoor/troubleshoot-issues",
    ),
    (30, "Heroku router (H12)", &["heroku", "heroku-router"], "https://devcenter.heroku.com/articles/request-timeout"),
    (
        30,
        "Google Cloud backend service timeout",
        &["google-frontend", "google-load-balancer"],
        "https://cloud.google.com/load-balancing/docs/backend-service#timeout-setting",
    ),
    (30, "Gunicorn worker timeout", &["gunicorn"], "https://docs.gunicorn.org/en/stable/settings.html#timeout"),
    (
        30,
        "Traefik connection to a backend (dialTimeout)",
        &["traefik"],
        "https://doc.traefik.io/traefik/v2.11/routing/overview/#forwardingtimeoutsdialtimeout",
    ),
    (
        30,
        "HikariCP wait for a connection",
        &["hikari"],
        "https://github.com/brettwooldridge/HikariCP#gear-configuration-knobs-baby",
    ),
    (
        40,
        "Netlify edge function response header timeout",
        &["netlify"],
        "https://docs.netlify.com/edge-functions/limits/",
    ),
    (
        60,
        "nginx proxy_read_timeout",
        &["nginx", "openresty", "tengine", "ingress-nginx"],
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_read_timeout",
    ),
    (
        60,
        "AWS Application Load Balancer idle timeout",
        &["alb", "aws-elb", "aws-alb"],
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html",
    ),
    (60, "Apache httpd Timeout", &["apache"], "https://httpd.apache.org/docs/2.4/mod/core.html#timeout"),
    (60, "Kong upstream read_timeout", &["kong"], "https://developer.konghq.com/gateway/entities/service/"),
    (
        60,
        "Varnish first_byte_timeout",
        &["varnish"],
        "https://varnish-cache.org/docs/trunk/reference/varnishd.html#first-byte-timeout",
    ),
    (
        100,
        ".NET HttpClient.Timeout",
        &["dotnet", "httpclient"],
        "https://learn.microsoft.com/dotnet/api/system.net.http.httpclient.timeout",
    ),
    (
        100,
        "Cloudflare proxy read timeout as it was for long (524)",
        &["cloudflare"],
        "https://developers.cloudflare.com/fundamentals/reference/connection-limits/",
    ),
    (
        120,
        "Cloudflare proxy read timeout (524)",
        &["cloudflare"],
        "https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/error-524/",
    ),
    (
        240,
        "Azure Load Balancer idle timeout",
        &["azure-lb"],
        "https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout",
    ),
    (300, "curl connection timeout", &["curl"], "https://curl.se/docs/manpage.html#--connect-timeout"),
    (300, "Vercel function duration", &["vercel"], "https://vercel.com/docs/functions/configuring-functions/duration"),
    (
        350,
        "AWS Network Load Balancer idle timeout",
        &["nlb"],
        "https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html#connection-idle-timeout",
    ),
];

/// What was measured, and which limits it resembles: those that the evidence shows to have taken part come first.
#[must_use]
pub fn of(case: &Case<'_>) -> Timing {
    let call = case.call;
    let timings = &call.timings;
    let phases = [
        ("dns", timings.dns),
        ("connect", timings.connect),
        ("tls", timings.tls),
        ("send", timings.send),
        ("wait", timings.wait),
        ("receive", timings.receive),
        ("total", timings.total),
    ];
    let phases: Vec<Phase> = phases
        .into_iter()
        .filter_map(|(name, ms)| Some(Phase { name: name.to_owned(), ms: ms.filter(|ms| ms.is_finite())? }))
        .collect();
    let duration_ms = case
        .value("duration.ms")
        .and_then(|ms| ms.parse().ok())
        .or(timings.total)
        .filter(|ms: &f64| ms.is_finite() && *ms >= 0.0);
    let mut limits: Vec<Limit> = Vec::new();
    let limit = |(seconds, whose, marks, source): &Row| Limit {
        seconds: *seconds,
        whose: (*whose).to_owned(),
        seen: seen(case, marks),
        source: (*source).to_owned(),
    };
    if case.diagnosis.failed {
        let measured = phases.iter().map(|p| p.ms).chain(duration_ms);
        let measured: Vec<f64> = measured.filter(|ms| *ms >= 2_990.0).collect();
        let limits_met = LIMITS.iter().filter(|(seconds, ..)| measured.iter().any(|ms| resembles(*ms, *seconds)));
        limits.extend(limits_met.map(limit));
        if measured.is_empty() && case.diagnosis.cause.ends_with("timeout") {
            // Somebody's clock ran out, and how long that took is not seen: the limits of those that took part.
            limits.extend(LIMITS.iter().filter(|(_, _, marks, _)| seen(case, marks)).map(limit));
        }
        limits.sort_by_key(|limit| (!limit.seen, limit.seconds));
    }
    Timing {
        started: call.started.map(rfc3339).filter(|t| !t.is_empty()),
        attempt: call.attempt,
        duration_ms,
        phases,
        limits,
    }
}

/// Clocks round: 29.998 s is the limit of 30 s too.
fn resembles(ms: f64, seconds: u32) -> bool {
    let limit = f64::from(seconds) * 1000.0;
    ms >= limit - 10.0 && ms <= limit + (limit * 0.025).max(250.0)
}

fn seen(case: &Case<'_>, marks: &[&str]) -> bool {
    ["gateway", "backend", "runtime", "library", "dialect"]
        .iter()
        .flat_map(|key| case.observations.every(key))
        .any(|fact| marks.iter().any(|mark| fact.value.eq_ignore_ascii_case(mark)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_met_within_a_clock_s_error_and_have_a_source() {
        assert!(
            resembles(29_995.0, 30) && resembles(30_600.0, 30) && !resembles(31_000.0, 30) && !resembles(28_000.0, 30)
        );
        for (seconds, whose, marks, source) in LIMITS {
            assert!(*seconds > 0 && !marks.is_empty() && source.starts_with("https://"), "{whose}");
        }
    }
}

//! Spring Cloud Gateway on WebFlux: Spring Boot's error attributes as JSON, Resilience4j behind it, Logback's lines.

use super::without;
use crate::Reply;
use crate::systems::gateway::trouble::{Told, Trouble};
use crate::systems::moment::Moment;
use serde_json::json;

/// Status, reason phrase, and the exception that the log shows (empty where there is none).
fn told(trouble: &Trouble, told: &Told<'_>) -> (u16, &'static str, String) {
    let upstream = told.upstream_or("-");
    let refused = "io.netty.channel.AbstractChannel$AnnotatedConnectException: Connection refused";
    match trouble {
        Trouble::NoRoute => (404, "Not Found", String::new()),
        Trouble::Method(_) => (405, "Method Not Allowed", String::new()),
        Trouble::UriTooLong => (414, "URI Too Long", String::new()),
        Trouble::HeadTooLarge => (431, "Request Header Fields Too Large", String::new()),
        Trouble::BodyTooLarge => (413, "Payload Too Large", String::new()),
        Trouble::Waf(_) | Trouble::Origin => (403, "Forbidden", String::new()),
        Trouble::Quota(_) | Trouble::Concurrency { .. } => (429, "Too Many Requests", String::new()),
        Trouble::Maintenance => (503, "Service Unavailable", String::new()),
        Trouble::NoHealthyBackend => (
            503,
            "Service Unavailable",
            "org.springframework.cloud.gateway.support.NotFoundException: 503 SERVICE_UNAVAILABLE \"Unable to find instance for orders\"".to_owned(),
        ),
        Trouble::CircuitOpen => (
            503,
            "Service Unavailable",
            format!(
                "io.github.resilience4j.circuitbreaker.CallNotPermittedException: CircuitBreaker 'orders' is OPEN and does not permit further calls\n\tat io.github.resilience4j.circuitbreaker.CallNotPermittedException.createCallNotPermittedException(CallNotPermittedException.java:48)\n\tSuppressed: reactor.core.publisher.FluxOnAssembly$OnAssemblyException: \nError has been observed at the following site(s):\n\t*__checkpoint ⇢ org.springframework.cloud.gateway.filter.WeightCalculatorWebFilter [DefaultWebFilterChain]\n\t*__checkpoint ⇢ HTTP {} \"{}\" [ExceptionHandlingWebHandler]",
                told.asked.method, told.asked.path
            ),
        ),
        Trouble::Refused => (500, "Internal Server Error", format!("{refused}: /{upstream}")),
        Trouble::ConnectTimeout => (
            504,
            "Gateway Timeout",
            format!("io.netty.channel.ConnectTimeoutException: connection timed out after 5000 ms: /{upstream}"),
        ),
        Trouble::Tls(_) => (
            500,
            "Internal Server Error",
            "javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target".to_owned(),
        ),
        Trouble::Dns(name) => (
            500,
            "Internal Server Error",
            format!("java.net.UnknownHostException: Failed to resolve '{name}' [A(1), AAAA(28)]"),
        ),
        Trouble::Reset => (
            500,
            "Internal Server Error",
            "io.netty.channel.unix.Errors$NativeIoException: recvAddress(..) failed: Connection reset by peer".to_owned(),
        ),
        Trouble::Closed => (
            500,
            "Internal Server Error",
            "reactor.netty.http.client.PrematureCloseException: Connection prematurely closed BEFORE response".to_owned(),
        ),
        Trouble::Malformed => (
            500,
            "Internal Server Error",
            "java.lang.IllegalArgumentException: invalid version format: 220".to_owned(),
        ),
        Trouble::Timeout => (
            504,
            "Gateway Timeout",
            format!(
                "org.springframework.cloud.gateway.support.TimeoutException: Response took longer than timeout: PT{}S",
                told_seconds(told.elapsed)
            ),
        ),
    }
}

/// Milliseconds as `java.time.Duration` prints seconds, to a tenth.
fn told_seconds(milliseconds: i64) -> String {
    let (seconds, tenths) = (milliseconds / 1000, milliseconds / 100 % 10);
    if tenths == 0 { seconds.to_string() } else { format!("{seconds}.{tenths}") }
}

/// What stands for a request in its messages.
fn short(id: &str) -> String {
    format!("{}-7", id.chars().filter(char::is_ascii_alphanumeric).take(8).collect::<String>())
}

pub(super) fn page(trouble: &Trouble, call: &Told<'_>) -> Reply {
    let (status, error, _) = told(trouble, call);
    match trouble {
        // The rate limiter and the CORS check end the exchange without a body.
        Trouble::Quota(_) => Reply::empty(status)
            .with("X-RateLimit-Remaining", "0")
            .with("X-RateLimit-Requested-Tokens", "1")
            .with("X-RateLimit-Burst-Capacity", "20")
            .with("X-RateLimit-Replenish-Rate", "10"),
        Trouble::Origin => Reply::empty(status)
            .with("Vary", "Origin")
            .with("Vary", "Access-Control-Request-Method")
            .with("Vary", "Access-Control-Request-Headers"),
        _ => {
            let timestamp = Moment::now().iso().replace('Z', "+00:00");
            let body = json!({"timestamp": timestamp, "path": call.asked.path, "status": status, "error": error,
                              "requestId": short(call.id)});
            let reply = Reply::json(status, &body);
            if let Trouble::Method(allow) = trouble { reply.with("Allow", allow.clone()) } else { reply }
        }
    }
}

pub(super) fn passed(reply: Reply) -> Reply {
    without(reply, &["connection"])
}

pub(super) fn lines(call: &Told<'_>) -> Vec<String> {
    let begun = call.begun.iso();
    let start = |level: &str, logger: &str| format!("{begun} {level} 1 --- [gateway] [or-http-epoll-2] {logger} :");
    let mut lines = Vec::new();
    if let Some((status, error, exception)) =
        call.trouble.map(|trouble| told(trouble, call)).filter(|(.., e)| !e.is_empty())
    {
        let error = if status == 500 { "Server Error" } else { error };
        let from = start("ERROR", "a.w.r.e.AbstractErrorWebExceptionHandler");
        let (method, path) = (&call.asked.method, &call.asked.path);
        lines
            .push(format!("{from} [{}]  {status} {error} for HTTP {method} \"{path}\"\n\n{exception}", short(call.id)));
    }
    lines.push(format!(
        "{} {} - - [{}] \"{}\" {} {} {} requestId={}",
        start(" INFO", "reactor.netty.http.server.AccessLog"),
        call.client(),
        call.begun.common(),
        call.line(),
        call.status,
        call.bytes,
        call.elapsed,
        call.id,
    ));
    lines
}

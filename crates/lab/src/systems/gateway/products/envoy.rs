//! Envoy, on its own and under Istio: local replies, `x-envoy-*` fields, access logs with flags and details.

use super::without;
use crate::Reply;
use crate::systems::gateway::trouble::{Told, Trouble};

/// Flag and details of a response (Envoy's "Access logging" and "Response Code Details").
pub(super) fn flag(trouble: &Trouble) -> (&'static str, &'static str) {
    match trouble {
        Trouble::NoRoute => ("NR", "route_not_found"),
        Trouble::Method(_) | Trouble::Maintenance => ("-", "direct_response"),
        Trouble::UriTooLong | Trouble::HeadTooLarge => ("DPE", "http1.headers_too_large"),
        Trouble::BodyTooLarge => ("-", "request_payload_too_large"),
        Trouble::Waf(_) | Trouble::Origin => ("-", "rbac_access_denied_matched_policy[none]"),
        Trouble::Quota(_) => ("RL", "local_rate_limited"),
        Trouble::Concurrency { .. } => ("UO", "upstream_reset_before_response_started{overflow}"),
        // Outlier detection takes every host out: then none is healthy.
        Trouble::NoHealthyBackend | Trouble::CircuitOpen => ("UH", "no_healthy_upstream"),
        Trouble::Refused => (
            "UF",
            "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}",
        ),
        Trouble::ConnectTimeout => ("UF", "upstream_reset_before_response_started{connection_timeout}"),
        Trouble::Tls(_) => (
            "UF",
            "upstream_reset_before_response_started{remote_connection_failure|TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end}",
        ),
        Trouble::Dns(_) => ("DF", "dns_resolution_failure{cares_norecords:Domain_name_not_found}"),
        Trouble::Reset | Trouble::Closed => ("UC", "upstream_reset_before_response_started{connection_termination}"),
        Trouble::Malformed => ("UPE", "upstream_reset_before_response_started{protocol_error}"),
        Trouble::Timeout => ("UT", "response_timeout"),
    }
}

pub(super) fn page(trouble: &Trouble, istio: bool) -> Reply {
    let broken =
        |reason: &str| format!("upstream connect error or disconnect/reset before headers. reset reason: {reason}");
    let (status, words) = match trouble {
        Trouble::NoRoute => (404, String::new()),
        Trouble::Method(_) => (405, String::new()),
        Trouble::Maintenance => (503, "maintenance in progress\n".to_owned()),
        Trouble::UriTooLong | Trouble::HeadTooLarge => (431, "Request Header Fields Too Large".to_owned()),
        Trouble::BodyTooLarge => (413, "Payload Too Large".to_owned()),
        Trouble::Waf(_) | Trouble::Origin => (403, "RBAC: access denied".to_owned()),
        Trouble::Quota(_) => (429, "local_rate_limited".to_owned()),
        Trouble::Concurrency { .. } => (503, broken("overflow")),
        Trouble::NoHealthyBackend | Trouble::CircuitOpen => (503, "no healthy upstream".to_owned()),
        Trouble::Refused => (
            503,
            broken("remote connection failure, transport failure reason: delayed connect error: Connection refused"),
        ),
        Trouble::ConnectTimeout => (503, broken("connection timeout")),
        Trouble::Tls(_) => (
            503,
            broken(
                "remote connection failure, transport failure reason: TLS_error:|268435581:SSL routines:OPENSSL_internal:\
                 CERTIFICATE_VERIFY_FAILED:TLS_error_end",
            ),
        ),
        Trouble::Dns(_) => (503, "DNS resolution failure".to_owned()),
        Trouble::Reset | Trouble::Closed => (503, broken("connection termination")),
        Trouble::Malformed => (502, broken("protocol error")),
        Trouble::Timeout => (504, "upstream request timeout".to_owned()),
    };
    let reply = if words.is_empty() { Reply::empty(status) } else { Reply::new(status, "text/plain", words) };
    let reply = match trouble {
        Trouble::Concurrency { .. } => reply.with("x-envoy-overloaded", "true"),
        Trouble::Method(allow) => reply.with("allow", allow.clone()),
        _ => reply,
    };
    reply.with("server", if istio { "istio-envoy" } else { "envoy" })
}

pub(super) fn passed(reply: Reply, told: &Told<'_>, istio: bool) -> Reply {
    let reply = without(reply, &["server", "connection"])
        .with("x-envoy-upstream-service-time", told.elapsed.to_string())
        .with("server", if istio { "istio-envoy" } else { "envoy" });
    if told.attempts > 1 { reply.with("x-envoy-attempt-count", told.attempts.to_string()) } else { reply }
}

/// The default format; Istio's has more.
pub(super) fn line(told: &Told<'_>, istio: bool) -> String {
    let (mut flags, details) = told.trouble.map_or(("-", "via_upstream"), flag);
    if told.attempts > 1 && told.trouble.is_some_and(Trouble::passing) {
        flags = if flags == "UF" { "UF,URX" } else { "UC,URX" };
    }
    let served = if told.upstream_status.is_some() { told.elapsed.to_string() } else { "-".to_owned() };
    let start = format!("[{}] \"{}\" {} {flags}", told.begun.iso(), told.line(), told.status);
    let (received, sent, duration) = (told.asked.body.len(), told.bytes, told.elapsed);
    let upstream = told.upstream_or("-");
    let rest = format!("\"{}\" \"{}\" \"{}\" \"{upstream}\"", told.agent(), told.id, told.host());
    if !istio {
        return format!("{start} {received} {sent} {duration} {served} \"-\" {rest}");
    }
    let failure = match told.trouble {
        Some(Trouble::Refused) => "delayed_connect_error:_Connection_refused",
        Some(Trouble::Tls(_)) => {
            "TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end"
        }
        _ => "-",
    };
    let cluster = match told.trouble {
        Some(Trouble::NoRoute) => "-",
        _ => "outbound|8080||orders.prod.svc.cluster.local",
    };
    format!(
        "{start} {details} - \"{failure}\" {received} {sent} {duration} {served} \"-\" {rest} {cluster} - {} {} - default",
        told.place,
        told.client_with_port(),
    )
}

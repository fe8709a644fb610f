//! AWS: the Application Load Balancer's bare pages and access log, API Gateway's JSON with error types.

use super::nginx;
use crate::Reply;
use crate::systems::gateway::trouble::{Told, Trouble};
use serde_json::json;

/// nginx's page without its footer.
pub(super) fn html(title: &str) -> String {
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
}

pub(super) fn alb_page(trouble: &Trouble) -> Reply {
    let status = match trouble {
        // A rule with a fixed response.
        Trouble::NoRoute => {
            return Reply::new(404, "text/plain; charset=utf-8", "Not Found").with("Server", "awselb/2.0");
        }
        Trouble::Maintenance => {
            return Reply::new(503, "application/json", r#"{"message":"Down for scheduled maintenance"}"#)
                .with("Server", "awselb/2.0");
        }
        Trouble::Method(_) => 405,
        Trouble::UriTooLong => 414,
        Trouble::HeadTooLarge => 400,
        Trouble::BodyTooLarge => 413,
        Trouble::Waf(_) | Trouble::Origin => 403,
        Trouble::Quota(_) | Trouble::Concurrency { .. } => 429,
        Trouble::NoHealthyBackend | Trouble::CircuitOpen => 503,
        Trouble::Timeout | Trouble::ConnectTimeout => 504,
        Trouble::Refused
        | Trouble::Tls(_)
        | Trouble::Dns(_)
        | Trouble::Reset
        | Trouble::Closed
        | Trouble::Malformed => 502,
    };
    Reply::new(status, "text/html", html(&nginx::title(status)))
        .with("Server", "awselb/2.0")
        .with("Connection", "keep-alive")
}

/// "Access logs for your Application Load Balancer", AWS documentation.
pub(super) fn alb_line(told: &Told<'_>) -> String {
    let upstream = told.upstream_or("-");
    let times = match (told.upstream, told.upstream_status) {
        (Some(_), Some(_)) => format!("0.000 {} 0.000", told.seconds()),
        (Some(_), None) if told.trouble == Some(&Trouble::Timeout) => "0.000 -1 -1".to_owned(),
        (Some(_), None) => "0.001 0.002 -1".to_owned(),
        (None, _) => "-1 -1 -1".to_owned(),
    };
    let target = told.upstream_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let (actions, reason) = match told.trouble {
        Some(Trouble::Waf(_)) => ("waf", "-"),
        Some(Trouble::NoRoute | Trouble::Maintenance) => ("fixed-response", "-"),
        _ => ("forward", "-"),
    };
    let group = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/orders/73e2d6bc24d8a067";
    format!(
        "http {} app/api/50dc6c495c0c9188 {} {upstream} {times} {} {target} {} {} \"{} http://{}{} HTTP/1.1\" \"{}\" - - {group} \
         \"{}\" \"-\" \"-\" 0 {} \"{actions}\" \"-\" \"{reason}\" \"{upstream}\" \"{target}\" \"-\" \"-\"",
        told.begun.iso(),
        told.client_with_port(),
        told.status,
        told.asked.head_size() + told.asked.body.len(),
        told.bytes,
        told.asked.method,
        told.host(),
        told.target(),
        told.agent(),
        told.id,
        told.begun.iso(),
    )
}

/// "Gateway response types for API Gateway", AWS documentation: status, error type, message.
fn typed(trouble: &Trouble) -> (u16, &'static str, &'static str) {
    match trouble {
        // Also for a path that exists, with a method that it has not.
        Trouble::NoRoute | Trouble::Method(_) | Trouble::Origin => {
            (403, "MissingAuthenticationTokenException", "Missing Authentication Token")
        }
        Trouble::UriTooLong => (414, "", "Request URI too long"),
        Trouble::HeadTooLarge => (431, "", "Request header fields too large"),
        Trouble::BodyTooLarge => (413, "RequestTooLargeException", "Request Too Long"),
        Trouble::Waf(_) => (403, "ForbiddenException", "Forbidden"),
        Trouble::Quota(spent) if spent.daily() => (429, "LimitExceededException", "Limit Exceeded"),
        Trouble::Quota(_) | Trouble::Concurrency { .. } => (429, "TooManyRequestsException", "Too Many Requests"),
        Trouble::Maintenance | Trouble::NoHealthyBackend | Trouble::CircuitOpen => {
            (503, "ServiceUnavailableException", "Service Unavailable")
        }
        Trouble::Timeout | Trouble::ConnectTimeout => {
            (504, "IntegrationTimeoutException", "Endpoint request timed out")
        }
        Trouble::Refused
        | Trouble::Tls(_)
        | Trouble::Dns(_)
        | Trouble::Reset
        | Trouble::Closed
        | Trouble::Malformed => (500, "InternalServerErrorException", "Internal server error"),
    }
}

pub(super) fn gateway_page(trouble: &Trouble, told: &Told<'_>) -> Reply {
    let (status, kind, message) = typed(trouble);
    let reply = Reply::json(status, &json!({ "message": message })).with("x-amzn-RequestId", told.id);
    let reply = if kind.is_empty() { reply } else { reply.with("x-amzn-ErrorType", kind) };
    reply.with("x-amz-apigw-id", apigw_id(told.id))
}

pub(super) fn gateway_passed(reply: Reply, told: &Told<'_>) -> Reply {
    super::without(reply, &["connection", "x-request-id"])
        .with("x-amzn-RequestId", told.id)
        .with("x-amz-apigw-id", apigw_id(told.id))
        .with(
            "X-Amzn-Trace-Id",
            format!("Root=1-{:08x}-{}", told.begun.seconds(), apigw_id(told.id).to_ascii_lowercase()),
        )
}

/// The extended request id: some characters and `=`.
fn apigw_id(id: &str) -> String {
    let mut short: String = id.chars().filter(char::is_ascii_alphanumeric).take(15).collect();
    short.push('=');
    short
}

/// An access log in JSON, with the fields that the console suggests.
pub(super) fn gateway_line(told: &Told<'_>) -> String {
    let (kind, message) = told.trouble.map_or(("-", "-"), |trouble| {
        let (_, kind, message) = typed(trouble);
        (kind.trim_end_matches("Exception"), message)
    });
    let integration = match told.trouble {
        Some(Trouble::Timeout) => "Execution failed due to a timeout error",
        Some(Trouble::Refused | Trouble::Reset | Trouble::Closed) => "Network error communicating with endpoint",
        Some(Trouble::Tls(_)) => "Execution failed due to configuration error: General SSLEngine problem",
        Some(Trouble::Dns(_)) => "Execution failed due to configuration error: Invalid endpoint address",
        _ => "-",
    };
    let status = told.upstream_status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    json!({
        "requestId": told.id, "ip": told.client(), "requestTime": told.begun.common(), "httpMethod": told.asked.method,
        "resourcePath": told.asked.path, "stage": "prod", "status": told.status, "protocol": "HTTP/1.1",
        "responseLength": told.bytes, "responseLatency": told.elapsed, "integrationStatus": status,
        "integrationErrorMessage": integration, "errorMessage": message, "errorType": kind, "userAgent": told.agent(),
    })
    .to_string()
}

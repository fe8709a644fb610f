//! A content delivery network that speaks as Cloudflare does: 52x in plain text for programs, block pages, `CF-RAY`.

use super::without;
use crate::Reply;
use crate::systems::gateway::trouble::{Rule, Told, Trouble};
use serde_json::json;

/// Status and Cloudflare's own code ("Error 5xx" and "Cloudflare 1xxx errors", Cloudflare documentation).
fn code(trouble: &Trouble) -> (u16, u16) {
    match trouble {
        Trouble::NoRoute => (404, 404),
        Trouble::Method(_) => (405, 405),
        Trouble::UriTooLong => (414, 414),
        Trouble::HeadTooLarge => (431, 431),
        Trouble::BodyTooLarge => (413, 413),
        Trouble::Waf(Rule::UserAgent) => (403, 1010),
        Trouble::Waf(Rule::Pattern) | Trouble::Origin => (403, 0),
        Trouble::Quota(_) | Trouble::Concurrency { .. } => (429, 1015),
        Trouble::Maintenance => (503, 503),
        Trouble::NoHealthyBackend | Trouble::CircuitOpen => (530, 1033),
        Trouble::Dns(_) => (530, 1016),
        Trouble::Refused => (521, 521),
        Trouble::ConnectTimeout => (522, 522),
        Trouble::Tls(_) => (526, 526),
        Trouble::Reset | Trouble::Closed | Trouble::Malformed => (520, 520),
        Trouble::Timeout => (524, 524),
    }
}

/// The reason phrases of its own statuses, over HTTP/1.1.
pub(super) fn reason(status: u16) -> &'static str {
    match status {
        520 => "Origin Error",
        521 => "Origin Down",
        522 => "Origin Connection Time-out",
        524 => "Origin Time-out",
        525 => "Origin SSL Handshake Error",
        526 => "Origin SSL Certificate Error",
        530 => "Origin DNS Error",
        _ => "",
    }
}

pub(super) fn page(trouble: &Trouble, told: &Told<'_>) -> Reply {
    let (status, code) = code(trouble);
    let reply = match trouble {
        Trouble::Waf(Rule::Pattern) | Trouble::Origin => Reply::new(403, "text/html; charset=UTF-8", blocked(told)),
        Trouble::BodyTooLarge => {
            let title = "413 Request Entity Too Large";
            let html = format!(
                "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
                 <hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n"
            );
            Reply::new(413, "text/html", html)
        }
        _ if code >= 500 => Reply::new(status, "text/plain; charset=UTF-8", format!("error code: {code}")),
        _ => Reply::empty(status),
    };
    reply
        .with("Cache-Control", "private, max-age=0, no-store, no-cache, must-revalidate, post-check=0, pre-check=0")
        .with("Server", "cloudflare")
        .with("CF-RAY", told.id)
}

fn blocked(told: &Told<'_>) -> String {
    let ray = told.id.split('-').next().unwrap_or_default();
    format!(
        "<!DOCTYPE html>\n<html class=\"no-js\" lang=\"en-US\">\n<head>\n<title>Attention Required! | Cloudflare</title>\n\
         <meta charset=\"UTF-8\" />\n</head>\n<body>\n<div id=\"cf-wrapper\">\n<div id=\"cf-error-details\" class=\"cf-error-details-wrapper\">\n\
         <h1 data-translate=\"block_headline\">Sorry, you have been blocked</h1>\n\
         <h2 class=\"cf-subheadline\"><span data-translate=\"unable_to_access\">You are unable to access</span> example.com</h2>\n\
         <h2 data-translate=\"blocked_why_headline\">Why have I been blocked?</h2>\n\
         <p data-translate=\"blocked_why_detail\">This website is using a security service to protect itself from online attacks. \
         The action you just performed triggered the security solution. There are several actions that could trigger this block \
         including submitting a certain word or phrase, a SQL command or malformed data.</p>\n\
         <span class=\"cf-footer-item\">Cloudflare Ray ID: <strong class=\"font-semibold\">{ray}</strong></span>\n\
         </div>\n</div>\n</body>\n</html>\n"
    )
}

pub(super) fn passed(reply: Reply, told: &Told<'_>) -> Reply {
    let had = reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("cf-cache-status"));
    let reply = without(reply, &["server", "connection"]).with("Server", "cloudflare").with("CF-RAY", told.id);
    if had { reply } else { reply.with("CF-Cache-Status", "DYNAMIC") }
}

/// A line of Logpush's HTTP requests.
pub(super) fn line(told: &Told<'_>) -> String {
    let (action, source) = match told.trouble {
        Some(Trouble::Waf(Rule::UserAgent)) => ("block", "uaBlock"),
        Some(Trouble::Waf(Rule::Pattern)) => ("block", "firewallManaged"),
        Some(Trouble::Quota(_) | Trouble::Concurrency { .. }) => ("block", "ratelimit"),
        _ => ("", ""),
    };
    let origin = told.upstream.map_or_else(String::new, |upstream| upstream.ip().to_string());
    json!({
        "RayID": told.id.split('-').next(), "EdgeStartTimestamp": told.begun.iso(), "ClientIP": told.client(),
        "ClientRequestHost": told.host(), "ClientRequestMethod": told.asked.method, "ClientRequestURI": told.target(),
        "ClientRequestUserAgent": told.agent(), "EdgeResponseStatus": told.status, "EdgeResponseBytes": told.bytes,
        "OriginIP": origin, "OriginResponseStatus": told.upstream_status.unwrap_or(0),
        "OriginResponseDurationMs": told.elapsed, "CacheCacheStatus": if told.cached { "hit" } else { "dynamic" },
        "SecurityAction": action, "SecuritySources": [source],
    })
    .to_string()
}

//! Refusals that a protocol expects: they are steps on the way, not failures of it.
//!
//! A server that wants credentials answers the first request with a challenge and the second as asked (RFC 9110
//! section 11.6); a client asks whether something exists before it makes it. Such a step is dropped when the paste shows
//! how it went on, and the call that followed carries a mark.

use crate::join::{host, method, path, says_failed};
use firstfault_model::{Call, Origin};

/// How many milliseconds of a log may lie between a challenge and its answer.
const LOG_WINDOW: i64 = 10_000;

/// Drops the expected refusals of one paste.
#[must_use]
pub(crate) fn settle(mut calls: Vec<Call>) -> Vec<Call> {
    let mut at = 0;
    while at < calls.len() {
        let answered = (at + 1..calls.len())
            .find(|&later| answers_challenge(&calls[at], &calls[later], calls.get(at + 1..later).unwrap_or_default()));
        if let Some(later) = answered {
            let step = calls.remove(at);
            let status = step.status().unwrap_or_default().to_string();
            let Some(call) = calls.get_mut(later - 1) else { continue };
            let span = step.span;
            call.mark("challenge", status, span);
            for attribute in step.attributes {
                if attribute.name == "curl.command" && call.attribute("curl.command").is_none() {
                    call.attributes.push(attribute);
                }
            }
            continue;
        }
        let created = (at + 1..calls.len()).any(|later| creates_after_look(&calls[at], &calls[later]));
        if created {
            calls.remove(at);
            continue;
        }
        at += 1;
    }
    calls
}

/// 401 or 407 to a request without credentials, and the same request again with some.
fn answers_challenge(first: &Call, later: &Call, between: &[Call]) -> bool {
    if !matches!(first.status(), Some(401 | 407)) || later.status().is_none() || first.origin != later.origin {
        return false;
    }
    let same_target = path(first).is_some()
        && path(first) == path(later)
        && method(first) == method(later)
        && (host(first) == host(later) || host(first).is_none() || host(later).is_none());
    if !same_target {
        return false;
    }
    if first.origin == Origin::LogLine {
        let attribute = |call: &Call, name: &str| call.attribute(name).map(str::to_owned);
        let nobody = first.attribute("user").is_none_or(|user| user == "-");
        let somebody = later.attribute("user").is_some_and(|user| user != "-");
        let close = matches!((first.started, later.started), (Some(a), Some(b)) if (0..=LOG_WINDOW).contains(&(b - a)));
        return nobody
            && somebody
            && close
            && attribute(first, "client.address").is_some()
            && attribute(first, "client.address") == attribute(later, "client.address");
    }
    let field = if first.status() == Some(407) { "proxy-authorization" } else { "authorization" };
    let challenge = if first.status() == Some(407) { "proxy-authenticate" } else { "www-authenticate" };
    let sent = |call: &Call| call.request.as_ref().is_some_and(|r| r.headers.first(field).is_some());
    let whole = first.request.as_ref().is_some_and(|r| r.complete);
    let challenged = first.response.as_ref().is_some_and(|r| r.headers.first(challenge).is_some());
    // Two commands, one without and one with a credential, are an experiment and not a handshake.
    let one_command =
        later.attribute("curl.command").is_none() || first.attribute("curl.command") == later.attribute("curl.command");
    // A challenge may name where a token is to be had (registries do), and the paste show that it was fetched there.
    let realm = first.response.as_ref().and_then(|r| r.headers.first(challenge)).and_then(realm_host);
    let fetched = realm.is_some()
        && between.iter().any(|call| host(call) == realm.as_deref() && call.status() == Some(200))
        && later.status().is_some_and(|s| s < 400);
    challenged && whole && !sent(first) && sent(later) && (one_command || fetched)
}

/// The host of `Bearer realm="https://auth.example.com/token"`.
fn realm_host(challenge: &str) -> Option<String> {
    let (_, rest) = challenge.split_once("realm=\"")?;
    firstfault_model::Url::parse(rest.split('"').next()?).host
}

/// HEAD says that something is not there, and a later call of the same paste makes it.
fn creates_after_look(first: &Call, later: &Call) -> bool {
    let looked = method(first) == Some("HEAD") && first.status() == Some(404);
    let made = matches!(method(later), Some("PUT" | "POST" | "PATCH"))
        && later.status().is_some_and(|s| (200..300).contains(&s))
        && !says_failed(later);
    let (Some(wanted), Some(target)) = (path(first), path(later)) else { return false };
    let located = later.response.as_ref().and_then(|r| r.headers.first("location"));
    let there = located.is_some_and(|l| firstfault_model::Url::parse(l).path == wanted) || target == wanted;
    looked && made && there && (host(first) == host(later) || host(first).is_none() || host(later).is_none())
}

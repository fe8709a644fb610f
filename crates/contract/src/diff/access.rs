//! Where an API lives and who may use it: servers, security schemes, and what operations ask for.

use super::place::Place;
use super::report::{Report, Spot, listed};
use crate::description::{Contract, Credential, In, Operation, Requirement, SchemaRef, Scheme, Server};
use firstfault_model::contract::{Half, Severity};
use std::collections::BTreeSet;

/// Compares what holds for the whole descriptions.
pub(super) fn whole(report: &mut Report<'_>) {
    let (old, new) = (report.old, report.new);
    servers(report, "", &old.servers, &new.servers);
    schemes(report);
    let root = SchemaRef::default();
    let (before, after) = (required(old, &root).unwrap_or_default(), required(new, &root).unwrap_or_default());
    security(report, "api-global-security", "", (&before, &root), (&after, &root));
}

/// Compares what single operations say for themselves. What they take from the whole is told there, once.
pub(super) fn operation(report: &mut Report<'_>, old: &Operation, new: &Operation) {
    let name = new.name();
    let own =
        |all: &[Server], whole: &[Server]| -> Vec<Server> { if all == whole { Vec::new() } else { all.to_vec() } };
    let (before, after) = (own(&old.servers, &report.old.servers), own(&new.servers, &report.new.servers));
    if !(before.is_empty() && after.is_empty()) {
        servers(report, &name, &before, &after);
    }
    if required(report.old, &old.at).is_some() || required(report.new, &new.at).is_some() {
        security(report, "api-security", &name, (&old.security, &old.at), (&new.security, &new.at));
    }
}

/// `https://api.example.com:8443/v1`.
fn address(server: &Server) -> String {
    let scheme = server.scheme.as_ref().map_or_else(String::new, |s| format!("{s}:"));
    let host = server.host.as_ref().map_or_else(String::new, |h| format!("//{h}"));
    let port = server.port.map_or_else(String::new, |p| format!(":{p}"));
    let all = format!("{scheme}{host}{port}{}", server.base);
    if all.is_empty() { "/".to_owned() } else { all }
}

fn servers(report: &mut Report<'_>, operation: &str, old: &[Server], new: &[Server]) {
    let has = |all: &[Server], server: &Server| all.iter().any(|s| address(s) == address(server));
    // An API without servers is that of the host which the description came from, so nothing is known to be gone.
    for server in old.iter().filter(|s| !new.is_empty() && !has(new, s)) {
        let message = format!("the server {} is not named any more", address(server));
        report.add("api-server-removed", Half::Request, operation, Spot::Old(&server.at), message);
    }
    for server in new.iter().filter(|s| !has(old, s)) {
        let message = format!("the server {} is named now", address(server));
        report.add("api-server-added", Half::Request, operation, Spot::New(&server.at), message);
    }
}

/// The alternatives that a description or an operation names itself; `None` when it names none.
fn required(contract: &Contract, at: &SchemaRef) -> Option<Vec<Vec<Requirement>>> {
    let place = Place::new(contract, at)?;
    let list = place.get("security")?.as_array()?;
    let alternative = |value: &serde_json::Value| -> Vec<Requirement> {
        let Some(map) = value.as_object() else { return Vec::new() };
        let scopes = |value: &serde_json::Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(|s| s.as_str().map(str::to_owned)).collect()
        };
        map.iter().map(|(scheme, list)| Requirement { scheme: scheme.clone(), scopes: scopes(list) }).collect()
    };
    Some(list.iter().map(alternative).collect())
}

type Alternative = Vec<Requirement>;

fn scheme_names(alternative: &Alternative) -> BTreeSet<&str> {
    alternative.iter().map(|r| r.scheme.as_str()).collect()
}

/// Whether who has what one alternative asks for has what another asks for.
fn serves(has: &Alternative, asked: &Alternative) -> bool {
    asked.iter().all(|wanted| {
        has.iter().any(|r| r.scheme == wanted.scheme && wanted.scopes.iter().all(|scope| r.scopes.contains(scope)))
    })
}

/// Compares what is asked for; `rule` begins the ids.
fn security(
    report: &mut Report<'_>,
    rule: &str,
    operation: &str,
    (old, old_at): (&[Alternative], &SchemaRef),
    (new, new_at): (&[Alternative], &SchemaRef),
) {
    let open = |all: &[Alternative]| all.is_empty() || all.iter().any(Vec::is_empty);
    // Callers of an alternative go on when some new alternative asks for no more.
    let goes_on = |before: &Alternative| open(new) || new.iter().any(|after| serves(before, after));
    let was_open = open(old) && !open(new);
    let say = |alternative: &Alternative| {
        let one = |r: &Requirement| {
            if r.scopes.is_empty() { r.scheme.clone() } else { format!("{} ({})", r.scheme, r.scopes.join(", ")) }
        };
        listed(alternative.iter().map(one))
    };
    let same = |a: &Alternative, b: &Alternative| scheme_names(a) == scheme_names(b);
    for alternative in old.iter().filter(|a| !a.is_empty() && !new.iter().any(|b| same(a, b))) {
        let severity = if goes_on(alternative) { Severity::Note } else { Severity::Error };
        let message = format!("{} is no way to authenticate any more", say(alternative));
        report.add_as(severity, &format!("{rule}-removed"), Half::Request, operation, Spot::Old(old_at), message);
    }
    for alternative in new.iter().filter(|a| !a.is_empty() && !old.iter().any(|b| same(a, b))) {
        let severity = if was_open { Severity::Error } else { Severity::Note };
        let (what, hint) = (say(alternative), if was_open { "; nothing was needed before" } else { "" });
        let message = format!("{what} is a way to authenticate now{hint}");
        report.add_as(severity, &format!("{rule}-added"), Half::Request, operation, Spot::New(new_at), message);
    }
    for (before, after) in old.iter().filter_map(|a| Some((a, new.iter().find(|b| same(a, b))?))) {
        for (a, b) in before.iter().filter_map(|a| Some((a, after.iter().find(|b| a.scheme == b.scheme)?))) {
            for scope in b.scopes.iter().filter(|s| !a.scopes.contains(s)) {
                let severity = if goes_on(before) { Severity::Note } else { Severity::Error };
                let message = format!("{} asks for the scope {scope} now", b.scheme);
                let rule = format!("{rule}-scope-added");
                report.add_as(severity, &rule, Half::Request, operation, Spot::New(new_at), message);
            }
            for scope in a.scopes.iter().filter(|s| !b.scopes.contains(s)) {
                let message = format!("{} asks for the scope {scope} no more", a.scheme);
                report.add(&format!("{rule}-scope-removed"), Half::Request, operation, Spot::Old(old_at), message);
            }
        }
    }
}

fn credential(credential: &Credential) -> String {
    match credential {
        Credential::ApiKey(place, name) => {
            let place = match place {
                In::Header => "header",
                In::Cookie => "cookie",
                _ => "query",
            };
            format!("an API key in the {place} {name}")
        }
        Credential::Http(scheme) => format!("HTTP {scheme}"),
        Credential::OAuth2(_) => "OAuth 2.0".to_owned(),
        Credential::OpenIdConnect => "OpenID Connect".to_owned(),
        Credential::MutualTls => "a client certificate".to_owned(),
        Credential::Unknown => "something unknown".to_owned(),
    }
}

fn schemes(report: &mut Report<'_>) {
    let (old, new) = (report.old, report.new);
    for (name, scheme) in &old.schemes {
        match new.schemes.get(name) {
            Some(other) => both(report, name, scheme, other),
            None => {
                let message = format!("the security scheme {name} is gone");
                report.add("api-security-component-removed", Half::Request, "", Spot::Old(&scheme.at), message);
            }
        }
    }
    for (name, scheme) in new.schemes.iter().filter(|(name, _)| !old.schemes.contains_key(*name)) {
        let message = format!("the security scheme {name} is new");
        report.add("api-security-component-added", Half::Request, "", Spot::New(&scheme.at), message);
    }
}

fn both(report: &mut Report<'_>, name: &str, old: &Scheme, new: &Scheme) {
    let (before, after) = (credential(&old.credential), credential(&new.credential));
    if before != after {
        let message = format!("the security scheme {name} is {after} now, not {before}");
        report.add("api-security-component-type-changed", Half::Request, "", Spot::New(&new.at), message);
        return;
    }
    if let (Credential::OAuth2(a), Credential::OAuth2(b)) = (&old.credential, &new.credential) {
        for scope in a.iter().filter(|s| !b.contains(s)) {
            let message = format!("the security scheme {name} does not know the scope {scope} any more");
            report.add("api-security-component-oauth-scope-removed", Half::Request, "", Spot::Old(&old.at), message);
        }
        for scope in b.iter().filter(|s| !a.contains(s)) {
            let message = format!("the security scheme {name} knows the scope {scope} now");
            report.add("api-security-component-oauth-scope-added", Half::Request, "", Spot::New(&new.at), message);
        }
    }
    let (Some(a), Some(b)) = (Place::new(report.old, &old.at), Place::new(report.new, &new.at)) else { return };
    let (old_flows, new_flows) = (a.members("flows"), b.members("flows"));
    for (flow, a) in &old_flows {
        let Some((_, b)) = new_flows.iter().find(|(name, _)| name == flow) else { continue };
        for (key, rule) in [
            ("authorizationUrl", "api-security-component-oauth-url-changed"),
            ("tokenUrl", "api-security-component-oauth-token-url-changed"),
        ] {
            if let (Some(x), Some(y)) = (a.text(key), b.text(key))
                && x != y
            {
                let message = format!("the security scheme {name} has the {key} {y} now, not {x}");
                report.add(rule, Half::Request, "", Spot::New(&b.at), message);
            }
        }
    }
}

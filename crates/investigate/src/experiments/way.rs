//! What happens on another way to the same server.

use super::{Experiment, Trial, usual};
use crate::Base;
use firstfault_probe::{ProxyChoice, Versions};
use std::net::IpAddr;

/// Without the proxy.
pub(super) const WITHOUT_PROXY: Experiment =
    Experiment { run: "without-proxy", trials: without_proxy, until_works: true, read: usual };

/// Each other address that the name has.
pub(super) const OTHER_ADDRESS: Experiment =
    Experiment { run: "other-address", trials: other_address, until_works: true, read: usual };

/// HTTP on an HTTPS port, or the reverse.
pub(super) const OTHER_PROTOCOL: Experiment =
    Experiment { run: "other-protocol", trials: other_protocol, until_works: true, read: usual };

/// HTTP/1.1 where HTTP/2 was spoken.
pub(super) const HTTP1: Experiment = Experiment { run: "http1", trials: http1, until_works: true, read: usual };

/// The same read with a parameter that no cache has seen.
pub(super) const PAST_CACHE: Experiment =
    Experiment { run: "past-cache", trials: past_cache, until_works: true, read: usual };

/// How many addresses are tried.
const ADDRESSES: usize = 3;

fn without_proxy(base: &Base) -> Vec<Trial> {
    if !matches!(base.target.connect.proxy, ProxyChoice::Via { .. }) {
        return Vec::new();
    }
    let mut target = base.target.clone();
    target.connect.proxy = ProxyChoice::Direct { why: "left out to see".to_owned() };
    vec![Trial::new("without the proxy", target, "")]
}

fn other_address(base: &Base) -> Vec<Trial> {
    let used: Option<IpAddr> = base.call.attribute("probe.tcp.address").and_then(|text| text.parse().ok());
    let addresses = base.call.attribute("probe.dns.addresses").unwrap_or_default();
    if !matches!(base.target.connect.proxy, ProxyChoice::Direct { .. }) {
        return Vec::new();
    }
    addresses
        .split([' ', ','])
        .filter_map(|text| text.parse::<IpAddr>().ok())
        .filter(|address| Some(*address) != used)
        .take(ADDRESSES)
        .map(|address| {
            let mut target = base.target.clone();
            target.connect.only = Some(address);
            Trial::new(format!("the address {address}"), target, "")
        })
        .collect()
}

fn past_cache(base: &Base) -> Vec<Trial> {
    let Some(response) = base.response() else { return Vec::new() };
    let field = |name: &str| response.headers.first(name).unwrap_or_default().to_ascii_lowercase();
    let hit = ["cf-cache-status", "x-cache", "x-cache-status", "x-proxy-cache", "cache-status"];
    let kept = hit.iter().any(|name| field(name).contains("hit") || field(name).contains("stale"));
    // RFC 9111 section 5.1: Age comes from a cache.
    if !kept && field("age").parse::<u64>().is_err() {
        return Vec::new();
    }
    let mut target = base.target.clone();
    let more = "firstfault-past-cache=1";
    target.url.query = Some(match target.url.query.filter(|query| !query.is_empty()) {
        Some(query) => format!("{query}&{more}"),
        None => more.to_owned(),
    });
    vec![Trial::new(format!("with {more}, which no cache has seen"), target, "")]
}

fn other_protocol(base: &Base) -> Vec<Trial> {
    let mut target = base.target.clone();
    let secure = target.url.scheme.as_deref() == Some("https");
    // On the port that is used now: the question is what speaks there.
    let port = target.url.port.unwrap_or(if secure { 443 } else { 80 });
    target.url.port = Some(port);
    target.url.scheme = Some(if secure { "http" } else { "https" }.to_owned());
    // A credential that was to be encrypted does not go in the clear.
    let mut target = if secure { super::credential::stripped(&target) } else { target };
    target.connect.insecure = true;
    vec![Trial::new(format!("{} on port {port}", if secure { "http" } else { "https" }), target, "")]
}

fn http1(base: &Base) -> Vec<Trial> {
    let spoken = base.call.attribute("probe.http.version").is_some_and(|version| version.starts_with("HTTP/2"));
    if base.target.connect.http == Versions::Http1 || !spoken {
        return Vec::new();
    }
    let mut target = base.target.clone();
    target.connect.http = Versions::Http1;
    vec![Trial::new("HTTP/1.1", target, "")]
}

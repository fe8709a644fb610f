//! Which servers a call's host is one of, and what it is when it is none: another environment, a near name, a local one.

use super::index::Base;
use super::names::slips;
use super::template::{Segment, captures};
use crate::description::Server;
use firstfault_model::Url;
use std::net::IpAddr;

/// Labels of hosts and words of descriptions that name an environment other than production.
const ENVIRONMENTS: [&str; 22] = [
    "sandbox",
    "sbx",
    "staging",
    "stage",
    "stg",
    "test",
    "testing",
    "tst",
    "dev",
    "develop",
    "development",
    "qa",
    "uat",
    "preprod",
    "demo",
    "mock",
    "integration",
    "int",
    "beta",
    "preview",
    "nonprod",
    "acceptance",
];
/// Labels that say nothing of the environment.
const PLAIN: [&str; 5] = ["api", "www", "prod", "production", "live"];

/// What a host is, beside a server that has another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Relation {
    /// The same API in another environment.
    Environment,
    /// A slip of the pen away, or another name below the same domain.
    Near,
    /// A machine or network of one's own: a mock, a tunnel, a container.
    Local,
    /// Nothing to do with it, or a gateway.
    Other,
}

/// Whether a call's host and port are those of a server; a call without host, or a server without one, fits.
pub(super) fn fits(base: &Base, url: &Url) -> bool {
    let Some(host) = known(url) else { return true };
    let Some(described) = &base.host else { return true };
    let values = match described {
        Segment::Literal(text) => {
            if text != host {
                return false;
            }
            Vec::new()
        }
        Segment::Parameter(_) | Segment::Rest(_) => vec![host],
        Segment::Mixed(pieces) => match captures(pieces, host) {
            Some(values) => values,
            None => return false,
        },
    };
    let allowed = described.names().zip(values).all(|(name, value)| {
        base.server.variables.get(name).is_none_or(|v| v.is_empty() || v.iter().any(|v| v.eq_ignore_ascii_case(value)))
    });
    allowed && (url.port.is_none() || port(url.scheme.as_deref(), url.port) == server_port(&base.server, url))
}

/// The host of a call, unless it is a variable of a collection or a placeholder.
pub(super) fn known(url: &Url) -> Option<&str> {
    url.host.as_deref().filter(|h| !h.contains(['{', '<', '$', '\u{2039}']))
}

fn port(scheme: Option<&str>, port: Option<u16>) -> Option<u16> {
    port.or(match scheme {
        Some("http" | "ws") => Some(80),
        Some("https" | "wss") => Some(443),
        _ => None,
    })
}

/// The port of a server; where its scheme is another than the call's, the call's own decides, for the scheme is a
/// finding of its own.
fn server_port(server: &Server, url: &Url) -> Option<u16> {
    if server.port.is_some() {
        return server.port;
    }
    let usual = port(server.scheme.as_deref().or(url.scheme.as_deref()), None);
    if port(url.scheme.as_deref(), url.port) == port(url.scheme.as_deref(), None) { url.port } else { usual }
}

/// What a host is beside a server's.
pub(super) fn relation(host: &str, server: &Server) -> Relation {
    let Some(described) = server.host.as_deref() else { return Relation::Other };
    if host != described && skeleton(host) == skeleton(described) && host.contains('.') {
        let same = environment(host).is_some() == environment_of(server).is_some();
        return if same && environment(host) == environment(described) {
            Relation::Near
        } else {
            Relation::Environment
        };
    }
    if is_local(host) {
        return Relation::Local;
    }
    let near = match (domain(host), domain(described)) {
        (Some(one), Some(other)) => one == other || misspelt(one, other),
        _ => host == described,
    };
    if near { Relation::Near } else { Relation::Other }
}

/// The word by which a host is of another environment than production.
pub(super) fn environment(host: &str) -> Option<&str> {
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.len().saturating_sub(2);
    labels[..own].iter().flat_map(|l| l.split(['-', '_'])).find(|word| is_environment(word))
}

/// The same of a server, by its description or its host.
pub(super) fn environment_of(server: &Server) -> Option<&str> {
    let described = server.description.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| is_environment(word));
    described.or_else(|| server.host.as_deref().and_then(environment))
}

fn is_environment(word: &str) -> bool {
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
    ENVIRONMENTS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// A host without the labels that name an environment or nothing.
fn skeleton(host: &str) -> Vec<&str> {
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.len().saturating_sub(2);
    let words = labels[..own].iter().flat_map(|l| l.split(['-', '_']));
    let words = words.filter(|word| !is_environment(word) && !PLAIN.contains(word));
    words.chain(labels[own..].iter().copied()).collect()
}

/// The last two labels. Of names below a public suffix of two labels (`co.uk`) it is the last three.
fn domain(host: &str) -> Option<&str> {
    let mut dots = host.rmatch_indices('.');
    let (_, second) = (dots.next()?, dots.next());
    let Some((at, _)) = second else { return Some(host) };
    let two = &host[at + 1..];
    let first = two.split('.').next().unwrap_or_default();
    if first.len() > 3 {
        return Some(two);
    }
    Some(dots.next().map_or(host, |(at, _)| &host[at + 1..]))
}

/// Whether two domains differ by a slip of the pen in their first label.
fn misspelt(one: &str, other: &str) -> bool {
    let ((name, rest), (described, end)) = match (one.split_once('.'), other.split_once('.')) {
        (Some(one), Some(other)) => (one, other),
        _ => return false,
    };
    rest == end && slips(name, described).is_some_and(|n| n <= 2)
}

/// Hosts that are nobody's public name.
pub(super) fn is_local(host: &str) -> bool {
    !host.contains('.')
        || host.parse::<IpAddr>().is_ok()
        || [".localhost", ".local", ".internal", ".test", ".lan", ".svc"].iter().any(|end| host.ends_with(end))
}

/// A server's scheme, host and port as one text.
pub(super) fn origin(server: &Server, scheme: Option<&str>) -> Option<String> {
    let host = server.host.as_deref().filter(|h| !h.contains('{'))?;
    let scheme = server.scheme.as_deref().or(scheme).unwrap_or("https");
    Some(server.port.map_or_else(|| format!("{scheme}://{host}"), |port| format!("{scheme}://{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::{Relation, environment, relation};
    use crate::description::Server;

    #[test]
    fn hosts_are_judged_beside_a_server() {
        let server = |host: &str, description: &str| Server {
            host: Some(host.into()),
            description: description.into(),
            ..Server::default()
        };
        let production = server("api.example.com", "Production");
        for (host, wanted) in [
            ("api.sandbox.example.com", Relation::Environment),
            ("sandbox.example.com", Relation::Environment),
            ("api-staging.example.com", Relation::Environment),
            ("www.example.com", Relation::Near),
            ("billing.example.com", Relation::Near),
            ("api.exmaple.com", Relation::Near),
            ("localhost", Relation::Local),
            ("10.0.0.7", Relation::Local),
            ("crm", Relation::Local),
            ("gateway.corp.net", Relation::Other),
        ] {
            assert_eq!(relation(host, &production), wanted, "{host}");
        }
        assert_eq!(relation("api.example.com", &server("api.sandbox.example.com", "")), Relation::Environment);
        assert_eq!(relation("shop.co.uk", &server("bank.co.uk", "")), Relation::Other);
        assert_eq!(environment("api.test2.example.com"), Some("test2"));
        assert_eq!(environment("test.com"), None);
    }
}

//! Lines → a tree of calls: who called whom.
//!
//! Spans say it where lines carry them. Elsewhere systems stand in the order of a request's travel: who made a call, what
//! it passed (gateways), who signed it in, who answered it, and what that one called in turn. Each call belongs to the call
//! of the system before it, by the id of the very request where both have it, else in the order of time.

use super::line::Seen;
use firstfault_model::Layer;
use std::collections::BTreeMap;

/// A line's place in the tree.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub parent: Option<usize>,
    pub depth: u32,
    /// Its system's clock minus that of the first system, in milliseconds.
    pub skew: i64,
    pub layer: Option<Layer>,
    /// Which of the services.
    pub service: usize,
}

/// Words in the names of systems that pass requests on.
pub(crate) const GATEWAYS: [&str; 15] = [
    "gateway", "gw", "nginx", "envoy", "proxy", "haproxy", "ingress", "edge", "alb", "elb", "lb", "cdn", "kong",
    "traefik", "waf",
];
/// Words in the names of systems that say who a caller is.
pub(crate) const AUTHS: [&str; 9] = ["auth", "oauth", "oidc", "idp", "identity", "sso", "keycloak", "login", "authz"];
/// Words in the names of systems that only applications call.
pub(crate) const STORES: [&str; 14] = [
    "db",
    "database",
    "postgres",
    "postgresql",
    "mysql",
    "mongo",
    "mongodb",
    "redis",
    "cache",
    "kafka",
    "rabbitmq",
    "queue",
    "elasticsearch",
    "sql",
];

/// The place of each line, and the services in the order of the way.
pub(super) fn tree(seen: &[Seen]) -> (Vec<Node>, Vec<String>) {
    let services = services(seen);
    let place: BTreeMap<&str, usize> = services.iter().enumerate().map(|(at, name)| (name.as_str(), at)).collect();
    let mut nodes: Vec<Node> = seen
        .iter()
        .map(|line| Node { service: place.get(line.service.as_str()).copied().unwrap_or(0), ..Node::default() })
        .collect();
    for (at, node) in nodes.iter_mut().enumerate() {
        node.parent = by_span(at, seen);
    }
    for service in 0..services.len() {
        link_calls(service, &mut nodes, seen);
    }
    for at in 0..seen.len() {
        if !seen[at].call && nodes[at].parent.is_none() {
            nodes[at].parent = call_of_words(at, &nodes, seen);
        }
    }
    cut_loops(&mut nodes);
    for at in 0..nodes.len() {
        let mut depth = 0;
        let mut up = nodes[at].parent;
        while let Some(parent) = up {
            depth += 1;
            up = nodes[parent].parent;
        }
        nodes[at].depth = depth;
    }
    layers(&mut nodes, seen, &services);
    (nodes, services)
}

/// The order of the waterfall: a call, then what belongs to it in the order of time.
pub(super) fn order(nodes: &[Node], seen: &[Seen]) -> Vec<usize> {
    let key = |at: &usize| {
        let time = seen[*at].begin.map(|time| time.saturating_sub(nodes[*at].skew));
        (time.is_none(), time, nodes[*at].service, *at)
    };
    let mut children: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut roots = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        match node.parent {
            Some(parent) => children[parent].push(at),
            None => roots.push(at),
        }
    }
    roots.sort_by_key(key);
    for list in &mut children {
        list.sort_by_key(key);
    }
    let mut order = Vec::with_capacity(nodes.len());
    let mut stack: Vec<usize> = roots.into_iter().rev().collect();
    while let Some(at) = stack.pop() {
        order.push(at);
        stack.extend(children[at].iter().rev());
    }
    order
}

pub(crate) fn has_word(name: &str, words: &[&str]) -> bool {
    let lower = name.to_lowercase();
    lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| words.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit())))
}

/// The services in the order of the way.
fn services(seen: &[Seen]) -> Vec<String> {
    let mut names: Vec<&str> = seen.iter().map(|line| line.service.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let lines = |name: &str| seen.iter().filter(move |line| line.service == name).collect::<Vec<_>>();
    let rank = |name: &str| {
        let own = lines(name);
        let gateway = own.iter().any(|line| line.gateway) || has_word(name, &GATEWAYS);
        let calls = own.iter().filter(|line| line.call);
        let (out, got) =
            calls.fold((0, 0), |(out, got), line| if line.outgoing { (out + 1, got) } else { (out, got + 1) });
        if gateway {
            1
        } else if has_word(name, &AUTHS) {
            2
        } else if has_word(name, &STORES) {
            5
        } else if out > 0 && got == 0 {
            0
        } else {
            3
        }
    };
    // Outer calls take longer than those that they wait for, and systems that are called begin later.
    let longest = |name: &str| {
        let longest = lines(name).iter().filter(|l| l.call).filter_map(|l| l.duration).fold(0.0_f64, f64::max);
        std::cmp::Reverse(super::read::whole(longest))
    };
    let mut ranked: Vec<(i32, std::cmp::Reverse<i64>, &str)> =
        names.iter().map(|name| (rank(name), longest(name), *name)).collect();
    ranked.sort_unstable();
    let mut ordered: Vec<String> = ranked.into_iter().map(|(_, _, name)| name.to_owned()).collect();
    for (caller, called) in links(seen) {
        before(&mut ordered, &caller, &called);
    }
    ordered
}

/// Who calls whom, as spans and names of upstreams say.
fn links(seen: &[Seen]) -> Vec<(String, String)> {
    let mut links: Vec<(String, String)> = Vec::new();
    for (at, line) in seen.iter().enumerate() {
        if let Some(parent) = by_span(at, seen) {
            links.push((seen[parent].service.clone(), line.service.clone()));
        }
        if let Some(upstream) = &line.upstream {
            let called = seen.iter().find(|other| other.service != line.service && is_named(upstream, &other.service));
            links.extend(called.map(|other| (line.service.clone(), other.service.clone())));
        }
    }
    links.retain(|(caller, called)| caller != called);
    links.sort_unstable();
    links.dedup();
    links
}

/// Whether an upstream (`crm`, `crm.internal:8080`, `outbound|80||crm.prod`) is a service.
pub(crate) fn is_named(upstream: &str, service: &str) -> bool {
    upstream.split(['|', ':', '/', '.', ',']).any(|part| !part.is_empty() && part.eq_ignore_ascii_case(service))
}

/// Moves `caller` in front of `called`.
fn before(ordered: &mut Vec<String>, caller: &str, called: &str) {
    let place = |name: &str| ordered.iter().position(|one| one == name);
    if let (Some(from), Some(to)) = (place(caller), place(called))
        && from > to
    {
        let moved = ordered.remove(from);
        ordered.insert(to, moved);
    }
}

fn by_span(at: usize, seen: &[Seen]) -> Option<usize> {
    let parent = seen[at].parent.as_ref()?;
    let of_span = |call: bool| {
        seen.iter()
            .enumerate()
            .position(|(other, line)| other != at && line.call == call && line.span.as_ref() == Some(parent))
    };
    of_span(true).or_else(|| of_span(false))
}

/// Links the calls that one service tells of to calls of services before it.
fn link_calls(service: usize, nodes: &mut [Node], seen: &[Seen]) {
    let time = |at: &usize| (seen[*at].begin, seen[*at].end, *at);
    let calls_of = |wanted: usize, outgoing: Option<bool>, nodes: &[Node]| {
        let mut calls: Vec<usize> = (0..seen.len())
            .filter(|at| seen[*at].call && nodes[*at].service == wanted)
            .filter(|at| outgoing.is_none_or(|outgoing| seen[*at].outgoing == outgoing))
            .collect();
        calls.sort_by_key(time);
        calls
    };
    // A call that this system made belongs to the call that it got.
    let got = calls_of(service, Some(false), nodes);
    let made = calls_of(service, Some(true), nodes);
    if !got.is_empty() {
        for at in made.iter().filter(|at| nodes[**at].parent.is_none()).copied().collect::<Vec<_>>() {
            nodes[at].parent = within(at, &got, seen);
        }
    }
    let open: Vec<usize> =
        if got.is_empty() { made } else { got }.into_iter().filter(|at| nodes[*at].parent.is_none()).collect();
    if open.is_empty() {
        return;
    }
    // The nearest service before it that made such a call, else that has any call.
    let mut candidates: Vec<usize> = Vec::new();
    for before in (0..service).rev() {
        let mut made = calls_of(before, Some(true), nodes);
        if made.is_empty() {
            made = calls_of(before, None, nodes);
        }
        let alike: Vec<usize> =
            made.iter().copied().filter(|at| open.iter().any(|o| is_same_call(*at, *o, seen))).collect();
        if !alike.is_empty() {
            candidates = alike;
            break;
        }
        if candidates.is_empty() {
            candidates = made;
        }
    }
    if candidates.is_empty() {
        return;
    }
    for (number, at) in open.iter().enumerate() {
        let same: Vec<usize> = candidates
            .iter()
            .copied()
            .filter(|c| seen[*c].request.is_some() && seen[*c].request == seen[*at].request)
            .collect();
        let chosen = match same.len() {
            0 if candidates.len() == open.len() => candidates[number],
            0 => candidates[number * candidates.len() / open.len()],
            1 => same[0],
            _ => nth_of_request(*at, &open, &same, seen),
        };
        nodes[*at].parent = Some(chosen);
    }
}

/// Of several attempts under one request id: the one of the same number.
fn nth_of_request(at: usize, open: &[usize], same: &[usize], seen: &[Seen]) -> usize {
    let mine: Vec<usize> = open.iter().copied().filter(|o| seen[*o].request == seen[at].request).collect();
    let number = mine.iter().position(|o| *o == at).unwrap_or(0);
    same[(number * same.len() / mine.len().max(1)).min(same.len() - 1)]
}

fn is_same_call(a: usize, b: usize, seen: &[Seen]) -> bool {
    let (a, b) = (&seen[a], &seen[b]);
    a.request.is_some() && a.request == b.request && (a.path.is_none() || a.path == b.path)
        || a.path.is_some() && a.path == b.path && a.method == b.method
}

/// The call of the same system within which a line stands: one clock, so time tells.
fn within(at: usize, calls: &[usize], seen: &[Seen]) -> Option<usize> {
    let time = seen[at].end.or(seen[at].begin);
    let holds = |call: &&usize| match (time, seen[**call].begin, seen[**call].end) {
        // Loggers write a little late.
        (Some(time), Some(begin), Some(end)) => (begin - 50..=end + 50).contains(&time),
        _ => false,
    };
    let same = calls.iter().find(|c| **c != at && seen[**c].request.is_some() && seen[**c].request == seen[at].request);
    calls.iter().find(holds).or(same).or_else(|| calls.first()).copied().filter(|call| *call != at)
}

/// The call that words of a system are about.
fn call_of_words(at: usize, nodes: &[Node], seen: &[Seen]) -> Option<usize> {
    let own = |outgoing: bool| -> Vec<usize> {
        (0..seen.len())
            .filter(|c| seen[*c].call && nodes[*c].service == nodes[at].service && seen[*c].outgoing == outgoing)
            .collect()
    };
    let got = own(false);
    if !got.is_empty() {
        return within(at, &got, seen);
    }
    // Words before and after a system's own calls stand beside them, not in them.
    None
}

fn cut_loops(nodes: &mut [Node]) {
    for at in 0..nodes.len() {
        let mut up = nodes[at].parent;
        let mut steps = 0;
        while let Some(parent) = up {
            steps += 1;
            if parent == at || steps > nodes.len() {
                nodes[at].parent = None;
                break;
            }
            up = nodes[parent].parent;
        }
    }
}

/// Which layer each system is, seen from where the request came in.
fn layers(nodes: &mut [Node], seen: &[Seen], services: &[String]) {
    let mut layer: Vec<Option<Layer>> = vec![None; services.len()];
    let mut backend = false;
    for (at, name) in services.iter().enumerate() {
        let own = || seen.iter().filter(|line| line.service == *name);
        let calls = own().filter(|line| line.call);
        let only_out = calls.clone().count() > 0 && calls.clone().all(|line| line.outgoing);
        layer[at] = Some(if own().any(|line| line.gateway) || has_word(name, &GATEWAYS) {
            Layer::Gateway
        } else if has_word(name, &AUTHS) {
            Layer::Auth
        } else if only_out && !backend {
            Layer::Client
        } else if backend || has_word(name, &STORES) {
            Layer::Dependency
        } else {
            backend = true;
            Layer::Backend
        });
    }
    // With one system alone, and no call of it, nobody can say.
    let told = seen.iter().any(|line| line.call) || services.len() > 1;
    for node in nodes.iter_mut() {
        node.layer = layer[node.service].filter(|_| told);
    }
}

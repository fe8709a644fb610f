//! One request's way through several systems: its lines as a tree of calls, clocks set right, and the boundary that
//! failed first on its own.
//!
//! Lines are read and judged in `line`, put into a tree in `tree`, and asked for the first failure in `origin`.

mod clocks;
mod line;
mod origin;
pub(crate) mod read;
#[cfg(test)]
mod tests;
pub(crate) mod tree;

use firstfault_calls::Record;
use firstfault_knowledge::Knowledge;
use firstfault_model::incident::Hop;
use firstfault_model::way::{Attempts, Trace};
use line::{Seen, see};
use std::collections::{BTreeMap, BTreeSet};
use tree::{Node, tree};

/// Lines of one request that are looked at; more are counted.
const LINE_LIMIT: usize = 1_000;
/// Further ids that a second round looks for.
const ID_LIMIT: usize = 12;

/// One line that carries the id.
#[derive(Clone, Debug, Default)]
pub struct TraceLine {
    /// Input as named.
    pub input: String,
    /// From 1.
    pub line: u64,
    /// All of it.
    pub text: String,
    /// Its fields.
    pub record: Record,
}

/// The trace and request ids that lines carry beside the one that was asked for: what a second round over the inputs looks
/// for. Bounded; ids that most lines of a log share are none.
#[must_use]
pub fn ids(id: &str, lines: &[TraceLine]) -> Vec<String> {
    let mut found: BTreeMap<String, u64> = BTreeMap::new();
    for line in lines.iter().take(LINE_LIMIT) {
        let of_line: BTreeSet<String> = line::ids(&line.record, &line.text).into_iter().filter(|v| v != id).collect();
        for one in of_line {
            *found.entry(one).or_default() += 1;
        }
    }
    let mut found: Vec<(String, u64)> = found.into_iter().collect();
    found.sort_by(|a, b| (b.1, &a.0).cmp(&(a.1, &b.0)));
    found.into_iter().take(ID_LIMIT).map(|(one, _)| one).collect()
}

/// The way of the request that carries an id, from the lines that carry it or one of [`ids`].
#[must_use]
pub fn trace(id: &str, lines: &[TraceLine], knowledge: &Knowledge) -> Trace {
    let mut seen: Vec<Seen> = Vec::new();
    for line in lines.iter().take(LINE_LIMIT) {
        // One line may be found by several ids, and in a file that was given twice.
        if seen.iter().all(|known| (known.line, known.input.as_str()) != (line.line, line.input.as_str())) {
            seen.push(see(line, knowledge));
        }
    }
    let mut trace = Trace {
        id: id.to_owned(),
        also: ids(id, lines),
        lines: seen.len() as u64,
        left_out: lines.len().saturating_sub(LINE_LIMIT) as u64,
        cause: "none".to_owned(),
        ..Trace::default()
    };
    if seen.is_empty() {
        trace.summary = format!("No line carries the id {id}.");
        return trace;
    }
    let (mut nodes, services) = tree(&seen);
    trace.clocks = clocks::set(&mut nodes, &seen, &services);
    let order = tree::order(&nodes, &seen);
    let found = origin::origin(&nodes, &seen);
    trace.hops = order.iter().map(|at| hop(*at, &nodes, &seen, &found)).collect();
    trace.attempts = attempts(&nodes, &seen);
    origin::tell(&mut trace, &nodes, &seen, &order, found);
    trace
}

fn hop(at: usize, nodes: &[Node], seen: &[Seen], found: &origin::Found) -> Hop {
    let (node, line) = (&nodes[at], &seen[at]);
    Hop {
        service: line.service.clone(),
        layer: node.layer,
        at: line.begin,
        skew: node.skew,
        duration: line.duration,
        what: line.what(),
        status: line.status,
        failed: line.failed,
        origin: found.first == Some(at) || found.others.contains(&at),
        message: line.message.clone(),
        verdict: line.verdict(),
        depth: node.depth,
        source: (line.input.clone(), line.line),
    }
}

/// Calls that were made more than once for one caller.
fn attempts(nodes: &[Node], seen: &[Seen]) -> Vec<Attempts> {
    let mut groups: BTreeMap<(&str, String), Vec<usize>> = BTreeMap::new();
    for (at, line) in seen.iter().enumerate().filter(|(_, line)| line.call) {
        groups.entry((&line.service, line.what())).or_default().push(at);
    }
    let mut all = Vec::new();
    for ((service, what), mut members) in groups.into_iter().filter(|(_, members)| members.len() > 1) {
        members.sort_by_key(|at| (seen[*at].begin, *at));
        let last = members.last().copied().unwrap_or(0);
        let count = members.len() as u64;
        let depth = nodes[last].depth;
        all.push((depth, Attempts { service: service.to_owned(), what, count, last_failed: seen[last].failed }));
    }
    all.sort_by(|a, b| (a.0, &a.1.service, &a.1.what).cmp(&(b.0, &b.1.service, &b.1.what)));
    all.into_iter().map(|(_, attempts)| attempts).collect()
}

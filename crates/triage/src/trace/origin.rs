//! Which hop failed first on its own.
//!
//! A call that failed because of what it called only passed the failure on: the origin is the deepest call that failed
//! and called nobody that had failed before. Whoever gave up on a call that went well, or that only ended later, failed on
//! its own. What failed and was made good by another attempt is no failure of the request.

use super::line::Seen;
use super::tree::Node;
use firstfault_model::incident::ShortTimeout;
use firstfault_model::way::{Trace, Translation};
use firstfault_model::{Layer, Owner};

/// What was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// The hop that failed first on its own.
    pub first: Option<usize>,
    /// The line whose verdict says why: of the same system.
    pub verdict: Option<usize>,
    /// Further hops that failed on their own.
    pub others: Vec<usize>,
    /// Whether the request failed in the end.
    pub failed: bool,
    /// Who gave up before whom.
    pub gave_up: Vec<(usize, usize)>,
}

/// Finds the first failure.
pub(super) fn origin(nodes: &[Node], seen: &[Seen]) -> Found {
    let mut found = Found { failed: failed(nodes, seen), ..Found::default() };
    for at in (0..seen.len()).filter(|at| seen[*at].call) {
        // The nearest call above that gave up before this one ended; what lies between only passed it on.
        let above = std::iter::successors(nodes[at].parent, |up| nodes[*up].parent);
        let mut above = above.filter(|up| seen[*up].call).take_while(|up| longer(&seen[at], &seen[*up]));
        if let Some(who) = above.find(|up| seen[*up].gave_up()) {
            found.gave_up.push((who, at));
        }
    }
    let mut own: Vec<usize> = (0..seen.len()).filter(|at| on_its_own(*at, nodes, seen, &found)).collect();
    let time = |at: &usize| {
        let begin = seen[*at].end.or(seen[*at].begin).map(|time| time.saturating_sub(nodes[*at].skew));
        (begin.is_none(), begin, std::cmp::Reverse(nodes[*at].depth), *at)
    };
    own.sort_by_key(time);
    // Words count where no call of the same way says it.
    let calls: Vec<usize> = own.iter().copied().filter(|at| seen[*at].call).collect();
    let chosen = if calls.is_empty() { own } else { calls };
    found.first = chosen.first().copied();
    // Attempts of one call are one failure: the first one counts.
    found.others = chosen
        .iter()
        .skip(1)
        .copied()
        .filter(|at| {
            let first = found.first.unwrap_or(*at);
            nodes[*at].service != nodes[first].service || seen[*at].what() != seen[first].what()
        })
        .collect();
    found.verdict = found.first.map(|first| why(first, nodes, seen));
    found
}

/// The request failed when the last call of its first system failed; with words alone, when any of them says so.
fn failed(nodes: &[Node], seen: &[Seen]) -> bool {
    let mut roots: Vec<usize> = (0..seen.len()).filter(|at| seen[*at].call && nodes[*at].parent.is_none()).collect();
    if roots.is_empty() {
        return seen.iter().any(|line| line.failed);
    }
    let first = roots.iter().map(|at| nodes[*at].service).min().unwrap_or(0);
    roots.retain(|at| nodes[*at].service == first);
    let last = roots.iter().copied().max_by_key(|at| (seen[*at].begin, *at));
    let inside = || seen.iter().enumerate().any(|(at, line)| line.call && line.failed && soft(at, nodes, seen));
    last.is_some_and(|at| seen[at].failed) || inside()
}

/// A failure inside a success: no caller of it could see it.
fn soft(at: usize, nodes: &[Node], seen: &[Seen]) -> bool {
    let later = || {
        (0..seen.len()).any(|other| {
            nodes[other].service == nodes[at].service
                && seen[other].call
                && !seen[other].failed
                && seen[other].what() == seen[at].what()
                && seen[other].begin > seen[at].begin
        })
    };
    seen[at].status.is_some_and(|status| status < 400) && !later()
}

fn on_its_own(at: usize, nodes: &[Node], seen: &[Seen], found: &Found) -> bool {
    let line = &seen[at];
    if !line.failed {
        return false;
    }
    let parent = nodes[at].parent;
    // What ended because its caller had gone is a consequence of the caller's giving up, whoever that was further out.
    let mut way = std::iter::successors(Some(at), |up| nodes[*up].parent);
    if way.any(|one| found.gave_up.iter().any(|(_, behind)| *behind == one)) {
        return false;
    }
    if line.abandoned() && (parent.is_some() || gave_up_elsewhere(at, seen)) {
        return false;
    }
    let children = || (0..nodes.len()).filter(move |child| nodes[*child].parent == Some(at));
    let gave_up = found.gave_up.iter().any(|(who, _)| *who == at);
    if gave_up {
        return true;
    }
    // A call that failed below, and was not made good there by another attempt.
    let passed_on = children().any(|child| failed_below(child, nodes, seen));
    if passed_on && line.call {
        return false;
    }
    // Words about a call that fails elsewhere are a consequence too.
    if !line.call {
        let below_call = parent.is_some_and(|call| {
            (0..nodes.len()).any(|other| nodes[other].parent == Some(call) && seen[other].call && seen[other].failed)
        });
        let beside = parent.is_none() && seen.iter().any(|other| other.call && other.failed);
        return !below_call && !beside;
    }
    true
}

fn failed_below(child: usize, nodes: &[Node], seen: &[Seen]) -> bool {
    if !seen[child].call {
        return false;
    }
    if seen[child].failed {
        return !seen[child].abandoned();
    }
    (0..nodes.len()).any(|below| nodes[below].parent == Some(child) && failed_below(below, nodes, seen))
}

fn gave_up_elsewhere(at: usize, seen: &[Seen]) -> bool {
    seen.iter().enumerate().any(|(other, line)| other != at && line.gave_up())
}

/// Whether the inner call took longer than the outer one waited.
fn longer(inner: &Seen, outer: &Seen) -> bool {
    inner.duration.zip(outer.duration).is_some_and(|(inner, outer)| inner > outer)
}

/// The line that says best why a call failed: its own, or words of the same system within it.
fn why(first: usize, nodes: &[Node], seen: &[Seen]) -> usize {
    let sure = |at: usize| {
        seen[at].diagnosis.as_ref().map_or(0.0, |d| if d.failed && d.attributed { d.probability } else { 0.0 })
    };
    let own = sure(first);
    let words = (0..seen.len()).filter(|at| {
        let same = nodes[*at].parent == Some(first) || nodes[*at].parent.is_none() && nodes[first].parent.is_none();
        same && !seen[*at].call && seen[*at].failed && nodes[*at].service == nodes[first].service
    });
    // Words must say it better by far to count more than the call's own line.
    words
        .filter(|at| sure(*at) > own + 0.2)
        .max_by(|a, b| sure(*a).total_cmp(&sure(*b)).then(b.cmp(a)))
        .unwrap_or(first)
}

/// Puts what was found into words.
pub(super) fn tell(trace: &mut Trace, nodes: &[Node], seen: &[Seen], order: &[usize], found: Found) {
    trace.failed = found.failed;
    trace.short_timeouts = short_timeouts(seen, &found);
    trace.translations = translations(nodes, seen);
    notes(trace, seen);
    let Some(first) = found.first else {
        let last = order.last().map(|at| &seen[*at]);
        let end =
            last.map_or_else(String::new, |line| format!("; the last line is {}'s: {}", line.service, words(line)));
        trace.summary = format!("Nothing failed in the {} lines of this request{end}.", seen.len());
        return;
    };
    trace.first = order.iter().position(|at| *at == first);
    let line = &seen[first];
    let told = &seen[found.verdict.unwrap_or(first)];
    trace.layer = layer(first, told, nodes, &found, seen);
    let gave_up = found.gave_up.iter().find(|(who, _)| *who == first).copied();
    if let Some(diagnosis) = &told.diagnosis {
        trace.bucket = Some(diagnosis.bucket);
        trace.cause.clone_from(&diagnosis.cause);
        trace.probability = diagnosis.probability;
        trace.owner = Some(diagnosis.owner);
        trace.checks.clone_from(&diagnosis.checks);
    } else {
        "unknown".clone_into(&mut trace.cause);
    }
    let passed_by = line.gateway && !nodes.iter().enumerate().any(|(at, n)| n.parent == Some(first) && seen[at].call);
    if passed_by
        && gave_up.is_none()
        && line.upstream_status.is_some_and(|status| status >= 400)
        && line.upstream_status == line.status
    {
        let who = line.upstream.clone().unwrap_or_else(|| "the system behind it".to_owned());
        trace.notes.push(format!(
            "{} passed on a {} of {who}, of which there is no line",
            line.service,
            line.status.unwrap_or(0)
        ));
        trace.unseen = Some(who);
    }
    let consequence = consequence(first, nodes, seen);
    let what = words(line);
    trace.summary = match gave_up {
        Some((_, behind)) => {
            trace.owner = trace.owner.or(Some(Owner::Provider));
            format!(
                "{} failed first: it gave up after {}, and {} needed {} ({}){consequence}.",
                line.service,
                time(line.duration),
                seen[behind].service,
                time(seen[behind].duration),
                words(&seen[behind]),
            )
        }
        None => format!("{} failed first: {what}{consequence}.", line.service),
    };
    if !trace.failed {
        trace.summary.push_str(" The request itself went well in the end.");
    }
    trace.diagnosis.clone_from(&told.diagnosis);
}

/// The layer of the first failure, seen from where the request came in: a backend that another backend called is a
/// dependency, and a gateway that gave up failed itself.
fn layer(first: usize, told: &Seen, nodes: &[Node], found: &Found, seen: &[Seen]) -> Option<Layer> {
    let judged = told.diagnosis.as_ref().and_then(|d| d.layer);
    let place = nodes[first].layer;
    if let Some((_, behind)) = found.gave_up.iter().find(|(who, _)| *who == first)
        && !seen[*behind].failed
    {
        return place.or(judged);
    }
    match (judged, place) {
        (Some(Layer::Backend), Some(Layer::Dependency)) => Some(Layer::Dependency),
        (Some(judged), _) => Some(judged),
        (None, place) => place,
    }
}

fn short_timeouts(seen: &[Seen], found: &Found) -> Vec<ShortTimeout> {
    let mut all: Vec<ShortTimeout> = Vec::new();
    for (early, late) in &found.gave_up {
        let (Some(gave_up), Some(answered)) = (seen[*early].duration, seen[*late].duration) else { continue };
        let (gateway, backend) = (seen[*early].service.clone(), seen[*late].service.clone());
        match all.iter_mut().find(|known| known.gateway == gateway && known.backend == backend) {
            Some(known) => known.count += 1,
            None => all.push(ShortTimeout { gateway, gave_up, backend, answered, count: 1 }),
        }
    }
    all
}

/// Gateways that gave another status on than they got.
fn translations(nodes: &[Node], seen: &[Seen]) -> Vec<Translation> {
    let mut all: Vec<Translation> = Vec::new();
    for (at, line) in seen.iter().enumerate().filter(|(_, line)| line.call && line.gateway) {
        let child = (0..nodes.len())
            .filter(|c| nodes[*c].parent == Some(at) && seen[*c].call)
            .max_by_key(|c| (seen[*c].begin, *c));
        let given = line.upstream_status.or_else(|| child.and_then(|c| seen[c].status));
        let (Some(status), Some(upstream_status)) = (line.status, given) else { continue };
        if status != upstream_status && upstream_status >= 400 {
            let upstream = child.map(|c| seen[c].service.clone()).or_else(|| line.upstream.clone()).unwrap_or_default();
            let translation = Translation { service: line.service.clone(), status, upstream, upstream_status };
            if !all.contains(&translation) {
                all.push(translation);
            }
        }
    }
    all
}

/// What the first failure did to the systems above it.
fn consequence(first: usize, nodes: &[Node], seen: &[Seen]) -> String {
    let mut said: Vec<String> = Vec::new();
    let mut up = nodes[first].parent;
    while let Some(at) = up {
        if seen[at].failed && seen[at].call && seen[at].service != seen[first].service {
            let status = seen[at].status.map_or_else(|| "failed".to_owned(), |status| format!("answered {status}"));
            said.push(format!("{} {status}", seen[at].service));
        }
        up = nodes[at].parent;
    }
    if said.is_empty() { String::new() } else { format!("; as a consequence {}", said.join(", ")) }
}

fn notes(trace: &mut Trace, seen: &[Seen]) {
    let untimed = seen.iter().filter(|line| line.begin.is_none()).count();
    if untimed > 0 {
        trace
            .notes
            .push(format!("{untimed} of {} lines have no time: they stand behind those that have one", seen.len()));
    }
    if trace.left_out > 0 {
        trace.notes.push(format!("{} lines more carry the id and were not looked at", trace.left_out));
    }
    if let [only] = &seen
        .iter()
        .map(|l| l.service.as_str())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()[..]
    {
        trace.notes.push(format!("all lines are of {only}: the logs of the systems around it would tell more"));
    }
}

/// `POST /v1/tickets answered 500 (message)`.
fn words(line: &Seen) -> String {
    let message: String = line.message.chars().take(160).collect();
    if !line.call {
        return message;
    }
    let answered = line.status.map_or_else(|| " got no answer".to_owned(), |status| format!(" answered {status}"));
    let tail = if message.is_empty() || !line.failed { String::new() } else { format!(" ({message})") };
    format!("{}{answered}{tail}", line.what())
}

fn time(duration: Option<f64>) -> String {
    match duration {
        Some(ms) if ms >= 1_000.0 => format!("{:.1} s", ms / 1_000.0),
        Some(ms) => format!("{ms:.0} ms"),
        None => "an unknown time".to_owned(),
    }
}

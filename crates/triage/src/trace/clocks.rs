//! The clocks of the systems, from the nesting of one request's calls: what was called lies within the call.

use super::line::Seen;
use super::tree::Node;
use firstfault_model::way::Clock;
use std::collections::BTreeMap;

/// Bounds of a clock against another one.
#[derive(Clone, Copy, Default)]
struct Bounds {
    least: Option<i64>,
    most: Option<i64>,
    pairs: u32,
}

/// Sets the skew of every node, and says how it is known.
pub(super) fn set(nodes: &mut [Node], seen: &[Seen], services: &[String]) -> Vec<Clock> {
    let mut bounds: BTreeMap<(usize, usize), Bounds> = BTreeMap::new();
    for (at, node) in nodes.iter().enumerate() {
        let Some(parent) = node.parent.filter(|parent| nodes[*parent].service != node.service) else { continue };
        let Some((least, most)) = pair(&seen[parent], &seen[at]) else { continue };
        let known = bounds.entry((nodes[parent].service, node.service)).or_default();
        known.least = known.least.max(least);
        known.most = match (known.most, most) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        known.pairs += 1;
    }
    let mut skew: Vec<Option<i64>> = vec![None; services.len()];
    let first = nodes.iter().find(|node| node.parent.is_none()).map_or(0, |node| node.service);
    let first = nodes.iter().filter(|node| node.parent.is_none()).map(|node| node.service).min().unwrap_or(first);
    skew[first] = Some(0);
    let mut clocks = Vec::new();
    for _ in 0..services.len() {
        for ((caller, called), b) in &bounds {
            let (Some(base), None) = (skew[*caller], skew[*called]) else { continue };
            let offset = offset(*b);
            skew[*called] = Some(base.saturating_add(offset));
            clocks.push(Clock {
                service: services[*called].clone(),
                offset: base.saturating_add(offset),
                bounds: (b.least.map(|v| v.saturating_add(base)), b.most.map(|v| v.saturating_add(base))),
                because: because(&services[*caller], *b),
            });
        }
    }
    for node in nodes.iter_mut() {
        node.skew = skew[node.service].unwrap_or(0);
    }
    clocks
}

/// Bounds of the callee's clock minus the caller's. Where the caller gave up before, only the beginning lies within.
fn pair(caller: &Seen, called: &Seen) -> Option<(Option<i64>, Option<i64>)> {
    let (from, to) = (caller.begin?, caller.end?);
    let (begin, end) = (called.begin?, called.end?);
    if caller.duration.is_none() {
        // A time alone is that of its end.
        return Some((Some(end.saturating_sub(to)), None));
    }
    let most = begin.saturating_sub(from);
    if end.saturating_sub(begin) > to.saturating_sub(from) {
        return Some((None, Some(most)));
    }
    Some((Some(end.saturating_sub(to)), Some(most)))
}

/// 0 as long as that is allowed: one request is thin evidence against a clock.
fn offset(b: Bounds) -> i64 {
    match (b.least, b.most) {
        (Some(low), Some(high)) if low > high => low.midpoint(high),
        (Some(low), Some(high)) if low <= 0 && high >= 0 => 0,
        (Some(low), Some(high)) => low.midpoint(high),
        (Some(low), None) => low.max(0),
        // Whoever gave up began the other's work at once: more than a second before it began is a clock that is fast.
        (None, Some(high)) if (0..=1_000).contains(&high) => 0,
        (None, Some(high)) => high,
        (None, None) => 0,
    }
}

fn because(caller: &str, b: Bounds) -> String {
    let pairs = if b.pairs == 1 { "its call lies".to_owned() } else { format!("its {} calls lie", b.pairs) };
    match (b.least, b.most) {
        (Some(low), Some(high)) if low > high => {
            format!("{pairs} within the waiting of {caller} only with an error of {} ms", (low - high) / 2)
        }
        (Some(low), Some(high)) => format!("{pairs} within the waiting of {caller}, to ± {} ms", (high - low) / 2),
        (Some(_), None) => format!("{pairs} before the end of the call of {caller}"),
        (None, Some(_)) => format!("{caller} gave up before it ended: only its beginning bounds it"),
        (None, None) => "nothing bounds it".to_owned(),
    }
}

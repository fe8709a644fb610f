//! How the clocks of the systems stand to each other, by all keys together.
//!
//! Two things bound it. Whoever waited for an answer began before and ended after whoever gave it, so the inner interval
//! lies within the outer one: that bounds from both sides. And what must come first came first: that bounds from one side.
//! A few keys may lie (a retry, a mixed-up id), so that the outermost twentieth of the bounds is left out.

use super::watch::{COMPLAINT, Event, Watch};
use firstfault_calls::NO_TIME;
use firstfault_model::way::Clock;
use std::collections::BTreeMap;

/// Bounds kept of one pair of systems; more make it no truer.
const SAMPLE_LIMIT: usize = 100_000;
/// The share of bounds that may lie.
const LIARS: usize = 20;

/// Offsets by service.
#[derive(Clone, Debug, Default)]
pub(super) struct Clocks {
    /// What to take off a service's times.
    pub offset: Vec<i64>,
    /// By how much that may be wrong; `None` where it is not known.
    pub unsure: Vec<Option<i64>>,
    /// For the report, in the order of the way.
    pub shown: Vec<Clock>,
}

impl Clocks {
    /// A time of a service's clock by the clock of the first system.
    pub(super) fn right(&self, service: u16, time: i64) -> i64 {
        time.saturating_sub(self.offset.get(usize::from(service)).copied().unwrap_or(0))
    }
}

/// Bounds of the second service's clock minus the first one's.
#[derive(Default)]
struct Bounds {
    least: Vec<i64>,
    most: Vec<i64>,
}

/// Estimates the clocks from events in order of key.
pub(super) fn clocks(watch: &Watch<'_>, events: &[Event]) -> Clocks {
    let mut pairs: BTreeMap<(u16, u16), Bounds> = BTreeMap::new();
    for group in events.chunk_by(|a, b| a.key == b.key) {
        nested(group, watch.definition.steps.len(), &mut pairs);
        follows(group, watch.definition.steps.len(), &mut pairs);
    }
    let count = watch.services.len();
    let mut clocks =
        Clocks { offset: vec![0; count], unsure: vec![None; count], shown: Vec::with_capacity(count.min(64)) };
    let mut used: Vec<(u8, u16)> = events.iter().map(|event| (event.step, event.service)).collect();
    used.sort_unstable();
    used.dedup();
    let Some(&(_, first)) = used.first() else { return clocks };
    clocks.unsure[usize::from(first)] = Some(0);
    let estimates: BTreeMap<(u16, u16), Estimate> = pairs.into_iter().map(|(pair, b)| (pair, estimate(b))).collect();
    let mut known = vec![first];
    loop {
        // The surest of the pairs that lead from a known clock to an unknown one.
        let next = estimates
            .iter()
            .filter_map(|((a, b), e)| match (known.contains(a), known.contains(b)) {
                (true, false) => Some((*a, *b, *e)),
                (false, true) => Some((*b, *a, e.turned())),
                _ => None,
            })
            .min_by_key(|(from, to, e)| (e.unsure.unwrap_or(i64::MAX), *from, *to));
        let Some((from, to, e)) = next else { break };
        known.push(to);
        let base = clocks.offset[usize::from(from)];
        clocks.offset[usize::from(to)] = base.saturating_add(e.offset);
        let before = clocks.unsure[usize::from(from)];
        clocks.unsure[usize::from(to)] = before.zip(e.unsure).map(|(a, b)| a.saturating_add(b));
        let (name, other) = (&watch.services[usize::from(to)].name, &watch.services[usize::from(from)].name);
        clocks.shown.push(Clock {
            service: name.clone(),
            offset: base.saturating_add(e.offset),
            bounds: (e.least.map(|v| v.saturating_add(base)), e.most.map(|v| v.saturating_add(base))),
            because: e.because(other),
        });
    }
    clocks
}

#[derive(Clone, Copy)]
struct Estimate {
    offset: i64,
    least: Option<i64>,
    most: Option<i64>,
    unsure: Option<i64>,
    samples: usize,
}

impl Estimate {
    fn turned(self) -> Self {
        Self {
            offset: self.offset.saturating_neg(),
            least: self.most.map(i64::saturating_neg),
            most: self.least.map(i64::saturating_neg),
            ..self
        }
    }

    fn because(&self, other: &str) -> String {
        match self.unsure {
            Some(unsure) => format!("{} answers lie within the waiting of {other}, to ± {unsure} ms", self.samples),
            None => format!("only the order after {other} bounds it ({} times)", self.samples),
        }
    }
}

fn estimate(mut bounds: Bounds) -> Estimate {
    bounds.least.sort_unstable();
    bounds.most.sort_unstable();
    let samples = bounds.least.len().max(bounds.most.len());
    // Every bound holds of the true offset; the outermost ones are those that may lie.
    let least = bounds.least.len().checked_sub(1 + bounds.least.len() / LIARS).map(|at| bounds.least[at]);
    let most = bounds.most.get(bounds.most.len() / LIARS).copied();
    match (least, most) {
        (Some(low), Some(high)) => {
            let (low, high) = if low <= high { (low, high) } else { (high, low) };
            let offset = if low <= 0 && high >= 0 { 0 } else { low + (high - low) / 2 };
            Estimate { offset, least, most, unsure: Some((high - low) / 2 + 1), samples }
        }
        (low, high) => {
            let offset = low.filter(|v| *v > 0).or(high.filter(|v| *v < 0)).unwrap_or(0);
            Estimate { offset, least: low, most: high, unsure: None, samples }
        }
    }
}

fn add(pairs: &mut BTreeMap<(u16, u16), Bounds>, from: u16, to: u16, least: Option<i64>, most: Option<i64>) {
    if from == to {
        return;
    }
    let (pair, least, most) = if from < to {
        ((from, to), least, most)
    } else {
        ((to, from), most.map(i64::saturating_neg), least.map(i64::saturating_neg))
    };
    let bounds = pairs.entry(pair).or_default();
    if let Some(least) = least.filter(|_| bounds.least.len() < SAMPLE_LIMIT) {
        bounds.least.push(least);
    }
    if let Some(most) = most.filter(|_| bounds.most.len() < SAMPLE_LIMIT) {
        bounds.most.push(most);
    }
}

/// Answers lie within the waiting for them: of steps that have one line of each witness.
fn nested(group: &[Event], steps: usize, pairs: &mut BTreeMap<(u16, u16), Bounds>) {
    for step in 0..steps {
        let of_step =
            || group.iter().filter(|e| usize::from(e.step) == step && e.begin != NO_TIME && e.witness != COMPLAINT);
        let single = |witness: u8| {
            let mut all = of_step().filter(|e| e.witness == witness);
            all.next().filter(|_| all.next().is_none())
        };
        let last = of_step().map(|e| e.witness).max().unwrap_or(0);
        for outer in (1..=last).filter_map(single) {
            for inner in (0..outer.witness).filter_map(single) {
                let waited = outer.end.saturating_sub(outer.begin);
                let worked = inner.end.saturating_sub(inner.begin);
                if outer.timed && waited >= worked {
                    let least = inner.end.saturating_sub(outer.end);
                    let most = inner.begin.saturating_sub(outer.begin);
                    add(pairs, outer.service, inner.service, Some(least), Some(most));
                } else if outer.timed {
                    // It gave up before: only the beginning lies within.
                    let most = inner.begin.saturating_sub(outer.begin);
                    add(pairs, outer.service, inner.service, None, Some(most));
                } else if !outer.failed {
                    add(pairs, outer.service, inner.service, Some(inner.end.saturating_sub(outer.end)), None);
                }
            }
        }
    }
}

/// What must come first came first.
fn follows(group: &[Event], steps: usize, pairs: &mut BTreeMap<(u16, u16), Bounds>) {
    let mut before: Option<&Event> = None;
    for step in 0..steps {
        let of_step = group
            .iter()
            .filter(|e| usize::from(e.step) == step && e.begin != NO_TIME && !e.failed && e.witness != COMPLAINT);
        let Some(first) = of_step.min_by_key(|e| (e.witness, e.begin, e.line)) else { continue };
        if let Some(before) = before {
            add(pairs, before.service, first.service, None, Some(first.begin.saturating_sub(before.begin)));
        }
        before = Some(first);
    }
}

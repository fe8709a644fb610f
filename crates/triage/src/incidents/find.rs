//! The likeliest rise among all groups and slices, and what makes a rise an incident.
//!
//! A rise counts when its likelihood ratio, divided by the dispersion of the rest, is above the price of all that was
//! looked at: groups and slices, begins and ends, and one false incident in [`FALSE_ALARM_HOURS`] hours of data. Half of
//! the trials are kept for the groups as a whole, so that many attributes do not make a plain rise dearer.

use super::failing::Failing;
use crate::when::likelihood::Count;
use crate::when::scan::{Stretch, stretch};
use crate::when::tables::{Pair, Tables};
use firstfault_calls::{Attribute, Calls};

/// How many hours of quiet data may give one incident.
const FALSE_ALARM_HOURS: f64 = 1_000.0;
/// A rise to less than twice the odds is a drift, however many calls prove it.
pub const LEAST_ODDS: f64 = 2.0;
/// Fewer failing calls beyond the usual are a coincidence that somebody may look into, not an incident.
pub const LEAST_EXCESS: f64 = 6.0;
/// What ends within this time, in milliseconds, may be one caller's bunch …
const BUNCH: i64 = 60_000;
/// … which is dearer by this many nats.
const BUNCH_PRICE: f64 = 12.0;
/// By how much, at least, a wide group must be better than a fine one to be what rose.
const WIDE: (f64, f64) = (1.2, 8.0);
/// Attributes whose traffic may rise without anything being wrong: a rise that their own usual failures explain is none.
/// A release, a flag and a host are left out: that more calls go to a bad one is an incident.
const TRAFFIC: &[Attribute] = &[
    Attribute::Service,
    Attribute::Method,
    Attribute::Route,
    Attribute::Tenant,
    Attribute::Role,
    Attribute::User,
    Attribute::ApiKey,
    Attribute::ClientIp,
    Attribute::Region,
    Attribute::Client,
];

/// A rise of a group in a slice.
#[derive(Clone, Copy, Debug)]
pub struct Rise {
    /// Group and slice.
    pub pair: Pair,
    /// The time.
    pub stretch: Stretch,
    /// Nats above the price.
    pub score: f64,
}

/// All rises, each pair at most once, the likeliest first.
#[must_use]
pub fn rises(tables: &Tables, failing: &Failing) -> Vec<Rise> {
    let clock = tables.clock;
    let hours = ((clock.span().end - clock.start) as f64 / 3_600_000.0).max(1.0);
    let groups = failing.groups.len().max(1) as f64;
    let pairs = tables.pairs.len().max(1) as f64;
    let mut rises: Vec<Rise> = Vec::new();
    for (index, pair) in tables.pairs.iter().enumerate() {
        let Some(found) = stretch(tables.failed(index), tables.calls(pair.slice)) else { continue };
        let trials = 2.0 * if pair.slice == 0 { groups } else { pairs };
        let short = found.to < clock.steps && clock.begin(found.to) - clock.begin(found.from) <= BUNCH;
        let price = trials.ln()
            + found.price(clock.steps)
            + hours.ln()
            + FALSE_ALARM_HOURS.ln()
            + if short { BUNCH_PRICE } else { 0.0 };
        let score = found.nats - price;
        if score > 0.0 && found.odds() >= LEAST_ODDS && found.excess() >= LEAST_EXCESS {
            rises.push(Rise { pair: *pair, stretch: found, score });
        }
    }
    rises.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then(a.pair.group.cmp(&b.pair.group)).then(a.pair.slice.cmp(&b.pair.slice))
    });
    rises
}

/// The rise to follow: the best one of a fine group, unless a wide group is clearly better.
#[must_use]
pub fn best<'a>(rises: &'a [Rise], failing: &Failing) -> Option<&'a Rise> {
    let first = rises.first()?;
    let fine = rises.iter().find(|rise| rise.pair.group < failing.fine);
    match fine {
        Some(fine) if first.score < fine.score * WIDE.0 + WIDE.1 => Some(fine),
        _ => Some(first),
    }
}

/// Whether a rise in all calls is only a rise of traffic that fails as it always did: with the shares that each value of
/// some attribute had in the rest of the time, the calls of the stretch would fail about as often as they do.
#[must_use]
pub fn explained_by_traffic(tables: &Tables, calls: &Calls, rise: &Rise) -> bool {
    let group = rise.pair.group;
    let Some(all) = tables.pair(group, 0) else { return false };
    let (from, to) = (rise.stretch.from, rise.stretch.to);
    let count = |failed: &[u32], calls: &[u32]| {
        let sum = |of: &[u32], inside: bool| -> f64 {
            let steps = of.iter().enumerate().filter(|(step, _)| (from..to).contains(step) == inside);
            steps.map(|(_, value)| f64::from(*value)).sum()
        };
        let of = |inside| Count { failed: sum(failed, inside), calls: sum(calls, inside) };
        (of(true), of(false))
    };
    let (during, before) = count(tables.failed(all), tables.calls(0));
    let excess = during.failed - during.calls * before.share();
    let dimensions =
        calls.dimensions.iter().enumerate().filter(|(_, d)| d.attribute.is_some_and(|a| TRAFFIC.contains(&a)));
    for (dimension, _) in dimensions {
        let (mut expected, mut rest, mut rest_before) = (0.0, during, before);
        for (slice, of) in tables.slices.iter().enumerate() {
            let (Some((of, _)), Some(pair)) = (of, tables.pair(group, slice)) else { continue };
            if *of != dimension {
                continue;
            }
            let (inside, outside) = count(tables.failed(pair), tables.calls(slice));
            // A value without calls before explains nothing.
            if outside.calls >= 1.0 {
                let usual = (outside.failed + 2.0 * before.share()) / (outside.calls + 2.0);
                expected += inside.calls * usual;
            }
            (rest, rest_before) = (rest.minus(inside), rest_before.minus(outside));
        }
        expected += rest.calls * rest_before.share();
        if during.failed - expected < excess / 3.0 || during.failed < expected * 1.5 {
            return true;
        }
    }
    false
}

//! Which question to ask next: the one that decides most per second.

use crate::answers::Answer;
use crate::score::Ranked;
use crate::sentence::{Slots, fill};
use firstfault_knowledge::compiled::CheckSource;
use firstfault_knowledge::{Knowledge, Matcher};
use firstfault_model::{Check, Observations};

/// How many checks a verdict offers.
const CHECK_LIMIT: usize = 4;
/// Seconds that any check takes at least: reading the question.
const LEAST_SECONDS: f64 = 3.0;

/// The checks worth asking, best first; an answered one is not asked again.
#[must_use]
pub fn next(
    knowledge: &Knowledge,
    matcher: &Matcher<'_>,
    observations: &Observations,
    (ranking, answers): (&[Ranked], &[Answer]),
    slots: &Slots,
) -> Vec<Check> {
    let mut scored: Vec<(f64, &CheckSource<'_>)> = matcher
        .applicable_checks(observations)
        .into_iter()
        // What runs by itself and has no command is nothing for a person.
        .filter(|check| check.run.is_empty() || !check.command.is_empty())
        .filter(|check| answers.iter().all(|answer| answer.check != check.id))
        .filter_map(|check| {
            let value = gain(check, ranking) / (f64::from(check.seconds) + LEAST_SECONDS);
            (value > 1e-4).then_some((value, check))
        })
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(b.1.id)));
    scored
        .into_iter()
        .take(CHECK_LIMIT)
        .map(|(_, check)| Check {
            id: check.id.to_owned(),
            question: fill(check.question, slots).unwrap_or_else(|| check.question.replace(['{', '}'], "")),
            seconds: check.seconds,
            risk: check.risk.to_owned(),
            command: (!check.command.is_empty()).then(|| command(check.command, slots)).flatten(),
            decides: ranking
                .iter()
                .filter(|r| check.outcomes.iter().flatten().any(|c| *c == r.cause))
                .filter_map(|r| knowledge.causes.get(usize::from(r.cause)))
                .map(|c| c.id.to_owned())
                .collect(),
        })
        .collect()
}

/// A command with the call's values in it. Evidence is hostile and people paste commands into shells: each value
/// stands inside single quotes there, and cannot end them.
fn command(template: &str, slots: &Slots) -> Option<String> {
    let quoted: Slots = slots
        .iter()
        .filter(|(_, value)| !value.contains(char::is_control))
        .map(|(name, value)| (name.clone(), value.replace('\'', r"'\''")))
        .collect();
    fill(template, &quoted)
}

/// Expected fall of the ranking's entropy, in bits, plus a little for confirming the first place: in a clear
/// case the quickest confirmation still comes first.
fn gain(check: &CheckSource<'_>, ranking: &[Ranked]) -> f64 {
    let known: f64 = ranking.iter().map(|r| r.probability).sum();
    let rest = (1.0 - known).max(0.0);
    // What stands under several outcomes comes out as any of them.
    let share = |r: &Ranked| {
        let outcomes = check.outcomes.iter().filter(|causes| causes.contains(&r.cause)).count();
        r.probability / outcomes.max(1) as f64
    };
    let mut outcomes: Vec<Vec<f64>> = check
        .outcomes
        .iter()
        .map(|causes| ranking.iter().filter(|r| causes.contains(&r.cause)).map(share).collect())
        .collect();
    let mut other: Vec<f64> = ranking
        .iter()
        .filter(|r| !check.outcomes.iter().flatten().any(|c| *c == r.cause))
        .map(|r| r.probability)
        .collect();
    other.push(rest);
    outcomes.push(other);
    let mut all: Vec<f64> = ranking.iter().map(|r| r.probability).collect();
    all.push(rest);
    let before = entropy(&all, 1.0);
    let after: f64 = outcomes
        .iter()
        .map(|group| {
            let mass: f64 = group.iter().sum();
            if mass > 0.0 { mass * entropy(group, mass) } else { 0.0 }
        })
        .sum();
    let confirms_first =
        ranking.first().is_some_and(|first| check.outcomes.iter().flatten().any(|c| *c == first.cause));
    (before - after).max(0.0) + if confirms_first { 0.05 * ranking.first().map_or(0.0, |r| r.probability) } else { 0.0 }
}

/// What running an experiment is worth now.
#[derive(Clone, Debug, PartialEq)]
pub struct Worth {
    /// The experiment, by the name that checks call it.
    pub run: &'static str,
    /// The check that it answers.
    pub check: &'static str,
    /// Expected fall of the ranking's entropy, in bits.
    pub bits: f64,
}

/// The experiments whose result would move the ranking, the most telling check of each, best first. A check that is
/// answered is not asked again.
#[must_use]
pub fn worth(checks: &[&CheckSource<'static>], ranking: &[Ranked], answers: &[Answer]) -> Vec<Worth> {
    let mut out: Vec<Worth> = Vec::new();
    for check in checks {
        if check.run.is_empty() || answers.iter().any(|answer| answer.check == check.id) {
            continue;
        }
        let worth = Worth { run: check.run, check: check.id, bits: gain(check, ranking) };
        match out.iter_mut().find(|w| w.run == check.run) {
            Some(known) if known.bits < worth.bits => *known = worth,
            Some(_) => {}
            None => out.push(worth),
        }
    }
    out.sort_by(|a, b| b.bits.total_cmp(&a.bits).then_with(|| a.check.cmp(b.check)));
    out
}

fn entropy(group: &[f64], mass: f64) -> f64 {
    group.iter().filter(|p| **p > 0.0).map(|p| -(p / mass) * (p / mass).log2()).sum()
}

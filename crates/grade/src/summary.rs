//! The rates, the confusion, and what the order of experiments is worth; as text and as JSON.

use crate::Graded;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everything that was graded.
#[derive(Clone, Debug)]
pub struct Grade {
    /// In the chosen order.
    pub chosen: Vec<Graded>,
    /// Down a fixed checklist; empty when it was not asked for.
    pub fixed: Vec<Graded>,
    /// In random order; empty when it was not asked for.
    pub random: Vec<Graded>,
}

/// Rates of 1 and means over scenarios.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Right bucket.
    pub bucket: f64,
    /// Right layer.
    pub layer: f64,
    /// Right cause.
    pub cause: f64,
    /// Requests, the call itself among them.
    pub requests: f64,
    /// Seconds.
    pub seconds: f64,
    /// Changes of state that the probe made.
    pub writes: usize,
}

#[expect(clippy::cast_precision_loss, reason = "hundreds of scenarios")]
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_usize), |(sum, count), value| (sum + value, count + 1));
    if count == 0 { 0.0 } else { sum / count as f64 }
}

impl Rates {
    /// Of some scenarios.
    #[must_use]
    pub fn of(graded: &[Graded]) -> Self {
        let share = |right: fn(&Graded) -> bool| mean(graded.iter().map(|g| f64::from(u8::from(right(g)))));
        Self {
            bucket: share(Graded::bucket),
            layer: share(Graded::layer),
            cause: share(Graded::cause),
            requests: mean(graded.iter().map(|g| f64::from(g.requests))),
            seconds: mean(graded.iter().map(|g| g.seconds)),
            writes: graded.iter().map(|g| g.writes.len()).sum(),
        }
    }
}

impl Grade {
    /// Scenarios of a list that needed an experiment in the chosen order: of the others every order is the same.
    fn undecided<'g>(&'g self, list: &'g [Graded]) -> Vec<Graded> {
        self.chosen
            .iter()
            .zip(list)
            .filter(|(chosen, _)| chosen.experiments > 0)
            .map(|(_, graded)| graded.clone())
            .collect()
    }
}

/// For people.
#[must_use]
pub fn text(grade: &Grade) -> String {
    let mut out = String::new();
    let rates = Rates::of(&grade.chosen);
    let percent = |rate: f64| format!("{:.1} %", rate * 100.0);
    let _ = writeln!(out, "{} scenarios", grade.chosen.len());
    let _ = writeln!(out, "  bucket {}", percent(rates.bucket));
    let _ = writeln!(out, "  layer  {}", percent(rates.layer));
    let _ = writeln!(out, "  cause  {}", percent(rates.cause));
    let _ = writeln!(out, "  state changed by the probe: {}", rates.writes);
    let _ = writeln!(out, "  {:.2} requests and {:.2} s for a verdict", rates.requests, rates.seconds);
    orders(&mut out, grade);
    for (title, pick) in PARTS {
        confusion(&mut out, title, grade, pick);
    }
    let wrong: Vec<&Graded> =
        grade.chosen.iter().filter(|g| !g.cause() || !g.bucket() || !g.layer() || !g.writes.is_empty()).collect();
    if !wrong.is_empty() {
        let _ = writeln!(out, "\nWrong");
    }
    for graded in wrong {
        let layer = |l: Option<firstfault_model::Layer>| l.map_or("none", firstfault_model::Layer::word);
        let _ = writeln!(
            out,
            "  {}: {} at {}, found {} at {} ({:.0} %, {} requests){}",
            graded.scenario.name,
            graded.truth.cause,
            layer(graded.truth.layer),
            graded.found.cause,
            layer(graded.found.layer),
            graded.probability * 100.0,
            graded.requests,
            graded.fault.as_ref().map_or_else(String::new, |fault| format!(": {fault}")),
        );
        for write in &graded.writes {
            let _ = writeln!(out, "    changed: {write}");
        }
    }
    out
}

/// How a part reads, of the truth and of what was found.
type Pick = fn(&crate::Truth) -> String;

/// What is compared: its title, and how it reads.
const PARTS: [(&str, Pick); 3] = [
    ("bucket", |truth| truth.bucket.word().to_owned()),
    ("layer", |truth| truth.layer.map_or("none", firstfault_model::Layer::word).to_owned()),
    ("cause", |truth| truth.cause.clone()),
];

fn orders(out: &mut String, grade: &Grade) {
    if grade.fixed.is_empty() {
        return;
    }
    let chosen = Rates::of(&grade.chosen);
    let undecided = Rates::of(&grade.undecided(&grade.chosen));
    let count = grade.undecided(&grade.chosen).len();
    let _ = writeln!(out, "\nOrder of experiments, requests in all ({count} scenarios that needed any)");
    let _ = writeln!(out, "  chosen     {:>6.2} ({:.2})", chosen.requests, undecided.requests);
    for (name, list) in [("checklist", &grade.fixed), ("random", &grade.random)] {
        let (all, needed) = (Rates::of(list), Rates::of(&grade.undecided(list)));
        let _ = writeln!(
            out,
            "  {name:<10} {:>6.2} ({:.2}), cause {:.1} %: chosen needs {:.2} of it ({:.2})",
            all.requests,
            needed.requests,
            all.cause * 100.0,
            chosen.requests / all.requests,
            undecided.requests / needed.requests
        );
    }
}

/// Pairs of truth and verdict: the right ones counted, the wrong ones named.
fn confusion(out: &mut String, title: &str, grade: &Grade, pick: Pick) {
    let mut rows: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for graded in &grade.chosen {
        *rows.entry(pick(&graded.truth)).or_default().entry(pick(&graded.found)).or_default() += 1;
    }
    let _ = writeln!(out, "\nConfusion by {title}: truth, how many, and what they were taken for");
    for (truth, found) in rows {
        let all: usize = found.values().sum();
        let right = found.get(&truth).copied().unwrap_or(0);
        let wrong: Vec<String> =
            found.iter().filter(|(name, _)| **name != truth).map(|(name, n)| format!("{n} × {name}")).collect();
        let _ = writeln!(out, "  {truth:<32} {right:>3} of {all:<3} {}", wrong.join(", "));
    }
}

/// `firstfault/lab-grade/1`.
#[must_use]
pub fn json(grade: &Grade) -> String {
    let rates = Rates::of(&grade.chosen);
    let round = |value: f64| (value * 1000.0).round() / 1000.0;
    let wrong: Vec<serde_json::Value> = grade
        .chosen
        .iter()
        .filter(|g| !g.cause() || !g.bucket() || !g.layer())
        .map(|g| {
            let part = |truth: &crate::Truth| {
                serde_json::json!({
                    "bucket": truth.bucket.word(),
                    "layer": truth.layer.map_or("none", firstfault_model::Layer::word),
                    "cause": truth.cause,
                })
            };
            serde_json::json!({
                "scenario": g.scenario.name, "truth": part(&g.truth), "found": part(&g.found),
                "probability": g.probability, "requests": g.requests, "fault": g.fault,
            })
        })
        .collect();
    let or_null = |list: &[Graded]| (!list.is_empty()).then(|| round(Rates::of(list).requests));
    let document = serde_json::json!({
        "schema": "firstfault/lab-grade/1",
        "scenarios": grade.chosen.len(),
        "bucket": round(rates.bucket),
        "layer": round(rates.layer),
        "cause": round(rates.cause),
        "requests_mean": round(rates.requests),
        "requests_fixed_order_mean": or_null(&grade.fixed),
        "requests_random_order_mean": or_null(&grade.random),
        "seconds_mean": round(rates.seconds),
        "writes": rates.writes,
        "wrong": wrong,
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

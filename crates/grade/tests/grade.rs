//! The whole lab, probed and graded: no system is changed, and the rates do not fall.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends at the first surprise")]

use firstfault_grade::{Grade, Rates, grade, text};
use firstfault_investigate::Order;

/// Scenarios that run at once: most of their time is waiting.
const AT_ONCE: usize = 12;

/// The least that holds. They only rise.
const BUCKET: f64 = 0.98;
const LAYER: f64 = 0.98;
const CAUSE: f64 = 0.96;

#[test]
fn every_scenario_is_probed_and_none_is_changed() {
    let scenarios = firstfault_lab::scenarios::all();
    assert!(scenarios.len() >= 120, "expected 120 scenarios, found {}", scenarios.len());
    let graded = Grade {
        chosen: grade(&scenarios, Order::Chosen, AT_ONCE, &firstfault_knowledge::Knowledge::builtin(), &|_| ()),
        fixed: Vec::new(),
        random: Vec::new(),
    };
    let rates = Rates::of(&graded.chosen);
    let all = text(&graded);
    assert_eq!(rates.writes, 0, "{all}");
    assert!(rates.bucket >= BUCKET && rates.layer >= LAYER && rates.cause >= CAUSE, "{all}");
    // Where nothing is wrong, nothing is said to be.
    let alarms: Vec<&str> = graded
        .chosen
        .iter()
        .filter(|one| one.truth.cause == "none" && one.found.cause != "none")
        .map(|one| one.scenario.name)
        .collect();
    assert!(alarms.is_empty(), "false alarms: {alarms:?}");
}

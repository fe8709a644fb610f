//! Every experiment stands in docs/probe.md and answers a check, and every check names an experiment that there is.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use firstfault_investigate::experiments::ALL;
use firstfault_knowledge::Knowledge;

#[test]
fn experiments_checks_and_documentation_agree() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/probe.md")).unwrap();
    let knowledge = Knowledge::builtin();
    let mut faults: Vec<String> = Vec::new();
    for experiment in ALL {
        if !page.contains(&format!("| `{}` |", experiment.run)) {
            faults.push(format!("{} is not in docs/probe.md", experiment.run));
        }
        if !knowledge.checks.iter().any(|check| check.run == experiment.run) {
            faults.push(format!("{} answers no check", experiment.run));
        }
    }
    for check in knowledge.checks.iter().filter(|check| !check.run.is_empty()) {
        if !ALL.iter().any(|experiment| experiment.run == check.run) {
            faults.push(format!("{} is run by {}, which there is not", check.id, check.run));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

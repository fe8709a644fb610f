//! Every example that a built-in pack carries does what it says: the rule's documentation is the rule's test.

#![allow(clippy::expect_used, clippy::panic)]
#![expect(clippy::print_stdout, reason = "how much is known is worth printing: run it with --nocapture")]

use firstfault_engine::examples;
use firstfault_knowledge::Knowledge;

#[test]
fn every_example_does_what_it_says() {
    let knowledge = Knowledge::builtin();
    let checked = examples::check(&Knowledge::builtin_sources(), &knowledge);
    println!(
        "{} packs, {} rules and rows, {} examples",
        knowledge.packs.len(),
        knowledge.rule_count(),
        checked.examples
    );
    assert!(checked.examples > 1_000, "expected the examples of every pack, found {}", checked.examples);
    let faults: Vec<String> = checked.faults.iter().map(|fault| format!("knowledge/{fault}")).collect();
    assert!(faults.is_empty(), "{} of {} examples fail:\n{}", faults.len(), checked.examples, faults.join("\n"));
}

//! The labelled failures of `cases/`: real ones with confirmed causes, each through the whole way from text to
//! verdict. The figures are printed by `cargo xtask score`; the floors here keep a change from losing ground.
//!
//! `FIRSTFAULT_CASES=DIR` scores another folder of the same form and holds it to no floor.

#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

mod common;

use common::{Figures, answer, cases, folder};
use firstfault_engine::Options;
use firstfault_knowledge::Knowledge;

#[test]
fn labelled_failures_are_diagnosed() {
    let (folder, own) = folder();
    let knowledge = Knowledge::builtin();
    let mut figures = Figures::default();
    let mut groups: std::collections::BTreeMap<String, Figures> = std::collections::BTreeMap::new();
    for case in cases(&folder) {
        let said = answer(&case, &knowledge, Options::default());
        figures.add(&case, &said);
        groups.entry(case.bucket.clone()).or_default().add(&case, &said);
    }
    for ((wanted, said), ids) in &figures.wrong {
        println!("{wanted} was taken for {said}: {}", ids.join(" "));
    }
    for (bucket, group) in groups.iter().filter(|(bucket, _)| *bucket != "none") {
        println!(
            "{bucket:<10} n={:<4} bucket={:.3} cause={:.3}",
            group.failing,
            group.share(group.bucket),
            group.share(group.cause)
        );
    }
    println!("{}", figures.line());
    if own {
        let floors = [(figures.bucket, 0.85), (figures.cause, 0.80), (figures.layer, 0.85)];
        assert!(floors.iter().all(|(hits, floor)| figures.share(*hits) >= *floor), "ground was lost");
        assert!((figures.controls_right - figures.controls).abs() < 0.5, "a healthy call was called a failure");
        assert!(figures.share(figures.overconfident) <= 0.03, "sure and wrong too often");
    }
}

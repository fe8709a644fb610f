//! The labelled failures of `cases/`: real ones with confirmed causes, each through the whole way from text to
//! verdict. The figures are printed by `cargo xtask score`; the floors here keep a change from losing ground.
//!
//! `FIRSTFAULT_CASES=DIR` scores another folder of the same form and holds it to no floor.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use firstfault_engine::{Options, diagnose};
use firstfault_knowledge::Knowledge;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Shares of the failing cases, 0 to 1.
#[derive(Default)]
struct Figures {
    failing: f64,
    bucket: f64,
    cause: f64,
    top2: f64,
    layer: f64,
    retry: f64,
    overconfident: f64,
    controls: f64,
    controls_right: f64,
}

#[test]
fn labelled_failures_are_diagnosed() {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../cases");
    let given = std::env::var_os("FIRSTFAULT_CASES").map(PathBuf::from);
    let folder = given.clone().unwrap_or(own);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(&folder).expect("the folder of cases").map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    let knowledge = Knowledge::builtin();
    let mut figures = Figures::default();
    let mut bins: BTreeMap<u32, (f64, f64, f64)> = BTreeMap::new();
    for path in &paths {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).expect("a case is JSON");
        score(&case, &knowledge, &mut figures, &mut bins);
    }
    let share = |hits: f64| hits / figures.failing.max(1.0);
    println!(
        "bucket={:.3} cause={:.3} top2={:.3} layer={:.3} retry={:.3} control={:.3} overconfident={:.3} n={}",
        share(figures.bucket),
        share(figures.cause),
        share(figures.top2),
        share(figures.layer),
        share(figures.retry),
        figures.controls_right / figures.controls.max(1.0),
        share(figures.overconfident),
        figures.failing
    );
    println!("probability   cases   said   right");
    let mut error = 0.0;
    for (bin, (cases, said, right)) in &bins {
        println!(
            "{:>4.1} – {:.1}   {cases:>5}   {:.2}   {:.2}",
            f64::from(*bin) / 10.0,
            f64::from(bin + 1) / 10.0,
            said / cases,
            right / cases
        );
        error += (said - right).abs() / figures.failing;
    }
    println!("expected calibration error {error:.3}");
    if given.is_none() {
        assert!(
            share(figures.bucket) >= 0.93 && share(figures.cause) >= 0.88 && share(figures.layer) >= 0.88,
            "ground was lost"
        );
        assert!((figures.controls_right - figures.controls).abs() < 0.5, "a healthy call was called a failure");
        assert!(share(figures.overconfident) <= 0.03, "sure and wrong too often");
    }
}

fn score(case: &Value, knowledge: &Knowledge, figures: &mut Figures, bins: &mut BTreeMap<u32, (f64, f64, f64)>) {
    let accepts = |key: &str, value: &str| case[key].as_array().is_some_and(|list| list.iter().any(|v| v == value));
    let verdict = diagnose(case["input"].as_str().expect("input"), Options::default(), knowledge);
    let diagnosis = verdict.calls.get(verdict.first).map(|judged| &judged.diagnosis);
    let one = f64::from;
    if case["bucket"] == "none" {
        figures.controls += 1.0;
        figures.controls_right += one(u8::from(diagnosis.is_none_or(|d| !d.failed)));
        return;
    }
    figures.failing += 1.0;
    let Some(d) = diagnosis else { return };
    let cause = accepts("accept", &d.cause);
    let wrong = |what: &str| println!("{} {what}: {} {} at {:.2}", case["id"], d.bucket, d.cause, d.probability);
    if !cause {
        wrong("wrong");
    }
    figures.cause += one(u8::from(cause));
    figures.bucket += one(u8::from(cause || case["bucket"] == d.bucket.word()));
    figures.top2 += one(u8::from(cause || d.hypotheses.iter().take(2).any(|h| accepts("accept", &h.cause))));
    figures.layer += one(u8::from(d.layer.is_some_and(|layer| accepts("accept_layers", layer.word()))));
    figures.retry += one(u8::from(accepts("accept_retry", d.retry.word())));
    figures.overconfident += one(u8::from(d.probability >= 0.9 && !cause));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability times ten")]
    let bin = bins.entry(((d.probability * 10.0) as u32).min(9)).or_default();
    *bin = (bin.0 + 1.0, bin.1 + d.probability, bin.2 + one(u8::from(cause)));
}

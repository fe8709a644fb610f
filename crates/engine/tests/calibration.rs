//! How far the probabilities can be trusted: what is said to be 0.9 is right nine times in ten.
//!
//! `cargo xtask calibrate [DIR]` prints the reliability table and the confusion of buckets and causes, on the labelled
//! cases and on the packs' own examples, and what other weights would do. The weights are shared by all rules, so none
//! can be set for one case; a change is taken when it lowers the loss on cases that the rules were not written from.

#![expect(clippy::print_stdout, reason = "the tables are what it is for")]

mod common;

use common::{Case, Figures, answer, cases, folder};
use firstfault_engine::{Options, Weights};
use firstfault_knowledge::{Knowledge, pack};

fn figures(cases: &[Case], knowledge: &Knowledge, weights: Weights) -> Figures {
    let mut figures = Figures::default();
    for case in cases {
        figures.add(case, &answer(case, knowledge, Options { weights, ..Options::default() }));
    }
    figures
}

/// The examples of the packs as cases: the causes that the rule speaks for most strongly are the right answers.
fn examples(knowledge: &Knowledge) -> Vec<Case> {
    let bucket = |id: &str| knowledge.causes.iter().find(|c| c.id == id).map_or("none", |c| c.bucket.word());
    let mut out = Vec::new();
    for file in Knowledge::builtin_sources().iter().filter(|file| pack::special(&file.name).is_none()) {
        let Ok(parsed) = pack::parse(&file.name, &file.text) else { continue };
        for rule in &parsed.rule {
            let Some(strongest) = rule.supports.values().max() else { continue };
            let accept: Vec<String> =
                rule.supports.iter().filter(|(_, s)| *s == strongest).map(|(id, _)| id.clone()).collect();
            if *strongest < pack::Strength::Strong || rule.symptom {
                continue;
            }
            out.extend(rule.matches.iter().map(|input| Case {
                id: rule.id.clone(),
                input: input.clone(),
                bucket: bucket(&accept[0]).to_owned(),
                cause: accept[0].clone(),
                accept: accept.clone(),
                accept_layers: Vec::new(),
                accept_retry: Vec::new(),
            }));
        }
    }
    out
}

#[test]
fn probabilities_can_be_trusted() {
    let (folder, own) = folder();
    let knowledge = Knowledge::builtin();
    let cases = cases(&folder);
    let now = figures(&cases, &knowledge, Weights::default());
    println!("labelled cases\n{}\n\n{}", now.line(), now.reliability());
    println!("wanted bucket → said, cases");
    for ((wanted, said), count) in &now.confusion {
        println!("{wanted:<10} → {said:<10} {count}");
    }
    println!("\nwanted cause → said, cases");
    for ((wanted, said), ids) in &now.wrong {
        println!("{wanted:<34} → {said:<34} {}", ids.len());
    }
    if own {
        let (sure, right) = now.bins.get(&9).map_or((0.0, 0.0), |(cases, _, right)| (*cases, *right));
        assert!(sure > 20.0 && right / sure >= 0.9, "what is said to be 0.9 is right {:.2} of the time", right / sure);
        assert!(now.calibration_error() < 0.12, "calibration error {:.3}", now.calibration_error());
    }
    let examples = examples(&knowledge);
    let packs = figures(&examples, &knowledge, Weights::default());
    println!("\nexamples of the packs\n{}\n\n{}", packs.line(), packs.reliability());
    if std::env::var_os("FIRSTFAULT_SWEEP").is_some() {
        sweep(&cases, &knowledge, &now);
    }
}

/// What the figures would be with one weight changed.
fn sweep(cases: &[Case], knowledge: &Knowledge, now: &Figures) {
    type Knob = (&'static str, fn(&mut Weights) -> &mut f64);
    let knobs: &[Knob] = &[
        ("weak", |w| &mut w.weak),
        ("moderate", |w| &mut w.moderate),
        ("strong", |w| &mut w.strong),
        ("decisive", |w| &mut w.decisive),
        ("prior", |w| &mut w.prior),
        ("symptom", |w| &mut w.symptom),
        ("wrapper", |w| &mut w.wrapper),
        ("out of place", |w| &mut w.out_of_place),
        ("loose", |w| &mut w.loose),
        ("something else", |w| &mut w.something_else),
        ("gives way", |w| &mut w.gives_way),
    ];
    let row = |f: &Figures| {
        format!("loss={:.3} ece={:.3} cause={:.3}", f.share(f.loss), f.calibration_error(), f.share(f.cause))
    };
    println!("one weight changed at a time\n{:<24} {}", "as it is", row(now));
    for (name, knob) in knobs {
        for factor in [0.6, 0.8, 1.25, 1.6] {
            let mut weights = Weights::default();
            *knob(&mut weights) *= factor;
            let value = *knob(&mut weights);
            let changed = figures(cases, knowledge, weights);
            println!("{:<24} {}", format!("{name} {value:.2}"), row(&changed));
        }
    }
}

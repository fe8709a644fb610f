//! Diagnoses per second on one core with all packs, half of them and a tenth: what knowing more costs.
//!
//! `bench/knowledge` runs it. The tables of statuses, causes and checks and the generic packs stay; of the packs of one
//! product, every second or tenth is kept.

#![expect(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, reason = "a benchmark")]
#![expect(clippy::disallowed_types, reason = "a benchmark measures time")]

use firstfault_engine::{Options, diagnose};
use firstfault_knowledge::{Knowledge, pack};
use std::hint::black_box;
use std::time::Instant;

/// Seconds that each measurement takes at least, and how often the three are measured in turn.
const SECONDS: f64 = 1.0;
const ROUNDS: usize = 5;

fn main() {
    let folder = std::env::args().nth(1).unwrap();
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    let inputs: Vec<String> = paths
        .iter()
        .map(|path| {
            let case: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            case["input"].as_str().unwrap().to_owned()
        })
        .collect();
    let bytes: usize = inputs.iter().map(String::len).sum();
    let every = [(100, 1), (50, 2), (10, 10)];
    let knowledge: Vec<Knowledge> = every.iter().map(|(_, step)| with_every(*step)).collect();
    let mut rates = vec![Vec::new(); every.len()];
    // In turn, so that a machine that slows down slows all three.
    for _ in 0..ROUNDS {
        for (rate, knowledge) in rates.iter_mut().zip(&knowledge) {
            rate.push(measure(&inputs, knowledge));
        }
    }
    println!(
        "{} pasted failures, {:.1} KiB each on average",
        inputs.len(),
        bytes as f64 / 1024.0 / inputs.len() as f64
    );
    let median = |rate: &mut Vec<f64>| {
        rate.sort_by(f64::total_cmp);
        rate[ROUNDS / 2]
    };
    let all = median(&mut rates[0].clone());
    for (((percent, _), knowledge), rate) in every.iter().zip(&knowledge).zip(&mut rates) {
        let rate = median(rate);
        println!(
            "{percent:>3} % of the packs of one product: {:>4} packs, {:>6} rules and rows: {rate:>8.0} diagnoses per second and core, {:.2} of all packs'",
            knowledge.packs.len(),
            knowledge.rule_count(),
            rate / all
        );
    }
}

fn with_every(step: usize) -> Knowledge {
    let particular = ["vendors/", "gateways/", "frameworks/", "webhooks/", "dependencies/", "clients/"];
    let mut number = 0;
    let mut files = Knowledge::builtin_sources();
    files.retain(|file| {
        if pack::special(&file.name).is_some() || !particular.iter().any(|folder| file.name.contains(folder)) {
            return true;
        }
        number += 1;
        number % step == 0
    });
    Knowledge::from_sources(&files).unwrap()
}

fn measure(inputs: &[String], knowledge: &Knowledge) -> f64 {
    let started = Instant::now();
    let mut count = 0;
    while started.elapsed().as_secs_f64() < SECONDS {
        for input in inputs {
            black_box(diagnose(black_box(input), Options::default(), knowledge));
        }
        count += inputs.len();
    }
    count as f64 / started.elapsed().as_secs_f64()
}

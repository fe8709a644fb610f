//! Labelled isolation cases of a folder of pre-aggregated tables (`FIRSTFAULT_ISOLATION=DIR` with `truth.json`): prints F1.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use firstfault_calls::{Calls, Codes, Dimension, Shape};
use firstfault_triage::isolate::{Ask, isolate};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Set = BTreeMap<String, String>;

fn table(path: &Path) -> Calls {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names: Vec<String> = lines.next().unwrap().split(',').map(str::to_owned).collect();
    let at = |name: &str| names.iter().position(|n| n == name).unwrap();
    let (time, value, total) = (at("min"), at("value"), at("cnt"));
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let mut calls =
        Calls { shapes: vec![Shape::default(), Shape { counted: true, ..Shape::default() }], ..Calls::default() };
    let mut taken = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let failed: u32 = row[value].parse().unwrap();
        let all: u32 = row[total].parse().unwrap();
        for (shape, weight) in [(0, all - failed), (1, failed)] {
            if weight > 0 {
                calls.time.push((row[time].parse::<f64>().unwrap() * 1000.0) as i64);
                calls.shape.push(shape);
                calls.weight.push(weight);
                taken.push(n);
            }
        }
    }
    calls.rows = taken.len();
    for (column, name) in names.iter().enumerate().filter(|(c, _)| ![time, value, total].contains(c)) {
        let values: BTreeSet<&str> = rows.iter().map(|row| row[column]).filter(|v| !v.is_empty()).collect();
        let values: Vec<String> = std::iter::once(String::new()).chain(values.into_iter().map(str::to_owned)).collect();
        let codes: Vec<u32> =
            taken.iter().map(|n| values.iter().position(|v| v == rows[*n][column]).unwrap() as u32).collect();
        calls.dimensions.push(Dimension {
            name: name.clone(),
            attribute: None,
            codes: Codes::pack(&codes, values.len()),
            values,
        });
    }
    calls
}

/// Rows of a table's failing calls during the incident that lie in a set.
fn covered(calls: &Calls, during: &std::ops::Range<i64>, set: &Set) -> BTreeSet<usize> {
    let columns: Vec<(&Dimension, Option<u32>)> = set
        .iter()
        .filter_map(|(name, value)| {
            calls.named(name).map(|d| (d, d.values.iter().position(|v| v == value).map(|c| c as u32)))
        })
        .collect();
    (0..calls.rows)
        .filter(|row| calls.shape[*row] == 1 && during.contains(&calls.time[*row]))
        .filter(|row| columns.iter().all(|(d, code)| Some(d.codes.get(*row)) == *code))
        .collect()
}

fn set(value: &serde_json::Value) -> Set {
    let text = |v: &serde_json::Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    value.as_object().unwrap().iter().map(|(k, v)| (k.clone(), text(v))).collect()
}

#[test]
fn labelled_cases_are_isolated() {
    let Ok(folder) = std::env::var("FIRSTFAULT_ISOLATION") else { return };
    let folder = Path::new(&folder);
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).unwrap()).unwrap();
    let (mut right, mut said_all, mut wanted_all, mut whole, mut cases) = (0, 0, 0, 0, 0);
    for case in truth.as_array().unwrap() {
        let calls = table(&folder.join(case["file"].as_str().unwrap()));
        let at = (case["minute"].as_f64().unwrap() * 1000.0) as i64;
        let until = case.get("until").map_or(at + 60_000, |u| (u.as_f64().unwrap() * 1000.0) as i64);
        let dimensions: Vec<usize> = (0..calls.dimensions.len()).collect();
        let ask = Ask {
            calls: &calls,
            failing: &[false, true],
            counts: &[true, true],
            during: at..until,
            before: *calls.time.iter().min().unwrap()..at,
            dimensions: &dimensions,
        };
        let started = std::time::Instant::now();
        let (found, _) = isolate(&ask);
        let took = started.elapsed();
        let said: Vec<Set> = found
            .iter()
            .filter(|i| i.part_of.is_none())
            .map(|i| {
                i.set
                    .iter()
                    .map(|(d, c)| (calls.dimensions[*d].name.clone(), calls.dimensions[*d].values[*c as usize].clone()))
                    .collect()
            })
            .collect();
        // A list of incidents, each a set or a list of equally right ones; logs (`until`) also take what covers the same calls.
        let wanted: Vec<Vec<Set>> = case["isolates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s.as_array().map_or_else(|| vec![set(s)], |equal| equal.iter().map(set).collect()))
            .collect();
        let same = |said: &Set, wanted: &Set| {
            said == wanted
                || (case.get("until").is_some() && {
                    let (said, wanted) = (covered(&calls, &ask.during, said), covered(&calls, &ask.during, wanted));
                    said.intersection(&wanted).count() * 100 >= said.len().max(wanted.len()) * 97
                })
        };
        let hits = wanted.iter().filter(|equal| said.iter().any(|s| equal.iter().any(|w| same(s, w)))).count();
        right += hits;
        said_all += said.len();
        wanted_all += wanted.len();
        cases += 1;
        if hits == wanted.len() && hits == said.len() {
            whole += 1;
        } else {
            println!("{} {}: wanted {wanted:?} said {said:?} {took:?}", case["file"], case["kind"]);
            for i in &found {
                println!("    {:?} outside {:?} before {:?} bits {:.1}", i.inside, i.outside, i.before, i.bits);
            }
        }
    }
    println!(
        "whole {whole} of {cases}, right {right} said {said_all} wanted {wanted_all} F1 {:.3}",
        2.0 * right as f64 / (said_all + wanted_all) as f64
    );
}

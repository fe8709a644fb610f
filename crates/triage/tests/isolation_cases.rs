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
                calls.time.push(row[time].parse::<i64>().unwrap() * 1000);
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

#[test]
fn labelled_cases_are_isolated() {
    let Ok(folder) = std::env::var("FIRSTFAULT_ISOLATION") else { return };
    let folder = Path::new(&folder);
    let truth: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).unwrap()).unwrap();
    let (mut right, mut said_all, mut wanted_all) = (0, 0, 0);
    for case in truth.as_array().unwrap() {
        let calls = table(&folder.join(case["file"].as_str().unwrap()));
        let at = case["minute"].as_i64().unwrap() * 1000;
        let dimensions: Vec<usize> = (0..calls.dimensions.len()).collect();
        let ask = Ask {
            calls: &calls,
            failing: &[false, true],
            counts: &[true, true],
            during: at..at + 60_000,
            before: *calls.time.iter().min().unwrap()..at,
            dimensions: &dimensions,
        };
        let (found, _) = isolate(&ask);
        let said: BTreeSet<Set> = found
            .iter()
            .map(|i| {
                i.set
                    .iter()
                    .map(|(d, c)| (calls.dimensions[*d].name.clone(), calls.dimensions[*d].values[*c as usize].clone()))
                    .collect()
            })
            .collect();
        let wanted: BTreeSet<Set> = case["isolates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|s| {
                s.as_object()
                    .unwrap()
                    .iter()
                    .map(|(k, v)| (k.clone(), v.as_str().map_or_else(|| v.to_string(), str::to_owned)))
                    .collect()
            })
            .collect();
        right += said.intersection(&wanted).count();
        said_all += said.len();
        wanted_all += wanted.len();
        if said != wanted {
            println!("{}: wanted {wanted:?} said {said:?}", case["file"]);
        }
    }
    println!(
        "right {right} said {said_all} wanted {wanted_all} F1 {:.3}",
        2.0 * right as f64 / (said_all + wanted_all) as f64
    );
}

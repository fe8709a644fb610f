//! Of very many users and addresses those of failing calls are named, whoever read what.

use super::who::FEW;
use crate::{Attribute, Batch, Calls, Dimension, Layout, Part, Settings, close, join, merge, merge_part};
use std::collections::BTreeMap;

const LINES: usize = 40_000;
const CHUNK: usize = 1_000;

/// Each user calls twice or more, far apart; few of the calls fail.
fn line(i: usize) -> String {
    let user = i * 7 % (FEW + 3_000);
    let status = if i.is_multiple_of(997) { 500 } else { 200 };
    format!(r#"{{"status":{status},"path":"/a","user":"u{user}","client_ip":"10.0.{}.{}"}}"#, user / 256, user % 256)
}

fn read(chunks: impl Iterator<Item = usize>, threads: usize, name_all: bool) -> Vec<Batch> {
    let layout = Layout::learn(line(0).as_bytes(), "a.log", &Settings::default());
    let mut batches: Vec<Batch> = (0..threads).map(|_| Batch::default()).collect();
    if name_all {
        batches.iter_mut().for_each(Batch::name_all);
    }
    for chunk in chunks {
        let text: Vec<String> = (chunk * CHUNK..(chunk + 1) * CHUNK).map(line).collect();
        let part = Part { input: 0, chunk: chunk as u32 };
        layout.read(text.join("\n").as_bytes(), part, &mut batches[chunk * 5 % threads]);
    }
    batches
}

fn counts(dimension: &Dimension, rows: usize) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for row in 0..rows {
        *counts.entry(dimension.values[dimension.codes.get(row) as usize].clone()).or_default() += 1;
    }
    counts
}

fn users(calls: &Calls) -> BTreeMap<String, usize> {
    counts(calls.dimension(Attribute::User).unwrap(), calls.rows)
}

#[test]
fn who_fails_once_has_all_calls_under_the_own_name() {
    let all = users(&merge(read(0..LINES / CHUNK, 2, true)));
    assert!(all.len() > FEW && !all.contains_key("(others)"));
    let calls = merge(read(0..LINES / CHUNK, 2, false));
    let some = users(&calls);
    let failing: Vec<String> =
        (0..LINES).step_by(997).map(|i| format!("u{}", i * 7 % (FEW + 3_000))).collect::<Vec<_>>();
    for user in &failing {
        assert!(all[user] >= 2);
        assert_eq!(some[user], all[user], "{user}");
    }
    assert_eq!(some.len(), failing.len() + 1);
    assert_eq!(some.values().sum::<usize>(), LINES);
    assert!(calls.dimension(Attribute::User).unwrap().is_partial());
    let addresses = counts(calls.dimension(Attribute::ClientIp).unwrap(), calls.rows);
    assert_eq!(addresses.len(), some.len());
}

#[test]
fn names_do_not_depend_on_the_threads() {
    let chunks = LINES / CHUNK;
    let one = format!("{:?}", merge(read(0..chunks, 1, false)));
    for threads in [2, 3, 7] {
        assert_eq!(format!("{:?}", merge(read(0..chunks, threads, false))), one, "{threads} threads");
    }
    assert_eq!(format!("{:?}", merge(read((0..chunks).map(|c| c * 7 % chunks), 3, false))), one);
}

#[test]
fn a_name_of_one_part_is_known_in_the_others() {
    let chunks = LINES / CHUNK;
    let whole = users(&merge(read(0..chunks, 2, false)));
    // Both parts have too many users to name all.
    let parts = [merge_part(read(0..chunks / 2, 2, false)), merge_part(read(chunks / 2..chunks, 1, false))];
    assert_eq!(parts[0].open, [Attribute::User, Attribute::ClientIp]);
    let mut calls = join(parts.into());
    close(&mut calls);
    assert!(calls.open.is_empty());
    assert_eq!(users(&calls), whole);
}

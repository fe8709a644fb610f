//! No secret that bench/canaries describes shows in anything that the program writes, and ordinary values stay.

#![allow(clippy::unwrap_used, clippy::panic)]

mod planted;

use planted::make::{Canary, described, planted};
use planted::watch::Watch;
use planted::ways::{Turn, Way, all};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const SEED: u64 = 7;
/// How many findings are listed.
const LISTED: usize = 60;

fn canaries() -> Vec<Canary> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../bench/canaries");
    let (kinds, places) = described(&folder);
    assert!(kinds.len() >= 100 && places.len() >= 150, "expected {} kinds and {} places", kinds.len(), places.len());
    let all = planted(&kinds, &places, SEED);
    for kind in &kinds {
        assert!(all.iter().any(|canary| canary.kind == kind.id), "{} can stand nowhere", kind.id);
    }
    for place in &places {
        assert!(all.iter().any(|canary| canary.place == place.id), "nothing can stand in {}", place.id);
    }
    all
}

/// Which secrets each way is shown: every one at least once over all ways, and every way one of each kind and place.
fn shares(canaries: &[Canary], ways: &[Way]) -> Vec<Vec<usize>> {
    let mut shares = vec![Vec::new(); ways.len()];
    let whole: Vec<usize> = (0..ways.len()).filter(|way| !ways[*way].bare && ways[*way].one_in == 1).collect();
    let mut at = 0;
    for (turn, of_place) in canaries.chunk_by(|a, b| a.place == b.place).enumerate() {
        for number in 0..of_place.len().max(whole.len()) {
            shares[whole[(number + turn) % whole.len()]].push(at + number % of_place.len());
        }
        at += of_place.len();
    }
    // A kind that can stand in few places is shown to the other ways too.
    for (number, way) in whole.iter().enumerate() {
        let shown: BTreeSet<&str> = shares[*way].iter().map(|at| canaries[*at].kind.as_str()).collect();
        let mut more: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for at in (0..canaries.len()).filter(|at| !shown.contains(canaries[*at].kind.as_str())) {
            more.entry(&canaries[at].kind).or_default().push(at);
        }
        shares[*way].extend(more.values().map(|of_kind| of_kind[number % of_kind.len()]));
    }
    for way in (0..ways.len()).filter(|way| ways[*way].one_in > 1) {
        shares[way] =
            shares[whole[way % whole.len()]].iter().copied().skip(way % 7).step_by(ways[way].one_in).collect();
    }
    // A bare value has no place: one of each kind that is known by its shape.
    let mut kinds = BTreeSet::new();
    let alone: Vec<usize> =
        (0..canaries.len()).filter(|at| canaries[*at].alone && kinds.insert(&canaries[*at].kind)).collect();
    for way in (0..ways.len()).filter(|way| ways[*way].bare) {
        shares[way] = alone.iter().copied().step_by(ways[way].one_in).collect();
    }
    shares
}

/// A folder of this test's own, empty.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("canaries");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn the_watch_sees_every_secret_where_it_is_planted() {
    let canaries = canaries();
    let unseen = canaries.iter().filter(|canary| Watch::new(&[canary]).shown(canary.evidence.as_bytes()).is_empty());
    let unseen: Vec<String> =
        unseen.map(|c| format!("{} in {}: {} as {}", c.kind, c.place, c.value, c.evidence)).collect();
    assert!(unseen.is_empty(), "{} are not seen:\n{}", unseen.len(), unseen.join("\n"));
}

#[test]
fn no_secret_shows_in_anything_that_is_written() {
    let canaries = canaries();
    let ways = all();
    let shares = shares(&canaries, &ways);
    let folder = folder();
    for (number, canary) in canaries.iter().enumerate() {
        std::fs::write(folder.join(format!("{number}.txt")), &canary.evidence).unwrap();
    }
    every_way_sees_all(&canaries, &ways, &shares);
    let turns: Vec<(usize, &[usize])> = shares
        .iter()
        .enumerate()
        .flat_map(|(way, share)| share.chunks(ways[way].batch).map(move |turn| (way, turn)))
        .collect();
    let next = AtomicUsize::new(0);
    let findings = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((way, share)) = turns.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = turn(&folder, &canaries, &ways[*way], share);
                    findings.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut findings = findings.into_inner().unwrap();
    findings.sort();
    let listed: Vec<&str> = findings.iter().take(LISTED).map(String::as_str).collect();
    assert!(findings.is_empty(), "{} secrets show or faults:\n{}", findings.len(), listed.join("\n"));
    let _ = std::fs::remove_dir_all(folder);
}

/// One turn of one way: what shows.
fn turn(folder: &Path, canaries: &[Canary], way: &Way, share: &[usize]) -> Vec<String> {
    let shown: Vec<&Canary> = share.iter().map(|number| &canaries[*number]).collect();
    let files = share.iter().map(|number| format!("{number}.txt")).collect();
    let slug: String = way.name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = format!("{slug}-{}", share[0]);
    let written = way.written(&Turn { folder, canaries: &shown, files, name });
    let first = shown[0];
    let faults =
        written.faults.iter().map(|fault| format!("{}: {} in {}…: {fault}", way.name, first.kind, first.place));
    let mut findings: Vec<String> = faults.collect();
    let watch = Watch::new(&shown);
    for (part, bytes) in &written.parts {
        for (canary, line) in watch.shown(bytes) {
            findings.push(format!("{}, {part}: {} in {}: {line}", way.name, canary.kind, canary.place));
        }
    }
    findings
}

/// That no way and no secret was left out.
fn every_way_sees_all(canaries: &[Canary], ways: &[Way], shares: &[Vec<usize>]) {
    let count = |of: fn(&Canary) -> &str, share: &mut dyn Iterator<Item = &Canary>| {
        share.map(of).collect::<BTreeSet<_>>().len()
    };
    let kinds = count(|canary| &canary.kind, &mut canaries.iter());
    let places = count(|canary| &canary.place, &mut canaries.iter());
    let mut shown = vec![false; canaries.len()];
    for (way, share) in ways.iter().zip(shares).filter(|(way, _)| !way.bare && way.one_in == 1) {
        share.iter().for_each(|number| shown[*number] = true);
        let share = || share.iter().map(|number| &canaries[*number]);
        assert_eq!(count(|canary| &canary.kind, &mut share()), kinds, "{} is not shown every kind", way.name);
        assert_eq!(count(|canary| &canary.place, &mut share()), places, "{} is not shown every place", way.name);
    }
    assert!(shown.iter().all(|shown| *shown), "a secret is shown to no way");
}

#[test]
fn ordinary_values_stay() {
    let records = planted::benign::records(10);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ordinary.txt");
    let texts = records.iter().enumerate().map(|(number, record)| format!("=== {number} ===\n{}\n", record.text));
    std::fs::write(&path, texts.collect::<String>()).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    let output = program.arg("redact").arg(&path).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8(output.stdout).unwrap();
    let (mut values, mut changed) = (0, Vec::new());
    for (number, record) in records.iter().enumerate() {
        let after = out.split_once(&format!("=== {number} ===\n")).unwrap().1;
        let after = after.split_once("\n=== ").map_or(after, |(after, _)| after);
        values += record.values.len();
        changed.extend(
            record
                .values
                .iter()
                .filter(|value| !after.contains(value.as_str()))
                .map(|value| format!("{value} in {after}")),
        );
    }
    assert!(values >= 900, "expected a corpus, got {values} values");
    assert!(changed.len() * 100 <= values, "{} of {values} values changed:\n{}", changed.len(), changed.join("\n"));
}

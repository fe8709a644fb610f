//! Every scenario starts, side by side with all others, and its truth is one that the taxonomy knows.

#![allow(clippy::unwrap_used, clippy::panic)]

use firstfault_lab::{Ports, World, scenarios, systems};
use firstfault_model::{Bucket, Layer};
use std::collections::BTreeSet;

/// Bucket and usual layer of each cause, from `knowledge/causes.toml`.
fn taxonomy() -> Vec<(String, Bucket, Layer)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/causes.toml");
    let table: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let mut out = Vec::new();
    for (group, causes) in &table {
        for (name, cause) in causes.as_table().unwrap() {
            let bucket = cause.get("bucket").and_then(toml::Value::as_str).unwrap_or(group);
            let layer = cause["layer"].as_str().unwrap();
            out.push((format!("{group}.{name}"), Bucket::from_word(bucket).unwrap(), Layer::from_word(layer).unwrap()));
        }
    }
    out
}

#[test]
fn truths_are_of_the_taxonomy() {
    let known = taxonomy();
    let mut names = BTreeSet::new();
    for scenario in scenarios::all() {
        let name = scenario.name;
        assert!(names.insert(name), "{name} is there twice");
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c)), "{name}");
        assert!(scenario.story.matches(['.', '?']).count() >= 1 && !scenario.fix.is_empty(), "{name} says too little");
        let expected = scenario.expected;
        if expected.cause == "none" {
            assert_eq!((expected.bucket, expected.layer), (Bucket::None, None), "{name}");
            continue;
        }
        let find =
            |id: &str| known.iter().find(|(cause, ..)| cause == id).unwrap_or_else(|| panic!("{name}: no cause {id}"));
        let (_, bucket, _) = find(expected.cause);
        assert_eq!(expected.bucket, *bucket, "{name}");
        assert!(expected.layer.is_some(), "{name}");
        expected.or.iter().for_each(|id| {
            find(id);
        });
    }
}

#[tokio::test]
async fn every_scenario_starts_beside_the_others() {
    let mut worlds = Vec::new();
    for scenario in scenarios::all() {
        let world = World::new(Ports::Any).unwrap();
        let symptom =
            (scenario.start)(world.clone()).await.unwrap_or_else(|error| panic!("{}: {error}", scenario.name));
        assert!(!symptom.curl.is_empty() || !symptom.evidence.is_empty(), "{} shows nothing", scenario.name);
        for (system, at) in world.places() {
            assert!(at.ip().is_loopback(), "{}: {system} listens on {at}", scenario.name);
        }
        // What was written until now is the scenario's history: a ticket that an idempotency key was used for.
        worlds.push(world);
    }
    assert_eq!(worlds.len(), scenarios::all().len());
}

#[tokio::test]
async fn a_world_ends_with_its_last_user() {
    let world = World::new(Ports::Any).unwrap();
    let (at, service) = systems::alerts::start(&world, systems::alerts::Controls::Off).await.unwrap();
    let folder = world.folder().to_owned();
    assert!(folder.is_dir() && std::net::TcpStream::connect(at).is_ok());
    drop((world, service));
    assert!(!folder.exists());
    // The listener goes when its task is dropped, at the next turn of the runtime.
    let mut turns = 0;
    while std::net::TcpStream::connect(at).is_ok() {
        turns += 1;
        assert!(turns < 1000, "still listening");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn every_system_of_the_lab_runs_beside_the_others() {
    let world = World::new(Ports::Any).unwrap();
    let (mut names, mut ports) = (BTreeSet::new(), BTreeSet::new());
    for system in systems::all() {
        assert!(names.insert(system.name) && ports.insert(system.port), "{} or its port is there twice", system.name);
        let opened = (system.start)(world.clone()).await.unwrap_or_else(|error| panic!("{}: {error}", system.name));
        assert!(opened.at.ip().is_loopback());
        assert!(opened.tries.iter().all(|(shows, curl)| !shows.is_empty() && !curl.is_empty()), "{}", system.name);
    }
}

//! Packs made in memory, through the library.

#![allow(dead_code, reason = "each test uses what it needs")]
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use firstfault_engine::{Options, diagnose};
use firstfault_knowledge::Knowledge;
use firstfault_pack::{File, Input, Pack, Refusal, Settings, Told, edition, make};
use firstfault_redact::{Policy, Redactor};
use std::path::{Path, PathBuf};

/// What it takes to make and verify packs.
pub struct Bench {
    pub knowledge: Knowledge,
    pub edition: firstfault_pack::documents::Edition,
}

impl Bench {
    pub fn new() -> Self {
        let knowledge = Knowledge::builtin();
        let edition = edition(&knowledge, &Knowledge::builtin_sources());
        Self { knowledge, edition }
    }

    pub fn settings(&self, told: Told) -> Settings<'static> {
        Settings {
            told,
            made: None,
            version: "0.0.0",
            edition: self.edition.clone(),
            mode: "secrets",
            ruling: None,
            witness: None,
        }
    }

    pub fn pack(&self, name: &str, text: &str, told: Told) -> Result<Pack, Refusal> {
        self.pack_with(name, text, told, Policy::default())
    }

    pub fn pack_with(&self, name: &str, text: &str, told: Told, policy: Policy) -> Result<Pack, Refusal> {
        let verdict = diagnose(text, Options::default(), &self.knowledge);
        let input = Input { name, text, verdict: &verdict };
        make(&[input], &self.settings(told), &self.knowledge, &mut Redactor::with(policy))
    }
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The labelled failures of a folder: id and input.
pub fn cases(folder: &Path) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    let read = |path: &PathBuf| {
        let value: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        (value["id"].as_str().unwrap().to_owned(), value["input"].as_str().unwrap().to_owned())
    };
    paths.iter().map(read).collect()
}

/// The text of one file of a pack.
pub fn text<'a>(files: &'a [File], name: &str) -> &'a str {
    let file = files.iter().find(|file| file.name == name).unwrap_or_else(|| panic!("{name} is not in the pack"));
    std::str::from_utf8(&file.bytes).unwrap()
}

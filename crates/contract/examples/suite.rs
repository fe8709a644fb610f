//! The official JSON Schema test suite through this crate, beside the crate `jsonschema` asked directly. Prints for each
//! draft how many cases each passes, and every case that the crate passes and we do not; then exits with 1.
//!
//! `cargo run --release -p firstfault-contract --example suite -- FOLDER`, the folder that holds `tests` and `remotes`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command that prints its figures")]

use firstfault_contract::{Given, SchemaRef, Source, load};
use firstfault_model::contract::Half;
use jsonschema::{Draft, Retrieve, Uri};
use serde_json::{Value, json};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Folder of the suite, the draft, and the `$schema` that a schema of it has.
const DRAFTS: [(&str, Draft, &str); 3] = [
    ("draft7", Draft::Draft7, "http://json-schema.org/draft-07/schema#"),
    ("draft2019-09", Draft::Draft201909, "https://json-schema.org/draft/2019-09/schema"),
    ("draft2020-12", Draft::Draft202012, "https://json-schema.org/draft/2020-12/schema"),
];
/// Where the suite says that its remote documents are.
const REMOTES: &str = "http://localhost:1234/";

/// The remote documents of the suite.
#[derive(Clone)]
struct Remotes(PathBuf);

impl Remotes {
    fn read(&self, uri: &str) -> Option<String> {
        std::fs::read_to_string(self.0.join(uri.strip_prefix(REMOTES)?)).ok()
    }
}

impl Source for Remotes {
    fn fetch(&mut self, uri: &str) -> Result<String, String> {
        self.read(uri).ok_or_else(|| "not part of the suite".to_owned())
    }
}

impl Retrieve for Remotes {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let text = self.read(uri.as_str()).ok_or("not part of the suite")?;
        Ok(serde_json::from_str(&text)?)
    }
}

/// What one draft came to.
#[derive(Default)]
struct Count {
    cases: usize,
    ours: usize,
    theirs: usize,
    /// The crate passes, we do not.
    lost: Vec<String>,
}

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("expected the folder of the suite, got nothing");
        return ExitCode::from(2);
    };
    let remotes = Remotes(folder.join("remotes"));
    let (mut lost, mut cases) = (0, 0);
    for (name, draft, schema) in DRAFTS {
        let mut count = Count::default();
        for file in files(&folder.join("tests").join(name)) {
            run(&file, draft, schema, &remotes, &mut count);
        }
        println!("{name}: wrapper {}/{}, crate {}/{}", count.ours, count.cases, count.theirs, count.cases);
        for case in &count.lost {
            println!("  the crate passes, the wrapper does not: {case}");
        }
        lost += count.lost.len();
        cases += count.cases;
    }
    println!("all: {cases} cases, {lost} that the crate alone passes");
    if lost > 0 || cases == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Every JSON file of a folder and its folders, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            out.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "json") {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn run(file: &Path, draft: Draft, dialect: &str, remotes: &Remotes, count: &mut Count) {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let Ok(Value::Array(groups)) = serde_json::from_str(&text) else {
        eprintln!("{}: expected a list of cases", file.display());
        return;
    };
    for group in groups {
        let mut schema = group["schema"].clone();
        match &mut schema {
            Value::Object(object) => {
                object.entry("$schema").or_insert_with(|| json!(dialect));
            }
            other => schema = json!({"$schema": dialect, "allOf": [other.clone()]}),
        }
        let theirs = jsonschema::options()
            .with_draft(draft)
            .should_validate_formats(true)
            .with_retriever(remotes.clone())
            .build(&group["schema"]);
        let given = Given { uri: "file:///suite/schema.json", name: "schema.json", text: &schema.to_string() };
        let ours = load(given, &mut remotes.clone());
        for case in group["tests"].as_array().into_iter().flatten() {
            let expected = case["valid"].as_bool().unwrap_or_default();
            let value = &case["data"];
            let their = theirs.as_ref().is_ok_and(|v| v.is_valid(value) == expected);
            let violations = |c: &firstfault_contract::Contract| {
                c.schemas.violations(&SchemaRef::default(), Half::Request, value).is_empty() == expected
            };
            let our = ours.as_ref().is_ok_and(violations);
            count.cases += 1;
            count.ours += usize::from(our);
            count.theirs += usize::from(their);
            if their && !our {
                let file = file.file_name().unwrap_or_default().to_string_lossy();
                count.lost.push(format!("{file}: {}: {}", group["description"], case["description"]));
            }
        }
    }
}

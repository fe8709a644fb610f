//! The house rules on source files and documents.

use crate::read;
use std::path::{Path, PathBuf};

/// A file beyond this is a junk drawer: split it by meaning.
const LONGEST: usize = 900;

/// What must not be left behind, and why. Cut in two so that this file does not find itself.
const LEFT_BEHIND: &[(&str, &str, &str)] = &[
    ("to", "do!(", "a stub is not finished work"),
    ("unimple", "mented!(", "a stub is not finished work"),
    ("db", "g!(", "a trace of debugging prints evidence unredacted"),
    ("#[ig", "nore", "a test that does not run proves nothing"),
];

/// A test that waits is slow and still races: wait for what happens, not for time.
const SLEEP: (&str, &str) = ("sl", "eep(");

/// Documents that others lead to.
const DOCUMENTS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "docs/add-a-pack.md",
    "docs/cases.md",
    "docs/json.md",
    "docs/knowledge/README.md",
    "docs/packs.md",
];

/// Every fault of the sources and documents.
pub fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut faults: Vec<String> = DOCUMENTS
        .iter()
        .filter(|name| !root.join(name).is_file())
        .map(|name| format!("{name}: expected, not there"))
        .collect();
    for folder in ["crates", "xtask", "fuzz"] {
        for path in rust_files(&root.join(folder))? {
            let name = path.strip_prefix(root).unwrap_or(&path).display().to_string();
            source(&name, &read(&path)?, &mut faults);
        }
    }
    for name in DOCUMENTS.iter().filter(|name| name.ends_with(".md") && root.join(name).is_file()) {
        links(root, name, &read(&root.join(name))?, &mut faults);
    }
    Ok(faults)
}

fn source(name: &str, text: &str, faults: &mut Vec<String>) {
    // A shebang or an attribute may not come first: the paragraph does.
    if !text.starts_with("//!") {
        faults.push(format!("{name}:1: expected a `//!` paragraph that says what the file is for"));
    }
    let lines = text.lines().count();
    if lines > LONGEST {
        faults.push(format!("{name}: expected at most {LONGEST} lines, got {lines}: split it by meaning"));
    }
    let test = name.split(['/', '\\']).any(|part| part == "tests" || part == "tests.rs");
    for (number, line) in text.lines().enumerate() {
        for (head, tail, why) in LEFT_BEHIND {
            if line.contains(&format!("{head}{tail}")) {
                faults.push(format!("{name}:{}: {head}{tail}: {why}", number + 1));
            }
        }
        if test && line.contains(&format!("{}{}", SLEEP.0, SLEEP.1)) {
            faults.push(format!("{name}:{}: a test must not sleep", number + 1));
        }
    }
}

/// Relative links lead somewhere.
fn links(root: &Path, name: &str, text: &str, faults: &mut Vec<String>) {
    let folder = root.join(name).parent().map_or_else(PathBuf::new, Path::to_owned);
    for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let file = target.split('#').next().unwrap_or_default();
        if !file.is_empty() && !file.contains("://") && !folder.join(file).exists() {
            faults.push(format!("{name}: links to {target}, which is not there"));
        }
    }
}

/// The `.rs` files of a folder and below, in order of name, without what a build made.
fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

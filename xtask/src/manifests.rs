//! The crates as `cargo metadata` tells of them, against the tables of ARCHITECTURE.md.

use crate::{read, table};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Crates that open sockets, run executors, or read clocks and files for their callers: not for a pure crate.
const IMPURE: &[&str] = &[
    "async-std",
    "curl",
    "hyper",
    "mio",
    "native-tls",
    "openssl",
    "reqwest",
    "rusqlite",
    "rustls",
    "smol",
    "socket2",
    "tempfile",
    "tokio",
    "ureq",
];

/// What turns the bans of `clippy.toml` on.
const BAN: &str = "#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]";

/// One crate of the workspace.
struct Package {
    /// Its name without `firstfault-`; the binary is called `cli`.
    name: String,
    /// Its folder under the root.
    folder: String,
    /// Our crates that it is built from, without those of its tests.
    ours: BTreeSet<String>,
    /// Everybody else's.
    theirs: BTreeSet<String>,
}

/// Every fault of the manifests.
pub fn check(root: &Path, architecture: &str) -> Result<Vec<String>, String> {
    let packages = packages(root)?;
    let mut faults = crate_table(&packages, architecture);
    faults.extend(dependency_table(&packages, architecture));
    let pure = pure(architecture);
    for name in pure.iter().filter(|name| !packages.iter().any(|p| p.name == **name)) {
        faults.push(format!("ARCHITECTURE.md: {name} is called pure, but there is no such crate"));
    }
    for package in &packages {
        if !lints_from_workspace(&read(&root.join(&package.folder).join("Cargo.toml"))?) {
            faults.push(format!("{}/Cargo.toml: expected `[lints]` with `workspace = true`", package.folder));
        }
        if pure.contains(&package.name.as_str()) {
            for impure in package.theirs.iter().filter(|name| IMPURE.contains(&name.as_str())) {
                faults.push(format!("{}/Cargo.toml: a pure crate must not depend on {impure}", package.folder));
            }
            if !read(&root.join(&package.folder).join("src/lib.rs"))?.lines().any(|line| line == BAN) {
                faults.push(format!("{}/src/lib.rs: a pure crate needs `{BAN}`", package.folder));
            }
        }
    }
    Ok(faults)
}

/// Every crate has a row and every row a crate; no crate depends on more of ours than its row allows.
fn crate_table(packages: &[Package], architecture: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let mut allowed: BTreeMap<&str, &str> = BTreeMap::new();
    for row in table(architecture, "crate") {
        match row.as_slice() {
            [name, _owns, _never, may_use] => {
                allowed.insert(name.trim_matches('`'), may_use);
            }
            other => faults.push(format!("ARCHITECTURE.md: expected four columns in the crate table, got {other:?}")),
        }
    }
    for package in packages.iter().filter(|p| p.folder.starts_with("crates/")) {
        match allowed.remove(package.name.as_str()) {
            None => faults.push(format!("ARCHITECTURE.md: the crate table has no row for {}", package.name)),
            Some("all") => {}
            Some(may_use) => {
                let may_use: Vec<&str> = may_use.split(',').map(str::trim).collect();
                for edge in package.ours.iter().filter(|name| !may_use.contains(&name.as_str())) {
                    let folder = &package.folder;
                    faults.push(format!("{folder}/Cargo.toml: {} may not use {edge} (ARCHITECTURE.md)", package.name));
                }
            }
        }
    }
    faults.extend(allowed.keys().map(|name| format!("ARCHITECTURE.md: the crate table has {name}, which is gone")));
    faults
}

/// Every dependency that is not ours has a row that says why, and every row a dependency.
fn dependency_table(packages: &[Package], architecture: &str) -> Vec<String> {
    let used: BTreeSet<&str> = packages.iter().flat_map(|p| &p.theirs).map(String::as_str).collect();
    let explained: BTreeSet<&str> = table(architecture, "dependency")
        .iter()
        .filter_map(|row| row.first())
        .flat_map(|names| names.split(','))
        .map(|name| name.trim().trim_matches('`'))
        .collect();
    let missing = used.difference(&explained).map(|name| format!("ARCHITECTURE.md: does not say why {name} is used"));
    let gone =
        explained.difference(&used).map(|name| format!("ARCHITECTURE.md: says why {name} is used, but it is not"));
    missing.chain(gone).collect()
}

/// The crates that the line `Pure: …` names.
fn pure(architecture: &str) -> Vec<&str> {
    let line = architecture.lines().find_map(|line| line.strip_prefix("Pure: ")).unwrap_or_default();
    line.split('`').skip(1).step_by(2).collect()
}

fn lints_from_workspace(manifest: &str) -> bool {
    manifest.lines().skip_while(|line| *line != "[lints]").nth(1) == Some("workspace = true")
}

fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))?;
    // Cargo prints the root as it knows it, which may differ from ours by a symbolic link.
    let workspace = metadata["workspace_root"].as_str().unwrap_or_default();
    Ok(list(&metadata["packages"]).map(|package| of_metadata(package, workspace)).collect())
}

fn of_metadata(package: &Value, workspace: &str) -> Package {
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let folder = manifest.strip_prefix(workspace).unwrap_or(manifest);
    let mut ours = BTreeSet::new();
    let mut theirs = BTreeSet::new();
    for dependency in list(&package["dependencies"]) {
        let name = dependency["name"].as_str().unwrap_or_default();
        match name.strip_prefix("firstfault-") {
            // What only tests use makes no edge, but is explained like the rest.
            Some(_) if dependency["kind"] == "dev" => {}
            Some(short) => {
                ours.insert(short.to_owned());
            }
            None => {
                theirs.insert(name.to_owned());
            }
        }
    }
    let name = package["name"].as_str().unwrap_or_default();
    Package {
        name: if name == "firstfault" { "cli" } else { name.strip_prefix("firstfault-").unwrap_or(name) }.to_owned(),
        folder: folder
            .trim_start_matches(['/', '\\'])
            .trim_end_matches("Cargo.toml")
            .trim_end_matches(['/', '\\'])
            .to_owned(),
        ours,
        theirs,
    }
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

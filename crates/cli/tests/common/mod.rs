//! Runs the built program as a user would, and finds the samples.

#![allow(dead_code, reason = "each test uses what it needs")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The program, with an environment that decides nothing.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firstfault"));
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    for name in ["NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "FIRSTFAULT_STORE", "FIRSTFAULT_NOW"] {
        command.env_remove(name);
    }
    command
}

/// What it prints, and its exit code.
pub fn run(arguments: &[&str]) -> Ran {
    Ran::from(program(arguments).output().unwrap())
}

/// The same with something on standard input.
pub fn run_with(arguments: &[&str], input: &str) -> Ran {
    let mut child =
        program(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // One that complains before it reads closes the pipe.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran::from(child.wait_with_output().unwrap())
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }
}

/// The engine's samples as paths below the root.
pub fn samples() -> Vec<String> {
    let folder = "crates/engine/tests/samples";
    let mut names: Vec<String> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| format!("{folder}/{}", entry.unwrap().file_name().display()))
        .collect();
    names.sort();
    assert!(names.len() >= 25, "expected the samples, found {}", names.len());
    names
}

/// A file of this test's own, outside the repository.
pub fn scratch(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// A store of this test's own: the path of one that is not there yet.
pub fn fresh(name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("store-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    folder.join("cases.db").display().to_string()
}

/// The options for every format and every reader that `diagnose` has.
pub fn ways() -> Vec<Vec<&'static str>> {
    let formats = ["text", "json", "jsonl", "md", "html", "sarif", "problem", "issue", "jira", "email"];
    let mut ways: Vec<Vec<&str>> = formats.iter().map(|format| vec!["--format", format]).collect();
    for reader in ["engineer", "client", "provider", "manager"] {
        let letters = ["text", "md", "issue", "jira", "email"];
        ways.extend(letters.iter().map(|format| vec!["--for", reader, "--format", format]));
    }
    ways
}

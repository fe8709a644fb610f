//! `cargo xtask`: the commands of this repository that cargo does not have. It starts other programs and
//! reports how they ended; what it checks itself is in the library.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the edge that speaks to people")]

use std::process::{Command, ExitCode};

const USAGE: &str = "usage: cargo xtask COMMAND

  test          every test of the workspace, then tidy
  score [DIR]   run the labelled failures of cases/ (or of DIR) and print how many are diagnosed right
  calibrate [DIR]  how far the probabilities on them can be trusted, what is confused with what, and what other weights do
  knowledge     write docs/knowledge/ from the packs
  tidy          compare the repository with what ARCHITECTURE.md and the house rules say
  deny          licences, sources and advisories of the dependencies (needs cargo-deny)";

/// A version of cargo-deny that reads `deny.toml` as it is written.
const CARGO_DENY: &str = "0.19.0";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let done = match (arguments.next().as_deref(), arguments.next()) {
        (Some("test"), None) => cargo(&["test", "--workspace"]).and_then(|()| tidy()),
        (Some("score"), folder) => cases("cases", folder, &[]),
        (Some("calibrate"), folder) => cases("calibration", folder, &[("FIRSTFAULT_SWEEP", "1")]),
        (Some("knowledge"), None) => knowledge(),
        (Some("tidy"), None) => tidy(),
        (Some("deny"), None) => deny(),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a test of the engine over labelled cases, for what it prints.
fn cases(test: &str, folder: Option<String>, settings: &[(&str, &str)]) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet", "--package", "firstfault-engine", "--test", test, "--", "--nocapture"]);
    command.envs(settings.iter().copied());
    if let Some(folder) = folder {
        let folder = std::path::absolute(&folder).map_err(|e| format!("{folder}: {e}"))?;
        command.env("FIRSTFAULT_CASES", folder);
    }
    let status = command.current_dir(xtask::root()).status().map_err(|e| format!("cargo test: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("the cases: {status}")) }
}

/// Writes `docs/knowledge/`: the test that holds it to the packs writes it when told to.
fn knowledge() -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.args(["test", "--quiet", "--package", "firstfault-explain", "--test", "browse"]);
    let status = command
        .env("FIRSTFAULT_UPDATE", "1")
        .current_dir(xtask::root())
        .status()
        .map_err(|e| format!("cargo test: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("docs/knowledge: {status}")) }
}

fn tidy() -> Result<(), String> {
    let faults = xtask::tidy(&xtask::root())?;
    if faults.is_empty() {
        println!("tidy");
        return Ok(());
    }
    Err(faults.join("\n"))
}

fn deny() -> Result<(), String> {
    let found = Command::new("cargo").args(["deny", "--version"]).output().is_ok_and(|o| o.status.success());
    if found {
        return cargo(&["deny", "check"]);
    }
    Err(format!("cargo-deny is not installed; install it with: cargo install --locked cargo-deny@{CARGO_DENY}"))
}

/// Runs cargo in the repository's root, its output going where ours goes.
fn cargo(arguments: &[&str]) -> Result<(), String> {
    let command = format!("cargo {}", arguments.join(" "));
    let status = Command::new("cargo")
        .args(arguments)
        .current_dir(xtask::root())
        .status()
        .map_err(|e| format!("{command}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command}: {status}")) }
}

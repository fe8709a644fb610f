//! Reads messages, one a line, and prints for each the template it was found to have:
//! `cargo run --release -p firstfault-triage --example templates < messages.txt`. For `bench/signatures`, and for a look.
#![allow(clippy::print_stdout, clippy::print_stderr)] // an example speaks

use firstfault_triage::signatures::templates;
use std::io::{Read, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut bytes = Vec::new();
    if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
        eprintln!("standard input: {error}");
        return ExitCode::from(2);
    }
    let text = String::from_utf8_lossy(&bytes);
    let messages: Vec<(&str, u64)> = text.lines().map(|line| (line, 1)).collect();
    let mined = templates(&messages);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let written = mined.of.iter().try_for_each(|template| writeln!(out, "{}", mined.texts[*template as usize]));
    if written.and_then(|()| out.flush()).is_err() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

//! What curl prints about its calls, with or without the command above it: `-v`, `-i`, `-I`, `--trace`,
//! `--trace-ascii`, `-w`, and plain output.
//!
//! This reader refuses to know HTTP messages without curl's marks, and reads no more of a command than
//! its output needs.

mod command;
mod finish;
mod info;
mod line;
mod output;
mod session;
mod trace;
mod wget;
mod write_out;

use crate::Taken;
use crate::lines::Lines;

/// Takes one curl command with its output, or a transcript without its command, that begins at line `at`.
/// A command without output is not taken. GNU Wget's output with its server's response is taken, too.
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    session::read(lines, at).or_else(|| wget::read(lines, at))
}

#[cfg(test)]
mod tests;

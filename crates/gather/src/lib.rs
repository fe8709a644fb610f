//! Files, folders, patterns and standard input, packed or not, read on all cores into the `calls` table.
//!
//! ```text
//! inputs ─ sources ─▶ files ─ jobs ─▶ parts of whole lines ─ round ─▶ batches ─ budget ─▶ Calls
//! ```
//!
//! This crate opens and unpacks; what a line means is decided in `calls`. Whatever the threads do, the same inputs give the
//! same table: work is cut and put together in the order of the inputs.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod budget;
mod jobs;
mod lines;
mod meter;
mod packed;
mod plain;
mod round;
mod sources;
mod stream;
#[cfg(test)]
mod tests;

use budget::Budget;
use firstfault_calls::{Calls, Input, Settings};
use jobs::Jobs;
use meter::Meter;
use sources::Source;
use std::fmt;

pub use lines::{Line, lines, mappings};
pub use meter::Progress;

/// What to read, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// Files, folders (all files in them, hidden ones left out), patterns (`*`, `?`, `[…]`, `**`) and `-` for standard input.
    pub inputs: Vec<String>,
    /// What the user said about fields.
    pub settings: Settings,
    /// How many threads read; 0 for as many as the machine runs at once.
    pub threads: usize,
    /// How many bytes the table may take; beyond it, rows are put together (`docs/calls.md`).
    pub memory: usize,
}

impl Default for Request {
    fn default() -> Self {
        Self { inputs: Vec::new(), settings: Settings::default(), threads: 0, memory: MEMORY }
    }
}

/// What the table may take when nobody says: 1 GiB.
pub const MEMORY: usize = 1 << 30;

/// Nothing could be read at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Each input and why it could not be read.
    pub inputs: Vec<(String, String)>,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((name, reason)) = self.inputs.first() else {
            return f.write_str("expected at least one input, got none");
        };
        write!(f, "{name}: {reason}")?;
        match self.inputs.len() {
            1 => Ok(()),
            more => write!(f, " (and {} more inputs that could not be read)", more - 1),
        }
    }
}

impl std::error::Error for Error {}

/// Reads everything into one table.
///
/// What is wrong with one input (not there, not allowed, cut, packed badly) stands in its [`Input::problems`] and ends
/// nothing. `progress` is called a few times a second at most, on the calling thread.
///
/// # Errors
/// When no input could be read at all.
pub fn gather(request: &Request, progress: &mut dyn FnMut(Progress)) -> Result<Calls, Error> {
    let (sources, settings) = prepare(request)?;
    let threads = threads(request);
    let meter = Meter::new(&sources);
    let mut budget = Budget::new(request.memory, threads);
    let mut told = meter.teller(progress);
    let mut found = round::Report::default();
    let mut jobs = Jobs::new(&sources, &settings, &meter);
    while jobs.ahead() {
        let (batches, reports) = round::run(&mut jobs, budget.round(), threads, &mut told);
        reports.into_iter().for_each(|report| found.add(report));
        budget.push(firstfault_calls::merge_part(batches));
    }
    let mut inputs: Vec<Input> = sources.iter().map(|s| Input { name: s.name.clone(), ..Input::default() }).collect();
    found.tables.sort_by_key(|(input, _)| *input);
    for (input, table) in found.tables {
        match budget.saved(table, &mut inputs) {
            Ok(()) => found.opened += 1,
            Err(problem) => found.problems.push((input, problem)),
        }
    }
    // In the order of the inputs and of what is said, whichever thread found it first.
    found.problems.sort();
    for (input, form) in found.forms {
        inputs[input as usize].form = form;
    }
    for (input, problem) in found.problems {
        inputs[input as usize].problems.push(problem);
    }
    if found.opened == 0 {
        return Err(nothing(inputs));
    }
    let (mut calls, given_up) = budget.finish();
    inputs[0].problems.extend(given_up);
    calls.inputs.resize(inputs.len(), Input::default());
    for (counted, named) in calls.inputs.iter_mut().zip(inputs) {
        (counted.name, counted.form) = (named.name, named.form);
        counted.problems.extend(named.problems);
    }
    Ok(calls)
}

/// The names of the inputs that a request stands for, in the order in which they are read.
///
/// # Errors
/// When there is none.
pub fn names(request: &Request) -> Result<Vec<String>, Error> {
    Ok(prepare(request)?.0.into_iter().map(|source| source.name).collect())
}

fn prepare(request: &Request) -> Result<(Vec<Source>, Settings), Error> {
    let sources = sources::expand(&request.inputs);
    if sources.is_empty() {
        return Err(Error { inputs: Vec::new() });
    }
    let mut settings = request.settings.clone();
    settings.year = settings.year.or_else(|| sources::year(&sources));
    Ok((sources, settings))
}

fn nothing(inputs: Vec<Input>) -> Error {
    let reasons = inputs.into_iter().map(|i| {
        let reason = i.problems.into_iter().next().unwrap_or_else(|| "could not be read".to_owned());
        (i.name, reason)
    });
    Error { inputs: reasons.collect() }
}

fn threads(request: &Request) -> usize {
    match request.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        asked => asked.min(256),
    }
}

/// Why something could not be read, in the words of the system.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file or folder".to_owned(),
        std::io::ErrorKind::PermissionDenied => "no permission to read it".to_owned(),
        std::io::ErrorKind::UnexpectedEof => "ends in the middle: what came before was read".to_owned(),
        _ => error.to_string(),
    }
}

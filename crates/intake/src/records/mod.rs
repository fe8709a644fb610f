//! Structured log records and application log lines: JSON, logfmt, and the header lines that logging
//! libraries print.
//!
//! Access logs and error logs of gateways in their own text formats belong to other readers, which are
//! asked before this one; so do stack traces, which are asked after it.

mod applog;
mod fields;
mod fill;
mod glance;
pub(crate) mod json;
pub mod level;
mod logfmt;
mod place;
mod stack;
mod tree;
mod words;

pub use applog::{Head, head};
pub use glance::glance;

use crate::{Taken, lines::Lines};

/// Longer lines are left to the readers of whole documents.
const LINE_LIMIT: usize = 4 * 1024 * 1024;

/// Takes one record, which is one line for most, when `lines[at]` begins one.
#[must_use]
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let text = lines.text(at);
    if text.len() > LINE_LIMIT || text.trim_start().is_empty() {
        return None;
    }
    tree::read(lines, at).or_else(|| logfmt::read(lines, at)).or_else(|| applog::read(lines, at))
}

#[cfg(test)]
mod tests;

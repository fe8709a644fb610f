//! Calls held against an API's own description, and two descriptions against each other, as people and programs read it:
//! text, Markdown, JSON, JUnit, SARIF.
//!
//! The same rule as for a verdict: renderers take a [`SafeChecked`] or a [`SafeDifference`], and only the redactor makes
//! one. What the description says of one diagnosed call is an [`Against`], a part of its report.

mod against;
mod json;
mod junit;
mod markdown;
mod safe;
mod sarif;
mod text;
mod words;

pub(crate) use against::section;
pub use against::{Against, lines};
pub(crate) use json::{Against as AgainstLine, against as against_line};
pub use json::{against_json, checked as checked_json, difference as difference_json};
pub use junit::checked as checked_junit;
pub use markdown::{checked as checked_markdown, difference as difference_markdown};
pub(crate) use safe::against as safe_against;
pub use safe::{SafeChecked, SafeDifference};
pub use sarif::checked as checked_sarif;
pub use text::{checked as checked_text, difference as difference_text, outline};
pub use words::breaks;

use firstfault_model::contract::Severity;

/// What decides how a check is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    /// The least grave finding that fails the check.
    pub fail_on: Severity,
    /// Whether coverage is listed operation by operation, or only summed up.
    pub coverage: bool,
}

#[cfg(test)]
mod tests;

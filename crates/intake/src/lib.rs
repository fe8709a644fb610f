//! Bytes in, calls out: sniffs what a person pasted, reads each part with the reader that knows it,
//! and joins the parts into calls.
//!
//! Nothing here can fail: half a HAR, a cut log line or bytes that are no UTF-8 are inputs, and what
//! could not be read becomes a [`Problem`]. This crate refuses to know sockets and verdicts.

pub mod lines;

use firstfault_model::{Call, Problem};
use lines::Lines;

/// What a reader took from `lines[at..]`.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// How many lines, at least one.
    pub lines: usize,
    /// The calls that they tell of, in order.
    pub calls: Vec<Call>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
}

/// A reader: takes lines from `at` on when it knows their form, and only then. It must reject a
/// foreign line in constant time and never panic.
pub type Reader = fn(&Lines<'_>, usize) -> Option<Taken>;

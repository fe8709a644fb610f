//! From a million calls to one story: what failed, since when, what changed, what isolates it, where it failed first,
//! and whether repeats feed it. Everything works on the `calls` table; this crate refuses to know files and formats.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod changes;
mod clock;
mod commands;
mod complete;
mod figures;
pub mod first;
pub mod flow;
mod incidents;
pub mod isolate;
mod judge;
mod parallel;
mod questions;
pub mod retries;
pub mod signatures;
mod spread;
pub mod trace;
mod when;

pub use changes::Change;
pub use clock::{Told, clock};
pub use complete::complete;
pub use figures::figures;
pub use incidents::{Options, triage};
pub use judge::{Judgement, judge};
pub use questions::{answer, checks, confirming};

//! Grades the probe on the lab: every scenario probed as a user would, and the verdict held against the truth.
//!
//! The lab knows nothing of diagnosing and the probe nothing of the lab; only this crate sees both.

mod run;
mod summary;

pub use run::{Graded, Truth, grade, run};
pub use summary::{Grade, Rates, json, text};

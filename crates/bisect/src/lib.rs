//! The smallest request that still fails in the same way, and the smallest difference between a good and a bad one.
//!
//! Requests are taken into parts (fields, cookies, parameters, the body by its structure), and an [`Oracle`] is asked
//! about smaller ones. This crate refuses to know sockets and rules: what "the same way" means, the oracle says.
//! Lengths are characters and bytes as named; the same answers give the same result.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod asker;
mod base;
pub mod ddmin;
mod delta;
mod difference;
mod form;
mod groups;
mod hints;
mod json;
mod oracle;
pub mod output;
mod part;
mod prior;
mod report;
mod shrink;
mod size;
mod tree;

pub use difference::difference;
pub use hints::names_in;
pub use oracle::{Answer, Candidate, Oracle, Reply};
pub use part::{Part, Place};
pub use prior::is_credential;
pub use report::{Change, Confidence, Outcome, Report, Settings, Threshold, Unit};
pub use shrink::smallest;

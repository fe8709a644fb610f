//! Evidence packs: the smallest redacted set of files that lets another engineer reproduce or confirm a verdict.
//!
//! [`make`] turns verdicts into files and refuses when a last look at every byte still finds a secret; [`verify`] checks
//! that nothing was changed and judges again from what is in the pack. Files are handed in and out as bytes: this crate
//! refuses to know where they lie, and how a verdict is reached.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod archive;
mod case;
mod checklist;
mod collect;
mod digest;
pub mod documents;
mod environment;
mod escape;
mod excerpt;
mod fingerprint;
mod har;
mod incident;
mod leaks;
mod limits;
mod make;
mod readme;
mod replay;
mod reproduce;
mod ruling;
mod sections;
mod shape;
mod verify;
mod xml;

pub use archive::{FILE_COUNT, FILE_LIMIT, File, TOTAL_LIMIT, is_plain_name, unzip, zip};
pub use case::Told;
pub use digest::edition;
pub use incident::incident;
pub use leaks::Leak;
pub use make::{Input, Pack, Refusal, Settings, make, seal};
pub use ruling::Ruling;
pub use verify::{Editions, Finding, Verification, manifest, verify};

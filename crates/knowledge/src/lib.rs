//! What firstfault knows: causes, rules, statuses and checks, and which of them the evidence touches.
//!
//! Packs are data (docs/packs.md): parsed, checked and compiled at build time into one block of bytes,
//! or at run time for a user's own. This crate refuses to know where the evidence came from and what the
//! verdict will be; it says which rules fire.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod base;
pub mod compile;
pub mod compiled;
mod fire;
mod layout;
pub mod pack;
mod phrase;
mod words;

pub use base::Knowledge;
pub use compile::SourceFile;
pub use fire::{Firing, Matcher};
pub use pack::PackError;

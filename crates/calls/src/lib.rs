//! Bytes of logs → the `calls` table: recognised fields in dictionary-encoded columns, and the one aggregation over them.
//!
//! A line costs nanoseconds here, so nothing is judged: lines that would be judged alike share a [`Shape`], of which one
//! sample is kept. This crate refuses to know files, threads, rules and statistics.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod attribute;
mod batch;
mod forms;
mod group;
mod join;
mod layout;
mod mask;
mod parallel;
mod quick;
mod recognise;
mod record;
mod shape;
mod table;
#[cfg(test)]
mod tests;

pub use attribute::Attribute;
pub use batch::{Batch, close, id_hash, merge, merge_part};
pub use forms::{Mapped, Mapping};
pub use group::{Coarser, Group, Key, by_status, compact, compacted_rows, group, rounded};
pub use join::join;
pub use layout::{Layout, Part, Settings};
pub use mask::{mask, mask_hash, text_hash};
pub use recognise::route;
pub use record::{Field, Record};
pub use shape::{Kind, Shape};
pub use table::{Calls, Codes, Dimension, Input, NO_TIME};

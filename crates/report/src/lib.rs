//! The verdict as people and programs read it: text, JSON, Markdown. Every format is a view of one value.
//!
//! Nothing reaches a renderer unredacted: renderers take a [`Safe`] report, and [`Safe`] is only made by running
//! every string through the redactor. This crate does no I/O.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod evidence;
mod json;
mod markdown;
pub mod paint;
mod redaction;
mod safe;
mod text;

pub use json::{document, line};
pub use markdown::markdown;
pub use redaction::{redaction, redaction_text};
pub use safe::{Call, Report, Safe, one_line};
pub use text::{Style, text};

//! What is known, as pages that a person reads: a status, a cause, a bucket, a gateway's flag, a vendor's code.
//!
//! The same packs that judge calls are read here in the form in which they were written. This crate refuses to
//! know calls and verdicts and does no I/O; everything shown comes from the files that it is given.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

mod book;
mod browse;
mod compose;
mod entry;
mod find;
mod markdown;
mod page;
mod text;

pub use book::Book;
pub use browse::browse;
pub use find::{Found, find};
pub use markdown::markdown;
pub use page::{Fact, Item, Kind, Page, Section};
pub use text::text;

use serde::Serialize;

/// The form of `--format json`: one document for one question.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema: &'static str,
    query: &'a str,
    pages: &'a [Page],
    near: &'a [String],
}

/// What was found as JSON (schema `firstfault/explain/1`), without a line end.
#[must_use]
pub fn json(query: &str, found: &Found) -> String {
    let document = Document { schema: "firstfault/explain/1", query, pages: &found.pages, near: &found.near };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

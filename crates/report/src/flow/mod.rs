//! What became of every key of an expected chain, as people and programs read it: text, and `firstfault/flow/1`.
//!
//! The same rule as for a verdict: renderers take a [`SafeFlow`], and only the redactor makes one.

mod json;
mod safe;
mod text;

pub use json::json;
pub use safe::SafeFlow;
pub use text::text;

#[cfg(test)]
mod tests;

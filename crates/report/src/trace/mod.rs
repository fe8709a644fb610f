//! One request's way through the systems, as people and programs read it: a waterfall, and `firstfault/trace/1`.
//!
//! The same rule as for a verdict: renderers take a [`SafeTrace`], and only the redactor makes one.

pub(crate) mod json;
pub(crate) mod safe;
#[cfg(test)]
mod tests;
pub(crate) mod text;

pub use json::json;
pub use safe::SafeTrace;
pub use text::text;

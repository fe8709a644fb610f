//! Many failing calls with one story, as people and programs read it: text, JSON, Markdown, HTML.
//!
//! The same rule as for a verdict: renderers take a [`SafeTriage`], and only the redactor makes one.

mod json;
mod safe;
mod words;

pub use json::json;
pub use safe::SafeTriage;
pub use words::sentence;

//! Many failing calls with one story, as people and programs read it: text, JSON, Markdown, HTML.
//!
//! The same rule as for a verdict: renderers take a [`SafeTriage`], and only the redactor makes one.

mod html;
mod json;
mod markdown;
mod safe;
mod text;
mod words;

pub use html::html;
pub use json::json;
pub use markdown::markdown;
pub use safe::SafeTriage;
pub use text::{Signs, text};
pub use words::sentence;

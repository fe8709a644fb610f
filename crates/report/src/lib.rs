//! The verdict as people and programs read it: text, JSON, Markdown, HTML, SARIF, problem details, and letters
//! for each audience. Every format is a view of one value.
//!
//! Nothing reaches a renderer unredacted: renderers take a [`Safe`] report, and [`Safe`] is only made by running
//! every string through the redactor. This crate does no I/O.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]

pub mod contract;
mod evidence;
mod exchange;
pub mod flow;
mod html;
mod json;
mod letter;
mod markdown;
pub mod paint;
mod problem;
mod redaction;
mod safe;
mod sarif;
mod section;
mod text;
pub mod trace;
pub mod triage;
mod words;

pub use html::{html, html_page, html_with};
pub use json::{document, line};
pub use letter::{Markup, letter};
pub use markdown::{code as markdown_code, escape as markdown_escape, markdown, markdown_with};
pub use problem::problem;
pub use redaction::{redaction, redaction_text};
pub use safe::{Call, Report, Safe, one_line};
pub use sarif::sarif;
pub use section::{Block, Row, Section};
pub use text::{Style, text, text_with};
pub use words::Audience;

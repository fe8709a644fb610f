//! The style sheet of the page: light and dark, narrow and wide, and on paper.

/// Colours carry no meaning that a sign or word does not carry too; all text has a contrast of at least 4.5 to 1.
pub const SHEET: &str = include_str!("page.css");

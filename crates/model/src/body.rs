//! A bounded body.

use crate::Span;

/// The most bytes of one body that are kept; what is longer is cut and marked so.
///
/// 256 KiB holds every error body seen in practice and keeps a hostile one from filling memory.
pub const BODY_LIMIT: usize = 256 * 1024;

/// A request or response body, bounded by [`BODY_LIMIT`], as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The text that is kept. Bytes that were no UTF-8 are replaced.
    pub text: String,
    /// Bytes of the whole body, where known: more than `text.len()` when cut.
    pub size: usize,
    /// True when the body was cut, by us or by the evidence ("… truncated").
    pub truncated: bool,
    /// Where it stands in the input.
    pub span: Span,
}

impl Body {
    /// Keeps at most [`BODY_LIMIT`] bytes of `text`, cut at a character boundary.
    #[must_use]
    pub fn bounded(text: &str, span: Span) -> Self {
        let size = text.len();
        let mut end = size.min(BODY_LIMIT);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        Self { text: text[..end].to_owned(), size, truncated: end < size, span }
    }

    /// True when there is nothing but white space.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

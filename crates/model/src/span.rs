//! Where a fact stands in the input.

use serde::{Deserialize, Serialize};

/// A byte range of one input, with the line it begins on.
///
/// `line` counts from 1; `start..end` are byte offsets into the input as given. A span of line 0
/// means "not from the text": an argument, or a fact worked out from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First line, counted from 1 (0: not from the text).
    pub line: u32,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span from its parts.
    #[must_use]
    pub const fn new(line: u32, start: usize, end: usize) -> Self {
        Self { line, start, end }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.line == 0 {
            return other;
        }
        if other.line == 0 {
            return self;
        }
        Self { line: self.line.min(other.line), start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// Something about the input that could not be read as meant; the rest was read all the same.
///
/// The message is lower-case, without a full stop, with what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// What was expected and what was found.
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

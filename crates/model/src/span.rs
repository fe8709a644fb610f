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
    /// Which of several inputs that were judged together, from 1 (0: there is one).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub piece: u16,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_zero(number: &u16) -> bool {
    *number == 0
}

impl Span {
    /// A span from its parts.
    #[must_use]
    pub const fn new(line: u32, start: usize, end: usize) -> Self {
        Self { line, start, end, piece: 0 }
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
        Self {
            line: self.line.min(other.line),
            start: self.start.min(other.start),
            end: self.end.max(other.end),
            piece: self.piece,
        }
    }

    /// Where it stands, in words: `line 14`, `piece 2, line 14`, or `derived`.
    #[must_use]
    pub fn place(&self) -> String {
        match (self.line, self.piece) {
            (0, _) => "derived".to_owned(),
            (line, 0) => format!("line {line}"),
            (line, piece) => format!("piece {piece}, line {line}"),
        }
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

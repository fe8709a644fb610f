//! The input as lines, each with its place: escapes removed, wrappers such as `docker compose` or
//! syslog prefixes set aside, Markdown fences noted.
//!
//! This file knows how terminals and log shippers wrap text; it refuses to know what the text means.

use firstfault_model::Span;
use std::borrow::Cow;

/// One line of input.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The words, without line end, ANSI escapes and shipping prefix.
    pub text: Cow<'a, str>,
    /// What a shipper put in front (`web-1  | `, `<34>Oct 11 22:14:15 host app[12]: `), or empty.
    pub prefix: &'a str,
    /// The whole line in the input, without its line end.
    pub span: Span,
    /// True when the document has Markdown fences and this line stands outside them.
    pub prose: bool,
}

/// A run of lines. Readers look at `lines[at..]` and say how many they take.
#[derive(Clone, Debug, Default)]
pub struct Lines<'a>(pub Vec<Line<'a>>);

impl Lines<'_> {
    /// The text of line `at`, empty past the end.
    #[must_use]
    pub fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |line| line.text.as_ref())
    }

    /// The span of line `at`.
    #[must_use]
    pub fn span(&self, at: usize) -> Span {
        self.0.get(at).map_or_else(Span::default, |line| line.span)
    }

    /// How many lines there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The lines `from..to` joined by line feeds, and their span: how readers make bodies.
    #[must_use]
    pub fn join(&self, from: usize, to: usize) -> (String, Span) {
        let mut text = String::new();
        let mut span = Span::default();
        for line in self.0.iter().take(to).skip(from) {
            if span.line != 0 {
                text.push('\n');
            }
            text.push_str(&line.text);
            span = span.to(line.span);
        }
        (text, span)
    }
}

impl Line<'_> {
    /// The span of `part`, a slice of this line's text; the whole line where it cannot be placed.
    #[must_use]
    pub fn span_of(&self, part: &str) -> Span {
        let (text, part_start) = (self.text.as_ptr() as usize, part.as_ptr() as usize);
        let Some(offset) = part_start.checked_sub(text) else { return self.span };
        if offset + part.len() > self.text.len() || matches!(self.text, Cow::Owned(_)) {
            return self.span;
        }
        // Words that were unwrapped may be longer than what stands in the input.
        let Some(base) = self.span.end.checked_sub(self.text.len()) else { return self.span };
        Span::new(self.span.line, base + offset, base + offset + part.len())
    }
}

//! Where the parts of a record stand in the input.
//!
//! A record is one line's text from some byte on, or several lines joined; this file maps byte ranges
//! of that text back and refuses to know what is in them.

use crate::lines::Lines;
use firstfault_model::Span;
use std::borrow::Cow;

/// A text made of lines, and the way back.
pub(crate) struct Place<'l, 'a> {
    lines: &'l Lines<'a>,
    at: usize,
    /// Where each line begins in the joined text; empty for a single line.
    starts: Vec<usize>,
    /// How far into the first line the text begins.
    offset: usize,
}

impl<'l, 'a> Place<'l, 'a> {
    /// Line `at` from byte `offset` on.
    pub fn line(lines: &'l Lines<'a>, at: usize, offset: usize) -> Self {
        Self { lines, at, starts: Vec::new(), offset }
    }

    /// The lines `at..end` joined by line feeds.
    pub fn joined(lines: &'l Lines<'a>, at: usize, end: usize) -> Self {
        let mut starts = Vec::with_capacity(end.saturating_sub(at));
        let mut start = 0;
        for line in at..end {
            starts.push(start);
            start += lines.text(line).len() + 1;
        }
        Self { lines, at, starts, offset: 0 }
    }

    /// The first line, from where the text begins.
    pub fn first_line(&self) -> &str {
        self.lines.text(self.at).get(self.offset..).unwrap_or_default()
    }

    /// All of it.
    pub fn whole(&self) -> Span {
        let last = self.at + self.starts.len().saturating_sub(1);
        self.lines.span(self.at).to(self.lines.span(last))
    }

    /// The place of `start..end` of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let row = self.starts.partition_point(|begin| *begin <= start).saturating_sub(1);
        let last = self.starts.partition_point(|begin| *begin < end).saturating_sub(1).max(row);
        let begin = self.starts.get(row).copied().unwrap_or(0);
        let Some(line) = self.lines.0.get(self.at + row) else { return Span::default() };
        if last > row {
            return line.span.to(self.lines.span(self.at + last));
        }
        // A text that had escapes or wrappers inside cannot be mapped byte by byte.
        if matches!(line.text, Cow::Owned(_)) {
            return line.span;
        }
        let from = self.offset + start.saturating_sub(begin);
        let to = self.offset + end.saturating_sub(begin);
        line.text.get(from..to).map_or(line.span, |part| line.span_of(part))
    }
}

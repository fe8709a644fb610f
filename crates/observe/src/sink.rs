//! Where readers put what they see: bounded, without duplicates, and aware of where it stood.
//!
//! It refuses to know what a fact means.

use crate::{Observations, Place, Text};
use firstfault_model::{Body, Fact, Span};
use std::borrow::Cow;

/// The most facts of one call.
const FACTS: usize = 400;
/// The most texts of one call.
const TEXTS: usize = 64;
/// The most bytes of one fact's value.
const VALUE: usize = 400;

#[derive(Debug, Default)]
pub(crate) struct Sink {
    facts: Vec<Fact>,
    texts: Vec<Text>,
}

impl Sink {
    /// Adds a fact, its value cut to [`VALUE`] bytes; the same fact twice is one.
    pub(crate) fn fact(&mut self, key: impl Into<Cow<'static, str>>, value: &str, span: Span) {
        if self.facts.len() >= FACTS {
            return;
        }
        let key = key.into();
        let value = cut(value.trim(), VALUE);
        if self.facts.iter().any(|fact| fact.value == value && fact.key == key) {
            return;
        }
        self.facts.push(Fact { key, value: value.to_owned(), span });
    }

    /// Adds a fact unless one of that key is there.
    pub(crate) fn first(&mut self, key: &'static str, value: &str, span: Span) {
        if !self.has(key) {
            self.fact(key, value, span);
        }
    }

    /// How many facts there are.
    pub(crate) fn len(&self) -> usize {
        self.facts.len()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.facts.iter().any(|fact| fact.key == key)
    }

    /// Every fact of this name, with its place.
    pub(crate) fn facts_of<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |fact| fact.key == key)
    }

    pub(crate) fn value(&self, key: &str) -> Option<&str> {
        self.facts.iter().find(|fact| fact.key == key).map(|fact| fact.value.as_str())
    }

    /// The values of every fact of that key.
    pub(crate) fn every<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s str> {
        self.facts.iter().filter(move |fact| fact.key == key).map(|fact| fact.value.as_str())
    }

    pub(crate) fn text(&mut self, place: Place, text: impl Into<String>, span: Span, depth: u8) {
        if self.texts.len() < TEXTS {
            let text = text.into();
            if !text.trim().is_empty() {
                self.texts.push(Text { place, text, span, depth });
            }
        }
    }
}

impl From<Sink> for Observations {
    fn from(sink: Sink) -> Self {
        Self { facts: sink.facts, texts: sink.texts }
    }
}

/// At most `limit` bytes of `text`, cut at a character boundary.
pub(crate) fn cut(text: &str, limit: usize) -> &str {
    if text.len() <= limit {
        return text;
    }
    let mut end = limit;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A body that is being read: its text, and how to find the place of a byte in the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    span: Span,
    /// True when the body stands in the input byte for byte, so that places can be worked out.
    exact: bool,
}

impl<'a> Source<'a> {
    pub(crate) fn of(body: &'a Body) -> Self {
        let span = body.span;
        Self { text: &body.text, span, exact: span.line != 0 && span.end.saturating_sub(span.start) == body.text.len() }
    }

    /// Text that was unpacked from elsewhere: everything in it stands at `span`.
    pub(crate) const fn unpacked(text: &'a str, span: Span) -> Self {
        Self { text, span, exact: false }
    }

    /// The line on which the byte `at` stands, as a span from there to the end of that line.
    pub(crate) fn span(&self, at: usize) -> Span {
        let bytes = self.text.as_bytes();
        if !self.exact || at >= bytes.len() {
            return self.span;
        }
        let lines = memchr::memchr_iter(b'\n', &bytes[..at]).count();
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |end| at + end);
        Span::new(
            self.span.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX)),
            self.span.start + at,
            self.span.start + end,
        )
    }

    pub(crate) const fn whole(&self) -> Span {
        self.span
    }
}

//! What observing a call yields: facts with keys, and the passages of text that rules search.

use crate::{Fact, Span};
use serde::{Deserialize, Serialize};

/// Everything that was observed about one call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observations {
    /// Facts by key; a key may come several times.
    pub facts: Vec<Fact>,
    /// Passages in which phrases are searched.
    pub texts: Vec<Text>,
}

/// A passage of text and where it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Whose words these are.
    pub place: Place,
    /// The words, markup removed.
    pub text: String,
    /// Where they stand.
    pub span: Span,
    /// How many wrappers were taken off: 0 as it stood, 1 a string inside JSON, …
    pub depth: u8,
}

/// Whose words a passage is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The response body.
    Body,
    /// Response header values and the reason phrase.
    Header,
    /// Exceptions, log lines, a tool's own lines.
    Message,
    /// What the request said: body and target.
    Request,
    /// What a person wrote.
    Note,
}

impl Place {
    /// The word for it in packs (`in = ["body"]`).
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::Header => "header",
            Self::Message => "message",
            Self::Request => "request",
            Self::Note => "note",
        }
    }
}

impl Observations {
    /// True when a fact of that key is there.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.facts.iter().any(|fact| fact.key == key)
    }

    /// The first value of a key.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.fact(key).map(|fact| fact.value.as_str())
    }

    /// The first fact of a key.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.key == key)
    }

    /// Every fact of a key, in order.
    pub fn every<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Fact> {
        self.facts.iter().filter(move |fact| fact.key == key)
    }

    /// Adds a fact.
    pub fn add(&mut self, key: impl Into<std::borrow::Cow<'static, str>>, value: impl Into<String>, span: Span) {
        self.facts.push(Fact { key: key.into(), value: value.into(), span });
    }
}

//! Parts of a document, between a verdict and its formats: what is said, not how it looks.
//!
//! A [`Section`] that comes from outside this crate passes the redactor when it is made, as a report does.

use crate::safe::{clean, clean_lines};
use firstfault_redact::Redactor;

/// One piece of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// Points without an order.
    List(Vec<String>),
    /// What to do, in this order, each with the command for it where there is one.
    Steps(Vec<(String, Option<String>)>),
    /// Names and their values.
    Rows(Vec<Row>),
    /// Text whose lines stay as they are: a command, a message, a body.
    Code(String),
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is: `method`.
    pub label: String,
    /// Its value.
    pub value: String,
    /// True for a value as machines write it (an id, a URL), false for a sentence.
    pub literal: bool,
}

impl Row {
    /// A value as machines write it.
    #[must_use]
    pub fn literal(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), literal: true }
    }

    /// A value in words.
    #[must_use]
    pub fn said(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into(), literal: false }
    }
}

/// A part of a document with its heading, with no secret in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub(crate) title: String,
    pub(crate) blocks: Vec<Block>,
    pub(crate) folded: bool,
}

impl Section {
    /// A section whose every string passes the redactor.
    #[must_use]
    pub fn new(title: &str, blocks: Vec<Block>, redactor: &mut Redactor) -> Self {
        let title = safe(title, redactor);
        let blocks = blocks.into_iter().map(|block| safe_block(block, redactor)).collect();
        Self { title, blocks, folded: false }
    }

    /// The section, shown folded where a format can fold.
    #[must_use]
    pub fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// A section made of a safe report's own words.
    pub(crate) fn of(title: &str, blocks: Vec<Block>) -> Self {
        Self { title: title.to_owned(), blocks, folded: false }
    }
}

fn safe(text: &str, redactor: &mut Redactor) -> String {
    clean(&redactor.text(text))
}

fn safe_block(block: Block, redactor: &mut Redactor) -> Block {
    match block {
        Block::Text(text) => Block::Text(safe(&text, redactor)),
        Block::List(items) => Block::List(items.iter().map(|item| safe(item, redactor)).collect()),
        Block::Steps(steps) => Block::Steps(
            steps
                .into_iter()
                .map(|(text, command)| (safe(&text, redactor), command.map(|c| clean(&redactor.command(&c)))))
                .collect(),
        ),
        Block::Rows(rows) => Block::Rows(
            rows.into_iter()
                .map(|row| Row {
                    // A value is judged with its name beside it: `password` gives it away.
                    value: clean(&redactor.header(&row.label, &row.value)),
                    label: safe(&row.label, redactor),
                    literal: row.literal,
                })
                .collect(),
        ),
        Block::Code(text) => Block::Code(clean_lines(&redactor.text(&text))),
    }
}

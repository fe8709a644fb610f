//! One page of explanation, as data: every format is a view of it.

use serde::Serialize;

/// What a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Everything that can be asked for.
    Contents,
    /// An HTTP status code.
    Status,
    /// A cause of the taxonomy.
    Cause,
    /// One of the five buckets.
    Bucket,
    /// One of the six layers.
    Layer,
    /// A row of a table or a rule: a flag, a code, a message.
    Entry,
    /// A pack: one gateway, client, framework, vendor.
    Pack,
    /// Advice on an API of one's own.
    Guide,
}

/// A page.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    /// What to ask for to get this page.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// Its heading.
    pub title: String,
    /// What it means, in a sentence or two.
    pub meaning: String,
    /// Short facts: bucket, layer, owner, retry.
    pub facts: Vec<Fact>,
    /// The rest, in reading order.
    pub sections: Vec<Section>,
    /// Where it is documented.
    pub sources: Vec<String>,
    /// Further questions worth asking, each a query.
    pub see: Vec<String>,
}

/// A short fact.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// What it is: `retry`.
    pub label: &'static str,
    /// Its value: `never`.
    pub value: String,
}

/// A part of a page.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// Whether the items are steps, in this order.
    pub ordered: bool,
    /// What it says; a single item is a paragraph.
    pub items: Vec<Item>,
}

/// One line of a section.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Item {
    /// What the line is about, when it has a name: a cause, a code. May be empty.
    pub name: String,
    /// What it says.
    pub text: String,
    /// A command that goes with it. May be empty.
    pub command: String,
    /// Lines that belong together, such as a whole answer. Left out where there are none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub block: String,
}

impl Item {
    /// A line without a name.
    pub(crate) fn said(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A line about `name`.
    pub(crate) fn named(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), ..Self::default() }
    }
}

impl Page {
    pub(crate) fn new(kind: Kind, id: impl Into<String>, title: impl Into<String>, meaning: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind,
            title: title.into(),
            meaning: meaning.into(),
            facts: Vec::new(),
            sections: Vec::new(),
            sources: Vec::new(),
            see: Vec::new(),
        }
    }

    pub(crate) fn fact(&mut self, label: &'static str, value: impl Into<String>) {
        self.facts.push(Fact { label, value: value.into() });
    }

    /// Adds a section unless it would be empty.
    pub(crate) fn section(&mut self, title: &'static str, items: Vec<Item>) {
        self.part(title, false, items);
    }

    /// Adds a section of steps unless it would be empty.
    pub(crate) fn steps(&mut self, title: &'static str, items: Vec<Item>) {
        self.part(title, true, items);
    }

    fn part(&mut self, title: &'static str, ordered: bool, mut items: Vec<Item>) {
        items.retain(|item| !item.name.is_empty() || !item.text.is_empty() || !item.block.is_empty());
        if !items.is_empty() {
            self.sections.push(Section { title, ordered, items });
        }
    }

    /// Adds a source once.
    pub(crate) fn source(&mut self, source: &str) {
        if !source.is_empty() && !self.sources.iter().any(|s| s == source) {
            self.sources.push(source.to_owned());
        }
    }
}

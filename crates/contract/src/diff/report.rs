//! Collecting changes: each with its rule, severity, sentence and place.

use super::place::Schema;
use super::rules;
use super::sameness::Sameness;
use crate::description::{Contract, SchemaRef};
use crate::finding::{list, quoted};
use firstfault_model::contract::{Change, Half, Severity};
use serde_json::Value;

/// The most changes that are kept.
pub(super) const CHANGE_LIMIT: usize = 20_000;
/// The longest sentence, in characters: names in descriptions may be of any length.
const MESSAGE_LIMIT: usize = 400;

/// The two descriptions and what changed between them so far.
pub(super) struct Report<'c> {
    pub old: &'c Contract,
    pub new: &'c Contract,
    pub now: Option<i64>,
    pub changes: Vec<Change>,
    pub sameness: Sameness<'c>,
    /// Changes beyond [`CHANGE_LIMIT`].
    pub dropped: usize,
}

/// In which description a change has its place.
#[derive(Clone, Copy)]
pub(super) enum Spot<'s> {
    Old(&'s SchemaRef),
    New(&'s SchemaRef),
}

impl<'c> Report<'c> {
    pub fn new(old: &'c Contract, new: &'c Contract, now: Option<i64>) -> Self {
        Self { old, new, now, changes: Vec::new(), sameness: Sameness::new(old, new), dropped: 0 }
    }

    /// Adds a change by a rule of [`rules::RULES`].
    pub fn add(&mut self, rule: &str, half: Half, operation: &str, spot: Spot<'_>, message: String) {
        self.add_as(rules::severity(rule), rule, half, operation, spot, message);
    }

    /// Adds a change whose severity depends on more than its rule.
    pub fn add_as(
        &mut self,
        severity: Severity,
        rule: &str,
        half: Half,
        operation: &str,
        spot: Spot<'_>,
        message: String,
    ) {
        if self.changes.len() >= CHANGE_LIMIT {
            self.dropped += 1;
            return;
        }
        let (contract, at) = match spot {
            Spot::Old(at) => (self.old, at),
            Spot::New(at) => (self.new, at),
        };
        self.changes.push(Change {
            rule: rule.to_owned(),
            severity,
            half,
            operation: operation.to_owned(),
            message: message.chars().take(MESSAGE_LIMIT).map(|c| if c.is_control() { ' ' } else { c }).collect(),
            place: contract.place(at),
            line: contract.line(at),
            calls: None,
        });
    }
}

/// What kind of value a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carrier {
    Parameter,
    Body,
    Response,
    Header,
}

/// Whose schema is compared.
#[derive(Clone, Debug)]
pub(super) struct Side<'s> {
    pub carrier: Carrier,
    /// `POST /customers/{id}`.
    pub operation: &'s str,
    /// As sentences name it: `the request body`, `the query parameter limit`.
    pub noun: String,
    /// Whether the medium carries every value as text, so that a number is a string as well.
    pub text: bool,
    /// Whether a list of one value is written as the value alone (form, exploded).
    pub exploded: bool,
}

impl Side<'_> {
    pub fn half(&self) -> Half {
        match self.carrier {
            Carrier::Parameter | Carrier::Body => Half::Request,
            Carrier::Response | Carrier::Header => Half::Response,
        }
    }

    /// `request-body` for the whole, `request-property` for what is inside.
    pub fn prefix(&self, whole: bool) -> &'static str {
        match (self.carrier, whole) {
            (Carrier::Parameter, true) => "request-parameter",
            (Carrier::Parameter, false) => "request-parameter-property",
            (Carrier::Body, true) => "request-body",
            (Carrier::Body, false) => "request-property",
            (Carrier::Response, true) => "response-body",
            (Carrier::Response, false) => "response-property",
            (Carrier::Header, true) => "response-header",
            (Carrier::Header, false) => "response-header-property",
        }
    }
}

/// A pair of schemas at the same point of a value.
pub(super) struct Node<'s, 'c> {
    pub side: &'s Side<'s>,
    pub old: Schema<'c>,
    pub new: Schema<'c>,
    /// The way from the whole: `lines[].price`; empty for the whole and for its branches.
    pub path: String,
    pub whole: bool,
}

impl Node<'_, '_> {
    /// `the field lines[].price of the request body`.
    pub fn name(&self) -> String {
        named(&self.path, &self.side.noun)
    }
}

/// The way to a field: `customer.name`.
pub(super) fn inner(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

fn named(path: &str, noun: &str) -> String {
    if path.is_empty() { noun.to_owned() } else { format!("the field {path} of {noun}") }
}

impl Report<'_> {
    /// Adds a change of an aspect of a schema; the message continues the name of the schema.
    pub fn aspect(&mut self, node: &Node<'_, '_>, aspect: &str, message: &str) {
        let rule = format!("{}-{aspect}", node.side.prefix(node.whole));
        self.rule_of(node, &rule, aspect, message);
    }

    /// The same under an id that does not follow from place and aspect.
    pub fn rule_of(&mut self, node: &Node<'_, '_>, rule: &str, aspect: &str, message: &str) {
        let half = node.side.half();
        let severity = rules::of_aspect(rule, aspect, half);
        let at = node.new.place.at.clone();
        let message = format!("{} {message}", node.name());
        self.add_as(severity, rule, half, node.side.operation, Spot::New(&at), message);
    }

    /// Adds a change about a field below a node; the message continues its name.
    pub fn field(&mut self, node: &Node<'_, '_>, rule: &str, aspect: &str, field: &str, spot: Spot<'_>, what: &str) {
        let half = node.side.half();
        let severity = rules::of_aspect(rule, aspect, half);
        let message = format!("{} {what}", named(&inner(&node.path, field), &node.side.noun));
        self.add_as(severity, rule, half, node.side.operation, spot, message);
    }
}

/// A value in a sentence: one line, cut at 60 characters.
pub(super) fn quote(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        other => quoted(&other.to_string()),
    }
}

/// Names in a sentence: `a, b and c`.
pub(super) fn listed<I: IntoIterator<Item = S>, S: Into<String>>(names: I) -> String {
    let names: Vec<String> = names.into_iter().map(Into::into).collect();
    if names.is_empty() { "nothing".to_owned() } else { list(&names, "and") }
}

/// A schema's type and format in a sentence.
pub(super) fn type_name(schema: &Schema<'_>) -> String {
    let types = schema.types();
    let types = if types.is_empty() { "any type".to_owned() } else { listed(types) };
    if schema.format().is_empty() { types } else { format!("{types} ({})", schema.format()) }
}

//! Packs as written: the TOML form of docs/packs.md, parsed and checked.
//!
//! Unknown and misplaced fields are refused with file and line. What leaves here is well-formed;
//! [`crate::compile`] makes it quick.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The words for [`Strength`], in TOML.
pub use firstfault_model::Strength;
use firstfault_model::{Layer, Owner, Retry};

/// One pack file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackFile {
    /// Name, marks and default source.
    pub pack: PackHead,
    /// Rules.
    #[serde(default)]
    pub rule: Vec<RuleSource>,
    /// Tables of codes.
    #[serde(default)]
    pub table: Vec<TableSource>,
    /// Statuses (statuses.toml only).
    #[serde(default)]
    pub status: BTreeMap<String, StatusSource>,
}

/// What a pack says of itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct PackHead {
    pub name: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub hosts: Vec<String>,
    #[serde(default)]
    pub headers: Vec<String>,
    pub layer: Option<Layer>,
}

/// A rule as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct RuleSource {
    pub id: String,
    #[serde(default)]
    pub text: Vec<String>,
    #[serde(default, rename = "in")]
    pub places: Vec<String>,
    #[serde(default)]
    pub code: Vec<String>,
    #[serde(default)]
    pub status: Vec<String>,
    #[serde(default)]
    pub method: Vec<String>,
    #[serde(default)]
    pub when: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default, rename = "for")]
    pub supports: BTreeMap<String, Strength>,
    #[serde(default)]
    pub against: BTreeMap<String, Strength>,
    pub layer: Option<Layer>,
    #[serde(default)]
    pub passed: Vec<Layer>,
    pub retry: Option<Retry>,
    pub owner: Option<Owner>,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub fails: bool,
    #[serde(default)]
    pub healthy: bool,
    #[serde(default)]
    pub symptom: bool,
    #[serde(default)]
    pub fault: bool,
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub because: String,
    #[serde(default)]
    pub source: String,
    #[serde(default, rename = "match")]
    pub matches: Vec<String>,
    #[serde(default)]
    pub silent: Vec<String>,
}

/// A table of codes as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct TableSource {
    pub id: String,
    pub fact: Option<String>,
    #[serde(default)]
    pub code: bool,
    #[serde(default)]
    pub text: bool,
    #[serde(default, rename = "in")]
    pub places: Vec<String>,
    #[serde(default)]
    pub status: Vec<String>,
    #[serde(default)]
    pub when: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default)]
    pub group: String,
    #[serde(default)]
    pub symptom: bool,
    #[serde(default)]
    pub fails: bool,
    #[serde(default)]
    pub fault: bool,
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub because: String,
    #[serde(default)]
    pub source: String,
    #[serde(default, rename = "match")]
    pub matches: Vec<String>,
    #[serde(default)]
    pub silent: Vec<String>,
    pub rows: BTreeMap<String, RowSource>,
}

/// A row of a table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct RowSource {
    pub cause: Option<String>,
    pub strength: Option<Strength>,
    #[serde(default)]
    pub also: BTreeMap<String, Strength>,
    #[serde(default)]
    pub against: BTreeMap<String, Strength>,
    pub layer: Option<Layer>,
    #[serde(default)]
    pub passed: Vec<Layer>,
    pub retry: Option<Retry>,
    pub owner: Option<Owner>,
    pub meaning: String,
    #[serde(default)]
    pub says: String,
    #[serde(default)]
    pub none: bool,
}

/// A status code as written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct StatusSource {
    pub name: String,
    #[serde(default)]
    pub registered: bool,
    #[serde(default)]
    pub source: String,
    pub meaning: String,
    #[serde(default)]
    pub mistaken_for: String,
    #[serde(default)]
    pub first_look: String,
    #[serde(default)]
    pub priors: BTreeMap<String, Strength>,
    pub layer: Option<Layer>,
}

/// A cause of `causes.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file's head says what the fields mean")]
pub struct CauseSource {
    pub bucket: Option<String>,
    pub layer: Layer,
    pub owner: Owner,
    pub retry: Retry,
    pub title: String,
    pub meaning: String,
}

/// Clauses and words of a cause, from `sentences.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file's head says what the fields mean")]
pub struct Sentences {
    #[serde(default)]
    pub clause: Vec<String>,
    #[serde(default)]
    pub client: String,
    #[serde(default)]
    pub provider: String,
    #[serde(default)]
    pub plain: String,
    #[serde(default)]
    pub question: String,
    #[serde(default)]
    pub missing: String,
}

/// A cause of `general.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct General {
    /// Causes that say exactly what this one says in general; `auth.*` stands for all of a section.
    pub gives_way_to: Vec<String>,
}

/// `checks.toml`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckFile {
    /// In file order.
    pub check: Vec<CheckEntry>,
}

/// A check of `checks.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file's head says what the fields mean")]
pub struct CheckEntry {
    pub id: String,
    pub question: String,
    pub seconds: u32,
    pub risk: String,
    #[serde(default)]
    pub command: String,
    #[serde(default)]
    pub when: Vec<String>,
    #[serde(default)]
    pub unless: Vec<String>,
    #[serde(default)]
    pub run: String,
    pub outcomes: Vec<OutcomeSource>,
}

/// A possible answer to a check.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the file's head says what the fields mean")]
pub struct OutcomeSource {
    pub answer: String,
    pub confirms: Vec<String>,
    #[serde(default)]
    pub seen: Vec<String>,
    #[serde(default)]
    pub strength: Option<Strength>,
}

/// `guide.toml`: what an experienced colleague says about buckets, layers and causes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Runbooks by the bucket's word.
    #[serde(default)]
    pub bucket: BTreeMap<String, BucketGuide>,
    /// By the layer's word.
    #[serde(default)]
    pub layer: BTreeMap<String, LayerGuide>,
    /// By cause id.
    #[serde(default)]
    pub cause: BTreeMap<String, CauseGuide>,
    /// What people write before a code (`aadsts:70011`), and the tables or packs that it stands for.
    #[serde(default)]
    pub prefix: BTreeMap<String, Vec<String>>,
    /// What an API should answer when it fails.
    pub envelope: Option<EnvelopeGuide>,
}

/// The recommended error envelope.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct EnvelopeGuide {
    pub title: String,
    pub meaning: String,
    pub rules: Vec<String>,
    pub sources: Vec<String>,
    pub example: Vec<EnvelopeExample>,
    pub member: Vec<EnvelopeMember>,
    pub answer: Vec<EnvelopeAnswer>,
}

/// A whole answer: status line with header fields, and body.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct EnvelopeExample {
    pub title: String,
    pub head: String,
    pub body: String,
}

/// A member of the envelope and what it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct EnvelopeMember {
    pub name: String,
    pub text: String,
}

/// What to answer with for a bucket.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct EnvelopeAnswer {
    pub bucket: String,
    /// Each a status and its code.
    pub codes: Vec<String>,
    pub text: String,
}

/// A bucket's runbook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct BucketGuide {
    pub title: String,
    pub meaning: String,
    pub mistaken_for: String,
    pub first_look: String,
    /// In order, what to do.
    pub checklist: Vec<String>,
    /// Ids of checks, fastest first.
    pub checks: Vec<String>,
    /// What to write down before it is gone.
    pub capture: Vec<String>,
}

/// What tells that a layer was passed, or that it failed.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct LayerGuide {
    pub meaning: String,
    pub passed: Vec<String>,
    pub failed: Vec<String>,
    pub first_look: String,
}

/// What is worth knowing about a cause beyond its definition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct CauseGuide {
    pub usually: String,
    pub mistaken_for: Vec<Mistaken>,
    pub checklist: Vec<String>,
    pub first_look: String,
    pub source: String,
}

/// Another cause that it is taken for, and what tells the two apart.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct Mistaken {
    pub cause: String,
    pub tell: String,
}

/// The files of a knowledge folder that are no packs; they are known by their names.
const NO_PACKS: [&str; 5] = ["causes.toml", "checks.toml", "general.toml", "guide.toml", "sentences.toml"];

/// The name of a file that is no pack but one of its kind, without folders; `None` for a pack.
#[must_use]
pub fn special(file: &str) -> Option<&'static str> {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    NO_PACKS.into_iter().find(|name| *name == base)
}

/// A fault in a pack: which file, which line, what is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackError {
    /// File name as given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// What was expected and what was found.
    pub message: String,
}

impl std::fmt::Display for PackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// Parses one pack file.
///
/// # Errors
/// The TOML fault or unknown field, with its line.
pub fn parse(file: &str, text: &str) -> Result<PackFile, PackError> {
    toml::from_str(text).map_err(|error| toml_error(file, text, &error))
}

/// Parses `causes.toml`: sections of causes, in file order of the ids.
///
/// # Errors
/// The TOML fault or unknown field, with its line.
pub fn parse_causes(file: &str, text: &str) -> Result<BTreeMap<String, BTreeMap<String, CauseSource>>, PackError> {
    toml::from_str(text).map_err(|error| toml_error(file, text, &error))
}

/// Parses one of the files that are no packs: `sentences.toml`, `checks.toml`, `guide.toml`.
///
/// # Errors
/// The TOML fault or unknown field, with its line.
pub fn parse_special<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> Result<T, PackError> {
    toml::from_str(text).map_err(|error| toml_error(name, text, &error))
}

/// Turns a TOML error into one with file and line.
#[must_use]
pub fn toml_error(file: &str, text: &str, error: &toml::de::Error) -> PackError {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    PackError { file: file.to_owned(), line, message: error.message().to_owned() }
}

/// The line on which `id = "…"` stands.
#[must_use]
pub fn line_of(text: &str, id: &str) -> usize {
    let needle = format!("\"{id}\"");
    text.lines().position(|line| line.trim_start().starts_with("id") && line.contains(&needle)).map_or(1, |i| i + 1)
}

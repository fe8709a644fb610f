//! What packs become: rules ready to judge, and the form in which they are stored.
//!
//! Each rule is stored apart from the others (postcard) and decoded only when it fires, so that start-up
//! does not pay for what the evidence does not touch.

use firstfault_model::{Bucket, Layer, Owner, Retry, Strength};
use serde::{Deserialize, Serialize};

/// A rule, or a row of a table, or a status's priors.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct Rule<'a> {
    pub id: &'a str,
    pub pack: &'a str,
    /// Cause numbers and strengths.
    pub supports: Vec<(u16, Strength)>,
    pub opposes: Vec<(Target, Strength)>,
    #[serde(borrow)]
    pub conditions: Vec<Condition<'a>>,
    /// Bit per [`firstfault_model::Place`] in which its phrases count; 0 when it has none.
    pub places: u8,
    pub layer: Option<Layer>,
    pub passed: Vec<Layer>,
    pub retry: Option<Retry>,
    pub owner: Option<Owner>,
    pub group: &'a str,
    pub fails: bool,
    pub healthy: bool,
    pub symptom: bool,
    /// True for a fault that the request itself shows: it is there whichever fault was noticed first.
    pub fault: bool,
    pub says: &'a str,
    pub because: &'a str,
    pub source: &'a str,
    /// True for a status's priors: the least of witnesses.
    pub prior: bool,
    /// True for packs of one product (vendors, gateways, frameworks, webhooks): out of it, a short phrase of theirs may
    /// be anybody's.
    pub particular: bool,
}

/// What a rule may speak against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// One cause, by number.
    Cause(u16),
    /// Every cause of a bucket.
    Bucket(Bucket),
}

/// A condition beside the phrases.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Condition<'a> {
    /// The status lies in one of these ranges, ends included.
    Status(Vec<(u16, u16)>),
    /// A fact holds, or does not.
    Fact {
        /// Its key.
        key: &'a str,
        /// What is asked of its value.
        #[serde(borrow)]
        test: Test<'a>,
        /// True when it must not hold.
        negated: bool,
    },
    /// An error code equals one of these, by words.
    Code(Vec<Vec<u64>>),
}

/// What is asked of a fact's value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Test<'a> {
    /// It is there.
    Present,
    /// It equals one of these, without regard to case; a `*` at the end matches any rest.
    Equals(#[serde(borrow)] Vec<&'a str>),
    /// One of these phrases is in it.
    Phrase(#[serde(borrow)] Vec<&'a str>),
    /// It is a number above this.
    Greater(f64),
    /// It is a number below this.
    Less(f64),
}

/// A cause of the taxonomy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "causes.toml and sentences.toml say what the fields mean")]
pub struct Cause<'a> {
    pub id: &'a str,
    pub bucket: Bucket,
    pub layer: Layer,
    pub owner: Owner,
    pub retry: Retry,
    pub title: &'a str,
    pub meaning: &'a str,
    /// Clauses after "because", the first whose slots are filled is used.
    #[serde(borrow)]
    pub clauses: Vec<&'a str>,
    /// What to say to whoever makes the call.
    pub client: &'a str,
    /// What to say to whoever runs the API.
    pub provider: &'a str,
    /// What happened, for someone who knows nothing of APIs.
    pub plain: &'a str,
    /// The one thing to ask whoever runs the API.
    pub question: &'a str,
    /// The one thing that would decide, when evidence is thin.
    pub missing: &'a str,
    /// Numbers of the causes that say exactly what this one says in general.
    pub gives_way_to: Vec<u16>,
}

/// A check of `checks.toml`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "checks.toml says what the fields mean")]
pub struct CheckSource<'a> {
    pub id: &'a str,
    pub question: &'a str,
    pub seconds: u32,
    pub risk: &'a str,
    pub command: &'a str,
    #[serde(borrow)]
    pub conditions: Vec<Condition<'a>>,
    /// Cause numbers that each possible answer confirms.
    pub outcomes: Vec<Vec<u16>>,
    /// The possible answers in words, in the same order.
    pub answers: Vec<&'a str>,
    /// The experiment that answers it without a person; empty when there is none.
    pub run: &'a str,
    /// Words of the experiment's result that mean each answer, in the same order.
    pub seen: Vec<Vec<&'a str>>,
    /// How much each answer says, in the same order.
    pub strengths: Vec<Strength>,
}

/// What is known of a pack, and its marks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct PackInfo<'a> {
    pub name: &'a str,
    pub title: &'a str,
    pub source: &'a str,
    pub layer: Option<Layer>,
    /// Header marks: lower-case name and value pattern (`*` for any).
    #[serde(borrow)]
    pub headers: Vec<(&'a str, &'a str)>,
}

/// What is known of a status code.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/packs.md lists the fields")]
pub struct StatusInfo<'a> {
    pub code: u16,
    pub name: &'a str,
    pub registered: bool,
    pub meaning: &'a str,
    pub mistaken_for: &'a str,
    pub first_look: &'a str,
    pub source: &'a str,
}

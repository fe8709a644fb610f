//! Facts and the verdict made of them. One value; every output format is a view of it.

use crate::{Bucket, Layer, LayerState, Owner, Retry, Span};
use serde::{Deserialize, Serialize};

/// One fact with its provenance: a key, a value and where it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Dotted lower-case key, listed in docs/packs.md.
    pub key: std::borrow::Cow<'static, str>,
    /// Value as text.
    pub value: String,
    /// Where it stands in the input.
    pub span: Span,
}

/// How much one piece of evidence says, in words; docs/packs.md says when to use which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Tips a balance.
    Weak,
    /// Right more often than not.
    Moderate,
    /// Usually settles it.
    Strong,
    /// Documented to mean just this.
    Decisive,
}

impl Strength {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Weak => "weak",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
            Self::Decisive => "decisive",
        }
    }
}

/// The verdict on one call.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    /// Whether anything failed.
    pub failed: bool,
    /// A success status with a failure inside.
    pub soft_failure: bool,
    /// What kind.
    pub bucket: Bucket,
    /// Which layer failed first; `None` when nothing failed.
    pub layer: Option<Layer>,
    /// The likeliest cause's id, `none` when nothing failed, `unknown` when the evidence cannot attribute it.
    pub cause: String,
    /// Of the likeliest cause, 0 to 1.
    pub probability: f64,
    /// False when the ranking is too flat to name a cause (exit code 3).
    pub attributed: bool,
    /// Whether the same request can succeed.
    pub retry: Retry,
    /// Seconds to wait, where the evidence says so.
    pub retry_after: Option<u64>,
    /// Whether sending it again is safe; `None` when the method is not known.
    pub safe_to_repeat: Option<bool>,
    /// Who has to act.
    pub owner: Owner,
    /// One precise sentence.
    pub summary: String,
    /// `POST https://… → 400 Bad Request`.
    pub headline: String,
    /// All six layers, in order of travel.
    pub layers: Vec<LayerVerdict>,
    /// Ranked, likeliest first.
    pub hypotheses: Vec<Hypothesis>,
    /// What to ask next, most decisive per second first.
    pub checks: Vec<Check>,
    /// A corrected request, where the fault is in it and the fix mechanical.
    pub fix: Option<Fix>,
    /// Words for others.
    pub explain: Explain,
    /// Identity of "the same failure": 16 hex digits.
    pub signature: String,
    /// Correlation ids seen, by name.
    pub ids: Vec<(String, String)>,
    /// What is missing that would decide, when the ranking is flat.
    pub missing: Option<String>,
}

/// What is known of one layer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerVerdict {
    /// Which.
    pub layer: Layer,
    /// Passed, failed or unknown.
    pub state: LayerState,
    /// The evidence for it.
    pub because: String,
}

/// One possible cause with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Hypothesis {
    /// Cause id.
    pub cause: String,
    /// The cause's title.
    pub title: String,
    /// 0 to 1.
    pub probability: f64,
    /// Evidence for it, strongest first.
    pub supports: Vec<Evidence>,
    /// Evidence against it, strongest first.
    pub opposes: Vec<Evidence>,
}

/// One piece of evidence for or against a cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The fact, quoted.
    pub fact: String,
    /// Why it counts, in one sentence.
    pub because: String,
    /// Where it stands.
    pub span: Span,
    /// Rule id.
    pub rule: String,
    /// How much it says.
    pub strength: Strength,
}

/// A question that would tell hypotheses apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Stable id.
    pub id: String,
    /// The question.
    pub question: String,
    /// Seconds that it takes a person.
    pub seconds: u32,
    /// `none`, `read` or `write`: what it may change.
    pub risk: String,
    /// The command to run, with this call's values filled in.
    pub command: Option<String>,
    /// The causes that its outcome tells apart.
    pub decides: Vec<String>,
}

/// A corrected request as a difference of curl commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What to change, in words.
    pub what: String,
    /// Lines of the command as it was.
    pub before: Vec<String>,
    /// Lines of the corrected command.
    pub after: Vec<String>,
}

/// The verdict in words for others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explain {
    /// For whoever makes the call.
    pub client: String,
    /// For whoever runs the API.
    pub provider: String,
    /// What happened, for someone who knows nothing of APIs.
    pub plain: String,
    /// The one thing to ask whoever runs the API.
    pub question: String,
}

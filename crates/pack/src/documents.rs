//! The JSON documents of a pack as types: what is written and read back. `docs/schema/` publishes them.
//!
//! Strings of these types are redacted before they get here. Unknown fields are ignored when reading, because a later
//! version within `/1` may add some.

use serde::{Deserialize, Serialize};

/// `schema` of the manifest.
pub const PACK: &str = "firstfault/pack/1";
/// `schema` of call.json.
pub const CALL: &str = "firstfault/call/1";
/// `schema` of observations.json.
pub const OBSERVATIONS: &str = "firstfault/observations/1";
/// `schema` of what `firstfault verify --format json` prints.
pub const VERIFICATION: &str = "firstfault/verification/1";

/// manifest.json: what is in the pack and what is missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/pack-1.json describes the fields")]
pub struct Manifest {
    pub schema: String,
    pub tool: Tool,
    pub knowledge: Edition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    pub input: String,
    pub headline: String,
    pub verdict: Outcome,
    /// The same for calls that fail alike.
    pub signature: String,
    /// Whether observations.json gave the same verdict when the pack was made.
    pub replays: bool,
    pub redaction: Redaction,
    pub checklist: Vec<Item>,
    pub others: Vec<Other>,
    pub files: Vec<Listed>,
}

/// The program that made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Tool {
    pub name: String,
    pub version: String,
}

/// Which knowledge judged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Edition {
    pub packs: usize,
    pub rules: usize,
    pub sha256: String,
}

/// What a verdict comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in firstfault/diagnosis/1")]
pub struct Outcome {
    pub bucket: String,
    pub layer: String,
    pub cause: String,
    pub probability: f64,
    pub attributed: bool,
}

impl Outcome {
    /// What `diagnosis` comes to.
    #[must_use]
    pub fn of(diagnosis: &firstfault_model::Diagnosis) -> Self {
        Self {
            bucket: diagnosis.bucket.word().to_owned(),
            layer: diagnosis.layer.map_or("none", firstfault_model::Layer::word).to_owned(),
            cause: diagnosis.cause.clone(),
            probability: diagnosis.probability,
            attributed: diagnosis.attributed,
        }
    }

    /// True when both name the same bucket, layer and cause.
    #[must_use]
    pub fn agrees(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.layer == other.layer && self.cause == other.cause
    }
}

/// What was replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/pack-1.json describes the fields")]
pub struct Redaction {
    /// `secrets` or `strict`.
    pub mode: String,
    pub replaced: Vec<Replaced>,
    /// By which rules, and how often, while the pack was made.
    pub rules: Vec<Rule>,
}

/// How often a rule of the redactor replaced something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Rule {
    pub rule: String,
    pub count: usize,
}

/// How often one kind was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/pack-1.json describes the fields")]
pub struct Replaced {
    pub kind: String,
    pub different: usize,
    pub places: usize,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Listed {
    pub name: String,
    pub bytes: usize,
    pub sha256: String,
}

/// One question of the bucket's checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/pack-1.json describes the fields")]
pub struct Item {
    pub id: String,
    pub question: String,
    /// What the evidence answers; empty: still to collect.
    pub answers: Vec<Said>,
    /// How to collect it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collect: Option<String>,
}

/// Something that was said, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/pack-1.json describes the fields")]
pub struct Said {
    pub name: String,
    pub value: String,
    /// `line 14`, `derived`, or `told` by whoever made the pack.
    pub source: String,
}

/// Another failure of the same evidence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/pack-1.json describes the fields")]
pub struct Other {
    pub input: String,
    pub line: u32,
    pub headline: String,
    pub bucket: String,
    pub cause: String,
    pub signature: String,
    pub repeats: usize,
}

/// call.json: the fingerprint of the call.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct CallFile {
    pub schema: String,
    pub input: String,
    pub form: String,
    pub line: u32,
    pub request: Option<RequestPart>,
    pub response: Option<ResponsePart>,
    pub messages: Vec<Words>,
    pub ids: Vec<Pair>,
    pub timing: Timing,
    pub environment: Vec<Said>,
    pub before: Option<String>,
    pub impact: Impact,
}

/// The request.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct RequestPart {
    pub method: Option<String>,
    pub url: Option<String>,
    pub path: Option<String>,
    pub query: Vec<Pair>,
    pub version: Option<String>,
    /// Whether the head was seen whole, so that a missing field was really missing.
    pub complete: bool,
    pub headers: Vec<Pair>,
    pub body: Option<Shape>,
}

/// The response.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct ResponsePart {
    pub status: Option<u16>,
    pub reason: Option<String>,
    pub version: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
    pub complete: bool,
    pub headers: Vec<Pair>,
    pub trailers: Vec<Pair>,
    pub body: Option<Shape>,
    pub snippet: Option<String>,
}

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Pair {
    pub name: String,
    pub value: String,
}

/// What a program said.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Words {
    pub kind: String,
    pub text: String,
    pub line: u32,
}

/// The shape of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct Shape {
    pub kind: String,
    pub bytes: usize,
    pub truncated: bool,
    pub fields: Vec<Field>,
    /// How many fields are not listed.
    pub more: usize,
}

/// One field of a body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct Field {
    pub path: String,
    #[serde(rename = "type")]
    pub kind: String,
    /// Characters of a string, elements of an array, members of an object.
    pub length: Option<usize>,
}

/// When, how long, and which limits are that long.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct Timing {
    pub started: Option<String>,
    pub attempt: Option<u32>,
    pub duration_ms: Option<f64>,
    pub phases: Vec<Phase>,
    pub limits: Vec<Limit>,
}

/// One phase that was measured.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct Phase {
    pub name: String,
    pub ms: f64,
}

/// A documented time limit that the duration resembles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct Limit {
    pub seconds: u32,
    pub whose: String,
    /// Whether the evidence shows that this program took part.
    pub seen: bool,
    pub source: String,
}

/// Who is hit, by the evidence and by whoever made the pack.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "docs/schema/call-1.json describes the fields")]
pub struct Impact {
    pub who: Option<String>,
    pub endpoints: Option<String>,
    pub since: Option<String>,
    pub rate: Option<String>,
    pub calls: usize,
    pub failed: usize,
    pub repeats: usize,
    pub first_failure: Option<String>,
    pub last_failure: Option<String>,
    pub failing_endpoints: Vec<String>,
}

/// observations.json: what the judge read, redacted.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/observations-1.json describes the fields")]
pub struct ObservationsFile {
    pub schema: String,
    /// Whether some were left out to bound the pack.
    pub cut: bool,
    pub facts: Vec<FactLine>,
    pub texts: Vec<TextLine>,
    /// What people found out by checks, in a case.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerLine>,
}

/// One check that was answered by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/observations-1.json describes the fields")]
pub struct AnswerLine {
    pub check: String,
    pub outcome: Option<String>,
}

/// One fact.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "plain words")]
pub struct FactLine {
    // Not `key`: under that name a value looks like a secret.
    pub fact: String,
    pub value: String,
    pub line: u32,
    /// Which piece of a case, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<u16>,
}

/// One passage of text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "docs/schema/observations-1.json describes the fields")]
pub struct TextLine {
    pub place: String,
    pub text: String,
    pub line: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<u16>,
    pub depth: u8,
}

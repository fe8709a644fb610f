//! What a search is given, and what it comes to.

use crate::oracle::Candidate;
use crate::part::Part;

/// Bounds and habits of a search.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The most requests that are sent.
    pub max_requests: u32,
    /// How often a decision on an intermittent failure may be wrong, each way.
    pub error: f64,
    /// So many failures in a row, at the beginning, are a failure that comes each time.
    pub confirmations: u32,
    /// How often the whole request is sent at most to learn how often it fails.
    pub base_repeats: u32,
    /// Names of fields, cookies and parameters whose values are never cut, beside those that say themselves that they
    /// hold a credential.
    pub keep: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { max_requests: 200, error: 0.01, confirmations: 2, base_repeats: 20, keep: Vec::new() }
    }
}

/// How a search ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Each part that remains was left out alone, and then the failure was not the same. The form was sent once more
    /// at the end and failed in the same way.
    Minimal,
    /// The budget ended before all was tried: the form fails in the same way, and may be larger than it must be.
    Unfinished,
    /// At the end it no longer failed in the same way. What it did instead, in words.
    Lost(String),
    /// The request did not fail at all when it was sent again. What came instead, in words.
    NotReproduced(String),
    /// Good and bad are the same request, or the good one fails in the same way.
    NoDifference(String),
}

/// How long something has to be for the failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Which value or list.
    pub part: Part,
    /// What is counted.
    pub unit: Unit,
    /// The smallest count that fails in the same way.
    pub fails_at: usize,
    /// The count below it, which was tried and does not.
    pub passes_at: usize,
    /// The bytes of request line and fields, and of the body, of the smallest request that fails.
    pub head_bytes: usize,
    /// The same of the body.
    pub body_bytes: usize,
}

/// What a threshold counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Characters of a value.
    Characters,
    /// Items of a list, lines of a text, cookies.
    Items,
}

/// How often the failure came, and what that makes of the result.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Confidence {
    /// How often the request was sent unchanged, or in its final form.
    pub asked: u32,
    /// How often it failed in the same way.
    pub same: u32,
    /// How often it fails, from 0 to 1, where not each time.
    pub rate: Option<f64>,
    /// A lower bound of the chance that the result is right: 1 less the chances of error of the decisions it rests
    /// on. `None` for a failure that came each time, where nothing is left to chance.
    pub sure: Option<f64>,
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// The last form that failed in the same way; for a difference, the bad request with what does not matter
    /// as in the good one.
    pub form: Candidate,
    /// What remained: without any one of these the failure is not the same. For a difference, what differs.
    pub needed: Vec<Part>,
    /// What was left out and does not matter. For a difference, differences that do not matter.
    pub needless: Vec<Part>,
    /// For a difference, what each part of `needed` is in the good request and in the bad one.
    pub changes: Vec<Change>,
    /// Parts of `needed` about which no answer could be had.
    pub unproven: Vec<Part>,
    /// Sizes that decide.
    pub thresholds: Vec<Threshold>,
    /// Values that were shortened, with their length before and now, in characters.
    pub shortened: Vec<(Part, usize, usize)>,
    /// What else has to be said, in words. They may quote answers and are not yet safe to show.
    pub notes: Vec<String>,
    /// Requests that were sent.
    pub requests: u32,
    /// Different candidates that were decided by sending them.
    pub candidates: u32,
    /// Candidates that came up again and were not sent.
    pub saved: u32,
    /// Answers that said nothing.
    pub unsure: u32,
    /// How often it failed.
    pub confidence: Confidence,
}

/// One part that differs. The texts are not yet safe to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub part: Part,
    /// What the good request has; `None` for nothing.
    pub good: Option<String>,
    /// What the bad request has; `None` for nothing.
    pub bad: Option<String>,
}

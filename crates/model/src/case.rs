//! A person's investigation as a value: the four questions, the evidence piece by piece, checks answered by hand, the
//! marks on its steps and the clock. Every text in it was redacted before it came here.

use crate::Observations;
use serde::{Deserialize, Serialize};

words! {
    /// Whether the failure can be brought about again.
    Reproducible {
        /// Each time.
        Yes = "yes",
        /// Not at all.
        No = "no",
        /// Now and then.
        Sometimes = "sometimes",
        /// Nobody tried.
        Unknown = "unknown",
    }
}

words! {
    /// Which way the call goes, seen from the system of whoever investigates.
    Direction {
        /// Somebody calls us.
        Inbound = "inbound",
        /// We call somebody.
        Outbound = "outbound",
        /// A service calls an address of ours about an event.
        Webhook = "webhook",
        /// A service calls back about something that we asked for.
        Callback = "callback",
    }
}

words! {
    /// Where a step of the work stands.
    StepState {
        /// Still to do.
        Open = "open",
        /// Done.
        Done = "done",
        /// It would tell nothing here.
        NotNeeded = "not_needed",
    }
}

/// A case with all that it holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Counted from 1 in its store.
    pub number: u32,
    /// `3-crm-tickets`: the number and a few words of the title.
    pub id: String,
    /// What fails, in the words of whoever opened it.
    pub title: String,
    /// The four questions and the direction.
    pub questions: Questions,
    /// When what happened.
    pub clock: CaseClock,
    /// How it ended, once closed.
    pub resolution: Option<String>,
    /// The cause that was found in the end, by whoever closed it.
    pub cause: Option<String>,
    /// The ranking after the last change: cause and probability, likeliest first.
    pub ranking: Vec<(String, f64)>,
    /// Evidence in the order in which it was added.
    pub pieces: Vec<Piece>,
    /// Checks answered by hand, in order.
    pub answers: Vec<Answered>,
    /// Steps marked by hand, at most one mark per step.
    pub marks: Vec<StepMark>,
}

/// The four questions that begin every investigation, and the direction of the call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Questions {
    /// What should happen.
    pub expected: Option<String>,
    /// What happens.
    pub actual: Option<String>,
    /// Whether it can be brought about again.
    pub reproducible: Option<Reproducible>,
    /// Who and what is affected.
    pub affected: Option<String>,
    /// Which way the call goes.
    pub direction: Option<Direction>,
}

/// The clock of a case, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseClock {
    /// When the first failing call of the evidence began, by the evidence's own clock.
    pub started: Option<i64>,
    /// When the case was opened.
    pub opened: i64,
    /// When somebody noticed the failure.
    pub detected: i64,
    /// When a cause first passed the threshold.
    pub clear: Option<i64>,
    /// When the case was closed.
    pub resolved: Option<i64>,
}

/// One piece of evidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// Counted from 1 in its case.
    pub number: u32,
    /// What it came from: a file, `-`, `argument`, or `note`.
    pub source: String,
    /// When it was added, in milliseconds since the Unix epoch.
    pub added: i64,
    /// Its text, redacted, and bounded; or its beginning, where a case was read without the texts.
    pub text: String,
    /// Of `text`, in hex.
    pub sha256: String,
    /// How many bytes the input had.
    pub bytes: u64,
    /// How many of them were not kept.
    pub left_out: u64,
    /// The verdict on it alone when it was added, as JSON (docs/json.md); none for a note.
    pub verdict: Option<String>,
    /// The calls that it tells of, the one that failed first before the others.
    pub calls: Vec<SeenCall>,
    /// What it changed in the ranking.
    pub changes: Vec<RankChange>,
}

/// A call of a piece of evidence: what was observed of it, redacted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SeenCall {
    /// `POST https://… → 400`.
    pub headline: String,
    /// Whether it failed.
    pub failed: bool,
    /// Whether the evidence alone named a cause.
    pub attributed: bool,
    /// The likeliest cause by itself.
    pub cause: String,
    /// Of that cause.
    pub probability: f64,
    /// Identity of "the same failure".
    pub signature: String,
    /// When it began by the evidence's own clock, in milliseconds since the Unix epoch.
    pub started: Option<i64>,
    /// How many such calls the piece tells of.
    pub repeats: usize,
    /// Facts and passages.
    pub observations: Observations,
}

/// A check that somebody answered by hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answered {
    /// The check's id.
    pub check: String,
    /// The outcome in the words of the check; `none` or `unknown`; absent for a mere note.
    pub outcome: Option<String>,
    /// In the words of whoever answered.
    pub note: Option<String>,
    /// When, in milliseconds since the Unix epoch.
    pub at: i64,
    /// What it changed in the ranking.
    pub changes: Vec<RankChange>,
}

/// A step that somebody marked by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepMark {
    /// 1 to 11.
    pub step: u8,
    /// The mark.
    pub state: StepState,
    /// Why.
    pub note: Option<String>,
    /// When, in milliseconds since the Unix epoch.
    pub at: i64,
}

/// How the probability of one cause changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankChange {
    /// Cause id.
    pub cause: String,
    /// `None`: it is new in the ranking.
    pub before: Option<f64>,
    /// `None`: it is gone from the ranking.
    pub after: Option<f64>,
}

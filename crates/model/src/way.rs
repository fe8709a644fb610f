//! One request's way through several systems, and chains of steps across them: what `trace` and `flow` find and every
//! report shows. Times are milliseconds since the Unix epoch, offsets and durations are milliseconds.

use crate::incident::{Hop, ShortTimeout};
use crate::{Bucket, Check, Diagnosis, Layer, Owner};

/// How one system's clock stands to that of the first system on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clock {
    /// Which system.
    pub service: String,
    /// Its clock minus that of the first system: positive when it is fast. 0 as long as the lines allow that.
    pub offset: i64,
    /// The least and the greatest offset that the lines allow, where they bound it.
    pub bounds: (Option<i64>, Option<i64>),
    /// How that is known, in one sentence.
    pub because: String,
}

/// One request's way through the systems.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The id that was asked for.
    pub id: String,
    /// Further ids that its lines carry: what a second round looks for.
    pub also: Vec<String>,
    /// Lines that carry one of them.
    pub lines: u64,
    /// Lines beyond the bound, which were not looked at.
    pub left_out: u64,
    /// The lines in the order of the way, clocks set right.
    pub hops: Vec<Hop>,
    /// Whether the request failed in the end, as its first system saw it.
    pub failed: bool,
    /// Which hop failed first, on its own.
    pub first: Option<usize>,
    /// Which layer that is, seen from where the request came in.
    pub layer: Option<Layer>,
    /// What kind.
    pub bucket: Option<Bucket>,
    /// Cause id; `none` when nothing failed.
    pub cause: String,
    /// Of the cause, 0 to 1.
    pub probability: f64,
    /// Who has to act.
    pub owner: Option<Owner>,
    /// One sentence.
    pub summary: String,
    /// A system that failed first by what others say of it, and of which there is no line.
    pub unseen: Option<String>,
    /// Systems that answered with another status than the one that they were given.
    pub translations: Vec<Translation>,
    /// Systems that gave up before the one behind them answered.
    pub short_timeouts: Vec<ShortTimeout>,
    /// Repeats of one call, each with how many attempts and how the last one ended.
    pub attempts: Vec<Attempts>,
    /// The clocks of the systems.
    pub clocks: Vec<Clock>,
    /// What to do next, fastest first.
    pub checks: Vec<Check>,
    /// All of the verdict on the hop that failed first.
    pub diagnosis: Option<Box<Diagnosis>>,
    /// What could not be told, each a sentence.
    pub notes: Vec<String>,
}

/// A system that answered with another status than the one that it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Translation {
    /// Who.
    pub service: String,
    /// What it answered.
    pub status: u16,
    /// Who had answered it.
    pub upstream: String,
    /// With what.
    pub upstream_status: u16,
}

/// Repeats of one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Who wrote the lines.
    pub service: String,
    /// Method and route.
    pub what: String,
    /// How many.
    pub count: u64,
    /// Whether the last one failed.
    pub last_failed: bool,
}

/// What is wrong at a step of a flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// It never happened.
    #[default]
    Missing,
    /// It was tried and failed.
    Failed,
    /// It happened, and whoever waited for the answer did not get it.
    Unheard,
    /// It happened too late.
    Late,
    /// It happened more than once.
    Duplicate,
    /// It happened before the step that must come first.
    OutOfOrder,
    /// It never happened, and what must follow from it did.
    Skipped,
}

impl Fault {
    /// Every value, in order.
    pub const ALL: [Self; 7] =
        [Self::Missing, Self::Failed, Self::Unheard, Self::Late, Self::Duplicate, Self::OutOfOrder, Self::Skipped];

    /// The word for it in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Failed => "failed",
            Self::Unheard => "unheard",
            Self::Late => "late",
            Self::Duplicate => "duplicate",
            Self::OutOfOrder => "out_of_order",
            Self::Skipped => "skipped",
        }
    }
}

/// What became of every key of a flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlowReport {
    /// Name of the flow.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// The field that correlates, by its first name.
    pub key: String,
    /// Lines read.
    pub lines: u64,
    /// Lines that belong to a step and to a key.
    pub matched: u64,
    /// Lines that belong to a step and have no key.
    pub unkeyed: u64,
    /// Lines beyond the bound, which were not looked at.
    pub left_out: u64,
    /// First and last time in the logs, clocks set right.
    pub span: Option<(i64, i64)>,
    /// How many keys.
    pub keys: u64,
    /// Keys that went all the way, nothing wrong.
    pub complete: u64,
    /// Keys with a fault.
    pub broken: u64,
    /// Keys that may still be under way at the end of the logs.
    pub pending: u64,
    /// Keys whose first step lies before the logs begin.
    pub before: u64,
    /// Keys of which the logs cannot tell, since a system's log is not there.
    pub unknown: u64,
    /// Of the complete ones: keys at which an attempt failed and a later one succeeded.
    pub recovered: u64,
    /// The steps in order.
    pub steps: Vec<FlowStep>,
    /// What is wrong, most keys first.
    pub findings: Vec<Finding>,
    /// The clocks of the systems.
    pub clocks: Vec<Clock>,
    /// One sentence.
    pub summary: String,
    /// What could not be told, each a sentence.
    pub notes: Vec<String>,
}

/// A step and how many keys came how far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlowStep {
    /// Its id.
    pub id: String,
    /// In words.
    pub title: String,
    /// The systems that tell of it, as found.
    pub systems: Vec<String>,
    /// Keys that took it.
    pub passed: u64,
    /// Keys whose first fault it is.
    pub broken: u64,
    /// Keys that wait for it.
    pub pending: u64,
    /// Median of the time since the step before, clocks set right.
    pub median: Option<i64>,
}

/// The same fault of a flow, many times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finding {
    /// Id of the step.
    pub step: String,
    /// Which of the steps, from 0.
    pub number: usize,
    /// What is wrong at it.
    pub fault: Fault,
    /// In words, from the flow file.
    pub finding: String,
    /// Who has to act.
    pub owner: Option<Owner>,
    /// Which layer.
    pub layer: Option<Layer>,
    /// Which kind.
    pub bucket: Option<Bucket>,
    /// Cause id.
    pub cause: String,
    /// What to do next, from the flow file.
    pub next: String,
    /// How many keys.
    pub count: u64,
    /// Of them: how many went all the way nevertheless.
    pub completed: u64,
    /// When the first and the last of them broke.
    pub seen: Option<(i64, i64)>,
    /// How many keys went all the way between these two.
    pub meanwhile: u64,
    /// Statuses seen at the step, each with how many keys.
    pub statuses: Vec<(u16, u64)>,
    /// Who says so, and what, of the first one.
    pub said: Option<String>,
    /// Who gave up too early, after how long, and how long it really took.
    pub short_timeout: Option<ShortTimeout>,
    /// The first ones.
    pub examples: Vec<Example>,
}

/// One key with a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Example {
    /// The key.
    pub key: String,
    /// When it broke, clocks set right.
    pub at: i64,
    /// Further ids of it, by name: what to ask `trace` for.
    pub ids: Vec<(String, String)>,
    /// The last line that tells of it: input and line.
    pub source: (String, u64),
}

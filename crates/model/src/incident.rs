//! Many failing calls with one story: what triage finds and every report shows. Times are milliseconds since the Unix
//! epoch, rates are 0 to 1, durations are milliseconds unless the name says seconds.

use crate::{Bucket, Layer, Owner, Retry};

/// What many calls came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Triage {
    /// Calls read.
    pub calls: u64,
    /// Of them failed, as judged.
    pub failed: u64,
    /// Lines of which nothing could be made.
    pub unreadable_lines: u64,
    /// First and last call.
    pub span: Option<(i64, i64)>,
    /// What was read.
    pub inputs: Vec<ReadInput>,
    /// Independent stories, the one with the most failures first.
    pub incidents: Vec<Incident>,
    /// Figures of each service.
    pub services: Vec<ServiceFigures>,
    /// What always failed.
    pub background: Vec<Background>,
    /// All calls over time.
    pub series: Series,
    /// What went wrong on the way, each a sentence.
    pub problems: Vec<String>,
}

/// One input that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadInput {
    /// As named.
    pub name: String,
    /// What its form was taken for.
    pub form: String,
    /// Lines in it.
    pub lines: u64,
    /// Lines of which nothing could be made.
    pub unreadable: u64,
    /// What went wrong.
    pub problems: Vec<String>,
}

/// Calls over time, in steps of one width.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Begin of the first step.
    pub start: i64,
    /// Width of a step in milliseconds.
    pub step: i64,
    /// One per step.
    pub points: Vec<Point>,
}

/// One step of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// Calls.
    pub calls: u64,
    /// Failed calls.
    pub failed: u64,
    /// Median and 95th percentile of the duration.
    pub latency: Option<(f64, f64)>,
    /// How many failures the time before the incident makes one expect: low and high.
    pub expected: Option<(f64, f64)>,
}

/// How it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Course {
    /// At once, and it stayed.
    #[default]
    Step,
    /// At once, and it ended.
    Spike,
    /// It grew.
    Ramp,
}

impl Course {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Spike => "spike",
            Self::Ramp => "ramp",
        }
    }
}

/// One story.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Incident {
    /// When it began, the likeliest time.
    pub onset: i64,
    /// When it began, with 95 % certainty.
    pub interval: (i64, i64),
    /// When it ended, if it ended within what was read.
    pub end: Option<i64>,
    /// How it began.
    pub course: Course,
    /// By how many seconds slow calls came before the failures; `None` when they did not.
    pub latency_led_seconds: Option<f64>,
    /// Where the calls were slow before they failed, in words (`upstream crm`).
    pub latency_led_where: Option<String>,
    /// What isolates it, best first; empty when nothing does ("everywhere").
    pub isolation: Vec<Isolation>,
    /// How many combinations of attributes were tried.
    pub combinations_tried: u64,
    /// The change that did it, if one did.
    pub change: Option<ScoredChange>,
    /// Every change with its score, likeliest first; the rest to 1 is "none of these".
    pub changes: Vec<ScoredChange>,
    /// What kind.
    pub bucket: Option<Bucket>,
    /// Which layer failed first.
    pub layer: Option<Layer>,
    /// Cause id.
    pub cause: String,
    /// Of the cause, 0 to 1.
    pub probability: f64,
    /// Who has to act.
    pub owner: Option<Owner>,
    /// Whether repeating can help.
    pub retry: Option<Retry>,
    /// Failing calls of the incident.
    pub failures: u64,
    /// Calls in its time and place.
    pub calls: u64,
    /// What repeats did.
    pub retries: Retries,
    /// The system called in turn that failed, where the calls tell.
    pub upstream: Option<String>,
    /// Who and what is affected.
    pub affected: Affected,
    /// The same failures together, most first.
    pub signatures: Vec<Signature>,
    /// Where along the correlated ways failures began: layer, service and how many.
    pub origins: Vec<Origination>,
    /// Gateways that gave up before the system behind them answered.
    pub short_timeouts: Vec<ShortTimeout>,
    /// One failing call as its line, and its way through the systems.
    pub representative: Option<Representative>,
    /// The calls of its place over time, with what was to be expected.
    pub series: Series,
    /// One sentence.
    pub summary: String,
    /// The fifteen questions of a triage.
    pub checklist: Vec<Question>,
    /// What to do next, fastest first.
    pub checks: Vec<crate::Check>,
    /// How long it took until it was seen and until it was understood.
    pub clock: Clock,
}

/// How long it took until it was seen and until it was understood, in seconds from the onset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Clock {
    /// Until it was detected; `None` where nothing tells.
    pub to_detect: Option<f64>,
    /// Until it was clear what it is; `None` where nothing tells.
    pub to_clear: Option<f64>,
    /// Where these are from, in one sentence.
    pub how: String,
}

/// An attribute set that isolates failures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Isolation {
    /// Canonical name and value, up to three.
    pub attributes: Vec<(String, String)>,
    /// Failing calls inside.
    pub failures: u64,
    /// Calls inside.
    pub calls: u64,
    /// Failing share of the calls inside, during the incident.
    pub rate_inside: f64,
    /// Failing share of the calls outside, during the incident.
    pub rate_outside: f64,
    /// Failing share of the calls inside, before the incident.
    pub rate_before: f64,
    /// Share of the incident's failing calls that lie inside.
    pub share: f64,
    /// Evidence in bits, after the price of the combinations tried.
    pub bits: f64,
}

/// A change and how likely it did it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoredChange {
    /// Its id.
    pub id: String,
    /// When.
    pub at: i64,
    /// What.
    pub what: String,
    /// 0 to 1.
    pub probability: f64,
    /// Why, in one sentence.
    pub because: String,
}

/// What repeats did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Retries {
    /// Calls per intended call among those that met the failure, 1.0 when nobody repeated; `None` when the data cannot tell.
    pub amplification: Option<f64>,
    /// Whether repeats feed the incident.
    pub storm: bool,
    /// Repeats seen.
    pub repeats: u64,
    /// Share of the repeated calls that succeeded in the end.
    pub success: Option<f64>,
    /// Who repeats without growing pauses: attribute, value, repeats.
    pub without_backoff: Vec<(String, String, u64)>,
    /// Who repeats before Retry-After has passed: attribute, value, repeats.
    pub against_retry_after: Vec<(String, String, u64)>,
    /// How repeats were recognised, in words.
    pub how: String,
}

/// Who and what is affected: distinct values among the failing calls; `None` where no line says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Affected {
    /// Users.
    pub users: Option<u64>,
    /// Tenants.
    pub tenants: Option<u64>,
    /// Routes.
    pub routes: Option<u64>,
    /// Hosts.
    pub hosts: Option<u64>,
    /// Regions.
    pub regions: Option<u64>,
    /// Client versions.
    pub client_versions: Option<u64>,
}

/// The same failure, many times.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signature {
    /// 16 hex digits, the same from run to run.
    pub id: String,
    /// Method and route, where it is one.
    pub method: Option<String>,
    /// Route template, where it is one.
    pub route: Option<String>,
    /// Status.
    pub status: Option<u16>,
    /// Code of the error.
    pub error_code: Option<String>,
    /// Message template.
    pub message: String,
    /// Who wrote it.
    pub service: Option<String>,
    /// What kind.
    pub bucket: Option<Bucket>,
    /// Which layer.
    pub layer: Option<Layer>,
    /// Cause id.
    pub cause: String,
    /// How sure the cause is.
    pub probability: f64,
    /// How often, during the incident.
    pub count: u64,
    /// How often before it.
    pub before: u64,
    /// First and last.
    pub seen: Option<(i64, i64)>,
    /// Input and line of a sample.
    pub sample: Option<(String, u64)>,
}

/// Where failures began.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origination {
    /// Which layer.
    pub layer: Option<Layer>,
    /// Which system.
    pub service: String,
    /// Failing requests that began there.
    pub count: u64,
    /// Further systems at which the same requests failed, as a consequence.
    pub passed_on: Vec<(String, u64)>,
}

/// A gateway that gave up before the system behind it answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShortTimeout {
    /// Who gave up.
    pub gateway: String,
    /// After how many milliseconds.
    pub gave_up: f64,
    /// Who answered later.
    pub backend: String,
    /// After how many milliseconds.
    pub answered: f64,
    /// How often.
    pub count: u64,
}

/// One failing call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Representative {
    /// Input and line.
    pub input: String,
    /// From 1.
    pub line: u64,
    /// The whole line.
    pub text: String,
    /// Further lines of the same request, in the order of its way.
    pub way: Vec<Hop>,
    /// The diagnosis of the line.
    pub diagnosis: Option<Box<crate::Diagnosis>>,
}

/// One line of one request's way through the systems.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hop {
    /// Who wrote it.
    pub service: String,
    /// Which layer that is, where it can be told.
    pub layer: Option<Layer>,
    /// By the system's own clock.
    pub at: Option<i64>,
    /// By how much that clock is set off against the first system's, in milliseconds, as far as the lines tell.
    pub skew: i64,
    /// How long.
    pub duration: Option<f64>,
    /// Method and route, or what the step is.
    pub what: String,
    /// Status.
    pub status: Option<u16>,
    /// Whether it failed.
    pub failed: bool,
    /// Whether it failed on its own, not because of what it called.
    pub origin: bool,
    /// What it says.
    pub message: String,
    /// Which kind and cause, where it failed.
    pub verdict: Option<(Bucket, Layer, String)>,
    /// Depth in the tree of calls, from 0.
    pub depth: u32,
    /// Input and line.
    pub source: (String, u64),
}

/// One question of a triage.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// Stable id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The answer with its evidence; `None` while it is open.
    pub answer: Option<String>,
    /// The command that answers it while it is open.
    pub command: Option<String>,
}

/// Figures of one service against their targets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceFigures {
    /// Which.
    pub service: String,
    /// Calls.
    pub calls: u64,
    /// Failed ones.
    pub failed: u64,
    /// Median and 95th percentile of the response time in milliseconds.
    pub latency: Option<(f64, f64)>,
    /// The seven figures.
    pub figures: Vec<Figure>,
}

/// A figure and its target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figure {
    /// Stable id: `response_time`, `errors`, `time_outs`, `auth_failures`, `validation_errors`, `retry_success`,
    /// `logging_coverage`.
    pub id: String,
    /// The value; `None` where the data cannot tell.
    pub value: Option<f64>,
    /// The unit: `ms`, `share`, `count`.
    pub unit: String,
    /// The target.
    pub target: f64,
    /// Whether it is met; `None` where the data cannot tell.
    pub met: Option<bool>,
}

/// What failed before and after alike.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Background {
    /// Where: canonical names and values, empty for everywhere.
    pub attributes: Vec<(String, String)>,
    /// What.
    pub signature: Signature,
    /// Failing share of the calls there.
    pub rate: f64,
}

//! The flags of `firstfault case`.

use crate::args::{Common, Contracts, Form, PackOut, PageFormat, Redaction};
use clap::{Args, Subcommand, ValueEnum};
use firstfault_model::{Direction, Reproducible, StepState};
use std::path::PathBuf;

/// `firstfault case`.
#[derive(Debug, Args)]
pub struct Case {
    /// What to do.
    #[command(subcommand)]
    pub command: CaseCommand,
}

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Open a case, with evidence if there is any, and work on it
    Open(Open),
    /// Add evidence: each piece updates the ranking, and what it changed is shown
    Add(Add),
    /// The check that decides most per second now, and the step that is open
    Next(Of),
    /// Answer a check by hand: `firstfault case answer decode-token expired`
    Answer(Answer),
    /// Answer the four questions: expected, actual, reproducible, affected; and the direction
    Set(Set),
    /// Mark one of the eleven steps: `firstfault case step 7 done`
    Step(Step),
    /// Show a case: questions, clock, verdict, evidence, answers, steps, and what comes next
    Show(Of),
    /// Make an evidence pack of the whole case: `firstfault case pack -o case.zip`
    Pack(Pack),
    /// List all cases
    List(All),
    /// Times to detect, to a clear cause and to resolve, over all cases
    Stats(All),
    /// Close a case
    Close(Close),
    /// Open a closed case again
    Reopen(Of),
    /// Look through the store for damage
    Check(All),
}

/// What every sub-command understands.
#[derive(Debug, Args)]
pub struct Shared {
    /// The store [default: FIRSTFAULT_STORE, or firstfault/cases.db in XDG_DATA_HOME or ~/.local/share]
    #[arg(long, value_name = "PATH")]
    pub store: Option<PathBuf>,
    /// What to print
    #[arg(long, value_enum, default_value_t = PageFormat::Text)]
    pub format: PageFormat,
    /// What is replaced, before anything is stored.
    #[command(flatten)]
    pub policy: Redaction,
    /// The probability from which a cause counts as clear
    #[arg(long, value_name = "PROBABILITY", default_value_t = firstfault_case::CLEAR, value_parser = probability)]
    pub clear_at: f64,
    /// The time to take for now, for tests.
    #[arg(long, hide = true, value_parser = moment)]
    pub now: Option<i64>,
    /// Show every hypothesis and the reason of every step
    #[arg(long, short)]
    pub verbose: bool,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
}

/// The four questions and the direction.
#[derive(Debug, Args)]
pub struct Questions {
    /// What should happen
    #[arg(long, value_name = "TEXT")]
    pub expected: Option<String>,
    /// What happens
    #[arg(long, value_name = "TEXT")]
    pub actual: Option<String>,
    /// Whether it can be brought about again
    #[arg(long, value_name = "WHETHER", value_parser = reproducible)]
    pub reproducible: Option<Reproducible>,
    /// Who and what is affected
    #[arg(long, value_name = "TEXT")]
    pub affected: Option<String>,
    /// Which way the call goes, seen from your system: inbound, outbound, webhook, callback
    #[arg(long, value_name = "WAY", value_parser = direction)]
    pub direction: Option<Direction>,
    /// When the failure was noticed, such as 2026-05-06T09:20:00Z [default of a new case: now]
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub detected: Option<i64>,
}

/// `firstfault case open`.
#[derive(Debug, Args)]
pub struct Open {
    /// What fails, in a few words
    pub title: String,
    /// Evidence: files, text, or `-` for standard input
    #[arg(value_name = "FILE")]
    pub inputs: Vec<String>,
    /// Read the evidence as this form instead of looking
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// What is known already.
    #[command(flatten)]
    pub questions: Questions,
    /// The API's own description.
    #[command(flatten)]
    pub contract: Contracts,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault case add`.
#[derive(Debug, Args)]
pub struct Add {
    /// The case (its number or id; the one at hand when left out), then evidence: files, text, or `-` for standard input
    #[arg(value_name = "[ID] FILE")]
    pub inputs: Vec<String>,
    /// The case, where a file has the name of a case
    #[arg(long, value_name = "ID")]
    pub case: Option<String>,
    /// Words to keep with the case; they never decide
    #[arg(long, value_name = "TEXT")]
    pub note: Vec<String>,
    /// Read the evidence as this form instead of looking
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// The API's own description.
    #[command(flatten)]
    pub contract: Contracts,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// A sub-command about one case.
#[derive(Debug, Args)]
pub struct Of {
    /// The case: its number or id; the one at hand when left out
    #[arg(value_name = "ID")]
    pub case: Option<String>,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault case pack`.
#[derive(Debug, Args)]
pub struct Pack {
    /// The case: its number or id; the one at hand when left out
    #[arg(value_name = "ID")]
    pub case: Option<String>,
    /// Where to write it: a zip when it ends in .zip, else a folder
    #[arg(long = "out", short = 'o', value_name = "OUT")]
    pub out_file: PathBuf,
    /// What the case does not tell, or tells otherwise.
    #[command(flatten)]
    pub out: PackOut,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// A sub-command about all cases.
#[derive(Debug, Args)]
pub struct All {
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault case answer`.
#[derive(Debug, Args)]
pub struct Answer {
    /// The case (the one at hand when left out), the check, and its outcome: its number, its words or some of them,
    /// `none` of them, or `unknown`
    #[arg(value_name = "[ID] CHECK OUTCOME", required = true)]
    pub words: Vec<String>,
    /// The outcome in your own words: kept, and it never decides
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault case set`.
#[derive(Debug, Args)]
pub struct Set {
    /// The case: its number or id; the one at hand when left out
    #[arg(value_name = "ID")]
    pub case: Option<String>,
    /// The answers.
    #[command(flatten)]
    pub questions: Questions,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault case step`.
#[derive(Debug, Args)]
pub struct Step {
    /// The case (the one at hand when left out), the number of the step, and done, open or not-needed
    #[arg(value_name = "[ID] STEP STATE", required = true)]
    pub words: Vec<String>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault case close`.
#[derive(Debug, Args)]
pub struct Close {
    /// The case: its number or id; the one at hand when left out
    #[arg(value_name = "ID")]
    pub case: Option<String>,
    /// How it ended
    #[arg(long, value_name = "TEXT", required = true)]
    pub resolution: String,
    /// The cause that was found in the end, such as auth.expired_token
    #[arg(long, value_name = "CAUSE")]
    pub cause: Option<String>,
    /// Store, format, packs.
    #[command(flatten)]
    pub shared: Shared,
}

/// The marks of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "plain words")]
pub enum Mark {
    Done,
    Open,
    NotNeeded,
}

impl From<Mark> for StepState {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Done => Self::Done,
            Mark::Open => Self::Open,
            Mark::NotNeeded => Self::NotNeeded,
        }
    }
}

fn reproducible(text: &str) -> Result<Reproducible, String> {
    Reproducible::from_word(text).ok_or_else(|| "expected yes, no, sometimes or unknown".to_owned())
}

fn direction(text: &str) -> Result<Direction, String> {
    Direction::from_word(text).ok_or_else(|| "expected inbound, outbound, webhook or callback".to_owned())
}

fn moment(text: &str) -> Result<i64, String> {
    firstfault_intake::time::parse(text)
        .ok_or_else(|| "expected a time with its day, such as 2026-05-06T09:20:00Z".to_owned())
}

fn probability(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| (0.0..=1.0).contains(number));
    number.ok_or_else(|| "expected a number from 0 to 1".to_owned())
}

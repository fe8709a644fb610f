//! The flags of `firstfault contract`.

use crate::args::{Form, Layout, Redaction, Remote};
use clap::{Args, Subcommand, ValueEnum};
use firstfault_model::contract::{Half, Severity};

/// `firstfault contract`.
#[derive(Debug, Args)]
pub struct Contract {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The sub-commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Hold every call of HARs, logs, recordings or collections against a description; exit code 1 on violations
    Check(Check),
    /// What changed between two descriptions, and which of your recorded calls would break
    Diff(Diff),
    /// What a description holds: its operations, and its own mistakes by line
    Show(Show),
}

/// `firstfault contract check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The description: OpenAPI, Swagger or JSON Schema, as YAML or JSON
    #[arg(value_name = "CONTRACT")]
    pub contract: String,
    /// Calls: files, folders, patterns; `-` or nothing reads standard input
    #[arg(value_name = "FILE")]
    pub inputs: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
    /// List what was seen of each operation, and what was not
    #[arg(long)]
    pub coverage: bool,
    /// The least grave finding that makes the exit code 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Least::Error)]
    pub fail_on: Least,
    /// Which half of the calls is held against the description
    #[arg(long, value_enum, value_name = "HALF", default_value_t = Halves::Both)]
    pub half: Halves,
    /// Read the calls as this form instead of looking
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// Show every finding and everything that could not be read
    #[arg(long, short)]
    pub verbose: bool,
    /// What may be fetched, what is replaced, how it looks.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault contract diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The description as it was
    #[arg(value_name = "OLD")]
    pub old: String,
    /// The description as it is to be
    #[arg(value_name = "NEW")]
    pub new: String,
    /// Recorded calls: which of them use what changed, and which would break
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub calls: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub format: DiffFormat,
    /// The least grave change that makes the exit code 1: error breaks callers, warning may break some
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = Least::Error)]
    pub fail_on: Least,
    /// Show every change
    #[arg(long, short)]
    pub verbose: bool,
    /// What may be fetched, what is replaced, how it looks.
    #[command(flatten)]
    pub shared: Shared,
}

/// `firstfault contract show`.
#[derive(Debug, Args)]
pub struct Show {
    /// The description
    #[arg(value_name = "CONTRACT")]
    pub contract: String,
    /// Show each operation with its parameters and statuses
    #[arg(long, short)]
    pub verbose: bool,
    /// What may be fetched, what is replaced, how it looks.
    #[command(flatten)]
    pub shared: Shared,
}

/// What every sub-command understands.
#[derive(Debug, Args)]
pub struct Shared {
    /// What may be fetched.
    #[command(flatten)]
    pub remote: Remote,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
    /// Width and colour.
    #[command(flatten)]
    pub layout: Layout,
}

/// What `check` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people, fitting the terminal
    Text,
    /// One JSON document
    Json,
    /// Markdown, for a pull request or a job summary
    Md,
    /// JUnit XML, a test case for each operation that was called
    Junit,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
}

/// What `diff` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people, fitting the terminal
    Text,
    /// Markdown, for a pull request or a change log
    Md,
    /// One JSON document
    Json,
}

/// How grave something must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Least {
    /// What breaks the description
    Error,
    /// What is probably harmful, too
    Warning,
    /// Everything
    Note,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => Self::Error,
            Least::Warning => Self::Warning,
            Least::Note => Self::Note,
        }
    }
}

/// Halves of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Halves {
    /// What was sent
    Request,
    /// What came back
    Response,
    /// Both
    Both,
}

impl Halves {
    /// Whether that half is one of them.
    pub const fn has(self, half: Half) -> bool {
        matches!((self, half), (Self::Both, _) | (Self::Request, Half::Request) | (Self::Response, Half::Response))
    }
}

//! Flags of `triage`, `trace` and `flow`.

use crate::args::{Common, Redaction};
use clap::{Args as ClapArgs, ValueEnum};
use std::path::PathBuf;

/// `firstfault triage`.
#[derive(Debug, ClapArgs)]
pub struct Triage {
    /// Logs and tables of calls: files, folders, patterns, packed (gzip, zstd) or not, Parquet; `-` or nothing reads
    /// standard input
    #[arg(value_name = "LOG")]
    pub inputs: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = TriageFormat::Text)]
    pub format: TriageFormat,
    /// Changes (deployments, configuration, flags) to hold the onset against: JSON, CSV with a header, or `git log`
    #[arg(long, value_name = "FILE")]
    pub changes: Vec<PathBuf>,
    /// One change: its time and what it was
    #[arg(long, value_name = "TIME WHAT")]
    pub change: Vec<String>,
    /// The incident is known to be at this time: only what isolates it is looked for
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// When somebody noticed, for the time to detect
    #[arg(long, value_name = "TIME")]
    pub detected: Option<String>,
    /// What is read, and how.
    #[command(flatten)]
    pub reading: Reading,
    /// Show what each field was taken for, with examples, and the lines that were not understood
    #[arg(long, conflicts_with_all = ["by", "save", "pack"])]
    pub show_mapping: bool,
    /// Only the table: calls, failures and p95 by these attributes (such as route,tenant,status)
    #[arg(long, value_name = "ATTRIBUTES", value_delimiter = ',', conflicts_with = "pack")]
    pub by: Vec<String>,
    /// Write the calls, with what they were judged to be, as a Parquet file (docs/calls.md)
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Write an evidence pack of the first incident: a zip when it ends in .zip, else a folder
    #[arg(long, value_name = "OUT")]
    pub pack: Option<PathBuf>,
    /// Replace a file or pack that is there already
    #[arg(long)]
    pub force: bool,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
    /// Show everything: each signature, change and input
    #[arg(long, short)]
    pub verbose: bool,
}

/// How logs are read.
#[derive(Debug, ClapArgs)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// Take a field for an attribute, whatever its name suggests: clnt=tenant
    #[arg(long, value_name = "FIELD=ATTRIBUTE")]
    pub map: Vec<String>,
    /// The column of a pre-aggregated table that counts all calls
    #[arg(long, value_name = "COLUMN", requires = "failed")]
    pub total: Option<String>,
    /// The column of a pre-aggregated table that counts failed calls
    #[arg(long, value_name = "COLUMN", requires = "total")]
    pub failed: Option<String>,
    /// How much memory the calls may take, such as 512M or 4G [default: 1G]
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// How many threads read [default: one for each core]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub threads: usize,
}

/// `firstfault trace`.
#[derive(Debug, ClapArgs)]
pub struct Trace {
    /// The id that the lines of one request share: a trace id, request id or correlation id
    #[arg(value_name = "ID")]
    pub id: String,
    /// Logs of the systems on its way; `-` or nothing reads standard input
    #[arg(value_name = "LOG")]
    pub inputs: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = WayFormat::Text)]
    pub format: WayFormat,
    /// Take a field for an attribute, whatever its name suggests: clnt=tenant
    #[arg(long, value_name = "FIELD=ATTRIBUTE")]
    pub map: Vec<String>,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
}

/// `firstfault flow`.
#[derive(Debug, ClapArgs)]
pub struct Flow {
    /// What is expected: a file (docs/flows.md), or the name of a flow that is built in
    #[arg(value_name = "FLOW")]
    pub flow: String,
    /// Logs of the systems on its way; `-` or nothing reads standard input
    #[arg(value_name = "LOG")]
    pub inputs: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = WayFormat::Text)]
    pub format: WayFormat,
    /// Take a field for an attribute, whatever its name suggests: clnt=tenant
    #[arg(long, value_name = "FIELD=ATTRIBUTE")]
    pub map: Vec<String>,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
    /// Show every broken chain
    #[arg(long, short)]
    pub verbose: bool,
}

/// What `triage` prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TriageFormat {
    /// For people: one screen first, then the details
    Text,
    /// One JSON document
    Json,
    /// Markdown, for a ticket or a post-mortem
    Md,
    /// One self-contained HTML page
    Html,
}

/// What `trace` and `flow` print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum WayFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

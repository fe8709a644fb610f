//! The flags of `firstfault lab`.

use crate::args::Common;
use clap::{Args, Subcommand, ValueEnum};

/// `firstfault lab`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Lab {
    /// Run the alerts API alone, without fault controls
    #[arg(long)]
    pub plain: bool,
    /// Whatever ports are free, in place of the named ones: for several labs side by side
    #[arg(long)]
    pub any_port: bool,
    /// Width and colour.
    #[command(flatten)]
    pub common: Common,
    /// What to do; alone, all systems run until ctrl-c.
    #[command(subcommand)]
    pub command: Option<LabCommand>,
}

/// What else can be done with the lab.
#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// List the scenarios; one by its name, with its verdict and how it is mended
    List(List),
    /// Start one scenario and keep it running until ctrl-c
    Start(Start),
    /// See a symptom, say what is wrong, and learn why
    Quiz(Quiz),
    /// Probe every scenario as a user would, and hold the verdicts against the truth
    Grade(Grade),
    /// Write logs of three systems in which a chain breaks, for `flow` and `trace`; alone, list what can be wrong
    Logs(Logs),
}

/// `firstfault lab logs`.
#[derive(Debug, Args)]
pub struct Logs {
    /// What is wrong
    #[arg(value_name = "NAME", requires = "out")]
    pub name: Option<String>,
    /// The folder to write them to
    #[arg(long, value_name = "DIR", default_value = "lab-logs")]
    pub out: std::path::PathBuf,
    /// How many chats
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub chats: usize,
    /// Set the clocks of the systems off against each other
    #[arg(long)]
    pub skewed: bool,
    /// Seed: the same seed, the same logs
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// `firstfault lab grade`.
#[derive(Debug, Args)]
pub struct Grade {
    /// Only scenarios whose name or family begins so
    #[arg(value_name = "NAME")]
    pub only: Vec<String>,
    /// The chosen order alone, without the fixed checklist and the random order to compare it with
    #[arg(long)]
    pub quick: bool,
    /// How many scenarios run at once
    #[arg(long, value_name = "N", default_value_t = 12)]
    pub jobs: usize,
    /// A folder of knowledge packs of your own, on top of those built in
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<std::path::PathBuf>,
    /// Seed of the random order
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// What to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
}

/// `firstfault lab list`.
#[derive(Debug, Args)]
pub struct List {
    /// One scenario
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Show the expected verdict and the fix of every scenario
    #[arg(long, short)]
    pub verbose: bool,
    /// What to print
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub format: ListFormat,
    /// Width and colour.
    #[command(flatten)]
    pub common: Common,
}

/// `firstfault lab start`.
#[derive(Debug, Args)]
pub struct Start {
    /// The scenario; `firstfault lab list` has the names
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Whatever ports are free, in place of the named ones
    #[arg(long)]
    pub any_port: bool,
    /// Width and colour.
    #[command(flatten)]
    pub common: Common,
}

/// `firstfault lab quiz`.
#[derive(Debug, Args)]
pub struct Quiz {
    /// One scenario; else some by chance
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// How many, when none is named
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub count: usize,
    /// The same number gives the same questions in the same order
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Packs, width and colour.
    #[command(flatten)]
    pub common: Common,
}

/// Output formats of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people, fitting the terminal
    Text,
    /// One JSON document
    Json,
}

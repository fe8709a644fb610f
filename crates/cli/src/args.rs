//! Every flag, once: parser and help come from here.

use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Which boundary of a failing API call failed first, why, who acts, and what to check next.
#[derive(Debug, Parser)]
#[command(name = "firstfault", version, about, after_help = EXIT_CODES, disable_help_subcommand = true)]
pub struct Args {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str =
    "Exit codes: 0 nothing failed, 1 a failure was found and diagnosed, 2 wrong use or unreadable input,
3 a failure was found that the evidence cannot attribute.

Example: curl -v https://api.example.com/v1/me 2>&1 | firstfault diagnose";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Diagnose what you paste: curl output, HTTP messages, HAR, Postman, exceptions, log lines, all mixed
    Diagnose(Diagnose),
    /// Explain a status, cause, bucket, flag, code or message: what it means, what to check; alone, what can be asked
    Explain(Explain),
    /// Write an evidence pack: one redacted zip or folder that lets another engineer confirm the failure
    Pack(Pack),
    /// Check an evidence pack: nothing changed, and the same verdict again, offline
    Verify(Verify),
    /// Check your own knowledge packs: parse, validate, run their examples
    Rules(Rules),
}

/// `firstfault diagnose`.
#[derive(Debug, ClapArgs)]
pub struct Diagnose {
    /// Files to read, or text to diagnose; `-` or nothing reads standard input
    #[arg(value_name = "FILE")]
    pub inputs: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Read the input as this form instead of looking
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced besides secrets: nothing more, or personal data too
    #[arg(long, value_enum, value_name = "MODE", default_value_t = RedactMode::Secrets)]
    pub redact: RedactMode,
    /// Write an evidence pack too: a zip when it ends in .zip, else a folder
    #[arg(long, value_name = "OUT")]
    pub pack: Option<PathBuf>,
    /// What goes into it.
    #[command(flatten)]
    pub pack_out: PackOut,
    /// Show the facts and passages that rules read, instead of a verdict: for writing packs
    #[arg(long, conflicts_with = "pack")]
    pub facts: bool,
    /// Show every hypothesis with all of its evidence, every call, and what could not be read
    #[arg(long, short)]
    pub verbose: bool,
}

/// `firstfault explain`.
#[derive(Debug, ClapArgs)]
pub struct Explain {
    /// 403, auth.wrong_audience, rate_limit, envoy:UF, haproxy:sH--, cloudflare:522, curl:60, aadsts:70011, a message …
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// What to print
    #[arg(long, value_enum, default_value_t = PageFormat::Text)]
    pub format: PageFormat,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
    /// Show every row of a long list
    #[arg(long, short)]
    pub verbose: bool,
}

/// `firstfault pack`.
#[derive(Debug, ClapArgs)]
pub struct Pack {
    /// Files to read, or text to diagnose; `-` or nothing reads standard input
    #[arg(value_name = "FILE")]
    pub inputs: Vec<String>,
    /// Where to write it: a zip when it ends in .zip, else a folder
    #[arg(long = "out", short = 'o', value_name = "OUT")]
    pub out_file: PathBuf,
    /// Read the input as this form instead of looking
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// Folders of your own packs, width and colour.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced besides secrets: nothing more, or personal data too
    #[arg(long, value_enum, value_name = "MODE", default_value_t = RedactMode::Secrets)]
    pub redact: RedactMode,
    /// What goes into it.
    #[command(flatten)]
    pub out: PackOut,
}

/// What goes into an evidence pack beside the evidence.
#[derive(Debug, Default, PartialEq, Eq, ClapArgs)]
#[command(next_help_heading = "Evidence pack")]
pub struct PackOut {
    /// A fact that the evidence does not show: region=eu-west-1, release=1.4.2, flags=…, account=…
    #[arg(long, value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// The step before the call
    #[arg(long, value_name = "TEXT")]
    pub before: Option<String>,
    /// Who is affected
    #[arg(long, value_name = "TEXT")]
    pub who: Option<String>,
    /// Which endpoints are affected
    #[arg(long, value_name = "TEXT")]
    pub endpoints: Option<String>,
    /// Since when
    #[arg(long, value_name = "TEXT")]
    pub since: Option<String>,
    /// How often: all, 1 in 20, 30 a minute
    #[arg(long, value_name = "TEXT")]
    pub rate: Option<String>,
    /// The time to take for now: it goes into the pack, and the same input then gives the same bytes
    #[arg(long, value_name = "TIME")]
    pub at: Option<String>,
    /// Replace a pack that is there already
    #[arg(long)]
    pub force: bool,
}

/// `firstfault verify`.
#[derive(Debug, ClapArgs)]
pub struct Verify {
    /// The pack: a zip or a folder
    #[arg(value_name = "PACK")]
    pub pack: PathBuf,
    /// What to print
    #[arg(long, value_enum, default_value_t = VerifyFormat::Text)]
    pub format: VerifyFormat,
    /// A folder of knowledge packs of your own, on top of those built in
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
}

/// What several commands understand.
#[derive(Debug, ClapArgs)]
pub struct Common {
    /// A folder of knowledge packs of your own, on top of those built in
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Columns to fit text into [default: the terminal's, at most 100; 80 when piped]
    #[arg(long, value_name = "COLUMNS")]
    pub width: Option<usize>,
    /// Colour: on a terminal only, always, or never (NO_COLOR is obeyed)
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
}

/// `firstfault rules`.
#[derive(Debug, ClapArgs)]
pub struct Rules {
    /// Folders of packs
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
}

/// Output formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people, fitting the terminal
    Text,
    /// One JSON document
    Json,
    /// One JSON line per input, in order
    Jsonl,
    /// Markdown, for a ticket or chat
    Md,
}

/// Output formats of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// For people, fitting the terminal
    Text,
    /// One JSON document
    Json,
    /// Markdown, for a ticket or chat
    Md,
}

/// Output formats of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// For people
    Text,
    /// One JSON document
    Json,
}

/// Forms that `--as` forces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names are those of the forms")]
pub enum Form {
    Curl,
    CurlCommand,
    Http,
    Har,
    Postman,
    RequestFile,
    Exception,
    Log,
    Text,
}

/// What the redactor replaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RedactMode {
    /// Credentials and other secrets
    Secrets,
    /// Personal data too: e-mail, phone, card and account numbers, IP addresses, names in known fields
    Strict,
}

impl From<RedactMode> for firstfault_redact::Policy {
    fn from(mode: RedactMode) -> Self {
        Self { personal: mode == RedactMode::Strict, ..Self::default() }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "plain words")]
pub enum Colour {
    Auto,
    Always,
    Never,
}

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
    /// Ask the live system, layer by layer and one thing changed at a time; safe by default
    Probe(crate::probe::args::Probe),
    /// Systems that fail on purpose, on this machine alone: to try, to learn, to be asked about
    Lab(crate::lab::args::Lab),
    /// Find the smallest request that still fails in the same way, or what makes a good one fail
    Bisect(crate::bisect::args::Bisect),
    /// From many calls to one story: when it started, what changed, what isolates it, which layer failed first
    Triage(crate::triage::args::Triage),
    /// One request across the logs of several systems: its way, and which layer failed first
    Trace(crate::triage::args::Trace),
    /// Where an expected chain breaks: chat ended, webhook sent, CRM received, ticket created
    Flow(crate::triage::args::Flow),
    /// Hold calls against an API's own description (OpenAPI, Swagger, JSON Schema), or two descriptions against each other
    Contract(crate::contract::args::Contract),
    /// Explain a status, cause, bucket, flag, code or message: what it means, what to check; alone, what can be asked
    Explain(Explain),
    /// Keep an investigation: evidence piece by piece, checks answered, steps and clock
    Case(crate::case::args::Case),
    /// Write an evidence pack: one redacted zip or folder that lets another engineer confirm the failure
    Pack(Pack),
    /// Check an evidence pack: nothing changed, and the same verdict again, offline
    Verify(Verify),
    /// Replace secrets in any text, as a filter: the same secret always by the same placeholder
    Redact(Redact),
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
    /// The verdict in the words for a reader, as text, md, issue, jira or email [default for the last three: provider]
    #[arg(long = "for", value_enum, value_name = "READER", conflicts_with = "facts")]
    pub reader: Option<Reader>,
    /// Read the input as this form instead of looking
    #[arg(long = "as", value_enum, value_name = "FORM")]
    pub form: Option<Form>,
    /// The API's own description.
    #[command(flatten)]
    pub contract: Contracts,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
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
    /// The API's own description.
    #[command(flatten)]
    pub contract: Contracts,
    /// Folders of your own packs, width and colour.
    #[command(flatten)]
    pub common: Common,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
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

/// `firstfault redact`.
#[derive(Debug, ClapArgs)]
pub struct Redact {
    /// Files to read; `-` or nothing reads standard input
    #[arg(value_name = "FILE")]
    pub inputs: Vec<String>,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
    /// Write what was replaced, where and by which rule to this file, as JSON
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Print what would be replaced instead of the text; exit code 1 when there is anything
    #[arg(long)]
    pub check: bool,
}

/// What is replaced, for every command that shows evidence.
#[derive(Debug, ClapArgs)]
pub struct Redaction {
    /// What is replaced besides secrets: nothing more, or personal data too [default: as configured, else secrets]
    #[arg(long, value_enum, value_name = "MODE")]
    pub redact: Option<RedactMode>,
    /// Configuration to use instead of your own (`firstfault/config.toml` in the XDG configuration folder)
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The API's own description, for every command that judges calls.
#[derive(Debug, Default, ClapArgs)]
#[command(next_help_heading = "Contract")]
pub struct Contracts {
    /// Hold calls against the API's own description: OpenAPI, Swagger, JSON Schema [default: as configured for their host]
    #[arg(long, value_name = "FILE|URL")]
    pub contract: Vec<String>,
    /// Calls that worked (a HAR, a log): what the call has otherwise than all of them is told
    #[arg(long, value_name = "FILE")]
    pub baseline: Vec<String>,
    /// What may be fetched.
    #[command(flatten)]
    pub remote: Remote,
}

/// What may be fetched besides the description that is named.
#[derive(Debug, Default, ClapArgs)]
pub struct Remote {
    /// Fetch what a description refers to on other machines
    #[arg(long)]
    pub allow_remote: bool,
}

/// What several commands understand.
#[derive(Debug, ClapArgs)]
pub struct Common {
    /// A folder of knowledge packs of your own, on top of those built in
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Width and colour.
    #[command(flatten)]
    pub layout: Layout,
}

/// How text is laid out.
#[derive(Debug, ClapArgs)]
pub struct Layout {
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
    /// One self-contained HTML page, for a browser or a printer
    Html,
    /// SARIF 2.1.0, for code scanning and editors
    Sarif,
    /// RFC 9457 problem details: an object for one input, an array for several
    Problem,
    /// An issue of GitHub or GitLab: a title line, then the body
    Issue,
    /// The body of a Jira ticket
    Jira,
    /// An e-mail: subject, empty line, plain text
    Email,
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Reader {
    /// Whoever mends it: precise, with what was ruled out and what would disprove it
    Engineer,
    /// A client without technical knowledge: calm, what is lost and what is not, what happens next
    Client,
    /// Whoever runs the API: an escalation with one question
    Provider,
    /// Whoever decides: impact, who acts, when
    Manager,
}

impl From<Reader> for firstfault_report::Audience {
    fn from(reader: Reader) -> Self {
        match reader {
            Reader::Engineer => Self::Engineer,
            Reader::Client => Self::Client,
            Reader::Provider => Self::Provider,
            Reader::Manager => Self::Manager,
        }
    }
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

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "plain words")]
pub enum Colour {
    Auto,
    Always,
    Never,
}

//! The flags of `firstfault bisect`.

use crate::args::{Common, Contracts, Redaction};
use crate::probe::args::{duration, name_server, rate};
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::time::Duration;

/// `firstfault bisect`.
#[derive(Debug, Args)]
pub struct Bisect {
    /// The failing call as typed: `-- curl -H 'X-API-Key: …' -d '{…}' https://api.example.com/v1/tickets`
    #[arg(last = true, value_name = "curl …", allow_hyphen_values = true)]
    pub command: Vec<String>,
    /// The failing call as pasted: curl output, HAR, log
    #[arg(long, value_name = "FILE", conflicts_with = "command")]
    pub from: Option<String>,
    /// A call that works, a file or a curl command in quotes: finds the smallest difference instead
    #[arg(long, value_name = "FILE|COMMAND")]
    pub working: Option<String>,
    /// Allow what may change something: other methods than GET, HEAD and OPTIONS, and bodies. Each request is sent for real
    #[arg(long, help_heading = "Terms")]
    pub allow_side_effects: bool,
    /// How long it may take: 90s, 5m
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration, help_heading = "Terms")]
    pub budget: Duration,
    /// How many requests may be sent in all
    #[arg(long, value_name = "N", default_value_t = 200, help_heading = "Terms")]
    pub max_requests: u32,
    /// Requests per second [default: under 5 in the whole process]
    #[arg(long, value_name = "N", value_parser = rate, help_heading = "Terms")]
    pub rate: Option<f64>,
    /// So many failures in a row, at the beginning, are a failure that comes each time
    #[arg(long, value_name = "N", default_value_t = 2, help_heading = "Terms")]
    pub repeats: u32,
    /// The API's own description.
    #[command(flatten)]
    pub contract: Contracts,
    /// Show what would be sent, and how many requests at most; send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Ask this name server for every name, instead of this machine's: 127.0.0.1:53
    #[arg(long, value_name = "ADDRESS", value_parser = name_server)]
    pub resolver: Option<SocketAddr>,
    /// What to print
    #[arg(long, value_enum, default_value_t = BisectFormat::Text)]
    pub format: BisectFormat,
    /// Show every part that does not matter
    #[arg(long, short)]
    pub verbose: bool,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
}

/// Output formats of a bisection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BisectFormat {
    /// For people, fitting the terminal
    Text,
    /// One JSON document
    Json,
    /// The smallest call as a curl command
    Curl,
    /// A Hurl file that reproduces the failure
    Hurl,
    /// A test in Rust with ureq 3, red as long as it fails
    Rust,
    /// A test for pytest with requests, red as long as it fails
    Pytest,
    /// A test for JUnit 5 with java.net.http, red as long as it fails
    Junit,
}

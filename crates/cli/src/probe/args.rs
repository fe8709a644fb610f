//! The flags of `firstfault probe`.

use crate::args::{Common, Contracts, Redaction};
use clap::{Args, ValueEnum};
use std::net::SocketAddr;
use std::time::Duration;

/// `firstfault probe`.
#[derive(Debug, Args)]
pub struct Probe {
    /// The URL to read; a call with more to it is typed as curl's, behind `--`
    #[arg(value_name = "URL")]
    pub url: Option<String>,
    /// The call as typed: `-- curl -H 'X-API-Key: …' https://api.example.com/v1/me`
    #[arg(last = true, value_name = "curl …", allow_hyphen_values = true)]
    pub command: Vec<String>,
    /// The call that failed, as pasted: curl output, HAR, log, exception; judged together with what is measured
    #[arg(long, value_name = "FILE")]
    pub from: Option<String>,
    /// A case of `firstfault case`, by its number or name, in place of a file; without one, the case at hand
    #[arg(long, value_name = "CASE", conflicts_with = "from", num_args = 0..=1)]
    pub case: Option<Option<String>>,
    /// What may be sent and spent.
    #[command(flatten)]
    pub terms: TermArgs,
    /// Send the corrected request too, to prove the diagnosis
    #[arg(long)]
    pub confirm: bool,
    /// Show what would be sent, and send nothing
    #[arg(long, conflicts_with = "confirm")]
    pub dry_run: bool,
    /// The API's own description.
    #[command(flatten)]
    pub contract: Contracts,
    /// Ask this name server for every name, instead of this machine's: 127.0.0.1:53
    #[arg(long, value_name = "ADDRESS", value_parser = name_server)]
    pub resolver: Option<SocketAddr>,
    /// What to print
    #[arg(long, value_enum, default_value_t = ProbeFormat::Text)]
    pub format: ProbeFormat,
    /// Show every step, header and hypothesis with all of its evidence
    #[arg(long, short)]
    pub verbose: bool,
    /// What is replaced.
    #[command(flatten)]
    pub policy: Redaction,
    /// Packs and layout.
    #[command(flatten)]
    pub common: Common,
}

/// What may be sent and spent, for every command that sends.
#[derive(Debug, Args)]
#[command(next_help_heading = "Terms")]
pub struct TermArgs {
    /// Allow what may change something: other methods than GET, HEAD and OPTIONS, bodies, credentials to other hosts
    #[arg(long)]
    pub allow_side_effects: bool,
    /// How long experiments may go on, after the call itself: 20s, 2m
    #[arg(long, value_name = "TIME", default_value = "20s", value_parser = duration)]
    pub budget: Duration,
    /// How many requests may be sent in all
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub max_requests: u32,
    /// Requests per second [default: under 5 in the whole process]
    #[arg(long, value_name = "N", value_parser = rate)]
    pub rate: Option<f64>,
}

impl TermArgs {
    /// As the guard takes them.
    #[must_use]
    pub fn terms(&self) -> firstfault_probe::guard::Terms {
        firstfault_probe::guard::Terms {
            consent: self.allow_side_effects,
            rate: self.rate,
            time: self.budget,
            requests: self.max_requests,
        }
    }
}

/// Output formats of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProbeFormat {
    /// For people, fitting the terminal
    Text,
    /// One JSON document, which `diagnose` judges again offline
    Json,
    /// Markdown, for a ticket or chat
    Md,
    /// One self-contained HTML page
    Html,
}

/// `20s`, `500ms`, `2m`, `20`.
///
/// # Errors
/// What was expected and found.
pub fn duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let scale = match unit {
        "" | "s" => 1.0,
        "ms" => 0.001,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        _ => return Err(format!("expected a time such as 20s, 500ms or 2m, found {text:?}")),
    };
    let seconds = number.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n * scale);
    // A day is longer than any probe.
    seconds
        .filter(|seconds| (0.0..=86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or_else(|| format!("expected a time such as 20s, 500ms or 2m, at most a day, found {text:?}"))
}

/// A number of requests per second.
///
/// # Errors
/// What was expected and found.
pub fn rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate > 0.0);
    rate.ok_or_else(|| format!("expected a number of requests per second above 0, found {text:?}"))
}

/// An address, with port 53 where none is given.
///
/// # Errors
/// What was expected and found.
pub fn name_server(text: &str) -> Result<SocketAddr, String> {
    text.parse::<SocketAddr>()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
        .map_err(|_| format!("expected an address such as 127.0.0.1:53, found {text:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_servers_are_read() {
        assert_eq!(duration("20"), Ok(Duration::from_secs(20)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1.5m"), Ok(Duration::from_secs(90)));
        for bad in ["", "s", "-1s", "1y", "9e9h", "100000h"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
        assert_eq!(name_server("127.0.0.1").map(|place| place.port()), Ok(53));
        assert!(name_server("localhost").is_err() && rate("0").is_err() && rate("nan").is_err());
    }
}

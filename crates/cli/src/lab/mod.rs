//! `firstfault lab`: systems that fail on purpose, on loopback. They run here; what they do is the lab's own matter.

pub mod args;
mod grade;
mod list;
mod logs;
mod quiz;
mod seen;
mod shell;
mod start;
mod systems;

use crate::exit::Exit;
use crate::load;
use args::{Lab, LabCommand};
use firstfault_lab::Scenario;
use std::io::Write as _;

/// Runs `firstfault lab`.
pub fn run(lab: &Lab) -> Exit {
    if let Some(LabCommand::Grade(options)) = &lab.command {
        return grade::run(options);
    }
    let done = match &lab.command {
        None => systems::run(lab),
        Some(LabCommand::Grade(_)) => Ok(()),
        Some(LabCommand::List(options)) => list::run(options),
        Some(LabCommand::Start(options)) => start::run(options),
        Some(LabCommand::Quiz(options)) => quiz::run(options),
        Some(LabCommand::Logs(options)) => logs::run(options),
    };
    match done {
        Ok(()) => Exit::Nothing,
        Err(message) => {
            load::complain(&firstfault_report::one_line(&message, 2000));
            Exit::WrongUse
        }
    }
}

/// The scenario of that name.
fn find(name: &str) -> Result<Scenario, String> {
    firstfault_lab::scenarios::find(name).ok_or_else(|| {
        let all = firstfault_lab::scenarios::all();
        let near: Vec<&str> =
            all.iter().map(|scenario| scenario.name).filter(|known| near(known, name)).take(8).collect();
        let more = if near.is_empty() { "`firstfault lab list` has them all".to_owned() } else { near.join(", ") };
        format!("expected the name of a scenario, found {name:?}; {more}")
    })
}

/// Whether two names have a part of three letters or more in common.
fn near(known: &str, name: &str) -> bool {
    name.split('-').filter(|part| part.len() > 2).any(|part| known.split('-').any(|of| of.starts_with(part)))
}

/// A runtime on this thread, which also hears ctrl-c.
fn runtime() -> Result<tokio::runtime::Runtime, String> {
    let built = tokio::runtime::Builder::new_current_thread().enable_all().build();
    built.map_err(|error| format!("expected to wait for the network, found: {error}"))
}

/// Waits for ctrl-c, or for the word to end that a service manager sends.
async fn interrupted() -> Result<(), String> {
    let heard = |error: std::io::Error| format!("expected to hear ctrl-c, found: {error}");
    #[cfg(unix)]
    {
        let mut ended = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(heard)?;
        tokio::select! {
            done = tokio::signal::ctrl_c() => done.map_err(heard),
            _ = ended.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await.map_err(heard)
}

/// Printing fails only on a closed pipe, which is success.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

//! The `firstfault` command: flags, files, exit codes. It loads and prints; it never judges.

mod args;
mod bisect;
mod case;
mod config;
mod contract;
mod diagnose;
mod exit;
mod explain;
mod lab;
mod load;
mod pack;
mod place;
mod probe;
mod redact;
mod rules;
mod terminal;
mod triage;
mod verify;

use clap::Parser as _;
use exit::Exit;

fn main() -> std::process::ExitCode {
    std::panic::set_hook(Box::new(|info| {
        // The message of a panic may quote evidence, so only its place is shown.
        let place = info.location().map_or_else(String::new, |l| format!(" ({}:{})", l.file(), l.line()));
        load::complain(&format!("this is our bug, please report it{place}"));
        std::process::exit(Exit::Bug as i32);
    }));
    let args = match args::Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            if error.use_stderr() {
                load::refuse(&error.to_string());
                return Exit::WrongUse.into();
            }
            // Printing fails only on a closed pipe, which is success.
            let _ = error.print();
            return Exit::Nothing.into();
        }
    };
    match args.command {
        args::Command::Diagnose(options) => diagnose::run(&options),
        args::Command::Triage(options) => triage::run(&options),
        args::Command::Trace(options) => triage::ways::trace(&options),
        args::Command::Flow(options) => triage::ways::flow(&options),
        args::Command::Contract(options) => contract::run(&options),
        args::Command::Explain(options) => explain::run(&options),
        args::Command::Probe(options) => probe::run(&options),
        args::Command::Lab(options) => lab::run(&options),
        args::Command::Bisect(options) => bisect::run(&options),
        args::Command::Case(options) => case::run(&options),
        args::Command::Pack(options) => pack::run(&options),
        args::Command::Verify(options) => verify::run(&options),
        args::Command::Redact(options) => redact::run(&options),
        args::Command::Rules(options) => rules::check_rules(&options),
    }
    .into()
}

//! `firstfault contract`: calls against an API's own description, two descriptions against each other; and the
//! description as a witness for every command that judges calls.

pub mod args;
mod calls;
mod source;
mod witness;

pub use witness::Witness;

use crate::exit::Exit;
use crate::{config, diagnose, load, terminal};
use args::{Check, CheckFormat, Command, Contract as Options, Diff, DiffFormat, Shared, Show};
use calls::Read;
use firstfault_contract::{Contract, Recorded, Tally, check, diff};
use firstfault_model::contract::Severity;
use firstfault_redact::Redactor;
use firstfault_report::Style;
use firstfault_report::contract::{self as report, SafeChecked, SafeDifference, Shown};
use std::io::Write as _;

/// Runs `firstfault contract`.
pub fn run(options: &Options) -> Exit {
    let done = match &options.command {
        Command::Check(options) => checked(options),
        Command::Diff(options) => difference(options),
        Command::Show(options) => shown(options),
    };
    done.unwrap_or_else(|message| {
        load::complain(&firstfault_report::one_line(&message, 2_000));
        Exit::WrongUse
    })
}

fn redactor(shared: &Shared) -> Result<Redactor, String> {
    Ok(Redactor::with(config::policy(shared.policy.config.as_deref(), shared.policy.redact)?))
}

fn style(shared: &Shared, verbose: bool) -> Style {
    terminal::style(shared.layout.width, shared.layout.color, verbose)
}

/// Prints a document; a closed pipe is success.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// A witness as the engine hears it.
pub fn heard(witness: Option<&Witness>) -> Option<&dyn firstfault_engine::Witness> {
    witness.map(|witness| witness as &dyn firstfault_engine::Witness)
}

fn checked(options: &Check) -> Result<Exit, String> {
    let shared = &options.shared;
    let mut redactor = redactor(shared)?;
    let contract = source::load(&options.contract, shared.remote.allow_remote)?;
    let now = diagnose::machine_clock();
    let mut tally = Tally::new(&contract);
    let form = options.form.map(diagnose::form);
    let read = calls::each(&options.inputs, form, &mut redactor, &mut |event| match event {
        Read::Input(name, problems) => {
            tally.input(name, problems);
            false
        }
        Read::Call(name, call) => {
            let mut held = check(&contract, call, now);
            held.findings.retain(|finding| options.half.has(finding.half));
            tally.add(name, call, &held)
        }
    })?;
    let found = tally.finish();
    let fail_on = Severity::from(options.fail_on);
    let failed = found.groups.iter().any(|group| group.finding.severity <= fail_on);
    let (calls, matched) = (found.calls, found.matched);
    let safe = SafeChecked::new(found, &mut redactor);
    let shown = Shown { fail_on, coverage: options.coverage };
    print(&match options.format {
        CheckFormat::Text => report::checked_text(&safe, shown, style(shared, options.verbose)),
        CheckFormat::Json => report::checked_json(&safe, fail_on) + "\n",
        CheckFormat::Md => report::checked_markdown(&safe, shown),
        CheckFormat::Junit => report::checked_junit(&safe, fail_on),
        CheckFormat::Sarif => report::checked_sarif(&safe) + "\n",
    });
    if calls == 0 {
        load::complain("no call could be read");
    }
    Ok(match (failed, calls, matched) {
        _ if !read.whole || calls == 0 => Exit::WrongUse,
        (true, ..) => Exit::Diagnosed,
        // Nothing was held against the description, so nothing is known.
        (false, _, 0) => Exit::Unattributed,
        (false, ..) => Exit::Nothing,
    })
}

fn difference(options: &Diff) -> Result<Exit, String> {
    let shared = &options.shared;
    let mut redactor = redactor(shared)?;
    let old = source::load(&options.old, shared.remote.allow_remote)?;
    let new = source::load(&options.new, shared.remote.allow_remote)?;
    let now = diagnose::machine_clock();
    let mut found = diff(&old, &new, now);
    let mut whole = true;
    if !options.calls.is_empty() {
        let mut recorded = Recorded::new(&old, &new);
        let read = calls::each(&options.calls, None, &mut redactor, &mut |event| match event {
            Read::Input(..) => false,
            Read::Call(name, call) => recorded.add(name, call, now),
        })?;
        recorded.finish(&mut found);
        whole = read.whole;
        if found.calls == 0 {
            load::complain("--calls: no call could be read");
            whole = false;
        }
    }
    let fail_on = Severity::from(options.fail_on);
    let failed = firstfault_report::contract::breaks(&found, fail_on);
    let safe = SafeDifference::new(found, &mut redactor);
    print(&match options.format {
        DiffFormat::Text => report::difference_text(&safe, fail_on, style(shared, options.verbose)),
        DiffFormat::Md => report::difference_markdown(&safe, fail_on),
        DiffFormat::Json => report::difference_json(&safe, fail_on) + "\n",
    });
    Ok(match (whole, failed) {
        (false, _) => Exit::WrongUse,
        (true, true) => Exit::Diagnosed,
        (true, false) => Exit::Nothing,
    })
}

fn shown(options: &Show) -> Result<Exit, String> {
    let shared = &options.shared;
    let mut redactor = redactor(shared)?;
    let contract: Contract = source::load(&options.contract, shared.remote.allow_remote)?;
    let found = Tally::new(&contract).finish();
    let sound = found.mistakes.is_empty();
    let safe = SafeChecked::new(found, &mut redactor);
    print(&report::outline(&safe, contract.form.name(), style(shared, options.verbose)));
    Ok(if sound { Exit::Nothing } else { Exit::Diagnosed })
}

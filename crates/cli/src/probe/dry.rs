//! What would be sent, without sending it.

use super::args::Probe;
use super::show;
use crate::terminal;
use firstfault_investigate::{Base, experiments};
use firstfault_model::{Call, Origin, Vantage};
use firstfault_probe::Target;
use firstfault_probe::guard::Guard;
use firstfault_redact::Redactor;
use firstfault_report::paint::wrap;
use std::io::Write as _;

/// Where what is said of an experiment begins.
const COLUMN: usize = 23;

/// Prints the call, whether it would be sent, and every request that an experiment may send.
pub fn print(target: &Target, options: &Probe, redactor: &mut Redactor) {
    let style = terminal::style(options.common.layout.width, options.common.layout.color, options.verbose);
    let mut page = Page { out: String::new(), width: style.width };
    let guard = Guard::new(options.terms.terms());
    let request = target.as_request();
    let call = Call { request: Some(request), ..Call::new(Origin::Probe, Vantage::Client) };
    let base = Base::new(target.clone(), call);
    page.lines(0, "Nothing is sent. First the name, the connection and TLS are looked at, then the call:");
    page.out.push_str(&format!("\n{}\n", show::safe_command(target, redactor)));
    if let Err(refusal) = guard.harmless(target, target) {
        page.lines(2, &format!("not sent: {}", redactor.text(&refusal.why)));
    }
    let (most, seconds) = (options.terms.max_requests, options.terms.budget.as_secs_f64());
    page.out.push('\n');
    page.lines(0, &format!("Then, while the ranking is not clear, at most {most} requests in {seconds} s, of these:"));
    let mut refused: Vec<(&str, String)> = Vec::new();
    for experiment in experiments::ALL {
        let mut label = experiment.run;
        for (trial, times) in counted((experiment.trials)(&base)) {
            if let Err(refusal) = guard.harmless(&trial.target, target) {
                refused.push((experiment.run, redactor.text(&refusal.why)));
                continue;
            }
            let url = redactor.url(&trial.target.url.to_string());
            let changed = redactor.text(&trial.changed);
            let times = if times > 1 { format!(", {times} times") } else { String::new() };
            page.beside(label, &format!("{} {url} ({changed}{times})", trial.target.method));
            label = "";
        }
    }
    refused.dedup();
    while let Some((_, why)) = refused.first().cloned() {
        let names: Vec<&str> = refused.iter().filter(|(_, other)| *other == why).map(|(run, _)| *run).collect();
        page.out.push('\n');
        page.lines(0, &format!("Not sent: {}. {why}.", names.join(", ")));
        refused.retain(|(_, other)| *other != why);
    }
    let clean: String = page.out.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    let _ = std::io::stdout().lock().write_all(clean.as_bytes());
}

/// Trials, equal neighbours once and counted.
fn counted(trials: Vec<experiments::Trial>) -> Vec<(experiments::Trial, usize)> {
    let mut out: Vec<(experiments::Trial, usize)> = Vec::new();
    for trial in trials {
        match out.last_mut() {
            Some((last, times)) if last.changed == trial.changed && last.word == trial.word => *times += 1,
            _ => out.push((trial, 1)),
        }
    }
    out
}

/// Lines of at most a width.
struct Page {
    out: String,
    width: usize,
}

impl Page {
    fn lines(&mut self, indent: usize, text: &str) {
        for line in wrap(text, self.width.saturating_sub(indent)) {
            self.out.push_str(&format!("{:indent$}{line}\n", ""));
        }
    }

    fn beside(&mut self, label: &str, text: &str) {
        for (number, line) in wrap(text, self.width.saturating_sub(COLUMN)).iter().enumerate() {
            let label = if number == 0 { label } else { "" };
            self.out.push_str(&format!("  {label:width$}{line}\n", width = COLUMN - 2));
        }
    }
}

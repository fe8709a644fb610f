//! What would be sent, without sending it.

use super::args::Probe;
use super::show;
use firstfault_investigate::{Base, experiments};
use firstfault_model::{Call, Origin, Vantage};
use firstfault_probe::Target;
use firstfault_probe::guard::Guard;
use firstfault_redact::Redactor;
use std::io::Write as _;

/// Prints the call, whether it would be sent, and every request that an experiment may send.
pub fn print(target: &Target, options: &Probe, redactor: &mut Redactor) {
    let guard = Guard::new(options.terms.terms());
    let mut out = String::new();
    let request = target.as_request();
    let base = Base {
        target: target.clone(),
        call: Call { request: Some(request), ..Call::new(Origin::Probe, Vantage::Client) },
    };
    let mut line = |text: &str| {
        out.push_str(text);
        out.push('\n');
    };
    line("Nothing is sent. First the name, the connection and TLS are looked at, then the call:");
    line("");
    line(&redactor.command(&show::command(target)));
    if let Err(refusal) = guard.harmless(target, target) {
        line(&format!("  not sent: {}", redactor.text(&refusal.why)));
    }
    line("");
    line(&format!(
        "Then, while the ranking is not clear, at most {} requests in {} s, of these:",
        options.terms.max_requests,
        options.terms.budget.as_secs_f64()
    ));
    let mut refused: Vec<(String, Vec<&str>)> = Vec::new();
    for experiment in experiments::ALL {
        let mut shown: Vec<(String, usize)> = Vec::new();
        for trial in (experiment.trials)(&base) {
            if let Err(refusal) = guard.harmless(&trial.target, target) {
                let why = redactor.text(&refusal.why);
                match refused.iter_mut().find(|(known, _)| *known == why) {
                    Some((_, runs)) if runs.contains(&experiment.run) => {}
                    Some((_, runs)) => runs.push(experiment.run),
                    None => refused.push((why, vec![experiment.run])),
                }
                continue;
            }
            let url = redactor.url(&trial.target.url.to_string());
            let text = format!("{} {url}  [{}]", trial.target.method, redactor.text(&trial.changed));
            match shown.iter_mut().find(|(known, _)| *known == text) {
                Some((_, count)) => *count += 1,
                None => shown.push((text, 1)),
            }
        }
        for (text, count) in shown {
            let times = if count > 1 { format!("  {count} times") } else { String::new() };
            line(&format!("  {:<20} {text}{times}", experiment.run));
        }
    }
    for (why, runs) in refused {
        line("");
        line(&format!("Not sent: {}\n  {why}", runs.join(", ")));
    }
    let clean: String = out.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    let _ = std::io::stdout().lock().write_all(clean.as_bytes());
}

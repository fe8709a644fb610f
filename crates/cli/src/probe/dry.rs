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
    let call = Call { request: Some(request), ..Call::new(Origin::Probe, Vantage::Client) };
    let base = Base::new(target.clone(), call);
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
    for experiment in experiments::ALL {
        for trial in (experiment.trials)(&base) {
            let url = redactor.url(&trial.target.url.to_string());
            let refused = guard.harmless(&trial.target, target).err();
            let end = refused.map_or_else(String::new, |r| format!("  (not sent: {})", redactor.text(&r.why)));
            let changed = redactor.text(&trial.changed);
            line(&format!("  {:<20} {} {url}  [{changed}]{end}", experiment.run, trial.target.method));
        }
    }
    let clean: String = out.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    let _ = std::io::stdout().lock().write_all(clean.as_bytes());
}

//! For whoever decides: impact, who acts, when to expect what, in three or four sentences.

use super::Words;
use super::facts::{Effect, alike, duration, effect, escalation, host, lower};
use crate::safe::{Call, Report};
use firstfault_model::{Diagnosis, Owner, Retry};

/// The letter.
pub fn words(report: &Report, call: &Call) -> Words {
    let title = match (call.diagnosis.failed, host(call)) {
        (false, _) if !call.diagnosis.attributed => "The call was not sent".to_owned(),
        (false, _) => "Nothing failed".to_owned(),
        (true, Some(host)) => format!("Calls to {host} fail"),
        (true, None) => "Calls to an API fail".to_owned(),
    };
    Words { title, lead: vec![sentences(report, call).join(" ")], sections: Vec::new() }
}

/// One sentence each on what fails, how far it reaches, who acts, and when.
pub fn sentences(report: &Report, call: &Call) -> Vec<String> {
    let d = &call.diagnosis;
    if !d.failed && !d.attributed {
        return vec![d.summary.clone()];
    }
    if !d.failed {
        return vec!["The evidence shows no failed call.".to_owned()];
    }
    let target = host(call).unwrap_or_else(|| "an API".to_owned());
    let plain = if d.explain.plain.is_empty() { "the evidence does not say why" } else { d.explain.plain.as_str() };
    let plain = lower(plain.trim_end_matches('.'));
    let what = if d.attributed {
        format!("A call to {target} fails: {plain}.")
    } else {
        format!(
            "A call to {target} fails, and what caused it is not settled; the likeliest explanation is that {plain}."
        )
    };
    let reach = match alike(report, call) {
        0 | 1 => "One such failure was examined, and how many users it affects is not known".to_owned(),
        count => {
            format!("{count} such failures were seen in the evidence, and how many users they affect is not known")
        }
    };
    vec![what, format!("{reach}; {}.", data(effect(call))), format!("{}.", who(d)), format!("{}.", when(d))]
}

fn data(effect: Effect) -> &'static str {
    match effect {
        Effect::ReadOnly => "nothing was changed or lost, because it only reads",
        Effect::NotDone => "it was not carried out, and stored data is unchanged",
        Effect::MaybeThere => "it changed nothing, and what it was to enter may already be there",
        Effect::Partly => "part of it took effect and part did not",
        Effect::LikelyDone => "it probably took effect, which has to be checked",
        Effect::Twice => "the same thing may have been done twice, which has to be checked",
        Effect::Undelivered => "the news of an event is missing, the event itself is not touched",
        Effect::Unknown => "whether it took effect is not known and has to be checked before it is repeated",
    }
}

fn who(d: &Diagnosis) -> String {
    let sure = format!("{:.0} % sure", d.probability * 100.0);
    if !d.attributed {
        return "Nobody can be asked to act on this yet: first the missing evidence has to be found".to_owned();
    }
    match d.owner {
        Owner::Caller => format!("The team that makes the call has to act ({sure})"),
        Owner::Provider => format!("Whoever runs the service has to act ({sure})"),
        Owner::Path => format!("Whoever runs the network or the gateway in between has to act ({sure})"),
    }
}

fn when(d: &Diagnosis) -> String {
    let check = d.checks.first().map_or_else(String::new, |check| {
        format!("the next check takes about {}, and ", duration(u64::from(check.seconds)))
    });
    let outlook = match (d.retry, d.retry_after, escalation(d).is_some()) {
        (Retry::Never, _, false) => "it works again as soon as the correction is made, and not before".to_owned(),
        (Retry::Never, _, true) => "it does not pass by itself, so it should be escalated now".to_owned(),
        (Retry::Wait, Some(seconds), _) => format!("it works again in about {}", duration(seconds)),
        (Retry::Wait, None, _) => "it works again when the allowance resets".to_owned(),
        (Retry::Backoff, _, true) => {
            "it may pass by itself: escalate when it lasts longer than 15 to 30 minutes, or at once when a critical function \
             depends on it"
                .to_owned()
        }
        (Retry::Backoff, _, false) => "it may pass by itself when it is tried again with pauses".to_owned(),
    };
    let text = format!("{check}{outlook}");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

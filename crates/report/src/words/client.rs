//! For a client without technical knowledge: what happened, what it means for them, what happens next.
//!
//! Only the time and a reference come from the evidence; everything else is written for this reader.

use super::Words;
use super::facts::{Effect, duration, effect, plain};
use crate::safe::Call;
use crate::section::{Block, Row, Section};
use firstfault_model::{Diagnosis, Owner, Retry, rfc3339};

/// The letter.
pub fn words(call: &Call) -> Words {
    let d = &call.diagnosis;
    if !d.failed && !d.attributed {
        return Words {
            title: "The request was not sent".to_owned(),
            lead: vec!["The way to the service was looked at and is free. The request itself was not sent.".to_owned()],
            sections: Vec::new(),
        };
    }
    if !d.failed {
        return Words {
            title: "Nothing failed".to_owned(),
            lead: vec!["The request that we looked at went through; we found no failure in it.".to_owned()],
            sections: Vec::new(),
        };
    }
    let effect = effect(call);
    let mut sections = vec![
        Section::of("What this means for you", vec![Block::Text(meaning(effect).to_owned())]),
        Section::of("What happens next", vec![Block::Text(next(d, effect))]),
    ];
    let mut rows = Vec::new();
    rows.extend(spoken_time(call).map(|time| Row::said("Time", time)));
    rows.extend(reference(d).map(|id| Row::literal("Reference", id)));
    if !rows.is_empty() {
        sections.push(Section::of("If you ask us about this", vec![Block::Rows(rows)]));
    }
    Words { title: title(&d.cause, effect).to_owned(), lead: vec![plain(d)], sections }
}

fn title(cause: &str, effect: Effect) -> &'static str {
    match effect {
        Effect::Partly => "A request was carried out only in part",
        Effect::Twice => "A notification was handled more than once",
        Effect::Undelivered => "A notification did not get through",
        _ if cause.starts_with("webhook.") => "A notification was not confirmed in time",
        Effect::LikelyDone | Effect::ReadOnly | Effect::NotDone | Effect::MaybeThere | Effect::Unknown => {
            "A request did not go through"
        }
    }
}

/// What is lost and what is not: honest where the evidence does not say.
pub fn meaning(effect: Effect) -> &'static str {
    match effect {
        Effect::ReadOnly => "The request only asked for information. Nothing was changed, and nothing is lost.",
        Effect::NotDone => {
            "The request was not carried out. What was stored before is unchanged and nothing of it is lost; what was to be \
             entered or changed this time has not been saved, and has to be sent again once the reason is settled."
        }
        Effect::MaybeThere => {
            "This request changed nothing, and nothing is lost. What it was to enter may already be there: that is worth a \
             look before it is entered again."
        }
        Effect::Partly => {
            "Part of the request was carried out and part was not. What was carried out stays; only the rest has to be done \
             again."
        }
        Effect::LikelyDone => {
            "The request was probably carried out, although the answer does not show it. Please let us look before it is \
             entered a second time."
        }
        Effect::Twice => {
            "Nothing is lost, but the same thing may have been done more than once. This has to be checked and, where \
             needed, put right."
        }
        Effect::Undelivered => {
            "What the notification tells of is not changed by this, and nothing of it is lost. Only the news did not get \
             through; it may have to be sent again."
        }
        Effect::Unknown => {
            "We do not know yet whether the request was carried out. Before anything is entered a second time, it has to be \
             checked whether the first time took effect."
        }
    }
}

fn next(d: &Diagnosis, effect: Effect) -> String {
    let unclear = matches!(effect, Effect::Unknown | Effect::LikelyDone | Effect::MaybeThere);
    let mut parts: Vec<String> = Vec::new();
    parts.push(
        match (d.attributed, d.owner) {
            (false, _) => "First we find out for certain what caused it, and who has to act.",
            (true, Owner::Caller) => "The side that sends the request has to make a correction, and we know where.",
            (true, Owner::Provider) => {
                "Those who run the service have to put this right. What they need to know is written down for them."
            }
            (true, Owner::Path) => {
                "Those who look after the connection in between have to put this right. What they need to know is written \
                 down for them."
            }
        }
        .to_owned(),
    );
    parts.push(match (d.retry, d.retry_after, unclear) {
        (Retry::Never, ..) => "Trying again before that will not help.".to_owned(),
        (_, _, true) => "Please do not try again until we have checked whether it was carried out.".to_owned(),
        (Retry::Wait, Some(seconds), _) => format!("It can be tried again in {}.", duration(seconds)),
        (Retry::Wait, None, _) => "It can be tried again when the allowance is free again.".to_owned(),
        (Retry::Backoff, Some(seconds), _) => {
            format!("It may pass by itself: it can be tried again in {}.", duration(seconds))
        }
        (Retry::Backoff, None, _) => "It may pass by itself: it can be tried again in a few minutes.".to_owned(),
    });
    if let Some(check) = d.checks.first() {
        parts.push(format!(
            "Our next check takes about {}; we will tell you what it shows.",
            duration(u64::from(check.seconds.max(60)))
        ));
    }
    parts.join(" ")
}

/// `6 May 2025, 09:12 UTC`.
fn spoken_time(call: &Call) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let written = rfc3339(call.exchange.as_ref()?.started?);
    let (date, time) = written.split_once('T')?;
    let mut parts = date.rsplitn(3, '-');
    let day: u32 = parts.next()?.parse().ok()?;
    let month = MONTHS.get(parts.next()?.parse::<usize>().ok()?.checked_sub(1)?)?;
    Some(format!("{day} {month} {}, {} UTC", parts.next()?, time.get(..5)?))
}

/// The id that support can find the request by.
fn reference(d: &Diagnosis) -> Option<String> {
    let best = d.ids.iter().find(|(name, _)| name.contains("request")).or_else(|| d.ids.first());
    best.map(|(_, value)| crate::one_line(value, 80))
}

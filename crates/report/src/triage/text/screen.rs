//! The first screen of one incident: what, since when, who, where, which change, and what to do next.

use super::{INDENT, command, headline, row, spark};
use crate::paint::{Ink, cut, wrap};
use crate::text::{Style, owner, paragraph, retry, strip};
use crate::triage::words::{self, between, clock, count, date, duration, share, some};
use firstfault_model::incident::{Incident, Triage};
use std::fmt::Write as _;

/// Lines that the sentence may take.
const SENTENCE: usize = 4;

pub fn screen(out: &mut String, incident: &Incident, triage: &Triage, style: Style) {
    let sign = if incident.end.is_some() { "✓" } else { "✗" };
    let ink = if incident.end.is_some() { Ink::Yellow } else { Ink::Red };
    let room = style.width.saturating_sub(2);
    let lines = wrap(&incident.summary, room);
    let sentence = if lines.len() > SENTENCE && !style.verbose {
        cut(&incident.summary, room * SENTENCE - 8)
    } else {
        incident.summary.clone()
    };
    headline(out, sign, ink, &sentence, style);
    let mut advice = vec![format!("{} bucket", words::bucket(incident.bucket))];
    advice.extend(incident.owner.map(|o| owner(o).to_owned()));
    advice.extend(incident.retry.map(|r| retry(r, None)));
    paragraph(out, &advice.join(" · "), 2, style);
    out.push('\n');
    row(out, "since", &since(incident, triage), style);
    row(out, "who", &who(incident), style);
    row(out, "where", &place(incident), style);
    row(out, "change", &change(incident), style);
    row(out, "cause", &cause(incident), style);
    if let Some(said) = retries(incident) {
        row(out, "retries", &said, style);
    }
    if let Some(seconds) = incident.latency_led_seconds {
        let at = incident.latency_led_where.as_ref().map_or(String::new(), |at| format!(", at {at}"));
        row(out, "latency", &format!("slower {} before they failed{at}", duration(seconds * 1000.0)), style);
    }
    let layers = words::layers(incident);
    if !layers.is_empty() {
        out.push('\n');
        strip(out, &layers, Style { verbose: false, ..style });
    }
    out.push('\n');
    let series = if incident.series.points.is_empty() { &triage.series } else { &incident.series };
    spark::spark(out, series, Some(incident), style);
    if let Some(check) = incident.checks.first() {
        row(out, "next", &format!("{} s: {}", check.seconds, check.question), style);
        if let Some(text) = &check.command {
            command(out, text, if style.width < super::NARROW { 4 } else { INDENT }, style);
        }
    }
}

fn since(incident: &Incident, triage: &Triage) -> String {
    let (from, to) = incident.interval;
    let mut said = format!("{} UTC ({} to {})", date(incident.onset), clock(from), clock(to));
    let _ = write!(said, ", {}", words::course(incident.course));
    match (incident.end, triage.span) {
        (Some(end), _) => {
            let _ = write!(said, "; ended {} after {}", clock(end), between(incident.onset, end));
        }
        (None, Some(_)) => said.push_str(", going on"),
        (None, None) => {}
    }
    said
}

fn who(incident: &Incident) -> String {
    let affected = words::affected(&incident.affected);
    let failures = format!("{} of {}", count(incident.failures), some(incident.calls, "call"));
    if affected.is_empty() { format!("{failures}; no line says whose") } else { format!("{affected}: {failures}") }
}

pub fn place(incident: &Incident) -> String {
    match incident.isolation.first() {
        Some(isolation) => {
            let more = incident.isolation.len() - 1;
            let more = if more == 0 { String::new() } else { format!(" (and {} more)", count(more as u64)) };
            format!("{}: {}{more}", words::attributes(&isolation.attributes), words::rates(isolation))
        }
        None if incident.combinations_tried > 0 => {
            format!("everywhere: none of {} combinations of attributes isolates it", count(incident.combinations_tried))
        }
        None => "not known: no line has an attribute that could isolate it".to_owned(),
    }
}

pub fn change(incident: &Incident) -> String {
    match (&incident.change, incident.changes.first()) {
        (Some(change), _) => {
            let what = if change.what.is_empty() { String::new() } else { format!(": {}", change.what) };
            format!("{} at {} ({} likely){what}", change.id, clock(change.at), share(change.probability))
        }
        (None, Some(likeliest)) => format!(
            "none of the {} known ({} likely); at best {} with {}",
            count(incident.changes.len() as u64),
            share(words::none_of_these(incident)),
            likeliest.id,
            share(likeliest.probability)
        ),
        (None, None) => "none known: name them with --changes FILE or --change 'TIME what'".to_owned(),
    }
}

pub fn cause(incident: &Incident) -> String {
    if incident.cause.is_empty() || incident.cause == "unknown" {
        return match incident.layer {
            Some(layer) => format!("not known for sure; the {layer} layer failed first, as far as seen"),
            None => "not known: the lines do not say enough".to_owned(),
        };
    }
    format!("{} ({} likely)", incident.cause, share(incident.probability))
}

/// What repeats did, when it matters.
pub fn retries(incident: &Incident) -> Option<String> {
    let retries = &incident.retries;
    // Below one repeat in twenty calls they change nothing.
    let factor = retries.amplification.filter(|factor| retries.storm || *factor > 1.05)?;
    let storm = if retries.storm { "a storm" } else { "no storm" };
    let success = retries.success.map_or(String::new(), |s| format!(", {} succeed in the end", share(s)));
    Some(format!("{storm}: {factor:.1} calls for each intended one{success}"))
}

//! For whoever has to find or mend the fault.

use super::Words;
use super::facts::{disproof, ruled_out};
use crate::evidence::shown;
use crate::paint::cut;
use crate::safe::Call;
use crate::section::{Block, Row, Section};
use firstfault_model::{Diagnosis, Owner, Retry};

/// The letter.
pub fn words(call: &Call) -> Words {
    let d = &call.diagnosis;
    let title = d.headline.clone();
    if !d.failed {
        return Words { title, lead: vec![d.summary.clone()], sections: Vec::new() };
    }
    let mut sections = vec![Section::of("Verdict", vec![Block::Rows(verdict(d))])];
    let out = ruled_out(d);
    if !out.is_empty() {
        sections.push(Section::of("Ruled out", vec![Block::List(out)]));
    }
    sections.push(Section::of("What would disprove it", vec![Block::Text(disproof(d)), checks(d, 3)]));
    if let Some(fix) = &d.fix {
        sections.push(Section::of("Try this", vec![Block::Text(sentence(&fix.what)), Block::Code(diff(d))]));
    } else if !d.explain.client.is_empty() {
        let (title, advice) = match d.owner {
            Owner::Caller => ("What to do", &d.explain.client),
            Owner::Provider | Owner::Path => ("For whoever runs it", &d.explain.provider),
        };
        sections.push(Section::of(title, vec![Block::Text(advice.clone())]));
    }
    let mut evidence = evidence(d);
    evidence.folded = true;
    sections.push(evidence);
    Words { title, lead: lead(d), sections }
}

/// The same as one paragraph.
pub fn paragraph(call: &Call) -> String {
    let d = &call.diagnosis;
    if !d.failed {
        return d.summary.clone();
    }
    let mut parts = lead(d);
    if d.attributed {
        let layer = d.layer.map_or("unknown", firstfault_model::Layer::word);
        parts.push(format!("It failed first at the {layer} layer."));
    }
    let out = ruled_out(d);
    if !out.is_empty() {
        parts.push(format!("Ruled out: {}.", out.join("; ")));
    }
    if d.attributed {
        parts.push(disproof(d));
    }
    parts.join(" ")
}

fn lead(d: &Diagnosis) -> Vec<String> {
    let mut lead = vec![d.summary.clone()];
    if let Some(missing) = &d.missing {
        lead.push(format!("What would decide: {}.", missing.trim_end_matches('.')));
    }
    lead
}

fn verdict(d: &Diagnosis) -> Vec<Row> {
    let because = d.layers.iter().find(|l| Some(l.layer) == d.layer).map_or("", |l| l.because.as_str());
    let layer = d.layer.map_or("unknown", firstfault_model::Layer::word);
    let (first, sure) =
        if d.attributed { ("Failed first", "") } else { ("Furthest point seen", ", too little to be attributed") };
    let mut rows = vec![
        Row::said(first, format!("{layer} layer: {because}")),
        Row::literal("Cause", d.cause.clone()),
        Row::said("Probability", format!("{:.0} %{sure}", d.probability * 100.0)),
        Row::said("Who acts", owner(d.owner)),
        Row::said("Retry", retry(d)),
    ];
    rows.extend(d.ids.iter().take(6).map(|(name, value)| Row::literal(name.clone(), value.clone())));
    rows.push(Row::literal("Signature", d.signature.clone()));
    rows
}

/// The owner in words.
pub fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Caller => "the caller",
        Owner::Provider => "the provider",
        Owner::Path => "whoever runs what lies between",
    }
}

/// Whether and how to try again.
pub fn retry(d: &Diagnosis) -> String {
    let advice = match (d.retry, d.retry_after) {
        (Retry::Never, _) => "no, fix first".to_owned(),
        (Retry::Backoff, None) => "with growing pauses".to_owned(),
        (Retry::Backoff, Some(s)) => format!("after {s} s, then with growing pauses"),
        (Retry::Wait, None) => "when the limit resets".to_owned(),
        (Retry::Wait, Some(s)) => format!("in {s} s, when the limit resets"),
    };
    let safe = match d.safe_to_repeat {
        Some(true) => "safe to repeat",
        Some(false) => "repeating may act twice",
        None => "whether it is safe to repeat is not known",
    };
    format!("{advice}; {safe}")
}

/// The next checks, each with what it tells apart.
pub fn checks(d: &Diagnosis, limit: usize) -> Block {
    let step = |check: &firstfault_model::Check| {
        let apart = if check.decides.len() > 1 {
            format!("; tells apart {}", check.decides.iter().take(3).cloned().collect::<Vec<_>>().join(", "))
        } else {
            String::new()
        };
        (format!("{} ({} s{apart})", check.question, check.seconds), check.command.clone())
    };
    Block::Steps(d.checks.iter().take(limit).map(step).collect())
}

/// The strongest evidence for and against the likeliest causes.
pub fn evidence(d: &Diagnosis) -> Section {
    let mut items = Vec::new();
    for (place, h) in d.hypotheses.iter().take(3).enumerate() {
        let mut lines = Vec::new();
        for (supports, e) in if place == 0 { shown(h, 6, 2) } else { shown(h, 1, 1) } {
            // Several rules may rest on one line; the strongest stands first.
            if e.span.line > 0 && lines.contains(&(supports, e.span.line)) {
                continue;
            }
            lines.push((supports, e.span.line));
            let place = e.span.place();
            let sign = if supports { "for" } else { "against" };
            items.push(Row::literal(format!("{sign} {}, {place}, {}", h.cause, e.strength.word()), cut(&e.fact, 300)));
        }
    }
    Section::of("Evidence", vec![Block::Rows(items)])
}

/// The correction as lines of a difference.
pub fn diff(d: &Diagnosis) -> String {
    let Some(fix) = &d.fix else { return String::new() };
    let before = fix.before.iter().map(|line| format!("- {line}"));
    before.chain(fix.after.iter().map(|line| format!("+ {line}"))).collect::<Vec<_>>().join("\n")
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

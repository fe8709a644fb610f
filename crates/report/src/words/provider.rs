//! For whoever runs the API: an escalation that needs no question back, and asks one.
//!
//! It claims no more than the evidence carries: only where it isolates the service does it say so, and where it points
//! at the caller it says that instead.

use super::Words;
use super::engineer;
use super::facts::{
    disproof, escalation, frequency, isolates, listed, lower, names_backend, question, ruled_out, target, time,
};
use super::reproduce::{Reproduction, reproduction};
use crate::exchange::snippet;
use crate::paint::cut;
use crate::safe::{Call, Report, clean, clean_lines};
use crate::section::{Block, Row, Section};
use firstfault_model::{Body, Diagnosis, Layer, LayerState, Owner};

/// How many bytes of the answer's body an escalation quotes.
const QUOTED: usize = 1024;
/// Columns of a title that the address may take.
const TARGET: usize = 80;
/// How many header fields of the answer it quotes.
const FIELDS: usize = 30;

/// The letter.
pub fn words(report: &Report, call: &Call) -> Words {
    let d = &call.diagnosis;
    if !d.failed {
        let lead = vec![d.summary.clone(), "There is nothing to escalate.".to_owned()];
        return Words { title: d.headline.clone(), lead, sections: Vec::new() };
    }
    let mut sections = vec![
        Section::of("The question", vec![Block::Text(question(d).to_owned())]),
        Section::of("The call", vec![Block::Rows(facts(report, call))]),
        Section::of("Where it failed first", where_it_failed(d)),
    ];
    let out = ruled_out(d);
    let out = if out.is_empty() {
        vec![Block::Text("Nothing yet: the evidence proves no layer as passed.".to_owned())]
    } else {
        vec![Block::List(out)]
    };
    sections.push(Section::of("What was ruled out", out));
    sections.push(Section::of("What would disprove this", vec![Block::Text(disproof(d))]));
    sections.push(Section::of("Reproduction", reproduced(call)));
    if let Some(when) = escalation(d) {
        sections.push(Section::of("When we escalate this further", vec![Block::List(when)]));
    }
    if !d.explain.provider.is_empty() && d.attributed {
        sections.push(Section::of("Where to look", vec![Block::Text(d.explain.provider.clone())]));
    }
    sections.push(engineer::evidence(d).folded());
    if let Some(answer) = quoted_answer(call) {
        sections.push(Section::of("The answer as received", vec![Block::Code(answer)]).folded());
    }
    Words { title: title(call), lead: vec![lead(d)], sections }
}

fn title(call: &Call) -> String {
    let d = &call.diagnosis;
    let target = if target(d).is_empty() { "A call".to_owned() } else { cut(target(d), TARGET) };
    let came = match call.status {
        Some(code @ 1..) if code < 400 => format!("answers {code} and fails"),
        Some(code @ 1..) => format!("returns {code}"),
        None if d.layer != Some(Layer::Network) => "fails".to_owned(),
        _ => "gets no answer".to_owned(),
    };
    let named = d.hypotheses.first().filter(|_| d.attributed && (!names_backend(d) || isolates(d)));
    match named {
        Some(h) => format!("{target} {came}: {}", lower(&h.title)),
        None => format!("{target} {came}"),
    }
}

fn lead(d: &Diagnosis) -> String {
    let layer = d.layer.map_or("unknown", firstfault_model::Layer::word);
    if !d.attributed {
        let mut candidates: Vec<String> = d
            .hypotheses
            .iter()
            .take(3)
            .map(|h| format!("{} ({:.0} %)", lower(&h.title), h.probability * 100.0))
            .collect();
        if candidates.is_empty() {
            candidates.push("none that we know".to_owned());
        }
        let missing = d.missing.as_deref().map_or_else(String::new, |m| format!(" What would decide: {m}."));
        return format!(
            "What we have does not settle the cause, so we do not say where the fault is. Candidates: {}.{missing}",
            candidates.join(", ")
        );
    }
    let conclusion = match d.owner {
        _ if isolates(d) => {
            let passed: Vec<&str> =
                d.layers.iter().filter(|l| l.state == LayerState::Passed).map(|l| l.layer.word()).collect();
            format!("The evidence isolates the {layer} layer: the call got past {}.", listed(&passed))
        }
        Owner::Caller => {
            "The evidence points to our own side, not to a fault of yours; please confirm before we change it."
                .to_owned()
        }
        Owner::Path => {
            format!("The evidence points to what lies between us ({layer} layer), not to a fault of your service.")
        }
        Owner::Provider if names_backend(d) => {
            format!("The evidence points to the {layer} layer without isolating it: the log of each hop would.")
        }
        Owner::Provider if d.layer == Some(Layer::Gateway) => {
            "The evidence places the first failure at the gateway; whether what is behind it is at fault too, it does not say."
                .to_owned()
        }
        Owner::Provider => format!(
            "The evidence places the first failure at the {layer} layer; it says nothing against the service behind it."
        ),
    };
    format!("{} {conclusion}", d.summary)
}

fn facts(report: &Report, call: &Call) -> Vec<Row> {
    let d = &call.diagnosis;
    let seen = |label: &str, value: Option<String>| match value {
        Some(value) => Row::literal(label, value),
        None => Row::said(label, "not seen"),
    };
    let address = call.url.clone().or_else(|| target(d).split_once(' ').map(|(_, url)| url.to_owned()));
    let mut rows = vec![seen("Endpoint", address), seen("Method", call.method.clone())];
    rows.push(match call.status {
        Some(code @ 1..) => Row::literal("Status", code.to_string()),
        _ => Row::said("Status", "no answer seen"),
    });
    rows.push(match time(call) {
        Some(time) => Row::literal("Time (UTC)", time),
        None => Row::said("Time (UTC)", "not in the evidence"),
    });
    if d.ids.is_empty() {
        rows.push(Row::said("Correlation ids", "none seen"));
    }
    rows.extend(d.ids.iter().take(12).map(|(name, value)| Row::literal(name.clone(), crate::one_line(value, 200))));
    rows.push(Row::said("How often", frequency(report, call)));
    rows.push(Row::literal("Signature", d.signature.clone()));
    rows
}

fn where_it_failed(d: &Diagnosis) -> Vec<Block> {
    if !d.attributed {
        let layer = d.layer.map_or("unknown", firstfault_model::Layer::word);
        let text = format!("Not settled: the furthest point that the evidence shows is the {layer} layer.");
        return vec![Block::Text(text)];
    }
    let strip: Vec<String> = d.layers.iter().map(|l| format!("{} {}", l.layer, l.state)).collect();
    let because =
        d.layers.iter().find(|l| l.state == LayerState::Failed).map(|l| format!("{}: {}.", l.layer, l.because));
    let mut blocks = vec![Block::Text(format!("{}.", strip.join(" → ")))];
    blocks.extend(because.map(Block::Text));
    blocks
}

fn reproduced(call: &Call) -> Vec<Block> {
    let Some(Reproduction { lines, variables, notes }) = call.exchange.as_ref().and_then(reproduction) else {
        return vec![Block::Text(
            "Not possible from the evidence: it does not hold the request with its host.".to_owned(),
        )];
    };
    let mut blocks = Vec::new();
    let repeat = match call.diagnosis.safe_to_repeat {
        Some(true) => "It is safe to repeat.",
        Some(false) => "It may act twice: run it only where that does no harm.",
        None => "Whether it is safe to repeat is not known.",
    };
    blocks.push(Block::Text([&[repeat.to_owned()][..], &notes].concat().join(" ")));
    if !variables.is_empty() {
        let named = variables.iter().map(|(name, stands_for)| format!("{name} (in this report {stands_for})"));
        blocks.push(Block::Text(format!("Set these first: {}.", named.collect::<Vec<_>>().join(", "))));
    }
    blocks.push(Block::Code(lines.join("\n")));
    blocks
}

/// Head and first bytes of the answer.
fn quoted_answer(call: &Call) -> Option<String> {
    let response = call.exchange.as_ref()?.response.as_ref()?;
    if response.headers.0.is_empty() && response.body.as_ref().is_none_or(Body::is_blank) {
        return None;
    }
    let mut out = String::new();
    if let Some(status) = response.status {
        out.push_str(&clean(&format!(
            "{} {status} {}",
            response.version.as_deref().unwrap_or("HTTP"),
            response.reason.as_deref().unwrap_or_default()
        )));
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    for field in response.headers.0.iter().take(FIELDS) {
        out.push_str(&crate::one_line(&format!("{}: {}", field.name, field.value), 300));
        out.push('\n');
    }
    if let Some(more) = response.headers.0.len().checked_sub(FIELDS).filter(|n| *n > 0) {
        out.push_str(&format!("(and {more} fields more)\n"));
    }
    if let Some(body) = response.body.as_ref().filter(|b| !b.is_blank()) {
        let (text, cut) = snippet(body, QUOTED);
        out.push('\n');
        out.push_str(&clean_lines(text));
        out.push('\n');
        if let Some(cut) = cut {
            out.push_str(&format!("({cut})\n"));
        }
    }
    let out = out.trim_end().to_owned();
    (!out.is_empty()).then_some(out)
}

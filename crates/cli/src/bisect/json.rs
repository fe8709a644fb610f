//! The JSON of a bisection (docs/bisect.md).

use super::{Done, show};
use firstfault_bisect::output;
use firstfault_bisect::{Outcome, Part, Unit};
use firstfault_redact::Redactor;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    outcome: &'static str,
    words: String,
    failed: bool,
    cause: Option<String>,
    bucket: Option<&'static str>,
    layer: Option<&'static str>,
    status: Option<u16>,
    summary: Option<String>,
    needed: Vec<PartLine>,
    needless: Vec<PartLine>,
    changes: Vec<ChangeLine>,
    thresholds: Vec<ThresholdLine>,
    shortened: Vec<ShortenedLine>,
    notes: Vec<String>,
    requests: u32,
    saved: u32,
    unsure: u32,
    confidence: ConfidenceLine,
    before: Size,
    after: Size,
    curl: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct PartLine {
    place: &'static str,
    name: String,
    proven: bool,
}

#[derive(Serialize)]
struct ChangeLine {
    place: &'static str,
    name: String,
    working: Option<String>,
    failing: Option<String>,
}

#[derive(Serialize)]
struct ThresholdLine {
    place: &'static str,
    name: String,
    unit: &'static str,
    fails_at: usize,
    passes_at: usize,
    head_bytes: usize,
    body_bytes: usize,
}

#[derive(Serialize)]
struct ShortenedLine {
    place: &'static str,
    name: String,
    before: usize,
    after: usize,
}

#[derive(Serialize)]
struct ConfidenceLine {
    asked: u32,
    same: u32,
    rate: Option<f64>,
    sure: Option<f64>,
}

#[derive(Serialize)]
struct Size {
    head_bytes: usize,
    body_bytes: usize,
}

/// One document.
pub fn document(done: &Done, redactor: &mut Redactor) -> String {
    let report = &done.report;
    let failure = done.failure.as_ref();
    let contract = done.contract.clone().map(|against| firstfault_report::contract::against_json(against, redactor));
    let mut safe = |text: &str| firstfault_report::one_line(&redactor.text(text), 4_000);
    let part = |part: &Part, proven: bool, safe: &mut dyn FnMut(&str) -> String| PartLine {
        place: part.place.word(),
        name: safe(&part.name),
        proven,
    };
    let document = Document {
        schema: "firstfault/bisect/1",
        outcome: match report.outcome {
            Outcome::Minimal => "minimal",
            Outcome::Unfinished => "unfinished",
            Outcome::Lost(_) => "lost",
            Outcome::NotReproduced(_) => "not_reproduced",
            Outcome::NoDifference(_) => "no_difference",
        },
        words: safe(&show::outcome(done)),
        failed: failure.is_some(),
        cause: failure.map(|f| f.diagnosis.cause.clone()),
        bucket: failure.map(|f| f.diagnosis.bucket.word()),
        layer: failure.and_then(|f| f.diagnosis.layer).map(|layer| layer.word()),
        status: failure.and_then(|f| f.status),
        summary: failure.map(|f| safe(&f.diagnosis.summary)),
        needed: report.needed.iter().map(|p| part(p, !report.unproven.contains(p), &mut safe)).collect(),
        needless: report.needless.iter().map(|p| part(p, true, &mut safe)).collect(),
        changes: report
            .changes
            .iter()
            .map(|change| {
                // A value is safe only beside its name.
                let named = |value: &Option<String>| {
                    value.as_ref().map(|value| {
                        let is_secret = firstfault_redact::is_secret_name(&change.part.name)
                            || done.secrets.iter().any(|secret| value.contains(&secret.value));
                        if is_secret { "…".to_owned() } else { value.clone() }
                    })
                };
                let (working, failing) = (named(&change.good), named(&change.bad));
                ChangeLine {
                    place: change.part.place.word(),
                    name: safe(&change.part.name),
                    working: working.map(|value| safe(&value)),
                    failing: failing.map(|value| safe(&value)),
                }
            })
            .collect(),
        thresholds: report
            .thresholds
            .iter()
            .map(|threshold| ThresholdLine {
                place: threshold.part.place.word(),
                name: safe(&threshold.part.name),
                unit: match threshold.unit {
                    Unit::Characters => "characters",
                    Unit::Items => "items",
                },
                fails_at: threshold.fails_at,
                passes_at: threshold.passes_at,
                head_bytes: threshold.head_bytes,
                body_bytes: threshold.body_bytes,
            })
            .collect(),
        shortened: report
            .shortened
            .iter()
            .map(|(part, before, after)| ShortenedLine {
                place: part.place.word(),
                name: safe(&part.name),
                before: *before,
                after: *after,
            })
            .collect(),
        notes: report.notes.iter().map(|note| safe(note)).collect(),
        requests: done.sent.max(report.requests),
        saved: report.saved,
        unsure: report.unsure,
        confidence: ConfidenceLine {
            asked: report.confidence.asked,
            same: report.confidence.same,
            rate: report.confidence.rate,
            sure: report.confidence.sure,
        },
        before: Size { head_bytes: done.before.0, body_bytes: done.before.1 },
        after: Size { head_bytes: report.form.head_bytes(), body_bytes: report.form.body_bytes() },
        curl: {
            let command = output::curl(&report.form, &done.secrets).join("\n");
            let command = if redactor.leaks(&command).is_empty() { command } else { redactor.command(&command) };
            command.split('\n').map(str::to_owned).collect()
        },
        contract,
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

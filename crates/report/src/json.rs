//! JSON, as docs/json.md and docs/schema/diagnosis-1.json publish it.

use crate::safe::{Call, Report, Safe};
use crate::words;
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    inputs: Vec<InputSummary<'a>>,
    diagnoses: Vec<Diagnosis<'a>>,
}

#[derive(Serialize)]
struct InputSummary<'a> {
    input: &'a str,
    calls: usize,
    failed: usize,
    notes: usize,
    problems: Vec<ProblemLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
}

#[derive(Serialize)]
struct Unreadable<'a> {
    schema: &'static str,
    input: &'a str,
    unreadable: &'a str,
}

#[derive(Serialize)]
struct ProblemLine<'a> {
    line: u32,
    message: &'a str,
}

#[derive(Serialize)]
struct Diagnosis<'a> {
    schema: &'static str,
    input: &'a str,
    failed: bool,
    bucket: &'a str,
    layer: &'a str,
    cause: &'a str,
    probability: f64,
    attributed: bool,
    retry: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_seconds: Option<u64>,
    safe_to_repeat: Option<bool>,
    owner: &'a str,
    soft_failure: bool,
    summary: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<&'a str>,
    layers: Vec<Layer<'a>>,
    hypotheses: Vec<Hypothesis<'a>>,
    checks: Vec<Check<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Fix<'a>>,
    explain: Explain<'a>,
    signature: &'a str,
    call: CallLine<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<crate::contract::AgainstLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    also: Option<usize>,
}

#[derive(Serialize)]
struct Layer<'a> {
    layer: &'a str,
    state: &'a str,
    because: &'a str,
}

#[derive(Serialize)]
struct Hypothesis<'a> {
    cause: &'a str,
    title: &'a str,
    probability: f64,
    #[serde(rename = "for")]
    supports: Vec<Evidence<'a>>,
    against: Vec<Evidence<'a>>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    fact: &'a str,
    source: String,
    rule: &'a str,
    strength: &'a str,
    because: &'a str,
}

#[derive(Serialize)]
struct Check<'a> {
    id: &'a str,
    question: &'a str,
    seconds: u32,
    risk: &'a str,
    command: Option<&'a str>,
    decides: &'a [String],
}

#[derive(Serialize)]
struct Fix<'a> {
    what: &'a str,
    before: &'a [String],
    after: &'a [String],
}

#[derive(Serialize)]
struct Explain<'a> {
    client: &'a str,
    provider: &'a str,
    plain: &'a str,
    question: &'a str,
    engineer: String,
    manager: String,
}

#[derive(Serialize)]
struct CallLine<'a> {
    form: &'a str,
    method: Option<&'a str>,
    url: Option<&'a str>,
    status: Option<u16>,
    line: u32,
    bytes: [usize; 2],
    repeats: usize,
    ids: std::collections::BTreeMap<&'a str, &'a str>,
}

/// One document with every shown diagnosis of every input.
#[must_use]
pub fn document(reports: &[Safe]) -> String {
    let document = Document {
        schema: "firstfault/diagnoses/1",
        inputs: reports
            .iter()
            .map(|safe| {
                let report = safe.report();
                InputSummary {
                    input: &report.input,
                    calls: report.total,
                    failed: report.failed,
                    notes: report.notes.len(),
                    problems: report
                        .problems
                        .iter()
                        .map(|p| ProblemLine { line: p.span.line, message: &p.message })
                        .collect(),
                    unreadable: report.unreadable.as_deref(),
                }
            })
            .collect(),
        diagnoses: reports
            .iter()
            .flat_map(|safe| safe.report().calls.iter().map(|call| diagnosis(safe.report(), call, None)))
            .collect(),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// The line of one input: the call that failed first on the way; `also` counts the others that failed. An input
/// without any call has a line that says so, because programs count lines.
#[must_use]
pub fn line(safe: &Safe) -> String {
    let report = safe.report();
    let also = report.failed.saturating_sub(1);
    match report.calls.get(report.first) {
        Some(call) => serde_json::to_string(&diagnosis(report, call, Some(also))).unwrap_or_default(),
        None => serde_json::to_string(&Unreadable {
            schema: "firstfault/unreadable/1",
            input: &report.input,
            unreadable: report.unreadable.as_deref().unwrap_or_default(),
        })
        .unwrap_or_default(),
    }
}

/// A verdict as a value: part of a larger document.
pub(crate) fn value(report: &Report, call: &Call) -> serde_json::Value {
    serde_json::to_value(diagnosis(report, call, None)).unwrap_or_default()
}

fn diagnosis<'a>(report: &'a Report, call: &'a Call, also: Option<usize>) -> Diagnosis<'a> {
    let d = &call.diagnosis;
    let evidence = |list: &'a [firstfault_model::Evidence]| -> Vec<Evidence<'a>> {
        list.iter()
            .map(|e| Evidence {
                fact: &e.fact,
                source: e.span.place(),
                rule: &e.rule,
                strength: e.strength.word(),
                because: &e.because,
            })
            .collect()
    };
    Diagnosis {
        schema: "firstfault/diagnosis/1",
        input: &report.input,
        failed: d.failed,
        bucket: d.bucket.word(),
        layer: d.layer.map_or("none", firstfault_model::Layer::word),
        cause: &d.cause,
        probability: d.probability,
        attributed: d.attributed,
        retry: d.retry.word(),
        retry_after_seconds: d.retry_after,
        safe_to_repeat: d.safe_to_repeat,
        owner: d.owner.word(),
        soft_failure: d.soft_failure,
        summary: &d.summary,
        missing: d.missing.as_deref(),
        layers: d
            .layers
            .iter()
            .map(|l| Layer { layer: l.layer.word(), state: l.state.word(), because: &l.because })
            .collect(),
        hypotheses: d
            .hypotheses
            .iter()
            .map(|h| Hypothesis {
                cause: &h.cause,
                title: &h.title,
                probability: h.probability,
                supports: evidence(&h.supports),
                against: evidence(&h.opposes),
            })
            .collect(),
        checks: d
            .checks
            .iter()
            .map(|c| Check {
                id: &c.id,
                question: &c.question,
                seconds: c.seconds,
                risk: &c.risk,
                command: c.command.as_deref(),
                decides: &c.decides,
            })
            .collect(),
        fix: d.fix.as_ref().map(|f| Fix { what: &f.what, before: &f.before, after: &f.after }),
        explain: Explain {
            client: &d.explain.client,
            provider: &d.explain.provider,
            plain: &d.explain.plain,
            question: words::question(d),
            engineer: words::for_engineer(call),
            manager: words::for_manager(report, call),
        },
        signature: &d.signature,
        call: CallLine {
            form: call.form,
            method: call.method.as_deref(),
            url: call.url.as_deref(),
            status: call.status,
            line: call.span.line,
            bytes: [call.span.start, call.span.end],
            repeats: call.repeats,
            ids: d.ids.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect(),
        },
        contract: call.contract.as_ref().map(crate::contract::against_line),
        also,
    }
}

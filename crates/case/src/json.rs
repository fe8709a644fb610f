//! JSON, as docs/json.md and docs/schema/case-1.json, cases-1.json and case-stats-1.json publish it.

use crate::clock::{parts, stats};
use crate::view::View;
use crate::{Spread, moment};
use firstfault_model::{Case, CaseClock, Evidence, RankChange};
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    id: &'a str,
    number: u32,
    title: &'a str,
    state: &'static str,
    questions: Value,
    clock: Value,
    resolution: Option<&'a str>,
    cause: Option<&'a str>,
    verdict: Option<Value>,
    evidence: Vec<Value>,
    answers: Vec<Value>,
    steps: Vec<Value>,
    next: Value,
    changed: Vec<Value>,
}

/// One case.
#[must_use]
pub fn document(view: &View) -> String {
    let case = &view.case;
    let questions = &case.questions;
    let document = Document {
        schema: "firstfault/case/1",
        id: &case.id,
        number: case.number,
        title: &case.title,
        state: state(&case.clock),
        questions: json!({
            "expected": questions.expected,
            "actual": questions.actual,
            "reproducible": questions.reproducible.map(firstfault_model::Reproducible::word),
            "affected": questions.affected,
            "direction": questions.direction.map(firstfault_model::Direction::word),
        }),
        clock: clock(&case.clock),
        resolution: case.resolution.as_deref(),
        cause: case.cause.as_deref(),
        verdict: verdict(view),
        evidence: case.pieces.iter().map(piece).collect(),
        answers: case
            .answers
            .iter()
            .map(|a| {
                json!({
                    "check": a.check, "outcome": a.outcome, "note": a.note, "at": moment(a.at),
                    "changed": changed(&a.changes),
                })
            })
            .collect(),
        steps: view.steps.iter().map(step).collect(),
        next: json!({
            "check": view.next.as_ref().map(|next| json!({
                "id": next.check.id, "question": next.check.question, "seconds": next.check.seconds,
                "risk": next.check.risk, "command": next.check.command, "decides": next.check.decides,
                "outcomes": next.outcomes,
            })),
            "step": view.open_step().map(|step| step.number),
        }),
        changed: changed(&view.changed),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

const fn state(clock: &CaseClock) -> &'static str {
    if clock.resolved.is_some() { "closed" } else { "open" }
}

/// Whole seconds.
fn seconds(milliseconds: Option<i64>) -> Option<i64> {
    milliseconds.map(|m| m / 1000)
}

fn clock(clock: &CaseClock) -> Value {
    let [to_detect, to_clear, to_resolve] = parts(clock).map(seconds);
    json!({
        "started": clock.started.map(moment),
        "opened": moment(clock.opened),
        "detected": moment(clock.detected),
        "clear": clock.clear.map(moment),
        "resolved": clock.resolved.map(moment),
        "seconds_to_detect": to_detect,
        "seconds_to_clear": to_clear,
        "seconds_to_resolve": to_resolve,
    })
}

fn verdict(view: &View) -> Option<Value> {
    let verdict = view.verdict.as_ref()?;
    let d = &verdict.diagnosis;
    let evidence = |list: &[Evidence]| -> Vec<Value> {
        list.iter()
            .map(|e| {
                json!({
                    "fact": e.fact, "source": view.source(e, true), "rule": e.rule, "strength": e.strength.word(),
                    "because": e.because,
                })
            })
            .collect()
    };
    Some(json!({
        "failed": d.failed,
        "headline": d.headline,
        "bucket": d.bucket.word(),
        "layer": d.layer.map_or("none", firstfault_model::Layer::word),
        "cause": d.cause,
        "probability": d.probability,
        "attributed": d.attributed,
        "retry": d.retry.word(),
        "safe_to_repeat": d.safe_to_repeat,
        "owner": d.owner.word(),
        "summary": d.summary,
        "missing": d.missing,
        "layers": d.layers.iter()
            .map(|l| json!({"layer": l.layer.word(), "state": l.state.word(), "because": l.because}))
            .collect::<Vec<_>>(),
        "hypotheses": d.hypotheses.iter()
            .map(|h| json!({
                "cause": h.cause, "title": h.title, "probability": h.probability,
                "for": evidence(&h.supports), "against": evidence(&h.opposes),
            }))
            .collect::<Vec<_>>(),
        "signature": d.signature,
        "ids": d.ids.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())))
            .collect::<serde_json::Map<_, _>>(),
        "piece": verdict.piece,
        "joined": verdict.joined.iter()
            .map(|(piece, headline)| json!({"piece": piece, "headline": headline})).collect::<Vec<_>>(),
        "others": verdict.others.iter()
            .map(|o| json!({"piece": o.piece, "headline": o.headline, "cause": o.cause, "calls": o.calls}))
            .collect::<Vec<_>>(),
        "worked": verdict.worked.as_ref()
            .map(|w| json!({"piece": w.piece, "headline": w.headline, "differences": w.differences})),
    }))
}

fn piece(piece: &firstfault_model::Piece) -> Value {
    let count = |failed: bool| -> usize {
        piece.calls.iter().filter(|call| !failed || call.failed).map(|call| call.repeats).sum()
    };
    json!({
        "number": piece.number,
        "source": piece.source,
        "added": moment(piece.added),
        "bytes": piece.bytes,
        "left_out": piece.left_out,
        "sha256": piece.sha256,
        "calls": count(false),
        "failed": count(true),
        "diagnosis": piece.verdict.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok()),
        "changed": changed(&piece.changes),
    })
}

fn step(step: &crate::Step) -> Value {
    json!({
        "step": step.number, "title": step.title, "state": step.state.word(), "by_hand": step.by_hand,
        "because": step.because,
    })
}

fn changed(changes: &[RankChange]) -> Vec<Value> {
    changes.iter().map(|c| json!({"cause": c.cause, "before": c.before, "after": c.after})).collect()
}

/// Cases with how many pieces of evidence each has.
#[must_use]
pub fn list_document(cases: &[(Case, usize)]) -> String {
    let cases: Vec<Value> = cases
        .iter()
        .map(|(case, pieces)| {
            json!({
                "id": case.id, "number": case.number, "title": crate::lists::title(case), "state": state(&case.clock),
                "cause": case.cause.as_deref().or_else(|| case.ranking.first().map(|(cause, _)| cause.as_str())),
                "probability": case.ranking.first().map(|(_, probability)| probability),
                "evidence": pieces, "clock": clock(&case.clock),
            })
        })
        .collect();
    serde_json::to_string_pretty(&json!({"schema": "firstfault/cases/1", "cases": cases})).unwrap_or_default()
}

/// What the clocks of all cases say.
#[must_use]
pub fn stats_document(clocks: &[CaseClock]) -> String {
    let stats = stats(clocks);
    let spread = |spread: Option<Spread>| {
        spread.map(|s| json!({"cases": s.cases, "mean_seconds": s.mean / 1000, "median_seconds": s.median / 1000}))
    };
    let document = json!({
        "schema": "firstfault/case-stats/1",
        "cases": stats.cases,
        "open": stats.open,
        "to_detect": spread(stats.to_detect),
        "to_clear": spread(stats.to_clear),
        "to_resolve": spread(stats.to_resolve),
    });
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

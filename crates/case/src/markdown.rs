//! A case for a ticket or a chat, as Markdown in which evidence cannot act.

use crate::clock::{moment, parts, span};
use crate::verdict::Other;
use crate::view::View;
use firstfault_model::{LayerState, StepState};
use std::fmt::Write as _;

/// All of a case.
#[must_use]
pub fn markdown(view: &View) -> String {
    let case = &view.case;
    let mut out = String::new();
    let _ = writeln!(out, "## {}\n", escape(&case.title));
    let state = if case.clock.resolved.is_some() { "closed" } else { "open" };
    let _ = writeln!(out, "case {} · {state}\n", code(&case.id));
    let q = &case.questions;
    let _ = writeln!(out, "| question | answer |\n|---|---|");
    for (name, value) in [
        ("expected", q.expected.as_deref()),
        ("actual", q.actual.as_deref()),
        ("reproducible", q.reproducible.map(firstfault_model::Reproducible::word)),
        ("affected", q.affected.as_deref()),
        ("direction", q.direction.map(firstfault_model::Direction::word)),
    ] {
        let _ = writeln!(out, "| {name} | {} |", value.map_or_else(|| "not answered".to_owned(), escape));
    }
    let clock = &case.clock;
    let [to_detect, to_clear, to_resolve] = parts(clock);
    let _ = writeln!(out, "\n| moment | time | took |\n|---|---|---|");
    for (name, at, took) in [
        ("started", clock.started, None),
        ("detected", Some(clock.detected), to_detect),
        ("clear", clock.clear, to_clear),
        ("resolved", clock.resolved, to_resolve),
    ] {
        let at = at.map_or_else(|| "–".to_owned(), moment);
        let _ = writeln!(out, "| {name} | {at} | {} |", took.map(span).unwrap_or_default());
    }
    verdict(&mut out, view);
    if !case.pieces.is_empty() {
        let _ = writeln!(out, "\n### Evidence\n");
        for piece in &case.pieces {
            let calls: usize = piece.calls.iter().map(|call| call.repeats).sum();
            let what = match calls {
                0 => "a note".to_owned(),
                1 => "1 call".to_owned(),
                calls => format!("{calls} calls"),
            };
            let _ = writeln!(out, "{}. {} {}, {what}", piece.number, moment(piece.added), code(&piece.source));
        }
    }
    if !case.answers.is_empty() {
        let _ = writeln!(out, "\n### Answers\n");
        for answer in &case.answers {
            let outcome =
                answer.outcome.as_deref().map_or_else(String::new, |outcome| format!(": {}", escape(outcome)));
            let note = answer.note.as_deref().map_or_else(String::new, |note| format!(" ({})", escape(note)));
            let _ = writeln!(out, "- {} {}{outcome}{note}", moment(answer.at), code(&answer.check));
        }
    }
    let _ = writeln!(out, "\n### Steps\n");
    for step in &view.steps {
        let mark = match step.state {
            StepState::Done => "[x]",
            StepState::Open => "[ ]",
            StepState::NotNeeded => "[x] not needed:",
        };
        let _ = writeln!(out, "- {mark} {}. {}: {}", step.number, step.title, escape(&step.because));
    }
    if let Some(resolution) = &case.resolution {
        let _ = writeln!(out, "\n### Resolved\n\n{}", escape(resolution));
        if let Some(cause) = &case.cause {
            let _ = writeln!(out, "\ncause: {}", code(cause));
        }
    } else if let Some(next) = &view.next {
        let _ = writeln!(out, "\n### Next\n\n{} ({} s)", escape(&next.check.question), next.check.seconds);
        if let Some(command) = &next.check.command {
            let _ = writeln!(out, "\n{}", code(command));
        }
    }
    out
}

fn verdict(out: &mut String, view: &View) {
    let Some(verdict) = &view.verdict else { return };
    let d = &verdict.diagnosis;
    let _ =
        writeln!(out, "\n### {} {}\n\n{}", if d.failed { "✗" } else { "✓" }, escape(&d.headline), escape(&d.summary));
    if !d.failed {
        return;
    }
    let strip: Vec<String> = d
        .layers
        .iter()
        .map(|l| {
            let sign = match l.state {
                LayerState::Passed => "✓",
                LayerState::Failed => "✗",
                LayerState::Unknown => "?",
            };
            format!("{} {sign}", l.layer)
        })
        .collect();
    let _ = writeln!(out, "\n{}\n", strip.join(" → "));
    for h in d.hypotheses.iter().take(4) {
        let _ = writeln!(out, "- {:.0}% {} {}", h.probability * 100.0, code(&h.cause), escape(&h.title));
        for (sign, list) in [("for", &h.supports), ("against", &h.opposes)] {
            for e in list.iter().take(3) {
                let place = view.source(e, true);
                let _ = writeln!(out, "  - {sign}, {place} ({}): {}", e.strength.word(), code(&e.fact));
            }
        }
    }
    if let Some(missing) = &d.missing {
        let _ = writeln!(out, "\n**What would decide**: {}", escape(missing));
    }
    for Other { piece, headline, cause, calls, .. } in verdict.others.iter().take(5) {
        let _ = writeln!(out, "\nAnother failure (piece {piece}, {calls} ×): {} {}", escape(headline), code(cause));
    }
    if !d.ids.is_empty() {
        let ids: Vec<String> = d.ids.iter().take(6).map(|(n, v)| format!("{} {}", escape(n), code(v))).collect();
        let _ = writeln!(out, "\nids: {}", ids.join(", "));
    }
}

use firstfault_report::{markdown_code as code, markdown_escape as escape};

//! A case for a person at a terminal.

use crate::CLEAR;
use crate::clock::{moment, parts, span};
use crate::verdict::{Other, Worked};
use crate::view::{Next, View};
use firstfault_model::{Bucket, Case, LayerState, Owner, RankChange, Retry, StepState};
use firstfault_report::Style;
use firstfault_report::paint::{Ink, columns, cut, paint, wrap};
use std::fmt::Write as _;

/// All of a case.
#[must_use]
pub fn text(view: &View, style: Style) -> String {
    let mut out = String::new();
    let case = &view.case;
    head(&mut out, case, style);
    out.push('\n');
    times(&mut out, case, style);
    out.push('\n');
    questions(&mut out, case, style);
    out.push('\n');
    verdict(&mut out, view, style);
    evidence(&mut out, view, style);
    answers(&mut out, case, style);
    steps(&mut out, view, style);
    if let Some(resolution) = &case.resolution {
        title(&mut out, "Resolved", style);
        paragraph(&mut out, resolution, 2, style);
        if let Some(cause) = &case.cause {
            paragraph(&mut out, &format!("cause: {cause}"), 2, style);
        }
    } else {
        out.push('\n');
        out.push_str(&next(view, style, false));
    }
    out
}

/// What comes next: the check that decides most per second, and the first open step.
#[must_use]
pub fn next_text(view: &View, style: Style) -> String {
    next(view, style, true)
}

/// Where the case stands after a change, and what comes next: the check in full only while the cause is not clear.
#[must_use]
pub fn standing_text(view: &View, style: Style) -> String {
    let mut out = String::new();
    let Some(verdict) = &view.verdict else { return next(view, style, true) };
    if let Some(Worked { piece, .. }) = verdict.worked.as_ref().filter(|_| verdict.diagnosis.failed) {
        let words = format!(
            "The same target worked in piece {piece}. Where that is the fix: firstfault case close --resolution TEXT"
        );
        paragraph(&mut out, &words, 2, style);
        out.push('\n');
    }
    if !is_clear(view) {
        out.push_str(&next(view, style, true));
    } else if let Some(step) = view.open_step() {
        paragraph(&mut out, &format!("open step {}: {}", step.number, step.title), 2, style);
        paragraph(&mut out, &step.because, 2, style);
    }
    out
}

fn is_clear(view: &View) -> bool {
    view.case.clock.clear.is_some() && view.failure().is_some_and(|verdict| verdict.is_clear(CLEAR))
}

/// What changed in the ranking: `auth.expired_token 41% → 87%`.
#[must_use]
pub fn changes_text(changes: &[RankChange], style: Style) -> String {
    let mut out = String::new();
    for change in changes {
        let _ = writeln!(out, "{}", cut(&format!("  {}", words(change)), style.width));
    }
    out
}

fn words(change: &RankChange) -> String {
    match (change.before, change.after) {
        (Some(before), Some(after)) => format!("{} {:.0}% → {:.0}%", change.cause, before * 100.0, after * 100.0),
        (None, Some(after)) => format!("{} new, {:.0}%", change.cause, after * 100.0),
        (Some(before), None) => format!("{} gone, was {:.0}%", change.cause, before * 100.0),
        (None, None) => change.cause.clone(),
    }
}

fn head(out: &mut String, case: &Case, style: Style) {
    let state = if case.clock.resolved.is_some() { "closed" } else { "open" };
    let _ = writeln!(out, "{}", paint(&format!("case {}  {state}", case.id), Ink::Bold, style.color));
    paragraph(out, &case.title, 2, style);
}

fn times(out: &mut String, case: &Case, style: Style) {
    let clock = &case.clock;
    let [to_detect, to_clear, to_resolve] = parts(clock);
    let after =
        |part: Option<i64>, what: &str| part.map_or_else(String::new, |part| format!("  {} {what}", span(part)));
    let rows = [
        ("started", clock.started, String::new()),
        ("detected", Some(clock.detected), after(to_detect, "after it started")),
        ("clear", clock.clear, after(to_clear, "after detection")),
        ("resolved", clock.resolved, after(to_resolve, "after detection")),
    ];
    for (name, at, tail) in rows {
        let at = at.map_or_else(|| "not yet".to_owned(), |at| moment(at).replace('T', " ").replace('Z', " UTC"));
        let at = if name == "started" && clock.started.is_none() { "not known".to_owned() } else { at };
        let _ = writeln!(out, "{}", cut(&format!("  {name:<13} {at}{tail}"), style.width));
    }
}

fn questions(out: &mut String, case: &Case, style: Style) {
    let q = &case.questions;
    let rows = [
        ("expected", q.expected.as_deref()),
        ("actual", q.actual.as_deref()),
        ("reproducible", q.reproducible.map(firstfault_model::Reproducible::word)),
        ("affected", q.affected.as_deref()),
        ("direction", q.direction.map(firstfault_model::Direction::word)),
    ];
    for (name, value) in rows {
        match value {
            Some(value) => row(out, &format!("  {name:<13} "), value, style),
            None => {
                let _ = writeln!(out, "  {name:<13} {}", paint("not answered", Ink::Dim, style.color));
            }
        }
    }
}

fn verdict(out: &mut String, view: &View, style: Style) {
    let Some(verdict) = &view.verdict else {
        paragraph(out, "No call is in this case yet: firstfault case add FILE", 2, style);
        return;
    };
    let d = &verdict.diagnosis;
    let (sign, ink) = if d.failed { ("✗", Ink::Red) } else { ("✓", Ink::Green) };
    row(out, &format!("  {} ", paint(sign, ink, style.color)), &d.headline, style);
    if !d.failed {
        paragraph(out, &d.summary, 4, style);
        return;
    }
    paragraph(out, &advice(view), 4, style);
    out.push('\n');
    paragraph(out, &d.summary, 2, style);
    out.push('\n');
    let strip: Vec<String> = d.layers.iter().map(|l| format!("{} {}", l.layer, sign_of(l.state))).collect();
    paragraph(out, &strip.join(" ─ "), 2, style);
    if let Some(failed) = d.layers.iter().find(|l| l.state == LayerState::Failed) {
        paragraph(out, &format!("failed first: {}: {}", failed.layer, failed.because), 2, style);
    }
    out.push('\n');
    ranking(out, view, style);
    if let Some(missing) = &d.missing {
        paragraph(out, &format!("What would decide: {missing}"), 2, style);
    }
    for (piece, headline) in &verdict.joined {
        paragraph(out, &format!("also seen in piece {piece}: {headline}"), 2, style);
    }
    for Other { piece, headline, cause, calls, .. } in verdict.others.iter().take(5) {
        paragraph(out, &format!("another failure, piece {piece}: {headline}: {cause} ({calls} ×)"), 2, style);
    }
    if verdict.others.len() > 5 {
        paragraph(out, &format!("and {} other failures", verdict.others.len() - 5), 2, style);
    }
    if let Some(Worked { piece, headline, differences }) = &verdict.worked {
        let differs =
            if differences.is_empty() { String::new() } else { format!("; differs in {}", differences.join(", ")) };
        paragraph(out, &format!("worked, piece {piece}: {headline}{differs}"), 2, style);
    }
}

const fn sign_of(state: LayerState) -> &'static str {
    match state {
        LayerState::Passed => "✓",
        LayerState::Failed => "✗",
        LayerState::Unknown => "?",
    }
}

fn advice(view: &View) -> String {
    let Some(verdict) = view.failure() else { return String::new() };
    let d = &verdict.diagnosis;
    let bucket = if d.bucket == Bucket::RateLimit { "rate limit" } else { d.bucket.word() };
    let owner = match d.owner {
        Owner::Caller => "the caller's to fix",
        Owner::Provider => "the provider's to fix",
        Owner::Path => "for whoever runs what lies between",
    };
    let retry = match d.retry {
        Retry::Never => "do not retry, fix first",
        Retry::Backoff => "retry with growing pauses",
        Retry::Wait => "wait for the limit to reset",
    };
    format!("{bucket} bucket · {owner} · {retry}")
}

fn ranking(out: &mut String, view: &View, style: Style) {
    let Some(verdict) = view.failure() else { return };
    let limit = if style.verbose { usize::MAX } else { 4 };
    let floor = if style.verbose { 0.0 } else { 0.02 };
    let shown = verdict.diagnosis.hypotheses.iter().filter(|h| h.probability >= floor).take(limit);
    for (at, hypothesis) in shown.enumerate() {
        let head = format!("{:>3.0}%  {}  {}", hypothesis.probability * 100.0, hypothesis.cause, hypothesis.title);
        let head = cut(&head, style.width.saturating_sub(2));
        let _ = writeln!(out, "  {}", if at == 0 { paint(&head, Ink::Bold, style.color) } else { head });
        let (pro, contra) = match (style.verbose, at) {
            (true, _) => (usize::MAX, usize::MAX),
            (false, 0) => (4, 2),
            (false, _) => (1, 1),
        };
        let mut known: Vec<&str> = Vec::new();
        let sides = [("+", &hypothesis.supports, pro), ("−", &hypothesis.opposes, contra)];
        for (sign, list, limit) in sides {
            for evidence in list.iter().take(limit) {
                if known.contains(&evidence.fact.as_str()) {
                    continue;
                }
                known.push(&evidence.fact);
                let place = view.source(evidence, false);
                let strength = evidence.strength.word();
                let room = style.width.saturating_sub(20 + columns(strength)).max(12);
                let fact = cut(&evidence.fact, room);
                let pad = " ".repeat(room.saturating_sub(columns(&fact)));
                let _ =
                    writeln!(out, "       {sign} {place:<8} {fact}{pad} {}", paint(strength, Ink::Dim, style.color));
            }
        }
    }
}

fn evidence(out: &mut String, view: &View, style: Style) {
    if view.case.pieces.is_empty() {
        return;
    }
    title(out, "Evidence", style);
    for piece in &view.case.pieces {
        let failed: usize = piece.calls.iter().filter(|call| call.failed).map(|call| call.repeats).sum();
        let calls: usize = piece.calls.iter().map(|call| call.repeats).sum();
        let what = match (calls, failed) {
            (0, _) => "a note".to_owned(),
            (1, 0) => "1 call, worked".to_owned(),
            (1, _) => "1 call, failed".to_owned(),
            (calls, 0) => format!("{calls} calls, all worked"),
            (calls, failed) => format!("{failed} of {calls} calls failed"),
        };
        let cut_off = if piece.left_out > 0 {
            format!(", {} of {} bytes kept", piece.bytes - piece.left_out, piece.bytes)
        } else {
            String::new()
        };
        let head = format!("{:>3}  {}  {}: {what}{cut_off}", piece.number, time_of_day(piece.added), piece.source);
        let _ = writeln!(out, "{}", cut(&head, style.width));
        if calls == 0 {
            let first = piece.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            let first = firstfault_report::one_line(first, 200);
            let _ = writeln!(out, "{}", cut(&format!("            {first}"), style.width));
        }
        changed(out, &piece.changes, style);
    }
}

fn answers(out: &mut String, case: &Case, style: Style) {
    if case.answers.is_empty() {
        return;
    }
    title(out, "Answers", style);
    for answer in &case.answers {
        let outcome = answer.outcome.as_deref().map_or_else(String::new, |outcome| format!(": {outcome}"));
        let _ = writeln!(
            out,
            "{}",
            cut(&format!("     {}  {}{outcome}", time_of_day(answer.at), answer.check), style.width)
        );
        if let Some(note) = &answer.note {
            row(out, "            ", note, style);
        }
        changed(out, &answer.changes, style);
    }
}

/// The moves of a piece or answer on one or two lines.
fn changed(out: &mut String, changes: &[RankChange], style: Style) {
    if changes.is_empty() {
        return;
    }
    let moves: Vec<String> = changes.iter().take(3).map(words).collect();
    let more = if changes.len() > 3 { format!(", and {} more", changes.len() - 3) } else { String::new() };
    row(out, "            ", &format!("{}{more}", moves.join(", ")), style);
}

fn steps(out: &mut String, view: &View, style: Style) {
    title(out, "Steps", style);
    for step in &view.steps {
        let (sign, ink) = match step.state {
            StepState::Done => ("✓", Ink::Green),
            StepState::Open => ("·", Ink::Yellow),
            StepState::NotNeeded => ("–", Ink::Dim),
        };
        let state = if step.state == StepState::NotNeeded { " (not needed)" } else { "" };
        let _ = writeln!(out, "  {} {:>2}  {}{state}", paint(sign, ink, style.color), step.number, step.title);
        if step.state == StepState::Open || style.verbose || step.by_hand {
            row(out, "        ", &step.because, style);
        }
    }
}

fn next(view: &View, style: Style, with_step: bool) -> String {
    let mut out = String::new();
    if view.case.clock.resolved.is_some() {
        paragraph(&mut out, &format!("case {} is closed", view.case.id), 0, style);
        return out;
    }
    if let Some(Next { check, outcomes }) = &view.next {
        let why = if is_clear(view) { "To be surer" } else { "Next" };
        title(&mut out, &format!("{why}: {} ({} s)", check.id, check.seconds), style);
        paragraph(&mut out, &check.question, 2, style);
        if check.risk == "write" {
            paragraph(&mut out, "This changes something: only with consent.", 2, style);
        }
        if let Some(command) = &check.command {
            // A command is never broken: it is there to be copied.
            let _ = writeln!(out, "  {}", paint(command, Ink::Yellow, style.color));
        }
        for (number, outcome) in (1..).zip(outcomes) {
            row(&mut out, &format!("  {number:>3}  "), outcome, style);
        }
        paragraph(&mut out, &format!("then: firstfault case answer {} OUTCOME", check.id), 2, style);
    } else if view.failure().is_some() {
        title(&mut out, "Next", style);
        paragraph(&mut out, "No check that is known would tell more.", 2, style);
    }
    if with_step && let Some(step) = view.open_step() {
        title(&mut out, &format!("Open step {}: {}", step.number, step.title), style);
        paragraph(&mut out, &step.because, 2, style);
    }
    out.trim_start_matches('\n').to_owned()
}

fn time_of_day(milliseconds: i64) -> String {
    moment(milliseconds).get(11..16).unwrap_or_default().to_owned()
}

fn title(out: &mut String, words: &str, style: Style) {
    let _ = writeln!(out, "\n  {}", paint(words, Ink::Bold, style.color));
}

/// A label, then text that goes on under itself.
fn row(out: &mut String, label: &str, text: &str, style: Style) {
    let bare: String = label.replace("\u{1b}[31m", "").replace("\u{1b}[32m", "").replace("\u{1b}[0m", "");
    let indent = columns(&bare);
    for (at, line) in wrap(text, style.width.saturating_sub(indent)).iter().enumerate() {
        let lead = if at == 0 { label.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(out, "{lead}{line}");
    }
}

fn paragraph(out: &mut String, text: &str, indent: usize, style: Style) {
    for line in wrap(text, style.width.saturating_sub(indent)) {
        let _ = writeln!(out, "{}{line}", " ".repeat(indent));
    }
}

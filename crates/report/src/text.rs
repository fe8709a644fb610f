//! The verdict for a person at a terminal: short when the case is clear, longer only where doubt is.

use crate::evidence::shown;
use crate::letter::section_text;
use crate::paint::{Ink, columns, cut, paint, wrap};
use crate::safe::{Call, Safe};
use crate::section::Section;
use firstfault_model::{Bucket, Diagnosis, Hypothesis, LayerState, LayerVerdict, Owner, Retry};
use std::fmt::Write as _;

/// How to lay out text.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Columns that a line may take.
    pub width: usize,
    /// Whether to colour.
    pub color: bool,
    /// Whether to show everything.
    pub verbose: bool,
}

/// How many further failures a report lists before it only counts them.
const LIST_LIMIT: usize = 10;

/// The report on one input.
#[must_use]
pub fn text(safe: &Safe, style: Style) -> String {
    text_with(safe, &[], style)
}

/// The report on one input, with further sections between the layers and the hypotheses: how it was found out.
#[must_use]
pub fn text_with(safe: &Safe, sections: &[Section], style: Style) -> String {
    let report = safe.report();
    let mut out = String::new();
    let Some(first) = report.calls.get(report.first) else { return out };
    verdict(&mut out, first, sections, style);
    if report.failed > 1 || report.total > 1 && report.failed > 0 {
        let _ = writeln!(out, "\n  {} of {} calls failed", report.failed, report.total);
        others(&mut out, safe, style);
    }
    if style.verbose {
        for (i, call) in report.calls.iter().enumerate().filter(|(i, _)| *i != report.first).take(LIST_LIMIT) {
            let _ = writeln!(out, "\n{}", paint(&format!("── {}", i + 1), Ink::Dim, style.color));
            verdict(&mut out, call, &[], style);
        }
        for problem in &report.problems {
            paragraph(&mut out, &format!("not read, line {}: {}", problem.span.line, problem.message), 2, style);
        }
    } else if let Some(problem) = report.problems.first() {
        let more = report.problems.len() - 1;
        let tail = if more > 0 { format!(" (and {more} more: --verbose)") } else { String::new() };
        paragraph(&mut out, &format!("not all was read: {}{tail}", problem.message), 2, style);
    }
    out
}

/// Other failures, the same ones counted together.
fn others(out: &mut String, safe: &Safe, style: Style) {
    let report = safe.report();
    let mut groups: Vec<(&Call, usize)> = Vec::new();
    for call in &report.calls {
        match groups.iter_mut().find(|(c, _)| c.diagnosis.signature == call.diagnosis.signature) {
            Some((_, count)) => *count += call.repeats,
            None => groups.push((call, call.repeats)),
        }
    }
    if groups.len() < 2 {
        return;
    }
    for (call, count) in groups.iter().take(LIST_LIMIT) {
        let line = format!("{count:>5} ×  {}  {}", call.diagnosis.cause, call.diagnosis.headline);
        let _ = writeln!(out, "  {}", cut(&line, style.width.saturating_sub(2)));
    }
    if groups.len() > LIST_LIMIT {
        let _ = writeln!(out, "         and {} kinds more", groups.len() - LIST_LIMIT);
    }
}

fn verdict(out: &mut String, call: &Call, sections: &[Section], style: Style) {
    let d = &call.diagnosis;
    let (sign, ink) = match (d.failed, d.attributed) {
        (true, _) => ("✗", Ink::Red),
        (false, true) => ("✓", Ink::Green),
        (false, false) => ("?", Ink::Yellow),
    };
    let head = wrap(&d.headline, style.width.saturating_sub(2));
    for (i, line) in head.iter().enumerate() {
        let lead = if i == 0 { paint(sign, ink, style.color) } else { " ".to_owned() };
        let _ = writeln!(out, "{lead} {}", paint(line, Ink::Bold, style.color));
    }
    if !d.failed {
        out.push('\n');
        paragraph(out, &d.summary, 2, style);
        between(out, sections, style);
        contract(out, call, style);
        return;
    }
    paragraph(out, &advice(d), 2, style);
    out.push('\n');
    paragraph(out, &d.summary, 2, style);
    out.push('\n');
    strip(out, &d.layers, style);
    between(out, sections, style);
    contract(out, call, style);
    out.push('\n');
    // What a probe found stands in no line of an input.
    let nowhere = if call.form == "probe" { "measured" } else { "derived " };
    hypotheses(out, d, nowhere, style);
    if let Some(missing) = &d.missing {
        out.push('\n');
        paragraph(out, &format!("What would decide: {missing}"), 2, style);
    }
    checks(out, d, style);
    if let Some(fix) = &d.fix {
        let _ = writeln!(out, "\n  {}", paint("Try this", Ink::Bold, style.color));
        paragraph(out, &fix.what, 2, style);
        for line in &fix.before {
            let _ = writeln!(out, "  {}", paint(&format!("− {line}"), Ink::Red, style.color));
        }
        for line in &fix.after {
            let _ = writeln!(out, "  {}", paint(&format!("+ {line}"), Ink::Green, style.color));
        }
    }
    if !d.ids.is_empty() {
        let shown = if style.verbose { d.ids.len() } else { 2 };
        let ids: Vec<String> = d.ids.iter().take(shown).map(|(n, v)| format!("{n} {v}")).collect();
        out.push('\n');
        paragraph(out, &format!("ids  {}", ids.join("  ")), 2, style);
    }
    if d.cause != "unknown" {
        let _ = writeln!(out, "\n  more  firstfault explain {}", d.cause);
    }
}

fn between(out: &mut String, sections: &[Section], style: Style) {
    for section in sections {
        let _ = writeln!(out, "\n  {}", paint(&section.title, Ink::Bold, style.color));
        section_text(out, &section.blocks, style.width);
    }
}

/// What the API's own description says of the call.
fn contract(out: &mut String, call: &Call, style: Style) {
    if let Some(against) = &call.contract {
        between(out, &[crate::contract::section(against, style.verbose)], style);
    }
}

/// `client bucket · yours to fix · do not retry, fix first`.
fn advice(d: &Diagnosis) -> String {
    let safe = match d.safe_to_repeat {
        Some(true) => " (safe to repeat)",
        Some(false) => " (repeating may act twice)",
        None => "",
    };
    format!("{} bucket · {} · {}{safe}", bucket(d.bucket), owner(d.owner), retry(d.retry, d.retry_after))
}

/// The bucket in words.
pub(crate) fn bucket(bucket: Bucket) -> &'static str {
    match bucket {
        Bucket::RateLimit => "rate limit",
        other => other.word(),
    }
}

/// Who has to act.
pub(crate) fn owner(owner: Owner) -> &'static str {
    match owner {
        Owner::Caller => "the caller's to fix",
        Owner::Provider => "the provider's to fix",
        Owner::Path => "for whoever runs what lies between",
    }
}

/// Whether to send it again.
pub(crate) fn retry(retry: Retry, after: Option<u64>) -> String {
    match (retry, after) {
        (Retry::Never, _) => "do not retry, fix first".to_owned(),
        (Retry::Backoff, Some(seconds)) => format!("retry after {seconds} s, then with growing pauses"),
        (Retry::Backoff, None) => "retry with growing pauses".to_owned(),
        (Retry::Wait, Some(seconds)) => format!("wait {seconds} s for the limit to reset"),
        (Retry::Wait, None) => "wait for the limit to reset".to_owned(),
    }
}

/// The six layers, and under the failed one where it failed first.
pub(crate) fn strip(out: &mut String, layers: &[LayerVerdict], style: Style) {
    let mut plain = String::new();
    let mut shown = String::new();
    let mut marker = None;
    for (i, layer) in layers.iter().enumerate() {
        let (sign, ink) = match layer.state {
            LayerState::Passed => ("✓", Ink::Green),
            LayerState::Failed => ("✗", Ink::Red),
            LayerState::Unknown => ("?", Ink::Dim),
        };
        if i > 0 {
            plain.push_str(" ─ ");
            shown.push_str(" ─ ");
        }
        if layer.state == LayerState::Failed {
            marker = Some(columns(&plain));
        }
        let _ = write!(plain, "{} {sign}", layer.layer);
        let _ = write!(shown, "{} {}", layer.layer, paint(sign, ink, style.color));
    }
    if columns(&plain) + 2 > style.width {
        for layer in layers {
            let line = format!("{:<10} {:<7} {}", layer.layer, layer.state, layer.because);
            let _ = writeln!(out, "  {}", cut(&line, style.width.saturating_sub(2)));
        }
        return;
    }
    let _ = writeln!(out, "  {shown}");
    if let Some(at) = marker {
        let because = layers.iter().find(|l| l.state == LayerState::Failed).map_or("", |l| l.because.as_str());
        let label = format!("▲ failed first: {because}");
        // Near the right edge the words stand before the mark.
        let line = if at + 2 + columns(&label) <= style.width {
            format!("{}{label}", " ".repeat(at))
        } else {
            let label = cut(&format!("failed first: {because} ▲"), style.width.saturating_sub(2));
            format!("{}{label}", " ".repeat((at + 1).saturating_sub(columns(&label))))
        };
        let _ = writeln!(out, "  {}", paint(&line, Ink::Red, style.color));
    }
    if style.verbose {
        for layer in layers {
            paragraph(out, &format!("{}: {}", layer.layer, layer.because), 4, style);
        }
    }
}

fn hypotheses(out: &mut String, d: &Diagnosis, nowhere: &str, style: Style) {
    let clear = d.probability >= 0.9;
    let limit = if style.verbose {
        usize::MAX
    } else if clear {
        2
    } else {
        4
    };
    let floor = if style.verbose { 0.0 } else { 0.02 };
    for (i, h) in d.hypotheses.iter().filter(|h| h.probability >= floor).take(limit).enumerate() {
        // A fault that is there beside the first is not unlikely: it is not what was refused.
        let share = if h.probability < 0.005 { "also".to_owned() } else { format!("{:>3.0}%", h.probability * 100.0) };
        let head = format!("{share}  {}  {}", h.cause, lower(&h.title));
        let head = cut(&head, style.width.saturating_sub(2));
        let _ = writeln!(out, "  {}", if i == 0 { paint(&head, Ink::Bold, style.color) } else { head });
        let (pro, contra) = if style.verbose {
            (usize::MAX, usize::MAX)
        } else if i == 0 {
            (3, 1)
        } else {
            (1, 1)
        };
        evidence(out, h, (pro, contra), nowhere, style);
    }
    if d.hypotheses.is_empty() {
        paragraph(out, "No rule knows this failure.", 2, style);
    }
}

fn evidence(out: &mut String, h: &Hypothesis, (pro, contra): (usize, usize), nowhere: &str, style: Style) {
    let shown = shown(h, pro, contra);
    for (supports, e) in shown {
        let sign = if supports { "+" } else { "−" };
        let place = if e.span.line == 0 { nowhere.to_owned() } else { format!("line {:<3}", e.span.line) };
        let strength = e.strength.word();
        let indent = 9;
        let room = style.width.saturating_sub(indent + columns(&place) + 2 + columns(strength) + 2).max(12);
        let fact = cut(&e.fact, room);
        let pad = " ".repeat(room.saturating_sub(columns(&fact)));
        let _ = writeln!(out, "       {sign} {place} {fact}{pad} {}", paint(strength, Ink::Dim, style.color));
        if style.verbose {
            paragraph(out, &format!("{} [{}]", e.because, e.rule), 11, style);
        }
    }
}

fn checks(out: &mut String, d: &Diagnosis, style: Style) {
    if d.checks.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n  {}", paint("Next, fastest first", Ink::Bold, style.color));
    let limit = if style.verbose { usize::MAX } else { 2 };
    for (i, check) in d.checks.iter().take(limit).enumerate() {
        let time = if check.seconds < 100 {
            format!("{:>3} s", check.seconds)
        } else {
            format!("{:>2} min", check.seconds / 60)
        };
        let head = format!("{:>2} {time}  ", i + 1);
        let indent = 2 + columns(&head);
        let risk = match check.risk.as_str() {
            "write" => " (changes something: only with consent)",
            _ => "",
        };
        for (n, line) in
            wrap(&format!("{}{risk}", check.question), style.width.saturating_sub(indent)).iter().enumerate()
        {
            let lead = if n == 0 { head.clone() } else { " ".repeat(columns(&head)) };
            let _ = writeln!(out, "  {lead}{line}");
        }
        if let Some(command) = &check.command {
            // A command is never broken: it is there to be copied.
            let _ = writeln!(out, "  {}{}", " ".repeat(columns(&head)), paint(command, Ink::Yellow, style.color));
        }
    }
}

pub(crate) fn paragraph(out: &mut String, text: &str, indent: usize, style: Style) {
    for line in wrap(text, style.width.saturating_sub(indent)) {
        let _ = writeln!(out, "{}{line}", " ".repeat(indent));
    }
}

fn lower(title: &str) -> String {
    let mut chars = title.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(chars).collect(),
        _ => title.to_owned(),
    }
}

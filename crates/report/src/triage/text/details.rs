//! The details below the screen: each section only where there is something to say.

use super::{command, indent, row, title};
use crate::paint::{Ink, columns, cut, paint};
use crate::text::{Style, paragraph};
use crate::triage::words::{self, clock, count, date, duration, share, some};
use firstfault_model::incident::{Hop, Incident, ServiceFigures, Signature, Triage};
use std::fmt::Write as _;

/// Rows of a section before the rest is only counted.
const ROWS: usize = 8;

fn limit(style: Style) -> usize {
    if style.verbose { usize::MAX } else { ROWS }
}

fn rest(out: &mut String, all: usize, style: Style) {
    if all > limit(style) {
        let _ = writeln!(out, "  and {} more (--verbose)", count((all - limit(style)) as u64));
    }
}

/// One line, cut.
fn line(out: &mut String, text: &str, style: Style) {
    let _ = writeln!(out, "  {}", cut(text, style.width.saturating_sub(2)));
}

pub fn incident(out: &mut String, incident: &Incident, style: Style) {
    isolation(out, incident, style);
    signatures(out, &incident.signatures, style);
    changes(out, incident, style);
    origins(out, incident, style);
    repeats(out, incident, style);
    way(out, incident, style);
    questions(out, incident, style);
    detection(out, incident, style);
}

fn isolation(out: &mut String, incident: &Incident, style: Style) {
    if incident.isolation.is_empty() {
        return;
    }
    title(out, "Where", style);
    for isolation in incident.isolation.iter().take(limit(style)) {
        let said = format!(
            "{}: {} of {}",
            words::attributes(&isolation.attributes),
            count(isolation.failures),
            some(isolation.calls, "call")
        );
        paragraph(out, &said, 2, style);
        paragraph(out, &format!("{}; {} of the failures", words::rates(isolation), share(isolation.share)), 6, style);
    }
    rest(out, incident.isolation.len(), style);
    let tried = format!("{} combinations of attributes were tried", count(incident.combinations_tried));
    paragraph(out, &tried, 2, style);
}

fn signatures(out: &mut String, signatures: &[Signature], style: Style) {
    if signatures.is_empty() {
        return;
    }
    title(out, "What failed", style);
    for signature in signatures.iter().take(limit(style)) {
        let before =
            if signature.before == 0 { "new".to_owned() } else { format!("{} before", count(signature.before)) };
        line(out, &format!("{:>9} ×  {} ({before})", count(signature.count), words::signature_head(signature)), style);
        let mut second = String::new();
        if !signature.message.is_empty() {
            let _ = write!(second, "{}  ", crate::one_line(&signature.message, 400));
        }
        let _ = write!(second, "{}", signature.cause);
        line(out, &format!("             {}", second.trim_start()), style);
        if style.verbose {
            let sample =
                signature.sample.as_ref().map_or(String::new(), |(input, line)| format!(", {input} line {line}"));
            let seen = signature.seen.map_or(String::new(), |(a, b)| format!(", {} to {}", clock(a), clock(b)));
            line(out, &format!("             {}{seen}{sample}", signature.id), style);
        }
    }
    rest(out, signatures.len(), style);
}

fn changes(out: &mut String, incident: &Incident, style: Style) {
    if incident.changes.is_empty() {
        return;
    }
    title(out, "What changed", style);
    for change in incident.changes.iter().take(limit(style)) {
        let head = format!("{:>8}  {}  {}  {}", share(change.probability), clock(change.at), change.id, change.what);
        line(out, head.trim_end(), style);
        if !change.because.is_empty() {
            paragraph(out, &change.because, indent(12, style), style);
        }
    }
    rest(out, incident.changes.len(), style);
    line(out, &format!("{:>8}  none of these", share(words::none_of_these(incident))), style);
}

fn origins(out: &mut String, incident: &Incident, style: Style) {
    if incident.origins.is_empty() && incident.short_timeouts.is_empty() {
        return;
    }
    title(out, "Where it began", style);
    for origin in incident.origins.iter().take(limit(style)) {
        let layer = origin.layer.map_or(String::new(), |layer| format!(" ({layer} layer)"));
        let passed: Vec<String> = origin.passed_on.iter().take(4).map(|(s, n)| format!("{s} {}", count(*n))).collect();
        let passed = if passed.is_empty() { String::new() } else { format!("; from there at {}", passed.join(", ")) };
        let said = format!("{} began at {}{layer}{passed}", some(origin.count, "failing request"), origin.service);
        paragraph(out, &said, 2, style);
    }
    rest(out, incident.origins.len(), style);
    for timeout in incident.short_timeouts.iter().take(limit(style)) {
        paragraph(out, &words::short_timeout(timeout), 2, style);
    }
}

fn repeats(out: &mut String, incident: &Incident, style: Style) {
    let retries = &incident.retries;
    if retries.repeats == 0 {
        return;
    }
    title(out, "Who repeats", style);
    let how = if retries.how.is_empty() { String::new() } else { format!(", recognised {}", retries.how) };
    paragraph(out, &format!("{}{how}", some(retries.repeats, "repeat")), 2, style);
    for (list, why) in [
        (&retries.without_backoff, "without growing pauses"),
        (&retries.against_retry_after, "before Retry-After has passed"),
    ] {
        for (name, value, n) in list.iter().take(limit(style)) {
            paragraph(out, &format!("{} {value} repeats {why}: {} times", words::spaced(name), count(*n)), 2, style);
        }
    }
}

fn way(out: &mut String, incident: &Incident, style: Style) {
    let Some(representative) = &incident.representative else { return };
    title(out, "One failing call", style);
    if representative.line > 0 {
        line(out, &format!("{} line {}", representative.input, representative.line), style);
    }
    if !representative.text.is_empty() {
        let lines = if style.verbose { 4_000 } else { 300 };
        paragraph(out, &crate::one_line(&representative.text, lines), 4, style);
    }
    for hop in representative.way.iter().take(limit(style).saturating_mul(2)) {
        line(out, &step(hop), style);
        if hop.failed && !hop.message.is_empty() {
            paragraph(
                out,
                &crate::one_line(&hop.message, 300),
                indent(6 + 2 * hop.depth.min(8) as usize, style),
                style,
            );
        }
    }
}

/// One line of a way: sign, clock, who, what, status and duration.
fn step(hop: &Hop) -> String {
    let sign = match (hop.failed, hop.origin) {
        (true, true) => "✗ first ",
        (true, false) => "✗       ",
        (false, _) => "✓       ",
    };
    let at =
        hop.at.map_or_else(|| " ".repeat(12), |at| words::moment(at).get(11..23).unwrap_or("unknown     ").to_owned());
    let deeper = "  ".repeat(hop.depth.min(8) as usize);
    let status = hop.status.map_or(String::new(), |s| format!(" → {s}"));
    let took = hop.duration.map_or(String::new(), |ms| format!(", {}", duration(ms)));
    let skew = words::skew(hop.skew);
    let skew = if skew.is_empty() { skew } else { format!(", {skew}") };
    format!("{sign}{at}  {deeper}{}  {}{status}{took}{skew}", hop.service, hop.what)
}

fn questions(out: &mut String, incident: &Incident, style: Style) {
    if incident.checklist.is_empty() {
        return;
    }
    let open = incident.checklist.iter().filter(|q| q.answer.is_none()).count();
    title(out, &format!("The {} questions, {open} open", incident.checklist.len()), style);
    for question in &incident.checklist {
        let sign = if question.answer.is_some() { "✓" } else { "?" };
        let ink = if question.answer.is_some() { Ink::Green } else { Ink::Yellow };
        let lines = crate::paint::wrap(&question.question, style.width.saturating_sub(4));
        for (i, text) in lines.iter().enumerate() {
            let lead = if i == 0 { paint(sign, ink, style.color) } else { " ".to_owned() };
            let _ = writeln!(out, "  {lead} {}", paint(text, Ink::Bold, style.color));
        }
        if let Some(answer) = &question.answer {
            paragraph(out, answer, 4, style);
        }
        if let Some(text) = &question.command {
            command(out, text, 4, style);
        }
    }
}

fn detection(out: &mut String, incident: &Incident, style: Style) {
    let clock = &incident.clock;
    if clock.how.is_empty() {
        return;
    }
    title(out, "How long it took", style);
    let said = |seconds: Option<f64>| seconds.map_or_else(|| "not known".to_owned(), |s| duration(s * 1000.0));
    row(out, "to detect", &format!("{}: {}", said(clock.to_detect), clock.how), style);
    row(out, "to clear", &said(clock.to_clear), style);
}

/// What belongs to everything that was read.
pub fn whole(out: &mut String, triage: &Triage, style: Style) {
    figures(out, &triage.services, style);
    if !triage.background.is_empty() && !triage.incidents.is_empty() {
        title(out, "Background: failed before and after alike", style);
        for background in triage.background.iter().take(limit(style)) {
            let place = words::attributes(&background.attributes);
            let said = format!(
                "{} of {place}: {}, {} times",
                share(background.rate),
                words::signature_head(&background.signature),
                count(background.signature.count)
            );
            paragraph(out, &said, 2, style);
        }
        rest(out, triage.background.len(), style);
    }
    inputs(out, triage, style);
}

/// Column heads, in the order of the ids.
const HEADS: &[(&str, &str)] = &[
    ("response_time", "p95"),
    ("errors", "errors"),
    ("time_outs", "time-outs"),
    ("auth_failures", "auth"),
    ("validation_errors", "invalid"),
    ("retry_success", "retried"),
    ("logging_coverage", "logged"),
];

fn figures(out: &mut String, services: &[ServiceFigures], style: Style) {
    if services.is_empty() {
        return;
    }
    title(out, "Seven figures of each service (! misses its target)", style);
    let names = services.iter().take(limit(style)).map(|s| columns(&s.service)).max().unwrap_or(0).clamp(7, 14);
    let cell = 9;
    let wide = style.width >= 2 + names + HEADS.len() * (cell + 1);
    if wide {
        let heads: String = HEADS.iter().fold(String::new(), |line, (_, head)| format!("{line} {head:>cell$}"));
        line(out, &format!("{:<names$}{heads}", ""), style);
        let targets: String =
            words::TARGETS.iter().fold(String::new(), |line, (_, _, target)| format!("{line} {target:>cell$}"));
        line(out, &paint(&format!("{:<names$}{targets}", "target"), Ink::Dim, style.color), style);
    }
    for service in services.iter().take(limit(style)) {
        let name = if service.service.is_empty() { "all" } else { &service.service };
        if !wide {
            line(out, name, style);
        }
        let mut cells = String::new();
        for (id, head) in HEADS {
            let figure = service.figures.iter().find(|figure| figure.id == *id);
            let value = figure.map_or_else(|| "-".to_owned(), words::figure);
            let mark = if figure.and_then(|f| f.met) == Some(false) { "!" } else { "" };
            if wide {
                let _ = write!(cells, " {:>cell$}", format!("{mark}{value}"));
            } else {
                line(out, &format!("  {head:<10}{mark}{value}"), style);
            }
        }
        if wide {
            let name = cut(name, names);
            let pad = " ".repeat(names.saturating_sub(columns(&name)));
            line(out, &format!("{name}{pad}{cells}"), style);
        }
    }
    rest(out, services.len(), style);
}

fn inputs(out: &mut String, triage: &Triage, style: Style) {
    if triage.inputs.is_empty() && triage.problems.is_empty() {
        return;
    }
    title(out, "What was read", style);
    let all = some(triage.calls, "call");
    let when = triage.span.map_or(String::new(), |(from, to)| format!(" from {} to {} UTC", date(from), date(to)));
    paragraph(out, &format!("{all}{when}; {} failed", count(triage.failed)), 2, style);
    // What could not be read comes first; of ten thousand files, the rest is only counted.
    let mut order: Vec<_> = triage.inputs.iter().collect();
    order.sort_by_key(|input| std::cmp::Reverse((input.unreadable, input.problems.len())));
    for input in order.iter().take(limit(style)) {
        let form = if input.form.is_empty() { "not understood" } else { &input.form };
        let bad =
            if input.unreadable == 0 { String::new() } else { format!(", {} not understood", count(input.unreadable)) };
        line(out, &format!("{}: {form}, {}{bad}", input.name, some(input.lines, "line")), style);
        for problem in input.problems.iter().take(3) {
            paragraph(out, problem, 4, style);
        }
    }
    rest(out, order.len(), style);
    for problem in triage.problems.iter().take(limit(style)) {
        paragraph(out, problem, 2, style);
    }
    rest(out, triage.problems.len(), style);
}

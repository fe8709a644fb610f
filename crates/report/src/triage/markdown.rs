//! A triage for a ticket or a post-mortem, as Markdown in which evidence cannot act.

use super::safe::SafeTriage;
use super::words::{self, count, date, duration, share, some};
use crate::markdown::{code, escape, fence};
use firstfault_model::LayerState;
use firstfault_model::incident::{Incident, Triage};
use std::fmt::Write as _;

/// Rows of a table.
const ROWS: usize = 20;

/// The report.
#[must_use]
pub fn markdown(safe: &SafeTriage) -> String {
    let triage = safe.triage();
    let mut out = String::new();
    match triage.incidents.as_slice() {
        [] if triage.calls == 0 => {
            let _ = writeln!(out, "# No call could be read\n");
            let _ = writeln!(out, "{} could not be understood.", some(triage.unreadable_lines, "line"));
        }
        [] => {
            let _ = writeln!(out, "# No incident\n");
            let _ = writeln!(
                out,
                "{} failed of {}{}: at no time more than the rest of the time makes one expect.",
                count(triage.failed),
                some(triage.calls, "call"),
                span(triage)
            );
        }
        incidents => {
            for (number, incident) in incidents.iter().enumerate() {
                if number > 0 {
                    let _ = writeln!(out, "\n---\n");
                }
                let title =
                    if incidents.len() == 1 { "Incident".to_owned() } else { format!("Incident {}", number + 1) };
                story(&mut out, &title, incident);
            }
        }
    }
    whole(&mut out, triage);
    out
}

fn span(triage: &Triage) -> String {
    triage.span.map_or(String::new(), |(from, to)| format!(" from {} to {} UTC", date(from), date(to)))
}

/// One row of a table: whatever could end a cell is escaped, and a line break becomes a space.
fn cells(out: &mut String, values: &[String]) {
    let _ = writeln!(out, "| {} |", values.join(" | "));
}

fn head(out: &mut String, title: &str, columns: &[&str]) {
    let _ = writeln!(out, "\n### {title}\n\n| {} |\n|{}", columns.join(" | "), "---|".repeat(columns.len()));
}

/// Code in a cell: a bar would end it.
fn cell_code(text: &str) -> String {
    if text.is_empty() { String::new() } else { code(&text.replace('|', "¦")) }
}

fn story(out: &mut String, title: &str, incident: &Incident) {
    let _ = writeln!(out, "# {title}: {}\n", escape(&incident.summary));
    let (from, to) = incident.interval;
    let mut facts = vec![
        (
            "since",
            format!(
                "{} UTC (with 95% certainty {} to {}), {}",
                date(incident.onset),
                words::clock(from),
                words::clock(to),
                words::course(incident.course)
            ),
        ),
        (
            "until",
            incident.end.map_or_else(
                || "still going on when the logs end".to_owned(),
                |end| format!("{} UTC, {} after the onset", date(end), words::between(incident.onset, end)),
            ),
        ),
        ("affected", {
            let who = words::affected(&incident.affected);
            let failures = format!("{} of {}", count(incident.failures), some(incident.calls, "call"));
            if who.is_empty() { failures } else { format!("{who}: {failures}") }
        }),
        ("bucket", words::bucket(incident.bucket).to_owned()),
        ("failed first", incident.layer.map_or_else(|| "not known".to_owned(), |layer| format!("the {layer} layer"))),
        ("cause", super::text::cause(incident)),
        ("where", super::text::place(incident)),
        ("change", super::text::change(incident)),
    ];
    facts.extend(incident.owner.map(|owner| ("who acts", crate::text::owner(owner).to_owned())));
    facts.extend(incident.retry.map(|retry| ("retry", crate::text::retry(retry, None))));
    facts.extend(super::text::retries(incident).map(|said| ("retries", said)));
    if let Some(seconds) = incident.latency_led_seconds {
        let at = incident.latency_led_where.as_ref().map_or(String::new(), |at| format!(", at {at}"));
        facts.push(("latency", format!("slower {} before they failed{at}", duration(seconds * 1000.0))));
    }
    if !incident.clock.how.is_empty() {
        let said = |s: Option<f64>| s.map_or_else(|| "not known".to_owned(), |s| duration(s * 1000.0));
        let clock = &incident.clock;
        facts.push(("time to detect", format!("{} ({})", said(clock.to_detect), clock.how)));
        facts.push(("time to clear", said(clock.to_clear)));
    }
    let _ = writeln!(out, "| | |\n|---|---|");
    for (name, value) in facts {
        cells(out, &[name.to_owned(), escape(&value)]);
    }
    let layers = words::layers(incident);
    if !layers.is_empty() {
        let strip: Vec<String> = layers
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
        let _ = writeln!(out, "\n{}", strip.join(" → "));
    }
    if !incident.checks.is_empty() {
        let _ = writeln!(out, "\n### Next\n");
        for (n, check) in incident.checks.iter().take(4).enumerate() {
            let _ = writeln!(out, "{}. {} ({} s)", n + 1, escape(&check.question), check.seconds);
            if let Some(command) = &check.command {
                let _ = writeln!(out, "   {}", code(command));
            }
        }
    }
    tables(out, incident);
    representative(out, incident);
    if !incident.checklist.is_empty() {
        let _ = writeln!(out, "\n### The {} questions\n", incident.checklist.len());
        for question in &incident.checklist {
            let done = if question.answer.is_some() { "x" } else { " " };
            let _ = writeln!(out, "- [{done}] **{}**", escape(&question.question));
            if let Some(answer) = &question.answer {
                let _ = writeln!(out, "  {}", escape(answer));
            }
            if let Some(command) = &question.command {
                let _ = writeln!(out, "  {}", code(command));
            }
        }
    }
}

fn tables(out: &mut String, incident: &Incident) {
    if !incident.isolation.is_empty() {
        head(out, "Where", &["attributes", "failures", "calls", "inside", "outside", "before", "share of failures"]);
        for i in incident.isolation.iter().take(ROWS) {
            let row = [
                escape(&words::attributes(&i.attributes)),
                count(i.failures),
                count(i.calls),
                share(i.rate_inside),
                share(i.rate_outside),
                share(i.rate_before),
                share(i.share),
            ];
            cells(out, &row);
        }
        let _ = writeln!(out, "\n{} combinations of attributes were tried.", count(incident.combinations_tried));
    }
    if !incident.changes.is_empty() {
        head(out, "What changed", &["probability", "time (UTC)", "change", "what", "why"]);
        for change in incident.changes.iter().take(ROWS) {
            let row = [
                share(change.probability),
                date(change.at),
                cell_code(&change.id),
                escape(&change.what),
                escape(&change.because),
            ];
            cells(out, &row);
        }
        let none = share(words::none_of_these(incident));
        cells(out, &[none, String::new(), "none of these".to_owned(), String::new(), String::new()]);
    }
    if !incident.signatures.is_empty() {
        head(out, "What failed", &["count", "before", "call and answer", "message", "cause", "sample"]);
        for signature in incident.signatures.iter().take(ROWS) {
            let sample = signature.sample.as_ref().map(|(input, line)| format!("{} line {line}", escape(input)));
            let row = [
                count(signature.count),
                count(signature.before),
                escape(&words::signature_head(signature)),
                cell_code(&crate::one_line(&signature.message, 300)),
                cell_code(&signature.cause),
                sample.unwrap_or_default(),
            ];
            cells(out, &row);
        }
        if incident.signatures.len() > ROWS {
            let _ = writeln!(out, "\nand {} more", count((incident.signatures.len() - ROWS) as u64));
        }
    }
    if !incident.origins.is_empty() {
        head(out, "Where it began", &["failing requests", "system", "layer", "as a consequence at"]);
        for origin in incident.origins.iter().take(ROWS) {
            let passed: Vec<String> =
                origin.passed_on.iter().take(6).map(|(service, n)| format!("{service} {}", count(*n))).collect();
            let layer = origin.layer.map_or("", firstfault_model::Layer::word).to_owned();
            cells(out, &[count(origin.count), escape(&origin.service), layer, escape(&passed.join(", "))]);
        }
    }
    for timeout in incident.short_timeouts.iter().take(ROWS) {
        let _ = writeln!(out, "\n{}.", escape(&words::short_timeout(timeout)));
    }
}

fn representative(out: &mut String, incident: &Incident) {
    let Some(representative) = &incident.representative else { return };
    let _ = writeln!(out, "\n### One failing call\n\n{} line {}", escape(&representative.input), representative.line);
    if !representative.text.is_empty() {
        let text = crate::one_line(&representative.text, 4_000);
        let fence = fence(std::iter::once(&text));
        let _ = writeln!(out, "\n{fence}\n{text}\n{fence}");
    }
    if representative.way.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n| | time (UTC) | system | call | status | took | says |\n|{}", "---|".repeat(7));
    for hop in &representative.way {
        let sign = match (hop.failed, hop.origin) {
            (true, true) => "✗ first",
            (true, false) => "✗",
            (false, _) => "✓",
        };
        let row = [
            sign.to_owned(),
            hop.at.map(words::moment).unwrap_or_default().replace('T', " ").replace('Z', ""),
            format!("{}{}", "&nbsp;&nbsp;".repeat(hop.depth.min(8) as usize), escape(&hop.service)),
            escape(&hop.what),
            hop.status.map(|s| s.to_string()).unwrap_or_default(),
            hop.duration.map(duration).unwrap_or_default(),
            escape(&crate::one_line(&hop.message, 300)),
        ];
        cells(out, &row);
    }
}

fn whole(out: &mut String, triage: &Triage) {
    if !triage.services.is_empty() {
        let heads: Vec<String> =
            words::TARGETS.iter().map(|(_, title, target)| format!("{title} ({target})")).collect();
        let columns: Vec<&str> = std::iter::once("service").chain(heads.iter().map(String::as_str)).collect();
        let _ = writeln!(
            out,
            "\n## Seven figures of each service\n\n| {} |\n|{}",
            columns.join(" | ").replace('<', "&lt;").replace('>', "&gt;"),
            "---|".repeat(columns.len())
        );
        for service in triage.services.iter().take(ROWS) {
            let mut row = vec![if service.service.is_empty() { "all".to_owned() } else { escape(&service.service) }];
            for (id, _, _) in words::TARGETS {
                let figure = service.figures.iter().find(|figure| figure.id == *id);
                let sign = match figure.and_then(|f| f.met) {
                    Some(true) => " ✓",
                    Some(false) => " ✗",
                    None => "",
                };
                row.push(
                    format!("{}{sign}", figure.map_or_else(|| "-".to_owned(), words::figure)).replace('<', "&lt;"),
                );
            }
            cells(out, &row);
        }
    }
    if !triage.background.is_empty() {
        let _ = writeln!(out, "\n## Background: failed before and after alike\n");
        for background in triage.background.iter().take(ROWS) {
            let _ = writeln!(
                out,
                "- {} of {}: {}",
                share(background.rate),
                escape(&words::attributes(&background.attributes)),
                escape(&words::signature_head(&background.signature))
            );
        }
    }
    let _ = writeln!(out, "\n## What was read\n");
    let _ = writeln!(
        out,
        "{}{}; {} failed; {} not understood.\n",
        some(triage.calls, "call"),
        span(triage),
        count(triage.failed),
        some(triage.unreadable_lines, "line")
    );
    for input in triage.inputs.iter().take(ROWS) {
        let form = if input.form.is_empty() { "not understood" } else { &input.form };
        let _ = writeln!(out, "- {}: {}, {}", escape(&input.name), escape(form), some(input.lines, "line"));
        for problem in input.problems.iter().take(3) {
            let _ = writeln!(out, "  - {}", escape(problem));
        }
    }
    if triage.inputs.len() > ROWS {
        let _ = writeln!(out, "- and {} more", count((triage.inputs.len() - ROWS) as u64));
    }
    for problem in triage.problems.iter().take(ROWS) {
        let _ = writeln!(out, "- {}", escape(problem));
    }
}

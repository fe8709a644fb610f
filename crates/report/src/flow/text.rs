//! What became of a chain, at a terminal: the counts, the steps with how far keys came, then each finding.

use super::safe::SafeFlow;
use crate::paint::{Ink, columns, cut, paint};
use crate::text::Style;
use crate::trace::text::{clocks, hanging, owner_words, paragraph};
use firstfault_model::said::{count, date, duration, some};
use firstfault_model::way::{Fault, Finding, FlowReport, FlowStep};
use std::fmt::Write as _;

/// Findings that are shown unless everything is asked for.
const FINDINGS: usize = 8;
/// Examples that are shown of each.
const EXAMPLES: usize = 3;

/// The report on one flow.
#[must_use]
pub fn text(safe: &SafeFlow, style: Style) -> String {
    let report = safe.report();
    let mut out = String::new();
    let (sign, ink) = match (report.keys, report.broken) {
        (0, _) => ("?", Ink::Yellow),
        (_, 0) => ("✓", Ink::Green),
        _ => ("✗", Ink::Red),
    };
    let head = format!("{} · {}", report.name, report.title);
    let _ = writeln!(
        out,
        "{} {}",
        paint(sign, ink, style.color),
        paint(&cut(&head, style.width.saturating_sub(2)), Ink::Bold, style.color)
    );
    paragraph(&mut out, &counts(report), 2, style);
    out.push('\n');
    paragraph(&mut out, &report.summary, 2, style);
    if report.keys > 0 {
        out.push('\n');
        steps(&mut out, report, style);
    }
    let shown = if style.verbose { report.findings.len() } else { FINDINGS };
    for one in report.findings.iter().take(shown) {
        out.push('\n');
        finding(&mut out, one, report, style);
    }
    if report.findings.len() > shown {
        let _ = writeln!(out, "\n  and {} findings more (--verbose)", report.findings.len() - shown);
    }
    clocks(&mut out, &report.clocks, style);
    if !report.notes.is_empty() {
        out.push('\n');
    }
    for note in &report.notes {
        paragraph(&mut out, &format!("note: {note}"), 2, style);
    }
    out
}

/// `120 keys (chat_id) · 105 complete, 2 of them after a retry · 14 broken · 1 under way`.
fn counts(report: &FlowReport) -> String {
    let mut words = vec![format!("{} ({})", some(report.keys, "key"), report.key)];
    let retried = if report.recovered > 0 {
        format!(", {} of them after a failed attempt", count(report.recovered))
    } else {
        String::new()
    };
    words.push(format!("{} complete{retried}", count(report.complete)));
    for (number, what) in [
        (report.broken, "broken"),
        (report.pending, "still under way at the end of the logs"),
        (report.before, "began before the logs"),
        (report.unknown, "cannot be told"),
    ] {
        if number > 0 {
            words.push(format!("{} {what}", count(number)));
        }
    }
    if let Some((from, to)) = report.span {
        words.push(format!("{} to {} UTC", date(from), date(to)));
    }
    words.join(" · ")
}

/// One line for each step: how many took it, as a bar of all keys.
fn steps(out: &mut String, report: &FlowReport, style: Style) {
    let most = report.steps.iter().map(|step| step.passed).max().unwrap_or(0).max(1);
    let title = |step: &FlowStep| columns(&step.title);
    let wide = report.steps.iter().map(title).max().unwrap_or(8).clamp(8, style.width / 3);
    let bar = style.width / 4;
    for (number, step) in report.steps.iter().enumerate() {
        let (sign, ink) = if step.broken > 0 { ("✗", Ink::Red) } else { ("·", Ink::Dim) };
        let label = cut(&step.title, wide);
        let label = format!("{label}{}", " ".repeat(wide.saturating_sub(columns(&label))));
        let length = usize::try_from(u128::from(step.passed) * bar as u128 / u128::from(most)).unwrap_or(0);
        let drawn = format!("{}{}", "█".repeat(length), " ".repeat(bar.saturating_sub(length)));
        let mut tail = format!("{:>7}", count(step.passed));
        #[expect(clippy::cast_precision_loss, reason = "times of days are far below 2^52 milliseconds")]
        if let Some(median) = step.median.filter(|ms| *ms >= 0 && number > 0) {
            let _ = write!(tail, "  after {}", duration(median as f64));
        }
        if step.broken > 0 {
            let _ = write!(tail, "  {} broken here", count(step.broken));
        }
        if step.pending > 0 {
            let _ = write!(tail, "  {} waiting", count(step.pending));
        }
        let used = 2 + 2 + 3 + wide + 1 + bar + 1;
        let _ = writeln!(
            out,
            "  {} {:>2} {label} {} {}",
            paint(sign, ink, style.color),
            number + 1,
            if step.broken > 0 { paint(&drawn, Ink::Yellow, style.color) } else { drawn },
            cut(&tail, style.width.saturating_sub(used)),
        );
    }
}

fn finding(out: &mut String, finding: &Finding, report: &FlowReport, style: Style) {
    let step = report.steps.get(finding.number).map_or("", |step| step.title.as_str());
    let head = format!("{} × step {}, {step}: {}", count(finding.count), finding.number + 1, fault(finding.fault));
    let _ = writeln!(out, "  {}", paint(&cut(&head, style.width.saturating_sub(2)), Ink::Bold, style.color));
    paragraph(out, &finding.finding, 4, style);
    let mut facts = Vec::new();
    facts.extend(finding.layer.map(|layer| format!("layer {layer}")));
    if finding.cause != "unknown" {
        facts.push(finding.cause.clone());
    }
    facts.extend(finding.owner.map(|owner| owner_words(owner).to_owned()));
    if !finding.statuses.is_empty() {
        let said: Vec<String> =
            finding.statuses.iter().map(|(status, n)| format!("{status} ({})", count(*n))).collect();
        facts.push(format!("status {}", said.join(", ")));
    }
    if !facts.is_empty() {
        paragraph(out, &facts.join(" · "), 4, style);
    }
    if let Some((first, last)) = finding.seen {
        let span = if first == last {
            format!("at {} UTC", date(first))
        } else {
            format!("since {} UTC, last {}", date(first), date(last))
        };
        let meanwhile = match finding.meanwhile {
            0 => "; none went well between".to_owned(),
            n => format!("; {} went well between", count(n)),
        };
        let meanwhile = if first == last { String::new() } else { meanwhile };
        let done = match finding.completed {
            0 => String::new(),
            n if n == finding.count => "; the chain went on to its end all the same".to_owned(),
            n => format!("; {} went on to the end all the same", count(n)),
        };
        paragraph(out, &format!("{span}{meanwhile}{done}"), 4, style);
    }
    if let Some(short) = &finding.short_timeout {
        let words = format!(
            "{} gives up after {}, {} needs up to {}",
            short.gateway,
            duration(short.gave_up),
            short.backend,
            duration(short.answered)
        );
        paragraph(out, &words, 4, style);
    }
    if let Some(said) = &finding.said {
        hanging(out, "    says  ", said, style);
    }
    if !finding.next.is_empty() {
        hanging(out, "    next  ", &finding.next, style);
    }
    let shown = if style.verbose { finding.examples.len() } else { EXAMPLES };
    for (number, example) in finding.examples.iter().take(shown).enumerate() {
        let lead = if number == 0 { "    e.g.  " } else { "          " };
        let ids: Vec<String> = example.ids.iter().map(|(name, value)| format!("  {name} {value}")).collect();
        let line = format!("{}  {} line {}{}", example.key, example.source.0, example.source.1, ids.concat());
        let _ = writeln!(out, "{lead}{}", cut(&line, style.width.saturating_sub(10)));
    }
}

const fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Missing => "never happened",
        Fault::Failed => "failed",
        Fault::Unheard => "done, and the answer not heard",
        Fault::Late => "too late",
        Fault::Duplicate => "more than once",
        Fault::OutOfOrder => "before its time",
        Fault::Skipped => "not there, though what follows is",
    }
}

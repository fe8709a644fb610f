//! A triage for a person at a terminal: one screen that answers, then the details.

mod details;
mod screen;
mod spark;

pub(super) use screen::{cause, change, place, retries};

use super::safe::SafeTriage;
use super::words::{self, clock, count, date, share, some};
use crate::paint::{Ink, columns, cut, paint, wrap};
use crate::text::{Style, paragraph};
use firstfault_model::incident::{Incident, Triage};
use std::fmt::Write as _;

/// Where values of the screen begin, behind their labels.
const INDENT: usize = 12;
/// Below this width, a label has a line of its own.
const NARROW: usize = 48;

/// Which signs a terminal can show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    /// All of them.
    #[default]
    Unicode,
    /// Letters, digits and what stands on a typewriter.
    Ascii,
}

/// The report.
#[must_use]
pub fn text(safe: &SafeTriage, style: Style, signs: Signs) -> String {
    let triage = safe.triage();
    let mut out = String::new();
    match triage.incidents.as_slice() {
        [] => nothing(&mut out, triage, style),
        [one] => {
            screen::screen(&mut out, one, triage, style);
            details::incident(&mut out, one, style);
        }
        several => {
            overview(&mut out, several, triage, style);
            for (number, incident) in several.iter().enumerate() {
                title(&mut out, &format!("── Incident {} of {}", number + 1, several.len()), style);
                screen::screen(&mut out, incident, triage, style);
                details::incident(&mut out, incident, style);
            }
        }
    }
    details::whole(&mut out, triage, style);
    match signs {
        Signs::Unicode => out,
        Signs::Ascii => ascii(&out),
    }
}

/// Each incident on one line.
fn overview(out: &mut String, incidents: &[Incident], triage: &Triage, style: Style) {
    let head = format!("{} in {}", some(incidents.len() as u64, "independent incident"), read(triage));
    headline(out, "✗", Ink::Red, &head, style);
    for (number, incident) in incidents.iter().enumerate() {
        let place =
            incident.isolation.first().map_or_else(|| "everywhere".to_owned(), |i| words::attributes(&i.attributes));
        let until = incident
            .end
            .map_or_else(|| "going on".to_owned(), |end| format!("for {}", words::between(incident.onset, end)));
        let line = format!(
            "{:>2}  {}  {:<10}  {} failures, {until}: {place}",
            number + 1,
            clock(incident.onset),
            words::bucket(incident.bucket),
            count(incident.failures)
        );
        let _ = writeln!(out, "  {}", cut(&line, style.width.saturating_sub(2)));
    }
}

/// `1,000,000 calls from 2026-11-20 10:00:00 to 10:59:59 UTC`.
fn read(triage: &Triage) -> String {
    let calls = some(triage.calls, "call");
    match triage.span {
        Some((from, to)) => {
            let (from, to) = (date(from), date(to));
            let same = from.get(..10) == to.get(..10);
            let to = if same { to.get(11..).unwrap_or_default().to_owned() } else { to };
            format!("{calls} from {from} to {to} UTC")
        }
        None => calls,
    }
}

/// No incident: what was looked at, and what would be needed to find one that is there.
fn nothing(out: &mut String, triage: &Triage, style: Style) {
    let inputs = words::inputs(triage);
    if triage.calls == 0 {
        headline(out, "?", Ink::Yellow, "No call could be read", style);
        let lines: u64 = triage.inputs.iter().map(|input| input.lines).sum();
        let said = format!(
            "{} of {} in {} tell of no call that could be understood.",
            count(triage.unreadable_lines),
            some(lines, "line"),
            some(triage.inputs.len() as u64, "input")
        );
        paragraph(out, &said, 2, style);
        out.push('\n');
        paragraph(out, "What the fields were taken for, and examples of lines that were not understood:", 2, style);
        command(out, &format!("firstfault triage {inputs} --show-mapping"), 2, style);
        return;
    }
    headline(out, "✓", Ink::Green, &format!("No incident in {}", read(triage)), style);
    #[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    let failing = share(triage.failed as f64 / triage.calls.max(1) as f64);
    let said = format!(
        "{} of them failed ({failing}), and at no time more than the rest of the time makes one expect.",
        count(triage.failed)
    );
    paragraph(out, &said, 2, style);
    out.push('\n');
    for background in triage.background.iter().take(3) {
        let head = words::signature_head(&background.signature);
        let said = format!(
            "{}: {} fail, before and after alike ({head})",
            words::attributes(&background.attributes),
            share(background.rate)
        );
        row(out, "always", &said, style);
    }
    spark::spark(out, &triage.series, None, style);
    let _ = writeln!(out, "\n  {}", paint("If you know of one", Ink::Bold, style.color));
    for (said, asked) in [
        ("Were the fields understood, and which lines were not?", format!("firstfault triage {inputs} --show-mapping")),
        ("Does a line that should count as failed count as one?", "firstfault diagnose - < LINE".to_owned()),
    ] {
        paragraph(out, said, 2, style);
        command(out, &asked, 4, style);
    }
    let more = "Else read more: an hour before it, so that the usual is known, and the logs of the system where it was \
                seen. A failure that has been there all the time is background, and shown as such.";
    paragraph(out, more, 2, style);
}

fn headline(out: &mut String, sign: &str, ink: Ink, text: &str, style: Style) {
    for (i, line) in wrap(text, style.width.saturating_sub(2)).iter().enumerate() {
        let lead = if i == 0 { paint(sign, ink, style.color) } else { " ".to_owned() };
        let _ = writeln!(out, "{lead} {}", paint(line, Ink::Bold, style.color));
    }
}

fn title(out: &mut String, text: &str, style: Style) {
    let _ = writeln!(out, "\n  {}", paint(&cut(text, style.width.saturating_sub(2)), Ink::Bold, style.color));
}

/// A label and its value, which goes on under itself.
fn row(out: &mut String, label: &str, text: &str, style: Style) {
    if style.width < NARROW {
        let _ = writeln!(out, "  {}", paint(label, Ink::Dim, style.color));
        paragraph(out, text, 4, style);
        return;
    }
    for (i, line) in wrap(text, style.width.saturating_sub(INDENT)).iter().enumerate() {
        let label = if i == 0 { label } else { "" };
        let pad = " ".repeat((INDENT - 2).saturating_sub(columns(label)));
        let _ = writeln!(out, "  {}{pad}{line}", paint(label, Ink::Dim, style.color));
    }
}

/// An indent, less where there is little room.
fn indent(columns: usize, style: Style) -> usize {
    columns.min(style.width / 6)
}

/// A command is never broken: it is there to be copied.
fn command(out: &mut String, command: &str, indent: usize, style: Style) {
    let _ = writeln!(out, "{}{}", " ".repeat(indent), paint(command, Ink::Yellow, style.color));
}

/// Every sign of ours as one of ASCII, and a question mark for any other.
fn ascii(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '✗' => 'x',
            '✓' => '+',
            '─' | '–' | '−' | '·' | '•' => '-',
            '▲' => '^',
            '▼' => 'v',
            '×' => 'x',
            '→' => '>',
            '…' => '~',
            '▁' => '_',
            '▂' => '.',
            '▃' => ':',
            '▄' => '-',
            '▅' => '=',
            '▆' => '+',
            '▇' => '*',
            '█' => '#',
            c if c.is_ascii() => c,
            _ => '?',
        })
        .collect()
}

//! `firstfault lab list`.

use super::args::{List, ListFormat};
use super::{find, print};
use crate::terminal;
use firstfault_lab::{Scenario, scenarios};
use firstfault_report::Style;
use firstfault_report::paint::{Ink, cut, paint, wrap};
use serde::Serialize;

/// Runs it.
pub fn run(options: &List) -> Result<(), String> {
    let (chosen, verbose) = match &options.name {
        Some(name) => (vec![find(name)?], true),
        None => (scenarios::all(), options.verbose),
    };
    let style = terminal::style(options.common.layout.width, options.common.layout.color, verbose);
    print(&match options.format {
        ListFormat::Json => document(&chosen)? + "\n",
        ListFormat::Text if verbose => {
            chosen.iter().map(|scenario| page(scenario, style)).collect::<Vec<_>>().join("\n")
        }
        ListFormat::Text => table(&chosen, style),
    });
    Ok(())
}

/// A line each, the story cut to what fits.
fn table(scenarios: &[Scenario], style: Style) -> String {
    let widest = scenarios.iter().map(|scenario| scenario.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for scenario in scenarios {
        let (name, family) = (scenario.name, scenario.family.word());
        let room = style.width.saturating_sub(widest + 12).max(10);
        out.push_str(&format!("{name:widest$}  {family:8}  {}\n", cut(scenario.story, room)));
    }
    out.push_str(&format!("\n{} scenarios; firstfault lab list NAME, lab start NAME, lab quiz\n", scenarios.len()));
    out
}

/// All of one.
fn page(scenario: &Scenario, style: Style) -> String {
    let mut out = format!("{}  {}\n", paint(scenario.name, Ink::Bold, style.color), scenario.family.word());
    paragraph(&mut out, "", scenario.story, style);
    out.push('\n');
    paragraph(&mut out, "verdict", &verdict(scenario), style);
    paragraph(&mut out, "fix", scenario.fix, style);
    out
}

/// The truth in one line.
pub fn verdict(scenario: &Scenario) -> String {
    let expected = scenario.expected;
    let Some(layer) = expected.layer else { return "nothing failed".to_owned() };
    let or = if expected.or.is_empty() { String::new() } else { format!(" (or {})", expected.or.join(", ")) };
    format!("{}{or} · bucket {} · layer {layer}", expected.cause, expected.bucket)
}

/// Text with a word before its first line, all lines indented alike.
pub fn paragraph(out: &mut String, label: &str, text: &str, style: Style) {
    let indent = if label.is_empty() { 2 } else { 11 };
    for (number, line) in wrap(text, style.width.saturating_sub(indent)).iter().enumerate() {
        let label = if number == 0 && !label.is_empty() { format!("  {label:9}") } else { " ".repeat(indent) };
        out.push_str(&format!("{label}{line}\n"));
    }
}

#[derive(Serialize)]
struct Document<'s> {
    schema: &'static str,
    scenarios: Vec<Row<'s>>,
}

#[derive(Serialize)]
struct Row<'s> {
    name: &'s str,
    family: &'s str,
    story: &'s str,
    failed: bool,
    bucket: &'s str,
    layer: Option<&'s str>,
    cause: &'s str,
    also_right: &'s [&'s str],
    fix: &'s str,
}

fn document(scenarios: &[Scenario]) -> Result<String, String> {
    let rows = scenarios.iter().map(|scenario| Row {
        name: scenario.name,
        family: scenario.family.word(),
        story: scenario.story,
        failed: scenario.expected.layer.is_some(),
        bucket: scenario.expected.bucket.word(),
        layer: scenario.expected.layer.map(firstfault_model::Layer::word),
        cause: scenario.expected.cause,
        also_right: scenario.expected.or,
        fix: scenario.fix,
    });
    let document = Document { schema: "firstfault/lab-list/1", scenarios: rows.collect() };
    serde_json::to_string(&document).map_err(|error| error.to_string())
}

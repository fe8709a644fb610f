//! What a description says of one diagnosed call: a section of its report.

use super::words;
use crate::section::{Block, Section};
use firstfault_model::contract::Finding;

/// Findings that are shown unless everything is asked for.
const FINDINGS: usize = 5;

/// What holding a call against its description found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Against {
    /// The description, as named.
    pub contract: String,
    /// The operation that the call is, where one fits.
    pub operation: Option<String>,
    /// What disagrees, in the order of the way.
    pub findings: Vec<Finding>,
    /// How many faults the description itself has.
    pub mistakes: usize,
}

/// The section for people.
pub(crate) fn section(against: &Against, verbose: bool) -> Section {
    let title = match &against.operation {
        Some(operation) => format!("Contract: {operation} of {}", against.contract),
        None => format!("Contract: {}", against.contract),
    };
    let mut blocks = vec![Block::List(lines(against, verbose))];
    if against.mistakes > 0 {
        let faults = words::several(against.mistakes, "mistake");
        blocks.push(Block::Text(format!("The contract itself has {faults}: firstfault contract show lists them.")));
    }
    Section::of(&title, blocks)
}

/// The findings in a line each; one line where there is none.
#[must_use]
pub fn lines(against: &Against, verbose: bool) -> Vec<String> {
    if against.findings.is_empty() {
        return vec!["nothing that was seen of the call disagrees with it".to_owned()];
    }
    let shown = if verbose { against.findings.len() } else { FINDINGS };
    let mut out: Vec<String> = against.findings.iter().take(shown).map(line).collect();
    if against.findings.len() > shown {
        out.push(format!("and {} more (--verbose)", against.findings.len() - shown));
    }
    out
}

/// `request body /caseType: the required field caseType is missing; add caseType (crm.yaml#/…, line 88)`.
fn line(finding: &Finding) -> String {
    let mut out = format!("{}: {}", words::place(finding), finding.message);
    if !finding.fix.is_empty() {
        out.push_str("; ");
        out.push_str(&finding.fix);
    }
    let rule = words::rule(finding);
    if !rule.is_empty() {
        out.push_str(&format!(" ({rule})"));
    }
    out
}

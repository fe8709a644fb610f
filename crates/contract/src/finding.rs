//! Findings, made short: where they stand, and values as they may be shown.

use crate::description::{Contract, SchemaRef};
use firstfault_model::contract::{Finding, Half, Kind, Severity, Spot};

/// The longest value that is quoted.
const QUOTED: usize = 60;

/// A finding of the request at a place of the description, its words still empty.
pub(crate) fn new(contract: &Contract, kind: Kind, severity: Severity, spot: Spot, at: &SchemaRef) -> Finding {
    Finding {
        kind,
        half: Half::Request,
        severity,
        spot,
        operation: None,
        rule: contract.place(at),
        line: contract.line(at),
        expected: String::new(),
        got: String::new(),
        message: String::new(),
        fix: String::new(),
        edit: None,
    }
}

/// A value as it is quoted: cut, without control characters.
pub(crate) fn quoted(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut out: String = text.chars().take(QUOTED).map(clean).collect();
    if text.chars().nth(QUOTED).is_some() {
        out.push('\u{2026}');
    }
    out
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn list(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

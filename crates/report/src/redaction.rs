//! The report of a redaction: what was replaced, where and by which rule. It holds placeholders, never secrets.

use firstfault_redact::Log;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    replaced: usize,
    rules: &'a BTreeMap<&'static str, usize>,
    secrets: Vec<Secret<'a>>,
}

#[derive(Serialize)]
struct Secret<'a> {
    placeholder: &'a str,
    rule: &'a str,
    line: usize,
    column: usize,
    count: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    checksum_holds: Option<bool>,
}

/// As JSON (docs/schema/redaction-1.json).
#[must_use]
pub fn redaction(log: &Log) -> String {
    let document = Document {
        schema: "firstfault/redaction/1",
        replaced: log.total(),
        rules: log.rules(),
        secrets: log
            .listed()
            .iter()
            .map(|r| Secret {
                placeholder: &r.placeholder,
                rule: r.rule,
                line: r.line,
                column: r.column,
                count: r.count,
                checksum_holds: r.checksum,
            })
            .collect(),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

/// As lines for people: place, placeholder, rule, how often.
#[must_use]
pub fn redaction_text(log: &Log) -> String {
    let mut out = String::new();
    for r in log.listed() {
        let _ = writeln!(out, "{}:{}: {} by {}, {} ×", r.line, r.column, r.placeholder, r.rule, r.count);
    }
    let _ = writeln!(out, "{} replaced", log.total());
    out
}

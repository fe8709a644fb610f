//! SARIF 2.1.0: one run over all inputs, a rule per cause seen, a result per failing call.

use crate::safe::{Call, Safe};
use firstfault_model::Diagnosis;
use serde_json::{Value, json};

/// How many lines of evidence a result points to besides its own.
const RELATED: usize = 10;

/// The log.
#[must_use]
pub fn sarif(reports: &[Safe]) -> String {
    let mut rules: Vec<&Diagnosis> = Vec::new();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for safe in reports {
        let report = safe.report();
        let uri = uri(&report.input);
        if let Some(why) = &report.unreadable {
            notifications.push(json!({
                "level": "error",
                "message": { "text": why },
                "locations": [{ "physicalLocation": { "artifactLocation": { "uri": uri } } }],
            }));
        }
        for problem in &report.problems {
            notifications.push(json!({
                "level": "note",
                "message": { "text": problem.message },
                "locations": [location(&uri, problem.span.line)],
            }));
        }
        for call in report.calls.iter().filter(|call| call.diagnosis.failed) {
            let d = &call.diagnosis;
            let index = rules.iter().position(|rule| rule.cause == d.cause).unwrap_or_else(|| {
                rules.push(d);
                rules.len() - 1
            });
            results.push(result(call, index, &uri));
        }
    }
    let successful = reports.iter().all(|safe| safe.report().unreadable.is_none());
    let rules = rules.into_iter().map(rule).collect();
    log(rules, successful, notifications, results)
}

/// A cause as a rule. Its help is the words for both sides.
fn rule(d: &Diagnosis) -> Value {
    let title = d.hypotheses.first().map_or("No rule knows this failure", |h| h.title.as_str());
    let mut rule = json!({
        "id": d.cause,
        "shortDescription": { "text": title },
        "defaultConfiguration": { "level": "error" },
        "properties": { "tags": [d.bucket.word(), d.owner.word()] },
    });
    if !d.explain.client.is_empty() {
        rule["fullDescription"] = json!({ "text": d.explain.plain });
        let more = format!("firstfault explain {}", d.cause);
        let text = format!(
            "For whoever makes the call: {}\n\nFor whoever runs the API: {}\n\nMore: {more}",
            d.explain.client, d.explain.provider
        );
        let escape = crate::markdown::escape;
        let markdown = format!(
            "**For whoever makes the call.** {}\n\n**For whoever runs the API.** {}\n\nMore: `{more}`",
            escape(&d.explain.client),
            escape(&d.explain.provider)
        );
        rule["help"] = json!({ "text": text, "markdown": markdown });
    }
    rule
}

fn result(call: &Call, index: usize, uri: &str) -> Value {
    let d = &call.diagnosis;
    let mut lines: Vec<u32> = Vec::new();
    let mut related = Vec::new();
    for evidence in d.hypotheses.first().map(|h| h.supports.as_slice()).unwrap_or_default() {
        if evidence.span.line > 0 && !lines.contains(&evidence.span.line) && related.len() < RELATED {
            lines.push(evidence.span.line);
            let mut location = location(uri, evidence.span.line);
            location["message"] = json!({ "text": message(&evidence.because) });
            related.push(location);
        }
    }
    json!({
        "ruleId": d.cause,
        "ruleIndex": index,
        "level": if d.attributed { "error" } else { "warning" },
        "message": { "text": message(&d.summary) },
        "locations": [location(uri, call.span.line)],
        "relatedLocations": related,
        "occurrenceCount": call.repeats.max(1),
        "partialFingerprints": { "firstfaultSignature/v1": d.signature },
        "properties": {
            "bucket": d.bucket.word(),
            "layer": d.layer.map_or("none", firstfault_model::Layer::word),
            "owner": d.owner.word(),
            "retry": d.retry.word(),
            "probability": d.probability,
            "attributed": d.attributed,
            "ids": d.ids.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect::<Vec<_>>(),
        },
    })
}

pub(crate) fn location(uri: &str, line: u32) -> Value {
    let mut place = json!({ "artifactLocation": { "uri": uri } });
    if line > 0 {
        place["region"] = json!({ "startLine": line });
    }
    json!({ "physicalLocation": place })
}

/// The document of one run.
pub(crate) fn log(rules: Vec<Value>, successful: bool, notifications: Vec<Value>, results: Vec<Value>) -> String {
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "firstfault",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "invocations": [{ "executionSuccessful": successful, "toolExecutionNotifications": notifications }],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default()
}

/// Text in which nothing is a link or a placeholder (SARIF 2.1.0 sections 3.11.5 and 3.11.6).
pub(crate) fn message(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '[' | ']' | '\\' => out.extend(['\\', c]),
            '{' | '}' => out.extend([c, c]),
            c => out.push(c),
        }
    }
    out
}

/// The name of an input as a relative reference (RFC 3986).
pub(crate) fn uri(name: &str) -> String {
    let name = match name {
        "-" => "stdin",
        name => name,
    };
    let mut out = String::with_capacity(name.len());
    for byte in name.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_makes_no_links_and_no_placeholders() {
        assert_eq!(message("[x](http://e) {0} \\"), "\\[x\\](http://e) {{0}} \\\\");
        assert_eq!(uri("logs/a b.txt"), "logs/a%20b.txt");
        assert_eq!(uri("javascript:alert(1)"), "javascript%3Aalert%281%29");
    }
}

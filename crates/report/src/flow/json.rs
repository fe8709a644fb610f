//! `firstfault/flow/1`, as docs/flows.md and docs/schema/flow-1.json publish it.
//!
//! What is not known is null, never left out; times are RFC 3339 with milliseconds, durations and offsets milliseconds.

use super::safe::SafeFlow;
use crate::trace::json::{clock, short_timeout};
use firstfault_model::said::moment;
use firstfault_model::way::{Example, Finding, FlowReport};
use firstfault_model::{Bucket, Layer, Owner};
use serde_json::{Value, json};

/// One document about one flow.
#[must_use]
pub fn json(safe: &SafeFlow) -> String {
    serde_json::to_string_pretty(&document(safe.report())).unwrap_or_default()
}

fn document(report: &FlowReport) -> Value {
    json!({
        "schema": "firstfault/flow/1",
        "flow": report.name,
        "title": report.title,
        "key": report.key,
        "lines": report.lines,
        "matched": report.matched,
        "unkeyed": report.unkeyed,
        "left_out": report.left_out,
        "span": report.span.map(|(from, to)| [moment(from), moment(to)]),
        "keys": report.keys,
        "complete": report.complete,
        "broken": report.broken,
        "pending": report.pending,
        "before": report.before,
        "unknown": report.unknown,
        "recovered": report.recovered,
        "summary": report.summary,
        "steps": report.steps.iter().map(|step| json!({
            "id": step.id, "title": step.title, "systems": step.systems, "passed": step.passed, "broken": step.broken,
            "pending": step.pending, "median_ms": step.median,
        })).collect::<Vec<_>>(),
        "findings": report.findings.iter().map(finding).collect::<Vec<_>>(),
        "clocks": report.clocks.iter().map(clock).collect::<Vec<_>>(),
        "notes": report.notes,
    })
}

fn finding(finding: &Finding) -> Value {
    json!({
        "step": finding.step,
        "number": finding.number + 1,
        "fault": finding.fault.word(),
        "finding": finding.finding,
        "owner": finding.owner.map(Owner::word),
        "layer": finding.layer.map(Layer::word),
        "bucket": finding.bucket.map(Bucket::word),
        "cause": finding.cause,
        "next": finding.next,
        "count": finding.count,
        "completed": finding.completed,
        "since": finding.seen.map(|(first, _)| moment(first)),
        "last": finding.seen.map(|(_, last)| moment(last)),
        "meanwhile_complete": finding.meanwhile,
        "statuses": finding.statuses.iter().map(|(status, count)| json!({"status": status, "count": count})).collect::<Vec<_>>(),
        "said": finding.said,
        "short_timeout": finding.short_timeout.as_ref().map(short_timeout),
        "examples": finding.examples.iter().map(example).collect::<Vec<_>>(),
    })
}

fn example(example: &Example) -> Value {
    json!({
        "key": example.key,
        "at": moment(example.at),
        "ids": example.ids.iter().map(|(name, value)| json!({"name": name, "value": value})).collect::<Vec<_>>(),
        "input": example.source.0,
        "line": example.source.1,
    })
}

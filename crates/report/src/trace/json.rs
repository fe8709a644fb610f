//! `firstfault/trace/1`, as docs/flows.md and docs/schema/trace-1.json publish it.
//!
//! What is not known is null, never left out; times are RFC 3339 with milliseconds, durations and offsets milliseconds.

use super::safe::SafeTrace;
use firstfault_model::incident::{Hop, ShortTimeout};
use firstfault_model::said::moment;
use firstfault_model::way::{Clock, Trace};
use serde_json::{Value, json};

/// One document about one request.
#[must_use]
pub fn json(safe: &SafeTrace) -> String {
    serde_json::to_string_pretty(&document(safe.trace())).unwrap_or_default()
}

fn document(trace: &Trace) -> Value {
    json!({
        "schema": "firstfault/trace/1",
        "id": trace.id,
        "also": trace.also,
        "lines": trace.lines,
        "left_out": trace.left_out,
        "failed": trace.failed,
        "summary": trace.summary,
        "first": trace.first,
        "service": trace.first.and_then(|at| trace.hops.get(at)).map(|hop| &hop.service),
        "layer": trace.layer.map(firstfault_model::Layer::word),
        "bucket": trace.bucket.map(firstfault_model::Bucket::word),
        "cause": trace.cause,
        "probability": number(Some(trace.probability)),
        "owner": trace.owner.map(firstfault_model::Owner::word),
        "unseen": trace.unseen,
        "hops": trace.hops.iter().map(hop).collect::<Vec<_>>(),
        "translations": trace.translations.iter().map(|t| json!({
            "service": t.service, "status": t.status, "upstream": t.upstream, "upstream_status": t.upstream_status,
        })).collect::<Vec<_>>(),
        "short_timeouts": trace.short_timeouts.iter().map(short_timeout).collect::<Vec<_>>(),
        "attempts": trace.attempts.iter().map(|a| json!({
            "service": a.service, "what": a.what, "count": a.count, "last_failed": a.last_failed,
        })).collect::<Vec<_>>(),
        "clocks": trace.clocks.iter().map(clock).collect::<Vec<_>>(),
        "checks": trace.checks.iter().map(|check| json!({
            "id": check.id, "question": check.question, "seconds": check.seconds, "risk": check.risk,
            "command": check.command, "decides": check.decides,
        })).collect::<Vec<_>>(),
        "notes": trace.notes,
    })
}

fn hop(hop: &Hop) -> Value {
    let (bucket, layer, cause) = match &hop.verdict {
        Some((bucket, layer, cause)) => (json!(bucket.word()), json!(layer.word()), json!(cause)),
        None => (Value::Null, Value::Null, Value::Null),
    };
    json!({
        "service": hop.service,
        "place": hop.layer.map(firstfault_model::Layer::word),
        "depth": hop.depth,
        "at": hop.at.map(moment),
        "corrected": hop.at.map(|at| moment(at.saturating_sub(hop.skew))),
        "clock_offset_ms": hop.skew,
        "duration_ms": number(hop.duration),
        "what": hop.what,
        "status": hop.status,
        "failed": hop.failed,
        "origin": hop.origin,
        "message": hop.message,
        "bucket": bucket,
        "layer": layer,
        "cause": cause,
        "input": hop.source.0,
        "line": hop.source.1,
    })
}

pub(crate) fn clock(clock: &Clock) -> Value {
    json!({
        "service": clock.service,
        "offset_ms": clock.offset,
        "least_ms": clock.bounds.0,
        "most_ms": clock.bounds.1,
        "because": clock.because,
    })
}

pub(crate) fn short_timeout(short: &ShortTimeout) -> Value {
    json!({
        "gateway": short.gateway,
        "gave_up_ms": number(Some(short.gave_up)),
        "backend": short.backend,
        "answered_ms": number(Some(short.answered)),
        "count": short.count,
    })
}

/// JSON has no infinities.
fn number(value: Option<f64>) -> Value {
    value.filter(|v| v.is_finite()).map_or(Value::Null, |v| json!((v * 1_000.0).round() / 1_000.0))
}

//! `firstfault/triage/1`, as docs/triage.md and docs/schema/triage-1.json publish it.
//!
//! What is not known is null, never left out; times are RFC 3339 with milliseconds, rates and probabilities 0 to 1,
//! durations milliseconds unless the name says seconds.

use super::safe::SafeTriage;
use super::words::{self, moment};
use firstfault_model::incident::{self as model, Incident};
use firstfault_model::{Layer, Span};
use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use serde_json::Value;

/// One document about everything that was read.
#[must_use]
pub fn json(safe: &SafeTriage) -> String {
    serde_json::to_string_pretty(&document(safe)).unwrap_or_default()
}

fn document(safe: &SafeTriage) -> Document<'_> {
    let triage = safe.triage();
    Document {
        schema: "firstfault/triage/1",
        calls: triage.calls,
        failed: triage.failed,
        unreadable_lines: triage.unreadable_lines,
        span: triage.span.map(|(from, to)| [moment(from), moment(to)]),
        incidents: triage.incidents.iter().map(story).collect(),
        services: triage.services.iter().map(service).collect(),
        background: triage
            .background
            .iter()
            .map(|b| Background {
                attributes: Attributes(&b.attributes),
                rate: number(b.rate),
                signature: signature(&b.signature),
            })
            .collect(),
        inputs: triage
            .inputs
            .iter()
            .map(|i| Input {
                input: &i.name,
                form: &i.form,
                lines: i.lines,
                unreadable: i.unreadable,
                problems: &i.problems,
            })
            .collect(),
        series: series(&triage.series),
        problems: &triage.problems,
    }
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    calls: u64,
    failed: u64,
    unreadable_lines: u64,
    span: Option<[String; 2]>,
    incidents: Vec<Story<'a>>,
    services: Vec<Service<'a>>,
    background: Vec<Background<'a>>,
    inputs: Vec<Input<'a>>,
    series: Series,
    problems: &'a [String],
}

#[derive(Serialize)]
struct Story<'a> {
    summary: &'a str,
    onset: Onset,
    end: Option<String>,
    course: &'static str,
    latency_led_seconds: Option<f64>,
    latency_led_where: Option<&'a str>,
    isolation: Vec<Isolation<'a>>,
    combinations_tried: u64,
    change: Option<Change<'a>>,
    changes: Vec<Change<'a>>,
    none_of_these: Option<f64>,
    bucket: Option<&'static str>,
    layer: Option<&'static str>,
    cause: &'a str,
    probability: Option<f64>,
    owner: Option<&'static str>,
    retry: Option<&'static str>,
    failures: u64,
    calls: u64,
    retry_amplification: Option<f64>,
    retry_storm: bool,
    retries: Retries<'a>,
    upstream: Option<&'a str>,
    affected: Affected,
    signatures: Vec<Signature<'a>>,
    origins: Vec<Origin<'a>>,
    short_timeouts: Vec<ShortTimeout<'a>>,
    representative: Option<Representative<'a>>,
    checklist: Vec<Question<'a>>,
    checks: Vec<Check<'a>>,
    clock: Clock<'a>,
    series: Series,
}

#[derive(Serialize)]
struct Clock<'a> {
    seconds_to_detect: Option<f64>,
    seconds_to_clear: Option<f64>,
    how: &'a str,
}

#[derive(Serialize)]
struct Onset {
    at: String,
    interval: [String; 2],
}

#[derive(Serialize)]
struct Isolation<'a> {
    attributes: Attributes<'a>,
    failures: u64,
    calls: u64,
    rate_inside: Option<f64>,
    rate_outside: Option<f64>,
    rate_before: Option<f64>,
    share: Option<f64>,
    bits: Option<f64>,
}

#[derive(Serialize)]
struct Change<'a> {
    id: &'a str,
    at: String,
    what: &'a str,
    probability: Option<f64>,
    because: &'a str,
}

#[derive(Serialize)]
struct Retries<'a> {
    repeats: u64,
    success: Option<f64>,
    how: &'a str,
    without_backoff: Vec<Repeater<'a>>,
    against_retry_after: Vec<Repeater<'a>>,
}

#[derive(Serialize)]
struct Repeater<'a> {
    attribute: &'a str,
    value: &'a str,
    repeats: u64,
}

#[derive(Serialize)]
struct Affected {
    users: Option<u64>,
    tenants: Option<u64>,
    routes: Option<u64>,
    hosts: Option<u64>,
    regions: Option<u64>,
    client_versions: Option<u64>,
}

#[derive(Serialize)]
struct Signature<'a> {
    id: &'a str,
    service: Option<&'a str>,
    method: Option<&'a str>,
    route: Option<&'a str>,
    status: Option<u16>,
    error_code: Option<&'a str>,
    message: &'a str,
    bucket: Option<&'static str>,
    layer: Option<&'static str>,
    cause: &'a str,
    probability: Option<f64>,
    count: u64,
    before: u64,
    first: Option<String>,
    last: Option<String>,
    sample: Option<Source<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    input: &'a str,
    line: u64,
}

#[derive(Serialize)]
struct Origin<'a> {
    layer: Option<&'static str>,
    service: &'a str,
    count: u64,
    passed_on: Vec<Passed<'a>>,
}

#[derive(Serialize)]
struct Passed<'a> {
    service: &'a str,
    count: u64,
}

#[derive(Serialize)]
struct ShortTimeout<'a> {
    gateway: &'a str,
    gave_up_ms: Option<f64>,
    backend: &'a str,
    answered_ms: Option<f64>,
    count: u64,
}

#[derive(Serialize)]
struct Representative<'a> {
    input: &'a str,
    line: u64,
    text: &'a str,
    way: Vec<Hop<'a>>,
    diagnosis: Option<Value>,
}

#[derive(Serialize)]
struct Hop<'a> {
    service: &'a str,
    layer: Option<&'static str>,
    at: Option<String>,
    skew_ms: i64,
    duration_ms: Option<f64>,
    what: &'a str,
    status: Option<u16>,
    failed: bool,
    origin: bool,
    message: &'a str,
    bucket: Option<&'static str>,
    cause: Option<&'a str>,
    depth: u32,
    source: Source<'a>,
}

#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    question: &'a str,
    answer: Option<&'a str>,
    command: Option<&'a str>,
}

#[derive(Serialize)]
struct Check<'a> {
    id: &'a str,
    question: &'a str,
    seconds: u32,
    risk: &'a str,
    command: Option<&'a str>,
    decides: &'a [String],
}

#[derive(Serialize)]
struct Service<'a> {
    service: &'a str,
    calls: u64,
    failed: u64,
    latency: Option<Latency>,
    figures: Vec<Figure<'a>>,
}

#[derive(Serialize)]
struct Latency {
    p50: Option<f64>,
    p95: Option<f64>,
}

#[derive(Serialize)]
struct Figure<'a> {
    id: &'a str,
    value: Option<f64>,
    unit: &'a str,
    target: Option<f64>,
    met: Option<bool>,
}

#[derive(Serialize)]
struct Background<'a> {
    attributes: Attributes<'a>,
    rate: Option<f64>,
    signature: Signature<'a>,
}

#[derive(Serialize)]
struct Input<'a> {
    input: &'a str,
    form: &'a str,
    lines: u64,
    unreadable: u64,
    problems: &'a [String],
}

#[derive(Serialize)]
struct Series {
    start: Option<String>,
    step_seconds: Option<f64>,
    points: Vec<Point>,
}

#[derive(Serialize)]
struct Point {
    calls: u64,
    failed: u64,
    p50: Option<f64>,
    p95: Option<f64>,
    expected: Option<[Option<f64>; 2]>,
}

/// Names and values as one object, in their order.
struct Attributes<'a>(&'a [(String, String)]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// A number as JSON has it: six decimals, and null for what is none.
fn number(value: f64) -> Option<f64> {
    let rounded = (value * 1e6).round() / 1e6;
    // Adding zero turns -0 into 0.
    Some(if rounded.is_finite() { rounded } else { value } + 0.0).filter(|value| value.is_finite())
}

fn layer(layer: Option<Layer>) -> Option<&'static str> {
    layer.map(Layer::word)
}

fn story(incident: &Incident) -> Story<'_> {
    let i = incident;
    Story {
        summary: &i.summary,
        onset: Onset { at: moment(i.onset), interval: [moment(i.interval.0), moment(i.interval.1)] },
        end: i.end.map(moment),
        course: i.course.word(),
        latency_led_seconds: i.latency_led_seconds.and_then(number),
        latency_led_where: i.latency_led_where.as_deref(),
        isolation: i
            .isolation
            .iter()
            .map(|s| Isolation {
                attributes: Attributes(&s.attributes),
                failures: s.failures,
                calls: s.calls,
                rate_inside: number(s.rate_inside),
                rate_outside: number(s.rate_outside),
                rate_before: number(s.rate_before),
                share: number(s.share),
                bits: number(s.bits),
            })
            .collect(),
        combinations_tried: i.combinations_tried,
        change: i.change.as_ref().map(change),
        changes: i.changes.iter().map(change).collect(),
        none_of_these: number(words::none_of_these(i)).filter(|_| !i.changes.is_empty()),
        bucket: i.bucket.map(firstfault_model::Bucket::word),
        layer: layer(i.layer),
        cause: &i.cause,
        probability: number(i.probability),
        owner: i.owner.map(firstfault_model::Owner::word),
        retry: i.retry.map(firstfault_model::Retry::word),
        failures: i.failures,
        calls: i.calls,
        retry_amplification: i.retries.amplification.and_then(number),
        retry_storm: i.retries.storm,
        retries: Retries {
            repeats: i.retries.repeats,
            success: i.retries.success.and_then(number),
            how: &i.retries.how,
            without_backoff: repeaters(&i.retries.without_backoff),
            against_retry_after: repeaters(&i.retries.against_retry_after),
        },
        upstream: i.upstream.as_deref(),
        affected: Affected {
            users: i.affected.users,
            tenants: i.affected.tenants,
            routes: i.affected.routes,
            hosts: i.affected.hosts,
            regions: i.affected.regions,
            client_versions: i.affected.client_versions,
        },
        signatures: i.signatures.iter().map(signature).collect(),
        origins: i
            .origins
            .iter()
            .map(|o| Origin {
                layer: layer(o.layer),
                service: &o.service,
                count: o.count,
                passed_on: o.passed_on.iter().map(|(service, count)| Passed { service, count: *count }).collect(),
            })
            .collect(),
        short_timeouts: i
            .short_timeouts
            .iter()
            .map(|t| ShortTimeout {
                gateway: &t.gateway,
                gave_up_ms: number(t.gave_up),
                backend: &t.backend,
                answered_ms: number(t.answered),
                count: t.count,
            })
            .collect(),
        representative: i.representative.as_ref().map(representative),
        checklist: i
            .checklist
            .iter()
            .map(|q| Question {
                id: &q.id,
                question: &q.question,
                answer: q.answer.as_deref(),
                command: q.command.as_deref(),
            })
            .collect(),
        checks: i
            .checks
            .iter()
            .map(|c| Check {
                id: &c.id,
                question: &c.question,
                seconds: c.seconds,
                risk: &c.risk,
                command: c.command.as_deref(),
                decides: &c.decides,
            })
            .collect(),
        clock: Clock {
            seconds_to_detect: i.clock.to_detect.and_then(number),
            seconds_to_clear: i.clock.to_clear.and_then(number),
            how: &i.clock.how,
        },
        series: series(&i.series),
    }
}

fn change(change: &model::ScoredChange) -> Change<'_> {
    Change {
        id: &change.id,
        at: moment(change.at),
        what: &change.what,
        probability: number(change.probability),
        because: &change.because,
    }
}

fn repeaters(who: &[(String, String, u64)]) -> Vec<Repeater<'_>> {
    who.iter().map(|(attribute, value, repeats)| Repeater { attribute, value, repeats: *repeats }).collect()
}

fn signature(s: &model::Signature) -> Signature<'_> {
    Signature {
        id: &s.id,
        service: s.service.as_deref(),
        method: s.method.as_deref(),
        route: s.route.as_deref(),
        status: s.status,
        error_code: s.error_code.as_deref(),
        message: &s.message,
        bucket: s.bucket.map(firstfault_model::Bucket::word),
        layer: layer(s.layer),
        cause: &s.cause,
        probability: number(s.probability),
        count: s.count,
        before: s.before,
        first: s.seen.map(|(first, _)| moment(first)),
        last: s.seen.map(|(_, last)| moment(last)),
        sample: s.sample.as_ref().map(|(input, line)| Source { input, line: *line }),
    }
}

fn representative(r: &model::Representative) -> Representative<'_> {
    Representative {
        input: &r.input,
        line: r.line,
        text: &r.text,
        way: r
            .way
            .iter()
            .map(|h| Hop {
                service: &h.service,
                layer: layer(h.layer),
                at: h.at.map(moment),
                skew_ms: h.skew,
                duration_ms: h.duration.and_then(number),
                what: &h.what,
                status: h.status,
                failed: h.failed,
                origin: h.origin,
                message: &h.message,
                bucket: h.verdict.as_ref().map(|v| v.0.word()),
                cause: h.verdict.as_ref().map(|v| v.2.as_str()),
                depth: h.depth,
                source: Source { input: &h.source.0, line: h.source.1 },
            })
            .collect(),
        diagnosis: r.diagnosis.as_deref().map(|d| verdict(r, d)),
    }
}

/// The verdict on the line, as `diagnose` prints it.
fn verdict(r: &model::Representative, diagnosis: &firstfault_model::Diagnosis) -> Value {
    let line = u32::try_from(r.line).unwrap_or(u32::MAX);
    let hop = r.way.iter().find(|hop| hop.source == (r.input.clone(), r.line));
    let call = crate::Call {
        diagnosis: diagnosis.clone(),
        form: "log",
        method: None,
        url: None,
        status: hop.and_then(|hop| hop.status),
        span: Span::new(line, 0, r.text.len()),
        repeats: 1,
        seen: hop.and_then(|hop| hop.at).map(|at| (at, None)),
        exchange: None,
        contract: None,
    };
    let report = crate::Report { input: r.input.clone(), total: 1, failed: 1, ..crate::Report::default() };
    crate::json::value(&report, &call)
}

fn service(s: &model::ServiceFigures) -> Service<'_> {
    Service {
        service: &s.service,
        calls: s.calls,
        failed: s.failed,
        latency: s.latency.map(|(p50, p95)| Latency { p50: number(p50), p95: number(p95) }),
        figures: s
            .figures
            .iter()
            .map(|f| Figure {
                id: &f.id,
                value: f.value.and_then(number),
                unit: &f.unit,
                target: number(f.target),
                met: f.met,
            })
            .collect(),
    }
}

#[allow(clippy::cast_precision_loss, reason = "a step is far below 2^52 milliseconds")]
fn series(s: &model::Series) -> Series {
    let some = !s.points.is_empty();
    Series {
        start: some.then(|| moment(s.start)),
        step_seconds: some.then(|| s.step as f64 / 1000.0),
        points: s
            .points
            .iter()
            .map(|p| Point {
                calls: p.calls,
                failed: p.failed,
                p50: p.latency.and_then(|l| number(l.0)),
                p95: p.latency.and_then(|l| number(l.1)),
                expected: p.expected.map(|(low, high)| [number(low), number(high)]),
            })
            .collect(),
    }
}

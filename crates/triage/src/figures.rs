//! Seven figures of each service against their targets, in one pass over the table.
//!
//! The targets are those that this project asks of a service: response time (95th percentile) under 200 ms, errors under
//! 1 %, time-outs under 0.5 %, no authentication failures, no validation errors, more than 90 % of repeated calls
//! successful in the end, and every call logged with what a diagnosis needs. They are no thresholds of detection.

use crate::Judgement;
use crate::parallel::{queue, threads};
use firstfault_calls::{Attribute, Calls, Dimension, Kind, NO_TIME};
use firstfault_model::Bucket;
use firstfault_model::incident::{Figure, ServiceFigures};
use std::collections::BTreeMap;
use std::ops::Range;

/// Rows that are worth a part of their own, and the most parts. They do not depend on the machine.
const ROWS_PER_PART: usize = 250_000;
const PARTS: usize = 8;

/// The figures of each service, in the order of their names; one without a name where no line names a service.
#[must_use]
pub fn figures(calls: &Calls, judged: &[Judgement]) -> Vec<ServiceFigures> {
    let table = Table::of(calls, judged);
    let parts = (calls.rows / ROWS_PER_PART + 1).min(PARTS);
    let range = |part: usize| calls.rows * part / parts..calls.rows * (part + 1) / parts;
    let counted = queue((0..parts).map(range).collect(), threads(), |rows| table.count(rows));
    let mut all = Counted::default();
    counted.into_iter().for_each(|part| all.add(part));
    let mut chains: BTreeMap<u32, (u64, u64)> = BTreeMap::new();
    for ((service, _), (_, succeeded)) in &all.chains {
        let of = chains.entry(*service).or_default();
        of.0 += 1;
        of.1 += u64::from(*succeeded);
    }
    all.services
        .into_iter()
        .enumerate()
        .filter(|(_, tally)| tally.calls > 0)
        .map(|(code, tally)| {
            let service = table.service.and_then(|d| d.values.get(code)).cloned().unwrap_or_default();
            let code = u32::try_from(code).unwrap_or(u32::MAX);
            tally.figures(service, chains.get(&code).copied())
        })
        .collect()
}

/// What a shape means to the figures.
#[derive(Clone, Copy)]
struct Meaning {
    counts: bool,
    failed: bool,
    timed_out: bool,
    auth: bool,
    invalid: bool,
    /// Whether it says what went wrong, if something did.
    says: bool,
}

struct Table<'a> {
    calls: &'a Calls,
    meanings: Vec<Meaning>,
    service: Option<&'a Dimension>,
    method: Option<&'a Dimension>,
    route: Option<&'a Dimension>,
}

impl<'a> Table<'a> {
    fn of(calls: &'a Calls, judged: &[Judgement]) -> Self {
        let meanings = calls
            .shapes
            .iter()
            .enumerate()
            .map(|(at, shape)| {
                let verdict = judged.get(at);
                let failed = shape.counted || verdict.is_some_and(|v| v.failed);
                let bucket = verdict.map_or(Bucket::None, |v| v.bucket);
                let cause = verdict.map_or("", |v| v.cause.as_str());
                Meaning {
                    counts: shape.kind == Kind::Call,
                    failed,
                    timed_out: failed && (is_time_out(cause) || matches!(shape.status, 408 | 504 | 524)),
                    auth: failed && bucket == Bucket::Auth,
                    invalid: failed
                        && bucket == Bucket::Client
                        && (is_invalid(cause) || matches!(shape.status, 400 | 422)),
                    says: !failed || !shape.error_code.is_empty() || !shape.message.is_empty(),
                }
            })
            .collect();
        Self {
            calls,
            meanings,
            service: calls.dimension(Attribute::Service),
            method: calls.dimension(Attribute::Method),
            route: calls.dimension(Attribute::Route),
        }
    }

    fn count(&self, rows: Range<usize>) -> Counted {
        let calls = self.calls;
        let mut out = Counted::default();
        let services = self.service.map_or(1, |d| d.values.len().max(1));
        out.services.resize_with(services, Tally::default);
        let said = |dimension: Option<&Dimension>, row| dimension.is_some_and(|d| d.codes.get(row) != 0);
        let id = |ids: &[u64], row: usize| ids.get(row).copied().unwrap_or(0);
        for row in rows {
            let Some(meaning) = calls.shape.get(row).and_then(|shape| self.meanings.get(*shape as usize)) else {
                continue;
            };
            if !meaning.counts {
                continue;
            }
            let code = self.service.map_or(0, |d| d.codes.get(row));
            let Some(tally) = out.services.get_mut(code as usize) else { continue };
            let weight = calls.weight(row);
            let latency = calls.latency.get(row).copied().unwrap_or(f32::NAN);
            let request = id(&calls.request, row);
            let named = request != 0 || id(&calls.trace, row) != 0;
            let timed = calls.time.get(row).is_some_and(|time| *time != NO_TIME);
            let status = calls.status.get(row).is_some_and(|status| *status != 0);
            let whole = timed
                && named
                && status
                && meaning.says
                && latency.is_finite()
                && said(self.method, row)
                && said(self.route, row);
            tally.calls += weight;
            tally.failed += if meaning.failed { weight } else { 0 };
            tally.timed_out += if meaning.timed_out { weight } else { 0 };
            tally.auth += if meaning.auth { weight } else { 0 };
            tally.invalid += if meaning.invalid { weight } else { 0 };
            tally.whole += if whole { weight } else { 0 };
            if latency.is_finite() && latency >= 0.0 {
                tally.latency.add(latency, weight);
            }
            let attempt = calls.attempt.get(row).copied().unwrap_or(0);
            if attempt > 1 {
                // Without an id, each repeat stands for itself.
                let key = if request == 0 { u64::MAX - row as u64 } else { request };
                let last = out.chains.entry((code, key)).or_insert((0, false));
                if attempt >= last.0 {
                    *last = (attempt, !meaning.failed);
                }
            }
        }
        out
    }
}

/// True for causes that say that somebody waited too long.
fn is_time_out(cause: &str) -> bool {
    cause.ends_with("_timeout")
}

/// True for causes that say that what was sent is not valid.
fn is_invalid(cause: &str) -> bool {
    matches!(
        cause.strip_prefix("client.").unwrap_or_default(),
        "malformed_body"
            | "missing_field"
            | "wrong_type"
            | "unknown_field"
            | "wrong_structure"
            | "invalid_value"
            | "missing_parameter"
            | "invalid_parameter"
            | "missing_header"
            | "invalid_header"
            | "wrong_content_type"
            | "bad_encoding"
    )
}

/// What was counted of some rows.
#[derive(Default)]
struct Counted {
    /// By the code of the service.
    services: Vec<Tally>,
    /// Service and request → its last attempt and whether that succeeded.
    chains: BTreeMap<(u32, u64), (u8, bool)>,
}

impl Counted {
    fn add(&mut self, other: Self) {
        if self.services.len() < other.services.len() {
            self.services.resize_with(other.services.len(), Tally::default);
        }
        for (tally, more) in self.services.iter_mut().zip(other.services) {
            tally.add(more);
        }
        for (key, (attempt, succeeded)) in other.chains {
            let last = self.chains.entry(key).or_insert((0, false));
            if attempt >= last.0 {
                *last = (attempt, succeeded);
            }
        }
    }
}

#[derive(Default)]
struct Tally {
    calls: u64,
    failed: u64,
    timed_out: u64,
    auth: u64,
    invalid: u64,
    whole: u64,
    latency: Latencies,
}

impl Tally {
    fn add(&mut self, more: Self) {
        self.calls += more.calls;
        self.failed += more.failed;
        self.timed_out += more.timed_out;
        self.auth += more.auth;
        self.invalid += more.invalid;
        self.whole += more.whole;
        self.latency.merge(more.latency);
    }

    #[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    fn figures(self, service: String, repeated: Option<(u64, u64)>) -> ServiceFigures {
        let share = |n: u64| n as f64 / self.calls.max(1) as f64;
        let latency = self.latency.quantile(0.5).zip(self.latency.quantile(0.95));
        let figure = |id: &str, value: Option<f64>, unit: &str, target: f64, met: fn(f64, f64) -> bool| Figure {
            id: id.to_owned(),
            value,
            unit: unit.to_owned(),
            target,
            met: value.map(|value| met(value, target)),
        };
        let below: fn(f64, f64) -> bool = |value, target| value < target;
        let above: fn(f64, f64) -> bool = |value, target| value > target;
        let least: fn(f64, f64) -> bool = |value, target| value >= target;
        let none: fn(f64, f64) -> bool = |value, target| value <= target;
        let success = repeated.map(|(all, succeeded)| succeeded as f64 / all.max(1) as f64);
        ServiceFigures {
            service,
            calls: self.calls,
            failed: self.failed,
            latency,
            figures: vec![
                figure("response_time", latency.map(|l| l.1), "ms", 200.0, below),
                figure("errors", Some(share(self.failed)), "share", 0.01, below),
                figure("time_outs", Some(share(self.timed_out)), "share", 0.005, below),
                figure("auth_failures", Some(self.auth as f64), "count", 0.0, none),
                figure("validation_errors", Some(self.invalid as f64), "count", 0.0, none),
                figure("retry_success", success, "share", 0.9, above),
                figure("logging_coverage", Some(share(self.whole)), "share", 1.0, least),
            ],
        }
    }
}

/// Durations of which quantiles are asked: as they are while they are few, so that ten thousand small services stay
/// small, then counted in steps of 0.5 % (128 an octave, from a microsecond to twelve days).
enum Latencies {
    Few(Vec<(f32, u64)>),
    Many(Vec<u64>),
}

impl Default for Latencies {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

const FEW: usize = 512;
const OCTAVES_BELOW: u32 = 10;
const STEPS: usize = 40 * 128;

impl Latencies {
    fn add(&mut self, ms: f32, weight: u64) {
        match self {
            Self::Few(list) => {
                list.push((ms, weight));
                if list.len() > FEW {
                    let mut steps = vec![0; STEPS];
                    list.iter().for_each(|(ms, weight)| steps[step(*ms)] += weight);
                    *self = Self::Many(steps);
                }
            }
            Self::Many(steps) => steps[step(ms)] += weight,
        }
    }

    fn merge(&mut self, other: Self) {
        match other {
            Self::Few(list) => list.into_iter().for_each(|(ms, weight)| self.add(ms, weight)),
            Self::Many(more) => match self {
                Self::Many(steps) => steps.iter_mut().zip(more).for_each(|(sum, n)| *sum += n),
                Self::Few(list) => {
                    let few = std::mem::take(list);
                    *self = Self::Many(more);
                    few.into_iter().for_each(|(ms, weight)| self.add(ms, weight));
                }
            },
        }
    }

    /// By nearest rank; the middle of a step.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
    fn quantile(&self, q: f64) -> Option<f64> {
        let rank = |all: u64| ((all as f64 * q).ceil() as u64).max(1);
        match self {
            Self::Few(list) => {
                let mut sorted = list.clone();
                sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
                let mut left = rank(sorted.iter().map(|(_, weight)| weight).sum());
                for (ms, weight) in &sorted {
                    if *weight >= left {
                        return Some(f64::from(*ms));
                    }
                    left -= weight;
                }
                None
            }
            Self::Many(steps) => {
                let mut left = rank(steps.iter().sum());
                for (at, n) in steps.iter().enumerate() {
                    if *n >= left {
                        return Some(middle(at));
                    }
                    left -= n;
                }
                None
            }
        }
    }
}

/// The step of a duration: the upper bits of a float are the logarithm, and 7 bits of what is behind it.
fn step(ms: f32) -> usize {
    let least = (127 - OCTAVES_BELOW) << 7;
    ((ms.to_bits() >> 16).saturating_sub(least) as usize).min(STEPS - 1)
}

fn middle(step: usize) -> f64 {
    let bits = (u32::try_from(step).unwrap_or(0) + ((127 - OCTAVES_BELOW) << 7)) << 16;
    f64::from(f32::from_bits(bits | 0x8000))
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_calls::{Codes, Shape};

    fn judgement(failed: bool, bucket: Bucket, cause: &str) -> Judgement {
        Judgement {
            failed,
            bucket,
            layer: None,
            cause: cause.to_owned(),
            probability: 0.9,
            template: 0,
            diagnosis: None,
        }
    }

    fn dimension(attribute: Attribute, values: &[&str], codes: Vec<u8>) -> Dimension {
        Dimension {
            name: attribute.word().to_owned(),
            attribute: Some(attribute),
            values: values.iter().map(|v| (*v).to_owned()).collect(),
            codes: Codes::One(codes),
        }
    }

    /// `rows` of two services in turn: the second fails every tenth call with 504, and its calls say no route.
    fn table(rows: usize) -> (Calls, Vec<Judgement>) {
        let shape = |status, message: &str| Shape { status, message: message.to_owned(), ..Shape::default() };
        let fails = |row: usize| row % 10 == 9;
        let calls = Calls {
            rows,
            time: (0..rows as i64).collect(),
            status: (0..rows).map(|row| if fails(row) { 504 } else { 200 }).collect(),
            latency: (0..rows).map(|row| (row % 200) as f32 + 1.0).collect(),
            attempt: (0..rows).map(|row| if row % 100 == 50 { 2 } else { 1 }).collect(),
            request: (1..=rows as u64).collect(),
            shape: (0..rows).map(|row| u32::from(fails(row))).collect(),
            dimensions: vec![
                dimension(Attribute::Service, &["", "auth", "crm"], (0..rows).map(|row| 1 + (row % 2) as u8).collect()),
                dimension(Attribute::Method, &["", "GET"], vec![1; rows]),
                dimension(Attribute::Route, &["", "/v1/me"], (0..rows).map(|row| 1 - (row % 2) as u8).collect()),
            ],
            shapes: vec![shape(200, ""), shape(504, "upstream timed out")],
            ..Calls::default()
        };
        let judged =
            vec![judgement(false, Bucket::None, "none"), judgement(true, Bucket::Upstream, "upstream.gateway_timeout")];
        (calls, judged)
    }

    fn value(service: &ServiceFigures, id: &str) -> (Option<f64>, Option<bool>) {
        service.figures.iter().find(|f| f.id == id).map(|f| (f.value, f.met)).unwrap()
    }

    #[test]
    fn seven_figures_of_each_service() {
        let (calls, judged) = table(4_000);
        let found = figures(&calls, &judged);
        assert_eq!(found.iter().map(|s| s.service.as_str()).collect::<Vec<_>>(), ["auth", "crm"]);
        assert!(found.iter().all(|s| s.figures.len() == 7 && s.calls == 2_000));
        let (auth, crm) = (&found[0], &found[1]);
        assert_eq!((auth.failed, crm.failed), (0, 400));
        assert_eq!(value(crm, "errors"), (Some(0.2), Some(false)));
        assert_eq!(value(crm, "time_outs"), (Some(0.2), Some(false)));
        assert_eq!(value(auth, "auth_failures"), (Some(0.0), Some(true)));
        assert_eq!(value(auth, "logging_coverage"), (Some(1.0), Some(true)));
        assert_eq!(value(crm, "logging_coverage"), (Some(0.0), Some(false)), "its calls say no route");
        assert_eq!(value(auth, "retry_success"), (Some(1.0), Some(true)));
        assert_eq!(value(crm, "retry_success"), (None, None), "nobody repeated");
        let (p95, met) = value(auth, "response_time");
        assert!((p95.unwrap() - 190.0).abs() < 1.5 && met == Some(true), "{p95:?}");
    }

    #[test]
    fn threads_change_nothing() {
        let (calls, judged) = table(ROWS_PER_PART * 3);
        let whole = Table::of(&calls, &judged).count(0..calls.rows);
        let found = figures(&calls, &judged);
        assert_eq!(found[1].calls, whole.services[2].calls);
        assert_eq!(found[1].failed, whole.services[2].failed);
        assert_eq!(found[1].latency.map(|l| l.1), whole.services[2].latency.quantile(0.95));
    }

    #[test]
    fn steps_are_narrow_and_in_order() {
        for ms in [0.002_f32, 0.5, 1.0, 17.3, 199.0, 201.0, 86_400_000.0] {
            let error = (middle(step(ms)) / f64::from(ms) - 1.0).abs();
            assert!(error < 0.005, "{ms}: {error}");
        }
        assert!(step(0.0) == 0 && step(f32::MAX) == STEPS - 1 && step(199.0) < step(201.0));
    }
}

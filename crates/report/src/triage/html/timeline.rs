//! Failures, durations and calls over time, one below the other, with what happened when.
//!
//! The shapes of a plot are 1000 wide and 100 high and stretch; its words lie over it at the same place in per cent.

use crate::triage::words::{self, clock, count, date, duration, share};
use firstfault_model::incident::{Incident, Point, Series};
use maud::{Markup, html};
use std::fmt::Write as _;

/// Steps that are drawn, and rows of the table: more are put together.
const DRAWN: usize = 240;
const LISTED: usize = 60;
/// Changes that are marked.
const MARKED: usize = 6;
/// Widths of a step between two times on the axis, in milliseconds.
const TICKS: &[i64] = &[
    1_000,
    5_000,
    15_000,
    30_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    21_600_000,
    43_200_000,
    86_400_000,
    604_800_000,
    2_592_000_000,
];

/// The section; nothing where nothing is known of the time.
pub fn section(series: &Series, incident: Option<&Incident>) -> Markup {
    let Some(axis) = Axis::of(series) else { return html! {} };
    let drawn = gathered(series, DRAWN);
    let changes: Vec<_> = incident.map_or(&[][..], |i| &i.changes).iter().take(MARKED).collect();
    let most = drawn.iter().map(|p| p.failed).max().unwrap_or(0);
    let timed = drawn.iter().any(|p| p.latency.is_some());
    let banded = drawn.iter().any(|p| p.expected.is_some());
    let step = axis.step_of(drawn.len());
    let told = incident.map_or_else(String::new, |i| format!(", onset at {} UTC", clock(i.onset)));
    html! {
        section {
            h2 { "Over time" }
            figure.timeline {
                (plot(
                    &axis, incident, "tall",
                    &format!("Failures over time, at most {} in {step}{told}", count(most)),
                    &format!("failed calls in {step}"),
                    failures(&drawn),
                ))
                @if timed {
                    (plot(
                        &axis, incident, "low", &format!("Response time over time: median and 95th percentile{told}"),
                        "response time: median and 95th percentile",
                        latency(&drawn),
                    ))
                }
                (plot(
                    &axis, incident, "low", "All calls over time", &format!("all calls in {step}"), calls(&drawn),
                ))
                div.ticks aria-hidden="true" {
                    @for (left, label) in axis.ticks() { span style={"left:" (percent(left))} { (label) } }
                }
                figcaption {
                    span.key { span.swatch.failed {} "failed" }
                    @if banded { span.key { span.swatch.expected {} "what was to be expected" } }
                    @if timed { span.key { span.swatch.p50 {} "median" } span.key { span.swatch.p95 {} "95th percentile" } }
                    @if incident.is_some() { span.key { span.swatch.onset {} "onset, with its interval" } }
                    @if incident.is_some_and(|i| i.end.is_some()) { span.key { span.swatch.end {} "end" } }
                    @if !changes.is_empty() { span.key { span.swatch.change {} "change" } }
                    " UTC"
                }
            }
            @if !changes.is_empty() {
                ol.marks {
                    @for change in &changes {
                        li { (clock(change.at)) " " code { (change.id) } " " (change.what) " · " (share(change.probability)) }
                    }
                }
            }
            (table(series))
        }
    }
}

/// Where a moment lies on the axis.
struct Axis {
    start: i64,
    length: i64,
}

impl Axis {
    fn of(series: &Series) -> Option<Self> {
        let length = series.step.checked_mul(i64::try_from(series.points.len()).ok()?)?;
        series.start.checked_add(length)?;
        (series.points.len() > 1 && length > 0).then_some(Self { start: series.start, length })
    }

    /// 0 to 1; nothing outside.
    #[allow(clippy::cast_precision_loss, reason = "milliseconds of a log fit")]
    fn place(&self, at: i64) -> Option<f64> {
        let place = at.checked_sub(self.start)? as f64 / self.length as f64;
        (0.0..=1.0).contains(&place).then_some(place)
    }

    #[allow(clippy::cast_precision_loss, reason = "milliseconds of a log fit")]
    fn step_of(&self, steps: usize) -> String {
        duration(self.length as f64 / steps.max(1) as f64)
    }

    /// Round times, at most seven.
    fn ticks(&self) -> Vec<(f64, String)> {
        let step = TICKS.iter().copied().find(|step| self.length / step < 7).unwrap_or(self.length);
        let first = self.start.div_euclid(step).saturating_add(1).saturating_mul(step);
        let label = |at: i64| match step {
            step if step >= 86_400_000 => date(at).get(5..10).unwrap_or("?").to_owned(),
            step if step >= 60_000 => clock(at).get(..5).unwrap_or("?").to_owned(),
            _ => clock(at),
        };
        (0..8)
            .map_while(|n| first.checked_add(step.checked_mul(n)?))
            .filter_map(|at| Some((self.place(at).filter(|p| *p < 0.97)?, label(at))))
            .collect()
    }
}

/// Steps put together, so that at most `limit` are left.
#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn gathered(series: &Series, limit: usize) -> Vec<Point> {
    let each = series.points.len().div_ceil(limit).max(1);
    let together = |chunk: &[Point]| {
        let mut sum = Point::default();
        let (mut weight, mut p50, mut p95) = (0.0, 0.0, 0.0);
        let mut expected = (0.0, 0.0);
        let mut known = false;
        for point in chunk {
            sum.calls += point.calls;
            sum.failed += point.failed;
            if let Some((a, b)) = point.latency.filter(|(a, b)| a.is_finite() && b.is_finite()) {
                let n = point.calls.max(1) as f64;
                weight += n;
                p50 += a * n;
                p95 += b * n;
            }
            if let Some((low, high)) = point.expected.filter(|(low, high)| low.is_finite() && high.is_finite()) {
                known = true;
                expected = (expected.0 + low.max(0.0), expected.1 + high.max(0.0));
            }
        }
        sum.latency = (weight > 0.0).then(|| (p50 / weight, p95 / weight));
        sum.expected = known.then_some(expected);
        sum
    };
    series.points.chunks(each).map(together).collect()
}

/// One shape of a plot: its class and its path.
type Shape = (&'static str, String);

struct Shapes {
    scale: f64,
    unit: fn(f64) -> String,
    parts: Box<dyn Fn(f64) -> Vec<Shape>>,
}

#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn to(n: u64) -> f64 {
    n as f64
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts")]
fn count_label(value: f64) -> String {
    count(value.max(0.0) as u64)
}

/// What was to be expected lies under the failures, its upper limit over them: both are seen, whichever is higher.
fn failures(points: &[Point]) -> Shapes {
    let failed: Vec<f64> = points.iter().map(|p| to(p.failed)).collect();
    let band: Vec<Option<(f64, f64)>> = points.iter().map(|p| p.expected).collect();
    let highest = failed.iter().copied().chain(band.iter().flatten().map(|(_, high)| *high));
    let scale = round_up(highest.fold(0.0, f64::max));
    let parts = move |scale| {
        let failed = ("failed", steps(&failed, scale));
        if band.iter().any(Option::is_some) {
            vec![("expected", between(&band, scale)), failed, ("limit", upper(&band, scale))]
        } else {
            vec![failed]
        }
    };
    Shapes { scale, unit: count_label, parts: Box::new(parts) }
}

fn calls(points: &[Point]) -> Shapes {
    let calls: Vec<f64> = points.iter().map(|p| to(p.calls)).collect();
    let scale = round_up(calls.iter().copied().fold(0.0, f64::max));
    Shapes { scale, unit: count_label, parts: Box::new(move |scale| vec![("calls", steps(&calls, scale))]) }
}

fn latency(points: &[Point]) -> Shapes {
    let of = |pick: fn((f64, f64)) -> f64| -> Vec<Option<f64>> { points.iter().map(|p| p.latency.map(pick)).collect() };
    let (p50, p95) = (of(|l| l.0), of(|l| l.1));
    let scale = round_up(p95.iter().flatten().copied().fold(0.0, f64::max));
    Shapes {
        scale,
        unit: duration,
        parts: Box::new(move |scale| vec![("p50", line(&p50, scale)), ("p95", line(&p95, scale))]),
    }
}

/// The next 1, 2 or 5 with zeros.
fn round_up(value: f64) -> f64 {
    if !value.is_finite() || value <= 1.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * power).find(|m| *m >= value * 0.999).unwrap_or(value)
}

fn high(value: f64, scale: f64) -> f64 {
    100.0 - (value / scale).clamp(0.0, 1.0) * 100.0
}

#[allow(clippy::cast_precision_loss, reason = "hundreds of steps")]
fn wide(at: usize, all: usize) -> f64 {
    at as f64 * 1000.0 / all.max(1) as f64
}

/// An area whose top goes in steps.
fn steps(values: &[f64], scale: f64) -> String {
    let mut path = "M0 100".to_owned();
    for (at, value) in values.iter().enumerate() {
        let top = high(*value, scale);
        let _ = write!(path, "L{:.1} {top:.1}L{:.1} {top:.1}", wide(at, values.len()), wide(at + 1, values.len()));
    }
    path + "L1000 100Z"
}

/// The room between a low and a high value: one shape for each run of steps in which both are known.
fn between(values: &[Option<(f64, f64)>], scale: f64) -> String {
    let mut path = String::new();
    let mut at = 0;
    for run in values.chunk_by(|a, b| a.is_some() == b.is_some()) {
        let sides = |step: usize| (wide(at + step, values.len()), wide(at + step + 1, values.len()));
        let mut pen = 'M';
        for (step, band) in run.iter().enumerate() {
            let Some((low, top)) = band else { continue };
            let (left, right) = sides(step);
            // A band that would not be seen is a line.
            let top = high(*top, scale).min(high(*low, scale) - 1.0);
            let _ = write!(path, "{pen}{left:.1} {top:.1}L{right:.1} {top:.1}");
            pen = 'L';
        }
        for (step, band) in run.iter().enumerate().rev() {
            let Some((low, _)) = band else { continue };
            let (left, right) = sides(step);
            let low = high(*low, scale);
            let _ = write!(path, "L{right:.1} {low:.1}L{left:.1} {low:.1}");
        }
        if pen == 'L' {
            path.push('Z');
        }
        at += run.len();
    }
    path
}

/// The upper limit of such a room, in steps.
fn upper(values: &[Option<(f64, f64)>], scale: f64) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for (at, band) in values.iter().enumerate() {
        match band {
            Some((_, top)) => {
                let (left, right, top) = (wide(at, values.len()), wide(at + 1, values.len()), high(*top, scale));
                let _ = write!(path, "{pen}{left:.1} {top:.1}L{right:.1} {top:.1}");
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    path
}

/// A line through the middle of the steps, with gaps where nothing is known.
fn line(values: &[Option<f64>], scale: f64) -> String {
    let mut path = String::new();
    let mut pen = 'M';
    for (at, value) in values.iter().enumerate() {
        match value.filter(|value| value.is_finite()) {
            Some(value) => {
                let middle = f64::midpoint(wide(at, values.len()), wide(at + 1, values.len()));
                let _ = write!(path, "{pen}{middle:.1} {:.1}", high(value, scale));
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    path
}

fn plot(axis: &Axis, incident: Option<&Incident>, class: &str, label: &str, title: &str, shapes: Shapes) -> Markup {
    let onset = incident.and_then(|i| axis.place(i.onset));
    let end = incident.and_then(|i| axis.place(i.end?));
    let interval = incident.and_then(|i| Some((axis.place(i.interval.0)?, axis.place(i.interval.1)?)));
    let changes = incident.map_or(&[][..], |i| &i.changes);
    let marked = class == "tall";
    html! {
        p.plot-title { (title) }
        div class={"plot " (class)} {
            svg viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label=(label) {
                title { (label) }
                path.grid d="M0 0H1000M0 50H1000" {}
                @if let Some((from, to)) = interval {
                    rect.interval x=(format!("{:.1}", from * 1000.0)) y="0" height="100"
                        width=(format!("{:.1}", ((to - from) * 1000.0).max(2.0))) {}
                }
                @for (class, path) in (shapes.parts)(shapes.scale) { path class=(class) d=(path) {} }
                @for change in changes.iter().take(MARKED) {
                    @if let Some(at) = axis.place(change.at) { (vertical("change", at)) }
                }
                @if let Some(at) = onset { (vertical("onset", at)) }
                @if let Some(at) = end { (vertical("end", at)) }
                path.base d="M0 100H1000" {}
            }
            span.scale aria-hidden="true" { ((shapes.unit)(shapes.scale)) }
            @if marked {
                @for (number, change) in changes.iter().take(MARKED).enumerate() {
                    @if let Some(at) = axis.place(change.at) {
                        span.number style={"left:" (percent(at))} title=(change.id) { (number + 1) }
                    }
                }
                @if let Some(at) = onset {
                    span class={"flag" @if at > 0.6 { " before" }} style={"left:" (percent(at))} {
                        "onset " (incident.map_or_else(String::new, |i| clock(i.onset)))
                    }
                }
                @if let Some(at) = end {
                    span class={"flag low" @if at > 0.6 { " before" }} style={"left:" (percent(at))} {
                        "end " (incident.and_then(|i| i.end).map_or_else(String::new, clock))
                    }
                }
            }
        }
    }
}

fn vertical(class: &str, at: f64) -> Markup {
    html! { path class=(class) d=(format!("M{:.1} 0V100", at * 1000.0)) {} }
}

fn percent(part: f64) -> String {
    format!("{:.2}%", part.clamp(0.0, 1.0) * 100.0)
}

/// The same in numbers.
fn table(series: &Series) -> Markup {
    let rows = gathered(series, LISTED);
    let each = series.points.len().div_ceil(LISTED).max(1);
    let step = series.step.saturating_mul(i64::try_from(each).unwrap_or(1));
    let begins = |at: usize| step.saturating_mul(i64::try_from(at).unwrap_or(0)).saturating_add(series.start);
    html! {
        details.numbers {
            summary { "The same in numbers" }
            div.scroll tabindex="0" role="region" aria-label="Calls over time as a table" {
                table {
                    thead { tr {
                        th scope="col" { "from (UTC)" } th scope="col" { "calls" } th scope="col" { "failed" }
                        th scope="col" { "expected" } th scope="col" { "median" } th scope="col" { "95th percentile" }
                    } }
                    tbody {
                        @for (at, point) in rows.iter().enumerate() {
                            tr {
                                th scope="row" { (words::date(begins(at))) }
                                td { (count(point.calls)) }
                                td { (count(point.failed)) }
                                td { @if let Some((low, high)) = point.expected { (count_label(low)) " to " (count_label(high.ceil())) } }
                                td { @if let Some((p50, _)) = point.latency { (duration(p50)) } }
                                td { @if let Some((_, p95)) = point.latency { (duration(p95)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_ticks_few() {
        let rounded: Vec<f64> = [0.0, 1.0, 7.0, 10.0, 167.0, 512.0, f64::NAN].iter().map(|v| round_up(*v)).collect();
        assert_eq!(rounded, [1.0, 1.0, 10.0, 10.0, 200.0, 1000.0, 1.0]);
        for length in [10_000, 3_600_000, 86_400_000, 40 * 86_400_000, i64::MAX / 4] {
            let ticks = Axis { start: 1_795_168_800_000, length }.ticks();
            assert!(ticks.len() <= 7, "{length}: {ticks:?}");
        }
        let hour = Axis { start: 1_795_168_800_000, length: 3_600_000 }.ticks();
        assert_eq!(hour.first().map(|t| t.1.as_str()), Some("10:10"));
    }

    #[test]
    fn no_time_is_no_section() {
        assert_eq!(section(&Series::default(), None).into_string(), "");
        let broken = Series { start: i64::MAX, step: i64::MAX, points: vec![Point::default(); 3] };
        assert_eq!(section(&broken, None).into_string(), "");
    }
}

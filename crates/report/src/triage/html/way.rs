//! One failing call: its line, and its way through the systems as a waterfall on one clock.

use crate::triage::words::{self, duration};
use firstfault_model::incident::{Hop, Incident};
use maud::{Markup, html};

/// Hops that are shown, and characters of the line.
const HOPS: usize = 60;
const LINE: usize = 4_000;

pub fn section(incident: &Incident) -> Markup {
    let Some(representative) = &incident.representative else { return html! {} };
    let hops: Vec<&Hop> = representative.way.iter().take(HOPS).collect();
    let left = representative.way.len().saturating_sub(HOPS);
    html! {
        section {
            h2 { "One failing call" }
            @if !hops.is_empty() { (waterfall(&hops)) }
            @if left > 0 { p.quiet { "and " (left) " lines more" } }
            @if let Some(verdict) = &representative.diagnosis { p { (verdict.summary) } }
            p.where { code { (representative.input) } " line " (representative.line) }
            @if !representative.text.is_empty() { pre { code { (crate::one_line(&representative.text, LINE)) } } }
        }
    }
}

/// When a hop began by the first system's clock, in milliseconds.
#[allow(clippy::cast_precision_loss, reason = "milliseconds of a log fit")]
fn began(hop: &Hop) -> Option<f64> {
    hop.at.map(|at| at.saturating_sub(hop.skew) as f64)
}

fn length(hop: &Hop) -> f64 {
    // A day is longer than any call: more is a broken line.
    hop.duration.filter(|ms| (0.0..=86_400_000.0).contains(ms)).unwrap_or(0.0)
}

fn waterfall(hops: &[&Hop]) -> Markup {
    let start = hops.iter().filter_map(|hop| began(hop)).fold(f64::INFINITY, f64::min);
    let end = hops.iter().filter_map(|hop| began(hop).map(|at| at + length(hop))).fold(f64::NEG_INFINITY, f64::max);
    let whole = (end - start).max(1.0);
    let drawn = start.is_finite() && whole.is_finite();
    html! {
        ol.way {
            @for hop in hops {
                @let state = if hop.failed { "failed" } else { "passed" };
                li class=(state) {
                    div.who style={"padding-left:" (hop.depth.min(8)) "em"} {
                        span class={"sign " (state)} aria-label=(state) { (if hop.failed { "✗" } else { "✓" }) }
                        " " strong { (hop.service) }
                        @if let Some(layer) = hop.layer { " " span.quiet { (layer.word()) } }
                        @if hop.origin { " " span.first { "failed first" } }
                    }
                    @if drawn {
                        @let at = began(hop).map(|at| (at - start) / whole * 1000.0);
                        svg.lane viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
                            rect.track-ground width="1000" height="10" {}
                            @if let Some(at) = at {
                                rect class=(if hop.origin { "origin" } else { state }) x=(format!("{at:.1}")) height="10"
                                    width=(format!("{:.1}", (length(hop) / whole * 1000.0).max(4.0))) {}
                            }
                        }
                    }
                    div.took { (hop.duration.map_or_else(|| "–".to_owned(), duration)) }
                    div.said {
                        code { (hop.what) }
                        @if let Some(status) = hop.status { " → " (status) }
                        @if let Some(at) = hop.at { span.quiet { " · " (words::clock(at)) } }
                        @if hop.skew != 0 { span.quiet { " · " (words::skew(hop.skew)) } }
                        @if let Some((bucket, _, cause)) = &hop.verdict { span.quiet { " · " (bucket.word()) " " (cause) } }
                        @if !hop.message.is_empty() { p { (crate::one_line(&hop.message, 400)) } }
                    }
                }
            }
        }
        @if drawn { p.quiet { "The whole way took " (duration(whole)) ", on the clock of the first system." } }
    }
}

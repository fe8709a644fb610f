//! What isolates it: for each attribute set, the failing share inside, outside and before.

use crate::triage::words::{self, count, share};
use firstfault_model::incident::{Incident, Isolation};
use maud::{Markup, html};

/// Sets that are shown.
const SETS: usize = 8;

pub fn section(incident: &Incident) -> Markup {
    html! {
        section {
            h2 { "What isolates it" }
            @if incident.isolation.is_empty() {
                p { "Nothing: it is everywhere that was looked at." }
            }
            @for isolation in incident.isolation.iter().take(SETS) { (set(isolation)) }
            @if incident.combinations_tried > 0 {
                p.quiet { (count(incident.combinations_tried)) " combinations of attributes were tried, and the evidence pays for them." }
            }
        }
    }
}

fn set(isolation: &Isolation) -> Markup {
    html! {
        div.set {
            h3 {
                @for (at, (name, value)) in isolation.attributes.iter().enumerate() {
                    @if at > 0 { " + " }
                    span.attribute { (words::spaced(name)) } " " code { (value) }
                }
            }
            p.quiet {
                (count(isolation.failures)) " of " (count(isolation.calls)) " calls failed: "
                (share(isolation.share)) " of the incident's failures"
            }
            dl.bars {
                (bar("inside", "inside, now", isolation.rate_inside))
                (bar("outside", "outside, now", isolation.rate_outside))
                (bar("before", "inside, before", isolation.rate_before))
            }
        }
    }
}

fn bar(class: &str, label: &str, rate: f64) -> Markup {
    let width =
        if rate.is_finite() { (rate.clamp(0.0, 1.0) * 100.0).max(if rate > 0.0 { 0.4 } else { 0.0 }) } else { 0.0 };
    html! {
        div {
            dt { (label) }
            dd {
                svg.meter viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                    rect.track-ground width="100" height="10" {}
                    rect class=(class) width=(format!("{width:.2}")) height="10" {}
                }
                span.value { (share(rate)) }
            }
        }
    }
}

//! Tables of the page. On a narrow screen a row becomes a card, so that nothing has to be moved sideways.

use crate::triage::words::{self, clock, count, date, share, some};
use firstfault_model::incident::{Background, Incident, ServiceFigures, Signature};
use maud::{Markup, html};

/// Rows of a table.
const ROWS: usize = 25;

fn more(all: usize) -> Markup {
    html! { @if all > ROWS { p.quiet { "and " (count((all - ROWS) as u64)) " more" } } }
}

pub fn changes(incident: &Incident) -> Markup {
    html! {
        @if !incident.changes.is_empty() {
            section {
                h2 { "What changed" }
                table.cards {
                    thead { tr {
                        th scope="col" { "probability" } th scope="col" { "time (UTC)" } th scope="col" { "change" } th scope="col" { "why" }
                    } }
                    tbody {
                        @for change in incident.changes.iter().take(ROWS) {
                            @let chosen = incident.change.as_ref().is_some_and(|c| c.id == change.id && c.at == change.at);
                            tr.chosen[chosen] {
                                td data-label="probability" { (meter(change.probability)) }
                                td data-label="time (UTC)" { (date(change.at)) }
                                td data-label="change" { code { (change.id) } " " (change.what) }
                                td data-label="why" { (change.because) }
                            }
                        }
                        tr {
                            td data-label="probability" { (meter(words::none_of_these(incident))) }
                            td data-label="time (UTC)" {}
                            td data-label="change" { "none of these" }
                            td data-label="why" {}
                        }
                    }
                }
                (more(incident.changes.len()))
            }
        }
    }
}

fn meter(part: f64) -> Markup {
    let width = if part.is_finite() { part.clamp(0.0, 1.0) * 100.0 } else { 0.0 };
    html! {
        span.percent { (share(part)) }
        svg.small viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
            rect.track-ground width="100" height="10" {}
            rect.before width=(format!("{width:.2}")) height="10" {}
        }
    }
}

pub fn signatures(signatures: &[Signature]) -> Markup {
    let most = signatures.iter().map(|s| s.count).max().unwrap_or(0).max(1);
    html! {
        @if !signatures.is_empty() {
            section {
                h2 { "What failed" }
                table.cards {
                    thead { tr {
                        th scope="col" { "failures" } th scope="col" { "call and answer" } th scope="col" { "message" }
                        th scope="col" { "cause" } th scope="col" { "seen" }
                    } }
                    tbody {
                        @for signature in signatures.iter().take(ROWS) {
                            tr {
                                td data-label="failures" {
                                    strong { (count(signature.count)) }
                                    svg.small viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" {
                                        rect.track-ground width="100" height="10" {}
                                        rect.inside width=(format!("{:.2}", part(signature.count, most))) height="10" {}
                                    }
                                    span.quiet {
                                        @if signature.before == 0 { "new" } @else { (count(signature.before)) " before" }
                                    }
                                }
                                td data-label="call and answer" { (words::signature_head(signature)) }
                                td data-label="message" { code { (crate::one_line(&signature.message, 400)) } }
                                td data-label="cause" {
                                    code { (signature.cause) }
                                    @if let Some(layer) = signature.layer { br; span.quiet { (layer.word()) " layer" } }
                                }
                                td data-label="seen" {
                                    @if let Some((first, last)) = signature.seen { (clock(first)) " to " (clock(last)) }
                                    @if let Some((input, line)) = &signature.sample { br; span.quiet { (input) " line " (line) } }
                                }
                            }
                        }
                    }
                }
                (more(signatures.len()))
            }
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
fn part(of: u64, most: u64) -> f64 {
    of as f64 * 100.0 / most as f64
}

pub fn origins(incident: &Incident) -> Markup {
    html! {
        @if !incident.origins.is_empty() || !incident.short_timeouts.is_empty() {
            section {
                h2 { "Where it began" }
                @if !incident.origins.is_empty() {
                    table.cards {
                        thead { tr {
                            th scope="col" { "failing requests" } th scope="col" { "began at" } th scope="col" { "from there at" }
                        } }
                        tbody {
                            @for origin in incident.origins.iter().take(ROWS) {
                                tr {
                                    td data-label="failing requests" { (count(origin.count)) }
                                    td data-label="began at" {
                                        strong { (origin.service) }
                                        @if let Some(layer) = origin.layer { " " span.quiet { (layer.word()) " layer" } }
                                    }
                                    td data-label="from there at" {
                                        @for (at, (service, n)) in origin.passed_on.iter().take(6).enumerate() {
                                            @if at > 0 { ", " } (service) " " (count(*n))
                                        }
                                    }
                                }
                            }
                        }
                    }
                    (more(incident.origins.len()))
                }
                @for timeout in incident.short_timeouts.iter().take(ROWS) { p.missing { (words::short_timeout(timeout)) } }
            }
        }
    }
}

pub fn retries(incident: &Incident) -> Markup {
    let retries = &incident.retries;
    let said = crate::triage::text::retries(incident);
    html! {
        @if said.is_some() || retries.repeats > 0 {
            section {
                h2 { "Retries" }
                @if let Some(said) = said { p { strong { (said) } } }
                p { (some(retries.repeats, "repeat")) @if !retries.how.is_empty() { ", recognised " (retries.how) } }
                ul {
                    @for (name, value, n) in retries.without_backoff.iter().take(ROWS) {
                        li { (words::spaced(name)) " " code { (value) } " repeats without growing pauses, " (count(*n)) " times" }
                    }
                    @for (name, value, n) in retries.against_retry_after.iter().take(ROWS) {
                        li { (words::spaced(name)) " " code { (value) } " repeats before Retry-After has passed, " (count(*n)) " times" }
                    }
                }
            }
        }
    }
}

pub fn figures(services: &[ServiceFigures]) -> Markup {
    html! {
        @if !services.is_empty() {
            section {
                h2 { "Seven figures of each service" }
                table.cards.figures {
                    thead { tr {
                        th scope="col" { "service" }
                        @for (_, title, target) in words::TARGETS { th scope="col" { (title) br; span.quiet { (target) } } }
                    } }
                    tbody {
                        @for service in services.iter().take(ROWS) {
                            tr {
                                th scope="row" {
                                    (if service.service.is_empty() { "all" } else { &service.service })
                                    br; span.quiet { (some(service.calls, "call")) }
                                }
                                @for (id, title, _) in words::TARGETS {
                                    @let figure = service.figures.iter().find(|figure| figure.id == *id);
                                    @let met = figure.and_then(|figure| figure.met);
                                    td data-label=(title) class=(match met { Some(true) => "met", Some(false) => "missed", None => "open" }) {
                                        span.value {
                                            @match met {
                                                Some(true) => { span.sign.passed aria-label="target met" { "✓" } " " }
                                                Some(false) => { span.sign.failed aria-label="target missed" { "✗" } " " }
                                                None => {}
                                            }
                                            (figure.map_or_else(|| "-".to_owned(), words::figure))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
                (more(services.len()))
            }
        }
    }
}

pub fn background(background: &[Background]) -> Markup {
    html! {
        @if !background.is_empty() {
            section {
                h2 { "Background: failed before and after alike" }
                ul {
                    @for one in background.iter().take(ROWS) {
                        li {
                            (share(one.rate)) " of " (words::attributes(&one.attributes)) ": "
                            (words::signature_head(&one.signature)) ", " (count(one.signature.count)) " times"
                        }
                    }
                }
                (more(background.len()))
            }
        }
    }
}

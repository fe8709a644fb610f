//! A triage as one self-contained HTML page: no script, nothing loaded, nothing sent.
//!
//! Pictures are inline SVG, which also prints where grounds are left out; their shapes stretch with the page, their words
//! are text of the page and do not. Everything that a picture or a colour says stands in words or a table too.

mod bars;
mod tables;
mod timeline;
mod way;

use super::safe::SafeTriage;
use super::words::{self, clock, count, date, duration, share, some};
use crate::html::{shell, strip, style};
use firstfault_model::incident::{Incident, Triage};
use maud::{Markup, html};

/// Inputs and problems that are listed.
const ROWS: usize = 30;

/// The page.
#[must_use]
pub fn html(safe: &SafeTriage) -> String {
    let triage = safe.triage();
    let title = match triage.incidents.as_slice() {
        [] if triage.calls == 0 => "No call could be read".to_owned(),
        [] => format!("No incident in {}", some(triage.calls, "call")),
        [one] => one.summary.clone(),
        many => format!("{} incidents", many.len()),
    };
    let several = triage.incidents.len() > 1;
    let body = html! {
        main.triage {
            @if triage.incidents.is_empty() { (nothing(triage)) }
            @if several { (overview(triage)) }
            @for (number, incident) in triage.incidents.iter().enumerate() {
                @let heading = several.then(|| format!("Incident {} of {}", number + 1, triage.incidents.len()));
                (story(incident, triage, number + 1, heading.as_deref()))
            }
            (tables::figures(&triage.services))
            (tables::background(&triage.background))
            (read(triage))
        }
    };
    let sheet = format!("{}\n{}", style::SHEET, include_str!("triage.css"));
    shell(&title, &sheet, &body)
}

/// Each incident on one line, with a way to it.
fn overview(triage: &Triage) -> Markup {
    html! {
        header {
            h1 {
                span.sign.failed aria-label="failed" { "✗" } " "
                (triage.incidents.len()) " independent incidents in " (some(triage.calls, "call"))
            }
        }
        nav.overview aria-label="Incidents" {
            ol {
                @for (number, incident) in triage.incidents.iter().enumerate() {
                    li {
                        a href={"#incident-" (number + 1)} {
                            strong { (clock(incident.onset)) " · " (words::bucket(incident.bucket)) " · " (place(incident)) }
                        }
                        " " (some(incident.failures, "failure")) ", " (state(incident))
                    }
                }
            }
        }
    }
}

fn place(incident: &Incident) -> String {
    incident.isolation.first().map_or_else(|| "everywhere".to_owned(), |i| words::attributes(&i.attributes))
}

fn state(incident: &Incident) -> String {
    incident.end.map_or_else(
        || "still going on when the logs end".to_owned(),
        |end| format!("over after {}", words::between(incident.onset, end)),
    )
}

fn nothing(triage: &Triage) -> Markup {
    #[allow(clippy::cast_precision_loss, reason = "counts of calls are far below 2^52")]
    let failing = share(triage.failed as f64 / triage.calls.max(1) as f64);
    let inputs = words::inputs(triage);
    html! {
        header {
            @if triage.calls == 0 {
                h1 { span.sign.unknown aria-label="not known" { "?" } " No call could be read" }
                p.summary { (some(triage.unreadable_lines, "line")) " tell of no call that could be understood." }
            } @else {
                h1 { span.sign.passed aria-label="passed" { "✓" } " No incident in " (some(triage.calls, "call")) }
                p.summary {
                    (count(triage.failed)) " of them failed (" (failing) "), and at no time more than the rest of the time makes one expect."
                }
                @if let Some((from, to)) = triage.span { p.quiet { (date(from)) " to " (date(to)) " UTC" } }
            }
        }
        (timeline::section(&triage.series, None))
        section {
            h2 { "If you know of one" }
            ol.checks {
                li { p { "Were the fields understood, and which lines were not?" } pre { code { "firstfault triage " (inputs) " --show-mapping" } } }
                li { p { "Does a line that should count as failed count as one?" } pre { code { "firstfault diagnose - < LINE" } } }
                li { p { "Read an hour before it too, so that the usual is known, and the logs of the system where it was seen." } }
            }
        }
    }
}

fn story(incident: &Incident, triage: &Triage, number: usize, heading: Option<&str>) -> Markup {
    let over = incident.end.is_some();
    let series = if incident.series.points.is_empty() { &triage.series } else { &incident.series };
    html! {
        article id={"incident-" (number)} aria-label={"Incident " (number)} {
            header {
                p.state-line {
                    span.pill.over[over].on[!over] { (if over { "over" } else { "going on" }) }
                    @if let Some(heading) = heading { " " (heading) }
                }
                h1 { (incident.summary) }
            }
            (tiles(incident))
            (next(incident))
            (timeline::section(series, Some(incident)))
            (bars::section(incident))
            @let layers = words::layers(incident);
            @if !layers.is_empty() { (strip(&layers, incident.cause != "unknown")) }
            (tables::changes(incident))
            (tables::signatures(&incident.signatures))
            (tables::origins(incident))
            (tables::retries(incident))
            (way::section(incident))
            (questions(incident))
        }
    }
}

/// The answers that are wanted first.
fn tiles(incident: &Incident) -> Markup {
    let (from, to) = incident.interval;
    let who = words::affected(&incident.affected);
    let detected = incident.clock.to_detect.map_or_else(|| "not known".to_owned(), |s| duration(s * 1000.0));
    html! {
        dl.tiles {
            div {
                dt { "Since" }
                dd { (clock(incident.onset)) " UTC" }
                dd.more {
                    (date(incident.onset).get(..10).unwrap_or_default()) ", " (words::course(incident.course)) "; 95% sure: "
                    (clock(from)) " to " (clock(to))
                }
            }
            div {
                dt { "Until" }
                dd { (incident.end.map_or_else(|| "going on".to_owned(), |end| format!("{} UTC", clock(end)))) }
                dd.more { (state(incident)) }
            }
            div {
                dt { "Affected" }
                dd { (if who.is_empty() { "not known".to_owned() } else { who }) }
                dd.more { (count(incident.failures)) " of " (some(incident.calls, "call")) " failed" }
            }
            div {
                dt { "Where" }
                dd { (place(incident)) }
                dd.more {
                    @match incident.isolation.first() {
                        Some(isolation) => { (words::rates(isolation)) }
                        None if incident.combinations_tried > 0 => {
                            "none of " (count(incident.combinations_tried)) " combinations isolates it"
                        }
                        None => "no line has an attribute that could",
                    }
                }
            }
            div {
                dt { "Change" }
                @match &incident.change {
                    Some(change) => { dd { (change.id) } dd.more { (share(change.probability)) " likely · " (change.what) } }
                    None if incident.changes.is_empty() => { dd { "none known" } dd.more { "--changes FILE names them" } }
                    None => {
                        dd { "none of these" }
                        dd.more { (some(incident.changes.len() as u64, "known change")) ", " (share(words::none_of_these(incident))) " that none did it" }
                    }
                }
            }
            div {
                dt { "Failed first" }
                dd { (incident.layer.map_or("not known", firstfault_model::Layer::word)) " layer" }
                dd.more { (super::text::cause(incident)) }
            }
            div {
                dt { "Bucket" }
                dd { (words::bucket(incident.bucket)) }
                dd.more {
                    @if let Some(owner) = incident.owner { (crate::text::owner(owner)) }
                    @if let Some(retry) = incident.retry { " · " (crate::text::retry(retry, None)) }
                }
            }
            div {
                dt { "Time to detect" }
                dd { (detected) }
                dd.more { (incident.clock.how) }
            }
        }
    }
}

fn next(incident: &Incident) -> Markup {
    html! {
        @if !incident.checks.is_empty() {
            section.next {
                h2 { "Next, fastest first" }
                ol.checks {
                    @for check in incident.checks.iter().take(4) {
                        li {
                            p {
                                (check.question) " "
                                span.quiet {
                                    (duration(f64::from(check.seconds) * 1000.0))
                                    @if check.risk == "write" { " · changes something: only with consent" }
                                }
                            }
                            @if let Some(command) = &check.command { pre { code { (command) } } }
                        }
                    }
                }
            }
        }
    }
}

fn questions(incident: &Incident) -> Markup {
    let open = incident.checklist.iter().filter(|q| q.answer.is_none()).count();
    html! {
        @if !incident.checklist.is_empty() {
            section {
                h2 { "The " (incident.checklist.len()) " questions of a triage" @if open > 0 { span.quiet { " · " (open) " open" } } }
                ol.questions {
                    @for question in &incident.checklist {
                        @let done = question.answer.is_some();
                        li class=(if done { "done" } else { "open" }) {
                            p.question {
                                span.sign.passed[done].unknown[!done] aria-label=(if done { "answered" } else { "open" }) {
                                    (if done { "✓" } else { "?" })
                                }
                                " " (question.question)
                            }
                            @if let Some(answer) = &question.answer { p { (answer) } }
                            @if let Some(command) = &question.command { pre { code { (command) } } }
                        }
                    }
                }
            }
        }
    }
}

fn read(triage: &Triage) -> Markup {
    let mut order: Vec<_> = triage.inputs.iter().collect();
    order.sort_by_key(|input| std::cmp::Reverse((input.unreadable, input.problems.len())));
    html! {
        section {
            h2 { "What was read" }
            p {
                (some(triage.calls, "call"))
                @if let Some((from, to)) = triage.span { " from " (date(from)) " to " (date(to)) " UTC" }
                "; " (count(triage.failed)) " failed; " (some(triage.unreadable_lines, "line")) " not understood."
            }
            ul.others {
                @for input in order.iter().take(ROWS) {
                    li {
                        code { (input.name) } ": " (if input.form.is_empty() { "not understood" } else { &input.form }) ", " (some(input.lines, "line"))
                        @if input.unreadable > 0 { ", " (count(input.unreadable)) " not understood" }
                        @for problem in input.problems.iter().take(3) { p.quiet { (problem) } }
                    }
                }
            }
            @if order.len() > ROWS { p.quiet { "and " (count((order.len() - ROWS) as u64)) " more inputs" } }
            @for problem in triage.problems.iter().take(ROWS) { p.quiet { (problem) } }
        }
    }
}

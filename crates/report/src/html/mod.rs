//! The verdict as one self-contained HTML page: no script, nothing loaded, nothing sent.
//!
//! Everything is escaped by `maud` unless it says `PreEscaped`, and only the style sheet, which is ours, does.

mod exchange;
pub(crate) mod style;
mod waterfall;

use crate::evidence::shown;
use crate::safe::{Call, Report, Safe};
use crate::section::{Block, Section};
use crate::words::question;
use firstfault_model::{Bucket, Diagnosis, Evidence, Hypothesis, LayerState, LayerVerdict, Owner, Retry, rfc3339};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// How many further failures a page lists.
const OTHERS: usize = 50;
/// How many passages that could not be read it lists.
const PROBLEMS: usize = 20;
/// What a browser may do with the page: use its own style, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The page on one input.
#[must_use]
pub fn html(safe: &Safe) -> String {
    html_with(safe, &[])
}

/// The page on one input, with further sections: what an evidence pack holds besides the verdict.
#[must_use]
pub fn html_with(safe: &Safe, sections: &[Section]) -> String {
    page(std::slice::from_ref(safe), sections)
}

/// One page on several inputs.
#[must_use]
pub fn html_page(reports: &[Safe]) -> String {
    page(reports, &[])
}

fn page(reports: &[Safe], sections: &[Section]) -> String {
    let title = match reports {
        [one] => one.report().calls.get(one.report().first).map_or_else(
            || format!("No call could be read: {}", one.report().input),
            |call| call.diagnosis.headline.clone(),
        ),
        many => format!("{} inputs", many.len()),
    };
    let body = html! {
        @for safe in reports { (report(safe.report(), reports.len() > 1)) }
        @for section in sections { (extra(section)) }
    };
    shell(&title, style::SHEET, &body)
}

/// A whole page of ours around its parts: `sheet` is our style, everything else was escaped.
pub(crate) fn shell(title: &str, sheet: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                meta name="robots" content="noindex";
                title { (title) " · firstfault" }
                style { (PreEscaped(sheet)) }
            }
            body {
                (body)
                footer { "firstfault " (env!("CARGO_PKG_VERSION")) " · secrets were replaced before this page was made" }
            }
        }
    }
    .into_string()
}

fn report(report: &Report, several: bool) -> Markup {
    html! {
        main {
            @if several { p.input { "input " code { (report.input) } } }
            @match report.calls.get(report.first) {
                Some(call) => (verdict(report, call)),
                None => {
                    h1 { "No call could be read" }
                    p.summary { (report.unreadable.as_deref().unwrap_or("There is nothing in the input.")) }
                }
            }
            (problems(report))
        }
    }
}

fn verdict(report: &Report, call: &Call) -> Markup {
    let d = &call.diagnosis;
    let (class, sign, word) = match (d.failed, d.attributed) {
        (true, _) => ("failed", "✗", "failed"),
        (false, true) => ("passed", "✓", "passed"),
        (false, false) => ("unknown", "?", "not known"),
    };
    html! {
        header {
            h1 { span class={"sign " (class)} aria-label=(word) { (sign) } " " (d.headline) }
            @if d.failed { (advice(d)) }
        }
        p.summary { (d.summary) }
        @if let Some(missing) = &d.missing {
            p.missing { strong { "What would decide: " } (missing) }
        }
        (strip(&d.layers, d.attributed))
        @if let Some(against) = &call.contract { (extra(&crate::contract::section(against, true))) }
        @if d.failed { (fix(d)) (hypotheses(d)) (checks(d)) }
        @if let Some(exchange) = &call.exchange { (waterfall::section(&exchange.timings)) }
        (identity(report, call))
        @if let Some(exchange) = &call.exchange { (exchange::sections(exchange)) }
        @if d.failed { (words(d)) }
        (others(report, call))
    }
}

/// Bucket, owner and retry advice as a list of names and values.
fn advice(d: &Diagnosis) -> Markup {
    let bucket = match d.bucket {
        Bucket::RateLimit => "rate limit",
        other => other.word(),
    };
    let owner = match d.owner {
        Owner::Caller => "the caller",
        Owner::Provider => "the provider",
        Owner::Path => "whoever runs what lies between",
    };
    let retry = match (d.retry, d.retry_after) {
        (Retry::Never, _) => "no, fix first".to_owned(),
        (Retry::Backoff, Some(seconds)) => format!("after {seconds} s, then with growing pauses"),
        (Retry::Backoff, None) => "with growing pauses".to_owned(),
        (Retry::Wait, Some(seconds)) => format!("in {seconds} s, when the limit resets"),
        (Retry::Wait, None) => "when the limit resets".to_owned(),
    };
    let repeat = match d.safe_to_repeat {
        Some(true) => "yes",
        Some(false) => "no, it may act twice",
        None => "not known",
    };
    let facts = [
        ("Bucket", bucket.to_owned()),
        ("Who acts", owner.to_owned()),
        ("Retry", retry),
        ("Safe to repeat", repeat.to_owned()),
    ];
    html! {
        dl.advice {
            @for (name, value) in &facts { div { dt { (name) } dd { (value) } } }
        }
    }
}

/// The six layers in order of travel, each told by sign and word. `sure`: whether the first failure is attributed.
pub(crate) fn strip(layers: &[LayerVerdict], sure: bool) -> Markup {
    html! {
        section {
            h2 { "The way of the call" }
            ol.strip {
                @for layer in layers {
                    @let (sign, word) = match layer.state {
                        LayerState::Passed => ("✓", "passed"),
                        LayerState::Failed if sure => ("✗", "failed first"),
                        LayerState::Failed => ("✗", "as far as seen"),
                        LayerState::Unknown => ("?", "unknown"),
                    };
                    li class=(layer.state.word()) {
                        span.layer { (layer.layer.word()) }
                        span.state { span.sign aria-hidden="true" { (sign) } " " (word) }
                        span.because { (layer.because) }
                    }
                }
            }
        }
    }
}

fn hypotheses(d: &Diagnosis) -> Markup {
    html! {
        section {
            h2 { "Causes, likeliest first" }
            @if d.hypotheses.is_empty() { p { "No rule knows this failure." } }
            @for (i, h) in d.hypotheses.iter().enumerate() {
                details.cause open[i == 0] {
                    summary {
                        span.percent { (format!("{:.0} %", h.probability * 100.0)) }
                        " " strong { (h.title) } " " code { (h.cause) }
                    }
                    (evidence(h))
                }
            }
        }
    }
}

fn evidence(h: &Hypothesis) -> Markup {
    let pieces: Vec<(bool, &Evidence)> = shown(h, 8, 8);
    html! {
        @if pieces.is_empty() { p.quiet { "No evidence of its own." } }
        ul.evidence {
            @for (supports, e) in pieces {
                li class=(if supports { "pro" } else { "contra" }) {
                    p.where {
                        (if supports { "+ for" } else { "− against" }) " · "
                        (e.span.place())
                        " · " (e.strength.word())
                    }
                    p { code { (crate::paint::cut(&e.fact, 600)) } }
                    p.quiet { (e.because) }
                }
            }
        }
    }
}

fn checks(d: &Diagnosis) -> Markup {
    html! {
        @if !d.checks.is_empty() {
            section {
                h2 { "Next checks, most decisive per second first" }
                ol.checks {
                    @for check in &d.checks {
                        li {
                            p { (check.question) }
                            p.quiet {
                                (check.seconds) " s"
                                @if check.risk == "write" { " · changes something: only with consent" }
                                @if check.decides.len() > 1 { " · tells " (check.decides.len()) " causes apart" }
                            }
                            @if let Some(command) = &check.command { pre { code { (command) } } }
                        }
                    }
                }
            }
        }
    }
}

fn fix(d: &Diagnosis) -> Markup {
    html! {
        @if let Some(fix) = &d.fix {
            section {
                h2 { "Try this" }
                p { (fix.what) }
                pre.diff {
                    @for line in &fix.before { del { "− " (line) } "\n" }
                    @for line in &fix.after { ins { "+ " (line) } "\n" }
                }
            }
        }
    }
}

/// When it was, how often, and the ids that find it in other systems' logs.
fn identity(report: &Report, call: &Call) -> Markup {
    let started = call.exchange.as_ref().and_then(|e| e.started);
    html! {
        section {
            h2 { "To find it elsewhere" }
            dl.rows {
                @for (name, value) in &call.diagnosis.ids { div { dt { (name) } dd { code { (value) } } } }
                @if call.diagnosis.ids.is_empty() { div { dt { "correlation ids" } dd { "none seen" } } }
                div { dt { "began" } dd { @match started { Some(at) => code { (rfc3339(at)) }, None => "not in the evidence" } } }
                div { dt { "signature" } dd { code { (call.diagnosis.signature) } } }
                div {
                    dt { "evidence" }
                    dd {
                        code { (report.input) }
                        @if call.span.line > 0 { ", from line " (call.span.line) }
                        ", read as " (call.form)
                        @if call.repeats > 1 { ", seen " (call.repeats) " times" }
                    }
                }
            }
        }
    }
}

fn words(d: &Diagnosis) -> Markup {
    html! {
        @if !d.explain.client.is_empty() {
            section {
                h2 { "What to do" }
                dl.rows {
                    div { dt { "whoever makes the call" } dd { (d.explain.client) } }
                    div { dt { "whoever runs the API" } dd { (d.explain.provider) } }
                    div { dt { "the one question to ask" } dd { (question(d)) } }
                }
            }
        }
    }
}

fn others(report: &Report, first: &Call) -> Markup {
    let rest: Vec<&Call> = report.calls.iter().filter(|call| !std::ptr::eq(*call, first)).collect();
    html! {
        @if !rest.is_empty() {
            section {
                h2 { "Other failures" }
                p { (report.failed) " of " (report.total) " calls failed." }
                ul.others {
                    @for call in rest.iter().take(OTHERS) {
                        li {
                            (call.diagnosis.headline)
                            @if call.repeats > 1 { " (" (call.repeats) " times)" }
                            " — " (call.diagnosis.bucket.word()) ", " code { (call.diagnosis.cause) }
                            @if call.span.line > 0 { ", line " (call.span.line) }
                        }
                    }
                }
                @if rest.len() > OTHERS { p.quiet { "and " (rest.len() - OTHERS) " more" } }
            }
        }
    }
}

fn problems(report: &Report) -> Markup {
    html! {
        @if !report.problems.is_empty() {
            section {
                h2 { "What could not be read" }
                ul {
                    @for problem in report.problems.iter().take(PROBLEMS) {
                        li { @if problem.span.line > 0 { "line " (problem.span.line) ": " } (problem.message) }
                    }
                }
                @if report.problems.len() > PROBLEMS { p.quiet { "and " (report.problems.len() - PROBLEMS) " more" } }
            }
        }
    }
}

/// A section of somebody else's.
fn extra(section: &Section) -> Markup {
    let blocks = html! { @for block in &section.blocks { (one_block(block)) } };
    html! {
        section.extra {
            @if section.folded {
                details { summary { strong { (section.title) } } (blocks) }
            } @else {
                h2 { (section.title) }
                (blocks)
            }
        }
    }
}

fn one_block(block: &Block) -> Markup {
    match block {
        Block::Text(text) => html! { p { (text) } },
        Block::List(items) => html! { ul { @for item in items { li { (item) } } } },
        Block::Steps(steps) => html! {
            ol.checks {
                @for (step, command) in steps {
                    li { p { (step) } @if let Some(command) = command { pre { code { (command) } } } }
                }
            }
        },
        Block::Rows(rows) => html! {
            dl.rows {
                @for row in rows {
                    div { dt { (row.label) } dd { @if row.literal { code { (row.value) } } @else { (row.value) } } }
                }
            }
        },
        Block::Code(text) => html! { pre { code { (text) } } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::section::Row;
    use firstfault_redact::Redactor;

    #[test]
    fn further_sections_pass_the_redactor_and_are_escaped() {
        let mut redactor = Redactor::new();
        let secret = "ghp_FAKEfake0123456789FAKEfake0123456789";
        let blocks = vec![
            Block::Rows(vec![Row::literal("token", secret), Row::said("release", "<b>1.2</b>\u{1b}[31m")]),
            Block::Code(format!("first line\nAuthorization: Bearer {secret}")),
            Block::Steps(vec![("look".to_owned(), Some(format!("curl -H 'X-Api-Key: {secret}'")))]),
            Block::List(vec!["</section><script>1</script>".to_owned()]),
        ];
        let section = Section::new("Environment <i>", blocks, &mut redactor);
        let safe = Safe::new(Report { input: "a".to_owned(), ..Report::default() }, &mut redactor);
        let page = html_with(&safe, &[section.clone().folded(), section]);
        assert!(!page.contains(secret), "a section shows a secret");
        for acts in ["<script", "<b>", "Environment <i>", "\u{1b}"] {
            assert!(!page.contains(acts), "{acts}");
        }
        assert_eq!(page.matches("Environment &lt;i&gt;").count(), 2);
        assert!(page.contains("first line\nAuthorization: Bearer ‹"), "lines stay, and the scheme");
        assert!(page.contains("<details><summary><strong>Environment"), "folded where asked");
    }
}

//! What was found out, as sections that every format shows alike.

use firstfault_investigate::{Came, Done, Session, Stopped, interval};
use firstfault_model::Call;
use firstfault_probe::{State, Step, Target, Walk};
use firstfault_redact::Redactor;
use firstfault_report::{Block, Row, Section};

/// A request that is offered instead of the failing one.
#[derive(Debug)]
pub struct Offer {
    /// What is changed.
    pub what: String,
    /// The request.
    pub target: Target,
    /// It was sent and works.
    pub works: bool,
    /// What came of sending it, when it was sent.
    pub outcome: Option<String>,
}

/// The sections of a probe.
pub fn sections(session: &Session, offer: Option<&Offer>, verbose: bool, redactor: &mut Redactor) -> Vec<Section> {
    let mut blocks = way(&session.walk, verbose);
    blocks.push(Block::Rows(seen(session)));
    let mut out = vec![Section::new("The way, measured", blocks, redactor)];
    let done = &session.investigation.done;
    if !done.is_empty() {
        let steps = done.iter().map(|done| (experiment(done), None)).collect();
        out.push(Section::new("Experiments, one thing changed at a time", vec![Block::Steps(steps)], redactor));
    }
    let sent = session.walk.exchanges.last().filter(|exchange| verbose && !exchange.head.is_empty());
    if let Some(exchange) = sent {
        let head = String::from_utf8_lossy(&exchange.head).into_owned();
        out.push(Section::new("The head as sent", vec![Block::Code(head)], redactor));
    }
    if let Some(offer) = offer {
        let mut blocks = vec![Block::Text(offer.what.clone())];
        blocks.push(Block::Code(safe_command(&offer.target, redactor)));
        if let Some(outcome) = &offer.outcome {
            blocks.push(Block::Text(outcome.clone()));
        }
        out.push(Section::new(
            if offer.works { "The request that works" } else { "The request to try" },
            blocks,
            redactor,
        ));
    }
    let untested = untested(session);
    if !untested.is_empty() {
        out.push(Section::new("Not tested", vec![Block::List(untested)], redactor));
    }
    out.push(Section::new("Spent", vec![Block::Text(spent(session))], redactor));
    out
}

/// The steps, a row each; what passed in one line, what did not with its details.
fn way(walk: &Walk, verbose: bool) -> Vec<Block> {
    let mut out = Vec::new();
    let mut rows = Vec::new();
    for step in &walk.steps {
        rows.push(Row::said(format!("{} {}", sign(step), step.name), line(step)));
        let mut details: Vec<String> = Vec::new();
        if verbose || step.state != State::Passed {
            for detail in &step.details {
                if *detail != step.says && !details.contains(detail) {
                    details.push(detail.clone());
                }
            }
        }
        if !details.is_empty() {
            out.push(Block::Rows(std::mem::take(&mut rows)));
            out.push(Block::List(details));
        }
    }
    out.push(Block::Rows(rows));
    out
}

/// What the answer shows of who made it and under which terms: marks of gateways, ids, limits.
fn seen(session: &Session) -> Vec<Row> {
    let facts = &session.investigation.observations.facts;
    let of = |wanted: &dyn Fn(&str) -> bool| -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for fact in facts.iter().filter(|fact| wanted(&fact.key)) {
            let name = fact.key.strip_prefix("id.").unwrap_or(&fact.key);
            let text = format!("{name} {}", fact.value);
            if !out.contains(&text) {
                out.push(text);
            }
        }
        out
    };
    let answered =
        of(&|key| matches!(key, "gateway" | "backend" | "proxy_status.proxy" | "proxy_status.error" | "cache_status"));
    let ids = of(&|key| key.starts_with("id."));
    let limits = of(&|key| key.starts_with("ratelimit.") || key == "retry_after");
    [("marks", answered), ("ids", ids), ("limits", limits)]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(label, values)| Row::said(format!("· {label}"), values.join(", ")))
        .collect()
}

fn sign(step: &Step) -> &'static str {
    match step.state {
        State::Passed => "✓",
        State::Doubtful => "!",
        State::Failed => "✗",
    }
}

fn line(step: &Step) -> String {
    match step.milliseconds {
        Some(ms) => format!("{} ({})", step.says, time(ms)),
        None => step.says.clone(),
    }
}

/// A time that a person reads at once.
pub fn time(milliseconds: f64) -> String {
    if milliseconds >= 1000.0 {
        format!("{:.1} s", milliseconds / 1000.0)
    } else if milliseconds >= 10.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{milliseconds:.1} ms")
    }
}

/// One experiment: what was changed, what came, what it decided.
fn experiment(done: &Done) -> String {
    let mut out = came(done);
    match done.answer.and_then(|answered| answered.answer) {
        Some(answer) => out.push_str(&format!(": {answer}")),
        None if done.answer.is_some() => out.push_str(": tells nothing in particular"),
        None => {}
    }
    let (before, after) = (&done.before, &done.after);
    let percent = |p: f64| format!("{:.0} %", p * 100.0);
    if before.0 == after.0 {
        out.push_str(&format!(" ({} {} → {})", after.0, percent(before.1), percent(after.1)));
    } else {
        out.push_str(&format!(" ({} {} → {} {})", before.0, percent(before.1), after.0, percent(after.1)));
    }
    out
}

/// What came of each request of an experiment, the same ones counted.
fn came(done: &Done) -> String {
    if done.run == "repeat" {
        let all = u32::try_from(done.came.len()).unwrap_or(u32::MAX) + 1;
        // The call itself failed, too.
        let failed = u32::try_from(done.came.iter().filter(|c| !c.works()).count()).unwrap_or(0) + 1;
        let (low, high) = interval(failed, all);
        return format!(
            "the same again: {failed} of {all} fail (95 % interval {:.0} to {:.0} %)",
            low * 100.0,
            high * 100.0
        );
    }
    let mut parts: Vec<String> = Vec::new();
    for came in &done.came {
        parts.push(format!("{} → {}", came.trial.changed, outcome(came)));
    }
    parts.join(", ")
}

/// `401`, `works (200)`, `no answer: reset`.
pub fn outcome(came: &Came) -> String {
    match (came.status(), &came.exchange.failure) {
        (Some(status), _) if came.works() => format!("works ({status})"),
        (Some(status), _) => status.to_string(),
        (None, Some(failure)) => format!("no answer: {}", failure.words),
        (None, None) => "no answer".to_owned(),
    }
}

fn untested(session: &Session) -> Vec<String> {
    let walked = session.walk.untested.iter().map(|u| format!("{}: {}", u.what, u.why));
    let skipped = session.investigation.skipped.iter().map(|s| format!("{}: {}", s.run, s.why));
    let mut out: Vec<String> = walked.chain(skipped).collect();
    out.dedup();
    out
}

fn spent(session: &Session) -> String {
    let requests = match session.requests {
        1 => "1 request".to_owned(),
        n => format!("{n} requests"),
    };
    let why = match session.investigation.stopped {
        Stopped::NothingFailed => "nothing failed",
        Stopped::NotSent => "the call itself was not sent",
        Stopped::Clear => "the ranking is clear",
        Stopped::NothingLeft => "nothing that may be tried would tell more",
        Stopped::Budget => "the budget is spent: --budget and --max-requests allow more",
    };
    format!("{requests}, {}; ended because {why}", time(session.took.as_secs_f64() * 1000.0))
}

/// A target as a command that may be shown: the fields are redacted as fields first, so that a value that goes over a line's end is
/// one secret, and then the text.
pub fn safe_command(target: &Target, redactor: &mut Redactor) -> String {
    let call = Call { request: Some(target.as_request()), ..Call::default() };
    let request = redactor.call(&call).request.unwrap_or_default();
    let text = firstfault_curl::export(&request, firstfault_curl::Shell::Posix).join("\n");
    redactor.command(&text)
}

/// A target as the command that sends it. It holds secrets.
pub fn command(target: &Target) -> String {
    firstfault_curl::export(&target.as_request(), firstfault_curl::Shell::Posix).join("\n")
}

//! A bisection for people: what remained, what does not matter, sizes, how sure, and the smallest call.
//!
//! Names of parts come from the request: what is printed here passes the redactor afterwards, as one text.

use super::Done;
use super::args::Bisect;
use firstfault_bisect::output::{self, Secrets};
use firstfault_bisect::{Candidate, Outcome, Part, Place, Threshold, Unit};
use firstfault_report::Style;
use firstfault_report::paint::wrap;

/// How many names of needless parts of one place are listed.
const LISTED: usize = 6;
/// The longest name or value that is shown of a part.
const LONGEST: usize = 60;

/// How it ended, in one sentence.
pub fn outcome(done: &Done) -> String {
    match (&done.report.outcome, done.with_working) {
        (Outcome::Minimal, false) => "The smallest call that still fails in the same way.".to_owned(),
        (Outcome::Minimal, true) => "The smallest difference that makes the working call fail in this way.".to_owned(),
        (Outcome::Unfinished, _) => {
            let why =
                done.refused.clone().unwrap_or_else(|| "the budget is spent (--budget, --max-requests)".to_owned());
            format!("It fails in the same way and may be larger than it must be: {why}.")
        }
        (Outcome::Lost(words), _) => {
            format!(
                "Lost: at the end it no longer failed in the same way. It came to this instead: {words} Below is the last form that did fail."
            )
        }
        (Outcome::NotReproduced(words), _) => match &done.refused {
            Some(why) => format!("Not reproduced: {why}."),
            None => format!("Not reproduced: the call did not fail in a way that can be followed. What came: {words}."),
        },
        (Outcome::NoDifference(words), _) => format!("No difference to find: {words}."),
    }
}

/// The whole text.
pub fn text(done: &Done, style: Style) -> String {
    let report = &done.report;
    let mut page = Page { out: String::new(), width: style.width };
    match &done.failure {
        Some(failure) => page.line(0, &format!("✗ {}", failure.diagnosis.summary)),
        None if report.unsure > 0 => page.line(0, "? no answer that counts"),
        None => page.line(0, "✓ nothing failed"),
    }
    page.gap();
    page.line(2, &outcome(done));
    for note in &report.notes {
        page.line(2, &format!("Note: {note}."));
    }
    let is_result = !matches!(report.outcome, Outcome::NotReproduced(_) | Outcome::NoDifference(_));
    if is_result {
        needed(done, &mut page);
        if !report.thresholds.is_empty() {
            page.gap();
            page.line(2, "The size decides");
            report.thresholds.iter().for_each(|threshold| page.line(4, &size(threshold)));
        }
        needless(done, style.verbose, &mut page);
    }
    if let Some(against) = &done.contract {
        page.gap();
        page.line(2, &format!("What of it breaks the contract ({})", against.contract));
        let lines = firstfault_report::contract::lines(against, style.verbose);
        lines.iter().for_each(|line| page.line(4, line));
    }
    page.gap();
    page.line(2, &spent(done));
    if is_result {
        page.gap();
        for line in output::curl(&report.form, &done.secrets) {
            page.out.push_str("  ");
            page.out.push_str(&line);
            page.out.push('\n');
        }
        page.gap();
        page.line(2, "more  --format hurl, rust, pytest, junit: the same as a file or a test");
    }
    page.out
}

fn needed(done: &Done, page: &mut Page) {
    let report = &done.report;
    page.gap();
    if report.needed.is_empty() {
        page.line(2, "Needed: nothing but the method and the path.");
        return;
    }
    let each = match report.outcome {
        Outcome::Minimal => "Needed: without any one of these it does not fail in this way",
        _ => "Left",
    };
    page.line(2, if done.with_working { "What makes the difference" } else { each });
    for part in &report.needed {
        let mut line = shown(part);
        if let Some(change) = report.changes.iter().find(|change| &change.part == part) {
            let side = |side: &Option<String>| side.as_deref().map_or_else(|| "absent".to_owned(), quoted);
            line.push_str(&format!(
                ": {} works, {} fails",
                value(part, side(&change.good), done),
                value(part, side(&change.bad), done)
            ));
        }
        if let Some((_, before, now)) = report.shortened.iter().find(|(shortened, ..)| shortened == part) {
            line.push_str(&format!(" (cut from {before} to {now} characters)"));
        }
        if report.unproven.contains(part) {
            line.push_str(" (not proven: no answer without it)");
        }
        page.line(4, &line);
    }
}

/// A value of a part, unless the part holds a credential.
fn value(part: &Part, text: String, done: &Done) -> String {
    let holds_secret = done.secrets.iter().any(|secret| text.contains(&secret.value));
    let is_secret = firstfault_redact::is_secret_name(part.name.rsplit('.').next().unwrap_or_default());
    if (holds_secret || is_secret) && text != "absent" { "another value".to_owned() } else { text }
}

fn needless(done: &Done, verbose: bool, page: &mut Page) {
    let report = &done.report;
    if report.needless.is_empty() {
        return;
    }
    page.gap();
    page.line(2, "Does not matter");
    for place in [Place::Method, Place::Target, Place::Header, Place::Cookie, Place::Query, Place::Body] {
        let names: Vec<String> =
            report.needless.iter().filter(|part| part.place == place).map(|part| short(&part.name)).collect();
        if names.is_empty() {
            continue;
        }
        let listed = if verbose { names.len() } else { names.len().min(LISTED) };
        let mut line = format!("{} {}", names.len(), word(place, names.len()));
        let named: Vec<&str> = names[..listed].iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        if !named.is_empty() {
            line.push_str(&format!(": {}", named.join(", ")));
        }
        if listed < names.len() {
            line.push_str(", …");
        }
        page.line(4, &line);
    }
}

fn word(place: Place, count: usize) -> &'static str {
    match (place, count) {
        (Place::Method, _) => "method",
        (Place::Target, _) => "host and path",
        (Place::Header, 1) => "header field",
        (Place::Header, _) => "header fields",
        (Place::Cookie, 1) => "cookie",
        (Place::Cookie, _) => "cookies",
        (Place::Query, 1) => "query parameter",
        (Place::Query, _) => "query parameters",
        (Place::Body, 1) => "part of the body",
        (Place::Body, _) => "parts of the body",
    }
}

/// What a size is compared with.
fn size(threshold: &Threshold) -> String {
    let unit = match threshold.unit {
        Unit::Characters => "characters",
        Unit::Items => "items",
    };
    let whole = match threshold.part.place {
        Place::Body => format!("the whole body then has {} bytes", threshold.body_bytes),
        _ => format!("request line and fields then have {} bytes", threshold.head_bytes),
    };
    format!(
        "{}: it fails from {} {unit} on, not with {}; {whole}",
        shown(&threshold.part),
        threshold.fails_at,
        threshold.passes_at
    )
}

fn spent(done: &Done) -> String {
    let report = &done.report;
    let plural = |count: u32, one: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") };
    let mut out = plural(done.sent.max(report.requests), "request");
    if report.saved > 0 {
        out.push_str(&format!(", {} saved because the answer was known", report.saved));
    }
    if report.unsure > 0 {
        out.push_str(&format!(", {} without an answer that counts", report.unsure));
    }
    out.push('.');
    let confidence = &report.confidence;
    match (confidence.rate, confidence.sure) {
        (Some(rate), sure) => {
            out.push_str(&format!(
                " The failure is intermittent: it comes in at least about {:.0} % of tries.",
                rate * 100.0
            ));
            if let Some(sure) = sure {
                out.push_str(&format!(" The result is right with at least {:.0} %.", (sure * 100.0).floor()));
            }
        }
        (None, _) if confidence.asked > 0 => {
            out.push_str(&format!(
                " The failure came each time: {} of {} unchanged and in the final form.",
                confidence.same, confidence.asked
            ));
        }
        (None, _) => {}
    }
    let (head, body) = done.before;
    let form = &report.form;
    if (form.head_bytes(), form.body_bytes()) != (head, body) {
        out.push_str(&format!(
            " Line and fields: {head} bytes before, {} now; body: {body} before, {} now.",
            form.head_bytes(),
            form.body_bytes()
        ));
    }
    out
}

/// What would be sent, and what not.
pub fn dry(
    options: &Bisect,
    bad: &Candidate,
    good: Option<&Candidate>,
    refused: Option<String>,
    secrets: &Secrets,
) -> String {
    let mut page = Page { out: String::new(), width: options.common.layout.width.unwrap_or(80) };
    page.line(0, "Nothing is sent. First the call as it is, at least twice:");
    page.gap();
    let command = |candidate: &Candidate, page: &mut Page| {
        for line in output::curl(candidate, secrets) {
            page.out.push_str(&format!("  {line}\n"));
        }
        page.gap();
    };
    command(bad, &mut page);
    if let Some(good) = good {
        page.line(0, "Then the one that works:");
        page.gap();
        command(good, &mut page);
    }
    let what = if good.is_some() {
        "calls with a part of the differences"
    } else {
        "the same call with fewer fields, cookies, parameters and less of its body"
    };
    page.line(
        0,
        &format!(
            "Then {what}: always the same method, host and path. At most {} requests in {} s, all told.",
            options.max_requests,
            options.budget.as_secs_f64()
        ),
    );
    if let Some(why) = refused {
        page.line(0, &format!("As things are, none of it would be sent: {why}."));
    }
    page.out
}

pub fn shown(part: &Part) -> String {
    let name = short(&part.name);
    match (part.place, name.is_empty()) {
        (Place::Body, true) => "the body".to_owned(),
        (Place::Target, _) => "host and path".to_owned(),
        (Place::Query, _) => format!("query parameter {name}"),
        (place, true) => place.word().to_owned(),
        (place, false) => format!("{} {name}", place.word()),
    }
}

fn short(name: &str) -> String {
    firstfault_report::one_line(name, LONGEST)
}

fn quoted(text: &str) -> String {
    let text = short(text);
    if text.starts_with(['"', '{', '[']) { text } else { format!("\"{text}\"") }
}

struct Page {
    out: String,
    width: usize,
}

impl Page {
    fn gap(&mut self) {
        self.out.push('\n');
    }

    fn line(&mut self, indent: usize, text: &str) {
        let text = firstfault_report::one_line(text, 4_000);
        for line in wrap(&text, self.width.saturating_sub(indent).max(20)) {
            self.out.push_str(&" ".repeat(indent));
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }
}

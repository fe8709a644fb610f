//! What a pack says beside the verdict, as sections that the page and the Markdown both show.

use crate::checklist;
use crate::documents::{CallFile, Item, Other, Redaction, Said};
use firstfault_redact::Redactor;
use firstfault_report::{Block, Row, Section, one_line};

/// What the sections are made of.
#[derive(Debug)]
pub struct Parts<'a> {
    pub call: &'a CallFile,
    pub checklist: &'a [Item],
    pub others: &'a [Other],
    pub redaction: &'a Redaction,
    pub evidence: &'a str,
    /// The calls that reproduce.sh can send, with what they are.
    pub variants: Vec<(&'static str, String)>,
}

/// What the sections hold before they are redacted once more: a title and its blocks.
type Part = (&'static str, Vec<Block>);

/// Every section that has something to say: those of the page, which shows the call by itself, and those of the Markdown.
#[must_use]
pub fn of(parts: &Parts<'_>, redactor: &mut Redactor) -> (Vec<Section>, Vec<Section>) {
    let mut safe = |(title, blocks): Part, folded: bool| {
        let section = Section::new(title, blocks, redactor);
        if folded { section.folded() } else { section }
    };
    let evidence = ("Evidence, numbered as in the input", vec![Block::Code(cut_lines(parts.evidence, 120))]);
    let before = vec![answered(parts.checklist), open(parts.checklist)];
    let after = vec![
        shapes(parts.call),
        timing(parts.call),
        rows("Where it ran", parts.call.environment.iter().map(row).collect()),
        impact(parts.call),
        reproduce(&parts.variants),
        others(parts.others),
    ];
    let mut page = Vec::new();
    let mut text = Vec::new();
    let has = |part: &Part| !part.1.is_empty();
    for part in before.into_iter().filter(has) {
        let section = safe(part, false);
        page.push(section.clone());
        text.push(section);
    }
    text.extend(Some(call(parts.call)).filter(has).map(|part| safe(part, false)));
    for part in after.into_iter().filter(has) {
        let section = safe(part, false);
        page.push(section.clone());
        text.push(section);
    }
    for part in [evidence, replaced(parts.redaction)].into_iter().filter(has) {
        let section = safe(part, true);
        page.push(section.clone());
        text.push(section);
    }
    (page, text)
}

fn rows(title: &'static str, rows: Vec<(String, String)>) -> Part {
    let rows: Vec<Row> =
        rows.into_iter().map(|(name, value)| Row::literal(one_line(&name, 160), one_line(&value, 1200))).collect();
    (title, if rows.is_empty() { Vec::new() } else { vec![Block::Rows(rows)] })
}

fn row(said: &Said) -> (String, String) {
    (said.name.clone(), with_source(said))
}

/// The name of a fact as people say it: of a header field, the field.
fn plain(name: &str) -> &str {
    [
        "request.header.",
        "response.header.",
        "id.",
        "error.",
        "credential.",
        "exception.",
        "www_authenticate.",
        "upstream.",
    ]
    .iter()
    .find_map(|prefix| name.strip_prefix(prefix))
    .unwrap_or(name)
}

fn with_source(said: &Said) -> String {
    if said.source == "derived" { said.value.clone() } else { format!("{} ({})", said.value, said.source) }
}

fn answered(items: &[Item]) -> Part {
    let answers = items.iter().filter(|item| !item.answers.is_empty()).map(|item| {
        let mut said: Vec<String> = Vec::new();
        for (i, answer) in item.answers.iter().enumerate() {
            // Answers of one line share its number.
            let ends = item.answers.get(i + 1).is_none_or(|next| next.source != answer.source);
            let value = if ends { with_source(answer) } else { answer.value.clone() };
            said.push(format!("{} {value}", plain(&answer.name)));
        }
        (format!("✓ {}", item.question), said.join(" · "))
    });
    rows("Answered by the evidence", answers.collect())
}

fn open(items: &[Item]) -> Part {
    let open: Vec<(String, Option<String>)> = items
        .iter()
        .filter(|item| item.answers.is_empty())
        .map(|item| (item.question.clone(), item.collect.clone()))
        .collect();
    ("Still to collect", if open.is_empty() { Vec::new() } else { vec![Block::Steps(open)] })
}

fn call(call: &CallFile) -> Part {
    let mut rows = Vec::new();
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            rows.push((name.to_owned(), value));
        }
    };
    if let Some(request) = &call.request {
        let method = request.method.as_deref().unwrap_or("(method not seen)");
        add("request", request.url.as_ref().map(|url| format!("{method} {url}")));
        for header in request.headers.iter().take(40) {
            add(&format!("→ {}", header.name), Some(header.value.clone()));
        }
    }
    if let Some(response) = &call.response {
        let reason = response.reason.as_deref().unwrap_or_default();
        add("answer", response.status.map(|status| format!("{status} {reason}").trim_end().to_owned()));
        add("error code", response.error_code.clone());
        add("error message", response.error_message.clone());
        for header in response.headers.iter().chain(&response.trailers).take(60) {
            add(&format!("← {}", header.name), Some(header.value.clone()));
        }
    }
    for said in call.messages.iter().filter(|m| m.kind != "note").take(12) {
        add(&said.kind, Some(format!("{} (line {})", said.text, said.line)));
    }
    let mut section = self::rows("The call", rows);
    if let Some(snippet) = call.response.as_ref().and_then(|r| r.snippet.clone()).filter(|s| !s.trim().is_empty()) {
        section.1.push(Block::Code(snippet));
    }
    section
}

/// What both bodies are made of, without their values.
fn shapes(call: &CallFile) -> Part {
    let sent = call.request.as_ref().and_then(|r| r.body.as_ref()).map(|shape| ("sent", shape));
    let received = call.response.as_ref().and_then(|r| r.body.as_ref()).map(|shape| ("received", shape));
    let shapes = sent.into_iter().chain(received).map(|(name, shape)| (name.to_owned(), checklist::in_words(shape)));
    rows("Body shapes", shapes.collect())
}

fn timing(call: &CallFile) -> Part {
    let timing = &call.timing;
    let mut out: Vec<(String, String)> = Vec::new();
    out.extend(timing.started.iter().map(|at| ("started".to_owned(), at.clone())));
    out.extend(timing.attempt.iter().map(|n| ("attempt".to_owned(), n.to_string())));
    out.extend(timing.phases.iter().map(|p| (p.name.clone(), format!("{} ms", p.ms))));
    if let Some(ms) = timing.duration_ms.filter(|_| !timing.phases.iter().any(|p| p.name == "total")) {
        out.push(("duration".to_owned(), format!("{ms} ms")));
    }
    out.extend(timing.limits.iter().map(|limit| {
        let seen = if limit.seen { "takes part in the evidence" } else { "not seen in the evidence" };
        (format!("limit of {} s", limit.seconds), format!("the default of {} ({seen}) {}", limit.whose, limit.source))
    }));
    rows("Timing", out)
}

fn impact(call: &CallFile) -> Part {
    let impact = &call.impact;
    let mut out: Vec<(String, String)> = Vec::new();
    let told = [
        ("who", &impact.who),
        ("endpoints", &impact.endpoints),
        ("since", &impact.since),
        ("rate", &impact.rate),
        ("step before", &call.before),
    ];
    for (name, value) in told {
        out.extend(value.iter().map(|value| (name.to_owned(), format!("{value} (told)"))));
    }
    out.push(("calls in the evidence".to_owned(), format!("{}, of which {} failed", impact.calls, impact.failed)));
    if impact.repeats > 1 {
        out.push(("calls like this one".to_owned(), impact.repeats.to_string()));
    }
    if let (Some(first), Some(last)) = (&impact.first_failure, &impact.last_failure)
        && first != last
    {
        out.push(("failures seen from, to".to_owned(), format!("{first}, {last}")));
    }
    if impact.failing_endpoints.len() > 1 {
        out.push(("failing endpoints".to_owned(), impact.failing_endpoints.join(", ")));
    }
    rows("Impact", out)
}

fn reproduce(variants: &[(&'static str, String)]) -> Part {
    if variants.is_empty() {
        return ("Reproduce", Vec::new());
    }
    let about = "Nothing is sent until a call is named. Secrets are variables that you set.".to_owned();
    let step = |(name, about): &(&str, String)| (about.clone(), Some(format!("bash reproduce.sh {name}")));
    ("Reproduce", vec![Block::Text(about), Block::Steps(variants.iter().map(step).collect())])
}

fn others(others: &[Other]) -> Part {
    let list = others.iter().map(|other| {
        let times = if other.repeats > 1 { format!("{} × ", other.repeats) } else { String::new() };
        (format!("{} line {}", other.input, other.line), format!("{times}{} · {}", other.headline, other.cause))
    });
    rows("Other failures in the same evidence", list.collect())
}

fn replaced(redaction: &Redaction) -> Part {
    let list = redaction.replaced.iter().map(|r| {
        (format!("{} values", r.kind), format!("{} different, in {} places of this pack", r.different, r.places))
    });
    rows("What was replaced", list.collect())
}

fn cut_lines(text: &str, limit: usize) -> String {
    let mut out: Vec<&str> = text.lines().take(limit).collect();
    if text.lines().count() > limit {
        out.push("… more in evidence.txt");
    }
    out.join("\n")
}

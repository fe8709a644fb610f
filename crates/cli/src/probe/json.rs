//! The JSON of a probe (docs/json.md, docs/schema/probe-1.json). `diagnose` reads it again.

use super::show::{self, Offer};
use firstfault_investigate::{Session, Stopped};
use firstfault_model::{Call, Headers};
use firstfault_probe::State;
use firstfault_redact::Redactor;
use firstfault_report::{Safe, one_line};
use serde::Serialize;
use serde_json::Value;

/// How long a line of a step may be.
const LINE: usize = 2_000;

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    diagnosis: Value,
    steps: Vec<StepLine>,
    experiments: Vec<ExperimentLine>,
    skipped: Vec<Reason>,
    untested: Vec<Reason>,
    stopped: &'static str,
    requests: u32,
    seconds: f64,
    works: Option<Works>,
    call: Record,
}

#[derive(Serialize)]
struct StepLine {
    layer: &'static str,
    step: &'static str,
    state: &'static str,
    milliseconds: Option<f64>,
    says: String,
    details: Vec<String>,
}

#[derive(Serialize)]
struct ExperimentLine {
    run: &'static str,
    question: Option<&'static str>,
    answer: Option<&'static str>,
    words: Vec<String>,
    before: Likeliest,
    after: Likeliest,
    requests: Vec<RequestLine>,
}

#[derive(Serialize)]
struct Likeliest {
    cause: String,
    probability: f64,
}

#[derive(Serialize)]
struct RequestLine {
    changed: String,
    method: String,
    url: String,
    status: Option<u16>,
    outcome: String,
    milliseconds: Option<f64>,
}

#[derive(Serialize)]
struct Reason {
    what: String,
    why: String,
}

#[derive(Serialize)]
struct Works {
    what: String,
    command: String,
    outcome: Option<String>,
}

/// The call as `firstfault diagnose` reads it.
#[derive(Serialize)]
struct Record {
    started: Option<i64>,
    request: Option<Part>,
    response: Option<Part>,
    marks: Vec<(String, String)>,
    messages: Vec<String>,
    timings: std::collections::BTreeMap<&'static str, f64>,
}

#[derive(Default, Serialize)]
struct Part {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    complete: bool,
}

/// One document.
pub fn document(session: &Session, safe: &Safe, offer: Option<&Offer>, redactor: &mut Redactor) -> String {
    let found = &session.investigation;
    let mut text = |text: &str| one_line(&redactor.text(text), LINE);
    let steps = session
        .walk
        .steps
        .iter()
        .map(|step| StepLine {
            layer: step.layer.word(),
            step: step.name,
            state: match step.state {
                State::Passed => "passed",
                State::Doubtful => "doubtful",
                State::Failed => "failed",
            },
            milliseconds: step.milliseconds,
            says: text(&step.says),
            details: step.details.iter().map(|detail| text(detail)).collect(),
        })
        .collect();
    let experiments = found
        .done
        .iter()
        .map(|done| ExperimentLine {
            run: done.run,
            question: done.answer.map(|a| a.question),
            answer: done.answer.and_then(|a| a.answer),
            words: done.words.clone(),
            before: Likeliest { cause: done.before.0.clone(), probability: done.before.1 },
            after: Likeliest { cause: done.after.0.clone(), probability: done.after.1 },
            requests: done
                .came
                .iter()
                .map(|came| RequestLine {
                    changed: text(&came.trial.changed),
                    method: came.trial.target.method.clone(),
                    url: text(&came.trial.target.url.to_string()),
                    status: came.status(),
                    outcome: text(&show::outcome(came)),
                    milliseconds: came.exchange.timings.total,
                })
                .collect(),
        })
        .collect();
    let skipped = found.skipped.iter().map(|s| Reason { what: s.run.to_owned(), why: text(&s.why) }).collect();
    let untested = session.walk.untested.iter().map(|u| Reason { what: text(&u.what), why: text(&u.why) }).collect();
    let works = offer.map(|offer| Works {
        what: text(&offer.what),
        command: String::new(),
        outcome: offer.outcome.as_deref().map(&mut text),
    });
    let works =
        works.zip(offer).map(|(works, offer)| Works { command: show::safe_command(&offer.target, redactor), ..works });
    let document = Document {
        schema: "firstfault/probe/1",
        diagnosis: serde_json::from_str(&firstfault_report::line(safe)).unwrap_or_default(),
        steps,
        experiments,
        skipped,
        untested,
        stopped: match found.stopped {
            Stopped::NothingFailed => "nothing_failed",
            Stopped::NotSent => "not_sent",
            Stopped::Clear => "clear",
            Stopped::NothingLeft => "nothing_left",
            Stopped::Budget => "budget",
        },
        requests: session.requests,
        seconds: session.took.as_secs_f64(),
        works,
        call: record(&found.base.call, redactor),
    };
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn record(call: &Call, redactor: &mut Redactor) -> Record {
    let safe = redactor.call(call);
    let fields = |headers: &Headers| headers.0.iter().map(|h| (h.name.clone(), h.value.clone())).collect();
    let mut timings = std::collections::BTreeMap::new();
    let t = &safe.timings;
    for (name, value) in [
        ("dns", t.dns),
        ("connect", t.connect),
        ("tls", t.tls),
        ("send", t.send),
        ("wait", t.wait),
        ("receive", t.receive),
        ("total", t.total),
    ] {
        if let Some(value) = value {
            timings.insert(name, value);
        }
    }
    Record {
        started: safe.started,
        request: safe.request.as_ref().map(|r| Part {
            method: r.method.clone(),
            url: Some(r.url.to_string()),
            version: r.version.clone(),
            headers: fields(&r.headers),
            body: r.body.as_ref().map(|b| b.text.clone()),
            complete: r.complete,
            ..Part::default()
        }),
        response: safe.response.as_ref().map(|r| Part {
            status: r.status,
            reason: r.reason.clone(),
            version: r.version.clone(),
            headers: fields(&r.headers),
            body: r.body.as_ref().map(|b| b.text.clone()),
            complete: r.complete,
            ..Part::default()
        }),
        marks: safe.attributes.iter().map(|a| (a.name.clone(), a.value.clone())).collect(),
        messages: safe.messages.iter().map(|m| m.text.clone()).collect(),
        timings,
    }
}

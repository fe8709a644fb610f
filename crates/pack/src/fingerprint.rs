//! call.json: the call as another engineer compares it with theirs.

use crate::case::Case;
use crate::documents::{CALL, CallFile, Impact, Pair, RequestPart, ResponsePart, Said, Shape, Timing, Words};
use crate::escape::lines;
use crate::make::Input;
use firstfault_model::rfc3339;
use firstfault_model::{Headers, MessageKind};
use firstfault_redact::Redactor;
use firstfault_report::one_line;
use std::collections::BTreeMap;

/// The most header fields of one head.
const HEADERS: usize = 100;
/// The most characters of one value.
const VALUE: usize = 4_000;
/// The most characters of the body that are shown.
const SNIPPET: usize = 2_000;
/// The most things that programs said.
const MESSAGES: usize = 40;

/// What the case itself does not hold.
#[derive(Debug)]
pub struct More<'a> {
    pub input: &'a str,
    pub form: &'a str,
    pub sent: Option<Shape>,
    pub received: Option<Shape>,
    pub environment: Vec<Said>,
    pub timing: Timing,
    pub impact: Impact,
}

/// The fingerprint of a redacted call.
#[must_use]
pub fn of(case: &Case<'_>, more: More<'_>) -> CallFile {
    let call = case.call;
    let request = call.request.as_ref().map(|r| RequestPart {
        method: r.method.as_deref().map(|m| one_line(m, 40)),
        url: Some(r.url.to_string()).filter(|url| !url.is_empty()).map(|url| one_line(&url, VALUE)),
        path: Some(&r.url.path).filter(|path| !path.is_empty()).map(|path| one_line(path, VALUE)),
        query: r
            .url
            .query
            .as_deref()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| !pair.is_empty())
            .take(HEADERS)
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
            .map(|(name, value)| self::pair(name, value))
            .collect(),
        version: r.version.as_deref().map(|v| one_line(v, 40)),
        complete: r.complete,
        headers: pairs(&r.headers),
        body: more.sent,
    });
    let response = call.response.as_ref().map(|r| ResponsePart {
        status: r.status,
        reason: r.reason.as_deref().map(|reason| one_line(reason, 200)),
        version: r.version.as_deref().map(|v| one_line(v, 40)),
        error_code: case.value("error.code").map(|code| one_line(code, 200)),
        error_message: case.value("error.message").map(|message| one_line(message, 500)),
        complete: r.complete,
        headers: pairs(&r.headers),
        trailers: pairs(&r.trailers),
        body: more.received,
        snippet: r.body.as_ref().filter(|b| !b.is_blank()).map(|b| snippet(&b.text)),
    });
    CallFile {
        schema: CALL.to_owned(),
        input: more.input.to_owned(),
        form: more.form.to_owned(),
        line: call.span.line,
        request,
        response,
        messages: call
            .messages
            .iter()
            .take(MESSAGES)
            .map(|m| Words { kind: kind(m.kind).to_owned(), text: snippet(&m.text), line: m.span.line })
            .collect(),
        ids: case.diagnosis.ids.iter().take(HEADERS).map(|(name, value)| pair(name, value)).collect(),
        timing: more.timing,
        environment: more.environment,
        before: case.told.before.clone(),
        impact: more.impact,
    }
}

/// Who is hit: counts and times of the evidence, and what was told.
#[must_use]
pub fn impact(inputs: &[Input<'_>], case: &Case<'_>, redactor: &mut Redactor) -> Impact {
    let failing = || inputs.iter().flat_map(|i| &i.verdict.calls).filter(|judged| judged.diagnosis.failed);
    let seen = || failing().map(firstfault_engine::Judged::seen);
    // The last is known only where each of them tells its own.
    let last: Option<Vec<i64>> = seen().map(|seen| seen.and_then(|(_, last)| last)).collect();
    let moment = |ms: Option<i64>| ms.map(rfc3339).filter(|text| !text.is_empty());
    let mut endpoints: BTreeMap<String, usize> = BTreeMap::new();
    for judged in failing() {
        let Some(request) = &judged.call.request else { continue };
        let route = firstfault_diagnose::route(&request.url.path);
        if !route.is_empty() {
            let method = request.method.as_deref().unwrap_or("?");
            *endpoints.entry(one_line(&format!("{method} {route}"), 120)).or_default() += judged.repeats;
        }
    }
    let mut endpoints: Vec<(String, usize)> = endpoints.into_iter().collect();
    endpoints.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    Impact {
        who: case.told.who.clone(),
        endpoints: case.told.endpoints.clone(),
        since: case.told.since.clone(),
        rate: case.told.rate.clone(),
        calls: inputs.iter().map(|i| i.verdict.total).sum(),
        failed: inputs.iter().map(|i| i.verdict.failed).sum(),
        repeats: case.repeats,
        first_failure: moment(seen().flatten().map(|(first, _)| first).min()),
        last_failure: moment(last.and_then(|times| times.into_iter().max())),
        failing_endpoints: endpoints.into_iter().take(10).map(|(name, _)| redactor.text(&name)).collect(),
    }
}

fn kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Exception => "exception",
        MessageKind::Log => "log",
        MessageKind::Tool => "tool",
        MessageKind::Output => "output",
        MessageKind::Note => "note",
    }
}

fn pairs(headers: &Headers) -> Vec<Pair> {
    headers.0.iter().take(HEADERS).map(|h| pair(&h.name, &h.value)).collect()
}

fn pair(name: &str, value: &str) -> Pair {
    Pair { name: one_line(name, 200), value: one_line(value, VALUE) }
}

fn snippet(text: &str) -> String {
    let text = lines(text);
    match text.char_indices().nth(SNIPPET) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

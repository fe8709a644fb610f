//! Bytes in, calls out: sniffs what a person pasted, reads each part with the reader that knows it,
//! and joins the parts into calls.
//!
//! Nothing here can fail: half a HAR, a cut log line or bytes that are no UTF-8 are inputs, and what
//! could not be read becomes a [`Problem`]. This crate refuses to know sockets and verdicts.

#![cfg_attr(not(test), deny(clippy::disallowed_methods, clippy::disallowed_types))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod bulk;
pub mod curl_command;
pub mod curl_transcript;
mod delivery;
mod embedded;
pub mod exceptions;
mod expected;
pub mod har;
pub mod http_message;
mod join;
pub mod lines;
pub mod logs;
pub mod postman;
pub mod prefix;
pub mod probe_record;
pub mod records;
mod repeated;
pub mod request_file;
pub mod time;
mod walk;
pub mod wire_debug;

use firstfault_model::{Call, Message, MessageKind, Problem};
use lines::Lines;

/// What a reader took from `lines[at..]`.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// How many lines, at least one.
    pub lines: usize,
    /// The calls that they tell of, in order.
    pub calls: Vec<Call>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
}

/// A reader: takes lines from `at` on when it knows their form, and only then. It must reject a
/// foreign line in constant time and never panic.
pub type Reader = fn(&Lines<'_>, usize) -> Option<Taken>;

/// The form that a user says an input has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the forms")]
pub enum Form {
    Curl,
    CurlCommand,
    Http,
    Har,
    Postman,
    RequestFile,
    Exception,
    Log,
    Text,
}

/// What was read from one input.
#[derive(Clone, Debug, Default)]
pub struct Intake {
    /// Calls, joined, in the order of the evidence. Healthy ones of large inputs are only counted.
    pub calls: Vec<Call>,
    /// How often each of `calls` was seen: more than once only in large inputs, where repeats are counted.
    pub repeats: Vec<usize>,
    /// When the last one like each of `calls` began, where repeats are counted and tell their time.
    pub last: Vec<Option<i64>>,
    /// Calls that did not fail and of which nothing more is kept.
    pub healthy: usize,
    /// Failing calls that were only counted, because there are too many different ones.
    pub unjudged: usize,
    /// What people wrote around the evidence.
    pub notes: Vec<Message>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
    /// The latest time that the evidence shows, in milliseconds since the Unix epoch.
    pub clock: Option<i64>,
    /// True when no reader knew any of it: it is evidence only if a rule knows the words.
    pub only_words: bool,
    /// Set when nothing in the input is evidence of a call: what was tried and what is missing.
    pub unreadable: Option<String>,
}

/// A failed call, marked with what a working one of the same evidence had otherwise.
#[must_use]
pub fn contrasted(failed: Call, working: Call) -> Call {
    let mut calls = join::contrast(vec![failed, working]);
    calls.swap_remove(0)
}

/// Reads one input.
#[must_use]
pub fn read(text: &str, form: Option<Form>) -> Intake {
    let mut intake = match form {
        Some(Form::Har) => har::read(text),
        Some(Form::Postman) => postman::read(text),
        Some(Form::RequestFile) => request_file::read(text),
        Some(_) => read_lines(text, form),
        None if har::recognises(text) => har::read(text),
        None if postman::recognises(text) => postman::read(text),
        None if request_file::recognises(text) => request_file::read(text),
        None if probe_record::recognises(text) => probe_record::read(text),
        None => read_lines(text, None),
    };
    intake.repeats.resize(intake.calls.len(), 1);
    intake.last.resize(intake.calls.len(), None);
    let latest = intake.calls.iter().filter_map(|c| c.started).max();
    intake.clock = intake.clock.or(latest);
    if intake.calls.is_empty() && intake.healthy == 0 && intake.unreadable.is_none() {
        intake.unreadable = Some(unreadable(text.trim().is_empty(), &intake.notes));
    }
    intake
}

/// Reads one input and hands every call on as it comes, healthy ones too; only what is read as one story (a paste, a
/// collection) is held at once. What is returned holds no calls and counts all of them as healthy.
#[must_use]
pub fn every(text: &str, form: Option<Form>, take: &mut dyn FnMut(Call)) -> Intake {
    let is_har = form == Some(Form::Har) || form.is_none() && har::recognises(text);
    let streamed = if is_har {
        Some(har::every(text, take))
    } else if matches!(form, None | Some(Form::Log)) && bulk::is_bulk(text) && !is_document(text) {
        bulk::every(text, take)
    } else {
        None
    };
    let mut intake = streamed.unwrap_or_else(|| story(text, form, take));
    if intake.healthy == 0 && intake.unreadable.is_none() {
        intake.unreadable = Some(unreadable(text.trim().is_empty(), &intake.notes));
    }
    intake
}

/// True for forms that are one document, not lines.
fn is_document(text: &str) -> bool {
    postman::recognises(text) || request_file::recognises(text) || probe_record::recognises(text)
}

/// Reads what is held at once. Lines of a log are a call each: those that tell of one request are not joined.
fn story(text: &str, form: Option<Form>, take: &mut dyn FnMut(Call)) -> Intake {
    let is_lines = !matches!(form, Some(Form::Postman | Form::RequestFile)) && (form.is_some() || !is_document(text));
    let mut intake = if is_lines {
        let mut walked = walk::walk(&walk::lines(text, 0, 1), form);
        walked.calls.iter_mut().for_each(finish);
        let of_log = walked.calls.iter().all(|call| call.origin == firstfault_model::Origin::LogLine);
        let calls = if of_log { walked.calls } else { join::join(walked.calls) };
        Intake { calls, notes: walked.notes, problems: walked.problems, ..Intake::default() }
    } else {
        read(text, form)
    };
    // Words alone are no call.
    for call in intake.calls.drain(..).filter(|call| call.request.is_some() || call.response.is_some()) {
        intake.healthy += 1;
        take(call);
    }
    intake
}

fn read_lines(text: &str, form: Option<Form>) -> Intake {
    if form.is_none() && bulk::is_bulk(text) {
        return bulk::read(text);
    }
    let lines = walk::lines(text, 0, 1);
    let walk::Walked { mut calls, notes, problems, known_lines } = walk::walk(&lines, form);
    for call in &mut calls {
        finish(call);
    }
    let mut calls = join::join(calls);
    let mut only_words = known_lines == 0;
    if calls.iter().all(|call| !join::says_failed(call))
        && let Some((name, value, span)) = repeated::find(&lines).or_else(|| delivery::find(&lines))
    {
        if calls.is_empty() {
            calls.push(firstfault_model::Call { span, ..firstfault_model::Call::default() });
        }
        if let Some(call) = calls.last_mut() {
            call.mark(name, value, span);
            only_words = false;
        }
    }
    Intake { calls, notes, problems, only_words, ..Intake::default() }
}

/// What every call gets, whoever read it: its time, and what its log message says in passing.
fn finish(call: &mut Call) {
    if call.started.is_none() {
        call.started = call
            .attribute("time")
            .and_then(time::parse)
            .or_else(|| call.response.as_ref().and_then(|r| r.headers.first("date")).and_then(time::parse));
    }
    status_of_page(call);
    if call.attribute("connect.fallback").is_some() {
        // One address refused, the next one took the connection: what curl said about the first is no failure.
        for message in
            call.messages.iter_mut().filter(|m| m.kind == MessageKind::Tool && m.text.contains("connect to "))
        {
            message.kind = MessageKind::Note;
        }
    }
    let words: Vec<(String, firstfault_model::Span)> = call
        .messages
        .iter()
        .filter(|m| matches!(m.kind, MessageKind::Log | MessageKind::Output))
        .take(16)
        .map(|m| (m.text.clone(), m.span))
        .collect();
    for (text, span) in words {
        exceptions::read_words(&text, span, call);
    }
}

/// A page alone, without a head: servers put the status into its title ("502 Bad Gateway").
fn status_of_page(call: &mut Call) {
    let Some(response) = call.response.as_mut().filter(|r| r.status.is_none()) else { return };
    let Some(body) = &response.body else { return };
    let page = &body.text;
    let title = page.find("<title>").map(|i| i + 7).or_else(|| page.find("<TITLE>").map(|i| i + 7));
    let Some(title) = title.and_then(|from| page.get(from..)) else { return };
    let status = title.trim_start().get(..3).and_then(|digits| digits.parse::<u16>().ok());
    let Some(status) = status.filter(|s| (400..600).contains(s)) else { return };
    let named = firstfault_model::status_names(status)
        .iter()
        .any(|name| title.get(3..).is_some_and(|rest| rest.trim_start().starts_with(name)));
    if named {
        response.status = Some(status);
    }
}

/// What was tried, and what would be evidence.
#[must_use]
pub fn unreadable(empty: bool, notes: &[Message]) -> String {
    if empty {
        return "expected evidence of a call, got an empty input".to_owned();
    }
    let notes = if notes.is_empty() { "" } else { "; what people wrote about it is kept but never decides" };
    format!(
        "nothing here is known to be evidence of a call{notes}. Tried: curl output, HTTP messages, HAR, Postman, request \
         files, exceptions, browser consoles, log lines. Paste the output of curl -v, the error with its stack trace, or the log line"
    )
}

//! Walks over the lines of a mixed paste: each reader is asked in turn, what none knows is kept as words.
//!
//! The order of the readers goes from forms that cannot be mistaken to forms that can.

use crate::lines::{Line, Lines};
use crate::{
    Form, Reader, Taken, curl_command, curl_transcript, exceptions, http_message, logs, prefix, records, wire_debug,
};
use firstfault_model::{Body, Call, Message, MessageKind, Origin, Problem, Response, Span, Vantage};
use std::borrow::Cow;

const READERS: &[Reader] = &[
    curl_transcript::read,
    curl_command::read,
    wire_debug::read,
    http_message::read,
    logs::read,
    records::read,
    exceptions::read,
];

/// The readers for a form that the user names; every reader when none is named.
fn readers(form: Option<Form>) -> &'static [Reader] {
    match form {
        Some(Form::Curl) => &[curl_transcript::read, curl_command::read],
        Some(Form::CurlCommand) => &[curl_command::read],
        Some(Form::Http) => &[wire_debug::read, http_message::read],
        Some(Form::Exception) => &[exceptions::read],
        Some(Form::Log) => &[logs::read, records::read, exceptions::read],
        Some(Form::Text) => &[],
        Some(Form::Har | Form::Postman | Form::RequestFile) | None => READERS,
    }
}

/// What the walk found.
#[derive(Debug, Default)]
pub struct Walked {
    /// Calls and fragments of calls, in the order of the evidence.
    pub calls: Vec<Call>,
    /// What people wrote around it.
    pub notes: Vec<Message>,
    /// What could not be read as meant.
    pub problems: Vec<Problem>,
    /// How many lines a reader knew.
    pub known_lines: usize,
}

/// Cuts text into lines with their places. `start` and `line` say where the text begins in the input.
#[must_use]
pub fn lines(text: &str, start: usize, line: u32) -> Lines<'_> {
    let is_fence = |l: &str| l.trim_start().starts_with("```");
    // What follows the head of a message belongs to its body, three backticks too.
    let in_body = text.lines().take_while(|l| !is_fence(l)).any(is_head);
    let has_fences = !in_body && text.lines().filter(|l| is_fence(l)).count() >= 2;
    let mut out = Vec::new();
    let mut at = start;
    let mut inside_fence = false;
    for (number, raw) in (line..).zip(text.split_inclusive('\n')) {
        let bare = raw.strip_suffix('\n').unwrap_or(raw);
        let bare = bare.strip_suffix('\r').unwrap_or(bare);
        let span = Span::new(number, at, at + bare.len());
        at += raw.len();
        let fence = bare.trim_start().starts_with("```");
        if fence {
            inside_fence = !inside_fence;
        }
        let prose = has_fences && (!inside_fence || fence);
        let (prefix, words): (&str, Cow<'_, str>) = match prefix::strip_ansi(bare) {
            Cow::Borrowed(bare) => {
                let (prefix, words) = bare.split_at(prefix::split(bare));
                (prefix, Cow::Borrowed(words))
            }
            Cow::Owned(clean) => {
                let cut = prefix::split(&clean);
                ("", Cow::Owned(clean[cut..].to_owned()))
            }
        };
        out.push(Line { text: words, prefix, span, prose });
    }
    Lines(out)
}

/// True for the first line of a message's head, as curl or a raw message writes it.
fn is_head(line: &str) -> bool {
    let bare = line.strip_prefix("> ").or_else(|| line.strip_prefix("< ")).unwrap_or(line).trim_end();
    let is_version = |word: &str| word.strip_prefix("HTTP/").is_some_and(|v| v.starts_with(['1', '2', '3']));
    let mut words = bare.split(' ');
    match (words.next(), words.next(), bare.rsplit(' ').next()) {
        (Some(version), Some(status), _) if is_version(version) => {
            status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit())
        }
        (Some(method), Some(target), Some(version)) => {
            is_version(version)
                && !method.is_empty()
                && method.bytes().all(|b| b.is_ascii_uppercase())
                && (target.starts_with('/') || target.contains("://"))
        }
        _ => false,
    }
}

/// Asks the readers along the lines.
#[must_use]
pub fn walk(lines: &Lines<'_>, form: Option<Form>) -> Walked {
    let readers = readers(form);
    let mut walked = Walked::default();
    let mut at = 0;
    let mut loose_from = None;
    while at < lines.len() {
        let blank = lines.text(at).trim().is_empty();
        let taken = if blank || lines.0[at].prose { None } else { readers.iter().find_map(|read| read(lines, at)) };
        match taken {
            Some(Taken { lines: count, calls, problems }) if count > 0 => {
                if let Some(from) = loose_from.take() {
                    loose(lines, from, at, &mut walked);
                }
                walked.calls.extend(calls);
                walked.problems.extend(problems);
                walked.known_lines += count;
                at += count;
            }
            _ => {
                loose_from.get_or_insert(at);
                at += 1;
            }
        }
    }
    if let Some(from) = loose_from {
        loose(lines, from, lines.len(), &mut walked);
    }
    walked
}

/// Lines that no reader knows: a body alone, another command's output, or what a person wrote.
fn loose(lines: &Lines<'_>, from: usize, to: usize, walked: &mut Walked) {
    let mut at = from;
    while at < to {
        let line = &lines.0[at];
        let text = line.text.trim();
        if text.is_empty() || text.starts_with("```") {
            at += 1;
            continue;
        }
        if line.prose || is_comment(text) || is_prose(text) {
            walked.notes.push(Message { kind: MessageKind::Note, text: text.to_owned(), span: line.span });
            at += 1;
            continue;
        }
        if opens_data(text) {
            let end = block_end(lines, at, to);
            let (body, span) = lines.join(at, end);
            body_alone(&body, span, walked);
            at = end;
            continue;
        }
        let message = Message { kind: MessageKind::Output, text: text.to_owned(), span: line.span };
        match walked.calls.last_mut().filter(|c| c.origin == Origin::Text && c.span.end + 2 >= line.span.start) {
            Some(call) => {
                call.span = call.span.to(line.span);
                call.messages.push(message);
            }
            None => {
                let mut call = Call::new(Origin::Text, Vantage::Client);
                call.span = line.span;
                call.messages.push(message);
                walked.calls.push(call);
            }
        }
        at += 1;
    }
}

/// True where data begins: `{`, a tag, or a list. Logs put times, codes and places into brackets: `[15:00:53] …`, `[60] …`;
/// a map that Clojure prints (`{:error …`) is a program's words and no body.
fn opens_data(text: &str) -> bool {
    if text.starts_with("{:") && !text.contains("=>") {
        return false;
    }
    match text.strip_prefix('[') {
        Some(inside) => inside.trim_start().is_empty() || inside.trim_start().starts_with(['{', '[', '"', ']']),
        None => text.starts_with(['{', '<']),
    }
}

/// A body without a head: the answer of the call before it when that has none, else a fragment.
fn body_alone(text: &str, span: Span, walked: &mut Walked) {
    let body = Body::bounded(text, span);
    let unanswered = walked.calls.last_mut().filter(|c| {
        c.request.is_some() && c.response.as_ref().is_none_or(|r| r.body.as_ref().is_none_or(Body::is_blank))
    });
    if let Some(call) = unanswered {
        call.response.get_or_insert_with(Response::default).body = Some(body);
        call.span = call.span.to(span);
        return;
    }
    let mut call = Call::new(Origin::Text, Vantage::Client);
    call.span = span;
    call.response = Some(Response { body: Some(body), span, ..Response::default() });
    walked.calls.push(call);
}

/// One past the line on which the brackets opened at `at` balance; a paragraph where they never do.
fn block_end(lines: &Lines<'_>, at: usize, to: usize) -> usize {
    let mut depth = 0i64;
    let mut in_string = false;
    let markup = lines.text(at).trim_start().starts_with('<');
    for (i, line) in lines.0.iter().enumerate().take(to).skip(at) {
        if markup {
            if line.text.trim().is_empty() {
                return i;
            }
            continue;
        }
        let mut escaped = false;
        for byte in line.text.bytes() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b'{' | b'[' if !in_string => depth += 1,
                b'}' | b']' if !in_string => depth -= 1,
                _ => {}
            }
        }
        in_string = false;
        if depth <= 0 {
            return i + 1;
        }
    }
    to
}

fn is_comment(text: &str) -> bool {
    text.starts_with("# ") || text.starts_with("// ") || text.starts_with("### ")
}

/// A sentence in the first person, a greeting or a question: people write so, programs do not.
#[must_use]
pub fn is_prose(text: &str) -> bool {
    const PERSONAL: &[&str] = &[
        "i", "i'm", "i've", "we", "we're", "we've", "my", "our", "anyone", "thanks", "hi", "hello", "hey", "folks",
        "guys",
    ];
    // Services say "we" too: "We couldn't deliver this payload", "We're sorry, but something went wrong".
    const SERVICE: &[&str] = &[
        "couldn't",
        "sorry",
        "tried",
        "unable",
        "encountered",
        "cannot",
        "can't",
        "detected",
        "received",
        "unfortunately",
    ];
    if text.len() < 12 || !text.contains(' ') || text.starts_with(['{', '[', '<', '$', '*']) {
        return false;
    }
    let mut words = 0;
    let mut personal = false;
    let mut plural = false;
    let mut service = false;
    for word in text.split_whitespace().take(60) {
        words += 1;
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'').to_ascii_lowercase();
        let known = PERSONAL.contains(&bare.as_str()) && word.len() <= bare.len() + 2;
        let is_plural = bare.starts_with("we") || bare == "our";
        plural |= known && is_plural;
        personal |= known && !is_plural;
        service |= SERVICE.contains(&bare.as_str());
    }
    // Records and calls hold sentences of services: `ErrorResponse(code = …, message = The signature we calculated …)`.
    let first = text.split(' ').next().unwrap_or_default();
    let record = text.contains(" = ")
        || text.contains("=\"")
        || text.contains("\":")
        || text.contains("':")
        || first.contains('(')
        || first.ends_with("Error:")
        || first.ends_with("Exception:");
    personal |= plural && !service && !record && !text.contains("signature we calculated");
    // kubectl, git, Docker: a statement, and then a question about it
    let states = [
        "cannot ",
        "can't ",
        "could not ",
        "couldn't ",
        "unable to ",
        "failed ",
        "error",
        "fatal",
        "the connection ",
        "warning",
    ];
    let lower = text.to_ascii_lowercase();
    let stated = states.iter().any(|begin| lower.starts_with(begin));
    words >= 3 && (personal || text.ends_with('?') && words >= 4 && !stated)
}

#[cfg(test)]
mod tests {
    use super::{is_prose, opens_data};

    #[test]
    fn data_and_words_in_brackets_are_told_apart() {
        for text in ["{\"a\": 1}", "[{\"a\": 1}]", "[", "<html>", "{:error=>\"invalid_grant\"}"] {
            assert!(opens_data(text), "{text:?} is data");
        }
        for text in ["[60] SSL peer certificate was not OK", "[15:00:53] started", "{:error #error {", "Error: x"] {
            assert!(!opens_data(text), "{text:?} is words");
        }
    }

    #[test]
    fn three_backticks_in_a_body_are_no_fence() {
        let status = |text: &str| crate::read(text, None).calls.iter().find_map(firstfault_model::Call::status);
        let curl = "> GET /x HTTP/1.1\n> Host: a.example\n>\n< HTTP/1.1 500 Oops\n< Content-Type: text/plain\n<\n```\n# a\n```\n";
        assert_eq!(status(curl), Some(500));
        assert_eq!(status("HTTP/1.1 502 Bad Gateway\n\n```\n{\"error\":\"x\"}\n```\n"), Some(502));
        // Around a fence, what people write stays words.
        let issue = "It says HTTP/1.1 200 OK for me.\n```\n< HTTP/1.1 503 Service Unavailable\n```\nAny idea?\n";
        assert_eq!(status(issue), Some(503));
    }

    #[test]
    fn the_exit_of_a_program_is_no_status() {
        let read = |text: &str| crate::read(text, None).calls.iter().find_map(firstfault_model::Call::status);
        assert_eq!(read("connection refused\n\nExit status: 101\n"), None);
        assert_eq!(read("the answer had status: 503\n"), Some(503));
    }

    #[test]
    fn people_and_programs_are_told_apart() {
        for text in
            ["Hi, since yesterday we get this:", "Does anybody know what this means?", "I tried with a new token."]
        {
            assert!(is_prose(text), "{text:?} is prose");
        }
        for text in [
            "You have exceeded your daily quota",
            "Error: connect ECONNREFUSED 127.0.0.1:80",
            "CloudFront wasn't able to connect to the origin.",
            "Please reduce your request rate.",
            "We couldn't deliver this payload: Service Timeout",
            "We're sorry, but something went wrong.",
            "ErrorResponse(code = SignatureDoesNotMatch, message = The request signature we calculated does not match)",
            "The connection to the server localhost:8080 was refused - did you specify the right host or port?",
        ] {
            assert!(!is_prose(text), "{text:?} is a program's");
        }
    }
}

//! Exceptions, stack traces, panics, error dumps and browser consoles: text that a program printed
//! when a call failed, read into one call with its chain of causes.
//!
//! One line at a time is asked what it is: a head with a type, a frame, a further cause, a part of
//! the words. What the words say (URL, status, codes, bodies) is read alike for every language. This
//! folder refuses to know what any code means for the verdict.

mod browser;
mod chain;
mod codes;
mod cues;
mod dotnet;
mod dump;
mod embedded;
mod fill;
mod frames;
mod go;
mod head;
mod java;
mod mobile;
mod node;
mod php;
mod python;
mod report;
mod ruby;
mod rust_lang;
mod take;
mod text;
mod tools;
mod words;

#[cfg(test)]
mod tests;

use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Call, Span};
use text::clip;

/// How much of a line is looked at to say what it is.
const LOOK: usize = 2048;

/// Takes an exception report that begins on line `at`, with all of its lines, as one call.
///
/// The messages of the call are the chain of causes, outermost first, root last.
#[must_use]
pub fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.0.get(at)?;
    if line.prose || line.text.trim().is_empty() {
        return None;
    }
    if clip(&line.text, LOOK).trim().is_empty() {
        return None;
    }
    // The more particular forms first; each says no after a look at the beginning of the line.
    const READERS: &[crate::Reader] = &[
        browser::read,
        ruby::read,
        python::read,
        tools::read,
        java::read,
        php::read,
        mobile::read,
        node::read,
        dotnet::read,
        rust_lang::read,
        chain::read,
        go::read,
        plain,
        chain::orphan,
    ];
    READERS.iter().find_map(|reader| reader(lines, at))
}

/// True when a line could begin an exception report or be part of one. Cheap: it looks at one line only.
#[must_use]
pub fn recognises(line: &str) -> bool {
    let line = clip(line, LOOK);
    let text = line.trim();
    if text.is_empty() {
        return false;
    }
    text.contains("Traceback (most recent call last)")
        || head::at_start(line).is_some()
        || frames::read(line).is_some()
        || take::marker(line).is_some()
        || take::is_separator(line)
        || browser::speaks(line)
        || text.starts_with("panic: ")
        || text.starts_with("npm ERR!")
        || text.starts_with("npm error")
        || text.starts_with("{ Error")
        || text.starts_with("rake aborted!")
        || text.starts_with("thread '") && text.contains(" panicked at ")
        || text.contains("Error Domain=")
        || text.contains("ncaught exception")
        || text.contains(" threw exception")
        || text.starts_with('\u{2502}') && text.contains("Error: ")
        || text.starts_with("RESPONSE ")
        || tools::speaks(line)
        || text.starts_with("Expected(") && text.contains("<=> Actual(")
        || text.contains("Warning: ") && text.contains("(http")
        || go::speaks(line)
        || rust_lang::speaks(line)
        || says_plainly(line)
}

/// Applies the one-line recognisers to a message that another reader found: URL, method, status,
/// error numbers and codes, TLS and gRPC marks, types inside the line, an embedded body.
///
/// What the call knows already is kept. No message is added: the caller has the words.
pub fn read_words(text: &str, span: Span, call: &mut Call) {
    let found = head::anywhere(text);
    if let Some(head) = found {
        let (_, inner) = head::unroll(clip(head.words, text::MESSAGE_LIMIT));
        fill::mark(call, "exception.type", head.kind, span);
        let root = inner.iter().rev().map(|l| l.kind.as_str()).find(|k| !k.is_empty()).unwrap_or(head.kind);
        fill::mark(call, "exception.root", root, span);
        if let Some(library) = frames::library(head.kind) {
            fill::mark(call, "library", library, span);
        }
        words::read(head.words, span, call, words::Reading::Exception);
    }
    words::read(text, span, call, words::Reading::Other);
}

/// Phrases of client libraries that stand on a line without a type.
const PLAIN: &[&str] = &[
    "cURL error ",
    "Curl error",
    "the server responded with status ",
    "Request failed with status code ",
    "Response status code does not indicate success",
    "The remote server returned an error: (",
    "Response code ",
    "status code does not indicate",
    "returned for \"http",
    "HTTP Error ",
    "Max retries exceeded with url",
    "tunneling socket could not be established",
    "An error occurred (",
    "(Service: ",
    "failed, reason: ",
    "StatusCode.",
    "SSL_connect returned",
    "certificate verify failed",
    "CERTIFICATE_VERIFY_FAILED",
    "Connection refused",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENOTFOUND",
    "EAI_AGAIN",
    "error occurred: ",
    "resulted in a `",
    "NSURLErrorDomain",
    "UND_ERR_",
    "UNAVAILABLE: ",
    "PKIX path building failed",
    "Connection reset by peer",
    "socket hang up",
    "Server returned HTTP response code",
    "Operation returned an invalid status",
    "Error code: ",
    "status=4",
    "status=5",
    "Authentication failed: ",
];

fn says_plainly(line: &str) -> bool {
    PLAIN.iter().any(|p| line.contains(p))
}

/// A line of curl's own output: another reader's.
fn is_transcript(line: &str) -> bool {
    ["* ", "> ", "< ", "curl: ("].iter().any(|p| line.starts_with(p))
}

/// An error's words without a type: taken only when a phrase of a client library stands in them.
fn plain(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = clip(lines.text(at), LOOK);
    if is_transcript(line) || !says_plainly(line) || frames::read(line).is_some() {
        return None;
    }
    let mut report = report::Report::new(None);
    let (kind, said) = head::anywhere(lines.text(at)).map_or(("", lines.text(at).trim()), |h| (h.kind, h.words));
    let end = chain::walk(lines, at, kind, said, &mut report);
    report.finish(lines, at, end)
}

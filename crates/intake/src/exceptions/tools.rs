//! Tools that print failures in a layout of their own: npm, Terraform and Pulumi around the Azure SDK,
//! Postman, low-code platforms, labelled reports. It refuses to know languages.

use super::fill::{request, response, set_body, set_method, set_status, set_url};
use super::frames;
use super::head::{Link, at_start};
use super::report::Report;
use super::take::{block_end, header, is_rule};
use super::text::{after, clip, indent, number};
use super::words::{is_method, url_at};
use crate::Taken;
use crate::lines::Lines;
use firstfault_model::{Body, Span};

/// A block of one of these tools at line `at`.
pub(super) fn read(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let line = lines.text(at);
    npm(lines, at, line)
        .or_else(|| boxed(lines, at, line))
        .or_else(|| plan(lines, at, line))
        .or_else(|| azure_block(lines, at))
        .or_else(|| postman(lines, at, line))
        .or_else(|| low_code(lines, at, line))
}

fn is_npm(line: &str) -> bool {
    ["npm ERR!", "npm error", "npm notice", "npm WARN", "npm warn", "npm verb", "npm http"]
        .iter()
        .any(|p| line.starts_with(p))
}

/// `npm ERR! code E404` / `npm error 404 Not Found - PUT https://…`.
fn npm(lines: &Lines<'_>, at: usize, line: &str) -> Option<Taken> {
    let fails = |i: usize| lines.text(i).starts_with("npm ERR!") || lines.text(i).starts_with("npm error");
    if !is_npm(line) || !(at..at + 40).any(fails) {
        return None;
    }
    let end = (at..lines.len().min(at + 2000)).find(|i| !is_npm(lines.text(*i))).unwrap_or(lines.len().min(at + 2000));
    let mut report = Report::new(Some(frames::Runtime::Node));
    report.library = Some("npm");
    for i in at..end {
        let text = lines.text(i);
        let Some(words) = text.strip_prefix("npm ERR!").or_else(|| text.strip_prefix("npm error")) else {
            continue;
        };
        let words = words.trim();
        if let Some(code) = words.strip_prefix("code ") {
            match code.strip_prefix('E').and_then(|c| c.parse().ok()) {
                Some(status) => set_status(&mut report.call, status, None, lines.span(i)),
                None => super::fill::mark_node_code(&mut report.call, code, lines.span(i)),
            }
        }
        let bare = words.bytes().all(|b| b.is_ascii_digit());
        if !bare && !words.contains("A complete log of this run") {
            report.link(Link::new("", words), lines.span(i));
        }
    }
    if report.links.is_empty() {
        return None;
    }
    report.finish(lines, at, end)
}

/// Terraform's box: `╷` … `│ Error: words` … `╵`.
fn boxed(lines: &Lines<'_>, at: usize, line: &str) -> Option<Taken> {
    if !line.starts_with(['\u{2577}', '\u{2502}']) {
        return None;
    }
    // Rich and others draw with the same lines: the word must stand near the top.
    if !(at..at + 3).any(|i| clip(lines.text(i), 200).contains("Error: ")) {
        return None;
    }
    let inside = |i: usize| lines.text(i).starts_with(['\u{2577}', '\u{2502}', '\u{2575}']);
    let closed = (at..lines.len().min(at + 600)).find(|i| lines.text(*i).starts_with('\u{2575}'));
    let end = (at..lines.len().min(at + 600)).find(|i| !inside(*i)).unwrap_or(lines.len().min(at + 600));
    let end = closed.map_or(end, |c| (c + 1).min(end));
    let mut text = String::new();
    let mut span = Span::default();
    for i in at..end {
        let words = lines.text(i).trim_start_matches(['\u{2577}', '\u{2502}', '\u{2575}']);
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(words.strip_prefix(' ').unwrap_or(words));
        span = span.to(lines.span(i));
    }
    let said = after(&text, "Error: ")?;
    let mut report = Report::new(None);
    report.library = Some("terraform");
    report.link(Link::new("", said), span);
    report.finish(lines, at, end)
}

/// Terraform before 0.15: `Error: Error applying plan:`, `1 error(s) occurred:`, `* resource: words`.
fn plan(lines: &Lines<'_>, at: usize, line: &str) -> Option<Taken> {
    let said = line.strip_prefix("Error: ").filter(|w| w.trim_end().ends_with(':'))?;
    let count = (at + 1..(at + 4).min(lines.len())).find(|i| lines.text(*i).contains(" occurred:"))?;
    let mut report = Report::new(Some(frames::Runtime::Go));
    report.library = Some("terraform");
    report.link(Link::new("", said), lines.span(at));
    let mut i = count + 1;
    while i < lines.len()
        && i - count < 200
        && (lines.text(i).trim().is_empty() && lines.text(i + 1).starts_with('*')
            || lines.text(i).starts_with(['*', ' ', '\t']))
    {
        report.link(Link::new("", lines.text(i).trim_start_matches(['*', ' '])), lines.span(i));
        i += 1;
    }
    report.finish(lines, at, i)
}

/// The Azure SDK for Go: a request line, rules, `RESPONSE 429: …`, `ERROR CODE: …`, JSON.
fn azure_block(lines: &Lines<'_>, at: usize) -> Option<Taken> {
    let first = lines.text(at);
    let first = clip(first, 4096);
    let opens = first.contains("://")
        || is_rule(first)
        || first.trim_start().starts_with("RESPONSE ")
        || first.contains("rror:")
        || first.contains("error occurred");
    if !opens {
        return None;
    }
    let answer = (at..(at + 6).min(lines.len()))
        .find(|i| lines.text(*i).trim_start().strip_prefix("RESPONSE ").and_then(number).is_some())?;
    // A rule stands above the answer unless the block was cut right there.
    if answer > at && !is_rule(lines.text(answer - 1)) {
        return None;
    }
    let mut i = answer + 1;
    let mut rules = 0;
    while i < lines.len() && i - answer < 400 {
        let text = lines.text(i);
        if is_rule(text) {
            rules += 1;
            i += 1;
            if rules == 2 {
                break;
            }
        } else if text.trim_end().ends_with('{') {
            i = block_end(lines, i);
        } else if text.trim().is_empty() && rules > 0 {
            break;
        } else {
            i += 1;
        }
    }
    let (text, span) = lines.join(at, i);
    let mut report = Report::new(Some(frames::Runtime::Go));
    report.library = Some("azure-sdk-go");
    report.link(Link::new("", &text), span);
    report.finish(lines, at, i)
}

/// Postman's console and labelled reports: a request line or an error, then sections.
fn postman(lines: &Lines<'_>, at: usize, line: &str) -> Option<Taken> {
    let mut report = Report::new(Some(frames::Runtime::Node));
    let mut i = at;
    if let Some((method, url)) =
        line.split_once(' ').filter(|(m, u)| is_method(m) && u.starts_with("http") && !u.trim().contains(' '))
    {
        if !lines.text(at + 1).starts_with("Error: ") {
            return None;
        }
        set_method(&mut report.call, method, lines.span(at));
        set_url(&mut report.call, url_at(url), lines.span(at));
        i += 1;
    } else if !line.starts_with("Error: ") {
        return None;
    }
    let head = at_start(lines.text(i))?;
    report.link(Link::new(head.kind, head.words), lines.span(i));
    i += 1;
    // A stack, then blank lines between labelled sections (axios-error: `Request -`, `Response Data -`).
    while i < lines.len() && frames::read(lines.text(i)).is_some() {
        if let Some(frame) = frames::read(lines.text(i)) {
            report.frame(frame, lines.span(i));
        }
        i += 1;
    }
    let mut found = false;
    while i < lines.len() && i - at < 4000 {
        if lines.text(i).trim().is_empty() {
            let Some(next) = (i + 1..(i + 3).min(lines.len())).find(|n| !lines.text(*n).trim().is_empty()) else {
                break;
            };
            if section(lines.text(next)).is_none() {
                break;
            }
            i = next;
        }
        let Some(name) = section(lines.text(i)) else { break };
        found = true;
        i = read_section(lines, i, name, &mut report);
    }
    if !found {
        return None;
    }
    report.finish(lines, at, i)
}

/// The name of a section that a line opens.
fn section(line: &str) -> Option<&'static str> {
    let name = line.trim_end().trim_end_matches(['-', ':', ' ']);
    [
        "Error Message",
        "Request",
        "Request Headers",
        "Request Data",
        "Request Body",
        "Response",
        "Response Headers",
        "Response Data",
        "Response Body",
        "Proxy",
        "Network",
        "Certificate",
    ]
    .into_iter()
    .find(|s| *s == name)
}

/// Reads one section; returns one past its last line.
fn read_section(lines: &Lines<'_>, at: usize, name: &str, report: &mut Report) -> usize {
    let mut end = at + 1;
    while end < lines.len()
        && end - at < 2000
        && !lines.text(end).trim().is_empty()
        && section(lines.text(end)).is_none()
    {
        end = if lines.text(end).trim_end().ends_with(['{', '[']) { block_end(lines, end) } else { end + 1 };
    }
    let (text, span) = lines.join(at + 1, end);
    let call = &mut report.call;
    match name {
        "Request" => {
            if let Some((method, url)) = text.trim().split_once(' ').filter(|(m, _)| is_method(m)) {
                set_method(call, method, span);
                set_url(call, url_at(url.trim_start()), span);
            }
        }
        "Response" => {
            if let Some((status, reason)) = number(text.trim()) {
                set_status(call, u16::try_from(status).unwrap_or_default(), Some(reason), span);
            }
        }
        "Request Headers" | "Response Headers" => {
            for i in at + 1..end {
                if let Some((field, value)) = header(lines.text(i)) {
                    let place = lines.span(i);
                    let headers = if name.starts_with("Request") {
                        &mut request(call, place).headers
                    } else {
                        &mut response(call, place).headers
                    };
                    headers.push(field, value.trim_matches('"'), place);
                }
            }
        }
        "Response Data" | "Response Body" => set_body(call, &unindented(&text), false, span),
        "Request Data" | "Request Body" if !text.trim().is_empty() => {
            request(call, span).body = Some(Body::bounded(&unindented(&text), span))
        }
        _ => {}
    }
    end
}

/// Text without the white space that all of its lines share.
fn unindented(text: &str) -> String {
    let shared = text.lines().filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    text.lines().map(|l| l.get(shared..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// How the failures of low-code platforms begin.
const LEADS: &[&str] = &[
    "ERROR: ",
    "NodeApiError: ",
    "NodeOperationError: ",
    "ActionFailed",
    "BadGateway",
    "The app returned ",
    "Invalid response received from ",
    "[BundleValidationError",
    "[DataError",
    "[RateLimitError",
    "[ConnectionError",
    "[RuntimeError",
    "Failed to make REST call",
    "UnknownError: ",
    "hudson.",
    "Problem while creating your ",
];

/// True when a line begins like a failure of a low-code platform.
pub(super) fn speaks(line: &str) -> bool {
    LEADS.iter().any(|l| line.trim_start().starts_with(l))
}

/// n8n, Zapier, Make, Power Automate, Jenkins: one line and what hangs on it.
fn low_code(lines: &Lines<'_>, at: usize, line: &str) -> Option<Taken> {
    let line = clip(line, 2048).trim_start();
    let lead = LEADS.iter().find(|l| line.starts_with(**l))?;
    let spoken = line.bytes().any(|b| b.is_ascii_digit()) || *lead != "ERROR: ";
    if !spoken {
        return None;
    }
    let mut report = Report::new(None);
    let (kind, words) = at_start(line).map_or(("", line), |h| (h.kind, h.words));
    let end = super::chain::walk(lines, at, kind, words, &mut report);
    report.finish(lines, at, end)
}

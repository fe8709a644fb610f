//! What stands in a transcript without curl's marks: empty lines, bodies, the heads of `-i`, what `-w`
//! prints, the shell's stopwatch.
//!
//! This file refuses to know curl's marked lines; it is asked only where none stands.

use super::info;
use super::line::{self, CurlLine};
use super::session::{Phase, Session};
use super::write_out;
use crate::http_message::body::{self, Hints};
use crate::http_message::exchange::is_prompt_remnant;
use crate::http_message::start_line::{self, StatusLine};
use crate::http_message::{boundary, fields};
use firstfault_model::{Headers, MessageKind, Request, Response};

/// How many lines are searched for the mark that ends a body of several paragraphs.
const MARK_LINES: usize = 200;

impl Session<'_, '_> {
    /// An empty line: goes on when more of this transcript stands below.
    pub(super) fn blank(&mut self, at: usize) -> Option<usize> {
        let below = (at..at + 6).find(|&i| !self.lines.text(i).trim().is_empty()).filter(|&i| i < self.lines.len())?;
        let text = self.lines.text(below);
        let goes_on = match line::classify(text) {
            CurlLine::Info(words) => line::is_known_info(words),
            CurlLine::Sent(words) => start_line::request_line(words).is_some() && self.command.is_some(),
            CurlLine::Received(words) => {
                start_line::status_line(words).is_some() || self.phase >= Phase::Received && fields::is_field(words)
            }
            CurlLine::Failure(..) => true,
            CurlLine::Noise => self.seen || self.command.is_some(),
            CurlLine::Warning(_) => false,
            CurlLine::Plain => {
                let own = self.template.as_ref().is_some_and(|t| t.read_line(text).is_some())
                    || is_stopwatch(text)
                    || is_help(text);
                let answer = start_line::status_line(text).is_some()
                    || body::is_json(text)
                    || body::is_markup(text)
                    || (self.heads_only() && fields::is_field(text));
                let ends = boundary::prompt(text).is_some()
                    || boundary::is_separator(text)
                    || boundary::is_comment(text)
                    || boundary::is_log_line(text);
                let body_due = self.phase == Phase::Received && self.takes_body();
                // curl prints the redirect's next head below the last one
                let next_head =
                    self.phase >= Phase::Received && start_line::status_line(text).is_some() && self.command.is_some();
                own || next_head
                    || (!ends
                        && (body_due
                            || (self.phase == Phase::Idle && self.command.is_some() && answer && !self.written)))
            }
        };
        goes_on.then_some(below)
    }

    /// A line without curl's marks: output, the head of `-i`, what `-w` prints.
    pub(super) fn plain(&mut self, at: usize) -> Option<usize> {
        let text = self.lines.text(at);
        let span = self.lines.0[at].span_of(text.trim());
        if is_elision(text) && self.phase != Phase::Received {
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if let Some(values) = self.written_values(text) {
            let again = self.written && values.iter().any(|(name, _)| name == "http_code" || name == "response_code");
            if again {
                self.flush();
            }
            write_out::apply(&values, &mut self.call, &mut self.clock, span);
            self.written = true;
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if is_stopwatch(text) && self.seen {
            if let Some(seconds) = stopwatch(text) {
                self.call.timings.total = self.call.timings.total.or(Some(seconds * 1000.0));
            }
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if is_help(text) && self.seen {
            self.note(at, at + 1);
            return Some(at + 1);
        }
        if let Some(line) = start_line::status_line(text) {
            return self.raw_head(at, &line);
        }
        if self.phase == Phase::Receiving && text.trim() == self.last_received {
            return Some(at + 1);
        }
        if boundary::ends_message(self.lines, at, self.in_prose) {
            return None;
        }
        if self.command.is_some() && (text.starts_with("jq: ") || text.starts_with("parse error: ")) {
            self.say(MessageKind::Output, text.trim(), span);
            self.note(at, at + 1);
            return Some(at + 1);
        }
        match self.phase {
            Phase::Idle if self.heads_only() && fields::is_field(text) => {
                let head = fields::read_head(self.lines, at, |text| {
                    line::classify(text) == CurlLine::Plain && boundary::prompt(text).is_none()
                });
                let response = self.call.response.get_or_insert_with(Response::default);
                response.span = span;
                response.headers.0.extend(head.fields.0);
                self.phase = Phase::Receiving;
                self.note(at, head.end);
                Some(head.end)
            }
            Phase::Idle => {
                let known = body::is_json(text) || body::is_markup(text);
                let prompted = self.command.as_ref().is_some_and(|c| c.prompted);
                let expected = self.command.is_some() || self.call.attribute("connected").is_some();
                let taken =
                    expected && (known || prompted) && !self.written && self.call.attribute("curl.exit").is_none();
                if taken { self.response_body(at) } else { None }
            }
            Phase::Sending | Phase::Sent => self.after_request(at),
            Phase::Receiving | Phase::Received if self.takes_body() => self.response_body(at),
            Phase::Receiving | Phase::Received | Phase::Done => None,
        }
    }

    /// Output between the request's head and the response: the body that was sent, where one is announced.
    fn after_request(&mut self, at: usize) -> Option<usize> {
        let announced = self.call.request.as_ref().is_some_and(|r| {
            r.headers.first("content-type").is_some()
                || body::content_length(&r.headers).is_some_and(|length| length > 0)
        });
        if !announced {
            let text = self.lines.text(at);
            return if body::is_json(text) || body::is_markup(text) { self.response_body(at) } else { None };
        }
        let headers = self.call.request.as_ref().map(|r| r.headers.clone()).unwrap_or_default();
        let mut found = body::read_body(
            self.lines,
            at,
            &Hints { headers: &headers, in_prose: self.in_prose, runs_on: false, cut: &cut },
        )?;
        found.keep_rest();
        self.note(at, found.end);
        self.call.request.get_or_insert_with(Request::default).body = Some(found.body);
        Some(found.end)
    }

    fn response_body(&mut self, at: usize) -> Option<usize> {
        let headers = self.call.response.as_ref().map(|r| r.headers.clone()).unwrap_or_default();
        let runs_on = self.end_mark_follows(at);
        let mut found =
            body::read_body(self.lines, at, &Hints { headers: &headers, in_prose: self.in_prose, runs_on, cut: &cut })?;
        let last = found.end - 1;
        self.note(at, found.end);
        if let Some((rest, span)) = found.rest.take() {
            let words = rest.trim();
            let values = write_out::json(words).or_else(|| self.template.as_ref().and_then(|t| t.read_line(words)));
            if let Some(values) = values {
                write_out::apply(&values, &mut self.call, &mut self.clock, span);
                self.written = true;
            } else if let Some(info) = words.strip_prefix("* ") {
                self.apply_info(info.trim(), span);
            } else if let CurlLine::Failure(code, words) = line::classify(words) {
                self.failure(code, words, span, last);
            } else if !is_prompt_remnant(words) {
                found.rest = Some((rest, span));
                found.keep_rest();
            }
        } else if let Some((cut, values)) =
            self.template.as_ref().and_then(|t| t.read_tail(last_line(&found.body.text)))
        {
            let keep = found.body.text.len() - last_line(&found.body.text).len() + cut;
            found.body.size = found.body.size.saturating_sub(found.body.text.len() - keep);
            found.body.text.truncate(keep);
            let span = self.lines.span(last);
            write_out::apply(&values, &mut self.call, &mut self.clock, span);
            self.written = true;
        }
        if self.tunneling {
            // The proxy's page about its refusal.
            self.say(MessageKind::Tool, &found.body.text, found.body.span);
        } else {
            let response = self.call.response.get_or_insert_with(Response::default);
            if response.span.line == 0 {
                response.span = found.body.span;
            }
            response.body = Some(found.body);
            response.trailers.0.extend(found.trailers.0);
        }
        self.phase = Phase::Done;
        Some(found.end)
    }

    /// A head as `-i`, `-I` and `-D -` print it, without marks.
    fn raw_head(&mut self, at: usize, line: &StatusLine<'_>) -> Option<usize> {
        if self.command.is_none() && !self.seen {
            return None;
        }
        let text = self.lines.text(at);
        let span = self.lines.0[at].span_of(text.trim());
        if self.phase == Phase::Receiving && text.trim() == self.last_received {
            return Some(at + 1);
        }
        let head = fields::read_head(self.lines, at + 1, |text| {
            start_line::status_line(text).is_none()
                && line::classify(text) == CurlLine::Plain
                && boundary::prompt(text).is_none()
                && !boundary::is_fence(text)
        });
        self.note(at, head.end);
        let below = (head.end..head.end + 3).find(|&i| !self.lines.text(i).trim().is_empty()).unwrap_or(head.end);
        let another = start_line::status_line(self.lines.text(below)).is_some();
        let established = line.reason.is_some_and(|reason| reason.eq_ignore_ascii_case("connection established"));
        if self.calls.is_empty()
            && !self.is_answered()
            && another
            && (established || (self.uses_proxy() && line.status == 200 && head.fields.0.is_empty()))
        {
            info::once(&mut self.call, "http.connect_status", &line.status.to_string(), span);
            return Some(head.end);
        }
        // `-v` with `-i` shows the head twice.
        let repeated = !self.last_received.is_empty()
            && self.call.response.as_ref().is_some_and(|r| {
                r.status == Some(line.status) && r.body.is_none() && r.headers.0.len() == head.fields.0.len()
            });
        if !repeated || self.phase == Phase::Done {
            self.status(line, text.trim(), span);
            if self.interim {
                self.interim = false;
                return Some(head.end);
            }
            if let Some(response) = self.call.response.as_mut() {
                response.headers = Headers(head.fields.0);
            }
        }
        if head.complete && !self.command.as_ref().is_some_and(|c| c.filtered) {
            self.phase = Phase::Receiving;
            self.head_over();
        }
        Some(head.end)
    }

    fn written_values(&self, text: &str) -> Option<Vec<(String, String)>> {
        if let Some(values) = write_out::json(text) {
            return Some(values);
        }
        if let Some(template) = &self.template {
            return template.read_line(text).or_else(|| write_out::named(text));
        }
        let lines_up = self.command.is_some() || self.seen;
        write_out::named(text).filter(|values| {
            lines_up
                && self.phase != Phase::Receiving
                && values.iter().all(|(name, _)| name.starts_with("time_") || self.phase == Phase::Done)
        })
    }

    fn heads_only(&self) -> bool {
        self.command.as_ref().is_some_and(|c| c.heads_only)
    }

    fn takes_body(&self) -> bool {
        if self.tunneling {
            return true;
        }
        let sent = self.call.request.as_ref().and_then(|r| r.method.as_deref());
        let method = sent.or(self.asked.as_ref().and_then(|r| r.method.as_deref()));
        let Some(response) = &self.call.response else { return false };
        let piped = self.command.as_ref().is_some_and(|c| c.heads_only && !c.text.contains(" -v"));
        method != Some("HEAD")
            && !piped
            && response.body.is_none()
            && !response.status.is_some_and(|s| (100..200).contains(&s) || s == 304)
    }

    /// True when one of curl's own lines ends this output further down.
    fn end_mark_follows(&self, at: usize) -> bool {
        for i in at..(at + MARK_LINES).min(self.lines.len()) {
            let text = self.lines.text(i);
            if boundary::prompt(text).is_some() || boundary::is_fence(text) || start_line::request_line(text).is_some()
            {
                return false;
            }
            match line::classify(text) {
                CurlLine::Info(words)
                    if words.starts_with("Connection #") || words.starts_with("Closing connection") =>
                {
                    return i > at;
                }
                CurlLine::Sent(words) if start_line::request_line(words).is_some() => return false,
                CurlLine::Received(words) if start_line::status_line(words).is_some() => return false,
                CurlLine::Failure(..) => return i > at,
                _ => {}
            }
        }
        false
    }
}

/// Where curl's own lines begin in a line of output: at its start, or glued behind output without a line end.
fn cut(text: &str) -> Option<usize> {
    match line::classify(text) {
        CurlLine::Info(words) if line::is_known_info(words) => return Some(0),
        CurlLine::Sent(words) if start_line::request_line(words).is_some() => return Some(0),
        CurlLine::Received(words)
            if words.is_empty() || fields::is_field(words) || start_line::status_line(words).is_some() =>
        {
            return Some(0);
        }
        CurlLine::Failure(..) | CurlLine::Noise => return Some(0),
        _ => {}
    }
    ["* Connection #", "* Closing connection", "* Connection to host "].iter().filter_map(|mark| text.find(mark)).min()
}

fn last_line(text: &str) -> &str {
    text.rsplit('\n').next().unwrap_or(text)
}

fn is_elision(text: &str) -> bool {
    matches!(text.trim(), "..." | "…" | "[...]" | "[…]" | "(...)" | "<snip>" | "[snip]")
}

/// `real 0m30.012s` and its companions, as the shell's `time` prints them.
fn is_stopwatch(text: &str) -> bool {
    let text = text.trim();
    ["real", "user", "sys"].iter().any(|word| {
        text.strip_prefix(word).is_some_and(|rest| {
            rest.starts_with(['\t', ' ']) && rest.trim().starts_with(|c: char| c.is_ascii_digit()) && rest.len() < 24
        })
    })
}

fn stopwatch(text: &str) -> Option<f64> {
    let time = text.trim().strip_prefix("real")?.trim().trim_end_matches('s');
    let (minutes, seconds) = time.split_once('m').unwrap_or(("0", time));
    let total = minutes.parse::<f64>().ok()? * 60.0 + seconds.replace(',', ".").parse::<f64>().ok()?;
    total.is_finite().then_some(total)
}

/// The help that curl prints below a certificate error.
fn is_help(text: &str) -> bool {
    [
        "More details here: ",
        "curl failed to verify the legitimacy",
        "establish a secure connection to it.",
        "how to fix it, please visit",
        "how to fix it, ",
        "curl performs SSL certificate verification",
        "of Certificate Authority (CA)",
        "bundle file isn't adequate",
        "using the --cacert option.",
        "If this HTTPS server uses a certificate signed",
        "the bundle, the certificate verification probably",
        "problem with the certificate (it might be expired",
        "not match the domain name in the URL).",
        "If you'd like to turn off curl's verification",
        "the -k (or --insecure) option.",
        "HTTPS-proxy has similar options",
        "To learn more about this situation",
    ]
    .iter()
    .any(|help| text.trim_start().starts_with(help))
}

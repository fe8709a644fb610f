//! Joins what was read into calls: hops of one redirect, attempts, and the words of several systems about the
//! same request become one story.
//!
//! Joined are parts that share an id, stand on adjacent lines, or name the same target; a part that names
//! neither target nor status goes to the nearest failing call. This file refuses to judge: "failing" here is only
//! what the status or the program itself says.

use crate::expected;
use crate::records::level;
use firstfault_model::{Call, Message, MessageKind, Origin, Span, Vantage};

/// Pastes with more calls than this are logs: their lines are joined by id and time only in a small window.
const STORY_LIMIT: usize = 200;
/// How many lines a command and its answer may lie apart.
const ANSWER_LINES: u32 = 20;

/// Joins `calls`, which are in the order of the evidence.
#[must_use]
pub fn join(calls: Vec<Call>) -> Vec<Call> {
    if calls.len() > STORY_LIMIT {
        return calls;
    }
    let calls = continue_exceptions(calls);
    let calls = printed_answers(calls);
    let calls = join_answers(calls);
    let calls = join_hops(calls);
    let calls = expected::settle(calls);
    let calls = join_by_id(calls);
    let calls = join_same_request(calls);
    let calls = attach_same_status(calls);
    let calls = attach_fragments(calls);
    let calls = attach_inner_calls(calls);
    contrast(mark_attempts(calls))
}

/// True when the evidence itself says that the call failed.
#[must_use]
pub fn says_failed(call: &Call) -> bool {
    let status = call.status();
    status.is_some_and(|s| s >= 400 || s == 0)
        || call.attributes.iter().any(|a| match a.name.as_str() {
            "exception.type" | "errno" | "net_error" | "tls.verify" | "tls.alert" => true,
            "curl.exit" => a.value != "0",
            "http.connect_status" => !a.value.starts_with('2'),
            "grpc.status" => a.value != "0",
            "log.level" => status.is_none() && matches!(a.value.as_str(), "error" | "fatal"),
            _ => false,
        })
}

/// True when it names what was called, or how that was answered.
fn is_exchange(call: &Call) -> bool {
    call.status().is_some() || call.request.as_ref().is_some_and(|r| !r.url.path.is_empty() || r.url.host.is_some())
}

/// A stack trace right behind the log line that announced it belongs to it.
fn continue_exceptions(calls: Vec<Call>) -> Vec<Call> {
    let mut out: Vec<Call> = Vec::with_capacity(calls.len());
    for call in calls {
        let follows = out.last().is_some_and(|previous| {
            let error_line = previous.attribute("log.level").is_some_and(|l| matches!(l, "error" | "fatal" | "warn"));
            let exception = call.attribute("exception.type").is_some() && call.attribute("log.level").is_none();
            exception
                && error_line
                && call.span.start <= previous.span.end + 2
                && (call.status().is_none() || previous.status().is_none() || call.status() == previous.status())
        });
        match out.last_mut() {
            Some(previous) if follows => absorb(previous, call),
            _ => out.push(call),
        }
    }
    out
}

/// Google's Java client prints status, request line and then the answer's body, which stands where a request's would.
fn printed_answers(calls: Vec<Call>) -> Vec<Call> {
    let mut out: Vec<Call> = Vec::with_capacity(calls.len());
    for mut call in calls {
        let follows = out.last().is_some_and(|thrown| {
            let error = call.request.as_ref().and_then(|r| r.body.as_ref()).is_some_and(|body| {
                let start: String = body.text.chars().filter(|c| !c.is_whitespace()).take(40).collect();
                start.starts_with("{\"error\":{") || start.starts_with("{\"code\":")
            });
            thrown.attribute("exception.type").is_some()
                && thrown.status().is_some_and(|s| s >= 400)
                && call.origin == Origin::HttpMessage
                && call.response.is_none()
                && error
                && call.span.line <= thrown.span.line + 3
        });
        match out.last_mut() {
            Some(thrown) if follows => {
                let body = call.request.as_mut().and_then(|r| r.body.take());
                if let Some(response) = thrown.response.as_mut().filter(|r| r.body.is_none()) {
                    response.body = body;
                }
                absorb(thrown, call);
            }
            _ => out.push(call),
        }
    }
    out
}

/// A command without its answer, and right behind it an answer without its request: a tool's own error under the line
/// that was typed.
fn join_answers(calls: Vec<Call>) -> Vec<Call> {
    let mut out: Vec<Call> = Vec::with_capacity(calls.len());
    for call in calls {
        let answers = out.last().is_some_and(|asked| {
            let unanswered = asked.origin == Origin::CurlCommand && asked.response.is_none() && !says_failed(asked);
            let names_nothing = call.request.as_ref().is_none_or(|r| r.url.host.is_none() && r.url.path.is_empty());
            unanswered
                && names_nothing
                && (call.status().is_some() || says_failed(&call))
                && call.span.line <= asked.span.line + ANSWER_LINES
        });
        match out.last_mut() {
            Some(asked) if answers => absorb(asked, call),
            _ => out.push(call),
        }
    }
    out
}

/// Hops of one redirected command become one call: the last exchange, with marks of what each redirect changed.
fn join_hops(calls: Vec<Call>) -> Vec<Call> {
    let mut out: Vec<Call> = Vec::with_capacity(calls.len());
    for mut call in calls {
        let is_next_hop = out.last().is_some_and(|previous| {
            let redirected = matches!(previous.status(), Some(300..=399));
            let told = call.attribute("redirect.hop").is_some_and(|h| h != "0")
                && previous.attribute("redirect.hop").is_some();
            told && (redirected || previous.status().is_none())
                || redirected && (leads_to(previous, &call) || follows_in_log(previous, &call))
        });
        if !is_next_hop {
            out.push(call);
            continue;
        }
        let Some(previous) = out.pop() else { continue };
        let span = call.span;
        let mut marks: Vec<(&str, String)> = vec![("redirect", previous.status().unwrap_or_default().to_string())];
        if let (Some(from), Some(to)) = (&previous.request, &call.request) {
            if let (Some(a), Some(b)) = (&from.method, &to.method)
                && a != b
            {
                marks.push(("redirect.method_changed", format!("{a} to {b}")));
            }
            if from.url.host.is_some() && to.url.host.is_some() && from.url.host != to.url.host {
                let host = |u: &firstfault_model::Url| u.host.clone().unwrap_or_default();
                marks.push(("redirect.host_changed", format!("{} to {}", host(&from.url), host(&to.url))));
            }
            if let (Some(a), Some(b)) = (&from.url.scheme, &to.url.scheme)
                && a != b
            {
                marks.push(("redirect.scheme_changed", format!("{a} to {b}")));
            }
            if from.headers.first("authorization").is_some()
                && to.complete
                && to.headers.first("authorization").is_none()
            {
                marks.push(("redirect.credential_dropped", "authorization".to_owned()));
            }
            if from.headers.first("cookie").is_some() && to.complete && to.headers.first("cookie").is_none() {
                marks.push(("redirect.credential_dropped", "cookie".to_owned()));
            }
            if from.body.is_some() && to.body.is_none() {
                marks.push(("redirect.body_dropped", "true".to_owned()));
            }
        }
        for (name, value) in marks {
            call.mark(name, value, span);
        }
        if call.attribute("redirect.method_changed").is_none()
            && let Some(switch) = previous.attribute("curl.switch").or(call.attribute("curl.switch")).map(str::to_owned)
        {
            call.mark("redirect.method_changed", switch, span);
        }
        for attribute in previous.attributes {
            let earlier_redirect = attribute.name.starts_with("redirect.") && attribute.name != "redirect.hop";
            if earlier_redirect || attribute.name == "curl.command" && call.attribute("curl.command").is_none() {
                call.attributes.push(attribute);
            }
        }
        call.span = previous.span.to(call.span);
        out.push(call);
    }
    out
}

/// True when the redirect that `previous` answers names the target of `call`.
fn leads_to(previous: &Call, call: &Call) -> bool {
    let location = previous.response.as_ref().and_then(|r| r.headers.first("location"));
    let (Some(location), Some(request)) = (location, &call.request) else { return false };
    let target = firstfault_model::Url::parse(location);
    let hosts_fit = target.host.is_none() || request.url.host.is_none() || target.host == request.url.host;
    previous.origin == call.origin && hosts_fit && !target.path.is_empty() && target.path == request.url.path
}

/// An access log has no Location: the same client asks for the same address again at once.
fn follows_in_log(previous: &Call, call: &Call) -> bool {
    let client = |c: &Call| c.attribute("client.address").map(str::to_owned);
    let close = matches!((previous.started, call.started), (Some(a), Some(b)) if (0..=2_000).contains(&(b - a)));
    // Another page after a form that was sent is how forms work; the same address, asked with GET, is a lost body.
    let bare = |c: &Call| path(c).map(|path| path.trim_end_matches('/').to_owned());
    let same = bare(previous).is_some() && bare(previous) == bare(call);
    previous.origin == Origin::LogLine
        && call.origin == Origin::LogLine
        && client(previous).is_some()
        && client(previous) == client(call)
        && close
        && same
        && method(previous) != method(call)
        && method(call) == Some("GET")
}

/// Correlation ids by which two systems speak of the same request.
fn ids(call: &Call) -> Vec<&str> {
    const NAMES: &[&str] = &[
        "x-request-id",
        "x-correlation-id",
        "request-id",
        "x-amzn-requestid",
        "x-amzn-trace-id",
        "traceparent",
        "cf-ray",
        "x-trace-id",
    ];
    let mut out: Vec<&str> = Vec::new();
    for attribute in &call.attributes {
        let name = attribute.name.strip_prefix("id.").unwrap_or(&attribute.name);
        let is_id = name.ends_with("request_id")
            || name.ends_with("trace_id")
            || name.ends_with("correlation_id")
            || NAMES.contains(&name);
        if is_id && attribute.value.len() >= 8 {
            out.push(&attribute.value);
        }
    }
    let headers = call.request.iter().map(|r| &r.headers).chain(call.response.iter().map(|r| &r.headers));
    for header in headers.flat_map(|h| &h.0) {
        if NAMES.iter().any(|n| header.name.eq_ignore_ascii_case(n)) && header.value.len() >= 8 {
            out.push(&header.value);
        }
    }
    out
}

fn join_by_id(calls: Vec<Call>) -> Vec<Call> {
    let mut out: Vec<Call> = Vec::with_capacity(calls.len());
    for call in calls {
        let shared = {
            let mine = ids(&call);
            out.iter().position(|other| {
                let targets_differ = matches!((path(other), path(&call)), (Some(a), Some(b)) if a != b);
                let both_answered = matches!((other.status(), call.status()), (Some(a), Some(b)) if a != b);
                // The same id on different targets is a call behind a call, told by the service that made it.
                !targets_differ && !both_answered && ids(other).iter().any(|id| mine.contains(id))
            })
        };
        match shared.and_then(|at| out.get_mut(at)) {
            Some(other) => absorb(other, call),
            None => out.push(call),
        }
    }
    out
}

pub(crate) fn path(call: &Call) -> Option<&str> {
    call.request.as_ref().map(|r| r.url.path.as_str()).filter(|p| !p.is_empty())
}

/// An error-log line and an access-log line, or an exception and the request that it names.
fn join_same_request(calls: Vec<Call>) -> Vec<Call> {
    let mut out: Vec<Call> = Vec::with_capacity(calls.len());
    for call in calls {
        let partner = out.iter().rposition(|other| {
            let same_path = path(&call).is_some() && path(&call) == path(other);
            let one_answer = call.status().is_none() != other.status().is_none();
            let hosts_fit = match (host(&call), host(other)) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            };
            let methods_fit = match (method(&call), method(other)) {
                (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
                _ => true,
            };
            let times_fit = match (call.started, other.started) {
                (Some(a), Some(b)) => (a - b).abs() <= 5_000,
                _ => true,
            };
            // Two commands or two messages are two calls; a log line and either of them may be one.
            let told_once =
                call.origin != other.origin || call.origin == Origin::LogLine || call.origin == Origin::Exception;
            // A healthy answer to the same target is another attempt, not the same call.
            let unanswered_failed = if call.status().is_none() { says_failed(&call) } else { says_failed(other) };
            let answered_failed = if call.status().is_some() { says_failed(&call) } else { says_failed(other) };
            // The server's log tells an exception with a status of its own, and the client saw what came of it.
            let inner = |a: &Call, b: &Call| {
                a.attribute("exception.type").is_some()
                    && a.origin == Origin::LogLine
                    && b.vantage == Vantage::Client
                    && b.status().is_some_and(|s| s >= 500)
                    && a.status() != b.status()
            };
            let explained = inner(&call, other);
            told_once
                && same_path
                && (one_answer || explained)
                && hosts_fit
                && methods_fit
                && times_fit
                && (answered_failed || !unanswered_failed || explained)
        });
        match partner.and_then(|at| out.get_mut(at)) {
            Some(other) => absorb(other, call),
            None => out.push(call),
        }
    }
    out
}

pub(crate) fn host(call: &Call) -> Option<&str> {
    call.request.as_ref().and_then(|r| r.url.host.as_deref())
}

pub(crate) fn method(call: &Call) -> Option<&str> {
    call.request.as_ref().and_then(|r| r.method.as_deref())
}

/// A log line that names a failure's status and no target, and one exchange that failed with this status: one story.
fn attach_same_status(mut calls: Vec<Call>) -> Vec<Call> {
    let targetless = |c: &Call| c.origin == Origin::LogLine && path(c).is_none() && host(c).is_none() && says_failed(c);
    let mut at = 0;
    while at < calls.len() {
        let status = calls[at].status().filter(|s| *s >= 400);
        let partners: Vec<usize> = (0..calls.len())
            .filter(|&i| i != at && !targetless(&calls[i]) && status.is_some() && calls[i].status() == status)
            .collect();
        // A 500 wraps what an exception beside it tells of, whatever status that had inside.
        let excepted = status.is_some() && calls[at].attribute("exception.type").is_some();
        let nearest = (0..calls.len())
            .filter(|&i| excepted && i != at && !targetless(&calls[i]) && calls[i].status().is_some_and(|s| s >= 500))
            .min_by_key(|&i| calls[i].span.line.abs_diff(calls[at].span.line));
        let partner = match partners.as_slice() {
            [only] => Some(*only),
            _ => nearest,
        };
        if let (Some(partner), true) = (partner, targetless(&calls[at])) {
            let partner = partner - usize::from(partner > at);
            let part = calls.remove(at);
            absorb(&mut calls[partner], part);
            continue;
        }
        at += 1;
    }
    calls
}

/// Parts without target and status go to the nearest failing call, else to the nearest call.
fn attach_fragments(calls: Vec<Call>) -> Vec<Call> {
    let (mut exchanges, fragments): (Vec<Call>, Vec<Call>) = calls.into_iter().partition(is_exchange);
    if exchanges.is_empty() {
        let mut fragments = fragments.into_iter();
        let Some(mut first) = fragments.next() else { return Vec::new() };
        for fragment in fragments {
            absorb(&mut first, fragment);
        }
        return vec![first];
    }
    for fragment in fragments {
        let distance = |call: &Call| {
            if fragment.span.start >= call.span.end {
                fragment.span.start - call.span.end
            } else {
                call.span.start.saturating_sub(fragment.span.end)
            }
        };
        let failing =
            exchanges.iter().enumerate().filter(|(_, c)| says_failed(c)).min_by_key(|(i, c)| (distance(c), *i));
        let any = exchanges.iter().enumerate().min_by_key(|(i, c)| (distance(c), *i));
        let at = failing.or(any).map(|(i, _)| i);
        if let Some(call) = at.and_then(|at| exchanges.get_mut(at)) {
            absorb(call, fragment);
        }
    }
    exchanges
}

/// A gateway or service answers 5xx, and another part of the paste shows a call that got no answer at all, told by a
/// log or made by hand to the address behind it: that inner call is the reason, not a second story.
fn attach_inner_calls(mut calls: Vec<Call>) -> Vec<Call> {
    let outer = |c: &Call| c.status().is_some_and(|s| (500..600).contains(&s));
    if calls.iter().filter(|c| outer(c)).count() != 1 {
        return calls;
    }
    let is_inner = |c: &Call| c.status().is_none() && says_failed(c) && c.request.is_some();
    let inner: Vec<Call> = calls.extract_if(.., |c| is_inner(c)).collect();
    let Some(at) = calls.iter().position(outer) else { return calls };
    for mut call in inner {
        let target =
            call.request.take().map(|r| format!("{} {}", r.method.unwrap_or_default(), r.url)).unwrap_or_default();
        let told_by_log = call.attribute("log.logger").is_some() || call.vantage == Vantage::Server;
        let span = call.span;
        if let Some(outer) = calls.get_mut(at) {
            absorb(outer, call);
            outer.mark("inner.call", target.trim(), span);
            if told_by_log {
                outer.vantage = Vantage::Server;
            }
        }
    }
    calls
}

/// Several calls to the same target: how many attempts, and whether one of them came through.
fn mark_attempts(mut calls: Vec<Call>) -> Vec<Call> {
    for i in 0..calls.len() {
        let key =
            |c: &Call| (method(c).map(str::to_owned), host(c).map(str::to_owned), path(c).map(str::to_owned), query(c));
        if path(&calls[i]).is_none() {
            continue;
        }
        let mine = key(&calls[i]);
        let same: Vec<usize> = (0..calls.len()).filter(|j| key(&calls[*j]) == mine).collect();
        if same.len() < 2 {
            continue;
        }
        let recovered = says_failed(&calls[i])
            && same.iter().any(|&j| j > i && calls[j].status().is_some() && !says_failed(&calls[j]));
        let span = calls[i].span;
        calls[i].mark("attempts", same.len().to_string(), span);
        if recovered {
            calls[i].mark("attempts.recovered", "true", span);
        }
        if same.len() >= 4 && burst(&same.iter().filter_map(|&j| calls[j].started).collect::<Vec<_>>()) {
            calls[i].mark("retry.storm", same.len().to_string(), span);
        }
    }
    calls
}

fn query(call: &Call) -> Option<String> {
    call.request.as_ref().and_then(|r| r.url.query.clone())
}

/// Four or more calls with no growing pause between them, each within a second of the last.
fn burst(times: &[i64]) -> bool {
    times.len() >= 4 && times.windows(2).all(|w| (w[1] - w[0]).abs() <= 1_000)
}

/// What differs between a failing call and a working one to the same API: one thing changed is the best evidence.
pub(crate) fn contrast(mut calls: Vec<Call>) -> Vec<Call> {
    let working: Vec<Call> = calls
        .iter()
        .filter(|c| c.status().is_some_and(|s| (200..400).contains(&s)) && !says_failed(c))
        .take(8)
        .cloned()
        .collect();
    for call in calls.iter_mut().filter(|c| !c.status().is_some_and(|s| (200..400).contains(&s)) || says_failed(c)) {
        let span = call.span;
        let mut marks: Vec<(&str, String)> = Vec::new();
        for good in &working {
            let (Some(bad_request), Some(good_request)) = (&call.request, &good.request) else { continue };
            let same_path = bad_request.url.path == good_request.url.path && !bad_request.url.path.is_empty();
            let same_host = bad_request.url.host == good_request.url.host;
            let same_method = method(call) == method(good);
            if same_path && same_host && same_method {
                let names = |r: &firstfault_model::Request| credential_fields(r);
                let (bad, good_names) = (names(bad_request), names(good_request));
                let identity = |r: &firstfault_model::Request| r.headers.first("authorization").map(str::to_owned);
                if bad != good_names && !good_names.is_empty() {
                    marks.push(("contrast.credential", good_names.join(" ")));
                } else if identity(bad_request).is_some()
                    && identity(good_request).is_some()
                    && identity(bad_request) != identity(good_request)
                {
                    marks.push(("contrast.identity", "another credential of the same kind".to_owned()));
                } else if bad_request.body.as_ref().map(|b| &b.text) != good_request.body.as_ref().map(|b| &b.text) {
                    marks.push(("contrast.body", "true".to_owned()));
                } else if bad_request.url.query != good_request.url.query {
                    marks.push(("contrast.query", good_request.url.query.clone().unwrap_or_default()));
                } else {
                    marks.push(("contrast.repeat", "the same call worked".to_owned()));
                }
            } else if same_path && !same_host && same_method {
                marks.push(("contrast.host", good_request.url.host.clone().unwrap_or_default()));
            } else if same_path && same_host {
                marks.push(("contrast.method", method(good).unwrap_or_default().to_owned()));
            } else if same_host {
                marks.push(("contrast.path", good_request.url.path.clone()));
            }
        }
        for (name, value) in marks {
            if call.attribute(name).is_none() {
                call.mark(name, value, span);
            }
        }
    }
    calls
}

/// Names of the fields that carry a credential, in lower case and sorted.
fn credential_fields(request: &firstfault_model::Request) -> Vec<String> {
    let mut names: Vec<String> = request
        .headers
        .0
        .iter()
        .map(|h| h.name.to_ascii_lowercase())
        .filter(|n| {
            n == "authorization"
                || n == "cookie"
                || n.contains("api-key")
                || n.contains("apikey")
                || n.ends_with("-token")
        })
        .collect();
    names.sort();
    names
}

/// Moves everything that `part` knows into `whole`; what `whole` already says stays.
pub(crate) fn absorb(whole: &mut Call, part: Call) {
    let unanswered = whole.status().is_none();
    match (&mut whole.request, part.request) {
        (None, request) => whole.request = request,
        (Some(mine), Some(theirs)) => {
            if mine.method.is_none() {
                mine.method = theirs.method;
            }
            if mine.url.path.is_empty() && mine.url.host.is_none() {
                mine.url = theirs.url;
            } else if mine.url.host.is_none() {
                mine.url.host = theirs.url.host;
                mine.url.scheme = mine.url.scheme.take().or(theirs.url.scheme);
                mine.url.port = mine.url.port.or(theirs.url.port);
            }
            if mine.headers.0.is_empty() {
                mine.headers = theirs.headers;
                mine.complete = theirs.complete;
            }
            if mine.body.is_none() {
                mine.body = theirs.body;
            }
        }
        (Some(_), None) => {}
    }
    match (&mut whole.response, part.response) {
        (None, response) => whole.response = response,
        (Some(mine), Some(theirs)) => {
            if mine.status.is_none() {
                mine.status = theirs.status;
                mine.reason = mine.reason.take().or(theirs.reason);
            }
            if mine.headers.0.is_empty() {
                mine.headers = theirs.headers;
                mine.complete = theirs.complete;
            }
            let blank = mine.body.as_ref().is_none_or(firstfault_model::Body::is_blank);
            match theirs.body {
                Some(body) if blank => mine.body = Some(body),
                Some(body) if !body.is_blank() => {
                    whole.messages.push(Message { kind: MessageKind::Output, text: body.text, span: body.span });
                }
                _ => {}
            }
        }
        (Some(_), None) => {}
    }
    if unanswered && whole.status().is_some() && whole.vantage == Vantage::Client {
        whole.vantage = part.vantage;
    }
    // A gateway's or server's words about a call that the client shows are words of that system.
    whole.messages.extend(part.messages);
    whole.attributes.extend(part.attributes);
    keep_worst_level(whole);
    whole.started = whole.started.or(part.started);
    whole.attempt = whole.attempt.or(part.attempt);
    whole.timings = merge_timings(whole.timings, part.timings);
    whole.span = if whole.span == Span::default() { part.span } else { whole.span.to(part.span) };
}

/// Of several lines about one call the worst tells how it went.
fn keep_worst_level(call: &mut Call) {
    let rank = |value: &str| level::WORDS.iter().position(|word| *word == value);
    let worst = call.attributes.iter().filter(|a| a.name == "log.level").filter_map(|a| rank(&a.value)).max();
    if worst.is_some() {
        call.attributes.retain(|a| a.name != "log.level" || rank(&a.value) == worst);
    }
}

fn merge_timings(a: firstfault_model::Timings, b: firstfault_model::Timings) -> firstfault_model::Timings {
    firstfault_model::Timings {
        dns: a.dns.or(b.dns),
        connect: a.connect.or(b.connect),
        tls: a.tls.or(b.tls),
        send: a.send.or(b.send),
        wait: a.wait.or(b.wait),
        receive: a.receive.or(b.receive),
        total: a.total.or(b.total),
    }
}

//! Sentences built from slots: method, endpoint, system, status, field, time.

use crate::outcome::{self, status};
use crate::score::Ranked;
use firstfault_knowledge::Firing;
use firstfault_knowledge::compiled::Cause;
use firstfault_model::{Explain, Observations, is_id};

/// Values by slot name.
pub type Slots = Vec<(String, String)>;

/// `POST https://api.example.com/v1/orders → 400 Bad Request`.
#[must_use]
pub fn headline(observations: &Observations) -> String {
    let mut out = String::new();
    if let Some(method) = observations.value("method") {
        out.push_str(method);
        out.push(' ');
    }
    out.push_str(&address(observations).unwrap_or_else(|| "a call".to_owned()));
    match (status(observations), observations.value("reason")) {
        (Some(0), _) => out.push_str(" → no answer"),
        (Some(code), Some(reason)) if !reason.is_empty() => {
            out.push_str(&format!(" → {code} {reason}"));
        }
        (Some(code), _) => out.push_str(&format!(" → {code}")),
        (None, _) if outcome::withheld(observations) => out.push_str(" → not sent"),
        (None, _) => match observations.value("http.connect_status") {
            Some(code) => out.push_str(&format!(" → the proxy answered {code}")),
            None => out.push_str(" → no answer seen"),
        },
    }
    out
}

fn address(observations: &Observations) -> Option<String> {
    let path = observations.value("path").unwrap_or_default();
    match observations.value("host") {
        Some(host) => {
            let scheme = observations.value("scheme").map_or(String::new(), |s| format!("{s}://"));
            let port = observations.value("port").map_or(String::new(), |p| format!(":{p}"));
            // RFC 3986 section 3.2.2: an address with colons stands in brackets.
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            Some(format!("{scheme}{host}{port}{path}"))
        }
        None if path.is_empty() => None,
        None => Some(path.to_owned()),
    }
}

/// The endpoint in words: `the CRM ticket endpoint`, or `/v1/me on api.example.com` where words would guess.
fn endpoint(observations: &Observations) -> String {
    let path = observations.value("path").unwrap_or_default();
    let host = observations.value("host");
    let system = host.and_then(system_name);
    // A description says which segments are names of things.
    let described = observations.value("contract.operation").and_then(|operation| operation.split_once(' '));
    let resource = described
        .map_or(path, |(_, template)| template)
        .split('/')
        .rev()
        .find(|s| !s.is_empty() && !is_id(s) && !s.starts_with('{'))
        .filter(|s| s.len() > 2 && s.bytes().all(|b| b.is_ascii_lowercase() || b == b'_' || b == b'-'))
        .map(|s| singular(&s.replace(['_', '-'], " ")));
    match (system, resource, host) {
        (Some(system), Some(resource), _) => format!("the {system} {resource} endpoint"),
        (_, _, Some(host)) if path.is_empty() || path == "/" => host.to_owned(),
        (_, _, Some(host)) => format!("{path} on {host}"),
        (_, _, None) if !path.is_empty() => path.to_owned(),
        _ => "the API".to_owned(),
    }
}

/// The label of a host that names a system, written as people write it; `None` for an address or a generic name.
fn system_name(host: &str) -> Option<String> {
    const GENERIC: &[&str] = &[
        "api",
        "apis",
        "www",
        "app",
        "apps",
        "gateway",
        "gw",
        "rest",
        "dev",
        "test",
        "prod",
        "staging",
        "stage",
        "sandbox",
        "eu",
        "us",
        "my",
        "web",
        "backend",
        "service",
        "services",
        "internal",
        "localhost",
        "host",
        "server",
        "edge",
        "public",
        "example",
        "acme",
        "local",
        "cdn",
        "proxy",
        "lb",
    ];
    if host.bytes().all(|b| b.is_ascii_digit() || b == b'.') || host.contains(':') {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    let named = labels.len().saturating_sub(1).max(1);
    let label = labels
        .iter()
        .take(named)
        .find(|label| label.len() > 2 && !GENERIC.contains(label) && label.bytes().all(|b| b.is_ascii_alphabetic()))?;
    if label.len() <= 3 {
        return Some(label.to_ascii_uppercase());
    }
    let mut chars = label.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect())
}

fn singular(word: &str) -> String {
    match word.strip_suffix("ies") {
        Some(stem) if stem.len() > 2 => format!("{stem}y"),
        _ => match word.strip_suffix('s') {
            Some(stem) if stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']) => stem.to_owned(),
            _ => word.to_owned(),
        },
    }
}

/// Every value that a sentence, check or command may use: what rules captured, then facts.
#[must_use]
pub fn slots(observations: &Observations, first: Option<&Ranked>, firings: &[Firing]) -> Slots {
    let mut slots: Slots = Vec::new();
    let mut add = |name: &str, value: &str| {
        if !value.is_empty() && !slots.iter().any(|(n, _)| n == name) {
            slots.push((name.to_owned(), value.to_owned()));
        }
    };
    for piece in first.map(|r| r.supports.as_slice()).unwrap_or_default() {
        for (name, value) in &firings[piece.firing].slots {
            add(name, value);
        }
    }
    let field_keys = ["validation.missing", "validation.unknown", "validation.type", "validation.value", "error.field"];
    for key in field_keys {
        if let Some(value) = observations.value(key) {
            add("field", value);
        }
    }
    if let Some(fault) = observations.value("credential.fault") {
        add("credential.fault", &fault.replace('_', " "));
    }
    for fact in &observations.facts {
        add(&fact.key, &fact.value);
    }
    if let Some(url) = address(observations) {
        add("url", &url);
    }
    add("endpoint", &endpoint(observations));
    slots
}

/// Fills `{name}` from the slots; `None` when one is missing.
#[must_use]
pub fn fill(template: &str, slots: &Slots) -> Option<String> {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let close = rest[open..].find('}')? + open;
        let name = &rest[open + 1..close];
        out.push_str(&rest[..open]);
        let value = slots.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())?;
        out.push_str(&one_line(value));
        rest = &rest[close + 1..];
    }
    out.push_str(rest);
    Some(out)
}

/// The sentence for a failed call.
#[must_use]
pub fn summary(
    observations: &Observations,
    cause: Option<&Cause<'_>>,
    (first, besides): (Option<&Ranked>, &[&Ranked]),
    firings: &[Firing],
    slots: &Slots,
    attributed: bool,
) -> String {
    let subject = subject(observations);
    let verb = verb(observations);
    let Some(cause) = cause else {
        return format!("{subject} {verb}; nothing in the evidence says why.");
    };
    let said = first.and_then(|r| {
        r.supports.iter().find_map(|piece| {
            let rule = &firings[piece.firing].rule;
            (!rule.says.is_empty()).then(|| fill(rule.says, slots)).flatten()
        })
    });
    let clause = said
        .or_else(|| cause.clauses.iter().find_map(|clause| fill(clause, slots)))
        .unwrap_or_else(|| cause.meaning.to_owned());
    let clause = clause.trim_end_matches('.');
    // Faults that would come next, in the order of their weight.
    let further: Vec<String> = besides
        .iter()
        .filter_map(|r| {
            let piece = r.supports.iter().find(|piece| firings[piece.firing].rule.fault)?;
            let clause = fill(firings[piece.firing].rule.says, slots)?;
            Some(clause.trim_end_matches('.').to_owned())
        })
        .collect();
    let further = if further.is_empty() { String::new() } else { format!("; besides, {}", further.join("; and ")) };
    let clause = format!("{clause}{further}");
    if attributed {
        format!("{subject} {verb} because {clause}.")
    } else {
        format!("{subject} {verb}; the evidence is thin, the likeliest reason is that {clause}.")
    }
}

fn subject(observations: &Observations) -> String {
    let endpoint = endpoint(observations);
    match observations.value("method") {
        Some(method) => format!("The {method} request to {endpoint}"),
        None if observations.has("host") || observations.has("path") => format!("The call to {endpoint}"),
        None => "The call".to_owned(),
    }
}

fn verb(observations: &Observations) -> String {
    match status(observations) {
        Some(code @ 1..) if outcome::is_success(observations) => format!("is answered with {code} but failed"),
        Some(code @ 1..) => format!("is returning {code}"),
        None if outcome::before_the_call(observations) => "would be refused".to_owned(),
        _ => "failed before an answer came".to_owned(),
    }
}

/// The sentence for a call that did not fail.
#[must_use]
pub fn nothing_failed(observations: &Observations) -> String {
    match status(observations) {
        Some(code) => format!("{} was answered with {code}; nothing failed.", subject(observations)),
        None if outcome::withheld(observations) => not_sent(observations),
        None if outcome::before_the_call(observations) && observations.has("contract.operation") => {
            let seen = if observations.has("contract.request.holds") { "" } else { ", as far as it is seen," };
            format!("{} is{seen} as its API's description says; no answer was seen.", subject(observations))
        }
        None => "Nothing in this input shows a failed call.".to_owned(),
    }
}

/// The sentence for a call whose way was looked at, and which was not made.
fn not_sent(observations: &Observations) -> String {
    let host = observations.value("host").unwrap_or("the server");
    let method = observations.value("method").unwrap_or("it");
    let why = match observations.value("probe.withheld") {
        Some("method") => format!("{method} may change something on the server"),
        Some("body") => format!("a body with {method} may have effects"),
        Some("unknown") => "a part of it is not in the evidence".to_owned(),
        Some("credential") => "its credential was not given for this server".to_owned(),
        Some("wait") => "the server asked to be left alone for longer than the budget lasts".to_owned(),
        _ => "the budget is spent".to_owned(),
    };
    let tell = would_tell(observations).unwrap_or_default();
    format!("The way to {host} is fine; the call itself was not sent, because {why}. To learn more, add {tell}.")
}

/// What would tell of a call that was not made; `None` for one that was.
#[must_use]
pub fn would_tell(observations: &Observations) -> Option<String> {
    let kind = observations.value("probe.withheld").filter(|_| outcome::withheld(observations))?;
    Some(match kind {
        "method" | "body" => "--from with what came when it was made, or --allow-side-effects".to_owned(),
        "unknown" => "the whole call, behind --".to_owned(),
        "credential" => "--allow-side-effects, if this server may have it".to_owned(),
        _ => "a longer --budget or a larger --max-requests".to_owned(),
    })
}

/// What is missing that would decide.
#[must_use]
pub fn missing(observations: &Observations, cause: Option<&Cause<'_>>) -> String {
    if let Some(cause) = cause.filter(|c| !c.missing.is_empty()) {
        return cause.missing.to_owned();
    }
    let what = if !observations.has("status") {
        "the answer's status line, headers and body (run the call with curl -v)"
    } else if !observations.has("response.kind") || observations.value("response.kind") == Some("empty") {
        "the answer's body and headers (run the call with curl -v): the status alone fits several causes"
    } else if !observations.has("method") {
        "the request as it was sent (run the call with curl -v)"
    } else {
        "the log of the service for this request id: the answer does not say more"
    };
    what.to_owned()
}

/// The verdict in words for others.
#[must_use]
pub fn explain(cause: Option<&Cause<'_>>, slots: &Slots) -> Explain {
    let Some(cause) = cause else { return Explain::default() };
    let words = |template: &str| fill(template, slots).unwrap_or_else(|| cause.meaning.to_owned());
    Explain {
        client: words(cause.client),
        provider: words(cause.provider),
        plain: cause.plain.to_owned(),
        question: cause.question.to_owned(),
    }
}

/// A value on one line, bounded: evidence may hold anything.
fn one_line(value: &str) -> String {
    let mut out: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(160).collect();
    if value.chars().nth(160).is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use firstfault_model::Span;

    #[test]
    fn endpoints_are_named_as_people_name_them() {
        for (host, path, expected) in [
            ("crm.example.com", "/v1/tickets", "the CRM ticket endpoint"),
            ("api.stripe.com", "/v1/customers/cus_9s6X", "the Stripe customer endpoint"),
            ("api.example.com", "/v1/me", "/v1/me on api.example.com"),
            ("10.0.0.7", "/health", "/health on 10.0.0.7"),
        ] {
            let mut o = Observations::default();
            o.add("host", host, Span::default());
            o.add("path", path, Span::default());
            assert_eq!(endpoint(&o), expected);
        }
    }

    #[test]
    fn a_template_without_its_slot_is_not_used() {
        let slots = vec![("field".to_owned(), "caseType".to_owned())];
        assert_eq!(fill("the field {field} is missing", &slots).as_deref(), Some("the field caseType is missing"));
        assert_eq!(fill("{other}", &slots), None);
    }
}

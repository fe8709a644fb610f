//! What holding a call against a description, or against calls that worked, found: as facts that rules read. Every key
//! and value is listed in docs/packs.md. Nothing here knows a cause or says what a status means.

mod complaint;
mod place;

use crate::{Contract, Held};
use complaint::Relation;
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity, Spot};
use firstfault_model::{Call, Observations, Span};

/// How many names one sentence lists.
const NAMES_LIMIT: usize = 3;
/// What shows that a call was made, although no status of an answer was seen.
const SIGNS_OF_A_CALL: &[&str] =
    &["status", "curl.exit", "net_error", "errno", "tls.alert", "tls.verify", "http.connect_status", "grpc.status"];

/// Adds what holding a call against a description found, compared with what the answer itself complains of.
pub fn add(held: &Held, contract: &Contract, call: &Call, observations: &mut Observations) {
    if !held.belongs {
        return;
    }
    let request = call.request.as_ref().map_or(Span::default(), |request| request.span);
    if let Some(operation) = held.operation.and_then(|at| contract.operations.get(at)) {
        observations.add("contract.operation", operation.name(), request);
    }
    let relations = complaint::relations(held, call, observations);
    let confirmed = relations.iter().find_map(|(relation, _)| match relation {
        Relation::Confirms(at) => Some(*at),
        _ => None,
    });
    for (relation, complaint) in relations {
        match relation {
            Relation::Confirms(at) => {
                observations.add("contract.confirms", word(&held.findings[at]), complaint.span);
                observations.add(
                    format!("contract.confirms.{}", word(&held.findings[at])),
                    format!("the answer complains of {}, and so does the description", complaint.name),
                    complaint.span,
                );
            }
            Relation::Contradicts(by) => {
                let words = format!("the answer complains of {}, and it is as described", complaint.name);
                observations.add("contract.contradicts", by, complaint.span);
                observations.add(format!("contract.contradicts.{by}"), words, complaint.span);
                observations.add("contract.contradicts.field", complaint.name, complaint.span);
            }
            Relation::Undocumented => {
                let words = format!("the answer complains of {}, and the description does not", complaint.name);
                observations.add("contract.documentation", complaint.of, complaint.span);
                observations.add(format!("contract.documentation.{}", complaint.of), words, complaint.span);
                observations.add("contract.documentation.field", complaint.name, complaint.span);
            }
        }
    }
    tell("contract", &held.findings, confirmed, call, observations);
    let errors = |half| held.findings.iter().any(|f| f.half == half && f.severity == Severity::Error);
    if held.request_held && !errors(Half::Request) {
        observations.add("contract.request.holds", "true", request);
    }
    if held.response_held && !errors(Half::Response) {
        let span = call.response.as_ref().map_or(Span::default(), |response| response.span);
        observations.add("contract.response.holds", "true", span);
    }
}

/// Adds what comparing a call with calls that worked found.
pub fn add_baseline(findings: &[Finding], call: &Call, observations: &mut Observations) {
    tell("baseline", findings, None, call, observations);
}

/// Findings as facts under the name of who found them.
fn tell(who: &str, findings: &[Finding], confirmed: Option<usize>, call: &Call, observations: &mut Observations) {
    let answer = match call.status() {
        Some(status) => Some(status.to_string()),
        None => alone(call, observations).then(|| "none".to_owned()),
    };
    let before = answer.as_deref() == Some("none");
    if let Some(answer) = answer {
        observations.add(format!("{who}.answer"), answer, call.span);
    }
    for half in [Half::Request, Half::Response] {
        let key = format!("{who}.{}", half.word());
        let mut errors: Vec<&Finding> =
            findings.iter().filter(|f| f.half == half && f.severity == Severity::Error).collect();
        if let Some(first) = confirmed.map(|at| &findings[at]) {
            // Stable, so what the answer names leads and the rest keeps the order of the way.
            errors.sort_by_key(|f| !std::ptr::eq(*f, first));
        }
        for (at, finding) in errors.iter().enumerate() {
            let kind = word(finding);
            let alike: Vec<&Finding> = errors.iter().copied().filter(|f| word(f) == kind).collect();
            if errors[..at].iter().any(|f| word(f) == kind) {
                continue;
            }
            let span = place::span(&finding.spot, half, call);
            observations.add(key.clone(), kind, span);
            let words = if key == "contract.request" { clause(&alike) } else { counted(&alike) };
            observations.add(format!("{key}.{kind}"), words, span);
        }
        for finding in findings.iter().filter(|f| f.half == half && f.severity == Severity::Warning) {
            observations.add(format!("{key}.warning"), word(finding), place::span(&finding.spot, half, call));
        }
        let leads = if half == Half::Request { leads(&errors, before, confirmed.is_some()) } else { Vec::new() };
        for (stage, finding) in leads {
            let (kind, span) = (word(finding), place::span(&finding.spot, half, call));
            observations.add(format!("{who}.{stage}"), kind, span);
            observations.add(format!("{who}.{stage}.{kind}"), told(finding), span);
        }
        if let Some(first) = errors.first() {
            let span = place::span(&first.spot, half, call);
            for (name, value) in [("expected", &first.expected), ("got", &first.got), ("fix", &first.fix)] {
                if !value.is_empty() {
                    observations.add(format!("{key}.first.{name}"), value.clone(), span);
                }
            }
            observations.add(format!("{key}.first.rule"), first.rule.clone(), span);
        }
    }
}

/// True when a request is all that is known: neither an answer nor a sign that one was waited for.
fn alone(call: &Call, observations: &Observations) -> bool {
    call.request.is_some()
        && call.response.is_none()
        && call.messages.is_empty()
        && !SIGNS_OF_A_CALL.iter().any(|key| observations.has(key))
}

/// The first finding of each part of the request. Before an answer only the first of all counts, since that is what will
/// be refused; and where a body is not read as meant, its fields were not looked at, unless the answer names one.
fn leads<'f>(errors: &[&'f Finding], before: bool, confirmed: bool) -> Vec<(&'static str, &'f Finding)> {
    let mut out: Vec<(&'static str, &Finding)> = Vec::new();
    for finding in errors {
        let stage = stage(finding);
        if !out.iter().any(|(seen, _)| *seen == stage) {
            out.push((stage, finding));
        }
    }
    if before {
        out.truncate(1);
    } else if out.iter().any(|(stage, _)| *stage == "format") {
        out.retain(|(stage, _)| *stage != "payload" || confirmed);
    }
    out
}

/// Which part of the request a finding is about: where it goes, who asks, how its body is written, what it carries.
fn stage(finding: &Finding) -> &'static str {
    match finding.kind {
        Kind::WrongEnvironment
        | Kind::UnknownHost
        | Kind::WrongScheme
        | Kind::WrongBasePath
        | Kind::TrailingSlash
        | Kind::MissingPathParameter
        | Kind::UnknownPath
        | Kind::UnknownMethod
        | Kind::Deprecated => "target",
        Kind::MissingCredentials | Kind::WrongCredentialScheme | Kind::MissingScope => "credentials",
        Kind::MissingBody | Kind::UnexpectedBody | Kind::WrongContentType | Kind::MalformedBody => "format",
        _ => "payload",
    }
}

/// The word of a finding in facts: that of its kind, with parameters told apart by where they stand, as servers do.
fn word(finding: &Finding) -> &'static str {
    match (finding.kind, &finding.spot) {
        (Kind::MissingParameter | Kind::MisnamedParameter, Spot::Header(_)) => "missing_header",
        (Kind::InvalidParameter, Spot::Header(_)) => "invalid_header",
        (Kind::InvalidParameter, Spot::Path(_)) => "invalid_path_parameter",
        (kind, _) => kind.word(),
    }
}

/// Findings of one kind about a request as one clause: missing fields are named together.
fn clause(alike: &[&Finding]) -> String {
    // Of several fields one of which is required, none is the missing one.
    let missing = |f: &&&Finding| f.kind == Kind::MissingField && !f.message.starts_with("one of");
    let names: Vec<String> = alike.iter().filter(missing).filter_map(|f| field(f)).collect();
    match &names[..] {
        _ if names.is_empty() || names.len() < alike.len() => counted(alike),
        [name] => format!("the payload is missing the required field {name}"),
        _ => format!("the payload is missing the required fields {}", listed(&names)),
    }
}

/// The first finding of a kind, and how many others there are.
fn counted(alike: &[&Finding]) -> String {
    match alike {
        [] => String::new(),
        [one] => one.message.clone(),
        [first, others @ ..] => format!("{} (and {} more like it)", first.message, others.len()),
    }
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        _ if names.len() > NAMES_LIMIT => {
            format!("{} and {} more", names[..NAMES_LIMIT].join(", "), names.len() - NAMES_LIMIT)
        }
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

/// A finding with the place where the description says so.
fn told(finding: &Finding) -> String {
    let line = if finding.line == 0 { String::new() } else { format!(" line {}", finding.line) };
    format!("{} ({}{line})", finding.message, finding.rule)
}

/// The field of a body that a finding is about, with dots between its steps; `None` for the whole body.
fn field(finding: &Finding) -> Option<String> {
    let Spot::Body(pointer) = &finding.spot else { return None };
    let pointer = match &finding.edit {
        Some(Edit::SetField(to, _)) => to,
        _ => pointer,
    };
    let name = steps(pointer).collect::<Vec<_>>().join(".");
    (!name.is_empty()).then_some(name)
}

/// The steps of a JSON Pointer, unescaped (RFC 6901 section 4).
fn steps(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"))
}

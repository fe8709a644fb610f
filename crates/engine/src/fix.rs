//! The corrected request, where the fault is in the request and the correction mechanical.
//!
//! Only what the evidence itself names is changed, one thing at a time; values that only the caller knows stay
//! placeholders. What it cannot correct for certain it leaves alone.

use crate::Witness;
use firstfault_curl::{Shell, export};
use firstfault_model::{Body, Bucket, Call, Diagnosis, Fix, Observations, Request};

/// The correction for a diagnosed call, as the lines of the curl command that change. Where the request is at fault and a
/// witness knows the whole correction, that one counts.
#[must_use]
pub fn fix(
    call: &Call,
    observations: &Observations,
    diagnosis: &Diagnosis,
    witness: Option<&dyn Witness>,
) -> Option<Fix> {
    let Corrected { before, after, what } = corrected(call, observations, diagnosis, witness)?;
    let (before, after) = (export(&before, Shell::Posix), export(&after, Shell::Posix));
    let bare = |line: &String| line.trim().trim_end_matches('\\').trim().to_owned();
    let changed = |lines: &[String], others: &[String]| -> Vec<String> {
        let others: Vec<String> = others.iter().map(bare).collect();
        lines.iter().map(bare).filter(|line| !others.contains(line)).collect()
    };
    let (before, after) = (changed(&before, &after), changed(&after, &before));
    (!after.is_empty()).then_some(Fix { what, before, after })
}

/// A request as it was sent and as it should be.
pub struct Corrected {
    pub before: Request,
    pub after: Request,
    /// What was changed, in words.
    pub what: String,
}

/// The whole request before and after the correction.
pub fn corrected(
    call: &Call,
    observations: &Observations,
    diagnosis: &Diagnosis,
    witness: Option<&dyn Witness>,
) -> Option<Corrected> {
    let witness = witness.filter(|_| matches!(diagnosis.bucket, Bucket::Client | Bucket::Auth));
    let known = witness.and_then(|witness| {
        let before = sendable(call)?;
        let (after, what) = witness.correct(&Call { request: Some(before.clone()), ..Call::default() })?;
        Some(Corrected { before, after, what })
    });
    if known.is_some() || !diagnosis.attributed {
        return known;
    }
    let before = sendable(call)?;
    let mut after = before.clone();
    let what = correct(&mut after, observations, &diagnosis.cause)?;
    Some(Corrected { before, after, what })
}

/// The request of a call as curl is to send it, where its host is known.
fn sendable(call: &Call) -> Option<Request> {
    let mut request = call.request.clone()?;
    request.url.host.as_ref()?;
    // curl writes these itself, and they would be wrong for a corrected body.
    request
        .headers
        .0
        .retain(|h| !["content-length", "host", "transfer-encoding"].iter().any(|n| h.name.eq_ignore_ascii_case(n)));
    Some(request)
}

/// Changes the request and says what was changed.
fn correct(request: &mut Request, observations: &Observations, cause: &str) -> Option<String> {
    match cause {
        "client.missing_field" => missing_field(request, observations.value("validation.missing")?),
        "client.malformed_body" => {
            let body = request.body.as_mut()?;
            let repaired = firstfault_observe::repair_json(&body.text)?;
            *body = Body::bounded(&repaired, body.span);
            let fault = observations.value("request.json_error").unwrap_or("the body was no JSON");
            Some(format!("send well-formed JSON ({fault})"))
        }
        "client.wrong_content_type" => {
            let body = request.body.as_ref()?.text.trim_start();
            if !body.starts_with(['{', '[']) {
                return None;
            }
            set(request, "Content-Type", "application/json");
            Some("declare the format that the body has".to_owned())
        }
        "client.not_acceptable" => {
            set(request, "Accept", "*/*");
            Some("accept any format, then narrow it down".to_owned())
        }
        "client.wrong_scheme" => {
            let scheme = if request.url.scheme.as_deref() == Some("http") { "https" } else { "http" };
            request.url.scheme = Some(scheme.to_owned());
            Some(format!("speak {scheme} on this port"))
        }
        "client.wrong_method" => {
            let allow = observations.value("response.header.allow")?;
            let methods: Vec<&str> =
                allow.split(',').map(str::trim).filter(|m| !matches!(*m, "OPTIONS" | "HEAD" | "")).collect();
            let [method] = methods[..] else { return None };
            request.method = Some(method.to_owned());
            Some(format!("use the method that the path allows: {method}"))
        }
        "client.redirect_changed_request" => {
            let scheme = observations.value("redirect.scheme_changed")?;
            let to = scheme.rsplit(' ').next()?;
            request.url.scheme = Some(to.to_owned());
            Some("call the address behind the redirect at once, so that method and body stay".to_owned())
        }
        "auth.malformed_credentials" | "auth.wrong_scheme" => credential(request, observations),
        _ => None,
    }
}

/// The field under the name that the server asks for: renamed where it is sent under a near name, else added.
fn missing_field(request: &mut Request, field: &str) -> Option<String> {
    let name = field.rsplit(['.', '/']).next().unwrap_or(field).trim_matches(['"', '\'', ']', '[']);
    if name.is_empty() || name.len() > 64 || !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) {
        return None;
    }
    let body = request.body.as_mut()?;
    let value: serde_json::Value = serde_json::from_str(&body.text).ok()?;
    let object = value.as_object()?;
    if object.contains_key(name) {
        return None;
    }
    let near = object.keys().find(|key| folded(key) == folded(name)).or_else(|| {
        object.keys().filter(|key| distance(key, name) <= 2 && key.len() > 4).min_by_key(|key| distance(key, name))
    });
    let (text, what) = match near {
        Some(key) => {
            let text = body.text.replacen(&format!("\"{key}\""), &format!("\"{name}\""), 1);
            (text, format!("send {key} under the name that the server asks for, {name}"))
        }
        None => {
            let open = body.text.find('{')? + 1;
            let comma = if object.is_empty() { "" } else { "," };
            let (head, tail) = body.text.split_at(open);
            (format!("{head}\"{name}\":\"<{name}>\"{comma}{tail}"), format!("add the field {name}"))
        }
    };
    *body = Body::bounded(&text, body.span);
    Some(what)
}

/// The credential without the fault that is seen in it.
fn credential(request: &mut Request, observations: &Observations) -> Option<String> {
    let wanted = observations.value("www_authenticate.scheme").filter(|s| s.eq_ignore_ascii_case("bearer"));
    let fault = observations.value("credential.fault");
    let field = request.headers.0.iter_mut().find(|h| h.name.eq_ignore_ascii_case("authorization"))?;
    let value = field.value.trim();
    let (corrected, what) = match fault {
        Some("doubled_scheme") => {
            let rest = value.split_once(' ').map(|(_, rest)| rest)?;
            (rest.to_owned(), "write the scheme once")
        }
        Some("white_space" | "line_break" | "quotes") => {
            let (scheme, token) = value.split_once(' ').unwrap_or(("Bearer", value));
            let token: String = token.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'')).collect();
            (format!("{scheme} {token}"), "send the credential without white space, line breaks or quotes")
        }
        Some("no_scheme") => (format!("Bearer {value}"), "name the scheme before the credential"),
        _ if wanted.is_some() && !value.to_ascii_lowercase().starts_with("bearer ") => {
            let token = value.split_once(' ').map_or(value, |(_, token)| token);
            (format!("Bearer {token}"), "use the scheme that WWW-Authenticate asks for")
        }
        _ => return None,
    };
    if corrected == field.value {
        return None;
    }
    field.value = corrected;
    Some(what.to_owned())
}

fn set(request: &mut Request, name: &str, value: &str) {
    match request.headers.0.iter_mut().find(|h| h.name.eq_ignore_ascii_case(name)) {
        Some(field) => value.clone_into(&mut field.value),
        None => request.headers.push(name, value, request.span),
    }
}

/// A name without case and separators: `case_type`, `caseType` and `CASE-TYPE` are one.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Levenshtein distance of short names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (diagonal + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

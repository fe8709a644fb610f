//! What happens with another credential, or none.

use super::{Came, Experiment, Trial, usual};
use crate::Base;
use base64::Engine as _;
use firstfault_model::{Header, Span};
use firstfault_observe::{is_secret_header, is_secret_query};
use firstfault_probe::Target;

/// Without any credential: what refuses then, and with which words?
pub(super) const WITHOUT_CREDENTIAL: Experiment =
    Experiment { run: "without-credential", trials: without, until_works: false, read: read_without };

/// The credential without the white space, quotes or second scheme around it.
pub(super) const TRIMMED_CREDENTIAL: Experiment =
    Experiment { run: "trimmed-credential", trials: trimmed, until_works: true, read: usual };

/// The same credential in the ways in which others are sent.
pub(super) const OTHER_SCHEME: Experiment =
    Experiment { run: "other-scheme", trials: other_scheme, until_works: true, read: read_other };

/// A credential of the same form that surely is false, in place of the sent one: is the sent one any better?
pub(super) const FALSE_CREDENTIAL: Experiment =
    Experiment { run: "false-credential", trials: with_false, until_works: false, read: read_false };

/// Marks of a scheme before a credential, as people type them.
const SCHEMES: [&str; 5] = ["bearer", "basic", "token", "apikey", "key"];

fn is_credential(header: &Header) -> bool {
    let name = header.name.to_ascii_lowercase();
    // A proxy's credential is for another layer, an anti-forgery token for another question.
    is_secret_header(&name) && !matches!(name.as_str(), "proxy-authorization" | "x-csrf-token" | "x-xsrf-token")
}

/// True when the request carries a credential.
pub(super) fn has(target: &Target) -> bool {
    target.headers.0.iter().any(is_credential) || target.url.userinfo.is_some() || query_credentials(target) > 0
}

fn query_credentials(target: &Target) -> usize {
    let query = target.url.query.as_deref().unwrap_or_default();
    query.split('&').filter(|pair| is_secret_query(&name_of(pair))).count()
}

fn name_of(pair: &str) -> String {
    pair.split('=').next().unwrap_or_default().to_ascii_lowercase()
}

/// The request without any credential.
pub(super) fn stripped(target: &Target) -> Target {
    let mut bare = target.clone();
    bare.headers.0.retain(|header| !is_credential(header));
    bare.url.userinfo = None;
    if query_credentials(target) > 0 {
        let query = target.url.query.as_deref().unwrap_or_default();
        let kept: Vec<&str> = query.split('&').filter(|pair| !is_secret_query(&name_of(pair))).collect();
        bare.url.query = (!kept.is_empty()).then(|| kept.join("&"));
    }
    bare
}

/// Where a 401 says nothing to anybody, that it says nothing to this one as well is no sign of anything.
fn read_without(base: &Base, came: &[Came]) -> Vec<String> {
    if base.status() == Some(401) && is_silent(base) && came.iter().all(|c| c.same(base)) {
        return vec![firstfault_diagnose::UNCLEAR.to_owned()];
    }
    usual(base, came)
}

/// True when the answer has neither a body nor a challenge.
fn is_silent(base: &Base) -> bool {
    base.response().is_some_and(|r| {
        r.body.as_ref().is_none_or(firstfault_model::Body::is_blank) && r.headers.field("www-authenticate").is_none()
    })
}

fn without(base: &Base) -> Vec<Trial> {
    if !has(&base.target) {
        return Vec::new();
    }
    vec![Trial::new("no credential", stripped(&base.target), "")]
}

/// The request with a false credential; where the service breaks, without one before.
fn with_false(base: &Base) -> Vec<Trial> {
    let mut target = base.target.clone();
    let mut changed = false;
    for header in target.headers.0.iter_mut().filter(|h| is_credential(h) && !h.name.eq_ignore_ascii_case("cookie")) {
        header.value = falsified_field(&header.value);
        changed = true;
    }
    if let Some(userinfo) = &mut target.url.userinfo {
        *userinfo = falsified(userinfo);
        changed = true;
    }
    if query_credentials(&base.target) > 0 {
        let query = base.target.url.query.as_deref().unwrap_or_default();
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((name, value)) if is_secret_query(&name.to_ascii_lowercase()) => {
                format!("{name}={}", falsified_token(value))
            }
            _ => pair.to_owned(),
        });
        target.url.query = Some(pairs.collect::<Vec<_>>().join("&"));
        changed = true;
    }
    if !changed || target == base.target {
        return Vec::new();
    }
    let false_one = Trial::new("a false credential of the same form", target, "");
    if base.status().is_some_and(|status| status >= 500) {
        return vec![Trial::new("no credential", stripped(&base.target), "none"), false_one];
    }
    vec![false_one]
}

/// `works`; `read-there` where the credential as sent is answered like none at all, and another way of sending it is not: the
/// server looks there. Else as usual.
fn read_other(base: &Base, came: &[Came]) -> Vec<String> {
    let as_none = base.call.attributes.iter().any(|a| a.name == "experiment.without-credential" && a.value == "same");
    let elsewhere = |c: &Came| c.status().is_some_and(|status| matches!(status, 400 | 401 | 403)) && !c.same(base);
    if as_none && !came.iter().any(Came::works) && came.iter().any(elsewhere) && !came.iter().all(elsewhere) {
        return vec!["read-there".to_owned()];
    }
    usual(base, came)
}

/// `same-silence` where two answers are alike and neither says a word; `while-checked` where only a call without a
/// credential is refused, and one with a false credential breaks like the one that was sent.
fn read_false(base: &Base, came: &[Came]) -> Vec<String> {
    let none = came.iter().find(|c| c.trial.word == "none");
    let Some(told) = came.iter().find(|c| c.trial.word != "none") else {
        return vec![firstfault_diagnose::UNCLEAR.to_owned()];
    };
    if let Some(none) = none {
        let word = match none.status() {
            Some(401 | 403) if told.same(base) => "while-checked",
            Some(401 | 403) if matches!(told.status(), Some(401 | 403)) => "after-the-check",
            _ => firstfault_diagnose::UNCLEAR,
        };
        return vec![word.to_owned()];
    }
    if is_silent(base) && told.same(base) {
        return vec!["same-silence".to_owned()];
    }
    super::words_of(base, told)
}

/// A field's value with its scheme kept.
fn falsified_field(value: &str) -> String {
    match bare(value) {
        (Some(scheme), credential) if scheme.eq_ignore_ascii_case("basic") => {
            let decoded = base64::engine::general_purpose::STANDARD.decode(credential).unwrap_or_default();
            // The user is false too: a wrong password counts against the account that it names.
            let pair = falsified(&String::from_utf8_lossy(&decoded));
            format!("{scheme} {}", base64::engine::general_purpose::STANDARD.encode(pair))
        }
        (Some(scheme), credential) => format!("{scheme} {}", falsified_token(credential)),
        (None, credential) => match credential.split_once(' ') {
            // `SSWS x`, `Splunk x`; of parameters (`Digest username="x", …`) what stands behind the scheme.
            Some((scheme, rest)) => format!("{scheme} {}", falsified(rest)),
            None => falsified_token(credential),
        },
    }
}

/// A JWT keeps its claims and gets another signature; anything else keeps what stands before its last `_`, by which many
/// services know the kind of a key.
fn falsified_token(token: &str) -> String {
    if let Some((claims, signature)) = token.rsplit_once('.')
        && claims.starts_with("eyJ")
    {
        // The last sign carries bits that have to be zero, and a signature of zeros alone is one that broken verifiers take.
        let filled = "Z".repeat(signature.len().saturating_sub(1));
        return format!("{claims}.{filled}A");
    }
    match token.rsplit_once('_') {
        Some((kind, secret)) if kind.len() < 16 && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') => {
            format!("{kind}_{}", falsified(secret))
        }
        _ => falsified(token),
    }
}

/// The same form with nothing of the secret in it.
fn falsified(secret: &str) -> String {
    secret
        .chars()
        .map(|c| match c {
            '0'..='9' => '0',
            'a'..='z' => 'f',
            'A'..='Z' => 'F',
            // Quotes and white space are faults of writing, which are asked about elsewhere.
            '"' | '\'' | ' ' | '\t' => 'f',
            other if !other.is_ascii() => 'f',
            other => other,
        })
        .collect()
}

fn trimmed(base: &Base) -> Vec<Trial> {
    let mut target = base.target.clone();
    let mut changed = Vec::new();
    for header in target.headers.0.iter_mut().filter(|header| is_credential(header)) {
        let clean = clean(&header.value);
        if clean != header.value {
            changed.push(header.name.clone());
            header.value = clean;
        }
    }
    if changed.is_empty() {
        return Vec::new();
    }
    vec![Trial::new(format!("{} without white space, quotes and a second scheme", changed.join(", ")), target, "")]
}

/// A credential without what does not belong to it.
fn clean(value: &str) -> String {
    let text = value.trim().trim_matches(['"', '\'']);
    let mut words: Vec<&str> = text.split_whitespace().map(|word| word.trim_matches(['"', '\''])).collect();
    while words.len() > 2 && words[0].eq_ignore_ascii_case(words[1]) {
        words.remove(0);
    }
    words.join(" ")
}

/// The bare credential of a value, and its scheme when one is written.
fn bare(value: &str) -> (Option<&str>, &str) {
    match value.trim().split_once(' ') {
        Some((scheme, rest)) if SCHEMES.iter().any(|s| scheme.eq_ignore_ascii_case(s)) => (Some(scheme), rest.trim()),
        _ => (None, value.trim()),
    }
}

/// The ways to send it that the servers of the field know, the likeliest first; those that are used already are left out.
fn other_scheme(base: &Base) -> Vec<Trial> {
    let Some(sent) = base.target.headers.0.iter().find(|h| is_credential(h) && !h.name.eq_ignore_ascii_case("cookie"))
    else {
        return Vec::new();
    };
    let (scheme, credential) = bare(&sent.value);
    let decoded = scheme.filter(|s| s.eq_ignore_ascii_case("basic")).and_then(|_| decoded(credential));
    // Of `user:password` the key is what is not empty, as many take a key for one of them.
    let key = match &decoded {
        Some((user, "")) => user.as_str(),
        Some(_) | None => credential,
    };
    let asked = base.response().and_then(|r| r.headers.first("www-authenticate")).unwrap_or_default();
    let asks = |scheme: &str| asked.to_ascii_lowercase().starts_with(&scheme.to_ascii_lowercase());
    let mut ways: Vec<(&str, String, &str)> = vec![
        ("Authorization", format!("Bearer {key}"), "Authorization: Bearer"),
        ("X-API-Key", key.to_owned(), "X-API-Key"),
        (
            "Authorization",
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{key}:"))),
            "Authorization: Basic with the key as user",
        ),
        ("Authorization", format!("token {key}"), "Authorization: token"),
    ];
    // What the server asks for comes first.
    ways.sort_by_key(|(_, value, _)| asked.is_empty() || !asks(value.split(' ').next().unwrap_or_default()));
    ways.into_iter()
        .filter(|(name, value, _)| !(sent.name.eq_ignore_ascii_case(name) && sent.value.trim() == value))
        .take(3)
        .map(|(name, value, how)| {
            let mut target = stripped(&base.target);
            target.headers.push(name, value, Span::default());
            Trial::new(format!("the same credential as {how}"), target, "")
        })
        .collect()
}

/// User and password of Basic.
fn decoded(credential: &str) -> Option<(String, &'static str)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(credential).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (user, password) = text.split_once(':')?;
    Some((user.to_owned(), if password.is_empty() { "" } else { "set" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_false_credential_has_the_form_and_nothing_of_the_secret() {
        for (sent, made) in [
            ("Bearer sk_live_51Hx9a", "Bearer sk_live_00Ff0f"),
            ("Token abc-12", "Token fff-00"),
            ("k3y", "f0f"),
            ("Basic dXNlcjpwYXNz", "Basic ZmZmZjpmZmZm"),
            ("Bearer eyJh.eyJi.c2ln", "Bearer eyJh.eyJi.ZZZA"),
        ] {
            assert_eq!(falsified_field(sent), made);
        }
    }
}

//! What happens with another credential, or none.

use super::{Experiment, Trial, usual};
use crate::Base;
use base64::Engine as _;
use firstfault_model::{Header, Span};
use firstfault_observe::{is_secret_header, is_secret_query};
use firstfault_probe::Target;

/// Without any credential: what refuses then, and with which words?
pub(super) const WITHOUT_CREDENTIAL: Experiment =
    Experiment { run: "without-credential", trials: without, until_works: false, read: usual };

/// The credential without the white space, quotes or second scheme around it.
pub(super) const TRIMMED_CREDENTIAL: Experiment =
    Experiment { run: "trimmed-credential", trials: trimmed, until_works: true, read: usual };

/// The same credential in the ways in which others are sent.
pub(super) const OTHER_SCHEME: Experiment =
    Experiment { run: "other-scheme", trials: other_scheme, until_works: true, read: usual };

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

fn without(base: &Base) -> Vec<Trial> {
    if !has(&base.target) {
        return Vec::new();
    }
    vec![Trial::new("no credential", stripped(&base.target), "")]
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
    ways.sort_by_key(|(_, value, _)| !(!asked.is_empty() && asks(value.split(' ').next().unwrap_or_default())));
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

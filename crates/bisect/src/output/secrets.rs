//! Which values are secret, and the variables that stand for them.

use super::{Piece, Text};
use crate::oracle::Candidate;
use crate::prior::is_credential;

/// The shortest value that is looked for in other places than its own.
const SHORTEST: usize = 4;

/// A value that must not stand in code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// The value as it is sent.
    pub value: String,
    /// The variable that holds it: `API_KEY`.
    pub variable: String,
}

/// The secret values of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Secrets(Vec<Secret>);

impl Secrets {
    /// None.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The values of header fields, cookies and query parameters that `is_secret` names (by name and value). Behind
    /// `Bearer`, `Basic` and other schemes only the credential is one.
    #[must_use]
    pub fn of(candidate: &Candidate, is_secret: &dyn Fn(&str, &str) -> bool) -> Self {
        let mut secrets = Self::default();
        for field in &candidate.request.headers.0 {
            if field.name.eq_ignore_ascii_case("cookie") {
                for pair in field.value.split(';') {
                    let Some((name, value)) = pair.trim().split_once('=') else { continue };
                    if is_secret("Cookie", value) || is_secret(name, value) {
                        secrets.add(value, name);
                    }
                }
            } else if is_secret(&field.name, &field.value) {
                match field.value.split_once(' ') {
                    Some((scheme, rest)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {
                        let scheme = scheme.to_ascii_lowercase();
                        let name = match scheme.as_str() {
                            "bearer" => "API_TOKEN",
                            "basic" => "BASIC_CREDENTIALS",
                            _ => field.name.as_str(),
                        };
                        secrets.add(rest.trim(), name);
                    }
                    _ => secrets.add(&field.value, &field.name),
                }
            }
        }
        for pair in candidate.request.url.query.as_deref().unwrap_or_default().split('&') {
            if let Some((name, value)) = pair.split_once('=')
                && is_secret(name, value)
            {
                secrets.add(value, name);
            }
        }
        if let Some(userinfo) = &candidate.request.url.userinfo {
            secrets.add(userinfo, "USER_PASSWORD");
        }
        secrets
    }

    /// The values whose names say themselves that they are credentials.
    #[must_use]
    pub fn by_name(candidate: &Candidate) -> Self {
        Self::of(candidate, &|name, _| is_credential(name))
    }

    /// One more value; the variable is made of `name` and differs from those that hold other values.
    pub fn add(&mut self, value: &str, name: &str) {
        if value.is_empty() || self.0.iter().any(|secret| secret.value == value) {
            return;
        }
        let stem = variable(name);
        let mut variable = stem.clone();
        let mut number = 2;
        while self.0.iter().any(|secret| secret.variable == variable) {
            variable = format!("{stem}_{number}");
            number += 1;
        }
        self.0.push(Secret { value: value.to_owned(), variable });
        // A longer one first, so that one inside another is not taken out of it.
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.value.len()));
    }

    /// All of them, longest value first.
    pub fn iter(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter()
    }

    /// A text with variables for the values that stand in it.
    pub(crate) fn text(&self, text: &str) -> Text {
        let mut pieces = vec![Piece::Plain(text.to_owned())];
        for secret in &self.0 {
            let whole = secret.value.len() < SHORTEST;
            pieces = pieces.into_iter().flat_map(|piece| split(piece, secret, whole)).collect();
        }
        pieces
    }
}

fn split(piece: Piece, secret: &Secret, whole: bool) -> Vec<Piece> {
    let Piece::Plain(text) = &piece else { return vec![piece] };
    // A very short value would be found in anything: it counts where it is all, or behind `=` or a blank at the end.
    let is_there = |text: &str| {
        !whole
            || text == secret.value
            || text.ends_with(&format!("={}", secret.value))
            || text.ends_with(&format!(" {}", secret.value))
    };
    if !text.contains(&secret.value) || !is_there(text) {
        return vec![piece];
    }
    let mut out = Vec::new();
    let parts: Vec<&str> = if whole {
        vec![text.strip_suffix(&secret.value).unwrap_or_default(), ""]
    } else {
        text.split(secret.value.as_str()).collect()
    };
    for (number, part) in parts.into_iter().enumerate() {
        if number > 0 {
            out.push(Piece::Variable(secret.variable.clone()));
        }
        if !part.is_empty() {
            out.push(Piece::Plain(part.to_owned()));
        }
    }
    out
}

/// `X-API-Key` is `API_KEY`: upper case, no `X-`, never a name that shells use themselves.
fn variable(name: &str) -> String {
    let name = name.strip_prefix("X-").or_else(|| name.strip_prefix("x-")).unwrap_or(name);
    let mut out = String::new();
    for c in name.chars().take(60) {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_uppercase());
        } else if !out.is_empty() && !out.ends_with('_') {
            out.push('_');
        }
    }
    let out = out.trim_end_matches('_');
    if out.is_empty()
        || out.starts_with(|c: char| c.is_ascii_digit())
        || ["PATH", "HOME", "USER", "SHELL", "IFS", "PWD"].contains(&out)
    {
        return format!("SECRET_{out}").trim_end_matches('_').to_owned();
    }
    out.to_owned()
}

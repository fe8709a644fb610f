//! Who asks: credentials by the alternatives of `security`, and the scopes of a token against those of the operation.

use super::Asked;
use super::decode::{cookies, pairs};
use crate::description::{Credential, In, Requirement, SchemaRef};
use crate::finding::{list, new, quoted};
use crate::route::{folded, is_left_in, is_redacted};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use firstfault_model::contract::{Edit, Finding, Kind, Severity, Spot};
use serde_json::Value;
use std::collections::BTreeSet;

/// Longer tokens are not read.
const TOKEN_LIMIT: usize = 16 * 1024;
/// Names under which keys are sent, without case and separators.
const KEY_NAMES: [&str; 14] = [
    "apikey",
    "xapikey",
    "key",
    "token",
    "accesstoken",
    "authtoken",
    "xauthtoken",
    "xaccesstoken",
    "privatetoken",
    "subscriptionkey",
    "ocpapimsubscriptionkey",
    "xfunctionskey",
    "appkey",
    "xtoken",
];

/// What one requirement found.
enum Found {
    /// The credential is there; its scopes, where they can be read.
    There(Option<BTreeSet<String>>),
    /// It cannot be seen: a client certificate, or a scheme that is not understood.
    Unseen,
    /// Nothing.
    Nothing,
    /// Something else than asked for.
    Otherwise(Wrong),
}

/// A credential of another scheme.
struct Wrong {
    spot: Spot,
    expected: String,
    got: String,
    message: String,
    fix: String,
    edit: Option<Edit>,
}

/// What is wrong with the credentials of a request whose head was seen whole.
pub(super) fn findings(asked: &Asked<'_>, out: &mut Vec<Finding>) {
    let alternatives = &asked.operation.security;
    if !asked.request.complete || alternatives.is_empty() || alternatives.iter().any(Vec::is_empty) {
        return;
    }
    let mut wrong: Option<(Wrong, &Requirement)> = None;
    let mut lacking: Option<&Requirement> = None;
    let mut scopes: Option<(Vec<String>, &Requirement)> = None;
    for alternative in alternatives {
        let mut satisfied = true;
        let mut missing: Option<(Vec<String>, &Requirement)> = None;
        for requirement in alternative {
            match look(asked, requirement, alternative) {
                Found::There(token) => {
                    if let Some(token) = token {
                        let lacks: Vec<String> =
                            requirement.scopes.iter().filter(|s| !grants(&token, s)).cloned().collect();
                        if !lacks.is_empty() {
                            missing = Some((lacks, requirement));
                        }
                    }
                }
                Found::Unseen => {}
                Found::Nothing => {
                    satisfied = false;
                    lacking.get_or_insert(requirement);
                }
                Found::Otherwise(found) => {
                    satisfied = false;
                    wrong.get_or_insert((found, requirement));
                }
            }
        }
        if satisfied {
            match missing {
                None => return,
                Some(found) if scopes.as_ref().is_none_or(|s| found.0.len() < s.0.len()) => scopes = Some(found),
                Some(_) => {}
            }
        }
    }
    // Archives are often exported without credentials, and gateways add them: an answer says that they were there.
    let severity = if asked.succeeded() { Severity::Note } else { Severity::Error };
    if let Some((lacks, requirement)) = scopes {
        let names = list(&lacks, "and");
        let plural = if lacks.len() == 1 { "the scope" } else { "the scopes" };
        out.push(Finding {
            operation: Some(asked.operation.name()),
            expected: quoted(&requirement.scopes.join(" ")),
            got: granted(asked).map(|t| quoted(&t.into_iter().collect::<Vec<_>>().join(" "))).unwrap_or_default(),
            message: format!("the token lacks {plural} {}", quoted(&names)),
            fix: format!("get a token with {plural} {}", quoted(&names)),
            ..new(
                asked.contract,
                Kind::MissingScope,
                severity,
                Spot::Header("Authorization".to_owned()),
                &asked.operation.at.child("security"),
            )
        });
    } else if let Some((wrong, requirement)) = wrong {
        out.push(Finding {
            operation: Some(asked.operation.name()),
            expected: wrong.expected,
            got: wrong.got,
            message: wrong.message,
            fix: wrong.fix,
            edit: wrong.edit,
            ..new(asked.contract, Kind::WrongCredentialScheme, severity, wrong.spot, &place(asked, requirement))
        });
    } else if let Some(requirement) = lacking {
        let (spot, words) = wanted(asked, requirement);
        out.push(Finding {
            operation: Some(asked.operation.name()),
            message: format!("{} asks for {words}, and there is none", asked.operation.name()),
            fix: format!("send {words}"),
            expected: words,
            ..new(asked.contract, Kind::MissingCredentials, severity, spot, &place(asked, requirement))
        });
    }
}

fn place(asked: &Asked<'_>, requirement: &Requirement) -> SchemaRef {
    asked.contract.schemes.get(&requirement.scheme).map_or_else(|| asked.operation.at.clone(), |s| s.at.clone())
}

/// Where a credential belongs, and what it is in words.
fn wanted(asked: &Asked<'_>, requirement: &Requirement) -> (Spot, String) {
    match asked.contract.schemes.get(&requirement.scheme).map(|s| &s.credential) {
        Some(Credential::ApiKey(In::Query, name)) => {
            (Spot::Query(name.clone()), format!("an API key in the query as {name}"))
        }
        Some(Credential::ApiKey(In::Cookie, name)) => (Spot::Cookie(name.clone()), format!("the cookie {name}")),
        Some(Credential::ApiKey(_, name)) => (Spot::Header(name.clone()), format!("an API key in the header {name}")),
        Some(Credential::Http(scheme)) if scheme != "bearer" => {
            (Spot::Header("Authorization".to_owned()), format!("Authorization: {}", capital(scheme)))
        }
        _ => (Spot::Header("Authorization".to_owned()), "a bearer token".to_owned()),
    }
}

fn capital(scheme: &str) -> String {
    let mut chars = scheme.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// Looks for the credential of one requirement.
fn look(asked: &Asked<'_>, requirement: &Requirement, alternative: &[Requirement]) -> Found {
    let Some(scheme) = asked.contract.schemes.get(&requirement.scheme) else { return Found::Unseen };
    match &scheme.credential {
        Credential::ApiKey(place, name) => key(asked, *place, name, alternative),
        Credential::Http(scheme) => authorization(asked, scheme),
        Credential::OAuth2(_) | Credential::OpenIdConnect => authorization(asked, "bearer"),
        Credential::MutualTls | Credential::Unknown => Found::Unseen,
    }
}

/// `Authorization` with a scheme (RFC 9110, section 11.6.2).
fn authorization(asked: &Asked<'_>, scheme: &str) -> Found {
    let headers = &asked.request.headers;
    let here = Spot::Header("Authorization".to_owned());
    let wanted = capital(scheme);
    let Some(value) = headers.first("authorization").map(str::trim) else {
        let query = asked.request.url.query.as_deref().unwrap_or_default();
        // RFC 6750, section 2.3.
        if scheme == "bearer" && pairs(query).iter().any(|p| p.name == "access_token") {
            return Found::There(None);
        }
        if let Some(field) = headers.0.iter().find(|h| KEY_NAMES.contains(&folded(&h.name).as_str())) {
            return Found::Otherwise(Wrong {
                spot: Spot::Header(field.name.clone()),
                expected: format!("Authorization: {wanted}"),
                got: quoted(&field.name),
                message: format!(
                    "the credential is sent in {}, the contract wants Authorization: {wanted}",
                    quoted(&field.name)
                ),
                fix: format!("send it as Authorization: {wanted}"),
                edit: (scheme == "bearer")
                    .then(|| Edit::Header("Authorization".to_owned(), format!("Bearer {}", field.value))),
            });
        }
        return Found::Nothing;
    };
    let (sent, token) = value.split_once(' ').unwrap_or((value, ""));
    if sent.eq_ignore_ascii_case(scheme) || (scheme == "bearer" && sent.eq_ignore_ascii_case("dpop")) {
        let token = token.trim();
        if token.is_empty() || (is_left_in(token) && !is_redacted(token)) {
            return Found::Nothing;
        }
        return Found::There(granted(asked));
    }
    // What is left is a redaction of all, a token without its scheme, or another scheme.
    if is_redacted(value) {
        return Found::Unseen;
    }
    if token.is_empty() {
        return Found::Otherwise(Wrong {
            spot: here,
            expected: format!("{wanted} and the token"),
            got: "a value without a scheme".to_owned(),
            message: format!("Authorization lacks the word {wanted} in front of the credential"),
            fix: format!("write Authorization: {wanted} in front of it"),
            edit: (scheme == "bearer").then(|| Edit::Header("Authorization".to_owned(), format!("Bearer {value}"))),
        });
    }
    Found::Otherwise(Wrong {
        spot: here,
        expected: wanted.clone(),
        got: quoted(sent),
        message: format!("the credential is {}, the contract wants {wanted}", quoted(sent)),
        fix: format!("send Authorization: {wanted}"),
        edit: None,
    })
}

/// An API key under a name.
fn key(asked: &Asked<'_>, place: In, name: &str, alternative: &[Requirement]) -> Found {
    let headers = &asked.request.headers;
    let query = pairs(asked.request.url.query.as_deref().unwrap_or_default());
    let cookie = headers.every("cookie").map(|h| h.value.as_str()).collect::<Vec<_>>().join("; ");
    let jar = cookies(&cookie);
    let value = match place {
        In::Query | In::QueryString => query.iter().find(|p| p.name == name).map(|p| p.raw),
        In::Cookie => jar.iter().find(|p| p.name == name).map(|p| p.raw),
        In::Header | In::Path => headers.first(name).map(str::trim),
    };
    if let Some(value) = value {
        if value.is_empty() || (is_left_in(value) && !is_redacted(value)) {
            return Found::Nothing;
        }
        return Found::There(None);
    }
    if place == In::Cookie && is_redacted(&cookie) {
        return Found::Unseen;
    }
    let wanted = match place {
        In::Query | In::QueryString => format!("an API key in the query as {name}"),
        In::Cookie => format!("the cookie {name}"),
        In::Header | In::Path => format!("an API key in the header {name}"),
    };
    // What another scheme of the same alternative asks for is no key in the wrong place.
    let claims = |sent: &str, requirement: &Requirement| {
        let scheme = asked.contract.schemes.get(&requirement.scheme).map(|s| &s.credential);
        matches!(scheme, Some(Credential::ApiKey(_, other)) if other != name && other.eq_ignore_ascii_case(sent))
    };
    let like = |sent: &str| {
        let fold = folded(sent);
        (fold == folded(name) || KEY_NAMES.contains(&fold.as_str())) && !alternative.iter().any(|r| claims(sent, r))
    };
    let bearer = |requirement: &Requirement| {
        let scheme = asked.contract.schemes.get(&requirement.scheme).map(|s| &s.credential);
        !matches!(scheme, Some(Credential::ApiKey(..) | Credential::MutualTls))
    };
    let mut elsewhere: Option<(Spot, String, String)> = None;
    if let Some(field) = headers.0.iter().find(|h| like(&h.name)) {
        elsewhere = Some((Spot::Header(field.name.clone()), format!("the header {}", field.name), field.value.clone()));
    } else if let Some(pair) = query.iter().find(|p| like(&p.name)) {
        let value = crate::percent::decode(pair.raw).into_owned();
        elsewhere = Some((Spot::Query(pair.name.to_string()), format!("the query as {}", pair.name), value));
    } else if let Some(value) = headers.first("authorization").filter(|_| !alternative.iter().any(bearer)) {
        let token = value.split_once(' ').map_or(value, |(_, token)| token).to_owned();
        elsewhere = Some((Spot::Header("Authorization".to_owned()), "Authorization".to_owned(), token));
    }
    let Some((spot, there, value)) = elsewhere else { return Found::Nothing };
    let edit = match place {
        In::Header => Some(Edit::Header(name.to_owned(), value)),
        In::Query => Some(Edit::Query(name.to_owned(), value)),
        _ => None,
    };
    Found::Otherwise(Wrong {
        spot,
        message: format!("the credential is sent in {}, the contract wants {wanted}", quoted(&there)),
        fix: format!("send {wanted}"),
        got: quoted(&there),
        expected: wanted,
        edit,
    })
}

/// Whether the scopes of a token have one of an operation: as it is, or its last part, where the description names it in
/// full and the token does not (`https://graph.example.com/Mail.Read`).
fn grants(token: &BTreeSet<String>, scope: &str) -> bool {
    token.contains(scope)
        || scope.rsplit_once('/').is_some_and(|(front, last)| front.contains(':') && token.contains(last))
}

/// The scopes and roles of the token of a request: those that the answer tells (`X-OAuth-Scopes`), or the claims of a JWT
/// (RFC 8693 `scope`, Microsoft's `scp` and `roles`, Auth0's `permissions`, Keycloak's `realm_access`). `None` when the
/// token says nothing of them.
fn granted(asked: &Asked<'_>) -> Option<BTreeSet<String>> {
    if let Some(told) = asked.response.and_then(|r| r.headers.first("x-oauth-scopes")) {
        return Some(told.split([',', ' ']).filter(|s| !s.is_empty()).map(str::to_owned).collect());
    }
    let value = asked.request.headers.first("authorization")?.trim();
    let (_, token) = value.split_once(' ')?;
    if token.len() > TOKEN_LIMIT {
        return None;
    }
    let payload = token.trim().split('.').nth(1)?.trim_end_matches('=');
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let mut out = BTreeSet::new();
    let mut add = |value: Option<&Value>| match value {
        Some(Value::String(text)) => out.extend(text.split([' ', ',']).filter(|s| !s.is_empty()).map(str::to_owned)),
        Some(Value::Array(items)) => out.extend(items.iter().filter_map(Value::as_str).map(str::to_owned)),
        _ => {}
    };
    for claim in ["scope", "scopes", "scp", "permissions", "roles", "authorities"] {
        add(claims.get(claim));
    }
    add(claims.pointer("/realm_access/roles"));
    (!out.is_empty() || ["scope", "scopes", "scp"].iter().any(|c| claims.get(c).is_some())).then_some(out)
}

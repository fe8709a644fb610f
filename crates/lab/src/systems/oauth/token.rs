//! The token endpoint (RFC 6749 section 3.2): who the client is, and the three grants.

use super::clients::{self, Client};
use super::jwt::{Key, PublicKey, Token};
use super::{AUDIENCE, Form, Grant, OAuth, OTHER_AUDIENCE, Refresh, authorize, basic, form};
use crate::systems::ids;
use crate::{Asked, Reply};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

pub(super) fn answer(oauth: &OAuth, asked: &Asked) -> Reply {
    let kind = asked.header("content-type").unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return oauth.error(400, "invalid_request", "Missing form parameter: grant_type");
    }
    let form = Form::read(&String::from_utf8_lossy(&asked.body));
    let Some(grant) = form.value("grant_type") else {
        return oauth.error(400, "invalid_request", "Missing form parameter: grant_type");
    };
    let client = match authenticate(oauth, asked, &form) {
        Ok(client) => client,
        Err(refusal) => return refusal,
    };
    let outcome = match grant {
        "client_credentials" | "authorization_code" | "refresh_token" if !client.grants.contains(&grant) => {
            let description = match grant {
                "client_credentials" => "Client not enabled to retrieve service account",
                _ => "Client not allowed for this grant type",
            };
            Err(("unauthorized_client", "not_allowed", description.to_owned()))
        }
        "client_credentials" => client_credentials(oauth, client, &form),
        "authorization_code" => code(oauth, client, &form),
        "refresh_token" => refresh(oauth, client, &form),
        _ => Err(("unsupported_grant_type", "invalid_request", "Unsupported grant_type".to_owned())),
    };
    let named = match grant {
        "client_credentials" => "CLIENT_LOGIN",
        "refresh_token" => "REFRESH_TOKEN",
        _ => "CODE_TO_TOKEN",
    };
    match outcome {
        Ok(reply) => {
            oauth.event(asked, named, client.id, &format!("grant_type=\"{grant}\""));
            oauth.0.journal.wrote(format!("oauth: a token for {} by {grant}", client.id));
            reply
        }
        Err((code, event, description)) => {
            let fields = format!("error=\"{event}\", reason=\"{}\"", description.escape_default());
            oauth.event(asked, &format!("{named}_ERROR"), client.id, &fields);
            oauth.error(400, code, &description)
        }
    }
}

/// Error code, Keycloak's name of the event, description.
type Refused = (&'static str, &'static str, String);

fn refused<T>(code: &'static str, event: &'static str, description: &str) -> Result<T, Refused> {
    Err((code, event, description.to_owned()))
}

/// By Basic credentials or by the form (RFC 6749 section 2.3.1); a public client by its id alone.
pub(super) fn authenticate(oauth: &OAuth, asked: &Asked, form: &Form) -> Result<&'static Client, Reply> {
    let header = asked.header("authorization").and_then(basic);
    let by_header = header.is_some();
    let (id, secret) = match header {
        Some((id, secret)) => (form::decoded(&id), Some(form::decoded(&secret))),
        None => {
            (form.value("client_id").unwrap_or_default().to_owned(), form.value("client_secret").map(str::to_owned))
        }
    };
    let client = clients::client(&id);
    if let Some(client) = client.filter(|client| client.secret == secret.as_deref()) {
        return Ok(client);
    }
    let why = match client {
        None => "client_not_found",
        Some(_) if secret.is_none() => "invalid_client_credentials\", reason=\"no secret",
        Some(_) => "invalid_client_credentials",
    };
    oauth.event(asked, "CLIENT_LOGIN_ERROR", &id, &format!("error=\"{why}\""));
    let reply = oauth.error(401, "invalid_client", "Invalid client or Invalid client credentials");
    Err(if by_header { reply.with("WWW-Authenticate", "Basic realm=\"lab\"") } else { reply })
}

/// The scopes that are given; the audience by RFC 8707.
fn wanted<'a>(client: &Client, form: &'a Form) -> Result<(String, &'a str), Refused> {
    let scope = form.value("scope").unwrap_or_else(|| client.scopes.first().copied().unwrap_or_default());
    if let Some(unknown) = authorize::unknown_scope(client, scope) {
        return refused("invalid_scope", "invalid_request", &format!("Invalid scopes: {unknown}"));
    }
    let audience = form.value("resource").or_else(|| form.value("audience")).unwrap_or(AUDIENCE);
    if ![AUDIENCE, OTHER_AUDIENCE].contains(&audience) {
        return refused("invalid_target", "invalid_request", "The requested resource is not known");
    }
    Ok((scope.to_owned(), audience))
}

fn client_credentials(oauth: &OAuth, client: &'static Client, form: &Form) -> Result<Reply, Refused> {
    let (scope, audience) = wanted(client, form)?;
    let lifetime = client.lifetime;
    let grant = Grant { client: client.id, scope: &scope, audience, lifetime, ..Grant::default() };
    tokens(oauth, client, &grant, None)
}

fn code(oauth: &OAuth, client: &'static Client, form: &Form) -> Result<Reply, Refused> {
    let invalid = |description: &str| refused("invalid_grant", "invalid_code", description);
    let Some(code) = form.value("code") else {
        return refused("invalid_request", "invalid_code", "Missing parameter: code");
    };
    let keys: Vec<_> = oauth.with(|state| state.keys.iter().map(Key::public).collect());
    let keys = PublicKey::of_set(&json!({ "keys": keys }));
    let Some(note) = Token::read(code).filter(|note| keys.iter().any(|key| note.verifies(key))) else {
        return invalid("Code not valid");
    };
    if note.text("typ") != "code" || note.text("client_id") != client.id {
        return invalid("Code not valid");
    }
    let id = note.text("jti").to_owned();
    if oauth.with(|state| state.spent_codes.contains(&id)) {
        // A code used twice is a stolen one: what came of it is taken back (RFC 6749 section 4.1.2).
        oauth.with(|state| state.refresh.retain(|_, refresh| refresh.family != id));
        oauth.0.journal.wrote(format!("oauth: all tokens of one sign-in by {} taken back", client.id));
        return invalid("Code not valid");
    }
    if note.number("exp").is_none_or(|at| at <= oauth.now().seconds()) {
        return refused("invalid_grant", "expired_code", "Code is expired");
    }
    if form.value("redirect_uri") != Some(note.text("redirect_uri")) {
        return invalid("Incorrect redirect_uri");
    }
    let challenge = note.text("code_challenge");
    if !challenge.is_empty() {
        let Some(verifier) = form.value("code_verifier") else {
            return refused("invalid_grant", "code_verifier_missing", "PKCE code verifier not specified");
        };
        let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
        if URL_SAFE_NO_PAD.encode(digest) != challenge {
            return refused("invalid_grant", "pkce_verification_failed", "PKCE verification failed: Code mismatch");
        }
    }
    oauth.with(|state| state.spent_codes.insert(id.clone()));
    let grant = Grant {
        client: client.id,
        person: Some(note.text("sub")),
        scope: note.text("scope"),
        audience: note.text("aud"),
        level: note.text("acr"),
        lifetime: client.lifetime,
        ..Grant::default()
    };
    tokens(oauth, client, &grant, Some(id))
}

fn refresh(oauth: &OAuth, client: &'static Client, form: &Form) -> Result<Reply, Refused> {
    let invalid = |description: &str| refused("invalid_grant", "invalid_token", description);
    let Some(token) = form.value("refresh_token") else {
        return refused("invalid_request", "invalid_token", "No refresh token");
    };
    let kept = oauth.with(|state| state.refresh.get(token).cloned());
    let Some(kept) = kept.filter(|kept| kept.client == client.id) else { return invalid("Invalid refresh token") };
    if kept.spent {
        oauth.with(|state| state.refresh.retain(|_, other| other.family != kept.family));
        oauth.0.journal.wrote(format!("oauth: all tokens of one sign-in by {} taken back", client.id));
        return invalid("Maximum allowed refresh token reuse exceeded");
    }
    if kept.expires <= oauth.now().seconds() {
        return invalid("Token is not active");
    }
    let scope = form.value("scope").unwrap_or(&kept.scope);
    if let Some(wider) = scope.split_ascii_whitespace().find(|one| !kept.scope.split(' ').any(|had| had == *one)) {
        return refused("invalid_scope", "invalid_request", &format!("Invalid scopes: {wider}"));
    }
    oauth.with(|state| {
        if let Some(old) = state.refresh.get_mut(token) {
            old.spent = true;
        }
    });
    let grant = Grant {
        client: client.id,
        person: kept.person.as_deref(),
        scope,
        audience: &kept.audience,
        lifetime: client.lifetime,
        ..Grant::default()
    };
    tokens(oauth, client, &grant, Some(kept.family))
}

/// RFC 6749 section 5.1; `family` where a refresh token comes along.
fn tokens(oauth: &OAuth, client: &Client, grant: &Grant<'_>, family: Option<String>) -> Result<Reply, Refused> {
    let Ok(token) = oauth.access_token(grant) else {
        return refused("server_error", "unknown_error", "Failed to sign the token");
    };
    let mut body = json!({
        "access_token": token, "expires_in": grant.lifetime, "token_type": "Bearer", "not-before-policy": 0,
        "scope": grant.scope,
    });
    if let Some(family) = family.filter(|_| client.grants.contains(&"refresh_token")) {
        let refresh = Refresh {
            client: client.id.to_owned(),
            person: grant.person.map(str::to_owned),
            scope: grant.scope.to_owned(),
            audience: grant.audience.to_owned(),
            expires: oauth.now().plus(client.refresh_lifetime).seconds(),
            family,
            spent: false,
        };
        body["refresh_token"] = json!(oauth.keep_refresh(refresh));
        body["refresh_expires_in"] = json!(client.refresh_lifetime);
        body["session_state"] = json!(ids::uuid());
    }
    Ok(Reply::json(200, &body).with("Cache-Control", "no-store").with("Pragma", "no-cache"))
}

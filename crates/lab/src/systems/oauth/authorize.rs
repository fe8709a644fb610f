//! The authorization endpoint (RFC 6749 section 4.1.1, RFC 7636, OpenID Connect Core section 3.1.2).
//!
//! `login_hint` stands for the session of a person. A code is a signed note of what was agreed, so that asking for one
//! changes nothing; only redeeming it does.

use super::{AUDIENCE, Form, OAuth, clients, encoded};
use crate::systems::ids;
use crate::{Asked, Reply};
use serde_json::json;

/// How long a code holds, in seconds.
const CODE_LIFETIME: i64 = 60;

pub(super) fn answer(oauth: &OAuth, asked: &Asked) -> Reply {
    let form = Form::read(&asked.query);
    let Some(client) = form.value("client_id").and_then(clients::client) else {
        oauth.event(asked, "LOGIN_ERROR", form.value("client_id").unwrap_or("null"), "error=\"client_not_found\"");
        return page(400, "Client not found.");
    };
    let redirect = form.value("redirect_uri").unwrap_or_default();
    if !client.redirects.contains(&redirect) {
        // Never sent back there: it may be an attacker's (RFC 6749 section 4.1.2.1).
        let fields = format!("error=\"invalid_redirect_uri\", redirect_uri=\"{}\"", redirect.escape_default());
        oauth.event(asked, "LOGIN_ERROR", client.id, &fields);
        return page(400, "Invalid parameter: redirect_uri");
    }
    let state = form.value("state").unwrap_or_default();
    let back = |error: &str, description: &str| {
        oauth.event(asked, "LOGIN_ERROR", client.id, &format!("error=\"{error}\", response_type=\"code\""));
        let described = if oauth.controls().terse || description.is_empty() {
            String::new()
        } else {
            format!("&error_description={}", encoded(description))
        };
        let state = encoded(state);
        Reply::empty(302).with("Location", format!("{redirect}?error={error}{described}&state={state}"))
    };
    if form.value("response_type") != Some("code") {
        return back("unsupported_response_type", "Unsupported response_type");
    }
    if let Some(unknown) = form.value("scope").and_then(|scope| unknown_scope(client, scope)) {
        return back("invalid_scope", &format!("Invalid scopes: {unknown}"));
    }
    let challenge = form.value("code_challenge");
    if client.secret.is_none() && challenge.is_none() {
        return back("invalid_request", "Missing parameter: code_challenge_method");
    }
    if challenge.is_some() && form.value("code_challenge_method") != Some("S256") {
        return back("invalid_request", "Invalid parameter: code challenge method is not matching the configured one");
    }
    let silent = form.value("prompt") == Some("none");
    let person = match form.value("login_hint").and_then(clients::person) {
        None if silent => return back("login_required", "Authentication required"),
        None => return page(200, "Sign in to your account"),
        Some(person) if person.disabled => return page(400, "Account is disabled, contact your administrator."),
        Some(person) if !person.consented && silent => return back("consent_required", "User consent required"),
        Some(person) if !person.consented => return page(200, "Grant Access to orders-web"),
        Some(person) => person,
    };
    let agreed = Agreed {
        client: client.id,
        person: person.name,
        redirect,
        challenge: challenge.unwrap_or_default(),
        scope: form.value("scope").unwrap_or("orders:read"),
        audience: form.value("resource").unwrap_or(AUDIENCE),
        level: form.value("acr_values").filter(|level| *level == "mfa").unwrap_or_default(),
    };
    let Some(code) = agreed.code(oauth, &ids::uuid()) else {
        return page(500, "Unexpected error when handling authentication request");
    };
    oauth.event(asked, "LOGIN", client.id, "response_type=\"code\", auth_method=\"openid-connect\"");
    let issuer = encoded(&oauth.url());
    Reply::empty(302).with("Location", format!("{redirect}?state={}&iss={issuer}&code={code}", encoded(state)))
}

/// What a person agreed to: what a code stands for.
pub(super) struct Agreed<'a> {
    pub client: &'a str,
    pub person: &'a str,
    pub redirect: &'a str,
    /// Empty without PKCE.
    pub challenge: &'a str,
    pub scope: &'a str,
    pub audience: &'a str,
    pub level: &'a str,
}

impl Default for Agreed<'_> {
    fn default() -> Self {
        let (scope, audience) = ("orders:read offline_access", AUDIENCE);
        Self { client: "", person: "", redirect: "", challenge: "", scope, audience, level: "" }
    }
}

impl Agreed<'_> {
    /// The code: the agreement, signed.
    pub fn code(&self, oauth: &OAuth, id: &str) -> Option<String> {
        let note = json!({
            "typ": "code", "jti": id, "client_id": self.client, "sub": self.person, "redirect_uri": self.redirect,
            "scope": self.scope, "aud": self.audience, "code_challenge": self.challenge, "acr": self.level,
            "exp": oauth.now().plus(CODE_LIFETIME).seconds(),
        });
        oauth.with(|state| state.keys.last().and_then(|key| key.sign(&note).ok()))
    }
}

/// The first scope that a client may not ask for.
pub(super) fn unknown_scope<'a>(client: &clients::Client, scope: &'a str) -> Option<&'a str> {
    scope.split_ascii_whitespace().find(|scope| *scope != "openid" && !client.scopes.contains(scope))
}

fn page(status: u16, message: &str) -> Reply {
    let title = if status == 200 { message } else { "We are sorry..." };
    let html = format!(
        "<!DOCTYPE html>\n<html class=\"login-pf\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n\
         <body>\n<div id=\"kc-content\">\n<h1 id=\"kc-page-title\">{title}</h1>\n\
         <div id=\"kc-error-message\"><p class=\"instruction\">{message}</p></div>\n</div>\n</body>\n</html>\n"
    );
    Reply::new(status, "text/html;charset=utf-8", html).with("Cache-Control", "no-store, must-revalidate, max-age=0")
}

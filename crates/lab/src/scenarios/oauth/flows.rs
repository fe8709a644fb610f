//! Fetching tokens: what goes wrong between a client and the OAuth server.

use super::{auth, nothing};
use crate::systems::oauth::clients::{self, Client};
use crate::systems::oauth::{Controls, OAuth, encoded};
use crate::{Expected, Family, Scenario, Symptom};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use firstfault_model::{Bucket, Layer};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CALLBACK: &str = "http://127.0.0.1:8080/callback";

fn web() -> &'static Client {
    clients::client("orders-web").unwrap_or(&clients::CLIENTS[1])
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
}

/// A form posted to the token endpoint, a `-d` for each field.
fn form(oauth: &OAuth, fields: &[(&str, &str)]) -> Symptom {
    let data = fields.iter().flat_map(|(name, value)| ["-d".to_owned(), format!("{name}={}", encoded(value))]);
    Symptom::call(["-i".to_owned(), format!("{}/token", oauth.url())].into_iter().chain(data))
}

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "flow-wrong-secret",
        family: Family::OAuth,
        story: "A service cannot fetch its token any more: the token endpoint answers 401.",
        expected: auth("auth.oauth_flow"),
        fix: "Give it the client's new secret.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let mut symptom = form(&oauth, &[("grant_type", "client_credentials"), ("scope", "orders:read")]);
                symptom.curl.extend(["-u".to_owned(), "orders-service:0ld-secret".to_owned()]);
                Ok(symptom)
            })
        },
    },
    Scenario {
        name: "flow-code-reused",
        family: Family::OAuth,
        story: "Signing in works at once and fails after the page is reloaded: 400 from the token endpoint.",
        expected: auth("auth.oauth_flow"),
        fix: "A code is good once: do not redeem it again when the callback page is reloaded.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let code = oauth.code(web(), "ana", &challenge(VERIFIER), CALLBACK, true);
                Ok(redeem(&oauth, &code, VERIFIER, CALLBACK))
            })
        },
    },
    Scenario {
        name: "flow-wrong-verifier",
        family: Family::OAuth,
        story: "In one browser signing in never ends: the token endpoint answers 400 each time.",
        expected: auth("auth.oauth_flow"),
        fix: "Keep the code_verifier until the callback: a new one was made in between.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let code = oauth.code(web(), "ana", &challenge(VERIFIER), CALLBACK, false);
                Ok(redeem(&oauth, &code, "M25iVXpKU3puUjFaYWg3T1NDTDQtcW1ROUY5YXlwalNoc0hhakxifmZHag", CALLBACK))
            })
        },
    },
    Scenario {
        name: "flow-other-redirect-at-token",
        family: Family::OAuth,
        story: "Behind the new proxy, signing in ends with a 400 when the code is exchanged.",
        expected: auth("auth.oauth_flow"),
        fix: "Send the same redirect_uri as in the first step, to the letter.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let code = oauth.code(web(), "ana", &challenge(VERIFIER), CALLBACK, false);
                Ok(redeem(&oauth, &code, VERIFIER, "http://127.0.0.1:8080/callback/"))
            })
        },
    },
    Scenario {
        name: "flow-redirect-not-registered",
        family: Family::OAuth,
        story: "On the staging site the sign-in page says sorry, and the status is 400.",
        expected: auth("auth.oauth_flow"),
        fix: "Register the staging site's callback with the client.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let redirect = encoded("https://staging.example.com/callback");
                Ok(Symptom::call(["-i".to_owned(), authorize(&oauth, &redirect, "")]))
            })
        },
    },
    Scenario {
        name: "flow-refresh-expired",
        family: Family::OAuth,
        story: "An app that was not opened over the weekend cannot get a new token: 400.",
        expected: auth("auth.oauth_flow"),
        fix: "Let the user sign in again: the refresh token has ended.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let token = oauth.refresh_token(web(), "ana", 200_000);
                Ok(refresh(&oauth, &token))
            })
        },
    },
    Scenario {
        name: "flow-refresh-terse",
        family: Family::OAuth,
        story: "Refreshing answers 400 and one word. Access tokens in the app are still good for a minute.",
        expected: auth("auth.oauth_flow"),
        fix: "Let the user sign in again, and keep the new refresh token of each answer: the old one is spent.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                oauth.set(Controls { terse: true, ..Controls::default() });
                Ok(refresh(&oauth, "h1d2c3b4a5f6e7d8c9b0a1f2e3d4c5b6a7f8e9d0c1b2"))
            })
        },
    },
    Scenario {
        name: "flow-unknown-scope",
        family: Family::OAuth,
        story: "After a new permission was added to the code, no token can be fetched: 400.",
        expected: auth("auth.oauth_flow"),
        fix: "Register the scope orders:admin for the client first, or do not ask for it.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let mut symptom =
                    form(&oauth, &[("grant_type", "client_credentials"), ("scope", "orders:read orders:admin")]);
                symptom.curl.extend(["-u".to_owned(), "orders-service:orders-service-secret".to_owned()]);
                Ok(symptom)
            })
        },
    },
    Scenario {
        name: "flow-unsupported-grant",
        family: Family::OAuth,
        story: "An old script fetches its token with user and password. Since the upgrade it gets 400.",
        expected: auth("auth.oauth_flow"),
        fix: "Use client_credentials or the code flow: the password grant is not offered any more.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let fields = [
                    ("grant_type", "password"),
                    ("username", "ana"),
                    ("password", "ana-pass"),
                    ("client_id", "orders-service"),
                    ("client_secret", "orders-service-secret"),
                ];
                Ok(form(&oauth, &fields))
            })
        },
    },
    Scenario {
        name: "flow-json-body",
        family: Family::OAuth,
        story: "A new client posts what the manual says to the token endpoint, as JSON. It gets 400.",
        expected: Expected {
            bucket: Bucket::Client,
            layer: Some(Layer::Client),
            cause: "client.wrong_content_type",
            or: &[],
        },
        fix: "Send a form: token endpoints take application/x-www-form-urlencoded.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let body = r#"{"grant_type":"client_credentials","client_id":"orders-service","client_secret":"orders-service-secret"}"#;
                let rest = ["-H", "Content-Type: application/json", "-d", body].map(str::to_owned);
                Ok(Symptom::call(std::iter::once(format!("{}/token", oauth.url())).chain(rest)))
            })
        },
    },
    Scenario {
        name: "flow-silent-sign-in",
        family: Family::OAuth,
        story: "A page renews its token in a hidden frame. For some users the renewal comes back empty-handed.",
        expected: auth("auth.interaction_required"),
        fix: "Send the user to the sign-in page: there is no session to renew from.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                Ok(Symptom::call(["-i".to_owned(), authorize(&oauth, &encoded(CALLBACK), "&prompt=none")]))
            })
        },
    },
    Scenario {
        name: "flow-consent-missing",
        family: Family::OAuth,
        story: "Ben's app renews its token silently and is sent back without one.",
        expected: auth("auth.interaction_required"),
        fix: "Let ben agree to what the app asks for, once.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                let more = "&prompt=none&login_hint=ben";
                Ok(Symptom::call(["-i".to_owned(), authorize(&oauth, &encoded(CALLBACK), more)]))
            })
        },
    },
    Scenario {
        name: "control-metadata",
        family: Family::OAuth,
        story: "A client reads the server's metadata and the sign-in button stays grey. Is the server to blame?",
        expected: nothing(),
        fix: "Nothing failed here: look at the page.",
        start: |world| {
            Box::pin(async move {
                let oauth = OAuth::start(&world).await?;
                Ok(Symptom::call([format!("{}/.well-known/openid-configuration", oauth.url())]))
            })
        },
    },
];

fn redeem(oauth: &OAuth, code: &str, verifier: &str, redirect: &str) -> Symptom {
    let fields = [
        ("grant_type", "authorization_code"),
        ("client_id", "orders-web"),
        ("code", code),
        ("redirect_uri", redirect),
        ("code_verifier", verifier),
    ];
    form(oauth, &fields)
}

fn refresh(oauth: &OAuth, token: &str) -> Symptom {
    form(oauth, &[("grant_type", "refresh_token"), ("client_id", "orders-web"), ("refresh_token", token)])
}

fn authorize(oauth: &OAuth, redirect: &str, more: &str) -> String {
    format!(
        "{}/authorize?response_type=code&client_id=orders-web&redirect_uri={redirect}&scope=orders%3Aread&state=af0ifj\
         &code_challenge={}&code_challenge_method=S256{more}",
        oauth.url(),
        challenge(VERIFIER),
    )
}

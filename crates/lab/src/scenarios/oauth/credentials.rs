//! Credentials that are missing, of the wrong kind, twice there, broken or unknown.

use super::{Setting, auth, nothing};
use crate::systems::oauth::Grant;
use crate::systems::protected::{BASIC, GOOD_KEY, REVOKED_KEY, Style, TEST_KEY, UNPAID_KEY};
use crate::{Family, Scenario, Symptom};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "token-missing",
        family: Family::OAuth,
        story: "A script lists orders. It worked on a colleague's machine and answers 401 here.",
        expected: auth("auth.missing_credentials"),
        fix: "Send `Authorization: Bearer TOKEN`: the call carried no credential at all.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders")]))
            })
        },
    },
    Scenario {
        name: "token-missing-bare",
        family: Family::OAuth,
        story: "A monitoring job calls /v1/me every minute. Every answer is an empty 401.",
        expected: auth("auth.missing_credentials"),
        fix: "Send a token: the job sends no credential, and this server never says why it refuses.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Bare).await?;
                Ok(Symptom::call(["-s".to_owned(), "-i".to_owned(), at.url("/v1/me")]))
            })
        },
    },
    Scenario {
        name: "key-missing",
        family: Family::OAuth,
        story: "A warehouse tool reads the stock. Since its configuration was moved, it gets 401.",
        expected: auth("auth.missing_credentials"),
        fix: "Send the key in X-API-Key.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), "Accept: application/json".to_owned()]))
            })
        },
    },
    Scenario {
        name: "token-basic-instead",
        family: Family::OAuth,
        story: "A partner calls the orders API with the client id and secret that were mailed. The answer is 401.",
        expected: auth("auth.wrong_scheme"),
        fix: "Fetch a token with id and secret first, and send that as Bearer: the API takes no Basic credentials.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::AspNet).await?;
                let user = "orders-service:orders-service-secret".to_owned();
                Ok(Symptom::call(["-u".to_owned(), user, at.url("/v1/orders")]))
            })
        },
    },
    Scenario {
        name: "token-word-token",
        family: Family::OAuth,
        story: "A client moved here from another API sends a fresh token and gets 401 on every path.",
        expected: auth("auth.wrong_scheme"),
        fix: "Write `Bearer` before the token, where it says `Token`.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let token = at.oauth.access_token(&Grant::default())?;
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), format!("Authorization: Token {token}")]))
            })
        },
    },
    Scenario {
        name: "key-in-authorization",
        family: Family::OAuth,
        story: "The API key is right, its owner is sure. Still, reading the stock answers 401.",
        expected: auth("auth.wrong_scheme"),
        fix: "Send the key in X-API-Key, not in Authorization.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), format!("Authorization: Bearer {GOOD_KEY}")]))
            })
        },
    },
    Scenario {
        name: "key-in-authorization-bare",
        family: Family::OAuth,
        story: "A new integration sends its API key as a bearer token. The server answers 401 without a word.",
        expected: auth("auth.wrong_scheme"),
        fix: "Send the key in X-API-Key: the same key is taken there.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Bare).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), format!("Authorization: Bearer {GOOD_KEY}")]))
            })
        },
    },
    Scenario {
        name: "token-sent-twice",
        family: Family::OAuth,
        story: "After a library update, listing orders answers 400. The token itself is good.",
        expected: auth("auth.conflicting_credentials"),
        fix: "Send the token once: the query carries access_token beside the header.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let token = at.oauth.access_token(&Grant::default())?;
                let url = at.url(&format!("/v1/orders?access_token={token}"));
                Ok(Symptom::call([url, "-H".to_owned(), format!("Authorization: Bearer {token}")]))
            })
        },
    },
    Scenario {
        name: "token-doubled-bearer",
        family: Family::OAuth,
        story: "The token is read from a setting. Locally it works; deployed, each call answers 401.",
        expected: auth("auth.malformed_credentials"),
        fix: "The setting holds `Bearer TOKEN`, and the code writes `Bearer` again: remove one.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let token = at.oauth.access_token(&Grant::default())?;
                let header = format!("Authorization: Bearer Bearer {token}");
                Ok(Symptom::call(["-i".to_owned(), "-H".to_owned(), header, at.url("/v1/orders")]))
            })
        },
    },
    Scenario {
        name: "token-quoted",
        family: Family::OAuth,
        story: "A shell script takes the token out of the JSON answer with jq, and the API then answers 401.",
        expected: auth("auth.malformed_credentials"),
        fix: "Use `jq -r`: without it the quotes are sent along with the token.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::AspNet).await?;
                let token = at.oauth.access_token(&Grant::default())?;
                let header = format!("Authorization: Bearer \"{token}\"");
                Ok(Symptom::call(["-i".to_owned(), "-H".to_owned(), header, at.url("/v1/orders")]))
            })
        },
    },
    Scenario {
        name: "token-truncated",
        family: Family::OAuth,
        story: "Tokens are kept in a database column. Some users get 401 however often they sign in.",
        expected: auth("auth.malformed_credentials"),
        fix: "The column is too short: the token ends in the middle. Make it longer.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Express).await?;
                let mut token = at.oauth.access_token(&Grant::default())?;
                token.truncate(255);
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), format!("Authorization: Bearer {token}")]))
            })
        },
    },
    Scenario {
        name: "basic-line-break",
        family: Family::OAuth,
        story: "The Basic header was made with `echo ledger:… | base64`. The password is right, the answer is 401.",
        expected: auth("auth.malformed_credentials"),
        fix: "Use `echo -n`: the line break at the end became part of the password.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let credential = STANDARD.encode(format!("{}:{}\n", BASIC.0, BASIC.1));
                Ok(Symptom::call([at.url("/v1/ledger"), "-H".to_owned(), format!("Authorization: Basic {credential}")]))
            })
        },
    },
    Scenario {
        name: "key-unknown",
        family: Family::OAuth,
        story: "A new key was typed in by hand. Reading the stock answers 401.",
        expected: auth("auth.invalid_credentials"),
        fix: "Copy the key again: the server knows no such key.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let header = "X-API-Key: live_7f3c9a52d1e84b60".to_owned();
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "key-unknown-bare",
        family: Family::OAuth,
        story: "The stock of one shop cannot be read: 401, and an empty body. All other shops are fine.",
        expected: auth("auth.invalid_credentials"),
        fix: "This shop's key is wrong; issue a new one.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Bare).await?;
                let header = "X-API-Key: live_0000aaaa1111bbbb".to_owned();
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "basic-wrong-password",
        family: Family::OAuth,
        story: "The ledger's password was changed last week. One nightly job answers 401 since.",
        expected: auth("auth.invalid_credentials"),
        fix: "Give the job the new password.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call(["-u".to_owned(), "ledger:0ld-pass".to_owned(), at.url("/v1/ledger")]))
            })
        },
    },
    Scenario {
        name: "key-test-on-live",
        family: Family::OAuth,
        story: "After going live, reading the stock answers 401. In the sandbox the same code works.",
        expected: auth("auth.wrong_environment"),
        fix: "Use the live key: the key begins with test_.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), format!("X-API-Key: {TEST_KEY}")]))
            })
        },
    },
    Scenario {
        name: "key-revoked",
        family: Family::OAuth,
        story: "A key that worked for two years answers 401 since this morning. Nobody changed the client.",
        expected: auth("auth.revoked"),
        fix: "Use the key that replaced it: this one was revoked.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), format!("X-API-Key: {REVOKED_KEY}")]))
            })
        },
    },
    Scenario {
        name: "key-plan-inactive",
        family: Family::OAuth,
        story: "A customer's key is accepted in the console, and every call answers 403.",
        expected: auth("auth.not_enabled"),
        fix: "Renew the subscription of the account: the key is good, the plan is not active.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), format!("X-API-Key: {UNPAID_KEY}")]))
            })
        },
    },
    Scenario {
        name: "control-key-good",
        family: Family::OAuth,
        story: "A tool reads the stock and prints nothing. Its user suspects the key.",
        expected: nothing(),
        fix: "Nothing failed: the answer is there.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/v1/stock"), "-H".to_owned(), format!("X-API-Key: {GOOD_KEY}")]))
            })
        },
    },
];

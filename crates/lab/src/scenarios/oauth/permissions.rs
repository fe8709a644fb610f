//! Callers who are known, and may not: scopes, roles, addresses, accounts, steps that a person has to take.

use super::{Setting, auth};
use crate::systems::oauth::Grant;
use crate::systems::protected::{COOKIES, Style};
use crate::{Expected, Family, Scenario, Symptom};
use firstfault_model::{Bucket, Layer};

/// From outside, an API that only answers 403 does not show whether a scope or a role is missing.
const fn bare(cause: &'static str, or: &'static [&'static str]) -> Expected {
    Expected { bucket: Bucket::Auth, layer: Some(Layer::Auth), cause, or }
}

const ANA: Grant<'_> = Grant {
    client: "orders-web",
    person: Some("ana"),
    scope: "orders:read orders:write",
    audience: crate::systems::oauth::AUDIENCE,
    level: "",
    age: 0,
    lifetime: 300,
};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "scope-missing",
        family: Family::OAuth,
        story: "A dashboard shows orders, and its reports answer 403.",
        expected: auth("auth.insufficient_scope"),
        fix: "Ask for the scope reports:read when fetching the token.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let header = at.bearer(&Grant { scope: "orders:read", ..Grant::default() })?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/reports"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "scope-missing-spring",
        family: Family::OAuth,
        story: "A service reads orders fine. Reading reports answers 403 with an empty body.",
        expected: auth("auth.insufficient_scope"),
        fix: "Ask for the scope reports:read when fetching the token.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let header = at.bearer(&Grant { scope: "orders:read", ..Grant::default() })?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/reports"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "scope-missing-bare",
        family: Family::OAuth,
        story: "A partner's token opens the orders. The reports answer 403 without a word.",
        expected: bare("auth.insufficient_scope", &["auth.insufficient_permission"]),
        fix: "The token's scope is orders:read alone; reports want reports:read.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Bare).await?;
                let header = at.bearer(&Grant { scope: "orders:read", ..Grant::default() })?;
                Ok(Symptom::call([at.url("/v1/reports"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "role-missing",
        family: Family::OAuth,
        story: "Ben may see orders, and wants the list of users: 403.",
        expected: auth("auth.insufficient_permission"),
        fix: "Give ben the role admin, or ask somebody who has it.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let header = at.bearer(&Grant { person: Some("ben"), ..ANA })?;
                Ok(Symptom::call([at.url("/v1/users"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "role-missing-aspnet",
        family: Family::OAuth,
        story: "One user of many gets an empty 403 on the list of users. Signing in again changes nothing.",
        expected: bare("auth.insufficient_permission", &["auth.insufficient_scope"]),
        fix: "The user's role is viewer; the list wants admin.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::AspNet).await?;
                let header = at.bearer(&Grant { person: Some("ben"), ..ANA })?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/users"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "address-not-allowed",
        family: Family::OAuth,
        story: "The metrics can be read from the office, and answer 403 from a new server.",
        expected: auth("auth.ip_not_allowed"),
        fix: "Put the new server's address on the allowlist.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                Ok(Symptom::call([at.url("/internal/metrics")]))
            })
        },
    },
    Scenario {
        name: "account-disabled",
        family: Family::OAuth,
        story: "Dora is back from a long leave. She can sign in, and every call answers 403.",
        expected: auth("auth.not_enabled"),
        fix: "Enable the account again.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let header = at.bearer(&Grant { person: Some("dora"), ..ANA })?;
                Ok(Symptom::call([at.url("/v1/me"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "step-up",
        family: Family::OAuth,
        story: "Ana is signed in and reads orders. Her payouts answer 401.",
        expected: auth("auth.interaction_required"),
        fix: "Sign in again with the second factor (acr_values=mfa): a person has to do that.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let header = at.bearer(&Grant { scope: "orders:read payments:write", ..ANA })?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/payouts"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "csrf-missing",
        family: Family::OAuth,
        story: "A script uses the cookies of the browser to make an order. Reading works, making one answers 403.",
        expected: auth("auth.csrf"),
        fix: "Send the value of the csrftoken cookie in X-CSRFToken too.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let rest =
                    ["-b", COOKIES, "-H", "Content-Type: application/json", "-d", r#"{"sku":"A-100","count":1}"#];
                Ok(Symptom::call(std::iter::once(at.url("/session/orders")).chain(rest.map(str::to_owned))))
            })
        },
    },
    Scenario {
        name: "order-of-another-tenant",
        family: Family::OAuth,
        story: "Ana cannot open an order: 404. Cleo sends her what she sees under the same address.",
        expected: auth("auth.hidden_resource"),
        fix: "The order belongs to another tenant: share it, or use an account that may see it.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let (ana, cleo) = (at.bearer(&ANA)?, at.bearer(&Grant { person: Some("cleo"), ..ANA })?);
                let place = at.api.trim_start_matches("http://");
                let seen = super::super::sent(place, "GET", "/v1/orders/ord_2001", &[&cleo]).await?;
                let mut symptom = Symptom::call([at.url("/v1/orders/ord_2001"), "-H".to_owned(), ana]);
                symptom.evidence = seen;
                Ok(symptom)
            })
        },
    },
];

//! Tokens and signatures that do not hold: too old, too new, for others, of others, changed, taken back, not checkable.

use super::{Setting, auth, nothing};
use crate::systems::moment::Moment;
use crate::systems::oauth::{Controls, Grant, OTHER_AUDIENCE};
use crate::systems::protected::{SIGNING, Style, check};
use crate::{Family, Scenario, Symptom};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "token-expired",
        family: Family::OAuth,
        story: "A worker fetches a token when it starts. After some minutes every call answers 401.",
        expected: auth("auth.expired_token"),
        fix: "Fetch a new token before the old one ends: expires_in says when.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let header = at.bearer(&Grant { age: 900, ..Grant::default() })?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "token-expired-bare",
        family: Family::OAuth,
        story: "A saved request of last week is sent again and answers 401 with an empty body.",
        expected: auth("auth.expired_token"),
        fix: "Fetch a new token: the exp claim of this one is past.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Bare).await?;
                let header = at.bearer(&Grant { age: 604_800, lifetime: 3600, ..Grant::default() })?;
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "token-expired-and-forged",
        family: Family::OAuth,
        story: "A token from an old backup of the identity server is tried against the API. It answers 401.",
        // A verifier looks at the signature first: what a token says of its own time counts only once it is believed.
        expected: auth("auth.bad_signature"),
        fix: "Fetch a token from the server that runs now: this one is signed with another key, and expired as well.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::AspNet).await?;
                let token = at.oauth.forged_token(&Grant { age: 7200, lifetime: 3600, ..Grant::default() })?;
                let header = format!("Authorization: Bearer {token}");
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "token-revoked",
        family: Family::OAuth,
        story: "A batch job worked an hour ago. Its token should hold until tonight, and answers 401.",
        expected: auth("auth.revoked"),
        fix: "Fetch a new token, and find out who revoked this one.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let grant = Grant { client: "batch", scope: "orders:read", lifetime: 40_000, ..Grant::default() };
                let token = at.oauth.access_token(&grant)?;
                at.oauth.revoke(&token);
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), format!("Authorization: Bearer {token}")]))
            })
        },
    },
    Scenario {
        name: "token-before-its-time",
        family: Family::OAuth,
        story: "Tokens fail with 401 when they are used at once, and work some minutes later.",
        expected: auth("auth.clock_skew"),
        fix: "Set the identity server's clock (NTP): it is ten minutes ahead of the API's.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Express).await?;
                at.oauth.set(Controls { clock_ahead: 600, ..Controls::default() });
                let header = at.bearer(&Grant::default())?;
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "signed-call-stale",
        family: Family::OAuth,
        story: "A device in the field signs its calls. All its colleagues work, this one gets 401.",
        expected: auth("auth.clock_skew"),
        fix: "Set the device's clock: it is twenty minutes behind, and signatures hold for five.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let time = Moment::now().plus(-1200).seconds();
                let signature = check::signed(SIGNING.1, time, "GET", "/v1/events");
                Ok(signed_call(at.url("/v1/events"), time, &signature))
            })
        },
    },
    Scenario {
        name: "signed-call-mismatch",
        family: Family::OAuth,
        story: "A client in a new language signs its calls as the manual says, and gets 401.",
        expected: auth("auth.bad_signature"),
        fix: "Sign `time.METHOD.path`: this client leaves the method out.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let time = Moment::now().seconds();
                let signature = check::signed(SIGNING.1, time, "", "/v1/events");
                Ok(signed_call(at.url("/v1/events"), time, &signature))
            })
        },
    },
    Scenario {
        name: "token-wrong-audience",
        family: Family::OAuth,
        story: "The billing team calls the orders API with the token that works for billing: 401.",
        expected: auth("auth.wrong_audience"),
        fix: "Ask for a token with `resource=https://orders.example.com`.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::AspNet).await?;
                let header = at.bearer(&Grant { audience: OTHER_AUDIENCE, ..Grant::default() })?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "token-wrong-audience-express",
        family: Family::OAuth,
        story: "A single-page app signs in fine, and its first call to the API answers 401.",
        expected: auth("auth.wrong_audience"),
        fix: "Pass the API's audience when signing in.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Express).await?;
                let grant = Grant {
                    client: "orders-web",
                    person: Some("ana"),
                    audience: "https://app.example.com/userinfo",
                    ..Grant::default()
                };
                let header = at.bearer(&grant)?;
                Ok(Symptom::call([at.url("/v1/me"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "token-wrong-issuer",
        family: Family::OAuth,
        story: "Since the identity server has a new public name, all tokens are refused with 401.",
        expected: auth("auth.wrong_issuer"),
        fix: "Tell the API the issuer's new name: tokens carry it, and the API still trusts the old one.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let issuer = Some("https://login.example.com/realms/lab".to_owned());
                at.oauth.set(Controls { issuer, ..Controls::default() });
                let header = at.bearer(&Grant::default())?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "token-altered",
        family: Family::OAuth,
        story: "A tester widened the scope inside a token with an online tool. The API answers 401.",
        expected: auth("auth.bad_signature"),
        fix: "Ask the server for the scope: a token whose claims were edited does not verify.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Express).await?;
                let token = at.oauth.forged_token(&Grant { scope: "orders:read admin", ..Grant::default() })?;
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), format!("Authorization: Bearer {token}")]))
            })
        },
    },
    Scenario {
        name: "keys-rotated",
        family: Family::OAuth,
        story: "After a restart of the identity server, tokens that were issued before it answer 401.",
        expected: auth("auth.bad_signature"),
        fix: "Fetch new tokens; and keep old keys published until the last token signed with them has ended.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let header = at.bearer(&Grant::default())?;
                at.oauth.rotate_keys()?;
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "verifier-down",
        family: Family::OAuth,
        story: "Every call with a token answers 500 since ten minutes; /health is green. The API's log is at hand.",
        expected: auth("auth.verifier_failure"),
        fix: "Bring the identity server back: the API cannot fetch the keys to check tokens with.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let header = at.bearer(&Grant::default())?;
                at.oauth.set(Controls { down: true, ..Controls::default() });
                let mut symptom = Symptom::call([at.url("/v1/orders"), "-H".to_owned(), header.clone()]);
                let place = at.api.trim_start_matches("http://");
                super::super::sent(place, "GET", "/v1/orders", &[&header]).await?;
                symptom.evidence = world.logged("protected").join("\n");
                Ok(symptom)
            })
        },
    },
    Scenario {
        name: "verifier-down-talkative",
        family: Family::OAuth,
        story: "A good token answers 500, for everyone, on every path that wants a token.",
        expected: auth("auth.verifier_failure"),
        fix: "Bring the identity server back; the API says that it has no keys to verify with.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Talkative).await?;
                let header = at.bearer(&Grant::default())?;
                at.oauth.set(Controls { down: true, ..Controls::default() });
                Ok(Symptom::call(["-i".to_owned(), at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
    Scenario {
        name: "control-token-good",
        family: Family::OAuth,
        story: "Orders are listed with a fresh token. Somebody asks whether all is well.",
        expected: nothing(),
        fix: "Nothing failed.",
        start: |world| {
            Box::pin(async move {
                let at = Setting::of(&world, Style::Spring).await?;
                let header = at.bearer(&Grant::default())?;
                Ok(Symptom::call([at.url("/v1/orders"), "-H".to_owned(), header]))
            })
        },
    },
];

fn signed_call(url: String, time: i64, signature: &str) -> Symptom {
    let fields =
        [format!("X-Key-Id: {}", SIGNING.0), format!("X-Timestamp: {time}"), format!("X-Signature: {signature}")];
    let headers = fields.into_iter().flat_map(|field| ["-H".to_owned(), field]);
    Symptom::call(std::iter::once(url).chain(headers))
}

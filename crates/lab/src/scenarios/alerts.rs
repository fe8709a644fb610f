//! The alerts API, called as it should not be, and as it should.

use crate::scenario::{Expected, Family, Scenario, Symptom};
use crate::systems::alerts::{Controls, start};
use crate::{Asked, World};
use firstfault_model::{Bucket, Layer};
use std::io;
use std::net::SocketAddr;

const KEY: &str = "X-API-Key: valid-key-123";
const JSON: &[&str] = &["Content-Type: application/json"];

/// The family.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "alerts-no-key",
        family: Family::Alerts,
        story: "A new dashboard asks the alerts API for its list. It gets 401 on every call.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.missing_credentials"),
        fix: "Send the key: -H 'X-API-Key: valid-key-123'.",
        start: |world| Box::pin(get(world, &[], "/alerts")),
    },
    Scenario {
        name: "alerts-wrong-key",
        family: Family::Alerts,
        story: "The key was copied from a wiki page into a script. Every call is answered with 403.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.invalid_credentials"),
        fix: "Use a key that the service knows: valid-key-123.",
        start: |world| Box::pin(get(world, &["X-API-Key: valid-key-132"], "/alerts")),
    },
    Scenario {
        name: "alerts-bearer-for-key",
        family: Family::Alerts,
        story: "A developer moves from another API and keeps its way to sign in. The alerts API answers 401 \
                although the key is right.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.wrong_scheme"),
        fix: "Send the key in X-API-Key; the service does not read Authorization.",
        start: |world| Box::pin(get(world, &["Authorization: Bearer valid-key-123"], "/alerts")),
    },
    Scenario {
        name: "alerts-quoted-key",
        family: Family::Alerts,
        story: "The key comes out of a .env file. The same key works in the browser tool of a colleague, here it \
                is 403.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.malformed_credentials"),
        fix: "Take the quotes out of the value: they came from the .env file and are sent along.",
        start: |world| Box::pin(get(world, &["X-API-Key: \"valid-key-123\""], "/alerts")),
    },
    Scenario {
        name: "alerts-template-key",
        family: Family::Alerts,
        story: "A request of a shared collection is run in a pipeline. It answers 403 there and works on the \
                desk of its author.",
        expected: Expected::of(Bucket::Auth, Layer::Auth, "auth.malformed_credentials").or(&["client.client_config"]),
        fix: "Set the variable: the template {{api_key}} was sent as it stands.",
        start: |world| Box::pin(get(world, &["X-API-Key: {{api_key}}"], "/alerts")),
    },
    Scenario {
        name: "alerts-missing-field",
        family: Family::Alerts,
        story: "A monitoring script posts a new alert. It is refused with 400 since the script was rewritten.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.missing_field"),
        fix: "Add severity, one of low, medium, high, critical.",
        start: |world| Box::pin(post(world, JSON, r#"{"alert_type":"cpu","message":"load above 12"}"#)),
    },
    Scenario {
        name: "alerts-camel-case",
        family: Family::Alerts,
        story: "A form builds the body from its own field names. The alerts API answers 400 although both values \
                are filled in.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.missing_field").or(&["client.unknown_field"]),
        fix: "Send alert_type in place of alertType.",
        start: |world| Box::pin(post(world, JSON, r#"{"alertType":"cpu","severity":"high"}"#)),
    },
    Scenario {
        name: "alerts-bad-severity",
        family: Family::Alerts,
        story: "Alerts of one team are stored, those of another come back with 400. Both use the same script.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.invalid_value"),
        fix: "Use one of low, medium, high, critical in place of urgent.",
        start: |world| Box::pin(post(world, JSON, r#"{"alert_type":"cpu","severity":"urgent"}"#)),
    },
    Scenario {
        name: "alerts-broken-json",
        family: Family::Alerts,
        story: "A shell script puts a variable into a JSON body. The alerts API refuses the call with 422.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.malformed_body"),
        fix: "Quote the value: \"severity\": \"high\".",
        start: |world| Box::pin(post(world, JSON, r#"{"alert_type": "cpu", "severity": high}"#)),
    },
    Scenario {
        name: "alerts-form-for-json",
        family: Family::Alerts,
        story: "A call from the documentation is typed again by hand. The body is right and it is refused with \
                422.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_content_type"),
        fix: "Add -H 'Content-Type: application/json': curl -d declares a form.",
        start: |world| Box::pin(post(world, &[], r#"{"alert_type":"cpu","severity":"high"}"#)),
    },
    Scenario {
        name: "alerts-limit",
        family: Family::Alerts,
        story: "A page that refreshes itself asks for the list. After a while every call is 429.",
        expected: Expected::of(Bucket::RateLimit, Layer::Gateway, "rate_limit.request_rate"),
        fix: "Wait for the seconds of Retry-After, and ask at most five times a minute with one key.",
        start: |world| Box::pin(limited(world)),
    },
    Scenario {
        name: "alerts-no-such-user",
        family: Family::Alerts,
        story: "The name behind an alert is looked up. For one user there is only 404.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.resource_not_found"),
        fix: "Ask for a user that exists: 1, 2 or 3.",
        start: |world| Box::pin(get(world, &[KEY], "/users/999")),
    },
    Scenario {
        name: "alerts-name-for-id",
        family: Family::Alerts,
        story: "The user's page is linked from a chat message. The API answers 422 for it.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.invalid_parameter"),
        fix: "The path takes the number of a user, not the name: /users/1.",
        start: |world| Box::pin(get(world, &[KEY], "/users/ada")),
    },
    Scenario {
        name: "alerts-wrong-path",
        family: Family::Alerts,
        story: "A client was written from memory. Its first call is 404 with a valid key.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_path"),
        fix: "The path is /alerts.",
        start: |world| Box::pin(get(world, &[KEY], "/alert")),
    },
    Scenario {
        name: "alerts-wrong-method",
        family: Family::Alerts,
        story: "A client wants to change an alert. It is answered with 405.",
        expected: Expected::of(Bucket::Client, Layer::Client, "client.wrong_method"),
        fix: "Alerts are made with POST and read with GET; there is no PUT.",
        start: |world| Box::pin(put(world)),
    },
    Scenario {
        name: "alerts-slow",
        family: Family::Alerts,
        story: "A report waits three seconds for its data and then gives up. Other calls to the same service are \
                quick.",
        expected: Expected::of(Bucket::Upstream, Layer::Network, "network.read_timeout"),
        fix: "Wait longer than the ten seconds that this call takes, or have the service answer sooner.",
        start: |world| Box::pin(timed(world)),
    },
    Scenario {
        name: "alerts-server-error",
        family: Family::Alerts,
        story: "One call of the service fails with 500 each time. Nothing about the call was changed.",
        expected: Expected::of(Bucket::Server, Layer::Backend, "server.unhandled_exception"),
        fix: "Whoever runs the service has to read its log and mend it.",
        start: |world| Box::pin(get(world, &[], "/simulate-server-error")),
    },
    Scenario {
        name: "alerts-unavailable",
        family: Family::Alerts,
        story: "The service says that it is not there at the moment. That was so an hour ago, too.",
        expected: Expected::of(Bucket::Server, Layer::Backend, "server.overloaded")
            .or(&["upstream.maintenance", "upstream.no_healthy_backend"]),
        fix: "Try again with growing pauses; ask whoever runs it how long it lasts.",
        start: |world| Box::pin(get(world, &[], "/simulate-service-unavailable")),
    },
    Scenario {
        name: "alerts-healthy",
        family: Family::Alerts,
        story: "A check of the service runs every minute. It is asked for whether it is right.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(get(world, &[], "/health")),
    },
    Scenario {
        name: "alerts-listed",
        family: Family::Alerts,
        story: "The list of alerts is asked for with the key. Someone says that it does not work.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(get(world, &[KEY], "/alerts")),
    },
    Scenario {
        name: "alerts-created",
        family: Family::Alerts,
        story: "An alert is posted with the key and both fields. Someone says that nothing came of it.",
        expected: Expected::NOTHING,
        fix: "Nothing is broken.",
        start: |world| Box::pin(post(world, JSON, r#"{"alert_type":"cpu","severity":"high"}"#)),
    },
];

/// The arguments of a call to `path` with these header lines.
fn call(at: SocketAddr, headers: &[&str], path: &str) -> Symptom {
    let headers = headers.iter().flat_map(|line| ["-H".to_owned(), (*line).to_owned()]);
    Symptom::call(headers.chain([format!("http://{at}{path}")]))
}

async fn get(world: World, headers: &[&str], path: &str) -> io::Result<Symptom> {
    let (at, _) = start(&world, Controls::Off).await?;
    Ok(call(at, headers, path))
}

async fn post(world: World, headers: &[&str], body: &str) -> io::Result<Symptom> {
    let (at, _) = start(&world, Controls::Off).await?;
    let mut symptom = call(at, &[&[KEY], headers].concat(), "/alerts");
    symptom.curl.splice(0..0, ["-d".to_owned(), body.to_owned()]);
    Ok(symptom)
}

async fn put(world: World) -> io::Result<Symptom> {
    let (at, _) = start(&world, Controls::Off).await?;
    let mut symptom = call(at, &[&[KEY], JSON].concat(), "/alerts");
    let given = ["-X", "PUT", "-d", r#"{"alert_type":"cpu","severity":"low"}"#];
    symptom.curl.splice(0..0, given.map(str::to_owned));
    Ok(symptom)
}

async fn timed(world: World) -> io::Result<Symptom> {
    let (at, _) = start(&world, Controls::Off).await?;
    let mut symptom = call(at, &[], "/simulate-timeout");
    symptom.curl.splice(0..0, ["--max-time", "3"].map(str::to_owned));
    Ok(symptom)
}

/// The page has asked five times already.
async fn limited(world: World) -> io::Result<Symptom> {
    let (at, service) = start(&world, Controls::Off).await?;
    let headers = vec![("X-API-Key".to_owned(), crate::systems::alerts::KEY.to_owned())];
    let asked = Asked { method: "GET".to_owned(), path: "/alerts".to_owned(), headers, ..Asked::default() };
    for _ in 0..5 {
        let _ = service.answer(&asked);
    }
    Ok(call(at, &[KEY], "/alerts"))
}

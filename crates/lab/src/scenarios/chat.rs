//! Two stories between two systems, each failing in every way: a chat ended and no ticket came of it, and the customer
//! could not be looked up when a chat began. What the user has are the logs of both, as they were really written.

use super::kit::{AGENT, HEALTHY, instead, json_text, logs, truth};
use crate::scenario::{Expected, Family, Scenario, Starting, Symptom};
use crate::systems::outgoing::{Incoming, Outgoing};
use crate::systems::{chat, crm};
use crate::{Reply, World};
use firstfault_model::{Bucket, Layer};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use std::time::Duration;

const fn of(
    name: &'static str,
    story: &'static str,
    expected: Expected,
    fix: &'static str,
    start: fn(World) -> Starting,
) -> Scenario {
    Scenario { name, family: Family::Chat, story, expected, fix, start }
}

const fn platform(cause: &'static str) -> Expected {
    truth(Bucket::Server, Layer::Backend, cause)
}

const fn way(cause: &'static str) -> Expected {
    truth(Bucket::Upstream, Layer::Network, cause)
}

/// What makes one telling of a story differ from the one in which all goes well.
struct Telling {
    crm: crm::Options,
    chat: Box<dyn Fn(&mut chat::Options) + Send>,
    subscription: Value,
    begins: Value,
    ends: bool,
    shows: Shows,
}

/// What the user has.
enum Shows {
    /// The lines of both logs.
    Logs,
    /// The lines, and a call that can be typed.
    Call(Vec<String>),
    /// The lines of the chat platform: the CRM's are not at hand.
    Platform,
}

impl Telling {
    fn new() -> Self {
        Self {
            crm: crm::Options::default(),
            chat: Box::new(|_| {}),
            subscription: json!({ "secret": crm::SECRET, "events": [chat::COMPLETED] }),
            begins: json!({
                "email": "jane.doe@example.com", "channel": "web", "topic": "billing", "subject": "Charged twice",
            }),
            ends: true,
            shows: Shows::Logs,
        }
    }

    /// The chat begins with another address, and the story is over then.
    fn looking_up(email: &str) -> Self {
        let mut begins = Self::new().begins;
        begins["email"] = json!(email);
        Self { begins, ends: false, ..Self::new() }
    }

    fn play(self, world: World) -> Starting {
        Box::pin(async move { self.run(&world).await })
    }

    async fn run(self, world: &World) -> io::Result<Symptom> {
        let crm = crm::start_with(world, self.crm).await?;
        let mut options = chat::Options::new(crm.url(""));
        (self.chat)(&mut options);
        let chat = chat::start_with(world, options).await?;
        let mut subscription = self.subscription;
        if subscription.get("url").is_none() {
            subscription["url"] = json!(crm.url("/webhooks/chat"));
        } else if let Some(path) = subscription["url"].as_str().filter(|url| url.starts_with('/')) {
            subscription["url"] = json!(crm.url(path));
        }
        call(&chat, "/subscriptions", &subscription).await;
        let begun = call(&chat, "/chats", &self.begins).await;
        if self.ends {
            let id = begun.json().and_then(|body| body["id"].as_str().map(str::to_owned)).unwrap_or_default();
            call(&chat, &format!("/chats/{id}/end"), &json!({})).await;
            chat.settle().await;
        }
        let (systems, curl): (&[_], _) = match self.shows {
            Shows::Logs => (&[chat::NAME, crm::NAME], Vec::new()),
            Shows::Platform => (&[chat::NAME], Vec::new()),
            Shows::Call(curl) => {
                let filled = curl.iter().map(|text| text.replace("{crm}", &crm.url("")));
                (&[chat::NAME, crm::NAME], filled.collect())
            }
        };
        Ok(Symptom { curl, evidence: logs(world, systems), ..Symptom::default() })
    }
}

/// A POST to the platform's API.
async fn call(chat: &chat::Chat, path: &str, body: &Value) -> Incoming {
    let headers = [("Authorization", format!("Bearer {}", chat::KEY)), ("Content-Type", "application/json".to_owned())];
    let request = Outgoing {
        method: "POST".to_owned(),
        url: chat.url(path),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
        body: body.to_string().into_bytes(),
        patience: Duration::from_secs(10),
    };
    request.send().await
}

fn typed(arguments: &[&str]) -> Shows {
    Shows::Call(arguments.iter().map(|text| (*text).to_owned()).collect())
}

/// Every event is answered in one way, before the CRM looks at it.
fn webhook_answers(reply: impl Fn() -> Reply + Send + Sync + 'static) -> crm::Options {
    let before: crm::Before =
        Arc::new(move |asked, _| (asked.path == "/webhooks/chat" && asked.method == "POST").then(|| reply().into()));
    crm::Options { before: Some(before), ..crm::Options::default() }
}

/// All of them.
pub const ALL: &[Scenario] = &[
    of(
        "chat-no-event",
        "A chat with a customer ended, and the CRM has no ticket. Chats on the web site make tickets as always.",
        platform("webhook.not_generated"),
        "Add the channel whatsapp to the rule of the workflow: for it no event is generated.",
        |world| {
            let mut telling = Telling::new();
            telling.begins["channel"] = json!("whatsapp");
            telling.play(world)
        },
    ),
    of(
        "chat-subscription-disabled",
        "Since yesterday evening ended chats make no tickets any more. The chats themselves are fine.",
        platform("webhook.not_sent"),
        "Mend the receiver, then switch the subscription on again and have the missed events sent.",
        disabled_by_failures,
    ),
    of(
        "chat-switched-off",
        "After a maintenance window no chat makes a ticket.",
        platform("webhook.not_sent"),
        "Switch the subscription on again: it was switched off for the maintenance.",
        |world| {
            let mut telling = Telling::new();
            telling.subscription["enabled"] = json!(false);
            telling.subscription["disabledReason"] = json!("switched off by an administrator");
            telling.play(world)
        },
    ),
    of(
        "chat-queue-stands",
        "Chats ended an hour ago and no ticket is there yet, for anybody.",
        platform("webhook.not_sent"),
        "The chat platform must start its delivery workers; events wait in the queue.",
        |world| Telling { chat: Box::new(|options| options.queue = chat::Queue::Stands), ..Telling::new() }.play(world),
    ),
    of(
        "chat-event-dropped",
        "On a busy day some chats have no ticket, and will never have one.",
        platform("webhook.not_sent"),
        "The chat platform lost events because its queue was full: list the chats of that hour and make tickets by hand.",
        |world| Telling { chat: Box::new(|options| options.queue = chat::Queue::Drops), ..Telling::new() }.play(world),
    ),
    of(
        "chat-late",
        "Tickets come, but long after the chat ended.",
        platform("webhook.not_sent"),
        "The chat platform's queue is backed up: more delivery workers.",
        |world| {
            let queue = chat::Queue::Delays(Duration::from_millis(1_500));
            Telling { chat: Box::new(move |options| options.queue = queue), ..Telling::new() }.play(world)
        },
    ),
    of(
        "chat-wrong-path",
        "The integration was set up anew, and no chat makes a ticket.",
        Expected { or: &["client.wrong_path"], ..truth(Bucket::Client, Layer::Backend, "webhook.rejected") },
        "Correct the URL of the subscription: /webhooks/chat.",
        |world| {
            let mut telling = Telling::new();
            telling.subscription["url"] = json!("/webhook/chat");
            telling.play(world)
        },
    ),
    of(
        "chat-receiver-down",
        "No chat makes a ticket. The CRM's people see nothing at all in their log.",
        Expected { or: &["network.connection_refused"], ..way("webhook.not_received") },
        "Nothing listens at the URL of the subscription: start the receiver or correct the port.",
        |world| {
            Box::pin(async move {
                // A port that was free a moment ago, so that nothing listens on it.
                let (listener, place) = world.listen("receiver", 0).await?;
                drop(listener);
                let mut telling = Telling::new();
                telling.subscription["url"] = json!(format!("http://{place}/webhooks/chat"));
                telling.shows = Shows::Platform;
                telling.run(&world).await
            })
        },
    ),
    of(
        "chat-receiver-certificate",
        "The receiver was given HTTPS last week, with a certificate that someone made by hand. No tickets since.",
        Expected { or: &["tls.untrusted_chain", "tls.self_signed"], ..way("webhook.not_received") },
        "Give the receiver a certificate of a CA that the chat platform trusts.",
        self_signed_receiver,
    ),
    of(
        "chat-receiver-slow",
        "The chat platform says that deliveries fail. The CRM is up.",
        truth(Bucket::Upstream, Layer::Backend, "webhook.receiver_timeout"),
        "Acknowledge the event first and work on it afterwards; the platform waits no longer.",
        |world| {
            let slow = webhook_answers(|| json_text(202, r#"{"status":"accepted"}"#).after(Duration::from_secs(600)));
            let chat = Box::new(|options: &mut chat::Options| options.patience = Duration::from_millis(400));
            Telling { crm: slow, chat, ..Telling::new() }.play(world)
        },
    ),
    of(
        "chat-token-revoked",
        "The integration's token was renewed in the CRM. No tickets since.",
        Expected { or: &["auth.revoked"], ..truth(Bucket::Auth, Layer::Auth, "auth.invalid_credentials") },
        "Put the new token into the subscription.",
        |world| {
            let mut telling = Telling::new();
            telling.crm.token = Some("crmint_2026_b".to_owned());
            telling.subscription["token"] = json!("crmint_2025_a");
            telling.play(world)
        },
    ),
    of(
        "chat-secret-rotated",
        "Security rotated the secrets of the CRM on Monday. No tickets since.",
        truth(Bucket::Auth, Layer::Auth, "webhook.bad_signature"),
        "Give the chat platform the new secret; while both are in use, sign with both.",
        |world| {
            let mut telling = Telling::new();
            telling.crm.secret = "whsec_bmV3LXNlY3JldC1zaW5jZS1tb25kYXktbW9ybmluZw==".to_owned();
            telling.play(world)
        },
    ),
    of(
        "chat-body-rewritten",
        "Between the platform and the CRM there is now a relay that formats JSON. No tickets since.",
        truth(Bucket::Auth, Layer::Auth, "webhook.bad_signature"),
        "Pass the body on byte by byte: the signature is over the bytes that were sent.",
        |world| Telling { chat: Box::new(|options| options.rewrites_body = true), ..Telling::new() }.play(world),
    ),
    of(
        "chat-unmapped-topic",
        "Chats about one new topic make no tickets; all others do.",
        Expected { or: &["client.invalid_value"], ..truth(Bucket::Client, Layer::Backend, "webhook.rejected") },
        "Map the topic returns to a case type that the CRM knows.",
        |world| {
            let mut telling = Telling::new();
            telling.begins["topic"] = json!("returns");
            telling.play(world)
        },
    ),
    of(
        "chat-crm-crashes",
        "No chat makes a ticket, and the chat platform shows red deliveries.",
        platform("server.unhandled_exception"),
        "The CRM's developers must look at the exception; the events can be sent again afterwards.",
        |world| {
            let crashes = webhook_answers(|| {
                json_text(
                    500,
                    r#"{"error":{"code":"INTERNAL_ERROR","message":"TypeError: Cannot read properties of undefined (reading 'ownerId')"}}"#,
                )
            });
            Telling { crm: crashes, ..Telling::new() }.play(world)
        },
    ),
    of(
        "chat-two-tickets",
        "Some chats have two tickets.",
        truth(Bucket::Client, Layer::Backend, "webhook.duplicate"),
        "Know an event again by its webhook-id: deliveries may come more than once.",
        |world| {
            let mut telling = Telling::new();
            telling.crm.deduplicates = false;
            telling.chat = Box::new(|options| options.queue = chat::Queue::Doubles(Duration::from_millis(1_200)));
            telling.play(world)
        },
    ),
    of(
        "lookup-second-address",
        "A chat begins without a customer, although the address stands in the CRM.",
        truth(Bucket::Client, Layer::Client, "client.resource_not_found"),
        "The look-up knows first addresses only: ask for that one, or have the index widened.",
        |world| {
            let shows = typed(&["-H", AGENT, "{crm}/v1/customers?email=jane@doe-family.example"]);
            Telling { shows, ..Telling::looking_up("jane@doe-family.example") }.play(world)
        },
    ),
    of(
        "lookup-capital-letters",
        "Customers who write their address with capitals are not recognised.",
        truth(Bucket::Client, Layer::Client, "client.resource_not_found"),
        "Write addresses in lower case before the look-up: the CRM compares letter by letter.",
        |world| {
            let shows = typed(&["-H", AGENT, "{crm}/v1/customers?email=Jane.Doe@Example.com"]);
            Telling { shows, ..Telling::looking_up("Jane.Doe@Example.com") }.play(world)
        },
    ),
    of(
        "lookup-slow",
        "At noon chats begin without a customer.",
        Expected { or: &["upstream.dependency_timeout"], ..way("network.read_timeout") },
        "The platform waits 0.4 seconds and the CRM takes longer: wait longer, and ask the CRM's people why.",
        |world| {
            let mut telling = Telling::looking_up("jane.doe@example.com");
            telling.crm.lookup_work = Duration::from_millis(1_500);
            telling.chat = Box::new(|options| options.lookup_patience = Duration::from_millis(400));
            telling.shows = typed(&["-m", "0.4", "-H", AGENT, "{crm}/v1/customers?email=jane.doe@example.com"]);
            telling.play(world)
        },
    ),
    of(
        "lookup-expired-key",
        "Since the first of February every chat begins without a customer.",
        truth(Bucket::Auth, Layer::Auth, "auth.expired_token"),
        "Make a new key in the CRM and give it to the chat platform.",
        |world| {
            let mut telling = Telling::looking_up("jane.doe@example.com");
            telling.chat = Box::new(|options| "crm_live_acme_agent_0001aa".clone_into(&mut options.crm_key));
            let key = "Authorization: Bearer crm_live_acme_agent_0001aa";
            telling.shows = typed(&["-H", key, "{crm}/v1/customers?email=jane.doe@example.com"]);
            telling.play(world)
        },
    ),
    of(
        "lookup-crm-crashes",
        "Every chat begins without a customer since this morning.",
        platform("server.unhandled_exception"),
        "The CRM's developers must look at the exception.",
        |world| {
            let mut telling = Telling::looking_up("jane.doe@example.com");
            instead(&mut telling.crm, "/v1/customers", |_, _| {
                Some(json_text(500, r#"{"error":{"code":"INTERNAL_ERROR","message":"An unexpected error occurred"}}"#))
            });
            telling.shows = typed(&["-H", AGENT, "{crm}/v1/customers?email=jane.doe@example.com"]);
            telling.play(world)
        },
    ),
    of(
        "lookup-crm-gone",
        "Every chat begins without a customer since the CRM was moved.",
        way("network.connection_refused"),
        "Give the chat platform the new address of the CRM.",
        |world| {
            Box::pin(async move {
                let (listener, place) = world.listen("old-crm", 0).await?;
                drop(listener);
                let mut telling = Telling::looking_up("jane.doe@example.com");
                telling.chat = Box::new(move |options| options.crm = format!("http://{place}"));
                let url = format!("http://{place}/v1/customers?email=jane.doe@example.com");
                telling.shows = typed(&["-H", AGENT, &url]);
                telling.run(&world).await
            })
        },
    ),
    of(
        "lookup-doubled-base",
        "The base URL of the CRM was entered anew, and chats begin without a customer.",
        truth(Bucket::Client, Layer::Client, "client.wrong_path"),
        "The platform adds /v1 itself: enter the base URL without it.",
        |world| {
            let mut telling = Telling::looking_up("jane.doe@example.com");
            telling.chat = Box::new(|options| options.crm.push_str("/v1"));
            telling.shows = typed(&["-H", AGENT, "{crm}/v1/v1/customers?email=jane.doe@example.com"]);
            telling.play(world)
        },
    ),
    of(
        "chat-healthy",
        "A chat ended. Did everything go as it should?",
        HEALTHY,
        "Nothing is wrong: the event was delivered and a ticket made.",
        |world| Telling::new().play(world),
    ),
    of(
        "lookup-healthy",
        "A chat began, and someone wants to know whether the customer was found.",
        HEALTHY,
        "Nothing is wrong.",
        |world| {
            let mut telling = Telling::looking_up("jane.doe@example.com");
            telling.shows = typed(&["-H", AGENT, "{crm}/v1/customers?email=jane.doe@example.com"]);
            telling.play(world)
        },
    ),
];

/// Yesterday the CRM failed for an hour; the platform gave up and disabled the subscription. What the user has is what
/// was written since.
fn disabled_by_failures(world: World) -> Starting {
    Box::pin(async move {
        let failing = webhook_answers(|| json_text(503, r#"{"error":{"code":"MAINTENANCE","message":"Back soon"}}"#));
        let crm = crm::start_with(&world, failing).await?;
        let mut options = chat::Options::new(crm.url(""));
        options.disables_after = 2;
        options.backoff = vec![Duration::from_millis(20)];
        let chat = chat::start_with(&world, options).await?;
        let hook = json!({ "url": crm.url("/webhooks/chat"), "secret": crm::SECRET, "events": [chat::COMPLETED] });
        call(&chat, "/subscriptions", &hook).await;
        let mut seen = 0;
        for _ in 0..3 {
            seen = world.logged(chat::NAME).len();
            let begun = call(&chat, "/chats", &Telling::new().begins).await;
            let id = begun.json().and_then(|body| body["id"].as_str().map(str::to_owned)).unwrap_or_default();
            call(&chat, &format!("/chats/{id}/end"), &json!({})).await;
            chat.settle().await;
        }
        let evidence = world.logged(chat::NAME).into_iter().skip(seen).map(|line| line + "\n").collect();
        Ok(Symptom { evidence, ..Symptom::default() })
    })
}

/// A receiver behind TLS that nobody vouches for.
fn self_signed_receiver(world: World) -> Starting {
    Box::pin(async move {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]);
        let made = made.map_err(io::Error::other)?;
        let key =
            rustls::pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).map_err(io::Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|b| b.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key))
            .map_err(io::Error::other)?;
        let place = world
            .serve("receiver", 0, Some(Arc::new(config)), |asked| async move {
                let body = json!({ "error": { "code": "METHOD_NOT_ALLOWED", "message": "Use POST" } });
                let reply = if asked.method == "POST" { Reply::empty(204) } else { Reply::json(405, &body) };
                reply.with("Allow", "POST, OPTIONS").into()
            })
            .await?;
        let mut telling = Telling::new();
        let hook = format!("https://127.0.0.1:{}/webhooks/chat", place.port());
        telling.subscription["url"] = json!(hook);
        telling.shows = typed(&["-I", &hook]);
        telling.run(&world).await
    })
}

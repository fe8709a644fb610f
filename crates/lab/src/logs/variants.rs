//! Every way in which a completed chat does not become one ticket in time.

use super::story::{Chat, Met, Stage};
use super::{Truth, Variant};
use firstfault_model::Layer::{self, Auth, Backend, Client, Dependency, Gateway, Network};
use serde_json::json;

const fn of(
    name: &'static str,
    story: &'static str,
    at: (&'static str, &'static str),
    causes: &'static [&'static str],
    layers: &'static [Layer],
    system: Option<&'static str>,
    play: fn(&mut Stage, &Chat),
) -> Variant {
    Variant { name, story, truth: Truth { step: Some(at.0), fault: at.1, causes, layers, system }, play }
}

const RECEIVED: (&str, &str) = ("crm-received", "failed");

/// Attempts that all meet the same exception.
fn exceptions(stage: &mut Stage, chat: &Chat, exception: &'static str, took: i64) {
    stage.until_event(chat);
    let mut at = chat.ended + 120;
    for number in 1..=3 {
        let attempt = stage.unreachable(number, at, exception, took);
        stage.deliver(chat, &attempt);
        at += took + 1_000 * i64::try_from(number).unwrap_or(1);
    }
    stage.gives_up(chat, at, 3);
}

/// Attempts that the CRM all answers in one way.
fn refusals(stage: &mut Stage, chat: &Chat, status: u16, error: &'static str, attempts: u64) {
    stage.until_event(chat);
    let mut at = chat.ended + 120;
    for number in 1..=attempts {
        let mut attempt = stage.answered(chat, number, at, status);
        attempt.says = Some(("error", error.to_owned()));
        stage.deliver(chat, &attempt);
        at += 2_000 * i64::try_from(number).unwrap_or(1);
    }
    stage.gives_up(chat, at, attempts);
}

/// One attempt that the gateway answers alone.
fn stopped(stage: &mut Stage, chat: &Chat, status: u16, took: i64) {
    stage.until_event(chat);
    let attempt = stage.stopped(1, chat.ended + 120, status, took);
    stage.deliver(chat, &attempt);
    stage.gives_up(chat, chat.ended + 400 + took, 1);
}

/// All of them.
pub const VARIANTS: &[Variant] = &[
    Variant {
        name: "healthy",
        story: "Every chat became a ticket.",
        truth: Truth { step: None, fault: "", causes: &[], layers: &[], system: None },
        play: |stage, chat| stage.goes_well(chat),
    },
    Variant {
        name: "recovered",
        story: "Some deliveries needed a second attempt.",
        truth: Truth { step: None, fault: "", causes: &[], layers: &[], system: None },
        play: |stage, chat| {
            stage.until_event(chat);
            let mut first = stage.answered(chat, 1, chat.ended + 120, 503);
            first.says = Some(("error", "OVERLOADED: try again later".to_owned()));
            stage.deliver(chat, &first);
            let second = stage.answered(chat, 2, chat.ended + 3_000, 201);
            stage.deliver(chat, &second);
            stage.ticket(chat, &second, &chat.ticket);
        },
    },
    of(
        "no-event",
        "Chats ended and nothing happened.",
        ("event-generated", "missing"),
        &["webhook.not_generated"],
        &[Backend],
        None,
        Stage::completes,
    ),
    of(
        "event-filtered",
        "Chats of one channel make no tickets.",
        ("event-generated", "failed"),
        &["webhook.not_generated"],
        &[Backend],
        Some("chat"),
        |stage, chat| {
            stage.completes(chat);
            let more = [("reason", "channel whatsapp is not in the workflow's filter".to_owned())];
            stage.says(chat.ended + 40, "INFO", "events", "no event generated", chat, &more);
        },
    ),
    of(
        "event-late",
        "Tickets come, long after the chat.",
        ("event-generated", "late"),
        &["webhook.not_sent"],
        &[Backend],
        None,
        |stage, chat| {
            stage.completes(chat);
            stage.event(chat, chat.ended + 240_000);
            let attempt = stage.answered(chat, 1, chat.ended + 240_100, 201);
            stage.deliver(chat, &attempt);
            stage.ticket(chat, &attempt, &chat.ticket);
        },
    ),
    of(
        "not-sent",
        "The event is on record and the CRM hears nothing.",
        ("webhook-sent", "missing"),
        &["webhook.not_sent"],
        &[Backend],
        None,
        Stage::until_event,
    ),
    of(
        "subscription-disabled",
        "Since the maintenance no chat makes a ticket.",
        ("webhook-sent", "failed"),
        &["webhook.not_sent"],
        &[Backend],
        Some("chat"),
        |stage, chat| {
            stage.until_event(chat);
            let more = [("webhook_id", chat.event.clone()), ("reason", "switched off by an administrator".to_owned())];
            let words = "webhook not sent: subscription is disabled";
            stage.says(chat.ended + 100, "WARN", "webhooks", words, chat, &more);
        },
    ),
    of(
        "event-dropped",
        "On a busy day some chats have no ticket.",
        ("webhook-sent", "failed"),
        &["webhook.not_sent"],
        &[Backend],
        Some("chat"),
        |stage, chat| {
            stage.until_event(chat);
            let more = [("webhook_id", chat.event.clone()), ("limit", "1000".to_owned())];
            stage.says(chat.ended + 90, "ERROR", "webhooks", "event dropped: delivery queue is full", chat, &more);
        },
    ),
    of(
        "sent-late",
        "Tickets come, a quarter of an hour after the chat.",
        ("webhook-sent", "late"),
        &["webhook.not_sent"],
        &[Backend],
        None,
        |stage, chat| {
            stage.until_event(chat);
            let attempt = stage.answered(chat, 1, chat.ended + 900_000, 201);
            stage.deliver(chat, &attempt);
            stage.ticket(chat, &attempt, &chat.ticket);
        },
    ),
    of(
        "name-not-found",
        "The CRM moved, and no ticket since.",
        RECEIVED,
        &["network.dns_not_found", "network.dns_failure"],
        &[Network],
        Some("chat"),
        |stage, chat| {
            let exception = "java.net.UnknownHostException: crm.example.com: Name or service not known";
            exceptions(stage, chat, exception, 14);
        },
    ),
    of(
        "connection-refused",
        "The CRM's people see nothing at all in their log.",
        RECEIVED,
        &["network.connection_refused"],
        &[Network],
        Some("chat"),
        |stage, chat| exceptions(stage, chat, "java.net.ConnectException: Connection refused", 3),
    ),
    of(
        "connect-timeout",
        "Security changed the firewall, and no ticket since.",
        RECEIVED,
        &["network.connect_timeout"],
        &[Network, Backend],
        Some("chat"),
        |stage, chat| {
            exceptions(stage, chat, "java.net.http.HttpConnectTimeoutException: HTTP connect timed out", 5_000);
        },
    ),
    of(
        "certificate",
        "The receiver has a new certificate, and no ticket since.",
        RECEIVED,
        &["tls.untrusted_chain", "tls.client_trust_store", "tls.self_signed"],
        &[Network],
        Some("chat"),
        |stage, chat| {
            let exception = "javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target";
            exceptions(stage, chat, exception, 60);
        },
    ),
    of(
        "sent-unanswered",
        "The platform says that it sends, and nobody knows more.",
        ("crm-received", "missing"),
        &["webhook.not_received"],
        &[Network],
        None,
        |stage, chat| {
            stage.until_event(chat);
            let more = [("webhook_id", chat.event.clone()), ("attempt", "1".to_owned())];
            stage.says(chat.ended + 120, "INFO", "webhooks", "sending webhook", chat, &more);
        },
    ),
    of(
        "gateway-timeout",
        "The platform shows 504, and the tickets are there.",
        ("crm-received", "unheard"),
        &["upstream.gateway_timeout"],
        &[Gateway, Backend],
        Some("gateway"),
        |stage, chat| {
            stage.until_event(chat);
            let work = stage.between(34_000, 48_000);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 504);
            attempt.gateway = Some((504, 30_000));
            attempt.crm = Some((201, work));
            stage.deliver(chat, &attempt);
            stage.ticket(chat, &attempt, &chat.ticket);
            stage.gives_up(chat, chat.ended + 30_600, 1);
        },
    ),
    of(
        "sender-timeout",
        "The platform shows time-outs, and the tickets are there.",
        ("crm-received", "unheard"),
        &["upstream.gateway_timeout", "network.read_timeout", "webhook.receiver_timeout"],
        &[Client, Network, Gateway, Backend],
        Some("chat"),
        |stage, chat| {
            stage.until_event(chat);
            let work = stage.between(12_000, 18_000);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 201);
            attempt.met = Met::Exception("java.net.http.HttpTimeoutException: request timed out", 10_000);
            attempt.gateway = Some((499, 9_990));
            attempt.crm = Some((201, work));
            stage.deliver(chat, &attempt);
            stage.ticket(chat, &attempt, &chat.ticket);
            stage.gives_up(chat, chat.ended + 10_600, 1);
        },
    ),
    of(
        "answer-lost",
        "The platform shows failures, and the tickets are there.",
        ("crm-received", "unheard"),
        &["network.connection_reset"],
        &[Network],
        Some("chat"),
        |stage, chat| {
            stage.until_event(chat);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 201);
            let took = chat.work + 60;
            attempt.met = Met::Exception("java.net.SocketException: Connection reset", took);
            stage.deliver(chat, &attempt);
            stage.ticket(chat, &attempt, &chat.ticket);
            stage.gives_up(chat, chat.ended + 1_200, 1);
        },
    ),
    of(
        "crm-down",
        "The gateway answers 502.",
        RECEIVED,
        &["upstream.bad_gateway", "upstream.connection_failure"],
        &[Gateway, Backend],
        Some("gateway"),
        |stage, chat| stopped(stage, chat, 502, 2),
    ),
    of(
        "token",
        "The integration's token was renewed, and no ticket since.",
        RECEIVED,
        &["auth.invalid_credentials", "auth.revoked", "auth.expired_token"],
        &[Auth],
        Some("crm"),
        |stage, chat| {
            let error = "INVALID_TOKEN: The integration token is not valid or was revoked";
            refusals(stage, chat, 401, error, 3);
        },
    ),
    of(
        "signature",
        "Security rotated the secrets, and no ticket since.",
        RECEIVED,
        &["webhook.bad_signature", "auth.bad_signature"],
        &[Auth],
        Some("crm"),
        |stage, chat| {
            let error = "INVALID_SIGNATURE: Webhook verification failed: no signature matches";
            refusals(stage, chat, 401, error, 2);
        },
    ),
    of(
        "role",
        "The integration's user got another role, and no ticket since.",
        RECEIVED,
        &["auth.insufficient_permission"],
        &[Auth],
        Some("crm"),
        |stage, chat| {
            let error = "INSUFFICIENT_ROLE: Role 'reader' may not create tickets";
            refusals(stage, chat, 403, error, 1);
        },
    ),
    of(
        "mapping",
        "Chats about one new topic make no tickets.",
        RECEIVED,
        &["client.invalid_value", "client.missing_field", "webhook.rejected"],
        &[Client, Backend],
        Some("crm"),
        |stage, chat| {
            let error = "VALIDATION_FAILED: Request validation failed: caseType must be one of billing, technical, account, complaint";
            refusals(stage, chat, 400, error, 1);
        },
    ),
    of(
        "wrong-path",
        "The integration was set up anew, and no ticket since.",
        RECEIVED,
        &["webhook.rejected", "client.wrong_path"],
        &[Client, Backend],
        Some("crm"),
        |stage, chat| {
            stage.until_event(chat);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 404);
            attempt.path = "/webhook/chat";
            attempt.says = Some(("error", "NOT_FOUND: No route POST /webhook/chat".to_owned()));
            stage.deliver(chat, &attempt);
            stage.gives_up(chat, chat.ended + 1_000, 1);
        },
    ),
    of(
        "conflict",
        "The platform shows 409.",
        RECEIVED,
        &["client.conflict", "webhook.duplicate"],
        &[Backend],
        Some("crm"),
        |stage, chat| {
            let error = "DUPLICATE_TICKET: An open ticket of this customer with this subject exists already";
            refusals(stage, chat, 409, error, 1);
        },
    ),
    of(
        "too-large",
        "Long chats make no tickets.",
        RECEIVED,
        &["client.payload_too_large"],
        &[Gateway],
        Some("gateway"),
        |stage, chat| stopped(stage, chat, 413, 1),
    ),
    of(
        "rate-limit",
        "At noon some chats have no ticket.",
        RECEIVED,
        &["rate_limit.request_rate"],
        &[Gateway],
        Some("gateway"),
        |stage, chat| stopped(stage, chat, 429, 1),
    ),
    of(
        "exception",
        "The platform shows 500.",
        RECEIVED,
        &["server.unhandled_exception"],
        &[Backend],
        Some("crm"),
        |stage, chat| {
            let error = "INTERNAL_ERROR: TypeError: Cannot read properties of undefined (reading 'ownerId')";
            refusals(stage, chat, 500, error, 2);
        },
    ),
    of(
        "exception-translated",
        "The platform shows 502, and the gateway's people say that it is not theirs.",
        RECEIVED,
        &["server.unhandled_exception"],
        &[Backend],
        Some("crm"),
        |stage, chat| {
            stage.until_event(chat);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 500);
            attempt.says = Some(("error", "INTERNAL_ERROR: NullReferenceException in TicketFactory.Create".to_owned()));
            attempt.gateway = attempt.gateway.map(|(_, took)| (502, took));
            attempt.met = Met::Answer(502, "");
            stage.deliver(chat, &attempt);
            stage.gives_up(chat, chat.ended + 1_500, 1);
        },
    ),
    of(
        "database",
        "The platform shows 500 since the CRM's database was moved.",
        RECEIVED,
        &[
            "server.database_error",
            "server.pool_exhausted",
            "upstream.dependency_failure",
            "server.unhandled_exception",
        ],
        &[Backend, Dependency],
        Some("crm"),
        |stage, chat| {
            stage.until_event(chat);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 500);
            attempt.says = Some(("error", "INTERNAL_ERROR: An unexpected error occurred".to_owned()));
            stage.deliver(chat, &attempt);
            let members = [("request_id", json!(attempt.request)), ("correlation_id", json!(chat.correlation))];
            let words = "org.postgresql.util.PSQLException: FATAL: remaining connection slots are reserved for non-replication superuser connections";
            stage.crm_says(attempt.at + chat.work, "error", words, &members);
            stage.gives_up(chat, chat.ended + 1_500, 1);
        },
    ),
    of(
        "maintenance",
        "The platform shows 503.",
        RECEIVED,
        &["upstream.maintenance", "server.overloaded"],
        &[Gateway, Backend],
        Some("crm"),
        |stage, chat| refusals(stage, chat, 503, "MAINTENANCE: The CRM is under maintenance, back soon", 2),
    ),
    of(
        "error-in-success",
        "The platform shows 200, and there is no ticket.",
        RECEIVED,
        &["server.error_in_success", "server.database_error", "server.partial_success"],
        &[Backend, Dependency],
        Some("crm"),
        |stage, chat| {
            stage.until_event(chat);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 200);
            let body = r#"{"success":false,"error":{"code":"DATABASE_ERROR","message":"deadlock detected while inserting the ticket"}}"#;
            attempt.says = Some(("response_body", body.to_owned()));
            stage.deliver(chat, &attempt);
        },
    ),
    of(
        "accepted-without-ticket",
        "The CRM says accepted, and there is no ticket.",
        ("ticket-created", "missing"),
        &["server.missing_content"],
        &[Backend],
        None,
        |stage, chat| {
            stage.until_event(chat);
            let attempt = stage.answered(chat, 1, chat.ended + 120, 202);
            stage.deliver(chat, &attempt);
        },
    ),
    of(
        "two-tickets",
        "Some chats have two tickets.",
        ("ticket-created", "duplicate"),
        &["webhook.duplicate"],
        &[Backend],
        None,
        |stage, chat| {
            stage.goes_well(chat);
            let again = stage.answered(chat, 1, chat.ended + 9_000, 201);
            stage.deliver(chat, &again);
            stage.ticket(chat, &again, &format!("{}9", chat.ticket));
        },
    ),
    of(
        "lost-and-doubled",
        "The platform tried again, and now there are two tickets.",
        ("ticket-created", "duplicate"),
        &["webhook.duplicate"],
        &[Backend],
        None,
        |stage, chat| {
            stage.until_event(chat);
            let mut attempt = stage.answered(chat, 1, chat.ended + 120, 201);
            attempt.met = Met::Exception("java.net.SocketException: Connection reset", chat.work + 60);
            stage.deliver(chat, &attempt);
            stage.ticket(chat, &attempt, &chat.ticket);
            let again = stage.answered(chat, 2, chat.ended + 4_000, 201);
            stage.deliver(chat, &again);
            stage.ticket(chat, &again, &format!("{}9", chat.ticket));
        },
    ),
    of(
        "ticket-without-event",
        "There are tickets of chats that sent no event.",
        ("event-generated", "skipped"),
        &["unknown"],
        &[],
        None,
        |stage, chat| {
            stage.completes(chat);
            let made = chat.ended + 20_000;
            let request = stage.request();
            let members = [
                ("request_id", json!(request)),
                ("external_id", json!(chat.id)),
                ("ticket_id", json!(chat.ticket)),
                ("user", json!("agent-17")),
            ];
            stage.crm_says(made, "info", "ticket created", &members);
        },
    ),
];

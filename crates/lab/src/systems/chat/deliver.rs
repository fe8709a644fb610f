//! Deliveries: signed, tried again with growing pauses, given up, and the subscription that keeps failing disabled.

use super::{App, Event, Queue, Subscription};
use crate::systems::outgoing::{Incoming, Outgoing};
use crate::systems::{signing, stamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::mpsc;

/// Takes events from the queue until the world ends.
pub async fn work(app: Arc<App>, mut events: mpsc::UnboundedReceiver<Event>) {
    while let Some(event) = events.recv().await {
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            app.dispatch(&event).await;
            app.under_way.fetch_sub(1, Ordering::SeqCst);
        });
    }
}

impl App {
    async fn dispatch(&self, event: &Event) {
        if let Queue::Delays(wait) = self.options.queue {
            tokio::time::sleep(wait).await;
            let late = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            let members = [
                ("webhook_id", json!(event.id)),
                ("chat_id", json!(event.chat)),
                ("correlation_id", json!(event.correlation)),
                ("waited_ms", json!(late)),
            ];
            self.log("WARN", "queue", "event left the queue late: deliveries are backed up", &members);
        }
        if let Queue::Doubles(pause) = self.options.queue {
            tokio::time::sleep(pause * event.copy).await;
        }
        let wanted = self.with(|state| state.subscriptions.clone());
        for subscription in wanted.iter().filter(|one| one.events.iter().any(|kind| kind == event.kind)) {
            if subscription.enabled {
                self.deliver(event, subscription).await;
                continue;
            }
            let members = [
                ("webhook_id", json!(event.id)),
                ("event_type", json!(event.kind)),
                ("chat_id", json!(event.chat)),
                ("correlation_id", json!(event.correlation)),
                ("subscription_id", json!(subscription.id)),
                ("url", json!(subscription.url)),
                ("reason", json!(subscription.disabled_because)),
            ];
            self.log("WARN", "webhooks", "webhook not sent: subscription is disabled", &members);
        }
    }

    async fn deliver(&self, event: &Event, subscription: &Subscription) {
        let delivery = stamp::id("dlv");
        let mut pauses = self.options.backoff.iter();
        for attempt in 1_u64.. {
            let answer = self.attempt(event, subscription).await;
            // 410 says that nobody wants it any more (Standard Webhooks, "Retry").
            let gone = answer.status == Some(410);
            let pause = if answer.is_success() || gone { None } else { pauses.next() };
            self.record(event, subscription, &delivery, attempt, &answer, pause.copied());
            if answer.is_success() {
                self.with(|state| count(state, &subscription.id, |one| one.failures = 0));
                return;
            }
            match pause {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return self.abandon(event, subscription, &delivery, attempt, gone),
            }
        }
    }

    async fn attempt(&self, event: &Event, subscription: &Subscription) -> Incoming {
        let seconds = stamp::now() / 1_000;
        let signature = signing::sign(&subscription.secret, &event.id, seconds, event.body.as_bytes());
        let mut headers = vec![
            ("Content-Type".to_owned(), "application/json".to_owned()),
            ("User-Agent".to_owned(), "chat-platform-webhooks/2.9".to_owned()),
            ("webhook-id".to_owned(), event.id.clone()),
            ("webhook-timestamp".to_owned(), seconds.to_string()),
            ("webhook-signature".to_owned(), signature),
            ("X-Correlation-Id".to_owned(), event.correlation.clone()),
        ];
        if let Some(token) = &subscription.token {
            headers.push(("Authorization".to_owned(), format!("Bearer {token}")));
        }
        let body = match serde_json::from_str::<Value>(&event.body) {
            // Parsed and written again: the same values, other bytes.
            Ok(value) if self.options.rewrites_body => format!("{value:#}").into_bytes(),
            _ => event.body.clone().into_bytes(),
        };
        let method = "POST".to_owned();
        Outgoing { method, url: subscription.url.clone(), headers, body, patience: self.options.patience }.send().await
    }

    fn record(
        &self,
        event: &Event,
        subscription: &Subscription,
        delivery: &str,
        attempt: u64,
        answer: &Incoming,
        pause: Option<std::time::Duration>,
    ) {
        let next = pause.map(|pause| u64::try_from(pause.as_millis()).unwrap_or(u64::MAX));
        let body = String::from_utf8_lossy(&answer.body).chars().take(600).collect::<String>();
        let shown_body = if body.is_empty() { Value::Null } else { json!(body) };
        self.with(|state| {
            state.deliveries.push(json!({
                "id": delivery, "webhookId": event.id, "eventType": event.kind, "chatId": event.chat,
                "subscriptionId": subscription.id, "url": subscription.url, "attempt": attempt,
                "status": answer.status, "error": answer.error, "responseBody": shown_body,
                "durationMs": answer.milliseconds, "nextAttemptInMs": next,
            }));
        });
        let mut members = vec![
            ("delivery_id", json!(delivery)),
            ("webhook_id", json!(event.id)),
            ("event_type", json!(event.kind)),
            ("chat_id", json!(event.chat)),
            ("correlation_id", json!(event.correlation)),
            ("subscription_id", json!(subscription.id)),
            ("method", json!("POST")),
            ("url", json!(subscription.url)),
            ("attempt", json!(attempt)),
            ("status", json!(answer.status)),
            ("duration_ms", json!(answer.milliseconds)),
        ];
        if answer.is_success() {
            return self.log("INFO", "webhooks", "webhook delivered", &members);
        }
        members.push(("error", json!(answer.error)));
        members.push(("response_body", shown_body));
        members.push(("next_attempt_in_ms", json!(next)));
        self.log("WARN", "webhooks", "webhook delivery failed", &members);
    }

    fn abandon(&self, event: &Event, subscription: &Subscription, delivery: &str, attempts: u64, gone: bool) {
        let members = [
            ("delivery_id", json!(delivery)),
            ("webhook_id", json!(event.id)),
            ("chat_id", json!(event.chat)),
            ("correlation_id", json!(event.correlation)),
            ("subscription_id", json!(subscription.id)),
            ("attempts", json!(attempts)),
        ];
        self.log("ERROR", "webhooks", "webhook delivery given up", &members);
        let limit = self.options.disables_after;
        let disabled = self.with(|state| {
            let mut disabled = false;
            count(state, &subscription.id, |one| {
                one.failures += 1;
                if one.enabled && (gone || one.failures >= limit) {
                    one.enabled = false;
                    one.disabled_because = Some(format!("{} failed deliveries in a row", one.failures));
                    disabled = true;
                }
            });
            disabled
        });
        if disabled {
            let members = [("subscription_id", json!(subscription.id)), ("url", json!(subscription.url))];
            self.log("ERROR", "webhooks", "subscription disabled after repeated delivery failures", &members);
        }
    }
}

fn count(state: &mut super::State, id: &str, change: impl FnOnce(&mut Subscription)) {
    if let Some(one) = state.subscriptions.iter_mut().find(|one| one.id == id) {
        change(one);
    }
}

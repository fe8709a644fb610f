//! Events of the chat platform that become tickets.

use super::{App, Complaint, Visit, check, customers, parameters, tickets};
use crate::Reply;
use crate::systems::{signing, stamp};
use serde_json::{Value, json};

impl App {
    /// `POST /webhooks/chat`: checked, known again, made a ticket of.
    pub async fn webhook(&self, visit: &Visit<'_>) -> Result<Reply, Box<Complaint>> {
        let asked = visit.asked;
        if let Some(token) = &self.options.token {
            let given = asked.header("authorization").and_then(|value| value.strip_prefix("Bearer "));
            if given != Some(token) {
                let complaint =
                    Complaint::new(401, "INVALID_TOKEN", "The integration token is not valid or was revoked");
                return Err(complaint.with("WWW-Authenticate", "Bearer error=\"invalid_token\"").into());
            }
        }
        let id = asked.header("webhook-id");
        let (stamp, signature) = (asked.header("webhook-timestamp"), asked.header("webhook-signature"));
        signing::verify(&self.options.secret, id, stamp, signature, &asked.body, stamp::now() / 1_000).map_err(
            |unverified| {
                let message = format!("Webhook verification failed: {}", unverified.words());
                Complaint::new(401, "INVALID_SIGNATURE", message)
            },
        )?;
        let event = parameters::body(asked)?;
        let id = id.unwrap_or_default().to_owned();
        if !self.options.deduplicates {
            return self.take(visit, &event, &id).await;
        }
        // The id is kept before the work begins, so that a copy that comes meanwhile is known again.
        let before = self.with(|state| state.events.insert(id.clone(), None));
        if let Some(ticket) = before {
            self.with(|state| state.events.insert(id, ticket.clone()));
            return Ok(Reply::json(200, &json!({ "status": "duplicate", "ticketId": ticket })));
        }
        let taken = self.take(visit, &event, &id).await;
        if taken.is_err() {
            self.with(|state| state.events.remove(&id));
        }
        taken
    }

    /// Makes a ticket of an event.
    async fn take(&self, visit: &Visit<'_>, event: &Value, id: &str) -> Result<Reply, Box<Complaint>> {
        tokio::time::sleep(self.options.webhook_work).await;
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
        if text("/type") != Some("chat.completed") {
            return Ok(Reply::json(202, &json!({ "status": "ignored" })));
        }
        // The mapping of the integration: a chat's topic is the kind of case.
        let ticket = json!({
            "customerId": event.pointer("/data/customerId"),
            "subject": text("/data/subject").unwrap_or("Chat without a subject"),
            "caseType": event.pointer("/data/topic"),
            "custom": { "chatId": event.pointer("/data/chatId"), "webhookId": id },
        });
        let wrong = check(&ticket, &tickets::NEW, "");
        if !wrong.is_empty() {
            return Err(Complaint::about(400, "VALIDATION_FAILED", wrong).into());
        }
        let customer = text("/data/customerId").unwrap_or_default();
        let Some(found) = customers::CUSTOMERS.iter().find(|one| one.id == customer) else {
            return Err(Complaint::new(404, "CUSTOMER_NOT_FOUND", format!("Customer '{customer}' not found")).into());
        };
        let (ticket, _) = self.make_ticket(found.tenant, &ticket);
        self.with(|state| state.events.insert(id.to_owned(), Some(ticket.clone())));
        let line = [
            ("time", json!(stamp::rfc3339(stamp::now()))),
            ("level", json!("info")),
            ("service", json!(super::NAME)),
            ("msg", json!("ticket created from chat")),
            ("request_id", json!(visit.request_id)),
            ("correlation_id", json!(visit.correlation_id)),
            ("webhook_id", json!(id)),
            ("chat_id", json!(event.pointer("/data/chatId"))),
            ("ticket_id", json!(ticket)),
        ];
        self.ledger.log(super::NAME, stamp::line(&line));
        Ok(Reply::json(201, &json!({ "status": "created", "ticketId": ticket })))
    }
}

//! Tickets: made once, changed by whoever has seen their newest state.

use super::routes::Version;
use super::validate::{Kind, Rule};
use super::{App, Complaint, Ticket, Visit, check, customers, parameters};
use crate::Reply;
use crate::systems::stamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The kinds of cases.
pub const CASE_TYPES: &[&str] = &["billing", "technical", "account", "complaint"];
const PRIORITIES: &[&str] = &["low", "normal", "high", "urgent"];
const STATUSES: &[&str] = &["open", "pending", "closed"];

const fn rule(name: &'static str, required: bool, kind: Kind) -> Rule {
    Rule { name, required, kind }
}

const TAG: Kind = Kind::Text(1, 40);
const ATTACHMENT: Kind = Kind::Object(&[
    rule("name", true, Kind::Text(1, 120)),
    rule("size", true, Kind::Integer(1, 10_485_760)),
    rule("contentType", false, Kind::Text(3, 80)),
]);
const CONTACT: Kind = Kind::Object(&[rule("email", true, Kind::Email), rule("phone", false, Kind::Text(5, 20))]);

/// What a new ticket may hold.
pub const NEW: Kind = Kind::Object(&[
    rule("customerId", true, Kind::Id("cus_")),
    rule("subject", true, Kind::Text(1, 200)),
    rule("caseType", true, Kind::OneOf(CASE_TYPES)),
    rule("priority", false, Kind::OneOf(PRIORITIES)),
    rule("description", false, Kind::Text(0, 4_000)),
    rule("contact", false, CONTACT),
    rule("tags", false, Kind::List(10, &TAG)),
    rule("attachments", false, Kind::List(5, &ATTACHMENT)),
    rule("escalationLevel", false, Kind::Integer(0, 3)),
    rule("refundAmount", false, Kind::Number(0.0)),
    rule("dueAt", false, Kind::Moment),
    rule("notifyCustomer", false, Kind::Boolean),
    rule("custom", false, Kind::Free),
]);

const CHANGE: Kind = Kind::Object(&[
    rule("subject", false, Kind::Text(1, 200)),
    rule("priority", false, Kind::OneOf(PRIORITIES)),
    rule("status", false, Kind::OneOf(STATUSES)),
]);

/// The tickets that are there from the start.
pub fn seed() -> BTreeMap<String, Ticket> {
    let ticket = |tenant: &str, id: &str, customer: &str, subject: &str, status: &str| {
        let resource = json!({
            "id": id, "customerId": customer, "subject": subject, "caseType": "billing", "priority": "normal",
            "status": status, "createdAt": "2026-01-04T16:20:00.000Z",
        });
        (id.to_owned(), Ticket { tenant: tenant.to_owned(), version: 3, resource })
    };
    [
        ticket("acme", "tic_5001", "cus_1001", "Invoice 2231 was charged twice", "open"),
        ticket("acme", "tic_5002", "cus_1002", "Wrong VAT number on the invoice", "closed"),
        ticket("globex", "tic_6001", "cus_2001", "Refund for March", "open"),
    ]
    .into()
}

impl App {
    /// `POST /v1/tickets`
    pub fn create_ticket(&self, visit: &Visit<'_>, tenant: &str) -> Result<Reply, Box<Complaint>> {
        let asked = visit.asked;
        let body = parameters::body(asked)?;
        let slot = asked.header("idempotency-key").map(|key| (tenant.to_owned(), key.to_owned()));
        if let Some(slot) = &slot
            && let Some((before, reply)) = self.with(|state| state.answered.get(slot).cloned())
        {
            if before == asked.body {
                return Ok(reply.with("Idempotent-Replayed", "true"));
            }
            let message = "Idempotency-Key was already used with a different request body";
            return Err(Complaint::new(422, "IDEMPOTENCY_KEY_REUSED", message).into());
        }
        let wrong = check(&body, &NEW, "");
        if !wrong.is_empty() {
            let status = if visit.version == Version::Two { 422 } else { 400 };
            return Err(Complaint::about(status, "VALIDATION_FAILED", wrong).into());
        }
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let customer = text("customerId");
        let Some(found) = customers::by_id(tenant, customer) else {
            return Err(Complaint::new(404, "CUSTOMER_NOT_FOUND", format!("Customer '{customer}' not found")).into());
        };
        if found.status == "suspended" {
            let message = format!("Customer '{customer}' is suspended: new tickets cannot be opened");
            return Err(Complaint::new(422, "CUSTOMER_SUSPENDED", message).into());
        }
        let subject = text("subject");
        if let Some(twin) = self.twin(tenant, customer, subject) {
            let message = format!("An open ticket with this subject already exists for customer '{customer}': {twin}");
            return Err(Complaint::new(409, "TICKET_EXISTS", message).into());
        }
        let (id, resource) = self.make_ticket(tenant, &body);
        let reply = Reply::json(201, &resource).with("Location", format!("/v1/tickets/{id}")).with("ETag", "\"1\"");
        if let Some(slot) = slot {
            self.with(|state| state.answered.insert(slot, (asked.body.clone(), reply.clone())));
        }
        Ok(reply)
    }

    /// The open ticket of the customer with the same subject.
    fn twin(&self, tenant: &str, customer: &str, subject: &str) -> Option<String> {
        let same = |ticket: &Ticket| {
            let is = |name: &str, value: &str| ticket.resource.get(name).and_then(Value::as_str) == Some(value);
            ticket.tenant == tenant && is("customerId", customer) && is("subject", subject) && is("status", "open")
        };
        self.with(|state| state.tickets.iter().find(|(_, ticket)| same(ticket)).map(|(id, _)| id.clone()))
    }

    /// Keeps a new ticket: its id and what is shown of it.
    pub fn make_ticket(&self, tenant: &str, body: &Value) -> (String, Value) {
        let id = self.with(|state| format!("tic_{}", 7_001 + state.tickets.len()));
        let mut resource = body.clone();
        resource["id"] = json!(id);
        resource["status"] = json!("open");
        if resource.get("priority").is_none() {
            resource["priority"] = json!("normal");
        }
        resource["createdAt"] = json!(stamp::rfc3339(stamp::now()));
        let ticket = Ticket { tenant: tenant.to_owned(), version: 1, resource: resource.clone() };
        self.with(|state| state.tickets.insert(id.clone(), ticket));
        self.ledger.wrote(format!("crm: ticket {id} made"));
        (id, resource)
    }

    fn seen(&self, tenant: &str, id: &str) -> Result<Ticket, Box<Complaint>> {
        let ticket = self.with(|state| state.tickets.get(id).cloned()).filter(|ticket| ticket.tenant == tenant);
        ticket.ok_or_else(|| Complaint::new(404, "TICKET_NOT_FOUND", format!("Ticket '{id}' not found")).into())
    }

    /// `GET /v1/tickets/{id}`
    pub fn ticket(&self, _visit: &Visit<'_>, tenant: &str, id: &str) -> Result<Reply, Box<Complaint>> {
        let ticket = self.seen(tenant, id)?;
        Ok(Reply::json(200, &ticket.resource).with("ETag", format!("\"{}\"", ticket.version)))
    }

    /// `GET /v1/tickets?customerId=`
    pub fn list_tickets(&self, visit: &Visit<'_>, tenant: &str) -> Result<Reply, Box<Complaint>> {
        let Some(customer) = parameters::value(visit.asked, "customerId")? else {
            let message = "Missing required query parameter: customerId";
            return Err(Complaint::new(400, "MISSING_PARAMETER", message).into());
        };
        if !customer.starts_with("cus_") {
            return Err(parameters::invalid("customerId", format!("'{customer}' is not a customer id")));
        }
        let status = parameters::value(visit.asked, "status")?;
        if let Some(status) = status.as_deref().filter(|status| !STATUSES.contains(status)) {
            let why = format!("must be one of: {}, got '{status}'", STATUSES.join(", "));
            return Err(parameters::invalid("status", why));
        }
        let (start, limit) = parameters::page(visit.asked)?;
        let fits = |ticket: &&Ticket| {
            let is = |name: &str, value: &str| ticket.resource.get(name).and_then(Value::as_str) == Some(value);
            ticket.tenant == tenant && is("customerId", &customer) && status.as_deref().is_none_or(|s| is("status", s))
        };
        let all: Vec<_> =
            self.with(|state| state.tickets.values().filter(fits).map(|ticket| ticket.resource.clone()).collect());
        Ok(customers::list(&all, start, limit))
    }

    /// `PATCH /v1/tickets/{id}`
    pub fn change_ticket(&self, visit: &Visit<'_>, tenant: &str, id: &str) -> Result<Reply, Box<Complaint>> {
        let ticket = self.seen(tenant, id)?;
        let Some(condition) = visit.asked.header("if-match") else {
            let message = "Missing required header: If-Match. Read the ticket and send its ETag";
            return Err(Complaint::new(428, "PRECONDITION_REQUIRED", message).into());
        };
        let current = format!("\"{}\"", ticket.version);
        if condition != "*" && (!condition.starts_with('"') || !condition.ends_with('"') || condition.len() < 3) {
            let message = format!("Invalid header If-Match: {condition} is not an entity tag (expected quotes)");
            return Err(Complaint::new(400, "INVALID_HEADER", message).into());
        }
        if condition != "*" && condition != current {
            let message =
                format!("Ticket '{id}' was changed since it was read: If-Match {condition}, current {current}");
            return Err(Complaint::new(412, "PRECONDITION_FAILED", message).into());
        }
        let change = parameters::body(visit.asked)?;
        let wrong = check(&change, &CHANGE, "");
        if !wrong.is_empty() {
            return Err(Complaint::about(400, "VALIDATION_FAILED", wrong).into());
        }
        if ticket.resource.get("status").and_then(Value::as_str) == Some("closed") {
            let message = format!("Ticket '{id}' is closed and cannot be changed; open a new one");
            return Err(Complaint::new(422, "TICKET_CLOSED", message).into());
        }
        let mut resource = ticket.resource;
        for (name, value) in change.as_object().unwrap_or(&Map::new()) {
            resource[name.as_str()] = value.clone();
        }
        let version = ticket.version + 1;
        let reply = Reply::json(200, &resource).with("ETag", format!("\"{version}\""));
        let changed = Ticket { tenant: ticket.tenant, version, resource };
        self.with(|state| state.tickets.insert(id.to_owned(), changed));
        self.ledger.wrote(format!("crm: ticket {id} changed"));
        Ok(reply)
    }
}

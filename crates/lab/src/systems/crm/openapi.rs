//! The document that describes the CRM.

use serde_json::{Value, json};

/// OpenAPI 3.1.
pub fn document() -> Value {
    let id = |name: &str| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } });
    let query = |name: &str, required: bool, schema: Value| json!({ "name": name, "in": "query", "required": required, "schema": schema });
    let limit = || query("limit", false, json!({ "type": "integer", "minimum": 1, "maximum": 100 }));
    let cursor = || query("cursor", false, json!({ "type": "string" }));
    let of =
        |name: &str| json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    let answers = |status: &str, name: &str| {
        let mut answers = json!({ "default": { "description": "Error", "content": of("Error") } });
        answers[status] = json!({ "description": "Success", "content": of(name) });
        answers
    };
    let header = |name: &str, required: bool| json!({ "name": name, "in": "header", "required": required, "schema": { "type": "string" } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "CRM API", "version": super::RELEASE },
        "security": [{ "bearer": [] }],
        "paths": {
            "/v1/customers": { "get": {
                "operationId": "listCustomers",
                "parameters": [query("email", false, json!({ "type": "string", "format": "email" })), limit(), cursor()],
                "responses": answers("200", "CustomerList") } },
            "/v1/customers/{id}": { "get": {
                "operationId": "getCustomer", "parameters": [id("id")], "responses": answers("200", "Customer") } },
            "/v1/tickets": {
                "get": {
                    "operationId": "listTickets",
                    "parameters": [
                        query("customerId", true, json!({ "type": "string" })),
                        query("status", false, json!({ "enum": ["open", "pending", "closed"] })), limit(), cursor() ],
                    "responses": answers("200", "TicketList") },
                "post": {
                    "operationId": "createTicket",
                    "parameters": [header("Idempotency-Key", false)],
                    "requestBody": { "required": true, "content": of("NewTicket") },
                    "responses": answers("201", "Ticket") } },
            "/v1/tickets/{id}": {
                "get": { "operationId": "getTicket", "parameters": [id("id")], "responses": answers("200", "Ticket") },
                "patch": {
                    "operationId": "changeTicket",
                    "parameters": [id("id"), header("If-Match", true)],
                    "requestBody": { "required": true, "content": of("TicketChange") },
                    "responses": answers("200", "Ticket") } },
            "/webhooks/chat": { "post": {
                "operationId": "receiveChatEvent", "security": [],
                "parameters": [
                    header("webhook-id", true), header("webhook-timestamp", true), header("webhook-signature", true) ],
                "responses": { "201": { "description": "A ticket was made" } } } },
        },
        "components": {
            "securitySchemes": { "bearer": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas(),
        },
    })
}

fn schemas() -> Value {
    let list = |name: &str| {
        json!({ "type": "object", "required": ["data"], "properties": {
            "data": { "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } },
            "nextCursor": { "type": ["string", "null"] } } })
    };
    let text = || json!({ "type": "string" });
    let priority = || json!({ "enum": ["low", "normal", "high", "urgent"] });
    json!({
        "Customer": { "type": "object", "required": ["id", "name", "email", "status"], "properties": {
            "id": text(), "name": text(), "email": { "type": "string", "format": "email" },
            "secondaryEmails": { "type": "array", "items": text() },
            "status": { "enum": ["active", "suspended"] }, "tenant": text(),
            "createdAt": { "type": "string", "format": "date-time" } } },
        "CustomerList": list("Customer"),
        "NewTicket": {
            "type": "object", "additionalProperties": false, "required": ["customerId", "subject", "caseType"],
            "properties": {
                "customerId": { "type": "string", "pattern": "^cus_" },
                "subject": { "type": "string", "minLength": 1, "maxLength": 200 },
                "caseType": { "enum": super::tickets::CASE_TYPES },
                "priority": priority(), "description": { "type": "string", "maxLength": 4000 },
                "contact": { "type": "object", "required": ["email"] },
                "tags": { "type": "array", "maxItems": 10, "items": text() },
                "attachments": { "type": "array", "maxItems": 5 },
                "escalationLevel": { "type": "integer", "minimum": 0, "maximum": 3 },
                "refundAmount": { "type": "number", "minimum": 0 },
                "dueAt": { "type": "string", "format": "date-time" },
                "notifyCustomer": { "type": "boolean" }, "custom": { "type": "object" } } },
        "Ticket": { "type": "object", "required": ["id", "customerId", "subject", "caseType", "status"], "properties": {
            "id": text(), "customerId": text(), "subject": text(), "caseType": text(), "priority": priority(),
            "status": { "enum": ["open", "pending", "closed"] }, "createdAt": text() } },
        "TicketList": list("Ticket"),
        "TicketChange": { "type": "object", "additionalProperties": false, "properties": {
            "subject": text(), "priority": priority(), "status": { "enum": ["open", "pending", "closed"] } } },
        "Error": { "type": "object", "properties": { "error": { "type": "object", "required": ["code", "message"],
            "properties": { "code": text(), "message": text(), "requestId": text(),
                "details": { "type": "array", "items": { "type": "object" } } } } } },
    })
}

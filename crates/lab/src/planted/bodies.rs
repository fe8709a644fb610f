//! The sound requests that faults are planted into.

use crate::Asked;
use serde_json::{Value, json};

fn asked(method: &str, path: &str, query: &str, headers: &[(&str, &str)], body: Option<Value>) -> Asked {
    let mut fields = vec![("Authorization".to_owned(), "Bearer crm_live_acme_agent_5f2c9a".to_owned())];
    if body.is_some() {
        fields.push(("Content-Type".to_owned(), "application/json".to_owned()));
    }
    fields.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Asked {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: fields,
        body: body.map(|body| body.to_string().into_bytes()).unwrap_or_default(),
        peer: None,
    }
}

/// A new ticket, in about 24 parts.
pub fn ticket() -> Asked {
    let headers = [
        ("Accept", "application/json"),
        ("Accept-Language", "en-GB"),
        ("User-Agent", "support-portal/3.4"),
        ("X-Request-Id", "0f6b1c7e-portal"),
        ("Prefer", "return=representation"),
    ];
    let body = json!({
        "customerId": "cus_1001",
        "subject": "Invoice shows the wrong address",
        "caseType": "billing",
        "priority": "normal",
        "description": "The address on invoice 2231 is the old one.",
        "contact": { "email": "jane.doe@example.com", "phone": "+44 20 7946 0018", "address": { "city": "Leeds", "country": "GB" } },
        "tags": ["invoice", "address", "portal"],
        "custom": { "source": "portal", "campaign": "spring", "score": 42 },
    });
    asked("POST", "/v1/tickets", "notify=email&expand=customer", &headers, Some(body))
}

/// A report of one thing, in few parts.
pub fn note() -> Asked {
    let body = json!({ "text": "Called back, no answer.", "visibility": "internal" });
    asked("POST", "/v1/notes", "", &[("Accept", "application/json")], Some(body))
}

/// An order with four items, in 50 parts.
pub fn order() -> Asked {
    let item = |sku: &str, quantity: u32, price: f64, country: &str| json!({ "sku": sku, "quantity": quantity, "price": price, "currency": "EUR", "taxRate": 0.19, "country": country });
    let body = json!({
        "orderId": "ord-88121",
        "currency": "EUR",
        "placedAt": "2026-01-05T10:00:00Z",
        "customer": {
            "id": "cus_1004", "name": "Mara Novak", "externalId": 40_417,
            "address": { "street": "Lange Str. 7", "zip": "10115", "city": "Berlin", "country": "DE",
                "geo": { "lat": 52.53, "lon": 13.38, "precision": "house" } },
        },
        "items": [
            item("A-7", 1, 12.5, "DE"), item("B-2", 3, 4.0, "AT"), item("C-9", 2, 99.0, "DE"), item("D-4", 10, 0.5, "FR"),
        ],
        "shipping": { "method": "parcel", "earliest": "2026-01-07", "latest": "2026-01-12" },
        "payment": { "method": "invoice", "terms": 30, "discount": 5 },
    });
    let headers = [("Accept", "application/json"), ("User-Agent", "shop-sync/1.9"), ("If-Match", "\"12\"")];
    asked("PUT", "/v1/orders/ord-88121", "source=shop&recalculate=true", &headers, Some(body))
}

/// An import of eight records, in 48 parts.
pub fn import() -> Asked {
    let names = ["ada", "ben", "cleo", "dan", "eva", "finn", "gus", "hana"];
    let record = |(n, name): (usize, &&str)| json!({ "id": format!("ext-{}", 300 + n), "email": format!("{name}@example.org"), "status": "active", "score": 10 * n });
    let body = json!({
        "batchId": "imp-2026-01-05",
        "records": names.iter().enumerate().map(record).collect::<Vec<_>>(),
        "options": {
            "mode": "lenient", "dedupe": true, "locale": "en",
            "hooks": { "onError": { "retry": { "limit": 3, "pause": "PT1S" }, "notify": ["ops@example.org"] } },
        },
    });
    let headers = [
        ("Accept", "application/json"),
        ("User-Agent", "import-job/0.8"),
        ("X-Region", "eu-west-1"),
        ("Idempotency-Key", "imp-2026-01-05-1"),
    ];
    asked("POST", "/v1/records/import", "priority=normal&report=summary&notify=none", &headers, Some(body))
}

/// A list of customers: a GET in 15 parts, without a body.
pub fn search() -> Asked {
    let headers = [
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Language", "de"),
        ("User-Agent", "reporting/2.2"),
        ("X-Request-Id", "rep-00417"),
        ("Cache-Control", "no-cache"),
    ];
    let query = "status=active&limit=50&sort=name&fields=id,name,email&include_total=false&from=2026-01-01&to=2026-01-31&view=compact";
    asked("GET", "/v1/customers", query, &headers, None)
}

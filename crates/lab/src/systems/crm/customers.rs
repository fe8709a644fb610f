//! Customers: read only.

use super::{App, Complaint, Visit, parameters, validate};
use crate::Reply;
use serde_json::{Value, json};

/// A customer.
pub struct Customer {
    /// Whose.
    pub tenant: &'static str,
    /// Id.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// The address that look-ups know.
    pub email: &'static str,
    /// A further address, which no index holds.
    pub second_email: Option<&'static str>,
    /// `active` or `suspended`.
    pub status: &'static str,
}

const fn customer(tenant: &'static str, id: &'static str, name: &'static str, email: &'static str) -> Customer {
    Customer { tenant, id, name, email, second_email: None, status: "active" }
}

/// Everybody.
pub const CUSTOMERS: [Customer; 6] = [
    Customer {
        second_email: Some("jane@doe-family.example"),
        ..customer("acme", "cus_1001", "Jane Doe", "jane.doe@example.com")
    },
    customer("acme", "cus_1002", "Omar Haddad", "omar+crm@example.com"),
    Customer { status: "suspended", ..customer("acme", "cus_1003", "Li Wei", "li.wei@example.com") },
    customer("acme", "cus_1004", "Mara Novak", "mara.novak@example.com"),
    customer("globex", "cus_2001", "Ana Costa", "ana.costa@globex.example"),
    customer("globex", "cus_2002", "Noah Berg", "noah.berg@globex.example"),
];

/// The customer of a tenant by id.
pub fn by_id(tenant: &str, id: &str) -> Option<&'static Customer> {
    CUSTOMERS.iter().find(|customer| customer.tenant == tenant && customer.id == id)
}

/// The customer of a tenant by the address that the index holds.
pub fn by_email(tenant: &str, email: &str) -> Option<&'static Customer> {
    CUSTOMERS.iter().find(|customer| customer.tenant == tenant && customer.email == email)
}

/// As it is shown.
pub fn shown(customer: &Customer) -> Value {
    let mut shown = json!({
        "id": customer.id, "name": customer.name, "email": customer.email, "status": customer.status,
        "tenant": customer.tenant, "createdAt": "2025-03-14T09:26:53.000Z",
    });
    if let Some(second) = customer.second_email {
        shown["secondaryEmails"] = json!([second]);
    }
    shown
}

/// `GET /v1/customers/{id}`
pub fn one(_visit: &Visit<'_>, tenant: &str, id: &str) -> Result<Reply, Box<Complaint>> {
    let Some(customer) = by_id(tenant, id) else {
        return Err(Complaint::new(404, "CUSTOMER_NOT_FOUND", format!("Customer '{id}' not found")).into());
    };
    Ok(Reply::json(200, &shown(customer)).with("ETag", "\"1\"").with("Cache-Control", "private, no-store"))
}

impl App {
    /// `GET /v1/customers`: a page of them, or the one of an address.
    pub async fn customers(&self, visit: &Visit<'_>, tenant: &str) -> Result<Reply, Box<Complaint>> {
        tokio::time::sleep(self.options.lookup_work).await;
        if let Some(email) = parameters::value(visit.asked, "email")? {
            if !validate::is_email(&email) {
                return Err(parameters::invalid("email", format!("'{email}' is not a valid email address")));
            }
            let Some(customer) = by_email(tenant, &email) else {
                let message = format!("No customer with email '{email}'");
                return Err(Complaint::new(404, "CUSTOMER_NOT_FOUND", message).into());
            };
            return Ok(Reply::json(200, &json!({ "data": [shown(customer)], "nextCursor": null })));
        }
        let (start, limit) = parameters::page(visit.asked)?;
        let all: Vec<_> = CUSTOMERS.iter().filter(|customer| customer.tenant == tenant).map(shown).collect();
        Ok(list(&all, start, limit))
    }
}

/// A page of a list.
pub fn list(all: &[Value], start: usize, limit: usize) -> Reply {
    let page: Vec<_> = all.iter().skip(start).take(limit).cloned().collect();
    let next = start + page.len();
    let cursor = (next < all.len()).then(|| format!("c_{next}"));
    Reply::json(200, &json!({ "data": page, "nextCursor": cursor }))
}

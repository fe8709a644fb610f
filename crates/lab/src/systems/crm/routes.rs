//! Which paths there are, and what may be done on them.

use super::Complaint;

/// The version of the API that a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `/v1`, and paths without one.
    One,
    /// `/v2`
    Two,
}

/// An endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// `/health`
    Health,
    /// `/openapi.json`
    OpenApi,
    /// `/webhooks/chat`
    ChatWebhook,
    /// `/v1/customers`
    Customers,
    /// `/v1/customers/{id}`
    Customer(&'a str),
    /// `/v1/tickets`
    Tickets,
    /// `/v1/tickets/{id}`
    Ticket(&'a str),
    /// `/v2/reports`
    Reports,
}

impl Route<'_> {
    /// The value of `Allow`.
    pub fn allow(self) -> &'static str {
        match self {
            Self::Health | Self::OpenApi | Self::Customers | Self::Customer(_) | Self::Reports => "GET, HEAD, OPTIONS",
            Self::ChatWebhook => "POST, OPTIONS",
            Self::Tickets => "GET, HEAD, POST, OPTIONS",
            Self::Ticket(_) => "GET, HEAD, PATCH, OPTIONS",
        }
    }
}

/// The version that a path names.
pub fn version(path: &str) -> Version {
    if path.starts_with("/v2/") { Version::Two } else { Version::One }
}

/// The endpoint of a path.
pub fn find(path: &str) -> Result<Route<'_>, Box<Complaint>> {
    let none = || Complaint::new(404, "NOT_FOUND", format!("No route matches {path}")).into();
    match path {
        "/health" => return Ok(Route::Health),
        "/openapi.json" => return Ok(Route::OpenApi),
        "/webhooks/chat" => return Ok(Route::ChatWebhook),
        _ => {}
    }
    let (version, rest) = path.trim_start_matches('/').split_once('/').ok_or_else(none)?;
    match version {
        "v1" if rest == "contacts" || rest.starts_with("contacts/") => {
            let message = "/v1/contacts was retired on 2026-06-30. Use /v2/customers instead.";
            let retired = Complaint::new(410, "ENDPOINT_RETIRED", message)
                .with("Sunset", "Tue, 30 Jun 2026 00:00:00 GMT")
                .with("Link", "</v2/customers>; rel=\"successor-version\"");
            return Err(retired.into());
        }
        "v1" | "v2" => {}
        _ if version.len() == 2 && version.starts_with('v') && version.as_bytes()[1].is_ascii_digit() => {
            let message = format!("Unknown API version '{version}'. Supported versions: v1, v2");
            return Err(Complaint::new(404, "UNKNOWN_API_VERSION", message).into());
        }
        _ => return Err(none()),
    }
    match rest.split_once('/') {
        None if rest == "customers" => Ok(Route::Customers),
        None if rest == "tickets" => Ok(Route::Tickets),
        None if rest == "reports" && version == "v2" => Ok(Route::Reports),
        Some(("customers", id)) if !id.is_empty() && !id.contains('/') => Ok(Route::Customer(id)),
        Some(("tickets", id)) if !id.is_empty() && !id.contains('/') => Ok(Route::Ticket(id)),
        _ => Err(none()),
    }
}

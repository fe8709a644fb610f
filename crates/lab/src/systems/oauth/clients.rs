//! Who is registered: clients and people.

/// A registered client (RFC 6749 section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// `client_id`.
    pub id: &'static str,
    /// `client_secret`; `None` for a public client.
    pub secret: Option<&'static str>,
    /// Grant types that it may use.
    pub grants: &'static [&'static str],
    /// Scopes that it may ask for; the first is what it gets when it asks for none.
    pub scopes: &'static [&'static str],
    /// Where codes may be sent.
    pub redirects: &'static [&'static str],
    /// How long its access tokens live, in seconds.
    pub lifetime: i64,
    /// How long its refresh tokens live, in seconds.
    pub refresh_lifetime: i64,
    /// Whether its access tokens are references that only introspection explains (RFC 7662).
    pub opaque: bool,
}

/// A person, who is signed in as soon as `login_hint` names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// User name, `sub` of their tokens.
    pub name: &'static str,
    /// Role.
    pub role: &'static str,
    /// Tenant.
    pub tenant: &'static str,
    /// Whether they have agreed to what clients ask for.
    pub consented: bool,
    /// Whether the account is there and closed.
    pub disabled: bool,
}

const ALL_SCOPES: &[&str] = &["orders:read", "orders:write", "reports:read", "payments:write", "offline_access"];

/// The registered clients.
pub const CLIENTS: [Client; 5] = [
    Client {
        id: "orders-service",
        secret: Some("orders-service-secret"),
        grants: &["client_credentials"],
        scopes: ALL_SCOPES,
        redirects: &[],
        lifetime: 300,
        refresh_lifetime: 1800,
        opaque: false,
    },
    Client {
        id: "orders-web",
        secret: None,
        grants: &["authorization_code", "refresh_token"],
        scopes: ALL_SCOPES,
        redirects: &["http://127.0.0.1:8080/callback"],
        lifetime: 300,
        refresh_lifetime: 1800,
        opaque: false,
    },
    Client {
        id: "flash",
        secret: Some("flash-secret"),
        grants: &["client_credentials", "authorization_code", "refresh_token"],
        scopes: ALL_SCOPES,
        redirects: &["http://127.0.0.1:8080/callback"],
        lifetime: 2,
        refresh_lifetime: 4,
        opaque: false,
    },
    Client {
        id: "batch",
        secret: Some("batch-secret"),
        grants: &["client_credentials"],
        scopes: &["orders:read", "reports:read"],
        redirects: &[],
        lifetime: 300,
        refresh_lifetime: 1800,
        opaque: true,
    },
    Client {
        id: "orders-api",
        secret: Some("orders-api-secret"),
        grants: &[],
        scopes: &[],
        redirects: &[],
        lifetime: 300,
        refresh_lifetime: 1800,
        opaque: false,
    },
];

/// The people.
pub const PEOPLE: [Person; 4] = [
    Person { name: "ana", role: "admin", tenant: "acme", consented: true, disabled: false },
    Person { name: "ben", role: "viewer", tenant: "acme", consented: false, disabled: false },
    Person { name: "cleo", role: "admin", tenant: "globex", consented: true, disabled: false },
    Person { name: "dora", role: "viewer", tenant: "acme", consented: true, disabled: true },
];

/// The client of that id.
#[must_use]
pub fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|client| client.id == id)
}

/// The person of that name.
#[must_use]
pub fn person(name: &str) -> Option<&'static Person> {
    PEOPLE.iter().find(|person| person.name == name)
}

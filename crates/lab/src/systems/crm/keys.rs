//! Who may ask the CRM for what: bearer keys with a role and the tenants that they stand for.

use super::Complaint;
use crate::Asked;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Reads alone.
    Reader,
    /// Reads, makes and changes tickets.
    Agent,
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Agent => "agent",
        }
    }
}

/// A key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// As it is sent.
    pub secret: &'static str,
    /// What it may.
    pub role: Role,
    /// For whom. A key for several must say for which it speaks, by `X-Tenant-Id`.
    pub tenants: &'static [&'static str],
    /// When it ended, when it did.
    pub expired: Option<&'static str>,
}

/// All keys, of all tenants.
pub const KEYS: [Key; 5] = [
    Key { secret: "crm_live_acme_agent_5f2c9a", role: Role::Agent, tenants: &["acme"], expired: None },
    Key { secret: "crm_live_acme_reader_81d0e4", role: Role::Reader, tenants: &["acme"], expired: None },
    Key { secret: "crm_live_globex_agent_c37b12", role: Role::Agent, tenants: &["globex"], expired: None },
    Key { secret: "crm_live_partner_9e44f0", role: Role::Agent, tenants: &["acme", "globex"], expired: None },
    Key {
        secret: "crm_live_acme_agent_0001aa",
        role: Role::Agent,
        tenants: &["acme"],
        expired: Some("2026-01-31T00:00:00Z"),
    },
];

/// The key that a request bears, when it is one of ours.
#[must_use]
pub fn find(asked: &Asked) -> Option<&'static Key> {
    let token = asked.header("authorization")?.strip_prefix("Bearer ")?;
    KEYS.iter().find(|key| key.secret == token)
}

/// The key that a request bears.
///
/// # Errors
/// When there is none, none that is known, or one that ended.
pub fn authenticate(asked: &Asked) -> Result<&'static Key, Box<Complaint>> {
    const REALM: &str = "Bearer realm=\"crm\"";
    let refuse = |code, message: String, more: &str| {
        Complaint::new(401, code, message).with("WWW-Authenticate", format!("{REALM}{more}")).into()
    };
    if asked.header("authorization").is_none() {
        return Err(refuse("UNAUTHENTICATED", "Missing bearer token".to_owned(), ""));
    }
    let invalid = ", error=\"invalid_token\"";
    let Some(key) = find(asked) else {
        return Err(refuse("INVALID_API_KEY", "The API key is not valid".to_owned(), invalid));
    };
    match key.expired {
        Some(when) => {
            let more = format!("{invalid}, error_description=\"The API key expired\"");
            Err(refuse("API_KEY_EXPIRED", format!("The API key expired at {when}"), &more))
        }
        None => Ok(key),
    }
}

/// The tenant that a request speaks for.
///
/// # Errors
/// When the key stands for several and the request does not say which, or for another.
pub fn tenant(asked: &Asked, key: &Key) -> Result<&'static str, Box<Complaint>> {
    let Some(named) = asked.header("x-tenant-id") else {
        return match key.tenants {
            [one] => Ok(one),
            _ => Err(Complaint::new(400, "MISSING_HEADER", "Missing required header: X-Tenant-Id").into()),
        };
    };
    if named.is_empty() || !named.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        let message =
            format!("Invalid header X-Tenant-Id: '{named}' is not a tenant id (lower-case letters and digits)");
        return Err(Complaint::new(400, "INVALID_HEADER", message).into());
    }
    key.tenants.iter().find(|tenant| **tenant == named).copied().ok_or_else(|| {
        Complaint::new(403, "TENANT_FORBIDDEN", format!("The API key has no access to tenant '{named}'")).into()
    })
}

/// Whether the role may.
///
/// # Errors
/// When it may not.
pub fn permit(key: &Key, method: &str, path: &str) -> Result<(), Box<Complaint>> {
    if key.role == Role::Reader && method != "GET" {
        let message = format!("Role '{}' may not {method} {path}; role 'agent' is required", key.role.name());
        return Err(Complaint::new(403, "INSUFFICIENT_ROLE", message).into());
    }
    Ok(())
}

//! What is replaced, and what is not.

use crate::names::folded;

/// What is replaced besides secrets, and the exceptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Personal data too: e-mail, phone, card and account numbers, IP addresses, names in known fields.
    pub personal: bool,
    /// Values that stay, and names whose values are no secrets.
    pub allow: Vec<String>,
    /// Values that go wherever they stand, and names whose values are secrets.
    pub deny: Vec<String>,
}

impl Policy {
    /// True when it makes no exceptions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// True when `list` names `bare`, a name in lower case without separators.
    pub(crate) fn names(&self, list: &[String], bare: &str) -> bool {
        list.iter().any(|entry| folded(entry) == bare)
    }

    /// True for a value that stays.
    pub(crate) fn allows(&self, value: &[u8]) -> bool {
        self.allow.iter().any(|entry| entry.as_bytes() == value)
    }
}

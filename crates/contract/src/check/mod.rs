//! One call against its description: which operation it is, and every finding in the order of the way.

use crate::Contract;
use firstfault_model::Call;
use firstfault_model::contract::Finding;

/// What holding a call against a description came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Index of the operation, where one fits.
    pub operation: Option<usize>,
    /// Whether the call is one of this API: its host is that of a server, or (where the call shows no host, or the
    /// description no server) its path is known. Of other calls nothing is said.
    pub belongs: bool,
    /// In the order of the way, graver ones first at the same place.
    pub findings: Vec<Finding>,
    /// Whether the request was seen whole and held: with its body, where the operation takes one.
    pub request_held: bool,
    /// Whether the response body was seen and held against a schema.
    pub response_held: bool,
}

/// Holds a call against a description. `now` is the time in milliseconds since the Unix epoch where it is known: for
/// operations that have a sunset.
#[must_use]
pub fn check(_contract: &Contract, _call: &Call, _now: Option<i64>) -> Held {
    Held::default()
}

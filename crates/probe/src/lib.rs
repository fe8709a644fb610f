//! Live steps along the layers of one call: names, connections, proxies, TLS, HTTP; each measured, none judged.
//!
//! What is measured becomes a [`Walk`]: steps for people, and marks (facts) that rules read, so that a recorded walk is
//! judged again without the network. This crate refuses to know causes and verdicts.

pub mod dns;
pub mod exchange;
pub mod proxy;
pub mod target;
pub mod tcp;
pub mod walk;

pub use exchange::{Exchange, Failure, Phase, Wrong};
pub use target::{Connect, Family, ProxyChoice, Target, Versions};
pub use walk::{State, Step, Untested, Walk};

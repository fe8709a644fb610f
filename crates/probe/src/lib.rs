//! Live steps along the layers of one call: names, connections, proxies, TLS, HTTP; each measured, none judged.
//!
//! What is measured becomes a [`Walk`]: steps for people, and marks (facts) that rules read, so that a recorded walk is
//! judged again without the network. This crate refuses to know causes and verdicts.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod clock;
pub mod dns;
pub mod exchange;
mod given;
pub mod guard;
pub mod http;
#[cfg(test)]
mod loopback;
pub mod pace;
pub mod proxy;
pub mod redirect;
mod request;
pub mod target;
pub mod tcp;
pub mod tls;
pub mod walk;
#[cfg(test)]
mod walk_tests;

pub use self::http::{exchange, fetch};
pub use exchange::{Exchange, Failure, Phase, Wrong};
pub use guard::{Forbidden, Guard, Refusal, Terms};
pub use target::{Connect, Family, ProxyChoice, ProxySettings, Target, Versions};
pub use walk::{State, Step, Untested, Walk, walk};

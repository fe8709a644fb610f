//! Systems that fail on purpose, each with its known truth: for learning, and to prove the tool right.
//!
//! Everything listens on loopback. A [`World`] is one running set of systems with its own state, logs, files and count of
//! writes; a [`Scenario`] starts what it needs in one and says what a user would see, and what is really wrong.
//! This crate refuses to know how anything is diagnosed.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod logs;
pub mod planted;
pub mod scenario;
pub mod scenarios;
pub mod server;
pub mod systems;
pub mod world;

pub use scenario::{Expected, Family, Scenario, Symptom};
pub use server::{Answer, Asked, Reply, Wire};
pub use world::{Journal, Ports, World};

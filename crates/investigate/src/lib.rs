//! Finds out why a call fails by changing one thing at a time: chooses the experiment that tells most per second, has it
//! sent, reads what came, and stops when the ranking is clear or the budget is spent.
//!
//! What an experiment finds becomes facts (`experiment.NAME = WORD`) of the call, and the checks of the packs say what
//! they mean, so that a recorded investigation is judged again without the network. This crate refuses to know how
//! anything is sent: that is [`Sender`]'s.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod base;
mod compare;
pub mod experiments;
mod order;
mod search;
mod session;

pub use base::{Base, Judging};
pub use experiments::{Came, Experiment, Trial};
pub use order::Order;
pub use search::{Budget, Done, Investigation, Sender, Sent, Skipped, Stopped, interval, investigate};
pub use session::{Live, Question, Session, session};

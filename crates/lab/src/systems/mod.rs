//! The systems that scenarios start, each with its own state, log and faults.

pub mod chat;
pub mod crm;
pub mod outgoing;
pub mod signing;
pub mod stamp;

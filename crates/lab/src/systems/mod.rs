//! The systems of the lab, each a file or folder: what it answers, what it logs, what it keeps.

pub mod gateway;
pub mod oauth;
pub mod protected;

pub(crate) mod fetch;
pub(crate) mod ids;
pub(crate) mod moment;

//! One request's way through several systems.

pub(crate) mod read;

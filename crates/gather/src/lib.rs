//! Files, folders, patterns and standard input, packed or not, read on all cores into the `calls` table.
//!
//! This crate opens and unpacks; what lines mean is decided in `calls`.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

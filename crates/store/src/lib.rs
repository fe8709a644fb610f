//! Cases on disk: one SQLite file that several processes may work on at once, and that a killed process leaves whole.
//!
//! What a caller was told is done is on the disk: each change is one transaction in write-ahead-log mode with
//! `synchronous=FULL`. Only text that passed the redactor can be stored: [`Change`] takes [`Sealed`] values, which only
//! a [`Sealer`] makes. This crate refuses to know what evidence means: verdicts and observations come as values and
//! leave as they came.

mod change;
mod error;
mod file;
mod read;
mod rows;
mod schema;
mod seal;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests;

pub use change::{Change, NewCase, NewPiece};
pub use error::StoreError;
pub use file::Store;
pub use read::{Everything, Head};
pub use schema::VERSION;
pub use seal::{Sealed, Sealer};

/// The most evidence text that is stored of one piece, in bytes.
pub const TEXT_LIMIT: usize = 1 << 20;
/// The most pieces of evidence in one case.
pub const PIECE_LIMIT: u32 = 900;

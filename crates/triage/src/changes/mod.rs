//! Changes (deployments, configuration, flags) and how likely one of them did it.

mod read;
mod score;

pub use read::{from_data, one, read};
pub use score::score;

/// One change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Change {
    /// Its id.
    pub id: String,
    /// `deploy`, `config`, `flag`, …; empty when nobody said.
    pub kind: String,
    /// In milliseconds since the Unix epoch.
    pub at: i64,
    /// In words.
    pub what: String,
    /// What it touches: canonical attribute names and values.
    pub scope: Vec<(String, String)>,
}

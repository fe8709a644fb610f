//! Schemas of all documents in one dialect, compiled when first needed.

use serde_json::Value;
use std::sync::Arc;

/// The documents with their schemas made JSON Schema 2020-12, and the compiled validators.
#[derive(Debug, Default)]
pub struct Schemas {
    /// One for each document of the contract, with its URI.
    pub documents: Vec<(String, Arc<Value>)>,
}

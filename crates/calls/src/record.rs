//! One line as its fields: the general way that every form can be read, slow and complete. The quick readers give the
//! same rows.

use crate::{Attribute, Kind};

/// The fields of one line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Call or event.
    pub kind: Kind,
    /// In milliseconds since the Unix epoch.
    pub time: Option<i64>,
    /// Fields in order: the name as written (nested ones joined by dots), what it was recognised as, the value as written
    /// (status and durations not yet converted).
    pub fields: Vec<Field>,
}

/// One field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As written.
    pub name: String,
    /// What it is.
    pub attribute: Option<Attribute>,
    /// As written, without quotes and escapes.
    pub value: String,
}

impl Record {
    /// The value of an attribute, when it is there and not empty or `-`.
    #[must_use]
    pub fn get(&self, attribute: Attribute) -> Option<&str> {
        let found = self.fields.iter().find(|f| f.attribute == Some(attribute));
        found.map(|f| f.value.as_str()).filter(|v| !v.is_empty() && *v != "-")
    }

    /// The value of a field by its own name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.name == name).map(|f| f.value.as_str())
    }
}

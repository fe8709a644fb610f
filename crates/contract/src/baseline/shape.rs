//! The shape of JSON bodies: which members were always there, of which types values were, which few values they had.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How deep shapes are learned.
const DEPTH_LIMIT: usize = 32;
/// How many names the members of one object may have; beyond, it is a table and its names are values.
const MEMBER_LIMIT: usize = 200;
/// How many items of one list are looked at.
pub(super) const ITEM_LIMIT: usize = 200;
/// How many values of a field are kept, and how long they may be.
const VALUE_LIMIT: usize = 8;
const VALUE_LENGTH: usize = 40;

/// What was seen at one place of the bodies.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    /// How many calls had it.
    pub calls: u32,
    last_call: u32,
    /// How many times it was there.
    pub seen: u32,
    /// Of which types, of [`type_of`].
    pub types: BTreeSet<&'static str>,
    /// How many times it was an object.
    pub objects: u32,
    /// The members of these.
    pub members: BTreeMap<String, Self>,
    /// True when the names of its members are values: ids, or too many.
    pub table: bool,
    /// Items of lists.
    pub items: Option<Box<Self>>,
    /// How many times it was an empty string or list.
    pub empty: u32,
    /// Its strings while they are few; `None` once they are many.
    pub values: Option<BTreeSet<String>>,
}

impl Shape {
    /// Learns from the body of a call, counted from 1.
    pub fn learn(&mut self, value: &Value, call: u32) {
        self.learn_at(value, call, 0);
    }

    fn learn_at(&mut self, value: &Value, call: u32, depth: usize) {
        if self.seen == 0 {
            self.values = Some(BTreeSet::new());
        }
        self.seen += 1;
        if self.last_call != call {
            self.last_call = call;
            self.calls += 1;
        }
        self.types.insert(type_of(value));
        self.empty += u32::from(is_empty(value));
        if depth >= DEPTH_LIMIT {
            return;
        }
        match value {
            Value::Object(members) => {
                self.objects += 1;
                for (name, value) in members {
                    if is_value(name) || self.members.len() >= MEMBER_LIMIT && !self.members.contains_key(name) {
                        self.table = true;
                    } else {
                        self.members.entry(name.clone()).or_default().learn_at(value, call, depth + 1);
                    }
                }
            }
            Value::Array(items) => {
                let shape = self.items.get_or_insert_with(Box::default);
                for item in items.iter().take(ITEM_LIMIT) {
                    shape.learn_at(item, call, depth + 1);
                }
            }
            Value::String(text) => {
                if let Some(values) = &mut self.values
                    && !values.contains(text)
                {
                    if values.len() >= VALUE_LIMIT || text.len() > VALUE_LENGTH {
                        self.values = None;
                    } else {
                        values.insert(text.clone());
                    }
                }
            }
            _ => {}
        }
    }

    /// True for a member that was in every object of this place.
    pub fn always(&self, member: &Self) -> bool {
        !self.table && member.seen == self.objects
    }
}

/// The type of a value as JSON Schema names it; every number is one.
pub(super) const fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// True for a name that is itself a value: a number, or a long one with many digits such as a UUID.
fn is_value(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    digits > 0 && (digits == name.len() || name.len() >= 16 && digits >= 4)
}

/// True for an empty string or list.
pub(super) fn is_empty(value: &Value) -> bool {
    value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty)
}

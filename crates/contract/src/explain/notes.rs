//! What a valid value still gives away: optional fields that are misspelt where others are allowed, and fields that only
//! one side may send.

use super::names::{Near, nearest};
use super::words::{quote, short, within};
use super::{Told, Words};
use crate::description::SchemaRef;
use crate::document::escape;
use crate::schema::Shape;
use firstfault_model::contract::{Edit, Finding, Half, Kind, Severity};
use serde_json::{Map, Value};
use std::sync::Arc;

/// How deep values are looked into.
const DEPTH_LIMIT: usize = 64;
/// How many values of one body are looked at.
const VALUE_LIMIT: usize = 20_000;
/// How many items of one list are looked at: they are alike.
const ITEM_LIMIT: usize = 20;

/// Adds warnings.
pub(super) fn look(told: &Told<'_>, value: &Value, findings: &mut Vec<Finding>) {
    let mut walk = Walk { told, findings, left: VALUE_LIMIT };
    walk.value(value, std::slice::from_ref(told.at), &mut String::new(), 0);
}

struct Walk<'a, 'f> {
    told: &'a Told<'a>,
    findings: &'f mut Vec<Finding>,
    left: usize,
}

impl Walk<'_, '_> {
    fn value(&mut self, value: &Value, at: &[SchemaRef], pointer: &mut String, depth: usize) {
        if self.left == 0 || depth > DEPTH_LIMIT || at.is_empty() || !(value.is_object() || value.is_array()) {
            return;
        }
        self.left -= 1;
        let shapes: Vec<Arc<Shape>> = at.iter().map(|s| self.told.contract.schemas.shape(s)).collect();
        let length = pointer.len();
        match value {
            Value::Object(object) => {
                self.object(object, &shapes, pointer);
                for (name, field) in object {
                    if !(field.is_object() || field.is_array()) {
                        continue;
                    }
                    let named: Vec<SchemaRef> =
                        shapes.iter().filter_map(|s| s.properties.get(name)).flat_map(|p| p.at.clone()).collect();
                    let next = if named.is_empty() {
                        shapes.iter().filter_map(|s| s.additional.clone()).collect()
                    } else {
                        named
                    };
                    pointer.push('/');
                    pointer.push_str(&escape(name));
                    self.value(field, &next, pointer, depth + 1);
                    pointer.truncate(length);
                }
            }
            Value::Array(items) => {
                let next: Vec<SchemaRef> = shapes.iter().flat_map(|s| s.items.clone()).collect();
                for (index, item) in items.iter().take(ITEM_LIMIT).enumerate() {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                    self.value(item, &next, pointer, depth + 1);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, object: &Map<String, Value>, shapes: &[Arc<Shape>], pointer: &str) {
        let known = |name: &str| shapes.iter().any(|s| s.properties.contains_key(name));
        let open = shapes.iter().any(|s| s.patterned || s.additional.is_some());
        let (sent, mark) = match self.told.half {
            Half::Request => ("only the server sets", "readOnly"),
            Half::Response => ("is never sent back", "writeOnly"),
        };
        for (name, field) in object {
            let place = || format!("{pointer}/{}", escape(name));
            if !known(name) {
                if !open {
                    self.misspelt(object, shapes, pointer, name);
                }
                continue;
            }
            let mut properties = shapes.iter().filter_map(|s| s.properties.get(name)).peekable();
            let marked = properties.peek().is_some()
                && properties.all(|p| if self.told.half == Half::Request { p.read_only } else { p.write_only });
            if !marked {
                continue;
            }
            let rule = shapes.iter().find_map(|s| s.properties.get(name)?.at.first());
            let Some(rule) = rule else { continue };
            let name = short(name);
            let message = match self.told.half {
                Half::Request => format!("the field {name}{} is one that {sent}", within(pointer)),
                Half::Response => format!("the field {name}{} {sent} by the contract", within(pointer)),
            };
            let words = Words {
                expected: format!("no {name}, which is {mark}"),
                got: quote(field),
                message,
                fix: format!("remove {name}"),
            };
            let edit = Edit::RemoveField(place());
            let finding = self.told.finding(Kind::ReadWriteOnly, &place(), rule, words, Some(edit));
            self.findings.push(Finding { severity: Severity::Warning, ..finding });
        }
    }

    /// An unknown field whose name is nearly that of an optional one which is absent.
    fn misspelt(&mut self, object: &Map<String, Value>, shapes: &[Arc<Shape>], pointer: &str, name: &str) {
        let mut absent: Vec<&str> = shapes
            .iter()
            .flat_map(|s| &s.properties)
            .filter(|(known, property)| property.certain && !object.contains_key(*known))
            .map(|(known, _)| known.as_str())
            .collect();
        absent.sort_unstable();
        absent.dedup();
        let Some((to, _)) = nearest(name, absent.into_iter(), Near::Slipped(2)) else { return };
        let place = format!("{pointer}/{}", escape(name));
        let spot = (self.told.spot)(&place);
        if self.findings.iter().any(|f| f.spot == spot) {
            return;
        }
        let Some(rule) = shapes.iter().find_map(|s| s.properties.get(to)?.at.first()) else { return };
        let words = Words {
            expected: short(to),
            got: short(name),
            message: format!("the field {} is probably the optional {}{}", short(name), short(to), within(pointer)),
            fix: format!("rename {} to {}", short(name), short(to)),
        };
        let edit = Edit::RenameField(place.clone(), to.to_owned());
        let finding = self.told.finding(Kind::MisnamedField, &place, rule, words, Some(edit));
        self.findings.push(Finding { severity: Severity::Warning, ..finding });
    }
}

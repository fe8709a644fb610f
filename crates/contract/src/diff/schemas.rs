//! Walking two schemas side by side, from the whole value inwards.

use super::keywords;
use super::place::{Place, Schema};
use super::report::{Carrier, Node, Report, Side};
use super::{branches, properties};
use crate::description::SchemaRef;
use std::collections::{BTreeSet, HashSet};

/// How deep values are followed.
const DEPTH_LIMIT: usize = 48;

/// One walk: what it compares, and the pairs that it met. A named schema that is used at several points of one value is
/// compared at the first of them, which also ends circles.
pub(super) struct Walk<'r, 's, 'c> {
    pub report: &'r mut Report<'c>,
    pub side: &'s Side<'s>,
    met: HashSet<(SchemaRef, SchemaRef)>,
    depth: usize,
}

/// Compares the schemas of two whole values.
pub(super) fn compare(report: &mut Report<'_>, side: &Side<'_>, old: &SchemaRef, new: &SchemaRef) {
    let (Some(old), Some(new)) = (Place::new(report.old, old), Place::new(report.new, new)) else { return };
    Walk { report, side, met: HashSet::new(), depth: 0 }.step(old, new, String::new(), true);
}

impl<'c> Walk<'_, '_, 'c> {
    /// Compares what stands at the same point of both values.
    pub fn step(&mut self, old: Place<'c>, new: Place<'c>, path: String, whole: bool) {
        if self.depth >= DEPTH_LIMIT || self.report.sameness.same(&old.at, &new.at) {
            return;
        }
        let (old_start, new_start) = (old.at.clone(), new.at.clone());
        let (old, new) = (Schema::open(old), Schema::open(new));
        let referred = old.place.at != old_start || new.place.at != new_start;
        if referred && !self.met.insert((old.place.at.clone(), new.place.at.clone())) {
            return;
        }
        self.depth += 1;
        let node = Node { side: self.side, old, new, path, whole };
        self.node(&node);
        self.depth -= 1;
    }

    fn node(&mut self, node: &Node<'_, 'c>) {
        let types = branches::list_of_types(self.report, node);
        let moved = if types { BTreeSet::new() } else { branches::wrapped(self.report, node) };
        keywords::values(self.report, node, types || !moved.is_empty());
        keywords::limits(self.report, node);
        keywords::rest(self.report, node);
        keywords::lifecycle(self.report, node);
        properties::compare(self, node, &moved);
        self.items(node);
        self.others(node);
        if !types {
            branches::compare(self, node, !moved.is_empty());
        }
    }

    fn items(&mut self, node: &Node<'_, 'c>) {
        match (node.old.place.child("items"), node.new.place.child("items")) {
            (Some(old), Some(new)) => self.step(old, new, format!("{}[]", node.path), false),
            (None, Some(new)) if !super::place::annotation_only(new.value) && was_array(&node.old) => {
                self.report.aspect(node, "items-restricted", "has a schema for its items now");
            }
            (Some(old), None) if !super::place::annotation_only(old.value) && was_array(&node.new) => {
                self.report.aspect(node, "items-freed", "has no schema for its items any more");
            }
            _ => {}
        }
    }

    /// Schemas below a key that are compared one to one, and what it means that one comes or goes.
    fn others(&mut self, node: &Node<'_, 'c>) {
        const SINGLE: [(&str, &str); 8] = [
            ("then", "then"),
            ("else", "else"),
            ("contains", "contains"),
            ("propertyNames", "property-names"),
            ("unevaluatedItems", "unevaluated-items"),
            ("unevaluatedProperties", "unevaluated-properties"),
            ("contentSchema", "content-schema"),
            ("additionalItems", "unevaluated-items"),
        ];
        for (key, aspect) in SINGLE {
            self.pair(node, node.old.place.child(key), node.new.place.child(key), key, aspect);
        }
        for (key, aspect) in [("if", "if"), ("not", "not")] {
            let (old, new) = (node.old.place.child(key), node.new.place.child(key));
            match (old, new) {
                (Some(old), Some(new)) => {
                    if !self.report.sameness.same(&old.at, &new.at) {
                        self.report.aspect(node, &format!("{aspect}-changed"), &format!("has another {key}"));
                    }
                }
                (old, new) => self.pair(node, old, new, key, aspect),
            }
        }
        for (key, aspect) in [("patternProperties", "pattern-property"), ("dependentSchemas", "dependent-schema")] {
            let (old, new) = (node.old.place.child(key), node.new.place.child(key));
            let mut names: Vec<&str> = Vec::new();
            for place in [&old, &new].into_iter().flatten() {
                names.extend(place.value.as_object().into_iter().flat_map(|map| map.keys()).map(String::as_str));
            }
            names.sort_unstable();
            names.dedup();
            for name in names {
                let below = |place: &Option<Place<'c>>| place.as_ref().and_then(|p| p.child(name));
                self.pair(node, below(&old), below(&new), &format!("{key} {name}"), aspect);
            }
        }
        let (old, new) = (node.old.place.items("prefixItems"), node.new.place.items("prefixItems"));
        for index in 0..old.len().max(new.len()) {
            let key = format!("prefixItems {index}");
            self.pair(node, old.get(index).cloned(), new.get(index).cloned(), &key, "prefix-items");
        }
    }

    fn pair(&mut self, node: &Node<'_, 'c>, old: Option<Place<'c>>, new: Option<Place<'c>>, key: &str, aspect: &str) {
        match (old, new) {
            (Some(old), Some(new)) => self.step(old, new, format!("{}<{key}>", node.path), false),
            (None, Some(_)) => {
                self.report.aspect(node, &format!("{aspect}-added"), &format!("has {key} now"));
            }
            (Some(_), None) => {
                self.report.aspect(node, &format!("{aspect}-removed"), &format!("has no {key} any more"));
            }
            (None, None) => {}
        }
    }

    /// Whether fields of this node count in the half that is compared.
    pub fn counts(&self, schema: &Schema<'_>) -> bool {
        match self.side.carrier {
            Carrier::Parameter | Carrier::Body => !schema.read_only,
            Carrier::Response | Carrier::Header => !schema.write_only,
        }
    }
}

fn was_array(schema: &Schema<'_>) -> bool {
    let types = schema.types();
    types.is_empty() || types.contains("array")
}

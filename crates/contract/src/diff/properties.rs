//! The fields of objects: which are there, which must be, and which are only sent one way.

use super::place::{Place, Schema, annotation_only};
use super::report::{Carrier, Node, Report, Spot, inner};
use super::schemas::Walk;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Compares the fields of two objects. Fields that `moved` into alternatives are not gone.
pub(super) fn compare<'c>(walk: &mut Walk<'_, '_, 'c>, node: &Node<'_, 'c>, moved: &BTreeSet<&str>) {
    let old: BTreeMap<&str, Place<'c>> = node.old.place.members("properties").into_iter().collect();
    let new: BTreeMap<&str, Place<'c>> = node.new.place.members("properties").into_iter().collect();
    let (old_required, new_required) = (node.old.required(), node.new.required());
    for (name, place) in old.iter().filter(|(name, _)| !new.contains_key(*name) && !moved.contains(*name)) {
        removed(walk.report, node, name, place, old_required.contains(name));
    }
    for (name, place) in &new {
        let required = new_required.contains(name);
        let Some(before) = old.get(name) else {
            added(walk.report, node, name, place, required);
            continue;
        };
        let (a, b) = (Schema::open(before.clone()), Schema::open(place.clone()));
        one_way(walk.report, node, name, (&a, &b), required);
        let was_required = old_required.contains(name);
        if was_required != required {
            requiredness(walk.report, node, name, (&a, &b), required);
        }
        if walk.counts(&b) {
            walk.step(before.clone(), place.clone(), inner(&node.path, name), false);
        }
    }
    undescribed(walk.report, node, (&old, &old_required), (&new, &new_required));
    additional(walk, node);
}

fn removed(report: &mut Report<'_>, node: &Node<'_, '_>, name: &str, place: &Place<'_>, required: bool) {
    let schema = Schema::open(place.clone());
    let spot = Spot::Old(&place.at);
    let kind = if required { "required" } else { "optional" };
    let rule = match node.side.carrier {
        Carrier::Body | Carrier::Parameter if schema.read_only => return,
        Carrier::Body => "request-property-removed".to_owned(),
        Carrier::Parameter => "request-parameter-property-removed".to_owned(),
        Carrier::Response if schema.write_only => format!("response-{kind}-write-only-property-removed"),
        Carrier::Response => format!("response-{kind}-property-removed"),
        Carrier::Header => "response-header-property-removed".to_owned(),
    };
    report.field(node, &rule, "", name, spot, &format!("is gone; it was {kind}"));
}

fn added(report: &mut Report<'_>, node: &Node<'_, '_>, name: &str, place: &Place<'_>, required: bool) {
    let schema = Schema::open(place.clone());
    let spot = Spot::New(&place.at);
    let kind = if required { "required" } else { "optional" };
    let rule = match node.side.carrier {
        Carrier::Body | Carrier::Parameter if schema.read_only => return,
        Carrier::Body if required && has_default(place, &schema) => {
            "new-required-request-property-with-default".to_owned()
        }
        Carrier::Body => format!("new-{kind}-request-property"),
        Carrier::Parameter => format!("new-{kind}-request-parameter-property"),
        Carrier::Response if schema.write_only => format!("response-{kind}-write-only-property-added"),
        Carrier::Response => format!("response-{kind}-property-added"),
        Carrier::Header => "response-header-property-added".to_owned(),
    };
    report.field(node, &rule, "", name, spot, &format!("is new and {kind}"));
}

fn has_default(place: &Place<'_>, schema: &Schema<'_>) -> bool {
    place.get("default").is_some() || schema.place.get("default").is_some()
}

fn requiredness(
    report: &mut Report<'_>,
    node: &Node<'_, '_>,
    name: &str,
    pair: (&Schema<'_>, &Schema<'_>),
    required: bool,
) {
    let (old, new) = pair;
    let prefix = match node.side.carrier {
        Carrier::Body | Carrier::Parameter if new.read_only => return,
        Carrier::Response if new.write_only || old.write_only => "response-write-only-property",
        _ => node.side.prefix(false),
    };
    let (aspect, what) = match required {
        true if node.side.carrier == Carrier::Body && has_default(&new.place, new) => {
            ("became-required-with-default", "is required now; its default is no help to a request without it")
        }
        true => ("became-required", "is required now"),
        false => ("became-optional", "is optional now; it was required"),
    };
    let rule = format!("{prefix}-{aspect}");
    // What is never sent back breaks no reader.
    let judged = if prefix == "response-write-only-property" { "" } else { aspect };
    report.field(node, &rule, judged, name, Spot::New(&new.place.at), what);
}

fn one_way(report: &mut Report<'_>, node: &Node<'_, '_>, name: &str, pair: (&Schema<'_>, &Schema<'_>), required: bool) {
    let side = match node.side.carrier {
        Carrier::Body => "request",
        Carrier::Response => "response",
        _ => return,
    };
    let (old, new) = pair;
    let kind = if required { "required" } else { "optional" };
    let flips = [
        (old.read_only, new.read_only, "read-only", "only sent back"),
        (old.write_only, new.write_only, "write-only", "never sent back"),
    ];
    for (was, is, word, meaning) in flips {
        if was == is {
            continue;
        }
        let (not, what) =
            if is { ("", format!("is {meaning} now")) } else { ("not-", format!("is no longer {meaning}")) };
        let rule = format!("{side}-{kind}-property-became-{not}{word}");
        report.field(node, &rule, "", name, Spot::New(&new.place.at), &what);
    }
}

type Fields<'a, 'c> = (&'a BTreeMap<&'c str, Place<'c>>, &'a BTreeSet<&'c str>);

/// Names that are required without being described.
fn undescribed(report: &mut Report<'_>, node: &Node<'_, '_>, old: Fields<'_, '_>, new: Fields<'_, '_>) {
    let known = |name: &&&str| old.0.contains_key(**name) || new.0.contains_key(**name);
    for (all, others, aspect, what) in [
        (new.1, old.1, "became-required", "is required now"),
        (old.1, new.1, "became-optional", "is optional now; it was required"),
    ] {
        for name in all.difference(others).filter(|name| !known(name)) {
            let rule = format!("{}-{aspect}", node.side.prefix(false));
            report.field(node, &rule, aspect, name, Spot::New(&node.new.place.at), what);
        }
    }
}

/// What other fields may be.
fn additional<'c>(walk: &mut Walk<'_, '_, 'c>, node: &Node<'_, 'c>) {
    enum Others<'c> {
        Any,
        None,
        Some(Place<'c>),
    }
    let others = |place: &Place<'c>| match place.child("additionalProperties") {
        Some(place) if place.value == &Value::Bool(false) => Others::None,
        Some(place) if !annotation_only(place.value) => Others::Some(place),
        _ => Others::Any,
    };
    let (aspect, what) = match (others(&node.old.place), others(&node.new.place)) {
        (Others::Any, Others::Any) | (Others::None, Others::None) => return,
        (Others::Some(old), Others::Some(new)) => {
            return walk.step(old, new, format!("{}.*", node.path).trim_start_matches('.').to_owned(), false);
        }
        (_, Others::None) => ("additional-properties-forbidden", "allows no other fields any more"),
        (Others::None, _) => ("additional-properties-allowed", "allows other fields now"),
        (Others::Any, Others::Some(_)) => ("additional-properties-restricted", "has a schema for other fields now"),
        (Others::Some(_), Others::Any) => ("additional-properties-freed", "has no schema for other fields any more"),
    };
    walk.report.aspect(node, aspect, what);
}

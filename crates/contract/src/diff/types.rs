//! Types and formats: which admits what of the other.

use super::place::{Place, Schema};
use super::report::{Carrier, Node, Report, type_name};
use firstfault_model::contract::Half;
use std::collections::BTreeSet;

type Types<'c> = BTreeSet<&'c str>;

/// Whether every value of one type is one of another, too.
fn within(one: &str, other: &str) -> bool {
    one == other || (one == "integer" && other == "number")
}

fn all_within(some: &Types<'_>, others: &Types<'_>) -> bool {
    !some.is_empty() && some.iter().all(|one| others.iter().any(|other| within(one, other)))
}

/// Whether going from some types to others breaks who relied on the first. In text every value is a string, too.
fn types_break(from: &Types<'_>, to: &Types<'_>, text: bool) -> bool {
    if from == to || to.is_empty() || all_within(from, to) {
        return false;
    }
    let added: Vec<&&str> = to.difference(from).collect();
    let removed = from.difference(to).count();
    !(text && (added.is_empty() && removed == 0 || added == [&"string"]))
}

/// Whether going from one format to another breaks: none admits all, and few contain each other.
fn formats_break(from: &str, to: &str, types: &Types<'_>) -> bool {
    if from == to || to.is_empty() {
        return false;
    }
    let only = if types.len() == 1 { types.first().copied().unwrap_or_default() } else { "" };
    let contained = match only {
        "number" => [("float", "double")].contains(&(from, to)),
        "integer" => [("int32", "int64"), ("int32", "bigint"), ("int64", "bigint")].contains(&(from, to)),
        "string" => [("date", "date-time"), ("time", "date-time")].contains(&(from, to)),
        _ => false,
    };
    !contained
}

fn breaks(from: &Schema<'_>, to: &Schema<'_>, text: bool) -> bool {
    let target = to.types();
    let gone = target.is_empty() && !from.types().is_empty();
    types_break(&from.types(), &target, text) || (!gone && formats_break(from.format(), to.format(), &target))
}

/// Compares type and format at a point.
pub(super) fn compare(report: &mut Report<'_>, node: &Node<'_, '_>) {
    let (old, new) = (node.old.types(), node.new.types());
    if old == new && node.old.format() == node.new.format() {
        return;
    }
    let text = node.side.text;
    let swap = old != new && !old.is_empty() && !new.is_empty();
    let aspect = if node.side.half() == Half::Request {
        request(node, (&old, &new), swap)
    } else if breaks(&node.new, &node.old, text) {
        if old != new && all_within(&old, &new) { "type-generalized" } else { "type-changed" }
    } else if swap && !all_within(&new, &old) {
        "type-compatible"
    } else {
        "type-specialized"
    };
    let message = format!("is {} now, not {}", type_name(&node.new), type_name(&node.old));
    report.aspect(node, aspect, &message);
}

fn request(node: &Node<'_, '_>, (old, new): (&Types<'_>, &Types<'_>), swap: bool) -> &'static str {
    let text = node.side.text;
    match (node.side.carrier, node.whole) {
        // How an object in a parameter is written is not known: as JSON its numbers are no strings.
        (Carrier::Parameter, false) => {
            match (breaks(&node.old, &node.new, true), breaks(&node.old, &node.new, false)) {
                (true, true) => "type-specialized",
                (false, false) => "type-generalized",
                _ => "type-changed",
            }
        }
        (Carrier::Parameter, true) => {
            if breaks(&node.old, &node.new, text) && !one_is_a_list(node, new) {
                "type-changed"
            } else {
                "type-generalized"
            }
        }
        _ if breaks(&node.old, &node.new, text) => "type-changed",
        _ if swap && !all_within(old, new) => "type-compatible",
        _ => "type-generalized",
    }
}

/// Whether a parameter that was one value became a list of such values, in the style that writes a list of one as the
/// value alone (form, exploded).
fn one_is_a_list(node: &Node<'_, '_>, new: &Types<'_>) -> bool {
    let Some(items) = node.new.place.child("items").map(Schema::open) else { return false };
    let same_rules = |key: &&str| node.old.place.get(key) == items.place.get(key);
    node.side.exploded
        && new.iter().eq(["array"].iter())
        && !node.old.types().contains("array")
        && !node.old.types().is_empty()
        && !types_break(&node.old.types(), &items.types(), true)
        && constraints(&node.old.place, &items.place).iter().all(same_rules)
}

/// Every keyword of two schemas but types and annotations.
fn constraints<'c>(one: &Place<'c>, other: &Place<'c>) -> Vec<&'c str> {
    let skip = ["type", "nullable", "title", "description", "default", "example", "examples", "deprecated"];
    let keys = [one, other].into_iter().filter_map(|p| p.value.as_object()).flat_map(|map| map.keys());
    keys.map(String::as_str).filter(|key| !skip.contains(key) && !key.starts_with("x-")).collect()
}

//! The keywords of one schema that constrain its value itself.

use super::place::Schema;
use super::report::{Carrier, Node, Report, listed, quote};
use super::rules::LIMITS;
use super::types;
use crate::finding::quoted;
use serde_json::Value;
use std::collections::BTreeSet;

/// Type, nullability, enumeration, constant, default and pattern. `restructured`: the type is told by another change.
pub(super) fn values(report: &mut Report<'_>, node: &Node<'_, '_>, restructured: bool) {
    nullability(report, node);
    if !restructured {
        types::compare(report, node);
    }
    enumeration(report, node);
    constant(report, node);
    default(report, node);
    pattern(report, node);
}

fn nullability(report: &mut Report<'_>, node: &Node<'_, '_>) {
    // A schema without a type takes null anyway.
    let takes_null = |schema: &Schema<'_>| schema.nullable || (schema.types().is_empty() && !composed(schema));
    match (node.old.nullable, node.new.nullable) {
        (false, true) if !takes_null(&node.old) => report.aspect(node, "became-nullable", "may be null now"),
        (true, false) if !takes_null(&node.new) => {
            report.aspect(node, "became-not-nullable", "must not be null any more")
        }
        _ => {}
    }
}

/// Whether a schema says by its branches what it takes.
fn composed(schema: &Schema<'_>) -> bool {
    ["allOf", "anyOf", "oneOf", "enum", "const"].iter().any(|key| schema.place.get(key).is_some())
}

/// The values of a list below a key, without null, which nullability tells.
fn list<'c>(schema: &Schema<'c>, key: &str) -> Option<Vec<&'c Value>> {
    Some(schema.place.get(key)?.as_array()?.iter().filter(|v| !v.is_null()).collect())
}

fn enumeration(report: &mut Report<'_>, node: &Node<'_, '_>) {
    match (list(&node.old, "enum"), list(&node.new, "enum")) {
        (None, Some(new)) if node.old.place.get("const").is_none() => {
            report.aspect(node, "became-enum", &format!("must be one of {} now", some(&new)));
        }
        (Some(_), None) if node.new.place.get("const").is_none() => {
            report.aspect(node, "enum-removed", "is no longer limited to a list of values");
        }
        (Some(old), Some(new)) => {
            for value in old.iter().filter(|v| !new.contains(v)) {
                let rule = if node.whole && node.side.carrier == Carrier::Response {
                    "response-mediatype-enum-value-removed".to_owned()
                } else {
                    format!("{}-enum-value-removed", node.side.prefix(node.whole))
                };
                report.rule_of(node, &rule, "enum-value-removed", &format!("has the value {} no more", quote(value)));
            }
            for value in new.iter().filter(|v| !old.contains(v)) {
                report.aspect(node, "enum-value-added", &format!("has the new value {}", quote(value)));
            }
        }
        _ => {}
    }
    let (old, new) = (list(&node.old, "x-extensible-enum"), list(&node.new, "x-extensible-enum"));
    if let (Some(old), Some(new)) = (old, new) {
        for value in old.iter().filter(|v| !new.contains(v)) {
            let message = format!("has the value {} no more", quote(value));
            report.aspect(node, "x-extensible-enum-value-removed", &message);
        }
    }
}

/// The first values of a list.
fn some(values: &[&Value]) -> String {
    let first: Vec<String> = values.iter().take(6).map(|v| quote(v)).collect();
    if values.len() > 6 { format!("{} and {} more", first.join(", "), values.len() - 6) } else { listed(first) }
}

fn constant(report: &mut Report<'_>, node: &Node<'_, '_>) {
    let one_of = |schema: &Schema<'_>, value: &Value| list(schema, "enum").is_some_and(|all| all == [value]);
    match (node.old.place.get("const"), node.new.place.get("const")) {
        (None, Some(new)) if !one_of(&node.old, new) => {
            report.aspect(node, "const-added", &format!("must be {} now", quote(new)));
        }
        (Some(old), None) if !one_of(&node.new, old) => {
            report.aspect(node, "const-removed", &format!("need not be {} any more", quote(old)));
        }
        (Some(old), Some(new)) if old != new => {
            report.aspect(node, "const-changed", &format!("must be {} now, not {}", quote(new), quote(old)));
        }
        _ => {}
    }
}

/// Defaults of a whole parameter are judged with the parameter: there they decide what a call without it means.
fn default(report: &mut Report<'_>, node: &Node<'_, '_>) {
    if node.whole && node.side.carrier == Carrier::Parameter {
        return;
    }
    if let Some((aspect, message)) = default_change(node.old.place.get("default"), node.new.place.get("default")) {
        report.aspect(node, aspect, &message);
    }
}

pub(super) fn default_change(old: Option<&Value>, new: Option<&Value>) -> Option<(&'static str, String)> {
    Some(match (old, new) {
        (None, Some(new)) => ("default-value-added", format!("has the default {} now", quote(new))),
        (Some(old), None) => ("default-value-removed", format!("has the default {} no more", quote(old))),
        (Some(old), Some(new)) if old != new => {
            ("default-value-changed", format!("has the default {} now, not {}", quote(new), quote(old)))
        }
        _ => return None,
    })
}

fn pattern(report: &mut Report<'_>, node: &Node<'_, '_>) {
    match (node.old.place.text("pattern"), node.new.place.text("pattern")) {
        (None, Some(new)) => report.aspect(node, "pattern-added", &format!("must match {} now", quoted(new))),
        (Some(old), None) => {
            report.aspect(node, "pattern-removed", &format!("need not match {} any more", quoted(old)))
        }
        (Some(old), Some(new)) if old != new => {
            let aspect = if new == ".*" && node.side.carrier != Carrier::Response {
                "pattern-generalized"
            } else {
                "pattern-changed"
            };
            report.aspect(node, aspect, &format!("must match {} now, not {}", quoted(new), quoted(old)));
        }
        _ => {}
    }
}

/// Lengths, counts and ranges.
pub(super) fn limits(report: &mut Report<'_>, node: &Node<'_, '_>) {
    for limit in LIMITS {
        let absent = if limit.zero { Some(0.0) } else { None };
        let old = node.old.limit(limit.keyword).or(absent);
        let new = node.new.limit(limit.keyword).or(absent);
        let (how, what) = match (old, new) {
            (None, Some(new)) => ("set", format!("has {} {new} now", limit.keyword)),
            (Some(old), None) => ("unset", format!("has {} {old} no more", limit.keyword)),
            (Some(old), Some(new)) if new > old => ("increased", format!("has {} {new} now, not {old}", limit.keyword)),
            (Some(old), Some(new)) if new < old => ("decreased", format!("has {} {new} now, not {old}", limit.keyword)),
            _ => continue,
        };
        report.aspect(node, &format!("{}-{how}", limit.name), &what);
    }
}

/// What is inside of a value may be announced to go.
pub(super) fn lifecycle(report: &mut Report<'_>, node: &Node<'_, '_>) {
    if node.whole {
        return;
    }
    match (node.old.deprecated, node.new.deprecated, node.new.sunset) {
        (false, true, None) => report.aspect(node, "deprecated", "is deprecated now"),
        (false, true, Some(date)) => {
            report.aspect(node, "deprecated-with-sunset", &format!("is deprecated now, until {}", quoted(date)));
        }
        (true, false, _) => report.aspect(node, "reactivated", "is no longer deprecated"),
        _ => {}
    }
}

/// What is left: multiples, uniqueness, discriminators, fields that demand others, texts that hold documents.
pub(super) fn rest(report: &mut Report<'_>, node: &Node<'_, '_>) {
    let (old, new) = (&node.old.place, &node.new.place);
    match (old.number("multipleOf"), new.number("multipleOf")) {
        (Some(a), None) => {
            report.aspect(node, "multiple-of-removed", &format!("need not be a multiple of {a} any more"))
        }
        (a, Some(b)) if a != Some(b) => {
            report.aspect(node, "multiple-of-changed", &format!("must be a multiple of {b} now"));
        }
        _ => {}
    }
    match (old.flag("uniqueItems"), new.flag("uniqueItems")) {
        (false, true) => report.aspect(node, "unique-items-added", "must have no equal items now"),
        (true, false) => report.aspect(node, "unique-items-removed", "may have equal items now"),
        _ => {}
    }
    for (key, aspect) in
        [("contentMediaType", "content-media-type-changed"), ("contentEncoding", "content-encoding-changed")]
    {
        let (a, b) = (old.text(key), new.text(key));
        if a != b {
            let said = |text: Option<&str>| text.map_or_else(|| "none".to_owned(), quoted);
            report.aspect(node, aspect, &format!("has the {key} {} now, not {}", said(b), said(a)));
        }
    }
    dependent_required(report, node);
    discriminator(report, node);
}

fn dependent_required(report: &mut Report<'_>, node: &Node<'_, '_>) {
    let old = node.old.place.members("dependentRequired");
    let new = node.new.place.members("dependentRequired");
    let names: BTreeSet<&str> = old.iter().chain(&new).map(|(name, _)| *name).collect();
    for name in names {
        let demanded = |all: &[(&str, super::place::Place<'_>)]| {
            let (_, place) = all.iter().find(|(n, _)| *n == name)?;
            let list = place.value.as_array()?;
            Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect::<BTreeSet<String>>())
        };
        match (demanded(&old), demanded(&new)) {
            (None, Some(b)) => {
                let message = format!("demands {} where there is {name} now", listed(b));
                report.aspect(node, "dependent-required-added", &message);
            }
            (Some(a), None) => {
                let message = format!("no longer demands {} where there is {name}", listed(a));
                report.aspect(node, "dependent-required-removed", &message);
            }
            (Some(a), Some(b)) if a != b => {
                let message = format!("demands {} where there is {name} now, not {}", listed(b), listed(a));
                report.aspect(node, "dependent-required-changed", &message);
            }
            _ => {}
        }
    }
}

fn discriminator(report: &mut Report<'_>, node: &Node<'_, '_>) {
    let (old, new) = (node.old.place.child("discriminator"), node.new.place.child("discriminator"));
    let (old, new) = match (old, new) {
        (None, Some(_)) => return report.aspect(node, "discriminator-added", "has a discriminator now"),
        (Some(_), None) => return report.aspect(node, "discriminator-removed", "has no discriminator any more"),
        (Some(old), Some(new)) => (old, new),
        (None, None) => return,
    };
    let (a, b) = (old.text("propertyName").unwrap_or_default(), new.text("propertyName").unwrap_or_default());
    if a != b {
        let message = format!("is told apart by {b} now, not by {a}");
        report.aspect(node, "discriminator-property-name-changed", &message);
    }
    let (old, new) = (old.members("mapping"), new.members("mapping"));
    for (name, place) in &old {
        match new.iter().find(|(n, _)| n == name) {
            None => {
                let message = format!("has no schema for the discriminator's value {name} any more");
                report.aspect(node, "discriminator-mapping-deleted", &message);
            }
            Some((_, other)) if other.value != place.value => {
                let message = format!("has another schema for the discriminator's value {name}");
                report.aspect(node, "discriminator-mapping-changed", &message);
            }
            Some(_) => {}
        }
    }
    for (name, _) in new.iter().filter(|(name, _)| !old.iter().any(|(n, _)| n == name)) {
        let message = format!("has a schema for the discriminator's value {name} now");
        report.aspect(node, "discriminator-mapping-added", &message);
    }
}

//! allOf, anyOf and oneOf: which branch of the old schema is which of the new one, and what came and went.

use super::place::{Place, Schema, annotation_only};
use super::report::{Carrier, Node, Report, listed};
use super::sameness::Sameness;
use super::schemas::Walk;
use std::collections::BTreeSet;

/// Compares the branches of two schemas.
pub(super) fn compare<'c>(walk: &mut Walk<'_, '_, 'c>, node: &Node<'_, 'c>, wrapped: bool) {
    for (key, aspect) in [("allOf", "all-of"), ("anyOf", "any-of"), ("oneOf", "one-of")] {
        let (old, new) = (node.old.branches(key), node.new.branches(key));
        let matched = Matched::find(&mut walk.report.sameness, &old, &new);
        for (a, b) in matched.pairs {
            let path = format!("{}<{}>", node.path, label(&new[b], key, b));
            walk.step(old[a].clone(), new[b].clone(), path, false);
        }
        // A whole body that was wrapped says so by its own rule.
        if wrapped && key == "oneOf" && node.whole {
            continue;
        }
        for (what, gone, list) in [("removed", true, matched.removed), ("added", false, matched.added)] {
            for index in list {
                let place = if gone { &old[index] } else { &new[index] };
                let blank = key == "allOf" && annotation_only(place.value);
                let aspect = format!("{aspect}-{what}{}", if blank { "-annotation-only" } else { "" });
                let how = if gone { "no longer has" } else { "has" };
                let now = if gone { "" } else { " now" };
                let message = format!("{how} {} in its {key}{now}", label(place, key, index));
                walk.report.aspect(node, &aspect, &message);
            }
        }
    }
}

/// How a branch is called: by the schema that it refers to, by its title, or by its number.
fn label(place: &Place<'_>, key: &str, index: usize) -> String {
    let name = place.text("$ref").and_then(|r| r.rsplit('/').next()).or_else(|| place.text("title"));
    name.map_or_else(|| format!("{key} {index}"), str::to_owned)
}

/// Which branches belong together.
#[derive(Default)]
struct Matched {
    pairs: Vec<(usize, usize)>,
    removed: Vec<usize>,
    added: Vec<usize>,
}

impl Matched {
    /// By the same reference, by the same content, by the same title; and one that is left on each side are one branch
    /// that changed.
    fn find(sameness: &mut Sameness<'_>, old: &[Place<'_>], new: &[Place<'_>]) -> Self {
        let mut left: Vec<usize> = (0..old.len()).collect();
        let mut free: Vec<usize> = (0..new.len()).collect();
        let mut pairs = Vec::new();
        let mut by = |same: &mut dyn FnMut(&Place<'_>, &Place<'_>) -> bool| {
            left.retain(|a| {
                let found = free.iter().position(|b| same(&old[*a], &new[*b]));
                if let Some(found) = found {
                    pairs.push((*a, free.remove(found)));
                }
                found.is_none()
            });
        };
        by(&mut |a, b| a.text("$ref").is_some() && a.text("$ref") == b.text("$ref"));
        by(&mut |a, b| sameness.same(&a.at, &b.at));
        by(&mut |a, b| {
            let (inside, other) = (Schema::open(a.clone()), Schema::open(b.clone()));
            a.text("$ref").is_some() != b.text("$ref").is_some() && sameness.same(&inside.place.at, &other.place.at)
        });
        by(&mut |a, b| a.text("title").is_some() && a.text("title") == b.text("title"));
        let inline = |place: &Place<'_>| place.text("$ref").is_none() && place.text("title").is_none();
        let (a, b): (Vec<usize>, Vec<usize>) = (
            left.iter().copied().filter(|a| inline(&old[*a])).collect(),
            free.iter().copied().filter(|b| inline(&new[*b])).collect(),
        );
        if let ([a], [b]) = (&a[..], &b[..]) {
            pairs.push((*a, *b));
            left.retain(|i| i != a);
            free.retain(|i| i != b);
        }
        pairs.sort_unstable_by_key(|(_, b)| *b);
        Self { pairs, removed: left, added: free }
    }
}

/// The types of a schema that is one type, or alternatives of plain types; the second says that it is the latter.
fn plain_types<'c>(schema: &Schema<'c>) -> Option<(BTreeSet<&'c str>, bool)> {
    for key in ["oneOf", "anyOf"] {
        let branches = schema.branches(key);
        if branches.is_empty() {
            continue;
        }
        let plain = schema.place.get("type").is_none() && branches.iter().all(|b| b.get("properties").is_none());
        let types: Option<BTreeSet<&str>> = branches.into_iter().map(|b| only_type(&Schema::open(b))).collect();
        return types.filter(|_| plain).map(|types| (types, true));
    }
    only_type(schema).map(|one| (BTreeSet::from([one]), false))
}

fn only_type<'c>(schema: &Schema<'c>) -> Option<&'c str> {
    let types = schema.types();
    types.first().copied().filter(|_| types.len() == 1)
}

/// One type that became several as alternatives, or the reverse. Tells whether it was that.
pub(super) fn list_of_types(report: &mut Report<'_>, node: &Node<'_, '_>) -> bool {
    let (Some((old, a)), Some((new, b))) = (plain_types(&node.old), plain_types(&node.new)) else { return false };
    if !(a || b) || old == new {
        return false;
    }
    let (gone, come): (Vec<&str>, Vec<&str>) =
        (old.difference(&new).copied().collect(), new.difference(&old).copied().collect());
    let request = matches!(node.side.carrier, Carrier::Parameter | Carrier::Body);
    let narrowed = if request { !gone.is_empty() } else { come.is_empty() };
    let message = format!("is {} now, not {}", listed(new), listed(old));
    report.aspect(node, if narrowed { "list-of-types-narrowed" } else { "list-of-types-widened" }, &message);
    true
}

/// An object that became alternatives of objects which hold its fields: those that they hold, none when it was not that.
pub(super) fn wrapped<'c>(report: &mut Report<'c>, node: &Node<'_, 'c>) -> BTreeSet<&'c str> {
    let (old, new) = (&node.old.place, &node.new.place);
    if old.get("oneOf").is_some() || new.get("type").is_some() || new.get("properties").is_some() {
        return BTreeSet::new();
    }
    let branches: Vec<Schema<'_>> = new.items("oneOf").into_iter().map(Schema::open).collect();
    let holds =
        |name: &str| branches.iter().any(|b| b.place.child("properties").is_some_and(|p| p.get(name).is_some()));
    let fields = old.members("properties").into_iter().map(|(name, _)| name);
    let moved: BTreeSet<&str> = fields.filter(|name| holds(name)).collect();
    if !moved.is_empty() && node.whole && matches!(node.side.carrier, Carrier::Body | Carrier::Response) {
        report.aspect(node, "wrapped-in-one-of", "is one of several objects now, which hold its fields");
    }
    moved
}
